"""The server's own figures in Prometheus' text format, gathered only when somebody asks.

The hot path counts in plain integers; prometheus_client's counters with their locks would cost more than a tick.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, get_args

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from .protocol import RoomStatus
from .schedule import BUCKETS, Histogram

if TYPE_CHECKING:
    from .server import GameServer


def render_metrics(server: GameServer) -> str:
    """Everything `/metrics` shows."""
    registry = CollectorRegistry()
    registry.register(_Figures(server))
    return generate_latest(registry).decode()


_COUNTERS: tuple[tuple[str, str, Callable[[GameServer], float]], ...] = (
    ("refused_connections", "Sockets turned away because of a limit", lambda s: s.refused_connections),
    ("messages_received", "Messages from clients", lambda s: s.messages_received),
    ("received_bytes", "Bytes of messages from clients", lambda s: s.bytes_received),
    ("refused_messages", "Messages answered with an error", lambda s: s.refused_messages),
    ("snapshots_sent", "States and deltas sent", lambda s: s.snapshots.sent),
    ("snapshot_bytes", "Bytes of states and deltas", lambda s: s.snapshots.sent_bytes),
    ("snapshots_skipped", "Snapshots withheld from clients that read too slowly", lambda s: s.snapshots.skipped),
    ("ticks", "Ticks of all rooms", lambda s: s.schedule.ticks),
    ("dropped_ticks", "Ticks given up when overloaded", lambda s: s.schedule.dropped_ticks),
    ("dropped_seconds", "Game time given up when overloaded", lambda s: s.schedule.dropped_time),
    ("failed_rooms", "Rooms closed because their game raised", lambda s: s.failed_rooms),
)
_GAUGES: tuple[tuple[str, str, Callable[[GameServer], float]], ...] = (
    ("players", "People with a seat", lambda s: len(s.players)),
    ("bots", "Bots with a seat", lambda s: sum(len(room.players) - room.people for room in s.rooms.values())),
    ("connections", "Open WebSockets", lambda s: len(s.sessions)),
)


class _Figures(Collector):
    def __init__(self, server: GameServer) -> None:
        self._server = server

    def collect(self) -> Iterable[Metric]:
        server = self._server
        rooms = GaugeMetricFamily("rumpus_rooms", "Rooms by status", labels=["status"])
        for status in get_args(RoomStatus):
            rooms.add_metric([status], sum(room.status == status for room in server.rooms.values()))
        yield rooms
        for name, text, value in _GAUGES:
            yield GaugeMetricFamily(f"rumpus_{name}", text, value=value(server))
        for name, text, value in _COUNTERS:
            yield CounterMetricFamily(f"rumpus_{name}", text, value=value(server))
        yield _histogram("rumpus_tick_lateness_seconds", "How late ticks start", server.schedule.lateness)
        yield _histogram("rumpus_tick_duration_seconds", "How long a room's tick takes", server.schedule.duration)


def _histogram(name: str, text: str, histogram: Histogram) -> HistogramMetricFamily:
    buckets, running = [], 0
    for bound, count in zip((*map(str, BUCKETS), "+Inf"), histogram.counts, strict=True):
        running += count
        buckets.append((bound, float(running)))
    return HistogramMetricFamily(name, text, buckets=buckets, sum_value=histogram.total)
