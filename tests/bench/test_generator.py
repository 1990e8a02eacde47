"""The load generator of `rumpus bench`: frames are counted right, inputs are whole, seats are asked for."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from random import Random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rumpus.bench import generator_kernels
from rumpus.bench.crowd import Crowd
from rumpus.bench.dialects import FIRST_DECIMAL_SEQ, FIRST_SEQ, Dialect, dialect, server_frames
from rumpus.bench.workloads import TURN
from rumpus.errors import RumpusError
from rumpus.protocol.framing import masked_frame
from tests.support.examples import examples

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the load generator is built on epoll")

# Frames, as the generator reads and writes them.


@pytest.fixture
def crowd() -> Iterator[Crowd]:
    made = Crowd(dialect("msgpack"), 2)
    yield made
    made.close()


def from_server(opcode: int, payload: bytes, fin: bool = True) -> bytes:
    size = len(payload)
    wide = b"\x7e" + size.to_bytes(2) if size < 65_536 else b"\x7f" + size.to_bytes(8)
    return bytes([(0x80 if fin else 0) | opcode]) + (bytes([size]) if size < 126 else wide) + payload


SNAPSHOT = st.binary(max_size=300).map(lambda rest: b"\xc1" + rest)
LARGE = st.integers(65_000, 66_000).map(lambda size: b"\xc1" + bytes(size))
OTHER = st.binary(min_size=1, max_size=300).filter(lambda data: data[0] not in (0xC1, 0x83, 0x84))


@settings(max_examples=examples(60))
@given(messages=st.lists(SNAPSHOT | LARGE | OTHER, max_size=8), random=st.randoms(use_true_random=False))
def test_messages_are_counted_however_they_are_cut_into_reads(messages: list[bytes], random: Random) -> None:
    crowd = Crowd(dialect("msgpack"), 2)
    stream = b""
    for message in messages:
        if len(message) > 2 and random.random() < 0.3:
            half = len(message) // 2
            stream += from_server(2, message[:half], fin=False)
            # A control frame between the parts of a message is none of them.
            stream += from_server(10, b"\xc1 pong") + from_server(0, message[half:])
        else:
            stream += from_server(2, message)
    while stream:
        size = random.choice((1, 2, 3, 100, 5000, len(stream)))
        crowd._take(1, stream[:size])
        stream = stream[size:]
    mine, other = crowd.counts[1], crowd.counts[0]
    snapshots = [message for message in messages if message[0] == 0xC1]
    assert mine[generator_kernels.MESSAGES] == len(messages)
    assert mine[generator_kernels.MESSAGE_BYTES] == sum(map(len, messages))
    assert mine[generator_kernels.SNAPSHOTS] == len(snapshots)
    assert mine[generator_kernels.SNAPSHOT_BYTES] == sum(map(len, snapshots))
    assert not other.any()
    crowd.close()


_UNCOMPILED = """
from rumpus.bench.crowd import Crowd
from rumpus.bench.dialects import dialect
crowd = Crowd(dialect("msgpack"), 1)
stream = b"\\x82\\x02\\xc1\\x00" + b"\\x82\\x7e\\x01\\x00" + bytes(256) + b"\\x8a\\x01\\xc1" + b"\\x82\\x02\\xc1\\x00"
for size in (1, 7, 300):
    for at in range(0, len(stream), size):
        crowd._take(0, stream[at : at + size])
