"""Misconceptions of backpropagation: by hand, in the parts of an engine, in the training."""

import numpy as np

from autograder.misconceptions import misconception, slip

# --- two_layer_gradients ------------------------------------------------------------------------

slip(
    "backprop.two_layer_gradients",
    "no slope of the relu",
    (" * (before > 0)", ""),
    says="You sent the error through the relu as if it were not there. Where the relu gave 0, a "
    "small change before it changes nothing: multiply by `before > 0`.",
)

slip(
    "backprop.two_layer_gradients",
    "the relu of the error",
    ("(error @ W2.T) * (before > 0)", "np.maximum(error @ W2.T, 0)"),
    says="You took the relu of the error on its way back. What decides is not the sign of the "
    "error but the sign of what came into the relu: multiply by `before > 0`.",
)

slip(
    "backprop.two_layer_gradients",
    "times the hidden values",
    ("* (before > 0)", "* hidden"),
    says="You multiplied the error by the hidden values. The slope of relu is 1 where it is on, "
    "however large its value: multiply by `before > 0`.",
)

slip(
    "backprop.two_layer_gradients",
    "the slope at zero is one",
    ("before > 0", "before >= 0"),
    says="You gave relu the slope 1 at exactly 0. There both answers could be defended; the "
    "exercise asks for 0, so `before > 0`.",
)

slip(
    "backprop.two_layer_gradients",
    "the bias forgets the relu",
    ("error_before.sum(axis=0)", "(error @ W2.T).sum(axis=0)"),
    says="Your W1 is right, but for b1 you summed the error from behind the relu. x W1 and b1 are "
    "added in one place, so both get the error from before the relu.",
)

slip(
    "backprop.two_layer_gradients",
    "the second layer sees the values before the relu",
    ("hidden.T @ error", "before.T @ error"),
    says="You made the gradient of W2 with the values from before the relu. W2 was multiplied by "
    "what came out of it, `hidden`.",
)

slip(
    "backprop.two_layer_gradients",
    "the square without its half",
    ("@ W2 + b2 - targets", "@ W2 + b2 - targets\n    error = 2 * error"),
    says="All your gradients are twice too large: the slope of a square is 2 (predictions − "
    "targets), but the loss has a ½ in front, and the two cancel.",
)

slip(
    "backprop.two_layer_gradients",
    "the average over the examples",
    ("@ W2 + b2 - targets", "@ W2 + b2 - targets\n    error = error / len(x)"),
    says="You divided by the number of examples. That is the gradient of an average; this loss is "
    "a sum over all examples.",
)

slip(
    "backprop.two_layer_gradients",
    "targets minus predictions",
    ("error = hidden @ W2 + b2 - targets", "error = targets - (hidden @ W2 + b2)"),
    says="All your signs are turned around: you began with targets − predictions. The slope of "
    "½ (predictions − targets)² for a prediction is predictions − targets.",
)

slip(
    "backprop.two_layer_gradients",
    "one gradient of a bias for each example",
    (".sum(axis=0)", ""),
    says="Your gradients of the biases have a row for each example. A bias is used by all of them, "
    "so its gradient is the sum over the examples: `.sum(axis=0)`.",
)

slip(
    "backprop.two_layer_gradients",
    "sums a bias over everything",
    (".sum(axis=0)", ".sum()"),
    says="You summed the error over everything, so a whole bias gets a single number. Each unit "
    "has a bias of its own: sum over the examples only, `axis=0`.",
)

slip(
    "backprop.two_layer_gradients",
    "transposed gradients",
    ("x.T @ error_before", "error_before.T @ x"),
    ("hidden.T @ error", "error.T @ hidden"),
    says="Your gradients of W1 and W2 stand upright where they should lie: each has the shape of "
    "its own matrix, [inputs, hidden] for W1, so x transposed stands first.",
)

slip(
    "backprop.two_layer_gradients",
    "the last layer first",
    (
        "x.T @ error_before, error_before.sum(axis=0), hidden.T @ error, error.sum(axis=0)",
        "hidden.T @ error, error.sum(axis=0), x.T @ error_before, error_before.sum(axis=0)",
    ),
    says="You returned the gradients in the order in which you found them, the last layer first. "
    "They belong in the order of the parameters: W1, b1, W2, b2.",
)

slip(
    "backprop.two_layer_gradients",
    "the mean squared error",
    ("@ W2 + b2 - targets", "@ W2 + b2 - targets\n    error = 2 * error / targets.size"),
    says="You took the slope of the mean squared error, 2 (predictions − targets) divided by their "
    "number. This loss is half the sum of all squares: neither the 2 nor the division remains.",
)

slip(
    "backprop.two_layer_gradients",
    "the average over all numbers",
    ("@ W2 + b2 - targets", "@ W2 + b2 - targets\n    error = error / error.size"),
    says="You divided by the number of predictions. That is the gradient of an average; this loss "
    "is a sum.",
)

slip(
    "backprop.two_layer_gradients",
    "the loss in place of its slope",
    ("@ W2 + b2 - targets", "@ W2 + b2 - targets\n    error = error**2 / 2"),
    says="You sent the loss itself back, the half squares. What goes back is its slope: for "
    "½ (predictions − targets)² that is predictions − targets.",
)

slip(
    "backprop.two_layer_gradients",
    "no relu on the way forward",
    ("np.maximum(before, 0)", "before"),
    says="You left the relu out on the way forward. The predictions are made from "
    "`np.maximum(before, 0)`, and the error hangs on them.",
)

slip(
    "backprop.two_layer_gradients",
    "back through W2 as it stands",
    ("error @ W2.T", "error @ W2"),
    says="You sent the error back through W2 as it stands. W2 leads from hidden to outputs; back "
    "from [n, outputs] to [n, hidden] leads its transpose: `error @ W2.T`.",
)

slip(
    "backprop.two_layer_gradients",
    "the mean for the biases",
    (".sum(axis=0)", ".mean(axis=0)"),
    says="For the biases you took the mean over the examples. A bias is used by every example, and "
    "the loss is a sum: `.sum(axis=0)`.",
)

slip(
    "backprop.two_layer_gradients",
    "sums a bias over the units",
    (".sum(axis=0)", ".sum(axis=1)"),
    says="You summed the error over the units, one sum for each example. Each unit has a bias of "
    "its own, used by all examples: sum over these, `axis=0`.",
)

slip(
    "backprop.two_layer_gradients",
    "the average of whole squares",
    ("@ W2 + b2 - targets", "@ W2 + b2 - targets\n    error = 2 * error / len(x)"),
    says="You took the slope of an average of squares, 2 (predictions − targets) divided by the "
    "number of examples. This loss is half the sum: neither the 2 nor the division remains.",
)

slip(
    "backprop.two_layer_gradients",
    "hidden where x belongs",
    ("x.T @ error_before", "hidden.T @ error_before"),
    says="You made the gradient of W1 with `hidden`. W1 was multiplied by the inputs: "
    "`x.T @ error_before`.",
)

# --- unbroadcast --------------------------------------------------------------------------------


@misconception(
    "backprop.unbroadcast",
    "new axes only",
    says="You summed over the new axes in front, and left the stretched ones. An axis that has "
    "size 1 in `shape` was copied too: sum over it as well, with `keepdims=True`.",
)
def unbroadcast(gradient, shape):
    while gradient.ndim > len(shape):
        gradient = gradient.sum(axis=0)
    return gradient


