"""Correct memory operations that do not look like the reference."""

import numpy as np
import tensorflow as tf

from tests.alternatives import alternative


@alternative("mem_ops.cosine_similarity", "lengths under one root")
def cosine_similarity(memory, keys):
    dots = tf.einsum("...rw,...nw->...rn", keys, memory)
    slots = tf.maximum(tf.einsum("...nw,...nw->...n", memory, memory), 1e-6)
    keys = tf.maximum(tf.einsum("...rw,...rw->...r", keys, keys), 1e-6)
    return dots * tf.math.rsqrt(slots[..., tf.newaxis, :] * keys[..., tf.newaxis])


@alternative("mem_ops.cosine_similarity", "norms of 0.001 at least")
def cosine_similarity(memory, keys):
    slots = tf.maximum(tf.norm(memory, axis=-1), 1e-3)[..., None, :]
    keys /= tf.maximum(tf.norm(keys, axis=-1, keepdims=True), 1e-3)
    return keys @ tf.linalg.matrix_transpose(memory) / slots


@alternative("mem_ops.content_weighting", "softmax by hand")
def content_weighting(memory, keys, strengths):
    memory = tf.linalg.matrix_transpose(tf.math.l2_normalize(memory, -1, 1e-8))
    scores = tf.expand_dims(strengths, -1) * (tf.math.l2_normalize(keys, -1, 1e-8) @ memory)
    exps = tf.exp(scores - tf.reduce_max(scores, axis=-1, keepdims=True))
    return exps / tf.reduce_sum(exps, -1, keepdims=True)


@alternative("mem_ops.content_weighting", "one head after the other")
def content_weighting(memory, keys, strengths):
    slots = memory * tf.math.rsqrt(tf.reduce_sum(memory**2, axis=-1, keepdims=True) + 1e-8)
    weights = []
    for head in range(keys.shape[-2]):
        key = keys[..., head, :]
        key *= tf.math.rsqrt(tf.reduce_sum(key**2, axis=-1, keepdims=True) + 1e-8)
        sharp = strengths[..., head, tf.newaxis] * tf.linalg.matvec(slots, key)
        weights.append(tf.nn.softmax(sharp))
    return tf.stack(weights, axis=-2)


@alternative("mem_ops.retention", "one head after the other")
def retention(free_gates, read_weights):
    stays = tf.ones_like(read_weights[..., 0, :])
    for head in range(read_weights.shape[-2]):
        stays -= stays * free_gates[..., head : head + 1] * read_weights[..., head, :]
    return stays


@alternative("mem_ops.retention", "a sum of logarithms")
def retention(free_gates, read_weights):
    freed = tf.linalg.diag(free_gates) @ read_weights
    return tf.exp(tf.reduce_sum(tf.math.log1p(-freed), axis=-2))


@alternative("mem_ops.update_usage", "what stays empty")
def update_usage(usage, write_weights, retention):
    return retention * (1 - (1 - usage) * (1 - write_weights))


@alternative("mem_ops.update_usage", "fills the empty part")
def update_usage(usage, write_weights, retention):
    filled = tf.add(usage, tf.multiply(tf.subtract(1.0, usage), write_weights))
    return tf.einsum("...n,...n->...n", filled, retention)


@alternative("mem_ops.free_list", "argsort and gather")
def free_list(usage):
    order = tf.argsort(usage, axis=-1, stable=True)
    return tf.gather(usage, order, batch_dims=len(usage.shape) - 1), order


@alternative("mem_ops.free_list", "sort, and NumPy for the order")
def free_list(usage):
    return tf.sort(usage), np.argsort(usage.numpy(), axis=-1, kind="stable")


