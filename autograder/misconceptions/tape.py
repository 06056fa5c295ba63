"""Misconceptions of the tape chapter."""

import numpy as np
import tensorflow as tf

from autograder.misconceptions import misconception, slip

# What several slips replace in the references.
ZEROS = ', unconnected_gradients="zero"'
JACOBIAN = f"outer.jacobian(gradient, x{ZEROS}, experimental_use_pfor=False)"
SOLUTION = "tf.linalg.solve(hessian(f, x), gradient[:, tf.newaxis])[:, 0]"
CROSS_ENTROPY = "tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)"
PAIRS = "variable, gradient in zip(parameters, tape.gradient(loss, parameters), strict=True)"
MOVE = "variable.assign_sub(learning_rate * gradient)"

# --- derivative ---------------------------------------------------------------------------------

slip(
    "tape.derivative",
    "watches nothing",
    ("        tape.watch(x)\n", ""),
    (ZEROS, ""),
    says="Every derivative is None: the tape did not watch the tensor that you ask about. It "
    "watches variables by itself, and x is a constant: cast it once, say `tape.watch(x)` before "
    "you call f under the tape, and ask for the gradient of that same x.",
)

slip(
    "tape.derivative",
    "zeros for everything that was not recorded",
    ("        tape.watch(x)\n", ""),
    says="All your derivatives are zeros. `unconnected_gradients` fills in zeros wherever the tape "
    "saw no way, and it saw none: nothing was watched, or f was called outside of the block, or x "
    "stands before y in `tape.gradient(y, x)`. Leave the zeros out until a gradient arrives.",
)

slip(
    "tape.derivative",
    "None for a function that is always the same",
    (ZEROS, ""),
    says="A function that is always 4 has the slope 0, but your tape says None, its word for "
    'no connection. `unconnected_gradients="zero"` makes zeros of the right shape.',
)

slip(
    "tape.derivative",
    "a single zero where f is constant",
    ("return tape", "gradient = tape"),
    (f"{ZEROS})", ")\n    return tf.constant(0.0) if gradient is None else gradient"),
    says="Where there is no gradient you returned a single 0. The result has the shape of x, "
    'also there: `unconnected_gradients="zero"` gives zeros of that shape.',
)

slip(
    "tape.derivative",
    "keeps the type of x",
    ("tf.cast(x, tf.float32)", "tf.convert_to_tensor(x)"),
    says="You made a tensor of x and kept its type. Integers cannot be differentiated, and f wants "
    "float32: `tf.cast(x, tf.float32)` before the tape watches it.",
)


@misconception(
    "tape.derivative",
    "numerical difference",
    says="You measured the slope with two values of f, beside x or on both sides of it. In float32 "
    "that leaves three or four right digits at best, whatever the distance. A tape applies the "
    "rules of differentiation, and loses none.",
)
def derivative(f, x):
    x = tf.cast(x, tf.float32)
    return (f(x + 1e-3) - f(x - 1e-3)) / 2e-3


slip(
    "tape.derivative",
    "float64 in place of float32",
    ("tf.float32", "tf.float64"),
    says="You made x float64. More digits do no harm by themselves, but TensorFlow does not mix "
    "types, and f is made for float32: `tf.cast(x, tf.float32)`.",
)

slip(
    "tape.derivative",
    "the derivative of the mean",
    ("f(x)", "tf.reduce_mean(f(x))"),
    says="You took the mean of the results first, so each derivative is divided by how many "
    "numbers there are. Give y to the tape as it is: it adds up, and does not average.",
)

slip(
    "tape.derivative",
    "jacobian in place of gradient",
    ("tf.GradientTape()", "tf.GradientTape(persistent=True)"),
    ("tape.gradient", "tape.jacobian"),
    ('"zero"', '"zero", experimental_use_pfor=False'),
    says="You asked for the jacobian: the derivative of every result for every number of x, most "
    "of them 0. Each result depends on its own number only, so `tape.gradient` says it all, in the "
    "shape of x.",
)

slip(
    "tape.derivative",
    "returns the value",
    (f"tape.gradient(y, x{ZEROS})", "y"),
    says="You returned f(x) itself. The tape has recorded how it came about: ask it with "
    "`tape.gradient(y, x)`.",
)

slip(
    "tape.derivative",
    "a variable of integers that are a tensor",
    ("tf.cast(x, tf.float32)", "tf.Variable(x, dtype=tf.float32)"),
    ("        tape.watch(x)\n", ""),
    says="A variable is watched by itself, well thought. But `tf.Variable` with a dtype does not "
    "change the type of a tensor: make the integers floats first, by `tf.cast(x, "
    "tf.float32)`.",
)

slip(
    "tape.derivative",
    "a constant with a type",
    ("tf.cast(x, tf.float32)", "tf.constant(x, dtype=tf.float32)"),
    says="`tf.constant` with a dtype makes a tensor of numbers and of arrays, but does not "
    "change the type of a tensor that is there already. `tf.cast(x, tf.float32)` takes all "
    "of them.",
)

slip(
    "tape.derivative",
    "conversion with a type",
    ("tf.cast(x, tf.float32)", "tf.convert_to_tensor(x, dtype=tf.float32)"),
    says="`tf.convert_to_tensor` with a dtype takes numbers and arrays, but refuses a tensor of "
    "another type: it never changes one silently. `tf.cast(x, tf.float32)` does it on "
    "request.",
)

slip(
    "tape.derivative",
    "an array of NumPy's",
    ('"zero")', '"zero").numpy()'),
    says="The numbers are right, but you took them out of TensorFlow, by `.numpy()` or by "
    "NumPy's own functions. The docstring promises a tensor, and a second tape around this "
    "one could not follow. Leave that step to whoever wants an array.",
)


@misconception(
    "tape.derivative",
    "watches an array",
    says="A tape watches tensors and variables only, and an array of NumPy's is neither, even "
    "with the right type. `tf.cast(x, tf.float32)` makes a tensor of it.",
)
def derivative(f, x):
    x = np.asarray(x, np.float32)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = f(x)
    return tape.gradient(y, x, unconnected_gradients="zero")


