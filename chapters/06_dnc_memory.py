# %% [markdown]
# # 6 · Memory operations
#
# You start with three slots of two numbers each and end with **a memory that is written, searched,
# freed, and read in the order of its history**. You write every operation of it, and a gradient
# can follow each one. In chapter 7 a network will learn to use it.
#
# **Time** about 240 minutes, with breaks after parts 4 and 6 · **Needs** TensorFlow; it leans on
# chapter 5 (query, key, weights) and chapter 4 (the tape and `tf.function`), and says again what it
# takes from them

# %% [markdown]
# ## What you will be able to do
#
# - read a memory and write to it softly, and say why softly;
# - find a slot by what it holds, and a free slot by how much is in use;
# - keep the order of all writes in one matrix, and walk it forward and backward in time;
# - turn loops over slots into vector operations, and count what a loop does to a graph;
# - catch a wrong gradient and a wrong formula with a slow version that you trust;
# - store a sentence, read it back in both directions, and use freed slots again.

# %% [markdown]
# ## How to work through it
#
# As in chapter 5: cells with `raise NotImplementedError` are yours to write, the cell after each
# checks it on fresh numbers, and a cell that needs a function you have not written stops until you
# have. There are 18 functions, most of them of one to three lines.
#
# The machine is that of a paper, Graves et al. 2016, called the **Differentiable Neural Computer**,
# DNC for short. Each docstring names the equation.
#
# The next cell loads TensorFlow, which takes ten seconds or so.

# %%
import numpy as np
import tensorflow as tf

from autograder import check
from lab import views

np.set_printoptions(precision=3, suppress=True)

# %% [markdown]
# ## Part 1 · A memory that a gradient can follow
#
# At the end of chapter 5 a model looked things up, but it could not write: all pairs lay before it
# at all times. What is missing is a **memory**: a table of N rows, called **slots**, counted from
# 0. Each slot holds a **word**, which here means W numbers.
#
# Python has such tables, with hard addresses: `memory[2]` is one slot and no other. Ask what
# happens when the address changes a little, and there is no answer, for there is no slot 2.1. So
# no derivative says which slot would have been better, and a network cannot learn where to write.

# %% [markdown]
# The way out is that of chapter 5: from hard to soft. An address becomes a **weighting**, one
# number from 0 to 1 for each slot, and the numbers sum to at most 1. A sum below 1 is new: it lets
# the memory do something partly, or not at all.
#
# To **read** is then a weighted sum, as in every lookup. **By hand:** the slots hold [1, 1],
# [2, 2] and [3, 3]. The weighting [0, 0.5, 0.5] reads
#
# 0.5 · [2, 2] + 0.5 · [3, 3] = [2.5, 2.5]
#
# **Predict:** what does the weighting [0, 0.5, 0] read?

# %% [markdown]
# A memory may have several **read heads**, R of them, each with a weighting of its own. So there is
# a matrix of read weights [R, N], and one matrix product reads for all heads.
#
# The `...` in the docstrings stands for batch axes in front, as in chapter 5: `memory` [..., N, W]
# is one memory or a batch of them. Count your axes from the end, −1 and −2, and both work.
# `tf.matmul(a, b)` treats the last two axes as matrices.
#
# Everything in this chapter is a TensorFlow tensor, and float32 here in the text. Compute with
# TensorFlow's functions only: what NumPy computes, no gradient can follow (chapter 5).

# %% exercise="mem_ops.read_memory"

# %% check="mem_ops.read_memory" points=2

# %%
memory = tf.constant([[1.0, 1.0], [2.0, 2.0], [3.0, 3.0]])
heads = tf.constant([[0.0, 0.5, 0.5], [0.0, 0.5, 0.0]])
print(read_memory(memory, heads).numpy())

# %% [markdown]
# The second head reads [1, 1], which is half of slot 1. Nothing in the result tells it from the
# whole of slot 0.
#
# ### Erase, then add
#
# To **write** takes two steps. The **erase vector** has a number from 0 to 1 for each of the W
# numbers in a word: 1 clears it, 0 keeps it. Then the **write vector** is added. Both are scaled by
# the slot's **write weight** w:
#
# $$\text{new} = \text{old} \cdot (1 - w \cdot \text{erase}) + w \cdot \text{vector}$$

# %% [markdown]
# **By hand:** the erase vector is [1, 0] and the write vector [4, 4].
#
# | slot | old | weight | after erasing | after adding |
# |---|---|---|---|---|
# | 0 | [1, 1] | 0 | [1, 1] | [1, 1] |
# | 1 | [2, 2] | 0.5 | [1, 2] | [3, 4] |
# | 2 | [3, 3] | 1 | ? | ? |
#
# **Predict** the last row. And what would it be if one added first and erased afterward?
#
# An axis of size 1 is repeated until it fits: with `weights[..., tf.newaxis]`, of shape
# [..., N, 1], and `erase[..., tf.newaxis, :]`, of shape [..., 1, W], you get all N · W products.

# %% exercise="mem_ops.write_memory"

# %% check="mem_ops.write_memory" points=3

# %%
weights = tf.constant([0.0, 0.5, 1.0])
erase, vector = tf.constant([1.0, 0.0]), tf.constant([4.0, 4.0])
print(write_memory(memory, weights, erase, vector).numpy())

# %% [markdown]
# Slot 2 ends as [4, 7]: its first number is replaced, its second one added to. With the order
# turned around, the first number of the new word would have been erased with the old, leaving 0.
#
# Now the point of it all. Suppose slot 0 ought to hold [4, 4] after this write. Its write weight is
# 0, so nothing was written there. The loss is the squared distance from [4, 4]. A **tape**
# (chapter 4) records what TensorFlow computes and gives the derivative of the loss for each write
# weight. **Predict:** is the derivative for slot 0 positive, negative, or zero? And for slots 1, 2?

# %%
with tf.GradientTape() as tape:
    tape.watch(weights)
    new = write_memory(memory, weights, erase, vector)
    loss = tf.reduce_sum((new[0] - vector) ** 2)
print("loss", loss.numpy(), "derivatives", tape.gradient(loss, weights).numpy())

# %% [markdown]
# It is −42: more weight on slot 0 makes the loss smaller. Slots 1 and 2 have no part in this loss.
# So a network that chose the weights would learn from its mistake *where* it should have written.
# An assignment `memory[i] = vector` cannot tell it that.
#
# Reading and writing are done. What is left of this chapter is one question: **who makes the
# weights?** There are three answers: by what a slot holds, by whether it is free, and by when it
# was written.

