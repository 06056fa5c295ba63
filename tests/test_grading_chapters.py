"""Every other chapter through nbgrader: a class whose grades are known, graded as it must be.

Chapter 5 has tests of its own (`test_grading`).

Only some students of the class, so that it ends in a minute or two: `test_catalogue` holds every
misconception to lose points and to be named, and `make grade-demo` grades the whole class.
"""

import pytest

from autograder import demo, pipeline
from autograder.build import read_chapters
from autograder.course import Course
from tests.conftest import ROOT

CHAPTERS = [c.name for c in read_chapters(Course(ROOT)) if c.name != "05_attention"]
STUDENTS = "all-right", "untouched", "half-done", "warns-but-right", "syntax-error", "raises"


def some_of(group):
    """The students named above, and misconceptions until every exercise is got wrong by one."""
    named = set()
    for submission in group:
        if submission.student in STUDENTS:
            yield submission
        elif submission.student.startswith("misconceptions") and set(submission.wrong) - named:
            named |= set(submission.wrong)
            yield submission
    assert named == set(group[0].sources)


@pytest.fixture(scope="module", params=CHAPTERS)
def classroom(request, course, tmp_path_factory):
    """A graded class: its submissions and the results by student."""
    chapter = request.param
    there, group = demo.make_class(course, tmp_path_factory.mktemp("classroom"), chapter)
    group = {submission.student: submission for submission in some_of(group)}
    return group, {r.student: r for r in pipeline.grade(there, chapter, list(group))}


def test_every_grade_is_what_it_must_be(classroom):
    group, results = classroom
    wrong = {student: demo.mistakes(group[student], results[student]) for student in group}
    assert not {student: found for student, found in wrong.items() if found}


def test_the_right_notebook_gets_full_marks_and_the_untouched_one_none(classroom):
    _, results = classroom
    right = results["all-right"]
    assert right.score == results["warns-but-right"].score
    assert all(v["passed"] == v["cases"] for v in right.verdicts.values())
    assert 0 < results["half-done"].score < right.score
    assert results["untouched"].score == 0
