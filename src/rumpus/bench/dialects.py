"""How a player talks to each kind of server: getting a seat, the bytes of an input, and which messages are snapshots.

Inputs are encoded once, before anything is measured, in a few variants per player; while it plays, the generator only
writes the next sequence number into the frame that is sent. The number has a fixed width for that, the width that most
numbers of a real match have.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Iterator
from http.client import HTTPConnection
from random import Random
from typing import ClassVar, NamedTuple

import msgspec

from ..errors import RumpusError
from ..protocol import JSON_SUBPROTOCOL, MSGPACK_SUBPROTOCOL

#: The first sequence number; from here on MessagePack needs three bytes, up to 65,535.
FIRST_SEQ = 256
#: The same for decimal digits.
FIRST_DECIMAL_SEQ = 10_000
#: Bytes at a message's beginning that can tell what it is.
HEAD = 16

_pack = msgspec.msgpack.encode


class Encoded(NamedTuple):
    """An input's payload and where its sequence number is: two bytes, high first, or that many decimal digits.

    tick_at, seen_at: where the tick it is for is, and the one that was seen, two bytes each; 0: nowhere.
    """

    payload: bytes
    seq_at: int
    tick_at: int = 0
    seen_at: int = 0


class Dialect(ABC):
    name: ClassVar[str]
    #: Opcode of its frames.
    opcode: ClassVar[int]
    #: Decimal digits of a sequence number in an input; 0 for two binary bytes.
    digits: ClassVar[int] = 0
    first_seq: ClassVar[int] = FIRST_SEQ
    #: An input that stays the same is sent again after so many periods.
    every: ClassVar[int] = 1
    #: How a snapshot begins, any of these.
    snapshots: ClassVar[tuple[bytes, ...]]

    @abstractmethod
    def request(self, host: str, port: int) -> bytes:
        """The HTTP request that upgrades a connection. May ask the server for a seat first, and wait for it."""

    @abstractmethod
    def hello(self, number: int) -> bytes | None:
        """What player `number` sends once connected, or None."""

    @abstractmethod
    def answer(self, payload: bytes) -> tuple[bool, bytes | None]:
        """Whether a message from the server means that the player is seated, and what to send back, if anything.

        Raises RumpusError if the server refuses.
        """

    @abstractmethod
    def input(self, random: Random) -> Encoded:
        """An input with a direction and an aim of its own."""


def _upgrade(path: str, host: str, port: int, subprotocol: str | None) -> bytes:
    lines = [
        f"GET {path} HTTP/1.1",
        f"Host: {host}:{port}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version: 13",
    ]
    if subprotocol:
        lines.append(f"Sec-WebSocket-Protocol: {subprotocol}")
    return "\r\n".join([*lines, "", ""]).encode()


def _action(random: Random) -> dict[str, float | bool]:
    return {
        "dx": round(random.uniform(-1, 1), 3),
        "dy": round(random.uniform(-1, 1), 3),
        "angle": round(random.uniform(-3.1, 3.1), 3),
        "fire": True,
    }


class RumpusMsgpack(Dialect):
    """`rumpus.v1.msgpack`."""

    name = "msgpack"
    opcode = 2
    snapshots = (
        b"\xc1",
        *(head + b"\xa4type" + kind for head in (b"\x83", b"\x84") for kind in (b"\xa5state", b"\xa5delta")),
    )

    def request(self, host: str, port: int) -> bytes:
        return _upgrade("/ws", host, port, MSGPACK_SUBPROTOCOL)

    def hello(self, number: int) -> bytes | None:
        return _pack({"type": "join", "name": f"Load {number}"})

    def answer(self, payload: bytes) -> tuple[bool, bytes | None]:
        if payload[0] == 0xC1:
            return False, None
        return _is_welcome(msgspec.msgpack.decode(payload)), None

    def input(self, random: Random) -> Encoded:
        data = _action(random)
        payload = _pack({"type": "input", "seq": FIRST_SEQ, "data": data})
        return Encoded(payload, payload.index(b"\xa3seq\xcd") + 5)


class RumpusTimed(RumpusMsgpack):
    """`rumpus.v1.msgpack` from a client that predicts: every input is for a tick and says which one was seen."""

    name = "timed"

    def input(self, random: Random) -> Encoded:
        numbers = {"seq": FIRST_SEQ, "tick": FIRST_SEQ, "seen": FIRST_SEQ}
        payload = _pack({"type": "input", "data": _action(random), **numbers})
        seq_at, tick_at, seen_at = (payload.index(_pack(name) + b"\xcd") + len(name) + 2 for name in numbers)
        return Encoded(payload, seq_at, tick_at, seen_at)


class RumpusHeld(RumpusTimed):
    """The same on change only, as the browser's SDK sends: what stays the same five times a second."""

    name = "held"
    every = 6


