"""Probes for the memory operations of the DNC: addressing, allocation, links in time, reading.

That a network trains proves little: with several of the errors in the catalogue it still learns to
copy. So each operation is judged by its own numbers, and by whether a gradient passes.
"""

from functools import partial

import numpy as np

from autograder.evidence import Finding
from autograder.exercises import probe

# --- Inputs -------------------------------------------------------------------------------------


def tensor(values):
    import tensorflow as tf

    return tf.constant(values, tf.float32)


def draw(rng, *shape):
    return tensor(rng.normal(size=shape))


def draw_gates(rng, *shape):
    """Numbers between 0 and 1 that are not near either."""
    return tensor(rng.uniform(0.1, 0.9, size=shape))


def draw_weights(rng, *shape):
    """Weightings over the last axis: each sums to less than 1, and no two slots are alike."""
    exps = np.exp(rng.normal(size=shape))
    total = rng.uniform(0.6, 0.9, size=(*shape[:-1], 1))
    return tensor(exps / exps.sum(axis=-1, keepdims=True) * total)


def draw_modes(rng, *shape):
    """Three shares for each head, which sum to 1."""
    return tensor(rng.dirichlet([4, 4, 4], size=shape))


def draw_link(rng, *shape):
    """Links with a diagonal of 0, and unlike their own transposes."""
    slots = shape[-1]
    return tensor(rng.uniform(0.1, 1, size=(*shape, slots)) * (1 - np.eye(slots)) / slots)


def draw_memory(rng, *shape):
    """Words of unequal lengths, the last one all zeros."""
    words = rng.normal(size=shape) * rng.uniform(0.5, 2, size=(*shape[:-1], 1))
    words[..., -1, :] = 0
    return tensor(words)


# --- What is looked at besides the result -------------------------------------------------------


def gradients(function, *inputs):
    """The gradient, for each input, of all entries of the result, each with a weight of its own."""
    import tensorflow as tf

    with tf.GradientTape() as tape:
        tape.watch(inputs)
        results = [tf.convert_to_tensor(part) for part in tf.nest.flatten(function(*inputs))]
        entries = [tf.reshape(part, [-1]) for part in results if part.dtype.is_floating]
        entries = tf.concat(entries, axis=0)
        loss = tf.reduce_sum(tf.cos(tf.range(len(entries), dtype=entries.dtype)) * entries)
    found = tape.gradient(loss, inputs)
    for number, gradient in enumerate(found, 1):
        if gradient is None:
            raise Finding(
                f"No gradient reaches input {number}: somewhere the values left TensorFlow, or "
                "were cut off from the tape."
            )
    return tuple(tf.convert_to_tensor(gradient) for gradient in found)


def finite_gradients(function, *inputs):
    """Whether no gradient is infinite or NaN; its values may depend on how that is prevented."""
    if not all(np.isfinite(gradient).all() for gradient in gradients(function, *inputs)):
        raise Finding(
            "The gradient is NaN or infinite where a slot or a key is all zeros: backward, a "
            "length of 0 stands below a fraction."
        )
    return True


def in_graph(function, *inputs):
    import tensorflow as tf

    return tf.function(function)(*inputs)


def graph_of_one_size(*shapes):
    """Make a case of whether the graph stays as large as it is when there are more slots.

    In the shapes "N" stands for the number of slots, and None for a size that the graph is not
    told.
    """
    return partial(_find_loop, shapes)


def _find_loop(shapes, function):
    import tensorflow as tf

    few, many = (_operations(tf, function, shapes, slots) for slots in (2, 4))
    if few != many:
        raise Finding(
            f"Your graph has {few} operations for 2 slots and {many} for 4: there is a loop "
            "over the slots in it."
        )
    return True


def _operations(tf, function, shapes, slots):
    shapes = [[slots if size == "N" else size for size in shape] for shape in shapes]
    # An error is plainer to read outside of a graph.
    function(*(tf.zeros([3 if size is None else size for size in shape]) for shape in shapes))
    specs = [tf.TensorSpec(shape) for shape in shapes]
    graph = tf.function(function).get_concrete_function(*specs).graph
    return len(graph.get_operations())


