"""A class of a chapter, graded through nbgrader, whose grades are known.

Only some students of the class, so that it ends in a minute or two: `test_catalogue` holds every
misconception to lose points and to be named, and `make grade-demo` grades the whole class.
"""

from autograder import demo, pipeline
from autograder.build import read_chapters
from autograder.course import Course
from tests.conftest import ROOT

STUDENTS = "all-right", "untouched", "half-done", "warns-but-right", "syntax-error", "raises"


def chapters(with_tensorflow: bool) -> list[str]:
    """The chapters that need TensorFlow, or those that do not; chapter 5 has tests of its own."""
    every = [c for c in read_chapters(Course(ROOT)) if c.name != "05_attention"]
    return [c.name for c in every if ("tensorflow" in c.needs) == with_tensorflow]


def some_of(group, *others):
    """The students named here and above, and misconceptions until each exercise is got wrong."""
    named = set()
    for submission in group:
        if submission.student in (*STUDENTS, *others):
            yield submission
        elif submission.student.startswith("misconceptions") and set(submission.wrong) - named:
            named |= set(submission.wrong)
            yield submission
    assert named == set(group[0].sources)


def graded_class(course, root, chapter):
    """Submissions and results of some students of ``chapter``'s class, by name."""
    there, group = demo.make_class(course, root, chapter)
    group = {submission.student: submission for submission in some_of(group)}
    return group, {r.student: r for r in pipeline.grade(there, chapter, list(group))}


def assert_grades(group, results):
    """Every grade is what it must be: full marks for what is right, none for what is untouched."""
    wrong = {student: demo.mistakes(group[student], results[student]) for student in group}
    assert not {student: found for student, found in wrong.items() if found}
    right = results["all-right"]
    assert right.score == right.points == results["warns-but-right"].score
    assert 0 < results["half-done"].score < right.score
    assert results["untouched"].score == 0
