"""Evidence: what a probe saw when it called an object, in a form that can leave a kernel.

Evidence is plain: arrays (dtype, shape, bytes), sequences and dicts of them, text, and the class
and message of an error. No pickle and no object arrays, so that reading evidence never runs
anybody's code.
"""

import base64
import copy
import inspect
import linecache
import math
import re
import sysconfig
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from itertools import compress
from pathlib import Path

import numpy as np

MIME_TYPE = "application/vnd.tensors-to-memory.case+json"

MAX_CASES = 100  # of one exercise
MAX_CASE_BYTES = 2_000_000
MAX_ARRAY_BYTES = 1_000_000
MAX_RANK = 16
MAX_ITEMS = 100
MAX_TEXT = 2_000
MAX_NAME = 200
MAX_DEPTH = 4
MAX_LINE_NUMBER = 1_000_000
OUTCOME_BYTES = 100  # what an outcome weighs, whatever it holds

# Named one by one: NumPy reads much more as a dtype, down to records and padded floats.
NUMBERS = (
    *("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
    *("float16", "float32", "float64", "complex64", "complex128"),
)

# Where a line of code is never the student's: the course itself, and what comes with Python.
COURSE = Path(__file__).parents[1]
NOT_THE_STUDENTS = (
    *(f"{COURSE / package}/" for package in ("autograder", "lab", "solutions")),
    sysconfig.get_path("stdlib"),
    "<",
)


class Finding(Exception):
    """Raised by a probe, in place of an error of the student's, with a sentence for the student."""


class BadEvidence(ValueError):
    """A claim that is not well-formed evidence; it earns nothing."""


@dataclass(frozen=True)
class Array:
    """An array of numbers; ``of`` is the type it came as ("ndarray", "EagerTensor", "float")."""

    of: str
    value: np.ndarray


@dataclass(frozen=True)
class Sequence:
    """A list or a tuple of outcomes."""

    of: str
    items: tuple["Outcome", ...]


@dataclass(frozen=True)
class Mapping:
    """A dict whose keys are strings: pairs of a name and an outcome, in the order of the dict."""

    of: str
    entries: tuple[tuple[str, "Outcome"], ...]


@dataclass(frozen=True)
class Text:
    """A string."""

    value: str


@dataclass(frozen=True)
class Raised:
    """An error: the names of its class and bases, its message, and where in the student's code.

    ``function`` is the name of the function that raised it ("Cell.call" for a method), ``number``
    the line in its cell.
    """

    classes: tuple[str, ...]
    message: str
    function: str = ""
    line: str = ""
    number: int = 0


@dataclass(frozen=True)
class Other:
    """Anything else: only its type and a short text are kept."""

    of: str
    text: str


Outcome = Array | Sequence | Mapping | Text | Raised | Other


@dataclass(frozen=True)
class Case:
    """One call of the object under test.

    ``inputs`` are (label, value) pairs for people to read and stay on the side that made them;
    ``changed`` names the inputs that the call modified.
    """

    name: str
    outcome: Outcome
    changed: tuple[str, ...] = ()
    inputs: tuple[tuple[str, object], ...] = field(default=(), compare=False)


# Calls a target, perhaps by way of another function, with arguments and those that have a name.
# Returns what came of it, and for each input whether it was changed.
Call = Callable[[object, Callable | None, tuple, dict], tuple[Outcome, tuple[bool, ...]]]


def call_with_copies(
    target: object, using: Callable | None, args: tuple, kwargs: dict
) -> tuple[Outcome, tuple[bool, ...]]:
    """Call ``target`` with copies of its inputs; see Call."""
    given_args, given_kwargs = copy.deepcopy(args), copy.deepcopy(kwargs)
    try:
        if using is None:
            result = target(*given_args, **given_kwargs)
        else:
            result = using(target, *given_args, **given_kwargs)
        outcome = observe(result)
    except Exception as error:
        outcome = _observe_error(error)
    before, after = [*args, *kwargs.values()], [*given_args, *given_kwargs.values()]
    return outcome, tuple(map(_differs, before, after))


class Recorder:
    """What a probe calls: ``case(name, *args, **kwargs)`` calls the target and records the outcome.

    A case that raises is recorded as raising and the probe goes on, so that one wrong case costs
    one case. ``call`` makes the calls.
    """

    def __init__(
        self,
        target: object,
        on_case: Callable[[Case], None] = lambda case: None,
        call: Call = call_with_copies,
    ):
        self.target = target
        self.cases: list[Case] = []
        self._on_case = on_case
        self._call = call

    def __call__(self, name: str, *args, using: Callable | None = None, **kwargs) -> None:
        """Record ``target(*args, **kwargs)`` under ``name``.

        ``using(target, *args, **kwargs)`` is called instead where a case needs more than one call.
        """
        labels = [*self._labels(len(args)), *kwargs]
        outcome, changed = self._call(self.target, using, args, kwargs)
        inputs = tuple(zip(labels, [*args, *kwargs.values()], strict=True))
        case = Case(name, outcome, tuple(compress(labels, changed)), inputs)
        self.cases.append(case)
        self._on_case(case)

    def _labels(self, count: int) -> list[str]:
        """Names for ``count`` positional inputs, as the target's author calls them."""
        names = self._parameters[:count]
        return [*names, *(f"input {i + 1}" for i in range(len(names), count))]

    @cached_property
    def _parameters(self) -> list[str]:
        try:
            parameters = inspect.signature(self.target).parameters.values()
            return [p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]
        except (TypeError, ValueError):
            return []


def _differs(before: object, after: object) -> bool:
    if isinstance(before, np.ndarray):
        return not (isinstance(after, np.ndarray) and _are_equal(before, after))
    if isinstance(before, list | tuple) and isinstance(after, list | tuple):
        return len(before) != len(after) or any(map(_differs, before, after))
    if isinstance(before, dict) and isinstance(after, dict):
        return before.keys() != after.keys() or any(_differs(before[k], after[k]) for k in before)
    if isinstance(before, set):
        return before != after
    old, new = _as_plain_array(before), _as_plain_array(after)
    return old is not None and (new is None or not _are_equal(old, new))


def _are_equal(one: np.ndarray, other: np.ndarray) -> bool:
    return are_identical(one, other) or np.array_equal(one, other, equal_nan=True)


def are_identical(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether two arrays have the same bytes, which takes a tenth of the time of comparing numbers.

    Most arrays that are compared have.
    """
    same_kind = one.dtype == other.dtype and one.shape == other.shape
    return same_kind and one.tobytes() == other.tobytes()


def observe(result: object) -> Outcome:
    """Describe ``result`` as evidence, without keeping the object."""
    try:
        return _as_it_arrives(_observe(result, 0))
    except BadEvidence:
        return Other(_name_of(type(result)), "too large to be shown")


def _as_it_arrives(outcome: Outcome) -> Outcome:
    """The outcome written and read: so ``check`` judges what grading does, and all can be read."""
    return _Reader().outcome(_encode(outcome))


def _name_of(kind: type) -> str:
    return kind.__name__[:MAX_NAME]


def _observe(result: object, depth: int) -> Outcome:
    if isinstance(result, str):
        return Text(str(result)[:MAX_TEXT])
    if isinstance(result, list | tuple):
        numbers = _as_plain_array(result) if _is_one_array(result) else None
        if numbers is not None:
            return Array("list", numbers)
        if depth < MAX_DEPTH and len(result) <= MAX_ITEMS:
            items = tuple(_observe(item, depth + 1) for item in result)
            return Sequence(_name_of(type(result)), items)
        return Other(_name_of(type(result)), f"{len(result)} items")
    if isinstance(result, dict) and depth < MAX_DEPTH and _are_names(result):
        entries = tuple((name, _observe(value, depth + 1)) for name, value in result.items())
        return Mapping(_name_of(type(result)), entries)
    numbers = _as_plain_array(result)
    if numbers is not None:
        return Array(_name_of(type(result)), numbers)
    return Other(_name_of(type(result)), _written(repr, result)[:200])


def _are_names(keys: dict) -> bool:
    return len(keys) <= MAX_ITEMS and all(type(k) is str and len(k) <= MAX_NAME for k in keys)


def _is_one_array(result: list | tuple) -> bool:
    """Whether a list may be read as an array: of a mixed one, integers would become floats."""
    types = {str(part.dtype) for part in result if getattr(part, "ndim", 0)}
    return isinstance(result, list) and len(types) < 2


def _as_plain_array(value: object) -> np.ndarray | None:
    """``value`` as an array of numbers, or None where it is not one or is too large."""
    if value is None or isinstance(value, set | dict | frozenset):
        return None
    try:
        array = np.asarray(value)
    except Exception:  # a ragged list, a symbolic tensor, an object that refuses
        return None
    if type(array) is not np.ndarray:
        array = np.array(array, subok=False)
    if array.dtype.name == "bfloat16":
        array = array.astype(np.float32)
    elif array.dtype.kind in "fc" and array.dtype.name not in NUMBERS:  # long doubles
        with np.errstate(over="ignore"):
            array = array.astype(np.complex128 if array.dtype.kind == "c" else np.float64)
    if array.dtype.name not in NUMBERS or array.nbytes > MAX_ARRAY_BYTES:
        return None
    return array


def _written(write: Callable[[object], str], value: object) -> str:
    try:
        return write(value)
    except Exception:
        return "…"


def _observe_error(error: Exception) -> Raised:
    classes = [_name_of(c) for c in type(error).__mro__ if c not in (object, BaseException)]
    tracing = getattr(error, "ag_error_metadata", None)
    message = tracing.cause_message.partition(": ")[2] if tracing else _written(str, error)
    message = re.sub(r"\{\{.*?\}\} ?| \[Op:\w+\].*", "", message)  # names inside of TensorFlow
    function, line, number = _own_line(error)
    where = function[:MAX_NAME], line[:MAX_TEXT], min(number or 0, MAX_LINE_NUMBER)
    return _as_it_arrives(Raised(tuple(classes[:MAX_ITEMS]), message[:MAX_TEXT], *where))


def _own_line(error: BaseException) -> tuple[str, str, int]:
    """Where the student's code raised an error: function, deepest line, its number in the cell."""
    own = [
        (file, name, number)
        for file, name, number in _lines(error)
        if not file.startswith(NOT_THE_STUDENTS) and "site-packages" not in file
    ]
    if not own:
        return "", "", 0
    file, name, number = own[-1]
    return name.rpartition("<locals>.")[2], linecache.getline(file, number).strip(), number


def _lines(error: BaseException) -> list[tuple[str, str, int]]:
    """File, function and line number of each call that led to an error, the outermost first.

    ``tf.function`` runs a rewritten copy of a function; its errors know the lines as they stood.
    """
    if tracing := getattr(error, "ag_error_metadata", None):
        calls = reversed(tracing.translated_stack)
        return [(call.filename, call.function_name, call.lineno) for call in calls]
    calls = traceback.walk_tb(error.__traceback__)
    return [(f.f_code.co_filename, f.f_code.co_qualname, number) for f, number in calls]


# --- To and from JSON ---------------------------------------------------------------------------


def to_json(case: Case) -> dict:
    """Return ``case``, without its inputs, as plain JSON values."""
    return {"case": case.name, "changed": list(case.changed), "outcome": _encode(case.outcome)}


def _encode(outcome: Outcome) -> dict:
    match outcome:
        case Array(of, value):
            dtype = value.dtype.newbyteorder("=")
            data = base64.b64encode(value.astype(dtype).tobytes()).decode()
            shape = list(value.shape)
            return {"kind": "array", "of": of, "dtype": dtype.name, "shape": shape, "data": data}
        case Sequence(of, items):
            return {"kind": "sequence", "of": of, "items": [_encode(item) for item in items]}
        case Mapping(of, entries):
            pairs = [[name, _encode(value)] for name, value in entries]
            return {"kind": "mapping", "of": of, "entries": pairs}
        case Text(value):
            return {"kind": "text", "value": value}
        case Raised(classes, message, function, line, number):
            return {
                "kind": "raised",
                "classes": list(classes),
                "message": message,
                "function": function,
                "line": line,
                "number": number,
            }
        case Other(of, text):
            return {"kind": "other", "of": of, "text": text}


def from_json(claim: object) -> Case:
    """Read a case that came out of a kernel.

    Raises BadEvidence when the claim is malformed or larger than evidence may be.
    """
    read = _Reader()
    try:
        name = read.name(claim["case"])
        changed = tuple(map(read.name, _few(claim["changed"])))
        return Case(name, read.outcome(claim["outcome"]), changed)
    except BadEvidence:
        raise
    except Exception as error:
        raise BadEvidence(f"malformed evidence: {type(error).__name__}") from None


class _Reader:
    """Reads one claim, as long as what it has read is not too much in all."""

    def __init__(self):
        self.left = MAX_CASE_BYTES

    def outcome(self, claim: dict, depth: int = 0) -> Outcome:
        if depth > MAX_DEPTH:
            raise BadEvidence("evidence is nested too deeply")
        self._take(OUTCOME_BYTES)
        match claim["kind"]:
            case "array":
                return Array(self.name(claim["of"]), self._array(claim))
            case "sequence":
                items = tuple(self.outcome(item, depth + 1) for item in _few(claim["items"]))
                return Sequence(self.name(claim["of"]), items)
            case "mapping":
                return Mapping(self.name(claim["of"]), self._entries(claim["entries"], depth))
            case "text":
                return Text(self.text(claim["value"]))
            case "raised" if depth == 0:  # an error is all that comes of a call
                return self._raised(claim)
            case "other":
                return Other(self.name(claim["of"]), self.text(claim["text"]))
        raise BadEvidence("unknown kind of evidence")

    def name(self, value: object) -> str:
        return self.text(value, MAX_NAME)

    def text(self, value: object, most: int = MAX_TEXT) -> str:
        if type(value) is not str or len(value) > most:
            raise BadEvidence("expected a short text")
        self._take(len(value))
        return value.encode(errors="replace").decode()  # half a character fits in no file

    def _entries(self, claims: object, depth: int) -> tuple[tuple[str, Outcome], ...]:
        entries = tuple(
            (self.name(name), self.outcome(value, depth + 1)) for name, value in _few(claims)
        )
        if len(dict(entries)) < len(entries):
            raise BadEvidence("a name stands in a dict twice")
        return entries

    def _raised(self, claim: dict) -> Raised:
        classes, number = tuple(map(self.name, _few(claim["classes"]))), claim["number"]
        if not classes:
            raise BadEvidence("an error without a class")
        if type(number) is not int or not 0 <= number <= MAX_LINE_NUMBER:
            raise BadEvidence("expected the number of a line")
        message, line = self.text(claim["message"]), self.text(claim["line"])
        return Raised(classes, message, self.name(claim["function"]), line, number)

    def _array(self, claim: dict) -> np.ndarray:
        if claim["dtype"] not in NUMBERS:
            raise BadEvidence("only arrays of numbers are evidence")
        dtype, shape = np.dtype(claim["dtype"]), claim["shape"]
        if not isinstance(shape, list) or any(type(n) is not int or n < 0 for n in shape):
            raise BadEvidence("a shape must be a list of sizes")
        # A side of 0 must not hide the others: arithmetic would stumble over them.
        if len(shape) > MAX_RANK or math.prod(max(n, 1) for n in shape) > MAX_ARRAY_BYTES:
            raise BadEvidence("the array is too large")
        size = math.prod(shape) * dtype.itemsize
        data = claim["data"]
        if size > MAX_ARRAY_BYTES or type(data) is not str or len(data) != -(-size // 3) * 4:
            raise BadEvidence("the data do not fit the shape")
        self._take(size)
        numbers = np.frombuffer(base64.b64decode(data, validate=True), dtype)
        if dtype.kind == "b" and (numbers.view(np.uint8) > 1).any():
            raise BadEvidence("neither True nor False")
        return numbers.reshape(shape)

    def _take(self, size: int) -> None:
        self.left -= size
        if self.left < 0:
            raise BadEvidence("evidence is too large")


def _few(items: object) -> list:
    if not isinstance(items, list) or len(items) > MAX_ITEMS:
        raise BadEvidence("evidence has too many items")
    return items