@misconception(
    "backprop.unbroadcast",
    "stretched axes only",
    says="You summed over the stretched axes, and left the new ones in front. An array of rank 1 "
    "in a sum with a matrix is copied for every row: sum over all axes that `shape` lacks.",
)
def unbroadcast(gradient, shape):
    for axis in range(-1, -len(shape) - 1, -1):
        if shape[axis] == 1:
            gradient = gradient.sum(axis=axis, keepdims=True)
    return gradient


@misconception(
    "backprop.unbroadcast",
    "the stretched axes vanish",
    says="You summed over the stretched axes and lost them. An axis of size 1 stays an axis of "
    "size 1: `keepdims=True`.",
)
def unbroadcast(gradient, shape):
    new = gradient.ndim - len(shape)
    stretched = tuple(new + axis for axis, size in enumerate(shape) if size == 1)
    return gradient.sum(axis=tuple(range(new)) + stretched)


@misconception(
    "backprop.unbroadcast",
    "the mean of the copies",
    says="You took the mean over the copies. A number that was used in four places moves the loss "
    "in four places: their gradients add up.",
)
def unbroadcast(gradient, shape):
    gradient = gradient.mean(axis=tuple(range(gradient.ndim - len(shape))))
    stretched = tuple(axis for axis, size in enumerate(shape) if size == 1)
    return gradient.mean(axis=stretched, keepdims=True)


@misconception(
    "backprop.unbroadcast",
    "one of the copies",
    says="You kept one of the copies and dropped the others. All of them were used, so all of "
    "their gradients count: sum them.",
)
def unbroadcast(gradient, shape):
    while gradient.ndim > len(shape):
        gradient = gradient[0]
    for axis, size in enumerate(shape):
        if size == 1:
            gradient = gradient.take([0], axis=axis)
    return gradient


@misconception(
    "backprop.unbroadcast",
    "new axes at the end",
    says="You summed over the last axes. Broadcasting lines shapes up from the right, so the new "
    "axes are the first ones.",
)
def unbroadcast(gradient, shape):
    while gradient.ndim > len(shape):
        gradient = gradient.sum(axis=-1)
    for axis, size in enumerate(shape):
        if size == 1:
            gradient = gradient.sum(axis=axis, keepdims=True)
    return gradient


@misconception(
    "backprop.unbroadcast",
    "one sum for all",
    says="You summed over everything and gave every number the same. Only the copies of one number "
    "go into one sum; another number has copies of its own.",
)
def unbroadcast(gradient, shape):
    return np.full(shape, gradient.sum())


@misconception(
    "backprop.unbroadcast",
    "cuts to the size",
    says="You cut or folded the gradient until it had the shape. The shape is right, and the sums "
    "are missing: every copy counts.",
)
def unbroadcast(gradient, shape):
    return np.resize(gradient, shape)


@misconception(
    "backprop.unbroadcast",
    "adds up and reshapes",
    says="You summed over the first axis whatever the shapes are. Where nothing was stretched "
    "along an axis there are no copies: compare `gradient.shape` with `shape`, axis by axis.",
)
def unbroadcast(gradient, shape):
    return np.resize(gradient.sum(axis=0), shape)


@misconception(
    "backprop.unbroadcast",
    "the first axis, whenever the shapes differ",
    says="You summed over the first axis whenever the shapes differ. That is right for one new "
    "axis in front. A stretched axis can stand anywhere, and stays as an axis of size 1: look for "
    "each 1 in `shape`.",
)
def unbroadcast(gradient, shape):
    if gradient.shape != shape:
        gradient = gradient.sum(axis=0)
    return gradient


@misconception(
    "backprop.unbroadcast",
    "the first axis, kept",
    says="You summed over the first axis and kept it. An axis that `shape` lacks has to go, and a "
    "stretched one can stand anywhere: these are two sums, and only the second has "
    "`keepdims=True`.",
)
def unbroadcast(gradient, shape):
    if gradient.shape != shape:
        gradient = gradient.sum(axis=0, keepdims=True)
    return gradient


@misconception(
    "backprop.unbroadcast",
    "the new axes stay",
    says="You summed over the right axes and kept all of them. The new ones in front must go; "
    "`keepdims=True` belongs to the stretched ones only.",
)
def unbroadcast(gradient, shape):
    new = gradient.ndim - len(shape)
    stretched = tuple(new + axis for axis, size in enumerate(shape) if size == 1)
    return gradient.sum(axis=tuple(range(new)) + stretched, keepdims=True)


@misconception(
    "backprop.unbroadcast",
    "a new shape without a sum",
    says="You gave the gradient another shape. `reshape` lays the same numbers out anew, and there "
    "are more of them than `shape` has room for: the copies of a number are to be summed.",
)
def unbroadcast(gradient, shape):
    return gradient.reshape(shape)


@misconception(
    "backprop.unbroadcast",
    "places of the shape in the gradient",
    says="You looked for the stretched axes in `shape` and summed over them in the gradient, where "
    "new axes in front move all others on. Sum over the new axes first; then the places agree.",
)
def unbroadcast(gradient, shape):
    new = tuple(range(gradient.ndim - len(shape)))
    stretched = tuple(axis for axis, size in enumerate(shape) if size == 1)
    return gradient.sum(axis=stretched, keepdims=True).sum(axis=new)


@misconception(
    "backprop.unbroadcast",
    "a list of axes",
    says="You gave `sum` a list of axes. NumPy wants a tuple of them: `tuple(…)` makes one.",
)
def unbroadcast(gradient, shape):
    gradient = gradient.sum(axis=list(range(gradient.ndim - len(shape))))
    stretched = [axis for axis, size in enumerate(shape) if size == 1]
    return gradient.sum(axis=stretched, keepdims=True)


# --- Node ---------------------------------------------------------------------------------------

slip(
    "backprop.Node",
    "the value as it came",
    ("np.asarray(value, dtype=float)", "value"),
    says="You kept the value as it came. From whole numbers the gradients would be whole numbers, "
    "and a list has no shape: `np.asarray(value, dtype=float)`.",
)

slip(
    "backprop.Node",
    "gradients begin at zero",
    ("self.gradient = None", "self.gradient = np.zeros_like(self.value)"),
    says="Your gradient begins as zeros. It is None until `backward` was here, so that nobody "
    "takes a gradient that was not computed for one that is 0.",
)

slip(
    "backprop.Node",
    "no parents",
    ("(self, other), rule", "(), rule"),
    ("(self,), rule", "(), rule"),
    says="Your results do not know what they were made from, so no gradient will find its way "
    "back. Pass the parents on: `(self, other)`, or `(self,)` for one.",
)

slip(
    "backprop.Node",
    "an asterisk for the sign",
    ('"×"', '"*"'),
    says='You wrote Python\'s sign for the product. The pictures have the sign "×".',
)

slip(
    "backprop.Node",
    "× keeps its own value",
    ("gradient * other.value, self", "gradient * self.value, self"),
    ("gradient * self.value, other", "gradient * other.value, other"),
    says="In × you multiplied the gradient of each by its own value. How much a × b moves with a "
    "depends on b: the two values change places.",
)

