"""Honest submissions that a careless grader marks down, one idea each.

Every idea begins with a notebook in which all exercises are right. What an idea deserves was read
from the docstrings that students get, and not from what the grader gives.
"""

from collections.abc import Callable
from functools import wraps
from importlib import import_module
from pkgutil import iter_modules

from tests.corpus import Idea, Work

CHAPTER = "01_tensors"

ideas: list[Idea] = []


def honest(
    chapter: str = CHAPTER, deserves: dict[str, float] | None = None, otherwise: float = 1
) -> Callable:
    """Register the decorated function as an idea that deserves everything, or what is named."""

    def register(change: Callable[[Work], None]) -> Callable[[Work], None]:
        @wraps(change)
        def make(work: Work) -> None:
            work.solve()
            change(work)

        ideas.append(Idea(chapter, make, otherwise, deserves or {}))
        return make

    return register


for module in iter_modules(__path__):
    import_module(f"{__name__}.{module.name}")