# %% [markdown]
# ## Part 2 · Finding by content
#
# The first answer is chapter 5's: compare a **key** with every slot. The dot product has a flaw
# here. Take the slots [1, 0], [3, 4] and [0, 0], and the key [2, 0]. The dot products are 2, 6
# and 0. The best match goes to the second slot, because its word is long, and not because it
# points where the key points.
#
# The **cosine similarity** divides by both lengths. Lengths: 1, 5, 0 for the slots, 2 for the key.
#
# | slot | dot product | lengths | similarity |
# |---|---|---|---|
# | [1, 0] | 2 | 1 · 2 | 1 |
# | [3, 4] | 6 | 5 · 2 | 0.6 |
# | [0, 0] | 0 | 0 · 2 | ? |

# %% [markdown]
# An empty slot has length 0, and 0 / 0 is "not a number", which would spread to every slot by way
# of the softmax. Every memory starts empty, so this happens at the first step. The rule: a length
# below 0.001 counts as 0.001. Then an empty slot has similarity 0 with everything, and its
# gradient is finite too.
#
# `tf.math.l2_normalize(x, axis=-1, epsilon=e)` divides by the length, and treats a *squared* length
# below e as e. `tf.matmul(a, b, transpose_b=True)` takes the dot product of each row of a with each
# row of b.

# %% exercise="mem_ops.cosine_similarity"

# %% check="mem_ops.cosine_similarity" points=3

# %% [markdown]
# ### Strength
#
# Similarities lie between −1 and 1, and a softmax over numbers so close together is nearly even.
# So each key comes with a **strength** that multiplies its similarities before the softmax. It does
# what a low temperature does in chapter 5: it makes the choice sharp.
#
# **By hand,** with the similarities 1, 0.6, 0 and the strength 5: the scores are 5, 3, 0, their
# exponentials 148.4, 20.1 and 1, and the weights 0.876, 0.118 and 0.006.
#
# **Predict:** with the strength 1, how much does the empty slot get: nothing, a little, or nearly a
# fifth?

# %% exercise="mem_ops.content_weighting"

# %% check="mem_ops.content_weighting" points=2

# %%
slots, key = tf.constant([[1.0, 0.0], [3.0, 4.0], [0.0, 0.0]]), tf.constant([[2.0, 0.0]])
for strength in 1.0, 5.0, 50.0:
    print(f"strength {strength:4}:", content_weighting(slots, key, tf.constant([strength])).numpy())

# %% [markdown]
# With the strength 1 the empty slot has 0.18. A soft lookup always answers, and its weights sum to
# one also when nothing fits. A strong key is nearly hard.
#
# ## Part 3 · Who is in use
#
# To write something *new*, content does not help: what should the key be? The memory must know
# which slots are free. So it keeps a **usage** for each slot, from 0, free, to 1, in use.
#
# A write raises it. If a slot is in use to 0.5, then 0.5 of it is free, and a write of weight 0.6
# takes 0.6 of the free part:
#
# 0.5 + 0.6 · 0.5 = 0.8, in general u + w (1 − u) = u + w − u w
#
# However often one writes, usage never exceeds 1.

# %% [markdown]
# What lowers it? Not reading alone, for a word may be needed again. Each read head has a **free
# gate**: 1 says that what the head read may be forgotten, 0 that it must stay. A head takes away
# the share *gate times read weight*; what several heads leave is multiplied. What is left of each
# slot is called its **retention**.
#
# **By hand:** two heads with the free gates 1 and 0.5.
#
# | | slot 0 | slot 1 | slot 2 |
# |---|---|---|---|
# | head 0 reads, gate 1 | 0.8 | 0.2 | 0 |
# | head 1 reads, gate 0.5 | 0 | 0.4 | 0.6 |
# | head 0 leaves | 0.2 | 0.8 | 1 |
# | head 1 leaves | 1 | 0.8 | 0.7 |
# | retention | 0.2 | 0.64 | 0.7 |
#
# `tf.reduce_prod(x, axis=-2)` multiplies along the last axis but one, here the heads.

# %% exercise="mem_ops.retention"

# %% check="mem_ops.retention" points=3

# %% [markdown]
# Now the usage: first the write raises it, then the retention scales it down. (The docstring speaks
# of the step *before*, because a step of the network begins with this, after the last one's write.
# In this chapter you do it at once, after each write. It is the same operation.)

# %% exercise="mem_ops.update_usage"

# %% check="mem_ops.update_usage" points=2

# %% [markdown]
# The life of a memory with two slots and one head, in three steps. First, slot 0 is written.
# Second, the head reads it with the free gate at 0. Third, it reads it with the free gate at 1.
# **Predict** the usage after each step.

# %%
usage, nothing = tf.zeros(2), tf.zeros(2)
slot_0, head = tf.constant([1.0, 0.0]), tf.constant([[1.0, 0.0]])
usage = update_usage(usage, slot_0, retention(tf.zeros(1), head))
print("written        ", usage.numpy())
for gate in 0.0, 1.0:
    usage = update_usage(usage, nothing, retention(tf.constant([gate]), head))
    print(f"read, gate {gate} ", usage.numpy())

# %% [markdown]
# At the end slot 0 is free, and nobody has erased it: its word is still there and can be read until
# something is written over it. To free a slot is to permit that, as it is on a disk.
#
# One detail for chapter 7: the network frees by the read weights of the step *before*. So a slot is
# free one step after it was read.

# %% [markdown]
# ## Part 4 · Where to write next
#
# The second answer to "who makes the weights": write where it is free. This is **allocation**. It
# begins with a list of the slots, the freest first, the **free list**.
#
# **By hand,** for the usages 0.7, 0.2, 0.5: slot 1 is the freest, then slot 2, then slot 0. The
# list is [1, 2, 0], and the usages in its order are 0.2, 0.5, 0.7.
#
# `tf.math.top_k(x, k)` returns the k *largest* numbers, largest first, and where each one stood. Of
# equal numbers the one with the lower position comes first, which is wanted here too. How do you
# get the smallest first? To turn the result around would put equal ones in the wrong order. Think
# of what to give it in place of the usages.

# %% exercise="mem_ops.free_list"

# %% check="mem_ops.free_list" points=3

