"""The gradebook: how grades are written into it so that a failure leaves nothing by halves.

All that grading a submission changes is one transaction, and leaves the same rows as nbgrader's own
steps. Those look for one cell after another among the rows of the whole class; here a submission
takes a few statements, whatever the size of the class. Manual scores and comments are not touched.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import SimpleNamespace

from nbformat.notebooknode import NotebookNode
from nbgrader import api, utils
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.preprocessors import AssignLatePenalties
from sqlalchemy import ColumnElement, Insert, Table, and_, case, event, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Engine

PATIENCE = 120  # seconds to wait for another program that holds the gradebook

# "Insert this row, or change the one that is there" is not in the SQL that all databases share.
INSERT = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}

# nbgrader's tables without its classes, since to make objects of the rows takes most of the time.
ASSIGNMENT, NOTEBOOK, CELL, GRADE_CELL, TASK_CELL, STUDENT, SUBMISSION, COPY, GRADE, COMMENT = (
    model.__table__
    for model in (
        api.Assignment,
        api.Notebook,
        api.BaseCell,
        api.GradeCell,
        api.TaskCell,
        api.Student,
        api.SubmittedAssignment,
        api.SubmittedNotebook,
        api.Grade,
        api.Comment,
    )
)

# The types of the cells that have grades or comments, in the order in which nbgrader looks.
GRADED, COMMENTED = ("GradeCell", "TaskCell"), ("SolutionCell", "TaskCell")

CellName = tuple[str, str]  # the name of a notebook, and of a cell in it


def wait_for_others() -> None:
    """Make every connection to a gradebook wait for ``PATIENCE``, nbgrader's own too."""
    # Not as ?timeout= in db_url: `nbgrader db upgrade` takes what follows sqlite:/// for a path.
    if not event.contains(Engine, "connect", _be_patient):
        event.listen(Engine, "connect", _be_patient)


def _be_patient(connection: object, _record: object) -> None:
    if isinstance(connection, sqlite3.Connection):
        connection.execute(f"PRAGMA busy_timeout = {PATIENCE * 1000}")
    elif type(connection).__module__.startswith("psycopg"):  # which need not be installed
        with connection.cursor() as cursor:
            cursor.execute(f"SET lock_timeout = '{PATIENCE}s'")
        connection.commit()


@dataclass(frozen=True)
class Graded:
    """A submission that was graded: its notebooks by name, and when it was handed in.

    ``same`` says that its answers are those that were graded before: then points that a person gave
    need no second look.
    """

    student: str
    assignment: str
    notebooks: dict[str, NotebookNode]
    timestamp: datetime | None = None
    same: bool = False


class Recorder:
    """Writes what was graded into a gradebook, with the late penalties that nbgrader is set to."""

    def __init__(self, **settings):
        self.late = AssignLatePenalties(**settings)  # parent or config
        self.late.init_plugin()

    def record(self, gradebook: Gradebook, graded: Graded) -> None:
        """Write all that follows from ``graded``, or on any failure nothing."""
        scores, comments = self._read(graded.notebooks)
        with transaction(gradebook) as connection:
            rows = _Rows(connection, graded)
            rows.save_scores(scores, graded.same)
            rows.save_comments(comments)
            self._assign_penalties(rows, graded)

    def _read(
        self, notebooks: dict[str, NotebookNode]
    ) -> tuple[dict[CellName, float | None], dict[CellName, str | None]]:
        """Read scores and comments from graded notebooks, as SaveAutoGrades does."""
        scores, comments = {}, {}
        for notebook, content in notebooks.items():
            for cell in content.cells:
                name = notebook, cell.metadata.get("nbgrader", {}).get("grade_id")
                if utils.is_grade(cell):
                    scores[name], _ = utils.determine_grade(cell, self.late.log)
                if utils.is_task(cell):
                    comments[name] = None
                elif utils.is_solution(cell):
                    untouched = cell.metadata.nbgrader.get("checksum")
                    answered = utils.compute_checksum(cell) != untouched
                    comments[name] = None if answered else "No response."
        return scores, comments

    def _assign_penalties(self, rows: "_Rows", graded: Graded) -> None:
        """Penalize each notebook that is late, as AssignLatePenalties does."""
        for notebook in graded.notebooks:
            penalty = None
            if rows.seconds_late > 0:
                score = rows.read_score(notebook)
                plugin = self.late.plugin_inst
                penalty = plugin.late_submission_penalty(graded.student, score, rows.seconds_late)
                if penalty is not None:
                    limit = SimpleNamespace(score=score)
                    penalty = self.late._check_late_penalty(limit, penalty)
            rows.save_penalty(notebook, penalty)


