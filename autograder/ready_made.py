"""Ready-made functions: whether an answer calls what its exercise asks the learner to write.

An exercise names, beside its probe, words such as "softmax": an answer may use nothing of a library
that has one in its name. Answers are read, never run: the object of the exercise, and step by step
whatever it mentions of the cells that ran before. So a comparison with the library in another cell
costs nothing, nor does a function, a variable or a keyword of the learner's own with such a name.

What is hidden from a reader is not found: text that is executed, names put together from pieces, a
namespace that is changed behind the reader's back.
"""

import ast
import builtins
import re
import warnings
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache

from IPython.core.inputtransformer2 import TransformerManager

from autograder import exercises

Function = ast.FunctionDef | ast.AsyncFunctionDef
Definition = Function | ast.ClassDef
Block = ast.stmt | ast.excepthandler | ast.match_case
NOW = float("inf")
MAX_CODE = 300_000  # characters of a notebook
LARGE = 20_000  # characters of a cell
KEPT = 5_000  # characters of a cell that is not read anew for each exercise and each student
MAX_SHOWN = 80  # characters of a name
TAKE_A_NAME = ("attrgetter", "methodcaller", "Activation", "get")
MAX_WORK = 500_000  # characters, once for each line that is not Python, which takes a few seconds
RUN_WHAT_FOLLOWS = re.compile(r"\A(?:\s*%%(?:time|capture|prun)\b.*\n)+")
RUN_THE_REST = re.compile(r"^([ \t]*)%(?:time|prun)\b", re.MULTILINE)
NOT_PYTHON = re.compile(r"^\s*[%!?,;/]|=[\s\\]*[%!]|\?\s*$")  # such a line may be IPython's


class Unreadable(Exception):
    """There is too much code to read, or it is nested too deeply: a person should look at it."""


def ready_made(exercise: str, sources: Sequence[str]) -> str:
    """Return what the answer to ``exercise`` uses and should not, as code; "" if there is nothing.

    ``sources`` are those of all cells that ran up to its check, in that order. Raises Unreadable.
    """
    found = exercises.find(exercise)
    if not found.ready_made:
        return ""
    words = "import", *found.ready_made
    sources = [source for source in sources if len(source) < LARGE or _says(source, words)]
    if sum(map(len, sources)) > MAX_CODE:
        raise Unreadable(f"there are more than {MAX_CODE:,} characters of code")
    return _Reader(sources, found.ready_made).look_for(found.object_name)[:MAX_SHOWN]


def _says(source: str, words: tuple[str, ...]) -> bool:
    """Whether a cell has one of the words; a large one that has none is a table or a picture."""
    text = source.lower().replace("_", "")
    return any(word.lower().replace("_", "") in text for word in words)


@dataclass(frozen=True)
class _Statement:
    """A statement of a cell, whether it is surely run, and what ``_bound`` says of it."""

    node: ast.AST
    surely: bool
    bound: tuple[tuple[str, ast.AST | str, bool], ...]
    own_attributes: frozenset[str]


@dataclass(frozen=True)
class _Binding:
    """What a name was given: a definition, a statement, or the full name of an import.

    ``surely`` is False where it may not have happened, as in a branch.
    """

    name: str
    given: ast.AST | str
    time: int
    surely: bool


