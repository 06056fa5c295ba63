"""Plane: what an affine layer does to the plane, two of them, and relu between them."""

import math

import numpy as np
import traitlets

from . import _picture as draw
from ._learner import Verdict, array, first_difference, judge, pair, plain
from ._reference import apart, number
from ._view import STATIC, View

SETTINGS = ("matrix", "offset", "second_matrix", "second_offset", "layers", "relu")
ASIDE = ((0, -1), (1, 0)), (1, 0)  # the second layer that waits where none is given
LARGEST = 9

SQUARE = np.array([(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)], float)
LETTER = np.array(
    [
        (-1.5, -0.6),
        (-1.15, -0.6),
        (-1.15, 0.3),
        (-0.6, 0.3),
        (-0.6, 0.65),
        (-1.15, 0.65),
        (-1.15, 1.05),
        (-0.4, 1.05),
        (-0.4, 1.4),
        (-1.5, 1.4),
        (-1.5, -0.6),
    ]
)
GRID = 4
NONE = 1e-9  # below this a number is 0 up to rounding


class Plane(View):
    """Drag the columns of a matrix and an offset; see what A x + b does to the plane.

    `matrix` [2, 2] and `offset` [2] are the first layer; `second` is a pair (matrix, offset) for
    another one after it. With `relu`, the negative coordinates that the first layer gives become
    0, before the second layer if there is one. `learner` is the learner's `compose_affine(A1, b1,
    A2, b2) -> (A, b)`, asked with the two layers. `prediction="skipped"` opens without the
    question.
    """

    _name = "plane"
    _esm = STATIC / "plane.js"
    _css = STATIC / "plane.css"
    _asks = SETTINGS[:5]
    title = "Plane"

    matrix = traitlets.List().tag(sync=True)
    offset = traitlets.List().tag(sync=True)
    second_matrix = traitlets.List().tag(sync=True)
    second_offset = traitlets.List().tag(sync=True)
    layers = traitlets.Int(1, min=1, max=2).tag(sync=True)
    relu = traitlets.Bool(False).tag(sync=True)
    start = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        matrix=((1, 0), (0, 1)),
        offset=(0, 0),
        second=None,
        relu=False,
        learner=None,
        **traits,
    ):
        self._learner = learner
        second_matrix, second_offset = ASIDE if second is None else second
        start = {
            "matrix": _numbers(matrix, (2, 2)),
            "offset": _numbers(offset, (2,)),
            "second_matrix": _numbers(second_matrix, (2, 2)),
            "second_offset": _numbers(second_offset, (2,)),
            "layers": 1 if second is None else 2,
            "relu": bool(relu),
        }
        super().__init__(start=start, **start, **traits)

    @traitlets.validate("matrix", "second_matrix")
    def _check_matrix(self, proposal):
        return _numbers(proposal.value, (2, 2))

    @traitlets.validate("offset", "second_offset")
    def _check_offset(self, proposal):
        return _numbers(proposal.value, (2,))

    def _layers(self):
        """The two layers as arrays (A1, b1, A2, b2)."""
        return [np.array(getattr(self, name)) for name in SETTINGS[:4]]

    def stages(self):
        """Functions of points [n, 2]: after layer 1, relu and layer 2, for those that are there."""
        A1, b1, A2, b2 = self._layers()
        stages = {"Layer 1": lambda points: points @ A1.T + b1}
        last = stages["Layer 1"]
        if self.relu:
            stages["relu"] = last = lambda points: np.maximum(points @ A1.T + b1, 0)
        if self.layers == 2:
            stages["Layer 2"] = lambda points: last(points) @ A2.T + b2
        return stages

    def pieces(self):
        """In how many pieces relu cuts the plane, with an affine map of its own on each.

        A piece ends on a line for each row of the first matrix, where that coordinate changes its
        sign. As relu(s) is (s + |s|) / 2, the slope jumps there by a vector: where these cancel,
        nothing is cut.
        """
        if not self.relu:
            return 1
        A1, b1, A2, _ = self._layers()
        ways = A2.T if self.layers == 2 else np.eye(2)
        rows = zip(A1, b1, ways, strict=True)
        lines = [(row / norm, b / norm, way * norm) for row, b, way in rows if (norm := _size(row))]
        jumps = [jump for _, _, jump in lines]
        parallel = False
        if len(lines) == 2:
            (normal, shift, jump), (normal2, shift2, jump2) = lines
            parallel = abs(_determinant([normal, normal2])) < NONE
            if parallel and abs(shift - np.sign(normal @ normal2) * shift2) < NONE:
                jumps = [jump + jump2]
        cuts = sum(map(bool, map(_size, jumps)))
        return 4 if cuts == 2 and not parallel else 1 + cuts

    def as_one(self):
        """All layers as one pair (matrix, offset), or None where none does the same."""
        if self.pieces() > 1:
            return None
        *_, last = self.stages().values()
        origin, *tips = last(np.array([(0, 0), (1, 0), (0, 1)], float))
        return np.transpose(tips - origin), origin

    def _is_covered(self):
        now = {name: getattr(self, name) for name in SETTINGS}
        return self.prediction == "" and now == self.start

    def describe(self):
        if self._is_covered():
            layers = "The layer has" if self.layers == 1 else "Layer 1 has"
            said = f"{layers} A = {_grid(self.matrix)} and b = {_pair(self.offset)}"
            if self.layers == 2:
                given = f"A = {_grid(self.second_matrix)} and b = {_pair(self.second_offset)}"
                said += f"; layer 2 has {given}"
            end = "What they do" if self.layers == 2 else "What it does"
            return f"{said}. {end} is covered: the live view asks for a prediction first."
        one = self.as_one()
        if one is None:
            return (
                "relu puts 0 in the place of every negative coordinate. The plane is cut into "
                f"{self.pieces()} pieces with an affine map of its own on each: "
                "no single affine map does the same."
            )
        matrix, offset = one
        given = f"with A = {_grid(matrix)} and b = {_pair(offset)}"
        if self.relu:
            return f"Here relu bends nothing: one layer does the same, {given}."
        if self.layers == 2:
            return f"Both layers together do what one layer does, {given}. {_determined(matrix)}"
        first, second = map(_pair, matrix.T)
        moved = (
            "" if _pair(offset) == "(0, 0)" else f" Then b moves every point by {_pair(offset)}."
        )
        return (
            f"The columns of A say where the basis vectors go: (1, 0) to {first}, "
            f"(0, 1) to {second}.{moved} {_determined(matrix)}"
        )

    def _settings(self):
        if self.layers == 1:
            return []
        return np.concatenate([part.ravel() for part in self._layers()]).tolist()

    def _judge(self):
        return [judge(self._learner, self._settings(), self._compare)] if self._learner else []

    def _compare(self, call, name):
        if self.layers == 1:
            raise Verdict("missing", f"Your {name} waits for a second layer.")
        A1, b1, A2, b2 = self._layers()
        matrix, offset = pair(call(*self._layers()), name, "(A, b)")
        yours = {
            "A": array(matrix, (2, 2), name, "A"),
            "b": array(offset, (2,), name, "b"),
        }
        expected = {"A": A2 @ A1, "b": A2 @ b1 + b2}
        values = {part: plain(found) for part, found in yours.items()}
        for part, found in yours.items():
            wrong = first_difference(found, expected[part])
            if wrong is not None:
                place = f"{part}[{', '.join(map(str, wrong))}]"
                numbers = apart(found[wrong], expected[part][wrong])
                text = f"Your {name} differs, first at {place}: {numbers}."
                text += _why(part, found, A1, b1, A2, b2)
                raise Verdict("differs", text, values=values, wrong=[part, *wrong])
        text = f"Your {name} agrees in all 6 numbers of the one layer."
        raise Verdict("agrees", text, values=values)

    def picture(self):
        covered, parts = self._is_covered(), []
        names = {"Layer 1": ("matrix", "offset"), "Layer 2": ("second_matrix", "second_offset")}
        stages = self.stages()
        for column, (name, stage) in enumerate(stages.items()):
            left = 16 + column * (SIDE + 24)
            title = "A x + b" if stages.keys() == {"Layer 1"} else f"After {name}"
            parts.append(draw.text(left, 26, title.replace("After L", "After l"), weight="bold"))
            parts.append(self._plane(left, 38, None if covered else stage))
            if name in names:
                matrix, offset = (getattr(self, each) for each in names[name])
                said = f"A = {_grid(matrix)}, b = {_pair(offset)}"
                parts.append(draw.text(left, SIDE + 58, said, 13, fill=draw.SOFT))
        return draw.svg(32 + len(stages) * (SIDE + 24) - 24, SIDE + 72, parts)

    def _plane(self, left, top, stage):
        """The plane as a `stage` leaves it, over the plane as it was; None covers it."""
        before = [_path(line) for line in _grid_lines()]
        parts = [_stroke("".join(before), draw.HAIR)]
        parts.append(_stroke(_path([(-GRID, 0), (GRID, 0)]) + _path([(0, -GRID), (0, GRID)]), SOFT))
        parts.append(_stroke(_path(LETTER), SOFT, dash=True))
        for k in (-3, -2, -1, 1, 2, 3):
            middle, step = SIDE / 2, UNIT * k
            parts.append(draw.text(middle + step, middle + 14, k, 12, "middle", draw.SOFT))
            parts.append(draw.text(middle - 4, middle - step + 4, k, 12, "end", draw.SOFT))
        if stage is None:
            parts.append(draw.text(SIDE / 2 + 50, SIDE / 2 - 50, "?", 48, fill=draw.SOFT))
        else:
            bent = [_path(stage(self._bend(line))) for line in (*_grid_lines(), SQUARE, LETTER)]
            parts.append(_stroke("".join(bent[:-2]), draw.BLUE, width=0.7))
            parts.append(_stroke(bent[-2], draw.BLUE, width=2, fill=draw.BLUE))
            parts.append(_stroke(bent[-1], draw.INK, width=2, fill=draw.INK))
        frame = draw.rect(0, 0, SIDE, SIDE, "none", f'stroke="{draw.HAIR}"')
        size = f'x="{left:g}" y="{top:g}" width="{SIDE}" height="{SIDE}"'
        return f"<svg {size}>{''.join(parts)}{frame}</svg>"

    def _bend(self, points):
        """A line through `points`, with the points added where relu will bend it."""
        path = [points[0]]
        values = self.stages()["Layer 1"](points)
        for p, q, start, end in zip(points, points[1:], values, values[1:], strict=False):
            shares = [s / (s - e) for s, e in zip(start, end, strict=True) if s * e < 0]
            path += [p + share * (q - p) for share in sorted(shares)] + [q]
        return np.array(path)


