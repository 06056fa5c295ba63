"""The plane view: sentences, numbers against NumPy, the learner's function, keys, hand, touch."""

import json
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import expect
from view_tools import assert_accessible, node

from lab.views import Plane

TURN, MIRROR = ((0, -1), (1, 0)), ((-1, 0), (0, 1))
TWO = {"matrix": TURN, "offset": (1, 0.5), "second": (MIRROR, (0, -1))}
OPEN = {"prediction": "skipped"}

BROWSER = """
import { readFileSync } from "node:fs";
import * as plane from "../../lab/views/js/plane_math.js";
const cases = JSON.parse(readFileSync(0, "utf8"));
console.log(JSON.stringify(cases.map(({ now, points }) => {
  const path = plane.bend(now, points);
  const stages = Object.values(plane.stages(now)).map((stage) => path.map(stage));
  const { answer, options, p } = plane.questionFor(now);
  const end = plane.pair(plane.carry(now, p));
  return {
    path, stages, one: plane.asOne(now), pieces: plane.pieces(now), said: plane.narrate(now),
    answer, offered: options.map(([value]) => value), end, quarters: plane.quarters(now),
  };
})));
"""


def compose(A1, b1, A2, b2):
    return A2 @ A1, A2 @ b1 + b2


def in_the_other_order(A1, b1, A2, b2):
    return A1 @ A2, A2 @ b1 + b2


def adds_the_offsets(A1, b1, A2, b2):
    return A2 @ A1, b1 + b2


def in_the_browser(cases):
    options = {"input": json.dumps(cases), "cwd": Path(__file__).parent}
    done = node("--input-type=module", "-e", BROWSER, **options)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def fold(*matrix, **more):
    return Plane(matrix, relu=True, **OPEN, **more)


def step(page):
    return page.locator(".ttm-step")


def press(page, name):
    page.get_by_role("button", name=name, exact=True).first.click()


# ------------------------------------------------------------------------------- in Python


def test_what_the_view_says():
    assert Plane(((2, 1), (0, 1)), (0.5, 0), **OPEN).describe() == (
        "The columns of A say where the basis vectors go: (1, 0) to (2, 0), (0, 1) to (1, 1). "
        "Then b moves every point by (0.5, 0). "
        "The determinant is 2: areas grow 2 times, and the orientation stays."
    )
    assert Plane(**TWO, **OPEN).describe() == (
        "Both layers together do what one layer does, with A = [[0, 1], [1, 0]] and "
        "b = (-1, -0.5). The determinant is -1: areas stay as they are, "
        "and the orientation is turned over."
    )
    assert Plane(**TWO, relu=True, **OPEN).describe() == (
        "relu puts 0 in the place of every negative coordinate. The plane is cut into 4 pieces "
        "with an affine map of its own on each: no single affine map does the same."
    )


@pytest.mark.parametrize(
    "matrix, text",
    [
        (((1, 2), (2, 4)), "is 0: the plane falls onto a line."),
        (((0, 0), (0, 0)), "is 0: the plane falls onto a point."),
        (
            ((0.5, 0), (0, 0.5)),
            "is 0.25: areas shrink to 0.25 of their size, and the orientation s",
        ),
        (((0, 1), (3, 0)), "is -3: areas grow 3 times, and the orientation is turned over."),
    ],
)
def test_what_a_determinant_means(matrix, text):
    assert text in Plane(matrix, **OPEN).describe()


@pytest.mark.parametrize(
    "view, pieces",
    [
        (fold((1, 0), (0, 1)), 4),
        (fold((1, 2), (2, 4), offset=(1, 0)), 3),  # the lines are parallel
        (fold((1, 2), (2, 4), offset=(1, 2)), 2),  # and here the same
        (fold((1, 2), (-1, -2), offset=(1, -1)), 2),
        (fold((1, 0), (0, 0)), 2),
        (fold((0, 0), (0, 0), offset=(-1, 1)), 1),
        (fold((1, 0), (0, 1), second=(((1, 0), (1, 0)), (0, 0))), 2),  # what is cut is dropped
        (fold((1, 0), (-1, 0), second=(((1, -1), (0, 0)), (0, 0))), 1),  # relu(x) - relu(-x) = x
    ],
)
def test_pieces_by_hand(view, pieces):
    assert view.pieces() == pieces


