"""The build: chapters -> ``classroom/source`` -> ``course/``.

A chapter is a py:percent text that names its exercises. The build writes the reference functions
into it, which makes the instructor's notebook; nbgrader's generate_assignment takes the solutions
out again, which makes the student's notebook, and fills the gradebook. The same text gives the
same bytes.
"""

import ast
import inspect
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import jupytext
import nbformat
from nbformat import v4
from nbformat.notebooknode import NotebookNode

from autograder import exercises
from autograder.answers import reference
from autograder.cells import (
    ABOUT,
    check_id,
    checked_exercise,
    content_id,
    solution_id,
    solved_exercise,
    written_id,
)
from autograder.course import Course, CourseError, reason
from autograder.execution import NEEDS, REFERENCES
from autograder.intake import is_worked_in

KERNELSPEC = {"display_name": "Python 3", "language": "python", "name": "python3"}
BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
INDEX_MARKS = "<!-- the chapters, written by the build -->", "<!-- end of the chapters -->"


class BuildError(CourseError):
    """An error in a chapter; the message names the file, the cell and what is wrong."""


@dataclass(frozen=True)
class Chapter:
    """One entry of ``chapters.toml``: file name without ending, title, minutes, what it needs.

    ``needs`` names the modules that grading imports before any kernel of the chapter starts.
    Its solved notebook runs within ``seconds`` and its kernel within ``megabytes``. ``references``
    are the modules of ``solutions`` that it imports, which a grading kernel must see.
    """

    name: str
    title: str
    minutes: int
    needs: tuple[str, ...]
    seconds: int = 120
    megabytes: int = 770
    references: tuple[str, ...] = ()

    def __post_init__(self):
        if not self.name[:2].isdecimal():
            raise TypeError(
                f"{self.name}: a name begins with the chapter's number, as in 08_review"
            )
        if isinstance(self.needs, str):
            raise TypeError(f'needs of {self.name}: a list is wanted, as in ["numpy"]')


def read_chapters(course: Course) -> list[Chapter]:
    """Read ``chapters/chapters.toml``: the chapters in the order of the course."""
    path = course.root / "chapters" / "chapters.toml"
    try:
        entries = tomllib.loads(path.read_text())["chapter"]
        return [Chapter(**entry) for entry in entries]
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise BuildError(f"{path}: {error}") from None


def build(course: Course, force: bool = False) -> Iterator[str]:
    """Build every chapter, and yield the name of each as it is done.

    Raises BuildError, also where somebody has worked in a notebook of ``course/``, unless
    ``force`` is given.
    """
    chapters = read_chapters(course)
    for chapter in chapters:
        released = course.folder("release", chapter.name) / f"{chapter.name}.ipynb"
        if not force:
            _refuse_work(released)
        source = course.folder("source", chapter.name) / f"{chapter.name}.ipynb"
        notebook = source_notebook(course.root / "chapters" / f"{chapter.name}.py")
        notebook.metadata[ABOUT] = {"title": chapter.title, "minutes": chapter.minutes}
        notebook.metadata[NEEDS] = list(chapter.needs)
        _keep_answers(chapter, notebook)
        if chapter.references:
            notebook.metadata[REFERENCES] = list(chapter.references)
        source.parent.mkdir(parents=True, exist_ok=True)
        source.write_text(as_text(notebook))
        before = released.read_bytes() if released.exists() else None
        outcome = course.api.generate_assignment(chapter.name, force=True)
        if not outcome["success"]:
            if before:  # nbgrader has removed it
                released.parent.mkdir(parents=True, exist_ok=True)
                released.write_bytes(before)
            raise BuildError(f"nbgrader could not release {chapter.name}: {reason(outcome)}")
        yield chapter.name
    start = course.root / "chapters" / "start.py"
    if start.exists():
        page = course.folder("release", ".") / "start.ipynb"
        if not force:
            _refuse_work(page)
        page.write_text(as_text(source_notebook(start)))
    readme = course.root / "README.md"
    if readme.exists():
        readme.write_text(with_index(readme.read_text(), chapters))


def _keep_answers(chapter: Chapter, notebook: NotebookNode) -> None:
    """Refuse to show a grading kernel the answers to the chapter's own exercises."""
    own = {name.partition(".")[0] for name in map(solved_exercise, notebook.cells) if name}
    if shown := own & set(chapter.references):
        raise BuildError(
            f"chapters.toml: references of {chapter.name} names {', '.join(sorted(shown))}, "
            "which has the answers to exercises of this very chapter"
        )


def with_index(text: str, chapters: list[Chapter]) -> str:
    """Return ``text`` with the table of the chapters between its two marks, if it has them."""
    rows = []
    for c in chapters:
        link = f"[{c.title}](course/{c.name}/{c.name}.ipynb)"
        rows.append(f"| {int(c.name[:2])} | {link} | {c.minutes} | {', '.join(c.needs)} |")
    table = ["| | chapter | minutes | needs |", "|---|---|---|---|", *rows]
    start, end = INDEX_MARKS
    marked = re.compile(f"(?<={re.escape(start)}\n).*?(?={re.escape(end)})", re.DOTALL)
    return marked.sub(lambda _: "\n".join(table) + "\n", text)


