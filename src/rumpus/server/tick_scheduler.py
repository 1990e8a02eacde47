"""Which room ticks when. Sans-I/O: it is told the time and says what is due.

Deadlines are absolute (start + n * interval), so lateness never adds up. Rooms of a phase share one wake-up, which
costs as much as the tick of a small room: a phase is filled before the next one is opened. Phases are opened as far
from each other as can be, so that neither a few rooms nor a thousand all fire at once. A room that is late catches up a
bounded number of ticks; what is beyond that is dropped and counted, because a server that insists on every tick when
overloaded only falls further behind.
"""

from __future__ import annotations

import heapq
import math
from typing import Generic, Protocol, TypeVar

from ..telemetry.histogram import Histogram

#: Phases within one interval; at 30 Hz one wake-up every 2 ms.
PHASES = 16
#: Rooms that a phase gets before another one is opened, and how long their ticks may take together (s): the last of
#: them waits for all before it. When all are open, the least used is next.
ROOMS_PER_PHASE, WORK_PER_PHASE = 10, 0.001
#: The order in which phases are opened: each as far as possible from those before it (their bits in reverse).
_OPENING = tuple(int(f"{number:04b}"[::-1], 2) for number in range(PHASES))
#: Ticks a late room may do at once.
MAX_CATCH_UP = 3
#: Seconds before its deadline at which a tick counts as due: timers are no finer than a millisecond.
EARLY = 0.0005


class Ticking(Protocol):
    """Something that ticks at a fixed rate."""

    @property
    def tick_interval(self) -> float:
        """Seconds between ticks."""

    @property
    def stride(self) -> int:
        """How many intervals pass between calls; more than 1 while there is little to do."""

    #: When the next tick is due, on the clock that the schedule is told. Set by it.
    deadline: float


T = TypeVar("T", bound=Ticking)


class _Entry(Generic[T]):
    """One thing's place on the time line."""

    __slots__ = ("alive", "deadline", "phase", "ticking")

    def __init__(self, ticking: T, deadline: float, phase: int) -> None:
        self.ticking = ticking
        self.deadline = deadline
        self.phase = phase
        self.alive = True

    def __lt__(self, other: _Entry[T]) -> bool:
        return self.deadline < other.deadline


class TickScheduler(Generic[T]):
    """The deadlines of everything that ticks."""

    def __init__(self, now: float) -> None:
        self._epoch = now
        self._heap: list[_Entry[T]] = []
        self._entries: dict[T, _Entry[T]] = {}
        self._phase_use = [0] * PHASES
        self.lateness = Histogram()
        self.duration = Histogram()
        self.ticks = 0
        self.dropped_ticks = 0
        #: Seconds of game time that were skipped because the server could not keep up.
        self.dropped_time = 0.0
        #: The longest that a tick was late, of those that led to others being given up (s).
        self.longest_stall = 0.0

    def add(self, ticking: T, now: float) -> None:
        """Begin to tick: at the first point of its phase from `now` on."""
        phase = self._choose_phase()
        self._phase_use[phase] += 1
        start = self._epoch + ticking.tick_interval * phase / PHASES
        passed = max(0, math.floor((now - start) / ticking.tick_interval) + 1)
        entry = _Entry(ticking, start + passed * ticking.tick_interval, phase)
        self._entries[ticking] = entry
        ticking.deadline = entry.deadline
        heapq.heappush(self._heap, entry)

    def _choose_phase(self) -> int:
        """The first in the order of opening that has room, else the least used."""
        use, ticks = self._phase_use, sum(self.duration.counts)
        usual = self.duration.total / ticks if ticks else 0.0
        most = min(ROOMS_PER_PHASE, max(1, int(WORK_PER_PHASE / usual))) if usual else ROOMS_PER_PHASE
        for phase in _OPENING:
            if use[phase] < most:
                return phase
        return min(_OPENING, key=use.__getitem__)

    def remove(self, ticking: T) -> None:
        """Stop ticking. Does nothing for what does not tick."""
        entry = self._entries.pop(ticking, None)
        if entry is not None:
            # Its place in the heap is dropped when it comes up.
            entry.alive = False
            self._phase_use[entry.phase] -= 1

    def next_deadline(self) -> float | None:
        """When the next tick is due, or None if nothing ticks."""
        while self._heap and not self._heap[0].alive:
            heapq.heappop(self._heap)
        return self._heap[0].deadline if self._heap else None

    def due(self, now: float) -> list[tuple[T, int, int]]:
        """What is due at `now`, in the order of deadlines, with the ticks that each has to do and those it gives up."""
        due: list[tuple[T, int, int]] = []
        heap = self._heap
        while heap and heap[0].deadline <= now + EARLY:
            entry = heap[0]
            if not entry.alive:
                heapq.heappop(heap)
                continue
            step = entry.ticking.tick_interval * entry.ticking.stride
            late = max(0.0, now - entry.deadline)
            owed = 1 + int((late + EARLY) / step)
            ticks = min(owed, MAX_CATCH_UP)
            self.lateness.observe(late)
            self.ticks += ticks
            if owed > ticks:
                self.dropped_ticks += owed - ticks
                self.dropped_time += (owed - ticks) * step
                self.longest_stall = max(self.longest_stall, late)
            entry.ticking.deadline = entry.deadline = entry.deadline + owed * step
            heapq.heapreplace(heap, entry)
            due.append((entry.ticking, ticks, owed - ticks))
        return due
