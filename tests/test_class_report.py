"""The class report: its numbers are right, and nothing of a student's own comes into it."""

import json
import re
import shutil
from collections import Counter
from datetime import datetime, timedelta

import pytest
from bs4 import BeautifulSoup

from autograder import cli, demo, exercises, pipeline
from autograder.answers import reference
from autograder.class_report import Column, _handed_in, _scores, class_report
from autograder.course import Course, CourseError
from autograder.gradebook import Points, Standing
from autograder.misconceptions import misconceptions
from autograder.report import Sentence
from tests import small_class
from tests.small_class import CHAPTER, FILE, released, small_course, submit
from tests.views.view_tools import assert_accessible

DUE = datetime(2026, 11, 13, 22)
EVIL = "<img src=x onerror=\"document.title='hit'\"><script>hit()</script>"
PACK = 3  # students with the same misconceptions


@pytest.fixture(scope="module")
def classroom(tmp_path_factory) -> Course:
    """A graded class in which everything happens that the page tells of."""
    course = small_course(tmp_path_factory.mktemp("class"))
    names = small_class.exercises(course)
    group = {submission.student: submission for submission in demo.submissions(names)}
    notebook = released(course)
    pack, right = group["misconceptions-01"], group["all-right"]
    evil = demo.begin_with(names[0], f"raise KeyError({EVIL!r})")
    handed_in = {f"x-wrong-{n}": pack for n in range(PACK)} | {
        "x-late": right,
        "x-extended": right,
        "x-untouched": group["untouched"],
        "x-evil": demo.Submission("x-evil", right.sources | {names[0]: evil}),
    }
    with course.api.gradebook as book:
        book.update_or_create_assignment(CHAPTER, duedate=DUE)
        book.add_student("x-late", first_name=EVIL, last_name='"><b>')
        for student in ("x-extended", "x-nothing-but-an-extension"):
            book.update_or_create_student(student)
            book.add_submission(CHAPTER, student)
            book.grant_extension(CHAPTER, student, days=1)
    for number, (student, submission) in enumerate(handed_in.items()):
        handed = submission.notebook(notebook)
        handed.metadata["autograder_seconds"] = 900_000
        for cell in handed.cells:
            cell.metadata["autograder_verdict"] = {"passed": 9, "cases": 9, "failing": [EVIL]}
        folder = submit(course, student, handed)
        late = student in ("x-late", "x-extended")
        at = DUE + timedelta(hours=1 if late else -number)
        (folder / "timestamp.txt").write_text(f"{at} UTC\n")
    (submit(course, "x-broken") / FILE).write_text("{ this is not a notebook")
    list(pipeline.grade(course, CHAPTER, [*handed_in, "x-broken"]))
    submit(course, "x-not-yet", notebook)
    return course


@pytest.fixture(scope="module")
def pack(classroom) -> demo.Submission:
    """What the students have handed in who share their misconceptions."""
    names = small_class.exercises(classroom)
    return next(s for s in demo.submissions(names) if s.student == "misconceptions-01")


@pytest.fixture(scope="module")
def page(classroom) -> BeautifulSoup:
    return soup(class_report(classroom, CHAPTER)[0])


@pytest.fixture
def copy(classroom, tmp_path) -> Course:
    """A copy of the class, to spoil."""
    return Course(shutil.copytree(classroom.root, tmp_path / "copy"))


def soup(html: str) -> BeautifulSoup:
    return BeautifulSoup(html, "html.parser")


def section(page: BeautifulSoup, name: str) -> BeautifulSoup:
    return page.find("section", {"aria-labelledby": name})


def words(element) -> str:
    return " ".join(element.get_text(" ").split())


def graded(course: Course, student: str):
    return course.folder("autograded", CHAPTER, student) / FILE


def rows_of(page: BeautifulSoup) -> dict[str, list[str]]:
    """The table of exercises: what stands beside each name."""
    rows = section(page, "exercises").find("tbody").find_all("tr")
    return {row.code.get_text(): [words(cell) for cell in row.find_all("td")] for row in rows}


def test_it_says_how_many_did_what(page):
    facts = [words(fact) for fact in page.find("ul", "facts").find_all("li")]
    assert facts == [
        f"{PACK + 6} handed in",
        f"{PACK + 5} graded",
        "1 late",
        "1 could not be read",
        "1 not graded yet",
    ]


def test_it_counts_each_exercise_as_grading_did(classroom, page):
    students = [s for s in classroom.students(CHAPTER) if s not in ("x-broken", "x-not-yet")]
    results = [pipeline.read_result(classroom, CHAPTER, student) for student in students]
    rows = rows_of(page)
    assert list(rows) == [n.partition(".")[2] for n in small_class.exercises(classroom)]
    for name in small_class.exercises(classroom):
        verdicts = [result.verdicts[name] for result in results]
        right = sum(v["passed"] == v["cases"] for v in verdicts) / len(verdicts)
        mean = sum(v["share"] for v in verdicts) / len(verdicts)
        assert rows[name.partition(".")[2]] == [f"{100 * right:.0f} %", f"{100 * mean:.0f} %", "1"]


