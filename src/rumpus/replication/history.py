"""What a world remembers of its last snapshots, so that a game can judge a shot by what the shooter saw.

A ring of entries, one per snapshot, each a copy of the columns that tables name in `rewind=`. Between two entries the
answer is what the browser's interpolation shows there (web/sdk/world-interpolation.js), because that is what a player
aims at: the rules here and there must stay the same.

All of it lies in two arrays, since a kernel pays for each array that it is given: `book` (int64) says where things are
and which ticks they are of, `kept` (float64) holds what is remembered; `layout` has their places. The kernels are in
`rewinding`; this module does without numba.

Rejected: keeping whole tables (most columns are of no use to a shot, and copying them costs as much as rounding them),
and keeping rows sorted by key (a search by key finds nearly every row where it is today).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from .columns import Angle, Column, Fixed, Floats, Local, TableError
from .layout import (
    B_ENTRIES,
    B_HEADER,
    B_HELD,
    B_NEWEST,
    B_TABLES,
    B_TICKS,
    BLENDED,
    H_BLOCK,
    H_CAPACITY,
    H_COLUMNS,
    H_KEPT,
    H_NUMBER,
    H_RECORDS,
    H_ROWS,
    H_SIZE,
    HELD,
    JUMP,
    K_INDEX,
    K_MODE,
    K_PLACE,
    K_REALS,
    K_SIZE,
    TURNED,
)
from .table import Table

Numbers = NDArray[np.int64]

#: Entries that a ring may have: at 60 snapshots a second, more than a minute.
MAX_ENTRIES: Final = 4096


class RewoundTable:
    """A table's rows of the moment of `World.rewind`, as they were: an array of float64 per column of `rewind=`.

    They stand in the order of the rows then, so `players.x[row]` and `rewound.players.x[row]` are of the same player
    until a row is removed. What a row that was not there has in them is its value of today.
    """

    #: Which rows were there.
    present: NDArray[np.bool_]

    def __init__(self, table: Table, cells: Floats) -> None:
        self._name = table.name
        self.present = cells[0] != 0.0
        vars(self).update(zip(table.rewind, cells[1:], strict=True))

    def __getattr__(self, name: str) -> Floats:
        raise AttributeError(f"{vars(self).get('_name', 'A table')} does not remember {name!r}; see rewind=.")


class Rewound:
    """The tables that remember, by name, as clients saw them at `tick`. Its arrays are new: keep or change them."""

    #: The tick that this is of: the one asked for, or the nearest that is remembered.
    tick: float

    def __init__(self, tick: float, tables: dict[str, RewoundTable]) -> None:
        self.tick = tick
        vars(self).update(tables)

    def __getattr__(self, name: str) -> RewoundTable:
        raise AttributeError(f"There is no table {name!r} that remembers anything; see rewind=.")


class History:
    """The memory of one world: off, and empty, until `keep`.

    tables: all of the world's. Raises TableError for one that cannot be told from what a `Rewound` has.
    """

    def __init__(self, tables: dict[str, Table]) -> None:
        self._tables = tables
        #: The tables that remember something, in the order of their numbers.
        self.names = tuple(name for name, table in tables.items() if table.rewind)
        if "tick" in self.names:
            raise TableError("A table with rewind= cannot be called 'tick': what World.rewind returns has a tick.")
        self._remember: Callable[..., None] | None = None
        self._start(0)

    def number(self, name: str) -> int:
        """What kernels call a table here. Raises TableError for one that remembers nothing."""
        if name not in self.names:
            raise TableError(f"There is no table {name!r} with rewind=; there is {', '.join(self.names) or 'none'}.")
        return self.names.index(name)

    @property
    def entries(self) -> int:
        """How many snapshots are kept at most; 0 while the history is off."""
        return int(self.book[B_ENTRIES])

    @property
    def ticks(self) -> list[int]:
        """The ticks that are remembered, the oldest first."""
        entries, newest, held = (int(self.book[index]) for index in (B_ENTRIES, B_NEWEST, B_HELD))
        first = int(self.book[B_TICKS])
        return [int(self.book[first + (newest - age) % entries]) for age in range(held - 1, -1, -1)]

    # Memory.

    def keep(self, entries: int) -> None:
        """Begin anew with a ring of that many entries; 0 switches it off. Raises TableError for an absurd number."""
        if not 0 <= entries <= MAX_ENTRIES:
            raise TableError(f"A history of {entries} snapshots cannot be kept; 0 to {MAX_ENTRIES} are possible.")
        self._start(entries if self.names else 0)
        self._remember = _kernels()[0] if self.entries else None

    def _start(self, entries: int) -> None:
        #: Where things are in `kept`, and in the world: see `layout`.
        self.book: Numbers
        #: The remembered cells. Both arrays are replaced when the world's memory is laid out anew.
        self.kept: Floats
        self.book, self.kept = _lay_out(self._tables, self.names, entries)

    def adopt_layout(self) -> None:
        """Follow the tables, which are larger now, without forgetting anything."""
        old_book, old_kept = self.book, self.kept
        self._start(self.entries)
        book = self.book
        book[[B_NEWEST, B_HELD]] = old_book[[B_NEWEST, B_HELD]]
        # The ticks and the numbers of rows are the end of the book, and no longer than before.
        book[book[B_TICKS] :] = old_book[old_book[B_TICKS] :]
        for index in range(len(self.names)):
            _entries_of(book, self.kept, index)[:, :, : _capacity(old_book, index)] = _entries_of(
                old_book, old_kept, index
            )

    # Use.

    def remember(self, tick: int, counts: Numbers, cells: Floats) -> None:
        """See `World.remember`. counts, cells: the world's."""
        if self._remember is not None:
            self._remember(tick, counts, cells, self.book, self.kept)

    def rewind(self, tick: float) -> Rewound:
        """See `World.rewind`."""
        rewind_table = _kernels()[1]
        tick = used = float(tick)
        tables = {}
        for index, name in enumerate(self.names):
            table = self._tables[name]
            rows = len(table)
            cells = np.empty((1 + len(table.rewind), rows))
            used = rewind_table(tick, index, self.book, self.kept, table.block, rows, cells)
            tables[name] = RewoundTable(table, cells)
        return Rewound(used, tables)


