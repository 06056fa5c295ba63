"""What the judge says: kind before shape, shape before dtype, dtype before values."""

import warnings

import numpy as np
import pytest

from autograder import exercises
from autograder.answers import reference
from autograder.evidence import Case, Raised, Sequence, observe
from autograder.judge import compare, judge
from autograder.report import Input, Report
from autograder.tables import as_text, side_by_side

FLOATS = np.array([[0.5, 0.25], [0.125, 1.0]])


@pytest.mark.parametrize(
    ("got", "says"),
    [
        (None, "returned None"),
        ("0.5", "the text '0.5'"),
        (FLOATS.tolist(), "returned a list, where an array is expected"),
        ((FLOATS, FLOATS), "a tuple of 2, where an array of shape (2, 2)"),
        (FLOATS[0], "shape (2,), expected (2, 2)"),
        (FLOATS > 0.2, "holds True and False (bool), expected floats"),
        (np.ones((2, 2), int), "holds integers"),
        (FLOATS * np.nan, "NaN (not a number) in 4 of 4 entries"),
        (FLOATS + np.inf, "infinity in 4 of 4 entries"),
        (FLOATS + [[0, 0.1], [0, 0]], "wrong in 1 of 4 entries, the first at [0, 1]"),
    ],
)
def test_each_kind_of_mistake_has_its_sentence(got, says):
    assert says in compare(observe(FLOATS), observe(got))


@pytest.mark.parametrize("got", [FLOATS.astype("float32"), FLOATS * (1 + 1e-6)])
def test_what_is_as_good_as_equal_passes(got):
    assert compare(observe(FLOATS), observe(got)) is None


def test_a_tensor_is_as_good_as_an_array():
    import tensorflow as tf

    assert compare(observe(FLOATS), observe(tf.constant(FLOATS))) is None


def test_a_pair_as_a_list_or_as_one_array_is_as_good_as_a_tuple():
    pair = (FLOATS, FLOATS)
    assert compare(observe(pair), observe([FLOATS, FLOATS])) is None
    assert compare(observe(pair), observe(np.stack(pair))) is None
    mixed = (FLOATS[0], np.array([1, 0]))
    assert compare(observe(mixed), observe(list(mixed))) is None


PARTS = {"key": FLOATS, "erase": FLOATS[0]}


@pytest.mark.parametrize(
    ("got", "says"),
    [
        (FLOATS, "an array of shape (2, 2), where a dict of 2 is expected"),
        ({"key": FLOATS}, 'The dict lacks "erase".'),
        ({}, 'The dict lacks "erase" and "key".'),
        (PARTS | {"weights": 1.0}, 'It has "weights", which is not expected.'),
        ({"key": FLOATS, "Erase": 1}, 'lacks "erase". It has "Erase", which is not expected.'),
        (PARTS | {"erase": FLOATS}, 'In "erase": it has shape (2, 2), expected (2,).'),
        ({k: v + 1 for k, v in PARTS.items()}, 'In "key": it is wrong in 4 of 4 entries'),
        (PARTS | {"key": None}, 'In "key": it returned None'),
    ],
)
def test_each_mistake_in_a_dict_has_its_sentence(got, says):
    assert says in compare(observe(PARTS), observe(got))


def test_the_order_of_the_names_in_a_dict_does_not_matter():
    assert compare(observe(PARTS), observe(dict(reversed(PARTS.items())))) is None


def test_of_a_dict_the_first_wrong_entry_is_shown():
    got = {"erase": FLOATS[0] + 1, "key": FLOATS + [[0, 0], [0, 1]]}
    expected, yours = map(as_text, side_by_side(observe(PARTS), observe(got)))
    assert '"key"' in expected and '"key"' in yours
    assert "2.0000<" in yours and "<" not in expected
    assert "erase" not in yours
    expected, yours = map(as_text, side_by_side(observe([PARTS] * 2), observe([PARTS, got])))
    assert 'result 2 "key"' in yours and "result 1" not in yours


def test_of_a_dict_with_other_names_the_names_are_shown():
    expected, yours = map(as_text, side_by_side(observe(PARTS), observe({"kay": 1.0})))
    assert '"key", "erase"' in expected and '"kay"' in yours