@alternative("mem_ops.free_list", "counts the slots that come before")
def free_list(usage):
    slots = tf.range(tf.shape(usage)[-1])
    mine, others = usage[..., :, tf.newaxis], usage[..., tf.newaxis, :]
    before = (others < mine) | ((others == mine) & (slots < slots[:, tf.newaxis]))
    place = tf.reduce_sum(tf.cast(before, tf.int32), axis=-1)
    at_place = place[..., tf.newaxis, :] == slots[:, tf.newaxis]
    sorted_usage = tf.linalg.matvec(tf.cast(at_place, usage.dtype), usage)
    return sorted_usage, tf.reduce_sum(tf.where(at_place, slots, 0), axis=-1)


@alternative("mem_ops.allocation_loop", "each slot asks all others")
def allocation_loop(usage):
    count = usage.shape[-1]
    columns = []
    for i in range(count):
        share = 1 - usage[..., i]
        for j in range(count):
            freer = usage[..., j] < usage[..., i]
            if j < i:
                freer |= usage[..., j] == usage[..., i]
            share *= tf.where(freer, usage[..., j], 1.0)
        columns.append(share)
    return tf.stack(columns, -1)


@alternative("mem_ops.allocation_loop", "takes the freest slot out, one at a time")
def allocation_loop(usage):
    count = usage.shape[-1]
    left = tf.ones_like(usage)
    allocation = 0.0
    product = 1.0
    for _ in range(count):
        freest = tf.one_hot(tf.argmin(tf.where(left > 0, usage, 2.0), axis=-1), count)
        level = tf.reduce_sum(freest * usage, axis=-1, keepdims=True)
        allocation += freest * (1 - level) * product
        product *= level
        left -= freest
    return allocation


@alternative("mem_ops.allocation_loop", "no loop")
def allocation_loop(usage):
    slots = tf.range(usage.shape[-1])
    mine, others = usage[..., :, tf.newaxis], usage[..., tf.newaxis, :]
    freer = (others < mine) | ((others == mine) & (slots < slots[:, tf.newaxis]))
    return (1 - usage) * tf.reduce_prod(tf.where(freer, others, 1.0), axis=-1)


@alternative("mem_ops.allocation_weighting", "a product over all pairs")
def allocation_weighting(usage):
    slots = tf.range(tf.shape(usage)[-1])
    mine, others = usage[..., :, tf.newaxis], usage[..., tf.newaxis, :]
    first = tf.where(slots < slots[:, tf.newaxis], others <= mine, others < mine)
    return (1 - usage) * tf.reduce_prod(tf.where(first, others, tf.ones_like(others)), axis=-1)


@alternative("mem_ops.allocation_weighting", "exponential of a sum of logarithms")
def allocation_weighting(usage):
    order = tf.argsort(usage, axis=-1, stable=True)
    sorted_usage = tf.gather(usage, order, axis=-1, batch_dims=usage.shape.rank - 1)
    sums = tf.cumsum(tf.math.log(sorted_usage + 1e-7), axis=-1, exclusive=True)
    places = tf.one_hot(order, usage.shape[-1], dtype=usage.dtype)
    return tf.einsum("...j,...jn->...n", (1 - sorted_usage) * tf.exp(sums), places)


@alternative("mem_ops.allocation_weighting", "scatters into a flat tensor")
def allocation_weighting(usage):
    count = usage.shape[-1]
    flat = tf.reshape(usage, [-1, count]) * (1 - 1e-6) + 1e-6
    negative, order = tf.math.top_k(-flat, count)
    taken = tf.math.cumprod(-negative, axis=1, exclusive=True)
    rows = tf.broadcast_to(tf.range(tf.shape(flat)[0])[:, tf.newaxis], tf.shape(order))
    cells = tf.stack([rows, order], axis=-1)
    shares = tf.tensor_scatter_nd_update(tf.zeros_like(flat), cells, (1 + negative) * taken)
    return tf.reshape(shares, tf.shape(usage))


@alternative("mem_ops.allocation_scatter", "one TensorArray for each usage, mapped over the batch")
def allocation_scatter(usage):
    count = usage.shape[-1]

    def allocate(one):
        negative, order = tf.math.top_k(-one, k=count)
        shares = (1 + negative) * tf.math.cumprod(1e-8 - negative, exclusive=True)
        return tf.TensorArray(one.dtype, size=count).scatter(order, shares).stack()

    flat = tf.map_fn(allocate, tf.reshape(usage, [-1, count]))
    return tf.reshape(flat, tf.shape(usage))


