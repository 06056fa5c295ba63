"""Backpropagation against facts that do not come from it: differences, the tape, small numbers."""

import operator
import re
import sys
from functools import reduce

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import mutually_broadcastable_shapes

from autograder import exercises
from autograder.build import exercise_source
from autograder.evidence import Finding
from autograder.exercises import backprop as probes
from autograder.judge import judge
from lab.data import digits
from solutions import backprop
from solutions.backprop import (
    Node,
    gradient_check,
    topological_order,
    train_digits,
    two_layer_gradients,
    unbroadcast,
)

few = settings(deadline=None, max_examples=20, derandomize=True)
seeds = st.integers(0, 2**32 - 1).map(np.random.default_rng)
sizes = st.integers(1, 5)
broadcastable = mutually_broadcastable_shapes(num_shapes=2, max_dims=3, max_side=3)


def measure(function, arrays, eps=1e-6):
    """The gradient of a number for each of several arrays, from central differences."""
    gradients = [np.zeros(np.shape(array)) for array in arrays]
    for gradient, k in zip(gradients, range(len(arrays)), strict=True):
        for place in np.ndindex(gradient.shape):
            step = np.zeros(gradient.shape)
            step[place] = eps
            above, below = (
                function(*arrays[:k], arrays[k] + sign * step, *arrays[k + 1 :]) for sign in (1, -1)
            )
            gradient[place] = (above - below) / (2 * eps)
    return gradients


def assert_all_close(ours, theirs, atol=1e-7):
    for one, other in zip(ours, theirs, strict=True):
        assert np.shape(one) == np.shape(other)
        np.testing.assert_allclose(one, other, atol=atol)


# --- By hand ------------------------------------------------------------------------------------


@given(seeds, sizes, sizes, sizes, sizes)
@few
def test_the_gradients_by_hand_are_those_of_the_tape_and_of_differences(
    rng, n, inputs, hidden, out
):
    shapes = (n, inputs), (n, out), (inputs, hidden), (hidden,), (hidden, out), (out,)
    x, targets, *parameters = (rng.normal(size=shape) for shape in shapes)

    def loss(W1, b1, W2, b2):
        predictions = np.maximum(x @ W1 + b1, 0) @ W2 + b2
        return ((predictions - targets) ** 2).sum() / 2

    ours = two_layer_gradients(x, targets, *parameters)
    assert_all_close(ours, measure(loss, parameters), atol=1e-5)
    W1, b1, W2, b2 = variables = [tf.Variable(array) for array in parameters]
    with tf.GradientTape() as tape:
        predictions = tf.nn.relu(x @ W1 + b1) @ W2 + b2
        total = tf.nn.l2_loss(predictions - targets)
    assert_all_close(ours, tape.gradient(total, variables))


@given(seeds, broadcastable)
@few
def test_unbroadcast_is_the_transpose_of_broadcasting(rng, shapes):
    """What a number weighs in all of its copies together, it weighs once in the sum."""
    gradient = rng.normal(size=shapes.result_shape)
    before = gradient.copy()
    for shape in shapes.input_shapes:
        array = rng.normal(size=shape)
        summed = unbroadcast(gradient, shape)
        assert np.shape(summed) == shape
        np.testing.assert_allclose((summed * array).sum(), (gradient * array).sum(), atol=1e-9)
    np.testing.assert_array_equal(gradient, before)


# --- Each operation -----------------------------------------------------------------------------

relu, total, log_softmax = map(operator.methodcaller, ("relu", "sum", "log_softmax"))

