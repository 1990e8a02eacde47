"""Rows to those who can see them: the kernels of interest.

A grid over the positions finds the rows near a client's focus; a list says which rows the client knows already. What is
in view and not known is sent whole, what is known and changed gets the one encoding of that change, what went out of
sight or ceased to be is removed. So a client costs a look at the rows around it and a copy of a few bytes.

Lists of known rows lie in a pool, one client after the other, and are written anew into a second pool each time: no
client has a fixed share, and memory follows what is really seen.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..compiled import kernel, part
from .columns import EVERYBODY, NOBODY, SHOWN, SLOT
from .encode import CHANGED, FULL, REMOVED, put_full
from .frames import ACCOMPANIED, FRAME_ROOM, HEADER_ROOM, KEYFRAME, LOOK, SKIP, begin_snapshot, end_snapshot
from .layout import (
    ACROSS,
    CELL_HEADS,
    G_CELL,
    G_LEFT,
    G_MARGIN,
    G_RADIUS,
    G_REACH_X,
    G_REACH_Y,
    G_TOP,
    HEADER,
    S_HEADER,
    T_BLOCK,
    T_BYTES,
    T_CAPACITY,
    T_FILTERED,
    T_GRID,
    T_MOVING,
    T_SENT,
    T_SIZE,
    T_STATE,
    T_X,
    T_Y,
    TABLES,
)
from .telling import put_events
from .varints import put_varint

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]
Indexes = NDArray[np.int32]
Flags = NDArray[np.uint8]

#: What became of a slot in this snapshot: given up (and perhaps taken again), changed.
GONE, MOVED = 1, 2


@part
def cell_of(value: float, low: float, cell: float) -> int:
    return min(max(int((value - low) / cell), 0), ACROSS - 1)


@kernel
def sort_rows(
    meta: Numbers,
    counts: Numbers,
    cells: Floats,
    state: Numbers,
    grid: Floats,
    heads: Indexes,
    slots: Indexes,
    places: Floats,
    everybody: Indexes,
    fates: Flags,
    wholes: Indexes,
) -> None:
    """Sort the rows of filtered tables into the grid: `slots` and `places` (x and y), cell after cell.

    everybody: for each table its number of rows that everybody sees, then, at the table's place, their slots. fates:
    what became of each slot, gathered where one look tells it.  wholes: where each slot's full row is written: -1, for
    nowhere yet.
    """
    wholes[wholes.size - 1] = 0
    left = top = np.inf
    right = bottom = -np.inf
    for t in range(meta[TABLES]):
        table = HEADER + t * T_SIZE
        if meta[table + T_FILTERED] == 0:
            continue
        across = meta[table + T_BLOCK] + meta[table + T_X] * meta[table + T_CAPACITY]
        down = meta[table + T_BLOCK] + meta[table + T_Y] * meta[table + T_CAPACITY]
        for row in range(counts[t]):
            left = min(left, cells[across + row])
            right = max(right, cells[across + row])
            top = min(top, cells[down + row])
            bottom = max(bottom, cells[down + row])
    if left > right:
        left = right = top = bottom = 0.0
    grid[G_LEFT] = left
    grid[G_TOP] = top
    cell = max(max(right - left, bottom - top) / ACROSS * 1.0001, max(grid[G_REACH_X], grid[G_REACH_Y]) / 4.0)
    grid[G_CELL] = cell
    filtered = 0
    for t in range(meta[TABLES]):
        table = HEADER + t * T_SIZE
        if meta[table + T_FILTERED] == 0:
            continue
        capacity = meta[table + T_CAPACITY]
        block = meta[table + T_BLOCK]
        across = block + meta[table + T_X] * capacity
        down = block + meta[table + T_Y] * capacity
        shown = block + SHOWN * capacity
        place = meta[table + T_GRID]
        begins = meta[table + T_STATE] + S_HEADER + (2 + meta[table + T_SENT] + meta[table + T_MOVING]) * capacity
        for slot in range(capacity):
            fate = GONE if state[begins + 2 * capacity + slot] != 0 else 0
            if state[begins + slot] != state[begins + capacity + slot]:
                fate |= MOVED
            fates[place + slot] = fate
            wholes[2 * (place + slot)] = -1
        head = filtered * CELL_HEADS
        for index in range(CELL_HEADS):
            heads[head + index] = 0
        for_all = 0
        for row in range(counts[t]):
            if cells[shown + row] == EVERYBODY:
                everybody[meta[TABLES] + place + for_all] = int(cells[block + SLOT * capacity + row]) - 1
                for_all += 1
            elif cells[shown + row] != NOBODY:
                at = cell_of(cells[down + row], top, cell) * ACROSS + cell_of(cells[across + row], left, cell)
                heads[head + at + 1] += 1
        everybody[t] = for_all
        for index in range(1, CELL_HEADS):
            heads[head + index] += heads[head + index - 1]
        for row in range(counts[t]):
            if cells[shown + row] == EVERYBODY or cells[shown + row] == NOBODY:
                continue
            at = cell_of(cells[down + row], top, cell) * ACROSS + cell_of(cells[across + row], left, cell)
            # `heads` is where the next row of the cell goes while the rows are dealt, and is put back afterwards.
            spot = place + heads[head + at]
            heads[head + at] += 1
            slots[spot] = int(cells[block + SLOT * capacity + row]) - 1
            places[2 * spot] = cells[across + row]
            places[2 * spot + 1] = cells[down + row]
        for index in range(CELL_HEADS - 1, 0, -1):
            heads[head + index] = heads[head + index - 1]
        heads[head] = 0
        filtered += 1


@part
def find_near(
    x: float,
    y: float,
    t: int,
    filtered: int,
    place: int,
    tables: int,
    grid: Floats,
    heads: Indexes,
    slots: Indexes,
    places: Floats,
    everybody: Indexes,
    near: Indexes,
    first: int,
) -> int:
    """List the rows that a client at (x, y) sees or, if it knows them, keeps; twice the slot, plus one if it sees it.

    It goes into `near` from `first` on; returns how many there are. No branch depends on a row: which of them are in
    view is as good as random, and a processor that guesses wrongly loses more than all of this takes.
    """
    at = first
    for index in range(everybody[t]):
        near[at] = 2 * everybody[tables + place + index] + 1
        at += 1
    if x == np.inf:
        # Who is shown everything.
        for spot in range(place + heads[filtered * CELL_HEADS], place + heads[filtered * CELL_HEADS + CELL_HEADS - 1]):
            near[at] = 2 * slots[spot] + 1
            at += 1
        return at - first
    reach_x = grid[G_REACH_X]
    reach_y = grid[G_REACH_Y]
    beyond_x = reach_x + grid[G_MARGIN]
    beyond_y = reach_y + grid[G_MARGIN]
    inner = np.inf
    outer = np.inf
    if grid[G_RADIUS] > 0.0:
        inner = grid[G_RADIUS] * grid[G_RADIUS]
        outer = beyond_x * beyond_x
    left = cell_of(x - beyond_x, grid[G_LEFT], grid[G_CELL])
    right = cell_of(x + beyond_x, grid[G_LEFT], grid[G_CELL])
    top = cell_of(y - beyond_y, grid[G_TOP], grid[G_CELL])
    bottom = cell_of(y + beyond_y, grid[G_TOP], grid[G_CELL])
    for line in range(top, bottom + 1):
        head = filtered * CELL_HEADS + line * ACROSS
        for spot in range(place + heads[head + left], place + heads[head + right + 1]):
            dx = abs(places[2 * spot] - x)
            dy = abs(places[2 * spot + 1] - y)
            distance = dx * dx + dy * dy
            near[at] = 2 * slots[spot] + (int(dx <= reach_x) & int(dy <= reach_y) & int(distance <= inner))
            at += int(dx <= beyond_x) & int(dy <= beyond_y) & int(distance <= outer)
    return at - first


@kernel
def filtered_frames(
    first: int,
    stop: int,
    tick: int,
    stride: int,
    needs: Numbers,
    acks: Numbers,
    margins: Numbers,
    focus_rows: Numbers,
    focus: Floats,
    around: int,
    delta: Bytes,
    delta_size: int,
    whole: Bytes,
    whole_size: int,
    events: Bytes,
    events_size: int,
    others: Bytes,
    others_size: int,
    sights: Floats,
    changes: Bytes,
    meta: Numbers,
    cells: Floats,
    state: Numbers,
    texts: Bytes,
    text_starts: Numbers,
    grid: Floats,
    heads: Indexes,
    slots: Indexes,
    places: Floats,
    everybody: Indexes,
    fates: Flags,
    wholes: Indexes,
    whole_rows: Bytes,
    marks: Indexes,
    refusing: bool,
    refused: Indexes,
    scratch: Indexes,
    known: Indexes,
    bounds: Numbers,
    next_known: Indexes,
    next_bounds: Numbers,
    largest_row: int,
    out: Bytes,
    starts: Numbers,
    ends: Numbers,
    totals: Numbers,
) -> int:
    """Frames for the clients from `first` to `stop`, each with the rows that it can see; see also `shared_frames`.

    stride: each client's surroundings are looked at in every so many snapshots; in those between, what it knows is
    brought up to date, and nothing new comes to it.  focus_rows: each client's row in table `around`, or -1 to leave
    its focus where it was; from infinitely far away a client sees everything, in every snapshot.  marks[-1] counts
    clients served, so that a row's mark tells for whom it was set.  refused: if `refusing`, rows whose mark is the
    client's are kept from it.  whole_rows: full rows that were written, for the next client that needs one; wholes[-1]
    is its length. known, bounds: what each client knows (per client, for each filtered table where its part begins,
    and at last where all ends); next_known, next_bounds: the same after this.
    scratch: room for four lists of rows.  sights: whom each of `events` is told, see `telling`; empty: `events` is a
    whole section for everybody.  Returns the first client for which there was no room in `out` or `next_known`.
    """
    at = 0
    tables = meta[TABLES]
    quarter = scratch.size // 4
    for client in range(first, stop):
        starts[client] = ends[client] = at
        need = needs[client]
        if focus_rows[client] >= 0:
            table = HEADER + around * T_SIZE
            block = meta[table + T_BLOCK]
            capacity = meta[table + T_CAPACITY]
            focus[2 * client] = cells[block + meta[table + T_X] * capacity + focus_rows[client]]
            focus[2 * client + 1] = cells[block + meta[table + T_Y] * capacity + focus_rows[client]]
        filled = next_bounds[client, 0]
        if need == SKIP:
            # It will get a keyframe, which begins from nothing.
            for f in range(bounds.shape[1]):
                next_bounds[client, f] = filled
            if client + 1 < bounds.shape[0]:
                next_bounds[client + 1, 0] = filled
            continue
        x = focus[2 * client]
        y = focus[2 * client + 1]
        if at + FRAME_ROOM + HEADER_ROOM + max(delta_size, whole_size) + events_size + others_size > out.size:
            return client
        if need == ACCOMPANIED:
            at += others_size
        end = begin_snapshot(out, at, need, tick, acks[client], margins[client], delta, delta_size, whole, whole_size)
        filtered = 0
        for t in range(tables):
            table = HEADER + t * T_SIZE
            if meta[table + T_FILTERED] == 0:
                continue
            section = end
            capacity = meta[table + T_CAPACITY]
            keys = meta[table + T_STATE] + S_HEADER
            begins = keys + (2 + meta[table + T_SENT] + meta[table + T_MOVING]) * capacity
            place = meta[table + T_GRID]
            if marks[marks.size - 1] > 2_000_000_000:
                for index in range(marks.size):
                    marks[index] = 0
            marks[marks.size - 1] += 2
            stamp = marks[marks.size - 1]
            removed = 0
            entered = 0
            changed = 0
            low = bounds[client, filtered]
            high = bounds[client, filtered + 1]
            if need == KEYFRAME:
                high = low
            looks = need == KEYFRAME or (tick + client) % stride == 0 or x == np.inf
            if filled + high - low > next_known.size:
                return client
            next_bounds[client, filtered] = filled
            for index in range(low, high):
                slot = known[index]
                gone = fates[place + slot] & GONE
                scratch[removed] = slot
                removed += gone
                # What is not the stamp of anything leaves the row unknown.
                marks[place + slot] = stamp - gone
                if not looks:
                    next_known[filled] = slot
                    filled += 1 - gone
                    scratch[2 * quarter + changed] = slot
                    changed += (1 - gone) & (fates[place + slot] >> 1)
            near = 0
            if looks:
                near = find_near(
                    x, y, t, filtered, place, tables, grid, heads, slots, places, everybody, scratch, 3 * quarter
                )
            if filled + near > next_known.size:
                return client
            for index in range(3 * quarter, 3 * quarter + near):
                slot = scratch[index] >> 1
                spot = place + slot
                was_known = int(marks[spot] == stamp)
                sees = (scratch[index] & 1) | was_known
                if refusing and refused[spot] == client + 1:
                    sees = 0
                next_known[filled] = slot
                filled += sees
                marks[spot] += sees & was_known
                scratch[quarter + entered] = slot
                entered += sees & (1 - was_known)
                scratch[2 * quarter + changed] = slot
                changed += sees & was_known & (fates[spot] >> 1)
            for index in range(low, high if looks else low):
                slot = known[index]
                scratch[removed] = slot
                removed += int(marks[place + slot] == stamp) & (1 - (fates[place + slot] & GONE))
            if end + 32 + 4 * removed + largest_row * (entered + changed) + events_size > out.size:
                return client
            if removed > 0:
                end = put_varint(out, end, 4 * t + REMOVED)
                end = put_varint(out, end, removed)
                for index in range(removed):
                    end = put_varint(out, end, scratch[index])
            if entered > 0:
                end = put_varint(out, end, 4 * t + FULL)
                end = put_varint(out, end, entered)
                for index in range(entered):
                    slot = scratch[quarter + index]
                    spot = 2 * (place + slot)
                    if wholes[spot] < 0:
                        # The first to see it in this snapshot; those who come after take a copy.
                        wholes[spot] = wholes[wholes.size - 1]
                        stretch = put_full(whole_rows, wholes[spot], table, slot, meta, state, texts, text_starts)
                        wholes[spot + 1] = wholes[wholes.size - 1] = stretch
                    for source_at in range(wholes[spot], wholes[spot + 1]):
                        out[end] = whole_rows[source_at]
                        end += 1
            if changed > 0:
                end = put_varint(out, end, 4 * t + CHANGED)
                end = put_varint(out, end, changed)
                for index in range(changed):
                    slot = scratch[2 * quarter + index]
                    for source_at in range(state[begins + slot], state[begins + capacity + slot]):
                        out[end] = changes[source_at]
                        end += 1
            if need != LOOK:
                meta[table + T_BYTES] += end - section
            filtered += 1
        next_bounds[client, filtered] = filled
        if client + 1 < bounds.shape[0]:
            next_bounds[client + 1, 0] = filled
        if need == LOOK:
            continue
        tail = events_size
        if sights.size > 0:
            tail = 0
            end = put_events(out, end, x, y, grid, events, sights)
        at = end_snapshot(out, at, end, client, need, events, tail, others, others_size, starts, ends, totals)
    return stop