def test_relu_may_bend_nothing():
    view = fold((1, 0), (-1, 0), second=(((1, -1), (0, 0)), (0, 2)))
    assert view.describe() == (
        "Here relu bends nothing: one layer does the same, "
        "with A = [[1, 0], [0, 0]] and b = (0, 2)."
    )


def test_an_open_question_covers_the_picture_too():
    view = Plane(**TWO, learner=adds_the_offsets)
    assert view.describe() == (
        "Layer 1 has A = [[0, -1], [1, 0]] and b = (1, 0.5); layer 2 has A = [[-1, 0], [0, 1]] "
        "and b = (0, -1). What they do is covered: the live view asks for a prediction first."
    )
    assert view.picture().count(">?<") == 2
    assert "reference" not in view.figure()
    assert "agrees in all 6" in Plane(**TWO, learner=compose).figure()
    view.offset = [0, 0]  # a control was used
    assert ">?<" not in view.picture() and view.describe().startswith("Both layers")
    view.set_state({"offset": [1, 0.5], "prediction": "no"})
    assert ">?<" not in view.picture() and "reference" in view.figure()


@pytest.mark.parametrize(
    "learner, state, text",
    [
        (compose, "agrees", "Your compose agrees in all 6 numbers of the one layer."),
        (
            in_the_other_order,
            "differs",
            "first at A[0, 1]: yours -1.00, reference 1.00. It is A1 A2",
        ),
        (adds_the_offsets, "differs", "first at b[0]: yours 1.00, reference -1.00. It is b1 + b2"),
        (lambda *layers: None, "shape", "returned nothing; expected (A, b)."),
        (lambda A1, b1, A2, b2: (A1, A2), "shape", "returned b of shape (2, 2); expected (2,)."),
        (lambda A1, b1, A2, b2: (A1 * np.nan, b1), "differs", "yours not a number"),
        (lambda A1: A1, "error", "stopped with TypeError"),
    ],
)
def test_verdicts(learner, state, text):
    found = Plane(**TWO, learner=learner).verdicts[0]
    assert found["state"] == state and text in found["text"]
    json.dumps(found, allow_nan=False)


def test_a_learner_that_never_ends_or_changes_what_it_gets():
    def deep(*layers):
        return deep(*layers)

    def greedy(A1, b1, A2, b2):
        A1 *= 0
        return A2 @ A1, b2

    assert "RecursionError" in Plane(**TWO, learner=deep).verdicts[0]["text"]
    view = Plane(**TWO, learner=greedy)
    assert view.verdicts[0]["wrong"] == ["A", 0, 1]
    assert view.matrix == [[0, -1], [1, 0]]


def test_a_learner_waits_for_the_second_layer():
    view = Plane(learner=compose)
    assert view.verdicts[0]["text"] == "Your compose waits for a second layer."
    view.layers = 2
    assert view.verdicts[0]["state"] == "agrees"
    assert view.verdicts[0]["settings"] == [1, 0, 0, 1, 0, 0, 0, -1, 1, 0, 1, 0]


def test_the_course_agrees():
    from solutions import tensors

    view = Plane(tensors.rotation(0.3), (1, 2), (TURN, (0.5, 0)), learner=tensors.compose_affine)
    assert view.verdicts[0]["state"] == "agrees"
    x, A, b = np.array([[0.5, -2.0]]), np.array(((1, 2), (3, 4))), np.array((0.1, -1))
    *_, last = Plane(A, b, relu=True).stages().values()
    np.testing.assert_allclose(last(x), tensors.dense(x, A.T, b))


@pytest.mark.parametrize(
    "options",
    [
        {"matrix": np.eye(3)},
        {"matrix": "ab"},
        {"offset": (1, np.nan)},
        {"offset": (1, 10)},
        {"second": (TURN, (1, 2, 3))},
    ],
)
def test_impossible_settings_are_refused(options):
    with pytest.raises(Exception, match="takes numbers from -9 to 9"):
        Plane(**options)


