"""Outcomes as small tables, in text and in HTML, with the entries that differ marked."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from html import escape

import numpy as np

from autograder.cleaning import cut
from autograder.evidence import MAX_ITEMS, Array, Mapping, Other, Outcome, Sequence, Text
from autograder.judge import are_integers, compare, describe, differences

WINDOW = 8  # rows and columns of an array that a table shows
MAX_TABLES = 20  # tables of one outcome
MAX_WORDS = 2_000  # characters of what is not a number

CODE = "font-family: var(--jp-code-font-family, monospace); font-size: 0.92em"
BORDER = "1px solid var(--jp-border-color1, #bdbdbd)"
MARK = "background: #ffd37a; color: #1a1a1a; outline: 2px solid #b35900"


@dataclass(frozen=True)
class Table:
    """Rows of numbers as text, which of them are marked, and a label for what is shown."""

    label: str
    rows: list[list[str]]
    marks: np.ndarray

    def text(self) -> str:
        lines = [
            " ".join(f">{n:>7}<" if mark else f" {n:>7} " for n, mark in zip(*pair, strict=True))
            for pair in zip(self.rows, self.marks, strict=True)
        ]
        return "\n".join(f"  {line}" for line in [self.label] * bool(self.label) + lines)

    def html(self) -> str:
        cell = "<td style='text-align: right; padding: 0 6px; {}'>{}</td>"
        rows = "".join(
            "<tr>"
            + "".join(
                cell.format(MARK if mark else "", escape(value))
                for value, mark in zip(row, marks, strict=True)
            )
            + "</tr>"
            for row, marks in zip(self.rows, self.marks, strict=True)
        )
        caption = f"<caption>{escape(self.label)}</caption>" if self.label else ""
        return f"<table style='{CODE}; border: {BORDER}'>{caption}{rows}</table>"


@dataclass(frozen=True)
class Line:
    """Entries in one line, such as those of a shape, which of them are marked, and a label."""

    label: str
    entries: list[str]
    marks: list[bool]
    brackets: str = "  "

    def text(self) -> str:
        return f"  {self._join(str, '>{}<')}"

    def html(self) -> str:
        marked = f"<span style='{MARK}'>{{}}</span>"
        return f"<div style='{CODE}'>{self._join(escape, marked)}</div>"

    def _join(self, write, marked: str) -> str:
        pairs = zip(map(write, self.entries), self.marks, strict=True)
        inside = ", ".join(marked.format(entry) if mark else entry for entry, mark in pairs)
        comma = "," * (self.brackets == "()" and len(self.entries) == 1)
        opened, closed = self.brackets
        return f"{write(self.label)} {opened}{inside}{comma}{closed}".strip()


Shown = Table | Line


def side_by_side(expected: Outcome, got: Outcome) -> tuple[list[Shown], list[Shown]]:
    """Return both outcomes as tables; the student's has marks where the two differ."""
    match expected, got:
        case Sequence(), Sequence() if _is_line(expected) and len(expected.items) == len(got.items):
            pairs = zip(expected.items, got.items, strict=True)
            return alone(expected), [_as_line(got, [compare(*pair) is not None for pair in pairs])]
        case Sequence(), Array("list", value) if _is_line(expected) and _is_short(value):
            return side_by_side(expected, Sequence("list", tuple(map(_as_array, value))))
        case Sequence(), Sequence() if len(expected.items) == len(got.items):
            names = [f"result {number}" for number in range(1, len(got.items) + 1)]
            return _pair_up(names, expected.items, got.items)
        case Mapping(), Mapping() if set(dict(expected.entries)) == set(dict(got.entries)):
            return _first_wrong_entry(dict(expected.entries), dict(got.entries))
        case Array(), Array() if expected.value.shape == got.value.shape:
            wrong = differences(expected.value, got.value)
            nothing = np.zeros_like(wrong)
            return [_table(expected.value, nothing, wrong)], [_table(got.value, wrong, wrong)]
    return alone(expected), alone(got)


def _pair_up(names: Iterable[str], expected: Iterable[Outcome], got: Iterable[Outcome]):
    ours, theirs = [], []
    for name, e, g in zip(names, expected, got, strict=True):
        for side, tables in zip((ours, theirs), side_by_side(e, g), strict=True):
            side += [replace(t, label=_within(name, t.label)) for t in tables]
    return ours, theirs


