"""Submissions that try to gain marks or to do harm, one idea each.

An idea deserves nothing unless it says so. One that gets what it should not prints `REACHED`, and
whatever it leaves behind has `MARK` in its name or text. Bombs stop by themselves, and signals go
only to those whom they are meant for, so that an idea that gets out of its kernel costs little.
"""

import json
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from textwrap import dedent

from tests.conftest import ROOT
from tests.corpus import Idea, Work

CHAPTER = "01_tensors"
MARK = "left-by-a-submission"
REACHED = "reached-what-it-should-not"
SECRET = "known-to-the-grader-alone"  # in files and in the environment of whoever grades
HONEST = "honest-before"  # a student who has everything right, and is graded first
EARS = "ears.json"  # in the course's folder: the addresses at which the test listens

ideas: list[Idea] = []


def hostile(deserves: dict[str, float] | None = None) -> Callable:
    """Register the decorated function as an idea that deserves nothing, or what is named."""

    def register(make: Callable[[Work], None]) -> Callable[[Work], None]:
        ideas.append(Idea(CHAPTER, make, 0, deserves or {}))
        return make

    return register


def course_root(work: Work) -> Path:
    return work.folder.parents[3]


def known(work: Work) -> str:
    """The start of a cell: where things lie, as somebody who knows the grader would write it."""
    root = course_root(work)
    names = {
        "COURSE": str(root),
        "HOME": str(root / "home"),
        "REPOSITORY": str(ROOT),
        "HONEST": HONEST,
        "MARK": MARK,
        "REACHED": REACHED,
        **json.loads((root / EARS).read_text()),
    }
    return "".join(f"{name} = {value!r}\n" for name, value in names.items())


def begin(work: Work, source: str) -> None:
    """Put a cell before the first exercise."""
    first = work.cell(work.exercises[0])
    work.add(known(work) + dedent(source), before=first)


def answer(work: Work, exercise: str, source: str) -> None:
    """Write an answer that is no answer."""
    work.write(exercise, known(work) + dedent(source))


def answer_beforehand(work: Work, source: str) -> None:
    """Put a cell before the first exercise that is to define all functions, and empty the others'.

    It may call ``take(text)``, which runs every answer in the text of a program or a notebook.
    """
    begin(work, TAKE + dedent(source))
    for exercise in work.exercises:
        work.write(exercise, "")


TAKE = '''
import json


def take(text):
    """Run what looks like an answer in the text of a program or of a notebook."""
    try:
        parts = ["".join(cell["source"]) for cell in json.loads(text)["cells"]]
    except Exception:
        parts = [text]
    for part in parts:
        if "def " in part and "NotImplementedError" not in part:
            try:
                exec(part, globals())
            except Exception as error:
                print(type(error), error)


'''


for module in iter_modules(__path__):
    import_module(f"{__name__}.{module.name}")
