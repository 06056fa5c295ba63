"""Collecting from nbgrader's exchange, in which students may put anything."""

import os
import pwd
import shutil

import pytest
from nbgrader.exchange import ExchangeFactory
from nbgrader.exchange.default import ExchangeCollect
from traitlets.config import Config

from autograder.course import CONFIG, Course
from autograder.exchange import Collect
from tests.conftest import ROOT

CHAPTER = "01_tensors"
TIME = "2026-03-01 12:00:00.000000 UTC"
LATER = "2026-03-02 12:00:00.000000 UTC"
ME = pwd.getpwuid(os.getuid()).pw_name
OTHER = next(entry.pw_name for entry in pwd.getpwall() if entry.pw_uid != os.getuid())


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    root = tmp_path_factory.mktemp("made")
    shutil.copy(ROOT / CONFIG, root)
    Course(root).api.gradebook.close()  # to make it takes longest
    return root


@pytest.fixture
def course(made, tmp_path) -> Course:
    course = Course(shutil.copytree(made, tmp_path / "course"))
    course.config.Exchange.root = str(tmp_path / "exchange")
    inbound(course).mkdir(parents=True)
    return course


def inbound(course):
    return course.root.parent / "exchange" / course.coursedir.course_id / "inbound"


def put(course, student=ME, time=TIME, **files):
    folder = inbound(course) / f"{student}+{CHAPTER}+{time}+random"
    folder.mkdir()
    for name, text in ({"timestamp": time} | files).items():
        (folder / f"{name}.txt").write_text(text)
    return folder


def collect(course) -> str:
    found = course.api.collect(CHAPTER)
    assert found["success"], found
    return found["log"]


def collected(course, student=ME) -> dict[str, str]:
    folder = course.folder("submitted", CHAPTER, student)
    return {p.name: p.read_text() for p in folder.rglob("*")} if folder.exists() else {}


def test_files_are_collected(course):
    put(course, time=TIME, work="first")
    put(course, time=LATER, work="last")
    collect(course)
    assert collected(course) == {"timestamp.txt": LATER, "work.txt": "last"}


def test_nothing_is_followed_to_where_the_student_cannot_go(course):
    secret = course.root / "secret"
    secret.mkdir()
    (secret / "answers.txt").write_text("all answers")
    folder = put(course, work="mine")
    (folder / "link.txt").symlink_to(secret / "answers.txt")
    (folder / "links").symlink_to(secret)
    os.mkfifo(folder / "pipe.txt")
    log = collect(course)
    assert collected(course) == {"timestamp.txt": TIME, "work.txt": "mine"}
    for name in "link.txt", "links", "pipe.txt":
        assert f"{name} in {folder} is left out" in log


@pytest.mark.parametrize("lead", [True, False], ids=["a link", "dangling"])
def test_a_submission_that_is_a_link_is_left_out(course, lead):
    put(course, work="mine")
    there = course.folder("source", CHAPTER)
    if lead:
        there.mkdir(parents=True)
    (inbound(course) / f"{ME}+{CHAPTER}+{LATER}+random").symlink_to(there)
    assert "is left out" in collect(course)
    assert collected(course)["work.txt"] == "mine"


def test_nobody_hands_in_for_another(course):
    put(course, OTHER, work="forged")
    assert "is left out: it is another's" in collect(course)
    assert collected(course, OTHER) == {}


def test_what_cannot_be_collected_stops_nobody(course, monkeypatch):
    for name in "x", f"{ME}+{CHAPTER}+soon+random", f"nobody at all+{CHAPTER}+{LATER}+random":
        (inbound(course) / name).mkdir()
    folder = put(course, work="mine")
    (folder / "timestamp.txt").write_text("soon")
    assert "soon+random is left out" in collect(course)
    assert collected(course) == {"timestamp.txt": TIME, "work.txt": "mine"}
    put(course, time=LATER, work="x" * 2000)
    monkeypatch.setattr(course.coursedir, "max_dir_size", 1)
    assert "could not be collected: it is too large" in collect(course)


def test_an_exchange_that_is_no_folder_is_left_as_it_is(course):
    """As ngshare's, which the configuration of a cluster names."""
    theirs = Config({"ExchangeFactory": {"collect": "nbgrader.exchange.default.ExchangeCollect"}})
    assert ExchangeFactory(config=course.config).collect is Collect
    assert ExchangeFactory(config=theirs).collect is ExchangeCollect
