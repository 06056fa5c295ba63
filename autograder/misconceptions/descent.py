"""Misconceptions of gradient descent."""

import numpy as np

from autograder.misconceptions import misconception, slip

# --- mean_squared_error -------------------------------------------------------------------------


@misconception(
    "descent.mean_squared_error",
    "lets broadcasting compare",
    says="You let two shapes through. A column of 4 minus a row of 4 is a table of 16 "
    "differences, each prediction against every target, and NumPy does not complain: raise "
    "ValueError when the shapes differ.",
)
def mean_squared_error(predictions, targets):
    return float(np.mean((predictions - targets) ** 2))


slip(
    "descent.mean_squared_error",
    "compares only the number of examples",
    ("predictions.shape != targets.shape", "predictions.shape[:1] != targets.shape[:1]"),
    says="You compared the lengths, which are the first sizes alone. A column of 4 and a row of 4 "
    "are both 4 long, and broadcasting makes 16 differences of them: compare `.shape`.",
)

slip(
    "descent.mean_squared_error",
    "compares only how many numbers there are",
    ("predictions.shape != targets.shape", "predictions.size != targets.size"),
    says="You compared the sizes, the numbers of entries. A column of 4 and a row of 4 both have "
    "4, and broadcasting makes 16 differences of them: compare `.shape`.",
)


