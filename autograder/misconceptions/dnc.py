"""Misconceptions of the controller's side of the DNC."""

import numpy as np
import tensorflow as tf

from autograder.misconceptions import misconception, slip
from lab.memory_cell import MemoryCell
from solutions import dnc

# --- parse_interface ----------------------------------------------------------------------------

slip(
    "dnc.parse_interface",
    "all keys first, then all strengths",
    ("[heads * words, heads, words, 1,", "[heads * words, words, heads, 1,"),
    ("keys, strengths, key, strength,", "keys, key, strengths, strength,"),
    says="You cut the write key off right after the read keys. In the vector each kind of key is "
    "followed by its own strengths: read keys, read strengths, write key, write strength.",
)

slip(
    "dnc.parse_interface",
    "write vector before erase",
    ("erase, write, free,", "write, erase, free,"),
    says="You took the write vector first and the erase vector after it. In the vector the erase "
    "numbers come first, as they do in a write.",
)

slip(
    "dnc.parse_interface",
    "gates in another order",
    ("free, allocate, gate,", "free, gate, allocate,"),
    says="You took the write gate before the allocation gate. The allocation gate comes first, "
    "and both are sigmoids, so no error tells.",
)

slip(
    "dnc.parse_interface",
    "softplus without the one",
    ("1 + tf.nn.softplus", "tf.nn.softplus"),
    says="You took softplus, log(1 + eˣ), which comes as near to 0 as you like. oneplus adds 1 to "
    "it, so that a strength is never below 1.",
)

slip(
    "dnc.parse_interface",
    "one plus the exponential",
    ("1 + tf.nn.softplus", "1 + tf.exp"),
    says="You took 1 + eˣ. oneplus is 1 + log(1 + eˣ), which grows like x where x is large; eˣ "
    "would turn a small step of training into a strength many times larger.",
)

slip(
    "dnc.parse_interface",
    "the exponential alone",
    ("1 + tf.nn.softplus", "tf.exp"),
    says="You took eˣ for the strengths. That is positive, but not oneplus: 1 + log(1 + eˣ) is "
    "never below 1 and grows like x where x is large.",
)

slip(
    "dnc.parse_interface",
    "oneplus that overflows",
    ("1 + tf.nn.softplus(strengths)", "1 + tf.math.log(1 + tf.exp(strengths))"),
    ("1 + tf.nn.softplus(strength[..., 0])", "1 + tf.math.log(1 + tf.exp(strength[..., 0]))"),
    says="Your formula is right on paper, but eˣ is infinite from about x = 89 on, and so is the "
    "strength. `tf.nn.softplus(x)` is log(1 + eˣ) for every x.",
)

slip(
    "dnc.parse_interface",
    "tanh for the gates",
    ("tf.sigmoid(free)", "tf.tanh(free)"),
    ("tf.sigmoid(allocate", "tf.tanh(allocate"),
    ("tf.sigmoid(gate", "tf.tanh(gate"),
    says="You squashed the gates with tanh, which goes from -1 to 1. A gate lets a share from 0 to "
    "1 through: use the sigmoid.",
)

slip(
    "dnc.parse_interface",
    "erase as it is",
    ("tf.sigmoid(erase)", "erase"),
    says="You left the erase vector as it is. It says which share of each number goes, so it must "
    "lie from 0 to 1: put it through the sigmoid. Only keys and the write vector stay as they are.",
)

slip(
    "dnc.parse_interface",
    "modes as they are",
    ("tf.nn.softmax(tf.reshape(modes", "tf.sigmoid(tf.reshape(modes"),
    says="You put the modes through the sigmoid. A head divides itself among its three modes, so "
    "the three sum to 1: softmax along the last axis.",
)

slip(
    "dnc.parse_interface",
    "softmax over the heads",
    ("[heads, 3]], axis=0)))", "[heads, 3]], axis=0)), axis=-2)"),
    says="You took the softmax over the heads, so that the heads share each mode among them. Each "
    "head divides itself among its three modes: softmax along the last axis.",
)

slip(
    "dnc.parse_interface",
    "softmax before the heads are apart",
    ("tf.nn.softmax(tf.reshape(modes,", "tf.reshape(tf.nn.softmax(modes),"),
    ("[heads, 3]], axis=0)))", "[heads, 3]], axis=0))"),
    says="You took the softmax of all 3R mode numbers at once and reshaped afterward, so all heads "
    "together sum to 1. Each head's own three must: reshape first.",
)

slip(
    "dnc.parse_interface",
    "keys stand upright",
    ("tf.reshape(keys,", "tf.linalg.matrix_transpose(tf.reshape(keys,"),
    ("[heads, words]], axis=0))", "[words, heads]], axis=0)))"),
    says="You reshaped the read keys to [W, R] and turned them over. The shape is right and the "
    "heads are mixed: the first W numbers are the first head's key, so reshape to [R, W].",
)

slip(
    "dnc.parse_interface",
    "gates keep an axis of size 1",
    ("[..., 0]", ""),
    says="The write strength and the two gates come out of the cut as [..., 1]. They are single "
    "numbers, [...]: take the last axis away with `[..., 0]`.",
)

slip(
    "dnc.parse_interface",
    "one batch axis, always",
    ("tf.concat([batch, [heads, words]], axis=0)", "[-1, heads, words]"),
    ("tf.concat([batch, [heads, 3]], axis=0)", "[-1, heads, 3]"),
    says="You reshaped to [-1, R, W] and [-1, R, 3], which makes one batch axis, however many "
    "there were. Put the shape together: `tf.concat([tf.shape(vector)[:-1], [R, W]], axis=0)`.",
)

