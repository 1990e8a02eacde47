"""The listening socket: who is let in, and what a request is answered.

Counts connections in all and by address from their first byte on, agrees on the sub-protocol, checks the origin of
browsers' pages, and hands plain GET requests to the routes. A connection of a trusted proxy is anybody's until its
request says for whom it comes: until then it counts in all only.

It accepts connections itself. The event loop would take all that wait in one go, thousands in a crowd, and no room
could tick meanwhile; here they are taken a few at a time and as fast as the server can do with. The others wait in the
kernel's queue, where they cost nothing.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
import sys
import time
from collections import Counter
from collections.abc import Callable
from http import HTTPStatus
from typing import TYPE_CHECKING

from multidict import CIMultiDict
from picows import WSUpgradeRequest, WSUpgradeResponse, WSUpgradeResponseWithListener

from ..config import Limits
from ..connection import Connection
from ..protocol.codec import CODECS, JSON
from ..token_bucket import ANY_RATE, TokenBucket
from .handshake import TOO_MANY, Handshake, TlsHandshake
from .http import Answer, Request, Response
from .origin_policy import OriginPolicy
from .trusted_proxies import TrustedProxies
from .websocket import SocketConnection

if TYPE_CHECKING:
    import ssl

    from .batch.reader import BatchReader

logger = logging.getLogger(__name__)

#: Connections the kernel keeps for us between two turns of the event loop.
BACKLOG = 4096
#: Connections that are taken in one turn of the event loop.
_AT_ONCE = 8
#: Seconds until it is looked again for more, when there was no time for them; and when the system had no room.
_PAUSE, _LONG_PAUSE = 0.005, 1.0
#: Seconds' worth of connections that may be saved up.
_SAVED = 0.02
#: Where WebSockets are served.
WEBSOCKET_PATH = "/ws"
WEBSOCKET_VERSION = "13"


class Listener:
    """A listening socket. `respond` answers plain HTTP requests, `accept` takes each finished WebSocket handshake."""

    def __init__(
        self,
        limits: Limits,
        respond: Callable[[Request], Answer],
        accept: Callable[[Connection, str], object],
        origins: OriginPolicy,
        proxies: TrustedProxies,
        lane: BatchReader | None = None,
    ) -> None:
        self.limits = limits
        self._respond = respond
        self._accept = accept
        self._origins = origins
        self.proxies = proxies
        #: What the next connections speak TLS with; None is plain text.
        self.tls: ssl.SSLContext | None = None
        self._lane = lane
        self._codecs = {name: codec for name, codec in CODECS.items() if limits.json or not codec.text}
        self._sockets: list[socket.socket] = []
        self._servers: list[asyncio.Server] = []
        self._taking: set[asyncio.Task[object]] = set()
        self._may_accept = TokenBucket(ANY_RATE, ANY_RATE * _SAVED)
        #: Called before what takes long: here something else may go first.
        self.before_work: Callable[[], object] = lambda: None
        self._per_address: Counter[str] = Counter()
        #: Open sockets, those that have not finished their handshake included.
        self.connections = 0
        #: Sockets turned away because of a limit.
        self.refused = 0

    async def listen(self, host: str | None, port: int) -> list[tuple[str, int]]:
        """Start listening. Returns the addresses; port 0 lets the system choose. Raises OSError if it cannot."""
        self._sockets = _listen(await _addresses(host, port))
        for listening in self._sockets:
            listening.setblocking(False)
            if sys.platform == "win32":
                # Its event loop cannot watch a socket for others.
                loop = asyncio.get_running_loop()
                self._servers.append(await loop.create_server(self._take, sock=listening))
            else:
                self._go_on(listening)
        return [listening.getsockname()[:2] for listening in self._sockets]

    def _take(self) -> asyncio.BaseProtocol:
        return Handshake(self) if self.tls is None else TlsHandshake(self, self.tls)

    def close(self) -> None:
        """Stop accepting. Connections that exist stay."""
        for server in self._servers:
            server.close()
        for listening in [] if self._servers else self._sockets:
            asyncio.get_running_loop().remove_reader(listening.fileno())
            listening.close()
        self._sockets = []

    def _go_on(self, listening: socket.socket) -> None:
        if listening in self._sockets:
            asyncio.get_running_loop().add_reader(listening.fileno(), self._accept_some, listening)

    def _pause(self, listening: socket.socket, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        loop.remove_reader(listening.fileno())
        loop.call_later(seconds, self._go_on, listening)

    def _accept_some(self, listening: socket.socket) -> None:
        """Take connections that wait: as many as there is time for, and a few at most."""
        self._may_accept.refill_until(time.monotonic())
        loop = asyncio.get_running_loop()
        left = _AT_ONCE
        while left and self._may_accept.spend():
            left -= 1
            try:
                accepted, _ = listening.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError as error:
                logger.error("no connections can be taken for a while: %s", error.strerror)
                return self._pause(listening, _LONG_PAUSE)
            accepted.setblocking(False)
            accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.before_work()
            task = loop.create_task(loop.connect_accepted_socket(self._take, accepted))
            self._taking.add(task)
            task.add_done_callback(self._taken)
        if left:
            self._pause(listening, _PAUSE)

    def _taken(self, task: asyncio.Task[object]) -> None:
        self._taking.discard(task)
        if not task.cancelled() and task.exception() is not None:
            # It was gone before it could be taken.
            logger.debug("a connection could not be taken", exc_info=task.exception())

    def accept_at(self, rate: float) -> None:
        """Take at most so many connections a second from now on."""
        self._may_accept.change(rate, max(_AT_ONCE, rate * _SAVED))

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

    def answer(
        self, request: WSUpgradeRequest, handshake: Handshake
    ) -> WSUpgradeResponseWithListener | asyncio.Future[bytes]:
        """Answer a request, whatever it asks for. A future holds the bytes of a response that comes later."""
        self.before_work()
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
            answer = self._respond(Request(path, query, request.headers))
            return _later(answer) if isinstance(answer, asyncio.Future) else _refusal(answer)
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
        chosen = next((self._codecs[name] for name in offered if name in self._codecs), None)
        if chosen is None and (offered or not self.limits.json):
            # Who offers none speaks JSON.
            return _refusal(Response.error(400, f"This server speaks these sub-protocols: {', '.join(self._codecs)}."))
        agreed = {"Sec-WebSocket-Protocol": chosen.subprotocol} if chosen else None
        connection = SocketConnection(
            chosen or JSON,
            self.limits,
            handshake.counted_for or peer,
            lambda opened: self._accept(opened, path),
            None if handshake.is_secure else self._lane,
        )
        return WSUpgradeResponseWithListener(WSUpgradeResponse.create_101_response(agreed), connection)


async def _addresses(host: str | None, port: int) -> list[tuple[int, tuple[str, int]]]:
    """The families and addresses that a name stands for; None: every interface."""
    found = await asyncio.get_running_loop().getaddrinfo(
        host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )
    return list(dict.fromkeys((family, address) for family, _, _, _, address in found))  # type: ignore[misc]  # longer for IPv6


def _listen(addresses: list[tuple[int, tuple[str, int]]]) -> list[socket.socket]:
    """Listen on all addresses that this machine has. Raises OSError if it has none, or one is taken."""
    listening, missing = list[socket.socket](), None
    try:
        for family, address in addresses:
            try:
                listening.append(socket.create_server(address, family=family, backlog=BACKLOG))
            except OSError as error:
                if error.errno not in (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL):
                    raise
                missing = error
        if not listening and missing is not None:
            raise missing
    except BaseException:
        for sock in listening:
            sock.close()
        raise
    return listening


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


def _later(answer: asyncio.Future[Response]) -> asyncio.Future[bytes]:
    """The bytes of a response that comes later, which picows is not there to write any more."""
    encoded: asyncio.Future[bytes] = answer.get_loop().create_future()

    def encode(answered: asyncio.Future[Response]) -> None:
        if not encoded.done():
            response = _refusal(answered.result()).response
            response.headers["Connection"] = "close"
            encoded.set_result(bytes(response.to_bytes()))

    answer.add_done_callback(encode)
    return encoded


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
