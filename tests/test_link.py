"""The link: messages come through whole, however they are cut, and nothing else comes through."""

import json
import socket
import threading
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from autograder.link import HEAD, PIECE, BadMessage, Link

LIMIT = 1_000


@pytest.fixture
def ends():
    """What sends, and a link that receives."""
    with Ends() as ends:
        yield ends


class Ends:
    def __init__(self):
        self.sender, receiver = socket.socketpair()
        self.link = Link(receiver, LIMIT)

    def __enter__(self):
        return self.sender, self.link

    def __exit__(self, *error) -> None:
        self.sender.close()
        self.link.close()


def framed(content: bytes) -> bytes:
    return HEAD.pack(len(content)) + content


def written(message: object) -> bytes:
    return framed(json.dumps(message).encode())


def soon() -> float:
    return time.monotonic() + 0.01


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda parts: st.lists(parts, max_size=3) | st.dictionaries(st.text(), parts, max_size=3),
    max_leaves=5,
)
messages = st.dictionaries(st.text(), values, max_size=5)


@given(st.lists(messages, max_size=4))
@example([{"text": "\ud800"}])
def test_messages_arrive_as_they_were_sent(sent):
    one, other = map(Link, socket.socketpair())
    for message in sent:
        one.send(message)
    one.close()
    for message in sent:
        assert other.receive() == message
    with pytest.raises(EOFError):
        other.receive()
    other.close()


@given(
    st.lists(messages | st.integers(LIMIT + 1, 2 * LIMIT), min_size=1, max_size=4),
    st.lists(st.integers(0, 3 * LIMIT), max_size=5),
)
@example([{"a": 1}, 1_500, {"b": 2}], [2, 9, 13, 20, 700])
def test_it_does_not_matter_where_the_bytes_are_cut(sent, cuts):
    """A number stands for a message of so many bytes, which is too large."""
    data = [framed(bytes(m)) if isinstance(m, int) else written(m) for m in sent]
    expected = [None if len(d) - HEAD.size > LIMIT else json.loads(d[HEAD.size :]) for d in data]
    whole = b"".join(data)
    borders = sorted({min(cut, len(whole)) for cut in cuts} | {0, len(whole)})
    received = []
    with Ends() as (sender, link):
        for start, stop in zip(borders, borders[1:], strict=False):
            sender.sendall(whole[start:stop])
            received += all_that_came(link)
    assert received == expected


def all_that_came(link: Link) -> list:
    """What can be read; afterwards the link waits in the middle of something, or for the next."""
    received = []
    while True:
        try:
            received.append(link.receive(time.monotonic() + 0.001))
        except TimeoutError:
            return received


def test_two_messages_in_one_piece_are_two(ends):
    sender, link = ends
    sender.sendall(written({"n": 1}) + written({"n": 2}) + written({"n": 3})[:6])
    assert [link.receive(soon()), link.receive(soon())] == [{"n": 1}, {"n": 2}]
    with pytest.raises(TimeoutError):
        link.receive(soon())
    sender.sendall(written({"n": 3})[6:])
    assert link.receive(soon()) == {"n": 3}


def test_a_message_that_is_too_large_is_skipped_and_its_size_is_known(ends):
    sender, link = ends
    size = 5 * PIECE + 3
    thread = threading.Thread(target=sender.sendall, args=[framed(bytes(size)) + written({"n": 1})])
    thread.start()
    assert link.receive() is None
    assert link.size == size
    assert link.receive() == {"n": 1}
    assert link.size == len(written({"n": 1})) - HEAD.size
    thread.join()


def test_no_more_is_kept_of_a_large_message_than_was_read_at_once(ends):
    sender, link = ends
    sender.sendall(HEAD.pack(2**32 - 1) + bytes(PIECE + 1))
    with pytest.raises(TimeoutError):
        link.receive(soon())
    sender.sendall(bytes(PIECE))
    with pytest.raises(TimeoutError):
        link.receive(soon())
    assert len(link._come) < PIECE


def test_the_largest_message_that_is_read_has_exactly_the_limit(ends):
    sender, link = ends
    text = "x" * (LIMIT - len('{"t": ""}'))
    sender.sendall(written({"t": text}) + written({"t": text + "x"}))
    assert link.receive(soon()) == {"t": text}
    assert link.receive(soon()) is None


@pytest.mark.parametrize("seen", [0, 3, 4, 7])
def test_the_end_in_the_middle_of_a_message_is_the_end(ends, seen):
    sender, link = ends
    sender.sendall(written({"n": 1})[:seen])
    sender.close()
    for _ in range(2):
        with pytest.raises(EOFError):
            link.receive(soon())


def test_the_end_in_the_middle_of_a_large_message_is_the_end(ends):
    sender, link = ends
    sender.sendall(HEAD.pack(2 * LIMIT) + b"x")
    sender.close()
    with pytest.raises(EOFError):
        link.receive(soon())


def test_an_end_with_something_unread_is_an_end(ends):
    """Linux then says that the connection was reset."""
    sender, link = ends
    link.send({"n": 1})
    sender.close()
    with pytest.raises(EOFError):
        link.receive(soon())


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b'{"n": 1} {"n": 2}',
        b"{'n': 1}",
        b"\0" * 4,
        b"[" * LIMIT,
        b'{"a":' * 200,
        b"[]",
        b"1",
        b"null",
        b'"done"',
        b'[{"done": 1}]',
    ],
)
def test_what_is_no_dict_in_json_is_a_bad_message(ends, content):
    sender, link = ends
    sender.sendall(framed(content))
    with pytest.raises(BadMessage):
        link.receive(soon())


@pytest.mark.parametrize("content", [b"9" * 100_000, b'{"a":' * 100_000 + b"1" + b"}" * 100_000])
def test_what_python_refuses_to_read_is_a_bad_message(content):
    one, other = socket.socketpair()
    link = Link(other)
    thread = threading.Thread(target=one.sendall, args=[framed(b'{"n": ' + content + b"}")])
    thread.start()
    with pytest.raises(BadMessage):
        link.receive()
    thread.join()
    one.close()
    link.close()


@given(st.binary(max_size=100))
@example(b"GET / HTTP/1.1\r\n\r\n")
def test_noise_is_refused_or_waits_and_never_anything_else(noise):
    with Ends() as (sender, link):
        sender.sendall(noise)
        sender.close()
        with pytest.raises((BadMessage, EOFError)):
            while True:
                message = link.receive(soon())
                assert message is None or isinstance(message, dict)


def test_who_sends_to_somebody_that_does_not_read_waits_until_the_deadline_alone(ends):
    sender, link = ends
    with pytest.raises(TimeoutError):  # which leaves a short time as that of the socket
        link.receive(soon())
    started = time.monotonic()
    with pytest.raises(TimeoutError):
        Link(sender).send({"text": "x" * 10_000_000}, started + 0.2)
    assert 0.2 <= time.monotonic() - started < 2


def test_a_deadline_that_was_met_does_not_hold_for_the_next_message(ends):
    sender, link = ends
    with pytest.raises(TimeoutError):
        link.receive(soon())
    thread = threading.Thread(target=receive_late, args=[sender])
    thread.start()
    link.send({"text": "x" * 1_000_000}, time.monotonic() + 10)
    thread.join()


def receive_late(end: socket.socket) -> None:
    time.sleep(0.2)
    assert Link(end).receive() is not None


def test_a_message_after_its_deadline_is_not_read(ends):
    sender, link = ends
    sender.sendall(written({"n": 1}))
    with pytest.raises(TimeoutError):
        link.receive(time.monotonic() - 1)
    assert link.receive(soon()) == {"n": 1}
