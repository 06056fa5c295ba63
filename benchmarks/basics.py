"""Loops against vectors, our own engine against TensorFlow, eager steps against traced ones.

    python benchmarks/basics.py [--quick]

Chapter 1: the loop versions of relu, addition and the matrix product beside NumPy's, by size.
Chapter 3: a training step of the digits' network (64 pixels, hidden units, 10 classes) by the
engine, and all its gradients by central differences, beside TensorFlow's tape. Chapter 4: the same
step eager and inside `tf.function`, for batches of several sizes, and the first traced call, which
traces.

Contenders take turns in one process. A ratio is a time divided by that of the last column in the
same turn; the median over the turns.
"""

import argparse
import os
from functools import partial
from statistics import median

import numpy as np
from turns import seconds, share, take_turns

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")

PIXELS, HIDDEN, CLASSES = 64, 32, 10


def several(call, times):
    for _ in range(times):
        call()


def ratio(slow, fast, rounds, times=20):
    """How many times as long `slow` takes as `fast`, which runs `times` times for each of it."""
    calls = {
        "slow": partial(seconds, slow),
        "fast": partial(seconds, partial(several, fast, times)),
    }
    found = take_turns(calls, rounds + 1)
    return share(found["slow"][1:], found["fast"][1:]) * times


def loops(sizes, rounds, rng):
    from solutions import tensors

    print("Chapter 1: the loop takes so many times as long as NumPy, for n by n numbers\n")
    print(f"{'n':>5}{'relu':>10}{'addition':>10}{'product':>10}")
    for n in sizes:
        x, y = rng.normal(size=(2, n, n))
        pairs = [
            (lambda x=x: tensors.relu_loop(x), lambda x=x: np.maximum(x, 0)),
            (lambda x=x, y=y: tensors.add_loop(x, y), lambda x=x, y=y: x + y),
            (lambda x=x, y=y: tensors.matmul_loop(x, y), lambda x=x, y=y: x @ y),
        ]
        print(f"{n:5}" + "".join(f"{ratio(slow, fast, rounds):10.0f}" for slow, fast in pairs))


def network(rng, hidden=HIDDEN):
    sizes = (PIXELS, hidden), (hidden,), (hidden, CLASSES), (CLASSES,)
    return [rng.normal(size=size) * 0.1 for size in sizes]


def engine(sizes, rounds, rng):
    import tensorflow as tf

    from solutions import backprop, descent, tape

    print("\nChapter 3: a training step, in units of an eager step of TensorFlow's\n")
    print(f"{'batch':>5}{'hidden':>8}{'engine':>10}{'traced':>10}{'forward':>10}{'measured':>10}")
    for size, hidden in sizes:
        x, labels = rng.normal(size=(size, PIXELS)), rng.integers(CLASSES, size=size)
        parameters = network(rng, hidden)
        variables = [tf.Variable(p) for p in parameters]
        tensors = tf.constant(x), tf.constant(labels)
        traced = partial(tf.function(tape.train_step), variables, *tensors, 0.1)
        batch = [np.arange(size)]

        def forward(W1, b1, W2, b2, x=x, labels=labels):
            return descent.cross_entropy(np.maximum(x @ W1 + b1, 0) @ W2 + b2, labels)

        def by_engine(x=x, labels=labels, parameters=parameters, batch=batch):
            backprop.train_digits(x, labels, parameters, batch, 0.1)

        def by_tape(variables=variables, tensors=tensors):
            tape.train_step(variables, *tensors, 0.1)

        calls = {
            "engine": partial(seconds, partial(several, by_engine, 20)),
            "forward": partial(seconds, partial(several, partial(forward, *parameters), 20)),
            "traced": partial(seconds, partial(several, traced, 20)),
            "tape": partial(seconds, partial(several, by_tape, 20)),
        }
        found = take_turns(calls, rounds + 1)
        relative = {name: share(times[1:], found["tape"][1:]) for name, times in found.items()}
        evaluations = 2 * sum(p.size for p in parameters)
        columns = [relative[name] for name in ("engine", "traced", "forward")]
        print(f"{size:5}{hidden:8}" + "".join(f"{c:10.3f}" for c in columns), end="")
        print(f"{relative['forward'] * evaluations:10.0f}")
    print("\nmeasured: two forward passes for each weight (computed, not run).")


def tracing(batches, rounds, rng):
    import tensorflow as tf

    from solutions import tape

    print("\nChapter 4: an eager step, and the first traced call, in units of a later traced one\n")
    print(f"{'batch':>5}{'eager':>10}{'first':>10}")
    for size in batches:
        variables = [tf.Variable(p, dtype=tf.float32) for p in network(rng)]
        x = tf.constant(rng.normal(size=(size, PIXELS)), tf.float32)
        labels = tf.constant(rng.integers(CLASSES, size=size))
        rate = tf.constant(0.1)
        traced = tf.function(tape.train_step)
        eager = partial(tape.train_step, variables, x, labels, rate)
        compiled = partial(traced, variables, x, labels, rate)
        first = seconds(compiled)
        calls = {
            "eager": partial(seconds, partial(several, eager, 20)),
            "traced": partial(seconds, partial(several, compiled, 20)),
        }
        found = take_turns(calls, rounds + 1)
        later = median(found["traced"][1:]) / 20
        print(
            f"{size:5}{share(found['eager'][1:], found['traced'][1:]):10.2f}{first / later:10.0f}"
        )
    print(f"\nTensorFlow {tf.__version__}, NumPy {np.__version__};", end="")
    print(f" {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer sizes, fewer rounds")
    quick = parser.parse_args().quick
    rng = np.random.default_rng(0)
    loops((4, 16) if quick else (4, 16, 64, 128), 3 if quick else 7, rng)
    engine(
        ((32, 32),) if quick else ((1, 32), (32, 32), (256, 32), (1500, 512)),
        3 if quick else 15,
        rng,
    )
    tracing((32,) if quick else (1, 32, 256, 1500), 3 if quick else 15, rng)


if __name__ == "__main__":
    main()
