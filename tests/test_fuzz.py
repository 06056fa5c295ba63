"""Damaged evidence: whatever a kernel sends, the judge neither fails nor gives credit for it.

Real evidence of real exercises is damaged at random and judged. FUZZ_EXAMPLES asks for more of it.
"""

import base64
import copy
import json
import math
import os
import random
from functools import cache

import nbformat
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nbformat import v4
from nbformat.notebooknode import NotebookNode
from nbgrader.utils import determine_grade

from autograder import exercises, grading
from autograder.answers import reference
from autograder.cells import check_id, names_in, solution_id
from autograder.evidence import (
    MAX_CASES,
    MIME_TYPE,
    NUMBERS,
    Array,
    BadEvidence,
    Case,
    Mapping,
    Outcome,
    Raised,
    Sequence,
    Text,
    from_json,
    to_json,
)
from autograder.execution import _plain
from autograder.grading import VERDICT, evidence, is_judged, judge_all
from autograder.judge import ABSOLUTE_TOLERANCE, RELATIVE_TOLERANCE, judge
from autograder.report import Report, summary_line

SEED = 7
EXERCISES = (
    "backprop.topological_order",  # dicts of texts
    "descent.fit",  # sequences, single numbers
    "descent.minibatches",  # integers, True and False
    "descent.momentum_step",  # sequences of dicts of arrays
    "tensors.broadcast_shapes",  # tuples of integers, errors
    "tensors.matmul_loop",  # arrays, errors
)
FEW = settings(
    max_examples=int(os.environ.get("FUZZ_EXAMPLES", "300")),
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
LARGEST_REPORT = 200_000


@cache
def claims_of(exercise: str) -> str:
    cases = exercises.find(exercise).run(reference(exercise), SEED)
    return json.dumps([to_json(case) for case in cases])


# --- Damage -------------------------------------------------------------------------------------

DTYPES = [
    *NUMBERS,
    *("O", "S", "S8", "U4", "V8", "M8[s]", "m8", ">f8", "<i4", "?", "float128", "complex256", "f"),
    *(
        "(1000,1000)f8",
        "f8,f8",
        "int",
        "longdouble",
        "bfloat16",
        "{'a': 1}",
        "f8" * 900,
        "(2,)" * 99,
    ),
]
NAMES = [
    "raised",
    "array",
    "Finding",
    "NotImplementedError",
    "ValueError",
    "NoneType",
    "list",
    "tuple",
]
MARKUP = "<script>alert(1)</script>"
TEXTS = [
    *(
        "",
        "x" * 3_000,
        "e" + "\u0301" * 1_999,
        "\ud800",
        "\x00",
        "\x1b[2J\x1b]0;t\x07",
        "\u202egnp.exe",
    ),
    *(MARKUP, f"`{MARKUP}`", "<b onclick='x()'>", "\u2028", "a\nb\rc", "&lt;", "*a*", "{}", "%s"),
]
NUMERALS = [
    *(True, False, 0, -1, 1, 2, 16, 10**6, 2**31, 2**63, -(2**63), 10**30, 10**4_000),
    *(0.5, -0.0, 1e308, 5e-324, math.nan, math.inf, -math.inf),
]
BRANCHES = [None, [], {}, [[]], [0] * 200, {"kind": "raised"}, {"kind": []}, {"case": {}}]


def nested(random: random.Random) -> object:
    value = random.choice([*NUMERALS, *TEXTS, *BRANCHES])
    for _ in range(random.choice([1, 3, 9, 90])):
        value = {"kind": "sequence", "of": "list", "items": [value]}
    return value


def empty_finding(random: random.Random) -> dict:
    """An error of the probe's own that says nothing."""
    texts = dict.fromkeys(("message", "function", "line"), random.choice(TEXTS[:1] + TEXTS))
    return {"kind": "raised", "classes": ["Finding", random.choice(NAMES)], "number": 0} | texts


def array(random: random.Random) -> dict:
    """An array that is in order, but for what it holds."""
    dtype = np.dtype(random.choice(NUMBERS))
    shape = random.choice([[], [0], [1], [3], [2, 2], [0, 10**6], [1] * 16, [5_000], [200, 200]])
    size = math.prod(shape) * dtype.itemsize
    data = random.choice([b"\0", b"\xff", b"\x7f\xf0\0\1", b"\1"]) * size
    data = base64.b64encode(data[:size]).decode()
    kind = random.choice(["ndarray", "list", "float", MARKUP])
    return {"kind": "array", "of": kind, "dtype": dtype.name, "shape": shape, "data": data}


JUNK = [
    lambda random: random.choice(NUMERALS),
    lambda random: random.choice(TEXTS),
    lambda random: random.choice(NAMES),
    lambda random: copy.deepcopy(random.choice(BRANCHES)),
    lambda random: random.choice(DTYPES),
    nested,
    empty_finding,
    array,
]


def places(tree: object) -> list[tuple[dict | list, object]]:
    """Every place in a tree of JSON: what holds it, and under which key."""
    if not isinstance(tree, dict | list):
        return []
    keys = list(tree) if isinstance(tree, dict) else list(range(len(tree)))
    return [p for key in keys for p in [(tree, key), *places(tree[key])]]


def damaged(value: object, random: random.Random) -> object:
    """``value`` after something has happened to it that belongs to its type."""
    match value:
        case str():
            at = random.randrange(len(value) + 1)
            return random.choice(
                [
                    value[:at],
                    value + value[:at],
                    value[:at] + random.choice(["=", " ", "é", "\n", "A", "/"]) + value[at + 1 :],
                    value.upper(),
                    [value],
                ]
            )
        case list() if value:
            part = random.choice(value)
            shuffled = random.sample(value, len(value))
            return random.choice([value[:-1], [*value, part], [*value, *value], shuffled, [value]])
        case dict() if value:
            gone = random.choice(list(value))
            return random.choice([{k: v for k, v in value.items() if k != gone}, [value]])
        case int() | float() if abs(value) < 1e300:
            return random.choice([-value, value + 1, float(value), str(value)])
    return [value]


def damage(claims: list, random: random.Random) -> list:
    """Damage ``claims`` in one to five places."""
    tree = {"claims": claims}
    for _ in range(random.randint(1, 5)):
        everywhere = places(tree)
        inside, key = random.choice(everywhere)
        other, theirs = random.choice(everywhere)
        inside[key] = copy.deepcopy(
            random.choice(
                [
                    lambda value=inside[key]: damaged(value, random),
                    lambda: random.choice(JUNK)(random),
                    lambda found=other[theirs]: found,
                ]
            )()
        )
    return tree["claims"] if isinstance(tree["claims"], list) else [tree["claims"]]


# --- What is right, said in another way than the judge's ----------------------------------------


def is_right(expected: Case, got: Case) -> bool:
    return set(got.changed) <= set(expected.changed) and is_same(expected.outcome, got.outcome)


def is_same(expected: Outcome, got: Outcome) -> bool:
    match expected, got:
        case Raised(), Raised():
            unwritten = got.classes[0] == "NotImplementedError"
            return expected.classes[0] in got.classes and not unwritten
        case Array(value=one), Array(value=other):
            kinds = {"u": "i"}
            return (
                one.shape == other.shape
                and kinds.get(one.dtype.kind, one.dtype.kind)
                == kinds.get(other.dtype.kind, other.dtype.kind)
                and all(map(is_close, one.ravel().tolist(), other.ravel().tolist()))
            )
        case Sequence(items=ones), Array(value=value) if value.ndim:
            return is_same(expected, Sequence("", tuple(Array("", part) for part in value)))
        case Sequence(items=ones), Sequence(items=others):
            return len(ones) == len(others) and all(map(is_same, ones, others))
        case Mapping(entries=ones), Mapping(entries=others):
            ours, theirs = dict(ones), dict(others)
            return ours.keys() == theirs.keys() and all(is_same(ours[k], theirs[k]) for k in ours)
        case Text(), Text():
            return expected.value == got.value
    return False


def is_close(expected: float, got: float) -> bool:
    if isinstance(expected, int):
        return expected == got
    if expected == got or (math.isnan(expected) and math.isnan(got)):
        return True
    allowed = 1.01 * (ABSOLUTE_TOLERANCE + RELATIVE_TOLERANCE * abs(expected))
    return math.isfinite(expected) and abs(expected - got) <= allowed


# --- The properties -----------------------------------------------------------------------------


def read(claim: object) -> Case | None:
    try:
        return from_json(claim)
    except BadEvidence:
        return None


def first_of_each_name(claims: list) -> dict[str, Case]:
    known: dict[str, Case] = {}
    for case in filter(None, map(read, claims[:MAX_CASES])):
        known.setdefault(case.name, case)
    return known


@FEW
@given(st.sampled_from(EXERCISES), st.randoms(use_true_random=False))
def test_damaged_evidence_earns_nothing_and_costs_no_other_case(exercise, random):
    whole = json.loads(claims_of(exercise))
    claims = damage(copy.deepcopy(whole), random)
    known = first_of_each_name(claims)
    verdict = judge(exercise, known.values(), SEED)
    sent = set(map(json.dumps, claims[:MAX_CASES]))  # as text, in which 1, 1.0 and True differ
    intact = {claim["case"]: claim for claim in whole if json.dumps(claim) in sent}
    for case in verdict.cases:
        got = known.get(case.name)
        if case.problem is None:
            assert got and is_right(case.expected, got), case
        else:
            assert case.problem
            # Another claim of the same name may stand before the one that is intact.
            assert case.name not in intact or to_json(got) != intact[case.name]
    assert verdict.passed <= len(whole) and 0 <= verdict.score <= 1
    assert_shown(verdict)


def assert_shown(verdict) -> None:
    report = Report(verdict)
    page, text, line = report._repr_html_(), repr(report), summary_line(verdict)
    assert "<script" not in page.lower() and "onclick='" not in page
    assert len(page) < LARGEST_REPORT and len(text) < LARGEST_REPORT
    assert len(line) < 1_000 and "\n" not in line
    for shown in (page, text, line):
        shown.encode()
        assert "\x1b" not in shown and "\x00" not in shown


def one_of(values: list) -> st.SearchStrategy:
    """As st.sampled_from, which would write out all of them."""
    return st.integers(0, len(values) - 1).map(values.__getitem__)


LEAVES = one_of(NUMERALS) | one_of(TEXTS) | one_of(DTYPES) | st.none()
JSON = st.recursive(
    LEAVES | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["case", "kind", "items", "entries"]), inner)
    ),
    max_leaves=9,
)


