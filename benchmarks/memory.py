"""How long do the memory's operations take, and a training step of the whole network?

    python benchmarks/memory.py [--quick] [--torch-python PATH]

First the link update and the allocation of 16 memories of N slots: as a loop, as a vector, and the
vector compiled by `jit_compile`. The loop is left out where tracing it would take ten seconds.

Then one training step on 16 sequences of 20 steps: ours, beside the PyTorch DNC of PyPI (`dnc`);
PATH is a Python that has it. Each contender is a process with threads of its own, and they take
turns; PyTorch gets one thread or two, whichever is faster in a first trial. The floor is the time
for the step's arithmetic, or for its traffic, at the best rates that NumPy reaches here.

Times are medians. A share is a time divided by that of the vector, or of our step, in the same
round; the median again.
"""

import argparse
import os
import subprocess
import sys
from statistics import median

import numpy as np
from turns import seconds, share, take_turns

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")

BATCH, STEPS, BITS, HIDDEN = 16, 20, 8, 64
SLOTS, WORD_SIZE, HEADS = 64, 16, 4
PATIENCE = 10  # seconds for tracing a loop
CHAIN = 500  # nodes in each turn of the loop that measures the least cost of a node


def use_threads(intra, inter):
    """Set TensorFlow's threads; 0 leaves the choice to it."""
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(intra)
    tf.config.threading.set_inter_op_parallelism_threads(inter)


# The operations


def operations(sizes, rounds):
    from solutions import mem_ops

    use_threads(1, 2)
    Timed(abs, [[1]])  # the first trace of a process takes longer
    print(f"{'operation':25}{'N':>4}  {'version':9}{'nodes':>7}{'tracing':>10}", end="")
    print(f"{'first run':>11}{'each':>12}{'share':>8}")
    link = ("link", mem_ops.link_loop, mem_ops.update_link, (2, 1, 1))
    allocation = ("allocation", mem_ops.allocation_loop, mem_ops.allocation_weighting, (1,))
    for name, loop, vector, ranks in (link, allocation):
        compare(name, loop, vector, ranks, sizes, rounds)
        loop, vector = with_gradient(loop), with_gradient(vector)
        compare(f"{name} with gradient", loop, vector, ranks, sizes, rounds)


def compare(name, loop, vector, ranks, sizes, rounds):
    """Print three lines for each N; every input has as many axes of N slots as `ranks` says."""
    tracing = 0
    for before, slots in zip([sizes[0], *sizes], sizes, strict=False):
        label = f"{name:25}{slots:4}"
        shapes = [[BATCH] + [slots] * rank for rank in ranks]
        versions = {"vector": Timed(vector, shapes), "compiled": Timed(vector, shapes, jit=True)}
        tracing *= (slots / before) ** max(ranks)  # as many times longer as the loop has turns
        if tracing < PATIENCE:
            versions = {"loop": Timed(loop, shapes), **versions}
            tracing = versions["loop"].tracing
        else:
            print(f"{label}  loop       left out, about {tracing:.0f} s of tracing")
        times = take_turns(versions, rounds)
        for version, timed in versions.items():
            print(f"{label}  {version:9}{timed.nodes:7}{timed.tracing:8.2f} s", end="")
            print(f"{timed.first:9.2f} s{median(times[version]) * 1e3:9.3f} ms", end="")
            print(f"{share(times[version], times['vector']):8.2f}")


def with_gradient(function):
    import tensorflow as tf

    def both(*inputs):
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            result = function(*inputs)
        return result, tape.gradient(result, inputs)

    return both


class Timed:
    """A function as a graph; a call runs it once and returns the seconds."""

    def __init__(self, function, shapes, jit=False):
        import tensorflow as tf

        inputs = [tf.random.uniform(shape) for shape in shapes]
        graph = tf.function(function, jit_compile=jit)
        self.tracing = seconds(lambda: graph.get_concrete_function(*inputs))
        self.nodes = len(graph.get_concrete_function(*inputs).graph.get_operations())
        self.run = lambda: graph(*inputs)
        self.first = self()

    def __call__(self):
        return seconds(self.run)


# The training step: what each contender's process runs


