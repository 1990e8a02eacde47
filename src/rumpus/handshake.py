"""A socket from its first byte until it is a WebSocket, an answered HTTP request, or gone.

picows' protocol class is used directly instead of its `ws_create_server`: only there are connections seen before their
handshake, so that unfinished ones count against the limits; and two habits of its own can be mended, closing on unread
data and waiting for ever on a reader that does not read. Its constructor is not public, hence the narrow pin of its
version.
"""

from __future__ import annotations

import asyncio
import logging
from http import HTTPStatus
from typing import Any, Protocol

from picows import WSAutoPingStrategy, WSUpgradeRequest, WSUpgradeResponse, WSUpgradeResponseWithListener
from picows.picows import WSProtocol  # type: ignore[attr-defined]  # not in the stub; see this module's header

from .config import Limits
from .transport import CLOSE_TIMEOUT, SocketConnection, address_of

logger = logging.getLogger(__name__)

#: Seconds a client gets to read a HTTP response.
RESPONSE_TIMEOUT = 20.0
#: Bytes of a connection's first read buffer (picows' least). It doubles when a message needs it.
READ_BUFFER = 2048
TOO_MANY_CONNECTIONS = (
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain\r\nContent-Length: 45\r\n"
    b"Retry-After: 5\r\nConnection: close\r\n\r\nThis server has as many clients as it takes.\n"
)


class Host(Protocol):
    """Who takes connections: `rumpus.listener.Listener`."""

    limits: Limits

    def admit(self, address: str) -> bool: ...

    def forget(self, address: str) -> None: ...

    def answer(self, request: WSUpgradeRequest) -> WSUpgradeResponseWithListener | asyncio.Future[bytes]: ...


class Handshake(WSProtocol):  # type: ignore[misc]  # untyped, see the import
    """A connection from its first byte; once upgraded, picows talks to the SocketConnection alone."""

    def __init__(self, host: Host) -> None:
        limits = host.limits
        super().__init__(
            None,  # host and port: clients only
            None,  # path: clients only
            False,  # is_client_side
            self._reply,
            _ParserLog(self),
            True,  # disconnect when a callback raises
            limits.handshake_timeout,
            False,  # picows' own pings: the server has one sweep for all connections instead of a task for each
            1,
            1,
            WSAutoPingStrategy.PING_WHEN_IDLE,
            False,  # picows' own pongs: they are not counted, and a client that reads nothing could pile them up
            limits.max_message_size,
            None,  # extra headers
            READ_BUFFER,
        )
        self._host = host
        self._stream: _Stream | None = None
        self._abort_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:
        self._address = address_of(transport)
        if self._host.admit(self._address):
            self._stream = _Stream(transport)
            super().connection_made(self._stream)
        else:
            transport.write(TOO_MANY_CONNECTIONS)
            transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        if self._abort_timer is not None:
            self._abort_timer.cancel()
        if self._stream is not None:
            self._stream = None
            self._host.forget(self._address)
            super().connection_lost(error)

    def stop_listening(self) -> None:
        """After a fault in the framing nothing more can be understood, and must not be stored either."""
        if isinstance(self.listener, SocketConnection):
            self.listener.go_ordinary_ways()
        if self._stream is not None and not self._stream.is_closing():
            self._stream.linger(_Drain(self))
            self._abort_after(CLOSE_TIMEOUT)

    def _abort_after(self, seconds: float) -> None:
        if self._stream is not None:
            self._abort_timer = asyncio.get_running_loop().call_later(seconds, self._stream.abort)

    def _reply(self, request: WSUpgradeRequest) -> WSUpgradeResponseWithListener:
        answer = self._host.answer(request)
        if isinstance(answer, asyncio.Future):
            return self._defer(answer)
        if answer.listener is None:
            # picows closes once the response is written, which a client that does not read could put off for ever.
            self._abort_after(RESPONSE_TIMEOUT)
        return answer

    def _defer(self, pending: asyncio.Future[bytes]) -> WSUpgradeResponseWithListener:
        """The response comes later. picows must answer at once, and what it says is not sent."""
        if self._stream is not None:
            self._stream.hold(_Drain(self))
            self._abort_after(RESPONSE_TIMEOUT)
        pending.add_done_callback(self._answer_late)
        return WSUpgradeResponseWithListener(WSUpgradeResponse.create_error_response(HTTPStatus.ACCEPTED), None)

    def _answer_late(self, pending: asyncio.Future[bytes]) -> None:
        # The client may have hung up meanwhile.
        if self._stream is not None and not self._stream.is_closing():
            self._stream.release(pending.result())


class _Stream:
    """A socket's transport as picows sees it, but for how it closes after a fault, and for answers that come later.

    picows closes a faulty connection 10 ms after its close frame. A socket that is closed with data unread resets the
    connection, and a client that is still sending may never see the frame that says why. So the sending side is closed
    and the rest is read and forgotten until the client hangs up or its time is over.
    """

    # `write` is there only while it must not write: picows' way to the socket's own is not a call longer.
    __slots__ = ("_held", "_lingers", "_transport", "write")

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._lingers = self._held = False

    def __getattr__(self, name: str) -> Any:
        # picows keeps the methods it calls often.
        return getattr(self._transport, name)

    def linger(self, protocol: asyncio.BaseProtocol) -> None:
        self._lingers = True
        self._transport.set_protocol(protocol)

    def hold(self, protocol: asyncio.BaseProtocol) -> None:
        """Send nothing and stay open, whatever picows says, until `release`."""
        self._held = True
        self.write = _nothing
        self._transport.set_protocol(protocol)

    def release(self, data: bytes) -> None:
        """Send this, and close."""
        self._transport.write(data)
        self._transport.close()

    def close(self) -> None:
        if self._held:
            return
        if not self._lingers:
            self._transport.close()
        elif not self._transport.is_closing():
            self._transport.write_eof()


def _nothing(data: object) -> None:
    """Stands in for a method that would write."""


class _Drain(asyncio.BufferedProtocol):
    """Takes what a client sends after a fault or after its request, and forgets it."""

    _nowhere = bytearray(65_536)

    def __init__(self, handshake: Handshake) -> None:
        self._handshake = handshake

    def get_buffer(self, sizehint: int) -> bytearray:
        return self._nowhere

    def buffer_updated(self, nbytes: int) -> None:
        pass

    def connection_lost(self, error: Exception | None) -> None:
        self._handshake.connection_lost(error)


class _ParserLog:
    """picows tells of a client's faults only by logging them, at levels that would let any client fill the log."""

    def __init__(self, handshake: Handshake) -> None:
        self._handshake = handshake

    def isEnabledFor(self, level: int) -> bool:
        return False

    def log(self, level: int, message: str, *args: Any) -> None:
        pass

    debug = info = warning = lambda self, message, *args: None

    def error(self, message: str, *args: Any) -> None:
        logger.debug("a client broke the WebSocket protocol: " + message, *args)
        self._handshake.stop_listening()

    def exception(self, message: str, *args: Any) -> None:
        logger.exception(message, *args)
        self._handshake.stop_listening()