# %% [markdown]
# ### The allocation weighting
#
# How much should each slot get? Walk along the free list. The freest slot gets what is free of it,
# one minus its usage. The next gets what is free of *it*, but only in so far as the freer one was
# in use; the third in so far as both were. The freer slots' usages are multiplied:
#
# | slot | usage | free | usages of all freer slots, multiplied | share |
# |---|---|---|---|---|
# | 1 | 0.2 | 0.8 | 1 | 0.8 |
# | 2 | 0.5 | 0.5 | 0.2 | 0.1 |
# | 0 | 0.7 | 0.3 | 0.2 · 0.5 = 0.1 | 0.03 |
#
# Back in the order of the slots, this is the **allocation weighting** [0.03, 0.8, 0.1].

# %% [markdown]
# The shares sum to 0.93. That is one minus 0.2 · 0.5 · 0.7: all that is missing is the part of the
# memory that is in use everywhere.
#
# The view has four slots with other usages, and shows the steps one at a time. **Predict** first,
# as it asks you. Then drag the bars: what happens when two usages are equal, when one is 0, and
# when all are 1?

# %% tags=["demo"]
views.Allocation(usage=(0.6, 0.9, 0.1, 0.5), step=0)

# %% [markdown]
# ### With a loop
#
# Write the walk as a Python loop along the free list, with a running product. Two things are new:
#
# - A tensor cannot be changed in place: `allocation[i] = share` raises an error. Add instead: a
#   vector that has the share at slot i and 0 elsewhere. `tf.one_hot(i, N, dtype=...)` is 1 at i and
#   0 elsewhere, also for a batch of i.
# - With batch axes, `sorted_usage[..., j]` has one number for each memory of the batch;
#   `[..., tf.newaxis]` makes it fit the one-hot vector.

# %% exercise="mem_ops.allocation_loop"

# %% check="mem_ops.allocation_loop" points=5

# %%
for usage in [0.7, 0.2, 0.5], [0.0, 0.0, 0.0], [1.0, 0.0, 0.5], [1.0, 1.0, 1.0]:
    print(usage, "→", allocation_loop(tf.constant(usage)).numpy())

# %% [markdown]
# A slot that is wholly free takes everything. Of several wholly free slots the first does. And when
# all is in use, there is nothing to allocate: a weighting of zeros, which writes nothing.
#
# The same view, now turn by turn, as your loop walks, and with your loop's result:

# %% tags=["demo"]
views.Allocation(
    usage=(0.7, 0.2, 0.5, 0.9),
    walk="loop",
    step=0,
    learner_loop=allocation_loop,
    prediction="skipped",
)

# %% [markdown]
# ### A gradient that goes missing
#
# The loop takes the slots one by one. TensorFlow can do the running product at once:
# `tf.math.cumprod(x, exclusive=True)` of [0.2, 0.5, 0.7] is [1, 0.2, 0.1], the fourth column of the
# table. *Exclusive* means that each place gets the product of what comes before it, without itself.
#
# Before you use it, test it, its gradient too. Call the sorted usages a, b, c. The sum of the
# result is s = 1 + a + a b, so its derivative for a is 1 + b. With b = 0.5 that is 1.5, whatever a
# is. **Predict** what TensorFlow gives for a = 0.2, and for a = 0.


# %%
def sum_of_products(usage):
    return tf.reduce_sum(tf.math.cumprod(usage, exclusive=True))


def by_tape(function, usage):
    with tf.GradientTape() as tape:
        tape.watch(usage)
        result = function(usage)
    return tape.gradient(result, usage).numpy()


for usage in [0.2, 0.5, 0.7], [0.0, 0.5, 0.7], [0.0, 0.0, 0.0]:
    print(usage, "gradient", by_tape(sum_of_products, tf.constant(usage)))

# %% [markdown]
# For a = 0 it says 0, which is wrong: we know 1.5. Trust, but measure. A **finite difference**
# (chapter 2) needs no rules: change one number a little in both directions, and divide the change
# of the result by the change of the number.


# %%
def by_difference(function, usage, step=1e-3):
    usage = np.array(usage, dtype="float32")
    changes = step * np.eye(len(usage), dtype="float32")
    return np.array([function(usage + c) - function(usage - c) for c in changes]) / (2 * step)


for usage in [0.2, 0.5, 0.7], [0.0, 0.5, 0.7], [0.0, 0.0, 0.0]:
    print(usage, "gradient", by_difference(sum_of_products, usage))

# %% [markdown]
# The finite difference agrees with paper: 1.5, and 1 where b is 0 as well. The tape's gradient is
# wrong. TensorFlow's rule computes products and *divides by the input*, and for 0 / 0 it puts 0.
#
# Exact zeros are no rare case here. Every memory starts with usages of 0, and to free a slot wholly
# brings them back. Then no gradient at all comes through the products, and nothing is raised: one
# does not notice.
#
# The bug is that of TensorFlow 2.21, number 119430 in its list of issues. Your loop multiplies and
# never divides, so its gradient is right.

# %% [markdown]
# The cure is small: never give it an exact zero. Add 1e-8 to the input. A float32 keeps about
# seven digits, so 0.2 + 1e-8 is 0.2 still, and only a number that is 0, or nearly, changes.


# %%
def mended(usage):
    return sum_of_products(usage + 1e-8)


for usage in [0.2, 0.5, 0.7], [0.0, 0.5, 0.7], [0.0, 0.0, 0.0]:
    print(usage, "gradient", by_tape(mended, tf.constant(usage)))

# %% [markdown]
# ### There and back again
#
# Three of the four steps are one line each: sort, cumulative product, times what is free. The
# shares are then in the order of the free list, and must go back to the order of the slots.
#
# `tf.gather(shares, places)` takes, for each result, the share at the given place. In our example
# the shares are [0.8, 0.1, 0.03], the free list is [1, 2, 0], and [0.03, 0.8, 0.1] is wanted.
# **Predict** which of the two lines in the next cell gives it.

# %%
shares, order = tf.constant([0.8, 0.1, 0.03]), tf.constant([1, 2, 0])
print("by the free list  ", order.numpy(), "→", tf.gather(shares, order).numpy())
back = tf.argsort(order)
print("by what sorts it  ", back.numpy(), "→", tf.gather(shares, back).numpy())

# %% [markdown]
# To **gather** asks, for each slot: which place do I take my share from? The free list says the
# opposite: which slot does each place's share go to? (To send is to **scatter**.) Going back takes
# the **inverse permutation**, and the order that would sort the list, `tf.argsort(order)`, is that.
# Slot 0 stands at place 2, slot 1 at place 0 and slot 2 at place 1: [2, 0, 1].
#
# When the list only swaps two slots, it is its own inverse, and the mistake does not show. It takes
# three that change places in a circle, as here. A published DNC computes the inverse, and then
# gathers by the list itself all the same.

