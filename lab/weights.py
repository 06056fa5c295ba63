"""The trained networks that the course ships: make them again with ``python -m lab.weights``."""

from pathlib import Path

import numpy as np
import tensorflow as tf

FOLDER = Path(__file__).parent / "data" / "dnc"
LAYERS = ("controller", "to_interface", "from_controller", "from_memory")
SIZES = {
    "copy": {"output_size": 5, "slots": 16, "word_size": 8, "read_heads": 1},
    "stories": {"output_size": 4, "slots": 16, "word_size": 16, "read_heads": 1},
    "words": {"output_size": 4, "slots": 16, "word_size": 16, "read_heads": 1},
}


def controller(name):
    """The controller of a network: it forgets all between two steps, but where words come alone."""
    if name == "words":
        return tf.keras.layers.LSTMCell(64)
    return tf.keras.layers.Dense(64, "relu")


def load(name):
    """The shipped weights of "copy", "stories" or "words": for each layer, a list of arrays."""
    with np.load(FOLDER / f"{name}.npz") as file:
        arrays = {key: file[key].astype(np.float32) for key in file}
    return {
        layer: [arrays[key] for key in sorted(arrays) if key.rpartition(" ")[0] == layer]
        for layer in LAYERS
    }


def trained(name, cell_class, slots=None):
    """Return a ``cell_class``, such as the learner's ``DNCCell``, with the shipped weights.

    The weights do not depend on the number of ``slots``, so that any number will do.
    """
    sizes = SIZES[name] | ({"slots": slots} if slots else {})
    cell, weights = cell_class(controller(name), **sizes), load(name)
    inputs = weights["controller"][0].shape[0] - cell.read_heads * cell.word_size
    cell.build([None, inputs])
    for layer in LAYERS:
        getattr(cell, layer).set_weights(weights[layer])
    return cell


def load_run(name):
    """A recorded run of "copy" or "stories", solved, as ``views.MemoryTimeline`` shows it."""
    with np.load(FOLDER / f"run_{name}.npz") as file:
        return {key: file[key].tolist() if key.endswith("words") else file[key] for key in file}
