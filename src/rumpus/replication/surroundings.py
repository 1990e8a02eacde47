"""The memory of interest: what the kernels of `gather` work in, as large as the tables are at the moment."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .interest import Interest
from .layout import CELL_HEADS, G_MARGIN, G_RADIUS, G_REACH_X, G_REACH_Y, G_SIZE, SLACK

Floats = NDArray[np.float64]
Indexes = NDArray[np.int32]
Flags = NDArray[np.uint8]


class Surroundings:
    """One set of arrays; a new one is made whenever a table has grown.

    rows: slots of all filtered tables. changes: bytes that all their rows can take. tables, filtered: how many.
    """

    def __init__(self, rows: int, changes: int, tables: int, filtered: int, interest: Interest | None) -> None:
        self.grid = np.zeros(G_SIZE)
        self.heads = np.zeros(filtered * CELL_HEADS, dtype=np.int32)
        self.slots = np.zeros(max(rows, 1), dtype=np.int32)
        self.places = np.zeros(max(2 * rows, 1))
        self.everybody = np.zeros(tables + rows, dtype=np.int32)
        self.fates = np.zeros(max(rows, 1), dtype=np.uint8)
        self.wholes = np.zeros(2 * rows + 1, dtype=np.int32)
        # Reserved, not used: pages that are never written take no memory.
        self.whole_rows = np.empty(changes + SLACK, dtype=np.uint8)
        self.marks = np.zeros(rows + 1, dtype=np.int32)
        self.refused = np.zeros(max(rows, 1), dtype=np.int32)
        self.scratch = np.zeros(4 * (rows + 1), dtype=np.int32)
        #: What `sort_rows` fills and `filtered_frames` reads, in the order of their arguments.
        self.sorted: tuple[Floats, Indexes, Indexes, Floats, Indexes, Flags, Indexes] = (
            self.grid, self.heads, self.slots, self.places, self.everybody, self.fates, self.wholes
        )  # fmt: skip
        if interest is not None:
            self.grid[G_REACH_X], self.grid[G_REACH_Y] = interest.reach
            self.grid[G_MARGIN] = interest.margin
            self.grid[G_RADIUS] = interest.radius