slip(
    "dnc.parse_interface",
    "asks for the size of the batch too early",
    ("tf.concat([batch, [heads, words]], axis=0)", "[*vector.shape[:-1], heads, words]"),
    ("tf.concat([batch, [heads, 3]], axis=0)", "[*vector.shape[:-1], heads, 3]"),
    says="Your numbers are right, but in a graph the size of the batch may not be known yet, and "
    "`vector.shape` says None for it. `tf.shape(vector)` asks when the graph runs.",
)

slip(
    "dnc.parse_interface",
    "no check of the size",
    ("if vector.shape[-1] != sum(sizes):", "if False:"),
    says="You left the size unchecked, so TensorFlow refuses the cut in its own words. Compare "
    "`vector.shape[-1]` with the sum of the sizes first, and raise ValueError if they differ.",
)

# --- memory_step --------------------------------------------------------------------------------

slip(
    "dnc.memory_step",
    "usage forgets what was written",
    (
        'mem_ops.update_usage(state["usage"], state["write_weights"], kept)',
        'state["usage"] * kept',
    ),
    says="You took from the usage what the heads freed and did not add what was written, so a slot "
    "looks free after it was filled. `mem_ops.update_usage` does both.",
)

slip(
    "dnc.memory_step",
    "allocates by the old usage",
    ("mem_ops.allocation_weighting(usage)", 'mem_ops.allocation_weighting(state["usage"])'),
    says="You allocated by the usage of the step before, in which the last write and what the "
    "heads freed are missing. Bring the usage up to date first, then allocate by it.",
)

slip(
    "dnc.memory_step",
    "usage counts the new write at once",
    (
        'mem_ops.update_usage(state["usage"], state["write_weights"], kept)',
        'state["usage"]',
    ),
    (
        '"usage": usage,',
        '"usage": mem_ops.update_usage(usage, write_weights, kept),',
    ),
    says="You updated the usage after the write, with the new write weights. The usage is made "
    "first, from the write and read weights of the step before; the write of this step counts in "
    "the next.",
)

slip(
    "dnc.memory_step",
    "frees nothing",
    (
        'mem_ops.retention(interface["free_gates"], state["read_weights"])',
        'tf.ones_like(state["usage"])',
    ),
    says="You kept every slot in use. What the free gates give back, by the read weights of the "
    "step before, must be in the usage: `mem_ops.retention`.",
)

slip(
    "dnc.memory_step",
    "write gate and allocation gate swapped",
    (
        '        interface["write_gate"],\n        interface["allocation_gate"],\n',
        '        interface["allocation_gate"],\n        interface["write_gate"],\n',
    ),
    says="You gave `write_weighting` the allocation gate as write gate and the write gate as "
    "allocation gate. The write gate comes first.",
)

slip(
    "dnc.memory_step",
    "writes where it read",
    (
        '            interface["write_key"][..., tf.newaxis, :],\n'
        '            interface["write_strength"][..., tf.newaxis],\n',
        '            interface["read_keys"][..., :1, :],\n'
        '            interface["read_strengths"][..., :1],\n',
    ),
    says="You looked up a read key to decide where to write. The write has a key and a strength of "
    'its own: "write_key" and "write_strength".',
)

slip(
    "dnc.memory_step",
    "links with the new precedence",
    (
        'link = mem_ops.update_link(state["link"], write_weights, state["precedence"])',
        'precedence = mem_ops.update_precedence(state["precedence"], write_weights)\n'
        '    link = mem_ops.update_link(state["link"], write_weights, precedence)',
    ),
    says="You updated the precedence first and linked with the new one, so the slots of one write "
    "follow each other. The link joins this write to the one before: it needs the old precedence.",
)

slip(
    "dnc.memory_step",
    "precedence stays as it was",
    ('mem_ops.update_precedence(state["precedence"], write_weights)', 'state["precedence"]'),
    says="You passed the old precedence on. It must move on to what was written now, or the next "
    "link will start from the wrong slot.",
)

slip(
    "dnc.memory_step",
    "heads follow the old link",
    ("forward_and_backward(link,", 'forward_and_backward(state["link"],'),
    says="You moved the heads along the link of the step before. What was written at this step is "
    "in the new link only: a head should find its way to it at once.",
)

slip(
    "dnc.memory_step",
    "forward and backward swapped",
    ("forward, backward = mem_ops", "backward, forward = mem_ops"),
    says="Your heads go back where they should go on, and on where they should go back. "
    "`forward_and_backward` returns forward first; the modes begin with backward.",
)

slip(
    "dnc.memory_step",
    "looks up in the old memory",
    ("content_weighting(memory,", 'content_weighting(state["memory"],'),
    says="You looked the read keys up in the memory from before the write. Heads read after the "
    "write: compare them with the new memory.",
)

slip(
    "dnc.memory_step",
    "reads the old memory",
    ("mem_ops.read_memory(memory,", 'mem_ops.read_memory(state["memory"],'),
    says="Your read weights are right, but you read with them in the memory from before the write. "
    "What is written at this step can be read at this step.",
)

slip(
    "dnc.memory_step",
    "reads where it read before",
    (
        "mem_ops.read_memory(memory, read_weights)",
        'mem_ops.read_memory(memory, state["read_weights"])',
    ),
    says="You read with the read weights of the step before. Read with those that were made at "
    "this step.",
)

