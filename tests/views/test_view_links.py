"""The links view: sentences, the learner's functions beside it, keys, hand and touch."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from lab.views import Links
from lab.views import _memory_reference as memory

SOFT = [{0: 0.6, 1: 0.4}, {1: 0.6, 2: 0.4}, {2: 0.6, 3: 0.4}, {0: 0.6, 1: 0.4}]


def update_link(*tensors):
    return memory.update_link(*map(np.asarray, tensors))


def printed(*tensors):
    """As a book has it: V + V instead of V + Vᵀ."""
    link, w, precedence = map(np.asarray, tensors)
    link = (1 - (w + w)) * link + np.outer(w, precedence)
    np.fill_diagonal(link, 0)
    return link


def keeps_the_diagonal(*tensors):
    link, w, precedence = map(np.asarray, tensors)
    return (1 - w[:, np.newaxis] - w) * link + np.outer(w, precedence)


def takes_the_new_precedence(link, write_weights, precedence):
    new = memory.update_precedence(np.asarray(precedence), np.asarray(write_weights))
    return update_link(link, write_weights, new)


def step(page):
    return page.locator(".ttm-step")


def press(page, name):
    page.get_by_role("button", name=name, exact=True).click()


def link(page, i, j):
    return page.get_by_role("gridcell", name=re.compile(rf"^link\[{i}, {j}\]"))


# ------------------------------------------------------------------------------- in Python


def test_what_the_view_says():
    assert Links(prediction="skipped").describe() == (
        "Write 4 goes to slot 0. It adds most to link[0, 2] (slot 0 right after slot 2), now 1.00; "
        "link[1, 0] wears out most, from 1.00 to 0.00. "
        "From slot 0, one step forward leads nowhere, "
        "and one step backward to slot 2 (weight 1.00)."
    )
    assert Links(order=()).describe().startswith("Nothing is written yet: all links are 0.00.")
    say = {"prediction": "nowhere"}
    assert "so it makes no link" in Links(order=[2], **say).describe()
    assert "It makes no new link." in Links(order=[2, 2], **say).describe()
    softly = Links(order=SOFT, **say).describe()
    assert softly.startswith("Write 4 goes to slot 0 (0.60) and slot 1 (0.40).")


def test_an_open_question_covers_the_picture_too():
    view = Links()
    assert view.describe() == (
        "The writes go to slot 0, then slot 1, then slot 2, then slot 0; a head reads slot 0. "
        "The links are covered: the live view asks for a prediction first."
    )
    assert view.picture().count(">?<") == 25 + 2 * 5
    view.prediction = "1"
    assert ">?<" not in view.picture()
    view = Links()
    view.writes = view.writes[:3]  # a control was used
    assert ">?<" not in view.picture() and view.describe().startswith("Write 3 goes to slot 2.")


@pytest.mark.parametrize(
    "learner, order, text",
    [
        (update_link, (0,), "agrees in all 25 links after one write."),
        (update_link, (0, 1), "after each of 2 writes. None of them was soft: try one."),
        (update_link, SOFT, "agrees in all 25 links after each of 4 writes."),
        (printed, (0, 1, 2), "agrees in all"),
        (
            printed,
            (0, 1, 2, 0),
            "differs after write 4 (to slot 0), first at link[1, 0]: yours -1.00, reference 0.00.",
        ),
        (takes_the_new_precedence, (0, 1), "after write 2 (to slot 1), first at link[1, 0]"),
        (keeps_the_diagonal, (0, 1, 2, 0), "agrees in all"),
        (keeps_the_diagonal, SOFT, "Only the diagonal differs: no slot follows itself"),
        (update_link, (), "waits for a write"),
        (lambda link, w, p: link[0], (0,), "shape (5,); expected (5, 5)"),
    ],
)
def test_verdicts(learner, order, text):
    assert text in Links(order=order, learner=learner).verdicts[0]["text"]


def test_a_verdict_holds_the_matrix_of_the_first_wrong_write():
    view = Links(order=(0, 1, 2, 0, 3), learner=printed)
    verdict = view.verdicts[0]
    assert (verdict["write"], verdict["wrong"]) == (4, [1, 0])
    assert verdict["values"][1][0] == -1
    assert verdict["settings"] == np.eye(5)[[0, 1, 2, 0, 3]].ravel().tolist()


def test_the_course_agrees_with_tensors():
    from solutions import mem_ops

    view = Links(order=SOFT, learner=mem_ops.update_link, learner_loop=mem_ops.link_loop)
    assert [verdict["state"] for verdict in view.verdicts] == ["agrees", "agrees"]


@pytest.mark.parametrize(
    "options",
    [{"slots": 2}, {"order": [5]}, {"order": [-1]}, {"order": [{0: 0.7, 1: 0.7}]}, {"slots": 9}],
)
def test_impossible_settings_are_refused(options):
    with pytest.raises(Exception, match=r"\w"):
        Links(**options)


# -------------------------------------------------------------------------- in the browser


def test_a_prediction_uncovers_the_links(open_view):
    page = open_view(Links())
    expect(page.locator(".ttm-reply")).to_contain_text("the links appear when you have answered")
    expect(link(page, 1, 0)).to_have_text("?")
    press(page, "to slot 1")
    expect(page.locator(".ttm-reply")).to_have_text(
        "It comes out differently. No link leads on from slot 0 any more. The write to slot 0 "
        "wore out link[1, 0] (slot 1 right after slot 0), which was 1.00 before."
    )
    expect(link(page, 1, 0)).to_have_text("0.00↓ 1.00")
    expect(link(page, 0, 2)).to_have_text("1.00↑ 1.00")


def test_the_reply_is_about_the_writes_of_the_question(open_view):
    page = open_view(Links())
    reply = page.locator(".ttm-reply")
    press(page, "Write to slot 3")
    expect(reply).to_contain_text("The links are open now.")
    press(page, "nowhere")
    expect(reply).to_contain_text("That is right. No link leads on from slot 0")
    expect(page.get_by_role("listitem")).to_have_count(4)
    press(page, "Write to slot 3")
    expect(reply).to_have_text(
        "The question was about the start settings; Start again brings them back."
    )
    press(page, "Start again")
    expect(reply).to_contain_text("That is right. No link leads on from slot 0")


def test_page_and_python_say_the_same(open_view):
    view = Links(prediction="skipped")
    page = open_view(view)
    softly = Links(order=SOFT).writes
    states = [{"writes": softly[:count]} for count in range(5)]
    states += [{"reading": [0, 0.5, 0.5, 0, 0]}, {"writes": Links(order=(3, 3, 1)).writes}]
    for state in [{}, *states]:
        view.set_state(state)
        page.evaluate("s => Object.entries(s).forEach(([k, v]) => model.set(k, v))", state)
        expect(step(page)).to_have_text(view.describe())


def test_write_and_undo_by_keyboard(open_view):
    page = open_view(Links(order=(), prediction="skipped"))
    page.get_by_role("button", name="Write to slot 0").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    expect(step(page)).to_have_text(
        "Write 2 goes to slot 2. It adds most to link[2, 0] (slot 2 right after slot 0), now 1.00."
    )
    expect(page.get_by_role("listitem")).to_have_text(["■ 0", "■ 2"])
    page.get_by_label("0.60, and 0.40 to the next slot").check(force=True)
    press(page, "Write to slot 4")
    expect(page.get_by_role("listitem").last).to_have_text("■ 0 (0.40) + 4 (0.60)")
    press(page, "Undo")
    expect(page.get_by_role("listitem")).to_have_count(2)
    press(page, "Clear")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")  # on Undo, which has nothing to do
    expect(step(page)).to_have_text("Nothing is written yet: all links are 0.00.")


def test_the_soft_example(open_view):
    page = open_view(Links(order=(3, 1), prediction="skipped"))
    press(page, "The same, soft")
    expect(page.get_by_role("listitem")).to_have_count(4)
    expect(link(page, 0, 2)).to_have_text("0.36↑ 0.36")
    expect(link(page, 1, 0)).to_have_text("0.00↓ 0.36")
    press(page, "Example 0, 1, 2, 0")
    expect(link(page, 0, 2)).to_have_text("1.00↑ 1.00")
    press(page, "Start again")
    expect(page.get_by_role("listitem")).to_have_text(["■ 3", "■ 1"])


def test_the_head_walks_in_time(open_view):
    page = open_view(Links(prediction="skipped"))
    press(page, "Forward →")
    expect(step(page)).to_have_text(
        "Forward from slot 0, all weights are 0.00: no link says what came right after. "
        "Such weights read nothing; the view leaves the head where it is, so that you can go on."
    )
    press(page, "← Backward")
    expect(step(page)).to_have_text("Before slot 0 came slot 2 (weight 1.00).")
    press(page, "Forward →")
    expect(step(page)).to_have_text("After slot 2 came slot 0 (weight 1.00).")
    page.get_by_role("button", name="Read slot 0").focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("button", name="Read slot 1: weight 1.00")).to_be_focused()
    expect(step(page)).to_have_text(
        "From slot 1, one step forward leads to slot 2 (weight 1.00), "
        "and one step backward nowhere."
    )
    expect(page.locator(".ttm-matrix thead th").nth(2)).to_have_text("▲ 1")


def test_slots_and_matrix_stand_side_by_side(open_view):
    page = open_view(Links(order=SOFT, learner=printed, prediction="skipped"), width=900)
    slots, matrix, yours = (
        page.locator(name).bounding_box() for name in (".ttm-slots", ".ttm-matrix", ".ttm-yours")
    )
    assert matrix["y"] == slots["y"] and matrix["x"] >= slots["x"] + slots["width"]
    assert yours["y"] > matrix["y"]


def test_matrix_by_keyboard_and_touch(open_view):
    page = open_view(Links(prediction="skipped"), has_touch=True, width=480)
    page.get_by_role("gridcell").first.focus()
    page.keyboard.press("ArrowDown")
    expect(step(page)).to_have_text(
        "link[1, 0] is 0.00, how far slot 1 was written right after slot 0: (1 − w[1] − w[0]) × "
        "old link + w[1] × precedence[0] = (1 − 0.00 − 1.00) × 1.00 + 0.00 × 0.00."
    )
    page.keyboard.press("Control+End")
    expect(step(page)).to_have_text("link[4, 4] is 0.00: no slot follows itself.")
    link(page, 2, 1).tap()
    expect(step(page)).to_contain_text("link[2, 1] is 1.00")
    page.get_by_role("button", name="Write to slot 3").tap()
    expect(step(page)).to_contain_text("Write 5 goes to slot 3.")


def test_the_first_wrong_link_is_marked(open_view):
    view = Links(order=(0, 1, 2), learner=printed, prediction="skipped")
    page = open_view(view, live=True)
    expect(page.locator(".ttm-verdict")).to_contain_text("agrees in all 25 links")
    expect(page.locator(".ttm-yours")).to_be_hidden()
    press(page, "Write to slot 0")
    expect(page.locator(".ttm-yours .ttm-wrong")).to_have_text("≠ -1.00")
    expect(page.locator(".ttm-matrix .ttm-wrong")).to_have_text("≠ 0.00↓ 1.00")
    expect(link(page, 1, 0)).to_have_accessible_name(re.compile("yours -1.00, reference 0.00"))
    press(page, "Write to slot 3")
    expect(page.locator(".ttm-yours")).to_contain_text("Yours after write 4: printed")
    expect(page.locator(".ttm-matrix .ttm-wrong")).to_have_count(0)
