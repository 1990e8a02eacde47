"""A connection until TLS is agreed on; from then on it is a `HttpConnection`."""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
from typing import Any

from .admission import Admission
from .http_connection import Door, HttpConnection
from .websocket import CLOSE_TIMEOUT

logger = logging.getLogger(__name__)


class TlsHandshake(asyncio.Protocol):
    """Counts a connection, and has it agree on TLS.

    A server that asyncio makes with TLS tells of a connection only after that: those that never get so far would count
    nowhere. So it is counted here, and its socket is then handed to asyncio once more, to do TLS on. (`start_tls` is
    not made for this: with uvloop, what a client has sent by then would be lost.)
    """

    def __init__(self, door: Door, context: ssl.SSLContext) -> None:
        self._door = door
        self._context = context

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        plain: Any = transport
        admission = Admission(self._door)
        if admission.admit(plain):
            try:
                original = plain.get_extra_info("socket")
                sock = socket.fromfd(original.fileno(), original.family, original.type)
            except OSError:
                # No file descriptor is left.
                admission.forget()
            else:
                task = asyncio.get_running_loop().create_task(self._secure(sock, admission))
                _securing.add(task)
                task.add_done_callback(_securing.discard)
        # This closes the first of the two descriptors. To those who are not let in nothing is said: what comes before
        # TLS they would not understand.
        plain.abort()

    async def _secure(self, sock: socket.socket, admission: Admission) -> None:
        try:
            await asyncio.get_running_loop().connect_accepted_socket(
                lambda: HttpConnection(self._door, secured=admission),
                sock,
                ssl=self._context,
                ssl_handshake_timeout=self._door.limits.handshake_timeout,
                ssl_shutdown_timeout=CLOSE_TIMEOUT,
            )
        except OSError as error:
            # Scanners, and clients that have hung up or do not trust the certificate.
            logger.debug("a client did not agree on TLS: %s", error)
            admission.forget()
        except asyncio.CancelledError:
            admission.forget()
            raise


#: Those under way: the event loop alone would not keep them.
_securing: set[asyncio.Task[None]] = set()
