"""What others may read of a room: the server, matchmaking, lists, endpoints and tests.

`GameRoom` adds to this what may be done with it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any

from ..config import RoomOptions
from ..connection import Connection
from ..errors import JoinError
from ..game.contract import PlayerInfo
from ..protocol import RoomStatus
from .assembly import Parts
from .messenger import RoomEvent
from .player import Player
from .reservations import Reservations
from .state import RoomState


class RoomFacts:
    """A room as it is at this moment."""

    def __init__(self, state: RoomState, parts: Parts) -> None:
        self.state = state
        #: The code that people give one another.
        self.room_id = state.room_id
        self.tick_interval = state.tick_interval
        #: Seconds that its ticks have taken; counted by the server's loop.
        self.used = 0.0
        #: Everyone with a seat, bots too, by player id.
        self.players: Mapping[str, Player] = parts.roster.players
        #: Names of the teams; empty when everybody plays for themselves.
        self.teams = parts.roster.teams
        self._timeline = parts.timeline
        self._roster = parts.roster
        self._admission = parts.admission
        self._encodings = parts.encodings
        self._broadcaster = parts.broadcaster
        self._messenger = parts.messenger
        self._match = parts.match
        self._pause = parts.pause
        self._voting = parts.voting
        self._chat = parts.chat
        self._spectators = parts.spectators
        self._seats = parts.seats
        self._life_cycle = parts.life_cycle
        self._changes = parts.changes
        self._requests = parts.requests

    @property
    def status(self) -> RoomStatus:
        return self.state.status

    @property
    def options(self) -> RoomOptions:
        return self.state.options

    @property
    def settings(self) -> Any:
        """The game's settings for the next match."""
        return self.state.settings

    @property
    def private(self) -> bool:
        return self.state.private

    @property
    def title(self) -> str:
        return self.state.title

    @property
    def language(self) -> str | None:
        return self.state.language

    @property
    def paused(self) -> bool:
        """Whether the match stands still."""
        return self.state.paused

    @property
    def host(self) -> str | None:
        """The player id of who decides about this room, if anybody does."""
        return self.state.host

    @property
    def locked(self) -> bool:
        """Whether newcomers are kept out."""
        return self.state.locked

    @property
    def watchers(self) -> int:
        """How many spectators there are, as people were told last."""
        return self.state.spectators

    # Time.

    @property
    def tick_rate(self) -> float:
        """Ticks a second."""
        return self.state.tick_rate

    @property
    def send_rate(self) -> float:
        """States a second."""
        return self.state.send_rate

    @property
    def current_tick(self) -> int:
        """Ticks since the match began."""
        return self._timeline.tick

    @property
    def deadline(self) -> float:
        """When the next tick is due, on the server's clock (s); set by the scheduler."""
        return self._timeline.deadline

    @deadline.setter
    def deadline(self, deadline: float) -> None:
        self._timeline.due(deadline)

    # Seats.

    @property
    def max_players(self) -> int:
        return self.state.max_players

    @property
    def min_players(self) -> int:
        return self.state.min_players

    @property
    def people(self) -> int:
        """Players who are not bots, those who are away for a moment included."""
        return self._roster.people

    @property
    def bots(self) -> int:
        """Players who are."""
        return self._roster.bots

    @property
    def free_seats(self) -> int:
        """Seats that somebody may take at this moment; see `Admission`."""
        return self._admission.free_seats

    @property
    def reservations(self) -> Reservations:
        """Seats that are kept for people who are on their way."""
        return self._admission.reservations

    @property
    def open(self) -> bool:
        """Whether somebody may join at this moment."""
        return self._admission.open

    @property
    def listed(self) -> bool:
        """Whether quick play may choose this room."""
        return self._admission.listed

    def refusal(self, info: PlayerInfo | None = None, address: str = "", reserved: bool = False) -> JoinError | None:
        """Why somebody (or anybody) may not join at this moment, or None; see `Admission.refusal`."""
        return self._admission.refusal(info, address, reserved)

    def return_refusal(self, player: Player, connection: Connection) -> JoinError | None:
        """Why a player may not come back on this connection, or None."""
        return self._encodings.refusal(connection, player.connection)

    def is_banned(self, info: PlayerInfo, address: str) -> bool:
        """Whether somebody was sent away for good."""
        return self._admission.is_banned(info, address)

    @property
    def skill(self) -> float | None:
        """The mean skill of its people, None without any."""
        return self._roster.skill

    @property
    def rating(self) -> int | None:
        """The mean of its people's points, None if nobody's are known."""
        return self._roster.rating

    def find_player_by_id(self, player_id: str) -> Player | None:
        """The player with this seat, a person (here or away) or a bot; None if nobody in this room has that id."""
        return self._roster.players.get(player_id)

    def present(self) -> list[Player]:
        """The people who are here: not those whose connection is lost."""
        return self._roster.present()

    # The match.

    @property
    def match_settings(self) -> Any:
        """The settings of the running match: those of the room with a seed drawn."""
        return self._match.settings

    @property
    def events(self) -> deque[RoomEvent]:
        """The last things that happened here, the newest last."""
        return self._messenger.events

    @property
    def watched_by(self) -> int:
        """How many spectators there are."""
        return self._spectators.count

    def bytes_by_table(self) -> Mapping[str, int]:
        """What each table of the running match has cost in snapshots."""
        return self._broadcaster.bytes_by_table()
