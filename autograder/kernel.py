"""What runs in a sandbox: the student's kernel, an IPython shell at the other end of a link.

In comes ``{"run": SOURCE}``. Out come the outputs of the cell, each ``{"output": …}`` as a notebook
keeps it, and at its end ``{"done": SECONDS}``. Of what a cell shows only text leaves the kernel,
and evidence: nobody looks at pictures here.
"""

import builtins
import fcntl
import io
import os
import random
import signal
import socket
import sys
import tempfile
import threading
import time
import zlib
from contextlib import suppress
from types import ModuleType

import matplotlib.pyplot  # noqa: F401 (so that it is there in every kernel that is forked)
import numpy as np
from IPython.core.compilerop import CachingCompiler
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Type
from traitlets.config import Config

from autograder import collect  # noqa: F401
from autograder.evidence import MIME_TYPE
from autograder.link import NO_LIMIT, Link

KINDS = "text/plain", MIME_TYPE
ENOUGH = 8_000  # characters that a stream holds back, to send them together
RAW_LIMIT = 1_000_000  # bytes that are read of what programs printed past Python in one cell


class NoViews(ModuleType):
    """Stands in for ``lab.views``, whose pictures nobody sees here and which hold answers.

    Whatever is asked of it does nothing, so that a cell that shows a view goes on.
    """

    def __getattr__(self, name: str) -> "Nothing":
        if name.startswith("__"):  # what the import system and inspect look for
            raise AttributeError(name)
        return Nothing()


class Nothing:
    def __call__(self, *args: object, **kwargs: object) -> "Nothing":
        return self

    def __getattr__(self, name: str) -> "Nothing":
        if name.startswith("_"):
            raise AttributeError(name)
        return self


class Outbox:
    """Sends what a cell shows, each message whole: an interrupt waits until it is sent.

    A process that the student's code forks sends nothing.
    """

    def __init__(self, link: Link):
        self.link = link
        self.lock = threading.RLock()
        self.process = os.getpid()
        self.was_interrupted = False

    def send(self, message: dict) -> None:
        if os.getpid() != self.process:
            return
        with self.lock:
            if threading.current_thread() is not threading.main_thread():
                self.link.send(message)
                return
            at_rest = signal.signal(signal.SIGINT, self._note_interrupt)
            try:
                self.link.send(message)
            finally:
                signal.signal(signal.SIGINT, at_rest)
        if self.was_interrupted:
            self.was_interrupted = False
            if callable(at_rest):
                at_rest(signal.SIGINT, None)

    def output(self, kind: str, **content: object) -> None:
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, Stream):
                stream.flush()
        self.send({"output": {"output_type": kind, **content}})

    def _note_interrupt(self, _signal: int, _frame: object) -> None:
        self.was_interrupted = True


class Stream(io.TextIOBase):
    """``sys.stdout`` or ``sys.stderr`` of a kernel."""

    encoding, errors = "utf-8", "replace"

    def __init__(self, name: str, descriptor: int, outbox: Outbox):
        self.name = name
        self.descriptor = descriptor
        self.outbox = outbox
        self.held: list[str] = []
        self.size = 0

    def fileno(self) -> int:
        return self.descriptor

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        other = sys.stderr if self is sys.stdout else sys.stdout
        if isinstance(other, Stream) and other.held:
            other.flush()
        with self.outbox.lock:
            self.held.append(text)
            self.size += len(text)
        if self.size > ENOUGH:
            self.flush()
        return len(text)

    def flush(self) -> None:
        with self.outbox.lock:
            text, self.held, self.size = "".join(self.held), [], 0
            if text:
                output = {"output_type": "stream", "name": self.name, "text": text}
                self.outbox.send({"output": output})

    def send_raw(self) -> None:
        """Send what programs, and libraries in C, printed past Python since the last cell."""
        text = os.pread(self.descriptor, RAW_LIMIT, 0)
        if text:
            os.ftruncate(self.descriptor, 0)
            self.write(text.decode(errors="replace"))


class Hook(DisplayHook):
    """Sends the value of a cell's last line."""

    def start_displayhook(self) -> None:
        pass

    def write_output_prompt(self) -> None:
        pass

    def write_format_data(self, format_dict: dict, md_dict: dict | None = None) -> None:
        self.shell.show("execute_result", format_dict)

    def finish_displayhook(self) -> None:
        pass


