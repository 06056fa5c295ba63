"""Mutants: the reference of an exercise with one small change, which its probe must notice.

A mutant that no case tells from the reference survives. Either the probe lacks a case, or the
change makes no difference that the specification speaks of; then ``equivalent.toml`` says why.
"""

import ast
import copy
import difflib
import inspect
import linecache
import re
import resource
import signal
import tomllib
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.operators.operator import Operator
from parso.python.tree import Module

from autograder import exercises
from autograder.answers import reference
from autograder.evidence import Case
from autograder.judge import compare, judge_cases
from tests.mutants.operators import operators

EXPLAINED = Path(__file__).parent / "equivalent.toml"
SECONDS = 5  # of computing; every reference takes less than one
MEMORY = 2_000_000_000  # bytes that a mutant may take


@dataclass(frozen=True)
class Mutant:
    """The reference of ``exercise`` as ``operator`` changed it."""

    exercise: str
    operator: str
    source: str

    @property
    def change(self) -> tuple[str, str]:
        """The lines that are not as in the reference: what they were, and what they became."""
        before, after = source(self.exercise).splitlines(), self.source.splitlines()
        _, _, *lines = difflib.unified_diff(before, after, n=0, lineterm="")
        return _text(lines, "-"), _text(lines, "+")


def _text(lines: list[str], mark: str) -> str:
    kept = (line.removeprefix(mark).strip() for line in lines if line.startswith(mark))
    return re.sub(r"\s+", " ", " ".join(kept))


@cache
def source(exercise: str) -> str:
    return inspect.getsource(reference(exercise))


def mutants(exercise: str) -> list[Mutant]:
    """Make every mutant of ``exercise``, each once."""
    known = {_meaning(source(exercise))}
    made = []
    tree = get_ast(source(exercise))
    for name, operator in operators().items():
        for changed in _changed(tree, operator):
            with suppress(SyntaxError):
                meaning = _meaning(changed)
                if meaning not in known:
                    known.add(meaning)
                    made.append(Mutant(exercise, name, changed))
    return made


def _changed(tree: Module, operator: Operator) -> Iterator[str]:
    """What ``operator`` makes of some code at each place where it finds something to change.

    ``cosmic_ray.mutating.mutate_code`` would read the code and look at all of it for each change.
    """
    for node in list(ast_nodes(tree)):
        for index, _ in enumerate(operator.mutation_positions(node)):
            siblings = node.parent.children
            place = siblings.index(node)
            twin = siblings[place] = copy.deepcopy(node, {id(node.parent): node.parent})
            new = operator.mutate(twin, index)
            siblings[place : place + 1] = [new] if new else []
            yield tree.get_code()
            siblings[place : place + (new is not None)] = [node]


def _meaning(code: str) -> str:
    """What stays of some code without its layout and what the specifications leave open.

    These are the words of errors, and whether ``zip`` checks what has been checked.
    """
    with warnings.catch_warnings(action="ignore"):
        tree = ast.parse(code)
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            node.exc.args = []
        elif isinstance(node, ast.Call):
            node.keywords = [word for word in node.keywords if word.arg != "strict"]
    return ast.dump(tree)


class _Killed(BaseException):
    """Ends the probe of a mutant: it is known to be wrong, or takes too long."""


def survives(mutant: Mutant, seed: int) -> bool:
    """Whether the probe, run with ``seed``, takes the mutant for the reference."""

    # The reference's evidence is gathered here, outside of the limits.
    cases = exercises.find(mutant.exercise).run(reference(mutant.exercise), seed)
    expected = {case.name: case.outcome for case in cases}

    def look(case: Case) -> None:
        if compare(expected[case.name], case.outcome):
            raise _Killed

    file = f"a mutant of {mutant.exercise}"
    # TensorFlow reads the source of what it records.
    linecache.cache[file] = len(mutant.source), None, mutant.source.splitlines(keepends=True), file
    namespace = dict(vars(inspect.getmodule(reference(mutant.exercise))))
    exercise = exercises.find(mutant.exercise)
    try:
        with _limits():
            exec(compile(mutant.source, file, "exec"), namespace)
            cases = exercise.run(namespace[exercise.object_name], seed, on_case=look)
    except (Exception, _Killed):
        return False
    return judge_cases(mutant.exercise, cases, seed).score == 1


def gets_by(mutant: Mutant, seeds: tuple[int, ...]) -> bool:
    """Whether a mutant survives with one seed at least: some student is given such a one."""
    return any(survives(mutant, seed) for seed in seeds)


@contextmanager
def _limits() -> Iterator[None]:
    """Bound the time and the memory that a mutant takes, and keep it quiet."""

    def stop(*_):
        raise _Killed

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (taken + MEMORY, hard))
    try:
        with warnings.catch_warnings(action="ignore"), np.errstate(all="ignore"):
            yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


@dataclass(frozen=True)
class Explanation:
    """Why the mutants of ``exercise`` may survive in whose ``line`` the text ``was`` became others.

    Without ``was`` the whole line became another.
    """

    exercise: str
    line: str
    becomes: tuple[str, ...]
    why: str
    was: str = ""

    @property
    def changes(self) -> set[tuple[str, str]]:
        was = self.was or self.line
        if self.line.count(was) != 1:
            raise ValueError(f"{was!r} must stand in {self.line!r} once")
        return {_bare((self.line, self.line.replace(was, text))) for text in self.becomes}


def _bare(change: tuple[str, str]) -> tuple[str, str]:
    """A change without its spaces, which operators set as they like."""
    before, after = ("".join(text.split()) for text in change)
    return before, after


@cache
def all_explanations() -> list[Explanation]:
    """Return what ``equivalent.toml`` says."""
    entries = tomllib.loads(EXPLAINED.read_text())["mutant"]
    return [Explanation(**entry) for entry in entries]


def explained_changes(exercise: str) -> set[tuple[str, str]]:
    """Return the changes that may survive in ``exercise``, without their spaces."""
    return {c for entry in all_explanations() if entry.exercise == exercise for c in entry.changes}


def is_explained(mutant: Mutant) -> bool:
    return _bare(mutant.change) in explained_changes(mutant.exercise)


def outdated(exercise: str, survivors: list[Mutant]) -> list[tuple[str, str]]:
    """Return the explained changes of ``exercise`` that no survivor makes any more."""
    return sorted(explained_changes(exercise) - {_bare(mutant.change) for mutant in survivors})
