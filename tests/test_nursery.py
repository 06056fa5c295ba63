"""The nursery: every kernel that is forked from it is as clean as a new process."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from autograder import nursery, sandbox, workers
from autograder.nursery import Nursery
from autograder.root import visible_paths
from tests.conftest import ROOT
from tests.test_sandbox import run

pytestmark = pytest.mark.skipif(
    not sandbox.isolation()["isolated"] and not os.environ.get("CI"),
    reason="this machine offers no isolation",
)

TENSORFLOW = ("numpy", "tensorflow")

SHOWN = {Path(path).parts[2] for path in visible_paths() if path.startswith("/tmp/")}
SECRET = ("solutions", "autograder.misconceptions", "autograder.judge")
LOOK = """
import gc, json, os, random, signal, sys, threading
import keras
import numpy as np
import tensorflow as tf

def kind(number):
    place = os.readlink(f"/proc/self/fd/{number}")
    return "/tmp" if place.startswith("/tmp/") else place.partition(":")[0]

def is_open(number):  # not the one by which the folder was read
    return os.path.lexists(f"/proc/self/fd/{number}")

seen = dict(
    descriptors=sorted(map(kind, filter(is_open, os.listdir("/proc/self/fd")))),
    threads=len(os.listdir("/proc/self/task")),
    python_threads=threading.active_count(),
    children=open("/proc/thread-self/children").read().split(),
    files=os.listdir("/tmp"),
    folder=os.getcwd(),
    blocked=[int(s) for s in signal.pthread_sigmask(signal.SIG_BLOCK, [])],
    secret=[m for m in sys.modules if m.startswith({SECRET})],
    names=[n for n in globals() if not n.startswith("_")],
    collects=gc.isenabled(),
    random=[
        random.random(),
        float(np.random.rand()),
        float(np.random.default_rng().random()),
        float(tf.random.uniform(())),
        float(keras.random.uniform(())),
        float(tf.random.Generator.from_non_deterministic_state().uniform(())),
        int.from_bytes(os.urandom(8), "big"),
    ],
)
print(json.dumps(seen))
""".replace("{SECRET}", repr(SECRET))
SPOIL = """
import numpy as np, os, random, builtins
np.sum = len = None
builtins.sum = None
os.environ["LEFT"] = "behind"
open("/tmp/left-behind", "w").close()
random.seed(1)
print("spoiled")
"""


@pytest.fixture(scope="module")
def looks():
    """What two kernels see, between which a third one spoils what it can."""
    before = run(LOOK, modules=TENSORFLOW, timeout=60)
    assert run(SPOIL, modules=TENSORFLOW) == ["spoiled"]
    after = run(LOOK, modules=TENSORFLOW, timeout=60)
    return [json.loads(printed) for (printed,) in (before, after)]


def test_a_kernel_has_nothing_of_the_nursery_or_of_another_kernel(looks):
    for seen in looks:
        assert seen["descriptors"] == ["/dev/null", "/tmp", "/tmp", "socket"]
        assert seen["python_threads"] == 1
        assert seen["children"] == seen["secret"] == seen["blocked"] == []
        assert set(seen["files"]) <= SHOWN  # where Python or the course lies in /tmp
        assert seen["folder"] == "/tmp"
        assert seen["collects"]
        assert set(seen["names"]) <= {
            *("In", "Out", "exit", "quit", "open", "get_ipython"),
            *("gc", "json", "os", "random", "signal", "sys", "threading", "keras", "np", "tf"),
            *("kind", "is_open"),
        }


def test_kernels_draw_other_random_numbers(looks):
    first, second = (seen["random"] for seen in looks)
    assert not set(first) & set(second)


def test_a_kernel_starts_with_one_thread():
    (printed,) = run("import os\nprint(len(os.listdir('/proc/self/task')))", modules=TENSORFLOW)
    assert printed == "1"


def test_tensorflow_differentiates_and_traces_in_a_fork():
    source = """
        import tensorflow as tf

        x = tf.Variable(3.0)
        with tf.GradientTape() as tape:
            y = x**3

        @tf.function
        def total(n):
            result = 0
            for i in tf.range(n):
                result += i
            return result

        model = tf.keras.Sequential([tf.keras.layers.Dense(2)])
        model.compile("sgd", "mse")
        model.fit(tf.ones((8, 3)), tf.ones((8, 2)), verbose=0)
        print(float(tape.gradient(y, x)), int(total(10)), model(tf.ones((1, 3))).shape)
    """
    (printed,) = run("\n".join(line[8:] for line in source.splitlines()), modules=TENSORFLOW)
    assert printed.splitlines()[-1] == "27.0 45 (1, 2)"


def test_a_nursery_that_was_killed_is_started_again():
    assert run("print(1)") == ["1"]
    address = Path(nursery.address_of(()))
    nursery._used[()].process.kill()
    nursery._used[()].process.wait()
    assert run("print(2)") == ["2"]
    assert Path(nursery.address_of(())) != address
    assert not address.parent.exists()


def test_a_nursery_that_nobody_needs_ends_and_leaves_no_folder():
    unused = Nursery(idle=0.1)
    folder = Path(unused.address).parent
    assert unused.process.wait(timeout=60) == 0
    assert not folder.exists()
    unused.end()


def test_a_pool_keeps_its_nursery_however_long_it_has_nothing_to_grade(monkeypatch):
    monkeypatch.setattr(nursery, "IDLE", 0.1)
    with workers.processes(1, ()) as by:
        by.executor.submit(os.getpid).result()
        process = by.executor.nursery.process
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=3)


def test_a_nursery_ends_with_its_grader():
    code = (
        "import time\n"
        "from autograder import sandbox\n"
        "kernel = sandbox.Sandbox(sandbox.Box(), 'autograder.kernel:run')\n"
        "from autograder.nursery import address_of\n"
        "print(address_of(()), flush=True)\n"
        "time.sleep(60)"
    )
    command = [sys.executable, "-c", code]
    grader = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    folder = Path(grader.stdout.readline().strip()).parent
    below = psutil.Process(grader.pid).children(recursive=True)
    assert len(below) >= 4  # nursery, starter, supervisor and kernel
    os.kill(grader.pid, signal.SIGKILL)
    grader.wait()
    assert psutil.wait_procs(below, timeout=10)[1] == []
    deadline = time.monotonic() + 10
    while folder.exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_module_that_cannot_be_imported_is_the_notebooks_error():
    imported, after = run("import no_such_module", "print('on')", modules=("no_such_module",))
    assert imported.startswith("ModuleNotFoundError")
    assert after == "on"


def test_kernels_run_the_code_of_the_grader_and_not_of_another_copy(tmp_path):
    for package in "autograder", "solutions":
        shutil.copytree(ROOT / package, tmp_path / package)
    where = "def say(box, link):\n    link.send({'ready': True, 'file': __file__})\n"
    (tmp_path / "autograder" / "where.py").write_text(where)
    grader = (
        "from autograder.sandbox import Box, Sandbox\n"
        "print(Sandbox(Box(), 'autograder.where:say').ready['file'])"
    )
    env = os.environ | {"PYTHONPATH": str(tmp_path)}
    said = subprocess.run(
        [sys.executable, "-c", grader], env=env, cwd=tmp_path, capture_output=True, text=True
    )
    assert said.stdout.strip() == str(tmp_path / "autograder" / "where.py"), said.stderr
