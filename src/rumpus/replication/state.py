"""What an encoder keeps of each table: how large it is, and how it moves when tables grow. `layout` has its places."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .columns import MAX_TEXT, Text
from .layout import HEADER, S_HEADER, T_CAPACITY, T_MOVING, T_SENT, T_SIZE, T_STATE, TABLES
from .table import Table

Numbers = NDArray[np.int64]


def lines_of_state(sent: int, moving: int) -> int:
    """Numbers per row: key, row, n of each sent column, step of each that moves; and three for filtered tables."""
    return 2 + sent + moving + 3


def state_size(meta: Numbers) -> int:
    """Numbers that an encoder of these tables keeps."""
    last = HEADER + (int(meta[TABLES]) - 1) * T_SIZE
    return int(meta[last + T_STATE]) + S_HEADER + _lines(meta, last) * int(meta[last + T_CAPACITY])


def move_state(old_meta: Numbers, old: Numbers, meta: Numbers, state: Numbers, at: int) -> None:
    """Copy what was known of a table into the state of a larger one. at: of its record in both descriptions."""
    was, now = int(old_meta[at + T_CAPACITY]), int(meta[at + T_CAPACITY])
    begin, end = int(old_meta[at + T_STATE]), int(meta[at + T_STATE])
    state[end : end + S_HEADER] = old[begin : begin + S_HEADER]
    lines = _lines(meta, at)
    before = old[begin + S_HEADER : begin + S_HEADER + lines * was].reshape(lines, was)
    state[end + S_HEADER : end + S_HEADER + lines * now].reshape(lines, now)[:, :was] = before


def _lines(meta: Numbers, at: int) -> int:
    return lines_of_state(int(meta[at + T_SENT]), int(meta[at + T_MOVING]))


def largest_row(table: Table | type[Table]) -> int:
    """Bytes that a row of this table can take at most, whole or changed."""
    value = sum(MAX_TEXT + 1 if isinstance(column, Text) else max(column.bytes, 6) for column in table.sent)
    id = MAX_TEXT + 1 if table.key is None and not table.single else 10
    return 5 + 10 + id + value + 6 * len(table.sent)
