"""Grading through nbgrader itself: a class whose grades are known, and every way to grade it."""

import csv
import re
import subprocess
from html import unescape
from itertools import zip_longest

import nbformat
import pytest

from autograder import cli, demo, pipeline
from autograder.cells import solved_exercise
from autograder.course import Course
from autograder.misconceptions import misconceptions
from tests.alternatives import alternatives
from tests.formgrader import environment, formgrader
from tests.graded_class import some_of

CHAPTER = "05_attention"
STUBBORN = "while True:\n    try:\n        while True:\n            pass\n    except:\n        pass"


@pytest.fixture(scope="module")
def classroom(course, tmp_path_factory):
    """A graded class: the course it lies in, the submissions and the results by student."""
    there, everyone = demo.make_class(course, tmp_path_factory.mktemp("classroom"), CHAPTER)
    group = list(some_of(everyone, "endless-loop", "flood"))
    released = nbformat.read(there.folder("release", CHAPTER) / f"{CHAPTER}.ipynb", as_version=4)
    exercises = [name for name in map(solved_exercise, released.cells) if name]
    columns = (alternatives(name) for name in exercises)
    right = {name: demo.right(name) for name in exercises}
    more = [
        demo.Submission(f"alternatives-{n}", right | {a.exercise: a.source for a in pack if a})
        for n, pack in enumerate(zip_longest(*columns), 1)
    ]
    last = exercises[-1]
    endless = demo.begin_with(last, STUBBORN)
    note = "could not be interrupted"
    more.append(demo.Submission("stubborn-loop", right | {last: endless}, {last: note}))
    for submission in more:
        demo.hand_in(there, CHAPTER, submission, released)
    corrupt = there.folder("submitted", CHAPTER, "corrupt")
    corrupt.mkdir(parents=True)
    (corrupt / f"{CHAPTER}.ipynb").write_text("{ this is not a notebook")
    renamed = there.folder("submitted", CHAPTER, "renamed")
    renamed.mkdir(parents=True)
    nbformat.write(released, renamed / "mine.ipynb")
    students = [submission.student for submission in [*group, *more]] + ["corrupt", "renamed"]
    results = {r.student: r for r in pipeline.grade(there, CHAPTER, students)}
    for _ in pipeline.feedback(
        there, CHAPTER, [s for s in students if s not in ("corrupt", "renamed")]
    ):
        pass
    return there, {submission.student: submission for submission in [*group, *more]}, results


def test_every_grade_is_what_it_must_be(classroom):
    _, group, results = classroom
    wrong = {s: demo.mistakes(group[s], results[s]) for s in group}
    assert not {student: found for student, found in wrong.items() if found}


def test_the_demo_notices_a_grade_that_is_not_what_it_must_be(classroom):
    _, group, results = classroom
    swapped = demo.mistakes(group["all-right"], results["half-done"])
    assert any("is right, but got 0" in mistake for mistake in swapped)
    swapped = demo.mistakes(group["endless-loop"], results["all-right"])
    assert any("got full marks" in mistake for mistake in swapped)
    assert demo.mistakes(group["untouched"], results["all-right"])
    assert demo.mistakes(group["all-right"], results["corrupt"])


def test_right_notebooks_get_full_marks_and_untouched_ones_none(classroom):
    _, group, results = classroom
    right = [s for s in group if not group[s].wrong]
    assert {"all-right", "warns-but-right"} < set(right)
    assert sum(s.startswith("alternatives") for s in right) >= 2
    for student in right:
        assert results[student].score == results[student].points > 0
    assert results["untouched"].score == 0


def test_every_misconception_is_in_the_class(classroom):
    _, group, _ = classroom
    exercises = list(group["all-right"].sources)
    everyone = demo.submissions(exercises)
    handed_in = {(e, note) for submission in everyone for e, note in submission.wrong.items()}
    assert {(m.exercise, m.thought) for e in exercises for m in misconceptions(e)} <= handed_in


