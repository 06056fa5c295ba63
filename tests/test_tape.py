"""The tape references against facts that do not come from them: formulas, NumPy, the engine."""

import logging

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from autograder.evidence import Finding
from autograder.exercises import tape as probes
from solutions.backprop import train_digits
from solutions.tape import (
    derivative,
    gradient_dict,
    hessian,
    mend_the_tape,
    newton_step,
    train_step,
    velocity_and_acceleration,
)

RNG = np.random.default_rng(0)
NUMBERS = st.floats(-3, 3, width=32)


def draw(*shape, dtype=np.float32):
    return RNG.normal(size=shape).astype(dtype)


# --- First derivatives --------------------------------------------------------------------------

FORMULAS = [
    (lambda x: x**3 - 2 * x, lambda x: 3 * x**2 - 2),
    (lambda x: tf.exp(-(x**2)), lambda x: -2 * x * np.exp(-(x**2))),
    (lambda x: x * tf.sin(x), lambda x: np.sin(x) + x * np.cos(x)),
    (lambda x: 1 / (1 + tf.exp(-x)), lambda x: np.exp(-x) / (1 + np.exp(-x)) ** 2),
    (lambda x: tf.ones_like(x), np.zeros_like),
]


@given(
    arrays(np.float32, array_shapes(min_dims=0, max_dims=3, max_side=4), elements=NUMBERS),
    st.sampled_from(FORMULAS),
)
@settings(deadline=None, max_examples=40)
def test_derivative_agrees_with_the_formula(x, both):
    f, formula = both
    result = derivative(f, x)
    assert result.dtype == tf.float32
    assert result.shape == x.shape
    np.testing.assert_allclose(result, formula(x), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("x", [3, 3.0, [1, 2], np.array([[1, 2]]), np.array(2.5), tf.constant(4)])
def test_derivative_takes_numbers_lists_integers_and_float64(x):
    result = derivative(lambda x: x**2, x)
    assert result.dtype == tf.float32
    np.testing.assert_allclose(result, 2 * np.asarray(x))


# --- Motion -------------------------------------------------------------------------------------


def test_a_ball_thrown_upward_by_hand():
    velocity, acceleration = velocity_and_acceleration(
        lambda t: 20 * t - 5 * t**2, tf.constant([0.0, 1, 2, 3])
    )
    np.testing.assert_array_equal(velocity, [20, 10, 0, -10])
    np.testing.assert_array_equal(acceleration, [-10] * 4)


@pytest.mark.parametrize("shape", [(), (4,), (2, 3)])
def test_a_swing_is_drawn_back_in_proportion_to_its_distance(shape):
    t = tf.constant(draw(*shape))
    velocity, acceleration = velocity_and_acceleration(lambda t: tf.sin(3 * t), t)
    np.testing.assert_allclose(velocity, 3 * np.cos(3 * t.numpy()), atol=1e-5)
    np.testing.assert_allclose(acceleration, -9 * np.sin(3 * t.numpy()), atol=1e-5)


@pytest.mark.parametrize("position", [lambda t: 5 - 2 * t, tf.zeros_like, lambda t: t])
def test_without_a_force_there_is_no_acceleration(position):
    _, acceleration = velocity_and_acceleration(position, tf.constant(draw(2, 3)))
    np.testing.assert_array_equal(acceleration, np.zeros((2, 3)))


# --- Variables and what a tape records ----------------------------------------------------------


def test_gradient_dict_agrees_with_the_formula_and_keeps_the_names():
    x, y = draw(6, 3), draw(6, 2)
    variables = {
        "weights": tf.Variable(draw(3, 2)),
        "idle": tf.Variable(draw(4)),
        "bias": tf.Variable(draw(2)),
    }

    def loss():
        return tf.reduce_sum((x @ variables["weights"] + variables["bias"] - y) ** 2)

    error = x @ variables["weights"].numpy() + variables["bias"].numpy() - y
    found = gradient_dict(loss, variables)
    assert found.keys() == variables.keys()
    np.testing.assert_allclose(found["weights"], 2 * x.T @ error, rtol=1e-4)
    np.testing.assert_allclose(found["bias"], 2 * error.sum(axis=0), rtol=1e-4)
    np.testing.assert_array_equal(found["idle"], np.zeros(4))


@given(
    arrays(np.int32, array_shapes(min_dims=0, max_dims=2), elements=st.integers(-9, 9)),
    arrays(np.float32, array_shapes(min_dims=0, max_dims=2), elements=NUMBERS),
)
@settings(deadline=None, max_examples=20)
def test_the_mended_recordings_agree_with_the_formulas(whole, x):
    found = mend_the_tape(tf.constant(whole), tf.constant(x))
    assert found.keys() == {"integer", "constant", "numpy", "twice"}
    close = {"rtol": 1e-4, "atol": 1e-5}
    np.testing.assert_allclose(found["integer"], 3.0 * whole**2, **close)
    np.testing.assert_allclose(found["constant"], 2 * x, **close)
    np.testing.assert_allclose(found["numpy"], np.sin(x) + x * np.cos(x), **close)
    np.testing.assert_allclose(found["twice"][0], 2 * x, **close)
    np.testing.assert_allclose(found["twice"][1], 4 * x**3, **close)


# --- Hessian and Newton -------------------------------------------------------------------------


def banana(x):
    """Rosenbrock's function, with a lowest point at (1, 1)."""
    return (1 - x[0]) ** 2 + 10 * (x[1] - x[0] ** 2) ** 2


def test_hessian_agrees_with_the_formula():
    for x in draw(3, 2):
        expected = [[2 - 40 * x[1] + 120 * x[0] ** 2, -40 * x[0]], [-40 * x[0], 20]]
        np.testing.assert_allclose(hessian(banana, tf.constant(x)), expected, rtol=1e-4, atol=1e-4)


def test_the_hessian_of_a_quadratic_form_is_its_matrix_twice_made_symmetric():
    A, x = draw(3, 3), tf.constant(draw(3))
    found = hessian(lambda x: tf.tensordot(x, tf.linalg.matvec(A, x), 1), x)
    np.testing.assert_allclose(found, A + A.T, rtol=1e-5, atol=1e-5)


def test_hessian_is_zero_where_there_is_no_dependence():
    for f in (lambda x: tf.constant(1.0)), (lambda x: x[0]), (lambda x: 3 * tf.reduce_sum(x)):
        np.testing.assert_array_equal(hessian(f, tf.constant(draw(3))), np.zeros((3, 3)))


def test_one_newton_step_leads_to_where_the_slope_of_a_quadratic_function_is_zero():
    A, b = draw(3, 3), draw(3)
    A = A + A.T

    def f(x):
        return tf.tensordot(x, tf.linalg.matvec(A, x), 1) / 2 - tf.tensordot(b, x, 1)

    found = newton_step(f, tf.constant(draw(3)))
    assert found.dtype == tf.float32
    np.testing.assert_allclose(found, np.linalg.solve(A, b), rtol=1e-3, atol=1e-4)


def test_newton_walks_through_the_banana():
    x = tf.constant([-1.0, 1.0])
    for _ in range(4):
        x = newton_step(banana, x)
    np.testing.assert_allclose(x, [1, 1], atol=1e-3)


# --- Training -----------------------------------------------------------------------------------


def draw_network(pixels, hidden, classes, dtype=np.float64):
    shapes = (pixels, hidden), (hidden,), (hidden, classes), (classes,)
    return [draw(*shape, dtype=dtype) for shape in shapes]


def test_the_tape_and_the_engine_agree_over_several_steps():
    pictures, labels = draw(20, 6, dtype=np.float64), RNG.integers(4, size=20)
    parameters = draw_network(6, 5, 4)
    batches = np.split(RNG.permutation(20), 4) * 2
    expected, expected_losses = train_digits(pictures, labels, parameters, batches, 0.3)
    variables = [tf.Variable(array) for array in parameters]
    losses = [
        train_step(variables, tf.constant(pictures[batch]), tf.constant(labels[batch]), 0.3)
        for batch in batches
    ]
    np.testing.assert_allclose(losses, expected_losses, rtol=1e-6)
    for variable, array in zip(variables, expected, strict=True):
        np.testing.assert_allclose(variable, array, rtol=1e-6, atol=1e-6)


def test_a_step_is_the_same_in_a_graph():
    pictures, labels = tf.constant(draw(7, 6)), tf.constant(RNG.integers(4, size=7))
    parameters = draw_network(6, 5, 4, np.float32)
    results = []
    for wrap in (lambda function: function), tf.function:
        variables = [tf.Variable(array) for array in parameters]
        step = wrap(train_step)
        losses = [step(variables, pictures, labels, 0.2) for _ in range(3)]
        assert all(tf.is_tensor(loss) and loss.shape == () for loss in losses)
        results.append([*losses, *variables])
    for eager, graph in zip(*results, strict=True):
        np.testing.assert_allclose(eager, graph, rtol=1e-5, atol=1e-6)


def test_a_step_is_that_of_keras():
    layers = [keras.layers.Dense(5, "relu"), keras.layers.Dense(4)]
    model = keras.Sequential([keras.Input((6,)), *layers])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(0.5), loss, run_eagerly=True)
    pictures, labels = draw(7, 6), RNG.integers(4, size=7)
    variables = [tf.Variable(weight) for weight in model.get_weights()]
    expected = model.train_on_batch(pictures, labels)
    found = train_step(variables, tf.constant(pictures), tf.constant(labels), 0.5)
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    for variable, weight in zip(variables, model.get_weights(), strict=True):
        np.testing.assert_allclose(variable, weight, rtol=1e-5, atol=1e-6)


