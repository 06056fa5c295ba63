"""Handwritten digits: 1 797 pictures of 8 by 8 pixels, written by 13 people.

"Optical Recognition of Handwritten Digits" (its test set), E. Alpaydin and C. Kaynak 1998, UCI
Machine Learning Repository, https://doi.org/10.24432/C50P49, under CC BY 4.0. The numbers are
unchanged; the file `digits.npz` holds them as bytes, in the order of the source.
"""

import hashlib
from pathlib import Path

import numpy as np

FILE = Path(__file__).parent / "digits.npz"
SHA256 = "24ce533ed1b8fbc910f64f3d6a3a571411f6b536ac884c6d9866fa93e5ce8933"
TRAIN = 1500  # the pictures to learn from; the rest is held out


def load(file=FILE):
    """Return (train pictures [1500, 8, 8], train labels [1500], test pictures [297, 8, 8], test
    labels [297]), always the same ones.

    Pictures are floats from 0, paper, to 16, ink; labels are integers from 0 to 9. The source goes
    writer by writer, so its order is shuffled first: every hand is in both parts. Raises ValueError
    when the file is not the one that was shipped.
    """
    data = Path(file).read_bytes()
    if hashlib.sha256(data).hexdigest() != SHA256:
        raise ValueError(f"{file} is damaged: fetch it anew from the course's repository")
    with np.load(file) as arrays:
        pictures, labels = arrays["pictures"].astype(float), arrays["labels"].astype(int)
    order = np.random.default_rng(0).permutation(len(labels))
    train, test = order[:TRAIN], order[TRAIN:]
    return pictures[train], labels[train], pictures[test], labels[test]
