"""Correct solutions of backpropagation that do not look like the reference."""

from collections import Counter

import numpy as np

from tests.alternatives import alternative


@alternative("backprop.two_layer_gradients", "one example after the other")
def two_layer_gradients(x, targets, W1, b1, W2, b2):
    gradients = [np.zeros_like(array) for array in (W1, b1, W2, b2)]
    for example, target in zip(x, targets, strict=True):
        hidden = np.maximum(example @ W1 + b1, 0)
        error = hidden @ W2 + b2 - target
        below = np.where(hidden > 0, W2 @ error, 0)
        parts = np.outer(example, below), below, np.outer(hidden, error), error
        gradients = [total + part for total, part in zip(gradients, parts, strict=True)]
    return gradients


@alternative("backprop.two_layer_gradients", "a column of ones for the biases")
def two_layer_gradients(x, targets, W1, b1, W2, b2):
    ones = np.ones((len(x), 1))
    first, second = np.vstack([W1, b1]), np.vstack([W2, b2])
    inputs = np.hstack([x, ones])
    on = (inputs @ first > 0).astype(float)
    hidden = np.hstack([inputs @ first * on, ones])
    error = hidden @ second - targets
    two = np.einsum("nh,no->ho", hidden, error)
    one = np.einsum("ni,no,ho,nh->ih", inputs, error, W2, on)
    return one[:-1], one[-1], two[:-1], two[-1]


@alternative("backprop.unbroadcast", "axis by axis, from the right")
def unbroadcast(gradient, shape):
    for axis in range(1, gradient.ndim + 1):
        if axis > len(shape) or (shape[-axis] == 1 and gradient.shape[-axis] > 1):
            gradient = gradient.sum(axis=-axis, keepdims=True)
    return gradient.reshape(shape)


@alternative("backprop.unbroadcast", "each number is told where it came from")
def unbroadcast(gradient, shape):
    size = int(np.prod(shape))
    places = np.broadcast_to(np.arange(size).reshape(shape), gradient.shape)
    return np.bincount(places.ravel(), gradient.ravel(), minlength=size).reshape(shape)


@alternative("backprop.unbroadcast", "a loop over all numbers")
def unbroadcast(gradient, shape):
    result = np.zeros(shape)
    for place in np.ndindex(gradient.shape):
        own = place[len(place) - len(shape) :]
        result[tuple(0 if size == 1 else i for i, size in zip(own, shape, strict=True))] += (
            gradient[place]
        )
    return result


@alternative("backprop.Node", "lambdas and lists")
class Node:
    def __init__(self, value, parents=(), rule=lambda gradient: (), operation=""):
        self.value = np.array(value, "float64")
        self.parents, self.rule, self.operation = parents, rule, operation
        self.gradient = None

    def make(self, value, parents, rule, operation):
        return type(self)(value, parents, rule, operation)

    @staticmethod
    def back(gradient, node):
        while gradient.ndim > node.value.ndim:
            gradient = gradient.sum(0)
        for axis, size in enumerate(node.value.shape):
            if size < gradient.shape[axis]:
                gradient = gradient.sum(axis, keepdims=True)
        return gradient

    def __add__(self, other):
        both = [self, other]
        return self.make(
            self.value + other.value, both, lambda g: [self.back(g, n) for n in both], "+"
        )

    def __mul__(self, other):
        return self.make(
            np.multiply(self.value, other.value),
            [self, other],
            lambda g: [self.back(g * other.value, self), self.back(self.value * g, other)],
            "×",
        )

    def __matmul__(self, other):
        return self.make(
            np.einsum("nm,mk->nk", self.value, other.value),
            [self, other],
            lambda g: [
                np.einsum("nk,mk->nm", g, other.value),
                np.einsum("nk,nm->mk", g, self.value),
            ],
            "@",
        )

    def relu(self):
        on = self.value > 0
        return self.make(
            np.where(on, self.value, 0), [self], lambda g: [np.where(on, g, 0)], "relu"
        )

    def sum(self):
        return self.make(
            np.sum(self.value), [self], lambda g: [np.full(self.value.shape, g)], "sum"
        )

    def log_softmax(self):
        largest = np.max(self.value, axis=-1, keepdims=True)
        exps = np.exp(self.value - largest)
        total = exps.sum(axis=-1, keepdims=True)
        return self.make(
            self.value - largest - np.log(total),
            [self],
            lambda g: [g - exps / total * np.sum(g, axis=-1, keepdims=True)],
            "log_softmax",
        )


