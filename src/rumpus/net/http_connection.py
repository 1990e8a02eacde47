"""A socket from its first byte until it is a WebSocket, or gone: HTTP requests, answered one after the other.

A connection is kept for the next request, so that a page of many modules does not need as many handshakes. Requests
that come before the answer to an earlier one wait, as far as they fit into the size of one; then nothing more is read.
"""

from __future__ import annotations

import asyncio
from typing import NamedTuple, Protocol, cast

from ..config import Limits
from .admission import Admission, Gate
from .http import Response, encode
from .http_head import END, MOST_BYTES, BadRequest, Head, parse_head
from .security_headers import Site
from .upgraded import Upgraded
from .websocket import CLOSE_TIMEOUT, SocketConnection

#: Seconds a client gets to read a HTTP response.
RESPONSE_TIMEOUT = 20.0
#: Reads in which a request must be complete: who sends it byte by byte means to keep the server busy.
MOST_READS = 64
#: Requests that are answered on one connection.
MOST_REQUESTS = 200
TOO_MANY = "This server has as many clients as it takes."
TOO_MANY_CONNECTIONS = (
    "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain\r\n"
    f"Content-Length: {len(TOO_MANY) + 1}\r\nRetry-After: 5\r\nConnection: close\r\n\r\n{TOO_MANY}\n"
).encode()


class Upgrade(NamedTuple):
    """The connection becomes a WebSocket. `key`: its Sec-WebSocket-Key."""

    connection: SocketConnection
    key: str
    subprotocol: str | None


class Answered(NamedTuple):
    """What becomes of a request, and where our page is for whoever sent it.

    A number is the seconds after which it may be asked again: it is paid for, and its turn has not come.
    """

    answer: Response | asyncio.Future[Response] | Upgrade | float
    site: Site


class Door(Gate, Protocol):
    """Who takes connections: `rumpus.net.listener.Listener`."""

    limits: Limits

    def answer(self, head: Head, admission: Admission, is_secure: bool, paid: bool = False) -> Answered: ...


