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
from .figures import Figures

if TYPE_CHECKING:
    from ..results.storage.recorder import Recorder


#: The content type of Prometheus' text format.
METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def render_metrics(figures: Figures) -> str:
    """Everything `/metrics` shows."""
    registry = CollectorRegistry()
    registry.register(_Metrics(figures))
    return generate_latest(registry).decode()


class _Metrics(Collector):
    def __init__(self, figures: Figures) -> None:
        self._figures = figures

    def collect(self) -> Iterable[Metric]:
        now = self._figures
        rooms = GaugeMetricFamily("rumpus_rooms", "Rooms by status", labels=["status"])
        for status in get_args(RoomStatus):
            rooms.add_metric([status], sum(room.status == status for room in now.rooms))
        yield rooms
        yield GaugeMetricFamily("rumpus_players", "People with a seat", value=now.players)
        yield GaugeMetricFamily("rumpus_held_seats", "Seats held for lost connections", value=now.held_seats)
        yield GaugeMetricFamily("rumpus_bots", "Bots with a seat", value=sum(room.bots for room in now.rooms))
        empty = sum(not room.people for room in now.rooms)
        yield GaugeMetricFamily("rumpus_empty_rooms", "Rooms without people, kept for a while", value=empty)
        reserved = sum(len(room.reservations) for room in now.rooms)
        yield GaugeMetricFamily("rumpus_reserved_seats", "Seats kept for people on their way", value=reserved)
        yield GaugeMetricFamily("rumpus_parties", "Parties", value=now.parties)
        yield GaugeMetricFamily("rumpus_searches", "Players and parties that look for a match", value=now.searches)
        yield GaugeMetricFamily("rumpus_payers", "Addresses and accounts whose budget is kept", value=now.payers)
        watching = sum(room.watched_by for room in now.rooms)
        yield GaugeMetricFamily("rumpus_spectators", "People who watch a room", value=watching)
        yield GaugeMetricFamily("rumpus_connections", "Open WebSockets", value=now.connections)
        yield GaugeMetricFamily("rumpus_tasks", "Tasks of the event loop", value=_tasks())
        for field in fields(now.counters):
            value = getattr(now.counters, field.name)
            yield CounterMetricFamily(f"rumpus_{field.name}", field.metadata["text"], value=value)
        faults = CounterMetricFamily("rumpus_game_faults", "Rooms closed, by what raised", labels=["game", "hook"])
        for hook, count in now.faults.items():
            faults.add_metric([now.game, hook], count)
        yield faults
        yield GaugeMetricFamily(
            "rumpus_overload_level", "0 normal, 1 fewer states, 2 no new rooms, 3 no joins", value=now.overload_level
        )
        yield GaugeMetricFamily("rumpus_busy_share", "Share of its time that the loop is busy", value=now.busy)
        ticks, refused = now.ticks, now.refused_connections
        yield CounterMetricFamily("rumpus_refused_connections", "Sockets turned away because of a limit", value=refused)
        yield CounterMetricFamily("rumpus_ticks", "Ticks of all rooms", value=ticks.ticks)
        yield CounterMetricFamily("rumpus_dropped_ticks", "Ticks given up when late", value=ticks.dropped_ticks)
        yield CounterMetricFamily("rumpus_dropped_seconds", "Game time given up", value=ticks.dropped_time)
        yield GaugeMetricFamily(
            "rumpus_longest_stall_seconds", "The latest that a tick came", value=ticks.longest_stall
        )
        yield CounterMetricFamily(
            "rumpus_log_lines_dropped", "Lines of the log that were dropped", value=now.log_lines_dropped
        )
        if now.recorder is not None:
            yield from _results(now.recorder)
        yield _histogram("rumpus_tick_lateness_seconds", "How late ticks start", ticks.lateness)
        yield _histogram("rumpus_tick_duration_seconds", "How long a room's tick takes", ticks.duration)


def _results(recorder: Recorder) -> Iterable[Metric]:
    yield CounterMetricFamily("rumpus_results_written", "Matches written to the database", value=recorder.written)
    yield CounterMetricFamily("rumpus_results_lost", "Matches that could be kept nowhere", value=recorder.lost)
    yield CounterMetricFamily(
        "rumpus_results_not_kept", "Matches that are not worth a line in the database", value=recorder.keeping.not_kept
    )
    yield GaugeMetricFamily(
        "rumpus_results_waiting_bytes", "Results that the database has not taken yet", value=recorder.waiting
    )
    yield GaugeMetricFamily(
        "rumpus_results_oldest_seconds", "How long ago the oldest of them ended", value=recorder.oldest
    )
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
