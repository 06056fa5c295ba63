"""The DNC against facts that do not come from it: ranges, invariants, stored sequences, Keras."""

import re

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

import solutions.dnc
from autograder import exercises
from autograder.build import exercise_source
from autograder.evidence import Finding
from autograder.exercises import dnc as probes
from autograder.judge import judge
from lab.memory_cell import MemoryCell
from solutions.dnc import (
    DNCCell,
    copy_batch,
    encode_story,
    exact_accuracy,
    masked_loss,
    memory_step,
    parse_interface,
)
from solutions.mem_ops import graph_size

SLOTS, WIDTH, HEADS = 5, 4, 2
SIZE = WIDTH * HEADS + 3 * WIDTH + 5 * HEADS + 3

few = settings(deadline=None, max_examples=15, derandomize=True)
seeds = st.integers(0, 2**32 - 1).map(np.random.default_rng)


def doubles(parts):
    return {name: tf.cast(part, tf.float64) for name, part in parts.items()}


def empty_state(slots=SLOTS, width=WIDTH, heads=HEADS):
    some = doubles(probes.draw_state(np.random.default_rng(0), (), slots, width, heads))
    return {name: tf.zeros_like(part) for name, part in some.items()}


def draw_vector(rng, *batch):
    """An interface vector whose gates are often nearly open or closed."""
    return tf.constant(4 * rng.normal(size=(*batch, SIZE)))


# --- The interface ------------------------------------------------------------------------------


def test_each_part_depends_on_its_own_numbers_in_the_order_of_the_vector():
    vector = tf.random.stateless_normal([SIZE], [1, 2])
    place = 0
    for name, part in parse_interface(vector, WIDTH, HEADS).items():
        count = tf.size(part).numpy()
        moved = vector + np.eye(SIZE, dtype=np.float32)[place : place + count].sum(axis=0)
        changed = parse_interface(moved, WIDTH, HEADS)
        if name == "read_modes":  # a softmax forgets what is added to all
            np.testing.assert_allclose(changed[name], part, atol=1e-6)
        else:
            assert (changed[name].numpy() > part.numpy()).all()
        others = parse_interface(vector, WIDTH, HEADS).keys() - {name}
        again = parse_interface(vector, WIDTH, HEADS)
        assert all(np.array_equal(changed[other], again[other]) for other in others)
        place += count
    assert place == SIZE


@few
@given(seeds, st.sampled_from([(), (3,), (2, 1)]))
def test_each_part_has_its_shape_and_its_range(rng, batch):
    parts = parse_interface(100 * draw_vector(rng, *batch), WIDTH, HEADS)
    expected = probes.draw_interface(rng, batch, WIDTH, HEADS)
    assert list(parts) == list(expected)
    for name, part in parts.items():
        assert part.shape == expected[name].shape
        assert np.isfinite(part).all()
        if "strength" in name:
            assert (part.numpy() >= 1).all()
        elif "gate" in name or name in ("erase", "read_modes"):
            assert ((part.numpy() >= 0) & (part.numpy() <= 1)).all()
    np.testing.assert_allclose(tf.reduce_sum(parts["read_modes"], axis=-1), 1)


def test_oneplus_of_large_numbers_is_the_number_plus_one():
    for dtype in tf.float32, tf.float64:
        parts = parse_interface(tf.fill([SIZE], tf.constant(1000, dtype)), WIDTH, HEADS)
        np.testing.assert_array_equal(parts["read_strengths"], [1001] * HEADS)
        assert parts["write_strength"].dtype == dtype


@pytest.mark.parametrize("size", [SIZE - 1, SIZE + 1, 1])
def test_an_interface_of_another_size_is_refused(size):
    with pytest.raises(ValueError, match=f"has {SIZE} numbers, but {size} came"):
        parse_interface(tf.zeros([2, size]), WIDTH, HEADS)


# --- A step of the memory -----------------------------------------------------------------------


@few
@given(seeds)
def test_whatever_the_controller_says_the_memory_stays_within_its_bounds(rng):
    state = empty_state()
    for vector in draw_vector(rng, 8):
        new = memory_step(state, parse_interface(vector, WIDTH, HEADS))
        assert {n: p.shape for n, p in new.items()} == {n: p.shape for n, p in state.items()}
        state = {name: part.numpy() for name, part in new.items()}
        shares = "usage", "precedence", "write_weights", "link", "read_weights"
        assert all(-1e-9 < state[name].min() and state[name].max() < 1 + 1e-6 for name in shares)
        for name in "precedence", "write_weights", "read_weights":
            assert (state[name].sum(axis=-1) < 1 + 1e-6).all()
        assert (state["link"].sum(axis=-1) < 1 + 1e-6).all()
        assert (state["link"].sum(axis=-2) < 1 + 1e-6).all()
        assert not np.diagonal(state["link"]).any()
        np.testing.assert_allclose(state["read_vectors"], state["read_weights"] @ state["memory"])
        state = {name: tf.constant(part) for name, part in state.items()}


