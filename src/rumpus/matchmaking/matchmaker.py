"""Quick play: the best open room for everybody who asks, and a queue for those whom only skill keeps from playing.

A ticket is placed at once where a room fits; a room is opened at once where none could. In between, where rooms or
others who wait would do but for their skill, a ticket waits, and the difference of skill that it puts up with grows
without end. So nobody waits for ever, and nobody waits while a fitting seat is free. Sans-I/O: it is told the time and
what has changed, and says by callbacks who goes where.

Rooms of equal settings stand together in the order of their skill, so that those within a ticket's window are found
without looking at the others. What one call of `advance` does is bounded, whatever the number of rooms and tickets:
a server with many of both places people a moment later, and never ticks late for it.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right, insort
from collections import Counter, deque
from collections.abc import Callable
from operator import attrgetter
from typing import Any, Generic, Protocol, TypeVar

from ..errors import JoinError
from .criteria import Criteria

#: Work that one `advance` may take, counted in looks at a room or a waiting ticket, each of which takes some 0.15
#: microseconds; and how many of these a look at a group of them is worth, and a ticket's turn as such.
_WORK, _GROUP, _TURN = 6000, 8, 10
#: The same for working out whether two wishes go together.
_COMMON = 400
#: Pairs of wishes of which is remembered whether they go together.
_MOST_REMEMBERED = 32_768


class Rating(Protocol):
    """How good a player is: points that are shown, and the skill that matches are made by."""

    @property
    def points(self) -> int: ...

    @property
    def skill(self) -> float: ...


class RatingSource(Protocol):
    """Where ratings come from. `callback` may be called at once or later, and on any thread."""

    def rating(self, account: str, callback: Callable[[Rating], None]) -> None: ...


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


class _Entry(Generic[RoomT]):
    __slots__ = ("free", "group", "language", "number", "people", "room", "skill")

    def __init__(self, room: RoomT, number: int, group: _Group[RoomT]) -> None:
        self.room = room
        self.number = number
        self.group = group
        self.free = room.free_seats
        self.people = room.people
        self.language = room.language
        self.skill = room.skill


class _Group(Generic[RoomT]):
    """Rooms of equal settings. Those without people suit every skill and stand apart."""

    __slots__ = ("_skills", "by_skill", "empty", "kind", "settings")

    def __init__(self, kind: bytes, settings: Any) -> None:
        self.kind = kind
        self.settings = settings
        self.by_skill: list[_Entry[RoomT]] = []
        # The same rooms' skill: searching in plain numbers is ten times as fast.
        self._skills: list[float] = []
        self.empty: dict[int, _Entry[RoomT]] = {}

    def add(self, entry: _Entry[RoomT]) -> None:
        if entry.skill is None:
            self.empty[entry.number] = entry
        else:
            index = bisect_right(self._skills, entry.skill)
            self._skills.insert(index, entry.skill)
            self.by_skill.insert(index, entry)

    def remove(self, entry: _Entry[RoomT]) -> None:
        if entry.skill is None:
            del self.empty[entry.number]
        else:
            index = bisect_left(self._skills, entry.skill)
            while self.by_skill[index] is not entry:
                index += 1
            del self._skills[index], self.by_skill[index]

    def within(self, skill: float, window: float) -> list[_Entry[RoomT]]:
        """Those near enough to this skill."""
        first = bisect_left(self._skills, skill - window)
        last = bisect_right(self._skills, skill + window, first)
        return [*self.empty.values(), *self.by_skill[first:last]] if self.empty else self.by_skill[first:last]


_BY_SKILL: Callable[[Any], float] = attrgetter("skill")


class _Others(Generic[RoomT]):
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


class Matchmaker(Generic[RoomT]):
    """The open rooms and who waits.

    kind_of: a key that is the same for rooms of equal settings.
    seat: puts a ticket's people into a room. It may fail with a RumpusError; the ticket is gone then all the same.
    open_room: a new room with these settings and this language, empty and public. Raises JoinError if there may be
        none.
    refuse: tells a ticket's people that nothing is to be had for them after all.
    seats: how many a new room has.
    """

    def __init__(
        self,
        window: Window,
        seats: int,
        *,
        kind_of: Callable[[Any], bytes],
        seat: Callable[[Ticket[RoomT], RoomT], None],
        open_room: Callable[[Any, str | None], RoomT],
        refuse: Callable[[Ticket[RoomT], JoinError], None],
    ) -> None:
        self.window = window
        self._seats = seats
        self._kind_of = kind_of
        self._seat = seat
        self._open_room = open_room
        self._refuse = refuse
        self._entries: dict[RoomT, _Entry[RoomT]] = {}
        self._groups: dict[bytes, _Group[RoomT]] = {}
        self._next_number = 0
        #: The numbers of rooms, which are their order of age, also of those that are not open now.
        self._numbers: dict[RoomT, int] = {}
        #: Who waits, first come first served.
        self._waiting: dict[Ticket[RoomT], None] = {}
        self._others: dict[bytes, _Others[RoomT]] = {}
        self._together: dict[tuple[bytes, bytes], Any] = {}
        #: Whose turn is still to come, and whether anything has changed since they were lined up.
        self._turn: deque[Ticket[RoomT]] = deque()
        self._stirred = False
        self._work = 0

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def waiting(self) -> list[Ticket[RoomT]]:
        """Who waits, first come first."""
        return list(self._waiting)

    # Rooms.

    def changed(self, room: RoomT) -> None:
        """A room was opened, or something about it is not as it was."""
        self._remove(room)
        number = self._numbers.get(room)
        if number is None:
            number = self._numbers[room] = self._next_number
            self._next_number += 1
        # Whatever happened: who waited for this room may now have to look elsewhere.
        self._stirred = True
        if not room.listed or room.free_seats < 1:
            return
        kind = self._kind_of(room.settings)
        group = self._groups.get(kind)
        if group is None:
            group = self._groups[kind] = _Group(kind, room.settings)
        entry = self._entries[room] = _Entry(room, number, group)
        group.add(entry)

    def closed(self, room: RoomT) -> None:
        """A room is gone."""
        self._remove(room)
        self._numbers.pop(room, None)
        self._stirred = True

    def _remove(self, room: RoomT) -> None:
        entry = self._entries.pop(room, None)
        if entry is not None:
            group = entry.group
            group.remove(entry)
            if not group.by_skill and not group.empty:
                del self._groups[group.kind]

    # Tickets.

    def best_room(self, ticket: Ticket[RoomT], window: float) -> RoomT | None:
        """The room that suits best: by language, then the fullest, then the nearest in skill, then the oldest."""
        best: tuple[int, int, float, int] | None = None
        found: RoomT | None = None
        size, skill, language = ticket.size, ticket.skill, ticket.language
        for group in self._groups.values():
            self._work += _GROUP
            if not ticket.wish.accepts_kind(group.kind, group.settings):
                continue
            entries = group.within(skill, window)
            self._work += len(entries)
            for entry in entries:
                if entry.free < size:
                    continue
                stranger = 1 if language is None or entry.language is None else 2 * (entry.language != language)
                far = 0.0 if entry.skill is None else abs(entry.skill - skill)
                rank = (stranger, -entry.people, far, entry.number)
                if (best is None or rank < best) and ticket.admits(entry.room):
                    best, found = rank, entry.room
        return found

    def enter(self, ticket: Ticket[RoomT], now: float, since: float) -> bool:
        """Somebody looks for a room, and has done so for a while. True: they have one; False: they wait.

        Raises JoinError (`server_full`, `room_full`) if they can have none, and what `open_room` and `seat` raise.
        """
        if ticket.size > self._seats:
            raise JoinError("room_full", f"Rooms have {self._seats} seats, too few for {ticket.size} people.")
        ticket.entered = since
        if self._settle(ticket, now):
            return True
        self._waiting[ticket] = None
        others = self._others.get(ticket.wish.key)
        if others is None:
            others = self._others[ticket.wish.key] = _Others(ticket.wish)
        others.add(ticket)
        return False

    def withdraw(self, ticket: Ticket[RoomT]) -> None:
        """Somebody waits no more. Does nothing for who did not."""
        if ticket not in self._waiting:
            return
        del self._waiting[ticket]
        others = self._others[ticket.wish.key]
        others.remove(ticket)
        if not others.by_skill:
            del self._others[ticket.wish.key]
        self._stirred = True

    def advance(self, now: float) -> None:
        """Place whoever can be placed by now. Where that is too much work for one call, the next goes on with it."""
        self._work = 0
        if not self._turn:
            self._begin_turns()
        while self._turn and self._work < _WORK:
            self._work += _TURN
            ticket = self._turn.popleft()
            if ticket in self._waiting:
                try:
                    self._settle(ticket, now)
                except JoinError as error:
                    self.withdraw(ticket)
                    self._refuse(ticket, error)
            if not self._turn and self._stirred:
                # Whoever was placed may have made a room one for those who had their turn before.
                self._begin_turns()

    def _begin_turns(self) -> None:
        self._stirred = False
        self._turn.extend(self._waiting)

    def _settle(self, ticket: Ticket[RoomT], now: float) -> bool:
        """Place a ticket if that can be done now, in a room of its own if there is nothing to wait for."""
        window = self.window.after(now - ticket.entered)
        room = self.best_room(ticket, window)
        if room is not None:
            self.withdraw(ticket)
            self._seat(ticket, room)
            return True
        partner, settings, hope = self._partner(ticket, window, now)
        if partner is not None:
            try:
                room = self._open_room(settings, ticket.language or partner.language)
            except JoinError:
                # No more rooms: they wait for those that there are.
                if not self._near(ticket):
                    raise
                hope = True
            else:
                for one in sorted((ticket, partner), key=lambda one: one.entered):
                    self.withdraw(one)
                    self._seat(one, room)
                return True
        if hope or (window < math.inf and self._near(ticket)):
            return False
        room = self._open_room(ticket.wish.settings, ticket.language)
        self.withdraw(ticket)
        self._seat(ticket, room)
        return True

    def _near(self, ticket: Ticket[RoomT]) -> bool:
        """Whether there is a room that would do, were it not for skill."""
        for group in self._groups.values():
            self._work += _GROUP
            if ticket.wish.accepts_kind(group.kind, group.settings):
                for entry in group.by_skill:
                    self._work += 1
                    if entry.free >= ticket.size and ticket.admits(entry.room):
                        return True
        return False

    def _partner(self, ticket: Ticket[RoomT], window: float, now: float) -> tuple[Ticket[RoomT] | None, Any, bool]:
        """The nearest in skill of those who wait and who would share a new room, and what it would be like.

        The last value says whether there is anybody at all with whom that could be in time.
        """
        best: Ticket[RoomT] | None = None
        best_settings: Any = None
        least, hope = math.inf, False
        for key, others in self._others.items():
            self._work += _GROUP
            left = self._seats - ticket.size
            fitting = sum(count for size, count in others.sizes.items() if size <= left)
            if ticket in self._waiting and key == ticket.wish.key and ticket.size <= left:
                fitting -= 1  # itself
            settings = self._common(ticket.wish, key, others.wish) if fitting else None
            if settings is None:
                continue
            hope = True
            by_skill = others.by_skill
            start = bisect_left(by_skill, ticket.skill, key=_BY_SKILL)
            for indices in (range(start, len(by_skill)), range(start - 1, -1, -1)):
                for index in indices:
                    other = by_skill[index]
                    self._work += 1
                    far = abs(other.skill - ticket.skill)
                    if far > window or far >= least:
                        break
                    if other is ticket or other.size > left:
                        continue
                    if far <= self.window.after(now - other.entered):
                        best, best_settings, least = other, settings, far
        return best, best_settings, hope

    def _common(self, wish: Criteria, key: bytes, other: Criteria) -> Any | None:
        pair = (wish.key, key) if wish.key < key else (key, wish.key)
        if pair not in self._together:
            if len(self._together) >= _MOST_REMEMBERED:
                self._together.clear()
            # Working it out takes as long as many looks.
            self._work += _COMMON
            self._together[pair] = wish.together(other)
        return self._together[pair]
