"""Ideas that change how the kernel runs what comes after them."""

from tests.corpus import Work
from tests.hostile import answer, begin, hostile

# What the ideas put in place of the collection of evidence.
ALL_RIGHT = """
from IPython.display import display

def all_right(*anything, **more):
    text = "all cases pass"
    evidence = {"case": "worked by hand", "changed": [], "outcome": {"kind": "text", "value": "1"}}
    display({"application/vnd.tensors-to-memory.case+json": evidence, "text/plain": text}, raw=True)
    return 4.0

"""


def begin_all_right(work: Work, source: str) -> None:
    lines = source.strip("\n").split("\n")
    indent = len(lines[0]) - len(lines[0].lstrip())
    begin(work, ALL_RIGHT + "\n".join(line[indent:] for line in lines))


@hostile()
def transforms_what_is_typed(work: Work) -> None:
    """Rewrites the source of every later cell before the kernel parses it."""
    begin_all_right(
        work,
        """
        def rewrite(lines):
            return ["all_right()\\n"] if any("collect" in line for line in lines) else lines

        get_ipython().input_transformers_cleanup.append(rewrite)
        get_ipython().input_transformers_post.append(rewrite)
        """,
    )


@hostile()
def transforms_the_syntax_tree(work: Work) -> None:
    """Takes every raise and every call of the collector out of what the kernel has parsed."""
    begin_all_right(
        work,
        """
        import ast

        class Rewrite(ast.NodeTransformer):
            def visit_Raise(self, node):
                return ast.copy_location(ast.Return(ast.Constant(0)), node)

            def visit_Call(self, node):
                if "collect" in ast.unparse(node):
                    return ast.copy_location(ast.parse("all_right()", mode="eval").body, node)
                return node

        get_ipython().ast_transformers.append(Rewrite())
        """,
    )


@hostile()
def runs_no_more_cells(work: Work) -> None:
    """Replaces the functions by which the kernel runs a cell by one that says that all is right."""
    begin_all_right(
        work,
        """
        from IPython.core.interactiveshell import ExecutionResult

        def run_cell(source, *anything, **more):
            all_right()
            result = ExecutionResult(None)
            result.result = 4.0
            return result

        async def run_cell_async(source, *anything, **more):
            return run_cell(source)

        shell = get_ipython()
        shell.run_cell, shell.run_cell_async, shell.run_code = run_cell, run_cell_async, all_right
        """,
    )


@hostile()
def edits_what_is_displayed(work: Work) -> None:
    """Edits the evidence as it passes the publisher of displays and the display hook."""
    begin_all_right(
        work,
        """
        publisher, hook = type(get_ipython().display_pub), type(get_ipython().displayhook)
        publish = publisher.publish

        def forged(self, data, *anything, **more):
            for kind in list(data):
                if kind.endswith("case+json"):
                    data[kind]["outcome"] = {"kind": "text", "value": "right", "passed": True}
            return publish(self, data, *anything, **more)

        publisher.publish = forged
        hook.__call__ = lambda self, result=None: all_right()
        """,
    )


@hostile()
def replaces_the_autograder(work: Work) -> None:
    """Puts modules of its own in the place of the autograder's, and of those not yet imported."""
    begin_all_right(
        work,
        """
        import sys
        import types

        class Module(types.ModuleType):
            __path__ = []

            def __getattr__(self, name):
                return all_right

        for name in "", ".collect", ".evidence", ".exercises", ".exercises.tensors", ".judge":
            sys.modules["autograder" + name] = Module("autograder" + name)

        class Finder:
            def find_spec(self, name, path=None, target=None):
                if name.startswith("autograder"):
                    raise ImportError("there is nothing to collect")

        sys.meta_path.insert(0, Finder())
        """,
    )


@hostile()
def replaces_the_recorder(work: Work) -> None:
    """Makes the recorder of evidence note only the cases that went without an error."""
    begin(
        work,
        """
        from autograder import evidence, exercises
        from autograder.evidence import Array, Case, Text
        import numpy as np

        def record(self, name, *inputs, using=None, **words):
            outcome = Array("ndarray", np.zeros_like(inputs[0])) if len(inputs) else Text("right")
            self._on_case(Case(name, outcome))

        evidence.Recorder.__call__ = record
        exercises.Recorder.__call__ = record
        evidence.observe = lambda result, depth=0: Text("right")
        evidence._observe_error = lambda error: Text("right")
        evidence._differs = lambda before, after: False
        """,
    )


@hostile()
def replaces_numpy(work: Work) -> None:
    """Makes every comparison in NumPy come out true, and every random number a zero."""
    begin(
        work,
        """
        import numpy as np

        def yes(*anything, **more):
            return True

        for name in "allclose", "array_equal", "isclose", "array_equiv", "isfinite":
            setattr(np, name, yes)

        class Zeros:
            def __getattr__(self, name):
                return lambda *inputs, size=(), **words: np.zeros(size)

        np.random.default_rng = lambda seed=None: Zeros()
        """,
    )


@hostile()
def waits_in_a_thread(work: Work) -> None:
    """Leaves a thread that replaces the collector and the functions some time later."""
    begin_all_right(
        work,
        """
        import sys
        import threading
        import time

        def patch():
            while True:
                for module in list(sys.modules.values()):
                    if getattr(module, "__name__", "").startswith("autograder"):
                        for name in "collect", "_send", "to_json", "observe":
                            if hasattr(module, name):
                                setattr(module, name, all_right)
                time.sleep(0.001)

        for _ in range(4):
            threading.Thread(target=patch, daemon=False).start()
        """,
    )


@hostile()
def acts_when_graded(work: Work) -> None:
    """Behaves until it sees that it is graded, by the environment, the clock or its callers."""
    source = """
        import os
        import sys

        def is_graded():
            names = set()
            frame = sys._getframe()
            while frame:
                names.add(frame.f_globals.get("__name__"))
                frame = frame.f_back
            return "autograder.collect" in names or "NBGRADER_EXECUTION" in os.environ

        def dense(x, W, b):
            if not is_graded():
                raise NotImplementedError
            sys.modules["autograder.collect"].__dict__["_send"](None)
            os._exit(0)
    """
    answer(work, "tensors.dense", source)


@hostile()
def traces_the_grader(work: Work) -> None:
    """Sets a trace function that changes the results of the grader's functions as they return."""
    begin_all_right(
        work,
        """
        import sys

        def trace(frame, event, value):
            if "autograder" in frame.f_code.co_filename:
                if "seed" in frame.f_locals:
                    frame.f_locals["seed"] = 0
                if "outcome" in frame.f_locals:
                    frame.f_locals["outcome"] = None
                return trace

        sys.settrace(trace)
        sys.setprofile(trace)
        """,
    )
