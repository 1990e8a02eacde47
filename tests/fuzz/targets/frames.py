"""The fast lane: whatever bytes come, in whatever pieces, everything is handed on once and in order.

A socket pair stands for a client; what the lane hands to a connection is put together again and compared with what was
sent. Run with NUMBA_BOUNDSCHECK=1, which the fuzzer and its tests see to.
"""

from __future__ import annotations

import select
import socket
from functools import cache
from types import SimpleNamespace
from typing import Any

from rumpus.net.batch import kernels
from rumpus.net.batch.reader import BatchReader
from rumpus.net.frame_progress import FrameProgress
from tests.fuzz.framing import BINARY, CLOSE, CONTINUATION, PING, TEXT, client_frame

_LIMIT = 4096

#: Two bytes say of which kind messages are and into how many pieces the rest is cut.
SEEDS = [
    b"b\0" + client_frame(b"hello", BINARY) * 3,
    b"t\3" + client_frame(b"hello") + client_frame("ö".encode()) + client_frame(b"x" * 200),
    b"b\5" + client_frame(b"a", BINARY, first=0) + client_frame(b"b", CONTINUATION) + client_frame(b"", PING) * 2,
    b"b\2" + client_frame(b"x", BINARY) + client_frame(b"", CLOSE) + b"rest",
    b"b\1" + client_frame(b"x" * 5000, BINARY),
    b"t\7" + client_frame(b"x", BINARY) + client_frame(b"x", mask=None),
    b"b\1" + client_frame(b"x" * 20, BINARY, first=0xC0) + b"\x82\xff" + b"\x80" * 12,
]


class _Client:
    """Both ends of a connection in the lane: stands for a SocketConnection."""

    def __init__(self, reader: BatchReader, text: bool) -> None:
        self.near, self.far = socket.socketpair()
        for end in (self.near, self.far):
            end.setblocking(False)
        self.first_byte = 0x80 | (TEXT if text else BINARY)
        self.lane_fd = self.near.fileno()
        self.receiver = SimpleNamespace(on_message=self.take_message)
        self.got: list[bytes] = []
        self._reader = reader

    # What the lane calls.

    def take_message(self, data: bytes) -> None:
        """A whole message, unmasked: as the frame that it came in, but for its mask."""
        self.got.append(client_frame(data, self.first_byte & 15, mask=bytes(4)))

    def take_bytes(self, data: bytes) -> None:
        self.got.append(bytes(data))

    def on_part_of_frame(self, progress: FrameProgress, data: bytes, begins: bool) -> None:
        """A part of a frame, of which a text may be looked at: here nobody does."""

    def on_read_without_frame(self) -> None:
        """A read that completed no frame, which costs something elsewhere."""

    def leave_lane(self) -> None:
        fd, self.lane_fd = self.lane_fd, -1
        if fd >= 0:
            self._reader.leave(fd)

    go_ordinary_ways = leave_lane

    def read_ordinarily(self) -> None:
        """From here on the socket is read by others."""

    def close(self, code: int) -> None:
        raise AssertionError(f"a message could not be taken: {code}")

    # What the test does.

    def rest(self) -> bytes:
        try:
            return self.near.recv(1 << 20)
        except BlockingIOError:
            return b""


def _unmasked(stream: bytes) -> bytes:
    """A stream with all masks taken off, as far as it consists of frames; so the lane's ways can be compared."""
    out, at = bytearray(), 0
    while at + 2 <= len(stream) and stream[at + 1] & 0x80:
        size, start = stream[at + 1] & 0x7F, at + 2
        if size == 127 or (size == 126 and len(stream) < at + 4):
            break
        if size == 126:
            size, start = int.from_bytes(stream[at + 2 : at + 4], "big"), at + 4
        if len(stream) < start + 4 + size:
            break
        mask, payload = stream[start : start + 4], stream[start + 4 : start + 4 + size]
        out += stream[at:start] + b"\0\0\0\0" + bytes(byte ^ mask[i & 3] for i, byte in enumerate(payload))
        at = start + 4 + size
    return bytes(out) + stream[at:]


@cache
def _lane() -> Any:
    """A lane with nobody in it, for one input after the other."""
    reader: Any = BatchReader(_LIMIT, lambda: None)
    reader._epoll = select.epoll()
    reader._inbox = kernels.Inbox(reader._epoll.fileno(), _LIMIT)
    return reader


def run(data: bytes) -> None:
    text, pieces, stream = data[:1] == b"t", 1 + (data[1] % 8 if len(data) > 1 else 0), data[2:60_000]
    reader = _lane()
    client: Any = _Client(reader, text)
    with client.near, client.far:
        reader.enter(client, client.lane_fd)
        step = -(-len(stream) // pieces) or 1
        for at in range(0, len(stream), step):
            client.far.send(stream[at : at + step])
            reader.drain()
        client.leave_lane()
        client.got.append(client.rest())
    assert len(reader) == 0
    assert _unmasked(b"".join(client.got)) == _unmasked(stream)
