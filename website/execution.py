"""Solved chapters with their outputs, each executed once as long as nothing in it changes."""

import fcntl
import hashlib
import json
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat.notebooknode import NotebookNode

from autograder.build import Chapter, as_text, read_chapters, source_notebook
from autograder.course import Course

ROOT = Path(__file__).resolve().parents[1]
CACHE = ROOT / "website" / "build" / "executed"
PACKAGES = "solutions", "autograder", "lab"  # what a notebook imports of ours
CHAPTERS = read_chapters(Course(ROOT))
# What keeps kernels small and TensorFlow's start-up messages off the page; Binder's are so, too.
SETTINGS = dict(re.findall(r"^export (\w+)=(\w+)$", (ROOT / "start").read_text(), re.MULTILINE))
# The peak of this very process: the resource module would count the one that started it, too. And
# its processor time, which is the same on a busy machine.
COST = """
import json, time
peak = next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(json.dumps({"seconds": time.process_time(), "megabytes": int(peak) / 1024}))
"""


def executed(chapter: Chapter, cache: Path = CACHE) -> NotebookNode:
    """Return the solved notebook of a chapter with its outputs.

    Its metadata say what the run took: "seconds" of a processor and "megabytes". Outputs are kept
    in ``cache`` under a hash of all that goes into them: prose may change, code may not.
    """
    notebook = solved(chapter)
    cache.mkdir(parents=True, exist_ok=True)
    path = cache / f"{chapter.name}-{_fingerprint(chapter)}.ipynb"
    with _locked(cache / f"{chapter.name}.lock"):
        if not path.exists():
            for old in cache.glob(f"{chapter.name}-*.ipynb"):
                old.unlink()
            path.write_text(as_text(_run(chapter)))
    kept = nbformat.read(path, as_version=4)
    for cell, old in zip(_code(notebook), _code(kept), strict=True):
        cell.outputs = old.outputs
    notebook.metadata |= kept.metadata
    return notebook


def solved(chapter: Chapter) -> NotebookNode:
    """Return the notebook of a chapter as its instructor has it."""
    return source_notebook(ROOT / "chapters" / f"{chapter.name}.py")


def _code(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def _run(chapter: Chapter) -> NotebookNode:
    """Execute a chapter in a folder where the earlier ones stand, as a learner has them."""
    with tempfile.TemporaryDirectory() as folder:
        for each in _up_to(chapter):
            beside = Path(folder, each.name, f"{each.name}.ipynb")
            beside.parent.mkdir()
            beside.write_text(as_text(solved(each)))
        notebook = solved(chapter)
        notebook.cells.append(nbformat.v4.new_code_cell(COST))
        resources = {"metadata": {"path": str(beside.parent)}}
        client = NotebookClient(notebook, timeout=chapter.seconds, resources=resources)
        client.execute(env=os.environ | SETTINGS)
    notebook.metadata |= json.loads(notebook.cells.pop().outputs[0].text)
    return notebook


def _up_to(chapter: Chapter) -> list[Chapter]:
    return CHAPTERS[: CHAPTERS.index(chapter) + 1]


def _fingerprint(chapter: Chapter) -> str:
    """A hash of the code that a chapter runs or calls, and of the versions that it meets."""
    digest = hashlib.sha256(sys.version.encode())
    for each in _up_to(chapter):
        for cell in _code(solved(each)):
            digest.update(cell.source.encode() + b"\0")
    called = [ROOT.glob(f"{name}/**/*.{end}") for name in PACKAGES for end in ("py", "npz")]
    others = [ROOT / "requirements.lock", ROOT / "start", Path(__file__)]
    for path in [*others, *sorted(chain(*called))]:
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Let one process in at a time: the second finds what the first has made."""
    with open(path, "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
