"""Misconceptions of the attention chapter."""

import numpy as np
import tensorflow as tf

from autograder.misconceptions import misconception

# --- match_scores -------------------------------------------------------------------------------


@misconception(
    "attention.match_scores",
    "a photo matches or it does not",
    says="You gave 1 to photos whose tags are exactly the query's, and 0 to all others. That is "
    "the search of the first page; here a photo gets one point for each tag that it shares.",
)
def match_scores(query_tags, photo_tags):
    return np.array([int(query_tags == tags) for tags in photo_tags])


@misconception(
    "attention.match_scores",
    "a photo needs all tags of the query",
    says="You gave 1 to photos that have every tag of the query. A photo with one of two tags "
    "deserves a point too, and one with two of them gets two.",
)
def match_scores(query_tags, photo_tags):
    return np.array([int(query_tags <= tags) for tags in photo_tags])


@misconception(
    "attention.match_scores",
    "one shared tag is enough",
    says="You gave 1 to every photo that shares a tag with the query, so that all of them tie. "
    "How many tags they share is what ranks them: count, do not ask yes or no.",
)
def match_scores(query_tags, photo_tags):
    return np.array([int(bool(query_tags & tags)) for tags in photo_tags])


@misconception(
    "attention.match_scores",
    "union in place of intersection",
    says="You counted the tags that are in the query or in the photo: `|` joins two sets. "
    "The tags that are in both come from `&`.",
)
def match_scores(query_tags, photo_tags):
    return np.array([len(query_tags | tags) for tags in photo_tags])


@misconception(
    "attention.match_scores",
    "counts the tags that are missing",
    says="Your score counts the query's tags that the photo does not have, so the worst photo "
    "gets the highest score. `-` removes what is shared; `&` keeps it.",
)
def match_scores(query_tags, photo_tags):
    return np.array([len(query_tags - tags) for tags in photo_tags])


@misconception(
    "attention.match_scores",
    "counts the photo's own tags",
    says="You counted all tags of the photo, and the query plays no part. Look only at those "
    "tags that the query has too.",
)
def match_scores(query_tags, photo_tags):
    return np.array([len(tags) for tags in photo_tags])


@misconception(
    "attention.match_scores",
    "divides by the size of the query",
    says="You divided the count by the number of tags in the query. The ranking stays the same, "
    "but the exercise asks for the count itself, a whole number.",
)
def match_scores(query_tags, photo_tags):
    return np.array([len(query_tags & tags) / len(query_tags) for tags in photo_tags])


@misconception(
    "attention.match_scores",
    "divides by the size of the union",
    says="You divided the shared tags by the tags of both together. That measure has a name, the "
    "Jaccard index, but it punishes a photo for showing more. Return the count, a whole number.",
)
def match_scores(query_tags, photo_tags):
    return np.array([len(query_tags & tags) / len(query_tags | tags) for tags in photo_tags])


@misconception(
    "attention.match_scores",
    "looks for tags inside words",
    says="You looked for the tag inside the text of the tags, and so *cat* was found in *cattle*. "
    "Compare whole words: `in` a set does that, `in` a string does not.",
)
def match_scores(query_tags, photo_tags):
    return np.array([sum(tag in " ".join(tags) for tag in query_tags) for tags in photo_tags])


@misconception(
    "attention.match_scores",
    "leaves out the photos without a match",
    says="You kept only the photos that match at all. Then the scores no longer line up with the "
    "catalogue: a photo without a match has the score 0 and keeps its place.",
)
def match_scores(query_tags, photo_tags):
    scores = [len(query_tags & tags) for tags in photo_tags]
    return np.array([score for score in scores if score > 0], dtype=int)


@misconception(
    "attention.match_scores",
    "sorts the scores",
    says="The counts are right, but you sorted them, and now nobody knows which photo each "
    "belongs to. Keep the order of the catalogue; ranking is the next exercise.",
)
def match_scores(query_tags, photo_tags):
    return np.array(sorted((len(query_tags & tags) for tags in photo_tags), reverse=True))


@misconception(
    "attention.match_scores",
    "counts in an array of floats",
    says="The counts are right, but they are floats: `np.zeros(n)` makes floats unless you say "
    "`dtype=int`. A count is a whole number.",
)
def match_scores(query_tags, photo_tags):
    scores = np.zeros(len(photo_tags))
    for i, tags in enumerate(photo_tags):
        scores[i] = len(query_tags & tags)
    return scores


# --- top_matches --------------------------------------------------------------------------------


@misconception(
    "attention.top_matches",
    "sorts upward",
    says="Your list begins with the worst score: `np.argsort` goes from small to large. Sort the "
    "scores with their sign changed.",
)
def top_matches(scores, n):
    return np.argsort(scores, kind="stable")[:n]


@misconception(
    "attention.top_matches",
    "returns scores, not positions",
    says="You returned the best scores. Whoever searches wants the photos: return their "
    "positions, which is what `np.argsort` gives.",
)
def top_matches(scores, n):
    return np.sort(scores)[::-1][:n]


@misconception(
    "attention.top_matches",
    "turns the sorted positions around",
    says="You sorted upward and then reversed, and that reverses the ties too: of two equal "
    'scores, the later photo came first. Sort `-scores` with `kind="stable"` instead.',
)
def top_matches(scores, n):
    return np.argsort(scores, kind="stable")[::-1][:n]


@misconception(
    "attention.top_matches",
    "takes the last n of an upward sort",
    says="You took the last n of an upward sort: the right photos, but the best of them stands "
    "at the end. The best match belongs at the front.",
)
def top_matches(scores, n):
    return np.argsort(scores, kind="stable")[-n:]


@misconception(
    "attention.top_matches",
    "puts the best n in catalogue order",
    says="You found the right photos and then put them in the order of the catalogue. "
    "Their order by score is part of the answer; the catalogue decides only between equals.",
)
def top_matches(scores, n):
    return np.sort(np.argsort(-scores, kind="stable")[:n])


@misconception(
    "attention.top_matches",
    "ranks in place of positions",
    says="You returned the rank of each photo (0 for the best), one after the other. The question "
    "is the other way round: which photo has rank 0, which has rank 1? One argsort answers it; "
    "the second one turns the answer around.",
)
def top_matches(scores, n):
    return np.argsort(np.argsort(-scores, kind="stable"), kind="stable")[:n]


@misconception(
    "attention.top_matches",
    "keeps all photos that tie with the last",
    says="You kept every photo that is as good as number n, and so returned more than n. "
    "Ties are decided by the catalogue: the list ends after n.",
)
def top_matches(scores, n):
    order = np.argsort(-scores, kind="stable")
    last = scores[order[min(n, len(order)) - 1]]
    return order[scores[order] >= last]


@misconception(
    "attention.top_matches",
    "breaks when n exceeds the count",
    says="With n larger than the number of photos you reached past the end. Return all "
    "positions then; a slice `[:n]` does it without a question.",
)
def top_matches(scores, n):
    order = np.argsort(-scores, kind="stable")
    return np.array([order[i] for i in range(n)])


@misconception(
    "attention.top_matches",
    "finds the same maximum again and again",
    says="You asked `np.argmax` n times without taking away what was found, so the best photo "
    "came back each time. Sort once instead.",
)
def top_matches(scores, n):
    return np.array([np.argmax(scores) for _ in range(min(n, len(scores)))])