def test_the_teachers_sentence_is_in_the_feedback(classroom):
    there, group, _ = classroom
    for student, submission in group.items():
        if not student.startswith("misconceptions"):
            continue
        page = there.folder("feedback", CHAPTER, student) / f"{CHAPTER}.html"
        text = unescape(re.sub(r"</?(code|em)\b[^>]*>", "", page.read_text())).replace("*", "")
        for exercise, thought in submission.wrong.items():
            says = next(m.says for m in misconceptions(exercise) if m.thought == thought)
            assert re.sub("[`*]", "", says) in text, (student, exercise, thought)


def test_limits_end_a_loop_and_a_flood_and_leave_what_was_earned(classroom):
    _, _, results = classroom
    for student in ("endless-loop", "flood", "stubborn-loop", "raises", "syntax-error"):
        result = results[student]
        assert 0 < result.score < result.points
        assert not result.error


def test_a_corrupt_and_a_missing_notebook_are_a_row_with_an_error_each(classroom):
    _, _, results = classroom
    assert "is damaged: it cannot be read as a notebook" in results["corrupt"].error
    assert "corrupt" in cli.table(list(results.values()))
    assert "was not handed in, but mine.ipynb" in results["renamed"].error
    assert [s for s, r in results.items() if r.error] == ["corrupt", "renamed"]


def test_a_flood_does_not_reach_the_graded_notebook(classroom):
    there, _, _ = classroom
    path = there.folder("autograded", CHAPTER, "flood") / f"{CHAPTER}.ipynb"
    assert path.stat().st_size < 2_000_000


STUDENTS = ("all-right", "half-done", "misconceptions-01")


def grades(there: Course) -> dict[str, float]:
    return {s: pipeline.read_result(there, CHAPTER, s).score for s in STUDENTS}


def test_nbgraders_own_command_gives_the_same_grades(classroom):
    there, _, results = classroom
    for student in STUDENTS:
        subprocess.run(
            ["nbgrader", "autograde", CHAPTER, "--student", student, "--force"],
            cwd=there.root,
            env=environment(),
            check=True,
            capture_output=True,
        )
    assert grades(there) == {s: results[s].score for s in STUDENTS}


def test_formgraders_button_gives_the_same_grades(classroom):
    there, _, results = classroom
    with formgrader(there) as autograde:
        for student in STUDENTS:
            answer = autograde(CHAPTER, student)
            assert answer["success"], answer["log"]
        answer = autograde(CHAPTER, "corrupt")
        assert not answer["success"]
        assert f"corrupt: {results['corrupt'].error}" in answer["log"]
    assert grades(there) == {s: results[s].score for s in STUDENTS}


def test_the_command_line_grades_writes_feedback_and_exports(classroom, capsys, tmp_path):
    there, _, results = classroom
    course = ["--course", str(there.root)]
    assert cli.main([*course, "grade", CHAPTER, "--students", "all-right"]) == 0
    assert "all right" in capsys.readouterr().out
    assert cli.main([*course, "feedback", CHAPTER, "--students", "all-right"]) == 0
    grades_file = tmp_path / "grades.csv"
    assert cli.main([*course, "export", "--to", str(grades_file)]) == 0
    with grades_file.open() as file:
        rows = [row for row in csv.DictReader(file) if row["assignment"] == CHAPTER]
    exported = {row["student_id"]: float(row["raw_score"]) for row in rows}
    for student in STUDENTS:
        assert exported[student] == pytest.approx(results[student].score)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["grade", "nowhere"], "no submissions of nowhere"),
        (["grade", CHAPTER, "--students", "nobody"], "nothing submitted"),
        (["feedback", CHAPTER, "--students", "nobody"], "nothing submitted"),
    ],
)
def test_an_error_is_one_clear_line_and_an_exit_code(classroom, capsys, arguments, says):
    there, _, _ = classroom
    assert cli.main(["--course", str(there.root), *arguments]) == 1
    error = capsys.readouterr().err
    assert says in error
    assert len(error.strip().splitlines()) == 1


def test_outside_a_course_the_command_line_says_what_is_missing(capsys, tmp_path):
    assert cli.main(["--course", str(tmp_path), "build"]) == 1
    assert "is not a course folder" in capsys.readouterr().err
