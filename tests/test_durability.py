"""Durability: whatever stops the grader, a second run gives what one undisturbed run gives.

CI kills it a few times; KILLS=50 makes it more, LOCKED=60 holds the gradebook for a minute.
"""

import os
import pickle
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import nbformat
import psutil
import pytest

from autograder import gradebook, pipeline
from autograder.course import Course
from autograder.gradebook import Recorder
from tests.conftest import ROOT
from tests.small_class import CHAPTER, FILE, exercises, small_course, solved, submit

KILLS = int(os.environ.get("KILLS", 3))
LOCKED = float(os.environ.get("LOCKED", 3))
SEED = int(os.environ.get("SEED", random.randrange(10**6)))
NOTE = "You may hand this in again."


@pytest.fixture(scope="module")
def classroom(tmp_path_factory):
    """A course with a class of which one has been graded, by a person as well."""
    course = small_course(tmp_path_factory.mktemp("class"))
    submit(course, "corrected", solved(course, *exercises(course)[:2]))
    assert [r.error for r in pipeline.grade(course, CHAPTER, ["corrected"])] == [""]
    with course.api.gradebook as book:
        submission = book.find_submission(CHAPTER, "corrected").notebooks[0]
        next(g for g in submission.grades if g.auto_score == 0).manual_score = 1.5
        submission.comments[0].manual_comment = NOTE
        book.db.commit()
    submit(course, "all-right", solved(course))
    submit(course, "half-done", solved(course, *exercises(course)[4:]))
    (submit(course, "broken") / FILE).write_text("{ this is not a notebook")
    return course


@pytest.fixture
def copied(classroom, tmp_path):
    """A copy of the class, to spoil."""
    shutil.copytree(classroom.root, tmp_path / "copy")
    return Course(tmp_path / "copy")


@pytest.fixture(scope="module")
def undisturbed(classroom, tmp_path_factory):
    """What one run gives, and the seconds that it took."""
    shutil.copytree(classroom.root, root := tmp_path_factory.mktemp("undisturbed") / "copy")
    started = time.monotonic()
    assert grader(root).wait() == 1  # since one is broken
    return contents(Course(root)), time.monotonic() - started


def grader(root: Path) -> subprocess.Popen:
    command = [sys.executable, "-m", "autograder", "--course", root, "grade", CHAPTER, "--force"]
    quiet = subprocess.DEVNULL
    return subprocess.Popen(command, cwd=ROOT, stdout=quiet, stderr=quiet)


def grade(course: Course) -> dict[str, str]:
    """Grade the class; return the errors."""
    present = course.students(CHAPTER)
    return {r.student: r.error for r in pipeline.grade(course, CHAPTER, present) if r.error}


def contents(course: Course) -> dict:
    """All that a class has been given: every row of the gradebook, and what the judge said.

    Rows are without the keys that the gradebook invents.
    """
    found = {}
    with course.api.gradebook as book:
        for submission in book.assignment_submissions(CHAPTER):
            student = submission.student.id
            for notebook in submission.notebooks:
                found[student] = [
                    (submission.timestamp, notebook.late_submission_penalty, notebook.flagged),
                    sorted(
                        (g.name, g.auto_score, g.manual_score, g.extra_credit, g.needs_manual_grade)
                        for g in notebook.grades
                    ),
                    sorted(
                        (c.name, str(c.auto_comment), str(c.manual_comment))
                        for c in notebook.comments
                    ),
                ]
    with sqlite3.connect(course.root / "classroom" / "gradebook.db") as raw:
        tables = "student", "submitted_assignment", "submitted_notebook", "grade", "comment"
        found["rows"] = [
            raw.execute(f"SELECT COUNT(*) FROM {table}").fetchone() for table in tables
        ]
        assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    found["results"] = [
        pipeline.read_result(course, CHAPTER, student) for student in course.students(CHAPTER)
    ]
    found["files"] = sorted(
        str(path.relative_to(course.root)) for path in (course.root / "classroom").rglob("*")
    )
    return found


