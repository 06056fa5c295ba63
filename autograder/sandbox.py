"""A sandbox: where a student's code runs, and from where it can neither see nor reach out.

::

    grader ──► nursery ──► starter ──► supervisor ──► the student's code
                              │            └ process 1 inside: watches, and when it ends, all ends
                              └ leaves the grader's namespaces, and waits

What runs inside sees a root that is put together from a list and read-only, a small /tmp of its
own, no network, no other processes, none of the grader's environment, and has no privileges.
Whether the grader runs as an ordinary user or as root makes no difference inside.

The supervisor and the grader talk over a channel: "interrupt" goes in; an error, or the reason why
all was ended, comes out. When the grader dies the channel closes, and the sandbox ends. The code
inside and the grader talk over a link of their own (``autograder.link``).
"""

import json
import os
import platform
import signal
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cache

from autograder.link import Link
from autograder.nursery import address_of

TENSORFLOW = {"TF_CPP_MIN_LOG_LEVEL": "3", "TF_ENABLE_ONEDNN_OPTS": "0"}
ENVIRONMENT = {
    "PATH": f"{sys.prefix}/bin:/usr/local/bin:/usr/bin:/bin",
    "HOME": "/tmp",
    "LANG": "C.UTF-8",
    **TENSORFLOW,
    "NBGRADER_EXECUTION": "autograde",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "PYTHONDONTWRITEBYTECODE": "1",
}
NOBODY = 65534  # who the student's code is, in the sandbox and, when root grades, outside of it

MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Box:
    """One sandbox: what is to be seen in it, and its limits.

    ``private`` is a folder that is not seen, the course's own, even where it lies in one that is.
    ``references`` names the modules of ``solutions`` that the notebook itself imports.
    """

    private: str = ""
    references: tuple[str, ...] = ()
    memory: int = 2_000 * MEGABYTE  # of all processes together, as pages in use
    processes: int = 512  # and threads
    file_size: int = 64 * MEGABYTE
    disk: int = 128 * MEGABYTE  # /tmp and /dev/shm, each


Inside = Callable[[Box, Link], None]


class Sandbox:
    """A running sandbox, as the grader sees it.

    ``inside`` names the function that runs in it ("autograder.kernel:run"). It gets the box and the
    other end of ``link``, and sends "ready" first. It is forked from the nursery for ``modules``.
    Raises SandboxError when it does not start within ``seconds``.
    """

    def __init__(self, box: Box, inside: str, modules: tuple[str, ...] = (), seconds: float = 120):
        self.box = box
        self.process = 0  # the one that ends last
        self.ended = self.error = ""
        self.channel = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours, theirs = socket.socketpair()
        self.link = Link(ours)
        try:
            with theirs:
                self.channel.settimeout(seconds)
                self.channel.connect(address_of(modules))
                request = json.dumps(asdict(box) | {"inside": inside}).encode()
                socket.send_fds(self.channel, [request], [theirs.fileno()])
            self.ready = self.link.receive(time.monotonic() + seconds) or {}
            self._hear()
            if "ready" not in self.ready:
                raise EOFError
        except (EOFError, OSError) as error:
            self.close()
            raise SandboxError(self.error or str(error) or "it ended at once") from None

    def why_ended(self) -> str:
        """What the supervisor said when it ended the sandbox: "memory", or "" when it did not."""
        self._hear()
        return self.ended

    def interrupt(self) -> None:
        with suppress(OSError):  # it has ended
            self.channel.send(b"interrupt")

    def close(self) -> None:
        """Kill everything inside, and wait for its end."""
        self.link.close()
        with suppress(OSError):  # it was never open
            self.channel.shutdown(socket.SHUT_WR)  # the supervisor ends, and its parent after it
        if not self._hear(5) and self.process:
            os.kill(self.process, signal.SIGKILL)
            self._hear(60)
        self.channel.close()

    def _hear(self, seconds: float = 0) -> bool:
        """Take in what was said on the channel; True when it is at its end."""
        if self.channel.fileno() < 0:  # closed before
            return True
        self.channel.settimeout(seconds)
        with suppress(BlockingIOError, TimeoutError):
            try:
                while said := self.channel.recv(4096):
                    vars(self).update(json.loads(said))
            except ConnectionError:
                pass
            return True
        return False


class SandboxError(Exception):
    """The sandbox did not start; the message says why."""


@cache
def isolation(modules: tuple[str, ...] = ()) -> dict:
    """Try out a sandbox, once a process, and say what it keeps apart.

    Returns ``{"isolated": bool, "kept apart": [...], "missing": [...], "problem": str}``.
    """
    if platform.system() != "Linux":
        return _no_isolation("it needs Linux")
    try:
        sandbox = Sandbox(Box(), "autograder.supervisor:look_around", modules)
        sandbox.close()
    except (OSError, SandboxError) as error:
        return _no_isolation(str(error))
    seen = sandbox.ready["seen"]
    missing = [name for name, kept in seen.items() if not kept]
    kept = [name for name in seen if name not in missing]
    return {"isolated": not missing, "kept apart": kept, "missing": missing, "problem": ""}


def _no_isolation(problem: str) -> dict:
    return {"isolated": False, "kept apart": [], "missing": ["everything"], "problem": problem}
