# %% [markdown]
# # 5 · Attention
#
# You start with a search for photos of dogs on the beach and end with **multi-head attention**,
# the operation from which every Transformer is built, written by you and trained to remember.
#
# **Time** about 200 minutes, with a break after part 4 · **Needs** NumPy and TensorFlow; it leans
# on chapter 1 (axes), chapter 2 (the loss) and chapter 4 (the tape), and says again what it takes
# from them

# %% [markdown]
# ## What you will be able to do
#
# - say what a query, a key and a value are, and find them in a search engine and in a sentence;
# - turn scores into weights with a softmax that survives large numbers;
# - compute self-attention by hand, with loops, and for a whole batch at once;
# - hide words with masks, look in several ways with heads, and tell words where they stand;
# - train a small model that looks things up, and read from its weights how it does it.

# %% [markdown]
# ## How to work through it
#
# Cells with `raise NotImplementedError` are yours to write; the text between the quotes says what
# is wanted. The cell after it checks your function on fresh numbers and shows a card: what passed,
# the first case that did not, and hints, one at a time, when you ask for them. You may check as
# often as you like; a check never stops the notebook.
#
# A cell that calls a function you have not written does stop, with `NotImplementedError`: write
# the function and come back to it. Two are needed again and again: `softmax` from part 2 on,
# `attention` from part 4 on.
#
# The next cell loads TensorFlow, which takes ten seconds or so.

# %%
import numpy as np
import tensorflow as tf

from autograder import check
from lab import views

# %% [markdown]
# ## Part 1 · A search for photos
#
# Here is a catalogue of eight photos. Each has **tags**, words that say what is in it: dog, cat,
# person, beach, snow, city. You type two words, *dog* and *beach*, and the engine should find the
# photos that you mean. It never looks at the pictures; it compares your words with the tags.

# %%
from lab.data.photos import KEYS, PHOTOS, PICTURES

[photo.title for photo in PHOTOS]

# %% tags=["demo"]
import matplotlib.pyplot as plt

from lab.figures import show

figure, axes = plt.subplots(2, 4, figsize=(9, 5))
for photo, ax in zip(PHOTOS, axes.flat, strict=True):
    ax.imshow(photo.pixels)
    ax.set_title(f"{photo.title}\n{', '.join(sorted(photo.tags))}", fontsize=9)
    ax.axis("off")
show(figure, "Eight small photos in two rows, each with its title and its tags")

# %% [markdown]
# Look at the two photos with both a dog and a beach, first and last: one of them has a third tag.
#
# The first idea for a search is the **exact match**: a photo gets 1 when its tags are those of the
# query, and 0 otherwise. **Predict** before you run the next cell: how many photos will it find
# for the query {dog, beach}?

# %%
query_tags = {"dog", "beach"}
[int(query_tags == photo.tags) for photo in PHOTOS]

# %% [markdown]
# One photo, *Rex at the sea*. *Surfing dog* was lost because a person is in it too, and a photo
# with half of what you asked for counts as little as one with nothing.
#
# So do not ask yes or no: count. The **score** of a photo is the number of the query's tags that
# it has. Two sets have an operation for what they share, `&`:

# %%
{"dog", "beach"} & {"dog", "person", "beach"}

# %% exercise="attention.match_scores"

# %% check="attention.match_scores" points=2

# %% [markdown]
# ### From scores to a ranking
#
# Nobody reads a list of scores. An engine **ranks**: best first, and only the best *n*. Work it
# out on paper for the scores 1, 2, 0, 2 and n = 3. The positions 1 and 3 tie; the one that comes
# first in the catalogue goes first, so the answer is 1, 3, 0.
#
# `np.argsort` gives positions in the order of their scores, from small to large.
# With `kind="stable"` it promises to leave ties in their order.

# %% exercise="attention.top_matches"

# %% check="attention.top_matches" points=2

# %%
scores = match_scores(query_tags, [photo.tags for photo in PHOTOS])
print(scores)
[PHOTOS[i].title for i in top_matches(scores, 3)]

# %% [markdown]
# ## Part 2 · From hard to soft
#
# A ranking is **hard**: a photo is on the list or it is not. Raise a score a little, and nothing
# changes; a little more, and two photos change places at once. A model *learns* from derivatives,
# which say how the result changes when a number changes a little (chapter 4). A ranking gives it
# no help: the derivative is zero wherever it exists.
#
# The **soft** way gives every photo a share. The shares, called **weights**, are positive and sum
# to one; a better score gets a larger weight; and they change smoothly.

# %% [markdown]
# ### Softmax, worked by hand
#
# **Softmax** makes weights in two steps: take the exponential of each score, which is always
# positive, and divide by the sum. For the scores 2, 1, 0:
#
# | score | exponential | weight |
# |---|---|---|
# | 2 | 7.39 | 7.39 / 11.11 = 0.665 |
# | 1 | 2.72 | 2.72 / 11.11 = 0.245 |
# | 0 | 1.00 | 1.00 / 11.11 = 0.090 |
# | sum | 11.11 | 1 |
#
# **Predict:** what are the weights of the scores 12, 11, 10?