class _Reader:
    """Reads what the names of a notebook stand for, in search of a name with one of the words."""

    def __init__(self, sources: Iterable[str], words: tuple[str, ...]):
        self.words = [_plain(word) for word in words]
        self.bindings: dict[str, list[_Binding]] = defaultdict(list)
        self.own_attributes: set[str] = set()
        self.seen: set[_Binding] = set()
        for time, statement in enumerate(_read(sources)):
            for name, given, wholly in statement.bound:
                binding = _Binding(name, given, time, statement.surely and wholly)
                self.bindings[name].append(binding)
            self.own_attributes |= statement.own_attributes

    def look_for(self, name: str) -> str:
        """Return what ``name`` uses that has one of the words in its name, as code, or ""."""
        waiting, read = self._given(name, NOW), set()
        while waiting:
            binding = waiting.pop()
            if isinstance(binding.given, str):
                if self._has_word(binding.given):
                    return binding.given
            elif binding.given not in read:
                read.add(binding.given)
                for part in _parts(binding.given):
                    local = _local_names(part)
                    for node in ast.walk(part):
                        used = self._used(node, local)
                        if used:
                            return used
                        match node:
                            case ast.Name(other, ast.Load()) if other not in local:
                                # A statement looks a name up at once, a function when it is called.
                                waiting += self._given(other, binding.time)
                                waiting += self._given(other, NOW)
        return ""

    def _given(self, name: str, time: float) -> list[_Binding]:
        """What ``name`` may stand for before ``time``, but for what was returned already."""
        history, result = self.bindings.get(name, []), []
        for i in reversed(range(bisect_left(history, time, key=lambda binding: binding.time))):
            if history[i] in self.seen:
                break
            self.seen.add(history[i])
            result.append(history[i])
            if history[i].surely:
                break
        return result

    def _used(self, node: ast.AST, local: set[str]) -> str:
        """What ``node`` itself uses that has one of the words in its name."""
        match node:
            case ast.MatMult() if "@" in self.words:
                return "@"
            case ast.Name(name, ast.Load()) if self._has_word(name):  # of an `import *`, perhaps
                known = name in local or name in self.bindings or hasattr(builtins, name)
                return "" if known else name
            case ast.Attribute(owner, name, ast.Load()) if self._has_word(name):
                own = name in self.own_attributes and not self._is_library(owner, local)
                return "" if own else _code(node)
            case ast.ImportFrom(module, names):
                return next((f"{module}.{a.name}" for a in names if self._has_word(a.name)), "")
            case ast.Call(function, arguments) if self._takes_a_name(function, local):
                texts = (a.value for a in arguments if isinstance(a, ast.Constant))
                named = [text for text in texts if isinstance(text, str) and self._has_word(text)]
                return f'{_code(function)}("{named[0]}")' if named else ""
        return ""

    def _has_word(self, name: str) -> bool:
        last = _plain(name.rpartition(".")[2])
        return any(word in last for word in self.words)

    def _takes_a_name(self, function: ast.AST, local: set[str]) -> bool:
        called = _code(function)
        last = called.rpartition(".")[2]
        return called == "getattr" or last in TAKE_A_NAME and self._is_library(function, local)

    def _is_library(self, node: ast.AST, local: set[str]) -> bool:
        """Whether ``node`` stands for something imported, as far as its first name tells."""
        for _ in range(20):  # aliases of aliases
            while isinstance(node, ast.Attribute | ast.Call):
                node = node.value if isinstance(node, ast.Attribute) else node.func
            if not isinstance(node, ast.Name) or node.id in local or node.id not in self.bindings:
                return False
            given = self.bindings[node.id][-1].given
            if isinstance(given, str) or not isinstance(given, ast.Assign):
                return isinstance(given, str)
            node = given.value
        return False


def _plain(name: str) -> str:
    """One form for ``log_softmax``, ``LogSoftmax`` and ``__log_softmax__``."""
    return name.replace("_", "").lower()


def _read(sources: Iterable[str]) -> Iterator[_Statement]:
    """The statements of cells; none where a cell cannot be parsed, since then it does not run."""
    left = MAX_WORK
    for source in sources:
        statements = _read_kept(source) if len(source) < KEPT else _read_python(source)
        if statements is None:
            source = _without_prompts(source)
            # IPython reads the whole cell again after each line of its own.
            left -= len(source) * sum(bool(NOT_PYTHON.search(s)) for s in source.splitlines())
            if left < 0:
                raise Unreadable("too many lines are not Python")
            for text in (RUN_THE_REST.sub(r"\1", source), source):
                with suppress(SyntaxError, RuntimeError):  # as in the kernel
                    if statements is None:
                        statements = _parsed(TransformerManager().transform_cell(text))
        yield from statements or ()


def _read_python(source: str) -> tuple[_Statement, ...] | None:
    return _parsed(_without_prompts(source))


_read_kept = lru_cache(maxsize=256)(_read_python)  # most cells are the same for everybody


def _parsed(source: str) -> tuple[_Statement, ...] | None:
    """The statements of Python source; None where it cannot be parsed."""
    tree = _tree(source)
    return tree and tuple(
        _Statement(node, surely, tuple(_bound(node)), frozenset(_own_attributes(node)))
        for node, surely in _statements(tree)
    )


