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
import resource
import select
import signal
import site
import socket
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from pkgutil import resolve_name
from typing import NoReturn

from autograder import linux

PACKAGES = Path(__file__).parents[1]  # the folder with autograder, lab and solutions
SYSTEM = "/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64"
SETTINGS = "/etc/ld.so.cache", "/etc/alternatives", "/etc/localtime", "/etc/fonts"
EXCHANGE = "/usr/local/share/nbgrader"  # where nbgrader by default keeps what was handed in
DEVICES = "null", "full", "random", "urandom"  # /dev/zero gives memory that no limit counts
NAMESPACES = (
    linux.CLONE_NEWUSER
    | linux.CLONE_NEWNS
    | linux.CLONE_NEWPID
    | linux.CLONE_NEWNET
    | linux.CLONE_NEWIPC
    | linux.CLONE_NEWUTS
    | linux.CLONE_NEWCGROUP
)
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
FILES = 1_024  # that one process may have open
SOCKET = 2 * 212_992  # bytes that may wait in a socket, which no process has mapped
TICK = 0.05  # seconds between two looks at the memory


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


# --- In the grader ------------------------------------------------------------------------------


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
        if _can_be_nobody():
            for path in (box.shared, *box.shared.iterdir()):
                os.chown(path, NOBODY, NOBODY)
        self.channel, theirs = socket.socketpair()
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-m", __name__, str(theirs.fileno()), inside],
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
            sandbox = Sandbox(Box(folder), f"{__name__}:look_around")
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


def look_around(box: Box, ready: Ready) -> None:
    """Write into the shared folder what this sandbox keeps apart from the machine."""
    status = Path("/proc/self/status").read_text()
    processes = {int(name) for name in os.listdir("/proc") if name.isdecimal()}
    try:
        linux.unshare(linux.CLONE_NEWUSER)
        more_namespaces = True
    except OSError:
        more_namespaces = False
    seen = {
        "network": [name for _, name in socket.if_nameindex()] == ["lo"],
        "files": not any(os.access(path, os.W_OK) for path in ("/", *visible_paths()))
        and os.listdir(box.folder) == ["shared"],
        "answers": not any(os.path.isdir(path) and os.listdir(path) for path in hidden_paths()),
        "processes": processes <= {1, os.getpid()},
        "environment": set(os.environ) <= set(ENVIRONMENT),
        "privileges": "CapEff:\t0000000000000000" in status
        and "NoNewPrivs:\t1" in status
        and os.getuid() != 0
        and not more_namespaces,
    }
    Path(box.shared, "seen").write_text(json.dumps(seen))
    ready()
    time.sleep(60)


def main() -> None:
    """``python -m autograder.sandbox CHANNEL INSIDE``, with the box on stdin: the starter."""
    fields = json.load(sys.stdin)
    box = Box(**fields | {"references": tuple(fields["references"])})
    channel = socket.socket(fileno=int(sys.argv[1]))
    child = start(box, channel, lambda ready: resolve_name(sys.argv[2])(box, ready))
    channel.close()
    os.waitpid(child, 0)


# --- In the starter -----------------------------------------------------------------------------


def start(box: Box, channel: socket.socket, run: Callable[[Ready], None]) -> int:
    """Run ``run`` in a sandbox, and return the process in the grader's namespaces that ends last.

    What this process has imported and opened, the code inside has, too.
    """
    is_out, say_out = os.pipe()
    is_known, say_known = os.pipe()
    child = os.fork()  # also to have one thread, since no more can leave a namespace
    if not child:
        try:
            linux.die_with_parent(signal.SIGKILL)
            linux.unshare(NAMESPACES)
            os.write(say_out, b".")
            os.close(say_out)
            os.close(say_known)
            if not os.read(is_known, 1):
                raise OSError("the map of users could not be written")
            supervisor = os.fork()
            if not supervisor:
                _supervise(box, channel, run)
            channel.close()
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


def _map_users(process: int) -> None:
    """Say who the users of another process's new namespace are outside of it."""
    maps = {"uid_map": f"{NOBODY} {os.getuid()} 1", "gid_map": f"{NOBODY} {os.getgid()} 1"}
    if _can_be_nobody():
        maps = {name: _same_ids(name) for name in maps}
    else:
        Path(f"/proc/{process}/setgroups").write_text("deny")
    for name, ids in maps.items():
        Path(f"/proc/{process}/{name}").write_text(ids)