def _within(name: str, label: str) -> str:
    """The label of a part of what is called ``name``: results of a result are its parts."""
    if label.startswith("result"):
        return f"{name}, part{label.removeprefix('result')}"
    return f"{name} {label}".strip()


def _first_wrong_entry(expected: dict[str, Outcome], got: dict[str, Outcome]):
    """A dict holds too much to be shown; where all of it is right, nothing is."""
    wrong = [name for name in expected if compare(expected[name], got[name])][:1]
    return _pair_up(map(_quote, wrong), map(expected.get, wrong), map(got.get, wrong))


def _quote(name: str) -> str:
    return f'"{name}"'


def _is_line(outcome: Outcome) -> bool:
    """Whether an outcome is a tuple of integers, such as a shape."""
    return isinstance(outcome, Sequence) and are_integers(outcome.items)


def _is_short(array: np.ndarray) -> bool:
    return array.ndim == 1 and array.size <= MAX_ITEMS


def _as_array(number: np.generic) -> Array:
    return Array(type(number).__name__, np.asarray(number))


def _are_numbers(outcome: Outcome) -> bool:
    return isinstance(outcome, Sequence) and all(
        isinstance(item, Array) and item.value.ndim == 0 for item in outcome.items
    )


def alone(outcome: Outcome) -> list[Shown]:
    """Return an outcome as tables, with nothing marked."""
    match outcome:
        case Array(_, value):
            nothing = np.zeros(value.shape, bool)
            return [_table(value, nothing, nothing)]
        case Sequence(_, items) if _are_numbers(outcome):
            return [_as_line(outcome, [False] * len(items))]
        case Sequence(_, items):
            return [table for item in items for table in alone(item)]
        case Mapping(_, entries):
            return [_words(", ".join(_quote(name) for name, _ in entries))]
        case Text(value):
            return [_words(repr(value))]
        case Other(_, text):
            return [_words(text)]
        case _:
            return [_words(describe(outcome))]


def _words(text: str) -> Line:
    return Line("", [cut(text, MAX_WORDS)], [False])


def _as_line(outcome: Sequence, wrong: list[bool]) -> Line:
    entries = [
        _number(item.value[()])
        if isinstance(item, Array) and not item.value.ndim
        else describe(item)
        for item in outcome.items
    ]
    return Line("", entries, wrong, "[]" if outcome.of == "list" else "()")


def _table(array: np.ndarray, wrong: np.ndarray, focus: np.ndarray) -> Shown:
    """Cut a readable table out of an array of any rank, around the first True of ``focus``."""
    if array.size == 0:
        return _words(f"empty, of shape {array.shape}")
    first = tuple(np.argwhere(focus)[0]) if focus.any() else (0,) * array.ndim
    leading = first[:-2]
    array, wrong = np.atleast_2d(array[leading]), np.atleast_2d(wrong[leading])
    centre = (0, 0, *first)[-2:]
    cut = tuple(
        slice(start := max(0, min(at - WINDOW // 2, size - WINDOW)), start + WINDOW)
        for at, size in zip(centre, array.shape, strict=True)
    )
    label = f"[{', '.join(map(str, leading))}, :, :]" if leading else ""
    if array[cut].size < array.size:
        rows, columns = (f"{c.start}:{c.stop}" for c in cut)
        label = f"{label} rows {rows}, columns {columns}".strip()
    return Table(label, [[_number(x) for x in row] for row in array[cut]], wrong[cut])


def _number(value: object) -> str:
    if isinstance(value, np.floating):
        return f"{value:.4f}" if abs(value) < 1e4 or not np.isfinite(value) else f"{value:.4g}"
    return str(value)


def as_text(tables: list[Shown]) -> str:
    """Tables for a terminal: >marked< entries."""
    return "\n".join(table.text() for table in _few(tables))


def as_html(tables: list[Shown]) -> str:
    """Tables for a browser: marked entries have a color and a frame."""
    return "".join(table.html() for table in _few(tables))


def _few(tables: list[Shown]) -> list[Shown]:
    more = len(tables) - MAX_TABLES
    return [*tables[:MAX_TABLES], *[_words(f"… and {more} more")] * (more > 0)]