slip(
    "tape.derivative",
    "no cast at all",
    ("    x = tf.cast(x, tf.float32)\n", ""),
    says="It works for tensors of floats only. A tape watches neither arrays nor plain numbers, "
    "and integers have no slope: `x = tf.cast(x, tf.float32)` comes first.",
)

slip(
    "tape.derivative",
    "a cast for f alone",
    ("tf.cast(x, tf.float32)", "tf.convert_to_tensor(x)"),
    ("f(x)", "f(tf.cast(x, tf.float32))"),
    says="You watched x as it came and gave f a cast of it. That holds for floats; to integers "
    "no gradient leads back. Cast once, under the name x, and use that one from there on.",
)


@misconception(
    "tape.derivative",
    "casts anew each time",
    says="You wrote the cast several times, and each of them makes a tensor of its own; the tape "
    "watches one, f gets another, and you ask about a third. Only what is float32 already "
    "stays the same tensor. Cast once, and keep it under a name.",
)
def derivative(f, x):
    with tf.GradientTape() as tape:
        tape.watch(tf.cast(x, tf.float32))
        y = f(tf.cast(x, tf.float32))
    return tape.gradient(y, tf.cast(x, tf.float32))


@misconception(
    "tape.derivative",
    "a loop over x",
    says="You went through x in a loop, which a tensor without axes does not allow. No loop is "
    "needed: `tape.gradient(y, x)` has the slope at every number already, in the shape of "
    "x.",
)
def derivative(f, x):
    slopes = []
    for part in tf.cast(x, tf.float32):
        with tf.GradientTape() as tape:
            tape.watch(part)
            y = f(part)
        slopes.append(tape.gradient(y, part, unconnected_gradients="zero"))
    return tf.stack(slopes)


slip(
    "tape.derivative",
    "or in place of is None",
    (f"{ZEROS})", ") or tf.zeros_like(x)"),
    says="`gradient or ...` asks whether a tensor is true, and for several numbers there is no "
    "answer. Ask `if gradient is None`, or let the tape give zeros: "
    '`unconnected_gradients="zero"`.',
)

slip(
    "tape.derivative",
    "a list with one gradient",
    ("(y, x,", "(y, [x],"),
    says="You asked for the gradient of [x], and the tape answers in the form of the question: a "
    "list with one gradient in it. Ask for x.",
)

slip(
    "tape.derivative",
    "the function in place of its value",
    ("y = f(x)", "f(x)"),
    ("gradient(y", "gradient(f"),
    says="You gave the function f to the tape. A tape differentiates what was computed: keep the "
    "result, `y = f(x)`, under the tape, and ask for the gradient of y.",
)

slip(
    "tape.derivative",
    "a tape that was never switched on",
    ("with tf.GradientTape() as tape:", "tape = tf.GradientTape()"),
    ("        tape.watch", "    tape.watch"),
    ("        y =", "    y ="),
    says="You made a tape but did not open its block. It records only inside of `with "
    "tf.GradientTape() as tape:`, and can watch only there.",
)

slip(
    "tape.derivative",
    "gives f an array",
    ("f(x)", "f(x.numpy())"),
    (ZEROS, ""),
    says="You gave f an array made of x. The tape watches x, and an array has no way back to it: "
    "call f with the tensor itself.",
)


# --- velocity_and_acceleration ------------------------------------------------------------------

slip(
    "tape.velocity_and_acceleration",
    "the outer tape saw no velocity",
    ("        velocity =", "    velocity ="),
    (f"velocity, t{ZEROS}", "velocity, t"),
    says="The acceleration is always None: no tape recorded how the velocity came from t. The "
    "outer one must watch t, and `inner.gradient` must be called inside of its block. One "
    "persistent tape will not do: when it is asked for the velocity, its block has ended.",
)

slip(
    "tape.velocity_and_acceleration",
    "zeros where the outer tape saw nothing",
    ("        velocity =", "    velocity ="),
    says="Every acceleration is 0. No tape saw how the velocity came about, and "
    '`unconnected_gradients="zero"` hides that: the outer one must watch t, and `inner.gradient` '
    "belongs inside of its block. One persistent tape, asked after its block, does not see it.",
)

slip(
    "tape.velocity_and_acceleration",
    "None for a velocity that does not change",
    (f"velocity, t{ZEROS}", "velocity, t"),
    says="A body in uniform motion has the acceleration 0, but its velocity does not depend on t, "
    'and for that the tape says None. Ask the outer tape with `unconnected_gradients="zero"`.',
)

slip(
    "tape.velocity_and_acceleration",
    "None for a body that stands, and for its acceleration",
    (ZEROS, ""),
    says="Both your gradients can be None: the velocity of a body that stands, and the "
    "acceleration of one that moves uniformly. The truth in both is 0: "
    '`unconnected_gradients="zero"`, twice.',
)

slip(
    "tape.velocity_and_acceleration",
    "None for a body that stands",
    (f"x, t{ZEROS}", "x, t"),
    says="Where the body stands, the inner tape gives None for the velocity, and the outer tape "
    'cannot go on from None. Ask the inner one, too, with `unconnected_gradients="zero"`.',
)


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


slip(
    "tape.velocity_and_acceleration",
    "the position's gradient twice",
    ("gradient(velocity", "gradient(x"),
    says="Your acceleration is the velocity once more: you asked the outer tape about the "
    "position. It should differentiate the velocity: `outer.gradient(velocity, t)`.",
)

slip(
    "tape.velocity_and_acceleration",
    "acceleration first",
    ("return velocity, outer", "return outer"),
    (f"velocity, t{ZEROS})", f"velocity, t{ZEROS}), velocity"),
    says="Both are right, but in the other order: the velocity comes first, then the acceleration.",
)


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