slip(
    "backprop.Node",
    "× forgets what comes from above",
    ("unbroadcast(gradient * other.value, self.value.shape)", "other.value"),
    ("unbroadcast(gradient * self.value, other.value.shape)", "self.value"),
    says="Your rule of × returns the slopes alone. The chain rule multiplies them by the gradient "
    "that comes from above, and each result needs its parent's shape.",
)

slip(
    "backprop.Node",
    "+ without unbroadcast",
    ("unbroadcast(gradient, self.value.shape)", "gradient"),
    ("unbroadcast(gradient, other.value.shape)", "gradient"),
    says="Your rule of + hands the gradient on as it is. Where a parent was broadcast that has "
    "the wrong shape: `unbroadcast(gradient, other.value.shape)`.",
)

slip(
    "backprop.Node",
    "× without unbroadcast",
    ("unbroadcast(gradient * other.value, self.value.shape)", "gradient * other.value"),
    ("unbroadcast(gradient * self.value, other.value.shape)", "gradient * self.value"),
    says="Your rule of × is right until a parent was broadcast; then it returns the shape of the "
    "result. Put `unbroadcast` around both.",
)

slip(
    "backprop.Node",
    "no operation leads back through broadcasting",
    ("unbroadcast(gradient, self.value.shape)", "gradient"),
    ("unbroadcast(gradient, other.value.shape)", "gradient"),
    ("unbroadcast(gradient * other.value, self.value.shape)", "gradient * other.value"),
    ("unbroadcast(gradient * self.value, other.value.shape)", "gradient * self.value"),
    says="Your rules of + and × forget that a parent may have been broadcast: its gradient must "
    "have its own shape. `unbroadcast` sums over the copies.",
)

slip(
    "backprop.Node",
    "@ gives a transposed gradient",
    ("self.value.T @ gradient", "gradient.T @ self.value"),
    says="In @ your gradient of the second matrix is transposed. It has the shape of that matrix, "
    "[m, k], so the first one's transpose [m, n] stands first: `self.value.T @ gradient`.",
)

slip(
    "backprop.Node",
    "@ forgets to transpose",
    (
        "gradient @ other.value.T, self.value.T @ gradient",
        "gradient @ other.value, self.value @ gradient",
    ),
    says="In @ you did not transpose, and the sizes do not meet. The gradient is [n, k]; to get "
    "[n, m] from it and the second matrix [m, k], that one must be turned over.",
)

slip(
    "backprop.Node",
    "@ keeps its own value",
    (
        "gradient @ other.value.T, self.value.T @ gradient",
        "gradient * self.value, gradient * other.value",
    ),
    says="Your rule of @ is the one of ×, number by number. In a product of matrices each number "
    "meets a whole row or column: `gradient @ other.value.T` and `self.value.T @ gradient`.",
)

slip(
    "backprop.Node",
    "the relu of the gradient",
    ("gradient * (self.value > 0)", "np.maximum(gradient, 0)"),
    says="Your rule takes the relu of the gradient. Gradients may well be negative; what decides "
    "is whether the value was above 0: `gradient * (self.value > 0)`.",
)

slip(
    "backprop.Node",
    "slope 1 at 0",
    ("self.value > 0", "self.value >= 0"),
    says="Your relu has the slope 1 at exactly 0. The docstring asks for 0: `>`, not `>=`.",
)

slip(
    "backprop.Node",
    "a rule that writes into what it gets",
    (
        "return (gradient * (self.value > 0),)",
        "gradient[self.value <= 0] = 0\n            return (gradient,)",
    ),
    says="Your rule of relu sets numbers to 0 in the array that it was given. That array is the "
    "gradient of the result, and another Node may hold it too: make a new one.",
)

slip(
    "backprop.Node",
    "an array in place of a tuple of one",
    ("return (gradient * (self.value > 0),)", "return gradient * (self.value > 0)"),
    (
        "return (gradient * np.ones(self.value.shape),)",
        "return gradient * np.ones(self.value.shape)",
    ),
    (
        "return (gradient - np.exp(result) * gradient.sum(axis=-1, keepdims=True),)",
        "return gradient - np.exp(result) * gradient.sum(axis=-1, keepdims=True)",
    ),
    says="With one parent your rules return the array itself. `backward` goes through what a rule "
    "returns, parent by parent; through a bare array it would go row by row.",
)

slip(
    "backprop.Node",
    "sum hands on a single number",
    ("gradient * np.ones(self.value.shape)", "gradient"),
    says="Your rule of sum hands on the single number that it got. Each number of the parent had "
    "a part in the sum: the gradient needs the parent's shape.",
)

slip(
    "backprop.Node",
    "sum divides",
    (
        "gradient * np.ones(self.value.shape)",
        "gradient * np.ones(self.value.shape) / self.value.size",
    ),
    says="Your rule of sum shares the gradient out among the numbers. Raise one of them by 1, and "
    "the sum grows by 1: each gets the whole gradient. Sharing belongs to the mean.",
)

slip(
    "backprop.Node",
    "sum forgets what comes from above",
    ("gradient * np.ones(self.value.shape)", "np.ones(self.value.shape)"),
    says="Your rule of sum returns ones, which is right only where the sum is the loss itself. "
    "Multiply by the gradient that comes from above.",
)

slip(
    "backprop.Node",
    "log_softmax overflows",
    ("self.value - self.value.max(axis=-1, keepdims=True)", "self.value"),
    says="Your log_softmax is right on paper, but e¹⁰⁰⁰ is infinite. Take the maximum of each row "
    "away first; it changes nothing else.",
)

slip(
    "backprop.Node",
    "log_softmax over all numbers",
    ("axis=-1, keepdims=True", ""),
    says="Your log_softmax shares 1 out among all numbers of the array. Each row, along the last "
    "axis, is an answer of its own: `axis=-1, keepdims=True`.",
)

slip(
    "backprop.Node",
    "softmax without the logarithm",
    (
        "result = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))",
        "result = np.exp(shifted) / np.exp(shifted).sum(axis=-1, keepdims=True)",
    ),
    (
        "gradient - np.exp(result) * gradient.sum(axis=-1, keepdims=True)",
        "result * (gradient - (gradient * result).sum(axis=-1, keepdims=True))",
    ),
    says="You wrote the softmax, and its rule. The logarithm of it is wanted: the shifted values "
    "minus the logarithm of the sum of their exponentials.",
)

slip(
    "backprop.Node",
    "the rule of softmax",
    (
        "gradient - np.exp(result) * gradient.sum(axis=-1, keepdims=True)",
        "np.exp(result) * (gradient - (gradient * np.exp(result)).sum(axis=-1, keepdims=True))",
    ),
    says="Your rule of log_softmax is the one of softmax. With the logarithm it is shorter: the "
    "gradient minus the softmax times the sum of the gradient.",
)

slip(
    "backprop.Node",
    "log_softmax forgets the sum",
    ("np.exp(result) * gradient.sum(axis=-1, keepdims=True)", "np.exp(result) * gradient"),
    says="In the rule of log_softmax you multiplied the softmax by each number's own gradient. "
    "All results of a row share one sum in the softmax: `gradient.sum(axis=-1, keepdims=True)`.",
)

slip(
    "backprop.Node",
    "log_softmax for a label",
    (
        "gradient - np.exp(result) * gradient.sum(axis=-1, keepdims=True)",
        "gradient - np.exp(result)",
    ),
    says="Your rule takes the softmax away from the gradient once. That is right for a gradient "
    "that sums to 1, and the one of a cross-entropy sums to −1: the softmax is multiplied by the "
    "sum of the gradient, whatever it is.",
)

