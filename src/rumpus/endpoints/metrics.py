"""The server's own figures in Prometheus' text format, gathered only when somebody asks.

The hot path counts in plain integers, without the locks that prometheus_client's own counters take.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import fields
from typing import TYPE_CHECKING, get_args

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from ..protocol import RoomStatus
from ..telemetry.histogram import BUCKETS, Histogram

if TYPE_CHECKING:
    from ..results.storage.recorder import Recorder
    from ..server.game_server import GameServer


#: The content type of Prometheus' text format.
METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def render_metrics(server: GameServer) -> str:
    """Everything `/metrics` shows."""
    registry = CollectorRegistry()
    registry.register(_Figures(server))
    return generate_latest(registry).decode()


class _Figures(Collector):
    def __init__(self, server: GameServer) -> None:
        self._server = server

    def collect(self) -> Iterable[Metric]:
        server = self._server
        rooms = GaugeMetricFamily("rumpus_rooms", "Rooms by status", labels=["status"])
        for status in get_args(RoomStatus):
            rooms.add_metric([status], sum(room.status == status for room in server.rooms.values()))
        yield rooms
        bots = sum(room.bots for room in server.rooms.values())
        yield GaugeMetricFamily("rumpus_players", "People with a seat", value=len(server.seats))
        yield GaugeMetricFamily("rumpus_held_seats", "Seats held for lost connections", value=server.seats.held)
        yield GaugeMetricFamily("rumpus_bots", "Bots with a seat", value=bots)
        watching = sum(room.watched_by for room in server.rooms.values())
        yield GaugeMetricFamily("rumpus_spectators", "People who watch a room", value=watching)
        yield GaugeMetricFamily("rumpus_connections", "Open WebSockets", value=len(server.sessions))
        yield GaugeMetricFamily("rumpus_tasks", "Tasks of the event loop", value=_tasks())
        for field in fields(server.counters):
            value = getattr(server.counters, field.name)
            yield CounterMetricFamily(f"rumpus_{field.name}", field.metadata["text"], value=value)
        overload = server.overload
        yield GaugeMetricFamily(
            "rumpus_overload_level", "0 normal, 1 fewer states, 2 no new rooms, 3 no joins", value=overload.level
        )
        yield GaugeMetricFamily("rumpus_busy_share", "Share of its time that the loop is busy", value=overload.busy)
        schedule = server.schedule
        refused = server.refused_connections
        yield CounterMetricFamily("rumpus_refused_connections", "Sockets turned away because of a limit", value=refused)
        yield CounterMetricFamily("rumpus_ticks", "Ticks of all rooms", value=schedule.ticks)
        yield CounterMetricFamily("rumpus_dropped_ticks", "Ticks given up when late", value=schedule.dropped_ticks)
        yield CounterMetricFamily("rumpus_dropped_seconds", "Game time given up", value=schedule.dropped_time)
        if server.recorder is not None:
            yield from _results(server.recorder)
        yield _histogram("rumpus_tick_lateness_seconds", "How late ticks start", schedule.lateness)
        yield _histogram("rumpus_tick_duration_seconds", "How long a room's tick takes", schedule.duration)


def _results(recorder: Recorder) -> Iterable[Metric]:
    yield CounterMetricFamily("rumpus_results_written", "Matches written to the database", value=recorder.written)
    yield CounterMetricFamily("rumpus_results_lost", "Matches that could be kept nowhere", value=recorder.lost)
    yield GaugeMetricFamily("rumpus_results_waiting_bytes", "Results in the journal only", value=recorder.waiting)
    yield GaugeMetricFamily("rumpus_database_connected", "Whether the database takes results", value=recorder.connected)


def _tasks() -> int:
    """None where there is no loop, as in tests on a virtual clock."""
    try:
        return len(asyncio.all_tasks())
    except RuntimeError:
        return 0


def _histogram(name: str, text: str, histogram: Histogram) -> HistogramMetricFamily:
    buckets, running = [], 0
    for bound, count in zip((*map(str, BUCKETS), "+Inf"), histogram.counts, strict=True):
        running += count
        buckets.append((bound, float(running)))
    return HistogramMetricFamily(name, text, buckets=buckets, sum_value=histogram.total)
