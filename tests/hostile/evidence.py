"""Ideas that lie about what the functions did: forged, replayed and shape-shifting evidence."""

from autograder import exercises
from autograder.answers import reference
from autograder.course import Course
from autograder.evidence import to_json
from autograder.seeds import course_secret, seed_for
from tests.corpus import Work
from tests.hostile import CHAPTER, HONEST, answer, begin, course_root, hostile


@hostile()
def claims_full_marks(work: Work) -> None:
    """Sends evidence that holds a score instead of arrays, before the check and during it."""
    claim = """
        from IPython.display import display

        def claim(*inputs):
            for case in ("worked by hand", "one output", "far below zero"):
                outcome = {"kind": "array", "passed": True, "score": 1.0, "points": 1000}
                evidence = {"case": case, "changed": [], "outcome": outcome, "score": 1.0}
                display({"application/vnd.tensors-to-memory.case+json": evidence}, raw=True)

        claim()
        dense = claim
    """
    answer(work, "tensors.dense", claim)


@hostile()
def replays_another_students_evidence(work: Work) -> None:
    """Sends for every exercise the evidence of a student who has everything right."""
    secret = course_secret(Course(course_root(work)).coursedir)
    evidence = {}
    for name in work.exercises:
        seed = seed_for(secret, HONEST, CHAPTER, name)
        cases = exercises.find(name).run(reference(name), seed)
        evidence[name] = [to_json(case) for case in cases]
    begin(
        work,
        f"""
        import autograder.collect
        from IPython.display import display

        evidence = {evidence!r}

        def replay(exercise, seed):
            for case in evidence[exercise]:
                display({{"application/vnd.tensors-to-memory.case+json": case}}, raw=True)

        autograder.collect.collect = replay
        """,
    )


@hostile()
def guesses_often(work: Work) -> None:
    """Sends a thousand guesses for each case, and hopes that the right one counts."""
    guess = """
        import itertools
        from IPython.display import display

        def sizes(numbers):
            parts = [
                {"kind": "array", "of": "int", "dtype": "int64", "shape": [],
                 "data": __import__("base64").b64encode(n.to_bytes(8, "little")).decode()}
                for n in numbers
            ]
            return {"kind": "sequence", "of": "tuple", "items": parts}

        names = ["a row meets a table", "both have an axis of size 1",
                 "the longer shape comes second", "a single number"]

        def broadcast_shapes(a, b):
            while names:
                name = names.pop()
                for numbers in itertools.product(range(1, 7), repeat=2 + name.startswith("b")):
                    case = {"case": name, "changed": [], "outcome": sizes(numbers)}
                    display({"application/vnd.tensors-to-memory.case+json": case}, raw=True)
            return None
    """
    answer(work, "tensors.broadcast_shapes", guess)


@hostile()
def equals_everything(work: Work) -> None:
    """Returns an object that says that it equals whatever it is compared with."""
    source = """
        class Equal:
            __hash__ = None
            shape, dtype, ndim, size = (1, 3), "float64", 2, 3

            def __eq__(self, other):
                return True

            def __ne__(self, other):
                return False

            def __getattr__(self, name):
                return self

            def __call__(self, *inputs, **words):
                return self

        def dense(x, W, b):
            return Equal()
    """
    answer(work, "tensors.dense", source)


@hostile()
def brings_its_own_arrays(work: Work) -> None:
    """Returns arrays of a class that answers every comparison and every operation with yes."""
    source = """
        import numpy as np

        class Yes(np.ndarray):
            def __eq__(self, other):
                return np.ones(self.shape, bool)

            def __array_ufunc__(self, ufunc, method, *inputs, **words):
                return np.True_

            def __array_function__(self, function, types, inputs, words):
                return True

            def __array_finalize__(self, other):
                pass

        def dense(x, W, b):
            return np.full((len(x), W.shape[1]), 7.0).view(Yes)

        def rotation(angle):
            return np.full((2, 2), 7.0).view(Yes)
    """
    answer(work, "tensors.dense", source)
    answer(work, "tensors.rotation", source)


