"""Memory timeline: the words it has for a run, what it checks, and what it does on a page."""

import base64
import json
import re

import numpy as np
import pytest
from memory_runs import at_random, by_hand, interface, record, timeline
from playwright.sync_api import expect
from test_view_math import browser_results

from lab.views import MemoryTimeline
from lab.views.memory_timeline import SHOWN
from lab.weights import load_run


def say(step, run=None):
    """What the view says at a step that is counted from 1, as one text."""
    run = by_hand() if run is None else run
    return MemoryTimeline(run, step=step - 1, prediction="skipped").describe()


def changed(name, place, value):
    """The hand-made run with one number changed."""
    array = by_hand()[name].copy()
    array[place] = value
    return {**by_hand(), name: array}


# -------------------------------------------------------------------------------- in words


def test_a_write_goes_to_the_freest_slot():
    assert say(1) == (
        "Step 1 of 10, input “a”. Nothing is freed: the free gate is shut (0.00). "
        "Slot 0 is the freest (usage 0.00, of equals the lowest number) and the allocation gate is "
        "open (1.00), so this write goes there (weight 1.00). "
        "Head 1 reads a little of many slots, by content (1.00): weight 0.25 at most."
    )


def test_reading_forward_follows_the_order_of_writing():
    assert "Nothing is written: the write gate is shut (0.00)." in say(4)
    assert "Head 1 reads by content (1.00): slot 0 (weight 1.00, written at step 1)." in say(4)
    first, second, third = (by_hand()["write_weights"][t].argmax() for t in range(3))
    assert (
        f"Head 1 went one step forward (1.00), from slot {first} to slot {second} "
        "(weight 1.00, written at step 2)."
    ) in say(5)
    assert f"from slot {second} to slot {third} (weight 1.00, written at step 3)." in say(6)


def test_a_slot_is_freed_one_step_after_it_was_read():
    freed, read = (by_hand()["write_weights"][t].argmax() for t in (1, 2))
    assert (
        f"Free gate 1 is open (0.99) and frees slot {freed}, which head 1 read a step ago: "
        f"its usage falls from 1.00 to 0.01; slot {read}, which it reads now, can be freed at "
        "step 7 at the earliest."
    ) in say(6)
    assert by_hand()["usage"][5, read] == by_hand()["usage"][6, read] == 1


def test_a_free_gate_with_nothing_behind_it():
    run = changed("free_gates", (0, 0), 1.0)
    nothing = "Free gate 1 is open (1.00), but head 1 read nothing a step ago: it frees nothing"
    assert nothing in say(1, run)


def test_a_gate_that_is_hardly_open_frees_a_part():
    run = changed("free_gates", (5, 0), 0.3)
    assert "partly open (0.30) and frees a part of slot 3, which head 1 read a step ago" in say(
        6, run
    )


def test_a_hair_of_usage_decides():
    assert "Slot 3 is the freest (usage 0.00, a hair less than slot 2)" in say(2)


def test_writing_over_what_was_found_by_content():
    assert (
        "The allocation gate is shut (0.03), so the free list does not decide: this write goes to "
        "slot 1, found by content (weight 0.97), over what step 3 wrote."
    ) in say(9)


def test_writing_again_to_what_was_freed():
    assert (
        "Slot 3 is the freest (usage 0.04) and the allocation gate is open (1.00), so this write "
        "goes there (weight 0.48; the write gate is only partly open, 0.50), "
        "over what step 2 wrote."
    ) in say(10)


def test_nothing_is_free():
    run = {name: array[:4] for name, array in by_hand(slots=3).items()}
    for name in ("write_gate", "allocation_gate"):
        run[name] = np.ones(4)
    assert (
        "Next to nothing is written, though the write gate is open (1.00): no slot is free"
        in say(4, run)
    )


def test_other_ways_to_write_and_read():
    slots = {"write_weights": [0.3, 0.3, 0.2, 0.2], "allocation_gate": 0.6, "write_gate": 1}
    run = by_hand()
    for name, value in slots.items():
        run = {**run, name: run[name].copy()}
        run[name][7] = value
    assert "is partly open (0.60), but the write is spread over several slots; slot 0" in say(
        8, run
    )
    run["write_weights"][7] = [0, 0.9, 0, 0]
    assert "is partly open (0.60), but most of the write goes to slot 1 (weight 0.90)" in say(
        8, run
    )
    mixed = changed("read_modes", (4, 0), [0.3, 0.4, 0.3])
    assert "mixes its modes (backward 0.30, content 0.40, forward 0.30) and reads" in say(5, mixed)
    lost = changed("read_weights", (4, 0), np.zeros(4))
    ends = "Head 1 reads next to nothing: forward is open (1.00), but"
    assert f"{ends} nothing was written after slot 0." in say(5, lost)
    nothing = {**lost, "read_weights": np.zeros_like(lost["read_weights"])}
    assert f"{ends} head 1 read nothing a step ago." in say(6, nothing)


