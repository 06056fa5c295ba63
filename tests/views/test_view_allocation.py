"""The allocation view: sentences, the learner's functions beside it, keys, hand and touch."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect
from view_tools import stop_clock

from lab.views import Allocation
from lab.views._memory_reference import allocate


def allocation_weighting(usage):
    return allocate(usage).weights


def gathers_with_the_order(usage):
    result = allocate(usage)
    return result.shares[result.order]


def step(page):
    return page.locator(".ttm-step")


def press(page, name):
    page.get_by_role("button", name=name, exact=True).click()


def bar(page, slot):
    return page.get_by_role("slider", name=f"Usage of slot {slot}")


def cells(page, row):
    return page.locator(f".ttm-row{row} [role=gridcell] > .ttm-number:first-child")


# ------------------------------------------------------------------------------- in Python


def test_what_the_view_says():
    view = Allocation(prediction="skipped")
    assert view.describe() == (
        "Slot 1 is the freest and gets most, 0.80; then slot 2 gets 0.10 and slot 0 gets 0.03."
    )
    view.step = 4
    assert view.describe() == (
        "Scatter back: slot 0 takes place 2, slot 1 takes place 0 and slot 2 takes place 1, "
        "which gives 0.03, 0.80 and 0.10."
    )
    view.walk, view.step = "loop", 2
    assert view.describe() == (
        "Turn 1: slot 2 gets (1 − 0.50) × 0.20 = 0.10; then the product becomes 0.20 × 0.50 = 0.10."
    )


def test_when_nothing_is_free():
    view = Allocation(usage=(1, 1, 1), prediction="skipped")
    nothing = "Nothing is free: every usage is 1.00, so nothing is allocated."
    assert view.describe() == nothing
    for view.walk in ("vector", "loop"):
        for view.step in range(5):
            assert view.describe().endswith(f". {nothing}")


def test_ties_go_to_the_lower_slot():
    said = Allocation(usage=(0.5, 0.2, 0.2), prediction="skipped").describe()
    assert said.startswith(
        "Slots 1 and 2 are equally free, and the lower number comes first: slot 1 gets most, 0.80"
    )


def test_the_picture_shows_what_the_steps_have_shown():
    def count(step):
        return Allocation(step=step, prediction="skipped").picture().count("0.03")

    assert [count(step) for step in (-1, 0, 2, 3, 4)] == [2, 0, 0, 1, 2]


def test_an_open_question_covers_the_picture_too():
    view = Allocation(step=4)
    assert view.describe() == (
        "The usages are 0.70, 0.20 and 0.50. What follows from them is covered: "
        "the live view asks for a prediction first."
    )
    assert view.picture().count(">?<") == 4 * 3 and "0.03" not in view.picture()
    view.step = 3  # a control was used
    assert ">?<" not in view.picture() and view.describe().startswith("Times what is free")
    assert ">?<" not in Allocation(prediction="free").picture()


def test_verdicts():
    good, bad = Allocation(
        learner=allocation_weighting, learner_loop=gathers_with_the_order
    ).verdicts
    assert good["text"] == "Your allocation_weighting agrees on all 3 slots."
    assert bad["state"] == "differs" and bad["wrong"] == [0]
    assert bad["text"] == (
        "Your gathers_with_the_order gathers with the order of the free list; the way back is its "
        "inverse. It differs first at slot 0: yours 0.10, reference 0.03."
    )
    view = Allocation(learner=lambda usage: np.cumprod(np.sort(usage)))
    assert "differs, first at slot 0: yours 0.20, reference 0.03." in view.verdicts[0]["text"]
    view = Allocation(learner=lambda usage: np.zeros((3, 3)))
    assert view.verdicts[0]["state"] == "shape"


def test_the_course_agrees_with_tensors():
    from solutions import mem_ops

    view = Allocation(learner=mem_ops.allocation_weighting, learner_loop=mem_ops.allocation_loop)
    for usage in ([0.7, 0.2, 0.5], [0, 1, 0], [1, 1, 1], [0.3, 0.3, 0.3]):
        view.usage = usage
        assert [verdict["state"] for verdict in view.verdicts] == ["agrees", "agrees"]
        assert view.verdicts[0]["settings"] == usage


@pytest.mark.parametrize("usage", [[0.5], [0.5] * 9, [0.5, 1.2], [-0.1, 0.5]])
def test_impossible_usages_are_refused(usage):
    with pytest.raises(Exception, match="numbers from 0 to 1"):
        Allocation(usage=usage)


# -------------------------------------------------------------------------- in the browser


def test_a_prediction_uncovers_the_steps(open_view):
    page = open_view(Allocation())
    expect(step(page)).to_contain_text("covered")
    expect(cells(page, 4)).to_have_text(["?"] * 3)
    press(page, "slot 1 most; slot 2 gets 0.50")
    expect(page.locator(".ttm-reply")).to_contain_text(
        "It comes out differently. Slot 1 is the freest and gets what is free of it, 0.80."
    )
    expect(cells(page, 1)).to_have_text(["0.20", "0.50", "0.70"])
    expect(cells(page, 2)).to_have_text(["1.00", "0.20", "0.10"])
    expect(cells(page, 4)).to_have_text(["0.03", "0.80", "0.10"])


def test_the_reply_is_about_the_usages_of_the_question(open_view):
    page = open_view(Allocation())
    reply = page.locator(".ttm-reply")
    bar(page, 0).press("Home")
    expect(reply).to_contain_text("The weights are open now.")
    press(page, "slot 1 most; slot 2 gets 0.10")
    expect(reply).to_contain_text("That is right. Slot 1 is the freest")
    expect(cells(page, 4)).to_have_text(["0.03", "0.80", "0.10"])
    bar(page, 0).press("Home")
    expect(reply).to_have_text(
        "The question was about the start settings; Start again brings them back."
    )
    press(page, "Start again")
    expect(reply).to_contain_text("That is right. Slot 1 is the freest")


def test_page_and_python_say_the_same(open_view):
    view = Allocation(usage=(0.7, 0.2, 0.5, 0.2), prediction="skipped")
    page = open_view(view)
    states = [{"walk": walk, "step": i} for walk in ("vector", "loop") for i in range(-1, 6)]
    states += [{"usage": [1.0] * 4, "step": -1}, {"step": 3, "walk": "vector"}, {"walk": "loop"}]
    states += [{"usage": [0.0] * 4, "step": -1}, {"usage": [0.35, 1.0, 0.0, 1.0]}]
    for state in [{}, *states]:
        view.set_state(state)
        page.evaluate("s => Object.entries(s).forEach(([k, v]) => model.set(k, v))", state)
        expect(step(page)).to_have_text(view.describe())


def test_bars_by_keyboard(open_view):
    page = open_view(Allocation(prediction="skipped"))
    bar(page, 2).focus()
    page.keyboard.press("ArrowUp")
    expect(bar(page, 2)).to_have_attribute("aria-valuetext", "0.55, 0.45 free")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowDown")
    expect(bar(page, 2)).to_have_attribute("aria-valuenow", "0.45")
    page.keyboard.press("Home")
    expect(bar(page, 2)).to_have_attribute("aria-valuetext", "0.00, free")
    expect(step(page)).to_contain_text("Slot 2 is the freest and gets most, 1.00")
    for slot in range(3):
        bar(page, slot).focus()
        page.keyboard.press("End")
    expect(bar(page, 2)).to_have_attribute("aria-valuetext", "1.00, full")
    expect(step(page)).to_have_text(
        "Nothing is free: every usage is 1.00, so nothing is allocated."
    )
    press(page, "Start again")
    expect(cells(page, 4)).to_have_text(["0.03", "0.80", "0.10"])


def test_bars_by_mouse_and_touch(open_view):
    page = open_view(Allocation(), has_touch=True)
    box = bar(page, 0).bounding_box()
    x = box["x"] + box["width"] / 2
    page.mouse.move(x, box["y"] + box["height"] / 2)
    page.mouse.down()
    expect(bar(page, 0)).to_have_attribute("aria-valuenow", "0.5")
    page.mouse.move(x, box["y"] - 40)  # beyond the end
    page.mouse.up()
    expect(bar(page, 0)).to_have_attribute("aria-valuenow", "1")
    page.mouse.move(x, box["y"] + box["height"])  # let go
    expect(bar(page, 0)).to_have_attribute("aria-valuenow", "1")
    expect(cells(page, 4)).to_have_text(["0.00", "0.80", "0.10"])
    bar(page, 1).tap(position={"x": 10, "y": 1})
    expect(bar(page, 1)).to_have_attribute("aria-valuenow", "1")


def test_one_step_at_a_time(open_view):
    page = open_view(Allocation(prediction="skipped"))
    press(page, "Next")
    expect(step(page)).to_contain_text("Sort: the free list is slot 1 (0.20), slot 2 (0.50)")
    expect(cells(page, 1)).to_have_text(["0.20", "0.50", "0.70"])
    expect(cells(page, 2)).to_have_text(["·"] * 3)
    press(page, "Next")
    expect(step(page)).to_contain_text("Exclusive cumulative product: 1.00, 0.20 and 0.10.")
    expect(page.locator(".ttm-loop tbody tr").nth(1)).to_have_text("120.500.20·")
    press(page, "Back")
    expect(step(page)).to_contain_text("Sort:")
    press(page, "Back")
    press(page, "Back")
    expect(step(page)).to_contain_text("the first step sorts them")
    bar(page, 0).focus()
    page.keyboard.press("Home")  # a step stays where it is while a bar moves
    expect(step(page)).to_have_text(
        "The usages are 0.00, 0.20 and 0.50; the first step sorts them."
    )
    press(page, "Show all")
    expect(step(page)).to_contain_text("Slot 0 is the freest")


def test_the_loop_goes_slot_by_slot(open_view):
    page = open_view(Allocation(prediction="skipped", step=0))
    page.get_by_label("the loop, slot by slot").check(force=True)
    expect(step(page)).to_contain_text("the loop starts with the product 1.00")
    press(page, "Next")
    press(page, "Next")
    expect(step(page)).to_contain_text("Turn 1: slot 2 gets (1 − 0.50) × 0.20 = 0.10")
    expect(cells(page, 3)).to_have_text(["0.80", "0.10", "·"])
    expect(cells(page, 4)).to_have_text(["·", "0.80", "0.10"])
    expect(page.locator(".ttm-loop tr.ttm-chosen th")).to_have_text("1")


def test_play_goes_to_the_end_and_stops(open_view):
    view = Allocation(prediction="skipped")
    page = open_view(view)
    stop_clock(page)
    press(page, "Play")
    expect(step(page)).to_contain_text("the first step sorts them")
    page.clock.run_for(2600)
    expect(step(page)).to_contain_text("Sort:")
    press(page, "Pause")
    page.clock.run_for(10_000)
    expect(step(page)).to_contain_text("Sort:")
    press(page, "Play")
    page.clock.run_for(20_000)
    expect(step(page)).to_contain_text("Scatter back:")
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()


def test_play_is_one_step_with_reduced_motion(open_view):
    page = open_view(Allocation(prediction="skipped", step=0), reduced_motion="reduce")
    stop_clock(page)
    press(page, "Play")
    page.clock.run_for(10_000)
    expect(step(page)).to_contain_text("Sort:")


def test_cells_by_keyboard(open_view):
    page = open_view(Allocation(prediction="skipped"))
    page.locator("[role=gridcell]").first.focus()
    page.keyboard.press("ArrowRight")
    expect(step(page)).to_have_text("Place 1 of the free list holds slot 2, with usage 0.50.")
    page.keyboard.press("ArrowDown")
    expect(step(page)).to_contain_text("the usages before it is 1.00 × 0.20 = 0.20.")
    page.keyboard.press("ArrowDown")
    expect(step(page)).to_contain_text("slot 2 gets (1 − 0.50) × 0.20 = 0.10.")
    expect(page.locator(".ttm-loop tr.ttm-chosen th")).to_have_text("1")
    page.keyboard.press("ArrowDown")
    expect(step(page)).to_have_text(
        "Slot 1 stands at place 0 of the free list and gets its share, 0.80."
    )
    assert page.locator("[role=gridcell][tabindex='0']").count() == 1


def test_the_first_wrong_slot_is_marked(open_view):
    view = Allocation(
        learner=gathers_with_the_order, learner_loop=allocation_weighting, prediction="skipped"
    )
    page = open_view(view, live=True)
    yours = page.locator(".ttm-yours:visible")
    expect(yours).to_have_text(["≠ 0.10", "0.03", "0.80", "0.03", "0.80", "0.10"])
    expect(page.locator(".ttm-verdict").first).to_contain_text("the way back is its inverse")
    bar(page, 0).focus()
    page.keyboard.press("Home")  # now the order is a swap, and its own inverse
    expect(page.locator(".ttm-verdict").first).to_contain_text("agrees on all 3 slots")
    assert view.usage == [0, 0.2, 0.5]


def test_many_slots_scroll_inside_the_view(open_view):
    page = open_view(Allocation(usage=np.linspace(0, 1, 8), prediction="skipped"), width=480)
    assert page.evaluate("document.documentElement.scrollWidth") <= 480
    expect(cells(page, 4).first).to_have_text("1.00")
    label = page.locator("[role=gridcell]").nth(8)
    expect(label).to_have_accessible_name(re.compile("no slot is freer"))
