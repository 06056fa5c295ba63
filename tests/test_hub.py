"""A class on a real JupyterHub, from the release of a chapter to the feedback that a student reads.

HUB_PICTURES=FOLDER keeps a picture of each stage.
"""

import json
import os
import re
import shutil
from functools import cache
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import FrameLocator, Page, expect

from autograder import demo
from autograder.cells import check_id, solved_exercise, written_id
from autograder.misconceptions import Misconception, misconceptions
from tests import hub
from tests.conftest import ROOT
from tests.views.view_tools import run_cells

CHAPTER = "01_tensors"
NOTEBOOK = f"{CHAPTER}/{CHAPTER}.ipynb"
QUESTION = written_id("tensors.why_relu")
SPOILED, THOUGHT = "tensors.take_batch", "one example too few"
COMMENT = "A good picture of the folds; the ten layers need one more sentence."
POINTS = "3"
CLASS = """\
id,first_name,last_name,email
lovelace,Ada,Lovelace,lovelace@example.org
turing,Alan,Turing,turing@example.org
"""
PASSWORD = "only-for-this-test"
INSTRUCTOR = "-K", "HOME_MODE=0700", "--groups=instructors", "--shell=/bin/bash"


@pytest.fixture(scope="module")
def machine(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hub")
    with hub.machine(folder) as machine:
        course = machine.root / hub.COURSE.lstrip("/")
        only_one_chapter(course)
        machine.run(f"{hub.COURSE}/deploy/setup")
        machine.run("useradd", "--create-home", *INSTRUCTOR, "noether")
        (machine.root / "root/class.csv").write_text(CLASS)
        machine.run(f"{hub.COURSE}/deploy/add-students", "/root/class.csv", "/root/passwords.csv")
        machine.run("chpasswd", input=f"noether:{PASSWORD}\n")
        yield machine


def only_one_chapter(course: Path) -> None:
    """Leave out the others, each of which takes its time to build and to withhold."""
    chapters = course / "chapters" / "chapters.toml"
    head, first, *_ = chapters.read_text().split("[[chapter]]")
    chapters.write_text(f"{head}[[chapter]]{first}")
    for folder in course.glob("course/[0-9]*"):
        if folder.name != CHAPTER:
            shutil.rmtree(folder)


@pytest.fixture(scope="module")
def the_hub(machine, tmp_path_factory) -> hub.Hub:
    the_hub = hub.Hub(machine, tmp_path_factory.mktemp("log") / "log")
    the_hub.start()
    return the_hub  # it ends with the machine


@pytest.fixture(scope="module")
def address(the_hub) -> str:
    return the_hub.address


@pytest.fixture(scope="module")
def passwords(machine) -> dict[str, str]:
    lines = (machine.root / "root/passwords.csv").read_text().splitlines()
    return {"noether": PASSWORD} | dict(line.split(",") for line in lines)


@pytest.fixture(scope="module")
def log_in(browser, address, passwords):
    @cache  # who has logged in stays so
    def log_in(name: str) -> Page:
        page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        page.set_default_timeout(20_000)
        page.goto(address)
        page.get_by_label("Username").fill(name)
        page.get_by_label("Password").fill(passwords[name])
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(f"**/user/{name}/lab**")
        page.locator("#jp-top-panel").wait_for()
        return page

    return log_in


def picture(page: Page, name: str) -> None:
    folder = os.environ.get("HUB_PICTURES")
    if folder:
        page.wait_for_timeout(1000)  # for what moves in
        page.screenshot(path=Path(folder, f"{name}.png"))


def open_from_menu(page: Page, entry: str) -> None:
    page.locator(".lm-MenuBar-item").get_by_text("Nbgrader", exact=True).click()
    page.locator(".lm-Menu-itemLabel").get_by_text(entry, exact=True).click()


def press(page: Page | FrameLocator, button: str, row: str = CHAPTER) -> None:
    """Press a button of formgrader in the row of a chapter or student; it must go well."""
    page.locator("tr", has_text=row).locator(f"{button} a").click()
    modal = page.locator("#success-modal, #error-modal")
    expect(modal.locator(".modal-title")).to_have_text("Success", timeout=60_000)
    modal.get_by_role("button", name="Close").click()
    expect(modal).to_have_count(0)


def cells_until(grade_id: str) -> int:
    """How many cells there are from the first with code to this one."""
    cells = nbformat.read(ROOT / "course" / NOTEBOOK, as_version=4).cells
    ids = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in cells]
    return ids.index(grade_id) - [cell.cell_type for cell in cells].index("code") + 1


