"""The photo catalogue of the attention chapter: eight photos, their tags, how much of each tag is
in the picture, and the picture itself, 12 pixels by 12 (all made by hand for teaching).
"""

from typing import NamedTuple

import numpy as np

TAGS = ("dog", "cat", "person", "beach", "snow", "city")

# One letter for each color of the pictures.
PALETTE = {
    "s": (160, 212, 240),  # sky
    "S": (46, 120, 180),  # sea
    "y": (236, 214, 154),  # sand
    "w": (246, 248, 250),  # snow, foam
    "l": (255, 214, 92),  # sun, lit window
    "b": (150, 92, 40),  # fur
    "d": (92, 54, 26),  # dark fur, wood
    "k": (28, 28, 36),  # eye, nose
    "g": (124, 182, 92),  # grass
    "G": (58, 112, 62),  # leaves
    "o": (232, 140, 50),  # ginger cat
    "p": (240, 190, 150),  # skin
    "r": (200, 64, 56),  # red cloth, roof tiles
    "u": (60, 76, 150),  # blue cloth
    "t": (140, 148, 160),  # stone
    "n": (24, 32, 70),  # night
}


class Photo(NamedTuple):
    title: str
    features: tuple[float, ...]  # one entry for each of TAGS, from 0 (absent) to 1 (fills it)
    picture: str  # 12 rows of 12 letters of PALETTE, spaces between the rows

    @property
    def tags(self) -> set[str]:
        return {tag for tag, amount in zip(TAGS, self.features, strict=True) if amount > 0}

    @property
    def pixels(self) -> np.ndarray:
        """The picture as colors, [12, 12, 3], from 0 to 1."""
        rows = self.picture.split()
        return np.array([[PALETTE[letter] for letter in row] for row in rows]) / 255


PHOTOS = (
    #     dog  cat  person beach snow city
    Photo(
        "Rex at the sea",
        (0.9, 0.0, 0.0, 0.8, 0.0, 0.0),
        "ssssssssssss sssssssddbss SSSSSSSdbbbS SSSSSSSdbkbb bSSSSSSdbbbk bSSSSSSbbbbS "
        "bbbbbbbbbbyy ybbbbbbbbbyy ybbbbbbbbbyy ybbyyyybbyyy ydbyyyydbyyy yyyyyyyyyyyy",
    ),
    Photo(
        "Empty shore",
        (0.0, 0.0, 0.0, 1.0, 0.0, 0.0),
        "ssssssssssss sllsssssssss sllssssswwws sssssssswwss ssssssssssss SSSSSSSSSSSS "
        "SSSSSSSSSSSS SSSwwSSSSSSS wwwSSwwwSSww yyyyyyyyyyyy yyyyyyyyywyy yyyyyyyyyyyy",
    ),
    Photo(
        "Walk in the park",
        (0.7, 0.0, 0.6, 0.0, 0.0, 0.2),
        "tttsssssGGGG tltsddsGGGGG tttsppsGGGGG tltrrrrsGGGs tttrrrrssdss gggrrprggdgg "
        "ggguuggkgggg ggguugggkddg bgguugggbbkb bbbuubbbbbbg gggkkgbggbgg gggggggggggg",
    ),
    Photo(
        "Sledge dogs",
        (0.9, 0.0, 0.2, 0.0, 0.9, 0.0),
        "ssssssssssss ssssswssssss ssswwwwsssss wwwwwwwwwwww wuwwwwwwwwww wpwwwwwdbwww "
        "wrwwwwwdbkbw wrddddbbbbww drrwwwbbbbww ddddwwbwwbww wwwwwwwwwwww wwwwwwwwwwww",
    ),
    Photo(
        "Family holiday",
        (0.0, 0.0, 0.9, 0.7, 0.0, 0.0),
        "ssssssssssss sddssssssbbs sppsssssSppS SppSSSSSSppS rrrrSddSuuuu prrpSppSpuup "
        "prrpyppypuup yrrppllpyuuy yuuyyllyyuuy yppyyppyyppy yppyyppyyppy yyyyyyyyyyyy",
    ),
    Photo(
        "Cat on a roof",
        (0.0, 0.9, 0.0, 0.0, 0.0, 0.6),
        "sssosssossss sssooooosstt tssokokosstt ttsooooosttl ttssoooossot ltsoooooosot "
        "ttoooooooost ttooowwoooot trooowworoor rrrrrrrrrrrr rdrrdrrdrrdr rrrrrrrrrrrr",
    ),
    Photo(
        "Skyline at night",
        (0.0, 0.0, 0.0, 0.0, 0.0, 1.0),
        "nnnnnnnnnnln nlnnnttnnnnn nnnnnttnnnnn nnnnttttnnnn nnnntlltnttt tttnttttntlt "
        "tltntlltnttt ttttttttntlt tlttltlttttt ttttttttttlt tlttlttltttt kkkkkkkkkkkk",
    ),
    Photo(
        "Surfing dog",
        (0.6, 0.0, 0.3, 0.9, 0.0, 0.0),
        "ssssssssssss ssssssddbsss sbsssssbkbss sbbssssbbbks ssbbbbbbbsss sssbbbbbbsss "
        "SSwbbSSbbSSw SSSbSSSSbSww rrrrrrrrrrrr wwrrrrrrrrww wSwwwwwSwwwS SSSSSSSSSSSS",
    ),
)

KEYS = np.array([photo.features for photo in PHOTOS])  # [photos, tags]
PICTURES = np.array([photo.pixels for photo in PHOTOS])  # [photos, 12, 12, 3]
