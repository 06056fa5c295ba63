"""Probes for the attention chapter: search, softmax, attention, masks, heads and positions."""

import numpy as np

from autograder.evidence import Finding
from autograder.exercises import probe

TAGS = ("dog", "cat", "person", "beach", "snow", "city")


def draw_tags(rng, count):
    return set(rng.choice(TAGS, count, replace=False).tolist())


def draw_mask(rng, shape):
    """A mask with blocked and free keys for every query: each row has one of both at least."""
    mask = rng.random(shape) < 0.5
    free = rng.integers(shape[-1], size=shape[:-1])[..., np.newaxis]
    np.put_along_axis(mask, free, True, axis=-1)
    np.put_along_axis(mask, (free + 1) % shape[-1], False, axis=-1)
    return mask


def draw_projections(rng, depth):
    """Four matrices, small enough that no weight comes near 0 or 1."""
    return tuple(rng.normal(size=(4, depth, depth)) / np.sqrt(depth))


def first_gradient(function, first, *args, **kwargs):
    """The gradient, with respect to the first input, of the sum of the squared (first) result."""
    import tensorflow as tf

    first = tf.constant(first)
    with tf.GradientTape() as tape:
        tape.watch(first)
        result = function(first, *args, **kwargs)
        result = result[0] if isinstance(result, tuple | list) else result
        loss = tf.reduce_sum(result**2)
    gradient = tape.gradient(loss, first)
    if gradient is None:
        raise Finding(
            "No gradient reaches the first input: somewhere the values left TensorFlow, perhaps "
            "in a function that this one calls."
        )
    return gradient


@probe(
    "attention.match_scores",
    hints=(
        "Two sets can be compared at once: `a & b` holds the words that are in both.",
        "One number for each photo, so the result is as long as `photo_tags`.",
        "`np.array([... for tags in photo_tags], dtype=int)`, with the length of an "
        "intersection in place of the dots.",
    ),
)
def match_scores(case, rng):
    photos = [{"dog", "snow"}, {"beach", "dog"}, {"city"}, {"beach", "person"}]
    case("dogs on the beach", {"dog", "beach"}, photos)
    case("photos with more tags than asked", {"snow", "dog"}, [{"snow", *TAGS}, {"dog", "person"}])
    case("a tag inside a longer word", {"snow", "cat"}, [{"snowman", "cat"}, {"cattle"}, {"snow"}])
    for count, size in (3, 7), (4, 9):
        drawn = [draw_tags(rng, n) for n in rng.integers(1, 5, size=size)]
        case(f"{count} tags, {size} photos", draw_tags(rng, count), drawn)


@probe(
    "attention.top_matches",
    hints=(
        "`np.argsort` gives positions in the order of their scores, smallest first. What could "
        "you sort in place of the scores, so that the best comes first?",
        "Out of [photos] come [n] whole numbers, or [photos] of them when n is larger. "
        "A slice that runs past the end of an array is no error.",
        '`np.argsort(-scores, kind="stable")` keeps ties in their order; then take the first n.',
    ),
)
def top_matches(case, rng):
    case("by hand", np.array([1, 2, 0, 2, 1]), 3)
    case("twelve photos with ties", rng.integers(0, 4, size=12), 7)
    case("forty photos with many ties", rng.integers(0, 4, size=40), 25)
    case("scores below zero", rng.normal(size=8), 3)
    case("all five photos", rng.normal(size=5), 5)
    case("more than there are", rng.permutation(6) - 2.5, 9)


@probe(
    "attention.softmax",
    hints=(
        "Two things happen: each score becomes positive, and then each is divided by a sum. "
        "Which numbers go into one sum? What if a score is too large for `np.exp`?",
        "The sum along `axis` must still line up with x: with `keepdims=True` an array of shape "
        "(3, 5) has sums of shape (3, 1). Maxima work alike.",
        "`exps = np.exp(x - x.max(axis=axis, keepdims=True))`, and then divide by the sum of "
        "`exps`. Taking the maximum away changes no weight.",
    ),
    ready_made=("softmax", "logsumexp"),
)
def softmax(case, rng):
    case("worked by hand", np.array([2, 1, 0]))
    case("three queries, five keys", rng.normal(size=(3, 5)))
    case("a batch of two", rng.normal(size=(2, 3, 4)))
    case("along the first axis", rng.normal(size=(3, 4)), axis=0)
    case("along the middle axis", rng.normal(size=(2, 4, 3)), axis=1)
    case("scores near 1000", 1000 + rng.normal(size=4))
    case("scores near -1000", -1000 + rng.normal(size=(2, 3)))
    case("rows far apart", np.array([[1000, -999, -1000], [-1000, -1001, -1002]]) + rng.normal())


