"""Misconceptions of the tensors chapter."""

import numpy as np

from autograder.misconceptions import misconception, slip

# --- relu_loop ----------------------------------------------------------------------------------

slip(
    "tensors.relu_loop",
    "writes into x itself",
    ("x.copy()", "x"),
    says="Your numbers are right, but you wrote them into x: `result = x` gives the same array a "
    "second name, it does not copy it. Begin with `x.copy()`.",
)

slip(
    "tensors.relu_loop",
    "keeps the negative numbers",
    ("< 0", "> 0"),
    says="You kept the negative numbers and put 0 in the place of the positive ones. It is the "
    "other way round: turn the comparison, or take `max` where you took `min`.",
)

slip(
    "tensors.relu_loop",
    "takes the sign away",
    ("= 0", "= -x[i, j]"),
    says="You turned -3 into 3. That is the absolute value; relu puts 0 in the place of a negative "
    "number, however large it is.",
)

slip(
    "tensors.relu_loop",
    "1 in the place of positive numbers",
    ("x.copy()", "np.zeros_like(x)"),
    ("< 0", "> 0"),
    ("= 0", "= 1"),
    says="You put 1 in the place of every positive number. That is a step; relu leaves a positive "
    "number as it is.",
)

slip(
    "tensors.relu_loop",
    "lets a little of the negative numbers through",
    ("= 0", "= 0.01 * x[i, j]"),
    says="You multiplied the negative numbers by 0.01. That is the leaky relu, which exists too; "
    "here a negative number becomes exactly 0.",
)

slip(
    "tensors.relu_loop",
    "floats out of integers",
    ("x.copy()", "np.zeros(x.shape)"),
    ("< 0", "> 0"),
    ("= 0", "= x[i, j]"),
    says="The numbers are right, but integers came back as floats: `np.zeros(x.shape)` makes "
    "floats, whatever x holds. `np.zeros_like(x)` and `x.copy()` keep the dtype.",
)

slip(
    "tensors.relu_loop",
    "integers out of floats",
    ("x.copy()", "np.zeros(x.shape, dtype=int)"),
    ("< 0", "> 0"),
    ("= 0", "= x[i, j]"),
    says="Your result holds integers, so that 1.7 became 1. The dtype of the result is that of x: "
    "`np.zeros_like(x)` or `x.copy()`.",
)

slip(
    "tensors.relu_loop",
    "both loops over the rows",
    ("x.shape[1]", "x.shape[0]"),
    says="Both of your loops run to the number of rows, which suits a square only. The loop over "
    "j runs over the columns: `range(x.shape[1])`.",
)

slip(
    "tensors.relu_loop",
    "leaves out the last row and column",
    ("x.shape[0]", "x.shape[0] - 1"),
    ("x.shape[1]", "x.shape[1] - 1"),
    says="The last row and the last column were left as they are. `range(n)` ends with n - 1 "
    "already, so there is nothing to take away from the size.",
)

slip(
    "tensors.relu_loop",
    "returns after the first row",
    ("return result", "    return result"),
    says="Only the first row was worked on: your `return` stands inside of the outer loop, and a "
    "function ends at its first `return`. Move it to the left, below both loops.",
)

slip(
    "tensors.relu_loop",
    "returns after the first number",
    ("return result", "        return result"),
    says="Only the first number was looked at: your `return` stands inside of the inner loop, and "
    "a function ends at its first `return`. Move it to the left, below both loops.",
)


@misconception(
    "tensors.relu_loop",
    "one long list",
    says="The numbers are right, but they stand in one long row. The result has the shape of x: "
    "write each number to its own place, `result[i, j]`.",
)
def relu_loop(x):
    numbers = []
    for row in x:
        for number in row:
            numbers.append(max(number, 0))
    return np.array(numbers)


@misconception(
    "tensors.relu_loop",
    "rows and columns exchanged",
    says="The table came back lying on its side: its rows are the columns of x. The loop over the "
    "rows is the outer one, and i comes first in `result[i, j]`.",
)
def relu_loop(x):
    return np.array([[max(number, 0) for number in column] for column in x.T])


slip(
    "tensors.relu_loop",
    "compares where it should set",
    ("result[i, j] = 0", "result[i, j] == 0"),
    says="x came back as it was. Look at the line that should put the 0 there: `==` asks whether "
    "two things are equal, `=` sets. `result[i, j] == 0` is a question, and nobody hears the "
    "answer.",
)


@misconception(
    "tensors.relu_loop",
    "zeros, and nothing is written into them",
    says="All of your numbers are 0, as `np.zeros_like` made them. A positive number must be "
    "written to its place: `result[i, j] = x[i, j]`, with one equals sign.",
)
def relu_loop(x):
    return np.zeros_like(x)


slip(
    "tensors.relu_loop",
    "asks whether a whole array is negative",
    ("if x[i, j] < 0", "if result < 0"),
    says="You compared a whole array with 0. That gives an array of True and False, and `if` "
    "cannot choose between them. Inside of both loops, ask about one number: `x[i, j]`.",
)


@misconception(
    "tensors.relu_loop",
    "both loops over the rows, into zeros",
    says="Both of your loops run to the number of rows: of a wide table the last columns are never "
    "written, and a tall one has fewer columns than that. The loop over j runs over the columns: "
    "`range(x.shape[1])`.",
)
def relu_loop(x):
    result = np.zeros_like(x)
    for i in range(x.shape[0]):
        for j in range(x.shape[0]):
            if x[i, j] > 0:
                result[i, j] = x[i, j]
    return result


slip(
    "tensors.relu_loop",
    "both loops over the columns",
    ("x.shape[0]", "x.shape[1]"),
    says="Both of your loops run to the number of columns, which suits a square only. The loop "
    "over i runs over the rows: `range(x.shape[0])`.",
)

slip(
    "tensors.relu_loop",
    "sizes of rows and columns exchanged",
    ("i in range(x.shape[0])", "i in range(x.shape[1])"),
    ("j in range(x.shape[1])", "j in range(x.shape[0])"),
    says="i runs to the number of columns and j to the number of rows. The first index counts the "
    "rows, so i takes `range(x.shape[0])`, and j takes `range(x.shape[1])`.",
)

# --- broadcast_shapes ---------------------------------------------------------------------------

FIRST_AXES_IN_LINE = (
    ("(1,) * (rank - len(a)) + tuple(a)", "tuple(a) + (1,) * (rank - len(a))"),
    ("(1,) * (rank - len(b)) + tuple(b)", "tuple(b) + (1,) * (rank - len(b))"),
)

