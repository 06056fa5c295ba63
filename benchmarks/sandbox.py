"""What the sandbox costs: a kernel's life with it and without, in turns.

``python -m benchmarks.sandbox [TURNS]``: each turn starts a kernel, runs the imports that every
chapter begins with, and ends it. The difference of the medians is what a submission pays.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from jupyter_client import AsyncKernelManager
from nbclient import NotebookClient
from nbformat import v4

from autograder import sandbox
from autograder.provisioner import SandboxedKernelManager
from benchmarks.turns import share, take_turns

IMPORTS = "import numpy as np\nfrom autograder import check"


def without(folder: str) -> AsyncKernelManager:
    return AsyncKernelManager(transport="ipc", ip=str(Path(folder, "ipc")))


def within(folder: str) -> AsyncKernelManager:
    return SandboxedKernelManager(sandbox.Box(folder))


def life(make: Callable[[str], AsyncKernelManager]) -> float:
    """Seconds from the start of a kernel to its end."""
    notebook = v4.new_notebook(cells=[v4.new_code_cell(IMPORTS)])
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        client = NotebookClient(notebook, km=make(folder), shutdown_kernel="immediate")
        client.owns_km = True
        client.execute()
        return time.perf_counter() - started


def main() -> None:
    turns = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    for make in (within, without):  # the first of each fills the caches of the file system
        life(make)
    calls = {"within": lambda: life(within), "without": lambda: life(without)}
    times = take_turns(calls, turns)
    for name, taken in times.items():
        print(f"{name:8} {median(taken):.3f} s, at its least {min(taken):.3f} s")
    more = median(a - b for a, b in zip(times["within"], times["without"], strict=True))
    ratio = share(times["within"], times["without"])
    print(f"the sandbox adds {1000 * more:.0f} ms to a kernel's life, {ratio:.2f} times as long")


if __name__ == "__main__":
    main()