def _can_be_nobody() -> bool:
    """Whether this is root and may become nobody; where it may not, it is an ordinary user."""
    ranges = (line.split() for line in Path("/proc/self/uid_map").read_text().splitlines())
    known = any(int(first) <= NOBODY < int(first) + int(count) for first, _, count in ranges)
    return os.getuid() == 0 and known


def _same_ids(name: str) -> str:
    """A map in which every user of this namespace keeps its number."""
    ranges = [line.split() for line in Path("/proc/self", name).read_text().splitlines()]
    return "\n".join(f"{inside} {inside} {count}" for inside, _, count in ranges)


# --- The supervisor: process 1 of the sandbox ---------------------------------------------------


def _supervise(box: Box, channel: socket.socket, run: Callable) -> NoReturn:
    try:
        linux.die_with_parent(signal.SIGKILL)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)  # which process 1 never gets from inside
        _put_together(box)
        is_ready, say_ready = os.pipe()
        child = os.fork()
        if not child:
            channel.close()
            os.close(is_ready)
            _become_the_student(box)
            run(lambda: os.write(say_ready, b".") and os.close(say_ready))
            os._exit(0)
        os.close(say_ready)
        if not os.read(is_ready, 1):
            raise OSError("the code inside ended before it was ready")
        linux.make_read_only(box.shared, and_below=False)
        _tell(channel, ready=True)
        _watch(box, channel, child)
    except BaseException as error:
        _fail(channel, error)
    os._exit(0)


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
        while os.waitpid(-1, os.WNOHANG)[0]:  # process 1 adopts the orphans
            pass
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
        resource.setrlimit(limit, (most, most))
    linux.give_up_privileges(NOBODY)
    linux.refuse_calls()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.chdir("/tmp")


def _memory(measure: Callable[[str], int]) -> int:
    """Bytes that all processes of the sandbox but this one have, or may have, in use."""
    total = 0
    for name in os.listdir("/proc"):
        if name.isdecimal() and name != "1":
            with suppress(OSError):  # it has ended meanwhile
                total += measure(name) + SOCKET * len(os.listdir(f"/proc/{name}/fd"))
    return total


def _resident(process: str) -> int:
    """Quick, but pages that processes share are counted for each."""
    return _kilobytes(process, "status", "VmRSS:", "VmSwap:", "VmPTE:")


def _proportional(process: str) -> int:
    """Exact, and slow for large processes."""
    shares = _kilobytes(process, "smaps_rollup", "Pss:", "SwapPss:")
    return shares + _kilobytes(process, "status", "VmPTE:")


def _kilobytes(process: str, name: str, *fields: str) -> int:
    with open(f"/proc/{process}/{name}") as file:
        return sum(int(line.split()[1]) * 1024 for line in file if line.startswith(fields))


def _fail(channel: socket.socket, error: BaseException) -> None:
    with suppress(OSError):
        _tell(channel, error=f"{type(error).__name__}: {error}")


def _tell(channel: socket.socket, **message) -> None:
    channel.sendall(json.dumps(message).encode() + b"\n")


# --- What is seen inside ------------------------------------------------------------------------


def visible_paths() -> list[str]:
    """What a sandbox shows of the machine: the system, Python, and the course without answers."""
    python = {sys.prefix, sys.base_prefix, site.getusersitepackages()}
    python |= {sysconfig.get_path(kind) for kind in ("stdlib", "platstdlib", "purelib", "platlib")}
    course = {str(PACKAGES / "lab"), str(PACKAGES / "autograder")}
    return sorted(path for path in {*SYSTEM, *SETTINGS, *python, *course} if os.path.exists(path))


def hidden_paths() -> list[str]:
    """What is not to be seen although it may lie in a visible path: answers, others' work."""
    answers = [
        PACKAGES / "solutions",
        PACKAGES / "lab/views",
        PACKAGES / "autograder/misconceptions",
    ]
    return [*map(str, answers), EXCHANGE]


def _is_below(path: str, folders: list[str]) -> bool:
    return any(str(parent) in folders for parent in Path(path).parents)


