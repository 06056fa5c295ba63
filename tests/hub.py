"""A hub for a test: deploy/ on a machine of the test's own, which changes nothing outside.

The machine is a private mount and process namespace. It sees the system; /etc and /var are views
whose changes stay inside, and /home, /opt, /root, /srv and /tmp are its own. When the test ends,
however it ends, all its processes end and its mounts are gone.
"""

import os
import shlex
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from tests.conftest import ROOT
from tests.views.view_tools import free_port, tool, unavailable

COURSE = "/srv/tensors-to-memory"
SCRIPTS = "/opt/tensors-to-memory/environment/bin"
TOOLS = "unshare", "nsenter", "mount", "useradd", "chpasswd", "runuser", "git"
OWN = "/home", "/opt", "/root", "/srv", "/tmp"

# The environment of the tests appears where deploy/setup would install one, as if it had. What is
# not to be seen by ordinary accounts, such as a Python below /root, appears again at its place.
BEGIN = r"""
set -eu
view() {  # a folder whose changes stay inside
    mkdir -p /mnt/"$2"/new /mnt/"$2"/work /mnt/"$2"/view
    mount -t overlay -o lowerdir="$1",upperdir=/mnt/"$2"/new,workdir=/mnt/"$2"/work overlay "$3"
}
mount -t tmpfs -o mode=755 tmpfs /mnt
mkdir /mnt/base /mnt/course
mount --rbind "$BASE" /mnt/base
mount --bind "$COPY" /mnt/course
view "$PREFIX" environment /mnt/environment/view
view /etc etc /etc
view /var var /var
for folder in $HIDDEN; do mount -t tmpfs -o mode=755 tmpfs "$folder"; done
chmod 1777 /tmp
if ! [ -e "$BASE" ]; then
    mkdir -p "$BASE"
    mount --rbind /mnt/base "$BASE"
fi
there=/opt/tensors-to-memory/environment
mkdir -p "$there" /srv/tensors-to-memory
mount --bind /mnt/course /srv/tensors-to-memory
mount --bind /mnt/environment/view "$there"
grep -lI "^#!$PREFIX/bin/" "$there"/bin/* | xargs sed -i "1s|^#!$PREFIX/bin/|#!$there/bin/|"
echo /srv/tensors-to-memory > "$(echo "$there"/lib/python*/site-packages/*tensors_to_memory*.pth)"
touch "$there/installed"
echo ready
cat  # until the test ends
"""


class Machine:
    """The machine of a test, in which ``copy`` is the checkout of the course."""

    def __init__(self, process: subprocess.Popen):
        self.process = process
        (first,) = psutil.Process(process.pid).children()
        self.root = Path(f"/proc/{first.pid}/root")  # its files, as they are seen from outside
        self.inside = ["nsenter", f"--target={first.pid}", "--mount", "--pid", "--wd=/"]
        self.environment = {"PATH": f"{SCRIPTS}:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"}

    def start(self, *command: str, **options) -> subprocess.Popen:
        """Start a command as root."""
        return subprocess.Popen([*self.inside, *command], env=self.environment, **options)

    def run(self, *command: str, user: str = "root", **options) -> str:
        """Run a command as a person who has logged in would, and return what it prints."""
        if user != "root":
            command = ("runuser", "--login", user, "--command", shlex.join(command))
        run = subprocess.run(
            [*self.inside, *command],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            **options,
        )
        if run.returncode:
            raise RuntimeError(f"{' '.join(command)}: {run.stdout}")
        return run.stdout


@contextmanager
def machine(folder: Path) -> Iterator[Machine]:
    """A machine with a fresh checkout in ``folder``. Skips the test where none can be had."""
    if os.getuid() != 0:
        unavailable("needs root, for accounts in a namespace of its own")
    for name in TOOLS:
        if shutil.which(name) is None:
            unavailable(f"needs {name}: apt-get install util-linux mount passwd git")
    copy = checkout(folder / "course")
    settings = {
        "PATH": os.environ["PATH"],
        "BASE": sys.base_prefix,
        "PREFIX": sys.prefix,
        "COPY": str(copy),
        "HIDDEN": " ".join([*OWN, *closed(Path(sys.base_prefix))]),
    }
    namespaces = ["--mount", "--propagation=private", "--pid", "--fork", "--mount-proc"]
    process = subprocess.Popen(
        ["unshare", *namespaces, "--kill-child", "bash", "-c", BEGIN],
        env=settings,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        if process.stdout.readline() != "ready\n":
            unavailable("needs mount namespaces and overlay file systems")
        yield Machine(process)
    finally:
        process.stdin.close()
        process.wait()


def closed(path: Path) -> list[str]:
    """The outermost folder above ``path`` that ordinary accounts may not pass, if there is one."""
    shut = [str(p) for p in path.parents if not p.stat().st_mode & 0o001]
    return [p for p in shut[-1:] if p not in OWN]


def checkout(copy: Path) -> Path:
    """What a clone of this working tree would have, and the proxy, installed as setup does it."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=ROOT, capture_output=True, check=True, text=True).stdout
    for name in filter(None, names.split("\0")):
        if (ROOT / name).is_file():  # else it was removed, and that is not committed yet
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, copy / name)
    modules = ROOT / "deploy" / "node_modules"
    if not modules.is_dir():
        command = [tool("npm"), "ci", "--prefix", "deploy", "--ignore-scripts", "--no-audit"]
        if subprocess.run(command, cwd=ROOT, stdout=sys.stderr).returncode:
            unavailable("needs npm's registry for the hub's proxy, which cannot be reached")
    shutil.copytree(modules, copy / "deploy" / "node_modules", symlinks=True)
    (copy / "deploy" / "node_modules" / ".package-lock.json").touch()
    return copy


class Hub:
    """The hub of ``machine``, which can be stopped and started anew."""

    def __init__(self, machine: Machine, log: Path):
        self.machine = machine
        self.log = log
        self.address = f"http://127.0.0.1:{free_port()}"
        settings = "/etc/tensors-to-memory/class.toml"
        machine.run("sed", "-i", f's|^address = .*|address = "{self.address}"|', settings)
        overrides = {
            "JupyterHub.spawner_class": "localprocess",  # there is no systemd
            "JupyterHub.hub_port": free_port(),
            "ConfigurableHTTPProxy.api_url": f"http://127.0.0.1:{free_port()}",
        }
        self.command = [f"{SCRIPTS}/jupyterhub", "-f", f"{COURSE}/deploy/jupyterhub_config.py"]
        self.command += [f"--{name}={value}" for name, value in overrides.items()]

    def start(self) -> None:
        with self.log.open("a") as output:
            self.process = self.machine.start(*self.command, stdout=output, stderr=output)
        wait_for(f"{self.address}/hub/health", self.process, self.log)

    def stop(self) -> None:
        """Stop as the machine's service manager does it."""
        (inside,) = psutil.Process(self.process.pid).children()
        inside.terminate()
        self.process.wait()


def wait_for(url: str, process: subprocess.Popen, log: Path) -> None:
    end = time.monotonic() + 120
    while time.monotonic() < end and process.poll() is None:
        try:
            return urllib.request.urlopen(url, timeout=5).close()
        except OSError:
            time.sleep(0.2)
    raise RuntimeError(f"the hub did not start: {log.read_text()[-2000:]}")
