"""The exercises: what each one is called, how it is probed, and the hints that go with it.

An exercise is one public object of ``solutions``, named ``module.object``. Its probe, in the
module of the same name in this package, calls whatever object it is given on inputs drawn from a
seeded generator. The same probe runs on the student's object, on the reference and on every
misconception; what it records is compared elsewhere (``autograder.judge``).

This package holds no answers: it is the part of the autograder that a student's kernel sees.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

import numpy as np

from autograder.evidence import Call, Case, Recorder, call_with_copies

Probe = Callable[[Recorder, np.random.Generator], None]


class UnknownExercise(LookupError):
    """No probe is registered under this name."""


@dataclass(frozen=True)
class Exercise:
    """One exercise: ``module.object``, its probe and its hints (nudge, shapes, almost code).

    ``ready_made`` are words: what has one in its name is not to be taken from a library.
    """

    name: str
    probe: Probe
    hints: tuple[str, str, str]
    ready_made: tuple[str, ...] = ()

    @property
    def object_name(self) -> str:
        return self.name.partition(".")[2]

    def run(
        self,
        target: object,
        seed: int,
        on_case: Callable[[Case], None] = lambda case: None,
        call: Call = call_with_copies,
    ) -> list[Case]:
        """Probe ``target`` with inputs drawn from ``seed`` and return the list of cases.

        ``on_case`` is called as each case ends, so that what was earned before an endless loop
        is known. ``call`` makes the calls.
        """
        recorder = Recorder(target, on_case, call)
        self.probe(recorder, np.random.default_rng(seed))
        return recorder.cases


_exercises: dict[str, Exercise] = {}


def probe(
    name: str, *, hints: tuple[str, str, str], ready_made: tuple[str, ...] = ()
) -> Callable[[Probe], Probe]:
    """Register the decorated function as the probe of exercise ``name``."""

    def register(function: Probe) -> Probe:
        if name in _exercises:
            raise ValueError(f"exercise {name!r} has two probes")
        cleaned = tuple(inspect.cleandoc(hint) for hint in hints)
        _exercises[name] = Exercise(name, function, cleaned, ready_made)
        return function

    return register


def find(name: str) -> Exercise:
    """Return the exercise called ``name`` ("module.object").

    Raises UnknownExercise when there is none.
    """
    module = name.partition(".")[0]
    if name not in _exercises and module.isidentifier():
        try:
            import_module(f"{__name__}.{module}")
        except ModuleNotFoundError as error:
            if error.name != f"{__name__}.{module}":
                raise
    try:
        return _exercises[name]
    except KeyError:
        raise UnknownExercise(f"no probe is registered for exercise {name!r}") from None
