"""The class report: one HTML page that tells an instructor how a class did in a chapter.

It holds numbers, names of cases and exercises, and sentences of ours; of what a student wrote or
did nothing but the numbers, and no names unless they are asked for. What the judge found is read
from the autograded notebooks, where it is metadata that no student's kernel can write.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from math import ceil
from statistics import fmean, median

import nbformat
from jinja2 import Environment, PackageLoader
from markupsafe import Markup

from autograder import gradebook as book
from autograder.build import read_chapters
from autograder.cells import check_id, checked_exercise
from autograder.cleaning import plain
from autograder.course import Course, CourseError
from autograder.gradebook import Person, Points, Standing
from autograder.grading import SECONDS, VERDICT
from autograder.report import Sentence
from autograder.submissions import REFUSED

TEMPLATE = "class_report.html.jinja"
SPOKEN = 5  # points for the next lecture
SMALL_CLASS = 10  # in which also what happened to one student is told
SHOWN = 10  # misconceptions and cases that are shown unfolded
SLOTS = 28  # columns of the timeline, at most
AROUND = timedelta(days=14)  # what is further from the due date is drawn at the end
STEPS = [timedelta(hours=h) for h in (1, 2, 3, 6, 12, 24)]  # that a column may stand for
STUDENT = 200  # characters of a student's name that are shown
DAMAGED = (OSError, ArithmeticError, LookupError, ValueError, TypeError, AttributeError)
DAMAGED += (RecursionError,)


@dataclass(frozen=True)
class Row:
    """What the judge said of one exercise of one student.

    Notebooks that an earlier version graded do not say which cases fail: then that is None.
    """

    passed: int
    cases: int
    share: float
    begun: bool
    failing: tuple[str, ...] | None = None
    thought: str = ""
    says: str = ""
    ready_made: bool = False
    follows: bool = False
    unjudged: bool = False

    @property
    def right(self) -> bool:
        return self.passed == self.cases


@dataclass(frozen=True)
class Graded:
    """An autograded notebook, or several: the judge's rows, and the seconds that it ran."""

    rows: dict[str, Row]
    seconds: float | None
    refused: bool


@dataclass
class Tally:
    """What is counted on a page: who belongs to it, and of how many."""

    who: list[str] = field(default_factory=list)
    of: int = 0

    @property
    def number(self) -> int:
        return len(self.who)

    @property
    def percent(self) -> float:
        return 100 * len(self.who) / self.of if self.of else 0.0


@dataclass
class Exercise:
    """How a class did in one exercise: those who are right, wrong, and have not begun."""

    name: str
    right: Tally
    wrong: Tally
    unbegun: Tally
    share: float  # of the cases that pass, on average over all
    ready_made: Tally
    follows: Tally
    unjudged: Tally
    thoughts: dict[tuple[str, str], Tally]
    cases: dict[str, Tally]
    unexplained: dict[str, Tally]  # of those in whom no misconception was found

    @property
    def object_name(self) -> str:
        return self.name.partition(".")[2]


@dataclass(frozen=True)
class Said:
    """One point for the next lecture."""

    exercise: str
    words: str
    tally: Tally


@dataclass
class Column:
    """A column of a chart: its label, and those in its lower and its upper part."""

    label: str
    name: str
    lower: list[str] = field(default_factory=list)
    upper: list[str] = field(default_factory=list)

    @property
    def number(self) -> int:
        return len(self.lower) + len(self.upper)