# %%
for scores in [2, 1, 0], [12, 11, 10], [1002, 1001, 1000]:
    exps = np.exp(scores)
    print(scores, "→", exps / exps.sum())

# %% [markdown]
# Adding 10 to every score multiplies every exponential by $e^{10}$, and the division takes it out
# again: softmax feels differences only. The third row should therefore be the same once more, but
# $e^{1000}$ is too large for a float. It becomes infinity, and infinity divided by infinity is
# `nan`, "not a number". NumPy warns of both.
#
# The first fact mends the second: take the largest score away from all of them beforehand. No
# weight changes, and no exponent is above zero. Such a softmax is called **stable**.

# %% exercise="attention.softmax"

# %% check="attention.softmax" points=4

# %% [markdown]
# ### See it: the search, from soft to hard
#
# Below, the query is a vector with one number for each tag, and so is each photo: 0.9 says that the
# dog fills the picture, 0 that there is none. The score is their dot product. Before softmax, the
# scores are divided by a **temperature**: a low one makes large differences and a hard choice, a
# high one makes everything alike.
#
# Answer the question in the view first. Then turn the temperature down until one photo has nearly
# all the weight.

# %% tags=["demo"]
views.PhotoSearch()

# %% [markdown]
# ### Query, key, value
#
# Three roles have names. The **query** is what you look for. Each photo has a **key**, which says
# what it offers and meets the query. And each has a **value**, which is handed out: here the
# picture. A **soft lookup** scores the query against every key, makes weights, and returns the
# sum of all values, each times its weight: a **blend**.
#
# Keys and values come in pairs but need not look alike: a key has a number for each tag, a value
# one for each pixel.

# %% [markdown]
# ### A lookup by hand
#
# Keys of two numbers (dog, beach), and as value the brightness of the photo. The query is [1, 1].
#
# | photo | key | score | weight | value |
# |---|---|---|---|---|
# | Rex | [1, 1] | 1·1 + 1·1 = 2 | 0.665 | 90 |
# | Park | [1, 0] | 1 | 0.245 | 50 |
# | Skyline | [0, 0] | 0 | 0.090 | 10 |
#
# The answer is 0.665 · 90 + 0.245 · 50 + 0.090 · 10 = 73.0. **Predict:** with the query [5, 5],
# will the answer be nearer to 90, or nearer to 50?

# %% exercise="attention.soft_lookup"

# %% check="attention.soft_lookup" points=4

# %%
keys = np.array([[1, 1], [1, 0], [0, 0]])
brightness = np.array([[90], [50], [10]])
for query in [1, 1], [5, 5]:
    answer, weights = soft_lookup(np.array(query), keys, brightness)
    print(query, "weights", weights.round(3), "answer", answer.round(1))

# %% [markdown]
# A longer query means the same and says it louder: the scores are 10, 5, 0, the choice is nearly
# hard, and the answer is 89.7. Making the query twice as long does what halving the temperature
# does. You will meet this again as *scaling*.
#
# Now the real catalogue: the keys are the features of the photos, the values their pixels.

# %% tags=["demo"]
query = np.array([1, 0, 0, 1, 0, 0])  # dog and beach
figure, axes = plt.subplots(1, 3, figsize=(9, 3))
for loudness, ax in zip([1, 4, 16], axes, strict=True):
    blend, weights = soft_lookup(loudness * query, KEYS, PICTURES.reshape(8, -1))
    ax.imshow(blend.reshape(12, 12, 3))
    ax.set_title(f"query × {loudness}, largest weight {weights.max():.2f}", fontsize=10)
    ax.axis("off")
show(figure, "Three blends: a blur, then a dog by the sea with ghosts, then Rex at the sea alone")

# %% [markdown]
# Look at how the blend of eight pictures turns into one picture, *Rex at the sea*, as the query
# gets louder.
#
# The view once more, now with your own function beside the reference; the line below tells whether
# they agree. Ask for something that no photo has, a cat in the snow, and read the weights: a soft
# lookup always answers, also when nothing fits well.

# %% tags=["demo"]
views.PhotoSearch(learner=soft_lookup, prediction="skipped")

# %% [markdown]
# ## Part 3 · A sentence that asks itself
#
# *The train left the station on time.* Is *station* a radio station or a railway station? The word
# alone does not say; *train* does. To understand a word, a model should take something from the
# words around it.
#
# **Self-attention** does this with the lookup you have. Every word asks every word, itself too.
# Each word's vector is its query, its key and its value at once. The words below have vectors made
# by hand, with a name for each dimension; real ones are learned and have no names.

# %%
from lab.data.sentence import DIMENSIONS, VECTORS, WORDS

print(len(WORDS), "words,", len(DIMENSIONS), "dimensions:", VECTORS.shape)

