"""Train a network in a notebook: watch it, stop it, go on later, and get the same numbers again."""

import gc
import itertools
import json
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import tensorflow as tf
from tqdm.auto import tqdm

RECENT = 50  # batches: one alone is mostly luck
LEVEL_DONE = 0.9  # of the recent batches right: time for the next level
SAVE_EVERY = 3  # seconds


def use_threads():
    """Give TensorFlow one thread for an operation, and two for operations side by side.

    The operations of a small network are too small to be split. Call this before the first
    operation of the kernel.
    """
    try:
        tf.config.threading.set_intra_op_parallelism_threads(1)
        tf.config.threading.set_inter_op_parallelism_threads(2)
    except RuntimeError:
        print("TensorFlow is at work already: restart the kernel and call this first.")


@dataclass
class TrainingRun:
    """What happened in a training: a row for each step, and what ended it."""

    rows: list = field(default_factory=list)  # of (loss, accuracy, level, seconds since the start)
    ended: str = ""

    @property
    def history(self):
        """The columns by name, each an array with a number for each step."""
        columns = np.array(self.rows, float).reshape(-1, 4).T
        return dict(zip(("loss", "accuracy", "level", "seconds"), columns, strict=True))

    @property
    def steps(self):
        return len(self.rows)

    @property
    def seconds(self):
        return self.rows[-1][3] if self.rows else 0.0

    @property
    def interrupted(self):
        return self.ended == "Interrupted"

    def recent(self):
        """Mean loss and accuracy of the last batches of this level, and how many these are."""
        rows = [row for row in self.rows[-RECENT:] if row[2] == self.rows[-1][2]]
        return *np.mean([row[:2] for row in rows] or [(np.inf, 0)], axis=0), len(rows)


def train(
    model,
    draw,
    loss,
    accuracy,
    *,
    seed,
    steps,
    seconds=None,
    until=None,
    learning_rate=3e-3,
    clip=1.0,
    checkpoint=None,
):
    """Train ``model`` with Adam on one batch after the other, and return a ``TrainingRun``.

    ``draw(rng)`` makes a batch (inputs, targets, mask) from a NumPy generator; ``model(inputs)``
    returns logits; ``loss`` and ``accuracy`` are functions of (logits, targets, mask). ``draw`` may
    be a list, from easy to hard: the next one takes over when the last 50 batches were over 90 %
    right.

    The training ends after ``steps`` steps or ``seconds``, or when the mean accuracy of the last 50
    batches reaches ``until``, and it may be interrupted. However it ends, the model gets the
    weights with which the mean loss of the last 50 batches was lowest. (The loss, since it moves
    while the accuracy stands still; the mean, since one batch may be easy.)

    With ``checkpoint="copy"``, all that is needed to go on is written to ``runs/copy.npz`` every
    few seconds and at the end; the next call goes on from there, with the numbers that an unbroken
    training gives. Without it, the training starts from the weights that the model has: one that
    is built anew right after ``tf.keras.utils.set_random_seed`` gives the same numbers each time.
    """
    gc.collect()  # the graph of a training before this one, which refers to itself
    levels = draw if isinstance(draw, Sequence) else [draw]
    example = levels[0](np.random.default_rng(seed))
    model(example[0])  # makes the weights
    training = _Training(model, learning_rate, seed=seed, clip=clip, levels=len(levels))
    run, step = training.run, _make_step(model, loss, training.optimizer, clip, example)
    path = Path("runs", f"{checkpoint}.npz") if checkpoint else None
    if path and not (path.exists() and training.resume(path)):
        training.save(path)
    saved = time.perf_counter()
    start = saved - run.seconds
    try:
        with tqdm(total=steps, initial=run.steps, unit="step") as bar:
            while not (ended := _end(run, steps, seconds, until, len(levels))):
                inputs, targets, mask = levels[training.level](training.rng)
                value, logits = step(inputs, targets, mask)
                right = float(accuracy(logits, targets, mask))
                training.note(float(value), right, time.perf_counter() - start)
                mean_loss, mean_right, _ = run.recent()
                bar.set_postfix_str(f"loss {mean_loss:.3f}, {mean_right:.1%} right", refresh=False)
                bar.update()
                if path and time.perf_counter() - saved > SAVE_EVERY:
                    training.save(path)
                    saved = time.perf_counter()
            bar.total = run.steps  # a bar that ends early would turn red, as for a failure
            if path:
                training.save(path)
    except KeyboardInterrupt:
        ended = "Interrupted"  # maybe between two steps: what was saved last is whole
    run.ended = ended
    _assign(training.weights, training.best)
    print(_sentence(run))
    return run


def bits_right(logits, targets, mask):
    """The share of the bits that are right, of all that count."""
    right = tf.cast((logits > 0) == (targets > 0.5), tf.float32)
    return tf.reduce_sum(tf.reduce_mean(right, axis=-1) * mask) / tf.reduce_sum(mask)


