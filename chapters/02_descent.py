# %% [markdown]
# # 2 · Gradient descent
#
# You start with a line through five points and end with a **classifier** of handwritten digits,
# which you trained from nothing, with every part of the training written by you.
#
# **Time** about 150 minutes, with a break after part 4 · **Needs** NumPy; it leans on chapter 1
# (axes, broadcasting, the product, layers), and from school on the slope of a line

# %% [markdown]
# ## What you will be able to do
#
# - say with one number how wrong a model is, for numbers and for classes;
# - measure the slope of any function, and check a formula for the gradient against it;
# - go downhill with a learning rate that is neither too small nor too large;
# - learn from a few examples at a time, and say what that costs and gains;
# - write momentum and RMSProp, and say which obstacle each of them was made for;
# - train a classifier and measure it on data that it has never seen.

# %% [markdown]
# ## How to work through it
#
# As in chapter 1: write the functions where you find `raise NotImplementedError`, run the check
# after each as often as you like, and write your guess down where you read **Predict**.
#
# A cell that calls a function you have not written yet stops with `NotImplementedError`: write the
# function and come back to it.

# %%
import numpy as np

from autograder import check
from lab import views

# %% [markdown]
# ## Part 1 · How wrong is a line?
#
# A bean was planted, and measured at the end of each week. Its heights in centimeters:
#
# | week | 1 | 2 | 3 | 4 | 5 |
# |---|---|---|---|---|---|
# | height | 3 | 4 | 8 | 8 | 12 |
#
# We want a **model**: a rule that says the height for any week. The smallest one worth having is a
# line, height = w · week + b. The numbers w and b are its **parameters**: w, the **weight**, says
# how much the bean grows in a week; b, the **bias**, where the line begins. It is the layer of
# chapter 1 with one input, one output and no relu.

# %%
weeks = np.array([1.0, 2.0, 3.0, 4.0, 5.0])
heights = np.array([3.0, 4.0, 8.0, 8.0, 12.0])

# %% tags=["demo"]
import matplotlib.pyplot as plt

from lab.figures import show

BLUE, ORANGE = "#0b5394", "#b45309"
figure, axes = plt.subplots(1, 2, figsize=(9, 3.2), sharey=True)
for ax, w, b in (axes[0], 1, 0), (axes[1], 2, 1):
    ax.vlines(weeks, heights, w * weeks + b, color=ORANGE, linestyle=":")
    ax.plot(weeks, heights, "o", color=BLUE)
    ax.plot(weeks, w * weeks + b, color=ORANGE)
    ax.set(title=f"w = {w}, b = {b}", xlabel="week")
axes[0].set_ylabel("height in cm")
show(
    figure,
    "Five rising points twice: on the left with a line far below most of them, on the right with "
    "a line that passes within 1 cm of each; dotted lines join the points with the line",
)

# %% [markdown]
# Look at the dotted lines: each is an **error**, the height that the model predicts minus the
# height that was measured. The right model is better, and a computer should be able to tell. It
# needs one number for how wrong a model is, the **loss**.
#
# **By hand,** for w = 2 and b = 1:
#
# | prediction | 3 | 5 | 7 | 9 | 11 |
# |---|---|---|---|---|---|
# | target | 3 | 4 | 8 | 8 | 12 |
# | error | 0 | 1 | −1 | 1 | −1 |
# | squared | 0 | 1 | 1 | 1 | 1 |
#
# The mean of the squares is 4/5 = 0.8. A **target** is what the prediction should have been.

# %% [markdown]
# Why squares? The errors above add up to 0, as if the model were perfect; squares cannot cancel. An
# error of 2 counts as much as four errors of 1. And the square changes smoothly, which part 2
# needs. Why the mean? So that the loss of a thousand beans can be compared with the loss of five.
#
# This is the **mean squared error**. It takes all numbers of two arrays of any rank, one by one.
#
# **By hand:** what is it for w = 1, b = 0, the line on the left?

# %% [markdown]
# The predictions are 1, 2, 3, 4, 5, the errors −2, −2, −5, −4, −7, the squares 4, 4, 25, 16, 49,
# and the mean is 98/5 = 19.6.
#
# There is a trap. Models like to give their predictions as a column, shape (5, 1), while targets
# often are a vector, shape (5,). **Predict** from the rule of broadcasting: the shape of the
# difference, and the mean of its squares if every prediction is right.

# %%
column = heights[:, np.newaxis]
print((column - heights).shape, np.mean((column - heights) ** 2))

# %% [markdown]
# Every prediction was compared with every target, 25 differences in place of 5, and the perfect
# model gets a loss of 20.8. No error is shown; a training with such a loss fails in silence.
#
# So your function refuses two shapes that differ, as `take_batch` refused a batch that does not
# exist: `raise ValueError("what is wrong")`.

# %% exercise="descent.mean_squared_error"

# %% check="descent.mean_squared_error" points=2


# %%
def loss(w, b=0.0):
    return mean_squared_error(w * weeks + b, heights)


print(loss(1), loss(2), loss(3), loss(2, 1))

# %% [markdown]
# ## Part 2 · Slope
#
# Keep b at 0 for now. The loss is then a function of w alone: 19.6 at 1, 1.8 at 2, 6.0 at 3. Its
# curve falls, and rises again.
#
# You stand at w = 1 and see no curve, only the number under your feet. Which way is down, and how
# steep is it? Take a small step and look: by how much did the loss change, for each unit of the
# way? This ratio is the **slope**. **Predict:** the next cell takes shorter and shorter steps from
# w = 1. What happens to the ratio?

# %%
for h in 1, 0.1, 0.01, 0.001:
    print(f"step {h}: slope {(loss(1 + h) - loss(1)) / h:.3f}")

# %% [markdown]
# It settles down near −28.8. This number, toward which the slopes of ever shorter steps go, is the
# **derivative** of the loss at w = 1. It is negative: a larger w has a smaller loss.
#
# The ratios were off by 11, 1.1, 0.11: as much as the step, times 11. The reason is that the curve
# bends, and we looked to one side only. Look to both sides, from h below to h above; the way is
# then 2h:

# %%
for h in 1, 0.1, 0.01, 0.001:
    print(f"step {h}: slope {(loss(1 + h) - loss(1 - h)) / (2 * h):.3f}")

