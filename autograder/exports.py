"""Exports: the grades as a CSV file, for a spreadsheet (nbgrader's columns), Canvas or Moodle.

Canvas (https://teaching.resources.osu.edu/toolsets/carmencanvas/guides/calculating-final-grades/
import-csv-file-carmen-grades, and in https://github.com/instructure/canvas-lms the files
``lib/gradebook_importer.rb`` and ``lib/gradebook_exporter.rb``) reads the columns Student, ID, SIS
User ID, SIS Login ID, Section, then one column an assignment, and a row "Points Possible". An
assignment that it knows is called "Name (12345)"; another name makes a new one. An empty cell is no
score, and clears one that is there.

Moodle (https://docs.moodle.org/405/en/Grade_import, and ``grade/import/csv/classes/load_data.php``
of https://github.com/moodle/moodle) reads any columns, and asks which of them identifies the
student (ID number, email address, username) and which grade item each of the others is. One row
that it cannot identify stops the import. Its own exports write "-" where there is no grade; in a
new item an empty cell would count as 0.

Both are best given a file that they exported themselves, the roster: its rows and columns stay as
they are, only the cells of the chapters are filled, and those without a grade keep what they had.
"""

import csv
import io
import os
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from autograder import gradebook as book
from autograder.build import read_chapters
from autograder.course import Course, CourseError, in_words
from autograder.gradebook import Person, Points, Standing
from autograder.submissions import printable

BOM = "\ufeff"
FEW = 10  # names in a message
EXCUSED = "EX"  # as Canvas writes it of a student who need not hand in

# A spreadsheet takes for a formula what begins like this, in a cell of its own or in what becomes
# one where another character separates cells. The last four are what Asian keyboards write.
FORMULA = re.compile(r"(^|[,;\t\r\n|])(\s*)(?=[=+\-@\uff1d\uff0b\uff0d\uff20])")
HARMLESS = re.compile(r"\s*[+-]?[\d.,]*\s*%?\s*")  # a number, or the dash for no grade
HEADER = re.compile(r"(?:(?P<kind>[^:]+): )?(?P<name>.+?)(?: \((?P<suffix>[^()]*)\))?")

Row = list[str]


@dataclass(frozen=True)
class Chapter:
    """A chapter whose grades are exported: its name, its title, and what it is worth."""

    name: str
    title: str
    points: Points


@dataclass(frozen=True)
class Grades:
    """What is exported: the points of each student in each of the chapters, and what to tell."""

    chapters: list[Chapter]
    people: list[Person]
    standings: dict[tuple[str, str], Standing]  # by student and chapter
    notes: list[str]

    def points(self, student: str, chapter: Chapter) -> str:
        """The points as a number with a decimal point, "" where there is no grade."""
        standing = self.standings.get((student, chapter.name))
        return number(standing.score) if standing else ""


@dataclass(frozen=True)
class System:
    """A system that reads grades: which columns of its files identify a student, best first.

    ``nothing`` is how it writes that there is no grade, ``most`` begins its row of possible points.
    """

    name: str
    identifiers: tuple[str, ...]
    nothing: str = ""
    most: str = ""


CANVAS = System("Canvas", ("SIS Login ID", "SIS User ID"), most="Points Possible")
MOODLE = System("Moodle", ("Username", "ID number", "Email address"), nothing="-")
FORMATS = ("nbgrader", "canvas", "moodle")


def export(
    course: Course,
    to: Path,
    format_: str = "nbgrader",
    chapters: list[str] | None = None,
    roster: Path | None = None,
    match: str | None = None,
    complete_only: bool = False,
) -> list[str]:
    """Write the grades, and return what the instructor should know of them.

    Without ``chapters``, Canvas and Moodle get those of which something is graded. ``match`` names
    the column of the roster in which the students' names are; ``complete_only`` leaves out what
    still waits for points by a person. Raises CourseError.
    """
    grades = read_grades(course, chapters, format_ != "nbgrader", complete_only)
    bom, separator, rows = "", ",", []
    if format_ == "nbgrader":
        rows = nbgrader_rows(grades)
    elif roster:
        bom, separator, rows = read_roster(roster)
        fill(rows, grades, CANVAS if format_ == "canvas" else MOODLE, match, roster)
    else:
        rows = canvas_rows(grades) if format_ == "canvas" else moodle_rows(grades)
    text = io.StringIO()
    csv.writer(text, delimiter=separator).writerows([rows[0], *map(_safe, rows[1:])])
    write_whole(to, bom + text.getvalue())
    return grades.notes


