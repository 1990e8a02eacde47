"""What is to be looked at again at a certain time: a heap, so that waiting costs nothing until that time comes.

Scanning everything that waits, many times a second, is cheap for ten and a weapon for whoever can make it ten thousand.
Sans-I/O: it is told the time.
"""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heappop, heappush
from typing import Generic, TypeVar

T = TypeVar("T")


class Deadline(Generic[T]):
    """One thing that is due once; `cancel` takes that back."""

    __slots__ = ("_key", "what")

    def __init__(self, at: float, number: int, what: T) -> None:
        self._key = (at, number)
        self.what: T | None = what

    def __lt__(self, other: Deadline[T]) -> bool:
        return self._key < other._key

    @property
    def at(self) -> float:
        """When it is due, by the clock of `Deadlines`, which stands still with the server (s)."""
        return self._key[0]

    def cancel(self) -> None:
        """It is due no more."""
        self.what = None


class Deadlines(Generic[T]):
    """The earliest first; those of one moment in the order in which they were set."""

    def __init__(self) -> None:
        self._heap: list[Deadline[T]] = []
        self._set = 0
        #: Seconds in which nobody was served: all are due as much later.
        self._stood_still = 0.0

    def __len__(self) -> int:
        """How many are kept, those that were cancelled and whose time has not come included."""
        return len(self._heap)

    def set(self, at: float, what: T) -> Deadline[T]:
        """Have this be due at a time (s)."""
        self._set += 1
        deadline = Deadline(at - self._stood_still, self._set, what)
        heappush(self._heap, deadline)
        return deadline

    def due(self, now: float) -> Iterator[T]:
        """What is due at this time (s), each once. What is set meanwhile for a time that has come is due too."""
        while self._heap and self._heap[0].at + self._stood_still <= now:
            what = heappop(self._heap).what
            if what is not None:
                yield what

    def stood_still(self, seconds: float) -> None:
        """Nobody was served for so long: everything is due as much later."""
        self._stood_still += seconds