# %% tags=["demo"]
figure, ax = plt.subplots(figsize=(6, 3.5))
ax.imshow(VECTORS, cmap="cividis", aspect="auto")
ax.set_xticks(range(len(DIMENSIONS)), DIMENSIONS)
ax.set_yticks(range(len(WORDS)), WORDS)
for (row, column), amount in np.ndenumerate(VECTORS):
    color = "black" if amount > 0.5 else "white"
    ax.text(column, row, f"{amount:.1f}", ha="center", va="center", color=color)
show(figure, "A table of seven words and six named dimensions, a number in each cell")

# %% [markdown]
# Look at *station* and *train*: they share *rail* and *people*, but only *train* holds *motion*.
#
# **Step 1, scores.** *station* takes the dot product with every word:
#
# - with itself: 1·1 + 0.8·0.8 + 0.6·0.6 = 2.00
# - with *train*: 1·1 + 0.6·0.6 = 1.36
# - with *on* 0.24, with *left* 0.16, with the others 0
#
# Softmax makes of them 0.44, 0.23, 0.08, 0.07 and three times 0.06: most of all, *station* hears
# itself, and then *train*.

# %% [markdown]
# **Step 2, weighted sum.** The new vector of *station* is the sum of all word vectors, each times
# its weight. Its entry for *motion*, where the old vector had 0:
#
# 0.23 · 0.6 (*train*) + 0.07 · 1.0 (*left*) + 0.06 · 0.1 (*time*) ≈ 0.22
#
# The new vector holds part of *train*: it says a place of rails where something moves.
#
# Now let *time* ask, a word that shares little with the others. **Predict** in the view: whom will
# it hear most? And will that weight be larger than the 0.44 of *station*, or smaller? Then choose
# *station*, and find the numbers above.

# %% tags=["demo"]
views.Attention(asking="time", controls=("temperature",))

# %% [markdown]
# ### With loops
#
# Write the two steps for one word, and put a loop over all words around them. Each word asks the
# *old* sentence, also when its neighbors have new vectors already: so the results need an array
# of their own.

# %% exercise="attention.self_attention_loop"

# %% check="attention.self_attention_loop" points=4

# %%
station = WORDS.index("station")
new = self_attention_loop(VECTORS)
for name, before, after in zip(DIMENSIONS, VECTORS[station], new[station], strict=True):
    print(f"{name:8} {before:.2f} → {after:.2f}")

# %% tags=["demo"]
views.Attention(learner_loop=self_attention_loop, prediction="skipped")

# %% [markdown]
# ### All words at once
#
# Every word asks every word, so there are n² dot products. The loop comes to them in turn, one
# word after another, even if you took all scores of a word at once. One matrix product takes all
# n²: row i, column j of `queries @ keys.T` is the score of query i with key j. Softmax along the
# last axis gives each query its row of weights, and a second product, weights times values, makes
# all blends.
#
# $$\text{scores} = Q K^\top \qquad \text{weights} = \text{softmax}(\text{scores}) \qquad
# \text{output} = \text{weights} \cdot V$$

# %%
scores = VECTORS @ VECTORS.T
weights = softmax(scores)
print("scores", scores.shape, "weights", weights.shape)
print("station hears", dict(zip(WORDS, weights[station].round(2).tolist(), strict=True)))
print("same as the loop:", np.allclose(weights @ VECTORS, self_attention_loop(VECTORS)))

# %% [markdown]
# ## Part 4 · Scaled dot-product attention
#
# One thing is missing for real use: **scaling**. Word vectors in real models have hundreds of
# dimensions, and a dot product adds up that many terms. How far the results lie from their mean is
# measured by the standard deviation, here called **spread**: the root of the mean squared distance.
#
# **Predict:** draw queries and keys at random, each number with mean 0 and spread 1, independent
# of the others. How large is the spread of the scores for 4, 64 and 256 dimensions?

# %%
rng = np.random.default_rng(0)
for d in 4, 64, 256:
    queries, keys = rng.normal(size=(2, 1000, d))
    spread = (queries * keys).sum(axis=1).std()
    print(f"{d:3} dimensions: spread {spread:4.1f}, √d = {d**0.5:4.1f}")

# %% [markdown]
# The spread grows like √d. Each of the d terms has variance 1, which is the square of the spread;
# the terms are independent, so their variances add up to d, and the spread is the root. With scores
# like 16 and −16 softmax gives everything to one key: a hard choice, drawn at random before
# anything is learned, and with hardly any gradient to change it.
#
# Divided by √d, the scores keep a spread of 1 in any dimension.

# %% tags=["demo"]
widths = [4, 16, 64, 256]
largest = []
for d in widths:
    queries, keys = rng.normal(size=(200, 1, d)), rng.normal(size=(200, d, 10))
    scores = queries @ keys
    largest.append([softmax(s).max(axis=-1).mean() for s in (scores, scores / d**0.5)])