# %% tags=["demo"]
figure, ax = plt.subplots(figsize=(6, 3.5))
w = np.linspace(-0.2, 2.6, 60)
ax.plot(w, [loss(each) for each in w], color=BLUE)
ax.annotate("the loss", (2.2, 6), color=BLUE)
for ends, style, name in ([1, 2], "--", "to one side"), ([0, 2], "-", "to both sides"):
    ax.plot(ends, [loss(each) for each in ends], style, marker="o", color=ORANGE, label=name)
ax.plot(w, loss(1) - 28.8 * (w - 1), color="black", linewidth=1, label="slope −28.8 at w = 1")
ax.set(xlabel="w", ylabel="loss", ylim=(-25, 75))
ax.legend()
show(
    figure,
    "The loss falls in a bent curve. A thin line touches it at w = 1. The line from 1 to 2 is "
    "flatter than it; the line from 0 to 2 runs parallel to it, above",
)

# %% [markdown]
# Look at the two orange lines, both with a step of 1: the dashed one, to one side, is too flat; the
# other is parallel to the black line, which touches the curve. What the bend adds on one side, it
# takes away on the other.
#
# The ratio of a small change of the result to a small change of the number is a **finite
# difference**; taken to both sides, a **central difference**. For a curve of squares it is exact.
# For others the error is tiny, and shrinks with the square of the step.
#
# So shorter steps are better? **Predict:** the slope of w³ at 1 is 3. Which of these steps comes
# nearest?

# %%
for h in 1e-2, 1e-4, 1e-5, 1e-6, 1e-8, 1e-10, 1e-12, 1e-14:
    one_side = ((1 + h) ** 3 - 1) / h
    both_sides = ((1 + h) ** 3 - (1 - h) ** 3) / (2 * h)
    print(f"step {h:.0e}: off by {abs(one_side - 3):.0e}, both sides {abs(both_sides - 3):.0e}")

# %% [markdown]
# The error shrinks, and from some step on it grows again. A float holds about 16 digits. When the
# step is tiny, the two values differ only in their last digits, and the difference keeps few of
# them. Between 1e-4 and 1e-6, to both sides, eight digits or more are right: 1e-5 is a safe choice
# when the numbers are around 1.
#
# ### Many numbers: the gradient
#
# A model has many parameters. Change one of them a little, leave all others as they are, and you
# get the slope along this one. The slopes along all of them make an array of the same shape: the
# **gradient**. **By hand:** for f(w) = w₀² + 3 w₁ at [2, 5], along w₀ the slope is 4, and along w₁
# it is 3, so the gradient is [4, 3].

# %% [markdown]
# Your function gets f and an array `w` of any rank. `np.ndindex(w.shape)` of chapter 1 walks over
# all places. At each, f needs an array of the *same shape*, with one number moved. Two traps:
#
# - a number once moved has to be back before the next one moves, and the caller's `w` must stay as
#   it was;
# - `w` may hold integers, and an array of integers cuts off what you put into it.
#
# An array of zeros with the step in one place, added to `w`, avoids both:

# %%
whole = np.array([3, 1])
broken = whole.copy()
broken[0] = 3.5
step = np.zeros(whole.shape)
step[0] = 0.5
print(broken, whole + step, whole)

# %% exercise="descent.numerical_gradient"

# %% check="descent.numerical_gradient" points=4


# %%
def loss_of(parameters):
    return loss(*parameters)


for parameters in [1.0, 0.0], [2.0, 1.0], [2.2, 0.4]:
    gradient = numerical_gradient(loss_of, np.array(parameters))
    print(parameters, "loss", round(loss_of(parameters), 3), "gradient", gradient.round(3))

# %% [markdown]
# (`loss(*parameters)` hands the numbers of an array over one by one, as `loss(1.0, 0.0)` would. A
# minus before a 0 comes from rounding.) At w = 2.2 and b = 0.4 all slopes are 0, so no small step
# helps: this is the lowest place, and its loss is 0.72.
#
# With two parameters the loss is a landscape. The map below shows it from above, dark where it is
# low; every line joins places of equal loss. **Predict:** if you go against the gradient, do you
# cross these lines at a right angle, or aslant? Does the way lead to the lowest place?


# %% tags=["demo"]
def draw_map(ax):
    """Draw the loss of the beans over w and b, and mark its lowest place."""
    w, b = np.meshgrid(np.linspace(0, 4.4, 111), np.linspace(-1.3, 2.7, 101))
    errors = w[:, :, np.newaxis] * weeks + b[:, :, np.newaxis] - heights
    losses = (errors**2).mean(axis=-1)
    levels = [0.72, 1, 2, 5, 10, 20, 40, 80, 120]
    ax.contourf(w, b, np.log(losses), levels=np.log(levels), cmap="cividis", extend="both")
    lines = ax.contour(w, b, losses, levels=levels[1:-1], colors="white", linewidths=0.6)
    ax.clabel(lines, fontsize=8)
    ax.plot(2.2, 0.4, "*", color="white", markersize=12)
    ax.set(xlabel="w", ylabel="b", aspect="equal")


# %% tags=["demo"]
figure, ax = plt.subplots(figsize=(6, 5))
draw_map(ax)
for start in [0.6, 0.2], [1.2, 1.6], [3.4, -1], [3.6, 1.2]:
    down = -numerical_gradient(loss_of, np.array(start))
    ax.annotate(
        "", start + 0.5 * down / np.hypot(*down), start, arrowprops={"color": "white", "width": 1}
    )
show(
    figure,
    "A map of the loss: a long, narrow valley, falling to the right, with a star at its lowest "
    "place. Four arrows on its sides cross the lines at right angles, straight into the valley "
    "and not toward the star",
)

# %% [markdown]
# At a right angle: the gradient points along the steepest way up, so against it is the **steepest
# way down**. Look at the arrows, though: they lead across, to the bottom of the long valley, and
# hardly toward the star. What is steepest here need not lead to the lowest place. We come back to
# this in part 6.

# %% [markdown]
# ## Part 3 · The gradient by formula
#
# `numerical_gradient` works for any function, and it is slow: each slope takes two evaluations of
# the loss. The classifier of part 8 has 650 parameters, so 1300 evaluations for one gradient; real
# networks have millions. For a model that we know, a formula gives all slopes at once.
#
# It has two pieces. First, the slope of a square e². By a central difference:
#
# $$\frac{(e+h)^2 - (e-h)^2}{2h} = \frac{4eh}{2h} = 2e$$

# %% [markdown]
# Second, how the error e = w · x + b − y changes (x is the week, y the height): if w grows by h, e
# grows by x · h; if b grows by h, e grows by h. So e moves x times as far as w, and the square 2e
# times as far as e. Multiply the two: the slope of e² along w is 2e · x, and along b it is 2e.

