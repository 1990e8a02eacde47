"""How good a player is, asked of the database, which answers when it can and on whatever thread it likes."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from ..game.contract import PlayerInfo
from .matchmaker import Rating, RatingSource

if TYPE_CHECKING:
    from ..server.game_server import GameServer


class RatingLookup:
    """Asks the source, if there is one, and sees that the answer arrives where the player is by then."""

    def __init__(self, server: GameServer, source: RatingSource | None) -> None:
        self._server = server
        self._ratings = source

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
            seat = self._server.seats.by_player.get(info.player_id)
            if seat is not None:
                self._server.guard(seat.room, lambda: seat.room.set_rating(seat.player, rating.points, rating.skill))
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
