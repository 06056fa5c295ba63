# %% [markdown]
# # 3 · Backpropagation
#
# You start with three numbers and two operations, and end with your own **engine** of about a
# hundred lines: it finds the gradient of anything that you build from its parts, and with it you
# train a network that reads handwritten digits.
#
# **Time** about 200 minutes, with a break after part 4 · **Needs** NumPy; it leans on chapter 1
# (shapes, broadcasting, the dense layer) and chapter 2 (the gradient, measured and by formula; the
# cross-entropy; minibatches)

# %% [markdown]
# ## What you will be able to do
#
# - draw a computation as a graph and send numbers forward and gradients backward through it by
#   hand;
# - derive the gradients of a two-layer network on paper and in NumPy;
# - say why one backward pass gives all gradients, and what happens where a value is used twice;
# - write an engine that does it for you, and check it against measured gradients;
# - train a network with it.

# %% [markdown]
# ## How to work through it
#
# As before: write what raises `NotImplementedError`, check it, predict where you are asked to. The
# class in part 5 is the largest exercise of the course so far; its check gives a share for each
# method, so write one method, check, and go on.

# %%
import numpy as np

from autograder import check
from lab import views

np.set_printoptions(precision=4, suppress=True)
rng = np.random.default_rng(0)

# %% [markdown]
# ## Part 1 · Why measuring is not enough
#
# In chapter 2 you measured a gradient: move one weight a little up, a little down, and see how the
# loss changes. That is two evaluations of the loss for each weight.
#
# The network of this chapter takes the 64 pixels of a digit to 32 hidden numbers, and these to 10
# classes. **Predict:** how many weights does it have, biases included? How often must the loss be
# computed for a single step of gradient descent?

# %%
weights = 64 * 32 + 32 + 32 * 10 + 10
print(weights, "weights,", 2 * weights, "evaluations")

# %% [markdown]
# Nearly five thousand evaluations for one step, and that is a tiny network. Models of today have
# billions of weights.
#
# **Backpropagation** gives all of these slopes at once, for about the price of a few evaluations,
# however many weights there are. It is the chain rule, in a clever order, and by the end of this
# chapter it is yours.

# %% [markdown]
# ## Part 2 · The chain rule
#
# Three gears in a row: when the first turns once, the second turns 3 times; when the second turns
# once, the third turns 2 times. The third turns 2 · 3 = 6 times as fast as the first. Rates
# multiply along a chain. This is the **chain rule**.
#
# For numbers: take q = a · b and then y = q + c, with a = 2, b = 3, c = 4, so q = 6 and y = 10. How
# does y change when a grows by 0.001?
#
# - a · b grows by b · 0.001: the **local slope** of q for a is b = 3.
# - q + c grows by as much as q: the local slope of y for q is 1.
# - Together 3 · 1 = 3. So y grows by 0.003.

# %%
a, b, c = 2.0, 3.0, 4.0
print((((a + 0.001) * b + c) - (a * b + c)) / 0.001)

# %% [markdown]
# The slope of y for a is written ∂y/∂a, "the derivative of y for a". As in chapter 2, all of them
# together are the **gradient** of y.
#
# ### The graph, forward and back
#
# Draw each value as a circle, and an arrow from a value to what is made of it:
#
# ```
#  a ──►┐
#       × ──► q ──►┐
#  b ──►┘          + ──► y
#  c ─────────────►┘
# ```
#
# This is a **computation graph**. In the **forward pass** values go along the arrows. In the
# **backward pass** slopes go against them. It begins at the end, where the slope of y for y itself
# is 1; and each operation hands what came to it back to its inputs, times its local slope for each.
# What comes to an operation on the way back is said to come *from above*: from the side of the
# result.

