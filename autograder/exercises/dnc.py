"""Probes for the DNC: the interface, a step of the memory, the whole cell, loss, tasks, accuracy.

A network with a wrong step often learns all the same, so a step is judged by its own numbers, from
states and weights that are drawn, never by what training makes of it.
"""

import numpy as np

from autograder.evidence import Finding
from autograder.exercises import probe
from autograder.exercises.mem_ops import (
    draw,
    draw_gates,
    draw_link,
    draw_memory,
    draw_modes,
    draw_weights,
    tensor,
)

# --- Inputs -------------------------------------------------------------------------------------


def draw_state(rng, batch, slots, width, heads):
    return {
        "memory": draw_memory(rng, *batch, slots, width),
        "usage": draw_gates(rng, *batch, slots),
        "precedence": draw_weights(rng, *batch, slots),
        "write_weights": draw_weights(rng, *batch, slots),
        "link": draw_link(rng, *batch, slots),
        "read_weights": draw_weights(rng, *batch, heads, slots),
        "read_vectors": draw(rng, *batch, heads, width),
    }


def draw_interface(rng, batch, width, heads):
    return {
        "read_keys": draw(rng, *batch, heads, width),
        "read_strengths": tensor(rng.uniform(1, 4, size=(*batch, heads))),
        "write_key": draw(rng, *batch, width),
        "write_strength": tensor(rng.uniform(1, 4, size=batch)),
        "erase": draw_gates(rng, *batch, width),
        "write_vector": draw(rng, *batch, width),
        "free_gates": draw_gates(rng, *batch, heads),
        "allocation_gate": draw_gates(rng, *batch),
        "write_gate": draw_gates(rng, *batch),
        "read_modes": draw_modes(rng, *batch, heads),
    }


def draw_bits(rng, *shape):
    return rng.integers(2, size=shape).astype("float32")


def draw_mask(rng, batch, steps):
    """Unlike numbers of steps that count, first in one place and then in another."""
    mask = np.zeros([batch, steps])
    for row in range(batch):
        start = rng.integers(steps - row - 1)
        mask[row, start : start + row + 1] = 1
    return tensor(mask)


# --- What is looked at besides the result -------------------------------------------------------


def gradients(parts, compute):
    """The gradient, for each named part, of all that ``compute`` returns, unequally weighted."""
    import tensorflow as tf

    with tf.GradientTape() as tape:
        tape.watch(parts)
        results = [tf.reshape(result, [-1]) for result in tf.nest.flatten(compute(parts))]
        numbers = tf.concat(results, axis=0)
        loss = tf.reduce_sum(tf.cos(tf.range(len(numbers), dtype=numbers.dtype)) * numbers)
    found = tape.gradient(loss, parts)
    for name, gradient in found.items():
        if gradient is None:
            raise Finding(
                f'No gradient reaches "{name}": it has no influence on the result, or the values '
                "left TensorFlow on the way."
            )
    return found


# --- The interface ------------------------------------------------------------------------------


def gradient_for_vector(function, vector, word_size, read_heads):
    def compute(parts):
        return function(parts["vector"], word_size, read_heads)

    return gradients({"vector": vector}, compute)["vector"]


def in_a_graph(function, vector, word_size, read_heads):
    """Call the function in a graph that is not told the size of the batch."""
    import tensorflow as tf

    graph = tf.function(lambda some: function(some, word_size, read_heads), autograph=False)
    return graph.get_concrete_function(tf.TensorSpec([None, vector.shape[-1]]))(vector)