# %% [markdown]
# The loss is a mean, so its slope is the mean of the slopes. **By hand,** for the first three weeks
# and the line w = 1, b = 0:
#
# | x | y | error e | 2e · x | 2e |
# |---|---|---|---|---|
# | 1 | 3 | −2 | −4 | −4 |
# | 2 | 4 | −2 | −8 | −4 |
# | 3 | 8 | −5 | −30 | −10 |
# | mean | | | −14 | −6 |
#
# Now for a whole layer, x W + b. Examples are rows of `x`, the targets `y` have the shape of the
# predictions, [n, outputs], and the mean is over all n · outputs errors. **Predict:** which shapes
# must the two gradients have?

# %% [markdown]
# Those of W, [inputs, outputs], and of b, [outputs]: one slope for each parameter.
#
# The weight from input i to output k meets input i in *every* example, so its slope is a sum over
# the examples: input i times error k, example by example. Rows against columns: that is a product
# of `x.T`, [inputs, n], and the errors, [n, outputs]. Each bias is added in every example, so its
# slope is the sum of its errors over the examples. The 2 and the mean can be put into the errors
# beforehand; `y.size` is n · outputs.

# %% exercise="descent.linear_gradients"

# %% check="descent.linear_gradients" points=4

# %% [markdown]
# A formula for a gradient can be wrong in silence, so it is checked against the slow way, on small
# numbers. Here is a layer of 4 inputs and 3 outputs, with 6 random examples:

# %%
rng = np.random.default_rng(0)
x, y = rng.normal(size=(6, 4)), rng.normal(size=(6, 3))
W, b = rng.normal(size=(4, 3)), rng.normal(size=3)
by_formula, _ = linear_gradients(x, y, W, b)
measured = numerical_gradient(lambda W: mean_squared_error(x @ W + b, y), W)
print(by_formula.shape, "largest difference", f"{np.abs(by_formula - measured).max():.0e}")

# %% [markdown]
# `lambda W: ...` is a function without a name, of W alone: x, b and y stay as they are.
#
# **Predict:** how many times as long does the slow way take for a layer of 64 inputs and 10
# outputs?

# %% tags=["demo"]
from timeit import repeat

x, y = rng.normal(size=(100, 64)), rng.normal(size=(100, 10))
W, b = rng.normal(size=(64, 10)), np.zeros(10)
slow = repeat(
    lambda: numerical_gradient(lambda W: mean_squared_error(x @ W + b, y), W), number=1, repeat=3
)
fast = repeat(lambda: linear_gradients(x, y, W, b), number=10, repeat=3)
print(f"measuring takes {min(slow) / min(fast) * 10:.0f} times as long")

# %% [markdown]
# About a thousand times or more: 1280 evaluations of the loss against one formula, which costs
# about as much as one or two of them. From here on the formula computes, and the measurement
# checks.

# %% [markdown]
# ## Part 4 · Downhill
#
# The rule that trains all networks has one line: take from each parameter its slope, times a small
# number.
#
# new w = w − learning rate · gradient
#
# The slope says which way, and how steep. The **learning rate** says how far. Where it is flat the
# steps become short by themselves, so that the walk comes to rest at the lowest place.
#
# **By hand,** for the bean with b = 0: at w = 1 the slope is −28.8. With learning rate 0.01, the
# new w is 1 + 0.288 = 1.288. The slope there is −22.5, and the next w is 1.513. The lowest place,
# with b = 0, is near 2.31.

# %% [markdown]
# **Predict:** three walks begin at w = 1, each of eight steps, with the learning rates 0.004, 0.05
# and 0.095. Which one ends nearest to the lowest place? What do the other two do?

# %% tags=["demo"]
figure, axes = plt.subplots(1, 3, figsize=(10, 3), sharey=True)
curve = np.linspace(-1, 5.6, 60)
for ax, rate in zip(axes, (0.004, 0.05, 0.095), strict=True):
    path = [np.array(1.0)]
    for _ in range(8):
        path.append(path[-1] - rate * numerical_gradient(loss, path[-1]))
    ax.plot(curve, [loss(w) for w in curve], color=BLUE)
    ax.plot(path, [loss(w) for w in path], "o-", color=ORANGE, linewidth=1)
    for number in 0, 8:
        ax.annotate(number, (path[number], loss(path[number]) - 3), ha="right", va="top")
    ax.set(title=f"learning rate {rate}", xlabel="w", ylim=(-15, 90))
axes[0].set_ylabel("loss")
show(
    figure,
    "Three times the same curve with a walk of eight steps. With 0.004 the steps creep down one "
    "side; with 0.05 the first step is near the lowest place and the others stay there; with 0.095 "
    "the steps leap from side to side, higher each time",
)

# %% [markdown]
# Look where step 8 is. With 0.004 the walk creeps: each step shortens the distance to the lowest
# place by 9 percent. With 0.05 it is there after two steps. With 0.095 every step leaps over the
# lowest place and lands higher on the other side, where it is steeper, so that the next leap is
# longer still. Such a training **diverges**: its loss grows beyond all bounds and ends as `inf` or
# `nan`.
#
# Too small is slow, too large is fatal, and the limit depends on how much the curve bends. One
# tries: 0.1, 0.01, 0.001.

# %% [markdown]
# ### A step as a function
#
# Parameters come in several arrays, as W and b do, so a step gets a *list* of arrays and a list of
# their gradients. `zip(weights, gradients)` walks along both at once. From here on we say "weights"
# for all parameters, as most people do.
#
# A rule that makes steps out of gradients is called an **optimizer**. All of this chapter have one
# form, so that they can stand in for each other:
#
# `step(weights, gradients, state)` → `(new weights, new state)`
#
# The **state** is what an optimizer remembers from step to step. This first one remembers nothing;
# it hands the state on as it came, whatever it is. And no step changes the arrays it was given. An
# assignment with `-=` would; a plain difference makes a new array.

# %% [markdown]
# **By hand,** with a learning rate of 0.1: weights [1, 2] and [5], gradients [10, −10] and [0.5].
# The new weights are [0, 3] and [4.95].
#
# In practice the gradient comes from a few examples drawn at random, as you see in part 5. The
# Greek word for guessing gave this its name, **stochastic gradient descent**, SGD. (In the cell
# below the check, `.item()` takes the number out of an array that holds a single one.)

# %% exercise="descent.sgd_step"

# %% check="descent.sgd_step" points=2

