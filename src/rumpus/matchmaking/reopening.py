"""Rooms that were there before the server was restarted: who was in one may open it again under its code.

The server knows nothing of them, and keeps no secret from one start to the next by which it could. So it believes what
it is told, where a lie gains nothing: a room that is there is never touched, another costs what any new room costs and
is like one that anybody may make, and a code opens nothing but the way to those who know it. And it does so only for a
while after its start, when there are people who come back.
"""

from __future__ import annotations

from collections.abc import Callable

from ..clock import Clock
from ..errors import no_such_room
from ..identity.codes import is_code
from ..protocol import JoinOptions
from ..room.game_room import GameRoom
from .ports import Client, Rooms


class Reopening:
    """For one server, from its start on. seconds: for how long.

    open_room: opens one as these options say, for a client and under a code. Raises RumpusError.
    """

    def __init__(
        self, rooms: Rooms, clock: Clock, seconds: float, open_room: Callable[[JoinOptions, Client, str], GameRoom]
    ) -> None:
        self._rooms = rooms
        self._clock = clock
        self._until = clock.now() + seconds
        self._open_room = open_room
        #: Codes of those with a host, as long as the one of before has not come.
        self._awaiting_host: set[str] = set()

    def room(self, client: Client, code: str, options: JoinOptions) -> GameRoom:
        """The room with this code, opened if need be.

        Raises JoinError (`room_not_found`) for what can be no code or comes too late, and what opening a room raises.
        """
        code = code.upper()
        room = self._rooms.by_code.get(code)
        if room is not None:
            return room
        if not is_code(code) or self._clock.now() >= self._until:
            raise no_such_room()
        room = self._open_room(options, client, code)
        if options.create:
            self._awaiting_host.add(code)
        return room

    def seated(self, client: Client, options: JoinOptions) -> None:
        """A client has come back to such a room: if they were its host, they are again."""
        room, player = client.room, client.player
        if not options.host or room is None or player is None or room.room_id not in self._awaiting_host:
            return
        self._awaiting_host.discard(room.room_id)
        if room.state.host != player.player_id:
            room.pass_host(player)

    def closed(self, room: GameRoom) -> None:
        self._awaiting_host.discard(room.room_id)