def _put_together(box: Box) -> None:
    """Build the root of the sandbox from read-only views of the old one, and change to it."""
    root = box.root
    visible = visible_paths()
    if box.private in visible:
        raise OSError(f"Python must see {box.private}, the course's folder; move one of the two")
    references = {f"{name}.py": _source(name) for name in ("__init__", *box.references)}
    fonts = Path(box.fonts).read_bytes() if box.fonts else b""
    linux.mount(None, "/", flags=linux.MS_REC | linux.MS_PRIVATE)
    _mount_empty(root, "10m")
    for path in ("/tmp", "/dev/shm"):  # first, since the course may lie in /tmp
        _mount_empty(_inside(root, path), str(box.disk), "1777")
    for path in visible:
        if not _is_below(path, visible):
            _show(path, root)
    if _is_below(box.private, visible):
        place = _inside(root, box.private)
        _mount_empty(place, "1m")
        for path in visible:
            if _is_below(path, [box.private]):
                _show(path, root)
        linux.make_read_only(place, and_below=False)
    for place in (_inside(root, path) for path in hidden_paths()):
        if place.is_dir():
            _mount_empty(place, "1m")
            linux.make_read_only(place, and_below=False)
    if box.references:
        place = _inside(root, PACKAGES / "solutions")
        _mount_empty(place, "10m")
        for name, text in references.items():
            (place / name).write_text(text)
        linux.make_read_only(place, and_below=False)
    _make_devices(root)
    place = _inside(root, "/proc")
    place.mkdir()
    linux.mount("proc", place, "proc", linux.MS_NOSUID | linux.MS_NODEV | linux.MS_NOEXEC)
    if fonts:  # else matplotlib would look at every font of the machine
        place = _inside(root, "/tmp/.cache/matplotlib") / Path(box.fonts).name
        place.parent.mkdir(parents=True)
        place.write_bytes(fonts)
        for path in (place, place.parent, place.parent.parent):
            os.chown(path, NOBODY, NOBODY)
    people = _inside(root, "/etc/passwd")
    people.write_text(f"student:x:{NOBODY}:{NOBODY}::/tmp:/bin/sh\n")
    place = _inside(root, box.shared)
    place.mkdir(parents=True)
    linux.mount(box.shared, place, flags=linux.MS_BIND)
    linux.make_read_only(root, and_below=False)
    linux.change_root(root)
    # Namespaces within namespaces would give the student privileges over nothing, but more of
    # the system's code to attack.
    Path("/proc/sys/user/max_user_namespaces").write_text("0")
    socket.sethostname("sandbox")


def _mount_empty(place: Path, size: str, mode: str = "755") -> None:
    place.mkdir(parents=True, exist_ok=True)
    options = f"mode={mode},size={size},nr_inodes=10k"
    linux.mount("tmpfs", place, "tmpfs", linux.MS_NOSUID | linux.MS_NODEV, options)


def _inside(root: Path, path: str | Path) -> Path:
    return root / str(path).lstrip("/")


def _source(reference: str) -> str:
    return (PACKAGES / "solutions" / f"{reference}.py").read_text()


def _show(path: str, root: Path) -> None:
    """Make ``path`` of the machine visible, read-only, at the same place below ``root``."""
    place = _inside(root, path)
    place.parent.mkdir(parents=True, exist_ok=True)
    if os.path.islink(path) and path in SYSTEM:
        place.symlink_to(os.readlink(path))
        return
    source = os.path.realpath(path)
    if os.path.isdir(source):
        place.mkdir(exist_ok=True)
    else:
        place.touch()
    linux.mount(source, place, flags=linux.MS_BIND | linux.MS_REC)
    linux.make_read_only(place, and_below=True)


def _make_devices(root: Path) -> None:
    devices = _inside(root, "/dev")
    for name in DEVICES:
        (devices / name).touch()
        linux.mount(f"/dev/{name}", devices / name, flags=linux.MS_BIND)
    (devices / "fd").symlink_to("/proc/self/fd")
    (devices / "pts").mkdir()
    options = "newinstance,ptmxmode=0666,mode=0620"
    linux.mount("devpts", devices / "pts", "devpts", linux.MS_NOSUID | linux.MS_NOEXEC, options)
    (devices / "ptmx").symlink_to("pts/ptmx")


if __name__ == "__main__":
    main()