@misconception(
    "attention.top_matches",
    "crosses out the found score with 0",
    says="You replaced each score that was found by 0. Scores may lie below zero, and then the "
    "crossed-out photo wins again: cross out with `-np.inf`, or sort once.",
)
def top_matches(scores, n):
    left = np.array(scores, float)
    found = []
    for _ in range(min(n, len(left))):
        found.append(int(np.argmax(left)))
        left[found[-1]] = 0
    return np.array(found)


# --- softmax ------------------------------------------------------------------------------------


@misconception(
    "attention.softmax",
    "normalizes over the whole array",
    says="You divided by the sum of all entries, so only the whole array sums to one. Each query "
    "has its own weights: sum along `axis` and keep that axis with `keepdims=True`.",
)
def softmax(x, axis=-1):
    exps = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return exps / exps.sum()


@misconception(
    "attention.softmax",
    "forgets the axis",
    says="You took one maximum and one sum over the whole array, as if it were a single row. Each "
    "query has its own weights: give `axis=axis, keepdims=True` to both the maximum and the sum.",
)
def softmax(x, axis=-1):
    exps = np.exp(x - np.max(x))
    return exps / exps.sum()


@misconception(
    "attention.softmax",
    "the formula for one row, without a shift",
    says="This is the formula for one short row. With more rows each needs its own sum: "
    "`axis=axis, keepdims=True`. And `np.exp(1000)` is infinity: take the maximum along `axis` "
    "away from x first.",
)
def softmax(x, axis=-1):
    return np.exp(x) / np.exp(x).sum()


@misconception(
    "attention.softmax",
    "exponents without a shift",
    says="Your formula is right on paper, but `np.exp(1000)` is infinity and `np.exp(-1000)` is "
    "0. Take the maximum along `axis` away from x first; no weight changes by that.",
)
def softmax(x, axis=-1):
    exps = np.exp(x)
    return exps / exps.sum(axis=axis, keepdims=True)


@misconception(
    "attention.softmax",
    "ignores the axis",
    says="You always worked along the last axis, whatever `axis` says. Pass `axis` on to both the "
    "maximum and the sum.",
)
def softmax(x, axis=-1):
    exps = np.exp(x - np.max(x, axis=-1, keepdims=True))
    return exps / exps.sum(axis=-1, keepdims=True)


@misconception(
    "attention.softmax",
    "always the first axis",
    says="You always worked along axis 0, whatever `axis` says. That suits a single row of "
    "scores; with more axes the queries get mixed. Pass `axis` on to the maximum and the sum.",
)
def softmax(x, axis=-1):
    exps = np.exp(x - np.max(x, axis=0, keepdims=True))
    return exps / exps.sum(axis=0, keepdims=True)


@misconception(
    "attention.softmax",
    "the maximum of the whole array",
    says="You took the maximum of the whole array away. A row that lies far below it becomes all "
    "zeros and 0 / 0 is nan. Each row needs its own maximum: `axis=axis, keepdims=True`.",
)
def softmax(x, axis=-1):
    exps = np.exp(x - np.max(x))
    return exps / exps.sum(axis=axis, keepdims=True)


@misconception(
    "attention.softmax",
    "shifts by the minimum",
    says="You took away the minimum, or something else below the maximum, so the largest score may "
    "still be too large for `np.exp`. Take the maximum away: then no exponent is above 0.",
)
def softmax(x, axis=-1):
    exps = np.exp(x - np.min(x, axis=axis, keepdims=True))
    return exps / exps.sum(axis=axis, keepdims=True)


@misconception(
    "attention.softmax",
    "loses the axis of the sum",
    says="Without `keepdims=True` the sum of a (3, 5) array has shape (3,), and it lines up "
    "with the columns or with nothing. Keep the axis, in the maximum and in the sum.",
)
def softmax(x, axis=-1):
    exps = np.exp(x - np.max(x, axis=axis))
    return exps / exps.sum(axis=axis)


@misconception(
    "attention.softmax",
    "divides the scores themselves",
    says="You divided the scores by their sum, without the exponential. Scores below zero then "
    "give negative weights, and a sum of zero breaks it. Take `np.exp` first.",
)
def softmax(x, axis=-1):
    x = np.asarray(x, float)
    return x / x.sum(axis=axis, keepdims=True)


@misconception(
    "attention.softmax",
    "a base of two",
    says="You took powers of 2. The weights do sum to one, but they are softer than softmax: its "
    "base is e, about 2.718, which is `np.exp`.",
)
def softmax(x, axis=-1):
    powers = np.exp2(x - np.max(x, axis=axis, keepdims=True))
    return powers / powers.sum(axis=axis, keepdims=True)


@misconception(
    "attention.softmax",
    "logarithms of the weights",
    says="You returned the logarithm of the weights. That is what a loss wants; a blend needs the "
    "weights themselves, which are positive.",
)
def softmax(x, axis=-1):
    shifted = x - np.max(x, axis=axis, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))


@misconception(
    "attention.softmax",
    "all weight to the best",
    says="You gave the weight 1 to the best score and 0 to the others. That is the hard maximum; "
    "the soft one gives a share to each.",
)
def softmax(x, axis=-1):
    x = np.asarray(x)
    best = np.argmax(x, axis=axis)
    return np.moveaxis(np.eye(x.shape[axis])[best], -1, axis)


@misconception(
    "attention.softmax",
    "forgets to divide",
    says="You returned the exponentials. They are positive, but they do not sum to one yet: "
    "divide by their sum along `axis`.",
)
def softmax(x, axis=-1):
    return np.exp(x - np.max(x, axis=axis, keepdims=True))


# --- soft_lookup --------------------------------------------------------------------------------


@misconception(
    "attention.soft_lookup",
    "scales already",
    says="You divided the scores by √d. That comes later in the chapter, with a reason; here the "
    "plain dot products go into softmax.",
)
def soft_lookup(query, keys, values):
    weights = softmax(keys @ query / np.sqrt(len(query)))
    return weights @ values, weights


@misconception(
    "attention.soft_lookup",
    "takes the best value only",
    says="You returned the value of the best key, which is a hard lookup. The soft answer holds "
    "a part of every value, each times its weight.",
)
def soft_lookup(query, keys, values):
    scores = keys @ query
    return values[np.argmax(scores)], softmax(scores)


@misconception(
    "attention.soft_lookup",
    "compares the query with the values",
    says="You compared the query with the values. The keys describe what is in each photo, so "
    "they meet the query; the values are what is handed out.",
)
def soft_lookup(query, keys, values):
    weights = softmax(values @ query)
    return weights @ values, weights


@misconception(
    "attention.soft_lookup",
    "blends the keys",
    says="Your weights are right, but you blended the keys. The keys have done their work when "
    "the weights are known; the answer is a blend of the values.",
)
def soft_lookup(query, keys, values):
    weights = softmax(keys @ query)
    return weights @ keys, weights


@misconception(
    "attention.soft_lookup",
    "scores as weights",
    says="You used the scores as weights. They may be negative and need not sum to one: put them "
    "through softmax first.",
)
def soft_lookup(query, keys, values):
    weights = keys @ query
    return weights @ values, weights


@misconception(
    "attention.soft_lookup",
    "divides the scores by their sum",
    says="You divided the scores by their sum in place of softmax. With negative scores that "
    "gives negative weights; softmax makes every score positive first.",
)
def soft_lookup(query, keys, values):
    scores = keys @ query
    weights = scores / scores.sum()
    return weights @ values, weights


