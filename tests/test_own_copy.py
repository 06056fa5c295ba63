"""The learner's own copy: a new release reaches it, and nothing that they wrote is lost."""

import errno
import json
import multiprocessing
import os
import subprocess
from datetime import date
from pathlib import Path

import nbformat
import pytest
from nbformat import v4
from nbgrader.utils import compute_checksum

from autograder import cli
from autograder.build import mark
from autograder.cells import content_id
from autograder.course import CourseError
from lab import own_copy
from lab.own_copy import update

TODAY = date.today()
NAME = "05_attention"
HINT = "If one of them is open in JupyterLab"
STUB = 'def softmax(x):\n    """{}"""\n    raise NotImplementedError()'
ANSWER = STUB.replace("raise NotImplementedError()", "return helper(x)").format("Weights.")


def plain(kind, source):
    cell = getattr(v4, f"new_{kind}_cell")(source)
    cell.id = content_id(cell)
    return cell


def marked(kind, source, grade_id, *, solution, points=None):
    """A cell as nbgrader hands it out."""
    cell = getattr(v4, f"new_{kind}_cell")(source)
    mark(cell, grade_id, solution=solution, points=points)
    cell.metadata.nbgrader.checksum = compute_checksum(cell)
    return cell


def exercise(name="softmax", source=None):
    source = source or STUB.format("Weights.").replace("softmax", name)
    return [
        marked("code", source, f"attention-{name}", solution=True),
        marked("code", f"check({name})", f"check-attention-{name}", solution=False, points=2),
    ]


def chapter(title="# Attention", exercises=None, end="The end."):
    question = marked(
        "markdown", "YOUR ANSWER HERE", "written-attention-why", solution=True, points=4
    )
    cells = [plain("markdown", title), plain("code", "import numpy as np")]
    cells += exercise() if exercises is None else exercises
    return v4.new_notebook(cells=[*cells, question, plain("markdown", end)])


OLD, NEW = chapter(), chapter(title="# 5 · Attention", end="The new end.")


class Folders:
    """What is handed out, and the learner's copy of it."""

    def __init__(self, root):
        self.released, self.own = root / "course", root / "work"
        self.mine = self.own / NAME / f"{NAME}.ipynb"
        self.hand_out(OLD)

    def hand_out(self, notebook, name=NAME):
        path = self.released / name / f"{name}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, path)
        return path

    def update(self, **options):
        """Update, and return what was said of each notebook on which something was done."""
        outcomes = list(update(self.released, self.own, **options))
        return {outcome.name: outcome.said for outcome in outcomes if outcome.said}

    def read(self, path=None):
        return nbformat.read(path or self.mine, as_version=4)

    def work(self, notebook=None):
        """Do what a learner does in their copy, and return its bytes."""
        notebook = notebook or self.read()
        cells = notebook.cells
        at = {cell.id: i for i, cell in enumerate(cells)}
        cells[at["attention-softmax"]].source = ANSWER
        cells[at["check-attention-softmax"]].outputs = [v4.new_output("stream", text="all pass")]
        cells[at["written-attention-why"]].source = "Because ![a drawing](attachment:a.png)."
        cells[at["written-attention-why"]].attachments = {"a.png": {"image/png": "aGVsbG8="}}
        helper = v4.new_code_cell("def helper(x): return x", id="my-helper")
        helper.outputs = [v4.new_output("stream", text="my output")]
        cells.insert(at["attention-softmax"], helper)
        self.mine.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, self.mine)
        return self.mine.read_bytes()

    @property
    def kept(self):
        """The learner's files beside their notebook."""
        return sorted(path for path in self.mine.parent.iterdir() if path != self.mine)


@pytest.fixture
def folders(tmp_path):
    return Folders(tmp_path)


def sources(notebook):
    return [cell.source for cell in notebook.cells]


