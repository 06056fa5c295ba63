"""The examples in the docstrings of the references, which students read, hold."""

import doctest
from importlib import import_module

import pytest

from tests.conftest import ROOT

EXAMPLES = [
    example
    for path in sorted((ROOT / "solutions").glob("[!_]*.py"))
    for example in doctest.DocTestFinder(exclude_empty=True).find(
        import_module(f"solutions.{path.stem}")
    )
    if example.examples
]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_the_examples_of_a_docstring_hold(example):
    assert doctest.DocTestRunner().run(example).failed == 0
