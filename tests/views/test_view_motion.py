"""The motion view: what moves how, the learner's tapes beside it, drawing by hand and by keys."""

import json

import numpy as np
import pytest
from playwright.sync_api import expect
from view_tools import assert_accessible, node, stop_clock

from lab.views import Motion
from lab.views._view import STATIC
from lab.views.motion import PATHS, arrow_scale, drawn, motion, ticks

NAMES = (*PATHS, "drawn")
MATH = STATIC.parent / "js" / "motion_math.js"


def velocity_and_acceleration(position, t, h=1e-4):
    """By differences, in 64 bits; exact enough for paths of so few terms."""
    t = np.asarray(t, float)
    before, here, after = position(t - h), position(t), position(t + h)
    return (after - before) / (2 * h), (after - 2 * here + before) / h**2


def velocity_twice(position, t):
    velocity, _ = velocity_and_acceleration(position, t)
    return velocity, velocity


def from_one_second_on(position, t):
    velocity, acceleration = velocity_and_acceleration(position, t)
    return velocity, acceleration + (np.asarray(t) > 1.01)


def step(page):
    return page.locator(".ttm-step")


def press(page, name):
    page.get_by_role("button", name=name, exact=True).click()


def choose(page, name):
    page.get_by_role("radio", name=name, exact=True).check(force=True)


def numbers(page, row):
    return page.locator(".ttm-motion tbody tr").nth(row).locator("td")


def in_plane(page, x, y):
    """Where a place in meters stands on the page."""
    box = page.locator(".ttm-sheet").bounding_box()
    size = box["width"] / 516
    return box["x"] + (26 + 40 * x) * size, box["y"] + (8 + 40 * (8 - y)) * size


# ------------------------------------------------------------------------------- in Python


def test_by_hand():
    position, velocity, acceleration = motion(PATHS["ball"], 1)
    np.testing.assert_allclose(position, [6, 6.905])
    np.testing.assert_allclose(velocity, [0, 0], atol=1e-12)
    np.testing.assert_allclose(acceleration, [0, -9.81])
    np.testing.assert_allclose(np.hypot(*motion(PATHS["circle"], 0.7)[1]), np.pi)  # 2π 2.5 m / 5 s
    assert drawn([[0, 0], [1, 2]])["axes"][0] == {"powers": [0.5], "waves": [[-0.5, np.pi, 0.0]]}


@pytest.mark.parametrize("name", NAMES)
def test_velocity_and_acceleration_are_derivatives(name):
    view = Motion(name)
    times = np.linspace(0, view._path()["duration"], 9)
    _, velocity, acceleration = motion(view._path(), times)
    for axis, parts in enumerate(view._path()["axes"]):
        found = velocity_and_acceleration(_place(parts), times)
        np.testing.assert_allclose(found, [velocity[axis], acceleration[axis]], atol=2e-6)


def _place(parts):
    return lambda t: motion({"axes": [parts]}, t)[0, 0]


def test_a_drawn_path_goes_through_its_points_and_rests_at_its_ends():
    points = np.random.default_rng(0).uniform(1, 7, size=(6, 2))
    position, velocity, _ = motion(drawn(points), np.arange(6))
    np.testing.assert_allclose(position.T, points)
    np.testing.assert_allclose(velocity[:, [0, -1]], 0, atol=1e-12)


@pytest.mark.parametrize(
    "name, time, said",
    [
        ("ball", 0.5, "It slows down: the acceleration points against the velocity."),
        ("ball", 1, "It stands still for this moment, but its velocity is changing."),
        ("ball", 1.5, "It gets faster: the acceleration points along the velocity."),
        ("throw", 0.5, "slows down and turns right: the acceleration points backward and to the"),
        ("cruise", 2, "Its velocity is not changing: it moves straight on at the same speed."),
        ("circle", 2, "turns left at the same speed: the acceleration stands at right angles to"),
        ("drawn", 0, "It stands still for this moment, but its velocity is changing."),
    ],
)
def test_what_the_view_says(name, time, said):
    assert said in Motion(name, time=time, prediction="skipped").describe()


def test_what_the_ball_does_at_the_top():
    assert Motion(time=1, prediction="velocity").describe() == (
        "At 1.00 s the body is at (6.00, 6.91) m, with velocity (0.00, 0.00) m/s and acceleration "
        "(0.00, -9.81) m/s². It stands still for this moment, but its velocity is changing."
    )


