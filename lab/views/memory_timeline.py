"""Memory timeline: one run of the memory, step by step, and in words why it did what it did."""

import base64

import numpy as np
import traitlets

from . import _picture as draw
from ._learner import TOLERANCE, Verdict
from ._memory_reference import allocate
from ._reference import apart, is_even, number, softmax
from ._view import STATIC, View

INTERFACE = (
    "read_keys",
    "read_strengths",
    "write_key",
    "write_strength",
    "erase",
    "write_vector",
    "free_gates",
    "allocation_gate",
    "write_gate",
    "read_modes",
)
STATE = ("memory", "usage", "precedence", "write_weights", "link", "read_weights", "read_vectors")
SHOWN = (  # what the browser gets; usage first and in full, since its order decides
    "usage",
    "inputs",
    "outputs",
    "write_gate",
    "allocation_gate",
    "free_gates",
    "read_modes",
    "write_weights",
    "read_weights",
    "memory",
)
LITTLE = 0.1  # a weight or a gate below it counts as none
MUCH = 0.5
GATES = ("write_gate", "allocation_gate")
MODES = ("backward", "content", "forward")
WAYS = ("one step backward", "by content", "one step forward")
FOUND = ("reached one step backward", "found by content", "reached one step forward")


class MemoryTimeline(View):
    """A recorded run of the memory, one column for each time step.

    `run` is a dict of arrays whose first axis counts the T steps: "inputs" [T, X], "outputs"
    [T, Y], all parts of the interface and all of the state as `memory_step` returns it, without a
    batch axis; "input_words" and "output_words", lists of T short strings, take the place of the
    numbers where they are given. The run has begun with everything at zero. The view checks each
    step of it against the equations, and names the first place that departs from them.

    `step` is the step on show, from 0; `prediction="skipped"` opens without the question.
    """

    _name = "memory_timeline"
    _esm = STATIC / "memory_timeline.js"
    _css = STATIC / "memory_timeline.css"
    title = "Memory timeline"

    data = traitlets.Unicode().tag(sync=True)  # the arrays, little-endian, in base64
    arrays = traitlets.Dict().tag(sync=True)  # for each array: shape, first byte, low, unit
    input_words = traitlets.List(traitlets.Unicode()).tag(sync=True)
    output_words = traitlets.List(traitlets.Unicode()).tag(sync=True)
    said = traitlets.List().tag(sync=True)  # for each step, its sentences
    question = traitlets.Dict().tag(sync=True)
    step = traitlets.Int(0, min=0).tag(sync=True)

    def __init__(self, run, step=None, **traits):
        self._run = run = _check_run(run)
        data, arrays = _pack(run)
        question = _question(run)
        super().__init__(
            data=data,
            arrays=arrays,
            input_words=run["input_words"],
            output_words=run["output_words"],
            said=[_sentences(run, t) for t in range(len(run["usage"]))],
            question=question,
            step=question["step"] if step is None else step,
            **traits,
        )

    @traitlets.validate("step")
    def _check_step(self, proposal):
        if not 0 <= proposal.value < len(self.said):
            raise traitlets.TraitError(f"there is no step {proposal.value}")
        return proposal.value

    def _is_covered(self):
        return self.prediction == ""

    def describe(self):
        if self._is_covered():
            return (
                f"{self.said[self.step][0]} Where it wrote and read is covered: "
                "the live view asks for a prediction first."
            )
        return " ".join(self.said[self.step])

    def _settings(self):
        return []

    def _judge(self):
        return [{"name": "run", "settings": [], **_verdict(self._run).as_dict}]

    def picture(self):
        # Usage tells of earlier writes: it is covered too after the step in question.
        end = min(self.step, self.question["step"]) + 1 if self._is_covered() else None
        return _picture(self._run, self.step, end)


# -------------------------------------------------------------------------------- the run


def _check_run(run):
    missing = [name for name in ("inputs", "outputs", *INTERFACE, *STATE) if name not in run]
    if missing:
        raise ValueError(f"the run has no {', '.join(map(repr, missing))}")
    names = ("inputs", "outputs", *INTERFACE, *STATE)
    arrays = {name: np.asarray(run[name], np.float32) for name in names}
    shapes = _shapes(arrays)
    for name, array in arrays.items():
        if array.shape != shapes[name]:
            raise ValueError(f"{name!r} has the shape {array.shape}, expected {shapes[name]}")
        if not np.isfinite(array).all():
            step = int(np.argwhere(~np.isfinite(array))[0][0])
            raise ValueError(f"{name!r} holds something that is not a number, first at step {step}")
    words = {name: list(map(str, run.get(name, ()))) for name in ("input_words", "output_words")}
    for name, each in words.items():
        if each and len(each) != len(arrays["inputs"]):
            raise ValueError(f"{name!r} needs {len(arrays['inputs'])} words, one for each step")
    return {**arrays, "ways": _ways(arrays), **words}