# --- What is exported ---------------------------------------------------------------------------


def read_grades(
    course: Course, names: list[str] | None, only_graded: bool, complete_only: bool
) -> Grades:
    """Read the grades of the chapters called ``names``, in the order of the course."""
    with course.api.gradebook as gradebook:
        points, everyone = book.points_of(gradebook), book.people(gradebook)
        graded = [standing for standing in book.standings(gradebook) if standing.graded]
    unknown = sorted(set(names or ()) - set(points))
    if unknown:
        there = ", ".join(points) or "none"
        raise CourseError(f"the gradebook has no chapter {', '.join(unknown)}; it has {there}")
    if names is None:
        of_these = {standing.assignment for standing in graded} if only_graded else set(points)
    else:
        of_these = set(names)
    if not of_these:
        raise CourseError("nothing is graded yet; run autograder grade first")
    titles = {chapter.name: chapter.title for chapter in read_chapters(course)}
    order = [name for name in titles if name in points]
    order += [name for name in points if name not in titles]
    chapters = [Chapter(n, titles.get(n, n), points[n]) for n in order if n in of_these]
    standings = {(s.student, s.assignment): s for s in graded if s.assignment in of_these}
    notes = list(_on_what_is_missing(course, chapters, standings, complete_only))
    if complete_only:
        standings = {key: s for key, s in standings.items() if not s.waits}
    return Grades(chapters, everyone, standings, notes)


def _on_what_is_missing(
    course: Course, chapters: list[Chapter], standings: dict, complete_only: bool
) -> Iterable[str]:
    for chapter in chapters:
        mine = [s for s in standings.values() if s.assignment == chapter.name]
        waiting = sum(standing.waits for standing in mine)
        if waiting:
            done = "are left out" if complete_only else "are exported with the points they have"
            yield f"{chapter.name}: {waiting} of {len(mine)} wait for points by hand, and {done}"
        ungraded = set(course.students(chapter.name)) - {standing.student for standing in mine}
        if ungraded:
            yield f"{chapter.name}: handed in and not graded yet: {listed(ungraded)}"


def listed(names: Iterable[str]) -> str:
    """Names for a message: the first few, and how many there are."""
    shown = [printable(name) for name in sorted(names)]
    more = len(shown) - FEW
    return ", ".join(shown[:FEW]) + (f" and {more} more" if more > 0 else "")


def number(points: float) -> str:
    """At most two decimals, as in both systems, and always a point before them."""
    return f"{points:.2f}".rstrip("0").rstrip(".")


# --- Tables without a roster --------------------------------------------------------------------


def nbgrader_rows(grades: Grades) -> list[Row]:
    """The columns of nbgrader's own export, and three more; who handed in nothing has 0."""
    columns = "assignment,duedate,timestamp,student_id,last_name,first_name,email,raw_score"
    columns += ",late_submission_penalty,score,max_score"
    columns += ",written_score,max_written_score,needs_manual_grade"
    rows = [columns.split(",")]
    for chapter in grades.chapters:
        most = chapter.points
        for person in grades.people:
            known = grades.standings.get((person.id, chapter.name))
            earned = (known.raw, known.penalty, known.score) if known else (0.0, 0.0, 0.0)
            values = chapter.name, most.due, known and known.handed_in, person.id, person.last
            values += person.first, person.email, *earned, most.all
            values += known.written if known else 0.0, most.written, bool(known and known.waits)
            rows.append(["" if value is None else str(value) for value in values])
    return rows


