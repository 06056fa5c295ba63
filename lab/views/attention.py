"""Attention: every word asks every word, and the weights blend the values into new vectors."""

from collections.abc import Mapping

import numpy as np
import traitlets

from lab.data.sentence import DIMENSIONS, VECTORS, WORDS

from . import _picture as draw
from . import _reference as reference
from ._learner import Verdict, array, first_difference, judge, pair
from ._reference import apart, is_even, number, order
from ._view import STATIC, View

CONTROLS = ("temperature", "scaled", "causal", "heads")
PLAIN = (
    " For plain dot products, the view multiplies the query by √d before it calls a function "
    "that divides by √d."
)


class Attention(View):
    """Which word hears which, as lines, as a matrix, and as a new vector.

    Three ways to use it:

    - `Attention()` computes self-attention over `vectors` [n, d], named by `words` and
      `dimensions`; `projections` holds the matrices [d, d] for query, key and value.
    - `Attention(learner=attention)` compares the learner's `attention(query, key, value,
      mask=None) -> (output, weights)`, which divides by √d itself. The view realises the
      temperature, and scaling switched off, by a factor on the query, and heads by a leading
      axis. `learner_loop=self_attention_loop` compares `self_attention_loop(sequence) -> [n, d]`.
    - `Attention(words=..., weights=...)` shows a given map [heads, queries, keys] or
      [queries, keys], of a trained model say; `columns` names the keys if they are not the words.
      Its colors run from 0 to 1, so that maps can be compared.

    `controls` says which of the controls to show, of "temperature", "scaled" (divide by √d),
    "causal" (the mask) and "heads". `prediction="skipped"` opens without the question.
    """

    _name = "attention"
    _esm = STATIC / "attention.js"
    _css = STATIC / "attention.css"
    _asks = ("temperature", "scaled", "causal", "heads")
    title = "Attention"

    words = traitlets.List(traitlets.Unicode()).tag(sync=True)
    columns = traitlets.List(traitlets.Unicode()).tag(sync=True)  # empty: the words again
    vectors = traitlets.List().tag(sync=True)
    dimensions = traitlets.List(traitlets.Unicode()).tag(sync=True)
    projections = traitlets.Dict().tag(sync=True)
    given = traitlets.List().tag(sync=True)  # weights that are shown and not computed
    start = traitlets.Int(0).tag(sync=True)
    asking = traitlets.Int(0).tag(sync=True)
    temperature = traitlets.CFloat(1.0, min=0.05, max=5).tag(sync=True)
    scaled = traitlets.Bool(False).tag(sync=True)
    causal = traitlets.Bool(False).tag(sync=True)
    heads = traitlets.Int(1, min=1).tag(sync=True)
    head = traitlets.Int(0, min=0).tag(sync=True)
    controls = traitlets.List(traitlets.Unicode()).tag(sync=True)

    def __init__(
        self,
        learner=None,
        words=WORDS,
        vectors=VECTORS,
        projections=None,
        *,
        weights=None,
        columns=None,
        dimensions=None,
        asking=None,
        learner_loop=None,
        controls=CONTROLS,
        **traits,
    ):
        self._learner, self._loop = learner, learner_loop
        words = [str(word) for word in words]
        if asking is None:
            asking = words.index("station") if "station" in words else 0
        if isinstance(asking, str):
            asking = words.index(asking)
        if weights is None:
            data = _check_vectors(words, vectors, dimensions, projections)
        else:
            data = _check_weights(words, columns, weights)
        data["controls"] = _check_controls(controls)
        super().__init__(words=words, start=asking, asking=asking, **data, **traits)
        self._opening = self._settings()

    @traitlets.validate("heads")
    def _check_heads(self, proposal):
        size = len(self.vectors[0]) if self.vectors else 1
        if size % proposal.value:
            raise traitlets.TraitError(f"{size} dimensions cannot be split into {proposal.value}")
        return proposal.value

    @traitlets.validate("asking", "start")
    def _check_asking(self, proposal):
        if not 0 <= proposal.value < len(self.words):
            raise traitlets.TraitError(f"there is no word {proposal.value}")
        return proposal.value

    def queries_keys_values(self):
        """The three inputs of attention, each [heads, n, d / heads]."""
        x = np.array(self.vectors)
        names = ("query", "key", "value")
        projected = [x @ self.projections[name] if self.projections else x for name in names]
        return [reference.split_heads(each, self.heads) for each in projected]

    def attend(self):
        """The reference's output [n, d] and weights [heads, n, n]; no output for given weights."""
        if self.given:
            return None, np.array(self.given)
        query, key, value = self.queries_keys_values()
        mask = reference.causal_mask(len(self.words)) if self.causal else None
        output, weights = reference.attention(query * self._factor(), key, value, mask)
        return reference.join_heads(output), weights

    def _factor(self):
        """What the query is multiplied by, given that attention itself divides by √d."""
        undo = 1.0 if self.scaled else np.sqrt(len(self.vectors[0]) / self.heads)
        return undo / self.temperature

    def _is_covered(self):
        return self.prediction == "" and self._settings() == self._opening

    def describe(self):
        weights = self.attend()[1]
        head = min(self.head, len(weights) - 1)
        row = weights[head, self.asking]
        rows, columns = _labels(self.words), _labels(self.columns or self.words)
        who = rows[self.asking] if len(weights) == 1 else f"In head {head + 1}, {rows[self.asking]}"
        if self._is_covered():
            asked = f"{who} asks {', '.join(columns)}."
            return f"{asked} The weights are covered: the live view asks for a prediction first."
        itself = None if self.columns else self.asking
        top = [i for i in order(row)[:2] if row[i] > 0]
        if not top:
            return f"{rows[self.asking]} gives no weight to anything."
        names = [f"{columns[i]}{' itself' if i == itself else ''}" for i in top]
        allowed = row[: self.asking + 1] if self.causal and not self.given else row
        if is_even(allowed):
            said = f"spreads its weight about evenly; the largest is {names[0]} with "
            said += f"{number(row[top[0]])}, and an equal share would be {number(1 / len(allowed))}"
        else:
            each = [f"{name} ({number(row[i])})" for name, i in zip(names, top, strict=True)]
            said = f"gives the largest weight to {', then '.join(each)}"
        return f"{who} {said}{self._borrowed(row, columns, head)}."

    def _borrowed(self, row, columns, head):
        """What the new vector holds, in this head, of the word that gives most but itself."""
        others = [i for i in order(row) if i != self.asking]
        if self.given or not others or row[others[0]] < 0.005:
            return ""
        source = others[0]
        value = self.queries_keys_values()[2][head, source]
        own = reference.split_heads(self.vectors, self.heads)[head, self.asking]
        best = order(value - own)[0]
        dimension, amount = head * len(value) + best, row[source] * value[best]
        if abs(amount) < 0.005:
            return ""
        whole = self.attend()[0][self.asking, dimension]
        held = f"{self.dimensions[dimension]} {number(amount)} of its {number(whole)}"
        part = f"holds part of {columns[source]}: {held}"
        return f"; the new vector of {columns[self.asking]} {part}"

    def _settings(self):
        return [self.temperature, self.scaled, self.causal, self.heads]

    def _judge(self):
        if self.given:
            return []
        learners = (self._learner, self._compare), (self._loop, self._compare_loop)
        settings = self._settings()
        return [judge(function, settings, how) for function, how in learners if function]

    def _compare(self, call, name):
        query, key, value = self.queries_keys_values()
        inputs = [(query * self._factor()), key, value]
        output, weights = self.attend()
        if self.heads == 1:
            inputs, shape = [each[0] for each in inputs], weights.shape[1:]
        else:
            shape = weights.shape
        mask = {"mask": reference.causal_mask(len(self.words))} if self.causal else {}
        result = call(*(each.astype(np.float32) for each in inputs), **mask)
        result = pair(result, name, "(output, weights)")
        yours = array(result[1], shape, name, "weights").reshape(weights.shape)
        answer = array(result[0], inputs[2].shape, name, "an output")
        answer = reference.join_heads(answer.reshape(value.shape))
        wrong = first_difference(yours, weights)
        note = "" if self.scaled else PLAIN
        if wrong:
            _, unscaled = reference.attention(*inputs, **mask, scale=1)
            forgot = first_difference(yours, unscaled.reshape(weights.shape)) is None
            said = "does not divide by √d. It differs" if forgot else "differs,"
            text = f"Your {name} {said} {self._first_wrong(wrong, yours, weights)}{note}"
            raise Verdict("differs", text, wrong=wrong)
        agrees = f"Your {name} agrees in all {weights.size} weights"
        differs = f"{agrees}, but its output differs"
        self._compare_output(answer, output, differs, f"{agrees}.{note}")

    def _compare_loop(self, call, name):
        if self.scaled or self.causal or self.heads > 1 or self.temperature != 1:
            text = (
                f"Your {name} knows one head at temperature 1, without scaling and mask: "
                "these settings go beyond it."
            )
            raise Verdict("missing", text)
        if self.projections:
            text = f"Your {name} knows no projections: this view goes beyond it."
            raise Verdict("missing", text)
        result = call(np.array(self.vectors))
        output = self.attend()[0]
        answer = array(result, output.shape, name, "vectors")
        agrees = f"Your {name} agrees in all {len(output)} vectors."
        self._compare_output(answer, output, f"Your {name} differs", agrees)

    def _compare_output(self, answer, output, differs, agrees):
        wrong = first_difference(answer, output)
        if wrong is None:
            raise Verdict("agrees", agrees)
        place = f"{_labels(self.words)[wrong[0]]}, {self.dimensions[wrong[1]]}"
        numbers = apart(answer[wrong], output[wrong])
        raise Verdict("differs", f"{differs}, first at {place}: {numbers}.", wrong=list(wrong))

    def _first_wrong(self, wrong, yours, weights):
        names = _labels(self.words)
        head = f" in head {wrong[0] + 1}" if len(weights) > 1 else ""
        place = f"{names[wrong[1]]} asks {names[wrong[2]]}{head}"
        return f"first where {place}: weight {apart(yours[wrong], weights[wrong])}."

    def picture(self):
        weights = self.attend()[1]
        head = min(self.head, len(weights) - 1)
        rows, columns = _labels(self.words), _labels(self.columns or self.words)
        height = 34 * max(len(rows), len(columns)) + 70
        brightest = 1 if self.given else weights[head].max()
        shown = [[None] * len(columns)] * len(rows) if self._is_covered() else weights[head]
        left = _lines(rows, columns, shown, self.asking)
        right, width = _matrix(rows, columns, shown, self.asking, brightest)
        return draw.svg(width, height, left + right)


