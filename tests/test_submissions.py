"""Submissions of every kind: none stops the grading, and what cannot be read is told in words."""

import json
import os
import stat
import subprocess
import sys
from html import unescape
from pathlib import Path

import pytest

from autograder import pipeline, submissions
from autograder.cells import solved_exercise
from autograder.submissions import Refused, is_odd, printable, read_notebook, read_timestamp
from tests.small_class import CHAPTER, FILE, exercises, small_course, solved, submit


def text(**changes) -> str:
    """A notebook as text, with ``changes`` in its outermost part."""
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []} | changes)


def code(source) -> dict:
    return {"cell_type": "code", "source": source, "metadata": {}, "outputs": []}


def grow(path: Path, size: int) -> None:
    with path.open("wb") as file:
        file.truncate(size)


# What lies in the place of the notebook, and what is said of it.
BAD = {
    "nothing": (lambda path: None, "was not handed in"),
    "another-name": (lambda path: (path.parent / "mine.ipynb").touch(), ", but mine.ipynb"),
    "empty": (Path.touch, "is empty"),
    "no-json": (lambda path: path.write_text("{ this is not a notebook"), "is damaged"),
    "cut-short": (lambda path: path.write_text(text()[:-5]), "is damaged"),
    "null-bytes": (lambda path: path.write_bytes(bytes(1000)), "is damaged"),
    "no-utf-8": (lambda path: path.write_bytes(b'{"nbformat": "\xff"}'), "is damaged"),
    "nested": (lambda path: path.write_text("[" * 1_000_000), "is damaged"),
    "huge-number": (lambda path: path.write_text("9" * 1_000_000), "is damaged"),
    "list": (lambda path: path.write_text("[]"), "is not a notebook"),
    "string": (lambda path: path.write_text('"nbformat"'), "is not a notebook"),
    "no-format": (lambda path: path.write_text("{}"), "is not a notebook"),
    "format-3": (lambda path: path.write_text(text(nbformat=3)), "format 3, not 4"),
    "format-99": (lambda path: path.write_text(text(nbformat=99)), "format 99, not 4"),
    "no-cells": (lambda path: path.write_text(text(cells={"a": 1})), "it has no cells"),
    "many-cells": (
        lambda path: path.write_text(text(cells=[code("1")] * 100_000)),
        "has 100,000 cells; at most 2,000",
    ),
    "long-cell": (
        lambda path: path.write_text(text(cells=[code("1" * 20_000_000)])),
        "a cell of 20,000,000 characters of code",
    ),
    "large": (lambda path: grow(path, 100_000_000), "has 100 MB; at most 30 MB"),
    "folder": (Path.mkdir, "is a folder"),
    "pipe": (os.mkfifo, "is a pipe or a device"),
    "socket": (lambda path: os.mknod(path, stat.S_IFSOCK | 0o600), "is a pipe or a device"),
    "link": (lambda path: path.symlink_to("../../all-right/" + f"{CHAPTER}/{FILE}"), "is a link"),
    "link-to-nothing": (lambda path: path.symlink_to("nowhere"), "is a link"),
    "endless": (lambda path: path.symlink_to("/dev/zero"), "is a link"),
}


@pytest.mark.parametrize("kind", BAD)
def test_what_cannot_be_graded_is_refused_in_words(tmp_path, kind):
    make, says = BAD[kind]
    folder = tmp_path / "student" / CHAPTER
    folder.mkdir(parents=True)
    make(folder / FILE)
    with pytest.raises(Refused) as refused:
        read_notebook(tmp_path, folder, CHAPTER)
    assert says in refused.value.problem
    assert refused.value.advice.endswith(".")


