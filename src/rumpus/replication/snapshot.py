"""The encoder of one room: tables in, WebSocket frames out.

`advance` once per snapshot finds what changed; `frames` then writes one frame for each client into one buffer, as many
as fit at a time, and hands them over to be sent. Nothing is allocated in either, except when a table has grown or a
client sees more than any before.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .columns import NOBODY, SHOWN, SLOT, TableError
from .encode import advance, keyframe
from .frames import ACCOMPANIED, DELTA, KEYFRAME, LOOK, NO_MARGIN, SKIP, shared_frames
from .gather import filtered_frames, sort_rows
from .interest import filtered_tables
from .layout import (
    HEADER,
    S_HEADER,
    SLACK,
    T_BYTES,
    T_CHANGES,
    T_FILTERED,
    T_GRID,
    T_SIZE,
    T_STATE,
    T_X,
    T_Y,
)
from .state import largest_row, move_state, state_size
from .surroundings import Surroundings
from .telling import EVENTS_ROOM
from .world import World

__all__ = ["ACCOMPANIED", "DELTA", "KEYFRAME", "LOOK", "NO_MARGIN", "SKIP", "Batch", "SnapshotEncoder"]

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]

#: Where all events are told to everybody.
_NO_SIGHTS: Floats = np.zeros(0)

#: Bytes that all frames of a batch may have together: at first, for each client, and at most, unless one needs more.
FIRST_BYTES, CLIENT_BYTES, BATCH_BYTES = 1 << 13, 1 << 9, 1 << 18

#: With more clients than this, each one's surroundings are looked at in every other snapshot. A view's margin is wider
#: than anything moves in between.
MANY_VIEWS = 1000


class Batch(NamedTuple):
    """Frames of the clients `first` to `stop - 1`: in `buffer`, from `starts[i]` to `ends[i]`; equal for none."""

    buffer: NDArray[np.uint8]
    starts: Numbers
    ends: Numbers
    first: int
    stop: int


class SnapshotEncoder:
    """What the clients of a world hold, and how to bring them up to date.

    tick_interval: seconds. ticks: how many a snapshot comes after, as a rule. The world's `interest` is looked at here,
    once. Raises TableError for an interest that the tables cannot fulfil.
    """

    def __init__(self, world: World, tick_interval: float, ticks: int = 1) -> None:
        self.world = world
        self._pace = (tick_interval, ticks)
        self.interest = world.interest
        self._kinds = list(world.tables.values())
        self._row_sizes = [largest_row(kind) for kind in self._kinds]
        self._filtered = filtered_tables(self.interest, type(world).__name__, world.tables)
        self._around = -1
        if self.interest is not None:
            self._around = list(world.tables).index(self.interest.around)
        self._nothing = np.zeros(1, dtype=np.uint8)
        self._out = np.zeros(FIRST_BYTES, dtype=np.uint8)
        self._bytes_by_table = np.zeros(len(self._kinds), dtype=np.int64)
        self._layout = -1
        self._meta = world.meta
        self._state = np.zeros(0, dtype=np.int64)
        self._adopt_layout()
        filtered = len(self._filtered)
        #: Frames and bytes of payload since `take_totals`.
        self._totals = np.zeros(2, dtype=np.int64)
        self._starts = np.zeros(0, dtype=np.int64)
        self._ends = np.zeros(0, dtype=np.int64)
        self._no_margins = np.zeros(0, dtype=np.int64)
        self._focus = np.zeros(0)
        self._bounds = np.zeros((0, filtered + 1), dtype=np.int64)
        self._next_bounds = np.zeros((0, filtered + 1), dtype=np.int64)
        self._known = np.zeros(1024, dtype=np.int32)
        self._next_known = np.zeros(1024, dtype=np.int32)
        self._delta_size = self._whole_size = 0
        self._whole_is_due = True

    def expect(self, ticks: int) -> None:
        """A snapshot comes after so many ticks from now on: how far what is new will have moved by the next."""
        self._pace = (self._pace[0], ticks)

    # Memory.

    def _adopt_layout(self) -> None:
        """Take over the description of the tables, and what was known of them, after their memory was laid out anew."""
        world, old_meta, old_state = self.world, self._meta, self._state
        meta = world.meta.copy()
        grid = changes = 0
        for index, kind in enumerate(self._kinds):
            at = HEADER + index * T_SIZE
            if index in self._filtered:
                meta[at + T_FILTERED] = 1
                meta[at + T_GRID] = grid
                meta[at + T_CHANGES] = changes
                grid += kind.capacity
                changes += kind.capacity * self._row_sizes[index]
        state = np.zeros(state_size(meta), dtype=np.int64)
        if old_state.size:
            self._collect_bytes(old_meta)
            for index in range(len(self._kinds)):
                move_state(old_meta, old_state, meta, state, HEADER + index * T_SIZE)
        self._meta, self._state, self._layout = meta, state, world.layout
        size = sum(kind.capacity * row for kind, row in zip(self._kinds, self._row_sizes, strict=True)) + SLACK
        # Reserved, not used: pages that are never written take no memory.
        self._delta = np.empty(size, dtype=np.uint8)
        self._whole = np.empty(size, dtype=np.uint8)
        self._changes = np.empty(changes + SLACK, dtype=np.uint8)
        self._near = Surroundings(grid, changes, len(self._kinds), len(self._filtered), self.interest)
        self._largest_row = max(self._row_sizes)

    def reserve_clients(self, count: int) -> None:
        """Make room for clients number 0 to `count` - 1. Those who are new need a KEYFRAME first."""
        have = self._bounds.shape[0]
        if count <= have:
            return
        self._focus = np.concatenate((self._focus, np.zeros(2 * (count - have))))
        # A client that knows nothing has its empty list at the end of the others'.
        end = self._bounds[have - 1, -1] if have else 0
        more = np.full((count - have, self._bounds.shape[1]), end, dtype=np.int64)
        self._bounds = np.concatenate((self._bounds, more))
        self._next_bounds = np.zeros_like(self._bounds)
        self._starts = np.zeros(count, dtype=np.int64)
        self._ends = np.zeros(count, dtype=np.int64)
        self._no_margins = np.full(count, NO_MARGIN, dtype=np.int64)
        if self._out.size < min(count * CLIENT_BYTES, BATCH_BYTES):
            self._out = np.zeros(min(count * CLIENT_BYTES, BATCH_BYTES), dtype=np.uint8)

    def show_all(self, number: int) -> None:
        """A client, until it is forgotten, gets every row that anybody may see; see `Interest.spectators_see`."""
        self.reserve_clients(number + 1)
        self._focus[2 * number : 2 * number + 2] = np.inf

    def forget_client(self, number: int) -> None:
        """Whoever gets this number next does not look where its last owner did, and knows nothing."""
        self.reserve_clients(number + 1)
        self._bounds[number] = self._bounds[number, -1]
        if np.isinf(self._focus[2 * number]):
            self._near.refused[self._near.refused == number + 1] = 0
        self._focus[2 * number : 2 * number + 2] = 0.0

    # What a client sees, for those who are told in another form.

    @property
    def filters(self) -> tuple[str, ...]:
        """Names of the tables of which a client gets only what it can see."""
        names = list(self.world.tables)
        return tuple(names[index] for index in self._filtered)

    def known_to(self, number: int) -> list[list[str]]:
        """The ids that a client knows since the last `frames`, for each table of `filters`."""
        texts = self.world.strings.texts
        bounds = self._bounds[number].tolist()
        known = []
        for place, index in enumerate(self._filtered):
            slots = self._known[bounds[place] : bounds[place + 1]]
            keys = self._state[self._meta[HEADER + index * T_SIZE + T_STATE] + S_HEADER + slots] - 1
            prefix = self._kinds[index].key
            known.append([texts[key] if prefix is None else f"{prefix}{key}" for key in keys.tolist()])
        return known

    def sees(self, number: int, player_id: str, x: float, y: float) -> bool:
        """Whether a place is in a client's view. player_id: whose; where their row stands now is the view's focus."""
        interest = self.interest
        if interest is None or np.isinf(self._focus[2 * number]):
            return True
        table = self._kinds[self._around]
        row = table.find(player_id)
        if row >= 0:
            at = HEADER + self._around * T_SIZE
            from_x, from_y = table.block[self._meta[[at + T_X, at + T_Y]], row].tolist()
        else:
            from_x, from_y = self._focus[2 * number : 2 * number + 2].tolist()
        return interest.covers(x - from_x, y - from_y)

    # A snapshot.

    def advance(self) -> None:
        """Take over the state of the tables: what follows brings clients up to this. Raises TableError."""
        world = self.world
        world.settle()
        if world.layout != self._layout:
            self._adopt_layout()
        strings = world.strings
        self._text_starts = strings.starts[: len(strings) + 1]
        self._delta_size = advance(
            *self._pace,
            self._meta,
            world.reals,
            world.counts,
            world.cells,
            self._state,
            strings.bytes,
            self._text_starts,
            self._delta,
            self._changes,
        )
        self._whole_is_due = True
        if self._filtered:
            sort_rows(self._meta, world.counts, world.cells, self._state, *self._near.sorted)

    def frames(
        self,
        tick: int,
        needs: Numbers,
        acks: Numbers,
        player_ids: Sequence[str],
        events: bytes = b"",
        keyframes: bool = True,
        others: bytes = b"",
        margins: Numbers | None = None,
        sights: Floats = _NO_SIGHTS,
    ) -> Iterator[Batch]:
        """One WebSocket frame for each client, by number: what `needs` says (SKIP, DELTA, KEYFRAME), in batches.

        A batch must be sent before the next is asked for: they share the buffer. acks: the last input applied, or -1.
        player_ids: whose view it is; looked at only if the world has an interest. events: a finished events section.
        keyframes: whether `needs` has any. others: whole WebSocket frames for those whose need is ACCOMPANIED. margins:
        of those inputs in milliseconds, or NO_MARGIN. sights: if not empty, `events` are bare and this says, in records
        as of `gather.E_X`, who is told which; for a world with an interest only.
        """
        count = needs.size
        if count == 0:
            return
        if keyframes and self._whole_is_due:
            self._whole_is_due = False
            strings = self.world.strings
            self._whole_size = keyframe(self._meta, self._state, strings.bytes, self._text_starts, self._whole)
        tail = np.frombuffer(events, dtype=np.uint8).copy() if events else self._nothing
        head = np.frombuffer(others, dtype=np.uint8).copy() if others else self._nothing
        self.reserve_clients(count)
        starts, ends = self._starts, self._ends
        if margins is None:
            margins = self._no_margins
        size = len(events) + (EVENTS_ROOM if sights.size else 0)
        shared = (self._delta, self._delta_size, self._whole, self._whole_size, tail, size, head, len(others))
        first = 0
        if not self._filtered:
            while first < count:
                stop = shared_frames(first, tick, needs, acks, margins, *shared, self._out, starts, ends, self._totals)
                if stop > first:
                    yield Batch(self._out, starts, ends, first, stop)
                else:
                    self._out = np.zeros(2 * self._out.size, dtype=np.uint8)
                first = stop
            return
        table = self._kinds[self._around]
        focus_rows = table.find_all(player_ids)
        refusing = self.interest is not None and self.interest.refuses
        self._next_bounds[0, 0] = 0
        while first < count:
            if refusing:
                self._refuse(first, player_ids[first], focus_rows)
            stop = filtered_frames(
                first,
                first + 1 if refusing else count,
                tick,
                2 if count > MANY_VIEWS else 1,
                needs,
                acks,
                margins,
                focus_rows,
                self._focus,
                self._around,
                *shared,
                sights,
                self._changes,
                self._meta,
                self.world.cells,
                self._state,
                self.world.strings.bytes,
                self._text_starts,
                *self._near.sorted,
                self._near.whole_rows,
                self._near.marks,
                refusing,
                self._near.refused,
                self._near.scratch,
                self._known,
                self._bounds,
                self._next_known,
                self._next_bounds,
                self._largest_row,
                self._out,
                starts,
                ends,
                self._totals,
            )
            if stop > first:
                yield Batch(self._out, starts, ends, first, stop)
            else:
                self._out = np.zeros(2 * self._out.size, dtype=np.uint8)
                self._next_known = np.concatenate((self._next_known, np.zeros_like(self._next_known)))
            first = stop
        self._known, self._next_known = self._next_known, self._known
        self._bounds, self._next_bounds = self._next_bounds, self._bounds
        if self._next_known.size < self._known.size:
            self._next_known = np.zeros_like(self._known)

    def _refuse(self, client: int, player_id: str, focus_rows: Numbers) -> None:
        """Ask the game which rows near a client it may see, and mark the others."""
        interest = self.interest
        assert interest is not None
        names = list(self.world.tables)
        if np.isinf(self._focus[2 * client]):
            return self._refuse_spectators(client, names)
        if interest.may_see is None:
            return
        # What was refused before and is not asked about now: rows that everybody knows, when they are far away.
        self._near.refused[self._near.refused == client + 1] = 0
        centre = self._kinds[self._around]
        if focus_rows[client] >= 0:
            row = focus_rows[client]
            by_name = {column.name: column.index for column in centre.columns}
            self._focus[2 * client : 2 * client + 2] = centre.block[[by_name["x"], by_name["y"]], row]
        x, y = self._focus[2 * client : 2 * client + 2]
        reach_x, reach_y = (reach + interest.margin for reach in interest.reach)
        for index in self._filtered:
            table = self._kinds[index]
            at = HEADER + index * T_SIZE
            live = table.block[:, : len(table)]
            near = np.flatnonzero(
                (np.abs(live[self._meta[at + T_X]] - x) <= reach_x)
                & (np.abs(live[self._meta[at + T_Y]] - y) <= reach_y)
                & (live[SHOWN] != NOBODY)
            )
            if near.size:
                allowed = np.asarray(interest.may_see(player_id, names[index], near), dtype=bool)
                self._mark_refused(client, index, near, allowed, "may_see")

    def _refuse_spectators(self, client: int, names: Sequence[str]) -> None:
        """The same for a client that is shown everything."""
        allow = self.interest.spectators_see if self.interest is not None else None
        for index in self._filtered:
            table = self._kinds[index]
            shown = np.flatnonzero(table.block[SHOWN, : len(table)] != NOBODY)
            if shown.size:
                allowed = np.ones(shown.size, dtype=bool)
                if allow is not None:
                    allowed = np.asarray(allow(names[index], shown), dtype=bool)
                self._mark_refused(client, index, shown, allowed, "spectators_see")

    def _mark_refused(self, client: int, index: int, rows: Numbers, allowed: NDArray[np.bool_], asked: str) -> None:
        table = self._kinds[index]
        if allowed.shape != rows.shape:
            name = list(self.world.tables)[index]
            raise TableError(f"{asked} answered for {allowed.size} rows of {name} and was asked for {rows.size}.")
        slots = table.block[SLOT, rows].astype(np.int64) - 1
        self._near.refused[self._meta[HEADER + index * T_SIZE + T_GRID] + slots] = np.where(allowed, 0, client + 1)

    # Figures.

    def take_totals(self) -> tuple[int, int]:
        """Frames written since the last call of this, and the bytes of their payload."""
        frames, size = self._totals.tolist()
        self._totals[:] = 0
        return frames, size

    def bytes_by_table(self) -> dict[str, int]:
        """Bytes of sections sent of each table so far, keyframes aside; shared ones count once."""
        self._collect_bytes(self._meta)
        return dict(zip(self.world.tables, self._bytes_by_table.tolist(), strict=True))

    def _collect_bytes(self, meta: Numbers) -> None:
        for index in range(len(self._kinds)):
            at = HEADER + index * T_SIZE + T_BYTES
            self._bytes_by_table[index] += meta[at]
            meta[at] = 0