slip(
    "tape.velocity_and_acceleration",
    "speed in place of velocity",
    ("= inner", "= tf.abs(inner"),
    ('"zero")\n    return', '"zero"))\n    return'),
    says="You took the sign away from the velocity. It says in which direction the body moves: a "
    "ball that falls has a negative velocity.",
)

slip(
    "tape.velocity_and_acceleration",
    "zeros where the inner tape watched nothing",
    ("            inner.watch(t)\n", ""),
    says="Velocity and acceleration are always 0. The inner tape watches for itself: that the "
    "outer one watches t does not count for it, and the zeros hide it. Say `inner.watch(t)` "
    "as well.",
)

slip(
    "tape.velocity_and_acceleration",
    "a velocity taken out of TensorFlow",
    ('"zero")\n    return', '"zero").numpy()\n    return'),
    says="You made an array of the velocity before the outer tape was asked about it. No tape "
    "knows arrays: keep the tensor.",
)


@misconception(
    "tape.velocity_and_acceleration",
    "a single zero in place of None",
    says="Where a gradient was None you put a single 0. Both results have the shape of t, also "
    'there: `tf.zeros_like(t)`, or ask both tapes with `unconnected_gradients="zero"`.',
)
def velocity_and_acceleration(position, t):
    with tf.GradientTape() as outer:
        outer.watch(t)
        with tf.GradientTape() as inner:
            inner.watch(t)
            x = position(t)
        velocity = inner.gradient(x, t)
        if velocity is None:
            velocity = tf.constant(0.0)
    acceleration = outer.gradient(velocity, t)
    return velocity, tf.constant(0.0) if acceleration is None else acceleration


slip(
    "tape.velocity_and_acceleration",
    "or in place of is None",
    (f"{ZEROS})", ") or tf.zeros_like(t)"),
    says="`velocity or ...` asks whether a tensor is true, and for several numbers there is no "
    'answer. Let both tapes give zeros: `unconnected_gradients="zero"`.',
)


@misconception(
    "tape.velocity_and_acceleration",
    "the square of the velocity",
    says="You squared the velocity. The second derivative is no power of the first: it is the "
    "derivative once more, of the velocity, by an outer tape.",
)
def velocity_and_acceleration(position, t):
    with tf.GradientTape() as tape:
        tape.watch(t)
        x = position(t)
    velocity = tape.gradient(x, t, unconnected_gradients="zero")
    return velocity, velocity**2


@misconception(
    "tape.velocity_and_acceleration",
    "the velocity alone",
    says="You returned the velocity alone. The acceleration, its own derivative, comes second: "
    "open another tape around this one.",
)
def velocity_and_acceleration(position, t):
    with tf.GradientTape() as tape:
        tape.watch(t)
        x = position(t)
    return tape.gradient(x, t, unconnected_gradients="zero")


# --- gradient_dict ------------------------------------------------------------------------------

slip(
    "tape.gradient_dict",
    "None for a variable that is not used",
    (ZEROS, ""),
    says="A variable that the loss does not use has the gradient 0 everywhere, but the tape says "
    'None unless you ask with `unconnected_gradients="zero"`.',
)

slip(
    "tape.gradient_dict",
    "leaves out what is not used",
    ("return tape", "found = tape"),
    (
        f"{ZEROS})",
        ")\n"
        "    return {name: gradient for name, gradient in found.items() if gradient is not None}",
    ),
    says="You dropped the variables without a gradient. Whoever updates all variables by name will "
    'miss them: give zeros of their shape, with `unconnected_gradients="zero"`.',
)

slip(
    "tape.gradient_dict",
    "a single zero for what is not used",
    ("return tape", "found = tape"),
    (f"{ZEROS})", ")\n    return {name: 0.0 if g is None else g for name, g in found.items()}"),
    says="A variable that is not used got a single 0. Each gradient has the shape of its variable, "
    "also when it is all zeros: `tf.zeros_like(variable)`, or ask with "
    '`unconnected_gradients="zero"`.',
)

slip(
    "tape.gradient_dict",
    "computes the loss outside of the tape",
    ("    with tf", "    value = loss()\n    with tf"),
    ("        value = loss()", "        tape.watch(list(variables.values()))"),
    (ZEROS, ""),
    says="No gradient arrives at all: you called `loss()` where no tape was recording. Call it "
    "inside of the `with` block.",
)

slip(
    "tape.gradient_dict",
    "zeros for what was never recorded",
    ("    with tf", "    value = loss()\n    with tf"),
    ("        value = loss()", "        tape.watch(list(variables.values()))"),
    says='All your gradients are zeros. You called `loss()` outside of the tape, and "zero" '
    "covers that up. Call it inside of the `with` block.",
)


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


slip(
    "tape.gradient_dict",
    "a list in place of a dict",
    ("value, variables", "value, list(variables.values())"),
    says="You returned the gradients in a list, without their names. `tape.gradient` answers in "
    "the form of the question: give it the dict, and it returns a dict.",
)

slip(
    "tape.gradient_dict",
    "names in another order than the gradients",
    ("value, variables", "value, list(variables.values())"),
    ("return tape", "found = tape"),
    ('"zero")', '"zero")\n    return dict(zip(sorted(variables), found, strict=True))'),
    says="You sorted the names and left the variables in their own order, so gradients stand under "
    "the names of others. Where shapes are equal, nothing complains. Give the dict to the tape.",
)

slip(
    "tape.gradient_dict",
    "TensorFlow's own names",
    ("value, variables", "value, list(variables.values())"),
    ("return tape", "found = tape"),
    (
        '"zero")',
        '"zero")\n    return {v.name: g for v, g in zip(variables.values(), found, strict=True)}',
    ),
    says="You took the names that TensorFlow gives to variables. They need not differ from each "
    "other; the names asked for are those of the dict.",
)

slip(
    "tape.gradient_dict",
    "the function in place of its value",
    ("value = loss()", "loss()"),
    ("gradient(value", "gradient(loss"),
    says="You gave the function `loss` to the tape. A tape differentiates what was computed: call "
    "it, `value = loss()`, under the tape, and ask for the gradient of `value`.",
)

