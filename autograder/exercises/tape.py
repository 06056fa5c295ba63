"""Probes for the tape chapter: derivatives, motion, what a tape records, Newton, a training step.

A lost gradient is None, which is also what a function without ``return`` gives; the probes say in
words which gradient it is.
"""

import re
from contextlib import contextmanager
from unittest import mock

import numpy as np

from autograder.evidence import Finding
from autograder.exercises import probe
from autograder.exercises.mem_ops import tensor

# --- What is looked at besides the result -------------------------------------------------------


@contextmanager
def quiet():
    """Hold TensorFlow's warnings back: a Hessian traces anew each time, which is nobody's fault."""
    import tensorflow as tf

    logger = tf.get_logger()
    level = logger.level
    logger.setLevel("ERROR")
    try:
        yield
    finally:
        logger.setLevel(level)


class Given:
    """``f`` as it is handed in: it refuses other types, and other numbers than those of ``x``.

    Where ``x`` is None, all numbers will do.
    """

    def __init__(self, f, x=None):
        self.f = f
        self.numbers = None if x is None else {*np.ravel(x), *np.float32(x).ravel()}

    def __call__(self, x):
        import tensorflow as tf

        values = tf.convert_to_tensor(x)
        if (
            self.numbers
            and tf.executing_eagerly()
            and not self.numbers.issuperset(np.ravel(values))
        ):
            raise Finding(
                "The given function was called with numbers that are not in your input. A tape "
                "needs its value at the input alone."
            )
        if values.dtype != tf.float32:
            raise Finding(
                f"The given function takes float32 numbers, but it got {values.dtype.name}."
            )
        return self.f(x)

    def __repr__(self):
        return f"the function {self.f.__name__}"  # no address, which would differ each time


def explained(*names, only_at_x=True):
    """Make a case of a function of f and x whose results, which have these names, may be None."""

    def using(function, f, x):
        with quiet():
            result = function(Given(f, x if only_at_x else None), x)
        parts = result if isinstance(result, tuple | list) else [result]
        for name, part in zip(names, parts, strict=False):
            if part is None and len(parts) == len(names):
                raise Finding(
                    f"The {name} is None: the tape saw no way from the input to it, or a `return` "
                    "is missing. Where there is no dependence, zeros are expected."
                )
        return result

    return using


def tensor_comes_back(function, f, x):
    """Call as in the other cases, and see that the derivative is left on the tape's side."""
    import tensorflow as tf

    result = explained("derivative")(function, f, x)
    if isinstance(result, np.ndarray | np.generic):
        raise Finding("It should return a float32 tensor, but returned an array of NumPy's.")
    if tf.is_tensor(result) and result.dtype != tf.float32:
        raise Finding(f"It should return a float32 tensor, but returned {result.dtype.name}.")
    return result


# --- One number at a time -----------------------------------------------------------------------


def square(x):
    return x**2


def cube(x):
    return x**3


def fading_wave(x):
    import tensorflow as tf

    return 1000 + tf.exp(-x / 2) * tf.sin(3 * x)


def two_pieces(x):
    import tensorflow as tf

    return tf.where(x < 0, x**2, 3 * x)


def always_four(x):
    import tensorflow as tf

    return tf.fill(tf.shape(x), 4.0)


@probe(
    "tape.derivative",
    hints=(
        "A tape writes down only what starts from something it watches, and it watches no "
        "constants by itself. Of which type must x be before it does?",
        "The result has the shape of x, whatever that is: `tape.gradient(y, x)` adds up the "
        "numbers of y, and each number of x reaches only its own.",
        "`x = tf.cast(x, tf.float32)`; `with tf.GradientTape() as tape:`, in it `tape.watch(x)` "
        'and `y = f(x)`; then `tape.gradient(y, x, unconnected_gradients="zero")`.',
    ),
)
def derivative(case, rng):
    import tensorflow as tf

    def record(name, f, x):
        case(name, f, x, using=explained("derivative"))

    record("worked by hand", square, tensor([1, 2, 3]))
    record("a tensor of two axes", fading_wave, tensor(rng.normal(size=(2, 3))))
    record("a float64 array", fading_wave, rng.normal(size=4))
    record("a single number", cube, float(rng.uniform(0.5, 2)))
    record("a whole number", cube, int(rng.integers(2, 60)))
    record("a tensor of integers", square, tf.constant(rng.integers(1, 6, size=(3, 2))))
    sides = rng.uniform(0.5, 2, size=5) * [-1, 1, 1, -1, 1]
    record("a function of two pieces", two_pieces, tensor(sides))
    record("a function that is always 4", always_four, tensor(rng.normal(size=3)))
    x = tensor(rng.normal(size=2))
    case("a tensor comes back", fading_wave, x, using=tensor_comes_back)


