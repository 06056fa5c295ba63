"""A cluster on this machine: the same grades as in one process, whatever happens to its workers."""

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import BrokenExecutor
from pathlib import Path

import psutil
import pytest
import yaml
from distributed import Client, LocalCluster

from autograder import cli, cluster, pipeline, sandbox, workers
from autograder.course import CourseError
from autograder.execution import Limits
from autograder.fingerprint import OURS
from tests import mixed_class
from tests.conftest import ROOT
from tests.mixed_class import assert_gone, copy_of, counted_records, recorded, wait_until
from tests.small_class import CHAPTER
from tests.test_durability import contents
from tests.views.view_tools import free_port

pytestmark = pytest.mark.skipif(
    not sandbox.isolation()["isolated"] and not os.environ.get("CI"),
    reason="this machine offers no isolation",
)

WORKERS = 3
LOCAL = ["--host", "127.0.0.1", "--no-dashboard", "--dashboard-address", "127.0.0.1:0"]


class Cluster:
    """A scheduler and workers, each with a nanny, as people start them."""

    def __init__(self, folder: Path):
        self.address = f"tcp://127.0.0.1:{free_port()}"
        self.temporary = folder / "temporary"  # for what workers leave there
        self.temporary.mkdir()
        self.processes: list[subprocess.Popen] = []

    def start(self) -> None:
        self._start("scheduler", "--port", self.address.rpartition(":")[2])
        self.start_workers(WORKERS)

    def _start(self, what: str, *options: str, **environment: str) -> subprocess.Popen:
        folders = {"TMPDIR": self.temporary, "DASK_TEMPORARY_DIRECTORY": self.temporary.parent}
        process = subprocess.Popen(
            [sys.executable, "-m", f"distributed.cli.dask_{what}", *LOCAL, *options],
            cwd=self.temporary.parent,
            env=os.environ | {name: str(path) for name, path in folders.items()} | environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.processes.append(process)
        return process

    def start_workers(self, number: int, *more: str, **environment: str) -> subprocess.Popen:
        options = ["--nworkers", str(number), "--nthreads", "1", *more]
        with self.client() as client:
            before = len(client.nthreads())
            process = self._start("worker", self.address, *options, **environment)
            wait_until(lambda: len(client.nthreads()) >= before + number)
        return process

    def client(self) -> Client:
        return Client(self.address, set_as_default=False)

    def below(self) -> list[psutil.Process]:
        running = [process for process in self.processes if process.poll() is None]
        return [p for process in running for p in mixed_class.below(process.pid)]

    def stop(self) -> None:
        for process in reversed(self.processes):
            process.terminate()
            process.wait(30)
        self.processes.clear()


@pytest.fixture(scope="module")
def there(tmp_path_factory):
    running = Cluster(tmp_path_factory.mktemp("cluster"))
    try:
        running.start()
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="module")
def classroom(tmp_path_factory):
    return mixed_class.make(tmp_path_factory.mktemp("class"))


@pytest.fixture(scope="module")
def expected(classroom, tmp_path_factory):
    """What grading in one process gives."""
    return mixed_class.graded_here(classroom, tmp_path_factory.mktemp("alone"))


@pytest.fixture
def course(classroom, tmp_path):
    return copy_of(classroom, tmp_path)


def on_cluster(course, address):
    """Grade the class on the cluster; yield the results as they come."""
    students = course.students(CHAPTER)
    with pipeline.workers_for(course, CHAPTER, len(students), cluster=address) as by:
        yield from pipeline.grade(course, CHAPTER, students, by)


def test_a_pool_and_a_cluster_give_the_same_as_this_process(classroom, expected, there, tmp_path):
    pool = copy_of(classroom, tmp_path)
    with workers.processes(2, ()) as by:
        list(pipeline.grade(pool, CHAPTER, pool.students(CHAPTER), by))
    assert contents(pool) == expected
    shutil.rmtree(pool.root)
    far = copy_of(classroom, tmp_path)
    list(on_cluster(far, there.address))
    assert contents(far) == expected


def kill_a_worker_at_work(there):
    """Kill a worker that certainly grades: one that was stopped while its sandbox was open.

    Returns all that was below it.
    """
    with there.client() as client:
        candidates = [psutil.Process(pid) for pid in client.run(os.getpid).values()]
    while True:
        for worker in candidates:
            worker.suspend()
            time.sleep(0.05)
            children = worker.children(recursive=True)
            if len(children) > 1:  # a nursery, and what it has forked
                worker.kill()
                return [worker, *children]
            worker.resume()


def test_a_worker_that_is_killed_at_work_costs_its_work_alone(course, expected, there):
    with counted_records() as counts:
        grading = on_cluster(course, there.address)
        first = [next(grading) for _ in range(3)]
        killed = kill_a_worker_at_work(there)
        results = [*first, *grading]
    assert len(results) == len(expected["results"])
    assert set(counts) == {result.student for result in results}
    assert set(counts.values()) == {1}
    assert contents(course) == expected
    assert psutil.wait_procs(killed, timeout=10)[1] == []


def test_work_that_kills_every_worker_is_given_up(there):
    """It then counts as work whose process was killed, which a run does a few times more, alone."""
    with cluster.cluster(there.address, Limits(), ()) as by:
        with pytest.raises(BrokenExecutor, match="workers died"):
            by.executor.submit(os._exit, 1).result()
        assert by.executor.submit(abs, -1).result() == 1


@pytest.fixture(scope="module")
def other_checkout(tmp_path_factory):
    """The packages, of which one probe is not what it is here."""
    root = tmp_path_factory.mktemp("checkout")
    for package in OURS:
        shutil.copytree(ROOT / package, root / package, ignore=shutil.ignore_patterns("js"))
    with (root / "autograder" / "exercises" / "tensors.py").open("a") as probes:
        probes.write("# changed\n")
    return root


