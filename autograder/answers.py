"""What the judge compares with: what the reference and the misconceptions do in each case.

Where the answers lie beside this package they are run, when they are asked for. In a folder for
students (``autograder.withholding``) they do not: what they did, for some seeds, is read there from
a record of each exercise. Grading always runs them.
"""

import gzip
import inspect
import json
import pickle
import secrets
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import import_module
from pathlib import Path

import numpy as np

from autograder import exercises
from autograder.evidence import Case, Other, Raised, call_with_copies, from_json, to_json

RECORDS = Path(__file__).parent / "recorded"

OTHER_SEEDS = 0, 1  # with which the judge sees what is the same for everybody

KEPT = 2_000  # bytes of the inputs of a call that is not made twice


class Withheld(LookupError):
    """The answer to an exercise is neither here nor recorded."""


class Damaged(Withheld):
    """The answer to an exercise is recorded, and the record cannot be read."""


@dataclass(frozen=True)
class Thought:
    """What leads to a wrong answer: a few words for a table, and what a good teacher would say."""

    thought: str
    says: str


def no_call(target: Callable, using: Callable | None, args: tuple, kwargs: dict):
    """Make no call: of what is not written, only the names and the inputs of cases are shown."""
    return Other("nothing", ""), ()


# --- Where the answers are: they are run --------------------------------------------------------


def reference(exercise: str) -> object:
    """Return the object of ``solutions`` that ``exercise`` ("module.object") names."""
    module, _, name = exercise.partition(".")
    return getattr(import_module(f"solutions.{module}"), name)


class Running:
    """The answers of this course, run with any seed."""

    def seed(self, exercise: str) -> int:
        """A seed for which nobody has seen the inputs."""
        return secrets.randbits(64)

    def reference(self, exercise: str) -> object:
        """What has the docstring and the parameters of the reference."""
        return reference(exercise)

    def evidence(self, exercise: str, seed: int) -> "Evidence":
        """What the reference does."""
        return _evidence_of(reference(exercise), exercise, seed)

    def misconceptions(self, exercise: str, seed: int) -> Iterator[tuple[Thought, "Evidence"]]:
        """What each of the misconceptions does."""
        from autograder.misconceptions import misconceptions

        for misconception in misconceptions(exercise):
            yield misconception, _evidence_of(misconception.function, exercise, seed)


class Evidence:
    """What the probe of an exercise sees of ``target``, gathered only as far as it is asked for."""

    def __init__(self, target: Callable, exercise: str, seed: int):
        self.target, self.exercise, self.seed = target, exercises.find(exercise), seed
        self._known: list[Case] = []
        self._complete = False

    def __iter__(self) -> Iterator[Case]:
        self.look(lambda case: None)
        return iter(self._known)

    def look(self, at: Callable[[Case], None]) -> None:
        """Show every case to ``at``: what is known first, and then what a new run finds.

        An error that ``at`` raises ends the run.
        """
        for case in self._known:
            at(case)
        if self._complete:
            return
        found: list[Case] = []

        def on_case(case: Case) -> None:
            found.append(case)
            if len(found) > len(self._known):
                self._known.append(case)
                at(case)

        with np.errstate(all="ignore"):  # a wrong formula may well overflow
            self.exercise.run(self.target, self.seed, on_case, _call)
        self._complete = True


# The tests of the catalogue ask for the same evidence many times.
_evidence_of = lru_cache(maxsize=512)(Evidence)


def _call(target: Callable, using: Callable | None, args: tuple, kwargs: dict):
    """Call a reference or a misconception, unless it was called with the same inputs before.

    Many cases, such as those worked by hand, do not depend on the seed.
    """
    try:
        call = pickle.dumps((using, args, kwargs))
    except (pickle.PicklingError, AttributeError, TypeError):  # a function inside of another one
        return call_with_copies(target, using, args, kwargs)
    if len(call) > KEPT:
        return call_with_copies(target, using, args, kwargs)
    return _call_once(target, call)


@lru_cache(maxsize=4096)
def _call_once(target: Callable, call: bytes):
    return call_with_copies(target, *pickle.loads(call))


# --- Where they are not: what they did is read --------------------------------------------------