@probe(
    "dnc.parse_interface",
    hints=(
        "Cut first, squash afterward. The ten sizes in order are a list, and `tf.split` takes a "
        "list of sizes. Which parts must be from 0 to 1, and which at least 1?",
        "A part of size 1 has the shape [..., 1] after the cut; `[..., 0]` takes the axis away. "
        "Read keys come as [..., R·W] and modes as [..., 3R]: a reshape gives them heads.",
        "`sizes = [R * W, R, W, 1, W, W, R, 1, 1, 3 * R]`; `tf.split(vector, sizes, axis=-1)`; "
        "oneplus is `1 + tf.nn.softplus(x)`; the new shape of the keys is `tf.concat("
        "[tf.shape(vector)[:-1], [R, W]], axis=0)`.",
    ),
)
def parse_interface(case, rng):
    def draw_vector(*batch, words, heads):
        return draw(rng, *batch, words * heads + 3 * words + 5 * heads + 3), words, heads

    case("all zeros", tensor([0] * 12), 1, 1)
    case("the numbers from 0 to 2.7", tensor(np.arange(28) / 10), 3, 2)
    case("two heads, words of three", *draw_vector(words=3, heads=2))
    case("one head, a batch of one", *draw_vector(1, words=4, heads=1))
    case("three heads, a batch of four", *draw_vector(4, words=2, heads=3))
    case("two batch axes", *draw_vector(2, 3, words=4, heads=2))
    far, words, heads = draw_vector(2, words=3, heads=2)
    case("numbers near 150", 150 + far, words, heads)
    case("numbers near -150", far - 150, words, heads)
    case("the gradient", *draw_vector(2, words=2, heads=3), using=gradient_for_vector)
    case("a graph, a batch of any size", *draw_vector(3, words=3, heads=2), using=in_a_graph)
    case("a number too few", draw(rng, 2, 27), 3, 2)
    case("a number too many", draw(rng, 29), 3, 2)


# --- A step of the memory -----------------------------------------------------------------------


def steps_in_a_row(function, state, interface):
    """The states after each step, when the parts of the interface have a first axis of steps."""
    states = [state]
    for t in range(len(interface["write_key"])):
        states.append(function(states[-1], {name: part[t] for name, part in interface.items()}))
    return states[1:]


def gradients_of_a_step(function, state, interface):
    def compute(parts):
        old = {name: parts.get(name, state[name]) for name in state}
        return function(old, {name: parts[name] for name in interface})

    parts = {**state, **interface}
    del parts["read_vectors"]  # what was read before the step has no influence on it
    return gradients(parts, compute)


@probe(
    "dnc.memory_step",
    hints=(
        "Follow the docstring's first line: free, allocate, write, link, read. Before each call "
        "ask which memory, which link and which weights there are at that moment: old or new?",
        "There is one write key and one write strength: `content_weighting` wants a heads axis, "
        "so `[..., tf.newaxis, :]` and `[..., tf.newaxis]` put one in, and `[..., 0, :]` takes it "
        "away again.",
        "`kept = mem_ops.retention(interface['free_gates'], state['read_weights'])`; usage from "
        "it and the old write weights; then the write weights, the memory, the link with "
        "`state['precedence']`, forward and backward from `state['read_weights']`, and the read "
        "in the new memory. Return a new dict of seven.",
    ),
)
def memory_step(case, rng):
    def draw_both(*batch, slots, width, heads):
        state = draw_state(rng, batch, slots, width, heads)
        return state, draw_interface(rng, batch, width, heads)

    case("four slots, one head", *draw_both(slots=4, width=3, heads=1))
    case("five slots, two heads", *draw_both(slots=5, width=3, heads=2))
    case("a batch of three", *draw_both(3, slots=4, width=5, heads=2))
    case("two batch axes", *draw_both(2, 1, slots=3, width=4, heads=2))
    state, interface = draw_both(slots=4, width=3, heads=2)
    case("a closed write gate", state, interface | {"write_gate": tensor(0)})
    state, interface = draw_both(slots=5, width=2, heads=2)
    modes = tensor([[0, 0, 1], [1, 0, 0]])
    case("one head goes forward, one back", state, interface | {"read_modes": modes})
    state = draw_state(rng, (), 4, 3, 2)
    case("three steps", state, draw_interface(rng, (3,), 3, 2), using=steps_in_a_row)
    state, interface = draw_both(slots=3, width=2, heads=2)
    state["memory"] = draw(rng, 3, 2)  # near a word of zeros, gradients differ with the precision
    case("the gradients", state, interface, using=gradients_of_a_step)


# --- The cell -----------------------------------------------------------------------------------

FEATURES, SLOTS, WORD_SIZE, HEADS, HIDDEN, OUTPUTS = 3, 5, 4, 2, 6, 7
LAYERS = ("controller", "to_interface", "from_controller", "from_memory")


