"""Correct solutions of the tape chapter that do not look like the reference."""

import numpy as np
import tensorflow as tf

from tests.alternatives import alternative


@alternative("tape.derivative", "a variable")
def derivative(f, x):
    x = tf.Variable(np.asarray(x), dtype=tf.float32)
    with tf.GradientTape() as tape:
        total = tf.reduce_sum(f(x))
    gradient = tape.gradient(total, x)
    return tf.zeros_like(x) if gradient is None else gradient


@alternative("tape.derivative", "one number at a time")
def derivative(f, x):
    slopes = []
    for number in np.asarray(x, np.float32).ravel():
        number = tf.constant(number)
        with tf.GradientTape() as tape:
            tape.watch(number)
            y = f(number)
        slopes.append(tape.gradient(y, number, unconnected_gradients="zero"))
    return tf.reshape(tf.stack(slopes), np.shape(x))


@alternative("tape.derivative", "forward in place of backward")
def derivative(f, x):
    x = tf.cast(x, tf.float32)
    with tf.autodiff.ForwardAccumulator(x, tf.ones_like(x)) as accumulator:
        y = f(x)
    return accumulator.jvp(y, unconnected_gradients="zero")


@alternative("tape.velocity_and_acceleration", "a function that is applied twice")
def velocity_and_acceleration(position, t):
    def slope_of(function):
        def slope(t):
            with tf.GradientTape() as tape:
                tape.watch(t)
                value = function(t)
            return tape.gradient(value, t, unconnected_gradients="zero")

        return slope

    return slope_of(position)(t), slope_of(slope_of(position))(t)


@alternative("tape.velocity_and_acceleration", "one persistent tape around a variable")
def velocity_and_acceleration(position, t):
    time = tf.Variable(t)
    with tf.GradientTape(persistent=True) as tape:
        with tf.GradientTape() as inner:
            x = position(time)
        velocity = inner.gradient(x, time)
        if velocity is None:
            velocity = tf.zeros_like(t)
    acceleration = tape.gradient(velocity, time)
    return [velocity, tf.zeros_like(t) if acceleration is None else acceleration]


@alternative("tape.velocity_and_acceleration", "backward, then forward")
def velocity_and_acceleration(position, t):
    with tf.autodiff.ForwardAccumulator(t, tf.ones_like(t)) as accumulator:
        with tf.GradientTape() as tape:
            tape.watch(t)
            x = position(t)
        velocity = tape.gradient(x, t, unconnected_gradients="zero")
    return velocity, accumulator.jvp(velocity, unconnected_gradients="zero")


@alternative("tape.gradient_dict", "a list and its names")
def gradient_dict(loss, variables):
    names = sorted(variables)
    with tf.GradientTape() as tape:
        value = loss()
    found = tape.gradient(value, [variables[name] for name in names])
    return {
        name: tf.zeros_like(variables[name]) if gradient is None else gradient
        for name, gradient in zip(names, found, strict=True)
    }


@alternative("tape.gradient_dict", "a persistent tape that is asked for each")
def gradient_dict(loss, variables):
    result = {}
    with tf.GradientTape(watch_accessed_variables=False, persistent=True) as tape:
        for variable in variables.values():
            tape.watch(variable)
        value = loss()
    for name in variables:
        gradient = tape.gradient(value, variables[name])
        result[name] = np.zeros(variables[name].shape) if gradient is None else gradient.numpy()
    return result


@alternative("tape.mend_the_tape", "a variable and a tape for each")
def mend_the_tape(whole, x):
    def gradients(function, values, **how):
        variable = tf.Variable(tf.cast(values, tf.float32))
        with tf.GradientTape(**how) as tape:
            results = function(variable)
        if how:
            return [tape.gradient(result, variable) for result in results]
        return tape.gradient(results, variable)

    return {
        "twice": gradients(lambda v: (v**2, (v**2) ** 2), x, persistent=True),
        "numpy": gradients(lambda v: v * tf.sin(v), x),
        "constant": gradients(tf.square, x),
        "integer": gradients(lambda v: v * v * v, whole),
    }


@alternative("tape.mend_the_tape", "an outer and an inner tape")
def mend_the_tape(whole, x):
    whole = tf.cast(whole, x.dtype)
    with tf.GradientTape(persistent=True) as first, tf.GradientTape() as second:
        first.watch((whole, x))
        second.watch(x)
        y = x * x
        z = tf.square(y)
        results = {"integer": tf.pow(whole, 3), "numpy": tf.math.sin(x) * x}
    return {
        "integer": first.gradient(results["integer"], whole),
        "constant": first.gradient(y, x),
        "numpy": first.gradient(results["numpy"], x),
        "twice": (first.gradient(y, x), second.gradient(z, x)),
    }