def test_inputs_that_are_tensors_or_dicts_are_shown_by_their_numbers():
    import tensorflow as tf

    assert Input("x", tf.constant([1.5, 2.0])).text() == "x = [1.5 2. ]"
    state = Input("state", {"memory": tf.zeros([2, 3]), "usage": np.zeros(2)})
    assert state.text() == 'state = dict of arrays of shape "memory" (2, 3), "usage" (2,)'
    assert "[0. 0. 0.]" in state.html()


def test_an_input_that_is_a_function_is_shown_by_its_name_and_its_source():
    shown = Input("function", reference("mem_ops.read_memory"))
    assert shown.text() == "function = read_memory"
    assert "def read_memory(memory, read_weights):" in shown.html()
    assert Input("function", eval("lambda x: x")).text() == "function = <lambda>"


def test_an_error_must_be_the_right_one():
    expected = Raised(("ValueError", "Exception"), "no")
    assert compare(expected, Raised(("MyError", "ValueError", "Exception"), "")) is None
    assert "should raise ValueError" in compare(expected, Raised(("KeyError", "Exception"), "k"))
    assert "should raise ValueError here" in compare(expected, observe(3))
    assert "Write raise ValueError" in compare(expected, observe(ValueError("no")))


def test_an_error_alone_does_not_make_a_diagnosis():
    """The class of an error has many causes; only the same message points to the same thought."""

    def soft_lookup(query, keys, values):
        raise ValueError("some other reason")

    name = "attention.soft_lookup"
    cases = exercises.find(name).run(soft_lookup, 3)
    assert judge(name, cases, 3).diagnosis is None


def test_a_diagnosis_does_not_hang_on_the_names_of_the_inputs():
    def self_attention_loop(words):
        for i, word in enumerate(words):
            weights = reference(SOFTMAX)(np.array([np.dot(word, other) for other in words]))
            words[i] = weights @ words
        return words

    name = "attention.self_attention_loop"
    verdict = judge(name, exercises.find(name).run(self_attention_loop, 3), 3)
    assert verdict.diagnosis.thought == "writes into the sequence that it was given"


def test_a_finding_of_the_probe_is_said_as_it_stands():
    assert compare(observe(1.0), Raised(("Finding", "Exception"), "No gradient.")) == "No gradient."


SOFTMAX = "attention.softmax"


def evidence_of(function, seed=3):
    return exercises.find(SOFTMAX).run(function, seed)


def test_an_error_without_a_sentence_is_a_problem_all_the_same():
    empty = Raised(("Finding", "Exception"), "")
    assert compare(observe(1.0), empty)
    assert compare(observe((1.0, "x")), Sequence("tuple", (empty, empty)))
    name = "tensors.rotation"
    first, *others = exercises.find(name).run(reference(name), 3)
    verdict = judge(name, [Case(first.name, empty), *others], 3)
    assert verdict.passed == len(others)
    assert "It is not right." in repr(Report(verdict))


@pytest.mark.parametrize(
    ("expected", "got"),
    [
        (np.int64(0), np.int64(-(2**63))),
        (np.uint64(2**63), np.int64(-(2**63))),
        (np.int64(100_000), np.int64(100_001)),
        (np.uint64(2**53), np.uint64(2**53 + 1)),
        (np.float64(1), np.float16(np.inf)),
        (np.float64(1e308), np.float64(-1e308)),
        (np.float32(1), np.frombuffer(b"\1\0\xa0\x7f", np.float32)[0]),
        (np.complex128(1), np.complex128(complex(np.nan, 1))),
    ],
)
def test_numbers_at_the_ends_of_their_ranges_differ_without_a_warning(expected, got):
    with warnings.catch_warnings(action="error"):
        assert compare(observe(expected), observe(got))
        assert compare(observe(got), observe(got)) is None
        side_by_side(observe(expected), observe(got))


