"""A cluster: the same work, done by the workers of a dask scheduler (docs/cluster.md).

A worker that is lost in the middle costs what it was doing: the scheduler gives that to another.
Grades are recorded by the client alone, so none is recorded twice.
"""

import asyncio
import logging
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING

from autograder.course import CourseError
from autograder.execution import Limits, require_isolation
from autograder.fingerprint import versions
from autograder.workers import Workers

if TYPE_CHECKING:
    from distributed import Client

PATIENCE = 30  # seconds to wait for the scheduler, and for its first worker
AHEAD = 50  # submissions at least that the scheduler has, for workers that come later
GONE = "the scheduler is gone; what was graded is recorded"

_one_at_a_time = Lock()  # the judge is not made for threads


@contextmanager
def cluster(address: str, limits: Limits, modules: tuple[str, ...]) -> Iterator[Workers]:
    """The workers of the scheduler at ``address`` ("tcp://host:8786").

    Raises CourseError when no scheduler answers there, and when a worker is not fit for this
    course: it has other versions than this process, or no isolation.
    """
    try:
        from distributed import Client
    except ImportError:
        raise CourseError(
            "a cluster needs dask.distributed: pip install 'tensors-to-memory[cluster]'"
        ) from None
    _be_quiet()
    try:
        asyncio.run(asyncio.wait_for(_look_for_scheduler(address), PATIENCE))
    except Exception as error:  # whatever answers there, it is no scheduler
        why = f": {error}" if str(error) else ""
        raise CourseError(f"no scheduler answers at {address}{why}") from None
    with Client(address, timeout=PATIENCE, set_as_default=False) as client:
        try:
            client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError:
            raise CourseError(f"the scheduler at {address} has no workers") from None
        wanted = versions(), limits, modules
        unfit = client.run(look_at_worker, *wanted, on_error="return")
        problems = [f"worker {worker}: {why}" for worker, why in sorted(unfit.items()) if why]
        if problems:
            raise CourseError("; ".join(problems))
        yield OnCluster(client, wanted)


def _be_quiet() -> None:
    """Keep to itself what dask logs of workers that come and go."""
    for name in list(logging.root.manager.loggerDict):
        if name.partition(".")[0] == "distributed":
            logging.getLogger(name).setLevel(logging.CRITICAL)


async def _look_for_scheduler(address: str) -> None:
    """A client that finds none would complain on stderr, at any time until this process ends."""
    from distributed.core import rpc
    from distributed.security import Security

    settings = Security().get_connection_args("client")
    async with rpc(address, timeout=PATIENCE, connection_args=settings) as server:
        kind = (await server.identity())["type"]
    if kind != "Scheduler":
        raise ValueError(f"it is a {kind}")


class OnCluster(Workers):
    """The workers of a cluster, however many there are at the time."""

    def __init__(self, client: "Client", wanted: tuple):
        self.client = client
        self.executor = Tasks(client, wanted)
        self.note = ""

    @property
    def window(self) -> int:
        try:
            return max(AHEAD, 2 * sum(self.client.nthreads().values()))
        except OSError:
            raise CourseError(GONE) from None


class Tasks(Executor):
    """Has the work done by workers that are fit for it; some may come late."""

    def __init__(self, client: "Client", wanted: tuple):
        self.client = client
        self.wanted = wanted

    def submit(self, call: Callable, /, *arguments: object) -> Future:
        result = self._result(call, *arguments)
        return asyncio.run_coroutine_threadsafe(result, self.client.loop.asyncio_loop)

    async def _result(self, call: Callable, *arguments: object) -> object:
        from distributed import KilledWorker

        task = self.client.submit(do, self.wanted, call, *arguments, pure=False)
        try:
            return await task
        except KilledWorker as error:
            raise BrokenExecutor(str(error)) from None
        except CancelledError:
            raise CourseError(GONE) from None


def do(wanted: tuple, call: Callable, *arguments: object) -> object:
    """What a worker does."""
    from distributed import get_worker

    with _one_at_a_time:
        problem = why_unfit(*wanted)
        if problem:
            raise CourseError(f"worker {get_worker().address}: {problem}")
        return call(*arguments)


async def look_at_worker(*wanted: object) -> str:
    """Why a worker is unfit. It goes on to answer the scheduler meanwhile, since this may last."""
    return await asyncio.to_thread(why_unfit, *wanted)


def why_unfit(expected: dict[str, str], limits: Limits, modules: tuple[str, ...]) -> str:
    """Why this process must not grade, "" when it may."""
    problem = differences(expected)
    if not problem:
        try:
            require_isolation(limits, modules)
        except CourseError as error:
            problem = str(error)
    return problem


def differences(expected: dict[str, str]) -> str:
    """How the versions of this process differ from those ``expected``; "" when they do not."""
    here = versions()
    names = [name for name in {**expected, **here} if expected.get(name) != here.get(name)]
    return "; ".join(
        f"it has {name} {here.get(name, '(none)')}, and {expected.get(name, 'none')} is wanted"
        for name in names
    )
