"""Ways to write the same in Python."""

from textwrap import dedent

from autograder import demo
from tests.honest import honest


@honest()
def type_hints(work):
    """Functions have type hints, some of types that exist only as text."""
    work.add("from __future__ import annotations", before=work.notebook.cells[0])
    head = "def take_batch(data: np.ndarray[Any, 'float'], index: int, size: int) -> Unknown:"
    source = demo.right("tensors.take_batch").partition("\n")[2]
    work.write("tensors.take_batch", f"{head}\n{source}")


@honest()
def decorators(work):
    """Functions are cached, counted and timed by decorators."""
    work.add(
        dedent("""
        import functools
        import time
        from collections import Counter

        calls = Counter()


        def timed(function):
            def inner(*args, **kwargs):
                start = time.perf_counter()
                calls[function.__name__] += 1
                result = function(*args, **kwargs)
                print(f"{time.perf_counter() - start:.6f} s")
                return result

            return inner
        """),
        before=work.cell("tensors.take_batch"),
    )
    for exercise in work.exercises:
        work.write(exercise, "@timed\n" + demo.right(exercise))
    for exercise in "tensors.rotation", "tensors.broadcast_shapes":
        work.write(exercise, "@functools.cache\n" + demo.right(exercise))


@honest()
def lambdas(work):
    """Functions are lambdas and partial functions under the given name."""
    work.write("tensors.dense", "dense = lambda x, W, b: np.maximum(x @ W + b, 0)")
    work.write(
        "tensors.relu_loop",
        "from functools import partial\n\n\ndef clip(factor, x):\n"
        "    return np.array([[max(n, factor * n) for n in row] for row in x])\n\n\n"
        "relu_loop = partial(clip, 0)",
    )
    work.write(
        "tensors.compose_affine",
        "compose_affine = lambda A1, b1, A2, b2: (A2 @ A1, b2 + A2 @ b1)",
    )


@honest()
def object_that_can_be_called(work):
    """A function is an object of a class with __call__."""
    work.write(
        "tensors.dense",
        """
class Dense:
    def __init__(self, floor):
        self.floor = floor

    def __call__(self, x, W, b):
        return np.maximum(x @ W + b, self.floor)


dense = Dense(0)
""",
    )


@honest()
def recursion_and_generators(work):
    """A function calls itself, and another one collects what a generator yields."""
    work.write(
        "tensors.broadcast_shapes",
        """
def broadcast_shapes(a, b):
    if not a or not b:
        return tuple(a) or tuple(b)
    *rest_a, m = a
    *rest_b, n = b
    if 1 not in (m, n) and m != n:
        raise ValueError
    return (*broadcast_shapes(rest_a, rest_b), n if m == 1 else m)
""",
    )
    work.write(
        "tensors.relu_loop",
        """
def relu_loop(x):
    def rows():
        for row in x:
            yield [n if (positive := n > 0) else 0 * n for n in row]

    return np.array(list(rows()))
""",
    )


@honest()
def more_parameters(work):
    """Functions have more parameters with defaults, and take all others as well."""
    head, _, rest = demo.right("tensors.dense").partition("(x, W, b):")
    work.write("tensors.dense", f"{head}(x, W, b, *, verbose=False, **options):{rest}")
    head, _, rest = demo.right("tensors.rotation").partition("(angle):")
    work.write("tensors.rotation", f"{head}(angle=0.0, *others, radius=1):{rest}")


@honest()
def other_parameter_names(work):
    """Parameters and variables have names of the student's, with Greek and Chinese letters."""
    work.write(
        "tensors.rotation",
        "def rotation(φ):\n    余弦, σ = np.cos(φ), np.sin(φ)\n"
        "    return np.array([[余弦, -σ], [σ, 余弦]])",
    )
    work.write(
        "tensors.dense",
        "def dense(X, weights, /, bias_ß):\n    naïve = X @ weights\n"
        "    return np.maximum(naïve + bias_ß, 0)",
    )


@honest()
def called_by_keyword(work):
    """One answer calls others by their parameters' names."""
    source = demo.right("tensors.add_loop")
    work.write(
        "tensors.add_loop",
        source.replace(
            "broadcast_shapes(x.shape, y.shape)", "broadcast_shapes(b=y.shape, a=x.shape)"
        ),
    )


@honest()
def docstrings_were_deleted(work):
    """The docstrings are gone, or were translated."""
    for exercise in work.exercises:
        head, _, body = demo.right(exercise).split('"""')
        work.write(exercise, f'{head}"""Gibt das Ergebnis zurück."""{body}')
    head, _, body = demo.right("tensors.dense").split('"""')
    work.write("tensors.dense", head.rstrip() + body)


@honest()
def defined_twice(work):
    """The cell holds a first try that is wrong and, below it, the right function."""
    first = "def rotation(angle):\n    return np.zeros((2, 2))\n\n\n"
    work.write("tensors.rotation", first + demo.right("tensors.rotation"))