@pytest.fixture
def unfit_worker(there, other_checkout):
    """Starts a worker that has another version; it has ended when the test has."""
    started = []
    yield lambda: started.append(
        there.start_workers(1, "--no-nanny", PYTHONPATH=str(other_checkout))
    )
    for process in started:
        process.terminate()
        process.wait(30)


def assert_recorded(course, students, expected):
    """These are recorded as they must be, and no other."""
    assert recorded(course) == students
    found = contents(course)
    assert {student: found.get(student) for student in students} == {
        student: expected[student] for student in students
    }
    assert not (expected.keys() - students) & (found.keys() - {"rows", "results", "files"})


REFUSED = re.compile(r"worker tcp://127\.0\.0\.1:\d+: it has this project \w+, and \w+ is wanted")


def grade(course, address, capfd, *options):
    """The exit code of the command and the one line that it says of what went wrong."""
    code = cli.main(
        ["--course", str(course.root), "grade", CHAPTER, "--cluster", address, *options]
    )
    (line,) = capfd.readouterr().err.splitlines()
    return code, line


def test_a_worker_with_another_version_is_refused(course, there, unfit_worker, capfd):
    unfit_worker()
    before = contents(course)
    code, line = grade(course, there.address, capfd)
    assert code == cli.WRONG
    assert REFUSED.fullmatch(line.removeprefix("autograder: "))
    assert contents(course) == before


def test_a_worker_that_comes_later_is_refused_too(
    course, expected, there, unfit_worker, monkeypatch
):
    monkeypatch.setattr(cluster, "AHEAD", 1)
    grading = on_cluster(course, there.address)
    done = {next(grading).student}
    unfit_worker()
    with pytest.raises(CourseError) as refused:
        for result in grading:
            done.add(result.student)
    assert REFUSED.fullmatch(str(refused.value))
    assert_recorded(course, done, expected)


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("tcp://127.0.0.1:{unused}", ""),
        ("127.0.0.1", "missing port number"),
        ("carrier-pigeon://127.0.0.1:8786", "unknown address scheme"),
        ("tls://127.0.0.1:8786", "check your TLS configuration"),
    ],
)
def test_where_no_scheduler_is_one_line_says_so(course, address, why, monkeypatch, capfd):
    monkeypatch.setattr(cluster, "PATIENCE", 0.5)
    address = address.format(unused=free_port())
    started = time.monotonic()
    code, line = grade(course, address, capfd)
    assert code == cli.WRONG
    assert line.startswith(f"autograder: no scheduler answers at {address}")
    assert why in line
    assert time.monotonic() - started < 10


def test_a_worker_is_no_scheduler(course, there, capfd):
    with there.client() as client:
        address = next(iter(client.nthreads()))
    code, line = grade(course, address, capfd)
    assert (code, line) == (
        cli.WRONG,
        f"autograder: no scheduler answers at {address}: it is a Worker",
    )


def test_a_scheduler_without_workers_is_told(course, monkeypatch, capfd):
    monkeypatch.setattr(cluster, "PATIENCE", 1)
    with LocalCluster(n_workers=0, dashboard_address="127.0.0.1:0") as empty:
        code, line = grade(course, empty.scheduler_address, capfd)
    assert code == cli.WRONG
    assert line == f"autograder: the scheduler at {empty.scheduler_address} has no workers"


def test_a_run_that_is_interrupted_goes_on_where_it_was(course, expected, there):
    options = CHAPTER, "--cluster", there.address
    run = mixed_class.start(course, *options)
    wait_until(lambda: len(recorded(course)) >= 2)
    os.killpg(run.pid, signal.SIGINT)
    _, said = run.communicate(timeout=10)
    assert run.returncode == 130
    assert said.splitlines()[-1] == "autograder: stopped; what was graded is recorded"
    assert "Traceback" not in said
    done = len(recorded(course))
    assert 2 <= done < mixed_class.STUDENTS
    with there.client() as client:
        wait_until(lambda: not any(client.processing().values()), 20)
    again = mixed_class.start(course, *options)
    printed, _ = again.communicate(timeout=60)
    assert again.returncode == cli.WRONG  # since one is broken
    assert f"{done} of {mixed_class.STUDENTS} unchanged" in printed
    assert contents(course) == expected


def test_the_pages_commands_and_files_can_be_read():
    page = (ROOT / "docs" / "cluster.md").read_text()
    blocks = re.findall(r"^```(\w*)\n(.*?)^```", page, re.M | re.S)
    lines = [line for kind, block in blocks if not kind for line in block.splitlines()]
    commands = [
        shlex.split(line, comments=True) for line in lines if line.startswith("autograder ")
    ]
    assert len(commands) > 4
    for command in commands:
        assert cli._parser().parse_args(command[1:]).run
    assert [yaml.safe_load(block) for kind, block in blocks if kind == "yaml"]
    assert [compile(block, "page", "exec") for kind, block in blocks if kind == "python"]
    for link in re.findall(r"\]\((?!http)([^)#]+)\)", page):
        assert (ROOT / "docs" / link).exists(), link


def test_a_scheduler_that_goes_away_ends_the_run(course, expected, there):
    """And then the workers are ended, and leave nothing. So this must be the last test."""
    grading = on_cluster(course, there.address)
    done = {next(grading).student}
    below = there.below()
    there.processes[0].kill()
    with pytest.raises(CourseError, match="the scheduler is gone"):
        for result in grading:
            done.add(result.student)
    assert_recorded(course, done, expected)
    there.stop()
    assert_gone(below, there.temporary)