# %% [markdown]
# In a batch each usage has a free list of its own. `tf.gather(shares, back, batch_dims=n)` then
# pairs the first n axes of both. All axes but the last one are batch axes, so n is
# `usage.shape.rank - 1`; rank is the number of axes.
#
# The last case of the check records your function with `tf.function` (chapter 4), for 2 slots and
# for 4, and for a batch whose size is not told. Without a loop it finds the same number of
# operations. Part 7 explains what is counted.

# %% exercise="mem_ops.allocation_weighting"

# %% check="mem_ops.allocation_weighting" points=5

# %% [markdown]
# The loop was slow to write and slow to run, and it is worth keeping: whatever is fast must agree
# with it. The next cell compares the two on a batch. Then it takes the empty memory, and asks both
# for a gradient: how does the weight of slot 1 change with each of the three usages?

# %%
usage = tf.random.uniform([100, 8], seed=6)
print("values agree:", np.allclose(allocation_loop(usage), allocation_weighting(usage), atol=1e-6))
for allocate in allocation_loop, allocation_weighting:
    gradient = by_tape(lambda usage, allocate=allocate: allocate(usage)[1], tf.zeros(3))
    print(f"{allocate.__name__:20} gradient of the weight of slot 1: {gradient}")

# %% [markdown]
# Both say 1 for slot 0: as slot 0 fills, slot 1 gets what slot 0 can no longer take. Without the
# cure, all three would have been 0.

# %% [markdown]
# ### Scatter, a second way back
#
# This section has one more exercise, and no later part needs it. If part 4 has been long, go on to
# part 5 and come back at the end.
#
# The last step can also be taken the way the free list is written: send each share to its slot. A
# **TensorArray** is a row of cells that TensorFlow can fill inside a graph. `scatter` fills the
# cells with the given numbers, and returns a new array; `stack` makes a tensor of it.

# %%
array = tf.TensorArray(tf.float32, size=3, element_shape=[])
array = array.scatter(order, shares)
print(array.stack().numpy())

# %% [markdown]
# No inverse is needed. But `scatter` knows one axis only, and so a batch must be laid out as one
# row. **By hand,** two usages of three slots, with the free lists [1, 2, 0] and [0, 2, 1]:
#
# | | first usage | second usage |
# |---|---|---|
# | free list | 1, 2, 0 | 0, 2, 1 |
# | starts at cell | 0, 0, 0 | 3, 3, 3 |
# | cells | 1, 2, 0 | 3, 5, 4 |
#
# For cell number c, the start is c rounded down to a multiple of N: `c // N * N`. The gradient has
# the same trap as before.
#
# `tf.reshape(x, [-1])` makes one row of any tensor. `tf.size(x)` and `tf.shape(x)` ask for sizes
# when the function runs. `x.shape` is what is known before, and in a graph for batches of any size
# it says None for the batch.

# %% exercise="mem_ops.allocation_scatter"

# %% check="mem_ops.allocation_scatter" points=4

# %% [markdown]
# **A good place for a break.** If the kernel has stopped when you come back, choose the next cell
# and, in the *Run* menu, *Run All Above Selected Cell*.
#
# ## Part 5 · Here, there, or not at all
#
# Now there are two weightings to write by: allocation, for something new, and content, for a change
# to something known. Two **gates**, numbers from 0 to 1, decide. The **allocation gate** mixes:
# 1 takes allocation, 0 takes content. The **write gate** scales the whole: at 0 nothing is written.
#
# **By hand:** allocation [0.03, 0.8, 0.1], content [0.9, 0.1, 0], the allocation gate at 0.5. The
# mix is [0.465, 0.45, 0.05]. With the write gate at 0.5, half of that.

# %% exercise="mem_ops.write_weighting"

# %% check="mem_ops.write_weighting" points=2

# %%
allocation, content = tf.constant([0.03, 0.8, 0.1]), tf.constant([0.9, 0.1, 0.0])
for gates in [1.0, 1.0], [1.0, 0.0], [0.5, 0.5], [0.0, 1.0]:
    write, allocate = tf.constant(gates)
    weights = write_weighting(allocation, content, write, allocate).numpy()
    print(f"write gate {write}, allocation gate {allocate}:", weights)

# %% [markdown]
# The write gate is what protects a memory. Weights of softmax sum to 1 at every step, and would
# change something at every step, wanted or not.
#
# ## Part 6 · The order of writes
#
# The third answer is time. In *The train left the station on time* the word *the* comes twice, with
# the same vector. Ask by content what came after *the*, and there is no answer: the slots know
# words, not order. Nor do their numbers help, for a slot is written when it happens to be free.
#
# So the memory keeps two things more. The **precedence** says, for each slot, how far it is the one
# that was written *last*. The **link matrix** says, for each pair of slots, how far the one was
# written *right after* the other.

# %% [markdown]
# ### Precedence, by hand
#
# A write of total weight 1 makes everything before it old: the precedence is then the write
# weighting itself. A write of total weight 0.5 makes it half old. In general, with t for the total:
#
# $$p_\text{new} = (1 - t)\, p_\text{old} + w$$
#
# | write weights | total | precedence |
# |---|---|---|
# | (at the start) | | [0, 0, 0] |
# | [0.8, 0.2, 0] | 1 | [0.8, 0.2, 0] |
# | [0, 0, 0.5] | 0.5 | [0.4, 0.1, 0.5] |
# | [0, 0, 0] | 0 | ? |
#
# **Predict** the last row: nothing is written; does the memory forget what was last?
#
# `tf.reduce_sum(x, axis=-1, keepdims=True)` keeps the axis, with size 1, so that the total fits the
# vector again.

# %% exercise="mem_ops.update_precedence"

# %% check="mem_ops.update_precedence" points=2

# %%
precedence = tf.zeros(3)
for weights in [0.8, 0.2, 0.0], [0.0, 0.0, 0.5], [0.0, 0.0, 0.0]:
    precedence = update_precedence(precedence, tf.constant(weights))
    print(weights, "→", precedence.numpy())

