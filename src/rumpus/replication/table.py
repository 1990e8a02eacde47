"""Entities of one kind: a row each, in columns that NumPy, numba and plain Python all work on.

The memory of a table is one array of float64, `block`, a line per column, the live rows first. Rows have no holes:
`remove` moves the last row into the gap, so loops over rows touch nothing dead and vector code needs no mask. What
stays the same while rows move is a row's id.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from .columns import KEY, NOBODY, RESERVED, SHOWN, Column, Floats, Local, TableError, Text
from .strings import Strings

#: Rows of any table.
MAX_ROWS = 1_000_000
#: Columns of one table that are sent: a mask of them fits into 63 bits with room to spare.
MAX_SENT = 48


class Table:
    """Base of all tables. Subclass it, declare columns, and name options in the class statement.

    rows: capacity to begin with.  max_rows: where `add` refuses; the table grows up to it.  key: the prefix of ids made
    of numbers ("b" for b1, b2, ...); without it, ids are texts given to `add`.  single: exactly one row, always there.
    rewind: names of the columns that `World.rewind` can tell of; see `history`.
    """

    columns: ClassVar[tuple[Column, ...]] = ()
    #: The columns that clients get, in the order of the schema.
    sent: ClassVar[tuple[Column, ...]] = ()
    key: ClassVar[str | None] = None
    single: ClassVar[bool] = False
    rewind: ClassVar[tuple[str, ...]] = ()
    initial_rows: ClassVar[int] = 16
    max_rows: ClassVar[int] = 10_000
    name: ClassVar[str] = "table"

    def __init_subclass__(
        cls,
        *,
        rows: int | None = None,
        max_rows: int | None = None,
        key: str | None = None,
        single: bool = False,
        rewind: Iterable[str] | None = None,
    ) -> None:
        super().__init_subclass__()
        columns: list[Column] = list(cls.columns)
        for name, column in vars(cls).items():
            if isinstance(column, Column):
                if hasattr(Table, name) or name in (other.name for other in columns):
                    raise TableError(
                        f"{cls.__name__}.{name} cannot be a column: every table has something of that name."
                    )
                columns.append(column)
        for index, column in enumerate(columns):
            column.index = RESERVED + index
        cls.columns = tuple(columns)
        cls.sent = tuple(column for column in columns if not isinstance(column, Local))
        cls.name = cls.__name__
        if key is not None:
            cls.key = key
        cls.single = single or cls.single
        cls.max_rows = 1 if cls.single else max_rows or max(cls.max_rows, rows or 0)
        cls.initial_rows = min(rows or cls.initial_rows, cls.max_rows)
        names = {column.name for column in columns}
        for column in columns:
            if column.velocity is not None and column.velocity not in names:
                raise TableError(
                    f"{cls.__name__}.{column.name} moves by {column.velocity!r}, which is no column of {cls.__name__}."
                )
        if rewind is not None:
            cls.rewind = cls._checked_rewind(rewind, names)
        if len(cls.sent) > MAX_SENT:
            raise TableError(f"{cls.__name__} has {len(cls.sent)} columns that are sent; {MAX_SENT} are possible.")
        if not 0 < cls.initial_rows <= cls.max_rows <= MAX_ROWS:
            raise TableError(
                f"{cls.__name__} cannot have {cls.initial_rows} to {cls.max_rows} rows;"
                f" at most {MAX_ROWS} are possible."
            )

    @classmethod
    def _checked_rewind(cls, rewind: Iterable[str], names: set[str]) -> tuple[str, ...]:
        """The names of columns to remember. Raises TableError."""
        if isinstance(rewind, str):
            raise TableError(f"{cls.__name__} needs a tuple of columns to remember: rewind=({rewind!r},).")
        kept = tuple(rewind)
        for name in kept:
            if name not in names:
                raise TableError(f"{cls.__name__} is to remember {name!r} (rewind=), which is no column of it.")
            if name == "present":
                raise TableError(f"{cls.__name__} cannot remember {name!r}: what World.rewind returns has it already.")
        if len(set(kept)) < len(kept):
            raise TableError(f"{cls.__name__} is to remember a column twice (rewind=): {', '.join(kept)}.")
        return kept

    def __init__(self, rows: int | None = None, *, strings: Strings | None = None) -> None:
        capacity = self.initial_rows if rows is None else rows
        if not 0 < capacity <= self.max_rows:
            raise TableError(f"{self.name} cannot have {capacity} rows: 1 to {self.max_rows} are possible.")
        #: The whole table: (columns, capacity), the reserved columns SLOT, KEY and SHOWN first.
        self.block: Floats = np.zeros((RESERVED + len(self.columns), capacity))
        #: One number: how many rows are live. Kernels may change it.
        self.count: NDArray[np.int64] = np.zeros(1, dtype=np.int64)
        self.strings = strings or Strings()
        #: How the table gets more memory: by itself, or from the world it belongs to.
        self.grow: Callable[[Table, int], object] = Table.enlarge
        self._rows: dict[str, int] = {}
        self._next_key = 1
        self._blank = np.zeros(len(self.block))
        for column in self.columns:
            if column.low > 0.0 or column.low + column.most * column.step < 0.0:
                self._blank[column.index] = column.low
        if self.single:
            self._reset_row(0)
            self.count[0] = 1

    # Rows.

    def __len__(self) -> int:
        return int(self.count[0])

    @property
    def capacity(self) -> int:
        return int(self.block.shape[1])

    def add(self, id: str | None = None, /, **values: Any) -> int:
        """Add a row and return it. Columns not given are 0, "" or False, or the lowest value that their range allows.

        id: the row's text, required unless the table numbers its rows. Raises TableError: for an id that is there
        already, for too many rows, for a column that does not exist or a value that it does not take.
        """
        row = len(self)
        if self.single:
            raise TableError(f"{self.name} has exactly one row; set its columns instead.")
        if row >= self.max_rows:
            raise TableError(f"{self.name} is full: it has {row} rows, and may not have more (max_rows).")
        if self.key is None:
            if id is None:
                raise TableError(f"{self.name} needs an id for each row: {self.name}.add(id, ...).")
            if id in self._rows:
                raise TableError(f"{self.name} has a row {id!r} already.")
            try:
                number = self.strings.number(id)
            except ValueError as error:
                raise TableError(f"An id of {self.name} {error}") from None
        else:
            if id is not None:
                raise TableError(f"{self.name} numbers its rows; add() takes no id.")
            number = self._next_key
        cells = [(self._column(name), value) for name, value in values.items()]
        prepared = [(column.index, self._cell(column, value, row, id)) for column, value in cells]
        if row >= self.capacity:
            self.reserve(min(2 * self.capacity, self.max_rows))
        self._reset_row(row)
        self.block[KEY, row] = number
        for index, cell in prepared:
            self.block[index, row] = cell
        self.count[0] = row + 1
        if id is not None:
            self._rows[id] = row
        else:
            self._next_key += 1
        return row

    def add_many(self, count: int, **values: Any) -> slice:
        """Add `count` rows of a table that numbers its rows, and return where they are.

        values: for each column that is not to be 0, a cell for all of them or an array of `count` cells, as they are
        stored (a choice's number, not its text); `World.quantise` is who checks them. Raises TableError.
        """
        if self.key is None or self.single:
            raise TableError(f"{self.name} does not number its rows; add them one by one.")
        first = len(self)
        rows = slice(first, first + count)
        columns = [(self._column(name), cells) for name, cells in values.items()]
        if rows.stop > self.max_rows:
            raise TableError(f"{self.name} would have {rows.stop} rows, and may not have more than {self.max_rows}.")
        if rows.stop > self.capacity:
            self.reserve(min(max(2 * self.capacity, rows.stop), self.max_rows))
        self.block[:, rows] = self._blank[:, None]
        self.block[KEY, rows] = np.arange(self._next_key, self._next_key + count)
        for column, cells in columns:
            self.block[column.index, rows] = cells
        self.count[0] = rows.stop
        self._next_key += count
        return rows

    def remove(self, id: str) -> bool:
        """Take a row out; the last one moves into its place. False if there is none of this id."""
        row = self.find(id)
        if row < 0:
            return False
        self.remove_row(row)
        return True

    def remove_row(self, row: int) -> None:
        """The same by row. Raises TableError for a row that is not there."""
        self._check_row(row)
        if self.single:
            raise TableError(f"{self.name} has exactly one row, which stays.")
        last = len(self) - 1
        if self.key is None:
            del self._rows[self._id_at(row)]
            if row != last:
                self._rows[self._id_at(last)] = row
        self.block[:, row] = self.block[:, last]
        self.count[0] = last

    def clear(self) -> None:
        """Take all rows out."""
        self._rows.clear()
        self.count[0] = 0
        if self.single:
            self._reset_row(0)
            self.count[0] = 1

    def reserve(self, rows: int) -> None:
        """Make room for `rows` rows in all. Replaces `block` if it grows; never shrinks. Raises TableError."""
        self.grow(self, rows)

    def enlarge(self, rows: int) -> bool:
        """Replace `block` by a larger copy, if that is needed: what `reserve` does in a table of no world."""
        if rows > self.max_rows:
            raise TableError(f"{self.name} cannot have {rows} rows; at most {self.max_rows} (max_rows).")
        if rows <= self.capacity:
            return False
        block = np.zeros((self.block.shape[0], rows))
        block[:, : self.capacity] = self.block
        self.block = block
        return True

    # Looking up.

    def find(self, id: str) -> int:
        """The row of an id, or -1."""
        if self.key is None:
            return self._rows.get(id, -1)
        digits = id.removeprefix(self.key)
        if not id.startswith(self.key) or not digits.isascii() or not digits.isdigit():
            return -1
        # Kernels make such rows too, so there is no index to keep.
        hits = np.flatnonzero(self.block[KEY, : len(self)] == float(digits))
        return int(hits[0]) if hits.size else -1

    def find_all(self, ids: Iterable[str]) -> NDArray[np.int64]:
        """The row of each id, or -1."""
        if self.key is None:
            find = self._rows.get
            return np.array([find(id, -1) for id in ids], dtype=np.int64)
        return np.array([self.find(id) for id in ids], dtype=np.int64)

    def row(self, id: str) -> int:
        """The row of an id. Raises KeyError."""
        row = self.find(id)
        if row < 0:
            raise KeyError(f"{self.name} has no row {id!r}")
        return row

    def ids(self) -> list[str]:
        """The ids of all rows, in the order of rows."""
        numbers = self.block[KEY, : len(self)].astype(np.int64).tolist()
        if self.key is None:
            return [self.strings.texts[number] for number in numbers]
        return [f"{self.key}{number}" for number in numbers]

    def __contains__(self, id: str) -> bool:
        return self.find(id) >= 0

    def __getitem__(self, id: str) -> Row:
        self.row(id)
        return Row(self, id)

    def __iter__(self) -> Iterator[Row]:
        """All rows, one at a time. Rows may be removed while it goes on."""
        for id in self.ids():
            if id in self:
                yield Row(self, id)

    def get(self, row: int, name: str) -> Any:
        """One value, as its author writes it: a text for a choice, a bool for a flag."""
        column = self._column(name)
        self._check_row(row)
        cell = float(self.block[column.index, row])
        return self.strings.texts[int(cell)] if isinstance(column, Text) else column.to_value(cell)

    def set(self, row: int, name: str, value: Any) -> None:
        """Set one value. Raises TableError, naming the column, for one that it does not take."""
        column = self._column(name)
        self._check_row(row)
        self.block[column.index, row] = self._cell(column, value, row)

    def show(self, row: int, to: float) -> None:
        """Who may know of a row: 0 for whoever is near enough, NOBODY, or EVERYBODY whatever the distance."""
        self._check_row(row)
        self.block[SHOWN, row] = to

    def plain(self) -> dict[str, Any]:
        """All rows that anybody may see as plain data, {id: {column: value}}; a single row without the id."""
        rows = len(self)
        values = []
        for column in self.sent:
            cells = self.block[column.index, :rows]
            if isinstance(column, Text):
                values.append([self.strings.texts[number] for number in cells.astype(np.int64).tolist()])
            else:
                values.append(column.to_values(cells))
        names = [column.name for column in self.sent]
        # Not `strict`, which would cost a third more: all have a value for each column.
        entries = [dict(zip(names, row)) for row in zip(*values)] if values else [{} for _ in range(rows)]  # noqa: B905
        if self.single:
            return entries[0]
        shown = self.block[SHOWN, :rows] != NOBODY
        if shown.all():
            return dict(zip(self.ids(), entries, strict=True))
        return {id: entry for id, entry, seen in zip(self.ids(), entries, shown.tolist(), strict=True) if seen}

    @classmethod
    def wire(cls, name: str) -> dict[str, Any]:
        """The table in the schema that clients get."""
        return {"name": name, "key": cls.key, "single": cls.single, "columns": [column.wire() for column in cls.sent]}

    # Inside.

    def _id_at(self, row: int) -> str:
        return self.strings.texts[int(self.block[KEY, row])]

    def _column(self, name: str) -> Column:
        column = vars(type(self)).get(name) or getattr(type(self), name, None)
        if not isinstance(column, Column):
            raise TableError(f"{self.name} has no column {name!r}; it has {', '.join(c.name for c in self.columns)}.")
        return column

    def _check_row(self, row: int) -> None:
        if not 0 <= row < len(self):
            raise TableError(f"{self.name} has no row {row}: it has {len(self)}.")

    def _cell(self, column: Column, value: Any, row: int, id: str | None = None) -> float:
        try:
            return self.strings.number(value) if isinstance(column, Text) else column.to_cell(value)
        except ValueError as error:
            if id is None and row < len(self) and not self.single:
                id = self.ids()[row]
            of = f" of {id!r}" if id is not None else ""
            raise TableError(f"{self.name}.{column.name}{of} {error}") from None

    def _reset_row(self, row: int) -> None:
        self.block[:, row] = self._blank


class Row:
    """One row by its id: `row.x += 1`. It stays the same row when others come and go."""

    __slots__ = ("_id", "_table")

    def __init__(self, table: Table, id: str) -> None:
        object.__setattr__(self, "_table", table)
        object.__setattr__(self, "_id", id)

    @property
    def id(self) -> str:
        return self._id  # type: ignore[no-any-return]  # set around __setattr__

    def __getattr__(self, name: str) -> Any:
        table: Table = self._table
        return table.get(table.row(self._id), name)

    def __setattr__(self, name: str, value: Any) -> None:
        table: Table = self._table
        table.set(table.row(self._id), name, value)

    def __repr__(self) -> str:
        return f"<{self._table.name} {self._id}>"