slip(
    "tape.gradient_dict",
    "looks at the loss first",
    ("    with tf", "    loss()\n    with tf"),
    says="You computed the loss once to look at it, and once more under the tape. It may take a "
    "minute: compute it under the tape, and look at that value.",
)

slip(
    "tape.gradient_dict",
    "the names in place of the variables",
    ("value, variables", "value, list(variables)"),
    ("return tape", "found = tape"),
    ('"zero")', '"zero")\n    return dict(zip(variables, found, strict=True))'),
    says="You asked the tape about names: a list of a dict holds its keys. Give it the dict "
    "itself, or `list(variables.values())`.",
)

slip(
    "tape.gradient_dict",
    "hands the variables to the loss",
    ("loss()", "loss(variables)"),
    says="`loss` takes no arguments: it has the variables already, the same ones that are in the "
    "dict. Call `loss()`.",
)

slip(
    "tape.gradient_dict",
    "a number in place of the value",
    ("loss()", "float(loss())"),
    says="You made a plain number of the loss, and no tape knows where a number came from. Give "
    "the tape the tensor that `loss()` returned.",
)

slip(
    "tape.gradient_dict",
    "arrays of gradients that may be None",
    ("return tape", "found = tape"),
    (f"{ZEROS})", ")\n    return {name: gradient.numpy() for name, gradient in found.items()}"),
    says="You called `.numpy()` on each gradient, and that of a variable that is not used is "
    'None. Ask for zeros, `unconnected_gradients="zero"`; and what is asked for are '
    "tensors.",
)

slip(
    "tape.gradient_dict",
    "the variables after a step",
    ("return tape", "found = tape"),
    (
        '"zero")',
        '"zero")\n'
        "    return {name: variables[name] - gradient for name, gradient in found.items()}",
    ),
    says="You took the gradients away from the variables. That is what the caller will do with "
    "them, and with a learning rate: return the gradients themselves.",
)


# --- mend_the_tape ------------------------------------------------------------------------------

slip(
    "tape.mend_the_tape",
    "the integers are still lost",
    ("cube, floats", "cube, tf.cast(whole, tf.float32)"),
    says="The integers still give None. Cast them to float32 before the tape watches them, keep "
    "that tensor, cube it, and ask for its gradient: neither the integers nor a second cast is "
    "what the tape has watched.",
)

slip(
    "tape.mend_the_tape",
    "the constant is still not watched",
    ("[floats, x]", "floats"),
    says="x is a constant, and no tape looks at a constant by itself. All three recordings that "
    "start at x need `tape.watch(x)`; only the integers got it.",
)


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


slip(
    "tape.mend_the_tape",
    "zeros in place of None",
    ("        tape.watch([floats, x])\n", ""),
    (", floats)", f", floats{ZEROS})"),
    (", x)", f", x{ZEROS})"),
    says="You turned each None into zeros. That mends nothing: the slope of x² is 2x, not 0. None "
    "was the symptom, and the cause is what the tape was not shown: watch the inputs.",
)

slip(
    "tape.mend_the_tape",
    "the gradient of z for y",
    ("(z, x)", "(z, y)"),
    says="You asked how z depends on y, which gives 2y. The question is how z depends on x: "
    "`tape.gradient(z, x)` goes the whole way, and gives 4x³.",
)

slip(
    "tape.mend_the_tape",
    "asks for both gradients at once",
    ("(tape.gradient(y, x), tape.gradient(z, x))", "tape.gradient([y, z], x)"),
    says="You asked for the gradient of [y, z] in one call, and a tape adds up the gradients of "
    "several results: 2x + 4x³. Two gradients take two calls, and so a persistent tape.",
)


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


@misconception(
    "tape.mend_the_tape",
    "formulas of one's own",
    says="Your formulas are right, and no tape has seen them. The exercise is about what a tape "
    "records, which you will need where there is no formula: record, and ask.",
)
def mend_the_tape(whole, x):
    w = tf.cast(whole, tf.float32)
    return {
        "integer": 3 * w**2,
        "constant": 2 * x,
        "numpy": tf.sin(x) + x * tf.cos(x),
        "twice": (2 * x, 4 * x**3),
    }


slip(
    "tape.mend_the_tape",
    "the factor goes through NumPy",
    ("x * tf.sin(x)", "x.numpy() * tf.sin(x)"),
    says="You used `tf.sin`, but took the x in front out of TensorFlow, and to the tape that is "
    "a constant. Both x must be the tensor itself, without `.numpy()`.",
)

slip(
    "tape.mend_the_tape",
    "the later one first",
    ("(tape.gradient(y, x), tape.gradient(z, x))", "(tape.gradient(z, x), tape.gradient(y, x))"),
    says="You asked for z first, as the chapter did. In the result y stands first, then z.",
)

slip(
    "tape.mend_the_tape",
    "only the last of the two",
    ("(tape.gradient(y, x), tape.gradient(z, x))", "tape.gradient(z, x)"),
    says='You returned the gradient of z alone. "twice" has two: that of y, and that of z.',
)


@misconception(
    "tape.mend_the_tape",
    "all four left as they were",
    says="These are the chapter's recordings with nothing mended but the second question. Take "
    "them one by one: cast the integers and watch the floats, watch x, and use `tf.sin`.",
)
def mend_the_tape(whole, x):
    with tf.GradientTape(persistent=True) as tape:
        cube, y, wave = whole**3, x**2, x * np.sin(x)
        z = y**2
    return {
        "integer": tape.gradient(cube, whole),
        "constant": tape.gradient(y, x),
        "numpy": tape.gradient(wave, x),
        "twice": (tape.gradient(y, x), tape.gradient(z, x)),
    }


@misconception(
    "tape.mend_the_tape",
    "a list in place of a dict",
    says="You returned the four in a list, without their names. A dict says which is which: "
    '{"integer": ..., and so on.',
)
def mend_the_tape(whole, x):
    floats = tf.cast(whole, tf.float32)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch([floats, x])
        cube, y, wave = floats**3, x**2, x * tf.sin(x)
        z = y**2
    gradients = [tape.gradient(cube, floats), *(tape.gradient(r, x) for r in (y, wave))]
    return [*gradients, (gradients[1], tape.gradient(z, x))]


