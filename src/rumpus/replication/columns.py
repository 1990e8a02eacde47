"""What a table's column holds, and how finely clients learn of it.

A column is declared once, as a class attribute of a `Table`. It is stored as float64, whatever it means, so that a
whole table is one block of memory that NumPy and numba work on; what travels is a whole number `n` of the fewest bytes
that its range allows. Before anything is sent a value is rounded to the nearest that can be sent, in the simulation
too, so that server and client hold equal values and a client may run the same rules.

Rejected: half-precision floats (their step grows with the distance from zero, and rounding in the simulation would need
them too), and a type for each column in memory (several arrays a table, at 0.1 µs for each that a kernel takes).
"""

from __future__ import annotations

import math
from typing import Any, Final, overload

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: Kinds of columns, as kernels know them.
FIXED, ANGLE, INT, CHOICE, FLAG, TEXT, LOCAL = range(7)
#: Rows of every table's block that belong to replication.
SLOT: Final = 0  # the encoder's place for the row, plus one; 0 in a row that it has not seen
KEY: Final = 1  # the row's number; for text ids, the number of the interned string
SHOWN: Final = 2  # who may know of the row: 0, NOBODY or EVERYBODY
RESERVED: Final = 3
#: Values of SHOWN.
NOBODY: Final = -1.0
EVERYBODY: Final = 1.0
#: Values that a column can tell apart: what four bytes can number.
MAX_VALUES: Final = 2**32
#: UTF-8 bytes of a text.
MAX_TEXT: Final = 255


class TableError(ValueError):
    """A table is declared or used in a way that cannot work; the sentence names the table and the column."""


class Column:
    """Base of all columns. Read from a table it is the NumPy view of the live rows; read from the class, the column."""

    kind: int = LOCAL
    #: The wire's name for the kind.
    wire_type: str = ""
    #: Bytes of a value in a full row; 0 where that depends on the value.
    bytes: int = 0
    low: float = 0.0
    step: float = 1.0
    #: The largest n.
    most: int = 0
    #: Whether both sides predict that the row's next step is its last one.
    moves: bool = False
    #: The column with the velocity that a new row's first step is taken from.
    velocity: str | None = None

    def __init__(self) -> None:
        self.name = ""
        self.table = ""
        #: The column's row in the table's block.
        self.index = -1

    def __set_name__(self, owner: type, name: str) -> None:
        self.name, self.table = name, owner.__name__

    @overload
    def __get__(self, table: None, owner: type) -> Column: ...
    @overload
    def __get__(self, table: Any, owner: type) -> Floats: ...
    def __get__(self, table: Any, owner: type) -> Column | Floats:
        if table is None:
            return self
        live: Floats = table.block[self.index, : len(table)]
        return live

    def __set__(self, table: Any, values: Any) -> None:
        table.block[self.index, : len(table)] = values

    def to_cell(self, value: Any) -> float:
        """A value as a game's author writes it, as stored. Raises ValueError, saying why not; the table says where."""
        if isinstance(value, bool | int | float | np.number):
            number = float(value)
            if math.isfinite(number):
                return number
        raise ValueError(f"cannot be {value!r}: it takes a finite number.")

    def to_value(self, cell: float) -> Any:
        """The same backwards."""
        return cell

    def to_values(self, cells: Floats) -> list[Any]:
        """`to_value` of many, a few times as fast: the plain state of a match goes through here."""
        values: list[float] = cells.tolist()
        return values

    def wire(self) -> dict[str, Any]:
        """The column in the schema that clients get."""
        return {"name": self.name, "type": self.wire_type}

    def _declared(self, complaint: str) -> TableError:
        return TableError(f"A column of type {type(self).__name__} cannot be declared like this: {complaint}.")


class Local(Column):
    """A number that only the server knows. It is neither rounded nor sent."""


class _Numbered(Column):
    """A column whose values are low + n * step, n from 0 to `most`."""

    def _limit(self, most: int, moves: bool | str) -> None:
        if not 0 < most < MAX_VALUES:
            raise self._declared(f"it would have {most + 1} values, and may have 2 to {MAX_VALUES}")
        self.most = most
        self.bytes = (most.bit_length() + 7) // 8
        self.moves = bool(moves)
        self.velocity = moves if isinstance(moves, str) else None

    def to_cell(self, value: Any) -> float:
        number = super().to_cell(value)
        if not 0 <= math.floor((number - self.low) / self.step + 0.5) <= self.most:
            raise ValueError(f"cannot be {value!r}: it runs from {self.low:g} to {self.to_value(self.high):g}.")
        return number

    @property
    def high(self) -> float:
        return self.low + self.most * self.step