# %% [markdown]
# **By hand,** backward, with a = 2, b = 3, c = 4:
#
# | step | came from above | local slope | result |
# |---|---|---|---|
# | start | | | ∂y/∂y = 1 |
# | + to q | 1 | 1 | ∂y/∂q = 1 |
# | + to c | 1 | 1 | ∂y/∂c = 1 |
# | × to a | ∂y/∂q = 1 | b = 3 | ∂y/∂a = 3 |
# | × to b | ∂y/∂q = 1 | a = 2 | ∂y/∂b = 2 |
#
# One walk back gave all three slopes. Each operation needed to know two things only: its own
# inputs, and what came from above. It did not need to know what the rest of the graph computes.

# %% [markdown]
# ### A value that is used twice
#
# Now y = a · b + a, with a = 2 and b = 3. Two arrows leave a: one into ×, one into +. **Predict**
# ∂y/∂a before you run the cell.

# %%
print(((a + 0.001) * b + (a + 0.001) - (a * b + a)) / 0.001)

# %% [markdown]
# When a moves, both uses move y: by 3 along the way through ×, by 1 along the other. The changes
# add up to 4. **Along a way slopes multiply; where ways meet again they add up.** This is the whole
# chain rule, and the mistake that is made most often is to forget the second half.

# %% [markdown]
# ## Part 3 · By hand, as it used to be done
#
# For decades people derived the gradients of each network on paper and wrote them down as code. Do
# it once, to know what the engine will do for you.
#
# The network is two layers, as in chapter 1, without relu after the second:
#
# - before = x W1 + b1, hidden = relu(before), predictions = hidden W2 + b2;
# - the loss is half the sum of all squared differences, ½ Σ (predictions − targets)².
#
# Half, since the slope of ½ d² is d: the 2 goes away. Take one example, one input, one hidden unit,
# one output: x = 2, W1 = 3, b1 = 1, W2 = 4, b2 = 0, target = 26. **By hand:** what are before,
# hidden, prediction and loss?

# %% [markdown]
# before = 7, hidden = 7, prediction = 28, difference 2, loss 2. Now back:
#
# | for | slope | because |
# |---|---|---|
# | prediction | 2 | the difference |
# | b2 | 2 | it is added |
# | W2 | 2 · 7 = 14 | it is multiplied by hidden |
# | hidden | 2 · 4 = 8 | it is multiplied by W2 |
# | before | 8 | relu: slope 1, since 7 is above 0; else 0 |
# | b1 | 8 | it is added |
# | W1 | 8 · 2 = 16 | it is multiplied by x |
#
# **Predict:** which of these seven change when b1 is −10 instead of 1?

# %% [markdown]
# All seven. before is then −4, hidden is 0, the prediction 0 and the difference −26. The slopes for
# prediction and b2 become −26, for W2 it is −26 · 0 = 0, for hidden −104. And relu stops the rest:
# before, b1 and W1 get 0. A unit that is off learns nothing from this example.

# %% [markdown]
# ### With matrices
#
# Nothing new happens, except that the sums of the matrix product come in. For p = h W with h [n,
# m], W [m, k], let G [n, k] be what came from above, one slope for each number of p. W[i, j] meets
# h[e, i] in every example e, so its slope is Σ h[e, i] · G[e, j] over the examples. That is a
# matrix product: hᵀ G. In the same way the slope for h is G Wᵀ.
#
# There is no need to learn this by heart: **a gradient has the shape of its thing**. From [n, m]
# and [n, k], only hᵀ G gives the [m, k] of W.

# %% [markdown]
# A bias b [k] is added to each of the n rows. It is used n times, so its slopes add up over the
# examples: the sum of G along axis 0.
#
# At exactly 0 relu has a corner and no slope; by agreement it is 0 there. In code, `before > 0` is
# an array of booleans, and multiplied by it (True counts as 1) a slope passes or becomes 0. hᵀ is
# `h.T`.

# %% exercise="backprop.two_layer_gradients"

# %% check="backprop.two_layer_gradients" points=5

# %% [markdown]
# Trust it only when it is measured. The next cell compares one number of the gradient of W1 with a
# central difference, as in chapter 2.

# %%
x, targets = rng.normal(size=(5, 3)), rng.normal(size=(5, 2))
W1, b1, W2, b2 = (rng.normal(size=size) for size in ((3, 4), (4,), (4, 2), (2,)))


