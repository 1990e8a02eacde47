"""The listening socket: who is let in, and what a request is answered.

Counts connections in all and by address from their first byte on, agrees on the sub-protocol, checks the origin of
browsers' pages, and hands plain GET requests to the routes. A connection of a trusted proxy is anybody's until its
request says for whom it comes: until then it counts in all only.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from http import HTTPStatus
from typing import TYPE_CHECKING

from multidict import CIMultiDict
from picows import WSUpgradeRequest, WSUpgradeResponse, WSUpgradeResponseWithListener

from .codec import CODECS, JSON
from .config import Limits
from .connection import Connection
from .forwarded import TrustedProxies
from .handshake import TOO_MANY, Handshake, TlsHandshake
from .http import Request, Response
from .origins import OriginPolicy
from .transport import SocketConnection

if TYPE_CHECKING:
    import ssl

    from .fast_lane import FastLane

logger = logging.getLogger(__name__)

#: Connections the kernel keeps for us between two turns of the event loop.
BACKLOG = 4096
#: Where WebSockets are served.
WEBSOCKET_PATH = "/ws"
WEBSOCKET_VERSION = "13"


class Listener:
    """A listening socket. `respond` answers plain HTTP requests, `accept` takes each finished WebSocket handshake."""

    def __init__(
        self,
        limits: Limits,
        respond: Callable[[Request], Response],
        accept: Callable[[Connection, str], object],
        origins: OriginPolicy,
        proxies: TrustedProxies,
        lane: FastLane | None = None,
    ) -> None:
        self.limits = limits
        self._respond = respond
        self._accept = accept
        self._origins = origins
        self.proxies = proxies
        #: What the next connections speak TLS with; None is plain text.
        self.tls: ssl.SSLContext | None = None
        self._lane = lane
        self._server: asyncio.Server | None = None
        self._per_address: Counter[str] = Counter()
        #: Open sockets, those that have not finished their handshake included.
        self.connections = 0
        #: Sockets turned away because of a limit.
        self.refused = 0

    async def listen(self, host: str | None, port: int) -> list[tuple[str, int]]:
        """Start listening. Returns the addresses; port 0 lets the system choose. Raises OSError if it cannot."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._take, host, port, backlog=BACKLOG)
        return [sock.getsockname()[:2] for sock in self._server.sockets]

    def _take(self) -> asyncio.BaseProtocol:
        return Handshake(self) if self.tls is None else TlsHandshake(self, self.tls)

    def close(self) -> None:
        """Stop accepting. Connections that exist stay."""
        if self._server is not None:
            self._server.close()

    def admit(self, address: str | None) -> bool:
        """Count a new socket, unless that would be one too many. None: it is not known yet for whom it comes."""
        if self.connections >= self.limits.max_connections or not self.count_for(address):
            self.refused += 1
            return False
        self.connections += 1
        return True

    def count_for(self, address: str | None) -> bool:
        """Count a socket for an address, unless that would be one too many from there."""
        if address is None:
            return True
        if self._per_address[address] >= self.limits.max_connections_per_address:
            return False
        self._per_address[address] += 1
        return True

    def forget(self, address: str | None) -> None:
        """A socket that was counted for this address is gone."""
        self.connections -= 1
        if address is None:
            return
        self._per_address[address] -= 1
        if not self._per_address[address]:
            del self._per_address[address]

    def answer(self, request: WSUpgradeRequest, handshake: Handshake) -> WSUpgradeResponseWithListener:
        """Answer a request, whatever it asks for."""
        path, _, query = request.path.decode("ascii", "replace").partition("?")
        try:
            if handshake.counted_for is None:
                client = self.proxies.client_of(handshake.address, request.headers)
                if not self.count_for(client):
                    self.refused += 1
                    return _refusal(_too_many())
                handshake.counted_for = client
            if "websocket" in _tokens(request.headers.getall("Upgrade", [])):
                return self._upgrade(request, path, handshake)
            if path == WEBSOCKET_PATH:
                return _refusal(_upgrade_required())
            return _refusal(self._respond(Request(path, query, request.headers)))
        except Exception:
            # picows would send the exception's text to the client and log nothing.
            logger.exception("a request could not be answered", extra={"path": path[:200]})
            return _refusal(Response.error(500, "This request failed; the server's log says why."))

    def _upgrade(self, request: WSUpgradeRequest, path: str, handshake: Handshake) -> WSUpgradeResponseWithListener:
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
        peer, proxies = handshake.address, self.proxies
        scheme = proxies.scheme_of(peer, headers) or ("https" if handshake.is_secure else None)
        if not self._origins.allows(headers.get("Origin"), proxies.host_of(peer, headers), scheme):
            return _refusal(Response.error(403, "This page's origin may not connect; see --allow-origin."))
        offered = _tokens(headers.getall("Sec-WebSocket-Protocol", []), lower=False)
        chosen = next((CODECS[name] for name in offered if name in CODECS), None)
        if offered and chosen is None:
            return _refusal(Response.error(400, f"This server speaks the sub-protocols {', '.join(CODECS)}."))
        agreed = {"Sec-WebSocket-Protocol": chosen.subprotocol} if chosen else None
        connection = SocketConnection(
            chosen or JSON,
            self.limits,
            handshake.counted_for or peer,
            lambda opened: self._accept(opened, path),
            None if handshake.is_secure else self._lane,
        )
        return WSUpgradeResponseWithListener(WSUpgradeResponse.create_101_response(agreed), connection)


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


def _too_many() -> Response:
    response = Response.error(503, TOO_MANY)
    response.headers["Retry-After"] = "5"
    return response


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