# -------------------------------------------------------------------- against the browser


def test_plane_parity():
    rng = np.random.default_rng(1)
    numbers = np.round(rng.normal(size=(24, 12)), 1)
    numbers[::2] = np.round(numbers[::2])  # often flat, parallel, or the same
    cases, views = [], []
    for count, row in enumerate(numbers):
        A1, b1, A2, b2 = row[:4].reshape(2, 2), row[4:6], row[6:10].reshape(2, 2), row[10:]
        second = (A2, b2) if count % 3 else None
        views.append(Plane(A1, b1, second, relu=count % 4 > 0, prediction="no"))
        points = rng.normal(size=(6, 2))
        cases.append({"now": views[-1].start, "points": points.tolist()})
    for view, case, found in zip(views, cases, in_the_browser(cases), strict=True):
        path = view._bend(np.array(case["points"]))
        np.testing.assert_allclose(found["path"], path, atol=1e-12)
        for stage, places in zip(view.stages().values(), found["stages"], strict=True):
            np.testing.assert_allclose(places, stage(path), atol=1e-12)
        assert found["pieces"] == view.pieces()
        assert found["said"] == view.describe()
        assert (found["one"] is None) == (view.as_one() is None) == (view.pieces() > 1)
        if found["one"]:
            np.testing.assert_allclose(found["one"]["matrix"], view.as_one()[0], atol=1e-12)
        cut = view.layers == 2 and view.pieces() > 1
        assert found["answer"] == ("no" if cut else found["end"])
        assert found["offered"].count(found["answer"]) == 1 < len(found["offered"])


@pytest.mark.parametrize(
    "matrix, offset, reached",
    [
        (((1, 2), (3, 4)), (0, 9), [1, 1, 1, 1]),
        (((1, 0), (0, 0)), (0, 0), [1, 1, 0, 0]),
        (((1, 0), (0, 0)), (0, -1), [0, 0, 1, 1]),
        (((0, 1), (0, -1)), (-1, 0), [0, 1, 1, 1]),
        (((1, 0), (1, 0)), (0, 2), [1, 1, 1, 0]),
        (((0, 0), (0, 0)), (-1, 2), [0, 1, 0, 0]),
    ],
)
def test_quarters_that_the_plane_reaches(matrix, offset, reached):
    view = Plane(matrix, offset, relu=True)
    (found,) = in_the_browser([{"now": view.start, "points": [[0, 0]]}])
    assert found["quarters"] == list(map(bool, reached))
    points = np.random.default_rng(2).uniform(-4, 4, (4000, 2))
    ends = points @ np.array(matrix).T + offset
    signs = [(ends[:, 0] >= 0) == across for across in (1, 0, 0, 1)]
    seen = [
        (x & ((ends[:, 1] >= 0) == up)).any() for x, up in zip(signs, (1, 1, 0, 0), strict=True)
    ]
    assert all(found["quarters"][k] for k in range(4) if seen[k])


# -------------------------------------------------------------------------- in the browser


def test_a_prediction_uncovers_the_plane(open_view):
    page = open_view(Plane(((2, 1), (0.5, 1)), (0.5, -1)))
    expect(page.locator(".ttm-reply")).to_contain_text("the pictures appear when you have answered")
    expect(page.locator(".ttm-cover").first).to_be_visible()
    expect(page.locator(".ttm-letter").first).to_be_hidden()
    press(page, "to (3, 1.5)")
    expect(page.locator(".ttm-reply")).to_have_text(
        "It comes out differently. 1 times the first column, 1 times the second, and b: "
        "1 · (2, 0.5) + 1 · (1, 1) + (0.5, -1) = (3.5, 0.5)."
    )
    expect(page.locator(".ttm-cover").first).to_be_hidden()
    expect(page.locator(".ttm-letter").first).to_be_visible()


