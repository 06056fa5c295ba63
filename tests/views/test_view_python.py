"""What the views do in Python: bundles, sentences, and what they make of the learner's function."""

import base64
import json
import re
import subprocess
import sys
from xml.etree import ElementTree

import numpy as np
import pytest
from makers import ALL, VIEWS

from lab.views import Attention, PhotoSearch
from lab.views._picture import ORANGE, cividis
from lab.views._reference import apart, attention, soft_lookup, softmax
from lab.views._view import STATIC

OPEN = {"prediction": "skipped"}


def self_attention_loop(sequence):
    output = []
    for query in sequence:
        weights = softmax([sum(query * key) for key in sequence])
        output.append(sum(w * value for w, value in zip(weights, sequence, strict=True)))
    return np.array(output)


def missing(*_, **__):
    raise NotImplementedError


def raising(*_, **__):
    raise ValueError("shapes (3,)\nand (4,) not aligned")


# ------------------------------------------------------------------------ where no kernel runs


@pytest.mark.parametrize("make", ALL)
def test_a_view_shows_its_picture_and_itself(make, monkeypatch):
    shown = []
    monkeypatch.setattr("lab.views._view.display", lambda data, **_: shown.append(data))
    view = make()
    view._ipython_display_()
    picture, bundle = shown
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert bundle["text/plain"] == view.describe()
    html = picture.data
    assert re.search(r"<img alt=\"[^\"]{20,}\" src=\"data:image/svg\+xml;base64,", html)
    assert "<figcaption>" in html
    assert len(html) < 60_000


@pytest.mark.parametrize("make", ALL)
def test_picture_is_svg_on_its_own_ground(make):
    view = make()
    source = re.search(r"base64,([^\"]+)", view.figure())[1]
    picture = ElementTree.fromstring(base64.b64decode(source))
    ground = picture[0]
    assert ground.attrib["fill"] == "#ffffff"
    assert ground.attrib["width"] == picture.attrib["width"]
    sizes = [float(size) for size in re.findall(r'font-size="([\d.]+)"', view.picture())]
    assert min(sizes) >= 12


@pytest.mark.parametrize("make", ALL)
def test_an_open_question_covers_picture_sentence_and_verdicts(make):
    view = make()
    verdict = {"name": "f", "settings": [], "state": "differs", "text": "yours 1, reference 2"}
    view.verdicts = [verdict, {**verdict, "state": "error", "text": "f stopped"}]
    picture, figure = view.picture(), view.figure()
    assert "covered" in view.describe()
    assert "Your f differs; where and how, you see when you have answered.<br>f stopped<" in figure
    assert "reference 2" not in figure
    view.prediction = "skipped"
    assert "covered" not in view.describe() and picture != view.picture()
    assert "<br>yours 1, reference 2<br>f stopped<" in view.figure()


def test_the_picture_of_a_covered_photo_search():
    view = PhotoSearch(by_rank=True)
    assert view.describe() == (
        "You ask for dog + beach at temperature 1. "
        "The weights are covered: the live view asks for a prediction first."
    )
    picture = view.picture()
    assert picture.count(">?<") == 2 * 8 + 1  # a weight and a rank for each photo, and the blend
    assert picture.count("<image") == 8 and ">1.70<" in picture and ">0.26<" not in picture
    assert not re.findall(f'width="[1-9][^/]*{ORANGE}', picture)
    view.by_rank = False  # as in the browser, this uncovers nothing
    assert ">?<" in view.picture()
    view.temperature = 0.5  # a control was used
    assert ">?<" not in view.picture() and view.picture().count("<image") == 9


def test_the_picture_of_covered_attention():
    view = Attention(heads=2)
    assert view.describe() == (
        "In head 1, station asks The, train, left, the, station, on, time. "
        "The weights are covered: the live view asks for a prediction first."
    )
    view.asking, view.head = 2, 1  # as in the browser, another word or head uncovers nothing
    picture = view.picture()
    assert picture.count(">?<") == 49 and picture.count(">?  ") == 7
    assert not re.search(r">\d|rgb|stroke-width=\"[^3]", picture)
    view.causal = True  # a control was used
    assert ">?" not in view.picture() and "left spreads" in view.describe()
    given = Attention(words=["a", "b"], weights=[[0.2, 0.8], [0.5, 0.5]])
    assert given.picture().count(">?<") == 4 and "0." not in given.describe()


def test_alt_text_follows_the_state():
    view = Attention(**OPEN)
    before = view.figure()
    view.asking = 1
    assert 'alt="train gives the largest weight to train itself (0.36)' in view.figure()
    assert view.figure() != before