def class_report(course: Course, chapter: str, names: bool = False) -> tuple[str, list[str]]:
    """The page, and the students whose autograded notebooks could not be read.

    Raises CourseError where nothing is graded.
    """
    with course.api.gradebook as gradebook:
        points = book.points_of(gradebook).get(chapter)
        standings = [s for s in book.standings(gradebook, chapter) if s.graded]
        people = {person.id: person for person in book.people(gradebook)}
    if points is None:
        raise CourseError(f"the gradebook has no chapter {chapter!r}; run autograder build first")
    if not standings:
        raise CourseError(f"nothing of {chapter} is graded yet; run autograder grade {chapter}")
    graded = {s.student: read_graded(course, chapter, s.student) for s in standings}
    damaged = sorted(student for student, notebook in graded.items() if notebook is None)
    page = _page(course, chapter, points, standings, graded)
    environment = Environment(
        loader=PackageLoader("autograder", ""),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["person"] = lambda student: called(student, people)
    environment.filters["words"] = lambda words: Markup(Sentence(words).html())
    return environment.get_template(TEMPLATE).render(page, names=names, shown=SHOWN), damaged


def called(student: str, people: dict[str, Person]) -> str:
    """A student's id, with the name that the gradebook has for it."""
    person = people.get(student)
    name = " ".join(filter(None, (person.first, person.last))) if person else ""
    return plain(f"{student} ({name})" if name else student)[:STUDENT]


# --- Reading ------------------------------------------------------------------------------------


def read_graded(course: Course, chapter: str, student: str) -> Graded | None:
    """Read what grading left in a student's autograded folder; None where it cannot be read."""
    rows: dict[str, Row] = {}
    seconds, refused = [], False
    try:
        for path in sorted(course.folder("autograded", chapter, student).glob("*.ipynb")):
            notebook = json.loads(path.read_bytes())
            refused |= REFUSED in notebook["metadata"]
            seconds.append(notebook["metadata"].get(SECONDS))
            for cell in notebook["cells"]:
                if VERDICT in cell["metadata"]:
                    name = cell["metadata"]["nbgrader"]["grade_id"]
                    rows[name] = _row(cell["metadata"][VERDICT])
    except DAMAGED:
        return None
    if not rows:
        return None
    ran = [s for s in seconds if isinstance(s, int | float) and 0 <= s < 10**6]
    return Graded(rows, sum(ran) if len(ran) == len(seconds) else None, refused)


def _row(row: dict) -> Row:
    """A judge's row. Raises TypeError or another error where it is not one."""
    passed, cases = int(row["passed"]), int(row["cases"])
    if not 0 <= passed <= cases or not cases:
        raise ValueError(f"{passed} of {cases} cases")
    summary, failing, thought = row["summary"], row.get("failing"), row.get("misconception") or {}
    return Row(
        passed,
        cases,
        float(row.get("share", passed / cases)),
        bool(row.get("begun", not summary.endswith(": not written"))),
        None if failing is None else tuple(map(str, failing)),
        str(thought.get("thought", "")),
        str(thought.get("says", "")),
        bool(row.get("ready_made")),
        bool(row.get("follows")),
        bool(row.get("failed")),
    )


def exercises_of(course: Course, chapter: str) -> list[str]:
    """The exercises of a chapter, in its order, from the notebook that was handed out."""
    found = []
    paths = sorted(course.folder("release", chapter).glob("*.ipynb"))
    for path in paths:
        notebook = nbformat.read(path, as_version=4)
        found += [name for name in map(checked_exercise, notebook.cells) if name]
    if not found:
        build = "nothing here is graded by itself" if paths else "build it first"
        raise CourseError(f"{course.folder('release', chapter)} has no exercises; {build}")
    return found


# --- Counting -----------------------------------------------------------------------------------


def _page(
    course: Course,
    chapter: str,
    points: Points,
    standings: list[Standing],
    graded: dict[str, Graded | None],
) -> dict:
    """All that the page shows."""
    read = {student: found for student, found in graded.items() if found and not found.refused}
    refused = [student for student, found in graded.items() if found and found.refused]
    damaged = [student for student, found in graded.items() if not found]
    rows = {student: found.rows for student, found in read.items()}
    exercises = [_exercise(name, rows) for name in exercises_of(course, chapter)]
    idle = [s for s, mine in rows.items() if not any(row.begun for row in mine.values())]
    handed_in = sorted({*course.students(chapter), *graded})
    old = [s for s, mine in rows.items() if any(row.failing is None for row in mine.values())]
    titles = {entry.name: entry.title for entry in read_chapters(course)}
    counted = [s for s in standings if s.student not in refused]
    scores = _scores(counted, points)
    columns, before = _handed_in(standings, points.due)
    facts = [
        ("handed in", Tally(handed_in)),
        ("graded", Tally(list(graded))),
        ("late", Tally([s.student for s in standings if s.seconds_late])),
        ("could not be read", Tally(refused)),
        ("wait for points by hand", Tally([s.student for s in standings if s.waits])),
        ("not graded yet", Tally([s for s in handed_in if s not in graded])),
    ]
    return {
        "title": titles.get(chapter, chapter),
        "chapter": chapter,
        "made": datetime.now(UTC),
        "facts": [fact for fact in facts if fact[1].who],
        "damaged": Tally(damaged),
        "old": Tally(old),
        "idle": Tally(idle, len(rows)),
        "class_size": len(rows),
        "said": list(_said(exercises, idle, len(rows))),
        "exercises": exercises,
        "thoughts": _most_first(
            (exercise, says, tally)
            for exercise in exercises
            for (_, says), tally in exercise.thoughts.items()
        ),
        "cases": _most_first(
            (exercise, names, tally)
            for exercise in exercises
            for names, tally in _failing_alike(exercise.cases)
        ),
        "points": points,
        "scores": scores,
        "scores_about": _in_words(scores),
        "middle": median(s.exercises for s in counted) if counted else None,
        "handed": columns,
        "handed_about": _in_words(columns),
        "before": before,
        "untimed": sum(s.handed_in is None for s in standings),
        "seconds": sorted(found.seconds for found in read.values() if found.seconds is not None),
    }


def _most_first(found: Iterable[tuple]) -> list[tuple]:
    return sorted(found, key=lambda entry: -entry[-1].number)


def _exercise(name: str, everyone: dict[str, dict[str, Row]]) -> Exercise:
    """Count one exercise over the class."""
    rows = {
        student: rows[check_id(name)]
        for student, rows in everyone.items()
        if check_id(name) in rows
    }
    begun = {student: row for student, row in rows.items() if row.begun}
    recorded = {student: row for student, row in begun.items() if row.failing is not None}

    def those(wanted: Callable[[Row], bool]) -> Tally:
        return Tally([student for student, row in rows.items() if wanted(row)], len(rows))

    thoughts: dict[tuple[str, str], Tally] = {}
    cases: dict[str, Tally] = {}
    unexplained: dict[str, Tally] = {}
    for student, row in recorded.items():
        if row.thought:
            tally = thoughts.setdefault((row.thought, row.says), Tally(of=len(rows)))
            tally.who.append(student)
        for case in row.failing:
            cases.setdefault(case, Tally(of=len(recorded))).who.append(student)
            if not (row.thought or row.ready_made or row.follows):
                unexplained.setdefault(case, Tally(of=len(rows))).who.append(student)
    return Exercise(
        name,
        right=those(lambda row: row.begun and row.right),
        wrong=those(lambda row: row.begun and not row.right),
        unbegun=those(lambda row: not row.begun),
        share=fmean(row.share for row in rows.values()) if rows else 0.0,
        ready_made=those(lambda row: row.ready_made),
        follows=those(lambda row: row.follows and not row.right),
        unjudged=those(lambda row: row.unjudged),
        thoughts=thoughts,
        cases=cases,
        unexplained=unexplained,
    )


def _failing_alike(cases: dict[str, Tally]) -> Iterator[tuple[list[str], Tally]]:
    """The cases that fail for the same students, together: mostly one thought is behind them."""
    alike: dict[tuple[str, ...], list[str]] = {}
    for name, tally in cases.items():
        alike.setdefault(tuple(tally.who), []).append(name)
    for names in alike.values():
        yield names, cases[names[0]]


def _said(exercises: list[Exercise], idle: list[str], students: int) -> list[Said]:
    """The points that concern most students, for the next lecture."""
    found = []
    for exercise in exercises:
        for (_, says), tally in exercise.thoughts.items():
            found.append(Said(exercise.object_name, says, tally))
        if exercise.ready_made.who:
            words = "Used what a library has ready-made, where the point was to write it."
            found.append(Said(exercise.object_name, words, exercise.ready_made))
        if exercise.unexplained:
            case, tally = max(exercise.unexplained.items(), key=lambda entry: entry[1].number)
            words = f"Failed the case “{case}”, for reasons that are not in the catalogue."
            found.append(Said(exercise.object_name, words, tally))
    left = [(e, [s for s in e.unbegun.who if s not in idle]) for e in exercises]
    exercise, who = max(left, key=lambda entry: len(entry[1]))
    if who:
        words = "Did not begin it, though they began others: no exercise was left out more often."
        found.append(Said(exercise.object_name, words, Tally(who, students)))
    least = 1 if students < SMALL_CLASS else 2
    told = [said for said in found if said.tally.number >= least]
    return sorted(told, key=lambda said: -said.tally.number)[:SPOKEN]


# --- Charts -------------------------------------------------------------------------------------


def _scores(standings: list[Standing], points: Points) -> list[Column]:
    """The class by tenths of the points for what is graded by itself, and those who have all."""
    columns = [Column(f"{10 * n}", f"{10 * n} to below {10 * n + 10} %") for n in range(10)]
    columns.append(Column("100", "all points"))
    for standing in standings:
        share = standing.exercises / points.exercises if points.exercises else 0.0
        tenth = min(max(int(10 * share + 1e-9), 0), 10)
        columns[tenth].lower.append(standing.student)
    return columns


def _handed_in(standings: list[Standing], due: datetime | None) -> tuple[list[Column], int]:
    """When submissions came: in time below, late above; those far from the due date at the ends.

    And the number of columns that are before the due date.
    """
    times = [s.handed_in for s in standings if s.handed_in]
    if not times:
        return [], 0
    middle = due or max(times)
    first = max(min(times), middle - AROUND)
    last = min(max(*times, middle), middle + AROUND)
    step = next((step for step in STEPS if (last - first) / step < SLOTS - 2), STEPS[-1])
    before, after = ceil((middle - first) / step), ceil((last - middle) / step)
    columns = [_slot(middle + n * step, step) for n in range(-before, max(after, 1 - before))]
    for standing in standings:
        if standing.handed_in:
            # What came on the minute was in time: a column ends with its last moment.
            slot = ceil((standing.handed_in - middle) / step) - 1 + before
            column = columns[min(max(slot, 0), len(columns) - 1)]
            (column.upper if standing.seconds_late else column.lower).append(standing.student)
    return columns, before


def _slot(begin: datetime, step: timedelta) -> Column:
    return Column(f"{begin:%d %b}", f"{begin:%d %b %H:%M} to {begin + step:%d %b %H:%M}")


def _in_words(columns: list[Column]) -> str:
    """A chart for those who do not see it."""
    told = []
    for column in columns:
        if column.number:
            late = f", {len(column.upper)} of them late" if column.upper else ""
            told.append(f"{column.name}: {column.number}{late}")
    return "; ".join(told) + "."
