"""The grades as CSV: nbgrader's columns, and what Canvas and Moodle document and really read."""

import csv
import io
import os
import shutil
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from autograder import cli
from autograder.course import CONFIG, Course
from tests.conftest import ROOT

ADA, BO, CEM, DAN, EVE = "ada", "bo", "cem", "dan", "eve"
DUE = datetime(2026, 11, 13, 22)
CHAPTERS = {"02_descent": "Gradient descent", "01_tensors": "Tensors", "03_backprop": "Backprop"}
ORDER = "01_tensors", "02_descent"

CANVAS = (
    "Student,ID,SIS User ID,SIS Login ID,Section,Homework 1 (77),Gradient descent (78),"
    "Current Score,Final Score\r\n"
    ",,,,,Manual Posting,,,\r\n"
    "    Points Possible,,,,,10,14,(read only),(read only)\r\n"
    '"Núñez, Ada",501,u1,ada@uni.edu,"A, evening",9,,90,80\r\n'
    '"Li, ""Bo""",502,bo,other,A,,3.25,90,80\r\n'
    "Zoë,503,u3,zoe,B,7,EX,90,80\r\n"
    '"Student, Test",504,,3f2c,A,,,,\r\n'
)
MOODLE = (
    "First name,Last name,ID number,Institution,Email address,Assignment: Tensors (Real),"
    "Assignment: Tensors (Percentage),Assignment: Tensors (Feedback),Last downloaded from this "
    "course\r\n"
    "Ada,Núñez,1,,ADA@uni.edu,-,-,,1765000000\r\n"
    "Bo,Li,bo,,b@uni.edu,-,-,Come and see me,1765000000\r\n"
    "Zoë,Ω,3,,z@uni.edu,-,-,,1765000000\r\n"
)


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """A gradebook in which each student stands otherwise; the chapters are two, and one more.

    Ada has everything by the clock, Bo is late and waits for points by hand, Cem has an extension
    and has handed in nothing, Dan did half a point of the first chapter alone, Eve nothing at all.
    """
    entry = '[[chapter]]\nname = "{}"\ntitle = "{}"\nminutes = 1\nneeds = ["numpy"]\n'
    entries = [entry.format(name, CHAPTERS[name]) for name in sorted(CHAPTERS)]
    root = tmp_path_factory.mktemp("made")
    shutil.copy(ROOT / CONFIG, root)
    (root / "chapters").mkdir()
    (root / "chapters" / "chapters.toml").write_text("".join(entries))
    with Course(root).api.gradebook as book:
        for name in CHAPTERS:
            book.add_assignment(name, duedate=DUE)
            book.add_notebook(name, name)
            book.add_grade_cell("check", name, name, max_score=10, cell_type="code")
            book.add_grade_cell("written", name, name, max_score=4, cell_type="markdown")
        book.add_student(ADA, first_name="Ada", last_name="Núñez", email="ada@uni.edu")
        book.add_student(BO, first_name='B"o', last_name="Li")
        for student in (CEM, DAN, EVE):
            book.add_student(student)
        for name in ORDER:
            record(book, name, ADA, 8.125, 3)
            record(book, name, BO, 6, None, penalty=1.5)
            book.add_submission(name, CEM)
            book.grant_extension(name, CEM, days=2)
        record(book, "01_tensors", DAN, 0.5, 0)
    return root


@pytest.fixture
def course(made, tmp_path) -> Course:
    """A copy of it."""
    return Course(shutil.copytree(made, tmp_path / "course"))


def record(book, chapter, student, score, written, penalty=None, manual=None):
    submission = book.add_submission(chapter, student, timestamp=DUE - timedelta(hours=1))
    (notebook,) = submission.notebooks
    notebook.late_submission_penalty = penalty
    for grade in notebook.grades:
        if grade.cell.cell_type == "code":
            grade.auto_score, grade.manual_score = score, manual
            grade.needs_manual_grade = False
        else:
            grade.manual_score, grade.needs_manual_grade = written, written is None
    book.db.commit()


@pytest.fixture
def export(course, tmp_path, capsys):
    """Runs the command; returns the rows and what was said on stderr."""
    capsys.readouterr()

    def run(*options, roster="", encoding="utf-8", code=cli.OK):
        to = tmp_path / "out.csv"
        more = []
        if roster:
            path = tmp_path / "roster.csv"
            path.write_bytes(roster.encode(encoding))
            more = ["--roster", str(path)]
        command = ["--course", str(course.root), "export", "--to", str(to), *options, *more]
        assert cli.main(command) == code
        errors = capsys.readouterr().err
        if code:
            assert not to.exists()
            return errors
        return read(to), errors

    return run


def read(path: Path, **options) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file, **options))


