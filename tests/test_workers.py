"""Several processes on this machine: how they end, what a second run does, and what it skips."""

import os
import shutil
import signal
import tempfile
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest

from autograder import cli, pipeline, sandbox, workers
from autograder.build import build
from autograder.cells import solved_exercise
from autograder.course import Course
from autograder.workers import GIGABYTE, Processes, Workers
from tests import mixed_class
from tests.mixed_class import assert_gone, copy_of, counted_records, recorded, wait_until
from tests.small_class import CHAPTER, FILE, small_course, solved, submit
from tests.test_durability import contents

pytestmark = pytest.mark.skipif(
    not sandbox.isolation()["isolated"] and not os.environ.get("CI"),
    reason="this machine offers no isolation",
)


@pytest.fixture(scope="module")
def classroom(tmp_path_factory):
    return mixed_class.make(tmp_path_factory.mktemp("class"))


@pytest.fixture(scope="module")
def expected(classroom, tmp_path_factory):
    """What grading in one process gives."""
    return mixed_class.graded_here(classroom, tmp_path_factory.mktemp("alone"))


@pytest.fixture
def course(classroom, tmp_path):
    return copy_of(classroom, tmp_path)


# --- How processes end ----------------------------------------------------------------------------


def test_a_process_that_is_killed_at_work_costs_no_grade(course, expected):
    with workers.processes(2, ()) as by, counted_records() as counts:
        process = by.executor.submit(os.getpid).result()
        grading = pipeline.grade(course, CHAPTER, course.students(CHAPTER), by)
        results = [next(grading)]
        os.kill(process, signal.SIGKILL)
        results += grading
    assert len(results) == mixed_class.STUDENTS
    assert set(counts) == {result.student for result in results}
    assert set(counts.values()) == {1}
    assert contents(course) == expected


def die(work):
    os.kill(os.getpid(), signal.SIGKILL)


class Poisoned(Processes):
    """A pool in which grading one student's work kills the process, as the system may do."""

    def submit(self, call, work):
        return super().submit(die if work[0].student == "all-right-0" else call, work)


def test_a_submission_that_always_kills_its_process_is_one_row(course, expected):
    with Poisoned(2, ()) as pool:
        grading = pipeline.grade(course, CHAPTER, course.students(CHAPTER), Workers(pool, 4))
        errors = {result.student: result.error for result in grading if result.error}
    assert errors.keys() == {"all-right-0", "broken"}
    assert errors["all-right-0"].startswith("3 times the process that graded it was killed")
    found = contents(course)
    students = expected.keys() - {"rows", "results", "files", "all-right-0"}
    assert "all-right-0" not in found
    assert {student: found[student] for student in students} == {
        student: expected[student] for student in students
    }