def everything(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# --- What happens to a notebook -----------------------------------------------------------------


def test_what_is_missing_is_copied_and_then_left_alone(folders):
    folders.hand_out(OLD, "06_dnc_memory")
    nbformat.write(chapter(exercises=[]), folders.released / "start.ipynb")
    names = ["start", NAME, "06_dnc_memory"]
    assert folders.update() == dict.fromkeys(names, "copied")
    before = everything(folders.own)
    assert len(before) == 3
    assert sources(folders.read()) == sources(OLD)
    assert folders.update() == {}
    assert everything(folders.own) == before


def test_a_notebook_that_nobody_worked_in_is_replaced(folders):
    folders.update()
    folders.hand_out(NEW)
    assert "you had not begun it" in folders.update()[NAME]
    assert sources(folders.read()) == sources(NEW)
    assert folders.kept == []
    assert folders.update() == {}


def test_a_new_release_takes_the_work_over_and_the_old_notebook_stays(folders):
    folders.update()
    had = folders.work()
    folders.mine.chmod(0o600)
    (folders.own / "progress.csv").write_text("what passed")
    folders.hand_out(NEW)
    said = folders.update()[NAME]
    (kept,) = folders.kept
    assert kept.name == f"{NAME}_until_{TODAY}.ipynb"
    assert kept.read_bytes() == had
    assert said == f"the new release, with your 2 answers in it; what you had is {kept.name}"
    cells = folders.read().cells
    nbformat.validate(folders.read())
    assert [cell.source for cell in cells[:4]] == [
        "# 5 · Attention",
        "import numpy as np",
        "def helper(x): return x",
        ANSWER,
    ]
    assert cells[2].outputs[0].text == "my output"
    assert cells[4].outputs[0].text == "all pass"
    assert cells[5].source.startswith("Because") and "a.png" in cells[5].attachments
    assert cells[6].source == "The new end."
    assert folders.mine.stat().st_mode & 0o777 == 0o600
    assert (folders.own / "progress.csv").read_text() == "what passed"
    before = everything(folders.own)
    assert folders.update() == {}
    assert everything(folders.own) == before


def test_where_the_release_has_not_changed_nothing_is_touched(folders):
    folders.update()
    notebook = folders.read()
    del notebook.cells[0], notebook.cells[-1]  # cells that the learner did not want
    before = folders.work(notebook)
    assert folders.update() == {}
    assert folders.mine.read_bytes() == before


def test_several_releases_a_day_keep_several_notebooks(folders):
    folders.update()
    first = folders.work()
    folders.hand_out(NEW)
    folders.update()
    second = folders.mine.read_bytes()
    folders.hand_out(OLD)
    folders.update()
    assert [path.read_bytes() for path in folders.kept] == [first, second]
    assert sources(folders.read())[2:4] == ["def helper(x): return x", ANSWER]


def test_an_answer_whose_exercise_is_gone_stays_in_the_kept_notebook(folders):
    folders.update()
    folders.work()
    folders.hand_out(chapter(exercises=exercise("hard_lookup")))
    said = folders.update()[NAME]
    assert "no longer in the chapter, and only there: softmax" in said
    assert "with your 1 answer in it" in said
    assert ANSWER not in sources(folders.read())
    assert ANSWER in sources(folders.read(folders.kept[0]))


def test_an_exercise_that_changed_keeps_the_answer_and_says_so(folders):
    folders.update()
    folders.work()
    path = folders.hand_out(chapter(exercises=exercise(source=STUB.format("Other weights."))))
    said = folders.update()[NAME]
    assert f"your cell is as it was: softmax (the new text is in {path})" in said
    assert ANSWER in sources(folders.read())


def test_an_untouched_exercise_gets_its_new_text(folders):
    folders.update()
    notebook = folders.read()
    notebook.cells.append(v4.new_markdown_cell("A note."))
    nbformat.write(notebook, folders.mine)
    stub = STUB.format("Other weights.")
    folders.hand_out(chapter(exercises=exercise(source=stub)))
    said = folders.update()[NAME]
    assert "answer" not in said and "changed" not in said
    assert stub in sources(folders.read()) and "A note." in sources(folders.read())


def test_a_cell_of_the_text_that_was_changed_stays_changed(folders):
    folders.update()
    notebook = folders.read()
    notebook.cells[0].source = "# My heading"
    notebook.cells[1].source = "import numpy as np\nnp.set_printoptions(precision=2)"
    nbformat.write(notebook, folders.mine)
    folders.hand_out(NEW)  # its heading is another, its imports are the same
    folders.update()
    assert sources(folders.read())[:3] == [
        "# My heading",
        "# 5 · Attention",
        "import numpy as np\nnp.set_printoptions(precision=2)",
    ]


def test_outputs_alone_are_kept(folders):
    folders.update()
    notebook = folders.read()
    notebook.cells[1].outputs = [v4.new_output("stream", text="an hour of training")]
    nbformat.write(notebook, folders.mine)
    folders.hand_out(chapter(exercises=exercise("hard_lookup")))
    folders.update()
    assert folders.read(folders.kept[0]).cells[1].outputs
    assert folders.read().cells[1].outputs, "the cell is the same"


def test_an_answer_in_a_copy_of_its_cell_is_an_answer(folders):
    folders.update()
    notebook = folders.read()
    twin = nbformat.from_dict({**notebook.cells[2], "id": "twin", "source": ANSWER})
    notebook.cells.insert(3, twin)
    nbformat.write(notebook, folders.mine)
    folders.hand_out(NEW)
    folders.update()
    assert sources(folders.read()).count(ANSWER) == 1
    assert folders.read().cells[2].source == ANSWER


def test_a_second_answer_to_an_exercise_is_a_cell_of_the_learners_own(folders):
    folders.update()
    folders.work()
    notebook = folders.read()
    answer = next(cell for cell in notebook.cells if cell.source == ANSWER)
    second = ANSWER.replace("helper", "better")
    notebook.cells.append(nbformat.from_dict({**answer, "id": "twin", "source": second}))
    nbformat.write(notebook, folders.mine)
    folders.hand_out(NEW)
    assert "2 answers" in folders.update()[NAME]
    (own,) = [cell for cell in folders.read().cells if cell.source == second]
    assert "nbgrader" not in own.metadata


def test_an_answer_that_was_emptied_is_the_stub_again(folders):
    folders.update()
    notebook = folders.read()
    notebook.cells[2].source = " "
    nbformat.write(notebook, folders.mine)
    folders.hand_out(NEW)
    assert "answer" not in folders.update()[NAME]
    assert folders.read().cells[2].source == OLD.cells[2].source


# --- Notebooks that came another way ------------------------------------------------------------


def test_a_notebook_that_nbgrader_fetched_is_known_by_its_cells(folders):
    folders.hand_out(OLD, "06_dnc_memory")
    before = folders.work(nbformat.from_dict(OLD))
    assert folders.update(only_fetched=True) == {}
    assert folders.mine.read_bytes() == before
    folders.hand_out(NEW)
    assert "2 answers" in folders.update(only_fetched=True)[NAME]
    assert folders.kept[0].read_bytes() == before
    assert not (folders.own / "06_dnc_memory").exists()


def test_a_part_that_was_taken_out_of_a_fetched_chapter_is_noticed(folders):
    longer = chapter(exercises=[*exercise(), plain("markdown", "An aside.")])
    folders.work(longer)
    assert "new release" in folders.update()[NAME]
    assert "An aside." not in sources(folders.read())


def test_a_notebook_that_lost_the_ids_of_its_cells_is_known_by_their_sources(folders):
    folders.update()
    before = json.loads(folders.work())
    for cell in before["cells"]:
        del cell["id"]
    folders.mine.write_text(json.dumps(before | {"nbformat_minor": 4}))
    folders.hand_out(chapter(end="The new end."))
    assert "2 answers" in folders.update()[NAME]
    found = sources(folders.read())
    assert found[:4] == [*sources(OLD)[:2], "def helper(x): return x", ANSWER]
    assert found[-2:] == ["The end.", "The new end."], "nothing says whose the first is"


@pytest.mark.parametrize("twin", ["code-twin", OLD.cells[1].id])
def test_no_two_cells_get_the_same_id(folders, twin):
    """The learner copied a cell, and changed the one or the other."""
    folders.update()
    notebook = folders.read()
    notebook.cells.insert(1, v4.new_code_cell(notebook.cells[1].source, id=twin))
    notebook.cells[2].source = "import numpy"
    folders.mine.write_text(json.dumps(notebook))
    folders.hand_out(NEW)
    folders.update()
    cells = json.loads(folders.mine.read_text())["cells"]
    assert len({cell["id"] for cell in cells}) == len(cells)
    assert sources(folders.read()).count("import numpy") == 1


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"\xff\xfe",
        b'{"cells": 3, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}',
        b'{"cells": [{}], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}',
        b'{"cells": [{"cell_type": "code", "source": "x", "outputs": [], "metadata": '
        b'{"nbgrader": 7}}], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}',
        b'{"cells": [], "metadata": 5, "nbformat": 4, "nbformat_minor": 5}',
        b"[" * 100_000,
    ],
)
def test_a_damaged_notebook_is_put_aside(folders, content):
    folders.update()
    folders.mine.write_bytes(content)
    assert f"it is now {NAME}_damaged_{TODAY}.ipynb" in folders.update()[NAME]
    assert [path.read_bytes() for path in folders.kept] == [content]
    assert sources(folders.read()) == sources(OLD)
    assert folders.update() == {}


