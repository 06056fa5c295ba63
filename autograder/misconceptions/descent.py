"""Misconceptions of gradient descent."""

import numpy as np

from autograder.misconceptions import misconception

# --- mean_squared_error -------------------------------------------------------------------------


@misconception(
    "descent.mean_squared_error",
    "lets broadcasting compare",
    says="You did not compare the shapes. A column of 4 minus a row of 4 is a table of 16 "
    "differences, each prediction against every target, and NumPy does not complain: raise "
    "ValueError when the shapes differ.",
)
def mean_squared_error(predictions, targets):
    return float(np.mean((predictions - targets) ** 2))


@misconception(
    "descent.mean_squared_error",
    "compares only the number of examples",
    says="You compared the lengths, which are the first sizes alone. A column of 4 and a row of 4 "
    "are both 4 long, and broadcasting makes 16 differences of them: compare `.shape`.",
)
def mean_squared_error(predictions, targets):
    if predictions.shape[:1] != targets.shape[:1]:
        raise ValueError("not as many predictions as targets")
    return float(np.mean((predictions - targets) ** 2))


@misconception(
    "descent.mean_squared_error",
    "compares only how many numbers there are",
    says="You compared the sizes, the numbers of entries. A column of 4 and a row of 4 both have "
    "4, and broadcasting makes 16 differences of them: compare `.shape`.",
)
def mean_squared_error(predictions, targets):
    if predictions.size != targets.size:
        raise ValueError("not as many predictions as targets")
    return float(np.mean((predictions - targets) ** 2))


@misconception(
    "descent.mean_squared_error",
    "flattens both so that they fit",
    says="You flattened both, and a column now goes with a row as if nothing were wrong. Whoever "
    "passes two different shapes has made a mistake and wants to hear of it: raise ValueError.",
)
def mean_squared_error(predictions, targets):
    return float(np.mean((predictions.ravel() - targets.ravel()) ** 2))


@misconception(
    "descent.mean_squared_error",
    "asserts the shapes",
    says="You used `assert`, which raises AssertionError, and nothing at all when Python runs with "
    "`-O`. It is for your own mistakes; for those of a caller, `raise ValueError(...)`.",
)
def mean_squared_error(predictions, targets):
    assert predictions.shape == targets.shape
    return float(np.mean((predictions - targets) ** 2))


@misconception(
    "descent.mean_squared_error",
    "the sum in place of the mean",
    says="You summed the squares. Then the loss grows with the number of examples, and no learning "
    "rate suits two sizes of batch: take the mean.",
)
def mean_squared_error(predictions, targets):
    if predictions.shape != targets.shape:
        raise ValueError("two shapes")
    return float(np.sum((predictions - targets) ** 2))


@misconception(
    "descent.mean_squared_error",
    "divides by the number of rows",
    says="You divided the sum by the length, which counts the rows. The mean is over all numbers: "
    "divide by `predictions.size`, or use `np.mean`.",
)
def mean_squared_error(predictions, targets):
    if predictions.shape != targets.shape:
        raise ValueError("two shapes")
    return float(np.sum((predictions - targets) ** 2) / len(predictions))


@misconception(
    "descent.mean_squared_error",
    "one mean for each column",
    says="You took the mean along axis 0, so a table gives a number for each column. A loss is one "
    "number for everything: `np.mean` without an axis.",
)
def mean_squared_error(predictions, targets):
    if predictions.shape != targets.shape:
        raise ValueError("two shapes")
    return np.mean((predictions - targets) ** 2, axis=0)


@misconception(
    "descent.mean_squared_error",
    "halves it",
    says="You put a half before the mean, so that the 2 of the derivative goes away. Many texts do "
    "so, but it is another loss, and its gradients are halved, too.",
)
def mean_squared_error(predictions, targets):
    if predictions.shape != targets.shape:
        raise ValueError("two shapes")
    return float(np.mean((predictions - targets) ** 2) / 2)


@misconception(
    "descent.mean_squared_error",
    "takes the root",
    says="You took the root at the end. That is the root mean squared error, a good number to "
    "report, since it has the unit of the targets; the loss is without the root.",
)
def mean_squared_error(predictions, targets):
    if predictions.shape != targets.shape:
        raise ValueError("two shapes")
    return float(np.sqrt(np.mean((predictions - targets) ** 2)))


@misconception(
    "descent.mean_squared_error",
    "absolute values in place of squares",
    says="You took the absolute differences. The square weighs one error of 2 like four errors of "
    "1: `** 2`.",
)
def mean_squared_error(predictions, targets):
    if predictions.shape != targets.shape:
        raise ValueError("two shapes")
    return float(np.mean(np.abs(predictions - targets)))


@misconception(
    "descent.mean_squared_error",
    "squares the mean",
    says="You took the mean first and squared it after. Errors of +1 and −1 then cancel, and the "
    "loss calls a bad model perfect: square each difference first.",
)
def mean_squared_error(predictions, targets):
    if predictions.shape != targets.shape:
        raise ValueError("two shapes")
    return float(np.mean(predictions - targets) ** 2)


@misconception(
    "descent.mean_squared_error",
    "the difference of the squares",
    says="You squared the predictions and the targets and then subtracted. Square the difference: "
    "the brackets go around it, and `** 2` behind them.",
)
def mean_squared_error(predictions, targets):
    if predictions.shape != targets.shape:
        raise ValueError("two shapes")
    return float(np.mean(predictions**2 - targets**2))


# --- cross_entropy ------------------------------------------------------------------------------


@misconception(
    "descent.cross_entropy",
    "takes no maximum away",
    says="`np.exp(1000)` is infinity, and infinity divided by infinity is NaN. Take the maximum of "
    "each row away first: it changes no probability, and the largest exponent is then 0.",
)
def cross_entropy(logits, labels):
    log_sums = np.log(np.exp(logits).sum(axis=1))
    return float(np.mean(log_sums - logits[np.arange(len(labels)), labels]))


@misconception(
    "descent.cross_entropy",
    "one maximum for all rows",
    says="You took the maximum of the whole table away. A row far below it then holds only zeros "
    "after `np.exp`, and their log is −infinity: each row has a maximum of its own, `axis=1`.",
)
def cross_entropy(logits, labels):
    shifted = logits - logits.max()
    log_sums = np.log(np.exp(shifted).sum(axis=1))
    return float(np.mean(log_sums - shifted[np.arange(len(labels)), labels]))


@misconception(
    "descent.cross_entropy",
    "the log of a softmax",
    says="Your softmax is stable, but a probability below 1e-308 is rounded to 0, and log 0 is "
    "−infinity. Do not go through the probability: its log is `shifted` minus the log of the sum.",
)
def cross_entropy(logits, labels):
    exps = np.exp(logits - logits.max(axis=1, keepdims=True))
    probabilities = exps / exps.sum(axis=1, keepdims=True)
    return float(-np.mean(np.log(probabilities[np.arange(len(labels)), labels])))


@misconception(
    "descent.cross_entropy",
    "a small number under the log",
    says="You added a small number to the probability, so that its log stays finite. It also says "
    "that no answer can be very wrong: the loss stops growing, and its gradient is 0. Compute the "
    "log of the softmax directly: `shifted` minus the log of the sum.",
)
def cross_entropy(logits, labels):
    exps = np.exp(logits - logits.max(axis=1, keepdims=True))
    probabilities = exps / exps.sum(axis=1, keepdims=True)
    return float(-np.mean(np.log(probabilities[np.arange(len(labels)), labels] + 1e-9)))


