"""Tables to bytes: the kernels that find what changed and write it as `docs/protocol.md` says.

The encoder keeps, for every row that clients know, the numbers that they hold (n and, for moving columns, the step).
All clients that are up to date hold the same, whatever they see, so this exists once per room and a changed row is
encoded once. Rows wander about in their tables; what stands for them on the wire is a slot, the lowest that is free.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ..compiled import kernel, part
from .columns import FLAG, KEY, NOBODY, SHOWN, SLOT, TEXT
from .layout import (
    C_BYTES,
    C_INDEX,
    C_KIND,
    C_MODULUS,
    C_MOVES,
    C_SIZE,
    C_VELOCITY,
    HEADER,
    ID_NUMBER,
    ID_TEXT,
    JUMP,
    S_HEADER,
    S_HIGH,
    S_USED,
    T_BLOCK,
    T_BYTES,
    T_CAPACITY,
    T_CHANGES,
    T_COLUMNS,
    T_FILTERED,
    T_ID,
    T_MOVING,
    T_REALS,
    T_SENT,
    T_SIZE,
    T_STATE,
    TABLES,
)
from .rounding import whole
from .varints import put_varint, zigzag

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]

#: Kinds of sections.
REMOVED, FULL, CHANGED = 0, 1, 2


@part
def shorter(difference: int, modulus: int) -> int:
    """A difference of two angles the shorter way round; any other difference as it is."""
    if modulus > 0:
        half = modulus >> 1
        return ((difference + half) & (modulus - 1)) - half
    return difference


@part
def put_text(out: Bytes, at: int, number: int, texts: Bytes, starts: Numbers) -> int:
    begin = starts[number]
    size = starts[number + 1] - begin
    out[at] = size
    for index in range(size):
        out[at + 1 + index] = texts[begin + index]
    return int(at + 1 + size)


@part
def put_full(
    out: Bytes, at: int, table: int, slot: int, meta: Numbers, state: Numbers, texts: Bytes, starts: Numbers
) -> int:
    """Write everything that a client needs to know of a slot. Returns where the next byte goes."""
    capacity = meta[table + T_CAPACITY]
    keys = meta[table + T_STATE] + S_HEADER
    numbers = keys + 2 * capacity
    steps = numbers + meta[table + T_SENT] * capacity
    at = put_varint(out, at, slot)
    key = state[keys + slot] - 1
    if meta[table + T_ID] == ID_TEXT:
        at = put_text(out, at, key, texts, starts)
    elif meta[table + T_ID] == ID_NUMBER:
        at = put_varint(out, at, key)
    for c in range(meta[table + T_SENT]):
        column = meta[table + T_COLUMNS] + c * C_SIZE
        n = state[numbers + c * capacity + slot]
        if meta[column + C_KIND] == TEXT:
            at = put_text(out, at, n, texts, starts)
        else:
            for _ in range(meta[column + C_BYTES]):
                out[at] = n & 255
                n >>= 8
                at += 1
    for m in range(meta[table + T_MOVING]):
        at = put_varint(out, at, zigzag(state[steps + m * capacity + slot]))
    return at


@part
def put_head(out: Bytes, at: int, t: int, kind: int, count: int, body: int, end: int) -> int:
    """Put a section's head and count at `at`, and move its rows, which were written from `body` on, up to them."""
    at = put_varint(out, at, 4 * t + kind)
    at = put_varint(out, at, count)
    for index in range(end - body):
        out[at + index] = out[body + index]
    return at + end - body


#: Bytes left free for a section's head and count: a table's number below 2**20, a million rows.
HEAD_ROOM = 8


@part
def match_rows(t: int, table: int, meta: Numbers, counts: Numbers, cells: Floats, state: Numbers) -> int:
    """Find out which rows clients know, and leave 0 in the slot of every other. Returns how many they know."""
    capacity = meta[table + T_CAPACITY]
    block = meta[table + T_BLOCK]
    base = meta[table + T_STATE]
    keys = base + S_HEADER
    rows = keys + capacity
    high = state[base + S_HIGH]
    for slot in range(high):
        state[rows + slot] = -1
    kept = 0
    for row in range(counts[t]):
        slot = int(cells[block + SLOT * capacity + row]) - 1
        if (
            0 <= slot < high
            and state[rows + slot] < 0
            and state[keys + slot] == int(cells[block + KEY * capacity + row]) + 1
            and cells[block + SHOWN * capacity + row] != NOBODY
        ):
            state[rows + slot] = row
            kept += 1
        else:
            cells[block + SLOT * capacity + row] = 0.0
    return kept