@few
@given(seeds)
def test_each_member_of_a_batch_lives_alone(rng):
    state = doubles(probes.draw_state(rng, (3,), SLOTS, WIDTH, HEADS))
    interface = doubles(probes.draw_interface(rng, (3,), WIDTH, HEADS))
    together = memory_step(state, interface)
    for row in range(3):
        alone = memory_step(
            *({n: p[row] for n, p in parts.items()} for parts in (state, interface))
        )
        for name, part in alone.items():
            np.testing.assert_allclose(part, together[name][row])


def command(vector=None, key=None, mode=None, free=0.0):
    """An interface set by hand: write ``vector``, or look up ``key``, or follow ``mode``."""
    word = tf.zeros(WIDTH, tf.float64)
    modes = {"backward": [1, 0, 0], None: [0, 1, 0], "forward": [0, 0, 1]}[mode]
    parts = {
        "read_keys": [word if key is None else key],
        "read_strengths": [1000.0],
        "write_key": word,
        "write_strength": 1.0,
        "erase": tf.ones_like(word),
        "write_vector": word if vector is None else vector,
        "free_gates": [free],
        "allocation_gate": 1.0,
        "write_gate": 0.0 if vector is None else 1.0,
        "read_modes": [modes],
    }
    return {name: tf.cast(part, tf.float64) for name, part in parts.items()}


def perform(state, commands):
    """The words read at each command, and the last state."""
    words = []
    for parts in commands:
        state = memory_step(state, parts)
        words.append(state["read_vectors"][0])
    return words, state


@pytest.mark.parametrize("mode", ["forward", "backward"])
def test_a_stored_sequence_is_read_in_both_directions(mode):
    words = np.random.default_rng(3).normal(size=(4, WIDTH))
    _, state = perform(empty_state(6, WIDTH, 1), map(command, words))
    order = words if mode == "forward" else words[::-1]
    commands = [command(key=order[0]), *[command(mode=mode)] * 3]
    read, _ = perform(state, commands)
    np.testing.assert_allclose(read, order, atol=1e-5)


def test_what_is_read_and_freed_is_written_over_one_step_later():
    words = np.random.default_rng(4).normal(size=(4, WIDTH))
    _, state = perform(empty_state(3, WIDTH, 1), map(command, words[:3]))
    before = state["memory"].numpy()
    _, state = perform(state, [command(key=words[1]), command(words[3], free=1.0)])
    freed = np.isclose(before, words[1]).all(axis=-1, keepdims=True)
    assert freed.sum() == 1
    np.testing.assert_allclose(state["memory"], np.where(freed, words[3], before), atol=1e-5)


def test_a_step_leaves_the_old_state_alone():
    rng = np.random.default_rng(5)
    state = probes.draw_state(rng, (), SLOTS, WIDTH, HEADS)
    before = dict(state)
    memory_step(state, probes.draw_interface(rng, (), WIDTH, HEADS))
    assert all(state[name] is before[name] for name in before)


def step_of(shapes_of):
    """A step as a function of single tensors, and the shapes of these."""
    state, interface = shapes_of

    def step(*parts):
        named = dict(zip([*state, *interface], parts, strict=True))
        return memory_step({n: named[n] for n in state}, {n: named[n] for n in interface})

    return step, [part.shape for part in (*state.values(), *interface.values())]


def draw_both(*batch, slots=SLOTS):
    rng = np.random.default_rng(6)
    state = probes.draw_state(rng, batch, slots, WIDTH, HEADS)
    return state, probes.draw_interface(rng, batch, WIDTH, HEADS)


def test_the_graph_of_a_step_does_not_grow_with_the_memory():
    sizes = []
    for slots in 4, 16:
        step, shapes = step_of(draw_both(2, slots=slots))
        sizes.append(graph_size(step, *shapes))
    assert sizes[0] == sizes[1]


def test_a_step_in_a_graph_that_does_not_know_the_batch():
    both = draw_both(3)
    step, shapes = step_of(both)
    specs = [tf.TensorSpec([None, *shape[1:]]) for shape in shapes]
    new = tf.function(step, input_signature=specs)(*both[0].values(), *both[1].values())
    for name, part in memory_step(*both).items():
        np.testing.assert_allclose(new[name], part, atol=1e-6)


def test_a_step_may_be_compiled():
    both = draw_both(2)
    compiled = tf.function(memory_step, jit_compile=True)(*both)
    for name, part in memory_step(*both).items():
        np.testing.assert_allclose(compiled[name], part, atol=1e-5)


