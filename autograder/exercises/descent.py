"""Probes for gradient descent: losses, gradients, minibatches, the steps of optimizers, training.

Which order a shuffle makes is the learner's own affair: of minibatches, and of a training on them,
what is judged is what every right order has.
"""

from itertools import pairwise

import numpy as np

from autograder.evidence import Finding
from autograder.exercises import probe

# --- Losses -------------------------------------------------------------------------------------


@probe(
    "descent.mean_squared_error",
    hints=(
        "Three steps, named in the name from its end to its start: an error for each number, its "
        "square, one mean of all of them. And before that: do the two have the same shape?",
        "Two arrays of one shape come in and a single number goes out, whatever the rank: "
        "`np.mean` without an axis takes all numbers.",
        "`if predictions.shape != targets.shape: raise ValueError(...)`; then `np.mean((... - "
        "...) ** 2)`.",
    ),
)
def mean_squared_error(case, rng):
    case("worked by hand", np.array([1.0, 2.0]), np.array([3.0, 2.0]))
    case("whole numbers", np.array([[3, 1, -2]]), np.array([[1, 4, 0]]))
    for name, shape in (
        ("five numbers", (5,)),
        ("a table of four rows and three columns", (4, 3)),
        ("rank 3", (2, 3, 4)),
        ("a single number each", ()),
    ):
        case(name, np.array(rng.normal(size=shape)), np.array(1 + rng.normal(size=shape)))
    case("a column of predictions, a row of targets", rng.normal(size=(4, 1)), rng.normal(size=4))
    case("one row of targets for two", rng.normal(size=(2, 3)), rng.normal(size=3))
    case("one column of targets for two", rng.normal(size=(3, 2)), rng.normal(size=(3, 1)))


def and_twice_as_sure(function, logits, labels):
    """The loss of ``logits``, and that of logits twice as large."""
    twice = 2 * logits
    loss, larger = function(logits, labels), function(twice, labels)
    if loss is not None and np.array_equal(loss, larger) and np.isfinite(loss).all():
        raise Finding("Twice as sure of a wrong answer, and the loss is the same: it must grow.")
    return loss, larger


@probe(
    "descent.cross_entropy",
    hints=(
        "Work one example on paper: logits 2 and 0, right class 0. Softmax gives 0.88 and 0.12, "
        "and the loss is −log 0.88. What if the 2 were 1000, so that `np.exp` cannot hold it?",
        "Logits [n, classes]; maxima and sums along the classes are [n, 1] with `keepdims=True`; "
        "one log probability for each example is [n]; their mean is a single number.",
        "`shifted = logits - logits.max(axis=1, keepdims=True)`; the log of softmax is `shifted - "
        "np.log(np.exp(shifted).sum(axis=1, keepdims=True))`, with no division and no log of 0; "
        "`[np.arange(len(labels)), labels]` picks the right class in every row.",
    ),
    ready_made=("softmax", "logsumexp", "crossentropy"),
)
def cross_entropy(case, rng):
    def draw(n, classes):
        return rng.normal(size=(n, classes)), rng.integers(classes, size=n)

    case("worked by hand", np.array([[2.0, 0.0], [0.0, 0.0]]), np.array([0, 1]))
    case("five examples, three classes", *draw(5, 3))
    case("three examples, four classes", *draw(3, 4))
    case("as many examples as classes", draw(4, 4)[0], rng.permutation(4))
    case("one example", *draw(1, 6))
    case("logits that are whole numbers", np.array([[1, 3, 2], [0, 1, -1]]), np.array([1, 2]))
    far = np.array([[1000, 999, 998], [-1000, -1000, -1001]]) + rng.normal()
    case("rows near 1000 and near -1000", far, np.array([1, 0]))
    logits, labels = draw(4, 3)
    case("all near 1000", 1000 + logits, labels)
    sure = np.array([[1000.0, -1000.0], [-1000.0, 1000.0]])
    case("sure and wrong, and twice as sure", sure, np.array([1, 0]), using=and_twice_as_sure)


