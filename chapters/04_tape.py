# %% [markdown]
# # 4 · GradientTape
#
# You start with the slope of a square and the speed of a thrown ball, both read from a recording,
# and end with a **training loop** by hand in TensorFlow, held against your own engine of chapter 3.
#
# **Time** about 170 minutes, with a break after part 3 · **Needs** TensorFlow; it leans on chapter
# 3 (your engine), chapter 2 (the slope, gradient descent, the cross-entropy) and chapter 1 (shapes)

# %% [markdown]
# ## What you will be able to do
#
# - say what TensorFlow's tape records, and when it looks away;
# - get velocity and acceleration from a path, by a tape inside a tape;
# - find out why a gradient is None, or wrong without being None;
# - ask for the gradients of many variables by name, and move the variables;
# - say by its second derivatives whether a place is a bowl or a saddle, and leap to its middle;
# - write a training step, check it against your engine, and make it faster with `tf.function`.

# %% [markdown]
# ## How to work through it
#
# As before: write what raises `NotImplementedError`, check it as often as you like, and write your
# guess down where you read **Predict**. A cell that needs a function you have not written stops;
# write the function and come back.
#
# The next cell loads TensorFlow, which takes ten seconds or so. It is a library like NumPy, with
# tensors in place of arrays; it can run on graphics cards, and it has an engine for gradients built
# in.

# %%
import numpy as np
import tensorflow as tf

from autograder import check
from lab import views

# %% [markdown]
# ## Part 1 · From your engine to TensorFlow's
#
# Most of NumPy has a twin in TensorFlow, with the same rules for shapes and broadcasting. What is
# different is on the first line of the output: numbers are **float32** unless you ask for something
# else. They have about seven digits, half the memory of NumPy's float64, and are enough for
# training. `tf.constant` makes a tensor of numbers, and `.numpy()` makes an array of a tensor.

# %%
x = tf.constant([[1.0, 2.0], [3.0, 4.0]])
print(x.dtype, x.shape)
print((x @ x).numpy(), tf.reduce_sum(x, axis=0).numpy())

# %% [markdown]
# `tf.reduce_sum` is `np.sum`; `tf.sin` and `tf.exp` are called as you would expect.
#
# Two tensors of different types cannot be added: neither float32 and float64, nor a float and an
# integer. You change a type yourself, by `tf.cast(x, tf.float32)`, which also takes arrays and
# plain numbers. **Predict:** what does each of these three give, 1.5 or an error?

# %%
half = tf.constant(0.5)
for one in 1, tf.constant(1), tf.cast(tf.constant(1), tf.float32):
    try:
        print((half + one).numpy())
    except tf.errors.InvalidArgumentError as error:
        print(error.message)

# %% [markdown]
# The plain number 1 has no type of TensorFlow's yet and takes that of its neighbor.
# `tf.constant(1)` is an integer tensor, int32, and the addition refuses it; *float* and *double* in
# such messages mean float32 and float64. After the cast all is well.

# %% [markdown]
# ### What a tape records
#
# In chapter 3 each Node kept its parents and its rule, always. TensorFlow's tensors keep nothing.
# Instead you switch on a recorder, the **tape**: `with tf.GradientTape() as tape:`. As long as the
# indented block runs, every operation is written on the tape: what went in, what came out, and the
# rule for the way back.
#
# | your engine | TensorFlow |
# |---|---|
# | `a = Node(2.0)` | `a = tf.Variable(2.0)` |
# | each Node keeps parents and rule | the tape keeps them, inside its block |
# | `backward(y)`, then `a.gradient` | `tape.gradient(y, a)` |
#
# A `tf.Variable` is a tensor that can be changed, made for parameters: `a.assign(5.0)` puts another
# number into it.

# %% [markdown]
# **By hand:** y = a · a at a = 3. As in chapter 3, a is used twice, so two contributions of 3 add
# up to 6; the slope of a² is 2a. **Predict** the two lines after the 6: with y = a · b + a, a = 5
# and b = −2, what are the slopes for a and for b?

# %%
a, b = tf.Variable(3.0), tf.Variable(-2.0)
with tf.GradientTape() as tape:
    y = a * a
print(tape.gradient(y, a).numpy())

a.assign(5.0)
with tf.GradientTape() as tape:
    y = a * b + a
for gradient in tape.gradient(y, [a, b]):
    print(gradient.numpy())

# %% [markdown]
# 6, and then b + 1 = −1 for a, and 5 for b: the same numbers as in the Graph view of chapter 3. Ask
# for a list of variables, and you get a list of gradients.
#
# ### Watching
#
# A tape that wrote down everything would waste memory on data that nobody wants slopes for. So it
# follows only what starts from something it **watches**: each `tf.Variable`, by itself (if it was
# not made with `trainable=False`), and every other tensor that you name by `tape.watch(x)`. What
# `tf.constant` or `tf.cast` gives is such an other tensor. Watch it *before* it is used.

# %% [markdown]
# A tensor may hold many numbers. **Predict:** f squares each number of [1, 2, 3]. What is the shape
# of `tape.gradient(y, x)`, and what is in it?

# %%
x = tf.constant([1.0, 2.0, 3.0])
with tf.GradientTape() as tape:
    tape.watch(x)
    y = x**2
print(tape.gradient(y, x).numpy())

# %% [markdown]
# A gradient belongs to one number, the loss. When y has several, the tape takes their **sum**. Here
# that is 1² + 2² + 3², and when you move one x, only its own square moves; so you get the slope 2x
# at each number, in the shape of x. For a function that works number by number, the gradient of the
# sum is the derivative, number by number. No mean is taken, and no loop is needed.

