"""Grading one notebook: rebuild it, run it, judge what came out, and leave nothing in it that acts.

Nothing is read or written here but what is passed in and comes out, so that it can be done in this
process, in another one, or on another machine.
"""

import logging
import time
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, takewhile

import nbformat
from nbformat import v4
from nbformat.notebooknode import NotebookNode
from nbgrader.preprocessors import LimitOutput

from autograder.cells import DEMO_TAG, checked_exercise, names_in, solved_exercise
from autograder.cleaning import clean, clean_sources, new_output, plain
from autograder.evidence import MAX_CASES, MIME_TYPE, Case
from autograder.execution import (
    ISOLATION,
    NEEDS,
    SETUP,
    STOPPED,
    Limits,
    execute,
    require_isolation,
)
from autograder.intake import rebuild, setup_cells
from autograder.judge import Verdict, judge
from autograder.ready_made import ready_made
from autograder.report import Report, Sentence, summary_line
from autograder.submissions import REFUSED

VERDICT = "autograder_verdict"  # check cell metadata: what an instructor's tables show
SECONDS = "autograder_seconds"  # notebook metadata: how long it ran

UNSAFE = (
    "**Graded without isolation.** This machine did not keep the code of this notebook apart from "
    "the grader's own files, so its points are to be trusted as far as its author."
)

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Work:
    """One notebook to grade, and all that it takes.

    ``released`` is the text of the notebook that was handed out, ``seeds`` has one for each of its
    exercises, and ``private`` is the folder that no kernel may see.
    """

    student: str
    name: str
    submitted: NotebookNode
    released: str
    seeds: dict[str, int]
    limits: Limits
    private: str


@dataclass(frozen=True)
class GradedNotebook:
    """A notebook with its report and points, and the seconds that each step took."""

    notebook: NotebookNode
    seconds: dict[str, float]


def grade_all(work: list[Work]) -> dict[str, GradedNotebook]:
    """Grade the notebooks of one submission."""
    return {notebook.name: grade(notebook) for notebook in work}


def grade(work: Work) -> GradedNotebook:
    """Grade one notebook. Raises NotIsolated where there is no sandbox."""
    clock = Clock()
    released = _parsed(work.released)
    isolation = require_isolation(work.limits, tuple(released.metadata.get(NEEDS, ())))
    notebook = rebuild(released, work.submitted)
    clean_sources(notebook, released)
    notebook.metadata[SETUP] = setup_cells(released, notebook)
    notebook.metadata[ISOLATION] = isolation
    clock.note("intake")
    seconds = execute(notebook, work.seeds, work.limits, work.private)
    clock.note("execution")
    notebook.metadata[SECONDS] = round(clock.seconds["execution"], 2)
    judge_all(notebook, work.seeds, work.student)
    clean(notebook)
    LimitOutput().preprocess(notebook, {})
    for note in _notes(isolation, work.submitted.metadata.get(REFUSED)):
        notebook.cells.insert(0, note)
    if REFUSED in work.submitted.metadata:
        notebook.metadata[REFUSED] = work.submitted.metadata[REFUSED]
    clock.note("judge")
    return GradedNotebook(notebook, clock.seconds | seconds)


class Clock:
    """Says how many seconds each step took."""

    def __init__(self):
        self.seconds: dict[str, float] = {}
        self.last = time.perf_counter()

    def note(self, step: str) -> None:
        now = time.perf_counter()
        self.seconds[step], self.last = now - self.last, now


@lru_cache(maxsize=8)
def _parsed(released: str) -> NotebookNode:
    return nbformat.reads(released, as_version=4)


def _notes(isolation: dict, refused: dict | None) -> list[NotebookNode]:
    """Cells that say what is to be known of the whole notebook, to stand at its beginning."""
    notes = []
    if not isolation["isolated"]:
        notes.append(v4.new_markdown_cell(UNSAFE, id="not-isolated"))
    if refused:
        title = "**Your notebook could not be graded, so it earned no points.**"
        text = f"{title} {refused['problem']}. {refused['advice']}"
        notes.append(v4.new_markdown_cell(text, id="refused"))
    return notes