NOTHING_REFUSED = (
    "        if m != n and m != 1 and n != 1:\n"
    '            raise ValueError(f"shapes {a} and {b} do not fit together: {m} meets {n}")\n',
    "",
)

slip(
    "tensors.broadcast_shapes",
    "first axes in line",
    *FIRST_AXES_IN_LINE,
    says="You laid the shapes with their first axes in line. Broadcasting begins at the *last* "
    "axis: the shorter shape gets its ones in front, so that (4,) becomes (1, 4).",
)

slip(
    "tensors.broadcast_shapes",
    "anything fits",
    NOTHING_REFUSED,
    ("n if m == 1 else m", "max(m, n)"),
    says="You take the larger size whatever meets, and never raise an error. Unequal sizes fit "
    "together only if one of them is 1, and then the result has the *other* one, even if it is 0.",
)

slip(
    "tensors.broadcast_shapes",
    "the larger size wins, also over 0",
    ("n if m == 1 else m", "max(m, n)"),
    says="You took the larger of the two sizes, but an axis may have the size 0: then 1 meets 0, "
    "and the result has 0, no numbers at all. Where one size is 1, take the other one.",
)

slip(
    "tensors.broadcast_shapes",
    "takes the smaller size",
    ("n if m == 1 else m", "min(m, n)"),
    says="Where 1 met another size you took the 1. The array with size 1 is stretched, never the "
    "other one cut: the result has the other size.",
)


@misconception(
    "tensors.broadcast_shapes",
    "loses the axes that one shape lacks",
    says="`zip` stops at the end of the shorter shape, and the axes beyond it are lost. Put ones "
    "in front of the shorter shape first, so that both have the same length.",
)
def broadcast_shapes(a, b):
    result = []
    for m, n in zip(reversed(a), reversed(b), strict=False):
        if m != n and m != 1 and n != 1:
            raise ValueError
        result.append(n if m == 1 else m)
    return tuple(reversed(result))


slip(
    "tensors.broadcast_shapes",
    "the shapes must have one length",
    (
        "rank = max(len(a), len(b))",
        "if len(a) != len(b):\n        raise ValueError\n    rank = len(a)",
    ),
    says="You raised ValueError where the shapes are of unlike length. They may be: an axis that "
    "one of them lacks counts as 1.",
)

slip(
    "tensors.broadcast_shapes",
    "only the second one is stretched",
    ("m != n and m != 1 and n != 1", "n not in (1, m)"),
    ("n if m == 1 else m", "m"),
    says="A size of 1 was stretched in b only. The rule makes no difference between the two: "
    "whichever has the 1 takes the size of the other.",
)

slip(
    "tensors.broadcast_shapes",
    "expects the longer shape first",
    ("max(len(a), len(b))", "len(a)"),
    ("strict=True", "strict=False"),
    says="You put ones in front of b only, as if a were always the longer shape. Either of them "
    "may be: both need `max(len(a), len(b))` sizes.",
)

slip(
    "tensors.broadcast_shapes",
    "from the end, and not turned back",
    ("zip(sizes_of_a, sizes_of_b,", "zip(sizes_of_a[::-1], sizes_of_b[::-1],"),
    says="You began at the last axis, which is right, and left the result in that order: it reads "
    "from the end to the front. Reverse it before you return it.",
)


@misconception(
    "tensors.broadcast_shapes",
    "a multiple fits",
    says="You let a size meet any multiple of itself, as if 2 rows could be used three times to "
    "fill 6. Only one row is used again and again: a size must be 1, or equal.",
)
def broadcast_shapes(a, b):
    rank = max(len(a), len(b))
    a = (1,) * (rank - len(a)) + tuple(a)
    b = (1,) * (rank - len(b)) + tuple(b)
    result = []
    for m, n in zip(a, b, strict=True):
        if m == 1 or n == 1:
            result.append(n if m == 1 else m)
        elif max(m, n) % min(m, n):
            raise ValueError
        else:
            result.append(max(m, n))
    return tuple(result)


@misconception(
    "tensors.broadcast_shapes",
    "looks at the last axis only",
    says="You compared the last sizes, and nothing else. Every place must fit, also those further "
    "to the front.",
)
def broadcast_shapes(a, b):
    rank = max(len(a), len(b))
    a = (1,) * (rank - len(a)) + tuple(a)
    b = (1,) * (rank - len(b)) + tuple(b)
    if a[-1] != b[-1] and a[-1] != 1 and b[-1] != 1:
        raise ValueError
    return tuple(n if m == 1 else m for m, n in zip(a, b, strict=True))


@misconception(
    "tensors.broadcast_shapes",
    "joins the shapes",
    says="You put one shape behind the other. That is the shape of *all* pairs of numbers, of an "
    "outer product; in an addition the axes stand in line and meet.",
)
def broadcast_shapes(a, b):
    return tuple(a) + tuple(b)


NEVER_REFUSES = (
    "Your sizes are right where the shapes fit, but you never raise an error. Unequal sizes "
    "fit together only if one of them is 1; for all others, `raise ValueError(...)`."
)

slip(
    "tensors.broadcast_shapes",
    "nothing is refused",
    NOTHING_REFUSED,
    says=NEVER_REFUSES,
)

slip(
    "tensors.broadcast_shapes",
    "nothing is refused, the first size wins",
    NOTHING_REFUSED,
    ("n if m == 1 else m", "m if n == 1 else n"),
    says=NEVER_REFUSES,
)

ONES_BEHIND = (
    "You put the ones behind the shorter shape, so that the first axes stand in line. They "
    "belong in front: the *last* axes meet. And sizes that do not fit need a `raise "
    "ValueError(...)`."
)

slip(
    "tensors.broadcast_shapes",
    "first axes in line, and nothing is refused",
    *FIRST_AXES_IN_LINE,
    NOTHING_REFUSED,
    ("n if m == 1 else m", "max(m, n)"),
    says=ONES_BEHIND,
)

slip(
    "tensors.broadcast_shapes",
    "first axes in line, nothing is refused, whatever is not 1 wins",
    *FIRST_AXES_IN_LINE,
    NOTHING_REFUSED,
    says=ONES_BEHIND,
)


@misconception(
    "tensors.broadcast_shapes",
    "pairs the shapes as they are",
    says="`zip` pairs the first sizes and stops at the end of the shorter shape. It is the *last* "
    "axes that meet: put ones in front of the shorter shape first, until both have the same "
    "length.",
)
def broadcast_shapes(a, b):
    result = []
    for m, n in zip(a, b, strict=False):
        if m != n and m != 1 and n != 1:
            raise ValueError
        result.append(n if m == 1 else m)
    return tuple(result)