slip(
    "dnc.memory_step",
    "writes into the state that it was given",
    ("    return {\n", "    state.update({\n"),
    ("read_weights),\n    }\n", "read_weights),\n    })\n    return state\n"),
    says="Your numbers are right, but you changed the dict that was given. The caller may still "
    "need it, for a gradient or to compare: return a new dict.",
)

slip(
    "dnc.memory_step",
    "returns only what the next step needs",
    ('        "read_vectors": mem_ops.read_memory(memory, read_weights),\n', ""),
    says="You left the read vectors out. The next step of the memory does not need them, but the "
    "controller and the output do: all seven names go in and come out.",
)

# --- DNCCell ------------------------------------------------------------------------------------


@misconception(
    "dnc.DNCCell",
    "the controller sees the inputs alone",
    says="Your controller gets the inputs and not what the heads read a step ago. Without that it "
    "cannot act on what it remembers: join the two along the last axis.",
)
class DNCCell(MemoryCell):
    def call(self, inputs, states):
        state = dict(zip(self.memory_shapes, states, strict=False))
        own = states[len(state) :]
        if own:
            hidden, own = self.controller(inputs, own)
        else:
            hidden = self.controller(inputs)
        interface = parse_interface(self.to_interface(hidden), self.word_size, self.read_heads)
        state = memory_step(state, interface)
        read = tf.reshape(state["read_vectors"], [-1, self.read_heads * self.word_size])
        output = self.from_controller(hidden) + self.from_memory(read)
        return output, [*(state[name] for name in self.memory_shapes), *own]


@misconception(
    "dnc.DNCCell",
    "the output gets what was read a step ago",
    says="Your output is made with the read vectors that came in. Those were for the controller; "
    "the output gets what the heads read at this step, after `memory_step`.",
)
class DNCCell(MemoryCell):
    def call(self, inputs, states):
        state = dict(zip(self.memory_shapes, states, strict=False))
        own = states[len(state) :]
        read = tf.reshape(state["read_vectors"], [-1, self.read_heads * self.word_size])
        joined = tf.concat([inputs, read], axis=-1)
        if own:
            hidden, own = self.controller(joined, own)
        else:
            hidden = self.controller(joined)
        interface = parse_interface(self.to_interface(hidden), self.word_size, self.read_heads)
        state = memory_step(state, interface)
        output = self.from_controller(hidden) + self.from_memory(read)
        return output, [*(state[name] for name in self.memory_shapes), *own]


@misconception(
    "dnc.DNCCell",
    "the output is the controller's alone",
    says="Your output comes from the controller alone, so what the heads read reaches it one step "
    "late. Add `from_memory` of the read vectors: y = W_y h + W_r r.",
)
class DNCCell(MemoryCell):
    def call(self, inputs, states):
        state = dict(zip(self.memory_shapes, states, strict=False))
        own = states[len(state) :]
        words = [-1, self.read_heads * self.word_size]
        joined = tf.concat([inputs, tf.reshape(state["read_vectors"], words)], axis=-1)
        if own:
            hidden, own = self.controller(joined, own)
        else:
            hidden = self.controller(joined)
        interface = parse_interface(self.to_interface(hidden), self.word_size, self.read_heads)
        state = memory_step(state, interface)
        return self.from_controller(hidden), [*(state[name] for name in self.memory_shapes), *own]


@misconception(
    "dnc.DNCCell",
    "parses what the controller says",
    says="You parsed the controller's result itself. `to_interface` makes the interface vector of "
    "it, which has the size that `parse_interface` expects.",
)
class DNCCell(MemoryCell):
    def call(self, inputs, states):
        state = dict(zip(self.memory_shapes, states, strict=False))
        own = states[len(state) :]
        words = [-1, self.read_heads * self.word_size]
        joined = tf.concat([inputs, tf.reshape(state["read_vectors"], words)], axis=-1)
        if own:
            hidden, own = self.controller(joined, own)
        else:
            hidden = self.controller(joined)
        state = memory_step(state, parse_interface(hidden, self.word_size, self.read_heads))
        read = tf.reshape(state["read_vectors"], words)
        output = self.from_controller(hidden) + self.from_memory(read)
        return output, [*(state[name] for name in self.memory_shapes), *own]


@misconception(
    "dnc.DNCCell",
    "states in the order of memory_step",
    says="You returned the states in the order in which your `memory_step` names them. Keras "
    "passes a plain list on, so the order is all there is: that of `self.memory_shapes`.",
)
class DNCCell(MemoryCell):
    def call(self, inputs, states):
        state = dict(zip(self.memory_shapes, states, strict=False))
        own = states[len(state) :]
        words = [-1, self.read_heads * self.word_size]
        joined = tf.concat([inputs, tf.reshape(state["read_vectors"], words)], axis=-1)
        if own:
            hidden, own = self.controller(joined, own)
        else:
            hidden = self.controller(joined)
        interface = parse_interface(self.to_interface(hidden), self.word_size, self.read_heads)
        state = memory_step(state, interface)
        read = tf.reshape(state["read_vectors"], words)
        output = self.from_controller(hidden) + self.from_memory(read)
        return output, [*state.values(), *own]


@misconception(
    "dnc.DNCCell",
    "the controller's old states",
    says="You passed the controller's states on as they came, so an LSTM begins anew at every "
    "step. `self.controller(joined, own)` returns the new ones beside its result.",
)
class DNCCell(MemoryCell):
    def call(self, inputs, states):
        state = dict(zip(self.memory_shapes, states, strict=False))
        own = states[len(state) :]
        words = [-1, self.read_heads * self.word_size]
        joined = tf.concat([inputs, tf.reshape(state["read_vectors"], words)], axis=-1)
        if own:
            hidden, _ = self.controller(joined, own)
        else:
            hidden = self.controller(joined)
        interface = parse_interface(self.to_interface(hidden), self.word_size, self.read_heads)
        state = memory_step(state, interface)
        read = tf.reshape(state["read_vectors"], words)
        output = self.from_controller(hidden) + self.from_memory(read)
        return output, [*(state[name] for name in self.memory_shapes), *own]


