"""Execution: runs a rebuilt notebook in a kernel, within limits, and brings the evidence out.

The kernel is hostile ground, and runs in a sandbox (``autograder.sandbox``). Nothing that it sends
is believed here: outputs are counted, cut and reduced to plain text, and evidence is passed on for
the judge to read.
"""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass

from nbformat.notebooknode import NotebookNode
from traitlets.config import Config

from autograder import sandbox
from autograder.cells import DEMO_TAG, checked_exercise, solved_exercise
from autograder.cleaning import new_output
from autograder.course import CONFIG, CourseError
from autograder.evidence import MAX_CASES, MIME_TYPE, BadEvidence, from_json
from autograder.link import BadMessage, Link

STOPPED = "autograder_stopped"  # cell metadata: why the student's code did not come to its end
SETUP = "autograder_setup"  # notebook metadata: the cells that hold no code of the student's
NEEDS = "needs"  # notebook metadata: the modules that a kernel has imported before it starts
REFERENCES = "references"  # notebook metadata: the modules of solutions that it imports
ISOLATION = "autograder_isolation"  # notebook metadata: what was kept apart from the machine

KERNEL = "autograder.kernel:run"
# Binds no name, since the student may have any.
COLLECT = "__import__('autograder.collect').collect.collect({!r}, {})"

# TensorFlow's own log would drown what a student printed, and tear a progress bar apart. Kernels
# and the judge, which is in this process, must get the same: some errors are worded by it.
os.environ.update(sandbox.TENSORFLOW)


@dataclass(frozen=True)
class Limits:
    """What the code of one notebook may use; ``c.Limits`` in nbgrader_config.py sets others."""

    cell: float = 30  # seconds for one cell
    setup: float = 300  # seconds for a cell without code of the student's, such as the imports
    notebook: float = 600  # seconds for all cells with the student's code together
    grace: float = 5  # seconds to end after an interrupt
    output: int = 1_000_000  # bytes that one cell may print
    kept: int = 5_000_000  # bytes that are kept of what a notebook prints
    evidence: int = 8_000_000  # bytes of evidence for one exercise
    memory: int = 2_000  # megabytes for the kernel and all that it starts
    isolated: bool = True  # False: run students' code without a sandbox


def limits_of(config: Config) -> Limits:
    """The limits that a course is set to. Raises CourseError."""
    try:
        return Limits(**config.Limits)
    except TypeError as error:
        raise CourseError(f"c.Limits in {CONFIG}: {error}") from None


class NotIsolated(CourseError):
    """This machine offers no sandbox; the message says what is missing, and what can be done."""


def require_isolation(limits: Limits, needs: tuple[str, ...] = ()) -> dict:
    """Return what a sandbox keeps apart here. Raises NotIsolated unless all, or none is wanted."""
    if not limits.isolated:
        return {"isolated": False, "kept apart": [], "missing": ["everything"], "problem": "unsafe"}
    found = sandbox.isolation(needs)
    if not found["isolated"]:
        why = found["problem"] or f"not kept apart: {', '.join(found['missing'])}"
        raise NotIsolated(
            f"students' code cannot be isolated on this machine ({why}); SECURITY.md says what "
            "can be done. To grade work that you trust without it: autograder grade --unsafe"
        )
    return found


class Unprotected:
    """A kernel in an ordinary process, with what a sandbox offers the grader."""

    def __init__(self):
        ours, theirs = socket.socketpair()
        self.folder = tempfile.TemporaryDirectory(prefix="kernel-", ignore_cleanup_errors=True)
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-m", "autograder.kernel", str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd=self.folder.name,
                env=os.environ | sandbox.ENVIRONMENT,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        self.link = Link(ours)
        self.link.receive()

    def interrupt(self) -> None:
        self.process.send_signal(signal.SIGINT)

    def why_ended(self) -> str:
        return ""

    def close(self) -> None:
        self.link.close()
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.folder.cleanup()


def execute(
    notebook: NotebookNode, seeds: dict[str, int], limits: Limits, private: str
) -> dict[str, float]:
    """Run every cell but demos; in place of a check cell, collect evidence for the judge.

    ``seeds`` has one for each exercise; ``private`` is the folder that no kernel may see. Returns
    the seconds that the start of the kernel took, and the cells, as the kernel tells it.
    """
    started = time.perf_counter()
    if limits.isolated:
        box = sandbox.Box(
            private,
            references=tuple(notebook.metadata.get(REFERENCES, ())),
            memory=limits.memory * sandbox.MEGABYTE,
        )
        kernel = sandbox.Sandbox(box, KERNEL, tuple(notebook.metadata.get(NEEDS, ())))
    else:
        kernel = Unprotected()
    begun = time.perf_counter()
    try:
        run = Run(kernel, limits, set(notebook.metadata.get(SETUP, [])))
        for cell in notebook.cells:
            if cell.cell_type == "code" and DEMO_TAG not in cell.metadata.get("tags", []):
                exercise = checked_exercise(cell)
                code = COLLECT.format(exercise, seeds[exercise]) if exercise else cell.source
                run.execute(cell, code)
    finally:
        kernel.close()
    return {"start": begun - started, "code": run.code}


