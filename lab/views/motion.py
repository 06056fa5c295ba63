"""Motion: a body on its path, its velocity and its acceleration, by the learner's own tapes."""

import sys
from math import ceil, floor, log10

import numpy as np
import traitlets

from . import _picture as draw
from ._learner import TOLERANCE, Verdict, array, judge, pair, plain, tensor
from ._reference import apart, number
from ._view import STATIC, View

FRAME = (12, 8)  # the plane's width and height in meters
TIMES = 50  # a path is computed at so many times and at 0
QUANTITIES = ("position", "velocity", "acceleration")
UNITS = ("m", "m/s", "m/s²")
SLOW = 2 * np.pi / 5  # once around in 5 s
POINTS = ((1.5, 2.5), (3, 5.5), (5.5, 6), (7.5, 3.5), (9, 2), (10.5, 5))


def _path(duration, x, y, x_waves=(), y_waves=()):
    """x and y as sums of powers of t and of waves (a, w, p): a cos(w t + p)."""
    waves = [[list(map(float, wave)) for wave in each] for each in (x_waves, y_waves)]
    axes = [
        {"powers": list(map(float, powers)), "waves": each}
        for powers, each in zip((x, y), waves, strict=True)
    ]
    return {"duration": float(duration), "axes": axes}


# A last power of 0 keeps t in the second derivative, where a tape would answer None. The cruise
# alone goes without, so that a learner meets this None once, where it is the lesson.
PATHS = {
    "ball": _path(2, (6, 0, 0), (2, 9.81, -4.905)),
    "throw": _path(2, (1.5, 4.5, 0), (2, 9.81, -4.905)),
    "cruise": _path(5, (1, 2), (2, 0.8)),
    "brake": _path(5, (1, 4, -0.4), (4, 0, 0)),
    "swing": _path(5, (6,), (3,), [(4, SLOW, 0)], [(0.8, 2 * SLOW, 0)]),
    "circle": _path(5, (6,), (4,), [(2.5, SLOW, 0)], [(2.5, SLOW, -np.pi / 2)]),
}
OPTIONS = [
    ["velocity", "the velocity"],
    ["acceleration", "the acceleration"],
    ["both", "both"],
    ["neither", "neither"],
]
QUESTIONS = {  # of each path: the moment, the question, and the reason of the answer
    "ball": (
        1,
        "A ball is thrown straight up. What is zero at the top of its way, where it turns?",
        "Gravity does not pause: it is what turns the way up into a way down.",
    ),
    "throw": (
        1,
        "A ball is thrown up and to the right. What is zero at the top of its way?",
        "Its upward velocity alone is zero there; the ball goes on to the right.",
    ),
    "cruise": (
        2.5,
        "A body moves straight on at an even pace. What is zero halfway?",
        "The velocity stays as it is, and its rate of change is zero.",
    ),
    "brake": (
        5,
        "A body brakes evenly for 5 s. What is zero at the moment when it comes to rest?",
        "The acceleration is what has brought the velocity down to zero.",
    ),
    "swing": (
        2.5,
        "A body swings from side to side. What is zero on the left, where it turns?",
        "It stands still for a moment, and the acceleration pulls it back.",
    ),
    "circle": (
        2.5,
        "A body runs around a circle at an even speed. What is zero halfway round?",
        "Its speed stays the same, but its velocity turns, and a turn is an acceleration.",
    ),
    "drawn": (
        0,
        "A body sets off along the drawn path. What is zero at the first moment?",
        "A drawn path begins at rest, and the acceleration sets the body in motion.",
    ),
}
NONE = {
    "velocity": "the tape found no way from the position back to t. A tape watches variables by "
    "itself, other tensors where you tell it to",
    "acceleration": "the outer tape found no way from the velocity back to t. It has to record "
    "while the inner tape's gradient is taken",
    "uniform": "this motion is uniform, its velocity the same at every t, so the outer tape found "
    'no way from it back to t. The answer here is 0: unconnected_gradients="zero" asks for it',
}


