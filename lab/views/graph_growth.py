"""Graph growth: what a loop over the slots does to the graph that TensorFlow records."""

from decimal import ROUND_HALF_UP, Context
from math import ceil, floor, log, log10

import traitlets

from lab.growth import QUANTITIES, law

from . import _picture as draw
from ._view import STATIC, View

TITLES = {
    "operations": "Operations in the graph",
    "tracing": "Tracing time",
    "step": "Time of one step",
}
VERSIONS = ("loop", "vector")
FACTORS = ((1, "as many"), (2, "2 times as many"), (4, "4 times as many"), (8, "8 times as many"))


class GraphGrowth(View):
    """Operations, tracing time and step time against N, for a loop and for the same without.

    `rows` are those that `lab.growth.measure(loop, vector, shapes)` returns. `size` is the N on
    show; `prediction="skipped"` opens without the question.
    """

    _name = "graph_growth"
    _esm = STATIC / "graph_growth.js"
    _css = STATIC / "graph_growth.css"
    title = "Graph growth"

    sizes = traitlets.List(traitlets.Int()).tag(sync=True)
    points = traitlets.List().tag(sync=True)  # one for each version and size, with its texts
    said = traitlets.Dict().tag(sync=True)  # for each size, a sentence
    question = traitlets.Dict().tag(sync=True)
    size = traitlets.Int(0).tag(sync=True)

    def __init__(self, rows, size=None, **traits):
        rows = [dict(row) for row in rows]
        self._problems = [row for row in rows if "problem" in row]
        rows = [row for row in rows if "problem" not in row]
        sizes = sorted({int(row["size"]) for row in rows})
        if size is None:
            known = [row["size"] for row in rows if row["measured"] and row["version"] == "loop"]
            size = max(known or sizes or [0])
        super().__init__(
            sizes=sizes,
            points=[_point(row) for row in rows],
            said={str(size): _sentence(rows, size) for size in sizes},
            question=_question(rows),
            size=size,
            **traits,
        )
        self._opening = size

    @traitlets.validate("size")
    def _check_size(self, proposal):
        if self.sizes and proposal.value not in self.sizes:
            raise traitlets.TraitError(f"N = {proposal.value} was neither measured nor predicted")
        return proposal.value

    def _is_covered(self):
        return self.prediction == "" and bool(self.question) and self.size == self._opening

    def describe(self):
        if self._is_covered():
            return "What the loop costs is covered: the live view asks for a prediction first."
        return self.said.get(str(self.size), "Nothing was measured.")

    def _settings(self):
        return []

    def _judge(self):
        return [_verdict(row) for row in self._problems]

    def picture(self):
        covered, parts = self._is_covered(), []
        for place, quantity in enumerate(TITLES):
            x = 12 + 336 * place
            parts += _panel(self.points, self.sizes, self.size, quantity, x, covered)
        parts += _legend(self.points, 306, covered)
        return draw.svg(12 + 336 * len(TITLES), 320, parts)


def _verdict(row):
    name = row["name"]
    if row.get("missing"):
        text = f"Your {name} is not written yet; when it is, measure again."
    else:
        text = f"Your {name} stopped at N = {row['size']} with {row['problem'].rstrip('.')}."
    state = "missing" if row.get("missing") else "error"
    return {"name": name, "settings": [], "state": state, "text": text}


def _point(row):
    about = "" if row["measured"] else "≈ "
    texts = {name: about + duration(row[name]) for name in ("tracing", "step")}
    return {
        "version": row["version"],
        "size": int(row["size"]),
        "measured": bool(row["measured"]),
        **{name: float(row[name]) for name in QUANTITIES},
        "texts": {"operations": count(row["operations"]), **texts},
    }


# ------------------------------------------------------------------------------- in words


def count(x) -> str:
    """A whole number in groups of three digits."""
    return f"{int(x):,}".replace(",", "\u202f")


