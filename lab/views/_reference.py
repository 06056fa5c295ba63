"""What the views compute in the browser, once more in NumPy: the reference that learners are
compared with, and that the pictures without a kernel are drawn from.
"""

from decimal import ROUND_HALF_UP, Context, Decimal

import numpy as np


def softmax(scores, allowed=True):
    """Weights over the last axis that sum to one; 0 where `allowed` is False."""
    scores = np.where(allowed, np.asarray(scores, float), -np.inf)
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def soft_lookup(query, keys, values):
    """The blend of `values` [n, v] for a `query` [d] against `keys` [n, d], and its weights [n]."""
    weights = softmax(np.asarray(keys) @ np.asarray(query))
    return weights @ values, weights


def split_heads(x, heads):
    """`x` [n, d] as [heads, n, d / heads]."""
    length, size = np.shape(x)
    return np.reshape(x, (length, heads, size // heads)).swapaxes(0, 1)


def join_heads(x):
    """The inverse of `split_heads`."""
    heads, length, size = np.shape(x)
    return np.reshape(np.swapaxes(x, 0, 1), (length, heads * size))


def causal_mask(length):
    """[length, length], True where a word may look: at itself and at what stands before it."""
    return np.tril(np.ones((length, length), dtype=bool))


def attention(query, key, value, mask=None, scale=None):
    """Output and weights of attention; scores are divided by √d, or multiplied by `scale`."""
    query, key, value = (np.asarray(x, float) for x in (query, key, value))
    scale = 1 / np.sqrt(query.shape[-1]) if scale is None else scale
    scores = query @ key.swapaxes(-1, -2) * scale
    weights = softmax(scores, True if mask is None else mask)
    return weights @ value, weights


def order(values):
    """Indices by falling value; equal values keep their order."""
    return np.argsort(-np.asarray(values, float), kind="stable")


def short(x) -> str:
    """A temperature in up to three figures, without idle zeros, as in the browser."""
    text = format(Context(prec=3, rounding=ROUND_HALF_UP).create_decimal(x), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def is_even(weights) -> bool:
    """Whether no weight stands out from the others, as in the browser."""
    most, count = max(weights), len(weights)
    return bool(count > 1 and most < 1.5 / count and most < 2 * min(weights))


def number(x, decimals=2) -> str:
    """Two decimals, or as many as asked for; ties round up, as in the browser."""
    x, unit = float(x), Decimal(10) ** -decimals
    if not np.isfinite(x):
        return "not a number" if np.isnan(x) else "infinity"
    if abs(Decimal(x)) < unit / 2:
        return str(0 * unit)
    return str(Decimal(x).quantize(unit, ROUND_HALF_UP))


def apart(yours, reference) -> str:
    """Both numbers, with the decimals that it takes to tell them apart, up to six."""
    for decimals in range(2, 7):
        first, second = number(yours, decimals), number(reference, decimals)
        if first != second:
            break
    return f"yours {first}, reference {second}"
