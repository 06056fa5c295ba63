"""What the Graph view says: numbers, what was computed, what is handed on, and the question."""

import numpy as np

INFIX = ("+", "-", "−", "×", "*", "/", "@")
FEW = 6  # numbers of an array that are still written out


def figure(x) -> str:
    """A number in three figures, or all of them before the point."""
    x = float(x)
    if not np.isfinite(x):
        return "not a number" if np.isnan(x) else "infinity" if x > 0 else "-infinity"
    if x == 0:
        return "0"
    if not 1e-4 <= abs(x) < 1e6:
        digits, power = f"{x:.1e}".split("e")
        return f"{digits}e{int(power)}"
    return f"{x:.0f}" if abs(x) >= 100 else f"{float(f'{x:.3g}'):g}"


def factor(x):
    """A number as it stands within a calculation."""
    return f"({figure(x)})" if x < 0 else figure(x)


def shape(value):
    return f"[{', '.join(map(str, value.shape))}]"


def said_value(value):
    """A value in a sentence: its numbers where there are few, else its shape."""
    if value is None:
        return "unknown"
    if value.size > FEW:
        return f"an array {shape(value)}"
    return _nested(value)


def _nested(value):
    return figure(value) if value.shape == () else f"[{', '.join(map(_nested, value))}]"


def rows(value):
    """A value in a box: rows of numbers where there are few, else how far they reach."""
    if value is None or value.size == 0:
        return ["?" if value is None else "no numbers"]
    if value.shape == ():
        return [figure(value)]
    if value.size > FEW or value.ndim > 2 or value.shape[-1] > 4:
        return [f"{figure(value.min())} to {figure(value.max())}"]
    return [", ".join(map(figure, row)) for row in value.reshape(-1, value.shape[-1])]


def listed(parts):
    *most, last = parts or ["none"]
    return " and ".join(filter(None, (", ".join(most), last)))


def _formula(sign, parts):
    if sign in INFIX and len(parts) == 2:
        return f" {sign} ".join(parts)
    return f"{sign or 'f'}({', '.join(parts)})"


def computed(reading, i):
    """ "c = a × b = 2 × 3 = 6." """
    inputs = [edge.parent for edge in reading.inputs(i)]
    values, result = [reading.values[k] for k in inputs], reading.values[i]
    names = _formula(reading.signs[i], [reading.names[k] for k in inputs])
    said = f"{reading.names[i]} = {names}"
    numbers = [said_value(v) for v in values]
    if reading.signs[i] in INFIX:
        numbers = _parenthesized(numbers)
    formula = _formula(reading.signs[i], numbers)
    if len(formula) > 60 or any(value is None or value.size > FEW for value in values):
        return f"{said} is {said_value(result)}."
    return f"{said} = {formula} = {said_value(result)}."


def product(reading, edge):
    """ "2 × 3 = 6": what came from above, the local gradient, and what goes on."""
    if edge.local is None:
        return said_value(edge.passed)
    came = figure(reading.gradients[edge.child])
    local = factor(edge.local) if edge.local.shape == () else said_value(edge.local)
    return f"{came} × {local} = {said_value(edge.passed)}"


def added_up(reading, i, done=None):
    """ "2 + 3 = 5" at a Node that is used more than once; of the first `done` uses, "2 + …"."""
    parts = [edge.passed for edge in reading.uses(i)]
    words = [said_value(part) for part in parts[:done]]
    if len(words) < len(parts):
        return _sum([*words, "…"])
    return f"{_sum(words)} = {said_value(reading.gradients[i])}"


def _sum(words):
    words = _parenthesized(words)
    return " + ".join(words if len(words) < 6 else [*words[:3], "…", words[-1]])


def _parenthesized(words):
    """A sign stands in parentheses behind another one."""
    return [words[0], *(f"({each})" if each.startswith("-") else each for each in words[1:])]


def users(reading, uses):
    """The Nodes that use a value, in the order in which they hand back; "× (twice)"."""
    names = [reading.names[edge.child] for edge in uses]
    times = {1: "", 2: " (twice)"}
    counts = {name: names.count(name) for name in names}
    said = [name + times.get(n, f" ({n} times)") for name, n in counts.items()]
    return listed(said if len(said) < 6 else [*said[:3], f"{len(said) - 3} more"])


def handed(reading, i):
    """What a Node hands on, and what that makes of the gradients of its parents."""
    edges = reading.inputs(i)
    hands = listed([f"{product(reading, edge)} to {reading.names[edge.parent]}" for edge in edges])
    has = said_value(reading.gradients[i])
    said = f"{reading.names[i]} has the gradient {has} and hands on {hands}."
    for parent in dict.fromkeys(edge.parent for edge in edges):
        uses = reading.uses(parent)
        done = sum(edge.child >= i for edge in uses)
        name = reading.names[parent]
        if len(uses) > 1 and done == len(uses) and reading.gradients[parent] is not None:
            said += f" {name} is used {len(uses)} times: {added_up(reading, parent)}."
        elif done < len(uses):
            said += f" {name} waits for {len(uses) - done} more."
    return said


