"""What the host of a room may do: start, change what is played and by how many, send people away, pass the room on.

A room that somebody made has a host. When the host leaves, whoever has been here longest is the next. Rooms that quick
play opened belong to nobody; there votes decide.
"""

from __future__ import annotations

from ..errors import MessageError
from ..game.player_choices import PlayerChoices
from ..protocol import Kick, PassHost, SetRoom, Start
from .admission import Admission
from .commands import RoomCommands
from .player import Player
from .roster import Roster
from .start_policy import StartPolicy
from .state import RoomState


class HostControls:
    """The host's controls of one room: what is asked for is checked here, and done by the room."""

    def __init__(
        self, choices: PlayerChoices, state: RoomState, roster: Roster, admission: Admission, start_policy: StartPolicy
    ) -> None:
        self._choices = choices
        self._state = state
        self._roster = roster
        self._admission = admission
        self._start_policy = start_policy

    def take(self, player: Player, message: Start | SetRoom | Kick | PassHost, room: RoomCommands) -> None:
        """Do what a player asks for who may be the host. Raises MessageError or SettingsError."""
        host = self._state.host
        if player.player_id != host:
            why = "This room has no host; call a vote." if host is None else "Only the room's host can do this."
            raise MessageError("not_host", why)
        match message:
            case Start():
                self._start(room)
            case SetRoom():
                self._set_room(message, room)
            case Kick():
                self._kick(player, message, room)
            case PassHost():
                self._pass_host(player, message, room)

    def _start(self, room: RoomCommands) -> None:
        self._require_waiting("The match can be started while the room waits.")
        if not self._start_policy.may_start():
            raise MessageError("not_possible", "The server is still getting ready; try again in a moment.")
        room.start_game()

    def _set_room(self, message: SetRoom, room: RoomCommands) -> None:
        state, settings, bots, max_players = self._state, message.settings, message.bots, message.max_players
        if settings is not None or bots is not None or max_players is not None:
            self._require_waiting("Settings, bots and seats can be changed while the room waits.")
        chosen = state.settings if settings is None else self._choices.apply(state.settings, settings)
        bots = state.options.bots if bots is None else bots
        if bots > state.most_bots:
            raise MessageError("not_possible", f"This server allows at most {state.most_bots} bots in a room.")
        max_players = state.max_players if max_players is None else max_players
        if max_players > state.most_players:
            raise MessageError("not_possible", f"Rooms of this server have at most {state.most_players} seats.")
        taken = self._admission.taken
        if max_players < taken:
            raise MessageError("not_possible", f"{taken} seats of this room are taken or reserved; it needs as many.")
        room.change_room(
            private=state.private if message.private is None else message.private,
            locked=state.locked if message.locked is None else message.locked,
            max_players=max_players,
            bots=bots,
            settings=chosen,
        )

    def _kick(self, player: Player, message: Kick, room: RoomCommands) -> None:
        other = self._person(message.player_id)
        if other is player:
            raise MessageError("not_possible", "You cannot send yourself away; leave instead.")
        room.send_away(other, "banned" if message.ban else "kicked", ban=message.ban)

    def _pass_host(self, player: Player, message: PassHost, room: RoomCommands) -> None:
        other = self._person(message.player_id)
        if other.away:
            raise MessageError("not_possible", "This player's connection is lost; pass the room to somebody else.")
        if other is not player:
            room.pass_host(other)

    def _person(self, player_id: str) -> Player:
        player = self._roster.find(player_id)
        if player.is_bot:
            raise MessageError("not_possible", "This is a bot; set_room says how many there are.")
        return player

    def _require_waiting(self, what: str) -> None:
        if self._state.status != "waiting":
            raise MessageError("not_possible", what)
