"""Seats of one room that are kept for people who are on their way: each has a token and an expiry.

Sans-I/O: it is told the time. A token begins with its room's code, so that no table of all tokens is needed, which
could leak.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..errors import JoinError
from ..identity.tokens import new_token

_BETWEEN = "-"


def room_of_token(token: str) -> str:
    """The code of the room that a reserved seat is in. Any text is taken; one that is no token names no room."""
    return token.partition(_BETWEEN)[0]


class Reservations:
    """The reserved seats of the room with this code."""

    def __init__(self, room_id: str) -> None:
        self._room_id = room_id
        #: When each expires (s), by token.
        self._expiries: dict[str, float] = {}

    def __len__(self) -> int:
        return len(self._expiries)

    def __contains__(self, token: str) -> bool:
        return token in self._expiries

    def add(self, count: int, expires_at: float) -> list[str]:
        """Keep so many seats; the tokens to take them with. Whether they are free is for the room to know."""
        tokens = [f"{self._room_id}{_BETWEEN}{new_token()}" for _ in range(count)]
        self._expiries |= dict.fromkeys(tokens, expires_at)
        return tokens

    def redeem(self, token: str) -> None:
        """Take a seat. Raises JoinError (`seat_expired`)."""
        if self._expiries.pop(token, None) is None:
            raise seat_expired()

    def give_back(self, tokens: Iterable[str]) -> int:
        """Keep these seats no longer. Returns how many of them were still kept."""
        return sum(self._expiries.pop(token, None) is not None for token in tokens)

    def expire(self, now: float) -> int:
        """Give back what has not been taken in time. Returns how many."""
        return self.give_back([token for token, expires_at in self._expiries.items() if expires_at <= now])

    def stood_still(self, seconds: float) -> None:
        """Nobody could come for so long: all are kept as much longer."""
        for token in self._expiries:
            self._expiries[token] += seconds


def seat_expired() -> JoinError:
    return JoinError("seat_expired", "This seat was kept for a while only and is given to others now. Join again.")