def test_it_says_each_misconception_in_our_words_and_first_what_most_have(page, pack):
    told = [words(item) for item in section(page, "thoughts").find_all("li")]
    students = PACK + 4
    for exercise, thought in pack.wrong.items():
        (says,) = [m.says for m in misconceptions(exercise) if m.thought == thought]
        sentence = words(soup(Sentence(says).html()))
        name = exercise.partition(".")[2]
        plain = [re.sub(r"\s+", "", text) for text in told]
        start = f"{name}:{PACK}studentsof{students}"
        assert any(t.startswith(start) and re.sub(r"\s+", "", sentence) in t for t in plain)
    first = section(page, "said").find("li")
    assert words(first).startswith(f"{PACK} of {students}")
    assert page.find("section") is section(page, "said")  # before anything else


def test_the_cases_that_fail_are_the_judges_own(classroom, page, pack):
    found = Counter()
    for row in section(page, "cases").find("tbody").find_all("tr"):
        cell = row.th.get_text(" ").split(" of ")
        name = row.code.get_text()
        number, of = map(int, words(row.td).split(" of "))
        ours = {
            case.name
            for case in exercises.find(f"tensors.{name}").run(reference(f"tensors.{name}"), 0)
        }
        alike = " of ".join(cell[:-1]).strip()
        assert any(alike.startswith(case) for case in ours)
        assert 0 < number <= of == PACK + 3  # who has not begun does not count
        found[name] = max(found[name], number)
    for exercise in pack.wrong:
        assert found[exercise.partition(".")[2]] >= PACK


def test_nothing_of_a_students_own_is_in_it(classroom):
    html, damaged = class_report(classroom, CHAPTER)
    assert not damaged
    assert "x-" not in soup(html).get_text()  # so their names begin
    for text in ("KeyError", "onerror", "hit()", "def ", "return", "900000"):
        assert text not in html
    assert not soup(html).find(["script", "img", "a", "iframe", "link", "form"])


def test_names_are_shown_on_request_and_are_only_text(classroom):
    page = soup(class_report(classroom, CHAPTER, names=True)[0])
    shown = [words(paragraph) for paragraph in page.find_all("p", "who")]
    assert f'x-late ({EVIL} "><b>)' in shown
    assert ", ".join(f"x-wrong-{n}" for n in range(PACK)) in shown
    assert "x-broken" in shown and "x-not-yet" in shown
    assert not page.find(["script", "img", "b"])


def test_what_a_forged_notebook_says_is_only_text(copy, browser, tmp_path):
    """The autograded notebooks are the instructor's, and yet."""
    path = graded(copy, "x-evil")
    notebook = json.loads(path.read_text())
    for cell in notebook["cells"]:
        if "autograder_verdict" in cell["metadata"]:
            cell["metadata"]["autograder_verdict"] |= {
                "summary": EVIL,
                "failing": [EVIL, "</style><script>document.title='hit'</script>"],
                "misconception": {"thought": EVIL, "says": f"`{EVIL}` *{EVIL}*"},
                "begun": True,
            }
    path.write_text(json.dumps(notebook))
    html, _ = class_report(copy, CHAPTER, names=True)
    assert not soup(html).find(["script", "img", "b"])
    (tmp_path / "page.html").write_text(html)
    with open_page(browser, tmp_path / "page.html") as tab:
        assert tab.title() == "Tensors: how the class did"


class open_page:
    """A page in a browser that is offline; what it asks for, or complains of, fails the test."""

    def __init__(self, browser, path, **options):
        self.context = browser.new_context(offline=True, **options)
        self.path, self.asked, self.said = path, [], []

    def __enter__(self):
        page = self.context.new_page()
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("console", lambda line: self.said.append(line.text))
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.goto(self.path.as_uri())
        return page

    def __exit__(self, *_):
        self.context.close()
        assert self.asked == [self.path.as_uri()]
        assert not self.said


@pytest.mark.parametrize("names", [False, True])
def test_the_page_reads_well_for_everyone(classroom, browser, tmp_path, names):
    path = tmp_path / "page.html"
    path.write_text(class_report(classroom, CHAPTER, names)[0])
    with open_page(browser, path, viewport={"width": 400, "height": 800}) as page:
        assert_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= 400
        charts = page.get_by_role("img")
        assert charts.count() == 2
        about = charts.last.locator("desc").text_content()
        assert about.count("1") >= 2 and "of them late" in about


VERDICTS = 3, {}, {"passed": "x", "cases": 1, "summary": ""}, {"passed": 2, "cases": 1}
VERDICTS += ({"passed": float("inf"), "cases": 1},)
MARKED = [{"autograder_verdict": row, "nbgrader": {"grade_id": "check-x"}} for row in VERDICTS]
CELLS = [], [{}], [3], 3, *([{"metadata": marks}] for marks in MARKED)
DAMAGED = [None, b"", b"\x00\xff", b"[]", b"3", b'{"cells": []}', b"[" * 10**5] + [
    json.dumps({"metadata": {}, "cells": cells}).encode() for cells in CELLS
]


