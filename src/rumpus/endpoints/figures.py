"""How a server is at one moment, as far as it is shown to those who watch over it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

from ..room.game_room import GameRoom
from ..telemetry.counters import Counters
from ..telemetry.histogram import Histogram

if TYPE_CHECKING:
    from ..results.storage.recorder import Recorder


class Ticks(Protocol):
    """What has become of the ticks of all rooms since the server began; see `TickScheduler`."""

    ticks: int
    dropped_ticks: int
    dropped_time: float
    longest_stall: float
    lateness: Histogram
    duration: Histogram


class Figures(NamedTuple):
    """See `rumpus.endpoints.metrics` for what each means."""

    status: str
    rooms: Sequence[GameRoom]
    players: int
    held_seats: int
    connections: int
    refused_connections: int
    #: Parties, and how many look for a match.
    parties: int
    searches: int
    #: Addresses and accounts of which something is here, or something is missing from what they may do.
    payers: int
    counters: Counters
    game: str
    #: How many rooms have failed in which of the game's methods.
    faults: Mapping[str, int]
    overload_level: int
    busy: float
    ticks: Ticks
    recorder: Recorder | None
    log_lines_dropped: int
