# %% [markdown]
# # 1 · Tensors
#
# You start with a single number and end with a **layer** of a neural network, written by you and
# seen as what it is: a movement of the plane, and a fold.
#
# **Time** about 150 minutes, with a break after part 3 · **Needs** NumPy; from you, Python with
# loops and functions, and from school, angles and coordinates

# %% [markdown]
# ## What you will be able to do
#
# - read any data, a picture, a sentence, a table, as an array with axes, and say its rank, shape
#   and dtype;
# - take a batch out of a pile of examples;
# - say by a rule which arrays can be added, and add and multiply them with loops and without;
# - see translation, scaling, rotation and the other linear maps as pictures and as numbers;
# - say why two affine layers are no better than one, and what relu changes.

# %% [markdown]
# ## How to work through it
#
# This page is a **notebook**: cells of text, and cells of Python. Click into a cell and press
# Shift+Enter to run it; go from top to bottom. Your work is saved with Ctrl+S.
#
# Cells with `raise NotImplementedError` are yours to write, in place of that line; the text between
# the quotes says what is wanted. The cell after it, `check(...)`, calls your function with fresh
# numbers and shows a card: what passed, the first case that did not, and hints, one at a time, when
# you ask for them. Check as often as you like. If a function of yours never ends, press the square
# button above the notebook: it stops what is running, and nothing else is lost.
#
# Where you read **Predict**, write your guess down before you run the next cell. A wrong guess
# teaches more than a right one.

# %%
import numpy as np

from autograder import check
from lab import views

# %% [markdown]
# ## Part 1 · Numbers with axes
#
# Thirteen people wrote digits on a printed form. Each digit was scanned and shrunk to eight by
# eight squares; each square holds a number from 0, white paper, to 16, full ink. Here is one of
# them.

# %%
from lab.data import digits

train_pictures, train_labels, test_pictures, test_labels = digits.load()
picture = train_pictures[3]
print(picture)

# %% [markdown]
# **Predict** from the numbers alone: which digit is it? Half close your eyes; large numbers are
# dark.

# %% tags=["demo"]
import matplotlib.pyplot as plt

from lab.figures import show

figure, ax = plt.subplots(figsize=(3, 3))
ax.imshow(picture, cmap="Greys")
for (i, j), ink in np.ndenumerate(picture):
    color = "white" if ink > 8 else "black"
    ax.text(j, i, f"{ink:.0f}", ha="center", va="center", color=color, fontsize=9)
ax.set_xlabel("axis 1: columns")
ax.set_ylabel("axis 0: rows")
show(figure, f"The same 64 numbers as gray squares: a handwritten {train_labels[3]}")

# %% [markdown]
# A two. Look at the names on the sides: a number in this table is found by two counts, first the
# row, then the column, and both count from 0.
#
# A **tensor** is a block of numbers in which a place is found by counting along its **axes**. This
# one has two axes. Four words say what a tensor is:
#
# - **rank**: how many axes it has, here 2 (`picture.ndim`);
# - **shape**: the size of each axis, in order, here (8, 8) (`picture.shape`);
# - **dtype**: the kind of its numbers, here floats of 64 bits (`picture.dtype`);
# - **size**: how many numbers there are, here 64 (`picture.size`).

# %%
print(picture.ndim, picture.shape, picture.dtype, picture.size)
print("row 2, column 3:", picture[2, 3])
print("the whole row 2:", picture[2])

# %% [markdown]
# With fewer counts than axes you get a tensor of lower rank: one count into a table of rank 2 gives
# a row, of rank 1. In NumPy a tensor is called an **array**. Special names, for the lowest ranks:
#
# | rank | name | example | shape |
# |---|---|---|---|
# | 0 | scalar | a temperature | () |
# | 1 | vector | a day's temperatures, one an hour | (24,) |
# | 2 | matrix | a year of them; a gray picture; a table | (365, 24) |
# | 3 | | a color picture: height, width, 3 colors | (8, 8, 3) |
# | 4 | | a film: pictures in time | (100, 8, 8, 3) |
#
# A sentence is a matrix as well, once each word has been turned into a vector: one row for each
# word. Chapter 5 lives on that.