# --- Content ------------------------------------------------------------------------------------


@probe(
    "mem_ops.cosine_similarity",
    hints=(
        "Two vectors of length 1 have a dot product that is their cosine. What could be done to "
        "every slot and every key first? And what if a slot is all zeros?",
        "keys [..., R, W] times the transposed memory [..., W, N] gives [..., R, N]. A length "
        "belongs to a row, so it is taken along the last axis.",
        "`tf.math.l2_normalize(memory, axis=-1, epsilon=1e-6)`, the same for the keys, then "
        "`tf.matmul(keys, memory, transpose_b=True)`.",
    ),
    ready_made=("cosine",),
)
def cosine_similarity(case, rng):
    case("worked by hand", tensor([[3, 4], [0, 0.2], [-3, -4]]), tensor([[6, 8]]))
    case("four slots, two keys", 2 * draw(rng, 4, 3), draw(rng, 2, 3))
    case("a slot that is all zeros", draw_memory(rng, 5, 3), draw(rng, 2, 3))
    short = tensor([[0.1, -0.2, 0.2, 0], [0, 0, 0, 0]])
    case("a short key, and one that is all zeros", draw(rng, 3, 4), short)
    words = tensor([[0.006, 0.008], [1, 0]])
    case("words of length 0.01", words, words)
    words = tensor([[0.0003, 0.0004], [0.8, 0.6]])
    case("words of length 0.0005", words, words)
    case("as many slots and keys as numbers", draw(rng, 3, 3), 3 * draw(rng, 3, 3))
    case("a batch of two", draw(rng, 2, 5, 3), 2 * draw(rng, 2, 4, 3))
    case("the gradients", draw(rng, 4, 3), draw(rng, 2, 3), using=gradients)
    zeros = draw_memory(rng, 4, 3), draw_memory(rng, 2, 3)
    case("the gradients where a slot and a key are all zeros", *zeros, using=finite_gradients)


@probe(
    "mem_ops.content_weighting",
    hints=(
        "You have the similarities already. A larger strength must pull the best slot and the "
        "others further apart before they are turned into weights.",
        "Similarities are [..., R, N] and strengths [..., R]: give the strengths a last axis of "
        "size 1. The weights of each head sum to 1 over the slots.",
        "`tf.nn.softmax(cosine_similarity(memory, keys) * strengths[..., tf.newaxis])`: softmax "
        "works along the last axis.",
    ),
)
def content_weighting(case, rng):
    hand = tensor([[2, 0], [0, 1], [0, 0]])
    case("worked by hand", hand, tensor([[1, 0]]), tensor([2]))
    case("strength 0", draw_memory(rng, 4, 3), draw(rng, 2, 3), tensor([0, 0]))
    case("a large strength", draw_memory(rng, 5, 4), draw(rng, 2, 4), tensor([9, 4]))
    case("as many keys as slots", draw_memory(rng, 3, 2), draw(rng, 3, 2), tensor([1, 3, 2]))
    strengths = tensor(rng.uniform(1, 5, size=(2, 3)))
    case("a batch of two", draw_memory(rng, 2, 5, 4), draw(rng, 2, 3, 4), strengths)
    inputs = draw(rng, 4, 3), draw(rng, 2, 3), tensor(rng.uniform(1, 3, size=2))
    case("the gradients", *inputs, using=gradients)


# --- Usage and allocation -----------------------------------------------------------------------


