"""The surfaces of the landscape view, and how three optimizers go down them, in NumPy."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

EDGE = np.array([3.0, 2.0])  # the map shows weights from -EDGE to EDGE
LIMIT = 100  # beyond this, a run counts as diverged
RHO, EPSILON = 0.9, 1e-7


class Surface(NamedTuple):
    """A loss of two weights. `loss` takes weights [..., 2], and `gradient` returns as many."""

    formula: str
    loss: Callable
    gradient: Callable
    lowest: tuple  # where the loss is lowest
    start: tuple
    learning_rate: float
    axis: tuple  # of the loss in the chart: from, to
    logarithmic: bool


def _of_two(function):
    """`function` of two numbers as one of weights [..., 2]."""

    def of_weights(w):
        w = np.asarray(w, float)
        result = function(w[..., 0], w[..., 1])
        return np.stack(result, axis=-1) if isinstance(result, tuple) else result

    return of_weights


SURFACES = {
    "bowl": Surface(
        formula="½ (w₀² + w₁²)",
        loss=_of_two(lambda a, b: 0.5 * (a * a + b * b)),
        gradient=_of_two(lambda a, b: (a, b)),
        lowest=((0, 0),),
        start=(-2, 1.5),
        learning_rate=0.1,
        axis=(1e-6, 1e1),
        logarithmic=True,
    ),
    "ravine": Surface(
        formula="½ (w₀² + 100 w₁²)",
        loss=_of_two(lambda a, b: 0.5 * (a * a + 100 * b * b)),
        gradient=_of_two(lambda a, b: (a, 100 * b)),
        lowest=((0, 0),),
        start=(-2.5, 0.5),
        learning_rate=0.019,
        axis=(1e-3, 1e3),
        logarithmic=True,
    ),
    "valleys": Surface(
        formula="¼ (w₀² − 2)² + ¼ w₀ + ½ w₁² + 0.4",
        loss=_of_two(lambda a, b: 0.25 * (a * a - 2) * (a * a - 2) + 0.25 * a + 0.5 * b * b + 0.4),
        gradient=_of_two(lambda a, b: (a * (a * a - 2) + 0.25, b)),
        lowest=((-1.473, 0),),
        start=(2.4, 1),
        learning_rate=0.03,
        axis=(0, 6),
        logarithmic=False,
    ),
    "saddle": Surface(
        formula="½ w₀² + ¼ (w₁² − 1)²",
        loss=_of_two(lambda a, b: 0.5 * a * a + 0.25 * (b * b - 1) * (b * b - 1)),
        gradient=_of_two(lambda a, b: (a, b * (b * b - 1))),
        lowest=((0, 1), (0, -1)),
        start=(-2, 0.01),
        learning_rate=0.05,
        axis=(0, 3),
        logarithmic=False,
    ),
}

OPTIMIZERS = {"sgd": "SGD", "momentum": "momentum", "rmsprop": "RMSProp"}


def step(optimizer, w, gradient, state, learning_rate, momentum):
    """One step in Keras's form: new weights and new state, which is zero at first."""
    if optimizer == "sgd":
        return w - learning_rate * gradient, state
    if optimizer == "momentum":
        state = momentum * state - learning_rate * gradient
        return w + state, state
    state = RHO * state + (1 - RHO) * gradient * gradient
    return w - learning_rate * gradient / np.sqrt(state + EPSILON), state


class Run(NamedTuple):
    """The weights at the start and after each step, up to the one that diverges, if one does."""

    path: np.ndarray
    diverged: int | None


def run(optimizer, surface, start, learning_rate, momentum, steps):
    """The `Run` of an optimizer on the surface of that name."""
    path, state = [np.array(start, float)], np.zeros(2)
    for count in range(1, steps + 1):
        gradient = SURFACES[surface].gradient(path[-1])
        w, state = step(optimizer, path[-1], gradient, state, learning_rate, momentum)
        if not np.abs(w).max() <= LIMIT:
            return Run(np.array(path), count)
        path.append(w)
    return Run(np.array(path), None)


def levels(surface, width, height):
    """How high the surface is at [height, width] places of the map, from 0 to 1 in bands."""
    across, up = ((np.arange(n) + 0.5) / n * 2 - 1 for n in (width, height))
    loss = SURFACES[surface].loss(np.stack(np.meshgrid(across, -up), axis=-1) * EDGE)
    share = (loss - loss.min()) / (loss.max() - loss.min())
    return np.round(np.log1p(100 * share) / np.log1p(100) * BANDS) / BANDS


BANDS = 14