@misconception(
    "dnc.DNCCell",
    "the words before the inputs",
    says="You joined the words first and the inputs after them. The controller's weights are laid "
    "out for the inputs first, then the words of the heads: swap the two in `tf.concat`.",
)
class DNCCell(MemoryCell):
    def call(self, inputs, states):
        state = dict(zip(self.memory_shapes, states, strict=False))
        own = states[len(state) :]
        words = [-1, self.read_heads * self.word_size]
        joined = tf.concat([tf.reshape(state["read_vectors"], words), inputs], axis=-1)
        if own:
            hidden, own = self.controller(joined, own)
        else:
            hidden = self.controller(joined)
        interface = parse_interface(self.to_interface(hidden), self.word_size, self.read_heads)
        state = memory_step(state, interface)
        read = tf.reshape(state["read_vectors"], words)
        output = self.from_controller(hidden) + self.from_memory(read)
        return output, [*(state[name] for name in self.memory_shapes), *own]


@misconception(
    "dnc.DNCCell",
    "the controller without its states",
    says="You called every controller as `self.controller(joined)`. One with states of its own, "
    "such as an LSTM, needs them: `hidden, own = self.controller(joined, own)` where there are "
    "any.",
)
class DNCCell(MemoryCell):
    def call(self, inputs, states):
        state = dict(zip(self.memory_shapes, states, strict=False))
        own = states[len(state) :]
        words = [-1, self.read_heads * self.word_size]
        joined = tf.concat([inputs, tf.reshape(state["read_vectors"], words)], axis=-1)
        hidden = self.controller(joined)
        interface = parse_interface(self.to_interface(hidden), self.word_size, self.read_heads)
        state = memory_step(state, interface)
        read = tf.reshape(state["read_vectors"], words)
        output = self.from_controller(hidden) + self.from_memory(read)
        return output, [*(state[name] for name in self.memory_shapes), *own]


@misconception(
    "dnc.DNCCell",
    "states for every controller",
    says="You called every controller as `self.controller(joined, own)`. A dense layer has no "
    "states and takes none: where `own` is empty, call `self.controller(joined)`.",
)
class DNCCell(MemoryCell):
    def call(self, inputs, states):
        state = dict(zip(self.memory_shapes, states, strict=False))
        own = states[len(state) :]
        words = [-1, self.read_heads * self.word_size]
        joined = tf.concat([inputs, tf.reshape(state["read_vectors"], words)], axis=-1)
        hidden, own = self.controller(joined, own)
        interface = parse_interface(self.to_interface(hidden), self.word_size, self.read_heads)
        state = memory_step(state, interface)
        read = tf.reshape(state["read_vectors"], words)
        output = self.from_controller(hidden) + self.from_memory(read)
        return output, [*(state[name] for name in self.memory_shapes), *own]


# --- masked_loss --------------------------------------------------------------------------------


@misconception(
    "dnc.masked_loss",
    "averages over all steps",
    says="You multiplied by the mask and then averaged over all steps, also those that do not "
    "count, so a long silence makes the loss look small. Divide by the sum of the mask.",
)
def masked_loss(logits, targets, mask):
    losses = tf.nn.sigmoid_cross_entropy_with_logits(labels=targets, logits=logits)
    return tf.reduce_mean(losses * mask[..., tf.newaxis])


@misconception(
    "dnc.masked_loss",
    "leaves the mask out",
    says="Every step counts in your loss. Where the mask is 0 nothing is asked of the network, and "
    "what it says there must have no influence.",
)
def masked_loss(logits, targets, mask):
    return tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(labels=targets, logits=logits))


@misconception(
    "dnc.masked_loss",
    "labels and logits swapped",
    says="You gave the targets where the logits belong and the other way around. The function "
    "takes both without a word: name the arguments, `labels=targets, logits=logits`.",
)
def masked_loss(logits, targets, mask):
    losses = tf.nn.sigmoid_cross_entropy_with_logits(logits, targets)
    return tf.reduce_sum(tf.reduce_mean(losses, axis=-1) * mask) / tf.reduce_sum(mask)


@misconception(
    "dnc.masked_loss",
    "masks the outputs, not the losses",
    says="You multiplied the logits by the mask. A logit of 0 is no silence: it says that both are "
    "equally likely and costs 0.69. Multiply the losses.",
)
def masked_loss(logits, targets, mask):
    masked = logits * mask[..., tf.newaxis]
    losses = tf.nn.sigmoid_cross_entropy_with_logits(labels=targets, logits=masked)
    return tf.reduce_sum(tf.reduce_mean(losses, axis=-1)) / tf.reduce_sum(mask)


@misconception(
    "dnc.masked_loss",
    "squashes twice",
    says="You put the logits through the sigmoid before the loss, which does that itself. Hand it "
    "the logits as they are.",
)
def masked_loss(logits, targets, mask):
    sure = tf.sigmoid(logits)
    losses = tf.nn.sigmoid_cross_entropy_with_logits(labels=targets, logits=sure)
    return tf.reduce_sum(tf.reduce_mean(losses, axis=-1) * mask) / tf.reduce_sum(mask)


