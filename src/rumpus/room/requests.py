"""What players ask of their room: the ready check, teams, votes, pauses, and what only the host may.

Each request has a price: whoever changes too much in a room is told to wait.
"""

from __future__ import annotations

from ..config import Limits
from ..errors import MessageError
from ..protocol import CallVote, CastVote, Pause, Ready, RoomMessage, Team
from .commands import RoomCommands
from .host_controls import HostControls
from .messenger import Messenger
from .pause import Pause as RoomPause
from .player import Player
from .roster import Roster
from .state import RoomState
from .voting import Voting

#: A player may save up this many seconds' worth of messages about the room.
_SAVED_SECONDS = 10


class Requests:
    """From a player's message to what the room does."""

    def __init__(
        self,
        state: RoomState,
        roster: Roster,
        messenger: Messenger,
        host_controls: HostControls,
        voting: Voting,
        pause: RoomPause,
        limits: Limits,
    ) -> None:
        self._state = state
        self._roster = roster
        self._messenger = messenger
        self._host_controls = host_controls
        self._voting = voting
        self._pause = pause
        self._rate = limits.max_room_messages_per_second

    def take(self, player: Player, message: RoomMessage, now: float, room: RoomCommands) -> None:
        """Do what a message of a player asks for. Raises MessageError or SettingsError."""
        if not player.may_change(now, self._rate, self._rate * _SAVED_SECONDS):
            raise MessageError("rate_limited", "You are changing too much in this room; wait a moment.")
        match message:
            case Ready():
                self._set_ready(player, message.ready, room)
            case Team():
                room.change_team(player.player_id, message.team)
            case CastVote():
                room.enact(self._voting.cast(player, message, now), now)
            case CallVote():
                room.enact(self._voting.call(player, message, now), now)
            case Pause():
                self._pause.take(player, message.paused, now)
                room.look_at_pause(now)
            case _:
                self._host_controls.take(player, message, room)

    def _set_ready(self, player: Player, ready: bool, room: RoomCommands) -> None:
        if self._state.running:
            raise MessageError("not_possible", "The match is running; you can be ready for the next when it has ended.")
        if player.ready == ready:
            return
        player.be_ready(ready)
        self._messenger.tell_of([player])
        if ready and self._roster.everyone_ready():
            if self._state.status == "ended":
                room.reset_room()
            else:
                room.start_if_ready()
