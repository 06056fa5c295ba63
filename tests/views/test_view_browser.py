"""The views in a real browser: keyboard, mouse, touch, colours, narrow pages, no network."""

import re

import numpy as np
import pytest
from makers import ALL
from playwright.sync_api import expect
from view_tools import assert_accessible

from lab.views import Allocation, Attention, Links, PhotoSearch
from lab.views._picture import cividis
from lab.views._reference import attention, soft_lookup
from lab.views._view import STATIC

MAP = np.random.default_rng(0).dirichlet(np.ones(5), size=(2, 3))


def trained(**traits):
    """A map as a trained model has it, with names of their own for the columns."""
    return Attention(words=["a", "b", "c"], columns=list("vwxyz"), weights=MAP, **traits)


def recalling(share, **traits):
    """Three pairs of a letter and a digit, and letters that give their pair a `share`."""
    weights = np.full((3, 3), (1 - share) / 2) + np.eye(3) * (3 * share - 1) / 2
    names = {"words": ["a ?", "b ?", "c ?"], "columns": ["a 1", "b 2", "c 3"]}
    return Attention(**names, weights=weights, asking="b ?", **traits)


MAKERS = [*ALL, trained]


def step(page):
    return page.locator(".ttm-step")


def answer(page, text="Skip"):
    page.get_by_role("button", name=text, exact=True).click()


def row(page, title):
    return page.get_by_role("row").filter(has=page.get_by_role("button", name=title))


def cell(page, start):
    return page.get_by_role("gridcell", name=re.compile(f"^{start}:"))


# ---------------------------------------------------------------------------- predict first


def test_attention_asks_for_a_prediction(open_view):
    page = open_view(Attention())
    expect(step(page)).to_contain_text("covered")
    expect(page.get_by_role("gridcell").first).to_have_text("?")
    answer(page, "station itself")
    expect(page.locator(".ttm-reply")).to_contain_text(
        "Your prediction held. The score of station with itself is 2.00"
    )
    expect(cell(page, "station asks train")).to_have_text("0.23")


def test_photo_search_corrects_a_prediction(open_view):
    page = open_view(PhotoSearch())
    expect(row(page, "Rex at the sea")).to_contain_text("?")
    answer(page, "All of it")
    expect(page.locator(".ttm-reply")).to_contain_text("It comes out differently.")
    expect(page.locator(".ttm-reply")).to_contain_text("Rex at the sea weighs 0.26")
    expect(page.get_by_role("button", name="All of it")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("button", name="Skip")).to_be_hidden()


def test_a_question_can_be_skipped_and_answered_later(open_view):
    page = open_view(PhotoSearch())
    answer(page)
    expect(page.locator(".ttm-reply")).to_contain_text("Skipped: the weights are open now.")
    expect(page.locator(".ttm-answers :focus")).to_have_text("All of it")
    answer(page, "Less than half")
    expect(page.locator(".ttm-reply")).to_contain_text("That is right. Rex at the sea weighs 0.26")


def test_controls_work_before_the_question(open_view):
    page = open_view(PhotoSearch())
    page.get_by_label("Sort by rank").check()
    page.get_by_role("button", name="Start again").click()
    expect(page.locator(".ttm-reply")).to_contain_text("Predict first")
    expect(row(page, "Sledge dogs")).to_contain_text("?")
    page.get_by_role("button", name="snow", exact=True).click()
    expect(row(page, "Sledge dogs")).to_contain_text("1.80")
    expect(page.locator(".ttm-reply")).to_contain_text("The weights are open now.")
    expect(page.locator(".ttm-reply")).not_to_contain_text("answer")


def test_a_skipped_question_takes_no_place(open_view):
    page = open_view(Attention(prediction="skipped"))
    expect(page.locator(".ttm-question")).to_be_hidden()
    expect(step(page)).to_contain_text("station gives the largest weight")
    page.get_by_role("button", name="Show the question").click()
    expect(page.locator(".ttm-answers :focus")).to_have_text("train")
    expect(page.get_by_role("button", name="Show the question")).to_be_hidden()
    answer(page, "station itself")
    expect(page.locator(".ttm-reply")).to_contain_text("That is right.")


