"""The course without its answers: it checks as the whole course does, and nothing leaks."""

import ast
import gzip
import json
import os
import re
import subprocess
import sys
import sysconfig
from pathlib import Path

import jupytext
import nbformat
import pytest

from autograder import misconceptions as catalogue
from autograder.answers import Recorded, Running, Withheld, answers
from autograder.build import source_notebook
from autograder.cells import checked_exercise, solved_exercise
from autograder.cli import main
from autograder.course import CourseError
from autograder.evidence import from_json, to_json
from autograder.exercises import find
from autograder.judge import judge
from autograder.misconceptions import misconceptions
from autograder.report import Report
from autograder.withholding import FIRST_SEED, MARK, exercises_of, withhold
from tests.alternatives import alternatives
from tests.conftest import ROOT

# Where evidence takes long, one misconception of an exercise is enough.
SLOW = "tape.", "mem_ops.", "dnc.", "backprop.topological_order", "backprop.backward"
UNRECORDED = "tensors.dense"
IMPORTS = """
import numpy as np
import tensorflow as tf
from lab.memory_cell import MemoryCell
"""

# What stands in the folder as it stands in an answer: views and helpers do what the exercises ask
# for, which docs/withholding.md says, and two lines that everybody writes.
KNOWN = {
    "with tf.GradientTape() as tape:",
    "return (inputs, targets, mask)",
    "self.value = np.asarray(value, dtype=float)",  # the probe's stand-in for a Node
    "mask = np.zeros([batch, steps])",
    "return len(graph.get_operations())",  # mem_ops probes count operations
    "inputs = [tf.TensorSpec(shape, tf.float32) for shape in shapes]",  # lab.growth
    "tf.function(function).get_concrete_function(*inputs)",
    "return (weights @ values, weights)",  # lab.views
    "return tf.reduce_sum(right * mask) / tf.reduce_sum(mask)",  # lab.training
    "return tf.reduce_sum(tf.reduce_mean(right, axis=-1) * mask) / tf.reduce_sum(mask)",
    "right = tf.cast((logits > 0) == (targets > 0.5), tf.float32)",
}


class Handed:
    """A folder that was written, and what the whole course says of what is claimed to it."""

    def __init__(self, course, folder: Path):
        self.folder = folder
        self.claims, self.expected = [], []
        self.problems = {}
        for exercise, problem in withhold(course, folder, seeds=1):
            self.problems[exercise] = problem
            if not problem:  # while what was recorded is still known
                self._claim(exercise)

    def _claim(self, exercise: str) -> None:
        running = Running()
        for _, evidence in running.misconceptions(exercise, FIRST_SEED):
            self._add(exercise, [to_json(case) for case in evidence])
        if not exercise.startswith(SLOW):
            for other in alternatives(exercise)[:1]:
                cases = find(exercise).run(other.function, FIRST_SEED)
                self._add(exercise, [to_json(case) for case in cases])

    def _add(self, exercise: str, cases: list[dict]) -> None:
        self.claims.append((exercise, FIRST_SEED, cases))
        verdict = judge(exercise, map(from_json, cases), FIRST_SEED)
        self.expected.append(Report(verdict)._repr_html_())


@pytest.fixture(scope="module")
def handed(course, tmp_path_factory):
    """The folder, with one seed and without most of what is slow; one exercise is too large."""

    def record(exercise, seeds):
        if exercise == UNRECORDED:
            raise MemoryError("no room")
        return real(exercise, seeds)

    from autograder import withholding

    real = withholding.record
    with pytest.MonkeyPatch.context() as patch:
        for exercise in filter(lambda name: name.startswith(SLOW), exercises_of(course)):
            patch.setitem(catalogue._misconceptions, exercise, misconceptions(exercise)[:1])
        patch.setattr(withholding, "record", record)
        yield Handed(course, tmp_path_factory.mktemp("class") / "handed out")


@pytest.fixture(scope="module")
def seen(handed, course, tmp_path_factory):
    """What a Python says that has this folder, the libraries, and no other course."""
    place = tmp_path_factory.mktemp("student")
    solved = place / "solved.ipynb"
    nbformat.write(source_notebook(ROOT / "chapters" / "03_backprop.py"), solved)
    untouched = {}
    for path in sorted(handed.folder.glob("course/*/*.ipynb")):
        cells = nbformat.read(path, as_version=4).cells
        untouched |= {solved_exercise(c): c.source for c in cells if solved_exercise(c)}
    names = sorted({name.partition(".")[0] for name in untouched}, key=lambda n: n == "dnc")
    work = {
        "folder": str(handed.folder),
        "libraries": sorted({sysconfig.get_path(kind) for kind in ("purelib", "platlib")}),
        "hidden": ["autograder.misconceptions", "autograder.build", "autograder.grading"]
        + [f"solutions.{name}" for name in names],
        "imports": IMPORTS,
        "untouched": untouched,
        "references": {name: Path(ROOT, f"solutions/{name}.py").read_text() for name in names},
        "solved": exercises_of(course),
        "claims": handed.claims,
        "notebooks": [str(handed.folder / "course/03_backprop/03_backprop.ipynb"), str(solved)],
    }
    job, done = place / "job.json", place / "done.json"
    job.write_text(json.dumps(work))
    # Without `site` no .pth file is read, and so the course that is installed is not found.
    command = [sys.executable, "-I", "-S", "-B", ROOT / "tests/withheld_class.py", job, done]
    ended = subprocess.run(command, cwd=place, capture_output=True, text=True, env=os.environ)
    assert ended.returncode == 0, ended.stderr[-3000:]
    return json.loads(done.read_text()) | {"printed": ended.stdout}


