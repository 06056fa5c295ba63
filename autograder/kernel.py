"""What runs in a sandbox: the student's kernel."""

import sys
from types import ModuleType

from autograder.sandbox import Box, Ready

CONNECTION = "kernel.json"  # in the shared folder


class NoViews(ModuleType):
    """Stands in for ``lab.views``, whose pictures nobody sees here and which hold answers.

    Whatever is asked of it does nothing, so that a cell that shows a view goes on.
    """

    def __getattr__(self, name: str) -> "Nothing":
        if name.startswith("__"):  # what the import system and inspect look for
            raise AttributeError(name)
        return Nothing()


class Nothing:
    def __call__(self, *args: object, **kwargs: object) -> "Nothing":
        return self

    def __getattr__(self, name: str) -> "Nothing":
        if name.startswith("_"):
            raise AttributeError(name)
        return self


def run(box: Box, ready: Ready) -> None:
    """Be an IPython kernel until the sandbox ends."""
    from ipykernel.kernelapp import IPKernelApp

    sys.modules["lab.views"] = NoViews("lab.views")
    sys.path.append("")  # the grader starts without it, but a cell may import what another wrote
    sys.argv = ["kernel"]
    connection = str(box.shared / CONNECTION)
    app = IPKernelApp.instance(connection_file=connection)
    app.initialize(["--HistoryManager.hist_file=:memory:"])
    ready()
    app.start()