# %% [markdown]
# ### When there is no way
#
# Suppose f is always 4, whatever x is. Its slope is 0. But the tape finds no way from y back to x,
# and its word for that is `None`. A function that promises a tensor should not return None; ask
# like this, and you get zeros of the shape of x:
#
# `tape.gradient(y, x, unconnected_gradients="zero")`
#
# Use it only where no dependence is a right answer. Part 3 shows what it hides.

# %%
x = tf.constant([1.0, 2.0, 3.0])
with tf.GradientTape() as tape:
    tape.watch(x)
    y = tf.fill(tf.shape(x), 4.0)  # the shape of x, full of 4
print(tape.gradient(y, x))

# %% [markdown]
# Now put it together: a function that takes f and x and returns the slopes of f at all numbers of
# x. x may be a plain number, an array of float64, or a tensor of integers. Make it float32 *once*,
# before the tape is asked to watch, and use that same tensor to the end: the tape knows the tensor,
# not the name.

# %% exercise="tape.derivative"

# %% check="tape.derivative" points=3

# %% [markdown]
# Why not measure, as in chapter 2? The function x³ has the slope 12 at 2. **Predict:** does the
# measured slope get better and better as eps shrinks? Remember that float32 has seven digits.

# %%
x = tf.constant(2.0)
for eps in 0.1, 0.01, 0.001, 0.0001, 0.00001, 0.000001:
    measured = ((x + eps) ** 3 - (x - eps) ** 3) / (2 * eps)
    print(f"eps {eps:<8g} measured {measured.numpy():.5f}")
print(f"by the tape           {derivative(lambda x: x**3, 2).numpy():.5f}")

# %% [markdown]
# Better at first, then worse: with a small eps the two values agree in nearly all of their digits,
# and their difference is rounding. A tape does not measure. It applies the rule of each operation,
# so nearly all digits of a float32 are right.
#
# Slopes of a whole curve in one call: a swing that comes to rest, at 101 times from 0 to 4.

# %%
times = np.linspace(0, 4, 101)


def swing(t):
    return tf.exp(-t / 2) * tf.sin(3 * t)


# %% tags=["demo"]
import matplotlib.pyplot as plt

from lab.figures import show

BLUE, ORANGE = "#0b5394", "#b45309"
figure, ax = plt.subplots(figsize=(7, 3))
ax.axhline(0, color="#9a9aa2", linewidth=0.8)
ax.plot(times, swing(times), color=BLUE, label="f")
ax.plot(times, derivative(swing, times), color=ORANGE, linestyle="--", label="its derivative")
ax.set_xlabel("t")
ax.legend()
show(
    figure,
    "A solid wave that swings around zero and fades away, and a dashed one, its derivative, which "
    "crosses zero where the solid one is highest or lowest",
)

# %% [markdown]
# Look at the tops and bottoms of the solid curve: there the dashed one crosses zero. Where the
# solid curve falls, the dashed one is below zero.

# %% [markdown]
# ## Part 2 · Motion
#
# A stone falls into a deep well. After t seconds it has fallen about 5 t² meters:
#
# | t | 0 | 1 | 2 | 3 | 4 |
# |---|---|---|---|---|---|
# | fallen, m | 0 | 5 | 20 | 45 | 80 |
# | in the second before | | 5 | 15 | 25 | 35 |
# | change of that | | | 10 | 10 | 10 |
#
# The third row is a mean **velocity**, in meters per second (m/s); the fourth is how much the
# velocity changes in a second, the **acceleration**, in meters per second, per second (m/s²). It is
# the same in each: gravity.
#
# At a *moment*, velocity is the slope of the position over time, and acceleration is the slope of
# the velocity. 5 t² has the slope 10 t, and 10 t has the slope 10.

# %% [markdown]
# The view below throws a ball straight up. Position is a black curve, velocity a blue one,
# acceleration an orange one, each with a solid line for x and a broken one for the height y; the
# arrows on the ball are the same numbers. Answer its question first. Then move the time, and watch
# at which moments an arrow points against the motion.

# %% tags=["demo"]
views.Motion("ball")

# %% [markdown]
# At the top the velocity is zero, and the acceleration is what it always was, about −10: gravity
# does not pause. On the way up the acceleration points against the velocity, and the ball slows
# down; on the way down both point the same way.
#
# **By hand,** for the height 20 t − 5 t²: the velocity is 20 − 10 t, the acceleration −10. At t =
# 0, 1, 2, 3 the velocity is 20, 10, 0, −10. A minus sign says *downward*: velocity has a direction,
# speed has none.

# %% [markdown]
# ### A tape inside a tape
#
# The inner tape gives the velocity. Its computation, the walk back through the rules, consists of
# operations too. So a second tape can record that walk, and give the slope of its result. All
# depends on what stands inside of which block. In this cell something is in the wrong place.
# **Predict:** which of the two lines prints None?

# %%
t = tf.constant([0.0, 1.0, 2.0])
with tf.GradientTape() as outer:
    outer.watch(t)
    with tf.GradientTape() as inner:
        inner.watch(t)
        height = 20 * t - 5 * t**2
velocity = inner.gradient(height, t)
print(velocity.numpy())
print(outer.gradient(velocity, t))