@part
def take_slots(
    t: int,
    table: int,
    tick_interval: float,
    ticks: int,
    meta: Numbers,
    reals: Floats,
    counts: Numbers,
    cells: Floats,
    state: Numbers,
    texts: Bytes,
    starts: Numbers,
    out: Bytes,
    at: int,
    write: bool,
) -> int:
    """Give every new row a slot and note what clients will hold of it; write it, too, if everybody gets it."""
    capacity = meta[table + T_CAPACITY]
    block = meta[table + T_BLOCK]
    base = meta[table + T_STATE]
    keys = base + S_HEADER
    numbers = keys + 2 * capacity
    steps = numbers + meta[table + T_SENT] * capacity
    free = 0
    fresh = 0
    body = at + HEAD_ROOM
    end = body
    for row in range(counts[t]):
        if cells[block + SLOT * capacity + row] != 0.0 or cells[block + SHOWN * capacity + row] == NOBODY:
            continue
        while state[keys + free] != 0:
            free += 1
        slot = free
        cells[block + SLOT * capacity + row] = slot + 1.0
        state[keys + slot] = int(cells[block + KEY * capacity + row]) + 1
        state[base + S_HIGH] = max(state[base + S_HIGH], slot + 1)
        state[base + S_USED] += 1
        fresh += 1
        for c in range(meta[table + T_SENT]):
            column = meta[table + T_COLUMNS] + c * C_SIZE
            real = meta[table + T_REALS] + 2 * c
            value = cells[block + meta[column + C_INDEX] * capacity + row]
            state[numbers + c * capacity + slot] = max(whole(value, column, real, meta, reals, starts.size - 1), 0)
            if meta[column + C_MOVES] >= 0:
                step = 0
                if meta[column + C_VELOCITY] >= 0:
                    velocity = cells[block + meta[column + C_VELOCITY] * capacity + row]
                    # The simulation rounds in each tick.
                    pace = ticks * math.floor(velocity * tick_interval / reals[real + 1] + 0.5)
                    if abs(pace) <= JUMP:
                        step = int(pace)
                state[steps + meta[column + C_MOVES] * capacity + slot] = step
        if write:
            end = put_full(out, end, table, slot, meta, state, texts, starts)
    if write and fresh > 0:
        return put_head(out, at, t, FULL, fresh, body, end)
    return at


@part
def put_changed(
    out: Bytes,
    at: int,
    table: int,
    slot: int,
    row: int,
    meta: Numbers,
    reals: Floats,
    cells: Floats,
    state: Numbers,
    texts: Bytes,
    starts: Numbers,
) -> int:
    """Move a known row on by its steps; where it is not what that predicts, write the corrections. Returns the end."""
    capacity = meta[table + T_CAPACITY]
    block = meta[table + T_BLOCK]
    sent = meta[table + T_SENT]
    numbers = meta[table + T_STATE] + S_HEADER + 2 * capacity
    steps = numbers + sent * capacity
    first = meta[table + T_COLUMNS]
    real = meta[table + T_REALS]
    mask = 0
    for c in range(sent):
        column = first + c * C_SIZE
        place = numbers + c * capacity + slot
        value = cells[block + meta[column + C_INDEX] * capacity + row]
        n = max(whole(value, column, real + 2 * c, meta, reals, starts.size - 1), 0)
        expected = state[place]
        if meta[column + C_MOVES] >= 0:
            expected += state[steps + meta[column + C_MOVES] * capacity + slot]
            if meta[column + C_MODULUS] > 0:
                expected &= meta[column + C_MODULUS] - 1
            state[place] = expected
        if n != expected:
            mask |= 1 << c
    if mask == 0:
        return at
    at = put_varint(out, at, slot)
    at = put_varint(out, at, mask)
    for c in range(sent):
        if (mask >> c) & 1 == 0:
            continue
        column = first + c * C_SIZE
        place = numbers + c * capacity + slot
        value = cells[block + meta[column + C_INDEX] * capacity + row]
        n = max(whole(value, column, real + 2 * c, meta, reals, starts.size - 1), 0)
        kind = meta[column + C_KIND]
        if kind == TEXT:
            at = put_text(out, at, n, texts, starts)
        elif kind != FLAG:
            difference = shorter(n - state[place], meta[column + C_MODULUS])
            at = put_varint(out, at, zigzag(difference))
            if meta[column + C_MOVES] >= 0:
                mine = steps + meta[column + C_MOVES] * capacity + slot
                step = shorter(state[mine] + difference, meta[column + C_MODULUS])
                state[mine] = step if -JUMP <= step <= JUMP else 0
        state[place] = n
    return at