def test_describe_photo_search():
    view = PhotoSearch(**OPEN)
    assert view.describe() == (
        "You ask for dog + beach at temperature 1: "
        "Rex at the sea has the largest weight, 0.26; every photo gives a part."
    )
    view.temperature = 0.05
    assert view.describe().endswith("one photo takes nearly all: Rex at the sea, 0.98.")
    view.query = [0] * 6
    assert "every photo has the same score, so each weighs 0.13." in view.describe()


def test_describe_attention():
    assert Attention(**OPEN).describe() == (
        "station gives the largest weight to station itself (0.44), then train (0.23); "
        "the new vector of station holds part of train: motion 0.14 of its 0.22."
    )
    assert Attention(heads=3, head=1, **OPEN).describe().startswith("In head 2, station")
    assert Attention(causal=True, asking=0, **OPEN).describe() == (
        "The gives the largest weight to The itself (1.00)."
    )
    soft = Attention(temperature=5, **OPEN).describe()
    assert soft.startswith(
        "station spreads its weight about evenly; "
        "the largest is station itself with 0.19, and an equal share would be 0.14; "
    )


def test_bars_of_the_picture_are_absolute():
    def longest(**traits):
        bar = rf'width="([\d.]+)" height="12" fill="{ORANGE}"'
        return max(map(float, re.findall(bar, PhotoSearch(**traits, **OPEN).picture())))

    assert longest() == pytest.approx(0.259 * 110, abs=0.1)
    assert longest(temperature=0.05) > 0.97 * 110


def test_given_maps_share_one_scale_in_the_picture():
    def colors(**traits):
        picture = Attention(words=["a", "b"], **traits, **OPEN).picture()
        return set(re.findall(r"rgb\([\d,]+\)", picture))

    assert colors(weights=[[0.5, 0.5], [0.5, 0.5]]) == {cividis(0.5)[0]}
    assert colors(weights=[[1, 0], [0, 1]]) == {cividis(0)[0], cividis(1)[0]}
    assert colors(vectors=[[0, 0], [0, 0]]) == {cividis(1)[0]}  # computed: up to the largest


def test_words_in_html_are_escaped():
    view = Attention(words=["<b>", "</script>"], weights=np.eye(2))
    assert "<b>" not in view.figure()
    assert view.to_html().count("</script>") == 1


@pytest.mark.parametrize("make", ALL)
def test_static_files_are_small_and_work_offline(make):
    for ending in ("js", "css"):
        assert (STATIC / f"{make()._name}.{ending}").stat().st_size < 30_000
    assert "http" not in make().to_html().replace("http://www.w3.org/2000/svg", "")


@pytest.mark.parametrize("make", ALL)
def test_state_is_plain_json(make):
    state = make().get_state()
    assert "keys" not in make().trait_names(sync=True)
    json.dumps({name: value for name, value in state.items() if name != "layout"})


def test_to_html_writes_a_file(tmp_path):
    path = tmp_path / "view.html"
    html = PhotoSearch().to_html(path)
    assert path.read_text(encoding="utf-8") == html
    assert len(html) < 60_000


def test_views_need_no_heavy_modules():
    heavy = "{'matplotlib', 'tensorflow', 'solutions'}"
    code = f"import lab.views, sys; print(*{heavy} & {{*sys.modules}})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "" and done.returncode == 0


# ---------------------------------------------------------------- the learner's soft_lookup


def verdict(view, which=0):
    return view.verdicts[which]


def test_no_learner_no_verdict():
    assert PhotoSearch().verdicts == Attention().verdicts == []


def test_lookup_agrees_and_is_asked_again():
    view = PhotoSearch(soft_lookup)
    assert verdict(view)["text"] == "Your soft_lookup agrees on all 8 photos."
    view.temperature = 0.2
    assert verdict(view)["settings"] == [1, 0, 0, 1, 0, 0, 0.2]
    assert verdict(view)["state"] == "agrees"


def test_lookup_is_asked_once_for_a_setting():
    calls = []

    def counted(query, keys, values):
        calls.append(query)
        return soft_lookup(query, keys, values)

    view = PhotoSearch(counted)
    view.set_state({"query": [0, 0, 0, 1, 0, 0], "temperature": 2})
    assert len(calls) == 2
    np.testing.assert_allclose(calls[1], [0, 0, 0, 0.5, 0, 0])


def test_lookup_that_forgets_to_normalise():
    def wrong(query, keys, values):
        weights = np.exp(keys @ query)
        return weights @ values, weights

    found = verdict(PhotoSearch(wrong))
    assert found["state"] == "differs" and found["wrong"] == [0]
    assert "first at Rex at the sea: weight yours 5.47, reference 0.26" in found["text"]