class _Rows:
    """The rows of one submission. Where they are missing, they are made."""

    def __init__(self, connection: Connection, graded: Graded):
        self.connection = connection
        self._read_cells(graded.assignment)
        self._save_student(graded.student)
        self._save_submission(graded)
        self._save_copies()

    def _read_cells(self, assignment: str) -> None:
        found = self.connection.execute(
            select(
                ASSIGNMENT.c.id.label("assignment_id"),
                ASSIGNMENT.c.duedate,
                NOTEBOOK.c.id.label("notebook_id"),
                NOTEBOOK.c.name.label("notebook"),
                CELL.c.id,
                CELL.c.name,
                CELL.c.type,
            )
            .outerjoin_from(ASSIGNMENT, NOTEBOOK)
            .outerjoin(CELL)
            .where(ASSIGNMENT.c.name == assignment)
        ).all()
        if not found:
            raise MissingEntry(f"No such assignment: {assignment}")
        self.assignment, self.duedate = found[0].assignment_id, found[0].duedate
        self.notebooks = {row.notebook: row.notebook_id for row in found if row.notebook}
        self.cells = {(row.notebook, row.name, row.type): row.id for row in found if row.id}

    def _insert(self, table: Table) -> Insert:
        dialect = self.connection.dialect.name
        if dialect not in INSERT:
            raise ValueError(f"the gradebook must be in {' or '.join(INSERT)}, not in {dialect}")
        return INSERT[dialect](table)

    def _save_student(self, student: str) -> None:
        insert = self._insert(STUDENT).values(id=student)
        self.connection.execute(insert.on_conflict_do_nothing())

    def _save_submission(self, graded: Graded) -> None:
        row = {"assignment_id": self.assignment, "student_id": graded.student}
        known = {"timestamp": utils.parse_utc(graded.timestamp)} if graded.timestamp else {}
        insert = self._insert(SUBMISSION).values(row | known)
        insert = insert.on_conflict_do_update(index_elements=[*row], set_=row | known)
        found = self.connection.execute(
            insert.returning(SUBMISSION.c.id, SUBMISSION.c.timestamp, SUBMISSION.c.extension)
        ).one()
        self.submission = found.id
        self.seconds_late = _seconds_late(found.timestamp, self.duedate, found.extension)

    def _save_copies(self) -> None:
        mine = COPY.c.assignment_id == self.submission
        ids = self.notebooks.values()
        if ids:
            rows = [{"notebook_id": id_, "assignment_id": self.submission} for id_ in ids]
            self.connection.execute(self._insert(COPY).on_conflict_do_nothing(), rows)
        found = select(COPY.c.notebook_id, COPY.c.id).where(mine, COPY.c.notebook_id.in_(ids))
        copies = dict(map(tuple, self.connection.execute(found)))
        self.copies = {name: copies[id_] for name, id_ in self.notebooks.items()}

    def save_scores(self, scores: dict[CellName, float | None], same: bool) -> None:
        """Write what was graded automatically; what a person must look at is marked.

        Where answers and score are the ``same``, what a person has looked at stays so.
        """
        graded = {
            name: {"auto_score": score, "needs_manual_grade": score is None}
            for name, score in scores.items()
        }
        insert = self._insert(GRADE)
        score = insert.excluded.auto_score
        by_hand = or_(GRADE.c.manual_score.is_not(None), score.is_(None))
        if same:
            again = score.is_not_distinct_from(GRADE.c.auto_score)
            seen = and_(GRADE.c.manual_score.is_not(None), again)
            by_hand = and_(by_hand, or_(~seen, GRADE.c.needs_manual_grade))
        change = {"auto_score": score, "needs_manual_grade": by_hand}
        self._save_cells(insert, GRADED, graded, change)

    def save_comments(self, comments: dict[CellName, str | None]) -> None:
        """Write the comments that the autograder makes."""
        insert = self._insert(COMMENT)
        made = {name: {"auto_comment": comment} for name, comment in comments.items()}
        change = {"auto_comment": insert.excluded.auto_comment}
        self._save_cells(insert, COMMENTED, made, change)

    def _save_cells(
        self,
        insert: Insert,
        types: tuple[str, str],
        values: dict[CellName, dict],
        change: dict[str, ColumnElement],
    ) -> None:
        """Write ``values``, and insert rows for the other cells of these types."""
        found = {self._find(name, types): value for name, value in values.items()}
        new, known = [], []
        for (notebook, _, type_), id_ in self.cells.items():
            if type_ in types:
                row = {"cell_id": id_, "notebook_id": self.copies[notebook]}
                (known if id_ in found else new).append(row | found.get(id_, {}))
        if known:
            keys = ["cell_id", "notebook_id"]
            kept = insert.on_conflict_do_update(index_elements=keys, set_=change)
            self.connection.execute(kept, known)
        if new:
            self.connection.execute(insert.on_conflict_do_nothing(), new)

    def _find(self, name: CellName, types: tuple[str, str]) -> str:
        for type_ in types:
            if (*name, type_) in self.cells:
                return self.cells[*name, type_]
        raise MissingEntry(f"No such cell: {'/'.join(map(str, name))}")

    def read_score(self, notebook: str) -> float:
        """All points that a notebook has, those given by a person too."""
        ids = [id_ for (where, _, _), id_ in self.cells.items() if where == notebook]
        # The cells are named, though they are all there are: the index of grades begins with them.
        mine = and_(GRADE.c.cell_id.in_(ids), GRADE.c.notebook_id == self.copies[notebook])
        total = func.coalesce(func.sum(api.Grade.score), 0.0)
        return self.connection.execute(select(total).where(mine)).scalar_one()

    def save_penalty(self, notebook: str, penalty: float | None) -> None:
        """Write the points that a notebook loses, None for none."""
        mine = COPY.c.id == self.copies[notebook]
        change = update(COPY).where(mine).values(late_submission_penalty=penalty)
        self.connection.execute(change)