slip(
    "backprop.Node",
    "log_softmax for a cross-entropy",
    (
        "gradient - np.exp(result) * gradient.sum(axis=-1, keepdims=True)",
        "gradient + np.exp(result)",
    ),
    says="Your rule adds the softmax, probabilities minus the right answer. That is so where the "
    "gradient sums to −1, as for the cross-entropy of one label. In general: the gradient minus "
    "the softmax times the sum of the gradient.",
)

slip(
    "backprop.Node",
    "log_softmax: one sum of exponentials for all",
    ("np.exp(shifted).sum(axis=-1, keepdims=True)", "np.exp(shifted).sum()"),
    says="In log_softmax you summed the exponentials of the whole array. Each row, along the last "
    "axis, has a sum of its own: `axis=-1, keepdims=True`.",
)

slip(
    "backprop.Node",
    "log_softmax: one sum of the gradient for all",
    ("gradient.sum(axis=-1, keepdims=True)", "gradient.sum()"),
    says="In the rule of log_softmax you summed the whole gradient. A row has no part in the "
    "softmax of another: `gradient.sum(axis=-1, keepdims=True)`.",
)

slip(
    "backprop.Node",
    "log_softmax: one maximum for all",
    ("self.value.max(axis=-1, keepdims=True)", "self.value.max()"),
    says="You took the maximum of the whole array away. A row that lies far below it then has only "
    "exponentials of 0, and the logarithm of their sum is −∞: take each row's own maximum.",
)

slip(
    "backprop.Node",
    "log_softmax along axis 1",
    ("axis=-1", "axis=1"),
    says="Your log_softmax goes along axis 1. That is the last axis of a matrix only; `axis=-1` is "
    "the last one of any array.",
)

slip(
    "backprop.Node",
    "log_softmax along axis 0",
    ("axis=-1", "axis=0"),
    says="Your log_softmax goes along axis 0, from example to example. The classes of an example "
    "lie along the last axis: `axis=-1`.",
)

slip(
    "backprop.Node",
    "log_softmax loses the last axis",
    ("axis=-1, keepdims=True", "axis=-1"),
    says="In log_softmax your sum and your maximum lose the last axis, so they do not line up with "
    "the rows any more. Keep it as an axis of size 1: `keepdims=True`.",
)

slip(
    "backprop.Node",
    "relu multiplies by the value",
    ("gradient * (self.value > 0)", "gradient * np.maximum(self.value, 0)"),
    says="Your rule of relu multiplies by the value. The slope of relu is 1 where it is on, "
    "however large the value: `gradient * (self.value > 0)`.",
)

slip(
    "backprop.Node",
    "relu forgets what comes from above",
    ("gradient * (self.value > 0)", "1.0 * (self.value > 0)"),
    says="Your rule of relu returns its slopes alone. The chain rule multiplies them by the "
    "gradient that comes from above.",
)

slip(
    "backprop.Node",
    "Python's max for relu",
    ("np.maximum(self.value, 0)", "max(self.value, 0)"),
    says="Python's `max` asks which of two things is larger, and an array is many things. "
    "`np.maximum` compares number by number.",
)

slip(
    "backprop.Node",
    "the sum of the rows",
    ("Node(self.value.sum(),", "Node(sum(self.value),"),
    says="Python's `sum` adds up the rows, and what comes out is a row. `self.value.sum()` is the "
    "sum of all numbers.",
)

slip(
    "backprop.Node",
    "@ hands back in the wrong order",
    (
        "gradient @ other.value.T, self.value.T @ gradient",
        "self.value.T @ gradient, gradient @ other.value.T",
    ),
    says="Your rule of @ has both gradients, and hands each to the other parent. They come in the "
    "order of the parents: the one for `self` first.",
)

slip(
    "backprop.Node",
    "unbroadcast before the product",
    (
        "unbroadcast(gradient * other.value, self.value.shape)",
        "unbroadcast(gradient, self.value.shape) * other.value",
    ),
    (
        "unbroadcast(gradient * self.value, other.value.shape)",
        "unbroadcast(gradient, other.value.shape) * self.value",
    ),
    says="In × you summed over the copies first and multiplied then. Each copy met another number: "
    "multiply first, `unbroadcast(gradient * other.value, self.value.shape)`.",
)

slip(
    "backprop.Node",
    "no signs",
    (', rule, "+")', ", rule)"),
    (', rule, "×")', ", rule)"),
    (', rule, "@")', ", rule)"),
    (', rule, "relu")', ", rule)"),
    (', rule, "sum")', ", rule)"),
    (', rule, "log_softmax")', ", rule)"),
    says="Your results do not say which operation made them. The fourth input of Node is its sign, "
    '"+" for the sum; the docstring lists them all.',
)

slip(
    "backprop.Node",
    "values for parents",
    ("(self, other), rule", "(self.value, other.value), rule"),
    ("(self,), rule", "(self.value,), rule"),
    says="You kept the values of the parents. A bare array has nowhere to put a gradient and "
    "does not know its own parents: keep the Nodes, `(self, other)`.",
)

# --- topological_order --------------------------------------------------------------------------


@misconception(
    "backprop.topological_order",
    "a function that calls itself",
    says="Your order is right, and a function that calls itself for every parent stops at a "
    "thousand or so. Keep the Nodes that wait in a list of your own, with a mark for those whose "
    "parents are done.",
)
def topological_order(node):
    order, seen = [], set()

    def visit(current):
        if current not in seen:
            seen.add(current)
            for parent in current.parents:
                visit(parent)
            order.append(current)

    visit(node)
    return order


slip(
    "backprop.topological_order",
    "the result first",
    ("return order", "return order[::-1]"),
    says="Your list begins at the result and goes down to the leaves. It should be the other way "
    "around: parents before children, and `node` at the end.",
)


@misconception(
    "backprop.topological_order",
    "a Node as soon as it is met",
    says="You put a Node down when you meet it and turned the list around in the end. A parent "
    "that is met first on a short way then stands after Nodes that need it: put a Node down only "
    "when all of its parents are down.",
)
def topological_order(node):
    order, seen, waiting = [], set(), [node]
    while waiting:
        current = waiting.pop()
        if current not in seen:
            seen.add(current)
            order.append(current)
            waiting.extend(current.parents)
    return order[::-1]


@misconception(
    "backprop.topological_order",
    "layer by layer",
    says="You went back layer by layer, each Node at its shortest distance from the result. A Node "
    "that is also at the end of a longer way then comes too late in your list: its longest "
    "distance decides.",
)
def topological_order(node):
    order, seen = [node], {node}
    for current in order:
        for parent in current.parents:
            if parent not in seen:
                seen.add(parent)
                order.append(parent)
    return order[::-1]


@misconception(
    "backprop.topological_order",
    "a Node for every way to it",
    says="A Node that is used twice stands in your list twice, and its gradient would be handed on "
    "twice. Keep a set of those that you have seen.",
)
def topological_order(node):
    order, waiting = [], [(node, False)]
    while waiting:
        current, done = waiting.pop()
        if done:
            order.append(current)
        else:
            waiting.append((current, True))
            waiting.extend((parent, False) for parent in current.parents)
    return order