# --- The cell -----------------------------------------------------------------------------------

CONTROLLERS = {
    "Dense": lambda: tf.keras.layers.Dense(6, "relu"),
    "LSTM": lambda: tf.keras.layers.LSTMCell(6),
    "stacked": lambda: tf.keras.Sequential([tf.keras.layers.Dense(6, "relu") for _ in range(2)]),
}


def make_cell(controller):
    return DNCCell(CONTROLLERS[controller](), 3, slots=SLOTS, word_size=WIDTH, read_heads=HEADS)


@pytest.mark.parametrize("controller", CONTROLLERS)
def test_keras_runs_the_cell_over_a_sequence_of_any_length_and_batch(controller):
    cell = make_cell(controller)
    inputs = tf.keras.Input([None, 2])
    model = tf.keras.Model(inputs, tf.keras.layers.RNN(cell, return_sequences=True)(inputs))
    sequences = tf.random.stateless_normal([3, 4, 2], [1, 2])
    outputs = model(sequences)
    states = cell.get_initial_state(3)
    for t in range(4):
        output, states = cell(sequences[:, t], states)
        np.testing.assert_allclose(output, outputs[:, t], atol=1e-5)
        assert [state.shape[1:] for state in states] == cell.state_size
    again = tf.keras.Model.from_config(model.get_config(), {"DNCCell": DNCCell})
    again.set_weights(model.get_weights())
    np.testing.assert_allclose(again(sequences), outputs, atol=1e-6)


def test_what_was_told_reaches_a_later_output_through_the_memory_alone():
    """With a controller that keeps nothing, the first input changes the last output."""
    cell = make_cell("Dense")
    model = tf.keras.layers.RNN(cell)
    first, second = tf.random.stateless_normal([2, 1, 3, 2], [3, 4])
    second = tf.concat([second[:, :1], first[:, 1:]], axis=1)
    assert np.abs(model(first) - model(second)).max() > 1e-6


# --- Loss and accuracy --------------------------------------------------------------------------


def draw_task(rng, batch=4, steps=5, bits=3):
    targets = rng.integers(2, size=(batch, steps, bits)).astype(np.float32)
    logits = rng.normal(size=targets.shape).astype(np.float32)
    mask = (rng.random([batch, steps]) < 0.5).astype(np.float32)
    mask[0, 0] = 1
    return tf.constant(logits), tf.constant(targets), tf.constant(mask)


@few
@given(seeds)
def test_the_loss_is_the_mean_surprise_of_the_bits_that_count(rng):
    logits, targets, mask = draw_task(rng)
    surprises = [
        -np.log(1 / (1 + np.exp(-logit if target else logit)))
        for row, column in np.argwhere(mask)
        for logit, target in zip(logits[row, column].numpy(), targets[row, column], strict=True)
    ]
    assert float(masked_loss(logits, targets, mask)) == pytest.approx(np.mean(surprises), rel=1e-4)


@few
@given(seeds)
def test_what_does_not_count_has_no_influence_and_no_gradient(rng):
    logits, targets, mask = draw_task(rng)
    wild = logits + tf.constant(1000 * rng.normal(size=logits.shape), tf.float32) * (
        1 - mask[..., tf.newaxis]
    )
    with tf.GradientTape() as tape:
        tape.watch(wild)
        loss = masked_loss(wild, targets, mask)
    assert float(loss) == pytest.approx(float(masked_loss(logits, targets, mask)), rel=1e-5)
    assert not tape.gradient(loss, wild)[mask == 0].numpy().any()
    assert exact_accuracy(wild, targets, mask) == exact_accuracy(logits, targets, mask)


@few
@given(seeds)
def test_accuracy_counts_the_sequences_without_a_mistake(rng):
    logits, targets, mask = (part.numpy() for part in draw_task(rng, steps=2, bits=1))
    right = [
        all((logits[row, t] > 0) == targets[row, t] for t in range(2) if mask[row, t])
        for row in range(len(mask))
    ]
    assert float(exact_accuracy(logits, targets, mask)) == pytest.approx(np.mean(right))


# --- Tasks --------------------------------------------------------------------------------------


