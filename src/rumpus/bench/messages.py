"""What the processes of a benchmark tell one another: orders on the command line, figures as JSON lines.

A module of its own, so that the server under test need not load what its clients are made of, which would count as its
memory.
"""

from __future__ import annotations

import sys
from typing import Any

import msgspec


def say(event: str, **more: Any) -> None:
    """A line for the process that started this one."""
    sys.stdout.write(msgspec.json.encode({"event": event, **more}).decode() + "\n")
    sys.stdout.flush()


class Subject(msgspec.Struct, kw_only=True):
    """What to run. `watch` adds a timer that finds every pause of the loop, and costs a little itself."""

    game: str
    settings: dict[str, Any] = {}
    room: int
    hz: float
    transport: str = "rumpus"
    limits: dict[str, Any] = {}
    watch: bool = False


class Felt(msgspec.Struct, kw_only=True):
    """What the server saw between `begin` and `end`. Times in milliseconds; p50, p99, most where there are three.

    late_ms: how late ticks started.  tick_ms: how long one took.  longest_turn_ms: the longest call of the main loop's
    tick, in which nothing else happens.  longest_pause_ms: how late the timer of `watch` was at most.
    snapshots, skipped: sent, and withheld from clients that read too little.  refused: messages answered with an error.
    table_bytes: of what was encoded, by table; what goes to a whole room counts once, so only shares mean something.
    """

    seconds: float
    user: float
    system: float
    rss: int
    ticks: int
    dropped_ticks: int
    late_ms: tuple[float, float, float]
    tick_ms: tuple[float, float, float]
    longest_turn_ms: float
    longest_pause_ms: float | None
    collections: int
    longest_collection_ms: float
    collecting_ms: float
    snapshots: int
    skipped: int
    refused: int
    failed_rooms: int
    snapshot_bytes: int
    table_bytes: dict[str, int]


class Load(msgspec.Struct, kw_only=True):
    """What to do. `pid` is the contestant's, whose use of the processor and of memory is read at both ends.

    room: what Colyseus calls the kind of room.  hz: inputs a second.  warm_up, seconds: before and while it counts.
    """

    port: int
    dialect: str
    players: int
    hz: float
    warm_up: float
    seconds: float
    pid: int
    host: str = "127.0.0.1"
    room: str = "arena"
    seed: int = 1


class Got(msgspec.Struct, kw_only=True):
    """What all players together sent and got while it counted. Rates are per player and second.

    server_cpu: cores that the contestant used.  rss, rss_before: of the contestant, bytes, at the end and before
    anybody had connected.  cpu: cores that this process used; near 1 it is the limit itself.
    others: cores that everybody else on the machine used; far from 0, the figures are not worth much.
    late_ms: how late slices began, in the middle, at the 99th percentile and at most.
    """

    players: int
    seconds: float
    join_seconds: float
    server_cpu: float
    rss: int
    rss_before: int
    sent_rate: float
    refused: int
    closed: int
    snapshot_rate: float
    worst_snapshot_rate: float
    bytes_per_snapshot: float
    other_messages: int
    bytes_per_message: float
    wire_bytes_per_message: float
    input_bytes: float
    bits_per_second: float
    cpu: float
    others: float
    late_ms: tuple[float, float, float]


class Arrivals(msgspec.Struct, kw_only=True):
    """What to do: `first` connections, then `players` that count. `pid` is the server's."""

    port: int
    dialect: str
    first: int
    players: int
    pid: int
    host: str = "127.0.0.1"


class Arrived(msgspec.Struct, kw_only=True):
    """How it went. `server_cpu`: seconds that the server used for it.  bytes: of its memory, for each connection."""

    players: int
    seconds: float
    per_second: float
    server_cpu: float
    cpu: float
    bytes: float