# --- Gradients ----------------------------------------------------------------------------------


def cubes(w):
    return np.sum(w**3)


def product(w):
    return np.prod(w)


def corners(w):
    return w[0, 0] ** 2 * w[1, 2] + 3 * w[1, 0]


@probe(
    "descent.numerical_gradient",
    hints=(
        "Begin with a `w` of one number: one step up, one step down, the difference divided by the "
        "whole way between them. Then do so for each number, while all others stay.",
        "The gradient has the shape of `w`, and so has a step: zeros, with `eps` in one place. "
        "`np.ndindex(w.shape)` names all places of an array of any rank.",
        "`gradient = np.zeros(w.shape)`; in a loop `for place in np.ndindex(w.shape)`: a `step` of "
        "zeros, `step[place] = eps`, and `gradient[place] = (f(w + step) - f(w - step)) / (...)`.",
    ),
)
def numerical_gradient(case, rng):
    case("worked by hand, in steps of a half", cubes, np.array([1.0, 2.0]), 0.5)
    case("whole numbers", cubes, np.array([3, -1, 2]))
    case("four factors, in steps of a quarter", product, rng.uniform(0.5, 1.5, size=4), 0.25)
    case("two rows of three", corners, rng.normal(size=(2, 3)))
    case("two rows of four, in larger steps", corners, rng.normal(size=(2, 4)), 0.1)
    case("rank 3", product, rng.uniform(-1.5, -0.5, size=(2, 1, 3)))
    case("a single number", cubes, np.array(rng.uniform(1, 2)), 0.2)


@probe(
    "descent.linear_gradients",
    hints=(
        "One example, one input, one output: the loss is (x W + b − y)². What is its slope along "
        "b, and what along W? Each example adds its own; how many numbers is the mean over?",
        "The error is [n, outputs]. The gradient of W is [inputs, outputs]: `x.T` is [inputs, n]. "
        "The gradient of b is [outputs]: the examples have been summed up.",
        "`error = 2 * (x @ W + b - y) / y.size`; the gradient of W is a product of `x.T` and the "
        "error, that of b the error's sum along axis 0.",
    ),
    ready_made=("gradient_tape", "gradients", "autodiff"),
)
def linear_gradients(case, rng):
    def draw(n, inputs, outputs):
        x, y = rng.normal(size=(n, inputs)), rng.normal(size=(n, outputs))
        return x, y, rng.normal(size=(inputs, outputs)), 1 + rng.normal(size=outputs)

    hand = [[1.0], [2.0]], [[3.0], [4.0]], [[1.0]], [0.0]
    case("worked by hand", *map(np.array, hand))
    case("five examples, three inputs, two outputs", *draw(5, 3, 2))
    case("four examples, two inputs, three outputs", *draw(4, 2, 3))
    case("as many of each", *draw(3, 3, 3))
    case("one example", *draw(1, 4, 2))
    case("one output", *draw(6, 2, 1))
    x, y, W, b = draw(4, 3, 2)
    case("weights of zero", x, y, np.zeros_like(W), b)


# --- Minibatches --------------------------------------------------------------------------------


def draw_seed(rng):
    return int(rng.integers(1_000))


def draw_batches(function, n, size, rng):
    batches = function(n, size, rng)
    if isinstance(batches, np.ndarray):
        rank = batches.ndim
        raise Finding(f"It should return a list of arrays, but returned one array, of rank {rank}.")
    if not isinstance(batches, list | tuple):
        kind = type(batches).__name__
        raise Finding(f"It should return a list of arrays, but returned an object of type {kind}.")
    for batch in batches:
        if isinstance(batch, list):
            raise Finding("Each minibatch should be an array of integers, but one is a list.")
        if not isinstance(batch, np.ndarray) or batch.dtype.kind not in "iu" or batch.ndim != 1:
            raise Finding(
                "Each minibatch should be an array of rank 1 that holds integers, the indices of "
                "its examples."
            )
    return batches


