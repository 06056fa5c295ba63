"""The root of a sandbox: what of the machine is seen in it, and how it is put together."""

import os
import site
import socket
import sys
import sysconfig
from pathlib import Path

from autograder import linux
from autograder.sandbox import NOBODY, Box

PACKAGES = Path(__file__).parents[1]  # the folder with autograder, lab and solutions
SYSTEM = "/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64"
SETTINGS = "/etc/ld.so.cache", "/etc/alternatives", "/etc/localtime", "/etc/fonts"
EXCHANGE = "/usr/local/share/nbgrader"  # where nbgrader by default keeps what was handed in
DEVICES = "null", "full", "random", "urandom"  # /dev/zero gives memory that no limit counts


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


def put_together(box: Box, root: Path) -> None:
    """Build a root on ``root`` from read-only views of the old one, and change to it."""
    visible = visible_paths()
    if box.private in visible:
        raise OSError(f"Python must see {box.private}, the course's folder; move one of the two")
    references = {f"{name}.py": _source(name) for name in ("__init__", *box.references)}
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
    people = _inside(root, "/etc/passwd")
    people.write_text(f"student:x:{NOBODY}:{NOBODY}::/tmp:/bin/sh\n")
    linux.make_read_only(root, and_below=False)
    linux.change_root(root)
    # Namespaces within namespaces would give the student privileges over nothing, but more of
    # the system's code to attack.
    Path("/proc/sys/user/max_user_namespaces").write_text("0")
    # The machine's settings, which whoever is its owner outside could change from here.
    linux.make_read_only("/proc", and_below=False)
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