@contextmanager
def transaction(gradebook: Gradebook) -> Iterator[Connection]:
    """Make one transaction of what is done with the connection."""
    session = gradebook.db()
    try:
        connection = session.connection()
        if connection.dialect.name == "sqlite":
            # Takes the lock before anything is read, so that nobody writes in between.
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        yield connection
        session.commit()
    except BaseException:
        session.rollback()
        raise


@dataclass(frozen=True)
class Terms:
    """What a gradebook says of an assignment: its notebooks, when it is due, and for whom later."""

    notebooks: list[str]
    due: datetime | None
    extensions: dict[str, timedelta]


def terms_of(gradebook: Gradebook, assignment: str) -> Terms:
    """Read the terms of an assignment. Raises MissingEntry."""
    named = ASSIGNMENT.c.name == assignment
    with gradebook.engine.connect() as connection:
        due = connection.execute(select(ASSIGNMENT.c.duedate).where(named)).first()
        if not due:
            raise MissingEntry(f"No such assignment: {assignment}")
        notebooks = select(NOTEBOOK.c.name).join_from(ASSIGNMENT, NOTEBOOK).where(named)
        extensions = (
            select(SUBMISSION.c.student_id, SUBMISSION.c.extension)
            .join_from(ASSIGNMENT, SUBMISSION)
            .where(named, SUBMISSION.c.extension.is_not(None))
        )
        names = sorted(connection.scalars(notebooks))
        return Terms(names, due.duedate, dict(map(tuple, connection.execute(extensions))))


