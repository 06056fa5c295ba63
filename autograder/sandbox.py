"""A sandbox: where a student's code runs, and from where it can neither see nor reach out.

::

    grader ──► starter ──► supervisor ──► the student's code
                  │            └ process 1 of the sandbox: watches, and when it ends, all ends
                  └ leaves the grader's namespaces, and waits

What runs inside sees a root that is put together from a list and read-only, a small /tmp of its
own, no network, no other processes, none of the grader's environment, and has no privileges.
Whether the grader runs as an ordinary user or as root makes no difference inside.

The supervisor and the grader talk over a socket: "interrupt" goes in; "ready", an error, or the
reason why all was ended, comes out. When the grader dies the socket closes, and the sandbox ends.
"""

import json
import os
import platform
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path

from autograder import linux

TENSORFLOW = {"TF_CPP_MIN_LOG_LEVEL": "3", "TF_ENABLE_ONEDNN_OPTS": "0"}
ENVIRONMENT = {
    "PATH": f"{sys.prefix}/bin:/usr/local/bin:/usr/bin:/bin",
    "HOME": "/tmp",
    "LANG": "C.UTF-8",
    **TENSORFLOW,
    "NBGRADER_EXECUTION": "autograde",
    "PYTHONDONTWRITEBYTECODE": "1",
}
NOBODY = 65534  # who the student's code is, in the sandbox and, when root grades, outside of it

MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Box:
    """One sandbox: what is to be seen in it, and its limits.

    ``folder`` holds two empty folders: "root", where the new root is put together, and "shared",
    which is seen inside under its own path and can be written until the code says it is ready.
    ``private`` is a folder that is not seen, the course's own, even where it lies in one that is.
    ``references`` names the modules of ``solutions`` that the notebook itself imports.
    """

    folder: str
    private: str = ""
    references: tuple[str, ...] = ()
    memory: int = 2_000 * MEGABYTE  # of all processes together, as pages in use
    processes: int = 512  # and threads
    file_size: int = 64 * MEGABYTE
    disk: int = 128 * MEGABYTE  # /tmp and /dev/shm, each
    fonts: str = ""  # matplotlib's list of fonts, which takes seconds to make anew

    @property
    def root(self) -> Path:
        return Path(self.folder, "root")

    @property
    def shared(self) -> Path:
        return Path(self.folder, "shared")


Ready = Callable[[], None]
Inside = Callable[[Box, Ready], None]


class Sandbox:
    """A running sandbox, as the grader sees it.

    ``inside`` names the function that runs in it ("autograder.kernel:run"). It gets the box, and a
    function to call when no file in the shared folder is to be made any more.
    """

    def __init__(self, box: Box, inside: str):
        self.box = box
        self.ended = ""
        for folder in (box.root, box.shared):
            folder.mkdir(exist_ok=True)
        if linux.can_be(NOBODY):
            for path in (box.shared, *box.shared.iterdir()):
                os.chown(path, NOBODY, NOBODY)
        self.channel, theirs = socket.socketpair()
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-m", "autograder.supervisor", str(theirs.fileno()), inside],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=ENVIRONMENT,
                cwd="/",
                pass_fds=[theirs.fileno()],
                start_new_session=True,  # Ctrl-C is for the grader alone
            )
        self.process.stdin.write(json.dumps(asdict(box)).encode())
        self.process.stdin.close()

    def wait_until_ready(self, seconds: float = 60) -> None:
        """Wait for the code inside to be ready. Raises SandboxError when it does not start."""
        self.channel.settimeout(seconds)
        try:
            message = self._hear()
        except TimeoutError:
            message = {"error": f"it did not start within {seconds} seconds"}
        if "ready" not in message:
            self.end()
            raise SandboxError(message.get("error", "it ended at once"))

    def why_ended(self) -> str:
        """What the supervisor said when it ended the sandbox: "memory", or "" when it did not."""
        with suppress(OSError):  # it said nothing, or nobody listens any more
            self.channel.settimeout(0)
            self.ended = self._hear().get("ended", self.ended)
        return self.ended

    def interrupt(self) -> None:
        with suppress(OSError):  # it has ended
            self.channel.sendall(b"interrupt")

    def end(self) -> None:
        """Kill everything inside, and wait for its end."""
        with suppress(OSError):
            self.channel.shutdown(socket.SHUT_WR)  # the supervisor ends, and its parents after it
        try:
            self.process.wait(timeout=1)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def close(self) -> None:
        self.end()
        self.why_ended()
        self.channel.close()

    def _hear(self) -> dict:
        said = self.channel.recv(4096)
        return json.loads(said.splitlines()[0]) if said else {}


class SandboxError(Exception):
    """The sandbox did not start; the message says why."""


@lru_cache(maxsize=1)
def isolation() -> dict:
    """Try out a sandbox, once a process, and say what it keeps apart.

    Returns ``{"isolated": bool, "kept apart": [...], "missing": [...], "problem": str}``.
    """
    if platform.system() != "Linux":
        return _no_isolation("it needs Linux")
    with tempfile.TemporaryDirectory(prefix="sandbox-") as folder:
        try:
            sandbox = Sandbox(Box(folder), "autograder.supervisor:look_around")
            try:
                sandbox.wait_until_ready()
                seen = json.loads(Path(sandbox.box.shared, "seen").read_text())
            finally:
                sandbox.close()
        except (OSError, SandboxError) as error:
            return _no_isolation(str(error))
    missing = [name for name, kept in seen.items() if not kept]
    kept = [name for name in seen if name not in missing]
    return {"isolated": not missing, "kept apart": kept, "missing": missing, "problem": ""}


def list_of_fonts() -> str:
    """The newest list of fonts that matplotlib has kept for this user, or "" where it has none."""
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    lists = sorted((base / "matplotlib").glob("fontlist-*.json"), key=os.path.getmtime)
    return str(lists[-1]) if lists else ""


def _no_isolation(problem: str) -> dict:
    return {"isolated": False, "kept apart": [], "missing": ["everything"], "problem": problem}
