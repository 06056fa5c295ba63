"""The memory operations of the Differentiable Neural Computer, which a gradient can follow.

The machine is the one of Graves et al. 2016, "Hybrid computing using a neural network with dynamic
external memory", Nature 538; the equations are named after the headings of its Methods section.

All arguments are float tensors of one type. N counts the slots of the memory, W the numbers in a
slot and R the read heads. Any number of batch axes may stand in front: ``usage`` [..., N] is one
usage of shape [N], or a batch of them. A weighting holds numbers from 0 to 1, one for each slot,
that sum to at most 1.
"""

import tensorflow as tf


def cosine_similarity(memory, keys):
    """Compare each key with each slot of the memory: 1 for the same direction, 0 for a right angle.

    ``memory`` has shape [..., N, W] and ``keys`` [..., R, W]; the result has shape [..., R, N].
    The similarity is the dot product divided by both lengths. A slot or a key that is all zeros has
    similarity 0 with everything, and its gradient is finite: a length below 0.001 counts as 0.001.
    Write it with lengths and products; a ready-made similarity is not accepted.

    Graves et al. 2016, "Content-based addressing": D(u, v) = u·v / (|u| |v|).
    """
    memory = tf.math.l2_normalize(memory, axis=-1, epsilon=1e-6)  # the epsilon is of the square
    keys = tf.math.l2_normalize(keys, axis=-1, epsilon=1e-6)
    return tf.matmul(keys, memory, transpose_b=True)


def content_weighting(memory, keys, strengths):
    """Look each key up in the memory: a weighting over the slots, sharper for a larger strength.

    Shapes: ``memory`` [..., N, W], ``keys`` [..., R, W], ``strengths`` [..., R]. The similarities
    of a key with the slots are multiplied by the key's strength, and softmax over the slots makes
    weights of them. Returns weights of shape [..., R, N].

    Graves et al. 2016, "Content-based addressing": C(M, k, β)[i] ∝ exp(β D(k, M[i])).
    """
    return tf.nn.softmax(cosine_similarity(memory, keys) * strengths[..., tf.newaxis])


def retention(free_gates, read_weights):
    """Say how much of each slot stays in use after the read heads had their say.

    ``free_gates`` has shape [..., R]: 1 lets a head free what it read a step ago. ``read_weights``
    has shape [..., R, N]. A head that frees takes the share that it read away from each slot, and
    the shares that the heads leave are multiplied. Returns numbers from 0 to 1, of shape [..., N].

    Graves et al. 2016, "Dynamic memory allocation": ψ = ∏ᵣ (1 − fᵣ wᵣ).
    """
    return tf.reduce_prod(1 - free_gates[..., tf.newaxis] * read_weights, axis=-2)


def update_usage(usage, write_weights, retention):
    """Return how much each slot is in use, after a write and after the heads have freed.

    All three have shape [..., N], and so has the result. A write fills the part of a slot that is
    not in use yet, so usage never exceeds 1; then each slot keeps the share that ``retention``
    says.

    Graves et al. 2016, "Dynamic memory allocation": u = (u + w − u ∘ w) ∘ ψ. There the usage and
    the write weights on the right are those of the step before, since a step begins with this.
    """
    return (usage + write_weights - usage * write_weights) * retention


def free_list(usage):
    """List the slots from the freest to the most used.

    ``usage`` has shape [..., N]. Returns (sorted usage [..., N], order [..., N]): the usages in
    ascending order, and for each place the number of its slot, an integer. Of slots with equal
    usage the one with the lower number comes first. Gradients pass through the sorted usage.

    Graves et al. 2016, "Dynamic memory allocation": φ.
    """
    negative, order = tf.math.top_k(-usage, k=usage.shape[-1])
    return -negative, order