slip(
    "tensors.broadcast_shapes",
    "first axes in line, the larger size wins",
    *FIRST_AXES_IN_LINE,
    ("n if m == 1 else m", "max(m, n)"),
    says="You put the ones behind the shorter shape, so that the first axes stand in line. They "
    "belong in front: the *last* axes meet. And where one size is 1, take the other one, which may "
    "be 0.",
)

# --- add_loop -----------------------------------------------------------------------------------


@misconception(
    "tensors.add_loop",
    "one place for both arrays",
    says="You read x and y at the place of the result itself. Where an axis has the size 1, its "
    "only index is 0; and a shorter array uses the last part of the place only.",
)
def add_loop(x, y):
    result = np.zeros(np.broadcast_shapes(x.shape, y.shape))
    for place in np.ndindex(result.shape):
        result[place] = x[place] + y[place]
    return result


slip(
    "tensors.add_loop",
    "takes places from the front",
    ("place[result.ndim - array.ndim :]", "place[: array.ndim]"),
    says="A shorter array got the *first* part of the place. Its axes stand in line with the last "
    "ones of the result: `place[result.ndim - x.ndim:]`.",
)

slip(
    "tensors.add_loop",
    "adds a missing axis, does not stretch a size of 1",
    ("i if n > 1 else 0", "i"),
    says="You found the last part of the place for a shorter array, and then used it as it is. "
    "Along an axis of size 1 the index is always 0.",
)


@misconception(
    "tensors.add_loop",
    "begins again wherever the numbers run out",
    says="Your numbers are right where the shapes fit. Where they do not, `%` begins again at 0 "
    "without a word: but an array is used again only along an axis of size 1. Ask "
    "`broadcast_shapes` first, it raises the error.",
)
def add_loop(x, y):
    rank = max(x.ndim, y.ndim)
    x = x.reshape((1,) * (rank - x.ndim) + x.shape)
    y = y.reshape((1,) * (rank - y.ndim) + y.shape)
    result = np.zeros(np.maximum(x.shape, y.shape))
    for place in np.ndindex(result.shape):
        in_x = tuple(i % n for i, n in zip(place, x.shape, strict=True))
        in_y = tuple(i % n for i, n in zip(place, y.shape, strict=True))
        result[place] = x[in_x] + y[in_y]
    return result


@misconception(
    "tensors.add_loop",
    "only y is stretched",
    says="Your result has the shape of x, and y alone is stretched to it. It may be x that lacks "
    "an axis or has the size 1: the shape comes from `broadcast_shapes(x.shape, y.shape)`.",
)
def add_loop(x, y):
    result = np.zeros(x.shape)
    y = np.broadcast_to(y, x.shape)
    for place in np.ndindex(x.shape):
        result[place] = x[place] + y[place]
    return result


slip(
    "tensors.add_loop",
    "results of the dtype of x",
    ("(x.shape, y.shape))", "(x.shape, y.shape), dtype=x.dtype)"),
    says="Your result has the dtype of x. Where x holds integers, what y adds behind the decimal "
    "point is cut off. `np.zeros(shape)` makes floats.",
)


@misconception(
    "tensors.add_loop",
    "lets NumPy add",
    says="Your numbers are right, the dtype is not: the result is to hold floats, also where x "
    "and y both hold integers. NumPy's `+` makes integers of those. `np.zeros(shape)` holds "
    "floats, whatever is put in.",
)
def add_loop(x, y):
    return x + y


@misconception(
    "tensors.add_loop",
    "adds into x",
    says="`+=` writes into x, which belongs to the caller, and x cannot grow to the larger shape. "
    "Make a new array for the result.",
)
def add_loop(x, y):
    x += y
    return x


slip(
    "tensors.add_loop",
    "the running total",
    ("        total = 0.0\n", ""),
    ("for place in", "total = 0.0\n    for place in"),
    says="Your total goes on growing from place to place. Each place of the result begins anew: "
    "set the total to 0 inside of the loop over the places.",
)


@misconception(
    "tensors.add_loop",
    "two loops for two axes",
    says="You wrote two loops, as for `relu_loop`, and so your function knows arrays of rank 2 "
    "only. `np.ndindex(shape)` goes through the places of any shape with one loop.",
)
def add_loop(x, y):
    rows, columns = np.broadcast_shapes(x.shape, y.shape)
    x, y = np.atleast_2d(x), np.atleast_2d(y)
    result = np.zeros((rows, columns))
    for i in range(rows):
        for j in range(columns):
            result[i, j] = x[i % x.shape[0], j % x.shape[1]] + y[i % y.shape[0], j % y.shape[1]]
    return result


@misconception(
    "tensors.add_loop",
    "number after number, whatever the shapes",
    says="You went through the numbers of x and of y one after the other and began again when one "
    "ran out. Which numbers meet is a question of their *places*: take the index apart, axis by "
    "axis.",
)
def add_loop(x, y):
    shape = np.broadcast_shapes(x.shape, y.shape)
    numbers = [x.flat[i % x.size] + y.flat[i % y.size] for i in range(int(np.prod(shape)))]
    return np.array(numbers, dtype=float).reshape(shape)


@misconception(
    "tensors.add_loop",
    "all pairs",
    says="You added every number of x to every number of y, so that the axes of both stand in the "
    "result. Broadcasting lays them in line: axes of equal size meet, and become one.",
)
def add_loop(x, y):
    result = np.zeros(x.shape + y.shape)
    for i in np.ndindex(x.shape):
        for j in np.ndindex(y.shape):
            result[i + j] = x[i] + y[j]
    return result


LIST_AS_INDEX = (
    "You used a list as an index. With a list, NumPy takes a whole row for each number in it; "
    "one place is a *tuple*: `x[tuple(own)]`."
)

slip(
    "tensors.add_loop",
    "a list as an index",
    ("tuple(", "list("),
    says=LIST_AS_INDEX,
)


@misconception(
    "tensors.add_loop",
    "two lists as indices",
    says=LIST_AS_INDEX,
)
def add_loop(x, y):
    result = np.zeros(np.broadcast_shapes(x.shape, y.shape))
    for place in np.ndindex(result.shape):
        in_x = list(place[result.ndim - x.ndim :])
        in_y = list(place[result.ndim - y.ndim :])
        for own, shape in (in_x, x.shape), (in_y, y.shape):
            for axis, size in enumerate(shape):
                if size == 1:
                    own[axis] = 0
        result[place] = x[in_x] + y[in_y]
    return result


@misconception(
    "tensors.add_loop",
    "the place as a list",
    says=LIST_AS_INDEX,
)
def add_loop(x, y):
    result = np.zeros(np.broadcast_shapes(x.shape, y.shape))
    for place in map(list, np.ndindex(result.shape)):
        result[tuple(place)] = x[place] + y[place]
    return result


