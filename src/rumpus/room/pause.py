"""Pauses of a room: agreed on by everybody who is here, and never longer than the operator allows.

While a room is paused its tick stands still: the game is not called, inputs are dropped, no time of the match passes.
Whoever plays may end the pause; a countdown tells the others, and ticks go on when it is over.
"""

from __future__ import annotations

from ..errors import MessageError
from ..protocol import Notice, RoomChanged
from .messenger import Messenger
from .player import Player
from .roster import Roster
from .state import RoomState

#: Seconds from "go on" to the next tick.
COUNTDOWN = 3.0
#: A wish to pause holds so long (s): later its player has forgotten it.
_WISH_TIME = 20.0


class Pause:
    """Who wishes a pause, and when it begins and ends. The room does as `due` says, and then calls `began` or `end`."""

    def __init__(self, state: RoomState, roster: Roster, messenger: Messenger) -> None:
        self._state = state
        self._roster = roster
        self._messenger = messenger
        #: Whether `due` has something to look at.
        self.pending = False
        #: By player id: until when the wish holds.
        self._wishes: dict[str, float] = {}
        #: Whose wish the others were told of since the match began or was last paused.
        self._told: set[str] = set()
        self._ends_at = 0.0
        self._goes_on_at: float | None = None

    def take(self, player: Player, paused: bool, now: float) -> None:
        """A player wishes a pause, or wishes it no more. Raises MessageError (`not_possible`)."""
        state = self._state
        if not paused:
            self._wishes.pop(player.player_id, None)
            self.go_on(now)
            return
        if not state.pausable:
            none = state.options.pause_time <= 0
            reason = "This server has no pauses." if none else "Only private rooms can be paused."
            raise MessageError("not_possible", reason)
        if not state.running:
            raise MessageError("not_possible", "No match is running that could be paused.")
        if state.paused and self._goes_on_at is None:
            return
        self._wishes[player.player_id] = now + _WISH_TIME
        self.pending = True
        self._told &= self._roster.players.keys()
        if not self._agreed(now) and player.player_id not in self._told:
            self._told.add(player.player_id)
            present = self._roster.present()
            wishing = sum(other.player_id in self._wishes for other in present)
            text = f"{player.info.name} would like a pause ({wishing} of {len(present)})."
            self._messenger.broadcast(Notice(level="info", text=text))

    def due(self, now: float) -> bool | None:
        """Whether a pause begins (True) or ends (False) at this moment. Ask at every tick while `pending`."""
        state = self._state
        if self._wishes:
            players = self._roster.players
            self._wishes = {who: until for who, until in self._wishes.items() if until > now and who in players}
            if self._agreed(now):
                return True
        if state.paused:
            if not self._roster.people or (self._goes_on_at is not None and now >= self._goes_on_at):
                return False
            if now >= self._ends_at:
                self.go_on(now)
        self.pending = state.paused or bool(self._wishes)
        return None

    def began(self, now: float, again: bool) -> None:
        """The room is paused. again: it was already, and would have gone on: that does not make a pause longer."""
        if not again:
            self._ends_at = now + self._state.options.pause_time
        self._forget()
        self.pending = True

    def go_on(self, now: float) -> None:
        """Begin the countdown to the end of the pause, if there is one and it does not run."""
        if self._state.paused and self._goes_on_at is None:
            self._goes_on_at = now + COUNTDOWN
            self._messenger.broadcast(RoomChanged(paused=True, resumes_in=COUNTDOWN))

    def end(self) -> None:
        """No pause any more, and no wish for one."""
        self._forget()
        self.pending = False

    def _forget(self) -> None:
        self._wishes.clear()
        self._told.clear()
        self._goes_on_at = None

    def _agreed(self, now: float) -> bool:
        """Whether everybody who is here wishes a pause that may be."""
        present = self._roster.present()
        if not present or any(player.player_id not in self._wishes for player in present):
            return False
        return not (self._state.paused and now >= self._ends_at)
