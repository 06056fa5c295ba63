"""The handwritten digits: what is shipped, and what is done when it is damaged."""

import numpy as np
import pytest

from lab.data import digits


def test_the_digits_are_those_of_the_source():
    pictures, labels, held_out, held_out_labels = digits.load()
    assert pictures.shape == (1500, 8, 8)
    assert held_out.shape == (297, 8, 8)
    every = np.concatenate([labels, held_out_labels])
    # The counts of the ten digits, as the source's description gives them.
    assert np.bincount(every).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert (pictures.min(), pictures.max()) == (0, 16)
    assert (pictures == np.round(pictures)).all()


def test_no_picture_to_be_tested_on_is_learned_from():
    pictures, _, held_out, _ = digits.load()
    seen = {picture.tobytes() for picture in pictures}
    assert not any(picture.tobytes() in seen for picture in held_out)


def test_two_calls_give_the_same_digits():
    for one, other in zip(digits.load(), digits.load(), strict=True):
        assert (one == other).all()


def test_a_damaged_file_is_refused(tmp_path):
    file = tmp_path / "digits.npz"
    file.write_bytes(digits.FILE.read_bytes()[:-1] + b"x")
    with pytest.raises(ValueError, match="damaged"):
        digits.load(file)
