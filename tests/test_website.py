"""The website: every page in a real browser, with nothing else within reach."""

import re

import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import expect

from autograder.build import BEGIN, END
from autograder.cells import solved_exercise
from tests.conftest import ROOT
from tests.views.view_tools import assert_accessible
from tests.website_tools import SCROLL, Visit, served
from website.build import binder, build
from website.execution import CHAPTERS, executed, solved

NAMES = [chapter.name for chapter in CHAPTERS]
PAGES = ["index.html", *(f"{name}.html" for name in NAMES)]
pytestmark = pytest.mark.filterwarnings("ignore:.*MystReferenceResolver")

LIMIT = 500_000  # bytes of a page, unpacked, without its pictures


@pytest.fixture(scope="module")
def html(tmp_path_factory):
    return build(tmp_path_factory.mktemp("website"))


@pytest.fixture(scope="module")
def address(html, tmp_path_factory):
    with served(html, tmp_path_factory.mktemp("served")) as address:
        yield address


@pytest.fixture
def visit(browser, address):
    visits = []

    def visit_(name, **options):
        visits.append(Visit(browser, address, name, **options))
        return visits[-1]

    yield visit_
    for each in visits:
        each.context.close()
        assert not each.wrong


@pytest.fixture(scope="module")
def soups(html):
    """The pages' elements by file name."""
    return {
        path.name: BeautifulSoup(path.read_text(), "html.parser") for path in html.glob("*.html")
    }


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_alive_light_and_for_everyone(visit, html, name):
    one = visit(name, viewport={"width": 1366, "height": 900})
    one.page.evaluate(SCROLL)
    for view in one.page.locator(".ttm-view").all():
        assert answers(view), view.inner_text()
    images = one.page.locator("img").evaluate_all("all => all.map((i) => i.naturalWidth)")
    assert all(images)
    # Code is the same everywhere and has a thousand parts, which takes long: one page must do.
    assert_accessible(one.page, but=[] if name == PAGES[3] else [".highlight"])
    for width in (400, 1020, 1320):
        one.page.set_viewport_size({"width": width, "height": 900})
        assert one.page.evaluate("document.documentElement.scrollWidth") <= width
    weights = one.weights(html)
    assert sum(plain for kind, (plain, _) in weights.items() if kind != "pictures") < LIMIT


def answers(view):
    """Whether the view says something else once keys are pressed in it."""
    before = view.inner_text()
    for control in view.locator("button:visible, input:visible, [tabindex='0']:visible").all():
        for key in ("ArrowRight", "ArrowDown", "Enter", "Space"):
            control.press(key)
            if view.inner_text() != before:
                return True
    return False


def test_every_view_of_the_notebooks_is_on_its_page(soups):
    for chapter in CHAPTERS:
        shown = [
            output
            for cell in executed(chapter).cells
            for output in cell.get("outputs", [])
            if "ttm-picture" in output.get("data", {}).get("text/html", "")
        ]
        assert len(soups[f"{chapter.name}.html"].select(".view")) == len(shown) > 0


def test_pages_have_what_a_page_needs(soups):
    titles = {soup.title.string for soup in soups.values()}
    assert len(titles) == len(soups)
    for name, soup in soups.items():
        assert soup.html["lang"] == "en"
        assert len(soup("h1")) == 1, name
        assert all(image.get("alt", "").strip() for image in soup("img")), name
        levels = [int(heading.name[1]) for heading in soup(re.compile("^h[1-6]$"))]
        assert all(b <= a + 1 for a, b in zip(levels, levels[1:], strict=False)), name
        ids = [node["id"] for node in soup(id=True)]
        assert len(ids) == len(set(ids)), name


def test_the_pictures_keep_their_words(soups):
    for chapter in CHAPTERS:
        cells = (cell for cell in executed(chapter).cells if cell.cell_type == "code")
        outputs = (
            output.get("data", {}).get("text/html", "") for c in cells for output in c.outputs
        )
        words = [i["alt"] for html in outputs for i in BeautifulSoup(html, "html.parser")("img")]
        article = soups[f"{chapter.name}.html"].article
        assert [image["alt"] for image in article("img")] == words