def make_cell(cell_class, controller):
    """A small cell, and the names of its states."""
    import tensorflow as tf

    if controller == "Dense":
        inner, own = tf.keras.layers.Dense(HIDDEN, "tanh"), []
    else:
        inner, own = tf.keras.layers.LSTMCell(HIDDEN), ["LSTM's hidden", "LSTM's carry"]
    cell = cell_class(inner, OUTPUTS, slots=SLOTS, word_size=WORD_SIZE, read_heads=HEADS)
    return cell, [*cell.memory_shapes, *own]


def set_weights(cell, seed):
    """Build the cell, and give each layer weights that do not depend on the others' shapes."""
    if not cell.built:
        cell.build([None, FEATURES])
    for number, name in enumerate(LAYERS):
        rng, layer = np.random.default_rng([seed, number]), getattr(cell, name)
        shapes = [weight.shape for weight in layer.get_weights()]
        layer.set_weights([rng.normal(size=shape) / np.sqrt(shape[0]) for shape in shapes])


def one_step(cell_class, controller, seed, inputs, states):
    cell, names = make_cell(cell_class, controller)
    set_weights(cell, seed)
    result = cell.call(inputs, list(states.values()))
    if not isinstance(result, tuple | list) or len(result) != 2:
        raise Finding("`call` should return two things: the output and the list of new states.")
    output, new = result
    if not isinstance(new, tuple | list) or len(new) != len(names):
        count = len(new) if isinstance(new, tuple | list) else "no list of"
        raise Finding(f"`call` got a list of {len(names)} states and returned {count} states.")
    return {"output": output, **dict(zip(names, new, strict=True))}


def sequence(cell_class, controller, seed, inputs, states):
    """The outputs of a cell that Keras runs over a sequence, made anew from its configuration."""
    import tensorflow as tf

    cell, _ = make_cell(cell_class, controller)
    copy = cell_class.from_config(cell.get_config())
    set_weights(copy, seed)
    first = new = list(states.values())
    for step in tf.unstack(inputs, axis=1):  # an error is plainer to read outside of Keras's loop
        _, new = copy.call(step, new)
    return tf.keras.layers.RNN(copy, return_sequences=True)(inputs, initial_state=first)


def gradients_for_weights(cell_class, controller, seed, inputs, states):
    """Whether a gradient of the output of one step reaches the weights of every layer."""
    import tensorflow as tf

    cell, _ = make_cell(cell_class, controller)
    set_weights(cell, seed)
    with tf.GradientTape() as tape:
        output, _ = cell.call(inputs, list(states.values()))
    variables = {name: getattr(cell, name).trainable_variables for name in LAYERS}
    for name, found in tape.gradient(output, variables).items():
        if not found or any(gradient is None for gradient in found):
            raise Finding(
                f"No gradient reaches the weights of `{name}`: the output lacks its part."
            )
    return True


@probe(
    "dnc.DNCCell",
    hints=(
        "Six lines of work: name the states, join the inputs and what was read, ask the "
        "controller, parse, let the memory do its step, add the two parts of the output.",
        "Read vectors are [batch, R, W] and the controller wants them flat, [batch, R·W]. The "
        "first seven states are the memory's, in the order of `self.memory_shapes`; what comes "
        "after them is the controller's own, and may be nothing.",
        "`state = dict(zip(self.memory_shapes, states))`; `own = states[len(state):]`; `tf.concat("
        "[inputs, ...], axis=-1)`; `self.controller(joined, own)` if there are any, else "
        "`self.controller(joined)`; `parse_interface(self.to_interface(hidden), self.word_size, "
        "self.read_heads)`; `memory_step`; `self.from_controller(hidden) + "
        "self.from_memory(read)`.",
    ),
)
def DNCCell(case, rng):
    def draw_inputs(controller, *batch):
        # Not from an empty memory, where slots tie, and a rounded bit decides where to write.
        states = draw_state(rng, batch[:1], SLOTS, WORD_SIZE, HEADS)
        if controller == "LSTM":
            states |= {"hidden": draw(rng, 2, HIDDEN), "carry": draw(rng, 2, HIDDEN)}
        inputs = {"inputs": draw(rng, *batch, FEATURES), "states": states}
        return {"controller": controller, "seed": int(rng.integers(1_000_000)), **inputs}

    case("a step", using=one_step, **draw_inputs("Dense", 2))
    case("a step with an LSTM", using=one_step, **draw_inputs("LSTM", 2))
    case("a sequence", using=sequence, **draw_inputs("Dense", 2, 3))
    case("a sequence with an LSTM", using=sequence, **draw_inputs("LSTM", 2, 2))
    case("a gradient for all weights", using=gradients_for_weights, **draw_inputs("Dense", 2))


