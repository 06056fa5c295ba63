"""Progress: the file in which ``check`` notes what passed, and the page that reads it.

The file is ``progress.csv``, beside the folders of the chapters. Nothing is sent anywhere. What a
chapter has to offer is read from its notebook.
"""

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction
from html import escape
from math import floor
from pathlib import Path
from urllib.parse import quote

from IPython.display import display
from nbformat.notebooknode import from_dict

from autograder.cells import ABOUT, checked_exercise, solution_id

FILE = "progress.csv"
HEADER = "time,exercise,passed,cases"
BREAK = 2  # days after which a learner is told where they were
DAMAGED = (ValueError, KeyError, TypeError, AttributeError, RecursionError)

# JupyterLab's own colors, so that the page follows its theme, with values for other pages.
BAR = "var(--jp-brand-color1, #1976d2)"
GROOVE = "var(--jp-border-color2, #e0e0e0)"
LEFT = "text-align: left"

_silent = False  # once it was said that the file cannot be written


@dataclass(frozen=True)
class Line:
    """One check: when, of which exercise, and how many of its cases passed."""

    time: datetime
    exercise: str
    passed: int
    cases: int


@dataclass(frozen=True)
class Chapter:
    """What the notebook of a chapter says of it: the points of each exercise, in their order."""

    name: str
    path: Path
    title: str
    minutes: int = 0  # unknown
    points: dict[str, float] = field(default_factory=dict)
    written: bool = False
    problem: str = ""

    @property
    def number(self) -> str:
        return self.name.partition("_")[0].lstrip("0")


# --- The file -----------------------------------------------------------------------------------


def record(exercise: str, passed: int, cases: int) -> str:
    """Note a check in the file, if this notebook's folder is that of the exercise's chapter.

    Return "", or what to tell the learner where that did not work; it is said once.
    """
    global _silent
    try:
        folder = Path.cwd()
        if exercise not in read_chapter(folder).points:
            return ""
        now = datetime.now().astimezone().isoformat(timespec="seconds")
        _append(folder.parent / FILE, f"{now},{exercise},{passed},{cases}\n")
    except OSError as error:
        said, _silent = _silent, True
        return "" if said else f"Your progress could not be noted in {FILE}: {error.strerror}."
    return ""


def _append(path: Path, line: str) -> None:
    """Append a whole line: two kernels may do so at once."""
    file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        size = os.fstat(file).st_size
        if not size:
            line = f"{HEADER}\n{line}"
        elif os.pread(file, 1, size - 1) != b"\n":  # a full disk has cut the last line
            line = f"\n{line}"
        text = line.encode()
        if os.write(file, text) < len(text):
            raise OSError(None, "the disk is full")
    finally:
        os.close(file)