SIDE, UNIT, SOFT = 280, 40, "#85858d"


def _numbers(values, shape):
    """Nested lists of floats of a shape, or the error that a user of the view sees."""
    try:
        found = np.array(values, float)
    except (TypeError, ValueError):
        found = np.array(math.nan)
    if found.shape != shape or not (np.abs(found) <= LARGEST).all():
        what = "a matrix [2, 2]" if len(shape) == 2 else "an offset [2]"
        raise traitlets.TraitError(f"{what} takes numbers from -{LARGEST} to {LARGEST}")
    return found.tolist()


def _size(vector):
    """The length of a vector; 0 where it is one up to rounding."""
    length = math.hypot(*vector)
    return length if length > NONE else 0.0


def _determinant(matrix):
    (a, b), (c, d) = matrix
    return a * d - b * c


def _why(part, found, A1, b1, A2, b2):
    """The likely thought behind a wrong result."""
    if part == "A" and first_difference(found, A1 @ A2) is None:
        return " It is A1 A2: the matrix that works first stands next to x, on the right."
    if part == "b" and first_difference(found, b1 + b2) is None:
        return " It is b1 + b2: what layer 1 adds goes through layer 2 as well."
    return ""


# ------------------------------------------------------------- the sentences, as in the browser


def _brief(x):
    """A number without idle zeros."""
    return number(x).rstrip("0").rstrip(".")


