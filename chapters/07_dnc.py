# %% [markdown]
# # 7 · A computer that learns to remember
#
# You start with the operations of chapter 6, whose gates you set by hand, and end with **a
# Differentiable Neural Computer that sets them itself**: a network that has learned what to write,
# where to write it, and when to read it again.
#
# **Time** about 220 minutes, with breaks after parts 4 and 8 · **Needs** TensorFlow; it leans on
# chapter 6 (the memory), chapter 5 (attention) and chapter 4 (the tape and `tf.function`), and says
# again what it takes from them

# %% [markdown]
# ## What you will be able to do
#
# - say what the parts of the machine are, and which numbers pass between them;
# - turn what a network says into keys, strengths and gates that a memory accepts;
# - put the memory operations in the right order, and make a layer of them for Keras;
# - train the machine to copy sequences and to answer questions about stories, and compare it with
#   networks that have no such memory;
# - read from a timeline what it wrote where, and when it read it;
# - say what attention and memory have in common, and what memory adds.

# %% [markdown]
# ## How to work through it
#
# As in chapter 6: cells with `raise NotImplementedError` are yours to write, the cell after each
# checks it on fresh numbers, and a cell that needs a function you have not written stops until you
# have. There are seven exercises. The first three make the machine; from part 7 on it is trained.
#
# A cell that trains shows a progress bar and takes between ten seconds and a minute. You need not
# wait: part 7 says how to stop one and go on later.
#
# The next cell loads TensorFlow, which takes ten seconds or so. `use_threads` tells it that the
# computations here are small: they are done sooner when they are not split among all processors.

# %%
import numpy as np
import tensorflow as tf

from autograder import check
from lab import views
from lab.memory_cell import MemoryCell
from lab.own_work import own_operations
from lab.training import use_threads

use_threads()
np.set_printoptions(precision=3, suppress=True)

# %% [markdown]
# The machine is to run on *your* memory operations. The next cell looks for the notebook of
# chapter 6, takes each operation that passes its check, and the course's for the rest. It says
# which. From here on, `mem_ops.update_link` and the others are these.

# %%
mem_ops = own_operations("mem_ops")

# %% [markdown]
# ## Part 1 · A memory that works
#
# This is the **copy task**. A network sees a sequence of vectors, one at each step, each of five
# **bits**, numbers that are 0 or 1. Then comes an **end mark**, and from then on it sees nothing
# but zeros. Now it must say the whole sequence again, one vector at each step.
#
# Nobody can do that without remembering. The network below has been trained for it. Its
# **controller**, the part that sees the input and decides, forgets everything between two steps.
# All that it knows of the past it has read from its memory.

# %% [markdown]
# The view shows one run: a column for each step, from the left to the right. At the top is what
# comes in and what goes out; below, the gates; then the usage of each slot, and where the network
# wrote (blue squares) and read (orange triangles).
#
# Answer the question in the view first. **Predict** besides: after the end mark, will it read the
# slots in the order in which it wrote them, or the other way round?

# %% tags=["demo"]
from lab.weights import load_run

views.MemoryTimeline(load_run("copy"))

# %% [markdown]
# In the order of writing: the triangles after the end mark repeat the path of the squares before
# it. Click a column, step with the arrow keys, and read the sentences on each step. Three things
# are worth finding:
#
# - each vector goes to a slot of its own, the freest one;
# - at the end mark the head finds the first vector *by content*;
# - from there on it goes *one step forward* each time, along the links.
#
# (How can a key single out the first? A network may write more than the bits. At the first step it
# has read nothing yet, and what it writes can say so. Part 10 looks into such a mark.)
#
# Nobody told it so. It was told only how far its output was from the right one. In this chapter you
# build the machine that did this, and train it.

# %% [markdown]
# ## Part 2 · The machine as a whole
#
# A **Differentiable Neural Computer**, DNC for short, has two parts: a **controller**, which is a
# network of the usual kind, and the memory of chapter 6. At each step:
#
# 1. the controller gets the input, and what the heads read *a step ago*;
# 2. it makes one long vector, the **interface vector**, with all that the memory wants to know;
# 3. the memory does a step: it frees, writes, links and reads;
# 4. the output is made from the controller's result and from what was read *now*.
#
# The picture shows it for one step.

# %% tags=["demo"]
import matplotlib.pyplot as plt

from lab.figures import show

names = "input", "controller", "interface\nvector", "memory step", "words read", "output"
spots = (0, 1), (2.4, 1), (5, 1), (7.6, 1), (7.6, 0), (5, 0)
arrows = (0.5, 1, 1.6, 1), (3.2, 1, 4.3, 1), (5.7, 1, 6.6, 1), (7.6, 0.75, 7.6, 0.25)
arrows += (6.7, 0, 5.6, 0), (2.9, 0.75, 4.5, 0.2)
look = {"boxstyle": "round,pad=0.5", "facecolor": "white", "edgecolor": "tab:blue"}
figure, ax = plt.subplots(figsize=(9, 3))
for spot, name in zip(spots, names, strict=True):
    ax.text(*spot, name, bbox=look, ha="center", va="center")
for x, y, to_x, to_y in arrows:
    ax.annotate("", (to_x, to_y), (x, y), arrowprops={"arrowstyle": "->"})
back = {"arrowstyle": "->", "color": "tab:orange", "connectionstyle": "arc3,rad=-0.5"}
ax.annotate("", (2.3, 0.7), (7.4, -0.25), arrowprops=back)
ax.text(2.2, -0.6, "at the next step", color="tab:orange")
ax.set(xlim=(-0.6, 8.6), ylim=(-1, 1.4))
ax.axis("off")
show(figure, "Six boxes in a ring; an orange arrow leads from the words read to the controller")

# %% [markdown]
# Look at the orange arrow: it is the only way from one step to the next that the controller has.
#
# How long is the interface vector? It holds what each of your operations asked for. With slots of
# W numbers and R read heads:
#
# | part | how many | for |
# |---|---|---|
# | read keys, their strengths | R · W + R | `content_weighting` |
# | write key, its strength | W + 1 | `content_weighting` |
# | erase vector, write vector | W + W | `write_memory` |
# | free gates | R | `retention` |
# | allocation gate, write gate | 1 + 1 | `write_weighting` |
# | read modes | 3 R | `read_weighting` |
#
# Together W R + 3 W + 5 R + 3. **Predict:** how long is it for W = 8 and R = 1? And does it depend
# on N, the number of slots?

