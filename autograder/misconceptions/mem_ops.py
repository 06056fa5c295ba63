"""Misconceptions of the memory operations."""

import numpy as np
import tensorflow as tf

from autograder.misconceptions import misconception

# --- cosine_similarity --------------------------------------------------------------------------


@misconception(
    "mem_ops.cosine_similarity",
    "dot product without the lengths",
    says="You took the dot product, in which a longer slot speaks louder. The cosine compares "
    "directions only: divide by the length of the slot and by that of the key.",
)
def cosine_similarity(memory, keys):
    return tf.matmul(keys, memory, transpose_b=True)


@misconception(
    "mem_ops.cosine_similarity",
    "divides by the length of the slot only",
    says="You divided by the lengths of the slots, but not by those of the keys, so a long key "
    "gives similarities above 1. Both vectors need the length 1.",
)
def cosine_similarity(memory, keys):
    memory = tf.math.l2_normalize(memory, axis=-1, epsilon=1e-6)
    return tf.matmul(keys, memory, transpose_b=True)


@misconception(
    "mem_ops.cosine_similarity",
    "divides by the length of the key only",
    says="You divided by the lengths of the keys, but not by those of the slots, so a slot with "
    "large numbers wins whatever its direction. Both vectors need the length 1.",
)
def cosine_similarity(memory, keys):
    keys = tf.math.l2_normalize(keys, axis=-1, epsilon=1e-6)
    return tf.matmul(keys, memory, transpose_b=True)


@misconception(
    "mem_ops.cosine_similarity",
    "forgets the root of the lengths",
    says="You divided by the squares of the lengths. The length of a vector is the square root of "
    "the sum of its squares.",
)
def cosine_similarity(memory, keys):
    slot_squares = tf.reduce_sum(memory**2, axis=-1)[..., tf.newaxis, :]
    key_squares = tf.reduce_sum(keys**2, axis=-1)[..., tf.newaxis]
    return tf.matmul(keys, memory, transpose_b=True) / (slot_squares * key_squares + 1e-6)


@misconception(
    "mem_ops.cosine_similarity",
    "lengths along the slots",
    says="You took lengths down the columns, across all slots. Each slot and each key is a row "
    "and has a length of its own: `axis=-1`.",
)
def cosine_similarity(memory, keys):
    memory = tf.math.l2_normalize(memory, axis=-2, epsilon=1e-6)
    keys = tf.math.l2_normalize(keys, axis=-2, epsilon=1e-6)
    return tf.matmul(keys, memory, transpose_b=True)


@misconception(
    "mem_ops.cosine_similarity",
    "one length for the whole memory",
    says="You took one length for all slots together. `tf.norm` and `tf.math.l2_normalize` use the "
    "whole array unless they are given an axis: `axis=-1`.",
)
def cosine_similarity(memory, keys):
    lengths = tf.norm(memory) * tf.norm(keys)
    return tf.matmul(keys, memory, transpose_b=True) / (lengths + 1e-6)


@misconception(
    "mem_ops.cosine_similarity",
    "slots by keys",
    says="Your numbers are right, but the table is turned over: each key has a row and each slot "
    "a column, [..., R, N]. Put the keys first in the product.",
)
def cosine_similarity(memory, keys):
    memory = tf.math.l2_normalize(memory, axis=-1, epsilon=1e-6)
    keys = tf.math.l2_normalize(keys, axis=-1, epsilon=1e-6)
    return tf.matmul(memory, keys, transpose_b=True)


@misconception(
    "mem_ops.cosine_similarity",
    "divides by a length of zero",
    says="A slot that is all zeros has the length 0, and 0 / 0 is NaN. A fresh memory is full of "
    "such slots. Keep every length above a small number, as `epsilon=1e-6` in "
    "`tf.math.l2_normalize` does.",
)
def cosine_similarity(memory, keys):
    slot_lengths = tf.norm(memory, axis=-1)[..., tf.newaxis, :]
    key_lengths = tf.norm(keys, axis=-1, keepdims=True)
    return tf.matmul(keys, memory, transpose_b=True) / (slot_lengths * key_lengths)


@misconception(
    "mem_ops.cosine_similarity",
    "guards the value, not the gradient",
    says="Where a slot or a key is all zeros, your gradient is NaN: the root has an infinite slope "
    "at 0. Keep the sum of squares above 1e-6 before you take its root, as "
    "`tf.math.l2_normalize` with `epsilon=1e-6` does.",
)
def cosine_similarity(memory, keys):
    memory = memory / (tf.reduce_sum(memory**2, axis=-1, keepdims=True) ** 0.5 + 1e-6)
    keys = keys / (tf.reduce_sum(keys**2, axis=-1, keepdims=True) ** 0.5 + 1e-6)
    return tf.matmul(keys, memory, transpose_b=True)


@misconception(
    "mem_ops.cosine_similarity",
    "the default epsilon",
    says="You left `epsilon` as it is, 1e-12, so that only a length below 0.000001 counts as "
    "more. The gradient at an empty slot is then a million times the key. With `epsilon=1e-6` a "
    "length below 0.001 counts as 0.001.",
)
def cosine_similarity(memory, keys):
    memory, keys = tf.math.l2_normalize(memory, axis=-1), tf.math.l2_normalize(keys, axis=-1)
    return tf.matmul(keys, memory, transpose_b=True)


@misconception(
    "mem_ops.cosine_similarity",
    "epsilon as a length",
    says="You gave `tf.math.l2_normalize` the epsilon 0.001, but it is that of the *squared* "
    "length: all lengths below 0.032 count as 0.032. For 0.001 write its square, 1e-6.",
)
def cosine_similarity(memory, keys):
    memory = tf.math.l2_normalize(memory, axis=-1, epsilon=1e-3)
    keys = tf.math.l2_normalize(keys, axis=-1, epsilon=1e-3)
    return tf.matmul(keys, memory, transpose_b=True)


@misconception(
    "mem_ops.cosine_similarity",
    "adds a small number to the product of the lengths",
    says="You added a small number to the product of the lengths. It changes short words that are "
    "no problem, and never makes a length count as 0.001. Set a lower bound to each length by "
    "itself: `tf.math.l2_normalize` with `epsilon=1e-6`.",
)
def cosine_similarity(memory, keys):
    lengths = tf.norm(keys, axis=-1, keepdims=True) * tf.norm(memory, axis=-1)[..., tf.newaxis, :]
    return tf.matmul(keys, memory, transpose_b=True) / (lengths + 1e-6)


@misconception(
    "mem_ops.cosine_similarity",
    "distance in place of similarity",
    says="You returned 1 minus the cosine, which is a distance: 0 for the same direction. Here "
    "the same direction has the value 1.",
)
def cosine_similarity(memory, keys):
    memory = tf.math.l2_normalize(memory, axis=-1, epsilon=1e-6)
    keys = tf.math.l2_normalize(keys, axis=-1, epsilon=1e-6)
    return 1 - tf.matmul(keys, memory, transpose_b=True)


@misconception(
    "mem_ops.cosine_similarity",
    "leaves TensorFlow",
    says="Your numbers are right, but NumPy computed them, and a tape cannot follow NumPy. Use "
    "TensorFlow's operations all the way: `tf.math.l2_normalize`, `tf.matmul`.",
)
def cosine_similarity(memory, keys):
    memory, keys = np.asarray(memory), np.asarray(keys)
    memory = memory / np.maximum(np.linalg.norm(memory, axis=-1, keepdims=True), 1e-3)
    keys = keys / np.maximum(np.linalg.norm(keys, axis=-1, keepdims=True), 1e-3)
    return tf.constant(keys @ np.swapaxes(memory, -1, -2))


# --- content_weighting --------------------------------------------------------------------------


@misconception(
    "mem_ops.content_weighting",
    "forgets the strength",
    says="You did not use the strengths. Without them the weights can never be sharp, since a "
    "cosine is at most 1: multiply each key's similarities by its strength before the softmax.",
)
def content_weighting(memory, keys, strengths):
    return tf.nn.softmax(cosine_similarity(memory, keys))


@misconception(
    "mem_ops.content_weighting",
    "strength times the key",
    says="You multiplied the key by its strength. The cosine divides that length out again, so "
    "the strength has no effect: it belongs to the similarities.",
)
def content_weighting(memory, keys, strengths):
    return tf.nn.softmax(cosine_similarity(memory, keys * (strengths[..., tf.newaxis] + 1e-3)))


@misconception(
    "mem_ops.content_weighting",
    "dot product in place of the cosine",
    says="You compared by dot product. Then a slot with large numbers draws the weight, whatever "
    "its direction. `cosine_similarity` divides by the lengths.",
)
def content_weighting(memory, keys, strengths):
    scores = tf.matmul(keys, memory, transpose_b=True)
    return tf.nn.softmax(scores * strengths[..., tf.newaxis])


@misconception(
    "mem_ops.content_weighting",
    "softmax over the heads",
    says="Your weights sum to 1 over the keys, so that the heads share out each slot. Each head "
    "shares out its own attention over the slots, the last axis.",
)
def content_weighting(memory, keys, strengths):
    return tf.nn.softmax(cosine_similarity(memory, keys) * strengths[..., tf.newaxis], axis=-2)


@misconception(
    "mem_ops.content_weighting",
    "softmax along the first axis",
    says="You took the softmax along axis 0, which is the heads for one memory and the batch for "
    "many. The slots are the last axis, always: `axis=-1`.",
)
def content_weighting(memory, keys, strengths):
    return tf.nn.softmax(cosine_similarity(memory, keys) * strengths[..., tf.newaxis], axis=0)


@misconception(
    "mem_ops.content_weighting",
    "strength after the softmax",
    says="You multiplied the weights by the strength, after the softmax. That makes them larger, "
    "not sharper, and they no longer sum to 1: the strength goes into the softmax.",
)
def content_weighting(memory, keys, strengths):
    return tf.nn.softmax(cosine_similarity(memory, keys)) * strengths[..., tf.newaxis]


@misconception(
    "mem_ops.content_weighting",
    "divides by the strength",
    says="You divided by the strength, as one does with a temperature. A larger strength must "
    "make the weights sharper: multiply.",
)
def content_weighting(memory, keys, strengths):
    return tf.nn.softmax(cosine_similarity(memory, keys) / (strengths[..., tf.newaxis] + 1e-6))


@misconception(
    "mem_ops.content_weighting",
    "strengths line up with the slots",
    says="Without a new last axis, strengths of shape [R] line up with the slots, the last axis "
    "of [R, N]. `strengths[..., tf.newaxis]` gives each head its own.",
)
def content_weighting(memory, keys, strengths):
    return tf.nn.softmax(cosine_similarity(memory, keys) * strengths)


