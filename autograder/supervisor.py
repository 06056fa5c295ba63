"""The other side of a sandbox: what starts it, and what watches over it from inside."""

import json
import os
import resource
import select
import signal
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from autograder import linux
from autograder.link import NO_LIMIT, Link
from autograder.root import hidden_paths, put_together, visible_paths
from autograder.sandbox import ENVIRONMENT, NOBODY, Box, Inside

NAMESPACES = (
    linux.CLONE_NEWUSER
    | linux.CLONE_NEWNS
    | linux.CLONE_NEWPID
    | linux.CLONE_NEWNET
    | linux.CLONE_NEWIPC
    | linux.CLONE_NEWUTS
    | linux.CLONE_NEWCGROUP
)
FILES = 512  # that one process may have open, and so many may be under way in sockets
SOCKET = 2 * 212_992  # bytes that may wait in a socket, which no process has mapped
TICK = 0.05  # seconds between two looks at the memory
LOOK = 0.5  # seconds of computing that one look may take; many large processes take a tenth of it


def look_around(_box: Box, link: Link) -> None:
    """Send what this sandbox keeps apart from the machine."""
    status = Path("/proc/self/status").read_text()
    given = {line.partition("=")[0] for line in Path("/proc/self/environ").read_text().split("\0")}
    processes = {int(name) for name in os.listdir("/proc") if name.isdecimal()}
    try:
        linux.unshare(linux.CLONE_NEWUSER)
        more_namespaces = True
    except OSError:
        more_namespaces = False
    seen = {
        "network": [name for _, name in socket.if_nameindex()] == ["lo"],
        "files": not any(os.access(path, os.W_OK) for path in ("/", *visible_paths())),
        "answers": not any(os.path.isdir(path) and os.listdir(path) for path in hidden_paths()),
        "processes": processes <= {1, os.getpid()},
        "environment": given <= {*ENVIRONMENT, ""},  # imports may add to it
        "privileges": "CapEff:\t0000000000000000" in status
        and "NoNewPrivs:\t1" in status
        and os.getuid() != 0
        and not more_namespaces,
    }
    link.send({"ready": True, "seen": seen})


# --- In the nursery -----------------------------------------------------------------------------


def start(box: Box, root: Path, channel: socket.socket, link: socket.socket, inside: Inside) -> int:
    """Run ``inside`` in a sandbox, whose root is put together on the empty folder ``root``.

    What this process has imported, the code inside has, too. Returns the number of the process that
    ends last. Through ``channel`` the grader learns it as well, and by its end that all has ended.
    """
    is_out, say_out = os.pipe()
    is_known, say_known = os.pipe()
    child = os.fork()  # also to have one thread, since no more can leave a namespace
    if not child:
        try:
            linux.die_with_parent(signal.SIGKILL)
            _tell(channel, process=os.getpid())
            linux.unshare(NAMESPACES)
            os.write(say_out, b".")
            os.close(say_known)
            if not os.read(is_known, 1):
                raise OSError("the map of users could not be written")
            supervisor = os.fork()
            if not supervisor:
                _supervise(box, root, channel, link, inside)
            _keep_open(channel)
            os.waitpid(supervisor, 0)
        except BaseException as error:
            _fail(channel, error)
        os._exit(0)
    os.close(say_out)
    os.close(is_known)
    with suppress(OSError):
        if os.read(is_out, 1):
            _map_users(child)
            os.write(say_known, b".")
    os.close(is_out)
    os.close(say_known)
    return child


def _keep_open(kept: socket.socket) -> None:
    """Close whatever was open in the nursery but ``kept``."""
    nothing = os.open("/dev/null", os.O_RDWR)
    for standard in range(3):
        os.dup2(nothing, standard)
    os.closerange(3, kept.fileno())
    os.closerange(kept.fileno() + 1, 1 << 20)


def _map_users(process: int) -> None:
    """Say who the users of another process's new namespace are outside of it."""
    maps = {"uid_map": f"{NOBODY} {os.getuid()} 1", "gid_map": f"{NOBODY} {os.getgid()} 1"}
    if linux.can_be(NOBODY):
        maps = {name: _same_ids(name) for name in maps}
    else:
        Path(f"/proc/{process}/setgroups").write_text("deny")
    for name, ids in maps.items():
        Path(f"/proc/{process}/{name}").write_text(ids)


