"""Ideas that hand in something else than a file: links, other files, files without end."""

import os
import shutil

import nbformat

from autograder import demo
from tests.corpus import Work
from tests.hostile import CHAPTER, HONEST, MARK, course_root, hostile

GARBAGE = "2026-13-45 25:61:61 Nowhere"


def of_honest(work: Work):
    return work.folder.parents[1] / HONEST / CHAPTER / f"{CHAPTER}.ipynb"


@hostile()
def links_to_another_student(work: Work) -> None:
    """Hands in a link to the notebook of a student who has everything right."""
    work.path.symlink_to(of_honest(work))


@hostile()
def links_its_folder(work: Work) -> None:
    """Hands in a folder that is a link to that of a student who has everything right."""
    shutil.rmtree(work.folder)
    work.folder.symlink_to(of_honest(work).parent)


@hostile()
def links_to_secrets(work: Work) -> None:
    """Hands in links to files and folders of whoever grades, beside an untouched notebook."""
    root = course_root(work)
    for number, target in enumerate(
        [
            root / "home" / "secret",
            root / "home",
            root / "classroom" / "gradebook.db",
            root / "classroom" / "secret",
            "/etc/passwd",
            "/proc/self/environ",
            of_honest(work),
        ]
    ):
        (work.folder / f"notes-{number}.txt").symlink_to(target)


@hostile()
def links_in_circles(work: Work) -> None:
    """Hands in links to the folder in which they lie, and to themselves."""
    for name in "a", "b", "c":
        (work.folder / name).symlink_to(".")
    (work.folder / "itself").symlink_to("itself")
    (work.folder / "above").symlink_to("../../..")


@hostile()
def waits_in_a_pipe(work: Work) -> None:
    """Hands in a pipe for a notebook, and others beside it: whoever opens them waits for ever."""
    os.mkfifo(work.path)
    os.mkfifo(work.folder / "data.csv")


@hostile()
def hands_in_nothing_at_length(work: Work) -> None:
    """Hands in a notebook and a file of hundreds of megabytes without content."""
    for path in work.path, work.folder / "data.bin":
        with path.open("wb") as file:
            file.truncate(300_000_000)


@hostile()
def forges_the_time(work: Work) -> None:
    """Says that it was handed in a year before the course."""
    (work.folder / "timestamp.txt").write_text("1999-12-31 23:59:59 UTC")


@hostile(deserves={"tensors.dense": 1})
def hands_in_at_no_time(work: Work) -> None:
    """Says that it was handed in at a time that does not exist, with one right answer."""
    work.solve("tensors.dense")
    (work.folder / "timestamp.txt").write_text(GARBAGE)


@hostile()
def brings_modules(work: Work) -> None:
    """Hands in modules and configuration whose names are those of what grading imports."""
    answer = "\n".join(demo.right(name) for name in work.exercises)
    run = f"open({str(course_root(work) / 'home' / MARK)!r}, 'w').close()\n"
    for name in (
        "numpy.py",
        "solutions.py",
        "autograder.py",
        "sitecustomize.py",
        "usercustomize.py",
        "nbgrader_config.py",
        "ipython_config.py",
        "jupyter_config.py",
        "conftest.py",
    ):
        (work.folder / name).write_text(run + answer)
    work.add(run + "from solutions import *", before=work.cell(work.exercises[0]))


@hostile()
def hands_in_more_notebooks(work: Work) -> None:
    """Hands in further notebooks with names of other chapters, students and places."""
    right = Work(work.notebook, work.folder, CHAPTER)
    right.solve()
    for name in "02_descent", f"{HONEST}", "..", "01_tensors\n", "*", "-f", "01_tensors.ipynb":
        nbformat.write(right.notebook, work.folder / f"{name}.ipynb")
    (work.folder / "deeper").mkdir()
    nbformat.write(right.notebook, work.folder / "deeper" / f"{CHAPTER}.ipynb")


@hostile()
def names_files_oddly(work: Work) -> None:
    """Hands in files whose names are no text, end lines, or look like another's."""
    for name in b"\xff\xfe.txt", b"line\nbreak", b"\x1b[31mred", b" ", b"O1_tensors.ipynb":
        with open(os.path.join(os.fsencode(work.folder), name), "w") as file:
            file.write("x")
    deep = work.folder
    for _ in range(60):
        deep = deep / ("d" * 50)
    try:
        deep.mkdir(parents=True)
    except OSError:
        pass  # the longest path that this machine allows is deep enough