def test_nbgrader_gets_its_own_columns_first_and_written_points_too(course, export, tmp_path):
    from nbgrader.plugins import CsvExportPlugin

    rows, errors = export()
    with course.api.gradebook as book:
        CsvExportPlugin(to=str(tmp_path / "theirs.csv")).export(book)
    theirs = read(tmp_path / "theirs.csv")
    width = len(theirs[0])
    assert [row[:width] for row in rows] == theirs
    assert rows[0][width:] == ["written_score", "max_written_score", "needs_manual_grade"]
    of = {tuple(row[i] for i in (0, 3)): row[width:] for row in rows[1:]}
    assert of["01_tensors", ADA] == ["3.0", "4.0", "False"]
    assert of["01_tensors", BO] == ["0.0", "4.0", "True"]
    assert of["01_tensors", CEM] == of["03_backprop", EVE] == ["0.0", "4.0", "False"]
    assert "01_tensors: 1 of 3 wait for points by hand" in errors


def test_canvas_takes_the_header_and_finds_every_column(export):
    rows, errors = export("--format", "canvas")
    head, most, *students = rows
    # What Canvas asks of a header: two names, two of the SIS, and Section behind them.
    assert "Student" in head[0] and "ID" in head[1]
    assert head[2:5] == ["SIS User ID", "SIS Login ID", "Section"]
    assert head[5:] == ["Tensors", "Gradient descent"]  # in the order of the course, and graded
    assert "Points Possible" in most[0] and most[1:] == ["", "", "", "", "14", "14"]
    assert {len(row) for row in rows} == {7}
    assert students == [
        ["cem", "", "", "cem", "", "", ""],  # an extension is no grade
        ["dan", "", "", "dan", "", "0.5", ""],
        ["eve", "", "", "eve", "", "", ""],
        ['Li, B"o', "", "", "bo", "", "4.5", "4.5"],  # the penalty is taken off
        ["Núñez, Ada", "", "", "ada", "", "11.12", "11.12"],
    ]
    assert "1 of 3 wait for points by hand, and are exported" in errors


def test_moodle_gets_an_identifier_and_a_dash_where_there_is_no_grade(export):
    rows, _ = export("--format", "moodle")
    assert rows[0] == [
        "Username", "First name", "Last name", "Email address", "Tensors", "Gradient descent",
    ]  # fmt: skip
    assert rows[5] == ["ada", "Ada", "Núñez", "ada@uni.edu", "11.12", "11.12"]
    assert [row[4:] for row in rows[1:4]] == [["-", "-"], ["0.5", "-"], ["-", "-"]]


def test_what_waits_for_points_by_hand_can_be_left_out(export):
    rows, errors = export("--format", "canvas", "--complete-only", "--chapters", "02_descent")
    assert rows[0][5:] == ["Gradient descent"]
    assert [row[5] for row in rows[2:]] == ["", "", "", "", "11.12"]
    assert errors == ("autograder: 02_descent: 1 of 2 wait for points by hand, and are left out\n")


def test_a_roster_of_canvas_is_kept_but_for_the_cells_of_the_chapters(export):
    roster = [row for row in csv.reader(CANVAS.splitlines())]
    options = "--format", "canvas", "--chapters", "02_descent"
    rows, errors = export(*options, roster=CANVAS)
    assert [row[6] for row in rows] == [
        "Gradient descent (78)", "", "14", "11.12", "4.5", "EX", "",
    ]  # fmt: skip
    for before, after in zip(roster, rows, strict=True):
        assert before[:6] == after[:6] and before[7:] == after[7:]
    assert "not in the gradebook: 3f2c, zoe" in errors
    assert "graded, but not in" not in errors
    _, errors = export("--format", "canvas", "--chapters", "01_tensors", roster=CANVAS)
    assert f"roster.csv: {DAN}\n" in errors  # who has a grade and is not there


def test_who_is_excused_in_canvas_stays_so(export):
    roster = CANVAS.replace(",3.25,", ",EX,")
    rows, errors = export("--format", "canvas", "--chapters", "02_descent", roster=roster)
    assert [row[6] for row in rows[3:]] == ["11.12", "EX", "EX", ""]
    assert errors.endswith("and left so: bo\n")


def test_a_chapter_that_canvas_lacks_is_a_new_column_with_its_points(export):
    rows, errors = export("--format", "canvas", "--chapters", "01_tensors", roster=CANVAS)
    assert rows[0][-1] == "Tensors" and rows[2][-1] == "14"
    assert [row[-1] for row in rows[3:]] == ["11.12", "4.5", "", ""]
    assert "no column 01_tensors or Tensors; one was added" in errors
    named = CANVAS.replace("Homework 1 (77)", "01_tensors (77)")
    rows, errors = export("--format", "canvas", "--chapters", "01_tensors", roster=named)
    assert [row[5] for row in rows[3:]] == ["11.12", "4.5", "7", ""]
    assert "counts 10 points in Canvas, and 14 here" in errors


def test_a_roster_of_moodle_is_kept_and_only_the_points_are_filled(export):
    options = "--format", "moodle", "--chapters", "01_tensors"
    rows, errors = export(*options, roster=MOODLE)
    before = [row for row in csv.reader(MOODLE.splitlines())]
    assert [row[5] for row in rows[1:]] == ["11.12", "4.5", "-"]
    assert [row[:5] + row[6:] for row in rows] == [row[:5] + row[6:] for row in before]
    assert f"roster.csv: {DAN}\n" in errors


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_mark_at_the_beginning_and_other_separators_are_kept(export, tmp_path, separator):
    text = io.StringIO()
    csv.writer(text, delimiter=separator).writerows(csv.reader(CANVAS.splitlines()))
    export("--format", "canvas", roster=text.getvalue(), encoding="utf-8-sig")
    out = tmp_path / "out.csv"
    assert out.read_bytes().startswith("\ufeffStudent".encode())
    rows = read(out, delimiter=separator)
    assert rows[0][0] == "Student" and rows[3][6] == "11.12" and rows[5][0] == "Zoë"


