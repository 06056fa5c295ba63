"""How fast is a class graded, beside nbgrader as it comes, and beside the students' own code?

    python -m benchmarks.grading [--size 48] [--stock-python PATH]
    python -m benchmarks.grading --growth 24 100 400
    python -m benchmarks.grading --soak 500

A class of chapter 5 (TensorFlow): for every 24 students, 11 have all right, 7 have one to three
exercises wrong by known misconceptions, 2 are half done, 1 has written nothing, 1 has a syntax
error, and 2 are right but slow. nbgrader as it comes grades the same notebooks first: one process,
with its own preprocessors, and of all cells those that grading runs here (no demos), with the
checks as the notebook has them. Then ``autograder grade`` grades the class as its user would. The
locked environment leaves out a grammar for whose sake every Jupyter process starts two seconds
later; PATH is a Python that has the same packages and that one, as they come from the index.

The floor is the time that the cells took inside the kernels, as those tell it, over the number of
cores. ``--growth`` grades classes of several sizes, and prints what a submission takes in each, and
what recording it takes. ``--soak`` grades a NumPy class of that size and shows what it leaves.
"""

import argparse
import itertools
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import nbformat
import psutil
from tqdm import tqdm

from autograder import demo, pipeline
from autograder.build import build
from autograder.cells import solved_exercise
from autograder.course import CONFIG, Course
from autograder.misconceptions import misconceptions

CHAPTER = "05_attention"
ROOT = Path(__file__).resolve().parents[1]
SLOW = "for turn in range(1_000_000):\n    pass"
KINDS = [*["right"] * 11, *["wrong"] * 7, *["half"] * 2, "untouched", "broken", *["slow"] * 2]
STOCK = """
c = get_config()
c.CourseDirectory.course_id = "stock"
c.CourseDirectory.source_directory = "classroom/source"
c.CourseDirectory.release_directory = "course"
c.CourseDirectory.submitted_directory = "classroom/submitted"
c.CourseDirectory.autograded_directory = "classroom/stock"
c.Execute.skip_cells_with_tag = "demo"
"""


