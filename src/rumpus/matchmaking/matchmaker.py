"""Quick play: the best open room for everybody who asks, and a queue for those whom only skill keeps from playing.

A ticket is placed at once where a room fits; a room is opened at once where none could. In between, where rooms or
others who wait would do but for their skill, a ticket waits, and the difference of skill that it puts up with grows
without end. So nobody waits for ever, and nobody waits while a fitting seat is free. Sans-I/O: it is told the time and
what has changed, and says by callbacks who goes where.

What one call of `advance` does is bounded, whatever the number of rooms and tickets: a server with many of both places
people a moment later, and never ticks late for it.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from typing import Any, Generic

from ..errors import JoinError
from .room_index import RoomIndex
from .ticket import RoomT, Ticket, Window
from .ticket_queue import TicketQueue
from .work import TURN, Work


class Matchmaker(Generic[RoomT]):
    """The open rooms and who waits.

    kind_of: a key that is the same for rooms of equal settings.
    seat: puts a ticket's people into a room. It may fail with a RumpusError; the ticket is gone then all the same.
    open_room: a new room for this ticket, with these settings and this language, empty and public. Raises JoinError if
        there may be none.
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
        open_room: Callable[[Ticket[RoomT], Any, str | None], RoomT],
        refuse: Callable[[Ticket[RoomT], JoinError], None],
    ) -> None:
        self.window = window
        self._seats = seats
        self._seat = seat
        self._open_room = open_room
        self._refuse = refuse
        self._work = Work()
        self._rooms: RoomIndex[RoomT] = RoomIndex(kind_of, self._work)
        self._queue: TicketQueue[RoomT] = TicketQueue(window, seats, self._work)
        #: Whose turn is still to come, and whether anything has changed since they were lined up.
        self._turn: deque[Ticket[RoomT]] = deque()
        self._stirred = False

    def __len__(self) -> int:
        return len(self._queue)

    @property
    def waiting(self) -> list[Ticket[RoomT]]:
        """Who waits, first come first."""
        return list(self._queue)

    def changed(self, room: RoomT) -> None:
        """A room was opened, or something about it is not as it was."""
        # Whatever happened: who waited for this room may now have to look elsewhere.
        self._stirred = True
        self._rooms.changed(room)

    def closed(self, room: RoomT) -> None:
        """A room is gone."""
        self._stirred = True
        self._rooms.closed(room)

    def best_room(self, ticket: Ticket[RoomT], window: float) -> RoomT | None:
        """The room that suits best: by language, then the fullest, then the nearest in skill, then the oldest."""
        return self._rooms.best(ticket, window)

    def enter(self, ticket: Ticket[RoomT], now: float, since: float) -> bool:
        """Somebody looks for a room, and has done so for a while. True: they have one; False: they wait.

        Raises JoinError (`server_full`, `room_full`) if they can have none, and what `open_room` and `seat` raise.
        """
        if ticket.size > self._seats:
            raise JoinError("room_full", f"Rooms have {self._seats} seats, too few for {ticket.size} people.")
        ticket.entered = since
        if self._settle(ticket, now):
            return True
        self._queue.add(ticket)
        return False

    def withdraw(self, ticket: Ticket[RoomT]) -> None:
        """Somebody waits no more. Does nothing for who did not."""
        if ticket in self._queue:
            self._queue.remove(ticket)
            self._stirred = True

    def advance(self, now: float) -> None:
        """Place whoever can be placed by now. Where that is too much work for one call, the next goes on with it."""
        work = self._work
        work.begin()
        if not self._turn:
            self._begin_turns()
        while self._turn and not work.enough:
            work.done += TURN
            ticket = self._turn.popleft()
            if ticket in self._queue:
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
        self._turn.extend(self._queue)

    def _settle(self, ticket: Ticket[RoomT], now: float) -> bool:
        """Place a ticket if that can be done now, in a room of its own if there is nothing to wait for."""
        window = self.window.after(now - ticket.entered)
        room = self._rooms.best(ticket, window)
        if room is not None:
            self.withdraw(ticket)
            self._seat(ticket, room)
            return True
        partner, settings, hope = self._queue.partner(ticket, window, now)
        if partner is not None:
            try:
                room = self._open_room(ticket, settings, ticket.language or partner.language)
            except JoinError:
                # No more rooms: they wait for those that there are.
                if not self._rooms.has_near(ticket):
                    raise
                hope = True
            else:
                for one in sorted((ticket, partner), key=lambda one: one.entered):
                    self.withdraw(one)
                    self._seat(one, room)
                return True
        if hope or (window < math.inf and self._rooms.has_near(ticket)):
            return False
        room = self._open_room(ticket, ticket.wish.settings, ticket.language)
        self.withdraw(ticket)
        self._seat(ticket, room)
        return True