# %% [markdown]
# It has 40 numbers, and N is nowhere in it. The controller does not know how large its memory is,
# and never says "slot 5". It says what it looks for, and whether it wants a free slot; the weights
# are made by your operations. Part 8 makes use of that.
#
# ## Part 3 · From a vector to gates
#
# The interface vector comes from a dense layer, so its numbers can be anything, −7.3 or 200. A gate
# must lie between 0 and 1. So each part is **squashed** into its range, smoothly, so that a
# gradient comes through:
#
# | part | must be | so |
# |---|---|---|
# | gates, erase vector | from 0 to 1 | sigmoid |
# | strengths | at least 1 | oneplus |
# | read modes | three shares that sum to 1 | softmax |
# | keys, write vector | anything | as they are |

# %% [markdown]
# **Sigmoid** is $1 / (1 + e^{-x})$: it makes 0.5 of 0, nearly 1 of large numbers, and nearly 0 of
# very negative ones. **Oneplus** is new:
#
# $$\text{oneplus}(x) = 1 + \log(1 + e^x)$$
#
# For large x it is nearly 1 + x, for very negative x nearly 1. So a strength never turns a search
# around, as a negative one would. **By hand:**
#
# | x | sigmoid | oneplus |
# |---|---|---|
# | −4 | 0.018 | 1.018 |
# | 0 | 0.5 | 1 + log 2 = 1.693 |
# | 4 | 0.982 | 5.018 |
# | 100 | 1 | ? |
#
# **Predict** the last entry. And what does a computer get that takes $e^{100}$ in float32, where
# the largest number is about $3 \cdot 10^{38}$?

# %%
x = tf.constant([-4.0, 0.0, 4.0, 100.0])
print("as written ", (1 + tf.math.log(1 + tf.exp(x))).numpy())
print("by softplus", (1 + tf.nn.softplus(x)).numpy())

# %% [markdown]
# It is 101. The formula as written gives infinity there, as softmax did in chapter 5.
# `tf.nn.softplus(x)` is $\log(1 + e^x)$, computed so that nothing overflows.
#
# Now cut the vector. The parts lie in it in this order, for W = 2 and R = 1:
#
# | part | numbers | | part | numbers |
# |---|---|---|---|---|
# | read keys | 2 | | write vector | 2 |
# | read strengths | 1 | | free gates | 1 |
# | write key | 2 | | allocation gate | 1 |
# | write strength | 1 | | write gate | 1 |
# | erase | 2 | | read modes | 3 |

# %% [markdown]
# - `tf.split(vector, [2, 1, 2], axis=-1)` cuts off 2, 1 and 2 numbers.
# - A single gate still has an axis of size 1 then; `gate[..., 0]` takes it away.
# - With several heads, R · W numbers become [..., R, W]. Take the batch axes from
#   `tf.shape(vector)[:-1]`, a tensor: inside `tf.function`, `vector.shape` may hold None, where the
#   size of a batch is not known yet. `tf.concat([batch, [R, W]], axis=0)` is then the shape to give
#   to `tf.reshape`.
#
# Softmax goes over the three modes of *each* head, so reshape first.

# %% exercise="dnc.parse_interface"

# %% check="dnc.parse_interface" points=4

# %% [markdown]
# What does a machine do that has learned nothing, and says 0 everywhere? **Predict** its gates, its
# strengths and its modes.

# %%
for name, part in parse_interface(tf.zeros(16), word_size=2, read_heads=1).items():
    print(f"{name:16} {str(part.shape):8} {part.numpy()}")

# %% [markdown]
# All gates are half open, and all modes have a third. An untrained machine writes half of
# everything and reads a blend of everything. To learn is, for it, to become decided.
#
# ## Part 4 · One step of the memory
#
# All operations are there; what is left is their order. That matters, because some of them want
# what was there *before*, and some what has been made *in this step*. In the table, **old** is the
# state before the step, **new** is what the step has made.

# %% [markdown]
# | | what is made | from |
# |---|---|---|
# | 1 | retention | free gates, **old** read weights |
# | 2 | usage | old usage, **old** write weights, retention |
# | 3 | allocation | **new** usage |
# | 4 | content, for writing | **old** memory, write key |
# | 5 | write weights | allocation, content, the two gates |
# | 6 | memory | old memory, **new** write weights |
# | 7 | link | old link, **new** write weights, **old** precedence |
# | 8 | precedence | old precedence, **new** write weights |
# | 9 | forward and backward | **new** link, **old** read weights |
# | 10 | content, for reading | **new** memory, read keys |
# | 11 | read weights | the three of 9 and 10, read modes |
# | 12 | words read | **new** memory, **new** read weights |
#
# A head can thus read in the very step what was written in it.

# %% [markdown]
# Two consequences of lines 1 and 2, which surprise most readers:
#
# - **Usage is one step late.** What is written at step 5 counts as used from step 6 on.
# - **Freeing is one step late.** The free gate of step 5 frees what the head read at step *4*. A
#   head first reads, and then says whether what it read is still needed.
#
# One detail of shapes: `content_weighting` takes R keys. For writing there is one, [..., W], so it
# gets an axis of size 1 in front of W, and its strength one at the end; the result [..., 1, N]
# loses the axis again.

# %% exercise="dnc.memory_step"

# %% check="dnc.memory_step" points=6

# %% [markdown]
# ### A step by hand
#
# Three slots of two numbers, one head, and gates set by hand. What is not named is 0: nothing is
# written, freed or read.


# %%
NOTHING = {k: tf.zeros_like(part) for k, part in parse_interface(tf.zeros(16), 2, 1).items()}
SHAPES = {"memory": [3, 2], "usage": [3], "precedence": [3], "write_weights": [3]}
SHAPES |= {"link": [3, 3], "read_weights": [1, 3], "read_vectors": [1, 2]}


