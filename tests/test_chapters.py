"""The notebooks: their anatomy, and that a solved chapter runs within its budget."""

import re
import statistics

import nbformat
import pytest
from nbclient import NotebookClient

from autograder.build import Chapter, source_notebook
from autograder.cells import DEMO_TAG, checked_exercise, solved_exercise
from tests.conftest import ROOT
from website.execution import CHAPTERS, executed

SECONDS = 120
WORDS = "simply", "just", "obviously", "trivial", "!"


@pytest.fixture(params=CHAPTERS, ids=lambda chapter: chapter.name)
def chapter(request) -> Chapter:
    return request.param


@pytest.fixture
def student(chapter) -> nbformat.NotebookNode:
    """The notebook that is handed out."""
    return nbformat.read(ROOT / "course" / chapter.name / f"{chapter.name}.ipynb", as_version=4)


def code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def prose(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "markdown"]


def test_the_notebook_is_valid_and_has_no_outputs(student):
    nbformat.validate(student)
    ids = [cell.id for cell in student.cells]
    assert len(set(ids)) == len(ids)
    assert all(not cell.outputs and cell.execution_count is None for cell in code(student))


def test_code_cells_are_short(student):
    lengths = [len(cell.source.splitlines()) for cell in code(student)]
    assert statistics.median(lengths) <= 8
    for cell, length in zip(code(student), lengths, strict=True):
        # A class is one exercise: its cell cannot be cut between the methods.
        a_class = solved_exercise(cell) and cell.source.startswith("class ")
        assert length <= (60 if a_class else 25), cell.source


def test_prose_cells_are_short(student):
    for cell in prose(student):
        words = re.sub(r"[|$#*`-]", " ", cell.source).split()
        assert len(words) <= 150, cell.source


def test_the_anatomy(student):
    first, *_ = student.cells
    text = "\n".join(cell.source for cell in prose(student))
    assert first.source.startswith("# ")
    assert "minutes" in first.source
    assert "What you will be able to do" in text
    assert "Predict" in text
    assert "Further reading" in text
    assert any(
        "written" in cell.metadata.get("nbgrader", {}).get("grade_id", "") for cell in student.cells
    )
    assert "<details>" in text, "the rubric can be opened"


def test_every_exercise_is_followed_by_its_check(student):
    cells = student.cells
    for cell, following in zip(cells, cells[1:], strict=False):
        if solved_exercise(cell):
            assert checked_exercise(following) == solved_exercise(cell)


def test_pictures_have_alternative_text(student):
    for cell in prose(student):
        assert not re.search(r"!\[\s*\]\(", cell.source)
        assert not re.search(r"<img(?![^>]*alt=)", cell.source)
    for cell in code(student):
        assert "plt.show()" not in cell.source, "lab.figures.show takes the alternative text"


@pytest.mark.parametrize("word", WORDS)
def test_the_prose_does_without(student, word):
    assert_without(student, word)


def assert_without(notebook, word):
    for cell in prose(notebook):
        plain = re.sub(r"`[^`]*`|\$[^$]*\$|\[!?\[.*?\]|\\!", "", cell.source)
        assert not re.search(rf"(?<![\w\[]){re.escape(word)}(?!\w|\[)", plain, re.I), cell.source


def test_the_course_page_runs_and_keeps_the_rules_of_the_prose(tmp_path):
    page = nbformat.read(ROOT / "course" / "start.ipynb", as_version=4)
    test_the_notebook_is_valid_and_has_no_outputs(page)
    test_prose_cells_are_short(page)
    for word in WORDS:
        assert_without(page, word)
    assert "[Tensors](01_tensors/01_tensors.ipynb)" in "\n".join(cell.source for cell in page.cells)
    NotebookClient(page, resources={"metadata": {"path": str(tmp_path)}}).execute()
    (shown,) = [output for cell in code(page) for output in cell.outputs]
    assert shown.data["text/plain"] == "No chapter lies in this folder yet."


def test_the_solved_chapter_runs_within_its_budget(chapter):
    notebook = executed(chapter)
    assert notebook.metadata["seconds"] < chapter.seconds
    assert notebook.metadata["megabytes"] < chapter.megabytes
    shown = [output for cell in code(notebook) for output in cell.outputs]
    said = "".join(output.text for output in shown if output.get("name") == "stderr")
    assert not re.search(r"absl|oneDNN|^[IWE]0000", said, re.M), said
    for cell in code(notebook):
        if checked_exercise(cell):
            (card,) = cell.outputs
            assert re.search(r"all \d+ cases pass", card.data["text/plain"])


def test_the_untouched_chapter_runs_its_checks_and_plain_cells(student):
    """Cells that come before the first exercise, and the checks, need nothing of the learner's."""
    cells = code(student)
    start = next(i for i, cell in enumerate(cells) if solved_exercise(cell))
    keep = cells[:start] + [c for c in cells[start:] if solved_exercise(c) or checked_exercise(c)]
    notebook = nbformat.v4.new_notebook(cells=keep, metadata=student.metadata)
    NotebookClient(notebook, timeout=SECONDS).execute()
    for cell in code(notebook):
        if checked_exercise(cell):
            (card,) = cell.outputs
            assert "not written yet" in card.data["text/plain"]


def test_demo_cells_define_nothing_that_an_exercise_needs(chapter):
    """Grading skips demos, so no other cell may use a name that only a demo defines."""
    notebook = source_notebook(ROOT / "chapters" / f"{chapter.name}.py")
    notebook.cells = [
        cell
        for cell in code(notebook)
        if DEMO_TAG not in cell.metadata.get("tags", []) and not checked_exercise(cell)
    ]
    NotebookClient(notebook, timeout=SECONDS).execute()
