"""Landscape: three optimizers go down a surface of two weights from the same place."""

import numpy as np
import traitlets

from . import _landscape_reference as reference
from . import _picture as draw
from ._landscape_reference import EDGE, OPTIMIZERS, SURFACES
from ._learner import Verdict, judge, pair, plain
from ._reference import number, short
from ._view import STATIC, View

TITLES = {
    "bowl": "In the bowl",
    "ravine": "In the ravine",
    "valleys": "Above the two valleys",
    "saddle": "Near the saddle",
}
OPTIONS = {
    "sgd": "SGD: always the steepest way down",
    "momentum": "momentum: rolls on like a ball",
    "rmsprop": "RMSProp: a step size for each weight",
    "none": "none: all three diverge",
}
TOLERANCE = 1e-6


class Landscape(View):
    """SGD, momentum and RMSProp on a loss of two weights, step by step beside each other.

    `surface` is one of "bowl", "ravine", "valleys" and "saddle"; `start` holds the two weights at
    the start, from (-3, -2) to (3, 2); `learning_rate`, from 0.001 to 1, is one for all. Where they
    are None, each surface has its own. `learners` are any of the learner's `sgd_step`,
    `momentum_step` and `rmsprop_step`, told apart by these names.

    `step` opens the view at a step, -1 at the last. `prediction="skipped"` opens without the
    question.
    """

    _name = "landscape"
    _esm = STATIC / "landscape.js"
    _css = STATIC / "landscape.css"
    _asks = ("surface", "start", "learning_rate", "momentum")
    title = "Landscape"

    surface = traitlets.Enum(tuple(SURFACES), "ravine").tag(sync=True)
    start = traitlets.List(traitlets.CFloat(), minlen=2, maxlen=2).tag(sync=True)
    learning_rate = traitlets.CFloat(0.1, min=0.001, max=1).tag(sync=True)
    momentum = traitlets.CFloat(0.9, min=0, max=0.99).tag(sync=True)
    steps = traitlets.Int(40, min=1, max=100).tag(sync=True)
    step = traitlets.Int(0, min=0).tag(sync=True)
    opening = traitlets.Dict().tag(sync=True)  # the settings that the question is about
    surfaces = traitlets.Dict().tag(sync=True)
    question = traitlets.Dict().tag(sync=True)

    def __init__(
        self, surface="ravine", start=None, learning_rate=None, momentum=0.9, learners=(), **traits
    ):
        self._learners = [learner for learner in learners if learner is not None]
        known = SURFACES.get(surface, SURFACES["ravine"])
        steps, step = traits.pop("steps", 40), traits.pop("step", -1)
        opening = {
            "surface": surface,
            "start": [float(w) for w in (known.start if start is None else start)],
            "learning_rate": known.learning_rate if learning_rate is None else learning_rate,
            "momentum": momentum,
            "step": steps if step < 0 else min(step, steps),
        }
        about = {name: _about(each) for name, each in SURFACES.items()}
        super().__init__(steps=steps, opening=opening, surfaces=about, **opening, **traits)
        self.question = self._make_question()

    @traitlets.validate("start")
    def _check_start(self, proposal):
        if not np.all(np.abs(proposal.value) <= EDGE):
            raise traitlets.TraitError("start takes two weights, from (-3, -2) to (3, 2)")
        return proposal.value

    @traitlets.validate("step")
    def _check_step(self, proposal):
        return min(proposal.value, self.steps)

    def runs(self):
        """For each optimizer its `path` [steps + 1, 2], and the step at which it `diverged`.

        Of a run that diverges, the path ends before that step; of another, `diverged` is None.
        """
        settings = self.start, self.learning_rate, self.momentum, self.steps
        return {name: reference.run(name, self.surface, *settings) for name in OPTIMIZERS}

    def _is_covered(self):
        now = {name: getattr(self, name) for name in self.opening}
        return self.prediction == "" and now == self.opening

    # ----------------------------------------------------------- the sentences, as in the browser

    def describe(self):
        start = f"All three start at {_spot(self.surface, self.start)}."
        if self._is_covered():
            return f"{start} Where they go is covered until you have answered."
        if self.step == 0:
            return f"{start} {_way(self.surface, self.start)}"
        runs = self.runs()
        lowest = _lowest(self.surface, runs, self.step)
        most = f"{OPTIMIZERS[lowest]} has the lowest loss" if lowest else "all three have diverged"
        said = "; ".join(self._describe_run(name, run) for name, run in runs.items())
        return f"After step {self.step} of {self.steps}, {most}: {said}."

    def _describe_run(self, name, run):
        if run.diverged and run.diverged <= self.step:
            return f"{OPTIMIZERS[name]} diverged at step {run.diverged}"
        return f"{OPTIMIZERS[name]} at {_spot(self.surface, run.path[self.step])}"

    def _make_question(self):
        runs = self.runs()
        losses = {name: _loss(self.surface, run, self.steps) for name, run in runs.items()}
        ends = [_end(name, losses[name]) for name in sorted(losses, key=losses.get)]
        return {
            "what": "runs",
            "text": f"{TITLES[self.surface]}, all three start from the ring with learning rate "
            f"{short(self.learning_rate)}. Whose loss is the lowest after {self.steps} steps?",
            "options": [list(option) for option in OPTIONS.items()],
            "answer": _lowest(self.surface, runs, self.steps) or "none",
            "why": f"After {self.steps} steps, the losses are: {', '.join(ends)}. "
            f"{_way(self.surface, self.start)}",
        }

    # --------------------------------------------------------------------- the learner's functions

    def _settings(self):
        return [self.surface, *self.start, self.learning_rate, self.momentum]

    def _judge(self):
        return [judge(function, self._settings(), self._compare) for function in self._learners]

    def _compare(self, call, name):
        """Each step is asked for where the reference stands, so that errors do not add up."""
        optimizer = name.removesuffix("_step")
        if name not in [f"{each}_step" for each in OPTIMIZERS]:
            text = f"The view knows sgd_step, momentum_step and rmsprop_step, but not {name}."
            raise Verdict("error", text)
        more = {"momentum": self.momentum} if optimizer == "momentum" else {}
        path, diverged = self.runs()[optimizer]
        state = None
        for count, (w, expected) in enumerate(zip(path[:-1], path[1:], strict=True), start=1):
            gradients = [SURFACES[self.surface].gradient(w)]
            result = call([w.copy()], gradients, state, learning_rate=self.learning_rate, **more)
            weights, state = pair(result, name, "(new weights, new state)")
            yours = _weights(weights, name)
            if not _close(yours, expected):
                self._tell(optimizer, name, count, w, yours, expected)
        before = f", before it diverges at step {diverged}" if diverged else ""
        raise Verdict("agrees", f"Your {name} agrees in all {len(path) - 1} steps{before}.")

    def _tell(self, optimizer, name, count, w, yours, expected):
        text = f"Your {name} differs, first at step {count}. {_apart(w, yours, expected)}"
        gradient = SURFACES[self.surface].gradient(w)
        rates = self.learning_rate, self.momentum
        first, _ = reference.step(optimizer, w, gradient, np.zeros(2), *rates)
        if count > 1 and _close(yours, first):
            text += " It moves as a first step would: what the state held before is lost."
        more = {"optimizer": optimizer, "wrong": [count], "values": plain(yours)}
        raise Verdict("differs", text, **more)

    # -------------------------------------------------------------------------------- the picture

    def picture(self):
        covered, runs = self._is_covered(), self.runs()
        parts = [draw.text(LEFT, 26, self._heading(), weight="bold"), *_map(self.surface)]
        shown = {} if covered else runs
        parts += [_trail(name, run.path[: self.step + 1]) for name, run in shown.items()]
        x, y = _place(self.start)
        ring = f'fill="none" stroke="{draw.INK}" stroke-width="3"'
        parts.append(f'<circle cx="{x:g}" cy="{y:g}" r="9" {ring}/>')
        for row, (name, run) in enumerate(runs.items()):
            gone = run.diverged and run.diverged <= self.step
            if not covered and not gone:
                parts.append(_mark(name, *_place(np.clip(run.path[self.step], -EDGE, EDGE))))
            said = "?" if covered else self._describe_run(name, run).removeprefix(OPTIMIZERS[name])
            y = TOP + HEIGHT + 48 + 26 * row
            parts += [_mark(name, LEFT + 8, y - 5), draw.text(LEFT + 26, y, OPTIMIZERS[name])]
            parts.append(draw.text(LEFT + 120, y, said.removeprefix(" at ").strip()))
        return draw.svg(WIDTH + LEFT + 20, TOP + HEIGHT + 116, parts)

    def _heading(self):
        step = "the start" if self._is_covered() else f"step {self.step}"
        return f"{TITLES[self.surface]}: {step}, learning rate {short(self.learning_rate)}"