# --- matmul_loop --------------------------------------------------------------------------------


@misconception(
    "tensors.matmul_loop",
    "multiplies place by place",
    says="You multiplied numbers that stand in the same place, as `*` does. In a product of "
    "matrices a *row* of x meets a *column* of y, and the products are added up.",
)
def matmul_loop(x, y):
    if not {x.ndim, y.ndim} <= {1, 2} or x.shape[-1] != y.shape[0]:
        raise ValueError("they do not fit together")
    return np.array(x * y, dtype=float)


slip(
    "tensors.matmul_loop",
    "rows with rows",
    ("y.shape[0]:", "y.shape[-1]:"),
    ("in y.T", "in y"),
    says="You multiplied rows of x with rows of y. Of y it is the columns that count: `y[:, j]`, "
    "or the rows of `y.T`.",
)


@misconception(
    "tensors.matmul_loop",
    "y first",
    says="You multiplied in the other order, y times x. With matrices the order matters: rows come "
    "from the first factor, x, and columns from the second.",
)
def matmul_loop(x, y):
    if not {x.ndim, y.ndim} <= {1, 2} or y.shape[-1] != x.shape[0]:
        raise ValueError("they do not fit together")
    return sum(1.0 * np.multiply.outer(y[..., i], x[i]) for i in range(len(x)))


@misconception(
    "tensors.matmul_loop",
    "keeps the last product only",
    says="Each product overwrites the one before, and the last one stays. Add them up: `total += "
    "...`, which begins at 0.",
)
def matmul_loop(x, y):
    if not {x.ndim, y.ndim} <= {1, 2} or x.shape[-1] != y.shape[0]:
        raise ValueError("they do not fit together")
    rows, columns = np.atleast_2d(x), y.reshape(len(y), -1).T
    result = np.zeros((len(rows), len(columns)))
    for i, row in enumerate(rows):
        for j, column in enumerate(columns):
            for a, b in zip(row, column, strict=True):
                result[i, j] = a * b
    return result.reshape(x.shape[:-1] + y.shape[1:])


@misconception(
    "tensors.matmul_loop",
    "the total is never set back",
    says="Your total goes on growing from one entry to the next. Every entry is a sum of its own: "
    "set `total = 0.0` inside of the loops over the entries, before the innermost one.",
)
def matmul_loop(x, y):
    if not {x.ndim, y.ndim} <= {1, 2} or x.shape[-1] != y.shape[0]:
        raise ValueError("they do not fit together")
    rows, columns = np.atleast_2d(x), y.reshape(len(y), -1).T
    result = np.zeros((len(rows), len(columns)))
    total = 0.0
    for i, row in enumerate(rows):
        for j, column in enumerate(columns):
            for a, b in zip(row, column, strict=True):
                total += a * b
            result[i, j] = total
    return result.reshape(x.shape[:-1] + y.shape[1:])


slip(
    "tensors.matmul_loop",
    "leaves out the last product",
    ("a, b in zip(x, y, strict=True)", "n in range(len(x) - 1)"),
    ("a * b", "x[n] * y[n]"),
    says="Each of your sums has one product too few. `range(n)` ends with n - 1 already, so there "
    "is nothing to take away from n.",
)


@misconception(
    "tensors.matmul_loop",
    "does not add up",
    says="Two vectors give one number: multiply them number by number, and then *add up* the "
    "products. Without the sum an axis is left that should be gone.",
)
def matmul_loop(x, y):
    if not {x.ndim, y.ndim} <= {1, 2} or x.shape[-1] != y.shape[0]:
        raise ValueError("they do not fit together")
    rows, columns = np.atleast_2d(x), y.reshape(len(y), -1).T
    result = np.array([[row * column for column in columns] for row in rows], dtype=float)
    return result.reshape(x.shape[:-1] + y.shape[1:] + y.shape[:1])


RANKS_UNASKED = (
    "    if not {x.ndim, y.ndim} <= {1, 2}:\n"
    '        raise ValueError(f"only vectors and matrices, not ranks {x.ndim} and {y.ndim}")\n',
    "",
)

SIZES_UNASKED = (
    "    if x.shape[-1] != y.shape[0]:\n"
    '        raise ValueError(f"{x.shape[-1]} numbers cannot meet {y.shape[0]}")\n',
    "",
)

NOTHING_ASKED = (RANKS_UNASKED, SIZES_UNASKED, ("strict=True", "strict=False"))

slip(
    "tensors.matmul_loop",
    "stops where the shorter one ends",
    SIZES_UNASKED,
    ("strict=True", "strict=False"),
    says="Sizes that differ gave a result, and the numbers too many were left out without a word: "
    "`zip` stops at the end of the shorter one. Compare the two n first, and raise ValueError if "
    "they differ.",
)


@misconception(
    "tensors.matmul_loop",
    "the shapes must be equal",
    says="You demand that x and y have one shape. For `*` they would; in a product of matrices "
    "only the last size of x and the first size of y must agree.",
)
def matmul_loop(x, y):
    if x.shape != y.shape or x.ndim not in (1, 2):
        raise ValueError("they do not fit together")
    return sum(1.0 * np.multiply.outer(x[..., i], y[i]) for i in range(len(y)))


@misconception(
    "tensors.matmul_loop",
    "does not ask for the ranks",
    says="Your products are right, but nothing keeps three axes out, or a single number, which has "
    "no last size to ask for. Look at `x.ndim` and `y.ndim` first.",
)
def matmul_loop(x, y):
    if x.shape[-1] != y.shape[0]:
        raise ValueError("the sizes differ")
    result = np.zeros(x.shape[:-1] + y.shape[1:])
    for i in np.ndindex(x.shape[:-1]):
        for j in np.ndindex(y.shape[1:]):
            for n in range(len(y)):
                result[i + j] += x[(*i, n)] * y[(n, *j)]
    return result


@misconception(
    "tensors.matmul_loop",
    "knows matrices only",
    says="Your loops are right for two matrices, but a vector has one size and cannot be unpacked "
    "into two. Ask for `x.ndim` and `y.ndim`, and treat a vector x as one row, a vector y as one "
    "column.",
)
def matmul_loop(x, y):
    m, n = x.shape
    also_n, k = y.shape
    if n != also_n:
        raise ValueError("the sizes differ")
    result = np.zeros((m, k))
    for i in range(m):
        for j in range(k):
            for inner in range(n):
                result[i, j] += x[i, inner] * y[inner, j]
    return result