@misconception(
    "tape.mend_the_tape",
    "a product of arrays",
    says="All of x · sin(x) is NumPy's, so what you asked the tape about is an array, and it "
    "knows tensors only. The error takes all entries with it. Compute x · sin(x) from x "
    "itself, with `tf.sin`.",
)
def mend_the_tape(whole, x):
    floats = tf.cast(whole, tf.float32)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch([floats, x])
        cube, y, wave = floats**3, x**2, x.numpy() * np.sin(x)
        z = y**2
    return {
        "integer": tape.gradient(cube, floats),
        "constant": tape.gradient(y, x),
        "numpy": tape.gradient(wave, x),
        "twice": (tape.gradient(y, x), tape.gradient(z, x)),
    }


# --- hessian ------------------------------------------------------------------------------------

slip(
    "tape.hessian",
    "gradient of the gradient",
    (JACOBIAN, f"outer.gradient(gradient, x{ZEROS})"),
    says="You took the gradient of the gradient. A gradient adds up over its results, so you got "
    "the sum of each column, [n], and the single second derivatives are lost. `outer.jacobian` "
    "keeps them apart.",
)

slip(
    "tape.hessian",
    "the sums on the diagonal",
    (JACOBIAN, f"tf.linalg.diag(outer.gradient(gradient, x{ZEROS}))"),
    says="You took the gradient of the gradient and put it on a diagonal. These are sums of whole "
    "columns, right only where no two numbers meet in f. `outer.jacobian` gives the matrix itself.",
)

slip(
    "tape.hessian",
    "only the diagonal",
    (JACOBIAN, f"tf.linalg.diag(tf.linalg.diag_part({JACOBIAN}))"),
    says="You filled the diagonal and left zeros elsewhere. The other places count, too: they say "
    "how the slope in one direction changes when you move in another.",
)

slip(
    "tape.hessian",
    "None where the gradient is constant",
    (f"gradient, x{ZEROS}", "gradient, x"),
    says="The gradient of a linear function is the same everywhere, so it is not connected to x, "
    'and the jacobian is None. Its second derivatives are 0: `unconnected_gradients="zero"` in '
    "the call of `jacobian`, too.",
)

slip(
    "tape.hessian",
    "None where f is constant",
    (f"y, x{ZEROS}", "y, x"),
    says="A function that is always 5 gives None as its gradient, and the outer tape cannot go on "
    'from there. Ask the inner tape with `unconnected_gradients="zero"` as well.',
)

slip(
    "tape.hessian",
    "the outer tape saw no gradient",
    ("        gradient =", "    gradient ="),
    (JACOBIAN, "outer.gradient(gradient, x)"),
    says="The Hessian is None whatever f is: the outer tape did not record how the gradient came "
    "from x. It must watch x, and `inner.gradient` must be called inside of its block, as well as "
    "whatever you compute from the gradient before you ask.",
)

slip(
    "tape.hessian",
    "zeros where the outer tape saw nothing",
    ("        gradient =", "    gradient ="),
    says="Every Hessian is all zeros: what you asked the outer tape about is not on it, and "
    '`unconnected_gradients="zero"` hides that. If you take the gradient apart, each `gradient[i]` '
    "is an operation, too, and belongs inside of the outer block. So does `inner.gradient`, and "
    "both tapes must watch x.",
)


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


slip(
    "tape.hessian",
    "parts of the gradient taken outside of the block",
    (JACOBIAN, "tf.stack([outer.gradient(gradient[i], x) for i in range(len(x))])"),
    says="No row has arrived, each is None. You took `gradient[i]` after the outer block had "
    "ended, or the outer tape does not watch x. Taking a part is an operation, too: do it "
    "inside of the block, for example by `tf.unstack(gradient)`.",
)

slip(
    "tape.hessian",
    "a row that is None",
    (
        f"    return {JACOBIAN}",
        "        parts = tf.unstack(gradient)\n"
        "    return tf.stack([outer.gradient(part, x) for part in parts])",
    ),
    says="A slope that does not depend on x has no row, but None, and None cannot be stacked. "
    'Its second derivatives are 0: `unconnected_gradients="zero"` for the outer tape as '
    "well.",
)

slip(
    "tape.hessian",
    "one question for each row to a tape that forgets",
    ("persistent=True", ""),
    (
        f"    return {JACOBIAN}",
        "        parts = tf.unstack(gradient)\n"
        f"    return tf.stack([outer.gradient(part, x{ZEROS}) for part in parts])",
    ),
    says="You ask the outer tape once for each row, and it forgets its recording with the first "
    "answer. Open it with `persistent=True`.",
)

slip(
    "tape.hessian",
    "row after row from a tape that forgets",
    ("persistent=True", ""),
    says="With `experimental_use_pfor=False`, `jacobian` asks the tape for one row after the "
    "other, so the outer tape must be persistent: `tf.GradientTape(persistent=True)`. The inner "
    "one is asked once.",
)

slip(
    "tape.hessian",
    "the inner tape watches nothing",
    ("            inner.watch(x)\n", ""),
    (f"y, x{ZEROS}", "y, x"),
    says="The gradient is None, whatever f is: that the outer tape watches x does not count for "
    "the inner one. Say `inner.watch(x)` as well.",
)

slip(
    "tape.hessian",
    "a list of rows",
    (
        f"    return {JACOBIAN}",
        "        parts = tf.unstack(gradient)\n"
        f"    return [outer.gradient(part, x{ZEROS}) for part in parts]",
    ),
    says="The rows are right, but they stand in a list. `tf.stack` makes one tensor [n, n] of "
    "them.",
)