def test_missing_doubled_and_invented_cases_earn_nothing():
    right = evidence_of(reference(SOFTMAX))
    wrong = evidence_of(lambda x, axis=-1: np.asarray(x) * 1.0)
    assert judge(SOFTMAX, [], 3).score == 0
    assert judge(SOFTMAX, right[:2] * 9, 3).passed == 2
    assert judge(SOFTMAX, wrong + right, 3).passed == judge(SOFTMAX, wrong, 3).passed
    invented = [Case(f"extra {n}", observe(1.0)) for n in range(50)]
    assert judge(SOFTMAX, right + invented, 3).score == 1


def test_evidence_for_another_seed_is_wrong():
    assert judge(SOFTMAX, evidence_of(reference(SOFTMAX), seed=4), 3).score < 1


def test_a_function_that_spoils_its_input_is_told_so():
    def softmax(x, axis=-1):
        result = reference(SOFTMAX)(x, axis)
        if isinstance(x, np.ndarray):
            x[...] = 0
        return result

    verdict = judge(SOFTMAX, evidence_of(softmax), 3)
    assert verdict.score < 1
    assert "changed x" in verdict.first_problem.problem


def test_a_diagnosis_does_not_hang_on_the_words_of_an_expected_error():
    """Interface sizes that do not fit are refused in a learner's own words."""
    from autograder.misconceptions import misconceptions

    exercise = exercises.find("dnc.parse_interface")
    known = {wrong.thought: wrong for wrong in misconceptions(exercise.name)}
    swapped = known["gates in another order"]

    def parse_interface(vector, word_size, read_heads):
        try:
            return swapped.function(vector, word_size, read_heads)
        except ValueError:
            raise ValueError("no") from None

    found = judge(exercise.name, exercise.run(parse_interface, seed=3), seed=3)
    assert found.diagnosis == swapped


def test_a_half_written_class_is_diagnosed_by_what_is_written():
    from autograder.misconceptions import misconceptions

    exercise = exercises.find("backprop.Node")
    known = {wrong.thought: wrong for wrong in misconceptions(exercise.name)}
    slip = known["slope 1 at 0"]

    class Node(slip.function):
        def log_softmax(self):
            raise NotImplementedError

        def sum(self):
            raise NotImplementedError

    found = judge(exercise.name, exercise.run(Node, seed=3), seed=3)
    assert 0 < found.score < 1
    assert found.diagnosis == slip


def test_cases_with_one_answer_for_everybody_count_only_beside_others():
    def always_refused(data, index, size):
        raise IndexError("no such batch")

    exercise = exercises.find("tensors.take_batch")
    verdict = judge("tensors.take_batch", exercise.run(always_refused, 7), 7)
    assert verdict.passed > 0
    assert verdict.score == 0

    def right_but_never_refused(data, index, size):
        return data[index * size : (index + 1) * size]

    verdict = judge("tensors.take_batch", exercise.run(right_but_never_refused, 7), 7)
    assert verdict.score == verdict.passed / len(verdict.cases) > 0


@pytest.fixture
def calls(monkeypatch):
    """The inputs with which the reference of an exercise is called."""
    seen = []

    def counted(name):
        def called(*args, **kwargs):
            seen.append(args)
            return reference(name)(*args, **kwargs)

        return called

    targets = {name: counted(name) for name in (SOFTMAX, "attention.causal_mask")}
    monkeypatch.setattr("autograder.answers.reference", targets.get)
    return seen


def test_for_what_is_not_written_the_reference_is_not_called(calls):
    def softmax(x, axis=-1):
        raise NotImplementedError

    unwritten = judge(SOFTMAX, evidence_of(softmax), 3)
    assert unwritten.unwritten and unwritten.score == 0
    assert not calls
    written = judge(SOFTMAX, evidence_of(reference(SOFTMAX)), 3)
    assert [case.name for case in unwritten.cases] == [case.name for case in written.cases]
    assert len(calls) == len(written.cases)


def test_the_reference_is_called_once_with_the_inputs_that_everybody_gets(calls):
    name = "attention.causal_mask"
    for seed in range(5):
        cases = exercises.find(name).run(reference(name), seed)
        assert judge(name, cases, seed).score == 1
    assert calls.count((2,)) == calls.count((3,)) == 1
    assert len({length for (length,) in calls}) == len(calls) > 4
