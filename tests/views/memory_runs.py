"""Runs of the memory under gates set by hand, for the Memory timeline."""

from functools import cache

import numpy as np

from lab.views import MemoryTimeline

WORDS = {"a": (1, 0, 0), "b": (0, 1, 0), "c": (0, 0, 1), "d": (0.6, 0.8, 0), "e": (0.8, 0, 0.6)}
BACKWARD, CONTENT, FORWARD = np.eye(3)

# Write three words, read them in order, free the second and write over it, change the third.
STORY = (
    {"write": "a"},
    {"write": "b"},
    {"write": "c"},
    {"read": "a"},
    {"mode": FORWARD},
    {"mode": FORWARD, "free": 0.99},
    {"write": "d", "read": "c"},
    {"read": "d"},
    {"write": "e", "over": "c", "mode": FORWARD},
    {"write": "b", "gate": 0.5, "read": "e"},
)


@cache
def by_hand(slots=4):
    """The story's run, its state computed by the course's reference."""
    return record([interface(**asked) for asked in STORY], slots, [said(**each) for each in STORY])


def timeline(**traits):
    return MemoryTimeline(by_hand(), **traits)


def said(write="", read="", mode=None, **_):
    return write or (f"{read}?" if read else "next")


def interface(write=None, over=None, gate=1.0, read=None, mode=CONTENT, free=0.0):
    """What the controller asks for, with one head and sharp strengths."""
    return {
        "read_keys": [WORDS.get(read, (0, 0, 0))],
        "read_strengths": [50],
        "write_key": WORDS.get(over, (0, 0, 0)),
        "write_strength": 50,
        "erase": np.ones(3),
        "write_vector": WORDS.get(write, (0, 0, 0)),
        "free_gates": [free],
        "allocation_gate": 0.03 if over else 1,
        "write_gate": gate if write else 0,
        "read_modes": [mode],
    }


@cache
def at_random(steps, slots, width, heads, seed=0):
    """The run of a controller that asks for anything."""
    rng = np.random.default_rng(seed)
    shapes = {
        "read_keys": (heads, width),
        "read_strengths": (heads,),
        "write_key": (width,),
        "write_strength": (),
        "erase": (width,),
        "write_vector": (width,),
        "free_gates": (heads,),
        "allocation_gate": (),
        "write_gate": (),
    }
    asked = []
    for _ in range(steps):
        parts = {name: rng.uniform(size=shape) for name, shape in shapes.items()}
        parts["read_strengths"], parts["write_strength"] = 9 * parts["read_strengths"], 9.0
        asked.append({**parts, "read_modes": rng.dirichlet(np.ones(3) / 4, size=heads)})
    return record(asked, slots)


def record(interfaces, slots, words=None):
    from solutions.dnc import memory_step

    interfaces = [{k: np.asarray(v, np.float32) for k, v in each.items()} for each in interfaces]
    heads, width = interfaces[0]["read_keys"].shape
    state = {
        "memory": np.zeros((slots, width), np.float32),
        "usage": np.zeros(slots, np.float32),
        "precedence": np.zeros(slots, np.float32),
        "write_weights": np.zeros(slots, np.float32),
        "link": np.zeros((slots, slots), np.float32),
        "read_weights": np.zeros((heads, slots), np.float32),
    }
    states = []
    for asked in interfaces:
        state = memory_step(state, asked)
        states.append(state)
    steps = [{**asked, **state} for asked, state in zip(interfaces, states, strict=True)]
    run = {name: np.stack([np.asarray(each[name]) for each in steps]) for name in steps[0]}
    run |= {"inputs": run["write_vector"], "outputs": run["read_vectors"].reshape(len(steps), -1)}
    return run if words is None else {**run, "input_words": words}