@misconception(
    "descent.cross_entropy",
    "takes the logits for probabilities",
    says="You took the log of the logits. They are any real numbers, and a negative one has no "
    "log: softmax makes probabilities of them first.",
)
def cross_entropy(logits, labels):
    return float(-np.mean(np.log(logits[np.arange(len(labels)), labels])))


@misconception(
    "descent.cross_entropy",
    "softmax over the examples",
    says="Your softmax goes down the columns, so that the examples share out each class. The "
    "classes of one example share the probability, along the row: `axis=1`.",
)
def cross_entropy(logits, labels):
    shifted = logits - logits.max(axis=0)
    log_probabilities = shifted - np.log(np.exp(shifted).sum(axis=0))
    return float(-log_probabilities[np.arange(len(labels)), labels].mean())


@misconception(
    "descent.cross_entropy",
    "every label for every row",
    says="`log_probabilities[:, labels]` takes the columns of all labels from every row: a table "
    "of n times n. One from each row is `[np.arange(n), labels]`.",
)
def cross_entropy(logits, labels):
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_probabilities = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return float(-log_probabilities[:, labels].mean())


@misconception(
    "descent.cross_entropy",
    "the mean over zeros",
    says="You blanked out the wrong classes and then took the mean of the whole table, zeros "
    "included, so the loss is too small by the number of classes. Sum along the classes, then take "
    "the mean over the examples.",
)
def cross_entropy(logits, labels):
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_probabilities = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return float(-np.mean(np.eye(logits.shape[1])[labels] * log_probabilities))


@misconception(
    "descent.cross_entropy",
    "the sum over the examples",
    says="You summed the losses of the examples. Then the loss grows with the batch, and no "
    "learning rate suits two sizes of it: take the mean.",
)
def cross_entropy(logits, labels):
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_probabilities = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return float(-log_probabilities[np.arange(len(labels)), labels].sum())


@misconception(
    "descent.cross_entropy",
    "a loss for each example",
    says="You returned the loss of each example. What goes downhill is one number: their mean.",
)
def cross_entropy(logits, labels):
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_probabilities = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -log_probabilities[np.arange(len(labels)), labels]


@misconception(
    "descent.cross_entropy",
    "forgets the minus",
    says="You left the minus out. The log of a probability is negative, and a loss must be smaller "
    "when the model is better: −log.",
)
def cross_entropy(logits, labels):
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_probabilities = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return float(log_probabilities[np.arange(len(labels)), labels].mean())


@misconception(
    "descent.cross_entropy",
    "counts in bits",
    says="You took the logarithm to base 2, which counts the surprise in bits. Frameworks count "
    "in nats, with the natural logarithm: `np.log`.",
)
def cross_entropy(logits, labels):
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_probabilities = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return float(-log_probabilities[np.arange(len(labels)), labels].mean() / np.log(2))


@misconception(
    "descent.cross_entropy",
    "the log of the mean",
    says="You averaged the probabilities and took the log of the average. One answer that is sure "
    "and wrong is then hardly noticed: take the log for each example, and the mean after it.",
)
def cross_entropy(logits, labels):
    exps = np.exp(logits - logits.max(axis=1, keepdims=True))
    probabilities = exps / exps.sum(axis=1, keepdims=True)
    return float(-np.log(np.mean(probabilities[np.arange(len(labels)), labels])))


@misconception(
    "descent.cross_entropy",
    "forgets the log",
    says="You returned how much probability the right classes lack. The surprise is −log of the "
    "probability: nothing for 1, and without limit toward 0.",
)
def cross_entropy(logits, labels):
    exps = np.exp(logits - logits.max(axis=1, keepdims=True))
    probabilities = exps / exps.sum(axis=1, keepdims=True)
    return float(1 - np.mean(probabilities[np.arange(len(labels)), labels]))


@misconception(
    "descent.cross_entropy",
    "surprised by its own favorite",
    says="You took the most probable class of each row and never looked at the labels. The "
    "question is how probable the right answer was.",
)
def cross_entropy(logits, labels):
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_probabilities = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return float(-log_probabilities.max(axis=1).mean())


@misconception(
    "descent.cross_entropy",
    "takes the maximum away in place",
    says="The number is right, but `-=` changed the caller's logits. `logits = logits - ...` makes "
    "a new array and leaves theirs as it was.",
)
def cross_entropy(logits, labels):
    logits -= logits.max(axis=1, keepdims=True)
    log_probabilities = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    return float(-log_probabilities[np.arange(len(labels)), labels].mean())


# --- numerical_gradient -------------------------------------------------------------------------


@misconception(
    "descent.numerical_gradient",
    "steps to one side, up",
    says="You compared `f(w + step)` with `f(w)`. For the same `eps` the slope is measured much "
    "better around the place: one step up, one step down, divided by 2 eps.",
)
def numerical_gradient(f, w, eps=1e-5):
    gradient = np.zeros(w.shape)
    for place in np.ndindex(w.shape):
        step = np.zeros(w.shape)
        step[place] = eps
        gradient[place] = (f(w + step) - f(w)) / eps
    return gradient


@misconception(
    "descent.numerical_gradient",
    "steps to one side, down",
    says="You compared `f(w)` with `f(w - step)`. For the same `eps` the slope is measured much "
    "better around the place: one step up, one step down, divided by 2 eps.",
)
def numerical_gradient(f, w, eps=1e-5):
    gradient = np.zeros(w.shape)
    for place in np.ndindex(w.shape):
        step = np.zeros(w.shape)
        step[place] = eps
        gradient[place] = (f(w) - f(w - step)) / eps
    return gradient


@misconception(
    "descent.numerical_gradient",
    "divides by eps alone",
    says="You divided by `eps`, but from one step below to one step above it is 2 eps: your slopes "
    "are twice too steep.",
)
def numerical_gradient(f, w, eps=1e-5):
    gradient = np.zeros(w.shape)
    for place in np.ndindex(w.shape):
        step = np.zeros(w.shape)
        step[place] = eps
        gradient[place] = (f(w + step) - f(w - step)) / eps
    return gradient


@misconception(
    "descent.numerical_gradient",
    "divides by 2 and multiplies by eps",
    says="`/ 2 * eps` divides by 2 and then multiplies by `eps`: Python goes from left to right. "
    "Write `/ (2 * eps)`.",
)
def numerical_gradient(f, w, eps=1e-5):
    gradient = np.zeros(w.shape)
    for place in np.ndindex(w.shape):
        step = np.zeros(w.shape)
        step[place] = eps
        gradient[place] = (f(w + step) - f(w - step)) / 2 * eps
    return gradient


@misconception(
    "descent.numerical_gradient",
    "does not divide",
    says="You returned how much `f` changes, not its slope. A slope is the change divided by the "
    "way: 2 eps.",
)
def numerical_gradient(f, w, eps=1e-5):
    gradient = np.zeros(w.shape)
    for place in np.ndindex(w.shape):
        step = np.zeros(w.shape)
        step[place] = eps
        gradient[place] = f(w + step) - f(w - step)
    return gradient


