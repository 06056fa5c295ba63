"""Correct solutions of the controller's side of the DNC that do not look like the reference."""

import numpy as np
import tensorflow as tf

from lab.memory_cell import MemoryCell
from solutions import mem_ops
from tests.alternatives import alternative


@alternative("dnc.parse_interface", "slices, one after the other")
def parse_interface(vector, word_size, read_heads):
    if vector.shape[-1] != word_size * read_heads + 3 * word_size + 5 * read_heads + 3:
        raise ValueError("the interface has another size")
    place = 0

    def take(count):
        nonlocal place
        place += count
        return vector[..., place - count : place]

    def oneplus(x):
        return 1 + tf.maximum(x, 0) + tf.math.log1p(tf.exp(-tf.abs(x)))

    parts = {"read_keys": tf.stack([take(word_size) for _ in range(read_heads)], axis=-2)}
    parts["read_strengths"] = oneplus(take(read_heads))
    parts["write_key"] = take(word_size)
    parts["write_strength"] = tf.squeeze(oneplus(take(1)), axis=-1)
    parts["erase"] = tf.sigmoid(take(word_size))
    parts["write_vector"] = take(word_size)
    parts["free_gates"] = tf.sigmoid(take(read_heads))
    parts["allocation_gate"] = tf.squeeze(tf.sigmoid(take(1)), axis=-1)
    parts["write_gate"] = tf.squeeze(tf.sigmoid(take(1)), axis=-1)
    parts["read_modes"] = tf.stack([tf.nn.softmax(take(3)) for _ in range(read_heads)], axis=-2)
    return parts


@alternative("dnc.parse_interface", "all gates squashed at once, names in another order")
def parse_interface(vector, word_size, read_heads):
    keys = word_size * read_heads
    rest = [read_heads, word_size, 1, word_size, word_size, read_heads + 2, 3 * read_heads]
    if keys + sum(rest) != vector.shape[-1]:
        raise ValueError
    keys, strengths, key, strength, erase, write, gates, modes = tf.split(vector, [keys, *rest], -1)
    gates = 1 / (1 + tf.exp(-gates))
    modes = tf.stack(tf.split(modes, read_heads, axis=-1), axis=-2)
    exps = tf.exp(modes - tf.reduce_max(modes, axis=-1, keepdims=True))
    return {
        "write_gate": gates[..., -1],
        "allocation_gate": gates[..., -2],
        "free_gates": gates[..., :-2],
        "read_modes": exps / tf.reduce_sum(exps, axis=-1, keepdims=True),
        "read_keys": tf.stack(tf.split(keys, read_heads, axis=-1), axis=-2),
        "read_strengths": tf.nn.softplus(strengths) + 1,
        "write_key": key,
        "write_strength": tf.reduce_sum(tf.nn.softplus(strength) + 1, axis=-1),
        "erase": tf.nn.sigmoid(erase),
        "write_vector": write,
    }


@alternative("dnc.memory_step", "a copy that is brought up to date line by line")
def memory_step(state, interface):
    state, old = dict(state), state
    kept = mem_ops.retention(interface["free_gates"], state["read_weights"])
    state["usage"] = mem_ops.update_usage(state["usage"], state["write_weights"], kept)
    key, strength = interface["write_key"], interface["write_strength"]
    found = mem_ops.content_weighting(
        state["memory"], tf.expand_dims(key, -2), tf.expand_dims(strength, -1)
    )
    state["write_weights"] = mem_ops.write_weighting(
        mem_ops.allocation_loop(state["usage"]),
        tf.squeeze(found, axis=-2),
        interface["write_gate"],
        interface["allocation_gate"],
    )
    state["memory"] = mem_ops.write_memory(
        state["memory"], state["write_weights"], interface["erase"], interface["write_vector"]
    )
    state["link"] = mem_ops.link_loop(state["link"], state["write_weights"], state["precedence"])
    state["precedence"] = mem_ops.update_precedence(state["precedence"], state["write_weights"])
    on, back = mem_ops.forward_and_backward(state["link"], old["read_weights"])
    found = mem_ops.content_weighting(
        state["memory"], interface["read_keys"], interface["read_strengths"]
    )
    state["read_weights"] = mem_ops.read_weighting(back, found, on, interface["read_modes"])
    state["read_vectors"] = mem_ops.read_memory(state["memory"], state["read_weights"])
    return state


