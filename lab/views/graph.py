"""Graph: a computation drawn from the learner's own Nodes, with the gradients on their way back."""

from copy import copy

import numpy as np
import traitlets

from . import _graph_words as say
from . import _picture as draw
from ._graph_layout import lay_out
from ._graph_reading import read
from ._learner import Verdict, array, first_difference, judge
from ._view import STATIC, View

LETTER, LINE, PAD = 7.6, 18, 10
COVERED = "The gradients are covered until you have answered."


class Graph(View):
    """Step through a computation: values go forward, gradients come back.

    `node` is the last Node of the computation, the loss. Every Node has `value`, `parents`, `rule`
    and `operation`; `names` is a dict from names to Nodes. `backward` is the learner's
    `backward(loss)`: the gradients that it leaves are compared with what the rules add up to; the
    Nodes keep those that they had. `step` counts the Nodes forward and then back. The view opens
    where the way back begins, and with `prediction="skipped"`, without the question, at the end.
    """

    _name = "graph"
    _esm = STATIC / "graph.js"
    _css = STATIC / "graph.css"
    title = "Graph"

    drawn = traitlets.Dict().tag(sync=True)  # boxes, lines and sentences: all that there is to say
    question = traitlets.Dict().tag(sync=True)
    step = traitlets.Int(0).tag(sync=True)
    chosen = traitlets.Int(-1).tag(sync=True)  # the Node that is explained; -1: the step is

    def __init__(self, node, names=None, backward=None, step=None, **traits):
        self._backward = backward
        self._reading = read(node, names)
        drawn = _drawn(self._reading)
        question = say.question(self._reading)
        if step is None:
            waits = question and not traits.get("prediction")
            step = drawn["forward"] if waits else len(drawn["steps"]) - 1
        super().__init__(drawn=drawn, question=question, step=step, **traits)

    @traitlets.validate("step")
    def _check_step(self, proposal):
        last = len(self.drawn["steps"]) - 1
        if not 0 <= proposal.value <= last:
            raise traitlets.TraitError(f"there are the steps 0 to {last}")
        return proposal.value

    @traitlets.validate("chosen")
    def _check_chosen(self, proposal):
        if not -1 <= proposal.value < len(self.drawn["nodes"]):
            raise traitlets.TraitError(f"there is no Node {proposal.value}")
        return proposal.value

    def _is_covered(self):
        return self.prediction == "" and bool(self.question)

    def _now(self):
        """The step on show: while the question is open, none of the way back."""
        return min(self.step, self.drawn["forward"]) if self._is_covered() else self.step

    def describe(self):
        step, covered = self._now(), self._is_covered()
        if self.chosen >= 0:
            return _explain(self.drawn["nodes"][self.chosen], step, covered)
        said = self.drawn["steps"][step]["text"]
        return f"{said} {COVERED}" if covered else said

    # ---------------------------------------------------------------- the learner's function

    def _settings(self):
        return []

    def _judge(self):
        reading, nodes = self._reading, self.drawn["nodes"]
        verdicts = [
            {"name": "rule", "settings": [], "state": "error", "text": nodes[i]["problem"]}
            for i in reversed(reading.problems)
        ]
        if self._backward is None:
            return verdicts
        before = [copy(getattr(node, "gradient", None)) for node in reading.nodes]
        verdict = judge(self._backward, [], lambda call, name: self._compare(call, name, before))
        for node, gradient in zip(reading.nodes, before, strict=True):
            _put_back(node, gradient)
        return [*verdicts, verdict]

    def _compare(self, call, name, before):
        reading = self._reading
        call(reading.nodes[-1])
        known = [i for i, gradient in enumerate(reading.gradients) if gradient is not None]
        for i in reversed(known):
            self._compare_node(i, before[i], name)
        if not known:
            raise Verdict("missing", f"Your {name} waits for rules that work.")
        every = "all" if len(known) == len(reading.nodes) else "the"
        of = "" if every == "all" else " whose gradients the rules give"
        raise Verdict("agrees", f"Your {name} agrees at {every} {len(known)} nodes{of}.")

    def _compare_node(self, i, before, name):
        reading = self._reading
        title, expected = reading.names[i], reading.gradients[i]
        yours = getattr(reading.nodes[i], "gradient", None)
        if yours is None:
            due = say.said_value(expected)
            text = f"Your {name} leaves {title} without a gradient; expected {due}."
            raise Verdict("differs", text, wrong=i, yours="none")
        try:
            yours = array(yours, expected.shape, name, f"gradient of {title}")
        except Verdict as verdict:
            raise Verdict("shape", str(verdict), wrong=i, yours="another shape") from None
        if (wrong := first_difference(yours, expected)) is None:
            return
        where = f"[{', '.join(map(str, wrong))}]" if wrong else ""
        text = (
            f"Your {name} differs first at {title}{where}: yours {say.figure(yours[wrong])}, "
            f"the rules give {say.figure(expected[wrong])}.{_why(reading, i, yours, before)}"
        )
        short = say.figure(yours[wrong]) if wrong == () else f"{where} {say.figure(yours[wrong])}"
        raise Verdict("differs", text, wrong=i, yours=short)

    # --------------------------------------------------------------------------- the picture

    def picture(self):
        drawn, step, covered = self.drawn, self._now(), self._is_covered()
        parts = [_legend(drawn["height"])]
        for edge in drawn["edges"]:
            lit = edge["at"] is not None and edge["at"] <= step
            stroke, width = (draw.ORANGE, 2) if lit else (draw.HAIR, 1.5)
            line = f'fill="none" stroke="{stroke}" stroke-width="{width}"'
            parts.append(f'<path d="{edge["path"]}" {line}/>')
        for edge in drawn["edges"]:
            if edge["at"] is not None and edge["at"] <= step:
                parts.append(_label(edge))
        for node in drawn["nodes"]:
            parts += _box(node, step, covered)
        return draw.svg(drawn["width"], drawn["height"], parts)


