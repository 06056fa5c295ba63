"""Evidence leaves a kernel as plain JSON and comes back unchanged, whatever a function returns."""

import base64
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograder.evidence import (
    Array,
    BadEvidence,
    Case,
    Mapping,
    Other,
    Raised,
    Recorder,
    Sequence,
    from_json,
    observe,
    to_json,
)


def through_json(case: Case) -> Case:
    return from_json(json.loads(json.dumps(to_json(case))))


@given(
    hnp.arrays(
        st.sampled_from(["float32", "float64", "int64", "bool", "float16"]),
        hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4),
    )
)
def test_arrays_survive_the_journey(array):
    got = through_json(Case("c", observe(array))).outcome.value
    assert got.dtype == array.dtype
    np.testing.assert_array_equal(got, array)


@pytest.mark.parametrize(
    ("result", "kind"),
    [
        (None, Other),
        ("text", None),
        ((np.zeros(2), [1, 2]), Sequence),
        ([1, 2.5], Array),
        ([np.zeros(2), np.ones(2)], Array),
        ([np.zeros(2), np.arange(2)], Sequence),
        ([[1], [2, 3]], Sequence),
        ({1, 2}, Other),
        ({}, Mapping),
        ({"x": np.zeros(2), "y": {"z": None}}, Mapping),
        ({1: 2.0}, Other),
        ({"x" * 3_000: 1}, Other),
        ({str(n): n for n in range(200)}, Other),
        (object(), Other),
        (np.array([object()]), Other),
        (np.zeros(10_000_000), Other),
        (3, Array),
        (np.ma.masked_array([1.0, 2.0]), Array),
        (lambda x: x, Other),
        (10**400, Other),
    ],
)
def test_everything_that_a_function_may_return_is_described(result, kind):
    outcome = observe(result)
    assert kind is None or isinstance(outcome, kind)
    assert type(through_json(Case("c", outcome)).outcome) is type(outcome)


def test_a_dict_keeps_its_names_and_their_order():
    result = {"b": np.array([1.5]), "a": [True], "c": (1, "x")}
    outcome = through_json(Case("c", observe(result))).outcome
    assert outcome.of == "dict"
    assert [name for name, _ in outcome.entries] == ["b", "a", "c"]
    assert outcome.entries[0][1].value == [1.5]


def test_a_dict_that_holds_itself_has_an_end():
    endless: dict = {}
    endless["again"] = endless
    through_json(Case("c", observe(endless)))


def test_a_subclass_of_array_arrives_as_a_plain_array():
    class Liar(np.ndarray):
        def __eq__(self, other):
            return True

    assert type(observe(np.zeros(3).view(Liar)).value) is np.ndarray


def test_an_object_that_refuses_to_be_described_is_described():
    class Hostile:
        def __array__(self, *args, **kwargs):
            raise RuntimeError

        def __repr__(self):
            raise RuntimeError

    assert isinstance(observe(Hostile()), Other)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["case", "changed", "outcome", "kind", "of", "shape", "dtype", "data", "entries"]
            ),
            inner | st.sampled_from(["array", "sequence", "mapping", "raised", "text", "float64"]),
            max_size=6,
        )
    ),
    max_leaves=20,
)


@given(JSON)
def test_damaged_evidence_is_refused_and_never_crashes(claim):
    try:
        from_json(claim)
    except BadEvidence:
        pass


@pytest.mark.parametrize(
    "damage",
    [
        {"dtype": "object"},
        {"dtype": "U4"},
        {"dtype": "f8"},
        {"dtype": ">f8"},
        {"dtype": "(3,)f8"},
        {"dtype": "float128"},
        {"dtype": ["float64"]},
        {"shape": [3.0]},
        {"shape": [1] * 16 + [3]},
        {"shape": [10**9] * 15 + [0], "data": ""},
        {"data": base64.b64encode(bytes(24)).decode() + "\n"},
        {"data": "é" * 32},
        {"dtype": "bool", "shape": [24], "data": base64.b64encode(b"\2" * 24).decode()},
        {"shape": [-1]},
        {"shape": [10**12]},
        {"shape": [True]},
        {"shape": "3"},
        {"data": "not base64"},
        {"data": ""},
        {"of": 3},
    ],
)
def test_a_damaged_array_is_refused(damage):
    claim = to_json(Case("c", Array("ndarray", np.zeros(3))))
    claim["outcome"] |= damage
    with pytest.raises(BadEvidence):
        from_json(claim)


@pytest.mark.parametrize(
    "entries",
    [
        {"x": {"kind": "text", "value": ""}},
        [["x"]],
        [["x", {"kind": "text", "value": ""}, 3]],
        [[3, {"kind": "text", "value": ""}]],
        [["x" * 3_000, {"kind": "text", "value": ""}]],
        [["x", {"kind": "text", "value": ""}]] * 2,
        [[str(n), {"kind": "text", "value": ""}] for n in range(200)],
        [["x", {"kind": "nonsense"}]],
    ],
)
def test_a_damaged_dict_is_refused(entries):
    claim = to_json(Case("c", observe({"x": 1.0})))
    claim["outcome"]["entries"] = entries
    with pytest.raises(BadEvidence):
        from_json(claim)


@pytest.mark.parametrize(
    "damage", [{"number": 1e308}, {"number": -1}, {"number": 10**30}, {"classes": []}, {"line": 1}]
)
def test_a_damaged_error_is_refused(damage):
    claim = to_json(Case("c", Raised(("ValueError",), "no")))
    from_json(claim)
    claim["outcome"] |= damage
    with pytest.raises(BadEvidence):
        from_json(claim)