@misconception(
    "descent.numerical_gradient",
    "down minus up",
    says="You took the value above from the value below, so every slope has the wrong sign. Where "
    "`f` rises, the gradient is positive: `f(w + step) - f(w - step)`.",
)
def numerical_gradient(f, w, eps=1e-5):
    gradient = np.zeros(w.shape)
    for place in np.ndindex(w.shape):
        step = np.zeros(w.shape)
        step[place] = eps
        gradient[place] = (f(w - step) - f(w + step)) / (2 * eps)
    return gradient


@misconception(
    "descent.numerical_gradient",
    "moves all numbers at once",
    says="`w + eps` moves every number at once, and what comes out is one slope, the sum of all. "
    "Move one number at a time, and measure as many slopes as there are numbers.",
)
def numerical_gradient(f, w, eps=1e-5):
    return (f(w + eps) - f(w - eps)) / (2 * eps)


@misconception(
    "descent.numerical_gradient",
    "does not step back",
    says="You moved one number after the other and never moved one back, so that a later slope is "
    "measured elsewhere. Begin each step at `w` itself.",
)
def numerical_gradient(f, w, eps=1e-5):
    gradient = np.zeros(w.shape)
    step = np.zeros(w.shape)
    for place in np.ndindex(w.shape):
        step[place] = eps
        above = f(w + step)
        step[place] = -eps
        gradient[place] = (above - f(w + step)) / (2 * eps)
    return gradient


@misconception(
    "descent.numerical_gradient",
    "steps inside of w",
    says="You took the steps inside of `w`. An array of integers cuts 3.00001 off to 3, so that "
    "nothing moves, and rounding leaves the caller's numbers a little changed: step in an array of "
    "floats of your own.",
)
def numerical_gradient(f, w, eps=1e-5):
    gradient = np.zeros(w.shape)
    for place in np.ndindex(w.shape):
        w[place] += eps
        above = f(w)
        w[place] -= 2 * eps
        gradient[place] = (above - f(w)) / (2 * eps)
        w[place] += eps
    return gradient


@misconception(
    "descent.numerical_gradient",
    "steps inside of a copy that holds integers",
    says="You stepped inside of a copy, which leaves `w` as it was. But a copy of integers holds "
    "integers: 3.00001 is cut off to 3, and nothing moves. Use `w.astype(float)`.",
)
def numerical_gradient(f, w, eps=1e-5):
    gradient = np.zeros(w.shape)
    for place in np.ndindex(w.shape):
        above, below = w.copy(), w.copy()
        above[place] += eps
        below[place] -= eps
        gradient[place] = (f(above) - f(below)) / (2 * eps)
    return gradient


@misconception(
    "descent.numerical_gradient",
    "a gradient of integers",
    says="`np.zeros_like(w)` holds integers if `w` does, and cuts off what stands behind the "
    "point. `np.zeros(w.shape)` holds floats.",
)
def numerical_gradient(f, w, eps=1e-5):
    gradient = np.zeros_like(w)
    for place in np.ndindex(w.shape):
        step = np.zeros(w.shape)
        step[place] = eps
        gradient[place] = (f(w + step) - f(w - step)) / (2 * eps)
    return gradient


@misconception(
    "descent.numerical_gradient",
    "walks along the first axis only",
    says="Your loop walks along the first axis, so that a whole row moves at once and gets one "
    "slope. `np.ndindex(w.shape)` names every single place, whatever the rank.",
)
def numerical_gradient(f, w, eps=1e-5):
    gradient = np.zeros(w.shape)
    for i in range(len(w)):
        step = np.zeros(w.shape)
        step[i] = eps
        gradient[i] = (f(w + step) - f(w - step)) / (2 * eps)
    return gradient


@misconception(
    "descent.numerical_gradient",
    "hands f a flat array",
    says="You flattened `w` and gave `f` the flat array, but `f` wants the shape of `w`. Loop over "
    "flat places if you like, and reshape before each call, and the gradient at the end.",
)
def numerical_gradient(f, w, eps=1e-5):
    flat = w.ravel()
    steps = eps * np.eye(flat.size)
    return np.array([(f(flat + step) - f(flat - step)) / (2 * eps) for step in steps])


@misconception(
    "descent.numerical_gradient",
    "hands back a flat array",
    says="The slopes are right, but they stand in one flat row. The gradient has the shape of `w`, "
    "so that it can be taken away from it: `.reshape(w.shape)`.",
)
def numerical_gradient(f, w, eps=1e-5):
    steps = (eps * np.eye(w.size)).reshape(w.size, *w.shape)
    return np.array([(f(w + step) - f(w - step)) / (2 * eps) for step in steps])


@misconception(
    "descent.numerical_gradient",
    "a step of its own",
    says="You wrote the size of the step into the function, and `eps` has no effect. The caller "
    "chooses it.",
)
def numerical_gradient(f, w, eps=1e-5):
    gradient = np.zeros(w.shape)
    for place in np.ndindex(w.shape):
        step = np.zeros(w.shape)
        step[place] = 1e-4
        gradient[place] = (f(w + step) - f(w - step)) / 2e-4
    return gradient


# --- linear_gradients ---------------------------------------------------------------------------


@misconception(
    "descent.linear_gradients",
    "forgets the 2",
    says="Your gradients are half of what they are: the derivative of a square, e², is 2e.",
)
def linear_gradients(x, y, W, b):
    error = (x @ W + b - y) / y.size
    return x.T @ error, error.sum(axis=0)


@misconception(
    "descent.linear_gradients",
    "divides by the number of examples",
    says="You divided by n, the number of examples. The loss is the mean over all n · outputs "
    "numbers, so divide by `y.size`.",
)
def linear_gradients(x, y, W, b):
    error = 2 * (x @ W + b - y) / len(x)
    return x.T @ error, error.sum(axis=0)


@misconception(
    "descent.linear_gradients",
    "does not divide",
    says="You left out the division: these are the gradients of the sum of the squares. The loss "
    "is their mean, over `y.size` numbers.",
)
def linear_gradients(x, y, W, b):
    error = 2 * (x @ W + b - y)
    return x.T @ error, error.sum(axis=0)


@misconception(
    "descent.linear_gradients",
    "target minus prediction",
    says="You took the prediction from the target. The square does not mind, but its derivative "
    "does: the error is x W + b − y, or the signs are those of going downhill.",
)
def linear_gradients(x, y, W, b):
    error = 2 * (y - x @ W - b) / y.size
    return x.T @ error, error.sum(axis=0)


@misconception(
    "descent.linear_gradients",
    "leaves b out of the prediction",
    says="Your error is x W − y, without b. The gradient is taken where the model stands, with "
    "its whole prediction x W + b.",
)
def linear_gradients(x, y, W, b):
    error = 2 * (x @ W - y) / y.size
    return x.T @ error, error.sum(axis=0)


@misconception(
    "descent.linear_gradients",
    "the mean over the examples for b",
    says="Your gradient of b is a mean over the examples, but the error was divided before: sum.",
)
def linear_gradients(x, y, W, b):
    error = 2 * (x @ W + b - y) / y.size
    return x.T @ error, error.mean(axis=0)


@misconception(
    "descent.linear_gradients",
    "one number for b",
    says="You summed the error over everything. Each output has a bias of its own, and so a slope "
    "of its own: sum over the examples only, `axis=0`.",
)
def linear_gradients(x, y, W, b):
    error = 2 * (x @ W + b - y) / y.size
    return x.T @ error, error.sum()


