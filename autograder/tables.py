"""Outcomes as small tables, in text and in HTML, with the entries that differ marked."""

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

import numpy as np

from autograder.evidence import Array, Mapping, Other, Outcome, Sequence, Text
from autograder.judge import compare, describe, differences

WINDOW = 8  # rows and columns of an array that a table shows

CODE = "font-family: var(--jp-code-font-family, monospace); font-size: 0.92em"
BORDER = "1px solid var(--jp-border-color1, #bdbdbd)"
MARK = "background: #ffd37a; color: #1a1a1a; outline: 2px solid #b35900"


@dataclass(frozen=True)
class Table:
    """Rows of numbers as text, which of them are marked, and a label for what is shown."""

    label: str
    rows: list[list[str]]
    marks: np.ndarray


def side_by_side(expected: Outcome, got: Outcome) -> tuple[list[Table], list[Table]]:
    """Return both outcomes as tables; the student's has marks where the two differ."""
    match expected, got:
        case Sequence(), Sequence() if len(expected.items) == len(got.items):
            names = [f"result {number}" for number in range(1, len(got.items) + 1)]
            return _pair_up(names, expected.items, got.items)
        case Mapping(), Mapping() if set(dict(expected.entries)) == set(dict(got.entries)):
            return _first_wrong_entry(dict(expected.entries), dict(got.entries))
        case Array(), Array() if expected.value.shape == got.value.shape:
            wrong = differences(expected.value, got.value)
            nothing = np.zeros_like(wrong)
            return [_table(expected.value, nothing, wrong)], [_table(got.value, wrong, wrong)]
    return _alone(expected), _alone(got)


def _pair_up(names: Iterable[str], expected: Iterable[Outcome], got: Iterable[Outcome]):
    ours, theirs = [], []
    for name, e, g in zip(names, expected, got, strict=True):
        for side, tables in zip((ours, theirs), side_by_side(e, g), strict=True):
            side += [Table(f"{name} {t.label}".strip(), t.rows, t.marks) for t in tables]
    return ours, theirs


def _first_wrong_entry(expected: dict[str, Outcome], got: dict[str, Outcome]):
    """A dict holds too much to be shown; where all of it is right, nothing is."""
    wrong = [name for name in expected if compare(expected[name], got[name])][:1]
    return _pair_up(map(_quote, wrong), map(expected.get, wrong), map(got.get, wrong))


def _quote(name: str) -> str:
    return f'"{name}"'


def _alone(outcome: Outcome) -> list[Table]:
    match outcome:
        case Array(_, value):
            nothing = np.zeros(value.shape, bool)
            return [_table(value, nothing, nothing)]
        case Sequence(_, items):
            return [table for item in items for table in _alone(item)]
        case Mapping(_, entries):
            return [_line(", ".join(_quote(name) for name, _ in entries))]
        case Text(value):
            return [_line(repr(value))]
        case Other(_, text):
            return [_line(text)]
        case _:
            return [_line(describe(outcome))]


def _line(text: str) -> Table:
    return Table("", [[text]], np.zeros((1, 1), bool))


def _table(array: np.ndarray, wrong: np.ndarray, focus: np.ndarray) -> Table:
    """Cut a readable table out of an array of any rank, around the first True of ``focus``."""
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


def as_text(tables: list[Table]) -> str:
    """Tables for a terminal: >marked< entries."""
    return "\n".join(
        "\n".join(
            [f"  {table.label}"] * bool(table.label)
            + [
                "  " + " ".join(_entry(value, mark) for value, mark in zip(row, marks, strict=True))
                for row, marks in zip(table.rows, table.marks, strict=True)
            ]
        )
        for table in tables
    )


def _entry(value: str, mark: bool) -> str:
    return f">{value:>7}<" if mark else f" {value:>7} "


def as_html(tables: list[Table]) -> str:
    """Tables for a browser: marked entries have a color and a frame."""
    cell = "<td style='text-align: right; padding: 0 6px; {}'>{}</td>"
    shown = []
    for table in tables:
        rows = "".join(
            "<tr>"
            + "".join(
                cell.format(MARK if mark else "", escape(value))
                for value, mark in zip(row, marks, strict=True)
            )
            + "</tr>"
            for row, marks in zip(table.rows, table.marks, strict=True)
        )
        caption = f"<caption>{escape(table.label)}</caption>" if table.label else ""
        shown.append(f"<table style='{CODE}; border: {BORDER}'>{caption}{rows}</table>")
    return "".join(shown)