@misconception(
    "descent.mean_squared_error",
    "flattens both so that they fit",
    says="You flattened or reshaped them, and a column goes with a row as if nothing were wrong. "
    "Whoever passes two shapes has made a mistake and wants to hear of it: raise ValueError.",
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


slip(
    "descent.mean_squared_error",
    "the sum in place of the mean",
    ("np.mean", "np.sum"),
    says="You summed the squares. Then the loss grows with the number of examples, and no learning "
    "rate suits two sizes of batch: take the mean.",
)

slip(
    "descent.mean_squared_error",
    "divides by the number of rows",
    ("np.mean", "np.sum"),
    ("** 2)", "** 2) / len(predictions)"),
    says="You divided the sum by the length, which counts the rows. The mean is over all numbers: "
    "divide by `predictions.size`, or use `np.mean`.",
)

slip(
    "descent.mean_squared_error",
    "one mean for each column",
    (
        "float(np.mean((predictions - targets) ** 2))",
        "np.mean((predictions - targets) ** 2, axis=0)",
    ),
    says="You took the mean along axis 0, so a table gives a number for each column. A loss is one "
    "number for everything: `np.mean` without an axis.",
)

slip(
    "descent.mean_squared_error",
    "halves it",
    ("** 2)", "** 2) / 2"),
    says="You put a half before the mean, so that the 2 of the derivative goes away. Many texts do "
    "so, but it is another loss, and its gradients are halved, too.",
)

slip(
    "descent.mean_squared_error",
    "takes the root",
    ("** 2)", "** 2) ** 0.5"),
    says="You took the root at the end. That is the root mean squared error, a good number to "
    "report, since it has the unit of the targets; the loss is without the root.",
)

slip(
    "descent.mean_squared_error",
    "absolute values in place of squares",
    ("(predictions - targets) ** 2", "np.abs(predictions - targets)"),
    says="You took the absolute differences. The square weighs one error of 2 like four errors of "
    "1: `** 2`.",
)

slip(
    "descent.mean_squared_error",
    "squares the mean",
    ("((predictions - targets) ** 2)", "(predictions - targets) ** 2"),
    says="You took the mean first and squared it after. Errors of +1 and −1 then cancel, and the "
    "loss calls a bad model perfect: square each difference first.",
)

slip(
    "descent.mean_squared_error",
    "the difference of the squares",
    ("(predictions - targets) ** 2", "predictions**2 - targets**2"),
    says="You squared the predictions and the targets and then subtracted. Square the difference: "
    "the brackets go around it, and `** 2` behind them.",
)

slip(
    "descent.mean_squared_error",
    "no mean at all",
    ("float(np.mean((predictions - targets) ** 2))", "(predictions - targets) ** 2"),
    says="You returned a square for each number. What goes downhill is one number: their mean, "
    "`np.mean`.",
)

slip(
    "descent.mean_squared_error",
    "doubles in place of squaring",
    (") ** 2", ") * 2"),
    says="`* 2` doubles, `** 2` squares. Doubled errors of +1 and −1 cancel, and the loss calls a "
    "bad model perfect.",
)

slip(
    "descent.mean_squared_error",
    "a caret for the power",
    (") ** 2", ") ^ 2"),
    says="In Python `^` is no power but an operation on bits, which floats do not have: `** 2`.",
)

slip(
    "descent.mean_squared_error",
    "one mean for each row",
    (") ** 2))", ") ** 2, axis=-1))"),
    ("float(np.mean", "(np.mean"),
    says="You took the mean along the last axis, so a table gives a number for each row. A loss "
    "is one number for everything: `np.mean` without an axis.",
)

slip(
    "descent.mean_squared_error",
    "Python's own sum",
    ("np.mean((predictions - targets) ** 2)", "sum((predictions - targets) ** 2) / targets.size"),
    ("float", ""),
    says="Python's own `sum` goes along the first axis alone, so a table gives a number for each "
    "column. `np.sum` takes all numbers, and `np.mean` divides, too.",
)


@misconception(
    "descent.mean_squared_error",
    "returns from inside of the loop",
    says="The `return` stands inside of the loop, which then ends with the first difference. Sum "
    "all squares, and return after the loop; or let `np.mean` do it without a loop.",
)
def mean_squared_error(predictions, targets):
    if predictions.shape != targets.shape:
        raise ValueError("two shapes")
    total = 0
    for prediction, target in zip(predictions.ravel(), targets.ravel(), strict=True):
        total += (prediction - target) ** 2
        return total / predictions.size


slip(
    "descent.mean_squared_error",
    "compares only the ranks",
    ("predictions.shape != targets.shape", "predictions.ndim != targets.ndim"),
    says="You compared the ranks, how many axes there are. Two tables may still have different "
    "sizes, and broadcasting stretches one column over two: compare `.shape`.",
)


# --- cross_entropy ------------------------------------------------------------------------------

slip(
    "descent.cross_entropy",
    "takes no maximum away",
    ("logits - logits.max(axis=1, keepdims=True)", "logits"),
    says="`np.exp(1000)` is infinity, and infinity divided by infinity is NaN. Take the maximum of "
    "each row away first: it changes no probability, and the largest exponent is then 0.",
)

slip(
    "descent.cross_entropy",
    "one maximum for all rows",
    (".max(axis=1, keepdims=True)", ".max()"),
    says="You took the maximum of the whole table away. A row far below it then holds only zeros "
    "after `np.exp`, and the log of their sum is −infinity, in Python -inf: each row has a maximum "
    "of its own, `axis=1`.",
)

slip(
    "descent.cross_entropy",
    "the log of a softmax",
    ("shifted - np.log(np.exp(shifted)", "np.log(np.exp(shifted) / np.exp(shifted)"),
    says="Your softmax is stable, but a probability below 1e-308 is rounded to 0, and log 0 is "
    "−infinity. Do not go through the probability: its log is `shifted` minus the log of the sum.",
)

slip(
    "descent.cross_entropy",
    "a small number under the log",
    ("shifted - np.log(np.exp(shifted)", "np.log(np.exp(shifted) / np.exp(shifted)"),
    ("=True))", "=True) + 1e-9)"),
    says="You added a small number to the probability, so that its log stays finite. It also says "
    "that no answer can be very wrong: the loss stops growing, and its gradient is 0. Compute the "
    "log of the softmax directly: `shifted` minus the log of the sum.",
)


@misconception(
    "descent.cross_entropy",
    "takes the logits for probabilities",
    says="You took the log of the logits. They are any real numbers, and a negative one has no "
    "log: softmax makes probabilities of them first.",
)
def cross_entropy(logits, labels):
    return float(-np.mean(np.log(logits[np.arange(len(labels)), labels])))


slip(
    "descent.cross_entropy",
    "softmax over the examples",
    ("axis=1", "axis=0"),
    says="Your softmax goes down the columns, so that the examples share out each class. The "
    "classes of one example share the probability, along the row: `axis=1`.",
)

slip(
    "descent.cross_entropy",
    "every label for every row",
    ("[np.arange(len(labels)), labels]", "[:, labels]"),
    says="`log_probabilities[:, labels]` takes the columns of all labels from every row: a table "
    "of n times n. One from each row is `[np.arange(n), labels]`.",
)

slip(
    "descent.cross_entropy",
    "the mean over zeros",
    (
        "log_probabilities[np.arange(len(labels)), labels]",
        "(np.eye(logits.shape[1])[labels] * log_probabilities)",
    ),
    says="You blanked out the wrong classes and then took the mean of the whole table, zeros "
    "included, so the loss is too small by the number of classes. Sum along the classes, then take "
    "the mean over the examples.",
)

slip(
    "descent.cross_entropy",
    "the sum over the examples",
    (".mean()", ".sum()"),
    says="You summed the losses of the examples. Then the loss grows with the batch, and no "
    "learning rate suits two sizes of it: take the mean.",
)

slip(
    "descent.cross_entropy",
    "a loss for each example",
    ("float(-", "-"),
    (".mean())", ""),
    says="You returned the loss of each example. What goes downhill is one number: their mean.",
)

slip(
    "descent.cross_entropy",
    "forgets the minus",
    ("float(-", "float("),
    says="You left the minus out. The log of a probability is negative, and a loss must be smaller "
    "when the model is better: −log.",
)

slip(
    "descent.cross_entropy",
    "counts in bits",
    (".mean()", ".mean() / np.log(2)"),
    says="You took the logarithm to base 2, which counts the surprise in bits. Frameworks count "
    "in nats, with the natural logarithm: `np.log`.",
)


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


slip(
    "descent.cross_entropy",
    "surprised by its own favorite",
    ("[np.arange(len(labels)), labels]", ".max(axis=1)"),
    says="You took the most probable class of each row and never looked at the labels. The "
    "question is how probable the right answer was.",
)

slip(
    "descent.cross_entropy",
    "takes the maximum away in place",
    ("shifted = logits - logits", "logits -= logits"),
    ("shifted", "logits"),
    says="The number is right, but `-=` changed the caller's logits. `logits = logits - ...` makes "
    "a new array and leaves theirs as it was.",
)

slip(
    "descent.cross_entropy",
    "the right logit as it came",
    ("float(-log_probabilities[", "float(np.mean(np.log(np.exp(shifted).sum(axis=1)) - logits["),
    ("labels].mean())", "labels]))"),
    says="You summed over the shifted logits but took the right logit unshifted. Both have to be "
    "measured from the same place: `shifted[...]` where you have `logits[...]`.",
)

slip(
    "descent.cross_entropy",
    "takes no maximum away, but adds a small number",
    ("logits - logits.max(axis=1, keepdims=True)", "logits"),
    ("shifted - np.log(np.exp(shifted)", "np.log(np.exp(shifted) / np.exp(shifted)"),
    ("=True))", "=True) + 1e-12)"),
    says="`np.exp(1000)` is infinity, and infinity divided by infinity is NaN: take the maximum of "
    "each row away first. The small number under the logarithm does not cure that, and it hides "
    "how wrong an answer is: with `shifted` minus the log of the sum you do without it.",
)

slip(
    "descent.cross_entropy",
    "a softmax with one maximum for all rows",
    (".max(axis=1, keepdims=True)", ".max()"),
    ("shifted - np.log(np.exp(shifted)", "np.log(np.exp(shifted) / np.exp(shifted)"),
    says="You took the maximum of the whole table away. A row far below it then holds only zeros "
    "after `np.exp`, and 0 / 0 is NaN: each row has a maximum of its own, `axis=1`. And do not go "
    "through the probability: its log is `shifted` minus the log of the sum.",
)

slip(
    "descent.cross_entropy",
    "forgets keepdims",
    (", keepdims=True", ""),
    says="Without `keepdims=True` the maxima are [n], a row, and NumPy takes the first of them "
    "from the first column, if it does not complain. They must be a column, [n, 1].",
)

slip(
    "descent.cross_entropy",
    "one sum for all rows",
    ("np.exp(shifted).sum(axis=1, keepdims=True)", "np.exp(shifted).sum()"),
    says="You summed the exponentials of the whole table, so that all examples share one "
    "probability. Each row has a sum of its own: `axis=1, keepdims=True`.",
)

slip(
    "descent.cross_entropy",
    "forgets the log of the sum",
    ("np.log(np.exp(shifted).sum(axis=1, keepdims=True))", "np.exp(shifted).sum(axis=1)[:, None]"),
    says="You took the sum itself away, but the log of a quotient is a difference of two logs: "
    "`shifted` minus `np.log(...)` of the sum.",
)

slip(
    "descent.cross_entropy",
    "adds the log of the sum",
    ("shifted - np.log", "shifted + np.log"),
    says="You added the log of the sum. The softmax divides by the sum, and the log of a quotient "
    "is a difference: minus.",
)

slip(
    "descent.cross_entropy",
    "the labels pick rows",
    ("[np.arange(len(labels)), labels]", "[labels]"),
    says="`log_probabilities[labels]` picks whole rows, those whose numbers stand in `labels`. You "
    "want one number from each row: `[np.arange(len(labels)), labels]`.",
)

slip(
    "descent.cross_entropy",
    "the classes before the examples",
    ("[np.arange(len(labels)), labels]", "[labels, np.arange(len(labels))]"),
    says="You put the labels in the place of the rows. The first index is the example, the second "
    "its class: `[np.arange(len(labels)), labels]`.",
)


@misconception(
    "descent.cross_entropy",
    "minus the probability",
    says="You returned minus the probability of the right classes, without the logarithm. The "
    "surprise is −log of the probability: nothing for 1, and without limit toward 0.",
)
def cross_entropy(logits, labels):
    exps = np.exp(logits - logits.max(axis=1, keepdims=True))
    probabilities = exps / exps.sum(axis=1, keepdims=True)
    return float(-np.mean(probabilities[np.arange(len(labels)), labels]))


@misconception(
    "descent.cross_entropy",
    "returns from inside of the loop",
    says="The `return` stands inside of the loop, which then ends with the first example. Sum the "
    "losses of all, and return after the loop.",
)
def cross_entropy(logits, labels):
    total = 0.0
    for row, label in zip(logits, labels, strict=True):
        shifted = row - row.max()
        total += np.log(np.exp(shifted).sum()) - shifted[label]
        return total / len(labels)


slip(
    "descent.cross_entropy",
    "the sum over logits as they came",
    ("np.exp(shifted)", "np.exp(logits)"),
    says="You took the right logit shifted but summed over the logits as they came. Both have to "
    "be measured from the same place: `np.exp(shifted)`.",
)

slip(
    "descent.cross_entropy",
    "the maximum of each column",
    ("logits.max(axis=1, keepdims=True)", "logits.max(axis=0, keepdims=True)"),
    says="You took the maximum of each column away, so that the classes of one example are shifted "
    "by different amounts, and their differences change. Each row has one maximum: `axis=1`.",
)

slip(
    "descent.cross_entropy",
    "a softmax with one maximum for all rows, and a small number",
    (".max(axis=1, keepdims=True)", ".max()"),
    ("shifted - np.log(np.exp(shifted)", "np.log(np.exp(shifted) / np.exp(shifted)"),
    ("=True))", "=True) + 1e-12)"),
    says="You took the maximum of the whole table away. A row far below it then holds only zeros "
    "after `np.exp`, and 0 / 0 is NaN: each row has a maximum of its own, `axis=1`. And a small "
    "number under the logarithm hides how wrong an answer is: take `shifted` minus the log of the "
    "sum.",
)


# --- numerical_gradient -------------------------------------------------------------------------

slip(
    "descent.numerical_gradient",
    "steps to one side, up",
    ("f(w - step)", "f(w)"),
    ("(2 * eps)", "eps"),
    says="You compared `f(w + step)` with `f(w)`. For the same `eps` the slope is measured much "
    "better around the place: one step up, one step down, divided by 2 eps.",
)

slip(
    "descent.numerical_gradient",
    "steps to one side, down",
    ("f(w + step)", "f(w)"),
    ("(2 * eps)", "eps"),
    says="You compared `f(w)` with `f(w - step)`. For the same `eps` the slope is measured much "
    "better around the place: one step up, one step down, divided by 2 eps.",
)

slip(
    "descent.numerical_gradient",
    "one step, divided by two",
    ("f(w - step)", "f(w)"),
    says="From `f(w)` to `f(w + step)` is one step, and you divided by two: your slopes are half of"
    " what they should be. Compare with `f(w - step)`; then 2 eps is the way.",
)

slip(
    "descent.numerical_gradient",
    "divides by eps alone",
    ("(2 * eps)", "eps"),
    says="You divided by `eps`, but from one step below to one step above it is 2 eps: your slopes "
    "are twice too steep.",
)

slip(
    "descent.numerical_gradient",
    "divides by 2 and multiplies by eps",
    ("(2 * eps)", "2 * eps"),
    says="`/ 2 * eps` divides by 2 and then multiplies by `eps`: Python goes from left to right. "
    "Write `/ (2 * eps)`.",
)

slip(
    "descent.numerical_gradient",
    "does not divide",
    (" / (2 * eps)", ""),
    says="You returned how much `f` changes, not its slope. A slope is the change divided by the "
    "way: 2 eps.",
)

slip(
    "descent.numerical_gradient",
    "down minus up",
    ("f(w + step) - f(w - step)", "f(w - step) - f(w + step)"),
    says="You took the value above from the value below, so every slope has the wrong sign. Where "
    "`f` rises, the gradient is positive: `f(w + step) - f(w - step)`.",
)


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


slip(
    "descent.numerical_gradient",
    "a gradient of integers",
    ("gradient = np.zeros(w.shape)", "gradient = np.zeros_like(w)"),
    says="`np.zeros_like(w)` holds integers if `w` does, and cuts off what stands behind the "
    "point. `np.zeros(w.shape)` holds floats.",
)

slip(
    "descent.numerical_gradient",
    "walks along the first axis only",
    ("np.ndindex(w.shape)", "range(len(w))"),
    says="Your loop walks along the first axis, so that a whole row moves at once and gets one "
    "slope. `np.ndindex(w.shape)` names every single place, whatever the rank.",
)


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


slip(
    "descent.numerical_gradient",
    "a step of its own",
    ("= eps", "= 1e-4"),
    ("(2 * eps)", "2e-4"),
    says="You wrote the size of the step into the function, and `eps` has no effect. The caller "
    "chooses it.",
)

slip(
    "descent.numerical_gradient",
    "steps of integers",
    ("step = np.zeros(w.shape)", "step = np.zeros_like(w)"),
    says="`np.zeros_like(w)` holds integers if `w` does, and `step[place] = 0.00001` is cut off to "
    "0: nothing moves. `np.zeros(w.shape)` holds floats.",
)

slip(
    "descent.numerical_gradient",
    "steps and gradient of integers",
    ("np.zeros(w.shape)", "np.zeros_like(w)"),
    says="`np.zeros_like(w)` holds integers if `w` does. A step of 0.00001 is then cut off to 0, "
    "so that nothing moves, and so is the gradient. `np.zeros(w.shape)` holds floats, for both.",
)

slip(
    "descent.numerical_gradient",
    "for rank 1 only",
    ("np.ndindex(w.shape)", "range(len(w))"),
    ("w.shape", "len(w)"),
    says="`np.zeros(len(w))` and `range(len(w))` suit a `w` of rank 1 alone: a table of two rows "
    "is 2 long. Take `np.zeros(w.shape)`, and `np.ndindex(w.shape)`, which names every single "
    "place, whatever the rank.",
)


@misconception(
    "descent.numerical_gradient",
    "a list with a slope for each row",
    says="Your loop over `range(len(w))` walks along the first axis, so that a whole row of a "
    "table moves at once and gets one slope. `np.ndindex(w.shape)` names every single place, "
    "whatever the rank, and `np.zeros(w.shape)` has room for all slopes.",
)
def numerical_gradient(f, w, eps=1e-5):
    slopes = []
    for i in range(len(w)):
        step = np.zeros(w.shape)
        step[i] = eps
        slopes.append((f(w + step) - f(w - step)) / (2 * eps))
    return np.array(slopes)


slip(
    "descent.numerical_gradient",
    "flat numbers as places",
    ("np.ndindex(w.shape)", "range(w.size)"),
    says="You counted all numbers of `w`, but `step[i]` with one index is a row of a table, and "
    "there are fewer rows than numbers. `np.ndindex(w.shape)` names the places with as many "
    "indices as there are axes.",
)


@misconception(
    "descent.numerical_gradient",
    "for rank 2 only",
    says="Two loops suit a table alone. The rank of `w` may be any: `np.ndindex(w.shape)` is one "
    "loop over all places, with as many indices as there are axes.",
)
def numerical_gradient(f, w, eps=1e-5):
    gradient = np.zeros(w.shape)
    for i in range(w.shape[0]):
        for j in range(w.shape[1]):
            step = np.zeros(w.shape)
            step[i, j] = eps
            gradient[i, j] = (f(w + step) - f(w - step)) / (2 * eps)
    return gradient


slip(
    "descent.numerical_gradient",
    "returns from inside of the loop",
    ("    return gradient", "        return gradient"),
    says="The `return` stands inside of the loop, which then ends with the first slope. Return "
    "after the loop.",
)

slip(
    "descent.numerical_gradient",
    "divides only what is below",
    ("(f(w + step) - f(w - step)) /", "f(w + step) - f(w - step) /"),
    says="Python divides before it subtracts, so only the value below is divided. The difference "
    "stands in brackets, and so does `2 * eps`.",
)

slip(
    "descent.numerical_gradient",
    "one step array for all places",
    ("        step = np.zeros(w.shape)\n", ""),
    ("gradient = np.zeros(w.shape)", "gradient, step = np.zeros(w.shape), np.zeros(w.shape)"),
    says="You made the step once, before the loop, so every place that had its turn still moves "
    "along with the next. Make a step of zeros inside of the loop.",
)

slip(
    "descent.numerical_gradient",
    "overwrites the gradient",
    ("gradient[place] =", "gradient ="),
    says="`gradient = ...` puts one slope in place of the whole array, and the last one is left. "
    "Write each slope into its place: `gradient[place] = ...`.",
)


@misconception(
    "descent.numerical_gradient",
    "two names for one array",
    says="`above = w` makes no copy: `above`, `below` and `w` are one array, which goes up and "
    "then down again, so that no difference is left. Add a step, `w + step`, which makes a new "
    "array.",
)
def numerical_gradient(f, w, eps=1e-5):
    gradient = np.zeros(w.shape)
    for place in np.ndindex(w.shape):
        above, below = w, w
        above[place] += eps
        below[place] -= eps
        gradient[place] = (f(above) - f(below)) / (2 * eps)
    return gradient


@misconception(
    "descent.numerical_gradient",
    "gives f one number alone",
    says="You gave `f` one number of `w`. It wants the whole array, with that number a little "
    "larger or smaller and all others as they are: `w + step`.",
)
def numerical_gradient(f, w, eps=1e-5):
    gradient = np.zeros(w.shape)
    for place in np.ndindex(w.shape):
        gradient[place] = (f(w[place] + eps) - f(w[place] - eps)) / (2 * eps)
    return gradient


# --- linear_gradients ---------------------------------------------------------------------------

slip(
    "descent.linear_gradients",
    "forgets the 2",
    ("2 * (", "("),
    says="Your gradients are half of what they are: the derivative of a square, e², is 2e.",
)

slip(
    "descent.linear_gradients",
    "divides by the number of examples",
    ("y.size", "len(x)"),
    says="You divided by n, the number of examples. The loss is the mean over all n · outputs "
    "numbers, so divide by `y.size`.",
)

slip(
    "descent.linear_gradients",
    "does not divide",
    (" / y.size", ""),
    says="You left out the division: these are the gradients of the sum of the squares. The loss "
    "is their mean, over `y.size` numbers.",
)

slip(
    "descent.linear_gradients",
    "target minus prediction",
    ("x @ W + b - y", "y - x @ W - b"),
    says="You took the prediction from the target. The square does not mind, but its derivative "
    "does: the error is x W + b − y, or the signs are those of going downhill.",
)

slip(
    "descent.linear_gradients",
    "leaves b out of the prediction",
    ("x @ W + b - y", "x @ W - y"),
    says="Your error is x W − y, without b. The gradient is taken where the model stands, with "
    "its whole prediction x W + b.",
)

slip(
    "descent.linear_gradients",
    "the mean over the examples for b",
    ("error.sum", "error.mean"),
    says="Your gradient of b is a mean over the examples, but the error was divided before: sum.",
)

slip(
    "descent.linear_gradients",
    "one number for b",
    ("sum(axis=0)", "sum()"),
    says="You summed the error over everything. Each output has a bias of its own, and so a slope "
    "of its own: sum over the examples only, `axis=0`.",
)

slip(
    "descent.linear_gradients",
    "sums over the outputs for b",
    ("axis=0", "axis=1"),
    says="You summed the error along each row, over the outputs. The bias of an output is added "
    "in every example, so what is summed are the examples: `axis=0`.",
)

slip(
    "descent.linear_gradients",
    "the error of each example for b",
    (".sum(axis=0)", ""),
    says="You returned the whole error as the gradient of b: [n, outputs]. A gradient has the "
    "shape of what it belongs to; broadcasting added b to every row, so sum the rows.",
)

slip(
    "descent.linear_gradients",
    "keeps an axis of size 1",
    ("axis=0", "axis=0, keepdims=True"),
    says="With `keepdims=True` the gradient of b is [1, outputs], and b is [outputs]. A gradient "
    "has the shape of what it belongs to.",
)

slip(
    "descent.linear_gradients",
    "the gradient of W lies on its side",
    ("x.T @ error", "error.T @ x"),
    says="Your gradient of W is [outputs, inputs], turned over. It must have the shape of W: "
    "`x.T` comes first, then the error.",
)

slip(
    "descent.linear_gradients",
    "does not sum over the examples for W",
    ("x.T @ error", "x[:, :, np.newaxis] * error[:, np.newaxis, :]"),
    says="You made a gradient for each example. The loss is one number for all of them, so their "
    "gradients are summed: the product with `x.T` does that by itself.",
)

slip(
    "descent.linear_gradients",
    "b before W",
    ("x.T @ error, error.sum(axis=0)", "error.sum(axis=0), x.T @ error"),
    says="The two are right, but in the wrong order: first the gradient of W, then that of b.",
)

slip(
    "descent.linear_gradients",
    "the weights after a step",
    ("x.T @ error", "W - 0.01 * (x.T @ error)"),
    ("error.sum", "b - 0.01 * error.sum"),
    says="You returned W and b after a step downhill. Here only the gradients are asked for; how "
    "far to go is the business of the optimizer.",
)

slip(
    "descent.linear_gradients",
    "forgets the 2, with a mean for b",
    ("error = 2 * (x @ W + b - y) / y.size", "error = x @ W + b - y"),
    ("x.T @ error, error.sum(axis=0)", "x.T @ error / y.size, error.mean(axis=0)"),
    says="Two things. The 2 is missing: the derivative of a square, e², is 2e. And the mean along "
    "axis 0 divides by n alone, while the loss is a mean over n · outputs numbers: divide the "
    "error by `y.size` once, and then sum.",
)

slip(
    "descent.linear_gradients",
    "forgets the 2, with a mean over the examples for both",
    ("error = 2 * (x @ W + b - y) / y.size", "error = x @ W + b - y"),
    ("x.T @ error, error.sum(axis=0)", "x.T @ error / len(x), error.mean(axis=0)"),
    says="Two things. The 2 is missing: the derivative of a square, e², is 2e. And you divided by "
    "n, while the loss is a mean over n · outputs numbers: divide the error by `y.size`, and sum.",
)

slip(
    "descent.linear_gradients",
    "forgets the 2, and divides twice for b",
    ("error = 2 * (x @ W + b - y) / y.size", "error = (x @ W + b - y) / y.size"),
    ("x.T @ error, error.sum(axis=0)", "x.T @ error, error.mean(axis=0)"),
    says="Two things. The 2 is missing: the derivative of a square, e², is 2e. And for b you took "
    "a mean over the examples, but the error was divided before: sum.",
)

slip(
    "descent.linear_gradients",
    "forgets the 2, and divides for b only",
    ("error = 2 * (x @ W + b - y) / y.size", "error = x @ W + b - y"),
    ("x.T @ error, error.sum(axis=0)", "x.T @ error, error.mean(axis=0)"),
    says="Two things. The 2 is missing: the derivative of a square, e², is 2e. And the product "
    "with `x.T` is a sum over the examples, not a mean: divide the error by `y.size` before both.",
)

slip(
    "descent.linear_gradients",
    "a mean over the examples for b only",
    ("error = 2 * (x @ W + b - y) / y.size", "error = 2 * (x @ W + b - y)"),
    ("x.T @ error, error.sum(axis=0)", "x.T @ error / y.size, error.mean(axis=0)"),
    says="The gradient of W is right. For b, the mean along axis 0 divides by n alone, while the "
    "loss is a mean over n · outputs numbers: divide the sum by `y.size`.",
)

slip(
    "descent.linear_gradients",
    "divides for W only",
    ("error = 2 * (x @ W + b - y) / y.size", "error = 2 * (x @ W + b - y)"),
    ("x.T @ error, error.sum(axis=0)", "x.T @ error / y.size, error.sum(axis=0)"),
    says="You divided by `y.size` for W, but not for b. Divide the error, before both.",
)

slip(
    "descent.linear_gradients",
    "the 2 for W only",
    ("error = 2 * (x @ W + b - y) / y.size", "error = (x @ W + b - y) / y.size"),
    ("x.T @ error, error.sum(axis=0)", "2 * x.T @ error, error.sum(axis=0)"),
    says="The 2 stands before the gradient of W, but not before that of b. Put it into the error, "
    "before both.",
)

slip(
    "descent.linear_gradients",
    "forgets the 2 and the division",
    ("error = 2 * (x @ W + b - y) / y.size", "error = x @ W + b - y"),
    says="Two things are missing. The derivative of a square, e², is 2e; and the loss is a mean "
    "over n · outputs numbers, so divide by `y.size`.",
)

slip(
    "descent.linear_gradients",
    "divides by the size of x",
    ("error = 2 * (x @ W + b - y) / y.size", "error = 2 * (x @ W + b - y) / x.size"),
    says="You divided by `x.size`, the number of inputs. The loss is a mean over the errors, of "
    "which there are as many as targets: `y.size`.",
)

slip(
    "descent.linear_gradients",
    "keeps the square",
    ("error = 2 * (x @ W + b - y) / y.size", "error = 2 * (x @ W + b - y) ** 2 / y.size"),
    says="You kept the square. The derivative of e² is 2e: the power comes down by one, and the "
    "sign of the error counts.",
)

slip(
    "descent.linear_gradients",
    "leaves x out of the gradient of W",
    ("x.T @ error, error.sum(axis=0)", "error, error.sum(axis=0)"),
    says="You returned the error as the gradient of W. A weight acts through its input, so its "
    "slope is the error times that input, summed over the examples: `x.T @ error`.",
)

slip(
    "descent.linear_gradients",
    "x without its transpose",
    ("x.T @ error, error.sum(axis=0)", "x @ error, error.sum(axis=0)"),
    says="`x` is [n, inputs] and the error [n, outputs]: the sizes do not meet. What is summed are "
    "the n examples, so they have to stand in the middle: `x.T @ error`.",
)

slip(
    "descent.linear_gradients",
    "forgets the 2, target minus prediction",
    ("error = 2 * (x @ W + b - y) / y.size", "error = (y - x @ W - b) / y.size"),
    says="Two things. You took the prediction from the target, so the signs are those of going "
    "downhill; and the 2 is missing: the derivative of a square, e², is 2e.",
)

slip(
    "descent.linear_gradients",
    "the gradient of W alone",
    ("return x.T @ error, error.sum(axis=0)", "return x.T @ error"),
    says="You returned the gradient of W alone. There are two, one for each thing that is learned: "
    "return that of b beside it, behind a comma.",
)

slip(
    "descent.linear_gradients",
    "forgets the 2, and the division for b",
    ("error = 2 * (x @ W + b - y) / y.size", "error = x @ W + b - y"),
    ("x.T @ error, error.sum(axis=0)", "x.T @ error / y.size, error.sum(axis=0)"),
    says="Two things. The 2 is missing: the derivative of a square, e², is 2e. And you divided by "
    "`y.size` for W, but not for b: divide the error, before both.",
)

slip(
    "descent.linear_gradients",
    "divides for b only",
    ("error = 2 * (x @ W + b - y) / y.size", "error = 2 * (x @ W + b - y)"),
    ("x.T @ error, error.sum(axis=0)", "x.T @ error, error.mean(axis=0)"),
    says="The product with `x.T` is a sum over the examples, not a mean; and the mean along axis 0 "
    "divides by n alone. The loss is a mean over n · outputs numbers: divide the error by "
    "`y.size`, before both.",
)

slip(
    "descent.linear_gradients",
    "an average of everything for b",
    ("x.T @ error, error.sum(axis=0)", "x.T @ error, error.mean()"),
    says="You averaged the error over everything. Each output has a bias of its own, and so a "
    "slope of its own: sum over the examples only, `axis=0`.",
)

slip(
    "descent.linear_gradients",
    "a star for the matrix product",
    ("x.T @ error, error.sum(axis=0)", "x.T * error, error.sum(axis=0)"),
    says="`*` multiplies number by number, or complains where the shapes do not fit. What sums "
    "over the examples is the matrix product: `x.T @ error`.",
)


# --- minibatches --------------------------------------------------------------------------------

slip(
    "descent.minibatches",
    "drops what is left",
    ("range(0, n, size)", "range(0, n - size + 1, size)"),
    says="You made only whole minibatches, and the examples left over are never seen. The last one "
    "may be shorter: `range(0, n, size)` has its start, too.",
)

slip(
    "descent.minibatches",
    "an empty one at the end",
    ("range(0, n, size)", "range(0, n + 1, size)"),
    says="You counted `n // size + 1` minibatches. Where the size divides n, the last one is "
    "empty, and its mean is NaN: `range(0, n, size)` has the right starts.",
)

slip(
    "descent.minibatches",
    "does not shuffle",
    ("rng.permutation(n)", "np.arange(n)"),
    says="You did not shuffle. Data often come sorted, all zeros before all ones, and a batch of "
    "one kind pulls the weights to one side: cut `rng.permutation(n)`.",
)


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


slip(
    "descent.minibatches",
    "shuffles inside each minibatch",
    ("rng.permutation(n)", "np.arange(n)"),
    ("order[start : start + size]", "rng.permutation(order[start : start + size])"),
    says="You cut first and shuffled inside each piece. The same examples are then together in "
    "every epoch, in an order that a mean does not see: shuffle all, and cut after that.",
)

slip(
    "descent.minibatches",
    "draws with replacement",
    ("rng.permutation(n)", "rng.integers(n, size=n)"),
    says="You drew each index by itself, so some examples come twice in an epoch and some not at "
    "all. Shuffle the numbers 0 to n − 1 once: `rng.permutation(n)`.",
)


@misconception(
    "descent.minibatches",
    "draws each minibatch from all examples",
    says="You drew every minibatch afresh from all examples. None is twice in one minibatch, but "
    "over an epoch some come twice and some not at all. Shuffle all once, then deal them out.",
)
def minibatches(n, size, rng):
    starts = range(0, n, size)
    return [rng.choice(n, size=min(size, n - start), replace=False) for start in starts]


slip(
    "descent.minibatches",
    "fills the last one up",
    ("order[start : start + size]", 'np.take(order, np.arange(start, start + size), mode="wrap")'),
    says="You filled the last minibatch up with examples that had been in the epoch already. Each "
    "comes exactly once, and the last minibatch holds what is left.",
)


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


slip(
    "descent.minibatches",
    "counts from 1",
    ("rng.permutation(n)", "rng.permutation(n) + 1"),
    says="Your indices go from 1 to n. The first row has the index 0, and a row n does not exist.",
)

slip(
    "descent.minibatches",
    "shuffles with NumPy's global generator",
    ("rng.permutation", "np.random.permutation"),
    says="You drew from `np.random`, a generator that everyone shares, and `rng` has no effect. "
    "Nobody can then repeat a run: draw from `rng`.",
)

slip(
    "descent.minibatches",
    "a generator of its own with a fixed seed",
    ("rng.permutation", "np.random.default_rng(0).permutation"),
    says="You made a new generator with a fixed seed at each call, so every epoch has the same "
    "minibatches. Draw from the `rng` that is given: it goes on from call to call.",
)


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


slip(
    "descent.minibatches",
    "starts that overlap, as many as minibatches",
    ("range(0, n, size)", "range(-(-n // size))"),
    says="You shuffled once, which is right, but your starts are 0, 1, 2 and so on, so that each "
    "minibatch overlaps with the one before. A start is a multiple of `size`: `order[i * size : "
    "(i + 1) * size]`, or starts from `range(0, n, size)`.",
)

slip(
    "descent.minibatches",
    "starts that overlap, one too few",
    ("range(0, n, size)", "range(n // size)"),
    says="Your starts are 0, 1, 2 and so on, so that each minibatch overlaps with the one before. "
    "A start is a multiple of `size`; and whoever counts `n // size` of them leaves a shorter last "
    "minibatch out. `range(0, n, size)` has all the starts.",
)

slip(
    "descent.minibatches",
    "starts at every example",
    ("range(0, n, size)", "range(n)"),
    says="You began a minibatch at every example, so that each overlaps with the one before. The "
    "next begins where this one ends: `range(0, n, size)`, in steps of `size`.",
)

slip(
    "descent.minibatches",
    "multiplies the starts by the size twice",
    ("start : start + size", "start * size : (start + 1) * size"),
    says="Your starts come from `range(0, n, size)`, which counts in steps of `size`, and then you "
    "multiply by `size` once more. Most slices begin beyond the last example and are empty: "
    "`order[start : start + size]`.",
)

slip(
    "descent.minibatches",
    "as many minibatches as examples",
    ("range(0, n, size)", "range(n)"),
    ("start : start + size", "start * size : (start + 1) * size"),
    says="You counted n minibatches, one for each example. Most slices begin beyond the last "
    "example and are empty: the starts are `range(0, n, size)`, and none is multiplied any more.",
)

slip(
    "descent.minibatches",
    "slices that end at the size",
    ("start : start + size", "start:size"),
    says="`order[start:size]` ends at the index `size`, wherever it begins, so all slices but the "
    "first are empty. The second number is an end and no length: `start + size`.",
)

slip(
    "descent.minibatches",
    "slices that are one short",
    ("start + size]", "start + size - 1]"),
    says="You ended each slice one before `start + size`. A slice leaves its end out already, so "
    "`order[start : start + size]` holds `size` indices.",
)

slip(
    "descent.minibatches",
    "slices that are one long",
    ("start + size]", "start + size + 1]"),
    says="You ended each slice one after `start + size`, so that a minibatch begins with the "
    "last example of the one before. A slice leaves its end out, and the next begins there.",
)

slip(
    "descent.minibatches",
    "stops before the last",
    ("range(0, n, size)", "range(0, n - size, size)"),
    says="`range(0, n - size, size)` ends before the last minibatch, and its examples are never "
    "seen. A slice that runs past the end is no error: `range(0, n, size)`.",
)

slip(
    "descent.minibatches",
    "leaves the first example out",
    ("range(0, n, size)", "range(1, n, size)"),
    says="Your starts begin at 1, so the first index of the shuffled order is never dealt. They "
    "begin at 0: `range(0, n, size)`.",
)


@misconception(
    "descent.minibatches",
    "returns from inside of the loop",
    says="The `return` stands inside of the loop, which then ends with the first minibatch. "
    "Collect them in a list, and return after the loop.",
)
def minibatches(n, size, rng):
    order = rng.permutation(n)
    batches = []
    for start in range(0, n, size):
        batches.append(order[start : start + size])
        return batches


slip(
    "descent.minibatches",
    "a table of minibatches",
    ("[order[start : start + size] for start in range(0, n, size)]", "order.reshape(-1, size)"),
    says="`reshape` makes a table, whose rows are all equally long: with ten examples by threes, "
    "one is left over and does not fit. Cut slices, of which the last may be shorter, and put them "
    "into a list.",
)

slip(
    "descent.minibatches",
    "the rows of a table",
    (
        "[order[start : start + size] for start in range(0, n, size)]",
        "list(order.reshape(-1, size))",
    ),
    says="The rows that `reshape` makes are all equally long: with ten examples by threes, one is "
    "left over and does not fit. Cut slices, of which the last may be shorter.",
)

slip(
    "descent.minibatches",
    "splits into equal parts",
    (
        "[order[start : start + size] for start in range(0, n, size)]",
        "np.split(order, -(-n // size))",
    ),
    says="`np.split` with a number makes that many equal parts, and complains where it cannot. The "
    "last minibatch may be shorter: cut slices, `order[start : start + size]`.",
)

slip(
    "descent.minibatches",
    "uses what shuffle returns",
    ("rng.permutation(n)", "rng.shuffle(np.arange(n))"),
    says="`rng.shuffle` shuffles its array in place and returns None. Keep the array under a name "
    "of its own, or use `rng.permutation(n)`, which returns one.",
)

slip(
    "descent.minibatches",
    "lists in place of arrays",
    ("[order[start : start + size] for", "[list(order[start : start + size]) for"),
    says="You made lists of indices. Each minibatch is to be an array of them, as the slices of "
    "`rng.permutation(n)` are by themselves.",
)


@misconception(
    "descent.minibatches",
    "one long list",
    says="You put the indices themselves into the list, all in one. Each minibatch is an entry of "
    "its own: `batches.append(...)` adds one thing, `extend` and `+=` each of its parts.",
)
def minibatches(n, size, rng):
    order = rng.permutation(n)
    batches = []
    for start in range(0, n, size):
        batches.extend(order[start : start + size])
    return batches


@misconception(
    "descent.minibatches",
    "keeps the last minibatch only",
    says="You returned one array, the last minibatch. Inside of the loop, `=` puts each in place "
    "of the one before: make an empty list first, and append to it.",
)
def minibatches(n, size, rng):
    order = rng.permutation(n)
    for start in range(0, n, size):
        batches = order[start : start + size]
    return batches


slip(
    "descent.minibatches",
    "a table of whole minibatches",
    (
        "[order[start : start + size] for start in range(0, n, size)]",
        "order.reshape(n // size, size)",
    ),
    says="`reshape` makes a table, whose rows are all equally long: with ten examples by threes, "
    "one is left over and does not fit. Cut slices, of which the last may be shorter, and put them "
    "into a list.",
)

slip(
    "descent.minibatches",
    "splits into so many equal parts",
    (
        "[order[start : start + size] for start in range(0, n, size)]",
        "np.split(order, size)",
    ),
    says="`np.split` with a number makes that many equal parts, and complains where it cannot; and "
    "`size` is how many examples are in one. Cut slices: `order[start : start + size]`.",
)

slip(
    "descent.minibatches",
    "evens the sizes out, one too few",
    (
        "[order[start : start + size] for start in range(0, n, size)]",
        "np.array_split(order, n // size)",
    ),
    says="`np.array_split` makes so many parts of about one size: ten by threes become 4, 3, 3. "
    "Each has `size` examples here, and only the last one has what is left: 3, 3, 3, 1.",
)

slip(
    "descent.minibatches",
    "an array of minibatches",
    (
        "[order[start : start + size] for start in range(0, n, size)]",
        "np.array([order[start : start + size] for start in range(0, n, size)])",
    ),
    says="You made one array of all minibatches, but the last may be shorter, and then they do not "
    "fit into one. Leave them in their list.",
)


@misconception(
    "descent.minibatches",
    "adds an array to the list",
    says="`batches += ...` with an array tries to add number by number. To put a minibatch into "
    "the list as one entry, write `batches.append(...)`.",
)
def minibatches(n, size, rng):
    order = rng.permutation(n)
    batches = []
    for start in range(0, n, size):
        batches += order[start : start + size]
    return batches


# --- sgd_step -----------------------------------------------------------------------------------

slip(
    "descent.sgd_step",
    "goes uphill",
    ("w - learning_rate", "w + learning_rate"),
    says="You added the gradient. It points to where the loss grows: to go down, subtract.",
)

slip(
    "descent.sgd_step",
    "forgets the learning rate",
    ("learning_rate * g", "g"),
    says="You took the whole gradient as the step. The learning rate says what part of it: "
    "multiply.",
)

slip(
    "descent.sgd_step",
    "a learning rate of its own",
    ("learning_rate * g", "0.01 * g"),
    says="You wrote 0.01 into the formula. That is only what `learning_rate` is when nobody says "
    "otherwise: use the name.",
)

slip(
    "descent.sgd_step",
    "divides by the learning rate",
    ("learning_rate * g", "g / learning_rate"),
    says="You divided by the learning rate, so a smaller one makes larger steps. Multiply.",
)

slip(
    "descent.sgd_step",
    "steps of equal length",
    ("learning_rate * g", "learning_rate * np.sign(g)"),
    says="You used the sign of the gradient alone, so that all steps are equally long. Gradient "
    "descent takes short ones where it is flat, and so comes to rest: multiply the gradient as it "
    "is.",
)

slip(
    "descent.sgd_step",
    "returns the steps",
    ("w - learning_rate", "-learning_rate"),
    says="You returned the steps. The new weights are the old ones plus these.",
)


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


slip(
    "descent.sgd_step",
    "forgets to return the state",
    ("], state", "]"),
    says="You returned the weights alone. Every optimizer of this chapter returns two things, so "
    "that they can stand in for each other: the weights, and the state as it came.",
)

slip(
    "descent.sgd_step",
    "throws the state away",
    ("], state", "], None"),
    says="You returned None as the state. This step needs none, but what it was given is not its "
    "own to lose: hand it on as it came.",
)

slip(
    "descent.sgd_step",
    "remembers the gradients",
    ("], state", "], gradients"),
    says="You returned another state than you were given, such as the gradients. Plain gradient "
    "descent remembers nothing: hand the state on as it came.",
)

slip(
    "descent.sgd_step",
    "state before weights",
    ("return [", "return state, ["),
    ("], state", "]"),
    says="You returned the state first. The new weights come first, then the state.",
)


@misconception(
    "descent.sgd_step",
    "gives w another value",
    says="`w = ...` inside of the loop gives the name `w` a new value; the list of weights does "
    "not notice. Collect the new arrays in a list of your own.",
)
def sgd_step(weights, gradients, state, learning_rate=0.01):
    for w, g in zip(weights, gradients, strict=True):
        w = w - learning_rate * g
    return weights, state


@misconception(
    "descent.sgd_step",
    "takes lists for arrays",
    says="`weights` and `gradients` are lists, and a list cannot be multiplied like an array. Go "
    "through the pairs: `for w, g in zip(weights, gradients)`.",
)
def sgd_step(weights, gradients, state, learning_rate=0.01):
    return weights - learning_rate * gradients, state


@misconception(
    "descent.sgd_step",
    "makes one array of the weights",
    says="You made one array of all weights, but they have different shapes and do not fit into "
    "one. Leave them in their list, and go through the pairs: `for w, g in zip(weights, "
    "gradients)`.",
)
def sgd_step(weights, gradients, state, learning_rate=0.01):
    return np.array(weights) - learning_rate * np.array(gradients), state


@misconception(
    "descent.sgd_step",
    "keeps the last weight only",
    says="You returned one array, the last weight. Inside of the loop, `=` puts each in place of "
    "the one before: make an empty list first, and append to it.",
)
def sgd_step(weights, gradients, state, learning_rate=0.01):
    for w, g in zip(weights, gradients, strict=True):
        moved = w - learning_rate * g
    return moved, state


slip(
    "descent.sgd_step",
    "every weight with every gradient",
    ("for w, g in zip(weights, gradients, strict=True)", "for w in weights for g in gradients"),
    says="Two `for` go through all pairs of a weight and a gradient. Each weight has one gradient: "
    "one `for`, with `zip(weights, gradients)`.",
)

slip(
    "descent.sgd_step",
    "gradient minus weight",
    ("w - learning_rate * g", "learning_rate * g - w"),
    says="You took the weight from the step, so that it changes its sign. The weight stands first: "
    "`w - learning_rate * g`.",
)


@misconception(
    "descent.sgd_step",
    "returns the first weight alone",
    says="The `return` stands inside of the loop, which then ends with the first weight. Collect "
    "the new weights in a list, and return after the loop.",
)
def sgd_step(weights, gradients, state, learning_rate=0.01):
    for w, g in zip(weights, gradients, strict=True):
        return w - learning_rate * g, state


@misconception(
    "descent.sgd_step",
    "adds an array to the list",
    says="`moved += ...` with an array tries to add number by number. To put a new weight into the "
    "list as one entry, write `moved.append(...)`.",
)
def sgd_step(weights, gradients, state, learning_rate=0.01):
    moved = []
    for w, g in zip(weights, gradients, strict=True):
        moved += w - learning_rate * g
    return moved, state


# --- momentum_step ------------------------------------------------------------------------------

slip(
    "descent.momentum_step",
    "pushes uphill",
    ("v - learning_rate", "v + learning_rate"),
    says="You added the gradient to the velocity, so the ball is pushed uphill. The push is minus "
    "the learning rate times the gradient.",
)

slip(
    "descent.momentum_step",
    "a velocity that points uphill",
    ("v - learning_rate", "v + learning_rate"),
    ("w + v", "w - v"),
    says="Your velocity points uphill, and you subtract it. From rest the path is the same, but a "
    "velocity that comes from elsewhere is taken the wrong way: v is where the weight goes, w + v.",
)

slip(
    "descent.momentum_step",
    "the learning rate outside of the velocity",
    ("v - learning_rate * g", "v + g"),
    ("w + v", "w - learning_rate * v"),
    says="Your velocity sums up whole gradients, and the learning rate comes in when the weight "
    "moves. PyTorch does so; here, as in Keras, the learning rate is inside of the velocity.",
)

slip(
    "descent.momentum_step",
    "moves by the old velocity",
    ("zip(weights, velocities", "zip(weights, state"),
    says="You moved the weights by the velocity of the step before, so that from rest the first "
    "step goes nowhere. First the new velocity, then the move by it.",
)

slip(
    "descent.momentum_step",
    "Nesterov's momentum",
    ("w + v for w, v in", "w + momentum * v - learning_rate * g for w, v, g in"),
    ("velocities, strict", "velocities, gradients, strict"),
    says="You used the velocity twice, to look ahead: that is Nesterov's momentum, a good method "
    "of its own. Here the weight moves by v and by nothing else.",
)

slip(
    "descent.momentum_step",
    "a running mean of the gradients",
    ("learning_rate * g", "(1 - momentum) * learning_rate * g"),
    says="You weighed the gradient by 1 − momentum, as in a running mean. With a momentum of 0.9 "
    "each push is then ten times too weak: the push is the learning rate times the gradient.",
)

slip(
    "descent.momentum_step",
    "the momentum slows the push, too",
    ("momentum * v - learning_rate * g", "momentum * (v - learning_rate * g)"),
    says="You multiplied the whole new velocity by the momentum, the fresh push included. Only "
    "what is left of the old velocity is multiplied.",
)

slip(
    "descent.momentum_step",
    "keeps all of the old velocity",
    ("momentum * v", "v"),
    says="You kept the old velocity whole, so that the ball knows no friction and never rests. "
    "Multiply the old velocity by the momentum.",
)

slip(
    "descent.momentum_step",
    "is at rest at every step",
    ("momentum * v - learning_rate", "-learning_rate"),
    says="You began with velocities of zero at every step, and so the ball has no inertia. Zeros "
    "are for the first step alone, when `state is None`.",
)

slip(
    "descent.momentum_step",
    "returns the old velocities",
    ("], velocities", "], state"),
    says="The weights are right, but you returned the velocities that came in. The next step needs "
    "the new ones. If you wrote `v = ...` in a loop: that gives a name a new value, and the list "
    "does not notice.",
)

slip(
    "descent.momentum_step",
    "the first velocity is the gradient",
    ("[np.zeros_like(w) for w in weights]", "gradients"),
    says="At the first step you took the gradients for velocities. The ball begins at rest: zeros "
    "of the same shapes.",
)

slip(
    "descent.momentum_step",
    "does not know the first step",
    ("if state is None:\n        state = [np.zeros_like(w) for w in weights]\n    ", ""),
    says="At the first step the state is None, and there is nothing to multiply. Ask for it, and "
    "begin with zeros: `if state is None`.",
)


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


@misconception(
    "descent.momentum_step",
    "gives v another value",
    says="`v = ...` inside of the loop gives the name `v` a new value; the list of velocities does "
    "not notice, and the weights move by the old ones. Collect the new velocities in a list.",
)
def momentum_step(weights, gradients, state, learning_rate=0.01, momentum=0.9):
    if state is None:
        state = [np.zeros_like(w) for w in weights]
    for v, g in zip(state, gradients, strict=True):
        v = momentum * v - learning_rate * g
    return [w + v for w, v in zip(weights, state, strict=True)], state


@misconception(
    "descent.momentum_step",
    "gives v and w other values",
    says="`v = ...` and `w = ...` inside of the loop give these names new values; the lists of "
    "velocities and of weights do not notice. Collect the new arrays in two lists of your own.",
)
def momentum_step(weights, gradients, state, learning_rate=0.01, momentum=0.9):
    if state is None:
        state = [np.zeros_like(w) for w in weights]
    for w, v, g in zip(weights, state, gradients, strict=True):
        v = momentum * v - learning_rate * g
        w = w + v
    return weights, state


@misconception(
    "descent.momentum_step",
    "returns the last velocity only",
    says="You returned one velocity, that of the last weight. Each weight has one: collect them in "
    "a list, as you do with the weights.",
)
def momentum_step(weights, gradients, state, learning_rate=0.01, momentum=0.9):
    if state is None:
        state = [np.zeros_like(w) for w in weights]
    moved = []
    for w, v, g in zip(weights, state, gradients, strict=True):
        v = momentum * v - learning_rate * g
        moved.append(w + v)
    return moved, v


@misconception(
    "descent.momentum_step",
    "writes into the given velocities",
    says="The numbers are right, but `state[i] = ...` writes into the caller's list, and `*=` into "
    "its arrays. Collect the new velocities in a list of your own.",
)
def momentum_step(weights, gradients, state, learning_rate=0.01, momentum=0.9):
    if state is None:
        state = [np.zeros_like(w) for w in weights]
    moved = []
    for i in range(len(weights)):
        state[i] = momentum * state[i] - learning_rate * gradients[i]
        moved.append(weights[i] + state[i])
    return moved, state


slip(
    "descent.momentum_step",
    "one zero for all velocities",
    ("[np.zeros_like(w) for w in weights]", "0"),
    says="At the first step you took a single 0 as the state. It is a list with an array of zeros "
    "for each weight: `[np.zeros_like(w) for w in weights]`.",
)

slip(
    "descent.momentum_step",
    "zeros for the whole list at once",
    ("[np.zeros_like(w) for w in weights]", "np.zeros_like(weights)"),
    says="`np.zeros_like(weights)` tries to make one array of the list, and arrays of different "
    "shapes do not fit into one. Make zeros for each: `[np.zeros_like(w) for w in weights]`.",
)

slip(
    "descent.momentum_step",
    "no velocities at the first step",
    ("[np.zeros_like(w) for w in weights]", "[]"),
    ("zip(state, gradients, strict=True)", "zip(state, gradients)"),
    ("zip(weights, velocities, strict=True)", "zip(weights, velocities)"),
    says="At the first step you began with an empty list, and `zip` stops with the shortest, so no "
    "weight is left. Begin with zeros: `[np.zeros_like(w) for w in weights]`.",
)

slip(
    "descent.momentum_step",
    "subtracts the velocity",
    ("w + v", "w - v"),
    says="Your velocity points downhill, since it holds minus the gradient, and you subtract it: "
    "two minus signs lead uphill. Add it, w + v.",
)

slip(
    "descent.momentum_step",
    "the push twice",
    (
        "w + v for w, v in zip(weights, velocities, strict=True)",
        "w + v - learning_rate * g for w, v, g in zip(weights, velocities, gradients, strict=True)",
    ),
    says="You took the gradient into the velocity and then subtracted it from the weight once "
    "more. The weight moves by the new velocity and by nothing else.",
)

slip(
    "descent.momentum_step",
    "forgets the momentum as the weight moves",
    (
        "w + v for w, v in zip(weights, velocities, strict=True)",
        "w + v - learning_rate * g for w, v, g in zip(weights, state, gradients, strict=True)",
    ),
    says="You moved the weight by the whole old velocity and the push, without the momentum. The "
    "new velocity holds both already: w + v.",
)

slip(
    "descent.momentum_step",
    "keeps 1 − momentum of the velocity",
    ("momentum * v", "(1 - momentum) * v"),
    says="You kept the share 1 − momentum of the old velocity. A momentum of 0.9 keeps nine "
    "tenths: `momentum * v`.",
)

slip(
    "descent.momentum_step",
    "forgets the learning rate",
    ("- learning_rate * g", "- g"),
    says="You pushed with the whole gradient. The push is the learning rate times the gradient.",
)

slip(
    "descent.momentum_step",
    "the learning rate when the weight moves",
    ("- learning_rate * g", "- g"),
    ("w + v", "w + learning_rate * v"),
    says="Your velocity sums up whole gradients, and the learning rate comes in when the weight "
    "moves. PyTorch does so; here, as in Keras, the learning rate is inside of the velocity.",
)

slip(
    "descent.momentum_step",
    "the default momentum in the formula",
    ("momentum * v", "0.9 * v"),
    says="You wrote 0.9 into the formula. That is only what `momentum` is when nobody says "
    "otherwise: use the name.",
)

slip(
    "descent.momentum_step",
    "both defaults in the formula",
    ("momentum * v - learning_rate * g", "0.9 * v - 0.01 * g"),
    says="You wrote 0.9 and 0.01 into the formula. That is only what `momentum` and "
    "`learning_rate` are when nobody says otherwise: use the names.",
)

slip(
    "descent.momentum_step",
    "velocities before weights",
    (
        "return [w + v for w, v in zip(weights, velocities, strict=True)], velocities",
        "return velocities, [w + v for w, v in zip(weights, velocities, strict=True)]",
    ),
    says="You returned the velocities first. The new weights come first, then the velocities.",
)

slip(
    "descent.momentum_step",
    "forgets to return the velocities",
    ("strict=True)], velocities", "strict=True)]"),
    says="You returned the weights alone. The next step needs the velocities, too: return both, "
    "with a comma between.",
)


@misconception(
    "descent.momentum_step",
    "the first velocity points uphill",
    says="At the first step you took plus the gradient as the velocity, without the minus, so the "
    "ball begins uphill. Begin with zeros, and the formula of all other steps does the rest.",
)
def momentum_step(weights, gradients, state, learning_rate=0.01, momentum=0.9):
    if state is None:
        velocities = [learning_rate * g for g in gradients]
    else:
        velocities = [
            momentum * v - learning_rate * g for v, g in zip(state, gradients, strict=True)
        ]
    return [w + v for w, v in zip(weights, velocities, strict=True)], velocities


slip(
    "descent.momentum_step",
    "does not go at the first step",
    ("state = [np", "return weights, [np"),
    says="At the first step you returned zeros and the weights as they were. The ball begins at "
    "rest, but is pushed in the very same step: take the zeros as the state, and go on.",
)

slip(
    "descent.momentum_step",
    "a running mean, and the learning rate outside",
    ("- learning_rate * g", "+ (1 - momentum) * g"),
    ("w + v", "w - learning_rate * v"),
    says="Your velocity is a running mean of the gradients, as Adam keeps one. Here the push is "
    "minus the learning rate times the whole gradient, and the weight moves by all of v: w + v.",
)

slip(
    "descent.momentum_step",
    "the default learning rate in the formula",
    ("- learning_rate * g", "- 0.01 * g"),
    says="You wrote 0.01 into the formula. That is only what `learning_rate` is when nobody says "
    "otherwise: use the name.",
)


# --- rmsprop_step -------------------------------------------------------------------------------

slip(
    "descent.rmsprop_step",
    "epsilon outside of the root",
    ("np.sqrt(s + epsilon)", "(np.sqrt(s) + epsilon)"),
    says="You added epsilon to the root, as PyTorch does. Keras has it under the root: with the "
    "same 1e-7, small gradients are held back much more, since the root of 1e-7 is 0.0003.",
)

slip(
    "descent.rmsprop_step",
    "epsilon behind the fraction",
    ("np.sqrt(s + epsilon)", "np.sqrt(s) + epsilon"),
    says="Epsilon stands in the wrong place: Python divides before it adds, so it is added to the "
    "whole weight, and 0 / 0 is still NaN. It belongs under the root: `np.sqrt(s + epsilon)`.",
)

slip(
    "descent.rmsprop_step",
    "epsilon behind the fraction, in brackets",
    ("learning_rate * g / np.sqrt(s + epsilon)", "learning_rate * (g / np.sqrt(s) + epsilon)"),
    says="Epsilon stands in the wrong place: Python divides before it adds, so it is added to the "
    "quotient, and 0 / 0 is still NaN. It belongs under the root: `np.sqrt(s + epsilon)`.",
)

slip(
    "descent.rmsprop_step",
    "no epsilon",
    ("np.sqrt(s + epsilon)", "np.sqrt(s)"),
    says="You left epsilon out. Where a gradient has been 0 so far, 0 / 0 is NaN: add epsilon "
    "under the root.",
)

slip(
    "descent.rmsprop_step",
    "forgets the root",
    ("np.sqrt(s + epsilon)", "(s + epsilon)"),
    says="You divided by the mean of the squares itself. A gradient of 0.01 would then move a "
    "weight a hundred times as far as one of 1: take the root first.",
)

slip(
    "descent.rmsprop_step",
    "divides by the old mean",
    ("gradients, means", "gradients, state"),
    says="You divided by the root of the mean from before this step. At the first step that is 0, "
    "and the weights leap: bring the mean up to date, and use the new one.",
)

slip(
    "descent.rmsprop_step",
    "sizes in place of squares",
    ("g**2", "np.abs(g)"),
    says="Your running mean is of the sizes of the gradients, and the root is taken of it. RMS is "
    "the root of the mean of the squares: `g**2`.",
)

slip(
    "descent.rmsprop_step",
    "sums the squares up",
    ("rho * s + (1 - rho) * g**2", "s + g**2"),
    says="You added up all squares so far, which is AdaGrad: the sum never shrinks, and the steps "
    "shorten until they stop. RMSProp forgets: rho times the old mean, 1 − rho times the square.",
)

slip(
    "descent.rmsprop_step",
    "adds the whole square",
    ("(1 - rho) * g**2", "g**2"),
    says="You forgot the factor 1 − rho before the square, so that the mean is ten times too large "
    "when rho is 0.9. In a mean the two shares sum to 1.",
)

slip(
    "descent.rmsprop_step",
    "rho for the new square",
    ("rho * s + (1 - rho) * g**2", "(1 - rho) * s + rho * g**2"),
    says="You exchanged the shares: rho, the large one, belongs to the old mean, and 1 − rho to "
    "the new square.",
)

slip(
    "descent.rmsprop_step",
    "forgets the square",
    ("g**2", "g"),
    says="You took a running mean of the gradients. It may be negative, and then its root is NaN; "
    "what is averaged are the squares, `g**2`.",
)

slip(
    "descent.rmsprop_step",
    "the first mean is the first square",
    ("[np.zeros_like(w) for w in weights]", "[g**2 for g in gradients]"),
    says="At the first step you took the square of the gradient for the mean. That is a sensible "
    "thought, but here, as in Keras, the means begin at zero.",
)

slip(
    "descent.rmsprop_step",
    "remembers nothing",
    ("rho * s + (1 - rho)", "(1 - rho)"),
    says="You began with means of zero at every step, so only the last gradient counts. Zeros are "
    "for the first step alone, when `state is None`.",
)

slip(
    "descent.rmsprop_step",
    "one mean for a whole array",
    ("g**2", "np.mean(g**2)"),
    says="You averaged the squares over the whole array. Each number has a mean of its own; that "
    "is the whole point, for a flat direction and a steep one get steps of the same length.",
)

slip(
    "descent.rmsprop_step",
    "leaves the gradient out of the step",
    ("learning_rate * g /", "learning_rate /"),
    says="You divided the learning rate alone by the root, so that each weight goes the same way "
    "whatever its slope. The gradient stands above the fraction's bar.",
)

slip(
    "descent.rmsprop_step",
    "goes uphill",
    ("w - learning_rate", "w + learning_rate"),
    says="You added the step. The gradient points uphill, whatever it is divided by: subtract.",
)

slip(
    "descent.rmsprop_step",
    "corrects the mean for its start",
    ("np.sqrt(s + epsilon)", "np.sqrt(s / (1 - rho) + epsilon)"),
    says="You divided the mean by 1 − rho, to make up for its start at zero. Adam does that, at "
    "the first step; RMSProp does not.",
)


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


slip(
    "descent.rmsprop_step",
    "the default epsilon in the formula",
    ("np.sqrt(s + epsilon)", "np.sqrt(s + 1e-7)"),
    says="You wrote 1e-7 into the formula. That is only what `epsilon` is when nobody says "
    "otherwise: use the name.",
)

slip(
    "descent.rmsprop_step",
    "the default rho in the formula",
    ("rho * s + (1 - rho) * g**2", "0.9 * s + 0.1 * g**2"),
    says="You wrote 0.9 and 0.1 into the formula. That is only what rho and 1 − rho are when "
    "nobody says otherwise: use the names.",
)

slip(
    "descent.rmsprop_step",
    "no root and no epsilon",
    ("np.sqrt(s + epsilon)", "s"),
    says="You divided by the mean of the squares itself. Take its root, so that small gradients "
    "and large ones get steps of one length, and add epsilon under it, since 0 / 0 is NaN.",
)

slip(
    "descent.rmsprop_step",
    "multiplies by the root",
    ("g / np.sqrt(", "g * np.sqrt("),
    says="You multiplied by the root, so that steep directions get even longer steps. Divide: "
    "each number's step is measured by its own gradients.",
)

slip(
    "descent.rmsprop_step",
    "forgets the learning rate",
    ("learning_rate * g", "g"),
    says="You left the learning rate out of the step: it stands before the fraction.",
)

slip(
    "descent.rmsprop_step",
    "plain descent beside the means",
    (" / np.sqrt(s + epsilon)", ""),
    says="You kept the means but did not use them: this is plain gradient descent. Divide the "
    "gradient by the root of the new s.",
)

slip(
    "descent.rmsprop_step",
    "no brackets around 1 − rho",
    ("(1 - rho) * g**2", "1 - rho * g**2"),
    says="Without brackets, `1 - rho * g**2` takes rho times the square away from 1. The share of "
    "the new square is `(1 - rho)`.",
)

slip(
    "descent.rmsprop_step",
    "squares the share, too",
    ("(1 - rho) * g**2", "((1 - rho) * g) ** 2"),
    says="You squared 1 − rho together with the gradient. Only the gradient is squared: "
    "`(1 - rho) * g**2`.",
)

slip(
    "descent.rmsprop_step",
    "doubles in place of squaring",
    ("g**2", "g * 2"),
    says="`* 2` doubles, `** 2` squares. A doubled gradient may be negative, and then the root is "
    "NaN.",
)

slip(
    "descent.rmsprop_step",
    "one sum for a whole array",
    ("g**2 for", "np.sum(g**2) for"),
    says="You summed the squares of the whole array. Each number has a mean of its own; that is "
    "the whole point, for a flat direction and a steep one get steps of the same length.",
)

slip(
    "descent.rmsprop_step",
    "begins with ones",
    ("np.zeros_like(w)", "np.ones_like(w)"),
    says="Your means begin at 1, perhaps so as not to divide by 0. They begin at zero, and epsilon "
    "sees to the division.",
)

slip(
    "descent.rmsprop_step",
    "returns the old means",
    ("return moved, means", "return moved, state"),
    says="The weights are right, but you returned the means that came in. The next step needs the "
    "new ones. If you wrote `s = ...` in a loop: that gives a name a new value, and the list does "
    "not notice.",
)


@misconception(
    "descent.rmsprop_step",
    "gives s and w other values",
    says="`s = ...` and `w = ...` inside of the loop give these names new values; the lists of "
    "means and of weights do not notice. Collect the new arrays in two lists of your own.",
)
def rmsprop_step(weights, gradients, state, learning_rate=0.01, rho=0.9, epsilon=1e-7):
    if state is None:
        state = [np.zeros_like(w) for w in weights]
    for w, g, s in zip(weights, gradients, state, strict=True):
        s = rho * s + (1 - rho) * g**2
        w = w - learning_rate * g / np.sqrt(s + epsilon)
    return weights, state


@misconception(
    "descent.rmsprop_step",
    "writes into the given means",
    says="The numbers are right, but `state[i] = ...` writes into the caller's list, and `*=` into "
    "its arrays. Collect the new means in a list of your own.",
)
def rmsprop_step(weights, gradients, state, learning_rate=0.01, rho=0.9, epsilon=1e-7):
    if state is None:
        state = [np.zeros_like(w) for w in weights]
    moved = []
    for i in range(len(weights)):
        state[i] = rho * state[i] + (1 - rho) * gradients[i] ** 2
        moved.append(weights[i] - learning_rate * gradients[i] / np.sqrt(state[i] + epsilon))
    return moved, state


slip(
    "descent.rmsprop_step",
    "does not know the first step",
    ("if state is None:\n        state = [np.zeros_like(w) for w in weights]\n    ", ""),
    says="At the first step the state is None, and there is nothing to multiply. Ask for it, and "
    "begin with zeros: `if state is None`.",
)

slip(
    "descent.rmsprop_step",
    "one zero for all means",
    ("[np.zeros_like(w) for w in weights]", "0"),
    says="At the first step you took a single 0 as the state. It is a list with an array of zeros "
    "for each weight: `[np.zeros_like(w) for w in weights]`.",
)

slip(
    "descent.rmsprop_step",
    "forgets to return the means",
    ("return moved, means", "return moved"),
    says="You returned the weights alone. The next step needs the means, too: return both, with a "
    "comma between.",
)

slip(
    "descent.rmsprop_step",
    "means before weights",
    ("return moved, means", "return means, moved"),
    says="You returned the means first. The new weights come first, then the means.",
)

slip(
    "descent.rmsprop_step",
    "the default learning rate in the formula",
    ("w - learning_rate * g", "w - 0.01 * g"),
    says="You wrote 0.01 into the formula. That is only what `learning_rate` is when nobody says "
    "otherwise: use the name.",
)

slip(
    "descent.rmsprop_step",
    "divides by this gradient alone",
    ("np.sqrt(s + epsilon)", "np.sqrt(g**2 + epsilon)"),
    says="You divided by the root of this gradient's own square, so that all steps are equally "
    "long and the means have no effect. Under the root stands the new s.",
)

slip(
    "descent.rmsprop_step",
    "returns the steps",
    ("w - learning_rate * g / np.sqrt", "-learning_rate * g / np.sqrt"),
    says="You returned the steps. The new weights are the old ones plus these.",
)


# --- fit ----------------------------------------------------------------------------------------

slip(
    "descent.fit",
    "never hands the state on",
    ("*weights), state)", "*weights), None)"),
    says="You gave None as the state at every step, so the optimizer forgets all it knew, and "
    "momentum becomes plain descent. Keep what the step returns, and give it to the next.",
)

slip(
    "descent.fit",
    "a new state for each epoch",
    ("state = None\n    for _ in range(epochs):", "for _ in range(epochs):\n        state = None"),
    says="`state = None` stands inside of the outer loop, so each epoch begins with a ball at "
    "rest. It belongs before both loops.",
)

slip(
    "descent.fit",
    "the same minibatches in every epoch",
    ("in minibatches(len(x), size, rng)", "in batches"),
    ("state = None", "state, batches = None, minibatches(len(x), size, rng)"),
    says="You drew the minibatches once, before the loop over the epochs. Each epoch draws its "
    "own: otherwise the same examples are together forever.",
)

slip(
    "descent.fit",
    "all examples at every step",
    ("x[batch], y[batch]", "x, y"),
    says="You gave all of x and y to the gradients at every step, and the minibatch has no effect. "
    "Its rows are `x[batch]` and `y[batch]`.",
)

slip(
    "descent.fit",
    "the first rows of y",
    ("y[batch]", "y[: len(batch)]"),
    says="You took the minibatch's rows of x, but the first rows of y. A target belongs to its "
    "example: `y[batch]` beside `x[batch]`.",
)


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


slip(
    "descent.fit",
    "one minibatch an epoch",
    ("minibatches(len(x), size, rng)", "minibatches(len(x), size, rng)[:1]"),
    says="You took one minibatch in each epoch. An epoch is once through all examples: an inner "
    "loop over all minibatches.",
)

slip(
    "descent.fit",
    "stops after the first epoch",
    ("    return weights", "        return weights"),
    says="The `return` stands inside of the loop over the epochs, which then ends with the first. "
    "Return after both loops.",
)

slip(
    "descent.fit",
    "an epoch too few",
    ("range(epochs)", "range(1, epochs)"),
    says="You counted the epochs from 1, and `range(1, epochs)` ends before `epochs`: one is "
    "missing. `range(epochs)` has as many as it says.",
)

slip(
    "descent.fit",
    "starts every step at the first weights",
    ("state = None", "state, moved = None, weights"),
    ("weights, state = step", "moved, state = step"),
    ("return weights", "return moved"),
    says="You kept the new weights under another name and went on from the old ones, so every "
    "step starts at the beginning. The new weights take the old ones' place.",
)

slip(
    "descent.fit",
    "the gradients at the first weights",
    ("state = None", "state, first = None, weights"),
    ("*weights), state", "*first), state"),
    says="You asked for the gradients at the weights of the beginning. The slope is another at "
    "each place: ask at the weights of this moment.",
)

slip(
    "descent.fit",
    "the weights as one list",
    ("*weights), state", "weights), state"),
    says="You gave `gradients` the list of weights as one thing. It takes each weight by itself: "
    "put a star before it, `*weights`.",
)


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


slip(
    "descent.fit",
    "a generator of its own",
    ("state = None", "state, rng = None, np.random.default_rng()"),
    says="You made a new generator and did not use `rng`, so nobody can repeat this training. Give "
    "`rng` to `minibatches`.",
)

slip(
    "descent.fit",
    "returns the state, too",
    ("return weights", "return weights, state"),
    says="You returned the state beside the weights. It has served its time: return the list of "
    "weights alone.",
)

slip(
    "descent.fit",
    "stops after the first minibatch",
    ("    return weights", "            return weights"),
    says="The `return` stands inside of the inner loop, which then ends with the first minibatch. "
    "Return after both loops, at the depth of the first `for`.",
)

slip(
    "descent.fit",
    "returns the first step",
    ("weights, state = step(", "return step("),
    says="You returned what the first step gave: its weights, and the state beside them. Keep the "
    "two, `weights, state = step(...)`, and return the weights after both loops.",
)

slip(
    "descent.fit",
    "the pair as the weights",
    ("weights, state = step(", "weights = step("),
    says="`step` returns two things, and you called both of them `weights`. Take them apart: "
    "`weights, state = step(...)`.",
)

slip(
    "descent.fit",
    "does not keep what the step returns",
    ("weights, state = step(", "step("),
    says="You called `step` and did not keep what it returned, so the weights stay as they were. "
    "It changes nothing in place: `weights, state = step(...)`.",
)

slip(
    "descent.fit",
    "state before weights",
    ("weights, state = step(", "state, weights = step("),
    says="You took the state for the weights. `step` returns the weights first, then the state.",
)

slip(
    "descent.fit",
    "gradients before weights in the step",
    (
        "step(weights, gradients(x[batch], y[batch], *weights), state)",
        "step(gradients(x[batch], y[batch], *weights), weights, state)",
    ),
    says="You gave `step` the gradients first and the weights second, so it moves the gradients by "
    "the weights. The order is weights, gradients, state.",
)

slip(
    "descent.fit",
    "weights before the examples",
    ("gradients(x[batch], y[batch], *weights)", "gradients(*weights, x[batch], y[batch])"),
    says="You gave `gradients` the weights first. The order is x, y, and then each weight.",
)

slip(
    "descent.fit",
    "the function in place of its gradients",
    ("gradients(x[batch], y[batch], *weights)", "gradients"),
    says="You gave `step` the function `gradients` itself. Call it, on the rows of this minibatch "
    "and the weights of this moment.",
)

slip(
    "descent.fit",
    "the examples in place of their number",
    ("minibatches(len(x), size, rng)", "minibatches(x, size, rng)"),
    says="You gave `minibatches` the examples themselves. It wants to know how many there are: "
    "`len(x)`.",
)

slip(
    "descent.fit",
    "counts the numbers of x",
    ("len(x)", "x.size"),
    says="`x.size` counts all numbers of x, and an example may have several. The number of "
    "examples is the number of rows, `len(x)`.",
)

slip(
    "descent.fit",
    "a list as the first state",
    ("state = None", "state = []"),
    says="Your first state is a list. At the very first step the state is None, and then whatever "
    "the step before returned: what is in it is the optimizer's business, not that of `fit`.",
)

slip(
    "descent.fit",
    "no state before the loop",
    ("state = None", ""),
    says="At the first step there is no `state` yet. Say `state = None` before both loops.",
)

slip(
    "descent.fit",
    "an epoch too many",
    ("range(epochs)", "range(epochs + 1)"),
    says="`range(epochs + 1)` is one epoch too many: it begins at 0. `range(epochs)` has as many "
    "as it says.",
)

slip(
    "descent.fit",
    "a loop over a number",
    ("range(epochs)", "epochs"),
    says="`epochs` is a number, and a loop needs something to go through: `range(epochs)`.",
)

slip(
    "descent.fit",
    "a generator of its own with a fixed seed",
    ("state = None", "state, rng = None, np.random.default_rng(0)"),
    says="You made a new generator with a fixed seed and did not use `rng`, so the caller cannot "
    "choose the order. Give `rng` to `minibatches`.",
)

slip(
    "descent.fit",
    "a fixed seed for each epoch",
    ("size, rng)", "size, np.random.default_rng(0))"),
    ("step, epochs, size, np.random.default_rng(0)):", "step, epochs, size, rng):"),
    says="You made a new generator with a fixed seed for each epoch, so all epochs have the same "
    "minibatches. Give `rng` to `minibatches`: it goes on from call to call.",
)

slip(
    "descent.fit",
    "the first rows at every step",
    ("x[batch], y[batch]", "x[:size], y[:size]"),
    says="You took the first `size` rows at every step, and all others are never seen. The rows of "
    "this minibatch are `x[batch]` and `y[batch]`.",
)


@misconception(
    "descent.fit",
    "one step in all",
    says="The step stands after both loops, so that only the very last minibatch counts. One step "
    "for each minibatch: it belongs into the inner loop.",
)
def fit(gradients, weights, x, y, step, epochs, size, rng):
    slopes = None
    for _ in range(epochs):
        for batch in minibatches(len(x), size, rng):
            slopes = gradients(x[batch], y[batch], *weights)
    return step(weights, slopes, None)[0] if slopes else weights


@misconception(
    "descent.fit",
    "cuts without shuffling",
    says="You cut x and y as they stand, without shuffling, so that the same examples are together "
    "in every epoch. `minibatches` draws a new order for each.",
)
def fit(gradients, weights, x, y, step, epochs, size, rng):
    state = None
    for _ in range(epochs):
        for start in range(0, len(x), size):
            rows = slice(start, start + size)
            weights, state = step(weights, gradients(x[rows], y[rows], *weights), state)
    return weights


@misconception(
    "descent.fit",
    "one minibatch for each epoch, drawn once",
    says="You went through one list of minibatches with the number of the epoch. An epoch is once "
    "through all examples: an inner loop over all minibatches, drawn anew for each epoch.",
)
def fit(gradients, weights, x, y, step, epochs, size, rng):
    state = None
    batches = minibatches(len(x), size, rng)
    for i in range(epochs):
        batch = batches[i]
        weights, state = step(weights, gradients(x[batch], y[batch], *weights), state)
    return weights


@misconception(
    "descent.fit",
    "a step for each example",
    says="You took a step for each example of the minibatch. The gradients of a whole minibatch "
    "are asked for at once, `x[batch]`, and one step follows: that is what it is for.",
)
def fit(gradients, weights, x, y, step, epochs, size, rng):
    state = None
    for _ in range(epochs):
        for batch in minibatches(len(x), size, rng):
            for i in batch:
                slopes = gradients(x[i : i + 1], y[i : i + 1], *weights)
                weights, state = step(weights, slopes, state)
    return weights


slip(
    "descent.fit",
    "divides by the size of the minibatch",
    (
        "gradients(x[batch], y[batch], *weights)",
        "[g / len(batch) for g in gradients(x[batch], y[batch], *weights)]",
    ),
    says="You divided the gradients by the size of the minibatch. They come from a loss that is a "
    "mean already: hand them on as they are.",
)


@misconception(
    "descent.fit",
    "a step for each example, without its axis",
    says="You took a step for each example of the minibatch. The gradients of a whole minibatch "
    "are asked for at once, `x[batch]`, and one step follows. (`x[i]` is also no longer a table, "
    "but one row.)",
)
def fit(gradients, weights, x, y, step, epochs, size, rng):
    state = None
    for _ in range(epochs):
        for batch in minibatches(len(x), size, rng):
            for i in batch:
                weights, state = step(weights, gradients(x[i], y[i], *weights), state)
    return weights


slip(
    "descent.fit",
    "all of y",
    ("y[batch]", "y"),
    says="You took the minibatch's rows of x, but all of y. A target belongs to its example: "
    "`y[batch]` beside `x[batch]`.",
)


# Training calls the reference of another exercise: here this name, which the functions above have
# taken, is given back.
from solutions.descent import minibatches