def draw_order(function, n, size, rng):
    return np.concatenate([np.empty(0, int), *draw_batches(function, n, size, rng)])


def sizes(function, n, size, seed):
    """The sizes of the minibatches, if each example is in one of them.

    What is wrong is said in numbers where these do not depend on the draw, so that one mistake
    can be told from another.
    """
    batches = draw_batches(function, n, size, np.random.default_rng(seed))
    indices = [index for batch in batches for index in batch]
    if not set(indices) <= set(range(n)):
        raise Finding(f"There is an index beyond the examples, which are 0 to {n - 1}.")
    if not all(map(len, batches)):
        raise Finding("There is an empty minibatch.")
    if overlap(batches):
        raise Finding(
            "They overlap: each minibatch begins at the second example of the one before."
        )
    if any(len(set(batch)) < len(batch) for batch in batches):
        raise Finding("Some example is twice in one minibatch.")
    missing, repeated = n - len(set(indices)), len(indices) - len(set(indices))
    if missing and repeated:
        raise Finding("Some examples are in more than one minibatch, and some in none.")
    if missing:
        raise Finding(f"In no minibatch at all: {missing} of the {n} examples.")
    if repeated:
        raise Finding(f"There are {len(indices)} places for {n} examples, so some come again.")
    return [len(batch) for batch in batches]


def overlap(batches):
    """Whether each minibatch begins with the second example of the one before."""
    pairs = [(one[1 : len(other) + 1], other[: len(one) - 1]) for one, other in pairwise(batches)]
    return bool(pairs) and all(len(end) and np.array_equal(end, start) for end, start in pairs)


def shuffled(function, n, size, seed):
    batches = draw_batches(function, n, size, np.random.default_rng(seed))
    order = np.concatenate([np.empty(0, int), *batches])
    if np.array_equal(order, np.arange(n)):
        raise Finding("The examples come in their own order, 0, 1, 2 and so on.")
    if np.mean(np.diff(order) == 1) > 0.5:
        raise Finding("Most examples are followed by their own neighbor, 5 by 6, 6 by 7.")
    if all((np.diff(np.sort(batch)) == 1).all() for batch in batches):
        raise Finding("Each minibatch holds neighbors alone, such as 8 to 15 in some order.")
    return True


def another_order_each_call(function, n, size, seed):
    rng = np.random.default_rng(seed)
    if np.array_equal(*(draw_order(function, n, size, rng) for _ in range(2))):
        raise Finding("Two calls with one generator gave the same order.")
    return True


def one_order_for_a_seed(function, n, size, seed):
    orders = [draw_order(function, n, size, np.random.default_rng(seed)) for _ in range(2)]
    if not np.array_equal(*orders):
        raise Finding("Two generators of one seed gave two orders: more draws here than `rng`.")
    return True


@probe(
    "descent.minibatches",
    hints=(
        "Shuffle a pack of n cards once, then deal from the top, `size` cards at a time. What is "
        "left at the end is dealt, too.",
        "`rng.permutation(n)` is the shuffled pack, [n]. The pieces begin at 0, size, 2 size and "
        "so on, below n. A slice that runs past the end of an array is no error.",
        "`order = rng.permutation(n)`; a list of `order[start : start + size]` for each `start` in "
        "`range(0, n, size)`.",
    ),
)
def minibatches(case, rng):
    case("ten examples by threes", 10, 3, seed=draw_seed(rng), using=sizes)
    n, size = int(rng.integers(40, 60)), int(rng.integers(15, 20))
    case(f"{n} examples by {size}", n, size, seed=draw_seed(rng), using=sizes)
    case("60 examples by twenties", 60, 20, seed=draw_seed(rng), using=sizes)
    case("one at a time", 12, 1, seed=draw_seed(rng), using=sizes)
    case("a size beyond the examples", 12, 20, seed=draw_seed(rng), using=sizes)
    case("shuffled", 64, 8, seed=draw_seed(rng), using=shuffled)
    case("anew at each call", 40, 8, seed=draw_seed(rng), using=another_order_each_call)
    case("the same for the same seed", 40, 8, seed=draw_seed(rng), using=one_order_for_a_seed)