@alternative("dnc.memory_step", "formulas of the paper as sums over indices")
def memory_step(state, interface):
    old, xi = state, interface

    def lookup(memory, keys, strengths):
        dots = tf.einsum("...rw,...nw->...rn", keys, memory)
        squares = tf.reduce_sum(keys**2, -1)[..., None] * tf.reduce_sum(memory**2, -1)[..., None, :]
        cosines = dots * tf.math.rsqrt(tf.maximum(squares, 1e-12))
        return tf.nn.softmax(strengths[..., None] * cosines)

    kept = tf.reduce_prod(1 - xi["free_gates"][..., None] * old["read_weights"], axis=-2)
    usage = (1 - (1 - old["usage"]) * (1 - old["write_weights"])) * kept
    freer = usage[..., None, :] < usage[..., :, None]
    index = tf.range(usage.shape[-1])
    freer |= (usage[..., None, :] == usage[..., :, None]) & (index < index[:, None])
    free = (1 - usage) * tf.reduce_prod(tf.where(freer, usage[..., None, :], 1), axis=-1)
    by_content = lookup(
        old["memory"], xi["write_key"][..., None, :], xi["write_strength"][..., None]
    )
    gate = xi["allocation_gate"][..., None]
    write = xi["write_gate"][..., None] * (gate * free + (1 - gate) * by_content[..., 0, :])
    kept = 1 - tf.einsum("...n,...w->...nw", write, xi["erase"])
    memory = old["memory"] * kept + tf.einsum("...n,...w->...nw", write, xi["write_vector"])
    link = (1 - write[..., :, None] - write[..., None, :]) * old["link"]
    link += tf.einsum("...i,...j->...ij", write, old["precedence"])
    link *= 1 - tf.eye(usage.shape[-1])
    ways = [
        tf.einsum("...ij,...ri->...rj", link, old["read_weights"]),
        lookup(memory, xi["read_keys"], xi["read_strengths"]),
        tf.einsum("...ij,...rj->...ri", link, old["read_weights"]),
    ]
    read = tf.einsum("...rm,m...rn->...rn", xi["read_modes"], tf.stack(ways))
    return {
        "read_vectors": tf.einsum("...rn,...nw->...rw", read, memory),
        "read_weights": read,
        "write_weights": write,
        "memory": memory,
        "usage": usage,
        "precedence": old["precedence"] * (1 - tf.reduce_sum(write, -1, keepdims=True)) + write,
        "link": link,
    }


@alternative("dnc.DNCCell", "states by name, read vectors joined head by head")
class DNCCell(MemoryCell):
    def call(self, inputs, states):
        names = ["memory", "usage", "precedence", "write_weights", "link", "read_weights"]
        state = {name: states[i] for i, name in enumerate([*names, "read_vectors"])}
        inputs = tf.concat([inputs, *tf.unstack(state["read_vectors"], axis=1)], axis=1)
        result, own = self.ask(inputs, states[7:])
        parts = parse_interface(self.to_interface(result), self.word_size, self.read_heads)
        new = memory_step(state, parts)
        words = tf.concat(tf.unstack(new["read_vectors"], axis=1), axis=1)
        new = [new[name] for name in names] + [new["read_vectors"]]
        return self.from_memory(words) + self.from_controller(result), new + list(own)

    def ask(self, inputs, own):
        if hasattr(self.controller, "state_size"):
            return self.controller(inputs, own)
        return self.controller(inputs), []


@alternative("dnc.DNCCell", "a flatten layer, and a tuple of states")
class DNCCell(MemoryCell):
    def call(self, inputs, states):
        flat = tf.keras.layers.Flatten()
        *memory, last = states[:7]
        state = dict(zip(self.memory_shapes, [*memory, last], strict=True))
        given = tf.keras.layers.concatenate([inputs, flat(last)])
        answer = self.controller(given, *([states[7:]] if len(states) > 7 else []))
        hidden, *own = answer if isinstance(answer, tuple) else [answer]
        interface = self.to_interface(hidden)
        new = memory_step(state, parse_interface(interface, self.word_size, self.read_heads))
        output = tf.add_n(
            [self.from_controller(hidden), self.from_memory(flat(new["read_vectors"]))]
        )
        return output, (*map(new.get, self.memory_shapes), *tf.nest.flatten(own))