def _refuse_work(path: Path) -> None:
    """Raise BuildError where somebody has worked in the notebook at ``path``."""
    if path.exists() and is_worked_in(nbformat.read(path, as_version=4)):
        raise BuildError(
            f"{path} holds somebody's work, which the build would overwrite. "
            "Move it away, or build with --force."
        )


def as_text(notebook: NotebookNode) -> str:
    """Return a notebook as the text of its file."""
    return nbformat.writes(notebook, version=4) + "\n"


def source_notebook(path: Path) -> NotebookNode:
    """Return the instructor's notebook of the chapter at ``path``. Raises BuildError."""
    try:
        text = path.read_text()
    except OSError as error:
        raise BuildError(f"{path}: {error.strerror}") from None
    lines = [n for n, line in enumerate(text.splitlines(), 1) if line.startswith("# %%")]
    cells: list[NotebookNode] = []
    ids: set[str] = set()
    for number, (line, cell) in enumerate(
        zip(lines, jupytext.reads(text, fmt="py:percent").cells, strict=True), 1
    ):
        try:
            built = _build_cell(cell)
            if built.id in ids and "nbgrader" in built.metadata:
                raise ValueError(f"{built.id!r} stands in the chapter twice")
            while built.id in ids:
                built.id += "-again"
            ids.add(built.id)
        except (ValueError, LookupError, AttributeError, ImportError) as error:
            message = error.args[0] if error.args else error
            raise BuildError(f"{path.name}, cell {number} (line {line}): {message}") from None
        cells.append(built)
    for number, (line, cell) in enumerate(zip(lines, cells, strict=True), 1):
        message = _lonely(cell, cells)
        if message:
            raise BuildError(f"{path.name}, cell {number} (line {line}): {message}")
    return v4.new_notebook(cells=cells, metadata={"kernelspec": KERNELSPEC})


def _build_cell(cell: NotebookNode) -> NotebookNode:
    kinds = {"exercise", "check", "written"} & set(cell.metadata)
    if len(kinds) > 1:
        raise ValueError(f"a cell cannot be {' and '.join(sorted(kinds))} at once")
    if "exercise" in kinds:
        name = cell.metadata["exercise"]
        _must_be_empty(cell)
        exercises.find(name)
        return mark(v4.new_code_cell(exercise_source(name)), solution_id(name), solution=True)
    if "check" in kinds:
        name = cell.metadata["check"]
        _must_be_empty(cell)
        source = f"check({exercises.find(name).object_name})"
        return mark(v4.new_code_cell(source), check_id(name), points=_points(cell))
    if "written" in kinds:
        source = f"{BEGIN}\n{cell.source}\n{END}"
        name = written_id(cell.metadata["written"])
        return mark(v4.new_markdown_cell(source), name, solution=True, points=_points(cell))
    new = v4.new_code_cell if cell.cell_type == "code" else v4.new_markdown_cell
    metadata = {"tags": cell.metadata["tags"]} if "tags" in cell.metadata else {}
    return new(cell.source, id=content_id(cell), metadata=metadata)


def mark(
    cell: NotebookNode, grade_id: str, *, solution: bool = False, points: float | None = None
) -> NotebookNode:
    """Mark a cell for nbgrader: a solution is the student's to write, anything else is locked."""
    cell.id = grade_id
    cell.metadata["nbgrader"] = {
        "grade": points is not None,
        "grade_id": grade_id,
        "locked": not solution,
        "schema_version": 3,
        "solution": solution,
        "task": False,
    }
    if points is not None:
        cell.metadata["nbgrader"]["points"] = points
    return cell


def _points(cell: NotebookNode) -> float:
    points = cell.metadata.get("points")
    if not isinstance(points, int | float) or points < 0:  # 0: it does not count this term
        raise ValueError("it must say how many points it is worth, as in points=4")
    return points


def _must_be_empty(cell: NotebookNode) -> None:
    if cell.source.strip():
        raise ValueError("its source comes from solutions/, so the cell must be empty")


def exercise_source(name: str) -> str:
    """Return the reference of exercise ``name`` with nbgrader's marks around what is to be written.

    In a function that is all below the docstring; in a class, all below each method's docstring.
    """
    try:
        source = inspect.getsource(reference(name))
    except (AttributeError, ImportError):
        raise LookupError(f"there is no {name!r} in solutions/") from None
    lines = source.rstrip("\n").split("\n")
    tree = ast.parse(source).body[0]
    functions = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)]
    nested = {n for f in functions for n in ast.walk(f) if n is not f}
    for function in sorted(set(functions) - nested, key=lambda f: f.lineno, reverse=True):
        documented = ast.get_docstring(function) is not None
        if function is tree and not documented:
            raise ValueError(f"{name!r} has no docstring, and it is the student's specification")
        indent = " " * function.body[0].col_offset
        above = function.body[0].end_lineno if documented else function.body[0].lineno - 1
        lines.insert(function.end_lineno, f"{indent}{END}")
        lines.insert(above, f"{indent}{BEGIN}")
    return "\n".join(lines)


def _lonely(cell: NotebookNode, cells: list[NotebookNode]) -> str:
    """What is missing to ``cell``: an exercise needs its check, and a check its exercise."""
    solved, checked = solved_exercise(cell), checked_exercise(cell)
    if solved and solved not in map(checked_exercise, cells):
        return f"exercise {solved!r} has no check"
    if checked and checked not in map(solved_exercise, cells):
        return f"check {checked!r} has no exercise"
    return ""
