"""Grading a class: every submission of an assignment through nbgrader's own autograde.

Each submission is graded and recorded by itself, so that one that fails is one row with an error
and the others are not touched.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbgrader.api import MissingEntry

from autograder.cells import checked_exercise
from autograder.course import Course, CourseError, reason
from autograder.preprocessors import VERDICT


@dataclass(frozen=True)
class Result:
    """What grading one submission came to.

    ``score`` and ``points`` count what is graded automatically; written answers wait for a person.
    """

    student: str
    score: float
    points: float
    verdicts: dict[str, dict] = field(default_factory=dict)  # for each exercise
    error: str = ""

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
    """Grade the submissions of ``students`` and record the grades, one after another."""
    try:
        course.api.gradebook.find_assignment(assignment)
    except MissingEntry:
        raise CourseError(
            f"the gradebook knows no assignment {assignment}; run autograder build first"
        ) from None
    for student in students:
        outcome = course.api.autograde(assignment, student, force=True)
        error = _missing(course, assignment, student)
        if not error and not outcome["success"]:
            error = reason(outcome)
        yield read_result(course, assignment, student, error)


def _missing(course: Course, assignment: str, student: str) -> str:
    """What is missing in a submission, in one line; "" when all is there."""
    given = {p.name for p in course.folder("submitted", assignment, student).glob("*.ipynb")}
    wanted = {p.name for p in course.folder("release", assignment).glob("*.ipynb")}
    if wanted <= given:
        return ""
    missing, others = (", ".join(sorted(s)) for s in (wanted - given, given - wanted))
    return f"{missing} was not handed in" + (f", but {others}" if others else "")


def read_result(course: Course, assignment: str, student: str, error: str = "") -> Result:
    """Read from the gradebook and the autograded notebooks what ``student`` earned."""
    score = points = 0.0
    with course.api.gradebook as gradebook:
        try:
            submission = gradebook.find_submission(assignment, student)
        except MissingEntry:
            return Result(student, 0, 0, error=error or "not graded")
        for grade_ in (grade for notebook in submission.notebooks for grade in notebook.grades):
            if grade_.cell.cell_type == "code":
                score += grade_.auto_score or 0
                points += grade_.max_score
    verdicts: dict[str, dict] = {}
    for path in sorted(course.folder("autograded", assignment, student).glob("*.ipynb")):
        verdicts |= read_verdicts(path)
    return Result(student, score, points, verdicts, error)


def read_verdicts(path: Path) -> dict[str, dict]:
    """Read what the judge said of each exercise in an autograded notebook."""
    cells = nbformat.read(path, as_version=4).cells
    return {
        checked_exercise(cell): cell.metadata[VERDICT] for cell in cells if VERDICT in cell.metadata
    }


def feedback(course: Course, assignment: str, students: list[str]) -> Iterator[tuple[str, str]]:
    """Write the feedback of ``students``, and yield each with an error ("" when all went well)."""
    for student in students:
        outcome = course.api.generate_feedback(assignment, student, force=True)
        yield student, "" if outcome["success"] else reason(outcome)