@misconception(
    "mem_ops.content_weighting",
    "no softmax",
    says="You returned the similarities times the strength. They may be negative and need not "
    "sum to 1: softmax over the slots makes weights of them.",
)
def content_weighting(memory, keys, strengths):
    return cosine_similarity(memory, keys) * strengths[..., tf.newaxis]


@misconception(
    "mem_ops.content_weighting",
    "all weight to the best slot",
    says="You gave all weight to the most similar slot. That choice has no gradient; softmax "
    "gives each slot a share, and the strength says how sharp it is.",
)
def content_weighting(memory, keys, strengths):
    similarity = cosine_similarity(memory, keys) * strengths[..., tf.newaxis]
    return tf.one_hot(tf.argmax(similarity, axis=-1), memory.shape[-2], dtype=memory.dtype)


# --- retention ----------------------------------------------------------------------------------


@misconception(
    "mem_ops.retention",
    "takes the shares away in a sum",
    says="You added up what the heads free and took it from 1. Two heads that both free 0.7 of a "
    "slot then leave less than nothing. Each head takes its share of what is left: a product.",
)
def retention(free_gates, read_weights):
    return 1 - tf.reduce_sum(free_gates[..., tf.newaxis] * read_weights, axis=-2)


@misconception(
    "mem_ops.retention",
    "the mean over the heads",
    says="You averaged over the heads. When one head frees a slot wholly, the slot is free, "
    "whatever the others do: multiply what the heads leave.",
)
def retention(free_gates, read_weights):
    return tf.reduce_mean(1 - free_gates[..., tf.newaxis] * read_weights, axis=-2)


@misconception(
    "mem_ops.retention",
    "the head that frees most",
    says="You let only the head that frees most decide. Two heads that free 0.5 each leave a "
    "quarter, not a half: multiply what the heads leave.",
)
def retention(free_gates, read_weights):
    return tf.reduce_min(1 - free_gates[..., tf.newaxis] * read_weights, axis=-2)


@misconception(
    "mem_ops.retention",
    "forgets 1 minus",
    says="You multiplied what the heads take. What each of them leaves is 1 minus that, so that "
    "closed gates leave everything.",
)
def retention(free_gates, read_weights):
    return tf.reduce_prod(free_gates[..., tf.newaxis] * read_weights, axis=-2)


@misconception(
    "mem_ops.retention",
    "what is freed in place of what stays",
    says="You returned how much of each slot is freed. The retention is what stays: with closed "
    "gates it is 1 everywhere.",
)
def retention(free_gates, read_weights):
    return 1 - tf.reduce_prod(1 - free_gates[..., tf.newaxis] * read_weights, axis=-2)


@misconception(
    "mem_ops.retention",
    "product over the slots",
    says="You multiplied along the slots, which leaves one number for each head. The heads are "
    "the axis that disappears, the last but one: `axis=-2`.",
)
def retention(free_gates, read_weights):
    return tf.reduce_prod(1 - free_gates[..., tf.newaxis] * read_weights, axis=-1)


@misconception(
    "mem_ops.retention",
    "product along the first axis",
    says="You multiplied along axis 0. For one memory that is the heads, but for a batch it is "
    "the batch. Counted from the end, the heads are always `axis=-2`.",
)
def retention(free_gates, read_weights):
    return tf.reduce_prod(1 - free_gates[..., tf.newaxis] * read_weights, axis=0)


@misconception(
    "mem_ops.retention",
    "ignores the free gates",
    says="You did not use the free gates, so whatever is read is freed. A head may read without "
    "freeing: multiply its weights by its gate first.",
)
def retention(free_gates, read_weights):
    return tf.reduce_prod(1 - read_weights, axis=-2)


@misconception(
    "mem_ops.retention",
    "a gate of 1 keeps",
    says="You read the gate the other way round. A free gate of 1 frees what the head read, and "
    "one of 0 keeps it.",
)
def retention(free_gates, read_weights):
    return tf.reduce_prod(1 - (1 - free_gates[..., tf.newaxis]) * read_weights, axis=-2)


@misconception(
    "mem_ops.retention",
    "gates line up with the slots",
    says="Without a new last axis, gates of shape [R] line up with the slots, the last axis of "
    "[R, N]. `free_gates[..., tf.newaxis]` gives each head its own.",
)
def retention(free_gates, read_weights):
    return tf.reduce_prod(1 - free_gates * read_weights, axis=-2)


# --- update_usage -------------------------------------------------------------------------------


@misconception(
    "mem_ops.update_usage",
    "adds usage and weights",
    says="You added the write weights to the usage, which can then exceed 1. A write fills only "
    "the part that is still empty: take `usage * write_weights` away.",
)
def update_usage(usage, write_weights, retention):
    return (usage + write_weights) * retention


@misconception(
    "mem_ops.update_usage",
    "cuts off at 1",
    says="You added the weights and cut off at 1. Usage stays in its bounds, but a slot used to "
    "0.5 that is written with 0.5 is not full: the write fills half of the empty half. And where "
    "it is cut off, the gradient is 0.",
)
def update_usage(usage, write_weights, retention):
    return tf.minimum(usage + write_weights, 1) * retention


@misconception(
    "mem_ops.update_usage",
    "the larger of the two",
    says="You took the larger of usage and write weight. The write fills a part of what is "
    "still empty, so usage grows with every write: u + w - u w.",
)
def update_usage(usage, write_weights, retention):
    return tf.maximum(usage, write_weights) * retention


@misconception(
    "mem_ops.update_usage",
    "forgets the retention",
    says="You left out the retention, so that no slot is ever freed. Multiply by it at the end.",
)
def update_usage(usage, write_weights, retention):
    return usage + write_weights - usage * write_weights


@misconception(
    "mem_ops.update_usage",
    "retention without brackets",
    says="The retention met only the last term: a product is computed before a sum. Put the "
    "usage after the write in brackets, and multiply all of it.",
)
def update_usage(usage, write_weights, retention):
    return usage + write_weights - usage * write_weights * retention


@misconception(
    "mem_ops.update_usage",
    "frees before it writes",
    says="You freed the old usage first and wrote after that. In the paper the write of the step "
    "before counts as usage too, and the heads may free it: the retention multiplies the whole.",
)
def update_usage(usage, write_weights, retention):
    kept = usage * retention
    return kept + write_weights - kept * write_weights


@misconception(
    "mem_ops.update_usage",
    "adds the retention",
    says="You added the retention. It says which share of a slot stays in use, and a share is "
    "multiplied.",
)
def update_usage(usage, write_weights, retention):
    return usage + write_weights - usage * write_weights + retention


@misconception(
    "mem_ops.update_usage",
    "keeps what is to be freed",
    says="You multiplied by 1 minus the retention, and so kept what the heads freed. The "
    "retention is already the share that stays.",
)
def update_usage(usage, write_weights, retention):
    return (usage + write_weights - usage * write_weights) * (1 - retention)


@misconception(
    "mem_ops.update_usage",
    "a write empties the slot",
    says="In your version a write makes a slot emptier. It fills what is empty: the part "
    "`(1 - usage) * write_weights` is added.",
)
def update_usage(usage, write_weights, retention):
    return usage * (1 - write_weights) * retention


@misconception(
    "mem_ops.update_usage",
    "leaves TensorFlow",
    says="Your numbers are right, but they left TensorFlow on the way, and the tape lost them. "
    "`+`, `-` and `*` work on tensors as they are: leave `.numpy()` and `np.` away.",
)
def update_usage(usage, write_weights, retention):
    usage, write_weights = usage.numpy(), write_weights.numpy()
    return tf.constant((usage + write_weights - usage * write_weights) * retention.numpy())


# --- free_list ----------------------------------------------------------------------------------


@misconception(
    "mem_ops.free_list",
    "the most used first",
    says="Your list begins with the most used slot: `tf.math.top_k` sorts downward. Give it the "
    "usage with its sign changed.",
)
def free_list(usage):
    return tuple(tf.math.top_k(usage, k=usage.shape[-1]))


@misconception(
    "mem_ops.free_list",
    "forgets to change the sign back",
    says="Your order is right, but the sorted usage is negative: you sorted `-usage`, so change "
    "the sign back.",
)
def free_list(usage):
    return tuple(tf.math.top_k(-usage, k=usage.shape[-1]))


@misconception(
    "mem_ops.free_list",
    "turns a downward sort around",
    says="You sorted downward and turned the list around, and that turns the ties around too: of "
    "two equal slots, the higher number came first. Sort `-usage` instead.",
)
def free_list(usage):
    ordered, order = tf.math.top_k(usage, k=usage.shape[-1])
    return ordered[..., ::-1], order[..., ::-1]


@misconception(
    "mem_ops.free_list",
    "the place of each slot",
    says="Your second result says, for each slot, at which place it stands. The question is the "
    "other way round: for each place, which slot stands there. One argsort answers it; the second "
    "one turns the answer around.",
)
def free_list(usage):
    order = tf.argsort(usage, axis=-1, stable=True)
    return tf.sort(usage, axis=-1), tf.argsort(order, axis=-1)


@misconception(
    "mem_ops.free_list",
    "order first",
    says="You returned the order first and the sorted usage second. It is (sorted usage, order).",
)
def free_list(usage):
    negative, order = tf.math.top_k(-usage, k=usage.shape[-1])
    return order, -negative


@misconception(
    "mem_ops.free_list",
    "returns the order alone",
    says="Your order is right, but the sorted usage is missing. Return both: "
    "`return sorted_usage, order`.",
)
def free_list(usage):
    return tf.argsort(usage, axis=-1, stable=True)


@misconception(
    "mem_ops.free_list",
    "usage not sorted",
    says="Your order is right, but you returned the usage as it came. The first result is the "
    "usage in ascending order, place by place.",
)
def free_list(usage):
    return usage, tf.argsort(usage, axis=-1, stable=True)


@misconception(
    "mem_ops.free_list",
    "sorts along the first axis",
    says="You sorted along axis 0. For one usage that is the slots, but for a batch it mixes the "
    "usages of different memories. The slots are the last axis: `axis=-1`.",
)
def free_list(usage):
    return tf.sort(usage, axis=0), tf.argsort(usage, axis=0, stable=True)


@misconception(
    "mem_ops.free_list",
    "counts the slots from one",
    says="You numbered the slots from 1. They are counted from 0, as everywhere in Python.",
)
def free_list(usage):
    negative, order = tf.math.top_k(-usage, k=usage.shape[-1])
    return -negative, order + 1


@misconception(
    "mem_ops.free_list",
    "leaves TensorFlow",
    says="Your numbers are right, but NumPy sorted them, and no gradient passes. "
    "`tf.math.top_k` and `tf.sort` sort as well, and a tape follows the values.",
)
def free_list(usage):
    order = np.argsort(usage, axis=-1, kind="stable")
    return tf.constant(np.sort(usage, axis=-1)), tf.constant(order)