def test_the_question_fits_the_path():
    answers = {name: Motion(name).question["answer"] for name in NAMES}
    assert answers == {
        "ball": "velocity",
        "throw": "neither",
        "cruise": "acceleration",
        "brake": "velocity",
        "swing": "velocity",
        "circle": "neither",
        "drawn": "velocity",
    }
    still = Motion("drawn", points=[[1, 1]] * 6)
    assert still.question["answer"] == "both"


@pytest.mark.parametrize("name", NAMES)
def test_picture_and_sentence_are_covered_until_answered(name):
    view = Motion(name)
    open_ = Motion(name, prediction="skipped")
    assert view.picture().count("covered") == 2 and "covered" not in open_.picture()
    assert ">v<" not in view.picture() and ">a<" not in view.picture()
    assert "velocity (" not in view.describe() and "covered" in view.describe()
    view.path = "swing" if name != "swing" else "ball"  # not what the question is about
    assert "covered" not in view.picture() + view.describe()


def test_arrows_stay_in_the_frame():
    for name in PATHS:
        for which in (1, 2):
            tips = motion(PATHS[name], np.linspace(0, PATHS[name]["duration"], 51))
            tips = tips[0] + arrow_scale(PATHS[name], which) * tips[which]
            assert tips.min() >= 0 and (tips.max(axis=1) <= (12, 8)).all()


@pytest.mark.parametrize("options", [{"path": "fall"}, {"points": [[1, 2]]}, {"time": -1}])
def test_impossible_settings_are_refused(options):
    with pytest.raises(Exception, match=r"\w"):
        Motion(**options)
    with pytest.raises(Exception, match="6 pairs"):
        Motion(points=[[1, 20]] * 6)


# --------------------------------------------------------------------- the learner's function


@pytest.mark.parametrize("name", NAMES)
def test_a_right_function_agrees(name):
    (verdict,) = Motion(name, learner=velocity_and_acceleration).verdicts
    assert verdict["text"] == (
        "Your velocity_and_acceleration agrees at all 51 times, along x and along y."
    )


def test_it_is_asked_again_for_another_path_alone():
    asked = []

    def counted(position, t):
        asked.append(np.asarray(t).dtype)
        return velocity_and_acceleration(position, t)

    view = Motion(learner=counted)
    view.time = 1
    view.points = [[1, 1]] * 6
    assert asked == [np.float32] * 2
    view.path = "drawn"
    assert len(asked) == 4 and view.verdicts[0]["settings"] == ["drawn"] + [1] * 12
    view.points = [[1, 1]] * 5 + [[2, 2]]
    assert len(asked) == 6 and view.verdicts[0]["state"] == "agrees"


def test_the_first_wrong_time_is_said():
    (verdict,) = Motion(learner=from_one_second_on).verdicts
    assert verdict["state"] == "differs" and verdict["wrong"] == [2, 0, 26]
    assert verdict["text"] == (
        "Your from_one_second_on finds the velocity; its acceleration differs along x, first at "
        "1.04 s: yours 1.00, reference 0.00."
    )
    velocity, acceleration = verdict["values"]
    assert velocity is None and np.shape(acceleration) == (2, 51)


def test_one_quantity_for_another():
    (verdict,) = Motion(learner=velocity_twice).verdicts
    assert verdict["text"].endswith("What it returns as acceleration is the velocity.")

    def turned(position, t):
        return velocity_and_acceleration(position, t)[::-1]

    (verdict,) = Motion(learner=turned).verdicts
    assert "differs in velocity and acceleration. Its velocity differs along y" in verdict["text"]
    assert verdict["text"].endswith("What it returns as velocity is the acceleration.")


def test_none_has_words_of_its_own():
    def with_none(which):
        def learner(position, t):
            result = list(velocity_and_acceleration(position, t))
            result[which] = None
            return result

        return learner

    def said(path, which):
        return Motion(path, learner=with_none(which)).verdicts[0]["text"]

    assert said("cruise", 1).startswith("Your learner returned None as acceleration along x: this")
    assert 'is 0: unconnected_gradients="zero" asks for it.' in said("cruise", 1)
    assert "the outer tape found no way from the velocity back to t. It has" in said("ball", 1)
    assert "watches variables by itself" in said("ball", 0)


