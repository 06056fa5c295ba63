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


@hostile()
def watches_every_call(work: Work) -> None:
    """Claims and edits as the grader's functions begin, by whatever this Python offers for it."""
    begin_all_right(
        work,
        """
        import sys
        import threading

        def begun(code, *anything):
            if code.co_filename.endswith(("collect.py", "evidence.py", "kernel.py")):
                watch(False)
                all_right()
                sys._getframe(2).f_locals["seed"] = 0
                watch(True)

        def profile(frame, event, value):
            if event == "call":
                begun(frame.f_code)

        def watch(yes):
            if hasattr(sys, "monitoring"):
                events = sys.monitoring.events.PY_START
                sys.monitoring.set_events(3, events if yes else 0)
            else:
                sys.setprofile(profile if yes else None)

        if hasattr(sys, "monitoring"):
            sys.monitoring.use_tool_id(3, "watch")
            sys.monitoring.register_callback(3, sys.monitoring.events.PY_START, begun)
        threading.setprofile(profile)
        watch(True)
        """,
    )


@hostile()
def acts_when_garbage_is_collected(work: Work) -> None:
    """Claims, and replaces what collects the evidence, each time that Python looks for garbage."""
    begin_all_right(
        work,
        """
        import gc
        import sys

        def act(phase, found):
            if phase == "stop":
                return
            collect, evidence = (sys.modules[f"autograder.{n}"] for n in ("collect", "evidence"))
            evidence.observe = lambda result: evidence.Text("right")
            evidence._differs = lambda before, after: False
            collect._send = all_right

        gc.callbacks.append(act)
        gc.unfreeze()
        gc.set_threshold(1, 1, 1)
        """,
    )


@hostile()
def reloads_the_collector(work: Work) -> None:
    """Has the collector reloaded before each cell, from a file that it writes."""
    source = (
        ALL_RIGHT
        + """
import os
import autograder
import autograder.collect

os.mkdir("/tmp/fake")
with open("/tmp/fake/collect.py", "w") as file:
    file.write("from __main__ import all_right\\ncollect = _send = all_right\\n")
times = iter(range(2**31, 2**32))


def touch(*anything):
    now = next(times)
    os.utime("/tmp/fake/collect.py", (now, now))


autograder.__path__ = ["/tmp/fake"]
autograder.collect.__file__ = "/tmp/fake/collect.py"
get_ipython().run_line_magic("load_ext", "autoreload")
get_ipython().run_line_magic("autoreload", "3")
get_ipython().events.register("post_run_cell", touch)
"""
    )
    begin(work, source)


@hostile()
def brings_extensions(work: Work) -> None:
    """Loads an extension, a backend of matplotlib and magics of its own, which act in each cell."""
    source = (
        ALL_RIGHT
        + """
import os
import sys
import matplotlib

text = "from __main__ import all_right\\nfrom matplotlib.backends.backend_agg import *\\n"
text += "def load_ipython_extension(shell):\\n"
for event in "pre_execute", "pre_run_cell", "post_execute", "post_run_cell":
    text += f"    shell.events.register({event!r}, all_right)\\n"
with open("/tmp/strange.py", "w") as file:
    file.write(text)
sys.path.insert(0, "/tmp")
os.environ["MPLBACKEND"] = "module://strange"
matplotlib.use("module://strange")
shell = get_ipython()
shell.run_line_magic("load_ext", "strange")
shell.register_magic_function(all_right, "cell", "collect")
shell.set_hook("show_in_pager", all_right)
shell.set_custom_exc((Exception,), all_right)
"""
    )
    begin(work, source)


# Whoever finds something here has met another student, or what one left.
LETTER = """
import json
import os
import socket
import sys
from multiprocessing import shared_memory
from pathlib import Path

shell = get_ipython()
version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
folders = ["/tmp", "/dev/shm", "/var/tmp", "/run", HOME, str(Path.home()), sys.prefix, COURSE,
           shell.ipython_dir, shell.ipython_dir + "/profile_default/startup",
           "/tmp/.ipython/profile_default/startup", "/tmp/.config/matplotlib",
           f"/tmp/.local/lib/{version}/site-packages", *filter(None, sys.path)]
places = [Path(folder, name) for folder in folders
          for name in (MARK, "usercustomize.py", "matplotlibrc", MARK + ".pth")]
for place in places:
    try:
        if MARK in place.read_text():
            print(REACHED, place)
    except OSError:
        continue
for name in os.listdir("/dev/shm") + os.listdir("/tmp"):
    if MARK in name:
        print(REACHED, name)
line = socket.socket(socket.AF_UNIX)
try:
    line.connect("\\0" + MARK)
    print(REACHED)
except OSError as error:
    print(error)
if MARK in str([*os.environ.items(), *sys.modules, *vars(__builtins__), *shell.user_ns["In"][:-1]]):
    print(REACHED)
for place in places:
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(f"# {MARK}")
        print("left", place)
    except OSError as error:
        print(place, error)
memory = shared_memory.SharedMemory("memory-" + MARK, create=True, size=100)
memory.buf[:4] = b"mine"
os.mkfifo("/tmp/fifo-" + MARK)
os.environ[MARK] = MARK
sys.modules[MARK] = os
setattr(__builtins__, MARK, MARK)
if os.fork() == 0:
    os.setsid()
    listener = socket.socket(socket.AF_UNIX)
    listener.bind("\\0" + MARK)
    listener.listen()
    listener.accept()
    os._exit(0)
"""


@hostile()
def leaves_a_letter(work: Work) -> None:
    """Leaves files, memory, names, sockets and processes for the kernels of those that follow."""
    begin(work, LETTER)


@hostile()
def looks_for_a_letter(work: Work) -> None:
    """Looks for what somebody before has left, and leaves the same."""
    begin(work, LETTER)
