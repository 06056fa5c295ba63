"""Correct solutions that do not look like the reference: every one must get full marks."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

from autograder.misconceptions import source_of


@dataclass(frozen=True)
class Alternative:
    """A correct implementation of ``exercise`` and the idea that sets it apart."""

    exercise: str
    idea: str
    function: Callable

    @property
    def source(self) -> str:
        return source_of(self.function)


_alternatives: dict[str, list[Alternative]] = {}


def alternative(exercise: str, idea: str) -> Callable[[Callable], Callable]:
    """Register the decorated function, which has the exercise's own name, as an alternative."""

    def register(function: Callable) -> Callable:
        _alternatives.setdefault(exercise, []).append(Alternative(exercise, idea, function))
        return function

    return register


def alternatives(exercise: str) -> list[Alternative]:
    """Return the alternatives of ``exercise`` ("module.object")."""
    import_module(f"{__name__}.{exercise.partition('.')[0]}")
    return _alternatives.get(exercise, [])
