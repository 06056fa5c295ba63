"""Probes for backpropagation: gradients by hand, the engine's parts, a network that it trains.

The parts of the engine are probed on stand-ins for its Nodes as far as that goes, so that an error
in one part costs no points in another.
"""

import math
import operator
import re
from itertools import pairwise

import numpy as np

from autograder.evidence import Finding
from autograder.exercises import probe

LONG = 5000  # Nodes in a row, five times as many as Python lets calls stand inside each other

# --- Stand-ins ----------------------------------------------------------------------------------


class Node:
    """A stand-in for a learner's Node, called as it is in errors and on cards.

    It has all that the engine needs, a name for reports, and limits to how often it is asked.
    """

    def __init__(
        self,
        value,
        parents=(),
        rule=lambda gradient: (),
        name="",
        most_looks=math.inf,
        most_calls=math.inf,
    ):
        self.value = np.asarray(value, dtype=float)
        self.made_from, self.own_rule, self.name = parents, rule, name
        self.operation, self.gradient = "", None
        self.most_looks, self.most_calls = most_looks, most_calls
        self.looks = self.calls = 0

    def __repr__(self):
        return f"<Node {self.name}>"

    @property
    def parents(self):
        self.looks += 1
        if self.looks > self.most_looks:
            raise Finding(
                "A Node can be reached by many ways, and you follow them all: twelve doublings "
                "make 4096. Note the Nodes that you have met, and pass each only once."
            )
        return self.made_from

    def rule(self, gradient):
        self.calls += 1
        if self.calls > self.most_calls:
            raise Finding(
                f"You asked the rule of {self.name} twice. Each Node hands its gradient on once, "
                "when all of its own has come."
            )
        return self.own_rule(gradient)


def stand_ins(graph):
    """Stand-ins for a graph of single numbers, by name: "a, b = 3 a, c = a + 2 b".

    They give out before a walk along every way takes hours.
    """
    nodes = {}
    for statement in graph.split(", "):
        name, _, terms = statement.partition(" = ")
        found = re.findall(r"(\d*) ?([a-z])", terms)
        parents = tuple(nodes[parent] for _, parent in found)
        factors = [float(factor or 1) for factor, _ in found]
        value = sum(f * p.value for f, p in zip(factors, parents, strict=True)) if found else 1
        nodes[name] = Node(value, parents, times(*factors), name, most_looks=500, most_calls=1)
    return nodes


def times(*factors):
    return lambda gradient: tuple(gradient * factor for factor in factors)


def chain(length, factor=1.0):
    """Stand-ins in a row, each ``factor`` times the one before."""
    nodes = [Node(1)]
    for _ in range(length - 1):
        nodes.append(Node(factor * nodes[-1].value, (nodes[-1],), times(factor)))
    return nodes


def draw_graph(rng, count):
    """A graph of ``count`` Nodes, all of which the last was made from."""
    names = "abcdefghijkl"[:count]
    statements = [names[0]]
    for place in range(1, count):
        other, factors = names[rng.integers(place)], rng.integers(1, 5, size=2)
        statements.append(
            f"{names[place]} = {factors[0]} {names[place - 1]} + {factors[1]} {other}"
        )
    return ", ".join(statements)


def renamed(graph, rng):
    """``graph`` with its names in another order."""
    names = sorted(set(graph) & set("abcdefghijkl"))
    return graph.translate(str.maketrans("".join(names), "".join(rng.permutation(names))))


DOUBLINGS = "a, " + ", ".join(f"{b} = {a} + {a}" for a, b in pairwise("abcdefghijklm"))


def without_recursion(function, node):
    try:
        return function(node)
    except RecursionError:
        raise Finding(
            "Python's recursion limit ended it: a function that calls itself for every parent gets "
            "only some thousand deep. Keep the Nodes that wait in a list of your own."
        ) from None


# --- By hand ------------------------------------------------------------------------------------