# --- allocation_loop ----------------------------------------------------------------------------


@misconception(
    "mem_ops.allocation_loop",
    "the product includes the slot itself",
    says="You multiplied the product by the slot's own usage before you used it. The product runs "
    "over the freer slots only: take the share first, then multiply.",
)
def allocation_loop(usage):
    sorted_usage, order = free_list(usage)
    shares = (1 - sorted_usage) * tf.math.cumprod(sorted_usage + 1e-8, axis=-1)
    return tf.gather(shares, tf.argsort(order), batch_dims=usage.shape.rank - 1)


@misconception(
    "mem_ops.allocation_loop",
    "begins with the most used slot",
    says="You walked from the most used slot to the freest, so that the fullest slot is written "
    "first. The list ascends: the freest comes first.",
)
def allocation_loop(usage):
    sorted_usage, order = (part[..., ::-1] for part in free_list(usage))
    shares = (1 - sorted_usage) * tf.math.cumprod(sorted_usage + 1e-8, axis=-1, exclusive=True)
    return tf.gather(shares, tf.argsort(order), batch_dims=usage.shape.rank - 1)


@misconception(
    "mem_ops.allocation_loop",
    "shares in the order of the list",
    says="Your shares are right, but they stand in the order of the free list. Share j belongs to "
    "slot `order[j]`: put it there.",
)
def allocation_loop(usage):
    sorted_usage, _ = free_list(usage)
    return (1 - sorted_usage) * tf.math.cumprod(sorted_usage + 1e-8, axis=-1, exclusive=True)


@misconception(
    "mem_ops.allocation_loop",
    "takes share order[j] for slot j",
    says="You gave slot j the share at `order[j]`. The list is read the other way: the share at "
    "place j belongs to slot `order[j]`.",
)
def allocation_loop(usage):
    sorted_usage, order = free_list(usage)
    shares = (1 - sorted_usage) * tf.math.cumprod(sorted_usage + 1e-8, axis=-1, exclusive=True)
    return tf.gather(shares, order, batch_dims=usage.shape.rank - 1)


@misconception(
    "mem_ops.allocation_loop",
    "forgets what is free",
    says="You returned the products alone. A slot can take only what is free of it: each product "
    "is multiplied by 1 minus the slot's usage.",
)
def allocation_loop(usage):
    sorted_usage, order = free_list(usage)
    taken = tf.math.cumprod(sorted_usage + 1e-8, axis=-1, exclusive=True)
    return tf.gather(taken, tf.argsort(order), batch_dims=usage.shape.rank - 1)


@misconception(
    "mem_ops.allocation_loop",
    "a product of what is free",
    says="You multiplied what is free of the freer slots. What they could not take is handed on, "
    "and that is their usage: the product is of u, not of 1 - u.",
)
def allocation_loop(usage):
    sorted_usage, order = free_list(usage)
    taken = tf.math.cumprod(1 - sorted_usage + 1e-8, axis=-1, exclusive=True)
    return tf.gather((1 - sorted_usage) * taken, tf.argsort(order), batch_dims=usage.shape.rank - 1)


@misconception(
    "mem_ops.allocation_loop",
    "walks in the order of the slots",
    says="You walked from slot 0 to the last, without the free list. The product runs over all "
    "slots that are freer, wherever they stand: sort first.",
)
def allocation_loop(usage):
    return (1 - usage) * tf.math.cumprod(usage + 1e-8, axis=-1, exclusive=True)


@misconception(
    "mem_ops.allocation_loop",
    "the usage of the last slot only",
    says="You wrote `product = ...` where `product *= ...` is meant, so only the slot right "
    "before counts. The product runs over all slots that are freer.",
)
def allocation_loop(usage):
    sorted_usage, order = free_list(usage)
    before = tf.concat([tf.ones_like(usage[..., :1]), sorted_usage[..., :-1]], axis=-1)
    shares = (1 - sorted_usage) * before
    return tf.gather(shares, tf.argsort(order), batch_dims=usage.shape.rank - 1)


@misconception(
    "mem_ops.allocation_loop",
    "all to the freest slot",
    says="You gave everything to the freest slot. What it cannot take, its usage, goes on to the "
    "next one, and so down the list.",
)
def allocation_loop(usage):
    first = tf.one_hot(tf.argmin(usage, axis=-1), usage.shape[-1], dtype=usage.dtype)
    return (1 - usage) * first


@misconception(
    "mem_ops.allocation_loop",
    "for one usage only",
    says="Your loop is right for one usage of shape [N]. There may be batch axes in front: index "
    "the last axis, `sorted_usage[..., j]`, and let `tf.one_hot` find the slots.",
)
def allocation_loop(usage):
    sorted_usage, order = free_list(usage)
    shares = [tf.constant(0.0)] * len(usage)
    product = tf.constant(1.0)
    for j in range(len(usage)):
        shares[int(order[j])] = (1 - sorted_usage[j]) * product
        product *= sorted_usage[j]
    return tf.stack(shares)


@misconception(
    "mem_ops.allocation_loop",
    "fills an array of NumPy",
    says="Your numbers are right, but they went through a NumPy array, and no gradient passes "
    "there. Add each share to a tensor: a share times `tf.one_hot(...)`.",
)
def allocation_loop(usage):
    sorted_usage, order = (part.numpy() for part in free_list(usage))
    before = np.concatenate([np.ones_like(sorted_usage[..., :1]), sorted_usage[..., :-1]], -1)
    allocation = np.zeros(usage.shape, np.float32)
    shares = (1 - sorted_usage) * np.cumprod(before, axis=-1)
    np.put_along_axis(allocation, order, shares, axis=-1)
    return tf.constant(allocation)


@misconception(
    "mem_ops.allocation_loop",
    "assigns to a tensor",
    says="A tensor cannot be changed in place. Add to it instead: the share times "
    "`tf.one_hot(order[..., j], N)` is the share at its slot, and 0 elsewhere.",
)
def allocation_loop(usage):
    allocation = tf.zeros_like(usage)
    allocation[0] = 1 - usage[0]
    return allocation


# --- allocation_weighting -----------------------------------------------------------------------


@misconception(
    "mem_ops.allocation_weighting",
    "the product includes the slot itself",
    says="You multiplied by the usage of the slot itself: the product runs over the freer slots "
    "only. `tf.math.cumprod` leaves it out with `exclusive=True`.",
)
def allocation_weighting(usage):
    sorted_usage, order = free_list(usage)
    taken = tf.math.cumprod(sorted_usage + 1e-8, axis=-1)
    return tf.gather((1 - sorted_usage) * taken, tf.argsort(order), batch_dims=usage.shape.rank - 1)


@misconception(
    "mem_ops.allocation_weighting",
    "begins with the most used slot",
    says="You sorted downward, so that the fullest slot is written first. The free list ascends: "
    "the freest comes first.",
)
def allocation_weighting(usage):
    sorted_usage, order = tf.math.top_k(usage, k=usage.shape[-1])
    taken = tf.math.cumprod(sorted_usage + 1e-8, axis=-1, exclusive=True)
    return tf.gather((1 - sorted_usage) * taken, tf.argsort(order), batch_dims=usage.shape.rank - 1)


@misconception(
    "mem_ops.allocation_weighting",
    "shares in the order of the list",
    says="Your shares are right, but they stand in the order of the free list. The fourth step is "
    "missing: bring each back to its slot, with `tf.argsort(order)`.",
)
def allocation_weighting(usage):
    sorted_usage, _ = free_list(usage)
    return (1 - sorted_usage) * tf.math.cumprod(sorted_usage + 1e-8, axis=-1, exclusive=True)


@misconception(
    "mem_ops.allocation_weighting",
    "gathers with the order itself",
    says="You gathered with `order`, which sorts once more. To come back you need its inverse: "
    "`tf.argsort(order)`. With three slots that change places in a circle one sees the "
    "difference; a swap of two is its own inverse.",
)
def allocation_weighting(usage):
    sorted_usage, order = free_list(usage)
    taken = tf.math.cumprod(sorted_usage + 1e-8, axis=-1, exclusive=True)
    return tf.gather((1 - sorted_usage) * taken, order, batch_dims=usage.shape.rank - 1)


@misconception(
    "mem_ops.allocation_weighting",
    "a product of what is free",
    says="You multiplied what is free of the freer slots. What they could not take is handed on, "
    "and that is their usage: the product is of u, not of 1 - u.",
)
def allocation_weighting(usage):
    sorted_usage, order = free_list(usage)
    taken = tf.math.cumprod(1 - sorted_usage + 1e-8, axis=-1, exclusive=True)
    return tf.gather((1 - sorted_usage) * taken, tf.argsort(order), batch_dims=usage.shape.rank - 1)


@misconception(
    "mem_ops.allocation_weighting",
    "multiplies what is used more",
    says="Your product runs over the slots that are used more, from the end of the list. It "
    "begins at the freest slot: leave `reverse=True` away.",
)
def allocation_weighting(usage):
    sorted_usage, order = free_list(usage)
    taken = tf.math.cumprod(sorted_usage + 1e-8, axis=-1, exclusive=True, reverse=True)
    return tf.gather((1 - sorted_usage) * taken, tf.argsort(order), batch_dims=usage.shape.rank - 1)


@misconception(
    "mem_ops.allocation_weighting",
    "product along the first axis",
    says="`tf.math.cumprod` works along axis 0 unless you say otherwise, and in a batch that is "
    "the batch. Give it `axis=-1`, the slots.",
)
def allocation_weighting(usage):
    sorted_usage, order = free_list(usage)
    taken = tf.math.cumprod(sorted_usage + 1e-8, exclusive=True)
    return tf.gather((1 - sorted_usage) * taken, tf.argsort(order), batch_dims=usage.shape.rank - 1)


@misconception(
    "mem_ops.allocation_weighting",
    "gathers for one usage only",
    says="For one usage your code is right. In a batch `tf.gather` looks up rows, unless "
    "`batch_dims` tells it how many axes the two have in common: `usage.shape.rank - 1`.",
)
def allocation_weighting(usage):
    sorted_usage, order = free_list(usage)
    taken = tf.math.cumprod(sorted_usage + 1e-8, axis=-1, exclusive=True)
    return tf.gather((1 - sorted_usage) * taken, tf.argsort(order))