def test_an_error_inside_of_a_result_is_refused():
    """A call returns or raises; an error in a list would be a way around the values."""
    claim = to_json(Case("c", observe((1.0, "x"))))
    claim["outcome"]["items"][0] = to_json(Case("c", Raised(("Finding",), "")))["outcome"]
    with pytest.raises(BadEvidence):
        from_json(claim)


def test_a_case_has_one_limit_however_its_size_is_spread():
    wide = observe(tuple((1.0, "x") for _ in range(100)))
    assert isinstance(wide, Sequence)
    assert isinstance(observe([(np.zeros(10_000), "x")] * 50), Other)
    claim = to_json(Case("c", wide))
    for _ in range(2):
        items = [claim["outcome"]] * 100
        claim["outcome"] = {"kind": "sequence", "of": "tuple", "items": items}
    with pytest.raises(BadEvidence, match="too large"):
        from_json(claim)


@pytest.mark.parametrize("dtype", [">f8", ">i4", ">c8", "longdouble", "clongdouble"])
def test_numbers_in_another_layout_keep_their_values(dtype):
    got = through_json(Case("c", observe(np.array([1, 300], dtype)))).outcome
    np.testing.assert_array_equal(got.value, [1, 300])


def test_evidence_does_not_change_with_the_object_that_was_observed():
    array = np.zeros(2)
    outcome = observe(array)
    array[0] = 1
    assert outcome.value[0] == 0


def test_texts_that_no_file_can_hold_and_long_ones_still_arrive():
    class Silent(Exception):
        def __str__(self):
            raise RuntimeError

    def wrong(error):
        raise error

    case = Recorder(wrong)
    case("half a character", ValueError("\ud800"))
    case("no message", Silent())
    case("long", type("E" * 900, (ValueError,), {})("x" * 9_000))
    case("no error", using=lambda target: "\ud800")
    for found in case.cases:
        json.dumps(to_json(found), ensure_ascii=False).encode()
        assert through_json(found).outcome == found.outcome


def test_dicts_that_are_nested_too_deeply_are_refused():
    claim = to_json(Case("c", observe({"x": 1.0})))
    for _ in range(9):
        claim["outcome"] = {"kind": "mapping", "of": "dict", "entries": [["x", claim["outcome"]]]}
    with pytest.raises(BadEvidence):
        from_json(claim)


def test_a_case_that_raises_costs_one_case_and_keeps_the_line():
    def divide(x):
        y = x
        return 1 / y

    case = Recorder(divide)
    case("zero", 0)
    case("two", 2)
    raised, fine = (c.outcome for c in case.cases)
    assert isinstance(raised, Raised)
    assert raised.classes[:2] == ("ZeroDivisionError", "ArithmeticError")
    assert raised.line == "return 1 / y"
    assert fine.value == 0.5


def test_a_changed_input_is_noticed_and_the_next_case_gets_a_fresh_one():
    def spoil(x):
        x[0] = 7.0
        return x.sum()

    shared = np.zeros(3)
    case = Recorder(spoil)
    case("first", shared)
    case("second", shared)
    assert [c.changed for c in case.cases] == [("x",), ("x",)]
    assert shared[0] == 0


def test_a_change_inside_a_dict_is_noticed():
    def spoil(state, how):
        how(state)

    def fill(state):
        state["x"][0] = 7.0

    def replace(state):
        state["n"] = 5

    def leave(state):
        return dict(state, n=5)

    case = Recorder(spoil)
    for how in fill, replace, dict.clear, leave:
        case("state", {"x": np.zeros(3), "n": 4}, how)
    assert [c.changed for c in case.cases] == [("state",), ("state",), ("state",), ()]


def test_a_tensor_in_a_dict_is_compared_by_its_numbers():
    import tensorflow as tf

    def replace(state, by):
        state["x"] = by

    case = Recorder(replace)
    for by in np.zeros(3), np.ones(3):
        case("state", {"x": tf.zeros(3)}, tf.constant(by, tf.float32))
    assert [c.changed for c in case.cases] == [(), ("state",)]


def test_an_error_in_a_method_names_its_class():
    class Cell:
        def call(self):
            raise NotImplementedError()

    case = Recorder(Cell)
    case("a step", using=lambda target: target().call())
    assert case.cases[0].outcome.function == "Cell.call"


def test_an_error_while_a_graph_is_recorded_is_told_as_outside_of_one():
    """TensorFlow records a rewritten copy; the student wrote neither its lines nor its name."""
    import tensorflow as tf

    def clear_diagonal(links):
        n = links.shape[0]
        return tf.linalg.set_diag(links, tf.zeros([n]))

    case = Recorder(clear_diagonal)
    spec = tf.TensorSpec([None, 2, 2])
    case("a graph", using=lambda target: tf.function(target).get_concrete_function(spec))
    raised = case.cases[0].outcome
    assert raised.message.startswith("Expected int32, but got None")
    assert (raised.function, raised.line) == (
        "clear_diagonal",
        "return tf.linalg.set_diag(links, tf.zeros([n]))",
    )


def test_names_inside_of_tensorflow_stay_out_of_an_error():
    def wrong(x):
        raise ValueError("{{function_node __wrapped__MatMul}} In[0]: [1,3] [Op:MatMul] name: ")

    recorder = Recorder(wrong)
    recorder("by hand", 1)
    assert recorder.cases[0].outcome.message == "In[0]: [1,3]"
