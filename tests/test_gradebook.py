"""The gradebook: our few statements leave the same rows as nbgrader's own steps."""

import shutil
import sqlite3
import threading
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from nbformat import v4
from nbformat.notebooknode import NotebookNode
from nbgrader.api import Base, Gradebook
from nbgrader.plugins import LateSubmissionPlugin
from nbgrader.preprocessors import AssignLatePenalties, SaveAutoGrades, SaveCells
from nbgrader.utils import compute_checksum
from sqlalchemy import UniqueConstraint, create_engine, select
from traitlets.config import Config

from autograder.gradebook import Graded, Recorder, auto_scores, transaction

DUE, DAY = datetime(2026, 3, 1), timedelta(days=1)
CHECKS = "check-1", "check-2", "check-3"
ERROR, NOTHING = object(), object()


class ByTheDay(LateSubmissionPlugin):
    """An instructor's own: nothing for the first day, and then three points a day."""

    def late_submission_penalty(self, student_id, score, total_seconds_late):
        days = total_seconds_late / 86400
        return None if days <= 1 else 3 * days


class Reward(LateSubmissionPlugin):
    """One who means well: a penalty below zero, which nbgrader does not let pass."""

    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return -1.0


NO_PENALTY = Config()
ALL_IS_LOST = Config(LateSubmissionPlugin={"penalty_method": "zero"})
BY_THE_DAY = Config(AssignLatePenalties={"plugin_class": ByTheDay})
REWARD = Config(AssignLatePenalties={"plugin_class": Reward})


def cell(kind: str, name: str, points: float | None = None, **marks: bool) -> NotebookNode:
    made = v4.new_code_cell() if kind == "code" else v4.new_markdown_cell()
    made.source = f"what {name} asks"
    marks = {"grade": False, "solution": False, "locked": False, "task": False} | marks
    made.metadata["nbgrader"] = {"schema_version": 3, "grade_id": name, **marks}
    if points is not None:
        made.metadata.nbgrader["points"] = points
    made.metadata.nbgrader["checksum"] = compute_checksum(made)
    return made


def handed_out(*more: NotebookNode) -> NotebookNode:
    """A notebook with a cell of every kind that nbgrader has."""
    cells = [
        v4.new_markdown_cell("a text"),
        cell("code", "exercise", solution=True),
        *(cell("code", name, 4.0, grade=True, locked=True) for name in CHECKS),
        cell("markdown", "essay", 2.0, grade=True, solution=True),
        cell("code", "program", 3.0, grade=True, solution=True),
        cell("markdown", "project", 5.0, task=True, locked=True),
        *more,
    ]
    return v4.new_notebook(cells=cells)


def judged(notebook: NotebookNode, results: dict[str, object], *answered: str) -> NotebookNode:
    """Put the results of checks into a notebook, and something into the cells ``answered``."""
    for each in notebook.cells:
        name = each.metadata.get("nbgrader", {}).get("grade_id")
        if name in answered:
            each.source += ", and an answer"
        if name in results:
            each.outputs = _outputs(results[name])
    return notebook


def _outputs(result: object) -> list[NotebookNode]:
    if result is NOTHING:
        return []
    if result is ERROR:
        return [v4.new_output("error", ename="NameError", evalue="lost", traceback=[])]
    data = {"text/plain": repr(result)}
    return [v4.new_output("execute_result", data, execution_count=1)]


def some(score: float) -> dict[str, NotebookNode]:
    """Two graded notebooks with this score in one check of each."""
    results = {CHECKS[0]: score, CHECKS[1]: ERROR, CHECKS[2]: 0.0}
    return {name: judged(handed_out(), results, "exercise", "essay") for name in ("one", "two")}


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    """A gradebook that knows an assignment of two notebooks, and another assignment."""
    path = tmp_path_factory.mktemp("built") / "gradebook.db"
    register(f"sqlite:///{path}")
    return path


