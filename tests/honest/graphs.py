"""TensorFlow: tensors in place of arrays, graphs and what it logs. These ideas take long."""

from autograder import demo
from tests.honest import honest


@honest("05_attention")
def tensors_in_place_of_arrays(work):
    """Answers return tensors and variables where arrays are spoken of, and arrays for tensors."""
    for exercise, change in (
        ("attention.match_scores", "tf.constant"),
        ("attention.top_matches", "tf.constant"),
        ("attention.soft_lookup", "(lambda pair: [tf.Variable(part) for part in pair])"),
        ("attention.self_attention_loop", "tf.Variable"),
        ("attention.causal_mask", "np.array"),
        ("attention.padding_mask", "np.array"),
        ("attention.positional_encoding", "tf.constant"),
    ):
        name = exercise.partition(".")[2]
        work.write(
            exercise,
            f"{demo.right(exercise)}\n\n\ngiven_{name} = {name}\n"
            f"{name} = lambda *inputs: {change}(given_{name}(*inputs))",
        )


@honest("05_attention")
def graphs_that_retrace(work):
    """Answers are graphs, which are traced again for each shape, and TensorFlow warns of it."""
    work.add(
        "import os\nos.environ['TF_CPP_MIN_LOG_LEVEL'] = '0'\n"
        "tf.get_logger().setLevel('DEBUG')\ntf.debugging.set_log_device_placement(True)\n"
        "for size in range(8):\n    tf.function(lambda x: x + 1)(tf.zeros(size))",
        before=work.cell("attention.match_scores"),
    )
    for exercise in (
        "attention.attention",
        "attention.causal_mask",
        "attention.padding_mask",
        "attention.split_heads",
        "attention.multi_head_attention",
    ):
        source = demo.begin_with(exercise, "print('tracing')\ntf.print('running')")
        work.write(exercise, "@tf.function\n" + source)


@honest("04_tape")
def settings_of_tensorflow(work):
    """Functions run eagerly, seeds and logs are set, and single precision is the default."""
    work.add(
        "tf.random.set_seed(1)\ntf.keras.utils.set_random_seed(1)\n"
        "tf.config.run_functions_eagerly(True)\ntf.keras.backend.set_floatx('float64')\n"
        "tf.get_logger().setLevel('ERROR')\ntf.config.set_visible_devices([], 'GPU')\n"
        "tf.config.threading.set_intra_op_parallelism_threads(1)",
        before=work.cell("tape.derivative"),
    )
    for exercise in work.exercises:
        work.write(exercise, demo.begin_with(exercise, "tf.print('here', summarize=-1)"))
