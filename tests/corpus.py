"""Corpora: submissions that each have one idea, with the marks that they deserve.

An idea is a function that gets a `Work`, a student's copy of a chapter, and does to it what the
idea is; its name is the student's, its docstring says the idea in a sentence.
"""

import copy
import shutil
import tomllib
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbformat import v4
from nbformat.notebooknode import NotebookNode

from autograder import demo
from autograder.build import build
from autograder.cells import checked_exercise, solved_exercise
from autograder.course import CONFIG, Course


class Work:
    """A student's copy of a chapter: the notebook, and the folder in which it is handed in."""

    def __init__(self, released: NotebookNode, folder: Path, chapter: str):
        self.notebook = copy.deepcopy(released)
        self.folder = folder
        self.path = folder / f"{chapter}.ipynb"
        self.exercises = [name for name in map(solved_exercise, released.cells) if name]
        self._handed_out = {cell.id: cell.source for cell in released.cells}

    def solve(self, *exercises: str) -> None:
        """Write the reference into the cells of ``exercises``, or into all when none is named."""
        for exercise in exercises or self.exercises:
            self.write(exercise, demo.right(exercise))

    def write(self, exercise: str, source: str) -> None:
        self.cell(exercise).source = source

    def leave(self, *exercises: str) -> None:
        """Make the cells of ``exercises`` again what they were when they were handed out."""
        for exercise in exercises:
            self.write(exercise, self._handed_out[self.cell(exercise).id])

    def cell(self, exercise: str) -> NotebookNode:
        """The cell in which ``exercise`` is written."""
        return next(c for c in self.notebook.cells if solved_exercise(c) == exercise)

    def check_cell(self, exercise: str) -> NotebookNode:
        """The cell that checks ``exercise``."""
        return next(c for c in self.notebook.cells if checked_exercise(c) == exercise)

    def add(self, source: str, before: NotebookNode | None = None) -> NotebookNode:
        """Put a code cell of the student's own before a cell, or at the end."""
        cells = self.notebook.cells
        cell = v4.new_code_cell(source)
        cells.insert(cells.index(before) if before else len(cells), cell)
        return cell

    def save(self) -> None:
        """Hand in the notebook, unless the idea has put something else in its place."""
        if not self.path.exists() and not self.path.is_symlink():
            nbformat.write(self.notebook, self.path)


@dataclass(frozen=True)
class Idea:
    """One submission: what it does, and the share of each exercise's points that it deserves.

    Exercises that ``deserves`` does not name deserve ``otherwise``.
    """

    chapter: str
    make: Callable[[Work], None]
    otherwise: float
    deserves: dict[str, float] = field(default_factory=dict)

    @property
    def student(self) -> str:
        return self.make.__name__.replace("_", "-")

    def share(self, exercise: str) -> float:
        return self.deserves.get(exercise, self.otherwise)


def make_course(course: Course, root: Path, chapters: Collection[str]) -> Course:
    """Build ``chapters`` of ``course``, and no others, in the new folder ``root``."""
    (root / "chapters").mkdir(parents=True)
    shutil.copy(course.root / CONFIG, root)
    table = "[[chapter]]"
    _, *entries = (course.root / "chapters" / "chapters.toml").read_text().split(table)
    kept = [table + e for e in entries if tomllib.loads(e)["name"] in chapters]
    (root / "chapters" / "chapters.toml").write_text("".join(kept))
    for chapter in chapters:
        shutil.copy(course.root / "chapters" / f"{chapter}.py", root / "chapters")
    there = Course(root)
    list(build(there))
    return there


def hand_in(course: Course, ideas: list[Idea]) -> None:
    """Make the submission of every idea in ``course``."""
    for idea in ideas:
        folder = course.folder("release", idea.chapter)
        released = nbformat.read(folder / f"{idea.chapter}.ipynb", as_version=4)
        submitted = course.folder("submitted", idea.chapter, idea.student)
        submitted.mkdir(parents=True)
        work = Work(released, submitted, idea.chapter)
        idea.make(work)
        work.save()
