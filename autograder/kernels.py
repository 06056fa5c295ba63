"""Execution: runs a rebuilt notebook in a kernel, within limits, and brings the evidence out.

The kernel is hostile ground, and runs in a sandbox (``autograder.sandbox``). Nothing that it sends
is believed here: outputs are counted, cut and reduced to plain text, and evidence is passed on for
the judge to read.
"""

import asyncio
import os
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from jupyter_client import AsyncKernelManager
from jupyter_core.utils import run_sync
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbconvert.exporters.exporter import ResourcesDict
from nbformat import v4
from nbformat.notebooknode import NotebookNode
from nbgrader.preprocessors import Execute
from traitlets import Bool, Integer, default

from autograder import sandbox
from autograder.cells import DEMO_TAG, checked_exercise, solved_exercise
from autograder.course import CourseError
from autograder.evidence import MIME_TYPE
from autograder.provisioner import TOO_LARGE, SandboxedKernelManager
from autograder.seeds import seed_for

STOPPED = "autograder_stopped"  # cell metadata: why the student's code did not come to its end
SETUP = "autograder_setup"  # notebook metadata: the cells that hold no code of the student's
REFERENCES = "references"  # notebook metadata: the modules of solutions that it imports
ISOLATION = "autograder_isolation"  # notebook metadata: what was kept apart from the machine

UNSAFE = (
    "**Graded without isolation.** This machine did not keep the code of this notebook apart from "
    "the grader's own files, so its points are to be trusted as far as its author."
)

# Other kinds have no place in a graded notebook, and could change the outputs of other cells.
MESSAGES = "status", "stream", "error", "display_data", "execute_result"


# TensorFlow's own log would drown what a student printed, and tear a progress bar apart. Kernels
# and the judge, which is in this process, must get the same: some errors are worded by it.
os.environ.update(sandbox.TENSORFLOW)

# Binds no name, since the student may have any.
COLLECT = "__import__('autograder.collect').collect.collect({!r}, {})"


class NotIsolated(CourseError):
    """This machine offers no sandbox; the message says what is missing, and what can be done."""


def require_isolation(unsafe: bool) -> dict:
    """Return what a sandbox keeps apart here. Raises NotIsolated unless all, or ``unsafe``."""
    if unsafe:
        return {"isolated": False, "kept apart": [], "missing": ["everything"], "problem": "unsafe"}
    found = sandbox.isolation()
    if not found["isolated"]:
        why = found["problem"] or f"not kept apart: {', '.join(found['missing'])}"
        raise NotIsolated(
            f"students' code cannot be isolated on this machine ({why}); SECURITY.md says what "
            "can be done. To grade work that you trust without it: autograder grade --unsafe"
        )
    return found


