"""Who waits for a room, first come first served, and who of them would share a new one.

Tickets with one wish stand together in the order of their skill, as rooms of equal settings do.
"""

from __future__ import annotations

import math
from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Callable, Iterator
from operator import attrgetter
from typing import Any, Generic

from .criteria import Criteria
from .ticket import RoomT, Ticket, Window
from .work import COMMON, GROUP, Work

#: Pairs of wishes of which is remembered whether they go together.
_MOST_REMEMBERED = 32_768
_BY_SKILL: Callable[[Any], float] = attrgetter("skill")


class _Group(Generic[RoomT]):
    """Waiting tickets with one wish, in the order of their skill."""

    __slots__ = ("by_skill", "sizes", "wish")

    def __init__(self, wish: Criteria) -> None:
        self.wish = wish
        self.by_skill: list[Ticket[RoomT]] = []
        #: How many there are of each size.
        self.sizes: Counter[int] = Counter()

    def add(self, ticket: Ticket[RoomT]) -> None:
        insort(self.by_skill, ticket, key=_BY_SKILL)
        self.sizes[ticket.size] += 1

    def remove(self, ticket: Ticket[RoomT]) -> None:
        self.by_skill.remove(ticket)
        self.sizes[ticket.size] -= 1


class TicketQueue(Generic[RoomT]):
    """The tickets that wait. seats: how many a new room has."""

    def __init__(self, window: Window, seats: int, work: Work) -> None:
        self._window = window
        self._seats = seats
        self._work = work
        self._waiting: dict[Ticket[RoomT], None] = {}
        self._groups: dict[bytes, _Group[RoomT]] = {}
        self._together: dict[tuple[bytes, bytes], Any] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def __contains__(self, ticket: Ticket[RoomT]) -> bool:
        return ticket in self._waiting

    def __iter__(self) -> Iterator[Ticket[RoomT]]:
        return iter(self._waiting)

    def add(self, ticket: Ticket[RoomT]) -> None:
        self._waiting[ticket] = None
        group = self._groups.get(ticket.wish.key)
        if group is None:
            group = self._groups[ticket.wish.key] = _Group(ticket.wish)
        group.add(ticket)

    def remove(self, ticket: Ticket[RoomT]) -> None:
        """It must be there."""
        del self._waiting[ticket]
        group = self._groups[ticket.wish.key]
        group.remove(ticket)
        if not group.by_skill:
            del self._groups[ticket.wish.key]

    def partner(self, ticket: Ticket[RoomT], window: float, now: float) -> tuple[Ticket[RoomT] | None, Any, bool]:
        """The nearest in skill of those who wait and who would share a new room, and what it would be like.

        The last value says whether there is anybody at all with whom that could be in time.
        """
        best: Ticket[RoomT] | None = None
        best_settings: Any = None
        least, hope, work = math.inf, False, self._work
        for key, group in self._groups.items():
            work.done += GROUP
            left = self._seats - ticket.size
            fitting = sum(count for size, count in group.sizes.items() if size <= left)
            if ticket in self._waiting and key == ticket.wish.key and ticket.size <= left:
                fitting -= 1  # itself
            settings = self._common(ticket.wish, key, group.wish) if fitting else None
            if settings is None:
                continue
            hope = True
            by_skill = group.by_skill
            start = bisect_left(by_skill, ticket.skill, key=_BY_SKILL)
            for indices in (range(start, len(by_skill)), range(start - 1, -1, -1)):
                for index in indices:
                    other = by_skill[index]
                    work.done += 1
                    far = abs(other.skill - ticket.skill)
                    if far > window or far >= least:
                        break
                    if other is ticket or other.size > left:
                        continue
                    if far <= self._window.after(now - other.entered):
                        best, best_settings, least = other, settings, far
        return best, best_settings, hope

    def _common(self, wish: Criteria, key: bytes, other: Criteria) -> Any | None:
        """What a room is like that meets both wishes, if one can."""
        pair = (wish.key, key) if wish.key < key else (key, wish.key)
        if pair not in self._together:
            if len(self._together) >= _MOST_REMEMBERED:
                self._together.clear()
            self._work.done += COMMON
            self._together[pair] = wish.together(other)
        return self._together[pair]
