"""A class of twelve, in which everything happens that a grader meets, and its grades."""

import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import psutil
from nbformat.notebooknode import NotebookNode

from autograder import demo, pipeline
from autograder.cells import solved_exercise
from autograder.course import CONFIG, Course
from autograder.gradebook import Recorder
from tests.conftest import ROOT
from tests.small_class import CHAPTER, FILE, exercises, small_course, solved, submit
from tests.test_durability import contents

SECONDS = 2  # that a cell may take: an endless loop is made to wait for it
STUDENTS = 12


def make(root: Path) -> Course:
    """Build the course and hand in the class. Who takes longest is the first in the alphabet."""
    course = small_course(root)
    with (root / CONFIG).open("a") as config:
        config.write(f"\nc.Limits.cell = {SECONDS}\n")
    course = Course(root)
    first, second, *rest = exercises(course)
    submit(course, "a-endless", begun(course, first, "while True: pass"))
    submit(course, "a-sleeper", begun(course, first, "__import__('time').sleep(1.5)"))
    for number in range(5):
        submit(course, f"all-right-{number}", solved(course))
    submit(course, "half-done-1", solved(course, *rest))
    submit(course, "half-done-2", solved(course, first))
    submit(course, "wrong-1", answered(course, first, "return None"))
    submit(course, "wrong-2", answered(course, second, "raise KeyError('lost')"))
    (submit(course, "broken") / FILE).write_text("{ this is not a notebook")
    assert len(course.students(CHAPTER)) == STUDENTS
    return course


def graded_here(classroom: Course, root: Path) -> dict:
    """What grading a copy of the class in ``root``, in this process, leaves behind."""
    course = copy_of(classroom, root)
    results = list(pipeline.grade(course, CHAPTER, course.students(CHAPTER)))
    assert len(results) == STUDENTS
    assert [result.student for result in results if result.error] == ["broken"]
    return contents(course)


def begun(course: Course, exercise: str, statement: str) -> NotebookNode:
    """All right, after a statement at the beginning of the cell of ``exercise``."""
    return _changed(course, exercise, f"{statement}\n{demo.right(exercise)}")


def answered(course: Course, exercise: str, statement: str) -> NotebookNode:
    """All right but ``exercise``, whose body begins with ``statement``."""
    return _changed(course, exercise, demo.begin_with(exercise, statement))


def _changed(course: Course, exercise: str, source: str) -> NotebookNode:
    notebook = solved(course)
    (cell,) = [cell for cell in notebook.cells if solved_exercise(cell) == exercise]
    cell.source = source
    return notebook


def copy_of(course: Course, root: Path) -> Course:
    """A copy of the class, to grade."""
    shutil.copytree(course.root, root / "copy")
    return Course(root / "copy")


def recorded(course: Course) -> set[str]:
    """The students whose graded notebooks are in place."""
    return {path.parts[-3] for path in course.root.glob(f"classroom/autograded/*/{CHAPTER}/{FILE}")}


@contextmanager
def counted_records():
    """How often each student's grades are written."""
    counts: Counter[str] = Counter()
    record = Recorder.record

    def count(self, gradebook, graded):
        counts[graded.student] += 1
        record(self, gradebook, graded)

    with patch.object(Recorder, "record", count):
        yield counts


def start(course: Course, *options: str, **settings) -> subprocess.Popen:
    """``autograder grade`` as in a terminal: its processes are a group of their own."""
    command = [sys.executable, "-m", "autograder", "--course", course.root, "grade", *options]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, cwd=ROOT, start_new_session=True, **pipes, **settings)


def wait_until(is_so: Callable[[], object], seconds: float = 60) -> None:
    """Wait for something to become true; fail when it does not."""
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def below(process: int) -> list[psutil.Process]:
    return psutil.Process(process).children(recursive=True)


def assert_gone(processes: list[psutil.Process], folder: Path) -> None:
    """All of ``processes`` end soon, and leave nothing in the folder for temporary files."""
    assert psutil.wait_procs(processes, timeout=10)[1] == []
    wait_until(lambda: not list(folder.iterdir()), 10)
