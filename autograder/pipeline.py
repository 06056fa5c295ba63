"""Grading a class, in three phases: read what was handed in, grade it, record the grades.

The middle phase takes the time, and is done by workers (``autograder.workers``): here, in several
processes or on several machines. This process alone reads and records, each submission by itself,
so that one that fails is one row with an error. What has not changed since it was graded is not
graded again, so a run that was cut off goes on where it was.
"""

import json
import time
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, wait
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field, replace

import nbformat
from nbformat.notebooknode import NotebookNode, from_dict
from nbgrader.converters.base import NbGraderException
from nbgrader.utils import temp_attrs
from sqlalchemy.exc import SQLAlchemyError

from autograder import workers
from autograder.cells import checked_exercise
from autograder.converters import Autograde, Converter, GenerateFeedback, Submission
from autograder.course import Course, CourseError, in_words
from autograder.execution import ISOLATION, NEEDS, limits_of
from autograder.gradebook import auto_scores
from autograder.grading import VERDICT, GradedNotebook, grade_all
from autograder.submissions import REFUSED, is_odd
from autograder.workers import Workers

ODD_NAME = "the name of this folder cannot be a student's; rename the folder"
ATTEMPTS = 3  # to grade a submission whose process was killed, the last two of them alone


@dataclass(frozen=True)
class Result:
    """What grading one submission came to.

    ``score`` and ``points`` count what is graded automatically; written answers wait for a person.
    ``isolated`` says whether the student's code ran in a sandbox, and ``seconds`` how long each
    step took; a submission that is ``unchanged`` was not graded again.
    """

    student: str
    score: float
    points: float
    verdicts: dict[str, dict] = field(default_factory=dict)  # for each exercise
    error: str = ""
    isolated: bool = True
    unchanged: bool = field(default=False, compare=False)
    seconds: dict[str, float] = field(default_factory=dict, compare=False)

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
        chosen = list(dict.fromkeys(students))
        missing = sorted(set(students) - set(present))
        if missing:
            raise CourseError(f"nothing submitted for {assignment} by: {', '.join(missing)}")
    if not chosen:
        raise CourseError(
            f"no submissions of {assignment} in {course.folder('submitted', assignment, '*')}"
        )
    return chosen


def handed_in(course: Course) -> list[str]:
    """The assignments for which anything was handed in. Raises CourseError when there is none."""
    try:
        with course.api.gradebook as gradebook:
            names = sorted(assignment.name for assignment in gradebook.assignments)
    except SQLAlchemyError as error:
        raise CourseError(in_words(error)) from None
    found = [name for name in names if course.students(name)]
    if not found:
        raise CourseError(f"no submissions in {course.folder('submitted', '*', '*')}")
    return found


@contextmanager
def workers_for(
    course: Course,
    assignment: str,
    submissions: int,
    jobs: int | None = None,
    cluster: str | None = None,
) -> Iterator[Workers]:
    """The workers for so many submissions: of a cluster, or ``jobs`` processes, or this one.

    Without ``jobs``, as many as there are cores, and memory for. Raises CourseError.
    """
    limits = limits_of(course.config)
    if cluster is not None:
        from autograder.cluster import cluster as workers_of

        with workers_of(cluster, limits, needs_of(course, assignment)) as there:
            yield there
        return
    number, note = workers.affordable(min(submissions, jobs or workers.cores()))
    if number == 1:
        with workers.one() as here:
            yield replace(here, note=note)
    else:
        needs = needs_of(course, assignment)
        with workers.processes(number, needs, limits.isolated) as pool:
            yield replace(pool, note=note)


def needs_of(course: Course, assignment: str) -> tuple[str, ...]:
    """The modules that the notebooks of an assignment import, as the build noted them."""
    paths = sorted(course.folder("release", assignment).glob("*.ipynb"))
    notes = (nbformat.read(path, as_version=4).metadata.get(NEEDS, ()) for path in paths)
    return tuple(dict.fromkeys(module for note in notes for module in note))


def grade(
    course: Course,
    assignment: str,
    students: list[str],
    by: Workers | None = None,
    force: bool = True,
) -> Iterator[Result]:
    """Grade the submissions of ``students`` and record the grades; yield each as it is done.

    Without ``force``, what would earn what it earned before is not graded again. Raises NotIsolated
    where there is no sandbox, unless ``c.Limits.isolated`` is False in the course's configuration.
    """
    with ExitStack() as stack:
        stack.enter_context(temp_attrs(course.coursedir, assignment_id=assignment))
        step = stack.enter_context(
            closing(Autograde(coursedir=course.coursedir, parent=course.api, force=True))
        )
        by = by or stack.enter_context(workers.one())
        yield from Grading(course, step, by, force).grade(students)