class Motion(View):
    """A body moves along a path; two arrows and three curves show velocity and acceleration.

    `path` is "ball" (straight up), "throw", "cruise", "brake", "swing", "circle" or "drawn"; the
    drawn path goes through `points`, six pairs (x, y) in meters, at 0 to 5 s. `learner` is the
    learner's `velocity_and_acceleration(position, t) -> (velocity, acceleration)`, asked once for x
    and once for y; `position` is a function of time, element by element, that a tape can record.

    `time` is the moment on show in seconds; `prediction="skipped"` opens without the question.
    """

    _name = "motion"
    _esm = STATIC / "motion.js"
    _css = STATIC / "motion.css"
    _asks = ("path", "points")
    title = "Motion"

    paths = traitlets.Dict().tag(sync=True)
    path = traitlets.Enum((*PATHS, "drawn"), "ball").tag(sync=True)
    points = traitlets.List().tag(sync=True)
    start = traitlets.Dict().tag(sync=True)
    question = traitlets.Dict().tag(sync=True)
    time = traitlets.CFloat(0, min=0).tag(sync=True)

    def __init__(self, path="ball", learner=None, points=POINTS, **traits):
        self._learner = learner
        super().__init__(path=path, points=list(points), paths=PATHS, **traits)
        self.start = {"path": self.path, "points": self.points}
        self.question = _question(self.path, self._path())

    @traitlets.validate("points")
    def _check_points(self, proposal):
        text = f"points takes {len(POINTS)} pairs (x, y) in meters, inside the plane {FRAME}"
        try:
            points = np.array(proposal.value, float)
        except (TypeError, ValueError):
            raise traitlets.TraitError(text) from None
        if points.shape != (len(POINTS), 2) or not ((points >= 0) & (points <= FRAME)).all():
            raise traitlets.TraitError(text)
        return points.tolist()

    def _path(self):
        return drawn(self.points) if self.path == "drawn" else PATHS[self.path]

    def _is_covered(self):
        return self.prediction == "" and [self.path, self.points] == list(self.start.values())

    def describe(self):
        path = self._path()
        time = min(self.time, path["duration"])
        if self._is_covered():
            place = _vector(motion(path, time)[0])
            return (
                f"At {number(time)} s the body is at {place} m. Its velocity and its acceleration "
                "are covered: the live view asks for a prediction first."
            )
        return _sentence(path, time)

    def _settings(self):
        return [self.path] + ([x for point in self.points for x in point] * (self.path == "drawn"))

    def _judge(self):
        return [judge(self._learner, self._settings(), self._compare)] if self._learner else []

    def _compare(self, call, name):
        path = self._path()
        times = np.linspace(0, path["duration"], TIMES + 1)
        answers = [_answer(call, name, path["axes"][i], times, "xy"[i]) for i in range(2)]
        yours, expected = np.swapaxes(answers, 0, 1), motion(path, times)
        wrong = ~np.isclose(yours, expected[1:], rtol=TOLERANCE, atol=TOLERANCE)
        if not wrong.any():
            text = f"Your {name} agrees at all {len(times)} times, along x and along y."
            raise Verdict("agrees", text)
        which = int(wrong.any(axis=(1, 2)).argmax())
        place = int(wrong[which].any(axis=0).argmax())
        axis = int(wrong[which, :, place].argmax())
        numbers = apart(yours[which, axis, place], expected[which + 1, axis, place])
        text = (
            f"Your {name} {_which(wrong)} differs along {'xy'[axis]}, first at "
            f"{number(times[place])} s: {numbers}.{_mistaken(which + 1, yours[which], expected)}"
        )
        values = [plain(yours[i]) if wrong[i].any() else None for i in range(2)]
        raise Verdict("differs", text, values=values, wrong=[which + 1, axis, place])

    def picture(self):
        path = self._path()
        covered, time = self._is_covered(), min(self.time, path["duration"])
        parts = _plane(path, time, covered)
        for row, name in enumerate(QUANTITIES):
            parts += _chart(path, time, row, name, covered and row > 0)
        return draw.svg(1000, 404, parts)