@misconception(
    "dnc.masked_loss",
    "averages each sequence first",
    says="You averaged within each sequence and then over the sequences, so a bit of a short "
    "sequence weighs more than one of a long sequence. All bits that count weigh alike: one sum, "
    "divided by one count.",
)
def masked_loss(logits, targets, mask):
    losses = tf.nn.sigmoid_cross_entropy_with_logits(labels=targets, logits=logits)
    sums = tf.reduce_sum(tf.reduce_mean(losses, axis=-1) * mask, axis=-1)
    return tf.reduce_mean(sums / tf.reduce_sum(mask, axis=-1))


@misconception(
    "dnc.masked_loss",
    "adds the bits up",
    says="You divided by the number of steps, so your loss is the sum over the bits of a step. "
    "Average over the bits as well.",
)
def masked_loss(logits, targets, mask):
    losses = tf.nn.sigmoid_cross_entropy_with_logits(labels=targets, logits=logits)
    return tf.reduce_sum(tf.reduce_sum(losses, axis=-1) * mask) / tf.reduce_sum(mask)


@misconception(
    "dnc.masked_loss",
    "adds everything up",
    says="You added the losses up. The sum grows with the batch and with the length, and then the "
    "learning rate means something else each time. Divide by the number of bits that count.",
)
def masked_loss(logits, targets, mask):
    losses = tf.nn.sigmoid_cross_entropy_with_logits(labels=targets, logits=logits)
    return tf.reduce_sum(losses * mask[..., tf.newaxis])


@misconception(
    "dnc.masked_loss",
    "the bits compete",
    says="You used the softmax cross-entropy, in which one bit can only win if the others lose. "
    "Each bit is a question of its own: use the sigmoid cross-entropy.",
)
def masked_loss(logits, targets, mask):
    losses = tf.nn.softmax_cross_entropy_with_logits(labels=targets, logits=logits)
    return tf.reduce_sum(losses * mask) / tf.reduce_sum(mask)


@misconception(
    "dnc.masked_loss",
    "the logarithm of a probability",
    says="Your formula is right on paper, but the probability of a sure and wrong bit is rounded "
    "to 0, and the logarithm of 0 is infinite. `tf.nn.sigmoid_cross_entropy_with_logits` works on "
    "the logits and stays finite.",
)
def masked_loss(logits, targets, mask):
    sure = tf.sigmoid(logits)
    losses = -targets * tf.math.log(sure) - (1 - targets) * tf.math.log(1 - sure)
    return tf.reduce_sum(tf.reduce_mean(losses, axis=-1) * mask) / tf.reduce_sum(mask)


# --- exact_accuracy -----------------------------------------------------------------------------


@misconception(
    "dnc.exact_accuracy",
    "the share of bits",
    says="You counted the bits that are right. A sequence counts only if all of its bits are "
    "right, so 99 of 100 bits is no sequence at all.",
)
def exact_accuracy(logits, targets, mask):
    right = tf.cast((logits > 0) == (targets > 0.5), tf.float32)
    return tf.reduce_sum(tf.reduce_mean(right, axis=-1) * mask) / tf.reduce_sum(mask)


@misconception(
    "dnc.exact_accuracy",
    "the share of steps",
    says="You counted the steps at which all bits are right. A sequence counts only if all of its "
    "steps do: look over both axes, steps and bits, before you average.",
)
def exact_accuracy(logits, targets, mask):
    right = tf.cast(tf.reduce_all((logits > 0) == (targets > 0.5), axis=-1), tf.float32)
    return tf.reduce_sum(right * mask) / tf.reduce_sum(mask)


@misconception(
    "dnc.exact_accuracy",
    "a half as the threshold of a logit",
    says="You took a bit as 1 where its logit is above 0.5. Above 0.5 is for probabilities; a "
    "logit says 1 from 0 on.",
)
def exact_accuracy(logits, targets, mask):
    right = (logits > 0.5) == (targets > 0.5)
    right |= (mask == 0)[..., tf.newaxis]
    return tf.reduce_mean(tf.cast(tf.reduce_all(right, axis=[-2, -1]), tf.float32))


@misconception(
    "dnc.exact_accuracy",
    "leaves the mask out",
    says="You looked at every step. Where the mask is 0 nothing was asked, so what is there may be "
    "wrong and spoils nothing.",
)
def exact_accuracy(logits, targets, mask):
    right = (logits > 0) == (targets > 0.5)
    return tf.reduce_mean(tf.cast(tf.reduce_all(right, axis=[-2, -1]), tf.float32))


@misconception(
    "dnc.exact_accuracy",
    "masked steps count as wrong",
    says="You multiplied by the mask, and 0 reads as wrong: one step that does not count then "
    "spoils its sequence. Such a step should read as right.",
)
def exact_accuracy(logits, targets, mask):
    right = tf.cast((logits > 0) == (targets > 0.5), tf.float32) * mask[..., tf.newaxis]
    return tf.reduce_mean(tf.reduce_min(right, axis=[-2, -1]))


@misconception(
    "dnc.exact_accuracy",
    "masks the logits",
    says="You multiplied the logits by the mask. A logit of 0 reads as the bit 0, which is wrong "
    "wherever the target there is 1. Mask the comparison.",
)
def exact_accuracy(logits, targets, mask):
    right = (logits * mask[..., tf.newaxis] > 0) == (targets > 0.5)
    return tf.reduce_mean(tf.cast(tf.reduce_all(right, axis=[-2, -1]), tf.float32))