def _shapes(arrays):
    if arrays["memory"].ndim != 3 or arrays["read_weights"].ndim != 3 or not arrays["memory"].size:
        raise ValueError("a run has memory [T, N, W] and read_weights [T, R, N], no batch axis")
    (steps, slots, width), heads = arrays["memory"].shape, arrays["read_weights"].shape[1]
    sizes = {
        "inputs": arrays["inputs"].shape[1:2],
        "outputs": arrays["outputs"].shape[1:2],
        "read_keys": (heads, width),
        "read_strengths": (heads,),
        "write_key": (width,),
        "write_strength": (),
        "erase": (width,),
        "write_vector": (width,),
        "free_gates": (heads,),
        "allocation_gate": (),
        "write_gate": (),
        "read_modes": (heads, 3),
        "memory": (slots, width),
        "usage": (slots,),
        "precedence": (slots,),
        "write_weights": (slots,),
        "link": (slots, slots),
        "read_weights": (heads, slots),
        "read_vectors": (heads, width),
    }
    return {name: (steps, *size) for name, size in sizes.items()}


def _pack(run):
    """The arrays for the browser: usage as 32-bit floats, the rest in 65 536 steps of its range."""
    parts, layout, start = [], {}, 0
    for name in SHOWN:
        array, low, unit = run[name], 0.0, 0.0
        if name == "usage":
            raw = array.astype("<f4").tobytes()
        else:
            low = float(array.min(initial=0))
            unit = (float(array.max(initial=1)) - low) / 65535
            raw = np.round((array - low) / unit).astype("<u2").tobytes()
        layout[name] = {"shape": list(array.shape), "start": start, "low": low, "unit": unit}
        parts.append(raw)
        start += len(raw)
    return base64.b64encode(b"".join(parts)).decode(), layout


# ----------------------------------------------------------------- against the equations


def _verdict(run):
    """The verdict on the run: the first step and quantity that the equations do not give.

    Each quantity is computed from the recorded ones that it depends on, so that one mistake shows
    once, where it happens.
    """
    steps = len(run["usage"])
    wrong = {}
    for name, expected in _equations(run).items():
        off = ~np.isclose(run[name], expected, rtol=TOLERANCE, atol=TOLERANCE)
        if off.any():
            wrong[name] = tuple(int(i) for i in np.argwhere(off)[0]), expected
    if not wrong:
        return Verdict("agrees", f"All {steps} steps of this run follow the memory's equations.")
    name = min(wrong, key=lambda each: wrong[each][0][0])  # of one step, the first computed
    place, expected = wrong[name]
    numbers = apart(run[name][place], expected[place])
    text = (
        f"This run departs from the equations first at step {place[0] + 1}, in {name}"
        f"[{', '.join(map(str, place[1:]))}]: {numbers}, given all that came before."
    )
    return Verdict("differs", text, part=name, wrong=list(place))


def _equations(run):
    """What each part of the state should be, in the order in which a step computes it."""
    old = {name: np.concatenate([0 * run[name][:1], run[name][:-1]]) for name in STATE}
    w, kept = run["write_weights"], 1 - run["free_gates"][..., None] * old["read_weights"]
    used = old["usage"] + old["write_weights"] - old["usage"] * old["write_weights"]
    free = np.array([allocate(usage).weights for usage in run["usage"]])
    found = _content(old["memory"], run["write_key"][:, None], run["write_strength"][:, None])
    gate, share = run["write_gate"][:, None], run["allocation_gate"][:, None]
    slot = w[..., None]
    link = (1 - slot - w[:, None]) * old["link"] + slot * old["precedence"][:, None]
    link[:, range(w.shape[1]), range(w.shape[1])] = 0
    return {
        "usage": used * kept.prod(axis=1),
        "write_weights": gate * (share * free + (1 - share) * found[:, 0]),
        "memory": old["memory"] * (1 - slot * run["erase"][:, None])
        + slot * run["write_vector"][:, None],
        "link": link,
        "precedence": (1 - w.sum(axis=1, keepdims=True)) * old["precedence"] + w,
        "read_weights": (run["read_modes"][..., None] * run["ways"]).sum(axis=-2),
        "read_vectors": run["read_weights"] @ run["memory"],
    }