# ------------------------------------------------------------------------------- the motion


def motion(path, t):
    """Position, velocity and acceleration along x and y: [3, 2], and t's shape."""
    return np.array([[_along(axis, t, order) for axis in path["axes"]] for order in range(3)])


def _along(axis, t, order):
    t = np.asarray(t, float)
    value = np.polynomial.Polynomial(axis["powers"]).deriv(order)(t)
    for a, w, p in axis["waves"]:
        value = value + a * w**order * np.cos(w * t + p + order * np.pi / 2)
    return value


def drawn(points):
    """A path through `points` at 0, 1, 2 … s, as a sum of cosines: at rest at both ends."""
    points = np.asarray(points, float)
    last = len(points) - 1
    k = np.arange(last + 1)
    half = np.where(k % last == 0, 0.5, 1)
    amounts = 2 / last * half[:, np.newaxis] * (np.cos(np.pi / last * np.outer(k, k)) * half)
    (x, *xs), (y, *ys) = (amounts @ points).T
    waves = [[(a, n * np.pi / last, 0) for n, a in enumerate(each, 1)] for each in (xs, ys)]
    return _path(last, (x,), (y,), *waves)


def _position(axis):
    """The place along an axis as a function of time, made of what a tape can record."""

    def position(t):
        known = isinstance(t, (np.ndarray, np.generic, float, int))
        cos = np.cos if known else getattr(sys.modules.get("tensorflow"), "cos", np.cos)
        *powers, value = axis["powers"]
        for c in reversed(powers):
            value = c + t * value
        for a, w, p in axis["waves"]:
            value = value + a * cos(w * t + p)
        return value

    return position


# --------------------------------------------------------------------- the learner's function


def _answer(call, name, axis, times, letter):
    """The learner's velocity and acceleration along one axis."""
    result = call(_position(axis), tensor(times))
    parts = pair(result, name, "(velocity, acceleration)")
    uniform = not axis["waves"] and len(axis["powers"]) == 2
    for quantity, part in zip(QUANTITIES[1:], parts, strict=True):
        if part is None:
            why = NONE["uniform" if uniform and quantity == "acceleration" else quantity]
            text = f"Your {name} returned None as {quantity} along {letter}: {why}."
            raise Verdict("differs", text)
    return [
        array(part, times.shape, name, f"{quantity} along {letter}")
        for quantity, part in zip(QUANTITIES[1:], parts, strict=True)
    ]


def _which(wrong):
    velocity, acceleration = wrong.any(axis=(1, 2))
    if velocity and acceleration:
        return "differs in velocity and acceleration. Its velocity"
    return "differs. Its velocity" if velocity else "finds the velocity; its acceleration"


def _mistaken(which, yours, expected):
    """Where one quantity was returned for another."""
    for other, values in enumerate(expected):
        if other != which and np.allclose(yours, values, rtol=TOLERANCE, atol=TOLERANCE):
            return f" What it returns as {QUANTITIES[which]} is the {QUANTITIES[other]}."
    return ""


# ------------------------------------------------------------- the sentences, as in the browser


def _question(name, path):
    moment, text, reason = QUESTIONS[name]
    _, velocity, acceleration = motion(path, moment)
    zero = (_is_zero(velocity), _is_zero(acceleration))
    answers = {(1, 0): "velocity", (0, 1): "acceleration", (1, 1): "both", (0, 0): "neither"}
    numbers = f"{_vector(velocity)} m/s and the acceleration {_vector(acceleration)} m/s²"
    return {
        "what": "arrows and curves",
        "text": text,
        "options": OPTIONS,
        "answer": answers[zero],
        "why": f"At {number(moment)} s the velocity is {numbers}. {reason}",
        "moment": moment,
    }


