"""Late days: each student spends them as they like, and loses points only beyond them."""

import pytest
from nbgrader.api import MissingEntry

from autograder import cli, gradebook, pipeline
from tests.small_class import CHAPTER, small_course, solved, submit

BEFORE, DUE = "2026-02-01 00:00:00 UTC", "2026-03-01 00:00:00 UTC"


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A class in which three students are two days late, and one of them was late before."""
    course = small_course(tmp_path_factory.mktemp("late"))
    course.config.AssignLatePenalties.plugin_class = "autograder.late.LateDays"
    course.config.LateDays.days = 3
    course.config.LateDays.cost = 0.25
    with course.api.gradebook as book:
        book.update_or_create_assignment("00_before", duedate=BEFORE)
        book.update_or_create_assignment(CHAPTER, duedate=DUE)
        book.add_student("late-before")
        book.add_submission("00_before", "late-before", timestamp="2026-02-02 12:00:00 UTC")
    for student in "late-before", "late-once", "ill":
        folder = submit(course, student, solved(course))
        (folder / "timestamp.txt").write_text("2026-03-02 23:00:00 UTC")
    return course


def penalty(course, student: str) -> float | None:
    with course.api.gradebook as book:
        (notebook,) = book.find_submission(CHAPTER, student).notebooks
        return notebook.late_submission_penalty


def grade(course, student: str) -> pipeline.Result:
    (result,) = pipeline.grade(course, CHAPTER, [student], force=False)
    assert not result.error and result.score > 0
    return result


def test_late_days_are_free_while_there_are_any(course):
    grade(course, "late-once")
    assert penalty(course, "late-once") is None


def test_a_day_that_was_spent_before_is_spent_and_no_grade_goes_stale(course):
    # A day and a half before are two days, so one of three is left for two.
    result = grade(course, "late-before")
    assert penalty(course, "late-before") == pytest.approx(result.score / 4)
    assert grade(course, "late-before").unchanged
    extend = ["--course", str(course.root), "extend", "00_before", "--days", "5"]
    assert cli.main([*extend, "--students", "late-before"]) == cli.OK
    assert not grade(course, "late-before").unchanged
    assert penalty(course, "late-before") is None


def test_what_is_due_at_the_same_time_has_no_late_days_of_its_own(course):
    with course.api.gradebook as book:
        book.add_student("busy")
        for name in "twin-a", "twin-b":
            book.add_assignment(name, duedate="2025-01-01 00:00:00 UTC")
            book.add_submission(name, "busy", timestamp="2025-01-02 00:00:00 UTC")
        assert gradebook.seconds_late_before(book, "twin-a", "busy") == []
        assert gradebook.seconds_late_before(book, "twin-b", "busy") == [86400]


def test_an_extension_spends_no_late_day(course):
    with course.api.gradebook as book:
        book.add_student("ill")
        with pytest.raises(MissingEntry):
            gradebook.extend(book, CHAPTER, ["ill", "nobody"], 2)
        assert not [s for s in book.assignment_submissions(CHAPTER) if s.student_id == "ill"]
    command = ["--course", str(course.root), "extend", CHAPTER, "--students", "ill"]
    assert cli.main([*command, "--days", "1"]) == cli.OK
    course.config.LateDays.days = 1
    try:
        grade(course, "ill")
        assert penalty(course, "ill") is None
        assert cli.main([*command, "--days", "0"]) == cli.OK
        result = grade(course, "ill")
        assert penalty(course, "ill") == pytest.approx(result.score / 4)
    finally:
        course.config.LateDays.days = 3


def test_who_is_unknown_is_named(course, capsys):
    command = ["--course", str(course.root), "extend", CHAPTER, "--days", "1", "--students"]
    assert cli.main([*command, "nobody"]) == cli.WRONG
    assert "nobody" in capsys.readouterr().err


@pytest.mark.parametrize("days", ["nan", "inf", "-1", "1e12", "two"])
def test_days_that_are_no_number_of_days_are_refused(course, capsys, days):
    command = ["--course", str(course.root), "extend", CHAPTER, "--students", "ill"]
    with pytest.raises(SystemExit):
        cli.main([*command, f"--days={days}"])
    assert "--days" in capsys.readouterr().err