figure, ax = plt.subplots(figsize=(6, 3.5))
ax.plot(widths, np.array(largest), marker="o", label=["plain", "divided by √d"])
ax.set_xscale("log", base=2)
ax.set(xlabel="dimensions d", ylabel="largest of 10 weights")
ax.legend()
show(figure, "Two lines over d from 4 to 256: plain rises toward 1, divided by √d stays level")

# %% [markdown]
# Look at the blue line: without scaling, the largest of ten weights nears 1 as d grows; with it,
# the orange line stays level.
#
# Equation 1 of *Attention Is All You Need* is what you have now, in one line:
#
# $$\text{attention}(Q, K, V) = \text{softmax}\!\left(\frac{Q K^\top}{\sqrt d}\right) V$$
#
# The queries may come from one sequence, the keys and values from another. Nothing else changes,
# and only the sizes must fit.

# %% [markdown]
# ### Who may look where
#
# Sometimes a query must not look at a key. A **mask** is an array of booleans, True where a query
# may look. A blocked key should get weight zero, and the others should still sum to one. So the
# mask acts before softmax: a blocked score becomes minus infinity, whose exponential is 0.
#
# **By hand:** scores 2, 1, 0, and the first key blocked. The exponentials are 0, 2.72 and 1, the
# weights 0, 0.731 and 0.269.

# %% [markdown]
# ### In TensorFlow
#
# A model will be trained through your function. For that a **tape** (chapter 4) records
# TensorFlow's operations as they run, and computes the derivatives from its record. What NumPy
# computes is not on it, and your own `softmax` is NumPy: here TensorFlow's takes its place.
#
# - `tf.matmul(a, b, transpose_b=True)` swaps the last two axes of b, then multiplies;
# - `tf.where(mask, a, b)` takes a where the mask is True and b elsewhere; b may be `-np.inf`;
# - `tf.nn.softmax(scores)` works along the last axis.
#
# All of them take tensors and NumPy arrays. √d is a plain number, `query.shape[-1] ** 0.5`.

# %% exercise="attention.attention"

# %% check="attention.attention" points=6

# %% [markdown]
# The loop and the matrix product now compute the same thing, if the scaling is undone: multiply
# the query by √d, and attention divides it out again. The next cell writes the loops once more,
# without any shortcut, and times both; the fast one runs 50 times. **Predict** how much faster it
# is for 200 words of 16 numbers: 3 times, 10 times, or far more?

# %% tags=["demo"]
from timeit import timeit


def with_loops(sequence):
    result = np.zeros(sequence.shape)
    for i, query in enumerate(sequence):
        weights = softmax(np.array([np.dot(query, key) for key in sequence]))
        for weight, value in zip(weights, sequence, strict=True):
            result[i] += weight * value
    return result


def milliseconds(function, *inputs, times):
    return 1000 * timeit(lambda: function(*inputs), number=times) / times


for n in 50, 200:
    words = rng.normal(size=(n, 16))
    fast, _ = attention(words * 4, words, words)  # 4 = √16; and the first call is slow
    slow_ms = milliseconds(with_loops, words, times=1)
    fast_ms = milliseconds(attention, words * 4, words, words, times=50)
    print(f"{n} words: {slow_ms:.1f} ms and {fast_ms:.2f} ms, {slow_ms / fast_ms:.0f} times")
print("largest difference:", np.abs(with_loops(words) - fast).max())

# %% [markdown]
# How long it takes depends on the computer, but the shape is the same: tens of times for 200 words,
# often more than a hundred, and fewer for 50. The ratio grows with the number of words, since with
# few of them the fast one mostly waits for TensorFlow to be called.
#
# A difference such as 2e-15 is **rounding**: floats keep about 16 digits, and float32 about 7. From
# here on, read 1e-15, or 1e-7 where the numbers are float32, as zero.

# %% [markdown]
# Now your own function in the view. It always divides by √d; where scaling is switched off, the
# view multiplies the query by √d, which undoes it. Switch the scaling on: with six dimensions the
# weights become more even. Then try the causal mask, the subject of the next section: nothing
# above the diagonal is left, and *The*, the first word, can only hear itself.

# %% tags=["demo"]
views.Attention(learner=attention, prediction="skipped")

# %% [markdown]
# **A good place for a break.** You have the function; the rest of the chapter uses it. What you
# have written stays in the notebook. If the kernel has stopped when you come back, choose the next
# cell and, in the *Run* menu, *Run All Above Selected Cell*.

# %% [markdown]
# ## Part 5 · Two masks
#
# A model that writes text predicts each word from the words before it. In training it sees whole
# sentences, and could copy the next word instead of predicting it. The **causal mask** prevents
# that: a word may look at itself and at earlier words. For three words, with the word that asks in
# the row:
#
# | | word 0 | word 1 | word 2 |
# |---|---|---|---|
# | **word 0** | True | False | False |
# | **word 1** | True | True | False |
# | **word 2** | True | True | True |

# %% exercise="attention.causal_mask"

# %% check="attention.causal_mask" points=2

