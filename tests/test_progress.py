"""Progress: what ``check`` notes of it, and the page that shows it."""

import json
import multiprocessing
import os
import re
import subprocess
import sys
from datetime import date, datetime, timedelta

import nbformat
import numpy as np
import pytest

from autograder import check
from lab import progress
from lab.progress import FILE, HEADER, Page, read_lines, record
from tests.conftest import ROOT

WHOLE = 3, 3


@pytest.fixture
def work(tmp_path):
    """A learner's folder with two chapters as they are handed out."""
    for name in ("01_tensors", "05_attention"):
        (tmp_path / name).mkdir()
        content = (ROOT / "course" / name / f"{name}.ipynb").read_bytes()
        (tmp_path / name / f"{name}.ipynb").write_bytes(content)
    return tmp_path


@pytest.fixture
def in_chapter(work, monkeypatch):
    monkeypatch.chdir(work / "05_attention")
    monkeypatch.setattr(progress, "_silent", False)
    return work / FILE


def write(work, *checks, day=None):
    """Write the file: exercise, passed, cases; all on one day."""
    time = datetime.combine(day or date.today(), datetime.min.time()).astimezone().isoformat()
    rows = [",".join(map(str, (time, *check))) for check in checks]
    (work / FILE).write_text("\n".join([HEADER, *rows]) + "\n")


def softmax(x, axis=-1):
    exps = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return exps / exps.sum(axis=axis, keepdims=True)


# --- What check notes ---------------------------------------------------------------------------


def test_a_check_in_its_chapter_notes_one_line(in_chapter, capsys):
    check(softmax)
    check(softmax)
    header, first, _ = in_chapter.read_text().splitlines()
    assert header == HEADER
    time, exercise, passed, cases = first.split(",")
    assert datetime.fromisoformat(time).tzinfo is not None
    assert exercise == "attention.softmax"
    assert int(passed) == int(cases) > 1
    assert "noted" not in capsys.readouterr().out


def test_a_check_that_fails_notes_what_passed(in_chapter):
    def softmax(x, axis=-1):
        raise NotImplementedError()

    check(softmax)
    (line,) = read_lines(in_chapter)
    assert line.passed == 0 < line.cases


@pytest.mark.parametrize("place", [".", "01_tensors", "elsewhere", "05_attention/runs"])
def test_nothing_is_noted_anywhere_else(work, monkeypatch, place):
    (work / place).mkdir(exist_ok=True)
    monkeypatch.chdir(work / place)
    check(softmax)
    assert not list(work.rglob(FILE)) and not (work.parent / FILE).exists()


def test_a_file_that_cannot_be_written_is_said_once(in_chapter, monkeypatch):
    shown = []
    monkeypatch.setattr("autograder.checking.display", lambda it: shown.append(repr(it)))
    in_chapter.mkdir()
    check(softmax)
    check(softmax)
    assert shown[1] == "Your progress could not be noted in progress.csv: Is a directory."
    assert len(shown) == 3


def test_a_folder_that_is_gone_stops_no_check(work, monkeypatch):
    monkeypatch.chdir(work / "05_attention")
    monkeypatch.setattr(progress, "_silent", False)
    (work / "05_attention" / "05_attention.ipynb").unlink()
    (work / "05_attention").rmdir()
    check(softmax)
    assert not (work / FILE).exists()


def test_a_line_that_a_full_disk_has_cut_spoils_no_other(in_chapter, monkeypatch):
    record("attention.softmax", 1, 3)
    real = os.write
    with monkeypatch.context() as patched:
        patched.setattr(progress.os, "write", lambda file, text: real(file, text[:20]))
        assert "the disk is full" in record("attention.softmax", 2, 3)
    record("attention.softmax", 3, 3)
    assert [line.passed for line in read_lines(in_chapter)] == [1, 3]


def test_several_kernels_at_once_write_whole_lines(in_chapter):
    def note(passed):
        for _ in range(50):
            record("attention.softmax", passed, 9)

    context = multiprocessing.get_context("fork")
    kernels = [context.Process(target=note, args=(n,)) for n in range(4)]
    for kernel in kernels:
        kernel.start()
    for kernel in kernels:
        kernel.join(60)
    lines = read_lines(in_chapter)
    assert sorted(line.passed for line in lines) == sorted([0, 1, 2, 3] * 50)


def test_bad_lines_are_left_out(work):
    write(work, ("attention.softmax", 1, 3))
    good = (work / FILE).read_text().splitlines()[1]
    bad = [
        "",
        HEADER,
        "yesterday,attention.softmax,1,3",
        good + ",7",
        good[:-3] + "4,3",
        good[:-3] + "-1,3",
        good[:-3] + "0,0",
        good[:-3] + "x,3",
        "9999-12-31T23:59:59+00:00,attention.softmax,x,\0",
        "0001-01-01T00:00:00+14:00,attention.softmax,1,3",
    ]
    (work / FILE).write_bytes("\n".join([*bad, good, *bad]).encode() + b"\n\xff\xfe,,,\n" * 2)
    assert [(line.passed, line.cases) for line in read_lines(work / FILE)] == [(1, 3)]


# --- The page -----------------------------------------------------------------------------------


