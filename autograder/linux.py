"""The system calls that a sandbox needs and Python lacks, for Linux 5.14 or newer.

Each raises OSError as the calls in ``os`` do. See namespaces(7), mount_setattr(2), pivot_root(2),
capabilities(7), prctl(2) and seccomp(2).
"""

import ctypes
import errno
import os
import socket
import struct
from pathlib import Path

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

# For each machine: the name by which seccomp knows it, and the numbers of the calls to refuse. They
# take memory that belongs to no process, reach into other processes, could keep the supervisor from
# its turn, or are seldom used parts of the system, which have had more flaws than others.
_AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_REFUSED = {
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "msgget": (68, 186),
    "semget": (64, 190),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "unshare": (272, 97),
    "setpriority": (141, 140),
    "ioprio_set": (251, 30),
}
_CLONE, _CLONE3 = (56, 220), (435, 435)
_CLONE_FILES, _CLONE_THREAD = 0x400, 0x10000
_OF_ANY_PROCESS = {  # refused where it is the supervisor
    "prlimit64": (302, 261),
    "sched_setscheduler": (144, 119),
    "sched_setparam": (142, 118),
    "sched_setattr": (314, 274),
    "sched_setaffinity": (203, 122),
}
_SOCKET, _MMAP, _SETSOCKOPT = (41, 198), (9, 222), (54, 208)
_BUFFERS = socket.SO_SNDBUF, socket.SO_RCVBUF  # memory that is counted for each as its usual size
_FAMILIES = socket.AF_UNIX, socket.AF_INET, socket.AF_INET6, getattr(socket, "AF_NETLINK", 16)
_SHARED_AND_ANONYMOUS = 0x21  # memory that outlives its mapping and is not in a file either
_X32_CALLS = 0x40000000

_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 22, 2
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


def can_be(user: int) -> bool:
    """Whether this is root and may become ``user``; root of a rootless container may not."""
    ranges = (line.split() for line in Path("/proc/self/uid_map").read_text().splitlines())
    known = any(int(first) <= user < int(first) + int(count) for first, _, count in ranges)
    return os.getuid() == 0 and known


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


def refuse_calls() -> None:
    """Have the system refuse calls that no notebook needs, for good; see ``_REFUSED``.

    Sockets are left for the families that a network namespace keeps apart.
    """
    machine = ("x86_64", "aarch64").index(os.uname().machine)
    program = _Filter()
    program.load(4)  # the machine that the call is made for
    program.unless_equal(_AUDIT_ARCH[os.uname().machine], _Filter.KILL)
    program.load(0)  # the number of the call
    program.if_at_least(_X32_CALLS, _Filter.REFUSE)
    for numbers in _REFUSED.values():
        program.if_equal(numbers[machine], _Filter.REFUSE)
    program.if_call_has(_SOCKET[machine], 0, 0xFFFFFFFF, _FAMILIES, _Filter.ALLOW, _Filter.REFUSE)
    # Each file that is open counts as memory, and those of a process are those of all its threads.
    # What clone3 is to do no filter can read; without it, systems use clone.
    program.if_equal(_CLONE3[machine], _Filter.UNKNOWN)
    flags = (_CLONE_THREAD,)
    mask = _CLONE_THREAD | _CLONE_FILES
    program.if_call_has(_CLONE[machine], 0, mask, flags, _Filter.REFUSE, _Filter.ALLOW)
    for numbers in _OF_ANY_PROCESS.values():
        program.if_call_has(numbers[machine], 0, 0xFFFFFFFF, (1,), _Filter.REFUSE, _Filter.ALLOW)
    flags = (_SHARED_AND_ANONYMOUS,)
    program.if_call_has(_MMAP[machine], 3, flags[0], flags, _Filter.REFUSE, _Filter.ALLOW)
    program.if_call_has(
        _SETSOCKOPT[machine], 2, 0xFFFFFFFF, _BUFFERS, _Filter.REFUSE, _Filter.ALLOW
    )
    program.end(_Filter.ALLOW)
    code = program.code
    text = ctypes.create_string_buffer(code, len(code))
    size = ctypes.c_uint16(len(code) // 8)
    header = struct.pack("HxxxxxxP", size.value, ctypes.addressof(text))
    _call("prctl", _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.c_char_p(header), 0, 0)


class _Filter:
    """A program for seccomp: eight bytes an instruction (code, jumps, number)."""

    ALLOW, KILL = 0x7FFF0000, 0x80000000
    REFUSE, UNKNOWN = 0x00050000 | errno.EPERM, 0x00050000 | errno.ENOSYS

    def __init__(self):
        self.code = b""

    def _add(self, code: int, number: int, if_true: int = 0, if_false: int = 0) -> None:
        self.code += struct.pack("HBBI", code, if_true, if_false, number)

    def load(self, offset: int) -> None:
        self._add(0x20, offset)

    def end(self, verdict: int) -> None:
        self._add(0x06, verdict)

    def if_equal(self, number: int, verdict: int) -> None:
        self._add(0x15, number, 0, 1)
        self.end(verdict)

    def unless_equal(self, number: int, verdict: int) -> None:
        self._add(0x15, number, 1, 0)
        self.end(verdict)

    def if_at_least(self, number: int, verdict: int) -> None:
        self._add(0x35, number, 0, 1)
        self.end(verdict)

    def if_call_has(
        self, call: int, place: int, mask: int, values: tuple[int, ...], then: int, otherwise: int
    ) -> None:
        """End a ``call`` by whether its argument at ``place``, masked, is one of ``values``."""
        self._add(0x15, call, 0, 3 + 2 * len(values))
        self.load(16 + 8 * place)
        self._add(0x54, mask)
        for value in values:
            self.if_equal(value, then)
        self.end(otherwise)