LEFT, TOP, UNIT = 34, 42, 84
OPACITY = 0.55  # of the colors, so that what runs over them stands out
WIDTH, HEIGHT = 6 * UNIT, 4 * UNIT
COLORS = {"sgd": draw.INK, "momentum": draw.BLUE, "rmsprop": draw.ORANGE}
MARKS = {"sgd": "M-6.5 0a6.5 6.5 0 1 0 13 0a6.5 6.5 0 1 0 -13 0z"}
MARKS |= {"momentum": "M-6 -6h12v12h-12z", "rmsprop": "M0 -7l7.5 13h-15z"}


def _place(w):
    """Where weights stand in the picture."""
    return LEFT + UNIT * (w[0] + EDGE[0]), TOP + UNIT * (EDGE[1] - w[1])


def _map(surface):
    """The surface in colors, the darker the lower, with its axes."""
    place = reference.levels(surface, 252, 168) * (len(draw.CIVIDIS) - 1)
    colors = np.stack([np.interp(place, range(len(draw.CIVIDIS)), c) for c in draw.CIVIDIS.T], -1)
    parts = [draw.pixels(LEFT, TOP, WIDTH, 1 - OPACITY * (1 - colors / 255))]
    for w in range(-3, 3):
        x, _ = _place((w, 0))
        parts.append(draw.text(x, TOP + HEIGHT + 16, w, 12, "middle", draw.SOFT))
    for w in range(-2, 2):
        _, y = _place((0, w))
        parts.append(draw.text(LEFT - 6, y + 4, w, 12, "end", draw.SOFT))
    parts.append(draw.text(LEFT + WIDTH, TOP + HEIGHT + 16, "w₀", 13, "end", draw.SOFT))
    parts.append(draw.text(LEFT - 6, TOP + 12, "w₁", 13, "end", draw.SOFT))
    if surface == "saddle":
        x, y = _place((EDGE[0], 0))
        dashed = f'stroke="{draw.INK}" stroke-dasharray="6 4"'
        parts.append(f'<path d="M{LEFT} {y:g}H{x:g}" {dashed}/>')
        parts.append(draw.text(x - 6, y + 16, "the middle line, w₁ = 0", 13, "end"))
    edge = f'<rect x="{LEFT}" y="{TOP}" width="{WIDTH}" height="{HEIGHT}"/>'
    return [*parts, f'<clipPath id="map">{edge}</clipPath>']


