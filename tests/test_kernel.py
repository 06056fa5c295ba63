"""The kernel that grading runs: a notebook's cells do there what they do in JupyterLab."""

import os
import time

import pytest
from nbformat import v4

from autograder import sandbox
from autograder.execution import KERNEL, STOPPED, Limits, Run
from autograder.sandbox import Box
from tests.test_sandbox import run

pytestmark = pytest.mark.skipif(
    not sandbox.isolation()["isolated"] and not os.environ.get("CI"),
    reason="this machine offers no isolation",
)


def executed(*sources: str, **limits) -> list:
    """The cells with ``sources``, run in one kernel."""
    cells = [v4.new_code_cell(source) for source in sources]
    kernel = sandbox.Sandbox(Box(), KERNEL)
    try:
        run = Run(kernel, Limits(**limits), set())
        for cell in cells:
            run.execute(cell, cell.source)
    finally:
        kernel.close()
    return cells


def test_outputs_come_in_the_order_in_which_a_cell_made_them():
    (cell,) = executed(
        "import sys\nprint('one')\nprint('two', file=sys.stderr)\nprint('three')\n"
        "display('four')\nprint('five')\n6"
    )
    found = [
        (o.output_type, o.get("name"), o.get("text") or o.data["text/plain"]) for o in cell.outputs
    ]
    assert found == [
        ("stream", "stdout", "one\n"),
        ("stream", "stderr", "two\n"),
        ("stream", "stdout", "three\n"),
        ("display_data", None, "'four'"),
        ("stream", "stdout", "five\n"),
        ("execute_result", None, "6"),
    ]


def test_what_programs_and_libraries_print_past_python_is_kept():
    shell, library = run(
        "import subprocess\nsubprocess.run(['echo', 'from a program'])",
        "import os\nos.write(2, b'from a library')",
    )
    assert shell.startswith("from a program") or shell.endswith("from a program")
    assert "from a library" in library


POOL = """
from multiprocessing import get_context

with get_context("fork").Pool(2) as pool:
    print(pool.map(abs, [-1, -2]))
"""
THREAD = """
import threading

thread = threading.Thread(target=print, args=["in a thread"])
thread.start()
thread.join()
"""


@pytest.mark.parametrize(
    ("source", "printed"),
    [
        ("import asyncio\nawait asyncio.sleep(0)\nprint('waited')", "waited"),
        ("%%time\nprint('timed')", "timed"),
        ("%matplotlib inline\nfrom matplotlib.pyplot import plot, show\nplot([1])\nshow()", "<Fig"),
        ("squares = [n**2 for n in range(3)]\n!echo {squares[2]}", "4"),
        ("class A:\n    pass\nimport pickle\nprint(pickle.loads(pickle.dumps(A)) is A)", "True"),
        ("import inspect\ndef f():\n    return 7\nprint(inspect.getsource(f))", "return 7"),
        (POOL, "[1, 2]"),
        (THREAD, "in a thread"),
        ("input('name? ')", "nobody is there to answer"),
        ("from IPython.display import clear_output\nclear_output()\nprint('on')", "on"),
        ("print('\\ud800 half a character')", "half a character"),
    ],
)
def test_what_a_notebook_may_do_works(source, printed):
    (cell,) = executed(source)
    shown = "".join(
        o.get("text") or o.get("evalue") or o.get("data", {}).get("text/plain", "")
        for o in cell.outputs
    )
    assert printed in shown


def test_results_are_numbered_and_remembered():
    _, last, first, count = run("6 * 7", "print(_ + 1)", "print(Out[1])", "print(len(In))")
    assert (last, first, count) == ("43", "42", "5")


def test_a_cell_that_exits_does_not_end_the_notebook():
    *_, after = run("exit", "quit()", "import sys\nsys.exit(3)", "print('went on')")
    assert after == "went on"


def test_a_long_source_with_any_character_arrives():
    text = "\U0001f600" * 900_000
    (length,) = run(f"print(len({text!r}))")
    assert length == "900000"


def test_an_interrupt_in_the_middle_of_printing_leaves_the_link_whole():
    loop, after = executed("while True:\n    print('x' * 5000)", "print('after')", cell=1)
    assert loop.metadata[STOPPED].startswith("It was stopped: it printed more than")
    assert after.outputs[0].text == "after\n"


def test_a_cell_that_forks_does_not_answer_twice():
    forked, after = run("import os\npid = os.fork()\nprint('here')", "print(pid > 0)")
    assert forked.count("here") == 1
    assert after == "True"


def test_a_notebook_has_so_many_seconds_in_all():
    *ran, last = executed(*["import time\ntime.sleep(0.4)"] * 3, "print(1)", notebook=1)
    assert all(STOPPED not in cell.metadata for cell in ran)
    assert last.metadata[STOPPED] == "It was not run: the notebook ran for 1 seconds."
    assert not last.outputs


def test_a_cell_that_cannot_be_interrupted_ends_the_notebook_soon():
    stubborn = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True:\n    pass"
    started = time.monotonic()
    loop, after = executed(stubborn, "print(1)", cell=0.5, grace=0.5)
    assert time.monotonic() - started < 10
    assert "could not be interrupted" in loop.metadata[STOPPED]
    assert after.metadata[STOPPED].startswith("It was not run")


def test_an_error_shows_the_students_lines_alone():
    (cell,) = executed("while True:\n    pass", cell=0.5)
    (error,) = cell.outputs
    assert error.ename == "KeyboardInterrupt"
    assert "kernel.py" not in "".join(error.traceback)