class Publisher(DisplayPublisher):
    """Sends what a cell displays; what changes an earlier display is left out."""

    def publish(self, data, metadata=None, *, transient=None, update=False, **kwargs) -> None:
        if not update:
            self.shell.show("display_data", data)

    def clear_output(self, wait: bool = False) -> None:
        pass


class Compiler(CachingCompiler):
    """Names each cell as a file, as notebooks do, so that its lines can be found again."""

    def get_code_name(self, raw_code: str, transformed_code: str, number: int) -> str:
        return f"/tmp/cells/{number}-{zlib.crc32(transformed_code.encode()):08x}.py"


class Shell(InteractiveShell):
    """IPython as in a notebook, with an outbox in place of a terminal."""

    compiler_class = Type(Compiler)
    displayhook_class = Type(Hook)
    display_pub_class = Type(Publisher)
    outbox: Outbox

    def show(self, kind: str, data: dict) -> None:
        shown = {key: data[key] for key in KINDS if isinstance(data.get(key), str | dict)}
        self.outbox.output(kind, data=shown)

    def _showtraceback(self, etype: type, evalue: BaseException, stb: list[str]) -> None:
        try:
            value = str(evalue)
        except Exception:
            value = "its message could not be written"
        self.outbox.output("error", ename=etype.__name__, evalue=value, traceback=stb)

    def enable_gui(self, gui: str | None = None) -> None:
        pass

    def ask_exit(self) -> None:
        """Go on: what stands below an ``exit`` is graded, too."""


def prepare(folder: str) -> None:
    """Make the shell, in the process from which kernels are forked."""
    sys.modules["lab.views"] = NoViews("lab.views")
    sys.path.append("")  # this process starts without it, but a cell may import what another wrote
    sys.argv = ["kernel"]
    config = Config()
    config.HistoryManager.enabled = False  # it would write a file, in a thread of its own
    shell = Shell.instance(config=config, ipython_dir=folder)
    shell.display_formatter.active_types = ["text/plain"]
    import matplotlib_inline.backend_inline  # noqa: F401 (for the first figure)


def warm_up() -> None:
    """Do in the nursery what takes long for the first cell and the first error of a kernel.

    For an error, IPython looks for the files of all modules that are imported by then.
    """
    shell = Shell.instance()
    shell.run_cell("pass", silent=True)
    try:
        raise NotImplementedError
    except NotImplementedError:
        shell.InteractiveTB.structured_traceback(*sys.exc_info())


def run(_box: object, link: Link) -> None:
    """Be a kernel until the grader closes the link."""
    shell = Shell.instance()
    outbox = shell.outbox = Outbox(link)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    random.seed()
    np.random.seed()  # noqa: NPY002 (which students may use)
    builtins.input = _no_input
    streams = [_stream(number, name, outbox) for number, name in ((1, "stdout"), (2, "stderr"))]
    sys.stdout, sys.stderr = streams
    outbox.send({"ready": True})
    with suppress(EOFError):
        while message := link.receive():
            started = time.perf_counter()
            with suppress(BaseException):  # an interrupt that came at the wrong moment
                signal.signal(signal.SIGINT, signal.default_int_handler)
                shell.run_cell(message["run"], store_history=True)
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            if os.getpid() != outbox.process:  # a cell forked, and this is the copy
                os._exit(0)
            sys.stdout, sys.stderr = streams
            for stream in streams:
                stream.send_raw()
                stream.flush()
            outbox.send({"done": time.perf_counter() - started})


def _stream(number: int, name: str, outbox: Outbox) -> Stream:
    """A stream, and a file in place of the descriptor that programs and C libraries print to."""
    with tempfile.TemporaryFile(buffering=0) as file:
        os.dup2(file.fileno(), number)
    fcntl.fcntl(number, fcntl.F_SETFL, os.O_APPEND)
    return Stream(name, number, outbox)


def _no_input(prompt: object = "") -> str:
    raise EOFError("nobody is there to answer input() while a notebook is graded")


def main() -> None:
    """Be a kernel without a sandbox: ``python -m autograder.kernel DESCRIPTOR``."""
    end = socket.socket(fileno=int(sys.argv[1]))
    prepare(os.getcwd())
    run(None, Link(end, NO_LIMIT))


if __name__ == "__main__":
    main()
