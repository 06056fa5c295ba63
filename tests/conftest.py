"""What several test modules share: the course, and a browser."""

import shutil
from pathlib import Path

import pytest

from autograder.course import CONFIG, Course
from tests.views.view_tools import FLAGS, find_chromium

ROOT = Path(__file__).resolve().parents[1]


# They begin first, so that two processes end at about the same time.
LONG = (
    "test_grading_tensorflow.py",
    "test_grading.py",
    "test_catalogue.py",
    "test_hostile.py",
    "test_chapters.py",
    "test_grading_numpy.py",
    "test_hub.py",
    "test_withhold.py",
    "test_cluster.py",
    "test_workers.py",
    "test_postgres.py",
    "test_honest.py",
    "test_durability.py",
    "test_safe_pages.py",
    "test_website.py",
)


def pytest_collection_modifyitems(items):
    places = {name: place for place, name in enumerate(LONG)}
    items.sort(key=lambda item: places.get(item.path.name, len(LONG)))


@pytest.fixture(scope="session")
def course() -> Course:
    """The course in this repository."""
    return Course(ROOT)


@pytest.fixture(scope="module")
def browser():
    """One Chromium for the tests of a module: while it is there, asyncio has a loop that runs."""
    path = find_chromium()
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=20_000)  # a busy machine is slow, not wrong
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def empty_course(tmp_path: Path) -> Course:
    """A course folder with the real configuration and no chapters."""
    shutil.copy(ROOT / CONFIG, tmp_path)
    (tmp_path / "chapters").mkdir()
    return Course(tmp_path)
