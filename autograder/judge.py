"""The judge: compares evidence with the reference's, case by case, and says what it found.

The judge knows what the reference and the misconceptions do (``autograder.answers``), and never
runs the student's code. It walks over its own list of cases, so evidence that is missing, doubled
or invented earns nothing.
"""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from autograder import exercises
from autograder.answers import OTHER_SEEDS, Evidence, RecordedEvidence, Thought, answers, no_call
from autograder.evidence import (
    Array,
    Case,
    Mapping,
    Other,
    Outcome,
    Raised,
    Sequence,
    Text,
    are_identical,
)

# Loose enough for float32 and for sums in another order, tight enough for every misconception.
RELATIVE_TOLERANCE = 1e-4
ABSOLUTE_TOLERANCE = 1e-5

KINDS = {"b": "True and False", "i": "integers", "u": "integers", "f": "floats", "c": "complex"}


@dataclass(frozen=True)
class JudgedCase:
    """One case of the reference, what the student's object did with it, and what is wrong.

    ``problem`` is None when the case passed.
    """

    expected: Case
    got: Case | None
    problem: str | None

    @property
    def name(self) -> str:
        return self.expected.name


@dataclass(frozen=True)
class Verdict:
    """What the judge says of one exercise.

    ``note`` says what else there is to know, such as why the code did not come to its end;
    ``ready_made`` is what the code uses and should not, which costs all points. ``known`` names
    the cases whose answer is the same for everybody, and could be handed on: they count only beside
    one of the others. It is filled in where it matters.
    """

    exercise: str
    cases: tuple[JudgedCase, ...]
    diagnosis: Thought | None = None
    note: str = ""
    ready_made: str = ""
    known: frozenset[str] = frozenset()

    @property
    def object_name(self) -> str:
        return exercises.find(self.exercise).object_name

    @property
    def passed(self) -> int:
        return 0 if self.ready_made else sum(case.problem is None for case in self.cases)

    @property
    def score(self) -> float:
        """The share of the points, between 0 and 1: that of the cases which passed."""
        return 0 if self.only_known else self.passed / len(self.cases)

    @property
    def only_known(self) -> bool:
        """Whether nothing passed but cases whose answer is the same for everybody."""
        passed = {case.name for case in self.cases if case.problem is None}
        return bool(passed) and passed <= self.known < {case.name for case in self.cases}

    @property
    def unwritten(self) -> bool:
        """Whether the student has not begun: every call met the stub of this very exercise."""
        outcomes = [case.got.outcome for case in self.cases if case.got]
        return bool(outcomes) and all(
            isinstance(o, Raised)
            and o.classes[0] == "NotImplementedError"
            and o.function.partition(".")[0] in ("", self.object_name)
            for o in outcomes
        )

    @property
    def first_problem(self) -> JudgedCase | None:
        return next((case for case in self.cases if case.problem), None)


def judge(
    exercise: str, cases: Iterable[Case], seed: int, note: str = "", ready_made: str = ""
) -> Verdict:
    """Judge what a probe of ``exercise``, run with ``seed``, saw of a student's object."""
    verdict = replace(judge_cases(exercise, cases, seed, note), ready_made=ready_made)
    got_through = all(case.got for case in verdict.cases)
    if verdict.score == 1 or ready_made or verdict.unwritten or not got_through:
        return verdict
    return replace(verdict, diagnosis=_diagnose(exercise, verdict.cases, seed))


def judge_cases(exercise: str, cases: Iterable[Case], seed: int, note: str = "") -> Verdict:
    """Judge as ``judge`` does, but leave out the diagnosis, which takes the most time."""
    claims: dict[str, Case] = {}
    for case in cases:
        claims.setdefault(case.name, case)
    if all(_is_unwritten(case) and not case.changed for case in claims.values()):
        expected = exercises.find(exercise).run(answers.reference(exercise), seed, call=no_call)
    else:
        expected = answers.evidence(exercise, seed)
    judged = tuple(_judge_case(case, claims.get(case.name)) for case in expected)
    verdict = Verdict(exercise, judged, note=note)
    if verdict.passed in (0, len(judged)):
        return verdict
    return replace(verdict, known=_known(exercise, expected))


def _known(exercise: str, expected: Iterable[Case]) -> frozenset[str]:
    """The names of the cases in which the reference does the same for other seeds."""
    known = {case.name: case.outcome for case in expected}
    for seed in OTHER_SEEDS:
        others = _reference_cases(exercise, seed)
        same = {c.name for c in others if c.name in known and not compare(known[c.name], c.outcome)}
        known = {name: known[name] for name in same}
    return frozenset(known)


@lru_cache(maxsize=512)  # asked for with the same few seeds for every student
def _reference_cases(exercise: str, seed: int) -> tuple[Case, ...]:
    return tuple(answers.evidence(exercise, seed))