# %% [markdown]
# ### Links, by hand
#
# The entry in row i and column j of the link matrix L says: **i was written right after j**. Write
# to the slots 0, 1, 2 in turn, each with weight 1. At the first write nothing came before. Then 1
# came after 0, and 2 after 1:
#
# | i after j | 0 | 1 | 2 |
# |---|---|---|---|
# | **0** | 0 | 0 | 0 |
# | **1** | 1 | 0 | 0 |
# | **2** | 0 | 1 | 0 |
#
# Now write to slot 0 *again*. **Predict** on paper, before you read on: which entry becomes 1, and
# does an old one become 0?

# %% [markdown]
# The new link is "0 after 2". The link "1 after 0" must go: what slot 0 holds now is not what was
# there when 1 was written.
#
# | i after j | 0 | 1 | 2 |
# |---|---|---|---|
# | **0** | 0 | 0 | 1 |
# | **1** | 0 | 0 | 0 |
# | **2** | 0 | 1 | 0 |
#
# So a write to slot k wears out the links of row k *and* of column k. Softly: the link between i
# and j keeps the share 1 − w[i] − w[j], and gains w[i] times the precedence of j:
#
# $$L_{ij} \leftarrow (1 - w_i - w_j)\, L_{ij} + w_i\, p_j, \qquad L_{ii} = 0$$

# %% [markdown]
# A soft case: precedence [0.4, 0.1, 0.5] and write weights [0, 0.6, 0], with all links 0 so far.
# Row 1 becomes 0.6 · [0.4, 0.1, 0.5] = [0.24, 0.06, 0.3]. Its middle entry is on the diagonal, "1
# after 1", and no slot follows itself: it is set to 0.
#
# The precedence must be the one from *before* this write: afterward, the slot that was written now
# is itself the last one.
#
# What are links good for? A read head that stands on a slot can follow them: **forward** in time,
# to what was written right after, and **backward**, to what was written right before. Part 8 makes
# operations of the two; the view has such a head already.
#
# Answer its question first. Then write to slots in an order of your choice, and watch rows and
# columns.

# %% tags=["demo"]
views.Links(slots=5, order=(1, 3, 4, 3))

# %% [markdown]
# ### With loops
#
# The formula is for one entry. Two Python loops over i and j give them all. Entries of a tensor
# cannot be assigned: collect a row in a Python list and make a tensor of it with
# `tf.stack(row, axis=-1)`; then stack the rows, along the last axis but one.
#
# In a batch an entry is not one number but one for each memory, `w[..., i]`. What stands on the
# diagonal must have that shape as well: `tf.zeros_like(...)` makes zeros in the shape of its
# argument.

# %% exercise="mem_ops.link_loop"

# %% check="mem_ops.link_loop" points=5

# %% [markdown]
# The next cell defines how a series of writes is kept, for any version of the link update, and
# shows the links at the end of the example from above: 0, 1, 2, and 0 again.


# %%
def link_history(update, writes):
    """Return the link matrix after each of the writes, [writes, N, N], from an empty memory."""
    slots = len(writes[0])
    link, precedence = tf.zeros([slots, slots]), tf.zeros(slots)
    history = []
    for weights in tf.constant(writes):
        link = update(link, weights, precedence)  # with the precedence from before
        precedence = update_precedence(precedence, weights)
        history.append(link.numpy())
    return np.array(history)


FIRST, SECOND, THIRD = np.eye(3, dtype="float32")
print(link_history(link_loop, [FIRST, SECOND, THIRD, FIRST])[-1])

# %% tags=["demo"]
views.Links(slots=5, learner_loop=link_loop, prediction="skipped")

# %% [markdown]
# **A good place for a break.** You have the two hard operations, in versions that you can trust.
#
# ## Part 7 · What a loop does to a graph
#
# Why not leave it at loops? A network that trains runs its step thousands of times. To make that
# fast, `tf.function` (chapter 4) records the step once, as a **graph**: a list of operations and
# of which one feeds which. The recording is called **tracing**.
#
# While it traces, Python runs your function one time, and every TensorFlow operation that it meets
# becomes a **node** of the graph. **Predict:** how many nodes does `2 * x` need?


# %%
@tf.function
def double(x):
    return 2 * x


graph = double.get_concrete_function(tf.TensorSpec([], tf.float32)).graph
[operation.type for operation in graph.get_operations()]

# %% [markdown]
# Four: the input, called a placeholder, the constant 2, the product, and the identity that returns
# it. `tf.TensorSpec(shape, dtype)` describes an input without giving numbers, and
# `get_concrete_function` traces for it. With these you can count the nodes of any function.

# %% exercise="mem_ops.graph_size"

# %% check="mem_ops.graph_size" points=2

# %% [markdown]
# Now your loop. Python's `for` is not recorded; what it does is, in every round again. For N slots
# there are N² entries, N of them on the diagonal: so the graph holds **N² − N copies of the same
# nodes**. For N = 256 that is 65 280 copies.
#
# **Predict:** by what factor does the number of nodes grow from N = 8 to N = 16, and by what factor
# the time to trace them? The last size takes some seconds.

# %% tags=["demo"]
from time import perf_counter

for n in 4, 8, 16:
    start = perf_counter()
    nodes = graph_size(link_loop, [n, n], [n], [n])
    seconds = perf_counter() - start
    print(f"N = {n:2}: {nodes:5} nodes, {nodes / n**2:.1f} for each entry, {seconds:.2f} s")

# %% [markdown]
# Some 26 nodes an entry, a few more or fewer with other ways to write it, and four times as many
# for twice the slots. The time grows roughly as fast. Most of the nodes are bookkeeping: each index
# such as `w[..., i]` is four, three constants for where to begin, end and step, and the slice.
#
# For 256 slots that makes 26 · 256² = 1.7 million nodes, in *one* operation of one step.

# %% [markdown]
# ### All entries at once
#
# Look at the formula again: $(1 - w_i - w_j)\, L_{ij} + w_i\, p_j$. It has two tables in it.
#
# - $w_i p_j$ for all i and j is the **outer product** of w and p: a column [N, 1] times a row
#   [1, N].
# - $w_i + w_j$ is the same with a sum, the **pairwise sum** of w with itself. For w = [1, 2, 3]:
#
# | | 1 | 2 | 3 |
# |---|---|---|---|
# | **1** | 2 | 3 | 4 |
# | **2** | 3 | 4 | 5 |
# | **3** | 4 | 5 | 6 |

# %% exercise="mem_ops.pairwise_sum"

# %% check="mem_ops.pairwise_sum" points=2