def test_it_is_this_folder_that_is_imported_and_no_answer_can_be(handed, seen):
    assert all(Path(file).is_relative_to(handed.folder) for file in seen["from"])
    assert seen["to be found"] == []


def test_every_exercise_is_checked_there(handed, seen):
    recorded = {name for name, problem in handed.problems.items() if not problem}
    assert recorded == handed.problems.keys() - {UNRECORDED} and len(recorded) > 60
    for exercise in recorded:
        assert "not written yet" in seen["untouched"][exercise], exercise
        assert re.match(r"\w+: all \d+ cases pass", seen["solved"][exercise]), exercise


def test_the_card_is_the_same_to_the_letter(handed, seen):
    assert len(seen["reports"]) == len(handed.expected) > 600
    for claim, report, expected in zip(
        handed.claims, seen["reports"], handed.expected, strict=True
    ):
        assert report == expected, claim[0]
    assert sum("What may have happened" in report for report in seen["reports"]) > 500


def test_what_is_not_recorded_is_said_to_be_the_instructors(handed, seen):
    assert "no room" in handed.problems[UNRECORDED]
    for kind in ("untouched", "solved"):
        assert seen[kind][UNRECORDED] == "dense is not checked here: your instructor grades it."


def test_a_later_chapter_takes_the_learners_work_or_says_what_is_missing(seen):
    unsolved, solved = seen["later"]
    assert "train_digits is not there" in unsolved and "not handed out" in unsolved
    assert solved == "chapter_3"
    assert "solve that chapter first" in seen["printed"]
    assert "From your chapter 3: train_digits." in seen["printed"]


# --- Nothing leaks ------------------------------------------------------------------------------