@misconception(
    "tensors.matmul_loop",
    "vectors come back as matrices",
    says="You made a row or a column of each vector, which is a good idea, and forgot to take the "
    "extra axis away at the end: a matrix [m, n] times a vector [n] is [m], not [m, 1].",
)
def matmul_loop(x, y):
    if not {x.ndim, y.ndim} <= {1, 2} or x.shape[-1] != y.shape[0]:
        raise ValueError("they do not fit together")
    rows, columns = np.atleast_2d(x), y.reshape(len(y), -1).T
    result = np.zeros((len(rows), len(columns)))
    for i, row in enumerate(rows):
        for j, column in enumerate(columns):
            for a, b in zip(row, column, strict=True):
                result[i, j] += a * b
    return result


@misconception(
    "tensors.matmul_loop",
    "results of the dtype of x",
    says="Your result has the dtype of x. Where x holds integers, all that stands behind the "
    "decimal point is cut off. `np.zeros(shape)` makes floats.",
)
def matmul_loop(x, y):
    if not {x.ndim, y.ndim} <= {1, 2} or x.shape[-1] != y.shape[0]:
        raise ValueError("they do not fit together")
    rows, columns = np.atleast_2d(x), y.reshape(len(y), -1).T
    result = np.zeros((len(rows), len(columns)), dtype=x.dtype)
    for i, row in enumerate(rows):
        for j, column in enumerate(columns):
            result[i, j] = sum(a * b for a, b in zip(row, column, strict=True))
    return result.reshape(x.shape[:-1] + y.shape[1:])


@misconception(
    "tensors.matmul_loop",
    "columns in the place of rows",
    says="The numbers are right, but the table lies on its side. Row i of x and column j of y "
    "belong to entry [i, j]; the loop over the rows of x is the outer one.",
)
def matmul_loop(x, y):
    if not {x.ndim, y.ndim} <= {1, 2} or x.shape[-1] != y.shape[0]:
        raise ValueError("they do not fit together")
    return sum(1.0 * np.multiply.outer(x[..., i], y[i]) for i in range(len(y))).T


slip(
    "tensors.matmul_loop",
    "integers out of integers",
    ("total = 0.0", "total = 0"),
    says="Your products are right, but where all numbers are integers, so is your result. A total "
    "that begins at 0 stays an integer; begin with `total = 0.0`, and it is a float.",
)

slip(
    "tensors.matmul_loop",
    "walks over the rows of y",
    ("in y.T", "in y"),
    says="`for ... in y` walks over the *rows* of y. In a product x meets its columns: they are "
    "the rows of the transpose, `y.T`.",
)

slip(
    "tensors.matmul_loop",
    "walks over the rows of y, and asks for no sizes",
    *NOTHING_ASKED,
    ("in y.T", "in y"),
    says="`for ... in y` walks over the *rows* of y. In a product x meets its columns, the rows of "
    "`y.T`. And `zip` stops where the shorter one ends: compare the two n first, and raise "
    "ValueError if they differ.",
)

ASKS_FOR_NOTHING = (
    "Your products are right where x and y fit. But `zip` stops where the shorter one ends, "
    "and nothing keeps other ranks out. Before the loops, compare the two n and look at `x.ndim` "
    "and `y.ndim`: raise ValueError where they are wrong."
)

slip(
    "tensors.matmul_loop",
    "asks for nothing",
    *NOTHING_ASKED,
    says=ASKS_FOR_NOTHING,
)


@misconception(
    "tensors.matmul_loop",
    "asks for nothing, vectors first",
    says=ASKS_FOR_NOTHING,
)
def matmul_loop(x, y):
    def product(x, y):
        if x.ndim == 1 and y.ndim == 1:
            total = 0.0
            for a, b in zip(x, y, strict=False):
                total += a * b
            return total
        if x.ndim == 2:
            return np.array([product(row, y) for row in x])
        return np.array([product(x, column) for column in y.T])

    return product(x, y)


slip(
    "tensors.matmul_loop",
    "asks for nothing, integers out of integers",
    *NOTHING_ASKED,
    ("total = 0.0", "total = 0"),
    says="Two things: a total that begins at 0 stays an integer where all numbers are integers, so "
    "begin with `total = 0.0`. And `zip` stops where the shorter one ends: compare the two n, look "
    "at `x.ndim` and `y.ndim`, and raise ValueError where they are wrong.",
)

PLACE_BY_PLACE = (
    "`*` multiplies numbers that stand in the same place, with broadcasting, and adds nothing "
    "up. In a product of matrices a *row* of x meets a *column* of y, and the products are added."
)


@misconception(
    "tensors.matmul_loop",
    "lets NumPy multiply place by place",
    says=PLACE_BY_PLACE,
)
def matmul_loop(x, y):
    return x * y


@misconception(
    "tensors.matmul_loop",
    "asks for the sizes, then multiplies place by place",
    says=PLACE_BY_PLACE,
)
def matmul_loop(x, y):
    if x.shape[-1] != y.shape[0]:
        raise ValueError("they do not fit together")
    return x * y


SUM_OF_LAST_AXIS = (
    "`(x * y).sum(axis=-1)` is right for two vectors and for a matrix times a vector. Where y "
    "is a matrix, broadcasting lays its *rows* on those of x, and the product needs its columns: "
    "one dot product for each of them."
)


@misconception(
    "tensors.matmul_loop",
    "place by place, then a sum over the last axis",
    says=SUM_OF_LAST_AXIS,
)
def matmul_loop(x, y):
    return (x * y).sum(axis=-1)


@misconception(
    "tensors.matmul_loop",
    "asks for the sizes, then place by place and a sum over the last axis",
    says=SUM_OF_LAST_AXIS,
)
def matmul_loop(x, y):
    if x.shape[-1] != y.shape[0]:
        raise ValueError("they do not fit together")
    return (x * y).sum(axis=-1)


@misconception(
    "tensors.matmul_loop",
    "asks for ranks and sizes, then place by place and a sum over the last axis",
    says=SUM_OF_LAST_AXIS,
)
def matmul_loop(x, y):
    if not {x.ndim, y.ndim} <= {1, 2} or x.shape[-1] != y.shape[0]:
        raise ValueError("they do not fit together")
    return (x * y).astype(float).sum(axis=-1)


@misconception(
    "tensors.matmul_loop",
    "one sum over everything",
    says="`np.sum(x * y)` adds up all products to one number, which is right for two vectors. With "
    "a matrix there is a sum of its own for each row of x and each column of y.",
)
def matmul_loop(x, y):
    if not {x.ndim, y.ndim} <= {1, 2} or x.shape[-1] != y.shape[0]:
        raise ValueError("they do not fit together")
    return np.sum(x * y)