def gates(**parts):
    return NOTHING | {name: tf.constant(part) for name, part in parts.items()}


def write(vector):
    return gates(write_gate=1.0, allocation_gate=1.0, erase=[1.0, 1.0], write_vector=vector)


look_up = {"read_keys": [[1.0, 0.0]], "read_strengths": [50.0], "read_modes": [[0.0, 1.0, 0.0]]}

# %% [markdown]
# The program has five steps:
#
# 1. write [1, 0]
# 2. write [0, 1]
# 3. look up [1, 0], with the free gate open
# 4. do nothing, with the free gate open
# 5. write [1, 1]
#
# **Predict** on paper: the usages after step 1; at which step the usage of slot 0 falls; and which
# slot the third word goes to, at step 5.

# %%
program = [write([1.0, 0.0]), write([0.0, 1.0]), gates(**look_up, free_gates=[1.0])]
program += [gates(free_gates=[1.0]), write([1.0, 1.0])]
state = {name: tf.zeros(shape) for name, shape in SHAPES.items()}
for number, interface in enumerate(program, start=1):
    state = memory_step(state, interface)
    shown = (f"{name} {state[name].numpy()}" for name in ("usage", "write_weights", "read_weights"))
    print(number, "  ".join(shown))

# %% [markdown]
# After step 1 all usages are still 0, and the write shows at step 2. At step 3 the gate is open,
# but the head had read nothing at step 2, so nothing is freed. At step 4 the head reads nothing
# any more, and what it read at step 3 is freed: slot 0. The third word goes there.
#
# (Does your second word go to slot 2, and not to slot 1? That is the hair's breadth of chapter 6:
# the number that mends the gradient of the product leaves about 1e-8 in slot 1.)
#
# **A good place for a break.** The memory is complete. If the kernel has stopped when you come
# back, choose the next cell and, in the *Run* menu, *Run All Above Selected Cell*.

# %% [markdown]
# ## Part 5 · A cell that Keras can run
#
# Somebody must carry the state from step to step and give the sequence out bit by bit. Keras does
# that: `tf.keras.layers.RNN(cell)` runs a **cell**, a layer for one step, over a sequence. RNN is
# for *recurrent neural network*, one whose results come back to it. From a cell it wants:
#
# | | what it is |
# |---|---|
# | `state_size` | the shapes of the states, so that they can be made |
# | `get_initial_state(batch_size)` | the states before the first step |
# | `build(input_shape)` | makes the weights, once the input's size is known |
# | `call(inputs, states)` | one step: returns (output, new states) |
# | `get_config()`, `from_config(config)` | how to make it again, for saving |

# %% [markdown]
# `MemoryCell` has all of them but `call`, which is yours. (To read it, run `MemoryCell??` in a cell
# of its own.) It also has three dense layers, `to_interface`, `from_controller`, `from_memory`, and
# its sizes, `word_size`, `read_heads` and `slots`. All of them are reached through `self`.
#
# Keras passes states as a flat list. Your `memory_step` wants names, and `memory_shapes` has them
# in the order of the list. **Predict** from the shapes in the next cell: which part of the state is
# largest for 16 slots of 8 numbers, and which would be for 256?

# %%
cell = MemoryCell(tf.keras.layers.Dense(64), output_size=5, slots=16, word_size=8, read_heads=1)
cell.memory_shapes

# %% [markdown]
# The link matrix, N² numbers: 256 against 128 here, and 65 536 against 2048 for 256 slots.
#
# **Which controller?** Here it is one dense layer with relu. It has no state at all: what it cannot
# read from the memory, it does not know. Another choice is an LSTM, a cell with a short memory of
# its own, which brings its states along: they follow those of the memory in the list. `zip` stops
# at the shorter of two lists, so the names take their part and `states[len(...):]` is the rest.
#
# The output adds two parts: `from_controller` of the controller's result, and `from_memory` of the
# words read in *this* step, joined to [batch, R·W].

# %% exercise="dnc.DNCCell"

# %% check="dnc.DNCCell" points=5

# %% [markdown]
# The whole network is now two lines, and a seed, so that everybody starts with the same numbers.


# %%
def network(features, outputs, word_size=8, slots=16, seed=1):
    """A DNC for sequences [batch, steps, features]; it returns [batch, steps, outputs]."""
    tf.keras.utils.set_random_seed(seed)
    cell = DNCCell(tf.keras.layers.Dense(64, "relu"), outputs, slots, word_size, read_heads=1)
    layer = tf.keras.layers.RNN(cell, return_sequences=True)
    return tf.keras.Sequential([tf.keras.Input([None, features]), layer])


# %% [markdown]
# What is `get_config` for? To save a network, Keras writes down its weights and how its layers are
# made. To load it, it makes the layers again from that, and fills in the weights. It does not save
# your code: you must say what `DNCCell` means.
#
# **Predict:** how large will the difference be between what the network says before and after?

# %% tags=["demo"]
from tempfile import TemporaryDirectory

untrained = network(features=6, outputs=5)
inputs = np.random.default_rng(0).normal(size=(2, 7, 6)).astype("float32")
with TemporaryDirectory() as folder:
    untrained.save(f"{folder}/dnc.keras")
    loaded = tf.keras.models.load_model(f"{folder}/dnc.keras", custom_objects={"DNCCell": DNCCell})
print(untrained.count_params(), "parameters")
print("largest difference", np.abs(untrained(inputs) - loaded(inputs)).max())

# %% [markdown]
# Nothing is lost. And note the number: 3925 parameters, all of them in four dense layers. The
# memory has none. There is nothing to learn in how it works, only in how it is used.
#
# ## Part 6 · The copy task, and how to judge it
#
# The task needs batches. **By hand,** a sequence of two vectors of three bits, 101 and 011, where
# the longest has three vectors; a · is a 0:
#
# | step | 1 | 2 | 3 | 4 | 5 | 6 | 7 |
# |---|---|---|---|---|---|---|---|
# | input, bits | 1·1 | ·11 | ··· | ··· | ··· | ··· | ··· |
# | input, end mark | · | · | 1 | · | · | · | · |
# | target | ··· | ··· | ··· | 1·1 | ·11 | ··· | ··· |
# | mask | · | · | · | 1 | 1 | · | · |

