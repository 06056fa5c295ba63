"""The attention references against facts that do not come from them: Keras, TensorFlow, algebra."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from autograder.evidence import Finding
from autograder.exercises.attention import first_gradient
from lab.data import photos, sentence
from solutions.attention import (
    attention,
    causal_mask,
    match_scores,
    multi_head_attention,
    padding_mask,
    positional_encoding,
    self_attention_loop,
    soft_lookup,
    softmax,
    split_heads,
    top_matches,
)

RNG = np.random.default_rng(0)
FLOATS = st.floats(-1e4, 1e4)


def draw(*shape, dtype=np.float64):
    return RNG.normal(size=shape).astype(dtype)


def draw_projections(depth):
    return tuple(draw(4, depth, depth))


# --- Search -------------------------------------------------------------------------------------


def test_dogs_on_the_beach():
    scores = match_scores({"dog", "beach"}, [photo.tags for photo in photos.PHOTOS])
    assert scores.tolist() == [2, 1, 1, 1, 1, 0, 0, 2]
    titles = [photos.PHOTOS[i].title for i in top_matches(scores, 3)]
    assert titles == ["Rex at the sea", "Surfing dog", "Empty shore"]


def test_no_photos_give_an_empty_integer_array():
    assert match_scores({"dog"}, []).dtype.kind == "i"


@given(st.lists(st.integers(-3, 3), min_size=1, max_size=30), st.integers(1, 40))
def test_top_matches_agree_with_a_stable_sort(scores, n):
    expected = sorted(range(len(scores)), key=lambda i: (-scores[i], i))[:n]
    assert top_matches(np.array(scores), n).tolist() == expected


# --- Softmax and lookup -------------------------------------------------------------------------


def test_softmax_by_hand():
    # e² ≈ 7.39, e ≈ 2.72 and 1 add up to 11.11.
    np.testing.assert_allclose(softmax(np.array([2, 1, 0])), [0.665, 0.245, 0.090], atol=5e-4)


@given(arrays(np.float64, array_shapes(max_dims=3, max_side=5), elements=FLOATS), st.data())
def test_softmax_gives_weights_and_agrees_with_tensorflow(x, data):
    axis = data.draw(st.integers(-x.ndim, x.ndim - 1))
    weights = softmax(x, axis)
    assert (weights >= 0).all()
    np.testing.assert_allclose(weights.sum(axis), 1)
    np.testing.assert_allclose(weights, tf.nn.softmax(x, axis), atol=1e-12)


@given(arrays(np.float64, 6, elements=FLOATS), FLOATS)
def test_softmax_does_not_feel_a_shift(x, shift):
    np.testing.assert_allclose(softmax(x + shift), softmax(x), atol=1e-6)


def test_softmax_keeps_float32_and_leaves_its_input():
    x = draw(3, 4, dtype=np.float32)
    before = x.copy()
    assert softmax(x).dtype == np.float32
    np.testing.assert_array_equal(x, before)


def test_soft_lookup_is_one_query_of_attention_without_scaling():
    query, keys, values = draw(4), draw(5, 4), draw(5, 3)
    answer, weights = soft_lookup(query, keys, values)
    output, rows = attention(query[np.newaxis] * 2, keys, values)  # 2 = √4
    np.testing.assert_allclose(answer, output[0])
    np.testing.assert_allclose(weights, rows[0])


def test_a_loud_query_turns_the_lookup_hard():
    query, keys, values = draw(4), draw(5, 4), draw(5, 3)
    answer, _ = soft_lookup(1000 * query, keys, values)
    np.testing.assert_allclose(answer, values[np.argmax(keys @ query)])


# --- Self-attention -----------------------------------------------------------------------------


def test_self_attention_is_attention_of_a_sequence_on_itself():
    sequence = draw(6, 4)
    output, _ = attention(sequence * 2, sequence, sequence)
    np.testing.assert_allclose(self_attention_loop(sequence), output)


def test_station_takes_up_motion_from_train():
    station = sentence.WORDS.index("station")
    motion = sentence.DIMENSIONS.index("motion")
    assert sentence.VECTORS[station, motion] == 0
    assert self_attention_loop(sentence.VECTORS)[station, motion] > 0.2


@given(st.permutations(range(5)))
def test_self_attention_follows_a_permutation_of_the_words(order):
    sequence = np.random.default_rng(1).normal(size=(5, 3))
    np.testing.assert_allclose(
        self_attention_loop(sequence[order]), self_attention_loop(sequence)[order]
    )


# --- Attention ----------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("lead", [(), (2,), (2, 3)])
@pytest.mark.parametrize("masked", [False, True])
def test_attention_agrees_with_keras(dtype, lead, masked):
    query, key, value = (draw(*lead, n, d, dtype=dtype) for n, d in [(3, 4), (5, 4), (5, 4)])
    mask = RNG.random((*lead, 3, 5)) < 0.5 if masked else None
    if masked:
        mask[..., 0] = True
    output, weights = attention(query, key, value, mask)
    assert output.dtype == weights.dtype == dtype

    def as_batch(x):  # Keras wants [batch, length, heads, depth]
        return np.reshape(x, (-1, *x.shape[-2:]))

    expected = keras.ops.dot_product_attention(
        *(as_batch(x)[:, :, np.newaxis] for x in (query, key, value)),
        mask=as_batch(mask)[:, np.newaxis] if masked else None,
    )
    np.testing.assert_allclose(as_batch(output), expected[:, :, 0], rtol=1e-4, atol=1e-5)


@given(st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=25)
def test_a_mask_gives_exact_zeros_and_rows_still_sum_to_one(seed):
    rng = np.random.default_rng(seed)
    mask = rng.random((2, 3, 5)) < 0.4
    mask[..., rng.integers(5)] = True
    query, key, value = (rng.normal(size=(2, n, 4)) for n in (3, 5, 5))
    _, weights = attention(query, key, value, mask)
    assert (weights.numpy()[~mask] == 0).all()
    np.testing.assert_allclose(tf.reduce_sum(weights, axis=-1), 1)


def test_a_blocked_key_has_no_influence_at_all():
    query, key, value = draw(3, 4), draw(5, 4), draw(5, 2)
    mask = np.arange(5) < 3
    expected, _ = attention(query, key[:3], value[:3])
    key[3:], value[3:] = 1e6, -1e6
    output, _ = attention(query, key, value, mask)
    np.testing.assert_allclose(output, expected)


def test_the_gradient_through_a_mask_is_finite_and_right():
    query, key, value = (tf.constant(draw(3, 4)) for _ in range(3))
    mask = causal_mask(3)
    theory, numeric = tf.test.compute_gradient(lambda q: attention(q, key, value, mask)[0], [query])
    np.testing.assert_allclose(theory[0], numeric[0], atol=1e-6)


def test_a_tape_cannot_follow_the_softmax_of_numpy():
    assert first_gradient(tf.nn.softmax, draw(2, 3)).shape == (2, 3)
    with pytest.raises(Finding, match="left TensorFlow"):
        first_gradient(softmax, draw(2, 3))


def test_scaling_keeps_the_spread_of_the_scores_near_one():
    for width in 4, 64, 1024:
        query, key = draw(500, width), draw(500, width)
        spread = np.std((query * key).sum(axis=1) / np.sqrt(width))
        assert 0.8 < spread < 1.2


# --- Masks --------------------------------------------------------------------------------------


def test_causal_mask_is_the_lower_triangle():
    for length in range(1, 6):
        mask = causal_mask(length)
        assert mask.dtype == tf.bool
        np.testing.assert_array_equal(mask, np.tril(np.ones((length, length))))


def test_under_a_causal_mask_the_past_does_not_feel_the_future():
    sequence = draw(6, 4)
    before, _ = attention(sequence, sequence, sequence, causal_mask(6))
    sequence[4:] = draw(2, 4)
    after, _ = attention(sequence, sequence, sequence, causal_mask(6))
    np.testing.assert_allclose(before[:4], after[:4])
    assert not np.allclose(before[4:], after[4:])


def test_padding_mask_agrees_with_sequence_mask():
    for lengths in [1, 3, 0], np.array([2, 4]), tf.constant([3]):
        mask = padding_mask(lengths, 4)
        np.testing.assert_array_equal(mask, tf.sequence_mask(lengths, 4)[:, tf.newaxis])


# --- Heads --------------------------------------------------------------------------------------


def test_each_head_holds_its_columns():
    x = draw(2, 3, 5, 6)
    heads = split_heads(x, 3)
    assert heads.shape == (2, 3, 3, 5, 2)
    for head in range(3):
        np.testing.assert_array_equal(heads[..., head, :, :], x[..., 2 * head : 2 * head + 2])


def test_heads_must_divide_the_depth():
    with pytest.raises(ValueError, match="4 heads"):
        split_heads(draw(3, 6), 4)
    with pytest.raises(ValueError, match="4 heads"):
        multi_head_attention(*[draw(3, 6)] * 3, draw_projections(6), 4)


@pytest.mark.parametrize("masked", [False, True])
def test_multi_head_attention_agrees_with_keras(masked):
    depth, heads = 6, 3
    layer = keras.layers.MultiHeadAttention(heads, depth // heads, use_bias=False)
    query, key, value = (draw(2, n, depth, dtype=np.float32) for n in (4, 5, 5))
    mask = padding_mask([3, 5], 5) & (RNG.random((2, 4, 5)) < 0.6) if masked else None
    if masked:
        mask |= np.arange(5) == 0
    layer(query, value, key)  # builds the weights
    expected = layer(query, value, key, attention_mask=mask, return_attention_scores=True)
    wq, wk, wv, wo = layer.get_weights()
    projections = [w.reshape(depth, depth) for w in (wq, wk, wv, wo)]
    output, weights = multi_head_attention(query, key, value, projections, heads, mask)
    np.testing.assert_allclose(output, expected[0], atol=1e-5)
    np.testing.assert_allclose(weights, expected[1], atol=1e-5)


def test_one_head_with_unit_matrices_is_attention():
    query, key, value = draw(3, 4), draw(5, 4), draw(5, 4)
    output, weights = multi_head_attention(query, key, value, [np.eye(4)] * 4, 1)
    expected, rows = attention(query, key, value)
    np.testing.assert_allclose(output, expected)
    np.testing.assert_allclose(weights[0], rows)


def test_everything_works_inside_a_graph_with_unknown_sizes():
    shapes = [tf.TensorSpec((None, None, 4), tf.float64), tf.TensorSpec((None,), tf.int32)]
    projections = [tf.Variable(w) for w in draw_projections(4)]

    def encode(x, lengths):
        length = tf.shape(x)[1]
        mask = padding_mask(lengths, length) & causal_mask(length)
        return multi_head_attention(x, x, x, projections, 2, mask)[0]

    x, lengths = draw(2, 5, 4), np.array([2, 5], np.int32)
    graph = tf.function(encode, input_signature=shapes)
    np.testing.assert_allclose(graph(x, lengths), encode(x, lengths))


# --- Positions ----------------------------------------------------------------------------------


def test_position_zero_reads_zero_one_zero_one():
    np.testing.assert_array_equal(positional_encoding(1, 6)[0], [0, 1, 0, 1, 0, 1])


def test_a_step_is_a_rotation_that_does_not_depend_on_the_position():
    depth, step = 8, 3
    encoding = positional_encoding(50, depth)
    for pair in range(depth // 2):
        angle = step / 10000 ** (2 * pair / depth)
        cos, sin = np.cos(angle), np.sin(angle)
        now, later = (x[:, 2 * pair : 2 * pair + 2] for x in (encoding[:-step], encoding[step:]))
        np.testing.assert_allclose(now @ [[cos, -sin], [sin, cos]], later, atol=1e-12)


def test_the_likeness_of_two_positions_depends_on_their_distance_alone():
    encoding = positional_encoding(20, 16)
    likeness = encoding @ encoding.T
    for distance in range(20):
        diagonal = np.diagonal(likeness, distance)
        np.testing.assert_allclose(diagonal, diagonal[0])


def test_an_odd_depth_is_refused():
    with pytest.raises(ValueError, match="depth of 5"):
        positional_encoding(3, 5)
