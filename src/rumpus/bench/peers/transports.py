"""Our server on another WebSocket library: the same GameServer, rooms and sessions, another `Connection` under them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from ...server.game_server import GameServer

Listen = Callable[[GameServer], Awaitable[int]]


async def listen(name: str, server: GameServer) -> int:
    """Serve `server` on the library of that name, on a port of its own, which is returned."""
    if name == "aiohttp":
        from .aiohttp_transport import listen_on_aiohttp

        return await listen_on_aiohttp(server)
    from .websockets_transport import listen_on_websockets

    return await listen_on_websockets(server)
