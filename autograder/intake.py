"""Intake: rebuilds a submission from the notebook that was handed out.

Of the submission only sources are taken: what the student wrote in the solution cells, and code
cells of the student's own (helpers, imports). Check cells, metadata, tags, points and outputs are
always the instructor's, so changing, doubling or deleting them has no effect.
"""

import copy
from collections import defaultdict

from nbformat import v4
from nbformat.notebooknode import NotebookNode
from nbgrader.utils import compute_checksum


def rebuild(released: NotebookNode, submitted: NotebookNode) -> NotebookNode:
    """Return the released notebook with the student's sources in it.

    The student's own cells keep their places: each follows the released cell that it followed.
    """
    known = {_name(cell): cell for cell in released.cells}
    # Some editors drop cell ids; an unchanged cell is then known by its source.
    by_source = {cell.source.strip(): _name(cell) for cell in released.cells}
    written: dict[str, str] = {}
    own: dict[str | None, list[NotebookNode]] = defaultdict(list)
    place = None
    for cell in submitted.cells:
        name = _name(cell)
        if name not in known:
            name = by_source.get(cell.source.strip())
        original = known.get(name)
        if original is None:
            if cell.cell_type == "code":
                own[place].append(v4.new_code_cell(cell.source))
            continue
        place = name
        if _is_students(original) and cell.cell_type == original.cell_type:
            written.setdefault(name, cell.source)

    rebuilt = copy.deepcopy(released)
    cells = list(own[None])
    for cell in rebuilt.cells:
        name = _name(cell)
        cell.source = written.get(name, cell.source)
        cells += [cell, *own[name]]
    rebuilt.cells = cells
    for position, cell in enumerate(own_cell for group in own.values() for own_cell in group):
        cell.id = f"student-{position}"
    return rebuilt


def is_answered(notebook: NotebookNode) -> bool:
    """Whether a cell that nbgrader released is no longer as it was released."""
    marks = ((cell, cell.metadata.get("nbgrader", {}).get("checksum")) for cell in notebook.cells)
    return any(checksum and compute_checksum(cell) != checksum for cell, checksum in marks)


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


def _name(cell: NotebookNode) -> str:
    """What identifies a cell: its grade id where it has one, else its cell id."""
    return cell.metadata.get("nbgrader", {}).get("grade_id") or cell.get("id", "")


def _is_students(original: NotebookNode) -> bool:
    """Whether the student may write in this released cell: solutions, and plain code cells."""
    grading = original.metadata.get("nbgrader")
    if grading:
        return grading["solution"]
    return original.cell_type == "code"
