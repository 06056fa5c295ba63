"""Binder without Docker: what repo2docker gives to it, and a session like the one that it makes."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import psutil
import repo2docker
from repo2docker.app import Repo2Docker
from repo2docker.engine import ContainerEngine

from tests.conftest import ROOT
from tests.views.view_tools import free_port, wait_for

GUARANTEE = 10**9  # bytes that mybinder.org promises to a session; above it, others come first
ENTRYPOINT = Path(repo2docker.__file__).parent / "buildpacks" / "repo2docker-entrypoint"


def checkout(folder: Path) -> Path:
    """The files that git knows, and no other."""
    listed = subprocess.check_output(["git", "ls-files", "-z"], cwd=ROOT, text=True)
    for name in listed.strip("\0").split("\0"):
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target)
    return folder


class Recorder(ContainerEngine):
    """Stands where Docker would, and keeps what it is given to build from."""

    def __init__(self):
        super().__init__(parent=None)

    def inspect_image(self, image):
        return None

    def build(self, *, fileobj, **_):
        """Keep the files of the build, with their modes."""
        with tarfile.open(fileobj=fileobj) as tar:
            files = [entry for entry in tar if entry.isfile()]
            self.files = {
                entry.name: (entry.mode, tar.extractfile(entry).read()) for entry in files
            }
        return ()


class Builder(Repo2Docker):
    """repo2docker, up to the place where Docker would begin."""

    def __init__(self, folder: Path):
        super().__init__(repo=str(folder), user_id=1000, user_name="jovyan", run=False)
        self.recorder = Recorder()

    def get_engine(self):
        return self.recorder

    def layers(self) -> list[tuple[str, list]]:
        """Each instruction, with the digests of the files that it copies: Docker's cache keys."""
        self.build()
        files = self.recorder.files
        text = re.sub(r"^\s*#.*\n", "", files["Dockerfile"][1].decode(), flags=re.M)
        lines = text.replace("\\\n", " ").splitlines()
        return [(line, copied(line, files)) for line in lines if line.strip()]


def copied(instruction: str, files: dict) -> list:
    """What an instruction of a Dockerfile takes from the files beside it."""
    if not instruction.startswith("COPY"):
        return []
    source = instruction.split()[-2].lstrip("/")
    taken = [name for name in files if name == source or name.startswith(source.rstrip("/") + "/")]
    assert taken, instruction
    return [(name, files[name][0], sha256(files[name][1]).digest()) for name in sorted(taken)]


class Session:
    """A clean checkout as the home folder, in an environment that has all but the course."""

    def __init__(self, folder: Path):
        self.home = checkout(folder / "home")
        self.environment = folder / "environment"
        self._make_environment()
        self.variables = {
            "PATH": f"{self.environment / 'bin'}:{os.environ['PATH']}",
            "HOME": str(self.home),
            "REPO_DIR": str(self.home),
            "R2D_ENTRYPOINT": str(self.home / "start"),
            "LANG": "C.UTF-8",
        }

    def _make_environment(self) -> None:
        venv.create(self.environment)
        python = f"python{sys.version_info.major}.{sys.version_info.minor}"
        packages = self.environment / "lib" / python / "site-packages"
        (packages / "packages.pth").write_text(sysconfig.get_path("purelib"))
        here = Path(sys.prefix)
        (self.environment / "share").symlink_to(here / "share")
        extensions = Path("etc", "jupyter", "jupyter_server_config.d")
        (self.environment / extensions).parent.mkdir(parents=True)
        (self.environment / extensions).symlink_to(here / extensions)

    def run(self, *command: str) -> str:
        """Run a command in the home folder."""
        options = {"cwd": self.home, "env": self.variables, "check": True, "text": True}
        return subprocess.run(command, stdout=subprocess.PIPE, **options).stdout

    @contextmanager
    def jupyter_lab(self) -> Iterator[tuple[str, psutil.Process]]:
        """Start JupyterLab as Binder does; yields its address and the session's first process."""
        port = free_port()
        command = [sys.executable, ENTRYPOINT, "python", "-m", "jupyterlab", "--no-browser"]
        command += ["--allow-root", "--ip=127.0.0.1", f"--port={port}", "--IdentityProvider.token="]
        address = f"http://127.0.0.1:{port}/"
        with open(self.home.parent / "log", "w") as log:
            server = psutil.Popen(
                command, cwd=self.home, env=self.variables, stdout=log, stderr=log
            )
        try:
            wait_for(address + "api", server)
            yield address, server
        finally:
            family = [server, *server.children(recursive=True)]
            server.terminate()
            _, alive = psutil.wait_procs(family, 30)
            for process in alive:
                process.kill()


def is_kernel(process: psutil.Process) -> bool:
    return "ipykernel_launcher" in process.cmdline()


def peak(processes: list[psutil.Process]) -> int:
    """The bytes that processes had in memory, each at its own highest.

    It is more than Binder counts, which can drop the pages of a program's file and counts a shared
    one once.
    """
    status = [Path(f"/proc/{process.pid}/status").read_text() for process in processes]
    return sum(int(re.search(r"VmHWM:\s+(\d+) kB", text)[1]) * 1024 for text in status)