@probe(
    "mem_ops.retention",
    hints=(
        "Take one slot and one head. The gate is open and the head read 0.4 of the slot: how much "
        "of it stays? Now a second head takes its share of what stays.",
        "Gates [..., R] need a last axis of size 1 to meet weights [..., R, N]. The heads' axis, "
        "the last but one, is the one that disappears.",
        "`tf.reduce_prod(1 - ..., axis=-2)`, with gate times read weights in place of the dots.",
    ),
)
def retention(case, rng):
    hand = tensor([[0.5, 0.5, 0], [0, 0.4, 0.2]])
    case("worked by hand", tensor([1, 0.5]), hand)
    case("closed gates", tensor([0, 0]), draw_weights(rng, 2, 4))
    case("open gates", tensor([1, 1, 1]), draw_weights(rng, 3, 4))
    case("three heads, five slots", draw_gates(rng, 3), draw_weights(rng, 3, 5))
    case("as many heads as slots", draw_gates(rng, 3), draw_weights(rng, 3, 3))
    case("a batch of three", draw_gates(rng, 3, 2), draw_weights(rng, 3, 2, 4))
    case("the gradients", draw_gates(rng, 2), draw_weights(rng, 2, 3), using=gradients)


@probe(
    "mem_ops.update_usage",
    hints=(
        "A slot is in use to 0.6, and a write of weight 0.5 comes. How much of the slot is still "
        "empty, and how much of that does the write fill? After that, some is kept.",
        "All three are [..., N] and meet slot by slot: no axis is added or lost.",
        "Used after the write: `usage + write_weights - usage * write_weights`. All of this, in "
        "brackets, times `retention`.",
    ),
)
def update_usage(case, rng):
    case("worked by hand", tensor([0.5, 0, 1]), tensor([0.5, 0.5, 0]), tensor([1, 1, 0.5]))
    case("nothing is written", draw_gates(rng, 4), tensor([0] * 4), draw_gates(rng, 4))
    case("nothing is freed", draw_gates(rng, 5), draw_weights(rng, 5), tensor([1] * 5))
    full = tensor([1, 1, 0, 1])
    case("full slots are written again", full, draw_weights(rng, 4), draw_gates(rng, 4))
    case("six slots", draw_gates(rng, 6), draw_weights(rng, 6), draw_gates(rng, 6))
    batch = draw_gates(rng, 2, 3, 4), draw_weights(rng, 2, 3, 4), draw_gates(rng, 2, 3, 4)
    case("two batch axes", *batch)
    inputs = draw_gates(rng, 4), draw_weights(rng, 4), draw_gates(rng, 4)
    case("the gradients", *inputs, using=gradients)


@probe(
    "mem_ops.free_list",
    hints=(
        "`tf.math.top_k` sorts downward, keeps ties in their order, and returns values and "
        "positions. What could you give it, so that the smallest usage comes first?",
        "Both results are [..., N]: k is the last size of `usage`. At [1, 2, 0] the order says "
        "that slot 1 is the freest and slot 0 the most used.",
        "`negative, order = tf.math.top_k(-usage, k=usage.shape[-1])`; the sorted usage is "
        "`negative` with its sign changed back.",
    ),
)
def free_list(case, rng):
    case("worked by hand", tensor([0.7, 0.2, 0.5]))
    case("ties", tensor([0.5, 0, 0.5, 1, 0, 0.5]))
    case("seven slots", draw_gates(rng, 7))
    case("as many usages as slots", draw_gates(rng, 4, 4))
    case("two batch axes", draw_gates(rng, 2, 3, 5))
    case("the gradient", draw_gates(rng, 5), using=gradients)


def allocation_cases(case, rng):
    """What the three ways to the allocation weighting share."""
    case("worked by hand", tensor([0.7, 0.2, 0.5]))
    case("ties", tensor([0.5, 0.2, 0.5, 0.2, 0.5]))
    some = rng.uniform(0.2, 0.9, size=4)
    case("some slots, all and none in use", tensor([some, np.ones(4), np.zeros(4)]))
    case("two batch axes", draw_gates(rng, 2, 3, 5))
    case("the gradient", draw_gates(rng, 2, 4), using=gradients)
    mixed = [0, some[0], 1, 0], [1, 0, some[1], 1], [0, 0, 0, 0]
    case("the gradient where usage is exactly 0 or 1", tensor(mixed), using=gradients)


