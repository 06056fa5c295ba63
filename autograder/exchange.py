"""nbgrader's exchange: how instructors take what students have put there.

What lies in the exchange is still the student's, who may put links there, which an instructor can
follow to where the student cannot: to the answers, to the work of others. So only files are taken
that are theirs, and what cannot be taken does not stop the others.
"""

import os
import pwd
import shutil
import stat
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from nbgrader.exchange import ExchangeError
from nbgrader.exchange.default import ExchangeCollect

from autograder.submissions import TIMESTAMP

FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK  # no link, and no waiting at a pipe


class Collect(ExchangeCollect):
    """Collects the files of a submission that belong to the student whose name it has."""

    def _path_to_record(self, path: str) -> dict:
        try:
            record = super()._path_to_record(path)
            about = os.lstat(path)
            theirs = not self.check_owner or _owner(about) == record["username"]
            if stat.S_ISDIR(about.st_mode) and theirs:
                return record
        except (ExchangeError, ValueError, OverflowError, OSError):
            pass  # a name that nbgrader did not give
        self.log.error("%s is left out: it is another's, a link, or its name is odd", path)
        return {"username": "", "filename": Path(path).name, "timestamp": datetime.min}

    def copy_files(self) -> None:
        self.src_records = [record for record in self.src_records if record["username"]]
        super().copy_files()

    def do_copy(self, src: str, dest: str, log=None) -> None:
        try:
            with TemporaryDirectory() as private:
                own = Path(private, "own")
                own.mkdir()
                for name, content in self._files(src):
                    Path(own, name).write_bytes(content)
                # What the folder is called has been understood already, what this says has not.
                Path(own, TIMESTAMP).write_text(Path(src).name.rsplit("+", 3)[2])
                super().do_copy(str(own), dest, log)
        except (OSError, RuntimeError, shutil.Error) as error:
            self.log.error("%s could not be collected: %s", src, error)

    def _files(self, folder: str) -> Iterator[tuple[str, bytes]]:
        """The files in a folder whose owner may change it meanwhile; no link is followed."""
        most = 1000 * self.coursedir.max_dir_size
        directory = os.open(folder, FLAGS | os.O_DIRECTORY)
        try:
            owner = os.fstat(directory).st_uid
            for name in sorted(os.listdir(directory)):
                content = _content(name, directory, owner, most)
                if content is None:
                    self.log.error("%s in %s is left out: it is no file of theirs", name, folder)
                    continue
                most -= len(content)
                if most < 0:
                    raise RuntimeError("it is too large")
                yield name, content
        finally:
            os.close(directory)


def _content(name: str, directory: int, owner: int, most: int) -> bytes | None:
    """What a file of the owner's holds, up to a byte more than ``most``; None where it is none."""
    try:
        with open(os.open(name, FLAGS, dir_fd=directory), "rb") as file:
            about = os.fstat(file.fileno())
            if stat.S_ISREG(about.st_mode) and about.st_uid == owner:
                return file.read(most + 1)
    except OSError:  # a link, a folder, or closed to others
        pass
    return None


def _owner(about: os.stat_result) -> str:
    try:
        return pwd.getpwuid(about.st_uid).pw_name
    except KeyError:
        return ""