def test_two_layers_are_one_and_relu_makes_them_more(open_view):
    page = open_view(Plane(**TWO))
    one = page.locator(".ttm-one")
    expect(one.locator(".ttm-number").first).to_have_text("?")
    press(page, "yes; to (0, 0.5)")
    expect(page.locator(".ttm-reply")).to_contain_text(
        "Your prediction held. (1, 1) goes to (0, 1.5), then to (0, 0.5). One layer with"
    )
    numbers = ["0.00", "1.00", "1.00", "0.00", "-1.00", "-0.50"]
    expect(one.locator(".ttm-number:visible")).to_have_text(numbers)
    page.get_by_label("relu after layer 1").check()
    expect(step(page)).to_contain_text("cut into 4 pieces")
    expect(one).to_contain_text("Without relu, one layer would do")
    expect(page.locator(".ttm-layer:visible")).to_have_count(4)
    expect(page.locator(".ttm-reply")).to_contain_text("The question was about the start settings")
    page = open_view(Plane(**TWO, relu=True))
    press(page, "no single layer can")
    expect(page.locator(".ttm-reply")).to_contain_text("Your prediction held. The plane is cut")


def test_page_and_python_say_the_same(open_view):
    view = Plane(**OPEN)
    page = open_view(view)
    states = [
        {"matrix": [[0.5, -2], [1, 0.25]]},
        {"offset": [1.5, 0]},
        {"layers": 2},
        {"relu": True},
        {"second_matrix": [[0, 0], [0, 0]]},
    ]
    for state in [{}, *states]:
        view.set_state(state)
        page.evaluate("s => Object.entries(s).forEach(([k, v]) => model.set(k, v))", state)
        expect(step(page)).to_have_text(view.describe())


def test_labels_stand_apart(open_view):
    page = open_view(Plane(((1, 0.5), (0, 1)), **OPEN))
    for preset in (None, "Identity", "Turn 90°", "Shear", "Mirror", "Project"):
        if preset:
            press(page, preset)
        labels = page.locator("svg:visible :is(.ttm-handle, .ttm-point) > text").all()
        boxes = [label.bounding_box() for label in labels]
        assert len(boxes) == 4
        for i, one in enumerate(boxes):
            for other in boxes[:i]:
                gaps = [abs(middle(one, axis) - middle(other, axis)) for axis in "xy"]
                width = (one["width"] + other["width"]) / 2
                assert gaps[0] > width - 2 or gaps[1] > 0.8 * one["height"], preset


def middle(box, axis):
    return box[axis] + box[{"x": "width", "y": "height"}[axis]] / 2


def test_the_pieces_are_numbered(open_view):
    page = open_view(Plane(**TWO, relu=True))
    numbers = page.locator(".ttm-piece:visible")
    expect(numbers).to_have_count(0)
    press(page, "no single layer can")
    expect(numbers).to_have_text(["①", "②", "③", "④"] * 3)
    expect(page.locator(".ttm-legend")).to_contain_text("② and ④ lie on the axes now, ③ in (0, 0)")
    press(page, "Project")
    page.get_by_label("b1[1]").fill("1")
    expect(numbers).to_have_text(["①", "②"] * 3)
    expect(page.locator(".ttm-legend")).to_contain_text("② lies on the axes now. With layer 2")


def test_tips_by_keyboard(open_view):
    page = open_view(Plane())
    tip = page.get_by_role("slider", name="A[:, 0]")
    tip.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowUp")
    expect(tip).to_have_attribute("aria-valuetext", "(1.1, 0.5)")
    expect(step(page)).to_contain_text("(1, 0) to (1.1, 0.5)")
    expect(page.locator(".ttm-reply")).to_contain_text("The pictures are open now.")
    page.get_by_role("slider", name="b", exact=True).press("ArrowDown")
    expect(step(page)).to_contain_text("b moves every point by (0, -0.1)")
    expect(page.get_by_label("b[1]")).to_have_value("-0.1")
    press(page, "Start again")
    expect(step(page)).to_have_text(Plane(**OPEN).describe())


