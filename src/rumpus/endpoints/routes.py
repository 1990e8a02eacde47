"""What the server answers to plain HTTP: health, rooms, metrics, results, and the files of the browser client."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec

from ..net.http import Answer, Request, Response, Routes, StaticFiles

if TYPE_CHECKING:
    from ..server.game_server import GameServer


def make_routes(server: GameServer) -> Routes:
    """Which path answers what."""
    return Routes(
        {
            "/healthz": lambda request: Response.json(health(server)),
            "/rooms": lambda request: Response.json({"game": server.game.name, "rooms": room_list(server)}),
            "/metrics": lambda request: _metrics(server),
            "/api/": _results_api(server),
        },
        StaticFiles(),
    )


def room_list(server: GameServer) -> list[dict[str, Any]]:
    """Public rooms, as `/rooms` shows them."""
    return [msgspec.to_builtins(listing) for listing in server.reception.feed.listings()]


def _results_api(server: GameServer) -> Callable[[Request], Answer]:
    if server.recorder is None:
        return lambda request: Response.json({"error": "This server keeps no results."})._replace(status=404)
    from .results import ResultsApi  # for those who keep results

    return ResultsApi(server.recorder.queries, server.recorder.options)


def _metrics(server: GameServer) -> Response:
    from .metrics import METRICS_TYPE, render_metrics  # not needed to start, and slow to import

    return Response.text(render_metrics(server), content_type=METRICS_TYPE)


def health(server: GameServer) -> dict[str, Any]:
    return {
        "status": _status(server),
        "rooms": len(server.rooms),
        "players": len(server.seats),
        "connections": len(server.sessions),
    }


def _status(server: GameServer) -> str:
    if server.stopping:
        return "stopping"
    if server.preparing:
        return "preparing"
    return "busy" if server.overload.level >= 2 else "ok"