def test_a_trained_map_asks_too(open_view):
    page = open_view(trained())
    page.get_by_role("group", name="Head shown").get_by_label("2").check(force=True)
    expect(page.get_by_role("gridcell").first).to_have_text("?")
    page.get_by_role("button", name="Start again").click()
    best = "vwxyz"[MAP[0, 0].argmax()]
    expect(page.locator(".ttm-text")).to_contain_text("In head 1, “a” looks at the others.")
    answer(page, best)
    expect(page.locator(".ttm-reply")).to_contain_text(f"held. The largest weight goes to {best}")
    expect(page.locator(".ttm-reply")).to_contain_text(f"{MAP[0, 0].max():.2f}; an equal share")


def test_an_even_map_rewards_no_guess(open_view):
    page = open_view(recalling(0.36))
    expect(page.locator(".ttm-answers button:visible")).to_have_text(
        ["a 1", "b 2", "about the same everywhere", "Skip"]
    )
    answer(page, "b 2")
    expect(page.locator(".ttm-reply")).to_have_text(
        "It comes out differently. All get about the same: "
        "the largest weight, for b 2, is 0.36; an equal share would be 0.33."
    )
    answer(page, "about the same everywhere")
    expect(page.locator(".ttm-reply")).to_contain_text("Your prediction held.")
    expect(step(page)).to_have_text(
        "b ? spreads its weight about evenly; "
        "the largest is b 2 with 0.36, and an equal share would be 0.33."
    )


def test_given_maps_share_one_scale(open_view):
    even, sharp = (open_view(recalling(share, prediction="skipped")) for share in (0.36, 0.9))
    for page, share in (even, 0.36), (sharp, 0.9):
        middle = cell(page, r"b \? asks b 2")
        expect(middle).to_have_css("background-color", cividis(share)[0].replace(",", ", "))
        expect(page.locator(".ttm-matrix")).to_contain_text("from 0 (dark) to 1 (light)")


def test_views_of_one_page_leave_each_other_alone(open_view):
    page = open_view(trained())
    page.evaluate(
        """async () => {
          const box = document.body.appendChild(document.createElement("div"));
          const source = document.querySelector("script").textContent;
          const module = source.match(/data:text[^"]*/)[0];
          (await import(`${module}#again`)).default.render({ model, el: box });
        }"""
    )
    chosen = page.get_by_role("group", name="Head shown").get_by_label("1")
    expect(chosen).to_have_count(2)
    for one in chosen.all():
        expect(one).to_be_checked()


# ----------------------------------------------------------------------------- photo search


def test_query_by_keyboard(open_view):
    page = open_view(PhotoSearch(prediction="skipped"))
    dog = page.get_by_role("button", name="dog", exact=True)
    dog.focus()
    page.keyboard.press("ArrowRight")
    cat = page.get_by_role("button", name="cat", exact=True)
    expect(cat).to_be_focused()
    expect(cat).to_have_attribute("tabindex", "0")
    expect(dog).to_have_attribute("tabindex", "-1")
    page.keyboard.press("Space")
    expect(cat).to_have_attribute("aria-pressed", "true")
    expect(step(page)).to_contain_text("You ask for dog + cat + beach")
    page.keyboard.press("End")
    expect(page.get_by_role("button", name="city", exact=True)).to_be_focused()
    page.keyboard.press("Home")
    expect(dog).to_be_focused()


def test_a_tag_counts_in_part(open_view):
    page = open_view(PhotoSearch(prediction="skipped"))
    slider = page.get_by_label("How much beach counts")
    slider.focus()
    page.keyboard.press("ArrowLeft")
    expect(step(page)).to_contain_text("dog + 0.90 beach")
    expect(slider).to_have_attribute("aria-valuetext", "0.90")


def test_from_soft_to_hard(open_view):
    page = open_view(PhotoSearch(prediction="skipped"))
    slider = page.get_by_role("slider", name="Temperature")
    slider.focus()
    page.keyboard.press("Home")
    expect(slider).to_have_attribute("aria-valuetext", "0.05, hard")
    expect(step(page)).to_contain_text("one photo takes nearly all: Rex at the sea, 0.98.")
    page.keyboard.press("End")
    expect(slider).to_have_attribute("aria-valuetext", "5, soft")
    expect(step(page)).to_contain_text("so soft that Rex at the sea")
    page.keyboard.press("PageDown")
    expect(slider).to_have_attribute("aria-valuetext", "3.2, soft")


