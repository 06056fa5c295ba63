"""The tensors references against facts that do not come from them: NumPy, Keras, geometry."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays, mutually_broadcastable_shapes

from solutions.tensors import (
    add_loop,
    broadcast_shapes,
    compose_affine,
    dense,
    matmul_loop,
    relu_loop,
    rotation,
    take_batch,
)

RNG = np.random.default_rng(0)
FLOATS = st.floats(-1e3, 1e3)
ANGLES = st.floats(-10, 10)
SHAPES = st.lists(st.integers(0, 3), max_size=4).map(tuple)


def draw(*shape):
    return np.array(RNG.normal(size=shape))


def numbers(shape):
    return arrays(np.float64, shape, elements=FLOATS)


# --- One number at a time -----------------------------------------------------------------------


@given(
    arrays(
        st.sampled_from([np.int8, np.int64, np.float32, np.float64]),
        array_shapes(min_dims=2, max_dims=2, min_side=0),
    )
)
def test_relu_agrees_with_numpy_in_values_and_dtype(x):
    before = x.copy()
    result = relu_loop(x)
    assert result.dtype == x.dtype
    assert not np.shares_memory(result, x)
    np.testing.assert_array_equal(result, np.maximum(x, 0))
    np.testing.assert_array_equal(x, before)


# --- Broadcasting -------------------------------------------------------------------------------


@given(mutually_broadcastable_shapes(num_shapes=2, min_side=0))
def test_shapes_that_fit_agree_with_numpy(drawn):
    a, b = drawn.input_shapes
    assert broadcast_shapes(a, b) == broadcast_shapes(b, a) == drawn.result_shape


@given(SHAPES, SHAPES)
def test_shapes_fit_exactly_where_numpy_says_so(a, b):
    try:
        expected = np.broadcast_shapes(a, b)
    except ValueError:
        with pytest.raises(ValueError, match="do not fit together"):
            broadcast_shapes(a, b)
    else:
        assert broadcast_shapes(a, b) == expected


@given(mutually_broadcastable_shapes(num_shapes=2, max_dims=3, min_side=0, max_side=3), st.data())
@settings(deadline=None)
def test_the_sum_agrees_with_numpy(drawn, data):
    x, y = (data.draw(numbers(shape)) for shape in drawn.input_shapes)
    result = add_loop(x, y)
    assert result.shape == drawn.result_shape
    np.testing.assert_array_equal(result, x + y)


def test_sums_of_integers_are_floats():
    x, y = np.array([1, 2]), np.array([[0.5], [0.25]])
    np.testing.assert_array_equal(add_loop(x, y), x + y)
    assert add_loop(x, x).dtype == float


def test_arrays_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="do not fit together"):
        add_loop(draw(2, 3), draw(2))


# --- Products -----------------------------------------------------------------------------------


@given(st.integers(1, 2), st.integers(1, 2), st.data())
@settings(deadline=None)
def test_the_product_agrees_with_numpy(rank_of_x, rank_of_y, data):
    m, n, k = (data.draw(st.integers(1, 4)) for _ in range(3))
    x = data.draw(numbers((m, n)[-rank_of_x:]))
    y = data.draw(numbers((n, k)[:rank_of_y]))
    result = matmul_loop(x, y)
    assert np.shape(result) == (x @ y).shape
    np.testing.assert_allclose(result, x @ y, atol=1e-8)


def test_a_product_does_not_depend_on_the_brackets():
    x, y, z = draw(2, 3), draw(3, 4), draw(4, 5)
    left, right = matmul_loop(matmul_loop(x, y), z), matmul_loop(x, matmul_loop(y, z))
    np.testing.assert_allclose(left, right)


def test_products_of_integers_are_floats():
    x = np.array([[1, 2], [3, 4]])
    result = matmul_loop(x, x)
    assert result.dtype == float
    np.testing.assert_array_equal(result, [[7, 10], [15, 22]])
    assert isinstance(matmul_loop(x[0], x[1]), float)


@pytest.mark.parametrize("shapes", [((3,), (4,)), ((2, 3), (2, 3)), ((2,), (3, 2)), ((2, 3), (2,))])
def test_sizes_that_differ_are_refused(shapes):
    x, y = (draw(*shape) for shape in shapes)
    with pytest.raises(ValueError, match="cannot meet"):
        matmul_loop(x, y)


@pytest.mark.parametrize("shapes", [((), (3,)), ((3,), ()), ((2, 2, 2), (2, 2)), ((2,), (2, 2, 2))])
def test_only_vectors_and_matrices_are_multiplied(shapes):
    x, y = (draw(*shape) for shape in shapes)
    with pytest.raises(ValueError, match="ranks"):
        matmul_loop(x, y)


# --- Batches ------------------------------------------------------------------------------------


@given(arrays(np.int64, array_shapes(max_dims=3, max_side=9)), st.integers(1, 12))
def test_the_batches_joined_are_the_data(data, size):
    count = -(-len(data) // size)
    batches = [take_batch(data, index, size) for index in range(count)]
    np.testing.assert_array_equal(np.concatenate(batches), data)
    assert all(len(batch) == size for batch in batches[:-1])
    assert 1 <= len(batches[-1]) <= size
    for index in (-1, count, count + 5):
        with pytest.raises(IndexError, match="no batch"):
            take_batch(data, index, size)


# --- Maps of the plane --------------------------------------------------------------------------


def test_a_quarter_turn_by_hand():
    np.testing.assert_allclose(rotation(np.pi / 2), [[0, -1], [1, 0]], atol=1e-12)


@given(ANGLES, numbers(2))
def test_a_rotation_is_a_product_with_a_complex_number(angle, point):
    expected = complex(*point) * np.exp(1j * angle)
    turned = rotation(angle) @ point
    np.testing.assert_allclose(turned, [expected.real, expected.imag], atol=1e-9)


@given(ANGLES, ANGLES)
def test_rotations_keep_lengths_and_add_their_angles(one, other):
    np.testing.assert_allclose(rotation(one).T @ rotation(one), np.eye(2), atol=1e-12)
    assert np.linalg.det(rotation(one)) == pytest.approx(1)
    np.testing.assert_allclose(rotation(one) @ rotation(other), rotation(one + other), atol=1e-12)


@given(*[st.integers(1, 4)] * 3, st.integers(0, 2**32 - 1))
def test_two_maps_and_their_composition_agree_at_every_point(n, m, k, seed):
    rng = np.random.default_rng(seed)
    A1, b1, A2, b2 = (rng.normal(size=shape) for shape in [(m, n), m, (k, m), k])
    A, b = compose_affine(A1, b1, A2, b2)
    assert (A.shape, b.shape) == ((k, n), (k,))
    for x in rng.normal(size=(5, n)):
        np.testing.assert_allclose(A @ x + b, A2 @ (A1 @ x + b1) + b2, atol=1e-12)


def test_three_maps_compose_in_either_grouping():
    one, two, three = ((draw(3, 3), draw(3)) for _ in range(3))
    first = compose_affine(*compose_affine(*one, *two), *three)
    last = compose_affine(*one, *compose_affine(*two, *three))
    for ours, theirs in zip(first, last, strict=True):
        np.testing.assert_allclose(ours, theirs)


# --- A layer ------------------------------------------------------------------------------------


@given(*[st.integers(1, 5)] * 3, st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=20)
def test_a_layer_agrees_with_keras(batch, inputs, outputs, seed):
    rng = np.random.default_rng(seed)
    x, W, b = (rng.normal(size=shape) for shape in [(batch, inputs), (inputs, outputs), outputs])
    layer = keras.layers.Dense(outputs, activation="relu", dtype="float64")
    layer.build(x.shape)
    layer.set_weights([W, b])
    np.testing.assert_allclose(dense(x, W, b), layer(x), atol=1e-12)


@given(numbers((3, 2)), numbers((2, 4)), numbers(4))
def test_a_layer_of_rows_is_relu_after_an_affine_map_of_columns(x, W, b):
    points = np.stack([np.maximum(W.T @ point + b, 0) for point in x])
    np.testing.assert_allclose(dense(x, W, b), points, atol=1e-8)


def test_two_layers_with_relu_are_no_affine_map():
    # |x| = relu(x) + relu(-x): an affine map would send the middle of two points to the middle.
    x = np.array([[-1.0], [0.0], [1.0]])
    folded = dense(dense(x, np.array([[1.0, -1.0]]), np.zeros(2)), np.ones((2, 1)), np.zeros(1))
    np.testing.assert_array_equal(folded, [[1], [0], [1]])