@probe(
    "backprop.two_layer_gradients",
    hints=(
        "Go forward first, and keep what lies before the relu and after it. Then start at the "
        "loss: half a square has the slope predictions − targets.",
        "The error [n, outputs] times the transpose of W2 is [n, hidden]. A gradient has the shape "
        "of its weights: x transposed, [inputs, n], times [n, hidden]. A bias is used by every "
        "example: sum over them.",
        "`error_before = (error @ W2.T) * (before > 0)`; return `x.T @ error_before`, its sum over "
        "`axis=0`, `hidden.T @ error`, and the sum of `error`.",
    ),
    ready_made=("gradient_tape", "gradients", "autodiff"),
)
def two_layer_gradients(case, rng):
    def record(name, n, inputs, hidden, outputs, b1=None):
        first = rng.normal(size=(inputs, hidden)), rng.normal(size=hidden) if b1 is None else b1
        second = rng.normal(size=(hidden, outputs)), rng.normal(size=outputs)
        case(name, rng.normal(size=(n, inputs)), rng.normal(size=(n, outputs)), *first, *second)

    x, targets = np.array([[1.0, 2.0]]), np.array([[1.0]])
    W1, b1 = np.array([[1.0, 0.0], [0.0, -1.0]]), np.array([0.0, 1.0])
    W2, b2 = np.array([[2.0], [3.0]]), np.array([1.0])
    case("worked by hand", x, targets, W1, b1, W2, b2)
    record("five examples", 5, 3, 4, 2)
    record("one example", 1, 4, 3, 2)
    record("all sizes alike", 3, 3, 3, 3)
    record("one unit, one output", 6, 2, 1, 1)
    record("a unit that is never on", 4, 2, 3, 2, b1=np.array([1.0, -100.0, 0.5]))
    W1, b1 = np.array([[2.0, 1.0], [-1.0, 1.0]]), np.array([0.0, -2.75])
    case("a unit exactly at 0", x, targets, W1, b1, W2, b2)


@probe(
    "backprop.unbroadcast",
    hints=(
        "Broadcasting does two things to an array: it puts new axes in front, and it stretches "
        "axes of size 1. Undo both, each with a sum.",
        "`gradient.ndim - len(shape)` axes are new, and all of them stand in front. After that the "
        "axes line up with `shape`, and those of size 1 in `shape` were stretched.",
        "`gradient.sum(axis=tuple(range(new)))`, then `.sum(axis=stretched, keepdims=True)` with "
        "`stretched` a tuple of the axes whose size in `shape` is 1.",
    ),
)
def unbroadcast(case, rng):
    case("worked by hand", np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), (3,))
    case("a column", rng.normal(size=(4, 3)), (4, 1))
    case("a row of rank 2", rng.normal(size=(4, 3)), (1, 3))
    case("as many rows as columns", rng.normal(size=(3, 3)), (3,))
    case("to a single number", rng.normal(size=(2, 3)), ())
    case("nothing was broadcast", rng.normal(size=(3, 4)), (3, 4))
    case("an axis of 1 that stayed 1", rng.normal(size=(1, 4)), (1, 4))
    case("the axis in the middle", rng.normal(size=(2, 4, 3)), (2, 1, 3))
    case("two stretched axes", rng.normal(size=(2, 4, 3)), (2, 1, 1))
    case("a new axis and a stretched one", rng.normal(size=(2, 4, 3)), (4, 1))


# --- The class ----------------------------------------------------------------------------------


def leaf(node_class, value):
    node = node_class(value)
    return {
        "value": node.value,
        "dtype": np.asarray(node.value).dtype.name,
        "parents": node.parents,
        "operation": node.operation,
        "gradient": str(node.gradient),
        "rule": node.rule(np.ones(np.shape(value))),
    }


def kept(node_class, value, operation):
    parent = node_class([1.0, 2.0])
    node = node_class(value, (parent,), lambda gradient: (3 * gradient,), operation)
    return {
        "value": node.value,
        "parents": which(node.parents, {"parent": parent}),
        "operation": node.operation,
        "rule": node.rule(np.array([1.0, 2.0])),
    }


def made(operation, node_class, arrays):
    """The Node that ``operation`` makes of leaves, and the leaves by name."""
    leaves = {name: node_class(array) for name, array in arrays.items()}
    node = operation(*leaves.values())
    if node is not None and not hasattr(node, "rule"):
        kind = type(node).__name__
        raise Finding(f"It should return a new Node, but returned an object of type {kind}.")
    return node, leaves


def forward(operation):
    """Make a case of what ``operation`` keeps in its Node."""

    def using(node_class, **arrays):
        node, leaves = made(operation, node_class, arrays)
        if node is None:
            return None
        return {
            "value": node.value,
            "parents": which(node.parents, leaves),
            "operation": node.operation,
        }

    return using