# %% [markdown]
# This is a task for NumPy. There are always 2 · longest + 1 steps, so that sequences of different
# lengths fit into one array. The **mask** says which steps count. What the network says while it
# listens, or when it is done, is its own affair.

# %% exercise="dnc.copy_batch"

# %% check="dnc.copy_batch" points=3

# %%
inputs, targets, mask = copy_batch([np.array([[1, 0, 1], [0, 1, 1]])], longest=3)
print("inputs", inputs.shape, "targets", targets.shape, "mask", mask)
print(np.concatenate([inputs, targets], axis=-1)[0].astype(int))

# %% [markdown]
# ### The loss
#
# Each bit is a question with two answers. The network gives a **logit**, any number; its sigmoid is
# the probability of a 1. The loss of a bit is minus the logarithm of the probability that was given
# to the right answer, the **cross-entropy** of chapter 2. **By hand,** for a bit that is 1:
#
# | logit | probability of 1 | loss |
# |---|---|---|
# | 4 | 0.982 | 0.018 |
# | 0 | 0.5 | log 2 = 0.693 |
# | −4 | 0.018 | 4.018 |
#
# A network that knows nothing pays 0.693 for each bit. No loss is below 0.

# %% [markdown]
# TensorFlow has the function, `tf.nn.sigmoid_cross_entropy_with_logits`. It takes labels, which are
# the right answers, and logits. Here is a trap. **Predict** what happens if you pass them in the
# order in which we have them, first the logit 4, then the bit 1: the same number, an error, or
# another number?

# %%
cross_entropy = tf.nn.sigmoid_cross_entropy_with_logits
print("named   ", cross_entropy(labels=1.0, logits=4.0).numpy())
print("in order", cross_entropy(4.0, 1.0).numpy())

# %% [markdown]
# Another number, and no error. The function takes the labels first, so it has taken 4 for the right
# answer. A training with such a loss runs, and the loss goes down, below zero and on and on. That
# is how one can notice it: a cross-entropy is never negative. So **name the arguments**.
#
# Then the mask. **By hand,** two sequences: the first has one step that counts, with loss 0.9, the
# second three, with 0.1 each. All steps that count weigh alike: (0.9 + 0.1 + 0.1 + 0.1) / 4 = 0.3.
# To average each sequence first would give 0.5, and to divide by all steps, too little.

# %% exercise="dnc.masked_loss"

# %% check="dnc.masked_loss" points=3

# %% [markdown]
# ### How good is it, in one number
#
# The share of bits that are right sounds good early. A copy with one wrong bit is a wrong copy. So
# count the sequences in which *every* bit that counts is right.
#
# **Predict:** suppose 99 % of the bits are right, each independently of the others. What share of
# sequences of 10 vectors, 50 bits, is then right altogether: about 99 %, 80 % or 60 %?
#
# `tf.reduce_all(x, axis=[-2, -1])` is True where everything along the two last axes is True. Steps
# that do not count must spoil nothing: let them count as right.

# %% exercise="dnc.exact_accuracy"

# %% check="dnc.exact_accuracy" points=3

# %% [markdown]
# $0.99^{50} = 0.605$, so 60 %. At 90 % of the bits it would be half a percent.
#
# ## Part 7 · Training
#
# The task at last: sequences of 1 to 10 vectors of 5 bits, drawn anew for each batch. **Predict:**
# with what loss will it start? It learns by getting better on 16 sequences at a time: how many such
# batches might it need until 99 % of the bits are right: 300, 3000 or 30 000?


# %%
def copy_task(rng, batch=16, longest=10):
    lengths = rng.integers(1, longest + 1, size=batch)
    return copy_batch([rng.integers(2, size=(length, 5)) for length in lengths], longest)


# %% tags=["demo"]
from lab.training import bits_right, train

dnc = network(features=6, outputs=5)
settings = dict(loss=masked_loss, accuracy=bits_right, seed=1)
dnc_run = train(dnc, copy_task, **settings, steps=400, checkpoint="copy")

# %% [markdown]
# It starts at log 2, the price of knowing nothing, and 300 to 400 batches are enough.
#
# **To stop**, press the stop button, the square in the toolbar (or the key I twice). The bar stops,
# and the network has the best weights that it had so far; the cells below work with those.
# **To go on**, run the cell again: it takes up where it was, also after the kernel was restarted,
# because everything needed is in the file `runs/copy.npz`, beside the notebook. Stopped or not, the
# numbers are the same in the end. To begin anew, delete the file.

# %% [markdown]
# ### The controls
#
# That a network has learned to copy does not show that the memory did it. So train others in the
# same way, without it:
#
# - **cut off**: the same controller with the memory disconnected. What is left are two dense
#   layers, which see one step at a time.
# - **LSTM**: a network with a state of its own, the usual choice for sequences. It has 64 cells, as
#   many as our controller has units, and five times our parameters. It also gets five times as many
#   batches, because its steps are cheap.
#
# **Predict** for each: what share of the bits will be right? Mind that guessing gets 50 %.


# %% tags=["demo"]
def sequence_model(features, *layers):
    tf.keras.utils.set_random_seed(1)
    return tf.keras.Sequential([tf.keras.Input([None, features]), *layers])


Dense, LSTM = tf.keras.layers.Dense, tf.keras.layers.LSTM
cut_off = sequence_model(6, Dense(64, "relu"), Dense(5))
cut_off_run = train(cut_off, copy_task, **settings, steps=400)
lstm = sequence_model(6, LSTM(64, return_sequences=True), Dense(5))
lstm_run = train(lstm, copy_task, **settings, steps=2000, checkpoint="copy_lstm")


# %% tags=["demo"]
def smooth(values, width=25):
    return np.convolve(values, np.ones(width) / width, mode="valid")