@probe(
    "mem_ops.allocation_loop",
    hints=(
        "By hand: usage 0.7, 0.2, 0.5. Slot 1 is the freest and gets 1 - 0.2. Slot 2 comes next: "
        "it gets 1 - 0.5 of the 0.2 that slot 1 could not take. And slot 0?",
        "The product is one number for each usage of the batch, [...]. A share [...] reaches its "
        "slot through `tf.one_hot(order[..., j], slots)`, [..., N].",
        "Start with `product = tf.ones_like(usage[..., 0])`. For each j: the share is `(1 - "
        "sorted_usage[..., j]) * product`; add it at its slot; then multiply the product by "
        "`sorted_usage[..., j]`.",
    ),
)
def allocation_loop(case, rng):
    allocation_cases(case, rng)
    case("six slots", draw_gates(rng, 6))


@probe(
    "mem_ops.allocation_weighting",
    hints=(
        "`tf.math.cumprod` makes all products of the loop at once. Which slots belong to the "
        "product of slot j, and does j? At the end each share must go back to its slot.",
        "All steps are [..., N], along the last axis. `order` takes you from slots to places in "
        "the list; `tf.argsort(order)` takes you back.",
        "`tf.math.cumprod(sorted_usage + 1e-8, axis=-1, exclusive=True)`, times `1 - "
        "sorted_usage`; then `tf.gather(..., tf.argsort(order), batch_dims=usage.shape.rank - 1)`.",
    ),
)
def allocation_weighting(case, rng):
    allocation_cases(case, rng)
    case("no loop, and a batch of any size", using=graph_of_one_size([None, "N"]))


@probe(
    "mem_ops.allocation_scatter",
    hints=(
        "The shares are those of `allocation_weighting`, in the order of the free list. Scatter "
        "is the opposite of gather: it puts share j into cell `order[j]`.",
        "For one usage, `order` [N] names N cells. A batch is a row of batch times N cells: the "
        "second usage starts at cell N, the third at 2 N.",
        "`array = tf.TensorArray(usage.dtype, size=tf.size(usage), element_shape=[])`; `array = "
        "array.scatter(tf.reshape(order, [-1]) + starts, tf.reshape(shares, [-1]))`; then "
        "`array.stack()` in the shape of `usage`.",
    ),
)
def allocation_scatter(case, rng):
    allocation_cases(case, rng)
    case("inside of tf.function", tensor([0.7, 0.2, 0.5]), using=in_graph)
    case("no loop, and a batch of any size", using=graph_of_one_size([None, "N"]))


# --- Writing ------------------------------------------------------------------------------------


@probe(
    "mem_ops.write_weighting",
    hints=(
        "Decide first where to write: a mixture of two weightings, whose shares add up to 1. "
        "Whether to write at all comes last and scales everything.",
        "The gates are [...] and the weightings [..., N]: give both gates a last axis of size 1.",
        "`where = gate * allocation + (1 - gate) * content`, with the allocation gate as `gate`; "
        "then `write_gate[..., tf.newaxis] * where`.",
    ),
)
def write_weighting(case, rng):
    hand = tensor([1, 0, 0]), tensor([0.2, 0.3, 0.5])
    case("worked by hand", *hand, tensor(0.5), tensor(0.75))
    pair = draw_weights(rng, 5), draw_weights(rng, 5)
    case("only free slots", *pair, tensor(1), tensor(1))
    case("only by content", *pair, draw_gates(rng), tensor(0))
    case("a closed write gate", *pair, tensor(0), draw_gates(rng))
    batch = draw_weights(rng, 4, 4), draw_weights(rng, 4, 4)
    case("as many slots as in the batch", *batch, draw_gates(rng, 4), draw_gates(rng, 4))
    batch = draw_weights(rng, 2, 3, 5), draw_weights(rng, 2, 3, 5)
    case("two batch axes", *batch, draw_gates(rng, 2, 3), draw_gates(rng, 2, 3))
    batch = draw_weights(rng, 2, 4), draw_weights(rng, 2, 4)
    case("the gradients", *batch, draw_gates(rng, 2), draw_gates(rng, 2), using=gradients)


