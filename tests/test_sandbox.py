"""The sandbox: what a student's code sees of the machine, what it can do, and how it ends."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from nbformat import v4

from autograder import cli, pipeline, root, sandbox
from autograder.execution import ISOLATION, KERNEL, Limits, Run
from autograder.sandbox import MEGABYTE, Box
from tests import small_class
from tests.conftest import ROOT

pytestmark = pytest.mark.skipif(
    not sandbox.isolation()["isolated"] and not os.environ.get("CI"),
    reason="this machine offers no isolation",
)


def run(*sources: str, timeout: int = 30, modules: tuple[str, ...] = (), **box) -> list[str]:
    """What cells with ``sources`` print in one sandboxed kernel; a failing one, its error."""
    cells = [v4.new_code_cell(source) for source in sources]
    kernel = sandbox.Sandbox(Box(**box), KERNEL, modules)
    try:
        run = Run(kernel, Limits(cell=timeout), set())
        for cell in cells:
            run.execute(cell, cell.source)
        if run.stopped:
            return [kernel.why_ended() or "died"]
    finally:
        kernel.close()
    return ["".join(map(_text, cell.outputs)).strip() for cell in cells]


def _text(output) -> str:
    return output.get("text") or f"{output.get('ename')}: {output.get('evalue')}\n"


# --- What is seen ---------------------------------------------------------------------------------

LOOK = """
import json, os, socket, subprocess, sys
from pathlib import Path

def is_there(path):
    try:
        return os.path.isfile(path) or bool(os.listdir(path))
    except OSError:
        return False