@alternative("mem_ops.allocation_scatter", "an array that grows, read with gather")
def allocation_scatter(usage):
    count = usage.shape[-1]
    negative, order = tf.math.top_k(-usage, count)
    shares = (1 + negative) * tf.math.cumprod(1e-8 - negative, axis=-1, exclusive=True)
    cells = tf.reshape(tf.range(tf.size(usage)), tf.shape(usage))
    cells += order - tf.range(count)
    array = tf.TensorArray(usage.dtype, size=0, dynamic_size=True, element_shape=())
    array = array.scatter(tf.reshape(cells, [-1]), tf.reshape(shares, [-1]))
    return tf.reshape(array.gather(tf.range(tf.size(usage))), tf.shape(usage))


@alternative("mem_ops.write_weighting", "a step from content to allocation")
def write_weighting(allocation, content, write_gate, allocation_gate):
    step = tf.expand_dims(allocation_gate, -1) * (allocation - content)
    return tf.expand_dims(write_gate, -1) * (content + step)


@alternative("mem_ops.write_weighting", "einsum with two shares")
def write_weighting(allocation, content, write_gate, allocation_gate):
    free = tf.einsum("...,...,...n->...n", write_gate, allocation_gate, allocation)
    return free + tf.einsum("...,...,...n->...n", write_gate, 1 - allocation_gate, content)


@alternative("mem_ops.write_memory", "outer products by einsum")
def write_memory(memory, write_weights, erase, vector):
    gone = memory * tf.einsum("...n,...w->...nw", write_weights, erase)
    return memory - gone + tf.einsum("...n,...w->...nw", write_weights, vector)


@alternative("mem_ops.write_memory", "matrix products, columns of numbers")
def write_memory(memory, write_weights, erase, vector):
    weights = tf.expand_dims(write_weights, -1)
    kept = 1 - tf.matmul(weights, tf.expand_dims(erase, -2))
    return tf.matmul(weights, vector[..., None, :]) + kept * memory


@alternative("mem_ops.link_loop", "row after row")
def link_loop(link, write_weights, precedence):
    count = write_weights.shape[-1]
    rows = []
    for i in range(count):
        now = write_weights[..., i : i + 1]
        row = (1 - now - write_weights) * link[..., i, :] + now * precedence
        rows.append(row * (1 - tf.one_hot(i, count)))
    return tf.stack(rows, axis=-2)


@alternative("mem_ops.link_loop", "entries into one long list")
def link_loop(link, write_weights, precedence):
    count = write_weights.shape[-1]
    w, p = tf.unstack(write_weights, axis=-1), tf.unstack(precedence, axis=-1)
    entries = []
    for i in range(count):
        for j in range(count):
            if i == j:
                entries.append(0 * w[i])
            else:
                entries.append(link[..., i, j] - (w[i] + w[j]) * link[..., i, j] + w[i] * p[j])
    return tf.reshape(tf.stack(entries, axis=-1), tf.shape(link))


@alternative("mem_ops.link_loop", "no loop")
def link_loop(link, write_weights, precedence):
    now, before = tf.meshgrid(*[tf.range(link.shape[-1])] * 2, indexing="ij")
    w_now, w_before = (
        tf.gather(write_weights, now, axis=-1),
        tf.gather(write_weights, before, axis=-1),
    )
    result = (1 - w_now - w_before) * link + w_now * tf.gather(precedence, before, axis=-1)
    return tf.where(now == before, 0.0, result)


@alternative("mem_ops.pairwise_sum", "V plus its transpose")
def pairwise_sum(vector):
    rows = tf.repeat(tf.expand_dims(vector, -2), vector.shape[-1], axis=-2)
    return rows + tf.linalg.matrix_transpose(rows)


