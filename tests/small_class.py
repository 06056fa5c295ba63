"""A course of one chapter, which is built and graded in seconds."""

import copy
import shutil
from pathlib import Path

import nbformat
from nbformat.notebooknode import NotebookNode

from autograder import demo
from autograder.build import build
from autograder.cells import solved_exercise
from autograder.course import CONFIG, Course
from tests.conftest import ROOT

CHAPTER = "01_tensors"
FILE = f"{CHAPTER}.ipynb"


def small_course(root: Path) -> Course:
    """Build a course in ``root`` that has this chapter and no other."""
    shutil.copy(ROOT / CONFIG, root)
    (root / "chapters").mkdir()
    shutil.copy(ROOT / "chapters" / f"{CHAPTER}.py", root / "chapters")
    head, first, *_ = (ROOT / "chapters" / "chapters.toml").read_text().split("[[chapter]]")
    (root / "chapters" / "chapters.toml").write_text(f"{head}[[chapter]]{first}")
    course = Course(root)
    assert list(build(course)) == [CHAPTER]
    return course


def released(course: Course) -> NotebookNode:
    return nbformat.read(course.folder("release", CHAPTER) / FILE, as_version=4)


def solved(course: Course, *left_out: str) -> NotebookNode:
    """The notebook with the reference in every exercise but those that are ``left_out``."""
    notebook = copy.deepcopy(released(course))
    for cell in notebook.cells:
        exercise = solved_exercise(cell)
        if exercise and exercise not in left_out:
            cell.source = demo.right(exercise)
    return notebook


def exercises(course: Course) -> list[str]:
    return [name for name in map(solved_exercise, released(course).cells) if name]


def submit(course: Course, student: str, notebook: NotebookNode | None = None) -> Path:
    """Hand in ``notebook``, or a folder with nothing in it; return that folder."""
    folder = course.folder("submitted", CHAPTER, student)
    folder.mkdir(parents=True)
    if notebook:
        nbformat.write(notebook, folder / FILE)
    return folder