@misconception(
    "attention.soft_lookup",
    "weights first",
    says="You returned the weights first and the answer second. The order is (answer, weights).",
)
def soft_lookup(query, keys, values):
    weights = softmax(keys @ query)
    return weights, weights @ values


@misconception(
    "attention.soft_lookup",
    "returns the answer alone",
    says="Your answer is right, but the weights are missing. Return both: `return answer, "
    "weights`.",
)
def soft_lookup(query, keys, values):
    return softmax(keys @ query) @ values


@misconception(
    "attention.soft_lookup",
    "divides by the lengths of the vectors",
    says="You divided by the lengths of query and keys: that is the cosine, which chapter 6 uses. "
    "Here a score is the plain dot product, so a longer vector speaks louder.",
)
def soft_lookup(query, keys, values):
    lengths = np.linalg.norm(keys, axis=1) * np.linalg.norm(query)
    weights = softmax(keys @ query / np.maximum(lengths, 1e-12))
    return weights @ values, weights


@misconception(
    "attention.soft_lookup",
    "softmax of distances",
    says="You scored each key by its distance from the query. Near keys do come out on top, but "
    "the score asked for is the dot product.",
)
def soft_lookup(query, keys, values):
    weights = softmax(-np.linalg.norm(keys - query, axis=1))
    return weights @ values, weights


@misconception(
    "attention.soft_lookup",
    "does not add up the parts",
    says="You weighted every value, but did not add them up, so there are still n rows. The blend "
    "is their sum over the photos: one row of [v].",
)
def soft_lookup(query, keys, values):
    weights = softmax(keys @ query)
    return weights[:, np.newaxis] * values, weights


# --- self_attention_loop ------------------------------------------------------------------------


@misconception(
    "attention.self_attention_loop",
    "leaves out the word itself",
    says="You left out the word itself. It looks at every word, and it is one of them: leave the "
    "`if i != j` away.",
)
def self_attention_loop(sequence):
    result = np.zeros(sequence.shape)
    for i, word in enumerate(sequence):
        others = np.delete(sequence, i, axis=0)
        result[i] = softmax(others @ word) @ others
    return result


@misconception(
    "attention.self_attention_loop",
    "scales already",
    says="You divided the scores by √d. The loop version is not scaled; scaling is the next "
    "section.",
)
def self_attention_loop(sequence):
    n, d = sequence.shape
    return np.array([softmax(sequence @ word / np.sqrt(d)) @ sequence for word in sequence])


@misconception(
    "attention.self_attention_loop",
    "scores as weights",
    says="You added up the words with their raw scores. Step 1 has a second half: softmax turns "
    "the scores of a word into weights that sum to one.",
)
def self_attention_loop(sequence):
    return np.array([(sequence @ word) @ sequence for word in sequence])


@misconception(
    "attention.self_attention_loop",
    "normalizes down the columns",
    says="Your weights sum to one over the words that ask. They should sum to one over the words "
    "that are asked: each word, when it asks, has its own softmax.",
)
def self_attention_loop(sequence):
    weights = softmax(sequence @ sequence.T, axis=0)
    return weights @ sequence


@misconception(
    "attention.self_attention_loop",
    "one softmax for the whole sentence",
    says="You took one softmax over the scores of all words together, so every word shares a "
    "single unit of weight with the others. Each word needs a softmax of its own.",
)
def self_attention_loop(sequence):
    scores = sequence @ sequence.T
    return softmax(scores.reshape(-1)).reshape(scores.shape) @ sequence


@misconception(
    "attention.self_attention_loop",
    "looks back only",
    says="You let each word look at itself and at earlier words only. That is the causal mask, "
    "some pages ahead; here every word sees the whole sentence.",
)
def self_attention_loop(sequence):
    result = np.zeros(sequence.shape)
    for i, word in enumerate(sequence):
        seen = sequence[: i + 1]
        result[i] = softmax(seen @ word) @ seen
    return result


@misconception(
    "attention.self_attention_loop",
    "keeps the word and adds the blend",
    says="You added the blend to the word's old vector. Transformers do that around attention, "
    "but here the new vector is the weighted sum alone; the word takes part in it already.",
)
def self_attention_loop(sequence):
    blends = np.array([softmax(sequence @ word) @ sequence for word in sequence])
    return sequence + blends


@misconception(
    "attention.self_attention_loop",
    "changes the words while others still ask",
    says="You wrote each new vector back at once, so later words asked a sentence that had "
    "already changed. Collect the results in a new array.",
)
def self_attention_loop(sequence):
    sequence = np.array(sequence)
    for i, word in enumerate(sequence):
        sequence[i] = softmax(sequence @ word) @ sequence
    return sequence


@misconception(
    "attention.self_attention_loop",
    "returns inside the loop",
    says="Your `return` stands inside the outer loop, so the function ends after the first word. "
    "Move it out by one step.",
)
def self_attention_loop(sequence):
    result = np.zeros(sequence.shape)
    for i, word in enumerate(sequence):
        result[i] = softmax(sequence @ word) @ sequence
        return result


@misconception(
    "attention.self_attention_loop",
    "keeps only the last part of each sum",
    says="In the inner loop you wrote `=` where `+=` is meant, so each word keeps only the part "
    "that came from the last word of the sentence.",
)
def self_attention_loop(sequence):
    result = np.zeros(sequence.shape)
    for i, word in enumerate(sequence):
        weights = softmax(sequence @ word)
        for weight, other in zip(weights, sequence, strict=True):
            result[i] = weight * other
    return result


@misconception(
    "attention.self_attention_loop",
    "returns the weights",
    says="You returned the weights, one row for each word. That is step 1; step 2 uses them to "
    "add up the word vectors.",
)
def self_attention_loop(sequence):
    return np.array([softmax(sequence @ word) for word in sequence])


@misconception(
    "attention.self_attention_loop",
    "blends the asking word",
    says="You multiplied the weights with the vector of the word that asks. Weights that sum to "
    "one then give the same word back: each weight belongs to the word that was asked.",
)
def self_attention_loop(sequence):
    return np.array([sum(w * word for w in softmax(sequence @ word)) for word in sequence])


@misconception(
    "attention.self_attention_loop",
    "writes into the sequence that it was given",
    says="You wrote each new vector into `sequence` itself. That changes the caller's data, and "
    "later words asked a sentence that had already changed. Collect the results in a new array, "
    "such as `np.zeros(sequence.shape)`.",
)
def self_attention_loop(sequence):
    for i, word in enumerate(sequence):
        sequence[i] = softmax(sequence @ word) @ sequence
    return sequence


# --- attention ----------------------------------------------------------------------------------


@misconception(
    "attention.attention",
    "no scaling",
    says="You left out the division by √d, where d is the width of a query. Without it the "
    "scores grow with d and softmax hardens.",
)
def attention(query, key, value, mask=None):
    scores = tf.matmul(query, key, transpose_b=True)
    if mask is not None:
        scores = tf.where(mask, scores, -np.inf)
    weights = tf.nn.softmax(scores)
    return tf.matmul(weights, value), weights


@misconception(
    "attention.attention",
    "divides by d",
    says="You divided by d. The spread of a dot product grows with √d, so √d is what brings it "
    "back to one; d makes the weights too even.",
)
def attention(query, key, value, mask=None):
    scores = tf.matmul(query, key, transpose_b=True) / query.shape[-1]
    if mask is not None:
        scores = tf.where(mask, scores, -np.inf)
    weights = tf.nn.softmax(scores)
    return tf.matmul(weights, value), weights