def _put_back(node, gradient):
    try:
        node.gradient = gradient
    except Exception:  # a class of the learner's may forbid it
        pass


def _why(reading, i, yours, before):
    """Which thought leads to a wrong gradient, where that can be told."""
    expected, uses = reading.gradients[i], reading.uses(i)
    title = reading.names[i]
    if i == len(reading.nodes) - 1:
        return " That is where backward begins, with a gradient of 1."
    for edge in uses if len(uses) > 1 else []:
        if first_difference(yours, edge.passed) is None:
            return (
                f" That is only what came by way of {reading.names[edge.child]}; {title} is used "
                f"{len(uses)} times, and its gradient is the sum of what comes."
            )
    if _adds_up(yours, before, expected):
        return " The gradient of an earlier pass is in it: each pass starts anew."
    if any(len(reading.uses(edge.child)) > 1 for edge in uses):
        return (
            f" What uses {title} came out right in the end: was it handed on "
            "before it was complete, or more than once?"
        )
    return ""


def _adds_up(yours, before, expected):
    try:
        return first_difference(yours, np.asarray(before, float) + expected) is None
    except (TypeError, ValueError):
        return False


# ------------------------------------------------------------------------------- the drawing


def _drawn(reading):
    """All that is drawn and said, for Python's picture and for the browser."""
    steps, at = _steps(reading)
    count = len(reading.nodes)
    nodes = [_node(reading, i, at) for i in range(count)]
    labels = [_edge_label(reading, edge) for edge in reading.edges]
    size, boxes, paths, spots = lay_out(
        [(node.pop("width"), node.pop("height")) for node in nodes],
        [(edge.parent, edge.child) for edge in reading.edges],
        [_room(label) for label in labels],
    )
    for node, box in zip(nodes, boxes, strict=True):
        node["box"] = [round(each, 1) for each in box]
    edges = [
        {
            "child": edge.child,
            "parent": edge.parent,
            "path": path,
            "label": label,
            "room": _room(label),
            "spot": [round(each, 1) for each in spot],
            "at": None if edge.passed is None else at["back", edge.child],
        }
        for edge, path, label, spot in zip(reading.edges, paths, labels, spots, strict=True)
    ]
    forward = sum(not reading.is_leaf(i) for i in range(count))
    width, height = (round(each) for each in size)
    return {
        "width": max(width, 400),
        "height": height + 26,
        "nodes": nodes,
        "edges": edges,
        "steps": steps,
        "forward": forward,
    }


def _steps(reading):
    """What happens in each step, and at which step a Node gets its value and hands on."""
    order = range(len(reading.nodes))
    inner = [i for i in order if not reading.is_leaf(i)]
    leaves = [i for i in order if reading.is_leaf(i)]
    given = say.given([(reading.names[i], reading.values[i]) for i in leaves])
    steps, at = [{"node": -1, "text": f"Given: {given}."}], {("forward", i): 0 for i in leaves}
    for i in inner:
        at["forward", i] = len(steps)
        steps.append({"node": i, "text": say.computed(reading, i)})
    last = order[-1]
    if reading.gradients[last] is None:
        return steps, at
    at["start"], name = len(steps), reading.names[last]
    text = f"Backward begins at {name} with 1: {name} grows by as much as it grows itself."
    steps.append({"node": last, "text": text})
    for i in reversed(inner):
        if reading.gradients[i] is None:
            continue
        at["back", i] = len(steps)
        broken = any(edge.passed is None for edge in reading.inputs(i))
        text = _problem(reading, i) if broken else say.handed(reading, i)
        steps.append({"node": i, "text": text})
    steps[-1]["text"] += _summary(reading, leaves)
    return steps, at


def _summary(reading, leaves):
    known = [i for i in leaves if reading.gradients[i] is not None]
    if sum(reading.gradients[i].size for i in known) > 2 * say.FEW:
        return " Now the leaves have their gradients."
    said = say.listed([f"{reading.names[i]} {say.said_value(reading.gradients[i])}" for i in known])
    return f" The gradients of the leaves: {said}."


def _problem(reading, i):
    """The sentence about what is wrong at a Node; empty where nothing is."""
    said = reading.problems.get(i)
    return f"{reading.names[i]} {said.rstrip('.')}." if said else ""


