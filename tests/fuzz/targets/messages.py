"""What clients say, in both encodings: it is a message, or it is refused with a code."""

from __future__ import annotations

import datetime
import decimal
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

import rumpus
from rumpus.errors import MessageError
from rumpus.protocol.codec import JSON, MSGPACK
from tests.fuzz.landmarks import reach


class Move(rumpus.Input):
    """Something of each kind."""

    x: Annotated[float, Meta(ge=-1, le=1)] = 0.0
    n: Annotated[int, Meta(multiple_of=7, ge=0)] = 0
    label: Annotated[str, Meta(max_length=8)] = ""
    choice: Literal["a", 1, None] = None
    path: Annotated[list[float], Meta(max_length=8)] = msgspec.field(default_factory=list)
    bag: dict[str, int | None] = msgspec.field(default_factory=dict)
    data: bytes = b""
    price: decimal.Decimal | None = None
    day: datetime.datetime | None = None
    anything: Any = None


CODES = frozenset(("bad_message", "unknown_type", "bad_input"))
_DECODE = {codec: codec.decoder(Move) for codec in (JSON, MSGPACK)}

_SAID: list[dict[str, Any]] = [
    {"type": "join", "name": "Ann", "room": "K7QPXM", "options": {"create": True, "settings": {"goal": 3}}},
    {"type": "resume", "session": "abcdefgh.0123456789abcdefghijkl", "serial": 7},
    {"type": "input", "seq": 7, "tick": 12, "seen": 9.25, "data": {"x": 0.5, "n": 7, "label": "up", "path": [1, 2.5]}},
    {"type": "input", "seq": 8, "data": {"bag": {"a": None}, "choice": 1, "price": "1.50", "anything": [{}, [1]]}},
    {"type": "chat", "text": "hello", "to": "team"},
    {"type": "ping", "time": 1.5},
    {"type": "vote", "id": 1, "choice": 2},
    {"type": "set_room", "settings": {"goal": 4}, "private": True, "bots": 2},
    {"type": "reserve", "seats": 2, "room": "K7QPXM"},
    {"type": "party", "code": "ABCDEF", "name": "Ben", "guest": "0123456789abcdef"},
]
#: The first byte chooses the encoding.
SEEDS = [b"j" + JSON.encode(said) for said in _SAID] + [b"m" + MSGPACK.encode(said) for said in _SAID]


def run(data: bytes) -> None:
    codec = MSGPACK if data[:1] == b"m" else JSON
    try:
        message = _DECODE[codec](data[1:])
    except MessageError as error:
        assert error.code in CODES
        assert len(error.message) < 1000
        reach(" ".join([codec.subprotocol, *error.message.split()[:5]]))
        return
    reach(f"{codec.subprotocol} {[name for name in message.__struct_fields__ if getattr(message, name)]}")
    # What was understood can be written, and means the same then.
    again = _DECODE[codec](codec.encode(message))
    assert again == message
