"""Somebody who looks for a room, what is looked at of rooms, and how far apart skills may be."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Generic, Protocol, TypeVar

from .criteria import Criteria


class MatchRoom(Protocol):
    """What matchmaking has to know of a room."""

    @property
    def settings(self) -> Any: ...

    @property
    def language(self) -> str | None: ...

    @property
    def people(self) -> int: ...

    @property
    def listed(self) -> bool:
        """Whether quick play may choose it: public and not locked."""

    @property
    def free_seats(self) -> int:
        """Seats that somebody may take at this moment: neither taken, held nor reserved."""

    @property
    def skill(self) -> float | None:
        """The mean of its people; None without any."""


RoomT = TypeVar("RoomT", bound=MatchRoom)


class Window:
    """By how much skills may differ, after how long. width 0: by any amount."""

    def __init__(self, width: float, widening: float) -> None:
        self._width = width
        self._widening = widening

    def after(self, waited: float) -> float:
        return self._width + self._widening * waited if self._width else math.inf


class Ticket(Generic[RoomT]):
    """One player or one party that looks for a room with `size` free seats.

    admits: whether a room would take them at all (somebody may be banned there).
    """

    __slots__ = ("admits", "entered", "language", "owner", "size", "skill", "wish")

    def __init__(
        self,
        owner: Any,
        wish: Criteria,
        skill: float,
        *,
        size: int = 1,
        language: str | None = None,
        admits: Callable[[RoomT], bool] = lambda room: True,
    ) -> None:
        self.owner = owner
        self.wish = wish
        self.skill = skill
        self.size = size
        self.language = language
        self.admits = admits
        self.entered = 0.0
