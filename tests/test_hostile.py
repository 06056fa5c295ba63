"""The hostile corpus, graded as a class is: it gains nothing, and harms nothing."""

import ctypes
import hashlib
import json
import os
import re
import shutil
import socket
import time
from dataclasses import dataclass
from html.parser import HTMLParser
from math import isfinite
from pathlib import Path

import nbformat
import psutil
import pytest
from nbconvert.filters import markdown2html
from nbgrader.api import Gradebook

from autograder import nursery, pipeline, sandbox
from autograder.build import build
from autograder.cells import check_id
from autograder.course import CONFIG, Course
from autograder.seeds import course_secret
from tests.conftest import ROOT
from tests.corpus import Idea, hand_in
from tests.formgrader import formgrader
from tests.hostile import CHAPTER, EARS, HONEST, MARK, REACHED, SECRET, ideas

pytestmark = pytest.mark.skipif(
    not sandbox.isolation()["isolated"] and not os.environ.get("CI"),
    reason="this machine offers no isolation",
)

AFTER = "honest-after"
LIMITS = """
c.Limits.cell = 2
c.Limits.grace = 1
c.Limits.notebook = 6
c.Limits.memory = 500
"""
SAMPLE = "skips-the-checks", "replaces-the-autograder", "leaves-a-process", "says-that-it-has-ended"
PR_SET_CHILD_SUBREAPER = 36


def honest_before(work):
    """Has everything right, and is graded first."""
    work.solve()


def honest_after(work):
    """Has everything right, and is graded last."""
    work.solve()


@dataclass
class Graded:
    """What came of grading the corpus."""

    course: Course
    results: dict[str, pipeline.Result]
    seconds: dict[str, float]
    before: dict[str, str]  # what lay outside of the graded folders, and a digest of each
    after: dict[str, str]
    left: list[str]  # the processes that were left
    heard: list[bytes]
    memory: int  # bytes that the grader had in use at most
    files: tuple[int, int]  # how many the grader had open, before and after
    nurseries: tuple[str, str]  # where its nursery was, before and after


@pytest.fixture(scope="module")
def graded(tmp_path_factory) -> Graded:
    course = small_course(tmp_path_factory.mktemp("hostile"))
    make_home(course.root / "home")
    with Ears(course.root) as ears, pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUTOGRADER_TEST", SECRET)
        everyone = [Idea(CHAPTER, honest_before, 1), *ideas, Idea(CHAPTER, honest_after, 1)]
        hand_in(course, everyone)
        before = digests(course)
        Path("/proc/self/clear_refs").write_text("5")  # the highest memory in use is measured anew
        needs = pipeline.needs_of(course, CHAPTER)
        sandbox.isolation(needs)  # starts the nursery, which stays
        address = nursery.address_of(needs)
        children = set(psutil.Process().children(recursive=True))
        files = psutil.Process().num_fds()
        adopt_orphans(True)
        try:
            results, seconds = grade(course, [idea.student for idea in everyone])
            left = processes_left(children)
        finally:
            adopt_orphans(False)
        memory = highest_memory()
        files = files, psutil.Process().num_fds()
        nurseries = address, nursery.address_of(needs)  # another one, had it ended
        for _ in pipeline.feedback(course, CHAPTER, [idea.student for idea in shown()]):
            pass
        after, heard = digests(course), ears.heard()
        harm = left, heard, memory, files, nurseries
        return Graded(course, results, seconds, before, after, *harm)


def shown() -> list[Idea]:
    """The ideas that aim at whoever opens a page."""
    modules = "tests.hostile.pages", "tests.hostile.files"
    return [idea for idea in ideas if idea.make.__module__ in modules]


def grade(course: Course, students: list[str]) -> tuple[dict, dict]:
    results, seconds = {}, {}
    grading = pipeline.grade(course, CHAPTER, students)
    for student in students:
        started = time.monotonic()
        results[student] = next(grading)
        seconds[student] = time.monotonic() - started
    return results, seconds


def small_course(root: Path) -> Course:
    """The chapter without what lies between its exercises, so that a submission takes a second."""
    (root / "chapters").mkdir()
    text = (ROOT / "chapters" / f"{CHAPTER}.py").read_text()
    head, *cells = re.split(r"^(?=# %%)", text, flags=re.MULTILINE)
    kept = [
        cell
        for cell in cells
        if re.match("# %%.*(exercise|check|written)=", cell) or "from autograder import" in cell
    ]
    (root / "chapters" / f"{CHAPTER}.py").write_text("".join([head, *kept]))
    table = "[[chapter]]"
    first = (ROOT / "chapters" / "chapters.toml").read_text().split(table)[1]
    (root / "chapters" / "chapters.toml").write_text(table + first)
    shutil.copy(ROOT / CONFIG, root)
    with (root / CONFIG).open("a") as file:
        file.write(LIMITS)
    course = Course(root)
    assert list(build(course)) == [CHAPTER]
    course_secret(course.coursedir)  # is made once, and must not change afterwards
    return course


