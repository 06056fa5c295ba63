"""Training: it can be watched, stopped and taken up, and the same seed gives the same run."""

import gc
import hashlib
import subprocess
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from lab import recording, training, weights
from lab.data.stories import PLACES
from lab.training import answers_right, bits_right, train
from solutions.dnc import DNCCell, copy_batch, exact_accuracy, masked_loss, parse_interface

ROOT = Path(__file__).resolve().parents[1]
RNN = tf.keras.layers.RNN
# What a shipped network does with sequences that it has not seen, at the least.
SHIPPED = {"copy": 0.99, "stories": 0.97, "words": 0.97}


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def tell_sign(rng, turn=1):
    """Say of each number whether it is positive; ``turn=-1`` asks for the contrary."""
    inputs = rng.normal(size=[8, 3, 2]).astype(np.float32)
    return inputs, (turn * inputs > 0).astype(np.float32), np.ones([8, 3], np.float32)


def network(seed=0, units=2):
    tf.keras.utils.set_random_seed(seed)
    return tf.keras.layers.Dense(units)


def learn(model=None, draw=tell_sign, **options):
    """Train a model of one layer, and return it with its run."""
    model = model or network()
    options = {"seed": 0, "steps": 40, "learning_rate": 0.05} | options
    return model, train(model, draw, masked_loss, bits_right, **options)


def test_a_training_leaves_no_graph_in_memory():
    def graphs():
        gc.collect()
        return sum(isinstance(each, tf.Graph) for each in gc.get_objects())

    learn(steps=1)
    before = graphs()
    learn(steps=1)
    assert graphs() <= before


def interrupt_at(step, draw=tell_sign):
    """Draw batches, the first for the example, and interrupt at a step."""
    calls = iter(range(-1, 10**6))

    def interrupted(rng):
        batch = draw(rng)
        if next(calls) == step:
            raise KeyboardInterrupt
        return batch

    return interrupted


@cache
def unbroken(**options):
    """The numbers of a training without a checkpoint."""
    return numbers(*learn(**options))


def numbers(model, run):
    """All numbers of a training but the time."""
    rows = np.array(run.rows)[:, :3]
    return [rows, *model.get_weights()]


def assert_same(one, other):
    for a, b in zip(one, other, strict=True):
        np.testing.assert_array_equal(a, b)


# ------------------------------------------------------------------------------------ ends


def test_it_learns_until_the_goal_and_says_so(capsys):
    _, run = learn(steps=500, until=0.97)
    assert 50 <= run.steps < 500
    assert run.history["accuracy"][-50:].mean() >= 0.97
    assert {len(column) for column in run.history.values()} == {run.steps}
    assert (np.diff(run.history["seconds"]) > 0).all()
    assert not run.interrupted
    printed = capsys.readouterr()
    assert f"Reached the goal after {run.steps} steps" in printed.out
    assert "% right" in printed.err


def test_it_ends_when_time_is_up():
    _, run = learn(steps=10**6, seconds=0.5)
    assert 0.5 <= run.seconds < 5
    assert run.ended == "Time is up"


def test_it_ends_when_the_loss_is_no_number(capsys):
    def draw(rng):
        inputs, *expected = tell_sign(rng)
        return inputs + np.float32(rng.choice([0, np.inf], p=[0.9, 0.1])), *expected

    model, run = learn(draw=draw, steps=500)
    assert run.steps < 500
    assert "not a number" in capsys.readouterr().out
    assert np.isfinite(model.get_weights()[0]).all()


def test_an_interrupt_keeps_the_best_weights(capsys):
    calls = iter(range(-1, 10**6))

    def gets_worse(rng):
        return tell_sign(rng, turn=1 if next(calls) < 20 else -1)

    model, run = learn(draw=interrupt_at(35, gets_worse))
    assert run.interrupted
    assert run.steps == 35
    assert_same(model.get_weights(), unbroken(steps=20)[1:])
    assert "Interrupted after 35 steps" in capsys.readouterr().out