@misconception(
    "attention.attention",
    "scales by the number of keys",
    says="You divided by the root of the number of keys. How many numbers are added up in a "
    "score? The width d of a query: its last size.",
)
def attention(query, key, value, mask=None):
    scores = tf.matmul(query, key, transpose_b=True) / key.shape[-2] ** 0.5
    if mask is not None:
        scores = tf.where(mask, scores, -np.inf)
    weights = tf.nn.softmax(scores)
    return tf.matmul(weights, value), weights


@misconception(
    "attention.attention",
    "scales after the softmax",
    says="You divided the weights by √d, after the softmax, and they no longer sum to one. The "
    "scores are what needs the division.",
)
def attention(query, key, value, mask=None):
    scores = tf.matmul(query, key, transpose_b=True)
    if mask is not None:
        scores = tf.where(mask, scores, -np.inf)
    weights = tf.nn.softmax(scores) / query.shape[-1] ** 0.5
    return tf.matmul(weights, value), weights


@misconception(
    "attention.attention",
    "softmax over the queries",
    says="Your weights sum to one over the queries. Each query shares out its attention over the "
    "keys, which are the last axis of the scores.",
)
def attention(query, key, value, mask=None):
    scores = tf.matmul(query, key, transpose_b=True) / query.shape[-1] ** 0.5
    if mask is not None:
        scores = tf.where(mask, scores, -np.inf)
    weights = tf.nn.softmax(scores, axis=-2)
    return tf.matmul(weights, value), weights


@misconception(
    "attention.attention",
    "True means blocked",
    says="You blocked the keys where the mask is True. In this course True means that a query may "
    "look; Keras does it this way too, while PyTorch's attention layer does the opposite.",
)
def attention(query, key, value, mask=None):
    scores = tf.matmul(query, key, transpose_b=True) / query.shape[-1] ** 0.5
    if mask is not None:
        scores = tf.where(mask, -np.inf, scores)
    weights = tf.nn.softmax(scores)
    return tf.matmul(weights, value), weights


@misconception(
    "attention.attention",
    "takes the weights away after the softmax",
    says="You set weights to zero after the softmax, so the rest of a row sums to less than one. "
    "Block the scores before the softmax; then it shares out everything among the others.",
)
def attention(query, key, value, mask=None):
    scores = tf.matmul(query, key, transpose_b=True) / query.shape[-1] ** 0.5
    weights = tf.nn.softmax(scores)
    if mask is not None:
        weights = tf.where(mask, weights, 0.0)
    return tf.matmul(weights, value), weights


@misconception(
    "attention.attention",
    "blocked scores become zero",
    says="You set blocked scores to 0. Zero is a score like any other, and exp(0) is 1, so the key "
    "keeps a weight. The score whose weight is zero is minus infinity.",
)
def attention(query, key, value, mask=None):
    scores = tf.matmul(query, key, transpose_b=True) / query.shape[-1] ** 0.5
    if mask is not None:
        scores = tf.where(mask, scores, 0.0)
    weights = tf.nn.softmax(scores)
    return tf.matmul(weights, value), weights


@misconception(
    "attention.attention",
    "adds the mask to the scores",
    says="You added the mask to the scores as numbers, so free keys gained 1 and blocked keys "
    "lost nothing. Papers that add a mask add 0 and minus infinity.",
)
def attention(query, key, value, mask=None):
    scores = tf.matmul(query, key, transpose_b=True) / query.shape[-1] ** 0.5
    if mask is not None:
        scores += tf.cast(mask, scores.dtype)
    weights = tf.nn.softmax(scores)
    return tf.matmul(weights, value), weights


@misconception(
    "attention.attention",
    "ignores the mask",
    says="You did not use the mask. Where it is False, the score must become minus infinity "
    "before the softmax.",
)
def attention(query, key, value, mask=None):
    scores = tf.matmul(query, key, transpose_b=True) / query.shape[-1] ** 0.5
    weights = tf.nn.softmax(scores)
    return tf.matmul(weights, value), weights


@misconception(
    "attention.attention",
    "subtracts a small number",
    says="You took 10 away from blocked scores, which leaves their keys a small weight. It must "
    "be exactly zero, and so the score minus infinity.",
)
def attention(query, key, value, mask=None):
    scores = tf.matmul(query, key, transpose_b=True) / query.shape[-1] ** 0.5
    if mask is not None:
        scores = tf.where(mask, scores, scores - 10.0)
    weights = tf.nn.softmax(scores)
    return tf.matmul(weights, value), weights


@misconception(
    "attention.attention",
    "weights first",
    says="You returned the weights first and the output second. The order is (output, weights).",
)
def attention(query, key, value, mask=None):
    scores = tf.matmul(query, key, transpose_b=True) / query.shape[-1] ** 0.5
    if mask is not None:
        scores = tf.where(mask, scores, -np.inf)
    weights = tf.nn.softmax(scores)
    return weights, tf.matmul(weights, value)


@misconception(
    "attention.attention",
    "returns the output alone",
    says="Your output is right, but the weights are missing. Return both: `return output, "
    "weights`.",
)
def attention(query, key, value, mask=None):
    scores = tf.matmul(query, key, transpose_b=True) / query.shape[-1] ** 0.5
    if mask is not None:
        scores = tf.where(mask, scores, -np.inf)
    return tf.matmul(tf.nn.softmax(scores), value)


@misconception(
    "attention.attention",
    "swaps two axes by name of a matrix",
    says="`tf.transpose(key)`, like `key.T`, turns all axes around, the batch too. Only the last "
    "two change places: `tf.matmul(query, key, transpose_b=True)`.",
)
def attention(query, key, value, mask=None):
    scores = tf.matmul(query, tf.transpose(key)) / query.shape[-1] ** 0.5
    if mask is not None:
        scores = tf.where(mask, scores, -np.inf)
    weights = tf.nn.softmax(scores)
    return tf.matmul(weights, value), weights


@misconception(
    "attention.attention",
    "turns all axes around with .T",
    says="`key.T` turns all axes around, the batch too, so it fits single sequences only. Leave "
    "key as it is and let `tf.matmul(query, key, transpose_b=True)` swap the last two axes.",
)
def attention(query, key, value, mask=None):
    scores = query @ key.T / query.shape[-1] ** 0.5
    if mask is not None:
        scores = tf.where(mask, scores, -np.inf)
    weights = tf.nn.softmax(scores)
    return tf.matmul(weights, value), weights


@misconception(
    "attention.attention",
    "leaves TensorFlow",
    says="Your numbers are right, but NumPy computed a part of them, and a tape cannot follow "
    "NumPy. Your own `softmax` is NumPy too: take `tf.nn.softmax`, and TensorFlow's operations "
    "from the first to the last line. Training needs the gradient.",
)
def attention(query, key, value, mask=None):
    scores = tf.matmul(query, key, transpose_b=True) / query.shape[-1] ** 0.5
    if mask is not None:
        scores = tf.where(mask, scores, -np.inf)
    weights = softmax(scores)
    return tf.matmul(weights, value), weights


