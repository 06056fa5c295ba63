"""The report on one exercise: a compact card in HTML, and the same in plain text.

Learners see it under ``check``, and find it again in the feedback on a graded notebook. All that
comes from a student is escaped here.
"""

from html import escape

import numpy as np

from autograder import exercises
from autograder.evidence import Array, Other, Outcome, Raised, Sequence, Text
from autograder.judge import JudgedCase, Verdict, describe, differences

WINDOW = 8  # rows and columns of an array that a card shows
MAX_INPUT = 400  # characters of an input that a card shows

# JupyterLab's own colours, so that the card follows its theme, with values for other pages.
INK = "var(--jp-content-font-color1, #1a1a1a)"
FAINT = "var(--jp-content-font-color2, #5a5a5a)"
LINE = "var(--jp-border-color1, #bdbdbd)"
PAPER = "var(--jp-layout-color1, #ffffff)"
CODE = "font-family: var(--jp-code-font-family, monospace); font-size: 0.92em"
MARK = "background: #ffd37a; color: #1a1a1a; padding: 0 2px; outline: 2px solid #b35900"


class Report:
    """Shows a Verdict: as HTML where there is a browser, as text where there is none."""

    def __init__(self, verdict: Verdict):
        self.verdict = verdict
        self.exercise = exercises.find(verdict.exercise)

    def __repr__(self) -> str:
        verdict, name = self.verdict, self.exercise.object_name
        if verdict.unwritten:
            return _not_written(name)
        lines = [f"{name}: {_summary(verdict)}"]
        if verdict.score < 1:
            lines += [verdict.note] * bool(verdict.note)
            marks = ("passes" if not case.problem else "FAILS " for case in verdict.cases)
            lines += [f"  {m}  {c.name}" for m, c in zip(marks, verdict.cases, strict=True)]
        if verdict.first_problem:
            lines += ["", *_problem_text(verdict.first_problem)]
        if verdict.diagnosis:
            lines += ["", f"What may have happened: {verdict.diagnosis.says}"]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        verdict, name = self.verdict, self.exercise.object_name
        if verdict.unwritten:
            body = f"<p>{escape(_not_written(name))}</p>{self._hints()}"
            return _card(name, "not written yet", body)
        parts = []
        if verdict.note and verdict.score < 1:
            parts.append(f"<p><strong>{escape(verdict.note)}</strong></p>")
        if verdict.score < 1:
            parts.append(_case_list(verdict))
        if verdict.first_problem:
            parts.append(_problem_html(verdict.first_problem))
        if verdict.diagnosis:
            says = escape(verdict.diagnosis.says)
            parts.append(f"<p><strong>What may have happened.</strong> {says}</p>")
        if verdict.score < 1:
            parts.append(self._hints())
        return _card(name, _summary(verdict), "".join(parts))

    def _hints(self) -> str:
        """The hints, each folded inside the one before, so that a reader takes one at a time."""
        nested = ""
        for number, hint in reversed(list(enumerate(self.exercise.hints, 1))):
            nested = (
                f"<details style='margin: 4px 0 0 12px'><summary>Hint {number} of "
                f"{len(self.exercise.hints)}</summary>"
                f"<div style='white-space: pre-wrap'>{escape(hint)}</div>{nested}</details>"
            )
        return nested


def _summary(verdict: Verdict) -> str:
    if verdict.score == 1:
        return f"all {len(verdict.cases)} cases pass"
    return f"{verdict.passed} of {len(verdict.cases)} cases pass"


def _not_written(name: str) -> str:
    return (
        f"{name} is not written yet. Replace the line raise NotImplementedError() in its cell "
        "with your own lines, run that cell, then run this one again."
    )


def _card(name: str, summary: str, body: str) -> str:
    return (
        f"<div style='border: 1px solid {LINE}; border-left: 4px solid {LINE}; padding: 8px 12px; "
        f"max-width: 60em; color: {INK}; background: {PAPER}'>"
        f"<div><strong style='{CODE}'>{escape(name)}</strong>: {escape(summary)}</div>{body}</div>"
    )


def _case_list(verdict: Verdict) -> str:
    items = "".join(
        f"<li>{'✓ passes' if not case.problem else '✗ <strong>fails</strong>'}: "
        f"{escape(case.name)}</li>"
        for case in verdict.cases
    )
    return f"<ul style='list-style: none; padding: 0; margin: 6px 0; color: {FAINT}'>{items}</ul>"


# --- The first case that fails ------------------------------------------------------------------


def _problem_text(case: JudgedCase) -> list[str]:
    lines = [f"First case that fails: {case.name}"]
    lines += [_indent(_input(label, value)) for label, value in case.expected.inputs]
    if case.got and not isinstance(case.got.outcome, Raised):
        theirs, ours = _side_by_side(case.expected.outcome, case.got.outcome, _text_grid)
        lines += ["  expected:", _indent(_indent(ours)), "  yours:", _indent(_indent(theirs))]
    lines.append(f"  {case.problem}")
    if case.got:
        lines += [f"  {line}" for line in _own_line(case.got.outcome)]
    return lines