@honest()
def lines_of_the_shell(work):
    """Magics and lines of the shell stand at the top of the exercises' cells."""
    for exercise, line in (
        ("tensors.take_batch", "%matplotlib inline"),
        ("tensors.relu_loop", "!ls"),
        ("tensors.broadcast_shapes", "%%time"),
        ("tensors.add_loop", "%%capture"),
        ("tensors.matmul_loop", "files = !ls\nnp.argsort?"),
        ("tensors.rotation", "%config InlineBackend.figure_format = 'retina'"),
        ("tensors.compose_affine", "%precision 3\n%load_ext autoreload\n%autoreload 2"),
        ("tensors.dense", "%time sum(range(100))\n%timeit -n 1 -r 1 sum(range(100))"),
    ):
        work.write(exercise, f"{line}\n{demo.right(exercise)}")
    work.add("%%bash\necho hello", before=work.cell("tensors.relu_loop"))


@honest()
def awaits_at_top_level(work):
    """A cell awaits a coroutine, which the notebook allows."""
    work.add(
        "import asyncio\n\n\nasync def wait():\n    await asyncio.sleep(0)\n    return 0\n\n\n"
        "ZERO = await wait()",
        before=work.cell("tensors.dense"),
    )
    work.write("tensors.dense", "def dense(x, W, b):\n    return np.maximum(x @ W + b, ZERO)")


@honest()
def assertions(work):
    """Assertions of the student's own stand in the functions and below them; one fails."""
    work.write(
        "tensors.dense",
        demo.begin_with("tensors.dense", "assert x.ndim == 2, 'a batch'\nassert len(b)")
        + "\n\n\nassert dense(np.eye(2), np.eye(2), np.zeros(2)).shape == (2, 2)"
        + "\nassert dense(np.eye(2), np.eye(2), np.zeros(2)).sum() == 7, 'my test is wrong'",
    )


@honest()
def marks_of_the_template(work):
    """The lines of the template still stand around the answer, and below the return."""
    for exercise in work.exercises:
        lines = demo.exercise_source(exercise), "# YOUR CODE HERE", "raise NotImplementedError()"
        work.write(exercise, "\n    ".join(lines))


@honest()
def long_lines(work):
    """A line is 20,000 characters long, and so is a comment."""
    table = ", ".join("0" for _ in range(7_000))
    work.write("tensors.dense", f"{demo.right('tensors.dense')} + max([{table}])  # {'x' * 20_000}")


@honest()
def tabs(work):
    """Lines are indented by tabs."""
    for exercise in work.exercises:
        work.write(exercise, demo.right(exercise).replace("    ", "\t"))


@honest()
def own_imports(work):
    """Modules have other names, everything is imported from NumPy, and more than needed."""
    work.add(
        "from numpy import *\nimport numpy\nimport numpy as N, math as m, os.path as p, sys\n"
        "from math import sin as sinus, cos as cosinus",
        before=work.cell("tensors.take_batch"),
    )
    work.write(
        "tensors.rotation",
        "def rotation(angle):\n"
        "    return N.array([[cosinus(angle), -sinus(angle)], [sinus(angle), cosinus(angle)]])",
    )
    work.write("tensors.dense", "def dense(x, W, b):\n    return maximum(x @ W + b, 0)")
    source = demo.right("tensors.broadcast_shapes")  # NumPy's max hides Python's
    work.write("tensors.broadcast_shapes", source.replace("max(", "N.maximum("))


@honest()
def names_of_others(work):
    """Own helpers and variables have names that the grader or Python might use."""
    work.add(
        "def collect(numbers):\n    return np.array(numbers)\n\n\n"
        "autograder = exercises = seed = case = probe = target = display = None\n"
        "list, dict, input, id, type = [], {}, 'text', 0, int\n"
        "__name__ = 'homework'",
        before=work.cell("tensors.take_batch"),
    )
    work.write(
        "tensors.rotation",
        "def rotation(angle):\n    cos, sin = np.cos(angle), np.sin(angle)\n"
        "    return collect([[cos, -sin], [sin, cos]])",
    )


@honest()
def other_results_of_the_same_kind(work):
    """Errors are of a class of the student's own, and pairs are lists or named tuples."""
    work.add(
        "from collections import namedtuple\n\nAffine = namedtuple('Affine', 'A b')\n\n\n"
        "class DoesNotFit(ValueError):\n    def __str__(self):\n        return ''",
        before=work.cell("tensors.take_batch"),
    )
    for exercise in "tensors.broadcast_shapes", "tensors.matmul_loop":
        work.write(exercise, demo.right(exercise).replace("ValueError", "DoesNotFit"))
    source = demo.right("tensors.compose_affine")
    work.write(
        "tensors.compose_affine",
        source.replace("return A2 @ A1, ", "return Affine(A2 @ A1, ") + ")",
    )
