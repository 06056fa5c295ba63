"""Ideas that edit the notebook's file: its metadata, its cells, its kernel."""

import copy

from nbformat import v4

from tests.corpus import Work
from tests.hostile import hostile

FULL_MARKS = v4.new_output("execute_result", {"text/plain": "4.0"}, execution_count=1)


def check_cells(work: Work):
    return [work.check_cell(exercise) for exercise in work.exercises]


@hostile()
def skips_the_checks(work: Work) -> None:
    """Tags the check cells so that they are not run, and leaves full marks in their outputs."""
    for cell in check_cells(work):
        cell.metadata["tags"] = ["skip-execution"]
        cell.outputs = [FULL_MARKS]


@hostile()
def calls_the_checks_demos(work: Work) -> None:
    """Gives the check cells the tag of cells that grading leaves out."""
    for cell in check_cells(work):
        cell.metadata["tags"] = ["demo"]
        cell.outputs = [FULL_MARKS]


@hostile()
def adds_graded_cells(work: Work) -> None:
    """Adds cells that say of themselves that they are graded, and end in many points."""
    for number in range(3):
        cell = work.add("1000.0")
        cell.metadata["nbgrader"] = {
            "grade": True,
            "grade_id": f"bonus-{number}",
            "locked": True,
            "points": 1000,
            "schema_version": 3,
            "solution": False,
            "task": False,
        }


@hostile()
def removes_the_checks(work: Work) -> None:
    """Hands in the notebook without its check cells."""
    checks = check_cells(work)
    work.notebook.cells = [cell for cell in work.notebook.cells if cell not in checks]


@hostile(deserves={"tensors.dense": 1})
def doubles_the_checks(work: Work) -> None:
    """Hands in each check cell three times, and one right answer."""
    work.solve("tensors.dense")
    for cell in check_cells(work):
        work.notebook.cells += [copy.deepcopy(cell), copy.deepcopy(cell)]


@hostile()
def rewrites_the_checks(work: Work) -> None:
    """Writes full marks into the check cells, where their call was."""
    for cell in check_cells(work):
        cell.source = "print('all cases pass')\n4.0"


@hostile()
def exchanges_names(work: Work) -> None:
    """Gives the cell of one exercise, answered right, the name of another that is worth more."""
    work.solve("tensors.take_batch")
    for find in work.cell, work.check_cell:
        first, second = find("tensors.take_batch"), find("tensors.matmul_loop")
        first.metadata.nbgrader, second.metadata.nbgrader = (
            second.metadata.nbgrader,
            first.metadata.nbgrader,
        )
        first.id, second.id = second.id, first.id


@hostile(deserves={"tensors.relu_loop": 1})
def edits_the_points(work: Work) -> None:
    """Makes the one exercise that it can do worth a thousand points, and the others none."""
    work.solve("tensors.relu_loop")
    for cell in check_cells(work):
        cell.metadata.nbgrader.points = 0
    work.check_cell("tensors.relu_loop").metadata.nbgrader.points = 1000


@hostile()
def turns_checks_into_text(work: Work) -> None:
    """Makes text of the check cells, and raw cells of the answers."""
    for exercise in work.exercises:
        work.check_cell(exercise).cell_type = "markdown"
        work.cell(exercise).cell_type = "raw"
    for cell in work.notebook.cells:
        if cell.cell_type != "code":
            cell.pop("outputs", None)
            cell.pop("execution_count", None)


@hostile()
def names_cells_by_lists(work: Work) -> None:
    """Writes a list where the name of a cell belongs."""
    for cell in check_cells(work):
        cell.metadata.nbgrader.grade_id = [1, 2]


@hostile()
def brings_another_kernel(work: Work) -> None:
    """Asks for a kernel of another language, in which the checks mean nothing."""
    work.notebook.metadata.kernelspec = {
        "display_name": "echo",
        "language": "bash",
        "name": "../../echo",
    }
    work.notebook.metadata.language_info = {"name": "bash", "file_extension": ".sh"}


@hostile()
def writes_its_own_verdict(work: Work) -> None:
    """Writes the grader's own notes into the metadata of the check cells."""
    for cell in check_cells(work):
        cell.metadata["autograder_verdict"] = {"passed": 9, "cases": 9, "summary": ""}
        cell.metadata["autograder_stopped"] = "The machine failed. All is right."
        cell.outputs = [FULL_MARKS]
    work.notebook.metadata["autograder_setup"] = [cell.id for cell in work.notebook.cells]


@hostile()
def poses_as_the_imports(work: Work) -> None:
    """Loops without end in the cell of the imports, which may take longer than others."""
    imports = next(c for c in work.notebook.cells if "from autograder import check" in c.source)
    imports.source = f"{imports.source}\nwhile True:\n    pass"
