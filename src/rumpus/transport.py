"""A client's connection on a WebSocket.

picows parses frames in C and hands them over without copying. What it leaves to its user, and is done here: joining
fragments, rejecting reserved bits and text that is not UTF-8, the closing handshake, and bounding what waits for a slow
client. How a connection comes to be is in `handshake.py` and `listener.py`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from picows import WSCloseCode, WSFrame, WSListener, WSMsgType, WSTransport

from .codec import Codec
from .config import Limits
from .connection import Connection
from .protocol import INTERNAL_ERROR, INVALID_TEXT, PROTOCOL_ERROR, TOO_BIG

logger = logging.getLogger(__name__)

#: Seconds a client gets to answer a close frame before the socket is cut.
CLOSE_TIMEOUT = 1.0

_CONTINUATION = WSMsgType.CONTINUATION
_PING = WSMsgType.PING
_PONG = WSMsgType.PONG
_CLOSE = WSMsgType.CLOSE


class SocketConnection(Connection, WSListener):
    """A client on a WebSocket."""

    def __init__(self, codec: Codec, limits: Limits, on_open: Callable[[SocketConnection], object]) -> None:
        self.codec = codec
        self._type = WSMsgType.TEXT if codec.text else WSMsgType.BINARY
        self._limits = limits
        self._on_open = on_open
        self._parts: list[bytes] | None = None
        self._parts_size = 0
        self._parts_type = self._type
        self._abort_timer: asyncio.TimerHandle | None = None

    def send(self, data: bytes) -> None:
        if self.closed:
            return
        self._transport.send(self._type, data)
        if self.congested and self._transport.underlying_transport.get_write_buffer_size() > self._limits.max_unsent:
            logger.info("cut off a client that does not read", extra={"address": self.address})
            self.closed = True
            self._transport.disconnect(False)

    def ping(self) -> None:
        if not self.closed:
            self._transport.send_ping()

    def close(self, code: int, reason: str = "") -> None:
        if self.closed:
            return
        self.closed = True
        # A close frame carries at most 123 bytes of reason.
        self._transport.send_close(WSCloseCode(code), reason.encode()[:123].decode(errors="ignore"))
        self._abort_later()

    def _abort_later(self) -> None:
        if self._abort_timer is None:
            loop = asyncio.get_running_loop()
            self._abort_timer = loop.call_later(CLOSE_TIMEOUT, self._transport.disconnect, False)

    # Called by picows.

    def on_ws_connected(self, transport: WSTransport) -> None:
        self._transport = transport
        self.address = address_of(transport.underlying_transport)
        try:
            self._on_open(self)
        except Exception:
            # picows would tell nobody, and end the connection with a receiver that may not exist.
            logger.exception("a new connection could not be taken")
            self.close(INTERNAL_ERROR)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if self.closed and not transport.is_close_frame_sent:
            return
        self.heard = True
        if frame.rsv1 or frame.rsv2 or frame.rsv3:
            return self.close(PROTOCOL_ERROR, "reserved bits are set and no extension was agreed on")
        kind = frame.msg_type
        if kind is self._type and frame.fin and self._parts is None:
            return self._on_message(frame.get_payload_as_bytes())
        self._on_uncommon_frame(kind, frame)

    def _on_uncommon_frame(self, kind: WSMsgType, frame: WSFrame) -> None:
        if kind is _CLOSE:
            if not self._transport.is_close_frame_sent:
                self.closed = True
                self._transport.send_close(_close_answer(frame))
            self._transport.disconnect()
            self._abort_later()
        elif self.closed:
            pass
        elif kind is _PING:
            self.receiver.on_overhead()
            # A client that floods pings and reads nothing must not fill the write buffer.
            if not self.congested and not self.closed:
                self._transport.send_pong(frame.get_payload_as_bytes())
        elif kind is _PONG:
            self.receiver.on_overhead()
        else:
            self._on_part(kind, frame)

    def _on_part(self, kind: WSMsgType, frame: WSFrame) -> None:
        """A part of a fragmented message, or a whole one of the other type."""
        if (kind is _CONTINUATION) != (self._parts is not None):
            fault = "a new message inside a fragmented one" if self._parts is not None else "a continuation of nothing"
            return self.close(PROTOCOL_ERROR, fault)
        if self._parts is None:
            self._parts, self._parts_size, self._parts_type = [], 0, kind
        if frame.payload_size:
            # Empty parts are allowed without end and must not fill the list.
            self._parts.append(frame.get_payload_as_bytes())
        self._parts_size += frame.payload_size
        if self._parts_size > self._limits.max_message_size:
            return self.close(TOO_BIG, f"a message may have {self._limits.max_message_size} bytes")
        if not frame.fin:
            return self.receiver.on_overhead()
        data, self._parts = b"".join(self._parts), None
        if self._parts_type is self._type:
            self._on_message(data)
        elif self._parts_type is WSMsgType.TEXT and not _is_utf8(data):
            self.close(INVALID_TEXT, "text must be UTF-8")
        else:
            self.receiver.on_wrong_type()

    def _on_message(self, data: bytes) -> None:
        if self.codec.text and not _is_utf8(data):
            return self.close(INVALID_TEXT, "text must be UTF-8")
        if not self.closed:
            self.receiver.on_message(data)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        self.closed = True
        if self._abort_timer is not None:
            self._abort_timer.cancel()
        self.receiver.on_disconnect()

    def pause_writing(self) -> None:
        self.congested = True

    def resume_writing(self) -> None:
        self.congested = False


def _close_answer(frame: WSFrame) -> WSCloseCode:
    """The code that answers a client's close frame: its own, unless no client may send that one.

    picows lets codes pass that RFC 6455 (7.4) keeps for a program's own use or does not know at all.
    """
    if frame.payload_size == 0:
        return WSCloseCode.OK
    # A number; the stub says that it is one of an enumeration, which ends at 1014.
    code: Any = frame.get_close_code()
    allowed = 1000 <= code < 5000 and code != 1006
    return code if allowed else WSCloseCode.PROTOCOL_ERROR


def _is_utf8(data: bytes) -> bool:
    if data.isascii():
        return True
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def address_of(stream: asyncio.BaseTransport) -> str:
    peer = stream.get_extra_info("peername")
    return str(peer[0]) if isinstance(peer, tuple) else "local"
