"""Who may come into a room: free seats, the lock, bans, and seats that are kept for people who are on their way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import JoinError
from ..game.contract import PlayerInfo
from .reservations import Reservations

if TYPE_CHECKING:
    from .game_room import GameRoom


class Admission:
    """The door of one room."""

    def __init__(self, room: GameRoom) -> None:
        self._room = room
        #: Seats that are kept for people who are on their way.
        self.reserved = Reservations(room.room_id)
        #: How many people the running match began with.
        self.began_with = 0

    @property
    def free_seats(self) -> int:
        """Seats that somebody may take at this moment. Bots give theirs to people."""
        return self._seats_for_people() - self._room.people - len(self.reserved)

    @property
    def open(self) -> bool:
        """Whether somebody may join at this moment."""
        return self.free_seats > 0 and not self._room.lobby.locked

    @property
    def listed(self) -> bool:
        """Whether quick play may choose this room."""
        return not self._room.private and not self._room.lobby.locked

    def _seats_for_people(self) -> int:
        """How many people this room takes at this moment."""
        room = self._room
        if room.status != "in-progress" or room.options.drop_in:
            return room.max_players
        # Of those who left a match that nobody else drops into, the seats are filled again if the operator likes.
        return min(self.began_with, room.max_players) if room.options.backfill else 0

    def refusal(self, info: PlayerInfo | None = None, address: str = "", reserved: bool = False) -> JoinError | None:
        """Why somebody (or anybody) may not join at this moment, or None. Bots give their seats to people.

        reserved: they have a seat that was kept for them, for which a lock does not count.
        """
        room = self._room
        refused = room.lobby.refusal(info, address)
        if refused is not None and not (reserved and refused.code == "room_locked"):
            return refused
        if self.free_seats + reserved > 0:
            return None
        if room.people + len(self.reserved) - reserved >= room.max_players:
            return JoinError("room_full", f"Room {room.room_id} is full.")
        return JoinError("room_in_progress", f"The match in room {room.room_id} has begun; wait until it ends.")

    def reserve(self, count: int, expires_at: float) -> list[str]:
        """Keep seats until a time on the server's clock. Returns their tokens. Raises JoinError if too few are free."""
        if self.free_seats < count:
            name = self._room.room_id
            raise self.refusal() or JoinError("room_full", f"Room {name} has fewer than {count} free seats.")
        tokens = self.reserved.add(count, expires_at)
        self._room.changed()
        return tokens