def endless(position, t):
    return endless(position, t)


@pytest.mark.parametrize(
    "learner, state, text",
    [
        (lambda position, t: None, "shape", "returned nothing; expected (velocity, acceleration)"),
        (lambda position, t: position(t), "shape", "expected a pair (velocity, acceleration)"),
        (lambda position, t: (0, 0), "shape", "velocity along x of shape (); expected (51,)"),
        (lambda position, t: ([np.nan] * 51, [1e300] * 51), "differs", "yours not a number"),
        (endless, "error", "stopped with RecursionError"),
        (lambda position: 0, "error", "stopped with TypeError"),
    ],
)
def test_other_functions(learner, state, text):
    view = Motion(learner=learner)
    assert view.verdicts[0]["state"] == state and text in view.verdicts[0]["text"]
    json.dumps(view.verdicts, allow_nan=False)
    assert "<img" in view.figure()


def test_with_real_tapes():
    tf = pytest.importorskip("tensorflow")

    def by_tapes(position, t, **options):
        with tf.GradientTape() as outer:
            outer.watch(t)
            with tf.GradientTape() as inner:
                inner.watch(t)
                place = position(t)
            velocity = inner.gradient(place, t, **options)
        return velocity, outer.gradient(velocity, t, **options)

    def with_zeros(position, t):
        return by_tapes(position, t, unconnected_gradients="zero")

    assert {Motion(name, learner=with_zeros).verdicts[0]["state"] for name in NAMES} == {"agrees"}
    found = {name: Motion(name, learner=by_tapes).verdicts[0]["state"] for name in NAMES}
    assert found.pop("cruise") == "differs" and set(found.values()) == {"agrees"}
    assert "this motion is uniform" in Motion("cruise", learner=by_tapes).verdicts[0]["text"]


# ------------------------------------------------------------------------- the two mathematics

PARITY = """
import * as math from "{path}";
import {{ readFileSync }} from "node:fs";
const run = {{
  path: ({{ path, points, paths, times }}) => {{
    const shown = math.pathOf({{ path, points, paths }});
    const scales = [1, 2].map((which) => math.arrowScale(shown, which));
    return {{
      scales,
      motion: times.map((t) => math.motion(shown, t)),
      said: times.map((t) => math.narrate(shown, t)),
    }};
  }},
  ticks: ({{ ranges }}) => ranges.map(([low, high]) => math.ticks(low, high)),
  stroke: ({{ stroke }}) => math.fitStroke(stroke, 6),
}};
const cases = JSON.parse(readFileSync(0, "utf8"));
console.log(JSON.stringify(cases.map((each) => run[each.run](each))));
"""


def browser_results(cases):
    code = PARITY.format(path=MATH.as_uri())
    done = node("--input-type=module", "-e", code, input=json.dumps(cases))
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_browser_and_python_compute_the_same():
    views = [Motion(name, prediction="skipped") for name in NAMES]
    rng = np.random.default_rng(1)
    views += [Motion("drawn", points=rng.uniform(1, 7, size=(6, 2)), prediction="skipped")]
    times = np.linspace(0, 1, 41)
    cases = [
        {
            "run": "path",
            "times": (times * view._path()["duration"]).tolist(),
            **{name: getattr(view, name) for name in ("path", "points", "paths")},
        }
        for view in views
    ]
    for view, case, found in zip(views, cases, browser_results(cases), strict=True):
        path = view._path()
        expected = np.moveaxis(motion(path, case["times"]), -1, 0)
        np.testing.assert_allclose(found["motion"], expected, rtol=0, atol=1e-9)
        assert found["scales"] == [arrow_scale(path, which) for which in (1, 2)]
        for view.time, said in zip(case["times"], found["said"], strict=True):
            assert view.describe() == said


def test_browser_and_python_draw_the_same_axes():
    ranges = [(0, 7), (-9.81, 9.81), (0, 0), (-3, 1e-9), (0.2, 1234), (-0.8, 0)]
    (found,) = browser_results([{"run": "ticks", "ranges": ranges}])
    for marks, (low, high) in zip(found, ranges, strict=True):
        np.testing.assert_allclose(marks, ticks(low, high), atol=1e-9)
        assert len(marks) <= 6 and marks[0] <= low + 1e-6 and marks[-1] >= high - 1e-6
    assert found[0] == [0, 2, 4, 6, 8]