NO_SECOND_SIZE = (
    "A vector has one size: there is no `shape[1]`, hence the IndexError. Your "
    "loops suit two matrices. Ask for `x.ndim` and `y.ndim`, and treat a vector x as one row, a "
    "vector y as one column."
)


@misconception(
    "tensors.matmul_loop",
    "a second size, whether there is one or not",
    says=NO_SECOND_SIZE,
)
def matmul_loop(x, y):
    result = np.zeros((x.shape[0], y.shape[1]))
    for i in range(x.shape[0]):
        for j in range(y.shape[1]):
            for inner in range(x.shape[1]):
                result[i, j] += x[i, inner] * y[inner, j]
    return result


@misconception(
    "tensors.matmul_loop",
    "asks for ranks and sizes, and knows matrices only",
    says=NO_SECOND_SIZE,
)
def matmul_loop(x, y):
    if not {x.ndim, y.ndim} <= {1, 2} or x.shape[-1] != y.shape[0]:
        raise ValueError("they do not fit together")
    result = np.zeros((x.shape[0], y.shape[1]))
    for i in range(x.shape[0]):
        for j in range(y.shape[1]):
            for inner in range(x.shape[1]):
                result[i, j] += x[i, inner] * y[inner, j]
    return result


# --- take_batch ---------------------------------------------------------------------------------

slip(
    "tensors.take_batch",
    "begins at the index",
    ("data[start : start + size]", "data[index : index + size]"),
    says="Your batch begins at example number `index`. Each batch before it has `size` examples, "
    "so it begins at `index * size`.",
)

slip(
    "tensors.take_batch",
    "counts batches from 1",
    ("index * size", "(index - 1) * size"),
    says="You counted the batches from 1. Here they are counted from 0, as everything in Python: "
    "batch 0 begins at example 0.",
)

slip(
    "tensors.take_batch",
    "stops at the size",
    ("start + size", "size"),
    says="Your slice ends at `size`, which is right for batch 0 only. The second number of a slice "
    "is the place where it ends, not how many it takes: `start + size`.",
)

slip(
    "tensors.take_batch",
    "one example too few",
    ("start + size", "start + size - 1"),
    says="One example is missing at the end of your batch. The end of a slice does not belong to "
    "it, so there is nothing to take away from `start + size`.",
)

slip(
    "tensors.take_batch",
    "one example too many",
    ("start + size", "start + size + 1"),
    says="Your batch holds the first example of the next one, too. The end of a slice does not "
    "belong to it: `data[start : start + size]` has `size` examples.",
)

slip(
    "tensors.take_batch",
    "no short batch",
    ("not 0 <= start < len(data)", "start < 0 or start + size > len(data)"),
    says="You refuse the last batch when it is not full. Those examples would never be seen: "
    "return what is left, and raise IndexError only where nothing is.",
)

slip(
    "tensors.take_batch",
    "fills the last batch from the front",
    ("start : start + size", "np.arange(start, start + size) % len(data)"),
    says="You filled the short batch with examples from the beginning, which are then seen twice. "
    "The last batch has those that are left, however few.",
)


@misconception(
    "tensors.take_batch",
    "fills the last batch with zeros",
    says="You filled the short batch with zeros. Nobody drew those examples: the last batch has "
    "those that are left, however few.",
)
def take_batch(data, index, size):
    if not 0 <= index * size < len(data):
        raise IndexError("no such batch")
    batch = data[index * size : (index + 1) * size]
    return np.concatenate([batch, np.zeros((size - len(batch), *data.shape[1:]), data.dtype)])


@misconception(
    "tensors.take_batch",
    "nothing is no error",
    says="A slice that lies outside of the data is no error in Python: mostly it is empty. So you "
    "must ask yourself whether there is such a batch. Which positions can a batch begin at?",
)
def take_batch(data, index, size):
    return data[index * size : (index + 1) * size]


slip(
    "tensors.take_batch",
    "forgets that an index may lie below 0",
    ("not 0 <= start < len(data)", "start >= len(data)"),
    says="You check the end but not the beginning: batch -1 begins at a position below 0, and a "
    "slice counts such a one from the end. Here it is no batch at all.",
)

slip(
    "tensors.take_batch",
    "an empty batch at the end",
    ("start < len(data)", "start <= len(data)"),
    says="When the size divides the number of examples, you return one more batch, an empty one. "
    "`start == len(data)` is too far already: compare with `>=`.",
)

slip(
    "tensors.take_batch",
    "another error",
    ("raise IndexError", "raise ValueError"),
    says="You raise ValueError. Python says IndexError where a position does not exist, and the "
    "exercise asks for that one: whoever calls you may wait for it.",
)

slip(
    "tensors.take_batch",
    "batches of even size",
    ("data[start : start + size]", "np.array_split(data, -(-len(data) // size))[index]"),
    says="You cut the examples into batches of almost even size, as `np.array_split` does. Here "
    "all batches have `size` examples, and the last one alone may be shorter.",
)

slip(
    "tensors.take_batch",
    "the last axis",
    ("data[start", "data[..., start"),
    says="You cut along the last axis, which gives a strip of every picture. The first axis counts "
    "the examples: `data[start : start + size]`.",
)


@misconception(
    "tensors.take_batch",
    "begins at the index, and nothing is no error",
    says="Your batch begins at example number `index`, but each batch before it has `size` "
    "examples. Where does it begin, then? And a slice outside of the data is no error: ask "
    "yourself whether there is such a batch.",
)
def take_batch(data, index, size):
    return data[index : index + size]


@misconception(
    "tensors.take_batch",
    "stops at the size, and nothing is no error",
    says="The second number of a slice is the place where it ends, not how many it takes. Yours "
    "ends at `size`, which is right for batch 0 only. And a slice outside of the data is no error: "
    "ask yourself whether there is such a batch.",
)
def take_batch(data, index, size):
    return data[index * size : size]


slip(
    "tensors.take_batch",
    "begins at the index, which must be one of an example",
    ("index * size", "index"),
    says="You took `index` for the number of an example, in the slice and in the check. It counts "
    "batches, and each batch before this one has `size` examples.",
)

slip(
    "tensors.take_batch",
    "checks the index as if it counted examples",
    ("0 <= start", "0 <= index"),
    says="Your slice is right. The check compares `index` with the number of *examples*, but it "
    "counts batches: compare the position where the batch begins.",
)

# --- rotation -----------------------------------------------------------------------------------

slip(
    "tensors.rotation",
    "clockwise",
    ("-np.sin(angle)], [np.sin", "np.sin(angle)], [-np.sin"),
    says="Your matrix turns clockwise. Its *columns* are where the two basis vectors go, and the "
    "first one goes to (cos, sin): the minus belongs to the upper right.",
)

