"""Operations of the memory in NumPy, for the views that show them. The names and equations are
those of `solutions/mem_ops.py`, which needs TensorFlow.
"""

from typing import NamedTuple

import numpy as np


class Allocation(NamedTuple):
    """Where to write next, with all that happens on the way there; each of shape [N]."""

    order: np.ndarray  # along the free list: the slot at each place
    sorted: np.ndarray  # along the free list, as `taken` and `shares`
    taken: np.ndarray  # the product of the usages of all freer slots
    shares: np.ndarray
    places: np.ndarray  # the place of each slot on the free list: the inverse of `order`
    weights: np.ndarray  # in the order of the slots


def allocate(usage) -> Allocation:
    usage = np.asarray(usage, float)
    order = np.argsort(usage, kind="stable")
    ascending = usage[order]
    taken = np.cumprod(np.append(1.0, ascending[:-1]))
    shares = (1 - ascending) * taken
    places = np.argsort(order)
    return Allocation(order, ascending, taken, shares, places, shares[places])


def update_link(link, write_weights, precedence):
    """The link matrix [N, N] after a write, given the precedence from before it."""
    w = np.asarray(write_weights)
    link = (1 - w[:, np.newaxis] - w) * link + np.outer(w, precedence)
    np.fill_diagonal(link, 0)
    return link


def update_precedence(precedence, write_weights):
    return (1 - np.sum(write_weights)) * precedence + write_weights


def forward_and_backward(link, read_weights):
    """Where a head at `read_weights` [N] gets by one step in time."""
    return link @ read_weights, read_weights @ link