def test_a_stroke_gives_back_the_path_that_it_follows():
    points = [[2, 3], [4, 5], [6, 4], [7, 2.5], [9, 3], [10, 6]]
    hand = np.linspace(0, 5, 300)
    places = motion(drawn(points), hand)[0].T
    stroke = np.column_stack([places, 1000 + 400 * hand]).tolist()  # faster than it is shown
    (found,) = browser_results([{"run": "stroke", "stroke": stroke}])
    np.testing.assert_allclose(found, points, atol=0.011)


# -------------------------------------------------------------------------- in the browser


def test_a_prediction_uncovers_the_arrows(open_view):
    page = open_view(Motion())
    expect(step(page)).to_contain_text("covered until you have answered")
    press(page, "Next")
    expect(step(page)).to_contain_text("At 0.20 s the body is at (6.00, 3.77) m. Its velocity and")
    expect(numbers(page, 1)).to_have_text(["?", "?", "?"])
    expect(page.locator(".ttm-name").first).to_be_hidden()
    assert page.locator(".ttm-curve").count() == 2
    press(page, "both")
    expect(page.locator(".ttm-reply")).to_have_text(
        "It comes out differently. At 1.00 s the velocity is (0.00, 0.00) m/s and the acceleration "
        "(0.00, -9.81) m/s². Gravity does not pause: it is what turns the way up into a way down."
    )
    expect(numbers(page, 1)).to_have_text(["0.00", "0.00", "0.00"])
    expect(numbers(page, 2)).to_have_text(["0.00", "-9.81", "9.81"])
    expect(page.locator(".ttm-name")).to_have_text(["v = 0", "a"])
    choose(page, "circle")
    expect(page.locator(".ttm-reply")).to_have_text(
        "The question was about the start settings; Start again brings them back."
    )
    press(page, "Start again")
    expect(page.locator(".ttm-reply")).to_contain_text("Gravity does not pause")
    expect(step(page)).to_contain_text("At 0.00 s")


def test_another_path_uncovers_too(open_view):
    page = open_view(Motion())
    choose(page, "cruise")
    expect(step(page)).to_contain_text("it moves straight on at the same speed")
    expect(page.locator(".ttm-reply")).to_contain_text("The arrows and curves are open now.")
    press(page, "the velocity")
    expect(page.locator(".ttm-reply")).to_contain_text("That is right. At 1.00 s")
    expect(page.get_by_role("radio", name="ball, straight up")).to_be_checked()


def test_a_difference_tells_nothing_covered(open_view):
    page = open_view(Motion(learner=velocity_twice))
    expect(page.locator(".ttm-verdict")).to_contain_text("where and how, you see when you have")
    press(page, "Skip")
    expect(page.locator(".ttm-verdict")).to_contain_text("finds the velocity; its acceleration")


def test_time_by_keyboard_and_by_hand(open_view):
    page = open_view(Motion(prediction="skipped"))
    slider = page.get_by_role("slider", name="Time")
    slider.focus()
    page.keyboard.press("ArrowRight")
    expect(slider).to_have_attribute("aria-valuetext", "0.04 s of 2.00 s")
    page.keyboard.press("End")
    expect(step(page)).to_contain_text("At 2.00 s the body is at (6.00, 2.00) m")
    press(page, "Back")
    expect(step(page)).to_contain_text("At 1.80 s")
    press(page, "Next")
    press(page, "Next")  # after the end comes the beginning
    expect(step(page)).to_contain_text("At 0.00 s")
    box = page.locator(".ttm-chart > svg").nth(1).bounding_box()
    page.mouse.click(box["x"] + box["width"] * (44 + 190) / 450, box["y"] + 40)
    expect(step(page)).to_contain_text("At 1.00 s the body is at (6.00, 6.91) m")