@misconception(
    "backprop.topological_order",
    "moved back each time it is met",
    says="Your order is right for small graphs, but you walk every way to a Node and move it again "
    "each time. The number of ways doubles with each value that is used twice: visit a Node once.",
)
def topological_order(node):
    order, waiting = [], [node]
    while waiting:
        current = waiting.pop(0)
        if current in order:
            order.remove(current)
        order.append(current)
        waiting.extend(current.parents)
    return order[::-1]


slip(
    "backprop.topological_order",
    "no leaves",
    (
        "if parents_done:\n            order.append(current)",
        "if parents_done:\n            if current.parents:\n                order.append(current)",
    ),
    says="You left the leaves out, since nothing was computed there. But they are the ones whose "
    "gradients are wanted: weights, biases, inputs.",
)

slip(
    "backprop.topological_order",
    "without the Node itself",
    ("return order", "return order[:-1]"),
    says="You left out the Node that was given. It stands at the end of the list.",
)


@misconception(
    "backprop.topological_order",
    "the first parent only",
    says="You followed the first parent of each Node only. An operation has up to two, and both "
    "belong in the list, with all that they were made from.",
)
def topological_order(node):
    order = [node]
    while order[-1].parents:
        order.append(order[-1].parents[0])
    return order[::-1]


@misconception(
    "backprop.topological_order",
    "seen when it is put on the stack",
    says="You note a Node as seen when you push it. It may then wait deep in the stack while a "
    "longer way to it is walked, which skips it, and Nodes that need it are put down first. Note "
    "it when you pop it.",
)
def topological_order(node):
    order, seen, waiting = [], {node}, [(node, False)]
    while waiting:
        current, done = waiting.pop()
        if done:
            order.append(current)
            continue
        waiting.append((current, True))
        for parent in current.parents:
            if parent not in seen:
                seen.add(parent)
                waiting.append((parent, False))
    return order


@misconception(
    "backprop.topological_order",
    "dropped at the second meeting",
    says="You dropped each Node at its second meeting, because it was seen. That meeting is the "
    "one at which its parents are done: ask for that first, and only then whether it was seen.",
)
def topological_order(node):
    order, seen, waiting = [], set(), [(node, False)]
    while waiting:
        current, done = waiting.pop()
        if current in seen:
            continue
        seen.add(current)
        if done:
            order.append(current)
        else:
            waiting.append((current, True))
            waiting.extend((parent, False) for parent in current.parents)
    return order


slip(
    "backprop.topological_order",
    "itself on top of its parents",
    (
        "            waiting.append((current, True))\n"
        "            waiting += [(parent, False) for parent in current.parents]\n",
        "            waiting += [(parent, False) for parent in current.parents]\n"
        "            waiting.append((current, True))\n",
    ),
    says="You pushed a Node on top of its parents, so it comes off again before they do. What lies "
    "on top comes first: push `(current, True)`, and its parents above it.",
)

slip(
    "backprop.topological_order",
    "the stack without its pairs",
    ("waiting = [(node, False)]", "waiting = [node]"),
    says="Your stack begins with a Node where the loop takes a pair from it. Begin with "
    "`[(node, False)]`.",
)

# --- backward -----------------------------------------------------------------------------------

slip(
    "backprop.backward",
    "the last one counts",
    ("parent.gradient = parent.gradient + gradient", "parent.gradient = gradient"),
    says="You set a parent's gradient and lost what it had got before. A value that is used in two "
    "places gets a gradient from each: add them.",
)

slip(
    "backprop.backward",
    "adds into arrays of others",
    (
        "    for node in order:\n        node.gradient = np.zeros_like(node.value)\n",
        "    for node in order:\n        node.gradient = None\n",
    ),
    (
        "parent.gradient = parent.gradient + gradient",
        "if parent.gradient is None:\n"
        "                parent.gradient = gradient\n"
        "            else:\n"
        "                parent.gradient += gradient",
    ),
    says="You kept the array that a rule gave you and added to it with `+=`. A rule may give one "
    "array to two parents, and then you change both: write `parent.gradient = parent.gradient + "
    "gradient`.",
)

slip(
    "backprop.backward",
    "from the leaves to the loss",
    ("for node in reversed(order)", "for node in order"),
    says="Your gradients reach the parents of the loss and go no further: you went from the "
    "leaves to the loss, and the leaves had nothing to hand on. Go through the order from its end.",
)

slip(
    "backprop.backward",
    "gradients of an earlier pass stay",
    (
        "        node.gradient = np.zeros_like(node.value)\n",
        "        if node.gradient is None:\n"
        "            node.gradient = np.zeros_like(node.value)\n",
    ),
    says="You added to the gradients that an earlier pass had left. Every pass begins anew: zeros "
    "in every Node first.",
)

slip(
    "backprop.backward",
    "no gradient for the loss",
    ("    loss.gradient = np.ones_like(loss.value)\n", ""),
    says="All your gradients are 0, since the loss itself has 0. The loss moves by as much as it "
    "moves: its own gradient is 1.",
)

slip(
    "backprop.backward",
    "the loss begins with its value",
    ("np.ones_like(loss.value)", "loss.value.copy()"),
    says="You began with the value of the loss. The gradient of the loss for itself is 1, whatever "
    "its value.",
)

slip(
    "backprop.backward",
    "a plain 1 for the loss",
    ("np.ones_like(loss.value)", "np.array(1.0)"),
    says="The loss gets a gradient of shape (), which is right for a value of shape (). A loss may "
    "also be a matrix with one number, and a gradient has the shape of its value: "
    "`np.ones_like(loss.value)`.",
)

slip(
    "backprop.backward",
    "an integer 1 for the loss",
    ("np.ones_like(loss.value)", "1"),
    says="The loss gets the integer 1. Gradients are floats, of the shape of their value: write "
    "1.0 where that is a single number, or `np.ones_like(loss.value)`, which is right for any "
    "shape.",
)

slip(
    "backprop.backward",
    "integers of the right shape for the loss",
    ("np.ones_like(loss.value)", "np.ones(loss.value.shape, int)"),
    says="The gradient of the loss has the right shape and holds an integer. Gradients are floats: "
    "1.0, or `np.ones_like(loss.value)`.",
)

slip(
    "backprop.backward",
    "slopes without the chain",
    ("node.rule(node.gradient)", "node.rule(np.ones_like(node.value))"),
    says="You asked each rule with ones, so every Node hands on its own slope only. The chain rule "
    "multiplies: the rule wants the gradient that the Node has got, `node.gradient`.",
)


@misconception(
    "backprop.backward",
    "hands on at once",
    says="You handed each piece of a gradient on as soon as it came, along every way to a leaf. "
    "The sums are right, and the number of ways doubles with each value that is used twice. Wait "
    "until a Node has got all of its gradient: `topological_order` says when.",
)
def backward(loss):
    for node in topological_order(loss):
        node.gradient = np.zeros_like(node.value)

    def hand_on(node, gradient):
        node.gradient = node.gradient + gradient
        for parent, part in zip(node.parents, node.rule(gradient), strict=True):
            hand_on(parent, part)

    hand_on(loss, np.ones_like(loss.value))


