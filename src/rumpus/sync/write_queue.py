"""Writes that wait until every room that is due has had its tick.

A system call drives the interpreter and a game's tables out of the processor's caches, and wakes up whoever it is for.
So all rooms that are due at one time are played first, and then everything is sent in one go.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol


class FrameWriter(Protocol):
    """Writes whole frames past the connections, to many sockets in one go.

    sockets: descriptors, or below 0 where nothing is to be written. Frame i is `buffer[starts[i]:ends[i]]`. results:
    how many of its bytes the socket took, -1 on an error, or `PASSED_OVER`. Returns how many frames need care.
    """

    def __call__(self, sockets: Any, buffer: Any, starts: Any, ends: Any, results: Any) -> int: ...


#: A client whose socket was not written to.
PASSED_OVER = -2


class WriteQueue:
    """What is to be written, in order. `flush` writes it; until then nothing else may be sent to the same clients.

    find_writer: how frames are written; None where, or as long as, they go through the connections.
    """

    def __init__(self, find_writer: Callable[[], FrameWriter | None] = lambda: None) -> None:
        self.find_writer = find_writer
        self._waiting: list[Callable[[], object]] = []

    def add(self, write: Callable[[], object]) -> None:
        self._waiting.append(write)

    def flush(self) -> None:
        if self._waiting:
            waiting, self._waiting = self._waiting, []
            for write in waiting:
                write()