class RumpusJson(Dialect):
    """`rumpus.v1.json`."""

    name = "json"
    opcode = 1
    digits = 5
    first_seq = FIRST_DECIMAL_SEQ
    snapshots = (b'{"type":"state"', b'{"type":"delta"')

    def request(self, host: str, port: int) -> bytes:
        return _upgrade("/ws", host, port, JSON_SUBPROTOCOL)

    def hello(self, number: int) -> bytes | None:
        return msgspec.json.encode({"type": "join", "name": f"Load {number}"})

    def answer(self, payload: bytes) -> tuple[bool, bytes | None]:
        return _is_welcome(msgspec.json.decode(payload)), None

    def input(self, random: Random) -> Encoded:
        payload = msgspec.json.encode({"type": "input", "seq": FIRST_DECIMAL_SEQ, "data": _action(random)})
        return Encoded(payload, payload.index(b'"seq":') + 6)


class Idle(RumpusMsgpack):
    """Connects and asks for nothing: for the memory of a connection."""

    name = "idle"

    def hello(self, number: int) -> bytes | None:
        return None


class Colyseus(Dialect):
    """Colyseus 0.18: a seat by HTTP, a confirmed join, then messages that begin with their kind."""

    name = "colyseus"
    opcode = 2
    JOIN, DATA = 10, 13
    #: A whole state and a patch.
    snapshots = (b"\x0e", b"\x0f")

    def __init__(self, room: str = "arena") -> None:
        self._room = room
        self._matchmaker: HTTPConnection | None = None

    def request(self, host: str, port: int) -> bytes:
        if self._matchmaker is None:
            self._matchmaker = HTTPConnection(host, port, timeout=30)
        path = f"/matchmake/joinOrCreate/{self._room}"
        self._matchmaker.request("POST", path, b"{}", {"Content-Type": "application/json"})
        answer = json.loads(self._matchmaker.getresponse().read())
        if "sessionId" not in answer:
            raise RumpusError(f"Colyseus gave no seat: {answer}.")
        path = f"/{answer['processId']}/{answer['roomId']}?sessionId={answer['sessionId']}"
        return _upgrade(path, host, port, None)

    def hello(self, number: int) -> bytes | None:
        return None

    def answer(self, payload: bytes) -> tuple[bool, bytes | None]:
        return (True, bytes([self.JOIN])) if payload[0] == self.JOIN else (False, None)

    def input(self, random: Random) -> Encoded:
        head = bytes([self.DATA]) + _pack("input")
        payload = head + _pack({"seq": FIRST_SEQ, **_action(random)})
        return Encoded(payload, payload.index(b"\xa3seq\xcd") + 5)


def dialect(name: str, room: str = "arena") -> Dialect:
    """The dialect of that name; `room` is what Colyseus calls the kind of room."""
    if name == Colyseus.name:
        return Colyseus(room)
    ours: tuple[type[Dialect], ...] = (RumpusMsgpack, RumpusTimed, RumpusHeld, RumpusJson, Idle)
    return next(one for one in ours if one.name == name)()


def _is_welcome(message: dict[str, object]) -> bool:
    if message.get("type") == "error":
        raise RumpusError(f"The server refused a player: {message.get('message')}")
    return message.get("type") == "joined"


def server_frames(data: bytearray) -> Iterator[tuple[int, bytes]]:
    """Opcodes and payloads of the whole frames at the beginning of `data`, which they are taken out of."""
    while len(data) >= 2:
        size, at = data[1] & 0x7F, 2
        if size >= 126:
            extra = 2 if size == 126 else 8
            size, at = int.from_bytes(data[2 : 2 + extra]), 2 + extra
        if len(data) < at + size:
            return
        opcode, payload = data[0] & 0x0F, bytes(data[at : at + size])
        del data[: at + size]
        yield opcode, payload