def _ways(run):
    """Where each mode alone would read: [T, R, 3, N], in the order of the modes."""
    old = np.concatenate([0 * run["read_weights"][:1], run["read_weights"][:-1]])
    content = _content(run["memory"], run["read_keys"], run["read_strengths"])
    link = run["link"]
    return np.stack([old @ link, content, old @ link.swapaxes(1, 2)], axis=2)


def _content(memory, keys, strengths):
    def unit(x):
        return x / np.sqrt(np.maximum((x**2).sum(axis=-1, keepdims=True), 1e-6))

    return softmax(unit(keys) @ unit(memory).swapaxes(-1, -2) * strengths[..., None])


# ------------------------------------------------------------------------------- in words


def _sentences(run, t):
    """What happens at a step: when it is, what is freed, what is written, what each head reads."""
    words = [
        f", {kind} “{run[f'{kind}_words'][t]}”"
        for kind in ("input", "output")
        if run[f"{kind}_words"] and run[f"{kind}_words"][t]
    ]
    when = f"Step {t + 1} of {len(run['usage'])}{''.join(words)}."
    heads = range(run["read_weights"].shape[1])
    return [when, _freed(run, t), _written(run, t), *(_read(run, t, head) for head in heads)]


def _freed(run, t):
    """Free gates work on what the heads read a step ago, so a slot is freed one step late."""
    heads = run["read_weights"].shape[1]
    openers = [head for head in range(heads) if run["free_gates"][t, head] >= LITTLE]
    if not openers:
        gates = "the free gate is shut" if heads == 1 else "all free gates are shut"
        return f"Nothing is freed: {gates} ({number(run['free_gates'][t].max())})."
    return " ".join(_freed_by(run, t, head) for head in openers)


def _freed_by(run, t, head):
    gate = f"Free gate {head + 1} is {_gate(run['free_gates'][t, head])}"
    read = run["read_weights"][:, head]
    before = read[t - 1] if t else 0 * read[0]
    slot, now = int(before.argmax()), int(read[t].argmax())
    later = ""
    if t + 1 < len(read) and read[t, now] >= MUCH and now != slot:
        later = f"; slot {now}, which it reads now, can be freed at step {t + 2} at the earliest"
    if before[slot] < LITTLE:
        nothing = "read nothing a step ago: it frees nothing"
        little = "read a blend of many slots a step ago: it frees a little of each"
        why = nothing if before.sum() < LITTLE else little
        return f"{gate}, but head {head + 1} {why}{later}."
    used, w = (run[name][t - 1, slot] for name in ("usage", "write_weights"))
    used, left = number(used + w - used * w), number(run["usage"][t, slot])
    change = f"is {left} already" if used == left else f"falls from {used} to {left}"
    which = f"slot {slot}, which head {head + 1} read a step ago"
    frees = "frees" if before[slot] * run["free_gates"][t, head] >= MUCH else "frees a part of"
    return f"{gate} and {frees} {which}: its usage {change}{later}."


def _written(run, t):
    weights, gate, share = (run[n][t] for n in ("write_weights", "write_gate", "allocation_gate"))
    if gate < LITTLE:
        return f"Nothing is written: the write gate is shut ({number(gate)})."
    usage, slot = run["usage"][t], int(weights.argmax())
    order = allocate(usage).order
    freest = int(order[0])
    first = f"lot {freest} is the freest (usage {number(usage[freest])}{_ties(usage, order)})"
    if weights.sum() < LITTLE:
        opened = f"though the write gate is {_gate(gate)}"
        return f"Next to nothing is written, {opened}: no slot is free; s{first}."
    amount = f"weight {number(weights[slot])}"
    if gate <= 1 - LITTLE:
        amount += f"; the write gate is only partly open, {number(gate)}"
    last = _writer(run, t - 1, slot)
    amount = f"({amount})" + ("" if last is None else f", over what step {last + 1} wrote")
    spread = weights[slot] < MUCH * weights.sum()
    goes = f"the write is spread over several slots; slot {slot} gets most {amount}"
    if share < MUCH:
        goes = goes if spread else f"this write goes to slot {slot}, found by content {amount}"
        return f"The allocation gate is {_gate(share)}, so the free list does not decide: {goes}."
    why = f"S{first} and the allocation gate is {_gate(share)}"
    if spread:
        return f"{why}, but {goes}."
    if slot != freest:
        return f"{why}, but most of the write goes to slot {slot} {amount}."
    return f"{why}, so this write goes there {amount}."