def make_home(home: Path) -> None:
    """A folder with what people have in their homes."""
    (home / ".ssh").mkdir(parents=True)
    (home / ".ipython" / "profile_default").mkdir(parents=True)
    for name in "secret", ".netrc", ".ssh/id_ed25519", ".ipython/profile_default/history.sqlite":
        (home / name).write_text(SECRET)


def digests(course: Course) -> dict[str, str]:
    """Every file that grading has no reason to change, with its mode and a digest of its content.

    Of the repository, which others may change meanwhile, only what a submission would leave.
    """
    graded = [course.folder(step, ".") for step in ("autograded", "feedback")]
    kept = [p for p in course.root.rglob("*") if not any(p.is_relative_to(g) for g in graded)]
    found = {str(p): _digest(p) for p in kept if "gradebook.db" not in p.name}
    marked = (p for folder in ROOT.iterdir() if folder.name[0] != "." for p in _below(folder))
    return found | {str(p): "marked" for p in [*marked, Path(os.sep, MARK), Path("/tmp", MARK)]}


def _below(folder: Path):
    return folder.rglob(f"*{MARK}*") if folder.is_dir() else ()


def _digest(path: Path) -> str:
    status = path.lstat()
    content = str(path.readlink()).encode() if path.is_symlink() else b""
    if path.is_file() and not path.is_symlink() and status.st_size < 10_000_000:
        content = path.read_bytes()
    return f"{status.st_mode:o} {status.st_size} {hashlib.sha256(content).hexdigest()}"


