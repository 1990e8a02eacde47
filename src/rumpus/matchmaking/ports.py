"""What matchmaking has to know of the server around it: of clients, rooms, seats, and whether people are taken at all.

Small on purpose. `rumpus.server` implements these; nothing here knows how.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from ..budget.purse import Purse
from ..connection import Connection
from ..errors import RumpusError
from ..game.contract import PlayerInfo
from ..room.game_room import GameRoom
from ..room.player import Player
from ..room.spectators import Spectator

#: Finds out how good somebody is, which their info then says. True if that is asked for and the second argument, if
#: there is one, is called when it is known: at once or later.
RatingLookup = Callable[[PlayerInfo, Callable[[], None] | None], bool]


class Client(Protocol):
    """Somebody who is connected, whether they have a seat or not."""

    @property
    def connection(self) -> Connection: ...

    @property
    def room(self) -> GameRoom | None:
        """Where they sit or watch."""

    @property
    def player(self) -> Player | None:
        """Who they are there; None while they have no seat."""

    @property
    def spectator(self) -> Spectator | None:
        """Who they are there if they watch."""

    @property
    def purse(self) -> Purse:
        """What they may still do."""

    def send(self, message: Any) -> None: ...

    def send_error(self, error: RumpusError) -> None: ...

    def wait_from(self, now: float) -> None:
        """The time that they have for finding a room begins again."""

    # Called by `Seating`.

    def sit(self, room: GameRoom, player: Player, resumed: bool = False) -> None:
        """They have a seat now. resumed: it was theirs before this connection."""

    def watch(self, room: GameRoom, spectator: Spectator) -> None:
        """They watch a room now."""

    def stand_up(self, now: float) -> None:
        """They have no place any more, and may look for another from now on."""

    def taken_over(self) -> None:
        """Their seat goes on with another connection; this one is of no more use."""


class Rooms(Protocol):
    """The rooms that there are."""

    @property
    def by_code(self) -> Mapping[str, GameRoom]: ...

    def create(
        self,
        purse: Purse | None,
        max_players: int | None = None,
        *,
        settings: Any = None,
        private: bool = False,
        title: str = "",
        language: str | None = None,
        bots: int | None = None,
        hosted: bool = False,
        code: str | None = None,
    ) -> GameRoom:
        """Open a room at the cost of this purse; see `rumpus.server.rooms`. Raises JoinError and MessageError."""

    def guard(self, room: GameRoom, call: Callable[[], None]) -> None:
        """Do something in which the room's game may raise; if it does, the room is closed."""


class Seating(Protocol):
    """Who sits and watches where."""

    def seat(
        self, client: Client, room: GameRoom, info: PlayerInfo, *, reserved: str | None = None, party: str | None = None
    ) -> None:
        """Seat a client's player. Raises JoinError if there is no seat."""

    def remove(self, player_id: str, reason: str = "left") -> bool:
        """Free a player's seat. False if nobody of that id is seated."""

    def stop_watching(self, client: Client, reason: str) -> None:
        """Nothing happens for a client that watches nothing."""


class Intake(Protocol):
    """Whether the server takes people at this moment."""

    @property
    def takes_nobody(self) -> bool:
        """Whether it is too busy for anybody who has no seat yet."""

    def refuse_newcomers(self) -> None:
        """Raise JoinError (`server_full`, `server_busy`) if nobody can be taken now."""
