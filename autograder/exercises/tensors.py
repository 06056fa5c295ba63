"""Probes for the tensors chapter: loops over axes, broadcasting, batches, maps of the plane."""

import traceback

import numpy as np

from autograder.exercises import probe


def draw_sizes(rng, count):
    """Sizes of axes from 2 to 6, no two alike."""
    return (2 + rng.permutation(5)[:count]).tolist()


def draw_affine(rng, inputs, outputs):
    return rng.normal(size=(outputs, inputs)), rng.normal(size=outputs)


def called_though(words):
    """Make a way to call a target with inputs that it has no reason to refuse.

    An error that it raises of itself gets these words: a thought is known by what it says, and
    everybody refuses in words of their own.
    """

    def call(function, *inputs):
        try:
            return function(*inputs)
        except (ValueError, IndexError) as error:
            if "raise " in (traceback.extract_tb(error.__traceback__)[-1].line or ""):
                error.args = (words,)
            raise

    return call


@probe(
    "tensors.relu_loop",
    hints=(
        "What happens to one number, `x[i, j]`? Write that line first, and put the two loops "
        "around it.",
        "i runs over the rows, `range(x.shape[0])`, and j over the columns, `range(x.shape[1])`. "
        "The result has the shape of x and is an array of its own: `x.copy()`.",
        "`result = x.copy()`; in the inner loop `if x[i, j] < 0:` set `result[i, j]` to 0; after "
        "both loops return `result`.",
    ),
)
def relu_loop(case, rng):
    case("worked by hand", np.array([[1.0, -2.0], [-3.0, 4.0]]))
    case("three rows, five columns", rng.normal(size=(3, 5)))
    case("five rows, two columns", rng.normal(size=(5, 2)))
    case("a square", rng.normal(size=(4, 4)))
    case("one row", rng.normal(size=(1, 6)))
    case("negative numbers only", -rng.uniform(0.5, 2, size=(2, 3)))
    case("integers", rng.integers(-9, 10, size=(3, 4)))


@probe(
    "tensors.broadcast_shapes",
    hints=(
        "Write the two shapes on paper, one under the other, so that their *last* sizes are in "
        "line. What stands above an empty place?",
        "The shorter shape gets ones in front, until both have `max(len(a), len(b))` sizes: "
        "(4,) becomes (1, 4). A tuple of k ones is `(1,) * k`.",
        "For m, n in `zip(padded_a, padded_b)`: if `m != n` and neither is 1, "
        "`raise ValueError(...)`; otherwise append n if m is 1, and m if it is not. "
        "Return `tuple(result)`.",
    ),
    ready_made=("broadcast",),
)
def broadcast_shapes(case, rng):
    m, n, k = (2 + rng.permutation(98)[:3]).tolist()  # no two alike

    def fits(name, *shapes):
        case(name, *shapes, using=called_though("refused, though these shapes fit together"))

    fits("worked by hand", (3, 1), (4,))
    fits("a row meets a table", (m, n), (n,))
    fits("both have an axis of size 1", (m, 1, n), (k, 1))
    fits("the longer shape comes second", (1, n), (k, m, 1))
    fits("a single number", (), (m, n))
    case("the first sizes agree, the last do not", (m, n), (m,))
    case("the last sizes agree, the first do not", (m, k), (n, k))
    case("one size is a multiple of the other", (2 * n,), (n,))
    fits("an axis of size 0", (m, 0), (1,))
    case("a size of 0 meets a larger one", (0,), (k, m))
    case("a larger size meets one of 0", (n, k), (m, 1, 0))


