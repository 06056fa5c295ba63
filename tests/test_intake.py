"""Intake: whatever a submission looks like, the instructor's notebook is what is graded."""

import copy

import nbformat
import pytest
from nbformat import v4

from autograder.intake import ELSEWHERE, is_answered, rebuild, setup_cells
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
    rebuilt = rebuild(released, changed)
    ids = setup_cells(released, rebuilt)
    assert ids, "the imports as they were handed out come first"
    assert not any("while True" in c.source for c in rebuilt.cells if c.id in ids)


def test_cells_in_another_order_are_put_right(released, submitted):
    submitted.cells.reverse()
    assert graded(rebuild(released, submitted)) == graded(released)


def without_marks(notebook):
    """What some editors leave: sources."""
    for number, c in enumerate(notebook.cells):
        c["id"], c["metadata"] = f"other-{number}", nbformat.NotebookNode()
    return notebook


def written(notebook):
    return next(
        c
        for c in notebook.cells
        if c.metadata.get("nbgrader", {}).get("grade_id", "").startswith("written-")
    )


def sources(notebook):
    return [c.source for c in notebook.cells if c.cell_type == "code"]


def test_an_answer_whose_marks_an_editor_dropped_stands_before_its_check(released, submitted):
    cell(submitted, ID).source = "def softmax(x): return 1"
    rebuilt = rebuild(released, without_marks(submitted))
    assert cell(rebuilt, ID).source == ELSEWHERE
    before = rebuilt.cells[: rebuilt.cells.index(cell(rebuilt, CHECK_ID))]
    assert [c.source for c in before].count("def softmax(x): return 1") == 1


def test_a_written_answer_whose_marks_an_editor_dropped_is_found(released, submitted):
    written(submitted).source = "Because."
    assert written(rebuild(released, without_marks(submitted))).source == "Because."


@pytest.mark.parametrize("below", [0, 1])
def test_a_written_answer_beside_its_cell_is_found(released, submitted, below):
    place = submitted.cells.index(written(submitted)) + below
    submitted.cells.insert(place, v4.new_markdown_cell("Because."))
    assert written(rebuild(released, submitted)).source == "Because."


def test_a_written_answer_in_the_text_of_its_question_is_found(released, submitted):
    question = submitted.cells[submitted.cells.index(written(submitted)) - 1]
    question.source += "\n\nBecause."
    rebuilt = rebuild(released, submitted)
    assert written(rebuilt).source.endswith("Because.")
    assert question.source not in [c.source for c in rebuilt.cells if c.id == question.id]


def test_texts_of_the_students_own_stay_beside_a_written_answer(released, submitted):
    written(submitted).source = "See below."
    submitted.cells.append(v4.new_markdown_cell("Because."))
    rebuilt = rebuild(released, submitted)
    assert written(rebuilt).source == "See below."
    assert rebuilt.cells[-1].source == "Because."


def test_an_answer_of_another_cell_type_is_taken(released, submitted):
    answer = cell(submitted, ID)
    answer.source, answer.cell_type = "softmax = 1", "raw"
    assert cell(rebuild(released, submitted), ID).source == "softmax = 1"


def test_an_untouched_copy_hides_no_answer(released, submitted):
    answer = cell(submitted, ID)
    submitted.cells.append(copy.deepcopy(answer))
    answer.source = "softmax = 1"
    submitted.cells.reverse()
    rebuilt = rebuild(released, submitted)
    assert cell(rebuilt, ID).source == "softmax = 1"
    assert len(rebuilt.cells) == len(released.cells)


def test_a_changed_plain_cell_follows_the_one_that_was_handed_out(released, submitted):
    plain = next(c for c in submitted.cells if "import numpy" in c.source)
    original, plain.source = plain.source, "import math"
    rebuilt = sources(rebuild(released, submitted))
    assert rebuilt.index("import math") == rebuilt.index(original) + 1


def test_what_an_answer_needs_comes_before_it(released, submitted):
    cell(submitted, ID).source = "@first\ndef softmax(x):\n    return helper(x)"
    for source in "ZERO = 0", "unneeded = 1", "def helper(x):\n    return ZERO", "first = print":
        submitted.cells.append(v4.new_code_cell(source))
    rebuilt = sources(rebuild(released, submitted))
    place = rebuilt.index(cell(submitted, ID).source)
    assert rebuilt[place - 3 : place] == [
        "ZERO = 0",
        "def helper(x):\n    return ZERO",
        "first = print",
    ]
    assert rebuilt[-1] == "unneeded = 1"


def test_what_stands_above_is_not_replaced_by_what_stands_below(released, submitted):
    answer = cell(submitted, ID)
    answer.source = "def softmax(x):\n    return helper(x)"
    helper = "def helper(x):\n    return {}"
    submitted.cells.insert(submitted.cells.index(answer), v4.new_code_cell(helper.format(1)))
    submitted.cells.append(v4.new_code_cell(helper.format(2)))
    assert sources(rebuild(released, submitted))[-1] == helper.format(2)


@pytest.mark.parametrize(
    "source",
    ["helper = 1 +", "helper = 1\0", "helper = " + "-" * 100_000 + "1", "helper = 1\n" * 100_000],
)
def test_a_source_that_cannot_be_read_for_names_stays_where_it_is(released, submitted, source):
    cell(submitted, ID).source = "def softmax(x):\n    return helper(x)"
    submitted.cells.append(v4.new_code_cell(source))
    assert rebuild(released, submitted).cells[-1].source == source


def test_magics_and_commands_hide_no_names(released, submitted):
    cell(submitted, ID).source = "def softmax(x):\n    return helper(x)"
    helper = "%%time\n!ls -l\nnp.argsort?\nhelper = 1"
    submitted.cells.append(v4.new_code_cell(helper))
    rebuilt = sources(rebuild(released, submitted))
    assert rebuilt.index(helper) < rebuilt.index(cell(submitted, ID).source)