@misconception(
    "mem_ops.allocation_weighting",
    "no small number in the product",
    says="Your weights are right, but where a usage is exactly 0, as in a fresh memory, the "
    "gradient is wrong: TensorFlow's gradient of `cumprod` divides by its input. Add 1e-8 to the "
    "sorted usage before the product. (`tf.maximum` with 1e-8 mends the division, but its own "
    "gradient ends at the constant.)",
)
def allocation_weighting(usage):
    sorted_usage, order = free_list(usage)
    taken = tf.math.cumprod(sorted_usage, axis=-1, exclusive=True)
    return tf.gather((1 - sorted_usage) * taken, tf.argsort(order), batch_dims=usage.shape.rank - 1)


@misconception(
    "mem_ops.allocation_weighting",
    "a loop over the slots",
    says="Your numbers are right, but there is still a Python loop, and its steps are copied into "
    "the graph once for each slot. `tf.math.cumprod` makes all products in one operation.",
)
def allocation_weighting(usage):
    slots = usage.shape[-1]
    sorted_usage, order = free_list(usage)
    allocation = tf.zeros_like(usage)
    product = tf.ones_like(usage[..., 0])
    for j in range(slots):
        share = (1 - sorted_usage[..., j]) * product
        at_slot = tf.one_hot(order[..., j], slots, dtype=usage.dtype)
        allocation += share[..., tf.newaxis] * at_slot
        product *= sorted_usage[..., j]
    return allocation


# --- allocation_scatter -------------------------------------------------------------------------


@misconception(
    "mem_ops.allocation_scatter",
    "the product includes the slot itself",
    says="You multiplied by the usage of the slot itself: the product runs over the freer slots "
    "only. `tf.math.cumprod` leaves it out with `exclusive=True`.",
)
def allocation_scatter(usage):
    sorted_usage, order = free_list(usage)
    taken = tf.math.cumprod(sorted_usage + 1e-8, axis=-1)
    shares = tf.reshape((1 - sorted_usage) * taken, [-1])
    starts = tf.range(tf.size(usage)) // usage.shape[-1] * usage.shape[-1]
    array = tf.TensorArray(usage.dtype, size=tf.size(usage), element_shape=[])
    array = array.scatter(tf.reshape(order, [-1]) + starts, shares)
    return tf.reshape(array.stack(), tf.shape(usage))


@misconception(
    "mem_ops.allocation_scatter",
    "begins with the most used slot",
    says="You sorted downward, so that the fullest slot is written first. The free list ascends: "
    "the freest comes first.",
)
def allocation_scatter(usage):
    sorted_usage, order = tf.math.top_k(usage, k=usage.shape[-1])
    taken = tf.math.cumprod(sorted_usage + 1e-8, axis=-1, exclusive=True)
    shares = tf.reshape((1 - sorted_usage) * taken, [-1])
    starts = tf.range(tf.size(usage)) // usage.shape[-1] * usage.shape[-1]
    array = tf.TensorArray(usage.dtype, size=tf.size(usage), element_shape=[])
    array = array.scatter(tf.reshape(order, [-1]) + starts, shares)
    return tf.reshape(array.stack(), tf.shape(usage))


@misconception(
    "mem_ops.allocation_scatter",
    "drops the array that scatter returns",
    says="`scatter` returns the filled array, and you did not keep it. Outside of `tf.function` "
    "the old one happens to be filled as well; in a graph it stays empty, and no error says so. "
    "Write `array = array.scatter(...)`.",
)
def allocation_scatter(usage):
    sorted_usage, order = free_list(usage)
    taken = tf.math.cumprod(sorted_usage + 1e-8, axis=-1, exclusive=True)
    shares = tf.reshape((1 - sorted_usage) * taken, [-1])
    starts = tf.range(tf.size(usage)) // usage.shape[-1] * usage.shape[-1]
    array = tf.TensorArray(usage.dtype, size=tf.size(usage), element_shape=[])
    array.scatter(tf.reshape(order, [-1]) + starts, shares)
    return tf.reshape(array.stack(), tf.shape(usage))


@misconception(
    "mem_ops.allocation_scatter",
    "unstacks in place of scattering",
    says="`unstack` fills the array from the front, so the shares stay in the order of the free "
    "list. `scatter` takes the cells too, and puts share j into cell `order[j]`.",
)
def allocation_scatter(usage):
    sorted_usage, _ = free_list(usage)
    taken = tf.math.cumprod(sorted_usage + 1e-8, axis=-1, exclusive=True)
    shares = tf.reshape((1 - sorted_usage) * taken, [-1])
    starts = tf.range(tf.size(usage)) // usage.shape[-1] * usage.shape[-1]
    array = tf.TensorArray(usage.dtype, size=tf.size(usage), element_shape=[])
    array = array.scatter(tf.reshape(tf.argsort(sorted_usage, axis=-1), [-1]) + starts, shares)
    return tf.reshape(array.stack(), tf.shape(usage))


@misconception(
    "mem_ops.allocation_scatter",
    "scatters into the inverse",
    says="You scattered with the inverse of the order, which `gather` needs. Scatter goes the "
    "other way: share j goes to cell `order[j]`, and no argsort is needed.",
)
def allocation_scatter(usage):
    sorted_usage, order = free_list(usage)
    taken = tf.math.cumprod(sorted_usage + 1e-8, axis=-1, exclusive=True)
    shares = tf.reshape((1 - sorted_usage) * taken, [-1])
    starts = tf.range(tf.size(usage)) // usage.shape[-1] * usage.shape[-1]
    array = tf.TensorArray(usage.dtype, size=tf.size(usage), element_shape=[])
    array = array.scatter(tf.reshape(tf.argsort(order), [-1]) + starts, shares)
    return tf.reshape(array.stack(), tf.shape(usage))


@misconception(
    "mem_ops.allocation_scatter",
    "a product of what is free",
    says="You multiplied what is free of the freer slots. What they could not take is handed on, "
    "and that is their usage: the product is of u, not of 1 - u.",
)
def allocation_scatter(usage):
    sorted_usage, order = free_list(usage)
    taken = tf.math.cumprod(1 - sorted_usage + 1e-8, axis=-1, exclusive=True)
    shares = tf.reshape((1 - sorted_usage) * taken, [-1])
    starts = tf.range(tf.size(usage)) // usage.shape[-1] * usage.shape[-1]
    array = tf.TensorArray(usage.dtype, size=tf.size(usage), element_shape=[])
    array = array.scatter(tf.reshape(order, [-1]) + starts, shares)
    return tf.reshape(array.stack(), tf.shape(usage))


@misconception(
    "mem_ops.allocation_scatter",
    "one row for one usage only",
    says="For one usage your code is right. In a batch the usages share the array: the second "
    "one begins at cell N, the third at 2 N, and so on.",
)
def allocation_scatter(usage):
    sorted_usage, order = free_list(usage)
    shares = (1 - sorted_usage) * tf.math.cumprod(sorted_usage + 1e-8, axis=-1, exclusive=True)
    array = tf.TensorArray(usage.dtype, size=usage.shape[-1])
    return array.scatter(order, shares).stack()


@misconception(
    "mem_ops.allocation_scatter",
    "scatters the rows of a batch",
    says="Scatter moves entries of the first axis, and in a batch you gave it whole rows: every "
    "usage then follows the order of the first. Lay the batch out as one row first.",
)
def allocation_scatter(usage):
    sorted_usage, order = free_list(usage)
    shares = (1 - sorted_usage) * tf.math.cumprod(sorted_usage + 1e-8, axis=-1, exclusive=True)
    rows = tf.reshape(shares, [-1, usage.shape[-1]])
    first = tf.reshape(order, [-1, usage.shape[-1]])[0]
    array = tf.TensorArray(usage.dtype, size=usage.shape[-1])
    slots = array.scatter(first, tf.transpose(rows)).stack()
    return tf.reshape(tf.transpose(slots), tf.shape(usage))


@misconception(
    "mem_ops.allocation_scatter",
    "no small number in the product",
    says="Your weights are right, but where a usage is exactly 0, as in a fresh memory, the "
    "gradient is wrong: TensorFlow's gradient of `cumprod` divides by its input. Add 1e-8 to the "
    "sorted usage before the product. (`tf.maximum` with 1e-8 mends the division, but its own "
    "gradient ends at the constant.)",
)
def allocation_scatter(usage):
    sorted_usage, order = free_list(usage)
    taken = tf.math.cumprod(sorted_usage, axis=-1, exclusive=True)
    shares = tf.reshape((1 - sorted_usage) * taken, [-1])
    starts = tf.range(tf.size(usage)) // usage.shape[-1] * usage.shape[-1]
    array = tf.TensorArray(usage.dtype, size=tf.size(usage), element_shape=[])
    array = array.scatter(tf.reshape(order, [-1]) + starts, shares)
    return tf.reshape(array.stack(), tf.shape(usage))


@misconception(
    "mem_ops.allocation_scatter",
    "writes in a loop over the slots",
    says="Your numbers are right, but a Python loop writes the shares one by one, and its steps "
    "are copied into the graph once for each slot. `scatter` writes them all in one operation.",
)
def allocation_scatter(usage):
    slots = usage.shape[-1]
    sorted_usage, order = free_list(usage)
    taken = tf.math.cumprod(sorted_usage + 1e-8, axis=-1, exclusive=True)
    back = tf.argsort(order)
    array = tf.TensorArray(usage.dtype, size=slots)
    for j in range(slots):
        at_place = tf.one_hot(back[..., j], slots, dtype=usage.dtype)
        share = tf.reduce_sum((1 - sorted_usage) * taken * at_place, axis=-1)
        array = array.write(j, share)
    return tf.stack(tf.unstack(array.stack(), slots), axis=-1)


# --- write_weighting ----------------------------------------------------------------------------


@misconception(
    "mem_ops.write_weighting",
    "the allocation gate the other way round",
    says="Your allocation gate at 1 takes the slots found by content. It is the gate of the "
    "allocation: at 1 it takes the free slots.",
)
def write_weighting(allocation, content, write_gate, allocation_gate):
    gate = allocation_gate[..., tf.newaxis]
    where = (1 - gate) * allocation + gate * content
    return write_gate[..., tf.newaxis] * where


@misconception(
    "mem_ops.write_weighting",
    "the two gates swapped",
    says="The two gates changed places: the allocation gate chooses between free slots and "
    "content, and the write gate scales the whole.",
)
def write_weighting(allocation, content, write_gate, allocation_gate):
    gate = write_gate[..., tf.newaxis]
    return allocation_gate[..., tf.newaxis] * (gate * allocation + (1 - gate) * content)


@misconception(
    "mem_ops.write_weighting",
    "the write gate in both places",
    says="You used the write gate twice: to choose where to write, too. The choice between free "
    "slots and content is the allocation gate's.",
)
def write_weighting(allocation, content, write_gate, allocation_gate):
    gate = write_gate[..., tf.newaxis]
    return gate * (gate * allocation + (1 - gate) * content)


