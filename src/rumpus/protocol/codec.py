"""Messages to bytes and back, in JSON or MessagePack, with errors that have a code and a place.

A whole state is encoded once and shared by all clients of a codec; the acknowledgement of a client's own input is
put into a copy of those bytes (`with_ack`), which costs a fraction of encoding the state again.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any, Protocol, Union, get_args, get_origin

import msgspec

from ..errors import MessageError
from . import JSON_SUBPROTOCOL, MSGPACK_SUBPROTOCOL, ClientMessage, Input, Ping

Decode = Callable[[bytes], ClientMessage]

#: Longest part of a decoder's complaint that is sent back: it quotes the client's own values.
_MAX_DETAIL = 200
#: How numbers begin that are not finite, and the largest that are: a float's mark, and all ones in the bits of the
#: exponent that are in its first byte.
_may_be_infinite = re.compile(rb"[\xca\xcb][\x7f\xff]").search


class Codec(Protocol):
    """One way to write messages. `text` tells the transport which kind of WebSocket frame carries them."""

    subprotocol: str
    text: bool

    def encode(self, message: Any) -> bytes:
        """A Struct of `rumpus.protocol`, or a mapping with a `type`, as bytes."""

    def decoder(self, input_type: type) -> Decode:
        """A function from bytes to a client message whose inputs hold an `input_type`.

        It raises MessageError with code `bad_message`, `unknown_type` or `bad_input`.
        """

    def snapshot(self, kind: str, tick: int, body: Any) -> bytes:
        """A `state` (body: the whole state) or a `delta` (body: a merge patch)."""

    def with_ack(self, snapshot: bytes, ack: int, margin: float | None = None) -> bytes:
        """A snapshot that also acknowledges the input `ack` of the client it goes to, and tells its margin (s)."""


class JsonCodec:
    subprotocol = JSON_SUBPROTOCOL
    text = True

    def __init__(self) -> None:
        self.encode = msgspec.json.Encoder().encode

    def decoder(self, input_type: type) -> Decode:
        decode = msgspec.json.Decoder(_union(input_type)).decode
        # JSON has no way to write NaN, and msgspec refuses numbers too large for a float: nothing left to check.
        return _guarded(decode, None)

    def snapshot(self, kind: str, tick: int, body: Any) -> bytes:
        name = "patch" if kind == "delta" else "state"
        return b'{"type":"%b","tick":%d,"%b":%b}' % (kind.encode(), tick, name.encode(), self.encode(body))

    def with_ack(self, snapshot: bytes, ack: int, margin: float | None = None) -> bytes:
        if margin is not None:
            return b'%b,"ack":%d,"margin":%.3f}' % (snapshot[:-1], ack, margin)
        return b'%b,"ack":%d}' % (snapshot[:-1], ack)


class MsgpackCodec:
    subprotocol = MSGPACK_SUBPROTOCOL
    text = False

    def __init__(self) -> None:
        self.encode = msgspec.msgpack.Encoder().encode

    def decoder(self, input_type: type) -> Decode:
        decode = msgspec.msgpack.Decoder(_union(input_type)).decode
        return _guarded(decode, _may_be_infinite)

    def snapshot(self, kind: str, tick: int, body: Any) -> bytes:
        return self.encode({"type": kind, "tick": tick, "patch" if kind == "delta" else "state": body})

    def with_ack(self, snapshot: bytes, ack: int, margin: float | None = None) -> bytes:
        # A snapshot is a map of three pairs (0x83); this makes it four or five and appends the pairs.
        if margin is not None:
            return b"\x85%b\xa3ack%b\xa6margin%b" % (snapshot[1:], self.encode(ack), self.encode(round(margin, 3)))
        return b"\x84%b\xa3ack%b" % (snapshot[1:], self.encode(ack))


JSON = JsonCodec()
MSGPACK = MsgpackCodec()
CODECS: dict[str, Codec] = {codec.subprotocol: codec for codec in (JSON, MSGPACK)}


def _union(input_type: type) -> Any:
    """What clients may say in a game with these inputs."""
    others = (kind for kind in get_args(ClientMessage) if get_origin(kind) is not Input)
    return Union[Input[input_type], *others]  # type: ignore[valid-type]  # known only at run time


def _guarded(decode: Callable[[bytes], Any], suspicious: Callable[[bytes], object] | None) -> Decode:
    """`decode` with its faults as MessageErrors, and with numbers looked at in data that is `suspicious`."""

    def guarded(data: bytes) -> ClientMessage:
        try:
            message = decode(data)
            # Looking for one byte takes a twentieth of looking at every value, and most messages have neither.
            if suspicious is not None and (0x7F in data or 0xFF in data) and suspicious(data):
                _require_finite(message)
            return message  # type: ignore[no-any-return]  # the decoder was built for exactly this union
        except msgspec.ValidationError as error:
            raise _explain(str(error)) from None
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise MessageError("bad_message", f"This message cannot be read: {str(error)[:_MAX_DETAIL]}.") from None
        except RecursionError:
            raise MessageError("bad_message", "This message is nested too deeply.") from None

    return guarded


def _explain(complaint: str) -> MessageError:
    detail = complaint[:_MAX_DETAIL]
    if complaint.endswith("at `$.type`") or "missing required field `type`" in complaint:
        return MessageError("unknown_type", f"There is no message of this type: {detail}.")
    if "`$.data" in complaint:
        return MessageError("bad_input", f"This input does not fit the game: {detail}.")
    return MessageError("bad_message", f"This message does not fit its type: {detail}.")


def _require_finite(message: Any) -> None:
    """MessagePack can carry NaN and infinities, which no game and no clock expects."""
    kind = type(message)
    if kind is Input:
        if not _finite(message.data):
            raise MessageError("bad_input", "This input does not fit the game: a number is not finite.")
        if not _finite(message.seen):
            raise MessageError("bad_message", "This message does not fit its type: `seen` is not finite.")
    elif kind is Ping:
        if not math.isfinite(message.time):
            raise MessageError("bad_message", "This message does not fit its type: `time` is not finite.")
    elif not _finite(message):
        raise MessageError("bad_message", "This message does not fit its type: a number is not finite.")


def _finite(value: Any) -> bool:
    kind = type(value)
    if kind is float:
        return math.isfinite(value)
    if kind is int or kind is str or kind is bool or value is None:
        return True
    if isinstance(value, Mapping):
        return all(map(_finite, value)) and all(map(_finite, value.values()))
    if isinstance(value, list | tuple | set | frozenset):
        return all(map(_finite, value))
    if isinstance(value, msgspec.Struct):
        return all(_finite(getattr(value, name)) for name in value.__struct_fields__)
    return True
