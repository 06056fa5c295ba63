"""What Keras wants of a layer that is run over a sequence, for a network with a memory."""

import tensorflow as tf


class MemoryCell(tf.keras.layers.Layer):
    """The layers and the states of a network with a memory; a subclass writes ``call``.

    ``controller`` is a Keras layer: ``Dense``, or a cell with a list of states such as
    ``LSTMCell``. The memory has ``slots`` slots of ``word_size`` numbers and is read by
    ``read_heads`` heads; each output has ``output_size`` numbers.

    Three dense layers are ready: ``to_interface`` makes the interface vector of the controller's
    result, ``from_controller`` and ``from_memory`` make the two parts of the output.
    ``memory_shapes`` holds name and shape of each part of the memory's state, without the batch
    axis. ``tf.keras.layers.RNN`` passes these from step to step as a flat list, all zeros at first,
    followed by the states of the controller.
    """

    def __init__(self, controller, output_size, slots, word_size, read_heads, **kwargs):
        super().__init__(**kwargs)
        self.controller, self.output_size = controller, output_size
        self.slots, self.word_size, self.read_heads = slots, word_size, read_heads
        interface_size = word_size * read_heads + 3 * word_size + 5 * read_heads + 3
        self.to_interface = tf.keras.layers.Dense(interface_size)
        self.from_controller = tf.keras.layers.Dense(output_size)
        self.from_memory = tf.keras.layers.Dense(output_size, use_bias=False)
        self.memory_shapes = {
            "memory": (slots, word_size),
            "usage": (slots,),
            "precedence": (slots,),
            "write_weights": (slots,),
            "link": (slots, slots),
            "read_weights": (read_heads, slots),
            "read_vectors": (read_heads, word_size),
        }
        controller_shapes = [(size,) for size in getattr(controller, "state_size", [])]
        self.state_size = [*self.memory_shapes.values(), *controller_shapes]

    def get_initial_state(self, batch_size=None):
        return [tf.zeros([batch_size, *shape]) for shape in self.state_size]

    def build(self, input_shape):
        # A step on zeros shows each inner layer its input, and the layer makes its weights.
        self.call(tf.zeros([1, input_shape[-1]]), self.get_initial_state(1))
        self.built = True

    def get_config(self):
        return {
            **super().get_config(),
            "controller": tf.keras.layers.serialize(self.controller),
            "output_size": self.output_size,
            "slots": self.slots,
            "word_size": self.word_size,
            "read_heads": self.read_heads,
        }

    @classmethod
    def from_config(cls, config):
        controller = tf.keras.layers.deserialize(config["controller"])
        return cls(**{**config, "controller": controller})