def rule(operation):
    """Make a case of the gradients that the rule of an operation's Node returns."""

    def using(node_class, gradient, **arrays):
        node, leaves = made(operation, node_class, arrays)
        if node is None:
            return None
        gradients = node.rule(gradient)
        if len(leaves) == 1 and isinstance(gradients, np.ndarray | float):
            raise Finding(
                "Your rule returned an array. A rule returns a tuple, with one gradient for each "
                "parent; for one parent that is `(gradient,)`, with its comma."
            )
        return gradients

    return using


def which(parents, nodes):
    """Which of the named ``nodes`` the ``parents`` are."""
    if not isinstance(parents, list | tuple):
        raise Finding(
            "The parents of a result should be a tuple of Nodes: `(self, other)`, or `(self,)` for "
            "one, with its comma."
        )
    names = [
        next((name for name, node in nodes.items() if node is parent), "something else")
        for parent in parents
    ]
    return " and ".join(names) or "none"


@probe(
    "backprop.Node",
    hints=(
        "Write `__init__` and `__add__` first and check: each method earns its own points. It has "
        "two halves: the value of the result, and a rule that hands a gradient back.",
        "A rule gets an array with the shape of the result and returns a tuple with one array for "
        "each parent, with that parent's shape; for one parent that is `(…,)`. After broadcasting, "
        "`unbroadcast(…, self.value.shape)` leads back.",
        "The rules: × multiplies the gradient by the other's value; @ returns `gradient @ "
        "other.value.T` and `self.value.T @ gradient`; relu multiplies by `(self.value > 0)`, sum "
        "by an array of ones; log_softmax returns `gradient - np.exp(result) * "
        "gradient.sum(axis=-1, keepdims=True)`. In the end `return Node(value, (self, other), "
        'rule, "×")`.',
    ),
    ready_made=("gradient_tape", "gradients", "autodiff"),
)
def node(case, rng):
    def draw(*shape):
        return rng.normal(size=shape)

    def values(name, operation, **arrays):
        case(name, using=forward(operation), **arrays)

    def rules(name, operation, shape, **arrays):
        case(name, using=rule(operation), gradient=draw(*shape), **arrays)

    add, multiply, matmul = operator.add, operator.mul, operator.matmul
    relu, total, log_softmax = map(operator.methodcaller, ("relu", "sum", "log_softmax"))
    case("a leaf", using=leaf, value=[1, 2])
    case("what a Node keeps", using=kept, value=draw(2, 3), operation="test")
    values("a + b", add, a=draw(2, 3), b=draw(3))
    rules("a + b: the rule", add, (2, 3), a=draw(2, 3), b=draw(2, 3))
    rules("a + b: the rule after broadcasting", add, (4, 3), a=draw(3), b=draw(4, 1))
    values("a × b", multiply, a=draw(2, 1), b=draw(3))
    rules("a × b: the rule", multiply, (2, 3), a=draw(2, 3), b=draw(2, 3))
    rules("a × b: the rule after broadcasting", multiply, (4, 3), a=draw(4, 1), b=draw(1, 3))
    rules("a × a: the rule", lambda a: a * a, (3,), a=draw(3))
    values("a @ b", matmul, a=draw(2, 3), b=draw(3, 4))
    rules("a @ b: the rule", matmul, (2, 4), a=draw(2, 3), b=draw(3, 4))
    values("relu", relu, a=draw(3, 4))
    rules("relu: the rule", relu, (3, 4), a=draw(3, 4))
    rules("relu: the rule at 0", relu, (3,), a=np.array([-0.1, 0.0, 0.1]))
    values("sum", total, a=draw(2, 3))
    case("sum: the rule", using=rule(total), gradient=np.array(2 + rng.random()), a=draw(2, 3))
    values("log_softmax", log_softmax, a=draw(2, 3, 4))
    far = [1000, 1000, 1000], [-1000, -1000, -1000], [1000, 0, -1000]
    values("log_softmax of 1000 and -1000", log_softmax, a=draw(3, 3) + far)
    rules("log_softmax: the rule", log_softmax, (2, 3, 4), a=draw(2, 3, 4))


# --- The order ----------------------------------------------------------------------------------


def order_of(function, graph):
    nodes = stand_ins(graph)
    *_, last = nodes.values()
    return described(function(last), nodes)


def names_in_order(function, graph):
    """The names as they come, for a graph that has one right order alone."""
    nodes = stand_ins(graph)
    *_, last = nodes.values()
    order = function(last)
    return described(order, nodes) and ", ".join(node.name for node in order)