@cache
def _kernels() -> tuple[Callable[..., None], Callable[..., float]]:
    """The kernels that remember and rewind. They take numba, which is not imported before a match needs it."""
    from .rewinding import remember_rows, rewind_table

    return remember_rows, rewind_table


def _lay_out(tables: dict[str, Table], names: tuple[str, ...], entries: int) -> tuple[Numbers, Floats]:
    """An empty book, and the memory that it describes."""
    kinds = [tables[name] for name in names]
    columns = [sum(len(kind.rewind) for kind in kinds[:index]) for index in range(len(kinds) + 1)]
    sizes = [table.block.size for table in tables.values()]
    records = B_HEADER + len(kinds) * H_SIZE
    ticks = records + columns[-1] * K_SIZE
    book = np.zeros(ticks + entries * (1 + len(kinds)), dtype=np.int64)
    book[[B_ENTRIES, B_TABLES, B_TICKS]] = entries, len(kinds), ticks
    reals: list[float] = []
    start = 2 * columns[-1]
    for index, (kind, (first, stop)) in enumerate(zip(kinds, pairwise(columns), strict=True)):
        number = list(tables).index(names[index])
        at = B_HEADER + index * H_SIZE
        book[at + H_NUMBER] = number
        book[at + H_BLOCK] = sum(sizes[:number])
        book[at + H_CAPACITY] = kind.capacity
        book[at + H_COLUMNS] = stop - first
        book[at + H_RECORDS] = records + first * K_SIZE
        book[at + H_KEPT] = start
        book[at + H_ROWS] = ticks + entries * (1 + index)
        by_name = {column.name: column for column in kind.columns}
        for place, name in enumerate(kind.rewind, first):
            column = by_name[name]
            c = records + place * K_SIZE
            book[c + K_INDEX] = column.index
            book[c + K_MODE] = _mode(column)
            book[c + K_PLACE] = name in ("x", "y") and column.moves
            book[c + K_REALS] = 2 * place
            reals += (JUMP + 0.5) * column.step, column.step / 4
        start += entries * (1 + stop - first) * kind.capacity
    kept = np.zeros(start)
    kept[: len(reals)] = reals
    return book, kept


def _mode(column: Column) -> int:
    """How clients see the column between two snapshots. What they do not know stays as it was."""
    if isinstance(column, Local):
        return HELD
    if isinstance(column, Angle):
        return TURNED
    return BLENDED if isinstance(column, Fixed) and column.moves else HELD


def _capacity(book: Numbers, index: int) -> int:
    return int(book[B_HEADER + index * H_SIZE + H_CAPACITY])


def _entries_of(book: Numbers, kept: Floats, index: int) -> NDArray[Any]:
    """What is kept of a table: (entries, 1 + columns, capacity)."""
    at = B_HEADER + index * H_SIZE
    shape = int(book[B_ENTRIES]), 1 + int(book[at + H_COLUMNS]), int(book[at + H_CAPACITY])
    start = int(book[at + H_KEPT])
    return kept[start : start + math.prod(shape)].reshape(shape)
