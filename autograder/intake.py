"""Intake: rebuilds a submission from the notebook that was handed out.

Of a submission only sources are taken: what stands in the solution cells, and cells of the
student's own. Check cells, metadata, tags, points and outputs are always the instructor's, so
changing, doubling or deleting them has no effect.

What a student wrote runs where it stands. In four things the order of the file does not count,
because it is not the order in which people work:

- a cell that has lost its id and its marks in another editor is known by its source;
- an answer that is missing, empty or untouched may stand in a cell of the student's own;
- what an answer needs may stand further down: it comes before the answer;
- a plain cell that was changed comes after the one that was handed out, so that nothing which the
  chapter gives is missing.
"""

import builtins
import copy
import re
import symtable
import warnings
from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache

from nbformat import v4
from nbformat.notebooknode import NotebookNode
from nbgrader.utils import compute_checksum

from autograder.cells import OWN, checked_exercise, is_own, solved_exercise

ELSEWHERE = "# The answer stands in another cell."
MAX_READ = 300_000  # characters of a notebook's code that is read for names
# Lines that IPython reads and Python does not: %magic, !command, help? and ?help.
NOT_PYTHON = re.compile(r"^([ \t]*)(?:[%!].*|\?+[\w.]+|[\w.]+\?+)$", re.MULTILINE)

OwnCells = dict[str | None, list[NotebookNode]]  # by the released cell that they follow
Names = tuple[frozenset[str], frozenset[str]]  # what a cell needs from elsewhere, and what it gives
NO_NAMES: Names = frozenset(), frozenset()


def rebuild(released: NotebookNode, submitted: NotebookNode) -> NotebookNode:
    """Return the released notebook with the student's sources in it."""
    rebuilt = copy.deepcopy(released)
    answers, own = _sorted(released, submitted)
    names = _names_in([cell for group in own.values() for cell in group])
    given = set().union(*(given for _, given in names.values()))
    above = None
    for cell in rebuilt.cells:
        name = cell_name(cell)
        if is_solution(cell):
            answer = answers.get(name)
            if not answer and cell.cell_type == "markdown":
                answer = _text_around(own[above], own[name])
            elif not answer and _object_name(cell) in given:
                answer = ELSEWHERE
            cell.source = cell.source if answer is None else answer
        above = name
    cells = list(own[None])
    for cell in rebuilt.cells:
        cells += [cell, *own[cell_name(cell)]]
    rebuilt.cells = _with_needs_first(cells) if given else cells
    return rebuilt


def is_answered(notebook: NotebookNode) -> bool:
    """Whether a cell that nbgrader released is no longer as it was released."""
    marks = ((cell, cell.metadata.get("nbgrader", {}).get("checksum")) for cell in notebook.cells)
    return any(checksum and compute_checksum(cell) != checksum for cell, checksum in marks)


def is_worked_in(notebook: NotebookNode) -> bool:
    """Whether a released notebook has outputs, or answers where there were none."""
    return is_answered(notebook) or any(cell.get("outputs") for cell in notebook.cells)


def setup_cells(released: NotebookNode, rebuilt: NotebookNode) -> list[str]:
    """The ids of the cells that run before any code of the student's: imports, data.

    They may take as long as the machine needs to import TensorFlow.
    """
    ids = []
    originals = {cell.id: cell.source for cell in released.cells}
    for cell in rebuilt.cells:
        if "nbgrader" in cell.metadata or originals.get(cell.id) != cell.source:
            break
        ids.append(cell.id)
    return ids


def _sorted(released: NotebookNode, submitted: NotebookNode) -> tuple[dict[str, str], OwnCells]:
    """The answers by the name of their cell, and the student's own cells by their place.

    Of an answer that was copied, the first version that is not untouched is the answer; the others
    are cells of the student's own.
    """
    originals = {cell_name(cell): cell for cell in released.cells}
    by_source = {comparable(cell): cell_name(cell) for cell in released.cells}
    answers: dict[str, str] = {}
    own: OwnCells = defaultdict(list)
    seen: set[str] = set()
    place = None
    count = 0
    for cell in submitted.cells:
        name = cell_name(cell)
        if name not in originals:
            name = by_source.get(comparable(cell))
        original = originals.get(name)
        if original and name not in seen:
            seen.add(name)
            place = name
        if original and (_is_locked(original) or comparable(cell) == comparable(original)):
            continue
        source = _source(cell)
        if original and is_solution(original) and not answers.get(name):
            answers[name] = source if source.strip() else ""
        elif source.strip() and cell.cell_type in ("code", "markdown"):
            new = v4.new_code_cell if cell.cell_type == "code" else v4.new_markdown_cell
            own[place].append(new(source, id=f"{OWN}{count}"))
            count += 1
    return answers, own


