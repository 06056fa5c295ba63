"""The learner's own copy of the course, and how a new release reaches it without a loss.

What is handed out (``course/``, or what nbgrader's exchange holds) is only ever read. In the copy
(``work/``) a notebook that nobody worked in is replaced. Where somebody did, the new one takes over
their answers and their own cells, and the one that they had stays beside it, as it was.

``autograder update`` does it, and ``python -m lab.own_copy``, for students to whom the grading is
not given.

A copy remembers in its metadata which release it was made from. One that came by another way, as by
nbgrader, is known by its cells: their ids and checksums say what was handed out in them.
"""

import argparse
import copy
import hashlib
import os
import shutil
import sys
import warnings
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import nbformat
from nbformat import v4
from nbformat.notebooknode import NotebookNode
from nbgrader.utils import compute_checksum

from autograder.cells import content_id, solved_exercise
from autograder.course import CourseError
from autograder.intake import cell_name, comparable, is_solution, is_worked_in

RELEASE = "release"  # notebook metadata: the release that a copy was made from
COPIED = "copied"


class Damaged(Exception):
    """A file that cannot be read as a notebook."""


class Busy(Exception):
    """A notebook that was saved, or updated by another, while it was being replaced."""


@dataclass(frozen=True)
class Outcome:
    """What was done about one notebook, in words; nothing where it is up to date."""

    name: str
    said: str = ""
    failed: bool = False

    @property
    def replaced(self) -> bool:
        return bool(self.said) and self.said != COPIED and not self.failed


@dataclass(frozen=True)
class Merged:
    """A new notebook, the answers in it, and those that need the learner's eye."""

    notebook: NotebookNode
    answers: list[str]
    changed: list[str]  # answered under a text that has changed since
    homeless: list[str]  # not in the chapter any more


def update(released: Path, own: Path, only_fetched: bool = False) -> Iterator[Outcome]:
    """Bring the notebooks in ``own`` up to date with those in ``released``, one by one.

    With ``only_fetched``, chapters that are not in ``own`` yet are left out. Raises CourseError
    where one of the two cannot be such a folder.
    """
    released, own = Path(released).expanduser(), Path(own).expanduser()
    paths = _notebooks(released)
    _check(released, own)
    for path in paths:
        mine = own / path.relative_to(released)
        if only_fetched and not mine.exists():
            continue
        try:
            said = _update_one(path, mine)
        except Damaged:
            yield Outcome(path.stem, f"{path} is damaged; nothing was done", failed=True)
        except Busy:
            said = "it was changed at this very moment; nothing was done, so run this again"
            yield Outcome(path.stem, said, failed=True)
        except OSError as error:
            said = f"{error.filename or mine}: {error.strerror}; nothing was lost"
            yield Outcome(path.stem, said, failed=True)
        else:
            yield Outcome(path.stem, said)


def say(outcomes: Iterable[Outcome]) -> bool:
    """Print what was done, a line for each notebook; return whether all went well."""
    outcomes = list(outcomes)
    done = [outcome for outcome in outcomes if outcome.said]
    for outcome in done:
        stream = sys.stderr if outcome.failed else sys.stdout
        print(f"{outcome.name}: {outcome.said}.", file=stream)
    if len(done) < len(outcomes):
        print(f"{len(outcomes) - len(done)} of {len(outcomes)} notebooks were up to date.")
    if any(outcome.replaced for outcome in outcomes):
        print("If one of them is open in JupyterLab, choose File, Reload Notebook from Disk there.")
    return not any(outcome.failed for outcome in outcomes)


def _notebooks(released: Path) -> list[Path]:
    """The course page, if it is there, and the notebook of every chapter."""
    chapters = [path for path in released.glob("*/*.ipynb") if path.stem == path.parent.name]
    paths = [*sorted(released.glob("*.ipynb")), *sorted(chapters)]
    if not paths:
        raise CourseError(f"{released} holds no chapters. Name the folder that does with --from.")
    return paths


def _check(released: Path, own: Path) -> None:
    if own.is_symlink():
        raise CourseError(
            f"{own} is a link. Name the folder that it leads to with --to {own.resolve()}"
        )
    if own.resolve().is_relative_to(released.resolve()):
        raise CourseError(f"{own} lies in {released}, which holds what is handed out.")
    try:
        own.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise CourseError(
            f"{own} is a file, and the folder for your copy of the course should be there. "
            "Move it away, or name another folder with --to."
        ) from None
    except OSError as error:
        raise CourseError(f"{own} cannot be made: {error.strerror}") from None


# --- One notebook -------------------------------------------------------------------------------