def register(url: str) -> None:
    engine = create_engine(url)
    Base.metadata.create_all(engine)  # for an empty one, nbgrader starts alembic, a second or two
    engine.dispose()
    with Gradebook(url) as gradebook:
        gradebook.update_or_create_assignment("chapter", duedate=DUE)
        gradebook.update_or_create_assignment("without-end")
    for assignment, notebook in ("chapter", "one"), ("chapter", "two"), ("without-end", "one"):
        SaveCells().preprocess(handed_out(), resources(url, assignment, notebook))


def resources(url: str, assignment: str, notebook: str, student: str = "") -> dict:
    names = {"assignment": assignment, "notebook": notebook, "student": student}
    return {"nbgrader": names | {"db_url": url}}


@pytest.fixture
def url(built, tmp_path) -> str:
    return copy_of(built, tmp_path / "ours.db")


def copy_of(gradebook: Path, path: Path) -> str:
    return f"sqlite:///{shutil.copy(gradebook, path)}"


def record(url: str, graded: Graded, config: Config = NO_PENALTY) -> None:
    with Gradebook(url) as gradebook:
        Recorder(config=config).record(gradebook, graded)


def record_by_nbgrader(url: str, graded: Graded, config: Config = NO_PENALTY) -> None:
    known = {"timestamp": graded.timestamp} if graded.timestamp else {}
    with Gradebook(url) as gradebook:
        gradebook.update_or_create_student(graded.student)
        gradebook.update_or_create_submission(graded.assignment, graded.student, **known)
    for name, notebook in graded.notebooks.items():
        for step in SaveAutoGrades, AssignLatePenalties:
            names = resources(url, graded.assignment, name, graded.student)
            step(config=config).preprocess(notebook, names)


def rows(url: str) -> dict[str, list]:
    """Every row of every table, with what stands for a row's key in place of its random id."""
    engine = create_engine(url)
    found, meaning = {}, {}
    with engine.connect() as connection:
        for table in Base.metadata.sorted_tables:  # such that keys come before who refers to them
            unique = [c for c in table.constraints if isinstance(c, UniqueConstraint)]
            found[table.name] = []
            for row in connection.execute(select(table)).mappings():
                row = {column: meaning.get(value, value) for column, value in row.items()}
                for constraint in unique:
                    id_ = row["id"]
                    row["id"] = meaning[id_] = str([row[c.name] for c in constraint.columns])
                found[table.name].append(row)
            found[table.name].sort(key=str)
    engine.dispose()
    return found


def by_hand(url: str) -> None:
    """What a person does between two gradings."""
    with Gradebook(url) as gradebook:
        names = "one", "chapter", "ada"
        gradebook.find_grade(CHECKS[0], *names).manual_score = 3.5
        gradebook.find_grade(CHECKS[1], *names).extra_credit = 1.0
        essay = gradebook.find_grade("essay", *names)
        essay.manual_score, essay.needs_manual_grade = 1.5, False
        project = gradebook.find_grade("project", *names)
        project.manual_score, project.needs_manual_grade = 4.0, False
        gradebook.find_comment("exercise", *names).manual_comment = "Well done."
        gradebook.find_comment("project", *names).manual_comment = "A fine project."
        gradebook.find_comment("project", *names).auto_comment = "Not by nbgrader."
        gradebook.find_submission_notebook(*names).flagged = True
        gradebook.db.commit()


def extend(url: str) -> None:
    with Gradebook(url) as gradebook:
        gradebook.grant_extension("chapter", "ada", hours=36)