@alternative("dnc.masked_loss", "picks the steps that count")
def masked_loss(logits, targets, mask):
    logits, targets = logits[mask > 0], targets[mask > 0]
    return tf.reduce_mean(tf.nn.softplus(logits) - targets * logits)


@alternative("dnc.masked_loss", "Keras's loss with weights")
def masked_loss(logits, targets, mask):
    losses = tf.keras.losses.binary_crossentropy(targets, logits, from_logits=True)
    return tf.tensordot(losses, mask, axes=[[0, 1], [0, 1]]) / tf.math.count_nonzero(
        mask, dtype=tf.float32
    )


@alternative("dnc.exact_accuracy", "counts the wrong bits of each sequence")
def exact_accuracy(logits, targets, mask):
    bits = tf.cast(logits > 0, tf.float32)
    wrong = tf.einsum("btx,bt->b", tf.abs(bits - targets), mask)
    return tf.reduce_mean(tf.where(wrong == 0, 1.0, 0.0))


@alternative("dnc.exact_accuracy", "loops")
def exact_accuracy(logits, targets, mask):
    right = 0
    for said, meant, counts in zip(
        np.array(logits), np.array(targets), np.array(mask), strict=True
    ):
        asked = counts == 1
        right += np.array_equal(said[asked] > 0, meant[asked] == 1)
    return right / len(logits)


@alternative("dnc.copy_batch", "puts blocks together")
def copy_batch(sequences, longest):
    inputs, targets, mask = [], [], []
    for sequence in sequences:
        length, bits = sequence.shape
        if length > longest:
            raise ValueError("too long")
        rest = 2 * (longest - length)
        before, after = np.zeros([length + 1, bits]), np.zeros([rest, bits])
        targets.append(np.concatenate([before, sequence, after]))
        seen = np.concatenate([sequence, np.zeros([2 * longest + 1 - length, bits])])
        inputs.append(np.column_stack([seen, np.arange(2 * longest + 1) == length]))
        mask.append([0.0] * (length + 1) + [1.0] * length + [0.0] * rest)
    return tuple(np.array(part, "float32") for part in (inputs, targets, mask))


@alternative("dnc.copy_batch", "padded, and moved by the length")
def copy_batch(sequences, longest):
    lengths = np.array([len(sequence) for sequence in sequences])
    if lengths.max() > longest:
        raise ValueError("too long")
    steps = 2 * longest + 1
    padded = [np.pad(s, [(0, steps - len(s)), (0, 0)]).astype("float32") for s in sequences]
    moved = [np.roll(s, length + 1, axis=0) for s, length in zip(padded, lengths, strict=True)]
    ends = tf.one_hot(lengths, steps)[..., tf.newaxis]
    places = np.arange(steps)
    mask = (places > lengths[:, np.newaxis]) & (places <= 2 * lengths[:, np.newaxis])
    return tf.concat([np.stack(padded), ends], axis=-1), np.stack(moved), mask.astype("float32")


@alternative("dnc.encode_story", "asks for each word of the vocabulary")
def encode_story(sentences, vocabulary):
    story = [set(sentence.split()) for sentence in sentences]
    unknown = set().union(*story) - set(vocabulary)
    if unknown:
        raise ValueError(f"not in the vocabulary: {unknown}")
    return np.array([[word in words for word in vocabulary] for words in story], "float32")


@alternative("dnc.encode_story", "the largest of one-hot rows")
def encode_story(sentences, vocabulary):
    rows = dict(zip(vocabulary, tf.eye(len(vocabulary)), strict=True))
    try:
        return tf.stack([tf.reduce_max([rows[w] for w in s.split()], axis=0) for s in sentences])
    except KeyError as error:
        raise ValueError(f"{error} is not in the vocabulary") from None


# What the answers of a chapter call, as it stands there and not as it is rewritten above.
from solutions.dnc import memory_step, parse_interface