def our_step(batch=BATCH, bits=BITS, hidden=HIDDEN, memory=(SLOTS, WORD_SIZE, HEADS), jit=False):
    """The training step as a `tf.function`, and the arguments to call it with."""
    import tensorflow as tf

    from solutions.dnc import DNCCell

    cell = DNCCell(tf.keras.layers.LSTMCell(hidden), bits, *memory)
    network = tf.keras.layers.RNN(cell, return_sequences=True)
    inputs = tf.random.normal([batch, STEPS, bits])
    targets = tf.cast(inputs > 0, tf.float32)
    network(inputs)
    weights, optimizer = network.trainable_variables, tf.keras.optimizers.Adam()
    optimizer.build(weights)

    @tf.function(jit_compile=jit)
    def step(inputs, targets):
        with tf.GradientTape() as tape:
            logits = network(inputs)
            losses = tf.nn.sigmoid_cross_entropy_with_logits(labels=targets, logits=logits)
            loss = tf.reduce_mean(losses)
        gradients, _ = tf.clip_by_global_norm(tape.gradient(loss, weights), 10.0)
        optimizer.apply_gradients(zip(gradients, weights, strict=True))
        return loss

    return step, (inputs, targets)


def run_ours(intra, inter, **options):
    use_threads(intra, inter)
    step, arguments = our_step(**options)
    return lambda: step(*arguments).numpy()


def run_compiled(intra, inter):
    return run_ours(intra, inter, jit=True)


def run_tiny(intra, inter):
    """The same graph on the smallest sizes that still broadcast: all that is left is dispatch."""
    return run_ours(intra, inter, batch=2, bits=2, hidden=2, memory=(2, 2, 2))


def run_chain(intra, inter):
    """As many turns as a sequence has steps, each a chain of operations on one number."""
    import tensorflow as tf

    use_threads(intra, inter)

    @tf.function
    def chain(x):
        for _ in tf.range(STEPS):
            for _ in range(CHAIN):
                x = tf.tanh(x)
        return x

    one = tf.constant(1.0)
    return lambda: chain(one).numpy()


def run_torch(threads):
    import torch
    from dnc import DNC

    torch.set_num_threads(threads)
    network = DNC(
        input_size=BITS,
        hidden_size=HIDDEN,
        num_hidden_layers=1,
        nr_cells=SLOTS,
        cell_size=WORD_SIZE,
        read_heads=HEADS,
    )
    inputs = torch.randn(BATCH, STEPS, BITS)
    targets = (inputs > 0).float()
    optimizer = torch.optim.Adam(network.parameters())

    def step():
        optimizer.zero_grad()
        logits, _ = network(inputs, reset_experience=True)
        loss = torch.nn.functional.binary_cross_entropy_with_logits(logits, targets)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 10.0)
        optimizer.step()
        return loss.item()

    return step


def work(kind, *arguments):
    """Answer each number that comes in with the median of so many runs."""
    kinds = {"ours": run_ours, "compiled": run_compiled, "tiny": run_tiny}
    kinds |= {"chain": run_chain, "torch": run_torch}
    call = kinds[kind](*map(int, arguments))
    print(seconds(call), flush=True)
    for line in sys.stdin:
        print(median(seconds(call) for _ in range(int(line))), flush=True)


