"""Where the autograder joins nbgrader: four steps of its own among nbgrader's.

``nbgrader_config.py`` names them, so that ``nbgrader autograde``, formgrader's button and
``autograder grade`` all pass through the same code.
"""

from pathlib import Path

import nbformat
from nbconvert.exporters.exporter import ResourcesDict
from nbformat import v4
from nbformat.notebooknode import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor

from autograder.cells import checked_exercise, names_in, solved_exercise
from autograder.cleaning import clean, clean_sources
from autograder.evidence import MIME_TYPE, BadEvidence, Case, from_json
from autograder.intake import is_answered, rebuild, setup_cells
from autograder.judge import judge
from autograder.kernels import SETUP, STOPPED, Collect
from autograder.report import Report, summary_line
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
        note = cell.metadata.get(STOPPED) or self._call_of_a_failing_one(exercise)
        verdict = judge(exercise, evidence(cell), seed, note)
        if verdict.score < 1:
            self.failing.add(verdict.object_name)
        report = Report(verdict)
        points = round(float(verdict.score * cell.metadata.nbgrader.points), 2)
        cell.outputs = [
            v4.new_output(
                "display_data",
                {"text/html": report._repr_html_(), "text/plain": repr(report)},
            ),
            v4.new_output("execute_result", {"text/plain": repr(points)}, execution_count=1),
        ]
        cell.execution_count = 1
        cell.metadata[VERDICT] = {
            "passed": verdict.passed,
            "cases": len(verdict.cases),
            "summary": summary_line(verdict),
        }
        return cell, resources

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


def evidence(cell: NotebookNode) -> list[Case]:
    """Read the cases that a kernel sent as outputs of ``cell``; malformed ones are left out."""
    cases = []
    for output in cell.outputs:
        claim = output.get("data", {}).get(MIME_TYPE)
        if claim is not None:
            try:
                cases.append(from_json(claim))
            except BadEvidence:
                continue
    return cases