def adopt_orphans(yes: bool) -> None:
    """Become the parent of every process that a child leaves behind, so that it can be seen."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, int(yes), 0, 0, 0)


def processes_left(before: set[psutil.Process]) -> list[str]:
    """The processes below this one that are new and do not end."""
    new = set(psutil.Process().children(recursive=True)) - before
    _, alive = psutil.wait_procs(new, timeout=5)
    return [" ".join(process.cmdline()) for process in alive]


def highest_memory() -> int:
    status = Path("/proc/self/status").read_text()
    return int(re.search(r"VmHWM:\s*(\d+) kB", status)[1]) * 1024


class Ears:
    """Sockets that listen on this machine, and a file in the course that says where."""

    def __init__(self, root: Path):
        self.path = str(root / "ear")
        self.name = str(root)
        self.sockets = [
            self._listen(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0)),
            self._listen(socket.AF_INET6, socket.SOCK_STREAM, ("::1", 0)),
            self._listen(socket.AF_UNIX, socket.SOCK_STREAM, self.path),
            self._listen(socket.AF_UNIX, socket.SOCK_STREAM, f"\0{self.name}"),
            self._listen(socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0)),
        ]
        tcp, tcp6, _, _, udp = self.sockets
        where = {
            "EAR_TCP": tcp.getsockname()[1],
            "EAR_TCP6": tcp6.getsockname()[1],
            "EAR_UDP": udp.getsockname()[1],
            "EAR_PATH": self.path,
            "EAR_NAME": self.name,
            "GRADER": os.getpid(),
            "GRADER_GROUP": os.getpgid(0),
        }
        (root / EARS).write_text(json.dumps(where))

    def _listen(self, family: int, kind: int, address) -> socket.socket:
        ear = socket.socket(family, kind)
        ear.bind(address)
        ear.setblocking(False)
        if kind == socket.SOCK_STREAM:
            ear.listen()
        return ear

    def heard(self) -> list[bytes]:
        """What was said so far: connections wait, with what was sent, until they are accepted."""
        said = []
        for ear in self.sockets:
            try:
                if ear.type == socket.SOCK_STREAM:
                    with ear.accept()[0] as line:
                        line.setblocking(True)
                        line.settimeout(1)
                        said.append(b"call: " + line.recv(1000))
                else:
                    said.append(ear.recv(1000))
            except BlockingIOError:
                continue
        return said

    def __enter__(self):
        return self

    def __exit__(self, *error) -> None:
        for ear in self.sockets:
            ear.close()


# --- Marks ----------------------------------------------------------------------------------------


def scores(course: Course, student: str) -> dict[str, tuple[float | None, float]]:
    """The score and the greatest score of each graded cell, from the gradebook."""
    with course.api.gradebook as gradebook:
        submission = gradebook.find_submission(CHAPTER, student)
        return {
            grade.name: (grade.auto_score, grade.max_score)
            for notebook in submission.notebooks
            for grade in notebook.grades
        }


def outputs(course: Course, student: str) -> str:
    path = course.folder("autograded", CHAPTER, student) / f"{CHAPTER}.ipynb"
    cells = nbformat.read(path, as_version=4).cells
    return json.dumps([cell.get("outputs", []) for cell in cells])


@pytest.mark.parametrize("idea", ideas, ids=lambda idea: idea.student)
def test_it_gains_nothing(graded, idea):
    found = scores(graded.course, idea.student)
    verdicts = graded.results[idea.student].verdicts
    for exercise in {name for i in ideas for name in i.deserves} | set(verdicts):
        score, most = found[check_id(exercise)]
        share = idea.share(exercise)
        assert share * most <= (score or 0) + 1e-9, f"{exercise} lost what was earned"
        assert (score or 0) <= share * most, exercise
        if share < 1 and exercise in verdicts:
            assert verdicts[exercise]["passed"] < verdicts[exercise]["cases"]


@pytest.mark.parametrize("idea", ideas, ids=lambda idea: idea.student)
def test_it_gets_at_nothing(graded, idea):
    """What its cells print says whether it got at something, and holds no secret."""
    printed = outputs(graded.course, idea.student)
    assert REACHED not in printed
    assert SECRET not in printed


def test_the_corpus_is_large_and_every_idea_is_told(graded):
    assert len({idea.student for idea in ideas}) == len(ideas) >= 40
    assert all(idea.make.__doc__.strip().endswith(".") for idea in ideas)


@pytest.mark.parametrize("student", [HONEST, AFTER])
def test_the_honest_keep_their_marks(graded, student):
    result = graded.results[student]
    assert result.score == result.points > 0
    assert not result.error


def test_the_gradebook_is_whole(graded):
    expected = {name: most for name, (_, most) in scores(graded.course, HONEST).items()}
    for student in graded.results:
        found = scores(graded.course, student)
        assert {name: most for name, (_, most) in found.items()} == expected
        for score, most in found.values():
            assert score is None or (isfinite(score) and 0 <= score <= most)
    with Gradebook(f"sqlite:///{graded.course.root / 'classroom' / 'gradebook.db'}") as gradebook:
        assert {s.id for s in gradebook.students} == set(graded.results)


# --- Harm -----------------------------------------------------------------------------------------


def test_no_file_outside_is_changed(graded):
    assert graded.before == graded.after


def test_no_process_is_left(graded):
    assert graded.left == []


def test_nothing_is_sent(graded):
    assert graded.heard == []


def test_the_grader_stays_small_and_goes_on(graded):
    assert graded.memory < 1_500_000_000
    assert max(graded.seconds.values()) < 60
    opened = graded.files[1] - graded.files[0]
    assert opened < 20  # the gradebook's own


def test_all_came_from_one_nursery(graded):
    before, after = graded.nurseries
    assert before == after


def test_no_secret_is_in_what_grading_writes(graded):
    for step in "autograded", "feedback":
        for path in graded.course.folder(step, ".").rglob("*"):
            assert not path.is_symlink()
            if path.is_file():
                assert SECRET.encode() not in path.read_bytes(), path
                assert path.stat().st_size < 10_000_000, path


class Dangers(HTMLParser):
    """Collects what could act on whoever opens a page and comes from a submission."""

    def __init__(self, page: str):
        super().__init__()
        self.found: list[str] = []
        self.inside = ""
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.inside = tag if tag in ("script", "style") else ""
        for name, value in attributes:
            harmless = tag == "a" and name == "href" and value.startswith("http")
            if MARK in (value or "") and name not in ("alt", "title", "id") and not harmless:
                self.found.append(f"<{tag} {name}={value[:80]}")

    def handle_endtag(self, tag):
        self.inside = ""

    def handle_data(self, text):
        if self.inside and MARK in text:
            self.found.append(f"<{self.inside}>{text[:80]}")


@pytest.mark.parametrize("idea", shown(), ids=lambda idea: idea.student)
def test_its_pages_are_safe_to_open(graded, idea):
    course = graded.course
    page = course.folder("feedback", CHAPTER, idea.student) / f"{CHAPTER}.html"
    assert Dangers(page.read_text()).found == []
    path = course.folder("autograded", CHAPTER, idea.student) / f"{CHAPTER}.ipynb"
    for cell in nbformat.read(path, as_version=4).cells:
        assert "attachments" not in cell
        if cell.cell_type != "code":
            assert Dangers(markdown2html(cell.source)).found == []
        for output in cell.get("outputs", []):
            kinds = set(output.get("data", {}))
            assert kinds <= {"text/plain", "text/html"}
            assert Dangers("".join(output.get("data", {}).get("text/html", ""))).found == []


# --- Through nbgrader itself ----------------------------------------------------------------------


def test_formgraders_button_gives_the_same(graded):
    course = graded.course
    before = {student: scores(course, student) for student in SAMPLE}
    with formgrader(course) as autograde:
        assert all(autograde(CHAPTER, student)["success"] for student in SAMPLE)
    assert not any(REACHED in outputs(course, student) for student in SAMPLE)
    assert {student: scores(course, student) for student in SAMPLE} == before
