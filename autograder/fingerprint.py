"""Fingerprints: whether a submission has to be graded again.

What a submission earns follows from what was handed in and when, what was handed out, the seeds,
the limits, the rules for being late, and the versions of all that runs. Where none of it has
changed, neither would the grade.
"""

import hashlib
import json
import platform
from dataclasses import asdict
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from autograder.grading import Work

FINGERPRINT = "autograder_fingerprint"  # notebook metadata
ANSWERS = "autograder_answers"  # likewise
PACKAGES = "numpy", "tensorflow", "tensorflow-cpu", "keras", "ipython", "matplotlib", "nbgrader"
OURS = "autograder", "lab", "solutions"


@cache
def versions() -> dict[str, str]:
    """The versions of all that grades depend on; of this project's code, a hash of its text."""
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:  # tensorflow has two names
            continue
    digest = hashlib.sha256()
    root = Path(__file__).parents[1]
    for name in OURS:
        for path in sorted((root / name).rglob("*.py")):
            digest.update(f"{path.relative_to(root)}\0".encode() + path.read_bytes() + b"\0")
    return found | {"this project": digest.hexdigest()[:16]}


def fingerprint(work: Work, **more: object) -> str:
    """A number, as text, that differs when anything differs on which the grade depends."""
    facts = asdict(work) | {"versions": versions()} | more
    del facts["private"]  # where the course lies makes no difference
    text = json.dumps(facts, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def answers_of(work: Work) -> str:
    """A number, as text, that differs when anything differs that the student wrote."""
    text = json.dumps([cell.source for cell in work.submitted.cells])
    return hashlib.sha256(text.encode()).hexdigest()