def test_bars_are_absolute(open_view):
    page = open_view(PhotoSearch(prediction="skipped"))
    bar = row(page, "Rex at the sea").locator(".ttm-bar")
    assert bar.evaluate("bar => parseFloat(bar.style.width)") == pytest.approx(25.9, abs=0.1)
    page.get_by_role("slider", name="Temperature").focus()
    page.keyboard.press("Home")
    assert bar.evaluate("bar => parseFloat(bar.style.width)") == pytest.approx(98, abs=0.5)


def test_photos_by_keyboard_and_by_rank(open_view):
    page = open_view(PhotoSearch(prediction="skipped"))
    page.get_by_role("button", name="Rex at the sea").focus()
    page.keyboard.press("ArrowDown")
    expect(step(page)).to_contain_text("Empty shore: score 1.00 = 1.00 × 1.00 (beach)")
    page.get_by_label("Sort by rank").check()
    titles = page.locator(".ttm-name")
    expect(titles.first).to_have_text("Rex at the sea")
    expect(titles.nth(1)).to_have_text("Surfing dog")
    page.get_by_role("button", name="Surfing dog").focus()
    page.keyboard.press("End")
    expect(page.get_by_role("button", name="Skyline at night")).to_be_focused()


def test_focus_stays_when_rows_move(open_view):
    page = open_view(PhotoSearch(prediction="skipped", by_rank=True))
    page.get_by_role("button", name="Cat on a roof").click()
    page.evaluate("model.set('query', [0, 1, 0, 0, 0, 0])")
    expect(page.locator(".ttm-name").first).to_have_text("Cat on a roof")
    expect(page.get_by_role("button", name="Cat on a roof")).to_be_focused()


def test_the_blend_says_what_is_in_it(open_view):
    page = open_view(PhotoSearch(prediction="skipped"))
    blend = page.get_by_role("img")
    expect(blend).to_have_attribute(
        "aria-label", re.compile("^Blend: 0.26 × Rex at the sea . 0.21 × Surfing dog")
    )
    colour = blend.evaluate("c => [...c.getContext('2d').getImageData(0, 0, 1, 1).data]")
    expected = np.round(255 * PhotoSearch().lookup()[0][:3])
    assert np.abs(np.array(colour[:3]) - expected).max() <= 1


# -------------------------------------------------------------------------------- attention


def test_words_by_keyboard(open_view):
    page = open_view(Attention(prediction="skipped"))
    page.get_by_role("radio", name="station").focus()
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("radio", name="the", exact=True).nth(0)).to_be_visible()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowDown")
    train = page.get_by_role("radio", name="train")
    expect(train).to_be_focused()
    expect(train).to_have_attribute("aria-checked", "true")
    expect(step(page)).to_contain_text("train gives the largest weight to train itself (0.36)")
    expect(page.get_by_text("The vector of train, before and after")).to_be_visible()


def test_matrix_by_keyboard(open_view):
    page = open_view(Attention(prediction="skipped"))
    page.get_by_role("gridcell").nth(4 * 7).focus()
    page.keyboard.press("ArrowRight")
    expect(step(page)).to_have_text("station asks train: score 1.36, weight 0.23.")
    page.keyboard.press("ArrowUp")
    expect(step(page)).to_contain_text("the asks train")
    page.keyboard.press("End")
    expect(step(page)).to_contain_text("the asks time")
    page.keyboard.press("Control+Home")
    expect(step(page)).to_contain_text("The asks The: score 1.00, weight 0.23.")
    assert page.locator("[role=gridcell][tabindex='0']").count() == 1


