"""The server on aiohttp's WebSockets, as somebody would write it who has aiohttp already."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from aiohttp import WSMsgType, web

from ...protocol.codec import CODECS, JSON
from .buffering import Accept, BufferedConnection


class AiohttpConnection(BufferedConnection):
    """A client on aiohttp."""

    def __init__(self, websocket: web.WebSocketResponse, request: web.Request) -> None:
        self.codec = CODECS.get(websocket.ws_protocol or "", JSON)
        self.address = request.remote or "local"
        self._type = WSMsgType.TEXT if self.codec.text else WSMsgType.BINARY
        self._websocket = websocket
        self._transport = request.transport
        self._closing: asyncio.Task[Any] | None = None

    def send(self, data: bytes) -> None:
        if not self.closed:
            self._step(self._websocket.send_frame(data, self._type))
            self.notice()

    def ping(self) -> None:
        if not self.closed:
            self._step(self._websocket.ping())

    def close(self, code: int, reason: str = "") -> None:
        if not self.closed:
            self.closed = True
            closing = self._websocket.close(code=code, message=reason.encode())
            self._closing = asyncio.get_running_loop().create_task(closing)

    def _step(self, coroutine: Coroutine[Any, Any, None]) -> None:
        """Run a coroutine up to where it would wait, which is after its frame was written. A task would cost more."""
        try:
            coroutine.send(None)
        except StopIteration:
            return
        except (ConnectionError, RuntimeError):
            self.closed = True
            return
        coroutine.close()


async def listen_on_aiohttp(accept: Accept, max_size: int) -> int:
    """Serve WebSockets at /ws. Returns the port."""

    async def on_websocket(request: web.Request) -> web.WebSocketResponse:
        websocket = web.WebSocketResponse(protocols=tuple(CODECS), compress=False, max_msg_size=max_size)
        await websocket.prepare(request)
        connection = AiohttpConnection(websocket, request)
        session = accept(connection)
        wanted = WSMsgType.TEXT if connection.codec.text else WSMsgType.BINARY
        try:
            async for message in websocket:
                connection.heard = True
                if message.type is wanted:
                    data = message.data
                    session.on_message(data.encode() if isinstance(data, str) else data)
                else:
                    session.on_wrong_type()
        finally:
            connection.closed = True
            session.on_disconnect()
        return websocket

    application = web.Application()
    application.router.add_get("/ws", on_websocket)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, backlog=4096).start()
    return int(runner.addresses[0][1])