@probe(
    "attention.soft_lookup",
    hints=(
        "Three steps: compare the query with every key, turn the scores into weights, blend the "
        "values. You have written the middle one already.",
        "keys [n, d] times query [d] gives [n] scores; [n] weights times values [n, v] give an "
        "answer of [v].",
        "`weights = softmax(keys @ query)`; then return `(... @ values, weights)`.",
    ),
)
def soft_lookup(case, rng):
    keys = np.array([[1.0, 1.0], [1.0, 0.0], [0.0, 0.0]])
    case("worked by hand", np.array([1.0, 1.0]), keys, np.array([[90.0], [50.0], [10.0]]))
    for n, d, v in (5, 3, 2), (6, 4, 4), (3, 5, 1), (7, 2, 6):
        name = f"{n} keys of width {d}, values of width {v}"
        case(name, rng.normal(size=d), rng.normal(size=(n, d)), rng.normal(size=(n, v)))


@probe(
    "attention.self_attention_loop",
    hints=(
        "Take one word and write its two steps first; then put a loop over all words around them. "
        "A word is its own neighbor too.",
        "One word [d] against n words gives n scores and n weights; the sum of n weighted vectors "
        "is [d] again; n of those make [n, d].",
        "For each i: `scores = [np.dot(sequence[i], word) for word in sequence]`, then `softmax` "
        "of their array, and in an inner loop over j `result[i] += weights[j] * sequence[j]`.",
    ),
    ready_made=("attention",),
)
def self_attention_loop(case, rng):
    case("two words by hand", np.array([[1.0, 0.0], [0.0, 1.0]]))
    for n, d in (4, 3), (3, 5), (4, 4), (7, 2):
        case(f"{n} words, width {d}", rng.normal(size=(n, d)))


@probe(
    "attention.attention",
    hints=(
        "It is `soft_lookup` for many queries at once, with the scores divided by √d. Block a key "
        "before the softmax: which score has the weight zero?",
        "Scores are [..., queries, keys]: `tf.matmul(query, key, transpose_b=True)`. d is the "
        "last size of the query.",
        "`scores = tf.where(mask, scores, -np.inf)` when there is a mask; `weights = "
        "tf.nn.softmax(scores)`; return `tf.matmul(weights, value)` and the weights.",
    ),
    ready_made=("attention",),
)
def attention(case, rng):
    def draw(*shape):
        return rng.normal(size=shape)

    case("three queries, five keys", draw(3, 4), draw(5, 4), draw(5, 2))
    case("a batch of two", draw(2, 4, 3), draw(2, 6, 3), draw(2, 6, 3))
    case("a batch with three heads", draw(2, 3, 2, 5), draw(2, 3, 4, 5), draw(2, 3, 4, 1))
    case("a mask", draw(3, 4), draw(5, 4), draw(5, 2), mask=draw_mask(rng, (3, 5)))
    mask = draw_mask(rng, (2, 1, 6))
    case("one mask for all queries", draw(2, 3, 2), draw(2, 6, 2), draw(2, 6, 4), mask=mask)
    arrays = (draw(4, 3).astype("float32") for _ in range(3))
    case("a mask, float32 numbers", *arrays, mask=draw_mask(rng, (4, 4)))
    arrays = draw(2, 3, 4), draw(2, 5, 4), draw(2, 5, 3)
    mask = draw_mask(rng, (3, 5))
    case("the gradient for the query, with a mask", *arrays, mask=mask, using=first_gradient)


@probe(
    "attention.causal_mask",
    hints=(
        "Row i belongs to the word that asks. Which columns may word 0 see? Word 1? The last one?",
        "[length, length] booleans: compare a column of positions, [length, 1], with a row of "
        "positions, [length].",
        "`positions = tf.range(length)`; then compare `positions[:, tf.newaxis]` with "
        "`positions`. Is it `>` or `>=`?",
    ),
)
def causal_mask(case, rng):
    case("two words", 2)
    case("three words", 3)
    case("five words", 5)
    case("a longer sequence", int(rng.integers(6, 90)))