FULL = dict.fromkeys(CHECKS, 4.0)
STORIES = {
    "nothing was written": [Graded("ada", "chapter", {"one": judged(handed_out(), {})})],
    "every kind of result": [
        Graded(
            "ada",
            "chapter",
            {
                "one": judged(
                    handed_out(), dict(zip(CHECKS, (2.5, ERROR, NOTHING), strict=True)), "essay"
                ),
                "two": judged(handed_out(), FULL, "exercise", "program", "project"),
            },
            DUE - DAY,
        )
    ],
    "one notebook of two": [Graded("ada", "chapter", {"two": some(3.0)["two"]}, DUE)],
    "graded again": [
        Graded("ada", "chapter", some(1.0), DUE - DAY),
        Graded("ada", "chapter", {"one": judged(handed_out(), FULL, "program")}),
        Graded("ada", "chapter", some(2.0), DUE - DAY / 2),
    ],
    "graded by a person and again": [
        Graded("ada", "chapter", some(1.0), DUE - DAY),
        by_hand,
        Graded("ada", "chapter", some(2.0), DUE - DAY),
        Graded("ada", "chapter", {"one": judged(handed_out(), {})}, DUE + 3 * DAY),
    ],
    "late, and then no more": [
        Graded("ada", "chapter", some(3.0), DUE + 2 * DAY),
        Graded("ada", "chapter", some(3.5)),
        Graded("ada", "chapter", some(1.0), DUE - DAY),
    ],
    "late, and then given more time": [
        Graded("ada", "chapter", some(4.0), DUE + 3 * DAY),
        extend,
        Graded("ada", "chapter", some(4.0), DUE + 3 * DAY),
        Graded("ada", "chapter", some(4.0), DUE + DAY),
    ],
    "several students, and no date": [
        Graded("ada", "chapter", some(3.0), DUE + DAY),
        Graded("bob", "chapter", some(2.0), DUE),
        Graded("bob", "without-end", {"one": some(2.0)["one"]}, DUE + DAY),
        Graded("ada", "without-end", {"one": some(1.0)["one"]}),
    ],
}
PENALTIES = {
    "no penalty": NO_PENALTY,
    "all is lost": ALL_IS_LOST,
    "by the day": BY_THE_DAY,
    "reward": REWARD,
}


@pytest.mark.parametrize("story", STORIES)
def test_each_row_is_what_nbgrader_writes(built, url, tmp_path, story):
    theirs = copy_of(built, tmp_path / "theirs.db")
    for penalty in PENALTIES.values() if "late" in story else [NO_PENALTY]:
        for step in STORIES[story]:
            if isinstance(step, Graded):
                record(url, step, penalty)
                record_by_nbgrader(theirs, step, penalty)
            else:
                step(url)
                step(theirs)
            assert rows(url) == rows(theirs)


def test_what_is_late_is_penalized(url):
    for number, (config, penalty) in enumerate(
        [(NO_PENALTY, None), (ALL_IS_LOST, 3.0), (BY_THE_DAY, 3.0), (REWARD, 0.0)]
    ):
        graded = Graded(f"student-{number}", "chapter", {"one": some(3.0)["one"]}, DUE + 2 * DAY)
        record(url, graded, config)
        with Gradebook(url) as gradebook:
            found = gradebook.find_submission_notebook("one", "chapter", graded.student)
            assert found.late_submission_penalty == penalty, config


def test_a_cell_that_was_added_later_gets_the_rows_of_a_first_grading(built, url, tmp_path):
    """nbgrader itself fails there for who has been graded, and so the lecturer must start anew."""
    theirs = copy_of(built, tmp_path / "theirs.db")
    late_cells = (
        cell("code", "added", 2.0, grade=True, locked=True),
        cell("code", "added-exercise", solution=True),
    )
    graded = Graded("ada", "chapter", {"one": judged(handed_out(*late_cells), {"added": 1.5})})
    record(url, Graded("ada", "chapter", some(2.0)))
    for place in url, theirs:
        with Gradebook(place) as gradebook:
            gradebook.add_grade_cell("added", "one", "chapter", max_score=2, cell_type="code")
            gradebook.add_solution_cell("added-exercise", "one", "chapter")
            gradebook.add_task_cell("task", "two", "chapter", max_score=2, cell_type="markdown")
    record_by_nbgrader(theirs, Graded("ada", "chapter", {"two": some(2.0)["two"]}))
    record_by_nbgrader(theirs, graded)
    record(url, graded)
    assert rows(url) == rows(theirs)