def _sentence(path, time):
    position, velocity, acceleration = motion(path, time)
    return (
        f"At {number(time)} s the body is at {_vector(position)} m, with velocity "
        f"{_vector(velocity)} m/s and acceleration {_vector(acceleration)} m/s². "
        f"{_meaning(velocity, acceleration)}"
    )


def _meaning(velocity, acceleration):
    if _is_zero(velocity):
        if _is_zero(acceleration):
            return "It rests."
        return "It stands still for this moment, but its velocity is changing."
    if _is_zero(acceleration):
        return "Its velocity is not changing: it moves straight on at the same speed."
    lengths = np.hypot(*velocity) * np.hypot(*acceleration)
    along = velocity @ acceleration / lengths
    across = _cross(velocity, acceleration) / lengths
    side = "left" if across > 0 else "right"
    if abs(along) <= 0.1:
        why = "the acceleration stands at right angles to the velocity"
        return f"It turns {side} at the same speed: {why}."
    pace, way = ("gets faster", "along") if along > 0 else ("slows down", "against")
    if abs(across) <= 0.1:
        return f"It {pace}: the acceleration points {way} the velocity."
    where = "forward" if along > 0 else "backward"
    return f"It {pace} and turns {side}: the acceleration points {where} and to the {side}."


def _cross(velocity, acceleration):
    """Positive where the acceleration points to the left of the velocity."""
    return velocity[0] * acceleration[1] - velocity[1] * acceleration[0]


def _is_zero(vector):
    return np.hypot(*vector) < 0.005


def _vector(values):
    return f"({', '.join(map(number, values))})"


# ------------------------------------------------------------------------------ the picture

SCALE, LEFT, TOP = 40, 40, 40  # pixels a meter, and where the plane begins
COLORS = (draw.INK, draw.BLUE, draw.ORANGE)


def _pixel(x, y):
    return LEFT + SCALE * x, TOP + SCALE * (FRAME[1] - y)


def arrow_scale(path, which):
    """How many meters long an arrow of 1 m/s, or of 1 m/s², is: all have to stay in the frame."""
    motions = motion(path, np.linspace(0, path["duration"], TIMES + 1))
    frame = np.array(FRAME)[:, np.newaxis]
    for scale in (1, 0.5, 0.2, 0.1, 0.05):
        tips = motions[0] + scale * motions[which]
        if ((tips >= 0) & (tips <= frame)).all():
            return scale
    return 0.02


def _line(points, color, width=2, more=""):
    path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    return f'<path d="{path}" fill="none" stroke="{color}" stroke-width="{width}" {more}/>'


def _plane(path, time, covered):
    parts = [draw.text(LEFT, 24, "The plane, in meters", weight="bold")]
    (right, top), (left, bottom) = _pixel(*FRAME), _pixel(0, 0)
    for x in range(0, FRAME[0] + 1, 2):
        parts.append(draw.rect(_pixel(x, 0)[0], top, 1, bottom - top, draw.HAIR))
        parts.append(draw.text(_pixel(x, 0)[0], bottom + 18, x, 12, "middle", draw.SOFT))
    for y in range(0, FRAME[1] + 1, 2):
        parts.append(draw.rect(left, _pixel(0, y)[1], right - left, 1, draw.HAIR))
        parts.append(draw.text(left - 8, _pixel(0, y)[1] + 4, y, 12, "end", draw.SOFT))
    places = motion(path, np.linspace(0, path["duration"], TIMES + 1))[0].T
    parts.append(_line([_pixel(*place) for place in places], draw.SOFT))
    position, *vectors = motion(path, time)
    if not covered:
        turn = 1 if _cross(*vectors) > 0 else -1
        for which, vector in enumerate(vectors, start=1):
            parts += _arrow(position, arrow_scale(path, which) * vector, which, turn)
    x, y = _pixel(*position)
    return [*parts, f'<circle cx="{x:.1f}" cy="{y:.1f}" r="7" fill="{draw.INK}"/>']


