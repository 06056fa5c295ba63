"""Ready-made functions: found where an exercise asks to write them oneself, and nowhere else."""

import inspect
from time import perf_counter
from types import SimpleNamespace

import numpy as np
import pytest

from autograder import check, demo, exercises
from autograder.answers import reference
from autograder.judge import judge
from autograder.ready_made import Unreadable, ready_made
from autograder.report import Report, summary_line
from tests.test_catalogue import ALTERNATIVES, EXERCISES, MISCONCEPTIONS

RULED = [name for name in EXERCISES if exercises.find(name).ready_made]
IMPORTS = "import numpy as np\nimport tensorflow as tf\n"
OWN = """
def softmax(x, axis=-1):
    exps = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return exps / exps.sum(axis=axis, keepdims=True)
"""

USED = {
    "a call": ["def softmax(x): return tf.nn.softmax(x)"],
    "another of its names": ["def softmax(x): return tf.exp(tf.nn.log_softmax(x))"],
    "a raw operation": ["def softmax(x): return tf.raw_ops.Softmax(logits=x)"],
    "a layer": ["layer = tf.keras.layers.Softmax()", "def softmax(x): return layer(x)"],
    "a layer by name": ["def softmax(x): return tf.keras.layers.Activation('softmax')(x)"],
    "an alias": ["sm = tf.nn.softmax", "def softmax(x): return sm(x)"],
    "an alias of the module": ["nn = tf.nn", "def softmax(x): return nn.softmax(x)"],
    "the function itself": ["softmax = tf.nn.softmax"],
    "an import": ["from tensorflow.nn import softmax"],
    "an import by another name": [
        "from scipy.special import softmax as sm",
        "def softmax(x): return sm(x)",
    ],
    "an import inside": ["def softmax(x):\n from scipy.special import softmax as s\n return s(x)"],
    "an import of everything": [
        "from scipy.special import *",
        "def softmax(x): return logsumexp(x)",
    ],
    "import_module": [
        "from importlib import import_module",
        "def softmax(x): return import_module('scipy.special').softmax(x)",
    ],
    "getattr": ["def softmax(x): return getattr(tf.nn, 'softmax', None)(x)"],
    "attrgetter": [
        "import operator",
        "def softmax(x): return operator.attrgetter('nn.softmax')(tf)(x)",
    ],
    "a global name": [
        "def begin():\n    global sm\n    sm = tf.nn.softmax",
        "begin()",
        "def softmax(x): return sm(x)",
    ],
    "prompts and magic": [
        ">>> %%time\n>>> %%capture\n>>> def help(x):\n...     return tf.nn.softmax(x)",
        "%time sm = help",
        "def softmax(x): return sm(x)",
    ],
    "a helper": ["def help(x): return tf.nn.softmax(x)", "def softmax(x): return help(x)"],
    "a helper's helper": [
        "def deep(x): return tf.nn.softmax(x)",
        "help = lambda x: deep(x)",
        "def softmax(x): return help(x)",
    ],
    "a helper written below": ["def softmax(x): return help(x)", "help = tf.nn.softmax"],
    "a helper in a branch": [
        "if True:\n    help = tf.nn.softmax\nelse:\n    help = np.exp",
        "def softmax(x): return help(x)",
    ],
    "a branch that only seems to replace it": [
        "help = tf.nn.softmax\nif False:\n    help = np.exp",
        "def softmax(x): return help(x)",
    ],
    "a dict of helpers": [
        "helpers = {}",
        "helpers['s'] = tf.nn.softmax",
        "def softmax(x): return helpers['s'](x)",
    ],
    "a method of an own class": [
        "class Help:\n    def run(self, x): return tf.nn.softmax(x)",
        "help = Help()",
        "def softmax(x): return help.run(x)",
    ],
    "kept before the own one is written": ["theirs = tf.nn.softmax", OWN, "softmax = theirs"],
    "kept under its own name": [
        "from tensorflow.nn import softmax",
        "theirs = softmax",
        "def softmax(x): return theirs(x)",
    ],
    "a default": ["def softmax(x, how=tf.nn.softmax): return how(x)"],
    "a decorator": ["@tf.nn.softmax\ndef softmax(x): return x"],
    "an own class with such a method": [
        "class Mask:\n    def softmax(self): pass",
        "def softmax(x): return tf.nn.softmax(x)",
    ],
    "a timed cell": ["%%time\ndef softmax(x): return tf.nn.softmax(x)"],
    "magic in the cell": ["%matplotlib inline\ndef softmax(x): return tf.nn.softmax(x)"],
}

