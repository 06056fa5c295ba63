"""The committed bundles are what the sources give."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from view_tools import BIN, tool, unavailable

VIEWS = Path(__file__).parents[2] / "lab" / "views"
UNREACHABLE = ("ENOTFOUND", "ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "EAI_AGAIN", "ERR_SOCKET")


@pytest.fixture(scope="session")
def fresh_build(tmp_path_factory):
    """A build in a copy of the sources, with the pinned esbuild."""
    folder = tmp_path_factory.mktemp("views")
    shutil.copytree(VIEWS / "js", folder / "js", ignore=shutil.ignore_patterns("node_modules"))
    done = npm(folder / "js", "ci", "--ignore-scripts", "--prefer-offline")
    if done.returncode and any(word in done.stderr for word in UNREACHABLE):
        unavailable("needs npm's registry for esbuild, which cannot be reached")
    assert done.returncode == 0, done.stderr
    done = npm(folder / "js", "run", "build")
    assert done.returncode == 0, done.stderr
    return folder / "static"


def npm(folder, *arguments):
    environment = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
    command = [tool("npm"), *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


def test_committed_bundles_equal_a_fresh_build(fresh_build):
    committed = {path.name: path.read_bytes() for path in (VIEWS / "static").iterdir()}
    built = {path.name: path.read_bytes() for path in fresh_build.iterdir()}
    assert committed.keys() == built.keys()
    stale = [name for name in built if built[name] != committed[name]]
    assert not stale, "run `npm run build` in lab/views/js"


def test_lock_file_names_no_registry():
    assert "resolved" not in (VIEWS / "js" / "package-lock.json").read_text()
