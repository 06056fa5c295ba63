"""The build: the same text gives the same bytes, and an error says where it is."""

import json
from pathlib import Path

import nbformat
import pytest

from autograder.build import (
    INDEX_MARKS,
    BuildError,
    as_text,
    build,
    exercise_source,
    read_chapters,
    source_notebook,
    with_index,
)
from autograder.course import Course
from tests.conftest import ROOT

TOML = '[[chapter]]\nname = "99_test"\ntitle = "Test"\nminutes = 1\nneeds = ["numpy"]\n'
GOOD = """\
# %% [markdown]
# # A chapter

# %% exercise="attention.softmax"

# %% check="attention.softmax" points=2
"""


@pytest.fixture
def written(empty_course: Course):
    """Write a chapter into an empty course, and return the course."""

    def write(text: str) -> Course:
        (empty_course.root / "chapters" / "chapters.toml").write_text(TOML)
        (empty_course.root / "chapters" / "99_test.py").write_text(text)
        return empty_course

    return write


def test_the_committed_course_is_what_the_build_gives(course, tmp_path):
    """Built elsewhere from the same chapters, every student notebook has the same bytes.

    The course page is one of them, and no assignment.
    """
    (tmp_path / "chapters").symlink_to(ROOT / "chapters")
    (tmp_path / "nbgrader_config.py").write_bytes((ROOT / "nbgrader_config.py").read_bytes())
    there = Course(tmp_path)
    names = list(build(there))
    built = {p.relative_to(tmp_path): p.read_bytes() for p in tmp_path.glob("course/**/*.*")}
    committed = {p.relative_to(ROOT): p.read_bytes() for p in ROOT.glob("course/**/*.ipynb")}
    assert built == committed
    assert Path("course", "start.ipynb") in built
    assert there.api.get_source_assignments() == set(names)
    with there.api.gradebook as gradebook:
        assert {a.name for a in gradebook.assignments} == set(names)
        assert all(a.max_score > 0 for a in gradebook.assignments)


def test_the_readme_lists_the_chapters(course):
    text = (ROOT / "README.md").read_text()
    assert with_index(text, read_chapters(course)) == text
    for chapter in read_chapters(course):
        assert f"[{chapter.title}](course/{chapter.name}/" in text


def test_a_build_writes_the_index_and_leaves_the_rest(written):
    course = written(GOOD)
    start, end = INDEX_MARKS
    readme = course.root / "README.md"
    readme.write_text(f"# Mine\n\n{start}\nold\n{end}\n\nThe end.\n")
    list(build(course))
    text = readme.read_text()
    assert text.startswith(f"# Mine\n\n{start}\n|") and text.endswith(f"|\n{end}\n\nThe end.\n")
    assert "| 99 | [Test](course/99_test/99_test.ipynb) | 1 | numpy |" in text


def test_building_again_changes_nothing(written):
    course = written(GOOD)
    list(build(course))
    path = course.root / "course" / "99_test" / "99_test.ipynb"
    first = path.read_bytes()
    list(build(course))
    assert path.read_bytes() == first


@pytest.mark.parametrize("work", ["answer", "output"])
def test_somebodys_work_in_the_course_folder_is_not_overwritten(written, work):
    course = written(GOOD)
    list(build(course))
    path = course.root / "course" / "99_test" / "99_test.ipynb"
    notebook = nbformat.read(path, as_version=4)
    if work == "answer":
        notebook.cells[1].source = "def softmax(x, axis=-1): return x"
    else:
        notebook.cells[2].outputs = [nbformat.v4.new_output("stream", text="hello")]
    nbformat.write(notebook, path)
    before = path.read_bytes()
    with pytest.raises(BuildError, match="somebody's work"):
        list(build(course))
    assert path.read_bytes() == before
    list(build(course, force=True))
    assert path.read_bytes() != before


def test_a_chapter_that_was_submitted_keeps_its_cells_and_its_notebook(written):
    course = written(GOOD)
    list(build(course))
    path = course.root / "course" / "99_test" / "99_test.ipynb"
    before = path.read_bytes()
    with course.api.gradebook as gradebook:
        gradebook.update_or_create_student("ada")
        gradebook.update_or_create_submission("99_test", "ada")
    written(GOOD.replace("softmax", "soft_lookup"))
    with pytest.raises(BuildError, match="submissions associated with it") as error:
        list(build(course))
    assert "\n" not in str(error.value)
    assert path.read_bytes() == before