def loss_for(W1):
    predictions = np.maximum(x @ W1 + b1, 0) @ W2 + b2
    return ((predictions - targets) ** 2).sum() / 2


step = np.zeros((3, 4))
step[1, 2] = 1e-5
measured = (loss_for(W1 + step) - loss_for(W1 - step)) / 2e-5
print(f"measured {measured:.6f}")
print(f"by hand  {two_layer_gradients(x, targets, W1, b1, W2, b2)[0][1, 2]:.6f}")

# %% [markdown]
# Six lines of code for two layers. But change anything, a third layer, another loss, a unit whose
# result is used in two places, and you begin again with paper. Every line is one more place for a
# sign or a transpose to go wrong.
#
# Look at your six lines again: each of them belongs to *one operation*, a product, a sum, a relu.
# The operations are always the same few. If each knew its own rule, the gradient of every
# computation made of them could be put together by a program.

# %% [markdown]
# ## Part 4 · Broadcasting, backward
#
# One rule first. In x W + b the bias was broadcast: one row of numbers stood for n rows. Its
# gradient was the sum over the rows. This holds for every broadcast: **what was repeated on the way
# forward is summed on the way back**, because a number that was used in many places gets a slope
# from each.
#
# **By hand:** x has shape [2, 3] and row has shape [3]; they were added, and from above came [[1,
# 2, 3], [4, 5, 6]]. The gradient for x is this array as it is. The gradient for row has shape [3]:
# [1 + 4, 2 + 5, 3 + 6] = [5, 7, 9]. And for a column of shape [2, 1]: [[1 + 2 + 3], [4 + 5 + 6]] =
# [[6], [15]].

# %% [markdown]
# Broadcasting does two things (chapter 1): it puts missing axes *in front*, and it repeats axes of
# size 1. On the way back there are two sums, then: over the axes that were put in front, and over
# those whose size was 1, which stay as axes of size 1. NumPy sums over several axes when it gets a
# tuple, and keeps them as 1 with `keepdims=True`. A sum over no axis, `axis=()`, changes nothing.

# %%
array = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
for axes in (0,), (1,), (0, 1), ():
    print(axes, array.sum(axis=axes).shape, array.sum(axis=axes, keepdims=True).shape)

# %% exercise="backprop.unbroadcast"

# %% check="backprop.unbroadcast" points=3

# %% [markdown]
# This is a good place for a break.

# %% [markdown]
# ## Part 5 · The engine: a value that remembers
#
# The engine needs one kind of thing: a value that remembers where it came from. Call it a **Node**.
# It holds
#
# - `value`, an array;
# - `parents`, the Nodes that it was made from;
# - `rule`, a function: given the gradient for this Node, it returns the gradient for each parent;
# - `operation`, a sign for pictures;
# - `gradient`, which is None until the backward pass comes by.
#
# The rule is the local step of part 2: "what came from above, times my local slope". It is made in
# the forward pass, when the operation knows its inputs, and kept until it is needed. Python makes
# this easy: a function defined inside another one remembers the names around it.


# %%
def square(value):
    def rule(gradient):
        return (gradient * 2 * value,)

    return value**2, rule


result, rule = square(3.0)
print(result, rule(1.0), rule(10.0))

# %% [markdown]
# The slope of the square at 3 is 6. `rule` still knows that the value was 3, though `square` is
# done. It returns a tuple with one gradient, as there is one parent; `(g,)` with its comma is a
# tuple of one.
#
# Now the class. The operations are its methods: `__add__` is what Python calls for `a + b`,
# `__mul__` for `a * b` (element by element), `__matmul__` for `a @ b`. Each computes the value,
# defines the rule, and returns `Node(value, parents, rule, sign)`.
#
# | operation | gradient for the first | for the second |
# |---|---|---|
# | a + b | G, unbroadcast to a | G, unbroadcast to b |
# | a × b | G · b, unbroadcast to a | G · a, unbroadcast to b |
# | a @ b | G bᵀ | aᵀ G |
# | relu(a) | G where a > 0, else 0 | |
# | sum(a) | G, for every number of a | |

