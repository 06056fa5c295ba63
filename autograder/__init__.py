"""The autograder: what a notebook imports (``check``), and what grades a class."""

from autograder.checking import check

__all__ = ["check"]