def _pair(values):
    return f"({', '.join(map(_brief, values))})"


def _grid(matrix):
    return f"[{', '.join('[' + ', '.join(map(_brief, row)) + ']' for row in matrix)}]"


def _determined(matrix):
    return f"The determinant is {_brief(_determinant(matrix))}: {_meaning(matrix)}."


def _meaning(matrix):
    """What the determinant says about areas and orientation."""
    determinant = _determinant(matrix)
    size = _brief(abs(determinant))
    if size == "0":
        flat = all(_brief(x) == "0" for x in np.ravel(matrix))
        return f"the plane falls onto a {'point' if flat else 'line'}"
    way = "the orientation stays" if determinant > 0 else "the orientation is turned over"
    if size == "1":
        return f"areas stay as they are, and {way}"
    change = f"grow {size} times" if abs(determinant) > 1 else f"shrink to {size} of their size"
    return f"areas {change}, and {way}"


# ------------------------------------------------------------------------- lines of the picture


def _grid_lines():
    ends = np.array([-GRID, GRID])
    for k in range(-GRID, GRID + 1):
        yield np.column_stack([[k, k], ends]).astype(float)
        yield np.column_stack([ends, [k, k]]).astype(float)


def _path(points):
    places = (f"{SIDE / 2 + UNIT * x:.1f} {SIDE / 2 - UNIT * y:.1f}" for x, y in points)
    return "M" + "L".join(places)


def _stroke(path, color, width=1.0, fill="none", dash=False):
    more = ' stroke-dasharray="4 3"' if dash else ""
    style = f'fill="{fill}" fill-opacity="0.2" stroke="{color}" stroke-width="{width:g}"'
    return f'<path d="{path}" {style}{more}/>'
