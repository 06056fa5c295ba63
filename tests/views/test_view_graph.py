"""The graph view: what it reads from Nodes, the sentences, broken rules, keys and hand."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect
from view_tools import assert_accessible, stop_clock

from lab.views import Graph
from lab.views._graph_layout import lay_out
from lab.views._graph_words import figure
from solutions import backprop


class Node:
    """The least that the view asks for, for scalars."""

    def __init__(self, value, parents=(), rule=lambda g: (), operation=""):
        self.value, self.parents, self.rule = np.array(value, float), parents, rule
        self.operation, self.gradient = operation, None

    def __add__(self, other):
        return Node(self.value + other.value, (self, other), lambda g: (g, g), "+")

    def __mul__(self, other):
        def rule(g):
            return g * other.value, g * self.value

        return Node(self.value * other.value, (self, other), rule, "×")


def demo(kind=Node):
    """(a x + b) x, in which x is used twice; the gradient of x is 5 + 6."""
    a, b, x = kind(2), kind(-1), kind(3)
    loss = (a * x + b) * x
    return loss, {"a": a, "b": b, "x": x, "loss": loss}


def network():
    """Two examples with three features, two classes; no value is used twice."""
    rng = np.random.default_rng(3)
    x, W, b = (backprop.Node(rng.normal(size=shape)) for shape in ((2, 3), (3, 2), (2,)))
    target = backprop.Node(-np.eye(2) / 2)
    loss = ((x @ W + b).log_softmax() * target).sum()
    return loss, {"x": x, "W": W, "b": b, "target": target, "loss": loss}


def view_of(made, **traits):
    return Graph(*made, **traits)


def open_demo(**traits):
    return view_of(demo(), prediction="skipped", **traits)


def named(view, name):
    return next(node for node in view.drawn["nodes"] if node["name"] == name)


# ----------------------------------------------------------------- backward, as people write it


def prepared(loss):
    order = backprop.topological_order(loss)
    for node in order:
        node.gradient = np.zeros_like(node.value)
    loss.gradient = np.ones_like(loss.value)
    return reversed(order)


def overwrites(loss):
    for node in prepared(loss):
        for parent, gradient in zip(node.parents, node.rule(node.gradient), strict=True):
            parent.gradient = gradient


def forgets_the_one(loss):
    order = list(prepared(loss))
    loss.gradient = np.zeros_like(loss.value)
    for node in order:
        for parent, gradient in zip(node.parents, node.rule(node.gradient), strict=True):
            parent.gradient = parent.gradient + gradient


def hands_on_at_once(loss):
    """Depth first: what is used twice hands on before it has got all, and then again."""
    list(prepared(loss))
    waiting = [loss]
    while waiting:
        node = waiting.pop(0)
        for parent, gradient in zip(node.parents, node.rule(node.gradient), strict=True):
            parent.gradient = parent.gradient + gradient
            waiting += [parent] if parent.parents else []


def counts_earlier_passes(loss):
    for node in backprop.topological_order(loss):
        node.gradient = np.zeros(()) if node.gradient is None else node.gradient
    before = {id(node): node.gradient for node in backprop.topological_order(loss)}
    backprop.backward(loss)
    for node in backprop.topological_order(loss)[:-1]:
        node.gradient = node.gradient + before[id(node)]


def endless(loss):
    return endless(loss)


def missing(loss):
    raise NotImplementedError


# ------------------------------------------------------------------------------- in Python


@pytest.mark.parametrize("kind", [Node, backprop.Node])
def test_what_each_step_says(kind):
    view = view_of(demo(kind), prediction="skipped")
    assert [step["text"] for step in view.drawn["steps"]] == [
        "Given: a = 2, x = 3 and b = -1.",
        "× = a × x = 2 × 3 = 6.",
        "+ = × + b = 6 + (-1) = 5.",
        "loss = + × x = 5 × 3 = 15.",
        "Backward begins at loss with 1: loss grows by as much as it grows itself.",
        "loss has the gradient 1 and hands on 1 × 3 = 3 to + and 1 × 5 = 5 to x. "
        "x waits for 1 more.",
        "+ has the gradient 3 and hands on 3 × 1 = 3 to × and 3 × 1 = 3 to b.",
        "× has the gradient 3 and hands on 3 × 3 = 9 to a and 3 × 2 = 6 to x. "
        "x is used 2 times: 5 + 6 = 11. The gradients of the leaves: a 9, x 11 and b 3.",
    ]
    assert [stage["lines"] for stage in named(view, "x")["stages"]] == [["5 + …"], ["5 + 6 = 11"]]
    assert view.describe() == view.drawn["steps"][-1]["text"]


def test_signs_stand_in_parentheses_behind_others():
    a, b = backprop.Node(-2), backprop.Node(-3)
    view = Graph((a * b + a).relu(), {"a": a, "b": b}, prediction="skipped")
    said = " ".join(step["text"] for step in view.drawn["steps"])
    assert "× = a × b = -2 × (-3) = 6." in said and "relu = relu(+) = relu(4) = 4." in said
    assert "a is used 2 times: 1 + (-3) = -2." in said


def test_a_chosen_node_is_explained():
    view = open_demo()
    view.chosen = 1
    assert view.describe() == (
        "x is given: 3. It goes into loss and ×. "
        "Its gradient is the sum of what came from loss and ×: 5 + 6 = 11."
    )
    view.step = 5
    assert view.describe().endswith("Its gradient, 5 + …, is not complete.")
    view.step = 3
    assert view.describe().endswith("Its gradient has not come.")
    view.step, view.chosen = 0, 5
    assert view.describe() == "loss is not computed yet."


def test_gradients_are_those_of_the_engine():
    for made in (demo(backprop.Node), network()):
        loss, names = made
        view = view_of(made, backward=backprop.backward, prediction="skipped")
        assert view.verdicts[0]["text"].endswith(f"agrees at all {len(view.drawn['nodes'])} nodes.")
        assert loss.gradient is None, "the Nodes stay as they were"
        backprop.backward(loss)
        for node, found in zip(view._reading.nodes, view._reading.gradients, strict=True):
            np.testing.assert_allclose(found, node.gradient)


def test_arrays_show_their_shapes_and_few_numbers():
    view = view_of(network(), prediction="skipped")
    assert named(view, "W")["beside"] == "[3, 2]" and len(named(view, "W")["values"]) == 3
    assert named(view, "log_softmax")["beside"] == "[2, 2]"
    assert named(view, "loss")["beside"] == "sum"
    assert {edge["label"] for edge in view.drawn["edges"]} >= {"[2, 3]", "[3, 2]", "[2]"}
    large = backprop.Node(np.arange(40.0).reshape(8, 5))
    view = Graph(large.sum(), {"large": large}, prediction="skipped")
    assert named(view, "large")["values"] == ["0 to 39"]
    assert "large is given: an array [8, 5]." in named(view, "large")["about"]


def test_nodes_without_names_are_called_by_their_signs():
    x = Node(3)
    view = Graph(x * x + x * Node(2), {"x": x})
    names = [node["name"] for node in view.drawn["nodes"]]
    assert names == ["x", "×₁", "leaf", "×₂", "+"]
    assert view.question["text"].startswith("x is used 3 times, in ×₂ and ×₁ (twice).")


def test_an_open_question_covers_gradients_and_leaves_values():
    view = view_of(demo(), backward=overwrites)
    assert view.describe() == (
        "loss = + × x = 5 × 3 = 15. The gradients are covered until you have answered."
    )
    picture = view.picture()
    assert picture.count(">?<") == 6 and ">15<" in picture
    assert "11" not in re.sub(r'(x|y|width|height|d|viewBox)="[^"]*"', "", picture)
    assert ">1<" not in picture
    view.prediction = "5"
    assert "5 + 6" not in view.picture(), "the way back is still to be walked"
    view = view_of(demo(), backward=overwrites, prediction="5", step=7)
    assert ">5 + 6 = 11<" in view.picture() and "yours 6, the rules give 11" in view.figure()


def test_the_question_fits_the_graph():
    question = view_of(demo()).question
    assert [value for value, _ in question["options"]] == ["5", "6", "11"]
    assert question["answer"] == "11" and question["why"].endswith("5 + 6 = 11.")
    x = Node(3)
    question = Graph(x * x, {"x": x}).question
    assert [value for value, _ in question["options"]] == ["3", "6"]
    a, b = Node(2), Node(5)
    question = Graph(a * b, {"a": a, "b": b}).question
    assert question["text"].startswith("Which of a and b has the largest gradient")
    assert question["answer"] == "a"
    question = Graph(a + b, {"a": a, "b": b}).question
    assert question["text"].startswith("How large is the gradient of a")
    assert question["answer"] == "1" and len(question["options"]) == 3
    assert Graph(x, {"x": x}).question == {}
    v = backprop.Node([1.0, 2.0])
    question = Graph((v * v).sum(), {"v": v}).question
    assert question["text"].startswith("v[0] is used 2 times") and question["answer"] == "2"


@pytest.mark.parametrize(
    "backward, text, wrong",
    [
        (overwrites, "first at x: yours 6, the rules give 11. That is only what came by way", 1),
        (forgets_the_one, "first at loss: yours 0, the rules give 1. That is where backward", 5),
        (missing, "Your missing is not written yet", None),
        (endless, "stopped with RecursionError", None),
        (lambda loss: None, "leaves loss without a gradient; expected 1.", 5),
        (lambda loss: [setattr(n, "gradient", "a") for n in prepared(loss)], "a str as", 5),
        (lambda loss: [setattr(n, "gradient", np.ones(2)) for n in prepared(loss)], "(2,)", 5),
        (lambda loss: [setattr(n, "gradient", np.nan) for n in prepared(loss)], "not a number", 5),
    ],
)
def test_verdicts(backward, text, wrong):
    verdict = open_demo(backward=backward).verdicts[0]
    assert text in verdict["text"] and verdict.get("wrong") == wrong


def test_a_wrong_order_is_told():
    x, y = Node(3), Node(2)
    twice = x * y
    loss = twice * twice + twice
    view = Graph(loss, {"x": x, "y": y, "twice": twice}, hands_on_at_once, prediction="skipped")
    assert "before it was complete, or more than once?" in view.verdicts[0]["text"]


def test_gradients_of_an_earlier_pass_do_not_count():
    loss, names = demo()
    assert Graph(loss, names, counts_earlier_passes).verdicts[0]["state"] == "agrees"
    backprop.backward(loss)
    verdict = Graph(loss, names, counts_earlier_passes).verdicts[0]
    assert (
        "first at +: yours 6, the rules give 3. The gradient of an earlier pass" in verdict["text"]
    )
    assert names["x"].gradient == 11


def stops(gradient):
    raise ZeroDivisionError("by zero")


@pytest.mark.parametrize(
    "rule, text",
    [
        (stops, "× has a rule that stopped with ZeroDivisionError: by zero."),
        (lambda g: stops, "× has a rule that returned a bare function; expected a tuple with 2"),
        (lambda g: None, "× has a rule that returned nothing; expected a tuple with 2 gradients"),
        (lambda g: g * np.ones(2), "× has a rule that returned a bare ndarray;"),
        (lambda g: (g,), "× has a rule that returned a tuple of 1;"),
        (lambda g: (g, None), "× has a rule that returned None for its parent x."),
        (lambda g: (g, "three"), "× has a rule that returned a str for its parent x."),
        (
            lambda g: (g, np.ones(3)),
            "returned shape (3,) for its parent x, whose value has shape ()",
        ),
        (None, "× has parents, but no rule that hands the gradient on to them."),
    ],
)
def test_a_broken_rule_is_told_at_its_node(rule, text):
    loss, names = demo()
    view = Graph(loss, names, prediction="skipped")
    loss.parents[0].parents[0].rule = rule
    view = Graph(loss, names, backprop.backward, prediction="skipped")
    assert text in view.verdicts[0]["text"] and text in view.drawn["steps"][7]["text"]
    assert named(view, "b")["stages"][0]["lines"] == ["3"]
    assert named(view, "a")["stages"] == [] and named(view, "x")["stages"][-1]["lines"] == ["5 + …"]
    assert "<svg" in view.picture()


def test_broken_nodes_are_drawn_as_far_as_they_go():
    loss, names = demo()
    names["b"].value = "one"
    view = Graph(loss, names, backprop.backward, prediction="skipped")
    assert "b has a value of type str; expected an array of floats." in view.verdicts[0]["text"]
    assert named(view, "b")["values"] == ["?"]
    names["x"].parents = 3
    view = Graph(loss, names, lambda loss: None)
    assert "x has parents that are not a tuple of Nodes." in str(view.verdicts)
    loss.value = None
    view = Graph(loss, names, backprop.backward)
    assert len(view.drawn["steps"]) == 4 and view.question == {}


def test_what_cannot_be_drawn_is_refused():
    x = Node(1)
    chain = x
    for _ in range(20):
        chain = (chain + x) * x
    with pytest.raises(ValueError, match="more than 40 Nodes, too many for a picture"):
        Graph(chain)
    loss, names = demo()
    names["a"].parents = (loss,)
    with pytest.raises(ValueError, match="around in a circle"):
        Graph(loss)
    with pytest.raises(TypeError, match="got None"):
        Graph(None)
    for options in ({"step": 99}, {"step": -1}, {"chosen": 6}):
        with pytest.raises(Exception, match="there (are|is)"):
            open_demo(**options)


def test_boxes_and_lines_keep_apart():
    x = Node(1)
    chain = x
    for _ in range(12):
        chain = (chain + x) * Node(0.5)
    boxes = [node["box"] for node in Graph(chain).drawn["nodes"]]
    for n, (x, y, width, height) in enumerate(boxes):
        for u, v, w, h in boxes[:n]:
            assert x + width <= u or u + w <= x or y + height <= v or v + h <= y
    _, boxes, paths, _ = lay_out([(50, 60)] * 3, [(0, 1), (0, 2), (1, 2)], [40] * 3)
    middle = boxes[1]
    detour = [float(each) for each in re.findall(r"[\d.]+", paths[1])][7]
    assert not middle[1] <= detour <= middle[1] + middle[3], "no line runs through a box"


def test_numbers_in_figures():
    numbers = (0, 2, -0.5, 1 / 3, 1234.4, 2e-7, 3.2e6, np.inf, np.nan)
    texts = ["0", "2", "-0.5", "0.333", "1234", "2.0e-7", "3.2e6", "infinity", "not a number"]
    assert [figure(each) for each in numbers] == texts


# -------------------------------------------------------------------------- in the browser


def step(page):
    return page.locator(".ttm-step")


def press(page, name):
    page.get_by_role("button", name=name, exact=True).click()


def box(page, name):
    return page.locator("svg").get_by_role("button", name=re.compile(rf"^{re.escape(name)} "))


def test_page_and_python_say_the_same(open_view):
    for view in (open_demo(), view_of(network(), prediction="skipped"), view_of(demo())):
        page = open_view(view)
        last = len(view.drawn["steps"])
        states = [{"step": k, "chosen": -1} for k in range(last)]
        states += [
            {"step": k, "chosen": i} for k in (0, 5, 7) for i in range(len(view.drawn["nodes"]))
        ]
        said = page.evaluate(
            """async (states) => {
              const said = [];
              for (const state of states) {
                for (const [name, value] of Object.entries(state)) model.set(name, value);
                await new Promise(requestAnimationFrame);
                const boxes = [...document.querySelectorAll(".ttm-node text:not(.ttm-yours)")];
                said.push([document.querySelector(".ttm-step").textContent,
                           boxes.map((text) => text.textContent)]);
              }
              return said;
            }""",
            states,
        )
        for state, (sentence, texts) in zip(states, said, strict=True):
            view.set_state(state)
            assert sentence == view.describe()
            drawn = re.findall(r">([^<>]*)</text>", view.picture())
            unlit = [text for text in texts if text]
            assert [text for text in drawn if text in unlit][-3:] == unlit[-3:]
            assert set(unlit) <= set(drawn)


def test_the_gradients_are_covered_until_answered(open_view):
    page = open_view(view_of(demo(), backward=overwrites))
    expect(box(page, "x")).to_have_accessible_name("x : value 3, gradient covered")
    expect(page.locator(".ttm-verdict")).to_contain_text("where and how, you see when you have")
    expect(page.locator(".ttm-off")).to_have_count(0)
    press(page, "Show all")
    page.get_by_role("button", name="Next step ›").press("Enter")  # it has nothing to do
    expect(page.locator("output")).to_have_text("3 of 3, forward →")
    expect(page.locator(".ttm-passed:visible")).to_have_count(0)
    press(page, "‹ Step back")
    expect(step(page)).to_contain_text("+ = × + b = 6 + (-1) = 5.")
    press(page, "6")
    expect(page.locator(".ttm-reply")).to_have_text(
        "It comes out differently. What comes back from each use adds up: 5 + 6 = 11."
    )
    expect(step(page)).to_contain_text("Backward begins at loss with 1")
    press(page, "Next step ›")
    expect(step(page)).to_contain_text("hands on 1 × 3 = 3 to +")
    press(page, "Show all")
    expect(box(page, "x")).to_have_text("x→3←5 + 6 = 11≠ yours 6")
    expect(page.locator(".ttm-off")).to_have_count(1)


def test_step_by_step_and_back(open_view):
    view = open_demo(step=3)
    page = open_view(view, live=True)
    expect(page.locator(".ttm-passed:visible")).to_have_count(0)
    press(page, "Next step ›")
    expect(step(page)).to_contain_text("Backward begins at loss with 1")
    press(page, "Next step ›")
    expect(page.locator(".ttm-passed:visible")).to_have_text(["1 × 3 = 3", "1 × 5 = 5"])
    expect(box(page, "x")).to_have_text("x→3←5 + …")
    expect(box(page, "a")).to_have_text("a→2←·")
    press(page, "Next step ›")
    press(page, "Next step ›")
    page.get_by_role("button", name="Next step ›").press("Enter")  # there is none
    expect(page.locator("output")).to_have_text("7 of 7, ← backward")
    expect(page.locator(".ttm-passed:visible")).to_have_count(6)
    slider = page.get_by_role("slider", name="Step")
    slider.focus()
    page.keyboard.press("Home")
    expect(slider).to_have_attribute("aria-valuetext", "0 of 7, the leaves")
    expect(box(page, "loss")).to_have_text("loss×→·←·")
    expect(step(page)).to_have_text("Given: a = 2, x = 3 and b = -1.")


def test_nodes_by_keyboard_and_touch(open_view):
    page = open_view(open_demo(), has_touch=True, width=480)
    page.evaluate("window.leaked = 0; addEventListener('keydown', () => window.leaked++)")
    box(page, "a").focus()
    page.keyboard.press("ArrowRight")
    expect(box(page, "×")).to_be_focused()
    expect(box(page, "×")).to_have_attribute("aria-pressed", "true")
    expect(step(page)).to_have_text(
        "× = a × x = 2 × 3 = 6. It goes into +. Its gradient, 3 × 1 = 3, came from +."
    )
    page.keyboard.press("ArrowDown")
    expect(step(page)).to_contain_text("b is given: -1.")
    page.keyboard.press("End")
    expect(step(page)).to_contain_text("Its gradient is 1: backward begins here.")
    page.keyboard.press("ArrowLeft")
    expect(box(page, "+")).to_be_focused()
    page.keyboard.press("b")
    assert page.evaluate("window.leaked") == 0, "a key left the view"
    assert page.locator("svg [tabindex='0']").count() == 1
    box(page, "x").tap()
    expect(step(page)).to_contain_text("x is given: 3.")
    assert page.locator(".ttm-scroll").evaluate("node => node.scrollLeft") == 0, "x is in sight"
    press(page, "‹ Step back")
    expect(step(page)).to_contain_text("+ has the gradient 3")
    assert page.evaluate("document.documentElement.scrollWidth") <= 480


def test_play_goes_to_the_end_and_is_one_step_with_reduced_motion(open_view):
    page = open_view(open_demo())
    stop_clock(page)
    press(page, "Play")
    expect(step(page)).to_contain_text("Given:")
    page.clock.run_for(2600)
    expect(step(page)).to_contain_text("× = a × x")
    press(page, "Pause")
    page.clock.run_for(10_000)
    expect(step(page)).to_contain_text("× = a × x")
    press(page, "Play")
    page.clock.run_for(30_000)
    expect(step(page)).to_contain_text("x is used 2 times")
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    page = open_view(open_demo(step=0), reduced_motion="reduce")
    stop_clock(page)
    press(page, "Play")
    page.clock.run_for(10_000)
    expect(step(page)).to_contain_text("× = a × x")


def test_axe_finds_nothing_beside_what_is_wrong(open_view):
    broken = demo()
    broken[0].parents[0].parents[0].rule = stops
    for view in (open_demo(backward=overwrites), view_of(broken, prediction="skipped")):
        assert_accessible(open_view(view))


def test_arrays_do_not_stick_out(open_view):
    page = open_view(view_of(network(), prediction="skipped"), width=480)
    assert page.evaluate("document.documentElement.scrollWidth") <= 480