def test_a_damaged_release_harms_nothing(folders, capsys):
    folders.update()
    before = folders.work()
    (folders.released / NAME / f"{NAME}.ipynb").write_text("{")
    folders.hand_out(OLD, "06_dnc_memory")
    arguments = ["update", "--from", str(folders.released), "--to", str(folders.own)]
    assert cli.main(arguments) == 1
    shown = capsys.readouterr()
    assert "is damaged; nothing was done" in shown.err
    assert shown.out == "06_dnc_memory: copied.\n"
    assert folders.mine.read_bytes() == before


@pytest.mark.parametrize("command", ["autograder", "python -m lab.own_copy"])
def test_the_command_says_one_line_a_notebook(folders, capsys, command):
    main = own_copy.main
    arguments = ["--from", str(folders.released), "--to", str(folders.own)]
    if command == "autograder":
        main = cli.main
        arguments = ["update", *arguments]
    assert main(arguments) == 0
    assert capsys.readouterr().out == f"{NAME}: copied.\n"
    assert main(arguments) == 0
    assert capsys.readouterr().out == "1 of 1 notebooks were up to date.\n"
    folders.work()
    folders.hand_out(NEW)
    assert main(arguments) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith(f"{NAME}: the new release") and second.startswith(HINT)
    arguments[arguments.index("--from") + 1] = str(folders.own)
    assert main(arguments) == 1
    assert "holds what is handed out" in capsys.readouterr().err


