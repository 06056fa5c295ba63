"""How a graph grows: what TensorFlow records for a loop, and for the same without a loop."""

import time
from statistics import median

import numpy as np
from tqdm.auto import tqdm

SIZES = (4, 8, 16, 32, 64, 128, 256)
REPEATS = 7
QUANTITIES = ("operations", "tracing", "step")


def measure(loop, vector, shapes, sizes=SIZES, seconds=10):
    """Trace two versions of a function for growing sizes N, and say what that costs.

    ``shapes(n)`` gives the shapes of the inputs at size n, such as ``([n, n], [n], [n])``; the
    inputs are float32. Each version is traced as long as that takes less than about ``seconds`` in
    all, three times that for the first three sizes, which the law needs; the sizes that are left
    are predicted by the law that fits the counts.

    Returns a list of dicts, one for each version and size: "version" ("loop" or "vector"), the
    "name" of the function, "size", "operations" in the graph, the seconds of "tracing" and of one
    "step" once traced (the median of several), "measured" (False for a prediction). A function that
    is not written yet, or stops, has a row with "problem" in place of numbers. An interrupt keeps
    what was measured.
    """
    sizes, rows = sorted(sizes), []
    try:
        with tqdm(total=2 * len(sizes), unit="graph") as bar:
            for version, function in {"vector": vector, "loop": loop}.items():
                about = {"version": version, "name": getattr(function, "__name__", version)}
                for row in _grow(function, shapes, sizes, seconds):
                    rows.append({**about, **row})
                    bar.set_postfix_str(f"{about['name']}, N = {row['size']}")
                    bar.update()
                bar.update(-bar.n % len(sizes))  # the sizes that would take too long
    except KeyboardInterrupt:
        pass
    return rows + _predict(rows, sizes)


def law(rows):
    """The whole numbers (a, b, c) for which a (N² − N) + b N + c is each of the counts, or None.

    ``rows`` are those of one version; three measured sizes at least are needed to find them.
    """
    counts = {row["size"]: row["operations"] for row in rows if row.get("measured")}
    if len(counts) < 3:
        return None
    terms = np.array([_terms(size) for size in counts], float)
    found = np.linalg.lstsq(terms, np.array([*counts.values()], float), rcond=None)[0]
    whole = tuple(int(round(x)) for x in found)
    fits = all(_at(whole, size) == count for size, count in counts.items())
    return whole if fits else None


def _terms(size):
    return size * size - size, size, 1


def _at(coefficients, size):
    return sum(x * term for x, term in zip(coefficients, _terms(size), strict=True))


def _grow(function, shapes, sizes, seconds):
    """One row after the other, until the next would take too long."""
    rows, spent, last = [], 0.0, 0.0
    for size in sizes:
        # Without three sizes there is no law, so these may take longer.
        limit = seconds if len(rows) >= 3 else 3 * seconds
        if rows and spent + last * _growth(rows, size) > limit:
            return
        try:
            if not rows:
                _trace(function, shapes(size))  # the first trace of all takes longer
            start = time.perf_counter()
            row = _measure_one(function, shapes(size))
        except Exception as error:
            yield {"size": size, "problem": _reason(error), "missing": _is_missing(error)}
            return
        last = time.perf_counter() - start
        spent += last
        rows.append({"size": size, "measured": True, **row})
        yield rows[-1]


def _growth(rows, size):
    """How many times more operations there will be at `size` than in the last of the rows."""
    coefficients = law(rows)
    if coefficients is None:  # too few to tell: suppose that each pair counts
        return (size / rows[-1]["size"]) ** 2
    return _at(coefficients, size) / rows[-1]["operations"]


def _measure_one(function, shapes):
    start = time.perf_counter()
    traced = _trace(function, shapes)
    tracing = time.perf_counter() - start
    inputs = [np.random.default_rng(0).random(shape, np.float32) for shape in shapes]
    return {
        "operations": len(traced.graph.get_operations()),
        "tracing": tracing,
        "step": _time_step(traced, inputs),
    }


def _trace(function, shapes):
    import tensorflow as tf  # here, since the view that draws the rows does without

    inputs = [tf.TensorSpec(shape, tf.float32) for shape in shapes]
    return tf.function(function).get_concrete_function(*inputs)


def _time_step(traced, inputs):
    import tensorflow as tf

    inputs = [tf.constant(each) for each in inputs]
    traced(*inputs)  # the first call prepares the graph
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        traced(*inputs)
        times.append(time.perf_counter() - start)
    return median(times)


def _predict(rows, sizes):
    """Rows for the sizes that were not measured; the times grow as the operations do."""
    predicted = []
    for version in dict.fromkeys(row["version"] for row in rows):
        known = [row for row in rows if row["version"] == version and row.get("measured")]
        coefficients = law(known)
        if coefficients is None:
            continue
        for size in (n for n in sizes if n > known[-1]["size"]):
            more = _at(coefficients, size) / known[-1]["operations"]
            row = {name: known[-1][name] * more for name in QUANTITIES}
            row |= {"size": size, "measured": False, "operations": _at(coefficients, size)}
            predicted.append({**known[-1], **row})
    return predicted


def _is_missing(error):
    return isinstance(error, NotImplementedError)


def _reason(error):
    """The kind of an error and what it says, without the trace that TensorFlow puts before it."""
    kind = type(error).__name__
    lines = str(error).strip().splitlines() or [""]
    said = lines[-1].strip().removeprefix(f"{kind}:").strip()[:200]
    return f"{kind}: {said}" if said else kind