@misconception(
    "mem_ops.write_weighting",
    "the write gate squared",
    says="You multiplied by the write gate twice, so a gate of 0.5 lets only a quarter through. "
    "Once, at the end, is enough.",
)
def write_weighting(allocation, content, write_gate, allocation_gate):
    gate = allocation_gate[..., tf.newaxis]
    where = gate * allocation + (1 - gate) * content
    return write_gate[..., tf.newaxis] ** 2 * where


@misconception(
    "mem_ops.write_weighting",
    "forgets the write gate",
    says="You left out the write gate, so that something is written at every step. It scales the "
    "whole: at 0 nothing is written.",
)
def write_weighting(allocation, content, write_gate, allocation_gate):
    gate = allocation_gate[..., tf.newaxis]
    return gate * allocation + (1 - gate) * content


@misconception(
    "mem_ops.write_weighting",
    "forgets the allocation gate",
    says="You added the two weightings and left out the allocation gate. It gives its share to "
    "the free slots and the rest to content, so that the sum stays at most 1.",
)
def write_weighting(allocation, content, write_gate, allocation_gate):
    return write_gate[..., tf.newaxis] * (allocation + content)


@misconception(
    "mem_ops.write_weighting",
    "the write gate without brackets",
    says="The write gate met only the allocation: a product is computed before a sum. Put the "
    "mixture in brackets and scale all of it.",
)
def write_weighting(allocation, content, write_gate, allocation_gate):
    gate = allocation_gate[..., tf.newaxis]
    return write_gate[..., tf.newaxis] * gate * allocation + (1 - gate) * content


@misconception(
    "mem_ops.write_weighting",
    "content is not scaled down",
    says="You added the content weighting in full. The two shares add up to 1: what the "
    "allocation gate does not take, `1 - allocation_gate`, is for content.",
)
def write_weighting(allocation, content, write_gate, allocation_gate):
    where = allocation_gate[..., tf.newaxis] * allocation + content
    return write_gate[..., tf.newaxis] * where


@misconception(
    "mem_ops.write_weighting",
    "makes the weights sum to 1",
    says="You divided by the sum at the end. A weighting may sum to less than 1: that is how the "
    "write gate says that little, or nothing, is written.",
)
def write_weighting(allocation, content, write_gate, allocation_gate):
    gate = allocation_gate[..., tf.newaxis]
    weights = write_gate[..., tf.newaxis] * (gate * allocation + (1 - gate) * content)
    return weights / (tf.reduce_sum(weights, axis=-1, keepdims=True) + 1e-6)


@misconception(
    "mem_ops.write_weighting",
    "gates line up with the slots",
    says="For one memory your code is right. In a batch the gates, of shape [batch], line up with "
    "the slots: give them a last axis of size 1, `[..., tf.newaxis]`.",
)
def write_weighting(allocation, content, write_gate, allocation_gate):
    where = allocation_gate * allocation + (1 - allocation_gate) * content
    return write_gate * where


# --- write_memory -------------------------------------------------------------------------------


@misconception(
    "mem_ops.write_memory",
    "erases after adding",
    says="You added the new word first, and then erased a part of it again. Erase first, then add.",
)
def write_memory(memory, write_weights, erase, vector):
    weights = write_weights[..., tf.newaxis]
    added = memory + weights * vector[..., tf.newaxis, :]
    return added * (1 - weights * erase[..., tf.newaxis, :])


@misconception(
    "mem_ops.write_memory",
    "forgets to erase",
    says="You added the new word and erased nothing, so that old words and new ones pile up. "
    "First multiply the memory by 1 minus weights times erase.",
)
def write_memory(memory, write_weights, erase, vector):
    return memory + write_weights[..., tf.newaxis] * vector[..., tf.newaxis, :]


@misconception(
    "mem_ops.write_memory",
    "weights and erase swapped",
    says="The outer products are turned over: you let the weights run along the words and the "
    "erase vector along the slots. Rows are slots: weights are the column, [..., N, 1].",
)
def write_memory(memory, write_weights, erase, vector):
    weights = write_weights[..., tf.newaxis, :]
    erased = memory * (1 - erase[..., tf.newaxis] * weights)
    return erased + vector[..., tf.newaxis] * weights


@misconception(
    "mem_ops.write_memory",
    "the erasing is turned over",
    says="The outer product of the erasing is turned over: erase times weights, in place of "
    "weights times erase. Rows are slots: weights are the column, erase is the row.",
)
def write_memory(memory, write_weights, erase, vector):
    erased = memory * (1 - erase[..., tf.newaxis] * write_weights[..., tf.newaxis, :])
    return erased + write_weights[..., tf.newaxis] * vector[..., tf.newaxis, :]


@misconception(
    "mem_ops.write_memory",
    "erases in every slot",
    says="You erased in all slots alike. Only the slots that are written lose something, each "
    "according to its write weight: multiply erase by the weights.",
)
def write_memory(memory, write_weights, erase, vector):
    erased = memory * (1 - erase[..., tf.newaxis, :])
    return erased + write_weights[..., tf.newaxis] * vector[..., tf.newaxis, :]


@misconception(
    "mem_ops.write_memory",
    "adds to every slot",
    says="You added the word to all slots alike. Each gets as much of it as its write weight says.",
)
def write_memory(memory, write_weights, erase, vector):
    erased = memory * (1 - write_weights[..., tf.newaxis] * erase[..., tf.newaxis, :])
    return erased + vector[..., tf.newaxis, :]


@misconception(
    "mem_ops.write_memory",
    "subtracts the erase vector",
    says="You took weights times erase away from the memory. Erasing takes a share: the memory is "
    "multiplied by 1 minus it, so an erase of 1 leaves 0 whatever was there.",
)
def write_memory(memory, write_weights, erase, vector):
    weights = write_weights[..., tf.newaxis]
    return memory - weights * erase[..., tf.newaxis, :] + weights * vector[..., tf.newaxis, :]


@misconception(
    "mem_ops.write_memory",
    "always erases what it writes on",
    says="You replaced by the write weight alone: old times 1 - w, plus new times w. The erase "
    "vector decides which numbers of the word go, and by how much.",
)
def write_memory(memory, write_weights, erase, vector):
    weights = write_weights[..., tf.newaxis]
    return memory * (1 - weights) + weights * vector[..., tf.newaxis, :]


@misconception(
    "mem_ops.write_memory",
    "keeps what is to be erased",
    says="You multiplied by weights times erase, which keeps exactly what should go. What stays "
    "is 1 minus that.",
)
def write_memory(memory, write_weights, erase, vector):
    weights = write_weights[..., tf.newaxis]
    return memory * (weights * erase[..., tf.newaxis, :]) + weights * vector[..., tf.newaxis, :]


@misconception(
    "mem_ops.write_memory",
    "the new word is erased as well",
    says="You multiplied the new word by its share of erase too. Erase concerns the old content; "
    "the word is added in full, times the weight.",
)
def write_memory(memory, write_weights, erase, vector):
    weights = write_weights[..., tf.newaxis]
    share = weights * erase[..., tf.newaxis, :]
    return memory * (1 - share) + share * vector[..., tf.newaxis, :]


@misconception(
    "mem_ops.write_memory",
    "erase and vector for one memory only",
    says="For one memory your code is right. In a batch `erase` and `vector` are [batch, W], and "
    "would line up with the slots: give them an axis for these, `[..., tf.newaxis, :]`.",
)
def write_memory(memory, write_weights, erase, vector):
    weights = write_weights[..., tf.newaxis]
    return memory * (1 - weights * erase) + weights * vector


# --- link_loop ----------------------------------------------------------------------------------


@misconception(
    "mem_ops.link_loop",
    "keeps the diagonal",
    says="Your diagonal is not 0: a slot would follow itself. Where i equals j, the entry is 0.",
)
def link_loop(link, write_weights, precedence):
    w_i, w_j = write_weights[..., :, tf.newaxis], write_weights[..., tf.newaxis, :]
    return (1 - w_i - w_j) * link + w_i * precedence[..., tf.newaxis, :]


@misconception(
    "mem_ops.link_loop",
    "i and j swapped in the new link",
    says="You multiplied w[j] by p[i]. Slot i is the one that is written now, and slot j was "
    "written before: w[i] times p[j].",
)
def link_loop(link, write_weights, precedence):
    w_i, w_j = write_weights[..., :, tf.newaxis], write_weights[..., tf.newaxis, :]
    new = precedence[..., :, tf.newaxis] * w_j
    return tf.linalg.set_diag((1 - w_i - w_j) * link + new, tf.zeros_like(write_weights))


@misconception(
    "mem_ops.link_loop",
    "forgets by the slot that is written only",
    says="You took w[i] away, but not w[j]. A link wears out when either of its two slots is "
    "written anew: 1 - w[i] - w[j].",
)
def link_loop(link, write_weights, precedence):
    w_i = write_weights[..., :, tf.newaxis]
    new = w_i * precedence[..., tf.newaxis, :]
    return tf.linalg.set_diag((1 - w_i) * link + new, tf.zeros_like(write_weights))


@misconception(
    "mem_ops.link_loop",
    "forgets by the slot before only",
    says="You took w[j] away, but not w[i]. A link wears out when either of its two slots is "
    "written anew: 1 - w[i] - w[j].",
)
def link_loop(link, write_weights, precedence):
    w_i, w_j = write_weights[..., :, tf.newaxis], write_weights[..., tf.newaxis, :]
    new = w_i * precedence[..., tf.newaxis, :]
    return tf.linalg.set_diag((1 - w_j) * link + new, tf.zeros_like(write_weights))


@misconception(
    "mem_ops.link_loop",
    "takes one weight away twice",
    says="You took w[i] away twice. The two weights belong to the two slots of the link: w[i] "
    "and w[j].",
)
def link_loop(link, write_weights, precedence):
    w_i = write_weights[..., :, tf.newaxis]
    new = w_i * precedence[..., tf.newaxis, :]
    return tf.linalg.set_diag((1 - w_i - w_i) * link + new, tf.zeros_like(write_weights))


@misconception(
    "mem_ops.link_loop",
    "forgets nothing",
    says="You added the new links and kept the old ones in full, so that they pile up. What is "
    "written at i or at j wears out the link between them: times 1 - w[i] - w[j].",
)
def link_loop(link, write_weights, precedence):
    new = write_weights[..., :, tf.newaxis] * precedence[..., tf.newaxis, :]
    return tf.linalg.set_diag(link + new, tf.zeros_like(write_weights))