def test_a_failure_leaves_nothing_and_the_gradebook_usable(url):
    before = rows(url)
    unknown = handed_out(cell("code", "unknown", 1.0, grade=True, locked=True))
    too_much = judged(handed_out(), {CHECKS[0]: 99.0})
    with Gradebook(url) as gradebook:
        recorder = Recorder()
        for assignment, notebook, error in [
            ("chapter", unknown, "No such cell: one/unknown"),
            ("nowhere", handed_out(), "No such assignment: nowhere"),
            ("chapter", too_much, "greater than maximum"),
        ]:
            with pytest.raises(ValueError, match=error):
                recorder.record(gradebook, Graded("ada", assignment, {"one": notebook}))
            assert rows(url) == before
        recorder.record(gradebook, Graded("ada", "chapter", some(1.0)))
    assert rows(url) != before


def test_nobody_writes_between_our_reading_and_writing(url):
    with Gradebook(url) as gradebook, transaction(gradebook):
        other = sqlite3.connect(url.removeprefix("sqlite:///"), timeout=0)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
        other.close()


def test_what_is_recorded_is_seen_by_an_object_that_was_read_before(url):
    with Gradebook(url) as gradebook:
        recorder = Recorder()
        recorder.record(gradebook, Graded("ada", "chapter", some(1.0)))
        submission = gradebook.find_submission("chapter", "ada")
        assert submission.score == 2.0
        recorder.record(gradebook, Graded("ada", "chapter", some(4.0)))
        assert submission.score == 8.0


def test_scores_are_those_of_what_is_graded_automatically(url):
    with Gradebook(url) as gradebook:
        recorder = Recorder()
        recorder.record(gradebook, Graded("ada", "chapter", some(1.0)))
        recorder.record(gradebook, Graded("bob", "chapter", {"one": some(3.0)["one"]}))
        recorder.record(gradebook, Graded("ada", "without-end", {"one": some(2.0)["one"]}))
        by_hand(url)
        gradebook.add_assignment("empty")
        gradebook.update_or_create_submission("empty", "ada")
        points = 2 * (3 * 4.0 + 3.0)
        scores = {"ada": (2 * 1.0, points), "bob": (3.0, points)}
        assert auto_scores(gradebook, "chapter") == scores
        assert auto_scores(gradebook, "chapter", "bob") == {"bob": scores["bob"]}
        assert auto_scores(gradebook, "chapter", "eve") == {}
        assert auto_scores(gradebook, "empty") == {"ada": (0.0, 0.0)}


def test_the_work_does_not_grow_with_the_class(url):
    def work(student: str, timestamp: datetime) -> int:
        """How many steps SQLite does to record and read again what one student earned."""
        steps = []
        sqlite = gradebook.db().connection().connection.dbapi_connection
        sqlite.set_progress_handler(lambda: steps.append(1), 10)
        recorder.record(gradebook, Graded(student, "chapter", some(3.0), timestamp))
        auto_scores(gradebook, "chapter", student)
        sqlite.set_progress_handler(None, 0)
        return len(steps)

    with Gradebook(url) as gradebook:
        recorder = Recorder(config=ALL_IS_LOST)
        record(url, Graded("ada", "chapter", some(3.0)))
        alone = [work("bob", DUE - DAY), work("bob", DUE + DAY)]
        notebooks = some(2.0)
        for number in range(100):
            recorder.record(gradebook, Graded(f"student-{number}", "chapter", notebooks))
        in_class = [work("eve", DUE - DAY), work("eve", DUE + DAY)]
    assert all(more < 1.1 * few for more, few in zip(in_class, alone, strict=True))


def test_several_programs_may_record_the_same_submissions(url):
    students = [f"student-{number}" for number in range(10)]
    failures = []

    def grade(assignment: str) -> None:
        try:
            with Gradebook(url) as gradebook:
                for student in students:
                    graded = Graded(student, assignment, {"one": some(2.0)["one"]}, DUE)
                    Recorder().record(gradebook, graded)
        except Exception as error:
            failures.append(error)

    graders = [threading.Thread(target=grade, args=[a]) for a in ["chapter", "without-end"] * 2]
    for grader in graders:
        grader.start()
    for grader in graders:
        grader.join()
    assert failures == []
    with Gradebook(url) as gradebook:
        assert set(auto_scores(gradebook, "chapter")) == set(students)
        for student in students:
            assert len(gradebook.student_submissions(student)) == 2