@misconception(
    "dnc.exact_accuracy",
    "one right bit is enough",
    says="You asked whether any bit of a sequence is right. All of them must be: `tf.reduce_all`.",
)
def exact_accuracy(logits, targets, mask):
    right = (logits > 0) == (targets > 0.5)
    right &= (mask != 0)[..., tf.newaxis]
    return tf.reduce_mean(tf.cast(tf.reduce_any(right, axis=[-2, -1]), tf.float32))


@misconception(
    "dnc.exact_accuracy",
    "the number of sequences",
    says="You returned how many sequences are right. The share is asked for: divide by the size of "
    "the batch, or take the mean.",
)
def exact_accuracy(logits, targets, mask):
    right = (logits > 0) == (targets > 0.5)
    right |= (mask == 0)[..., tf.newaxis]
    return tf.reduce_sum(tf.cast(tf.reduce_all(right, axis=[-2, -1]), tf.float32))


# --- copy_batch ---------------------------------------------------------------------------------


@misconception(
    "dnc.copy_batch",
    "no end mark",
    says="The end mark is missing. Without it the network cannot tell a vector of zeros from the "
    "end: after the sequence there is one step with a 1 in the last column.",
)
def copy_batch(sequences, longest):
    batch, bits, steps = len(sequences), sequences[0].shape[-1], 2 * longest + 1
    inputs = np.zeros([batch, steps, bits + 1], np.float32)
    targets = np.zeros([batch, steps, bits], np.float32)
    mask = np.zeros([batch, steps], np.float32)
    for row, sequence in enumerate(sequences):
        length = len(sequence)
        if length > longest:
            raise ValueError(f"a sequence of {length} does not fit into {longest}")
        inputs[row, :length, :bits] = sequence
        targets[row, length + 1 : 2 * length + 1] = sequence
        mask[row, length + 1 : 2 * length + 1] = 1
    return inputs, targets, mask


@misconception(
    "dnc.copy_batch",
    "end mark in the first column",
    says="Your end mark stands in the first column, and the bits behind it. The bits keep their "
    "columns; the end mark has the last one.",
)
def copy_batch(sequences, longest):
    batch, bits, steps = len(sequences), sequences[0].shape[-1], 2 * longest + 1
    inputs = np.zeros([batch, steps, bits + 1], np.float32)
    targets = np.zeros([batch, steps, bits], np.float32)
    mask = np.zeros([batch, steps], np.float32)
    for row, sequence in enumerate(sequences):
        length = len(sequence)
        if length > longest:
            raise ValueError(f"a sequence of {length} does not fit into {longest}")
        inputs[row, :length, 1:] = sequence
        inputs[row, length, 0] = 1
        targets[row, length + 1 : 2 * length + 1] = sequence
        mask[row, length + 1 : 2 * length + 1] = 1
    return inputs, targets, mask


@misconception(
    "dnc.copy_batch",
    "no column for the end mark",
    says="Your inputs have as many columns as there are bits, so the end mark looks like a vector "
    "of the sequence. It has a column of its own: bits + 1.",
)
def copy_batch(sequences, longest):
    batch, bits, steps = len(sequences), sequences[0].shape[-1], 2 * longest + 1
    inputs = np.zeros([batch, steps, bits], np.float32)
    targets = np.zeros([batch, steps, bits], np.float32)
    mask = np.zeros([batch, steps], np.float32)
    for row, sequence in enumerate(sequences):
        length = len(sequence)
        if length > longest:
            raise ValueError(f"a sequence of {length} does not fit into {longest}")
        inputs[row, :length] = sequence
        inputs[row, length] = 1
        targets[row, length + 1 : 2 * length + 1] = sequence
        mask[row, length + 1 : 2 * length + 1] = 1
    return inputs, targets, mask


@misconception(
    "dnc.copy_batch",
    "answers at the end mark already",
    says="Your targets begin at the step of the end mark, one too early. The network learns at "
    "that step that the sequence is over; it answers from the next on.",
)
def copy_batch(sequences, longest):
    batch, bits, steps = len(sequences), sequences[0].shape[-1], 2 * longest + 1
    inputs = np.zeros([batch, steps, bits + 1], np.float32)
    targets = np.zeros([batch, steps, bits], np.float32)
    mask = np.zeros([batch, steps], np.float32)
    for row, sequence in enumerate(sequences):
        length = len(sequence)
        if length > longest:
            raise ValueError(f"a sequence of {length} does not fit into {longest}")
        inputs[row, :length, :bits] = sequence
        inputs[row, length, bits] = 1
        targets[row, length : 2 * length] = sequence
        mask[row, length : 2 * length] = 1
    return inputs, targets, mask


@misconception(
    "dnc.copy_batch",
    "every step counts",
    says="Your mask is 1 everywhere. Only the steps at which the sequence is said again count; "
    "before and after them nothing is asked.",
)
def copy_batch(sequences, longest):
    batch, bits, steps = len(sequences), sequences[0].shape[-1], 2 * longest + 1
    inputs = np.zeros([batch, steps, bits + 1], np.float32)
    targets = np.zeros([batch, steps, bits], np.float32)
    for row, sequence in enumerate(sequences):
        length = len(sequence)
        if length > longest:
            raise ValueError(f"a sequence of {length} does not fit into {longest}")
        inputs[row, :length, :bits] = sequence
        inputs[row, length, bits] = 1
        targets[row, length + 1 : 2 * length + 1] = sequence
    return inputs, targets, np.ones([batch, steps], np.float32)