@misconception(
    "attention.attention",
    "NumPy's maximum of a tensor",
    says="You handed the scores, which are a tensor, to a softmax that is written for NumPy "
    "arrays: a tensor has no `.max`. Use `tf.nn.softmax(scores)`, which a tape can follow too.",
)
def attention(query, key, value, mask=None):
    scores = tf.matmul(query, key, transpose_b=True) / query.shape[-1] ** 0.5
    if mask is not None:
        scores = tf.where(mask, scores, -np.inf)
    exps = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights = exps / exps.sum(axis=-1, keepdims=True)
    return tf.matmul(weights, value), weights


@misconception(
    "attention.attention",
    "TensorFlow's root of a whole number",
    says="You gave `tf.sqrt` the whole number d, and it takes floats only. √d need not be a "
    "tensor: `query.shape[-1] ** 0.5` is a plain number and divides tensors of any float type.",
)
def attention(query, key, value, mask=None):
    scores = tf.matmul(query, key, transpose_b=True) / tf.sqrt(query.shape[-1])
    if mask is not None:
        scores = tf.where(mask, scores, -np.inf)
    weights = tf.nn.softmax(scores)
    return tf.matmul(weights, value), weights


@misconception(
    "attention.attention",
    "a root of type float32",
    says="Your √d is a float32 tensor, and TensorFlow does not divide float64 numbers by it. Leave "
    "it a plain number, `query.shape[-1] ** 0.5`, which goes with every float type.",
)
def attention(query, key, value, mask=None):
    scores = tf.matmul(query, key, transpose_b=True)
    scores = scores / tf.sqrt(tf.cast(query.shape[-1], tf.float32))
    if mask is not None:
        scores = tf.where(mask, scores, -np.inf)
    weights = tf.nn.softmax(scores)
    return tf.matmul(weights, value), weights


# --- causal_mask --------------------------------------------------------------------------------


@misconception(
    "attention.causal_mask",
    "a word may not see itself",
    says="Your mask hides each word from itself, and the first word sees nothing at all. Itself "
    "and earlier: `>=`, not `>`.",
)
def causal_mask(length):
    return np.tri(length, k=-1, dtype=bool)


@misconception(
    "attention.causal_mask",
    "looks at the future",
    says="Your mask lets words look forward. The row is the word that asks, the column the word "
    "that it sees: column j is free for row i when j is not after i.",
)
def causal_mask(length):
    return np.tri(length, dtype=bool).T


@misconception(
    "attention.causal_mask",
    "True means blocked",
    says="You marked the blocked pairs with True. In this course True means that a query may look.",
)
def causal_mask(length):
    return ~np.tri(length, dtype=bool)


@misconception(
    "attention.causal_mask",
    "numbers, not booleans",
    says="The pattern is right, but your mask holds the numbers 0 and 1. A mask says yes or no: "
    "make it boolean, by a comparison or `dtype=bool`.",
)
def causal_mask(length):
    return np.tri(length)


@misconception(
    "attention.causal_mask",
    "minus infinity above the diagonal",
    says="You made the mask that is added to scores, with 0 and minus infinity. Here the mask is "
    "boolean, and `attention` puts in the minus infinity.",
)
def causal_mask(length):
    return np.where(np.tri(length, dtype=bool), 0.0, -np.inf)


@misconception(
    "attention.causal_mask",
    "only the word itself",
    says="Each word of yours sees itself alone. It may look at all earlier words too: the whole "
    "triangle below the diagonal is True.",
)
def causal_mask(length):
    return np.eye(length, dtype=bool)


@misconception(
    "attention.causal_mask",
    "one word ahead",
    says="Your triangle reaches one column too far: each word sees the next one, which is what a "
    "causal mask is there to prevent.",
)
def causal_mask(length):
    return np.tri(length, k=1, dtype=bool)


@misconception(
    "attention.causal_mask",
    "all words for all",
    says="Your mask is True everywhere, which hides nothing. Word i may not look at the words "
    "after position i.",
)
def causal_mask(length):
    return np.ones((length, length), dtype=bool)


@misconception(
    "attention.causal_mask",
    "itself and the word before",
    says="Each word of yours sees itself and its neighbor. *Earlier* means all words before it, "
    "back to the first.",
)
def causal_mask(length):
    return np.eye(length, dtype=bool) | np.eye(length, k=-1, dtype=bool)


# --- padding_mask -------------------------------------------------------------------------------


@misconception(
    "attention.padding_mask",
    "True at the padding",
    says="You marked the padding with True. In this course True means that a query may look, so "
    "the real words are True.",
)
def padding_mask(lengths, length):
    return np.arange(length) >= np.asarray(lengths)[:, np.newaxis, np.newaxis]


@misconception(
    "attention.padding_mask",
    "no axis for the queries",
    says="Your mask has shape [batch, length]. Next to scores of [batch, queries, keys] the batch "
    "would line up with the queries: put an axis of size 1 in the middle.",
)
def padding_mask(lengths, length):
    return np.arange(length) < np.asarray(lengths)[:, np.newaxis]


@misconception(
    "attention.padding_mask",
    "the extra axis at the end",
    says="You put the axis of size 1 at the end, [batch, length, 1]. That hides queries. Padding "
    "must not be looked at, so the mask runs along the keys, the last axis.",
)
def padding_mask(lengths, length):
    return (np.arange(length) < np.asarray(lengths)[:, np.newaxis])[..., np.newaxis]


@misconception(
    "attention.padding_mask",
    "the extra axis in front",
    says="You put the axis of size 1 in front, [1, batch, length]. The batch comes first; the 1 "
    "in the middle stands for all queries.",
)
def padding_mask(lengths, length):
    return (np.arange(length) < np.asarray(lengths)[:, np.newaxis])[np.newaxis]


@misconception(
    "attention.padding_mask",
    "one word too many",
    says="Your mask frees one word too many. Positions are counted from 0, so with two real words "
    "they are 0 and 1: below the length, not up to it.",
)
def padding_mask(lengths, length):
    return np.arange(length) <= np.asarray(lengths)[:, np.newaxis, np.newaxis]


@misconception(
    "attention.padding_mask",
    "padding in front",
    says="You marked the last words as real. The padding stands at the end here, so the real "
    "words come first.",
)
def padding_mask(lengths, length):
    lengths = np.asarray(lengths)[:, np.newaxis, np.newaxis]
    return np.arange(length) >= length - lengths


@misconception(
    "attention.padding_mask",
    "numbers, not booleans",
    says="The pattern is right, but your mask holds numbers. A mask says yes or no: return the "
    "comparison itself, which is boolean.",
)
def padding_mask(lengths, length):
    real = np.arange(length) < np.asarray(lengths)[:, np.newaxis, np.newaxis]
    return real.astype(np.float32)


@misconception(
    "attention.padding_mask",
    "hides the queries too",
    says="You made a square for each sequence, True where both words are real. Then a padded "
    "query may look at nothing and its weights are nan. Hide the keys; the axis of the queries "
    "has size 1.",
)
def padding_mask(lengths, length):
    real = np.arange(length) < np.asarray(lengths)[:, np.newaxis]
    return real[:, :, np.newaxis] & real[:, np.newaxis, :]


@misconception(
    "attention.padding_mask",
    "one copy for each query",
    says="The pattern is right, but you repeated it for every query. Broadcasting does that: "
    "leave the middle axis at size 1, and the mask fits any number of queries.",
)
def padding_mask(lengths, length):
    real = np.arange(length) < np.asarray(lengths)[:, np.newaxis]
    return np.repeat(real[:, np.newaxis, :], length, axis=1)