def _read(run, t, head):
    """The largest mode may lead nowhere: what is read came by the way that gave it most weight."""
    read, modes, ways = (run[name][t, head] for name in ("read_weights", "read_modes", "ways"))
    name, slot, mode = f"Head {head + 1}", int(read.argmax()), int(modes.argmax())
    parts = modes * ways[:, slot]
    given = int(parts.argmax())
    if read.sum() < LITTLE:
        why = "" if mode == 1 else f": {MODES[mode]} is open ({number(modes[mode])}), but "
        return f"{name} reads next to nothing{why}{why and _dead_end(run, t, head, mode)}."
    weight, last = f"weight {number(read[slot])}", _writer(run, t, slot)
    what = weight if last is None else f"{weight}, written at step {last + 1}"
    spread = is_even(read / read.sum()) or read[slot] < MUCH / 2 * read.sum()
    if modes[mode] < 0.6:
        mixed = ", ".join(f"{m} {number(share)}" for m, share in zip(MODES, modes, strict=True))
        goal = f"most from slot {slot} ({what}), {FOUND[given]}"
        goal = f"a little of many slots ({weight} at most)" if spread else goal
        return f"{name} mixes its modes ({mixed}) and reads {goal}."
    way = f"({number(modes[given])})"
    if given != mode:
        nowhere = ways[mode].sum() < LITTLE
        but = f", but {_dead_end(run, t, head, mode)}" if nowhere else ""
        goal = f"what is read, {weight} on slot {slot}, was"
        goal = f"a little of many slots is read, {weight} at most," if spread else goal
        opened = f"{name}: {MODES[mode]} is open ({number(modes[mode])}){but}"
        most = "" if parts[given] > (1 - LITTLE) * parts.sum() else "mostly "
        return f"{opened}; {goal} {most}{FOUND[given]} {way}."
    if spread:
        return f"{name} reads a little of many slots, {WAYS[mode]} {way}: {weight} at most."
    went = f"{name} {'reads' if mode == 1 else 'went'} {WAYS[mode]} {way}"
    if read[slot] < MUCH * read.sum():
        return f"{went}: a blend, the largest part from slot {slot} ({what})."
    return f"{went}{_start(run, t, head, mode, slot)} slot {slot} ({what})."


def _start(run, t, head, mode, slot):
    """Where a step along the links set out from, if it did."""
    if mode == 1 or t == 0:
        return ":"
    link = run["link"][t]
    along = run["read_weights"][t - 1, head] * (link[slot] if mode == 2 else link[:, slot])
    return f", from slot {along.argmax()} to" if along.max() >= LITTLE else ":"


def _dead_end(run, t, head, mode):
    """Why a step along the links leads nowhere."""
    before = run["read_weights"][t - 1, head] if t else 0 * run["read_weights"][0, head]
    if run["link"][t].max() < LITTLE:
        return "no link leads anywhere"
    if before.sum() < LITTLE:
        return f"head {head + 1} read nothing a step ago"
    end = "after" if mode == 2 else "before"
    return f"nothing was written {end} slot {before.argmax()}"


def _gate(share):
    """A gate in a word, and as a number."""
    word = "open" if share > 1 - LITTLE else "shut" if share < LITTLE else "partly open"
    return f"{word} ({number(share)})"


def _ties(usage, order):
    """What tells the freest slot from others that look as free."""
    alike = [slot for slot in order[1:] if number(usage[slot]) == number(usage[order[0]])]
    above = [slot for slot in alike if usage[slot] > usage[order[0]]]
    if above:
        return f", a hair less than slot {above[0]}"
    return ", of equals the lowest number" if alike else ""


def _writer(run, t, slot):
    """The last step up to `t` that wrote to a slot, or None."""
    steps = np.flatnonzero(run["write_weights"][: t + 1, slot] >= MUCH)
    return int(steps[-1]) if len(steps) else None


# ---------------------------------------------------------------------- the opening question


def _question(run):
    """Which slot will be written, or when was what a head reads written; or whether any was."""
    asked = _ask_where(run) or _ask_when(run) or _ask_whether(run)
    return {"what": "writes and reads", **asked}