def test_tab_enters_the_matrix_at_the_word_that_asks(open_view):
    page = open_view(Attention(prediction="skipped"))
    page.get_by_role("radio", name="station").focus()
    page.keyboard.press("End")
    expect(step(page)).to_contain_text("time gives")
    page.keyboard.press("Tab")
    expect(cell(page, "time asks The")).to_be_focused()
    expect(step(page)).to_contain_text("time gives")
    page.keyboard.press("ArrowRight")
    expect(step(page)).to_contain_text("time asks train")
    page.get_by_role("radio", name="left").hover()  # a glance moves no tab stop
    expect(cell(page, "time asks train")).to_have_attribute("tabindex", "0")


@pytest.mark.parametrize("width", [480, 1200])
@pytest.mark.parametrize(
    "make, groups",
    [
        (PhotoSearch, [".ttm-answers", ".ttm-query", "table"]),
        (Attention, [".ttm-answers", ".ttm-lines", ".ttm-matrix"]),
        (Allocation, [".ttm-answers", ".ttm-vectors"]),
        (Links, [".ttm-answers", ".ttm-row", ".ttm-slots", ".ttm-matrix"]),
    ],
)
def test_a_hint_tells_of_the_arrow_keys(open_view, make, groups, width):
    page = open_view(make(), width=width)
    hints = page.get_by_text("Arrow keys move, Tab leaves").filter(visible=True)
    expect(hints).to_have_count(0)
    for group in groups:
        page.locator(f"{group} [tabindex='0']").first.focus()
        page.keyboard.press("ArrowRight")
        expect(hints).to_have_count(1)
        expect(page.locator(f"{group} .ttm-hint")).to_be_visible()
    page.get_by_role("button", name="Start again").focus()
    expect(hints).to_have_count(0)


def test_hover_shows_and_click_keeps(open_view):
    page = open_view(Attention(prediction="skipped"))
    page.get_by_role("radio", name="train").hover()
    expect(step(page)).to_contain_text("train gives the")
    step(page).hover()
    expect(step(page)).to_contain_text("station gives the")
    page.get_by_role("radio", name="train").click()
    step(page).hover()
    expect(step(page)).to_contain_text("train gives the")


def test_touch(open_view):
    page = open_view(Attention(prediction="skipped"), has_touch=True, width=480)
    page.get_by_role("radio", name="left").tap()
    expect(step(page)).to_contain_text("left gives the largest weight to left itself")
    cell(page, "station asks train").tap()
    expect(step(page)).to_contain_text("station asks train")
    page.get_by_label("Causal mask").tap()
    expect(cell(page, "The asks train")).to_have_text("–")


def test_settings_change_the_weights(open_view):
    page = open_view(Attention(prediction="skipped"))
    page.get_by_label("Divide the scores by √d").check()
    expect(cell(page, "station asks station")).to_have_text("0.25")
    page.get_by_label("Causal mask").check()
    expect(cell(page, "The asks The")).to_have_text("1.00")
    expect(cell(page, "The asks time")).to_have_accessible_name(re.compile("masked"))
    page.get_by_role("button", name="Start again").click()
    expect(cell(page, "station asks station")).to_have_text("0.44")


def test_heads(open_view):
    page = open_view(Attention(prediction="skipped"))
    heads = page.get_by_role("group", name="Heads", exact=True)
    heads.get_by_label("3").check(force=True)
    shown = page.get_by_role("group", name="Head shown")
    expect(shown.locator("label").first).to_have_text("1: rail, place")
    shown.get_by_label("2: motion, time").check(force=True)
    expect(step(page)).to_contain_text("In head 2, station")
    heads.get_by_label("1").check(force=True)
    expect(shown).to_have_count(0)


def test_controls_not_yet_taught_stay_away(open_view):
    page = open_view(Attention(controls=["temperature"], causal=True, prediction="skipped"))
    expect(page.get_by_role("slider", name="Temperature")).to_have_count(1)
    expect(page.get_by_role("checkbox")).to_have_count(0)
    expect(page.get_by_role("group", name="Heads")).to_have_count(0)
    page.get_by_role("button", name="Start again").click()
    expect(cell(page, "The asks The")).to_have_text("1.00")  # the mask is Python's


