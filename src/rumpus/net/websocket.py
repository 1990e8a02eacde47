"""A client's connection on a WebSocket.

picows parses frames in C and hands them over without copying. What it leaves to its user, and is done here: joining
fragments, rejecting reserved bits and text that is not UTF-8, the closing handshake, and bounding what waits for a slow
client. How a connection comes to be is in `http_connection.py`, how it is read in `upgraded.py`.
"""

from __future__ import annotations

import asyncio
import codecs
import logging
import socket
from collections.abc import Callable
from typing import Any, Protocol

from picows import WSCloseCode, WSFrame, WSListener, WSMsgType, WSTransport

from ..config import Limits
from ..connection import NOBODY, BytesLike, Connection
from ..protocol import INTERNAL_ERROR, INVALID_TEXT, PROTOCOL_ERROR, TOO_BIG
from ..protocol.codec import Codec
from ..protocol.framing import frame_header
from .frame_progress import FrameProgress

logger = logging.getLogger(__name__)

#: Seconds a client gets to answer a close frame before the socket is cut.
CLOSE_TIMEOUT = 1.0

NOT_UTF8 = "text must be UTF-8"

#: Up to this size picows copies a message. A larger one it gives to the event loop beside a header that stays in its
#: own memory, where the next message overwrites it: a client that reads slowly would get garbage.
_COPIED = 8192

_TEXT = WSMsgType.TEXT
_CONTINUATION = WSMsgType.CONTINUATION
_PING = WSMsgType.PING
_PONG = WSMsgType.PONG
_CLOSE = WSMsgType.CLOSE


class Lane(Protocol):
    """Who reads connections past the event loop, as far as they know: `rumpus.net.batch.reader.BatchReader`."""

    @property
    def is_open(self) -> bool: ...

    def enter(self, connection: SocketConnection, fd: int) -> bool: ...

    def take_care(self, fd: int, careful: bool) -> None: ...

    def leave(self, fd: int) -> None: ...