# --- Steps --------------------------------------------------------------------------------------


def draw_arrays(rng):
    """The weights of a layer: arrays of different shapes, or numbers that go with them."""
    return [rng.normal(size=(3, 2)), rng.normal(size=2)]


def state_as_it_came(function, weights, gradients, state, *options):
    """The new weights, and the state unless it is None, which must stay so."""
    result = function(weights, gradients, state, *options)
    if not isinstance(result, tuple | list) or len(result) != 2:
        raise Finding("It should return two things: the list of new weights, and the state.")
    moved, state_after = result
    if (state is None) != (state_after is None):
        raise Finding("The state should go out as it came in.")
    return moved if state is None else (moved, state_after)


def three_steps(function, weights, gradients, state, *options):
    """The weights after each of three steps with one gradient."""
    path = []
    for _ in range(3):
        weights, state = function(weights, gradients, state, *options)
        path.append(weights)
    return path


@probe(
    "descent.sgd_step",
    hints=(
        "The gradient points uphill, and you want to go down. How far? And what comes back beside "
        "the new weights?",
        "A list with one new array for each weight, of its shape; then the state as it came in. "
        "`zip(weights, gradients)` gives the pairs.",
        "`[w - ... for w, g in zip(weights, gradients)], state`, with the learning rate times `g` "
        "in place of the dots. `w -= ...` would change the caller's array.",
    ),
)
def sgd_step(case, rng):
    weights = [np.array([[1.0, 2.0]]), np.array([5.0])]
    gradients = [np.array([[10.0, -10.0]]), np.array([0.5])]
    case("worked by hand", weights, gradients, None, 0.1, using=state_as_it_came)
    inputs = draw_arrays(rng), draw_arrays(rng), None
    case("the default learning rate", *inputs, using=state_as_it_came)
    inputs = draw_arrays(rng), draw_arrays(rng), None
    case("a learning rate of 2", *inputs, 2.0, using=state_as_it_came)
    shapes = (4,), (2, 1, 3), (), (3, 3)
    arrays = ([np.array(rng.normal(size=shape)) for shape in shapes] for _ in range(2))
    case("four weights of different ranks", *arrays, None, 0.5, using=state_as_it_came)
    inputs = draw_arrays(rng), draw_arrays(rng), draw_arrays(rng)
    case("a state from elsewhere", *inputs, 0.1, using=state_as_it_came)
    case("three steps", draw_arrays(rng), draw_arrays(rng), None, 0.1, using=three_steps)


@probe(
    "descent.momentum_step",
    hints=(
        "The ball has a velocity. A step keeps most of it, adds a push downhill, and only then "
        "moves the ball. What is its velocity before the first push?",
        "Weights, gradients and velocities are three lists alike: one array each of the same "
        "shape. None as state stands for arrays of zeros, `np.zeros_like(w)`.",
        "If `state is None`, make the list of zeros. Then `velocities = [momentum * v - ... for v, "
        "g in zip(state, gradients)]`, and new weights `w + v` with the new velocities.",
    ),
    ready_made=("optimizer", "SGD", "momentum"),
)
def momentum_step(case, rng):
    weights = [np.array([[1.0, 2.0]]), np.array([5.0])]
    gradients = [np.array([[10.0, -10.0]]), np.array([0.0])]
    velocities = [np.array([[2.0, 2.0]]), np.array([-1.0])]
    case("worked by hand", weights, gradients, velocities, 0.1, 0.5)
    case("from rest", draw_arrays(rng), draw_arrays(rng), None, 0.1)
    case("all as it is by default", draw_arrays(rng), draw_arrays(rng), draw_arrays(rng))
    case("another rate", draw_arrays(rng), draw_arrays(rng), draw_arrays(rng), 0.3, 0.6)
    flat = [np.zeros((3, 2)), np.zeros(2)]
    case("on flat ground", draw_arrays(rng), flat, draw_arrays(rng), 0.2)
    case("no momentum", draw_arrays(rng), draw_arrays(rng), draw_arrays(rng), 0.2, 0.0)
    inputs = draw_arrays(rng), draw_arrays(rng), None
    case("three steps from rest", *inputs, 0.1, 0.8, using=three_steps)