OPERATIONS = {  # ours, TensorFlow's, the shapes of the parents
    "+": (operator.add, tf.add, [(3, 4), (3, 4)]),
    "+ of a row": (operator.add, tf.add, [(3, 4), (4,)]),
    "+ of a number": (operator.add, tf.add, [(), (2, 3)]),
    "×": (operator.mul, tf.multiply, [(3, 4), (3, 4)]),
    "× of both stretched": (operator.mul, tf.multiply, [(2, 1, 4), (3, 1)]),
    "@": (operator.matmul, tf.matmul, [(2, 3), (3, 4)]),
    "relu": (relu, tf.nn.relu, [(3, 4)]),
    "sum": (total, tf.reduce_sum, [(2, 3)]),
    "log_softmax": (log_softmax, tf.nn.log_softmax, [(3, 4)]),
    "log_softmax of rank 3": (log_softmax, tf.nn.log_softmax, [(2, 3, 4)]),
    "log_softmax of a row": (log_softmax, tf.nn.log_softmax, [(5,)]),
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_each_rule_is_that_of_the_tape_and_of_differences(name):
    ours, theirs, shapes = OPERATIONS[name]
    rng = np.random.default_rng(len(name))
    arrays = [rng.normal(size=shape) for shape in shapes]
    parents = [Node(array) for array in arrays]
    node = ours(*parents)
    assert node.parents == tuple(parents)
    assert node.operation == name.partition(" ")[0]
    gradient = rng.normal(size=node.value.shape)

    tensors = [tf.constant(array) for array in arrays]
    with tf.GradientTape() as tape:
        tape.watch(tensors)
        result = theirs(*tensors)
    np.testing.assert_allclose(node.value, result, atol=1e-12)
    assert_all_close(
        node.rule(gradient), tape.gradient(result, tensors, output_gradients=tf.constant(gradient))
    )

    def weighed(*moved):
        return (gradient * ours(*map(Node, moved)).value).sum()

    assert_all_close(node.rule(gradient), measure(weighed, arrays), atol=1e-6)


@pytest.mark.parametrize("operation", [operator.add, operator.mul])
@given(rng=seeds, shapes=broadcastable)
@few
def test_a_rule_returns_gradients_of_the_parents_shapes(operation, rng, shapes):
    arrays = [rng.normal(size=shape) for shape in shapes.input_shapes]
    node = operation(*map(Node, arrays))
    gradient = rng.normal(size=node.value.shape)

    def weighed(*moved):
        return (gradient * operation(*moved)).sum()

    assert_all_close(node.rule(gradient), measure(weighed, arrays), atol=1e-6)


def test_a_leaf():
    node = Node([1, 2])
    assert node.value.dtype == np.float64
    assert (node.parents, node.operation, node.gradient) == ((), "", None)
    assert node.rule(np.ones(2)) == ()


def test_relu_is_flat_at_zero_and_below():
    (gradient,) = Node([-1.0, -0.0, 0.0, 2.0]).relu().rule(np.array([5.0, 5, 5, 5]))
    np.testing.assert_array_equal(gradient, [0, 0, 0, 5])


def test_log_softmax_of_large_values_is_finite():
    node = Node([[1000.0, 0, -1000], [-1000, -1000, -1000]]).log_softmax()
    np.testing.assert_allclose(node.value, [[0, -1000, -2000], [-np.log(3)] * 3])
    (gradient,) = node.rule(np.array([[1.0, 0, 0], [0, 0, 3]]))
    np.testing.assert_allclose(gradient, [[0, 0, 0], [-1, -1, 2]], atol=1e-12)


# --- Graphs -------------------------------------------------------------------------------------


# An operation of two values, in the engine and in TensorFlow; products are kept small.
PAIRS = [
    (operator.add, operator.add),
    (lambda a, b: a * b * Node(0.3), lambda a, b: a * b * 0.3),
    (lambda a, b: a @ b * Node(0.3), lambda a, b: a @ b * 0.3),
    (lambda a, b: a.relu() + b, lambda a, b: tf.nn.relu(a) + b),
    (lambda a, b: a.log_softmax() * b, lambda a, b: tf.nn.log_softmax(a) * b),
]


@given(seeds)
@few
def test_gradients_of_random_computations_are_those_of_the_tape(rng):
    shapes = (3, 3), (3, 3), (3,), (3, 1), ()
    arrays = [rng.normal(size=shape) for shape in shapes]
    plan = [(rng.integers(len(PAIRS)), *rng.integers(5 + step, size=2)) for step in range(12)]

    def compute(engine, leaves, zeros):
        values = [leaf + zeros for leaf in leaves]  # 3 by 3, all of them
        for number, one, other in plan:
            values.append(PAIRS[number][engine](values[one], values[other]))
        everything = reduce(operator.add, values)
        return everything * everything

    nodes, tensors = [Node(a) for a in arrays], [tf.constant(a) for a in arrays]
    ours = compute(0, nodes, Node(np.zeros((3, 3)))).sum()
    backprop.backward(ours)
    with tf.GradientTape() as tape:
        tape.watch(tensors)
        theirs = tf.reduce_sum(compute(1, tensors, tf.zeros((3, 3), tf.float64)))
    np.testing.assert_allclose(ours.value, theirs, rtol=1e-9)
    for node, gradient in zip(nodes, tape.gradient(theirs, tensors), strict=True):
        assert node.gradient.shape == node.value.shape
        np.testing.assert_allclose(node.gradient, gradient, rtol=1e-7, atol=1e-9)


@given(seeds)
@few
def test_the_check_finds_random_computations_right(rng):
    def smooth(a, b, c):
        shared = (a @ b + c).log_softmax()
        return (shared * shared + a * shared).sum() + (b @ shared).sum()

    arrays = [rng.normal(size=shape) for shape in ((3, 3), (3, 3), (3,))]
    assert gradient_check(smooth, arrays) < 1e-6


@pytest.mark.parametrize(
    "function, slope",
    [
        (lambda x: x + x, 2),
        (lambda x: x * x, 6),
        (lambda x: x * x * x, 27),
        (lambda x: (x + x) * (x + x), 24),
        (lambda x: (x * x + x) * x, 33),
        (lambda x: x.relu() + x, 2),
        (lambda x: x, 1),
    ],
)
def test_a_value_that_is_used_more_than_once_gets_the_sum(function, slope):
    x = Node(3.0)
    backprop.backward(function(x))
    assert x.gradient == pytest.approx(slope)


def test_a_second_pass_begins_anew():
    x, y = Node([1.0, 2]), Node([3.0, 4])
    shared = x * y
    for loss in shared.sum(), (shared * shared).sum(), shared.sum():
        assert backprop.backward(loss) is None
    np.testing.assert_array_equal(x.gradient, [3, 4])
    np.testing.assert_array_equal(y.gradient, [1, 2])


def test_the_loss_may_be_a_matrix_with_one_number():
    a, b = Node([[1.0, 2]]), Node([[3.0], [4]])
    loss = a @ b
    backprop.backward(loss)
    np.testing.assert_array_equal(loss.gradient, [[1]])
    np.testing.assert_array_equal(a.gradient, [[3, 4]])


@given(seeds, st.integers(1, 30))
@few
def test_parents_stand_before_children_and_each_once(rng, count):
    nodes = []
    for _ in range(count):
        chosen = rng.choice(nodes, size=min(2, len(nodes))) if nodes and rng.random() < 0.8 else ()
        nodes.append(Node(0.0, tuple(chosen)))
    order = topological_order(nodes[-1])
    place = {node: i for i, node in enumerate(order)}
    assert len(place) == len(order)
    assert order[-1] is nodes[-1]
    assert all(place[parent] < place[node] for node in order for parent in node.parents)


def test_long_chains_and_many_ways_are_no_problem():
    x = Node(2.0)
    node = x
    for _ in range(20_000):
        node = node + x
    assert sys.getrecursionlimit() < 20_000
    assert len(topological_order(node)) == 20_001
    backprop.backward(node)
    assert x.gradient == 20_001
    node = x
    for _ in range(60):
        node = node + node
    backprop.backward(node)
    assert x.gradient == 2.0**60


# --- The check of gradients ---------------------------------------------------------------------


def test_the_check_finds_a_wrong_rule_and_says_by_how_much():
    def slip(x):
        return Node((x.value**2).sum(), (x,), lambda gradient: (gradient * x.value,))

    array = np.array([[1.0, -4], [2, 3]])
    before = array.copy()
    difference = gradient_check(slip, [array])
    assert type(difference) is float
    assert difference == pytest.approx(4, abs=1e-6)
    np.testing.assert_array_equal(array, before)


def test_the_measure_of_a_cube_is_off_by_the_square_of_the_step():
    assert gradient_check(lambda x: (x * x * x).sum(), [np.array([1.0])], 0.1) == pytest.approx(
        0.01
    )


# --- The network --------------------------------------------------------------------------------


def draw_parameters(rng, *widths):
    parameters = []
    for fan_in, fan_out in zip(widths, widths[1:], strict=False):
        parameters += [rng.normal(size=(fan_in, fan_out)) * np.sqrt(2 / fan_in), np.zeros(fan_out)]
    return parameters


def test_training_is_that_of_keras():
    rng = np.random.default_rng(0)
    pictures, labels = rng.uniform(size=(20, 6)), rng.integers(4, size=20)
    parameters = draw_parameters(rng, 6, 5, 4)
    batches = [rng.permutation(20)[:size] for size in (8, 3, 8, 1)]
    moved, losses = train_digits(pictures, labels, parameters, batches, 0.3)

    layers = [tf.keras.layers.Dense(5, "relu"), tf.keras.layers.Dense(4)]
    model = tf.keras.Sequential([tf.keras.Input([6]), *layers])
    model.set_weights(parameters)
    model.compile("sgd", tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.optimizer.learning_rate = 0.3
    for batch, loss in zip(batches, losses, strict=True):
        assert type(loss) is float
        assert model.train_on_batch(pictures[batch], labels[batch]) == pytest.approx(loss, rel=1e-4)
        model.reset_metrics()
    assert_all_close(moved, model.get_weights(), atol=1e-5)


def test_training_leaves_the_first_parameters_as_they_were():
    rng = np.random.default_rng(1)
    parameters = draw_parameters(rng, 3, 4, 2)
    before = [array.copy() for array in parameters]
    inputs = rng.uniform(size=(5, 3)), np.array([0, 1, 1, 0, 1])
    train_digits(*inputs, parameters, [np.arange(5)] * 3, 0.5)
    assert_all_close(parameters, before, atol=0)
    assert train_digits(*inputs, parameters, [], 0.5) == (parameters, [])


def test_it_learns_to_read_digits():
    train, train_labels, test, test_labels = digits.load()
    rng = np.random.default_rng(0)
    parameters = draw_parameters(rng, 64, 32, 10)
    batches = [
        batch for _ in range(30) for batch in np.array_split(rng.permutation(len(train)), 47)
    ]
    pictures = train.reshape(-1, 64) / 16
    (W1, b1, W2, b2), losses = train_digits(pictures, train_labels, parameters, batches, 0.3)
    assert np.mean(losses[-47:]) < 0.1 * np.mean(losses[:5])
    logits = np.maximum(test.reshape(-1, 64) / 16 @ W1 + b1, 0) @ W2 + b2
    assert (logits.argmax(axis=1) == test_labels).mean() >= 0.95


# --- What the probes look at --------------------------------------------------------------------


def test_the_stand_ins_are_what_their_graph_says():
    nodes = probes.stand_ins("a, b = 3 a, c = a + 2 b")
    assert list(nodes) == ["a", "b", "c"]
    assert nodes["c"].parents == (nodes["a"], nodes["b"])
    assert nodes["c"].value == 7
    assert nodes["c"].rule(10) == (10, 20)
    assert nodes["a"].rule(1) == ()


def test_an_order_is_told_by_what_all_right_orders_share():
    nodes = probes.stand_ins("a, b = a, c, d = b + c")
    a, b, c, d = nodes.values()
    right = probes.described([a, b, c, d], nodes)
    assert right == probes.described([c, a, b, d], nodes)
    assert right["order"] == "parents first"
    assert probes.described([b, a, c, d], nodes)["order"] == "b before its parent a"
    assert probes.described([a, b, b, c, d], nodes)["names of the Nodes"] == "a, b, b, c, d"
    with pytest.raises(Finding, match="returned a set"):
        probes.described({a, b}, nodes)


def test_a_walk_along_every_way_is_stopped():
    def walk(node):
        return [*(one for parent in node.parents for one in walk(parent)), node]

    with pytest.raises(Finding, match="every way|follow them all"):
        probes.order_of(walk, probes.DOUBLINGS)
    with pytest.raises(Finding, match="recursion limit"):
        probes.order_of_a_chain(walk, probes.LONG)


def test_errors_call_a_stand_in_as_the_learner_does():
    one, other = probes.chain(2)
    with pytest.raises(TypeError, match="'Node' and 'Node'"):
        one - other
    assert repr(probes.stand_ins("a")["a"]) == "<Node a>"


@pytest.mark.parametrize("one", [1, 1.0, np.array(1.0)])
def test_a_plain_one_for_the_loss_costs_one_case_and_hides_no_other_fault(one):
    def judged(put):
        def backward(loss):
            order = topological_order(loss)
            for node in order:
                node.gradient = np.zeros_like(node.value)
            loss.gradient = one
            for node in reversed(order):
                for parent, gradient in zip(node.parents, node.rule(node.gradient), strict=True):
                    put(parent, gradient)

        return judge("backprop.backward", exercises.find("backprop.backward").run(backward, 1), 1)

    def add(parent, gradient):
        parent.gradient = parent.gradient + gradient

    def overwrite(parent, gradient):
        parent.gradient = gradient

    verdict = judged(add)
    assert verdict.passed == len(verdict.cases) - 1
    assert verdict.first_problem.name == "a loss of shape (1, 1)"
    assert "np.ones_like(loss.value)" in verdict.diagnosis.says
    assert judged(overwrite).diagnosis.thought == "the last one counts"


def test_the_training_says_where_a_node_stands_for_numbers():
    def trains(parameters, losses):
        return lambda *inputs: (parameters, losses)

    inputs = np.zeros((1, 2)), np.zeros(1, int), [], [], 0.1
    with pytest.raises(Finding, match="losses are Nodes"):
        probes.trained(trains([], [Node(1.0)]), *inputs)
    with pytest.raises(Finding, match="parameters are Nodes"):
        probes.trained(trains([Node(1.0)], [1.0]), *inputs)
    assert probes.trained(trains([np.ones(2)], [1.0]), *inputs)[1] == [1.0]


def test_a_rule_for_one_parent_returns_a_tuple():
    class Bare(Node):
        def relu(self):
            on = self.value > 0
            return Node(self.value * on, (self,), lambda gradient: gradient * on, "relu")

    run = exercises.find("backprop.Node").run
    judged = judge("backprop.Node", run(Bare, 1), 1)
    assert judged.passed == len(judged.cases) - 2
    assert "with its comma" in judged.first_problem.problem


def test_each_method_of_a_node_earns_its_own_points():
    answers = re.compile("### BEGIN SOLUTION.*?### END SOLUTION", re.DOTALL)
    untouched: dict = {}
    exec(answers.sub("raise NotImplementedError()", exercise_source("backprop.Node")), untouched)
    half = untouched["Node"]
    run = exercises.find("backprop.Node").run
    assert judge("backprop.Node", run(half, 1), 1).unwritten
    half.__init__ = Node.__init__
    half.relu = Node.relu
    judged = judge("backprop.Node", run(half, 1), 1)
    right = [case.name for case in judged.cases if case.problem is None]
    assert right == ["a leaf", "what a Node keeps", "relu", "relu: the rule", "relu: the rule at 0"]
    assert "not written yet" in judged.first_problem.problem
