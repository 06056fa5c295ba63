"""A PostgreSQL server of the tests' own: in a new folder, on loopback, and gone with the tests."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from sqlalchemy import URL, create_engine, text

from tests.views.view_tools import free_port, unavailable

DEBIAN = Path("/usr/lib/postgresql")  # where Debian keeps the server's programs, by version
USER, PASSWORD, ADDRESS = "lecturer", "for-tests-only", "127.0.0.1"
# Nothing is to survive here that a sync would save, and no socket is to lie in a folder.
OPTIONS = {"listen_addresses": ADDRESS, "fsync": "off", "unix_socket_directories": ""}


class Server:
    """One server, with its data in ``folder``."""

    def __init__(self, programs: Path, folder: Path):
        self.programs = programs
        self.folder = folder
        self.port = free_port()
        password = folder / "password"
        password.write_text(PASSWORD)
        owner = _owner()
        for path in (folder, password):
            shutil.chown(path, owner)
        self.user = {} if owner == os.getuid() else {"user": owner, "extra_groups": []}
        settings = ["--auth=scram-sha-256", f"--username={USER}", f"--pwfile={password}"]
        self._run("initdb", "--no-sync", "--no-locale", "--encoding=UTF8", *settings)

    def start(self) -> None:
        options = OPTIONS | {"port": self.port}
        settings = " ".join(f"-c {name}={value}" for name, value in options.items())
        self._run("pg_ctl", "start", "--wait", f"--log={self.folder / 'log'}", "-o", settings)

    def stop(self, mode: str = "fast") -> None:
        """Stop as a system does that shuts down: who is connected is cut off."""
        self._run("pg_ctl", "stop", "--wait", f"--mode={mode}")

    def url(self, database: str, password: str = PASSWORD) -> str:
        """The address of a database as nbgrader wants it in its ``db_url``."""
        address = URL.create("postgresql", USER, password, ADDRESS, self.port, database)
        return address.render_as_string(hide_password=False)

    def create(self, database: str, template: str = "template1") -> str:
        """Make a database, empty or the copy of another, and return its address."""
        engine = create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f'CREATE DATABASE "{database}" TEMPLATE "{template}"'))
        engine.dispose()
        return self.url(database)

    def _run(self, program: str, *arguments: str) -> None:
        # The server keeps what it inherits, and so must not get the pipes of the tests.
        command = [self.programs / program, f"--pgdata={self.folder / 'data'}", *arguments]
        with (self.folder / "output").open("w+") as output:
            run = subprocess.run(
                command, stdout=output, stderr=output, cwd=self.folder, **self.user
            )
            if run.returncode:
                output.seek(0)
                raise RuntimeError(f"{program} failed: {output.read()}")


def _owner() -> int:
    """Who runs the server, which refuses to be root."""
    if os.getuid() != 0:
        return os.getuid()
    names = {entry.pw_name: entry.pw_uid for entry in pwd.getpwall()}
    return names.get("postgres", names["nobody"])


def _programs() -> Path:
    """The folder of the newest server's programs."""
    found = shutil.which("initdb")
    places = sorted(DEBIAN.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if not found and not places:
        unavailable("needs a PostgreSQL server: apt-get install postgresql")
    return Path(found).parent if found else places[-1].parent


@contextmanager
def running() -> Iterator[Server]:
    """A server that runs. Skips the test where none is installed, and fails it there in CI."""
    if find_spec("psycopg") is None:
        unavailable("needs psycopg: pip install 'tensors-to-memory[postgres]'")
    programs = _programs()
    with tempfile.TemporaryDirectory(prefix="postgres-") as folder:
        server = Server(programs, Path(folder))
        server.start()
        try:
            yield server
        finally:
            server.stop("immediate")