# %% [markdown]
# One rule is missing: `log_softmax`, the logarithm of the probabilities, from which the
# cross-entropy is one product and one sum away. Forward it is stable as in chapter 2: z = x − max,
# then z − log Σ exp(z).
#
# Backward: y_i = x_i − log Σ exp(x_j). Moving x_j by a little moves y_j by as much, through the
# first part. And it moves the logarithm, which is in *every* y, by p_j, the probability. So for the
# slopes G from above:
#
# gradient for x_j = G_j − p_j · Σ G
#
# The sum goes over the last axis, the classes: each example has probabilities of its own. `axis=-1`
# is the last axis, as −1 is the last place of a list; and `keepdims=True` keeps it at size 1.

# %% [markdown]
# **By hand:** p = [0.7, 0.2, 0.1] and G = [0, −1, 0] (the right class is 1, and the loss is −log of
# its probability). Σ G = −1, so the gradient is [0.7, 0.2 − 1, 0.1] = [0.7, −0.8, 0.1]:
# probabilities minus the right answer, as you know it from chapter 2.

# %% [markdown]
# Write the methods in their order and check after each: `__init__` first, then `__add__`, and so
# on. `value` becomes an array of float64 by `np.asarray(value, dtype=float)`. In the rules of + and
# × the gradients go through your `unbroadcast`.

# %% exercise="backprop.Node"

# %% check="backprop.Node" points=12

# %% [markdown]
# Computations now build their own graph. **Predict** what the cell prints for
# `y.parents[0].operation` and for the rule of the product.

# %%
a, b, c = Node(2.0), Node(3.0), Node(4.0)
y = a * b + c
print(y.value, y.operation, y.parents[0].operation)
print([float(gradient) for gradient in y.parents[0].rule(np.array(1.0))])

# %% [markdown]
# The product's rule gives (3, 2) for the slope 1 from above: b for a, and a for b, as in the table
# of part 2. What is missing is someone who walks back and calls the rules in the right order.

# %% [markdown]
# ## Part 6 · In which order
#
# A Node may hand its gradient on only when it has all of it: every child must have been there
# before. Going back, then: children before parents. Going forward: parents before children. A list
# in which all parents stand before their children is called a **topological order**.
#
# **By hand:** a is used twice: q = a · b and y = q + a.
#
# ```
#  b ──► q ──► y
#        ▲     ▲
#        a ────┘
# ```
#
# Two such orders are a, b, q, y and b, a, q, y. The list a, q, b, y is none: b is a parent of q.
# Each Node stands in it once, though two ways lead from a to y.

# %% [markdown]
# The natural way is a function that calls itself: for a Node, first put all of its parents into the
# list, then the Node; skip what is there already. **Predict** what happens to it in a chain of 5000
# additions.


# %%
def order_by_recursion(node, order):
    for parent in node.parents:
        order_by_recursion(parent, order)
    if node not in order:
        order.append(node)
    return order


chain = Node(1.0)
for _ in range(5000):
    chain = chain + Node(1.0)
try:
    order_by_recursion(chain, [])
except RecursionError as error:
    print(error)

# %% [markdown]
# Python lets calls stand inside each other about a thousand deep, and a network that reads a long
# text word by word makes longer chains than that. (This version has two more faults: it walks to a
# shared parent once for each way, and `in` a list looks at all of it. A `set` answers at once.)
#
# So keep the Nodes that wait in a list of your own: a **stack**, with `append` and `pop` at its
# end. A Node must be met twice: first to put its parents on top of it, later, when they are done,
# to put it into the order. So let the stack hold pairs: (Node, are its parents done?).