def test_links_lead_somewhere(soups, html):
    ids = {name: {node["id"] for node in soup(id=True)} for name, soup in soups.items()}
    for name, soup in soups.items():
        for node in soup(["a", "link", "script", "img"]):
            target = node.get("href") or node.get("src") or ""
            if target.startswith(("http", "data:")) or not target:
                assert node.name == "a" or not target.startswith("http"), target
                continue
            path, _, anchor = target.partition("#")
            path = path.partition("?")[0] or name
            assert (html / path).is_file(), f"{name}: {target}"
            if anchor and path in soups:
                assert anchor in ids[path], f"{name}: {target}"


def test_solutions_are_folded(soups):
    for chapter in CHAPTERS:
        soup = soups[f"{chapter.name}.html"]
        folded = soup.select("details.solution")
        inside = " ".join(plain(node) for node in folded)
        outside = plain(soup).replace(inside, "")
        for node in folded:
            assert not node.has_attr("open")
            outside = outside.replace(plain(node), "")
        assert BEGIN not in outside and END not in outside
        for cell in solved(chapter).cells:
            for solution in re.findall(f"{BEGIN}\n(.*?)\n *{END}", cell.source, re.DOTALL):
                text = " ".join(solution.split())
                if solved_exercise(cell) and len(text) > 20:
                    assert text in inside
                    assert text not in outside, "the solution can be read without opening it"


def plain(node):
    return " ".join(node.get_text().split())


def test_the_keyboard_opens_a_solution(visit):
    page = visit("05_attention.html").page
    fold = page.locator("details.solution").filter(has_text="A solution of softmax").first
    body = fold.locator("pre")
    expect(body).to_be_hidden()
    fold.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(body).to_be_visible()


def test_search_finds_the_chapter(visit):
    page = visit("index.html").page
    page.get_by_role("textbox", name="Search").fill("allocation")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="6 · Memory operations").and_(
        page.locator("#search-results a")
    ).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("6 · Memory operations")


def test_the_search_page_is_for_everyone(visit):
    page = visit("search.html?q=allocation").page
    expect(page.locator("#search-results li")).not_to_have_count(0)
    expect(page.get_by_text("Search finished")).to_be_visible()
    assert_accessible(page)


def test_the_switch_of_the_theme_reaches_the_views(visit):
    page = visit("index.html", color_scheme="light").page
    view = page.locator(".ttm-view")
    expect(view).to_have_css("color-scheme", "light dark")
    light = view.evaluate("node => getComputedStyle(node).backgroundColor")
    for _ in range(3):  # from auto to light to dark, in the order that the system's choice gives
        if page.locator("body").get_attribute("data-theme") != "dark":
            page.locator(".theme-toggle:visible").click()
    expect(view).to_have_css("color-scheme", "dark")
    assert view.evaluate("node => getComputedStyle(node).backgroundColor") != light


def test_without_scripts_the_pictures_stand(visit):
    page = visit("05_attention.html", java_script_enabled=False).page
    first = page.locator(".view img").first
    first.scroll_into_view_if_needed()
    expect(first).to_be_visible()
    expect(page.locator(".ttm-view")).to_have_count(0)


def test_the_site_works_from_a_disk(html, browser):
    page = browser.new_context(offline=True).new_page()
    page.goto((html / "index.html").as_uri())
    page.locator(".ttm-view button").first.click()
    expect(page.locator(".ttm-reply")).not_to_contain_text("Predict first")
    page.context.close()


def test_binder_opens_the_chapter(soups):
    repository = re.search(
        r'^Repository = "https://github.com/(.*)"', (ROOT / "pyproject.toml").read_text(), re.M
    )[1]
    start = f"https://mybinder.org/v2/gh/{repository}/main?urlpath=lab/tree/work/"
    for name in NAMES:
        address = f"{start}{name}/{name}.ipynb"
        assert address == binder(f"{name}/{name}.ipynb")
        assert soups[f"{name}.html"].article.find("a", href=address)
        assert soups["index.html"].article.find("a", href=address)
        assert (ROOT / "course" / name / f"{name}.ipynb").exists()  # what Binder's work/ is made of
    assert soups["index.html"].article.find("a", href=f"{start}start.ipynb")


def test_chapters_lead_to_one_another(soups):
    for before, after in zip(PAGES, PAGES[1:], strict=False):
        assert soups[before].select_one("a.next-page")["href"] == after
        assert soups[after].select_one("a.prev-page")["href"] in (before, "#")
