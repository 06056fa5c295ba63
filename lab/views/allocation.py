"""Allocation: from the usages of the slots to where to write next, in four steps."""

import traitlets

from . import _picture as draw
from ._learner import Verdict, array, first_difference, judge, plain, tensor
from ._memory_reference import allocate
from ._reference import apart, number
from ._view import STATIC, View

STEPS = ("1 Sort", "2 Product", "3 Times what is free", "4 Scatter back")
NOTHING = "Nothing is free: every usage is 1.00, so nothing is allocated."
GATHERED = (
    "Your {name} gathers with the order of the free list; the way back is its inverse. "
    "It differs first at"
)


class Allocation(View):
    """Where to write next, as vectors in four steps and as a loop along the free list.

    `usage` holds a number from 0 to 1 for each of 2 to 8 slots. `learner` is the learner's
    `allocation_weighting(usage) -> weights`, and `learner_loop` their `allocation_loop`, both with
    shapes [N]; `allocation_scatter` can stand for either.

    `step` opens the view at a step: 0 shows the usages alone, -1 everything. What the steps are,
    `walk` says: the four of the "vector", or a turn for each slot of the "loop".
    `prediction="skipped"` opens without the question.
    """

    _name = "allocation"
    _esm = STATIC / "allocation.js"
    _css = STATIC / "allocation.css"
    _asks = ("usage",)
    title = "Allocation"

    usage = traitlets.List(traitlets.CFloat()).tag(sync=True)
    start = traitlets.List(traitlets.CFloat()).tag(sync=True)
    walk = traitlets.Enum(("vector", "loop"), "vector").tag(sync=True)
    step = traitlets.Int(-1, min=-1).tag(sync=True)

    def __init__(self, usage=(0.7, 0.2, 0.5), learner=None, learner_loop=None, **traits):
        self._learners = [function for function in (learner, learner_loop) if function]
        usage = [float(u) for u in usage]
        super().__init__(start=usage, usage=usage, **traits)
        self._opening = self.walk, self.step

    @traitlets.validate("usage", "start")
    def _check_usage(self, proposal):
        usage, slots = proposal.value, len(self.start) or len(proposal.value)
        if not 2 <= slots <= 8 or len(usage) != slots or not all(0 <= u <= 1 for u in usage):
            count = slots if self.start else "2 to 8"
            raise traitlets.TraitError(f"usage takes {count} numbers from 0 to 1")
        return usage

    def _is_covered(self):
        now = self.usage, self.walk, self.step
        return self.prediction == "" and now == (self.start, *self._opening)

    def describe(self):
        if self._is_covered():
            return (
                f"The usages are {_list(map(number, self.usage))}. What follows from them is "
                "covered: the live view asks for a prediction first."
            )
        result = allocate(self.usage)
        if self.step < 0:
            return _summary(result)
        if self.walk == "loop":
            said = _turn(result, min(self.step, len(self.usage)))
        else:
            said = _step(result, self.usage, min(self.step, len(STEPS)))
        return f"{said} {NOTHING}" if result.sorted[0] == 1 else said

    def _settings(self):
        return list(self.usage)

    def _judge(self):
        return [judge(function, self._settings(), self._compare) for function in self._learners]

    def _compare(self, call, name):
        result = allocate(self.usage)
        expected = result.weights
        yours = array(call(tensor(self.usage)), expected.shape, name, "weights")
        wrong = first_difference(yours, expected)
        if wrong is None:
            text = f"Your {name} agrees on all {len(expected)} slots."
            raise Verdict("agrees", text, values=plain(yours))
        gathered = first_difference(yours, result.shares[result.order]) is None
        said = GATHERED.format(name=name) if gathered else f"Your {name} differs, first at"
        text = f"{said} slot {wrong[0]}: {apart(yours[wrong], expected[wrong])}."
        raise Verdict("differs", text, values=plain(yours), wrong=list(wrong))

    def _is_shown(self, row, place):
        if self._is_covered():
            return False
        if self.step < 0:
            return True
        return row == 1 or place < self.step if self.walk == "loop" else row <= self.step

    def picture(self):
        result = allocate(self.usage)
        rows = [result.sorted, result.taken, result.shares]
        parts = [draw.text(16, 126, "Usage", weight="bold")]
        for slot in range(len(self.usage) if self._is_covered() else 0):
            parts += [draw.text(_x(slot), y, "?", 14, "middle", draw.SOFT) for y in ROWS]
        parts += [
            draw.text(16, y, name, weight="bold") for name, y in zip(STEPS, ROWS, strict=True)
        ]
        for slot, usage in enumerate(self.usage):
            parts.append(draw.text(_x(slot), 24, f"slot {slot}", 13, "middle", draw.SOFT))
            parts += _bar(slot, 50, 100, usage, draw.SOFT)
            place = result.places[slot]
            if self._is_shown(1, place):
                parts.append(_thread(slot, place, 154))
            if self._is_shown(4, place):
                parts.append(_thread(place, slot, 346))
                parts += _bar(slot, 408, 60, result.weights[slot], draw.BLUE)
        for row, values in enumerate(rows, start=1):
            for place, value in enumerate(values):
                if self._is_shown(row, place):
                    said = f"slot {result.order[place]}" if row == 1 else ""
                    parts += _cell(place, 190 + 52 * (row - 1), value, said)
        return draw.svg(_x(len(self.usage)) - 30, 484, parts)


