"""Grading a class: every submission of an assignment through nbgrader's own steps.

Each submission is graded and recorded by itself, so that one that fails is one row with an error
and the others are not touched. Graded again, a submission gets what it would have got at once.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import nbformat
from nbformat.notebooknode import NotebookNode
from nbgrader.api import MissingEntry
from nbgrader.converters.base import NbGraderException
from nbgrader.utils import temp_attrs
from sqlalchemy.exc import SQLAlchemyError

from autograder.cells import checked_exercise
from autograder.converters import Autograde, Converter, GenerateFeedback
from autograder.course import Course, CourseError, in_words
from autograder.kernels import ISOLATION, require_isolation
from autograder.preprocessors import VERDICT
from autograder.submissions import REFUSED, is_odd


@dataclass(frozen=True)
class Result:
    """What grading one submission came to.

    ``score`` and ``points`` count what is graded automatically; written answers wait for a person.
    ``isolated`` says whether the student's code ran in a sandbox.
    """

    student: str
    score: float
    points: float
    verdicts: dict[str, dict] = field(default_factory=dict)  # for each exercise
    error: str = ""
    isolated: bool = True

    @property
    def notes(self) -> list[str]:
        """What to know about the exercises that are not right, in the order of the chapter."""
        return [v["summary"] for v in self.verdicts.values() if v["summary"]]


def submitted(course: Course, assignment: str, students: list[str] | None = None) -> list[str]:
    """The students whose ``assignment`` is to be graded. Raises CourseError when there are none."""
    present = course.students(assignment)
    if students is None:
        chosen = present
    else:
        chosen = students
        missing = sorted(set(students) - set(present))
        if missing:
            raise CourseError(f"nothing submitted for {assignment} by: {', '.join(missing)}")
    if not chosen:
        raise CourseError(
            f"no submissions of {assignment} in {course.folder('submitted', assignment, '*')}"
        )
    return chosen


def grade(course: Course, assignment: str, students: list[str]) -> Iterator[Result]:
    """Grade the submissions of ``students`` and record the grades, one after another.

    Raises NotIsolated where there is no sandbox, unless ``Collect.unsafe`` is set in the course's
    configuration.
    """
    require_isolation(course.config.Collect.get("unsafe", False))
    try:
        with course.api.gradebook as gradebook:
            gradebook.find_assignment(assignment)
    except MissingEntry:
        raise CourseError(
            f"the gradebook knows no assignment {assignment}; run autograder build first"
        ) from None
    except SQLAlchemyError as error:
        raise CourseError(in_words(error)) from None
    for student in students:
        error = _convert(Autograde, course, assignment, student)
        yield read_result(course, assignment, student, error)


def _convert(step: type[Converter], course: Course, assignment: str, student: str) -> str:
    """Do a step for one submission; return what went wrong, "" when nothing did."""
    if is_odd(student):
        return "the name of this folder cannot be a student's; rename the folder"
    with temp_attrs(course.coursedir, assignment_id=assignment, student_id=student):
        converter = step(coursedir=course.coursedir, parent=course.api, force=True)
        try:
            converter.start()
        except NbGraderException as error:
            return converter.failed.get(student) or str(error)
        except (SQLAlchemyError, OSError) as error:
            return in_words(error)
    return ""


def read_result(course: Course, assignment: str, student: str, error: str = "") -> Result:
    """Read from the gradebook and the autograded notebooks what ``student`` earned."""
    try:
        score, points = _read_score(course, assignment, student)
    except MissingEntry:
        return Result(student, 0, 0, error=error or "not graded")
    except SQLAlchemyError as failure:
        return Result(student, 0, 0, error=error or in_words(failure))
    verdicts: dict[str, dict] = {}
    isolated = True
    for path in sorted(course.folder("autograded", assignment, student).glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        verdicts |= read_verdicts(notebook)
        isolated &= notebook.metadata.get(ISOLATION, {}).get("isolated", False)
        error = error or notebook.metadata.get(REFUSED, {}).get("problem", "")
    return Result(student, score, points, verdicts, error, isolated)


def _read_score(course: Course, assignment: str, student: str) -> tuple[float, float]:
    """The points that ``student`` earned, and those to be had, of what is graded automatically."""
    score = points = 0.0
    with course.api.gradebook as gradebook:
        submission = gradebook.find_submission(assignment, student)
        for grade_ in (grade for notebook in submission.notebooks for grade in notebook.grades):
            if grade_.cell.cell_type == "code":
                score += grade_.auto_score or 0
                points += grade_.max_score
    return score, points


def read_verdicts(notebook: NotebookNode) -> dict[str, dict]:
    """Read what the judge said of each exercise in an autograded notebook."""
    return {
        checked_exercise(cell): cell.metadata[VERDICT]
        for cell in notebook.cells
        if VERDICT in cell.metadata
    }


def feedback(course: Course, assignment: str, students: list[str]) -> Iterator[tuple[str, str]]:
    """Write the feedback of ``students``, and yield each with an error ("" when all went well)."""
    for student in students:
        yield student, _convert(GenerateFeedback, course, assignment, student)
