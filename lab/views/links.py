"""Links: what was written right after what, and how a read head walks along it."""

from collections.abc import Mapping

import numpy as np
import traitlets

from . import _memory_reference as memory
from . import _picture as draw
from ._learner import TOLERANCE, Verdict, array, first_difference, judge, plain, tensor
from ._reference import apart, number
from ._view import STATIC, View


class Links(View):
    """Write to slots in any order, see the link matrix, and walk forward and backward in time.

    `order` lists the writes at the start: the number of a slot, or a soft write as a mapping such
    as `{0: 0.6, 1: 0.4}` from slots to weights. `learner` is the learner's `update_link(link,
    write_weights, precedence) -> link`, and `learner_loop` their `link_loop`, with shapes [N, N],
    [N] and [N]; both are asked for each write in turn. `prediction="skipped"` opens without the
    question.
    """

    _name = "links"
    _esm = STATIC / "links.js"
    _css = STATIC / "links.css"
    _asks = ("writes",)
    title = "Links"

    slots = traitlets.Int(5, min=3, max=8).tag(sync=True)
    writes = traitlets.List().tag(sync=True)  # weights [slots] for each write
    start = traitlets.List().tag(sync=True)
    reading = traitlets.List(traitlets.CFloat()).tag(sync=True)  # where the read head stands

    def __init__(self, slots=5, order=(0, 1, 2, 0), learner=None, learner_loop=None, **traits):
        self._learners = [function for function in (learner, learner_loop) if function]
        writes = [_weights(write, slots) for write in order]
        first = int(np.argmax(writes[0])) if writes else 0
        traits.setdefault("reading", _weights(first, slots))
        super().__init__(slots=slots, start=writes, writes=writes, **traits)

    @traitlets.validate("writes", "start")
    def _check_writes(self, proposal):
        for weights in proposal.value:
            if len(weights) != self.slots or min(weights) < 0 or sum(weights) > 1 + 1e-9:
                text = f"a write takes {self.slots} weights from 0 on, with a sum of at most 1"
                raise traitlets.TraitError(text)
        return [[float(w) for w in weights] for weights in proposal.value]

    def states(self):
        """Pairs (link [N, N], precedence [N]), before the first write and after each."""
        states = [(np.zeros((self.slots, self.slots)), np.zeros(self.slots))]
        for weights in self.writes:
            link, precedence = states[-1]
            weights = np.array(weights)
            after = memory.update_precedence(precedence, weights)
            states.append((memory.update_link(link, weights, precedence), after))
        return states

    def _is_covered(self):
        return self.prediction == "" and self.writes == self.start != []

    def describe(self):
        if self._is_covered():
            written = ", then ".join(map(_place, self.writes))
            return (
                f"The writes go to {written}; a head reads {_place(self.reading)}. "
                "The links are covered: the live view asks for a prediction first."
            )
        return f"{self._describe_write()} {self._describe_head()}"

    def _describe_write(self):
        if not self.writes:
            return "Nothing is written yet: all links are 0.00."
        weights, ((before, precedence), (after, _)) = self.writes[-1], self.states()[-2:]
        added = np.outer(weights, precedence)
        np.fill_diagonal(added, 0)
        i, j = _largest(added)
        said = f"Write {len(self.writes)} goes to {_place(weights)}."
        if added[i, j] >= 0.005:
            name = f"link[{i}, {j}] (slot {i} right after slot {j})"
            makes = f"It adds most to {name}, now {number(after[i, j])}"
        elif len(self.writes) == 1:
            makes = "Nothing was written before it, so it makes no link"
        else:
            makes = "It makes no new link"
        k, m = _largest(before - after)
        if before[k, m] - after[k, m] < 0.005:
            return f"{said} {makes}."
        change = f"from {number(before[k, m])} to {number(after[k, m])}"
        return f"{said} {makes}; link[{k}, {m}] wears out most, {change}."

    def _describe_head(self):
        forward, backward = memory.forward_and_backward(self.states()[-1][0], self.reading)
        start, forward, backward = _place(self.reading), _target(forward), _target(backward)
        return f"From {start}, one step forward leads {forward}, and one step backward {backward}."

    def _settings(self):
        return [weight for weights in self.writes for weight in weights]

    def _judge(self):
        return [judge(function, self._settings(), self._compare) for function in self._learners]

    def _compare(self, call, name):
        states = self.states()
        for count, weights in enumerate(self.writes, start=1):
            (link, precedence), (expected, _) = states[count - 1 : count + 1]
            result = call(tensor(link), tensor(weights), tensor(precedence))
            yours = array(result, expected.shape, name, "links")
            self._compare_write(yours, expected, name, count)
        if not self.writes:
            raise Verdict("missing", f"Your {name} waits for a write.")
        each = f"each of {len(self.writes)} writes" if len(self.writes) > 1 else "one write"
        soft = any(0 < weight < 1 for weight in self._settings())
        more = "" if soft else " None of them was soft: try one." if len(self.writes) > 1 else ""
        text = f"Your {name} agrees in all {expected.size} links after {each}.{more}"
        raise Verdict("agrees", text)

    def _compare_write(self, yours, expected, name, count):
        wrong = first_difference(yours, expected)
        if wrong is None:
            return
        i, j = wrong
        where = (
            f"after write {count} (to {_place(self.writes[count - 1])}), first at link[{i}, {j}]"
        )
        text = f"Your {name} differs {where}: {apart(yours[wrong], expected[wrong])}."
        off_diagonal = ~np.eye(len(yours), dtype=bool)
        if i == j and np.allclose(yours[off_diagonal], expected[off_diagonal], atol=TOLERANCE):
            text += " Only the diagonal differs: no slot follows itself, so it is 0."
        raise Verdict("differs", text, values=plain(yours), wrong=[i, j], write=count)

    def picture(self):
        link, precedence = self.states()[-1]
        forward, backward = memory.forward_and_backward(link, self.reading)
        if self._is_covered():
            forward = backward = [None] * self.slots
            link = [forward] * self.slots
        last = self.writes[-1] if self.writes else [0] * self.slots
        order = " → ".join(_place(weights).replace("slot ", "") for weights in self.writes[-4:])
        order = f"… → {order}" if len(self.writes) > 4 else order or "none"
        parts = [draw.text(16, 24, f"Writes: {order}", weight="bold")]
        columns = (last, precedence, self.reading, backward, forward)
        names = ("■ last write", "precedence", "▲ read", "backward", "forward")
        colors = (draw.BLUE, draw.BLUE, draw.ORANGE, draw.ORANGE, draw.ORANGE)
        parts.append(draw.text(16, 62, "slot", 13, fill=draw.SOFT))
        for k, (name, values, color) in enumerate(zip(names, columns, colors, strict=True)):
            x = 60 + 88 * k
            parts.append(draw.text(x, 62, name, 13, fill=color))
            for slot, value in enumerate(values):
                y = 70 + 44 * slot
                parts.append(draw.text(x, y + 20, _said(value)))
                parts.append(draw.rect(x, y + 27, 64, 8, draw.PAPER, f'stroke="{draw.HAIR}"'))
                parts.append(draw.rect(x, y + 27, 64 * (value or 0), 8, color))
        for slot in range(self.slots):
            parts.append(draw.text(24, 98 + 44 * slot, slot, weight="bold"))
        width = 570 + 58 * self.slots
        title = "Link matrix: written ↓ after →"
        parts.append(draw.text(width - 10, 44, title, 13, "end", draw.SOFT))
        return draw.svg(width, 86 + 44 * self.slots, [*parts, *_matrix(link, 560)])