# --- Motion -------------------------------------------------------------------------------------


def thrown_upward(t):
    return 20 * t - 5 * t**2


def swinging(t):
    import tensorflow as tf

    return tf.sin(3 * t)


def braking(t):
    import tensorflow as tf

    return 4 - 3 * tf.exp(-t)


def uniform(t):
    return 1.5 - 2 * t


def standing(t):
    import tensorflow as tf

    return tf.fill(tf.shape(t), 2.5)


def speeding_up(t):
    return t**3


@probe(
    "tape.velocity_and_acceleration",
    hints=(
        "The velocity is the derivative of the position, and the acceleration that of the "
        "velocity. Which tape must still record while the velocity is computed?",
        "Both results have the shape of t. Either may be None where there is no dependence: "
        'for each gradient, `unconnected_gradients="zero"` makes zeros of it.',
        "Open `outer`, and in it `inner`; let each watch t. Compute the position in `inner`, "
        "`velocity = inner.gradient(...)` after `inner` has closed but in `outer`, and "
        "`outer.gradient(velocity, t, ...)` after both.",
    ),
)
def velocity_and_acceleration(case, rng):
    def record(name, position, t):
        case(name, position, t, using=explained("velocity", "acceleration"))

    record("a ball thrown upward, by hand", thrown_upward, tensor([0, 1, 2, 3]))
    record("a swing", swinging, tensor(rng.uniform(0.2, 2, size=5)))
    record("a table of times", braking, tensor(rng.uniform(0.2, 2, size=(2, 3))))
    record("a single time", speeding_up, tensor(rng.uniform(1, 2)))
    record("uniform motion", uniform, tensor(rng.uniform(0.2, 2, size=3)))
    record("a body that stands", standing, tensor(rng.uniform(0.2, 2, size=(2, 2))))


# --- Variables by name --------------------------------------------------------------------------


def squared_error(weight, bias):
    return (3 * weight + bias - 5) ** 2


def sum_of_squares(weights, bias):
    import tensorflow as tf

    return tf.reduce_sum((weights + bias) ** 2)


def unlike_parts(second, third, first):
    import tensorflow as tf

    return tf.reduce_sum(first * second**2 * tf.sin(third))


def sum_of_cubes(used, idle):
    import tensorflow as tf

    return tf.reduce_sum(used**3)


def always_two(weights):
    import tensorflow as tf

    return tf.constant(2.0)


class Counted:
    """A loss of variables, as a function without arguments that counts its calls."""

    def __init__(self, loss, variables):
        self.loss, self.variables, self.calls = loss, variables, 0

    def __call__(self):
        self.calls += 1
        return self.loss(**self.variables)

    def __repr__(self):
        return f"the function {self.loss.__name__}"  # no address, which would differ each time


def with_variables(function, loss, variables):
    """Call the function with variables of these values, and say which gradient is None."""
    found, _ = count_calls(function, loss, variables)
    for name, gradient in found.items() if isinstance(found, dict) else ():
        if gradient is None:
            raise Finding(
                f'The gradient of "{name}" is None: the tape saw no way from it to the loss. '
                "Where there is no dependence, zeros are expected."
            )
    return found


def loss_is_computed_once(function, loss, variables):
    _, calls = count_calls(function, loss, variables)
    if calls != 1:
        raise Finding(f"Your function called `loss` {calls} times. Once is what is asked.")
    return True


def count_calls(function, loss, variables):
    import tensorflow as tf

    variables = {name: tf.Variable(value, dtype=tf.float32) for name, value in variables.items()}
    counted = Counted(loss, variables)
    found = function(counted, variables)
    return found, counted.calls


