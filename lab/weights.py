"""The trained networks that the course ships. ``python -m lab.weights`` makes them again."""

import sys
from pathlib import Path

import numpy as np
import tensorflow as tf

from lab.data.stories import by_words, draw_story, story_batch
from lab.recording import record
from lab.training import answers_right, bits_right, train, use_threads

FOLDER = Path(__file__).parent / "data" / "dnc"
LAYERS = ("controller", "to_interface", "from_controller", "from_memory")
SIZES = {
    "copy": {"output_size": 5, "slots": 16, "word_size": 8, "read_heads": 1},
    "stories": {"output_size": 4, "slots": 16, "word_size": 16, "read_heads": 1},
    "words": {"output_size": 4, "slots": 16, "word_size": 16, "read_heads": 1},
}
LONGEST = 10  # vectors to copy
STATEMENTS = (2, 4, 6)  # of a story, from level to level


# ------------------------------------------------------------------------------- what is shipped


def controller(name):
    """A controller that forgets all from step to step, but for stories word by word."""
    if name == "words":
        return tf.keras.layers.LSTMCell(64)
    return tf.keras.layers.Dense(64, "relu")


def load(name):
    """The weights of "copy", "stories" or "words": for each layer, a list of arrays."""
    with np.load(FOLDER / f"{name}.npz") as file:
        arrays = {key: file[key].astype(np.float32) for key in file}
    return {
        layer: [arrays[key] for key in sorted(arrays) if key.rpartition(" ")[0] == layer]
        for layer in LAYERS
    }


def trained(name, cell_class, slots=None):
    """Return a ``cell_class``, such as the learner's ``DNCCell``, with the shipped weights.

    The weights fit a memory of any number of ``slots``.
    """
    weights = load(name)
    cell = cell_class(controller(name), **SIZES[name] | ({"slots": slots} if slots else {}))
    cell.build([None, len(weights["controller"][0]) - cell.read_heads * cell.word_size])
    for layer in LAYERS:
        getattr(cell, layer).set_weights(weights[layer])
    return cell


def load_run(name):
    """The recorded run of a solved case, "copy" or "stories", for ``views.MemoryTimeline``."""
    with np.load(FOLDER / f"run_{name}.npz") as file:
        return {key: file[key].tolist() if key.endswith("words") else file[key] for key in file}


# -------------------------------------------------------------------------------- how it is made


def levels(name, unseen=False, batch=32):
    """The functions that draw a batch, from easy to hard."""
    from solutions.dnc import copy_batch, encode_story

    def copies(rng):
        lengths = rng.integers(1, LONGEST + 1, batch // 2)
        return copy_batch([rng.integers(0, 2, [length, 5]) for length in lengths], LONGEST)

    def stories(statements):
        def draw(rng):
            told = [draw_story(rng, statements=statements, unseen=unseen) for _ in range(batch)]
            return story_batch([by_words(s) if name == "words" else s for s in told], encode_story)

        return draw

    return [copies] if name == "copy" else [stories(count) for count in STATEMENTS]


def make(name, seed, steps, until):
    """Train a network and write its weights; say how well it does with them."""
    from solutions.dnc import DNCCell, exact_accuracy, masked_loss

    print(f"\n{name}, seed {seed}")
    right = bits_right if name == "copy" else answers_right
    tf.keras.utils.set_random_seed(seed)
    cell = DNCCell(controller(name), **SIZES[name])
    model = tf.keras.layers.RNN(cell, return_sequences=True)
    train(model, levels(name), masked_loss, right, seed=seed, steps=steps, until=until)
    arrays = {
        f"{layer} {place}": array.astype(np.float16)  # half the size, and as good
        for layer in LAYERS
        for place, array in enumerate(getattr(cell, layer).get_weights())
    }
    FOLDER.mkdir(exist_ok=True)
    np.savez_compressed(FOLDER / f"{name}.npz", **arrays)
    shipped = tf.keras.layers.RNN(trained(name, DNCCell), return_sequences=True)
    inputs, *expected = levels(name, unseen=True, batch=1000)[-1](np.random.default_rng(10**6))
    logits = shipped(inputs)
    print(f"  unseen: {right(logits, *expected):.2%} right,", end=" ")
    print(f"{exact_accuracy(logits, *expected):.2%} of the sequences without a mistake")


def make_run(name, inputs, **words):
    from solutions.dnc import DNCCell

    run = record(trained(name, DNCCell, slots=12), inputs)
    np.savez_compressed(FOLDER / f"run_{name}.npz", **run, **words)


def make_runs():
    """Record a copy of six vectors and a story, both unseen."""
    from solutions.dnc import copy_batch, encode_story

    rng = np.random.default_rng(10**6)
    make_run("copy", copy_batch([rng.integers(0, 2, [6, 5])], 6)[0][0])
    story = draw_story(rng, unseen=True)
    said = {"input_words": [sentence for sentence, _ in story]}
    said["output_words"] = [answer or "" for _, answer in story]
    make_run("stories", story_batch([story], encode_story)[0][0], **said)


if __name__ == "__main__":
    use_threads()
    wanted = sys.argv[1:] or list(SIZES)
    if "copy" in wanted:
        make("copy", seed=0, steps=2000, until=0.998)
    if "stories" in wanted:
        make("stories", seed=0, steps=4000, until=0.995)
    if "words" in wanted:
        make("words", seed=0, steps=12000, until=0.99)
    make_runs()
