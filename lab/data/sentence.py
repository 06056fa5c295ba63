"""The sentence of the attention chapter, with word vectors that a person can read.

The numbers are made by hand for teaching: each dimension has a name, and each entry says how
much of it is in the word. Real word vectors are learned and have no such names.
"""

import numpy as np

WORDS = ("The", "train", "left", "the", "station", "on", "time")

DIMENSIONS = ("rail", "place", "motion", "time", "grammar", "people")

VECTORS = np.array(
    [
        # rail place motion time grammar people
        [0.0, 0.0, 0.0, 0.0, 1.0, 0.0],  # The
        [1.0, 0.0, 0.6, 0.0, 0.0, 0.6],  # train
        [0.0, 0.2, 1.0, 0.2, 0.0, 0.0],  # left
        [0.0, 0.0, 0.0, 0.0, 1.0, 0.0],  # the
        [1.0, 0.8, 0.0, 0.0, 0.0, 0.6],  # station
        [0.0, 0.3, 0.0, 0.2, 0.8, 0.0],  # on
        [0.0, 0.0, 0.1, 1.0, 0.0, 0.0],  # time
    ]
)