def _without_prompts(source: str) -> str:
    """The code of a cell alone, without `>>>` and `%%time`."""
    lines = source.splitlines(keepends=True)
    for clean in TransformerManager().cleanup_transforms:
        lines = clean(lines)
    return RUN_WHAT_FOLLOWS.sub("", "".join(lines))


def _tree(source: str) -> ast.Module | None:
    with warnings.catch_warnings(action="ignore"):  # they are on the student's code
        try:
            return ast.parse(source)
        except (RecursionError, MemoryError):
            raise Unreadable("a cell is nested too deeply") from None
        except (SyntaxError, ValueError):  # a null byte, for one
            return None


def _statements(tree: ast.Module) -> Iterator[tuple[ast.AST, bool]]:
    """The statements of a cell outside of functions, and whether each is surely run.

    Of an `if`, a loop and the like, what stands before the colon comes as one, then what is inside.
    """
    waiting = [(statement, True) for statement in reversed(tree.body)]
    while waiting:
        node, surely = waiting.pop()
        children = list(ast.iter_child_nodes(node))
        inside = [child for child in children if isinstance(child, Block)]
        if inside and not isinstance(node, Definition):
            yield ast.Tuple([child for child in children if not isinstance(child, Block)]), False
            waiting += [(child, False) for child in reversed(inside)]
        else:
            yield node, surely


def _bound(statement: ast.AST) -> Iterator[tuple[str, ast.AST | str, bool]]:
    """The names that a statement binds, what to, and whether what they were before is gone."""
    match statement:
        case ast.FunctionDef(name) | ast.AsyncFunctionDef(name) | ast.ClassDef(name):
            yield name, statement, True
            for node in ast.walk(statement):
                if isinstance(node, ast.Global):
                    yield from ((other, statement, False) for other in node.names)
        case ast.Import(names):
            for a in names:
                package = a.name.partition(".")[0]
                yield a.asname or package, a.name if a.asname else package, True
        case ast.ImportFrom(module, names):
            for a in names:
                yield a.asname or a.name, f"{module}.{a.name}", True
        case _:
            of_loops = set(_comprehended(statement))
            for node in ast.walk(statement):
                match node:
                    case ast.Name(name, ast.Store()) if node not in of_loops:
                        yield name, statement, not isinstance(statement, ast.AugAssign)
                    case ast.Attribute(ctx=ast.Store()) | ast.Subscript(ctx=ast.Store()):
                        while isinstance(node, ast.Attribute | ast.Subscript):
                            node = node.value
                        if isinstance(node, ast.Name):
                            yield node.id, statement, False


def _comprehended(tree: ast.AST) -> Iterator[ast.Name]:
    """The names that comprehensions give to their items."""
    for node in ast.walk(tree):
        if isinstance(node, ast.comprehension):
            yield from (n for n in ast.walk(node.target) if isinstance(n, ast.Name))


def _own_attributes(statement: ast.AST) -> Iterator[str]:
    """The names of methods that a statement defines, and of attributes that it sets."""
    for node in ast.walk(statement):
        match node:
            case ast.ClassDef(body=body):
                yield from (inner.name for inner in body if isinstance(inner, Definition))
            case ast.Attribute(attr=name, ctx=ast.Store()):
                yield name


def _parts(node: ast.AST) -> Iterator[ast.AST]:
    """``node`` itself, or of a class its methods and statements, which have names of their own."""
    if isinstance(node, ast.ClassDef):
        for child in ast.iter_child_nodes(node):
            yield from _parts(child)
    else:
        yield node


def _local_names(part: ast.AST) -> set[str]:
    """The names that mean something else inside of ``part`` than in the notebook."""
    local, shared = {node.id for node in _comprehended(part)}, set()
    for node in ast.walk(part):
        match node:
            case ast.arg(name):
                local.add(name)
            case ast.Global(names):
                shared.update(names)
            case ast.Name(name, ast.Store()) | ast.alias(asname=str(name)) | ast.alias(name):
                if isinstance(part, Function):
                    local.add(name.partition(".")[0])
            case ast.FunctionDef(name) | ast.AsyncFunctionDef(name) | ast.ClassDef(name):
                if node is not part:
                    local.add(name)
    return local - shared


def _code(node: ast.AST) -> str:
    """A dotted name as it is written; what is not a name in front of it as "…"."""
    names = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    names.append(node.id if isinstance(node, ast.Name) else "…")
    return ".".join(reversed(names))