# %%
x, y = weeks[:, np.newaxis], heights[:, np.newaxis]
weights, path = [np.array([[0.5]]), np.array([2.0])], []
for count in range(201):
    path.append([each.item() for each in weights])
    if count in (0, 1, 2, 5, 20, 200):
        w, b = path[-1]
        print(f"after {count:3} steps: w = {w:.3f}, b = {b:.3f}, loss {loss(w, b):.3f}")
    weights, _ = sgd_step(weights, linear_gradients(x, y, *weights), None, 0.05)

# %% tags=["demo"]
figure, ax = plt.subplots(figsize=(6, 5))
draw_map(ax)
ax.plot(*np.transpose(path), "o-", color="white", markersize=3, linewidth=1)
for number in 0, 1, 2:
    ax.annotate(number, path[number], xytext=(6, 4), textcoords="offset points", color="white")
show(
    figure,
    "The map of the loss with a walk of 200 steps: the first two leap across the narrow valley, "
    "the rest move slowly along its bottom toward the star",
)

# %% [markdown]
# Look at the walk: two leaps across the valley, and then slowly along its bottom. The leaps bring
# the loss from 18.75 to 1.37; nearly 200 more steps are needed from there to the star. A larger
# learning rate would leap out of the valley; a smaller one would be slower still along it.
#
# ### Why data are normalized
#
# Chapter 1 said that networks learn faster from normalized numbers. Here you can see it. The mean
# of the weeks is 3, their spread √2. **Predict:** with (week − 3) / √2 as input, from the same two
# numbers and with a learning rate of 0.5, how many steps are needed? (With another input the same
# numbers make another line, so the loss begins elsewhere.)

# %%
x = (x - x.mean()) / x.std()
weights = [np.array([[0.5]]), np.array([2.0])]
for count in range(3):
    shown = [each.item() for each in weights]
    now = mean_squared_error(x @ weights[0] + weights[1], y)
    print(f"after {count} steps: w = {shown[0]:.3f}, b = {shown[1]:.3f}, loss {now:.3f}")
    weights, _ = sgd_step(weights, linear_gradients(x, y, *weights), None, 0.5)

# %% [markdown]
# One. The slopes are now 2 (w − 3.111) and 2 (b − 7): half of each is the whole way. (7 is the mean
# height, and 3.111 is 2.2 · √2, the old slope in the new unit.) The valley was long because w and b
# did nearly the same: where all weeks are positive, more w and less b leave the line almost where
# it is. With inputs of mean 0 and spread 1, the loss is a round bowl, equally steep on all sides.
# There the steepest way leads straight to the lowest place, and one learning rate suits both
# numbers.
#
# With many inputs the bowl does not become quite round, but much rounder than it was.
#
# This is a good place for a break.

# %% [markdown]
# ## Part 5 · A few examples at a time
#
# A thousand beans grew in a field. Each was measured once, at some time from week 1 to week 6.
# (Drawn at random: `uniform` draws evenly between two numbers, `normal` around 0 with a given
# spread.)

# %%
field = np.random.default_rng(1)
field_weeks = field.uniform(1, 6, size=(1000, 1))
field_y = 2.2 * field_weeks + 0.4 + field.normal(scale=0.8, size=(1000, 1))
field_x = (field_weeks - field_weeks.mean()) / field_weeks.std()

# %% tags=["demo"]
figure, ax = plt.subplots(figsize=(6, 3))
ax.scatter(field_weeks, field_y, s=4, color=BLUE)
ax.set(xlabel="weeks since planting", ylabel="height in cm")
show(figure, "A thousand dots in a rising band, about 3 cm wide from top to bottom")

# %% [markdown]
# Look at the width of the band: no line can hit every bean.
#
# The gradient is a mean over examples. To know a mean roughly, nobody asks everyone: a sample will
# do. So take a few examples at random, a **minibatch**, compute the gradient on these alone, and
# take a step. A gradient of 10 beans costs a hundredth of a gradient of all, so for the same price
# you take a hundred steps. What you pay is **noise**: each minibatch says something else.
#
# **Predict:** if you take four times as many examples, how much smaller is the noise: a quarter,
# half, or hardly?

# %% [markdown]
# First the minibatches. So that every example has its turn, you do as with a pack of cards: shuffle
# all, then deal out `size` at a time; the last ones may be fewer. Once through the pack is an
# **epoch**. For the next epoch it is shuffled anew.
#
# Without shuffling, minibatches of sorted data would hold only zeros, then only ones, and each
# would pull the weights to its own side.
#
# **By hand:** five examples, minibatches of 2. The shuffled numbers may be 3, 0, 4, 1, 2; the
# minibatches are then [3, 0], [4, 1] and [2].

# %% [markdown]
# A minibatch is an array of **indices**, not of examples, because two things are cut by it, inputs
# and targets. An array takes an array of indices and gives the rows in that order.
# `rng.permutation(n)` gives the numbers 0 to n − 1, shuffled. Draw from `rng` once in each call and
# from nothing else; then a seed repeats a training exactly.

# %%
print(np.array([10, 11, 12, 13, 14])[np.array([3, 0])])
print(np.random.default_rng(1).permutation(5))

# %% exercise="descent.minibatches"

# %% check="descent.minibatches" points=3

# %% tags=["demo"]
figure, axes = plt.subplots(1, 3, figsize=(10, 3.4), sharex=True, sharey=True)
here = np.zeros((1, 1)), np.zeros(1)
exact = [each.item() for each in linear_gradients(field_x, field_y, *here)]
for ax, size in zip(axes, (2, 8, 32), strict=True):
    batches = [batch for _ in range(8) for batch in minibatches(1000, size, rng)]
    found = [linear_gradients(field_x[batch], field_y[batch], *here) for batch in batches]
    slopes = np.array([[W.item(), b.item()] for W, b in found])
    ax.scatter(*slopes[:250].T, s=6, color=BLUE)
    ax.plot(*exact, "+", color=ORANGE, markersize=16, markeredgewidth=3)
    ax.set(title=f"minibatches of {size}: spread {slopes[:, 0].std():.1f}", xlabel="slope along w")
axes[0].set_ylabel("slope along b")
show(
    figure,
    "Three clouds of about 250 dots, the gradients of minibatches of 2, 8 and 32 examples, each "
    "around an orange cross, the gradient of all; each cloud is half as wide as the one before",
)