def order_of_a_chain(function, length):
    """What of a long chain is too long to show."""
    nodes = chain(length)
    order = without_recursion(function, nodes[-1])
    if order is None:
        return None
    return {"number of Nodes": len(order), "as in the chain": list(order) == nodes}


def described(order, nodes):
    """What is the same for every right order of ``nodes``, a dict by name."""
    if order is None:
        return None
    if not isinstance(order, list | tuple):
        raise Finding(f"It should return a list of Nodes, and returned a {type(order).__name__}.")
    for node in order:
        if not isinstance(node, Node):
            kind = type(node).__name__
            raise Finding(f"The list holds an object of type {kind}. It should hold Nodes only.")
    names = [node.name for node in order]
    return {
        "names of the Nodes": ", ".join(sorted(names)),
        "name of the last Node": names[-1] if names else "nothing",
        "order": first_fault(names, nodes),
    }


def first_fault(names, nodes):
    for name, node in nodes.items():
        for parent in (parent.name for parent in node.made_from):
            if {name, parent} <= set(names) and names.index(parent) > names.index(name):
                return f"{name} before its parent {parent}"
    return "parents first"


@probe(
    "backprop.topological_order",
    hints=(
        "Before a Node may be put down, all of its parents must lie there. When do you know that "
        "they do?",
        "Keep the Nodes that wait in a list, and beside each whether its parents are done: "
        "`(node, False)` at first. A set of those that were seen keeps each to one visit.",
        "Pop a pair. If its parents are done, append it to the order. If not, and it is new: note "
        "it as seen, push `(current, True)`, and above it `(parent, False)` for each parent.",
    ),
    ready_made=("topological",),
)
def topological_order(case, rng):
    def record(name, graph):
        case(name, using=order_of, graph=graph)

    record("worked by hand", "a, b = 2 a, c = a + b")
    record("a leaf", "a")
    record("two layers", "x, w, p = x + w, b, s = p + b, r = s, v, l = r + v")
    record("a parent that stands twice", "a, b = a + a")
    record("the short way first", "a, b = a, c = b, d = a + c")
    record("the long way first", "a, b = a, c = b, d = c + a")
    case("ten Nodes", using=names_in_order, graph=renamed(draw_graph(rng, 10), rng))
    record("twelve doublings", DOUBLINGS)
    case("a long chain", using=order_of_a_chain, length=LONG)


# --- The backward pass --------------------------------------------------------------------------


def gradients(function, graph):
    nodes = stand_ins(graph)
    *_, loss = nodes.values()
    function(loss)
    return numbers_of(gradients_of(nodes))


def gradients_after_two_passes(function, graph):
    nodes = stand_ins(graph)
    *_, loss = nodes.values()
    function(loss)
    for node in nodes.values():
        node.looks = node.calls = 0
    function(loss)
    return numbers_of(gradients_of(nodes))


def gradients_of(nodes):
    for name, node in nodes.items():
        if node.gradient is None:
            raise Finding(f"The gradient of {name} is still None after the backward pass.")
    return {name: node.gradient for name, node in nodes.items()}


def numbers_of(gradients):
    """``gradients`` as floats: one case alone asks whether the loss got 1 or 1.0."""
    return {name: np.multiply(gradient, 1.0) for name, gradient in gradients.items()}


def gradient_through_a_chain(function, length, factor):
    first, *_, loss = chain(length, factor)
    without_recursion(function, loss)
    return gradients_of({"the first": first})["the first"]


def gradients_of_a_product(function, x, w):
    """The gradients in Σ x w."""
    x, w = Node(x), Node(w)
    product = Node(x.value * w.value, (x, w), lambda g: (g * w.value, g * x.value))
    function(total_of(product))
    return gradients_of({"x": x, "w": w, "product": product})


def gradients_of_sums(function, a, b):
    """The gradients in Σ ((a + b) + a), where the rule of a sum gives one array to both."""
    a, b = Node(a), Node(b)
    first = Node(a.value + b.value, (a, b), lambda g: (g, g))
    second = Node(first.value + a.value, (first, a), lambda g: (g, g))
    function(total_of(second))
    return gradients_of({"a": a, "b": b, "a + b": first, "(a + b) + a": second})