def canvas_rows(grades: Grades) -> list[Row]:
    """Every student of the gradebook, who must be known to Canvas by the SIS login ID."""
    head = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
    most = [number(chapter.points.all) for chapter in grades.chapters]
    rows = [head + [c.title for c in grades.chapters], ["    Points Possible", *[""] * 4, *most]]
    for person in grades.people:
        name = ", ".join(filter(None, (person.last, person.first))) or person.id
        earned = [grades.points(person.id, chapter) for chapter in grades.chapters]
        rows.append([name, "", "", person.id, "", *earned])
    return rows


def moodle_rows(grades: Grades) -> list[Row]:
    """Every student of the gradebook, by username and, where it is known, email address."""
    head = ["Username", "First name", "Last name", "Email address"]
    rows = [head + [chapter.title for chapter in grades.chapters]]
    for person in grades.people:
        earned = [grades.points(person.id, c) or MOODLE.nothing for c in grades.chapters]
        rows.append([person.id, person.first, person.last, person.email, *earned])
    return rows


# --- Tables with a roster -----------------------------------------------------------------------


def read_roster(path: Path) -> tuple[str, str, list[Row]]:
    """The mark at the beginning of a roster, what separates its cells, and its rows."""
    try:
        text = path.read_bytes().decode()
    except OSError as error:
        raise CourseError(f"the roster cannot be read: {in_words(error)}") from None
    except UnicodeDecodeError:
        raise CourseError(f"{path} is not UTF-8; export it again, or save it as UTF-8") from None
    bom, text = (BOM, text[1:]) if text.startswith(BOM) else ("", text)
    first = text.partition("\n")[0]
    separator = max(",;\t", key=first.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
    except csv.Error as error:
        raise CourseError(f"{path} is not a CSV file: {error}") from None
    if not rows or len(rows[0]) < 2:
        raise CourseError(f"{path} is not a CSV file with a row of column names")
    width = max(map(len, rows))
    return bom, separator, [row + [""] * (width - len(row)) if row else row for row in rows]


def fill(rows: list[Row], grades: Grades, system: System, match: str | None, path: Path) -> None:
    """Fill the chapters' cells of a roster, and note who is in one of the two places only.

    Rows that name no student, such as that of the possible points, stay as they are.
    """
    owners = _owners(rows, grades, system, match, path)
    missing = {student for student, _ in grades.standings} - set(owners.values())
    if missing:
        grades.notes.append(f"graded, but not in {path}: {listed(missing)}")
    excused: list[str] = []
    for chapter in grades.chapters:
        column = _column(rows, chapter, system, grades, path)
        for index, student in owners.items():
            points = grades.points(student, chapter)
            if points and rows[index][column].strip().upper() == EXCUSED:
                excused.append(student)
            elif points:
                rows[index][column] = points
            elif not rows[index][column].strip():
                rows[index][column] = system.nothing
    if excused:
        grades.notes.append(f"excused in {path}, and left so: {listed(excused)}")


def _owners(
    rows: list[Row], grades: Grades, system: System, match: str | None, path: Path
) -> dict[int, str]:
    """The student of each row of a roster that has one; "" for one whom the gradebook lacks."""
    places = _identifying(rows[0], system, match, path)
    known: dict[str, str] = {person.id: person.id for person in grades.people}
    for person in grades.people:
        for name in filter(None, (person.id, person.email)):
            known.setdefault(name.casefold(), person.id)
    owners: dict[int, str] = {}
    strangers = []
    for index, row in enumerate(rows[1:], 1):
        names = [row[place].strip() for place in places if row and row[place].strip()]
        if not names:
            continue
        found = (known.get(name) or known.get(name.casefold()) for name in names)
        owners[index] = next(filter(None, found), "")
        if not owners[index]:
            strangers.append(names[0])
        if any(_neutral(name) != name for name in names):
            grades.notes.append(
                f"row {index + 1} of {path} identifies its student by what a spreadsheet would "
                f"take for a formula; {system.name} may not find {printable(names[0])}"
            )
    students = [student for student in owners.values() if student]
    if not students:
        columns = " or ".join(rows[0][place] for place in places)
        raise CourseError(
            f"no student of the gradebook is in the column {columns} of {path}; "
            "name the column that has their names with --match"
        )
    twice = {student for student, count in Counter(students).items() if count > 1}
    if twice:
        raise CourseError(f"more than one row of {path} is for: {listed(twice)}")
    if strangers:
        grades.notes.append(f"in {path}, but not in the gradebook: {listed(strangers)}")
    return owners


def _identifying(head: Row, system: System, match: str | None, path: Path) -> list[int]:
    """The places of the columns that identify a student."""
    columns = [name.strip().casefold() for name in head]
    wanted = [match] if match else system.identifiers
    places = [columns.index(n.casefold()) for n in wanted if n.casefold() in columns]
    if not places:
        there = ", ".join(printable(name) for name in head[:FEW])
        raise CourseError(
            f"{path} has no column {' or '.join(wanted)}; it begins with {there}. "
            "Name the column that has the students' names with --match"
        )
    return places


def _column(rows: list[Row], chapter: Chapter, system: System, grades: Grades, path: Path) -> int:
    """The place of a chapter's column in a roster, which is added where there is none."""
    names = {chapter.name.casefold(), chapter.title.casefold()}
    found = []
    for place, head in enumerate(rows[0]):
        parts = HEADER.fullmatch(head.strip())
        bare = re.sub(r" \([^()]*\)$", "", head.strip()).casefold()
        if parts and names & {bare, parts["name"].casefold()}:
            found.append((place, parts["suffix"] or ""))
    if len(found) > 1:  # Moodle may export a percentage and a comment beside the points
        found = [(place, kind) for place, kind in found if kind in ("", "Real")]
        if len(found) != 1:
            raise CourseError(f"{path} has more than one column for {chapter.name}")
    most = number(chapter.points.all)
    possible = _row_of_possible_points(rows, system)
    if not found:
        for row in filter(None, rows):
            row.append("")
        rows[0][-1] = chapter.title
        if possible:
            possible[-1] = most
        grades.notes.append(
            f"{path} has no column {chapter.name} or {chapter.title}; one was added, "
            f"which is new to {system.name}"
        )
        return len(rows[0]) - 1
    place = found[0][0]
    if possible and number(_as_number(possible[place])) != most:
        grades.notes.append(
            f"{rows[0][place]} counts {possible[place].strip() or 'no'} points in {system.name}, "
            f"and {most} here; change it there, or the share of the points is wrong"
        )
    return place


def _row_of_possible_points(rows: list[Row], system: System) -> Row | None:
    marked = (row for row in rows[1:4] if row and row[0].strip() == system.most)
    return next(marked, None) if system.most else None


def _as_number(text: str) -> float:
    try:
        return float(text.strip().replace(",", "."))
    except ValueError:
        return -1.0


# --- Files --------------------------------------------------------------------------------------


def _safe(row: Row) -> Row:
    return [_neutral(cell) for cell in row]


def _neutral(text: str) -> str:
    """``text`` with an apostrophe wherever a spreadsheet would begin to read a formula."""
    return text if HARMLESS.fullmatch(text) else FORMULA.sub(r"\1\2'", text)


def write_whole(path: Path, text: str) -> None:
    """Write a file so that it is the old or the new, and never a part. Raises CourseError."""
    path = path.resolve()
    new = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        if path.exists() and not path.is_file():  # a pipe or a terminal; a folder is an error
            path.write_text(text, encoding="utf-8", newline="")
            return
        try:
            new.write_text(text, encoding="utf-8", newline="")
            os.replace(new, path)
        finally:
            new.unlink(missing_ok=True)
    except OSError as error:
        raise CourseError(f"{path} cannot be written: {in_words(error)}") from None
