"""Seats given, held, taken over and freed: the only place where a client's place changes.

A client hears of it by `sit`, `watch` and `stand_up`, and tells whoever else has to know (see `Session`), so that
nobody here can forget to.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ..clock import Clock
from ..connection import Connection
from ..errors import game_failed, sent_away
from ..game.contract import PlayerInfo
from ..matchmaking.ports import Client
from ..matchmaking.room_search import room_to_watch
from ..protocol import Notice
from ..room.game_room import GameRoom
from .intake import Intake
from .rooms import Rooms
from .seat_registry import Seat, SeatRegistry

#: What those are told who come before the game is ready.
PREPARING = "This server starts for the first time and is getting ready. Your match begins in a moment."


class Seating:
    """Who sits and watches where. clients: who is connected."""

    def __init__(
        self,
        rooms: Rooms,
        seats: SeatRegistry,
        intake: Intake,
        clients: Mapping[Connection, Client],
        clock: Clock,
    ) -> None:
        self._rooms = rooms
        self._seats = seats
        self._intake = intake
        self._clients = clients
        self._clock = clock
        #: Told, before it happens, of a player's seat that a client takes, and which client had it until now, if any.
        self.on_resume: Callable[[str, Client | None, Client], None] = lambda player_id, old, client: None

    # Players.

    def seat(
        self, client: Client, room: GameRoom, info: PlayerInfo, *, reserved: str | None = None, party: str | None = None
    ) -> None:
        """Seat a client's player, see `GameRoom.add_player`. Raises JoinError if there is no seat."""
        if room.room_id not in self._rooms.by_code:
            # It was opened for several, and failed with the first of them.
            raise game_failed()
        token = self._seats.new_token()
        with self._rooms.guarding(room):
            player = room.add_player(client.connection, info, token, reserved=reserved, party=party)
            self._seats.take(room, player, client, token)
            client.sit(room, player)
        if self._intake.preparing and client.player is not None:
            client.send(Notice(level="info", text=PREPARING))

    def resume(self, client: Client, token: str, serial: int) -> None:
        """Give a client the seat that it once had. Raises JoinError (`session_expired`, `server_restarted`,
        `json_full`).

        serial: of the last of the room's messages that it has received.
        """
        seat = self._seats.find(token)
        refusal = seat.room.return_refusal(seat.player, client.connection)
        if refusal is not None:
            raise refusal
        old = seat.client
        self.on_resume(seat.player.player_id, old, client)
        if old is not None:
            old.taken_over()
        new = self._seats.renew(seat, client, token)
        client.sit(seat.room, seat.player, resumed=True)
        with self._rooms.guarding(seat.room):
            seat.room.return_player(seat.player, client.connection, new, serial)

    def confirm(self, client: Client) -> None:
        """A client that has come back was heard of since, and so knows the newest token of its seat."""
        if client.player is not None:
            self._seats.confirm(self._seats.by_player[client.player.player_id])

    def remove(self, player_id: str, reason: str = "left") -> bool:
        """Free a player's seat; the connection stays. False if nobody of that id is seated."""
        seat = self._seats.by_player.get(player_id)
        if seat is None:
            return False
        self._unseat(seat)
        with self._rooms.guarding(seat.room):
            seat.room.release_seat(seat.player, reason)
        return True

    def give_up_expired(self, now: float) -> None:
        """Free the seats of those who have not come back in time."""
        for seat in self._seats.expired(now):
            self.remove(seat.player.player_id, "lost")

    def _unseat(self, seat: Seat) -> None:
        self._seats.free(seat)
        if seat.client is not None:
            seat.client.stand_up(self._clock.now())

    # Spectators.

    def watch(self, client: Client, info: PlayerInfo, code: str | None) -> None:
        """Let a client watch; a room without a code is the one most worth it.

        Raises JoinError (`room_not_found`, `spectators_full`, `banned`, `server_full`, `server_busy`).
        """
        self._intake.refuse_newcomers()
        room = room_to_watch(self._rooms.by_code, code)
        if room.is_banned(info, client.connection.address):
            raise sent_away()
        info.player_id = f"s{info.player_id[1:]}"
        with self._rooms.guarding(room):
            client.watch(room, room.watch(client.connection, info, self._seats.new_token()))

    def stop_watching(self, client: Client, reason: str) -> None:
        """Nothing happens for a client that watches nothing."""
        room, spectator = client.room, client.spectator
        if room is not None and spectator is not None:
            client.stand_up(self._clock.now())
            room.stop_watching(spectator, reason)

    # Both.

    def forget(self, client: Client) -> None:
        """A connection has ended: hold its seat for a while, or free it."""
        if client.player is not None:
            self._drop(client, self._seats.by_player[client.player.player_id])
        self.stop_watching(client, "lost")

    def _drop(self, client: Client, seat: Seat) -> None:
        room, now = seat.room, self._clock.now()
        held = room.options.reconnect_time
        if held == 0 or self._intake.stopping or not self._seats.hold(seat, now + held):
            self.remove(seat.player.player_id, "lost")
            return
        client.stand_up(now)
        with self._rooms.guarding(room):
            room.drop_player(client.connection)

    def room_closed(self, room: GameRoom) -> None:
        """A room is about to end: the people in it keep their connections and lose their places."""
        for player_id in room.players:
            seat = self._seats.by_player.get(player_id)
            if seat is not None:
                self._unseat(seat)
        for connection in room.everybody():
            client = self._clients.get(connection)
            if client is not None and client.room is room:
                client.stand_up(self._clock.now())