def _trail(name, path):
    points = " ".join("{:.1f},{:.1f}".format(*_place(w)) for w in path)
    style = f'fill="none" stroke="{COLORS[name]}" stroke-width="2" clip-path="url(#map)"'
    return f'<polyline points="{points}" {style}/>'


def _mark(name, x, y):
    style = f'fill="{COLORS[name]}" stroke="{draw.PAPER}" stroke-width="1.5"'
    return f'<path transform="translate({x:g} {y:g})" d="{MARKS[name]}" {style}/>'


# ------------------------------------------------------------------------------ numbers and words


def _about(surface):
    """What the browser needs to know of a surface, beyond its functions."""
    names = ("formula", "lowest", "start", "learning_rate", "axis", "logarithmic")
    return {name: getattr(surface, name) for name in names}


def _loss(surface, run, step):
    """The loss after a step; infinite where the run has diverged."""
    if run.diverged and run.diverged <= step:
        return np.inf
    return float(SURFACES[surface].loss(run.path[step]))


def _lowest(surface, runs, step):
    """The optimizer with the lowest loss after a step; None where all have diverged."""
    losses = {name: _loss(surface, run, step) for name, run in runs.items()}
    best = min(losses, key=losses.get)
    return best if np.isfinite(losses[best]) else None


def _end(name, loss):
    said = amount(loss) if np.isfinite(loss) else "diverged"
    return f"{OPTIMIZERS[name]} {said}"