@misconception(
    "attention.padding_mask",
    "as long as the longest sequence",
    says="Your mask is as wide as the longest sequence of the batch. All sequences were padded to "
    "`length`, so that is the last size.",
)
def padding_mask(lengths, length):
    lengths = np.asarray(lengths)
    return np.arange(lengths.max()) < lengths[:, np.newaxis, np.newaxis]


@misconception(
    "attention.padding_mask",
    "compares without a new axis",
    says="You compared [length] positions with [batch] lengths, one to one. Every sequence is to "
    "be compared with every position: give the lengths two more axes, [batch, 1, 1], with "
    "`tf.reshape(lengths, (-1, 1, 1))`, and broadcasting does the rest.",
)
def padding_mask(lengths, length):
    return tf.range(length) < lengths


@misconception(
    "attention.padding_mask",
    "compares without a new axis, in NumPy",
    says="You compared [length] positions with [batch] lengths, one to one. Every sequence is to "
    "be compared with every position: give the lengths two more axes, [batch, 1, 1], with "
    "`np.reshape(lengths, (-1, 1, 1))`, and broadcasting does the rest.",
)
def padding_mask(lengths, length):
    return np.arange(length) < lengths


@misconception(
    "attention.padding_mask",
    "indexes a list like an array",
    says="You gave `lengths` new axes with `[:, np.newaxis]`, which an array can do and a list "
    "cannot. It may be a list: make an array of it first, with `np.asarray(lengths)`.",
)
def padding_mask(lengths, length):
    return np.arange(length) < lengths[:, np.newaxis, np.newaxis]


# --- split_heads --------------------------------------------------------------------------------


@misconception(
    "attention.split_heads",
    "leaves TensorFlow",
    says="Your pieces are right, but NumPy cut them, and a tape cannot follow NumPy. Training "
    "needs the gradient; `tf.split` and `tf.stack` do the same in TensorFlow.",
)
def split_heads(x, heads):
    if x.shape[-1] % heads:
        raise ValueError
    return np.stack(np.split(np.asarray(x), heads, axis=-1), axis=-3)


