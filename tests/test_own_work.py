"""The learner's own work comes into a later chapter where it is right, the course's elsewhere."""

import inspect
import re

import nbformat
import pytest
import tensorflow as tf

from autograder.build import source_notebook
from autograder.cells import solved_exercise
from lab.own_work import CHAPTERS, NEEDED, own_operations
from solutions import backprop, dnc, mem_ops
from tests.conftest import ROOT

SOLVED = source_notebook(ROOT / "chapters" / f"{CHAPTERS['mem_ops']}.py")
UNWRITTEN = "def {}(*inputs):\n    raise NotImplementedError()"


@pytest.fixture
def written(tmp_path):
    """Write chapter 6's notebook with other sources for some operations, and return its path."""

    def write(base="solved", **sources):
        notebook = nbformat.from_dict(SOLVED)
        for cell in notebook.cells:
            exercise = solved_exercise(cell)
            if exercise:
                name = exercise.partition(".")[2]
                default = cell.source if base == "solved" else UNWRITTEN.format(name)
                cell.source = sources.get(name, default)
        path = tmp_path / "chapter.ipynb"
        nbformat.write(notebook, path)
        return path

    return write


@pytest.fixture
def few(monkeypatch):
    """Three operations are enough where it does not matter which they are."""
    names = ("retention", "write_memory", "read_memory")
    monkeypatch.setitem(NEEDED, "mem_ops", names)
    return names


def is_own(operations, name):
    return getattr(operations, name) is not getattr(mem_ops, name)


def test_what_the_network_calls_is_looked_for():
    assert set(re.findall(r"mem_ops\.(\w+)", inspect.getsource(dnc))) <= {*NEEDED["mem_ops"]}


def test_right_operations_are_the_learners_own(written, capsys):
    operations = own_operations("mem_ops", written())
    assert all(is_own(operations, name) for name in NEEDED["mem_ops"])
    assert not is_own(operations, "allocation_loop"), "nobody needs it"
    assert capsys.readouterr().out == f"From your chapter 6: {', '.join(NEEDED['mem_ops'])}.\n"


def test_without_the_notebook_all_are_the_courses(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    operations = own_operations("mem_ops")
    assert vars(operations) == dict(inspect.getmembers(mem_ops, inspect.isfunction))
    assert "was not found" in capsys.readouterr().out


@pytest.mark.parametrize("text", ["", "{", "{}", '{"cells": 3, "nbformat": 4}', "\0"])
def test_a_damaged_notebook_is_said_to_be_one(text, tmp_path, capsys):
    path = tmp_path / "chapter.ipynb"
    path.write_text(text)
    assert not is_own(own_operations("mem_ops", path), "update_link")
    said = capsys.readouterr().out
    assert "could not be read" in said or "not right" in said


def test_an_untouched_notebook_gives_the_courses(written, few, capsys):
    operations = own_operations("mem_ops", written("unwritten"))
    assert not any(is_own(operations, name) for name in few)
    assert "not right" in capsys.readouterr().out


@pytest.mark.parametrize(
    "source",
    [
        "def retention(gates, weights):\n    return gates",
        "def retention(gates, weights):\n    return undefined",
        "def retention(gates, weights)\n    return gates",
        "raise SystemExit",
        "def retention(gates, weights):\n    raise SystemExit",
        "retention = 3",
        "%matplotlib inline",
        "",
    ],
)
def test_one_that_is_wrong_is_replaced_and_named(source, written, few, capsys):
    operations = own_operations("mem_ops", written(retention=source))
    assert [is_own(operations, name) for name in few] == [False, True, True]
    said = capsys.readouterr()
    assert "From your chapter 6: write_memory, read_memory." in said.out
    assert "not right yet: retention." in said.out
    assert said.err == ""


def test_what_comes_after_the_definition_does_no_harm(written, few, capsys):
    source = inspect.getsource(mem_ops.retention) + "\nprint('hello')\ncheck(retention)"
    assert is_own(own_operations("mem_ops", written(retention=source)), "retention")
    assert "hello" not in capsys.readouterr().out


def test_operations_find_each_other_and_have_their_source(written, monkeypatch):
    monkeypatch.setitem(NEEDED, "mem_ops", ("content_weighting",))
    own = inspect.getsource(mem_ops.cosine_similarity).replace("cosine_similarity", "likeness")
    own += "\n\ndef cosine_similarity(memory, keys):\n    return likeness(memory, keys)\n"
    operations = own_operations("mem_ops", written(cosine_similarity=own))
    assert is_own(operations, "content_weighting")
    found = operations.content_weighting.__globals__["cosine_similarity"]
    assert "likeness" in inspect.getsource(found)
    weights = tf.function(operations.content_weighting)(tf.eye(3), tf.eye(3)[:1], tf.ones([1]))
    assert tf.argmax(weights[0]) == 0


def test_the_engine_of_chapter_3_comes_into_chapter_4(tmp_path, capsys):
    path = tmp_path / "chapter.ipynb"
    nbformat.write(source_notebook(ROOT / "chapters" / f"{CHAPTERS['backprop']}.py"), path)
    engine = own_operations("backprop", path)
    assert engine.train_digits is not backprop.train_digits
    assert engine.Node is backprop.Node, "nobody calls it by itself"
    assert capsys.readouterr().out == "From your chapter 3: train_digits.\n"