@alternative("backprop.Node", "slopes as matrices")
class Node:
    def __init__(self, value, parents=(), rule=None, operation=""):
        self.value = np.asarray(value) * 1.0
        self.parents = tuple(parents)
        self.rule = rule or (lambda gradient: tuple())
        self.operation = operation
        self.gradient = None

    def new(self, value, operation, *pairs):
        """A Node with a slope [numbers of the result, numbers of the parent] for each parent."""

        def rule(gradient):
            flat = np.reshape(gradient, -1)
            return tuple((flat @ slope).reshape(node.value.shape) for node, slope in pairs)

        return self.__class__(value, [node for node, _ in pairs], rule, operation)

    @staticmethod
    def copies(node, shape):
        """Which number of ``node`` each number of a broadcast result is made from, as 0 and 1."""
        size = node.value.size
        places = np.broadcast_to(np.arange(size).reshape(node.value.shape), shape)
        return np.eye(size)[places.ravel()]

    def __add__(self, other):
        value = self.value + other.value
        slopes = [(node, self.copies(node, value.shape)) for node in (self, other)]
        return self.new(value, "+", *slopes)

    def __mul__(self, other):
        value = self.value * other.value
        factors = [np.broadcast_to(node.value, value.shape).ravel() for node in (other, self)]
        slopes = [
            (node, factor[:, None] * self.copies(node, value.shape))
            for node, factor in zip((self, other), factors, strict=True)
        ]
        return self.new(value, "×", *slopes)

    def __matmul__(self, other):
        (n, m), (_, k) = self.value.shape, other.value.shape
        left = np.einsum("ab,mk->akbm", np.eye(n), other.value).reshape(n * k, n * m)
        right = np.einsum("nm,ab->namb", self.value, np.eye(k)).reshape(n * k, m * k)
        return self.new(self.value.dot(other.value), "@", (self, left), (other, right))

    def relu(self):
        slope = np.diag(np.heaviside(self.value.ravel(), 0))
        return self.new(self.value.clip(min=0), "relu", (self, slope))

    def sum(self):
        return self.new(self.value.sum(), "sum", (self, np.ones((1, self.value.size))))

    def log_softmax(self):
        result = self.value - np.logaddexp.reduce(self.value, axis=-1, keepdims=True)
        size = self.value.shape[-1]
        rows = np.exp(result).reshape(-1, size)
        blocks = np.eye(size) - rows[:, None, :]
        slope = np.einsum("rij,rs->risj", blocks, np.eye(len(rows)))
        return self.new(result, "log_softmax", (self, slope.reshape(result.size, result.size)))


@alternative("backprop.topological_order", "counts who still waits for a Node")
def topological_order(node):
    uses, met = Counter(), [node]
    for current in met:
        for parent in current.parents:
            uses[parent] += 1
            if uses[parent] == 1:
                met.append(parent)
    ready, order = [node], []
    while ready:
        current = ready.pop()
        order.append(current)
        for parent in current.parents:
            uses[parent] -= 1
            if uses[parent] == 0:
                ready.append(parent)
    order.reverse()
    return order


@alternative("backprop.topological_order", "a stack of iterators")
def topological_order(node):
    done, path = {}, [(node, iter(node.parents))]
    begun = {id(node)}
    while path:
        current, rest = path[-1]
        parent = next((p for p in rest if id(p) not in begun), None)
        if parent is None:
            done[current] = None
            path.pop()
        else:
            begun.add(id(parent))
            path.append((parent, iter(parent.parents)))
    return list(done)


@alternative("backprop.topological_order", "looks at the top of the stack until it can go")
def topological_order(node):
    order, waiting = [], [node]
    placed = set()
    while waiting:
        missing = [parent for parent in waiting[-1].parents if parent not in placed]
        if missing:
            waiting += missing
        else:
            current = waiting.pop()
            if current not in placed:
                placed.add(current)
                order += [current]
    return order


@alternative("backprop.backward", "a list of what came in for each Node")
def backward(loss):
    came = {loss: [np.ones(loss.value.shape)]}
    for node in topological_order(loss)[::-1]:
        node.gradient = np.sum(came[node], axis=0)
        if node.parents:
            for parent, gradient in zip(node.parents, node.rule(node.gradient), strict=True):
                came.setdefault(parent, []).append(gradient)


