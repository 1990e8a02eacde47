"""How good a player is, asked of the database, which answers when it can and on whatever thread it likes."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

from ..game.contract import PlayerInfo
from .rooms import Rooms
from .seat_registry import SeatRegistry


class Rating(Protocol):
    """How good a player is: points that are shown, and the skill that matches are made by."""

    @property
    def points(self) -> int: ...

    @property
    def skill(self) -> float: ...


class RatingSource(Protocol):
    """Where ratings come from. `callback` may be called at once or later, and on any thread."""

    def rating(self, account: str, callback: Callable[[Rating], None]) -> None: ...


class RatingLookup:
    """Asks the source, if there is one, and sees that the answer arrives where the player is by then."""

    def __init__(self, source: RatingSource | None, rooms: Rooms, seats: SeatRegistry) -> None:
        self._ratings = source
        self._rooms = rooms
        self._seats = seats

    def __call__(self, info: PlayerInfo, known: Callable[[], None] | None = None) -> bool:
        """Find out how good somebody is. True if that is asked for, and `known` is called when it is answered."""
        if self._ratings is None or info.account is None or info.skill is not None:
            return False
        thread = threading.get_ident()
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:  # a server on a virtual clock
            loop = None

        def learn(rating: Rating) -> None:
            seat = self._seats.by_player.get(info.player_id)
            if seat is not None:
                self._rooms.guard(seat.room, lambda: seat.room.set_rating(seat.player, rating.points, rating.skill))
            else:
                info.rating, info.skill = rating.points, rating.skill
            if known is not None:
                known()

        def answered(rating: Rating) -> None:
            if threading.get_ident() == thread or loop is None:
                learn(rating)
            else:
                with suppress(RuntimeError):  # the server has ended meanwhile
                    loop.call_soon_threadsafe(learn, rating)

        self._ratings.rating(info.account, answered)
        return True