@hostile()
def changes_its_mind(work: Work) -> None:
    """Returns objects whose array is another each time that somebody looks."""
    source = """
        import numpy as np

        class Fickle:
            looks = 0

            def __array__(self, dtype=None, copy=None):
                Fickle.looks += 1
                return np.full((2, 2), np.nan if Fickle.looks % 2 else 1e300)

        def rotation(angle):
            return Fickle()
    """
    answer(work, "tensors.rotation", source)


@hostile()
def raises_every_error_at_once(work: Work) -> None:
    """Raises for whatever input one error that is of every class that could be expected."""
    source = """
        class Any(ValueError, IndexError, TypeError, ArithmeticError):
            pass

        def refuse(*inputs):
            raise Any("no")

        broadcast_shapes = add_loop = matmul_loop = take_batch = refuse
    """
    for exercise in "take_batch", "broadcast_shapes", "add_loop", "matmul_loop":
        answer(work, f"tensors.{exercise}", source)


@hostile()
def speaks_as_the_probe(work: Work) -> None:
    """Raises an error of the name that probes use for their own sentences."""
    source = """
        class Finding(Exception):
            pass

        def dense(x, W, b):
            raise Finding("All cases pass. Full marks.")
    """
    answer(work, "tensors.dense", source)


@hostile()
def scores_nan(work: Work) -> None:
    """Makes the check cell end in scores that are not numbers, infinite or negative."""
    source = """
        from IPython import get_ipython

        def dense(x, W, b):
            for score in float("nan"), float("inf"), -5.0, 1e300:
                get_ipython().displayhook(score)
            return float("nan")
    """
    answer(work, "tensors.dense", source)


@hostile()
def returns_nan(work: Work) -> None:
    """Returns arrays of the right shape that hold NaN, which is neither more nor less."""
    source = """
        import numpy as np

        def dense(x, W, b):
            return np.full((len(x), W.shape[1]), np.nan)

        def relu_loop(x):
            return np.full(x.shape, np.inf)
    """
    answer(work, "tensors.dense", source)
    answer(work, "tensors.relu_loop", source.replace("np.inf", "-np.inf"))


@hostile()
def sends_too_much_evidence(work: Work) -> None:
    """Sends evidence without end, each piece of a size that is allowed."""
    source = """
        from IPython.display import display

        def dense(x, W, b):
            case = {"case": "x", "changed": [], "outcome": {"kind": "text", "value": "y" * 2000}}
            for _ in range(20_000):
                display({"application/vnd.tensors-to-memory.case+json": case}, raw=True)
    """
    answer(work, "tensors.dense", source)


@hostile()
def nests_its_evidence(work: Work) -> None:
    """Returns lists that hold themselves, and sends evidence nested a thousand times."""
    source = """
        from IPython.display import display

        def dense(x, W, b):
            outcome = {"kind": "text", "value": ""}
            for _ in range(900):
                outcome = {"kind": "sequence", "of": "list", "items": [outcome]}
            case = {"case": "one output", "changed": [], "outcome": outcome}
            display({"application/vnd.tensors-to-memory.case+json": case}, raw=True)
            endless = []
            endless.append(endless)
            return endless
    """
    answer(work, "tensors.dense", source)


@hostile()
def renames_the_cases(work: Work) -> None:
    """Finds the probe among its callers, and calls every case by the name of an easy one."""
    source = """
        import sys

        def rotation(angle):
            frame = sys._getframe()
            while frame:
                if "name" in frame.f_locals and "self" in frame.f_locals:
                    frame.f_locals["self"].target = lambda angle: np.eye(2)
                    frame.f_locals["name"] = "no turn"
                    frame.f_locals["self"].running = "no turn"
                if "rng" in frame.f_locals:
                    frame.f_locals["rng"].bit_generator.state = {}
                frame = frame.f_back
    """
    answer(work, "tensors.rotation", source)


@hostile()
def ends_the_probe(work: Work) -> None:
    """Ends the probe by errors that nobody catches, so that no case is left to fail."""
    source = """
        def dense(x, W, b):
            raise SystemExit(0)

        def rotation(angle):
            raise GeneratorExit
    """
    answer(work, "tensors.dense", source)
    answer(work, "tensors.rotation", source)
