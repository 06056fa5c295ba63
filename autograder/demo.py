"""A small class for a chapter: students of every kind, whose grades are known.

``autograder demo CHAPTER`` makes it in a temporary folder and grades it, so that an instructor sees
what grading looks like, and so that a grade that is not what it must be is noticed.
"""

import copy
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import indent

import nbformat
from nbformat.notebooknode import NotebookNode
from tqdm import tqdm

from autograder import pipeline
from autograder.build import BEGIN, END, build, exercise_source
from autograder.cells import names_in, solved_exercise
from autograder.cli import table
from autograder.course import CONFIG, Course, CourseError
from autograder.misconceptions import Misconception, misconceptions

SECONDS = 15  # what a cell may take in the demo: an endless loop is made to wait for it


@dataclass
class Submission:
    """A student's answers, and what they must earn.

    ``sources`` maps an exercise to what stands in its cell; one that is left out is untouched.
    ``wrong`` maps an exercise that must lose points to a part of the note that must say why;
    ``affected`` are right in themselves but call a wrong one, so nothing is asked of them.
    """

    student: str
    sources: dict[str, str]
    wrong: dict[str, str] = field(default_factory=dict)
    affected: set[str] = field(default_factory=set)

    def notebook(self, released: NotebookNode) -> NotebookNode:
        """The released notebook with the answers written into it."""
        filled = copy.deepcopy(released)
        for cell in filled.cells:
            cell.source = self.sources.get(solved_exercise(cell), cell.source)
        return filled


def right(exercise: str) -> str:
    """The reference of ``exercise`` as a student would have written it."""
    lines = exercise_source(exercise).split("\n")
    return "\n".join(line for line in lines if line.strip() not in (BEGIN, END))


def begin_with(exercise: str, statements: str) -> str:
    """The reference of ``exercise`` with ``statements`` before its first line, or each method's."""
    lines = []
    for line in exercise_source(exercise).split("\n"):
        if line.strip() == BEGIN:
            lines.append(indent(statements, line.removesuffix(BEGIN)))
        elif line.strip() != END:
            lines.append(line)
    return "\n".join(lines)


