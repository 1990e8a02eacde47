"""How the server is, gathered when somebody asks."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from ..budget.ledger import Ledger
from ..endpoints.figures import Figures
from ..matchmaking.join_service import JoinService
from ..net.listener import Listener
from ..results.storage.recorder import Recorder
from ..room.game_room import GameRoom
from ..telemetry.counters import Counters
from .intake import Intake
from .load_shedding import LoadShedding
from .rooms import Rooms
from .seat_registry import SeatRegistry
from .sessions import Sessions
from .tick_scheduler import TickScheduler


class Status(NamedTuple):
    """Where each figure comes from. game: its name."""

    game: str
    intake: Intake
    rooms: Rooms
    seats: SeatRegistry
    sessions: Sessions
    join_service: JoinService
    ledger: Ledger
    listener: Listener
    counters: Counters
    load: LoadShedding
    ticks: TickScheduler[GameRoom]
    recorder: Recorder | None
    log_lines_dropped: Callable[[], int]

    def figures(self) -> Figures:
        """What monitoring wants to know, at this moment."""
        return Figures(
            status=self.intake.status,
            rooms=list(self.rooms.by_code.values()),
            players=len(self.seats),
            held_seats=self.seats.held,
            connections=len(self.sessions),
            refused_connections=self.listener.refused,
            parties=len(self.join_service.parties),
            searches=len(self.join_service.quick_play.searches),
            payers=len(self.ledger),
            counters=self.counters,
            game=self.game,
            faults=self.rooms.faults,
            overload_level=self.load.level,
            busy=self.load.busy,
            ticks=self.ticks,
            recorder=self.recorder,
            log_lines_dropped=self.log_lines_dropped(),
        )
