"""Attention: from a photo search with tags to multi-head attention with masks and positions.

The mechanism is scaled dot-product attention and its multi-head form: Vaswani et al. 2017,
"Attention Is All You Need", sections 3.2 and 3.5.
"""

import numpy as np
import tensorflow as tf


def match_scores(query_tags, photo_tags):
    """Count how many of the query's tags each photo has.

    ``query_tags`` is a set of words and ``photo_tags`` a list of sets, one for each photo.
    Returns an integer array of shape [photos]. A tag matches only as a whole word.

    >>> match_scores({"dog", "beach"}, [{"dog", "snow"}, {"beach", "dog"}, {"city"}])
    array([1, 2, 0])
    """
    return np.array([len(query_tags & tags) for tags in photo_tags], dtype=int)


def top_matches(scores, n):
    """Return the positions of the ``n`` best scores, best first.

    ``scores`` has shape [photos]; the result is an integer array. Equal scores stay in the order
    of the catalogue. When ``n`` exceeds the number of photos, all positions are returned.

    >>> top_matches(np.array([1, 2, 0, 2]), 3)
    array([1, 3, 0])
    """
    return np.argsort(-np.asarray(scores), kind="stable")[:n]


def softmax(x, axis=-1):
    """Turn scores into positive weights that sum to one along ``axis``.

    ``x`` is an array of numbers of any shape; the result is a float array of the same shape.
    Scores of 1000 and of -1000 give weights, never ``nan``. ``x`` itself is left as it was.
    Write it with exp and sums; a ready-made softmax is not accepted.

    >>> softmax(np.array([2, 1, 0])).round(3)
    array([0.665, 0.245, 0.09 ])
    """
    x = np.asarray(x)
    exps = np.exp(x - x.max(axis=axis, keepdims=True))
    return exps / exps.sum(axis=axis, keepdims=True)


def soft_lookup(query, keys, values):
    """Answer a query with a blend of all values, weighted by how well each key matches.

    ``query`` has shape [d], ``keys`` [n, d] and ``values`` [n, v]. A score is the dot product of
    the query and a key, not scaled; the softmax of the scores gives the weights.
    Returns (answer [v], weights [n]).
    """
    weights = softmax(keys @ query)
    return weights @ values, weights


def self_attention_loop(sequence):
    """Let every word of a sequence look at every word, itself too.

    ``sequence`` has shape [n, d]: one vector for each word. For each word, step 1 takes the dot
    product with every word as scores, not scaled, and turns them into weights with softmax;
    step 2 adds up the vectors of all words, each times its weight.
    Returns a new array of shape [n, d]; ``sequence`` itself is left as it was.
    Write both steps yourself; a ready-made attention layer is not accepted.
    """
    result = np.zeros(sequence.shape)
    for i in range(len(sequence)):
        scores = [np.dot(sequence[i], word) for word in sequence]
        weights = softmax(np.array(scores))
        for j in range(len(sequence)):
            result[i] += weights[j] * sequence[j]
    return result


def attention(query, key, value, mask=None):
    """Scaled dot-product attention, in TensorFlow operations that a tape can follow.

    Shapes: ``query`` [..., queries, d], ``key`` [..., keys, d], ``value`` [..., keys, v], all of
    one float type, tensors or NumPy arrays. ``mask`` holds booleans, True where a query may look,
    and broadcasts to [..., queries, keys]; every query may look at one key at least. Where a
    query may not look, its weight is exactly zero, and the other weights still sum to one.
    Returns (output [..., queries, v], weights [..., queries, keys]).
    Write it with products and softmax; a ready-made attention layer is not accepted.

    Vaswani et al. 2017, equation 1: softmax(Q Kᵀ / √d) V.
    """
    scores = tf.matmul(query, key, transpose_b=True) / query.shape[-1] ** 0.5
    if mask is not None:
        scores = tf.where(mask, scores, -np.inf)
    weights = tf.nn.softmax(scores)
    return tf.matmul(weights, value), weights


def causal_mask(length):
    """Return the mask that lets each word look at itself and at earlier words only.

    A boolean tensor or array of shape [length, length]: row i is the word that asks, column j the
    word that it may look at (True) or not.

    Vaswani et al. 2017, section 3.2.3.
    """
    positions = tf.range(length)
    return positions[:, tf.newaxis] >= positions


def padding_mask(lengths, length):
    """Return the mask that hides the padding at the end of short sequences.

    ``lengths`` holds the number of real words of each sequence in the batch, in a list, an array
    or a tensor; all of them were padded at the end to ``length``. Returns a boolean tensor or
    array of shape [batch, 1, length], True at real words; the axis in the middle stands for all
    queries.

    >>> np.array(padding_mask([1, 3], 3))[:, 0]
    array([[ True, False, False],
           [ True,  True,  True]])
    """
    real_words = tf.cast(lengths, tf.int32)[:, tf.newaxis, tf.newaxis]
    return tf.range(length) < real_words


def split_heads(x, heads):
    """Cut the last axis of ``x`` into ``heads`` equal pieces, one for each head.

    In TensorFlow operations that a tape can follow.
    ``x`` has shape [..., length, depth]; the result has shape
    [..., heads, length, depth / heads]. The first head holds the first columns of ``x``.
    Raises ValueError when ``heads`` does not divide the depth.
    """
    depth = x.shape[-1]
    if depth % heads:
        raise ValueError(f"{heads} heads do not divide a depth of {depth}")
    return tf.stack(tf.split(x, heads, axis=-1), axis=-3)


def multi_head_attention(query, key, value, projections, heads, mask=None):
    """Attend with several heads at once, each in its own part of the projected vectors.

    Shapes: ``query`` [..., queries, depth], ``key`` and ``value`` [..., keys, depth].
    ``projections`` is (Wq, Wk, Wv, Wo), four matrices of shape [depth, depth]: query, key and
    value are multiplied by the first three and split into heads; each head attends; the heads'
    outputs, joined in order along the last axis, are multiplied by Wo.
    ``mask`` is as for ``attention``, [..., queries, keys], without an axis for the heads.
    Returns (output [..., queries, depth], weights [..., heads, queries, keys]).
    Raises ValueError when ``heads`` does not divide the depth.
    Build it from your own functions; a ready-made multi-head layer is not accepted.

    Vaswani et al. 2017, section 3.2.2.
    """
    to_query, to_key, to_value, to_output = projections
    if mask is not None:
        mask = tf.expand_dims(mask, -3)
    output, weights = attention(
        split_heads(tf.matmul(query, to_query), heads),
        split_heads(tf.matmul(key, to_key), heads),
        split_heads(tf.matmul(value, to_value), heads),
        mask,
    )
    joined = tf.concat(tf.unstack(output, axis=-3), axis=-1)
    return tf.matmul(joined, to_output), weights


def positional_encoding(length, depth):
    """Return a vector for each position, made of waves of different lengths.

    A float array of shape [length, depth], positions counted from 0. The columns go in pairs:
    column 2i holds sin(position / 10000^(2i / depth)) and column 2i + 1 the cosine of the same
    angle. Raises ValueError when the depth is odd.

    Vaswani et al. 2017, section 3.5.
    """
    if depth % 2:
        raise ValueError(f"sines and cosines come in pairs, so a depth of {depth} cannot be filled")
    positions = np.arange(length)[:, np.newaxis]
    angles = positions / 10000 ** (np.arange(0, depth, 2) / depth)
    encoding = np.empty((length, depth))
    encoding[:, 0::2] = np.sin(angles)
    encoding[:, 1::2] = np.cos(angles)
    return encoding