@misconception(
    "dnc.copy_batch",
    "a vector of zeros does not count",
    says="You made the mask of the targets: 1 where one of the bits is 1. A sequence may hold a "
    "vector of zeros, and that is to be said again too. The length decides.",
)
def copy_batch(sequences, longest):
    batch, bits, steps = len(sequences), sequences[0].shape[-1], 2 * longest + 1
    inputs = np.zeros([batch, steps, bits + 1], np.float32)
    targets = np.zeros([batch, steps, bits], np.float32)
    for row, sequence in enumerate(sequences):
        length = len(sequence)
        if length > longest:
            raise ValueError(f"a sequence of {length} does not fit into {longest}")
        inputs[row, :length, :bits] = sequence
        inputs[row, length, bits] = 1
        targets[row, length + 1 : 2 * length + 1] = sequence
    return inputs, targets, targets.any(axis=-1).astype(np.float32)


@misconception(
    "dnc.copy_batch",
    "everyone waits for the longest",
    says="You put the end mark at step `longest` for every sequence, and the answers behind it. "
    "Each sequence has its end mark right after its own last vector.",
)
def copy_batch(sequences, longest):
    batch, bits, steps = len(sequences), sequences[0].shape[-1], 2 * longest + 1
    inputs = np.zeros([batch, steps, bits + 1], np.float32)
    targets = np.zeros([batch, steps, bits], np.float32)
    mask = np.zeros([batch, steps], np.float32)
    for row, sequence in enumerate(sequences):
        length = len(sequence)
        if length > longest:
            raise ValueError(f"a sequence of {length} does not fit into {longest}")
        inputs[row, :length, :bits] = sequence
        inputs[row, longest, bits] = 1
        targets[row, longest + 1 : longest + 1 + length] = sequence
        mask[row, longest + 1 : longest + 1 + length] = 1
    return inputs, targets, mask


@misconception(
    "dnc.copy_batch",
    "the answers wait for the longest",
    says="Your end mark is where it belongs, but the answers begin after step `longest`. Each "
    "sequence is said again right after its own end mark: from step n + 1 on, for n vectors.",
)
def copy_batch(sequences, longest):
    batch, bits, steps = len(sequences), sequences[0].shape[-1], 2 * longest + 1
    inputs = np.zeros([batch, steps, bits + 1], np.float32)
    targets = np.zeros([batch, steps, bits], np.float32)
    mask = np.zeros([batch, steps], np.float32)
    for row, sequence in enumerate(sequences):
        length = len(sequence)
        if length > longest:
            raise ValueError(f"a sequence of {length} does not fit into {longest}")
        inputs[row, :length, :bits] = sequence
        inputs[row, length, bits] = 1
        targets[row, longest + 1 : longest + 1 + length] = sequence
        mask[row, longest + 1 : longest + 1 + length] = 1
    return inputs, targets, mask


@misconception(
    "dnc.copy_batch",
    "makes float64 arrays",
    says="Your numbers are right, but NumPy's zeros are float64 unless told, and TensorFlow "
    "refuses to mix float64 with the float32 of its layers. Write `np.zeros(shape, np.float32)` "
    "for all three arrays.",
)
def copy_batch(sequences, longest):
    batch, bits, steps = len(sequences), sequences[0].shape[-1], 2 * longest + 1
    inputs = np.zeros([batch, steps, bits + 1])
    targets = np.zeros([batch, steps, bits])
    mask = np.zeros([batch, steps])
    for row, sequence in enumerate(sequences):
        length = len(sequence)
        if length > longest:
            raise ValueError(f"a sequence of {length} does not fit into {longest}")
        inputs[row, :length, :bits] = sequence
        inputs[row, length, bits] = 1
        targets[row, length + 1 : 2 * length + 1] = sequence
        mask[row, length + 1 : 2 * length + 1] = 1
    return inputs, targets, mask


@misconception(
    "dnc.copy_batch",
    "as long as the batch needs",
    says="You made the arrays as long as the longest sequence of this batch needs. They have "
    "2 · longest + 1 steps, whatever was drawn, so that all batches have one shape.",
)
def copy_batch(sequences, longest):
    bits, needed = sequences[0].shape[-1], max(map(len, sequences))
    if needed > longest:
        raise ValueError(f"a sequence of {needed} does not fit into {longest}")
    inputs = np.zeros([len(sequences), 2 * needed + 1, bits + 1], np.float32)
    targets = np.zeros([len(sequences), 2 * needed + 1, bits], np.float32)
    mask = np.zeros([len(sequences), 2 * needed + 1], np.float32)
    for row, sequence in enumerate(sequences):
        length = len(sequence)
        inputs[row, :length, :bits] = sequence
        inputs[row, length, bits] = 1
        targets[row, length + 1 : 2 * length + 1] = sequence
        mask[row, length + 1 : 2 * length + 1] = 1
    return inputs, targets, mask


@misconception(
    "dnc.copy_batch",
    "cuts what is too long",
    says="You cut a sequence that is too long. Nobody would notice that a part of it was lost: "
    "raise ValueError.",
)
def copy_batch(sequences, longest):
    batch, bits, steps = len(sequences), sequences[0].shape[-1], 2 * longest + 1
    inputs = np.zeros([batch, steps, bits + 1], np.float32)
    targets = np.zeros([batch, steps, bits], np.float32)
    mask = np.zeros([batch, steps], np.float32)
    for row, sequence in enumerate(sequences):
        sequence = sequence[:longest]
        length = len(sequence)
        inputs[row, :length, :bits] = sequence
        inputs[row, length, bits] = 1
        targets[row, length + 1 : 2 * length + 1] = sequence
        mask[row, length + 1 : 2 * length + 1] = 1
    return inputs, targets, mask