def some(**strategies: st.SearchStrategy) -> st.SearchStrategy:
    """Dicts of which now and then a part is any JSON."""
    parts = {key: st.one_of(strategy, strategy, JSON) for key, strategy in strategies.items()}
    return st.fixed_dictionaries(parts)


NAME = one_of([*NAMES, *TEXTS])
SIZES = st.lists(one_of([0, 1, 2, 3, *NUMERALS]), max_size=18)
DATA = st.binary(max_size=64).map(lambda data: base64.b64encode(data).decode())
OUTCOMES = st.recursive(
    some(kind=st.just("array"), of=NAME, dtype=one_of(DTYPES), shape=SIZES, data=DATA)
    | some(kind=st.just("text"), value=NAME)
    | some(kind=st.just("other"), of=NAME, text=NAME)
    | some(
        kind=st.just("raised"),
        classes=st.lists(NAME, max_size=3),
        number=one_of(NUMERALS),
        **dict.fromkeys(("message", "function", "line"), NAME),
    ),
    lambda inner: (
        some(kind=st.just("sequence"), of=NAME, items=st.lists(inner, max_size=3))
        | some(
            kind=st.just("mapping"),
            of=NAME,
            entries=st.lists(st.tuples(NAME, inner).map(list), max_size=3),
        )
    ),
    max_leaves=6,
)