# %% [markdown]
# Look at the width of the clouds, and at the cross, the gradient of all thousand beans: four times
# as many examples, half the noise. The spread of a mean goes down with the *root* of the number of
# examples; so a hundred times the work buys a tenth of the noise. On average every cloud is right:
# its middle is the cross.
#
# This is why minibatches are small, 16 to 256 in most cases: many cheap steps in about the right
# direction are worth more than a few exact ones.

# %% [markdown]
# ## Part 6 · A ball and a ruler
#
# Back to the long valley. Here is one with plain numbers, a **ravine**: the loss is ½ (w₀² + 100
# w₁²), so the gradient is [w₀, 100 w₁]. A step of SGD multiplies w₀ by 1 − η and w₁ by 1 − 100 η,
# where η (eta) is the learning rate.
#
# **By hand:** above which η does w₁ diverge? And by how much does a step then shorten w₀, at best?

# %% [markdown]
# Above 0.02, since there 1 − 100 η falls below −1. With η = 0.019, w₁ changes its sign at every
# step and shrinks by a tenth; w₀ shrinks by 1.9 percent only. The steep direction forbids what the
# flat one needs. There are two ideas against that.
#
# **A ball.** It has inertia: it keeps most of its velocity, and the slope pushes it. What goes back
# and forth cancels; what goes on in one direction adds up. This is **momentum**.
#
# **A ruler for each weight.** Measure how large the slopes of this weight were of late, and divide
# by it. Then steep and flat directions get steps of similar length. This is **RMSProp**: the
# gradient is divided by the **r**oot of the **m**ean of the **s**quares.

# %% [markdown]
# In the view all three start at the same place. Answer its question first, then play the race, or
# go step by step, and read where each one is. The chart shows the losses.

# %% tags=["demo"]
views.Landscape("ravine")

# %% [markdown]
# Momentum is lowest after 40 steps. SGD zigzags and creeps. RMSProp does not zigzag, but with this
# learning rate its steps are short, about 0.02 along each weight, and 2.5 units are far.
#
# Yet that is not the end of the race. Set the learning rate to 0.1 in the view above: SGD and
# momentum diverge, and RMSProp reaches the lowest place. A learning rate that suits one optimizer
# says nothing about another.
#
# Two more landscapes. First **two valleys**, one deeper than the other: coming from the right, the
# first one on the way is the shallow one. **Predict:** who ends in it, and who comes to the deep
# one?

# %% tags=["demo"]
views.Landscape("valleys")

# %% [markdown]
# SGD and RMSProp are on their way to the bottom of the shallow valley. There the gradient is zero,
# and they know nothing beyond. It is a **local minimum**, lower than all around it, not lowest of
# all. The ball comes with enough speed to roll over the ridge. That is luck, not foresight: with a
# learning rate of 0.01 it does not get across in its 40 steps.
#
# Second, a **saddle**: low between two mountains, high between two valleys. In its middle the
# gradient is zero, though it is no minimum. All start a hair's breadth off the middle line. Who
# leaves first?

# %% tags=["demo"]
views.Landscape("saddle")

# %% [markdown]
# RMSProp: across the line its slopes are tiny, but its ruler is as tiny, so its steps are not. The
# ball collects speed and follows. SGD still lingers near the middle after 40 steps. With millions
# of weights, most places where the gradient is zero are thought to be saddles.

# %% [markdown]
# ### Momentum by hand
#
# For each weight there is a velocity v, at first 0. A step does, in this order:
#
# 1. new v = momentum · v − learning rate · gradient
# 2. new w = w + new v
#
# With learning rate 0.1, momentum 0.5 and w = 5:
#
# | gradient | v | w | | gradient | v | w |
# |---|---|---|---|---|---|---|
# | 10 | −1 | 4 | | 10 | −1 | 4 |
# | 10 | −1.5 | 2.5 | | −10 | 0.5 | 4.5 |
# | 10 | −1.75 | 0.75 | | 10 | −0.75 | 3.75 |

# %% [markdown]
# Left, the slope stays the same, and the ball gets faster. It would go on to v = −2: there it loses
# as much to friction as the push gives. With momentum 0.9 the limit is ten times the step of SGD.
# Right, the slope changes sign, and the pushes partly cancel.
#
# The state is the list of velocities. At the very first step there is none, the state is `None`,
# and the ball is at rest: zeros in the shape of each weight, `np.zeros_like(w)`. Return the *new*
# velocities with the new weights.

# %% exercise="descent.momentum_step"

# %% check="descent.momentum_step" points=3

# %% [markdown]
# ### RMSProp by hand
#
# For each number there is a **running mean** s of its squared gradients, at first 0:
#
# 1. new s = ρ · s + (1 − ρ) · gradient²
# 2. new w = w − learning rate · gradient / √(new s + ε)
#
# ρ (rho) is the share of the past. ε (epsilon) is tiny; it prevents a division by 0 where all
# gradients were 0. Two weights, one steep and one flat, with learning rate 0.1 and ρ = 0.75:
#
# | gradient | new s | √s | step |
# |---|---|---|---|
# | 4 | 0.25 · 16 = 4 | 2 | 0.1 · 4 / 2 = 0.2 |
# | 0.04 | 0.25 · 0.0016 = 0.0004 | 0.02 | 0.1 · 0.04 / 0.02 = 0.2 |
#
# A hundred times the slope, the same step.

# %% [markdown]
# With the same gradient 4 once more, s = 0.75 · 4 + 0.25 · 16 = 7, the root is 2.65, and the step
# 0.15. If it goes on so, s comes to 16, and the step to 0.1, the learning rate itself. The first
# steps are longer because s begins at 0. **Predict:** with ρ = 0.9, how long is the very first
# step, for any gradient?
#
# `np.sqrt` takes the root. Texts differ in where ε stands. Here it is under the root, as in Keras.
# All is element by element: every number of every array has a mean of its own.

# %% exercise="descent.rmsprop_step"

# %% check="descent.rmsprop_step" points=3

# %%
for gradient in 100.0, 1.0, 0.01:
    (moved,), _ = rmsprop_step([np.zeros(1)], [np.array([gradient])], None, 0.01)
    print(f"gradient {gradient}: from 0 to {moved[0]:.4f}")

# %% [markdown]
# The first step is 1/√0.1 = 3.16 times the learning rate, whatever the gradient is (at 0.01, ε is
# felt in the last decimal). Below is the ravine again; the three lines above its map say whether
# your own functions go the same way. **Predict,** then try it: which of the three gets furthest
# down in 40 steps if each has the learning rate that suits it best?

# %% tags=["demo"]
views.Landscape("ravine", learners=(sgd_step, momentum_step, rmsprop_step), prediction="skipped")