def test_an_interrupt_before_the_first_step():
    _, run = learn(draw=interrupt_at(0))
    assert (run.steps, run.interrupted) == (0, True)
    assert run.history["loss"].shape == (0,)


def test_an_error_of_the_learner_is_not_hidden():
    def broken(logits, targets, mask):
        raise ZeroDivisionError("of the learner")

    with pytest.raises(Exception, match="of the learner"):
        train(network(), tell_sign, broken, bits_right, seed=0, steps=3)


# -------------------------------------------------------------------------------- curriculum


def test_the_next_level_comes_when_this_one_is_learned():
    drawn = []

    def level(number, length):
        def draw(rng):
            drawn.append((number, length))
            return tuple(part[:, :length] for part in tell_sign(rng))

        return draw

    _, run = learn(draw=[level(0, 1), level(1, 2), level(2, 3)], steps=1000, until=0.93)
    levels = run.history["level"]
    assert [number for number, _ in drawn[1:]] == levels.tolist()
    assert np.diff(levels).min() == 0 and set(levels) == {0, 1, 2}
    for number in (0, 1):
        last = np.flatnonzero(levels == number)[-1]
        assert run.history["accuracy"][last - 49 : last + 1].mean() > 0.9
    assert (levels == 2).sum() >= 50


# --------------------------------------------------------------------------- the same numbers


def test_the_same_seed_gives_the_same_run_in_two_processes():
    code = "from tests.test_training import fingerprint; print(fingerprint())"
    there = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert fingerprint() == there.stdout.split()[-1]


def fingerprint(seed=3):
    """All that comes out of a training of the whole network, to the last bit."""
    tf.keras.utils.set_random_seed(seed)
    model = RNN(DNCCell(tf.keras.layers.LSTMCell(8), 5, 6, 4, 2), return_sequences=True)

    def draw(rng):
        return copy_batch([rng.integers(0, 2, [rng.integers(1, 4), 5]) for _ in range(8)], 3)

    run = train(model, draw, masked_loss, exact_accuracy, seed=seed, steps=5)
    raw = b"".join(part.tobytes() for part in numbers(model, run))
    return hashlib.sha256(raw).hexdigest()


def test_the_same_seed_gives_the_same_run_in_one_process():
    assert_same(numbers(*learn()), unbroken())


def test_another_seed_gives_another_run():
    assert (numbers(*learn(seed=0))[0] != numbers(*learn(seed=1))[0]).any()


@pytest.mark.parametrize("first", [{"steps": 25}, {"draw": interrupt_at(25)}])
def test_a_training_in_two_parts_gives_the_numbers_of_an_unbroken_one(first, monkeypatch, capsys):
    monkeypatch.setattr(training, "SAVE_EVERY", 0)
    _, run = learn(checkpoint="sign", **first)
    assert run.steps == 25
    model, run = learn(network(seed=9), steps=60, checkpoint="sign")
    assert_same(numbers(model, run), unbroken(steps=60))
    assert (np.diff(run.history["seconds"]) > 0).all()
    assert "Going on from step 25" in capsys.readouterr().out


def test_an_early_interrupt_leaves_the_weights_of_the_start():
    model, _ = learn(draw=interrupt_at(7), checkpoint="sign")
    assert_same(numbers(*learn(model, checkpoint="sign")), unbroken())


def test_a_curriculum_goes_on_at_its_level():
    levels = [tell_sign, lambda rng: tell_sign(rng, turn=1)]
    options = {"until": 0.96, "steps": 500}
    whole = numbers(*learn(draw=levels, **options))
    changes = int(np.flatnonzero(whole[0][:, 2])[0])
    for steps in (changes - 3, changes + 3):
        learn(draw=levels, checkpoint="two", **options | {"steps": steps})
    assert_same(numbers(*learn(draw=levels, checkpoint="two", **options)), whole)