@misconception(
    "attention.split_heads",
    "reshapes straight to the shape",
    says="You reshaped straight to the shape that was asked. The shape is right, but the numbers "
    "run on in their old order, so one head gets whole words. Cut the last axis first, then move "
    "the heads forward.",
)
def split_heads(x, heads):
    depth = x.shape[-1]
    if depth % heads:
        raise ValueError
    return tf.reshape(x, (*x.shape[:-2], heads, x.shape[-2], depth // heads))


@misconception(
    "attention.split_heads",
    "leaves the heads behind the words",
    says="You cut the last axis, but the heads still stand behind the words: [..., length, heads, "
    "size]. Swap these two axes, so that each head holds a whole sequence.",
)
def split_heads(x, heads):
    depth = x.shape[-1]
    if depth % heads:
        raise ValueError
    return tf.reshape(x, (*x.shape[:-1], heads, depth // heads))


@misconception(
    "attention.split_heads",
    "deals out the columns in turn",
    says="You dealt out the columns like cards, the first to head 0, the next to head 1. The "
    "first head takes the first columns, all in one piece.",
)
def split_heads(x, heads):
    depth = x.shape[-1]
    if depth % heads:
        raise ValueError
    return tf.stack([x[..., head::heads] for head in range(heads)], axis=-3)


@misconception(
    "attention.split_heads",
    "the heads before the batch",
    says="You put the heads in front of all other axes, the batch too: that is where `tf.stack` "
    "puts them if you give it no `axis`. They belong third from the end, `axis=-3`.",
)
def split_heads(x, heads):
    if x.shape[-1] % heads:
        raise ValueError
    return tf.stack(tf.split(x, heads, axis=-1))


@misconception(
    "attention.split_heads",
    "cuts the sequence",
    says="You cut the sequence into pieces, so each head would see some words only. Every head "
    "sees all words, and a part of each word's vector: cut the last axis.",
)
def split_heads(x, heads):
    if x.shape[-1] % heads:
        raise ValueError
    return tf.stack(tf.split(x, heads, axis=-2), axis=-3)


@misconception(
    "attention.split_heads",
    "rounds the size down",
    says="With heads that do not divide the depth you rounded the size down and dropped columns. "
    "Raise ValueError instead: silence would hide the mistake.",
)
def split_heads(x, heads):
    size = x.shape[-1] // heads
    return tf.stack([x[..., i * size : (i + 1) * size] for i in range(heads)], axis=-3)


@misconception(
    "attention.split_heads",
    "leaves the error to TensorFlow",
    says="With heads that do not divide the depth TensorFlow did raise an error, but one of its "
    "own. Test `depth % heads` yourself and raise ValueError with a sentence that helps.",
)
def split_heads(x, heads):
    return tf.stack(tf.split(x, heads, axis=-1), axis=-3)


@misconception(
    "attention.split_heads",
    "swaps heads and size",
    says="You made pieces of size `heads`, and depth / heads of them. It is the other way round: "
    "`heads` pieces of size depth / heads.",
)
def split_heads(x, heads):
    depth = x.shape[-1]
    if depth % heads:
        raise ValueError
    return tf.stack(tf.split(x, depth // heads, axis=-1), axis=-3)


@misconception(
    "attention.split_heads",
    "turns each head on its side",
    says="Each of your heads is [size, length]: words and columns have changed places. After the "
    "cut only two axes swap, the heads and the words.",
)
def split_heads(x, heads):
    if x.shape[-1] % heads:
        raise ValueError
    pieces = tf.stack(tf.split(x, heads, axis=-1), axis=-3)
    return tf.linalg.matrix_transpose(pieces)


@misconception(
    "attention.split_heads",
    "counts on exactly one batch axis",
    says="Your function works with exactly one axis in front. The dots in [..., length, depth] "
    "stand for any number of axes, also none: count axes from the end.",
)
def split_heads(x, heads):
    batch, length, depth = x.shape
    if depth % heads:
        raise ValueError
    return tf.transpose(tf.reshape(x, (batch, length, heads, depth // heads)), [0, 2, 1, 3])


# --- multi_head_attention -----------------------------------------------------------------------


@misconception(
    "attention.multi_head_attention",
    "forgets the last projection",
    says="You joined the heads but did not multiply by Wo, the fourth matrix. It mixes what the "
    "heads have found.",
)
def multi_head_attention(query, key, value, projections, heads, mask=None):
    to_query, to_key, to_value, to_output = projections
    if mask is not None:
        mask = tf.expand_dims(mask, -3)
    query = split_heads(tf.matmul(query, to_query), heads)
    key = split_heads(tf.matmul(key, to_key), heads)
    value = split_heads(tf.matmul(value, to_value), heads)
    output, weights = attention(query, key, value, mask)
    joined = tf.concat(tf.unstack(output, axis=-3), axis=-1)
    return joined, weights


@misconception(
    "attention.multi_head_attention",
    "one wide head",
    says="You projected, but did not split: one head looks with the whole depth, and your weights "
    "have no axis for heads. `split_heads` comes between the projection and `attention`.",
)
def multi_head_attention(query, key, value, projections, heads, mask=None):
    to_query, to_key, to_value, to_output = projections
    if query.shape[-1] % heads:
        raise ValueError
    query, key = tf.matmul(query, to_query), tf.matmul(key, to_key)
    output, weights = attention(query, key, tf.matmul(value, to_value), mask)
    return tf.matmul(output, to_output), weights


@misconception(
    "attention.multi_head_attention",
    "averages the weights of the heads",
    says="You averaged the weights over the heads. Each head has its own, and that they differ is "
    "what one wants to see: return [..., heads, queries, keys].",
)
def multi_head_attention(query, key, value, projections, heads, mask=None):
    to_query, to_key, to_value, to_output = projections
    if mask is not None:
        mask = tf.expand_dims(mask, -3)
    query = split_heads(tf.matmul(query, to_query), heads)
    key = split_heads(tf.matmul(key, to_key), heads)
    value = split_heads(tf.matmul(value, to_value), heads)
    output, weights = attention(query, key, value, mask)
    joined = tf.concat(tf.unstack(output, axis=-3), axis=-1)
    return tf.matmul(joined, to_output), tf.reduce_mean(weights, axis=-3)


@misconception(
    "attention.multi_head_attention",
    "a mask without a place for the heads",
    says="You handed the mask on as it came. The scores now have a heads axis, so the batch of the "
    "mask lines up with the heads: insert an axis with `tf.expand_dims(mask, -3)`.",
)
def multi_head_attention(query, key, value, projections, heads, mask=None):
    to_query, to_key, to_value, to_output = projections
    query = split_heads(tf.matmul(query, to_query), heads)
    key = split_heads(tf.matmul(key, to_key), heads)
    value = split_heads(tf.matmul(value, to_value), heads)
    output, weights = attention(query, key, value, mask)
    joined = tf.concat(tf.unstack(output, axis=-3), axis=-1)
    return tf.matmul(joined, to_output), weights


@misconception(
    "attention.multi_head_attention",
    "ignores the mask",
    says="You did not hand the mask on to `attention`. Give it an axis for the heads and pass it "
    "as the fourth argument.",
)
def multi_head_attention(query, key, value, projections, heads, mask=None):
    to_query, to_key, to_value, to_output = projections
    query = split_heads(tf.matmul(query, to_query), heads)
    key = split_heads(tf.matmul(key, to_key), heads)
    value = split_heads(tf.matmul(value, to_value), heads)
    output, weights = attention(query, key, value)
    joined = tf.concat(tf.unstack(output, axis=-3), axis=-1)
    return tf.matmul(joined, to_output), weights


@misconception(
    "attention.multi_head_attention",
    "values without a projection",
    says="You split the values without multiplying them by Wv. All three, query, key and value, "
    "have a matrix of their own.",
)
def multi_head_attention(query, key, value, projections, heads, mask=None):
    to_query, to_key, to_value, to_output = projections
    if mask is not None:
        mask = tf.expand_dims(mask, -3)
    query = split_heads(tf.matmul(query, to_query), heads)
    key = split_heads(tf.matmul(key, to_key), heads)
    value = split_heads(value, heads)
    output, weights = attention(query, key, value, mask)
    joined = tf.concat(tf.unstack(output, axis=-3), axis=-1)
    return tf.matmul(joined, to_output), weights


@misconception(
    "attention.multi_head_attention",
    "one matrix for query and key",
    says="You multiplied the keys by Wq, the matrix of the queries. What a word asks for and what "
    "it offers are different things, so the keys have Wk.",
)
def multi_head_attention(query, key, value, projections, heads, mask=None):
    to_query, to_key, to_value, to_output = projections
    if mask is not None:
        mask = tf.expand_dims(mask, -3)
    query = split_heads(tf.matmul(query, to_query), heads)
    key = split_heads(tf.matmul(key, to_query), heads)
    value = split_heads(tf.matmul(value, to_value), heads)
    output, weights = attention(query, key, value, mask)
    joined = tf.concat(tf.unstack(output, axis=-3), axis=-1)
    return tf.matmul(joined, to_output), weights


@misconception(
    "attention.multi_head_attention",
    "takes the values from the keys",
    says="You made the values from `key`. In self-attention that makes no difference, but `value` "
    "is an input of its own.",
)
def multi_head_attention(query, key, value, projections, heads, mask=None):
    to_query, to_key, to_value, to_output = projections
    if mask is not None:
        mask = tf.expand_dims(mask, -3)
    query = split_heads(tf.matmul(query, to_query), heads)
    key = split_heads(tf.matmul(key, to_key), heads)
    value = split_heads(tf.matmul(key, to_value), heads)
    output, weights = attention(query, key, value, mask)
    joined = tf.concat(tf.unstack(output, axis=-3), axis=-1)
    return tf.matmul(joined, to_output), weights


@misconception(
    "attention.multi_head_attention",
    "swaps the second and third matrix",
    says="You used Wv for the keys and Wk for the values. The order of `projections` is query, "
    "key, value, output.",
)
def multi_head_attention(query, key, value, projections, heads, mask=None):
    to_query, to_key, to_value, to_output = projections
    if mask is not None:
        mask = tf.expand_dims(mask, -3)
    query = split_heads(tf.matmul(query, to_query), heads)
    key = split_heads(tf.matmul(key, to_value), heads)
    value = split_heads(tf.matmul(value, to_key), heads)
    output, weights = attention(query, key, value, mask)
    joined = tf.concat(tf.unstack(output, axis=-3), axis=-1)
    return tf.matmul(joined, to_output), weights


@misconception(
    "attention.multi_head_attention",
    "joins by reshaping straight away",
    says="You reshaped the heads away while they still stood in front of the words, so pieces of "
    "different words ended up in one row. Bring each word's pieces together first: unstack "
    "the heads and concatenate them along the last axis.",
)
def multi_head_attention(query, key, value, projections, heads, mask=None):
    to_query, to_key, to_value, to_output = projections
    if mask is not None:
        mask = tf.expand_dims(mask, -3)
    query = split_heads(tf.matmul(query, to_query), heads)
    key = split_heads(tf.matmul(key, to_key), heads)
    value = split_heads(tf.matmul(value, to_value), heads)
    output, weights = attention(query, key, value, mask)
    shape = tf.concat([tf.shape(output)[:-3], [-1, heads * output.shape[-1]]], axis=0)
    joined = tf.reshape(output, shape)
    return tf.matmul(joined, to_output), weights


@misconception(
    "attention.multi_head_attention",
    "joins the heads in turn",
    says="You joined the heads like shuffled cards, a column of each in turn. They stand one after "
    "the other: all columns of the first head, then all of the second.",
)
def multi_head_attention(query, key, value, projections, heads, mask=None):
    to_query, to_key, to_value, to_output = projections
    if mask is not None:
        mask = tf.expand_dims(mask, -3)
    query = split_heads(tf.matmul(query, to_query), heads)
    key = split_heads(tf.matmul(key, to_key), heads)
    value = split_heads(tf.matmul(value, to_value), heads)
    output, weights = attention(query, key, value, mask)
    pieces = tf.stack(tf.unstack(output, axis=-3), axis=-1)
    joined = tf.reshape(pieces, tf.concat([tf.shape(pieces)[:-2], [-1]], axis=0))
    return tf.matmul(joined, to_output), weights


@misconception(
    "attention.multi_head_attention",
    "scales by the whole depth",
    says="You scaled by the root of the whole depth. A score adds up depth / heads products, the "
    "width of one head, and `attention` divides by the root of that already.",
)
def multi_head_attention(query, key, value, projections, heads, mask=None):
    to_query, to_key, to_value, to_output = projections
    if mask is not None:
        mask = tf.expand_dims(mask, -3)
    query = split_heads(tf.matmul(query, to_query), heads)
    key = split_heads(tf.matmul(key, to_key), heads)
    value = split_heads(tf.matmul(value, to_value), heads)
    output, weights = attention(query / heads**0.5, key, value, mask)
    joined = tf.concat(tf.unstack(output, axis=-3), axis=-1)
    return tf.matmul(joined, to_output), weights


@misconception(
    "attention.multi_head_attention",
    "the last matrix turned over",
    says="You multiplied by Wo transposed. Vectors are rows here, so every matrix stands on the "
    "right as it is.",
)
def multi_head_attention(query, key, value, projections, heads, mask=None):
    to_query, to_key, to_value, to_output = projections
    if mask is not None:
        mask = tf.expand_dims(mask, -3)
    query = split_heads(tf.matmul(query, to_query), heads)
    key = split_heads(tf.matmul(key, to_key), heads)
    value = split_heads(tf.matmul(value, to_value), heads)
    output, weights = attention(query, key, value, mask)
    joined = tf.concat(tf.unstack(output, axis=-3), axis=-1)
    return tf.matmul(joined, to_output, transpose_b=True), weights


# --- positional_encoding --------------------------------------------------------------------------


@misconception(
    "attention.positional_encoding",
    "sines on the left, cosines on the right",
    says="You put all sines in the left half and all cosines in the right. Some libraries do; the "
    "paper, and this exercise, let them take turns: even columns sine, odd columns cosine.",
)
def positional_encoding(length, depth):
    if depth % 2:
        raise ValueError
    positions = np.arange(length)[:, np.newaxis]
    angles = positions / 10000 ** (np.arange(0, depth, 2) / depth)
    return np.concatenate([np.sin(angles), np.cos(angles)], axis=1)


@misconception(
    "attention.positional_encoding",
    "a wave of its own for each column",
    says="You gave each column its own wavelength. A sine and the cosine beside it share one: the "
    "exponent is 2i / depth for both columns of pair i.",
)
def positional_encoding(length, depth):
    if depth % 2:
        raise ValueError
    positions = np.arange(length)[:, np.newaxis]
    angles = positions / 10000 ** (np.arange(depth) / depth)
    encoding = np.sin(angles)
    encoding[:, 1::2] = np.cos(angles[:, 1::2])
    return encoding


@misconception(
    "attention.positional_encoding",
    "the number of the column as i",
    says="You took the number of the column for i. But i counts pairs: columns 2i and 2i + 1 share "
    "one angle, so the 2i of the exponent is the number of the even column, 0, 2, 4 and so on.",
)
def positional_encoding(length, depth):
    if depth % 2:
        raise ValueError
    positions = np.arange(length)[:, np.newaxis]
    angles = positions / 10000 ** (2 * np.arange(depth) / depth)
    encoding = np.sin(angles)
    encoding[:, 1::2] = np.cos(angles[:, 1::2])
    return encoding


@misconception(
    "attention.positional_encoding",
    "exponent i in place of 2i",
    says="Your wavelengths grow too slowly: the exponent is 2i / depth, where i counts the pairs. "
    "With i / depth they stop at 100 instead of nearing 10000.",
)
def positional_encoding(length, depth):
    if depth % 2:
        raise ValueError
    positions = np.arange(length)[:, np.newaxis]
    angles = positions / 10000 ** (np.arange(depth // 2) / depth)
    encoding = np.empty((length, depth))
    encoding[:, 0::2] = np.sin(angles)
    encoding[:, 1::2] = np.cos(angles)
    return encoding


@misconception(
    "attention.positional_encoding",
    "positions from one",
    says="You counted positions from 1. The first word has position 0: its sines are 0 and its "
    "cosines 1.",
)
def positional_encoding(length, depth):
    if depth % 2:
        raise ValueError
    positions = np.arange(1, length + 1)[:, np.newaxis]
    angles = positions / 10000 ** (np.arange(0, depth, 2) / depth)
    encoding = np.empty((length, depth))
    encoding[:, 0::2] = np.sin(angles)
    encoding[:, 1::2] = np.cos(angles)
    return encoding


@misconception(
    "attention.positional_encoding",
    "cosine before sine",
    says="You put the cosine in the even columns. Sine comes first, so position 0 reads 0, 1, 0, "
    "1.",
)
def positional_encoding(length, depth):
    if depth % 2:
        raise ValueError
    positions = np.arange(length)[:, np.newaxis]
    angles = positions / 10000 ** (np.arange(0, depth, 2) / depth)
    encoding = np.empty((length, depth))
    encoding[:, 0::2] = np.cos(angles)
    encoding[:, 1::2] = np.sin(angles)
    return encoding


@misconception(
    "attention.positional_encoding",
    "a base of 1000",
    says="Your longest wave is too short: the number in the formula is 10000.",
)
def positional_encoding(length, depth):
    if depth % 2:
        raise ValueError
    positions = np.arange(length)[:, np.newaxis]
    angles = positions / 1000 ** (np.arange(0, depth, 2) / depth)
    encoding = np.empty((length, depth))
    encoding[:, 0::2] = np.sin(angles)
    encoding[:, 1::2] = np.cos(angles)
    return encoding


@misconception(
    "attention.positional_encoding",
    "multiplies by the wavelength",
    says="You multiplied the position where you should divide. The first pair turns fast, by one "
    "radian a position; the later ones ever more slowly.",
)
def positional_encoding(length, depth):
    if depth % 2:
        raise ValueError
    positions = np.arange(length)[:, np.newaxis]
    angles = positions * 10000 ** (np.arange(0, depth, 2) / depth)
    encoding = np.empty((length, depth))
    encoding[:, 0::2] = np.sin(angles)
    encoding[:, 1::2] = np.cos(angles)
    return encoding


@misconception(
    "attention.positional_encoding",
    "sine only",
    says="You took the sine for every column. The odd columns hold the cosine: with both, a step "
    "to the next position is a rotation.",
)
def positional_encoding(length, depth):
    if depth % 2:
        raise ValueError
    positions = np.arange(length)[:, np.newaxis]
    angles = positions / 10000 ** (np.arange(0, depth, 2) / depth)
    return np.repeat(np.sin(angles), 2, axis=1)


@misconception(
    "attention.positional_encoding",
    "accepts an odd depth",
    says="Your function fills an odd depth with half a pair. Sines and cosines come in pairs here: "
    "raise ValueError.",
)
def positional_encoding(length, depth):
    positions = np.arange(length)[:, np.newaxis]
    angles = positions / 10000 ** (np.arange(0, depth, 2) / depth)
    encoding = np.empty((length, depth))
    encoding[:, 0::2] = np.sin(angles)
    encoding[:, 1::2] = np.cos(angles[:, : depth // 2])
    return encoding


@misconception(
    "attention.positional_encoding",
    "positions along the columns",
    says="You turned the table over. Each position has a row, [length, depth], so that it can be "
    "added to a sequence of word vectors.",
)
def positional_encoding(length, depth):
    if depth % 2:
        raise ValueError
    positions = np.arange(length)[:, np.newaxis]
    angles = positions / 10000 ** (np.arange(0, depth, 2) / depth)
    encoding = np.empty((length, depth))
    encoding[:, 0::2] = np.sin(angles)
    encoding[:, 1::2] = np.cos(angles)
    return encoding.T


# The misconceptions of one exercise call the references of the others: here these names, which
# the functions above have taken, are given back.
from solutions.attention import attention, softmax, split_heads
