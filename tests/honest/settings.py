"""What is set for the whole notebook, and what is left behind."""

from textwrap import dedent

from autograder import demo
from tests.corpus import Work
from tests.honest import honest


def begin(work: Work, source: str) -> None:
    """Put a cell before the first exercise."""
    work.add(dedent(source).strip(), before=work.cell(work.exercises[0]))


@honest()
def seeds_are_set(work):
    """Random numbers are the same each time, everywhere, also in a function."""
    begin(work, "import random\nrandom.seed(0)\nnp.random.seed(0)\nrng = np.random.default_rng(0)")
    work.write("tensors.dense", demo.begin_with("tensors.dense", "np.random.seed(1)"))


@honest()
def warnings_are_errors(work):
    """Warnings are made errors, and one function warns, as it also does under check."""
    begin(work, "import warnings\nwarnings.simplefilter('error')")
    statement = "np.log(np.zeros(1))  # NumPy warns of this division"
    work.write("tensors.dense", demo.begin_with("tensors.dense", statement))


@honest()
def warnings_are_off(work):
    """Warnings and NumPy's errors are turned off, and arrays are printed in full."""
    begin(
        work,
        """
        import sys, warnings
        warnings.filterwarnings("ignore")
        np.seterr(all="ignore")
        np.set_printoptions(threshold=sys.maxsize, precision=2, suppress=True)
        print(train_pictures[:300])
        """,
    )


@honest()
def errors_of_numpy_are_raised(work):
    """NumPy raises errors in place of warnings."""
    begin(work, "np.seterr(all='raise')")


@honest()
def works_in_another_folder(work):
    """The notebook makes a folder, goes there, and a function reads a file that it wrote."""
    begin(
        work,
        """
        import os, pathlib, tempfile
        os.makedirs("work", exist_ok=True)
        os.chdir("work")
        %cd .
        %pwd
        np.save("zero.npy", np.zeros(1))
        pathlib.Path("notes.txt").write_text("naïve", encoding="utf-8")
        home = pathlib.Path.home()
        """,
    )
    work.write(
        "tensors.dense",
        "def dense(x, W, b):\n"
        "    with tempfile.TemporaryFile() as file:\n        file.write(b'x')\n"
        "    return np.maximum(x @ W + b, np.load('zero.npy'))",
    )


@honest()
def modules_are_written(work):
    """A helper is written into a module, which is imported."""
    begin(work, "%%writefile my_helpers.py\ndef larger(a, b):\n    return a if a > b else b")
    begin(work, "import my_helpers")
    work.write(
        "tensors.broadcast_shapes",
        demo.right("tensors.broadcast_shapes").replace("max(", "my_helpers.larger("),
    )


@honest()
def threads_and_processes(work):
    """A function works with threads, and a cell with a process."""
    begin(
        work,
        """
        import subprocess, sys
        from concurrent.futures import ThreadPoolExecutor
        print(subprocess.run([sys.executable, "-c", "print(1)"], capture_output=True))
        """,
    )
    work.write(
        "tensors.relu_loop",
        "def relu_loop(x):\n    with ThreadPoolExecutor(4) as pool:\n"
        "        rows = pool.map(lambda row: [max(n, 0 * n) for n in row], x)\n"
        "    return np.array(list(rows))",
    )


@honest()
def names_were_deleted(work):
    """What is not needed any longer is deleted, check and the library too, and all is reset."""
    begin(work, "%reset -f\nimport numpy as np")
    work.add("del np\nimport numpy as np\ndel picture, check", before=work.cell("tensors.dense"))
