"""The browser's arithmetic against NumPy, and NumPy's against the plain formula."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from view_tools import node

from lab.data import photos, sentence
from lab.views import Attention, PhotoSearch, _picture, _reference
from lab.views.photo_search import VALUES

HERE = Path(__file__).parent


def browser_results(cases):
    done = node("parity.mjs", input=json.dumps(cases), cwd=HERE)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_cases_by_hand():
    done = node("--test", "math.test.mjs", cwd=HERE)
    assert done.returncode == 0, done.stdout


def test_softmax_parity():
    rng = np.random.default_rng(1)
    cases = [
        {"run": "softmax", "scores": (size * rng.normal(size=7)).tolist(), "allowed": allowed}
        for size in (1, 30, 800)
        for allowed in ([True] * 7, [True, False, True, True, False, True, True])
    ]
    for case, result in zip(cases, browser_results(cases), strict=True):
        expected = _reference.softmax(case["scores"], case["allowed"])
        np.testing.assert_allclose(result, expected, atol=1e-12, rtol=0)


def test_order_and_text_parity():
    rng = np.random.default_rng(2)
    values = [*rng.normal(size=50), 0.125, 2.675, 0.005, -0.004, 1, 0.05, 5, 0.0625]
    ties = rng.integers(0, 3, size=20).tolist()
    positive = np.abs(values).tolist()
    shares = np.linspace(0, 1, 33).tolist()
    found, texts, colours = browser_results(
        [
            {"run": "order", "values": ties},
            {"run": "text", "values": positive},
            {"run": "colours", "shares": shares},
        ]
    )
    assert found == _reference.order(ties).tolist()
    assert texts == [[_reference.number(x), _reference.short(x)] for x in positive]
    for (colour, ink), share in zip(colours, shares, strict=True):
        expected, expected_ink = _picture.cividis(share)
        assert ink == expected_ink
        numbers = [np.array(json.loads(f"[{c[4:-1]}]")) for c in (colour, expected)]
        assert np.abs(numbers[0] - numbers[1]).max() <= 1  # halves round either way


@pytest.mark.parametrize("temperature", [0.05, 0.3, 1, 5])
def test_photo_search_parity(temperature):
    queries = [[1, 0, 0, 1, 0, 0], [0] * 6, [0.3, 0, 1, 0, 0.7, 0]]
    world = {"features": photos.KEYS.tolist(), "pictures": VALUES.tolist()}
    cases = [{"run": "lookUp", "query": q, "temperature": temperature, **world} for q in queries]
    for query, result in zip(queries, browser_results(cases), strict=True):
        answer, weights = PhotoSearch(query=query, temperature=temperature).lookup()
        np.testing.assert_allclose(result["weights"], weights, atol=1e-12, rtol=0)
        np.testing.assert_allclose(result["blend"], answer, atol=1e-12, rtol=0)
        assert result["places"] == _reference.order(photos.KEYS @ query).tolist()


@pytest.mark.parametrize("projected", [False, True])
def test_attention_parity(projected):
    rng = np.random.default_rng(3)
    projections = rng.normal(size=(3, 6, 6)) if projected else None
    settings = [
        {"temperature": t, "scaled": s, "causal": c, "heads": h}
        for t in (0.05, 1, 5)
        for s in (False, True)
        for c in (False, True)
        for h in (1, 2, 3, 6)
    ]
    views = [Attention(projections=projections, **each) for each in settings]
    cases = [
        {
            "run": "attend",
            "vectors": view.vectors,
            "options": {**each, "projections": view.projections or None},
        }
        for view, each in zip(views, settings, strict=True)
    ]
    for view, result in zip(views, browser_results(cases), strict=True):
        output, weights = view.attend()
        np.testing.assert_allclose(result["weights"], weights, atol=1e-12, rtol=0)
        np.testing.assert_allclose(result["output"], output, atol=1e-12, rtol=0)


def test_reference_attention_is_the_plain_formula():
    x = sentence.VECTORS
    output, weights = _reference.attention(x, x, x)
    for q, query in enumerate(x):
        powers = [math.exp(sum(query * key) / math.sqrt(6)) for key in x]
        plain = [power / sum(powers) for power in powers]
        np.testing.assert_allclose(weights[q], plain)
        np.testing.assert_allclose(output[q], sum(w * v for w, v in zip(plain, x, strict=True)))


def test_reference_lookup_is_the_plain_formula():
    query = np.array([1, 0, 0, 1, 0, 0])
    answer, weights = _reference.soft_lookup(query, photos.KEYS, VALUES)
    powers = [math.exp(key[0] + key[3]) for key in photos.KEYS]
    np.testing.assert_allclose(weights, np.array(powers) / sum(powers))
    np.testing.assert_allclose(answer, weights @ VALUES)


def test_the_sentence_tells_its_story():
    scores = sentence.VECTORS @ sentence.VECTORS[4]
    assert [sentence.WORDS[i] for i in _reference.order(scores)[:2]] == ["station", "train"]
    assert len(sentence.DIMENSIONS) == sentence.VECTORS.shape[1] == 6


def test_photos_have_pictures():
    assert photos.PICTURES.shape == (8, 12, 12, 3)
    assert 0 <= photos.PICTURES.min() and photos.PICTURES.max() <= 1