def read_lines(path: Path) -> list[Line]:
    """Read the file; what is no line of ours, such as the header, is left out."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    lines = []
    for row in text.splitlines():
        try:
            time, exercise, passed, cases = row.split(",")
            line = Line(
                datetime.fromisoformat(time).astimezone(), exercise, int(passed), int(cases)
            )
        except (ValueError, OverflowError):
            continue
        if 0 <= line.passed <= line.cases > 0:
            lines.append(line)
    return lines


# --- The chapters -------------------------------------------------------------------------------


def read_chapter(folder: Path) -> Chapter:
    """Read from its notebook what a chapter has to offer; ``problem`` says why that failed."""
    name, path = folder.name, folder / f"{folder.name}.ipynb"
    title = name.partition("_")[2].replace("_", " ") or name
    try:
        notebook = from_dict(json.loads(path.read_bytes()))
        marks = [
            (checked_exercise(cell), cell.metadata.nbgrader)
            for cell in notebook.cells
            if "nbgrader" in cell.metadata
        ]
        points = {exercise: float(mark.get("points", 0)) for exercise, mark in marks if exercise}
        written = any(mark.get("grade") and mark.get("solution") for _, mark in marks)
        about = notebook.metadata.get(ABOUT, {"title": title, "minutes": 0})
        return Chapter(name, path, str(about["title"]), int(about["minutes"]), points, written)
    except FileNotFoundError:
        return Chapter(name, path, title, problem="its notebook is missing")
    except OSError as error:
        return Chapter(name, path, title, problem=f"its notebook cannot be read: {error.strerror}")
    except DAMAGED:
        return Chapter(name, path, title, problem="its notebook is damaged")


def chapters_in(folder: Path) -> list[Chapter]:
    """The chapters in a folder, in the order of their names; other folders are left out."""
    names = [p for p in folder.iterdir() if re.match(r"\d\d_\w+$", p.name) and p.is_dir()]
    chapters = map(read_chapter, sorted(names))
    return [chapter for chapter in chapters if chapter.points or chapter.problem]


# --- The page -----------------------------------------------------------------------------------


def show(folder: str | Path = ".") -> None:
    """Show how far you are: chapters, exercises passed, points, and what comes next."""
    here = Path(folder).expanduser().resolve()
    display(Page(here.parent if read_chapter(here).points else here))


class Page:
    """How far a learner is in the chapters of a folder, as HTML and as text."""

    def __init__(self, folder: Path, today: date | None = None):
        self.chapters = chapters_in(folder)
        self.lines = read_lines(folder / FILE)
        self.today = today or date.today()
        self.best: dict[str, Fraction] = {}
        for line in self.lines:
            share = Fraction(line.passed, line.cases)
            self.best[line.exercise] = max(share, self.best.get(line.exercise, Fraction()))

    def __repr__(self) -> str:
        said = [
            f"{words}{name}{f' ({link})' if link else ''}." for words, name, link in self._next()
        ]
        return "\n".join([*said, *map(self._line, self.chapters), *self._footer()])

    def _repr_html_(self) -> str:
        said = "".join(
            f"<p>{escape(words)}{_link(name, address) if address else escape(name)}.</p>"
            for words, name, address in self._next()
        )
        heads = "Chapter", "Minutes", "Exercises passed", "Points"
        head = "".join(f"<th scope='col' style='{LEFT}'>{text}</th>" for text in heads)
        rows = "".join(f"<tr>{self._row(chapter)}</tr>" for chapter in self.chapters)
        table = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
        footer = "".join(f"<p>{escape(line)}</p>" for line in self._footer())
        return f"<div>{said}{table if self.chapters else ''}{footer}</div>"

    def _line(self, chapter: Chapter) -> str:
        name = f"{chapter.number} · {chapter.title}"
        if chapter.problem:
            return f"{name}: {chapter.problem}"
        passed, points = self._counts([chapter])
        time = f"{chapter.minutes} minutes, " if chapter.minutes else ""
        return f"{name}: {time}{passed} exercises, {points} points"

    def _row(self, chapter: Chapter) -> str:
        name = f"{chapter.number} · {chapter.title}"
        if chapter.problem:
            head, cells = escape(name), f"<td colspan='3' style='{LEFT}'>{chapter.problem}</td>"
        else:
            passed, points = self._counts([chapter])
            bar = _bar(len(self._passed(chapter)) / len(chapter.points))
            facts = chapter.minutes or "", bar + passed, points
            head = _link(name, _address(chapter))
            cells = "".join(f"<td style='{LEFT}'>{fact}</td>" for fact in facts)
        return f"<th scope='row' style='{LEFT}'>{head}</th>{cells}"

    def _counts(self, chapters: list[Chapter]) -> tuple[str, str]:
        """How many exercises passed, and the points that the best checks are worth."""
        pairs = [pair for chapter in chapters for pair in chapter.points.items()]
        passed = sum(len(self._passed(chapter)) for chapter in chapters)
        earned = sum(Fraction(points) * self.best.get(name, 0) for name, points in pairs)
        total = sum(Fraction(points) for _, points in pairs)
        return f"{passed} of {len(pairs)}", f"{_number(earned)} of {_number(total)}"

    def _passed(self, chapter: Chapter) -> list[str]:
        return [name for name in chapter.points if self.best.get(name) == 1]

    def _next(self) -> Iterator[tuple[str, str, str]]:
        """Sentences that end in a name, and the address to which it leads."""
        known = {name: chapter for chapter in self.chapters for name in chapter.points}
        last = next((line for line in reversed(self.lines) if line.exercise in known), None)
        days = (self.today - last.time.date()).days if last else 0
        if days >= BREAK:
            where = known[last.exercise]
            address = _address(where, last.exercise)
            yield f"You were here {days} days ago: {_in(where)}, ", _object(last.exercise), address
        start = self.chapters.index(known[last.exercise]) if last else 0
        order = self.chapters[start:] + self.chapters[:start]
        to_do = [(c, name) for c in order for name in c.points if self.best.get(name) != 1]
        if not known:
            yield "No chapter lies in this folder yet", "", ""
        elif not to_do:
            yield "Every exercise passes", "", ""
        elif not last:
            chapter = to_do[0][0]
            yield "Begin with chapter ", f"{chapter.number}, {chapter.title}", _address(chapter)
        else:
            chapter, name = to_do[0]
            yield f"Next, {_in(chapter)}: ", _object(name), _address(chapter, name)

    def _footer(self) -> Iterator[str]:
        whole = [chapter for chapter in self.chapters if chapter.points]
        if not whole:
            return
        passed, points = self._counts(whole)
        yield f"In all, by the best of your checks: {passed} exercises, {points} points."
        if any(chapter.written for chapter in whole):
            yield (
                "The written question at the end of a chapter is not counted here: compare your "
                "answer with how it is graded, which opens below it."
            )


def _in(chapter: Chapter) -> str:
    return f"in chapter {chapter.number}, {chapter.title}"


def _object(exercise: str) -> str:
    return exercise.partition(".")[2]


def _address(chapter: Chapter, exercise: str = "") -> str:
    """Where a link leads to, seen from this notebook: a chapter, or a cell in it."""
    cell = f"#cell-id={solution_id(exercise)}" if exercise else ""
    return quote(os.path.relpath(chapter.path)) + cell


def _link(name: str, address: str) -> str:
    return f"<a href='{escape(address)}'>{escape(name)}</a>"


def _bar(share: float) -> str:
    """A bar; the number beside it says the same."""
    shape = "display: inline-block; height: 8px; vertical-align: middle"
    full = f"<span style='{shape}; width: {100 * share:.0f}%; background: {BAR}'></span>"
    groove = f"{shape}; width: 100px; margin-right: 8px; background: {GROOVE}; line-height: 0"
    return f"<span aria-hidden='true' style='{groove}'>{full}</span>"


def _number(points: Fraction) -> str:
    """At most one decimal, and never more than was earned."""
    return f"{floor(points * 10) / 10:.1f}".removesuffix(".0")
