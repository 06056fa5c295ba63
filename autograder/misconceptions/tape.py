"""Misconceptions of the tape chapter."""

import numpy as np
import tensorflow as tf

from autograder.misconceptions import misconception

# --- derivative ---------------------------------------------------------------------------------


@misconception(
    "tape.derivative",
    "watches nothing",
    says="Every derivative is None: the tape did not watch the tensor that you ask about. It "
    "watches variables by itself, and x is a constant: cast it once, say `tape.watch(x)` before "
    "you call f under the tape, and ask for the gradient of that same x.",
)
def derivative(f, x):
    x = tf.cast(x, tf.float32)
    with tf.GradientTape() as tape:
        y = f(x)
    return tape.gradient(y, x)


@misconception(
    "tape.derivative",
    "zeros for everything that was not recorded",
    says="All your derivatives are zeros. `unconnected_gradients` fills in zeros wherever the tape "
    "saw no way, and it saw none: nothing was watched, or f was called outside of the block. "
    "Leave the zeros out until a gradient arrives.",
)
def derivative(f, x):
    x = tf.cast(x, tf.float32)
    with tf.GradientTape() as tape:
        y = f(x)
    return tape.gradient(y, x, unconnected_gradients="zero")


@misconception(
    "tape.derivative",
    "None for a function that is always the same",
    says="A function that is always 4 has the slope 0, but your tape says None, its word for "
    'no connection. `unconnected_gradients="zero"` makes zeros of the right shape.',
)
def derivative(f, x):
    x = tf.cast(x, tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = f(x)
    return tape.gradient(y, x)


@misconception(
    "tape.derivative",
    "a single zero where f is constant",
    says="Where there is no gradient you returned a single 0. The result has the shape of x, "
    'also there: `unconnected_gradients="zero"` gives zeros of that shape.',
)
def derivative(f, x):
    x = tf.cast(x, tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = f(x)
    gradient = tape.gradient(y, x)
    return tf.constant(0.0) if gradient is None else gradient


@misconception(
    "tape.derivative",
    "keeps the type of x",
    says="You made a tensor of x and kept its type. Integers cannot be differentiated, and f wants "
    "float32: `tf.cast(x, tf.float32)` before the tape watches it.",
)
def derivative(f, x):
    x = tf.convert_to_tensor(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = f(x)
    return tape.gradient(y, x, unconnected_gradients="zero")


@misconception(
    "tape.derivative",
    "numerical difference",
    says="You measured the slope with two values of f. In float32 that leaves three or four right "
    "digits at best. A tape applies the rules of differentiation, and loses none.",
)
def derivative(f, x):
    x = tf.cast(x, tf.float32)
    return (f(x + 1e-3) - f(x - 1e-3)) / 2e-3


@misconception(
    "tape.derivative",
    "numerical difference in float64",
    says="You measured the slope with two values of f, in float64. The function is made for "
    "float32, where a measurement is too coarse. A tape needs no second value at all.",
)
def derivative(f, x):
    x = tf.cast(x, tf.float64)
    return tf.cast((f(x + 1e-6) - f(x - 1e-6)) / 2e-6, tf.float32)


@misconception(
    "tape.derivative",
    "the derivative of the mean",
    says="You took the mean of the results first, so each derivative is divided by how many "
    "numbers there are. Give y to the tape as it is: it adds up, and does not average.",
)
def derivative(f, x):
    x = tf.cast(x, tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.reduce_mean(f(x))
    return tape.gradient(y, x, unconnected_gradients="zero")


@misconception(
    "tape.derivative",
    "jacobian in place of gradient",
    says="You asked for the jacobian: the derivative of every result for every number of x, most "
    "of them 0. Each result depends on its own number only, so `tape.gradient` says it all, in the "
    "shape of x.",
)
def derivative(f, x):
    x = tf.cast(x, tf.float32)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = f(x)
    return tape.jacobian(y, x, unconnected_gradients="zero", experimental_use_pfor=False)


@misconception(
    "tape.derivative",
    "returns the value",
    says="You returned f(x) itself. The tape has recorded how it came about: ask it with "
    "`tape.gradient(y, x)`.",
)
def derivative(f, x):
    x = tf.cast(x, tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = f(x)
    return y


# --- velocity_and_acceleration ------------------------------------------------------------------


@misconception(
    "tape.velocity_and_acceleration",
    "the outer tape saw no velocity",
    says="The acceleration is always None: the outer tape did not record how the velocity came "
    "from t. It must watch t, and `inner.gradient` must be called inside of its block.",
)
def velocity_and_acceleration(position, t):
    with tf.GradientTape() as outer:
        outer.watch(t)
        with tf.GradientTape() as inner:
            inner.watch(t)
            x = position(t)
    velocity = inner.gradient(x, t, unconnected_gradients="zero")
    return velocity, outer.gradient(velocity, t)


@misconception(
    "tape.velocity_and_acceleration",
    "zeros where the outer tape saw nothing",
    says="Every acceleration is 0. The outer tape did not see how the velocity came about, and "
    '`unconnected_gradients="zero"` hides that: it must watch t, and `inner.gradient` belongs '
    "inside of its block.",
)
def velocity_and_acceleration(position, t):
    with tf.GradientTape() as outer:
        outer.watch(t)
        with tf.GradientTape() as inner:
            inner.watch(t)
            x = position(t)
    velocity = inner.gradient(x, t, unconnected_gradients="zero")
    return velocity, outer.gradient(velocity, t, unconnected_gradients="zero")


@misconception(
    "tape.velocity_and_acceleration",
    "None for a velocity that does not change",
    says="A body in uniform motion has the acceleration 0, but its velocity does not depend on t, "
    'and for that the tape says None. Ask the outer tape with `unconnected_gradients="zero"`.',
)
def velocity_and_acceleration(position, t):
    with tf.GradientTape() as outer:
        outer.watch(t)
        with tf.GradientTape() as inner:
            inner.watch(t)
            x = position(t)
        velocity = inner.gradient(x, t, unconnected_gradients="zero")
    return velocity, outer.gradient(velocity, t)


@misconception(
    "tape.velocity_and_acceleration",
    "None for a body that stands, and for its acceleration",
    says="Both your gradients can be None: the velocity of a body that stands, and the "
    "acceleration of one that moves uniformly. The truth in both is 0: "
    '`unconnected_gradients="zero"`, twice.',
)
def velocity_and_acceleration(position, t):
    with tf.GradientTape() as outer:
        outer.watch(t)
        with tf.GradientTape() as inner:
            inner.watch(t)
            x = position(t)
        velocity = inner.gradient(x, t)
    return velocity, outer.gradient(velocity, t)


@misconception(
    "tape.velocity_and_acceleration",
    "None for a body that stands",
    says="Where the body stands, the inner tape gives None for the velocity, and the outer tape "
    'cannot go on from None. Ask the inner one, too, with `unconnected_gradients="zero"`.',
)
def velocity_and_acceleration(position, t):
    with tf.GradientTape() as outer:
        outer.watch(t)
        with tf.GradientTape() as inner:
            inner.watch(t)
            x = position(t)
        velocity = inner.gradient(x, t)
    return velocity, outer.gradient(velocity, t, unconnected_gradients="zero")


@misconception(
    "tape.velocity_and_acceleration",
    "tapes that watch nothing",
    says="The tapes watch nothing: t is a constant, and so no position has a gradient. Each of the "
    "two needs its own `watch(t)`.",
)
def velocity_and_acceleration(position, t):
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            x = position(t)
        velocity = inner.gradient(x, t)
    acceleration = None if velocity is None else outer.gradient(velocity, t)
    return velocity, acceleration


@misconception(
    "tape.velocity_and_acceleration",
    "one tape for both",
    says="You asked one tape twice, and a tape is used up by its first gradient. Making it "
    "persistent is not enough either: once its block has ended, it does not record how the "
    "velocity is computed. Open a second tape around the first.",
)
def velocity_and_acceleration(position, t):
    with tf.GradientTape() as tape:
        tape.watch(t)
        x = position(t)
    velocity = tape.gradient(x, t, unconnected_gradients="zero")
    return velocity, tape.gradient(velocity, t, unconnected_gradients="zero")


@misconception(
    "tape.velocity_and_acceleration",
    "the position's gradient twice",
    says="Your acceleration is the velocity once more: you asked the outer tape about the "
    "position. It should differentiate the velocity: `outer.gradient(velocity, t)`.",
)
def velocity_and_acceleration(position, t):
    with tf.GradientTape() as outer:
        outer.watch(t)
        with tf.GradientTape() as inner:
            inner.watch(t)
            x = position(t)
        velocity = inner.gradient(x, t, unconnected_gradients="zero")
    return velocity, outer.gradient(x, t, unconnected_gradients="zero")


@misconception(
    "tape.velocity_and_acceleration",
    "acceleration first",
    says="Both are right, but in the other order: the velocity comes first, then the acceleration.",
)
def velocity_and_acceleration(position, t):
    with tf.GradientTape() as outer:
        outer.watch(t)
        with tf.GradientTape() as inner:
            inner.watch(t)
            x = position(t)
        velocity = inner.gradient(x, t, unconnected_gradients="zero")
    return outer.gradient(velocity, t, unconnected_gradients="zero"), velocity


@misconception(
    "tape.velocity_and_acceleration",
    "position and velocity",
    says="You returned the position and the velocity. The velocity comes first, and its own "
    "derivative, the acceleration, second.",
)
def velocity_and_acceleration(position, t):
    with tf.GradientTape() as tape:
        tape.watch(t)
        x = position(t)
    return x, tape.gradient(x, t, unconnected_gradients="zero")


@misconception(
    "tape.velocity_and_acceleration",
    "numerical differences",
    says="You measured with positions at neighboring times. In float32 the second difference is "
    "little more than rounding noise. Two tapes, one inside the other, give all digits.",
)
def velocity_and_acceleration(position, t):
    before, now, after = position(t - 1e-2), position(t), position(t + 1e-2)
    return (after - before) / 2e-2, (after - 2 * now + before) / 1e-4


@misconception(
    "tape.velocity_and_acceleration",
    "velocity over time",
    says="You divided the velocity by the time, which is the mean acceleration of a body that "
    "started from rest. At one moment, the acceleration is the derivative of the velocity: "
    "a second tape.",
)
def velocity_and_acceleration(position, t):
    with tf.GradientTape() as tape:
        tape.watch(t)
        x = position(t)
    velocity = tape.gradient(x, t, unconnected_gradients="zero")
    return velocity, velocity / t


@misconception(
    "tape.velocity_and_acceleration",
    "speed in place of velocity",
    says="You took the sign away from the velocity. It says in which direction the body moves: a "
    "ball that falls has a negative velocity.",
)
def velocity_and_acceleration(position, t):
    with tf.GradientTape() as outer:
        outer.watch(t)
        with tf.GradientTape() as inner:
            inner.watch(t)
            x = position(t)
        velocity = tf.abs(inner.gradient(x, t, unconnected_gradients="zero"))
    return velocity, outer.gradient(velocity, t, unconnected_gradients="zero")


# --- gradient_dict ------------------------------------------------------------------------------


@misconception(
    "tape.gradient_dict",
    "None for a variable that is not used",
    says="A variable that the loss does not use has the gradient 0 everywhere, but the tape says "
    'None unless you ask with `unconnected_gradients="zero"`.',
)
def gradient_dict(loss, variables):
    with tf.GradientTape() as tape:
        value = loss()
    return tape.gradient(value, variables)


@misconception(
    "tape.gradient_dict",
    "leaves out what is not used",
    says="You dropped the variables without a gradient. Whoever updates all variables by name will "
    'miss them: give zeros of their shape, with `unconnected_gradients="zero"`.',
)
def gradient_dict(loss, variables):
    with tf.GradientTape() as tape:
        value = loss()
    found = tape.gradient(value, variables)
    return {name: gradient for name, gradient in found.items() if gradient is not None}


@misconception(
    "tape.gradient_dict",
    "a single zero for what is not used",
    says="A variable that is not used got a single 0. Each gradient has the shape of its variable, "
    "also when it is all zeros: `tf.zeros_like(variable)`, or ask with "
    '`unconnected_gradients="zero"`.',
)
def gradient_dict(loss, variables):
    with tf.GradientTape() as tape:
        value = loss()
    found = tape.gradient(value, variables)
    return {name: 0.0 if gradient is None else gradient for name, gradient in found.items()}


@misconception(
    "tape.gradient_dict",
    "computes the loss outside of the tape",
    says="No gradient arrives at all: you called `loss()` where no tape was recording. Call it "
    "inside of the `with` block.",
)
def gradient_dict(loss, variables):
    value = loss()
    with tf.GradientTape() as tape:
        tape.watch(list(variables.values()))
    return tape.gradient(value, variables)


@misconception(
    "tape.gradient_dict",
    "zeros for what was never recorded",
    says='All your gradients are zeros. You called `loss()` outside of the tape, and "zero" '
    "covers that up. Call it inside of the `with` block.",
)
def gradient_dict(loss, variables):
    value = loss()
    with tf.GradientTape() as tape:
        tape.watch(list(variables.values()))
    return tape.gradient(value, variables, unconnected_gradients="zero")


@misconception(
    "tape.gradient_dict",
    "a tape for each variable",
    says="You computed the loss anew for each variable. One recording holds the way to all of "
    "them, and one pass backward finds all gradients: give the whole dict to `tape.gradient`.",
)
def gradient_dict(loss, variables):
    found = {}
    for name, variable in variables.items():
        with tf.GradientTape() as tape:
            value = loss()
        found[name] = tape.gradient(value, variable, unconnected_gradients="zero")
    return found


@misconception(
    "tape.gradient_dict",
    "asks one tape again and again",
    says="You asked the tape for one variable after the other, but it forgets its recording with "
    "the first answer. Give it the whole dict at once.",
)
def gradient_dict(loss, variables):
    with tf.GradientTape() as tape:
        value = loss()
    return {
        name: tape.gradient(value, variable, unconnected_gradients="zero")
        for name, variable in variables.items()
    }


@misconception(
    "tape.gradient_dict",
    "a list in place of a dict",
    says="You returned the gradients in a list, without their names. `tape.gradient` answers in "
    "the form of the question: give it the dict, and it returns a dict.",
)
def gradient_dict(loss, variables):
    with tf.GradientTape() as tape:
        value = loss()
    return tape.gradient(value, list(variables.values()), unconnected_gradients="zero")


@misconception(
    "tape.gradient_dict",
    "names in another order than the gradients",
    says="You sorted the names and left the variables in their own order, so gradients stand under "
    "the names of others. Where shapes are equal, nothing complains. Give the dict to the tape.",
)
def gradient_dict(loss, variables):
    with tf.GradientTape() as tape:
        value = loss()
    found = tape.gradient(value, list(variables.values()), unconnected_gradients="zero")
    return dict(zip(sorted(variables), found, strict=True))


@misconception(
    "tape.gradient_dict",
    "TensorFlow's own names",
    says="You took the names that TensorFlow gives to variables. They need not differ from each "
    "other; the names asked for are those of the dict.",
)
def gradient_dict(loss, variables):
    with tf.GradientTape() as tape:
        value = loss()
    found = tape.gradient(value, list(variables.values()), unconnected_gradients="zero")
    return {v.name: gradient for v, gradient in zip(variables.values(), found, strict=True)}


@misconception(
    "tape.gradient_dict",
    "the function in place of its value",
    says="You gave the function `loss` to the tape. A tape differentiates what was computed: call "
    "it, `value = loss()`, under the tape, and ask for the gradient of `value`.",
)
def gradient_dict(loss, variables):
    with tf.GradientTape() as tape:
        loss()
    return tape.gradient(loss, variables, unconnected_gradients="zero")


# --- mend_the_tape ------------------------------------------------------------------------------


@misconception(
    "tape.mend_the_tape",
    "the integers are still lost",
    says="The integers still give None. Cast them to float32 before the tape watches them, keep "
    "that tensor, cube it, and ask for its gradient: neither the integers nor a second cast is "
    "what the tape has watched.",
)
def mend_the_tape(whole, x):
    with tf.GradientTape(persistent=True) as tape:
        floats = tf.cast(whole, tf.float32)
        tape.watch([floats, x])
        cube, y, wave = floats**3, x**2, x * tf.sin(x)
        z = y**2
    return {
        "integer": tape.gradient(cube, tf.cast(whole, tf.float32)),
        "constant": tape.gradient(y, x),
        "numpy": tape.gradient(wave, x),
        "twice": (tape.gradient(y, x), tape.gradient(z, x)),
    }


@misconception(
    "tape.mend_the_tape",
    "the constant is still not watched",
    says="x is a constant, and no tape looks at a constant by itself. All three recordings that "
    "start at x need `tape.watch(x)`; only the integers got it.",
)
def mend_the_tape(whole, x):
    floats = tf.cast(whole, tf.float32)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(floats)
        cube, y, wave = floats**3, x**2, x * tf.sin(x)
        z = y**2
    return {
        "integer": tape.gradient(cube, floats),
        "constant": tape.gradient(y, x),
        "numpy": tape.gradient(wave, x),
        "twice": (tape.gradient(y, x), tape.gradient(z, x)),
    }


@misconception(
    "tape.mend_the_tape",
    "the product still goes through NumPy",
    says="`np.sin(x)` times an array is NumPy's from end to end, and a tape does not see NumPy: "
    "the gradient is None. Compute x · sin(x) with `tf.sin`.",
)
def mend_the_tape(whole, x):
    floats = tf.cast(whole, tf.float32)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch([floats, x])
        cube, y = floats**3, x**2
        wave = tf.constant(x.numpy() * np.sin(x))
        z = y**2
    return {
        "integer": tape.gradient(cube, floats),
        "constant": tape.gradient(y, x),
        "numpy": tape.gradient(wave, x),
        "twice": (tape.gradient(y, x), tape.gradient(z, x)),
    }


@misconception(
    "tape.mend_the_tape",
    "the sine still goes through NumPy",
    says="A gradient arrives, but it is sin(x) alone. To the tape, what `np.sin(x)` gives is a "
    "constant, so of the product rule one half is missing, without a None. Use `tf.sin`.",
)
def mend_the_tape(whole, x):
    floats = tf.cast(whole, tf.float32)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch([floats, x])
        cube, y, wave = floats**3, x**2, x * np.sin(x)
        z = y**2
    return {
        "integer": tape.gradient(cube, floats),
        "constant": tape.gradient(y, x),
        "numpy": tape.gradient(wave, x),
        "twice": (tape.gradient(y, x), tape.gradient(z, x)),
    }


@misconception(
    "tape.mend_the_tape",
    "the tape is still used up",
    says="The second question to the last tape raises an error, and with it all four entries are "
    "lost. A tape answers once and lets go of its recording, unless you open it with "
    "`persistent=True`.",
)
def mend_the_tape(whole, x):
    floats = tf.cast(whole, tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x**2
        z = y**2
    first, second = tape.gradient(y, x), tape.gradient(z, x)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch([floats, x])
        cube, wave = floats**3, x * tf.sin(x)
    return {
        "integer": tape.gradient(cube, floats),
        "constant": first,
        "numpy": tape.gradient(wave, x),
        "twice": (first, second),
    }


@misconception(
    "tape.mend_the_tape",
    "zeros in place of None",
    says="You turned each None into zeros. That mends nothing: the slope of x² is 2x, not 0. None "
    "was the symptom, and the cause is what the tape was not shown: watch the inputs.",
)
def mend_the_tape(whole, x):
    floats = tf.cast(whole, tf.float32)
    with tf.GradientTape(persistent=True) as tape:
        cube, y, wave = floats**3, x**2, x * tf.sin(x)
        z = y**2
    return {
        "integer": tape.gradient(cube, floats, unconnected_gradients="zero"),
        "constant": tape.gradient(y, x, unconnected_gradients="zero"),
        "numpy": tape.gradient(wave, x, unconnected_gradients="zero"),
        "twice": tuple(tape.gradient(r, x, unconnected_gradients="zero") for r in (y, z)),
    }


@misconception(
    "tape.mend_the_tape",
    "the gradient of z for y",
    says="You asked how z depends on y, which gives 2y. The question is how z depends on x: "
    "`tape.gradient(z, x)` goes the whole way, and gives 4x³.",
)
def mend_the_tape(whole, x):
    floats = tf.cast(whole, tf.float32)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch([floats, x])
        cube, y, wave = floats**3, x**2, x * tf.sin(x)
        z = y**2
    return {
        "integer": tape.gradient(cube, floats),
        "constant": tape.gradient(y, x),
        "numpy": tape.gradient(wave, x),
        "twice": (tape.gradient(y, x), tape.gradient(z, y)),
    }


@misconception(
    "tape.mend_the_tape",
    "asks for both gradients at once",
    says="You asked for the gradient of [y, z] in one call, and a tape adds up the gradients of "
    "several results: 2x + 4x³. Two gradients take two calls, and so a persistent tape.",
)
def mend_the_tape(whole, x):
    floats = tf.cast(whole, tf.float32)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch([floats, x])
        cube, y, wave = floats**3, x**2, x * tf.sin(x)
        z = y**2
    return {
        "integer": tape.gradient(cube, floats),
        "constant": tape.gradient(y, x),
        "numpy": tape.gradient(wave, x),
        "twice": tape.gradient([y, z], x),
    }


@misconception(
    "tape.mend_the_tape",
    "returns the results",
    says="You returned the four results, not their gradients. The recordings are there: ask each "
    "with `tape.gradient`.",
)
def mend_the_tape(whole, x):
    y = x**2
    return {
        "integer": tf.cast(whole, tf.float32) ** 3,
        "constant": y,
        "numpy": x * tf.sin(x),
        "twice": (y, y**2),
    }


# --- hessian ------------------------------------------------------------------------------------


@misconception(
    "tape.hessian",
    "gradient of the gradient",
    says="You took the gradient of the gradient. A gradient adds up over its results, so you got "
    "the sum of each column, [n], and the single second derivatives are lost. `outer.jacobian` "
    "keeps them apart.",
)
def hessian(f, x):
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = f(x)
        gradient = inner.gradient(y, x, unconnected_gradients="zero")
    return outer.gradient(gradient, x, unconnected_gradients="zero")


@misconception(
    "tape.hessian",
    "the sums on the diagonal",
    says="You took the gradient of the gradient and put it on a diagonal. These are sums of whole "
    "columns, right only where no two numbers meet in f. `outer.jacobian` gives the matrix itself.",
)
def hessian(f, x):
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = f(x)
        gradient = inner.gradient(y, x, unconnected_gradients="zero")
    return tf.linalg.diag(outer.gradient(gradient, x, unconnected_gradients="zero"))


@misconception(
    "tape.hessian",
    "only the diagonal",
    says="You filled the diagonal and left zeros elsewhere. The other places count, too: they say "
    "how the slope in one direction changes when you move in another.",
)
def hessian(f, x):
    with tf.GradientTape(persistent=True) as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = f(x)
        parts = tf.unstack(inner.gradient(y, x, unconnected_gradients="zero"))
    rows = [outer.gradient(part, x, unconnected_gradients="zero") for part in parts]
    return tf.linalg.diag(tf.linalg.diag_part(tf.stack(rows)))


@misconception(
    "tape.hessian",
    "None where the gradient is constant",
    says="The gradient of a linear function is the same everywhere, so it is not connected to x, "
    'and the jacobian is None. Its second derivatives are 0: `unconnected_gradients="zero"` in '
    "the call of `jacobian`, too.",
)
def hessian(f, x):
    with tf.GradientTape(persistent=True) as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = f(x)
        gradient = inner.gradient(y, x, unconnected_gradients="zero")
    return outer.jacobian(gradient, x, experimental_use_pfor=False)


@misconception(
    "tape.hessian",
    "None where f is constant",
    says="A function that is always 5 gives None as its gradient, and the outer tape cannot go on "
    'from there. Ask the inner tape with `unconnected_gradients="zero"` as well.',
)
def hessian(f, x):
    with tf.GradientTape(persistent=True) as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = f(x)
        gradient = inner.gradient(y, x)
    return outer.jacobian(gradient, x, unconnected_gradients="zero", experimental_use_pfor=False)


@misconception(
    "tape.hessian",
    "the outer tape saw no gradient",
    says="The Hessian is None whatever f is: the outer tape did not record how the gradient came "
    "from x. It must watch x, and `inner.gradient` must be called inside of its block.",
)
def hessian(f, x):
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = f(x)
    gradient = inner.gradient(y, x, unconnected_gradients="zero")
    return outer.gradient(gradient, x)


@misconception(
    "tape.hessian",
    "zeros where the outer tape saw nothing",
    says="Every Hessian is all zeros. The outer tape did not see how the gradient came about, and "
    '`unconnected_gradients="zero"` hides that: it must watch x, and `inner.gradient` belongs '
    "inside of its block.",
)
def hessian(f, x):
    with tf.GradientTape(persistent=True) as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = f(x)
    gradient = inner.gradient(y, x, unconnected_gradients="zero")
    return outer.jacobian(gradient, x, unconnected_gradients="zero", experimental_use_pfor=False)


@misconception(
    "tape.hessian",
    "products of first derivatives",
    says="You multiplied the first derivatives with each other. That tells how steep f is, and "
    "nothing of how the slope changes: differentiate the gradient once more.",
)
def hessian(f, x):
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = f(x)
    gradient = tape.gradient(y, x, unconnected_gradients="zero")
    return gradient[:, tf.newaxis] * gradient


@misconception(
    "tape.hessian",
    "jacobian of the value",
    says="You took the jacobian of f itself, which is its gradient, [n]: f gives a single number. "
    "The Hessian is the jacobian of the gradient.",
)
def hessian(f, x):
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = f(x)
    return tape.gradient(y, x, unconnected_gradients="zero")


@misconception(
    "tape.hessian",
    "numerical differences of the gradient",
    says="You measured how the gradient changes over a short way. In float32 that leaves few right "
    "digits. A tape around the first one differentiates the gradient without measuring.",
)
def hessian(f, x):
    def gradient(point):
        with tf.GradientTape() as tape:
            tape.watch(point)
            y = f(point)
        return tape.gradient(y, point, unconnected_gradients="zero")

    steps = tf.unstack(1e-3 * tf.eye(len(x)))
    return tf.stack([(gradient(x + step) - gradient(x - step)) / 2e-3 for step in steps])


# --- newton_step --------------------------------------------------------------------------------


@misconception(
    "tape.newton_step",
    "forgets the minus",
    says="You added H⁻¹ g to x, and so left in the opposite direction. The step solves "
    "H s = −g: take it away.",
)
def newton_step(f, x):
    return x + tf.linalg.solve(hessian(f, x), derivative(f, x)[:, tf.newaxis])[:, 0]


@misconception(
    "tape.newton_step",
    "a step of gradient descent",
    says="You took the gradient itself as the step. Newton's method asks the Hessian how far to "
    "go in each direction: solve H s = −g.",
)
def newton_step(f, x):
    return x - derivative(f, x)


@misconception(
    "tape.newton_step",
    "multiplies by the Hessian",
    says="You multiplied the gradient by the Hessian. Where f curves more, the step must be "
    "shorter, not longer: solve H s = −g, which is dividing by a matrix.",
)
def newton_step(f, x):
    return x - tf.linalg.matvec(hessian(f, x), derivative(f, x))


@misconception(
    "tape.newton_step",
    "divides by the diagonal",
    says="You divided each number of the gradient by its own second derivative. That is Newton's "
    "method in each direction alone, and wrong as soon as two numbers meet in f: use the whole "
    "matrix with `tf.linalg.solve`.",
)
def newton_step(f, x):
    return x - derivative(f, x) / tf.linalg.diag_part(hessian(f, x))


@misconception(
    "tape.newton_step",
    "divides by every number of the Hessian",
    says="You divided the gradient by the Hessian with `/`, which goes number by number, [n, n]. "
    "Dividing by a matrix means solving a system: `tf.linalg.solve`.",
)
def newton_step(f, x):
    return x - derivative(f, x) / hessian(f, x)


@misconception(
    "tape.newton_step",
    "leaves the solution a column",
    says="The solution is a column, [n, 1], and x is [n]: taking one from the other broadcasts to "
    "[n, n]. Take its last axis away with `[:, 0]` first.",
)
def newton_step(f, x):
    return x - tf.linalg.solve(hessian(f, x), derivative(f, x)[:, tf.newaxis])


@misconception(
    "tape.newton_step",
    "gives the gradient as a row of numbers",
    says="`tf.linalg.solve` wants matrices on both sides, and your gradient has one axis. Make a "
    "column of it with `gradient[:, tf.newaxis]`.",
)
def newton_step(f, x):
    return x - tf.linalg.solve(hessian(f, x), derivative(f, x))


@misconception(
    "tape.newton_step",
    "returns the step",
    says="You returned the step s alone. The new point is x + s.",
)
def newton_step(f, x):
    return -tf.linalg.solve(hessian(f, x), derivative(f, x)[:, tf.newaxis])[:, 0]


@misconception(
    "tape.newton_step",
    "a learning rate as well",
    says="You shortened the step by a learning rate. Here there is none: the Hessian gives the "
    "length, and from a quadratic bowl one whole step leads to its lowest point.",
)
def newton_step(f, x):
    return x - 0.1 * tf.linalg.solve(hessian(f, x), derivative(f, x)[:, tf.newaxis])[:, 0]


@misconception(
    "tape.newton_step",
    "goes on until it arrives",
    says="You took many steps. On a quadratic function the first one arrives and the others stay "
    "there, but elsewhere it shows: the exercise asks for one.",
)
def newton_step(f, x):
    for _ in range(4):
        x = x - tf.linalg.solve(hessian(f, x), derivative(f, x)[:, tf.newaxis])[:, 0]
    return x


@misconception(
    "tape.newton_step",
    "downhill only",
    says="You made the curvature positive so that every step goes downhill. Newton's method looks "
    "for a point where the slope is 0, and a saddle is one: use the Hessian as it is.",
)
def newton_step(f, x):
    values, vectors = tf.linalg.eigh(hessian(f, x))
    along = tf.linalg.matvec(vectors, derivative(f, x), transpose_a=True)
    return x - tf.linalg.matvec(vectors, along / tf.abs(values))


# --- train_step ---------------------------------------------------------------------------------


@misconception(
    "tape.train_step",
    "sum in place of mean",
    says="You added up the losses of the examples. With twice as many examples the step would be "
    "twice as long; the mean keeps it alike: `tf.reduce_mean`.",
)
def train_step(parameters, pictures, labels, learning_rate):
    W1, b1, W2, b2 = parameters
    with tf.GradientTape() as tape:
        logits = tf.nn.relu(pictures @ W1 + b1) @ W2 + b2
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)
        loss = tf.reduce_sum(losses)
    for variable, gradient in zip(parameters, tape.gradient(loss, parameters), strict=True):
        variable.assign_sub(learning_rate * gradient)
    return loss


@misconception(
    "tape.train_step",
    "a loss for each example",
    says="You kept the losses of all examples apart. The tape adds them up, so that the step is n "
    "times too long, and the result is [n] in place of a single number: take `tf.reduce_mean` "
    "under the tape.",
)
def train_step(parameters, pictures, labels, learning_rate):
    W1, b1, W2, b2 = parameters
    with tf.GradientTape() as tape:
        logits = tf.nn.relu(pictures @ W1 + b1) @ W2 + b2
        loss = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)
    for variable, gradient in zip(parameters, tape.gradient(loss, parameters), strict=True):
        variable.assign_sub(learning_rate * gradient)
    return loss


@misconception(
    "tape.train_step",
    "the loss after the step",
    says="The variables move as they should, but you computed the loss once more with the new "
    "ones. Return the one that the tape has recorded: it is there already.",
)
def train_step(parameters, pictures, labels, learning_rate):
    def compute_loss():
        W1, b1, W2, b2 = parameters
        logits = tf.nn.relu(pictures @ W1 + b1) @ W2 + b2
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)
        return tf.reduce_mean(losses)

    with tf.GradientTape() as tape:
        loss = compute_loss()
    for variable, gradient in zip(parameters, tape.gradient(loss, parameters), strict=True):
        variable.assign_sub(learning_rate * gradient)
    return compute_loss()


@misconception(
    "tape.train_step",
    "new tensors in place of moved variables",
    says="The loss is right, but no variable has moved: `variable - learning_rate * gradient` is a "
    "new tensor, and a list or a name took it up. `variable.assign_sub(...)` changes the variable "
    "itself.",
)
def train_step(parameters, pictures, labels, learning_rate):
    W1, b1, W2, b2 = parameters
    with tf.GradientTape() as tape:
        logits = tf.nn.relu(pictures @ W1 + b1) @ W2 + b2
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)
        loss = tf.reduce_mean(losses)
    for i, gradient in enumerate(tape.gradient(loss, parameters)):
        parameters[i] = parameters[i] - learning_rate * gradient
    return loss


@misconception(
    "tape.train_step",
    "minus and equals on a variable",
    says="TensorFlow refuses `-=` on a variable, since Python would put a new tensor in the place "
    "of its name. Say `variable.assign_sub(learning_rate * gradient)`.",
)
def train_step(parameters, pictures, labels, learning_rate):
    W1, b1, W2, b2 = parameters
    with tf.GradientTape() as tape:
        logits = tf.nn.relu(pictures @ W1 + b1) @ W2 + b2
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)
        loss = tf.reduce_mean(losses)
    for variable, gradient in zip(parameters, tape.gradient(loss, parameters), strict=True):
        variable -= learning_rate * gradient
    return loss


@misconception(
    "tape.train_step",
    "uphill",
    says="You added the gradient, and it points uphill: the loss grows with every step. "
    "`assign_sub` takes away.",
)
def train_step(parameters, pictures, labels, learning_rate):
    W1, b1, W2, b2 = parameters
    with tf.GradientTape() as tape:
        logits = tf.nn.relu(pictures @ W1 + b1) @ W2 + b2
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)
        loss = tf.reduce_mean(losses)
    for variable, gradient in zip(parameters, tape.gradient(loss, parameters), strict=True):
        variable.assign_add(learning_rate * gradient)
    return loss