def test_a_trained_map_hides_what_makes_no_sense(open_view):
    page = open_view(trained())
    answer(page)
    expect(page.get_by_role("slider", name="Temperature")).to_have_count(0)
    expect(page.get_by_text("before and after")).to_have_count(0)
    page.get_by_role("group", name="Head shown").get_by_label("2").check(force=True)
    expect(cell(page, "c asks z")).to_have_text(f"{MAP[1, 2, 4]:.2f}")


@pytest.mark.parametrize("make", [PhotoSearch, Attention])
def test_page_and_python_say_the_same(open_view, make):
    view = make(prediction="skipped")
    page = open_view(view)
    states = {
        PhotoSearch: [{"query": [0.3, 0, 1, 0, 0, 0]}, {"temperature": 0.05}, {"temperature": 5}],
        Attention: [
            {"heads": 3},
            {"head": 2},
            {"causal": True},
            {"asking": 0},
            {"asking": 6, "scaled": True},
            {"temperature": 5},
            {"asking": 0},
            {"causal": False},
        ],
    }
    expect(step(page)).to_have_text(view.describe())
    for state in states[make]:
        view.set_trait(*next(iter(state.items())))
        view.set_state(state)
        page.evaluate("s => Object.entries(s).forEach(([k, v]) => model.set(k, v))", state)
        expect(step(page)).to_have_text(view.describe())


# ------------------------------------------------------------------- the learner's functions


def test_the_first_wrong_photo_is_marked(open_view):
    def reverse(query, keys, values):
        answer, weights = soft_lookup(query, keys, values)
        return answer, weights[::-1]

    page = open_view(PhotoSearch(reverse, prediction="skipped"), live=True)
    expect(page.locator(".ttm-yours.ttm-wrong")).to_have_text("≠ 0.21")
    expect(row(page, "Empty shore").locator(".ttm-yours")).to_have_text("0.05")
    expect(page.locator(".ttm-verdict")).to_contain_text("first at Rex at the sea")


def test_a_difference_tells_no_covered_weight(open_view):
    def reverse(query, keys, values):
        answer, weights = soft_lookup(query, keys, values)
        return answer, weights[::-1]

    page = open_view(PhotoSearch(reverse))
    expect(page.locator(".ttm-verdict")).to_have_text(
        "≠Your reverse differs; where and how, you see when you have answered."
    )
    answer(page)
    expect(page.locator(".ttm-verdict")).to_contain_text("yours 0.21, reference 0.26")


def test_python_is_asked_again_when_the_hand_rests(open_view):
    view = PhotoSearch(soft_lookup, prediction="skipped")
    page = open_view(view, live=True)
    expect(page.locator(".ttm-verdict")).to_have_text("✓Your soft_lookup agrees on all 8 photos.")
    page.get_by_role("slider", name="Temperature").focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".ttm-verdict")).to_contain_text("Waiting for the notebook")
    expect(page.locator(".ttm-verdict")).to_contain_text("agrees on all 8 photos")
    assert view.temperature == 0.89


def test_the_first_wrong_cell_is_marked(open_view):
    def unmasked(query, key, value, mask=None):
        return attention(query, key, value)

    page = open_view(Attention(unmasked, prediction="skipped"), live=True)
    expect(page.locator(".ttm-verdict")).to_contain_text("agrees in all 49 weights")
    page.get_by_label("Causal mask").check()
    expect(page.locator(".ttm-verdict")).to_contain_text("first where The asks The")
    expect(cell(page, "The asks The")).to_have_text("≠ 1.00")
    expect(cell(page, "The asks The")).to_have_accessible_name(re.compile("yours 0.23"))


def test_a_wrong_dimension_is_marked(open_view):
    view = Attention(learner_loop=lambda sequence: sequence, asking="The", prediction="skipped")
    page = open_view(view)
    expect(page.locator(".ttm-vector .ttm-wrong")).to_have_text("≠ 0.17")


def test_without_a_kernel_the_page_says_so(open_view):
    page = open_view(PhotoSearch(soft_lookup, prediction="skipped"))
    page.get_by_label("Sort by rank").check()
    expect(page.locator(".ttm-verdict")).to_contain_text("agrees on all 8 photos")
    page.get_by_role("button", name="snow", exact=True).click()
    expect(page.locator(".ttm-verdict")).to_contain_text("has to run in the notebook")


