"""The client's end of a WebSocket: addresses, the handshake, frames. What the messages mean is `rumpus.client`'s."""

from __future__ import annotations

import asyncio
import logging
from http import HTTPStatus
from typing import Any, NamedTuple, Protocol
from urllib.parse import parse_qs, urlsplit

import msgspec
from picows import WSCloseCode, WSError, WSFrame, WSHandshakeError, WSListener, WSMsgType, WSTransport, ws_connect

from ..errors import RumpusError
from ..protocol import PROTOCOL_ERROR, TOO_BIG

logger = logging.getLogger(__name__)

#: Bytes of the largest message taken from a server.
MAX_MESSAGE = 16 * 1024 * 1024
#: Seconds of silence after which the server is asked for a sign of life, and then given up.
_SILENCE = 10.0
#: Close codes that stand for "none was sent" and "it broke" (RFC 6455, 7.1.5).
NO_CODE, LOST = 1005, 1006
#: picows logs every handshake that fails, with a traceback; what matters reaches the caller as ConnectError.
_picows_logger = logging.Logger("rumpus.client.picows", logging.CRITICAL)


class ConnectError(RumpusError):
    """The server cannot be reached, does not want this connection, or is no Rumpus server."""

    code = "cannot_connect"


class ClosedError(RumpusError):
    """The connection has ended. `close_code` is that of RFC 6455; 1006 if it broke without one."""

    code = "closed"

    def __init__(self, close_code: int, reason: str) -> None:
        text = "The connection was lost." if close_code == LOST else f"The connection was closed ({close_code})."
        super().__init__(f"{text[:-1]}: {reason}." if reason else text)
        self.close_code = close_code
        self.reason = reason


class Address(NamedTuple):
    """Where a server is: the URL of its WebSocket, the room that a link names, and host:port for sentences."""

    websocket: str
    room: str | None
    host: str


def parse_address(url: str) -> Address:
    """Understands `http://host:port`, a room's link `http://host:port/?room=CODE`, `ws://host:port/ws`, `host:port`.

    Raises ConnectError if it is none of these.
    """
    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if not host or parts.scheme not in ("http", "https", "ws", "wss") or any(char.isspace() for char in url):
        raise ConnectError(f"{url!r} is not an address; write http://HOST:PORT or ws://HOST:PORT/ws.")
    secure = parts.scheme in ("https", "wss")
    path = parts.path.rstrip("/")
    if parts.scheme.startswith("http") or not path:
        path += "/ws"
    room = parse_qs(parts.query).get("room", [None])[0]
    bracketed = f"[{host}]" if ":" in host else host
    place = f"{bracketed}:{port or (443 if secure else 80)}"
    return Address(f"{'wss' if secure else 'ws'}://{place}{path}", room, place)


class WireReceiver(Protocol):
    """Who the wire reports to."""

    def on_data(self, data: bytes) -> None:
        """A whole message."""

    def on_end(self, code: int, reason: str) -> None:
        """The connection has ended. Called once."""


async def open_wire(address: Address, subprotocol: str, receiver: WireReceiver, patience: float) -> WSTransport:
    """Connect and agree on the sub-protocol within `patience` seconds. Raises ConnectError."""
    try:
        async with asyncio.timeout(patience):
            transport, _ = await ws_connect(
                lambda request, response: _Wire(receiver),
                address.websocket,
                extra_headers={"Sec-WebSocket-Protocol": subprotocol},
                websocket_handshake_timeout=None,
                max_frame_size=MAX_MESSAGE,
                enable_auto_ping=True,
                auto_ping_idle_timeout=_SILENCE,
                auto_ping_reply_timeout=_SILENCE,
                logger_name=_picows_logger,
            )
    except (OSError, WSError, TimeoutError) as error:
        raise ConnectError(_why_not(address, error, patience)) from None
    response: Any = transport.response
    if response is None:
        # Such as a server that speaks TLS only, asked without.
        raise ConnectError(f"{address.host} hung up without an answer.")
    if response.headers.get("Sec-WebSocket-Protocol") != subprotocol:
        transport.disconnect()
        raise ConnectError(f"{address.host} is no Rumpus server: it does not speak {subprotocol}.")
    return transport


class _Wire(WSListener):
    """The frames below the messages: fragments, the closing handshake, what cannot be understood."""

    def __init__(self, receiver: WireReceiver) -> None:
        self._receiver = receiver
        self._parts: list[bytes] = []
        self._parts_size = 0
        self._code, self._reason = LOST, ""

    def on_ws_connected(self, transport: WSTransport) -> None:
        self._transport = transport

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        kind = frame.msg_type
        if kind is WSMsgType.PING or kind is WSMsgType.PONG:
            return
        if kind is WSMsgType.CLOSE:
            return self._on_close(frame)
        data = frame.get_payload_as_bytes()
        if self._parts or not frame.fin:
            self._parts.append(data)
            self._parts_size += len(data)
            if self._parts_size > MAX_MESSAGE:
                return self._give_up(TOO_BIG, "a message is too large")
            if not frame.fin:
                return
            data = b"".join(self._parts)
            self._parts.clear()
            self._parts_size = 0
        try:
            self._receiver.on_data(data)
        except (msgspec.MsgspecError, RumpusError, UnicodeDecodeError, LookupError, TypeError) as error:
            logger.exception("a message of the server could not be used")
            self._give_up(PROTOCOL_ERROR, f"a message could not be used: {type(error).__name__}")

    def _on_close(self, frame: WSFrame) -> None:
        payload = frame.get_payload_as_bytes()
        if self._code == LOST:
            self._code = int.from_bytes(payload[:2]) if len(payload) >= 2 else NO_CODE
            self._reason = payload[2:].decode(errors="replace")
        if not self._transport.is_close_frame_sent:
            self._transport.send_close(WSCloseCode.OK)
        self._transport.disconnect()

    def _give_up(self, code: int, reason: str) -> None:
        self._code, self._reason = code, reason
        self._transport.send_close(WSCloseCode(code), reason)
        self._transport.disconnect()

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        self._receiver.on_end(self._code, self._reason)


def _why_not(address: Address, error: Exception, timeout: float) -> str:
    """One sentence for a connection that did not come about."""
    if isinstance(error, WSHandshakeError):
        response = error.response
        if response is None:
            return f"{address.host} is no Rumpus server: it does not answer like a WebSocket server."
        status = int(response.status)
        body = (error.raw_body or b"").decode(errors="replace").strip().splitlines()
        said = body[-1].rstrip(".") if body and status != HTTPStatus.NOT_FOUND else HTTPStatus(status).phrase
        return f"{address.host} did not accept the connection ({status}): {said}."
    if isinstance(error, TimeoutError):
        return f"{address.host} did not answer within {timeout:g} s."
    if isinstance(error, ConnectionRefusedError) or "Connect call failed" in str(error):
        return f"Nothing listens at {address.host}: connection refused."
    reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return f"Cannot connect to {address.host}: {reason}."