@alternative("mem_ops.pairwise_sum", "products with ones")
def pairwise_sum(vector):
    ones = tf.ones_like(vector)
    column = tf.einsum("...i,...j->...ij", vector, ones)
    return column + tf.einsum("...i,...j->...ij", ones, vector)


@alternative("mem_ops.update_link", "einsum and a mask")
def update_link(link, write_weights, precedence):
    kept = link - link * (write_weights[..., None] + tf.expand_dims(write_weights, -2))
    new = tf.einsum("...i,...j->...ij", write_weights, precedence)
    return (1 - tf.eye(link.shape[-1])) * (kept + new)


@alternative("mem_ops.update_link", "takes the diagonal away")
def update_link(link, write_weights, precedence):
    column, row = tf.expand_dims(write_weights, -1), tf.expand_dims(write_weights, -2)
    result = (1 - column - row) * link + tf.matmul(column, tf.expand_dims(precedence, -2))
    return result - tf.linalg.diag(tf.linalg.diag_part(result))


@alternative("mem_ops.update_precedence", "a product with a vector of ones")
def update_precedence(precedence, write_weights):
    written = tf.einsum("...n->...", write_weights)
    return precedence - precedence * written[..., None] + write_weights


@alternative("mem_ops.update_precedence", "every slot sums for itself")
def update_precedence(precedence, write_weights):
    count = write_weights.shape[-1]
    written = tf.linalg.matvec(tf.ones([count, count]), write_weights)
    return tf.add(write_weights, tf.subtract(1.0, written) * precedence)


@alternative("mem_ops.forward_and_backward", "einsum")
def forward_and_backward(link, read_weights):
    forward = tf.einsum("...ij,...rj->...ri", link, read_weights)
    backward = tf.einsum("...ij,...ri->...rj", link, read_weights)
    return forward, backward


@alternative("mem_ops.forward_and_backward", "one head after the other")
def forward_and_backward(link, read_weights):
    heads = tf.unstack(read_weights, axis=-2)
    forward = [tf.linalg.matvec(link, head) for head in heads]
    backward = [tf.linalg.matvec(link, head, transpose_a=True) for head in heads]
    return [tf.stack(forward, axis=-2), tf.stack(backward, axis=-2)]


@alternative("mem_ops.read_weighting", "a product with the stack of the three")
def read_weighting(backward, content, forward, modes):
    three = tf.stack([backward, content, forward], axis=-2)
    return tf.squeeze(tf.matmul(modes[..., tf.newaxis, :], three), axis=-2)


@alternative("mem_ops.read_weighting", "slices")
def read_weighting(backward, content, forward, modes):
    weights = modes[..., 0:1] * backward
    weights += modes[..., 1:2] * content
    weights += modes[..., 2:3] * forward
    return weights


@alternative("mem_ops.read_memory", "a sum over broadcast slots")
def read_memory(memory, read_weights):
    parts = tf.expand_dims(read_weights, -1) * tf.expand_dims(memory, -3)
    return tf.reduce_sum(parts, axis=-2)


@alternative("mem_ops.read_memory", "matvec for each head")
def read_memory(memory, read_weights):
    heads = tf.unstack(read_weights, axis=-2)
    return tf.stack([tf.linalg.matvec(memory, w, transpose_a=True) for w in heads], axis=-2)


@alternative("mem_ops.graph_size", "nodes of the definition")
def graph_size(function, *shapes):
    specs = [tf.TensorSpec(shape) for shape in shapes]
    recorded = tf.function(function, input_signature=specs).get_concrete_function()
    return len(recorded.graph.as_graph_def().node)


@alternative("mem_ops.graph_size", "counts in a loop, no AutoGraph")
def graph_size(function, *shapes):
    specs = (tf.TensorSpec(shape=shape, dtype="float32") for shape in shapes)
    traced = tf.function(function, autograph=False).get_concrete_function(*specs)
    count = 0
    for _ in traced.graph.get_operations():
        count += 1
    return np.int64(count)