def test_a_folder_that_is_a_link_is_refused(tmp_path):
    for part in ("student", f"student/{CHAPTER}"):
        other = tmp_path / "other" / CHAPTER
        other.mkdir(parents=True, exist_ok=True)
        (other / FILE).write_text(text())
        link = tmp_path / part
        link.parent.mkdir(exist_ok=True)
        link.symlink_to(other if CHAPTER in part else other.parent)
        with pytest.raises(Refused, match="is a link"):
            read_notebook(tmp_path, tmp_path / "student" / CHAPTER, CHAPTER)
        link.unlink()


def test_a_file_that_may_not_be_read_is_refused(tmp_path, monkeypatch):
    def forbid(path, flags, **options):
        if path == FILE:  # not by its mode, since root may read all
            raise PermissionError
        return real(path, flags, **options)

    real = os.open
    folder = tmp_path / "student" / CHAPTER
    folder.mkdir(parents=True)
    (folder / FILE).write_text(text())
    monkeypatch.setattr(submissions.os, "open", forbid)
    with pytest.raises(Refused, match="may not be read"):
        read_notebook(tmp_path, folder, CHAPTER)


def test_nothing_but_sources_is_taken_of_cells_of_any_form(tmp_path):
    cells = [
        code("kept = 1") | {"metadata": {"tags": ["skip-execution"], "nbgrader": {"points": 9}}},
        code(["in\n", "lines"]) | {"id": 7, "metadata": "none"},
        code("half \ud800") | {"metadata": {"nbgrader": {"grade_id": ["a"]}}},
        code(None),
        code([1]),
        "no cell",
        {"cell_type": "unknown", "source": ""},
    ]
    folder = tmp_path / "student" / CHAPTER
    folder.mkdir(parents=True)
    (folder / FILE).write_bytes(b"\xef\xbb\xbf" + text(cells=cells).encode())
    notebook = read_notebook(tmp_path, folder, CHAPTER)
    assert [cell.source for cell in notebook.cells] == ["kept = 1", "in\nlines", "half ?"]
    assert all(set(cell) == {"cell_type", "id", "metadata", "source"} for cell in notebook.cells)
    assert {str(cell.metadata.get("nbgrader")) for cell in notebook.cells} == {"None"}
    assert len({cell.id for cell in notebook.cells}) == 3


ODD = "*", "a[b]", "a?", " a", "a ", "new\nline", "\udcff", "n" * 129, "<img src=x onerror=f()>"


@pytest.mark.parametrize("name", ODD)
def test_a_name_that_nbgrader_would_take_for_a_pattern_or_a_tag_is_odd(name):
    assert is_odd(name)
    assert printable(name).isprintable()
    assert len(printable(name)) <= 60


@pytest.mark.parametrize(
    "name", ["ada", "ada lovelace", "Zoë", "-dash", "o'neill", "a.b@c.d", "漢"]
)
def test_the_name_of_a_person_is_not_odd(name):
    assert not is_odd(name)
    assert printable(name) == name


@pytest.mark.parametrize("written", ["soon", "", "9" * 50, "2026-01-01" + " " * 200])
def test_a_timestamp_that_is_none_is_refused(tmp_path, written):
    (tmp_path / "timestamp.txt").write_text(written)
    with pytest.raises(Refused):
        read_timestamp(tmp_path.parent, tmp_path)


GRADED_BAD = "nothing", "another-name", "no-json", "link", "pipe", "large"
PATTERN = "a[b]"


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """A course in which right and bad submissions are graded, and the results by student."""
    course = small_course(tmp_path_factory.mktemp("submissions"))
    for student in GRADED_BAD:
        BAD[student][0](submit(course, student) / FILE)
    folder = submit(course, "all-right", solved(course))
    (folder / "password").symlink_to("/etc/passwd")
    (folder / "all").symlink_to("/")
    (folder / "more").mkdir()
    (folder / "more" / "data.csv").write_text("1")
    os.mkfifo(folder / "pipe")
    (folder / "timestamp.txt").write_text("2026-03-01 12:00:00 UTC")
    submit(course, "ada l. Zoë", solved(course))
    last = exercises(course)[-1]
    spoiled = solved(course)
    cell = next(c for c in spoiled.cells if solved_exercise(c) == last)
    cell.source += "\nzero = '\0'"
    submit(course, "null", spoiled)
    os.mkfifo(submit(course, "undated", solved(course)) / "timestamp.txt")
    submit(course, PATTERN, solved(course))
    students = course.students(CHAPTER)
    results = {r.student: r for r in pipeline.grade(course, CHAPTER, students)}
    assert set(results) == set(students)
    return course, results