# %% [markdown]
# **By hand,** for q = a · b:
#
# | taken from the stack | then on the stack | order |
# |---|---|---|
# | (q, no) | (q, yes), (a, no), (b, no) | |
# | (b, no) | (q, yes), (a, no), (b, yes) | |
# | (b, yes) | (q, yes), (a, no) | b |
# | (a, no) | (q, yes), (a, yes) | b |
# | (a, yes) | (q, yes) | b, a |
# | (q, yes) | | b, a, q |
#
# A Node counts as seen when it has been *taken* once with "no"; when it comes up with "no" again,
# it is dropped. To mark it already when it is put onto the stack would be too early: it might wait
# there below a child of its own, and come after it.

# %% exercise="backprop.topological_order"

# %% check="backprop.topological_order" points=4

# %%
print(len(topological_order(chain)), "Nodes: 5000 sums, 5000 ones and the first")

# %% [markdown]
# ## Part 7 · Backward
#
# Now the walk itself fits into a few lines:
#
# 1. Put all Nodes in order. Give each a gradient of zeros, of the shape of its value.
# 2. The loss gets 1.0, in the shape of its value (`np.ones_like` makes that): when it moves, it
#    moves as much as itself.
# 3. From the last Node to the first: call its rule with its gradient, and **add** what comes out to
#    the gradients of its parents.
#
# Add, since a value that is used twice gets two contributions. (Start from zeros of its own for
# each Node. To keep the first array that a rule returned and add to it with `+=` goes wrong: the
# rule of a sum hands one and the same array to both parents, and `+=` would change it for both.)

# %% exercise="backprop.backward"

# %% check="backprop.backward" points=5

# %% [markdown]
# Look at it. The view draws y = a · b + a from *your* Nodes, and your `backward` is compared with
# what the rules add up to. Answer its question first; then walk through the backward pass step by
# step, and look at a, where two lines meet.

# %% tags=["demo"]
a, b = Node(5.0), Node(-2.0)
q = a * b
y = q + a
views.Graph(y, names={"a": a, "b": b, "q": q, "y": y}, backward=backward)

# %% [markdown]
# On each line stands what came from above, times the local slope, which the view calls the local
# gradient. At a two numbers arrive, and their sum is the gradient.
#
# A layer with two examples, two inputs and two units, and the sum of what comes out: **predict**
# which numbers of the gradient for W are 0, and then step through it. (Each gradient has the shape
# of its thing. Where arrays are handed on, the lines say their shapes, and the boxes their
# numbers.)

# %% tags=["demo"]
x = Node([[1.0, 2.0], [3.0, -1.0]])
W = Node([[1.0, -1.0], [0.5, -2.0]])
b = Node([0.0, 1.0])
total = (x @ W + b).relu().sum()
views.Graph(total, names={"x": x, "W": W, "b": b}, backward=backward)

# %% [markdown]
# Before relu the second unit has −4 and 0: it is off for both examples (at 0 the slope is 0 by
# agreement), so no gradient comes back to its column of W or to its bias. The first unit is on for
# both, and the gradients for its weights are the sums of the inputs, 1 + 3 and 2 − 1.

# %% [markdown]
# ## Part 8 · Trust
#
# An engine with one wrong rule still trains, only worse, and nobody notices for weeks. So check
# each gradient against a measured one, as `numerical_gradient` of chapter 2 did, this time for
# several arrays, and for functions of Nodes; and keep the largest difference. When the rules are
# right, what remains is rounding, about 10⁻⁹; when one is wrong, it is about as large as the
# gradients themselves.

# %% exercise="backprop.gradient_check"

# %% check="backprop.gradient_check" points=4


# %%
def layer(x, W, b, factors):
    return ((x @ W + b).log_softmax() * factors).sum()


arrays = [rng.normal(size=size) for size in ((4, 3), (3, 5), (5,), (4, 5))]
print(f"all rules right: {gradient_check(layer, arrays):.1e}")

# %% [markdown]
# Now with a rule that somebody got wrong: a square that forgets the 2. **Predict** the result for
# the numbers 1, 2 and 3.


# %%
def wrong_square(x):
    return Node(x.value**2, (x,), lambda gradient: (gradient * x.value,), "square")