@pytest.mark.filterwarnings("ignore:Generating overly large repr")
@FEW
@given(some(case=NAME, changed=st.lists(NAME, max_size=3), outcome=OUTCOMES) | JSON)
def test_any_claim_is_read_or_refused_and_what_is_read_can_be_sent_again(claim):
    case = read(claim)
    if case:
        again = json.loads(json.dumps(to_json(case)))
        assert to_json(from_json(again)) == to_json(case)


def arrived(claim) -> NotebookNode | None:
    """What is kept of a claim that a kernel sends."""
    return _plain({"output": {"output_type": "display_data", "data": {MIME_TYPE: claim}}}, True)


def judged(claims: dict[str, list]) -> dict[str, nbformat.NotebookNode]:
    """Judge a notebook whose check cells hold the given claims; returns its check cells."""
    cells = []
    for exercise, sent in claims.items():
        marks = {"grade_id": solution_id(exercise), "grade": False, "solution": True}
        cells.append(v4.new_code_cell("def f(): pass", metadata={"nbgrader": marks}))
        outputs = list(filter(None, map(arrived, sent)))
        marks = {"grade_id": check_id(exercise), "grade": True, "solution": False, "points": 3}
        marks["cell_type"] = "code"
        check = v4.new_code_cell("", metadata={"nbgrader": marks})
        check.outputs = outputs
        cells.append(check)
    notebook = v4.new_notebook()
    notebook.cells = cells
    judge_all(notebook, dict.fromkeys(claims, SEED), student="s")
    nbformat.validate(notebook)
    nbformat.writes(notebook).encode()
    return dict(zip(claims, notebook.cells[1::2], strict=True))