def _node(reading, i, at):
    name, sign = reading.names[i], reading.signs[i]
    leaf, value, uses = reading.is_leaf(i), reading.values[i], reading.uses(i)
    stages = _stages(reading, i, at)
    values = say.rows(value)
    about = f"{name} is given: {say.said_value(value)}." if leaf else say.computed(reading, i)
    if uses:
        about += f" It goes into {say.users(reading, uses)}."
    named = not leaf and not name.startswith(sign)
    axes = "" if value is None or value.shape == () else say.shape(value)
    beside = " ".join(filter(None, (sign if named else "", axes)))
    lines = [f"{name}  {beside}", *(f"→ {line}" for line in values)]
    lines += [f"← {line}" for stage in stages for line in stage["lines"]]
    rows = len(values) + max([1, *(len(stage["lines"]) for stage in stages)])
    problem = _problem(reading, i)
    return {
        "name": name,
        "beside": beside,
        "values": values,
        "at": at["forward", i],
        "stages": stages,
        "about": " ".join(filter(None, (about, problem))),
        "origin": "" if reading.gradients[i] is None else say.origin(reading, i),
        "problem": problem,
        "width": LETTER * max(map(len, lines)) + 2 * PAD,
        "height": LINE * (rows + 1) + PAD,
    }


def _stages(reading, i, at):
    """What stands in the box as gradient, from which step on."""
    uses, gradient = reading.uses(i), reading.gradients[i]
    if not uses:
        return [] if gradient is None else [{"at": at["start"], "lines": say.rows(gradient)}]
    stages = []
    for count, edge in enumerate(uses, start=1):
        if edge.passed is None:
            break
        last = count == len(uses)
        if len(uses) == 1:
            lines = say.rows(gradient)
        elif edge.passed.shape == () and len(uses) < 5:
            lines = [say.added_up(reading, i, count)]
        else:
            known = f"sum of {len(uses)}:" if last else f"{count} of {len(uses)} have come"
            lines = [known, *(say.rows(gradient) if last else [])]
        stages.append({"at": at["back", edge.child], "lines": lines, "last": last})
    return stages


def _room(label):
    return round(0.9 * LETTER * len(label)) + 6


def _edge_label(reading, edge):
    if edge.passed is None:
        return ""
    # The numbers of an array stand in the box of the parent, unless others are added to them.
    if edge.passed.shape != () and len(reading.uses(edge.parent)) == 1:
        return say.shape(edge.passed)
    said = say.product(reading, edge)
    if edge.passed.shape and edge.local is None:
        said = f"= {said}"  # numbers; without the sign they would read as a shape
    if len(said) <= 24:
        return said
    return say.shape(edge.passed) if edge.passed.shape else say.figure(edge.passed)


def _stage(node, step):
    """The gradient of a Node as far as it has come; None before."""
    return next((each for each in reversed(node["stages"]) if each["at"] <= step), None)


def _explain(node, step, covered):
    """The sentence about a chosen Node, as in the browser."""
    if node["at"] > step:
        return f"{node['name']} is not computed yet."
    stage = _stage(node, step)
    if covered:
        return f"{node['about']} {COVERED}"
    if stage is None:
        return f"{node['about']} Its gradient has not come."
    if not stage.get("last", True) or not node["origin"]:
        return f"{node['about']} Its gradient, {stage['lines'][0]}, is not complete."
    return f"{node['about']} {node['origin']}"


# -------------------------------------------------------------------------- in the picture


def _legend(height):
    words = [
        ("→ value, computed forward", draw.BLUE, 14),
        ("← gradient, handed back", draw.ORANGE, 220),
    ]
    return "".join(draw.text(x, height - 12, said, 13, fill=color) for said, color, x in words)


def _label(edge):
    x, y = edge["spot"]
    ground = draw.rect(x - edge["room"] / 2, y - 8, edge["room"], 16, draw.PAPER)
    return ground + draw.text(x, y + 4, edge["label"], 12, "middle", draw.ORANGE)


def _box(node, step, covered):
    x, y, width, height = node["box"]
    frame = f'rx="6" stroke="{draw.ORANGE if node["problem"] else draw.SOFT}" stroke-width="1.5"'
    parts = [draw.rect(x, y, width, height, draw.PAPER, frame)]
    baseline = y + 18
    parts.append(draw.text(x + PAD, baseline, node["name"], 13, weight="bold"))
    right = x + width - PAD
    parts.append(draw.text(right, baseline, node["beside"], 13, "end", draw.SOFT))
    values = node["values"] if node["at"] <= step else ["·"]
    stage = _stage(node, step)
    gradients = ["?"] if covered else stage["lines"] if stage else ["·"]
    for lines, arrow, color in ((values, "→", draw.BLUE), (gradients, "←", draw.ORANGE)):
        parts.append(draw.text(x + PAD, baseline + LINE, arrow, 13, fill=color))
        for line in lines:
            baseline += LINE
            parts.append(draw.text(x + PAD + 20, baseline, line, 13, fill=color))
    return parts
