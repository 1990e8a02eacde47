"""What may be changed about a room while it exists: who finds it, how large it is, what is played, who is its host.

Whether somebody may change it has been decided before; here it becomes so, and everybody is told what is new.
"""

from __future__ import annotations

from typing import Any

import msgspec

from ..game.contract import Game
from ..protocol import RoomChanged
from .messenger import Messenger
from .pause import Pause
from .player import Player
from .roster import Roster
from .seats import Seats
from .state import RoomState


class Changes:
    """The changes of one room."""

    def __init__(
        self, game: Game, state: RoomState, roster: Roster, messenger: Messenger, seats: Seats, pause: Pause
    ) -> None:
        self._game = game
        self._state = state
        self._roster = roster
        self._messenger = messenger
        self._seats = seats
        self._pause = pause

    def change(self, *, private: bool, locked: bool, max_players: int, bots: int, settings: Any, now: float) -> None:
        """The room is to be like this, which must be possible."""
        state, before = self._state, self._shown()
        state.change_access(private, locked)
        if (bots, max_players) != (state.options.bots, state.max_players):
            self._resize(max_players, bots)
        told = {name: value for name, value in self._shown().items() if value != before[name]}
        if told:
            self._messenger.broadcast(RoomChanged(**told))
        if not state.pausable:
            self._pause.go_on(now)
        if settings != state.settings:
            self.change_settings(settings)

    def _shown(self) -> dict[str, Any]:
        """What clients know of the room besides the settings."""
        state = self._state
        return {
            "private": state.private,
            "locked": state.locked,
            "bots": state.options.bots,
            "max_players": state.max_players,
            "min_players": state.min_players,
        }

    def _resize(self, max_players: int, bots: int) -> None:
        self._state.resize(max_players, bots, self._game.min_players)
        self._roster.resize(max_players)
        self._seats.send_surplus_bots_away()
        if self._state.options.start != "countdown":
            self._seats.fill_with_bots()

    def change_settings(self, settings: Any, keep_ready: bool = False) -> None:
        """The room has other settings, and with them perhaps other teams; who was ready was so for the old ones."""
        roster, messenger = self._roster, self._messenger
        before = {player: (player.info.team, player.ready) for player in roster.players.values()}
        self._state.change_settings(settings)
        teams = list(self._game.teams(settings))
        told: Any = {}
        if teams != roster.teams:
            roster.set_teams(teams)
            told = {"teams": teams}
        if not keep_ready:
            roster.nobody_ready()
        messenger.broadcast(RoomChanged(settings=settings, **told))
        messenger.tell_of([player for player in before if before[player] != (player.info.team, player.ready)])
        messenger.log("settings_changed", {"settings": msgspec.to_builtins(settings)})

    def appoint_host(self, player: Player | None) -> None:
        """Somebody else decides from now on, or nobody."""
        self._state.appoint(player.player_id if player is not None else None)
        self._messenger.broadcast(RoomChanged(host=self._state.host))
