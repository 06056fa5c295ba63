"""The views in a live JupyterLab: they move, ask the kernel, and leave a picture."""

import re

import pytest
from playwright.sync_api import expect
from test_view_growth import ROWS
from view_tools import jupyter_lab, run_cells

from autograder.build import source_notebook
from tests.conftest import ROOT

SHUT_DOWN = """async () => {
  const token = document.cookie.match(/_xsrf=([^;]*)/)[1];
  for (const session of await (await fetch("/api/sessions")).json())
    await fetch(`/api/sessions/${session.id}`,
                { method: "DELETE", headers: { "X-XSRFToken": token } });
}"""

MEMORY = [
    'views.Allocation(prediction="skipped")',
    'views.Links(prediction="skipped")',
    'views.Plane(prediction="skipped")',
    'views.Landscape(prediction="skipped")',
    f'views.GraphGrowth({ROWS}, prediction="skipped")',
    "from lab.weights import load_run\n"
    'views.MemoryTimeline(load_run("copy"), prediction="skipped")',
    'views.Motion(prediction="skipped")',
    "from solutions.backprop import Node\nx = Node(3)\n"
    'views.Graph(x * x + x, {"x": x}, prediction="skipped")',
]
KEYS = [  # for each of them: where a key is pressed, and what is said of it then
    (".ttm-allocation", "slider", "Usage of slot 1", "End", "Slot 2 is the freest"),
    (".ttm-links", "button", "Write to slot 0", "Enter", "Write 5 goes to slot 0."),
    (".ttm-plane", "slider", "A[:, 0]", "ArrowUp", "(1, 0) to (1, 0.1), (0, 1) to (0, 1)"),
    (".ttm-landscape", "slider", "Step", "Home", "All three start at (-2.50, 0.50)"),
    (".ttm-growth", "button", "N = 16", "ArrowUp", "At N = 8 the loop makes"),
    (".ttm-timeline", "slider", "Time step", "End", "Step 13 of 13"),
    (".ttm-motion", "slider", "Time", "End", "At 2.00 s the body is at (6.00, 2.00) m"),
    (".ttm-graph", "slider", "Step", "Home", "Given: x = 3."),
]


@pytest.fixture(scope="module")
def cells() -> list[str]:
    """Of the solved chapter: the imports, the functions that the views need, and two views;
    then the views of the chapters on memory.
    """
    wanted = r"import numpy|def (softmax|soft_lookup|attention)\(|learner=(soft_lookup|attention),"
    chapter = source_notebook(ROOT / "chapters" / "05_attention.py")
    code = [c.source for c in chapter.cells if c.cell_type == "code"]
    return [source for source in code if re.search(wanted, source)] + MEMORY


def test_the_views_in_a_live_notebook(browser, tmp_path, cells):
    context = browser.new_context(viewport={"width": 1300, "height": 1600})
    page = context.new_page()
    page.set_default_timeout(90_000)
    with jupyter_lab(tmp_path, cells) as (port, path):
        page.goto(f"http://127.0.0.1:{port}/{path}")
        run_cells(page, len(cells))
        photos, attention = page.locator(".ttm-photos"), page.locator(".ttm-attention")
        late = {"timeout": 60_000}  # the imports come first
        expect(photos.locator(".ttm-verdict")).to_contain_text("agrees on all 8 photos", **late)
        expect(attention.locator(".ttm-verdict")).to_contain_text("agrees", **late)
        expect(page.locator(".ttm-picture").first).to_be_hidden()
        count = page.locator(".jp-Cell").count()

        photos.get_by_role("slider", name="Temperature").focus()
        for key in ("b", "d", "d", "Home"):
            page.keyboard.press(key)
        expect(photos.locator(".ttm-step")).to_contain_text("takes nearly all")
        expect(photos.locator(".ttm-verdict")).to_contain_text("agrees on all 8 photos")
        photos.get_by_role("button", name="snow").click()
        expect(photos.locator(".ttm-step")).to_contain_text("snow")

        expect(attention.locator(".ttm-step")).to_contain_text("station gives")
        expect(attention.locator(".ttm-step")).to_contain_text("0.44")
        attention.get_by_label("Causal mask").click()
        expect(attention.locator(".ttm-step")).not_to_contain_text("0.44")
        attention.get_by_role("radio", name="station", exact=True).first.focus()
        page.keyboard.press("ArrowUp")
        expect(attention.locator(".ttm-step")).to_contain_text("the gives")
        for view, role, name, key, said in KEYS:
            page.locator(view).get_by_role(role, name=name).press(key)
            expect(page.locator(f"{view} .ttm-step")).to_contain_text(said, **late)
        assert page.locator(".jp-Cell").count() == count, "a key reached JupyterLab"

        page.keyboard.press("Control+s")
        page.wait_for_timeout(1000)
        page.evaluate(SHUT_DOWN)
        context.close()

        context = browser.new_context(viewport={"width": 1300, "height": 1600})
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{port}/{path}")
        pictures = page.locator(".ttm-picture img")
        expect(pictures).to_have_count(2 + len(MEMORY), timeout=60_000)
        for picture in pictures.all():
            expect(picture).to_be_visible()
            assert len(picture.get_attribute("alt")) > 20
        for error in page.get_by_text("model not found").all():
            expect(error).to_be_hidden()
        context.close()