def allocation_loop(usage):
    """Say where to write next, the freest slot first, slot by slot in a Python loop.

    ``usage`` has shape [..., N]. Walk along the free list: a slot gets what is free of it, times
    the product of the usages of all slots that are freer. Returns a weighting [..., N], in the
    order of the slots. When every usage is 1 it is all zeros.

    Graves et al. 2016, equation 1: a[φ[j]] = (1 − u[φ[j]]) ∏ u[φ[i]] over all i < j.
    """
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


def allocation_weighting(usage):
    """Say where to write next, as ``allocation_loop`` does, for all slots at once.

    ``usage`` has shape [..., N], and so has the result. Four steps: sort; an exclusive cumulative
    product; times what is free; back to the order of the slots, through the inverse permutation.
    No loop: ``tf.function`` records as many operations for 256 slots as for 4, and a batch may have
    any size, unknown until it runs. The gradient is right also where usage is exactly 0 or 1.

    Graves et al. 2016, equation 1.
    """
    sorted_usage, order = free_list(usage)
    # TensorFlow's gradient of cumprod divides by its input, so the input must not be 0.
    taken = tf.math.cumprod(sorted_usage + 1e-8, axis=-1, exclusive=True)
    back = tf.argsort(order)
    return tf.gather((1 - sorted_usage) * taken, back, batch_dims=usage.shape.rank - 1)


def allocation_scatter(usage):
    """Say where to write next, as ``allocation_weighting`` does, scattered with a TensorArray.

    ``usage`` has shape [..., N], and so has the result. ``TensorArray.scatter`` puts each share
    into the cell that the free list names. It scatters along one axis only, so a batch is laid out
    as one row, each usage starting N cells after the one before. As above, there is no loop, a
    batch may have any size, and the gradient is right also where usage is exactly 0 or 1.
    TensorFlow's compiler (``jit_compile``) does not know this scatter.

    Graves et al. 2016, equation 1.
    """
    sorted_usage, order = free_list(usage)
    taken = tf.math.cumprod(sorted_usage + 1e-8, axis=-1, exclusive=True)
    shares = tf.reshape((1 - sorted_usage) * taken, [-1])
    cells = tf.size(shares)
    starts = tf.range(cells) // usage.shape[-1] * usage.shape[-1]
    array = tf.TensorArray(usage.dtype, size=cells, element_shape=[])
    array = array.scatter(tf.reshape(order, [-1]) + starts, shares)
    return tf.reshape(array.stack(), tf.shape(usage))


def write_weighting(allocation, content, write_gate, allocation_gate):
    """Decide where to write: at free slots, at slots found by content, or not at all.

    ``allocation`` and ``content`` are weightings [..., N]; the two gates are numbers from 0 to 1,
    of shape [...]. The allocation gate at 1 takes the free slots, at 0 those found by content; the
    write gate scales the whole. Returns a weighting [..., N].

    Graves et al. 2016, "Dynamic memory allocation": w = g_w (g_a a + (1 − g_a) c).
    """
    allocation_gate = allocation_gate[..., tf.newaxis]
    where = allocation_gate * allocation + (1 - allocation_gate) * content
    return write_gate[..., tf.newaxis] * where


def write_memory(memory, write_weights, erase, vector):
    """Erase, then add, in each slot as much as its write weight says.

    Shapes: ``memory`` [..., N, W], ``write_weights`` [..., N], ``erase`` [..., W] with numbers from
    0 to 1, ``vector`` [..., W], the word to be written. Returns the new memory [..., N, W].

    Graves et al. 2016, "Reading and writing": M = M ∘ (1 − w eᵀ) + w vᵀ.
    """
    weights = write_weights[..., tf.newaxis]
    erased = memory * (1 - weights * erase[..., tf.newaxis, :])
    return erased + weights * vector[..., tf.newaxis, :]


