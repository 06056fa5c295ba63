"""Intake: whatever a submission looks like, the instructor's notebook is what is graded."""

import copy

import nbformat
import pytest
from nbformat import v4

from autograder.intake import is_answered, rebuild, setup_cells
from tests.conftest import ROOT

CHAPTER = "05_attention"
ID, CHECK_ID = "attention-softmax", "check-attention-softmax"


@pytest.fixture(scope="module")
def released():
    return nbformat.read(ROOT / "course" / CHAPTER / f"{CHAPTER}.ipynb", as_version=4)


@pytest.fixture
def submitted(released):
    return copy.deepcopy(released)


def cell(notebook, grade_id):
    return next(
        c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == grade_id
    )


def graded(notebook):
    return [c for c in notebook.cells if "nbgrader" in c.metadata]


def test_an_untouched_submission_is_the_released_notebook(released, submitted):
    assert rebuild(released, submitted) == released


def test_a_released_notebook_that_somebody_answered_is_noticed(released):
    assert not is_answered(released)
    answered = copy.deepcopy(released)
    cell(answered, ID).source = "softmax = 1"
    assert is_answered(answered)


def test_the_students_answer_is_taken_and_the_released_notebook_stays(released, submitted):
    before = copy.deepcopy(released)
    cell(submitted, ID).source = "softmax = 1"
    assert cell(rebuild(released, submitted), ID).source == "softmax = 1"
    assert released == before


@pytest.mark.parametrize("tamper", ["source", "points", "tags", "remove", "double", "markdown"])
def test_a_tampered_check_cell_is_the_instructors_again(released, submitted, tamper):
    check = cell(submitted, CHECK_ID)
    match tamper:
        case "source":
            check.source = "100.0"
        case "points":
            check.metadata.nbgrader.points = 1000
        case "tags":
            check.metadata["tags"] = ["skip-execution"]
        case "remove":
            submitted.cells.remove(check)
        case "double":
            submitted.cells.insert(0, copy.deepcopy(check))
        case "markdown":
            check.cell_type = "markdown"
    rebuilt = rebuild(released, submitted)
    assert graded(rebuilt) == graded(released)


def test_a_missing_answer_is_the_untouched_one(released, submitted):
    submitted.cells.remove(cell(submitted, ID))
    assert rebuild(released, submitted) == released


def test_of_a_doubled_answer_the_first_counts(released, submitted):
    first = cell(submitted, ID)
    second = copy.deepcopy(first)
    first.source, second.source = "first = 1", "second = 2"
    submitted.cells.append(second)
    rebuilt = rebuild(released, submitted)
    assert cell(rebuilt, ID).source == "first = 1"
    assert len(graded(rebuilt)) == len(graded(released))


def test_a_helper_keeps_its_place_before_the_answer_that_needs_it(released, submitted):
    answer = cell(submitted, ID)
    submitted.cells.insert(submitted.cells.index(answer), v4.new_code_cell("def helper(): ..."))
    sources = [c.source for c in rebuild(released, submitted).cells]
    assert sources.index("def helper(): ...") + 1 == sources.index(answer.source)


def test_an_import_added_to_a_plain_cell_is_kept(released, submitted):
    plain = next(c for c in submitted.cells if "import numpy" in c.source)
    plain.source += "\nimport math"
    assert any("import math" in c.source for c in rebuild(released, submitted).cells)


def test_cells_whose_ids_an_editor_dropped_are_not_run_twice(released, submitted):
    for number, c in enumerate(submitted.cells):
        c["id"] = f"other-{number}"
    assert rebuild(released, submitted) == released


def test_only_cells_before_the_students_first_line_are_setup(released, submitted):
    ids = setup_cells(released, rebuild(released, submitted))
    assert any("import tensorflow" in c.source for c in released.cells if c.id in ids)
    submitted.cells.insert(0, v4.new_code_cell("while True: pass"))
    assert setup_cells(released, rebuild(released, submitted)) == []
    changed = copy.deepcopy(released)
    next(c for c in changed.cells if "import numpy" in c.source).source += "\nwhile True: pass"
    ids = setup_cells(released, rebuild(released, changed))
    assert not any("import tensorflow" in c.source for c in released.cells if c.id in ids)


def test_cells_in_another_order_are_put_right(released, submitted):
    submitted.cells.reverse()
    assert graded(rebuild(released, submitted)) == graded(released)