figure, axes = plt.subplots(1, 2, figsize=(10, 3.2))
runs = {"DNC": dnc_run, "LSTM": lstm_run, "cut off": cut_off_run}
for ax, name in zip(axes, ("loss", "accuracy"), strict=True):
    for (label, run), style in zip(runs.items(), ("-", "--", ":"), strict=True):
        curve = smooth(run.history[name])
        ax.plot(np.arange(len(curve)) + 25, curve, style, label=label)
    ax.set(xscale="log", xlabel="batches, mean of 25", title=name)
axes[1].set(title="share of bits right", ylim=(0.45, 1.02))
axes[1].legend()
show(
    figure,
    "Over batches on a logarithmic axis: the DNC's loss falls to 0 and its bits rise to 1 before "
    "batch 300; the LSTM creeps to 0.9 by batch 2000; the network cut off stays at 0.5",
)

# %% [markdown]
# Look at the three curves on the right. Cut off from its memory, the controller guesses: its steps
# know nothing of each other. The LSTM learns, slowly. Our network creeps for a while, at about
# two thirds of the bits, and then goes up at once: that is where it has found out how to use the
# memory.
#
# Now whole sequences, of 10 vectors each and never seen in training. **Predict** for the LSTM.

# %% tags=["demo"]
rng = np.random.default_rng(100)
inputs, targets, mask = copy_batch(list(rng.integers(2, size=(200, 10, 5))), longest=10)
for name, model in {"DNC": dnc, "LSTM": lstm, "cut off": cut_off}.items():
    logits = model(inputs)
    bits, whole = bits_right(logits, targets, mask), exact_accuracy(logits, targets, mask)
    print(f"{name:8} bits right {bits:6.1%}   sequences right {whole:6.1%}")

# %% [markdown]
# The LSTM has most of the bits right, and no sequence, or hardly one. Does it only need more time?
# We have trained it on 14 000 batches, for a minute: 96 % of the bits, and 11 % of the sequences.
# And what if there is less to keep? Copies of up to five vectors of *four* bits, 20 bits at most,
# it learns in some seconds, without any memory but its state. A network with a memory that solves
# such a task has shown nothing. So the task was chosen so that the control fails.
#
# The difference is this: an LSTM keeps all it has seen in one vector, and learns to unpack it. Our
# network puts each vector somewhere and fetches it.

# %% [markdown]
# ### What it wrote where
#
# Now the timeline of *your* network, for six vectors that it has never seen. `record` runs your
# cell step by step and keeps everything. **Predict** before you look, from what you know of the
# shipped one: what are the read modes at the end mark, and what are they afterward?

# %% tags=["demo"]
from lab.recording import record

six = copy_batch([np.random.default_rng(3).integers(2, size=(6, 5))], longest=6)[0][0]
copied = record(dnc.layers[0].cell, six, parse_interface)
views.MemoryTimeline(copied, prediction="skipped")

# %% [markdown]
# In all our runs it went the same way: while it listens, each vector is written to a free slot; at
# the end mark the head finds the first one by content; then it goes forward, link by link. What is
# read at one step is said at the next, when it has come back to the controller.
#
# Look also at what nobody asked for. The write gate stays open after the end mark, and the network
# goes on filling slots that nobody will read. It costs nothing in the loss, so it is not unlearned.
# And the free gates: in the shipped run they are shut, in ours here they are open, and what has
# been read is freed a step later. With 16 slots for 13 steps, it makes no difference.

# %% [markdown]
# ## Part 8 · A larger memory, without training
#
# The number of slots is nowhere in the weights (part 2). So the same weights run on a memory of any
# size. The network has been trained on sequences of up to 10 vectors with 16 slots.
#
# **Predict** how many bits are right, for sequences of 20 vectors in 16 slots, of 20 in 32 slots,
# and of 40 in 64 slots.

# %% tags=["demo"]
for length, slots in (20, 16), (20, 32), (40, 64):
    larger = network(features=6, outputs=5, slots=slots)
    larger.set_weights(dnc.get_weights())
    inputs, targets, mask = copy_batch(list(rng.integers(2, size=(50, length, 5))), length)
    logits = larger(inputs)
    print(f"{length} vectors in {slots} slots: ", end="")
    print(f"{bits_right(logits, targets, mask):.1%} of the bits, ", end="")
    print(f"{exact_accuracy(logits, targets, mask):.1%} of the sequences")
    if slots == 32:
        print(f"   and the LSTM: {bits_right(lstm(inputs), targets, mask):.1%} of the bits")

# %% [markdown]
# In too small a memory, vectors are written over before they are read, and what is left is
# guessing. With enough slots the network copies sequences twice as long as any that it has seen,
# with few errors or none, and often four times as long, with some more. The LSTM has no such way:
# it falls back toward guessing. Our network has learned a procedure, "write, go back, follow the
# links", and a procedure does not end at ten.
#
# It is not perfect: gates that are nearly shut leave traces, and these add up.
#
# **A good place for a break.** The weights are in the network, and the trainings in `runs/`.

# %% [markdown]
# ## Part 9 · What a training proves
#
# The network has learned its task, with your operations. Are they right, then? Put it to the test:
# give it a wrong one, the printed link update of chapter 6, with V + V in place of V + Vᵀ.
#
# **Predict:** does the network learn to copy? Slower, worse, or not at all? The next cell puts the
# wrong function into a copy of `mem_ops`, trains, and puts yours back.


# %% tags=["demo"]
from types import SimpleNamespace


def link_from_book(link, write_weights, precedence):
    V = tf.repeat(write_weights[..., tf.newaxis], link.shape[-1], axis=-1)
    new = write_weights[..., tf.newaxis] * precedence[..., tf.newaxis, :]
    return tf.linalg.set_diag((1 - (V + V)) * link + new, tf.zeros_like(write_weights))


yours = mem_ops
mem_ops = SimpleNamespace(**(vars(yours) | {"update_link": link_from_book}))
try:
    book_run = train(network(6, 5), copy_task, **settings, steps=300)
finally:
    mem_ops = yours

# %% tags=["demo"]
figure, ax = plt.subplots(figsize=(6, 3.2))
for name, run, style in ("V + Vᵀ, yours", dnc_run, "-"), ("V + V", book_run, "--"):
    curve = smooth(run.history["accuracy"][:300])
    ax.plot(np.arange(len(curve)) + 25, curve, style, label=name)