@probe(
    "attention.padding_mask",
    hints=(
        "In a sequence of two real words, the positions 0 and 1 are real: those below 2.",
        "Compare positions of shape [length] with lengths of shape [batch, 1, 1]; broadcasting "
        "makes [batch, 1, length].",
        "`tf.cast(lengths, tf.int32)[:, tf.newaxis, tf.newaxis]` on one side of `<` or `>`, "
        "`tf.range(length)` on the other.",
    ),
)
def padding_mask(case, rng):
    case("two and four words of four", [2, 4], 4)
    case("one sequence", [3], 5)
    case("an empty sequence", np.array([0, 2]), 3)
    case("five sequences", rng.integers(1, 7, size=5), 8)
    case("as many sequences as positions", rng.integers(1, 4, size=4), 4)


@probe(
    "attention.split_heads",
    hints=(
        "Write down a row of x, 0 1 2 3 4 5, and cut it for two heads. Every word keeps its row; "
        "each head sees a part of the columns.",
        "From [..., length, depth] go to `heads` pieces of [..., length, depth / heads], and "
        "stack them on a new axis, third from the end.",
        "After the check for a remainder: `tf.split(x, heads, axis=-1)` and `tf.stack(..., "
        "axis=-3)`.",
    ),
)
def split_heads(case, rng):
    case("two heads", np.arange(12.0).reshape(2, 6), 2)
    case("three heads, a batch of two", rng.normal(size=(2, 5, 6)), 3)
    case("two heads, as many words", rng.normal(size=(3, 2, 4)), 2)
    case("four heads, two leading axes", rng.normal(size=(2, 3, 5, 8)), 4)
    case("one head", rng.normal(size=(4, 3)), 1)
    case("the gradient for x", rng.normal(size=(3, 4)), 2, using=first_gradient)
    case("heads that do not divide the depth", rng.normal(size=(3, 6)), 4)


@probe(
    "attention.multi_head_attention",
    hints=(
        "Project, split, attend, join, project: five steps, and `split_heads` and `attention` "
        "are two of them. Joining is splitting backward.",
        "The attended heads are [..., heads, queries, depth / heads]; joined they are [..., "
        "queries, depth]. The mask lacks the heads axis, third from the end.",
        "`mask = tf.expand_dims(mask, -3)` when there is one; `attention(split_heads("
        "tf.matmul(query, Wq), heads), ...)`; `tf.concat(tf.unstack(output, axis=-3), axis=-1)`.",
    ),
    ready_made=("multi_head",),
)
def multi_head_attention(case, rng):
    def draw(*shape):
        return rng.normal(size=shape)

    def draw_inputs(batch, queries, keys, depth):
        return draw(*batch, queries, depth), draw(*batch, keys, depth), draw(*batch, keys, depth)

    case("two heads", *draw_inputs((), 3, 5, 4), draw_projections(rng, 4), 2)
    case("three heads, a batch of two", *draw_inputs((2,), 4, 3, 6), draw_projections(rng, 6), 3)
    case("one head", *draw_inputs((), 3, 4, 3), draw_projections(rng, 3), 1)
    mask = draw_mask(rng, (2, 3, 5))
    case("a mask", *draw_inputs((2,), 3, 5, 4), draw_projections(rng, 4), 2, mask=mask)
    mask = draw_mask(rng, (3, 1, 5))
    inputs = draw_inputs((3,), 4, 5, 6)
    case("a mask for each sequence", *inputs, draw_projections(rng, 6), 2, mask=mask)
    inputs = draw_inputs((2,), 3, 4, 4)
    case("the gradient for the query", *inputs, draw_projections(rng, 4), 2, using=first_gradient)
    inputs = draw_inputs((), 3, 5, 6)
    case("heads that do not divide the depth", *inputs, draw_projections(rng, 6), 4)


@probe(
    "attention.positional_encoding",
    hints=(
        "One angle for each position and each pair of columns; then its sine goes to the even "
        "column and its cosine to the odd one.",
        "Positions as a column, [length, 1], divided by a row of [depth / 2] numbers, give the "
        "angles, [length, depth / 2].",
        "`angles = positions / 10000 ** (np.arange(0, depth, 2) / depth)`; `encoding[:, 0::2]` "
        "and `encoding[:, 1::2]` are the even and the odd columns.",
    ),
)
def positional_encoding(case, rng):
    case("three positions, one pair", 3, 2)
    case("four positions, three pairs", 4, 6)
    case("a long sequence", int(rng.integers(100, 200)), 8)
    case("as many positions as columns", *[2 * int(rng.integers(2, 30))] * 2)
    case("an odd depth", int(rng.integers(2, 100)), 1)