# %% [markdown]
# The trailing comma in (24,) is Python's way to write a tuple of one. You make arrays from lists,
# or full of one number. **Predict** the four shapes and the dtypes before you run the cell.

# %%
for array in np.array(7), np.array([7]), np.array([[1, 2, 3], [4, 5, 6]]), np.zeros((2, 1)):
    print(array.ndim, array.shape, array.dtype)

# %% [markdown]
# A scalar has no axis, so its shape is empty; a vector of one number has one axis of size 1. They
# are not the same thing. Whole numbers make an array of integers; `np.zeros` makes floats.
#
# ### Many examples: a batch
#
# `train_pictures` holds 1500 digits. **Predict** its shape.

# %%
print(train_pictures.shape, train_labels.shape, train_labels[:10])

# %% [markdown]
# The first axis counts the examples. So it is in all machine learning: axis 0 is the pile, the
# other axes are one example. The labels, which say what each digit is, are a vector with as many
# numbers as there are examples.
#
# `train_labels[:10]` is a **slice**: from the start up to place 10, without it. `[a:b]` begins at a
# and ends before b; a slice that runs past the end is cut, without an error.
#
# Networks eat examples in portions, called **batches**. **By hand:** five examples in batches of
# two. Batch 0 has the examples 0 and 1, batch 1 has 2 and 3, batch 2 the rest: example 4 alone. At
# which place does batch number *index* begin?

# %% exercise="tensors.take_batch"

# %% check="tensors.take_batch" points=2

# %%
batch = take_batch(train_pictures, 2, 6)
print(batch.shape)

# %% tags=["demo"]
figure, axes = plt.subplots(1, 6, figsize=(9, 2))
for ax, one, label in zip(axes, batch, take_batch(train_labels, 2, 6), strict=True):
    ax.imshow(one, cmap="Greys")
    ax.set_title(label)
    ax.axis("off")
show(figure, "Batch 2: six handwritten digits side by side, with the label of each above it")

# %% [markdown]
# Look at the titles: pictures and labels were cut at the same places, so they still belong
# together.
#
# Why was there an error for a batch that does not exist, when a slice would have given an empty
# array? Because an empty batch is rarely meant, and a mistake that says nothing is found late.

# %% [markdown]
# ## Part 2 · Number by number
#
# The plainest operations do the same to each number, apart from all others. They are called
# **element-wise**. NumPy does them to whole arrays at once:

# %%
x = np.array([[1.0, -2.0], [-3.0, 4.0]])
print(x + 1)
print(x * 10)
print(x < 0)

# %% [markdown]
# The last one gives an array of booleans: for each number, whether it is below zero. In sums and
# products True counts as 1 and False as 0, so `(x < 0).sum()` says how many are.
#
# One element-wise operation made deep networks practical, and it could not be plainer: **relu**,
# the rectified linear unit, puts 0 in the place of every negative number and leaves the others. In
# part 6 you see what it is good for.
#
# Write it first with two loops, one over rows and one over columns: `for i in range(x.shape[0])`
# counts the rows. A number is put into an array as it is read out of one. Work on `x.copy()`, a new
# array with the same numbers: who calls your function wants to keep what they gave you.

# %%
y = x.copy()
y[0, 1] = 7
print(y[0, 1], x[0, 1])

# %% exercise="tensors.relu_loop"

# %% check="tensors.relu_loop" points=2

# %% [markdown]
# In NumPy the whole loop is one word: `np.maximum(x, 0)` takes the larger of each number and 0.
#
# **Predict:** how much faster is it for a matrix of 10 by 10, and for one of 400 by 400? As fast,
# ten times, a hundred times? (`rng` below is a **random number generator**, begun with the seed 0:
# from the same seed come the same numbers, here around 0. `compare` runs two functions on any
# number of arrays. `lambda x: ...` is a function without a name.)

# %%
from timeit import repeat

rng = np.random.default_rng(0)


def compare(slow, fast, *arrays):
    """Print how many times as long `slow` takes as `fast`: the best of five runs of each."""
    with_loops = min(repeat(lambda: slow(*arrays), number=1, repeat=5))
    at_once = min(repeat(lambda: fast(*arrays), number=1, repeat=5))
    print(f"{arrays[0].shape}: the loops take {with_loops / at_once:.0f} times as long")