@pytest.fixture
def temporary():
    """A folder with a short name, since sockets will lie in it."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def test_a_run_that_is_interrupted_leaves_nothing_and_goes_on_where_it_was(
    course, expected, temporary
):
    settings = {"env": os.environ | {"TMPDIR": str(temporary)}}
    run = mixed_class.start(course, CHAPTER, "--jobs", "2", **settings)
    wait_until(lambda: len(recorded(course)) >= 2)
    below = mixed_class.below(run.pid)
    os.killpg(run.pid, signal.SIGINT)
    _, said = run.communicate(timeout=10)
    assert run.returncode == 130
    assert said.splitlines()[-1] == "autograder: stopped; what was graded is recorded"
    assert "Traceback" not in said
    assert below
    assert_gone(below, temporary)
    done = len(recorded(course))
    assert 2 <= done < mixed_class.STUDENTS
    again = mixed_class.start(course, CHAPTER, "--jobs", "2", **settings)
    printed, _ = again.communicate(timeout=60)
    assert again.returncode == cli.WRONG  # since one is broken
    assert f"{done} of {mixed_class.STUDENTS} unchanged since they were graded" in printed
    assert contents(course) == expected
    assert list(temporary.iterdir()) == []


# --- The command line -----------------------------------------------------------------------------


def grade(course, capsys, *options):
    """The exit code of ``autograder grade``, and what it printed."""
    code = cli.main(["--course", str(course.root), "grade", *options])
    return code, *capsys.readouterr()


def test_only_the_students_that_are_named_are_graded(course, capsys):
    names = "all-right-1", "half-done-1"
    code, printed, _ = grade(course, capsys, CHAPTER, "--jobs", "1", "--students", *names)
    assert code == cli.OK
    assert recorded(course) == set(names)
    assert [line.split()[0] for line in printed.splitlines() if "/" in line] == list(names)


def test_a_student_who_handed_in_nothing_is_told(course, capsys):
    code, _, said = grade(course, capsys, CHAPTER, "--students", "all-right-1", "nobody")
    assert code == cli.WRONG
    assert said == f"autograder: nothing submitted for {CHAPTER} by: nobody\n"
    assert recorded(course) == set()


@pytest.mark.parametrize(
    "options",
    [["--jobs", "0"], ["--jobs", "many"], ["--jobs", "2", "--cluster", "tcp://127.0.0.1:8786"]],
)
def test_wrong_options_are_told(course, capsys, options):
    with pytest.raises(SystemExit) as exit_:
        grade(course, capsys, CHAPTER, *options)
    assert exit_.value.code == 2
    assert options[0] in capsys.readouterr().err


def test_without_a_chapter_all_that_was_handed_in_is_graded(one_graded, capsys):
    code, printed, said = grade(one_graded, capsys)
    assert code == cli.OK
    assert CHAPTER in said
    assert "1 of 1 unchanged" in printed


def test_where_nothing_was_handed_in_a_line_says_so(one_graded, capsys):
    shutil.rmtree(one_graded.root / "classroom" / "submitted")
    code, _, said = grade(one_graded, capsys)
    assert code == cli.WRONG
    assert said.startswith("autograder: no submissions in ")


# --- Memory ---------------------------------------------------------------------------------------


@pytest.fixture
def free(monkeypatch):
    """Sets how many bytes are free on this machine."""

    def leave(size):
        memory = SimpleNamespace(available=size)
        monkeypatch.setattr(workers.psutil, "virtual_memory", lambda: memory)

    monkeypatch.setattr(workers, "_free_in_container", lambda: iter(()))
    return leave


def test_no_more_processes_than_there_is_memory_for(free):
    free(100 * GIGABYTE)
    assert workers.affordable(8) == (8, "")
    free(3.5 * GIGABYTE)
    assert workers.affordable(8) == (2, "2 at a time, not 8: 3.5 GB of memory are free")
    free(0.1 * GIGABYTE)
    assert workers.affordable(8) == (1, "1 at a time, not 8: 0.1 GB of memory are free")
    assert workers.affordable(1) == (1, "")


def test_too_little_memory_is_told(course, free, capsys):
    free(2 * GIGABYTE)
    students = "--students", "all-right-1", "all-right-2"
    code, _, said = grade(course, capsys, CHAPTER, "--jobs", "2", *students)
    assert code == cli.OK
    assert said.splitlines()[0] == "1 at a time, not 2: 2.0 GB of memory are free"


# --- What is not graded again ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def graded_once(tmp_path_factory):
    course = small_course(tmp_path_factory.mktemp("once"))
    submit(course, "ada", solved(course))
    assert [r.error for r in pipeline.grade(course, CHAPTER, ["ada"])] == [""]
    return course


@pytest.fixture
def one_graded(graded_once):
    """A course in which one submission was graded, in the same place each time.

    Its place counts: code may not read the course's folder, which is where it is.
    """
    kept = graded_once.root.with_name("kept")
    shutil.copytree(graded_once.root, kept)
    yield Course(graded_once.root)
    shutil.rmtree(graded_once.root)
    kept.rename(graded_once.root)


def submission(course):
    return course.folder("submitted", CHAPTER, "ada") / FILE


def graded(course):
    return course.folder("autograded", CHAPTER, "ada") / FILE


def changed(course, change):
    notebook = nbformat.read(submission(course), as_version=4)
    change(notebook)
    nbformat.write(notebook, submission(course))


def another_answer(course):
    def change(notebook):
        next(c for c in notebook.cells if solved_exercise(c)).source += "\n# a thought"

    changed(course, change)


def another_time(course):
    submission(course).with_name("timestamp.txt").write_text("2026-03-02 00:00:00 UTC")


def another_due_date(course):
    with course.api.gradebook as book:
        book.update_or_create_assignment(CHAPTER, duedate="2026-03-01 00:00:00 UTC")


def other_points(course):
    chapter = course.root / "chapters" / f"{CHAPTER}.py"
    text = chapter.read_text()
    chapter.write_text(text.replace("points=4", "points=5", 1))
    assert chapter.read_text() != text
    assert list(build(course, force=True)) == [CHAPTER]


def other_limits(course):
    course.config.Limits.cell = 29


def another_secret(course):
    (course.root / "classroom" / "secret").write_text("another")


def no_gradebook(course):
    (course.root / "classroom" / "gradebook.db").unlink()
    assert list(build(course, force=True)) == [CHAPTER]


def no_graded_notebook(course):
    graded(course).unlink()


def damaged_notebook(course):
    graded(course).write_bytes(graded(course).read_bytes()[:-100])


def other_penalty(course):
    course.config.LateSubmissionPlugin.penalty_method = "zero"


CHANGES = [
    another_answer,
    another_time,
    another_due_date,
    other_points,
    other_limits,
    other_penalty,
    another_secret,
    no_gradebook,
    no_graded_notebook,
    damaged_notebook,
]


@pytest.mark.parametrize("change", CHANGES)
def test_what_has_changed_is_graded_again(one_graded, change):
    change(one_graded)
    course = one_graded
    (result,) = pipeline.grade(course, CHAPTER, ["ada"], force=False)
    assert (result.unchanged, result.error) == (False, "")
    (again,) = pipeline.grade(course, CHAPTER, ["ada"], force=False)
    assert again.unchanged
    assert again == result


def other_outputs(course):
    def change(notebook):
        cell = next(c for c in notebook.cells if c.cell_type == "code")
        cell.outputs = [nbformat.v4.new_output("stream", text="seen by nobody")]
        cell.execution_count = 7

    changed(course, change)


def nothing(course):
    pass


@pytest.mark.parametrize("change", [nothing, other_outputs])
def test_what_earns_the_same_is_not_graded_again(one_graded, change):
    before = contents(one_graded)
    change(one_graded)
    with counted_records() as counts:
        (result,) = pipeline.grade(one_graded, CHAPTER, ["ada"], force=False)
    assert result.unchanged
    assert not counts
    assert contents(one_graded) == before


def test_force_grades_what_has_not_changed(one_graded, capsys):
    with counted_records() as counts:
        code, printed, _ = grade(one_graded, capsys, CHAPTER, "--force")
    assert code == cli.OK
    assert counts == {"ada": 1}
    assert "unchanged" not in printed
