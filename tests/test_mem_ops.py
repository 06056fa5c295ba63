"""The memory operations against facts that do not come from them: algebra, NumPy, small numbers."""

import ast
import inspect

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

import solutions.mem_ops
from autograder.evidence import Finding
from autograder.exercises import mem_ops as probes
from solutions.mem_ops import (
    allocation_loop,
    allocation_scatter,
    allocation_weighting,
    content_weighting,
    cosine_similarity,
    forward_and_backward,
    free_list,
    graph_size,
    link_loop,
    pairwise_sum,
    read_memory,
    read_weighting,
    retention,
    update_link,
    update_precedence,
    update_usage,
    write_memory,
    write_weighting,
)

ALLOCATIONS = allocation_loop, allocation_weighting, allocation_scatter
LINKS = link_loop, update_link

few = settings(deadline=None, max_examples=20, derandomize=True)
seeds = st.integers(0, 2**32 - 1).map(np.random.default_rng)
usages = st.lists(st.floats(0, 1), min_size=1, max_size=6)
# Few values, so that there are ties, and slots that are quite free or quite full.
coarse_usages = st.lists(st.sampled_from([0.0, 0.25, 0.5, 1.0]), min_size=1, max_size=6)


def tensor(values, dtype=tf.float64):
    return tf.constant(values, dtype)


def draw_weights(rng, *shape):
    """Weightings of any total weight from 0 to 1."""
    weights = rng.dirichlet(np.full(shape[-1], 0.5), size=shape[:-1])
    return tensor(weights * rng.choice([0, 0.3, 1], size=(*shape[:-1], 1)))


# --- One case by hand for each operation --------------------------------------------------------

BY_HAND = [
    (cosine_similarity, [[[3, 4], [0, 2], [0, 0]], [[6, 8]]], [[1, 0.8, 0]]),
    (content_weighting, [[[5, 0], [0, 1]], [[2, 0]], [np.log(4)]], [[0.8, 0.2]]),
    (retention, [[1, 0.5], [[0.5, 0.5, 0], [0, 0.4, 0.2]]], [0.5, 0.4, 0.9]),
    (update_usage, [[0.5, 0, 1], [0.5, 0.5, 0], [1, 1, 0.5]], [0.75, 0.5, 0.5]),
    *((allocate, [[0.7, 0.2, 0.5]], [0.03, 0.8, 0.1]) for allocate in ALLOCATIONS),
    (write_weighting, [[1, 0, 0], [0.2, 0.3, 0.5], 0.5, 0.75], [0.4, 0.0375, 0.0625]),
    (write_memory, [[[1, 2], [3, 4]], [1, 0.5], [1, 0], [10, 20]], [[10, 22], [6.5, 14]]),
    *((update, [[[0, 0], [0.8, 0]], [0, 0.5], [0.6, 0.4]], [[0, 0], [0.7, 0]]) for update in LINKS),
    (pairwise_sum, [[1, 2, 5]], [[2, 3, 6], [3, 4, 7], [6, 7, 10]]),
    (update_precedence, [[0.5, 0.3, 0.1], [0, 0.1, 0.4]], [0.25, 0.25, 0.45]),
    (read_weighting, [[[1, 0, 0]], [[0, 1, 0]], [[0, 0, 1]], [[0.5, 0.2, 0.3]]], [[0.5, 0.2, 0.3]]),
    (read_memory, [[[1, 2], [3, 4], [10, 0]], [[0.5, 0.5, 0]]], [[2, 3]]),
]


@pytest.mark.parametrize("function, inputs, expected", BY_HAND)
def test_by_hand(function, inputs, expected):
    np.testing.assert_allclose(function(*map(tensor, inputs)), expected, atol=1e-7)


def test_free_list_by_hand():
    sorted_usage, order = free_list(tensor([0.7, 0.2, 0.5]))
    np.testing.assert_array_equal(sorted_usage, [0.2, 0.5, 0.7])
    assert order.numpy().tolist() == [1, 2, 0]


def test_forward_and_backward_by_hand():
    link = np.zeros((3, 3))
    link[2, 0] = link[1, 2] = 1  # slot 0, then 2, then 1
    forward, backward = forward_and_backward(tensor(link), tensor([[0, 0, 1]]))
    np.testing.assert_array_equal(forward, [[0, 1, 0]])
    np.testing.assert_array_equal(backward, [[1, 0, 0]])