def points(cell: nbformat.NotebookNode) -> float:
    earned, most = determine_grade(cell)
    (result,) = (o for o in cell.outputs if o.output_type == "execute_result")
    assert result.data["text/plain"] == repr(float(earned))
    assert type(earned) is float and 0 <= earned <= most == 3
    return earned


@settings(FEW, max_examples=FEW.max_examples // 4)
@given(st.randoms(use_true_random=False))
def test_every_exercise_gets_points_whatever_the_kernel_sent(random):
    whole = {exercise: json.loads(claims_of(exercise)) for exercise in EXERCISES[-3:]}
    spoiled = random.choice(list(whole))
    sent = whole | {spoiled: damage(copy.deepcopy(whole[spoiled]), random)}
    checks = judged(sent)
    assert {exercise: points(cell) for exercise, cell in checks.items() if exercise != spoiled} == {
        exercise: 3.0 for exercise in whole if exercise != spoiled
    }
    passed = checks[spoiled].metadata[VERDICT]["passed"]
    if "have the same answer for everyone" in checks[spoiled].outputs[0].data["text/plain"]:
        passed = 0  # nothing else is right, and these alone earn nothing
    assert points(checks[spoiled]) == round(3 * passed / len(whole[spoiled]), 2)


def test_where_the_judge_fails_one_exercise_waits_and_the_others_have_their_points(
    monkeypatch, caplog
):
    whole = {exercise: json.loads(claims_of(exercise)) for exercise in EXERCISES[-3:]}
    first = EXERCISES[-3]

    def fails_once(exercise, *arguments):
        if exercise == first:
            raise RuntimeError("no such luck\n" + MARKUP)
        return judge(exercise, *arguments)

    monkeypatch.setattr(grading, "judge", fails_once)
    checks = judged(whole)
    assert [points(cell) for cell in checks.values()] == [0.0, 3.0, 3.0]
    assert "Ask to have it graded again" in checks[first].outputs[0].data["text/html"]
    row = checks[first].metadata[VERDICT]
    name = first.partition(".")[2]
    assert row["summary"].startswith(f"{name}: could not be judged: RuntimeError: no such luck")
    assert row["passed"] < row["cases"] and "\n" not in row["summary"]
    assert not is_judged(v4.new_notebook(cells=list(checks.values())))  # so it is tried again
    assert f"{first} of s could not be judged" in caplog.text
    assert MARKUP not in checks[first].outputs[0].data["text/html"]


def test_more_claims_than_any_exercise_has_are_not_read():
    claim = json.loads(claims_of(EXERCISES[0]))[0]
    flood = [arrived(claim)] * (MAX_CASES + 1)
    assert len(evidence(NotebookNode(outputs=flood))) == MAX_CASES


@FEW
@given(st.text(st.sampled_from("([{}])'\"\\#\n \t:=,.+-*@fab1\0\ud800é"), max_size=60))
def test_names_are_found_in_anything_that_stands_in_a_cell(source):
    assert all(name.isidentifier() for name in names_in(source))


@pytest.mark.parametrize(
    "source",
    ["softmax\0", "softmax = '\ud800'", "-" * 90_000 + "1", "1+" * 40_000 + "1", "(" * 9_000]
    + ["softmax.b" + ".b" * 40_000, "softmax\n" * 90_000],
    ids=lambda source: ascii(source[:9]),
)
def test_a_cell_that_no_parser_takes_mentions_nothing(source):
    assert names_in(source) == set()