# %% [markdown]
# The velocity is right; the acceleration is None. When `inner.gradient` ran, the outer block had
# ended. Its tape holds how the height came from t, but not how the velocity did. The question to
# ask of every line is: **is the tape that must know of it still recording?**
#
# Note two more things. Each tape watches for itself, so each needs its own `watch(t)`. And there
# are two questions, while an ordinary tape answers only one (part 3 says more): hence two tapes.

# %% [markdown]
# **Predict** by thinking of the rules: a body is at 1.5 − 2 t. Its velocity is −2 at every time,
# which is called **uniform motion**. Does the outer tape say 0 or None? And for a body that stands,
# at 2.5, what does the inner tape say? (`persistent=True` lets a tape answer twice.)

# %%
with tf.GradientTape() as outer:
    outer.watch(t)
    with tf.GradientTape(persistent=True) as inner:
        inner.watch(t)
        moving, standing = 1.5 - 2 * t, tf.fill(tf.shape(t), 2.5)
    velocity = inner.gradient(moving, t)
print(velocity.numpy(), outer.gradient(velocity, t), inner.gradient(standing, t))

# %% [markdown]
# None, both times. The rule for −2 t gives −2, a number in which t does not occur: no way leads
# back from it. For the body that stands, the position itself does not depend on t.
#
# Here zeros are the truth: uniform motion has the acceleration 0. So ask *both* tapes for zeros.
# The inner one first of all, since from a velocity of None the outer tape cannot go on.

# %% exercise="tape.velocity_and_acceleration"

# %% check="tape.velocity_and_acceleration" points=4

# %%
velocity, acceleration = velocity_and_acceleration(lambda t: 20 * t - 5 * t**2, t)
print("velocity    ", velocity.numpy())
print("acceleration", acceleration.numpy())

# %% [markdown]
# In a plane there are two positions, along x and along y, and each has its own velocity and
# acceleration. Together they are arrows. Your function is asked once for x and once for y, at 51
# times; the line above the pictures says whether it agrees.
#
# A body runs around a circle, always at the same speed. **Predict** in the view what is zero.

# %% tags=["demo"]
views.Motion("circle", learner=velocity_and_acceleration)

# %% [markdown]
# Neither. The speed stays, but the direction of the velocity changes all the time, and that is an
# acceleration; it points to the middle of the circle.
#
# Now draw a path of your own: drag the six points. Try to make a place where the acceleration
# points straight against the velocity, and one where the body turns sharply. Where is the orange
# arrow longest?

# %% tags=["demo"]
views.Motion("drawn", learner=velocity_and_acceleration, prediction="skipped")

# %% [markdown]
# It is long where the velocity changes fast: in sharp turns, where the body brakes hard, and at
# both ends, where it starts from rest and comes to rest. Your tapes know nothing of circles or
# drawings: they got a function that computes positions, and recorded it.

# %% [markdown]
# ## Part 3 · None, and why
#
# You have met None where it meant "no dependence". Much more often it means "I did not see it":
# something broke the recording. Four recordings follow. Each should give a slope that you can work
# out by hand, and each is broken in its own way. **Predict** for each what it prints, and why.
#
# **One.** w³ is w · w · w: three uses of w, each with the slope w², so the slope is 3 w², at 2 it
# is 12.

# %%
w = tf.Variable(2)
with tf.GradientTape() as tape:
    y = w**3
print(tape.gradient(y, w))

# %% [markdown]
# `tf.Variable(2)` holds an integer. A slope asks what happens when w moves *a little*, and an
# integer cannot. So TensorFlow has no rules for integers. Cast them to float32, let the tape watch
# the floats, compute with the floats, and ask for the gradient *for the floats*. Asking for the
# integers gives None even then.
#
# **Two.** The slope of x² at 3 is 6.

# %%
x = tf.constant(3.0)
with tf.GradientTape() as tape:
    y = x**2
print(tape.gradient(y, x))

# %% [markdown]
# A constant, and nobody said `tape.watch(x)`. This is the most frequent of the four.
#
# **Three.** The slope of sin(x) is cos(x). So that of x · sin(x) is sin(x) + x · cos(x), by both
# ways in which x gets into it: at 2 it is 0.909 − 0.832 = 0.077.

# %%
x = tf.constant(2.0)
with tf.GradientTape() as tape:
    tape.watch(x)
    y = x * np.sin(x)
print(f"value {y.numpy():.3f}, gradient {tape.gradient(y, x).numpy():.3f}")

# %% [markdown]
# No None, and wrong. `np.sin` made an array out of x, computed a sine, and nothing of that is on
# the tape. To the tape `np.sin(x)` is a number from nowhere, a constant, so it sees only one of two
# ways and answers 0.909. Had all of y gone through NumPy, the answer would be None or an error.
#
# This kind is the worst: the value is right, a gradient arrives, and only a comparison with paper
# or with a measurement shows that half is missing. The same happens with `.numpy()` and `float(x)`
# inside the block.

# %% [markdown]
# **Four.** y = x² and z = y², so z = x⁴. At 2 the slopes are 4 for y and 32 for z.

# %%
x = tf.constant(2.0)
with tf.GradientTape() as tape:
    tape.watch(x)
    y = x**2
    z = y**2
print(tape.gradient(z, x).numpy())
try:
    print(tape.gradient(y, x).numpy())
except RuntimeError as error:
    print(error)

# %% [markdown]
# After its first answer a tape throws its recording away: all intermediate values are on it, and
# they take memory. `tf.GradientTape(persistent=True)` keeps the recording for as many questions as
# you like. It is let go with the tape itself.
#
# Two short cuts do something else. `tape.gradient([y, z], x)` *adds* the two gradients up, 36. And
# `tape.gradient(z, y)` is the slope of z for y, 2 y = 8, not for x.

