"""Correct solutions of the tensors chapter that do not look like the reference."""

import numpy as np

from tests.alternatives import alternative


@alternative("tensors.relu_loop", "fills zeros of the same dtype")
def relu_loop(x):
    rows, columns = x.shape
    result = np.zeros_like(x)
    for i in range(rows):
        for j in range(columns):
            if x[i, j] > 0:
                result[i, j] = x[i, j]
    return result


@alternative("tensors.relu_loop", "lists of Python's max")
def relu_loop(x):
    return np.array([[max(number, 0) for number in row] for row in x], dtype=x.dtype)


@alternative("tensors.relu_loop", "a product with True and False")
def relu_loop(x):
    return x * (x > 0)


@alternative("tensors.broadcast_shapes", "from the end, a list in place of a tuple")
def broadcast_shapes(a, b):
    result = []
    for i in range(1, max(len(a), len(b)) + 1):
        sizes = {shape[-i] for shape in (a, b) if i <= len(shape)} - {1}
        if len(sizes) > 1:
            raise ValueError("cannot broadcast")
        result.insert(0, sizes.pop() if sizes else 1)
    return result


@alternative("tensors.broadcast_shapes", "recursion on the last size")
def broadcast_shapes(a, b):
    def join(a, b):
        if not a or not b:
            return a + b
        if 1 not in (a[-1], b[-1]) and a[-1] != b[-1]:
            raise ValueError
        return (*join(a[:-1], b[:-1]), b[-1] if a[-1] == 1 else a[-1])

    return join(tuple(a), tuple(b))


@alternative("tensors.add_loop", "remainders of the positions")
def add_loop(x, y):
    shape = np.broadcast_shapes(x.shape, y.shape)
    x = x.reshape((1,) * (len(shape) - x.ndim) + x.shape)
    y = y.reshape((1,) * (len(shape) - y.ndim) + y.shape)
    result = np.empty(shape)
    for place in np.ndindex(shape):
        in_x = tuple(i % n for i, n in zip(place, x.shape, strict=True))
        in_y = tuple(i % n for i, n in zip(place, y.shape, strict=True))
        result[place] = x[in_x] + y[in_y]
    return result


@alternative("tensors.add_loop", "stretches first, then adds in pairs")
def add_loop(x, y):
    x, y = np.broadcast_arrays(x, y)
    total = [float(a) + float(b) for a, b in zip(x.flat, y.flat, strict=True)]
    return np.array(total).reshape(x.shape)


@alternative("tensors.add_loop", "recursion on the first axis")
def add_loop(x, y):
    def add(x, y):
        if x.ndim == y.ndim == 0:
            return float(x) + float(y)
        if x.ndim != y.ndim:
            return add(*((z[np.newaxis] if z.ndim < max(x.ndim, y.ndim) else z) for z in (x, y)))
        if len(x) != len(y) and 1 not in (len(x), len(y)):
            raise ValueError("the sizes differ")
        length = max(len(x), len(y))
        return [add(x[i % len(x)], y[i % len(y)]) for i in range(length)]

    return np.array(add(x, y))


@alternative("tensors.matmul_loop", "three loops over matrices")
def matmul_loop(x, y):
    if x.ndim not in (1, 2) or y.ndim not in (1, 2):
        raise ValueError("vectors and matrices only")
    left = x.reshape(1, -1) if x.ndim == 1 else x
    right = y.reshape(-1, 1) if y.ndim == 1 else y
    (m, n), (also_n, k) = left.shape, right.shape
    if n != also_n:
        raise ValueError("the sizes differ")
    result = np.zeros((m, k))
    for i in range(m):
        for j in range(k):
            for inner in range(n):
                result[i, j] += left[i, inner] * right[inner, j]
    if x.ndim == 1:
        result = result[0]
    return result[..., 0] if y.ndim == 1 else result


@alternative("tensors.matmul_loop", "a sum of outer products")
def matmul_loop(x, y):
    if x.ndim == 0 or y.ndim == 0 or x.ndim > 2 or y.ndim > 2:
        raise ValueError("vectors and matrices only")
    if x.shape[-1] != len(y):
        raise ValueError("the sizes differ")
    return sum(1.0 * np.multiply.outer(x[..., i], y[i]) for i in range(len(y)))


@alternative("tensors.take_batch", "counts the batches first")
def take_batch(data, index, size):
    batches = -(-len(data) // size)
    if index not in range(batches):
        raise IndexError("no such batch")
    return data[index * size : min((index + 1) * size, len(data))]


@alternative("tensors.take_batch", "positions in a list")
def take_batch(data, index, size):
    positions = [i for i in range(len(data)) if i // size == index]
    if not positions:
        raise IndexError
    return data[positions]


@alternative("tensors.take_batch", "splits the data")
def take_batch(data, index, size):
    batches = np.split(data, range(size, len(data), size))
    if index < 0:
        raise IndexError("batches are counted from 0")
    return batches[index]


@alternative("tensors.rotation", "columns from the basis vectors")
def rotation(angle):
    result = np.empty((2, 2))
    result[:, 0] = np.cos(angle), np.sin(angle)
    result[:, 1] = np.cos(angle + np.pi / 2), np.sin(angle + np.pi / 2)
    return result


@alternative("tensors.rotation", "complex numbers")
def rotation(angle):
    turned = np.exp(1j * angle) * np.array([1, 1j])
    return np.stack([turned.real, turned.imag])


@alternative("tensors.rotation", "the unit matrix and a quarter turn")
def rotation(angle):
    return np.cos(angle) * np.eye(2) + np.sin(angle) * np.array([[0, -1], [1, 0]])


@alternative("tensors.compose_affine", "asks where the origin and the basis vectors go")
def compose_affine(A1, b1, A2, b2):
    def both(x):
        return A2 @ (A1 @ x + b1) + b2

    offset = both(np.zeros(A1.shape[1]))
    return np.stack([both(basis) - offset for basis in np.eye(A1.shape[1])], axis=1), offset


@alternative("tensors.compose_affine", "one larger matrix for each map, a list as result")
def compose_affine(A1, b1, A2, b2):
    def enlarged(A, b):
        last = np.eye(1, A.shape[1] + 1, A.shape[1])
        return np.vstack([np.column_stack([A, b]), last])

    product = enlarged(A2, b2) @ enlarged(A1, b1)
    return [product[:-1, :-1], product[:-1, -1]]


@alternative("tensors.compose_affine", "rows in place of columns")
def compose_affine(A1, b1, A2, b2):
    return (A1.T @ A2.T).T, b1 @ A2.T + b2


@alternative("tensors.dense", "one number at a time")
def dense(x, W, b):
    result = np.zeros((len(x), len(b)))
    for example in range(len(x)):
        for output in range(len(b)):
            total = b[output] + sum(x[example, i] * W[i, output] for i in range(len(W)))
            result[example, output] = max(total, 0)
    return result


@alternative("tensors.dense", "the bias as one more row of the weights")
def dense(x, W, b):
    ones = np.ones((len(x), 1))
    result = np.hstack([x, ones]) @ np.vstack([W, b])
    result[result < 0] = 0
    return result


@alternative("tensors.dense", "examples as columns, and half of z + |z|")
def dense(x, W, b):
    z = (W.T @ x.T + b[:, np.newaxis]).T
    return (z + np.abs(z)) / 2