def test_what_is_read_came_by_the_way_that_gave_it_most():
    asked = [interface(write="a", read="a", mode=[0, 0.3, 0.7])]
    asked += [interface(write="b", read="b", mode=[0, 0.3, 0.7])]
    asked += [interface(read="a", mode=[0.7, 0.3, 0])]
    run = record(asked, 4)
    open_forward = "Head 1: forward is open (0.70), but no link leads anywhere; what is read,"
    assert f"{open_forward} weight 0.30 on slot 0, was found by content (0.30)." in say(1, run)
    mostly = "weight 0.51 on slot 3, was mostly found by content (0.30)."
    assert f"Head 1: forward is open (0.70); what is read, {mostly}" in say(2, run)
    back = "Head 1 went one step backward (0.70), from slot 3 to slot 0 (weight 0.66"
    assert back in say(3, run)


def test_the_shipped_run_is_told_truly():
    first = load_run("copy")
    assert "no link leads anywhere; what is read, weight 0.20 on slot 0, was found by" in say(
        1, first
    )
    assert "went one step forward (1.00), from slot 0 to slot 2 (weight 1.00" in say(8, first)


def test_words_are_not_needed():
    run = {name: array for name, array in by_hand().items() if name != "input_words"}
    assert say(1, run).startswith("Step 1 of 10. Nothing is freed")
    words = {**by_hand(), "output_words": ["x"] * 10}
    assert say(2, words).startswith("Step 2 of 10, input “b”, output “x”.")


# ------------------------------------------------------------------------------- questions


def test_the_question_has_an_order_that_can_be_seen():
    question = timeline().question
    assert (question["step"], question["answer"]) == (2, "1")
    assert "Look at the usage: which slot will be written?" in question["text"]
    assert timeline().step == 2


def test_other_questions():
    shut = {**by_hand(), "allocation_gate": np.zeros(10)}
    question = MemoryTimeline(shut).question
    assert question["text"].startswith("At step 8 head 1 reads one slot. At which step was that")
    assert question["answer"] == "7" and ["7", "step 7"] in question["options"]
    untrained = {**shut, "write_weights": np.full((10, 4), 0.25)}
    question = MemoryTimeline(untrained).question
    assert question["text"].startswith("Is there a step") and question["answer"] == "no"


# ------------------------------------------------------------------- against the equations


def test_a_run_of_the_reference_follows_the_equations():
    (verdict,) = timeline().verdicts
    assert verdict["text"] == "All 10 steps of this run follow the memory's equations."
    (verdict,) = MemoryTimeline(at_random(9, 5, 3, 2)).verdicts
    assert verdict["state"] == "agrees"


@pytest.mark.parametrize(
    "name, place, value",
    [
        ("usage", (3, 2), 0.5),
        ("write_weights", (2, 0), 0.5),
        ("memory", (4, 1, 0), 9),
        ("link", (5, 2, 1), 0.5),
        ("precedence", (5, 0), 0.5),
        ("read_weights", (6, 0, 3), 0.5),
        ("read_vectors", (9, 0, 2), 9),
    ],
)
def test_the_first_departure_is_named(name, place, value):
    (verdict,) = MemoryTimeline(changed(name, place, value)).verdicts
    assert verdict["state"] == "differs" and verdict["part"] == name
    assert verdict["wrong"] == list(place)
    where = f"first at step {place[0] + 1}, in {name}[{', '.join(map(str, place[1:]))}]: yours"
    assert where in verdict["text"]


def test_freeing_at_once_is_a_departure():
    """The usual mistake: the free gate frees what is read at this very step."""
    run = by_hand()
    kept = 1 - run["free_gates"][5] * run["read_weights"][5, 0]
    (verdict,) = MemoryTimeline(changed("usage", 5, run["usage"][4] * kept)).verdicts
    assert "first at step 6, in usage[1]: yours 0.01, reference 1.00" in verdict["text"]


@pytest.mark.parametrize(
    "change, message",
    [
        ({"usage": None}, "the run has no 'usage'"),
        ({"usage": np.ones((10, 3))}, r"'usage' has the shape \(10, 3\), expected \(10, 4\)"),
        ({"memory": np.ones((1, 10, 4, 3))}, "no batch axis"),
        ({"inputs": np.full((10, 3), np.nan)}, "not a number, first at step 0"),
        ({"input_words": ["a"]}, "'input_words' needs 10 words"),
    ],
)
def test_a_run_is_checked(change, message):
    run = {name: each for name, each in {**by_hand(), **change}.items() if each is not None}
    with pytest.raises(ValueError, match=message):
        MemoryTimeline(run)