def _update_one(path: Path, mine: Path) -> str:
    """Bring ``mine`` up to date with the release at ``path``, and say what was done."""
    content = path.read_bytes()
    release = _parsed(content)
    if is_worked_in(release):
        return _take_over(path, content, mine)
    release.metadata[RELEASE] = hashlib.sha256(content).hexdigest()[:16]
    if not os.path.lexists(mine):
        _create(mine, _text(release))
        return COPIED
    if mine.is_symlink():
        return f"{mine} is a link; it was left alone"
    before = mine.read_bytes()
    try:
        had = _parsed(before)
        if _is_of(release, had):
            return ""
        if not (is_worked_in(had) or any(map(_is_own, had.cells))):
            _replace(mine, before, _text(release))
            return "replaced by the new release; you had not begun it"
        merged = merge(release, had)
    except Damaged:
        kept = _replace(mine, before, _text(release), "damaged")
        return f"could not be read as a notebook; it is now {kept.name}, and a new one is here"
    kept = _replace(mine, before, _text(merged.notebook), "until")
    return _in_words(merged, kept, path)


def _in_words(merged: Merged, kept: Path, path: Path) -> str:
    count = len(merged.answers)
    answers = f", with your {count} answer{'s' * (count > 1)} in it" if count else ""
    said = f"the new release{answers}; what you had is {kept.name}"
    if merged.changed:
        said += (
            f"; the exercise has changed, and your cell is as it was: {', '.join(merged.changed)} "
            f"(the new text is in {path})"
        )
    if merged.homeless:
        said += f"; no longer in the chapter, and only there: {', '.join(merged.homeless)}"
    return said


def _take_over(path: Path, content: bytes, mine: Path) -> str:
    """Copy what somebody wrote where the release should lie, so that git may put that back."""
    if not os.path.lexists(mine):
        kept = mine
        _create(mine, content)
    else:
        there = [p for p in mine.parent.glob(f"{mine.stem}*.ipynb") if p.read_bytes() == content]
        kept = there[0] if there else _free(mine, "from_course")
        if not there:
            _create(kept, content)
    return (
        f"{path} holds work of yours, which is also in {kept} now; put the course back with "
        f"`git checkout {path.parent}`, and run this again"
    )


def merge(release: NotebookNode, had: NotebookNode) -> Merged:
    """Put into the release what the learner wrote: answers by their exercise, own cells by place.

    Outputs stay with the cells that have not changed. Raises Damaged.
    """
    merged = Merged(copy.deepcopy(release), [], [], [])
    try:
        found, own = _sorted(release, had, merged.homeless)
        cells = own[None]
        for cell in merged.notebook.cells:
            old = found.get(cell_name(cell))
            if old and old.cell_type == cell.cell_type:
                _carry_over(cell, old, merged)
            cells += [cell, *own[cell_name(cell)]]
    except (AttributeError, KeyError, TypeError) as error:
        raise Damaged from error
    merged.notebook.cells = cells
    return merged


def _sorted(
    release: NotebookNode, had: NotebookNode, homeless: list[str]
) -> tuple[dict[str, NotebookNode], dict[str | None, list[NotebookNode]]]:
    """The learner's versions of the release's cells by name, and own cells by the cell above."""
    names = {cell_name(cell): cell for cell in release.cells}
    there = set(map(cell_name, had.cells))
    # What an editor has taken the id from.
    by_source = {comparable(cell): n for n, cell in names.items() if n not in there}
    found: dict[str, NotebookNode] = {}
    own: dict[str | None, list[NotebookNode]] = defaultdict(list)
    place = None
    for cell in had.cells:
        name = cell_name(cell)
        if name not in names:
            name = by_source.get(comparable(cell), name)
        if name in names and name not in found:
            found[name] = cell
            place = name
        elif not _is_own(cell):
            continue
        elif name in names and is_solution(names[name]) and not _is_own(found[name]):
            found[name] = cell  # the answer was written in a copy of its cell
        elif name not in names and is_solution(cell):
            homeless.append(_called(cell))
        else:
            own[place].append(_plain(cell))
    return found, own


def _carry_over(cell: NotebookNode, old: NotebookNode, merged: Merged) -> None:
    """Put into a cell of the release what the learner made of it."""
    if is_solution(cell):
        if _is_own(old):
            cell.source = old.source
            merged.answers.append(_called(cell))
            before = old.metadata.get("nbgrader", {}).get("checksum")
            if before != cell.metadata.nbgrader.checksum:
                merged.changed.append(_called(cell))
    elif "nbgrader" not in cell.metadata and not _is_own(cell):  # its id says what was handed out
        cell.source = old.source
    if cell.source == old.source:
        cell.update({k: old[k] for k in ("outputs", "execution_count", "attachments") if k in old})


