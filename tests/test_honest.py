"""Honest work gets the marks that it deserves, however it was written, saved and noised."""

import nbformat
import pytest

from autograder import pipeline
from autograder.cells import checked_exercise
from tests.corpus import hand_in, make_course
from tests.formgrader import formgrader
from tests.honest import ideas

SECONDS = 15  # that a cell may take


@pytest.fixture(scope="module")
def graded(course, tmp_path_factory):
    """A course in which every idea was graded, and the results by student."""
    root = tmp_path_factory.mktemp("honest") / "course"
    there = make_course(course, root, sorted({idea.chapter for idea in ideas}))
    there.config.Limits.cell = SECONDS
    hand_in(there, ideas)
    results = {}
    for chapter in sorted({idea.chapter for idea in ideas}):
        students = [idea.student for idea in ideas if idea.chapter == chapter]
        results |= {result.student: result for result in pipeline.grade(there, chapter, students)}
    return there, results


def points(course, chapter):
    """The points of each exercise of a chapter."""
    path = course.folder("release", chapter) / f"{chapter}.ipynb"
    checks = [(checked_exercise(c), c) for c in nbformat.read(path, as_version=4).cells]
    return {name: cell.metadata.nbgrader.points for name, cell in checks if name}


def test_every_idea_has_a_name_of_its_own():
    assert len({idea.student for idea in ideas}) == len(ideas) >= 40


@pytest.mark.parametrize("idea", ideas, ids=lambda idea: idea.student)
def test_honest_work_gets_what_it_deserves(idea, graded):
    there, results = graded
    result = results[idea.student]
    assert not result.error
    got = {name: v["passed"] / v["cases"] for name, v in result.verdicts.items()}
    worth = points(there, idea.chapter)
    deserved = {name: idea.share(name) for name in worth}
    assert got == pytest.approx(deserved), result.notes
    assert result.score == pytest.approx(
        sum(round(share * worth[name], 2) for name, share in deserved.items())
    )


def test_formgraders_button_gives_the_same(graded):
    there, results = graded
    students = "marks-were-lost", "cells-were-run-out-of-order", "one-case-is-wrong"
    with formgrader(there) as autograde:
        assert all(autograde("01_tensors", student)["success"] for student in students)
    scores = {s: pipeline.read_result(there, "01_tensors", s).score for s in students}
    assert scores == {s: results[s].score for s in students}