class Fixed(_Numbered):
    """A number from `low` to `high` in units of `step`; powers of two (1/8, 1/16) keep all sums exact.

    moves: clients expect the value to go on changing by as much as it did since the last snapshot. While that is true
    the column costs nothing. Give the name of the column that holds the velocity (units a second) instead of True, and
    a new row's first step is right too: for projectiles, which are then sent once and never again.
    """

    kind, wire_type = FIXED, "fixed"

    def __init__(self, step: float, low: float, high: float, *, moves: bool | str = False) -> None:
        super().__init__()
        if not (math.isfinite(low) and math.isfinite(high) and step > 0 and high > low):
            raise self._declared(f"step {step!r} from {low!r} to {high!r}")
        self.step, self.low = float(step), float(low)
        self._limit(round((high - low) / step), moves)

    def wire(self) -> dict[str, Any]:
        return super().wire() | {
            "step": self.step,
            "min": self.low,
            "max": self.high,
            "bytes": self.bytes,
            "moves": self.moves,
        }


class Int(_Numbered):
    """A whole number from `low` to `high`."""

    kind, wire_type = INT, "int"

    def __init__(self, low: int, high: int, *, moves: bool | str = False) -> None:
        super().__init__()
        if low != int(low) or high != int(high) or high <= low:
            raise self._declared(f"whole numbers from {low!r} to {high!r}")
        self.low = float(low)
        self._limit(int(high) - int(low), moves)

    def to_value(self, cell: float) -> int:
        return int(cell)

    def to_values(self, cells: Floats) -> list[Any]:
        values: list[int] = cells.astype(np.int64).tolist()
        return values

    def wire(self) -> dict[str, Any]:
        return super().wire() | {
            "min": int(self.low),
            "max": int(self.high),
            "bytes": self.bytes,
            "moves": self.moves,
        }


class Angle(_Numbered):
    """A direction in radians, in 2**bits parts of a turn. Rounding takes it into [0, 2 pi)."""

    kind, wire_type = ANGLE, "angle"

    def __init__(self, bits: int = 10, *, moves: bool | str = False) -> None:
        super().__init__()
        if not 2 <= bits <= 32:
            raise self._declared(f"{bits!r} bits; 2 to 32 are possible")
        self.bits = bits
        self._limit(2**bits - 1, moves)
        self.step = 2 * math.pi / 2**bits

    def to_cell(self, value: Any) -> float:
        return Column.to_cell(self, value)

    def wire(self) -> dict[str, Any]:
        return super().wire() | {"bits": self.bits, "bytes": self.bytes, "moves": self.moves}


class Choice(_Numbered):
    """One of a few texts, stored as its number in the order given."""

    kind, wire_type = CHOICE, "choice"

    def __init__(self, *of: str) -> None:
        super().__init__()
        if len(of) < 2 or len(set(of)) < len(of):
            raise self._declared("it takes two different texts or more")
        self.of = of
        self._limit(len(of) - 1, False)

    def to_cell(self, value: Any) -> float:
        if value in self.of:
            return float(self.of.index(value))
        raise ValueError(f"cannot be {value!r}: it is one of {', '.join(map(repr, self.of))}.")

    def to_value(self, cell: float) -> str:
        return self.of[int(cell)]

    def to_values(self, cells: Floats) -> list[Any]:
        return [self.of[number] for number in cells.astype(np.int64).tolist()]

    def wire(self) -> dict[str, Any]:
        return super().wire() | {"of": list(self.of), "bytes": self.bytes, "moves": False}


class Flag(Column):
    """True or false, stored as 1.0 or 0.0."""

    kind, wire_type, bytes, most = FLAG, "flag", 1, 1

    def to_cell(self, value: Any) -> float:
        if isinstance(value, bool | np.bool_) or value in (0, 1):
            return float(value)
        raise ValueError(f"cannot be {value!r}: it takes True or False.")

    def to_value(self, cell: float) -> bool:
        return cell != 0.0

    def to_values(self, cells: Floats) -> list[Any]:
        values: list[bool] = (cells != 0.0).tolist()
        return values


class Text(Column):
    """A short text (255 bytes of UTF-8), stored as the number of a string that the world keeps; 0 is the empty one."""

    kind, wire_type = TEXT, "text"