# %% [markdown]
# | you see | cause | cure |
# |---|---|---|
# | None | integers | cast before watching |
# | None | not watched, or used before | `tape.watch(x)` first |
# | None | asked for another tensor than the one used | one name, one tensor |
# | None or wrong | NumPy, `.numpy()`, `float` in the block | TensorFlow's own operation |
# | RuntimeError | a second question | `persistent=True` |
#
# And `unconnected_gradients="zero"`? **Predict** what it prints in recording two.

# %%
x = tf.constant(3.0)
with tf.GradientTape() as tape:
    y = x**2
print(tape.gradient(y, x, unconnected_gradients="zero").numpy())

# %% [markdown]
# 0, where the slope is 6. It turns each of these faults into zeros that look like an answer. Leave
# it out until a gradient has arrived.

# %% [markdown]
# Now mend all four in one function, for integers and floats of any shape. It makes its own
# recordings, with as many tapes as you like, and returns the gradients in a dict. All is done
# number by number, so each gradient has the shape of its input.

# %% exercise="tape.mend_the_tape"

# %% check="tape.mend_the_tape" points=4

# %% [markdown]
# This is a good place for a break.

# %% [markdown]
# ## Part 4 · Many variables
#
# A network has many parameters, and it helps to have names for them. A dict from names to variables
# will do, and `tape.gradient` answers in the form of the question: for a list a list, for a dict a
# dict with the same names. One recording and one walk back are enough for all of them; you know
# from chapter 3 why.
#
# **By hand:** the loss is (3 · weight + bias − 5)², with weight 2 and bias 0.5. The error is 1.5,
# so the slopes are 2 · 1.5 · 3 = 9 for the weight and 2 · 1.5 = 3 for the bias.

# %% [markdown]
# The loss comes as a function without arguments, `loss()`, which computes it from the variables.
# Where must it be called, and how often? If it takes a minute, you would not want to call it once
# for each variable.
#
# A variable that the loss does not use has the gradient 0, in all of its numbers. Whoever moves
# every variable by name wants to find zeros of the right shape there, neither None nor a gap.

# %% exercise="tape.gradient_dict"

# %% check="tape.gradient_dict" points=3

# %% [markdown]
# ### Moving a variable
#
# The bean of chapter 2 grew to 3, 4, 8, 8 and 12 cm in five weeks, and the best line had the weight
# 2.2 and the bias 0.4. Now with the tape. A variable is changed *in its place*: `w.assign(value)`
# sets it, `w.assign_sub(change)` takes something away. TensorFlow refuses `w -= change` with an
# error, and `w = w - change` does something else, as you will see.

# %%
weeks, heights = tf.constant([1.0, 2.0, 3.0, 4.0, 5.0]), tf.constant([3.0, 4.0, 8.0, 8.0, 12.0])
line = {"w": tf.Variable(0.5), "b": tf.Variable(2.0)}


def line_loss():
    return tf.reduce_mean((line["w"] * weeks + line["b"] - heights) ** 2)


for _ in range(300):
    for name, gradient in gradient_dict(line_loss, line).items():
        line[name].assign_sub(0.05 * gradient)
print(f"w = {line['w'].numpy():.3f}, b = {line['b'].numpy():.3f}")

# %% [markdown]
# Nearly 2.2 and 0.4, after 300 steps. In the next cell a learner wrote `w = w - 0.05 * gradient`
# instead. **Predict:** does the second round go as the first did?

# %%
w = tf.Variable(0.5)
for _ in range(2):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean((w * weeks - heights) ** 2)
    gradient = tape.gradient(loss, w)
    print(type(w).__name__, gradient)
    if gradient is not None:
        w = w - 0.05 * gradient

# %% [markdown]
# It does not. In the first round w is a variable (TensorFlow's inner name: ResourceVariable). After
# it the name w belongs to a plain tensor, the result of a subtraction, which TensorFlow calls an
# EagerTensor. No tape watches it, so the second gradient is None.

# %% [markdown]
# ## Part 5 · Curvature
#
# The acceleration was a slope of a slope. A loss over weights has such second slopes too. For one
# number: x² has the slope 2x, and that has the slope 2. This **curvature** is positive in a valley,
# where the slope grows as you go on; it is negative on a hilltop, and large where the curve bends
# sharply.
#
# With n numbers there are n slopes, and each of them has a slope for each number: n · n second
# derivatives. This table is called the **Hessian**.

# %% [markdown]
# **By hand:** f = x₀² x₁ + x₁², at the point (1, 2).
#
# | | slope | its slope for x₀ | its slope for x₁ |
# |---|---|---|---|
# | for x₀ | 2 x₀ x₁ | 2 x₁ = 4 | 2 x₀ = 2 |
# | for x₁ | x₀² + 2 x₁ | 2 x₀ = 2 | 2 |
#
# The Hessian is [[4, 2], [2, 2]]. Off the diagonal the same number stands twice: it does not matter
# whether you ask first for x₀ or first for x₁. It says how much the slope in one direction changes
# when you move in another.

# %% [markdown]
# Two tapes again, then. But **predict** what comes out when the outer tape is asked for the
# *gradient* of the gradient, [4, 5] at this point. It has two numbers.

