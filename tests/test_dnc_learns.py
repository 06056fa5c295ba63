"""The network learns its tasks from a fixed seed, with the settings of chapter 7.

Steps are counted and not seconds: `benchmarks/` has the times.
"""

import numpy as np
import pytest
import tensorflow as tf

from lab.data.stories import draw_story, story_batch, vocabulary
from lab.training import answers_right, bits_right, train
from solutions.dnc import DNCCell, copy_batch, encode_story, masked_loss

BITS, LONGEST = 5, 10


def network(cell_class, features, outputs, word_size, seed):
    tf.keras.utils.set_random_seed(seed)
    controller = tf.keras.layers.Dense(64, "relu")
    cell = cell_class(controller, outputs, slots=16, word_size=word_size, read_heads=1)
    return tf.keras.layers.RNN(cell, return_sequences=True)


def copies(rng, size=16):
    lengths = rng.integers(1, LONGEST + 1, size)
    return copy_batch([rng.integers(2, size=(length, BITS)) for length in lengths], LONGEST)


def learn_copy(cell_class, seed):
    """The share of bits that are right in new sequences, after at most 500 batches."""
    model = network(cell_class, BITS + 1, BITS, word_size=8, seed=seed)
    settings = {"seed": seed, "steps": 500, "until": 0.99}
    train(model, copies, masked_loss, bits_right, **settings)
    inputs, targets, mask = copies(np.random.default_rng(1000), 500)
    return bits_right(model(inputs), targets, mask)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_three_seeds_of_three_learn_to_copy(seed):
    assert learn_copy(DNCCell, seed) > 0.99


class Forgetful(DNCCell):
    """The same network with an empty memory at each step."""

    def call(self, inputs, states):
        kept = len(self.memory_shapes)
        return super().call(inputs, [tf.zeros_like(state) for state in states[:kept]])


def test_without_its_memory_the_same_network_guesses():
    assert learn_copy(Forgetful, seed=1) < 0.6


def test_it_learns_to_answer_about_stories_that_it_has_not_seen():
    def stories(statements, size=32, unseen=False):
        def draw(rng):
            told = [draw_story(rng, statements=statements, unseen=unseen) for _ in range(size)]
            return story_batch(told, encode_story)

        return draw

    model = network(DNCCell, len(vocabulary()), outputs=4, word_size=16, seed=1)
    levels = [stories(statements) for statements in (2, 4, 6)]
    train(model, levels, masked_loss, answers_right, seed=1, steps=2000, until=0.99)
    inputs, targets, mask = stories(6, size=500, unseen=True)(np.random.default_rng(1000))
    assert answers_right(model(inputs), targets, mask) > 0.97