def extend(gradebook: Gradebook, assignment: str, students: list[str], days: float) -> None:
    """Move the due date of these students by ``days``, 0 for back to everybody's.

    Raises MissingEntry, with nothing changed, where the gradebook lacks one of them.
    """
    gradebook.find_assignment(assignment)
    for student in students:
        gradebook.find_student(student)
    for student in students:
        gradebook.update_or_create_submission(assignment, student)
        gradebook.grant_extension(assignment, student, days=days)


def seconds_late_before(gradebook: Gradebook, assignment: str, student: str) -> list[float]:
    """How late a student was with each assignment that was due before this one.

    Of those that are due at the same time, the order of the names counts.
    """
    due = select(ASSIGNMENT.c.duedate).where(ASSIGNMENT.c.name == assignment).scalar_subquery()
    sooner = or_(
        ASSIGNMENT.c.duedate < due,
        and_(ASSIGNMENT.c.duedate == due, ASSIGNMENT.c.name < assignment),
    )
    query = (
        select(SUBMISSION.c.timestamp, ASSIGNMENT.c.duedate, SUBMISSION.c.extension)
        .join_from(ASSIGNMENT, SUBMISSION)
        .where(SUBMISSION.c.student_id == student, sooner)
    )
    with gradebook.engine.connect() as connection:
        return [_seconds_late(*row) for row in connection.execute(query)]


def _seconds_late(
    timestamp: datetime | None, due: datetime | None, extension: timedelta | None
) -> float:
    if timestamp is None or due is None:
        return 0.0
    return max(0.0, (timestamp - due - (extension or timedelta())).total_seconds())


def auto_scores(
    gradebook: Gradebook, assignment: str, student: str | None = None
) -> dict[str, tuple[float, float]]:
    """The points that each student has, or this one, and could have, for what is graded by itself.

    Who has no submission is left out.
    """
    scored = and_(GRADE.c.cell_id == GRADE_CELL.c.id, GRADE.c.notebook_id == COPY.c.id)
    query = (
        select(
            SUBMISSION.c.student_id,
            func.coalesce(func.sum(GRADE.c.auto_score), 0.0),
            func.coalesce(func.sum(GRADE_CELL.c.max_score), 0.0),
        )
        .join_from(ASSIGNMENT, SUBMISSION)
        .outerjoin(NOTEBOOK, NOTEBOOK.c.assignment_id == ASSIGNMENT.c.id)
        .outerjoin(
            COPY,
            and_(COPY.c.notebook_id == NOTEBOOK.c.id, COPY.c.assignment_id == SUBMISSION.c.id),
        )
        .outerjoin(CELL, CELL.c.notebook_id == COPY.c.notebook_id)
        .outerjoin(GRADE_CELL, and_(GRADE_CELL.c.id == CELL.c.id, GRADE_CELL.c.cell_type == "code"))
        .outerjoin(GRADE, scored)
        .where(ASSIGNMENT.c.name == assignment)
        .group_by(SUBMISSION.c.student_id)
    )
    if student is not None:
        query = query.where(SUBMISSION.c.student_id == student)
    with gradebook.engine.connect() as connection:
        return {name: (score, points) for name, score, points in connection.execute(query)}


@dataclass(frozen=True)
class Standing:
    """What a gradebook says of one student and one assignment.

    ``exercises`` are the points of what is graded by itself, ``written`` those a person gives.
    A submission is not ``graded`` where there is only an extension, and ``waits`` where a person
    has not yet given all points.
    """

    student: str
    assignment: str
    handed_in: datetime | None
    seconds_late: float
    exercises: float
    written: float
    penalty: float
    graded: bool
    waits: bool

    @property
    def raw(self) -> float:
        return self.exercises + self.written

    @property
    def score(self) -> float:
        """All points but those lost for being late, as nbgrader counts them."""
        return max(0.0, self.raw - self.penalty)


@dataclass(frozen=True)
class Points:
    """When an assignment is due, and the points that can be had in it."""

    due: datetime | None
    exercises: float
    written: float

    @property
    def all(self) -> float:
        return self.exercises + self.written


