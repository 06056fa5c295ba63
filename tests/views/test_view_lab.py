"""Both views in a live JupyterLab: they appear, keep their keys, and ask the kernel."""

from playwright.sync_api import expect
from view_tools import jupyter_lab, run_cells

CELLS = [
    """import numpy as np
from lab.views import Attention, PhotoSearch
def soft_lookup(query, keys, values):
    powers = np.exp(keys @ query)
    return powers / powers.sum() @ values, powers / powers.sum()
PhotoSearch(soft_lookup)""",
    """def attention(query, key, value, mask=None):
    raise NotImplementedError
Attention(attention)""",
]


def test_views_in_a_live_notebook(browser, tmp_path):
    context = browser.new_context(viewport={"width": 1300, "height": 1000})
    page = context.new_page()
    page.set_default_timeout(60_000)
    with jupyter_lab(tmp_path, CELLS) as (port, path):
        page.goto(f"http://127.0.0.1:{port}/{path}")
        run_cells(page, 2)
        photos, attention = page.locator(".ttm-photos"), page.locator(".ttm-attention")
        expect(photos.locator(".ttm-verdict")).to_contain_text("agrees on all 8 photos")
        expect(attention.locator(".ttm-verdict")).to_contain_text("not written yet")
        cells = page.locator(".jp-Cell").count()
        photos.get_by_role("slider", name="Temperature").focus()
        for key in ("b", "d", "d", "Home"):
            page.keyboard.press(key)
        expect(photos.locator(".ttm-step")).to_contain_text("takes nearly all")
        expect(photos.locator(".ttm-verdict")).to_contain_text("Waiting")
        expect(photos.locator(".ttm-verdict")).to_contain_text("agrees on all 8 photos")
        assert page.locator(".jp-Cell").count() == cells
        context.close()
