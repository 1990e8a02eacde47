"""Our server under test, a process of its own: `python -m rumpus.bench.subject CONFIG`.

Lines on its standard input, `begin` and `end`, say when it counts. It is a real GameServer with a workload's game; only
its limits are wide enough for thousands of clients of one address. What the server's own histograms count in buckets is
kept here value by value, so that percentiles are exact. With another transport than `rumpus`, the same server gets its
connections from that library (see `peers`).
"""

from __future__ import annotations

import asyncio
import gc
import os
import resource
import sys
import time
from array import array
from collections import Counter
from dataclasses import replace
from typing import Any

import msgspec

from ..config import Limits, RoomOptions
from ..errors import RumpusError
from ..game.loading import load_game
from ..server.event_loop import run_async
from ..server.game_server import GameServer
from ..telemetry.histogram import Histogram
from .messages import Felt, Subject, say
from .processes import allow_many_files

#: Seconds between two beats when the loop is watched.
BEAT = 0.005


class Samples(Histogram):
    """A histogram that keeps every value besides."""

    def __init__(self) -> None:
        super().__init__()
        self.values = array("d")

    def observe(self, value: float) -> None:
        super().observe(value)
        self.values.append(value)

    def figures(self) -> tuple[float, float, float]:
        """The middle, the 99th percentile and the most, in milliseconds."""
        if not self.values:
            return 0.0, 0.0, 0.0
        ordered = sorted(self.values)
        middle, high = ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.99)]
        return round(middle * 1000, 4), round(high * 1000, 4), round(ordered[-1] * 1000, 4)


class Watch:
    """Everything that is recorded about a server while it runs."""

    def __init__(self, server: GameServer) -> None:
        self._server = server
        self.turns, self.pauses, self.collections = Samples(), Samples(), Samples()
        self.late = self.tick = Samples()
        self._collecting = 0.0
        gc.callbacks.append(self._on_collection)
        # The main loop looks its tick up on the object, so this one is called instead.
        self._tick = server.loop.tick
        server.loop.tick = self._timed_tick  # type: ignore[method-assign]
        self.begin()

    def begin(self) -> None:
        server = self._server
        for samples in (self.turns, self.pauses, self.collections):
            samples.values = array("d")
        self.late = server.schedule.lateness = Samples()
        self.tick = server.schedule.duration = Samples()
        use = resource.getrusage(resource.RUSAGE_SELF)
        self._began = time.perf_counter()
        self._use = (use.ru_utime, use.ru_stime)
        self._counted = (server.schedule.ticks, server.schedule.dropped_ticks)
        self._counters = replace(server.counters)
        self._tables = self._table_bytes()

    def end(self) -> Felt:
        server, use = self._server, resource.getrusage(resource.RUSAGE_SELF)
        wall = time.perf_counter() - self._began
        tables = self._table_bytes()
        tables.subtract(self._tables)
        since, before = server.counters, self._counters
        return Felt(
            seconds=round(wall, 3),
            user=round((use.ru_utime - self._use[0]) / wall, 4),
            system=round((use.ru_stime - self._use[1]) / wall, 4),
            rss=use.ru_maxrss * 1024,
            ticks=server.schedule.ticks - self._counted[0],
            dropped_ticks=server.schedule.dropped_ticks - self._counted[1],
            late_ms=self.late.figures(),
            tick_ms=self.tick.figures(),
            longest_turn_ms=self.turns.figures()[2],
            longest_pause_ms=self.pauses.figures()[2] if self.pauses.values else None,
            collections=len(self.collections.values),
            longest_collection_ms=self.collections.figures()[2],
            collecting_ms=round(sum(self.collections.values) * 1000, 3),
            snapshots=since.snapshots_sent - before.snapshots_sent,
            skipped=since.snapshots_skipped - before.snapshots_skipped,
            refused=since.refused_messages - before.refused_messages,
            failed_rooms=since.failed_rooms,
            snapshot_bytes=since.snapshot_bytes - before.snapshot_bytes,
            table_bytes=dict(tables),
        )

    def beat(self, due: float | None = None) -> None:
        """Come back every few milliseconds and note by how much that was late."""
        loop = asyncio.get_running_loop()
        if due is not None:
            self.pauses.observe(max(0.0, loop.time() - due))
        loop.call_later(BEAT, self.beat, loop.time() + BEAT)

    def _timed_tick(self) -> float:
        began = time.perf_counter()
        wait = self._tick()
        self.turns.observe(time.perf_counter() - began)
        return wait

    def _on_collection(self, phase: str, info: dict[str, int]) -> None:
        if phase == "start":
            self._collecting = time.perf_counter()
        else:
            self.collections.observe(time.perf_counter() - self._collecting)

    def _table_bytes(self) -> Counter[str]:
        total: Counter[str] = Counter()
        for room in self._server.rooms.values():
            total.update(room.bytes_by_table())
        return total


def make_server(subject: Subject) -> GameServer:
    """The server, with limits that a benchmark from one address does not reach."""
    wide: dict[str, Any] = {
        "max_connections": 30_000, "max_connections_per_address": 30_000, "max_rooms": 10_000, "join_timeout": 600.0,
        "idle_timeout": 600.0, "overload_busy": 0.0, "overload_lateness": 0.0,
    }  # fmt: skip
    limits = msgspec.convert(wide | subject.limits, Limits)
    options = RoomOptions(
        start="now", max_players=subject.room, min_players=1, tick_rate=subject.hz, settings=subject.settings
    )
    game = load_game(subject.game)
    game.prepare()
    return GameServer(game, options, limits, unlimited=["127.0.0.1"])


async def _serve(subject: Subject) -> None:
    server = make_server(subject)
    watch = Watch(server)
    _, port = await server.start_server("127.0.0.1", 0)
    if subject.transport != "rumpus":
        from .peers import transports

        port = await transports.listen(subject.transport, server.handle_client, server.limits.max_message_size)
    if subject.watch:
        watch.beat()
    loop, ended, told = asyncio.get_running_loop(), asyncio.Event(), bytearray()

    def on_words() -> None:
        words = os.read(0, 4096)
        if not words:
            loop.remove_reader(0)
            return ended.set()
        told.extend(words)
        *lines, rest = told.split(b"\n")
        told[:] = rest
        for line in lines:
            if line == b"begin":
                watch.begin()
            elif line == b"end":
                say("felt", figures=msgspec.to_builtins(watch.end()))

    loop.add_reader(0, on_words)
    say("listening", port=port)
    await ended.wait()
    # No goodbyes: thousands of clients are about to vanish, and nobody measures how.
    sys.stdout.flush()
    os._exit(0)


def main() -> None:
    subject = msgspec.json.decode(sys.argv[1], type=Subject)
    allow_many_files()
    try:
        run_async(_serve(subject))
    except (RumpusError, OSError) as error:
        say("failed", text=error.message if isinstance(error, RumpusError) else f"The server: {error}.")
        sys.exit(1)


if __name__ == "__main__":
    main()
