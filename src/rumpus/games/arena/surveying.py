"""What follows from a map's walls: where bodies fit, whether that is all one place, and which walls are near what."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rumpus.compiled import kernel, part
from rumpus.games.arena.constants import LOOKUP_CELL, LOOKUP_MARGIN, NAV_CELL, PLAYER_RADIUS

Numbers = NDArray[np.int64]
Cells = NDArray[np.int32]
Bits = NDArray[np.bool_]

#: How far around a wall there may be cells that no body can reach.
_NEAR = 50


@part
def _mark_solid(width: int, height: int, walls: Numbers, solid: Bits) -> None:
    """Cells whose middle is closer to a wall or the edge than a body is wide."""
    rows, columns = solid.shape
    for row in range(rows):
        for column in range(columns):
            beyond_x = (column + 0.5) * NAV_CELL > width - PLAYER_RADIUS
            beyond_y = (row + 0.5) * NAV_CELL > height - PLAYER_RADIUS
            solid[row, column] = beyond_x or beyond_y
    for wall in range(walls.shape[0]):
        left, top = float(walls[wall, 0]), float(walls[wall, 1])
        right, bottom = left + walls[wall, 2], top + walls[wall, 3]
        for row in range(max(int((top - _NEAR) // NAV_CELL), 0), min(int((bottom + _NEAR) // NAV_CELL) + 1, rows)):
            y = (row + 0.5) * NAV_CELL
            dy = y - min(max(y, top), bottom)
            first, last = int((left - _NEAR) // NAV_CELL), int((right + _NEAR) // NAV_CELL)
            for column in range(max(first, 0), min(last + 1, columns)):
                x = (column + 0.5) * NAV_CELL
                dx = x - min(max(x, left), right)
                if dx * dx + dy * dy < PLAYER_RADIUS * PLAYER_RADIUS:
                    solid[row, column] = True


@part
def _is_connected(solid: Bits, queue: Cells, seen: Bits) -> bool:
    """Whether every open cell can be reached from every other. queue, seen: a place for each cell; seen all false."""
    rows, columns = solid.shape
    tail = 0
    left = 0
    for row in range(rows):
        for column in range(columns):
            if not solid[row, column]:
                left += 1
                if tail == 0:
                    queue[0] = row * columns + column
                    seen[queue[0]] = True
                    tail = 1
    head = 0
    while head < tail:
        row, column = queue[head] // columns, queue[head] % columns
        head += 1
        for side in range(4):
            next_row = row + (side == 0) - (side == 1)
            next_column = column + (side == 2) - (side == 3)
            if 0 <= next_row < rows and 0 <= next_column < columns and not solid[next_row, next_column]:
                cell = next_row * columns + next_column
                if not seen[cell]:
                    seen[cell] = True
                    queue[tail] = cell
                    tail += 1
    return tail == left


@part
def _first_cell(at: int) -> int:
    return max(int((at - LOOKUP_MARGIN) // LOOKUP_CELL), 0)


@part
def _last_cell(at: int, cells: int) -> int:
    return min(int((at + LOOKUP_MARGIN) // LOOKUP_CELL), cells - 1)


@part
def _list_walls(walls: Numbers, across: int, down: int, lookup: Cells) -> int:
    """For each cell of 100 units the walls within reach of anything whose middle is in it. Returns the numbers used.

    lookup: where the list of each cell begins, and where the last one ends; then the lists, each in the walls' order.
    """
    cells = across * down
    for cell in range(cells + 1):
        lookup[cell] = 0
    # First how long each list is, then where it ends; filled from the end, it begins where it should.
    for wall in range(walls.shape[0]):
        x, y = walls[wall, 0], walls[wall, 1]
        for row in range(_first_cell(y), _last_cell(y + walls[wall, 3], down) + 1):
            for column in range(_first_cell(x), _last_cell(x + walls[wall, 2], across) + 1):
                lookup[row * across + column] += 1
    end = cells + 1
    for cell in range(cells):
        end += lookup[cell]
        lookup[cell] = end
    lookup[cells] = end
    for wall in range(walls.shape[0] - 1, -1, -1):
        x, y = walls[wall, 0], walls[wall, 1]
        for row in range(_first_cell(y), _last_cell(y + walls[wall, 3], down) + 1):
            for column in range(_first_cell(x), _last_cell(x + walls[wall, 2], across) + 1):
                cell = row * across + column
                lookup[cell] -= 1
                lookup[lookup[cell]] = wall
    return end


@kernel
def survey(width: int, height: int, walls: Numbers, solid: Bits, queue: Cells, seen: Bits, lookup: Cells) -> int:
    """Fill `solid` and `lookup`. Returns how much of `lookup` is used: below 0 if some open cell cannot be reached.

    walls: (n, 4). solid: (rows, columns) of cells of 50 units. queue, seen: a place for each of them; seen all false.
    """
    _mark_solid(width, height, walls, solid)
    used = _list_walls(walls, int(-(-width // LOOKUP_CELL)), int(-(-height // LOOKUP_CELL)), lookup)
    return used if _is_connected(solid, queue, seen) else -used
