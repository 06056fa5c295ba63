"""What several test modules share: the course, and a class that has been graded once."""

import shutil
from pathlib import Path

import pytest

from autograder.course import CONFIG, Course

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def course() -> Course:
    """The course in this repository."""
    return Course(ROOT)


@pytest.fixture
def empty_course(tmp_path: Path) -> Course:
    """A course folder with the real configuration and no chapters."""
    shutil.copy(ROOT / CONFIG, tmp_path)
    (tmp_path / "chapters").mkdir()
    return Course(tmp_path)