@misconception(
    "descent.linear_gradients",
    "sums over the outputs for b",
    says="You summed the error along each row, over the outputs. The bias of an output is added "
    "in every example, so what is summed are the examples: `axis=0`.",
)
def linear_gradients(x, y, W, b):
    error = 2 * (x @ W + b - y) / y.size
    return x.T @ error, error.sum(axis=1)


@misconception(
    "descent.linear_gradients",
    "the error of each example for b",
    says="You returned the whole error as the gradient of b: [n, outputs]. A gradient has the "
    "shape of what it belongs to; broadcasting added b to every row, so sum the rows.",
)
def linear_gradients(x, y, W, b):
    error = 2 * (x @ W + b - y) / y.size
    return x.T @ error, error


@misconception(
    "descent.linear_gradients",
    "keeps an axis of size 1",
    says="With `keepdims=True` the gradient of b is [1, outputs], and b is [outputs]. A gradient "
    "has the shape of what it belongs to.",
)
def linear_gradients(x, y, W, b):
    error = 2 * (x @ W + b - y) / y.size
    return x.T @ error, error.sum(axis=0, keepdims=True)


@misconception(
    "descent.linear_gradients",
    "the gradient of W lies on its side",
    says="Your gradient of W is [outputs, inputs], turned over. It must have the shape of W: "
    "`x.T` comes first, then the error.",
)
def linear_gradients(x, y, W, b):
    error = 2 * (x @ W + b - y) / y.size
    return error.T @ x, error.sum(axis=0)


@misconception(
    "descent.linear_gradients",
    "does not sum over the examples for W",
    says="You made a gradient for each example. The loss is one number for all of them, so their "
    "gradients are summed: the product with `x.T` does that by itself.",
)
def linear_gradients(x, y, W, b):
    error = 2 * (x @ W + b - y) / y.size
    return x[:, :, np.newaxis] * error[:, np.newaxis, :], error.sum(axis=0)


@misconception(
    "descent.linear_gradients",
    "b before W",
    says="The two are right, but in the wrong order: first the gradient of W, then that of b.",
)
def linear_gradients(x, y, W, b):
    error = 2 * (x @ W + b - y) / y.size
    return error.sum(axis=0), x.T @ error


@misconception(
    "descent.linear_gradients",
    "the weights after a step",
    says="You returned W and b after a step downhill. Here only the gradients are asked for; how "
    "far to go is the business of the optimizer.",
)
def linear_gradients(x, y, W, b):
    error = 2 * (x @ W + b - y) / y.size
    return W - 0.01 * (x.T @ error), b - 0.01 * error.sum(axis=0)


# --- minibatches --------------------------------------------------------------------------------


