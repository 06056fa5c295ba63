"""Correct solutions of the attention chapter that do not look like the reference."""

import numpy as np
import tensorflow as tf

from tests.alternatives import alternative


@alternative("attention.match_scores", "loop and counter")
def match_scores(query_tags, photo_tags):
    scores = []
    for tags in photo_tags:
        score = 0
        for tag in query_tags:
            if tag in tags:
                score += 1
        scores.append(score)
    return np.array(scores)


@alternative("attention.match_scores", "product of two tables of zeros and ones")
def match_scores(query_tags, photo_tags):
    words = sorted(query_tags.union(*photo_tags))
    table = np.array([[word in tags for word in words] for tags in photo_tags], dtype=np.int32)
    return tf.linalg.matvec(table, np.array([word in query_tags for word in words], np.int32))


@alternative("attention.top_matches", "sorted with a key")
def top_matches(scores, n):
    return np.array(sorted(range(len(scores)), key=lambda i: -scores[i])[:n])


@alternative("attention.top_matches", "crosses out the maximum")
def top_matches(scores, n):
    scores = np.array(scores, dtype=float)
    best = np.zeros(min(n, len(scores)), dtype=np.int32)
    for rank in range(len(best)):
        best[rank] = scores.argmax()
        scores[best[rank]] = -np.inf
    return best


@alternative("attention.top_matches", "lexsort")
def top_matches(scores, n):
    return np.lexsort((np.arange(len(scores)), -scores))[:n]


@alternative("attention.softmax", "TensorFlow's exp and sums")
def softmax(x, axis=-1):
    x = tf.cast(x, tf.float64)
    exps = tf.exp(x - tf.reduce_max(x, axis, keepdims=True))
    return exps / tf.reduce_sum(exps, axis, keepdims=True)


@alternative("attention.softmax", "from logarithms")
def softmax(x, axis=-1):
    x = np.asarray(x, dtype=float)
    largest = np.max(x, axis, keepdims=True)
    return np.exp(x - largest - np.log(np.sum(np.exp(x - largest), axis, keepdims=True)))


@alternative("attention.softmax", "one row at a time")
def softmax(x, axis=-1):
    x = np.moveaxis(np.array(x, dtype=float), axis, -1)
    weights = np.empty(x.shape)
    for index in np.ndindex(x.shape[:-1]):
        exps = [np.exp(score - max(x[index])) for score in x[index]]
        weights[index] = np.array(exps) / sum(exps)
    return np.moveaxis(weights, -1, axis)


@alternative("attention.soft_lookup", "loops")
def soft_lookup(query, keys, values):
    scores = [sum(a * b for a, b in zip(query, key, strict=True)) for key in keys]
    exps = [np.exp(score - max(scores)) for score in scores]
    weights = [x / sum(exps) for x in exps]
    answer = np.zeros(len(values[0]))
    for weight, value in zip(weights, values, strict=True):
        answer = answer + weight * value
    return answer, np.array(weights)


@alternative("attention.soft_lookup", "einsum in float32")
def soft_lookup(query, keys, values):
    query, keys, values = (np.asarray(x, dtype=np.float32) for x in (query, keys, values))
    weights = tf.nn.softmax(np.einsum("d,nd->n", query, keys))
    return tf.einsum("n,nv->v", weights, values), weights


@alternative("attention.self_attention_loop", "three loops over numbers")
def self_attention_loop(sequence):
    n, d = sequence.shape
    result = np.zeros((n, d))
    for i in range(n):
        exps = np.zeros(n)
        for j in range(n):
            exps[j] = np.exp(sum(sequence[i, k] * sequence[j, k] for k in range(d)))
        for j in range(n):
            for k in range(d):
                result[i, k] += exps[j] / sum(exps) * sequence[j, k]
    return result


@alternative("attention.self_attention_loop", "no loop")
def self_attention_loop(sequence):
    return tf.nn.softmax(sequence @ sequence.T, axis=1) @ sequence


@alternative("attention.attention", "einsum and a large negative number")
def attention(query, key, value, mask=None):
    query = tf.convert_to_tensor(query)
    scores = tf.einsum("...qd,...kd->...qk", query, key)
    scores /= tf.sqrt(tf.cast(tf.shape(query)[-1], query.dtype))
    if mask is not None:
        scores -= 1e9 * (1 - tf.cast(mask, query.dtype))
    weights = tf.nn.softmax(scores, axis=-1)
    return tf.einsum("...qk,...kv->...qv", weights, value), weights


@alternative("attention.attention", "scaled query, softmax by hand")
def attention(query, key, value, mask=None):
    query = tf.convert_to_tensor(query)
    scaled = query / np.sqrt(query.shape[-1]).astype(query.dtype.as_numpy_dtype)
    scores = tf.linalg.matmul(scaled, tf.linalg.matrix_transpose(key))
    exps = tf.exp(scores - tf.reduce_max(scores, axis=-1, keepdims=True))
    if mask is not None:
        exps *= tf.cast(mask, exps.dtype)
    weights = exps / tf.reduce_sum(exps, axis=-1, keepdims=True)
    return [weights @ value, weights]