def test_different_numbers_look_different():
    assert apart(5.47, 0.26) == "yours 5.47, reference 0.26"
    assert apart(0.2591, 0.2589) == "yours 0.2591, reference 0.2589"
    assert apart(-0.001, 0) == "yours -0.001, reference 0.000"
    assert apart(0.1 + 1e-9, 0.1) == "yours 0.100000, reference 0.100000"
    assert apart(np.nan, 0.1) == "yours not a number, reference 0.10"

    def nearly(query, keys, values):
        answer, weights = soft_lookup(query, keys, values)
        return answer, weights + 0.0004

    assert "yours 0.2591, reference 0.2587" in verdict(PhotoSearch(nearly))["text"]


def test_lookup_with_the_wrong_answer():
    def wrong(query, keys, values):
        answer, weights = soft_lookup(query, keys, values)
        return values[weights.argmax()], weights

    assert "its answer is another blend" in verdict(PhotoSearch(wrong))["text"]


def test_lookup_with_not_a_number():
    def wrong(query, keys, values):
        answer, weights = soft_lookup(query, keys, values)
        return answer, weights * np.nan

    found = verdict(PhotoSearch(wrong))
    assert found["weights"][0] is None and "not a number" in found["text"]
    json.dumps(found, allow_nan=False)


def test_a_learner_cannot_change_the_data():
    def wrong(query, keys, values):
        keys *= 0
        values *= 0
        return soft_lookup(query, keys, values)

    before = PhotoSearch().lookup()[0]
    assert verdict(PhotoSearch(wrong))["state"] == "differs"
    np.testing.assert_array_equal(PhotoSearch().lookup()[0], before)


@pytest.mark.parametrize(
    "learner, state, text",
    [
        (missing, "missing", "Your missing is not written yet; until"),
        (raising, "error", "stopped with ValueError: shapes (3,) and (4,) not aligned"),
        (lambda q, k, v: None, "shape", "returned nothing"),
        (lambda q, k, v: v[0], "shape", "returned one ndarray; expected a pair (answer, weights)"),
        (lambda q, k, v: (v[0], k), "shape", "weights of shape (8, 6); expected (8,)"),
        (lambda q, k, v: (v, k[:, 0]), "shape", "an answer of shape (8, 432); expected (432,)"),
        (lambda q, k, v: (v[0], "abc"), "shape", "returned a str as weights"),
        (lambda q: q, "error", "stopped with TypeError"),
    ],
)
def test_other_lookups(learner, state, text):
    found = verdict(PhotoSearch(learner))
    assert found["state"] == state
    assert text in found["text"] and "\n" not in found["text"]


# ------------------------------------------------------------------- the learner's attention


@pytest.mark.parametrize("scaled", [False, True])
@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("heads", [1, 3])
@pytest.mark.parametrize("temperature", [0.3, 1])
def test_attention_agrees_under_all_settings(scaled, causal, heads, temperature):
    options = {"scaled": scaled, "causal": causal, "heads": heads, "temperature": temperature}
    found = verdict(Attention(attention, **options))
    assert found["state"] == "agrees"
    assert found["settings"] == [temperature, scaled, causal, heads]
    assert found["text"].startswith(f"Your attention agrees in all {49 * heads} weights.")
    assert ("the view multiplies the query by √d" in found["text"]) is not scaled


def test_attention_that_forgets_to_scale():
    def unscaled(query, key, value, mask=None):
        return attention(query, key, value, mask, scale=1)

    found = verdict(Attention(unscaled))
    assert found["state"] == "differs" and list(found["wrong"]) == [0, 0, 0]
    assert found["text"].startswith(
        "Your unscaled does not divide by √d. It differs first where The asks The: "
        "weight yours 0.34, reference 0.23. For plain dot products, the view multiplies"
    )
    found = verdict(Attention(unscaled, scaled=True, causal=True, heads=3, temperature=0.5))
    assert found["text"].startswith("Your unscaled does not divide by √d. It")


def test_attention_that_ignores_the_mask():
    def unmasked(query, key, value, mask=None):
        return attention(query, key, value)

    view = Attention(unmasked)
    assert verdict(view)["state"] == "agrees"
    view.causal = True
    assert verdict(view)["state"] == "differs"
    assert "does not divide" not in verdict(view)["text"]


def test_attention_with_the_wrong_output():
    def wrong(query, key, value, mask=None):
        output, weights = attention(query, key, value, mask)
        return output[..., ::-1], weights

    found = verdict(Attention(wrong))
    assert "agrees in all 49 weights, but its output differs, first at The, rail" in found["text"]