@alternative("tape.hessian", "one row after the other")
def hessian(f, x):
    with tf.GradientTape(persistent=True) as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = f(x)
        parts = tf.unstack(inner.gradient(y, x, unconnected_gradients="zero"))
    return tf.stack([outer.gradient(part, x, unconnected_gradients="zero") for part in parts])


@alternative("tape.hessian", "one direction after the other, forward")
def hessian(f, x):
    columns = np.zeros((len(x), len(x)), np.float32)
    for j in range(len(x)):
        with tf.autodiff.ForwardAccumulator(x, tf.one_hot(j, len(x))) as accumulator:
            with tf.GradientTape() as tape:
                tape.watch(x)
                y = f(x)
            gradient = tape.gradient(y, x, unconnected_gradients="zero")
        columns[:, j] = accumulator.jvp(gradient, unconnected_gradients="zero")
    return columns


@alternative("tape.hessian", "zeros put in by hand")
def hessian(f, x):
    point = tf.Variable(x)
    with tf.GradientTape(persistent=True) as outer:
        with tf.GradientTape() as inner:
            y = f(point)
        gradient = inner.gradient(y, point)
    if gradient is None:
        return tf.zeros((len(x), len(x)))
    second = outer.jacobian(gradient, point, experimental_use_pfor=False)
    return tf.zeros((len(x), len(x))) if second is None else second


@alternative("tape.newton_step", "the inverse matrix")
def newton_step(f, x):
    with tf.GradientTape(persistent=True) as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = f(x)
        gradient = inner.gradient(y, x)
        parts = tf.unstack(gradient)
    second = tf.stack([outer.gradient(part, x) for part in parts])
    return x + tf.linalg.matvec(tf.linalg.inv(second), -gradient)


@alternative("tape.newton_step", "least squares in NumPy")
def newton_step(f, x):
    second, gradient = hessian(f, x), derivative(f, x)
    step, *_ = np.linalg.lstsq(second.numpy(), -gradient.numpy(), rcond=None)
    return x.numpy() + step


@alternative("tape.train_step", "one-hot labels and a logarithm that does not overflow")
def train_step(parameters, pictures, labels, learning_rate):
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(parameters)
        hidden = tf.maximum(tf.matmul(pictures, parameters[0]) + parameters[1], 0)
        logits = tf.matmul(hidden, parameters[2]) + parameters[3]
        right = tf.one_hot(labels, tf.shape(logits)[-1], dtype=logits.dtype)
        chosen = tf.reduce_sum(right * tf.nn.log_softmax(logits), axis=-1)
        loss = -tf.reduce_sum(chosen) / tf.cast(tf.shape(logits)[0], logits.dtype)
    gradients = tape.gradient(loss, parameters)
    for i in range(4):
        parameters[i].assign(parameters[i] - learning_rate * gradients[i])
    return loss


@alternative("tape.train_step", "Keras's loss")
def train_step(parameters, pictures, labels, learning_rate):
    W1, b1, W2, b2 = parameters
    with tf.GradientTape() as tape:
        logits = tf.keras.activations.relu(pictures @ W1 + b1) @ W2 + b2
        losses = tf.keras.losses.sparse_categorical_crossentropy(labels, logits, from_logits=True)
        loss = tf.math.reduce_mean(losses)
    moves = tape.gradient(loss, {"W1": W1, "b1": b1, "W2": W2, "b2": b2})
    W1.assign_sub(learning_rate * moves["W1"])
    b1.assign_sub(learning_rate * moves["b1"])
    W2.assign_sub(learning_rate * moves["W2"])
    b2.assign_sub(learning_rate * moves["b2"])
    return loss


@alternative("tape.train_step", "gradients by hand, without a tape")
def train_step(parameters, pictures, labels, learning_rate):
    W1, b1, W2, b2 = parameters
    before = pictures @ W1 + b1
    hidden = tf.nn.relu(before)
    logits = hidden @ W2 + b2
    right = tf.one_hot(labels, b2.shape[0], dtype=logits.dtype)
    loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(right, logits))
    error = (tf.nn.softmax(logits) - right) / pictures.shape[0]
    error_before = tf.where(before > 0, error @ tf.transpose(W2), 0)
    gradients = (
        tf.transpose(pictures) @ error_before,
        tf.reduce_sum(error_before, axis=0),
        tf.transpose(hidden) @ error,
        tf.reduce_sum(error, axis=0),
    )
    for variable, gradient in zip(parameters, gradients, strict=True):
        variable.assign_add(-learning_rate * gradient)
    return loss


# A Newton step calls the references of the others: here these names, which the functions above
# have taken, are given back.
from solutions.tape import derivative, hessian