# --------------------------------------------------------------------------- for every view


@pytest.mark.parametrize("make", MAKERS)
def test_axe_finds_nothing_and_bars_rest(open_view, make):
    page = open_view(make())
    assert_accessible(page)
    answer(page)
    assert_accessible(page)


@pytest.mark.parametrize("make", [PhotoSearch, Attention])
def test_axe_finds_nothing_beside_a_wrong_function(open_view, make):
    wrong = {
        PhotoSearch: lambda query, keys, values: (values[0], keys[:, 0]),
        Attention: lambda query, key, value, mask: attention(query, key, value),
    }
    options = {PhotoSearch: {"temperature": 0.05}, Attention: {"causal": True, "heads": 2}}
    view = make(wrong[make], prediction="part", **options[make])
    page = open_view(view)
    expect(page.locator(".ttm-wrong")).to_have_count(1)
    assert_accessible(page)


@pytest.mark.parametrize("make", MAKERS)
def test_nothing_sticks_out(open_view, make):
    page = open_view(make())
    for width in (480, 760, 1200):
        page.set_viewport_size({"width": width, "height": 900})
        page.reload()
        answer(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    sizes = page.locator(".ttm-view *").evaluate_all(
        "all => all.map(node => parseFloat(getComputedStyle(node).fontSize))"
    )
    assert min(sizes) >= 12


# Loads more style sheets, and tells which styles of the view have changed.
RESTYLE = """(all, sheets) => {
  const read = () => all.map((node) => getComputedStyle(node)).flatMap((style, i) =>
    [...style].map((name) => `${all[i].getAttribute('class')} ${name}: ${style[name]}`));
  const alone = read();
  for (const text of sheets) {
    const sheet = document.head.appendChild(document.createElement("style"));
    sheet.textContent = text;
  }
  return read().filter((line, i) => line !== alone[i]);
}"""


@pytest.mark.parametrize("make", MAKERS)
def test_other_views_change_nothing(open_view, make):
    view = make(prediction="skipped")
    page = open_view(view, width=480, reduced_motion="reduce")
    sheets = [path.read_text() for path in STATIC.glob("*.css") if path.stem != view._name]
    assert page.locator(".ttm-view *").evaluate_all(RESTYLE, sheets) == []


# Whether what has the focus shows a ring, on itself or where it is drawn; null outside of the view.
FOCUSED = """() => {
  const node = document.activeElement;
  if (!node.closest(".ttm-view")) return null;
  const pill = node.closest(".ttm-pill");
  const drawn = pill ? [pill] : [node, ...node.querySelectorAll("rect")];
  const ring = drawn.some((each) => getComputedStyle(each).outlineStyle === "solid");
  return { ring, isNumber: node.type === "number" };
}"""


@pytest.mark.parametrize("make", MAKERS)
def test_everything_is_reached_by_tab(open_view, make):
    page = open_view(make(prediction="skipped"))
    reached = []
    page.keyboard.press("Tab")
    while focused := page.evaluate(FOCUSED):
        reached.append(focused)
        page.keyboard.press("Tab")
    assert all(each["ring"] for each in reached)
    # Where a number is typed, the arrow keys count, so that each such field is a stop of its own.
    assert 2 <= sum(not each["isNumber"] for each in reached) <= 14


@pytest.mark.parametrize("make", MAKERS)
def test_keys_stay_inside(open_view, make):
    page = open_view(make())
    page.evaluate("heard = []; addEventListener('keydown', (event) => heard.push(event.key))")
    page.locator(".ttm-answers button").first.focus()
    for key in ("b", "d", "ArrowDown", "Home", "Escape", "Control+s"):
        page.keyboard.press(key)
    assert page.evaluate("heard") == ["Escape", "Control", "s"]


@pytest.mark.parametrize("make", MAKERS)
def test_a_view_can_be_closed(open_view, make):
    page = open_view(make(prediction="skipped"))
    left = page.evaluate(
        """() => {
          const box = document.createElement("div");
          const before = [...listeners.values()].flat().length;
          const close = view.default.render({ model, el: box });
          close();
          return [...listeners.values()].flat().length - before;
        }"""
    )
    assert left == 0