# %% [markdown]
# Does it keep its promise? Change the last word of the sentence, and compare the output for the
# words before it. **Predict** for each line: the same, or different?

# %%
changed = VECTORS.copy()
changed[-1] = [0, 0, 0, 0, 0, 5]
for mask in None, causal_mask(7):
    before, _ = attention(VECTORS, VECTORS, VECTORS, mask)
    after, _ = attention(changed, changed, changed, mask)
    name = "no mask:    " if mask is None else "causal mask:"
    print(name, "earlier words keep their output", np.allclose(before[:-1], after[:-1]))

# %% [markdown]
# ### Sentences of different lengths
#
# A batch is one array, so its sentences must have one length. Short ones are filled up at the end
# with **padding**, and padding must not be heard. A **padding mask** is True at the real words.
#
# Scores of a batch have shape [batch, queries, keys]. The mask is alike for all queries, so it has
# shape [batch, 1, keys]; by broadcasting (chapter 1) an axis of size 1 is repeated until it fits.
# It hides padded *keys* only: a padded query that may look at nothing would have weights of 0 / 0.

# %% exercise="attention.padding_mask"

# %% check="attention.padding_mask" points=2

# %%
lengths, length = [3, 5], 5
both = padding_mask(lengths, length) & causal_mask(length)
print(both.shape)
print(tf.cast(both[0], tf.int32).numpy())

# %% [markdown]
# Masks combine with *and*: above, the first sentence of the batch, three real words of five, seen
# causally. Every row has a True, so every query has a key to look at.
#
# ## Part 6 · Heads
#
# A word has one softmax, and so one way to share out its attention. But *left* may want to know
# who left and also when. **Heads** give it several ways: cut each vector into equal pieces, and
# let every piece attend on its own. For two heads, the row 0 1 2 3 4 5 becomes 0 1 2 for the first
# and 3 4 5 for the second.

# %% [markdown]
# Each head needs a whole sequence, so the heads' axis goes in front of the words:
#
# [..., length, depth] → [..., heads, length, depth / heads]
#
# Here is a trap. The two shapes hold equally many numbers, so `reshape` goes from one to the other
# without complaint. **Predict** what it does to three words of four numbers and two heads: which
# words does the first head get to see?

# %%
x = np.array([[10, 11, 12, 13], [20, 21, 22, 23], [30, 31, 32, 33]])  # word 1, word 2, word 3
print(x.reshape(2, 3, 2)[0])

# %% [markdown]
# The first head got word 1, cut in two, and half of word 2. Nothing was raised, so such a mistake
# can stay in a model for long. The right answer for the first head is the left half of all three
# words: [10, 11], [20, 21], [30, 31].
#
# `tf.split(x, n, axis)` cuts an array into n pieces; `tf.stack(pieces, axis)` puts pieces together
# along a new axis.

# %% exercise="attention.split_heads"

# %% check="attention.split_heads" points=3

# %% [markdown]
# ### Projections
#
# So far a word's vector was query, key and value at once. What a word looks for is seldom what it
# offers: *station* looks for trains, not for stations. So each role gets a matrix, a
# **projection**, and the matrices are what is trained: queries are $Q W_q$, keys $K W_k$, values
# $V W_v$. Here $Q$ is the input, the vectors of the words that ask; the projected one, $Q W_q$, is
# what equation 1 calls $Q$. The same holds for $K$ and $V$.

# %% [markdown]
# **Multi-head attention** has five steps: project, split into heads, attend, join the heads along
# the last axis, and multiply by a fourth matrix $W_o$, which mixes what the heads found. You have
# written splitting and attending already; projecting is a matrix product, and joining undoes the
# split: `tf.unstack(x, axis=-3)` gives a list of the heads, and `tf.concat` takes such a list.

# %% exercise="attention.multi_head_attention"

# %% check="attention.multi_head_attention" points=5

# %% [markdown]
# Keras has a layer for this. It stores its matrices with an axis for the heads, so they are
# reshaped first; then your function should give what the layer gives.

# %%
x = rng.normal(size=(2, 5, 6)).astype("float32")
layer = tf.keras.layers.MultiHeadAttention(num_heads=3, key_dim=2, use_bias=False)
theirs = layer(x, x)
projections = [matrix.reshape(6, 6) for matrix in layer.get_weights()]
yours, weights = multi_head_attention(x, x, x, projections, heads=3)
print("weights", weights.shape, "largest difference", np.abs(yours - theirs).max())

# %% [markdown]
# ## Part 7 · Order
#
# *The train left the station* and *the station left the train* are different news. Does attention
# notice? Put the words of the sentence into another order, let them attend, and put the results
# back into the old order. **Predict:** how large is the difference from the output of the sentence
# as it was?

# %%
order = rng.permutation(7)
before, _ = attention(VECTORS, VECTORS, VECTORS)
shuffled = VECTORS[order]
after, _ = attention(shuffled, shuffled, shuffled)
print([WORDS[i] for i in order])
print("largest difference:", np.abs(before.numpy()[order] - after).max())