class Collect(Execute):
    """Runs every cell but demos; in place of a check cell, collects evidence for the judge."""

    timeout = Integer(30, help="seconds that one cell may take").tag(config=True)
    setup_timeout = Integer(
        300, help="seconds for a cell that holds none of the student's code, such as the imports"
    ).tag(config=True)
    output_limit = Integer(1_000_000, help="bytes that one cell may print").tag(config=True)
    evidence_limit = Integer(8_000_000, help="bytes of evidence for one exercise").tag(config=True)
    notebook_timeout = Integer(
        600, help="seconds that all cells with the student's code may take together"
    ).tag(config=True)
    notebook_output_limit = Integer(
        5_000_000, help="bytes that are kept of what a notebook prints"
    ).tag(config=True)
    memory_limit = Integer(
        2_000, help="megabytes that a kernel and all that it starts may use"
    ).tag(config=True)
    unsafe = Bool(False, help="run students' code without a sandbox").tag(config=True)

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
        nb.metadata[ISOLATION] = require_isolation(self.unsafe)
        self.stopped = ""  # set once the kernel is gone; no later cell can run
        self.broken: dict[str, str] = {}  # exercises whose own cell ended in an error
        self.seconds = 0.0  # that the student's code has taken
        self.kept = 0  # bytes of what it printed
        student = resources["nbgrader"]["student"]
        self.seed = lambda exercise: seed_for(
            self.parent.parent.coursedir, student, resources["nbgrader"]["assignment"], exercise
        )
        with tempfile.TemporaryDirectory(prefix="grading-", ignore_cleanup_errors=True) as folder:
            self.folder = folder
            resources["metadata"]["path"] = folder
            nb, resources = super().preprocess(nb, resources, km)
        if not nb.metadata[ISOLATION]["isolated"]:
            nb.cells.insert(0, v4.new_markdown_cell(UNSAFE, id="not-isolated"))
        return nb, resources

    def create_kernel_manager(self) -> AsyncKernelManager:
        """A manager of a kernel that is spoken to through sockets in a private folder."""
        if self.unsafe:
            manager = super().create_kernel_manager()
            manager.transport = "ipc"
            manager.ip = str(Path(self.folder, "ipc"))
            return manager
        box = sandbox.Box(
            self.folder,
            private=str(Path(self.parent.parent.coursedir.root).resolve()),
            references=tuple(self.nb.metadata.get(REFERENCES, ())),
            memory=self.memory_limit * sandbox.MEGABYTE,
            fonts=sandbox.list_of_fonts(),
        )
        self.km = SandboxedKernelManager(box)
        return self.km

    def preprocess_cell(self, cell: NotebookNode, resources: ResourcesDict, index: int):
        if cell.cell_type != "code":
            return cell, resources
        if not self.stopped and self.seconds > self.notebook_timeout:
            self.stopped = f"It was not run: the notebook ran for {self.notebook_timeout} seconds."
        if self.stopped:
            cell.metadata[STOPPED] = self.stopped
            return cell, resources
        self.printed = self.evidence = 0
        self.over_limit = died = ""
        exercise, source = checked_exercise(cell), cell.source
        if exercise:
            seed = self.seed(exercise)
            cell.source = COLLECT.format(exercise, seed)
        started = time.monotonic()
        try:
            super().preprocess_cell(cell, resources, index)
        except CellTimeoutError:
            died = f"It ran for {self.timeout} seconds and could not be interrupted."
        except DeadKernelError:
            died = self._cause_of_death()
        except Exception as error:  # what a kernel sends may be anything
            self.log.warning("%s ended: %s: %s", cell.id, type(error).__name__, error)
            died = "The kernel sent something that cannot be read, and was ended."
        finally:
            cell.source = source
        if not self._is_setup(cell):
            self.seconds += time.monotonic() - started
        kinds = ("text/plain", MIME_TYPE) if exercise else ("text/plain",)
        cell.outputs = [o for o in (_plain(output, kinds) for output in cell.outputs) if o]
        cell.execution_count = None
        self._note_error(cell)
        if died:
            run_sync(self.km.shutdown_kernel)(now=True)
            self.stopped = "It was not run, because the notebook ended at an earlier cell."
        reason = died or self.over_limit or self._timed_out(cell)
        reason = reason or self.broken.get(exercise, "")
        if reason:
            cell.metadata[STOPPED] = reason
        return cell, resources

    def _cause_of_death(self) -> str:
        match "" if self.unsafe else self.km.why_ended():
            case "memory":
                return f"It was stopped: it used more than {self.memory_limit:,} MB of memory."
            case "flood":
                return "It was stopped: it sent more than can be read."
        return "The kernel died here, perhaps for want of memory."

    def _is_setup(self, cell: NotebookNode) -> bool:
        return cell.get("id") in self.nb.metadata.get(SETUP, [])

    def _get_timeout(self, cell: NotebookNode | None) -> int | None:
        if cell is not None and self._is_setup(cell):
            return self.setup_timeout
        return super()._get_timeout(cell)

    def process_message(self, msg: dict, cell: NotebookNode, cell_index: int):
        """Count what a cell sends; interrupt it, and drop the rest, when that is too much."""
        if msg["msg_type"] not in MESSAGES:
            return None
        msg["content"].pop("transient", None)  # the name under which it could be changed later
        if msg["msg_type"] == "status":
            return super().process_message(msg, cell, cell_index)
        size = msg["content"].get(TOO_LARGE) or len(str(msg["content"]))
        is_evidence = checked_exercise(cell) and MIME_TYPE in (msg["content"].get("data") or {})
        if is_evidence:
            self.evidence += size
        else:
            self.printed += size
            self.kept += size
        too_much = self.printed > self.output_limit or self.evidence > self.evidence_limit
        if too_much and not self.over_limit:
            limit = f"{self.output_limit:,} bytes"
            self.over_limit = f"It was stopped: it printed more than {limit}."
            asyncio.ensure_future(self.km.interrupt_kernel())
        if too_much or (self.kept > self.notebook_output_limit and not is_evidence):
            return None
        return super().process_message(msg, cell, cell_index)

    async def _async_poll_kernel_alive(self) -> None:
        """As nbclient's, which goes on asking after a notebook has ended in the middle of a cell.

        Its error would be logged at any time, also while Python reads a source, and 3.11 does not
        stand being asked to read another one then.
        """
        with suppress(AssertionError):
            await super()._async_poll_kernel_alive()

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


def _plain(output: NotebookNode, kinds: tuple[str, ...]) -> NotebookNode | None:
    """Keep text of an output, and data of some kinds; a student's markup goes no further."""
    match output:
        case {"output_type": "stream", "name": "stdout" | "stderr" as name, "text": str(text)}:
            return v4.new_output("stream", name=name, text=text)
        case {"output_type": "error", "ename": str(name), "evalue": str(value), "traceback": lines}:
            trace = [line for line in lines if isinstance(line, str)]
            return v4.new_output("error", ename=name, evalue=value, traceback=trace)
        case {"output_type": "display_data" | "execute_result" as kind, "data": dict(data)}:
            kept = {k: data[k] for k in kinds if k in data}
            if not isinstance(kept.get("text/plain", ""), str) or not kept:
                return None
            return v4.new_output(kind, kept)
    return None