def test_attention_that_insists_on_tensors(monkeypatch):
    class Tensor(np.ndarray):
        def numpy(self):
            return np.asarray(self)

    class TensorFlow:
        @staticmethod
        def constant(x):
            return np.asarray(x).view(Tensor)

    def learner(query, key, value, mask=None):
        return attention(query.numpy(), key.numpy(), value.numpy(), mask)

    monkeypatch.setitem(sys.modules, "tensorflow", TensorFlow)
    assert verdict(Attention(learner, causal=True))["state"] == "agrees"

    def broken(query, key, value, mask=None):
        return query.no_such_thing

    assert "AttributeError: 'numpy.ndarray'" in verdict(Attention(broken))["text"]


class Mute(Exception):
    def __str__(self):
        raise RuntimeError


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, GeneratorExit, Mute, MemoryError])
@pytest.mark.parametrize("make", VIEWS)
def test_no_error_costs_the_view(make, error):
    def learner(*_, **__):
        raise error

    view = make(learner=learner)
    assert verdict(view)["text"] == f"Your {learner.__name__} stopped with {error.__name__}."
    assert "<img" in view.figure()


def test_a_result_that_stops_while_it_is_read_costs_no_view():
    class Lazy:
        def __array__(self, *_, **__):
            raise KeyboardInterrupt

    found = verdict(PhotoSearch(lambda query, keys, values: (Lazy(), Lazy())))
    assert found["state"] == "error"


@pytest.mark.parametrize("learner, state", [(missing, "missing"), (raising, "error")])
def test_attention_that_stops(learner, state):
    assert verdict(Attention(learner))["state"] == state


def test_loop_agrees_and_knows_its_bounds():
    view = Attention(learner_loop=self_attention_loop)
    assert verdict(view)["text"] == "Your self_attention_loop agrees in all 7 vectors."
    view.heads = 2
    assert "these settings go beyond it" in verdict(view)["text"]
    view.heads = 1
    assert verdict(view)["state"] == "agrees"


def test_loop_that_is_wrong():
    found = verdict(Attention(learner_loop=lambda sequence: sequence))
    assert found["wrong"] == [0, 0]
    assert "first at The, rail: yours 0.00, reference 0.17" in found["text"]


def test_loop_and_attention_together():
    view = Attention(attention, learner_loop=self_attention_loop)
    assert [each["state"] for each in view.verdicts] == ["agrees", "agrees"]


# ---------------------------------------------------------------------------- other sentences


def test_given_weights():
    weights = np.array([[[0.1, 0.9, 0.0], [0.3, 0.3, 0.4]]])
    view = Attention(words=["a", "b"], columns=["x", "y", "z"], weights=weights, **OPEN)
    assert view.describe() == "a gives the largest weight to y (0.90), then x (0.10)."
    view.asking = 1
    assert view.describe() == (
        "b spreads its weight about evenly; "
        "the largest is z with 0.40, and an equal share would be 0.33."
    )
    assert Attention(words=["a", "b"], weights=np.eye(2)).given == [[[1, 0], [0, 1]]]


def test_a_row_without_weight():
    view = Attention(words=["a", "b"], weights=np.zeros((2, 2)), **OPEN)
    assert view.describe() == "a gives no weight to anything."


def test_projections_as_mapping_or_sequence():
    matrices = np.random.default_rng(0).normal(size=(3, 6, 6))
    named = dict(zip(("query", "key", "value"), matrices, strict=True))
    first, second = Attention(projections=matrices), Attention(projections=named)
    np.testing.assert_array_equal(first.attend()[0], second.attend()[0])
    assert Attention(attention, projections=matrices, heads=2).verdicts[0]["state"] == "agrees"


@pytest.mark.parametrize(
    "options",
    [
        {"heads": 4},
        {"asking": 7},
        {"asking": "nobody"},
        {"words": ["a", "b"]},
        {"dimensions": ["one"]},
        {"projections": np.eye(6)[np.newaxis]},
        {"weights": np.ones((2, 2))},
        {"words": ["a"], "weights": [[np.nan]]},
    ],
)
def test_impossible_settings_are_refused(options):
    with pytest.raises(Exception, match=r"\w"):
        Attention(**options)


def test_controls_have_names():
    assert Attention(controls="scaled").controls == ["scaled"]
    assert Attention(controls=()).controls == []
    with pytest.raises(ValueError, match="temperature, scaled, causal, heads, but no 'mask'"):
        Attention(controls=("scaled", "mask"))


def test_impossible_queries_are_refused():
    with pytest.raises(Exception, match="6 numbers from 0 to 1"):
        PhotoSearch(query=[1, 2])
