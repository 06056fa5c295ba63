"""The course page in a live JupyterLab: it shows what passed, and leads to what comes next."""

import re

import nbformat
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from view_tools import jupyter_lab, run_cells

from autograder.build import BEGIN, END, exercise_source
from lab.own_copy import RELEASE, update
from lab.progress import FILE, HEADER
from tests.conftest import ROOT

ANSWER = re.sub(rf" *({BEGIN}|{END})\n?", "", exercise_source("tensors.take_batch"))
IMPORTS = "import numpy as np\nfrom autograder import check\n"
DARK = """async () => {
  const token = document.cookie.match(/_xsrf=([^;]*)/)[1];
  await fetch("/lab/api/settings/@jupyterlab/apputils-extension:themes", {
    method: "PUT",
    headers: { "X-XSRFToken": token },
    body: JSON.stringify({ raw: '{"theme": "JupyterLab Dark"}' }),
  });
}"""


def assert_accessible_here(page):
    """That axe finds nothing in what the cell shows; JupyterLab around it is not ours."""
    found = Axe().run(page, context=".jp-Notebook .jp-OutputArea-output")
    assert found.violations_count == 0, found.generate_report()


def test_from_the_page_to_an_exercise_and_back(browser, tmp_path):
    page = browser.new_context(viewport={"width": 1300, "height": 900}).new_page()
    page.set_default_timeout(90_000)
    with jupyter_lab(tmp_path, []) as (port, _):
        work = tmp_path / "work"
        assert all(outcome.said == "copied" for outcome in update(ROOT / "course", work))
        (work / FILE).write_text(f"{HEADER}\n2026-01-31T12:00:00+01:00,tensors.take_batch,0,5\n")
        page.goto(f"http://127.0.0.1:{port}/lab/tree/start.ipynb")
        run_cells(page, 1)
        shown = page.locator(".jp-OutputArea-output", has_text="In all")
        expect(shown).to_contain_text("0 of 8")
        expect(shown).to_contain_text("You were here")
        row = shown.get_by_role("row", name="1 · Tensors")
        shown.get_by_role("link", name="take_batch").last.click()

        cell = page.locator(".jp-Cell", has_text="def take_batch(")
        expect(cell).to_be_in_viewport()
        page.locator(".jp-StatusBar-Widget").get_by_text("| Idle").wait_for()
        cell.locator(".cm-content").click()
        page.keyboard.press("Control+a")
        page.keyboard.insert_text(IMPORTS + ANSWER)
        page.keyboard.press("Shift+Enter")
        page.keyboard.press("Shift+Enter")
        card = page.locator(".jp-OutputArea-output", has_text="cases pass")
        expect(card).to_contain_text("take_batch: all")
        page.keyboard.press("Control+s")

        page.locator(".lm-TabBar-tab", has_text="start.ipynb").first.click()
        run_cells(page, 1)
        expect(row).to_contain_text("1 of 8")
        expect(shown).to_contain_text("relu_loop")
        assert_accessible_here(page)

        page.keyboard.press("Control+s")
        expect(page.locator(".jp-mod-dirty")).to_have_count(0)
        page.evaluate(DARK)
        page.reload()
        expect(page.locator("[data-jp-theme-light=false]")).to_be_attached()
        expect(row).to_contain_text("1 of 8")
        assert_accessible_here(page)
    page.context.close()

    # What JupyterLab has saved is still known: by the release, and by its cells without that.
    chapter = work / "01_tensors" / "01_tensors.ipynb"
    assert not any(outcome.said for outcome in update(ROOT / "course", work))
    saved = nbformat.read(chapter, as_version=4)
    assert saved.metadata.pop(RELEASE)
    nbformat.write(saved, chapter)
    assert not any(outcome.said for outcome in update(ROOT / "course", work))