# %% [markdown]
# With it, the new link matrix takes three lines. `tf.linalg.set_diag(matrix, diagonal)` returns the
# matrix with another diagonal, [..., N] for matrices [..., N, N].
#
# The check records a graph again, for batches of any size. While it is recorded, `w.shape` says
# None for the batch, and `tf.zeros` cannot make None zeros. `tf.zeros_like(w)` takes the shape when
# the graph runs.

# %% exercise="mem_ops.update_link"

# %% check="mem_ops.update_link" points=5

# %% [markdown]
# Both your versions in the view, which opens after a soft write: slots 0, 1 and 2 were written, and
# then 0.7 went to slot 0 and 0.3 to slot 1. **Predict,** before you look at the matrix, what is
# left of "1 after 0" and of "2 after 1".

# %% tags=["demo"]
views.Links(
    slots=3,
    order=(0, 1, 2, {0: 0.7, 1: 0.3}),
    learner=update_link,
    learner_loop=link_loop,
    prediction="skipped",
)

# %% [markdown]
# How do the graphs of your two versions grow? The next cell traces both for growing N, and leaves
# out what would take longer than about ten seconds in all; for these sizes it draws the law on.
# **Predict** how the number of nodes of the vector version depends on N, and how long tracing the
# loop would take for N = 256: seconds, minutes, or hours?

# %% tags=["demo"]
from lab.growth import measure

rows = measure(link_loop, update_link, lambda n: ([n, n], [n], [n]))
views.GraphGrowth(rows, prediction="skipped")

# %% [markdown]
# The vector version has one and the same graph for every N, recorded in a fraction of a second. For
# the loop, N = 256 means 256 times the nodes of N = 16, and about as many times the seconds: many
# minutes, for one operation, before a single number is computed.
#
# ### The printed version
#
# A book on deep learning prints a vector version, with this argument: copy w into all columns of a
# matrix V; then V + V holds the pairwise sums. Here it is in our words. It has the right shape, no
# loop, and for the three writes 0, 1, 2 it gives what you found by hand. **Predict:** is it right?


# %%
def link_from_book(link, write_weights, precedence):
    slots = write_weights.shape[-1]
    V = tf.repeat(write_weights[:, tf.newaxis], slots, axis=1)
    new = write_weights[:, tf.newaxis] * precedence
    return tf.linalg.set_diag((1 - (V + V)) * link + new, tf.zeros(slots))


first_writes = [FIRST, SECOND, THIRD]
print(link_history(link_from_book, first_writes)[-1])

# %% [markdown]
# You have a version that you trust. Ask both about the soft write of the view:

# %%
soft = [*first_writes, [0.7, 0.3, 0.0]]
for update in link_loop, link_from_book:
    print(update.__name__)
    print(link_history(update, soft)[-1])

# %% [markdown]
# In V every *row* is one number repeated: row i of V + V is $2 w_i$, and $w_j$ is nowhere. What is
# meant is V + Vᵀ. The two agree only where $w_i = w_j$, or where the old link is 0 anyhow.
#
# "1 after 0" should be gone: of slot 0, 0.7 is written anew, and of slot 1, 0.3, which leaves
# nothing. The book's version leaves 0.4. And "2 after 1" should have worn down to 0.7, but it
# stands at 1.

# %% [markdown]
# ### Why operations are judged by their properties
#
# "It trains" does not show that an operation is right. A network with V + V learns to copy a
# sequence all the same; think about how that can be, for the end of this chapter asks. A network
# with forward and backward exchanged learns it too, and calls each by the other's name. Chapter 7
# shows such networks.

# %% [markdown]
# What does show it is a **property**, something that must hold whatever is written. For links: no
# entry is below 0 or above 1, and each row and each column sums to at most 1, since a slot comes
# after one at most, and before one at most.
#
# The next cell holds both versions to that in 300 random writes to five slots, which takes a few
# seconds. They are drawn so that most of the weight falls on one or two slots: with even weights
# all links are weak, and the mistake hardly shows. **Predict** what the two versions do.

# %%
rng = np.random.default_rng(6)
writes = rng.dirichlet(np.full(6, 0.2), size=300)[:, :5].astype("float32")  # totals below 1
for update in update_link, link_from_book:
    links = link_history(update, writes)
    sums = links.sum(axis=2).max(), links.sum(axis=1).max()
    print(f"{update.__name__:15} entries from {links.min():5.2f} to {links.max():.2f},", end=" ")
    print("largest sum of a row {:.2f}, of a column {:.2f}".format(*sums))

# %% [markdown]
# Yours keeps within its bounds. The book's version has entries far below 0 and a column that sums
# to more than 1. No slow version was needed to see it, and no training.
#
# **A note on old listings.** In TensorFlow 1, up to 2019, there was nothing but the graph: one
# built it first and ran it in a *session*. Listings of the DNC from that time have `tf.pack`, now
# `tf.stack`, and `tf.concat(axis, values)`, now `tf.concat(values, axis)`; sessions are gone. The
# copies are not: a loop over `tf.range` would be recorded once, as a loop, but would still take the
# entries one after another.

# %% [markdown]
# ## Part 8 · Through time
#
# A head that has read a slot can go to the one that was written *next*, or to the one *before*.
# **By hand:** the writes 0, 1, 2, and the head on slot 1, so the read weights are
# [0, 1, 0].
#
# - *Forward*, to whatever came after 1: that is column 1 of L, [0, 0, 1]. As a product: L w.
# - *Backward*, to whatever 1 came after: row 1 of L, [1, 0, 0]. As a product: Lᵀ w.
#
# **Predict:** where does forward lead from slot 2?
#
# The read weights are rows here, [R, N], and a row times a matrix, `tf.matmul(w, link)`, is
# $L^\top w$ written as a row. Which of the two directions needs `transpose_b=True`?

# %% exercise="mem_ops.forward_and_backward"

# %% check="mem_ops.forward_and_backward" points=3

# %%
link = link_history(update_link, first_writes)[-1]
for slot in range(3):
    head = tf.one_hot([slot], 3)
    forward, backward = forward_and_backward(link, head)
    print(f"from slot {slot}: forward {forward.numpy()[0]}, backward {backward.numpy()[0]}")

# %% [markdown]
# After the last write there is nothing: weights of zeros, which read a word of zeros. The same
# happens backward from the first. (The view left its head where it was, so that you could go on; a
# head of the DNC does not stay.)