@alternative("attention.causal_mask", "band part")
def causal_mask(length):
    return tf.cast(tf.linalg.band_part(tf.ones((length, length)), -1, 0), tf.bool)


@alternative("attention.causal_mask", "two loops")
def causal_mask(length):
    return np.array([[column <= row for column in range(length)] for row in range(length)])


@alternative("attention.causal_mask", "lower triangle")
def causal_mask(length):
    return np.tril(np.ones((length, length), dtype=bool))


@alternative("attention.padding_mask", "sequence mask")
def padding_mask(lengths, length):
    return tf.sequence_mask(lengths, length)[:, tf.newaxis, :]


@alternative("attention.padding_mask", "loop over the batch")
def padding_mask(lengths, length):
    mask = np.zeros((len(lengths), 1, length), dtype=bool)
    for row, real in enumerate(lengths):
        mask[row, 0, :real] = True
    return mask


@alternative("attention.split_heads", "reshape and transpose")
def split_heads(x, heads):
    depth = x.shape[-1]
    if depth % heads != 0:
        raise ValueError("the depth is not a multiple of the number of heads")
    x = tf.reshape(x, tf.concat([tf.shape(x)[:-1], [heads, depth // heads]], axis=0))
    rank = len(x.shape)
    return tf.transpose(x, [*range(rank - 3), rank - 2, rank - 3, rank - 1])


@alternative("attention.split_heads", "slices")
def split_heads(x, heads):
    size, rest = divmod(x.shape[-1], heads)
    if rest:
        raise ValueError
    return tf.stack([x[..., h * size : (h + 1) * size] for h in range(heads)], axis=-3)


@alternative("attention.multi_head_attention", "a loop over the heads")
def multi_head_attention(query, key, value, projections, heads, mask=None):
    query, key, value = (
        tf.matmul(x, w) for x, w in zip((query, key, value), projections[:3], strict=True)
    )
    if query.shape[-1] % heads:
        raise ValueError("the depth is not a multiple of the number of heads")
    size = query.shape[-1] // heads
    outputs, weights = [], []
    for head in range(heads):
        part = slice(head * size, (head + 1) * size)
        scores = tf.matmul(query[..., part], key[..., part], transpose_b=True) / size**0.5
        if mask is not None:
            scores = tf.where(mask, scores, tf.constant(-1e9, scores.dtype))
        weights.append(tf.nn.softmax(scores))
        outputs.append(tf.matmul(weights[-1], value[..., part]))
    return tf.matmul(tf.concat(outputs, axis=-1), projections[3]), tf.stack(weights, axis=-3)


@alternative("attention.multi_head_attention", "einsum with one matrix for each head")
def multi_head_attention(query, key, value, projections, heads, mask=None):
    depth = query.shape[-1]
    if depth % heads:
        raise ValueError("the depth is not a multiple of the number of heads")
    wq, wk, wv = (np.reshape(w, (depth, heads, depth // heads)) for w in projections[:3])
    wo = np.reshape(projections[3], (heads, depth // heads, depth))
    query = tf.einsum("...ld,dhs->...hls", query, wq)
    key = tf.einsum("...ld,dhs->...hls", key, wk)
    value = tf.einsum("...ld,dhs->...hls", value, wv)
    scores = tf.einsum("...qs,...ks->...qk", query, key) / (depth // heads) ** 0.5
    if mask is not None:
        scores = tf.where(tf.expand_dims(mask, -3), scores, -np.inf)
    weights = tf.nn.softmax(scores)
    return tf.einsum("...hqk,...hks,hsd->...qd", weights, value, wo), weights


@alternative("attention.positional_encoding", "two loops")
def positional_encoding(length, depth):
    if depth % 2 == 1:
        raise ValueError("the depth must be even")
    encoding = np.zeros((length, depth), dtype=np.float32)
    for position in range(length):
        for i in range(depth // 2):
            angle = position / 10000 ** (2 * i / depth)
            encoding[position, 2 * i] = np.sin(angle)
            encoding[position, 2 * i + 1] = np.cos(angle)
    return encoding


@alternative("attention.positional_encoding", "real and imaginary parts, exp of a logarithm")
def positional_encoding(length, depth):
    if depth % 2:
        raise ValueError("the depth must be even")
    rates = np.exp(-np.log(10000.0) * np.arange(0, depth, 2) / depth)
    waves = np.exp(1j * np.outer(np.arange(length), rates))
    return np.stack([waves.imag, waves.real], axis=-1).reshape(length, depth)
