"""Where things stand in the notebook, and what else stands there."""

import copy

from nbformat import v4

from autograder import demo
from tests.corpus import Work
from tests.honest import honest

HELPED = """def relu_loop(x):
    return np.array([[keep_positive(number) for number in row] for row in x])"""
HELPER = """def keep_positive(number):
    return max(number, ZERO * number)"""
CONSTANT = "ZERO = 0"


def below(work: Work, source: str, exercise: str):
    """Put a cell below the check of ``exercise``."""
    cells = work.notebook.cells
    return work.add(source, before=cells[cells.index(work.check_cell(exercise)) + 1])


@honest()
def helpers_in_cells_before(work):
    """A function calls a helper, and the helper a constant, each in a cell of its own above."""
    for source in CONSTANT, HELPER:
        work.add(source, before=work.cell("tensors.take_batch"))
    work.write("tensors.relu_loop", HELPED)


@honest()
def cells_were_run_out_of_order(work):
    """The helper and its constant stand below the check, and were run before it."""
    work.write("tensors.relu_loop", HELPED)
    later = [below(work, HELPER, "tensors.relu_loop"), work.add(CONSTANT)]
    later += [work.cell("tensors.relu_loop"), work.check_cell("tensors.relu_loop")]
    for count, cell in enumerate(reversed(later), 7):
        cell.execution_count = count


@honest()
def decorator_further_down(work):
    """A decorator, which must be there when the function is defined, stands below it."""
    work.write("tensors.rotation", "@in_radians\n" + demo.right("tensors.rotation"))
    below(work, "import functools", "tensors.dense")
    below(
        work,
        "def in_radians(function):\n"
        "    return functools.wraps(function)(lambda angle: function(angle % (2 * np.pi)))",
        "tensors.rotation",
    )


@honest()
def exercise_was_moved(work):
    """An exercise, with its helper and its check, stands at the end of the notebook."""
    cells = work.notebook.cells
    moved = [work.cell("tensors.relu_loop"), work.check_cell("tensors.relu_loop")]
    for cell in moved:
        cells.remove(cell)
    moved[0].source = HELPED
    work.add(CONSTANT + "\n" + HELPER)
    cells += moved


@honest()
def answer_in_a_cell_of_its_own(work):
    """The given cells are untouched; each answer stands in a new cell between it and its check."""
    for exercise in work.exercises:
        work.add(demo.right(exercise), before=work.check_cell(exercise))
        work.leave(exercise)


@honest()
def answer_below_its_check(work):
    """The given cell is untouched; the answer stands in a new cell below the check."""
    work.leave("tensors.rotation")
    below(work, demo.right("tensors.rotation"), "tensors.rotation")


@honest()
def answers_in_one_cell_at_the_top(work):
    """All functions were written in one cell at the top; the given cells are untouched."""
    every = "\n\n\n".join(map(demo.right, work.exercises))
    work.leave(*work.exercises)
    work.add(every, before=work.cell(work.exercises[0]))


@honest()
def given_cells_were_emptied(work):
    """Two functions were written in a new cell above their own cells, which were emptied."""
    two = "tensors.rotation", "tensors.relu_loop"
    work.add("\n\n".join(map(demo.right, two)), before=work.cell("tensors.relu_loop"))
    for exercise in two:
        work.write(exercise, "\n")


@honest()
def cell_was_copied_and_the_copy_answered(work):
    """The given cell was copied with all its marks, and the answer stands in the copy below it."""
    given = work.cell("tensors.rotation")
    answered = copy.deepcopy(given)
    answered.id = "4d21c0de"
    work.leave("tensors.rotation")
    cells = work.notebook.cells
    cells.insert(cells.index(given) + 1, answered)


@honest()
def second_try_below_the_first(work):
    """A first try was left as it was; the right one stands in a copy of the cell below it."""
    first = work.cell("tensors.rotation")
    second = copy.deepcopy(first)
    second.id = "0123abcd"
    first.source = "def rotation(angle):\n    return np.eye(2) * angle"
    work.notebook.cells.insert(work.notebook.cells.index(first) + 1, second)


@honest()
def experiments_everywhere(work):
    """After every cell stands one of the student's own, which tries something."""
    for number, cell in enumerate(list(work.notebook.cells)):
        work.add(f"trial = {number}\nprint(trial, np.arange(trial).sum())\ntrial", before=cell)


@honest()
def experiments_raise(work):
    """Cells of the student's own raise errors, one has a syntax error, one wants to exit."""
    for source in (
        "1 / 0",
        "rotation('north')",
        "for i in range(3) print(i)",
        "import sys\nsys.exit('enough')",
        "raise KeyboardInterrupt",
        "assert False, 'never mind'",
        "%no_such_magic",
        "import no_such_package",
    ):
        work.add(source, before=work.cell("tensors.relu_loop"))


@honest()
def asks_for_input(work):
    """Cells of the student's own ask for input, and the debugger is on."""
    work.add("%pdb on", before=work.cell("tensors.relu_loop"))
    work.add("name = input('Your name? ')\nprint(name)", before=work.cell("tensors.relu_loop"))
    work.add("import getpass\ngetpass.getpass()", before=work.cell("tensors.add_loop"))
    work.add("1 / 0", before=work.cell("tensors.add_loop"))


@honest()
def loops_until_it_is_enough(work):
    """A loop without end has its way out."""
    work.add(
        "tries = 0\nwhile True:\n    tries += 1\n    if np.random.random() < 0.01:\n        break",
        before=work.cell("tensors.relu_loop"),
    )


@honest()
def checks_were_deleted(work):
    """The checks were deleted or doubled, and other cells call check."""
    cells = work.notebook.cells
    cells.remove(work.check_cell("tensors.relu_loop"))
    cells.insert(4, copy.deepcopy(work.check_cell("tensors.rotation")))
    work.cell("tensors.dense").source += "\n\ncheck(dense)"
    work.add("check(dense)\ncheck(print)")


@honest()
def answer_became_text(work):
    """A wrong key made a raw cell of one answer and a Markdown cell of another one."""
    work.cell("tensors.relu_loop").cell_type = "raw"
    work.cell("tensors.dense").cell_type = "markdown"
    for exercise in "tensors.relu_loop", "tensors.dense":
        cell = work.cell(exercise)
        del cell["outputs"], cell["execution_count"]


@honest()
def texts_were_changed(work):
    """Notes stand in the chapter's texts, in new text cells with a picture, and in raw cells."""
    for cell in work.notebook.cells:
        if cell.cell_type == "markdown":
            cell.source += "\n\nMy note: **ask about this** <b>!</b> $x^2$"
    cells = work.notebook.cells
    note = v4.new_markdown_cell("![](attachment:photo.png)")
    note["attachments"] = {"photo.png": {"image/png": "iVBORw0KGgo="}}
    cells.insert(5, note)
    cells.insert(5, v4.new_raw_cell("raw notes"))
    cells.insert(0, v4.new_markdown_cell("# Homework of mine"))


@honest()
def imports_were_changed(work):
    """The cell of the imports begins with something that only another machine has."""
    cell = next(c for c in work.notebook.cells if "import numpy as np" in c.source)
    cell.source = "from google.colab import drive\ndrive.mount('/content')\n" + cell.source


@honest()
def plain_cells_were_deleted(work):
    """All cells but the exercises were deleted, the imports, too."""
    work.notebook.cells = [work.cell(exercise) for exercise in work.exercises]