class Contender:
    """A process of its own; a call lets it run some steps and returns the median of seconds."""

    def __init__(self, kind, *arguments, python=sys.executable, runs=3):
        command = [python, __file__, "--work", kind, *map(str, arguments)]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        self.process, self.runs = subprocess.Popen(command, **pipes), runs
        self.first = float(self.process.stdout.readline())
        self()

    def __call__(self):
        self.process.stdin.write(f"{self.runs}\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline())


# The training step: what it is compared with


def floor():
    """Operations and bytes of one training step, without which no program can do it."""
    to_interface = HIDDEN * (HEADS * WORD_SIZE + 3 * WORD_SIZE + 5 * HEADS + 3)
    to_output = (HIDDEN + HEADS * WORD_SIZE) * BITS
    controller = 4 * HIDDEN * (BITS + HEADS * WORD_SIZE + HIDDEN)
    # A product and a sum for each weight; for each link forward and backward, and each head; for
    # each number in the memory and each key (one is for writing), and each head that reads.
    products = controller + to_interface + to_output
    products += 2 * HEADS * SLOTS**2 + (2 * HEADS + 1) * SLOTS * WORD_SIZE
    # L (1 - a - b) + a p and M (1 - a e) + a v: five for each entry.
    entries = SLOTS**2 + SLOTS * WORD_SIZE
    # The gradient takes two of the same size for each one of these.
    operations = 3 * (2 * products + 5 * entries)
    # Links and memory, 4 bytes each: the old are read and the new written; for the gradient both
    # are read, and the gradient of the old is made from that of the new.
    traffic = 4 * 6 * entries
    return BATCH * STEPS * operations, BATCH * STEPS * traffic


def time_matmul():
    a = np.ones([1024, 1024], np.float32)
    return seconds(lambda: a @ a) / (2 * 1024**3)


def time_copy():
    """Seconds for a byte, in an array as large as all links and memories that a step keeps."""
    a = np.ones(BATCH * STEPS * SLOTS * (SLOTS + WORD_SIZE), np.float32)
    b = np.ones_like(a)
    return seconds(lambda: np.copyto(b, a)) / (2 * a.nbytes)


def nodes_run(slots):
    """How many nodes a training step runs, the constants aside."""
    step, arguments = our_step(memory=(slots, WORD_SIZE, HEADS))
    graph = step.get_concrete_function(*arguments).graph.as_graph_def()
    functions = {each.signature.name: each.node_def for each in graph.library.function}

    def count(nodes):
        total = 0
        for node in nodes:
            total += node.op != "Const"
            for attribute, times in (("f", 1), ("body", STEPS), ("cond", STEPS + 1)):
                if attribute in node.attr:
                    total += times * count(functions[node.attr[attribute].func.name])
        return total

    return count(graph.node)


def training_step(torch_python, rounds):
    import tensorflow as tf

    contenders = {
        "ours, 1 + 2 threads": Contender("ours", 1, 2),
        "ours, default threads": Contender("ours", 0, 0),
        "ours, 1 + 2, compiled": Contender("compiled", 1, 2),
    }
    asked = [torch_python, "-c", "from dnc import DNC; import torch; print(torch.__version__)"]
    torch_version = subprocess.run(asked, capture_output=True, text=True).stdout.strip()
    if torch_version:
        by_threads = {n: Contender("torch", n, python=torch_python) for n in (1, 2)}
        best = min(by_threads, key=lambda n: by_threads[n]())
        contenders[f"PyTorch DNC, threads: {best}"] = by_threads[best]
    dispatch = {"tiny": Contender("tiny", 1, 2), "chain": Contender("chain", 1, 2)}
    rates = {"matmul": time_matmul, "copy": time_copy}
    times = take_turns(contenders | dispatch | rates, rounds)
    ours = times["ours, 1 + 2 threads"]

    print(f"\n{'training step':26}{'first':>10}{'each':>11}{'least':>11}{'share':>8}")
    for name, contender in contenders.items():
        middle, least = median(times[name]) * 1e3, min(times[name]) * 1e3
        print(f"{name:26}{contender.first:8.1f} s{middle:8.1f} ms{least:8.1f} ms", end="")
        print(f"{share(times[name], ours):8.2f}")
    if not torch_version:
        print("PyTorch DNC: left out; `pip install torch dnc`, here or where --torch-python says")

    operations, traffic = floor()
    arithmetic, moving = (
        amount * min(times[rate]) * 1e3
        for amount, rate in ((operations, "matmul"), (traffic, "copy"))
    )
    lowest = max(arithmetic, moving)
    print(f"\n{operations / 1e6:.0f} million operations take {arithmetic:.1f} ms", end="")
    print(f" at {1e-9 / min(times['matmul']):.0f} a nanosecond;")
    print(f"{traffic / 1e6:.0f} million bytes take {moving:.1f} ms", end="")
    print(f" at {1e-9 / min(times['copy']):.0f} a nanosecond;")
    print(f"our quickest step takes {min(ours) * 1e3 / lowest:.0f} times the longer.")

    sizes = (64, 128, 256)
    counts = [nodes_run(slots) for slots in sizes]
    least = counts[0] / (CHAIN * STEPS) * share(times["chain"], ours)
    print(f"\nA step runs {counts} nodes for N = {sizes}.")
    print(f"As many in a chain on one number take {least:.2f} of our step,", end="")
    print(f" the same graph with all sizes 2 takes {share(times['tiny'], ours):.2f}.")

    print(f"\nTensorFlow {tf.__version__}, PyTorch {torch_version or 'left out'};", end="")
    print(f" {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer sizes, fewer rounds")
    parser.add_argument("--torch-python", default=sys.executable, help="a Python with torch, dnc")
    parser.add_argument("--work", nargs="+", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.work:
        return work(*arguments.work)
    quick = arguments.quick
    operations((4, 16, 64) if quick else (4, 8, 16, 32, 64, 128, 256), 5 if quick else 30)
    training_step(arguments.torch_python, 3 if quick else 20)


if __name__ == "__main__":
    main()