@kernel
def advance(
    tick_interval: float,
    ticks: int,
    meta: Numbers,
    reals: Floats,
    counts: Numbers,
    cells: Floats,
    state: Numbers,
    texts: Bytes,
    starts: Numbers,
    out: Bytes,
    changes: Bytes,
) -> int:
    """Bring the encoder's state up to the tables and write the difference, for clients that hold the state before.

    `tick_interval`: seconds; `ticks`: in a snapshot's time, as a rule. `starts`: where texts begin, cut to the number
    of texts there are. Filtered tables leave their changed rows in `changes` instead. Returns the length of what is in
    `out`.
    """
    at = 0
    for t in range(meta[TABLES]):
        table = HEADER + t * T_SIZE
        capacity = meta[table + T_CAPACITY]
        base = meta[table + T_STATE]
        keys = base + S_HEADER
        rows = keys + capacity
        filtered = meta[table + T_FILTERED] != 0
        before = at
        # Where a filtered table's changed rows begin and end, and which slots were given up.
        begins = keys + (2 + meta[table + T_SENT] + meta[table + T_MOVING]) * capacity
        kept = match_rows(t, table, meta, counts, cells, state)
        gone = state[base + S_USED] - kept
        if filtered:
            for slot in range(state[base + S_HIGH]):
                state[begins + 2 * capacity + slot] = 0
        if gone > 0:
            if not filtered:
                at = put_varint(out, at, 4 * t + REMOVED)
                at = put_varint(out, at, gone)
            for slot in range(state[base + S_HIGH]):
                if state[keys + slot] != 0 and state[rows + slot] < 0:
                    state[keys + slot] = 0
                    if filtered:
                        state[begins + 2 * capacity + slot] = 1
                    else:
                        at = put_varint(out, at, slot)
            state[base + S_USED] = kept
        known = state[base + S_HIGH]
        at = take_slots(
            t, table, tick_interval, ticks, meta, reals, counts, cells, state, texts, starts, out, at, not filtered
        )
        if filtered:
            end = meta[table + T_CHANGES]
            for slot in range(known):
                state[begins + slot] = end
                if state[rows + slot] >= 0:
                    row = state[rows + slot]
                    end = put_changed(changes, end, table, slot, row, meta, reals, cells, state, texts, starts)
                state[begins + capacity + slot] = end
            for slot in range(known, state[base + S_HIGH]):
                state[begins + slot] = end
                state[begins + capacity + slot] = end
        else:
            body = at + HEAD_ROOM
            end = body
            count = 0
            for slot in range(known):
                if state[rows + slot] >= 0:
                    row = state[rows + slot]
                    next_end = put_changed(out, end, table, slot, row, meta, reals, cells, state, texts, starts)
                    if next_end > end:
                        count += 1
                        end = next_end
            if count > 0:
                at = put_head(out, at, t, CHANGED, count, body, end)
            meta[table + T_BYTES] += at - before
        while state[base + S_HIGH] > 0 and state[keys + state[base + S_HIGH] - 1] == 0:
            state[base + S_HIGH] -= 1
    return at


@kernel
def keyframe(meta: Numbers, state: Numbers, texts: Bytes, starts: Numbers, out: Bytes) -> int:
    """Write all that clients know of the tables that are not filtered. Returns its length."""
    at = 0
    for t in range(meta[TABLES]):
        table = HEADER + t * T_SIZE
        base = meta[table + T_STATE]
        if meta[table + T_FILTERED] != 0 or state[base + S_USED] == 0:
            continue
        at = put_varint(out, at, 4 * t + FULL)
        at = put_varint(out, at, state[base + S_USED])
        for slot in range(state[base + S_HIGH]):
            if state[base + S_HEADER + slot] != 0:
                at = put_full(out, at, table, slot, meta, state, texts, starts)
    return at
