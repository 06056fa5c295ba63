"""The course for students without its answers: a folder in which ``check`` works from a record.

A notebook that imports ``autograder`` and ``lab`` from there is checked as it is here, with some
seeds that are recorded, and has no reference and no misconception beside it to read.
"""

import json
import shutil
from collections.abc import Iterable, Iterator
from fnmatch import fnmatch
from modulefinder import ModuleFinder
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat

from autograder.answers import OTHER_SEEDS, record
from autograder.cells import checked_exercise
from autograder.course import Course, CourseError, in_words
from autograder.intake import is_worked_in

PACKAGES = Path(__file__).parents[1]  # the folder with autograder, lab and solutions
ANSWERS = "solutions", "autograder.misconceptions"
# What is not the course's own; and lab/views/js, of which static/ has what is used.
LEFT_OUT = "__pycache__", ".*", "node_modules", "js", "progress.csv"
MARK = "withheld.json"  # says that a folder was written here
FIRST_SEED = max(OTHER_SEEDS) + 1
MOST_BYTES = 4_000_000  # of a record, which is read at each check


def withhold(
    course: Course, folder: Path, seeds: int = 8, handed_out: Iterable[str] = ()
) -> Iterator[tuple[str, str]]:
    """Write the course into ``folder`` with the answers to all exercises recorded, not there.

    ``handed_out`` names modules of ``solutions`` that are there all the same. Yields each exercise
    with the reason why it could not be recorded, which is mostly "". The folder appears when all
    is done. Raises CourseError, also where ``folder`` holds something else.
    """
    folder, handed_out = folder.resolve(), sorted(set(handed_out))
    _must_be_ours(folder)
    _must_be_whole(handed_out)
    not_recorded = {}
    folder.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder.parent, prefix=".withhold-") as place:
        new = Path(place, "new")
        _copy(PACKAGES / "lab", new / "lab")
        for path in (*_autograder(), *map(_file, handed_out), "solutions/__init__.py"):
            _copy_file(PACKAGES / path, new / path)
        _copy(course.folder("release", "."), new / "course")
        records = new / "autograder" / "recorded"
        records.mkdir()
        for exercise in exercises_of(course):
            written, problem = _record(exercise, range(FIRST_SEED, FIRST_SEED + seeds))
            if problem:
                not_recorded[exercise] = problem
            else:
                Path(records, f"{exercise}.json.gz").write_bytes(written)
            yield exercise, problem
        about = {"seeds": seeds, "with": handed_out, "not recorded": not_recorded}
        Path(new, MARK).write_text(json.dumps(about, indent=1) + "\n")
        for path in (new, *new.rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)  # for students, whoever writes it
        if folder.exists():
            folder.rename(Path(place, "old"))
        new.rename(folder)


def exercises_of(course: Course) -> list[str]:
    """The exercises of the released notebooks, in the order of the course.

    Raises CourseError where there are none, or somebody has worked in one: that would be handed on.
    """
    found = []
    for path in sorted(course.folder("release", ".").rglob("*.ipynb")):
        if ".ipynb_checkpoints" in path.parts:
            continue
        notebook = nbformat.read(path, as_version=4)
        if is_worked_in(notebook):
            raise CourseError(f"{path} holds somebody's work, which students would be given.")
        found += filter(None, map(checked_exercise, notebook.cells))
    if not found:
        raise CourseError("There are no notebooks for students yet: run autograder build first.")
    return found


def _must_be_ours(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise CourseError(f"{folder} is a file.")
    if folder.exists() and any(folder.iterdir()) and not Path(folder, MARK).is_file():
        raise CourseError(
            f"{folder} is not empty and was not written by this command, so it stays as it is. "
            "Name another folder."
        )


def _must_be_whole(handed_out: list[str]) -> None:
    """Modules of ``solutions`` can be imported only if those that they import are there, too."""
    for name in handed_out:
        if not Path(PACKAGES, _file(name)).is_file():
            raise CourseError(f"solutions has no module {name!r}.")
        needed = _imported([f"solutions.{name}"], without=()) - {"solutions"}
        names = {module.partition(".")[2] for module in needed if module.startswith("solutions.")}
        if names - set(handed_out):
            missing = " and ".join(sorted(names - set(handed_out)))
            raise CourseError(f"{name} imports {missing}: hand that out, too.")


def _file(name: str) -> str:
    return f"solutions/{name}.py"


def _copy(source: Path, to: Path) -> None:
    """Copy a folder; not its modes, since students are to read what may be the instructors' own."""
    for path in source.rglob("*"):
        inside = path.relative_to(source)
        if path.is_file() and not any(fnmatch(p, out) for p in inside.parts for out in LEFT_OUT):
            _copy_file(path, to / inside)


def _copy_file(path: Path, to: Path) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, to)


def _autograder() -> list[str]:
    """The files of ``autograder`` that a notebook imports, directly or not."""
    probes = [*PACKAGES.glob("autograder/exercises/*.py"), *PACKAGES.glob("lab/**/*.py")]
    paths = [path.relative_to(PACKAGES).with_suffix("") for path in probes]
    names = [".".join(path.parts).removesuffix(".__init__") for path in paths]
    found = _imported(["autograder", *names], without=ANSWERS)
    places = (Path(PACKAGES, *name.split(".")) for name in found if name.startswith("autograder"))
    files = (p / "__init__.py" if p.is_dir() else p.with_suffix(".py") for p in places)
    return sorted(str(file.relative_to(PACKAGES)) for file in files)


def _imported(names: Iterable[str], without: Iterable[str]) -> set[str]:
    """The modules of this project that are imported, at once or later, by those with ``names``."""
    finder = ModuleFinder(path=[str(PACKAGES)], excludes=[*without])
    for name in names:
        finder.import_hook(name)
    return {*finder.modules}


def _record(exercise: str, seeds: Iterable[int]) -> tuple[bytes, str]:
    """The record of an exercise, or why there is none."""
    try:
        written = record(exercise, seeds)
    except Exception as error:  # a probe or an answer may fail in any way
        return b"", in_words(error)
    if len(written) > MOST_BYTES:
        return b"", f"its record would take {len(written) / 1e6:.0f} MB"
    return written, ""
