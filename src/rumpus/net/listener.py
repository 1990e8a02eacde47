"""The listening socket: who is let in, and what a request is answered.

Counts connections in all and by address from their first byte on, agrees on the sub-protocol, checks hosts and the
origin of browsers' pages, and hands plain requests to the routes. A connection of a trusted proxy is anybody's until a
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
from base64 import b64decode
from binascii import Error as NotBase64
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING

from ..budget.toll import HANDSHAKE, REQUEST, Toll
from ..config import Limits
from ..connection import Connection
from ..protocol.codec import CODECS, JSON
from ..token_bucket import ANY_RATE, TokenBucket
from .admission import Admission
from .http import Answer, Request, Response
from .http_connection import TOO_MANY, Answered, HttpConnection, Upgrade
from .http_head import Head, is_host, tokens
from .security_headers import Site
from .tls_handshake import TlsHandshake
from .web_access import WebAccess
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
#: What is answered whatever host is asked for: load balancers ask so, and it tells nothing.
HEALTH_PATH = "/healthz"
_STRANGE_HOST = "This server does not go by that name; its operator can tell it with --public-host."


class Listener:
    """A listening socket. `respond` answers plain HTTP requests, `accept` takes each finished WebSocket handshake."""

    def __init__(
        self,
        limits: Limits,
        respond: Callable[[Request], Answer],
        accept: Callable[[Connection, str], object],
        access: WebAccess,
        toll: Toll,
        lane: BatchReader | None = None,
    ) -> None:
        self.limits = limits
        self._toll = toll
        self._respond = respond
        self._accept = accept
        self._origins, self._hosts, self._hsts = access.origins, access.hosts, access.hsts
        self.proxies = access.proxies
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
        return HttpConnection(self) if self.tls is None else TlsHandshake(self, self.tls)

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
        toll, network = self._toll, self._toll.network(address)
        if not toll.admits(address):
            return False
        if self._per_address[network] >= self.limits.max_connections_per_address and not toll.is_unlimited(address):
            return False
        self._per_address[network] += 1
        return True

    def uncount(self, address: str | None) -> None:
        """What `count_for` has counted is gone."""
        if address is None:
            return
        network = self._toll.network(address)
        self._per_address[network] -= 1
        if not self._per_address[network]:
            del self._per_address[network]

    def forget(self, address: str | None) -> None:
        """A socket that was counted for this address is gone."""
        self.connections -= 1
        self.uncount(address)

    def answer(self, head: Head, admission: Admission, is_secure: bool, paid: bool = False) -> Answered:
        """Answer a request, whatever it asks for.

        is_secure: it came through our own TLS.  paid: it has waited, see `Answered`.
        """
        self.before_work()
        path, _, query = head.target.partition("?")
        peer, headers, proxies = admission.address, head.headers, self.proxies
        host = proxies.host_of(peer, headers)
        if host and not is_host(host):
            return Answered(Response.error(400, "The host that this request is for is none."), Site())
        scheme = proxies.scheme_of(peer, headers) or ("https" if is_secure else None)
        site = Site(host, scheme, self._hsts if scheme == "https" and self._hosts.names(host) else 0)
        try:
            if not self._is_counted(head, admission):
                return Answered(_too_many(), site)
            if not paid:
                price = HANDSHAKE if path == WEBSOCKET_PATH else REQUEST
                delay = self._toll.delay(admission.counted_for or admission.address, price)
                if delay > 0:
                    return Answered(delay, site)
            return Answered(self._answer(head, path, query, site, admission, is_secure), site)
        except Exception:
            logger.exception("a request could not be answered", extra={"path": path[:200]})
            return Answered(Response.error(500, "This request failed; the server's log says why."), site)

    def _is_counted(self, head: Head, admission: Admission) -> bool:
        """Count the connection for the client of this request. A proxy may send several clients' on one connection."""
        if not self.proxies.trusts(admission.address):
            return True
        client = self.proxies.client_of(admission.address, head.headers)
        if client != admission.counted_for:
            if not self.count_for(client):
                self.refused += 1
                return False
            self.uncount(admission.counted_for)
            admission.counted_for = client
        return True

    def _answer(
        self, head: Head, path: str, query: str, site: Site, admission: Admission, is_secure: bool
    ) -> Answer | Upgrade:
        if head.method not in ("GET", "HEAD"):
            response = Response.error(405, "This server answers GET and HEAD.")
            response.headers["Allow"] = "GET, HEAD"
            return response
        if head.method == "GET" and head.version == "1.1" and "websocket" in tokens(head.headers.getall("Upgrade", [])):
            answer = self._upgrade(head, path, site, admission, is_secure)
            if isinstance(answer, Response):
                # What comes next may be meant for a WebSocket.
                answer.headers["Connection"] = "close"
            return answer
        if path == WEBSOCKET_PATH:
            return _upgrade_required()
        if path != HEALTH_PATH and not (self._hosts.allows(site.host) or self._origins.names_host(site.host)):
            self._hosts.tell(site.host)
            return Response.error(421, _STRANGE_HOST)
        peer = admission.address
        client, relayed = admission.counted_for or peer, self.proxies.is_relayed(peer, head.headers)
        return self._respond(Request(path, query, head.headers, client, relayed))

    def _upgrade(self, head: Head, path: str, site: Site, admission: Admission, is_secure: bool) -> Response | Upgrade:
        """Answer a request to become a WebSocket."""
        headers = head.headers
        if path != WEBSOCKET_PATH:
            return Response.error(404, f"WebSockets are served at {WEBSOCKET_PATH}.")
        if headers.get("Sec-WebSocket-Version") != WEBSOCKET_VERSION:
            return _upgrade_required()
        key = headers.get("Sec-WebSocket-Key", "")
        if "upgrade" not in tokens(headers.getall("Connection", [])) or not _is_key(key):
            return Response.error(400, "This is no handshake of a WebSocket.")
        origin, own = headers.get("Origin"), self._hosts.allows(site.host)
        if not self._origins.allows(origin, site.host if own else "", site.scheme):
            if not own:
                self._hosts.tell(site.host)
                return Response.error(403, _STRANGE_HOST)
            return Response.error(403, "This page's origin may not connect; see --allow-origin.")
        offered = tokens(headers.getall("Sec-WebSocket-Protocol", []), lower=False)
        chosen = next((self._codecs[name] for name in offered if name in self._codecs), None)
        if chosen is None and (offered or not self.limits.json):
            # Who offers none speaks JSON.
            return Response.error(400, f"This server speaks these sub-protocols: {', '.join(self._codecs)}.")
        connection = SocketConnection(
            chosen or JSON,
            self.limits,
            admission.counted_for or admission.address,
            lambda opened: self._accept(opened, path),
            None if is_secure else self._lane,
        )
        return Upgrade(connection, key, chosen.subprotocol if chosen else None)


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


def _too_many() -> Response:
    response = Response.error(503, TOO_MANY)
    response.headers.update({"Retry-After": "5", "Connection": "close"})
    return response


def _upgrade_required() -> Response:
    """To a request for WebSockets that is none, or of another version."""
    response = Response.error(426, f"This address takes WebSockets, version {WEBSOCKET_VERSION}.")
    told = {"Upgrade": "websocket", "Sec-WebSocket-Version": WEBSOCKET_VERSION, "Connection": "close"}
    response.headers.update(told)
    return response


def _is_key(key: str) -> bool:
    try:
        return len(b64decode(key, validate=True)) == 16
    except (NotBase64, ValueError):
        return False
