"""When a room that waits begins its match: by its policy, by its countdown, or because everybody is ready."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

from ..clock import Clock
from ..protocol import Event

if TYPE_CHECKING:
    from .game_room import GameRoom


class StartPolicy:
    """Decides for one room, and counts down aloud."""

    def __init__(self, room: GameRoom, clock: Clock) -> None:
        self._room = room
        self._clock = clock
        self._starts_at: float | None = None
        self._announced: int | None = None

    def start_if_ready(self) -> None:
        """Begin the match if it is time. Does nothing unless the room waits."""
        room = self._room
        if room.status != "waiting" or next(room.connections(), None) is None:
            return self._call_off()
        if not room.may_start():
            return
        policy = room.options.start
        if policy == "now" or len(room.players) >= room.max_players or self._everyone_wants_to():
            return room.start_game()
        if policy == "full":
            return
        if len(room.players) < room.min_players:
            return self._call_off()
        now = self._clock.now()
        if self._starts_at is None:
            self._starts_at = now + room.options.countdown
        left = max(0, ceil(self._starts_at - now))
        if left <= 0:
            return room.start_game()
        if left != self._announced:
            self._announced = left
            room.broadcast(Event(tick=0, name="countdown", data={"seconds": left}))

    def started(self) -> None:
        """The match has begun: whatever was counted is done."""
        self._starts_at = self._announced = None

    def _everyone_wants_to(self) -> bool:
        """Whether all people are ready, and with the bots that may come they are enough."""
        room = self._room
        if not room.lobby.everyone_ready():
            return False
        if room.people + min(room.options.bots, room.max_players - room.people) < room.min_players:
            return False
        room.fill_with_bots()
        return len(room.players) >= room.min_players

    def _call_off(self) -> None:
        if self._starts_at is not None:
            self.started()
            self._room.broadcast(Event(tick=0, name="countdown", data={"seconds": None}))
