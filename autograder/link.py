"""The link: how grader and kernel talk, over a socket.

A message is its length, as four bytes, and that many bytes of JSON. The grader believes nothing of
what it reads, and reads no more than it has room for; a kernel whose messages wait, waits.
"""

import json
import socket
import struct
import time

HEAD = struct.Struct("!I")
MESSAGE_LIMIT = 4_000_000  # bytes that are read of one message
PIECE = 1 << 16
NO_LIMIT = float("inf")  # for the end that believes the other


class BadMessage(Exception):
    """What came is not a message."""


class Link:
    """One end of a link. ``size`` is that of the last message, also where it was too large."""

    def __init__(self, end: socket.socket, limit: float = MESSAGE_LIMIT):
        self.end = end
        self.limit = limit
        self.size = 0
        self._come = bytearray()
        self._to_skip = 0

    def send(self, message: dict, deadline: float | None = None) -> None:
        """Raises TimeoutError at ``deadline``, and with it the link is of no more use."""
        data = json.dumps(message).encode()
        self._wait_until(deadline)
        self.end.sendall(HEAD.pack(len(data)) + data)

    def receive(self, deadline: float | None = None) -> dict | None:
        """Wait for a message; None stands for one that is larger than ``limit``.

        After TimeoutError, which is raised at ``deadline`` of the monotonic clock, it can be called
        again. Raises EOFError when the other end is closed, and BadMessage.
        """
        if not self._to_skip:
            (self.size,) = HEAD.unpack(self._take(HEAD.size, deadline))
            if self.size <= self.limit:
                try:
                    data = self._take(self.size, deadline)
                except TimeoutError:
                    self._come[:0] = HEAD.pack(self.size)
                    raise
                return _parsed(data)
            self._to_skip = self.size
        while self._to_skip:
            self._to_skip -= len(self._take(min(self._to_skip, PIECE), deadline))
        return None

    def close(self) -> None:
        self.end.close()

    def _take(self, size: int, deadline: float | None) -> bytes:
        while len(self._come) < size:
            self._wait_until(deadline)
            try:
                piece = self.end.recv(PIECE)
            except ConnectionResetError:
                piece = b""
            if not piece:
                raise EOFError
            self._come += piece
        taken = bytes(self._come[:size])
        del self._come[:size]
        return taken

    def _wait_until(self, deadline: float | None) -> None:
        left = None if deadline is None else deadline - time.monotonic()
        if left is not None and left <= 0:
            raise TimeoutError
        self.end.settimeout(left)


def _parsed(data: bytes) -> dict:
    try:
        message = json.loads(data)
    except (ValueError, RecursionError):
        raise BadMessage from None
    if not isinstance(message, dict):
        raise BadMessage
    return message