@probe(
    "mem_ops.write_memory",
    hints=(
        "One number of the memory, a write weight of 0.5, an erase of 1: half of it goes. What "
        "must happen first, so that the new word is not erased too?",
        "Weights [..., N, 1] times erase [..., 1, W] broadcast to [..., N, W], the shape of the "
        "memory; weights times the word do so too.",
        "`weights = write_weights[..., tf.newaxis]`; then `memory * (1 - weights * "
        "erase[..., tf.newaxis, :])`, plus the weights times the word.",
    ),
)
def write_memory(case, rng):
    hand = tensor([[1, 2], [3, 4], [5, 6]])
    case("worked by hand", hand, tensor([1, 0.5, 0]), tensor([1, 0]), tensor([10, 20]))

    def draw_inputs(batch, slots, width):
        weights, erase = draw_weights(rng, *batch, slots), draw_gates(rng, *batch, width)
        return draw(rng, *batch, slots, width), weights, erase, draw(rng, *batch, width)

    memory, weights, _, word = draw_inputs((), 4, 3)
    case("nothing is erased", memory, weights, tensor([0, 0, 0]), word)
    memory, weights, _, word = draw_inputs((), 3, 5)
    case("all is erased", memory, weights, tensor([1] * 5), word)
    case("five slots of three numbers", *draw_inputs((), 5, 3))
    case("as many slots as numbers", *draw_inputs((), 4, 4))
    case("a batch of two", *draw_inputs((2,), 4, 3))
    case("the gradients", *draw_inputs((), 3, 2), using=gradients)


# --- Links in time ------------------------------------------------------------------------------


def several_writes(function, write_weights, precedences):
    """The links after each of several writes, each with the precedence that goes before it."""
    import tensorflow as tf

    links = [tf.zeros([write_weights.shape[-1]] * 2)]
    for weights, precedence in zip(write_weights, precedences, strict=True):
        links.append(function(links[-1], weights, precedence))
    return links[1:]


def link_cases(case, rng):
    """What the two ways to the link matrix share."""
    hand = tensor([[0, 0, 0], [0.8, 0, 0], [0, 0, 0]])
    case("worked by hand", hand, tensor([0, 0.5, 0.5]), tensor([0.2, 0.8, 0]))
    writes = [0.8, 0.1, 0], [0.1, 0.8, 0.1], [0, 0.1, 0.8], [0.8, 0, 0.1]
    before = [0, 0, 0], [0.8, 0.1, 0], [0.1, 0.8, 0.1], [0.01, 0.18, 0.81]
    case("slots 0, 1, 2, then 0 again", tensor(writes), tensor(before), using=several_writes)
    inputs = draw_link(rng, 4), tensor([0] * 4), draw_weights(rng, 4)
    case("nothing is written", *inputs)
    case("four slots", draw_link(rng, 4), draw_weights(rng, 4), draw_weights(rng, 4))
    batch = draw_link(rng, 2, 3), draw_weights(rng, 2, 3), draw_weights(rng, 2, 3)
    case("a batch of two", *batch)
    inputs = draw_link(rng, 3), draw_weights(rng, 3), draw_weights(rng, 3)
    case("the gradients", *inputs, using=gradients)


@probe(
    "mem_ops.link_loop",
    hints=(
        "Write the formula for one entry, i = 1 and j = 0, with numbers. Which weight belongs to "
        "the slot that is written now, and which number to the one before?",
        "`write_weights[..., i]` is one number for each member of the batch. `tf.stack(row, "
        "axis=-1)` makes a row of such numbers, `tf.stack(rows, axis=-2)` the matrix.",
        "`(1 - write_weights[..., i] - write_weights[..., j]) * link[..., i, j] + "
        "write_weights[..., i] * precedence[..., j]` if i is not j; zero if it is.",
    ),
)
def link_loop(case, rng):
    link_cases(case, rng)