slip(
    "tensors.rotation",
    "degrees",
    ("return", "angle = np.deg2rad(angle)\n    return"),
    says="You took the angle for degrees and converted it. It is in radians already, which is what "
    "`np.cos` and `np.sin` expect.",
)

slip(
    "tensors.rotation",
    "radians turned into degrees",
    ("return", "angle = np.rad2deg(angle)\n    return"),
    says="You converted the angle to degrees, but `np.cos` and `np.sin` expect radians, and the "
    "angle is in radians already.",
)

slip(
    "tensors.rotation",
    "no minus sign",
    ("-np.sin", "np.sin"),
    says="Both of your sines are positive. Turn the second basis vector (0, 1) by a small angle "
    "counterclockwise: it leans to the left, so its first coordinate is -sin.",
)

slip(
    "tensors.rotation",
    "a mirror",
    ("-np.sin", "np.sin"),
    (", np.cos", ", -np.cos"),
    says="Your matrix turns the plane and turns it over like a page: its determinant is -1. The "
    "minus sign belongs to the sine in the upper right, and both cosines are positive.",
)


@misconception(
    "tensors.rotation",
    "sine and cosine exchanged",
    says="You exchanged sine and cosine. With an angle of 0 nothing turns, so the matrix must be "
    "the unit matrix: the cosine, which is 1 there, belongs on the diagonal.",
)
def rotation(angle):
    return np.array([[np.sin(angle), -np.cos(angle)], [np.cos(angle), np.sin(angle)]])


slip(
    "tensors.rotation",
    "two minus signs",
    ("[np.sin", "[-np.sin"),
    says="Both of your sines are negative, which is no rotation: the columns no longer stand at "
    "right angles. The first basis vector goes to (cos, sin), without a minus.",
)

slip(
    "tensors.rotation",
    "cosines without sines",
    ("-np.sin(angle)], [np.sin(angle), np.cos(angle)", "0], [0, np.sin(angle)"),
    says="You put the cosine and the sine on the diagonal. That stretches each axis by itself; to "
    "turn, each basis vector needs a part of both directions.",
)

slip(
    "tensors.rotation",
    "a list of lists",
    ("np.array([[", "[["),
    ("]])", "]]"),
    says="The numbers are right, but they stand in lists, and `@` does not know lists. "
    "`np.array([...])` makes a matrix of them.",
)

slip(
    "tensors.rotation",
    "four numbers in a row",
    ("[[", "["),
    ("], [", ", "),
    ("]]", "]"),
    says="The numbers are right, but they stand in one row of four. A matrix has rows of its own: "
    "`np.array([[..., ...], [..., ...]])`, with brackets around each.",
)


@misconception(
    "tensors.rotation",
    "a pair of rows",
    says="The numbers are right, but they are a tuple of two rows, and `@` does not know tuples. "
    "`np.array([...])` around both makes a matrix of them.",
)
def rotation(angle):
    return (np.cos(angle), -np.sin(angle)), (np.sin(angle), np.cos(angle))


@misconception(
    "tensors.rotation",
    "a pair of columns",
    says="These are the two columns, and they are right, but they are two arrays. Make one matrix "
    "of them, `np.array([[..., ...], [..., ...]])`: its first *row* holds the first numbers of the "
    "two.",
)
def rotation(angle):
    return np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])


slip(
    "tensors.rotation",
    "two lists for np.array",
    ("[[", "["),
    ("]]", "]"),
    says="`np.array` takes *one* list; it read your second row as the dtype, hence the strange "
    "error. Put both rows into one list: `np.array([[..., ...], [..., ...]])`.",
)

slip(
    "tensors.rotation",
    "four inputs for np.array",
    ("[[", ""),
    ("], [", ", "),
    ("]]", ""),
    says="`np.array` takes *one* list, and you gave it the four numbers one by one. Write the rows "
    "as lists, and both in one list: `np.array([[..., ...], [..., ...]])`.",
)

slip(
    "tensors.rotation",
    "four numbers in a list",
    ("np.array([[", "["),
    ("], [", ", "),
    ("]])", "]"),
    says="The numbers are right, but they stand in one list of four. A matrix has rows of its own, "
    "and is an array: `np.array([[..., ...], [..., ...]])`, with brackets around each row.",
)

# --- compose_affine -----------------------------------------------------------------------------

slip(
    "tensors.compose_affine",
    "the second map first",
    ("A2 @ A1, A2 @ b1 + b2", "A1 @ A2, A1 @ b2 + b1"),
    says="You let the second map act first. What stands next to x acts first, so the first map's "
    "matrix is on the *right*: A2 (A1 x + b1) + b2.",
)

slip(
    "tensors.compose_affine",
    "matrices in reading order",
    ("A2 @ A1", "A1 @ A2"),
    says="Your offset is right, but the matrices stand in reading order. What stands next to x "
    "acts first: A2 (A1 x) has the matrix A2 A1.",
)

slip(
    "tensors.compose_affine",
    "adds the offsets",
    ("A2 @ b1", "b1"),
    says="You added the two offsets. The second map acts on all that comes out of the first, on b1 "
    "too: it becomes A2 b1 before b2 is added.",
)

slip(
    "tensors.compose_affine",
    "forgets the second offset",
    ("A2 @ b1 + b2", "A2 @ b1"),
    says="Your b lacks b2. Multiply out A2 (A1 x + b1) + b2: two parts have no x in them.",
)

slip(
    "tensors.compose_affine",
    "forgets the first offset",
    ("A2 @ b1 + b2", "b2"),
    says="Your b is b2 alone. Multiply out A2 (A1 x + b1) + b2: the bracket holds a part without "
    "x, and A2 acts on it.",
)

slip(
    "tensors.compose_affine",
    "the second map acts on both offsets",
    ("A2 @ b1 + b2", "A2 @ (b1 + b2)"),
    says="You put b2 inside of the bracket, and so A2 acted on it. b2 is added at the very end, as "
    "it is.",
)

slip(
    "tensors.compose_affine",
    "the first matrix for the offset",
    ("A2 @ b1", "A1 @ b1"),
    says="You let A1 act on b1, but the first map has added b1 only after its own matrix. It is "
    "the second map, A2, that acts on it.",
)

slip(
    "tensors.compose_affine",
    "the whole matrix for the offset",
    ("A2 @ b1", "A2 @ A1 @ b1"),
    says="You multiplied b1 by the product A2 A1. When b1 comes in, A1 has done its work already: "
    "A2 alone acts on b1.",
)

PRODUCT_OF_MATRICES = (
    "`*` multiplies numbers that stand in the same place. One map after the other is the "
    "product of matrices, `@`."
)

