"""The browser's arithmetic against NumPy, and NumPy's against the plain formula."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from view_tools import node

from lab.data import photos, sentence
from lab.views import Attention, PhotoSearch, _memory_reference, _picture, _reference
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


def random_asks(rng, width, heads):
    """What a controller may ask for in one step."""
    return {
        "read_keys": rng.normal(size=(heads, width)),
        "read_strengths": 1 + rng.exponential(size=heads),
        "write_key": rng.normal(size=width),
        "write_strength": 1 + rng.exponential(),
        "erase": rng.uniform(size=width),
        "write_vector": rng.normal(size=width),
        "free_gates": rng.uniform(size=heads),
        "allocation_gate": rng.uniform(),
        "write_gate": rng.uniform(),
        "read_modes": rng.dirichlet(np.ones(3), size=heads),
    }


def tensors(arrays):
    import tensorflow as tf

    return {name: tf.constant(value, tf.float64) for name, value in arrays.items()}


def lists(arrays):
    return {name: np.asarray(value).tolist() for name, value in arrays.items()}


def test_memory_parity(monkeypatch):
    from solutions import dnc, mem_ops

    # The vectorized version adds 1e-8 before it multiplies, for the sake of the gradient.
    monkeypatch.setattr(mem_ops, "allocation_weighting", mem_ops.allocation_loop)
    rng = np.random.default_rng(4)
    slots, width, heads, steps = 5, 3, 2, 40
    state = {
        "memory": rng.normal(size=(slots, width)),
        "usage": rng.uniform(size=slots),
        "precedence": np.zeros(slots),
        "write_weights": np.zeros(slots),
        "link": np.zeros((slots, slots)),
        "read_weights": rng.dirichlet(np.ones(slots), size=heads),
    }
    asked = [random_asks(rng, width, heads) for _ in range(steps)]
    case = {"run": "replay", "state": lists(state), "asked": [lists(each) for each in asked]}
    (results,) = browser_results([case])
    assert len(results) == steps
    state = tensors(state)
    for each, result in zip(asked, results, strict=True):
        state = dnc.memory_step(state, tensors(each))
        assert result.keys() == state.keys()
        for name, expected in state.items():
            np.testing.assert_allclose(result[name], expected, atol=1e-12, rtol=0, err_msg=name)


def test_allocation_parity():
    from solutions import mem_ops

    rng = np.random.default_rng(5)
    usages = [[0.7, 0.2, 0.5], [1.0] * 4, [0.0] * 4, [0.3, 0.0, 0.3, 1.0, 0.0]]
    usages += (rng.integers(0, 5, size=(8, 6)) / 4).tolist()  # with ties
    results = browser_results([{"run": "allocate", "usage": usage} for usage in usages])
    for usage, result in zip(usages, results, strict=True):
        usage = tensors({"usage": usage})["usage"]
        ascending, order = mem_ops.free_list(usage)
        twin = _memory_reference.allocate(usage)
        assert result["order"] == twin.order.tolist() == order.numpy().tolist()
        assert result["places"] == twin.places.tolist()
        assert result["sorted"] == twin.sorted.tolist() == ascending.numpy().tolist()
        # Exactly so: the vectorised versions would be 1e-8 away.
        expected = mem_ops.allocation_loop(usage)
        np.testing.assert_allclose(result["allocation"], expected, atol=1e-12, rtol=0)
        np.testing.assert_allclose(twin.weights, expected, atol=1e-12, rtol=0)
        np.testing.assert_allclose(result["taken"], twin.taken, atol=1e-12, rtol=0)
        np.testing.assert_allclose(result["shares"], twin.shares, atol=1e-12, rtol=0)


def test_reference_links_are_those_of_the_course():
    from solutions import mem_ops

    rng = np.random.default_rng(6)
    link, precedence = np.zeros((4, 4)), np.zeros(4)
    for weights in rng.dirichlet(np.ones(5), size=12)[:, :4]:
        before = tensors({"link": link, "weights": weights, "precedence": precedence})
        link = _memory_reference.update_link(link, weights, precedence)
        precedence = _memory_reference.update_precedence(precedence, weights)
        np.testing.assert_allclose(link, mem_ops.update_link(*before.values()), atol=1e-12)
        expected = mem_ops.update_precedence(before["precedence"], before["weights"])
        np.testing.assert_allclose(precedence, expected, atol=1e-12)
        moved = _memory_reference.forward_and_backward(link, weights)
        after = tensors({"link": link, "read": weights[np.newaxis]})
        for found, expected in zip(
            moved, mem_ops.forward_and_backward(*after.values()), strict=True
        ):
            np.testing.assert_allclose(found, expected[0], atol=1e-12)


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