def _is_of(release: NotebookNode, had: NotebookNode) -> bool:
    """Whether a copy was made from this very release."""
    if RELEASE in had.metadata:
        return had.metadata[RELEASE] == release.metadata[RELEASE]
    parts = set(map(_part, release.cells))
    handed_out = {_part(cell) for cell in had.cells if not _is_own(cell)}
    return handed_out <= parts <= set(map(_part, had.cells))


def _part(cell: NotebookNode) -> tuple[str, str | None]:
    """What a cell says of the release that it comes from, whatever was written in it since."""
    return cell_name(cell), cell.metadata.get("nbgrader", {}).get("checksum")


def _is_own(cell: NotebookNode) -> bool:
    """Whether what stands in a cell is the learner's."""
    if not cell.source.strip():
        return False
    if "nbgrader" in cell.metadata:
        return cell.metadata.nbgrader.get("checksum") != compute_checksum(cell)
    return not cell.id.startswith(content_id(cell))


def _called(cell: NotebookNode) -> str:
    exercise = solved_exercise(cell)
    return exercise.partition(".")[2] if exercise else "the written question"


def _plain(cell: NotebookNode) -> NotebookNode:
    """A cell of the learner's own, without marks that belong to another."""
    cell = copy.deepcopy(cell)
    for mark in ("nbgrader", "deletable", "editable"):
        cell.metadata.pop(mark, None)
    return cell


# --- Files --------------------------------------------------------------------------------------


def _parsed(content: bytes) -> NotebookNode:
    """Read a notebook. Raises Damaged."""
    try:
        with warnings.catch_warnings(action="ignore"):  # on ids that an editor has lost
            notebook = v4.upgrade(nbformat.reads(content.decode(), as_version=4))
        for cell in notebook.cells:  # what will be asked of a cell
            _ = cell.id, _part(cell), _is_own(cell), content_id(cell)
    except Exception as error:  # any part of a damaged file may be missing, or be something else
        raise Damaged from error
    return notebook


def _text(notebook: NotebookNode) -> bytes:
    return (nbformat.writes(notebook, version=4) + "\n").encode()


def _create(path: Path, content: bytes) -> None:
    """Write a file that is not there yet, all at once."""
    path.parent.mkdir(exist_ok=True)
    new = _write_beside(path, content)
    try:
        _link(new, path)
    finally:
        new.unlink()


def _replace(path: Path, before: bytes, content: bytes, word: str = "") -> Path:
    """Replace a file all at once; with a ``word``, keep it under a name with that and the date.

    A link keeps what is there at this moment, also if somebody is saving it. Raises Busy if that is
    not what was read before.
    """
    new = _write_beside(path, content)
    with suppress(OSError):  # some disks know no modes
        shutil.copymode(path, new)  # it may be readable by its owner only
    kept = _free(path, f"{word or 'until'}_{date.today()}")
    try:
        _link(path, kept)
        try:
            if kept.read_bytes() != before:
                raise Busy
            os.replace(new, path)
        except (Busy, OSError):  # the notebook is where it was
            kept.unlink()
            raise
    finally:
        new.unlink(missing_ok=True)
    if not word and kept.read_bytes() == before:
        kept.unlink()
    return kept


def _free(path: Path, word: str) -> Path:
    """A name beside ``path`` that nothing has yet."""
    name, number = f"{path.stem}_{word}", 1
    while os.path.lexists(free := path.with_name(f"{name}{path.suffix}")):
        number += 1
        name = f"{path.stem}_{word}_{number}"
    return free


def _write_beside(path: Path, content: bytes) -> Path:
    new = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        with new.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        with suppress(OSError):
            new.unlink()
        raise
    return new


def _link(path: Path, name: Path) -> None:
    """Give a file one more name, which must be free; where links are unknown, copy it."""
    try:
        os.link(path, name)
    except FileExistsError:
        raise Busy from None  # somebody else was faster
    except OSError:
        with name.open("xb") as file:
            try:
                file.write(path.read_bytes())
                file.flush()
                os.fsync(file.fileno())
            except OSError:
                name.unlink()  # a part would pass for the whole
                raise


def main(arguments: list[str] | None = None) -> int:
    """Bring your copy of the course up to date, and lose nothing."""
    parser = argparse.ArgumentParser(prog="python -m lab.own_copy", description=main.__doc__)
    parser.add_argument("--from", dest="released", required=True, help="what is handed out")
    parser.add_argument("--to", required=True, help="your copy of it")
    parser.add_argument(
        "--only-fetched", action="store_true", help="only chapters that the copy has already"
    )
    options = parser.parse_args(arguments)
    try:
        return not say(update(options.released, options.to, options.only_fetched))
    except CourseError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
