"""Ideas that let a library do what the exercise is to write."""

from textwrap import dedent

from tests.corpus import Work
from tests.hostile import hostile


@hostile()
def lets_numpy_do_it(work: Work) -> None:
    """Calls NumPy's product and NumPy's rule of broadcasting, through a helper and an alias."""
    helper = """
    from numpy import broadcast_shapes as rule

    multiply = getattr(np, "matmul")


    def product(x, y):
        if not {x.ndim, y.ndim} <= {1, 2}:
            raise ValueError("only vectors and matrices")
        return multiply(x.astype(float), y)
    """
    work.add(dedent(helper), before=work.cell(work.exercises[0]))
    work.write("tensors.matmul_loop", "def matmul_loop(x, y):\n    return product(x, y)")
    work.write("tensors.broadcast_shapes", "def broadcast_shapes(a, b):\n    return rule(a, b)")
