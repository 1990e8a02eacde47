"""Anything at all, over a real socket: random bytes, and valid frames with something changed."""

from __future__ import annotations

import contextlib
import socket

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rumpus.protocol import JSON_SUBPROTOCOL, MSGPACK_SUBPROTOCOL
from tests.support.clients import RawClient, frame, open_socket, read_to_end, upgrade_request
from tests.support.examples import examples
from tests.support.serving import ServerThread

pytestmark = pytest.mark.socket

MESSAGES = (
    {"type": "join", "name": "Fuzz", "options": {"create": True, "settings": {"goal": 3, "sides": True}}},
    {"type": "input", "seq": 7, "data": {"move": 0.5, "fire": True, "label": "ö", "path": [1, 2.5]}},
    {"type": "chat", "text": "hello 🦊"},
    {"type": "ping", "time": 1.5},
    {"type": "team", "team": "red"},
    {"type": "leave"},
)
BUDGET = settings(
    max_examples=examples(120),
    database=None,
    # The server is meant to live on from one example to the next.
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@st.composite
def changed(draw: st.DrawFn, original: st.SearchStrategy[bytes]) -> bytes:
    """Bytes with a few of them replaced, put in or taken out."""
    data = bytearray(draw(original))
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(data)))
        data[at : at + draw(st.integers(0, 3))] = draw(st.binary(max_size=4))
    return bytes(data)


@st.composite
def frames(draw: st.DrawFn, binary: bool) -> bytes:
    encode = msgspec.msgpack.encode if binary else msgspec.json.encode
    payload = draw(changed(st.sampled_from([encode(message) for message in MESSAGES])))
    opcode = draw(st.one_of(st.just(2 if binary else 1), st.integers(0, 15)))
    plain = st.just(None)
    return frame(
        payload[:125] if opcode >= 8 else payload,
        opcode,
        fin=draw(st.sampled_from([True, True, True, False])),
        reserved=draw(st.sampled_from([0] * 9 + [1, 4])),
        masked=draw(st.sampled_from([True] * 9 + [False])),
        length=draw(st.one_of(plain, plain, plain, st.integers(0, 2**64 - 1), st.integers(0, 300))),
        wide=0 if opcode >= 8 else draw(st.sampled_from([0] * 8 + [64])),
    )


def send_and_hang_up(sock: socket.socket, data: bytes) -> None:
    with contextlib.suppress(OSError):
        sock.sendall(data)
        # The server reads all of it, finds the end and hangs up too.
        sock.shutdown(socket.SHUT_WR)
    read_to_end(sock)


def assert_nothing_was_raised(server: ServerThread) -> None:
    assert not server.errors.records, server.errors.texts()


@BUDGET
@given(data=st.data())
def test_changed_frames_never_raise_in_the_server(server: ServerThread, data: st.DataObject) -> None:
    binary = data.draw(st.booleans())
    join = frame(msgspec.json.encode(MESSAGES[0])) if not binary else frame(msgspec.msgpack.encode(MESSAGES[0]), 2)
    sent = data.draw(st.lists(frames(binary), min_size=1, max_size=8))
    with RawClient(server.port, MSGPACK_SUBPROTOCOL if binary else JSON_SUBPROTOCOL) as client:
        send_and_hang_up(client.sock, (join if data.draw(st.booleans()) else b"") + b"".join(sent))
    assert_nothing_was_raised(server)


@BUDGET
@given(junk=st.binary(max_size=300))
def test_random_bytes_after_the_handshake_never_raise_in_the_server(server: ServerThread, junk: bytes) -> None:
    with RawClient(server.port) as client:
        send_and_hang_up(client.sock, junk)
    assert_nothing_was_raised(server)


@BUDGET
@given(data=st.data())
def test_random_and_changed_requests_never_raise_in_the_server(server: ServerThread, data: st.DataObject) -> None:
    request = st.sampled_from(
        [upgrade_request(server.port), b"GET /sdk/../%2e HTTP/1.1\r\nHost: x\r\nAccept: */*\r\n\r\n"]
    )
    with open_socket(server.port) as sock:
        send_and_hang_up(sock, data.draw(st.one_of(st.binary(max_size=300), changed(request))))
    assert_nothing_was_raised(server)