def test_a_damaged_notebook_is_one_line_and_stops_nothing(copy, tmp_path, capsys):
    path = graded(copy, "x-late")
    to = tmp_path / "page.html"
    command = ["--course", str(copy.root), "report", CHAPTER, "--to", str(to)]
    for content in DAMAGED:
        path.unlink(missing_ok=True)
        if content is not None:
            path.write_bytes(content)
        assert cli.main(command) == cli.OK
        assert capsys.readouterr().err == (
            "autograder: no graded notebook could be read of: x-late\n"
        )
        page = soup(to.read_text())
        assert "The graded notebook of 1 student is missing or damaged" in words(page.header)
        assert words(section(page, "said").find("li")).startswith(f"{PACK} of {PACK + 3}")


def test_a_class_of_which_nothing_can_be_read_has_a_page_too(copy, capsys):
    for student in copy.students(CHAPTER):
        graded(copy, student).unlink(missing_ok=True)
    assert cli.main(["--course", str(copy.root), "report", CHAPTER, "--names"]) == cli.OK
    to = copy.root / "classroom" / f"{CHAPTER}_report.html"
    assert capsys.readouterr().out == f"{to}\n"
    assert "No graded notebook could be read." in words(section(soup(to.read_text()), "said"))


def test_what_an_earlier_version_graded_is_counted_as_far_as_it_is_known(copy):
    for student in copy.students(CHAPTER):
        if graded(copy, student).exists():
            notebook = json.loads(graded(copy, student).read_text())
            notebook["metadata"].pop("autograder_seconds")
            for cell in notebook["cells"]:
                row = cell["metadata"].get("autograder_verdict", {})
                for key in set(row) - {"passed", "cases", "summary"}:
                    del row[key]
            graded(copy, student).unlink()
            graded(copy, student).write_text(json.dumps(notebook))
    new = soup(class_report(copy, CHAPTER)[0])
    assert f"For {PACK + 4} students neither failing cases nor" in words(section(new, "cases"))
    assert section(new, "thoughts").find("li") is None
    assert {row[2] for row in rows_of(new).values()} == {"1"}
    assert "A notebook ran" not in words(section(new, "time"))


def test_nothing_graded_is_an_error_and_no_page(copy, empty_course, tmp_path, capsys):
    to = tmp_path / "page.html"
    for course, chapter, says in (
        (empty_course, CHAPTER, "the gradebook has no chapter '01_tensors'"),
        (copy, "../x", "the gradebook has no chapter '../x'"),
    ):
        command = ["--course", str(course.root), "report", chapter, "--to", str(to)]
        assert cli.main(command) == cli.WRONG
        assert says in capsys.readouterr().err
    with copy.api.gradebook as book:
        for student in (
            "x-late",
            "x-evil",
            "x-extended",
            "x-untouched",
            "x-broken",
            "x-wrong-0",
            "x-wrong-1",
        ):
            book.remove_submission(CHAPTER, student)
        book.remove_submission(CHAPTER, "x-wrong-2")
    with pytest.raises(CourseError, match="nothing of 01_tensors is graded yet"):
        class_report(copy, CHAPTER)
    assert not to.exists()


def standing(student="s", at=None, late=0.0, points=0.0) -> Standing:
    return Standing(student, CHAPTER, at, late, points, 0.0, 0.0, True, False)


def filled(columns: list[Column]) -> dict[str, tuple[int, int]]:
    return {c.name: (len(c.lower), len(c.upper)) for c in columns if c.number}


def test_scores_are_counted_by_tenths_and_all_is_a_column_of_its_own():
    points = Points(None, 30.0, 4.0)
    scores = _scores([standing(points=p) for p in (0, 2.99, 3, 8.99, 9 - 1e-12, 29.99, 30)], points)
    assert filled(scores) == {
        "0 to below 10 %": (2, 0),
        "10 to below 20 %": (1, 0),
        "20 to below 30 %": (1, 0),
        "30 to below 40 %": (1, 0),  # what was added up may lie a little below
        "90 to below 100 %": (1, 0),
        "all points": (1, 0),
    }
    assert filled(_scores([standing()], Points(None, 0.0, 0.0))) == {"0 to below 10 %": (1, 0)}


def test_the_timeline_keeps_what_is_far_away_at_its_ends():
    hours = -10_000, -30, -1, 0, 1, 10_000
    late = [standing(at=DUE + timedelta(hours=h), late=max(0.0, h)) for h in hours]
    columns, before = _handed_in(late, DUE)
    assert sum(c.number for c in columns) == len(hours) and len(columns) <= 28
    assert columns[0].number == columns[-1].number == 1
    assert sum(len(c.lower) for c in columns[:before]) == 4  # what came on the minute is in time
    assert sum(len(c.upper) for c in columns[before:]) == 2
    alone, before = _handed_in([standing(at=DUE)], None)
    assert [c.number for c in alone] == [1]
    assert _handed_in([standing()], DUE) == ([], 0)