@misconception(
    "backprop.backward",
    "hands on what it has so far",
    says="You handed a Node's whole gradient on each time that it got a piece, so the first piece "
    "goes down twice. A Node hands on once, after all that were made from it: use the order.",
)
def backward(loss):
    for node in topological_order(loss):
        node.gradient = np.zeros_like(node.value)
    loss.gradient = np.ones_like(loss.value)
    waiting = [loss]
    while waiting:
        node = waiting.pop(0)
        for parent, gradient in zip(node.parents, node.rule(node.gradient), strict=True):
            parent.gradient = parent.gradient + gradient
            waiting.append(parent)


slip(
    "backprop.backward",
    "nothing to add to",
    ("    for node in order:\n        node.gradient = np.zeros_like(node.value)\n", ""),
    says="A Node's gradient is None before the first pass, and to None nothing can be added. Give "
    "every Node in the order zeros first, of the shape of its value.",
)

slip(
    "backprop.backward",
    "without the loss",
    ("for node in reversed(order)", "for node in reversed(order[:-1])"),
    says="You left the loss out on the way back. Its gradient of 1 is the only one there is at "
    "first, and its rule hands it on: begin with the last Node of the order.",
)

slip(
    "backprop.backward",
    "the chain rule twice",
    ("parent.gradient + gradient", "parent.gradient + gradient * node.gradient"),
    says="You multiplied what a rule returns by the Node's gradient once more. The rule got that "
    "gradient, and has multiplied by it: what it returns is ready to be added.",
)

slip(
    "backprop.backward",
    "the tuple as it came",
    (
        "for parent, gradient in zip(node.parents, node.rule(node.gradient), strict=True):",
        "for parent in node.parents:\n            gradient = node.rule(node.gradient)",
    ),
    says="You added what the rule returned to every parent, and it is a tuple with one gradient "
    "for each. Call the rule once, and go through parents and gradients side by side: "
    "`zip(node.parents, node.rule(node.gradient))`.",
)

slip(
    "backprop.backward",
    "asks the rule with the value",
    ("node.rule(node.gradient)", "node.rule(node.value)"),
    says="You gave each rule the value of its Node. It knows the values; what it wants is the "
    "gradient that came from above, `node.gradient`.",
)

# --- gradient_check -----------------------------------------------------------------------------

slip(
    "backprop.gradient_check",
    "a step to one side",
    ("for step in (eps, -eps)", "for step in (eps, 0)"),
    ("/ (2 * eps)", "/ eps"),
    says="You compared the result with the one where nothing moves. A step to both sides is far "
    "more exact: what bends the curve cancels.",
)

slip(
    "backprop.gradient_check",
    "divides by one step",
    ("/ (2 * eps)", "/ eps"),
    says="You divided by eps. From eps below to eps above it is a way of 2 eps.",
)

slip(
    "backprop.gradient_check",
    "signs left in",
    (
        "abs(float(nodes[k].gradient[place] - measured))",
        "float(nodes[k].gradient[place] - measured)",
    ),
    says="You compared differences with their signs, so a gradient that is far too small seems "
    "perfect. Take `abs` of each.",
)

slip(
    "backprop.gradient_check",
    "signs left in, measured first",
    (
        "abs(float(nodes[k].gradient[place] - measured))",
        "float(measured - nodes[k].gradient[place])",
    ),
    says="You compared differences with their signs, so a gradient that is far too large seems "
    "perfect. Take `abs` of each.",
)

slip(
    "backprop.gradient_check",
    "the maximum of signed differences",
    ("largest = 0.0", "largest = -np.inf"),
    (
        "abs(float(nodes[k].gradient[place] - measured))",
        "float(nodes[k].gradient[place] - measured)",
    ),
    says="You took the largest of differences that keep their signs. One far below zero is as bad "
    "as one far above: take `abs` of each first.",
)

slip(
    "backprop.gradient_check",
    "the maximum of signed differences, measured first",
    ("largest = 0.0", "largest = -np.inf"),
    (
        "abs(float(nodes[k].gradient[place] - measured))",
        "float(measured - nodes[k].gradient[place])",
    ),
    says="You took the largest of differences that keep their signs. One far below zero is as bad "
    "as one far above: take `abs` of each first.",
)

slip(
    "backprop.gradient_check",
    "the last difference",
    (
        "max(largest, abs(float(nodes[k].gradient[place] - measured)))",
        "abs(float(nodes[k].gradient[place] - measured))",
    ),
    says="You returned the difference of the last number. Keep the largest so far: "
    "`max(largest, …)`.",
)


@misconception(
    "backprop.gradient_check",
    "a whole row at once",
    says="You went through the first axis only, so a whole row of a matrix moves at once. "
    "`np.ndindex(array.shape)` goes through all places of an array, whatever its rank.",
)
def gradient_check(function, arrays, eps=1e-6):
    nodes = [Node(array) for array in arrays]
    backward(function(*nodes))
    differences = []
    for k, array in enumerate(arrays):
        for i in range(len(array)):
            above, below = ([a.copy() for a in arrays] for _ in range(2))
            above[k][i] += eps
            below[k][i] -= eps
            results = [function(*map(Node, moved)).value for moved in (above, below)]
            measured = (results[0] - results[1]) / (2 * eps)
            differences.append(np.abs(nodes[k].gradient[i] - measured).max())
    return max(differences)


slip(
    "backprop.gradient_check",
    "the mean difference",
    (
        "largest = max(largest, abs(float(nodes[k].gradient[place] - measured)))",
        "largest += abs(float(nodes[k].gradient[place] - measured))",
    ),
    ("return largest", "return largest / sum(a.size for a in arrays)"),
    says="You returned the mean of the differences. One wrong number among a thousand hides in a "
    "mean; the largest difference shows it.",
)

slip(
    "backprop.gradient_check",
    "the sum of the differences",
    (
        "largest = max(largest, abs(float(nodes[k].gradient[place] - measured)))",
        "largest += abs(float(nodes[k].gradient[place] - measured))",
    ),
    says="You added the differences up. The result grows with the number of parameters then; "
    "the largest one is wanted.",
)

slip(
    "backprop.gradient_check",
    "relative to the gradient",
    (
        "abs(float(nodes[k].gradient[place] - measured))",
        "abs(float(nodes[k].gradient[place] - measured)) / max(1e-12, abs(measured))",
    ),
    says="You divided each difference by the gradient. That is often a good measure, but this "
    "exercise asks for the absolute difference.",
)

slip(
    "backprop.gradient_check",
    "the first array only",
    ("for k, array in enumerate(arrays):", "for k, array in enumerate(arrays[:1]):"),
    says="You checked the numbers of the first array only. Every array is an input of the "
    "function, and the engine has a gradient for each.",
)

slip(
    "backprop.gradient_check",
    "forgets between arrays",
    (
        "for k, array in enumerate(arrays):\n",
        "for k, array in enumerate(arrays):\n        largest = 0.0\n",
    ),
    says="You begin anew with every array, so only the last one's difference is left. Set the "
    "largest to 0 once, before the loop over the arrays.",
)

slip(
    "backprop.gradient_check",
    "all numbers at once",
    ("moved[k][place] += step", "moved[k] += step"),
    says="You moved all numbers of an array at once, which measures the sum of their gradients. "
    "Move one number, with all others where they were.",
)

slip(
    "backprop.gradient_check",
    "moves the caller's numbers",
    ("moved = [a.copy() for a in arrays]", "moved = list(arrays)"),
    says="You moved the numbers in the caller's arrays: each step stays there, and the next begins "
    "from it. `list(arrays)` copies the list and not the arrays; `a.copy()` does.",
)

