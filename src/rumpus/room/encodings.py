"""Which encodings a room takes: plain data costs much where each client may know something else."""

from __future__ import annotations

from ..connection import Connection
from ..errors import JoinError
from ..game.contract import Game
from ..sync.broadcaster import Broadcaster
from .roster import Roster
from .state import RoomState


class Encodings:
    """The encodings of one room's players.

    A client on JSON is told what it may know in plain data, made for it alone. Whether the next match of a game with
    tables will need that is not known before it begins, so it counts then too.
    """

    def __init__(self, game: Game, state: RoomState, roster: Roster, broadcaster: Broadcaster) -> None:
        self._state = state
        self._roster = roster
        self._broadcaster = broadcaster
        self._has_tables = game.World is not None

    def refusal(self, connection: Connection, old: Connection | None = None) -> JoinError | None:
        """Why somebody may not take part on this connection, or None. old: the one that it takes the place of."""
        if not self._has_tables or not connection.codec.text:
            return None
        if self._state.running and not self._broadcaster.filters:
            return None
        most = self._state.options.max_json_clients
        others = sum(other.codec.text for other in self._roster.by_connection if other is not old)
        if others < most:
            return None
        return JoinError(
            "json_full", f"Room {self._state.room_id} takes {most} players on JSON; connect with rumpus.v1.msgpack."
        )
