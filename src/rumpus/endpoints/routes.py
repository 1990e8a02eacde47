"""What the server answers to plain HTTP: health, rooms, metrics, results, and the files of the browser client."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import msgspec

from ..net.http import Answer, Request, Response, Routes, StaticFiles
from ..protocol import RoomListing
from .figures import Figures

if TYPE_CHECKING:
    from ..results.storage.recorder import Recorder


def make_routes(
    game: str,
    figures: Callable[[], Figures],
    listings: Callable[[], Iterable[RoomListing]],
    recorder: Recorder | None,
) -> Routes:
    """Which path answers what. listings: the public rooms. recorder: where results are, if they are kept."""
    return Routes(
        {
            "/healthz": lambda request: Response.json(health(figures())),
            "/rooms": lambda request: Response.json({"game": game, "rooms": room_list(listings())}),
            "/metrics": lambda request: _metrics(figures()),
            "/api/": _results_api(recorder),
        },
        StaticFiles(),
    )


def room_list(listings: Iterable[RoomListing]) -> list[dict[str, Any]]:
    """Public rooms, as `/rooms` shows them."""
    return [msgspec.to_builtins(listing) for listing in listings]


def health(figures: Figures) -> dict[str, Any]:
    """What `/healthz` shows."""
    return {
        "status": figures.status,
        "rooms": len(figures.rooms),
        "players": figures.players,
        "connections": figures.connections,
    }


def _metrics(figures: Figures) -> Response:
    from .metrics import METRICS_TYPE, render_metrics  # not needed to start, and slow to import

    return Response.text(render_metrics(figures), content_type=METRICS_TYPE)


def _results_api(recorder: Recorder | None) -> Callable[[Request], Answer]:
    if recorder is None:
        return lambda request: Response.json({"error": "This server keeps no results."})._replace(status=404)
    from .results import ResultsApi  # for those who keep results

    return ResultsApi(recorder.queries, recorder.options)