# %% tags=["demo"]
for size in 10, 100, 400:
    compare(relu_loop, lambda x: np.maximum(x, 0), rng.normal(size=(size, size)))

# %% [markdown]
# More than ten times already for small arrays, and hundreds of times for large ones. Python looks
# at each number anew: what kind is it, which operation is meant. NumPy asks that once for the whole
# array, and then a compiled loop runs over numbers that lie side by side.
#
# So in this course you write each thing with loops once, to know what it does, and then without, to
# use it.

# %% [markdown]
# ## Part 3 · Adding what has different shapes
#
# Three pupils wrote two tests. Everybody gets 10 points more in the second test, which was too
# hard. The bonus is a vector with one number for each test; the points are a matrix. Yet they can
# be added:

# %%
points = np.array([[50, 40], [60, 20], [55, 30]])
bonus = np.array([0, 10])
print(points.shape, bonus.shape)
print(points + bonus)

# %% [markdown]
# The bonus was used again for every row. This is **broadcasting**. Its rule, in three sentences:
#
# 1. Write the two shapes one under the other, with the *last* axes in line.
# 2. An axis that one of them lacks counts as 1.
# 3. In each place the sizes must be equal, or one of them is 1: that one is repeated.
#
# ```
# points   3  2          column   3  1
# bonus       2          row         4
# result   3  2          result   3  4
# ```
#
# **Predict** for each pair: the shape of the sum, or an error? (8, 8) and (8,) · (8, 1) and (1, 8)
# · (3, 2) and (3,) · (5, 1, 2) and (4, 1) · (3, 4) and ()

# %%
pairs = ((8, 8), (8,)), ((8, 1), (1, 8)), ((3, 2), (3,)), ((5, 1, 2), (4, 1)), ((3, 4), ())
for a, b in pairs:
    try:
        print(a, b, "→", (np.zeros(a) + np.zeros(b)).shape)
    except ValueError as error:
        print(a, b, "→", error)

# %% [markdown]
# The third one surprises many: three rows and three numbers, and still an error. The last axes are
# in line, so 2 meets 3. If you want one number for each row, it must stand in a column, shape (3,
# 1).
#
# Write the rule as a function on shapes. A tuple is repeated by `*` and joined by `+`: `(1,) * 2 +
# (4,)` is (1, 1, 4). A function refuses by `raise ValueError("what is wrong")`.
#
# NumPy has such a function. Where the description says that what is ready-made is not accepted,
# `check` also reads your code. In a cell of your own you may compare with NumPy's.

# %% exercise="tensors.broadcast_shapes"

# %% check="tensors.broadcast_shapes" points=3

# %% [markdown]
# ### The loop behind it
#
# Now the sum itself, one number at a time. `np.ndindex(shape)` walks over all places of a shape, of
# any rank:

# %%
print(list(np.ndindex((2, 3))))

# %% [markdown]
# **By hand:** a column [[1], [2]] of shape (2, 1) and a row [10, 20, 30] of shape (3,). The result
# has shape (2, 3). At the place (1, 2) it holds 2 + 30. Where did these two stand?
#
# - In the column, at (1, 0): its last axis has size 1, so the count 2 becomes 0.
# - In the row, at (2,): it lacks the first axis, so the count 1 is dropped.
#
# These are the two moves for every place: drop the counts of axes that the array lacks (they stand
# in front), and where a size is 1, count 0. An array takes a tuple of counts as its place:
# `array[(1, 0)]` is `array[1, 0]`.

# %% exercise="tensors.add_loop"

# %% check="tensors.add_loop" points=4

# %% [markdown]
# ### What it is good for: normalizing
#
# Pixels from 0 to 16 are an odd scale. To **normalize** data is to move and stretch it so that its
# mean is 0 and its spread (standard deviation: how far from the mean numbers usually lie) near 1.
# `axis=0` below says: go along axis 0, over the examples, and give one number for each pixel.
#
# **Predict** the shapes of `mean` and of `normalized`.

# %%
mean = train_pictures.mean(axis=0)
spread = train_pictures.std(axis=0)
normalized = (train_pictures - mean) / (spread + 1)
print(mean.shape, normalized.shape)
print(f"mean {normalized.mean():.3f}, largest {normalized.max():.2f}")