# %% [markdown]
# SGD comes down to a loss of about 0.7, close below 0.02, where it would diverge; momentum to about
# a thousandth at 0.006 (at other rates a hundredth or a tenth: much depends on where its swing
# stands at step 40); RMSProp to less than a hundred-thousandth near 0.12. The ravine lies along the
# axes, one weight flat and one steep, and that is the case for which a ruler for each weight is
# made. Turned by 45 degrees, both weights would be equally steep, and the ruler could not tell them
# apart.

# %% [markdown]
# ## Part 7 · Putting it together
#
# All parts of a training are there. It is always the same loop:
#
# - for each epoch, shuffle and cut into minibatches;
# - for each minibatch: the gradients on its rows, then a step.
#
# What changes from one training to the next is handed in: `gradients`, a function of inputs,
# targets and the weights; `step`, an optimizer; the first weights; the data. The state goes from
# each step to the next, over the end of an epoch, too: the ball does not stop because the cards are
# shuffled. Only before the very first step it is `None`.

# %% [markdown]
# Two details of Python. `f(x, y, *weights)` hands over the list one by one, as if you had written
# `f(x, y, W, b)`. And `fit` calls `step` with three things and no learning rate; so what you hand
# in is a step with its learning rate set, which `partial` makes:

# %%
from functools import partial

slow_step = partial(sgd_step, learning_rate=0.001)
print(slow_step([np.array([1.0])], [np.array([10.0])], None))

# %% exercise="descent.fit"

# %% check="descent.fit" points=4

# %% [markdown]
# The field of beans again, ten epochs in minibatches of 20, so 500 steps with each optimizer, all
# with learning rate 0.01 and from zero. The last line says where the lowest place is: when the
# input has mean 0 and spread 1, the weight is the mean of input times height, and the bias the mean
# height. **Predict:** one of the three does not get there. Which one?

# %%
first = [np.zeros((1, 1)), np.zeros(1)]
for step in sgd_step, momentum_step, rmsprop_step:
    set_step = partial(step, learning_rate=0.01)
    seeded = np.random.default_rng(0)
    W, b = fit(linear_gradients, first, field_x, field_y, set_step, 10, 20, seeded)
    now = mean_squared_error(field_x @ W + b, field_y)
    print(f"{step.__name__:14} w = {W.item():.3f}, b = {b.item():.3f}, loss {now:.4f}")
print(f"{'lowest':14} w = {(field_x * field_y).mean():.3f}, b = {field_y.mean():.3f}")

# %% [markdown]
# RMSProp: its steps are about as long as the learning rate, 0.01, whatever the slope; 500 of them
# lead to 5, and the bias should come to 8.15. Momentum has arrived, but wobbles most: its steps add
# up ten gradients, and their noise with them.
#
# So a learning rate is a length for RMSProp and a factor for the others. When a loss still falls
# steadily at the end, train longer or take larger steps.

# %% [markdown]
# ## Part 8 · Digits from nothing
#
# Chapter 1 ended with digits in a layer of random weights, and asked what good weights would be.
# Now you let a computer find them. The model is one layer of 64 inputs, the pixels, and 10 outputs,
# one for each digit. The outputs are **scores**: the digit with the highest score is the answer.
# Such a model is a **classifier**, and the digits 0 to 9 are its **classes**.

# %%
from lab.data import digits

train_pictures, train_labels, test_pictures, test_labels = digits.load()
mean, spread = train_pictures.mean(axis=0), train_pictures.std(axis=0)
train_x = ((train_pictures - mean) / (spread + 1)).reshape(-1, 64)
test_x = ((test_pictures - mean) / (spread + 1)).reshape(-1, 64)
print(train_x.shape, test_x.shape)

# %% [markdown]
# In `reshape(-1, 64)`, −1 means: as many as there are.
#
# The 297 test pictures are **held out**: no training ever sees them. A model might learn the 1500
# by heart; what counts is how it does on pictures that are new. They are normalized with the mean
# and the spread of the *training* pictures, so that nothing of them gets into the training.
#
# The share of right answers is the **accuracy**. Why is it no loss to go downhill on? **Predict:**
# what is its slope?

# %% [markdown]
# Zero, nearly everywhere: a small change of a weight changes the scores a little, but not which one
# is highest, so the accuracy stays as it is, and then jumps. The loss must be smooth.
#
# ### From scores to probabilities
#
# Scores that are turned into probabilities are called **logits**: any real numbers. **Softmax**
# turns them: take the exponential of each, $e^z$ with e = 2.718…, which is positive, and divide by
# the sum, so that all sum to 1. In NumPy it is `np.exp`. A higher logit gets a higher probability.
# **By hand,** two classes, logits 2 and 0: the exponentials are 7.39 and 1, the probabilities
# 7.39/8.39 = 0.881 and 0.119.
#
# In chapter 5 you write softmax yourself and use it for another purpose.

# %% [markdown]
# ### Surprise
#
# The model gives the right class a probability p. How surprised is it by the truth? Not at all if p
# was 1; without limit as p nears 0. The measure is −log p, with the natural logarithm, `np.log`,
# which undoes the exponential; its unit is called **nat**.
#
# | p | 1 | 0.881 | 0.5 | 0.1 | 0.01 |
# |---|---|---|---|---|---|
# | −log p | 0 | 0.127 | 0.693 | 2.303 | 4.605 |
#
# The mean surprise over the examples is the **cross-entropy**. **By hand:** example 1 has logits 2,
# 0 and the right class 0; example 2 has logits 0, 0 and the right class 1. The losses are 0.127 and
# 0.693, their mean 0.410.

# %% [markdown]
# **Predict:** a model has ten classes, and all its weights are 0, so all logits are 0. What is its
# loss?

# %% [markdown]
# Every class gets 0.1, so the loss is −log 0.1 = 2.303. A training on ten classes should begin
# there; if it begins far above, something is wrong.
#
# ### Large numbers
#
# Logits may become large, and $e^{1000}$ does not fit into a float. Softmax feels only differences
# between logits: adding a number to all multiplies every exponential by the same factor, and the
# division takes it out. So take the largest logit of the example away first: the largest is then 0,
# and no exponential is above 1.