class Grading:
    """One run over a class, which has for each submission a future at most."""

    def __init__(self, course: Course, step: Autograde, by: Workers, force: bool):
        self.course = course
        self.assignment = step.coursedir.assignment_id
        self.step = step
        self.by = by
        self.force = force
        try:
            self.notebooks = step.notebooks_to_grade
            self.recorded = auto_scores(step.gradebook, self.assignment)
        except NbGraderException as error:
            raise CourseError(str(error)) from None
        except (SQLAlchemyError, OSError) as error:
            raise CourseError(in_words(error)) from None
        self.running: dict[Future, Submission] = {}
        self.attempts: dict[str, int] = {}  # of students whose process was killed
        self.alone: list[Submission] = []  # to be graded again while nothing else runs

    def grade(self, students: list[str]) -> Iterator[Result]:
        waiting = iter(students)
        try:
            while True:
                while len(self.running) < self.by.window and not self.alone:
                    student = next(waiting, None)
                    if student is None:
                        break
                    result = self._begin(student)
                    if result:
                        yield result
                if self.alone and not self.running:
                    self._submit(self.alone.pop())
                if not self.running:
                    return
                for future in wait(self.running, return_when=FIRST_COMPLETED).done:
                    result = self._end(future)
                    if result:
                        yield result
        finally:
            for future in self.running:
                future.cancel()

    def _begin(self, student: str) -> Result | None:
        """Read a submission and have it graded; a result only where nothing is to be done."""
        if is_odd(student):
            return Result(student, 0, 0, error=ODD_NAME)
        try:
            started = time.perf_counter()
            submission = self.step.read(student, self.notebooks)
            submission.seconds["read"] = time.perf_counter() - started
            if not self.force and student in self.recorded and self.step.is_unchanged(submission):
                return replace(self._recorded(student), unchanged=True)
            self._submit(submission)
        except CourseError:
            raise
        except Exception as error:
            return self._recorded(student, in_words(error))
        return None

    def _submit(self, submission: Submission) -> None:
        self.running[self.by.executor.submit(grade_all, submission.work)] = submission

    def _end(self, future: Future) -> Result | None:
        submission = self.running.pop(future)
        student = submission.student
        try:
            graded = future.result()
            started = time.perf_counter()
            self.step.save(submission, graded)
            submission.seconds["record"] = time.perf_counter() - started
            return self._result(submission, graded)
        except BrokenExecutor:
            self.attempts[student] = self.attempts.get(student, 0) + 1
            if self.attempts[student] < ATTEMPTS:
                self.alone.append(submission)
                return None
            times = f"{ATTEMPTS} times the process that graded it was killed"
            return self._recorded(student, f"{times}, perhaps for want of memory")
        except CourseError:  # it holds for every submission
            raise
        except Exception as error:
            return self._recorded(student, in_words(error))

    def _recorded(self, student: str, error: str = "") -> Result:
        """What an earlier run recorded for a submission that was not graded now."""
        return _stored_result(self.course, self.assignment, student, self.recorded, error)

    def _result(self, submission: Submission, graded: dict[str, GradedNotebook]) -> Result:
        seconds = dict(submission.seconds)
        for outcome in graded.values():
            for name, taken in outcome.seconds.items():
                seconds[name] = seconds.get(name, 0) + taken
        scores = auto_scores(self.step.gradebook, self.assignment, submission.student)
        notebooks = [outcome.notebook for outcome in graded.values()]
        error = "; ".join(submission.problems)
        result = _result(submission.student, scores, notebooks, error)
        return replace(result, seconds=seconds)


def _convert(step: type[Converter], course: Course, assignment: str, student: str) -> str:
    """Do a step for one submission; return what went wrong, "" when nothing did."""
    if is_odd(student):
        return ODD_NAME
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
        with course.api.gradebook as gradebook:
            scores = auto_scores(gradebook, assignment, student)
    except SQLAlchemyError as failure:
        return Result(student, 0, 0, error=error or in_words(failure))
    return _stored_result(course, assignment, student, scores, error)


def _stored_result(
    course: Course,
    assignment: str,
    student: str,
    scores: dict[str, tuple[float, float]],
    error: str,
) -> Result:
    if student not in scores:
        return Result(student, 0, 0, error=error or "not graded")
    paths = sorted(course.folder("autograded", assignment, student).glob("*.ipynb"))
    notebooks = []
    for path in paths:
        with suppress(OSError, ValueError):  # a damaged one says nothing, and the grade stays
            notebooks.append(from_dict(json.loads(path.read_bytes())))
    return _result(student, scores, notebooks, error)


def _result(
    student: str,
    scores: dict[str, tuple[float, float]],
    notebooks: list[NotebookNode],
    error: str = "",
) -> Result:
    verdicts: dict[str, dict] = {}
    isolated = True
    for notebook in notebooks:
        verdicts |= read_verdicts(notebook)
        isolated &= notebook.metadata.get(ISOLATION, {}).get("isolated", False)
        error = error or notebook.metadata.get(REFUSED, {}).get("problem", "")
    return Result(student, *scores[student], verdicts, error, isolated)


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