@probe(
    "mem_ops.pairwise_sum",
    hints=(
        "Stand the vector upright as a column and lay it flat as a row: what does broadcasting "
        "do with their sum?",
        "A column of shape [..., N, 1] plus a row of shape [..., 1, N] gives [..., N, N].",
        "`vector[..., :, tf.newaxis]` is the column; the row has `tf.newaxis` on the other side "
        "of the colon.",
    ),
)
def pairwise_sum(case, rng):
    case("worked by hand", tensor([1, 2, 5]))
    case("five numbers", draw(rng, 5))
    case("a batch of two", draw(rng, 2, 3))
    case("as many vectors as numbers", draw(rng, 3, 3))
    case("two batch axes", draw(rng, 2, 3, 4))
    case("the gradient", draw(rng, 2, 3), using=gradients)
    case("no loop, and a batch of any size", using=graph_of_one_size([None, "N"]))


@probe(
    "mem_ops.update_link",
    hints=(
        "Everything in the entry at [i, j] is known to you as a whole matrix: w[i] + w[j] is "
        "`pairwise_sum`, and w[i] p[j] is an outer product. Do not forget the diagonal.",
        "A column [..., N, 1] times a row [..., 1, N] is the outer product [..., N, N]. The rows "
        "belong to the slot that is written now.",
        "`kept = (1 - pairwise_sum(write_weights)) * link`; `new = write_weights[..., :, "
        "tf.newaxis] * precedence[..., tf.newaxis, :]`; `tf.linalg.set_diag(kept + new, ...)`.",
    ),
)
def update_link(case, rng):
    link_cases(case, rng)
    shapes = [None, "N", "N"], [None, "N"], [None, "N"]
    case("no loop, and a batch of any size", using=graph_of_one_size(*shapes))


@probe(
    "mem_ops.update_precedence",
    hints=(
        "A write of total weight 0.3 leaves 0.7 of the old precedence, in every slot alike. What "
        "does it bring with it?",
        "The total is one number for each member of the batch: with `keepdims=True` it has shape "
        "[..., 1] and lines up with [..., N].",
        "`written = tf.reduce_sum(write_weights, axis=-1, keepdims=True)`; what is left of the "
        "old, `1 - written`, times `precedence`, plus the write weights.",
    ),
)
def update_precedence(case, rng):
    case("worked by hand", tensor([0.5, 0.3, 0.1]), tensor([0, 0.1, 0.4]))
    case("a whole write", draw_weights(rng, 4), tensor([0, 0.25, 0.75, 0]))
    case("no write", draw_weights(rng, 4), tensor([0] * 4))
    case("six slots", draw_weights(rng, 6), draw_weights(rng, 6))
    case("as many slots as in the batch", draw_weights(rng, 3, 3), draw_weights(rng, 3, 3))
    case("two batch axes", draw_weights(rng, 2, 3, 4), draw_weights(rng, 2, 3, 4))
    case("the gradients", draw_weights(rng, 2, 3), draw_weights(rng, 2, 3), using=gradients)


# --- Reading ------------------------------------------------------------------------------------


@probe(
    "mem_ops.forward_and_backward",
    hints=(
        "The link at [i, j] is large when i was written right after j. A head is at slot j: which "
        "row or column of the link says where forward goes?",
        "The heads are rows, [..., R, N]. A row of weights times a matrix adds up its rows; for "
        "the columns the matrix must be transposed.",
        "`tf.matmul(read_weights, link)` is one of the two, and the same with `transpose_b=True` "
        "is the other. Which of them is L w?",
    ),
)
def forward_and_backward(case, rng):
    hand = tensor([[0, 0, 0], [0.8, 0, 0], [0, 0.6, 0]])
    case("worked by hand", hand, tensor([[0.1, 0.9, 0]]))
    case("two heads, four slots", draw_link(rng, 4), draw_weights(rng, 2, 4))
    case("as many heads as slots", draw_link(rng, 3), draw_weights(rng, 3, 3))
    case("a batch of three", draw_link(rng, 3, 5), draw_weights(rng, 3, 2, 5))
    case("two batch axes", draw_link(rng, 2, 3, 4), draw_weights(rng, 2, 3, 1, 4))
    case("the gradients", draw_link(rng, 4), draw_weights(rng, 3, 4), using=gradients)