slip(
    "tape.hessian",
    "added to its transpose",
    ("return outer", "found = outer"),
    ("pfor=False)", "pfor=False)\n    return found + tf.transpose(found)"),
    says="You added the transpose. The tape gives both numbers of each pair already, and they "
    "are equal: the matrix is symmetric as it is, and now it is doubled.",
)


# --- newton_step --------------------------------------------------------------------------------

slip(
    "tape.newton_step",
    "forgets the minus",
    ("x - tf", "x + tf"),
    says="You added H⁻¹ g to x, and so left in the opposite direction. The step solves "
    "H s = −g: take it away.",
)

slip(
    "tape.newton_step",
    "a step of gradient descent",
    (SOLUTION, "gradient"),
    says="You took the gradient itself as the step. Newton's method asks the Hessian how far to "
    "go in each direction: solve H s = −g.",
)

slip(
    "tape.newton_step",
    "multiplies by the Hessian",
    (SOLUTION, "tf.linalg.matvec(hessian(f, x), gradient)"),
    says="You multiplied the gradient by the Hessian. Where f curves more, the step must be "
    "shorter, not longer: solve H s = −g, which is dividing by a matrix.",
)

slip(
    "tape.newton_step",
    "divides by the diagonal",
    (SOLUTION, "gradient / tf.linalg.diag_part(hessian(f, x))"),
    says="You divided each number of the gradient by its own second derivative. That is Newton's "
    "method in each direction alone, and wrong as soon as two numbers meet in f: use the whole "
    "matrix with `tf.linalg.solve`.",
)

slip(
    "tape.newton_step",
    "divides by every number of the Hessian",
    (SOLUTION, "gradient / hessian(f, x)"),
    says="You divided the gradient by the Hessian with `/`, which goes number by number, [n, n]. "
    "Dividing by a matrix means solving a system: `tf.linalg.solve`.",
)

slip(
    "tape.newton_step",
    "leaves the solution a column",
    (")[:, 0]", ")"),
    says="The solution is a column, [n, 1], and x is [n]: taking one from the other broadcasts to "
    "[n, n]. Take its last axis away with `[:, 0]` first.",
)

slip(
    "tape.newton_step",
    "gives the gradient as a row of numbers",
    ("gradient[:, tf.newaxis])[:, 0]", "gradient)"),
    says="`tf.linalg.solve` wants matrices on both sides, and your gradient has one axis. Make a "
    "column of it with `gradient[:, tf.newaxis]`.",
)

slip(
    "tape.newton_step",
    "returns the step",
    ("x - tf", "-tf"),
    says="You returned the step s alone. The new point is x + s.",
)

slip(
    "tape.newton_step",
    "a learning rate as well",
    ("x - tf", "x - 0.1 * tf"),
    says="You shortened the step by a learning rate. Here there is none: the Hessian gives the "
    "length, and from a quadratic bowl one whole step leads to its lowest point.",
)


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


slip(
    "tape.newton_step",
    "matrix and right side exchanged",
    ("hessian(f, x), gradient[:, tf.newaxis]", "gradient[:, tf.newaxis], hessian(f, x)"),
    says="`tf.linalg.solve(A, B)` solves A X = B: the square matrix comes first, the Hessian, "
    "and the column of slopes second.",
)

slip(
    "tape.newton_step",
    "the gradient as one row",
    ("[:, tf.newaxis])[:, 0]", "[tf.newaxis, :])[0]"),
    says="You put the new axis first and made a row, [1, n]. The right side is a column, [n, 1]: "
    "`gradient[:, tf.newaxis]`.",
)

slip(
    "tape.newton_step",
    "takes the first row of the column",
    (")[:, 0]", ")[0]"),
    says="`[0]` takes the first row of the solution, a single number, and it moved all of x "
    "alike. The first column is `[:, 0]`.",
)

slip(
    "tape.newton_step",
    "returns a column",
    ("x - tf", "x[:, tf.newaxis] - tf"),
    (")[:, 0]", ")"),
    says="All of it is right, but it stands in a column, [n, 1]. The new point has the shape of "
    "x: take the last axis away with `[:, 0]`.",
)

slip(
    "tape.newton_step",
    "the matrix product with a vector",
    (SOLUTION, "hessian(f, x) @ gradient"),
    says="`@` between the Hessian and a vector is refused: TensorFlow wants two matrices. And "
    "the product would be the wrong way round: solve H s = −g with `tf.linalg.solve`.",
)

slip(
    "tape.newton_step",
    "the inverse times the gradient, number by number",
    (SOLUTION, "tf.linalg.inv(hessian(f, x)) * gradient"),
    says="The inverse matrix is right, but `*` goes number by number and gives [n, n]. A matrix "
    "times a vector is `tf.linalg.matvec`, or solve the system and do without the inverse.",
)

slip(
    "tape.newton_step",
    "one over the Hessian",
    (SOLUTION, "tf.linalg.matvec(1 / hessian(f, x), gradient)"),
    says="You took 1 / H, which turns each number around by itself, and a 0 into infinity. To "
    "divide by a matrix means to solve a system: `tf.linalg.solve`.",
)

slip(
    "tape.newton_step",
    "Newton's method for a zero of f",
    (SOLUTION, "f(x) / gradient"),
    says="You divided f itself by its slope. This is Newton's method for a place where f is 0. "
    "Here it is the slope that should become 0: divide the slope by the curvature, H s = "
    "−g.",
)

slip(
    "tape.newton_step",
    "divides by sums of the curvature",
    (SOLUTION, "gradient / derivative(lambda point: derivative(f, point), x)"),
    says="You took the derivative of the derivative for the curvature. The tape adds up there: "
    "what you divided by are the sums of the columns of the Hessian, right only where no "
    "two numbers meet in f.",
)

slip(
    "tape.newton_step",
    "divides by the determinant",
    (SOLUTION, "gradient / tf.linalg.det(hessian(f, x))"),
    says="You divided the gradient by the determinant, one number for all directions. Each "
    "direction has its own curvature: solve H s = −g with the whole matrix.",
)


# --- train_step ---------------------------------------------------------------------------------

