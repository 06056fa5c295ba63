"""Names: an exercise, its cells in a notebook, and the object that a learner writes."""

import ast
import hashlib
import pkgutil
import warnings
from importlib import import_module

from autograder import exercises

CHECK = "check-"
WRITTEN = "written-"
MAX_SOURCE = 100_000  # characters of a cell that is read for names
OWN = "student-"  # how the ids of cells begin that a student added
DEMO_TAG = "demo"  # cells that learners run and grading does not: views, training, figures
ABOUT = "chapter"  # notebook metadata: the chapter's title and minutes, for the course page


def solution_id(exercise: str) -> str:
    """The nbgrader id of the cell in which ``exercise`` is written ("attention-softmax")."""
    return exercise.replace(".", "-")


def check_id(exercise: str) -> str:
    """The nbgrader id of the cell that checks ``exercise`` ("check-attention-softmax")."""
    return CHECK + solution_id(exercise)


def written_id(question: str) -> str:
    """The nbgrader id of the cell in which written ``question`` is answered."""
    return WRITTEN + solution_id(question)


def content_id(cell) -> str:
    """The id of a cell that is no exercise's: its type, and a number that its source gives."""
    return f"{cell.cell_type}-{hashlib.sha256(cell.source.encode()).hexdigest()[:12]}"


def checked_exercise(cell) -> str | None:
    """The exercise that a notebook cell checks, or None where it checks none."""
    grade_id = _grade_id(cell)
    return grade_id.removeprefix(CHECK).replace("-", ".") if grade_id.startswith(CHECK) else None


def solved_exercise(cell) -> str | None:
    """The exercise that is written in a notebook cell, or None where none is."""
    grade_id = _grade_id(cell)
    if not grade_id or grade_id.startswith((CHECK, WRITTEN)):
        return None
    return grade_id.replace("-", ".")


def is_own(cell) -> bool:
    """Whether a cell of a rebuilt notebook is one that the student added."""
    return cell.get("id", "").startswith(OWN)


def _grade_id(cell) -> str:
    return cell.metadata.get("nbgrader", {}).get("grade_id", "")


def names_in(source: str) -> set[str]:
    """The names that Python source mentions; none when it cannot be parsed."""
    if len(source) > MAX_SOURCE:
        return set()
    try:
        with warnings.catch_warnings(action="ignore"):  # they are on the student's code
            tree = ast.parse(source)
    # A null byte, half a character, brackets or operators that are nested too deeply.
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set()
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def exercise_called(object_name: str) -> exercises.Exercise:
    """Find the exercise whose object is called ``object_name``.

    Object names are unique over the whole course. Raises UnknownExercise.
    """
    for module in pkgutil.iter_modules(exercises.__path__):
        import_module(f"{exercises.__name__}.{module.name}")
        try:
            return exercises.find(f"{module.name}.{object_name}")
        except exercises.UnknownExercise:
            continue
    raise exercises.UnknownExercise(
        f"No exercise is called {object_name!r}. Give check the function itself, under the name "
        "that the chapter gave it: check(softmax)."
    )
