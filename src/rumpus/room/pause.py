"""Pauses of a room: agreed on by everybody who is here, and never longer than the operator allows.

While a room is paused its tick stands still: the game is not called, inputs are dropped, no time of the match passes.
Whoever plays may end the pause; a countdown tells the others, and ticks go on when it is over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import MessageError
from ..protocol import Notice, RoomChanged
from .player import Player

if TYPE_CHECKING:
    from .game_room import GameRoom

#: Seconds from "go on" to the next tick.
COUNTDOWN = 3.0
#: A wish to pause holds so long (s): later its player has forgotten it.
_WISH_TIME = 20.0
#: After a pause a client may need so long to set its clock (s): inputs for the wrong ticks are no fault until then.
_GRACE = 2.0


class Pause:
    """Whether a room is paused, who wishes it, and when it goes on. `GameRoom.paused` is what it decides."""

    def __init__(self, room: GameRoom) -> None:
        self._room = room
        self._longest = room.options.pause_time
        #: Whether `advance` has something to look at.
        self.pending = False
        #: By player id: until when the wish holds.
        self._wishes: dict[str, float] = {}
        #: Whose wish the others were told of since the match began or was last paused.
        self._told: set[str] = set()
        self._ends_at = 0.0
        self._goes_on_at: float | None = None

    @property
    def possible(self) -> bool:
        """Whether players may agree to a pause of this room."""
        return self._room.private and self._longest > 0

    def take(self, player: Player, paused: bool, now: float) -> None:
        """A player wishes a pause, or wishes it no more. Raises MessageError (`not_possible`)."""
        room = self._room
        if not paused:
            self._wishes.pop(player.player_id, None)
            self.go_on(now)
            return
        if not self.possible:
            reason = "This server has no pauses." if self._longest <= 0 else "Only private rooms can be paused."
            raise MessageError("not_possible", reason)
        if room.status != "in-progress":
            raise MessageError("not_possible", "No match is running that could be paused.")
        if room.paused and self._goes_on_at is None:
            return
        self._wishes[player.player_id] = now + _WISH_TIME
        self.pending = True
        self._told &= room.players.keys()
        if not self._agreed(now) and player.player_id not in self._told:
            self._told.add(player.player_id)
            present = room.present()
            wishing = sum(other.player_id in self._wishes for other in present)
            text = f"{player.info.name} would like a pause ({wishing} of {len(present)})."
            room.broadcast(Notice(level="info", text=text))

    def advance(self, now: float) -> None:
        """Begin or end what is due. Call it at every tick while `pending`."""
        room = self._room
        if self._wishes:
            self._wishes = {who: until for who, until in self._wishes.items() if until > now and who in room.players}
            if self._agreed(now):
                return
        if room.paused:
            if not room.people or (self._goes_on_at is not None and now >= self._goes_on_at):
                return self.end()
            if now >= self._ends_at:
                self.go_on(now)
            room.play.show_state()
        self.pending = room.paused or bool(self._wishes)

    def go_on(self, now: float) -> None:
        """Begin the countdown to the end of the pause, if there is one and it does not run."""
        if self._room.paused and self._goes_on_at is None:
            self._goes_on_at = now + COUNTDOWN
            self._room.broadcast(RoomChanged(paused=True, resumes_in=COUNTDOWN))

    def end(self) -> None:
        """No pause any more, and no wish for one."""
        self.pending = False
        self._wishes.clear()
        self._told.clear()
        self._goes_on_at = None
        room = self._room
        if not room.paused:
            return
        room.paused = False
        for player in room.players.values():
            if player.buffer is not None:
                player.buffer.refused = -round(_GRACE * room.tick_rate)
        room.broadcast(RoomChanged(paused=False))
        room.log_event("resumed", {})

    def _agreed(self, now: float) -> bool:
        """Pause, if everybody who is here wishes it."""
        room = self._room
        present = room.present()
        if not present or any(player.player_id not in self._wishes for player in present):
            return False
        if room.paused and now >= self._ends_at:
            return False
        if not room.paused:
            # Going back and forth does not make a pause longer.
            self._ends_at = now + self._longest
        self._wishes.clear()
        self._told.clear()
        self._goes_on_at = None
        self.pending = room.paused = True
        room.broadcast(RoomChanged(paused=True))
        room.log_event("paused", {})
        return True