def test_the_page_of_a_beginner(work):
    text = repr(Page(work)).splitlines()
    assert text[0].startswith("Begin with chapter 1, Tensors (")
    assert text[0].endswith("01_tensors/01_tensors.ipynb).")
    assert text[1:4] == [
        "1 · Tensors: 150 minutes, 0 of 8 exercises, 0 of 22 points",
        "5 · Attention: 200 minutes, 0 of 11 exercises, 0 of 36 points",
        "In all, by the best of your checks: 0 of 19 exercises, 0 of 58 points.",
    ]
    assert "written question" in text[4] and "not counted" in text[4]
    assert len(text) == 5


def test_the_best_check_counts_and_the_last_chapter_goes_on(work):
    write(
        work,
        ("tensors.matmul_loop", 1, 3),  # of 4 points
        ("attention.match_scores", *WHOLE),  # 2 points
        ("attention.match_scores", 0, 3),
        ("nowhere.nothing", *WHOLE),
    )
    text = repr(Page(work)).splitlines()
    assert text[0].startswith("Next, in chapter 5, Attention: top_matches (")
    assert text[0].endswith("05_attention/05_attention.ipynb#cell-id=attention-top_matches).")
    assert text[1].endswith("0 of 8 exercises, 1.3 of 22 points")
    assert text[2].endswith("1 of 11 exercises, 2 of 36 points")
    assert "1 of 19 exercises, 3.3 of 58 points" in text[3]


def test_after_the_last_chapter_the_first_that_is_not_done(work):
    chapters = {chapter.name: chapter for chapter in progress.chapters_in(work)}
    done = [(name, *WHOLE) for name in chapters["05_attention"].points]
    write(work, *done)
    assert repr(Page(work)).startswith("Next, in chapter 1, Tensors: take_batch (")
    write(work, *[(name, *WHOLE) for name in chapters["01_tensors"].points], *done)
    text = repr(Page(work))
    assert text.startswith("Every exercise passes.\n")
    assert "19 of 19 exercises, 58 of 58 points" in text


def test_points_are_never_rounded_up(work):
    write(work, ("tensors.matmul_loop", 98, 99))
    assert "3.9 of 22 points" in repr(Page(work))


@pytest.mark.parametrize("days", [0, 1, 2, 30])
def test_after_some_days_one_is_told_where_one_was(work, days):
    write(work, ("attention.softmax", 1, 3), day=date.today() - timedelta(days))
    first = repr(Page(work)).splitlines()[0]
    said = f"You were here {days} days ago: in chapter 5, Attention, softmax ("
    assert first.startswith(said if days >= 2 else "Next, ")


def test_a_notebook_that_is_missing_or_damaged_is_named(work):
    (work / "01_tensors" / "01_tensors.ipynb").unlink()
    (work / "05_attention" / "05_attention.ipynb").write_text('{"cells": [{"metadata": 3}]}')
    (work / "photos").mkdir()
    page = Page(work)
    assert repr(page).splitlines() == [
        "No chapter lies in this folder yet.",
        "1 · tensors: its notebook is missing",
        "5 · attention: its notebook is damaged",
    ]
    assert "<a" not in page._repr_html_()


def test_an_empty_folder_says_so(tmp_path):
    assert repr(Page(tmp_path)) == "No chapter lies in this folder yet."
    assert "<table" not in Page(tmp_path)._repr_html_()


def test_show_finds_the_chapters_from_within_one(work, monkeypatch, capsys):
    monkeypatch.chdir(work / "05_attention")
    progress.show()
    assert "(../01_tensors/01_tensors.ipynb)" in capsys.readouterr().out
    monkeypatch.chdir(work)
    progress.show()
    assert "(01_tensors/01_tensors.ipynb)" in capsys.readouterr().out


def test_the_html_says_what_the_text_says_and_every_link_leads_to_a_cell(work, monkeypatch):
    monkeypatch.chdir(work)
    write(work, ("attention.softmax", 1, 3), day=date.today() - timedelta(9))
    page = Page(work)
    html = page._repr_html_()
    words = " ".join(re.sub(r"<[^>]+>", " ", html).split())
    for said in ("You were here 9 days ago", "0 of 11", "1.3 of 36", "In all", "not counted"):
        assert said in words and said in repr(page)
    links = re.findall(r"href='([^']+)'", html)
    assert len(links) == 4
    for link in links:
        path, _, cell = link.partition("#cell-id=")
        notebook = nbformat.read(work / path, as_version=4)
        assert not cell or cell in [c.id for c in notebook.cells]


def test_what_a_notebook_says_of_itself_cannot_act(work):
    path = work / "05_attention" / "05_attention.ipynb"
    notebook = json.loads(path.read_text())
    evil = "<script>alert(1)</script>"
    notebook["metadata"]["chapter"]["title"] = evil
    notebook["cells"][-1]["metadata"]["nbgrader"] = {"grade_id": f"check-{evil}", "points": 1}
    path.write_text(json.dumps(notebook))
    write(work, (evil.replace(",", ""), 1, 3))
    html = Page(work)._repr_html_()
    assert "<script" not in html and "&lt;script" in html


def test_the_page_needs_little_memory():
    """On Binder it shares one gigabyte with a chapter."""
    code = "import sys; from lab import progress; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    loaded = set(run.stdout.split())
    assert "lab.progress" in loaded
    assert not loaded & {"tensorflow", "matplotlib", "nbgrader"}
