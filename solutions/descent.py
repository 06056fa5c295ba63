"""Gradient descent: losses, gradients, minibatches and the steps that go downhill."""

import numpy as np


def mean_squared_error(predictions, targets):
    """Return the mean of the squared differences, a float.

    ``predictions`` and ``targets`` are arrays of one shape, any rank; the mean is over all of
    their numbers. Raises ValueError when the shapes differ: broadcasting would compare each
    prediction with every target.

    >>> mean_squared_error(np.array([1.0, 2.0]), np.array([3.0, 2.0]))
    2.0
    """
    if predictions.shape != targets.shape:
        raise ValueError(f"predictions {predictions.shape}, but targets {targets.shape}")
    return float(np.mean((predictions - targets) ** 2))


def cross_entropy(logits, labels):
    """Return how surprised a classifier is by the right answers, on average: a float, in nats.

    ``logits`` has shape [n, classes], any real numbers; their softmax along the classes gives the
    probabilities. ``labels`` holds the right class of each example, n integers. The loss of an
    example is −log of the probability of its right class. Logits of 1000 and of -1000 give a
    finite loss. ``logits`` itself is left as it was.
    Write it with exp, sums and log; a ready-made softmax or loss is not accepted.

    >>> round(cross_entropy(np.array([[2.0, 0.0], [0.0, 0.0]]), np.array([0, 1])), 3)
    0.41
    """
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_probabilities = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return float(-log_probabilities[np.arange(len(labels)), labels].mean())


def numerical_gradient(f, w, eps=1e-5):
    """Measure the gradient of ``f`` at ``w`` by small steps to both sides.

    ``f`` takes an array of the shape of ``w``, any rank, and returns a number. For each number of
    ``w``, the slope is (f with it ``eps`` larger − f with it ``eps`` smaller) / (2 ``eps``), all
    others as they are. Returns an array of floats of the shape of ``w``; ``w`` itself, which may
    hold integers, is left as it was.
    """
    gradient = np.zeros(w.shape)
    for place in np.ndindex(w.shape):
        step = np.zeros(w.shape)
        step[place] = eps
        gradient[place] = (f(w + step) - f(w - step)) / (2 * eps)
    return gradient


def linear_gradients(x, y, W, b):
    """Return the gradients of the mean squared error of the linear model x W + b.

    Shapes: ``x`` [n, inputs], targets ``y`` [n, outputs], ``W`` [inputs, outputs], ``b`` [outputs].
    The loss is the mean over all n · outputs squared differences, as in ``mean_squared_error``.
    Returns (gradient of W, gradient of b), with the shapes of W and b.
    Write the formulas yourself; a library that finds gradients is not accepted.
    """
    error = 2 * (x @ W + b - y) / y.size
    return x.T @ error, error.sum(axis=0)


def minibatches(n, size, rng):
    """Return the minibatches of one epoch: a list of arrays of indices.

    Each of the n examples, 0 to n − 1, is in exactly one of them; each has ``size`` indices, the
    last one those that are left. They are in an order that ``rng``, a NumPy Generator, shuffles
    anew at each call; nothing else may draw, so that the same seed gives the same batches.
    """
    order = rng.permutation(n)
    return [order[start : start + size] for start in range(0, n, size)]


def sgd_step(weights, gradients, state, learning_rate=0.01):
    """Take one step of gradient descent: against the gradient, times the learning rate.

    ``weights`` and ``gradients`` are lists of arrays, with one gradient of equal shape for each
    weight. ``state`` is what the optimizer remembers; this one needs none, and hands it on as it
    came. Returns (new weights, state); the arrays given are left as they were.
    """
    return [w - learning_rate * g for w, g in zip(weights, gradients, strict=True)], state


def momentum_step(weights, gradients, state, learning_rate=0.01, momentum=0.9):
    """Take one step of gradient descent with momentum: the weights roll like a ball.

    ``weights`` and ``gradients`` are lists of arrays, one gradient of equal shape for each weight.
    ``state`` is the list of velocities v, of the same shapes, or None at the first step: the ball
    is at rest. For each weight, v becomes momentum · v − learning_rate · gradient, and then the
    weight moves by the new v. Returns (new weights, new velocities); the arrays given are left as
    they were. Write the step yourself; a ready-made optimizer is not accepted.

    The form of keras.optimizers.SGD. Polyak 1964, "Some methods of speeding up the convergence of
    iteration methods".
    """
    if state is None:
        state = [np.zeros_like(w) for w in weights]
    velocities = [momentum * v - learning_rate * g for v, g in zip(state, gradients, strict=True)]
    return [w + v for w, v in zip(weights, velocities, strict=True)], velocities


def rmsprop_step(weights, gradients, state, learning_rate=0.01, rho=0.9, epsilon=1e-7):
    """Take one step of RMSProp: each number's step is measured by its own recent gradients.

    ``weights`` and ``gradients`` are lists of arrays, one gradient of equal shape for each weight.
    ``state`` is the list of running means s of the squared gradients, of the same shapes, or None
    at the first step: they begin at zero. For each weight, s becomes rho · s + (1 − rho) ·
    gradient², and then the weight moves by −learning_rate · gradient / √(s + epsilon), with the new
    s, all element by element. Returns (new weights, new means); the arrays given are left as they
    were. Write the step yourself; a ready-made optimizer is not accepted.

    The form of keras.optimizers.RMSprop; others put epsilon outside the root. Tieleman and Hinton
    2012, lecture 6.5 of "Neural Networks for Machine Learning".
    """
    if state is None:
        state = [np.zeros_like(w) for w in weights]
    means = [rho * s + (1 - rho) * g**2 for s, g in zip(state, gradients, strict=True)]
    moved = [
        w - learning_rate * g / np.sqrt(s + epsilon)
        for w, g, s in zip(weights, gradients, means, strict=True)
    ]
    return moved, means


def fit(gradients, weights, x, y, step, epochs, size, rng):
    """Train: step by step downhill, minibatch by minibatch, for so many epochs.

    ``gradients(x, y, *weights)`` returns one gradient for each array of the list ``weights``, for
    the examples that it is given. ``step(weights, gradients, state)`` takes a step of an optimizer
    and returns (new weights, new state); at the very first step ``state`` is None, and from then
    on what the step before returned. Each epoch draws its own ``minibatches`` of ``size`` examples
    from ``rng``; the rows of ``x`` and ``y`` belong together. Returns the list of the weights after
    the last step.
    """
    state = None
    for _ in range(epochs):
        for batch in minibatches(len(x), size, rng):
            weights, state = step(weights, gradients(x[batch], y[batch], *weights), state)
    return weights
