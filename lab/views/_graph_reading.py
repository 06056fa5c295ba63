"""Reads a computation from the learner's own Nodes: its values, and what each rule hands on.

The rules are the learner's, so that anything may come back. What goes wrong is told at the Node
where it went wrong; what lies behind it has no gradient then.
"""

from dataclasses import dataclass, field

import numpy as np

from ._learner import TOLERANCE

MOST = 40  # Nodes that a reader can still follow
SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


@dataclass
class Edge:
    """From a Node to one of its parents: `passed` is what the rule hands on.

    `local` is what the rule hands on for 1, where the Node's value is a single number.
    """

    child: int
    parent: int
    passed: np.ndarray | None = None
    local: np.ndarray | None = None


@dataclass
class Reading:
    """The Nodes, parents before children, and what is known of each."""

    nodes: list
    names: list
    signs: list
    values: list
    edges: list = field(default_factory=list)
    gradients: list = field(default_factory=list)  # None where a rule has to be mended first
    problems: dict = field(default_factory=dict)

    def inputs(self, i):
        return [edge for edge in self.edges if edge.child == i]

    def uses(self, i):
        """The edges that bring `i` its gradient, in the order in which they do."""
        edges = [edge for edge in self.edges if edge.parent == i]
        return sorted(edges, key=lambda edge: -edge.child)

    def is_leaf(self, i):
        return not self.inputs(i)


def read(node, names) -> Reading:
    """All Nodes from which `node` was made, with the gradients of `node` for each."""
    nodes = _in_order(node)
    place = {id(each): i for i, each in enumerate(nodes)}
    signs = [_sign(each) for each in nodes]
    reading = Reading(nodes, _names(nodes, signs, names or {}), signs, list(map(_value, nodes)))
    reading.gradients = [None] * len(nodes)
    for i, each in enumerate(nodes):
        reading.edges += [Edge(i, place[id(parent)]) for parent in _parents(each)]
        if not _is_family(getattr(each, "parents", ())):
            reading.problems[i] = "has parents that are not a tuple of Nodes"
        elif reading.values[i] is None:
            kind = type(each.value).__name__
            reading.problems[i] = f"has a value of type {kind}; expected an array of floats"
    _go_back(reading)
    return reading


def _in_order(node):
    if not hasattr(node, "value"):
        kind = type(node).__name__
        raise TypeError(f"Graph draws a Node and those from which it was made; got {kind}")
    order, begun, done = [], {id(node)}, set()
    path = [(node, iter(_parents(node)))]  # with those of its parents that are not visited yet
    while path:
        current, parents = path[-1]
        parent = next(parents, None)
        if parent is None:
            path.pop()
            order.append(current)
            done.add(id(current))
        elif id(parent) not in begun:
            begun.add(id(parent))
            if len(begun) > MOST:
                raise ValueError(
                    f"The computation has more than {MOST} Nodes, too many for a picture. "
                    "Draw a smaller one, such as the same network on a single example."
                )
            path.append((parent, iter(_parents(parent))))
        elif id(parent) not in done:
            raise ValueError("The Nodes go around in a circle: one of them is its own ancestor.")
    return order


def _is_family(parents):
    return isinstance(parents, (tuple, list)) and all(hasattr(each, "value") for each in parents)


def _parents(node):
    parents = getattr(node, "parents", ())
    return list(parents) if _is_family(parents) else []


def _sign(node):
    said = getattr(node, "operation", "")
    return said[:12] if isinstance(said, str) else ""


def _value(node):
    try:
        return None if node.value is None else np.array(node.value, float)
    except (TypeError, ValueError):
        return None


def _names(nodes, signs, names):
    """The learner's names; else the sign of the operation, numbered where it is not the only."""
    given = {id(node): str(name) for name, node in names.items()}
    kinds = [
        sign or ("node" if _parents(n) else "leaf") for n, sign in zip(nodes, signs, strict=True)
    ]
    unnamed = [None if id(n) in given else kind for n, kind in zip(nodes, kinds, strict=True)]
    found = []
    for i, node in enumerate(nodes):
        alone = unnamed.count(unnamed[i]) == 1
        count = "" if alone else str(unnamed[: i + 1].count(unnamed[i])).translate(SUBSCRIPTS)
        found.append(given.get(id(node)) or kinds[i] + count)
    return found


# ------------------------------------------------------------------------ the way back


def _go_back(reading):
    """Every Node hands its gradient on once all that use it have done so."""
    last = len(reading.nodes) - 1
    for i in range(last, -1, -1):
        value, passed = reading.values[i], [edge.passed for edge in reading.uses(i)]
        if value is None or any(part is None for part in passed):
            continue
        reading.gradients[i] = np.ones_like(value) if i == last else sum(passed)
        _hand_on(reading, i)


def _hand_on(reading, i):
    edges, gradient = reading.inputs(i), reading.gradients[i]
    if not edges:
        return
    expected = [reading.values[edge.parent] for edge in edges]
    try:
        parts = _ask_rule(reading, i, gradient, expected)
        local = [None] * len(edges)
        if gradient.shape == ():
            local = _ask_rule(reading, i, np.array(1.0), expected)
    except _Broken as broken:
        reading.problems.setdefault(i, str(broken))
        return
    for edge, part, slope in zip(edges, parts, local, strict=True):
        edge.passed = part
        if slope is not None and np.allclose(gradient * slope, part, TOLERANCE, TOLERANCE):
            edge.local = slope


class _Broken(Exception):
    """What is wrong with the answer of a rule, as the end of a sentence about its Node."""


def _ask_rule(reading, i, gradient, expected):
    rule = getattr(reading.nodes[i], "rule", None)
    if not callable(rule):
        raise _Broken("has parents, but no rule that hands the gradient on to them")
    try:
        parts = rule(np.array(gradient))
    except Exception as error:
        said = " ".join(str(error).split())[:120]
        raise _Broken(f"has a rule that stopped with {type(error).__name__}: {said}") from None
    count = len(expected)
    wanted = f"a tuple with {count} gradient{'s' * (count > 1)}, one for each parent"
    if not isinstance(parts, (tuple, list)):
        kind = "nothing" if parts is None else f"a bare {type(parts).__name__}"
        raise _Broken(f"has a rule that returned {kind}; expected {wanted}")
    if len(parts) != count:
        raise _Broken(f"has a rule that returned a tuple of {len(parts)}; expected {wanted}")
    return [_part(reading, i, k, part) for k, part in enumerate(parts)]


def _part(reading, i, k, part):
    parent = reading.inputs(i)[k].parent
    name, value = reading.names[parent], reading.values[parent]
    if part is None:
        raise _Broken(f"has a rule that returned None for its parent {name}")
    try:
        part = np.array(part, float)
    except (TypeError, ValueError):
        kind = type(part).__name__
        raise _Broken(f"has a rule that returned a {kind} for its parent {name}") from None
    if value is not None and part.shape != value.shape:
        raise _Broken(
            f"has a rule that returned shape {part.shape} for its parent {name}, "
            f"whose value has shape {value.shape}"
        )
    return part