def _check_controls(controls):
    controls = [controls] if isinstance(controls, str) else list(controls)
    unknown = [name for name in controls if name not in CONTROLS]
    if unknown:
        raise ValueError(f"there are the controls {', '.join(CONTROLS)}, but no {unknown[0]!r}")
    return controls


def _check_vectors(words, vectors, dimensions, projections):
    vectors = np.asarray(vectors, float)
    if vectors.shape[:1] != (len(words),) or vectors.ndim != 2:
        raise ValueError(f"{len(words)} words need vectors [{len(words)}, d], not {vectors.shape}")
    size = vectors.shape[1]
    if dimensions is None:
        known = projections is None and size == len(DIMENSIONS)
        dimensions = DIMENSIONS if known else [str(i + 1) for i in range(size)]
    if len(dimensions) != size:
        raise ValueError(f"{size} dimensions need as many names, not {len(dimensions)}")
    return {
        "vectors": vectors.tolist(),
        "dimensions": list(map(str, dimensions)),
        "projections": _check_projections(projections, size),
    }


def _check_projections(projections, size):
    if projections is None:
        return {}
    names = ("query", "key", "value")
    if not isinstance(projections, Mapping):
        projections = dict(zip(names, projections, strict=True))
    matrices = {name: np.asarray(projections[name], float) for name in names}
    if any(matrix.shape != (size, size) for matrix in matrices.values()):
        raise ValueError(f"projections are three matrices [{size}, {size}]: query, key, value")
    return {name: matrix.tolist() for name, matrix in matrices.items()}


