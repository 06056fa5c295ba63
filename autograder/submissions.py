"""Submissions: reads what was handed in, whatever lies there.

A submission is read once, as the bytes of a regular file of bounded size; no link is followed, and
nothing is waited for. Of its cells nothing is taken but type, source and what tells which is which.
What cannot be graded is refused, in words for the instructor and for the student.
"""

import errno
import gc
import json
import os
import stat
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

from nbformat.notebooknode import NotebookNode, from_dict
from nbgrader.utils import parse_utc

NOTEBOOK_LIMIT = 30_000_000  # bytes: pictures and all
CELL_LIMIT = 2_000  # cells of a notebook
CODE_LIMIT = 1_000_000  # characters of one code cell
NAME_LIMIT = 128  # characters of a student's name: what the gradebook's column holds
ODD = frozenset('*?[]/\\<>&"`')  # what no student's name may hold
TIMESTAMP = "timestamp.txt"
REFUSED = "autograder_refused"  # notebook metadata: why the submission itself was not graded

SAVE_AGAIN = (
    "Open your notebook in JupyterLab, see that your answers are there, save it, and hand in that "
    "file."
)
CLEAR_OUTPUTS = (
    "Open your notebook in JupyterLab, choose Edit, then Clear Outputs of All Cells, save it, and "
    "hand it in again."
)


class Refused(Exception):
    """A submission that cannot be graded: ``problem`` says why, ``advice`` what to do about it."""

    def __init__(self, problem: str, advice: str = SAVE_AGAIN):
        super().__init__(problem)
        self.problem = problem
        self.advice = advice


def students(root: Path, assignment: str) -> list[str]:
    """The names under ``root`` by which something was handed in for ``assignment``, sorted."""
    if not root.is_dir():
        return []
    return sorted(name for name in os.listdir(root) if os.path.lexists(root / name / assignment))


def is_odd(name: str) -> bool:
    """Whether a folder's name cannot be a student's.

    nbgrader would take it for a pattern, or its pages for a tag.
    """
    spoiled = set(name) & ODD or name != name.strip() or not name.isprintable()
    return bool(spoiled) or len(name) > NAME_LIMIT


def printable(name: str) -> str:
    """``name`` without what could spoil a terminal or act in Markdown, and not too long."""
    harmless = (c.isprintable() and c not in "<>&$`*[]!|\\" for c in name)
    shown = "".join(c if ok else "?" for c, ok in zip(name, harmless, strict=True))
    return shown if len(shown) <= 60 else f"{shown[:57]}..."


def read_notebook(root: Path, folder: Path, name: str) -> NotebookNode:
    """Read the sources of notebook ``name`` in a submission's ``folder``, which is below ``root``.

    Raises Refused.
    """
    file = f"{name}.ipynb"
    try:
        content = read_file(root, folder / file, NOTEBOOK_LIMIT)
    except FileNotFoundError:
        advice = f"Hand in your notebook under the name {file}."
        raise Refused(f"{file} was not handed in{_others(folder)}", advice) from None
    if not content:
        raise Refused(f"{file} is empty")
    try:
        notebook = _parsed(content)
    except (ValueError, RecursionError, MemoryError):
        raise Refused(f"{file} is damaged: it cannot be read as a notebook") from None
    if not isinstance(notebook, dict) or not isinstance(notebook.get("nbformat"), int):
        raise Refused(f"{file} is not a notebook")
    if notebook["nbformat"] != 4:
        problem = f"{file} has notebook format {printable(str(notebook['nbformat']))}, not 4"
        raise Refused(problem)
    cells = notebook.get("cells")
    if not isinstance(cells, list):
        raise Refused(f"{file} is not a notebook: it has no cells")
    if len(cells) > CELL_LIMIT:
        problem = f"{file} has {len(cells):,} cells; at most {CELL_LIMIT:,} are read"
        raise Refused(problem, "Delete the cells that you do not need, and hand it in again.")
    kept = [cell for cell in map(_sources_only, cells) if cell]
    for cell in kept:
        if cell.cell_type == "code" and len(cell.source) > CODE_LIMIT:
            size = f"{len(cell.source):,} characters of code; at most {CODE_LIMIT:,} are read"
            problem = f"{file} has a cell of {size}"
            raise Refused(problem, "Shorten that cell, and hand it in again.")
    _name_apart(kept)
    return NotebookNode(nbformat=4, nbformat_minor=5, metadata=NotebookNode(), cells=kept)