def test_there_is_no_step_beyond_the_last():
    with pytest.raises(Exception, match="there is no step 10"):
        timeline(step=10)


# ------------------------------------------------------------------------------- the browser


def test_what_the_browser_unpacks_and_computes_parity():
    import tensorflow as tf

    from solutions import mem_ops

    run = at_random(7, 6, 4, 2)
    view = MemoryTimeline(run)
    case = {"run": "timeline", "data": view.data, "arrays": view.arrays}
    (result,) = browser_results([case])
    for name in SHOWN:
        assert np.shape(result["run"][name]) == run[name].shape
        tolerance = 0 if name == "usage" else view.arrays[name]["unit"] / 1.9
        np.testing.assert_allclose(result["run"][name], run[name], atol=tolerance, rtol=0)
    places = np.argsort(mem_ops.free_list(run["usage"])[1], axis=-1)
    assert [choice["places"] for choice in result["choices"]] == places.tolist()
    allocation = mem_ops.allocation_weighting(tf.constant(run["usage"]))
    found = [choice["allocation"] for choice in result["choices"]]
    np.testing.assert_allclose(found, allocation, atol=1e-6)
    last = [
        [k for k in range(t + 1) if run["write_weights"][k, i] >= 0.5]
        for t in range(7)
        for i in range(6)
    ]
    assert (
        result["writers"]
        == np.reshape([steps[-1] if steps else -1 for steps in last], (7, 6)).tolist()
    )


def test_a_long_run_stays_small():
    view = MemoryTimeline(at_random(60, 64, 24, 4), prediction="skipped")
    state = {name: value for name, value in view.get_state().items() if name[0] != "_"}
    assert len(json.dumps({**state, "layout": None})) < 450_000
    assert len(base64.b64decode(view.data)) < 260_000
    assert len(view.picture()) < 60_000


def cells(page, slot):
    return page.locator(".ttm-memory tbody tr").nth(slot).locator("td")


def cursor(page):
    return page.get_by_role("slider", name="Time step")


def test_writes_and_reads_are_covered_until_answered(open_view):
    page = open_view(timeline())
    marks = page.locator(".ttm-places path.ttm-blue")
    expect(marks).to_be_hidden()
    expect(page.locator(".ttm-step")).to_contain_text("covered until you have answered")
    expect(cells(page, 1)).to_have_text(["0.00", "?", "?", "?", "?", "?", ""])
    page.get_by_role("button", name="Next").click()
    expect(page.locator(".ttm-step")).to_have_text(
        "Step 4 of 10, input “a?”. Where it wrote and read is covered until you have answered."
    )
    expect(marks).to_be_hidden()
    expect(cells(page, 1)).to_have_text(["?", "?", "?", "?", "?", "?", ""])
    page.get_by_role("button", name="slot 1").click()
    expect(page.locator(".ttm-step")).to_contain_text("Step 3 of 10")
    expect(page.locator(".ttm-reply")).to_contain_text("Your prediction held. Slot 1 is the freest")
    expect(marks).to_be_visible()
    expect(cells(page, 1)).to_have_text(["0.00", "0", "1.00", "1.00", "0.25", "step 3 “c”", ""])
    expect(cells(page, 1).locator("canvas")).to_have_attribute("aria-label", "0.00, 0.00, 1.00")


def test_steps_by_keyboard(open_view):
    view = timeline(prediction="skipped", step=0)
    page = open_view(view)
    cursor(page).focus()
    for key, step in [("ArrowRight", 1), ("End", 9), ("ArrowLeft", 8), ("PageUp", 9), ("Home", 0)]:
        page.keyboard.press(key)
        view.step = step
        expect(page.locator(".ttm-step")).to_have_text(view.describe())
        expect(cursor(page)).to_have_attribute("aria-valuenow", str(step + 1))
        expect(cursor(page)).to_have_attribute("aria-valuetext", view.said[step][0])
    expect(page.get_by_text("The memory after step 1")).to_be_visible()


@pytest.mark.parametrize("choice", ["slot 1", "Skip"])
def test_the_arrows_move_on_from_the_answer(open_view, choice):
    page = open_view(timeline())
    page.get_by_role("button", name=choice).click()
    expect(cursor(page)).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".ttm-step")).to_contain_text("Step 4 of 10")
    page.get_by_role("button", name="Next").focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".ttm-step")).to_contain_text("Step 3 of 10")