@pytest.mark.parametrize("width, unit", [(1200, 400 / 7), (480, 40)])
def test_tips_by_hand(open_view, width, unit):
    page = open_view(Plane(**OPEN), width=width)
    box = page.get_by_role("slider", name="A[:, 1]").locator("rect").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + unit, y - 0.5 * unit, steps=3)
    page.mouse.up()
    page.mouse.move(x, y)
    expect(step(page)).to_contain_text("(0, 1) to (1, 1.5)")
    page.get_by_role("slider", name="b", exact=True).hover(position={"x": 18, "y": 32})
    page.mouse.down()
    page.mouse.move(x - unit, y, steps=3)
    page.mouse.up()
    expect(step(page)).to_contain_text("b moves every point by (-1, 1)")


def test_presets_by_touch_and_keyboard(open_view):
    page = open_view(Plane(**OPEN), has_touch=True, width=480)
    page.get_by_role("button", name="Project").tap()
    expect(step(page)).to_contain_text("is 0: the plane falls onto a line.")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    expect(step(page)).to_contain_text("is -1: areas stay as they are, and the orientation is t")
    expect(page.get_by_role("button", name="Mirror")).to_have_attribute("aria-pressed", "true")


def test_numbers_are_typed(open_view):
    page = open_view(Plane(**OPEN))
    cell = page.get_by_label("A[0, 1]")
    cell.fill("-0.5")
    expect(step(page)).to_contain_text("(0, 1) to (-0.5, 1)")
    cell.fill("")
    expect(step(page)).to_contain_text("(0, 1) to (-0.5, 1)")
    cell.fill("99")
    cell.blur()
    expect(cell).to_have_value("-0.5")
    cell.focus()
    page.keyboard.press("ArrowUp")
    expect(step(page)).to_contain_text("(0, 1) to (-0.4, 1)")


def test_swapping_the_layers(open_view):
    page = open_view(Plane(**TWO, **OPEN))
    press(page, "Swap the layers")
    expect(step(page)).to_contain_text("with A = [[0, -1], [-1, 0]] and b = (2, 0.5)")
    page.get_by_label("Second layer").uncheck()
    expect(page.get_by_role("button", name="Swap the layers")).to_be_hidden()
    expect(step(page)).to_contain_text("(1, 0) to (-1, 0), (0, 1) to (0, 1)")


def test_the_first_wrong_number_is_marked(open_view):
    view = Plane(**{**TWO, "matrix": MIRROR}, learner=in_the_other_order)
    page = open_view(view, live=True)
    press(page, "Skip")
    expect(page.locator(".ttm-verdict")).to_contain_text("agrees in all 6 numbers")
    expect(page.locator(".ttm-yours")).to_be_hidden()
    press(page, "Turn 90°")
    expect(page.locator(".ttm-verdict")).to_contain_text("It is A1 A2")
    expect(page.locator(".ttm-yours .ttm-wrong")).to_have_text("≠ -1.00")
    expect(page.locator(".ttm-one .ttm-wrong").first).to_have_text("≠ 1.00")


def test_nothing_sticks_out_and_tab_reaches_all(open_view):
    page = open_view(Plane(**TWO, relu=True, learner=adds_the_offsets, **OPEN), width=480)
    assert page.evaluate("document.documentElement.scrollWidth") <= 480
    reached = []
    page.keyboard.press("Tab")
    while page.evaluate("document.activeElement.closest('.ttm-view') !== null"):
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
        reached.append(page.evaluate("document.activeElement.ariaLabel ?? ''"))
        page.keyboard.press("Tab")
    assert {"A1[:, 0]", "A1[:, 1]", "b1", "A1[0, 1]", "b2[1]"} <= set(reached)


def test_axe_finds_nothing_beside_a_wrong_function(open_view):
    page = open_view(Plane(**TWO, learner=adds_the_offsets, **OPEN))
    expect(page.locator(".ttm-wrong").first).to_be_visible()
    assert_accessible(page)
    page.get_by_label("Second layer").uncheck()
    assert_accessible(page)
    page.get_by_label("Second layer").check()
    page.get_by_label("relu after layer 1").check()
    assert_accessible(page)