def _problem_html(case: JudgedCase) -> str:
    inputs = "".join(
        f"<div style='{CODE}; white-space: pre-wrap'>{escape(_input(label, value))}</div>"
        for label, value in case.expected.inputs
    )
    parts = [f"<p><strong>First case that fails: {escape(case.name)}</strong></p>{inputs}"]
    if case.got and not isinstance(case.got.outcome, Raised):
        theirs, ours = _side_by_side(case.expected.outcome, case.got.outcome, _html_grid)
        column = "<div><div>{}</div>{}</div>"
        parts.append(
            "<div style='display: flex; flex-wrap: wrap; gap: 24px; margin: 6px 0'>"
            + column.format("expected", ours)
            + column.format("yours", theirs)
            + "</div>"
        )
    parts.append(f"<p>{escape(case.problem)}</p>")
    for line in _own_line(case.got.outcome) if case.got else []:
        parts.append(f"<div style='{CODE}; white-space: pre-wrap'>{escape(line)}</div>")
    return "".join(parts)


def _own_line(outcome: Outcome) -> list[str]:
    if isinstance(outcome, Raised) and outcome.line:
        return [f"Line {outcome.number} of your cell: {outcome.line}"]
    return []


def _side_by_side(expected: Outcome, got: Outcome, grid) -> tuple[str, str]:
    """Both outcomes as text or HTML; entries that differ are marked on the student's side."""
    match expected, got:
        case Sequence(), Sequence() if len(expected.items) == len(got.items):
            pairs = zip(expected.items, got.items, strict=True)
            shown = [_side_by_side(ours, theirs, grid) for ours, theirs in pairs]
            return "\n".join(theirs for theirs, _ in shown), "\n".join(ours for _, ours in shown)
        case Array(), Array() if expected.value.shape == got.value.shape:
            wrong = differences(expected.value, got.value)
            nothing = np.zeros_like(wrong)
            return grid(got.value, wrong, wrong), grid(expected.value, nothing, wrong)
    return _alone(got, grid), _alone(expected, grid)


def _alone(outcome: Outcome, grid) -> str:
    match outcome:
        case Array(_, value):
            nothing = np.zeros(value.shape, bool)
            return grid(value, nothing, nothing)
        case Sequence(_, items):
            return "\n".join(_alone(item, grid) for item in items)
        case Text(value):
            plain = repr(value)
        case Other(_, text):
            plain = text
        case _:
            plain = describe(outcome)
    return f"<div style='{CODE}'>{escape(plain)}</div>" if grid is _html_grid else plain


def _window(array: np.ndarray, wrong: np.ndarray, focus: np.ndarray):
    """Cut a readable table out of an array of any rank, around the first True of ``focus``.

    Returns a label for what is shown, the rows, and where they are wrong.
    """
    first = tuple(np.argwhere(focus)[0]) if focus.any() else (0,) * array.ndim
    leading = first[:-2] if array.ndim > 2 else ()
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
    return label, array[cut], wrong[cut]


def _number(value: object) -> str:
    if isinstance(value, np.floating):
        return f"{value:.4f}" if abs(value) < 1e4 or not np.isfinite(value) else f"{value:.4g}"
    return str(value)


def _text_grid(array: np.ndarray, wrong: np.ndarray, focus: np.ndarray) -> str:
    label, rows, marks = _window(array, wrong, focus)
    lines = [
        " ".join(
            f"{'>' if mark else ' '}{_number(value):>7}{'<' if mark else ' '}"
            for value, mark in zip(row, marked, strict=True)
        )
        for row, marked in zip(rows, marks, strict=True)
    ]
    return "\n".join(filter(None, [label, *lines]))


def _html_grid(array: np.ndarray, wrong: np.ndarray, focus: np.ndarray) -> str:
    label, rows, marks = _window(array, wrong, focus)
    cell = "<td style='text-align: right; padding: 0 6px; {}'>{}</td>"
    body = "".join(
        "<tr>"
        + "".join(
            cell.format(MARK if mark else "", escape(_number(value)))
            for value, mark in zip(row, marked, strict=True)
        )
        + "</tr>"
        for row, marked in zip(rows, marks, strict=True)
    )
    caption = f"<caption>{escape(label)}</caption>" if label else ""
    return f"<table style='{CODE}; border: 1px solid {LINE}'>{caption}{body}</table>"


def _input(label: str, value: object) -> str:
    return f"{label} = {_short(value, len(label) + 3)}"


def _short(value: object, indent: int = 0) -> str:
    if isinstance(value, np.ndarray):
        text = np.array2string(
            value, precision=3, suppress_small=True, threshold=64, prefix=" " * indent
        )
        text = f"{text}   shape {value.shape}" if value.ndim > 1 else text
    elif isinstance(value, set | frozenset):
        text = "{" + ", ".join(sorted(map(repr, value))) + "}"
    elif isinstance(value, list) and any(isinstance(item, set) for item in value):
        text = "[" + ", ".join(map(_short, value)) + "]"
    elif isinstance(value, tuple | list) and any(isinstance(item, np.ndarray) for item in value):
        text = f"{type(value).__name__} of arrays of shape " + ", ".join(
            str(np.shape(item)) for item in value
        )
    else:
        text = repr(value)
    return text if len(text) <= MAX_INPUT else text[:MAX_INPUT] + " …"


def _indent(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines())


def summary_line(verdict: Verdict) -> str:
    """One line for an instructor's table: what the first weakness of the exercise is."""
    name = verdict.exercise.partition(".")[2]
    if verdict.unwritten:
        return f"{name}: not written"
    if verdict.diagnosis:
        return f"{name}: {verdict.diagnosis.thought}"
    if verdict.note and verdict.score < 1:
        return f"{name}: {verdict.note}"
    problem = verdict.first_problem
    return f"{name}: {problem.problem}" if problem else ""
