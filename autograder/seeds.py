"""Seeds for grading: fresh for every student and exercise, and the same when graded again."""

import hashlib
import hmac
import os
import secrets
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

from nbgrader.coursedir import CourseDirectory


def course_secret(coursedir: CourseDirectory) -> bytes:
    """Return the course's secret, which is made once and kept in ``classroom/secret``."""
    path = Path(coursedir.format_path(coursedir.source_directory, ".", ".")).parent / "secret"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile("w", dir=path.parent, prefix=".secret-") as new:
            new.write(secrets.token_hex(32))
            new.flush()
            os.fsync(new.fileno())
            with suppress(FileExistsError):
                os.link(new.name, path)  # whoever is first wins; the secret never changes after
    return path.read_text().encode()


def seed_for(secret: bytes, student: str, assignment: str, exercise: str) -> int:
    """Return the seed with which ``student``'s ``exercise`` is probed in ``assignment``."""
    message = "\0".join((student, assignment, exercise)).encode()
    digest = hmac.new(secret, message, hashlib.sha256).digest()
    return int.from_bytes(digest[:8], "big")
