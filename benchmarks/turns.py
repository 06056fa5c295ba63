"""What the benchmarks have in common: contenders take turns, and a share is taken turn by turn."""

import time
from statistics import median


def seconds(call):
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def take_turns(calls, rounds):
    """The results of each call: first one of each, then the next of each, and so on."""
    turns = [{name: call() for name, call in calls.items()} for _ in range(rounds)]
    return {name: [turn[name] for turn in turns] for name in calls}


def share(times, base):
    return median(a / b for a, b in zip(times, base, strict=True))
