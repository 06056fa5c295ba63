"""Calls what the learner wrote, and says kindly what came back."""

import sys

import numpy as np

TOLERANCE = 1e-4  # TensorFlow works with 32 bits


class Verdict(Exception):
    """Ends a comparison: `state` is missing, error, shape, differs or agrees."""

    def __init__(self, state, text, **more):
        super().__init__(text)
        self.as_dict = {"state": state, "text": text, **more}


def judge(function, settings, compare) -> dict:
    """The verdict on `function`, as the browser shows it.

    `compare(call, name)` calls the function by `call(...)` and raises a Verdict. The `settings`
    say what the verdict is about: when the controls have moved on, the browser waits for another.
    """
    name = getattr(function, "__name__", type(function).__name__)

    def call(*arrays, **options):
        return _call(function, arrays, options)

    try:
        compare(call, name)
    except Verdict as end:
        verdict = end
    except NotImplementedError:
        text = f"Your {name} is not written yet; until it is, you see the reference."
        verdict = Verdict("missing", text)
    except BaseException as error:  # an interrupted function must not cost the view either
        verdict = Verdict("error", f"Your {name} stopped with {_reason(error)}")
    return {"name": name, "settings": list(settings), **verdict.as_dict}


def _reason(error):
    """The kind of an error and what it says, in one line."""
    try:
        said = " ".join(str(error).split())[:200]
    except Exception:
        said = ""
    return f"{type(error).__name__}: {said}" if said else f"{type(error).__name__}."


def _call(function, arrays, options):
    """The arrays go in as NumPy's; a function that insists on tensors gets tensors."""
    try:
        return function(*arrays, **options)
    except (AttributeError, TypeError) as error:
        constant = getattr(sys.modules.get("tensorflow"), "constant", None)
        if constant is None:
            raise
        try:
            options = {key: constant(value) for key, value in options.items()}
            return function(*map(constant, arrays), **options)
        except Exception:
            raise error from None


def tensor(values):
    """`values` with 32 bits, as a tensor wherever there is TensorFlow: what its exercises take."""
    constant = getattr(sys.modules.get("tensorflow"), "constant", np.asarray)
    return constant(np.asarray(values, np.float32))


def pair(result, name, what):
    """The two parts of `result`, or the verdict that there are not two."""
    if isinstance(result, (tuple, list)) and len(result) == 2:
        return result
    if result is None:
        raise Verdict("shape", f"Your {name} returned nothing; expected {what}.")
    kind = type(result).__name__
    raise Verdict("shape", f"Your {name} returned one {kind}; expected a pair {what}.")


def array(result, shape, name, what):
    """`result` as an array of `shape`, or the verdict that it is none."""
    if result is None:
        raise Verdict("shape", f"Your {name} returned nothing for the {what}.")
    try:
        found = np.asarray(result, float)
    except (TypeError, ValueError):
        kind = type(result).__name__
        text = f"Your {name} returned a {kind} as {what}; expected numbers of shape {shape}."
        raise Verdict("shape", text) from None
    if found.shape != shape:
        text = f"Your {name} returned {what} of shape {found.shape}; expected {shape}."
        raise Verdict("shape", text)
    return found


def first_difference(found, expected):
    """The index of the first cell that differs, or None."""
    wrong = np.argwhere(~np.isclose(found, expected, rtol=TOLERANCE, atol=TOLERANCE))
    return tuple(int(i) for i in wrong[0]) if len(wrong) else None


def plain(values):
    """Nested lists for the browser; what JSON cannot say becomes None."""
    values = np.asarray(values, float)
    return np.where(np.isfinite(values), values, None).tolist()
