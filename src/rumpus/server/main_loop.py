"""The main loop: rooms that are due are played, everything is sent, and sessions, seats and the load are looked after.

`tick` is synchronous: it looks at the clock, does what is due and says when it wants to be called again. `start` drives
it from the event loop; tests drive it from a virtual clock.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from ..clock import Clock
from ..connection import Connection
from ..room.game_room import GameRoom
from ..sync.write_queue import WriteQueue
from . import load_shedding
from .load_shedding import LoadShedding, Totals
from .rooms import Rooms
from .seat_registry import SeatRegistry
from .seating import Seating
from .session import Session
from .tick_scheduler import TickScheduler

if TYPE_CHECKING:
    from ..net.batch.reader import BatchReader

logger = logging.getLogger(__name__)

#: Parts in which sessions are looked after, each once a second; the load is measured as often.
_SWEEPS = load_shedding.RATE
#: Seconds without a turn from which on the server has stood still.
_STALL = 1.0
#: Seconds by which a tick may be overdue before it goes first, in a turn of the event loop with many newcomers.
_OVERDUE = 0.0002


class MainLoop:
    """What a server does again and again.

    advance: called several times a second with the time, for what else has to be looked after. late: seconds by which a
    tick is late, for the load.
    """

    def __init__(
        self,
        rooms: Rooms,
        seats: SeatRegistry,
        seating: Seating,
        load: LoadShedding,
        write_queue: WriteQueue,
        clock: Clock,
        late: float,
        advance: Callable[[float], None],
    ) -> None:
        self._rooms = rooms
        self._seats = seats
        self._seating = seating
        self._load = load
        self._write_queue = write_queue
        self._clock = clock
        self._late = late
        self._advance = advance
        now = clock.now()
        self.schedule: TickScheduler[GameRoom] = TickScheduler(now)
        #: Told how many connections a second may be accepted at this moment.
        self.on_accept_rate: Callable[[float], None] = lambda rate: None
        #: Told how long nobody was served (s).
        self.on_stood_still: Callable[[float], None] = lambda seconds: None
        self.lane: BatchReader | None = None
        #: Processor time spent in `tick` (s), and whether it runs.
        self._ticking, self._in_tick = 0.0, False
        # Sessions are looked after once a second, a sixteenth of them at a time: all at once would be a visible pause.
        self._sweeps: list[dict[Connection, Session]] = [{} for _ in range(_SWEEPS)]
        self._sweep = 0
        self._next_sweep = now + 1 / _SWEEPS
        self._timer: asyncio.Handle | None = None

    @property
    def running(self) -> bool:
        """Whether the event loop drives it."""
        return self._timer is not None

    # Whom it looks after.

    def add_session(self, session: Session) -> None:
        min(self._sweeps, key=len)[session.connection] = session

    def remove_session(self, session: Session) -> None:
        for sweep in self._sweeps:
            sweep.pop(session.connection, None)

    def add_room(self, room: GameRoom) -> None:
        room.send_every(self._load.every, len(self._rooms.by_code))
        self.schedule.add(room, self._clock.now())
        self.wake()

    def remove_room(self, room: GameRoom) -> None:
        """A room is closed."""
        self.schedule.remove(room)

    # What it does.

    def tick(self) -> float:
        """Tick every room that is due. Returns the seconds until the next is."""
        rooms, clock, schedule = self._rooms, self._clock, self.schedule
        by_code = rooms.by_code
        used, ticking = clock.used(), self._ticking
        if self.lane is not None:
            # Inputs are used at ticks only. What else comes may take long, and then lets what is due go first.
            self.lane.drain()
        self._in_tick = True
        now = clock.now()
        if now - self._next_sweep > _STALL:
            self._stood_still(now - self._next_sweep)
        for room, ticks, given_up in schedule.due(now):
            if given_up:
                room.give_up(given_up)
            for _ in range(ticks):
                if room.room_id not in by_code:
                    break
                began = clock.now()
                try:  # `Rooms.guard` would take a tenth of the tick of a small room
                    room.tick()
                except BaseException as error:
                    rooms.end_failed(room, error)
                took = clock.now() - began
                room.used += took
                schedule.duration.observe(took)
            if room.room_id in by_code and room.disposable():
                rooms.dispose(room)
        self._write_queue.flush()
        if now >= self._next_sweep:
            self._look_at_load(now)
        while now >= self._next_sweep:
            # After a long stop (a laptop asleep) nobody must be held silent for the time that nobody ran, so each is
            # looked at once.
            self._next_sweep = max(self._next_sweep + 1 / _SWEEPS, now - 1 + 2.5 / _SWEEPS)
            self._sweep = (self._sweep + 1) % _SWEEPS
            for session in list(self._sweeps[self._sweep].values()):
                session.second_passed()
            self._seating.give_up_expired(now)
            self._advance(now)
        deadline = schedule.next_deadline()
        wake = self._next_sweep if deadline is None else min(deadline, self._next_sweep)
        # Not the time that passed: what others did with the processor is not this server's load.
        self._ticking = ticking + clock.used() - used
        self._in_tick = False
        return max(0.0, wake - clock.now())

    def _stood_still(self, seconds: float) -> None:
        """Nobody was served for so long, and so nobody could come back meanwhile: what is kept for them is kept on."""
        logger.warning("the server stood still for %.1f s", seconds)
        self._seats.stood_still(seconds)
        self.on_stood_still(seconds)

    def let_ticks_go_first(self) -> None:
        """Called before what takes time: many may want something in one turn of the event loop, and no tick is to wait
        for more than one of them.
        """
        if self._timer is None or self._in_tick:
            return
        deadline = self.schedule.next_deadline()
        if deadline is not None and self._clock.now() - deadline > _OVERDUE:
            self.tick()

    def _look_at_load(self, now: float) -> None:
        schedule, load = self.schedule, self._load
        late = schedule.lateness.over(self._late)
        level = load.level
        changed = load.measure(Totals(now, self._clock.used(), self._ticking, schedule.ticks, late, len(self._seats)))
        self.on_accept_rate(load.connections_per_second)
        if changed:
            logger.log(logging.WARNING if load.level > level else logging.INFO, "%s", str(load))
            for number, room in enumerate(self._rooms.by_code.values()):
                # Rooms that tick together were opened one after the other.
                room.send_every(load.every, number)

    # On the event loop.

    def start(self) -> None:
        """Have the event loop that runs drive it."""
        self._run()

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def wake(self) -> None:
        """Look at the deadlines again: there is a new one, which may come before the time we sleep until."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = asyncio.get_running_loop().call_soon(self._run)

    def _run(self) -> None:
        delay, began = 0.001, self._clock.now()
        try:
            delay = self.tick()
            if self.lane is not None and self.lane.interval is not None:
                # From one look at the sockets to the next. After a long tick that is at once: were it slept over, what
                # has piled up would have to be read when the next tick is due.
                delay = min(delay, max(0.0, began + self.lane.interval - self._clock.now()))
        finally:
            self._in_tick = False
            # Whatever went wrong, which the event loop logs, the other rooms go on. Timers count in milliseconds: a
            # shorter delay would spin until the deadline.
            loop = asyncio.get_running_loop()
            if delay > 0:
                self._timer = loop.call_later(max(0.001, delay), self._run)
            else:
                self._timer = loop.call_soon(self._run)