# %% [markdown]
# Nothing changes but the order of the rows. Attention treats a sentence as a bag of words: a score
# depends on two vectors, not on where they stand. If order matters, the vectors must carry it.
#
# So a **positional encoding** is added to each word vector: a vector for position 0, another for
# position 1, and so on. The paper makes them of waves. Column 2i holds a sine and column 2i + 1
# the cosine of the same angle,
#
# $$\text{angle} = \frac{\text{position}}{10000^{2i / \text{depth}}}$$

# %% [markdown]
# **By hand,** for depth 4: pair 0 has the angle *position*, pair 1 the angle *position* / 100.
#
# | position | sin | cos | sin | cos |
# |---|---|---|---|---|
# | 0 | 0 | 1 | 0 | 1 |
# | 1 | 0.841 | 0.540 | 0.010 | 1.000 |
# | 2 | 0.909 | −0.416 | 0.020 | 1.000 |
#
# The first pair is the second hand of a clock, the last one the hour hand: one tells neighbors
# apart, the other tells early from late.

# %% exercise="attention.positional_encoding"

# %% check="attention.positional_encoding" points=2

# %% tags=["demo"]
encoding = positional_encoding(60, 32)
figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.5))
left.imshow(encoding, cmap="cividis", aspect="auto")
left.set(xlabel="column", ylabel="position", title="positional encoding")
for position in 15, 40:
    right.plot(encoding @ encoding[position], label=f"with {position}")
right.set(xlabel="position", ylabel="dot product", title="likeness of two positions")
right.legend(loc="upper left", bbox_to_anchor=(1, 1))
show(figure, "Left, waves that lengthen from column to column; right, two equal peaks at 15 and 40")

# %% [markdown]
# Look, on the left, at the waves that become longer from column to column; and on the right, at the
# two curves: they have the same form, moved. How alike two positions are depends on their distance
# alone. It is not true that the farther they are, the less alike: the curves rise and fall.
#
# The reason lies in the pairs. A sine and its cosine are a point on a circle, like the tip of a
# clock's hand. One position further, each hand has turned by its own angle, and the angle is the
# same wherever the hand was.

# %% [markdown]
# A turn is a **linear map**: multiplying by a matrix does it (chapter 1). A projection is a matrix
# too. So it can learn to turn all hands back by one step, and with that to look for "the word
# before me", at any place in the sentence.
#
# Now with positions, added to query and key. The values stay as they were, so that a difference
# can come from the weights alone. **Predict:** does the shuffled sentence still give the same?

# %%
position = positional_encoding(7, 6)
before, _ = attention(VECTORS + position, VECTORS + position, VECTORS)
after, _ = attention(shuffled + position, shuffled + position, shuffled)
print("largest difference:", np.abs(before.numpy()[order] - after).max())

# %% [markdown]
# ## Part 8 · A model that looks things up
#
# Now the real thing: a model that learns **recall**. It reads eight pairs of a letter and a digit,
# such as *a 3, f 7, k 1*, and is asked for letters: *f ?* should give 7. The pairs are new in every
# sequence, so there is nothing to learn by heart. It must learn to look up.
#
# It has one layer, your `multi_head_attention`, and everything in it starts at random: the vectors
# of letters and digits, and the projections. Nobody tells it what a key is.

# %% [markdown]
# The next cell draws such sequences; you need not read it in detail. It prints a small example, of
# three pairs. A letter is a number from 0 for *a* to 25 for *z*.

# %%
PAIRS, BLANK = 8, 10
rng = np.random.default_rng(5)


def draw_batch(size, pairs=PAIRS):
    """Letters and digits of the pairs; then every letter asked once, and the answers."""
    letters = rng.permuted(np.tile(np.arange(26), (size, 1)), axis=1)[:, :pairs]
    digits = rng.integers(10, size=(size, pairs))
    order = rng.permuted(np.tile(np.arange(pairs), (size, 1)), axis=1)
    asked = np.take_along_axis(letters, order, axis=1)
    return letters, digits, asked, np.take_along_axis(digits, order, axis=1)


names = "letters", "digits", "asked", "answers"
for name, numbers in zip(names, draw_batch(1, pairs=3), strict=True):
    print(f"{name:8}", numbers[0])

# %% [markdown]
# How does a pair become one vector? Its first half is the vector of the letter, its second half the
# vector of the digit. A question has the same form with a special digit, the **blank**, for what is
# not known.
#
# The choice matters. With letter and digit as two words, the word *7* would not know that *f* stood
# before it; one layer would have to tell it, and a second one to look it up. Pairs in one vector
# leave the lookup itself to be learned.
#
# Everything starts at random: the vectors small, with a spread of 0.2, so that no score is large
# yet; the matrices with 1/√depth, so that a product, a sum of depth terms, keeps its size (part 4).

# %%
DEPTH, HEADS = 32, 2
tf.random.set_seed(5)