def _arrow(start, vector, which, turn):
    """Velocity: broad with a full head. Acceleration: thin with an open one.

    Their names stand on the outer sides of the two; `turn` is 1 where the body turns left.
    """
    color, letter = COLORS[which], " va"[which]
    x, y = _pixel(*start)
    if np.hypot(*vector) < 0.005:
        return [draw.text(x + 14, y + 28 * which - 36, f"{letter} = 0", 14, fill=color)]
    end = np.array(_pixel(*(start + vector)))
    ahead = np.array([vector[0], -vector[1]]) / np.hypot(*vector)
    aside = np.array([ahead[1], -ahead[0]])
    barbs = [end - 12 * ahead + 7 * aside, end, end - 12 * ahead - 7 * aside]
    shaft = [(x, y), end if which == 2 else end - 10 * ahead]
    label = end + 14 * ahead + 10 * aside * (turn if which == 2 else -turn)
    head = (
        _line(barbs, color, 2.5)
        if which == 2
        else f'<polygon points="{" ".join(f"{a:.1f},{b:.1f}" for a, b in barbs)}" fill="{color}"/>'
    )
    name = draw.text(*np.round(label + (0, 5), 1), letter, 14, "middle", color, "bold")
    return [_line(shaft, color, 6 if which == 1 else 2.5), head, name]


def ticks(low, high):
    """Round numbers, evenly spaced, from below `low` to above `high`."""
    if high - low < 0.01:
        low, high = low - 1, high + 1
    least = (high - low) / 4
    power = 10.0 ** floor(log10(least))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= least * (1 - 1e-9))
    return [step * n for n in range(floor(low / step + 1e-9), ceil(high / step - 1e-9) + 1)]


def _chart(path, time, row, name, covered):
    """One quantity along x, solid, and along y, broken, over time."""
    left, top, width, height = 610, 40 + 124 * row, 340, 78
    duration, color = path["duration"], COLORS[row]
    title = f"{name.capitalize()} over time, {UNITS[row]}"
    parts = [draw.text(left - 40, top - 12, title, 14, fill=color, weight="bold")]
    if covered:
        return [*parts, draw.text(left, top + 44, "covered: predict first", fill=draw.SOFT)]
    times = np.linspace(0, duration, TIMES + 1)
    lines = motion(path, times)[row]
    marks = ticks(min(lines.min(), 0), max(lines.max(), 0))

    def place(t, value):
        share = (value - marks[0]) / (marks[-1] - marks[0])
        return left + width * t / duration, top + height * (1 - share)

    for mark in marks:
        y = place(0, mark)[1]
        parts.append(draw.rect(left, y, width, 1, draw.HAIR))
    for mark in {marks[0], 0, marks[-1]}:
        said = f"{mark:g}"
        parts.append(draw.text(left - 8, place(0, mark)[1] + 4, said, 12, "end", draw.SOFT))
    parts.append(draw.rect(place(time, 0)[0] - 0.5, top, 1, height, draw.SOFT))
    ends = _spread([place(duration, line[-1])[1] for line in lines])
    for letter, line, end in zip("xy", lines, ends, strict=True):
        broken = 'stroke-dasharray="6 4"' if letter == "y" else ""
        parts.append(
            _line([place(*each) for each in zip(times, line, strict=True)], color, 2, broken)
        )
        parts.append(draw.text(left + width + 8, end + 4, letter, 13, fill=color))
    for second, anchor in ((0, "start"), (duration, "end")):
        x, y = place(second, 0)[0], top + height + 16
        parts.append(draw.text(x, y, f"{second:g} s", 12, anchor, draw.SOFT))
    return parts


def _spread(ends):
    """Two places for words, at least a line apart."""
    near = 14 - abs(ends[0] - ends[1])
    shift = max(near, 0) / 2
    first = 1 if ends[0] > ends[1] else -1
    return ends[0] + first * shift, ends[1] - first * shift