@misconception(
    "tape.train_step",
    "replaces in place of moving",
    says="You assigned the scaled gradient itself, and what the variable knew is gone. It moves by "
    "that much: `assign_sub`, or `assign` of the difference.",
)
def train_step(parameters, pictures, labels, learning_rate):
    W1, b1, W2, b2 = parameters
    with tf.GradientTape() as tape:
        logits = tf.nn.relu(pictures @ W1 + b1) @ W2 + b2
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)
        loss = tf.reduce_mean(losses)
    for variable, gradient in zip(parameters, tape.gradient(loss, parameters), strict=True):
        variable.assign(learning_rate * gradient)
    return loss


@misconception(
    "tape.train_step",
    "forgets the biases",
    says="You moved the two matrices and left the biases where they were. All four variables are "
    "parameters of the network.",
)
def train_step(parameters, pictures, labels, learning_rate):
    W1, b1, W2, b2 = parameters
    with tf.GradientTape() as tape:
        logits = tf.nn.relu(pictures @ W1 + b1) @ W2 + b2
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)
        loss = tf.reduce_mean(losses)
    for variable, gradient in zip((W1, W2), tape.gradient(loss, (W1, W2)), strict=True):
        variable.assign_sub(learning_rate * gradient)
    return loss


@misconception(
    "tape.train_step",
    "softmax before the loss",
    says="You took the softmax of the logits, and the loss takes it again: it wants the logits "
    "themselves, as its name says. Training still works, only slowly, so nothing else tells.",
)
def train_step(parameters, pictures, labels, learning_rate):
    W1, b1, W2, b2 = parameters
    with tf.GradientTape() as tape:
        logits = tf.nn.softmax(tf.nn.relu(pictures @ W1 + b1) @ W2 + b2)
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)
        loss = tf.reduce_mean(losses)
    for variable, gradient in zip(parameters, tape.gradient(loss, parameters), strict=True):
        variable.assign_sub(learning_rate * gradient)
    return loss


