"""The command line: ``autograder COMMAND``; ``autograder --help`` lists them."""

import argparse
import sys
import warnings
from pathlib import Path

from nbgrader.api import MissingEntry
from sqlalchemy.exc import SAWarning, SQLAlchemyError
from tqdm import tqdm

from autograder import pipeline
from autograder.course import Course, CourseError, in_words
from autograder.submissions import printable

OK, WRONG = 0, 1  # argparse itself exits with 2
MOST_DAYS = 3650


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code: 0 done, 1 something failed, 2 wrong usage."""
    options = _parser().parse_args(arguments)
    warnings.filterwarnings("ignore", category=SAWarning)  # nbgrader's own, about its sessions
    try:
        return options.run(options)
    except CourseError as error:
        print(f"autograder: {error}", file=sys.stderr)
        return WRONG
    except SQLAlchemyError as error:
        print(f"autograder: {in_words(error)}", file=sys.stderr)
        return WRONG
    except KeyboardInterrupt:
        print("autograder: stopped; what was graded is recorded", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="autograder",
        description="Builds the course and grades it, on the same folders as nbgrader.",
        epilog="Exit codes: 0 done, 1 something failed (the message says what), 2 wrong usage.",
    )
    parser.add_argument("--course", default=".", help="the course's folder (default: this one)")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    build = commands.add_parser(
        "build", help="write the notebooks of every chapter, for instructor and student"
    )
    build.add_argument(
        "--force", action="store_true", help="also overwrite notebooks in which somebody worked"
    )
    build.set_defaults(run=_build)

    grade = commands.add_parser("grade", help="grade what students submitted")
    grade.set_defaults(run=_grade)
    unsafe = "run students' code without a sandbox; every result will say so"
    grade.add_argument("--unsafe", action="store_true", help=unsafe)
    grade.add_argument(
        "chapters", nargs="*", metavar="CHAPTER", help="as in 05_attention (default: all)"
    )
    where = grade.add_mutually_exclusive_group()
    where.add_argument(
        "--jobs", type=_number, metavar="N", help="submissions at a time (default: one a core)"
    )
    where.add_argument(
        "--cluster", metavar="ADDRESS", help="a dask scheduler, as in tcp://host:8786"
    )
    grade.add_argument(
        "--force", action="store_true", help="also grade what has not changed since it was graded"
    )
    feedback = commands.add_parser("feedback", help="write the feedback pages of graded work")
    feedback.set_defaults(run=_feedback)
    feedback.add_argument("chapter", help="the chapter's name, as in 05_attention")
    for command in (grade, feedback):
        command.add_argument(
            "--students", nargs="+", metavar="STUDENT", help="only these (default: all)"
        )

    report = commands.add_parser(
        "report",
        help="write a page on how the class did: what to say in the next lecture",
        description="Writes one HTML page, to read offline or to print: what to say in the next "
        "lecture, each exercise, misconceptions, cases that fail, scores, when it was handed in. "
        "It has no code of students', and no names unless they are asked for.",
    )
    report.add_argument("chapter", help="the chapter's name, as in 05_attention")
    report.add_argument(
        "--to", metavar="FILE", help="the page (default: classroom/CHAPTER_report.html)"
    )
    report.add_argument(
        "--names", action="store_true", help="also say who is behind each number; keep it private"
    )
    report.set_defaults(run=_report)

    export = commands.add_parser(
        "export",
        help="write the grades as CSV, for a spreadsheet, Canvas or Moodle",
        description="Writes the grades as CSV: late penalties are taken off, points given by hand "
        "are in. Who handed in nothing gets no grade in Canvas and Moodle, and 0 in nbgrader's "
        "file. What is missing, or in one place only, is told; the exit code is then still 0.",
    )
    export.add_argument("--to", default="grades.csv", help="the file (default: grades.csv)")
    export.add_argument(
        "--format",
        choices=("nbgrader", "canvas", "moodle"),
        default="nbgrader",
        help="nbgrader's columns, or those that Canvas or Moodle reads (default: nbgrader)",
    )
    export.add_argument(
        "--chapters",
        nargs="+",
        metavar="CHAPTER",
        help="only these (default: all; for Canvas and Moodle, those of which something is graded)",
    )
    export.add_argument(
        "--roster",
        metavar="FILE",
        help="the gradebook as Canvas or Moodle exported it, of which only the chapters' columns "
        "are filled: those called 05_attention, or by the chapter's title",
    )
    export.add_argument(
        "--match",
        metavar="COLUMN",
        help="the roster's column with the students' names here (default: SIS Login ID or SIS User "
        "ID; Username, ID number or Email address)",
    )
    export.add_argument(
        "--complete-only",
        action="store_true",
        help="leave out what still waits for points by hand",
    )
    export.set_defaults(run=_export, refuse=export.error)

    extend = commands.add_parser("extend", help="give students more time for a chapter")
    extend.add_argument("chapter", help="the chapter's name, as in 05_attention")
    extend.add_argument("--students", nargs="+", metavar="STUDENT", required=True)
    extend.add_argument(
        "--days", type=_days, required=True, help="beyond the due date; 0 takes an extension back"
    )
    extend.set_defaults(run=_extend)

    withhold = commands.add_parser(
        "withhold", help="write the course for students into a folder without its answers"
    )
    withhold.add_argument("folder", metavar="DIR", help="a new folder, or one written before")
    withhold.add_argument(
        "--seeds", type=_number, default=8, metavar="N", help="how many to record (default: 8)"
    )
    withhold.add_argument(
        "--with",
        dest="handed_out",
        nargs="+",
        default=[],
        metavar="MODULE",
        help="modules of solutions to hand out all the same, as in backprop",
    )
    withhold.set_defaults(run=_withhold)

    update = commands.add_parser(
        "update", help="bring a learner's copy of the course up to date, and lose nothing"
    )
    update.add_argument(
        "--from", dest="released", metavar="DIR", help="what is handed out (default: course)"
    )
    update.add_argument("--to", metavar="DIR", help="the learner's copy (default: work)")
    update.add_argument(
        "--only-fetched", action="store_true", help="only chapters that the copy has already"
    )
    update.set_defaults(run=_update)

    demo = commands.add_parser("demo", help="make a small class for a chapter and grade it")
    demo.add_argument("chapter", help="the chapter's name, as in 05_attention")
    demo.add_argument("--unsafe", action="store_true", help=unsafe)
    demo.set_defaults(run=_demo)
    return parser


def _number(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of 1 or more")
    return int(text)


def _days(text: str) -> float:
    days = float(text)
    if not 0 <= days <= MOST_DAYS:  # NaN is not, either
        raise argparse.ArgumentTypeError(f"{text} is not a number of days from 0 to {MOST_DAYS}")
    return days


def _build(options: argparse.Namespace) -> int:
    from autograder.build import build

    course = Course(options.course)
    for name in build(course, options.force):
        print(course.folder("release", name) / f"{name}.ipynb")
    return OK


def _grade(options: argparse.Namespace) -> int:
    course = Course(options.course)
    if options.unsafe:
        course.config.Limits.isolated = False
    chapters = options.chapters or pipeline.handed_in(course)
    return max(_grade_chapter(course, chapter, options) for chapter in chapters)


def _grade_chapter(course: Course, chapter: str, options: argparse.Namespace) -> int:
    students = pipeline.submitted(course, chapter, options.students)
    with pipeline.workers_for(course, chapter, len(students), options.jobs, options.cluster) as by:
        if by.note:
            print(by.note, file=sys.stderr)
        grading = pipeline.grade(course, chapter, students, by, options.force)
        bar = tqdm(grading, total=len(students), desc=f"grading {chapter}", unit="submission")
        results = {result.student: result for result in bar}
    print(table([results[student] for student in students]))
    return WRONG if any(result.error for result in results.values()) else OK


def _feedback(options: argparse.Namespace) -> int:
    course = Course(options.course)
    students = pipeline.submitted(course, options.chapter, options.students)
    failed = False
    pages = pipeline.feedback(course, options.chapter, students)
    for student, error in tqdm(pages, total=len(students), desc="feedback", unit="page"):
        if error:
            failed = True
            tqdm.write(f"{printable(student)}: {error}", file=sys.stderr)
    print(course.folder("feedback", options.chapter, "*"))
    return WRONG if failed else OK


def _report(options: argparse.Namespace) -> int:
    from autograder.class_report import class_report
    from autograder.exports import listed, write_whole

    course = Course(options.course)
    page, damaged = class_report(course, options.chapter, options.names)
    folder = course.folder("autograded", ".").parent
    to = Path(options.to) if options.to else folder / f"{options.chapter}_report.html"
    write_whole(to, page)
    if damaged:
        names = listed(damaged)
        print(f"autograder: no graded notebook could be read of: {names}", file=sys.stderr)
    print(to)
    return OK


def _export(options: argparse.Namespace) -> int:
    from autograder.exports import export

    if options.format == "nbgrader" and (options.roster or options.match):
        options.refuse("--roster and --match are for --format canvas or moodle")
    if options.match and not options.roster:
        options.refuse("--match names a column of the --roster")
    notes = export(
        Course(options.course),
        Path(options.to),
        options.format,
        options.chapters,
        Path(options.roster) if options.roster else None,
        options.match,
        options.complete_only,
    )
    for note in notes:
        print(f"autograder: {note}", file=sys.stderr)
    print(options.to)
    return OK


def _extend(options: argparse.Namespace) -> int:
    from autograder.gradebook import extend

    course = Course(options.course)
    try:
        with course.api.gradebook as gradebook:
            extend(gradebook, options.chapter, options.students, options.days)
    except MissingEntry as error:
        raise CourseError(f"{error} in the gradebook; nobody was given more time") from None
    return OK


def _withhold(options: argparse.Namespace) -> int:
    from autograder.withholding import exercises_of, withhold

    course, folder = Course(options.course), Path(options.folder)
    steps = withhold(course, folder, options.seeds, options.handed_out)
    failed = False
    for exercise, problem in tqdm(steps, total=len(exercises_of(course)), unit="exercise"):
        if problem:
            failed = True
            tqdm.write(f"{exercise} is not recorded: {problem}", file=sys.stderr)
    print(folder)
    return WRONG if failed else OK


def _update(options: argparse.Namespace) -> int:
    from lab.own_copy import say, update

    released = options.released or f"{options.course}/course"
    own = options.to or f"{options.course}/work"
    return OK if say(update(released, own, options.only_fetched)) else WRONG


def _demo(options: argparse.Namespace) -> int:
    from autograder.demo import run

    return run(Course(options.course), options.chapter, options.unsafe)


def table(results: list[pipeline.Result]) -> str:
    """Lay out results as a table: student, score, and what to know about the submission."""
    names = [printable(result.student) for result in results]
    width = max(map(len, ["student", *names]))
    lines = [f"{'student':<{width}}  {'score':>13}  diagnosis"]
    for name, result in zip(names, results, strict=True):
        score = f"{result.score:6.2f} / {result.points:4.0f}"
        first, *rest = [f"ERROR {result.error}"] if result.error else _diagnoses(result)
        lines.append(f"{name:<{width}}  {score:>13}  {first}")
        lines += [f"{'':<{width}}  {'':>13}  {note}" for note in rest]
    unchanged = sum(result.unchanged for result in results)
    if unchanged:
        lines.append(f"{unchanged} of {len(results)} unchanged since they were graded")
    unsafe = sum(not result.isolated for result in results)
    if unsafe:
        lines.append(f"{unsafe} of {len(results)} graded without isolation")
    return "\n".join(lines)


def _diagnoses(result: pipeline.Result) -> list[str]:
    """One line for each exercise that is not right; those not begun share a line."""
    ending = ": not written"
    begun = [note for note in result.notes if not note.endswith(ending)]
    names = [note.removesuffix(ending) for note in result.notes if note.endswith(ending)]
    if names and len(names) == len(result.verdicts):
        return ["nothing written"]
    return begun + [f"not written: {', '.join(names)}"] * bool(names) or ["all right"]