slip(
    "tensors.compose_affine",
    "multiplies place by place",
    ("A2 @ A1", "A2 * A1"),
    says=PRODUCT_OF_MATRICES,
)

slip(
    "tensors.compose_affine",
    "multiplies place by place, the first matrix first",
    ("A2 @ A1", "A1 * A2"),
    says=PRODUCT_OF_MATRICES,
)

slip(
    "tensors.compose_affine",
    "multiplies the matrices place by place and adds the offsets",
    ("A2 @ A1, A2 @ b1", "A1 * A2, b1"),
    says=PRODUCT_OF_MATRICES + " And A2 acts on b1, too, before b2 is added.",
)

slip(
    "tensors.compose_affine",
    "adds the maps",
    ("A2 @ A1, A2 @ b1", "A1 + A2, b1"),
    says="You added the two maps. That gives the sum of what both make of x; here the second acts "
    "on what the first has made.",
)

slip(
    "tensors.compose_affine",
    "points as rows",
    ("A2 @ b1", "b1 @ A2"),
    says="You wrote b1 @ A2, as if points were rows. Here a point is a column and stands to the "
    "right of the matrix: A2 @ b1.",
)

slip(
    "tensors.compose_affine",
    "offset before matrix",
    ("A2 @ A1, A2 @ b1 + b2", "A2 @ b1 + b2, A2 @ A1"),
    says="Both results are right, but in the wrong order: first the matrix A, then the offset b.",
)

slip(
    "tensors.compose_affine",
    "returns the matrix only",
    (", A2 @ b1 + b2", ""),
    says="You returned the matrix alone. An affine map is a matrix and an offset: return both, "
    "with a comma between them.",
)

BOTH_PLACE_BY_PLACE = (
    "`*` multiplies numbers that stand in the same place. One map after the other is the "
    "product of matrices, and a map of a point is the product with a vector: `@` for both."
)

slip(
    "tensors.compose_affine",
    "multiplies the offset place by place, too",
    ("A2 @", "A2 *"),
    says=BOTH_PLACE_BY_PLACE,
)

slip(
    "tensors.compose_affine",
    "multiplies all place by place, the first matrix first",
    ("A2 @ A1, A2 @", "A1 * A2, A2 *"),
    says=BOTH_PLACE_BY_PLACE,
)

slip(
    "tensors.compose_affine",
    "one array of both",
    ("A2 @ A1, A2 @ b1 + b2", "np.array([A2 @ A1, A2 @ b1 + b2])"),
    says="You put the matrix and the offset into one array, but an array has one shape, and these "
    "two have different ones. Return both as they are, with a comma between them.",
)

slip(
    "tensors.compose_affine",
    "multiplies the offset place by place",
    ("A2 @ b1", "A2 * b1"),
    says="Your matrix is right. In the offset, `*` multiplies every row of A2 by b1 and adds "
    "nothing up, so that a matrix comes out. A2 acts on the point b1: `A2 @ b1`.",
)

# --- dense --------------------------------------------------------------------------------------

slip(
    "tensors.dense",
    "forgets relu",
    ("np.maximum(x @ W + b, 0)", "x @ W + b"),
    says="You stopped at x W + b, which is an affine map: negative numbers are left. Relu puts 0 "
    "in their places.",
)

slip(
    "tensors.dense",
    "relu before the bias",
    ("x @ W + b, 0)", "x @ W, 0) + b"),
    says="You applied relu to x W and added b afterward, so that negative numbers can come back. "
    "First the whole affine map, then relu.",
)

slip(
    "tensors.dense",
    "forgets the bias",
    ("x @ W + b", "x @ W"),
    says="You did not use b. Without it every output is 0 where all inputs are 0: add b before "
    "relu.",
)

slip(
    "tensors.dense",
    "relu of the inputs",
    ("x @ W + b, 0)", "x, 0) @ W + b"),
    says="You applied relu to x, and what comes out may still be negative. Relu comes last, around "
    "x W + b.",
)

slip(
    "tensors.dense",
    "the largest number along an axis",
    ("np.maximum", "np.max"),
    says="`np.max(z, 0)` takes the largest number along axis 0: its second input is an axis. "
    "`np.maximum(z, 0)` compares every number of z with 0.",
)

slip(
    "tensors.dense",
    "the smaller one in place of the larger",
    ("np.maximum", "np.minimum"),
    says="You took the smaller of each number and 0, which keeps the negative ones. Relu is the "
    "larger of the two, `np.maximum`.",
)

slip(
    "tensors.dense",
    "takes the sign away",
    ("np.maximum(x @ W + b, 0)", "np.abs(x @ W + b)"),
    says="You turned negative numbers into positive ones, which is the absolute value. Relu puts 0 "
    "in their places.",
)

slip(
    "tensors.dense",
    "yes or no",
    ("np.maximum(x @ W + b, 0)", "(x @ W + b > 0).astype(float)"),
    says="`z > 0` tells *whether* a number is positive, 1 or 0. Relu keeps the number itself: "
    "multiply, or take `np.maximum(z, 0)`.",
)

slip(
    "tensors.dense",
    "the matrix first",
    ("x @ W", "W @ x"),
    says="You wrote W @ x, as for points that are columns. Here every example is a row, and rows "
    "stand to the left of the matrix: x @ W.",
)

slip(
    "tensors.dense",
    "transposes the weights",
    ("x @ W", "x @ W.T"),
    says="You transposed W. It has the shape [inputs, outputs] already, so that x [batch, inputs] "
    "fits to its left as it is.",
)

slip(
    "tensors.dense",
    "the bias as a column",
    ("+ b,", "+ b[:, np.newaxis],"),
    says="You gave b an axis, as a column, so that each *example* got a bias of its own. Each "
    "output has one: b [outputs] is broadcast over the rows as it is.",
)

slip(
    "tensors.dense",
    "multiplies place by place",
    ("x @ W", "x * W"),
    says="`*` multiplies numbers that stand in the same place. A layer adds up its inputs, each "
    "times its weight: that is the product of matrices, `@`.",
)

slip(
    "tensors.dense",
    "nothing above 1",
    ("np.maximum(x @ W + b, 0)", "np.clip(x @ W + b, 0, 1)"),
    says="You cut off what is larger than 1, as `np.clip(z, 0, 1)` does. Relu has no upper end: "
    "positive numbers stay as they are.",
)

slip(
    "tensors.dense",
    "a smooth step in place of relu",
    ("np.maximum(x @ W + b, 0)", "1 / (1 + np.exp(-(x @ W + b)))"),
    says="You used the sigmoid, which squeezes everything between 0 and 1. Relu leaves positive "
    "numbers alone and puts 0 in the place of the others.",
)