def answer(path: Path, wrong: Misconception | None = None) -> None:
    """Write the reference into a student's notebook, but for one exercise a misconception."""
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        exercise = solved_exercise(cell)
        if exercise:
            cell.source = demo.right(exercise)
        if wrong and exercise == wrong.exercise:
            cell.source = wrong.source
        if cell.metadata.get("nbgrader", {}).get("grade_id") == QUESTION:
            cell.source = "Ten affine layers are one affine layer. relu folds the plane."
    path.write_text(nbformat.writes(notebook))  # in place, so that it stays the student's


def release(teacher: Page) -> None:
    teacher.locator(".jp-DirListing-item", has_text="classroom").wait_for()
    picture(teacher, "01-instructor")
    open_from_menu(teacher, "Formgrader")
    inside = teacher.frame_locator("iframe")
    inside.locator("tr", has_text=CHAPTER).wait_for()
    picture(teacher, "02-formgrader")
    press(inside, ".release")
    picture(teacher, "03-released")


def fetch(student: Page) -> None:
    student.locator(".jp-RenderedMarkdown h1").wait_for()  # the first page of the course
    picture(student, "04-student")
    open_from_menu(student, "Assignment List")
    student.locator("#released_assignments_list").get_by_role("button", name="Fetch").click()
    student.locator("#fetched_assignments_list").get_by_role("button", name="Submit").wait_for()
    picture(student, "05-fetched")


def check(student: Page, address: str, cells: int, expected: str) -> None:
    """Run the first cells of the notebook, up to the check whose card says what is expected."""
    student.goto(f"{address}/lab/tree/{NOTEBOOK}?reset")  # no other tab
    run_cells(student, cells)
    said = student.locator(".jp-OutputArea").get_by_text(expected)
    said.scroll_into_view_if_needed()
    picture(student, "06-checked")
    student.keyboard.press("Control+s")
    expect(student.locator(".jp-mod-dirty")).to_have_count(0)


def submit(student: Page) -> None:
    open_from_menu(student, "Assignment List")
    student.locator("#fetched_assignments_list").get_by_role("button", name="Submit").click()
    student.locator("#submitted_assignments_list").get_by_text(CHAPTER).first.wait_for()
    picture(student, "07-submitted")


def collect_and_grade(teacher: Page, address: str, student: str) -> None:
    teacher.goto(f"{address}/formgrader")
    press(teacher, ".collect")
    picture(teacher, "08-collected")
    teacher.goto(f"{address}/formgrader/manage_submissions/{CHAPTER}")
    press(teacher, ".autograde", student)
    picture(teacher, "09-autograded")


def grade_by_hand(teacher: Page, address: str, student: str) -> None:
    teacher.goto(f"{address}/formgrader/manage_students/{student}/{CHAPTER}")
    teacher.get_by_role("link", name=CHAPTER).last.click()
    score, comment = teacher.locator(f"#{QUESTION}"), teacher.locator(f"#{QUESTION}-comment")
    expect(score).to_have_class(re.compile("needs_manual_grade"))  # what is known has arrived
    for field, text in ((score, POINTS), (comment, COMMENT)):
        with teacher.expect_response(lambda response: response.request.method == "PUT"):
            field.fill(text)
            field.blur()
    picture(teacher, "10-by-hand")


def give_feedback(teacher: Page, address: str) -> None:
    teacher.goto(f"{address}/formgrader")
    press(teacher, ".generate-feedback")
    press(teacher, ".release-feedback")
    picture(teacher, "11-feedback-released")


def read_feedback(student: Page, *expected: str) -> None:
    student.get_by_role("button", name="Fetch Feedback").click()
    student.get_by_text("(view feedback)").click()
    picture(student, "12-feedback-fetched")
    student.locator(".jp-DirListing-item", has_text=f"{CHAPTER}.html").dblclick()
    feedback = student.frame_locator(".jp-HTMLViewer iframe").locator("body")
    for sentence in expected:
        expect(feedback).to_contain_text(sentence)
    picture(student, "13-feedback")