class Run:
    """One notebook's run. ``stopped`` says why no further cell can run, once that is so."""

    def __init__(self, kernel: sandbox.Sandbox | Unprotected, limits: Limits, setup: set[str]):
        self.kernel = kernel
        self.limits = limits
        self.setup = setup
        self.stopped = ""
        self.broken: dict[str, str] = {}  # exercises whose own cell did not come to its end
        self.seconds = 0.0  # that the student's code has taken
        self.code = 0.0  # and all cells, as the kernel tells it
        self.kept = 0  # bytes of what was printed

    def execute(self, cell: NotebookNode, code: str) -> None:
        """Run ``code`` for ``cell``, and put into the cell what came out and why it was stopped."""
        if not self.stopped and self.seconds > self.limits.notebook:
            self.stopped = f"It was not run: the notebook ran for {self.limits.notebook} seconds."
        if self.stopped:
            cell.metadata[STOPPED] = self.stopped
            return
        is_setup = cell.id in self.setup
        exercise = checked_exercise(cell)
        started = time.monotonic()
        cell.outputs, reason = self._run(
            code, self.limits.setup if is_setup else self.limits.cell, bool(exercise)
        )
        cell.execution_count = None
        if not is_setup:
            self.seconds += time.monotonic() - started
        self._note_error(cell, reason)
        reason = reason or self.broken.get(exercise, "")
        if reason:
            cell.metadata[STOPPED] = reason

    def _run(self, code: str, seconds: float, checks: bool) -> tuple[list[NotebookNode], str]:
        """The outputs of ``code``, and why it was stopped ("" when it was not)."""
        link, limits = self.kernel.link, self.limits
        outputs: list[NotebookNode] = []
        printed = evidence = claims = 0
        reason = late = ""
        deadline = time.monotonic() + seconds
        try:
            link.send({"run": code}, deadline)
            while True:
                try:
                    message = link.receive(deadline)
                except TimeoutError:
                    if reason:
                        return outputs, self._end(late or reason)
                    reason = f"It was stopped after {seconds} seconds."
                    late = f"It ran for {seconds} seconds and could not be interrupted."
                    deadline = self._interrupt()
                    continue
                if message and "done" in message:
                    self._count(message["done"])
                    return outputs, reason
                output = _plain(message, checks)
                is_evidence = bool(output) and MIME_TYPE in output.get("data", {})
                if is_evidence:
                    evidence += link.size
                    claims += 1  # of which the judge reads no more than MAX_CASES
                else:
                    printed += link.size
                    self.kept += link.size
                if printed > limits.output or evidence > limits.evidence:
                    if not reason:
                        reason = f"It was stopped: it printed more than {limits.output:,} bytes."
                        deadline = self._interrupt()
                elif output and (claims <= MAX_CASES if is_evidence else self.kept <= limits.kept):
                    _append(outputs, output)
        except (EOFError, OSError):
            return outputs, self._end(self._cause_of_death())
        except BadMessage:
            strange = "The kernel sent something that cannot be read, and was ended."
            return outputs, self._end(strange)

    def _interrupt(self) -> float:
        """Interrupt the kernel; return by when it must have obeyed."""
        self.kernel.interrupt()
        return time.monotonic() + self.limits.grace

    def _end(self, reason: str) -> str:
        self.kernel.close()
        self.stopped = "It was not run, because the notebook ended at an earlier cell."
        return reason

    def _cause_of_death(self) -> str:
        if self.kernel.why_ended() == "memory":
            return f"It was stopped: it used more than {self.limits.memory:,} MB of memory."
        return "The kernel died here, perhaps for want of memory."

    def _count(self, seconds: object) -> None:
        if isinstance(seconds, float) and 0 <= seconds < self.limits.setup:
            self.code += seconds

    def _note_error(self, cell: NotebookNode, reason: str) -> None:
        exercise = solved_exercise(cell)
        if not exercise:
            return
        errors = [f"{o.ename}: {o.evalue}" for o in cell.outputs if o.output_type == "error"]
        if reason or errors:
            message = f"Its cell did not run to its end: {reason or errors[-1]}"
            self.broken[exercise] = message[:300]


def _append(outputs: list[NotebookNode], output: NotebookNode) -> None:
    """Add an output, to the last one where both are of one stream."""
    last = outputs[-1] if outputs else {}
    if output.output_type == "stream" and last.get("name") == output.name:
        last.text += output.text
    else:
        outputs.append(output)


def _plain(message: dict | None, checks: bool) -> NotebookNode | None:
    """Keep text of an output, or a case of a check; a student's markup goes no further."""
    match message and message.get("output"):
        case {"output_type": "stream", "name": "stdout" | "stderr" as name, "text": str(text)}:
            return new_output("stream", name=name, text=text)
        case {
            "output_type": "error",
            "ename": str(name),
            "evalue": str(value),
            "traceback": list(lines),
        }:
            trace = [line for line in lines if isinstance(line, str)]
            return new_output("error", ename=name, evalue=value, traceback=trace)
        case {"output_type": "display_data" | "execute_result" as kind, "data": {**data}}:
            if checks and MIME_TYPE in data:
                return _case(data[MIME_TYPE])
            if isinstance(data.get("text/plain"), str):
                more = {"execution_count": None} if kind == "execute_result" else {}
                return new_output(kind, data={"text/plain": data["text/plain"]}, **more)
    return None


def _case(claim: object) -> NotebookNode | None:
    """An output that holds the case that a kernel claims; it is small, whatever the claim was."""
    with suppress(BadEvidence, RecursionError):
        return NotebookNode(output_type="display_data", data={MIME_TYPE: from_json(claim)})
    return None