# --- What may go wrong --------------------------------------------------------------------------


def test_a_full_disk_loses_nothing(folders, monkeypatch):
    folders.update()
    before = folders.work()
    folders.hand_out(NEW)

    def full(file):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(own_copy.os, "fsync", full)
        assert "No space left on device; nothing was lost" in folders.update()[NAME]
    assert everything(folders.own) == {folders.mine: before}
    assert "2 answers" in folders.update()[NAME]


@pytest.mark.parametrize("call", ["link", "replace"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_an_update_that_is_killed_loses_nothing(folders, call, when):
    folders.update()
    before = folders.work()
    folders.hand_out(NEW)
    real = getattr(os, call)

    def killed(*arguments):
        if when == "after":
            real(*arguments)
        os._exit(9)

    child = os.fork()
    if child == 0:
        setattr(os, call, killed)
        folders.update()
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    folders.update()
    assert before in [path.read_bytes() for path in folders.kept]
    assert ANSWER in sources(folders.read()) and "The new end." in sources(folders.read())
    assert folders.update() == {}


def test_where_a_file_has_one_name_only_it_is_copied(folders, monkeypatch):
    def unknown(*_):
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(own_copy.os, "link", unknown)
    folders.update()
    before = folders.work()
    folders.hand_out(NEW)
    assert "2 answers" in folders.update()[NAME]
    assert [path.read_bytes() for path in folders.kept] == [before]


def test_where_a_copy_does_not_fit_no_part_of_it_stays(folders, monkeypatch):
    """Neither as the notebook, nor as what the learner had."""
    real = os.fsync
    calls = []

    def unknown(*_):
        raise OSError(errno.EPERM, "Operation not permitted")

    def full(file):
        calls.append(file)
        if len(calls) % 2 == 0:  # the new notebook still fits
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(file)

    monkeypatch.setattr(own_copy.os, "link", unknown)
    with monkeypatch.context() as patched:
        patched.setattr(own_copy.os, "fsync", full)
        assert "No space left on device; nothing was lost" in folders.update()[NAME]
    assert everything(folders.own) == {}
    folders.update()
    before = folders.work()
    folders.hand_out(NEW)
    with monkeypatch.context() as patched:
        patched.setattr(own_copy.os, "fsync", full)
        assert "No space left on device; nothing was lost" in folders.update()[NAME]
    assert everything(folders.own) == {folders.mine: before}


def test_an_update_that_fails_at_the_end_leaves_nothing_beside_the_notebook(folders, monkeypatch):
    folders.update()
    before = folders.work()
    folders.hand_out(NEW)

    def busy(*_):
        raise OSError(errno.EBUSY, os.strerror(errno.EBUSY))

    monkeypatch.setattr(own_copy.os, "replace", busy)
    assert "busy; nothing was lost" in folders.update()[NAME]
    assert everything(folders.own) == {folders.mine: before}


def test_a_disk_that_knows_no_modes_is_no_reason_to_stop(folders, monkeypatch):
    folders.update()
    before = folders.work()
    folders.hand_out(NEW)

    def unknown(*_, **__):
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(own_copy.os, "chmod", unknown)
    assert "2 answers" in folders.update()[NAME]
    assert [path.read_bytes() for path in folders.kept] == [before]


def test_what_is_saved_during_the_update_is_not_lost(folders, monkeypatch):
    folders.update()
    folders.work()
    folders.hand_out(NEW)
    real = own_copy._link

    def link(path, name):
        nbformat.write(OLD, folders.mine)  # the learner presses Ctrl+S
        real(path, name)

    with monkeypatch.context() as patched:
        patched.setattr(own_copy, "_link", link)
        assert "changed at this very moment" in folders.update()[NAME]
    assert sources(folders.read()) == sources(OLD)
    assert folders.kept == []


def test_a_name_that_another_update_has_taken_is_not_overwritten(folders, monkeypatch):
    folders.update()
    before = folders.work()
    folders.hand_out(NEW)
    theirs = folders.mine.with_name("theirs.ipynb")
    theirs.write_text("theirs")
    monkeypatch.setattr(own_copy, "_free", lambda path, word: theirs)
    assert "changed at this very moment" in folders.update()[NAME]
    assert everything(folders.own) == {folders.mine: before, theirs: b"theirs"}


def test_two_updates_at_once_do_no_harm(folders):
    folders.update()
    before = folders.work()
    folders.hand_out(NEW)
    context = multiprocessing.get_context("fork")
    both = [context.Process(target=folders.update) for _ in range(2)]
    for process in both:
        process.start()
    for process in both:
        process.join(60)
    assert [process.exitcode for process in both] == [0, 0]
    assert before in [path.read_bytes() for path in folders.kept]
    assert ANSWER in sources(folders.read()) and "The new end." in sources(folders.read())
    assert folders.update() == {}


def test_folders_that_cannot_be_used_are_named(folders, tmp_path):
    for own, says in [
        (folders.released / "work", "holds what is handed out"),
        (folders.released, "holds what is handed out"),
        (folders.released / NAME / f"{NAME}.ipynb" / "work", "holds what is handed out"),
        (Path("/proc/no/work"), "cannot be made"),
    ]:
        with pytest.raises(CourseError, match=says):
            list(update(folders.released, own))
    with pytest.raises(CourseError, match="holds no chapters"):
        list(update(tmp_path / "nowhere", folders.own))
    assert not folders.own.exists()
    folders.own.write_text("a file")
    with pytest.raises(CourseError, match="is a file"):
        folders.update()
    folders.own.unlink()
    folders.own.symlink_to(folders.released)
    with pytest.raises(CourseError, match=r"is a link.*--to "):
        folders.update()


def test_a_chapter_that_cannot_be_written_is_named_and_the_others_are_done(folders):
    folders.hand_out(OLD, "06_dnc_memory")
    folders.own.mkdir()
    (folders.own / NAME).write_text("a file of mine")
    said = folders.update()
    assert "File exists" in said[NAME] and str(folders.own / NAME) in said[NAME]
    assert said["06_dnc_memory"] == "copied"
    assert (folders.own / NAME).read_text() == "a file of mine"


def test_a_notebook_that_is_a_link_is_left_alone(folders, tmp_path):
    elsewhere = tmp_path / "elsewhere.ipynb"
    elsewhere.write_text("{}")
    folders.mine.parent.mkdir(parents=True)
    folders.mine.symlink_to(elsewhere)
    assert "is a link" in folders.update()[NAME]
    assert folders.mine.is_symlink() and elsewhere.read_text() == "{}"


# --- With git -----------------------------------------------------------------------------------


def git(folder, *arguments, check=True):
    who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgsign=false"]
    command = ["git", *who, "-C", str(folder), *arguments]
    return subprocess.run(command, check=check, capture_output=True, text=True)


class Clone(Folders):
    """A learner's clone of a course that goes on."""

    def __init__(self, root):
        self.upstream = Folders(root / "upstream")
        git(root / "upstream", "init", "--quiet", "--initial-branch=main")
        (root / "upstream" / ".gitignore").write_text("/work/\n")
        self.publish("First")
        git(root, "clone", "--quiet", "upstream", "clone")
        self.root = root / "clone"
        self.released, self.own = self.root / "course", self.root / "work"
        self.mine = self.own / NAME / f"{NAME}.ipynb"

    def publish(self, subject):
        git(self.upstream.released.parent, "add", "--all")
        git(self.upstream.released.parent, "commit", "--quiet", "--message", subject)

    def pull(self):
        return git(self.root, "pull", "--ff-only", check=False)


@pytest.fixture
def clone(tmp_path):
    return Clone(tmp_path)


def test_git_pull_never_meets_the_work_and_the_update_takes_it_over(clone):
    clone.update()
    before = clone.work()
    clone.upstream.hand_out(NEW)
    clone.publish("Second")
    assert git(clone.root, "status", "--porcelain").stdout == ""
    assert clone.pull().returncode == 0
    assert clone.mine.read_bytes() == before
    assert "2 answers" in clone.update()[NAME]
    assert clone.kept[0].read_bytes() == before
    assert ANSWER in sources(clone.read()) and "The new end." in sources(clone.read())
    assert git(clone.root, "status", "--porcelain").stdout == ""


def work_in_course(clone):
    """Work as older versions of the README told one to, and return what was written."""
    path = clone.released / NAME / f"{NAME}.ipynb"
    mine, clone.mine = clone.mine, path
    written = clone.work()
    clone.mine = mine
    return path, written


def test_work_in_the_course_folder_moves_before_a_pull_that_git_refuses(clone):
    path, written = work_in_course(clone)
    clone.upstream.hand_out(NEW)
    clone.publish("Second")
    assert "would be overwritten" in clone.pull().stderr
    assert path.read_bytes() == written
    subprocess.run(["cp", "-r", "course", "work"], cwd=clone.root, check=True)
    git(clone.root, "checkout", "course")
    assert clone.pull().returncode == 0
    assert "2 answers" in clone.update()[NAME]
    assert clone.kept[0].read_bytes() == written
    assert ANSWER in sources(clone.read())


def test_work_in_the_course_folder_is_taken_over_after_a_pull(clone):
    path, written = work_in_course(clone)
    (clone.upstream.released.parent / "README.md").write_text("New.\n")
    clone.publish("Second")
    assert clone.pull().returncode == 0
    for _ in range(2):
        assert "git checkout" in clone.update()[NAME]
        assert clone.mine.read_bytes() == written
        assert clone.kept == []
    git(clone.root, "checkout", "course")
    assert clone.update() == {}, "the release is the one that it was made from"
    clone.upstream.hand_out(NEW)
    clone.publish("Third")
    assert clone.pull().returncode == 0
    assert "2 answers" in clone.update()[NAME]
    assert clone.kept[0].read_bytes() == written


def test_work_in_both_folders_is_kept_side_by_side(clone):
    clone.update()
    mine = clone.work()
    path, written = work_in_course(clone)
    notebook = clone.read(path)
    notebook.cells[0].source = "# Only in course"
    nbformat.write(notebook, path)
    written = path.read_bytes()
    for _ in range(2):
        assert f"{NAME}_from_course.ipynb" in clone.update()[NAME]
        assert clone.mine.read_bytes() == mine
        assert [path.read_bytes() for path in clone.kept] == [written]
