"""A gradebook on a PostgreSQL server: the grades of SQLite, and a line where it cannot be used."""

import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from nbgrader.dbutil import upgrade
from sqlalchemy import create_engine, text

from autograder import cli, gradebook, pipeline
from autograder.build import build
from autograder.course import CONFIG, Course
from autograder.gradebook import Graded, Recorder, auto_scores
from tests.conftest import ROOT
from tests.postgres import running
from tests.small_class import CHAPTER, exercises, released, small_course, solved, submit
from tests.test_gradebook import DUE, record, register, rows, some

STUDENTS = ["all-right", "half-done", "untouched"]
NOTE = "You may hand this in again."


@pytest.fixture(scope="module")
def server():
    with running() as server:
        yield server


@pytest.fixture(scope="module")
def in_sqlite(tmp_path_factory) -> Course:
    """A class with a gradebook as all have it."""
    course = small_course(tmp_path_factory.mktemp("class"))
    submit(course, "all-right", solved(course))
    submit(course, "half-done", solved(course, *exercises(course)[4:]))
    submit(course, "untouched", released(course))
    return course


@pytest.fixture(scope="module")
def built(in_sqlite, server, tmp_path_factory) -> Course:
    """The same class, with a gradebook that the build has put on the server."""
    root = copied(in_sqlite, tmp_path_factory.mktemp("built"), server.create("built"))
    (root / "classroom" / "gradebook.db").unlink()
    course = Course(root)
    assert list(build(course, force=True)) == [CHAPTER]
    return course


@pytest.fixture(scope="module")
def expected(in_sqlite, built) -> dict[str, object]:
    """What grading leaves in SQLite."""
    return graded_twice(in_sqlite)


@pytest.fixture
def ours(built, server, tmp_path) -> Course:
    """A copy of this, to grade."""
    return Course(copied(built, tmp_path, server.create(tmp_path.name, template="built")))


def copied(course: Course, folder: Path, db_url: str) -> Path:
    """Copy the folder of a course, and set its gradebook as its instructor would."""
    root = shutil.copytree(course.root, folder / "copy")
    with (root / CONFIG).open("a") as config:
        config.write(f"\nc.CourseDirectory.db_url = {db_url!r}\n")
    return root


def grade(course: Course, students: list[str] = STUDENTS) -> None:
    results = list(pipeline.grade(course, CHAPTER, students))
    assert {r.student: r.error for r in results} == dict.fromkeys(students, "")


def correct(course: Course) -> None:
    """Give points and write a comment, as formgrader does."""
    with course.api.gradebook as book:
        notebook = book.find_submission_notebook(CHAPTER, CHAPTER, "half-done")
        wrong = [g for g in notebook.grades if g.auto_score == 0]
        min(wrong, key=lambda g: g.name).manual_score = 1.5
        min(notebook.comments, key=lambda c: c.name).manual_comment = NOTE
        book.db.commit()


def contents(course: Course) -> dict[str, list]:
    return rows(course.coursedir.db_url)


def graded_twice(course: Course) -> dict[str, object]:
    """What the class gets by one grading, and by another after a person has corrected it."""
    found = {}
    grade(course)
    found["once"] = contents(course)
    correct(course)
    grade(course)
    found["twice"] = contents(course)
    command = ["--course", str(course.root)]
    assert cli.main([*command, "feedback", CHAPTER]) == cli.OK
    for student in STUDENTS:
        page = course.folder("feedback", CHAPTER, student) / f"{CHAPTER}.html"
        found[student] = page.read_text()
    export = course.root / "grades.csv"
    assert cli.main([*command, "export", "--to", str(export)]) == cli.OK
    found["export"] = export.read_text()
    return found


def test_all_that_is_recorded_and_written_is_as_in_sqlite(ours, expected):
    found = graded_twice(ours)
    assert NOTE in found["half-done"]
    assert found == expected


def test_nbgrader_upgrades_it(ours):
    before = contents(ours)
    upgrade(ours.api.coursedir.db_url)  # what `nbgrader db upgrade` does
    assert contents(ours) == before