slip(
    "backprop.gradient_check",
    "yes or no",
    ("return largest", "return largest < 1e-4"),
    says="You returned whether the gradients agree. The caller wants to know by how much they "
    "differ: return the largest difference.",
)

slip(
    "backprop.gradient_check",
    "Nodes in place of their values",
    (".value)", ")"),
    says="The function returns a Node, and you took one Node from another. The numbers are in "
    "`.value`.",
)

slip(
    "backprop.gradient_check",
    "arrays for Nodes",
    ("function(*map(Node, moved))", "function(*moved)"),
    says="You gave `function` arrays. It is made for Nodes and asks them for their `.value`: put "
    "each array into a `Node` first, also to measure.",
)

slip(
    "backprop.gradient_check",
    "a list of Nodes for the Nodes",
    ("function(*nodes)", "function(nodes)"),
    says="You gave `function` one list with all Nodes. It takes each as an input of its own: the "
    "asterisk in `function(*nodes)` hands the list out.",
)

slip(
    "backprop.gradient_check",
    "no backward pass for these Nodes",
    ("backward(function(*nodes))", "backward(function(*[Node(array) for array in arrays]))"),
    says="The gradients that you ask for are None. Either `backward` was not called, or it ran "
    "on other Nodes than those: make the Nodes once, and use the same ones in both places.",
)

slip(
    "backprop.gradient_check",
    "half of it times eps",
    ("/ (2 * eps)", "/ 2 * eps"),
    says="`/ 2 * eps` divides by 2 and then multiplies by eps. The way is 2 eps long: "
    "`/ (2 * eps)`.",
)

slip(
    "backprop.gradient_check",
    "a step of its own",
    ("for step in (eps, -eps)", "for step in (1e-6, -1e-6)"),
    ("/ (2 * eps)", "/ 2e-6"),
    says="Your step is always the same. The caller says with `eps` how far to move.",
)

slip(
    "backprop.gradient_check",
    "one difference for each array",
    ("    largest = 0.0\n    for k", "    largest = [0.0] * len(arrays)\n    for k"),
    (
        "largest = max(largest, abs(float(nodes[k].gradient[place] - measured)))",
        "largest[k] = max(largest[k], abs(float(nodes[k].gradient[place] - measured)))",
    ),
    says="You returned a difference for each array. One number is wanted, the largest of them all.",
)

# --- train_digits -------------------------------------------------------------------------------

slip(
    "backprop.train_digits",
    "the sum over the batch",
    ("-right / len(batch)", "-right"),
    says="Your loss is the sum over the batch, so a larger batch makes larger steps. It should be "
    "the mean: divide by the number of examples in this batch.",
)

slip(
    "backprop.train_digits",
    "divides by all pictures",
    ("-right / len(batch)", "-right / len(pictures)"),
    says="You divided by the number of all pictures. Each loss is the mean over its own batch: "
    "divide by `len(batch)`.",
)

slip(
    "backprop.train_digits",
    "divides by the classes, too",
    ("-right / len(batch)", "-right / right.size"),
    says="You took the mean over examples and classes. An example has one cross-entropy, the sum "
    "over its classes, of which only the label's counts: divide by the examples only.",
)

slip(
    "backprop.train_digits",
    "uphill",
    ("node.value - learning_rate", "node.value + learning_rate"),
    says="You moved along the gradient, uphill: the loss grows. Descent moves against it, "
    "−learning_rate · gradient.",
)

slip(
    "backprop.train_digits",
    "each batch from the beginning",
    ("parameters = [node.value", "moved = [node.value"),
    ("    losses = []\n", "    losses, moved = [], parameters\n"),
    ("return parameters, losses", "return moved, losses"),
    says="Every batch starts from the parameters that were given, so only the last step is left. "
    "The next batch goes on where this one ended.",
)

slip(
    "backprop.train_digits",
    "the loss after the step",
    (
        "        losses.append(float(loss.value))\n",
        "        W1, b1, W2, b2 = (Node(array) for array in parameters)\n"
        "        logits = (Node(pictures[batch]) @ W1 + b1).relu() @ W2 + b2\n"
        "        loss = (logits.log_softmax() * Node(-right / len(batch))).sum()\n"
        "        losses.append(float(loss.value))\n",
    ),
    says="You computed the loss a second time, after the step. The one that you have from the way "
    "forward is wanted, as it was before the step; it costs nothing.",
)

slip(
    "backprop.train_digits",
    "no relu",
    ("(Node(pictures[batch]) @ W1 + b1).relu()", "(Node(pictures[batch]) @ W1 + b1)"),
    says="There is no relu between your layers. Two layers without a bend between them are one "
    "layer: relu(x W1 + b1) W2 + b2.",
)

slip(
    "backprop.train_digits",
    "relu on the logits",
    (".relu() @ W2 + b2", ".relu() @ W2 + b2\n        logits = logits.relu()"),
    says="You took the relu of the logits as well. Logits may be negative: the log_softmax comes "
    "right after the second layer.",
)

slip(
    "backprop.train_digits",
    "the given parameters move",
    (
        "parameters = [node.value - learning_rate * node.gradient for node in nodes]",
        "for array, node in zip(parameters, nodes, strict=True):\n"
        "            array -= learning_rate * node.gradient",
    ),
    says="You moved the parameters in place, with `-=`, so the ones that you were given are gone. "
    "Make new arrays: whoever called may want to train from the same start again.",
)

slip(
    "backprop.train_digits",
    "counts the classes in the batch",
    ("np.eye(logits.value.shape[1])", "np.eye(labels[batch].max() + 1)"),
    says="You made as many classes as the largest label of the batch says. A batch may lack a "
    "class; the logits know how many there are: `logits.value.shape[1]`.",
)

slip(
    "backprop.train_digits",
    "all pictures in every step",
    ("for batch in batches:", "for _ in batches:\n        batch = np.arange(len(pictures))"),
    says="Every step of yours takes all pictures. A step takes the examples of its batch only: "
    "`pictures[batch]` and `labels[batch]`.",
)

slip(
    "backprop.train_digits",
    "biases stay",
    (
        "parameters = [node.value - learning_rate * node.gradient for node in nodes]",
        "parameters = [\n"
        "            node.value - (learning_rate * node.gradient if node.value.ndim > 1 else 0)\n"
        "            for node in nodes\n"
        "        ]",
    ),
    says="You moved the two matrices and left the biases. All four are parameters and have "
    "gradients.",
)

slip(
    "backprop.train_digits",
    "the last loss",
    ("return parameters, losses", "return parameters, losses[-1:]"),
    says="You returned the last loss only. The caller wants to see how it fell: one loss for each "
    "batch.",
)

slip(
    "backprop.train_digits",
    "no minus",
    ("-right / len(batch)", "right / len(batch)"),
    says="Your loss has no minus, so it is below zero and each step makes the labels less likely. "
    "Log-probabilities are negative; the cross-entropy is minus the one of the label.",
)

slip(
    "backprop.train_digits",
    "pictures that are no Node",
    ("Node(pictures[batch])", "pictures[batch]"),
    says="The pictures are a bare array, and NumPy does not know what to do with an array @ a "
    "Node. Both operands are Nodes: `Node(pictures[batch])`.",
)