def without_docstrings(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            if ast.get_docstring(node) is not None:
                node.body = node.body[1:] or [ast.Pass()]
        elif isinstance(node, ast.Call):  # hints are on every card
            node.keywords = [k for k in node.keywords if k.arg != "hints"]
    return tree


def lines_of(source: str) -> set[str]:
    """The lines of what functions do, written in one way, that are long enough to tell."""
    lines = ast.unparse(without_docstrings(ast.parse(source))).splitlines()
    inner = {line.strip() for line in lines if line.startswith(" ")}
    starts = "def ", "class ", "@"
    return {line for line in inner if len(line) > 24 and not line.startswith(starts)}


@pytest.fixture(scope="module")
def secrets_of_the_course() -> set[str]:
    """Lines of references and misconceptions, sentences of the answers to written questions."""
    files = [*ROOT.glob("solutions/*.py"), *ROOT.glob("autograder/misconceptions/[a-z]*.py")]
    found = set().union(*(lines_of(path.read_text()) for path in files)) - KNOWN
    for path in ROOT.glob("chapters/*.py"):
        for cell in jupytext.read(path).cells:
            if "written" in cell.metadata:
                sentences = re.split(r"(?<=[.:;]) ", " ".join(cell.source.split()))
                found |= {sentence for sentence in sentences if len(sentence) > 24}
    return found


def texts_of(path: Path) -> list[str]:
    if path.suffix == ".py":
        return [ast.unparse(without_docstrings(ast.parse(path.read_text())))]
    if path.suffix == ".gz":
        whole = json.loads(gzip.decompress(path.read_bytes()))
        # The specification, and what a card says to whoever has the thought.
        del whole["docstring"], whole["thoughts"]
        return [re.sub(r'"data": "[^"]*"', "", json.dumps(whole))]  # but for the numbers
    return [path.read_bytes().decode("latin-1")]


def test_no_file_holds_a_line_of_an_answer(handed, secrets_of_the_course):
    assert len(secrets_of_the_course) > 900
    paths = [path for path in handed.folder.rglob("*") if path.is_file()]
    for path in paths:
        if "course" in path.relative_to(handed.folder).parts:
            continue
        for text in texts_of(path):
            leaked = [line for line in secrets_of_the_course if line in text]
            assert not leaked, (path.name, leaked)
    assert not [path for path in paths if "misconceptions" in str(path) or path.suffix == ".pyc"]


def test_notebooks_are_those_that_nbgrader_released(handed, secrets_of_the_course):
    copies = {path.relative_to(handed.folder) for path in handed.folder.glob("course/**/*.ipynb")}
    assert len(copies) > 1
    for copy in copies:
        assert (handed.folder / copy).read_bytes() == (ROOT / copy).read_bytes()
        for cell in nbformat.read(ROOT / copy, as_version=4).cells:
            rules = cell.metadata.get("nbgrader", {})
            if rules.get("solution") and cell.cell_type == "code":
                assert "raise NotImplementedError()" in cell.source
                assert not lines_of(cell.source) & secrets_of_the_course
            if rules.get("solution") and cell.cell_type == "markdown":
                assert not any(line in cell.source for line in secrets_of_the_course)


def test_no_line_of_a_misconception_comes_with_its_error(handed):
    for path in handed.folder.glob("autograder/recorded/*.gz"):
        text = json.dumps(json.loads(gzip.decompress(path.read_bytes()))["seeds"])
        assert set(re.findall(r'"line": "([^"]*)"', text)) <= {""}, path.name


# --- The folder ---------------------------------------------------------------------------------


@pytest.fixture
def quick(monkeypatch):
    """One exercise, of which nothing is recorded."""
    monkeypatch.setattr("autograder.withholding.exercises_of", lambda course: ["tensors.dense"])
    monkeypatch.setattr("autograder.withholding.record", lambda exercise, seeds: b"")


def test_only_a_folder_written_here_is_written_again(quick, course, tmp_path):
    folder = tmp_path / "students"
    folder.mkdir()
    assert list(withhold(course, folder)) == [("tensors.dense", "")]
    (folder / "old").touch()
    list(withhold(course, folder, handed_out=["backprop"]))
    assert not (folder / "old").exists()
    assert (folder / "solutions/backprop.py").exists()
    (folder / MARK).unlink()
    with pytest.raises(CourseError, match="not empty"):
        list(withhold(course, folder))
    assert (folder / "solutions/backprop.py").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["students"]


def test_what_is_somebodys_own_is_not_handed_on(quick, empty_course, tmp_path):
    released = empty_course.folder("release", "01_tensors")
    (released / ".ipynb_checkpoints").mkdir(parents=True)
    for name in ("data.csv", "progress.csv", ".ipynb_checkpoints/01_tensors-checkpoint.ipynb"):
        (released / name).touch()
    list(withhold(empty_course, tmp_path / "students"))
    copied = (tmp_path / "students/course").rglob("*")
    assert [path.name for path in copied] == ["01_tensors", "data.csv"]


def test_a_run_that_is_stopped_leaves_what_there_was(quick, course, tmp_path):
    folder = tmp_path / "students"
    list(withhold(course, folder))
    (folder / "old").touch()
    steps = withhold(course, folder)
    next(steps)
    steps.close()
    assert (folder / "old").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["students"]


def test_everybody_may_read_it_whoever_wrote_it(quick, course, tmp_path):
    before = os.umask(0o077)
    try:
        list(withhold(course, tmp_path / "students"))
    finally:
        os.umask(before)
    for path in (tmp_path / "students", *(tmp_path / "students").rglob("*")):
        assert path.stat().st_mode & 0o777 == (0o755 if path.is_dir() else 0o644)


@pytest.mark.parametrize(
    ("modules", "says"), [(["dnc"], "imports mem_ops"), (["magic"], "no module 'magic'")]
)
def test_modules_that_could_not_be_imported_are_refused(modules, says, quick, course, tmp_path):
    with pytest.raises(CourseError, match=says):
        list(withhold(course, tmp_path / "students", handed_out=modules))
    assert not (tmp_path / "students").exists()


def test_a_notebook_in_which_somebody_worked_is_not_handed_on(empty_course):
    with pytest.raises(CourseError, match="autograder build"):
        exercises_of(empty_course)
    path = empty_course.folder("release", "01_tensors") / "01_tensors.ipynb"
    path.parent.mkdir(parents=True)
    notebook = nbformat.read(ROOT / "course/01_tensors/01_tensors.ipynb", as_version=4)
    nbformat.write(notebook, path)
    assert exercises_of(empty_course) == list(filter(None, map(checked_exercise, notebook.cells)))
    code = next(c for c in notebook.cells if c.cell_type == "code")
    code.outputs = [nbformat.v4.new_output("stream", text="42")]
    nbformat.write(notebook, path)
    with pytest.raises(CourseError, match="somebody's work"):
        exercises_of(empty_course)


def test_the_command_says_what_it_could_not_record(quick, monkeypatch, tmp_path, capsys):
    folder = tmp_path / "students"
    command = ["--course", str(ROOT), "withhold", str(folder), "--seeds", "3", "--with", "mem_ops"]
    assert main(command) == 0
    written = json.loads((folder / MARK).read_text())
    assert written == {"seeds": 3, "with": ["mem_ops"], "not recorded": {}}
    monkeypatch.setattr("autograder.withholding.MOST_BYTES", -1)
    assert main(command) == 1
    assert "tensors.dense is not recorded: its record would take 0 MB" in capsys.readouterr().err
    assert not list(folder.glob("autograder/recorded/*"))


def test_the_whole_course_runs_its_answers_and_a_record_has_no_others(tmp_path):
    assert isinstance(answers, Running)
    recorded = Recorded(tmp_path)
    with pytest.raises(Withheld):
        recorded.seed("tensors.dense")
