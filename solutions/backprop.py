"""Backpropagation: gradients by hand, and an engine that computes them.

The engine is reverse-mode automatic differentiation on a graph of arrays. The method as it is used
for networks: Rumelhart, Hinton and Williams 1986, "Learning representations by back-propagating
errors", Nature 323.
"""

import numpy as np


def two_layer_gradients(x, targets, W1, b1, W2, b2):
    """Return the gradients of a network of two layers, found by hand with the chain rule.

    The network is hidden = relu(x W1 + b1), predictions = hidden W2 + b2, and the loss is half the
    sum of all squared differences, ½ Σ (predictions − targets)². relu has the slope 0 at 0.
    Shapes: ``x`` [n, inputs], ``targets`` [n, outputs], ``W1`` [inputs, hidden], ``b1`` [hidden],
    ``W2`` [hidden, outputs], ``b2`` [outputs].
    Returns the gradients of (W1, b1, W2, b2), each with the shape of its own.
    Write the formulas yourself; a library that finds gradients is not accepted.
    """
    before = x @ W1 + b1
    hidden = np.maximum(before, 0)
    error = hidden @ W2 + b2 - targets
    error_before = (error @ W2.T) * (before > 0)
    return x.T @ error_before, error_before.sum(axis=0), hidden.T @ error, error.sum(axis=0)


def unbroadcast(gradient, shape):
    """Undo broadcasting: sum ``gradient`` over the copies, so that it has ``shape``.

    An array of ``shape`` was broadcast to the shape of ``gradient``, which is the gradient of the
    loss for the result. Each number of the array was used in all of its copies, so its gradient is
    the sum of theirs. Returns an array of ``shape``; ``gradient`` itself is left as it was.

    >>> unbroadcast(np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), (3,))
    array([5., 7., 9.])
    """
    gradient = gradient.sum(axis=tuple(range(gradient.ndim - len(shape))))
    stretched = tuple(axis for axis, size in enumerate(shape) if size == 1)
    return gradient.sum(axis=stretched, keepdims=True)


class Node:
    """A value in a computation, which knows what it was made from and how gradients go back.

    ``value`` is an array of floats of any shape; ``parents`` a tuple of the Nodes that it was made
    from; ``operation`` its sign in pictures. ``rule`` takes the gradient of the loss for this value
    and returns a tuple with the gradient of the loss for each parent, of that parent's shape.
    ``gradient`` is None until ``backward`` fills it. A Node without parents is a leaf.

    Each operation below returns a new Node; ``other`` is a Node as well. Signs: "+", "×", "@",
    "relu", "sum", "log_softmax". Write the rules yourself; a library that finds gradients is not
    accepted.
    """

    def __init__(self, value, parents=(), rule=lambda gradient: (), operation=""):
        """Keep all four under their names, the value as float64; there is no gradient yet."""
        self.value = np.asarray(value, dtype=float)
        self.parents = parents
        self.rule = rule
        self.operation = operation
        self.gradient = None

    def __add__(self, other):
        """The sum, element by element, with broadcasting."""

        def rule(gradient):
            return (
                unbroadcast(gradient, self.value.shape),
                unbroadcast(gradient, other.value.shape),
            )

        return Node(self.value + other.value, (self, other), rule, "+")

    def __mul__(self, other):
        """The product, element by element, with broadcasting."""

        def rule(gradient):
            return (
                unbroadcast(gradient * other.value, self.value.shape),
                unbroadcast(gradient * self.value, other.value.shape),
            )

        return Node(self.value * other.value, (self, other), rule, "×")

    def __matmul__(self, other):
        """The product of two matrices, [n, m] and [m, k]."""

        def rule(gradient):
            return gradient @ other.value.T, self.value.T @ gradient

        return Node(self.value @ other.value, (self, other), rule, "@")

    def relu(self):
        """0 in the place of every negative number; the slope at 0 is 0."""

        def rule(gradient):
            return (gradient * (self.value > 0),)

        return Node(np.maximum(self.value, 0), (self,), rule, "relu")

    def sum(self):
        """The sum of all numbers: a value of shape ()."""

        def rule(gradient):
            return (gradient * np.ones(self.value.shape),)

        return Node(self.value.sum(), (self,), rule, "sum")

    def log_softmax(self):
        """The logarithm of the softmax along the last axis, also for values of 1000."""
        shifted = self.value - self.value.max(axis=-1, keepdims=True)
        result = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))

        def rule(gradient):
            return (gradient - np.exp(result) * gradient.sum(axis=-1, keepdims=True),)

        return Node(result, (self,), rule, "log_softmax")