def test_another_column_can_identify_the_students(export):
    german = MOODLE.replace("ID number", "ID-Nummer").replace("Email address", "E-Mail-Adresse")
    errors = export("--format", "moodle", roster=german, code=cli.WRONG)
    assert "no column Username or ID number or Email address; it begins with First name" in errors
    options = "--format", "moodle", "--chapters", "01_tensors", "--match", "e-mail-adresse"
    rows, errors = export(*options, roster=german)
    assert [row[5] for row in rows[1:]] == ["11.12", "-", "-"]


@pytest.mark.parametrize(
    ("roster", "says"),
    [
        ("Student,ID,SIS Login ID\nA,1,nobody\n", "no student of the gradebook"),
        ("Student,ID,SIS Login ID\nA,1,ada\nA,2,ADA\n", "more than one row of"),
        ('Student,ID,SIS Login ID\n"A,1,ada\n', "is not a CSV file"),
        ("Student\n", "is not a CSV file"),
        ("\n", "is not a CSV file"),
    ],
)
def test_a_roster_that_cannot_be_filled_is_an_error_and_no_file(export, roster, says):
    assert says in export("--format", "canvas", roster=roster, code=cli.WRONG)


def test_a_roster_in_another_encoding_is_refused(export):
    errors = export("--format", "canvas", roster=CANVAS, encoding="latin-1", code=cli.WRONG)
    assert "is not UTF-8" in errors


FORMULAS = (
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    " =1",
    "a;=1",
    "\uff1d1",
)


@pytest.mark.parametrize("form", ["nbgrader", "canvas", "moodle"])
def test_no_name_of_a_student_is_a_formula(course, export, form):
    with course.api.gradebook as book:
        for formula in FORMULAS:
            book.add_student(formula, first_name=formula, last_name=formula, email=formula)
    rows, _ = export("--format", form)
    cells = [cell for row in rows for cell in row]
    for formula in FORMULAS:
        assert sum("'" + formula.lstrip(" \t\ra;") in cell for cell in cells) >= 2
    for part in (part for cell in cells for part in (cell, *cell.replace(";", ",").split(","))):
        assert part.strip() in ("", "-") or part.strip()[0] not in "=+-@\uff1d"


def test_a_roster_with_formulas_is_made_harmless_and_numbers_stay(export):
    roster = CANVAS.replace("Zoë", "=HYPERLINK(1)").replace("zoe", "-zoe").replace(",7,", ",-7.5,")
    rows, errors = export("--format", "canvas", "--chapters", "02_descent", roster=roster)
    assert rows[5][:6] == ["'=HYPERLINK(1)", "503", "u3", "'-zoe", "B", "-7.5"]
    assert "Canvas may not find -zoe" in errors


def test_a_file_is_the_old_one_or_the_new_one(course, export, tmp_path, monkeypatch):
    out = tmp_path / "out.csv"
    out.write_text("old")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    command = ["--course", str(course.root), "export", "--to", str(out)]
    assert cli.main(command) == cli.WRONG
    assert out.read_text() == "old"
    assert not list(tmp_path.glob(".out.csv*"))


def test_it_writes_into_a_pipe(course, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    assert cli.main(["--course", str(course.root), "export", "--to", str(pipe)]) == cli.OK
    assert os.read(reader, 100).startswith(b"assignment,duedate")
    os.close(reader)


def test_what_cannot_be_done_is_said(course, export, capsys, tmp_path):
    assert "has no chapter 09_none" in export("--chapters", "09_none", code=cli.WRONG)
    folder = ["--course", str(course.root), "export", "--to", str(tmp_path)]
    assert cli.main(folder) == cli.WRONG
    assert "cannot be written" in capsys.readouterr().err
    for wrong in (["--match", "x", "--format", "moodle"], ["--roster", "x"]):
        with pytest.raises(SystemExit) as stopped:
            cli.main(["--course", str(course.root), "export", *wrong])
        assert stopped.value.code == 2


def test_before_anything_is_graded_there_is_nothing_for_canvas(empty_course, capsys):
    (empty_course.root / "chapters" / "chapters.toml").write_text("chapter = []\n")
    command = ["--course", str(empty_course.root), "export", "--format", "canvas"]
    assert cli.main(command) == cli.WRONG
    assert "nothing is graded yet" in capsys.readouterr().err


def test_what_was_handed_in_and_not_graded_is_told(course, export):
    for student in (ADA, EVE):
        course.folder("submitted", "02_descent", student).mkdir(parents=True)
    _, errors = export("--format", "canvas", "--chapters", "02_descent")
    assert "02_descent: handed in and not graded yet: eve\n" in errors