# %% [markdown]
# An average along an axis takes that axis away: (1500, 8, 8) becomes (8, 8). Broadcasting puts it
# back: the mean picture is taken away from each of the 1500. The 1 beside the spread is there
# because some pixels at the side are white in every picture: their spread is 0, and nothing may be
# divided by 0. For its sake the spreads come out somewhat below 1.

# %% tags=["demo"]
figure, axes = plt.subplots(1, 3, figsize=(9, 3))
shown = {"one digit": picture, "the mean of all": mean, "the digit, normalized": normalized[3]}
for ax, (title, image) in zip(axes, shown.items(), strict=True):
    colors = ax.imshow(image, cmap="PuOr" if title.endswith("normalized") else "Greys")
    figure.colorbar(colors, ax=ax, shrink=0.8)
    ax.set_title(title, fontsize=10)
    ax.axis("off")
axes[2].images[0].set_clim(-3, 3)
show(
    figure,
    "Three pictures of 8 by 8: a two; the mean of all digits, a blurred column with empty sides; "
    "and the two after normalizing, purple where it has more ink than usual and orange where less",
)

# %% [markdown]
# Look at the third picture: above 0, purple, is where this digit has more ink than digits usually
# have at that pixel; below 0, orange, where it has less. A network learns faster from such numbers.
#
# This is a good place for a break.

# %% [markdown]
# ## Part 4 · The product of rows and columns
#
# A shop sells apples at 2, bread at 3 and cheese at 7. You take 4 apples, 1 bread and 2 cheeses and
# pay 4 · 2 + 1 · 3 + 2 · 7 = 25. Two vectors became one number: multiply in pairs, then add up.
# This is the **dot product**. NumPy writes it `@`.
#
# (Books on deep learning call it and what follows the tensor product; mathematicians keep this name
# for something else.)
#
# Now three customers, each with a basket: a matrix with a row for each. One product gives all three
# bills. And if there are two shops with prices of their own, a column for each, one product gives
# all bills in all shops.

# %%
prices = np.array([2, 3, 7])
baskets = np.array([[4, 1, 2], [0, 2, 0], [1, 1, 1]])
shops = np.array([[2, 1], [3, 4], [7, 8]])
print(baskets[0] @ prices)
print(baskets @ prices)
print(baskets @ shops)

# %% [markdown]
# **By hand:** check the number 6 in the second row: basket [0, 2, 0], the first shop's column [2,
# 3, 7], so 0 · 2 + 2 · 3 + 0 · 7.
#
# The rule: each number of the result is the dot product of a **row** of the left and a **column**
# of the right. The row must be as long as the column; these two sizes disappear, the others stay.
# (From here on shapes stand in brackets, [m, n], as in most books; m, n and k are any sizes.)
#
# | left | right | result |
# |---|---|---|
# | [n] | [n] | a number |
# | [m, n] | [n] | [m] |
# | [n] | [n, k] | [k] |
# | [m, n] | [n, k] | [m, k] |
#
# **Predict** the shapes: [5, 3] times [3, 4]; [3, 4] times [5, 3].

# %%
print((np.ones((5, 3)) @ np.ones((3, 4))).shape)
try:
    np.ones((3, 4)) @ np.ones((5, 3))
except ValueError:
    print("4 and 5 do not meet")

# %% [markdown]
# The order counts, then: turned around, the same two matrices do not fit.
#
# Write the product with loops, for all four rows of the table. There is a short way: a matrix times
# anything is that product for each of its rows; a vector times a matrix is that product for each of
# its columns. So a function that calls itself needs only one loop with numbers, for vector and
# vector. `x.T`, the **transpose**, has rows and columns exchanged, so `for column in y.T` walks
# over the columns.

# %% exercise="tensors.matmul_loop"

# %% check="tensors.matmul_loop" points=4

# %% [markdown]
# Many write `x * y` for this product at first. **Predict** what `baskets * prices` gives, by the
# rule of part 3, and then `(baskets * prices).sum(axis=1)`.

# %%
print(baskets * prices)
print((baskets * prices).sum(axis=1))