@misconception(
    "tape.train_step",
    "logits taken for probabilities",
    says="Keras's cross-entropy takes its input for probabilities unless you say "
    "`from_logits=True`, and logits are none: they may be negative and need not sum to 1.",
)
def train_step(parameters, pictures, labels, learning_rate):
    W1, b1, W2, b2 = parameters
    with tf.GradientTape() as tape:
        logits = tf.nn.relu(pictures @ W1 + b1) @ W2 + b2
        loss = tf.reduce_mean(tf.keras.losses.sparse_categorical_crossentropy(labels, logits))
    for variable, gradient in zip(parameters, tape.gradient(loss, parameters), strict=True):
        variable.assign_sub(learning_rate * gradient)
    return loss


@misconception(
    "tape.train_step",
    "logarithm of a softmax that has reached zero",
    says="Where the logits lie far apart, the softmax rounds to 0, and its logarithm is minus "
    "infinity. `tf.nn.sparse_softmax_cross_entropy_with_logits` takes both steps as one and stays "
    "finite.",
)
def train_step(parameters, pictures, labels, learning_rate):
    W1, b1, W2, b2 = parameters
    with tf.GradientTape() as tape:
        shares = tf.nn.softmax(tf.nn.relu(pictures @ W1 + b1) @ W2 + b2)
        right = tf.one_hot(labels, shares.shape[-1], dtype=shares.dtype)
        loss = -tf.reduce_mean(tf.math.log(tf.reduce_sum(right * shares, axis=-1)))
    for variable, gradient in zip(parameters, tape.gradient(loss, parameters), strict=True):
        variable.assign_sub(learning_rate * gradient)
    return loss