@probe(
    "tape.gradient_dict",
    hints=(
        "A tape watches every variable by itself. What has to happen while it records, and what "
        "afterward?",
        "`tape.gradient` takes a dict where it takes a tensor, and returns a dict with the same "
        "names. A variable that the loss does not use gets None unless you say otherwise.",
        "`value = loss()` under the tape; then `tape.gradient(value, variables, "
        'unconnected_gradients="zero")`.',
    ),
)
def gradient_dict(case, rng):
    def draw(*shape):
        return rng.uniform(0.5, 2, size=shape)

    def record(name, loss, using=with_variables, **variables):
        case(name, loss, variables, using=using)

    record("worked by hand", squared_error, weight=np.array(2.0), bias=np.array(0.5))
    record("a matrix and a vector", sum_of_squares, weights=draw(3, 2), bias=draw(2))
    three = {name: draw(3) for name in ("third", "first", "second")}
    record("three of one shape", unlike_parts, **three)
    record("one that is not used", sum_of_cubes, used=draw(4), idle=draw(2, 3))
    record("none is used", always_two, weights=draw(2, 2))
    record("how often the loss is computed", unlike_parts, loss_is_computed_once, **three)


# --- Four recordings ----------------------------------------------------------------------------


LOST = {
    "integer": "the tape must watch the float32 numbers, and that very tensor is what is cubed and "
    "what the gradient is asked for, neither the integers nor a second cast.",
    "constant": "the tape must watch x before x is used.",
    "numpy": "x was not watched, or all of the product went through NumPy.",
    "twice": "x was not watched before it was used, or y or z was computed outside of the block.",
}


def faults(whole, x):
    """Return wrong values that tell their cause: the entry, its parts, and what happened."""
    itself = "holds the result itself. Ask the tape for its gradient."
    return (
        ("integer", [whole**3], itself),
        ("constant", [x**2], itself),
        ("numpy", [x * np.sin(x)], itself),
        ("twice", [x**2, x**4], itself),
        (
            "numpy",
            [np.sin(x)],
            "is sin(x) alone: of the two ways in which x gets into the product, the tape saw one. "
            "Was the sine NumPy's?",
        ),
        (
            "numpy",
            [x * np.cos(x)],
            "is x · cos(x) alone: of the two ways in which x gets into the product, the tape saw "
            "one. The x in front was not the tensor that is watched.",
        ),
        ("twice", [2 * x, 2 * x**2], "has 2y in second place, the slope of z for y, not for x."),
        ("twice", [2 * x + 4 * x**3], "is the sum of the two gradients: ask for each by itself."),
        ("twice", [4 * x**3, 2 * x], "has the gradient of z first. That of y comes first."),
        ("twice", [2 * x, 2 * x], "has the gradient of y in both places."),
    )


def entry(name):
    """Make a case of one entry, so that each mended recording earns its share."""

    def using(function, whole, x):
        with quiet():
            result = function(whole, x)
        if not isinstance(result, dict):
            raise Finding(f"It should return a dict, but returned {type(result).__name__}.")
        if name not in result:
            raise Finding(f'The dict lacks "{name}".')
        parts = result[name] if isinstance(result[name], tuple | list) else [result[name]]
        if any(part is None for part in parts):
            raise Finding(f'A gradient in "{name}" is None: {LOST[name]}')
        if not any(map(np.any, parts)):
            raise Finding(
                f'In "{name}" there are only zeros. Where a dependence is lost, '
                '`unconnected_gradients="zero"` hides it: leave it out until a gradient arrives.'
            )
        for where, values, what in faults(np.float32(whole), x.numpy()):
            if where == name and alike(parts, values):
                raise Finding(f'"{name}" {what}')
        return result[name]

    return using


def alike(parts, values):
    return len(parts) == len(values) and all(
        np.shape(part) == value.shape and np.allclose(part, value, rtol=1e-4)
        for part, value in zip(parts, values, strict=True)
    )


def a_tape_records(function, whole, x):
    """Whether a tape is in it at all: by its values, a formula looks the same."""
    import tensorflow as tf

    tapes = []
    enter = tf.GradientTape.__enter__
    with (
        quiet(),
        mock.patch.object(
            tf.GradientTape, "__enter__", lambda tape: tapes.append(tape) or enter(tape)
        ),
    ):
        function(whole, x)
    if not tapes:
        raise Finding("No tape has recorded anything. Formulas of your own are not asked for here.")
    return True


