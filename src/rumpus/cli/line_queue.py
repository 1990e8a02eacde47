"""Lines on their way to a stream that may not be read: a bounded queue, and a thread that writes.

Whoever adds a line never waits. While the queue is full, lines are dropped and counted; when half of it is written,
lines are taken again, behind one that says how many are missing. (At the first free place would be too early: a slow
reader would get one such line for each that it reads.)
"""

from __future__ import annotations

import io
import select
import threading
from collections import deque
from collections.abc import Callable
from typing import TextIO


class LineQueue:
    """The lines of one stream. size: how many may wait. missing: the line that says how many were dropped.

    A line is a text, or a function that returns one, which the thread calls.
    """

    def __init__(self, stream: TextIO, size: int, missing: Callable[[int], str]) -> None:
        self._stream = stream
        self._size = size
        self._missing = missing
        self._raw = _raw(stream)
        #: Lines that nobody will read.
        self.dropped = 0
        # What waits; a number stands where so many lines are missing.
        self._waiting: deque[str | Callable[[], str] | int] = deque()
        #: Of the lines that were dropped, those that no line in the queue tells of yet.
        self._untold = 0
        self._ending = False
        # Its lock is one that a thread may take twice: a destructor that logs may run within `add`.
        self._changed = threading.Condition()
        # A thread that is stuck in a write must not keep the process.
        self._thread = threading.Thread(target=self._run, name="rumpus log", daemon=True)
        self._thread.start()

    def add(self, line: str | Callable[[], str]) -> None:
        """Have a line written, or drop it if too many wait."""
        with self._changed:
            if self._untold or len(self._waiting) >= self._size:
                self._untold += 1
                self.dropped += 1
            else:
                self._waiting.append(line)
                self._changed.notify()

    def close(self, timeout: float) -> bool:
        """Write what waits, for so many seconds at most, and no more after that. Returns whether all was written."""
        with self._changed:
            self._ending = True
            self._changed.notify()
        self._thread.join(timeout)
        return not self._thread.is_alive()

    # In the thread.

    def _run(self) -> None:
        unsaid = 0
        while (line := self._take()) is not None:
            if isinstance(line, int):
                unsaid += line
            elif not self._write(line if isinstance(line, str) else line()):
                # The reader is gone, or the disk is full.
                unsaid += 1
                with self._changed:
                    self.dropped += 1
                continue
            if unsaid and self._write(self._missing(unsaid)):
                unsaid = 0

    def _take(self) -> str | Callable[[], str] | int | None:
        """The next line, when there is one; None at the end."""
        with self._changed:
            while not self._waiting:
                if self._ending:
                    return None
                self._changed.wait()
            line = self._waiting.popleft()
            if self._untold and len(self._waiting) <= self._size // 2:
                self._waiting.append(self._untold)
                self._untold = 0
            return line

    def _write(self, line: str) -> bool:
        """Write a line, for as long as it takes. Returns whether it could be written."""
        try:
            if self._raw is None:
                self._stream.write(line + "\n")
                self._stream.flush()
            else:
                _write_all(self._raw, (line + "\n").encode(self._stream.encoding, "backslashreplace"))
        except (OSError, ValueError):  # ValueError: it is closed
            return False
        return True


class QueuedStream(io.TextIOBase):
    """Stands in for a standard stream: what is printed becomes lines of a queue."""

    def __init__(self, stream: TextIO, lines: LineQueue) -> None:
        self.replaced = stream
        self._lines = lines
        self._begun = threading.local()

    @property
    def encoding(self) -> str:  # type: ignore[override]  # the base class has it as a variable
        return self.replaced.encoding

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return self.replaced.isatty()

    def fileno(self) -> int:
        return self.replaced.fileno()

    def write(self, text: str) -> int:
        *whole, begun = (getattr(self._begun, "text", "") + text).split("\n")
        self._begun.text = begun
        for line in whole:
            self._lines.add(line)
        return len(text)

    def flush(self) -> None:
        """Nothing is held back but a line that is not finished."""


def _raw(stream: TextIO) -> io.RawIOBase | None:
    """What a stream writes to, past its buffer, where it has one.

    A thread that is stuck in a write to the buffer would hold a lock that the interpreter wants when it ends.
    """
    buffer = getattr(stream, "buffer", None)
    raw = getattr(buffer, "raw", buffer)
    return raw if isinstance(raw, io.RawIOBase) else None


def _write_all(raw: io.RawIOBase, data: bytes) -> None:
    while data:
        written = raw.write(data)
        if written is None:
            # Somebody has made it one that does not block, for all who share it.
            select.select([], [raw], [], 1.0)
        else:
            data = data[written:]