def _ask_where(run):
    """About a step where the free list decides, and its order can be seen."""
    usage, best = run["usage"], run["write_weights"].argmax(axis=1)
    lists = [allocate(each) for each in usage]
    decided = [
        t
        for t in range(1, len(usage))
        if run["write_weights"][t].max() >= MUCH
        and run["allocation_gate"][t] >= MUCH
        and best[t] == lists[t].order[0]
        and _is_clear(lists[t].sorted)
    ]
    if not decided:
        return None
    slots = usage.shape[1]
    # Best a slot that is used again, where counting on from the last one would go wrong.
    step = next((t for t in decided if best[t] != (best[t - 1] + 1) % slots), decided[0])
    last = int(best[step - 1])
    others = [last, (last + 1) % slots, int(usage[step].argmax())]
    gates = [f"the {name.replace('_', ' ')} is {_gate(run[name][step])}" for name in GATES]
    return {
        "step": step,
        "text": f"At step {step + 1} {' and '.join(gates)}. "
        "Look at the usage: which slot will be written?",
        **_options(int(best[step]), others, range(slots), "slot {}"),
        "why": _written(run, step),
    }


def _is_clear(ascending):
    """Whether one sees which slot is the freest: all that come near it are equal to it."""
    near = ascending[1:] < ascending[0] + LITTLE / 2
    return len(near) > 0 and not (ascending[1:][near] > ascending[0]).any()


