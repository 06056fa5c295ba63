"""Where the autograder joins nbgrader: four steps of its own among nbgrader's.

``nbgrader_config.py`` names them, so that ``nbgrader autograde``, formgrader's button and
``autograder grade`` all pass through the same code.
"""

from contextlib import suppress
from itertools import islice, takewhile
from pathlib import Path

import nbformat
from nbconvert.exporters.exporter import ResourcesDict
from nbformat import v4
from nbformat.notebooknode import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor

from autograder.cells import DEMO_TAG, checked_exercise, names_in, solved_exercise
from autograder.cleaning import clean, clean_sources, plain
from autograder.evidence import MAX_CASES, MIME_TYPE, BadEvidence, Case, from_json
from autograder.intake import is_answered, rebuild, setup_cells
from autograder.judge import judge
from autograder.kernels import SETUP, STOPPED, Collect
from autograder.ready_made import ready_made
from autograder.report import Report, Sentence, summary_line
from autograder.seeds import seed_for
from autograder.submissions import REFUSED

__all__ = ["Clean", "Collect", "Judge", "Rebuild"]

VERDICT = "autograder_verdict"  # check cell metadata: what an instructor's table shows


class Rebuild(NbGraderPreprocessor):
    """Replaces the submitted notebook by the released one with the student's sources in it."""

    def preprocess(
        self, nb: NotebookNode, resources: ResourcesDict
    ) -> tuple[NotebookNode, ResourcesDict]:
        coursedir = self.parent.parent.coursedir
        names = resources["nbgrader"]
        folder = coursedir.format_path(coursedir.release_directory, ".", names["assignment"])
        path = Path(folder, f"{names['notebook']}.ipynb")
        released = nbformat.read(path, as_version=4)
        if is_answered(released):  # its answers would be given to students who left theirs out
            raise ValueError(f"{path} was changed since it was built; autograder build --force")
        rebuilt = rebuild(released, nb)
        clean_sources(rebuilt, released)
        rebuilt.metadata[SETUP] = setup_cells(released, rebuilt)
        if REFUSED in nb.metadata:
            rebuilt.metadata[REFUSED] = nb.metadata[REFUSED]
            rebuilt.cells.insert(0, _refusal(**nb.metadata[REFUSED]))
        return rebuilt, resources


def _refusal(problem: str, advice: str) -> NotebookNode:
    """A cell that tells a student why an untouched notebook was graded in place of the own one."""
    title = "**Your notebook could not be graded, so it earned no points.**"
    return v4.new_markdown_cell(f"{title} {problem}. {advice}", id="refused")


class Judge(NbGraderPreprocessor):
    """Replaces the outputs of every check cell by a report and the points earned.

    The points are the cell's last output, as a float: nbgrader reads partial credit from it.
    """

    def preprocess(
        self, nb: NotebookNode, resources: ResourcesDict
    ) -> tuple[NotebookNode, ResourcesDict]:
        self.sources = {solved_exercise(cell): cell.source for cell in nb.cells}
        self.run = [c for c in nb.cells if DEMO_TAG not in c.metadata.get("tags", [])]
        self.failing: set[str] = set()  # names of objects that are not right
        return super().preprocess(nb, resources)

    def preprocess_cell(
        self, cell: NotebookNode, resources: ResourcesDict, index: int
    ) -> tuple[NotebookNode, ResourcesDict]:
        exercise = checked_exercise(cell)
        if not exercise:
            return cell, resources
        names = resources["nbgrader"]
        coursedir = self.parent.parent.coursedir
        seed = seed_for(coursedir, names["student"], names["assignment"], exercise)
        try:
            share, shown, row = self._judge(cell, exercise, seed)
        except Exception as error:  # it must not take the points of the other exercises
            self.log.exception("%s of %s could not be judged", exercise, names["student"])
            share, shown, row = _not_judged(exercise, error)
        most = float(cell.metadata.nbgrader.points)
        points = min(round(float(share) * most, 2), most)
        cell.outputs = [
            v4.new_output("display_data", shown),
            v4.new_output("execute_result", {"text/plain": repr(points)}, execution_count=1),
        ]
        cell.execution_count = 1
        cell.metadata[VERDICT] = row
        return cell, resources

    def _judge(self, cell: NotebookNode, exercise: str, seed: int) -> tuple[float, dict, dict]:
        """The share of the points, what the student sees, and what the table of results says."""
        note = cell.metadata.get(STOPPED) or self._call_of_a_failing_one(exercise)
        used = ready_made(exercise, self._sources_before(cell))
        verdict = judge(exercise, evidence(cell), seed, note, used)
        if verdict.first_problem:
            self.failing.add(verdict.object_name)
        report = Report(verdict)
        row = {
            "passed": verdict.passed,
            "cases": len(verdict.cases),
            "summary": summary_line(verdict),
        }
        shown = {"text/html": report._repr_html_(), "text/plain": repr(report)}
        return verdict.score, shown, row

    def _sources_before(self, check: NotebookNode) -> list[str]:
        """The sources of the cells that ran before a check cell."""
        before = takewhile(lambda cell: cell is not check, self.run)
        return [cell.source for cell in before if cell.cell_type == "code"]

    def _call_of_a_failing_one(self, exercise: str) -> str:
        """A note for an exercise that calls an earlier one that is not right, if it does."""
        culprits = sorted(names_in(self.sources.get(exercise, "")) & self.failing)
        if not culprits:
            return ""
        what = (
            "is not right yet: mend that" if len(culprits) == 1 else "are not right yet: mend them"
        )
        return f"It uses {' and '.join(culprits)}, which {what} first."


class Clean(NbGraderPreprocessor):
    """Leaves nothing of a student's in the graded notebook that could act on who opens it."""

    def preprocess(
        self, nb: NotebookNode, resources: ResourcesDict
    ) -> tuple[NotebookNode, ResourcesDict]:
        clean(nb)
        return nb, resources


def _not_judged(exercise: str, error: Exception) -> tuple[float, dict, dict]:
    """No points, and a note for student and instructor, where the judge itself failed."""
    name = exercise.partition(".")[2]
    sentence = Sentence(
        "The autograder itself failed here, so there are no points for it yet. Your instructor "
        "sees this in the list of results. Ask to have it graded again.",
        lead=f"{name} could not be judged.",
    )
    reason = " ".join(plain(f"{type(error).__name__}: {error}").split())[:300]
    row = {"passed": 0, "cases": 1, "summary": f"{name}: could not be judged: {reason}"}
    return 0.0, {"text/html": sentence.html(), "text/plain": sentence.text()}, row


def evidence(cell: NotebookNode) -> list[Case]:
    """Read the cases that a kernel sent as outputs of ``cell``; malformed ones are left out."""
    claims = (output.get("data", {}).get(MIME_TYPE) for output in cell.outputs)
    cases = []
    for claim in islice((claim for claim in claims if claim is not None), MAX_CASES):
        with suppress(BadEvidence):
            cases.append(from_json(claim))
    return cases