def link_loop(link, write_weights, precedence):
    """Update the temporal link matrix entry by entry, in two Python loops.

    Shapes: ``link`` [..., N, N], ``write_weights`` and ``precedence`` [..., N]. ``link[i, j]`` says
    how far slot i was written right after slot j; ``precedence`` is the one from before this write.
    What is written at either of two slots wears out the old link between them. No slot follows
    itself: the diagonal is 0. Returns the new link matrix [..., N, N].

    Graves et al. 2016, "Temporal memory linkage":
    L[i, j] = (1 − w[i] − w[j]) L[i, j] + w[i] p[j], and L[i, i] = 0.
    """
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


def pairwise_sum(vector):
    """Add each entry of a vector to each: the entry at [i, j] is ``vector[i] + vector[j]``.

    ``vector`` has shape [..., N]; the result has shape [..., N, N]. No loop; in a graph, a batch
    may have any size, unknown until it runs.
    """
    return vector[..., :, tf.newaxis] + vector[..., tf.newaxis, :]


def update_link(link, write_weights, precedence):
    """Update the temporal link matrix as ``link_loop`` does, all entries at once.

    Shapes: ``link`` [..., N, N], ``write_weights`` and ``precedence`` [..., N]; ``precedence`` is
    the one from before this write. Returns the new link matrix [..., N, N], its diagonal 0. No
    loop: a graph has as many operations for 256 slots as for 4. In it, a batch may have any size,
    unknown until it runs.

    Graves et al. 2016, "Temporal memory linkage".
    """
    kept = (1 - pairwise_sum(write_weights)) * link
    new = write_weights[..., :, tf.newaxis] * precedence[..., tf.newaxis, :]
    return tf.linalg.set_diag(kept + new, tf.zeros_like(write_weights))


def update_precedence(precedence, write_weights):
    """Return how far each slot is the one that was written last.

    Both have shape [..., N], and so has the result. A write of total weight 1 forgets all that was
    before; a write of total weight 0 changes nothing.

    Graves et al. 2016, "Temporal memory linkage": p = (1 − Σ w) p + w.
    """
    written = tf.reduce_sum(write_weights, axis=-1, keepdims=True)
    return (1 - written) * precedence + write_weights


def forward_and_backward(link, read_weights):
    """Move each read head to what was written next, and to what was written before.

    ``link`` has shape [..., N, N] and ``read_weights`` [..., R, N]: where the heads read a step
    ago. Returns (forward, backward), in this order, both of shape [..., R, N].

    Graves et al. 2016, "Temporal memory linkage": f = L w and b = Lᵀ w.
    """
    return tf.matmul(read_weights, link, transpose_b=True), tf.matmul(read_weights, link)


def read_weighting(backward, content, forward, modes):
    """Decide where each head reads: one step back in time, by content, or one step forward.

    ``backward``, ``content`` and ``forward`` have shape [..., R, N]; ``modes`` has shape
    [..., R, 3], three shares that sum to 1, in the order backward, content, forward.
    Returns weights of shape [..., R, N].

    Graves et al. 2016, "Temporal memory linkage": w = π₁ b + π₂ c + π₃ f.
    """
    back, by_content, on = tf.split(modes, 3, axis=-1)
    return back * backward + by_content * content + on * forward


def read_memory(memory, read_weights):
    """Read with each head: the sum of all slots, each times its weight.

    ``memory`` has shape [..., N, W] and ``read_weights`` [..., R, N]; the result is [..., R, W].

    Graves et al. 2016, "Reading and writing": r = Mᵀ w.
    """
    return tf.matmul(read_weights, memory)


def graph_size(function, *shapes):
    """Count the operations in the graph that TensorFlow records for ``function``.

    Each further argument is the shape of one input, such as ``[4, 4]``; the inputs are float32.
    ``tf.function`` records the graph once, without any numbers. Everything in it counts, the
    inputs and constants too. Returns a Python integer.
    """
    inputs = [tf.TensorSpec(shape, tf.float32) for shape in shapes]
    traced = tf.function(function).get_concrete_function(*inputs)
    return len(traced.graph.get_operations())
