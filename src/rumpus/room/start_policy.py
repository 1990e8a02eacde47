"""When a room that waits begins its match: by its policy, by its countdown, or because everybody is ready."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil
from typing import Literal

from ..protocol import Event
from .messenger import Messenger
from .roster import Roster
from .state import RoomState

#: Begin; begin if the bots that may come are enough; wait.
Start = Literal["now", "with_bots", "wait"]


class StartPolicy:
    """Decides for one room, and counts down aloud. may_start: whether the server lets matches begin."""

    def __init__(self, state: RoomState, roster: Roster, messenger: Messenger, may_start: Callable[[], bool]) -> None:
        self._state = state
        self._roster = roster
        self._messenger = messenger
        self.may_start = may_start
        self._starts_at: float | None = None
        self._announced: int | None = None

    def due(self, now: float) -> Start:
        """What is to be done at this moment (s), which is nothing unless the room waits."""
        state, roster = self._state, self._roster
        if state.status != "waiting" or not roster.by_connection:
            return self._call_off()
        if not self.may_start():
            return "wait"
        policy, here = state.options.start, len(roster.players)
        if policy == "now" or here >= state.max_players:
            return "now"
        if roster.everyone_ready() and self._possible() >= state.min_players:
            return "with_bots"
        if policy == "full":
            return "wait"
        if here < state.min_players:
            return self._call_off()
        if self._starts_at is None:
            self._starts_at = now + state.options.countdown
        left = max(0, ceil(self._starts_at - now))
        if left <= 0:
            return "now"
        if left != self._announced:
            self._announced = left
            self._messenger.broadcast(Event(tick=0, name="countdown", data={"seconds": left}))
        return "wait"

    def started(self) -> None:
        """The match has begun: whatever was counted is done."""
        self._starts_at = self._announced = None

    def too_few(self) -> None:
        """The bots that came were not enough."""
        self._call_off()

    def _possible(self) -> int:
        """How many play if all bots come that may."""
        people = self._roster.people
        return people + min(self._state.options.bots, self._state.max_players - people)

    def _call_off(self) -> Start:
        if self._starts_at is not None:
            self.started()
            self._messenger.broadcast(Event(tick=0, name="countdown", data={"seconds": None}))
        return "wait"
