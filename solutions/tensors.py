"""Tensors: arrays of numbers with axes, the operations on them, and their geometry."""

import numpy as np


def relu_loop(x):
    """Put 0 in the place of every negative number, one number at a time.

    ``x`` is an array of shape [rows, columns]; the result is a new array of the same shape and
    dtype, and ``x`` itself is left as it was.

    >>> relu_loop(np.array([[1.0, -2.0], [-3.0, 4.0]]))
    array([[1., 0.],
           [0., 4.]])
    """
    result = x.copy()
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            if x[i, j] < 0:
                result[i, j] = 0
    return result


def broadcast_shapes(a, b):
    """Return the shape of the result when arrays of shapes ``a`` and ``b`` are added.

    Shapes are tuples of sizes, of any length. They are laid one under the other with their last
    axes in line; axes that one of them lacks count as 1. In each place the sizes must be equal, or
    one of them must be 1, and the result has the other one. A size may be 0. Returns a tuple of
    integers.
    Raises ValueError when the sizes of a place do not fit together.
    Compare the sizes yourself; what NumPy has for broadcasting is not accepted.

    >>> broadcast_shapes((3, 1), (4,))
    (3, 4)

    NumPy User Guide, "Broadcasting".
    """
    rank = max(len(a), len(b))
    sizes_of_a = (1,) * (rank - len(a)) + tuple(a)
    sizes_of_b = (1,) * (rank - len(b)) + tuple(b)
    result = []
    for m, n in zip(sizes_of_a, sizes_of_b, strict=True):
        if m != n and m != 1 and n != 1:
            raise ValueError(f"shapes {a} and {b} do not fit together: {m} meets {n}")
        result.append(n if m == 1 else m)
    return tuple(result)


def add_loop(x, y):
    """Add two arrays with broadcasting, one number at a time.

    ``x`` and ``y`` are arrays of any shapes that fit together by the rule of ``broadcast_shapes``;
    along an axis that an array lacks, or where its size is 1, its numbers are used again and
    again. The result is a new array of floats of the broadcast shape; ``x`` and ``y`` are left as
    they were. Raises ValueError when the shapes do not fit together.

    >>> add_loop(np.array([[1.0], [2.0]]), np.array([10.0, 20.0, 30.0]))
    array([[11., 21., 31.],
           [12., 22., 32.]])
    """
    result = np.zeros(broadcast_shapes(x.shape, y.shape))
    for place in np.ndindex(result.shape):
        total = 0.0
        for array in (x, y):
            own = place[result.ndim - array.ndim :]
            total += array[tuple(i if n > 1 else 0 for i, n in zip(own, array.shape, strict=True))]
        result[place] = total
    return result


def matmul_loop(x, y):
    """Multiply vectors and matrices, one number at a time.

    Shapes: vector [n] times vector [n] gives a number; matrix [m, n] times vector [n] gives [m];
    vector [n] times matrix [n, k] gives [k]; matrix [m, n] times matrix [n, k] gives [m, k]. Each
    number of the result is a sum of n products, a float, also where ``x`` and ``y`` hold integers.
    Raises ValueError when the two n differ, and when ``x`` or ``y`` has no axis or more than two.
    Multiply and add yourself; a ready-made product, such as ``@`` or ``np.dot``, is not accepted.

    >>> matmul_loop(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([10.0, 1.0]))
    array([12., 34.])
    """
    if not {x.ndim, y.ndim} <= {1, 2}:
        raise ValueError(f"only vectors and matrices, not ranks {x.ndim} and {y.ndim}")
    if x.shape[-1] != y.shape[0]:
        raise ValueError(f"{x.shape[-1]} numbers cannot meet {y.shape[0]}")
    if x.ndim == 2:
        return np.array([matmul_loop(row, y) for row in x])
    if y.ndim == 2:
        return np.array([matmul_loop(x, column) for column in y.T])
    total = 0.0
    for a, b in zip(x, y, strict=True):
        total += a * b
    return total


def take_batch(data, index, size):
    """Return batch number ``index`` of ``data``, batches counted from 0.

    The first axis of ``data`` counts the examples; a batch has ``size`` of them in their order, the
    last batch those that are left. All other axes stay. Raises IndexError when there is no such
    batch, also when ``index`` is below 0.

    >>> take_batch(np.array([5, 6, 7, 8, 9]), 2, 2)
    array([9])
    """
    start = index * size
    if not 0 <= start < len(data):
        raise IndexError(f"there is no batch {index} of size {size} in {len(data)} examples")
    return data[start : start + size]


def rotation(angle):
    """Return the matrix that turns the plane by ``angle`` around the origin.

    ``angle`` is in radians, counterclockwise. The result R has shape [2, 2]: R @ p is the point p
    [2], turned. Its columns are where the two basis vectors go.
    """
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


def compose_affine(A1, b1, A2, b2):
    """Return the one affine map that does what two do, the first one first.

    The first map takes a point x [n] to A1 x + b1, the second takes what comes out to A2 x + b2.
    Shapes: ``A1`` [m, n], ``b1`` [m], ``A2`` [k, m], ``b2`` [k].
    Returns (A [k, n], b [k]) with A x + b = A2 (A1 x + b1) + b2 for every x.
    """
    return A2 @ A1, A2 @ b1 + b2


def dense(x, W, b):
    """Apply a dense layer with relu to a batch: relu(x W + b).

    Shapes: ``x`` [batch, inputs], one example a row; ``W`` [inputs, outputs]; ``b`` [outputs].
    Returns an array of shape [batch, outputs], without negative numbers.
    """
    return np.maximum(x @ W + b, 0)