# --- encode_story -------------------------------------------------------------------------------


@misconception(
    "dnc.encode_story",
    "counts the words",
    says="You counted how often each word stands there. A word is in a sentence or it is not: "
    "write 1, whatever was there before.",
)
def encode_story(sentences, vocabulary):
    story = np.zeros([len(sentences), len(vocabulary)], np.float32)
    for row, sentence in enumerate(sentences):
        for word in sentence.split():
            if word not in vocabulary:
                raise ValueError(f"{word!r} is not in the vocabulary")
            story[row, vocabulary.index(word)] += 1
    return story


@misconception(
    "dnc.encode_story",
    "sorts the vocabulary",
    says="You sorted the vocabulary, so the columns no longer belong to the words of the list that "
    "was given. Keep its order.",
)
def encode_story(sentences, vocabulary):
    vocabulary = sorted(vocabulary)
    story = np.zeros([len(sentences), len(vocabulary)], np.float32)
    for row, sentence in enumerate(sentences):
        for word in sentence.split():
            if word not in vocabulary:
                raise ValueError(f"{word!r} is not in the vocabulary")
            story[row, vocabulary.index(word)] = 1
    return story


@misconception(
    "dnc.encode_story",
    "passes over unknown words",
    says="You passed over a word that is not in the vocabulary. A misspelled name would vanish "
    "from the story without a trace: raise ValueError and name the word.",
)
def encode_story(sentences, vocabulary):
    story = np.zeros([len(sentences), len(vocabulary)], np.float32)
    for row, sentence in enumerate(sentences):
        for word in sentence.split():
            if word in vocabulary:
                story[row, vocabulary.index(word)] = 1
    return story


@misconception(
    "dnc.encode_story",
    "finds words inside words",
    says="You looked for each word inside the text of the sentence, and so *kit* was found in "
    "*kitchen*. Cut the sentence into words first: `sentence.split()`.",
)
def encode_story(sentences, vocabulary):
    for sentence in sentences:
        for word in sentence.split():
            if word not in vocabulary:
                raise ValueError(f"{word!r} is not in the vocabulary")
    return np.array([[word in text for word in vocabulary] for text in sentences], np.float32)


@misconception(
    "dnc.encode_story",
    "cuts at every single space",
    says="You cut with `split(' ')`, which finds an empty word between two spaces. `split()` "
    "without an argument takes any number of spaces as one.",
)
def encode_story(sentences, vocabulary):
    story = np.zeros([len(sentences), len(vocabulary)], np.float32)
    for row, sentence in enumerate(sentences):
        for word in sentence.split(" "):
            if word not in vocabulary:
                raise ValueError(f"{word!r} is not in the vocabulary")
            story[row, vocabulary.index(word)] = 1
    return story


@misconception(
    "dnc.encode_story",
    "truth values in place of numbers",
    says="Your array holds True and False. The network computes with numbers: float32, with 1 for "
    "a word that is there.",
)
def encode_story(sentences, vocabulary):
    story = np.zeros([len(sentences), len(vocabulary)], bool)
    for row, sentence in enumerate(sentences):
        for word in sentence.split():
            if word not in vocabulary:
                raise ValueError(f"{word!r} is not in the vocabulary")
            story[row, vocabulary.index(word)] = True
    return story


@misconception(
    "dnc.encode_story",
    "whole numbers",
    says="Your array holds integers. The network computes with floats: make it with "
    "`np.zeros(shape, np.float32)`.",
)
def encode_story(sentences, vocabulary):
    story = np.zeros([len(sentences), len(vocabulary)], int)
    for row, sentence in enumerate(sentences):
        for word in sentence.split():
            if word not in vocabulary:
                raise ValueError(f"{word!r} is not in the vocabulary")
            story[row, vocabulary.index(word)] = 1
    return story


@misconception(
    "dnc.encode_story",
    "makes a float64 array",
    says="Your numbers are right, but NumPy's zeros are float64 unless told, and TensorFlow "
    "refuses to mix float64 with the float32 of its layers. Write `np.zeros(shape, np.float32)`.",
)
def encode_story(sentences, vocabulary):
    story = np.zeros([len(sentences), len(vocabulary)])
    for row, sentence in enumerate(sentences):
        for word in sentence.split():
            if word not in vocabulary:
                raise ValueError(f"{word!r} is not in the vocabulary")
            story[row, vocabulary.index(word)] = 1
    return story


@misconception(
    "dnc.encode_story",
    "one row for the whole story",
    says="You put all sentences into one row. Each sentence is a step for the network and has a "
    "row of its own.",
)
def encode_story(sentences, vocabulary):
    story = np.zeros(len(vocabulary), np.float32)
    for word in " ".join(sentences).split():
        if word not in vocabulary:
            raise ValueError(f"{word!r} is not in the vocabulary")
        story[vocabulary.index(word)] = 1
    return story


@misconception(
    "dnc.encode_story",
    "the error without a name",
    says="Your error is a KeyError. The exercise asks for ValueError, with the word in its "
    "message, so that whoever wrote the story finds the slip.",
)
def encode_story(sentences, vocabulary):
    columns = {word: column for column, word in enumerate(vocabulary)}
    story = np.zeros([len(sentences), len(vocabulary)], np.float32)
    for row, sentence in enumerate(sentences):
        for word in sentence.split():
            story[row, columns[word]] = 1
    return story


# What the answers of a chapter call, as it stands there and not as it is misunderstood above.
memory_step, parse_interface = dnc.memory_step, dnc.parse_interface
