"""A connection from its finished handshake on: picows' parser, and what it needs around it.

picows' protocol class is used directly instead of its `ws_create_server`: connections are seen, counted and answered
before they are WebSockets (`http_connection`), and some habits of its own have to be mended. It acts on a frame only
after it has looked at the next, so it is given one frame at a time. It closes on unread data. Its constructor is not
public, hence the narrow pin of its version.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any
from weakref import WeakMethod

from picows import WSAutoPingStrategy, WSUpgradeRequest, WSUpgradeResponse, WSUpgradeResponseWithListener
from picows.picows import WSProtocol  # type: ignore[attr-defined]  # not in the stub; see this module's header

from .admission import Admission
from .frame_progress import FrameProgress
from .websocket import CLOSE_TIMEOUT, SocketConnection

logger = logging.getLogger(__name__)

#: Called for every read: `super()` would take longer than they do.
_get_buffer, _buffer_updated = WSProtocol.get_buffer, WSProtocol.buffer_updated

#: Bytes of a connection's first read buffer (picows' least). It doubles when a message needs it.
READ_BUFFER = 2048


class Upgraded(WSProtocol):  # type: ignore[misc]  # untyped, see the import
    """The protocol of a socket that is a WebSocket. picows talks to the SocketConnection alone.

    max_message_size: in bytes. admission: what counts for the socket until it is gone.
    """

    def __init__(self, connection: SocketConnection, admission: Admission, max_message_size: int) -> None:
        super().__init__(
            None,  # host and port: clients only
            None,  # path: clients only
            False,  # is_client_side
            lambda request: _agreed(request, connection),
            _ParserLog(self),
            True,  # disconnect when a callback raises
            None,  # the handshake has been read in time
            False,  # picows' own pings: the server has one sweep for all connections instead of a task for each
            1,
            1,
            WSAutoPingStrategy.PING_WHEN_IDLE,
            False,  # picows' own pongs: they are not counted, and a client that reads nothing could pile them up
            max_message_size,
            None,  # extra headers
            READ_BUFFER,
        )
        self._admission = admission
        self._progress = FrameProgress()
        #: Whether picows has been given the beginning of a frame.
        self._within = False
        #: Whether picows has found a fault, or the connection is gone.
        self._stopped = False
        self._stream: Stream | None = None
        self._abort_timer: asyncio.TimerHandle | None = None

    def begin(self, transport: asyncio.Transport, key: str, subprotocol: str | None, rest: bytes) -> None:
        """Answer the handshake, and take `rest`, which came behind it. `key`: its Sec-WebSocket-Key."""
        transport.set_protocol(self)
        self._stream = Stream(transport)
        super().connection_made(self._stream)
        # What picows is shown of the request; the rest of it has been looked at.
        lines = ["GET / HTTP/1.1", "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13"]
        lines.append(f"Sec-WebSocket-Key: {key}")
        if subprotocol is not None:
            lines.append(f"Sec-WebSocket-Protocol: {subprotocol}")
        self._feed("\r\n".join([*lines, "", ""]).encode())
        if rest:
            self._take(rest)

    def buffer_updated(self, nbytes: int) -> None:
        # Nearly always: one frame of a client, whole, with less than 126 bytes.
        view = _get_buffer(self, -1)
        if nbytes > 5 and view[1] - 122 == nbytes < 132 and not self._within:
            _buffer_updated(self, nbytes)
        else:
            self._take(bytes(view[:nbytes]))

    def _take(self, data: bytes) -> None:
        """Hand bytes to picows in such pieces that each frame is acted on before the next is looked at."""
        connection, progress, at = self.listener, self._progress, 0
        was_within, ends = self._within, progress.ends(data)
        for end in ends:
            connection.more_follows = end < len(data)
            self._feed(data[at:end])
            if (connection.closed or self._stopped) and not self._listens():
                return
            at = end
        connection.more_follows = False
        self._within = at < len(data)
        if not self._within:
            return
        self._feed(data[at:])
        if self._listens():
            connection.on_part_of_frame(progress, data[at:], begins=bool(ends) or not was_within)
            if not ends:
                connection.on_read_without_frame()

    def _feed(self, data: bytes) -> None:
        while data:
            space = _get_buffer(self, -1)
            size = len(data)
            if size <= len(space):
                space[:size] = data
                return _buffer_updated(self, size)  # type: ignore[no-any-return]
            space[:] = data[: len(space)]
            data = data[len(space) :]
            _buffer_updated(self, len(space))
            if self._stopped:
                return

    def _listens(self) -> bool:
        return self._stream is not None and not self._stream.is_over()

    def connection_lost(self, error: Exception | None) -> None:
        self._stopped = True
        if self._abort_timer is not None:
            self._abort_timer.cancel()
        if self._stream is not None:
            self._stream = None
            self._admission.forget()
            super().connection_lost(error)

    def stop_listening(self) -> None:
        """After a fault in the framing nothing more can be understood, and must not be stored either."""
        self._stopped = True
        if isinstance(self.listener, SocketConnection):
            self.listener.go_ordinary_ways()
        if self._stream is not None and not self._stream.is_closing():
            self._stream.linger(Drain(self))
            self._abort_timer = asyncio.get_running_loop().call_later(CLOSE_TIMEOUT, self._stream.abort)


def _agreed(request: WSUpgradeRequest, connection: SocketConnection) -> WSUpgradeResponseWithListener:
    subprotocol = request.headers.get("Sec-WebSocket-Protocol")
    agreed = {"Sec-WebSocket-Protocol": subprotocol} if subprotocol is not None else None
    return WSUpgradeResponseWithListener(WSUpgradeResponse.create_101_response(agreed), connection)


class Stream:
    """A socket's transport as picows sees it, but for how it closes after a fault.

    picows closes a faulty connection 10 ms after its close frame. A socket that is closed with data unread resets the
    connection, and a client that is still sending may never see the frame that says why. So the sending side is closed
    and the rest is read and forgotten until the client hangs up or its time is over.
    """

    __slots__ = ("_lingers", "_transport")

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._lingers = False

    def __getattr__(self, name: str) -> Any:
        # picows keeps the methods it calls often.
        return getattr(self._transport, name)

    def is_over(self) -> bool:
        """Whether nothing that comes from now on is listened to."""
        return self._lingers or self._transport.is_closing()

    def linger(self, protocol: asyncio.BaseProtocol) -> None:
        self._lingers = True
        self._transport.set_protocol(protocol)

    def close(self) -> None:
        if not self._lingers:
            self._transport.close()
        elif not self._transport.is_closing() and self._transport.can_write_eof():
            # TLS has no such half-closed state. There the client hangs up, or its time ends.
            self._transport.write_eof()


class Drain(asyncio.BufferedProtocol):
    """Takes what a client sends after a fault, and forgets it."""

    _nowhere = bytearray(65_536)

    def __init__(self, before: asyncio.BaseProtocol) -> None:
        self._before = before

    def get_buffer(self, sizehint: int) -> bytearray:
        return self._nowhere

    def buffer_updated(self, nbytes: int) -> None:
        pass

    def connection_lost(self, error: Exception | None) -> None:
        self._before.connection_lost(error)


class _ParserLog:
    """picows tells of a client's faults only by logging them, at levels that would let any client fill the log."""

    def __init__(self, upgraded: Upgraded) -> None:
        # The protocol keeps this one; a circle would keep a connection's memory until the collector comes.
        self._stop_listening = WeakMethod(upgraded.stop_listening)

    def _stop(self) -> None:
        stop_listening = self._stop_listening()
        if stop_listening is not None:
            stop_listening()

    def isEnabledFor(self, level: int) -> bool:
        return False

    def log(self, level: int, message: str, *args: Any) -> None:
        pass

    debug = info = warning = lambda self, message, *args: None

    def error(self, message: str, *args: Any) -> None:
        logger.debug("a client broke the WebSocket protocol: " + message, *args)
        self._stop()

    def exception(self, message: str, *args: Any) -> None:
        logger.exception(message, *args)
        self._stop()