def draw_means(rng):
    """Running means of squared gradients: no square is negative."""
    return [rng.uniform(0.5, 2, size=(3, 2)), rng.uniform(0.5, 2, size=2)]


@probe(
    "descent.rmsprop_step",
    hints=(
        "For each number on its own: how large were its gradients of late? The state keeps a "
        "running mean of their squares, and its root is the measure of the step.",
        "Weights, gradients and means are three lists alike: one array each of the same shape. "
        "All works element by element, and nothing is summed up.",
        "`means = [rho * s + (1 - rho) * g**2 for s, g in zip(state, gradients)]`; then for each "
        "weight `w - learning_rate * g / np.sqrt(...)`, with the new s and epsilon under the root.",
    ),
    ready_made=("optimizer", "rmsprop"),
)
def rmsprop_step(case, rng):
    weights = [np.array([[1.0, 2.0]]), np.array([5.0])]
    gradients = [np.array([[2.0, -4.0]]), np.array([0.0])]
    case("worked by hand", weights, gradients, None, 0.1, 0.75)
    case("the first step", draw_arrays(rng), draw_arrays(rng), None, 0.1)
    case("all as it is by default", draw_arrays(rng), draw_arrays(rng), draw_means(rng))
    case("another rate", draw_arrays(rng), draw_arrays(rng), draw_means(rng), 0.3, 0.4)
    case("a large epsilon", draw_arrays(rng), draw_arrays(rng), draw_means(rng), 0.5, 0.8, 0.7)
    tiny = [1e-3 * g for g in draw_arrays(rng)]
    case("gradients of a thousandth", draw_arrays(rng), tiny, None)
    inputs = draw_arrays(rng), draw_arrays(rng), None
    case("three steps", *inputs, 0.1, 0.8, using=three_steps)


# --- Training -----------------------------------------------------------------------------------


def pull(x, y, w, b):
    """Pull w to the rows of x, more where y is large, and b to the mean of y."""
    return np.mean((w - x) * y, axis=0), np.mean(b - y, axis=0)


def shorter_steps(weights, gradients, state):
    """Go half of the gradient at the first step, a third of it at the second, then a quarter."""
    count = 1 if state is None else state + 1
    return [w - g / (count + 1) for w, g in zip(weights, gradients, strict=True)], count


def trained(function, gradients, weights, x, y, step, epochs, size, seed):
    rng = np.random.default_rng(seed)
    return function(gradients, weights, x, y, step, epochs, size, rng)


def follow(function, n, epochs, size, seed):
    """What reaches the gradients and the step, call by call: rows, weights, states.

    Row i of x holds i, and row i of y holds −i; a step adds 1 to each weight. None as state is
    written as −1, and what a step returns is one more.
    """
    batches, weights_seen, states = [], [], []

    def gradients(x, y, w, b):
        batches.append((x.ravel(), y.ravel()))
        weights_seen.append(w.item(0))
        return np.ones(3), np.ones(1)

    def step(weights, gradients, state):
        states.append(-1 if state is None else state)
        return [w + g for w, g in zip(weights, gradients, strict=True)], states[-1] + 1

    x = np.arange(float(n))[:, np.newaxis]
    weights = [np.zeros(3), np.full(1, 10.0)]
    trained(function, gradients, weights, x, -x, step, epochs, size, seed)
    return batches, weights_seen, states