# %%
x = tf.constant([1.0, 2.0])
with tf.GradientTape() as outer:
    outer.watch(x)
    with tf.GradientTape() as inner:
        inner.watch(x)
        y = x[0] ** 2 * x[1] + x[1] ** 2
    gradient = inner.gradient(y, x)
print(gradient.numpy(), "→", outer.gradient(gradient, x).numpy())

# %% [markdown]
# [6, 4]: a gradient is of one number, so the tape added the two slopes up first. You see the sums
# of the columns, 4 + 2 and 2 + 2, and the single numbers are lost.
#
# `tape.jacobian(y, x)` keeps them apart. The **Jacobian** has a row for each number of y and a
# column for each number of x. **Predict** its shape and its numbers for y = x² (number by number),
# at x = [1, 2].

# %%
x = tf.constant([1.0, 2.0])
with tf.GradientTape(persistent=True) as tape:
    tape.watch(x)
    y = x**2
print(tape.jacobian(y, x, experimental_use_pfor=False).numpy())

# %% [markdown]
# Each square depends on its own number only, so there are zeros off the diagonal.
#
# The last argument says how: one row after the other, a gradient for each, for which the tape must
# be persistent. Without it TensorFlow first writes one plan for all rows, anew at each call, and
# warns after five calls that this is slow (part 6 tells of such plans). The numbers are the same.
# For large Jacobians the plan pays; for the small ones of this chapter it does not.

# %% [markdown]
# The Hessian is the Jacobian of the gradient.
#
# None comes up in two places again. A linear function has a gradient that does not depend on x; a
# constant function has no gradient at all, and from None the outer tape cannot go on. `jacobian`
# takes `unconnected_gradients="zero"` as `gradient` does.

# %% exercise="tape.hessian"

# %% check="tape.hessian" points=4

# %% [markdown]
# ### Bowl or saddle
#
# Three functions with the slope zero at (0, 0). Which are bowls? **Predict** from the Hessians:
#
# - the ravine of chapter 2, ½ (x₀² + 100 x₁²): [[1, 0], [0, 100]]
# - x₀² − x₁²: [[2, 0], [0, −2]]
# - x₀ x₁: [[0, 1], [1, 0]]

# %% [markdown]
# The ravine bends upward in both directions, a hundred times more in one than in the other: it is a
# long bowl. The second bends upward along x₀ and downward along x₁: a saddle.
#
# The third has zeros on its diagonal: along both axes it is flat. But go along the diagonal, x₀ =
# x₁, and it is x₀², a valley; along the other diagonal it is −x₀², a hill. A saddle, then, turned
# by 45 degrees. For each Hessian there are directions at right angles, in which it bends without
# the others interfering; the curvatures in these directions are its **eigenvalues**, which
# `tf.linalg.eigvalsh` finds. All positive: a bowl. Both signs: a saddle.


# %%
def ravine(x):
    return (x[0] ** 2 + 100 * x[1] ** 2) / 2


def saddle(x):
    return x[0] ** 2 - x[1] ** 2


for f in ravine, saddle, lambda x: x[0] * x[1]:
    table = hessian(f, tf.zeros(2))
    print(table.numpy().tolist(), "curvatures", tf.linalg.eigvalsh(table).numpy().round(3))

# %% [markdown]
# ### A leap to the middle
#
# Gradient descent knows the slope, not how long it will last; the learning rate is a guess. With
# the curvature there is no need to guess. In one dimension, with the slope g and the curvature h: a
# step s changes the slope by about h · s. It is zero when g + h s = 0, so **s = −g / h**.
#
# **By hand:**
#
# - (x − 3)² at 0: g = −6, h = 2, s = 3. One step, and it is there.
# - x⁴ at 3: g = 4 x³ = 108 (four uses, each x³), h = 12 x² = 108, s = −1, so x = 2. On from there:
#   g = 32, h = 48, s = −2/3. It comes nearer, and needs several steps, since the curvature changes
#   on the way.

# %% [markdown]
# This is **Newton's method**. It takes f for a parabola that has the same slope and curvature here,
# and leaps to its lowest point. For a parabola that is exact.
#
# In n dimensions g has n numbers, and a step s changes the slope by H s, a matrix times a vector.
# So the step solves **H s = −g**, n equations with n unknowns. **By hand:** (x₀ − 3)² + 2 (x₁ + 1)²
# at (0, 0) has g = [−6, 4] and H = [[2, 0], [0, 4]]. The equations are 2 s₀ = 6 and 4 s₁ = −4, so s
# = [3, −1].

# %% [markdown]
# Where numbers off the diagonal are not zero, the equations hang together, and dividing each slope
# by its own curvature is wrong. `tf.linalg.solve(A, B)` solves A X = B. It wants a matrix on both
# sides, so the slopes must stand in a column, [n, 1]: `v[:, tf.newaxis]` makes one of [n], and `[:,
# 0]` takes the column out again.
#
# Your `derivative` gives the gradient here, too: f returns one number, and the tape asks for its
# slope for each number of x.

# %%
A = tf.constant([[2.0, 0.0], [0.0, 4.0]])
print(tf.linalg.solve(A, tf.constant([6.0, -4.0])[:, tf.newaxis])[:, 0].numpy())

# %% exercise="tape.newton_step"

# %% check="tape.newton_step" points=4

# %% [markdown]
# Two landscapes: the ravine, and a valley with a bend, (1 − x₀)² + 10 (x₁ − x₀²)². Gradient descent
# gets 40 steps in the first and 300 in the second, with a learning rate that is not far from the
# largest possible. **Predict:** how many steps does Newton's method need in each?


