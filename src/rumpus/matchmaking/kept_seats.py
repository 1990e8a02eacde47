"""Seats that are kept for people who are on their way, and given back when these do not come.

Each room knows its own; here is which rooms have any, and who asked for which, so that they end in time.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..room.game_room import GameRoom
from .deadlines import Deadlines
from .ports import Client, Rooms


class KeptSeats:
    """Those in all rooms."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        #: When seats are given back, and in which room: by its code, since it may be closed by then.
        self._deadlines: Deadlines[str] = Deadlines()
        #: What each client has reserved: one lot at a time.
        self._lots: dict[Client, tuple[GameRoom, list[str]]] = {}

    def keep(self, room: GameRoom, count: int, until: float) -> list[str]:
        """Keep seats until a time (s). Returns their tokens. Raises JoinError if there are too few."""
        tokens = room.reserve(count, until)
        self._deadlines.set(until, room.room_id)
        return tokens

    def give_back(self, room: GameRoom, tokens: Iterable[str]) -> None:
        """Keep these no longer, if they still are."""
        if room.room_id in self._rooms.by_code and room.reservations.give_back(tokens):
            self._rooms.guard(room, room.seats_given_back)

    def note_lot(self, client: Client, room: GameRoom, tokens: list[str]) -> None:
        """These are what a client has reserved."""
        self._lots[client] = room, tokens

    def give_back_lot(self, client: Client) -> None:
        """A client wants what it has reserved no longer."""
        lot = self._lots.pop(client, None)
        if lot is not None:
            self.give_back(*lot)

    def room_closed(self, room: GameRoom) -> None:
        """Nothing is kept there any more."""
        for client in [client for client, (kept_in, _) in self._lots.items() if kept_in is room]:
            del self._lots[client]

    def expire(self, now: float) -> None:
        """Give back what has not been taken in time."""
        for code in self._deadlines.due(now):
            room = self._rooms.by_code.get(code)
            if room is not None and room.reservations.expire(now):
                self._rooms.guard(room, room.seats_given_back)

    def stood_still(self, seconds: float) -> None:
        """Nobody could come for so long: all are kept as much longer."""
        self._deadlines.stood_still(seconds)
        for room in self._rooms.by_code.values():
            room.reservations.stood_still(seconds)