def test_play_runs_in_real_time_to_the_end(open_view):
    page = open_view(Motion(prediction="skipped"))
    stop_clock(page)
    press(page, "Play")
    page.clock.run_for(1100)
    expect(step(page)).to_contain_text("At 1.00 s")  # a sentence for each half second
    expect(step(page)).to_have_attribute("aria-live", "off")
    press(page, "Pause")
    page.clock.run_for(3000)
    expect(step(page)).to_contain_text("At 1.")
    page.get_by_label("Slow motion").check()
    press(page, "Play")
    page.clock.run_for(1000)
    expect(step(page)).to_contain_text("At 1.00 s")
    page.clock.run_for(4000)
    expect(step(page)).to_contain_text("At 2.00 s")
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    expect(step(page)).to_have_attribute("aria-live", "polite")


def test_play_is_one_step_with_reduced_motion(open_view):
    page = open_view(Motion(prediction="skipped"), reduced_motion="reduce")
    stop_clock(page)
    press(page, "Play")
    page.clock.run_for(3000)
    expect(step(page)).to_contain_text("At 0.20 s")


def test_points_by_keyboard(open_view):
    view = Motion("drawn", prediction="skipped", learner=velocity_and_acceleration)
    page = open_view(view, live=True)
    point = page.get_by_role("slider", name="Place at 1 s")
    point.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    expect(point).to_have_attribute("aria-valuetext", "x 3.25 m, y 5.25 m")
    for _ in range(30):
        page.keyboard.press("ArrowUp")
    expect(point).to_have_attribute("aria-valuetext", "x 3.25 m, y 7.50 m")
    expect(page.locator(".ttm-verdict")).to_contain_text("agrees at all 51 times")
    assert view.points[1] == [3.25, 7.5] and view.verdicts[0]["settings"][3:5] == [3.25, 7.5]
    expect(step(page)).to_have_text(view.describe())


def test_points_and_strokes_by_hand(open_view):
    view = Motion("drawn", prediction="skipped")
    page = open_view(view, live=True, has_touch=True)
    point = page.get_by_role("slider", name="Place at 3 s")
    box = point.bounding_box()
    page.mouse.move(box["x"] + 13, box["y"] + 13)
    page.mouse.down()
    page.mouse.move(*in_plane(page, 6, 5), steps=3)
    page.mouse.up()
    expect(point).to_have_attribute("aria-valuetext", "x 6.00 m, y 5.00 m")
    page.mouse.move(*in_plane(page, 2, 1.2))
    page.mouse.down()
    page.mouse.move(*in_plane(page, 10, 6.8), steps=25)
    page.mouse.up()
    expect(page.get_by_role("slider", name="Place at 5 s")).not_to_have_attribute(
        "aria-valuetext", "x 10.50 m, y 5.00 m"
    )
    page.wait_for_timeout(300)
    across, up = np.array(view.points).T
    assert (np.diff(across) > 0).all()
    np.testing.assert_allclose((up - 1.2) / 5.6, (across - 2) / 8, atol=0.05)  # a straight line
    page.touchscreen.tap(*in_plane(page, 5, 7))  # no stroke
    page.wait_for_timeout(300)
    assert view.points == np.column_stack([across, up]).tolist()


def test_the_learners_curve_and_its_first_wrong_time(open_view):
    page = open_view(Motion(learner=from_one_second_on, prediction="skipped"), live=True)
    charts = page.locator(".ttm-chart")
    expect(charts.nth(2).get_by_text("· · · yours")).to_be_visible()
    expect(charts.nth(1).get_by_text("· · · yours")).to_be_hidden()
    expect(page.locator(".ttm-first text")).to_have_text("≠")
    assert float(page.locator(".ttm-first circle").get_attribute("cx")) == 44 + 380 * 26 / 50
    choose(page, "circle")
    expect(page.locator(".ttm-verdict")).to_contain_text("first at 1.10 s")
    expect(page.locator(".ttm-first")).to_have_count(1)


def test_plane_and_curves_stand_side_by_side(open_view):
    page = open_view(Motion(prediction="skipped"), width=880)
    plane, curve = (page.locator(name).first for name in (".ttm-plane", ".ttm-chart"))
    left, right = plane.bounding_box(), curve.bounding_box()
    assert left["x"] + left["width"] < right["x"] and right["y"] < left["y"] + left["height"]


def test_axe_finds_nothing_beside_a_wrong_function(open_view):
    view = Motion("drawn", learner=velocity_twice, prediction="neither", time=2)
    page = open_view(view, width=480)
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 480