def orders(function, n, epochs, size, seed):
    """For each epoch, the numbers of its examples as they came."""
    batches, _, _ = follow(function, n, epochs, size, seed)
    order = np.concatenate([np.empty(0), *(x for x, _ in batches)])
    if len(order) != epochs * n:
        raise Finding(
            f"{epochs} epochs of {n} examples are {epochs * n}, but the gradients were asked for "
            f"{len(order)}."
        )
    return order.reshape(epochs, n)


def batch_sizes(function, **numbers):
    """The sizes of all minibatches, if each example comes once in each epoch."""
    if (np.sort(orders(function, **numbers)) != np.arange(numbers["n"])).any():
        raise Finding("Within one epoch, some example came twice and another not at all.")
    batches, _, _ = follow(function, **numbers)
    return [len(x) for x, _ in batches]


def rows_together(function, **numbers):
    batches, _, _ = follow(function, **numbers)
    for x, y in batches:
        if len(x) != len(y):
            raise Finding(f"With {len(x)} rows of x came {len(y)} of y.")
    if any((x != -y).any() for x, y in batches):
        raise Finding("A row of x came with another row's y.")
    return len(batches)


def weights_at_each_step(function, **numbers):
    _, weights, _ = follow(function, **numbers)
    return weights


def states_at_each_step(function, **numbers):
    _, _, states = follow(function, **numbers)
    return states


def a_new_order_each_epoch(function, **numbers):
    first, second = orders(function, **numbers)
    if (first == second).all() and (np.diff(first) == 1).all():
        raise Finding("Two epochs went through the examples as they stand, 0, 1, 2 and so on.")
    if np.array_equal(first, second):
        raise Finding("Two epochs went through the examples in the same order.")
    return True


def the_order_is_the_generators(function, seed, **numbers):
    first, again, other = (orders(function, seed=s, **numbers) for s in (seed, seed, seed + 1))
    if not np.array_equal(first, again):
        raise Finding("Two trainings from one seed went in different orders.")
    if np.array_equal(first, other):
        raise Finding("Two trainings from different seeds went in the same order.")
    return True


@probe(
    "descent.fit",
    hints=(
        "Two loops, one inside the other: epochs outside, the minibatches of this epoch inside. "
        "What has to survive from one step to the next, also over the end of an epoch?",
        "A batch is an array of indices: `x[batch]` and `y[batch]` are the rows that belong "
        "together. The list of weights goes into `gradients` unpacked, `*weights`.",
        "`state = None` before both loops; in the inner one `for batch in minibatches(len(x), "
        "size, rng)`: `weights, state = step(weights, gradients(...), state)`.",
    ),
)
def fit(case, rng):
    def draw(n, epochs, size):
        x, y = rng.normal(size=(n, 2)), rng.uniform(0.2, 1.8, size=(n, 1))
        weights = [rng.normal(size=2), rng.normal(size=1)]
        inputs = pull, weights, x, y, shorter_steps, epochs, size
        return {"using": trained, "seed": draw_seed(rng)}, inputs

    def record(name, n, epochs, size):
        options, inputs = draw(n, epochs, size)
        case(name, *inputs, **options)

    def numbers(n, epochs, size):
        return {"n": n, "epochs": epochs, "size": size, "seed": draw_seed(rng)}

    record("one epoch of one batch", 6, 1, 6)
    record("four epochs, a size beyond the examples", 5, 4, 9)
    record("no epoch", 4, 0, 2)
    case("each example once an epoch", **numbers(8, 3, 3), using=batch_sizes)
    case("the rows of x and y", **numbers(12, 2, 4), using=rows_together)
    steps = numbers(7, 3, 3)
    case("weights that grow by 1 at each step", **steps, using=weights_at_each_step)
    case("states that count the steps, −1 for None", **steps, using=states_at_each_step)
    case("a new order each epoch", **numbers(30, 2, 6), using=a_new_order_each_epoch)
    case("the order is the generator's", **numbers(30, 2, 6), using=the_order_is_the_generators)
