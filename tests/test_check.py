"""``check``: what a learner sees, as text and as HTML."""

import gzip
import warnings

import numpy as np
import pytest

from autograder import check
from autograder.answers import Recorded
from autograder.checking import CheckFailed
from autograder.report import Sentence


@pytest.fixture
def seen(monkeypatch, capsys):
    """A function that runs ``check`` and returns the plain text and the HTML that it shows."""
    shown = []
    monkeypatch.setattr("autograder.checking.display", shown.append)

    def look(target) -> tuple[str, str]:
        assert check(target) is None
        assert capsys.readouterr().err == ""
        card = shown.pop()
        return repr(card), getattr(card, "_repr_html_", str)()

    return look


def right(x, axis=-1):
    x = np.asarray(x)
    exps = np.exp(x - x.max(axis=axis, keepdims=True))
    return exps / exps.sum(axis=axis, keepdims=True)


def named(function):
    function.__name__ = "softmax"
    return function


def test_all_right(seen):
    text, html = seen(named(right))
    assert text.startswith("softmax: all ")
    assert "Hint" not in html


def test_not_written_yet_is_said_kindly_with_hints_folded_one_in_another(seen):
    def softmax(x, axis=-1):
        raise NotImplementedError()

    text, html = seen(softmax)
    assert "not written yet" in text
    assert "fails" not in html
    assert html.count("<details") == 3
    assert html.index("Hint 1") < html.index("Hint 2") < html.index("Hint 3")


def test_a_misconception_shows_the_first_case_side_by_side_and_its_diagnosis(seen):
    def softmax(x, axis=-1):
        exps = np.exp(np.asarray(x) - np.max(x))
        return exps / exps.sum()

    text, html = seen(softmax)
    for shown in (text, html):
        assert "expected" in shown
        assert "yours" in shown
        assert "What may have happened" in shown
    assert "background: #ffd37a" in html, "differences are marked"
    assert "<" in text and ">" in text, "differences are marked in the text too"


def test_an_error_shows_the_learners_own_line_and_not_our_stack(seen):
    def softmax(x, axis=-1):
        return np.asarray(x) / undefined  # noqa: F821

    text, _ = seen(softmax)
    assert "NameError: name 'undefined' is not defined" in text
    assert "softmax, line " in text
    assert "return np.asarray(x) / undefined" in text
    assert "Traceback" not in text
    assert "evidence.py" not in text


@pytest.mark.parametrize(
    ("result", "says"),
    [(None, "returned None"), ("text", "the text"), (np.ones(7), "shape (7,)")],
)
def test_a_wrong_kind_of_thing_is_said_as_such(result, says, seen):
    text, _ = seen(named(lambda x, axis=-1: result))
    assert says in text


def test_what_a_learner_prints_or_warns_never_reaches_stderr(seen):
    def softmax(x, axis=-1):
        import sys

        print("hello")
        print("careful", file=sys.stderr)
        warnings.warn("deprecated", stacklevel=1)
        return right(x, axis)

    text, html = seen(softmax)
    assert "all " in text
    assert "hello" in html and "careful" in html, "the card keeps it"


def test_markup_in_a_learners_message_is_escaped(seen):
    def softmax(x, axis=-1):
        raise ValueError("<script>alert(1)</script>")

    _, html = seen(softmax)
    assert "<script" not in html


def test_something_that_is_no_exercise_is_answered_with_a_sentence(seen):
    text, _ = seen(lambda x: x)
    assert "No exercise is called '<lambda>'" in text
    text, _ = seen(3)
    assert "Give check the function itself" in text


def test_a_learner_who_interrupts_an_endless_loop_is_told_where_it_was(seen):
    def softmax(x, axis=-1):
        if np.ndim(x) > 1:
            raise KeyboardInterrupt
        return right(x, axis)

    text, _ = seen(softmax)
    assert "You stopped it" in text
    assert "did not get as far" in text


def test_nbgraders_validation_is_told_the_truth(monkeypatch, seen):
    monkeypatch.setenv("NBGRADER_EXECUTION", "validate")
    seen(named(right))
    with pytest.raises(CheckFailed, match="softmax: 0 of"):
        seen(named(lambda x, axis=-1: x))


def test_an_unwritten_function_that_this_one_calls_is_named(seen):
    def helper(x):
        raise NotImplementedError()

    def softmax(x, axis=-1):
        return helper(x)

    text, _ = seen(softmax)
    assert "helper is not written yet" in text
    assert "0 of" in text


def test_a_function_that_spoils_its_input_is_told_so_before_anything_else(seen):
    def softmax(x, axis=-1):
        x[...] = 0
        return x

    text, _ = seen(softmax)
    assert "changed x" in text


def test_where_an_error_came_the_expected_value_is_shown_without_one_beside_it(seen):
    def softmax(x, axis=-1):
        raise KeyError("no")

    for shown in seen(softmax):
        assert "expected" in shown
        assert "yours" not in shown


def test_a_shape_stands_in_one_line_with_its_wrong_entries_marked(seen):
    def broadcast_shapes(a, b):
        return 3, 1

    text, html = seen(broadcast_shapes)
    assert "Entry 2 is wrong" in text
    assert "expected:\n  (3, 4)\nyours:\n  (3, >1<)" in text
    assert "(3, <span" in html and "result 1" not in html


@pytest.mark.parametrize(
    ("got", "shown"),
    [((), "()"), ((3,), "(3,)"), ([3], "[3]"), ([3, 1], "[3, >1<]"), ((3, 0.5), "(3, >0.5000<)")],
)
def test_a_shape_of_another_kind_is_shown_as_python_writes_it(got, shown, seen):
    def broadcast_shapes(a, b):
        return got

    text, _ = seen(broadcast_shapes)
    assert f"yours:\n  {shown}\n" in text


@pytest.mark.parametrize("shape", [(0, 2), (2, 0, 3)])
def test_an_empty_array_is_said_to_be_empty(shape, seen):
    text, html = seen(named(lambda x, axis=-1: np.zeros(shape)))
    for shown in (text, html):
        assert f"empty, of shape {shape}" in shown


def test_one_array_in_the_place_of_two_is_said_as_such(seen):
    def compose_affine(A1, b1, A2, b2):
        return A2 @ A1

    text, _ = seen(compose_affine)
    assert "only an array of shape (2, 2), where a tuple of 2 is expected" in text


def test_a_refusal_without_reason_shows_the_learners_own_line(seen):
    def take_batch(data, index, size):
        raise IndexError("in words of one's own")

    text, _ = seen(take_batch)
    assert "IndexError: refused, though there is such a batch" in text
    assert 'raise IndexError("in words of one' in text


def test_stars_stress_a_word_and_stay_stars_in_code():
    html = Sentence("the *last* axes of `a*b*c`, and 2 * 3 * 4").html()
    assert "<em>last</em>" in html
    assert "a*b*c</code>" in html
    assert "2 * 3 * 4" in html


@pytest.mark.parametrize(
    "record",
    [b"", b"{}", gzip.compress(b"{"), gzip.compress(b"{}" * 99)[:-9]],
    ids=["empty", "no archive", "no record", "cut off"],  # an archive holds the time
)
def test_a_record_that_is_damaged_is_said_to_be(seen, monkeypatch, tmp_path, record):
    """The folder without answers may have come as an archive that was cut off."""
    (tmp_path / "attention.softmax.json.gz").write_bytes(record)
    monkeypatch.setattr("autograder.answers.answers", Recorded(tmp_path))
    text, _ = seen(named(right))
    says = "softmax cannot be checked: the record of attention.softmax is damaged."
    assert text == f"{says} Tell your instructor."
