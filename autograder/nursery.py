"""The nursery: a process that has imported what kernels need, and from which they are forked.

To import TensorFlow takes longer than a notebook of exercises; a fork has it at once. A nursery
knows nothing secret and runs no TensorFlow operation, which would start threads that a fork lacks.
It ends with the process that started it. One that a server started, such as formgrader's, ends by
itself when it was not needed for a while.

``python -m autograder.nursery``, with its settings as a line of JSON on stdin, is the nursery.
"""

import atexit
import gc
import json
import os
import select
import shutil
import socket
import subprocess
import sys
import tempfile
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from pkgutil import resolve_name
from threading import Lock

IDLE = 120  # seconds after which a process's own nursery ends that nobody needed
PATIENCE = 10  # seconds to wait for a request to be whole
READS_AT_MOST = 65_536  # bytes of a request


class Nursery:
    """A nursery, as the grader sees it, in which ``modules`` are imported as well.

    It is started when its address is asked for. With ``idle`` it ends when nobody needed it for so
    many seconds.
    """

    def __init__(self, modules: tuple[str, ...] = (), idle: float | None = None):
        self.modules = modules
        self.idle = idle
        self.process: subprocess.Popen | None = None
        self.folder = ""
        self.lock = Lock()
        atexit.register(self.end)

    @property
    def address(self) -> str:
        """Where it listens."""
        with self.lock:
            if not self.process or self.process.poll() is not None:
                self._end()
                self._start()
            return str(Path(self.folder, "socket"))

    def end(self) -> None:
        """End it, and all that was forked from it."""
        atexit.unregister(self.end)
        with self.lock:
            self._end()

    def _start(self) -> None:
        from autograder.root import PACKAGES
        from autograder.sandbox import ENVIRONMENT

        self.folder = tempfile.mkdtemp(prefix="nursery-")
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
            listener.bind(str(Path(self.folder, "socket")))
            listener.listen(1_000)
            self.process = subprocess.Popen(
                [sys.executable, "-W", "ignore", "-m", "autograder.nursery"],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=ENVIRONMENT,
                cwd=PACKAGES,  # so that it imports the grader's code, not another copy's
                pass_fds=[listener.fileno()],
                start_new_session=True,  # Ctrl-C is for the grader alone
            )
            settings = {
                "listener": listener.fileno(),
                "folder": self.folder,
                "modules": self.modules,
                "fonts": _fonts(),
                "idle": self.idle,
            }
        self.process.stdin.write(json.dumps(settings).encode() + b"\n")
        self.process.stdin.flush()  # it stays open: its end is the end of the nursery

    def _end(self) -> None:
        if self.process:
            with suppress(OSError):
                self.process.stdin.close()
            self.process.kill()
            self.process.wait()
            self.process = None
            shutil.rmtree(self.folder, ignore_errors=True)


_used: dict[tuple[str, ...], Nursery | str] = {}


def use(modules: tuple[str, ...], address: str) -> None:
    """Have this process use the nursery at ``address``, which another one started."""
    _used[modules] = address


def address_of(modules: tuple[str, ...]) -> str:
    """Where the nursery of this process listens in which ``modules`` are imported."""
    if modules not in _used:
        _used[modules] = Nursery(modules, IDLE)
    found = _used[modules]
    return found if isinstance(found, str) else found.address


def _fonts() -> str:
    """Where matplotlib keeps its list of fonts for this user, which takes seconds to make."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return os.environ.get("MPLCONFIGDIR") or str(Path(base, "matplotlib"))


# --- The process itself -------------------------------------------------------------------------


def main() -> None:
    settings = json.loads(sys.stdin.buffer.readline())
    listener = socket.socket(fileno=settings["listener"])
    folder = settings["folder"]
    os.mkdir(Path(folder, "root"))
    try:
        _import_all(settings)
        _serve(listener, folder, settings["idle"])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _import_all(settings: dict) -> None:
    os.environ["MPLCONFIGDIR"] = settings["fonts"]
    from autograder import kernel

    kernel.prepare(settings["folder"])
    for module in settings["modules"]:
        with suppress(Exception):  # the notebook that imports it gets the error
            import_module(module)
    del os.environ["MPLCONFIGDIR"]
    kernel.warm_up()
    gc.collect()
    gc.freeze()  # or the first collection in each fork would copy all that is here


def _serve(listener: socket.socket, folder: str, idle: float | None) -> None:
    """Fork a sandbox for each request, until the grader is gone."""
    running: dict[int, int] = {}  # sandboxes: what tells that one has ended, and its process
    poll = select.poll()
    poll.register(listener, select.POLLIN)
    poll.register(sys.stdin, select.POLLHUP)
    while True:
        events = [number for number, _ in poll.poll(idle and idle * 1000)]
        if sys.stdin.fileno() in events or not (events or running):
            return
        for ended in running.keys() & events:
            poll.unregister(ended)
            os.close(ended)
            os.waitpid(running.pop(ended), 0)
        if listener.fileno() in events:
            channel, _ = listener.accept()
            with channel, suppress(OSError):  # a grader that is gone meanwhile
                process = _start_sandbox(channel, Path(folder, "root"))
                running[ending := os.pidfd_open(process)] = process
                poll.register(ending, select.POLLIN)


def _start_sandbox(channel: socket.socket, root: Path) -> int:
    from autograder.sandbox import Box
    from autograder.supervisor import start

    channel.settimeout(PATIENCE)
    request, ends, _, _ = socket.recv_fds(channel, READS_AT_MOST, 1)
    if not ends:
        raise ConnectionError("the grader has gone")
    channel.settimeout(None)
    with socket.socket(fileno=ends[0]) as link:
        fields = json.loads(request)
        inside = resolve_name(fields.pop("inside"))
        box = Box(**fields | {"references": tuple(fields["references"])})
        return start(box, root, channel, link, inside)


if __name__ == "__main__":
    main()
