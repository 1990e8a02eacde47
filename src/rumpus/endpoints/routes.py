"""What the server answers to plain HTTP: health, rooms, metrics, results, and the files of the browser client."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..clock import Clock
from ..net.http import Answer, Request, Response, Routes, StaticFiles, no_page
from ..net.web_access import Viewers
from . import openapi
from .figures import Figures
from .rooms import Fullest, RoomsPage

if TYPE_CHECKING:
    from ..results.storage.recorder import Recorder


def make_routes(
    game: str,
    figures: Callable[[], Figures],
    fullest: Fullest,
    clock: Clock,
    recorder: Recorder | None,
    viewers: Viewers,
) -> Routes:
    """Which path answers what.

    fullest: the public rooms. recorder: where results are, if they are kept. viewers: who may see the figures.
    """
    return Routes(
        {
            "/healthz": lambda request: Response.json(health(figures())),
            "/rooms": RoomsPage(game, fullest, clock),
            "/metrics": lambda request: _metrics(figures()) if viewers.may_see(request) else no_page(),
            openapi.PATH: openapi.answer_openapi,
            "/api/": _results_api(recorder),
        },
        StaticFiles(),
    )


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
        return lambda request: Response.failure(404, "This server keeps no results.")
    from .results import ResultsApi  # for those who keep results

    return ResultsApi(recorder.queries, recorder.options)