# %% [markdown]
# One danger is left. Logits 1000 and −1000, right class 1: after taking 1000 away they are 0 and
# −2000. The probability of class 1 is $e^{-2000}$, which a float rounds to 0, and log 0 is minus
# infinity. But we want the logarithm, and can have it without the probability. With k for the right
# class and Σ for the sum over all classes j (the logarithm of a quotient is a difference):
#
# $$\log \frac{e^{z_k}}{\sum_j e^{z_j}} = z_k - \log \sum_j e^{z_j}$$
#
# **By hand:** −2000 − log(1 + 0) = −2000, so the loss is 2000, large and finite. Small numbers
# added under the logarithm are no cure: they hide how wrong the answer was.

# %% [markdown]
# Two tools from NumPy, for a table with a row for each example. `keepdims=True` keeps an axis at
# size 1 that a maximum or a sum would take away, so that the result broadcasts against the rows.
# And two arrays of indices pick one number from each row: row 0 at place 0, row 1 at place 2.
# `np.arange(n)` is the array 0, 1, …, n − 1.

# %%
table = np.array([[5, 1, 2], [3, 4, 9]])
print(table.max(axis=1), table.max(axis=1, keepdims=True).shape)
print(table - table.max(axis=1, keepdims=True))
print(table[np.arange(2), np.array([0, 2])])

# %% exercise="descent.cross_entropy"

# %% check="descent.cross_entropy" points=4

# %% [markdown]
# ### The gradient of the cross-entropy
#
# The loss of one example is log Σ eᶻ − z of the right class. How does it change with a logit? Take
# the logits 2 and 0, and raise the first by 0.01. The sum of the exponentials goes from 8.389 to
# 8.463, its logarithm from 2.1269 to 2.1357: a slope of 0.88, the probability of that class. And if
# it is the right class, the second term falls by 0.01: a slope of −1.
#
# So the slope along each logit is its probability, minus 1 for the right class: **probability minus
# right answer**. **By hand,** if class 0 is right: 0.881 − 1 = −0.119, and 0.119. Against it, the
# first logit goes up and the second down; the surer the model is of the right class, the less.

# %% [markdown]
# That is an error, as prediction minus target was, and the rest goes as in `linear_gradients`,
# without the 2, and divided by n, since the mean is over the examples. `np.eye(10)` is a matrix of
# 10 by 10 with ones from corner to corner and zeros elsewhere; its row k is the right answer for
# label k, a 1 at place k.


# %%
def softmax(logits):
    exps = np.exp(logits - logits.max(axis=1, keepdims=True))
    return exps / exps.sum(axis=1, keepdims=True)


def softmax_gradients(x, labels, W, b):
    """The gradients of the cross-entropy of the classifier x W + b."""
    error = (softmax(x @ W + b) - np.eye(10)[labels]) / len(labels)
    return x.T @ error, error.sum(axis=0)


# %% [markdown]
# As before, the formula is held against the measurement, here on five digits:

# %%
W, b = rng.normal(size=(64, 10)) / 8, rng.normal(size=10)
few, labels = train_x[:5], train_labels[:5]
by_formula, _ = softmax_gradients(few, labels, W, b)
measured = numerical_gradient(lambda W: cross_entropy(few @ W + b, labels), W)
print(by_formula.shape, "largest difference", f"{np.abs(by_formula - measured).max():.0e}")

# %% [markdown]
# ### Training
#
# All weights begin at 0. (1500 pictures in minibatches of 32 are 47 steps an epoch.) `fit` does not
# tell how it goes, but it calls the function you hand in; so hand in one that writes down the loss
# of each minibatch before it returns the gradients.
#
# **Predict:** thirty times through 1500 pictures, in minibatches of 32. How many of the 297 new
# pictures will it get right? Guessing gets 30.


# %%
def accuracy(weights, x, labels):
    W, b = weights
    return np.mean((x @ W + b).argmax(axis=1) == labels)


def train(step, epochs, size):
    """Train the classifier from nothing; return the weights and the loss of each minibatch."""
    losses = []

    def gradients(x, labels, W, b):
        losses.append(cross_entropy(x @ W + b, labels))
        return softmax_gradients(x, labels, W, b)

    nothing, seeded = [np.zeros((64, 10)), np.zeros(10)], np.random.default_rng(0)
    return fit(gradients, nothing, train_x, train_labels, step, epochs, size, seeded), losses


# %%
weights, losses = train(partial(sgd_step, learning_rate=0.1), epochs=30, size=32)
print(f"loss {losses[0]:.3f} at first, {np.mean(losses[-47:]):.3f} in the last epoch")
print(f"accuracy on the 1500: {accuracy(weights, train_x, train_labels):.3f}")
print(f"accuracy on the 297:  {accuracy(weights, test_x, test_labels):.3f}")

# %% [markdown]
# It began at 2.303, as it should, and now reads nearly all digits that it has never seen. Nobody
# told it what a 3 looks like. You gave it examples, a loss and the way down.
#
# On the pictures that it was trained on it is a little better than on new ones. When this gap is
# wide, a model has learned its examples by heart; this is called **overfitting**.
#
# ### What it has learned
#
# Each digit has 64 weights, one for each pixel, so they can be shown as a picture. **Predict:**
# where will the weights of the 0 be most negative?

# %% tags=["demo"]
W, b = weights
limit = np.abs(W).max()
figure, axes = plt.subplots(2, 5, figsize=(9, 4), layout="constrained")
for digit, ax in enumerate(axes.flat):
    colors = ax.imshow(W[:, digit].reshape(8, 8), cmap="PuOr", vmin=-limit, vmax=limit)
    ax.set_title(digit)
    ax.axis("off")
figure.colorbar(colors, ax=axes, shrink=0.8)
show(
    figure,
    "Ten pictures of 8 by 8 weights, one for each digit; purple is positive, orange negative. That "
    "of the 0 is orange in the middle, with purple around it",
)

# %% [markdown]
# In the middle, where a 0 has its hole: ink there speaks against a 0. Look at the others: purple is
# where ink speaks for the digit, orange where it speaks against it. The weights are not drawings of
# digits; they show what tells one digit from the nine others.
#
# ### What the size of the minibatches does
#
# Six epochs each, with 8, 64 and 500 examples in a minibatch, all with learning rate 0.1. Each
# training looks at the same number of pictures. **Predict:** which curve is the most ragged? Which
# training is best in the end?

# %% tags=["demo"]
figure, axes = plt.subplots(1, 3, figsize=(10, 3), sharey=True)
for ax, size in zip(axes, (8, 64, 500), strict=True):
    trained, losses = train(partial(sgd_step, learning_rate=0.1), epochs=6, size=size)
    right = accuracy(trained, test_x, test_labels)
    ax.plot(np.linspace(0, 6, len(losses)), losses, color=BLUE, linewidth=1)
    ax.set(title=f"minibatches of {size}\n{len(losses)} steps, {right:.0%} right", xlabel="epoch")