# %% [markdown]
# `*` multiplies in pairs, with broadcasting; the sum over the last axis is what `@` does besides.
#
# The product is where networks spend their time, so loops cost most here. **Predict:** as the
# matrices grow, does the ratio between loops and `@` stay the same?

# %% tags=["demo"]
for size in 4, 16, 64:
    left, right = rng.normal(size=(2, size, size))
    compare(matmul_loop, np.matmul, left, right)  # np.matmul is @ by its name

# %% [markdown]
# It grows, to thousands. For size n there are n³ products, and `@` does several of them at once.
# For n = 64 that is a quarter of a million; a layer of a real network has n in the thousands.

# %% [markdown]
# ## Part 5 · Geometry
#
# A vector of two numbers is a point in the plane, or the arrow to it from the origin. Every
# operation above is then a movement.
#
# - **Translation**: adding the vector [2, 1] moves every point 2 to the right and 1 up.
# - **Scaling**: multiplying by 2 moves every point twice as far from the origin.
# - A **linear map**: multiplying by a matrix.
#
# For a linear map A and a point p, A @ p is p[0] times the first column of A plus p[1] times the
# second. **By hand:** for A = [[2, 0], [1, 1]] and p = [3, 1], it is 3 · [2, 1] + 1 · [0, 1] = [6,
# 4].

# %% [markdown]
# So the columns of A are the places where the two **basis vectors** [1, 0] and [0, 1] go, and all
# else follows from these two. In NumPy the first column is `A[:, 0]`: a colon alone means the whole
# axis, here all rows.

# %%
A = np.array([[2, 0], [1, 1]])
for point in [1, 0], [0, 1], [3, 1]:
    print(point, "→", A @ np.array(point))

# %% [markdown]
# In the view below you move the two columns, and the plane follows. It writes A x + b: x is the
# point, and b a translation, which you can leave at (0, 0). Answer its question first. Then make
# with it, without its buttons: a letter twice as wide and no taller; its mirror image; a quarter
# turn. (A second layer and relu are for part 6.)
#
# The **determinant** under the matrix says by how much areas grow, and its sign says whether left
# and right were exchanged. For [[a, b], [c, d]] it is a · d − b · c. What happens to the plane when
# it is 0?

# %% tags=["demo"]
views.Plane(matrix=((1, 0.5), (0, 1)))

# %% [markdown]
# With the determinant 0 both columns lie on one line, and the whole plane falls onto it. Different
# points end in one place, and no map can lead them back.
#
# ### Rotation
#
# Which matrix turns the plane by an angle θ, counterclockwise? Its columns are where the basis
# vectors go, so ask for these two alone. [1, 0] goes along the unit circle to [cos θ, sin θ]: that
# is what cosine and sine mean. [0, 1] is a quarter turn ahead of it. **By hand:** when [1, 0] has
# come to [0.8, 0.6], where is [0, 1]? Draw it before you read on.

# %% [markdown]
# It has come to [−0.6, 0.8]: a quarter turn takes [x, y] to [−y, x]. So the second column is [−sin
# θ, cos θ].
#
# NumPy measures angles in **radians**: the length of the way along the unit circle. A half turn,
# 180 degrees, is π; `np.cos`, `np.sin` and `np.pi` are there for it.

# %% exercise="tensors.rotation"

# %% check="tensors.rotation" points=2

# %% [markdown]
# A rotation for a digit. Each of the 64 pixels is a point with two coordinates, counted from the
# middle of the picture, so the picture is an array of points, [64, 2], and a vector of 64 inks.
# `reshape(64)` makes this vector out of the 8 by 8 numbers, row after row; that is called
# **flattening**.
#
# The points stand in *rows* here, and a matrix turns what stands in columns. So exchange them
# first: `points.T`, [2, 64], has a point in each column, `R @ points.T` turns them all, and another
# `.T` puts them back into rows.

# %%
points = np.array([[j - 3.5, 3.5 - i] for i in range(8) for j in range(8)])
ink = picture.reshape(64)
turned = (rotation(np.pi / 6) @ points.T).T
print(points.shape, ink.shape, turned.shape)

