"""The converters: nbgrader's steps autograde and feedback, made to survive whatever happens.

A submission that cannot be read is graded as an untouched notebook, with a note that says why. One
that fails is one line in the log, and the others go on. What lies in the folders ``autograded`` and
``feedback`` stays until what replaces it is whole, and all grades of a submission are recorded in
one transaction, so a grader that is killed leaves the old or the new, and can be run again.

``nbgrader autograde``, formgrader's button and ``autograder grade`` all come through here.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path
from secrets import token_hex
from typing import NoReturn

import nbformat
import nbgrader.apps.api
import nbgrader.apps.autogradeapp
import nbgrader.apps.generatefeedbackapp
import psutil
from nbformat import v4
from nbformat.notebooknode import NotebookNode
from nbgrader import converters
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.apps import NbGraderAPI
from nbgrader.converters.base import BaseConverter, NbGraderException
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange import ExchangeFactory
from sqlalchemy.exc import SQLAlchemyError

from autograder.cells import checked_exercise
from autograder.course import CourseError, in_words
from autograder.exchange import Collect
from autograder.execution import limits_of
from autograder.fingerprint import ANSWERS, FINGERPRINT, answers_of, fingerprint
from autograder.gradebook import Graded, Recorder, Terms, terms_of, wait_for_others
from autograder.grading import GradedNotebook, Work, grade_all, is_judged
from autograder.intake import is_answered
from autograder.late import LateDays
from autograder.seeds import course_secret, seed_for
from autograder.submissions import (
    REFUSED,
    TIMESTAMP,
    Refused,
    is_odd,
    printable,
    read_file,
    read_notebook,
    read_timestamp,
    students,
)

LATE = "AssignLatePenalties", "LateSubmissionPlugin", "LateDays"  # settings for being late
SECRET = "submission_secret.txt"  # by which a student finds the feedback in nbgrader's exchange
NEW = ".new"  # how the name of a file ends that is not whole yet


def install() -> None:
    """Have nbgrader use these converters, which it names in its code and not in its settings."""
    for module in (nbgrader.apps.api, nbgrader.apps.autogradeapp):
        module.Autograde = Autograde
    for module in (nbgrader.apps.api, nbgrader.apps.generatefeedbackapp):
        module.GenerateFeedback = GenerateFeedback
    ExchangeFactory.collect.default_value = Collect  # an exchange that is no folder names its own
    CourseDirectory.get_existing_timestamp = _existing_timestamp
    NbGraderAPI.get_submitted_timestamp = _submitted_timestamp
    wait_for_others()


class Converter(BaseConverter):
    """One submission after another, each by itself; the old stays until the new is whole."""

    nothing = "nothing is there to convert"

    def init_notebooks(self) -> None:
        self.failed: dict[str, str] = {}  # students, and why nothing or not all was done for them
        try:
            self.submissions = self.find_submissions()
        except NbGraderException as error:
            self._stop(str(error))
        except (SQLAlchemyError, OSError) as error:
            self._stop(in_words(error))
        if not self.submissions and not self.failed:
            where = self._format_source(self.coursedir.assignment_id, self.coursedir.student_id)
            self._stop(f"{self.nothing} in {where}")

    def _stop(self, message: str) -> NoReturn:
        self.log.error(message)
        raise NbGraderException(message)

    def find_submissions(self) -> dict[str, list[str]]:
        """The students to do the step for, each with the names of the notebooks."""
        raise NotImplementedError

    def convert_submission(self, student: str) -> None:
        """Do the step for the notebooks of one student, whose names are in ``self.notebooks``."""
        raise NotImplementedError

    def convert_notebooks(self) -> None:
        excluded = self.coursedir.student_id_exclude.split(",")
        for student, notebooks in self.submissions.items():
            if student in excluded:
                continue
            self.notebooks = notebooks
            try:
                if self._is_wanted(student):
                    self.run_pre_convert_hook()
                    self.convert_submission(student)
                    self.run_post_convert_hook()
            except CourseError as error:  # it holds for every submission
                self._stop(str(error))
            except Exception as error:
                self.log.debug("%s could not be converted", student, exc_info=True)
                self.failed[student] = in_words(error)
        for student, problem in self.failed.items():
            self.log.error("%s: %s", printable(student), problem)
        if self.failed:
            names = ", ".join(map(printable, self.failed))
            raise NbGraderException(f"not all went well for: {names}")

    def _is_wanted(self, student: str) -> bool:
        """Whether the step is forced, not done yet, or was done for an earlier submission."""
        assignment = self.coursedir.assignment_id
        done = Path(self._format_dest(assignment, student))
        names = [f"{name}{self.exporter.file_extension}" for name in self.notebooks]
        if self.force or not all((done / name).exists() for name in names):
            return True
        new = self.coursedir.get_existing_timestamp(self._format_source(assignment, student))
        old = self.coursedir.get_existing_timestamp(str(done))
        if new is not None and old is not None and new > old:
            return True
        self.log.info("Skipping %s, which is done", done)
        return False

    @contextmanager
    def new_files(
        self, student: str, contents: dict[str, str], timestamp: datetime | None
    ) -> Iterator[None]:
        """Write files of a student beside the old, and put them in place when all has gone well."""
        folder = Path(self._format_dest(self.coursedir.assignment_id, student))
        contents = contents | self._passed_on(student)
        if timestamp is not None:
            contents = contents | {TIMESTAMP: f"{timestamp.isoformat(' ')} UTC\n"}
        folder.mkdir(parents=True, exist_ok=True)
        _remove_unfinished(folder)
        try:
            for name, content in contents.items():
                _write(folder / _new(name), content, int(str(self.permissions), 8))
            yield
            for name in contents:
                os.replace(folder / _new(name), folder / name)
        except BaseException:
            _remove_unfinished(folder)
            with suppress(OSError):
                os.removedirs(folder)  # as far as they are empty
            raise
        self.set_permissions(self.coursedir.assignment_id, student)

    def _passed_on(self, student: str) -> dict[str, str]:
        """What goes from step to step as it is: the secret of a submission, where it has one."""
        root = Path(self.coursedir.format_path(self._input_directory, ".", "."))
        folder = Path(self._format_source(self.coursedir.assignment_id, student))
        try:
            return {SECRET: read_file(root, folder / SECRET, 1000).decode("ascii")}
        except (FileNotFoundError, Refused, ValueError):
            return {}


@dataclass(frozen=True)
class Submission:
    """What one student handed in: the work of grading it, and what could not be read of it."""

    student: str
    work: list[Work]
    timestamp: datetime | None
    problems: list[str]
    seconds: dict[str, float] = field(default_factory=dict)


class Autograde(Converter, converters.Autograde):
    """Grades submissions in three phases: read, grade (``autograder.grading``), save."""

    nothing = "nothing was handed in"

    def find_submissions(self) -> dict[str, list[str]]:
        course, assignment = self.coursedir, self.coursedir.assignment_id
        notebooks = self.notebooks_to_grade
        present = [s for s in students(self._root, assignment) if fnmatchcase(s, course.student_id)]
        odd = f"the name of this folder in {self._root} cannot be a student's; rename the folder"
        self.failed.update((student, odd) for student in present if is_odd(student))
        return {student: notebooks for student in present if not is_odd(student)}

    @property
    def notebooks_to_grade(self) -> list[str]:
        """The names of the notebooks of the assignment. Raises NbGraderException."""
        return [n for n in self.terms.notebooks if fnmatchcase(n, self.coursedir.notebook_id)]

    @cached_property
    def terms(self) -> Terms:
        assignment = self.coursedir.assignment_id
        try:
            return terms_of(self.gradebook, assignment)
        except MissingEntry:
            problem = f"the gradebook knows no assignment {assignment}; run autograder build first"
            raise NbGraderException(problem) from None

    @cached_property
    def gradebook(self) -> Gradebook:
        return Gradebook(self.coursedir.db_url, self.coursedir.course_id)

    @cached_property
    def recorder(self) -> Recorder:
        return Recorder(parent=self)

    @cached_property
    def secret(self) -> bytes:
        return course_secret(self.coursedir)

    def close(self) -> None:
        if "gradebook" in vars(self):
            vars(self).pop("gradebook").close()

    def convert_notebooks(self) -> None:
        try:
            super().convert_notebooks()
        finally:
            self.close()

    def convert_submission(self, student: str) -> None:
        submission = self.read(student, self.notebooks)
        self.save(submission, grade_all(submission.work))
        if submission.problems:
            self.failed[student] = "; ".join(submission.problems)

    def read(self, student: str, notebooks: list[str]) -> Submission:
        """The first phase: read what a student handed in, and what it takes to grade it."""
        submitted, problems = {}, []
        folder = Path(self._format_source(self.coursedir.assignment_id, student))
        for name in notebooks:
            try:
                submitted[name] = read_notebook(self._root, folder, name)
            except Refused as refused:
                problems.append(refused.problem)
                submitted[name] = v4.new_notebook(metadata={REFUSED: vars(refused)})
        try:
            timestamp = read_timestamp(self._root, folder)
        except Refused as refused:
            problems.append(refused.problem)
            timestamp = None
        work = [self._work(student, name, notebook) for name, notebook in submitted.items()]
        return Submission(student, work, timestamp, problems)

    def _work(self, student: str, name: str, submitted: NotebookNode) -> Work:
        assignment = self.coursedir.assignment_id
        released, exercises = self.released[name]
        return Work(
            student,
            name,
            submitted,
            released,
            {e: seed_for(self.secret, student, assignment, e) for e in exercises},
            limits_of(self.config),
            private=str(Path(self.coursedir.root).resolve()),
        )

    @cached_property
    def released(self) -> dict[str, tuple[str, list[str]]]:
        """Of each notebook that was handed out its text, and the exercises in it."""
        return {name: self._read_released(name) for name in self.notebooks_to_grade}

    def _read_released(self, name: str) -> tuple[str, list[str]]:
        folder = self.coursedir.format_path(
            self.coursedir.release_directory, ".", self.coursedir.assignment_id
        )
        path = Path(folder, f"{name}.ipynb")
        text = path.read_text(encoding="utf-8")
        notebook = nbformat.reads(text, as_version=4)
        if is_answered(notebook):  # its answers would be given to students who left theirs out
            raise ValueError(f"{path} was changed since it was built; autograder build --force")
        return text, [e for e in map(checked_exercise, notebook.cells) if e]

    def save(self, submission: Submission, graded: dict[str, GradedNotebook]) -> None:
        """The third phase: record what a student earned, and keep the graded notebooks."""
        notebooks = {name: outcome.notebook for name, outcome in graded.items()}
        answers = {work.name: answers_of(work) for work in submission.work}
        same = answers == {name: self._mark(submission.student, name, ANSWERS) for name in answers}
        for work in submission.work:
            notebooks[work.name].metadata[ANSWERS] = answers[work.name]
            if is_judged(notebooks[work.name]):  # else it is to be tried again
                mark = self._fingerprint(work, submission)
                notebooks[work.name].metadata[FINGERPRINT] = mark
        contents = {f"{name}.ipynb": v4.writes_json(nb) + "\n" for name, nb in notebooks.items()}
        with self.new_files(submission.student, contents, submission.timestamp):
            if not self.create_student:
                self.gradebook.find_student(submission.student)
            assignment = self.coursedir.assignment_id
            outcome = Graded(submission.student, assignment, notebooks, submission.timestamp, same)
            self.recorder.record(self.gradebook, outcome)

    def is_unchanged(self, submission: Submission) -> bool:
        """Whether grading this would give what it gave when it was last graded."""
        marks = {w.name: self._fingerprint(w, submission) for w in submission.work}
        return all(
            self._mark(submission.student, name, FINGERPRINT) == mark
            for name, mark in marks.items()
        )

    def _mark(self, student: str, notebook: str, name: str) -> str | None:
        """What an earlier run noted in the metadata of a graded notebook."""
        folder = Path(self._format_dest(self.coursedir.assignment_id, student))
        try:
            return json.loads((folder / f"{notebook}.ipynb").read_bytes())["metadata"][name]
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _fingerprint(self, work: Work, submission: Submission) -> str:
        return fingerprint(
            work,
            handed_in=submission.timestamp,
            due=self.terms.due,
            extension=self.terms.extensions.get(submission.student),
            late={name: self.config[name] for name in LATE if name in self.config},
            late_days=self._late_days_left(submission.student),
        )

    def _late_days_left(self, student: str) -> int | None:
        policy = self.recorder.late.plugin_inst
        return policy.left(student) if isinstance(policy, LateDays) else None

    @property
    def _root(self) -> Path:
        return Path(self.coursedir.format_path(self.coursedir.submitted_directory, ".", "."))


class GenerateFeedback(Converter, converters.GenerateFeedback):
    """Writes the feedback pages of graded submissions."""

    nothing = "nothing was graded"

    def find_submissions(self) -> dict[str, list[str]]:
        course, assignment = self.coursedir, self.coursedir.assignment_id
        root = Path(course.format_path(course.autograded_directory, ".", "."))
        found = {}
        for student in students(root, assignment):
            if fnmatchcase(student, course.student_id):
                paths = sorted(Path(self._format_source(assignment, student)).glob("*.ipynb"))
                names = [p.stem for p in paths if fnmatchcase(p.stem, course.notebook_id)]
                found |= {student: names} if names else {}
        return found

    def convert_submission(self, student: str) -> None:
        folder = self._format_source(self.coursedir.assignment_id, student)
        # The exchange releases nobody's feedback where a student's folder lacks one of these two.
        pages = {TIMESTAMP: "", SECRET: token_hex(32)}
        for name in self.notebooks:
            path = str(Path(folder, f"{name}.ipynb"))
            resources = self.init_single_notebook_resources(path)
            page, resources = self.exporter.from_filename(path, resources=resources)
            pages[f"{name}{resources['output_extension']}"] = page
        with self.new_files(student, pages, self.coursedir.get_existing_timestamp(folder)):
            pass


def _write(path: Path, content: str, mode: int) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
        os.fchmod(file.fileno(), mode)


def _new(name: str) -> str:
    return f"{name}.{os.getpid()}{NEW}"  # two graders may be at it


def _remove_unfinished(folder: Path) -> None:
    """Remove what this grader, or one that was killed, has not finished to write."""
    for path in folder.glob(f"*.*{NEW}"):
        owner = path.name.removesuffix(NEW).rpartition(".")[2]
        if owner == str(os.getpid()) or not (owner.isdecimal() and psutil.pid_exists(int(owner))):
            path.unlink(missing_ok=True)


def _existing_timestamp(course: CourseDirectory, folder: str) -> datetime | None:
    """In place of nbgrader's, which follows links, waits for pipes and fails on any other text."""
    path = Path(folder)
    try:
        return read_timestamp(path.parent, path)
    except Refused:
        return None


def _submitted_timestamp(api: NbGraderAPI, assignment: str, student: str) -> datetime | None:
    course = api.coursedir
    folder = course.format_path(course.submitted_directory, student, assignment)
    return course.get_existing_timestamp(folder)