# %%
def bend(x):
    return (1 - x[0]) ** 2 + 10 * (x[1] - x[0] ** 2) ** 2


def walk(step, x, count):
    path = [tf.constant(x)]
    for _ in range(count):
        path.append(step(path[-1]))
    return np.array(path)


def descent(f, learning_rate):
    return lambda x: x - learning_rate * derivative(f, x)


# %% tags=["demo"]
starts = {ravine: [-2.5, 0.5], bend: [-1.5, 1.5]}
newton = {f: walk(lambda x, f=f: newton_step(f, x), starts[f], 7) for f in starts}
slow = {
    ravine: walk(descent(ravine, 0.019), starts[ravine], 40),
    bend: walk(descent(bend, 0.01), starts[bend], 300),
}
for f in starts:
    losses = [float(f(x)) for x in newton[f]]
    print(f.__name__, "Newton", " ".join(f"{loss:.2g}" for loss in losses))
    print(f.__name__, f"gradient descent, at the end: {float(f(slow[f][-1])):.2g}")

# %% tags=["demo"]
figure, axes = plt.subplots(1, 2, figsize=(10, 3.8))
for ax, f, (low, high) in zip(axes, starts, ((-1, 1), (-2.8, 3)), strict=True):
    grid = np.meshgrid(np.linspace(-2.8, 2, 120), np.linspace(low, high, 120))
    ax.contour(*grid, np.log(f(grid) + 0.03), 14, cmap="cividis", linewidths=0.7)
    ax.plot(*slow[f].T, ".-", color=ORANGE, linewidth=1, markersize=4, label="gradient descent")
    ax.plot(*newton[f].T, "s--", color=BLUE, markersize=5, label="Newton")
    ax.set(title=f.__name__, xlabel="x₀", ylabel="x₁")
axes[0].legend()
show(
    figure,
    "Two maps with contour lines. In the ravine, orange dots zigzag and creep along the bottom, "
    "while a blue line leads from the start to the lowest point. In the bend, the dots follow the "
    "curved valley; the blue line leaps far out of it, comes back, and arrives",
)

# %% [markdown]
# Look at the blue squares. In the ravine one step arrives: the loss is a parabola there, and what
# is steep and what is flat no longer matters. In the bend the second step leaps far out and *up*,
# from a loss of 5.5 to 62 (and once more, from 0.57 to 3.2): the parabola that fitted here did not
# fit there. But near the end each step about doubles the number of right digits, and after seven it
# is there. Gradient descent is still on its way after 300.

# %% [markdown]
# Why does not everyone train like this? First the price. **Predict:** the network of chapter 3 has
# 2410 parameters; how many numbers has its Hessian? For a billion parameters nobody could even
# store it.
#
# Second, Newton's method looks for a place where the slope is zero, of whatever kind. **Predict**
# where one step leads from (1, 0.1) on the saddle x₀² − x₁².

# %%
print(2410**2, "numbers")
print(newton_step(saddle, tf.constant([1.0, 0.1])).numpy())

# %% [markdown]
# Into the middle of the saddle, where gradient descent would have left by the side. In networks
# with millions of parameters most such places are thought to be saddles. The ruler of RMSProp, a
# scale for each weight, is a cheap stand-in for what the curvature tells.
#
# This is another good place for a break.

# %% [markdown]
# ## Part 6 · A training loop by hand
#
# Now the network of chapter 3, in TensorFlow: logits = relu(x W1 + b1) W2 + b2, the mean
# cross-entropy as loss, a step of gradient descent. It needs three functions:
#
# - `tf.nn.relu(x)`;
# - `tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)`, a loss for each
#   example. It takes the logits themselves and does softmax and logarithm in one, stably, as you
#   did in chapter 2. *Sparse* says that labels are integers, not rows with a 1 in them;
# - `tf.reduce_mean`, which makes one number of these losses. Without it the tape would add them up,
#   and the step would grow with the batch.

# %% [markdown]
# **By hand:** one pixel, one hidden unit, two classes. W1 = [[1]], b1 = [0], W2 = [[0, 0]], b2 =
# [0, 0]; the picture is [2], its label 0, the learning rate 1. The logits are 0 and 0, so both
# classes have the probability ½ and the loss is log 2 = 0.693.
#
# Back: probabilities minus the right answer is [−½, ½]. That is the gradient of b2; for W2 it is
# multiplied by the hidden 2: [[−1, 1]]. **Predict:** the new b2 and W2; and do W1 and b1 move?

# %% [markdown]
# b2 becomes [½, −½] and W2 [[1, −1]]. W1 and b1 stay: what comes back to the hidden unit is
# multiplied by W2, and that is still zero. In the next step they move.
#
# The variables move *in their place*, by `assign_sub`; nothing but the loss is returned, and that
# is the loss as it was before the step, which the tape has recorded. Return it as a tensor, not as
# a `float`: you will see why.

# %% exercise="tape.train_step"

# %% check="tape.train_step" points=5

# %% [markdown]
# ### Your engine and the tape
#
# The next cell looks for the notebook of chapter 3 and takes your `train_digits` if it passes its
# check, and else the course's. It says which. Then both start with the same parameters, in float64,
# and see the same 47 batches (of pixels divided by 16, between 0 and 1; that is enough here).
# **Predict:** in how many digits will the losses agree?

# %% tags=["demo"]
from lab.data import digits
from lab.own_work import own_operations

backprop = own_operations("backprop")

# %%
rng = np.random.default_rng(0)