ROWS = (220, 272, 324, 446)  # where the names of the steps stand in the picture


def _x(column):
    return 230 + 92 * column


def _bar(column, top, height, share, color):
    left, full = _x(column) - 22, height * share
    frame = f'stroke="{draw.HAIR}"'
    return [
        draw.text(_x(column), top - 8, number(share), 14, "middle"),
        draw.rect(left, top, 44, height, draw.PAPER, frame),
        draw.rect(left, top + height - full, 44, full, color),
    ]


def _thread(start, end, top):
    x, y = _x(start), _x(end)
    curve = f"M{x} {top}C{x} {top + 17} {y} {top + 17} {y} {top + 34}"
    return f'<path d="{curve}" fill="none" stroke="{draw.SOFT}" stroke-width="2"/>'


def _cell(column, top, value, said):
    color, ink = draw.cividis(value)
    x, y = _x(column), top + (22 if said else 31)
    parts = [
        draw.rect(x - 45, top, 90, 50, color),
        draw.text(x, y, number(value), 14, "middle", ink),
    ]
    return [*parts, draw.text(x, top + 41, said, 12, "middle", ink)] if said else parts


# ------------------------------------------------------------- the sentences, as in the browser


def _summary(result):
    if result.sorted[0] == 1:
        return NOTHING
    first, *rest = result.order
    ties = result.order[result.sorted == result.sorted[0]]
    why = f"Slot {first} is the freest and"
    if len(ties) > 1:
        why = f"Slots {_list(map(str, ties))} are equally free, and the lower number comes first:"
        why += f" slot {first}"
    others = zip(rest, result.shares[1:], strict=True)
    others = _list(f"slot {slot} gets {number(share)}" for slot, share in others)
    return f"{why} gets most, {number(result.shares[0])}; then {others}."


def _step(result, usage, step):
    order, ascending = result.order, result.sorted
    if step == 0:
        return f"The usages are {_list(map(number, usage))}; the first step sorts them."
    if step == 1:
        entries = zip(order, ascending, strict=True)
        entries = _list(f"slot {slot} ({number(u)})" for slot, u in entries)
        tied = (ascending[1:] == ascending[:-1]).any()
        rule = " Of equal usages, the lower slot comes first." if tied else ""
        return f"Sort: the free list is {entries}, the freest first.{rule}"
    if step == 2:
        return (
            f"Exclusive cumulative product: {_list(map(number, result.taken))}. "
            "Each place multiplies the usages before it, and not its own."
        )
    if step == 3:
        terms = _list(_share(result, place) for place in range(len(usage)))
        return f"Times what is free: {terms}."
    moves = _list(f"slot {slot} takes place {place}" for slot, place in enumerate(result.places))
    return f"Scatter back: {moves}, which gives {_list(map(number, result.weights))}."


def _turn(result, turn):
    if turn == 0:
        slots = _list(f"slot {slot}" for slot in result.order)
        return f"The free list is {slots}; the loop starts with the product 1.00."
    place = turn - 1
    gets = f"Turn {place}: slot {result.order[place]} gets {_share(result, place)}"
    if turn == len(result.order):
        return f"{gets}; the free list ends here."
    before, usage = number(result.taken[place]), number(result.sorted[place])
    return f"{gets}; then the product becomes {before} × {usage} = {number(result.taken[turn])}."


def _share(result, place):
    free, before = number(result.sorted[place]), number(result.taken[place])
    return f"(1 − {free}) × {before} = {number(result.shares[place])}"


def _list(texts):
    """ "a", "a and b", "a, b and c"."""
    *most, last = texts
    return " and ".join(filter(None, (", ".join(most), last)))
