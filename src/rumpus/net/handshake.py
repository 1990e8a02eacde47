"""A socket from its first byte until it is a WebSocket, an answered HTTP request, or gone.

picows' protocol class is used directly instead of its `ws_create_server`: only there are connections seen before their
handshake, so that unfinished ones count against the limits; and two habits of its own can be mended, closing on unread
data and waiting for ever on a reader that does not read. Its constructor is not public, hence the narrow pin of its
version.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
from http import HTTPStatus
from typing import Any, Protocol
from weakref import WeakMethod

from picows import WSAutoPingStrategy, WSUpgradeRequest, WSUpgradeResponse, WSUpgradeResponseWithListener
from picows.picows import WSProtocol  # type: ignore[attr-defined]  # not in the stub; see this module's header

from ..config import Limits
from .trusted_proxies import TrustedProxies, plain_address
from .websocket import CLOSE_TIMEOUT, SocketConnection, address_of

logger = logging.getLogger(__name__)

#: Seconds a client gets to read a HTTP response.
RESPONSE_TIMEOUT = 20.0
#: Bytes of a connection's first read buffer (picows' least). It doubles when a message needs it.
READ_BUFFER = 2048
TOO_MANY = "This server has as many clients as it takes."
TOO_MANY_CONNECTIONS = (
    "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain\r\n"
    f"Content-Length: {len(TOO_MANY) + 1}\r\nRetry-After: 5\r\nConnection: close\r\n\r\n{TOO_MANY}\n"
).encode()


class Host(Protocol):
    """Who takes connections: `rumpus.net.listener.Listener`."""

    limits: Limits
    proxies: TrustedProxies

    def admit(self, address: str | None) -> bool: ...

    def forget(self, address: str | None) -> None: ...

    def answer(
        self, request: WSUpgradeRequest, handshake: Handshake
    ) -> WSUpgradeResponseWithListener | asyncio.Future[bytes]: ...


class Handshake(WSProtocol):  # type: ignore[misc]  # untyped, see the import
    """A connection from its first byte; once upgraded, picows talks to the SocketConnection alone.

    is_secure: it goes through TLS, and was admitted by its `TlsHandshake`.
    """

    #: The peer's address, and the one that this socket counts for: the client's, or None while a trusted proxy has not
    #: said for whom it comes.
    address: str
    counted_for: str | None

    def __init__(self, host: Host, *, is_secure: bool = False) -> None:
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
        self.is_secure = is_secure
        self._is_admitted = False
        self._host = host
        self._stream: _Stream | None = None
        self._abort_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:
        if self.is_secure or self.admit(transport):
            self._stream = _Stream(transport)
            super().connection_made(self._stream)
        else:
            transport.write(TOO_MANY_CONNECTIONS)
            transport.close()

    def admit(self, transport: asyncio.BaseTransport) -> bool:
        """Count this socket; False if that would be one too many."""
        self.address = plain_address(address_of(transport))
        self.counted_for = None if self._host.proxies.trusts(self.address) else self.address
        self._is_admitted = self._host.admit(self.counted_for)
        return self._is_admitted

    def forget(self) -> None:
        """The socket is gone. Counts once, however often it is told."""
        if self._is_admitted:
            self._is_admitted = False
            self._host.forget(self.counted_for)

    def connection_lost(self, error: Exception | None) -> None:
        if self._abort_timer is not None:
            self._abort_timer.cancel()
        if self._stream is not None:
            self._stream = None
            self.forget()
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
        answer = self._host.answer(request, self)
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


class TlsHandshake(asyncio.Protocol):
    """A connection until TLS is agreed on; from then on it is a `Handshake`.

    A server that asyncio makes with TLS tells of a connection only after that: those that never get so far would count
    nowhere. So it is counted here, and its socket is then handed to asyncio once more, to do TLS on. (`start_tls` is
    not made for this: with uvloop, what a client has sent by then would be lost.)
    """

    def __init__(self, host: Host, context: ssl.SSLContext) -> None:
        self._host = host
        self._context = context

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        plain: Any = transport
        handshake = Handshake(self._host, is_secure=True)
        if handshake.admit(plain):
            try:
                original = plain.get_extra_info("socket")
                sock = socket.fromfd(original.fileno(), original.family, original.type)
            except OSError:
                # No file descriptor is left.
                handshake.forget()
            else:
                task = asyncio.get_running_loop().create_task(self._secure(sock, handshake))
                _securing.add(task)
                task.add_done_callback(_securing.discard)
        # This closes the first of the two descriptors. To those who are not let in nothing is said: what comes before
        # TLS they would not understand.
        plain.abort()

    async def _secure(self, sock: socket.socket, handshake: Handshake) -> None:
        try:
            await asyncio.get_running_loop().connect_accepted_socket(
                lambda: handshake,
                sock,
                ssl=self._context,
                ssl_handshake_timeout=self._host.limits.handshake_timeout,
                ssl_shutdown_timeout=CLOSE_TIMEOUT,
            )
        except OSError as error:
            # Scanners, and clients that have hung up or do not trust the certificate.
            logger.debug("a client did not agree on TLS: %s", error)
            handshake.forget()
        except asyncio.CancelledError:
            handshake.forget()
            raise


#: Those under way: the event loop alone would not keep them.
_securing: set[asyncio.Task[None]] = set()


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
        elif not self._transport.is_closing() and self._transport.can_write_eof():
            # TLS has no such half-closed state. There the client hangs up, or its time ends.
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
        # The handshake keeps this one; a circle would keep a connection's memory until the collector comes.
        self._stop_listening = WeakMethod(handshake.stop_listening)

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