def gradients_of_a_double(function, a):
    """The gradients in Σ (a + a), where the rule of the sum gives one array to a twice."""
    a = Node(a)
    double = Node(2 * a.value, (a, a), lambda g: (g, g))
    function(total_of(double))
    return gradients_of({"a": a, "a + a": double})


def total_of(node):
    ones = np.ones(node.value.shape)
    return Node(node.value.sum(), (node,), lambda gradient: (gradient * ones,))


def gradient_of_a_matrix(function, loss):
    """The gradients of a loss that is a matrix with one number, and of a number in it."""
    number = Node(loss.item() / 3)
    node = Node(loss, (number,), lambda g: (3 * np.sum(g),))
    function(node)
    return gradients_of({"the loss": node, "the number": number})


@probe(
    "backprop.backward",
    hints=(
        "A Node may hand its gradient on once all Nodes that were made from it have handed on "
        "theirs. You have a function for that order: from which end?",
        "First a gradient of zeros in every Node, with the shape of its value, and ones in the "
        "loss. Then `node.rule(node.gradient)` gives a gradient for each of `node.parents`.",
        "`for node in reversed(order):` and in it `for parent, gradient in zip(node.parents, "
        "node.rule(node.gradient)):` do `parent.gradient = parent.gradient + gradient`. `+=` does "
        "the same to zeros that each Node has for itself; an array that you keep as a rule gave "
        "it may belong to others, and `+=` would change it for them.",
    ),
)
def backward(case, rng):
    def record(name, graph, using=gradients):
        case(name, using=using, graph=graph)

    record("worked by hand", "a, b = 3 a, c = 2 b")
    record("two parents", "a, b, c = 2 a + 5 b, d = 3 c")
    record("used twice", "a, b = 3 a, c = 2 a + 4 b")
    record("used twice by one Node", "a, b = 3 a, c = 2 b + 5 b")
    record("ten Nodes", draw_graph(rng, 10))
    record("twelve doublings", DOUBLINGS)
    record("a second pass", "a, b = 3 a, c = 2 a + 4 b", gradients_after_two_passes)
    record("ten Nodes, a second pass", draw_graph(rng, 10), gradients_after_two_passes)
    arrays = {"x": rng.normal(size=(2, 3)), "w": rng.normal(size=(2, 3))}
    case("arrays: Σ x w", using=gradients_of_a_product, **arrays)
    case("arrays: Σ ((a + b) + a)", using=gradients_of_sums, a=np.ones(3), b=np.ones(3))
    case("arrays: Σ (a + a)", using=gradients_of_a_double, a=np.ones(3))
    case("a loss of shape (1, 1)", using=gradient_of_a_matrix, loss=rng.normal(size=(1, 1)))
    case("a long chain", using=gradient_through_a_chain, length=LONG, factor=1.0002)


# --- The check of gradients ---------------------------------------------------------------------


def cube(x):
    """Σ x³, and its rule is right."""
    return Node((x.value**3).sum(), (x,), lambda gradient: (gradient * 3 * x.value**2,))


def square_too_small(x):
    """Σ x², and its rule forgot the 2."""
    return Node((x.value**2).sum(), (x,), lambda gradient: (gradient * x.value,))


def square_too_large(x):
    """Σ x², and its rule has a 4 in place of the 2."""
    return Node((x.value**2).sum(), (x,), lambda gradient: (gradient * 4 * x.value,))


def forgets_the_last(x):
    """Σ 3 x, and its rule forgets the last number."""

    def rule(gradient):
        slopes = np.full(x.value.shape, 3.0)
        slopes.flat[-1] = 0
        return (gradient * slopes,)

    return Node(3 * x.value.sum(), (x,), rule)


def gives_each_its_own(x, y):
    """Σ x y, and its rule multiplies by the wrong one of the two."""

    def rule(gradient):
        return gradient * x.value, gradient * y.value

    return Node((x.value * y.value).sum(), (x, y), rule)


def wrong_for_the_first(x, y):
    """Σ x² + Σ y², and its rule is wrong for x."""

    def rule(gradient):
        return gradient * x.value, gradient * 2 * y.value

    return Node((x.value**2).sum() + (y.value**2).sum(), (x, y), rule)


def wrong_for_the_second(x, y):
    """Σ x² + Σ y², and its rule is wrong for y."""

    def rule(gradient):
        return gradient * 2 * x.value, gradient * y.value

    return Node((x.value**2).sum() + (y.value**2).sum(), (x, y), rule)