@misconception(
    "tape.train_step",
    "no relu between the layers",
    says="You left out the relu, and without it two layers are worth no more than one.",
)
def train_step(parameters, pictures, labels, learning_rate):
    W1, b1, W2, b2 = parameters
    with tf.GradientTape() as tape:
        logits = (pictures @ W1 + b1) @ W2 + b2
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)
        loss = tf.reduce_mean(losses)
    for variable, gradient in zip(parameters, tape.gradient(loss, parameters), strict=True):
        variable.assign_sub(learning_rate * gradient)
    return loss


@misconception(
    "tape.train_step",
    "a number in place of a tensor",
    says="You made a Python number of the loss. In a graph there are no numbers yet, only a plan "
    "for them: return the tensor, and let the caller take the number.",
)
def train_step(parameters, pictures, labels, learning_rate):
    W1, b1, W2, b2 = parameters
    with tf.GradientTape() as tape:
        logits = tf.nn.relu(pictures @ W1 + b1) @ W2 + b2
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)
        loss = tf.reduce_mean(losses)
    for variable, gradient in zip(parameters, tape.gradient(loss, parameters), strict=True):
        variable.assign_sub(learning_rate * gradient)
    return float(loss)


@misconception(
    "tape.train_step",
    "a new optimizer in each step",
    says="You made an optimizer inside of the step. It has variables of its own, and a "
    "`tf.function` may not make new ones each time it is traced. For gradient descent "
    "`assign_sub` is all that is needed.",
)
def train_step(parameters, pictures, labels, learning_rate):
    W1, b1, W2, b2 = parameters
    with tf.GradientTape() as tape:
        logits = tf.nn.relu(pictures @ W1 + b1) @ W2 + b2
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)
        loss = tf.reduce_mean(losses)
    optimizer = tf.keras.optimizers.SGD(learning_rate)
    optimizer.apply_gradients(zip(tape.gradient(loss, parameters), parameters, strict=True))
    return loss


@misconception(
    "tape.train_step",
    "asks the tape four times",
    says="You asked the tape for one gradient after the other, and it forgets its recording with "
    "the first. Give it the whole list: `tape.gradient(loss, parameters)`.",
)
def train_step(parameters, pictures, labels, learning_rate):
    W1, b1, W2, b2 = parameters
    with tf.GradientTape() as tape:
        logits = tf.nn.relu(pictures @ W1 + b1) @ W2 + b2
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)
        loss = tf.reduce_mean(losses)
    for variable in parameters:
        variable.assign_sub(learning_rate * tape.gradient(loss, variable))
    return loss


# The misconceptions of one exercise call the references of the others: here these names, which
# the functions above have taken, are given back.
from solutions.tape import derivative, hessian
