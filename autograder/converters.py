"""The converters: nbgrader's steps autograde and feedback, made to survive whatever happens.

A submission that cannot be read is graded as an untouched notebook, with a note that says why. One
that fails is one line in the log, and the others go on. What lies in the folders ``autograded`` and
``feedback`` stays until what replaces it is whole, and all grades of a submission are recorded in
one transaction, so a grader that is killed leaves the old or the new, and can be run again.

``nbgrader autograde``, formgrader's button and ``autograder grade`` all come through here.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NoReturn

import nbformat
import nbgrader.apps.api
import nbgrader.apps.autogradeapp
import nbgrader.apps.generatefeedbackapp
from nbconvert.exporters.exporter import ResourcesDict
from nbformat import v4
from nbformat.notebooknode import NotebookNode
from nbgrader import converters
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.apps import NbGraderAPI
from nbgrader.converters.base import BaseConverter, NbGraderException
from nbgrader.coursedir import CourseDirectory
from sqlalchemy.exc import SQLAlchemyError

from autograder.course import CourseError, in_words
from autograder.gradebook import Graded, Recorder, wait_for_others
from autograder.submissions import (
    REFUSED,
    TIMESTAMP,
    Refused,
    is_odd,
    printable,
    read_notebook,
    read_timestamp,
    students,
)

NEW = ".new"  # how the name of a file ends that is not whole yet


def install() -> None:
    """Have nbgrader use these converters, which it names in its code and not in its settings."""
    for module in (nbgrader.apps.api, nbgrader.apps.autogradeapp):
        module.Autograde = Autograde
    for module in (nbgrader.apps.api, nbgrader.apps.generatefeedbackapp):
        module.GenerateFeedback = GenerateFeedback
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
        if timestamp is not None:
            contents = contents | {TIMESTAMP: f"{timestamp.isoformat(' ')} UTC\n"}
        folder.mkdir(parents=True, exist_ok=True)
        _remove_unfinished(folder)
        try:
            for name, content in contents.items():
                _write(folder / f"{name}{NEW}", content, int(str(self.permissions), 8))
            yield
            for name in contents:
                os.replace(folder / f"{name}{NEW}", folder / name)
        except BaseException:
            _remove_unfinished(folder)
            with suppress(OSError):
                os.removedirs(folder)  # as far as they are empty
            raise
        self.set_permissions(self.coursedir.assignment_id, student)


class Autograde(Converter, converters.Autograde):
    """Grades submissions: reads, has them executed and judged, and records what they earned."""

    nothing = "nothing was handed in"

    def find_submissions(self) -> dict[str, list[str]]:
        course, assignment = self.coursedir, self.coursedir.assignment_id
        with Gradebook(course.db_url, course.course_id) as gradebook:
            try:
                notebooks = [n.name for n in gradebook.find_assignment(assignment).notebooks]
            except MissingEntry:
                self._stop(f"the gradebook knows no assignment {assignment}; build it first")
        notebooks = sorted(n for n in notebooks if fnmatchcase(n, course.notebook_id))
        present = [s for s in students(self._root, assignment) if fnmatchcase(s, course.student_id)]
        odd = f"the name of this folder in {self._root} cannot be a student's; rename the folder"
        self.failed.update((student, odd) for student in present if is_odd(student))
        return {student: notebooks for student in present if not is_odd(student)}

    def convert_submission(self, student: str) -> None:
        submitted, problems = {}, []
        folder = Path(self._format_source(self.coursedir.assignment_id, student))
        for name in self.notebooks:
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
        graded = {name: self.grade(student, name, nb) for name, nb in submitted.items()}
        self.save(student, graded, timestamp)
        if problems:
            self.failed[student] = "; ".join(problems)

    def grade(self, student: str, name: str, submitted: NotebookNode) -> NotebookNode:
        """Rebuild, execute and judge a notebook. Nothing is written anywhere."""
        return self._passed(student, name, self._passed(student, name, submitted, True), False)

    def _passed(
        self, student: str, name: str, notebook: NotebookNode, sanitizing: bool
    ) -> NotebookNode:
        """Pass a notebook through the steps that nbgrader_config.py lists for a phase."""
        self._sanitizing = sanitizing
        try:
            self._init_preprocessors()
        finally:
            self._sanitizing = True  # or submissions are looked for among what is graded
        output, _ = self.exporter.from_notebook_node(notebook, self._resources(student, name))
        return nbformat.reads(output, as_version=4)

    def save(
        self, student: str, graded: dict[str, NotebookNode], timestamp: datetime | None
    ) -> None:
        """Record what a student earned, and keep the graded notebooks."""
        course, assignment = self.coursedir, self.coursedir.assignment_id
        contents = {f"{name}.ipynb": nbformat.writes(nb) + "\n" for name, nb in graded.items()}
        with (
            self.new_files(student, contents, timestamp),
            Gradebook(course.db_url, course.course_id) as gradebook,
        ):
            if not self.create_student:
                gradebook.find_student(student)
            recorder = Recorder(parent=self.exporter)
            recorder.record(gradebook, Graded(student, assignment, graded, timestamp))

    def _resources(self, student: str, name: str) -> ResourcesDict:
        names = {"student": student, "assignment": self.coursedir.assignment_id, "notebook": name}
        return ResourcesDict(
            unique_key=name,
            nbgrader=names | {"db_url": self.coursedir.db_url},
            metadata=ResourcesDict(name=name, path=""),
        )

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
        pages = {}
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


def _remove_unfinished(folder: Path) -> None:
    """Remove what a grader that was killed had not finished to write."""
    for path in folder.glob(f"*{NEW}"):
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