def duration(seconds) -> str:
    """A time in two figures, in a unit that fits."""
    for unit, size in (("min", 60), ("s", 1), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= 0.995 * size or unit == "µs":
            amount = Context(prec=2, rounding=ROUND_HALF_UP).create_decimal(seconds / size)
            return f"{amount:f} {unit}"


def _sentence(rows, size):
    here = {row["version"]: row for row in rows if row["size"] == size}
    parts = []
    if "loop" in here:
        row = here["loop"]
        makes = "makes" if row["measured"] else "was not traced; by its law it would make"
        parts.append(f"the loop {makes} {count(row['operations'])} operations{_by_law(rows, size)}")
    if "vector" in here:
        same = len({row["operations"] for row in rows if row["version"] == "vector"}) == 1
        every = ", as at every N" if same else ""
        parts.append(f"the vector version makes {count(here['vector']['operations'])}{every}")
    return f"At N = {size} {'; '.join(parts)}.{_compare_times(here)}"


def _by_law(rows, size):
    """What the count is made of: so many for each pair of slots, for each slot, and once."""
    found = law([row for row in rows if row["version"] == "loop"])
    if not found or min(found) < 0 or not any(found[:2]):
        return ""
    a, b, c = found
    terms = [f"{a} for each of the {count(size * size - size)} pairs of slots"] if a else []
    terms += [f"{b} for each{'' if a else f' of the {size}'} slot{'' if a else 's'}"] if b else []
    terms += [f"{c} more"] if c else []
    return f": {', '.join(terms[:-1])}{' and ' if terms[1:] else ''}{terms[-1]}"


def _compare_times(here):
    if len(here) < 2:
        return ""
    loop, vector = (duration(here[version]["tracing"]) for version in VERSIONS)
    verb = "took" if here["loop"]["measured"] else "would take about"
    return f" Tracing the loop {verb} {loop}, the vector version {vector}."


def _question(rows):
    """By what the loop's operations grow when N doubles; nothing where that was not measured."""
    counts = {
        row["size"]: row["operations"]
        for row in rows
        if row["version"] == "loop" and row["measured"]
    }
    doubled = [size for size in counts if 2 * size in counts]
    if not doubled:
        return {}
    size = max(doubled)
    factor = counts[2 * size] / counts[size]
    nearest = min(FACTORS, key=lambda each: abs(log(each[0] / factor)))[0]
    return {
        "what": "counts",
        "text": "The memory gets twice as many slots. "
        "How many operations will the graph of the loop have?",
        "options": [[str(number), f"about {words}"] for number, words in FACTORS],
        "answer": str(nearest),
        "why": f"From N = {size} to N = {2 * size} they grow from {count(counts[size])} to "
        f"{count(counts[2 * size])}, {Context(prec=2).create_decimal(factor)} times as many"
        f"{_by_law(rows, 2 * size)}.",
    }


# ------------------------------------------------------------------------------ the picture

LEFT, TOP, WIDTH, HEIGHT = 80, 46, 236, 190


def _panel(points, sizes, chosen, quantity, x, covered):
    """One quantity against N, on two logarithmic axes."""
    parts = [draw.text(x, 24, TITLES[quantity], 14, weight="bold")]
    values = [point[quantity] for point in points]
    if not values:
        return parts
    across = _scale(sizes, x + LEFT, x + LEFT + WIDTH)
    low, high = decades(values)
    up = _scale([10.0**low, 10.0**high], TOP + HEIGHT, TOP)
    for power in range(low, high + 1):
        y = up(10.0**power)
        parts.append(draw.rect(x + LEFT - 8, y, WIDTH + 16, 1, draw.HAIR))
        parts.append(draw.text(x + LEFT - 12, y + 4, tick(quantity, power), 12, "end", draw.SOFT))
    for size in sizes:
        at = across(size)
        parts.append(draw.text(at, TOP + HEIGHT + 20, size, 12, "middle", draw.SOFT))
    parts.append(draw.text(x + LEFT + WIDTH, TOP + HEIGHT + 38, "N", 12, "end", draw.SOFT))
    parts.append(draw.rect(across(chosen) - 0.5, TOP, 1, HEIGHT, draw.SOFT))
    for version in VERSIONS[covered:]:
        parts += _series([p for p in points if p["version"] == version], quantity, across, up)
    return parts


def _series(points, quantity, across, up):
    return [_mark(point, across(point["size"]), up(point[quantity])) for point in points]


def _mark(point, x, y):
    loop = point["version"] == "loop"
    color = draw.ORANGE if loop else draw.BLUE
    shape = f"M{x} {y - 6}l6 11h-12z" if loop else f"M{x - 5} {y - 5}h10v10h-10z"
    fill = color if point["measured"] else draw.PAPER
    return f'<path d="{shape}" fill="{fill}" stroke="{color}" stroke-width="2"/>'


def _legend(points, y, covered):
    known = {(point["version"], point["measured"]): point for point in points}
    names = {
        ("loop", True): "loop, covered: predict first" if covered else "loop",
        ("vector", True): "vector version",
        ("loop", False): "hollow: not measured, but predicted",
    }
    parts, x = [], 40
    for key, words in names.items():
        if key in known:
            parts += [_mark(known[key], x, y), draw.text(x + 14, y + 4, words, 13)]
            x += 50 + 7.5 * len(words)
    return parts


def decades(values):
    """The powers of ten around all values, at least one apart."""
    low, high = floor(log10(min(values))), ceil(log10(max(values)))
    return low, max(high, low + 1)


def tick(quantity, power):
    if quantity == "operations":
        return count(10**power)
    for unit, least in (("s", 0), ("ms", -3), ("µs", -6)):
        if power >= least or unit == "µs":
            amount = 10.0 ** (power - least)
            return f"{count(amount) if amount >= 1 else f'{amount:g}'} {unit}"


def _scale(values, start, end):
    """Where a value stands between `start` and `end`, when the logarithms are evenly spaced."""
    low, high = log(min(values)), log(max(values))
    span = (high - low) or 1
    return lambda value: round(start + (log(value) - low) / span * (end - start), 1)