ax.set(xlabel="batches, mean of 25", title="share of bits right", ylim=(0.45, 1.02))
ax.legend()
show(figure, "Two curves, both of which rise to 1 between batch 100 and batch 300")

# %% [markdown]
# It learns, and the curves do not show which of the two is wrong. In a copy each slot is written
# once, so there is no old link for V + V to spoil. In our trials two more mistakes passed in the
# same way: the diagonal of the link matrix kept, and forward and backward exchanged. There the
# network learns to call forward what is backward; a network does not read names.
#
# A loss says that the whole does its task on the data it has seen. It does not say that the parts
# do what they are meant to. For that there are **properties**, and a slow version to compare with,
# as in chapter 6. That is why your operations were judged by those, and never by a training.

# %% [markdown]
# ## Part 10 · Stories
#
# Now a task with words. People go from place to place, and a question asks where someone is:
#
# *Ada went to the kitchen. Emmy ran to the attic. Where is Ada?*
#
# There are four people and four places. One earlier sentence holds the answer, the **supporting
# fact**: the newest one about that person. The stories are drawn in the manner of the first task of
# bAbI, a set of tests from 2015. A quarter of all stories is kept aside, and never drawn in
# training.

# %%
from lab.data.stories import PLACES, draw_story, story_batch, vocabulary

for sentence, answer in draw_story(np.random.default_rng(4)):
    print(f"{sentence:28} {answer or ''}")

# %% [markdown]
# ### A sentence as a vector
#
# A sentence takes one step. Its vector has an entry for each word of the vocabulary: 1 if the word
# is in the sentence, and 0 otherwise. **By hand,** with the vocabulary *Ada, here, is, who*:
#
# | | Ada | here | is | who |
# |---|---|---|---|---|
# | Ada is here | 1 | 1 | 1 | 0 |
# | who is here | 0 | 1 | 1 | 1 |
# | is Ada here | ? | ? | ? | ? |
#
# **Predict** the last row. What has been lost, and does it matter for our stories?

# %% exercise="dnc.encode_story"

# %% check="dnc.encode_story" points=2

# %%
words = vocabulary(people=4, places=4)
print(words)
print(encode_story(["Ada went to the kitchen", "where is Ada"], words).astype(int))

# %% [markdown]
# The order of the words is lost: *is Ada here* has the row of *Ada is here*. Here it does not
# matter: one name and one place in a sentence, and *where is* tells a question from a statement.
#
# The answer is one of four places, so there are four outputs: 1 at the right place, 0 at the
# others. These are four bits, and your `masked_loss` fits; the mask is 1 at the questions.
# `answers_right` is the share of questions for which the right place has the largest output.
# Guessing gets 25 %.

# %% [markdown]
# **Predict,** before you train:
#
# - How will the network use its memory: a slot for each person, written over when the person moves?
#   Or a slot for each sentence?
# - Will it need a link matrix for that?
#
# Training goes from easy to hard, by a **curriculum**: stories of two statements first, then of
# four, then of six, each time when more than 90 % of the last fifty batches were right. `train`
# takes a list of tasks for that. Without it the network learns, too, but of three seeds two took
# three times as long.


# %%
def story_task(rng, people=4, places=4, statements=6, batch=32, unseen=False):
    size = {"people": people, "places": places}
    stories = [draw_story(rng, statements=statements, unseen=unseen, **size) for _ in range(batch)]
    return story_batch(stories, encode_story, **size)


def levels(*lengths, **size):
    return [lambda rng, n=n: story_task(rng, statements=n, **size) for n in lengths]


# %% tags=["demo"]
from lab.training import answers_right

settings = dict(loss=masked_loss, accuracy=answers_right, seed=1, until=0.99)
reader = network(features=len(words), outputs=4, word_size=16)
reader_run = train(reader, levels(2, 4, 6), **settings, steps=1500, checkpoint="stories")

# %% [markdown]
# Now the baseline: the plain LSTM with 64 cells again, which has 20 996 parameters, where ours has
# 7116. It gets stories of six statements from the start, since the curriculum does not help it (we
# tried). **Predict:** will it learn this task, too? With fewer stories, or with more?

# %% tags=["demo"]
lstm_reader = sequence_model(len(words), LSTM(64, return_sequences=True), Dense(4))
lstm_reader_run = train(lstm_reader, story_task, **settings, steps=4000, checkpoint="stories_lstm")

# %% tags=["demo"]
figure, ax = plt.subplots(figsize=(7, 3.2))
for name, run, style in ("DNC", reader_run, "-"), ("LSTM", lstm_reader_run, "--"):
    curve = smooth(run.history["accuracy"])
    ax.plot(32 * (np.arange(len(curve)) + 25), curve, style, label=name)
ax.axhline(0.25, color="gray", linestyle=":", label="guessing")
ax.set(xscale="log", xlabel="stories seen", title="share of answers right", ylim=(0.2, 1.02))
ax.legend()
show(figure, "Both curves rise from a quarter to nearly 1; the LSTM needs far more stories")

# %% [markdown]
# Look at where each curve nears 1 (ours drops where the stories get longer). The LSTM learns it,
# too, with about six times as many stories. Four people in four places are little to keep, far
# less than 64 numbers can hold. So on this task a memory is no must. It is a shorter way to learn.
#
# How do both answer stories that neither has ever seen? And stories longer than those in training,
# which had six statements? **Predict** for 12 and for 20 statements: who holds out better? Think of
# the 16 slots, and of your answer to what the network writes where.

# %% tags=["demo"]
larger = network(features=len(words), outputs=4, word_size=16, slots=32)
larger.set_weights(reader.get_weights())
models = {"DNC, 16 slots": reader, "DNC, 32 slots": larger, "LSTM": lstm_reader}
for statements in 6, 12, 20:
    inputs, targets, mask = story_task(rng, statements=statements, batch=300, unseen=True)
    for name, model in models.items():
        logits = model(inputs)
        right, whole = answers_right(logits, targets, mask), exact_accuracy(logits, targets, mask)
        print(f"{statements:2} statements, {name}: answers {right:.1%}, whole stories {whole:.1%}")