def amount(x) -> str:
    """A loss in three figures, or with a power of ten where it is far from one."""
    if x == 0 or 0.001 <= x < 1e5:
        return short(x)
    digits, power = f"{x:.1e}".split("e")
    return f"{digits}e{int(power):+d}"


def _point(w, decimals=2):
    return f"({number(w[0], decimals)}, {number(w[1], decimals)})"


def _spot(surface, w):
    """The weights, with the loss and the gradient there."""
    surface = SURFACES[surface]
    return f"{_point(w)}, loss {amount(surface.loss(w))}, gradient {_point(surface.gradient(w))}"


def _way(surface, start):
    """How far the steepest way down at the start leads astray."""
    down, lowest = -SURFACES[surface].gradient(start), SURFACES[surface].lowest
    if np.hypot(*down) < 1e-9:
        return "At the start the gradient is zero, so that no one moves."
    aim = min((np.subtract(each, start) for each in lowest), key=lambda way: np.hypot(*way))
    turn = np.degrees(np.arctan2(down[1], down[0]) - np.arctan2(aim[1], aim[0]))
    angle = abs((turn + 180) % 360 - 180)
    target = "the lowest point" if len(lowest) == 1 else "the nearest lowest point"
    if angle < 0.5:
        return f"At the start the steepest way down, which SGD takes, leads straight to {target}."
    return (
        "At the start the steepest way down, which SGD takes, "
        f"points {number(angle, 0)}° away from {target}."
    )


def _weights(weights, name):
    """What the learner returned as weights, as an array [2], or the verdict that it is none."""
    expected = "expected a list with one array of shape (2,)."
    if not isinstance(weights, (list, tuple)) or len(weights) != 1:
        kind = type(weights).__name__
        count = f" of {len(weights)}" if isinstance(weights, (list, tuple)) else ""
        raise Verdict("shape", f"Your {name} returned a {kind}{count} as new weights; {expected}")
    try:
        found = np.asarray(weights[0], float)
    except (TypeError, ValueError):
        kind = type(weights[0]).__name__
        text = f"Your {name} returned a {kind} in its list of new weights; {expected}"
        raise Verdict("shape", text) from None
    if found.shape != (2,):
        text = f"Your {name} returned new weights of shape {found.shape}; {expected}"
        raise Verdict("shape", text)
    return found


def _close(yours, expected):
    return np.allclose(yours, expected, rtol=TOLERANCE, atol=TOLERANCE)


def _apart(w, yours, expected):
    """Where a step leads and should lead, with the decimals that it takes to tell them apart."""
    for decimals in range(2, 7):
        places = [_point(each, decimals) for each in (w, yours, expected)]
        if places[1] != places[2]:
            break
    return "From {} yours goes to {}, the reference to {}.".format(*places)
