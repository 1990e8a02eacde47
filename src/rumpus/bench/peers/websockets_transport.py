"""The server on the library `websockets`, with compression and its own pings off.

Its `send` must be awaited, which would cost a task for each client. `broadcast` to one client is the way its
documentation has for servers that must not wait.
"""

from __future__ import annotations

import asyncio

from websockets.asyncio.server import ServerConnection, broadcast, serve
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from ...protocol.codec import CODECS, JSON
from .buffering import Accept, BufferedConnection


class WebsocketsConnection(BufferedConnection):
    """A client on `websockets`."""

    def __init__(self, websocket: ServerConnection) -> None:
        self.codec = CODECS.get(websocket.subprotocol or "", JSON)
        self.address = str(websocket.remote_address[0])
        self._websocket = websocket
        self._transport = websocket.transport
        self._closing: asyncio.Task[None] | None = None

    def send(self, data: bytes) -> None:
        if not self.closed:
            broadcast((self._websocket,), data, text=self.codec.text)
            self.notice()

    def ping(self) -> None:
        # Silent clients do not occur here, and its ping must be awaited.
        self.heard = True

    def close(self, code: int, reason: str = "") -> None:
        if not self.closed:
            self.closed = True
            self._closing = asyncio.get_running_loop().create_task(self._websocket.close(code, reason))


async def listen_on_websockets(accept: Accept, max_size: int) -> int:
    """Serve WebSockets. Returns the port."""

    async def on_websocket(websocket: ServerConnection) -> None:
        connection = WebsocketsConnection(websocket)
        session = accept(connection)
        try:
            async for message in websocket:
                connection.heard = True
                if isinstance(message, str) == connection.codec.text:
                    session.on_message(message.encode() if isinstance(message, str) else message)
                else:
                    session.on_wrong_type()
        except ConnectionClosed:
            pass
        finally:
            connection.closed = True
            session.on_disconnect()

    listening = await serve(
        on_websocket,
        "127.0.0.1",
        0,
        subprotocols=[Subprotocol(name) for name in CODECS],
        compression=None,
        ping_interval=None,
        max_size=max_size,
        backlog=4096,
    )
    return int(next(iter(listening.sockets)).getsockname()[1])