print(gradient_check(lambda x: wrong_square(x).sum(), [np.array([1.0, 2.0, 3.0])]))

# %% [markdown]
# The slopes should be 2, 4 and 6 and came out as 1, 2 and 3: the largest difference is 3.
#
# ### What it costs
#
# One backward pass against measuring all: the next cell takes a network of two layers, with more
# and more hidden units, and says how many times as long the measured gradient takes. **Predict:**
# does the ratio stay, or does it grow with the number of weights?

# %% tags=["demo"]
from time import perf_counter


def network(x, W1, b1, W2, b2):
    return ((x @ W1 + b1).relu() @ W2 + b2).log_softmax().sum()


def seconds(call):
    start = perf_counter()
    call()
    return perf_counter() - start


def compare(arrays):
    engine = min(seconds(lambda: backward(network(*map(Node, arrays)))) for _ in range(5))
    forward = min(seconds(lambda: network(*map(Node, arrays))) for _ in range(5))
    measured = seconds(lambda: gradient_check(network, arrays))
    print(f"{sum(array.size for array in arrays):4} slopes:", end=" ")
    print(f"measuring takes {measured / engine:4.0f} times as long;", end=" ")
    print(f"forward and backward {engine / forward:.1f} times forward alone")


# %% tags=["demo"]
for units in 2, 8, 32:
    sizes = (16, 8), (8, units), (units,), (units, 4), (4,)
    compare([rng.normal(size=size) for size in sizes])

# %% [markdown]
# The ratio grows with the number of weights, since each costs two evaluations. Forward and backward
# together cost a few forward passes, however many weights there are. That is the reason why
# networks with billions of weights can be trained at all.

# %% [markdown]
# ## Part 9 · Digits
#
# Everything is there. The network takes 64 pixels to 32 hidden units, relu, and 10 logits. The loss
# is the mean cross-entropy of the batch. With `right`, a matrix with a 1 at the right class of each
# example and 0 elsewhere, it is −(log-probabilities × right), summed, divided by the number of
# examples. The rows of `np.eye(10)`, a matrix with ones on its diagonal, are such rows for ten
# classes (your function takes as many as b2 has numbers):

# %%
print(np.eye(10)[[3, 0]])

# %% [markdown]
# The factor −1 / n can go into that matrix: both operands of × must be Nodes anyway.
#
# For each batch: Nodes from the parameters, forward, `backward`, then each parameter moves against
# its gradient. The Nodes are new in each step; the graph of the last one is left behind. Keep the
# loss of each batch, so that one can see the training.

# %% exercise="backprop.train_digits"

# %% check="backprop.train_digits" points=5

# %% [markdown]
# Now train it. The pixels are normalized as before, with the mean and the spread of the pictures to
# learn from. The weights start as small random numbers: with zeros all hidden units would be alike,
# get the same gradients, and stay alike for ever. (The roots keep a sum of 64 or 32 products about
# as large as one of its terms.) `rng.permutation(1500)` shuffles the examples, and every 32 of them
# make a batch.
#
# **Predict:** what will the loss be before the first step, when the ten classes are about equally
# likely? (The surprise −log p for p = 1/10.) And how many of 297 pictures that it has never seen
# will it read rightly after ten epochs?

# %%
from lab.data import digits

train_pictures, train_labels, test_pictures, test_labels = digits.load()
flat = train_pictures.reshape(-1, 64)
mean, spread = flat.mean(axis=0), flat.std(axis=0)
train_x = (flat - mean) / (spread + 1)
test_x = (test_pictures.reshape(-1, 64) - mean) / (spread + 1)


def first_parameters(hidden, classes):
    W1 = rng.normal(size=(64, hidden)) * np.sqrt(2 / 64)
    W2 = rng.normal(size=(hidden, classes)) * np.sqrt(1 / hidden)
    return [W1, np.zeros(hidden), W2, np.zeros(classes)]


def classify(x, parameters):
    W1, b1, W2, b2 = parameters
    return (np.maximum(x @ W1 + b1, 0) @ W2 + b2).argmax(axis=1)