def record(exercise: str, seeds: Iterable[int]) -> bytes:
    """Return the record of an exercise: what its answers do, for these seeds and OTHER_SEEDS.

    Of a misconception only what differs from the reference is kept. No line of code is: where an
    error was raised is left out.
    """
    running, runs = Running(), {}
    for seed in OTHER_SEEDS:
        runs[seed] = {"reference": [_written(case) for case in running.evidence(exercise, seed)]}
    for seed in seeds:
        right = [_written(case) for case in running.evidence(exercise, seed)]
        wrong = []
        for _, evidence in running.misconceptions(exercise, seed):
            pairs = enumerate(zip(map(_written, evidence), right, strict=True))
            wrong.append({place: theirs for place, (theirs, ours) in pairs if theirs != ours})
        runs[seed] = {"reference": right, "misconceptions": wrong}
    target, kind = reference(exercise), inspect.Parameter.POSITIONAL_OR_KEYWORD
    parameters = inspect.signature(target).parameters.values()
    thoughts = (thought for thought, _ in running.misconceptions(exercise, OTHER_SEEDS[0]))
    whole = {
        "docstring": inspect.getdoc(target),
        "parameters": [parameter.name for parameter in parameters if parameter.kind is kind],
        "thoughts": [(thought.thought, thought.says) for thought in thoughts],
        "seeds": runs,
    }
    return gzip.compress(json.dumps(whole).encode(), mtime=0)


def _written(case: Case) -> dict:
    outcome = case.outcome
    if isinstance(outcome, Raised):
        outcome = replace(outcome, function="", line="", number=0)
    return to_json(replace(case, outcome=outcome))


class Recorded:
    """The answers as far as they are recorded in a folder, with one file for each exercise."""

    def __init__(self, folder: Path):
        self.folder = folder

    def seed(self, exercise: str) -> int:
        seeds = _read(self.folder, exercise)["seeds"]
        return int(secrets.choice([seed for seed in seeds if "misconceptions" in seeds[seed]]))

    def reference(self, exercise: str) -> object:
        about = _read(self.folder, exercise)

        def stands_in(*args, **kwargs):
            raise Withheld(exercise)

        kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
        parameters = [inspect.Parameter(name, kind) for name in about["parameters"]]
        stands_in.__signature__ = inspect.Signature(parameters)
        stands_in.__doc__ = about["docstring"]
        return stands_in

    def evidence(self, exercise: str, seed: int) -> "RecordedEvidence":
        # The probe draws the inputs again, which are not in the record.
        shown = exercises.find(exercise).run(self.reference(exercise), seed, call=no_call)
        known = map(from_json, self._run(exercise, seed)["reference"])
        return RecordedEvidence(
            replace(case, inputs=uncalled.inputs)
            for case, uncalled in zip(known, shown, strict=True)
        )

    def misconceptions(
        self, exercise: str, seed: int
    ) -> Iterator[tuple[Thought, "RecordedEvidence"]]:
        run = self._run(exercise, seed)
        thoughts = _read(self.folder, exercise)["thoughts"]
        for thought, theirs in zip(thoughts, run["misconceptions"], strict=True):
            cases = (theirs.get(str(place), case) for place, case in enumerate(run["reference"]))
            yield Thought(*thought), RecordedEvidence(map(from_json, cases))

    def _run(self, exercise: str, seed: int) -> dict:
        try:
            return _read(self.folder, exercise)["seeds"][str(seed)]
        except KeyError:
            raise Withheld(f"{exercise} is not recorded for the seed {seed}") from None


class RecordedEvidence(tuple[Case, ...]):
    """Cases that are all there."""

    def look(self, at: Callable[[Case], None]) -> None:
        for case in self:
            at(case)


@lru_cache(maxsize=4)
def _read(folder: Path, exercise: str) -> dict:
    try:
        return json.loads(gzip.decompress((folder / f"{exercise}.json.gz").read_bytes()))
    except FileNotFoundError:
        raise Withheld(f"{exercise} is not recorded") from None
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise Damaged(f"the record of {exercise} is damaged") from error


answers = Recorded(RECORDS) if RECORDS.is_dir() else Running()