@misconception(
    "mem_ops.link_loop",
    "multiplies what the two slots leave",
    says="You multiplied 1 - w[i] by 1 - w[j]. That is near, but the paper takes both away from 1: "
    "1 - w[i] - w[j].",
)
def link_loop(link, write_weights, precedence):
    w_i, w_j = write_weights[..., :, tf.newaxis], write_weights[..., tf.newaxis, :]
    new = w_i * precedence[..., tf.newaxis, :]
    return tf.linalg.set_diag((1 - w_i) * (1 - w_j) * link + new, tf.zeros_like(write_weights))


@misconception(
    "mem_ops.link_loop",
    "precedence of the same write",
    says="You updated the precedence with this write before you used it. It must say what was "
    "written last before this write: take it as it is given.",
)
def link_loop(link, write_weights, precedence):
    written = tf.reduce_sum(write_weights, axis=-1, keepdims=True)
    precedence = (1 - written) * precedence + write_weights
    w_i, w_j = write_weights[..., :, tf.newaxis], write_weights[..., tf.newaxis, :]
    new = w_i * precedence[..., tf.newaxis, :]
    return tf.linalg.set_diag((1 - w_i - w_j) * link + new, tf.zeros_like(write_weights))


@misconception(
    "mem_ops.link_loop",
    "write weights in place of the precedence",
    says="You multiplied the write weights by themselves. The new link is from the slot that was "
    "written last, p[j], to the one that is written now, w[i].",
)
def link_loop(link, write_weights, precedence):
    w_i, w_j = write_weights[..., :, tf.newaxis], write_weights[..., tf.newaxis, :]
    return tf.linalg.set_diag((1 - w_i - w_j) * link + w_i * w_j, tf.zeros_like(write_weights))


@misconception(
    "mem_ops.link_loop",
    "fills an array of NumPy",
    says="Your numbers are right, but they went through a NumPy array, and no gradient passes "
    "there. Collect the entries in lists, and make tensors of them with `tf.stack`.",
)
def link_loop(link, write_weights, precedence):
    w, p = write_weights.numpy(), precedence.numpy()
    result = (1 - w[..., :, None] - w[..., None, :]) * link.numpy()
    result += w[..., :, None] * p[..., None, :]
    return tf.constant(result * (1 - np.eye(w.shape[-1], dtype=np.float32)))


@misconception(
    "mem_ops.link_loop",
    "stacks the rows as columns",
    says="Your entries are right, but the matrix is turned over: you stacked the rows along the "
    "last axis, where they stand upright as columns. `tf.stack(rows, axis=-2)` lays them flat.",
)
def link_loop(link, write_weights, precedence):
    w_i, w_j = write_weights[..., :, tf.newaxis], write_weights[..., tf.newaxis, :]
    links = (1 - w_i - w_j) * link + w_i * precedence[..., tf.newaxis, :]
    links = tf.linalg.set_diag(links, tf.zeros_like(write_weights))
    return tf.linalg.matrix_transpose(links)


@misconception(
    "mem_ops.link_loop",
    "one zero for a whole batch",
    says="For one memory your code is right. In a batch each entry is one number for each memory, "
    "and a bare `0.0` does not stack with these. Take a zero of the same shape: "
    "`tf.zeros_like(...)` of another entry.",
)
def link_loop(link, write_weights, precedence):
    rows = []
    for i in range(write_weights.shape[-1]):
        row = write_weights[..., i, tf.newaxis] * precedence
        row += (1 - write_weights[..., i, tf.newaxis] - write_weights) * link[..., i, :]
        entries = tf.unstack(row, axis=-1)
        entries[i] = 0.0
        rows.append(tf.stack(entries, axis=-1))
    return tf.stack(rows, axis=-2)


@misconception(
    "mem_ops.link_loop",
    "assigns to a tensor",
    says="A tensor cannot be changed in place. Collect the entries of a row in a Python list and "
    "make a tensor of it with `tf.stack(row, axis=-1)`, then stack the rows.",
)
def link_loop(link, write_weights, precedence):
    link = tf.zeros_like(link)
    link[0, 0] = 0.0
    return link


# --- pairwise_sum -------------------------------------------------------------------------------


@misconception(
    "mem_ops.pairwise_sum",
    "V + V with rows",
    says="You made a matrix V with the vector in every row, and added V to itself. So each entry "
    "is added to itself, and i plays no part: V + Vᵀ is meant. This very slip is in print.",
)
def pairwise_sum(vector):
    rows = tf.repeat(vector[..., tf.newaxis, :], vector.shape[-1], axis=-2)
    return rows + rows


@misconception(
    "mem_ops.pairwise_sum",
    "V + V with columns",
    says="You made a matrix V with the vector in every column, and added V to itself. So each "
    "entry is added to itself, and j plays no part: V + Vᵀ is meant. This very slip is in print.",
)
def pairwise_sum(vector):
    columns = tf.repeat(vector[..., tf.newaxis], vector.shape[-1], axis=-1)
    return columns + columns


@misconception(
    "mem_ops.pairwise_sum",
    "the outer product",
    says="You multiplied each entry by each. The shapes are right; the sign between the column "
    "and the row is `+`.",
)
def pairwise_sum(vector):
    return vector[..., :, tf.newaxis] * vector[..., tf.newaxis, :]


@misconception(
    "mem_ops.pairwise_sum",
    "the difference",
    says="You subtracted each entry from each, so that your diagonal is 0. Add them.",
)
def pairwise_sum(vector):
    return vector[..., :, tf.newaxis] - vector[..., tf.newaxis, :]


@misconception(
    "mem_ops.pairwise_sum",
    "the transpose of a vector",
    says="A vector of shape [N] has no rows and columns, and so `tf.transpose` gives it back as "
    "it is: you added each entry to itself. Make a column with `[..., :, tf.newaxis]`.",
)
def pairwise_sum(vector):
    return vector + tf.transpose(vector)


@misconception(
    "mem_ops.pairwise_sum",
    "zeros on the diagonal",
    says="You set the diagonal to 0. That is for the link matrix to do; here the entry at [i, i] "
    "is twice the number.",
)
def pairwise_sum(vector):
    sums = vector[..., :, tf.newaxis] + vector[..., tf.newaxis, :]
    return tf.linalg.set_diag(sums, tf.zeros_like(vector))


@misconception(
    "mem_ops.pairwise_sum",
    "new axes counted from the front",
    says="For one vector your code is right. In a batch the new axis must be counted from the "
    "end: `[..., :, tf.newaxis]` and `[..., tf.newaxis, :]`.",
)
def pairwise_sum(vector):
    return vector[:, tf.newaxis] + vector[tf.newaxis, :]


@misconception(
    "mem_ops.pairwise_sum",
    "a row without its new axis",
    says="For one vector your code is right. In a batch [batch, N] the vectors would line up with "
    "the rows of the result: the row needs a new axis too, `[..., tf.newaxis, :]`.",
)
def pairwise_sum(vector):
    return vector[..., tf.newaxis] + vector


@misconception(
    "mem_ops.pairwise_sum",
    "the mean",
    says="You divided by 2, and returned the mean of each pair. The sum is asked for.",
)
def pairwise_sum(vector):
    return (vector[..., :, tf.newaxis] + vector[..., tf.newaxis, :]) / 2


@misconception(
    "mem_ops.pairwise_sum",
    "two loops",
    says="Your numbers are right, but the graph holds one addition for every pair. A column plus "
    "a row gives all sums in one operation, by broadcasting.",
)
def pairwise_sum(vector):
    slots = range(vector.shape[-1])
    rows = [tf.stack([vector[..., i] + vector[..., j] for j in slots], axis=-1) for i in slots]
    return tf.stack(rows, axis=-2)


# --- update_link --------------------------------------------------------------------------------


@misconception(
    "mem_ops.update_link",
    "V + V with rows",
    says="You took w[j] away twice: with the weights in every row of V, V + V adds each weight to "
    "itself. V + Vᵀ is meant, w[i] + w[j]; use your `pairwise_sum`. This very slip is in print.",
)
def update_link(link, write_weights, precedence):
    slots = write_weights.shape[-1]
    v = tf.repeat(write_weights[..., tf.newaxis, :], slots, axis=-2)
    kept = (1 - (v + v)) * link
    new = write_weights[..., :, tf.newaxis] * precedence[..., tf.newaxis, :]
    return tf.linalg.set_diag(kept + new, tf.zeros_like(write_weights))


@misconception(
    "mem_ops.update_link",
    "V + V with columns",
    says="You took w[i] away twice: with the weights in every column of V, V + V adds each weight "
    "to itself. V + Vᵀ is meant, w[i] + w[j]; use your `pairwise_sum`. This very slip is in print.",
)
def update_link(link, write_weights, precedence):
    slots = write_weights.shape[-1]
    v = tf.repeat(write_weights[..., tf.newaxis], slots, axis=-1)
    kept = (1 - (v + v)) * link
    new = write_weights[..., :, tf.newaxis] * precedence[..., tf.newaxis, :]
    return tf.linalg.set_diag(kept + new, tf.zeros_like(write_weights))


@misconception(
    "mem_ops.update_link",
    "keeps the diagonal",
    says="Your diagonal is not 0: a slot would follow itself. `tf.linalg.set_diag` puts zeros "
    "there.",
)
def update_link(link, write_weights, precedence):
    kept = (1 - pairwise_sum(write_weights)) * link
    new = write_weights[..., :, tf.newaxis] * precedence[..., tf.newaxis, :]
    return kept + new


@misconception(
    "mem_ops.update_link",
    "the outer product turned over",
    says="Your outer product is turned over: p[i] w[j]. Row i belongs to the slot that is written "
    "now, so the write weights are the column and the precedence is the row.",
)
def update_link(link, write_weights, precedence):
    kept = (1 - pairwise_sum(write_weights)) * link
    new = precedence[..., :, tf.newaxis] * write_weights[..., tf.newaxis, :]
    return tf.linalg.set_diag(kept + new, tf.zeros_like(write_weights))


@misconception(
    "mem_ops.update_link",
    "forgets by the slot that is written only",
    says="You took only the weight of the row away. A link wears out when either of its two slots "
    "is written anew: 1 - w[i] - w[j].",
)
def update_link(link, write_weights, precedence):
    kept = (1 - write_weights[..., :, tf.newaxis]) * link
    new = write_weights[..., :, tf.newaxis] * precedence[..., tf.newaxis, :]
    return tf.linalg.set_diag(kept + new, tf.zeros_like(write_weights))


@misconception(
    "mem_ops.update_link",
    "forgets by the slot before only",
    says="You took only the weight of the column away. A link wears out when either of its two "
    "slots is written anew: 1 - w[i] - w[j].",
)
def update_link(link, write_weights, precedence):
    kept = (1 - write_weights[..., tf.newaxis, :]) * link
    new = write_weights[..., :, tf.newaxis] * precedence[..., tf.newaxis, :]
    return tf.linalg.set_diag(kept + new, tf.zeros_like(write_weights))