def first_parameters(hidden):
    W1 = rng.normal(size=(64, hidden)) * np.sqrt(2 / 64)
    W2 = rng.normal(size=(hidden, 10)) * np.sqrt(1 / hidden)
    return [W1, np.zeros(hidden), W2, np.zeros(10)]


# %% tags=["demo"]
pictures, labels, test_pictures, test_labels = digits.load()
flat = pictures.reshape(-1, 64) / 16
order = rng.permutation(1500)
batches = [order[start : start + 32] for start in range(0, 1500, 32)]

first = first_parameters(32)
engine_parameters, engine_losses = backprop.train_digits(flat, labels, first, batches, 0.1)
variables = [tf.Variable(values) for values in first]
tensors = [(tf.constant(flat[batch]), tf.constant(labels[batch])) for batch in batches]
losses = [train_step(variables, *batch, 0.1).numpy() for batch in tensors]

# %% tags=["demo"]
for step in 0, 1, 46:
    print(f"step {step:2}: engine {engine_losses[step]:.9f}, tape {losses[step]:.9f}")
pairs = zip(engine_parameters, variables, strict=True)
apart = max(np.abs(ours - theirs.numpy()).max() for ours, theirs in pairs)
print(f"largest difference of a loss {np.abs(np.subtract(engine_losses, losses)).max():.0e}")
print(f"largest difference of a parameter {apart:.0e}")

# %% [markdown]
# They agree to the last digits that a float64 has, about fifteen. Your engine of a hundred lines
# and TensorFlow's do the same thing: record, walk back, add up. What TensorFlow has more is a rule
# for each of some thousand operations, and the machines it can run them on.
#
# ### Faster: `tf.function`
#
# Up to now each operation ran when Python came to it, which is called **eager**. For small tensors
# Python takes longer to find its way from operation to operation than these take to compute.

# %% [markdown]
# `tf.function` lets Python go through a function *once*. This is called **tracing**: no numbers are
# computed, only the operations and how they hang together are written down, as a **graph**, like
# the one in your engine. From then on the graph runs, and Python is left out. A graph belongs to a
# type and a shape of the inputs; for another shape the function is traced again. And a plain Python
# number becomes part of the graph itself.
#
# The line `@tf.function` above a function hands it over. A `print` in the function runs only in
# tracing. **Predict:** how often is "tracing" printed below, for six calls?


# %%
@tf.function
def cube(x):
    print("tracing for", x)
    return x**3


for x in tf.constant(2.0), tf.constant(3.0), tf.constant([1.0, 2.0]), 2, 3, 2:
    print(cube(x).numpy())

# %% [markdown]
# Four times. First for a float tensor without axes; the second call uses the same graph. Then for
# the shape (2,). Then for the Python number 2, and again for 3, since another number is another
# graph. The last 2 has one already. So hand in tensors where values change: a learning rate that is
# a new Python number in each step would mean a new graph in each step.
#
# Where a tensor came in, what was printed is no number, but a plan for one. That is why
# `float(loss)` fails in a graph, and why the tensor itself must be returned. And variables are made
# outside of such a function: they outlive the call.

# %% [markdown]
# `tf.function(f)` does without the `@` line and leaves f as it is, so both can be compared. The
# next cell times your `train_step` both ways, and your engine beside it: with 32 hidden units and a
# batch of 32, and with 512 hidden units and all 1500 pictures as one batch. **Predict:** where does
# the graph gain more? And where does the engine stand?

# %% tags=["demo"]
from time import perf_counter


def seconds(call, count):
    start = perf_counter()
    for _ in range(count):
        call()
    return perf_counter() - start


def compare(hidden, batch, count):
    first = first_parameters(hidden)
    variables = [tf.Variable(values) for values in first]
    tensors = tf.constant(flat[batch]), tf.constant(labels[batch])
    traced = tf.function(train_step)
    contenders = (
        lambda: train_step(variables, *tensors, 0.1).numpy(),
        lambda: traced(variables, *tensors, 0.1).numpy(),
        lambda: backprop.train_digits(flat, labels, first, [batch], 0.1),
    )
    turns = [[seconds(each, count) for each in contenders] for _ in range(6)]
    eager, graph, engine = np.min(turns[1:], axis=0)  # in the first turn the step is traced
    print(f"{hidden:3} hidden units, batch of {len(batch):4}: in units of the graph,", end=" ")
    print(f"eager takes {eager / graph:.1f} and the engine {engine / graph:.1f}")


# %% tags=["demo"]
compare(32, batches[0], 40)
compare(512, order, 4)

# %% [markdown]
# For the small network the graph is several times as fast as eager steps, for the large one most
# often less: what Python costs stays the same, while the matrix products grow. The first call,
# which traces, takes longer than many eager steps. So trace what is small and called often, as a
# training step is.
#
# And your engine, made for reading, wins where all is small: from one operation to the next NumPy
# has a shorter way than TensorFlow. Where the products are large it falls behind; and on graphics
# cards, or on many machines, it does not run at all.

# %% [markdown]
# ### The digits
#
# Now thirty epochs, in float32, with the graph. Batches are of 32, except for the last of each
# epoch, of 28. **Predict:** how many times is the step traced? And how many of the 297 held-out
# digits will it read? Chapter 3 came to more than 95 percent.

# %% tags=["demo"]
variables = [tf.Variable(values, dtype=tf.float32) for values in first_parameters(32)]
flat32, traces, history = flat.astype("float32"), [], []


@tf.function
def step(pictures, labels):
    traces.append(pictures.shape[0])  # Python: it runs in tracing only
    return train_step(variables, pictures, labels, 0.1)


