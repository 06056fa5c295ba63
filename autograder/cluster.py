"""A cluster: the same work, done by the workers of a dask scheduler (docs/cluster.md).

A worker that is lost in the middle costs what it was doing: the scheduler gives that to another.
Grades are recorded by the client alone, so none is recorded twice.
"""

import socket
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from threading import Lock

from autograder.course import CourseError
from autograder.execution import Limits, require_isolation
from autograder.fingerprint import versions
from autograder.workers import Workers

PATIENCE = 30  # seconds to wait for the scheduler, and for its first worker

_one_at_a_time = Lock()  # the judge is not made for threads


@contextmanager
def cluster(address: str, limits: Limits, modules: tuple[str, ...]) -> Iterator[Workers]:
    """The workers of the scheduler at ``address`` ("tcp://host:8786").

    Raises CourseError when nobody answers there, and when a worker is not fit for this course: it
    has other versions than this process, or no isolation.
    """
    try:
        from distributed import Client
    except ImportError:
        raise CourseError(
            "a cluster needs dask.distributed: pip install 'tensors-to-memory[cluster]'"
        ) from None
    try:
        client = Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError) as error:
        raise CourseError(f"no scheduler answers at {address}: {error}") from None
    with client:
        try:
            client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError:
            raise CourseError(f"the scheduler at {address} has no workers") from None
        unfit = client.run(why_unfit, versions(), limits, modules, on_error="return")
        problems = sorted(f"worker {worker}: {why}" for worker, why in unfit.items() if why)
        if problems:
            raise CourseError("; ".join(problems))
        executor = client.get_executor(pure=False)
        try:
            yield Workers(Checked(executor), 2 * sum(client.nthreads().values()))
        finally:
            executor.shutdown(wait=False)  # and what is still under way is given up


class Checked(Executor):
    """Has the work done by workers of this process's versions only; some may come late."""

    def __init__(self, executor: Executor):
        self.executor = executor
        self.versions = versions()

    def submit(self, call: Callable, /, *arguments: object) -> Future:
        return self.executor.submit(_do, self.versions, call, *arguments)


def _do(expected: dict[str, str], call: Callable, *arguments: object) -> object:
    """What a worker does."""
    problem = differences(expected)
    if problem:
        raise CourseError(f"worker {socket.gethostname()}: {problem}")
    with _one_at_a_time:
        return call(*arguments)


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