# --- What all of them have in common ------------------------------------------------------------


def inputs_of(function, batch, dtype=np.float64, slots=4, heads=2, width=3):
    """Inputs of every operation, with any batch axes in front."""
    rng = np.random.default_rng(7)
    sizes = {
        "memory": (slots, width),
        "link": (slots, slots),
        "strengths": (heads,),
        "free_gates": (heads,),
        "keys": (heads, width),
        "read_weights": (heads, slots),
        "backward": (heads, slots),
        "forward": (heads, slots),
        "modes": (heads, 3),
        "write_gate": (),
        "allocation_gate": (),
        "erase": (width,),
        "vector": (width,),
    }
    if function is read_weighting:
        sizes["content"] = heads, slots
    names = inspect.signature(function).parameters
    drawn = (rng.uniform(0.1, 0.3, (*batch, *sizes.get(name, (slots,)))) for name in names)
    return [tf.constant(values.astype(dtype)) for values in drawn]


OPERATIONS = [
    function
    for name, function in vars(solutions.mem_ops).items()
    if inspect.isfunction(function) and name != "graph_size"
]


def assert_alike(ones, others, **tolerance):
    for one, other in zip(tf.nest.flatten(ones), tf.nest.flatten(others), strict=True):
        np.testing.assert_allclose(one, other, **tolerance)


@pytest.mark.parametrize("function", OPERATIONS)
@pytest.mark.parametrize("batch", [(3,), (2, 3)])
def test_a_batch_is_many_at_once(function, batch):
    inputs = inputs_of(function, batch)
    together = tf.nest.flatten(function(*inputs))
    for index in np.ndindex(batch):
        alone = function(*(x[index] for x in inputs))
        assert_alike([part[index] for part in together], alone, atol=1e-9)