for _ in range(30):
    order = rng.permutation(1500)
    for start in range(0, 1500, 32):
        batch = order[start : start + 32]
        loss = step(tf.constant(flat32[batch]), tf.constant(labels[batch]))
        history.append(loss.numpy())
print("traced for batches of", traces)

# %% tags=["demo"]
W1, b1, W2, b2 = variables
test_x = test_pictures.reshape(-1, 64).astype("float32") / 16
said = tf.argmax(tf.nn.relu(test_x @ W1 + b1) @ W2 + b2, axis=1).numpy()
print(f"first loss {history[0]:.2f}, mean of the last epoch {np.mean(history[-47:]):.3f}")
print(f"right on held-out digits: {np.mean(said == test_labels):.1%}")

figure, ax = plt.subplots(figsize=(6, 3))
ax.plot(history, color=BLUE, linewidth=0.8)
ax.set(xlabel="step", ylabel="loss of the batch")
show(figure, "The loss of each batch: it falls steeply from above 2, then slowly, with noise")

# %% [markdown]
# Look at the curve: it is that of chapter 3, steep in the first few hundred steps, then slow, with
# the noise of the batches. Twice traced, once for each size of batch, and 1410 times run; and all
# but a few of the held-out digits are read rightly.
#
# All later chapters train like this: a loss under a tape, gradients, a step, all of it in a
# `tf.function`. Only the step comes there from an optimizer of Keras, the part of TensorFlow with
# ready-made layers and optimizers; most often **Adam**, which joins the ball and the ruler of
# chapter 2: momentum, divided as in RMSProp.

# %% [markdown]
# ## What you can do now
#
# - A **tape** records operations on what it **watches**: variables by themselves, other tensors
#   when told.
# - **A tape inside a tape** gives the slope of a slope, if the inner gradient is taken while the
#   outer tape records.
# - **None** means that no way was seen: integers, no watch, NumPy, another tensor. NumPy can also
#   give a gradient that is wrong. **Zeros** hide all of it.
# - A **list or dict** of variables gets a list or dict of gradients; variables move by
#   `assign_sub`.
# - The **Hessian** tells a bowl from a saddle, and **Newton's method** leaps by it.
# - A **training step** is loss, gradients, move; your engine agrees with it; `tf.function` traces
#   it once and runs it without Python.

# %% [markdown]
# ## A question to answer in writing
#
# A friend trains on one batch, x and y, and writes: "No error, but the loss is the same number in
# every step."
#
# ```
# w = tf.Variable([0.0, 0.0])
# for step in range(100):
#     with tf.GradientTape() as tape:
#         error = np.matmul(x, w) - y
#         loss = tf.reduce_mean(error**2)
#     gradient = tape.gradient(loss, w, unconnected_gradients="zero")
#     w = w - 0.1 * gradient
# ```
#
# Write six to ten sentences. Find the three mistakes. Say for each what it does to the recording or
# to w, why it brings no error message here, and how to mend it. Which of the three made the other
# two hard to find? How would you check that the mended gradient is right?

# %% [markdown] written="tape.silent_loop" points=4
# `np.matmul` is NumPy's: it turns w into an array, and what it computes is not on the tape. The
# tape sees no way from the loss back to w. NumPy is content with a variable, and TensorFlow with an
# array, so nobody complains. Mend it with TensorFlow's product, for example `tf.linalg.matvec(x,
# w)`.
#
# The gradient would then be None, and None times 0.1 would have raised an error at once. But
# `unconnected_gradients="zero"` made zeros of it, and a step of zero is a step like any other. This
# one hid the first mistake. It belongs only where no dependence is a right answer, so here it goes.
#
# `w = w - ...` makes a plain tensor in the first step, and the name w belongs to it. No tape
# watches it, so from the second step on there would be no gradient even with a right product, and
# zeros would again hide it. `w.assign_sub(0.1 * gradient)` changes the variable in its place.
#
# To check the gradient, I would move one number of w a little up and down and compare the change of
# the loss with it, in float64, since float32 is too coarse for measuring.

# %% [markdown]
# <details>
# <summary>How it is graded (4 points); open it when you have written your answer</summary>
#
# - 1 point: NumPy is not on the tape; TensorFlow's operation is.
# - 1 point: w becomes a plain tensor that nobody watches; `assign_sub` or `assign`.
# - 1 point: the zeros hid the missing gradient, of which None would have told.
# - 1 point: a check that would find a wrong gradient: a measured one, paper, or the engine of
#   chapter 3 on the same numbers.
#
# </details>

# %% [markdown]
# ## Further reading
#
# - TensorFlow Guide, [Introduction to gradients and automatic
#   differentiation](https://www.tensorflow.org/guide/autodiff): the tape, and more on None.
# - TensorFlow Guide, [Advanced automatic
#   differentiation](https://www.tensorflow.org/guide/advanced_autodiff): tapes inside tapes,
#   Jacobians, a Newton step for a network.
# - TensorFlow Guide, [Better performance with
#   tf.function](https://www.tensorflow.org/guide/function): the rules of tracing.
# - Nocedal and Wright 2006, *Numerical Optimization*, second edition, Springer: Newton's method,
#   and how it is kept from leaping too far.
# - Dauphin et al. 2014, [Identifying and attacking the saddle point problem in high-dimensional
#   non-convex optimization](https://arxiv.org/abs/1406.2572): why saddles, and a Newton's method
#   that leaves them.