def processes_below(pid: int) -> list[psutil.Process]:
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def test_an_undisturbed_run_keeps_what_a_person_recorded(undisturbed):
    found, _ = undisturbed
    grades, comments = found["corrected"][1:]
    assert [manual for _, _, manual, _, _ in grades if manual is not None] == [1.5]
    assert NOTE in [manual for _, _, manual in comments]
    scores = {result.student: result.score for result in found["results"]}
    assert scores["all-right"] > scores["half-done"] > scores["broken"] == 0


@pytest.mark.parametrize("kill", range(KILLS))
def test_a_second_run_mends_what_a_killed_one_left(copied, undisturbed, kill):
    expected, seconds = undisturbed
    moment = random.Random(f"{SEED} {kill}").uniform(0, 1.05 * seconds)
    print(f"SEED={SEED} kill={kill}: after {moment:.2f} of {seconds:.2f} seconds")
    run = grader(copied.root)
    time.sleep(moment)
    kernels = processes_below(run.pid)
    run.kill()
    run.wait()
    assert psutil.wait_procs(kernels, timeout=10)[1] == []
    assert set(grade(copied)) == {"broken"}
    assert contents(copied) == expected


# Moments that a random one would hardly meet: what is called when the grader is killed.
KILLED_AT = {
    "a file is half written": "autograder.converters.os.fsync",
    "the grades are written and not committed": "autograder.gradebook.Recorder._assign_penalties",
    (LAST := "the grades are committed"): "autograder.converters.os.replace",
}


@pytest.mark.parametrize("moment", KILLED_AT)
def test_killed_while_recording_it_leaves_what_a_second_run_mends(copied, undisturbed, moment):
    program = (
        "import os, signal, sys\n"
        "from unittest.mock import patch\n"
        "from autograder import cli\n"
        "kill = lambda *a: os.kill(os.getpid(), signal.SIGKILL)\n"
        f"command = ['--course', {str(copied.root)!r}, 'grade', {CHAPTER!r}, '--students']\n"
        f"with patch({KILLED_AT[moment]!r}, kill):\n"
        "    cli.main([*command, 'all-right'])\n"
    )
    before, expected = contents(copied), undisturbed[0]
    killed = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True)
    assert killed.returncode == -signal.SIGKILL
    left = contents(copied)
    assert left.get("all-right") == (expected["all-right"] if moment == LAST else None)
    assert not (copied.folder("autograded", CHAPTER, "all-right") / FILE).exists()
    assert left["corrected"] == before["corrected"]
    (again,) = pipeline.grade(copied, CHAPTER, ["all-right"])
    assert again in expected["results"]
    found = contents(copied)
    assert found["all-right"] == expected["all-right"]
    assert set(found["files"]) < set(expected["files"])


def test_an_earlier_grade_stays_when_grading_again_fails(copied):
    before = contents(copied)
    path = copied.folder("release", CHAPTER) / FILE
    nbformat.write(solved(copied), path)
    (result,) = pipeline.grade(copied, CHAPTER, ["corrected"])
    assert "was changed since it was built" in result.error
    assert result.score > 0
    assert contents(copied)["corrected"] == before["corrected"]
    assert (copied.folder("autograded", CHAPTER, "corrected") / FILE).exists()


def test_points_given_by_hand_wait_again_only_where_the_answers_have_changed(copied):
    @contextmanager
    def written():
        with copied.api.gradebook as book:
            grades = book.find_submission(CHAPTER, "corrected").notebooks[0].grades
            (grade,) = [grade for grade in grades if grade.cell.cell_type == "markdown"]
            yield grade
            book.db.commit()

    def waits() -> bool:
        (result,) = pipeline.grade(copied, CHAPTER, ["corrected"])
        assert not result.error
        with written() as grade:
            assert grade.manual_score == 2.5
            return grade.needs_manual_grade

    with written() as grade:
        grade.manual_score, grade.needs_manual_grade = 2.5, False
    assert not waits()
    path = copied.folder("submitted", CHAPTER, "corrected") / FILE
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[-1].source += " And one more thought."
    nbformat.write(notebook, path)
    assert waits()