@few
@given(seeds, st.lists(st.integers(1, 6), min_size=1, max_size=4), st.integers(1, 3))
def test_a_copy_task_holds_each_sequence_twice_around_its_end_mark(rng, lengths, bits):
    sequences = [rng.integers(2, size=(length, bits)) for length in lengths]
    inputs, targets, mask = copy_batch(sequences, 6)
    assert inputs.shape == (len(lengths), 13, bits + 1)
    assert {inputs.dtype, targets.dtype, mask.dtype} == {np.dtype("float32")}
    for row, sequence in enumerate(sequences):
        (end,) = np.flatnonzero(inputs[row, :, -1])
        np.testing.assert_array_equal(inputs[row, :end, :-1], sequence)
        np.testing.assert_array_equal(targets[row, mask[row] == 1], sequence)
        assert np.flatnonzero(mask[row]).tolist() == [*range(end + 1, 2 * end + 1)]
        assert inputs[row].sum() == sequence.sum() + 1
        assert targets[row].sum() == sequence.sum()


def test_a_sequence_that_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="a sequence of 3 does not fit into 2"):
        copy_batch([np.ones((2, 1)), np.ones((3, 1))], 2)


def test_an_unknown_word_is_named():
    with pytest.raises(ValueError, match="'Bob'"):
        encode_story(["Ada is here", "Bob is here"], ["Ada", "here", "is"])


# --- What the probes say beyond right and wrong ---------------------------------------------------


def verdict_of(target, name="dnc.DNCCell"):
    return judge(name, exercises.find(name).run(target, 1), 1)


def test_the_untouched_class_is_one_that_is_not_begun():
    source = re.sub(
        r"### BEGIN SOLUTION.*### END SOLUTION",
        "raise NotImplementedError()",
        exercise_source("dnc.DNCCell"),
        flags=re.DOTALL,
    )
    namespace = {"MemoryCell": MemoryCell}
    exec(source, namespace)
    verdict = verdict_of(namespace["DNCCell"])
    assert verdict.score == 0
    assert verdict.unwritten


@pytest.mark.parametrize("which", [0, 1, 2])
def test_one_array_of_doubles_is_told(which):
    def doubles(sequences, longest):
        arrays = list(copy_batch(sequences, longest))
        arrays[which] = arrays[which].astype(float)
        return tuple(arrays)

    verdict = verdict_of(doubles, "dnc.copy_batch")
    assert verdict.passed == len(verdict.cases) - 1
    assert "float32" in verdict.first_problem.problem
    assert verdict.diagnosis.thought == "makes float64 arrays"


def test_an_accuracy_that_ignores_the_mask_loses_its_cases():
    verdict = verdict_of(
        lambda *given: exact_accuracy(*given[:2], tf.ones_like(given[2])), "dnc.exact_accuracy"
    )
    assert verdict.score == 0.6


def test_a_cell_that_waits_for_another_exercise_is_not_called_unwritten(monkeypatch):
    def unwritten(*inputs):
        raise NotImplementedError()

    monkeypatch.setattr(solutions.dnc, "memory_step", unwritten)
    (case, *_) = exercises.find("dnc.DNCCell").run(DNCCell, 1)
    assert case.outcome.function == "unwritten"


@pytest.mark.parametrize(
    ("result", "says"),
    [
        (lambda output, states: output, "two things"),
        (lambda output, states: (output, dict(enumerate(states))), "returned no list of states"),
        (lambda output, states: (output, states[:7]), "list of 9 states and returned 7"),
    ],
)
def test_a_cell_that_returns_another_thing_is_told_which(result, says):
    class Cell(DNCCell):
        def call(self, inputs, states):
            return result(*super().call(inputs, states))

        def build(self, input_shape):
            DNCCell.call(self, tf.zeros([1, input_shape[-1]]), self.get_initial_state(1))

    rng = np.random.default_rng(0)
    states = probes.draw_state(rng, (2,), probes.SLOTS, probes.WORD_SIZE, probes.HEADS)
    own = {"hidden": tf.zeros([2, probes.HIDDEN]), "carry": tf.zeros([2, probes.HIDDEN])}
    with pytest.raises(Finding, match=says):
        probes.one_step(Cell, "LSTM", 1, tf.zeros([2, probes.FEATURES]), states | own)


def test_a_gradient_that_is_cut_is_named():
    def cut(state, interface):
        return memory_step(state, interface | {"erase": tf.stop_gradient(interface["erase"])})

    with pytest.raises(Finding, match='"erase"'):
        probes.gradients_of_a_step(cut, *draw_both())


def test_a_layer_without_a_gradient_is_named(monkeypatch):
    right = solutions.dnc.parse_interface
    cut = lambda vector, *sizes: right(tf.stop_gradient(vector), *sizes)  # noqa: E731
    monkeypatch.setattr(solutions.dnc, "parse_interface", cut)
    states = probes.draw_state(
        np.random.default_rng(0), (2,), probes.SLOTS, probes.WORD_SIZE, probes.HEADS
    )
    with pytest.raises(Finding, match="to_interface"):
        probes.gradients_for_weights(DNCCell, "Dense", 1, tf.ones([2, probes.FEATURES]), states)
