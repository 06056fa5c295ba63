"""The Differentiable Neural Computer: a controller that learns to use the memory of ``mem_ops``.

The machine is the one of Graves et al. 2016, "Hybrid computing using a neural network with dynamic
external memory", Nature 538. N counts the slots of the memory, W the numbers in a slot and R the
read heads; any number of batch axes may stand in front.
"""

import numpy as np
import tensorflow as tf

from lab.memory_cell import MemoryCell
from solutions import mem_ops


def parse_interface(vector, word_size, read_heads):
    """Cut the controller's interface vector into named parts and squash each into its range.

    ``vector`` has shape [..., W·R + 3W + 5R + 3], any real numbers, with W = ``word_size`` and
    R = ``read_heads``. Returns a dict, in the order in which the parts lie in the vector:

    - "read_keys" [..., R, W], as they are; "read_strengths" [..., R], oneplus;
    - "write_key" [..., W], as it is; "write_strength" [...], oneplus;
    - "erase" [..., W], sigmoid; "write_vector" [..., W], as it is;
    - "free_gates" [..., R], "allocation_gate" [...] and "write_gate" [...], sigmoid;
    - "read_modes" [..., R, 3], softmax over the three modes of a head.

    oneplus(x) = 1 + log(1 + eˣ), also for large x. Where a part has the shape [..., R, W] or
    [..., R, 3], the first head comes first. Raises ValueError when the last axis has another size.

    Graves et al. 2016, "Interface parameters".
    """
    words, heads = word_size, read_heads
    sizes = [heads * words, heads, words, 1, words, words, heads, 1, 1, 3 * heads]
    if vector.shape[-1] != sum(sizes):
        raise ValueError(f"the interface has {sum(sizes)} numbers, but {vector.shape[-1]} came")
    parts = tf.split(vector, sizes, axis=-1)
    keys, strengths, key, strength, erase, write, free, allocate, gate, modes = parts
    batch = tf.shape(vector)[:-1]
    return {
        "read_keys": tf.reshape(keys, tf.concat([batch, [heads, words]], axis=0)),
        "read_strengths": 1 + tf.nn.softplus(strengths),
        "write_key": key,
        "write_strength": 1 + tf.nn.softplus(strength[..., 0]),
        "erase": tf.sigmoid(erase),
        "write_vector": write,
        "free_gates": tf.sigmoid(free),
        "allocation_gate": tf.sigmoid(allocate[..., 0]),
        "write_gate": tf.sigmoid(gate[..., 0]),
        "read_modes": tf.nn.softmax(tf.reshape(modes, tf.concat([batch, [heads, 3]], axis=0))),
    }


def memory_step(state, interface):
    """Let one step pass in the memory: free, allocate, write, link, read.

    ``state`` is a dict with the memory after the step before: "memory" [..., N, W], "usage",
    "precedence" and "write_weights" [..., N], "link" [..., N, N], "read_weights" [..., R, N] and
    "read_vectors" [..., R, W]. ``interface`` is what ``parse_interface`` returns. Returns a new
    dict with the same names; the one given is left as it was.

    Everything on the way uses what there is at that moment: the usage is made from the old write
    and read weights, the write looks its key up in the old memory, the link uses the old
    precedence; the heads follow the new link from their old weights, and look up and read in the
    new memory.

    Graves et al. 2016, Methods.
    """
    kept = mem_ops.retention(interface["free_gates"], state["read_weights"])
    usage = mem_ops.update_usage(state["usage"], state["write_weights"], kept)

    write_weights = mem_ops.write_weighting(
        mem_ops.allocation_weighting(usage),
        mem_ops.content_weighting(
            state["memory"],
            interface["write_key"][..., tf.newaxis, :],
            interface["write_strength"][..., tf.newaxis],
        )[..., 0, :],
        interface["write_gate"],
        interface["allocation_gate"],
    )
    memory = mem_ops.write_memory(
        state["memory"], write_weights, interface["erase"], interface["write_vector"]
    )

    link = mem_ops.update_link(state["link"], write_weights, state["precedence"])
    forward, backward = mem_ops.forward_and_backward(link, state["read_weights"])
    content = mem_ops.content_weighting(memory, interface["read_keys"], interface["read_strengths"])
    read_weights = mem_ops.read_weighting(backward, content, forward, interface["read_modes"])
    return {
        "memory": memory,
        "usage": usage,
        "link": link,
        "precedence": mem_ops.update_precedence(state["precedence"], write_weights),
        "write_weights": write_weights,
        "read_weights": read_weights,
        "read_vectors": mem_ops.read_memory(memory, read_weights),
    }


