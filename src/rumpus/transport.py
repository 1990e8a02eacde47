"""WebSocket connections on picows, and the listener that accepts them.

picows parses frames in C and hands them over without copying. What it leaves to its user, and is done here: joining
fragments, rejecting reserved bits and text that is not UTF-8, the closing handshake, limits on connections that have
not finished their handshake, and bounding what waits for a slow client.

Its protocol class is used directly instead of `ws_create_server`: only there are connections seen before their
handshake, and `disconnect` on a slow reader of an HTTP response would otherwise wait for ever.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from multidict import CIMultiDict
from picows import (
    WSAutoPingStrategy,
    WSCloseCode,
    WSFrame,
    WSListener,
    WSMsgType,
    WSTransport,
    WSUpgradeRequest,
    WSUpgradeResponse,
    WSUpgradeResponseWithListener,
)
from picows.picows import WSProtocol  # type: ignore[attr-defined]  # not in the stub; see this module's header

from .codec import CODECS, JSON, Codec
from .config import Limits
from .connection import Connection
from .http import Request, Response
from .protocol import INTERNAL_ERROR, INVALID_TEXT, PROTOCOL_ERROR, TOO_BIG

logger = logging.getLogger(__name__)

#: Seconds a client gets to answer a close frame before the socket is cut.
CLOSE_TIMEOUT = 1.0
#: Seconds a client gets to read a HTTP response.
RESPONSE_TIMEOUT = 20.0
#: Connections the kernel keeps for us between two turns of the event loop.
BACKLOG = 4096
#: Bytes of a connection's first read buffer (picows' least). It doubles when a message needs it.
READ_BUFFER = 2048
#: Where WebSockets are served.
WEBSOCKET_PATH = "/ws"
WEBSOCKET_VERSION = "13"
TOO_MANY_CONNECTIONS = (
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain\r\nContent-Length: 45\r\n"
    b"Retry-After: 5\r\nConnection: close\r\n\r\nThis server has as many clients as it takes.\n"
)

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
        self.address = _address(transport.underlying_transport)
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


class Listener:
    """A listening socket. `respond` answers plain HTTP requests, `accept` takes each finished WebSocket handshake."""

    def __init__(
        self,
        limits: Limits,
        respond: Callable[[Request], Response],
        accept: Callable[[Connection, str], object],
        allowed_origins: frozenset[str] = frozenset(),
    ) -> None:
        self.limits = limits
        self.respond = respond
        self.accept = accept
        self._allowed_origins = allowed_origins
        self._server: asyncio.Server | None = None
        self._per_address: Counter[str] = Counter()
        #: Open sockets, those that have not finished their handshake included.
        self.connections = 0
        #: Sockets turned away because of a limit.
        self.refused = 0

    async def listen(self, host: str | None, port: int) -> list[tuple[str, int]]:
        """Start listening. Returns the addresses; port 0 lets the system choose. Raises OSError if it cannot."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Handshake(self), host, port, backlog=BACKLOG)
        return [sock.getsockname()[:2] for sock in self._server.sockets]

    def close(self) -> None:
        """Stop accepting. Connections that exist stay."""
        if self._server is not None:
            self._server.close()

    def admit(self, address: str) -> bool:
        """Count a new socket, unless that would be one too many."""
        limits = self.limits
        if (
            self.connections >= limits.max_connections
            or self._per_address[address] >= limits.max_connections_per_address
        ):
            self.refused += 1
            return False
        self.connections += 1
        self._per_address[address] += 1
        return True

    def forget(self, address: str) -> None:
        self.connections -= 1
        self._per_address[address] -= 1
        if not self._per_address[address]:
            del self._per_address[address]

    def upgrade(self, request: WSUpgradeRequest, path: str) -> WSUpgradeResponseWithListener:
        """Answer a request to become a WebSocket."""
        headers = request.headers
        if path != WEBSOCKET_PATH:
            return _refusal(Response.error(404, f"WebSockets are served at {WEBSOCKET_PATH}."))
        # picows takes the drafts before RFC 6455 too, whose browsers name their origin in another header.
        if headers.get("Sec-WebSocket-Version") != WEBSOCKET_VERSION:
            return _refusal(_upgrade_required())
        # Firefox sends "keep-alive, Upgrade", which is right and which picows does not take.
        if "upgrade" in _tokens(headers.getall("Connection", [])):
            headers["Connection"] = "Upgrade"
        if not self._allows(headers.get("Origin"), headers.get("Host", "")):
            return _refusal(Response.error(403, "This page's origin may not connect; see --allow-origin."))
        offered = _tokens(headers.getall("Sec-WebSocket-Protocol", []), lower=False)
        chosen = next((CODECS[name] for name in offered if name in CODECS), None)
        if offered and chosen is None:
            return _refusal(Response.error(400, f"This server speaks the sub-protocols {', '.join(CODECS)}."))
        agreed = {"Sec-WebSocket-Protocol": chosen.subprotocol} if chosen else None
        connection = SocketConnection(chosen or JSON, self.limits, lambda opened: self.accept(opened, path))
        return WSUpgradeResponseWithListener(WSUpgradeResponse.create_101_response(agreed), connection)

    def _allows(self, origin: str | None, host: str) -> bool:
        """Browsers name the page's origin; other programs do not, and could claim any."""
        if origin is None or "*" in self._allowed_origins or origin.lower() in self._allowed_origins:
            return True
        return host != "" and origin.lower().partition("://")[2] == host.lower()