# --- Loss and accuracy --------------------------------------------------------------------------


def gradient_for_logits(function, logits, targets, mask):
    def compute(parts):
        return function(parts["logits"], targets, mask)

    return gradients({"logits": logits}, compute)["logits"]


@probe(
    "dnc.masked_loss",
    hints=(
        "There is a loss for each bit first. Which of them count, and how many are these? The "
        "average divides by that number, not by the number of all.",
        "Losses are [batch, steps, bits] and the mask is [batch, steps]: average over the bits "
        "first, and the two line up. The result is a single number.",
        "`tf.nn.sigmoid_cross_entropy_with_logits(labels=targets, logits=logits)`, its mean over "
        "`axis=-1`, times `mask`; the sum of that, divided by the sum of `mask`.",
    ),
)
def masked_loss(case, rng):
    def draw_inputs(batch, steps, bits):
        targets = tensor(draw_bits(rng, batch, steps, bits))
        return draw(rng, batch, steps, bits), targets, draw_mask(rng, batch, steps)

    case(
        "worked by hand", tensor([[[0, 0], [4, -4]]]), tensor([[[1, 0], [1, 1]]]), tensor([[1, 0]])
    )
    case("one sequence", *draw_inputs(1, 5, 3))
    logits, targets, mask = draw_inputs(3, 6, 4)
    case("three sequences", logits, targets, mask)
    case("all steps count", logits, targets, tensor(np.ones([3, 6])))
    wild = 1000 * (1 - mask[:, :, np.newaxis])
    case("wild outputs where nothing counts", logits + wild, targets, mask)
    case("sure, and often wrong", 200 * logits, targets, mask)
    case("one bit", *draw_inputs(2, 4, 1))
    case("the gradient", *draw_inputs(2, 4, 3), using=gradient_for_logits)


@probe(
    "dnc.exact_accuracy",
    hints=(
        "Ask of each bit whether it is right, then of each sequence whether all of its bits are. "
        "What should a bit that does not count say, so that it spoils nothing?",
        "Right or not is [batch, steps, bits]; the mask [batch, steps] needs a last axis of size "
        "1. `tf.reduce_all` over the last two axes leaves [batch].",
        "`right = (logits > 0) == (targets > 0.5)`; `right |= (mask == 0)[..., tf.newaxis]`; then "
        "the mean of `tf.cast(tf.reduce_all(right, axis=[-2, -1]), tf.float32)`.",
    ),
)
def exact_accuracy(case, rng):
    def draw_right(batch, steps, bits):
        targets = draw_bits(rng, batch, steps, bits)
        targets[0, 0], targets[-1, 0] = 1, 0  # what is masked may hold both kinds of bits
        logits = (2 * targets - 1) * rng.uniform(0.6, 3, size=targets.shape)
        return logits, targets

    def record(name, logits, targets, mask):
        case(name, tensor(logits), tensor(targets), tensor(mask))

    logits, targets = draw_right(4, 5, 3)
    every, most = np.ones([4, 5]), np.ones([4, 5])
    most[:, 0] = 0
    record("all is right", logits, targets, every)
    wrong = logits.copy()
    wrong[1, 2, 1] *= -1
    record("one wrong bit", wrong, targets, every)
    record("one wrong bit, some steps do not count", wrong, targets, most)
    wrong[2, 0] *= -1
    record("wrong at a step that does not count", wrong, targets, most)
    wrong[2:, 3] *= -1
    wrong[0, 0] *= -1
    record("a step wrong in two sequences", wrong, targets, most)
    unsure = logits / 10
    unsure[1:3, 0] *= -1
    record("right where it counts, but not sure", unsure, targets, most)
    record("all is wrong", -logits, targets, every)
    record("an output of exactly 0", np.zeros([2, 2, 1]), [[[0], [0]], [[0], [1]]], np.ones([2, 2]))
    logits, targets = draw_right(60, 2, 2)
    logits[rng.permutation(60)[: rng.integers(5, 55)], 1] *= -1
    record("some of sixty are right", logits, targets, np.ones([60, 2]))
    logits, targets = draw_right(5, 3, 1)
    logits[::2, 1] *= -1
    most = np.ones([5, 3])
    most[4, 1] = 0
    record("one bit, three mistakes of which two count", logits, targets, most)


