"""The course folder: nbgrader's view of it, and where things lie in it."""

import errno
import os
import re
import sys
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from nbgrader.apps.api import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from sqlalchemy.exc import DBAPIError
from traitlets.config import Config, PyFileConfigLoader

from autograder import submissions

CONFIG = "nbgrader_config.py"
CODES = "sqlite_errorname", "pgcode", "sqlstate"  # where SQLite and PostgreSQL's two drivers put it
NO_ROOM = errno.ENOSPC, errno.EDQUOT, errno.EFBIG


class CourseError(Exception):
    """Something about the course folder that a person must mend; the message says what."""


class Course:
    """A folder with ``nbgrader_config.py`` and ``chapters/``, and the nbgrader course in it."""

    def __init__(self, root: Path | str = "."):
        self.root = Path(root).resolve()
        if not (self.root / CONFIG).is_file():
            raise CourseError(
                f"{self.root} is not a course folder: it has no {CONFIG}. "
                "Run this in the course's folder, or name it with --course."
            )

    @cached_property
    def config(self) -> Config:
        return PyFileConfigLoader(CONFIG, str(self.root)).load_config()

    @cached_property
    def coursedir(self) -> CourseDirectory:
        return CourseDirectory(config=self.config)

    @cached_property
    def api(self) -> NbGraderAPI:
        # nbgrader starts alembic by its name, also when this environment is not activated.
        scripts = str(Path(sys.executable).parent)
        if scripts not in os.environ["PATH"].split(os.pathsep):
            os.environ["PATH"] = os.pathsep.join([scripts, os.environ["PATH"]])
        return NbGraderAPI(self.coursedir, config=self.config)

    def folder(self, step: str, assignment: str, student: str = ".") -> Path:
        """The folder of ``assignment`` at a step (source, release, submitted, autograded, …)."""
        directory = getattr(self.coursedir, f"{step}_directory")
        return Path(self.coursedir.format_path(directory, student, assignment))

    def students(self, assignment: str) -> list[str]:
        """The students who submitted ``assignment``, in alphabetical order."""
        return submissions.students(self.folder("submitted", "."), assignment)


def reason(outcome: dict) -> str:
    """One line that says why nbgrader failed: the last error in its log that names a cause."""
    log = f"{outcome.get('error') or ''}\n{outcome.get('log') or ''}"
    errors = re.findall(r"^\s*(?:\w+\.)*(\w*Error\b.*)$", log, re.M)
    return errors[-1] if errors else "nbgrader failed: " + log.strip().rpartition("\n")[2]


def in_words(error: BaseException) -> str:
    """Say in one line what went wrong, and what to do where that is known."""
    for cause in _causes(error):
        origin = getattr(cause, "orig", cause)  # what SQLAlchemy wraps
        code = next((getattr(origin, n) for n in CODES if getattr(origin, n, None)), "")
        if code.startswith(("SQLITE_BUSY", "SQLITE_LOCKED", "55P03")):
            return "another program keeps the gradebook locked; close it, and grade again"
        if code.startswith(("SQLITE_FULL", "53100")) or getattr(cause, "errno", None) in NO_ROOM:
            return "the disk is full; make room on it, and grade again"
        if code or isinstance(cause, DBAPIError):
            said = " ".join(str(origin).split())
            return f"the gradebook could not be used ({said}); mend that, and grade again"
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """An error and those that it followed from: nbgrader and SQLAlchemy wrap what SQLite says."""
    while error:
        yield error
        error = error.__cause__ or error.__context__