def _check_weights(words, columns, weights):
    weights = np.asarray(weights, float)
    weights = weights[np.newaxis] if weights.ndim == 2 else weights
    keys = len(words if columns is None else columns)
    if weights.ndim != 3 or weights.shape[1:] != (len(words), keys):
        raise ValueError(f"expected weights [heads, {len(words)}, {keys}], not {weights.shape}")
    if not np.isfinite(weights).all():
        raise ValueError("weights hold something that is not a number")
    columns = [] if columns is None else list(map(str, columns))
    return {"given": weights.tolist(), "columns": columns}


def _labels(words):
    """Names that tell words apart: a word that stands twice gets its position."""
    return [word if words.count(word) == 1 else f"{word} #{i + 1}" for i, word in enumerate(words)]


def _said(weight):
    """A weight, or a question mark where it is covered."""
    return "?" if weight is None else number(weight)


def _lines(rows, columns, weights, asking):
    parts = [draw.text(16, 28, "Who asks, and whom it hears", 15, weight="bold")]
    ends = [66 + 34 * i for i in range(max(len(rows), len(columns)))]
    for key, weight in enumerate(weights[asking]):
        y, z = ends[asking] - 5, ends[key] - 5
        line = f'd="M100 {y}C150 {y} 160 {z} 214 {z}" fill="none" stroke="{draw.ORANGE}"'
        thin = 'stroke-dasharray="3 4"'
        width = thin if weight is None else f'stroke-width="{0.75 + 11 * weight:.2f}"'
        parts.append(f"<path {line} {width}/>")
    for i, word in enumerate(rows):
        kind = {"fill": draw.BLUE, "weight": "bold"} if i == asking else {}
        parts.append(draw.text(92, ends[i], word, anchor="end", **kind))
    for i, word in enumerate(columns):
        parts.append(draw.text(222, ends[i], f"{_said(weights[asking][i])}  {word}"))
    return parts


def _matrix(rows, columns, weights, asking, brightest):
    left = 420
    parts = [draw.text(left - 70, 28, "The same as a matrix", 15, weight="bold")]
    for j, word in enumerate(columns):
        parts.append(draw.text(left + 48 * j + 24, 46, word[:7], 12, "middle", draw.SOFT))
    for i, word in enumerate(rows):
        y = 52 + 34 * i
        kind = {"fill": draw.BLUE, "weight": "bold"} if i == asking else {}
        parts.append(draw.text(left - 8, y + 21, word, 13, "end", **kind))
        for j, weight in enumerate(weights[i]):
            plain = draw.HAIR, draw.INK
            color, ink = plain if weight is None else draw.cividis(weight / brightest)
            x = left + 48 * j
            parts.append(draw.rect(x, y, 47, 33, color))
            parts.append(draw.text(x + 23.5, y + 21, _said(weight), 13, "middle", ink))
    outline = f'stroke="{draw.BLUE}" stroke-width="3"'
    parts.append(draw.rect(left, 52 + 34 * asking, 48 * len(columns) - 1, 33, "none", outline))
    return parts, left + 48 * len(columns) + 16