def _weights(write, slots):
    """A write as a list of weights; a number is a slot that takes it all."""
    shares = write if isinstance(write, Mapping) else {write: 1.0}
    if not all(0 <= slot < slots for slot in shares):
        raise ValueError(f"there are the slots 0 to {slots - 1}, but a write goes to {write}")
    return [float(shares.get(slot, 0)) for slot in range(slots)]


def _place(weights, unit=""):
    """ "slot 0", or "slot 0 (0.60) and slot 1 (0.40)"; with a `unit`, always with numbers."""
    found = [(slot, w) for slot, w in enumerate(weights) if w >= 0.005]
    if not found:
        return "no slot"
    if not unit and len(found) == 1 and found[0][1] == 1:
        return f"slot {found[0][0]}"
    *most, last = [f"slot {slot} ({unit}{number(w)})" for slot, w in found]
    return " and ".join(filter(None, (", ".join(most), last)))


def _target(weights):
    return "nowhere" if max(weights) < 0.005 else f"to {_place(weights, 'weight ')}"


def _largest(matrix):
    """The first cell, row by row, whose number is the largest, up to rounding."""
    return tuple(map(int, np.argwhere(matrix > matrix.max() - 1e-9)[0]))


def _said(value):
    return "?" if value is None else number(value)


def _matrix(link, left):
    parts = []
    for i, row in enumerate(link):
        parts.append(draw.text(left - 12, 98 + 44 * i, i, 13, "end", weight="bold"))
        parts.append(draw.text(left + 29 + 58 * i, 62, i, 13, "middle", weight="bold"))
        for j, value in enumerate(row):
            gray = i == j or value is None
            color, ink = (draw.HAIR, draw.INK) if gray else draw.cividis(value)
            x, y = left + 58 * j, 70 + 44 * i
            parts.append(draw.rect(x, y, 57, 43, color))
            parts.append(draw.text(x + 28.5, y + 27, _said(value), 13, "middle", ink))
    return parts