def parameter(*shape, spread):
    return tf.Variable(tf.random.normal(shape, stddev=spread))


letter_vectors = parameter(26, DEPTH // 2, spread=0.2)
digit_vectors = parameter(11, DEPTH // 2, spread=0.2)  # ten digits and the blank
projections = [parameter(DEPTH, DEPTH, spread=DEPTH**-0.5) for _ in range(4)]
to_digit = parameter(DEPTH, 10, spread=DEPTH**-0.5)
parameters = [letter_vectors, digit_vectors, *projections, to_digit]

# %% [markdown]
# The model: the questions are the queries, the pairs are keys and values, and a last matrix turns
# the blend into a score for each digit. Neither masks nor positions are needed. All pairs may be
# seen, and in which order they came does not matter.


# %%
def embed(letters, digits):
    parts = tf.gather(letter_vectors, letters), tf.gather(digit_vectors, digits)
    return tf.concat(parts, axis=-1)


def recall(letters, digits, asked):
    """Return scores for the digits, [batch, questions, 10], and the attention weights."""
    pairs = embed(letters, digits)
    questions = embed(asked, tf.fill(tf.shape(asked), BLANK))
    output, weights = multi_head_attention(questions, pairs, pairs, projections, HEADS)
    return tf.matmul(output, to_digit), weights


# %% [markdown]
# ### Before training
#
# One sequence, kept aside, will show what the model looks at. Rows are questions, columns are
# pairs, and there is a map for each head. **Predict** before you look: the matrices are random, so
# what should the weights of a question be, roughly, with eight pairs?

# %% tags=["demo"]
example = draw_batch(1)
letters, digits, asked, answers = (array[0] for array in example)
pair_names = [f"{chr(97 + a)} {b}" for a, b in zip(letters, digits, strict=True)]
question_names = [f"{chr(97 + a)} ?" for a in asked]
print("pairs:", ", ".join(pair_names))


def show_map(weights):
    return views.Attention(words=question_names, columns=pair_names, weights=weights)


_, before = recall(*example[:3])
show_map(before[0].numpy())

# %% [markdown]
# Every question gives about 1/8 to every pair: the model does not know yet that the letter is what
# matters.
#
# Training goes as in chapter 4: the tape gives the gradient, that is, the derivative of the loss
# for each parameter; the optimizer moves each a little against it; and `tf.function` compiles the
# step, so that it runs faster. The loss is the cross-entropy (chapter 2): softmax turns the ten
# scores into probabilities, and minus the logarithm of the right digit's is the loss.
#
# The number to watch is the share of questions answered right. Guessing gets 10 percent. The second
# cell below trains for ten seconds or so; to begin again, run all cells from the one with the
# parameters.

# %%
optimizer = tf.keras.optimizers.Adam(0.001)


@tf.function
def train_step(letters, digits, asked, answers):
    with tf.GradientTape() as tape:
        scores, _ = recall(letters, digits, asked)
        loss = tf.nn.sparse_softmax_cross_entropy_with_logits(answers, scores)
        loss = tf.reduce_mean(loss)
    gradients = tape.gradient(loss, parameters)
    optimizer.apply_gradients(zip(gradients, parameters, strict=True))
    right = tf.argmax(scores, axis=-1) == answers
    return loss, tf.reduce_mean(tf.cast(right, tf.float32))


# %% tags=["demo"]
from tqdm.auto import tqdm

history = []
aside = draw_batch(500)  # sequences that are not trained on
steps = tqdm(range(600))
for step in steps:
    if step == 100:
        early, _ = recall(*aside[:3])
    if step == 150:
        _, during = recall(*example[:3])
    loss, accuracy = train_step(*draw_batch(32))
    history.append((float(loss), float(accuracy)))
    if step % 20 == 0:
        steps.set_postfix(loss=f"{loss:.3f}", right=f"{accuracy:.0%}")

# %% tags=["demo"]
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3))
losses, accuracies = zip(*history, strict=True)
left.plot(losses)
left.set(xlabel="step", title="loss")
right.plot(accuracies, color="tab:orange")
right.set(xlabel="step", title="questions answered right")
for ax in left, right:
    ax.axvline(100, color="gray", linestyle="--")
    ax.axvline(150, color="gray", linestyle=":")
show(figure, "Loss falls slowly, then fast, toward 0; right answers rise to 0.3, then to 1")

# %% [markdown]
# Look at the first hundred steps, up to the dashed line: about three answers in ten are right, far
# more than by guessing. **Predict:** has it learned to look up? The next cell compares its answers
# of that moment, on 500 sequences set aside, with the digit that occurs most often in each of them.

# %% tags=["demo"]
_, digits, _, answers = aside
counts = (digits[:, :, np.newaxis] == np.arange(10)).sum(axis=1)
most = counts.max(axis=1, keepdims=True)
named = tf.argmax(early, axis=-1).numpy()
frequency = np.take_along_axis(counts, named, axis=1)
print(f"right at step 100: {np.mean(named == answers):.0%}")
print(f"names a digit that none exceeds: {np.mean(frequency == most):.0%}")
print(f"always naming such a digit is right: {most.mean() / PAIRS:.0%}")

