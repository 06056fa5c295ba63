"""Graph growth: what is measured, what is predicted, and what the view says of it."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect
from test_view_math import browser_results

from lab import growth
from lab.views import GraphGrowth
from lab.views.graph_growth import _scale, count, decades, duration, tick


def link_shapes(n):
    return [n, n], [n], [n]


def made(version, counts, measured=3):
    """Rows with these counts, of which the last ones are predicted."""
    return [
        {
            "version": version,
            "name": f"my_{version}",
            "size": size,
            "measured": place < measured,
            "operations": operations,
            "tracing": operations * 2.4e-4,
            "step": 2e-4 + operations * 1.4e-7,
        }
        for place, (size, operations) in enumerate(counts.items())
    ]


SIZES = (4, 8, 16, 32, 256)
PAIRS = {n: 26 * (n * n - n) + 27 * n + 5 for n in SIZES}
ROWS = made("vector", dict.fromkeys(SIZES, 29), 5) + made("loop", PAIRS)


def growing(**traits):
    return GraphGrowth(ROWS, **traits)


# ------------------------------------------------------------------------------ measured


@pytest.fixture(scope="module")
def rows():
    from solutions import mem_ops

    sizes = (2, 3, 4, 5, 64)
    return growth.measure(mem_ops.link_loop, mem_ops.update_link, link_shapes, sizes, seconds=2)


def test_counts_are_those_of_graph_size(rows):
    from solutions import mem_ops

    for name, function in {"loop": mem_ops.link_loop, "vector": mem_ops.update_link}.items():
        at_three = [row for row in rows if row["size"] == 3 and row["version"] == name]
        assert at_three[0]["operations"] == mem_ops.graph_size(function, *link_shapes(3))


def test_what_takes_too_long_is_predicted_by_the_law(rows):
    loop = [row for row in rows if row["version"] == "loop"]
    vector = [row for row in rows if row["version"] == "vector"]
    assert growth.law(loop) == (26, 27, 5) and growth.law(vector) == (0, 0, 29)
    assert [row["measured"] for row in loop][-1] is False
    assert loop[-1]["operations"] == 26 * (64 * 64 - 64) + 27 * 64 + 5
    assert all(row["measured"] for row in vector)
    assert all(row["tracing"] > 0 and row["step"] > 0 for row in rows)
    assert loop[-1]["tracing"] > 50 * loop[3]["tracing"]


def test_allocation_grows_with_the_slots():
    from solutions import mem_ops

    rows = growth.measure(
        mem_ops.allocation_loop, mem_ops.allocation_weighting, lambda n: ([n],), sizes=(2, 3, 4, 8)
    )
    view = GraphGrowth(rows, prediction="skipped")
    assert (
        "the loop makes 220 operations: 26 for each of the 8 slots and 12 more;" in view.describe()
    )
    assert view.question["answer"] == "2"


def test_an_interrupt_keeps_what_was_measured():
    calls = []

    def interrupted(x):
        calls.append(1)
        if x.shape[0] > 4:
            raise KeyboardInterrupt
        return x + 1

    rows = growth.measure(interrupted, lambda x: x + 1, lambda n: ([n],), sizes=(2, 3, 4, 5))
    assert [row["size"] for row in rows if row["version"] == "loop" and row["measured"]] == [
        2,
        3,
        4,
    ]
    assert [row["size"] for row in rows if not row["measured"]] == [5]


def test_a_function_that_does_not_work_is_said_to():
    def missing(link, write_weights, precedence):
        raise NotImplementedError

    def wrong(link, write_weights, precedence):
        return link @ precedence

    view = GraphGrowth(growth.measure(missing, wrong, link_shapes, sizes=(2, 3)))
    first, second = view.verdicts
    assert first["state"] == "error"
    assert first["text"].startswith("Your wrong stopped at N = 2 with ValueError: Shape must be")
    assert second["text"] == "Your missing is not written yet; when it is, measure again."
    assert "\n" not in first["text"]
    assert view.describe() == "Nothing was measured." and view.question == {}
    assert "<svg" in view.picture()


def test_the_law_is_exact_or_none():
    assert growth.law(ROWS[5:]) == (26, 27, 5)
    assert growth.law(ROWS[5:7]) is None
    uneven = made("loop", {4: 10, 8: 21, 16: 37, 32: 90}, 4)
    assert growth.law(uneven) is None


# ------------------------------------------------------------------------------- the view


def test_describe():
    view = growing(prediction="skipped")
    assert view.size == 16
    assert view.describe() == (
        "At N = 16 the loop makes 6\u202f677 operations: 26 for each of the 240 pairs of slots, "
        "27 for each slot and 5 more; the vector version makes 29, as at every N. "
        "Tracing the loop took 1.6 s, the vector version 7.0 ms."
    )
    view.size = 256
    assert view.describe().startswith(
        "At N = 256 the loop was not traced; by its law it would make 1\u202f704\u202f197 "
        "operations: 26 for each of the 65\u202f280 pairs of slots"
    )
    assert "would take about 6.8 min" in view.describe()


def test_the_picture_is_covered_like_the_view():
    view = growing()
    assert view.describe() == (
        "What the loop costs is covered: the live view asks for a prediction first."
    )
    loop, vector = (f'<path d="M[^"]*{end}z" fill="#' for end in ("l6 11h-12", "h10v10h-10"))
    marks = [len(re.findall(each, view.picture())) for each in (loop, vector)]
    assert marks == [2, 16], "the legend has both versions, the panels one"
    view.size = 4  # a control was used
    assert len(re.findall(loop, view.picture())) == 17 and view.describe().startswith("At N = 4 ")


def test_the_question_is_answered_by_the_counts():
    question = growing().question
    assert question["answer"] == "4"
    assert (
        "From N = 8 to N = 16 they grow from 1\u202f677 to 6\u202f677, 4.0 times" in question["why"]
    )


def test_a_size_that_is_not_there_is_refused():
    with pytest.raises(Exception, match="neither measured nor predicted"):
        growing(size=5)


def test_times_and_counts_in_words():
    seconds = (3e-7, 0.000204, 0.00995, 1.25, 59.4, 372.4)
    texts = ["0.30 µs", "200 µs", "10 ms", "1.3 s", "59 s", "6.2 min"]
    assert [duration(each) for each in seconds] == texts
    assert count(65280) == "65\u202f280"


def test_where_things_stand_parity():
    values = [4, 16, 256, 65280]
    ticks = [["operations", 4], ["tracing", 3], ["tracing", -2], ["step", -7]]
    case = {"run": "growth", "sizes": [4, 256], "values": values, "ticks": ticks}
    (result,) = browser_results([case])
    expected = [_scale([4, 256], 0, 60)(value) for value in values]
    np.testing.assert_allclose(result["places"], expected, atol=0.051)
    assert result["decades"] == [*decades(values)] == [0, 5]
    assert result["counts"] == [count(value) for value in values]
    assert result["ticks"] == [tick(*each) for each in ticks]
    assert result["ticks"] == ["10\u202f000", "1\u202f000 s", "10 ms", "0.1 µs"]


# ------------------------------------------------------------------------------ on a page


def test_loop_is_covered_until_answered(open_view):
    page = open_view(growing())
    row = page.get_by_role("row").filter(has=page.get_by_role("button", name="N = 16"))
    expect(row).to_contain_text("240???29")
    expect(page.locator(".ttm-panels path.ttm-loop").first).to_be_hidden()
    page.get_by_role("button", name="about 4 times as many").click()
    expect(page.locator(".ttm-reply")).to_contain_text("Your prediction held. From N = 8 to N = 16")
    expect(row).to_contain_text("6\u202f677")
    expect(page.locator(".ttm-step")).to_have_text(growing(prediction="4").describe())


def test_sizes_by_keyboard_and_mouse(open_view):
    view = growing(prediction="skipped")
    page = open_view(view)
    page.get_by_role("button", name="N = 16").focus()
    page.keyboard.press("End")
    expect(page.get_by_role("button", name="N = 256")).to_be_focused()
    expect(page.get_by_role("button", name="N = 256")).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".ttm-step")).to_have_text(view.said["256"])
    expect(page.locator("tr.ttm-chosen .ttm-predicted").first).to_have_text("1\u202f704\u202f197")
    page.keyboard.press("ArrowUp")
    expect(page.locator(".ttm-step")).to_have_text(view.said["32"])
    page.locator(".ttm-panels svg").first.click(position={"x": 85, "y": 60})
    expect(page.locator(".ttm-step")).to_have_text(view.said["4"])


def test_predictions_are_hollow(open_view):
    page = open_view(growing(prediction="skipped"))
    chart = page.locator(".ttm-panels svg").first
    hollow = chart.locator("path[data-predicted]:not(.ttm-line)")
    expect(hollow).to_have_count(2)
    fills = hollow.evaluate_all("all => all.map(node => getComputedStyle(node).fill)")
    assert set(fills) == {"rgb(255, 255, 255)"}


def test_the_page_says_what_does_not_work(open_view):
    problem = {"size": 4, "problem": "NotImplementedError", "missing": True}
    page = open_view(GraphGrowth([*ROWS[:5], {"version": "loop", "name": "link_loop", **problem}]))
    expect(page.locator(".ttm-verdict")).to_contain_text("Your link_loop is not written yet")
    expect(page.locator(".ttm-question")).to_have_count(0)
    expect(page.locator(".ttm-step")).to_contain_text("the vector version makes 29, as at every N")
    assert re.search(
        "not written yet", GraphGrowth([{"version": "loop", "name": "f", **problem}]).figure()
    )