# %% tags=["demo"]
figure, axes = plt.subplots(1, 2, figsize=(8, 4))
for ax, places, title in zip(axes, (points, turned), ("as it was", "turned by 30°"), strict=True):
    ax.scatter(places[:, 0], places[:, 1], c=ink, s=150, cmap="Greys", edgecolors="#d5d5da")
    ax.set_title(title)
    ax.set_aspect("equal")
    ax.set_xlim(-6, 6)
    ax.set_ylim(-6, 6)
show(figure, "The two as 64 dots, upright on the left and leaning 30 degrees to the left beside it")

# %% [markdown]
# Look at the dots: each kept its ink, and all moved together; only the 64 pairs of coordinates were
# multiplied by a matrix. To a network that gets the numbers in the order of the pixels, though, a
# turned digit is a wholly different vector. It does not know that the numbers are a picture.

# %% [markdown]
# ## Part 6 · Layers
#
# A linear map followed by a translation is an **affine map**: x goes to A x + b. A layer of a
# network begins with one. Deep networks have many layers, so a natural question is what several
# affine maps in a row can do.
#
# **By hand,** in one dimension: first x → 2x + 3, then x → 5x + 1. Together: 5 (2x + 3) + 1 = 10x +
# 16. That is one affine map again.
#
# In the plane it is the same, with matrices: A2 (A1 x + b1) + b2. Multiply out and collect what
# stands with x, and what stands alone. Matrices do not commute: A2 A1 is not A1 A2, and the one
# that acts first stands next to x.

# %% exercise="tensors.compose_affine"

# %% check="tensors.compose_affine" points=3

# %% [markdown]
# The view shows two layers in a row. Answer its question first. Then look at the one layer beside
# them, computed as *your* function does it, and try to find a second layer that makes of the two
# something that one layer could not.

# %% tags=["demo"]
views.Plane(
    matrix=rotation(np.pi / 6).round(3).tolist(),
    offset=(1, 0),
    second=(((1, 0), (0, -1)), (0, 0.5)),
    learner=compose_affine,
)

# %% [markdown]
# There is none. However many affine layers you stack, one layer with the right matrix and offset
# does the same: straight lines stay straight, parallel lines stay parallel.
#
# ### A fold
#
# Now put relu between the layers. It takes every point with a negative coordinate onto an axis, as
# if the plane were folded there. (Unlike paper, what is folded over is pressed flat: it ends on the
# axis and not beyond it.) **Predict:** into how many pieces, each moved by an affine map of its
# own, is the plane cut? Then answer the view's own question.

# %% tags=["demo"]
views.Plane(
    matrix=rotation(np.pi / 6).round(3).tolist(),
    offset=(1.4, 0.5),
    second=(((1, 0.5), (-0.5, 1)), (0, 0)),
    relu=True,
)

# %% [markdown]
# Four, one for each quarter of the plane after layer 1: where both coordinates are positive nothing
# happens, in two quarters one coordinate becomes 0, and in the last one both do, so that the whole
# quarter falls onto one point. Lines now have corners: follow the outline of the letter. The next
# layer turns the folded sheet, and could fold it again, at other lines.
#
# In one dimension one can see what folding builds. Three folds with weights, added to a constant,
# follow a curve that no straight line follows. (`np.linspace` gives 81 numbers from −2 to 2.)

# %%
line = np.linspace(-2, 2, 81)
folds = [np.maximum(line + 1, 0), np.maximum(line, 0), np.maximum(line - 1, 0)]
curve = 1 - folds[0] + 2 * folds[1] - folds[2]

# %% tags=["demo"]
figure, ax = plt.subplots(figsize=(5, 3))
for number, fold in enumerate(folds):
    ax.plot(line, fold, linestyle=":", color="#0b5394")
    ax.annotate(f"fold {number}", (2.05, fold[-1]), va="center")
ax.plot(line, curve, color="#b45309", linewidth=2)
ax.annotate("the sum", (line[0], curve[0] + 0.1), color="#b45309")
ax.set_xlim(-2.1, 2.7)
show(
    figure,
    "Three dotted lines, each zero up to a corner at -1, 0 and 1 and rising from there, and their "
    "weighted sum: flat at 1, down to 0 in the middle, up to 1 and flat again",
)

