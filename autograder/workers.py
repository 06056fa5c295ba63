"""Workers: where notebooks are graded, one after another, by several processes, or on a cluster.

All are executors of ``concurrent.futures``, so what is graded does not depend on where.
"""

import gc
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

import psutil

from autograder.nursery import Nursery, use

GIGABYTE = 1_000_000_000
FOR_ALL = 1.2 * GIGABYTE  # what the nursery and the judges share
FOR_EACH = 1 * GIGABYTE  # a chapter's kernel, and its judge


@dataclass
class Workers:
    """An executor, how many submissions to give it before the first is done, and a remark."""

    executor: Executor
    window: int
    note: str = ""


class InThisProcess(Executor):
    """Does at once what it is given."""

    def submit(self, call: Callable, /, *arguments: object) -> Future:
        future: Future = Future()
        try:
            future.set_result(call(*arguments))
        except Exception as error:
            future.set_exception(error)
        return future


@contextmanager
def one() -> Iterator[Workers]:
    """This process alone."""
    yield Workers(InThisProcess(), 1)


# --- Several processes --------------------------------------------------------------------------


class Processes(Executor):
    """A pool of processes that share a nursery; made anew when one of them was killed.

    Then the work of all that were busy is lost, and its futures raise BrokenExecutor.
    """

    def __init__(self, number: int, modules: tuple[str, ...], isolated: bool = True):
        self.number = number
        self.modules = modules
        self.nursery = Nursery(modules) if isolated else None
        self.context = multiprocessing.get_context("forkserver")
        self.context.set_forkserver_preload(["autograder.grading", *modules])
        self.pool = self._new()

    def _new(self) -> ProcessPoolExecutor:
        beginning = self.modules, self.nursery and self.nursery.address
        return ProcessPoolExecutor(self.number, self.context, _begin, beginning)

    def submit(self, call: Callable, /, *arguments: object) -> Future:
        try:
            return self.pool.submit(call, *arguments)
        except BrokenExecutor:
            self.pool.shutdown()
            self.pool = self._new()
            return self.pool.submit(call, *arguments)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = True) -> None:
        if self.nursery:
            self.nursery.end()  # and its kernels, so that nobody waits for those that still run
        self.pool.shutdown(wait, cancel_futures=cancel_futures)


def _begin(modules: tuple[str, ...], address: str | None) -> None:
    """What a process of the pool does first."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent
    Thread(target=_end_with_parent, daemon=True).start()
    gc.freeze()  # all that is imported is here to stay, and need not be looked through again
    if address:
        use(modules, address)


def _end_with_parent() -> None:
    multiprocessing.parent_process().join()
    os._exit(1)


@contextmanager
def processes(number: int, modules: tuple[str, ...], isolated: bool = True) -> Iterator[Workers]:
    """So many processes, whose kernels have imported ``modules``."""
    with Processes(number, modules, isolated) as pool:
        yield Workers(pool, 2 * number)


def cores() -> int:
    """The cores that this process may use, which may be fewer than the machine has."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def affordable(wanted: int) -> tuple[int, str]:
    """How many processes to use, at most ``wanted``, and why it is fewer ("" when it is not)."""
    free = _free_memory()
    most = max(1, int((free - FOR_ALL) // FOR_EACH))
    if most >= wanted:
        return wanted, ""
    return most, f"{most} at a time, not {wanted}: {free / GIGABYTE:.1f} GB of memory are free"


def _free_memory() -> float:
    """Bytes that this machine, or the container it is in, still has."""
    return min([psutil.virtual_memory().available, *_free_in_container()])


def _free_in_container() -> Iterator[float]:
    names = ("memory.max", "memory.current"), ("memory.limit_in_bytes", "memory.usage_in_bytes")
    for most, used in names:
        for folder in ("/sys/fs/cgroup", "/sys/fs/cgroup/memory"):
            try:
                yield int(Path(folder, most).read_text()) - int(Path(folder, used).read_text())
            except (OSError, ValueError):  # there is no such file, or it says "max"
                continue
