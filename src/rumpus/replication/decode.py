"""Snapshots back to a world: what a client of a game with tables holds.

Written in plain Python from `docs/protocol.md`, without a look at the encoder's data, so that each proves the other. It
is what `rumpus.client` runs on, and the model for clients in other languages.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec

from ..errors import RumpusError
from .layout import JUMP

#: The first byte of every snapshot; MessagePack never uses it.
MARK = 0xC1
KEYFRAME = 1
_MARGIN = 2
#: No table has more slots.
MAX_SLOTS = 1_000_000

_REMOVED, _FULL, _CHANGED, _EVENTS = range(4)


class SnapshotError(RumpusError):
    """A snapshot that cannot be read. The state it was meant for is of no use from then on: join again."""

    code = "bad_snapshot"


class Snapshot(NamedTuple):
    """What came with a snapshot besides the rows.

    `ack` is -1 before the first input, `margin` its margin in seconds, if it is told; events are (tick, name, data).
    """

    tick: int
    ack: int
    keyframe: bool
    events: list[tuple[int | float, str, Any]]
    margin: float | None = None


class _Row:
    """A row as the wire has it: n of each column (text for a text column), and the step of each moving column."""

    __slots__ = ("id", "n", "steps")

    def __init__(self, id: str, n: list[Any], steps: list[int]) -> None:
        self.id = id
        self.n = n
        self.steps = steps


class _Column:
    def __init__(self, schema: dict[str, Any], moves: int) -> None:
        self.name: str = schema["name"]
        self.type: str = schema["type"]
        self.bytes: int = schema.get("bytes", 1)
        self.modulus = 2 ** schema["bits"] if self.type == "angle" else 0
        self.low = schema.get("min", 0)
        self.step = 2 * math.pi / self.modulus if self.modulus else schema.get("step", 1)
        self.of: list[str] = schema.get("of", [])
        #: Its place among the table's steps, or -1.
        self.moves = moves

    def value(self, n: Any) -> Any:
        if self.type == "choice":
            return self.of[n] if 0 <= n < len(self.of) else ""
        if self.type == "flag":
            return n != 0
        if self.type == "text":
            return n
        return self.low + n * self.step

    def shorter(self, difference: int) -> int:
        if self.modulus:
            half = self.modulus // 2
            return (difference + half) % self.modulus - half
        return difference


class _Table:
    def __init__(self, schema: dict[str, Any]) -> None:
        self.name: str = schema["name"]
        self.key: str | None = schema["key"]
        self.single: bool = schema["single"]
        self.columns: list[_Column] = []
        self.moving: list[_Column] = []
        self.rows: dict[int, _Row] = {}
        for column in schema["columns"]:
            moves = len(self.moving) if column.get("moves") else -1
            self.columns.append(_Column(column, moves))
            if moves >= 0:
                self.moving.append(self.columns[-1])
        self._moving_at = [(index, c.moves, c.modulus) for index, c in enumerate(self.columns) if c.moves >= 0]

    def move(self) -> None:
        """Every row goes on by its steps."""
        for row in self.rows.values():
            for index, moves, modulus in self._moving_at:
                n = row.n[index] + row.steps[moves]
                row.n[index] = n % modulus if modulus else n

    def plain(self) -> dict[str, Any]:
        names = [column.name for column in self.columns]
        entries = {
            row.id: dict(zip(names, [c.value(n) for c, n in zip(self.columns, row.n, strict=True)], strict=True))
            for row in self.rows.values()
        }
        return next(iter(entries.values()), {}) if self.single else entries


class Decoder:
    """The tables of one room, as far as this client knows them. `schema` is `joined.schema.tables`."""

    def __init__(self, schema: Sequence[dict[str, Any]]) -> None:
        self._tables = [_Table(table) for table in schema]
        #: False until the first keyframe, and after an error.
        self.ready = False

    def clear(self) -> None:
        for table in self._tables:
            table.rows.clear()
        self.ready = False

    def plain(self) -> dict[str, Any]:
        """The world as `World.plain` shows it at the server, for the rows that this client knows."""
        state: dict[str, Any] = {}
        for table in self._tables:
            if table.single:
                state.update(table.plain())
            else:
                state[table.name] = table.plain()
        return state

    def apply(self, data: bytes) -> Snapshot:
        """Take a snapshot. Raises SnapshotError, and then knows nothing until the next keyframe."""
        try:
            return self._apply(_Reader(data))
        except SnapshotError:
            self.clear()
            raise

    def _apply(self, reader: _Reader) -> Snapshot:
        if reader.byte() != MARK:
            raise SnapshotError("This is no snapshot: it does not begin with 0xC1.")
        flags = reader.byte()
        keyframe = flags & KEYFRAME != 0
        tick, ack = reader.varint(), reader.varint() - 1
        margin = reader.zigzag() / 1000 if flags & _MARGIN else None
        if keyframe:
            self.clear()
            self.ready = True
        elif not self.ready:
            raise SnapshotError("The first snapshot must be a keyframe.")
        else:
            for table in self._tables:
                table.move()
        events: list[tuple[int | float, str, Any]] = []
        while not reader.done:
            index, kind = divmod(reader.varint(), 4)
            if kind == _EVENTS:
                events = reader.events()
                break
            if index >= len(self._tables):
                raise SnapshotError(f"There is no table {index}.")
            table = self._tables[index]
            for _ in range(reader.varint()):
                if kind == _REMOVED:
                    if table.rows.pop(reader.slot(), None) is None:
                        raise SnapshotError(f"A row of {table.name} is removed that was not there.")
                elif kind == _FULL:
                    self._take_full(reader, table)
                else:
                    self._take_changed(reader, table)
        return Snapshot(tick, ack, keyframe, events, margin)

    def _take_full(self, reader: _Reader, table: _Table) -> None:
        slot = reader.slot()
        if table.single:
            id = ""
        elif table.key is None:
            id = reader.text()
        else:
            id = f"{table.key}{reader.varint()}"
        n = [reader.text() if column.type == "text" else reader.number(column.bytes) for column in table.columns]
        steps = [reader.zigzag() for _ in table.moving]
        table.rows[slot] = _Row(id, n, steps)

    def _take_changed(self, reader: _Reader, table: _Table) -> None:
        row = table.rows.get(reader.slot())
        if row is None:
            raise SnapshotError(f"A row of {table.name} changed that was not there.")
        mask = reader.varint()
        if mask >> len(table.columns):
            raise SnapshotError(f"A column of {table.name} changed that it does not have.")
        for index, column in enumerate(table.columns):
            if not mask >> index & 1:
                continue
            if column.type == "flag":
                row.n[index] = 0 if row.n[index] else 1
            elif column.type == "text":
                row.n[index] = reader.text()
            else:
                difference = reader.zigzag()
                n = row.n[index] + difference
                row.n[index] = n % column.modulus if column.modulus else n
                if column.moves >= 0:
                    step = column.shorter(row.steps[column.moves] + difference)
                    row.steps[column.moves] = step if -JUMP <= step <= JUMP else 0


class _Reader:
    """Bytes, from the first to the last; raises SnapshotError where there are too few."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def done(self) -> bool:
        return self._at >= len(self._data)

    def take(self, count: int) -> bytes:
        end = self._at + count
        if end > len(self._data):
            raise SnapshotError("The snapshot ends too early.")
        data = self._data[self._at : end]
        self._at = end
        return data

    def byte(self) -> int:
        return self.take(1)[0]

    def varint(self) -> int:
        value = 0
        for shift in range(0, 56, 7):
            byte = self.byte()
            value |= (byte & 127) << shift
            if byte < 128:
                if value >= 2**53:
                    break
                return value
        raise SnapshotError("A number in the snapshot is too large.")

    def zigzag(self) -> int:
        value = self.varint()
        return value >> 1 ^ -(value & 1)

    def slot(self) -> int:
        slot = self.varint()
        if slot >= MAX_SLOTS:
            raise SnapshotError(f"There is no slot {slot}.")
        return slot

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size), "little")

    def text(self) -> str:
        try:
            return self.take(self.byte()).decode()
        except UnicodeDecodeError:
            raise SnapshotError("A text in the snapshot is not UTF-8.") from None

    def events(self) -> list[tuple[int | float, str, Any]]:
        rest, self._at = self._data[self._at :], len(self._data)
        try:
            return msgspec.msgpack.decode(rest, type=list[tuple[int | float, str, Any]])
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            raise SnapshotError("The events of the snapshot cannot be read.") from None