# %% [markdown]
# ### Read modes
#
# So a head has three ways to go: backward, by content, forward. It mixes them by three shares that
# sum to 1, its **read modes**. The paper puts them in this order: backward, content, forward. (The
# function above returns forward first. Mind the two orders; swapping them raises no error.)
#
# **By hand,** for the modes [0.2, 0.3, 0.5]:
#
# | | slot 0 | slot 1 | slot 2 |
# |---|---|---|---|
# | backward, 0.2 | 1 | 0 | 0 |
# | by content, 0.3 | 0 | 0.5 | 0.5 |
# | forward, 0.5 | 0 | 0 | 1 |
# | sum | 0.2 | 0.15 | 0.65 |
#
# The modes are [..., R, 3] and the weights [..., R, N]. `tf.split(modes, 3, axis=-1)` gives three
# tensors of shape [..., R, 1], each of which fits the weights.

# %% exercise="mem_ops.read_weighting"

# %% check="mem_ops.read_weighting" points=3

# %% [markdown]
# ## Part 9 · A sentence, stored and read back
#
# You have all the parts. In chapter 7 a network will set the gates; here you set them by hand. The
# words of *The train left the station on time* are vectors of six numbers, as in chapter 5. Seven
# slots hold them. *The* and *the* have one vector, so they are one word here.

# %%
from lab.data.sentence import VECTORS, WORDS

sentence = [word.lower() for word in WORDS]
vocabulary = dict(zip(sentence, VECTORS.astype("float32"), strict=True))
SLOTS, SIZE = VECTORS.shape


def empty_memory():
    vectors = {name: tf.zeros(SLOTS) for name in ("usage", "precedence")}
    return vectors | {"memory": tf.zeros([SLOTS, SIZE]), "link": tf.zeros([SLOTS, SLOTS])}


# %% [markdown]
# To store a word: find a free slot (the allocation gate is 1), erase it and write, link it, and
# count it as used. Every operation is yours; the function below only calls them in order.


# %%
def store(state, word, write_gate=1.0):
    """Write a word to a free slot, change the state, and return the write weights."""
    allocation = allocation_weighting(state["usage"])
    gates = tf.constant(write_gate), tf.constant(1.0)
    weights = write_weighting(allocation, tf.zeros(SLOTS), *gates)
    state["memory"] = write_memory(state["memory"], weights, tf.ones(SIZE), vocabulary[word])
    state["link"] = update_link(state["link"], weights, state["precedence"])
    state["precedence"] = update_precedence(state["precedence"], weights)
    state["usage"] = update_usage(state["usage"], weights, tf.ones(SLOTS))
    return weights.numpy()


state = empty_memory()
writes = [store(state, word) for word in sentence]
print("usage", state["usage"].numpy())

# %% [markdown]
# All slots are in use. **Predict:** what happens when you store an eighth word? Is a slot
# overwritten, is an error raised, or neither?

# %%
memory_before = state["memory"]
print("write weights", store(state, "train"))
print("memory unchanged:", np.allclose(memory_before, state["memory"], atol=1e-6))

# %% [markdown]
# Nothing was written, and nothing complains: the allocation is all zeros, and the word is lost. A
# network has to learn to free slots in time.
#
# To read, a head needs a start, and content gives one: look up a word. From there it moves in time:
# with the modes [0, 0, 1] all forward, with [1, 0, 0] all backward.

# %%
FORWARD, BACKWARD = [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]


def look_up(state, word):
    key, strength = vocabulary[word][np.newaxis], tf.constant([100.0])
    return content_weighting(state["memory"], key, strength)


def walk(state, head, modes, steps):
    """Move a head step by step; return its weights at each, [steps + 1, N], the start first."""
    heads = [head]
    for _ in range(steps):
        forward, backward = forward_and_backward(state["link"], heads[-1])
        content = tf.zeros(head.shape)
        heads.append(read_weighting(backward, content, forward, tf.constant([modes])))
    return tf.concat(heads, axis=0)


# %% [markdown]
# What a head reads is a vector. The word with the most similar vector names it; a vector of zeros
# is named *nothing*.
#
# Let a head start on *train* and go forward five times, then turn and go back six times.
# **Predict** what it reads.


# %%
def spell(state, heads):
    """Name what is read with each of the read weights."""
    read = read_memory(state["memory"], heads)
    words, vectors = list(vocabulary), tf.stack(list(vocabulary.values()))
    similarities = cosine_similarity(vectors, read).numpy()
    names = np.array(words)[similarities.argmax(axis=-1)]
    return np.where(similarities.max(axis=-1) > 0.1, names, "nothing")


forward = walk(state, look_up(state, "train"), FORWARD, steps=5)
backward = walk(state, forward[-1:], BACKWARD, steps=6)
print("forward: ", *spell(state, forward))
print("backward:", *spell(state, backward))

# %% tags=["demo"]
import matplotlib.pyplot as plt

from lab.figures import show

figure, ax = plt.subplots(figsize=(9, 3.5))
steps = [*writes, *forward.numpy(), *backward.numpy()]
texts = [*sentence, *spell(state, forward), *spell(state, backward)]
for step, weights in enumerate(steps):
    write = step < len(writes)
    color, marker = ("tab:blue", "s") if write else ("tab:orange", "^")
    ax.scatter([step] * SLOTS, range(SLOTS), 150 * weights, color=color, marker=marker)
ax.scatter([], [], color="tab:blue", marker="s", label="write")
ax.scatter([], [], color="tab:orange", marker="^", label="read")
for turn in len(writes), len(writes) + len(forward):
    ax.axvline(turn - 0.5, color="gray", linestyle="--")
ax.set_xticks(range(len(texts)), texts, rotation=60)
ax.set(ylabel="slot", yticks=range(SLOTS))
ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
show(figure, "Seven writes to seven slots; six reads that follow from the second on; seven back")

# %% [markdown]
# Look at the blue squares: each word has a slot of its own. The orange triangles follow the same
# path forward, from *train* on, and after the second dashed line all the way back.
#
# Which slot a word got does not matter, because the links keep the order. (All empty slots are
# equally free, so you may expect 0, 1, 2 and so on. If yours jump about: the first write left about
# 1e-8 in slot 1 and less in the others, by way of the number that mends the gradient, and the free
# list takes even that seriously.)
#
# *The* comes twice. **Predict:** look up *the*, go one step forward: what is read?

# %%
heads = walk(state, look_up(state, "the"), FORWARD, steps=1)
print("read weights\n", heads.numpy())
read = read_memory(state["memory"], heads)[1:]
for word, vector in vocabulary.items():
    similarity = cosine_similarity(vector[np.newaxis], read)
    print(f"{word:8} {similarity[0, 0]:.2f}")

