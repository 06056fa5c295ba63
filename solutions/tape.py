"""GradientTape: first and second derivatives, what a tape records, and a training step by hand.

The tape is TensorFlow's: TensorFlow Guide, "Introduction to gradients and automatic
differentiation" and "Advanced automatic differentiation".
"""

import tensorflow as tf


def derivative(f, x):
    """Return the derivative of ``f`` at each number of ``x``.

    ``f`` takes a float32 tensor and returns a tensor of the same shape, number by number, in
    TensorFlow's operations. ``x`` is a number, an array or a tensor of any shape, perhaps of
    integers; it is made float32 before the tape records. Returns a float32 tensor of the shape of
    ``x``, with zeros where ``f`` does not depend on ``x``.
    """
    x = tf.cast(x, tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = f(x)
    return tape.gradient(y, x, unconnected_gradients="zero")


def velocity_and_acceleration(position, t):
    """Return the velocity and the acceleration of a moving body, by a tape inside a tape.

    ``position`` takes a float32 tensor of times in seconds and returns a tensor of the same shape,
    in meters, number by number, in TensorFlow's operations. ``t`` is a float32 tensor of any shape.
    Returns (velocity in m/s, acceleration in m/s²), each of the shape of ``t``; a body that stands
    has zeros as its velocity, and one that moves uniformly has zeros as its acceleration.
    """
    with tf.GradientTape() as outer:
        outer.watch(t)
        with tf.GradientTape() as inner:
            inner.watch(t)
            x = position(t)
        velocity = inner.gradient(x, t, unconnected_gradients="zero")
    return velocity, outer.gradient(velocity, t, unconnected_gradients="zero")


def gradient_dict(loss, variables):
    """Return the gradient of a loss for each variable, under the variable's name.

    ``loss`` takes no arguments and returns a single number, in TensorFlow's operations on the
    variables. ``variables`` is a dict from names to trainable ``tf.Variable``s. Returns a dict with
    the same names; each gradient is a tensor of the shape of its variable, all zeros when the loss
    does not use the variable. The loss is computed once.
    """
    with tf.GradientTape() as tape:
        value = loss()
    return tape.gradient(value, variables, unconnected_gradients="zero")


def mend_the_tape(whole, x):
    """Record four times what the chapter's broken recordings tried, so that no gradient is lost.

    ``whole`` is a tensor of integers, ``x`` a float32 tensor that no tape watches by itself; both
    have any shape, and all is done number by number.
    Returns a dict of tensors, gradients of sums over all numbers:

    - "integer": of whole³ for ``whole``, made float32;
    - "constant": of x² for ``x``;
    - "numpy": of x · sin(x) for ``x``;
    - "twice": a tuple of two, of y = x² and of z = y² for ``x``, both from one tape.
    """
    floats = tf.cast(whole, tf.float32)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch([floats, x])
        cube = floats**3
        y = x**2
        z = y**2
        wave = x * tf.sin(x)
    return {
        "integer": tape.gradient(cube, floats),
        "constant": tape.gradient(y, x),
        "numpy": tape.gradient(wave, x),
        "twice": (tape.gradient(y, x), tape.gradient(z, x)),
    }


def hessian(f, x):
    """Return all second derivatives of ``f`` at the point ``x``.

    ``f`` takes a float32 tensor [n] and returns a single number, in TensorFlow's operations; ``x``
    is a float32 tensor [n]. In the result, [n, n], row i and column j hold the derivative for x_j
    of the derivative for x_i; zeros where there is no dependence.
    """
    # By default `jacobian` traces a graph at every call, which for a few numbers takes far longer
    # than one gradient after the other, from a persistent tape.
    with tf.GradientTape(persistent=True) as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = f(x)
        gradient = inner.gradient(y, x, unconnected_gradients="zero")
    return outer.jacobian(gradient, x, unconnected_gradients="zero", experimental_use_pfor=False)


def newton_step(f, x):
    """Take one step of Newton's method toward a point where the slope of ``f`` is zero.

    ``f`` and ``x`` [n] are as for ``hessian``. The step s solves H s = −g, with the gradient g [n]
    and the Hessian H of ``f`` at ``x``, so that a quadratic bowl is left for its lowest point at
    once. Returns the new point, x + s, a float32 tensor [n].
    """
    gradient = derivative(f, x)
    return x - tf.linalg.solve(hessian(f, x), gradient[:, tf.newaxis])[:, 0]


def train_step(parameters, pictures, labels, learning_rate):
    """Take one step of gradient descent with a network of two layers, and return its loss.

    ``parameters`` is a list of four ``tf.Variable``s, W1 [pixels, hidden], b1 [hidden], W2
    [hidden, classes] and b2 [classes]; the logits are relu(x W1 + b1) W2 + b2. ``pictures`` is a
    tensor [n, pixels] of the variables' type, ``labels`` a tensor of n integers. Each variable
    moves, in its place, by −learning_rate · the gradient of the mean cross-entropy of these
    examples. Returns the loss as it was before the step, a tensor of shape (). Works alike when
    called directly and inside ``tf.function``.
    """
    W1, b1, W2, b2 = parameters
    with tf.GradientTape() as tape:
        logits = tf.nn.relu(pictures @ W1 + b1) @ W2 + b2
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)
        loss = tf.reduce_mean(losses)
    for variable, gradient in zip(parameters, tape.gradient(loss, parameters), strict=True):
        variable.assign_sub(learning_rate * gradient)
    return loss