def test_the_student_gets_the_docstring_and_not_the_answer(written):
    course = written(GOOD)
    list(build(course))
    text = (course.root / "course" / "99_test" / "99_test.ipynb").read_text()
    assert "Turn scores into positive weights" in text
    assert "raise NotImplementedError()" in text
    assert "keepdims" not in text
    assert "BEGIN SOLUTION" not in text


@pytest.mark.parametrize(
    ("text", "cell", "says"),
    [
        (GOOD.replace("softmax", "sofmax"), "cell 2 (line 4)", "attention.sofmax"),
        (GOOD.replace("attention.softmax", "nowhere.softmax"), "cell 2", "nowhere.softmax"),
        (GOOD.replace(" points=2", ""), "cell 3 (line 6)", "points"),
        (GOOD.replace("points=2", "points=-1"), "cell 3", "points"),
        (GOOD + '\n# %% exercise="attention.softmax"\n', "cell 4", "twice"),
        (GOOD + '\n# %% check="attention.softmax" points=1\n', "cell 4", "twice"),
        (GOOD.rpartition("# %%")[0], "cell 2 (line 4)", "has no check"),
        (GOOD.replace('# %% exercise="attention.softmax"\n', ""), "cell 2 (line 5)", "no exercise"),
        (GOOD + "x = 1\n", "cell 3", "must be empty"),
        (GOOD + '\n# %% exercise="attention.softmax" check="a.b"\n', "cell 4", "at once"),
    ],
)
def test_an_error_names_file_cell_and_what_is_wrong(written, text, cell, says):
    with pytest.raises(BuildError) as error:
        list(build(written(text)))
    message = str(error.value)
    assert message.startswith("99_test.py")
    assert cell in message
    assert says in message


def test_a_missing_chapter_and_a_broken_list_are_named(written):
    course = written(GOOD)
    (course.root / "chapters" / "99_test.py").unlink()
    with pytest.raises(BuildError, match=r"99_test\.py"):
        list(build(course))
    (course.root / "chapters" / "chapters.toml").write_text("[[chapter]\n")
    with pytest.raises(BuildError, match=r"chapters\.toml"):
        list(build(course))
    (course.root / "chapters" / "chapters.toml").write_text(TOML.replace('["numpy"]', '"numpy"'))
    with pytest.raises(BuildError, match="needs of 99_test: a list is wanted"):
        list(build(course))
    (course.root / "chapters" / "chapters.toml").write_text(TOML.replace("99_test", "test"))
    with pytest.raises(BuildError, match="begins with the chapter's number"):
        list(build(course))


def test_a_grading_kernel_is_not_shown_the_answers_to_its_own_chapter(written):
    course = written(GOOD)
    (course.root / "chapters" / "chapters.toml").write_text(TOML + 'references = ["attention"]\n')
    with pytest.raises(BuildError, match="references of 99_test names attention"):
        list(build(course))


def test_what_a_chapter_needs_is_in_its_notebook(written):
    course = written(GOOD)
    list(build(course))
    released = course.folder("release", "99_test") / "99_test.ipynb"
    assert json.loads(released.read_text())["metadata"]["needs"] == ["numpy"]


def test_every_cell_has_an_id_that_comes_from_its_content(written):
    course = written(GOOD + "\n# %%\nx = 1\n\n# %%\nx = 1\n")
    path = course.root / "chapters" / "99_test.py"
    notebook = source_notebook(path)
    ids = [cell.id for cell in notebook.cells]
    assert len(set(ids)) == len(ids)
    assert as_text(source_notebook(path)) == as_text(notebook)
    assert json.loads(as_text(notebook))["metadata"]["kernelspec"]["name"] == "python3"


def test_the_answer_lies_between_the_marks():
    source = exercise_source("attention.softmax")
    head, _, rest = source.partition("### BEGIN SOLUTION")
    body, _, tail = rest.partition("### END SOLUTION")
    assert '"""' in head and "keepdims" not in head
    assert "keepdims" in body
    assert tail == ""