status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
print(json.dumps(dict(
    user=os.getuid(),
    groups=os.getgroups(),
    capabilities=[status[name].strip() for name in ("CapPrm", "CapEff", "CapBnd", "CapAmb")],
    processes=len([name for name in os.listdir("/proc") if name.isdecimal()]),
    interfaces=[name for _, name in socket.if_nameindex()],
    environment=sorted(os.environ),
    own_environment=Path("/proc/self/environ").read_text(),
    home=os.path.expanduser("~"),
    folder=os.getcwd(),
    seen=[path for path in {paths!r} if is_there(path)],
    top=sorted(os.listdir("/")),
    arguments=sys.argv,
)))
"""
ANSWERS = ["solutions", "autograder/misconceptions", "lab/views", "tests", "chapters", "classroom"]
PRIVATE = [".git", "course", "README.md", "nbgrader_config.py"]


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    canary = tmp_path_factory.mktemp("home") / "canary"
    canary.write_text("secret")
    os.environ["SECRET_OF_THE_GRADER"] = "secret"
    paths = [str(ROOT / name) for name in ANSWERS + PRIVATE]
    paths += [str(canary), "/etc/shadow", "/etc/hosts", "/root/.bashrc", "/var/log", "/run"]
    (printed,) = run(LOOK.replace("{paths!r}", repr(paths)).replace("{{", "{").replace("}}", "}"))
    del os.environ["SECRET_OF_THE_GRADER"]
    return json.loads(printed)


def test_a_student_is_nobody_and_has_no_privileges(seen):
    assert seen["user"] == sandbox.NOBODY
    assert 0 not in seen["groups"] or os.getuid() != 0
    assert set(seen["capabilities"]) == {"0" * 16}


def test_answers_grades_and_private_files_are_out_of_sight(seen):
    assert seen["seen"] == []


def test_no_other_process_and_no_network_is_seen(seen):
    assert seen["processes"] <= 2
    assert seen["interfaces"] == ["lo"]


def test_the_graders_environment_is_not_handed_on(seen):
    assert "SECRET_OF_THE_GRADER" not in seen["environment"]
    assert "secret" not in seen["own_environment"].lower()
    assert seen["home"] == seen["folder"] == "/tmp"


def test_the_top_of_the_file_system_is_put_together_from_a_list(seen):
    known = {"usr", "bin", "sbin", "lib", "lib32", "lib64", "etc", "dev", "proc", "tmp"}
    known |= {Path(path).parts[1] for path in root.visible_paths()}
    assert set(seen["top"]) <= known


def test_a_course_in_a_visible_folder_is_hidden():
    with tempfile.TemporaryDirectory(dir=sys.prefix) as course:
        os.chmod(course, 0o755)
        Path(course, "secret").write_text("secret")
        look = f"import os\nprint(os.path.exists({course!r}) and os.listdir({course!r}))"
        assert run(look) == ["['secret']"]
        assert run(look, private=course) == ["[]"]


def test_references_are_seen_where_a_notebook_imports_them_and_only_these():
    source = "from solutions import {}\nprint({}.__name__)"
    backprop, tensors = (source.format(n, n) for n in ("backprop", "tensors"))
    shown, hidden = run(backprop, tensors, references=("backprop",))
    assert shown == "solutions.backprop"
    assert hidden.startswith("ImportError")
    (hidden,) = run("import solutions.tensors")
    assert "Error" in hidden


def test_views_stand_still():
    drawn, exercises = run(
        "from lab import views\nviews.Attention([1, 2]).play().speed = 3\nprint('went on')",
        "from autograder import exercises\nprint(exercises.find('tensors.take_batch').name)",
    )
    assert drawn == "went on"
    assert exercises == "tensors.take_batch"


# --- What can be done -----------------------------------------------------------------------------


def test_files_can_be_written_in_tmp_alone_and_only_so_many():
    source = "open({!r}, 'w').write('x')\nprint('written')"
    places = ["/tmp/x", "/x", "/etc/x", str(ROOT / "lab" / "x"), f"{sys.prefix}/x", "/dev/x"]
    results = run(*map(source.format, places))
    assert results[0] == "written"
    assert not any("written" in result for result in results[1:])
    fill = "for n in range(10):\n    open(f'/tmp/{n}', 'wb').write(bytes(20_000_000))"
    large = "open('/tmp/large', 'wb').write(bytes(70_000_000))"
    many = "for n in range(20_000):\n    open(f'/tmp/n{n}', 'w').close()"
    full, too_large, too_many = run(fill + "\n", large, many, disk=50 * MEGABYTE)
    assert "No space left" in full
    assert "File too large" in too_large or "No space left" in too_large
    assert "No space left" in too_many


def test_nothing_can_be_sent_to_the_machine():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0)
        port = listener.getsockname()[1]
        (result,) = run(f"import socket\nsocket.create_connection(('127.0.0.1', {port}), 3)")
        assert "Error" in result
        with pytest.raises(BlockingIOError):
            listener.accept()


def test_a_student_can_neither_mount_nor_make_namespaces_nor_end_the_supervisor():
    results = run(
        "import ctypes\nprint(ctypes.CDLL(None, use_errno=True).unshare(0x10000000))",
        "import os\ntry:\n    os.kill(1, 9)\nexcept OSError:\n    pass",
        "print('still here')",
        "print(ctypes.CDLL(None).mount(b'tmpfs', b'/tmp', b'tmpfs', 0, None))",
        "open('/proc/1/mem')",
        "print(ctypes.CDLL(None).ptrace(16, 1, 0, 0))",
    )
    assert results[0] == "-1"
    assert results[2] == "still here"
    assert results[3] == "-1"
    assert "Error" in results[4]
    assert results[5] == "-1"


@pytest.mark.parametrize(
    "source",
    [
        "import os\nos.memfd_create('hidden')",
        "import mmap\nmmap.mmap(-1, 1_000_000)",
        "import socket\nsocket.socket(40, socket.SOCK_STREAM)  # to the host of a virtual machine",
        "import mmap, os\nmmap.mmap(os.open('/dev/zero', os.O_RDWR), 1_000_000)",
        "import ctypes\nassert ctypes.CDLL(None).shmget(0, 4096, 0o1600) != -1",
        "import ctypes\nassert not ctypes.CDLL(None).unshare(0x400)  # open files of its own",
        "import os\nos.setpriority(os.PRIO_USER, 0, 19)  # the supervisor's, too",
        "import os\nos.sched_setscheduler(1, os.SCHED_IDLE, os.sched_param(0))",
        "import os\nos.sched_setaffinity(1, [0])",
        "import os\nos.open('/proc/self/oom_score_adj', os.O_WRONLY)",
        "import resource\nresource.prlimit(1, resource.RLIMIT_NOFILE, (0, 0))",
    ],
)
def test_what_leads_past_namespaces_and_limits_is_refused(source):
    (result,) = run(source)
    assert "Error" in result


def test_processes_are_limited():
    (result,) = run(
        "import os, time\nn = 0\ntry:\n    while n < 200:\n        if os.fork() == 0:\n"
        "            time.sleep(60)\n        n += 1\nexcept OSError:\n    pass\nprint(n)",
        processes=60,
    )
    (number,) = filter(str.isdecimal, result.splitlines())  # newer Pythons also warn of forks
    assert int(number) < 60


def test_a_bash_line_and_a_figure_work():
    shell, figure = run(
        "!echo hello from a shell",
        "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nprint('drawn')",
    )
    assert shell == "hello from a shell"
    assert figure.startswith("drawn")


# --- How it ends ----------------------------------------------------------------------------------


def test_too_much_memory_ends_the_kernel_and_says_so():
    hog = "hog = []\nwhile True:\n    hog.append(bytearray(b'x') * 20_000_000)"
    assert run(hog, memory=400 * MEGABYTE) == ["memory"]


def test_memory_that_is_only_reserved_costs_nothing():
    (result,) = run("import numpy\nreserved = numpy.zeros(10**9)\nprint('fine')")
    assert result == "fine"


def test_memory_of_all_processes_counts():
    hog = (
        "import os, time\nfor _ in range(8):\n    if os.fork() == 0:\n"
        "        hog = bytearray(b'x') * 100_000_000\n        time.sleep(60)\ntime.sleep(60)"
    )
    assert run(hog, memory=500 * MEGABYTE) == ["memory"]


HIDDEN = "import ctypes, os, threading, time\nlibc = ctypes.CDLL(None)\n"
FILL = "hog = bytearray(b'x') * 500_000_000\ntime.sleep(60)"


@pytest.mark.parametrize(
    "hog",
    [
        f"libc.prctl(4, 0, 0, 0, 0)  # so that nobody may look at it\n{FILL}",
        "def fill():\n    hog = bytearray(b'x') * 500_000_000\n    time.sleep(60)\n"
        "child = os.fork()\nif not child:\n    threading.Thread(target=fill).start()\n"
        "    libc.pthread_exit(None)  # which ends one thread of two\nos.waitpid(child, 0)",
    ],
)
def test_memory_of_a_process_that_hides_it_counts(hog):
    assert run(HIDDEN + hog, memory=400 * MEGABYTE) == ["memory"]


def test_memory_in_sockets_counts():
    hog = (
        "import socket, time\npairs = [socket.socketpair() for _ in range(240)]\n"
        "for one, _ in pairs:\n    one.setblocking(False)\n    try:\n        while True:\n"
        "            one.send(bytes(4096))\n    except BlockingIOError:\n        pass\n"
        "time.sleep(60)"
    )
    assert run(hog, memory=200 * MEGABYTE) == ["memory"]


def test_memory_in_tables_of_pages_counts():
    hog = (
        "import mmap, time\nflags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x4000\n"
        "place = mmap.mmap(-1, 2**37, flags, mmap.PROT_READ)\n"
        "for at in range(0, 2**37, 2**21):\n    place[at]\ntime.sleep(60)"
    )
    assert run(hog, memory=200 * MEGABYTE) == ["memory"]


def processes_of(mark: str) -> str:
    return subprocess.run(["pgrep", "-f", mark], capture_output=True, text=True).stdout


def wait_for_end_of(mark: str) -> None:
    deadline = time.monotonic() + 10
    while processes_of(mark):
        assert time.monotonic() < deadline
        time.sleep(0.05)


LEAVE = "import subprocess\nsubprocess.Popen(['setsid', 'sleep', '{}'])\nprint('started')"


@pytest.mark.skipif(not shutil.which("pgrep"), reason="pgrep is not installed")
def test_nothing_outlives_the_sandbox():
    assert run(LEAVE.format(86399.25)) == ["started"]
    wait_for_end_of("sleep 86399.25")


@pytest.mark.skipif(not shutil.which("pgrep"), reason="pgrep is not installed")
def test_a_killed_grader_leaves_nothing_running(tmp_path):
    code = (
        "from tests.test_sandbox import LEAVE, run\n"
        "run(LEAVE.format(86398.25), 'import time; time.sleep(60)', timeout=60)"
    )
    grader = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT)
    deadline = time.monotonic() + 60
    while not processes_of("sleep 86398.25"):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    os.kill(grader.pid, signal.SIGKILL)
    grader.wait()
    wait_for_end_of("sleep 86398.25")


def test_an_interrupt_ends_a_loop_and_the_kernel_goes_on():
    loop, after = run("while True:\n    pass", "print('goes on')", timeout=2)
    assert "KeyboardInterrupt" in loop
    assert after == "goes on"


def test_a_course_in_tmp_is_seen_like_any_other():
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        for name in ("autograder", "lab", "solutions"):
            shutil.copytree(ROOT / name, Path(folder, name))
        code = "import json; from autograder import sandbox; print(json.dumps(sandbox.isolation()))"
        command = [sys.executable, "-c", code]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["isolated"]


# --- Where there is none --------------------------------------------------------------------------


def isolation_under(*command: str) -> dict:
    code = "import json; from autograder import sandbox; print(json.dumps(sandbox.isolation()))"
    command = [*command, sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


@pytest.mark.skipif(not shutil.which("unshare"), reason="unshare is not installed")
def test_an_ordinary_user_has_the_same_sandbox_as_root():
    assert (
        isolation_under("unshare", "--user", "--map-user=1000", "--map-group=1000")
        == sandbox.isolation()
    )


@pytest.mark.skipif(not shutil.which("unshare"), reason="unshare is not installed")
def test_where_namespaces_are_switched_off_the_problem_is_said():
    off = 'echo 0 > /proc/sys/user/max_user_namespaces && exec "$@"'
    command = ["unshare", "--user", "--map-root-user", "sh", "-c", off, "sh"]
    found = isolation_under(*command)
    assert not found["isolated"]
    assert "unshare" in found["problem"]


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A course with one right submission, on a machine that seems to offer no sandbox."""
    monkeypatch.setattr(
        sandbox, "isolation", lambda modules: sandbox._no_isolation("it needs a moat")
    )
    course = small_class.small_course(tmp_path)
    small_class.submit(course, "ada", small_class.solved(course))
    return course


def test_without_isolation_grading_refuses_and_records_nothing(course, capsys):
    assert cli.main(["--course", str(course.root), "grade", small_class.CHAPTER]) == 1
    assert "cannot be isolated on this machine (it needs a moat)" in capsys.readouterr().err
    assert pipeline.read_result(course, small_class.CHAPTER, "ada").error == "not graded"
    outcome = course.api.autograde(small_class.CHAPTER, "ada")  # as formgrader's button does it
    assert not outcome["success"]
    assert "it needs a moat" in outcome["log"]


def test_grading_without_isolation_is_stamped(course, capsys):
    command = ["--course", str(course.root), "grade", small_class.CHAPTER, "--unsafe"]
    assert cli.main(command) == 0
    assert "1 of 1 graded without isolation" in capsys.readouterr().out
    assert list(pipeline.feedback(course, small_class.CHAPTER, ["ada"])) == [("ada", "")]
    page = course.folder("feedback", small_class.CHAPTER, "ada") / f"{small_class.CHAPTER}.html"
    assert "Graded without isolation" in page.read_text()
    path = course.folder("autograded", small_class.CHAPTER, "ada") / small_class.FILE
    assert not json.loads(path.read_text())["metadata"][ISOLATION]["isolated"]