def test_each_bad_submission_is_a_row_with_an_error_and_no_points(graded):
    _, results = graded
    for student in GRADED_BAD:
        result = results[student]
        assert BAD[student][1] in result.error
        assert (result.score, result.points) == (0, results["all-right"].points)


def test_the_others_get_what_they_earned(graded):
    _, results = graded
    for student in ("all-right", "ada l. Zoë", "undated"):
        assert results[student].score == results[student].points > 0
    assert results["all-right"].error == results["ada l. Zoë"].error == ""
    assert 0 < results["null"].score < results["null"].points
    assert not results["null"].error


def test_a_timestamp_that_cannot_be_read_is_told_and_the_work_is_graded(graded):
    course, results = graded
    assert "timestamp.txt is a pipe" in results["undated"].error
    assert course.api.get_submitted_timestamp(CHAPTER, "undated") is None
    with course.api.gradebook as gradebook:
        stamp = gradebook.find_submission(CHAPTER, "all-right").timestamp
    assert stamp == course.api.get_submitted_timestamp(CHAPTER, "all-right")
    assert str(stamp) == "2026-03-01 12:00:00"


def test_a_folder_whose_name_is_a_pattern_is_a_row_and_touches_nobody(graded):
    course, results = graded
    assert "rename the folder" in results[PATTERN].error
    assert not course.folder("autograded", CHAPTER, PATTERN).exists()


def test_a_bad_submission_is_recorded_as_a_missing_answer_is(graded):
    course, _ = graded
    with course.api.gradebook as gradebook:
        for student in GRADED_BAD:
            for notebook in gradebook.find_submission(CHAPTER, student).notebooks:
                assert notebook.grades
                assert {(g.auto_score, g.needs_manual_grade) for g in notebook.grades} == {
                    (0, False)
                }


def test_the_student_is_told_in_the_feedback(graded):
    course, results = graded
    students = [*GRADED_BAD, "all-right"]
    assert dict(pipeline.feedback(course, CHAPTER, students)) == dict.fromkeys(students, "")
    for student in students:
        page = course.folder("feedback", CHAPTER, student) / f"{CHAPTER}.html"
        told = "Your notebook could not be graded" in page.read_text()
        assert told == (student in GRADED_BAD)
        assert results[student].error in unescape(page.read_text())


def test_no_other_file_of_a_submission_is_copied(graded):
    course, _ = graded
    folder = course.folder("autograded", CHAPTER, "all-right")
    assert sorted(os.listdir(folder)) == [FILE, "timestamp.txt"]


def test_feedback_of_what_was_not_graded_is_an_error(graded):
    course, _ = graded
    ((_, error),) = pipeline.feedback(course, CHAPTER, ["nobody"])
    assert "nothing was graded" in error


def test_nbgraders_own_command_says_and_records_the_same(graded):
    course, results = graded
    students = ["pipe", "link", "all-right"]
    for student in students:
        (course.folder("autograded", CHAPTER, student) / FILE).unlink()
    answer = subprocess.run(
        [Path(sys.executable).parent / "nbgrader", "autograde", CHAPTER],
        cwd=course.root,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert answer.returncode == 1
    for student in GRADED_BAD:
        if student in students:
            assert f"{student}: {results[student].error}" in answer.stderr
    assert "rename the folder" in answer.stderr
    for student in students:
        assert pipeline.read_result(course, CHAPTER, student) == results[student]