# %% [markdown]
# Look at the corners of the sum: they lie where the three folds have theirs. With enough folds one
# can come as near as one likes to any continuous curve (Hornik, Stinchcombe and White 1989 proved
# it for other folds than relu; it holds for both).
#
# ### A dense layer, for a whole batch
#
# Now the form in which networks write it. Examples are *rows*: `x` has shape [batch, inputs]. So
# the weights stand on the right, x W + b, with `W` of shape [inputs, outputs]. For one point this W
# is the transpose of the A above: the same map, turned around in writing.
#
# **By hand:** x = [[1, 2]], W = [[1, 0, −1], [1, 1, −1]], b = [0, 1, 1]. x W is [[3, 2, −3]]; with
# b it is [[3, 3, −2]]; relu gives [[3, 3, 0]].

# %% exercise="tensors.dense"

# %% check="tensors.dense" points=2

# %% [markdown]
# All movements of parts 5 and 6 on one page. **Predict** before you look: which of the six turns
# left and right over? Which can no map lead back?

# %%
F = [(0, 0), (0, 2), (1.2, 2), (1.2, 1.6), (0.4, 1.6), (0.4, 1.2), (0.9, 1.2), (0.9, 0.8)]
F = np.array([*F, (0.4, 0.8), (0.4, 0), (0, 0)]) - (0.6, 0.6)
movements = {
    "translation: x + (1, 0.5)": F + (1, 0.5),
    "scaling: 1.5 x": 1.5 * F,
    "rotation by 30°": F @ rotation(np.pi / 6).T,
    "linear: mirror [[-1, 0], [0, 1]]": F @ np.array([[-1, 0], [0, 1]]).T,
    "affine: shear, then + (0, -1)": F @ np.array([[1, 0.5], [0, 1]]).T + (0, -1),
    "dense: relu(x I + 0)": dense(F, np.eye(2), np.zeros(2)),
}

# %% tags=["demo"]
figure, axes = plt.subplots(2, 3, figsize=(9, 6))
for ax, (title, moved) in zip(axes.flat, movements.items(), strict=True):
    ax.plot(F[:, 0], F[:, 1], "--", color="#6a6a72", label="before")
    ax.plot(moved[:, 0], moved[:, 1], color="#0b5394", linewidth=2.5, label="after")
    ax.set_title(title, fontsize=10)
    ax.set(xlim=(-2, 3), ylim=(-2, 3), aspect="equal")
    ax.grid(color="#d5d5da")
axes[0, 0].legend()
show(
    figure,
    "Six pictures of a dashed letter F and where it goes: moved to the right and up; grown; turned "
    "to the left; mirrored, with its arms to the left; leaning to the right and lowered; and with "
    "all that was left of the vertical axis or below the horizontal one pressed onto the axes",
)

# %% [markdown]
# Look at the arms of the F. The mirror turns left and right over: its determinant is −1. The last
# one cannot be led back: relu pressed many points into one. (`np.eye(2)` is the **identity** matrix
# I, which leaves every point where it is.)

# %% [markdown]
# ## Part 7 · Digits through a layer
#
# All together, on real data: a batch of 32 digits, normalized, flattened, and sent through a dense
# layer of 16 outputs with random weights. (They are divided by 8, the root of 64, so that a sum of
# 64 products stays about as large as one of them.) **Predict** the shapes of `flat`, `W`, `b` and
# `hidden`. What share of the numbers in `hidden` will be 0?

# %%
rng = np.random.default_rng(0)
flat = take_batch(normalized, 0, 32).reshape(32, 64)
W = rng.normal(size=(64, 16)) / 8
b = np.zeros(16)
hidden = dense(flat, W, b)
print(flat.shape, W.shape, b.shape, hidden.shape)
print(f"zeros: {np.mean(hidden == 0):.0%}")

# %% [markdown]
# Every digit is now 16 numbers in place of 64. Before relu, about as many were negative as
# positive, so about half are 0.
#
# Do these 16 numbers still say which digit it was? The distance of two points in the plane is the
# root of the squared differences, added up (Pythagoras). The same goes for 16 coordinates. For each
# digit, look for the nearest other one, and see whether it is the same digit. `argmin` gives the
# place of the smallest number; `np.inf`, infinity, keeps a digit from being its own neighbor.


