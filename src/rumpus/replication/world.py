"""All tables of a match, in one piece of memory.

    class ArenaWorld(World):
        players: Players
        bullets: Bullets

    world = ArenaWorld(bullets=1000)

The blocks of the tables lie one after the other in `cells`, and all counts of rows in `counts`, because a kernel pays
about 0.1 µs for each array that it is given, and encoding looks at every table.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, ClassVar, get_type_hints
from weakref import WeakMethod

import numpy as np
from numpy.typing import NDArray

from .columns import Angle, Floats, TableError
from .history import History, Rewound
from .interest import Interest
from .layout import (
    C_BYTES,
    C_INDEX,
    C_KIND,
    C_MODULUS,
    C_MOST,
    C_MOVES,
    C_SIZE,
    C_VELOCITY,
    ERROR_COLUMN,
    ERROR_ROW,
    ERROR_TABLE,
    HEADER,
    ID_NONE,
    ID_NUMBER,
    ID_TEXT,
    S_HEADER,
    T_BLOCK,
    T_CAPACITY,
    T_COLUMNS,
    T_ID,
    T_MOVING,
    T_REALS,
    T_SENT,
    T_SIZE,
    T_STATE,
    T_X,
    T_Y,
    TABLES,
)
from .state import lines_of_state
from .strings import Strings
from .table import Table

Numbers = NDArray[np.int64]

#: Tables of one world.
MAX_TABLES = 64
#: What every world has besides its methods: no names for tables.
ATTRIBUTES = ("strings", "tables", "counts", "interest", "history", "layout", "cells", "meta", "reals")


def declared_tables(world: type[World]) -> dict[str, type[Table]]:
    """The tables that a class of worlds declares, by name. Raises TableError."""
    known: dict[str, type[Table]] | None = vars(world).get("_declared")
    if known is not None:
        return known
    try:
        hints = get_type_hints(world)
    except NameError as error:
        raise TableError(
            f"{world.__name__} speaks of {error.name!r}; declare tables and worlds at the top of a module."
        ) from None
    tables = {name: hint for name, hint in hints.items() if isinstance(hint, type) and issubclass(hint, Table)}
    if not 0 < len(tables) <= MAX_TABLES:
        raise TableError(f"{world.__name__} declares {len(tables)} tables; 1 to {MAX_TABLES} are possible.")
    for name in tables:
        if hasattr(World, name) or name in ATTRIBUTES:
            raise TableError(f"{world.__name__}.{name} cannot be a table: every world has something of that name.")
    world._declared = tables
    return tables


@cache
def _rounding() -> Callable[..., bool]:
    """The kernel that rounds. It takes numba, for which the first match can wait better than an import."""
    from .rounding import quantise

    return quantise


def _growing_in(world: World) -> Callable[[Table, int], object]:
    """How a table of a world grows. It does not keep the world: a circle would be memory until the collector finds it,
    and a world is large where the collector, which counts objects, sees only a few.
    """
    grow = WeakMethod(world._grow)

    def enlarge(table: Table, rows: int) -> None:
        (grow() or Table.enlarge)(table, rows)

    return enlarge


class World:
    """Base of all worlds. Subclass it and annotate the tables; their order is their number on the wire.

    Arguments of the constructor are initial capacities by table name. Raises TableError for what is no table.
    """

    #: What `declared_tables` found in this class, and what `_outline` made of it.
    _declared: ClassVar[dict[str, type[Table]]]
    _outlined: ClassVar[tuple[Numbers, Floats]]

    def __init__(self, **rows: int) -> None:
        kinds = declared_tables(type(self))
        for name in rows:
            if name not in kinds:
                raise TableError(f"{type(self).__name__} has no table {name!r}; it has {', '.join(kinds)}.")
        self.strings = Strings()
        self.tables: dict[str, Table] = {
            name: kind(rows.get(name), strings=self.strings) for name, kind in kinds.items()
        }
        for name, table in self.tables.items():
            table.name = f"{type(self).__name__}.{name}"  # type: ignore[misc]  # of this one: errors name the table in its world
            setattr(self, name, table)
        #: Live rows of each table. Kernels may change them.
        self.counts: Numbers = np.array([len(table) for table in self.tables.values()], dtype=np.int64)
        grow = _growing_in(self)
        for index, table in enumerate(self.tables.values()):
            table.count = self.counts[index : index + 1]
            table.grow = grow
        #: Who gets to know of what; None: everybody of everything. Set it before the first snapshot of a match.
        self.interest: Interest | None = None
        #: Counted up whenever memory is laid out anew, which encoders and kernels with old arrays must notice.
        self.layout = 0
        self._settled = False
        self._lay_out()
        #: What `rewind` can tell of. Kernels take its arrays, which are replaced when `layout` is counted up.
        self.history = History(self.tables)

    # Memory.

    def use_counts(self, counts: Numbers) -> None:
        """Keep the numbers of rows in this array from now on: part of one that the game's kernels get anyway, say."""
        counts[:] = self.counts
        self.counts = counts
        for index, table in enumerate(self.tables.values()):
            table.count = counts[index : index + 1]

    def reserve(self, **rows: int) -> None:
        """Make room for more rows, by table name. Replaces `cells` and every `block` if a table grows."""
        grown = False
        for name, count in rows.items():
            table = self.tables.get(name)
            if table is None:
                raise TableError(f"{type(self).__name__} has no table {name!r}; it has {', '.join(self.tables)}.")
            grown = table.enlarge(count) or grown
        if grown:
            self._grown()

    def _grow(self, table: Table, rows: int) -> None:
        if table.enlarge(rows):
            self._grown()

    def _grown(self) -> None:
        self._lay_out()
        self.history.adopt_layout()

    def _lay_out(self) -> None:
        """Put all blocks into one array again."""
        blocks = [table.block for table in self.tables.values()]
        #: The memory of all tables, one block after the other.
        self.cells: Floats = np.concatenate([block.ravel() for block in blocks])
        start = 0
        for table, block in zip(self.tables.values(), blocks, strict=True):
            table.block = self.cells[start : start + block.size].reshape(block.shape)
            start += block.size
        self.meta, self.reals = describe(self)
        self.layout += 1

    # The end of a tick.

    def quantise(self) -> None:
        """Round every column to what clients can be told. Raises TableError for a value outside its range.

        Call it at the end of `Game.update`, so that the next tick starts from what clients know too. The room does it
        before sending if the game does not.
        """
        if not _rounding()(self.meta, self.reals, self.counts, self.cells, len(self.strings.texts)):
            self._complain()
        self._settled = True

    def _complain(self) -> None:
        table = list(self.tables.values())[self.meta[ERROR_TABLE]]
        column = table.sent[self.meta[ERROR_COLUMN]]
        row = int(self.meta[ERROR_ROW])
        value = table.block[column.index, row]
        which = f"row {row}" if table.single else f"{table.ids()[row]!r} (row {row})"
        raise TableError(
            f"{table.name}.{column.name} of {which} is {value:g}: it runs from {column.low:g}"
            f" to {column.low + column.most * column.step:g}."
        )

    def settle(self) -> None:
        """Quantise unless it was done since the last call of this."""
        if not self._settled:
            self.quantise()
        self._settled = False

    # Looking back.

    def keep_history(self, snapshots: int) -> None:
        """Remember the columns that tables name in `rewind=` for so many snapshots, from the next one on.

        0 switches it off, as it is at first. Counts up `layout`, and does nothing if no table remembers anything.
        """
        if self.history.names:
            self.history.keep(snapshots)
            self.layout += 1

    def remember(self, tick: int) -> None:
        """Keep the tables as they are now, rounded, for `rewind`: the state that clients get as that of `tick`.

        The same tick again replaces what was kept of it; a lower one is another match, and all else is forgotten.
        """
        self.history.remember(tick, self.counts, self.cells)

    def rewind(self, tick: float) -> Rewound:
        """The tables as clients that interpolate saw them at a tick, which may be a fraction; rows in today's order.

        Between two remembered ticks, a fixed column that moves is on the way from one to the other, an angle turns by
        the shorter way, and all else is as in the earlier one. A step of more than 1023 units of the column's precision
        is a jump, which is not blended; one of x or y stops the whole row. Beyond what is remembered it is the newest
        or the oldest of that; with nothing remembered, the present.
        """
        return self.history.rewind(tick)

    # As others see it.

    def plain(self) -> dict[str, Any]:
        """All tables as plain data: {table: {id: {column: value}}}; single rows' columns stand at the top."""
        state: dict[str, Any] = {}
        for name, table in self.tables.items():
            if table.single:
                state.update(table.plain())
            else:
                state[name] = table.plain()
        return state

    @classmethod
    def schema(cls) -> list[dict[str, Any]]:
        """The tables as clients learn of them in `joined.schema.tables`."""
        return [kind.wire(name) for name, kind in declared_tables(cls).items()]