# %% [markdown]
# Half *train*, half *station*: content alone cannot know which *the* is meant. The walk from
# *train* had no such doubt, because it came by way of *left*.
#
# ### When gates are not quite hard
#
# A network's gates come close to 1 and seldom reach it. Suppose that the write gate is 0.9. **By
# hand:** each word is written with weight 0.9, and the precedence of its slot is then 0.9. So the
# link from one word to the next is 0.9 · 0.9 = 0.81, and a walk of five steps ends with 0.81⁵, or
# 0.35 of its weight.
#
# **Predict** the same for 0.8, and which of the two walks still reads the right words.

# %%
for gate in 1.0, 0.9, 0.8:
    softly = empty_memory()
    for word in sentence:
        store(softly, word, gate)
    heads = walk(softly, look_up(softly, "train"), FORWARD, steps=5)
    print(f"gate {gate}, weight left {heads[-1].numpy().sum():.2f}:", *spell(softly, heads))

# %% [markdown]
# At 0.9 every word comes back, though fainter with each step: the direction of a vector survives
# better than its length. At 0.8, where 0.64⁵ = 0.11 is left, the third word is misread: the links
# have become a mixture of "right after" and "two after". To read a long sequence, a network must
# learn to be decided.
#
# ### Free, and use again
#
# Back to the first memory, which is full. Two heads look up *left* and *station*, with their free
# gates at 1. **Predict:** which usages change? And does the walk from *train* still read *left*?

# %%
heads = tf.concat([look_up(state, "left"), look_up(state, "station")], axis=0)
kept = retention(tf.ones(2), heads)
state["usage"] = update_usage(state["usage"], tf.zeros(SLOTS), kept)
print("usage", state["usage"].numpy())
print(*spell(state, walk(state, look_up(state, "train"), FORWARD, steps=5)))

# %% [markdown]
# Two slots are free, and all is still there: to free is to permit, not to erase. Now two new words,
# *people wait*. **Predict:** into which slots do they go? What does a walk read that starts at
# *on*? And one that starts at *train*?

# %%
vocabulary["people"] = np.array([0, 0, 0, 0, 0, 1], dtype="float32")
vocabulary["wait"] = np.array([0, 0.5, 0, 0.8, 0, 0], dtype="float32")
for word in "people", "wait":
    print(f"{word:6} goes to slot", np.argmax(store(state, word)))
for start in "on", "train":
    print(*spell(state, walk(state, look_up(state, start), FORWARD, steps=3)))

# %% [markdown]
# The new words took the two freed slots. From *on* the walk reads *on time people wait*: these were
# written after *time*, wherever their slots lie. From *train* it leads nowhere: *left* was written
# over, and its links went with it.
#
# That is the whole memory: it is written where it is free, searched by content, read in the order
# of its history, and used again. All the gates were yours. In chapter 7 they come from a network,
# and to teach it the gradient goes through the functions that you have written here.

# %% [markdown]
# ## What you can do now
#
# - **Read and write softly**: weights for every slot, erase before add; the gradient says where one
#   should have written.
# - **By content**: cosine similarity times strength, softmax. **By space**: usage, the free list,
#   allocation. **By time**: precedence and links, forward and backward.
# - **Loops to vectors**: pairwise sum and outer product; sort, exclusive product, and back through
#   the inverse permutation. A loop leaves N² − N copies in the graph.
# - The **slow version** that you trust caught a wrong gradient and a wrong formula; **properties**
#   tell more than "it trains".
# - You **stored a sentence**, walked it in both directions, and used freed slots again.

# %% [markdown]
# ## A question to answer in writing
#
# *"The network has learned its task, so its memory must be computed rightly."* Write six to ten
# sentences to a friend who says so about a network whose link update has V + V in place of V + Vᵀ.
# Why can the network learn to copy sequences all the same? On which task would the mistake act?
# Then say how you would find it without training anything: name one comparison, and one property
# that part 7 does not name. (What must the links of a slot be, right after a write of weight 1?)

# %% [markdown] written="mem_ops.judged_by_properties" points=4
# To copy a sequence, the network writes each item to a free slot, once, and then follows the links
# forward. The mistake is in the factor that wears out old links. While every slot is written for
# the first time, the links in the rows that are written are still 0, and a wrong factor times 0 is
# 0: the result is right. What is more, a network can learn to live with an error, for instance by
# reading by content.
#
# The mistake acts as soon as slots are written again: on long or repeated sequences, where slots
# are freed and used once more, or when a stored word is changed. Then links that should be gone
# stay, and others become negative.
#
# Without training: the vector version must give what two plain loops give, on soft weights and
# re-writes, not only on the first writes. And right after a write of weight 1 to a slot, its column
# must be all 0, for nothing has come after the word that it holds now. V + V leaves the old links
# of the column as they were.

# %% [markdown]
# <details>
# <summary>How it is graded (4 points); open it when you have written your answer</summary>
#
# - 1 point: copying writes each slot once, so there is no old link for the wrong factor to act on
#   (or: the network can make up for it by other means).
# - 1 point: a task on which it acts: slots are written again, once freed or to change a word.
# - 1 point: the comparison with a slow version, on inputs that write a slot again.
# - 1 point: a property that holds for any input and is not named in part 7, for example that a
#   write of weight 1 clears the column of its slot, or makes its row the precedence from before.
#
# </details>

# %% [markdown]
# ## Further reading
#
# - Graves et al. 2016, Hybrid computing using a neural network with dynamic external memory,
#   *Nature* 538, pages 471–476, [doi:10.1038/nature20101](https://doi.org/10.1038/nature20101): the
#   headings of its Methods are named in your docstrings.
# - Graves, Wayne and Danihelka 2014, [Neural Turing Machines](https://arxiv.org/abs/1410.5401): the
#   ancestor, with content and shifts, without usage and links.
# - Nithin Buduma, Nikhil Buduma and Joe Papa 2022, *Fundamentals of Deep Learning*, second edition,
#   chapter 12: the loops and the 65 280 copies, and a listing to hold against yours.
# - [tf.math.cumprod](https://www.tensorflow.org/api_docs/python/tf/math/cumprod) and the
#   [issue](https://github.com/tensorflow/tensorflow/issues/119430) about its gradient;
#   [Better performance with tf.function](https://www.tensorflow.org/guide/function): what tracing
#   does to Python loops.