# %% [markdown]
# Hardly yet. Its weights are still close to even, so every question gets nearly the same blend of
# all eight digits. The digit that occurs most often has the largest part in it, and naming that one
# is already right three times in ten. Only later do the weights choose.
#
# At the dotted line, step 150, the model is right about two times in three; its map from that
# moment comes next. **Predict:** does every question show its pair already, or only some?

# %% tags=["demo"]
show_map(during[0].numpy())

# %% [markdown]
# Some questions have found their pair, others still share out their weight nearly evenly.
#
# And this is the map after training. Choose a question, and switch between the two heads: do both
# find the pair? Then look for a question where a head gives its pair only about half of the
# weight. That is enough: the rest is spread over the others, and the last matrix only has to give
# the right digit the largest score. Nothing in the loss asks for a hard choice.

# %% tags=["demo"]
_, after = recall(*example[:3])
show_map(after[0].numpy())

# %% [markdown]
# How good is it on 500 new sequences? And a harder test: the model was trained with eight
# pairs. **Predict** what happens with 20 pairs: does recall stay, sink to half, or break down?

# %% tags=["demo"]
for pairs in 8, 20:
    letters, digits, asked, answers = draw_batch(500, pairs)
    scores, _ = recall(letters, digits, asked)
    right = tf.argmax(scores, axis=-1) == answers
    print(f"{pairs:2} pairs: {np.mean(right):.1%} of the questions answered right")

# %% [markdown]
# Recall holds, though the model has never seen a sequence of that length. The same few matrices
# serve any number of pairs, because what they do is to compare a letter with letters and to hand
# out a digit. From random numbers, gradient descent found the roles that you gave by hand in
# part 2: the letter is the key, the digit the value.
#
# What it cannot do is write. All pairs lie before it at all times, and nothing is stored, changed
# or freed. That is the subject of chapter 6.

# %% [markdown]
# ## What you can do now
#
# - **Query, key, value**: the question, what meets it, what is handed out.
# - **Softmax** turns scores into weights; it feels differences only, hence the stable form.
# - **Self-attention**: scores, then a weighted sum, for every word. Loops first, then two matrix
#   products: softmax(Q Kᵀ / √d) V.
# - **Masks** put minus infinity before softmax; **heads** look in several ways; **positions** are
#   added because attention does not see order.
# - A layer of your own **learned to look up**, and its weights showed how.

# %% [markdown]
# ## A question to answer in writing
#
# *"Attention is nothing but a search engine."* Write six to ten sentences to someone who has read
# parts 1 and 2 and no more. Say where the comparison holds: what are query, key and value in the
# photo search, and what in the recall model? Then say where it fails: name two differences, and
# explain why the soft answer, a blend, is needed for learning.

# %% [markdown] written="attention.search_engine" points=4
# In both there is a query, which is compared with keys, and the values that belong to the best keys
# are the answer. In the photo search the query is the words typed, a photo's key is its tags, and
# its value is the picture. In the recall model the query is made from the letter asked, a pair's
# key from its letter, and its value from its digit.
#
# A search engine returns a list, and a person chooses from it. Attention returns one vector, a
# blend of all values, with weights that sum to one, so it answers even when nothing fits. In a
# search engine the tags are given; in attention queries, keys and values are made by projections
# that are learned.
#
# The blend is what makes learning possible. A hard choice does not change when a score changes a
# little, so its gradient is zero. In a blend each score moves the answer a little, and the gradient
# tells every projection in which direction the answer improves.

# %% [markdown]
# <details>
# <summary>How it is graded (4 points); open it when you have written your answer</summary>
#
# - 1 point: query, key and value are named rightly in both the photo search and the recall model.
# - 1 point: a first real difference, for example a blend instead of a list, or weights that always
#   sum to one.
# - 1 point: a second one, for example learned projections, or that every word asks at once.
# - 1 point: a hard choice has a gradient of zero (or none), a blend has a useful one, and a model
#   learns by gradients.
#
# </details>

# %% [markdown]
# ## Further reading
#
# - Vaswani et al. 2017, [Attention Is All You Need](https://arxiv.org/abs/1706.03762): sections 3.2
#   (attention and heads) and 3.5 (positions).
# - Bahdanau, Cho and Bengio 2015, [Neural Machine Translation by Jointly Learning to Align and
#   Translate](https://arxiv.org/abs/1409.0473): where soft attention for translation began; its
#   figure 3 shows maps like yours.
# - François Chollet, *Deep Learning with Python*, second edition 2021, section 11.4: the photo
#   search and the train that leaves the station, told by the author of Keras.
# - Elhage et al. 2021, [A Mathematical Framework for Transformer
#   Circuits](https://transformer-circuits.pub/2021/framework/index.html): what one layer can look
#   up, and why two can do more.