def test_a_finished_training_is_not_done_again():
    done = numbers(*learn(checkpoint="sign"))
    again = numbers(*learn(network(seed=9), draw=interrupt_at(0), checkpoint="sign"))
    assert_same(again, done)


def test_a_save_that_breaks_off_leaves_the_file_before(monkeypatch):
    learn(checkpoint="sign")
    whole = Path("runs", "sign.npz").read_bytes()

    def dies(file, **arrays):
        file.write(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(np, "savez", dies)
    _, run = learn(steps=60, checkpoint="sign")
    assert run.interrupted
    assert Path("runs", "sign.npz").read_bytes() == whole


# -------------------------------------------------------------------- files that are not its own


def damage(content):
    return lambda path: path.write_bytes(content(path.read_bytes()))


STRANGE = {
    "empty": (damage(lambda whole: b""), "cannot be read"),
    "cut": (damage(lambda whole: whole[:-200]), "cannot be read"),
    "a bit turned": (
        damage(lambda whole: whole[:2000] + bytes([whole[2000] ^ 1]) + whole[2001:]),
        "cannot be read",
    ),
    "an array": (lambda path: np.save(path.open("wb"), np.ones(3)), "cannot be read"),
    "pickled": (
        lambda path: np.savez(path, note=np.array({}, dtype=object)),
        "cannot be read",
    ),
    "another network": (lambda path: learn(network(units=1), one_bit, checkpoint="sign"), "is of"),
    "another seed": (lambda path: learn(seed=8, checkpoint="sign"), "is of another"),
}


def one_bit(rng):
    return tuple(part[..., :1] if part.ndim == 3 else part for part in tell_sign(rng))


@pytest.mark.parametrize("kind", STRANGE)
def test_a_strange_file_is_set_aside_and_named(kind, capsys):
    make, says = STRANGE[kind]
    path = Path("runs", "sign.npz")
    learn(steps=3, checkpoint="sign")
    if says == "is of another" or kind == "another network":
        path.unlink()
    make(path)
    strange = path.read_bytes()
    capsys.readouterr()
    model, run = learn(checkpoint="sign")
    printed = capsys.readouterr().out
    assert str(path) in printed and says in printed and "begins anew" in printed
    assert Path("runs", "sign.1.npz").read_bytes() == strange
    assert_same(numbers(model, run), unbroken())


def test_files_set_aside_do_not_replace_each_other():
    for content in (b"one", b"two"):
        Path("runs").mkdir(exist_ok=True)
        Path("runs", "sign.npz").write_bytes(content)
        learn(steps=2, checkpoint="sign")
    aside = [Path("runs", f"sign.{number}.npz").read_bytes() for number in (1, 2)]
    assert aside == [b"one", b"two"]


# -------------------------------------------------------------------------------- measures


def test_shares_that_are_right_count_what_the_mask_says():
    logits = tf.constant([[[3.0, -1.0], [-1.0, -2.0]], [[5.0, 5.0], [0.1, -4.0]]])
    targets = np.array([[[1, 0], [1, 0]], [[0, 1], [0, 1]]], np.float32)
    mask = np.array([[1, 1], [0, 1]], np.float32)
    assert float(bits_right(logits, targets, mask)) == pytest.approx(3 / 6)
    assert float(answers_right(logits, targets, mask)) == pytest.approx(2 / 3)


# -------------------------------------------------------------------------------- recording


@pytest.mark.parametrize("controller", ["Dense", "LSTMCell"])
def test_a_record_holds_what_the_network_does(controller):
    tf.keras.utils.set_random_seed(1)
    cell = DNCCell(getattr(tf.keras.layers, controller)(7), 3, 5, 4, 2)
    model = RNN(cell, return_sequences=True, return_state=True)
    inputs = np.random.default_rng(2).normal(size=[6, 3]).astype(np.float32)
    logits, *states = model(inputs[np.newaxis])
    before = set(vars(cell.to_interface))
    run = recording.record(cell, inputs, parse_interface)
    assert {len(part) for part in run.values()} == {6}
    np.testing.assert_allclose(run["outputs"], tf.sigmoid(logits[0]), atol=1e-5)
    for name, state in zip(cell.memory_shapes, states, strict=False):
        np.testing.assert_allclose(run[name][-1], state[0], atol=1e-5)
    shapes = {name: part.shape[1:] for name, part in run.items()}
    assert shapes["read_modes"] == (2, 3)
    assert shapes["write_gate"] == ()
    assert shapes["link"] == (5, 5)
    written = run["memory"][0]  # the memory was empty: what is in it is what was written
    np.testing.assert_allclose(
        written, run["write_weights"][0][:, None] * run["write_vector"][0], atol=1e-6
    )
    assert set(vars(cell.to_interface)) == before


# -------------------------------------------------------------------------- a network in Keras


def test_a_model_with_the_cell_is_saved_and_loaded():
    inputs = tf.keras.Input([None, 3])
    cell = DNCCell(tf.keras.layers.LSTMCell(7), 3, 5, 4, 2)
    model = tf.keras.Model(inputs, RNN(cell, return_sequences=True)(inputs))
    model.save("model.keras")
    again = tf.keras.models.load_model("model.keras", {"DNCCell": DNCCell})
    sequence = np.random.default_rng(0).normal(size=[2, 6, 3]).astype(np.float32)
    np.testing.assert_array_equal(again(sequence), model(sequence))


# -------------------------------------------------------------------------------- as shipped


@pytest.mark.parametrize("name", SHIPPED)
def test_the_shipped_weights_solve_their_task(name):
    model = RNN(weights.trained(name, DNCCell), return_sequences=True)
    inputs, *expected = weights.levels(name, unseen=True, batch=200)[-1](np.random.default_rng(0))
    logits = model(inputs)
    right = bits_right if name == "copy" else answers_right
    assert right(logits, *expected) >= SHIPPED[name]


def test_the_shipped_weights_copy_more_in_a_larger_memory():
    model = RNN(weights.trained("copy", DNCCell, slots=32), return_sequences=True)
    rng = np.random.default_rng(0)
    inputs, *expected = copy_batch([rng.integers(0, 2, [20, 5]) for _ in range(50)], 20)
    assert bits_right(model(inputs), *expected) >= 0.98


def test_the_shipped_copy_writes_in_order_and_reads_in_order():
    run = weights.load_run("copy")
    length = len(run["inputs"]) // 2
    np.testing.assert_array_equal(run["outputs"][length + 1 :] > 0.5, run["inputs"][:length, :-1])
    written = run["write_weights"][:length].argmax(axis=-1)
    assert len(set(written)) == length
    assert run["write_weights"][:length].max(axis=-1).min() > 0.9
    # The first word is looked up at the end mark; a word is said a step after it was read.
    read = run["read_weights"][length : 2 * length, 0]
    np.testing.assert_array_equal(read.argmax(axis=-1), written)
    assert read.max(axis=-1).min() > 0.9


def test_the_shipped_story_is_answered():
    run = weights.load_run("stories")
    asked = [step for step, answer in enumerate(run["output_words"]) if answer]
    assert len(asked) == 3
    for step in asked:
        assert run["input_words"][step].startswith("where is")
        place = PLACES[run["outputs"][step].argmax()]
        assert place == run["output_words"][step]


def test_what_is_shipped_is_small():
    assert sum(path.stat().st_size for path in weights.FOLDER.iterdir()) < 300_000


def test_the_shipped_weights_can_be_made_again(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(weights, "FOLDER", tmp_path / "made")
    weights.make("copy", seed=0, steps=2, until=1)
    assert "right" in capsys.readouterr().out
    assert set(weights.load("copy")) == set(weights.LAYERS)