slip(
    "tape.train_step",
    "sum in place of mean",
    ("reduce_mean", "reduce_sum"),
    says="You added up the losses of the examples. With twice as many examples the step would be "
    "twice as long; the mean keeps it alike: `tf.reduce_mean`.",
)

slip(
    "tape.train_step",
    "a loss for each example",
    ("tf.reduce_mean(losses)", "losses"),
    says="You kept the losses of all examples apart. The tape adds them up, so that the step is n "
    "times too long, and the result is [n] in place of a single number: take `tf.reduce_mean` "
    "under the tape.",
)


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


slip(
    "tape.train_step",
    "new tensors in place of moved variables",
    (PAIRS, "i, gradient in enumerate(tape.gradient(loss, parameters))"),
    (MOVE, "parameters[i] = parameters[i] - learning_rate * gradient"),
    says="The loss is right, but no variable has moved: `variable - learning_rate * gradient` is a "
    "new tensor, and a list or a name took it up. `variable.assign_sub(...)` changes the variable "
    "itself.",
)

slip(
    "tape.train_step",
    "minus and equals on a variable",
    (MOVE, "variable -= learning_rate * gradient"),
    says="TensorFlow refuses `-=` on a variable, since Python would put a new tensor in the place "
    "of its name. Say `variable.assign_sub(learning_rate * gradient)`.",
)

slip(
    "tape.train_step",
    "uphill",
    ("assign_sub", "assign_add"),
    says="You added the gradient, and it points uphill: the loss grows with every step. "
    "`assign_sub` takes away.",
)

slip(
    "tape.train_step",
    "replaces in place of moving",
    ("assign_sub", "assign"),
    says="You assigned the scaled gradient itself, and what the variable knew is gone. It moves by "
    "that much: `assign_sub`, or `assign` of the difference.",
)

slip(
    "tape.train_step",
    "forgets the biases",
    (
        "zip(parameters, tape.gradient(loss, parameters)",
        "zip((W1, W2), tape.gradient(loss, (W1, W2))",
    ),
    says="You moved the two matrices and left the biases where they were. All four variables are "
    "parameters of the network.",
)

slip(
    "tape.train_step",
    "softmax before the loss",
    ("logits=logits", "logits=tf.nn.softmax(logits)"),
    says="You took the softmax of the logits, and the loss takes it again: it wants the logits "
    "themselves, as its name says. Training still works, only slowly, so nothing else tells.",
)

slip(
    "tape.train_step",
    "logits taken for probabilities",
    (CROSS_ENTROPY, "tf.keras.losses.sparse_categorical_crossentropy(labels, logits)"),
    says="Keras's cross-entropy takes its input for probabilities unless you say "
    "`from_logits=True`, and logits are none: they may be negative and need not sum to 1.",
)

slip(
    "tape.train_step",
    "logarithm of a softmax that has reached zero",
    (
        "        losses",
        "        right = tf.one_hot(labels, logits.shape[-1], dtype=logits.dtype)\n        losses",
    ),
    (CROSS_ENTROPY, "-tf.math.log(tf.reduce_sum(right * tf.nn.softmax(logits), axis=-1))"),
    says="Where the logits lie far apart, the softmax rounds to 0, and its logarithm is minus "
    "infinity. `tf.nn.sparse_softmax_cross_entropy_with_logits` takes both steps as one and stays "
    "finite.",
)

slip(
    "tape.train_step",
    "no relu between the layers",
    ("tf.nn.relu(", "("),
    says="You left out the relu, and without it two layers are worth no more than one.",
)

slip(
    "tape.train_step",
    "a number in place of a tensor",
    ("return loss", "return float(loss)"),
    says="You made a Python number of the loss. In a graph there are no numbers yet, only a plan "
    "for them: return the tensor, and let the caller take the number.",
)

slip(
    "tape.train_step",
    "new variables in each step",
    ("= parameters", "= copies = [tf.Variable(parameter) for parameter in parameters]"),
    ("gradient(loss, parameters)", "gradient(loss, copies)"),
    says="You made new variables inside of the step (your own, or those of an optimizer), and a "
    "`tf.function` may not make any whenever it is traced. The tape watches the given variables by "
    "itself, and `assign_sub` moves them: no others are needed.",
)

slip(
    "tape.train_step",
    "asks the tape four times",
    (PAIRS, "variable in parameters"),
    ("* gradient", "* tape.gradient(loss, variable)"),
    says="You asked the tape for one gradient after the other, and it forgets its recording with "
    "the first. Give it the whole list: `tape.gradient(loss, parameters)`.",
)

slip(
    "tape.train_step",
    "moves copies",
    ("= parameters", "= copies = [tf.Variable(parameter) for parameter in parameters]"),
    ("zip(parameters, tape.gradient(loss, parameters)", "zip(copies, tape.gradient(loss, copies)"),
    says="You made variables of your own from the parameters, and moved those. They are gone at "
    "the end of the step, and the given ones stay where they were. Use the given ones: the "
    "tape watches them by itself.",
)


@misconception(
    "tape.train_step",
    "a step outside of the tape",
    says="Some operation between variables and loss is not on the tape. Two causes are frequent: "
    "a function of NumPy's, such as `np.maximum` for relu (use `tf.nn.relu`), and a line "
    "that belongs in the block but stands after it.",
)
def train_step(parameters, pictures, labels, learning_rate):
    W1, b1, W2, b2 = parameters
    with tf.GradientTape() as tape:
        logits = np.maximum(pictures @ W1 + b1, 0) @ W2 + b2
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)
        loss = tf.reduce_mean(losses)
    for variable, gradient in zip(parameters, tape.gradient(loss, parameters), strict=True):
        variable.assign_sub(learning_rate * gradient)
    return loss