@misconception(
    "descent.minibatches",
    "drops what is left",
    says="You made only whole minibatches, and the examples left over are never seen. The last one "
    "may be shorter: `range(0, n, size)` has its start, too.",
)
def minibatches(n, size, rng):
    order = rng.permutation(n)
    return [order[i * size : (i + 1) * size] for i in range(n // size)]


@misconception(
    "descent.minibatches",
    "an empty one at the end",
    says="You counted `n // size + 1` minibatches. Where the size divides n, the last one is "
    "empty, and its mean is NaN: `range(0, n, size)` has the right starts.",
)
def minibatches(n, size, rng):
    order = rng.permutation(n)
    return [order[i * size : (i + 1) * size] for i in range(n // size + 1)]


@misconception(
    "descent.minibatches",
    "does not shuffle",
    says="You did not shuffle. Data often come sorted, all zeros before all ones, and a batch of "
    "one kind pulls the weights to one side: cut `rng.permutation(n)`.",
)
def minibatches(n, size, rng):
    order = np.arange(n)
    return [order[start : start + size] for start in range(0, n, size)]


@misconception(
    "descent.minibatches",
    "shuffles the minibatches, not the examples",
    says="You cut first and shuffled the pieces. Neighbors stay together then: shuffle the "
    "examples, and cut after that.",
)
def minibatches(n, size, rng):
    order = np.arange(n)
    batches = [order[start : start + size] for start in range(0, n, size)]
    return [batches[i] for i in rng.permutation(len(batches))]


@misconception(
    "descent.minibatches",
    "shuffles inside each minibatch",
    says="You cut first and shuffled inside each piece. The same examples are then together in "
    "every epoch, in an order that a mean does not see: shuffle all, and cut after that.",
)
def minibatches(n, size, rng):
    order = np.arange(n)
    return [rng.permutation(order[start : start + size]) for start in range(0, n, size)]


@misconception(
    "descent.minibatches",
    "draws with replacement",
    says="You drew each index by itself, so some examples come twice in an epoch and some not at "
    "all. Shuffle the numbers 0 to n − 1 once: `rng.permutation(n)`.",
)
def minibatches(n, size, rng):
    order = rng.integers(n, size=n)
    return [order[start : start + size] for start in range(0, n, size)]


@misconception(
    "descent.minibatches",
    "draws each minibatch from all examples",
    says="You drew every minibatch afresh from all examples. None is twice in one minibatch, but "
    "over an epoch some come twice and some not at all. Shuffle all once, then deal them out.",
)
def minibatches(n, size, rng):
    starts = range(0, n, size)
    return [rng.choice(n, size=min(size, n - start), replace=False) for start in starts]


@misconception(
    "descent.minibatches",
    "fills the last one up",
    says="You filled the last minibatch up with examples that had been in the epoch already. Each "
    "comes exactly once, and the last minibatch holds what is left.",
)
def minibatches(n, size, rng):
    order = rng.permutation(n)
    return [
        np.take(order, np.arange(start, start + size), mode="wrap") for start in range(0, n, size)
    ]


@misconception(
    "descent.minibatches",
    "so many minibatches in place of that size",
    says="You made `size` minibatches. `size` is how many examples are in one of them.",
)
def minibatches(n, size, rng):
    return np.array_split(rng.permutation(n), size)


@misconception(
    "descent.minibatches",
    "evens the sizes out",
    says="`np.array_split` evens the sizes out: ten by threes become 3, 3, 2, 2. Each has `size` "
    "examples here, and only the last one has what is left: 3, 3, 3, 1.",
)
def minibatches(n, size, rng):
    return np.array_split(rng.permutation(n), -(-n // size))


@misconception(
    "descent.minibatches",
    "counts from 1",
    says="Your indices go from 1 to n. The first row has the index 0, and a row n does not exist.",
)
def minibatches(n, size, rng):
    order = rng.permutation(np.arange(1, n + 1))
    return [order[start : start + size] for start in range(0, n, size)]


@misconception(
    "descent.minibatches",
    "shuffles with NumPy's global generator",
    says="You drew from `np.random`, a generator that everyone shares, and `rng` has no effect. "
    "Nobody can then repeat a run: draw from `rng`.",
)
def minibatches(n, size, rng):
    order = np.random.permutation(n)
    return [order[start : start + size] for start in range(0, n, size)]


@misconception(
    "descent.minibatches",
    "a generator of its own with a fixed seed",
    says="You made a new generator with a fixed seed at each call, so every epoch has the same "
    "minibatches. Draw from the `rng` that is given: it goes on from call to call.",
)
def minibatches(n, size, rng):
    order = np.random.default_rng(0).permutation(n)
    return [order[start : start + size] for start in range(0, n, size)]


@misconception(
    "descent.minibatches",
    "yields them",
    says="With `yield` your function hands out the minibatches one at a time, and nothing can be "
    "counted or used twice. Here a list is asked for.",
)
def minibatches(n, size, rng):
    order = rng.permutation(n)
    for start in range(0, n, size):
        yield order[start : start + size]


# --- sgd_step -----------------------------------------------------------------------------------


@misconception(
    "descent.sgd_step",
    "goes uphill",
    says="You added the gradient. It points to where the loss grows: to go down, subtract.",
)
def sgd_step(weights, gradients, state, learning_rate=0.01):
    return [w + learning_rate * g for w, g in zip(weights, gradients, strict=True)], state


@misconception(
    "descent.sgd_step",
    "forgets the learning rate",
    says="You took the whole gradient as the step. The learning rate says what part of it: "
    "multiply.",
)
def sgd_step(weights, gradients, state, learning_rate=0.01):
    return [w - g for w, g in zip(weights, gradients, strict=True)], state


@misconception(
    "descent.sgd_step",
    "a learning rate of its own",
    says="You wrote 0.01 into the formula. That is only what `learning_rate` is when nobody says "
    "otherwise: use the name.",
)
def sgd_step(weights, gradients, state, learning_rate=0.01):
    return [w - 0.01 * g for w, g in zip(weights, gradients, strict=True)], state


@misconception(
    "descent.sgd_step",
    "divides by the learning rate",
    says="You divided by the learning rate, so a smaller one makes larger steps. Multiply.",
)
def sgd_step(weights, gradients, state, learning_rate=0.01):
    return [w - g / learning_rate for w, g in zip(weights, gradients, strict=True)], state


@misconception(
    "descent.sgd_step",
    "steps of equal length",
    says="You used the sign of the gradient alone, so that all steps are equally long. Gradient "
    "descent takes short ones where it is flat, and so comes to rest: multiply the gradient as it "
    "is.",
)
def sgd_step(weights, gradients, state, learning_rate=0.01):
    return [w - learning_rate * np.sign(g) for w, g in zip(weights, gradients, strict=True)], state


@misconception(
    "descent.sgd_step",
    "returns the steps",
    says="You returned the steps. The new weights are the old ones plus these.",
)
def sgd_step(weights, gradients, state, learning_rate=0.01):
    return [-learning_rate * g for g in gradients], state


@misconception(
    "descent.sgd_step",
    "steps in place",
    says="The numbers are right, but `-=` works inside of the caller's arrays, and nobody can "
    "compare before with after. `w - learning_rate * g` makes a new array.",
)
def sgd_step(weights, gradients, state, learning_rate=0.01):
    for w, g in zip(weights, gradients, strict=True):
        w -= learning_rate * g
    return weights, state


@misconception(
    "descent.sgd_step",
    "stops after the first weight",
    says="The `return` stands inside of the loop, which then ends with the first weight. Collect "
    "the new weights in a list, and return after the loop.",
)
def sgd_step(weights, gradients, state, learning_rate=0.01):
    moved = []
    for w, g in zip(weights, gradients, strict=True):
        moved.append(w - learning_rate * g)
        return moved, state


@misconception(
    "descent.sgd_step",
    "forgets to return the state",
    says="You returned the weights alone. Every optimizer of this chapter returns two things, so "
    "that they can stand in for each other: the weights, and the state as it came.",
)
def sgd_step(weights, gradients, state, learning_rate=0.01):
    return [w - learning_rate * g for w, g in zip(weights, gradients, strict=True)]


@misconception(
    "descent.sgd_step",
    "throws the state away",
    says="You returned None as the state. This step needs none, but what it was given is not its "
    "own to lose: hand it on as it came.",
)
def sgd_step(weights, gradients, state, learning_rate=0.01):
    return [w - learning_rate * g for w, g in zip(weights, gradients, strict=True)], None


@misconception(
    "descent.sgd_step",
    "remembers the gradients",
    says="You returned the gradients as the state. Plain gradient descent remembers nothing: hand "
    "the state on as it came.",
)
def sgd_step(weights, gradients, state, learning_rate=0.01):
    return [w - learning_rate * g for w, g in zip(weights, gradients, strict=True)], gradients


@misconception(
    "descent.sgd_step",
    "state before weights",
    says="You returned the state first. The new weights come first, then the state.",
)
def sgd_step(weights, gradients, state, learning_rate=0.01):
    return state, [w - learning_rate * g for w, g in zip(weights, gradients, strict=True)]


# --- momentum_step ------------------------------------------------------------------------------


@misconception(
    "descent.momentum_step",
    "pushes uphill",
    says="You added the gradient to the velocity, so the ball is pushed uphill. The push is minus "
    "the learning rate times the gradient.",
)
def momentum_step(weights, gradients, state, learning_rate=0.01, momentum=0.9):
    if state is None:
        state = [np.zeros_like(w) for w in weights]
    velocities = [momentum * v + learning_rate * g for v, g in zip(state, gradients, strict=True)]
    return [w + v for w, v in zip(weights, velocities, strict=True)], velocities


@misconception(
    "descent.momentum_step",
    "a velocity that points uphill",
    says="Your velocity points uphill, and you subtract it. From rest the path is the same, but a "
    "velocity that comes from elsewhere is taken the wrong way: v is where the weight goes, w + v.",
)
def momentum_step(weights, gradients, state, learning_rate=0.01, momentum=0.9):
    if state is None:
        state = [np.zeros_like(w) for w in weights]
    velocities = [momentum * v + learning_rate * g for v, g in zip(state, gradients, strict=True)]
    return [w - v for w, v in zip(weights, velocities, strict=True)], velocities


@misconception(
    "descent.momentum_step",
    "the learning rate outside of the velocity",
    says="Your velocity sums up whole gradients, and the learning rate comes in when the weight "
    "moves. PyTorch does so; here, as in Keras, the learning rate is inside of the velocity.",
)
def momentum_step(weights, gradients, state, learning_rate=0.01, momentum=0.9):
    if state is None:
        state = [np.zeros_like(w) for w in weights]
    velocities = [momentum * v + g for v, g in zip(state, gradients, strict=True)]
    moved = [w - learning_rate * v for w, v in zip(weights, velocities, strict=True)]
    return moved, velocities


@misconception(
    "descent.momentum_step",
    "moves by the old velocity",
    says="You moved the weights by the velocity of the step before, so that from rest the first "
    "step goes nowhere. First the new velocity, then the move by it.",
)
def momentum_step(weights, gradients, state, learning_rate=0.01, momentum=0.9):
    if state is None:
        state = [np.zeros_like(w) for w in weights]
    velocities = [momentum * v - learning_rate * g for v, g in zip(state, gradients, strict=True)]
    return [w + v for w, v in zip(weights, state, strict=True)], velocities


@misconception(
    "descent.momentum_step",
    "Nesterov's momentum",
    says="You used the velocity twice, to look ahead: that is Nesterov's momentum, a good method "
    "of its own. Here the weight moves by v and by nothing else.",
)
def momentum_step(weights, gradients, state, learning_rate=0.01, momentum=0.9):
    if state is None:
        state = [np.zeros_like(w) for w in weights]
    velocities = [momentum * v - learning_rate * g for v, g in zip(state, gradients, strict=True)]
    moved = [
        w + momentum * v - learning_rate * g
        for w, v, g in zip(weights, velocities, gradients, strict=True)
    ]
    return moved, velocities


@misconception(
    "descent.momentum_step",
    "a running mean of the gradients",
    says="You weighed the gradient by 1 − momentum, as in a running mean. With a momentum of 0.9 "
    "each push is then ten times too weak: the push is the learning rate times the gradient.",
)
def momentum_step(weights, gradients, state, learning_rate=0.01, momentum=0.9):
    if state is None:
        state = [np.zeros_like(w) for w in weights]
    velocities = [
        momentum * v - (1 - momentum) * learning_rate * g
        for v, g in zip(state, gradients, strict=True)
    ]
    return [w + v for w, v in zip(weights, velocities, strict=True)], velocities


@misconception(
    "descent.momentum_step",
    "the momentum slows the push, too",
    says="You multiplied the whole new velocity by the momentum, the fresh push included. Only "
    "what is left of the old velocity is multiplied.",
)
def momentum_step(weights, gradients, state, learning_rate=0.01, momentum=0.9):
    if state is None:
        state = [np.zeros_like(w) for w in weights]
    velocities = [momentum * (v - learning_rate * g) for v, g in zip(state, gradients, strict=True)]
    return [w + v for w, v in zip(weights, velocities, strict=True)], velocities


@misconception(
    "descent.momentum_step",
    "keeps all of the old velocity",
    says="You kept the old velocity whole, so that the ball knows no friction and never rests. "
    "Multiply the old velocity by the momentum.",
)
def momentum_step(weights, gradients, state, learning_rate=0.01, momentum=0.9):
    if state is None:
        state = [np.zeros_like(w) for w in weights]
    velocities = [v - learning_rate * g for v, g in zip(state, gradients, strict=True)]
    return [w + v for w, v in zip(weights, velocities, strict=True)], velocities


@misconception(
    "descent.momentum_step",
    "is at rest at every step",
    says="You began with velocities of zero at every step, and so the ball has no inertia. Zeros "
    "are for the first step alone, when `state is None`.",
)
def momentum_step(weights, gradients, state, learning_rate=0.01, momentum=0.9):
    velocities = [-learning_rate * g for g in gradients]
    return [w + v for w, v in zip(weights, velocities, strict=True)], velocities


@misconception(
    "descent.momentum_step",
    "returns the old velocities",
    says="The weights are right, but you returned the velocities that came in. The next step needs "
    "the new ones.",
)
def momentum_step(weights, gradients, state, learning_rate=0.01, momentum=0.9):
    if state is None:
        state = [np.zeros_like(w) for w in weights]
    velocities = [momentum * v - learning_rate * g for v, g in zip(state, gradients, strict=True)]
    return [w + v for w, v in zip(weights, velocities, strict=True)], state


@misconception(
    "descent.momentum_step",
    "the first velocity is the gradient",
    says="At the first step you took the gradients for velocities. The ball begins at rest: zeros "
    "of the same shapes.",
)
def momentum_step(weights, gradients, state, learning_rate=0.01, momentum=0.9):
    if state is None:
        state = gradients
    velocities = [momentum * v - learning_rate * g for v, g in zip(state, gradients, strict=True)]
    return [w + v for w, v in zip(weights, velocities, strict=True)], velocities


@misconception(
    "descent.momentum_step",
    "does not know the first step",
    says="At the first step the state is None, and there is nothing to multiply. Ask for it, and "
    "begin with zeros: `if state is None`.",
)
def momentum_step(weights, gradients, state, learning_rate=0.01, momentum=0.9):
    velocities = [momentum * v - learning_rate * g for v, g in zip(state, gradients, strict=True)]
    return [w + v for w, v in zip(weights, velocities, strict=True)], velocities


@misconception(
    "descent.momentum_step",
    "moves in place",
    says="The numbers are right, but `*=` and `+=` work inside of the caller's arrays. `w + v` and "
    "`momentum * v - ...` make new ones.",
)
def momentum_step(weights, gradients, state, learning_rate=0.01, momentum=0.9):
    if state is None:
        state = [np.zeros_like(w) for w in weights]
    for w, g, v in zip(weights, gradients, state, strict=True):
        v *= momentum
        v -= learning_rate * g
        w += v
    return weights, state


# --- rmsprop_step -------------------------------------------------------------------------------


@misconception(
    "descent.rmsprop_step",
    "epsilon outside of the root",
    says="You added epsilon to the root, as PyTorch does. Keras has it under the root: with the "
    "same 1e-7, small gradients are held back much more, since the root of 1e-7 is 0.0003.",
)
def rmsprop_step(weights, gradients, state, learning_rate=0.01, rho=0.9, epsilon=1e-7):
    if state is None:
        state = [np.zeros_like(w) for w in weights]
    means = [rho * s + (1 - rho) * g**2 for s, g in zip(state, gradients, strict=True)]
    moved = [
        w - learning_rate * g / (np.sqrt(s) + epsilon)
        for w, g, s in zip(weights, gradients, means, strict=True)
    ]
    return moved, means


@misconception(
    "descent.rmsprop_step",
    "no epsilon",
    says="You left epsilon out. Where a gradient has been 0 so far, 0 / 0 is NaN: add epsilon "
    "under the root.",
)
def rmsprop_step(weights, gradients, state, learning_rate=0.01, rho=0.9, epsilon=1e-7):
    if state is None:
        state = [np.zeros_like(w) for w in weights]
    means = [rho * s + (1 - rho) * g**2 for s, g in zip(state, gradients, strict=True)]
    moved = [
        w - learning_rate * g / np.sqrt(s)
        for w, g, s in zip(weights, gradients, means, strict=True)
    ]
    return moved, means


@misconception(
    "descent.rmsprop_step",
    "forgets the root",
    says="You divided by the mean of the squares itself. A gradient of 0.01 would then move a "
    "weight a hundred times as far as one of 1: take the root first.",
)
def rmsprop_step(weights, gradients, state, learning_rate=0.01, rho=0.9, epsilon=1e-7):
    if state is None:
        state = [np.zeros_like(w) for w in weights]
    means = [rho * s + (1 - rho) * g**2 for s, g in zip(state, gradients, strict=True)]
    moved = [
        w - learning_rate * g / (s + epsilon)
        for w, g, s in zip(weights, gradients, means, strict=True)
    ]
    return moved, means


@misconception(
    "descent.rmsprop_step",
    "divides by the old mean",
    says="You divided by the root of the mean from before this step. At the first step that is 0, "
    "and the weights leap: bring the mean up to date, and use the new one.",
)
def rmsprop_step(weights, gradients, state, learning_rate=0.01, rho=0.9, epsilon=1e-7):
    if state is None:
        state = [np.zeros_like(w) for w in weights]
    means = [rho * s + (1 - rho) * g**2 for s, g in zip(state, gradients, strict=True)]
    moved = [
        w - learning_rate * g / np.sqrt(s + epsilon)
        for w, g, s in zip(weights, gradients, state, strict=True)
    ]
    return moved, means


@misconception(
    "descent.rmsprop_step",
    "sums the squares up",
    says="You added up all squares so far, which is AdaGrad: the sum never shrinks, and the steps "
    "shorten until they stop. RMSProp forgets: rho times the old mean, 1 − rho times the square.",
)
def rmsprop_step(weights, gradients, state, learning_rate=0.01, rho=0.9, epsilon=1e-7):
    if state is None:
        state = [np.zeros_like(w) for w in weights]
    means = [s + g**2 for s, g in zip(state, gradients, strict=True)]
    moved = [
        w - learning_rate * g / np.sqrt(s + epsilon)
        for w, g, s in zip(weights, gradients, means, strict=True)
    ]
    return moved, means


@misconception(
    "descent.rmsprop_step",
    "adds the whole square",
    says="You forgot the factor 1 − rho before the square, so that the mean is ten times too large "
    "when rho is 0.9. In a mean the two shares sum to 1.",
)
def rmsprop_step(weights, gradients, state, learning_rate=0.01, rho=0.9, epsilon=1e-7):
    if state is None:
        state = [np.zeros_like(w) for w in weights]
    means = [rho * s + g**2 for s, g in zip(state, gradients, strict=True)]
    moved = [
        w - learning_rate * g / np.sqrt(s + epsilon)
        for w, g, s in zip(weights, gradients, means, strict=True)
    ]
    return moved, means


@misconception(
    "descent.rmsprop_step",
    "rho for the new square",
    says="You exchanged the shares: rho, the large one, belongs to the old mean, and 1 − rho to "
    "the new square.",
)
def rmsprop_step(weights, gradients, state, learning_rate=0.01, rho=0.9, epsilon=1e-7):
    if state is None:
        state = [np.zeros_like(w) for w in weights]
    means = [(1 - rho) * s + rho * g**2 for s, g in zip(state, gradients, strict=True)]
    moved = [
        w - learning_rate * g / np.sqrt(s + epsilon)
        for w, g, s in zip(weights, gradients, means, strict=True)
    ]
    return moved, means


@misconception(
    "descent.rmsprop_step",
    "forgets the square",
    says="You took a running mean of the gradients. It may be negative, and then its root is NaN; "
    "what is averaged are the squares, `g**2`.",
)
def rmsprop_step(weights, gradients, state, learning_rate=0.01, rho=0.9, epsilon=1e-7):
    if state is None:
        state = [np.zeros_like(w) for w in weights]
    means = [rho * s + (1 - rho) * g for s, g in zip(state, gradients, strict=True)]
    moved = [
        w - learning_rate * g / np.sqrt(s + epsilon)
        for w, g, s in zip(weights, gradients, means, strict=True)
    ]
    return moved, means


@misconception(
    "descent.rmsprop_step",
    "the first mean is the first square",
    says="At the first step you took the square of the gradient for the mean. That is a sensible "
    "thought, but here, as in Keras, the means begin at zero.",
)
def rmsprop_step(weights, gradients, state, learning_rate=0.01, rho=0.9, epsilon=1e-7):
    if state is None:
        state = [g**2 for g in gradients]
    means = [rho * s + (1 - rho) * g**2 for s, g in zip(state, gradients, strict=True)]
    moved = [
        w - learning_rate * g / np.sqrt(s + epsilon)
        for w, g, s in zip(weights, gradients, means, strict=True)
    ]
    return moved, means


@misconception(
    "descent.rmsprop_step",
    "remembers nothing",
    says="You began with means of zero at every step, so only the last gradient counts. Zeros are "
    "for the first step alone, when `state is None`.",
)
def rmsprop_step(weights, gradients, state, learning_rate=0.01, rho=0.9, epsilon=1e-7):
    means = [(1 - rho) * g**2 for g in gradients]
    moved = [
        w - learning_rate * g / np.sqrt(s + epsilon)
        for w, g, s in zip(weights, gradients, means, strict=True)
    ]
    return moved, means


@misconception(
    "descent.rmsprop_step",
    "one mean for a whole array",
    says="You averaged the squares over the whole array. Each number has a mean of its own; that "
    "is the whole point, for a flat direction and a steep one get steps of the same length.",
)
def rmsprop_step(weights, gradients, state, learning_rate=0.01, rho=0.9, epsilon=1e-7):
    if state is None:
        state = [np.zeros_like(w) for w in weights]
    means = [rho * s + (1 - rho) * np.mean(g**2) for s, g in zip(state, gradients, strict=True)]
    moved = [
        w - learning_rate * g / np.sqrt(s + epsilon)
        for w, g, s in zip(weights, gradients, means, strict=True)
    ]
    return moved, means


@misconception(
    "descent.rmsprop_step",
    "leaves the gradient out of the step",
    says="You divided the learning rate alone by the root, so that each weight goes the same way "
    "whatever its slope. The gradient stands above the fraction's bar.",
)
def rmsprop_step(weights, gradients, state, learning_rate=0.01, rho=0.9, epsilon=1e-7):
    if state is None:
        state = [np.zeros_like(w) for w in weights]
    means = [rho * s + (1 - rho) * g**2 for s, g in zip(state, gradients, strict=True)]
    moved = [w - learning_rate / np.sqrt(s + epsilon) for w, s in zip(weights, means, strict=True)]
    return moved, means


@misconception(
    "descent.rmsprop_step",
    "goes uphill",
    says="You added the step. The gradient points uphill, whatever it is divided by: subtract.",
)
def rmsprop_step(weights, gradients, state, learning_rate=0.01, rho=0.9, epsilon=1e-7):
    if state is None:
        state = [np.zeros_like(w) for w in weights]
    means = [rho * s + (1 - rho) * g**2 for s, g in zip(state, gradients, strict=True)]
    moved = [
        w + learning_rate * g / np.sqrt(s + epsilon)
        for w, g, s in zip(weights, gradients, means, strict=True)
    ]
    return moved, means


@misconception(
    "descent.rmsprop_step",
    "corrects the mean for its start",
    says="You divided the mean by 1 − rho, to make up for its start at zero. Adam does that, at "
    "the first step; RMSProp does not.",
)
def rmsprop_step(weights, gradients, state, learning_rate=0.01, rho=0.9, epsilon=1e-7):
    if state is None:
        state = [np.zeros_like(w) for w in weights]
    means = [rho * s + (1 - rho) * g**2 for s, g in zip(state, gradients, strict=True)]
    moved = [
        w - learning_rate * g / np.sqrt(s / (1 - rho) + epsilon)
        for w, g, s in zip(weights, gradients, means, strict=True)
    ]
    return moved, means


@misconception(
    "descent.rmsprop_step",
    "works in place",
    says="The numbers are right, but `*=`, `+=` and `-=` work inside of the caller's arrays. Make "
    "new ones: `rho * s + ...` and `w - ...`.",
)
def rmsprop_step(weights, gradients, state, learning_rate=0.01, rho=0.9, epsilon=1e-7):
    if state is None:
        state = [np.zeros_like(w) for w in weights]
    for w, g, s in zip(weights, gradients, state, strict=True):
        s *= rho
        s += (1 - rho) * g**2
        w -= learning_rate * g / np.sqrt(s + epsilon)
    return weights, state


# --- fit ----------------------------------------------------------------------------------------


@misconception(
    "descent.fit",
    "never hands the state on",
    says="You gave None as the state at every step, so the optimizer forgets all it knew, and "
    "momentum becomes plain descent. Keep what the step returns, and give it to the next.",
)
def fit(gradients, weights, x, y, step, epochs, size, rng):
    for _ in range(epochs):
        for batch in minibatches(len(x), size, rng):
            weights, _ = step(weights, gradients(x[batch], y[batch], *weights), None)
    return weights


@misconception(
    "descent.fit",
    "a new state for each epoch",
    says="`state = None` stands inside of the outer loop, so each epoch begins with a ball at "
    "rest. It belongs before both loops.",
)
def fit(gradients, weights, x, y, step, epochs, size, rng):
    for _ in range(epochs):
        state = None
        for batch in minibatches(len(x), size, rng):
            weights, state = step(weights, gradients(x[batch], y[batch], *weights), state)
    return weights


@misconception(
    "descent.fit",
    "the same minibatches in every epoch",
    says="You drew the minibatches once, before the loop over the epochs. Each epoch draws its "
    "own: otherwise the same examples are together forever.",
)
def fit(gradients, weights, x, y, step, epochs, size, rng):
    state = None
    batches = minibatches(len(x), size, rng)
    for _ in range(epochs):
        for batch in batches:
            weights, state = step(weights, gradients(x[batch], y[batch], *weights), state)
    return weights


@misconception(
    "descent.fit",
    "all examples at every step",
    says="You gave all of x and y to the gradients at every step, and the minibatch has no effect. "
    "Its rows are `x[batch]` and `y[batch]`.",
)
def fit(gradients, weights, x, y, step, epochs, size, rng):
    state = None
    for _ in range(epochs):
        for _batch in minibatches(len(x), size, rng):
            weights, state = step(weights, gradients(x, y, *weights), state)
    return weights


@misconception(
    "descent.fit",
    "the first rows of y",
    says="You took the minibatch's rows of x, but the first rows of y. A target belongs to its "
    "example: `y[batch]` beside `x[batch]`.",
)
def fit(gradients, weights, x, y, step, epochs, size, rng):
    state = None
    for _ in range(epochs):
        for batch in minibatches(len(x), size, rng):
            slopes = gradients(x[batch], y[: len(batch)], *weights)
            weights, state = step(weights, slopes, state)
    return weights


@misconception(
    "descent.fit",
    "shuffles x and y apart",
    says="You drew minibatches for x and others for y, so examples get the targets of others. "
    "Draw once, and take the same rows of both.",
)
def fit(gradients, weights, x, y, step, epochs, size, rng):
    state = None
    for _ in range(epochs):
        for rows, others in zip(
            minibatches(len(x), size, rng), minibatches(len(y), size, rng), strict=True
        ):
            weights, state = step(weights, gradients(x[rows], y[others], *weights), state)
    return weights


@misconception(
    "descent.fit",
    "one step an epoch",
    says="The step stands outside of the inner loop, so that only the last minibatch of each epoch "
    "counts. One step for each minibatch.",
)
def fit(gradients, weights, x, y, step, epochs, size, rng):
    state = None
    for _ in range(epochs):
        for batch in minibatches(len(x), size, rng):
            slopes = gradients(x[batch], y[batch], *weights)
        weights, state = step(weights, slopes, state)
    return weights


@misconception(
    "descent.fit",
    "one minibatch an epoch",
    says="You took one minibatch in each epoch. An epoch is once through all examples: an inner "
    "loop over all minibatches.",
)
def fit(gradients, weights, x, y, step, epochs, size, rng):
    state = None
    for _ in range(epochs):
        batch = minibatches(len(x), size, rng)[0]
        weights, state = step(weights, gradients(x[batch], y[batch], *weights), state)
    return weights


@misconception(
    "descent.fit",
    "stops after the first epoch",
    says="The `return` stands inside of the loop over the epochs, which then ends with the first. "
    "Return after both loops.",
)
def fit(gradients, weights, x, y, step, epochs, size, rng):
    state = None
    for _ in range(epochs):
        for batch in minibatches(len(x), size, rng):
            weights, state = step(weights, gradients(x[batch], y[batch], *weights), state)
        return weights


@misconception(
    "descent.fit",
    "an epoch too few",
    says="You counted the epochs from 1, and `range(1, epochs)` ends before `epochs`: one is "
    "missing. `range(epochs)` has as many as it says.",
)
def fit(gradients, weights, x, y, step, epochs, size, rng):
    state = None
    for _ in range(1, epochs):
        for batch in minibatches(len(x), size, rng):
            weights, state = step(weights, gradients(x[batch], y[batch], *weights), state)
    return weights


@misconception(
    "descent.fit",
    "starts every step at the first weights",
    says="You kept the new weights under another name and went on from the old ones, so every "
    "step starts at the beginning. The new weights take the old ones' place.",
)
def fit(gradients, weights, x, y, step, epochs, size, rng):
    state = None
    moved = weights
    for _ in range(epochs):
        for batch in minibatches(len(x), size, rng):
            moved, state = step(weights, gradients(x[batch], y[batch], *weights), state)
    return moved


@misconception(
    "descent.fit",
    "the gradients at the first weights",
    says="You asked for the gradients at the weights of the beginning. The slope is another at "
    "each place: ask at the weights of this moment.",
)
def fit(gradients, weights, x, y, step, epochs, size, rng):
    state = None
    moved = weights
    for _ in range(epochs):
        for batch in minibatches(len(x), size, rng):
            moved, state = step(moved, gradients(x[batch], y[batch], *weights), state)
    return moved


@misconception(
    "descent.fit",
    "the weights as one list",
    says="You gave `gradients` the list of weights as one thing. It takes each weight by itself: "
    "put a star before it, `*weights`.",
)
def fit(gradients, weights, x, y, step, epochs, size, rng):
    state = None
    for _ in range(epochs):
        for batch in minibatches(len(x), size, rng):
            weights, state = step(weights, gradients(x[batch], y[batch], weights), state)
    return weights


@misconception(
    "descent.fit",
    "a step of its own",
    says="You wrote the step of plain gradient descent into the loop. The caller chooses the "
    "optimizer: call `step` with weights, gradients and state.",
)
def fit(gradients, weights, x, y, step, epochs, size, rng):
    for _ in range(epochs):
        for batch in minibatches(len(x), size, rng):
            slopes = gradients(x[batch], y[batch], *weights)
            weights = [w - 0.01 * g for w, g in zip(weights, slopes, strict=True)]
    return weights


@misconception(
    "descent.fit",
    "a generator of its own",
    says="You made a new generator and did not use `rng`, so nobody can repeat this training. Give "
    "`rng` to `minibatches`.",
)
def fit(gradients, weights, x, y, step, epochs, size, rng):
    state = None
    rng = np.random.default_rng()
    for _ in range(epochs):
        for batch in minibatches(len(x), size, rng):
            weights, state = step(weights, gradients(x[batch], y[batch], *weights), state)
    return weights


@misconception(
    "descent.fit",
    "returns the state, too",
    says="You returned the state beside the weights. It has served its time: return the list of "
    "weights alone.",
)
def fit(gradients, weights, x, y, step, epochs, size, rng):
    state = None
    for _ in range(epochs):
        for batch in minibatches(len(x), size, rng):
            weights, state = step(weights, gradients(x[batch], y[batch], *weights), state)
    return weights, state


# Training calls the reference of another exercise: here this name, which the functions above have
# taken, is given back.
from solutions.descent import minibatches