@probe(
    "tensors.add_loop",
    hints=(
        "Take one place of the result, such as (1, 2). Which number of x belongs there, and which "
        "number of y? What if y has one row only, or no rows at all?",
        "The result has the shape that `broadcast_shapes` gives, and `np.ndindex(shape)` goes "
        "through all its places. An array with fewer axes uses the last part of the place.",
        "In the loop, for x: `own = place[result.ndim - x.ndim:]`; then put 0 wherever "
        "`x.shape` has a 1: `x[tuple(0 if n == 1 else i for i, n in zip(own, x.shape))]`. The "
        "same for y, and add the two.",
    ),
)
def add_loop(case, rng):
    def draw(*shape):
        return np.array(rng.normal(size=shape))

    case("worked by hand", np.array([[1.0], [2.0]]), np.array([10.0, 20.0, 30.0]))
    case("equal shapes", draw(2, 3), draw(2, 3))
    case("a row and a square table", draw(3, 3), draw(3))
    case("three axes, both are stretched", draw(2, 1, 3), draw(4, 1))
    case("the longer shape comes second", draw(3), draw(2, 4, 3))
    case("a single number", draw(), draw(4))
    case("integers and floats", rng.integers(-9, 10, size=3), draw(2, 1))
    case("integers only", rng.integers(-9, 10, size=(2, 3)), rng.integers(-9, 10, size=3))
    case("two numbers for three columns", draw(2, 3), draw(2))
    case("one size is a multiple of the other", draw(4), draw(2))


@probe(
    "tensors.matmul_loop",
    hints=(
        "Begin with two vectors: multiply number by number and add up. A matrix is a stack of "
        "vectors, so the other three products are made of this one.",
        "The last axis of x and the first axis of y have the same size n, and it disappears: "
        "[m, n] and [n, k] give [m, k]. Entry [i, j] is row `x[i]` with column `y[:, j]`.",
        "After the checks: a matrix x gives `np.array([matmul_loop(row, y) for row in x])`, a "
        "matrix y with a vector x the same over the columns, `y.T`. Two vectors: `total = 0.0`, "
        "and in a loop `total += x[i] * y[i]`.",
    ),
    ready_made=("@", "matmul", "dot", "einsum", "inner", "matvec", "vecmat"),
)
def matmul_loop(case, rng):
    def draw(*shape):
        return np.array(rng.normal(size=shape))

    def whole(*shape):
        return rng.integers(1, 10, size=shape)

    def fits(name, *factors):
        case(name, *factors, using=called_though("refused, though these two fit together"))

    fits("worked by hand", np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([10.0, 1.0]))
    fits("two vectors", draw(4), draw(4))
    fits("a vector times a square matrix", draw(3), draw(3, 3))
    fits("a vector times a matrix", draw(3), draw(3, 2))
    fits("two matrices", draw(2, 3), draw(3, 4))
    fits("two square matrices", draw(3, 3), draw(3, 3))
    fits("integers and floats", whole(3, 2), draw(2))
    fits("integers only", whole(2, 3), whole(3, 2))
    fits("two vectors of integers", whole(3), whole(3))
    case("vectors of 3 and 4 numbers", draw(3), draw(4))
    case("two matrices of one shape", draw(2, 3), draw(2, 3))
    case("three axes are too many", draw(2, 3, 3), draw(3, 3))
    case("three axes are too many for y as well", draw(3), draw(3, 2, 2))
    case("a single number has no axis", draw(), draw(3))


@probe(
    "tensors.take_batch",
    hints=(
        "With batches of 3, where does batch 0 begin? Batch 1? Batch 2? Write down the positions.",
        "data [examples, ...] gives [size, ...]: a slice `data[start:stop]` cuts the first axis "
        "and keeps the others. Where it runs past the end, it stops at the last example.",
        "`start = index * size`; `raise IndexError(...)` if start lies below 0 or is not below "
        "`len(data)`; otherwise return `data[start : start + size]`.",
    ),
)
def take_batch(case, rng):
    def exists(name, *inputs):
        case(name, *inputs, using=called_though("refused, though there is such a batch"))

    exists("worked by hand", np.array([5, 6, 7, 8, 9]), 2, 2)
    exists("the first batch of seven pictures", rng.normal(size=(7, 2, 3)), 0, 3)
    exists("a batch from the middle", rng.normal(size=(9, 4)), 1, 4)
    exists("the short batch at the end", rng.normal(size=(8, 3, 2)), 2, 3)
    exists("a full batch at the end", rng.normal(size=(6, 4)), 1, 3)
    exists("a size above the number of examples", rng.normal(size=(4, 2)), 0, 9)
    case("one batch too far", rng.normal(size=(6, 2)), 2, 3)
    case("far too far", rng.normal(size=5), 4, 2)
    case("an index below 0", rng.normal(size=(6, 2)), -1, 1)
    case("an index further below 0", rng.normal(size=(7, 2)), -2, 2)


