"""Our server on another WebSocket library: the same GameServer, rooms and sessions, another `Connection` under them."""

from __future__ import annotations

from .buffering import Accept


async def listen(name: str, accept: Accept, max_size: int) -> int:
    """Serve on the library of that name, on a port of its own, which is returned. max_size: bytes of a message."""
    if name == "aiohttp":
        from .aiohttp_transport import listen_on_aiohttp

        return await listen_on_aiohttp(accept, max_size)
    from .websockets_transport import listen_on_websockets

    return await listen_on_websockets(accept, max_size)
