"""The landscape view: the same runs in page and Python, sentences, verdicts, keys and hand."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import expect
from view_tools import assert_accessible, node, stop_clock

from lab.views import Landscape
from lab.views import _landscape_reference as reference
from lab.views.landscape import SURFACES
from solutions import descent

MATH = Path(__file__).parents[2] / "lab" / "views" / "js" / "landscape_math.js"
PARITY = f"""
import {{ readFileSync }} from "node:fs";
import {{ levels, race, rates, stepped }} from "{MATH.as_uri()}";
const run = {{
  race, levels: ({{ surface }}) => levels(surface, 30, 20),
  stepped: ({{ now, steps }}) => stepped(rates([0.019]), now, steps),
}};
const cases = JSON.parse(readFileSync(0, "utf8"));
console.log(JSON.stringify(cases.map((one) => run[one.run](one))));
"""
PACE = 200  # milliseconds that a step stays while it plays
STEPS = (descent.sgd_step, descent.momentum_step, descent.rmsprop_step)


def browser_results(cases):
    done = node("--input-type=module", "-e", PARITY, input=json.dumps(cases))
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def named(name):
    """Gives a wrong function the name of the right one."""

    def rename(function):
        function.__name__ = name
        return function

    return rename


@named("momentum_step")
def forgets(weights, gradients, state, learning_rate=0.01, momentum=0.9):
    return descent.momentum_step(weights, gradients, None, learning_rate, momentum)


@named("sgd_step")
def climbs(weights, gradients, state, learning_rate=0.01):
    return descent.sgd_step(weights, gradients, state, -learning_rate)


@named("rmsprop_step")
def keeps_no_mean(weights, gradients, state, learning_rate=0.01):
    return descent.rmsprop_step(weights, gradients, state, learning_rate, rho=0)


@named("sgd_step")
def changes_its_arguments(weights, gradients, state, learning_rate=0.01):
    weights[0] -= learning_rate * gradients[0]
    return weights, state


def verdict(learner, **options):
    return Landscape(learners=(learner,), **options).verdicts[0]


def step(page):
    return page.locator(".ttm-step")


def press(page, name):
    page.get_by_role("button", name=name, exact=True).click()


def handle(page):
    return page.get_by_role("slider", name="Start")


# --------------------------------------------------------------------------- the same numbers


def test_parity():
    rng = np.random.default_rng(0)
    cases = [
        {"surface": surface, "start": start, "learning_rate": rate, "momentum": momentum}
        for surface in SURFACES
        for start in (list(SURFACES[surface].start), (rng.uniform(-1, 1, 2) * [3, 2]).tolist())
        for rate in (0.001, SURFACES[surface].learning_rate, 0.15, 1)
        for momentum in (0, 0.9, 0.99)
    ]
    results = browser_results([{"run": "race", "steps": 40, **case} for case in cases])
    diverged = 0
    for case, result in zip(cases, results, strict=True):
        for name, run in Landscape(**case).runs().items():
            np.testing.assert_allclose(result[name]["path"], run.path, atol=1e-9, rtol=1e-9)
            assert result[name]["diverged"] == run.diverged
            assert np.isfinite(run.path).all()
            diverged += run.diverged is not None
    assert diverged > 10


def test_parity_of_the_map():
    cases = [{"run": "levels", "surface": surface} for surface in SURFACES]
    for surface, result in zip(SURFACES, browser_results(cases), strict=True):
        expected = reference.levels(surface, 30, 20)
        np.testing.assert_allclose(np.reshape(result, (20, 30)), expected, atol=1e-9)
        assert expected.min() == 0 and expected.max() == 1


def test_the_keys_go_through_round_learning_rates():
    ways = [(0.1, 1, 0.12), (0.0999, 1, 0.1), (0.02, -1, 0.019), (0.019, -1, 0.018)]
    ways += [(0.02, 5, 0.06), (0.006, -1, 0.005), (0.9, 5, 1), (0.001, -1, 0.001)]
    cases = [{"run": "stepped", "now": now, "steps": steps} for now, steps, _ in ways]
    assert browser_results(cases) == [to for _, _, to in ways]


@pytest.mark.parametrize("name", SURFACES)
def test_gradients_are_those_of_the_losses(name):
    surface, rng = SURFACES[name], np.random.default_rng(1)
    for w in rng.uniform(-1, 1, (20, 2)) * reference.EDGE:
        measured = descent.numerical_gradient(surface.loss, w)
        np.testing.assert_allclose(surface.gradient(w), measured, atol=1e-6)
    places = rng.uniform(-3, 3, (500, 2))
    for lowest in surface.lowest:
        assert surface.loss(lowest) <= surface.loss(places).min()
        np.testing.assert_allclose(surface.gradient(lowest), 0, atol=1e-2)


def test_the_surfaces_tell_their_stories():
    def ends(surface):
        return {name: run.path[-1] for name, run in Landscape(surface).runs().items()}

    losses = {n: SURFACES["ravine"].loss(r.path) for n, r in Landscape().runs().items()}
    others = np.minimum(losses["sgd"], losses["rmsprop"])
    assert (losses["momentum"][30:] < 0.7 * others[30:]).all()  # it leads well before the end
    w = ends("valleys")
    assert w["momentum"][0] < -1 and w["sgd"][0] > 1 and w["rmsprop"][0] > 1
    w = ends("saddle")
    assert abs(w["sgd"][1]) < 0.1 and w["rmsprop"][1] > 0.9
    assert Landscape("bowl").question["answer"] == "rmsprop"


# ---------------------------------------------------------------------------------- in Python


def test_what_the_view_says():
    view = Landscape(prediction="skipped", step=1)
    assert view.describe() == (
        "After step 1 of 40, RMSProp has the lowest loss: "
        "SGD at (-2.45, -0.45), loss 13.1, gradient (-2.45, -45.00); "
        "momentum at (-2.45, -0.45), loss 13.1, gradient (-2.45, -45.00); "
        "RMSProp at (-2.44, 0.44), loss 12.7, gradient (-2.44, 43.99)."
    )
    view.step = 0
    assert view.describe() == (
        "All three start at (-2.50, 0.50), loss 15.6, gradient (-2.50, 50.00). At the start the "
        "steepest way down, which SGD takes, points 76° away from the lowest point."
    )
    view.step = 99
    assert view.describe().startswith("After step 40 of 40, momentum has the lowest loss")
    view = Landscape("bowl", start=(0, 0), step=0, prediction="skipped")
    assert view.describe().endswith("the gradient is zero, so that no one moves.")
    view = Landscape(learning_rate=1, prediction="skipped")
    assert "SGD diverged at step 2" in view.describe()
    assert re.search("nan|inf", view.picture() + view.describe(), re.I) is None


def test_an_open_question_covers_the_picture_too():
    view = Landscape()
    assert "covered until you have answered" in view.describe()
    assert view.picture().count(">?<") == 3 and "polyline" not in view.picture()
    view.learning_rate = 0.01  # a control was used
    assert view.picture().count("polyline") == 3 and "After step 40" in view.describe()
    view = Landscape(prediction="sgd")
    assert view.picture().count("polyline") == 3


def test_the_question_is_about_the_settings():
    question = Landscape().question
    assert question["answer"] == "momentum"
    assert "momentum 0.187, SGD 0.676, RMSProp 1.31. At the start" in question["why"]
    question = Landscape("valleys", learning_rate=1, momentum=0.99).question
    assert "SGD diverged" in question["why"]


@pytest.mark.parametrize(
    "learner, text",
    [
        (descent.sgd_step, "Your sgd_step agrees in all 40 steps."),
        (changes_its_arguments, "agrees in all 40 steps."),
        (
            forgets,
            "Your momentum_step differs, first at step 2. From (-2.45, -0.45) yours goes to "
            "(-2.41, 0.40), the reference to (-2.36, -0.45). It moves as a first step would: "
            "what the state held before is lost.",
        ),
        (climbs, "differs, first at step 1. From (-2.50, 0.50) yours goes to (-2.55, 1.45)"),
        (keeps_no_mean, "Your rmsprop_step differs, first at step 1."),
        (
            named("sgd_step")(lambda *_, **__: None),
            "returned nothing; expected (new weights, new state).",
        ),
        (named("sgd_step")(lambda w, g, s, **_: (w[0], s)), "returned a ndarray as new weights"),
        (named("sgd_step")(lambda w, g, s, **_: ([], s)), "returned a list of 0 as new weights"),
        (named("sgd_step")(lambda w, g, s, **_: (["a"], s)), "a str in its list"),
        (named("sgd_step")(lambda w, g, s, **_: ([1.0], s)), "new weights of shape ()"),
        (named("sgd_step")(lambda w, g, s, **_: ([w[0] * np.nan], s)), "(not a number, not a"),
        (named("sgd_step")(lambda *_, **__: 1 / 0), "stopped with ZeroDivisionError"),
        (named("adam_step")(lambda *_, **__: None), "but not adam_step."),
    ],
)
def test_verdicts(learner, text):
    assert text in verdict(learner)["text"]


def test_the_course_agrees_everywhere():
    for surface in SURFACES:
        for rate in (None, 0.01, 1):
            view = Landscape(surface, learning_rate=rate, learners=STEPS)
            assert [each["state"] for each in view.verdicts] == ["agrees"] * 3
    assert "before it diverges at step 2." in verdict(descent.sgd_step, learning_rate=1)["text"]


def test_learners_may_be_wrong_in_any_way():
    def sgd_step(*arguments, **options):
        return sgd_step(*arguments, **options)

    def rmsprop_step(*_, **__):
        raise NotImplementedError

    found = Landscape(learners=(None, 3, sgd_step, rmsprop_step)).verdicts
    assert [each["state"] for each in found] == ["error", "error", "missing"]
    assert "RecursionError" in found[1]["text"]


@pytest.mark.parametrize(
    "options",
    [{"surface": "hill"}, {"start": (4, 0)}, {"start": (1,)}, {"learning_rate": 0}, {"steps": 0}],
)
def test_impossible_settings_are_refused(options):
    with pytest.raises(Exception, match=r"\w"):
        Landscape(**options)


# ----------------------------------------------------------------------------- in the browser


def test_a_prediction_uncovers_the_runs(open_view):
    page = open_view(Landscape())
    expect(page.locator(".ttm-reply")).to_contain_text("the runs appear when you have answered")
    expect(step(page)).to_have_text(Landscape().describe())
    expect(page.get_by_role("cell").first).to_have_text("?")
    press(page, "SGD: always the steepest way down")
    expect(page.locator(".ttm-reply")).to_have_text(
        f"It comes out differently. {Landscape().question['why']}"
    )
    expect(page.get_by_role("row", name="momentum")).to_contain_text("0.187 lowest")
    page.get_by_role("radio", name="saddle").check(force=True)
    expect(page.locator(".ttm-reply")).to_contain_text("Start again brings them back")
    press(page, "Start again")
    expect(page.locator(".ttm-reply")).to_contain_text("It comes out differently.")


def test_page_and_python_say_the_same(open_view):
    view = Landscape(prediction="skipped")
    page = open_view(view)
    states = [
        {"step": 0},
        {"step": 7},
        {"surface": "saddle", "start": [-1, 0.3], "learning_rate": 0.05, "step": 0},
        {"step": 33, "momentum": 0.5},
        {"surface": "valleys", "start": [0.05, -2], "learning_rate": 1},
        {"surface": "bowl", "start": [0, 0], "learning_rate": 0.3, "step": 0},
        {"start": [-2, 1.5], "step": 40},
        {"surface": "ravine", "learning_rate": 0.03},
    ]
    for state in [{}, *states]:
        view.set_state(state)
        page.evaluate("s => Object.entries(s).forEach(([k, v]) => model.set(k, v))", state)
        expect(step(page)).to_have_text(view.describe())


def test_the_start_by_keyboard(open_view):
    page = open_view(Landscape(prediction="skipped", step=0))
    for key in ("ArrowRight", "ArrowUp", "ArrowUp", "Shift+ArrowLeft"):
        handle(page).press(key)
    expect(step(page)).to_contain_text("All three start at (-2.95, 0.60)")
    expect(handle(page)).to_have_attribute("aria-valuetext", "w₀ -2.95, w₁ 0.60, loss 22.4")
    handle(page).press("Shift+ArrowLeft")
    expect(step(page)).to_contain_text("start at (-3.00, 0.60)")
    page.get_by_role("radio", name="saddle").check(force=True)
    handle(page).press("ArrowLeft")  # beside the grid, the other weight stays where it is
    expect(step(page)).to_contain_text("start at (-2.05, 0.01)")


def test_the_start_by_mouse_and_touch(open_view):
    page = open_view(Landscape("bowl", prediction="skipped", step=0), has_touch=True)
    board = page.locator(".ttm-board").bounding_box()
    box = handle(page).bounding_box()
    page.mouse.move(box["x"] + 22, box["y"] + 22)
    page.mouse.down()
    page.mouse.move(board["x"] + board["width"] / 2, board["y"] + 30, steps=4)
    page.mouse.up()
    expect(step(page)).to_contain_text(re.compile(r"start at \(-?0\.\d+, 1\.\d+\)"))
    page.touchscreen.tap(board["x"] + board["width"] - 60, board["y"] + board["height"] - 90)
    expect(step(page)).to_contain_text(re.compile(r"start at \(2\.\d+, -1\.\d+\)"))
    page.mouse.click(board["x"] + 2, board["y"] + 2)  # beside the map: its corner
    expect(step(page)).to_contain_text("start at (-3.00, 2.00)")


def test_steps_forward_and_back(open_view):
    page = open_view(Landscape(prediction="skipped"))
    press(page, "‹ Back")
    expect(step(page)).to_contain_text("After step 39 of 40")
    slider = page.get_by_role("slider", name="Step")
    slider.press("Home")
    expect(step(page)).to_contain_text("All three start at")
    page.get_by_role("button", name="‹ Back").press("Enter")  # it has nothing to do
    press(page, "Next ›")
    expect(step(page)).to_contain_text("After step 1 of 40")
    expect(page.get_by_role("row", name="SGD")).to_contain_text("(0.05, -0.95)")
    rate = page.get_by_role("slider", name="Learning rate")
    for key, value in (("ArrowLeft", 0.018), ("PageUp", 0.04), ("ArrowRight", 0.05)):
        rate.press(key)
        expect(page.locator("output").first).to_have_text(str(value))
    page.get_by_role("slider", name="Momentum").press("PageDown")
    expect(page.locator("output").nth(1)).to_have_text("0.85")
    press(page, "Start again")
    expect(page.locator("output")).to_have_text(["0.019", "0.9", "40"])
    press(page, "From step 0 ›")
    expect(step(page)).to_contain_text("All three start at")


def test_play_goes_to_the_end_and_stops(open_view):
    page = open_view(Landscape(prediction="skipped", steps=4))
    stop_clock(page)
    press(page, "Play")
    page.clock.run_for(PACE * 2 + 50)
    expect(step(page)).to_have_attribute("aria-live", "off")
    expect(step(page)).to_contain_text("After step 2 of 4")
    page.clock.run_for(PACE * 10)
    expect(step(page)).to_contain_text("After step 4 of 4")
    expect(step(page)).to_have_attribute("aria-live", "polite")


def test_play_is_one_step_with_reduced_motion(open_view):
    page = open_view(Landscape(prediction="skipped", step=3), reduced_motion="reduce")
    stop_clock(page)
    press(page, "Play")
    page.clock.run_for(PACE * 10)
    expect(step(page)).to_contain_text("After step 4 of 40")


def test_divergence_is_said_and_not_drawn(open_view):
    page = open_view(Landscape(learning_rate=1, momentum=0.99, prediction="skipped"))
    expect(page.get_by_role("row", name="SGD")).to_contain_text("diverged at step 2")
    for surface in ("bowl", "two valleys", "saddle"):
        page.get_by_role("radio", name=surface).check(force=True)
        page.get_by_role("slider", name="Learning rate").press("End")
        for _ in range(30):
            page.keyboard.press("PageUp")
        assert re.search("NaN|Infinity", page.locator(".ttm-view").inner_html()) is None


def test_the_first_wrong_step_is_marked(open_view):
    view = Landscape(learners=(descent.sgd_step, forgets))
    page = open_view(view, live=True)
    expect(page.locator(".ttm-differs")).to_contain_text("where and how, you see when")
    expect(page.locator("th .ttm-wrong")).to_have_count(0)
    press(page, "none: all three diverge")
    expect(page.locator("th .ttm-wrong")).to_have_text("≠ yours at step 2")
    assert page.locator("path.ttm-yours:not([d=''])").count() == 1
    slider = page.get_by_role("slider", name="Step")
    slider.press("Home")
    slider.press("ArrowRight")
    expect(page.locator("th .ttm-wrong")).to_have_count(0)
    page.get_by_role("slider", name="Momentum").press("Home")
    for _ in range(20):
        page.keyboard.press("PageDown")
    expect(page.locator(".ttm-agrees")).to_have_count(2)


def test_axe_finds_nothing_beside_a_wrong_function(open_view):
    page = open_view(Landscape(learners=(descent.sgd_step, forgets), prediction="momentum"))
    expect(page.locator("th .ttm-wrong")).to_have_count(1)
    assert_accessible(page)
