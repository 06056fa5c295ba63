"""Arrays of another kind, where the specification leaves it open."""

from autograder import demo
from tests.corpus import Work
from tests.honest import honest


def on_results(work: Work, change: str, *exercises: str) -> None:
    """Put a decorator on answers that calls ``change`` with what they return."""
    work.add(
        f"def changed(function):\n    return lambda *inputs: {change}(function(*inputs))",
        before=work.cell(work.exercises[0]),
    )
    for exercise in exercises:
        work.write(exercise, "@changed\n" + demo.right(exercise))


ARRAYS = "tensors.take_batch", "tensors.relu_loop", "tensors.rotation", "tensors.dense"


@honest()
def single_precision(work):
    """All is computed with 32 bits."""
    on_results(work, "np.float32", "tensors.rotation", "tensors.dense", "tensors.matmul_loop")
    work.write(
        "tensors.add_loop",
        demo.right("tensors.add_loop").replace("y.shape))", "y.shape), dtype=np.float32)"),
    )


@honest()
def other_byte_order(work):
    """Arrays have the byte order of another machine."""
    on_results(work, "(lambda a: a.astype(a.dtype.newbyteorder()))", *ARRAYS)


@honest()
def small_integers(work):
    """Sizes are NumPy's integers of 32 bits, and so are the entries of integer arrays."""
    work.add(
        "def smaller(a):\n    return a.astype(np.int32) if a.dtype == np.int64 else a",
        before=work.cell("tensors.take_batch"),
    )
    on_results(work, "smaller", "tensors.relu_loop", "tensors.take_batch")
    source = demo.right("tensors.broadcast_shapes")
    source = source.replace("return tuple(result)", "return tuple(np.array(result, np.int32))")
    work.write("tensors.broadcast_shapes", source)


@honest()
def views_that_are_not_contiguous(work):
    """Results are transposes, slices with steps, and views of something reversed."""
    work.write(
        "tensors.rotation",
        "def rotation(angle):\n    cos, sin = np.cos(angle), np.sin(angle)\n"
        "    return np.array([[cos, sin], [-sin, cos]]).T",
    )
    work.write(
        "tensors.dense",
        "def dense(x, W, b):\n    wide = np.repeat(np.maximum(x @ W + b, 0), 2, axis=1)\n"
        "    return wide[::-1, ::-2][::-1, ::-1]",
    )
    work.write(
        "tensors.compose_affine",
        demo.right("tensors.compose_affine").replace("A2 @ A1", "np.asfortranarray(A2 @ A1)"),
    )


@honest()
def results_that_cannot_be_written(work):
    """Results are read-only, or repeat one number without a copy."""
    on_results(work, "(lambda a: np.broadcast_to(a, a.shape))", *ARRAYS)


@honest()
def subclasses_of_arrays(work):
    """Results are matrices and masked arrays."""
    on_results(work, "np.ma.masked_invalid", "tensors.dense", "tensors.relu_loop")
    source = demo.right("tensors.rotation")
    work.write("tensors.rotation", source.replace("np.array(", "np.matrix("))


@honest()
def numbers_of_any_kind(work):
    """A single number is an array without axes, and an array is made of Python's floats."""
    on_results(work, "np.asarray", "tensors.matmul_loop")
    work.write(
        "tensors.rotation",
        "from math import cos, sin\n\n\ndef rotation(angle):\n"
        "    return np.array([[cos(angle), -sin(angle)], [sin(angle), cos(angle)]]).tolist()"
        " * np.ones((1, 1))",
    )


@honest()
def in_place_on_a_copy(work):
    """Functions write into copies of their inputs, again and again."""
    work.write(
        "tensors.relu_loop",
        "def relu_loop(x):\n    x = x.copy()\n    for i, j in np.ndindex(x.shape):\n"
        "        x[i, j] *= x[i, j] > 0\n    return x",
    )
    work.write(
        "tensors.dense",
        "def dense(x, W, b):\n    x = x @ W\n    x += b\n    x[x < 0] = 0\n    return x",
    )


@honest()
def negative_zeros(work):
    """Zeros have a sign: relu multiplies, and the rotation is that of minus the angle."""
    work.write(
        "tensors.relu_loop",
        "def relu_loop(x):\n    rows, columns = x.shape\n    result = x.copy()\n"
        "    for i in range(rows):\n        for j in range(columns):\n"
        "            result[i, j] = x[i, j] * (x[i, j] > 0)\n    return result",
    )
    work.write(
        "tensors.rotation",
        "def rotation(angle):\n    cos, sin = np.cos(-angle), np.sin(-angle)\n"
        "    return np.array([[cos, sin], [-sin, cos]])",
    )