NOT_USED = {
    "nothing": [OWN],
    "an experiment before": ["softmax = tf.nn.softmax\nprint(softmax([1.0, 2.0]))", OWN],
    "an experiment after": [OWN, "print(softmax([1.0]), tf.nn.softmax([1.0]))"],
    "an experiment in its own cell": [OWN + "\nprint(tf.nn.softmax([1.0]))"],
    "an experiment with its names": ["x = exps = tf.nn.softmax([1.0])", OWN],
    "an experiment with names of loops": ["for axis in [tf.nn.softmax]: pass", OWN],
    "an import that the own one replaces": ["from tensorflow.nn import softmax", OWN],
    "a comment and a docstring": [
        'def softmax(x):\n    """Like tf.nn.softmax."""\n    return x  # not tf.nn.softmax(x)'
    ],
    "a helper of that name": [
        "def my_softmax(x): return x",
        "def softmax(x): return my_softmax(x)",
    ],
    "itself": ["def softmax(x): return x if x.ndim == 1 else np.stack([softmax(r) for r in x])"],
    "a variable": ["def softmax(x):\n    log_softmax = x - 1\n    return np.exp(log_softmax)"],
    "an argument": ["def softmax(x, softmax_axis=-1): return np.exp(x + softmax_axis)"],
    "a keyword": ["def softmax(x): return tf.exp(x, name='softmax')"],
    "a text": ["def softmax(x):\n    print('softmax', f'softmax of {x}')\n    return x"],
    "a method of an own class": [
        "class Help:\n    def softmax(self, x): return np.exp(x)",
        "help = Help()",
        "def softmax(x): return help.softmax(x)",
    ],
    "an attribute of its own": [
        "class Help:\n    def run(self, x):\n        self.softmax = x\n        return self.softmax",
        "def softmax(x): return Help().run(x)",
    ],
    "not Python": ["def softmax(x) return tf.nn.softmax(x)"],
    "a null byte": ["\0"],
}


@pytest.mark.parametrize("cells", USED.values(), ids=USED)
def test_what_an_answer_uses_is_found(cells):
    assert ready_made("attention.softmax", [IMPORTS, *cells])


@pytest.mark.parametrize("cells", NOT_USED.values(), ids=NOT_USED)
def test_what_an_answer_does_not_use_costs_nothing(cells):
    assert not ready_made("attention.softmax", [IMPORTS, *cells])


@pytest.mark.parametrize(
    ("exercise", "source", "used"),
    [
        ("tensors.matmul_loop", "def matmul_loop(x, y): return x @ y", "@"),
        ("tensors.matmul_loop", "def matmul_loop(x, y):\n    x @= y\n    return x", "@"),
        ("tensors.matmul_loop", "def matmul_loop(x, y): return x.dot(y)", "x.dot"),
        (
            "tensors.broadcast_shapes",
            "from numpy import broadcast_shapes",
            "numpy.broadcast_shapes",
        ),
        (
            "backprop.topological_order",
            "import graphlib\ndef topological_order(n): return graphlib.TopologicalSorter(n)",
            "graphlib.TopologicalSorter",
        ),
        (
            "mem_ops.cosine_similarity",
            "def cosine_similarity(m, k): return -tf.keras.losses.cosine_similarity(m, k)",
            "tf.keras.losses.cosine_similarity",
        ),
        ("descent.cross_entropy", "def cross_entropy(x, y): return x @ y", ""),
    ],
)
def test_it_is_named_as_the_student_wrote_it(exercise, source, used):
    assert ready_made(exercise, [IMPORTS, source]) == used