print(crowd.counts[0].tolist())
"""


def test_the_kernels_count_the_same_uncompiled() -> None:
    environment = {**os.environ, "NUMBA_DISABLE_JIT": "1"}
    command = [sys.executable, "-c", _UNCOMPILED]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    counts = json.loads(done.stdout)
    assert counts[generator_kernels.MESSAGES] == 9
    assert counts[generator_kernels.SNAPSHOTS] == 6
    assert counts[generator_kernels.MESSAGE_BYTES] == 3 * 260
    assert counts[generator_kernels.SNAPSHOT_BYTES] == 12


@pytest.mark.parametrize(
    ("name", "snapshots", "others"),
    [
        (
            "msgpack",
            [b"\xc1\x00", *(msgspec.msgpack.encode({"type": kind, "tick": 1, "x": {}}) for kind in ("state", "delta"))],
            [msgspec.msgpack.encode({"type": "event", "tick": 1, "x": {}}), b"\x83"],
        ),
        ("json", [b'{"type":"state","tick":1}', b'{"type":"delta"'], [b'{"type":"chat"', b'{"type":"sta']),
        ("colyseus", [b"\x0e", b"\x0fabc"], [b"\x0a", b"\x0d"]),
    ],
)
def test_snapshots_are_told_from_other_messages(name: str, snapshots: list[bytes], others: list[bytes]) -> None:
    crowd = Crowd(dialect(name), 1)
    for message in (*snapshots, *others):
        crowd._take(0, from_server(2, message))
    assert crowd.counts[0, generator_kernels.SNAPSHOTS] == len(snapshots)
    assert crowd.counts[0, generator_kernels.MESSAGES] == len(snapshots) + len(others)
    crowd.close()


@pytest.mark.socket
def test_pings_are_answered_with_what_they_carry(crowd: Crowd) -> None:
    ours, theirs = socket.socketpair()
    crowd.admit(ours)
    theirs.sendall(from_server(9, b"are you there") + from_server(9, b""))
    crowd.play(-1, 0.0)
    got = bytearray(theirs.recv(4096))
    assert unmasked(got) == (10, b"are you there")
    assert unmasked(got) == (10, b"")
    theirs.close()


@pytest.mark.socket
@pytest.mark.parametrize(
    ("name", "first"), [("msgpack", FIRST_SEQ), ("json", FIRST_DECIMAL_SEQ), ("colyseus", FIRST_SEQ)]
)
def test_a_player_sends_whole_inputs_and_turns_after_twenty(name: str, first: int) -> None:
    crowd = Crowd(dialect(name), 1)
    ours, theirs = socket.socketpair()
    crowd.admit(ours)
    inputs = []
    for _ in range(2 * TURN + 1):
        crowd.play(0, 0.0)
        data = bytearray(theirs.recv(4096))
        inputs.append(understood(name, unmasked(data)[1]))
        assert not data
    assert [one["seq"] for one in inputs] == list(range(first, first + len(inputs)))
    changes = [before["data"] != after["data"] for before, after in pairwise(inputs)]
    assert sum(changes) in (2, 3)
    assert all(one["data"]["fire"] is True for one in inputs)
    theirs.close()
    crowd.play(0, 0.0)
    crowd.play(0, 0.0)
    assert crowd.counts[0, generator_kernels.CLOSED] == 1
    crowd.close()


def unmasked(data: bytearray) -> tuple[int, bytes]:
    """Takes a client's frame out of `data`."""
    opcode, size, at = data[0] & 0x0F, data[1] & 0x7F, 2
    if size == 126:
        size, at = int.from_bytes(data[2:4]), 4
    mask, payload = data[at : at + 4], data[at + 4 : at + 4 + size]
    del data[: at + 4 + size]
    return opcode, bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))


def understood(name: str, payload: bytes) -> dict[str, object]:
    if name == "colyseus":
        assert payload[:7] == b"\x0d\xa5input"
        body = msgspec.msgpack.decode(payload[7:])
        return {"seq": body.pop("seq"), "data": body}
    message: dict[str, object] = (msgspec.json if name == "json" else msgspec.msgpack).decode(payload)
    assert message["type"] == "input"
    return message


def test_frames_of_a_server_are_taken_out_whole() -> None:
    data = bytearray(from_server(2, b"a" * 200) + from_server(1, b"b" * 70_000) + from_server(9, b"") + b"\x82\x05no")
    assert [(opcode, len(payload)) for opcode, payload in server_frames(data)] == [(2, 200), (1, 70_000), (9, 0)]
    assert data == b"\x82\x05no"
    assert unmasked(bytearray(masked_frame(1, b"c" * 300, b"mask"))) == (1, b"c" * 300)


@pytest.mark.parametrize("speech", [dialect("msgpack"), dialect("json")])
def test_a_refusal_says_why(speech: Dialect) -> None:
    encode = msgspec.json.encode if speech.name == "json" else msgspec.msgpack.encode
    assert speech.answer(encode({"type": "joined"})) == (True, None)
    assert speech.answer(encode({"type": "chat"})) == (False, None)
    with pytest.raises(RumpusError, match="the room is full"):
        speech.answer(encode({"type": "error", "message": "the room is full"}))