slip(
    "backprop.train_digits",
    "labels that are no Node",
    ("Node(-right / len(batch))", "(-right / len(batch))"),
    says="You multiplied a Node by a bare array. Both operands are Nodes: "
    "`Node(-right / len(batch))`.",
)

slip(
    "backprop.train_digits",
    "a minus before a Node",
    (
        "(logits.log_softmax() * Node(-right / len(batch))).sum()",
        "-(logits.log_softmax() * Node(right / len(batch))).sum()",
    ),
    says="Your Node has no minus sign: it knows +, × and @. Put the minus into the array that "
    "is multiplied: `Node(-right / len(batch))`.",
)

slip(
    "backprop.train_digits",
    "a Node divided by a number",
    (
        "(logits.log_softmax() * Node(-right / len(batch))).sum()",
        "(logits.log_softmax() * Node(-right)).sum() / len(batch)",
    ),
    says="Your Node cannot be divided: it knows +, × and @. Divide the array that it is multiplied "
    "by: `Node(-right / len(batch))`.",
)

slip(
    "backprop.train_digits",
    "a Node times a number",
    (
        "(logits.log_softmax() * Node(-right / len(batch))).sum()",
        "(logits.log_softmax() * Node(right)).sum() * (-1 / len(batch))",
    ),
    says="You multiplied a Node by a bare number. Both operands are Nodes: `Node(-1 / "
    "len(batch))`, or put the factor into the array: `Node(-right / len(batch))`.",
)

slip(
    "backprop.train_digits",
    "no single number for a loss",
    ("Node(-right / len(batch))).sum()", "Node(-right / len(batch)))"),
    says="Your loss is still an array with a number for each example and class. Sum it to one "
    "number before you go backward: `.sum()`.",
)

slip(
    "backprop.train_digits",
    "no log_softmax",
    ("logits.log_softmax()", "logits"),
    says="You multiplied the logits themselves by the labels. The cross-entropy is made from "
    "log-probabilities: `logits.log_softmax()`.",
)

slip(
    "backprop.train_digits",
    "ten classes, whatever comes",
    ("np.eye(logits.value.shape[1])", "np.eye(10)"),
    says="You wrote ten classes. The check trains networks with other numbers of classes; the "
    "logits know how many there are: `np.eye(logits.value.shape[1])`.",
)

slip(
    "backprop.train_digits",
    "ten classes, labels first",
    ("np.eye(logits.value.shape[1])", "np.eye(10)"),
    (
        "logits.log_softmax() * Node(-right / len(batch))",
        "Node(-right / len(batch)) * logits.log_softmax()",
    ),
    says="You wrote ten classes. The check trains networks with other numbers of classes; the "
    "logits know how many there are: `np.eye(logits.value.shape[1])`.",
)

slip(
    "backprop.train_digits",
    "the labels of all pictures",
    ("[labels[batch]]", "[labels]"),
    says="You took the labels of all pictures and the pictures of the batch. Both are chosen by "
    "the batch: `labels[batch]`.",
)

slip(
    "backprop.train_digits",
    "no backward pass",
    ("        backward(loss)\n", ""),
    says="The gradients of your parameters are None: nothing came back to them. Call "
    "`backward(loss)` before the step; and a loss that was made from a `.value` does not know "
    "where it came from, so make it from Nodes.",
)

slip(
    "backprop.train_digits",
    "no learning rate",
    ("learning_rate * node.gradient", "node.gradient"),
    says="You took the whole gradient away. A step is the learning rate times the gradient.",
)

slip(
    "backprop.train_digits",
    "a Node for a parameter in the step",
    ("node.value - learning_rate", "node - learning_rate"),
    says="You took a gradient from a Node. The numbers of the parameter are in `node.value`.",
)

slip(
    "backprop.train_digits",
    "steps from the first parameters",
    ("    losses = []\n", "    losses, first = [], parameters\n"),
    (
        "[node.value - learning_rate * node.gradient for node in nodes]",
        "[p - learning_rate * n.gradient for p, n in zip(first, nodes, strict=True)]",
    ),
    says="Your gradients belong to the newest parameters, and each step is taken from the first "
    "ones, so it undoes all steps before. Step from where the gradient was computed: `node.value`.",
)

slip(
    "backprop.train_digits",
    "gradients at the first parameters",
    ("    losses = []\n", "    losses, moved = [], parameters\n"),
    (
        "parameters = [node.value - learning_rate * node.gradient for node in nodes]",
        "moved = [m - learning_rate * n.gradient for m, n in zip(moved, nodes, strict=True)]",
    ),
    ("return parameters, losses", "return moved, losses"),
    says="Your steps add up, and all of their gradients are those at the first parameters. The "
    "Nodes of each batch must be made from the newest parameters, inside the loop.",
)

slip(
    "backprop.train_digits",
    "a Node for each loss",
    ("float(loss.value)", "loss"),
    says="You kept the losses as Nodes. A Node keeps its parents, and these keep theirs: the graph "
    "of every step would stay in memory.",
)

slip(
    "backprop.train_digits",
    "done after the first batch",
    ("    return parameters, losses", "        return parameters, losses"),
    says="Your function ends after its first batch: the `return` stands inside the loop. It "
    "belongs below, as far to the left as `for`.",
)

slip(
    "backprop.train_digits",
    "an array for each loss",
    ("Node(-right / len(batch))).sum()", "Node(-right / len(batch)))"),
    ("float(loss.value)", "loss.value"),
    says="Your losses are arrays with a number for each example and class. Sum each to one number "
    "before you go backward: `.sum()`.",
)

slip(
    "backprop.train_digits",
    "an array times a Node",
    (
        "(logits.log_softmax() * Node(-right / len(batch)))",
        "(-right / len(batch) * logits.log_softmax())",
    ),
    says="You multiplied a bare array by a Node. Both operands are Nodes: "
    "`Node(-right / len(batch))`.",
)

slip(
    "backprop.train_digits",
    "labels as they are",
    ("np.eye(logits.value.shape[1])[labels[batch]]", "labels[batch]"),
    says="You multiplied by the labels themselves. A label is a place and no weight: turn each "
    "into a row with a 1 at its place, `np.eye(logits.value.shape[1])[labels[batch]]`.",
)

slip(
    "backprop.train_digits",
    "out of the graph",
    (
        "(logits.log_softmax() * Node(-right / len(batch))).sum()",
        "-logits.log_softmax().value[np.arange(len(batch)), labels[batch]].mean()",
    ),
    says="You picked the log-probabilities out of `.value`. The number is right, and it is no "
    "Node: nothing leads back from it. Pick them with operations of Nodes, × and sum.",
)

slip(
    "backprop.train_digits",
    "all pictures, labels of the batch",
    ("pictures[batch]", "pictures"),
    says="You took all pictures and the labels of the batch. Both are chosen by the batch: "
    "`pictures[batch]`.",
)

slip(
    "backprop.train_digits",
    "counts the classes in the labels",
    ("np.eye(logits.value.shape[1])", "np.eye(labels.max() + 1)"),
    says="You made as many classes as the largest label says. The labels may lack the last class; "
    "the logits know how many there are: `logits.value.shape[1]`.",
)

# What the answers above call, as it stands there and not as it is rewritten here.
from solutions.backprop import Node, backward, topological_order
