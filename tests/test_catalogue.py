"""The probes discriminate: misconceptions lose points and are named, alternatives get all."""

from itertools import permutations

import pytest

from autograder import exercises
from autograder.answers import reference
from autograder.build import read_chapters, source_notebook
from autograder.cells import solved_exercise
from autograder.course import Course
from autograder.judge import judge, judge_cases
from autograder.misconceptions import misconceptions
from tests.alternatives import alternatives
from tests.conftest import ROOT

SEEDS = range(100, 103)

EXERCISES = [
    exercise
    for chapter in read_chapters(Course(ROOT))
    for cell in source_notebook(ROOT / "chapters" / f"{chapter.name}.py").cells
    if (exercise := solved_exercise(cell))
]
MISCONCEPTIONS = [m for name in EXERCISES for m in misconceptions(name)]
ALTERNATIVES = [a for name in EXERCISES for a in alternatives(name)]


def verdict(name, function, seed):
    return judge(name, exercises.find(name).run(function, seed), seed)


@pytest.mark.parametrize("name", EXERCISES)
def test_the_reference_passes_and_the_untouched_exercise_scores_nothing(name):
    stub: dict = {}
    own_name = name.partition(".")[2]
    exec(f"def {own_name}(*args, **kwargs): raise NotImplementedError()", stub)
    for seed in SEEDS:
        assert verdict(name, reference(name), seed).score == 1
        untouched = verdict(name, stub[own_name], seed)
        assert untouched.score == 0
        assert untouched.unwritten


@pytest.mark.parametrize("name", EXERCISES)
def test_the_evidence_of_another_student_earns_nothing(name):
    for theirs, own in permutations(SEEDS, 2):
        evidence = exercises.find(name).run(reference(name), theirs)
        assert judge_cases(name, evidence, own).score == 0


@pytest.mark.parametrize("name", EXERCISES)
def test_enough_misconceptions_alternatives_and_hints(name):
    assert len(misconceptions(name)) >= 5
    assert len(alternatives(name)) >= 2
    assert len(exercises.find(name).hints) == 3
    assert all(exercises.find(name).hints)


@pytest.mark.parametrize("wrong", MISCONCEPTIONS, ids=lambda m: f"{m.exercise}: {m.thought}")
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_misconception_loses_points_and_is_named(wrong):
    for seed in SEEDS:
        found = verdict(wrong.exercise, wrong.function, seed)
        assert found.score < 1
        assert found.diagnosis == wrong


@pytest.mark.parametrize("right", ALTERNATIVES, ids=lambda a: f"{a.exercise}: {a.idea}")
def test_a_correct_alternative_gets_full_marks(right):
    for seed in SEEDS:
        found = verdict(right.exercise, right.function, seed)
        assert found.score == 1, found.first_problem


def test_every_object_has_a_name_of_its_own():
    names = [name.partition(".")[2] for name in EXERCISES]
    assert len(set(names)) == len(names)


def test_every_misconception_has_a_source_of_its_own():
    sources = [wrong.source for wrong in MISCONCEPTIONS]
    assert len(set(sources)) == len(sources)