def _judge_case(expected: Case, got: Case | None) -> JudgedCase:
    if got is None:
        return JudgedCase(expected, None, "Your code did not get as far as this case.")
    problem = compare(expected.outcome, got.outcome)
    if set(got.changed) - set(expected.changed):
        changed = " and ".join(got.changed[:5])
        hint = f"Your function changed {changed}, which belongs to the caller. Work on a copy."
        problem = f"{hint} {problem}" if problem else hint
    return JudgedCase(expected, got, problem)


def _diagnose(exercise: str, judged: tuple[JudgedCase, ...], seed: int) -> Thought | None:
    """The misconception that the student's evidence agrees with, if there is one.

    It may differ in one case, since the same thought can be written in ways that overflow
    differently, and must agree in most of the cases that fail. Cases that met something not yet
    written, such as a method of a class, tell nothing.
    """
    students = {case.name: case for case in judged if not _is_unwritten(case.got)}
    failing = {name for name, case in students.items() if case.problem}
    if not failing:
        return None
    best, most = None, len(students) - 2
    for thought, evidence in answers.misconceptions(exercise, seed):
        agreed = _agreement(evidence, students, allowed=len(students) - most - 1)
        if len(agreed) > most and 2 * len(agreed & failing) > len(failing):
            best, most = thought, len(agreed)
        if most == len(students):  # no other can agree in more
            break
    return best


def _is_unwritten(case: Case) -> bool:
    match case.outcome:
        case Raised(("NotImplementedError", *_)):
            return True
    return False


class _Enough(Exception):
    """Ends a probe whose further cases nobody needs."""


def _agreement(
    evidence: Evidence | RecordedEvidence, students: dict[str, JudgedCase], allowed: int
) -> set[str]:
    """The names of the cases that agree with the student's, up to the ``allowed`` + 1st that
    does not.
    """
    agreed: set[str] = set()
    differing = 0

    def look(case: Case) -> None:
        nonlocal differing
        if case.name not in students:
            return
        if _agrees(case, students[case.name]):
            agreed.add(case.name)
            return
        differing += 1
        if differing > allowed:
            raise _Enough

    with suppress(_Enough):
        evidence.look(look)
    return agreed


def _agrees(theirs: Case, student: JudgedCase) -> bool:
    """Whether a misconception did in a case what the student's code did.

    Both may be right in different words, such as those of an error that is expected.
    """
    if not student.problem and not _judge_case(student.expected, theirs).problem:
        return True
    return _same(theirs, student.got)


def _same(theirs: Case, students: Case) -> bool:
    """Whether two cases tell of one thought.

    Errors of one class have many causes, so their messages must be equal, too; and a student may
    call the inputs by other names, so of the changed ones only the number counts.
    """
    if len(theirs.changed) != len(students.changed):
        return False
    match theirs.outcome, students.outcome:
        case Raised() as one, Raised() as other:
            return (one.classes, one.message) == (other.classes, other.message)
    return compare(theirs.outcome, students.outcome) is None


def compare(expected: Outcome, got: Outcome) -> str | None:
    """Say in one or two sentences how ``got`` differs from ``expected``; None if it does not.

    What kind of thing it is comes before its shape, its shape before its dtype, and all of these
    before its values.
    """
    match expected, got:
        case _, Raised(("NotImplementedError", *_)):
            return f"{got.function or 'It'} is not written yet."
        case Raised(), Raised():
            if expected.classes[0] in got.classes:
                return None
            return f"It should raise {expected.classes[0]}, but raised {_error(got)}."
        case Raised(), Other(of=kind) if kind == expected.classes[0]:
            return f"It should raise {kind}, but returned one. Write raise {kind}(...)."
        case Raised(), _:
            return f"It should raise {expected.classes[0]} here, but returned {describe(got)}."
        case _, Raised(("Finding", *_)):
            return got.message or "It is not right."  # no problem is told by an empty sentence
        case _, Raised():
            return f"It raised {_error(got)}."
        case _, Other("NoneType"):
            return "It returned None. Is the return statement missing?"
        case Array(), Array(of="list") if expected.of != "list" and expected.value.ndim:
            return "It returned a list, where an array is expected. np.array(...) makes one of it."
        case Array(), Array():
            return _compare_arrays(expected.value, got.value)
        case Sequence(), Sequence() if len(expected.items) == len(got.items):
            return _compare_items(expected.items, got.items)
        case Sequence(), Array(value=value) if _are_stacked(expected.items, value):
            return _compare_items(expected.items, tuple(Array("ndarray", part) for part in value))
        case Sequence(), Array():
            return f"It returned only {describe(got)}, where {describe(expected)} is expected."
        case Mapping(), Mapping():
            return _compare_entries(dict(expected.entries), dict(got.entries))
        case Text(), Text():
            same = expected.value == got.value
            return None if same else f"It returned {got.value!r}, expected {expected.value!r}."
    return f"It returned {describe(got)}, where {describe(expected)} is expected."


