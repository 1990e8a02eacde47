"""Writes that wait until every room that is due has had its tick.

A system call drives the interpreter and a game's tables out of the processor's caches, and wakes up whoever it is for.
So all rooms that are due at one time are played first, and then everything is sent in one go.
"""

from __future__ import annotations

from collections.abc import Callable


class WriteQueue:
    """What is to be written, in order. `flush` writes it; until then nothing else may be sent to the same clients."""

    def __init__(self) -> None:
        self._waiting: list[Callable[[], object]] = []

    def add(self, write: Callable[[], object]) -> None:
        self._waiting.append(write)

    def flush(self) -> None:
        if self._waiting:
            waiting, self._waiting = self._waiting, []
            for write in waiting:
                write()