class SocketConnection(Connection, WSListener):
    """A client on a WebSocket."""

    #: The socket, while the fast lane reads it; it sets this.
    lane_fd = -1
    #: Whether more has been read already than the frame that is being handed over; who hands it over sets this.
    more_follows = False

    def __init__(
        self,
        codec: Codec,
        limits: Limits,
        address: str,
        on_open: Callable[[SocketConnection], object],
        lane: Lane | None = None,
    ) -> None:
        self.address = address
        self.codec = codec
        self._type = WSMsgType.TEXT if codec.text else WSMsgType.BINARY
        #: The first byte of a frame that is a whole message of this connection's type.
        self.first_byte = 0x80 | self._type.value
        self._limits = limits
        self._on_open = on_open
        self._parts: list[bytes] | None = None
        self._parts_size = 0
        self._parts_type = self._type
        #: Of a fragmented text, and of a text frame that has only begun: whether it can still be UTF-8.
        self._parts_text: codecs.IncrementalDecoder | None = None
        self._frame_text: codecs.IncrementalDecoder | None = None
        self._abort_timer: asyncio.TimerHandle | None = None
        #: What this connection asks for at its next message, and whom it tells when it ends.
        self._wanted_lane = self._lane = lane
        #: What `direct_fd` is while nothing waits to be sent: the lane's kernels do the writing too.
        self._fd = -1
        #: Whether something waits to be sent, and how many bytes are held for that, the system's included.
        self._waiting = False
        self._held = 0

    def send(self, data: bytes) -> None:
        if self.closed:
            return
        if len(data) > _COPIED:
            return self.send_frame_bytes(frame_header(self.first_byte, len(data)) + data)
        self._transport.send(self._type, data)
        if self._waiting:
            self._look_at_waiting()

    def send_frame_bytes(self, frame: BytesLike) -> None:
        if self.closed or self._transport.is_close_frame_sent:
            return
        # The caller may use its buffer again at once; what cannot be sent at once is kept.
        self._transport.underlying_transport.write(bytes(frame))
        if self._waiting:
            self._look_at_waiting()

    def send_rest(self, frame: BytesLike, sent: int) -> None:
        self.send_frame_bytes(frame[max(0, sent) :])

    def _look_at_waiting(self) -> None:
        """More has come to what waits for a client."""
        waiting = self._transport.underlying_transport.get_write_buffer_size()
        self.congested = waiting > self._limits.skip_unsent
        if not self._hold(waiting + self._limits.send_buffer) or waiting > self._limits.max_unsent:
            logger.info("cut off a client that does not read", extra={"address": self.address})
            self.receiver.on_unread()
            self.closed = True
            self._transport.disconnect(False)
            self.go_ordinary_ways()

    def _hold(self, held: int) -> bool:
        """So many bytes are held for this client. False if its address has too much waiting, or all together have."""
        more, self._held = held - self._held, held
        return self.hold_unsent is None or self.hold_unsent(more)

    def ping(self) -> None:
        if not self.closed:
            self._transport.send_ping()
            if self._waiting:
                self._look_at_waiting()

    def close(self, code: int, reason: str = "") -> None:
        if self.closed:
            return
        self.closed = True
        # A close frame carries at most 123 bytes of reason.
        self._transport.send_close(WSCloseCode(code), reason.encode()[:123].decode(errors="ignore"))
        self._abort_later()
        self.go_ordinary_ways()

    def go_ordinary_ways(self) -> None:
        """From now on nothing is read or written past picows and the event loop: the connection is about to end."""
        self._fd = self.direct_fd = -1
        self.leave_lane()

    def leave_lane(self) -> None:
        """From now on the event loop reads this connection again."""
        self._wanted_lane = None
        if self.lane_fd >= 0 and self._lane is not None:
            fd, self.lane_fd = self.lane_fd, -1
            self._lane.leave(fd)

    def _enter_lane(self) -> None:
        """Have the lane read this connection; picows must have nothing left to read."""
        lane, transport = self._wanted_lane, self._transport
        if lane is None or not lane.is_open or transport.is_secure:
            return
        fd = transport.underlying_transport.get_extra_info("socket").fileno()
        if lane.enter(self, fd):
            self._wanted_lane = None
            transport.underlying_transport.pause_reading()
            self.lane_fd = self._fd = fd
            if not self._waiting:
                self.direct_fd = fd

    def _abort_later(self) -> None:
        if self._abort_timer is None:
            loop = asyncio.get_running_loop()
            self._abort_timer = loop.call_later(CLOSE_TIMEOUT, self._transport.disconnect, False)

    # Called by picows.

    def on_ws_connected(self, transport: WSTransport) -> None:
        self._transport = transport
        # With these limits the event loop tells when anything begins to wait, and when nothing does any more.
        stream = transport.underlying_transport
        # TLS counts "at the limit" as over it. What waits below it, 64 KiB at most, it does not tell.
        stream.set_write_buffer_limits(high=1 if transport.is_secure else 0)
        # Left to itself, Linux would keep megabytes for each client that does not read. It counts its own overhead too,
        # and so doubles what is asked for.
        stream.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, self._limits.send_buffer // 2)
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
            if self._wanted_lane is not None and not self.more_follows:
                self._enter_lane()
            return self._on_message(frame.get_payload_as_bytes())
        self._on_uncommon_frame(kind, frame)

    def _on_uncommon_frame(self, kind: WSMsgType, frame: WSFrame) -> None:
        if kind is _CLOSE:
            if not self._transport.is_close_frame_sent:
                self.closed = True
                self._transport.send_close(_close_answer(frame))
            self._transport.disconnect()
            self._abort_later()
            self.go_ordinary_ways()
        elif self.closed:
            pass
        elif kind is _PING:
            self.receiver.on_overhead()
            # A client that floods pings and reads nothing must not fill the write buffer.
            if not self.congested and not self.closed:
                self._transport.send_pong(frame.get_payload_as_bytes())
                if self._waiting:
                    self._look_at_waiting()
        elif kind is _PONG:
            self.receiver.on_pong()
        else:
            self._on_part(kind, frame)

    def _on_part(self, kind: WSMsgType, frame: WSFrame) -> None:
        """A part of a fragmented message, or a whole one of the other type."""
        if (kind is _CONTINUATION) != (self._parts is not None):
            fault = "a new message inside a fragmented one" if self._parts is not None else "a continuation of nothing"
            return self.close(PROTOCOL_ERROR, fault)
        if self._parts is None:
            self._parts, self._parts_size, self._parts_type = [], 0, kind
            self._parts_text = _text_decoder() if kind is _TEXT else None
            self._tell_lane()
        self._parts_size += frame.payload_size
        if self._parts_size > self._limits.max_message_size:
            return self.close(TOO_BIG, f"a message may have {self._limits.max_message_size} bytes")
        if frame.payload_size:
            # Empty parts are allowed without end and must not fill the list.
            self._parts.append(frame.get_payload_as_bytes())
        if self._parts_text is not None:
            part = self._parts[-1] if frame.payload_size else b""
            if not _goes_on(self._parts_text, part, bool(frame.fin)):
                return self.close(INVALID_TEXT, NOT_UTF8)
        if not frame.fin:
            return self.receiver.on_overhead()
        data, self._parts, self._parts_text = b"".join(self._parts), None, None
        self._tell_lane()
        if self._parts_type is self._type:
            self.receiver.on_message(data)
        else:
            self.receiver.on_wrong_type()

    def on_part_of_frame(self, progress: FrameProgress, data: bytes, begins: bool) -> None:
        """`data` is at the end of what has come; the frame that it is a part of is not complete.

        Text that cannot become UTF-8 is refused at once. begins: whether the frame does.
        """
        if begins:
            self._frame_text = None
        text = self._parts_type is _TEXT if self._parts is not None else progress.opcode == _TEXT.value
        if self.closed or not text or progress.opcode > _TEXT.value:
            return
        payload = progress.payload(data)
        if payload:
            if self._frame_text is None:
                self._frame_text = _text_decoder()
                if self._parts_text is not None:
                    self._frame_text.setstate(self._parts_text.getstate())
            if not _goes_on(self._frame_text, payload, False):
                self.close(INVALID_TEXT, NOT_UTF8)

    def on_read_without_frame(self) -> None:
        """Something was read that completes no frame: it costs as much as one."""
        if not self.closed:
            self.receiver.on_overhead()

    def _on_message(self, data: bytes) -> None:
        if self.codec.text and not _is_utf8(data):
            return self.close(INVALID_TEXT, NOT_UTF8)
        if not self.closed:
            self.receiver.on_message(data)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        self.closed = True
        self.go_ordinary_ways()
        if self._abort_timer is not None:
            self._abort_timer.cancel()
        self._hold(0)
        self.receiver.on_disconnect()
        # It knows this connection: a circle would keep both in memory until the collector comes.
        self.receiver = NOBODY

    def pause_writing(self) -> None:
        self._waiting = True
        self.direct_fd = -1

    def resume_writing(self) -> None:
        self._waiting = self.congested = False
        self._hold(0)
        self.direct_fd = self._fd

    def _tell_lane(self) -> None:
        """Amid the fragments of a message another one is a fault, which only this object can find."""
        if self.lane_fd >= 0 and self._lane is not None:
            self._lane.take_care(self.lane_fd, self._parts is not None)

    # Called by the fast lane.

    def take_message(self, data: bytes) -> None:
        """A whole message that the lane has read and that may be out of place, or may not be UTF-8."""
        if self.closed:
            return
        self.heard = True
        if self._parts is not None:
            return self.close(PROTOCOL_ERROR, "a new message inside a fragmented one")
        self._on_message(data)

    def read_ordinarily(self) -> None:
        self._transport.underlying_transport.resume_reading()

    def take_bytes(self, data: bytes) -> None:
        """Hand bytes to picows, or to whatever reads this connection by now, as the event loop would."""
        stream = self._transport.underlying_transport
        view = memoryview(data)
        while view and not stream.is_closing():
            reader: Any = stream.get_protocol()
            space = reader.get_buffer(len(view))
            size = min(len(space), len(view))
            space[:size] = view[:size]
            reader.buffer_updated(size)
            view = view[size:]


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


_text_decoder = codecs.getincrementaldecoder("utf-8")


def _goes_on(decoder: codecs.IncrementalDecoder, part: bytes, is_last: bool) -> bool:
    """Whether a text is UTF-8, or can still become that."""
    try:
        decoder.decode(part, is_last)
    except UnicodeDecodeError:
        return False
    return True


def address_of(stream: asyncio.BaseTransport) -> str:
    peer = stream.get_extra_info("peername")
    return str(peer[0]) if isinstance(peer, tuple) else "local"