def _text_around(*groups: list[NotebookNode]) -> str | None:
    """Take the student's own texts of some places, and return them as one."""
    texts = []
    for group in groups:
        texts += [cell.source for cell in group if cell.cell_type == "markdown"]
        group[:] = [cell for cell in group if cell.cell_type != "markdown"]
    return "\n\n".join(texts) or None


def _with_needs_first(cells: list[NotebookNode]) -> list[NotebookNode]:
    """Move own cells that an answer needs, and that stand below its check, before the answer."""
    names = _names_in(cells)
    for exercise in filter(None, map(solved_exercise, cells)):
        start = next(i for i, cell in enumerate(cells) if solved_exercise(cell) == exercise)
        end = next(i for i, cell in enumerate(cells) if checked_exercise(cell) == exercise)
        above = [cell for cell in cells[:end] if cell.id in names]
        late = [cell for cell in cells[end:] if cell.id in names and is_own(cell)]
        given = set(dir(builtins)).union(*(names[cell.id][1] for cell in above))
        wanted = {_object_name(cells[start])}
        wanted = wanted.union(*(names[cell.id][0] for cell in above if _is_students(cell)))
        needed = set(_needed(wanted - given, given, late, names))
        first = [cell for cell in late if cell.id in needed]
        others = [cell for cell in cells[start:] if cell.id not in needed]
        cells = [*cells[:start], *first, *others]
    return cells


def _needed(
    wanted: set[str], given: set[str], cells: list[NotebookNode], names: dict[str, Names]
) -> Iterator[str]:
    """The ids of the ``cells`` that give what is wanted, and what these want in their turn."""
    while wanted:
        found = [cell for cell in cells if names[cell.id][1] & wanted]
        yield from (cell.id for cell in found)
        given = given | wanted
        wanted = set().union(*(names[cell.id][0] for cell in found)) - given


def _names_in(cells: list[NotebookNode]) -> dict[str, Names]:
    """The names in code cells, by id; those of the first ``MAX_READ`` characters, which is much."""
    names, read = {}, 0
    for cell in cells:
        if cell.cell_type == "code":
            read += len(cell.source)
            names[cell.id] = _names(cell.source) if read <= MAX_READ else NO_NAMES
    return names


@lru_cache(maxsize=128)  # most cells are the same for everybody
def _names(source: str) -> Names:
    """The names that a cell needs from elsewhere, and those that it gives to others."""
    try:
        with warnings.catch_warnings(action="ignore"):  # they are on the student's code
            table = symtable.symtable(NOT_PYTHON.sub(r"\1pass", source), "cell", "exec")
        symbols = table.get_symbols()
        given = frozenset(s.get_name() for s in symbols if s.is_assigned() or s.is_imported())
        return _globals(table) - given, given
    # A null byte, half a character, brackets or functions that are nested too deeply.
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return NO_NAMES


def _globals(table: symtable.SymbolTable) -> frozenset[str]:
    symbols = table.get_symbols()
    found = frozenset(s.get_name() for s in symbols if s.is_referenced() and s.is_global())
    return found.union(*map(_globals, table.get_children()))


def cell_name(cell: NotebookNode) -> str:
    """What identifies a cell: its grade id where it has one, else its cell id."""
    return cell.metadata.get("nbgrader", {}).get("grade_id") or cell.get("id", "")


def _object_name(cell: NotebookNode) -> str:
    """What is to be defined in a solution cell."""
    return solved_exercise(cell).partition(".")[2]


def _source(cell: NotebookNode) -> str:
    return cell.source.replace("\r\n", "\n").replace("\r", "\n")


def comparable(cell: NotebookNode) -> str:
    """A source without what editors change by themselves."""
    return "\n".join(line.rstrip() for line in cell.source.strip().splitlines())


def is_solution(cell: NotebookNode) -> bool:
    return cell.metadata.get("nbgrader", {}).get("solution", False)


def _is_locked(cell: NotebookNode) -> bool:
    return "nbgrader" in cell.metadata and not is_solution(cell)


def _is_students(cell: NotebookNode) -> bool:
    return is_own(cell) or is_solution(cell)