def one_epoch():
    order = rng.permutation(1500)
    return [order[start : start + 32] for start in range(0, 1500, 32)]


# %% tags=["demo"]
parameters, losses, right = first_parameters(32, 10), [], []
for epoch in range(20):
    parameters, new_losses = train_digits(train_x, train_labels, parameters, one_epoch(), 0.1)
    losses += new_losses
    right.append(np.mean(classify(test_x, parameters) == test_labels))
    if epoch in (0, 1, 4, 9, 19):
        print(f"after epoch {epoch + 1:2}: {right[-1]:.1%} of the held-out digits")
print(f"first loss {losses[0]:.2f}, mean of the last epoch {np.mean(new_losses):.3f}")

# %% tags=["demo"]
import matplotlib.pyplot as plt

from lab.figures import show

figure, (left, middle) = plt.subplots(1, 2, figsize=(9, 3))
left.plot(losses, color="#0b5394", linewidth=0.8)
left.set_xlabel("step")
left.set_ylabel("loss of the batch")
middle.plot(range(1, 21), right, color="#b45309", marker="^")
middle.set_xlabel("epoch")
middle.set_ylabel("right on held-out digits")
show(
    figure,
    "Left: the loss of each batch falls steeply from above 2 and then slowly, with noise. "
    "Right: the share of held-out digits that are read rightly rises from below 0.85 after "
    "one epoch to about 0.98",
)

# %% [markdown]
# Look at the left curve: it starts above 2.3, the −log of a tenth, since the first random logits
# are not quite equal, and most of the way is done in the first hundred steps. The noise is that of
# the batches.
#
# ### What the hidden layer is good for
#
# The classifier of chapter 2, without a hidden layer, read about as many of the held-out digits.
# For telling ten digits apart, ten straight cuts are nearly enough. So ask something harder of the
# same pictures: is the digit *5 or more*? The large digits have no stroke in common, and neither
# have the small ones.
#
# Your engine finds the gradients of whatever you build, so a network without hidden layer is three
# lines. **Predict:** how many of the held-out digits will each of the two get right?

# %% tags=["demo"]
large, test_large = (train_labels >= 5).astype(int), (test_labels >= 5).astype(int)
W, b = np.zeros((64, 2)), np.zeros(2)
with_hidden = first_parameters(32, 2)
for _ in range(20):
    batches = one_epoch()
    with_hidden, _ = train_digits(train_x, large, with_hidden, batches, 0.1)
    for batch in batches:
        nodes = Node(W), Node(b)
        logits = Node(train_x[batch]) @ nodes[0] + nodes[1]
        backward((logits.log_softmax() * Node(-np.eye(2)[large[batch]] / len(batch))).sum())
        W, b = (node.value - 0.1 * node.gradient for node in nodes)
print(f"without hidden layer: {np.mean((test_x @ W + b).argmax(axis=1) == test_large):.1%}")
print(f"with 32 hidden units: {np.mean(classify(test_x, with_hidden) == test_large):.1%}")

# %% [markdown]
# One straight cut through the 64-dimensional space leaves about one digit in ten on the wrong side.
# With relu between two layers the cut may bend (chapter 1), and nearly all come out right.
#
# Back to the ten digits. What do the hidden units look for? Each column of W1 has 64 numbers, so it
# can be drawn as a picture.

# %% tags=["demo"]
strongest = np.argsort(-parameters[0].std(axis=0))[:16]
figure, axes = plt.subplots(2, 8, figsize=(9, 2.6))
for unit, ax in zip(strongest, axes.flat, strict=True):
    picture = parameters[0][:, unit].reshape(8, 8)
    ax.imshow(picture, cmap="PuOr", vmin=-1, vmax=1)
    ax.axis("off")
show(
    figure,
    "Sixteen pictures of 8 by 8: the weights of the sixteen strongest hidden units. In most a few "
    "purple squares lie beside a few orange ones, in different places; none of them is a digit",
)

