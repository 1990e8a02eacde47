"""The rooms that people may be placed in, so ordered that the best for somebody is found without looking at all.

Rooms of equal settings stand together in the order of their skill: a wish is compared once for all of them, and those
within a ticket's window are neighbours.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from typing import Any, Generic

from .ticket import RoomT, Ticket
from .work import GROUP, Work


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


class RoomIndex(Generic[RoomT]):
    """The open rooms. kind_of: a key that is the same for rooms of equal settings."""

    def __init__(self, kind_of: Callable[[Any], bytes], work: Work) -> None:
        self._kind_of = kind_of
        self._work = work
        self._entries: dict[RoomT, _Entry[RoomT]] = {}
        self._groups: dict[bytes, _Group[RoomT]] = {}
        self._next_number = 0
        #: The numbers of rooms, which are their order of age, also of those that are not open now.
        self._numbers: dict[RoomT, int] = {}

    def changed(self, room: RoomT) -> None:
        """A room was opened, or something about it is not as it was."""
        self._remove(room)
        number = self._numbers.get(room)
        if number is None:
            number = self._numbers[room] = self._next_number
            self._next_number += 1
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

    def _remove(self, room: RoomT) -> None:
        entry = self._entries.pop(room, None)
        if entry is not None:
            group = entry.group
            group.remove(entry)
            if not group.by_skill and not group.empty:
                del self._groups[group.kind]

    def best(self, ticket: Ticket[RoomT], window: float) -> RoomT | None:
        """The room that suits best: by language, then the fullest, then the nearest in skill, then the oldest."""
        best: tuple[int, int, float, int] | None = None
        found: RoomT | None = None
        size, skill, language = ticket.size, ticket.skill, ticket.language
        for group in self._groups.values():
            self._work.done += GROUP
            if not ticket.wish.accepts_kind(group.kind, group.settings):
                continue
            entries = group.within(skill, window)
            self._work.done += len(entries)
            for entry in entries:
                if entry.free < size:
                    continue
                stranger = 1 if language is None or entry.language is None else 2 * (entry.language != language)
                far = 0.0 if entry.skill is None else abs(entry.skill - skill)
                rank = (stranger, -entry.people, far, entry.number)
                if (best is None or rank < best) and ticket.admits(entry.room):
                    best, found = rank, entry.room
        return found

    def has_near(self, ticket: Ticket[RoomT]) -> bool:
        """Whether there is a room that would do, were it not for skill."""
        work = self._work
        for group in self._groups.values():
            work.done += GROUP
            if ticket.wish.accepts_kind(group.kind, group.settings):
                for entry in group.by_skill:
                    work.done += 1
                    if entry.free >= ticket.size and ticket.admits(entry.room):
                        return True
        return False