# --- What the probes say ------------------------------------------------------------------------


def test_a_probe_tells_which_gradient_is_none():
    using = probes.explained("velocity", "acceleration")
    with pytest.raises(Finding, match="The acceleration is None"):
        using(lambda f, x: (f(x), None), probes.square, tf.constant(1.0))
    with pytest.raises(Finding, match="got float64"):
        using(lambda f, x: f(tf.cast(x, tf.float64)), probes.square, tf.constant(1.0))
    with pytest.raises(Finding, match='lacks "twice"'):
        probes.entry("twice")(lambda whole, x: {}, tf.constant(1), tf.constant(1.0))


@pytest.mark.parametrize(
    ("name", "wrong", "sentence"),
    [
        ("integer", lambda whole, x: None, "the tape must watch the float32 numbers"),
        ("constant", lambda whole, x: tf.zeros_like(x), "only zeros"),
        ("constant", lambda whole, x: x**2, "holds the result itself"),
        ("numpy", lambda whole, x: tf.sin(x), "Was the sine NumPy's"),
        ("numpy", lambda whole, x: x * tf.cos(x), "The x in front"),
        ("twice", lambda whole, x: (2 * x, 2 * x**2), "the slope of z for y"),
        ("twice", lambda whole, x: 2 * x + 4 * x**3, "the sum of the two"),
        ("twice", lambda whole, x: [2 * x, 2 * x], "in both places"),
    ],
)
def test_a_probe_knows_the_typical_fault_of_each_recording(name, wrong, sentence):
    whole, x = tf.constant([4, 5]), tf.constant([0.5, 1.5])
    with pytest.raises(Finding, match=sentence):
        probes.entry(name)(lambda whole, x: {name: wrong(whole, x)}, whole, x)