# --- Tasks --------------------------------------------------------------------------------------


def all_float32(function, *inputs):
    """Whether every array is float32; the judge lets float64 pass, and training would not."""
    result = function(*inputs)
    for part in result if isinstance(result, tuple | list) else [result]:
        dtype = np.asarray(part).dtype.name
        if dtype != "float32":
            raise Finding(f"It should hold float32 throughout, but here is {dtype}.")
    return True


@probe(
    "dnc.copy_batch",
    hints=(
        "Draw the table for a sequence of two vectors and longest 3: seven steps in a row. At "
        "which step is the end mark, and at which is the first target?",
        "All arrays have 2 · longest + 1 steps. For a sequence of length n: inputs fill the steps "
        "0 to n - 1, the mark stands at n, targets and mask fill n + 1 to 2n.",
        "`np.zeros([batch, steps, bits + 1], np.float32)`, and for each row `inputs[row, :n, "
        ":bits] = sequence`, `inputs[row, n, bits] = 1`, `targets[row, n + 1 : 2 * n + 1] = "
        "sequence`, and 1 in the mask there.",
    ),
)
def copy_batch(case, rng):
    def draw_sequences(bits, *lengths):
        return [draw_bits(rng, length, bits) for length in lengths]

    case("worked by hand", [np.array([[1, 0], [1, 1]], "float32")], 3)
    case("as long as can be", draw_sequences(3, 4), 4)
    case("three lengths", draw_sequences(4, 2, 5, 1), 6)
    case("one bit", draw_sequences(1, 3, 2), 3)
    case("zeros alone", [np.zeros([2, 3], "float32"), np.ones([3, 3], "float32")], 4)
    case("float32 throughout", draw_sequences(2, 3, 1), 3, using=all_float32)
    case("too long", draw_sequences(2, 2, 4), 3)


def and_names_bob(function, *inputs):
    """Pass on what the function raises, if its words name the word that is not known."""
    try:
        return function(*inputs)
    except ValueError as error:
        if "Bob" not in str(error):
            raise Finding(
                "The message of your ValueError does not name the word that is not in the "
                'vocabulary. Put it in: f"{word} is not in the vocabulary".'
            ) from None
        raise


@probe(
    "dnc.encode_story",
    hints=(
        "Start with a table of zeros. Each word of a sentence has a column: where does it stand "
        "in the vocabulary? What if it stands nowhere?",
        "One row for each sentence and one column for each word of the vocabulary, float32. "
        "`sentence.split()` gives the words.",
        "In two loops: `if word not in vocabulary: raise ValueError(...)`, else `story[row, "
        "vocabulary.index(word)] = 1`.",
    ),
)
def encode_story(case, rng):
    words = ["Ada", "is", "in", "the", "kitchen", "where", "Ad", "kit"]

    def draw_sentence(count):
        return " ".join(rng.choice(words, count))

    def shuffled():
        return rng.permutation(words).tolist()

    case("worked by hand", ["Ada is here", "is Ada"], ["Ada", "here", "is"])
    case("a word that stands twice", ["the cat the dog", "the the the"], ["cat", "dog", "the"])
    case("words inside words", ["the kitchen", "Ada is in", "kit"], shuffled())
    case("four sentences", [draw_sentence(n) for n in (3, 1, 6, 4)], shuffled())
    case("more sentences than words", ["is Ada", "Ada", "is", "Ada is"], ["Ada", "is"])
    case("two spaces", ["Ada  is  in"], shuffled())
    case("float32 throughout", ["Ada is in", "the kit"], shuffled(), using=all_float32)
    unknown = ["Ada is in", "Bob is in"]
    case("a word that is not known", unknown, shuffled(), using=and_names_bob)