def read_timestamp(root: Path, folder: Path) -> datetime | None:
    """When a submission was handed in, as nbgrader noted it beside the notebook; None if nowhere.

    Raises Refused.
    """
    try:
        return parse_utc(read_file(root, folder / TIMESTAMP, 100).decode().strip())
    except FileNotFoundError:
        return None
    except (ValueError, OverflowError):
        raise Refused(f"{TIMESTAMP} does not say when the work was handed in") from None


def read_file(root: Path, path: Path, limit: int) -> bytes:
    """Read a regular file below ``root``, following no link and waiting for nothing.

    Raises FileNotFoundError, and Refused for anything but a readable file of at most ``limit``
    bytes.
    """
    *folders, name = path.relative_to(root).parts
    with ExitStack() as stack:

        def opened(part: str | Path, flags: int, place: int | None = None) -> int:
            descriptor = os.open(part, os.O_RDONLY | os.O_CLOEXEC | flags, dir_fd=place)
            stack.callback(os.close, descriptor)
            return descriptor

        part, place = root, opened(root, os.O_DIRECTORY)
        try:
            for part in folders:
                place = opened(part, os.O_DIRECTORY | os.O_NOFOLLOW, place)
            part = name
            # Without O_NONBLOCK, opening a pipe waits for somebody to write into it.
            file = opened(name, os.O_NOFOLLOW | os.O_NONBLOCK, place)
        except PermissionError:
            raise Refused(f"{printable(part)} may not be read") from None
        except OSError as error:
            if error.errno not in (errno.ELOOP, errno.ENOTDIR, errno.ENXIO):
                raise
            raise _not_regular(part, os.lstat(part, dir_fd=place).st_mode) from None
        status = os.fstat(file)
        if not stat.S_ISREG(status.st_mode):
            raise _not_regular(name, status.st_mode)
        with open(file, "rb", closefd=False) as stream:
            content = stream.read(limit + 1) if status.st_size <= limit else b""
        if max(status.st_size, len(content)) > limit:
            size = f"{status.st_size / 1e6:,.0f} MB; at most {limit / 1e6:,.0f} MB are read"
            raise Refused(f"{printable(name)} has {size}", CLEAR_OUTPUTS)
        return content


def _parsed(content: bytes) -> object:
    gc.disable()  # or millions of small lists, of which none is garbage, are looked at many times
    try:
        return json.loads(content)
    finally:
        gc.enable()


def _name_apart(cells: list[NotebookNode]) -> None:
    """Give an id to each cell that has none, or one that another cell has."""
    seen: set[str] = set()
    for number, cell in enumerate(cells):
        if not cell.id or cell.id in seen:
            cell.id = f"unnamed-{number}"
        seen.add(cell.id)


def _not_regular(name: str, mode: int) -> Refused:
    kinds = ((stat.S_ISLNK, "a link"), (stat.S_ISDIR, "a folder"), (stat.S_ISREG, "a file"))
    kind = next((kind for test, kind in kinds if test(mode)), "a pipe or a device")
    return Refused(f"{printable(name)} is {kind}, not what has to be there")


def _others(folder: Path) -> str:
    """The notebooks that are in ``folder``, as the end of a sentence; "" when there are none."""
    names = sorted(name for name in os.listdir(folder) if name.endswith(".ipynb"))
    return f", but {', '.join(map(printable, names[:3]))}" if names else ""


def _sources_only(cell: object) -> NotebookNode | None:
    """What is taken of a submitted cell: its type, its source, and what tells which cell it is."""
    if not isinstance(cell, dict):
        return None
    source = cell.get("source")
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    kind = cell.get("cell_type")
    if not isinstance(source, str) or kind not in ("code", "markdown", "raw"):
        return None
    metadata = cell.get("metadata")
    grading = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    grade_id = grading.get("grade_id") if isinstance(grading, dict) else None
    marks = {"nbgrader": {"grade_id": grade_id}} if isinstance(grade_id, str) else {}
    cell_id = cell.get("id")
    return from_dict(
        {
            "cell_type": kind,
            "id": cell_id if isinstance(cell_id, str) else "",
            "metadata": marks,
            # Half a pair of surrogates is valid JSON, but no text that could be written again.
            "source": source.encode(errors="replace").decode(),
        }
    )
