"""The photo catalogue of the attention chapter: eight photos, their tags, and how much of each
tag is in the picture (made by hand for teaching).
"""

from typing import NamedTuple

import numpy as np

TAGS = ("dog", "cat", "person", "beach", "snow", "city")


class Photo(NamedTuple):
    title: str
    features: tuple[float, ...]  # one entry for each of TAGS, from 0 (absent) to 1 (fills it)

    @property
    def tags(self) -> set[str]:
        return {tag for tag, amount in zip(TAGS, self.features, strict=True) if amount > 0}


PHOTOS = (
    #                         dog  cat  person beach snow city
    Photo("Rex at the sea", (0.9, 0.0, 0.0, 0.8, 0.0, 0.0)),
    Photo("Empty shore", (0.0, 0.0, 0.0, 1.0, 0.0, 0.0)),
    Photo("Walk in the park", (0.7, 0.0, 0.6, 0.0, 0.0, 0.2)),
    Photo("Sledge dogs", (0.9, 0.0, 0.2, 0.0, 0.9, 0.0)),
    Photo("Family holiday", (0.0, 0.0, 0.9, 0.7, 0.0, 0.0)),
    Photo("Cat on a roof", (0.0, 0.9, 0.0, 0.0, 0.0, 0.6)),
    Photo("Skyline at night", (0.0, 0.0, 0.0, 0.0, 0.0, 1.0)),
    Photo("Surfing dog", (0.6, 0.0, 0.3, 0.9, 0.0, 0.0)),
)

KEYS = np.array([photo.features for photo in PHOTOS])  # [photos, tags]