@misconception(
    "tape.train_step",
    "zeros for what NumPy hid",
    says="W1 and b1 do not move. Their way to the loss goes through a function of NumPy's, "
    "perhaps `np.maximum` for relu, which the tape does not see, and the zeros hide it. Use "
    "`tf.nn.relu`, and leave the zeros out.",
)
def train_step(parameters, pictures, labels, learning_rate):
    W1, b1, W2, b2 = parameters
    with tf.GradientTape() as tape:
        logits = np.maximum(pictures @ W1 + b1, 0) @ W2 + b2
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)
        loss = tf.reduce_mean(losses)
    gradients = tape.gradient(loss, parameters, unconnected_gradients="zero")
    for variable, gradient in zip(parameters, gradients, strict=True):
        variable.assign_sub(learning_rate * gradient)
    return loss


@misconception(
    "tape.train_step",
    "one tape for each variable",
    says="You computed the loss anew for each variable, and by then those before it had moved. "
    "All four gradients belong to one place: one tape, one call of `tape.gradient`, and "
    "then the moves.",
)
def train_step(parameters, pictures, labels, learning_rate):
    for variable in parameters:
        with tf.GradientTape() as tape:
            W1, b1, W2, b2 = parameters
            logits = tf.nn.relu(pictures @ W1 + b1) @ W2 + b2
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)
            loss = tf.reduce_mean(losses)
        variable.assign_sub(learning_rate * tape.gradient(loss, variable))
    return loss


slip(
    "tape.train_step",
    "relu after the second layer",
    ("logits=logits", "logits=tf.nn.relu(logits)"),
    says="You applied relu to the logits, too. Then no class can get less than 0, and where a "
    "logit is negative no gradient passes. The last layer has none.",
)

slip(
    "tape.train_step",
    "returns the parameters",
    ("return loss", "return parameters"),
    says="You returned the parameters. The variables move in their place, by `assign_sub`, and "
    "the caller has them already; only the loss is asked for.",
)

slip(
    "tape.train_step",
    "returns loss and parameters",
    ("return loss", "return loss, parameters"),
    says="You returned the loss together with the parameters. The caller has the variables "
    "already, since they move in their place: return the loss alone.",
)

slip(
    "tape.train_step",
    "no learning rate",
    ("learning_rate * gradient", "gradient"),
    says="You took the whole gradient away. The step is the learning rate times the gradient.",
)

slip(
    "tape.train_step",
    "the mean taken twice",
    ("* gradient", "* gradient / len(pictures)"),
    says="You divided the gradient by the number of examples, and the mean of the losses has "
    "done that already. The step is n times too short.",
)

slip(
    "tape.train_step",
    "labels taken for probabilities",
    ("sparse_softmax", "softmax"),
    says="`softmax_cross_entropy_with_logits` wants a row of probabilities for each example. For "
    "labels that are integers there is the one that begins with `sparse_`.",
)

slip(
    "tape.train_step",
    "float32 by force",
    ("= parameters", "= parameters\n    pictures = tf.cast(pictures, tf.float32)"),
    says="You made the pictures float32, but the variables may be float64, and TensorFlow does "
    "not mix them. Pictures and variables come in one type: leave them as they are.",
)

slip(
    "tape.train_step",
    "no biases in the layers",
    ("W1 + b1) @ W2 + b2", "W1) @ W2"),
    ("(loss, parameters)", f"(loss, parameters{ZEROS})"),
    says="You left the biases out of the layers, and so their gradients are zeros. Each layer is "
    "a product and a bias: x W + b.",
)

slip(
    "tape.train_step",
    "sigmoid in place of relu",
    ("tf.nn.relu", "tf.sigmoid"),
    says="You put a sigmoid between the layers. This network has a relu there: `tf.nn.relu`.",
)

slip(
    "tape.train_step",
    "the product number by number",
    (" @ ", " * "),
    says="`*` multiplies number by number. A layer is a matrix product, `@`.",
)

slip(
    "tape.train_step",
    "numbers in a graph",
    (MOVE, "variable.assign(variable.numpy() - learning_rate * gradient.numpy())"),
    says="You took numbers out of the tensors with `.numpy()`, to compute the new values. In a "
    "graph there are none yet. `assign_sub` takes the tensors as they are.",
)

slip(
    "tape.train_step",
    "every class of every example",
    (CROSS_ENTROPY, "-tf.math.log(tf.gather(tf.nn.softmax(logits), labels, axis=1))"),
    says="`tf.gather` with an axis alone takes, for each example, the columns of the labels of "
    "all examples, [n, n]. `batch_dims=1` would pair them; "
    "`sparse_softmax_cross_entropy_with_logits` does all of it at once.",
)

slip(
    "tape.train_step",
    "a logarithm with a little added",
    (CROSS_ENTROPY, "-tf.math.log(tf.gather(tf.nn.softmax(logits), labels, batch_dims=1) + 1e-7)"),
    says="You added a little before the logarithm, so that it stays finite. But it also stops "
    "the gradient there: the examples that are most wrong no longer teach anything. "
    "`tf.nn.sparse_softmax_cross_entropy_with_logits` needs no such help.",
)

slip(
    "tape.train_step",
    "gradients in another order",
    ("gradient(loss, parameters)", "gradient(loss, [W1, W2, b1, b2])"),
    says="You asked for the gradients in one order and moved the variables in another. Use the "
    "same list for both: `tape.gradient(loss, parameters)` answers in the order of "
    "`parameters`.",
)

slip(
    "tape.train_step",
    "variables and gradients exchanged",
    (
        "zip(parameters, tape.gradient(loss, parameters)",
        "zip(tape.gradient(loss, parameters), parameters",
    ),
    says="In each pair you took the gradient for the variable. What stands first in "
    "`zip(parameters, gradients)` comes first in `for variable, gradient in`.",
)

slip(
    "tape.train_step",
    "a learning rate of float32",
    ("learning_rate *", "tf.cast(learning_rate, tf.float32) *"),
    says="You made a float32 of the learning rate, but the gradients may be float64, and "
    "TensorFlow does not mix types. A plain number takes the type of its neighbor: leave it "
    "as it is.",
)


# The misconceptions of one exercise call the references of the others: here these names, which
# the functions above have taken, are given back.
from solutions.tape import derivative, hessian