def students(exercises: list[str], size: int):
    """The class: each student's name and answers."""
    right = {name: demo.right(name) for name in exercises}
    thoughts = {name: itertools.cycle(misconceptions(name)) for name in exercises}
    turn = itertools.cycle(exercises)
    for number, kind in zip(range(size), itertools.cycle(KINDS), strict=False):
        answers = dict(right)
        if kind == "wrong":
            for name in itertools.islice(turn, 1 + number % 3):
                answers[name] = next(thoughts[name]).source
        elif kind == "half":
            answers = {name: right[name] for name in exercises[: len(exercises) // 2]}
        elif kind == "untouched":
            answers = {}
        elif kind == "broken":
            answers[exercises[-1]] = "def oops(:\n    pass"
        elif kind == "slow":
            name = exercises[number % len(exercises)]
            answers[name] = demo.begin_with(name, SLOW)
        yield demo.Submission(f"{kind}-{number:04}", answers)


def classroom(root: Path, size: int, chapter: str = CHAPTER) -> Course:
    """A course in ``root`` to which ``size`` students have handed in."""
    shutil.copy(ROOT / CONFIG, root)
    shutil.copytree(ROOT / "chapters", root / "chapters")
    course = Course(root)
    for _ in build(course):
        pass
    path = course.folder("release", chapter) / f"{chapter}.ipynb"
    released = nbformat.read(path, as_version=4)
    exercises = [name for name in map(solved_exercise, released.cells) if name]
    for submission in tqdm(students(exercises, size), total=size, desc="handing in", leave=False):
        demo.hand_in(course, chapter, submission, released)
    return course


def stock(course: Course, python: str) -> float:
    """Seconds that nbgrader takes for the class, with nothing of ours but the notebooks."""
    folder = course.root / "stock"
    for name in ("course", "classroom"):
        shutil.copytree(course.root / name, folder / name)
    (folder / CONFIG).write_text(STOCK)
    shutil.copy(course.root / "classroom" / "gradebook.db", folder / "gradebook.db")
    command = [python, "-m", "nbgrader", "autograde", CHAPTER]
    started = time.perf_counter()
    subprocess.run(command, cwd=folder, env=environment(), check=True, capture_output=True)
    taken = time.perf_counter() - started
    graded = list((folder / "classroom" / "stock").glob(f"*/{CHAPTER}/*.ipynb"))
    assert len(graded) == len(course.students(CHAPTER))
    return taken


def environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "3"}


def ours(course: Course, *options: str) -> float:
    """Seconds that the command takes, from its start to its end."""
    command = [sys.executable, "-m", "autograder", "--course", str(course.root)]
    started = time.perf_counter()
    subprocess.run(
        [*command, "grade", CHAPTER, *options], cwd=ROOT, env=environment(), capture_output=True
    )
    return time.perf_counter() - started


def steps(course: Course, chapter: str = CHAPTER) -> tuple[float, list[pipeline.Result]]:
    """Grade the class in this process's pool: the seconds from the first result, and the results.

    The first results, of which each process has one, wait for imports.
    """
    everyone = course.students(chapter)
    with pipeline.workers_for(course, chapter, len(everyone)) as by:
        results, times = [], []
        for result in pipeline.grade(course, chapter, everyone, by):
            assert not result.error, result
            results.append(result)
            times.append(time.perf_counter())
    warm = by.window // 2
    return (times[-1] - times[warm - 1]) / (len(times) - warm), results[warm:]


def show_steps(each: float, results: list[pipeline.Result]) -> None:
    cores = os.cpu_count()
    names = "read", "intake", "start", "code", "execution", "judge", "record"
    mean = {n: sum(r.seconds.get(n, 0) for r in results) / len(results) for n in names}
    mean["talk"] = mean.pop("execution") - mean["start"] - mean["code"]
    for name, seconds in mean.items():
        print(f"  {name:8}{1000 * seconds:8.1f} ms")
    floor = mean["code"] / cores
    print(f"  each {1000 * each:.0f} ms on {cores} cores; the floor is {1000 * floor:.0f} ms")
    print(f"  {each / floor:.2f} times the floor")


def growth(sizes: list[int]) -> None:
    for size in sizes:
        with tempfile.TemporaryDirectory(prefix="grading-") as folder:
            course = classroom(Path(folder), size)
            each, results = steps(course)
            recorded = [1000 * r.seconds["record"] for r in results]
            tenth = max(1, len(recorded) // 10)
            first, last = (sum(part) / tenth for part in (recorded[:tenth], recorded[-tenth:]))
            print(f"{size:5} submissions: {1000 * each:6.0f} ms each, recorded in {first:5.1f} ms")
            print(f"{'':17}at the beginning and {last:5.1f} ms at the end")


def against_stock(size: int, python: str) -> None:
    with tempfile.TemporaryDirectory(prefix="grading-") as folder:
        course = classroom(Path(folder), size)
        slow = stock(course, python)
        print(f"nbgrader as it comes: {slow:7.1f} s, {slow / size:.2f} s each", flush=True)
        with highest_memory() as memory:
            quick = ours(course)
        print(f"autograder grade:     {quick:7.1f} s, {quick / size:.2f} s each")
        print(f"  {slow / quick:.1f} times as many a second, with all that starts first")
        again = ours(course)
        print(f"  once more, when nothing has changed: {again:.1f} s")
        print(f"  nursery and kernels: {memory.most / 1e6:,.0f} MB at most, shared pages once")
        each, results = steps(course)
        print(f"  without what starts first: {slow / size / each:.1f} times as many a second")
        show_steps(each, results)


class highest_memory:
    """The most memory that nurseries and what they forked have, while a grader runs below here."""

    most = 0

    def __enter__(self):
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._watch)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()

    def _watch(self):
        while not self.ended.wait(0.2):
            self.most = max(self.most, sum(map(proportional, nurseries())))


def nurseries() -> list[psutil.Process]:
    below = psutil.Process().children(recursive=True)
    return [process for process in below if "autograder.nursery" in command_of(process)]


def command_of(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def proportional(process: psutil.Process) -> int:
    """Bytes of a process, where those that several share are divided among them."""
    try:
        return process.memory_full_info().pss
    except psutil.Error:
        return 0


def soak(size: int) -> None:
    """Grade a NumPy class, and print what is there before, in the middle and after it."""
    chapter = "01_tensors"
    with tempfile.TemporaryDirectory(prefix="grading-") as folder:
        course = classroom(Path(folder), size, chapter)
        everyone = course.students(chapter)
        before = left()
        with pipeline.workers_for(course, chapter, size) as by:
            for number, _ in enumerate(pipeline.grade(course, chapter, everyone, by), 1):
                if number == size // 10:
                    early = left()
            late = left()
        for name, there in (
            ("before", before),
            ("a tenth", early),
            ("all", late),
            ("after", left()),
        ):
            print(f"{name:8} " + ", ".join(f"{value:,} {what}" for what, value in there.items()))


def left() -> dict[str, int]:
    """What this process and those below it hold."""
    here = psutil.Process()
    below = here.children(recursive=True)
    return {
        "processes below": len(below),
        "descriptors": here.num_fds(),
        "temporary files": len(os.listdir(tempfile.gettempdir())),
        "MB here": round(here.memory_full_info().uss / 1e6),
        "MB below": round(sum(map(proportional, below)) / 1e6),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=48, help="submissions of the class")
    parser.add_argument("--stock-python", default=sys.executable, help="that nbgrader runs with")
    parser.add_argument("--growth", type=int, nargs="*", help="only classes of these sizes")
    parser.add_argument("--soak", type=int, help="only a long run, of so many submissions")
    options = parser.parse_args()
    if options.growth:
        growth(options.growth)
    elif options.soak:
        soak(options.soak)
    else:
        against_stock(options.size, options.stock_python)


if __name__ == "__main__":
    main()