def test_two_graders_at_once_leave_what_one_does(ours, expected):
    command = [sys.executable, "-m", "autograder", "--course", ours.root, "grade", CHAPTER]
    quiet = subprocess.DEVNULL
    graders = [
        subprocess.Popen([*command, "--students", *students], cwd=ROOT, stdout=quiet)
        for students in (STUDENTS[:1], STUDENTS[1:])
    ]
    assert [grader.wait() for grader in graders] == [cli.OK, cli.OK]
    assert contents(ours) == expected["once"]


def test_several_may_record_the_same_submissions(server):
    register(url := server.create("shared"))
    students = [f"student-{number}" for number in range(20)]
    failures = []

    def record_all(assignment: str) -> None:
        try:
            with Gradebook(url) as book:
                for student in students:
                    Recorder().record(book, Graded(student, assignment, {"one": one}, DUE))
        except Exception as error:
            failures.append(error)

    one = some(2.0)["one"]
    graders = [
        threading.Thread(target=record_all, args=[a]) for a in 2 * ["chapter", "without-end"]
    ]
    for grader in graders:
        grader.start()
    for grader in graders:
        grader.join()
    assert failures == []
    with Gradebook(url) as book:
        for student in students:
            assert len(book.student_submissions(student)) == 2
        assert set(auto_scores(book, "chapter").values()) == {(2.0, 30.0)}


def test_killed_in_the_middle_of_a_transaction_it_leaves_nothing(server):
    register(url := server.create("killed"))
    program = (
        "import os, signal\n"
        "from unittest.mock import patch\n"
        "from tests.test_gradebook import Graded, record, some\n"
        "kill = lambda *a: os.kill(os.getpid(), signal.SIGKILL)\n"
        "with patch('autograder.gradebook.Recorder._assign_penalties', kill):\n"
        f"    record({url!r}, Graded('ada', 'chapter', some(2.0)))\n"
    )
    before = rows(url)
    killed = subprocess.run([sys.executable, "-c", program], cwd=ROOT)
    assert killed.returncode == -signal.SIGKILL
    assert rows(url) == before
    record(url, Graded("ada", "chapter", some(2.0)))
    with Gradebook(url) as book:
        assert auto_scores(book, "chapter") == {"ada": (4.0, 30.0)}


def test_a_server_that_is_stopped_and_comes_back_costs_the_submissions_between(
    ours, server, expected
):
    grading = pipeline.grade(ours, CHAPTER, STUDENTS)
    assert next(grading).error == ""
    server.stop()
    try:
        error = next(grading).error
    finally:
        server.start()
    assert error.startswith("the gradebook could not be used (") and "\n" not in error
    assert next(grading).error == ""
    grade(ours)
    assert contents(ours) == expected["once"]


def test_a_gradebook_that_somebody_holds_is_told(ours, monkeypatch):
    monkeypatch.setattr(gradebook, "PATIENCE", 0.2)
    engine = create_engine(ours.coursedir.db_url)
    with engine.connect() as other:
        other.execute(text("LOCK TABLE grade IN EXCLUSIVE MODE"))
        (result,) = pipeline.grade(ours, CHAPTER, ["untouched"])
    engine.dispose()
    assert "another program keeps the gradebook locked" in result.error
    assert result.score == 0


@pytest.mark.parametrize("command", ["build", "grade", "export"])
@pytest.mark.parametrize("problem", ["password", "database", "server"])
def test_what_cannot_be_reached_is_told_in_a_line(built, server, tmp_path, capfd, command, problem):
    url, says = {
        "password": (server.url("built", "wrong"), "password authentication failed"),
        "database": (server.url("absent"), 'database "absent" does not exist'),
        "server": (server.url("built").replace(str(server.port), "1"), "Connection refused"),
    }[problem]
    root = copied(built, tmp_path, url)
    words = [command] + [CHAPTER] * (command == "grade")
    assert cli.main(["--course", str(root), *words]) == cli.WRONG
    *bar, line = capfd.readouterr().err.splitlines()
    assert line.startswith("autograder: ") and says in line
    assert all(each.startswith("grading") for each in bar if each)