# %% [markdown]
# On unseen stories of the same length both are right nearly always. ("Whole stories" is your
# `exact_accuracy`: every one of the four bits of every answer.) On longer ones all of them lose. At
# 12 statements ours keeps up if its memory is larger; at 20 the LSTM loses least. Its state seems
# to hold one place for each person, whatever the number of statements.
#
# The timeline shows why. **Predict** first: does Emmy's second move, at step 3, go to the slot of
# her first, or to another?

# %% tags=["demo"]
story = [
    "Emmy ran to the library",
    "Alan went to the attic",
    "Emmy moved to the garden",
    "Alan walked to the kitchen",
    "where is Emmy",
    "where is Alan",
]
told = record(reader.layers[0].cell, encode_story(story, words), parse_interface)
told["input_words"] = story
told["output_words"] = [PLACES[i] for i in told["outputs"].argmax(axis=1)]
views.MemoryTimeline(told, prediction="skipped")

# %% [markdown]
# In our run, and perhaps in yours:
#
# - at a statement the allocation gate is open, and each sentence goes to a free slot. The person's
#   old slot is *not* written over. The memory is a diary, not a table of who is where;
# - at a question the head goes by content, and most of the weight is on one slot: the newest of
#   that person.
#
# The links are not needed, and the read modes say so. But how does content tell the newest sentence
# about Emmy from the older one? The next cell compares the key of the question *where is Emmy* with
# the four sentences. **Predict:** how similar are the two about Emmy to it: alike, or not?

# %% tags=["demo"]
step = story.index("where is Emmy")
slots = told["write_weights"][:step].argmax(axis=1)
similarity = mem_ops.cosine_similarity(told["memory"][step], told["read_keys"][step])[0]
print("strength of the key:", told["read_strengths"][step, 0])
for sentence, slot in zip(story[:step], slots, strict=True):
    weight = told["read_weights"][step, 0, slot]
    print(f"{sentence:28} slot {slot:2}  similarity {similarity[slot]:5.2f}  weight {weight:.2f}")

# %% [markdown]
# The newer one is somewhat more similar, and a large strength makes a choice of the difference. So
# the two were written differently: besides who and where, a word has something in it of *when*. The
# controller has no clock and no state. The only thing that can tell it the time is what it read a
# step ago, and so it uses its reads at statements, which answer nothing, for that. (They are spread
# nearly evenly over all slots, so in the timeline you hardly see them.)
#
# This also suggests why long stories go wrong. A diary of 16 slots is full after 16 sentences. And
# a clock that was learned on six statements may well be off the scale at twenty.

# %% [markdown]
# ### More people, more places
#
# Six people, six places, eight statements: 20 words, and stories in which the supporting fact may
# lie far back. The curriculum goes from 2 over 4 and 6 to 8 statements. **Predict** how the share
# of right answers looks over time.

# %% tags=["demo"]
larger_reader = network(features=len(vocabulary(6, 6)), outputs=6, word_size=16)
larger_levels = levels(2, 4, 6, 8, people=6, places=6)
larger_run = train(larger_reader, larger_levels, **settings, steps=3000, checkpoint="stories_6")

# %% tags=["demo"]
figure, ax = plt.subplots(figsize=(7, 3.2))
curve = smooth(larger_run.history["accuracy"])
ax.plot(np.arange(len(curve)) + 25, curve)
for start in np.flatnonzero(np.diff(larger_run.history["level"])):
    ax.axvline(start, color="gray", linestyle=":")
ax.set(xlabel="batches, mean of 25", title="share of answers right, 6 people and 6 places")
show(figure, "A curve rises to 0.9, drops at the first of three dotted lines, and nears 1")
task = {"people": 6, "places": 6, "statements": 8, "batch": 300, "unseen": True}
inputs, targets, mask = story_task(rng, **task)
print(f"unseen stories: {answers_right(larger_reader(inputs), targets, mask):.1%} of answers right")

# %% [markdown]
# Look at the dotted lines, where the stories get longer: a drop at the first, and a quick recovery.
# The two middle levels take few batches. The first takes many, since there the network learns to
# write, to ask by content, and to answer; and so does the last, from 90 % to 99 %.
#
# This is where a memory pays. In our trials a plain LSTM with no more parameters than ours, which
# makes 34 cells, needed 6000 batches for four people and places, and 13 000 for six. Ours needs 600
# and 800.

# %% [markdown]
# ### Word by word
#
# A sentence a step spares the network some work. Now one *word* a step: *Ada*, *went*, *to*, *the*,
# *kitchen*. When *kitchen* comes, a controller without a state does not know who went. So this
# network has an LSTM as its controller: it holds the sentence for some steps, and the memory holds
# the story.
#
# Training it takes some minutes, so its weights are shipped with the course (the script
# `lab/weights.py` made them). They go into *your* cell.
#
# This time the controller has a memory of its own. So the control is the same network with the
# DNC's memory emptied before each step. **Predict** what is left of its answers. Guessing gets
# 25 %.

# %% tags=["demo"]
from lab.data.stories import by_words
from lab.weights import trained


class Forgetful(DNCCell):
    def call(self, inputs, states):
        parts = len(self.memory_shapes)
        emptied = [tf.zeros_like(part) for part in states[:parts]]
        return super().call(inputs, [*emptied, *states[parts:]])


stories = [by_words(draw_story(rng, unseen=True)) for _ in range(200)]
inputs, targets, mask = story_batch(stories, encode_story)
for cell_class in DNCCell, Forgetful:
    by_word = tf.keras.layers.RNN(trained("words", cell_class), return_sequences=True)
    right = answers_right(by_word(inputs), targets, mask)
    print(f"{cell_class.__name__:9} {inputs.shape[1]} steps a story, {right:.1%} of answers right")

# %% tags=["demo"]
texts, answers = zip(*by_words([(sentence, None) for sentence in story]), strict=True)
spelled = record(trained("words", DNCCell), encode_story(texts, words), parse_interface)
spelled["input_words"] = texts
spelled["output_words"] = [PLACES[i] for i in spelled["outputs"].argmax(axis=1)]
views.MemoryTimeline(spelled, prediction="skipped")