# %% [markdown]
# Purple is a positive weight, orange a negative one; these are the sixteen units with the largest
# weights. Look for a patch of purple beside a patch of orange: ink here and none there switches the
# unit on. Between them lies the noise of the first random weights, where the training had nothing
# to say. No unit is a digit; the second layer puts a digit together from several.

# %% tags=["demo"]
said = classify(test_x, parameters)
wrong = np.flatnonzero(said != test_labels)[:8]
figure, axes = plt.subplots(1, 8, figsize=(9, 1.8))
for ax in axes:
    ax.axis("off")
for ax, i in zip(axes, wrong, strict=False):
    ax.imshow(test_pictures[i], cmap="Greys")
    ax.set_title(f"{test_labels[i]} read as {said[i]}", fontsize=8)
show(figure, "Digits that were misread, each with its label and with what the network said")

# %% [markdown]
# Look at the misread ones: would you have known?

# %% [markdown]
# ## What you can do now
#
# - A computation is a **graph**. Values go forward, slopes go back.
# - Along a way slopes **multiply**; where a value is used in several places they **add up**, and
#   broadcasting is such a use.
# - **By hand** it can be done for one network. A **Node** with a rule for each operation does it
#   for all.
# - The **topological order** sees to it that a Node hands on its gradient when it has all of it,
#   and a stack of your own has no limit of depth.
# - A **gradient check** finds a wrong rule.
# - **One backward pass** costs a few forward passes and gives all gradients.

# %% [markdown]
# ## A question to answer in writing
#
# A colleague wants to save memory and changes the engine: each time a Node gets a contribution, it
# adds it to its gradient, calls `rule` with the gradient *as it stands then*, and hands the result
# on at once, without waiting for the other children. Write five to eight sentences. Does this give
# right gradients for y = a · b + c? And for q = a · b, y = q · q + q? What goes wrong, or what must
# be changed, and what does it cost for a graph in which every value is used twice?

# %% [markdown] written="backprop.order_of_gradients" points=4
# For y = a · b + c each value has one child, so each gets its whole gradient at once, and the
# result is right.
#
# In y = q · q + q the value q is used three times: twice by the product, once by the sum. If q
# hands on its first contribution and keeps it, and then hands on its gradient again when the second
# one has come, the first is counted twice in a and b. The gradients are too large. Handing on only
# what is new each time gives the right sums, since rules are linear in the gradient: the rule of a
# sum of gradients is the sum of the rules.
#
# But then a rule is called once for each way from the loss to the Node, not once for each Node.
# When every value is used twice, the ways double with every layer: after 30 layers there are a
# billion. The topological order waits until all contributions have come, so that each rule is
# called once. Nothing is saved in memory either: the values that the rules need are there in both
# cases.

# %% [markdown]
# <details>
# <summary>How it is graded (4 points); open it when you have written your answer</summary>
#
# - 1 point: right for the first graph, since nothing is used twice.
# - 1 point: in the second, q gets several contributions, and the gradients of a and b come out
#   wrong, or the answer says how each contribution can be handed on separately.
# - 1 point: a gradient must be complete, or only the new part handed on; with a reason.
# - 1 point: the cost: rules are called once for each way, and the number of ways doubles.
#
# </details>

# %% [markdown]
# ## Further reading
#
# - Rumelhart, Hinton and Williams 1986, [Learning representations by back-propagating
#   errors](https://doi.org/10.1038/323533a0), Nature 323: four pages that changed the field.
# - Baydin, Pearlmutter, Radul and Siskind 2018, [Automatic differentiation in machine learning: a
#   survey](https://jmlr.org/papers/v18/17-468.html), JMLR 18: your engine is its "reverse mode".
# - Andrej Karpathy 2020, [micrograd](https://github.com/karpathy/micrograd): an engine for single
#   numbers, in a hundred lines. Yours works on arrays; compare the two.
# - Michael Nielsen 2015, [Neural Networks and Deep
#   Learning](http://neuralnetworksanddeeplearning.com/chap2.html), chapter 2: the same by formulas,
#   for the network of part 3.
