"""The report on one exercise: a compact card in HTML, and the same in plain text.

Learners see it under ``check``, and find it again in the feedback on a graded notebook. What a
report says is put together once, as blocks; each kind of block knows both renderings. All that
comes from a student is escaped there.
"""

import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from html import escape
from types import FunctionType

import numpy as np

from autograder import exercises
from autograder.answers import answers
from autograder.cleaning import cut, plain
from autograder.evidence import Outcome, Raised
from autograder.judge import JudgedCase, Verdict
from autograder.tables import CODE, alone, as_html, as_text, side_by_side

SMALL = 16  # entries of an array that are shown as they are; of a larger one, the shape
MAX_INPUT = 2_000  # characters of a large input, unfolded
MAX_WORDS = 2_500  # characters of a sentence, which may quote a student's message
MAX_PRINTED = 2_000  # characters that a card shows of what a function printed
MAX_SUMMARY = 300  # characters of the line for an instructor

# JupyterLab's own colors, so that the card follows its theme, with values for other pages.
INK = "var(--jp-content-font-color1, #1a1a1a)"
LINE = "var(--jp-border-color1, #bdbdbd)"
PAPER = "var(--jp-layout-color1, #ffffff)"


class Report:
    """Shows a Verdict: as HTML where there is a browser, as text where there is none.

    ``printed`` is what the student's function printed while it was checked.
    """

    def __init__(self, verdict: Verdict, printed: str = ""):
        self.name = verdict.object_name
        self.summary = _summary(verdict)
        self.blocks = [*_blocks(verdict, self.name), *_printed(printed), *_hints(verdict)]

    def __repr__(self) -> str:
        lines = [f"{self.name}: {self.summary}", *(b.text() for b in self.blocks)]
        return plain("\n".join(lines))

    def _repr_html_(self) -> str:
        body = "".join(block.html() for block in self.blocks)
        return plain(
            # A dollar sign in a student's message does not begin a formula.
            "<div class='tex2jax_ignore mathjax_ignore' "
            f"style='border: 1px solid {LINE}; border-left-width: 4px; padding: 8px 12px; "
            f"max-width: 60em; color: {INK}; background: {PAPER}'>"
            f"<div><strong style='{CODE}'>{escape(self.name)}</strong>: {escape(self.summary)}"
            f"</div>{body}</div>"
        )


# --- What is said -------------------------------------------------------------------------------


def _summary(verdict: Verdict) -> str:
    if verdict.unwritten:
        return "not written yet"
    if verdict.ready_made:
        return "the exercise is to write it yourself"
    if verdict.score == 1:
        return f"all {len(verdict.cases)} cases pass"
    return f"{verdict.passed} of {len(verdict.cases)} cases pass"


def _blocks(verdict: Verdict, name: str) -> Iterator["Block"]:
    if verdict.score == 1:
        return
    if verdict.unwritten:
        yield Sentence(
            f"Write your own lines for {name} in the cell above, in place of "
            "`raise NotImplementedError()`. Run that cell, then this one again."
        )
        return
    if verdict.ready_made:
        yield Sentence(f"Your code uses `{verdict.ready_made}`. {_rule(verdict.exercise)}")
        return
    if verdict.note:
        yield Sentence(verdict.note)
    if verdict.only_known:
        yield Sentence(
            "The cases that pass have the same answer for everyone. They count as soon as one "
            "with fresh numbers passes."
        )
    case = verdict.first_problem
    yield Sentence(case.problem, lead=f"First case that fails, “{case.name}”.")
    yield from _own_line(case)
    if verdict.diagnosis:
        yield Sentence(verdict.diagnosis.says, lead="What may have happened.")
    yield from _outcomes(case)
    for label, value in case.expected.inputs:
        yield Input(label, value)
    yield CaseList(verdict.cases)


def _rule(exercise: str) -> str:
    """What the specification of ``exercise`` says of the ready-made: "... is not accepted."."""
    words = " ".join(inspect.getdoc(answers.reference(exercise)).replace("``", "`").split())
    return next(s for s in re.split(r"(?<=\.) ", words) if s.endswith("not accepted."))


