"""The gradebook: how grades are written into it so that a failure leaves nothing by halves.

All that grading a submission changes is one transaction, by nbgrader's own methods. Manual scores
and comments are not touched.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from nbformat.notebooknode import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.preprocessors import AssignLatePenalties, SaveAutoGrades
from sqlalchemy import event, text
from sqlalchemy.engine import Engine

PATIENCE = 120  # seconds to wait for another program that holds the gradebook


def wait_for_others() -> None:
    """Make every connection to an SQLite gradebook wait for ``PATIENCE``, nbgrader's own too."""
    # Not as ?timeout= in db_url: `nbgrader db upgrade` takes what follows sqlite:/// for a path.
    if not event.contains(Engine, "connect", _be_patient):
        event.listen(Engine, "connect", _be_patient)


def _be_patient(connection: object, _record: object) -> None:
    if isinstance(connection, sqlite3.Connection):
        connection.execute(f"PRAGMA busy_timeout = {PATIENCE * 1000}")


@dataclass(frozen=True)
class Graded:
    """A submission that was graded: its notebooks by name, and when it was handed in."""

    student: str
    assignment: str
    notebooks: dict[str, NotebookNode]
    timestamp: datetime | None = None


class Recorder:
    """Writes what was graded into a gradebook, configured as nbgrader's steps of these names."""

    def __init__(self, parent=None):
        self.scores = SaveAutoGrades(parent=parent)
        self.late = AssignLatePenalties(parent=parent)
        self.late.init_plugin()

    def record(self, gradebook: Gradebook, graded: Graded) -> None:
        """Write all that follows from ``graded``, or on any failure nothing."""
        known = {"timestamp": graded.timestamp} if graded.timestamp else {}
        with transaction(gradebook):
            gradebook.update_or_create_student(graded.student)
            gradebook.update_or_create_submission(graded.assignment, graded.student, **known)
            for name, notebook in graded.notebooks.items():
                self._save_scores(gradebook, graded, name, notebook)
            gradebook.db.expire_all()  # sums of scores are to be read anew
            self._assign_penalties(gradebook, graded)

    def _save_scores(
        self, gradebook: Gradebook, graded: Graded, name: str, notebook: NotebookNode
    ) -> None:
        scores = self.scores
        scores.gradebook, scores.notebook_id = gradebook, name
        scores.assignment_id, scores.student_id = graded.assignment, graded.student
        for index, cell in enumerate(notebook.cells):
            scores.preprocess_cell(cell, {}, index)

    def _assign_penalties(self, gradebook: Gradebook, graded: Graded) -> None:
        """As AssignLatePenalties does, which would open a gradebook of its own."""
        submission = gradebook.find_submission(graded.assignment, graded.student)
        late = submission.total_seconds_late
        for notebook in submission.notebooks:
            if notebook.name not in graded.notebooks:
                continue
            notebook.late_submission_penalty = None
            if late > 0:
                plugin = self.late.plugin_inst
                penalty = plugin.late_submission_penalty(graded.student, notebook.score, late)
                if penalty is not None:
                    penalty = self.late._check_late_penalty(notebook, penalty)
                notebook.late_submission_penalty = penalty


@contextmanager
def transaction(gradebook: Gradebook) -> Iterator[None]:
    """Make one transaction of all that is done with ``gradebook``, whose methods commit by step."""
    session = gradebook.db()
    commit, session.commit = session.commit, session.flush
    try:
        if gradebook.engine.dialect.name == "sqlite":
            # Takes the lock before anything is read, so that nobody writes in between.
            session.execute(text("BEGIN IMMEDIATE"))
        yield
        commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        del session.commit