def submissions(exercises: list[str]) -> Iterator[Submission]:
    """The class: one student of each kind, for the ``exercises`` of a chapter."""
    everything = {name: right(name) for name in exercises}
    uses = {name: _uses(name, exercises, everything[name]) for name in exercises}
    users = {name: {e for e in exercises if name in uses[e]} for name in exercises}
    # Spoiled are those that the fewest others call: what calls them goes wrong as well.
    first, second, third, fourth, *_ = sorted(exercises, key=lambda name: len(users[name]))

    yield Submission("all-right", everything)
    yield Submission("untouched", {}, {name: "not written" for name in exercises})
    half = exercises[: len(exercises) // 2]
    yield Submission(
        "half-done",
        {name: everything[name] for name in half},
        {name: "not written" for name in exercises if name not in half},
    )
    warning = "import sys\nprint('careful with this', file=sys.stderr)"
    yield Submission("warns-but-right", {name: begin_with(name, warning) for name in exercises})
    for student, spoiled, source, note in (
        ("endless-loop", first, begin_with(first, "while True:\n    pass"), "stopped after"),
        ("flood", second, begin_with(second, "print('x' * 50_000_000)"), "printed more than"),
        ("syntax-error", third, "def oops(:\n    pass", "SyntaxError"),
        ("raises", fourth, begin_with(fourth, "raise KeyError('lost')"), "KeyError"),
    ):
        yield Submission(student, everything | {spoiled: source}, {spoiled: note}, users[spoiled])
    for number, pack in enumerate(packed_misconceptions(exercises), 1):
        yield Submission(
            f"misconceptions-{number:02}",
            everything | {m.exercise: m.source for m in pack},
            {m.exercise: m.thought for m in pack},
            {name for m in pack for name in users[m.exercise]},
        )


def packed_misconceptions(exercises: list[str]) -> Iterator[list[Misconception]]:
    """All misconceptions, many to a submission.

    No two in a pack where one exercise's answer calls the other: each must be wrong by itself.
    """
    waiting = {name: list(misconceptions(name)) for name in exercises}
    calls = {
        name: {e for m in waiting[name] for e in _uses(name, exercises, m.source)}
        | set(_uses(name, exercises, right(name)))
        for name in exercises
    }
    while any(waiting.values()):
        pack: list[Misconception] = []
        for name in sorted(exercises, key=lambda e: -len(waiting[e])):
            others = {m.exercise for m in pack}
            clash = calls[name] & others or any(name in calls[other] for other in others)
            if waiting[name] and not clash:
                pack.append(waiting[name].pop(0))
        yield pack


def _uses(name: str, exercises: list[str], source: str) -> list[str]:
    """Which other ``exercises`` the source of exercise ``name`` calls, directly or through them."""
    objects = {e.partition(".")[2]: e for e in exercises if e != name}
    direct = {objects[n] for n in names_in(source) & set(objects)}
    return sorted(direct | {e for d in direct for e in _uses(d, exercises, right(d))})


def make_class(course: Course, root: Path, chapter: str) -> tuple[Course, list[Submission]]:
    """Build the course in ``root`` and hand in a notebook of every student for ``chapter``."""
    shutil.copy(course.root / CONFIG, root)
    shutil.copytree(course.root / "chapters", root / "chapters")
    there = Course(root)
    there.config.Limits.cell = SECONDS
    chapters = list(build(there))
    if chapter not in chapters:
        raise CourseError(f"there is no chapter {chapter!r}; there are {', '.join(chapters)}")
    released = nbformat.read(there.folder("release", chapter) / f"{chapter}.ipynb", as_version=4)
    names = [name for name in map(solved_exercise, released.cells) if name]
    group = list(submissions(names))
    for submission in group:
        hand_in(there, chapter, submission, released)
    return there, group


def hand_in(course: Course, chapter: str, submission: Submission, released: NotebookNode) -> None:
    """Put a student's notebook where nbgrader collects submissions."""
    folder = course.folder("submitted", chapter, submission.student)
    folder.mkdir(parents=True)
    nbformat.write(submission.notebook(released), folder / f"{chapter}.ipynb")


def mistakes(submission: Submission, result: pipeline.Result) -> list[str]:
    """What is not as it must be in the grade of a submission: sentences, none when all is well."""
    found = [f"grading failed: {result.error}"] if result.error else []
    for name, verdict in result.verdicts.items():
        full = verdict["passed"] == verdict["cases"]
        if name not in submission.wrong and name not in submission.affected and not full:
            found.append(f"{name} is right, but got {verdict['passed']} of {verdict['cases']}")
        if name in submission.wrong:
            if full:
                found.append(f"{name} is wrong, but got full marks")
            elif submission.wrong[name] not in verdict["summary"]:
                found.append(f"{name}: {submission.wrong[name]!r} is not in its note")
    if not submission.sources and result.score:
        found.append(f"an untouched notebook got {result.score}")
    return found


def run(course: Course, chapter: str, unsafe: bool = False) -> int:
    """Make the class, grade it, print the table; 0 when every grade is what it must be, else 1."""
    root = Path(tempfile.mkdtemp(prefix="grade-demo-"))
    print(f"making a class for {chapter} in {root}")
    there, group = make_class(course, root, chapter)
    there.config.Limits.isolated = not unsafe
    students = [submission.student for submission in group]
    with pipeline.workers_for(there, chapter, len(students)) as by:
        grading = pipeline.grade(there, chapter, students, by)
        bar = tqdm(grading, total=len(group), desc="grading", unit="submission")
        graded = {result.student: result for result in bar}
    results = [graded[student] for student in students]
    pages = pipeline.feedback(there, chapter, students)
    failed = [
        page for page in tqdm(pages, total=len(group), desc="feedback", unit="page") if page[1]
    ]

    print(table(results))
    print(f"\nThe feedback of each student: {there.folder('feedback', chapter, 'STUDENT')}")
    wrong = [
        f"{submission.student}: {mistake}"
        for submission, result in zip(group, results, strict=True)
        for mistake in mistakes(submission, result)
    ] + [f"{student}: no feedback: {error}" for student, error in failed]
    for line in wrong:
        print(f"NOT AS IT MUST BE  {line}")
    print(f"{len(group)} submissions, {len(wrong)} grades not as they must be")
    return 1 if wrong else 0