def points_of(gradebook: Gradebook) -> dict[str, Points]:
    """Every assignment of a gradebook, by its name."""
    by_itself = GRADE_CELL.c.cell_type == "code"
    points = func.coalesce(GRADE_CELL.c.max_score, 0.0) + func.coalesce(TASK_CELL.c.max_score, 0.0)
    query = (
        select(
            ASSIGNMENT.c.name,
            ASSIGNMENT.c.duedate,
            func.coalesce(func.sum(case((by_itself, points), else_=0.0)), 0.0),
            func.coalesce(func.sum(case((by_itself, 0.0), else_=points)), 0.0),
        )
        .outerjoin_from(ASSIGNMENT, NOTEBOOK)
        .outerjoin(CELL)
        .outerjoin(GRADE_CELL, GRADE_CELL.c.id == CELL.c.id)
        .outerjoin(TASK_CELL, TASK_CELL.c.id == CELL.c.id)
        .group_by(ASSIGNMENT.c.name, ASSIGNMENT.c.duedate)
        .order_by(ASSIGNMENT.c.name)
    )
    with gradebook.engine.connect() as connection:
        return {name: Points(*rest) for name, *rest in connection.execute(query)}


def standings(gradebook: Gradebook, assignment: str | None = None) -> list[Standing]:
    """Where the students stand, of whom the gradebook has anything for any or this assignment."""
    by_itself = GRADE_CELL.c.cell_type == "code"
    penalty = (
        select(func.coalesce(func.sum(COPY.c.late_submission_penalty), 0.0))
        .where(COPY.c.assignment_id == SUBMISSION.c.id)
        .correlate(SUBMISSION)
        .scalar_subquery()
    )
    given = or_(GRADE.c.auto_score.is_not(None), GRADE.c.manual_score.is_not(None))
    query = (
        select(
            SUBMISSION.c.student_id,
            ASSIGNMENT.c.name,
            SUBMISSION.c.timestamp,
            ASSIGNMENT.c.duedate,
            SUBMISSION.c.extension,
            func.coalesce(func.sum(case((by_itself, api.Grade.score), else_=0.0)), 0.0),
            func.coalesce(func.sum(case((by_itself, 0.0), else_=api.Grade.score)), 0.0),
            penalty,
            func.coalesce(func.sum(case((given, 1), else_=0)), 0),
            func.coalesce(func.sum(case((GRADE.c.needs_manual_grade, 1), else_=0)), 0),
        )
        .join_from(ASSIGNMENT, SUBMISSION)
        .outerjoin(COPY, COPY.c.assignment_id == SUBMISSION.c.id)
        .outerjoin(GRADE, GRADE.c.notebook_id == COPY.c.id)
        .outerjoin(GRADE_CELL, GRADE_CELL.c.id == GRADE.c.cell_id)
        .group_by(
            SUBMISSION.c.id,
            SUBMISSION.c.student_id,
            ASSIGNMENT.c.name,
            SUBMISSION.c.timestamp,
            ASSIGNMENT.c.duedate,
            SUBMISSION.c.extension,
        )
        .order_by(SUBMISSION.c.student_id, ASSIGNMENT.c.name)
    )
    if assignment is not None:
        query = query.where(ASSIGNMENT.c.name == assignment)
    with gradebook.engine.connect() as connection:
        return [_standing(*row) for row in connection.execute(query)]


def _standing(student, assignment, at, due, extension, exercises, written, penalty, given, waiting):
    late = _seconds_late(at, due, extension)
    graded = bool(given)
    waits = graded and bool(waiting)
    return Standing(student, assignment, at, late, exercises, written, penalty, graded, waits)


@dataclass(frozen=True)
class Person:
    """A student as the gradebook knows them; most is empty unless an instructor wrote it there."""

    id: str
    first: str
    last: str
    email: str


def people(gradebook: Gradebook) -> list[Person]:
    """All students of a gradebook, in the order of their last names."""
    columns = (STUDENT.c.first_name, STUDENT.c.last_name, STUDENT.c.email)
    query = select(STUDENT.c.id, *(func.coalesce(column, "") for column in columns))
    with gradebook.engine.connect() as connection:
        found = [Person(*row) for row in connection.execute(query)]
    return sorted(found, key=lambda person: (person.last, person.first, person.id))
