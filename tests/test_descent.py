"""The references of gradient descent against facts that do not come from them: Keras, algebra."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from autograder.evidence import Finding
from autograder.exercises import descent as probes
from solutions.descent import (
    cross_entropy,
    fit,
    linear_gradients,
    mean_squared_error,
    minibatches,
    momentum_step,
    numerical_gradient,
    rmsprop_step,
    sgd_step,
)

few = settings(deadline=None, max_examples=30, derandomize=True)
seeds = st.integers(0, 2**32 - 1).map(np.random.default_rng)
shapes = array_shapes(min_dims=0, max_dims=3, max_side=4)


# --- Losses -------------------------------------------------------------------------------------


@given(arrays(np.float64, shapes, elements=st.floats(-1e3, 1e3)), st.floats(-1e3, 1e3))
@few
def test_the_mean_squared_error_of_a_constant_shift_is_its_square(targets, shift):
    loss = mean_squared_error(targets + shift, targets)
    assert isinstance(loss, float)
    np.testing.assert_allclose(loss, shift**2, rtol=1e-6, atol=1e-6)


def test_the_mean_squared_error_agrees_with_keras():
    rng = np.random.default_rng(1)
    predictions, targets = rng.normal(size=(2, 5, 3))
    theirs = keras.losses.MeanSquaredError(dtype="float64")(targets, predictions)
    np.testing.assert_allclose(mean_squared_error(predictions, targets), theirs)


@given(shapes, shapes)
@few
def test_two_shapes_are_an_error_even_where_they_broadcast(one, other):
    if one != other:
        with pytest.raises(ValueError):
            mean_squared_error(np.zeros(one), np.zeros(other))


@given(seeds, st.integers(1, 6), st.integers(1, 5), st.sampled_from([1, 10, 300]))
@few
def test_cross_entropy_agrees_with_keras(rng, n, classes, scale):
    logits, labels = scale * rng.normal(size=(n, classes)), rng.integers(classes, size=n)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True, dtype="float64")
    ours = cross_entropy(logits, labels)
    assert isinstance(ours, float)
    np.testing.assert_allclose(ours, loss(labels, logits), rtol=1e-6, atol=1e-9)


def test_who_knows_nothing_is_surprised_by_the_log_of_the_classes():
    np.testing.assert_allclose(cross_entropy(np.full((3, 7), 2.5), np.array([0, 6, 3])), np.log(7))


def test_cross_entropy_is_finite_far_out_and_leaves_the_logits():
    logits = np.array([[1000, -1000], [-1000, 1000]])
    assert cross_entropy(logits, np.array([0, 1])) == 0
    assert cross_entropy(logits, np.array([1, 0])) == 2000
    np.testing.assert_array_equal(logits, [[1000, -1000], [-1000, 1000]])


# --- Gradients ----------------------------------------------------------------------------------


@given(seeds, shapes)
@few
def test_the_numerical_gradient_is_the_derivative(rng, shape):
    w = np.array(rng.normal(size=shape))
    found = numerical_gradient(lambda w: np.sum(np.sin(w)), w)
    assert found.shape == shape
    np.testing.assert_allclose(found, np.cos(w), atol=1e-8)


def test_the_numerical_gradient_agrees_with_a_tape():
    rng = np.random.default_rng(2)
    w, x = tf.constant(rng.normal(size=(3, 2))), tf.constant(rng.normal(size=(4, 3)))
    with tf.GradientTape() as tape:
        tape.watch(w)
        loss = tf.reduce_sum(tf.tanh(x @ w) ** 2)
    ours = numerical_gradient(lambda w: np.sum(np.tanh(x.numpy() @ w) ** 2), w.numpy())
    np.testing.assert_allclose(ours, tape.gradient(loss, w), atol=1e-8)


def test_the_step_is_taken_to_both_sides_and_w_may_hold_integers():
    w = np.array([1, -2])
    # (w + e)³ − (w − e)³ = 6 w² e + 2 e³
    found = numerical_gradient(lambda w: (w**3).sum(), w, 0.5)
    np.testing.assert_allclose(found, 3.0 * w**2 + 0.25)
    assert found.dtype == np.float64
    np.testing.assert_array_equal(w, [1, -2])


@given(seeds, *[st.integers(1, 5)] * 3)
@few
def test_linear_gradients_agree_with_measured_ones(rng, n, inputs, outputs):
    x, y = rng.normal(size=(n, inputs)), rng.normal(size=(n, outputs))
    W, b = rng.normal(size=(inputs, outputs)), rng.normal(size=outputs)
    for_W, for_b = linear_gradients(x, y, W, b)
    measured = numerical_gradient(lambda W: mean_squared_error(x @ W + b, y), W)
    np.testing.assert_allclose(for_W, measured, atol=1e-7)
    measured = numerical_gradient(lambda b: mean_squared_error(x @ W + b, y), b)
    np.testing.assert_allclose(for_b, measured, atol=1e-7)


def test_linear_gradients_are_zero_at_the_least_squares():
    rng = np.random.default_rng(3)
    x, y = rng.normal(size=(9, 3)), rng.normal(size=(9, 2))
    best, *_ = np.linalg.lstsq(np.column_stack([x, np.ones(9)]), y)
    for gradient in linear_gradients(x, y, best[:-1], best[-1]):
        np.testing.assert_allclose(gradient, 0, atol=1e-12)


# --- Minibatches --------------------------------------------------------------------------------


@given(seeds, st.integers(1, 30), st.integers(1, 12))
@few
def test_each_example_is_in_one_minibatch_and_only_the_last_is_shorter(rng, n, size):
    *full, last = minibatches(n, size, rng)
    assert {len(batch) for batch in full} <= {size}
    assert len(last) == (n % size or size)
    assert sorted(np.concatenate([*full, last])) == list(range(n))


def test_each_order_is_as_likely_as_any_other():
    rng = np.random.default_rng(4)
    orders = [tuple(np.concatenate(minibatches(3, 2, rng)).tolist()) for _ in range(1200)]
    counts = [orders.count(order) for order in set(orders)]
    assert len(counts) == 6
    assert min(counts) > 150  # 200 each, with a deviation of 13


# --- Steps --------------------------------------------------------------------------------------

OPTIMIZERS = [
    (sgd_step, keras.optimizers.SGD(0.1), {"learning_rate": 0.1}),
    (sgd_step, keras.optimizers.SGD(), {}),
    (momentum_step, keras.optimizers.SGD(0.1, 0.7), {"learning_rate": 0.1, "momentum": 0.7}),
    (momentum_step, keras.optimizers.SGD(momentum=0.9), {}),
    (
        rmsprop_step,
        keras.optimizers.RMSprop(0.1, rho=0.7, epsilon=0.2),
        {"learning_rate": 0.1, "rho": 0.7, "epsilon": 0.2},
    ),
    (rmsprop_step, keras.optimizers.RMSprop(0.01), {}),
]


@pytest.mark.parametrize("step, optimizer, options", OPTIMIZERS)
def test_ten_steps_agree_with_keras(step, optimizer, options):
    rng = np.random.default_rng(5)
    weights, state = [rng.normal(size=(3, 2)), rng.normal(size=2)], None
    variables = [keras.Variable(w, dtype="float64") for w in weights]
    for scale in 10.0 ** np.arange(-5, 5):  # tiny gradients tell where epsilon stands
        gradients = [scale * rng.normal(size=w.shape) for w in weights]
        before = [w.copy() for w in weights]
        moved, state = step(weights, gradients, state, **options)
        np.testing.assert_equal(weights, before)
        weights = moved
        optimizer.apply([tf.constant(g) for g in gradients], variables)
        for ours, theirs in zip(weights, variables, strict=True):
            np.testing.assert_allclose(ours, theirs.numpy(), rtol=1e-5, atol=1e-9)


def test_the_state_of_sgd_is_handed_on_untouched():
    state = object()
    assert sgd_step([np.ones(2)], [np.ones(2)], state)[1] is state


@pytest.mark.parametrize("step", [momentum_step, rmsprop_step])
def test_the_given_state_is_left_as_it_was(step):
    state = [np.full(2, 0.5)]
    _, new = step([np.ones(2)], [np.ones(2)], state)
    np.testing.assert_array_equal(state[0], [0.5, 0.5])
    assert (new[0] != state[0]).all()


def test_without_epsilon_zero_over_zero_would_be_nan():
    moved, means = rmsprop_step([np.array([3.0])], [np.zeros(1)], None)
    assert moved[0].tolist() == [3] and means[0].tolist() == [0]


# --- Training -----------------------------------------------------------------------------------


@pytest.mark.parametrize("step", [sgd_step, momentum_step, rmsprop_step])
def test_fit_finds_the_least_squares(step):
    rng = np.random.default_rng(6)
    x = rng.normal(size=(40, 3))
    W, b = rng.normal(size=(3, 2)), rng.normal(size=2)
    zeros = [np.zeros_like(W), np.zeros_like(b)]
    found = fit(linear_gradients, zeros, x, x @ W + b, step, epochs=300, size=9, rng=rng)
    for ours, best in zip(found, (W, b), strict=True):
        np.testing.assert_allclose(ours, best, atol=0.02)


def test_no_epoch_changes_nothing():
    weights = [np.ones(2)]
    assert fit(None, weights, np.zeros((3, 1)), np.zeros(3), None, 0, 2, None) == weights


# --- What the probes say of shuffles ------------------------------------------------------------


@pytest.mark.parametrize(
    "helper, order, words",
    [
        (probes.sizes, lambda n, rng: np.arange(1, n + 1), "beyond the examples"),
        (probes.sizes, lambda n, rng: np.arange(n - 1), "no minibatch at all"),
        (probes.sizes, lambda n, rng: np.arange(n + 1) % n, "25 places for 24 examples"),
        (probes.sizes, lambda n, rng: np.arange(n) // 2 * 2, "twice in one"),
        (
            probes.sizes,
            lambda n, rng: np.arange(n) % 6,
            "more than one minibatch, and some in none",
        ),
        (probes.shuffled, lambda n, rng: np.arange(n), "own order"),
        (probes.shuffled, lambda n, rng: np.roll(np.arange(n), 5), "own neighbor"),
        (probes.another_order_each_call, lambda n, rng: np.arange(n)[::-1], "same order"),
        (
            probes.one_order_for_a_seed,
            lambda n, rng: np.random.default_rng().permutation(n),
            "two orders",
        ),
    ],
)
def test_a_wrong_shuffle_is_told_in_words(helper, order, words):
    def wrong(n, size, rng):
        shuffled = order(n, rng)
        return [shuffled[start : start + size] for start in range(0, len(shuffled), size)]

    with pytest.raises(Finding, match=words):
        helper(wrong, 24, 6, seed=0)


def test_minibatches_that_overlap_or_are_empty_are_told_in_words():
    def overlapping(n, size, rng):
        order = rng.permutation(n)
        return [order[start : start + size] for start in range(n)]

    def one_too_many(n, size, rng):
        return [*minibatches(n, size, rng), np.array([], int)]

    with pytest.raises(Finding, match="overlap"):
        probes.sizes(overlapping, 24, 6, seed=0)
    with pytest.raises(Finding, match="empty"):
        probes.sizes(one_too_many, 24, 6, seed=0)
    assert probes.sizes(minibatches, 5, 1, seed=0) == [1] * 5


@pytest.mark.parametrize("epsilon", [1e-15, 1e-12, 1e-7])
def test_a_small_number_under_the_logarithm_is_told_whatever_it_is(epsilon):
    def wrong(logits, labels):
        exps = np.exp(logits - logits.max(axis=1, keepdims=True))
        probabilities = exps / exps.sum(axis=1, keepdims=True)
        return -np.log(probabilities[np.arange(len(labels)), labels] + epsilon).mean()

    sure = np.array([[1000.0, -1000.0]])
    with pytest.raises(Finding, match="must grow"):
        probes.and_twice_as_sure(wrong, sure, np.array([1]))
    assert probes.and_twice_as_sure(cross_entropy, sure, np.array([1])) == (2000, 4000)