@probe(
    "mem_ops.read_weighting",
    hints=(
        "Each head mixes three weightings by its own three shares. Which share belongs to which "
        "weighting stands in the docstring.",
        "Modes [..., R, 3] fall into three pieces of [..., R, 1], which line up with [..., R, N].",
        "`tf.split(modes, 3, axis=-1)` gives the three pieces. Multiply each by its weighting "
        "and add the three up.",
    ),
)
def read_weighting(case, rng):
    def draw_three(*shape):
        return tuple(draw_weights(rng, *shape) for _ in range(3))

    hand = tensor([[1, 0, 0, 0]]), tensor([[0, 0.5, 0.5, 0]]), tensor([[0, 0, 0, 1]])
    case("worked by hand", *hand, tensor([[0.5, 0.2, 0.3]]))
    modes = tensor([[1, 0, 0], [0, 1, 0], [0, 0, 1]])
    case("a head for each mode", *draw_three(3, 4), modes)
    case("two heads, five slots", *draw_three(2, 5), draw_modes(rng, 2))
    case("three heads, three slots", *draw_three(3, 3), draw_modes(rng, 3))
    case("a batch of two", *draw_three(2, 4, 5), draw_modes(rng, 2, 4))
    case("the gradients", *draw_three(2, 4), draw_modes(rng, 2), using=gradients)


@probe(
    "mem_ops.read_memory",
    hints=(
        "A head with all its weight on one slot reads that slot's word. With its weight on "
        "several, it reads a blend of them.",
        "Weights [..., R, N] times memory [..., N, W] give [..., R, W]: the slots disappear.",
        "It is one `tf.matmul`, and nothing has to be transposed.",
    ),
)
def read_memory(case, rng):
    hand = tensor([[1, 2], [3, 4], [10, 0]])
    case("worked by hand", hand, tensor([[0.5, 0.5, 0]]))
    case("two heads, four slots of three numbers", draw(rng, 4, 3), draw_weights(rng, 2, 4))
    case("as many heads and slots as numbers", draw(rng, 3, 3), draw_weights(rng, 3, 3))
    case("a batch of three", draw(rng, 3, 5, 4), draw_weights(rng, 3, 2, 5))
    case("two batch axes", draw(rng, 2, 3, 4, 5), draw_weights(rng, 2, 3, 1, 4))
    case("the gradients", draw(rng, 4, 2), draw_weights(rng, 3, 4), using=gradients)


# --- The size of a graph ------------------------------------------------------------------------


def double(x):
    return x + x


def halve(x):
    return x / 2.0


def product_of_two(x, y):
    import tensorflow as tf

    return tf.matmul(x, y)


def loop_of(times):
    def loop(x):
        for _ in range(times):
            x = x * x
        return x

    return loop


def sum_of_a_batch(x):
    import tensorflow as tf

    return tf.reduce_sum(x, axis=0)


def double_and_square(x):
    return x + x, x * x


def made_float32(x):
    """Add one to the graph, unless ``x`` is float32 already."""
    import tensorflow as tf

    return tf.cast(x, tf.float32) * x


@probe(
    "mem_ops.graph_size",
    hints=(
        "No numbers are needed to record a graph: a `tf.TensorSpec` stands for an input. Then "
        "ask the recorded function for its graph.",
        "One `tf.TensorSpec(shape, tf.float32)` for each shape. A size may be None, so no array "
        "of that shape can be made.",
        "`traced = tf.function(function).get_concrete_function(*inputs)`; "
        "`traced.graph.get_operations()` is a list.",
    ),
)
def graph_size(case, rng):
    size, times = int(rng.integers(2, 9)), int(rng.integers(4, 400))
    case("one addition", double, [3])
    case("a constant", halve, [size])
    case("two inputs", product_of_two, [2, size], [size, 5])
    case(f"a loop of {times} steps", loop_of(times), [4, 4])
    case("a batch of any size", sum_of_a_batch, [None, 3])
    case("two results", double_and_square, [size, 2])
    case("a cast that float32 does not need", made_float32, [size])