def describe(world: World) -> tuple[Numbers, Floats]:
    """The description of a world's tables that kernels work from; see `layout`."""
    outline = _outline(type(world))
    meta, reals = outline[0].copy(), outline[1].copy()
    block = state = 0
    for index, table in enumerate(world.tables.values()):
        at = HEADER + index * T_SIZE
        meta[at + T_BLOCK] = block
        meta[at + T_CAPACITY] = table.capacity
        meta[at + T_STATE] = state
        block += table.block.size
        state += S_HEADER + lines_of_state(int(meta[at + T_SENT]), int(meta[at + T_MOVING])) * table.capacity
    return meta, reals


def _outline(world: type[World]) -> tuple[Numbers, Floats]:
    """What of the description is the same for all worlds of a class: with a match begins a world, so it is kept."""
    known: tuple[Numbers, Floats] | None = vars(world).get("_outlined")
    if known is not None:
        return known
    tables = list(declared_tables(world).values())
    columns = HEADER + len(tables) * T_SIZE
    sent = sum(len(table.sent) for table in tables)
    meta = np.zeros(columns + sent * C_SIZE, dtype=np.int64)
    reals = np.zeros(2 * sent)
    meta[TABLES] = len(tables)
    done = 0
    for index, table in enumerate(tables):
        at = HEADER + index * T_SIZE
        moving = [column for column in table.sent if column.moves]
        meta[at + T_ID] = ID_NONE if table.single else ID_TEXT if table.key is None else ID_NUMBER
        meta[at + T_SENT] = len(table.sent)
        meta[at + T_COLUMNS] = columns + done * C_SIZE
        meta[at + T_REALS] = 2 * done
        meta[at + T_MOVING] = len(moving)
        by_name = {column.name: column for column in table.columns}
        for column in table.sent:
            c = columns + done * C_SIZE
            meta[c + C_KIND] = column.kind
            meta[c + C_INDEX] = column.index
            meta[c + C_BYTES] = column.bytes
            meta[c + C_MOST] = column.most
            meta[c + C_MODULUS] = 2**column.bits if isinstance(column, Angle) else 0
            meta[c + C_MOVES] = moving.index(column) if column.moves else -1
            meta[c + C_VELOCITY] = by_name[column.velocity].index if column.velocity else -1
            reals[2 * done], reals[2 * done + 1] = column.low, column.step
            done += 1
        for axis, place in (("x", T_X), ("y", T_Y)):
            meta[at + place] = by_name[axis].index if axis in by_name else -1
    world._outlined = meta, reals
    return meta, reals