class DNCCell(MemoryCell):
    """One step of the whole network, to be run over a sequence by ``tf.keras.layers.RNN``.

    ``MemoryCell`` has the layers and says what the states are. ``call`` gets the inputs
    [batch, features] and the list of states; it returns the output [batch, output size] and the
    list of new states, in the same order.

    The controller gets the inputs and the words that the heads read a step ago, [batch, R·W],
    joined; a controller with states of its own gets these too, as ``controller(x, states)``, and
    returns (result, new states). ``to_interface`` makes the interface vector of its result, and the
    memory does a step. The output is ``from_controller`` of the result plus ``from_memory`` of the
    words read at this step, [batch, R·W].

    Graves et al. 2016, Methods: y = W_y h + W_r r.
    """

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
        return output, [*(state[name] for name in self.memory_shapes), *own]


def masked_loss(logits, targets, mask):
    """Return how wrong the outputs are at the steps that count, as one number.

    ``logits`` and ``targets`` have shape [batch, steps, bits]: any real number for each bit, where
    above 0 means 1, and what the bit should be, 0 or 1. ``mask`` [batch, steps] is 1 at the steps
    that count and 0 elsewhere; what happens there has no influence. The loss is the sigmoid
    cross-entropy, averaged over all bits of all steps that count, whichever sequence they are in.
    """
    losses = tf.nn.sigmoid_cross_entropy_with_logits(labels=targets, logits=logits)
    by_step = tf.reduce_mean(losses, axis=-1)
    return tf.reduce_sum(by_step * mask) / tf.reduce_sum(mask)


def copy_batch(sequences, longest):
    """Make the copy task of sequences: see them, see the end mark, say them again.

    ``sequences`` is a list of arrays [length, bits] of 0 and 1, of any lengths from 1 to
    ``longest``. Returns float32 arrays (inputs, targets, mask) with 2 · longest + 1 steps:

    - inputs [batch, steps, bits + 1]: the sequence, then one step with a 1 in the last column, the
      end mark, and all zeros after it;
    - targets [batch, steps, bits]: the sequence once more, from the step after the end mark on;
    - mask [batch, steps]: 1 at the steps where the targets hold the sequence, 0 elsewhere.

    Raises ValueError when a sequence is longer than ``longest``.

    Graves et al. 2014, "Neural Turing Machines", section 4.1.
    """
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
        targets[row, length + 1 : 2 * length + 1] = sequence
        mask[row, length + 1 : 2 * length + 1] = 1
    return inputs, targets, mask


def encode_story(sentences, vocabulary):
    """Turn a story into one vector for each sentence, with a 1 for each word that is in it.

    ``sentences`` is a list of strings, their words separated by spaces; ``vocabulary`` is a list of
    words. Returns a float32 array [sentences, words of the vocabulary]. A word counts once, however
    often it stands in the sentence, and the order of the words is lost.
    Raises ValueError, naming the word, when one is not in the vocabulary.

    >>> encode_story(["Ada is here", "is Ada"], ["Ada", "here", "is"])
    array([[1., 1., 1.],
           [1., 0., 1.]], dtype=float32)
    """
    story = np.zeros([len(sentences), len(vocabulary)], np.float32)
    for row, sentence in enumerate(sentences):
        for word in sentence.split():
            if word not in vocabulary:
                raise ValueError(f"{word!r} is not in the vocabulary")
            story[row, vocabulary.index(word)] = 1
    return story


def exact_accuracy(logits, targets, mask):
    """Return the share of sequences in which every bit that counts is right.

    Shapes and meaning are those of ``masked_loss``. One wrong bit spoils its sequence; steps where
    ``mask`` is 0 spoil nothing. Returns a number from 0 to 1.
    """
    right = (tf.convert_to_tensor(logits) > 0) == (tf.convert_to_tensor(targets) > 0.5)
    right |= (tf.convert_to_tensor(mask) == 0)[..., tf.newaxis]
    return tf.reduce_mean(tf.cast(tf.reduce_all(right, axis=[-2, -1]), tf.float32))