def origin(reading, i):
    """Where the gradient of a Node comes from."""
    uses, gradient = reading.uses(i), reading.gradients[i]
    if not uses:
        return f"Its gradient is {said_value(gradient)}: backward begins here."
    came_from = users(reading, uses)
    if len(uses) == 1:
        return f"Its gradient, {product(reading, uses[0])}, came from {came_from}."
    return f"Its gradient is the sum of what came from {came_from}: {added_up(reading, i)}."


def given(pairs):
    """Names with their values, or with their shapes where the numbers would be too many."""
    parts = [f"{name} = {said_value(value)}" for name, value in pairs]
    if sum(map(len, parts)) > 90:
        parts = [f"{name} {'unknown' if v is None else shape(v)}" for name, v in pairs]
    return listed(parts)


# ------------------------------------------------------------------------------ the question


def question(reading):
    """About a value that is used twice; where there is none, about the leaf that matters most."""
    return _about_sum(reading) or _about_largest(reading) or _about_one(reading) or {}


def _about_sum(reading):
    leaves_first = sorted(range(len(reading.nodes)), key=lambda i: not reading.is_leaf(i))
    for i in leaves_first:
        uses, gradient = reading.uses(i), reading.gradients[i]
        if gradient is None or len(uses) < 2:
            continue
        for place in list(np.ndindex(gradient.shape))[:FEW]:
            parts = [float(edge.passed[place]) for edge in uses]
            tries = [max(parts), parts[-1], parts[0], min(parts), sum(parts) / len(parts)]
            options = _options(gradient[place], tries)
            if len(options) < 2:
                continue
            name = reading.names[i] + (f"[{', '.join(map(str, place))}]" if place else "")
            into = users(reading, uses)
            return {
                "what": "gradients",
                "text": f"{name} is used {len(uses)} times, in {into}. "
                f"How large is its gradient: {_growth(name, reading.names[-1])}",
                "options": options,
                "answer": figure(gradient[place]),
                "why": f"What comes back from each use adds up: "
                f"{_sum(list(map(figure, parts)))} = {figure(gradient[place])}.",
            }


def _growth(name, last):
    return f"when {name} grows by a little, how many times as much does {last} grow?"


def _options(answer, others, most=3):
    """Different numbers to choose from, the right one among them, in rising order."""
    found = {figure(answer): float(answer)}
    for other in others:
        if len(found) < most and np.isfinite(other):
            found.setdefault(figure(other), float(other))
    if not np.isfinite(float(answer)):
        return []
    return [[text, text] for text in sorted(found, key=found.get)]


def _sizes(reading):
    """How large the gradient of each leaf is, in its largest number; the largest first."""
    leaves = [i for i in range(len(reading.nodes)) if reading.is_leaf(i)]
    known = [i for i in leaves if reading.gradients[i] is not None and reading.gradients[i].size]
    sizes = {i: float(np.abs(reading.gradients[i]).max()) for i in known}
    known = [i for i in known if np.isfinite(sizes[i])]
    return {i: sizes[i] for i in sorted(known, key=lambda i: -sizes[i])}


def _about_largest(reading):
    sizes = _sizes(reading)
    first, *others = list(sizes)[:4] or [None]
    if not others or figure(sizes[first]) == figure(sizes[others[0]]):
        return None
    names = {i: reading.names[i] for i in sorted([first, *others])}
    said = ", ".join(f"{name} {figure(sizes[i])}" for i, name in names.items())
    return {
        "what": "gradients",
        "text": f"Which of {listed(list(names.values()))} has the largest gradient, sign aside: "
        f"which moves {reading.names[-1]} most?",
        "options": [[name, name] for name in names.values()],
        "answer": names[first],
        "why": f"The largest number in the gradient of each, sign aside: {said}.",
    }


def _about_one(reading):
    sizes = _sizes(reading)
    if not sizes or len(reading.nodes) < 2:
        return None
    leaf = next(iter(sizes))
    value, gradient = reading.values[leaf], reading.gradients[leaf]
    place = np.unravel_index(np.abs(gradient).argmax(), gradient.shape)
    name = reading.names[leaf] + (f"[{', '.join(map(str, place))}]" if place else "")
    answer = gradient[place]
    return {
        "what": "gradients",
        "text": f"How large is the gradient of {name}: {_growth(name, reading.names[-1])}",
        "options": _options(answer, [float(value[place]), 0.0, 1.0, answer + 1]),
        "answer": figure(answer),
        "why": f"Step by step through the rules, the gradient comes to {figure(answer)}.",
    }