axes[0].set_ylabel("loss of the minibatch")
show(
    figure,
    "Three curves of the loss over six epochs. With 8 examples it falls fast and is very ragged; "
    "with 64 it falls a little later, with small teeth; with 500 it is smooth and still high",
)

# %% [markdown]
# Look at the teeth of the curves, and at where they end. Small minibatches are the noisiest, as in
# part 5, and the furthest: they took many more steps. The smooth curve has little noise; after its
# 18 steps nine digits of ten are right, but its loss is still high, and it is far from where the
# others are.
#
# Larger minibatches have less noise, so they can be given a larger learning rate or momentum. And a
# computer takes the product for 64 examples in hardly more time than for 8. So the best size is a
# compromise, most often between 16 and 256.
#
# Try it: change optimizer, learning rate and epochs below. **Predict:** how few epochs do you need
# for 97 percent?

# %% tags=["demo"]
trained, _ = train(partial(sgd_step, learning_rate=0.1), epochs=2, size=32)
print(f"{accuracy(trained, test_x, test_labels):.3f}")

# %% [markdown]
# Two are enough, for example with `momentum_step` at 0.1 or `rmsprop_step` at 0.03.

# %% [markdown]
# ### What it gets wrong
#
# The held-out digits that the first classifier misses. **Predict,** before you read the titles:
# which digit is each?

# %% tags=["demo"]
chances = softmax(test_x @ weights[0] + weights[1])
answers = chances.argmax(axis=1)
wrong = np.flatnonzero(answers != test_labels)
sure = chances.max(axis=1)
for name, these in ("right", answers == test_labels), ("wrong", wrong):
    print(f"{name} answers: mean probability {sure[these].mean():.2f}")
figure, axes = plt.subplots(1, len(wrong), figsize=(1.4 * len(wrong), 2))
for ax, i in zip(axes, wrong, strict=True):
    ax.imshow(test_pictures[i], cmap="Greys")
    ax.set_title(f"a {test_labels[i]}, read\nas {answers[i]} ({sure[i]:.2f})", fontsize=9)
    ax.axis("off")
show(
    figure,
    "The digits that were read wrong, in a row, with the right digit, the answer and its "
    "probability above each; several are hard for a person, too",
)

# %% [markdown]
# Look at the probabilities beside the answers: the model is sure of none of its mistakes. Some of
# these digits are hard for you as well.
#
# One layer draws straight borders between the digits (chapter 1: no folds without relu). With a
# second layer it could do more. But then the gradient by hand becomes long, and with ten layers
# nobody wants it. Chapter 3 finds a way by which a computer does that, too.

# %% [markdown]
# ## What you can do now
#
# - A **loss** says in one number how wrong a model is: mean squared error for numbers,
#   **cross-entropy** for classes, computed without a large exponential and without the log of 0.
# - The **gradient** is the slope along every weight. Measure it by a central difference, compute it
#   by formula, and hold the two against each other.
# - **Gradient descent**: weights minus learning rate times gradient. Too small creeps, too large
#   diverges; normalized data make the bowl round.
# - **Minibatches** give noisy gradients that are right on average; the noise goes with one over the
#   root of the size.
# - **Momentum** adds up what stays and cancels what alternates; **RMSProp** gives each weight a
#   ruler of its own.
# - A **classifier**, trained from nothing and measured on held-out digits.

# %% [markdown]
# ## A question to answer in writing
#
# A friend says: *"The gradient points to the lowest place. So take the largest steps you can, and
# compute the gradient on all the data, since a wrong gradient leads the wrong way."* Write six to
# ten sentences to this friend. Where is each of the three claims wrong, or half right? Use an
# example or numbers for at least two of them, and say what momentum or RMSProp has to do with it.

# %% [markdown] written="descent.largest_steps" points=4
# Against the gradient is the steepest way down at this place, and no more. In a long valley it
# leads across: in the ravine ½ (w₀² + 100 w₁²) it is 100 times as steep along w₁, so a step goes
# mostly to the other side, though the lowest place may lie far along w₀. Only in a round bowl does
# it lead straight to the lowest place.
#
# A step that is too large leaps over the bottom and lands higher than before, and the next is
# larger still. In the ravine this happens along w₁ above a learning rate of 0.02. So the steepest
# direction sets the limit, not our wish.
#
# A gradient of a minibatch is noisy but right on average. With four times the examples the noise is
# only halved, while the work is four times as much, so many cheap steps get further than a few
# exact ones. It is true that with a minibatch single steps may go up.
#
# Momentum helps against the first problem and the noise: what alternates cancels, what stays the
# same adds up. RMSProp divides each weight's slope by its usual size, so that steep and flat
# directions get steps of similar length.

# %% [markdown]
# <details>
# <summary>How it is graded (4 points); open it when you have written your answer</summary>
#
# - 1 point: the steepest way down here is not the way to the lowest place, with a valley, a saddle
#   or a local minimum as example.
# - 1 point: too large steps leap over the bottom and may diverge; a reason, a picture or numbers.
# - 1 point: a minibatch's gradient is right on average, and its noise falls only with the root of
#   the size, so that cheap steps pay.
# - 1 point: momentum or RMSProp is tied to one of the problems, with what it does about it.
#
# </details>

# %% [markdown]
# ## Further reading
#
# - Gabriel Goh 2017, [Why Momentum Really Works](https://doi.org/10.23915/distill.00006), Distill:
#   the ball in the ravine, with pictures that move.
# - Sebastian Ruder 2016, [An overview of gradient descent optimization
#   algorithms](https://arxiv.org/abs/1609.04747): the relatives of these three, Adam among them.
# - Polyak 1964, [Some methods of speeding up the convergence of iteration
#   methods](https://doi.org/10.1016/0041-5553%2864%2990137-5): where momentum comes from.
# - Tieleman and Hinton 2012, "Lecture 6.5: RMSProp", *Neural Networks for Machine Learning*,
#   Coursera: RMSProp was never published elsewhere.
# - Dauphin and others 2014, [Identifying and attacking the saddle point problem in high-dimensional
#   non-convex optimization](https://arxiv.org/abs/1406.2572): why saddles are so many.
# - Alpaydin and Kaynak 1998, [Optical Recognition of Handwritten
#   Digits](https://doi.org/10.24432/C50P49), UCI Machine Learning Repository (CC BY 4.0): the
#   digits.
