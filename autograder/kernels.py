"""Execution: runs a rebuilt notebook in a kernel, within limits, and brings the evidence out.

The kernel is hostile ground. Nothing that it sends is believed here: outputs are counted, cut and
reduced to plain text, and evidence is passed on for the judge to read.
"""

import asyncio
import os
import tempfile
from pathlib import Path

from jupyter_core.utils import run_sync
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbconvert.exporters.exporter import ResourcesDict
from nbformat.notebooknode import NotebookNode
from nbgrader.preprocessors import Execute
from traitlets import Integer, default

from autograder.cells import DEMO_TAG, checked_exercise, solved_exercise
from autograder.evidence import MIME_TYPE
from autograder.seeds import seed_for

STOPPED = "autograder_stopped"  # cell metadata: why the student's code did not come to its end
SETUP = "autograder_setup"  # notebook metadata: the cells that hold no code of the student's

# TensorFlow's own log would drown what a student printed, and tear a progress bar apart. Kernels
# and the judge, which is in this process, must get the same: some errors are worded by it.
os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", TF_ENABLE_ONEDNN_OPTS="0")


class Collect(Execute):
    """Runs every cell but demos; in place of a check cell, collects evidence for the judge."""

    timeout = Integer(30, help="seconds that one cell may take").tag(config=True)
    setup_timeout = Integer(
        300, help="seconds for a cell that holds none of the student's code, such as the imports"
    ).tag(config=True)
    output_limit = Integer(1_000_000, help="bytes that one cell may print").tag(config=True)
    evidence_limit = Integer(8_000_000, help="bytes of evidence for one exercise").tag(config=True)

    @default("skip_cells_with_tag")
    def _skip_demos(self) -> str:
        return DEMO_TAG

    @default("iopub_timeout")
    def _seconds_to_obey_an_interrupt(self) -> int:
        return 5

    @default("shutdown_kernel")
    def _no_exit_hooks(self) -> str:
        return "immediate"

    def preprocess(
        self, nb: NotebookNode, resources: ResourcesDict, km=None
    ) -> tuple[NotebookNode, ResourcesDict]:
        self.stopped = ""  # set once the kernel is gone; no later cell can run
        self.broken: dict[str, str] = {}  # exercises whose own cell ended in an error
        student = resources["nbgrader"]["student"]
        self.seed = lambda exercise: seed_for(
            self.parent.parent.coursedir, student, resources["nbgrader"]["assignment"], exercise
        )
        with tempfile.TemporaryDirectory(prefix="grading-") as folder:
            self.folder = folder
            resources["metadata"]["path"] = folder
            return super().preprocess(nb, resources, km)

    def create_kernel_manager(self):
        """Speak to the kernel through sockets in a private folder, not over the network."""
        manager = super().create_kernel_manager()
        manager.transport = "ipc"
        manager.ip = str(Path(self.folder, "ipc"))
        return manager

    def preprocess_cell(self, cell: NotebookNode, resources: ResourcesDict, index: int):
        if cell.cell_type != "code":
            return cell, resources
        if self.stopped:
            cell.metadata[STOPPED] = self.stopped
            return cell, resources
        self.printed = self.evidence = 0
        self.over_limit = died = ""
        exercise, source = checked_exercise(cell), cell.source
        if exercise:
            seed = self.seed(exercise)
            cell.source = f"from autograder.collect import collect; collect({exercise!r}, {seed})"
        try:
            super().preprocess_cell(cell, resources, index)
        except CellTimeoutError:
            died = f"It ran for {self.timeout} seconds and could not be interrupted."
            run_sync(self.km.shutdown_kernel)(now=True)
        except DeadKernelError:
            died = "The kernel died here, perhaps for want of memory."
        finally:
            cell.source = source
        self._note_error(cell)
        if died:
            self.stopped = "It was not run, because the notebook ended at an earlier cell."
        reason = died or self.over_limit or self._timed_out(cell)
        reason = reason or self.broken.get(exercise, "")
        if reason:
            cell.metadata[STOPPED] = reason
        cell.outputs = [o for o in map(self._plain, cell.outputs) if o]
        return cell, resources

    def _get_timeout(self, cell: NotebookNode | None) -> int | None:
        in_setup = cell is not None and cell.get("id") in self.nb.metadata.get(SETUP, [])
        return self.setup_timeout if in_setup else super()._get_timeout(cell)

    def process_message(self, msg: dict, cell: NotebookNode, cell_index: int):
        """Count what a cell sends; interrupt it, and drop the rest, when that is too much."""
        if msg["msg_type"] != "status":
            size = len(str(msg["content"]))
            if MIME_TYPE in (msg["content"].get("data") or {}):
                self.evidence += size
            else:
                self.printed += size
        too_much = self.printed > self.output_limit or self.evidence > self.evidence_limit
        if too_much and not self.over_limit:
            limit = f"{self.output_limit:,} bytes"
            self.over_limit = f"It was stopped: it printed more than {limit}."
            asyncio.ensure_future(self.km.interrupt_kernel())
        if too_much and msg["msg_type"] != "status":
            return None
        return super().process_message(msg, cell, cell_index)

    def handle_comm_msg(self, outs, msg, cell_index) -> None:
        """Ignore widgets: nothing in a graded notebook needs one."""

    def set_widgets_metadata(self) -> None:
        """Ignore widgets: nothing in a graded notebook needs one."""

    def _note_error(self, cell: NotebookNode) -> None:
        exercise = solved_exercise(cell)
        for output in cell.outputs:
            if exercise and output.output_type == "error":
                message = f"Its cell did not run to its end: {output.ename}: {output.evalue}"
                self.broken[exercise] = message[:300]

    def _timed_out(self, cell: NotebookNode) -> str:
        names = [o.ename for o in cell.outputs if o.output_type == "error"]
        timed_out = "CellTimeoutError" in names
        return f"It was stopped after {self.timeout} seconds." if timed_out else ""

    @staticmethod
    def _plain(output: NotebookNode) -> NotebookNode | None:
        """Keep plain text and evidence of an output; a student's markup goes no further."""
        if output.output_type in ("stream", "error"):
            return output
        kept = {k: v for k, v in output.get("data", {}).items() if k in ("text/plain", MIME_TYPE)}
        if not kept:
            return None
        output.data = kept
        return output