class HttpConnection(asyncio.BufferedProtocol):
    """One connection. secured: it goes through TLS, and has been admitted by its `TlsHandshake`."""

    #: Where all of them read to: what comes is looked at before anything else is read.
    _inbox = bytearray(MOST_BYTES)
    _transport: asyncio.Transport

    def __init__(self, door: Door, *, secured: Admission | None = None) -> None:
        self._door = door
        self._is_secure = secured is not None
        self._admission = secured or Admission(door)
        self._data = b""
        #: Reads since the last request, and requests so far.
        self._reads = self._requests = 0
        #: The request whose answer has not come yet.
        self._waiting: tuple[Head, Site] | None = None
        #: Whether a response waits for the client to read it; the client sends no more; nothing is listened to.
        self._unsent = self._heard_all = self._ending = False
        self._paused = False
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport = cast("asyncio.Transport", transport)
        if not self._is_secure and not self._admission.admit(transport):
            self._ending = True
            transport.write(TOO_MANY_CONNECTIONS)
            transport.close()
            return
        # With these limits the event loop tells when anything begins to wait, and when nothing does any more. TLS
        # counts "at the limit" as over it.
        transport.set_write_buffer_limits(high=1 if self._is_secure else 0)
        self._end_after(self._door.limits.handshake_timeout)

    def connection_lost(self, error: Exception | None) -> None:
        self._ending = True
        self._stop_timer()
        self._admission.forget()

    def get_buffer(self, sizehint: int) -> bytearray:
        return self._inbox

    def buffer_updated(self, nbytes: int) -> None:
        if self._ending:
            return
        if not self._data and self._waiting is None and self._requests:
            self._end_after(self._door.limits.handshake_timeout)
        self._data += self._inbox[:nbytes]
        self._reads += 1
        self._advance()

    def eof_received(self) -> bool:
        """The client sends no more. It may still be waiting for an answer."""
        self._heard_all = True
        return not self._is_secure and not self._ending and (self._waiting is not None or self._unsent)

    def pause_writing(self) -> None:
        self._unsent = True

    def resume_writing(self) -> None:
        self._unsent = False
        if not self._ending:
            self._advance()

    # Requests.

    def _advance(self) -> None:
        """Answer what has been asked, as far as that can be done."""
        while not self._ending and not self._unsent and self._waiting is None:
            data = self._data.lstrip(b"\r\n") if self._data[:1] in (b"\r", b"\n") else self._data
            end = data.find(END)
            if end < 0 or end > MOST_BYTES:
                self._data = data
                return self._wait_for_more()
            self._data = data[end + len(END) :]
            self._reads = 0
            self._on_head(data[: end + len(END)])
        if not self._ending and len(self._data) > MOST_BYTES and not self._paused:
            self._paused = True
            self._transport.pause_reading()

    def _wait_for_more(self) -> None:
        """No whole request is there."""
        if len(self._data) >= MOST_BYTES or self._reads > MOST_READS or self._heard_all:
            return self._end()
        if self._paused:
            self._paused = False
            self._transport.resume_reading()
        if self._timer is None:
            self._end_after(self._door.limits.handshake_timeout if self._data else self._door.limits.keep_alive)

    def _on_head(self, data: bytes) -> None:
        self._requests += 1
        try:
            head = parse_head(data)
        except BadRequest as error:
            # What comes behind it may be anything.
            return self._refuse(Response.error(error.status, error.sentence))
        self._answer(head)

    def _answer(self, head: Head, paid: bool = False) -> None:
        answer, site = self._door.answer(head, self._admission, self._is_secure, paid)
        if isinstance(answer, Upgrade):
            self._upgrade(answer)
        elif isinstance(answer, Response):
            self._respond(answer, head, site)
        elif isinstance(answer, float):
            self._waiting = head, site
            self._stop_timer()
            self._timer = asyncio.get_running_loop().call_later(answer, self._answer_paid)
        else:
            self._waiting = head, site
            self._end_after(RESPONSE_TIMEOUT, at_once=True)
            answer.add_done_callback(self._answer_late)

    def _answer_paid(self) -> None:
        """Whose address owed something has waited for so long."""
        self._timer = None
        if self._waiting is not None and not self._ending:
            (head, _), self._waiting = self._waiting, None
            self._answer(head, paid=True)
            self._advance()

    def _answer_late(self, pending: asyncio.Future[Response]) -> None:
        # The client may have hung up meanwhile.
        if self._waiting is not None and not self._ending:
            (head, site), self._waiting = self._waiting, None
            self._respond(pending.result(), head, site)
            self._advance()

    def _respond(self, response: Response, head: Head, site: Site) -> None:
        closes = (
            not head.keep_alive
            or not self._door.limits.keep_alive
            or self._requests >= MOST_REQUESTS
            or response.headers.get("Connection") == "close"
        )
        self._transport.write(encode(response, site, closes=closes, without_body=head.method == "HEAD"))
        if closes:
            self._end()
        elif self._unsent:
            self._end_after(RESPONSE_TIMEOUT, at_once=True)
        else:
            self._stop_timer()

    def _upgrade(self, upgrade: Upgrade) -> None:
        self._stop_timer()
        if self._paused:
            self._transport.resume_reading()
        upgraded = Upgraded(upgrade.connection, self._admission, self._door.limits.max_message_size)
        # From here on this object is not told of anything.
        self._ending = True
        upgraded.begin(self._transport, upgrade.key, upgrade.subprotocol, self._data)

    # Ends.

    def _end(self) -> None:
        """Close once what was written has been sent, which a client that does not read could put off for ever."""
        self._ending = True
        self._transport.close()
        self._end_after(RESPONSE_TIMEOUT, at_once=True)

    def _refuse(self, response: Response) -> None:
        """Say what is wrong, and hear no more.

        A socket that is closed with data unread resets the connection, and the client may never see the response. So
        the sending side is closed, and the rest is read and forgotten for a moment.
        """
        self._transport.write(encode(response, Site(), closes=True))
        if self._transport.can_write_eof():
            self._ending = True
            self._transport.write_eof()
            self._end_after(CLOSE_TIMEOUT, at_once=True)
        else:
            self._end()

    def _end_after(self, seconds: float, at_once: bool = False) -> None:
        """Close the connection then. at_once: what was written and not sent by then is dropped."""
        self._stop_timer()
        end = self._transport.abort if at_once else self._end
        self._timer = asyncio.get_running_loop().call_later(seconds, end)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
