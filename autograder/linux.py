"""The system calls that a sandbox needs and Python lacks, for Linux 5.14 or newer.

Each raises OSError as the calls in ``os`` do. See namespaces(7), mount_setattr(2), pivot_root(2),
capabilities(7) and prctl(2).
"""

import ctypes
import os

CLONE_NEWNS, CLONE_NEWCGROUP = 0x00020000, 0x02000000
CLONE_NEWUTS, CLONE_NEWIPC = 0x04000000, 0x08000000
CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET = 0x10000000, 0x20000000, 0x40000000

MS_NOSUID, MS_NODEV, MS_NOEXEC = 2, 4, 8
MS_BIND, MS_REC, MS_PRIVATE = 4096, 16384, 1 << 18
MNT_DETACH = 2

_AT_FDCWD, _AT_RECURSIVE = -100, 0x8000
_MOUNT_ATTR_RDONLY, _MOUNT_ATTR_NOSUID, _MOUNT_ATTR_NODEV = 1, 2, 4
_MOUNT_SETATTR = 442  # the same number on every machine
_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS = 1, 4, 24, 38
_CAPABILITY_VERSION = 0x20080522

_libc = ctypes.CDLL(None, use_errno=True)


def _call(name: str, *arguments: object) -> None:
    if getattr(_libc, name)(*arguments) == -1:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def _path(path: str | os.PathLike | None) -> bytes | None:
    return None if path is None else os.fsencode(path)


def unshare(flags: int) -> None:
    """Leave the namespaces of ``flags`` for new ones."""
    _call("unshare", flags)


def mount(source, target, kind: str | None = None, flags: int = 0, options: str = "") -> None:
    """Mount ``source`` of a ``kind`` ("tmpfs", "proc") on the folder or file ``target``."""
    kind_, options_ = kind and kind.encode(), options.encode()
    _call("mount", _path(source), _path(target), kind_, ctypes.c_ulong(flags), options_)


def make_read_only(target, and_below: bool) -> None:
    """Take writing, devices and setuid programs from a mount (and from those below it)."""
    flags = _MOUNT_ATTR_RDONLY | _MOUNT_ATTR_NOSUID | _MOUNT_ATTR_NODEV
    attributes = (ctypes.c_uint64 * 4)(flags, 0, 0, 0)
    number, how = ctypes.c_long(_MOUNT_SETATTR), _AT_RECURSIVE if and_below else 0
    size = ctypes.c_size_t(ctypes.sizeof(attributes))
    _call("syscall", number, _AT_FDCWD, _path(target), how, ctypes.byref(attributes), size)


def change_root(new_root) -> None:
    """Make a mounted folder the root, and let go of the old one."""
    os.chdir(new_root)
    _call("syscall", ctypes.c_long(_PIVOT_ROOT[os.uname().machine]), b".", b".")
    _call("umount2", b".", MNT_DETACH)
    os.chdir("/")


def give_up_privileges(user: int) -> None:
    """Become ``user``, with no other group, no capability and no way to gain any."""
    with open("/proc/sys/kernel/cap_last_cap") as file:
        last = int(file.read())
    for capability in range(last + 1):
        _call("prctl", _PR_CAPBSET_DROP, capability, 0, 0, 0)
    if os.getuid() != user:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION, 0)
    _call("capset", ctypes.byref(header), ctypes.byref((ctypes.c_uint32 * 6)()))
    _call("prctl", _PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    _call("prctl", _PR_SET_DUMPABLE, 1, 0, 0, 0)  # else /proc/self would be root's


def die_with_parent(signal: int) -> None:
    """Have ``signal`` sent to this process when the process that made it ends."""
    _call("prctl", _PR_SET_PDEATHSIG, signal, 0, 0, 0)
