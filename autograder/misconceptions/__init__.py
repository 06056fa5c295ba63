"""Misconceptions: wrong answers that people really write, each with what a good teacher would say.

The catalogue serves twice. When a student's evidence equals a misconception's, the report says its
sentence. And it tests the probes: every misconception must lose points and must be named.
"""

import ast
import inspect
import linecache
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

from autograder.answers import Thought


@dataclass(frozen=True)
class Misconception(Thought):
    """A wrong implementation of ``exercise``, the thought behind it, and the teacher's sentence."""

    exercise: str
    function: Callable

    @property
    def source(self) -> str:
        return source_of(self.function)


_misconceptions: dict[str, list[Misconception]] = {}


def misconception(exercise: str, thought: str, *, says: str) -> Callable[[Callable], Callable]:
    """Register the decorated function, which has the exercise's own name, as a misconception."""

    def register(function: Callable) -> Callable:
        entry = Misconception(thought, inspect.cleandoc(says), exercise, function)
        _misconceptions.setdefault(exercise, []).append(entry)
        return function

    return register


def slip(exercise: str, thought: str, *edits: tuple[str, str], says: str) -> None:
    """Register the reference of ``exercise`` with each first text replaced by the second.

    For exercises whose answer is long, and what goes wrong in it short.
    """
    module_name, _, name = exercise.partition(".")
    module = import_module(f"solutions.{module_name}")
    source = inspect.getsource(getattr(module, name))
    for right, wrong in edits:
        if right not in source:
            raise ValueError(f"the reference of {exercise!r} does not say {right!r}")
        source = source.replace(right, wrong)
    file = f"{exercise}: {thought}"
    linecache.cache[file] = len(source), None, source.splitlines(keepends=True), file
    namespace = dict(vars(module))
    exec(compile(source, file, "exec"), namespace)
    misconception(exercise, thought, says=says)(namespace[name])


def misconceptions(exercise: str) -> list[Misconception]:
    """Return the misconceptions of ``exercise``, in the order of the catalogue."""
    import_module(f"{__name__}.{exercise.partition('.')[0]}")
    return _misconceptions.get(exercise, [])


def source_of(target: Callable) -> str:
    """Return the source of a function or class without its decorators, as a student types it."""
    # Many classes in a file have one name; inspect would take the first. A method tells the place.
    methods = [value for value in vars(target).values() if inspect.isfunction(value)]
    place = methods[0] if inspect.isclass(target) else target
    lines, _ = inspect.findsource(place)
    number = place.__code__.co_firstlineno
    kinds = ast.ClassDef if inspect.isclass(target) else ast.FunctionDef
    (found,) = (
        node
        for node in ast.parse("".join(lines)).body
        if isinstance(node, kinds)
        and min([node, *node.decorator_list], key=lambda n: n.lineno).lineno <= number
        and number <= node.end_lineno
    )
    return "".join(lines[found.lineno - 1 : found.end_lineno]).rstrip("\n")
