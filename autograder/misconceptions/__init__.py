"""Misconceptions: wrong answers that people really write, each with what a good teacher would say.

The catalogue serves twice. When a student's evidence equals a misconception's, the report says its
sentence. And it tests the probes: every misconception must lose points and must be named.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module


@dataclass(frozen=True)
class Misconception:
    """A wrong implementation of ``exercise``, the thought behind it, and the teacher's sentence."""

    exercise: str
    thought: str
    says: str
    function: Callable

    @property
    def source(self) -> str:
        return source_of(self.function)


_misconceptions: dict[str, list[Misconception]] = {}


def misconception(exercise: str, thought: str, *, says: str) -> Callable[[Callable], Callable]:
    """Register the decorated function, which has the exercise's own name, as a misconception."""

    def register(function: Callable) -> Callable:
        entry = Misconception(exercise, thought, inspect.cleandoc(says), function)
        _misconceptions.setdefault(exercise, []).append(entry)
        return function

    return register


def misconceptions(exercise: str) -> list[Misconception]:
    """Return the misconceptions of ``exercise``, in the order of the catalogue."""
    import_module(f"{__name__}.{exercise.partition('.')[0]}")
    return _misconceptions.get(exercise, [])


def source_of(function: Callable) -> str:
    """Return the source of ``function`` without its decorators, as a student would type it."""
    lines = inspect.getsource(function).splitlines(keepends=True)
    start = next(i for i, line in enumerate(lines) if line.startswith(("def ", "class ")))
    return "".join(lines[start:]).rstrip("\n")
