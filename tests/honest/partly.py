"""Some of it is right, and that part counts."""

from autograder import demo
from tests.honest import honest


@honest(deserves={"tensors.relu_loop": 0})
def exercise_was_deleted(work):
    """The cells of an exercise were deleted; what comes later is right."""
    for cell in work.cell("tensors.relu_loop"), work.check_cell("tensors.relu_loop"):
        work.notebook.cells.remove(cell)


@honest(deserves={"tensors.rotation": 0})
def syntax_error_in_one_answer(work):
    """One answer has a syntax error."""
    work.write("tensors.rotation", "def rotation(angle)\n    return np.eye(2)")


@honest(deserves={"tensors.relu_loop": 6 / 7})
def one_case_is_wrong(work):
    """Relu makes floats of integers, which is wrong in one case of seven."""
    source = demo.right("tensors.relu_loop").replace("x.copy()", "x.astype(float)")
    work.write("tensors.relu_loop", source)


@honest(deserves={"tensors.take_batch": 8 / 10})
def edge_was_forgotten(work):
    """An index below 0 gives an empty batch in place of an error, in two cases of ten."""
    work.write(
        "tensors.take_batch",
        "def take_batch(data, index, size):\n    start = index * size\n"
        "    if start >= len(data):\n        raise IndexError('no such batch')\n"
        "    return data[start : start + size]",
    )