# %% [markdown]
# It needs its memory, and yet this timeline is far less tidy than the others. The gates are half
# open much of the time, and many writes go by content to slots that are in use. At *where is Emmy*
# the head finds one slot, with nearly all of its weight. At *where is Alan* it reads nothing
# sharply, and the answer is right all the same: the LSTM must have kept the last thing that
# happened. Two memories share the work as it came about in training. (The outputs between the
# questions mean nothing; they were never asked for.)

# %% [markdown]
# ## Part 11 · Attention and memory
#
# Chapter 5 ended with a network that looked things up and could not write. Chapter 6 began with its
# lookup. Are they the same? Take a memory whose words have length 1. Attention scores the query
# against the keys by dot products and divides by √d; reading by content takes cosines times a
# strength. With the query √d · strength · key, and the memory as keys and values, **predict** the
# difference of the two.

# %%
rows = tf.math.l2_normalize(tf.random.normal([6, 4], seed=7), axis=-1)
key, strength = tf.math.l2_normalize(tf.random.normal([1, 4], seed=8), axis=-1), 5.0

query = 4**0.5 * strength * key
scores = tf.matmul(query, rows, transpose_b=True) / 4**0.5
attended = tf.matmul(tf.nn.softmax(scores), rows)

weights = mem_ops.content_weighting(rows, key, tf.constant([strength]))
print("attention", attended.numpy())
print("memory   ", mem_ops.read_memory(rows, weights).numpy())

# %% [markdown]
# Nothing but rounding. To attend and to read by content are **the same soft lookup**: compare, make
# weights with a softmax, blend. In attention the values may differ from the keys; in a memory a
# word is both.
#
# | | attention | memory |
# |---|---|---|
# | what is looked up | all that came in, in full | what the network chose to write |
# | grows with the input | yes | no, N slots |
# | changes | never | written, erased, freed |
# | where to put something new | not a question | allocation |
# | order | by positions, added to the input | by links, from the order of writing |

# %% [markdown]
# So memory adds three things. **Writing:** the network decides what to keep, and can change it.
# **Allocation:** it finds a free place and can give one back, and so goes on for longer than it has
# slots. **Order:** it can follow its own history, forward and backward, which no comparison of
# contents gives.
#
# They have a price. A memory must be gone through step by step; attention sees all steps at once,
# which is what graphics processors do well, and with positions it can learn order too. That is why
# large language models are built from attention, and look at all of their text again for each word.

# %% [markdown]
# ## What you can do now
#
# - **The machine**: controller, interface vector, memory step, and back. The memory has no
#   parameters.
# - **Squash**: sigmoid for gates, oneplus for strengths, softmax for modes. **Order**: usage and
#   freeing act one step late, links use the old precedence.
# - **A cell** with `call`, run by Keras, saved and loaded.
# - **Judge**: a loss with a mask and named arguments, whole sequences, controls without memory, and
#   larger memories without training. "It trains" proves nothing about the parts.
# - **Read a timeline**: copy goes by links, stories go by content.
# - **Attention and memory** are the same lookup; memory adds writing, allocation and order.

# %% [markdown]
# ## A question to answer in writing
#
# *"Attention already looks everything up. What is a memory for?"* Write eight to twelve sentences
# to a friend who has done chapter 5. Say in what sense attention and reading by content are the
# same operation. Then name what the memory of this chapter adds: three things, each with an example
# from the copy task or the stories, and what you saw of it in a timeline. End with one thing that
# attention does better.

# %% [markdown] written="dnc.attention_and_memory" points=4
# Both compare a query with keys, make weights of the scores with a softmax, and return a blend of
# values. The query is called a read key in the memory, a strength does what a low temperature does,
# and the slots are keys and values at once. With words of length 1 the two give the same numbers.
#
# Attention finds all of the input in front of it and changes nothing. A memory has to be written.
# In the stories, the network put each sentence into a slot, in a form that fitted the later
# question, and could answer though it sees one sentence at a time. To write something new, it needs
# a place: allocation gave it the freest slot, and in the copy task each vector got its own; slots
# that had been read were freed and could be used again. Third, the order: in the copy task the
# content of the vectors says nothing about which comes next. The timeline shows one lookup by
# content at the end mark, and from there steps forward along the links.
#
# Attention sees all places at once, so it needs no step for each word and trains fast on long
# texts. It also cannot lose anything by writing over it.

# %% [markdown]
# <details>
# <summary>How it is graded (4 points); open it when you have written your answer</summary>
#
# - 1 point: the same soft lookup: compare, softmax, blend; query and key, temperature and strength
#   are matched.
# - 1 point: writing, with an example: the network chooses what to keep, or changes it.
# - 1 point: allocation and order, each with an example: free slots, and links followed forward.
# - 1 point: something seen in a timeline is described rightly, and one thing is named that
#   attention does better.
#
# </details>

# %% [markdown]
# ## Further reading
#
# - Graves et al. 2016, Hybrid computing using a neural network with dynamic external memory,
#   *Nature* 538, pages 471–476, [doi:10.1038/nature20101](https://doi.org/10.1038/nature20101): the
#   machine of this chapter, on graphs, on a puzzle, and on all twenty bAbI tasks.
# - Graves, Wayne and Danihelka 2014, [Neural Turing Machines](https://arxiv.org/abs/1410.5401): the
#   ancestor; the copy task is in section 4.1.
# - Weston et al. 2015, [Towards AI-Complete Question Answering: A Set of Prerequisite Toy
#   Tasks](https://arxiv.org/abs/1502.05698): bAbI; task 1 is that of part 10.
# - Sukhbaatar et al. 2015, [End-To-End Memory Networks](https://arxiv.org/abs/1503.08895): the same
#   stories with attention over stored sentences, several lookups in a row, and no writing.
# - Vaswani et al. 2017, [Attention Is All You Need](https://arxiv.org/abs/1706.03762): what became
#   of it without a memory.