def answers_right(logits, targets, mask):
    """The share of the steps that count at which the largest output is the one asked for."""
    right = tf.cast(tf.argmax(logits, axis=-1) == tf.argmax(targets, axis=-1), tf.float32)
    return tf.reduce_sum(right * mask) / tf.reduce_sum(mask)


def _make_step(model, loss, optimizer, clip, example):
    # Batch and length are left open, so that all levels share one graph.
    inputs, targets, _ = example
    specs = [tf.TensorSpec([None, None, part.shape[-1]]) for part in (inputs, targets)]

    @tf.function(input_signature=[*specs, tf.TensorSpec([None, None])])
    def step(inputs, targets, mask):
        with tf.GradientTape() as tape:
            logits = model(inputs)
            value = loss(logits, targets, mask)
        gradients = tape.gradient(value, model.trainable_variables)
        gradients, _ = tf.clip_by_global_norm(gradients, clip)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
        return value, logits

    return step


def _end(run, steps, seconds, until, levels):
    """What ends the training now, or nothing."""
    _, right, count = run.recent()
    if run.rows and not np.isfinite(run.rows[-1][0]):
        return "The loss is not a number any more"
    if until is not None and count == RECENT and run.rows[-1][2] == levels - 1 and right >= until:
        return "Reached the goal"
    if run.steps >= steps:
        return "All steps done"
    return "Time is up" if seconds is not None and run.seconds >= seconds else ""


def _sentence(run):
    _, right, count = run.recent()
    said = f"{run.ended} after {run.steps} steps and {run.seconds:.0f} s"
    said += f": of the last {count} batches, {right:.1%} was right." if count else "."
    return said + " The model has its best weights so far." * run.interrupted


class Adam(tf.keras.optimizers.Adam):
    """Adam on one device.

    Keras would add up the gradients of all devices first, by a custom gradient that TensorFlow
    registers and never forgets: every training would leave its graph in memory, 26 MB or so.
    """

    def _all_reduce_sum_gradients(self, grads_and_vars):
        return grads_and_vars


class _Training:
    """All that changes in a training, so that it can be written down and taken up again."""

    def __init__(self, model, learning_rate, **settings):
        self.weights = model.trainable_variables
        self.optimizer = Adam(learning_rate)
        self.optimizer.build(self.weights)
        self.rng = np.random.default_rng(settings["seed"])
        self.run, self.level, self.last_level = TrainingRun(), 0, settings["levels"] - 1
        self.best, self.best_loss = _values(self.weights), np.inf
        shapes = [list(weights.shape) for weights in self.weights]
        self.about = {**settings, "learning rate": learning_rate, "shapes": shapes}

    def note(self, loss, accuracy, seconds):
        self.run.rows.append((loss, accuracy, self.level, seconds))
        mean_loss, mean_right, count = self.run.recent()
        if mean_loss < self.best_loss:
            self.best, self.best_loss = _values(self.weights), mean_loss
        if count == RECENT and mean_right > LEVEL_DONE and self.level < self.last_level:
            self.level, self.best_loss = self.level + 1, np.inf  # harder, so a larger loss is fine

    def save(self, path):
        note = {"about": self.about, "rng": self.rng.bit_generator.state}
        note |= {"level": self.level, "best loss": self.best_loss}
        variables = _values([*self.weights, *self.optimizer.variables])
        arrays = {f"variable {i}": value for i, value in enumerate(variables)}
        arrays |= {f"best {i}": value for i, value in enumerate(self.best)}
        path.parent.mkdir(exist_ok=True)
        part = path.with_suffix(".part")  # replaced in one go, so that a file is whole or old
        with open(part, "wb") as file:
            np.savez(file, note=json.dumps(note), rows=np.array(self.run.rows), **arrays)
        os.replace(part, path)

    def resume(self, path):
        """Take the training up from its file, or set aside a file that is not its own."""
        variables = [*self.weights, *self.optimizer.variables]
        try:
            with np.load(path, allow_pickle=False) as file:
                note, rows = json.loads(str(file["note"])), file["rows"].tolist()
                values = [file[f"variable {i}"] for i in range(len(variables))]
                best = [file[f"best {i}"] for i in range(len(self.best))]
                problem = "" if note["about"] == self.about else "is of another network or setting"
        except Exception:  # there are many ways to be damaged
            problem = "cannot be read"
        if problem:
            names = (path.with_suffix(f".{number}.npz") for number in itertools.count(1))
            aside = path.rename(next(name for name in names if not name.exists()))
            print(f"{path} {problem}: it is now {aside}, and the training begins anew.")
            return False
        self.rng.bit_generator.state = note["rng"]
        self.level, self.best, self.best_loss = note["level"], best, note["best loss"]
        self.run.rows += map(tuple, rows)
        _assign(variables, values)
        print(f"Going on from step {len(rows)}, read from {path}. To begin anew, delete the file.")
        return True


def _values(variables):
    return [variable.numpy() for variable in variables]


def _assign(variables, values):
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)
