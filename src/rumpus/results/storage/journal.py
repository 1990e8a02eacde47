"""Matches that have ended and are not in the database yet, in a local file: one JSON line each, written, then synced.

It is written before the database is, and emptied once the database has everything. So whatever happens in between, to
this process or to the database, what is in the file is written later; and because a match's id is unique there, what
was written already does no harm. A last line that was torn by a crash belongs to a write that never returned.

What is written is safe from the end of this process at once, and from the machine's once it is synced. Writing takes
microseconds, syncing milliseconds or more: the first may be waited for, the second not, and no lock is held during it.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Sequence
from io import FileIO
from pathlib import Path
from typing import NamedTuple

import msgspec

from ...errors import ConfigurationError
from ..record import MatchRecord
from .private_files import MODE, open_private, warn_if_shared

try:
    import fcntl
except ImportError:  # Windows, where two servers must be given a journal each
    fcntl = None  # type: ignore[assignment]  # as the module says: there is none

logger = logging.getLogger(__name__)

#: Servers on one machine that may keep their results in the same database.
_MOST_JOURNALS = 100
#: Bytes read at once: most lines are shorter.
_CHUNK = 1 << 14


class Waiting(NamedTuple):
    """A record in the journal, its line, and the position after it."""

    record: MatchRecord
    line: bytes
    end: int


class Journal:
    """An open journal, locked against other processes. Thread-safe: one writes, one syncs, one reads and empties.

    Every method that writes raises OSError when it cannot; the file is then as it was before.
    """

    def __init__(self, path: Path, file: FileIO) -> None:
        self.path = path
        self._file = file
        self._lock = threading.Lock()
        self._size = self._whole_lines()
        if self._size < os.fstat(file.fileno()).st_size:
            logger.warning("the last line of %s was torn by a crash and is left out", path)
            file.truncate(self._size)

    @classmethod
    def open(cls, path: Path) -> Journal:
        """The journal at a path, or the next one beside it if another server has that. Raises ConfigurationError."""
        for number in range(_MOST_JOURNALS):
            journal = cls._try(_numbered(path, number), create=True)
            if journal is not None:
                warn_if_shared(journal.path)
                return journal
        raise ConfigurationError(f"--journal {path} and the {_MOST_JOURNALS - 1} beside it are in use by others.")

    def orphans(self, path: Path) -> list[Journal]:
        """Journals at the path and beside it that other servers left with something in them, now ours."""
        found = []
        for number in range(_MOST_JOURNALS):
            other = _numbered(path, number)
            # A lock belongs to an open file: asking for our own again would be refused, or worse, granted and lost.
            if other != self.path and other.exists():
                try:
                    journal = self._try(other, create=False)
                except ConfigurationError as error:
                    logger.warning("a journal that another server left is not read: %s", error)
                    continue
                if journal is not None and journal.empty:
                    journal.close()
                elif journal is not None:
                    found.append(journal)
        return found

    @classmethod
    def _try(cls, path: Path, *, create: bool) -> Journal | None:
        flags = os.O_RDWR | os.O_APPEND | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
        try:
            file = FileIO(os.open(path, flags | (os.O_CREAT if create else 0), MODE), "r+")
        except OSError as error:
            raise ConfigurationError(
                f"--journal {path} cannot be written: {error.strerror}; name another file, or use --database none."
            ) from None
        if fcntl is not None:
            try:
                fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                file.close()
                return None
        return cls(path, file)

    @property
    def empty(self) -> bool:
        return self._size == 0

    @property
    def size(self) -> int:
        """Bytes in it."""
        return self._size

    def write(self, lines: Sequence[bytes]) -> int:
        """Add lines, each a record (`line_of`). Returns the position behind them. The system has them then, and after
        `sync` the disk does.
        """
        data = b"".join(lines)
        with self._lock:
            self._drop_remains()
            try:
                rest = memoryview(data)
                while rest:
                    rest = rest[self._file.write(rest) :]
            except OSError:
                # A full disk may have taken a part.
                self._drop_remains()
                raise
            self._size += len(data)
            return self._size

    def sync(self) -> None:
        """Return when what has been written is on the disk."""
        os.fsync(self._file.fileno())

    def read(self, start: int, most: int) -> tuple[list[Waiting], int]:
        """Up to `most` records from a position on, in the order they came, and the position behind all that was read.

        A line that is no record is set aside.
        """
        found: list[Waiting] = []
        size = self._size
        while start < size and len(found) < most:
            line = self._line_at(start, size)
            start += len(line)
            try:
                found.append(Waiting(msgspec.json.decode(line, type=MatchRecord), line, start))
            except (ValueError, RecursionError) as error:
                # Text that is no UTF-8 and nesting without end are no DecodeErrors; neither may stop those behind it.
                logger.error("a line of %s is no result and is set aside: %s", self.path, error)
                self.set_aside(line)
        return found, start

    def empty_if_at(self, position: int) -> bool:
        """Forget everything, if nothing has been added behind this position. Whether it is empty now."""
        with self._lock:
            if position < self._size:
                return False
            self._file.truncate(0)
            self._size = 0
        # Were this lost, the same would be written again, and be there already.
        self.sync()
        return True

    def set_aside(self, line: bytes) -> None:
        """Keep what can never be written where an operator finds it."""
        path = self.path.with_name(self.path.name + ".refused")
        try:
            with open_private(path) as file:
                file.write(line.rstrip(b"\n") + b"\n")
        except OSError:
            logger.exception("%s cannot be written; the result was: %r", path, line[:4000])

    def line_at(self, position: int) -> bytes:
        """The line at a position; empty where there is none."""
        with self._lock:
            return self._line_at(position, self._size) if position < self._size else b""

    def close(self) -> None:
        self._file.close()

    def _drop_remains(self) -> None:
        """Cut off what an append left that failed. Making a file shorter needs no space."""
        if os.fstat(self._file.fileno()).st_size > self._size:
            self._file.truncate(self._size)

    def _line_at(self, start: int, size: int) -> bytes:
        line = bytearray()
        while b"\n" not in line and start + len(line) < size:
            line += _read_at(self._file.fileno(), min(_CHUNK, size - start - len(line)), start + len(line))
        return bytes(line[: line.index(b"\n") + 1])

    def _whole_lines(self) -> int:
        """Where the last whole line ends."""
        end = os.fstat(self._file.fileno()).st_size
        while end > 0:
            start = max(0, end - _CHUNK)
            newline = _read_at(self._file.fileno(), end - start, start).rfind(b"\n")
            if newline >= 0:
                return start + newline + 1
            end = start
        return 0


def line_of(record: MatchRecord) -> bytes:
    """A record as a journal has it. Raises what msgspec does of data that is none."""
    return msgspec.json.encode(record) + b"\n"


def _numbered(path: Path, number: int) -> Path:
    return path if number == 0 else path.with_name(f"{path.name}.{number}")


def _read_at(descriptor: int, size: int, position: int) -> bytes:
    if hasattr(os, "pread"):
        return os.pread(descriptor, size, position)
    os.lseek(descriptor, position, os.SEEK_SET)
    return os.read(descriptor, size)
