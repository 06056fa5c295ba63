"""Photo search: a query of tags, a key for each photo, and a blend of pictures as the answer."""

import numpy as np
import traitlets

from lab.data import photos

from . import _picture as draw
from ._learner import Verdict, array, first_difference, judge, pair, plain
from ._reference import apart, number, order, short, soft_lookup
from ._view import STATIC, View

TITLES = [photo.title for photo in photos.PHOTOS]
VALUES = photos.PICTURES.reshape(len(TITLES), -1)  # [photos, 12 * 12 * 3]
CATALOGUE = {
    "tags": list(photos.TAGS),
    "palette": {letter: list(color) for letter, color in photos.PALETTE.items()},
    "photos": [
        {"title": photo.title, "features": list(photo.features), "picture": photo.picture}
        for photo in photos.PHOTOS
    ],
}


class PhotoSearch(View):
    """Ask a catalogue of eight photos, softly or hard.

    `learner` is the learner's `soft_lookup(query, keys, values) -> (answer, weights)` with query
    [d], keys [n, d], values [n, v]; the view passes query / temperature.
    """

    _name = "photo_search"
    _esm = STATIC / "photo_search.js"
    _css = STATIC / "photo_search.css"
    _asks = ("query", "temperature")
    title = "Photo search"

    catalogue = traitlets.Dict(CATALOGUE).tag(sync=True)
    query = traitlets.List(traitlets.CFloat(), [1.0, 0.0, 0.0, 1.0, 0.0, 0.0]).tag(sync=True)
    temperature = traitlets.CFloat(1.0, min=0.05, max=5).tag(sync=True)
    by_rank = traitlets.Bool(False).tag(sync=True)

    def __init__(self, learner=None, **traits):
        self._learner = learner
        super().__init__(**traits)
        self._opening = self._settings()

    @traitlets.validate("query")
    def _check_query(self, proposal):
        query = proposal.value
        if len(query) != len(photos.TAGS) or not all(0 <= amount <= 1 for amount in query):
            raise traitlets.TraitError(f"query takes {len(photos.TAGS)} numbers from 0 to 1")
        return query

    def lookup(self):
        """The reference's answer [v] and weights [photos] for the present settings."""
        return soft_lookup(np.array(self.query) / self.temperature, photos.KEYS, VALUES)

    def _is_covered(self):
        return self.prediction == "" and self._settings() == self._opening

    def describe(self):
        asked = f"You ask for {self._query_text()} at temperature {short(self.temperature)}"
        if self._is_covered():
            return f"{asked}. The weights are covered: the live view asks for a prediction first."
        return f"{asked}: {self._describe_weights()}"

    def _describe_weights(self):
        weights = self.lookup()[1]
        scores = photos.KEYS @ self.query
        best = order(scores)[0]
        ties = int((scores == scores[best]).sum())
        weight, title = number(weights[best]), TITLES[best]
        if ties == len(scores):
            return f"every photo has the same score, so each weighs {weight}."
        if weights[best] * ties > 0.9:
            return _describe_hard(title, weight, ties)
        if weights[best] < 1.5 / len(weights):
            return f"so soft that {title}, the best match, weighs only {weight}."
        return f"{title} has the largest weight, {weight}; every photo gives a part."

    def _query_text(self):
        parts = [
            tag if amount == 1 else f"{number(amount)} {tag}"
            for tag, amount in zip(photos.TAGS, self.query, strict=True)
            if amount > 0
        ]
        return " + ".join(parts) or "nothing"

    def _settings(self):
        return [*self.query, self.temperature]

    def _judge(self):
        if self._learner is None:
            return []
        return [judge(self._learner, self._settings(), self._compare)]

    def _compare(self, call, name):
        query = np.array(self.query) / self.temperature
        result = pair(call(query, photos.KEYS.copy(), VALUES.copy()), name, "(answer, weights)")
        answer, weights = self.lookup()
        yours = array(result[1], weights.shape, name, "weights")
        blend = array(result[0], answer.shape, name, "an answer")
        wrong = first_difference(yours, weights)
        if wrong:
            numbers = apart(yours[wrong], weights[wrong])
            text = f"Your {name} differs, first at {TITLES[wrong[0]]}: weight {numbers}."
            raise Verdict("differs", text, weights=plain(yours), wrong=list(wrong))
        if first_difference(blend, answer):
            text = f"The weights of your {name} agree, but its answer is another blend."
            raise Verdict("differs", text, weights=plain(yours))
        text = f"Your {name} agrees on all {len(TITLES)} photos."
        raise Verdict("agrees", text, weights=plain(yours))

    def picture(self):
        answer, weights = self.lookup()
        covered = self._is_covered()
        scores = photos.KEYS @ self.query
        places = order(scores)
        ranks = {int(photo): place + 1 for place, photo in enumerate(places)}
        rows = places if self.by_rank else range(len(TITLES))
        heading = f"Query: {self._query_text()}   ·   temperature {short(self.temperature)}"
        parts = [draw.text(16, 28, heading, 16, weight="bold")]
        for name, x in (("photo", 68), ("score", 250), ("weight", 310), ("rank", 480)):
            parts.append(draw.text(x, 56, name, 13, fill=draw.SOFT))
        for line, photo in enumerate(rows):
            y = 66 + 46 * line
            parts += [
                draw.pixels(16, y, 40, photos.PICTURES[photo]),
                draw.text(68, y + 25, TITLES[photo]),
                draw.text(250, y + 25, number(scores[photo])),
                draw.text(310, y + 25, "?" if covered else number(weights[photo])),
                draw.rect(350, y + 14, 110, 12, draw.PAPER, f'stroke="{draw.HAIR}"'),
                draw.rect(350, y + 14, 0 if covered else 110 * weights[photo], 12, draw.ORANGE),
                draw.text(484, y + 25, "?" if covered else ranks[int(photo)]),
            ]
        parts.append(draw.text(540, 56, "answer: the blend of the pictures", 13, fill=draw.SOFT))
        if covered:
            parts.append(draw.rect(540, 66, 240, 240, draw.HAIR))
            parts.append(draw.text(660, 202, "?", 48, "middle", draw.SOFT))
        else:
            parts.append(draw.pixels(540, 66, 240, answer.reshape(photos.PICTURES.shape[1:])))
        return draw.svg(800, 446, parts)


def _describe_hard(title, weight, ties):
    if ties > 1:
        return f"{ties} photos tie for the best score and share the answer, {weight} each."
    if weight == "1.00":
        return f"so hard that one photo takes all: {title}."
    return f"so hard that one photo takes nearly all: {title}, {weight}."
