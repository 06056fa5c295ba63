"""The probes notice small changes: a mutant of the reference loses points, or is explained.

Exercises in NumPy are tried with all of their mutants; those in TensorFlow, which are slower, with
the explained ones and every twelfth of the others. ``python -m tests.mutants`` tries all.
"""

from importlib import import_module

import pytest
from cosmic_ray.mutating import mutate_code

from tests import mutants
from tests.mutants import Mutant, survives
from tests.mutants.operators import OWN
from tests.test_catalogue import EXERCISES

SEED = 20
EXAMPLES = [(operator, example) for operator in OWN for example in operator.examples()]


def chosen(exercise):
    made = mutants.mutants(exercise)
    uses_tensorflow = hasattr(import_module(f"solutions.{exercise.partition('.')[0]}"), "tf")
    step = 12 if uses_tensorflow else 1
    return [m for number, m in enumerate(made) if number % step == 0 or mutants.is_explained(m)]


@pytest.mark.parametrize("exercise", EXERCISES)
def test_a_mutant_loses_points_or_is_explained(exercise):
    assert survives(Mutant(exercise, "none", mutants.source(exercise)), SEED)
    survivors = [mutant for mutant in chosen(exercise) if survives(mutant, SEED)]
    assert [m.change for m in survivors if not mutants.is_explained(m)] == []
    assert mutants.outdated(exercise, survivors) == []


def test_explanations_are_of_exercises_and_say_why():
    for entry in mutants.all_explanations():
        assert entry.exercise in EXERCISES
        assert entry.why.endswith(".")


def test_an_endless_loop_is_ended(monkeypatch):
    monkeypatch.setattr(mutants, "SECONDS", 0.1)
    endless = "def dense(x, W, b):\n    while True:\n        pass\n"
    assert not survives(Mutant("tensors.dense", "none", endless), SEED)


def test_a_change_is_shown_with_single_spaces():
    source = mutants.source("tensors.dense")
    changed = Mutant("tensors.dense", "none", source.replace("x @ W", "W  @  x"))
    assert changed.change == ("return np.maximum(x @ W + b, 0)", "return np.maximum(W @ x + b, 0)")


@pytest.mark.parametrize(
    "operator, example", EXAMPLES, ids=lambda value: getattr(value, "__name__", "")
)
def test_an_operator_changes_what_its_example_shows(operator, example):
    changed = mutate_code(example.pre_mutation_code, operator(), example.occurrence)
    assert changed == example.post_mutation_code