@probe(
    "backprop.gradient_check",
    hints=(
        "Two answers to one question: what the engine says of each number, and what you measure "
        "when you move that number alone, a little up and a little down.",
        "`np.ndindex(array.shape)` walks over all places of an array of any rank. Move the number "
        "in a copy: the arrays belong to the caller.",
        "`nodes = [Node(array) for array in arrays]` and `backward(function(*nodes))`. For each k "
        "and place: `moved` holds copies of all arrays, `moved[k][place] += eps`, "
        "`function(*map(Node, moved)).value`; the same with −eps; their difference by `2 * eps`. "
        "Compare with `nodes[k].gradient[place]` and keep the largest `abs`.",
    ),
)
def gradient_check(case, rng):
    def draw(*shape):
        return rng.uniform(0.5, 2, size=shape)

    case("a right rule", cube, [draw(2, 3)])
    case("a gradient too small", square_too_small, [draw(4)])
    case("a gradient too large", square_too_large, [draw(4)])
    case("numbers below zero", square_too_small, [-draw(2, 2)])
    case("the last number alone", forgets_the_last, [draw(2, 3)])
    case("a single number", square_too_large, [np.array(rng.uniform(1, 2))])
    case("two arrays", gives_each_its_own, [draw(3, 2), -draw(3, 2)])
    case("wrong for the first", wrong_for_the_first, [draw(2, 3), draw(4)])
    case("wrong for the second", wrong_for_the_second, [draw(2, 3), draw(4)])
    case("a large step", cube, [draw(3)], 0.5)


# --- The network --------------------------------------------------------------------------------


def trained(function, *inputs):
    """What the training returned, with a word where it returned Nodes for numbers."""
    result = function(*inputs)
    match result:
        case [_, losses] if has_nodes(losses):
            raise Finding(
                "Your losses are Nodes. They should be floats: append `float(loss.value)`."
            )
        case [parameters, _] if has_nodes(parameters):
            raise Finding(
                "Your new parameters are Nodes. They should be arrays: make each from `node.value`."
            )
    return result


def has_nodes(items):
    return isinstance(items, list | tuple) and any(hasattr(item, "rule") for item in items)


@probe(
    "backprop.train_digits",
    hints=(
        "One batch is one step: make Nodes of the parameters, go forward to the loss, go backward, "
        "and make new parameters. Which parameters does the next batch start from?",
        "`pictures[batch]` is [size, pixels] and the logits are [size, classes]. The loss of an "
        "example is −log_softmax at its label: multiply by an array that is −1 / size at each "
        "label and 0 elsewhere, and sum.",
        "`W1, b1, W2, b2 = nodes = [Node(array) for array in parameters]`; `logits = ("
        "Node(pictures[batch]) @ W1 + b1).relu() @ W2 + b2`; `right = "
        "np.eye(logits.value.shape[1])[labels[batch]]`; `loss = (logits.log_softmax() * "
        "Node(-right / len(batch))).sum()`; `backward(loss)`; `parameters = [node.value - "
        "learning_rate * node.gradient for node in nodes]`.",
    ),
)
def train_digits(case, rng):
    def record(name, pixels, hidden, classes, batches, learning_rate=0.5, scale=1.0, highest=None):
        highest = classes - 1 if highest is None else highest
        pictures, labels = rng.uniform(size=(12, pixels)), rng.integers(highest + 1, size=12)
        labels[1], labels[4] = 0, highest
        shapes = (pixels, hidden), (hidden,), (hidden, classes), (classes,)
        parameters = [scale * rng.normal(size=shape) for shape in shapes]
        batches = [np.array(batch) for batch in batches]
        case(name, pictures, labels, parameters, batches, learning_rate, using=trained)

    drawn = [rng.choice(12, size, replace=False) for size in (4, 2, 6)]
    record("one batch", 5, 4, 3, [[0, 1, 2, 4]])
    record("one example", 3, 4, 2, [[7]], learning_rate=0.1)
    record("three batches", 4, 6, 3, drawn)
    record("the same batch twice", 6, 3, 5, [[1, 8, 4], [1, 8, 4]], learning_rate=0.2)
    record("classes that do not occur", 4, 3, 4, [[1], [1, 4]], highest=1)
    record("sure, and often wrong", 4, 5, 3, [drawn[2], drawn[0]], 0.01, scale=20)
    record("no batch", 3, 4, 3, [])