def _outcomes(case: JudgedCase) -> Iterator["Block"]:
    match case.expected.outcome, case.got and case.got.outcome:
        case _, None | Raised(("Finding" | "NotImplementedError", *_)):
            return
        case expected, Raised():
            if not isinstance(expected, Raised):
                yield Expected(expected)
        case expected, got:
            yield SideBySide(expected, got)


def _own_line(case: JudgedCase) -> Iterator["Block"]:
    outcome = case.got.outcome if case.got else None
    if isinstance(outcome, Raised) and outcome.line and outcome.classes[0] != "NotImplementedError":
        where = f"{outcome.function}, line {outcome.number} of its cell"
        yield Sentence(f"{where}: `{outcome.line}`")


def _printed(text: str) -> Iterator["Block"]:
    if text.strip():
        cut = " …" if len(text) > MAX_PRINTED else ""
        yield Folded("What it printed", text[:MAX_PRINTED].rstrip() + cut)


def _hints(verdict: Verdict) -> Iterator["Block"]:
    if verdict.score < 1:
        yield Hints(exercises.find(verdict.exercise).hints)


# --- The kinds of block -------------------------------------------------------------------------


@dataclass(frozen=True)
class Sentence:
    """A paragraph; ``lead`` opens it in bold, `backticks` are code, and *stars* stress a word."""

    words: str
    lead: str = ""

    def text(self) -> str:
        return f"{self.lead} {cut(self.words, MAX_WORDS)}".strip()

    def html(self) -> str:
        lead = f"<strong>{escape(self.lead)}</strong> " if self.lead else ""
        return f"<p style='margin: 6px 0'>{lead}{_with_code(cut(self.words, MAX_WORDS))}</p>"


@dataclass(frozen=True)
class SideBySide:
    """What was expected beside what came, with the entries that differ marked."""

    expected: Outcome
    got: Outcome

    def text(self) -> str:
        expected, got = side_by_side(self.expected, self.got)
        return f"expected:\n{as_text(expected)}\nyours:\n{as_text(got)}"

    def html(self) -> str:
        expected, got = side_by_side(self.expected, self.got)
        return (
            "<div style='display: flex; flex-wrap: wrap; gap: 24px; margin: 6px 0'>"
            f"<div><div>expected</div>{as_html(expected)}</div>"
            f"<div><div>yours</div>{as_html(got)}</div></div>"
        )


@dataclass(frozen=True)
class Expected:
    """What was expected, where nothing came."""

    outcome: Outcome

    def text(self) -> str:
        return f"expected:\n{as_text(alone(self.outcome))}"

    def html(self) -> str:
        return f"<div style='margin: 6px 0'><div>expected</div>{as_html(alone(self.outcome))}</div>"


@dataclass(frozen=True)
class Input:
    """An input of the case: small ones as they are, of large ones the shape first."""

    label: str
    value: object

    def text(self) -> str:
        return f"{self.label} = {self._brief}"

    def html(self) -> str:
        if self._brief == self._full:
            return _preformatted(self.text())
        return _folded(
            f"<span style='{CODE}'>{escape(self.text())}</span>", _preformatted(self._full)
        )

    @cached_property
    def _brief(self) -> str:
        match _as_arrays(self.value):
            case np.ndarray() as array if array.size > SMALL:
                return f"array of shape {array.shape}"
            case tuple() | list() as parts if _has_arrays(parts) and _size(parts) > SMALL:
                shapes = ", ".join(str(np.shape(part)) for part in parts)
                return f"{type(parts).__name__} of arrays of shape {shapes}"
            case dict() as parts:
                shapes = ", ".join(f'"{name}" {np.shape(part)}' for name, part in parts.items())
                return f"dict of arrays of shape {shapes}"
            case FunctionType() as function:
                return function.__name__
        return self._full

    @cached_property
    def _full(self) -> str:
        match _as_arrays(self.value):
            case np.ndarray() as array if array.size == 0:
                text = f"empty array of shape {array.shape}"
            case np.ndarray() as array:
                indent = " " * (len(self.label) + 3)
                text = np.array2string(array, precision=3, suppress_small=True, prefix=indent)
            case tuple() | list() as parts if _has_arrays(parts) and _size(parts) > SMALL:
                text = "\n".join(np.array2string(p, precision=3) for p in parts)
            case dict() as parts:
                text = "\n".join(
                    f'"{name}":\n{np.array2string(np.asarray(part), precision=3)}'
                    for name, part in parts.items()
                )
            case list() as items if any(isinstance(item, set) for item in items):
                text = "[" + ", ".join(map(_sorted, items)) + "]"
            case set() as words:
                text = _sorted(words)
            case FunctionType() as function:
                text = _source(function)
            case other:
                text = repr(other)
        return text if len(text) <= MAX_INPUT else text[:MAX_INPUT] + " …"