# --- Judging ------------------------------------------------------------------------------------


def judge_all(notebook: NotebookNode, seeds: dict[str, int], student: str = "") -> None:
    """Replace the outputs of every check cell by a report and the points earned.

    The points are the cell's last output, as a float: nbgrader reads partial credit from it.
    """
    run = [cell for cell in notebook.cells if DEMO_TAG not in cell.metadata.get("tags", [])]
    sources = {solved_exercise(cell): cell.source for cell in notebook.cells}
    failing: set[str] = set()  # names of objects that are not right
    for cell in notebook.cells:
        exercise = checked_exercise(cell)
        if not exercise:
            continue
        stopped = cell.metadata.get(STOPPED, "")
        follows = "" if stopped else _call_of_a_failing_one(sources[exercise], failing)
        above = takewhile(lambda other, check=cell: other is not check, run)
        try:
            used = ready_made(exercise, [c.source for c in above if c.cell_type == "code"])
            verdict = judge(exercise, evidence(cell), seeds[exercise], stopped or follows, used)
            if verdict.first_problem:
                failing.add(verdict.object_name)
            report = Report(verdict)
            share = verdict.score
            shown = {"text/html": report._repr_html_(), "text/plain": repr(report)}
            row = _row(verdict, bool(follows))
        except Exception as error:  # it must not take the points of the other exercises
            log.exception("%s of %s could not be judged", exercise, student)
            share, shown, row = _not_judged(exercise, error)
        most = float(cell.metadata.nbgrader.points)
        points = min(round(float(share) * most, 2), most)
        cell.outputs = [
            new_output("display_data", data=shown),
            new_output("execute_result", data={"text/plain": repr(points)}, execution_count=1),
        ]
        cell.execution_count = 1
        cell.metadata[VERDICT] = row


def _row(verdict: Verdict, follows: bool) -> dict:
    """What an instructor's tables show of an exercise; but for the summary, all of it is ours.

    ``follows`` says whether the answer calls an earlier one that is not right.
    """
    thought = verdict.diagnosis
    return {
        "passed": verdict.passed,
        "cases": len(verdict.cases),
        "summary": summary_line(verdict),
        "share": round(float(verdict.score), 4),
        "failing": [case.name for case in verdict.cases if case.problem],
        "misconception": {"thought": thought.thought, "says": thought.says} if thought else None,
        "begun": not verdict.unwritten,
        "ready_made": bool(verdict.ready_made),
        "follows": follows,
    }


def _call_of_a_failing_one(source: str, failing: set[str]) -> str:
    """A note for an exercise that calls an earlier one that is not right, if it does."""
    culprits = sorted(names_in(source) & failing) if failing else []
    if not culprits:
        return ""
    what = "is not right yet: mend that" if len(culprits) == 1 else "are not right yet: mend them"
    return f"It uses {' and '.join(culprits)}, which {what} first."


def _not_judged(exercise: str, error: Exception) -> tuple[float, dict, dict]:
    """No points, and a note for student and instructor, where the judge itself failed."""
    name = exercise.partition(".")[2]
    sentence = Sentence(
        "The autograder itself failed here, so there are no points for it yet. Your instructor "
        "sees this in the list of results. Ask to have it graded again.",
        lead=f"{name} could not be judged.",
    )
    reason = " ".join(plain(f"{type(error).__name__}: {error}").split())[:300]
    summary = f"{name}: could not be judged: {reason}"
    row = {"passed": 0, "cases": 1, "summary": summary, "failed": True}
    return 0.0, {"text/html": sentence.html(), "text/plain": sentence.text()}, row


def is_judged(notebook: NotebookNode) -> bool:
    """Whether the judge came to a verdict on every exercise."""
    return not any(cell.metadata.get(VERDICT, {}).get("failed") for cell in notebook.cells)


def evidence(cell: NotebookNode) -> list[Case]:
    """The cases that a kernel sent as outputs of ``cell``."""
    found = (output.get("data", {}).get(MIME_TYPE) for output in cell.outputs)
    return list(islice((case for case in found if case is not None), MAX_CASES))
