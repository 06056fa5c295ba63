"""The learner's own operations of chapter 6, for the network of chapter 7."""

import inspect
import io
import linecache
import warnings
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from types import SimpleNamespace

import nbformat
import numpy as np
import tensorflow as tf
from tqdm.auto import tqdm

from solutions import mem_ops

NOTEBOOK = Path("..", "06_dnc_memory", "06_dnc_memory.ipynb")  # seen from chapter 7's folder

# What chapter 7 calls; the others are not checked, and are the course's.
NEEDED = (
    "cosine_similarity",
    "content_weighting",
    "retention",
    "update_usage",
    "allocation_weighting",
    "write_weighting",
    "write_memory",
    "update_link",
    "update_precedence",
    "forward_and_backward",
    "read_weighting",
    "read_memory",
)

COURSES = "the course's operations are used."

SEED = 6  # always the same numbers, so that the same notebook gives the same operations


def own_operations(notebook=NOTEBOOK):
    """Return the memory operations: the learner's where they are right, else the course's.

    The learner's come out of the exercise cells of chapter 6's notebook, which are run in order,
    apart from this notebook; each is checked as ``check`` does it. One or two lines say which are
    whose. Whatever goes wrong in that notebook, the course's operations take its place, except for
    a loop without end: interrupt the kernel and mend it there.
    """
    operations = dict(inspect.getmembers(mem_ops, inspect.isfunction))
    sources = _read(Path(notebook))
    if sources is None:
        return SimpleNamespace(**operations)
    written = _run(sources)
    own = {}
    for name in tqdm(NEEDED, "Checking your operations", delay=3, leave=False):
        if name in written and _is_right(name, written[name]):
            own[name] = written[name]
    rest = ", ".join(name for name in NEEDED if name not in own)
    if not own:
        print("None of your operations of chapter 6 is written and right yet;", COURSES)
    else:
        print(f"From your chapter 6: {len(own)} operations.")
        if rest:
            print(f"From the course, since yours are not right yet: {rest}.")
    return SimpleNamespace(**(operations | own))


def _read(path):
    """The sources of the notebook's exercise cells by exercise, or None where there is none."""
    from autograder.cells import solved_exercise

    if not path.exists():
        print("Chapter 6's notebook was not found beside this one;", COURSES)
        return None
    try:
        cells = nbformat.read(path, as_version=4).cells
        return {name: cell.source for cell in cells if (name := solved_exercise(cell))}
    except Exception:  # a damaged file can be damaged in many ways
        print("Chapter 6's notebook could not be read;", COURSES)
        return None


def _run(sources):
    """Run cells one after the other in one namespace, and return what they define."""
    namespace = {"__name__": "chapter_6", "np": np, "tf": tf}
    for exercise, source in sources.items():
        file = f"chapter 6, {exercise}"
        # TensorFlow and error messages look for the source there.
        linecache.cache[file] = len(source), None, source.splitlines(keepends=True), file
        with _unharmed():
            exec(compile(source, file, "exec"), namespace)
    return namespace


def _is_right(name, function):
    # Imported here because a grading kernel imports this module and has nothing to judge by.
    from autograder import exercises
    from autograder.judge import judge_cases

    exercise = f"mem_ops.{name}"
    with _unharmed():
        cases = exercises.find(exercise).run(function, SEED)
        return judge_cases(exercise, cases, SEED).score == 1
    return False


@contextmanager
def _unharmed():
    """Run a learner's code without its prints, its warnings and its errors."""
    nowhere = io.StringIO()
    with redirect_stdout(nowhere), redirect_stderr(nowhere):
        with warnings.catch_warnings(action="ignore"):
            try:
                yield
            except (Exception, SystemExit):
                pass