def test_a_probe_sees_whether_a_tape_records():
    inputs = tf.constant([4]), tf.constant([0.5])
    enter = tf.GradientTape.__enter__
    assert probes.a_tape_records(mend_the_tape, *inputs)
    with pytest.raises(Finding, match="No tape"):
        probes.a_tape_records(lambda whole, x: {"constant": 2 * x}, *inputs)
    assert tf.GradientTape.__enter__ is enter


@pytest.mark.parametrize("eps", [0.1, 0.01, 1e-4])
@pytest.mark.parametrize("dtype", [tf.float32, tf.float64])
def test_a_probe_sees_a_slope_that_is_measured(eps, dtype):
    def measure(f, x):
        x = tf.cast(x, dtype)
        return (f(x + eps) - f(x)) / eps

    with pytest.raises(Finding, match="not in your input"):
        probes.explained("derivative")(measure, probes.square, np.array([1.0, 2.0]))


def test_a_probe_tells_a_tensor_from_an_array():
    def tell(change):
        probes.tensor_comes_back(lambda f, x: change(f(x)), probes.square, tf.constant([1.0]))

    tell(lambda y: y)
    with pytest.raises(Finding, match="NumPy"):
        tell(lambda y: y.numpy())
    with pytest.raises(Finding, match="float64"):
        tell(lambda y: tf.cast(y, tf.float64))


def test_a_probe_says_what_a_graph_cannot_do():
    inputs = draw_network(4, 3, 2), tf.constant(draw(2, 3, 4, dtype=np.float64))
    labels = tf.zeros((2, 3), tf.int64)
    for wrong in (lambda loss: loss.numpy(), lambda loss: f"{loss:.3f}"):

        def step(parameters, pictures, labels, learning_rate, wrong=wrong):
            loss = train_step(parameters, pictures, labels, learning_rate)
            wrong(loss)
            return loss

        with pytest.raises(Finding, match="no numbers yet"):
            probes.steps_in_a_graph(step, *inputs, labels, 0.1)


def test_a_probe_holds_warnings_back_and_lets_them_go_again():
    logger = tf.get_logger()
    before = logger.level
    with probes.quiet():
        assert not logger.isEnabledFor(logging.WARNING)
    assert logger.level == before