def test_a_penalty_for_being_late_is_the_same_when_graded_again(copied):
    copied.config.LateSubmissionPlugin.penalty_method = "zero"
    folder = copied.folder("submitted", CHAPTER, "all-right")
    (folder / "timestamp.txt").write_text("2026-03-02 00:00:00 UTC")
    with copied.api.gradebook as book:
        book.update_or_create_assignment(CHAPTER, duedate="2026-03-01 00:00:00 UTC")
    for _ in range(2):
        (result,) = pipeline.grade(copied, CHAPTER, ["all-right"])
        assert result.error == ""
        timestamp, penalty, _ = contents(copied)["all-right"][0]
        assert str(timestamp) == "2026-03-02 00:00:00"
        assert penalty == result.score > 0


@contextmanager
def held(course: Course):
    """Hold the gradebook as a program does that writes into it and does not end."""
    other = sqlite3.connect(course.root / "classroom" / "gradebook.db", check_same_thread=False)
    other.execute("BEGIN EXCLUSIVE")
    try:
        yield other
    finally:
        other.close()


def test_grading_waits_for_a_program_that_holds_the_gradebook(copied, undisturbed):
    assert gradebook.PATIENCE > 60
    with held(copied) as other:
        release = threading.Timer(LOCKED, other.rollback)
        release.start()
        started = time.monotonic()
        (result,) = pipeline.grade(copied, CHAPTER, ["all-right"])
        assert time.monotonic() - started > LOCKED
        release.join()
    assert result in undisturbed[0]["results"]
    assert contents(copied)["all-right"] == undisturbed[0]["all-right"]


def test_a_gradebook_that_stays_locked_is_told_and_the_rest_goes_on(
    copied, undisturbed, monkeypatch
):
    monkeypatch.setattr(gradebook, "PATIENCE", 0.2)
    before = contents(copied)
    grading = pipeline.grade(copied, CHAPTER, ["all-right", "corrected", "half-done"])
    assert next(grading).error == ""
    old = (copied.folder("autograded", CHAPTER, "corrected") / FILE).stat()
    with held(copied):
        assert "another program keeps the gradebook locked" in next(grading).error
    assert (copied.folder("autograded", CHAPTER, "corrected") / FILE).stat() == old
    assert next(grading).error == ""
    found = contents(copied)
    assert found["corrected"] == before["corrected"]
    assert found["half-done"] == undisturbed[0]["half-done"]


def grade_on_a_full_disk(root: str, disk: str, report: str) -> None:
    """Grade a copy of the class on a small disk that fills up, and then has room again."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", disk], check=True)
    course = Course(shutil.copytree(root, Path(disk, "copy")))
    before = contents(course)
    filler = Path(disk, "filler")

    def fill() -> None:
        room = os.statvfs(disk)
        filler.write_bytes(bytes(room.f_bavail * room.f_bsize))

    def fill_and_record(*arguments) -> None:
        fill()
        record(*arguments)

    fill()
    errors = [r.error for r in pipeline.grade(course, CHAPTER, ["corrected", "all-right"])]
    filler.unlink()
    record = Recorder.record
    with patch.object(Recorder, "record", fill_and_record):
        errors += [r.error for r in pipeline.grade(course, CHAPTER, ["all-right"])]
    filler.unlink()
    unchanged = contents(course) == before
    second = grade(course)
    Path(report).write_bytes(pickle.dumps((errors, unchanged, set(second), contents(course))))


def test_a_full_disk_is_told_and_mended(copied, undisturbed, tmp_path):
    disk, report = tmp_path / "disk", tmp_path / "report"
    disk.mkdir()
    program = (
        "from tests.test_durability import grade_on_a_full_disk\n"
        f"grade_on_a_full_disk({str(copied.root)!r}, {str(disk)!r}, {str(report)!r})"
    )
    # In namespaces of its own an ordinary user may mount a disk, which ends with them.
    command = ["unshare", "--user", "--map-root-user", "--mount", sys.executable, "-c", program]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    errors, unchanged, second, found = pickle.loads(report.read_bytes())
    assert len(errors) == 3
    assert all("the disk is full" in error for error in errors)
    assert unchanged
    assert second == {"broken"}
    assert found == undisturbed[0]