class _Handshake(WSProtocol):  # type: ignore[misc]  # untyped, see the import
    """A connection from its first byte; once upgraded, picows talks to the SocketConnection alone."""

    def __init__(self, listener: Listener) -> None:
        limits = listener.limits
        super().__init__(
            None,  # host and port: clients only
            None,  # path: clients only
            False,  # is_client_side
            self._answer,
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
        self._listener = listener
        self._stream: _Stream | None = None
        self._abort_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:
        self._address = _address(transport)
        if self._listener.admit(self._address):
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
            self._listener.forget(self._address)
            super().connection_lost(error)

    def stop_listening(self) -> None:
        """After a fault in the framing nothing more can be understood, and must not be stored either."""
        if self._stream is not None and not self._stream.is_closing():
            self._stream.linger(_Drain(self))
            self._abort_after(CLOSE_TIMEOUT)

    def _abort_after(self, seconds: float) -> None:
        if self._stream is not None:
            self._abort_timer = asyncio.get_running_loop().call_later(seconds, self._stream.abort)

    def _answer(self, request: WSUpgradeRequest) -> WSUpgradeResponseWithListener:
        target = request.path.decode("ascii", "replace")
        path, _, query = target.partition("?")
        try:
            if "websocket" in _tokens(request.headers.getall("Upgrade", [])):
                answer = self._listener.upgrade(request, path)
            elif path == WEBSOCKET_PATH:
                answer = _refusal(_upgrade_required())
            else:
                answer = _refusal(self._listener.respond(Request(path, query, request.headers)))
        except Exception:
            # picows would send the exception's text to the client and log nothing.
            logger.exception("a request could not be answered", extra={"path": path[:200]})
            answer = _refusal(Response.error(500, "This request failed; the server's log says why."))
        if answer.listener is None:
            # picows closes once the response is written, which a client that does not read could put off for ever.
            self._abort_after(RESPONSE_TIMEOUT)
        return answer


class _Stream:
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

    def linger(self, protocol: asyncio.BaseProtocol) -> None:
        self._lingers = True
        self._transport.set_protocol(protocol)

    def close(self) -> None:
        if not self._lingers:
            self._transport.close()
        elif not self._transport.is_closing():
            self._transport.write_eof()


class _Drain(asyncio.BufferedProtocol):
    """Takes what a client sends after a fault, and forgets it."""

    _nowhere = bytearray(65_536)

    def __init__(self, handshake: _Handshake) -> None:
        self._handshake = handshake

    def get_buffer(self, sizehint: int) -> bytearray:
        return self._nowhere

    def buffer_updated(self, nbytes: int) -> None:
        pass

    def connection_lost(self, error: Exception | None) -> None:
        self._handshake.connection_lost(error)


class _ParserLog:
    """picows tells of a client's faults only by logging them, at levels that would let any client fill the log."""

    def __init__(self, handshake: _Handshake) -> None:
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


def _refusal(response: Response) -> WSUpgradeResponseWithListener:
    """A plain HTTP response in picows' form; its constructors cannot make every status."""
    answer = WSUpgradeResponse()
    answer.version = b"HTTP/1.1"
    answer.status = HTTPStatus(response.status)
    answer.headers = CIMultiDict(response.headers)
    answer.body = response.body
    # With 304 a length would be that of the page the client already has.
    if not response.body and response.status != HTTPStatus.NOT_MODIFIED:
        answer.headers["Content-Length"] = "0"
    return WSUpgradeResponseWithListener(answer, None)


def _upgrade_required() -> Response:
    """To a request for WebSockets that is none, or of another version."""
    response = Response.error(426, f"This address takes WebSockets, version {WEBSOCKET_VERSION}.")
    response.headers["Upgrade"] = "websocket"
    response.headers["Sec-WebSocket-Version"] = WEBSOCKET_VERSION
    return response


def _tokens(values: list[str], lower: bool = True) -> list[str]:
    """The comma-separated tokens of a header that may be repeated, in lower case where case means nothing."""
    tokens = [token.strip() for value in values for token in value.split(",") if token.strip()]
    return [token.lower() for token in tokens] if lower else tokens


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


def _address(stream: asyncio.BaseTransport) -> str:
    peer = stream.get_extra_info("peername")
    return str(peer[0]) if isinstance(peer, tuple) else "local"