@probe(
    "tape.mend_the_tape",
    hints=(
        "Take one entry at a time, and ask of each recording: was it watched, was it float, was "
        "every step TensorFlow's, and was the tape still there for the second question?",
        "Every entry has the shape of its input. The gradient is asked for the float32 tensor that "
        "was watched, not for the integers; `tf.sin` in place of NumPy's.",
        "One `tf.GradientTape(persistent=True)` will do: `tape.watch` the cast integers and x "
        "first, then compute all four results, and call `tape.gradient` five times after the "
        "block has ended.",
    ),
)
def mend_the_tape(case, rng):
    def draw_whole(*shape):
        import tensorflow as tf

        return tf.constant(rng.integers(4, 8, size=shape), tf.int32)  # 3³ is its own slope

    def draw(*shape):
        return tensor(rng.uniform(0.5, 2, size=shape))

    case("the integers", draw_whole(2, 3), draw(2), using=entry("integer"))
    case("the constant", draw_whole(3), draw(4), using=entry("constant"))
    case("the way through NumPy", draw_whole(2), draw(2, 3), using=entry("numpy"))
    case("the tape used twice", draw_whole(4), draw(3), using=entry("twice"))
    case("whether a tape records", draw_whole(2), draw(2), using=a_tape_records)


# --- Functions of a point -----------------------------------------------------------------------


def hand_made(x):
    return x[0] ** 2 * x[1] + x[1] ** 2


def bowl(x):
    return (x[0] - 3) ** 2 + 2 * (x[1] + 1) ** 2


def leaning_bowl(x):
    return x[0] ** 2 + 2 * x[1] ** 2 + 3 * x[2] ** 2 + x[0] * x[1] - 2 * x[1] * x[2] - x[2]


def saddle(x):
    return x[0] ** 2 - 2 * x[1] ** 2 + 3 * x[0] * x[1] + x[1]


def steep(x):
    import tensorflow as tf

    return 1000 * tf.reduce_sum(x) + x[0] * tf.reduce_sum(tf.exp(x))


def curved(x):
    import tensorflow as tf

    return tf.reduce_sum(tf.exp(x)) + tf.reduce_sum(x) ** 2


def fourth_power(x):
    import tensorflow as tf

    return tf.reduce_sum(x**4)


def slope(x):
    return 2 * x[0] - x[1] + 3 * x[2]


def first_alone(x):
    return x[0] ** 3


def level(x):
    import tensorflow as tf

    return tf.constant(5.0)


@probe(
    "tape.hessian",
    hints=(
        "A gradient of n numbers has n · n derivatives. `gradient` would add up those of each "
        "column; which method of a tape keeps them apart?",
        "The gradient is [n], and the derivative of each of its numbers for each number of x "
        "makes [n, n]: the jacobian of the gradient. The gradient is computed in the outer tape.",
        "As for the acceleration, but end with `outer.jacobian(gradient, x, "
        'unconnected_gradients="zero")`, and let the inner gradient have zeros as well. Two more '
        "options, which the chapter names, make it faster.",
    ),
)
def hessian(case, rng):
    def record(name, f, x):
        case(name, f, x, using=explained("Hessian"))

    record("worked by hand", hand_made, tensor([1, 2]))
    record("a saddle", saddle, tensor(rng.normal(size=2)))
    record("four numbers on a steep slope", steep, tensor(rng.normal(size=4)))
    record("one number", fourth_power, tensor(rng.uniform(0.5, 2, size=1)))
    record("a linear function", slope, tensor(rng.normal(size=3)))
    record("only the first number counts", first_alone, tensor(rng.uniform(0.5, 2, size=3)))
    record("a function that is always 5", level, tensor(rng.normal(size=2)))


@probe(
    "tape.newton_step",
    hints=(
        "With one number, the step is minus the slope divided by how fast the slope changes. "
        "With n numbers, what stands in the place of dividing?",
        "`tf.linalg.solve` wants the right side as a column, [n, 1], and gives a column back; the "
        "new point is [n].",
        "`tf.linalg.solve(hessian(f, x), gradient[:, tf.newaxis])[:, 0]` is H⁻¹ g. Add it to x or "
        "take it away?",
    ),
)
def newton_step(case, rng):
    def record(name, f, x):
        case(name, f, x, using=explained("new point", only_at_x=False))

    record("a bowl, by hand", bowl, tensor([0, 0]))
    record("a bowl that leans", leaning_bowl, tensor(rng.normal(size=3)))
    record("a saddle", saddle, tensor(rng.normal(size=2)))
    record("no quadratic function", curved, tensor(rng.normal(size=4)))
    record("one number", fourth_power, tensor(rng.uniform(1, 3, size=1)))
    record("already at the lowest point", bowl, tensor([3, -1]))


# --- Training -----------------------------------------------------------------------------------

PARAMETERS = ("W1", "b1", "W2", "b2")
PIXELS, HIDDEN, CLASSES = 4, 6, 3