@pytest.mark.parametrize("function", OPERATIONS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_type_of_the_numbers_is_kept(function, dtype):
    parts = tf.nest.flatten(function(*inputs_of(function, (2,), dtype)))
    assert {part.dtype for part in parts} <= {tf.as_dtype(dtype), tf.int32}
    assert parts[0].dtype == dtype


@pytest.mark.parametrize("function", OPERATIONS)
def test_inside_a_graph_a_batch_may_have_any_size(function):
    inputs = inputs_of(function, (3,))
    signature = [tf.TensorSpec([None, *x.shape[1:]], x.dtype) for x in inputs]
    graph = tf.function(function, input_signature=signature)
    for size in 1, 3:
        part = [x[:size] for x in inputs]
        assert_alike(graph(*part), function(*part), atol=1e-9)


@pytest.mark.parametrize("function", OPERATIONS)
def test_tensorflows_compiler_knows_it(function):
    inputs = inputs_of(function, (2,), np.float32)
    compiled = tf.function(function, jit_compile=True)
    if function is allocation_scatter:
        with pytest.raises(tf.errors.InvalidArgumentError, match="TensorListScatter"):
            compiled(*inputs)
    else:
        assert_alike(compiled(*inputs), function(*inputs), atol=1e-6)


@pytest.mark.parametrize("function", OPERATIONS)
def test_the_graph_grows_with_the_slots_in_the_loops_alone(function):
    few, more = (
        graph_size(function, *(x.shape for x in inputs_of(function, (2,), slots=slots)))
        for slots in (3, 5)
    )
    assert (few == more) == (not function.__name__.endswith("_loop"))


def test_there_is_no_python_loop_outside_of_the_loops():
    loops = ast.For | ast.While | ast.comprehension
    tree = ast.parse(inspect.getsource(solutions.mem_ops))
    with_loops = {
        function.name
        for function in tree.body
        if isinstance(function, ast.FunctionDef)
        and any(isinstance(node, loops) for node in ast.walk(function))
    }
    # graph_size takes any number of shapes; it is no operation of the memory.
    assert with_loops == {"allocation_loop", "link_loop", "graph_size"}


@pytest.mark.parametrize("function", OPERATIONS)
def test_gradients_equal_finite_differences(function):
    def entries(*inputs):
        parts = tf.nest.flatten(function(*inputs))
        return tf.concat([tf.reshape(p, [-1]) for p in parts if p.dtype.is_floating], axis=0)

    inputs = inputs_of(function, (), slots=3)
    theory, numeric = tf.test.compute_gradient(entries, inputs, delta=1e-5)
    assert_alike(theory, numeric, atol=1e-5)


# --- Content ------------------------------------------------------------------------------------


@given(seeds)
@few
def test_similarity_is_numpys_cosine_and_feels_no_length(rng):
    memory, keys = rng.normal(size=(5, 3)), rng.normal(size=(2, 3))
    lengths = np.linalg.norm(keys, axis=1)[:, np.newaxis] * np.linalg.norm(memory, axis=1)
    similarity = cosine_similarity(tensor(memory), tensor(keys))
    np.testing.assert_allclose(similarity, keys @ memory.T / lengths, atol=1e-6)
    longer = cosine_similarity(tensor(7 * memory), tensor(5 * keys))
    np.testing.assert_allclose(longer, similarity, atol=1e-6)


def test_zeros_are_like_nothing_and_their_gradient_is_finite():
    memory, keys = tensor([[1.0, 2], [0, 0]]), tensor([[0.0, 0], [3, 4]])
    similarity = cosine_similarity(memory, keys)
    np.testing.assert_array_equal(similarity[0], [0, 0])
    np.testing.assert_array_equal(similarity[:, 1], [0, 0])
    assert probes.finite_gradients(cosine_similarity, memory, keys)


def test_a_length_below_a_thousandth_counts_as_a_thousandth():
    long, short = tensor([[3.0, 4]]), tensor([[0.0012, 0.0016], [0.0003, 0.0004]])
    np.testing.assert_allclose(cosine_similarity(short, long), [[1, 0.5]])
    np.testing.assert_allclose(cosine_similarity(long, short), [[1], [0.5]])


@given(seeds)
@few
def test_content_weights_sum_to_one_and_are_sharper_for_a_larger_strength(rng):
    memory, keys = tensor(rng.normal(size=(5, 3))), tensor(rng.normal(size=(2, 3)))
    even, soft, hard = (
        content_weighting(memory, keys, tensor([strength] * 2)) for strength in (0.0, 2.0, 2000.0)
    )
    for weights in even, soft, hard:
        np.testing.assert_allclose(tf.reduce_sum(weights, axis=-1), 1)
    np.testing.assert_allclose(even, np.full((2, 5), 0.2))
    assert (tf.reduce_max(soft, axis=-1) > 0.2).numpy().all()
    best = np.argmax(cosine_similarity(memory, keys), axis=-1)
    np.testing.assert_array_equal(np.argmax(soft, axis=-1), best)
    np.testing.assert_array_equal(np.argmax(hard, axis=-1), best)
    assert (tf.reduce_max(hard, axis=-1) > tf.reduce_max(soft, axis=-1)).numpy().all()


# --- Usage --------------------------------------------------------------------------------------


@given(seeds)
@few
def test_usage_stays_between_zero_and_one(rng):
    usage = tf.zeros([4], tf.float64)
    for _ in range(10):
        gates = tensor(rng.choice([0, 0.5, 1], size=2))
        kept = retention(gates, draw_weights(rng, 2, 4))
        usage = update_usage(usage, draw_weights(rng, 4), kept)
        for part in kept, usage:
            assert ((part >= 0) & (part <= 1)).numpy().all()


def test_what_is_full_stays_full_and_what_is_read_with_an_open_gate_is_free():
    heads = tensor([[0, 1, 0.0], [0, 0, 1]])
    kept = retention(tensor([1.0, 0]), heads)
    np.testing.assert_array_equal(kept, [1, 0, 1])
    full = tensor([1.0, 1, 1])
    np.testing.assert_array_equal(update_usage(full, tensor([0.5, 0, 1]), kept), [1, 0, 1])


# --- Allocation ---------------------------------------------------------------------------------


@given(usages | coarse_usages)
@few
def test_the_free_list_is_a_stable_sort(usage):
    expected = sorted(range(len(usage)), key=lambda slot: (usage[slot], slot))
    sorted_usage, order = free_list(tensor(usage))
    assert order.numpy().tolist() == expected
    assert sorted_usage.numpy().tolist() == sorted(usage)


@pytest.mark.parametrize("allocate", ALLOCATIONS)
@given(usage=usages | coarse_usages)
@few
def test_allocation_takes_all_but_the_product_of_the_usages(allocate, usage):
    allocation = allocate(tensor(usage)).numpy()
    assert ((allocation >= 0) & (allocation <= 1)).all()
    np.testing.assert_allclose(allocation.sum(), 1 - np.prod(usage), atol=1e-6)


@pytest.mark.parametrize("allocate", ALLOCATIONS)
@given(usage=usages | coarse_usages)
@few
def test_allocation_is_equation_1(allocate, usage):
    order = np.argsort(usage, kind="stable")
    expected = np.zeros(len(usage))
    for j, slot in enumerate(order):
        expected[slot] = (1 - usage[slot]) * np.prod([usage[i] for i in order[:j]])
    np.testing.assert_allclose(allocate(tensor(usage)), expected, atol=1e-7)


@pytest.mark.parametrize("allocate", ALLOCATIONS)
@given(order=st.permutations(range(5)))
@few
def test_allocation_follows_a_permutation_of_the_slots(allocate, order):
    usage = np.array([0.3, 0.9, 0.1, 0.6, 0.2])
    np.testing.assert_allclose(
        allocate(tensor(usage[order])), allocate(tensor(usage)).numpy()[order]
    )


@pytest.mark.parametrize("allocate", ALLOCATIONS)
def test_allocation_at_the_edges(allocate):
    def check(usage, expected):
        np.testing.assert_allclose(allocate(tensor(usage)), expected, atol=1e-7)

    check([1.0, 1, 1, 1], [0, 0, 0, 0])
    check([0.0, 0, 0], [1, 0, 0])
    check([1.0, 0, 1], [0, 1, 0])
    check([0.5, 0.5], [0.5, 0.25])  # the lower slot first, and its own usage is not in its product


@pytest.mark.parametrize("allocate", ALLOCATIONS[1:])
@pytest.mark.parametrize("slots", [1, 2, 3, 5, 8, 16, 32, 64])
@pytest.mark.parametrize("dtype", [tf.float32, tf.float64])
def test_loop_and_vector_agree(allocate, slots, dtype):
    rng = np.random.default_rng(slots)
    usage = tensor([rng.uniform(0, 1, slots), rng.choice([0, 0.5, 0.9, 1], slots)], dtype)
    np.testing.assert_allclose(allocate(usage), allocation_loop(usage), atol=1e-6)


@pytest.mark.parametrize("allocate", ALLOCATIONS)
def test_the_gradient_of_allocation_is_right_at_exactly_zero_and_one(allocate):
    """A step to both sides would change the order; the loop's formula, slot by slot, does not."""

    def in_this_order(usage):
        shares, product = [], 1.0
        for slot in order:
            shares.append((slot, (1 - usage[slot]) * product))
            product *= usage[slot]
        return tf.stack([share for _, share in sorted(shares, key=lambda pair: pair[0])])

    for values in [0, 0, 0, 0], [0, 1, 0.5, 0], [1, 1, 0, 1], [1, 1, 1, 1]:
        usage = tensor(values)
        order = np.argsort(values, kind="stable")
        theory, _ = tf.test.compute_gradient(allocate, [usage])
        _, numeric = tf.test.compute_gradient(in_this_order, [usage])
        np.testing.assert_allclose(theory[0], numeric[0], atol=1e-6)


def test_tensorflows_cumprod_still_has_a_wrong_gradient_at_zero():
    """When this fails, TensorFlow has mended it and the small number in our product may go."""

    def product_before(usage):
        return tf.math.cumprod(usage, exclusive=True)

    theory, numeric = tf.test.compute_gradient(product_before, [tensor([0.0, 0.5, 0.5])])
    assert not np.allclose(theory[0], numeric[0], atol=1e-3)
    with_a_small_number, _ = tf.test.compute_gradient(
        lambda usage: product_before(usage + 1e-8), [tensor([0.0, 0.5, 0.5])]
    )
    np.testing.assert_allclose(with_a_small_number[0], numeric[0], atol=1e-6)


# --- Writing ------------------------------------------------------------------------------------


@given(seeds)
@few
def test_a_write_weighting_is_one(rng):
    gates = tensor(rng.choice([0, 0.4, 1], size=(2, 3)))
    allocation, content = draw_weights(rng, 3, 4), draw_weights(rng, 3, 4)
    weights = write_weighting(allocation, content, *gates)
    assert (weights >= 0).numpy().all()
    assert (tf.reduce_sum(weights, axis=-1) <= gates[0] + 1e-9).numpy().all()
    none, one = tf.zeros([3], tf.float64), tf.ones([3], tf.float64)
    assert_alike(write_weighting(allocation, content, one, one), allocation)
    assert_alike(write_weighting(allocation, content, one, none), content)


def test_a_whole_write_replaces_a_slot_and_leaves_the_others():
    rng = np.random.default_rng(0)
    memory, word = tensor(rng.normal(size=(4, 3))), tensor(rng.normal(size=3))
    written = write_memory(memory, tensor([0.0, 0, 1, 0]), tensor([1.0, 1, 1]), word).numpy()
    np.testing.assert_allclose(written[2], word)
    np.testing.assert_array_equal(written[[0, 1, 3]], memory.numpy()[[0, 1, 3]])


# --- Links in time ------------------------------------------------------------------------------


def write(update, writes):
    """Each link and precedence of a sequence of writes, from an empty memory."""
    precedence = tf.zeros_like(writes[0])
    link = tf.zeros([writes.shape[-1]] * 2, writes.dtype)
    for weights in writes:
        link = update(link, weights, precedence)
        precedence = update_precedence(precedence, weights)
        yield link.numpy(), precedence.numpy()


@given(seeds)
@few
def test_links_and_precedence_stay_in_their_bounds(rng):
    for link, precedence in write(update_link, draw_weights(rng, 10, 4)):
        assert (np.diagonal(link) == 0).all()
        assert ((link >= -1e-12) & (link <= 1 + 1e-12)).all()
        assert (link.sum(axis=0) <= 1 + 1e-9).all()
        assert (link.sum(axis=1) <= 1 + 1e-9).all()
        assert ((precedence >= 0) & (precedence <= 1)).all()
        assert precedence.sum() <= 1 + 1e-9


@given(st.permutations(range(5)))
@few
def test_whole_writes_are_found_again_in_their_order(order):
    *_, (link, precedence) = write(update_link, tf.one_hot(order, 5, dtype=tf.float64))
    np.testing.assert_array_equal(np.argwhere(link.T), sorted(zip(order, order[1:], strict=False)))
    np.testing.assert_array_equal(precedence, np.eye(5)[order[-1]])
    head = tensor(np.eye(5)[[order[0]]])
    for slot in order[1:]:
        head, _ = forward_and_backward(link, head)
        np.testing.assert_array_equal(head, np.eye(5)[[slot]])
    for slot in order[-2::-1]:
        _, head = forward_and_backward(link, head)
        np.testing.assert_array_equal(head, np.eye(5)[[slot]])


@pytest.mark.parametrize("update", LINKS)
def test_a_slot_that_is_written_again_moves_to_the_end(update):
    *_, (link, _) = write(update, tf.one_hot([0, 1, 2, 0], 3, dtype=tf.float64))
    np.testing.assert_array_equal(link, [[0, 0, 1], [0, 0, 0], [0, 1, 0]])


@given(seeds)
@few
def test_the_link_is_updated_with_the_precedence_from_before(rng):
    writes = draw_weights(rng, 6, 3).numpy()
    link, precedence = np.zeros((3, 3)), np.zeros(3)
    for w, (ours, _) in zip(writes, write(update_link, tensor(writes)), strict=True):
        link = (1 - np.add.outer(w, w)) * link + np.outer(w, precedence)
        np.fill_diagonal(link, 0)
        precedence = (1 - w.sum()) * precedence + w
        np.testing.assert_allclose(ours, link, atol=1e-12)


@pytest.mark.parametrize("slots", [1, 2, 3, 5, 8])
@pytest.mark.parametrize("dtype", [tf.float32, tf.float64])
def test_link_loop_and_vector_agree(slots, dtype):
    inputs = [tf.cast(x, dtype) for x in inputs_of(update_link, (2,), slots=slots)]
    np.testing.assert_allclose(update_link(*inputs), link_loop(*inputs), atol=1e-6)


@given(seeds)
@few
def test_a_pairwise_sum_is_its_own_transpose(rng):
    vector = rng.normal(size=5)
    sums = pairwise_sum(tensor(vector)).numpy()
    np.testing.assert_array_equal(sums, sums.T)
    np.testing.assert_array_equal(sums, np.add.outer(vector, vector))


# --- Reading ------------------------------------------------------------------------------------


@given(seeds)
@few
def test_forward_and_backward_are_the_two_matrix_products(rng):
    link, weights = rng.uniform(size=(4, 4)), rng.uniform(size=(2, 4))
    forward, backward = forward_and_backward(tensor(link), tensor(weights))
    for head in range(2):
        np.testing.assert_allclose(forward[head], link @ weights[head])
        np.testing.assert_allclose(backward[head], link.T @ weights[head])


def test_each_mode_alone_takes_its_own_weighting():
    three = [draw_weights(np.random.default_rng(n), 3, 4) for n in (1, 2, 3)]
    for mode, expected in enumerate(three):
        modes = tf.one_hot([mode] * 3, 3, dtype=tf.float64)
        np.testing.assert_array_equal(read_weighting(*three, modes), expected)


@given(seeds)
@few
def test_a_read_with_all_weight_on_one_slot_is_its_word(rng):
    memory, slots = rng.normal(size=(5, 3)), rng.integers(5, size=4)
    words = read_memory(tensor(memory), tensor(np.eye(5)[slots]))
    np.testing.assert_allclose(words, memory[slots])


def test_a_sequence_is_stored_and_read_back_in_order_and_backward():
    """The whole memory with gates set by hand: write three words, then walk along the links."""
    words = np.random.default_rng(0).normal(size=(3, 2))
    memory, usage = tf.fill([5, 2], tensor(1e-6)), tensor([0.0] * 5)
    link, precedence, weights = tf.zeros([5, 5], tf.float64), tensor([0.0] * 5), tensor([0.0] * 5)
    for word in words:
        usage = update_usage(usage, weights, tensor([1.0] * 5))
        nowhere = content_weighting(memory, tensor([[1.0, 1]]), tensor([1.0]))[0]
        weights = write_weighting(allocation_weighting(usage), nowhere, tensor(1.0), tensor(1.0))
        memory = write_memory(memory, weights, tensor([1.0, 1]), tensor(word))
        link = update_link(link, weights, precedence)
        precedence = update_precedence(precedence, weights)
    head = content_weighting(memory, tensor(words[:1]), tensor([1000.0]))
    found = [read_memory(memory, head)[0]]
    for direction in 0, 0, 1, 1:
        head = forward_and_backward(link, head)[direction]
        found.append(read_memory(memory, head)[0])
    np.testing.assert_allclose(found, words[[0, 1, 2, 1, 0]], atol=1e-5)


# --- The size of a graph ------------------------------------------------------------------------


def test_graph_size_counts_inputs_operations_and_results():
    assert graph_size(lambda x: x + x, [3]) == 3  # the input, the sum, what hands it on
    assert graph_size(lambda x, y: (x + y) * x, [3], [None]) == 5
    assert type(graph_size(lambda x: x, [None, 2])) is int


def test_the_loop_over_the_links_copies_its_formula_for_every_entry():
    def size(slots):
        return graph_size(link_loop, [slots, slots], [slots], [slots])

    sizes = [size(slots) for slots in (2, 3, 4, 5)]
    assert np.ptp(np.diff(sizes, n=2)) == 0  # it grows with the square of the slots
    assert np.diff(sizes, n=2)[0] > 0


# --- What the probes look at --------------------------------------------------------------------


def test_a_tape_cannot_follow_numpy():
    usage = tensor([0.7, 0.2, 0.5], tf.float32)
    (gradient,) = probes.gradients(allocation_weighting, usage)
    assert gradient.shape == (3,)
    with pytest.raises(Finding, match="left TensorFlow"):
        probes.gradients(lambda usage: 1 - usage.numpy(), usage)
    with pytest.raises(Finding, match="input 2"):
        probes.gradients(lambda one, two: one * tf.stop_gradient(two), usage, 2 * usage)


def test_a_loop_is_found_by_the_size_of_its_graph():
    looks = probes.graph_of_one_size([None, "N"])
    assert looks(allocation_weighting)
    with pytest.raises(Finding, match="for 2 slots and .* for 4"):
        looks(allocation_loop)


def test_a_gradient_that_is_not_finite_is_found():
    memory, keys = tensor([[0.0, 0], [1, 2]]), tensor([[1.0, 1]])

    def unguarded(memory, keys):
        return keys @ tf.transpose(memory / tf.norm(memory, axis=-1, keepdims=True))

    with pytest.raises(Finding, match="NaN"):
        probes.finite_gradients(unguarded, memory, keys)