def test_an_exercise_without_a_rule_may_use_everything():
    answer = "def soft_lookup(q, k, v): return tf.nn.softmax(k @ q)"
    assert not ready_made("attention.soft_lookup", [IMPORTS, answer])


def test_no_right_answer_and_no_misconception_uses_what_is_ready_made():
    answers = [(name, demo.right(name)) for name in RULED]
    catalogue = [a for a in (*ALTERNATIVES, *MISCONCEPTIONS) if a.exercise in RULED]
    answers += [(a.exercise, a.source) for a in catalogue]
    found = [(name, source, ready_made(name, [IMPORTS, source])) for name, source in answers]
    assert len(found) > 100
    assert not [entry for entry in found if entry[2]]


@pytest.mark.parametrize("name", RULED)
def test_a_rule_is_said_in_the_specification_and_in_the_report(name):
    assert " ".join(inspect.getdoc(reference(name)).split()).count("not accepted.") == 1
    seed = 7
    cases = exercises.find(name).run(reference(name), seed)
    verdict = judge(name, cases, seed, ready_made="tf.ready.made")
    assert verdict.score == 0
    report = repr(Report(verdict))
    assert "Your code uses `tf.ready.made`. " in report
    assert "not accepted." in report
    assert "``" not in report
    assert "tf.ready.made" in summary_line(verdict)


def test_only_where_there_is_a_rule_does_the_specification_say_so():
    said = [name for name in EXERCISES if "accepted." in inspect.getdoc(reference(name))]
    assert said == RULED


def test_check_says_it_at_once(monkeypatch):
    def softmax(x, axis=-1):
        exps = np.exp(x - np.max(x, axis=axis, keepdims=True))
        return exps / exps.sum(axis=axis, keepdims=True)

    shown = []
    monkeypatch.setattr("autograder.checking.display", shown.append)
    for cell in (OWN, "def softmax(x, axis=-1): return tf.nn.softmax(x, axis)"):
        history = SimpleNamespace(input_hist_raw=["", IMPORTS, cell, "check(softmax)"])
        shell = SimpleNamespace(history_manager=history)
        monkeypatch.setattr("autograder.checking.get_ipython", lambda shell=shell: shell)
        check(softmax)
    assert repr(shown[0]).startswith("softmax: all ")
    assert "Your code uses `tf.nn.softmax`. Write it with exp and sums" in repr(shown[1])


MANY = [f"a{i}" for i in range(2_000)]
LONG = {
    "aliases": "\n".join(f"a{i} = a{i - 1}" for i in range(1, 5_000)) + "\nsoftmax = a4999",
    "branches": "if 1:\n" + "    x = x\n" * 5_000 + "softmax = x",
    "targets": f"{' = '.join(MANY)} = 1\nsoftmax = {MANY}".replace("'", ""),
    "attributes": "softmax = x" + ".a" * 2_000,
    "brackets": "softmax = " + "(" * 190 + ")" * 190,
}


@pytest.mark.parametrize("source", LONG.values(), ids=LONG)
def test_long_chains_take_no_long_time(source):
    begin = perf_counter()
    assert not ready_made("attention.softmax", [source])
    assert perf_counter() - begin < 10


UNREADABLE = {
    "too long": "#" * 300_000,
    "too deep": f"x = {'-' * 20_000}1",
    "too little Python": "x = %pwd\n" * 400 + "x = 1\n" * 10_000,
}


@pytest.mark.parametrize("padding", UNREADABLE.values(), ids=UNREADABLE)
def test_what_cannot_be_read_is_left_to_a_person(padding):
    with pytest.raises(Unreadable):
        ready_made("attention.softmax", [OWN, f"{padding}\nsm = softmax"])


def test_a_large_cell_of_data_does_not_keep_an_answer_from_being_judged():
    data = f"picture = '{'x' * 400_000}'"
    right = demo.right("attention.softmax")
    assert ready_made("attention.softmax", [data, right]) == ""
    taken = "def softmax(x, axis=-1):\n    return sm(x)"
    hidden = f"{data}\nimport tensorflow as tf\nsm = tf.nn.softmax"
    with pytest.raises(Unreadable):
        ready_made("attention.softmax", [hidden, taken])