def test_steps_by_mouse_and_buttons(open_view):
    page = open_view(timeline(prediction="skipped", step=0))
    page.locator(".ttm-places").click(position={"x": 40 * 4.5, "y": 30})
    expect(page.locator(".ttm-step")).to_contain_text("Step 5 of 10")
    expect(cursor(page)).to_be_focused()
    page.get_by_role("button", name="Next").click()
    expect(page.locator(".ttm-step")).to_contain_text("Step 6 of 10")
    page.get_by_role("button", name="Back").click()
    expect(page.locator(".ttm-step")).to_contain_text("Step 5 of 10")
    page.get_by_role("button", name="Start again").click()
    expect(page.locator(".ttm-step")).to_contain_text("Step 3 of 10")


def test_touch_and_a_narrow_page(open_view):
    page = open_view(timeline(prediction="skipped", step=0), has_touch=True, width=480)
    page.locator(".ttm-places").tap(position={"x": 40 * 2.5, "y": 30})
    expect(page.locator(".ttm-step")).to_contain_text("Step 3 of 10")
    page.keyboard.press("End")
    expect(page.locator(".ttm-step")).to_contain_text("Step 10 of 10")
    assert page.locator(".ttm-time .ttm-scroll").evaluate("box => box.scrollLeft") > 100


def test_play_runs_to_the_end(open_view):
    page = open_view(timeline(prediction="skipped", step=7))
    page.get_by_role("button", name="Play").click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    expect(page.locator(".ttm-step")).to_have_attribute("aria-live", "off")
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    expect(page.locator(".ttm-step")).to_contain_text("Step 10 of 10")
    expect(page.locator(".ttm-step")).to_have_attribute("aria-live", "polite")


def test_play_is_one_step_where_motion_is_unwelcome(open_view):
    page = open_view(timeline(prediction="skipped", step=7), reduced_motion="reduce")
    page.get_by_role("button", name="Play").click()
    expect(page.locator(".ttm-step")).to_contain_text("Step 9 of 10")
    expect(page.get_by_role("button", name="Play")).to_be_visible()


def test_the_first_wrong_number_is_marked(open_view):
    page = open_view(MemoryTimeline(changed("usage", (3, 2), 0.5), step=3, prediction="skipped"))
    expect(page.locator(".ttm-wrong")).to_have_text("≠ 0.50")
    expect(page.locator(".ttm-verdict")).to_contain_text("yours 0.50, reference 0.00")


def test_a_long_run_is_fluid(open_view):
    page = open_view(MemoryTimeline(at_random(60, 64, 24, 4), prediction="skipped", step=0))
    cursor(page).focus()
    spent = page.evaluate(
        """async () => {
          const cursor = document.querySelector("[role=slider]");
          const right = { key: "ArrowRight", bubbles: true };
          const times = [];
          for (let i = 0; i < 21; i++) {
            const start = performance.now();
            cursor.dispatchEvent(new KeyboardEvent("keydown", right));
            await new Promise(requestAnimationFrame);
            times.push(performance.now() - start);
          }
          return times.sort((a, b) => a - b)[10];
        }"""
    )
    expect(page.locator(".ttm-step")).to_contain_text("Step 22 of 60")
    assert spent < 250  # milliseconds, on a machine that does much else


def test_the_picture_shows_what_the_view_shows():
    picture = timeline(step=4, prediction="skipped").figure()
    assert re.search(r'<img alt="Step 5 of 10[^"]*from slot 0 to slot 3', picture)
    assert "free gate 1" in timeline().picture() and "head 1 forward" in timeline().picture()
    assert len(picture) < 20_000


def test_the_picture_is_covered_like_the_view():
    def usage_width(view):
        return int(re.findall(r'<image [^>]*width="(\d+)"', view.picture())[-1])

    open_, view = timeline(prediction="skipped"), timeline()
    assert view.describe() == (
        "Step 3 of 10, input “c”. Where it wrote and read is covered: "
        "the live view asks for a prediction first."
    )
    assert "covered" in view.picture() and "covered" not in open_.picture()
    assert view.picture().count("<path") == open_.picture().count("<path") - 2
    assert 10 * usage_width(view) == 3 * usage_width(open_)
    view.step = 7  # usage tells of earlier writes
    assert 10 * usage_width(view) == 3 * usage_width(open_)


def test_the_picture_has_inputs_outputs_and_slot_numbers():
    numbers, words = (MemoryTimeline(load_run(name)).picture() for name in ("copy", "stories"))
    for picture in (numbers, words):
        assert ">input<" in picture and ">output<" in picture
        assert re.findall(r'text-anchor="end"[^>]*>(\d+)<', picture) == [*map(str, range(12))] * 2
    assert numbers.count("<image") == 3 and words.count("<image") == 1
    assert words.count(">Emmy ran to the kitchen<") == 1 and words.count(">attic<") == 1