def one_step(function, parameters, pictures, labels, learning_rate):
    """The loss, and where the variables are after the step."""
    import tensorflow as tf

    variables = [tf.Variable(values) for values in parameters]
    try:
        loss = function(list(variables), pictures, labels, learning_rate)
    except TypeError as error:
        if not re.search(r"for \*: .*NoneType", str(error)):
            raise
        raise Finding(
            "A gradient is None: between the variables and the loss stands an operation that the "
            "tape did not record."
        ) from None
    if isinstance(loss, tuple | list):
        kind = type(loss).__name__
        raise Finding(f"It should return the loss alone, but returned a {kind} of {len(loss)}.")
    return {"loss": loss, **dict(zip(PARAMETERS, variables, strict=True))}


def one_step_far_apart(function, *inputs):
    """Take a step from where softmax gives probabilities that round to zero."""
    import tensorflow as tf

    result = one_step(function, *inputs)
    if tf.is_tensor(result["loss"]) and not np.isfinite(result["loss"]).all():
        raise Finding("The logits lie far apart here, and the loss is infinite or not a number.")
    return result


def steps_in_a_graph(function, parameters, pictures, labels, learning_rate):
    """Take a step for each batch, the first axis of the pictures, inside a ``tf.function``."""
    import tensorflow as tf

    # An error is plainer to read outside of a graph.
    loss = one_step(function, parameters, pictures[0], labels[0], learning_rate)["loss"]
    if loss is not None and not tf.is_tensor(loss):
        raise Finding(
            "The loss came as a number. Inside `tf.function` there are no numbers yet: return the "
            "tensor itself."
        )
    variables = [tf.Variable(values) for values in parameters]
    specs = [tf.TensorSpec(part.shape[1:], part.dtype) for part in (pictures, labels)]

    @tf.function(input_signature=specs)
    def step(pictures, labels):
        return function(list(variables), pictures, labels, learning_rate)

    try:
        with quiet():
            losses = [step(*batch) for batch in zip(pictures, labels, strict=True)]
    except (NotImplementedError, AttributeError, TypeError) as error:
        if not isinstance(error, NotImplementedError) and "SymbolicTensor" not in str(error):
            raise
        raise Finding(
            "Inside `tf.function` there are no numbers yet. NumPy needs some, and so do `.numpy()` "
            "and a text with the loss in it."
        ) from None
    return {"losses": losses, **dict(zip(PARAMETERS, variables, strict=True))}


@probe(
    "tape.train_step",
    hints=(
        "Loss under the tape, gradients after it, then the variables move. A variable changes in "
        "its place; what a `=` makes is a new tensor, and the variable stays.",
        "Logits are [n, classes] and the losses [n]; their mean is one number. Each gradient has "
        "the shape of its variable.",
        "`tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)`, "
        "`tf.reduce_mean`, `tape.gradient(loss, parameters)`, and for each pair "
        "`variable.assign_sub(learning_rate * gradient)`.",
    ),
)
def train_step(case, rng):
    import tensorflow as tf

    def draw_parameters(dtype="float32"):
        shapes = (PIXELS, HIDDEN), (HIDDEN,), (HIDDEN, CLASSES), (CLASSES,)
        return [rng.normal(size=shape).astype(dtype) for shape in shapes]

    def draw_batch(*shape, dtype="float32"):
        pictures = tf.constant(rng.normal(size=(*shape, PIXELS)), dtype)
        return pictures, tf.constant(rng.integers(CLASSES, size=shape))

    def record(name, parameters, batch, learning_rate, using=one_step):
        case(name, parameters, *batch, learning_rate, using=using)

    hand = [np.array(part, "float32") for part in ([[1]], [0], [[0, 0]], [0, 0])]
    record("worked by hand", hand, (tensor([[2]]), tf.constant([0])), 1.0)
    record("five examples", draw_parameters(), draw_batch(5), 0.5)
    record("one example", draw_parameters(), draw_batch(1), 0.2)
    record("float64", draw_parameters("float64"), draw_batch(7, dtype="float64"), 0.3)
    far_apart = draw_parameters()
    far_apart[3][:] = 500 * np.arange(CLASSES)
    first_class = draw_batch(8)[0], tf.zeros(8, tf.int64)
    record("logits of some hundreds", far_apart, first_class, 0.1, one_step_far_apart)
    batches = draw_batch(3, 5)
    record("three steps inside tf.function", draw_parameters(), batches, 0.3, steps_in_a_graph)