def topological_order(node):
    """Return all Nodes from which ``node`` was made, and itself, parents before children.

    A list in which each Node stands once, after all of its parents, with ``node`` at the end. Only
    ``parents`` is looked at. A chain of many thousand Nodes is no problem: Python's recursion
    limit does not count here. Find the order yourself; a ready-made sorter, such as the one in
    ``graphlib``, is not accepted.
    """
    order, seen = [], set()
    waiting = [(node, False)]
    while waiting:
        current, parents_done = waiting.pop()
        if parents_done:
            order.append(current)
        elif current not in seen:
            seen.add(current)
            waiting.append((current, True))
            waiting += [(parent, False) for parent in current.parents]
    return order


def backward(loss):
    """Fill the ``gradient`` of every Node from which ``loss`` was made, and of ``loss`` itself.

    ``loss`` is a Node with a single number as its value; its own gradient is 1.0, in the shape of
    its value. From there every Node hands on, by its ``rule``, its gradient to its parents, once it
    has got all of its own. A value that is used in several places gets the sum of what comes from
    each. Gradients of an earlier backward pass do not count. Each gradient is of floats and has the
    shape of its Node's value. Returns None.
    """
    order = topological_order(loss)
    for node in order:
        node.gradient = np.zeros_like(node.value)
    loss.gradient = np.ones_like(loss.value)
    for node in reversed(order):
        for parent, gradient in zip(node.parents, node.rule(node.gradient), strict=True):
            parent.gradient = parent.gradient + gradient


def gradient_check(function, arrays, eps=1e-6):
    """Return the largest difference between the engine's gradients and measured ones, a float.

    ``function`` takes as many Nodes as ``arrays`` has arrays of floats, uses each of them, and
    returns a Node with a single number. The engine's gradients come from ``backward``; the measured
    gradient of a number is (the result with it ``eps`` larger − the result with it ``eps``
    smaller) / (2 ``eps``). The result is the largest absolute difference over all numbers of all
    arrays, which are left as they were.
    """
    nodes = [Node(array) for array in arrays]
    backward(function(*nodes))
    largest = 0.0
    for k, array in enumerate(arrays):
        for place in np.ndindex(array.shape):
            results = []
            for step in (eps, -eps):
                moved = [a.copy() for a in arrays]
                moved[k][place] += step
                results.append(function(*map(Node, moved)).value)
            measured = (results[0] - results[1]) / (2 * eps)
            largest = max(largest, abs(float(nodes[k].gradient[place] - measured)))
    return largest


def train_digits(pictures, labels, parameters, batches, learning_rate):
    """Train a network of two layers on pictures by gradient descent, with the engine.

    ``pictures`` has shape [n, pixels], ``labels`` n integers. ``parameters`` is a list of four
    arrays, W1 [pixels, hidden], b1 [hidden], W2 [hidden, classes] and b2 [classes]; the logits are
    relu(x W1 + b1) W2 + b2. ``batches`` holds arrays of indices, and each is one step: the loss is
    the mean cross-entropy of these examples, and each parameter moves by −learning_rate · its
    gradient.
    Returns (the new parameters, the losses): the losses are floats, one for each batch, as they
    were before its step. The parameters that were given are left as they were.
    """
    losses = []
    for batch in batches:
        W1, b1, W2, b2 = nodes = [Node(array) for array in parameters]
        logits = (Node(pictures[batch]) @ W1 + b1).relu() @ W2 + b2
        right = np.eye(logits.value.shape[1])[labels[batch]]
        loss = (logits.log_softmax() * Node(-right / len(batch))).sum()
        backward(loss)
        parameters = [node.value - learning_rate * node.gradient for node in nodes]
        losses.append(float(loss.value))
    return parameters, losses