@alternative("backprop.backward", "adds in place into arrays of its own")
def backward(loss):
    order = topological_order(loss)
    for node in order:
        node.gradient = np.zeros(node.value.shape)
    loss.gradient += 1
    while order:
        node = order.pop()
        for i, gradient in enumerate(node.rule(node.gradient)):
            node.parents[i].gradient += gradient


@alternative("backprop.backward", "None until the first gradient comes")
def backward(loss):
    order = topological_order(loss)
    for node in order:
        node.gradient = None
    loss.gradient = np.full_like(loss.value, 1)
    for node in reversed(order):
        for parent, gradient in zip(node.parents, node.rule(node.gradient), strict=True):
            if parent.gradient is None:
                parent.gradient = np.array(gradient)
            else:
                parent.gradient = np.add(parent.gradient, gradient)
    return loss


@alternative("backprop.gradient_check", "moves a number and puts it back")
def gradient_check(function, arrays, eps=1e-6):
    nodes = [Node(np.array(array)) for array in arrays]
    backward(function(*nodes))
    arrays = [np.array(array) for array in arrays]
    differences = []
    for node, array in zip(nodes, arrays, strict=True):
        for place, old in np.ndenumerate(array):
            array[place] = old + eps
            above = function(*[Node(a) for a in arrays]).value
            array[place] = old - eps
            below = function(*[Node(a) for a in arrays]).value
            array[place] = old
            differences.append(abs((above - below) / (2 * eps) - node.gradient[place]))
    return max(differences)


@alternative("backprop.gradient_check", "one long vector")
def gradient_check(function, arrays, eps=1e-6):
    ends = np.cumsum([array.size for array in arrays])
    flat = np.concatenate([array.ravel() for array in arrays])

    def nodes_of(vector):
        parts = np.split(vector, ends[:-1])
        return [Node(p.reshape(a.shape)) for p, a in zip(parts, arrays, strict=True)]

    def value(vector):
        return float(function(*nodes_of(vector)).value)

    nodes = nodes_of(flat)
    backward(function(*nodes))
    gradients = np.concatenate([np.ravel(node.gradient) for node in nodes])
    steps = eps * np.eye(len(flat))
    measured = [(value(flat + step) - value(flat - step)) / eps / 2 for step in steps]
    return float(np.abs(gradients - measured).max())


@alternative("backprop.train_digits", "by hand, without the engine")
def train_digits(pictures, labels, parameters, batches, learning_rate):
    W1, b1, W2, b2 = (np.array(array) for array in parameters)
    losses = []
    for batch in batches:
        x, size = pictures[batch], len(batch)
        hidden = np.maximum(x @ W1 + b1, 0)
        logits = hidden @ W2 + b2
        logits -= logits.max(axis=1, keepdims=True)
        logs = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
        losses.append(-logs[np.arange(size), labels[batch]].mean())
        error = np.exp(logs)
        error[np.arange(size), labels[batch]] -= 1
        error /= size
        below = error @ W2.T * (hidden > 0)
        W2 -= learning_rate * hidden.T @ error
        b2 -= learning_rate * error.sum(axis=0)
        W1 -= learning_rate * x.T @ below
        b1 -= learning_rate * below.sum(axis=0)
    return [W1, b1, W2, b2], np.array(losses)


@alternative("backprop.train_digits", "a Node for each picture, added up")
def train_digits(pictures, labels, parameters, batches, learning_rate):
    losses = []
    for batch in batches:
        nodes = W1, b1, W2, b2 = tuple(map(Node, parameters))
        loss = Node(0.0)
        for example in batch:
            hidden = (Node(pictures[[example]]) @ W1 + b1).relu()
            answers = (hidden @ W2 + b2).log_softmax()
            label = np.zeros(answers.value.shape)
            label[0, labels[example]] = 1
            loss = loss + (answers * Node(label)).sum()
        loss = loss * Node(-1 / len(batch))
        backward(loss)
        losses += [loss.value.item()]
        parameters = tuple(n.value - n.gradient * learning_rate for n in nodes)
    return tuple(parameters), losses


# What the answers above call, as it stands there and not as it is rewritten here.
from solutions.backprop import Node, backward, topological_order