def _ask_when(run):
    """About a step at which a head reads one slot that was written before."""
    read, wrote = run["read_weights"], run["write_weights"]
    found = [
        (t, head, last)
        for t, head in np.argwhere(read.max(axis=-1) >= MUCH).tolist()
        if (last := _writer(run, t - 1, int(read[t, head].argmax()))) is not None
    ]
    if not found:
        return None
    slot = read.argmax(axis=-1)
    moved = [each for each in found if slot[each[0], each[1]] != slot[each[0] - 1, each[1]]]
    t, head, last = (moved or found)[len(moved or found) // 2]
    steps = [k for k in range(t) if wrote[k].max() >= MUCH]
    near = [k + 1 for k in sorted(steps, key=lambda k: abs(k - last))]
    return {
        "step": t,
        "text": f"At step {t + 1} head {head + 1} reads one slot. "
        "At which step was that slot written?",
        **_options(last + 1, near, range(1, t + 1), "step {}"),
        "why": _read(run, t, head),
    }


def _ask_whether(run):
    most = float(run["write_weights"].max())
    step = int(run["write_weights"].max(axis=1).argmax())
    return {
        "step": 0,
        "text": f"Is there a step at which one slot gets a write weight above {MUCH}?",
        "options": [["yes", "Yes"], ["no", "No"]],
        "answer": "yes" if most > MUCH else "no",
        "why": f"The largest write weight is {number(most)}, at step {step + 1}.",
    }


def _options(right, likely, rest, words):
    """The right answer among two wrong ones that are likely, in order."""
    wrong = [each for each in dict.fromkeys([*likely, *rest]) if each != right][:2]
    options = [[str(each), words.format(each)] for each in sorted([right, *wrong])]
    return {"options": options, "answer": str(right)}


# ------------------------------------------------------------------------------- the picture


def _picture(run, step, end=None):
    """The gates, the usage, and where it wrote and read, with the step on show framed.

    With an `end`, usage is covered from there on, and all that it wrote and read.
    """
    steps, slots = run["usage"].shape
    across, down = max(10, min(34, 840 // steps)), max(6, min(20, 280 // slots))
    left, y, parts = 160, 34, []
    heads = range(run["read_weights"].shape[1])

    def title(words, height):
        parts.append(draw.text(left - 24, y + height / 2 + 4, words, 12, "end", draw.SOFT))

    def column(t):
        return left + across * (t + 0.5)

    every = 1 if across >= 22 else 5
    for t in range(0, steps, every):
        parts.append(draw.text(column(t), 26, t + 1, 12, "middle", draw.SOFT))
    for name in ("input", "output"):
        strip, height = _content_strip(run, name, left, y, across)
        title(name, height)
        parts.append(strip)
        y += height + 4
    for name, values, color in _strips(run):
        title(name, 16)
        bars = "".join(
            f"M{left + across * t + 1} {y + 14}h{across - 2}v{-14 * value:.1f}h{2 - across}z"
            for t, value in enumerate(values)
        )
        parts.append(f'<path d="{bars}" fill="{color}"/>')
        y += 18
    y += 4

    def numbers():
        every = -(-13 // down)
        for i in range(0, slots, every):
            parts.append(draw.text(left - 5, y + down * (i + 0.5) + 4, i, 12, "end", draw.SOFT))

    title("usage of each slot", down * slots)
    numbers()
    parts.append(_heat(left, y, run["usage"][:end].T, across, down))
    y += down * slots + 14
    title("■ written ▲ read", down * slots)
    numbers()
    edge = f'stroke="{draw.HAIR}"'
    parts.append(draw.rect(left, y, across * steps, down * slots, draw.PAPER, edge))
    marks = [(run["write_weights"], draw.BLUE, _square)]
    marks += [(run["read_weights"][:, head], draw.ORANGE, _triangle) for head in heads]
    if end is not None:
        middle = left + across * steps / 2, y + down * slots / 2 + 5
        parts.append(draw.text(*middle, "covered: predict first", 14, "middle", draw.SOFT))
    for place, (weights, color, mark) in enumerate(marks if end is None else []):
        wide = across / len(marks)
        path = "".join(
            mark(left + across * t + wide * (place + 0.5), y + down * (i + 0.5), size)
            for t, i in np.argwhere(weights >= LITTLE)
            for size in [min(wide, max(down, 10)) * 0.45 * float(weights[t, i]) ** 0.5]
        )
        parts.append(f'<path d="{path}" fill="{color}"/>')
    y += down * slots
    frame = f'stroke="{draw.BLUE}" stroke-width="2"'
    parts.append(draw.rect(left + across * step, 10, across, y - 8, "none", frame))
    return draw.svg(left + across * steps + 16, y + 14, parts)


def _content_strip(run, name, x, y, across):
    """The words of the input or output, upright where they are long, or its numbers as colors."""
    words, values = run[f"{name}_words"], run[f"{name}s"].T
    if not words:
        down, low, high = max(1, min(5, 40 // len(values))), values.min(), values.max()
        shares = (values - min(low, 0)) / (max(high, 1) - min(low, 0))
        return _heat(x, y, shares, across, down), down * len(values)
    longest = max(map(len, words)) * 7
    if longest <= across:
        place = [(x + across * (t + 0.5), y + 13) for t in range(len(words))]
        shown = (draw.text(*at, word, 12, "middle") for at, word in zip(place, words, strict=True))
        return "".join(shown), 18
    upright = (
        f'<g transform="translate({x + across * (t + 0.5) - 4:g} {y:g}) rotate(90)">'
        f"{draw.text(0, 0, word, 12)}</g>"
        for t, word in enumerate(words)
    )
    return "".join(upright), longest


def _strips(run):
    """Names, numbers and colors of the gates and modes: blue writes, orange reads."""
    strips = [(name.replace("_", " "), run[name], draw.BLUE) for name in GATES]
    for head in range(run["read_weights"].shape[1]):
        free, modes = run["free_gates"][:, head], run["read_modes"][:, head]
        strips.append((f"free gate {head + 1}", free, draw.ORANGE))
        for mode, name in enumerate(("backward", "content", "forward")):
            strips.append((f"head {head + 1} {name}", modes[:, mode], draw.ORANGE))
    return strips


def _heat(x, y, values, across, down):
    """A map [rows, columns] of values from 0 to 1, in the colors of cividis."""
    scale = np.array([_rgb(share) for share in np.linspace(0, 1, 256)])
    colors = scale[np.round(np.clip(values, 0, 1) * 255).astype(int)].astype(np.uint8)
    data = base64.b64encode(draw._png(colors)).decode()
    size = f'width="{across * colors.shape[1]}" height="{down * colors.shape[0]}"'
    sharp = 'preserveAspectRatio="none" style="image-rendering: pixelated"'
    return f'<image x="{x}" y="{y}" {size} {sharp} href="data:image/png;base64,{data}"/>'


def _rgb(share):
    place = share * (len(draw.CIVIDIS) - 1)
    return [np.interp(place, range(len(draw.CIVIDIS)), channel) for channel in draw.CIVIDIS.T]


def _square(x, y, half):
    return f"M{x - half:.1f} {y - half:.1f}h{2 * half:.1f}v{2 * half:.1f}h{-2 * half:.1f}z"


def _triangle(x, y, half):
    return f"M{x:.1f} {y - half:.1f}L{x + half:.1f} {y + half:.1f}H{x - half:.1f}z"
