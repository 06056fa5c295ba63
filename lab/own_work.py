"""The learner's own work of an earlier chapter, for a chapter that builds on it."""

import inspect
import io
import linecache
import warnings
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import nbformat
import numpy as np
import tensorflow as tf
from tqdm.auto import tqdm

CHAPTERS = {"backprop": "03_backprop", "mem_ops": "06_dnc_memory"}

# What a later chapter calls; the others are not checked, and are the course's.
NEEDED = {
    "backprop": ("train_digits",),
    "mem_ops": (
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
    ),
}

COURSES = "the course's are used."
WITHHELD = "the course's are not handed out, so solve that chapter first."

SEED = 0  # always the same numbers, so that the same notebook gives the same operations


def own_operations(module, notebook=None):
    """Return the operations of ``solutions.<module>``: the learner's where they are right.

    The learner's come out of the exercise cells of their chapter's notebook, found beside this
    chapter's folder, which are run in order, apart from this notebook; each is checked as ``check``
    does it. One or two lines say which are whose. Whatever goes wrong in that notebook, the
    course's operations take its place, except for a loop without end: interrupt the kernel and mend
    it there. Where the course's are withheld, one that is missing says so when it is asked for.
    """
    chapter = CHAPTERS[module]
    number = int(chapter[:2])
    courses = _courses(module)
    others = COURSES if courses else WITHHELD
    sources = _read(Path(notebook or Path("..", chapter, f"{chapter}.ipynb")), number, others)
    own = {}
    if sources is not None:
        own = _right_ones(module, _run(sources, number))
        _say_whose([*own], [name for name in NEEDED[module] if name not in own], number, others)
    return SimpleNamespace(**(courses | own)) if courses else Withheld(**own)


def _right_ones(module, written):
    needed = tqdm(NEEDED[module], "Checking your operations", delay=3, leave=False)
    return {
        name: written[name]
        for name in needed
        if name in written and _is_right(f"{module}.{name}", written[name])
    }


def _say_whose(own, rest, number, others):
    if not own:
        print(f"What is needed of your chapter {number} is not written or not right;", others)
        return
    print(f"From your chapter {number}: {', '.join(own)}.")
    if rest and others == COURSES:
        print(f"From the course, since yours are not right yet: {', '.join(rest)}.")
    elif rest:
        print(f"Not right yet: {', '.join(rest)};", others)


def _courses(module):
    """The course's operations by name; none where they are withheld."""
    try:
        return dict(inspect.getmembers(import_module(f"solutions.{module}"), _is_public))
    except ModuleNotFoundError as error:
        if error.name not in ("solutions", f"solutions.{module}"):
            raise
        return {}


class Withheld(SimpleNamespace):
    """The learner's operations, where none of the course's take the place of the others."""

    def __getattr__(self, name):
        raise AttributeError(
            f"{name} is not there: yours is not written or not right yet, and the course's is not "
            "handed out. Solve it in its chapter, save that notebook, and run the cell with "
            "own_operations again."
        )


def _is_public(value):
    return inspect.isfunction(value) or inspect.isclass(value)


def _read(path, number, others):
    """The sources of the notebook's exercise cells by exercise, or None where there is none."""
    from autograder.cells import solved_exercise

    if not path.exists():
        print(f"Chapter {number}'s notebook was not found beside this one;", others)
        return None
    try:
        cells = nbformat.read(path, as_version=4).cells
        return {name: cell.source for cell in cells if (name := solved_exercise(cell))}
    except Exception:  # a damaged file can be damaged in many ways
        print(f"Chapter {number}'s notebook could not be read;", others)
        return None


def _run(sources, number):
    """Run cells one after the other in one namespace, and return what they define."""
    namespace = {"__name__": f"chapter_{number}", "np": np, "tf": tf}
    for exercise, source in sources.items():
        file = f"chapter {number}, {exercise}"
        # TensorFlow and error messages look for the source there.
        linecache.cache[file] = len(source), None, source.splitlines(keepends=True), file
        with _unharmed():
            exec(compile(source, file, "exec"), namespace)
    return namespace


def _is_right(exercise, function):
    # Imported here because a grading kernel imports this module and has nothing to judge by.
    from autograder import exercises
    from autograder.judge import judge_cases

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