def _has_arrays(parts: list | tuple) -> bool:
    return any(isinstance(part, np.ndarray) for part in parts)


def _size(parts: list | tuple) -> int:
    return sum(map(np.size, parts))


@dataclass(frozen=True)
class CaseList:
    """All cases by name, each with whether it passes."""

    cases: tuple[JudgedCase, ...]

    def text(self) -> str:
        return "\n".join(f"  {'FAILS ' if c.problem else 'passes'}  {c.name}" for c in self.cases)

    def html(self) -> str:
        items = "".join(
            f"<li>{'✗ <strong>fails</strong>' if c.problem else '✓ passes'}: {escape(c.name)}</li>"
            for c in self.cases
        )
        return f"<ul style='list-style: none; padding: 0; margin: 6px 0'>{items}</ul>"


@dataclass(frozen=True)
class Folded:
    """Text that a reader may open."""

    title: str
    body: str

    def text(self) -> str:
        return f"{self.title}:\n{self.body}"

    def html(self) -> str:
        return _folded(escape(self.title), _preformatted(self.body))


@dataclass(frozen=True)
class Hints:
    """The hints, each folded inside the one before, so that a reader takes one at a time."""

    hints: tuple[str, ...]

    def text(self) -> str:
        return f"The card in JupyterLab has {len(self.hints)} hints."

    def html(self) -> str:
        nested = ""
        for number, hint in reversed(list(enumerate(self.hints, 1))):
            body = f"<div style='margin-left: 12px'>{_with_code(hint)}{nested}</div>"
            nested = _folded(f"Hint {number} of {len(self.hints)}", body)
        return nested


Block = Sentence | SideBySide | Expected | Input | CaseList | Folded | Hints


def _as_arrays(value: object) -> object:
    """``value`` with arrays in place of tensors, which print more than their numbers."""
    match value:
        case dict():
            return {name: _as_arrays(part) for name, part in value.items()}
        case list() | tuple():
            return type(value)(map(_as_arrays, value))
    return value.numpy() if hasattr(value, "numpy") else value


def _with_code(words: str) -> str:
    """Words as HTML, with `code`, in which stars stay stars, and *stress*."""
    code = rf"<code style='{CODE}'>{{}}</code>"
    return re.sub(
        r"`([^`]+)`|\*([^*\s]+)\*",
        lambda found: code.format(found[1]) if found[1] else f"<em>{found[2]}</em>",
        escape(words),
    )


def _folded(summary: str, body: str) -> str:
    """HTML that opens; nbgrader's pages would hide the triangle that says so."""
    style = "display: list-item; cursor: pointer"
    return f"<details><summary style='{style}'>{summary}</summary>{body}</details>"


def _preformatted(text: str) -> str:
    return f"<pre style='{CODE}; white-space: pre-wrap; margin: 4px 0'>{escape(text)}</pre>"


def _source(function: FunctionType) -> str:
    try:
        return inspect.getsource(function).strip()
    except OSError:  # it was made by exec
        return function.__name__


def _sorted(words: set) -> str:
    return "{" + ", ".join(sorted(map(repr, words))) + "}"


def summary_line(verdict: Verdict) -> str:
    """One line for an instructor's table on an exercise; "" when all is well."""
    name = verdict.object_name
    if verdict.score == 1:
        return ""
    if verdict.unwritten:
        return f"{name}: not written"
    if verdict.ready_made:
        return f"{name}: uses {verdict.ready_made}, which is not accepted"
    if verdict.diagnosis:
        return f"{name}: {verdict.diagnosis.thought}"
    problem = plain(verdict.note or verdict.first_problem.problem)  # it is for a terminal
    return f"{name}: {' '.join(problem.split())[:MAX_SUMMARY]}"
