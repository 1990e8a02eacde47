"""What may be done with a room by those of its parts that understand what people ask for.

A part is handed this for the length of one call and keeps it nowhere: no part knows the room it belongs to. `GameRoom`
is the one that implements it.
"""

from __future__ import annotations

from typing import Any, Protocol

from .player import Player
from .voting import Outcome


class RoomCommands(Protocol):
    """What `GameRoom` does when somebody who may ask for it has asked."""

    def start_game(self) -> None: ...

    def start_if_ready(self) -> None: ...

    def reset_room(self) -> None: ...

    def change_team(self, player_id: str, team: str) -> None: ...

    def change_room(self, *, private: bool, locked: bool, max_players: int, bots: int, settings: Any) -> None:
        """The room is to be like this; who is in it is told what is new."""

    def pass_host(self, player: Player) -> None: ...

    def send_away(self, player: Player, reason: str, *, ban: bool) -> None: ...

    def look_at_pause(self, now: float) -> None:
        """A pause may begin or end at this moment."""

    def enact(self, outcome: Outcome | None, now: float) -> None:
        """Do what a vote has decided, if it has decided anything."""