def test_a_chapter_from_release_to_feedback(machine, address, log_in):
    homes = {name: machine.root / "home" / name for name in ("lovelace", "turing")}
    servers = {name: f"{address}/user/{name}" for name in ("lovelace", "turing", "noether")}
    (wrong,) = [m for m in misconceptions(SPOILED) if m.thought == THOUGHT]
    sentence = wrong.says.split(".")[0]
    noether = log_in("noether")
    release(noether)

    lovelace = log_in("lovelace")
    fetch(lovelace)
    machine.run("nbgrader", "fetch_assignment", CHAPTER, user="turing")
    given = (ROOT / "course" / NOTEBOOK).read_bytes()
    assert [(home / NOTEBOOK).read_bytes() for home in homes.values()] == [given, given]

    answer(homes["lovelace"] / NOTEBOOK, wrong)
    answer(homes["turing"] / NOTEBOOK)
    check(lovelace, servers["lovelace"], cells_until(check_id(SPOILED)), sentence)
    submit(lovelace)
    machine.run("nbgrader", "submit", CHAPTER, user="turing")

    collect_and_grade(noether, servers["noether"], "lovelace")
    graded = f"cd {hub.COURSE} && autograder grade --students turing"
    assert "all right" in machine.run("sh", "-c", graded, user="noether")
    grade_by_hand(noether, servers["noether"], "lovelace")
    give_feedback(noether, servers["noether"])
    scores = f"{CHAPTER} (Score: 24.4 / 26.0)", f"(Score: {POINTS}.0 / 4.0)"
    read_feedback(lovelace, *scores, COMMENT, sentence)


def test_a_student_sees_nothing_of_the_others(machine, address, log_in):
    lovelace = log_in("lovelace")
    assert lovelace.goto(f"{address}/user/lovelace/formgrader").status == 404
    for other in ("noether", "turing"):  # 404 where there is no server that runs
        assert lovelace.goto(f"{address}/user/{other}/lab").status in (403, 404)
        picture(lovelace, f"14-server-of-{other}")
    # A kernel with ports tells everybody on the machine what it runs.
    connections = list(machine.root.glob("home/*/.jupyter/run/kernel-*.json"))
    assert connections and all(json.loads(c.read_text())["transport"] == "ipc" for c in connections)
    exchange = "/srv/nbgrader/exchange/tensors-to-memory"
    for path in (
        hub.COURSE,
        f"{hub.COURSE}/solutions/tensors.py",
        f"{hub.COURSE}/classroom/gradebook.db",
        f"{exchange}/inbound",
        f"{exchange}/feedback",
        "/home/turing",
        "/home/noether",
        "/var/lib/tensors-to-memory",
    ):
        assert "Permission denied" in machine.run(
            "sh", "-c", f"cat {path} 2>&1; ls {path} 2>&1; true", user="lovelace"
        )


def test_the_systems_accounts_and_instructors_do_not_become_students(machine):
    people = machine.root / "root/more.csv"
    command = f"{hub.COURSE}/deploy/add-students", "/root/more.csv", "/root/more_passwords.csv"
    for name in "mail", "nobody", "noether":
        people.write_text(f"id\nhopper\n{name}\n")
        with pytest.raises(RuntimeError, match=f"{name}: the system's or an instructor's"):
            machine.run(*command)
    for table, said in {
        "name\nhopper\n": "no column id",
        "id,name\n,hopper\n": "an id begins",
    }.items():
        people.write_text(table)
        with pytest.raises(RuntimeError, match=said):
            machine.run(*command)
    people.write_text("id\nhopper\nhopper\n")
    machine.run(*command)
    assert machine.run("id", "--groups", "--name", "hopper").split() == ["hopper", "students"]


def test_servers_live_on_while_the_hub_is_started_anew(the_hub, log_in):
    status = f"{the_hub.address}/user/lovelace/api/status"
    page = log_in("lovelace")
    before = page.request.get(status).json()
    the_hub.stop()
    the_hub.start()
    assert page.request.get(status).json()["started"] == before["started"]