@probe(
    "tensors.rotation",
    hints=(
        "Where does the first basis vector, (1, 0), go when the plane turns by the angle? "
        "And the second, (0, 1)?",
        "A [2, 2] array. Its first column is where (1, 0) goes, (cos, sin); its second column is "
        "the first one turned by another quarter.",
        "`np.array([[np.cos(angle), ...], [np.sin(angle), ...]])`: the second column holds "
        "-sin above cos.",
    ),
)
def rotation(case, rng):
    case("a quarter turn", np.pi / 2)
    case("no turn", 0.0)
    case("a twelfth of a turn", np.pi / 6)
    case("a small angle", float(rng.uniform(0.2, 0.7)))
    case("a negative angle", -float(rng.uniform(0.8, 1.4)))
    case("more than a half turn", float(rng.uniform(3.5, 6)))


@probe(
    "tensors.compose_affine",
    hints=(
        "Put the first map into the second on paper, A2 (A1 x + b1) + b2, and multiply out. "
        "Which part stands before x, and which has no x in it?",
        "A [k, n] comes from A2 [k, m] and A1 [m, n]; only one order of the two fits. "
        "b [k] is made of b1 [m] and b2 [k]: something must take b1 from [m] to [k].",
        "Return `(A2 @ ..., A2 @ ... + b2)`: the second map acts on the first map's matrix and on "
        "its offset.",
    ),
)
def compose_affine(case, rng):
    turn, still = np.array([[0.0, -1.0], [1.0, 0.0]]), np.eye(2)
    step, rest = np.array([1.0, 0.0]), np.zeros(2)
    case("a step, then a quarter turn", still, step, turn, rest)
    case("a quarter turn, then a step", turn, rest, still, step)
    case("two maps of the plane", *draw_affine(rng, 2, 2), *draw_affine(rng, 2, 2))
    case("two maps of space", *draw_affine(rng, 3, 3), *draw_affine(rng, 3, 3))
    case("from the plane to space and back", *draw_affine(rng, 2, 3), *draw_affine(rng, 3, 2))
    case("from 4 numbers to 2 to 3", *draw_affine(rng, 4, 2), *draw_affine(rng, 2, 3))
    case("down to one number", *draw_affine(rng, 2, 3), *draw_affine(rng, 3, 1))


@probe(
    "tensors.dense",
    hints=(
        "Three steps in a row: multiply, add, and put 0 in the place of every negative number.",
        "x [batch, inputs] times W [inputs, outputs] gives [batch, outputs]; b [outputs] is "
        "broadcast, so every row gets the same one.",
        "`np.maximum(..., 0)` compares every number with 0; x times W plus b goes in place of "
        "the dots.",
    ),
)
def dense(case, rng):
    def draw(*shape):
        return rng.normal(size=shape)

    hand = np.array([[1.0, 2.0]]), np.array([[1.0, 0.0, -1.0], [1.0, 1.0, -1.0]])
    case("worked by hand", *hand, np.array([0.0, 1.0, 1.0]))
    case("four examples, three inputs, five outputs", draw(4, 3), draw(3, 5), draw(5))
    case("five examples, two inputs, three outputs", draw(5, 2), draw(2, 3), draw(3))
    case("as many examples as outputs", draw(4, 3), draw(3, 4), draw(4))
    case("as many of each", draw(3, 3), draw(3, 3), draw(3))
    case("one output", draw(6, 4), draw(4, 1), draw(1))
    case("far below zero", draw(3, 2), draw(2, 4), draw(4) - 50)