# %%
def nearest_other(points):
    differences = points[:, np.newaxis] - points
    distances = np.sqrt((differences**2).sum(axis=-1))
    for i in range(len(points)):
        distances[i, i] = np.inf
    return distances.argmin(axis=1)


labels = take_batch(train_labels, 0, 32)
for name, numbers in ("64 pixels", flat), ("16 numbers", hidden):
    same = labels == labels[nearest_other(numbers)]
    print(f"by {name}: the nearest is the same digit for {same.sum()} of 32")

# %% [markdown]
# The first line of the function is broadcasting at work: `points[:, np.newaxis]` puts an axis of
# size 1 in the middle, so [32, 1, 16] against [32, 16] gives [32, 32, 16], every digit minus every
# digit.

# %% [markdown]
# With guessing, three of 32 would agree. Much of a digit survives even a layer of random weights,
# though less than the pixels tell. What *good* weights would be, and how a computer finds them by
# itself, is the subject of the next chapter.

# %% [markdown]
# ## What you can do now
#
# - A **tensor** is numbers with axes: rank, shape, dtype. Axis 0 counts the examples, and a slice
#   of it is a **batch**.
# - **Element-wise** operations do one thing to each number; relu is one of them.
# - **Broadcasting**: last axes in line, missing ones count as 1, ones are repeated.
# - The **product** is rows against columns, sums of products; inner sizes meet and disappear.
# - A matrix **moves the plane**: its columns are where the basis vectors go; the determinant says
#   how areas grow. A rotation has cosines and sines in it.
# - **Affine layers** in a row are one affine layer. relu folds, and folds add up.

# %% [markdown]
# ## A question to answer in writing
#
# A friend builds a network of ten layers, each x W + b, and leaves relu out, "since it throws half
# of the numbers away". Write five to eight sentences. Say what the ten layers can do that one
# cannot, and why; say what relu changes, with a picture in words or a small example in numbers; and
# say whether the friend is right that something is thrown away.

# %% [markdown] written="tensors.why_relu" points=4
# The ten layers can do nothing that one cannot. Two affine maps in a row are an affine map again:
# in one dimension 5 (2x + 3) + 1 = 10x + 16, and with matrices A2 (A1 x + b1) + b2 = (A2 A1) x +
# (A2 b1 + b2). Repeating this, ten become one, whatever the numbers in them.
#
# With relu in between, the next layer does not see a straight image of the plane but a folded one:
# where a coordinate was negative it is 0, so different parts of the plane are moved by different
# affine maps. For example relu(x) + relu(−x) is |x|, which has a corner and is no affine map. Each
# layer adds folds, and with enough of them any continuous curve can be followed closely.
#
# Something is thrown away: all negative values of one output become 0 and cannot be told apart. But
# another output, with other weights, can keep what this one lost, as relu(−x) does above. This loss
# is the price for what the layers gain.

# %% [markdown]
# <details>
# <summary>How it is graded (4 points); open it when you have written your answer</summary>
#
# - 1 point: several affine layers are one affine layer.
# - 1 point: a reason, by formula, by numbers, or by lines that stay straight.
# - 1 point: relu gives a map with corners or pieces, with an example or a picture in words.
# - 1 point: relu does lose information of that output, and the answer says why this can be borne or
#   what is gained.
#
# </details>

# %% [markdown]
# ## Further reading
#
# - NumPy User Guide, [Broadcasting](https://numpy.org/doc/stable/user/basics.broadcasting.html):
#   the rule with more examples.
# - Grant Sanderson (3Blue1Brown) 2016, [Essence of linear
#   algebra](https://www.3blue1brown.com/topics/linear-algebra): matrices as movements, in films.
# - François Chollet, *Deep Learning with Python*, second edition 2021, chapter 2: tensors, their
#   operations and the geometry of layers.
# - Hornik, Stinchcombe and White 1989, "Multilayer feedforward networks are universal
#   approximators", Neural Networks 2: what stacked folds can follow.
# - Alpaydin and Kaynak 1998, [Optical Recognition of Handwritten
#   Digits](https://doi.org/10.24432/C50P49), UCI Machine Learning Repository (CC BY 4.0): the
#   digits.