def _are_stacked(parts: tuple[Outcome, ...], array: np.ndarray) -> bool:
    """Whether ``array`` may be meant as ``parts``, one behind the other."""
    return array.shape[:1] == (len(parts),) and all(
        isinstance(part, Array) and array.shape[1:] == part.value.shape for part in parts
    )


def _compare_items(expected: tuple[Outcome, ...], got: tuple[Outcome, ...]) -> str | None:
    for position, (theirs, ours) in enumerate(zip(got, expected, strict=True), 1):
        problem = compare(ours, theirs)
        if problem and are_integers(expected):
            return f"Entry {position} is wrong." + (f" {problem}" if not are_integers(got) else "")
        if problem and problem.startswith("Result "):  # a part of a part
            return f"Result {position} of {len(expected)}, part{problem.removeprefix('Result')}"
        if problem:
            return f"Result {position} of {len(expected)}: {problem[0].lower()}{problem[1:]}"
    return None


def are_integers(items: tuple[Outcome, ...]) -> bool:
    """Whether these are single integers, as in a shape."""
    return all(
        isinstance(item, Array) and not item.value.ndim and item.value.dtype.kind in "iu"
        for item in items
    )


def _compare_entries(expected: dict[str, Outcome], got: dict[str, Outcome]) -> str | None:
    missing, invented = _quoted(expected.keys() - got.keys()), _quoted(got.keys() - expected.keys())
    if missing:
        also = f" It has {invented}, which is not expected." if invented else ""
        return f"The dict lacks {missing}.{also}"
    if invented:
        return f"It has {invented}, which is not expected."
    for name, ours in expected.items():
        problem = compare(ours, got[name])
        if problem:
            return f'In "{name}": {problem[0].lower()}{problem[1:]}'
    return None


def _quoted(names: Iterable[str]) -> str:
    return " and ".join(f'"{name[:60]}"' for name in sorted(names))


def _compare_arrays(expected: np.ndarray, got: np.ndarray) -> str | None:
    if expected.shape != got.shape:
        return f"It has shape {_shape(got)}, expected {_shape(expected)}."
    if KINDS[expected.dtype.kind] != KINDS[got.dtype.kind]:
        return (
            f"It holds {KINDS[got.dtype.kind]} ({got.dtype}), "
            f"expected {KINDS[expected.dtype.kind]} ({expected.dtype})."
        )
    if are_identical(expected, got):
        return None
    strange = ~np.isfinite(got) & np.isfinite(expected)
    if strange.any():
        first = got[tuple(np.argwhere(strange)[0])]
        sign = "-" if first < 0 else ""
        name = "NaN (not a number)" if np.isnan(first) else f"{sign}infinity"
        return f"It contains {name} in {_count(strange)}."
    wrong = differences(expected, got)
    if wrong.any():
        return f"It is wrong in {_count(wrong)}."
    return None


def differences(expected: np.ndarray, got: np.ndarray) -> np.ndarray:
    """Return where two arrays of one shape differ by more than the tolerance, as booleans."""
    if expected.dtype.kind in "biu":
        return expected != got
    with np.errstate(all="ignore"):
        return ~np.isclose(
            got, expected, rtol=RELATIVE_TOLERANCE, atol=ABSOLUTE_TOLERANCE, equal_nan=True
        )


def _count(wrong: np.ndarray) -> str:
    if wrong.ndim == 0:
        return "its value"
    first = ", ".join(map(str, np.argwhere(wrong)[0]))
    return f"{wrong.sum()} of {wrong.size} entries, the first at [{first}]"


def _shape(array: np.ndarray) -> str:
    return str(array.shape) if array.ndim else "() (a single number)"


def _error(raised: Raised) -> str:
    message = raised.message.strip().splitlines()
    return f"{raised.classes[0]}: {message[0][:200].rstrip('.')}" if message else raised.classes[0]


def describe(outcome: Outcome) -> str:
    """Say in a few words what an outcome is."""
    match outcome:
        case Array(of, value) if value.ndim == 0:
            return f"a single number ({of})"
        case Array(of, value):
            return f"{'a list' if of == 'list' else 'an array'} of shape {value.shape}"
        case Sequence(of, items):
            return f"a {of} of {len(items)}"
        case Mapping(of, entries):
            return f"a {of} of {len(entries)}"
        case Text(value):
            return f"the text {value[:60]!r}"
        case Raised():
            return _error(outcome)
        case Other(of, _):
            return f"an object of type {of}"