@misconception(
    "mem_ops.update_link",
    "forgets nothing",
    says="You added the new links and kept the old ones in full, so that they pile up. What is "
    "written at i or at j wears out the link between them: times 1 - w[i] - w[j].",
)
def update_link(link, write_weights, precedence):
    new = write_weights[..., :, tf.newaxis] * precedence[..., tf.newaxis, :]
    return tf.linalg.set_diag(link + new, tf.zeros_like(write_weights))


@misconception(
    "mem_ops.update_link",
    "precedence of the same write",
    says="You updated the precedence with this write before you used it. It must say what was "
    "written last before this write: take it as it is given.",
)
def update_link(link, write_weights, precedence):
    written = tf.reduce_sum(write_weights, axis=-1, keepdims=True)
    precedence = (1 - written) * precedence + write_weights
    kept = (1 - pairwise_sum(write_weights)) * link
    new = write_weights[..., :, tf.newaxis] * precedence[..., tf.newaxis, :]
    return tf.linalg.set_diag(kept + new, tf.zeros_like(write_weights))


@misconception(
    "mem_ops.update_link",
    "a matrix product in place of shares",
    says="You multiplied the link by the shares as a matrix, which adds entries up. Each entry "
    "keeps a share of its own: an element-wise `*`.",
)
def update_link(link, write_weights, precedence):
    kept = tf.matmul(1 - pairwise_sum(write_weights), link)
    new = write_weights[..., :, tf.newaxis] * precedence[..., tf.newaxis, :]
    return tf.linalg.set_diag(kept + new, tf.zeros_like(write_weights))


@misconception(
    "mem_ops.update_link",
    "two loops",
    says="Your numbers are right, but the graph holds a copy of the formula for every entry: "
    "65 280 copies for 256 slots. Write w[i] + w[j] and w[i] p[j] as whole matrices.",
)
def update_link(link, write_weights, precedence):
    slots = range(write_weights.shape[-1])
    rows = []
    for i in slots:
        row = []
        for j in slots:
            kept = (1 - write_weights[..., i] - write_weights[..., j]) * link[..., i, j]
            new = write_weights[..., i] * precedence[..., j]
            row.append(kept + new if i != j else tf.zeros_like(new))
        rows.append(tf.stack(row, axis=-1))
    return tf.stack(rows, axis=-2)


@misconception(
    "mem_ops.update_link",
    "zeros of a shape that a graph may not know",
    says="Your links are right, but while a graph is recorded for batches of any size, "
    "`write_weights.shape` says None for the batch, and `tf.zeros` cannot make None zeros. "
    "`tf.zeros_like(write_weights)` takes the shape when the graph runs.",
)
def update_link(link, write_weights, precedence):
    kept = (1 - pairwise_sum(write_weights)) * link
    new = write_weights[..., :, tf.newaxis] * precedence[..., tf.newaxis, :]
    return tf.linalg.set_diag(kept + new, tf.zeros(write_weights.shape))


@misconception(
    "mem_ops.update_link",
    "the diagonal of one memory",
    says="For one memory your code is right. In a batch each matrix needs a diagonal of its own, "
    "[batch, N]: `tf.zeros_like(write_weights)`.",
)
def update_link(link, write_weights, precedence):
    kept = (1 - pairwise_sum(write_weights)) * link
    new = write_weights[..., :, tf.newaxis] * precedence[..., tf.newaxis, :]
    return tf.linalg.set_diag(kept + new, tf.zeros(write_weights.shape[-1]))


# --- update_precedence --------------------------------------------------------------------------


@misconception(
    "mem_ops.update_precedence",
    "forgets nothing",
    says="You added the write weights and forgot nothing, so the precedence grows without end. A "
    "write of total weight 0.3 leaves 0.7 of the old precedence.",
)
def update_precedence(precedence, write_weights):
    return precedence + write_weights


@misconception(
    "mem_ops.update_precedence",
    "forgets slot by slot",
    says="You let each slot forget by its own write weight. But when another slot is written, "
    "this one is no longer the last: all slots forget by the sum of the weights.",
)
def update_precedence(precedence, write_weights):
    return (1 - write_weights) * precedence + write_weights


@misconception(
    "mem_ops.update_precedence",
    "only the new write",
    says="You returned the write weights alone. When a step writes little or nothing, what was "
    "written last before it still counts: 1 minus the sum of the weights is left of it.",
)
def update_precedence(precedence, write_weights):
    return tf.identity(write_weights) + 0 * precedence


@misconception(
    "mem_ops.update_precedence",
    "forgets 1 minus",
    says="You multiplied the old precedence by what is written. A whole write must forget "
    "everything: 1 minus the sum is left.",
)
def update_precedence(precedence, write_weights):
    written = tf.reduce_sum(write_weights, axis=-1, keepdims=True)
    return written * precedence + write_weights


@misconception(
    "mem_ops.update_precedence",
    "loses the axis of the sum",
    says="For one memory your code is right. In a batch the sums, of shape [batch], line up with "
    "the slots: keep their axis, with `keepdims=True`.",
)
def update_precedence(precedence, write_weights):
    return (1 - tf.reduce_sum(write_weights, axis=-1)) * precedence + write_weights


@misconception(
    "mem_ops.update_precedence",
    "one sum for the whole batch",
    says="You summed the whole array. In a batch every memory has a write of its own: sum along "
    "the slots, `axis=-1, keepdims=True`.",
)
def update_precedence(precedence, write_weights):
    return (1 - tf.reduce_sum(write_weights)) * precedence + write_weights


@misconception(
    "mem_ops.update_precedence",
    "the mean in place of the sum",
    says="You took the mean of the write weights. A whole write has the sum 1 and must forget "
    "everything: sum them.",
)
def update_precedence(precedence, write_weights):
    written = tf.reduce_mean(write_weights, axis=-1, keepdims=True)
    return (1 - written) * precedence + write_weights


@misconception(
    "mem_ops.update_precedence",
    "the largest weight in place of the sum",
    says="You took the largest write weight. A write that is spread over many slots forgets as "
    "much as one on a single slot: sum the weights.",
)
def update_precedence(precedence, write_weights):
    written = tf.reduce_max(write_weights, axis=-1, keepdims=True)
    return (1 - written) * precedence + write_weights


@misconception(
    "mem_ops.update_precedence",
    "the new write is scaled too",
    says="You scaled the write weights by 1 minus their sum, so that a whole write leaves "
    "nothing at all. Only the old precedence is scaled: mind the brackets.",
)
def update_precedence(precedence, write_weights):
    written = tf.reduce_sum(write_weights, axis=-1, keepdims=True)
    return (1 - written) * (precedence + write_weights)


# --- forward_and_backward -----------------------------------------------------------------------


@misconception(
    "mem_ops.forward_and_backward",
    "forward and backward swapped",
    says="Your two directions are swapped. A head at slot j goes forward to the slots written "
    "after j: column j of the link, L w. Either the order of the pair is turned, or the link is "
    "transposed in the wrong one of the two.",
)
def forward_and_backward(link, read_weights):
    return tf.matmul(read_weights, link), tf.matmul(read_weights, link, transpose_b=True)


@misconception(
    "mem_ops.forward_and_backward",
    "both forward",
    says="Both of your results go forward. To go back, the link is read the other way: Lᵀ w.",
)
def forward_and_backward(link, read_weights):
    forward = tf.matmul(read_weights, link, transpose_b=True)
    return forward, tf.identity(forward)


@misconception(
    "mem_ops.forward_and_backward",
    "both backward",
    says="Both of your results go backward. A row of weights times the link is Lᵀ w; forward is "
    "L w, so the link must be transposed there.",
)
def forward_and_backward(link, read_weights):
    backward = tf.matmul(read_weights, link)
    return tf.identity(backward), backward


@misconception(
    "mem_ops.forward_and_backward",
    "the heads as columns",
    says="Your numbers are right, but the heads stand in columns: [..., N, R]. Each head has a "
    "row, [..., R, N]; put the read weights first in the product.",
)
def forward_and_backward(link, read_weights):
    forward = tf.matmul(link, read_weights, transpose_b=True)
    backward = tf.matmul(link, read_weights, transpose_a=True, transpose_b=True)
    return forward, backward


@misconception(
    "mem_ops.forward_and_backward",
    "L times the rows of weights",
    says="You multiplied the link by the read weights as they lie, rows of heads. It fits only "
    "when there are as many heads as slots, and mixes the heads then: put the weights first.",
)
def forward_and_backward(link, read_weights):
    return tf.matmul(link, read_weights), tf.matmul(link, read_weights, transpose_a=True)


@misconception(
    "mem_ops.forward_and_backward",
    "back from where forward led",
    says="You went back from where the step forward had led. Both start at the same place, where "
    "the heads read a step ago.",
)
def forward_and_backward(link, read_weights):
    forward = tf.matmul(read_weights, link, transpose_b=True)
    return forward, tf.matmul(forward, link)


@misconception(
    "mem_ops.forward_and_backward",
    "makes the weights sum to 1",
    says="You divided by the sum. A head at the slot that was written last has nowhere to go "
    "forward, and then its weights sum to 0: leave them as they are.",
)
def forward_and_backward(link, read_weights):
    forward = tf.matmul(read_weights, link, transpose_b=True)
    backward = tf.matmul(read_weights, link)
    return (
        forward / (tf.reduce_sum(forward, axis=-1, keepdims=True) + 1e-6),
        backward / (tf.reduce_sum(backward, axis=-1, keepdims=True) + 1e-6),
    )


@misconception(
    "mem_ops.forward_and_backward",
    "softmax of the steps",
    says="You put the results through softmax. They are weights already, and softmax would give "
    "every slot a share: return the products as they are.",
)
def forward_and_backward(link, read_weights):
    forward = tf.nn.softmax(tf.matmul(read_weights, link, transpose_b=True))
    return forward, tf.nn.softmax(tf.matmul(read_weights, link))


@misconception(
    "mem_ops.forward_and_backward",
    "turns all axes around",
    says="`tf.transpose` turns all axes around, the batch too. Only the last two change places: "
    "`transpose_b=True` in `tf.matmul` does that.",
)
def forward_and_backward(link, read_weights):
    return tf.matmul(read_weights, tf.transpose(link)), tf.matmul(read_weights, link)


# --- read_weighting -----------------------------------------------------------------------------


@misconception(
    "mem_ops.read_weighting",
    "forward first",
    says="You read the modes as forward, content, backward. The paper's order, and that of the "
    "arguments, is backward, content, forward.",
)
def read_weighting(backward, content, forward, modes):
    on, by_content, back = tf.split(modes, 3, axis=-1)
    return back * backward + by_content * content + on * forward