def _same_ids(name: str) -> str:
    """A map in which every user of this namespace keeps its number."""
    ranges = [line.split() for line in Path("/proc/self", name).read_text().splitlines()]
    return "\n".join(f"{inside} {inside} {count}" for inside, _, count in ranges)


# --- The supervisor: process 1 of the sandbox ---------------------------------------------------


def _supervise(
    box: Box, root: Path, channel: socket.socket, link: socket.socket, inside: Inside
) -> NoReturn:
    try:
        linux.die_with_parent(signal.SIGKILL)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)  # which process 1 never gets from inside
        _leave_no_queues()
        put_together(box, root)
        child = os.fork()
        if not child:
            _become_the_student(box)
            _keep_open(link)
            inside(box, Link(link, NO_LIMIT))
            os._exit(0)
        _keep_open(channel)
        _watch(box, channel, child)
    except BaseException as error:
        _fail(channel, error)
    os._exit(0)


def _leave_no_queues() -> None:
    """Have sockets of this network keep one connection or message of those that have hung up.

    What waits there belongs to no process, and could be gigabytes.
    """
    for name in "core/somaxconn", "unix/max_dgram_qlen":
        Path("/proc/sys/net", name).write_text("0")


def _watch(box: Box, channel: socket.socket, child: int) -> None:
    """Wait until the student's process ends, too much memory is in use, or the grader is gone."""
    ended = os.pidfd_open(child)
    poll = select.poll()
    poll.register(ended, select.POLLIN)
    poll.register(channel, select.POLLIN)
    while True:
        events = dict(poll.poll(TICK * 1000))
        if ended in events:
            return
        if channel.fileno() in events:
            if not channel.recv(100):
                return
            os.kill(child, signal.SIGINT)
        for _ in range(box.processes):  # process 1 adopts the orphans, but not for ever
            if not os.waitpid(-1, os.WNOHANG)[0]:
                break
        if _memory(_resident) > box.memory and _memory(_proportional) > box.memory:
            _tell(channel, ended="memory")
            return


def _become_the_student(box: Box) -> None:
    os.setsid()
    for limit, most in (
        (resource.RLIMIT_NPROC, box.processes),
        (resource.RLIMIT_FSIZE, box.file_size),
        (resource.RLIMIT_NOFILE, FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        _, allowed = resource.getrlimit(limit)
        most = most if allowed == resource.RLIM_INFINITY else min(most, allowed)
        resource.setrlimit(limit, (most, most))
    linux.give_up_privileges(NOBODY)
    linux.refuse_calls()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.chdir("/tmp")


def _memory(measure: Callable[[str], int]) -> float:
    """Bytes that all processes of the sandbox but this one have, or may have, in use.

    It is infinite where it takes long to find out, since they could take gigabytes meanwhile.
    """
    total = 0
    latest = time.process_time() + LOOK
    for name in os.listdir("/proc"):
        if time.process_time() > latest:
            return float("inf")
        if name.isdecimal() and name != "1":
            with suppress(OSError, IndexError):  # it has ended meanwhile
                thread = os.listdir(f"/proc/{name}/task")[-1]  # the first may end before the others
                total += measure(thread) + SOCKET * _open_files(thread)
    return total


def _open_files(process: str) -> int:
    try:
        return len(os.listdir(f"/proc/{process}/fd"))
    except PermissionError:  # a process can hide what it has, and then may have as many as it can
        return FILES


def _resident(process: str) -> int:
    """Quick, but pages that processes share are counted for each."""
    return _kilobytes(process, "status", "VmRSS:", "VmSwap:", "VmPTE:")


def _proportional(process: str) -> int:
    """Exact, and slow for large processes."""
    try:
        shares = _kilobytes(process, "smaps_rollup", "Pss:", "SwapPss:")
    except PermissionError:
        return _resident(process)
    return shares + _kilobytes(process, "status", "VmPTE:")


def _kilobytes(process: str, name: str, *fields: str) -> int:
    with open(f"/proc/{process}/{name}", errors="replace") as file:  # a process names itself
        return sum(int(line.split()[1]) * 1024 for line in file if line.startswith(fields))


def _fail(channel: socket.socket, error: BaseException) -> None:
    with suppress(OSError):
        _tell(channel, error=f"{type(error).__name__}: {error}")


def _tell(channel: socket.socket, **message) -> None:
    channel.sendall(json.dumps(message).encode())
