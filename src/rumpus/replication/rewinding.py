"""Remembering and rewinding: the kernels of `history`, and the parts that a game's own kernels are made of.

A row is found again by its KEY. It nearly always is where it was, or further back (a removal moves the last row into
the gap), so the search begins at its place of today; an index by key would have to be kept up in every tick, for the
few ticks in which somebody fires.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ..compiled import kernel, part
from .columns import KEY
from .layout import (
    B_ENTRIES,
    B_HEADER,
    B_HELD,
    B_NEWEST,
    B_TABLES,
    B_TICKS,
    H_BLOCK,
    H_CAPACITY,
    H_COLUMNS,
    H_KEPT,
    H_NUMBER,
    H_RECORDS,
    H_ROWS,
    H_SIZE,
    HELD,
    K_INDEX,
    K_MODE,
    K_PLACE,
    K_REALS,
    K_SIZE,
    TURNED,
)

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]

TURN = 2.0 * math.pi


@kernel
def remember_rows(tick: int, counts: Numbers, cells: Floats, book: Numbers, kept: Floats) -> None:
    """Copy what is to be remembered of all tables into the entry of `tick`; see `World.remember`."""
    entries = book[B_ENTRIES]
    ticks = book[B_TICKS]
    entry = book[B_NEWEST]
    held = book[B_HELD]
    if held > 0 and tick < book[ticks + entry]:
        held = 0
    if held == 0 or tick != book[ticks + entry]:
        entry = entry + 1 if entry + 1 < entries else 0
        held = min(held + 1, entries)
    book[B_NEWEST] = entry
    book[B_HELD] = held
    book[ticks + entry] = tick
    for index in range(book[B_TABLES]):
        table = B_HEADER + index * H_SIZE
        rows = counts[book[table + H_NUMBER]]
        capacity = book[table + H_CAPACITY]
        columns = book[table + H_COLUMNS]
        block = book[table + H_BLOCK]
        book[book[table + H_ROWS] + entry] = rows
        to = book[table + H_KEPT] + entry * (1 + columns) * capacity
        start = block + KEY * capacity
        for row in range(rows):
            kept[to + row] = cells[start + row]
        for c in range(columns):
            to += capacity
            start = block + book[book[table + H_RECORDS] + c * K_SIZE + K_INDEX] * capacity
            for row in range(rows):
                kept[to + row] = cells[start + row]


@part
def entries_around(tick: float, book: Numbers) -> tuple[int, int, float, float]:
    """The entries before and after a tick, how far it is from one to the other (0 to 1), and the tick really used.

    The entries are the same on a tick that is remembered and beyond both ends, where the used tick is the last or the
    first one; both are -1 if nothing is remembered.
    """
    held = book[B_HELD]
    if held == 0:
        return -1, -1, 0.0, tick
    ticks = book[B_TICKS]
    later = int(book[B_NEWEST])
    if not tick < book[ticks + later]:
        return later, later, 0.0, float(book[ticks + later])
    for _ in range(held - 1):
        earlier = later - 1 if later > 0 else int(book[B_ENTRIES] - 1)
        begin = float(book[ticks + earlier])
        if tick == begin:
            return earlier, earlier, 0.0, tick
        if tick > begin:
            return earlier, later, (tick - begin) / (float(book[ticks + later]) - begin), tick
        later = earlier
    return later, later, 0.0, float(book[ticks + later])


@part
def row_in_entry(entry: int, table: int, key: float, row: int, book: Numbers, kept: Floats) -> int:
    """Where the row with this key is in an entry, or -1. table: its record in the book. row: where it is today."""
    rows = book[book[table + H_ROWS] + entry]
    keys = book[table + H_KEPT] + entry * (1 + book[table + H_COLUMNS]) * book[table + H_CAPACITY]
    for place in range(row, rows):
        if kept[keys + place] == key:
            return place
    for place in range(min(row, rows)):
        if kept[keys + place] == key:
            return place
    return -1


@part
def rewind_row(
    earlier: int,
    later: int,
    share: float,
    table: int,
    row: int,
    book: Numbers,
    kept: Floats,
    block: Floats,
    out: Floats,
) -> bool:
    """Write one row of a table as it was into `out[:, row]`, and return whether it was there.

    earlier, later, share: of `entries_around`. table: `History.number`. block: the table's, as it is today. out: a line
    that says whether the row was there (1.0 or 0.0), then one for each name in `rewind=`. A row that was not in both
    entries has today's values; if nothing is remembered every row does, and counts as there.
    """
    record = B_HEADER + table * H_SIZE
    capacity = book[record + H_CAPACITY]
    columns = book[record + H_COLUMNS]
    first = book[record + H_RECORDS]
    present = earlier < 0
    before = -1
    after = -1
    if earlier >= 0:
        before = row_in_entry(earlier, record, block[KEY, row], row, book, kept)
        after = before
        if before >= 0 and later != earlier:
            after = row_in_entry(later, record, block[KEY, row], row, book, kept)
        present = after >= 0
    out[0, row] = 1.0 if present else 0.0
    if earlier < 0 or not present:
        for c in range(columns):
            out[1 + c, row] = block[book[first + c * K_SIZE + K_INDEX], row]
        return present
    size = (1 + columns) * capacity
    # The first line of an entry holds the keys.
    here = book[record + H_KEPT] + earlier * size + capacity + before
    there = book[record + H_KEPT] + later * size + capacity + after
    jumps = False
    for c in range(columns):
        column = first + c * K_SIZE
        way = kept[there + c * capacity] - kept[here + c * capacity]
        jumps |= book[column + K_PLACE] == 1 and abs(way) >= kept[book[column + K_REALS]]
    for c in range(columns):
        column = first + c * K_SIZE
        mode = book[column + K_MODE]
        reals = book[column + K_REALS]
        value = kept[here + c * capacity]
        way = kept[there + c * capacity] - value
        if mode == TURNED:
            # Half a turn goes backwards, as in the browser: a quarter of a step keeps rounding out of that decision.
            way -= np.floor((way + kept[reals + 1]) / TURN + 0.5) * TURN
        if mode != HELD and not jumps and abs(way) < kept[reals]:
            value += way * share
        if mode == TURNED:
            value -= np.floor(value / TURN) * TURN
            if value >= TURN:
                value = 0.0
        out[1 + c, row] = value
    return present


@part
def rewind_rows(tick: float, table: int, book: Numbers, kept: Floats, block: Floats, count: int, out: Floats) -> float:
    """`rewind_row` for the rows 0 to `count` - 1 at a tick, which may be a fraction. Returns the tick really used."""
    earlier, later, share, used = entries_around(tick, book)
    for row in range(count):
        rewind_row(earlier, later, share, table, row, book, kept, block, out)
    return used


@part
def held_since(tick: float, table: int, column: int, row: int, book: Numbers, kept: Floats, block: Floats) -> bool:
    """Whether today's `row` was there, with its column other than 0, in every entry from a tick's earlier one on.

    column: its place in `rewind=`. For rules such as: who was dead in between, even for a moment, is not hit. True if
    nothing is remembered. Today's value is not looked at.
    """
    earlier, _later, _share, _used = entries_around(tick, book)
    if earlier < 0:
        return True
    record = B_HEADER + table * H_SIZE
    capacity = book[record + H_CAPACITY]
    entry = earlier
    while True:
        place = row_in_entry(entry, record, block[KEY, row], row, book, kept)
        line = book[record + H_KEPT] + (entry * (1 + book[record + H_COLUMNS]) + 1 + column) * capacity
        if place < 0 or kept[line + place] == 0.0:
            return False
        if entry == book[B_NEWEST]:
            return True
        entry = entry + 1 if entry + 1 < book[B_ENTRIES] else 0


@kernel
def rewind_table(tick: float, table: int, book: Numbers, kept: Floats, block: Floats, count: int, out: Floats) -> float:
    """`rewind_rows`, for Python."""
    return rewind_rows(tick, table, book, kept, block, count, out)