@misconception(
    "mem_ops.read_weighting",
    "content first",
    says="You read the modes as content, backward, forward. The paper's order, and that of the "
    "arguments, is backward, content, forward.",
)
def read_weighting(backward, content, forward, modes):
    by_content, back, on = tf.split(modes, 3, axis=-1)
    return back * backward + by_content * content + on * forward


@misconception(
    "mem_ops.read_weighting",
    "content last",
    says="You read the modes as backward, forward, content. The paper's order, and that of the "
    "arguments, is backward, content, forward.",
)
def read_weighting(backward, content, forward, modes):
    back, on, by_content = tf.split(modes, 3, axis=-1)
    return back * backward + by_content * content + on * forward


@misconception(
    "mem_ops.read_weighting",
    "ignores the modes",
    says="You did not use the modes and mixed the three alike. Each head says by its three "
    "shares how much it wants of each.",
)
def read_weighting(backward, content, forward, modes):
    return (backward + content + forward) / 3 + 0 * tf.reduce_sum(modes)


@misconception(
    "mem_ops.read_weighting",
    "takes the largest mode only",
    says="You let the largest mode decide alone. That choice has no gradient; each mode counts "
    "by its share.",
)
def read_weighting(backward, content, forward, modes):
    modes = tf.one_hot(tf.argmax(modes, axis=-1), 3, dtype=modes.dtype)
    back, by_content, on = tf.split(modes, 3, axis=-1)
    return back * backward + by_content * content + on * forward


@misconception(
    "mem_ops.read_weighting",
    "a second softmax",
    says="You put the modes through softmax. They are shares already, and sum to 1; a second "
    "softmax makes them almost alike.",
)
def read_weighting(backward, content, forward, modes):
    back, by_content, on = tf.split(tf.nn.softmax(modes), 3, axis=-1)
    return back * backward + by_content * content + on * forward


@misconception(
    "mem_ops.read_weighting",
    "the modes of one head for all",
    says="You used the modes of the first head for all heads. Each head has three of its own: "
    "`modes[..., 0:1]` is a column with one number for each head.",
)
def read_weighting(backward, content, forward, modes):
    back, by_content, on = tf.split(modes[..., :1, :], 3, axis=-1)
    return back * backward + by_content * content + on * forward


@misconception(
    "mem_ops.read_weighting",
    "modes line up with the slots",
    says="`modes[..., 0]` has the shape [..., R], and its heads line up with the slots. Keep an "
    "axis of size 1: `modes[..., 0:1]`, or `tf.split`.",
)
def read_weighting(backward, content, forward, modes):
    return modes[..., 0] * backward + modes[..., 1] * content + modes[..., 2] * forward


@misconception(
    "mem_ops.read_weighting",
    "modes taken down the heads",
    says="You took rows of the modes, which belong to heads. The three modes are the columns, "
    "the last axis.",
)
def read_weighting(backward, content, forward, modes):
    back, by_content, on = (modes[..., i, :, tf.newaxis] for i in range(3))
    return back * backward + by_content * content + on * forward


@misconception(
    "mem_ops.read_weighting",
    "makes the weights sum to 1",
    says="You divided by the sum. A step forward or back may have nowhere to go, so a read "
    "weighting may sum to less than 1: leave it.",
)
def read_weighting(backward, content, forward, modes):
    back, by_content, on = tf.split(modes, 3, axis=-1)
    weights = back * backward + by_content * content + on * forward
    return weights / (tf.reduce_sum(weights, axis=-1, keepdims=True) + 1e-6)


# --- read_memory --------------------------------------------------------------------------------


@misconception(
    "mem_ops.read_memory",
    "reads the best slot only",
    says="You returned the slot with the largest weight. That choice has no gradient; a soft read "
    "holds a part of every slot, each times its weight.",
)
def read_memory(memory, read_weights):
    best = tf.one_hot(tf.argmax(read_weights, axis=-1), memory.shape[-2], dtype=memory.dtype)
    return tf.matmul(best, memory)


@misconception(
    "mem_ops.read_memory",
    "words in columns",
    says="Your numbers are right, but the words stand in columns: [..., W, R]. Each head has a "
    "row, [..., R, W]; put the read weights first in the product.",
)
def read_memory(memory, read_weights):
    return tf.matmul(memory, read_weights, transpose_a=True, transpose_b=True)


@misconception(
    "mem_ops.read_memory",
    "a memory transposed too often",
    says="You transposed the memory, so the weights met the numbers of a word. With the heads as "
    "rows the Mᵀ of the formula has done its work: weights [R, N] times memory [N, W].",
)
def read_memory(memory, read_weights):
    return tf.matmul(read_weights, memory, transpose_b=True)


@misconception(
    "mem_ops.read_memory",
    "makes the weights sum to 1",
    says="You divided by the sum of the weights. A head whose weights sum to less than 1 reads "
    "less: leave them as they are.",
)
def read_memory(memory, read_weights):
    total = tf.reduce_sum(read_weights, axis=-1, keepdims=True)
    return tf.matmul(read_weights / (total + 1e-6), memory)


@misconception(
    "mem_ops.read_memory",
    "softmax of the weights",
    says="You put the read weights through softmax. They are weights already, and softmax would "
    "give a share to every slot.",
)
def read_memory(memory, read_weights):
    return tf.matmul(tf.nn.softmax(read_weights), memory)


@misconception(
    "mem_ops.read_memory",
    "the mean over the slots",
    says="You took the mean over the slots, and so divided by their number. The weights say how "
    "much of each there is: sum.",
)
def read_memory(memory, read_weights):
    parts = read_weights[..., tf.newaxis] * memory[..., tf.newaxis, :, :]
    return tf.reduce_mean(parts, axis=-2)


@misconception(
    "mem_ops.read_memory",
    "does not add up the slots",
    says="You weighted every slot, but did not add them up. What a head reads is one word, the "
    "sum over the slots.",
)
def read_memory(memory, read_weights):
    return read_weights[..., tf.newaxis] * memory[..., tf.newaxis, :, :]


@misconception(
    "mem_ops.read_memory",
    "one word for all heads",
    says="You added up the words of all heads. Each head reads one of its own, so the result has "
    "a row for each.",
)
def read_memory(memory, read_weights):
    return tf.reduce_sum(tf.matmul(read_weights, memory), axis=-2)


@misconception(
    "mem_ops.read_memory",
    "leaves TensorFlow",
    says="Your numbers are right, but NumPy computed them, and no gradient passes. `tf.matmul` "
    "does the same, and a tape can follow it.",
)
def read_memory(memory, read_weights):
    return tf.constant(np.matmul(read_weights, memory))


# --- graph_size ---------------------------------------------------------------------------------


@misconception(
    "mem_ops.graph_size",
    "leaves out the inputs",
    says="You left the inputs out. Everything in the graph counts: each input is an operation of "
    "its own, a placeholder.",
)
def graph_size(function, *shapes):
    inputs = [tf.TensorSpec(shape, tf.float32) for shape in shapes]
    graph = tf.function(function).get_concrete_function(*inputs).graph
    return len(graph.get_operations()) - len(shapes)


@misconception(
    "mem_ops.graph_size",
    "leaves out the constants",
    says="You left the constants out. Everything in the graph counts, and a constant is an "
    "operation too.",
)
def graph_size(function, *shapes):
    inputs = [tf.TensorSpec(shape, tf.float32) for shape in shapes]
    graph = tf.function(function).get_concrete_function(*inputs).graph
    return sum(op.type != "Const" for op in graph.get_operations())


@misconception(
    "mem_ops.graph_size",
    "counts each kind once",
    says="You counted the kinds of operation. A loop of four steps records four multiplications, "
    "and each of them counts.",
)
def graph_size(function, *shapes):
    inputs = [tf.TensorSpec(shape, tf.float32) for shape in shapes]
    graph = tf.function(function).get_concrete_function(*inputs).graph
    return len({op.type for op in graph.get_operations()})


@misconception(
    "mem_ops.graph_size",
    "counts the results",
    says="You counted what the graph returns. `graph.get_operations()` lists everything in it.",
)
def graph_size(function, *shapes):
    inputs = [tf.TensorSpec(shape, tf.float32) for shape in shapes]
    graph = tf.function(function).get_concrete_function(*inputs).graph
    return len(graph.outputs)


@misconception(
    "mem_ops.graph_size",
    "counts only what computes",
    says="You left out the inputs and what hands on the results. Everything in the graph counts: "
    "placeholders and identities too.",
)
def graph_size(function, *shapes):
    passing = {"Placeholder", "Identity"}
    inputs = [tf.TensorSpec(shape, tf.float32) for shape in shapes]
    graph = tf.function(function).get_concrete_function(*inputs).graph
    return sum(op.type not in passing for op in graph.get_operations())


@misconception(
    "mem_ops.graph_size",
    "records in a bare graph",
    says="You recorded the function in a bare `tf.Graph`, where nothing hands the results on. "
    "`tf.function(function).get_concrete_function(...)` records what TensorFlow will run.",
)
def graph_size(function, *shapes):
    with tf.Graph().as_default() as graph:
        function(*(tf.compat.v1.placeholder(tf.float32, shape) for shape in shapes))
    return len(graph.get_operations())


@misconception(
    "mem_ops.graph_size",
    "records with numbers",
    says="You made tensors of zeros as inputs. That works while every size is known; a shape with "
    "None cannot be filled. A `tf.TensorSpec` stands for an input without numbers.",
)
def graph_size(function, *shapes):
    inputs = [tf.zeros(shape) for shape in shapes]
    graph = tf.function(function).get_concrete_function(*inputs).graph
    return len(graph.get_operations())


@misconception(
    "mem_ops.graph_size",
    "all shapes as one input",
    says="You passed the list of inputs as one. The function takes each of them by itself: put a "
    "star before it, `get_concrete_function(*inputs)`.",
)
def graph_size(function, *shapes):
    inputs = [tf.TensorSpec(shape, tf.float32) for shape in shapes]
    graph = tf.function(function).get_concrete_function(inputs).graph
    return len(graph.get_operations())


@misconception(
    "mem_ops.graph_size",
    "asks another graph",
    says="You asked TensorFlow for its default graph, which is empty: `tf.function` records into "
    "a graph of its own. The concrete function has it as `.graph`.",
)
def graph_size(function, *shapes):
    inputs = [tf.TensorSpec(shape, tf.float32) for shape in shapes]
    tf.function(function).get_concrete_function(*inputs)
    return len(tf.compat.v1.get_default_graph().get_operations())


# The misconceptions of one exercise call the references of the others: here these names, which
# the functions above have taken, are given back.
from solutions.mem_ops import cosine_similarity, free_list, pairwise_sum
