"""Draws a map's walls and scatters points over it: kernels, so that a match begins within a millisecond.

Pieces are set down in one half or quarter of the field and mirrored or turned into the rest, so that no side has the
better ground. Between two pieces, and between a piece and the edge, there are always at least 100 units: any body fits
through, no pocket can close, and every gap holds a line of the flow field's cells. Rejected: mazes and caves, which
need repairs afterwards to promise the same.

What a seed gives is what Python's `random.Random` makes of it, as maps were drawn with that before there were kernels:
`words` are its words of 32 bits in their order, and the functions here use them as its methods do. The numbers are
whole, or halves of them: no sum depends on its order.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from rumpus.compiled import kernel, part
from rumpus.games.arena.constants import LOOKUP_CELL, LOOKUP_MARGIN
from rumpus.games.arena.pieces import COUNT, EXTENT_X, EXTENT_Y, RECTS, UNIT

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]
Cells = NDArray[np.int32]
Bits = NDArray[np.bool_]

_GAP: Final = 100
#: Cells of this size know whether a piece has taken them.
GROUND: Final = 25
#: How far the middle of the field stays open, a place to fight over: this to each side.
_PLAZA: Final = 275
#: How much of the field is to be wall.
COVERED: Final = 0.09
#: Points lie on a grid of this size, and so far from the edge at least.
_STEP: Final = 5
_EDGE: Final = 80


@part
def next_word(words: Numbers, cursor: Numbers) -> int:
    """The next 32 bits. Beyond the last they are 0: whoever called the kernel sees by the cursor that it needs more."""
    at = cursor[0]
    cursor[0] = at + 1
    return int(words[at]) if at < words.size else 0


@part
def toss(words: Numbers, cursor: Numbers) -> bool:
    """`random() < 0.5`: a float is made of two words, and is below a half if the first bit is 0."""
    first = next_word(words, cursor)
    cursor[0] += 1
    return first < 0x80000000


@part
def below(words: Numbers, cursor: Numbers, limit: int) -> int:
    """`randrange(limit)`: as many bits as the limit has, again until they are less. limit: 1 to 2**32 - 1."""
    shift = 32
    while limit >> (32 - shift) > 0:
        shift -= 1
    drawn = next_word(words, cursor) >> shift
    while drawn >= limit:
        drawn = next_word(words, cursor) >> shift
    return drawn


@part
def _is_free(ground: Bits, x: int, y: int, w: int, h: int) -> bool:
    """Whether a rectangle keeps its distance from all that is there."""
    for row in range(max((y - _GAP) // GROUND, 0), min((y + h + _GAP + GROUND - 1) // GROUND, ground.shape[0])):
        for column in range(max((x - _GAP) // GROUND, 0), min((x + w + _GAP + GROUND - 1) // GROUND, ground.shape[1])):
            if ground[row, column]:
                return False
    return True


@part
def _take(ground: Bits, x: int, y: int, w: int, h: int) -> None:
    for row in range(y // GROUND, (y + h + GROUND - 1) // GROUND):
        for column in range(x // GROUND, (x + w + GROUND - 1) // GROUND):
            ground[row, column] = True


@part
def _overlap(x: int, y: int, w: int, h: int, x2: int, y2: int, w2: int, h2: int, gap: int) -> bool:
    return x < x2 + w2 + gap and x2 < x + w + gap and y < y2 + h2 + gap and y2 < y + h + gap


# The images of a rectangle have numbers: 1 is mirrored left to right, 2 top to bottom, 3 is turned by 180 degrees, and
# 0 is itself. A field of quarters has all four, one of halves 0 and 3.


@part
def _image(at: int, extent: int, size: int, flipped: int) -> int:
    """Where a rectangle begins on one axis, or its mirror image."""
    return size - at - extent if flipped != 0 else at


@part
def _fits(ground: Bits, x: int, y: int, w: int, h: int, width: int, height: int, every: int) -> bool:
    """Whether a piece in that box, and its images, are clear of the middle, of each other and of what is there."""
    for image in range(0, 4, every):
        ix = _image(x, w, width, image & 1)
        iy = _image(y, h, height, image & 2)
        if _overlap(ix, iy, w, h, width // 2 - _PLAZA, height // 2 - _PLAZA, 2 * _PLAZA, 2 * _PLAZA, 0):
            return False
        if image > 0 and _overlap(x, y, w, h, ix, iy, w, h, _GAP):
            return False
        if not _is_free(ground, ix, iy, w, h):
            return False
    return True


@kernel
def draw_walls(
    words: Numbers,
    cursor: Numbers,
    width: int,
    height: int,
    pieces: Numbers,
    centres: Numbers,
    ground: Bits,
    walls: Numbers,
) -> int:
    """Fill `walls`, (n, 4): x, y, width, height. Returns how many there are.

    cursor: one number, the next word. ground: all false, a cell for every 25 units begun, and one more each way.
    """
    every = 1 if toss(words, cursor) else 3
    images = 4 if every == 1 else 2
    count = 0
    covered = 0
    # A field of odd size has no whole number for a middle, and so no centrepiece.
    if width % 2 == 0 and height % 2 == 0:
        group = centres[below(words, cursor, centres.shape[0])]
        for at in range(RECTS, RECTS + 4 * group[COUNT], 4):
            x, y = width // 2 + group[at] * UNIT, height // 2 + group[at + 1] * UNIT
            w, h = group[at + 2] * UNIT, group[at + 3] * UNIT
            walls[count, 0], walls[count, 1], walls[count, 2], walls[count, 3] = x, y, w, h
            count += 1
            covered += w * h
            _take(ground, x, y, w, h)
    target = COVERED * width * height
    for _ in range(40 + width * height // 16_000):
        if covered >= target:
            break
        turns = pieces[below(words, cursor, pieces.shape[0])]
        flip_x = toss(words, cursor)
        flip_y = toss(words, cursor)
        group = turns[4 * flip_x + 2 * flip_y + toss(words, cursor)]
        extent_x, extent_y = group[EXTENT_X] * UNIT, group[EXTENT_Y] * UNIT
        right = (width // 2 if every == 1 else width - _GAP) - extent_x
        bottom = height // 2 - extent_y
        if right < _GAP or bottom < _GAP:
            continue
        x = _GAP + UNIT * below(words, cursor, (right - _GAP) // UNIT + 1)
        y = _GAP + UNIT * below(words, cursor, (bottom - _GAP) // UNIT + 1)
        if not _fits(ground, x, y, extent_x, extent_y, width, height, every):
            continue
        for at in range(RECTS, RECTS + 4 * group[COUNT], 4):
            w, h = group[at + 2] * UNIT, group[at + 3] * UNIT
            for image in range(0, 4, every):
                walls[count, 0] = _image(x + group[at] * UNIT, w, width, image & 1)
                walls[count, 1] = _image(y + group[at + 1] * UNIT, h, height, image & 2)
                walls[count, 2], walls[count, 3] = w, h
                count += 1
            covered += images * w * h
        for image in range(0, 4, every):
            ix, iy = _image(x, extent_x, width, image & 1), _image(y, extent_y, height, image & 2)
            _take(ground, ix, iy, extent_x, extent_y)
    return count


@part
def _is_crowded(x: float, y: float, apart: float, points: Floats, near: Cells, across: int, down: int) -> bool:
    """Whether a point is too close to one that is there. near: the last point of each cell, then of each the next."""
    middle_column, middle_row = int(x / apart), int(y / apart)
    for row in range(max(middle_row - 1, 0), min(middle_row + 2, down)):
        for column in range(max(middle_column - 1, 0), min(middle_column + 2, across)):
            point = near[row * across + column]
            while point >= 0:
                dx, dy = x - points[point, 0], y - points[point, 1]
                if dx * dx + dy * dy < apart * apart:
                    return True
                point = near[across * down + point]
    return False


@part
def _is_clear(x: float, y: float, distance: float, walls: Numbers, lookup: Cells, across: int, down: int) -> bool:
    """Whether no wall is closer than `distance`."""
    # A cell of the lookup knows what is within its margin: for more, those beyond count too.
    beyond = max(distance - LOOKUP_MARGIN, 0.0)
    for row in range(int((y - beyond) / LOOKUP_CELL), min(int((y + beyond) / LOOKUP_CELL), down - 1) + 1):
        for column in range(int((x - beyond) / LOOKUP_CELL), min(int((x + beyond) / LOOKUP_CELL), across - 1) + 1):
            cell = row * across + column
            for entry in range(lookup[cell], lookup[cell + 1]):
                wall = lookup[entry]
                dx = x - min(max(x, walls[wall, 0]), walls[wall, 0] + walls[wall, 2])
                dy = y - min(max(y, walls[wall, 1]), walls[wall, 1] + walls[wall, 3])
                if dx * dx + dy * dy < distance * distance:
                    return False
    return True


@kernel
def scatter(
    words: Numbers,
    cursor: Numbers,
    width: int,
    height: int,
    walls: Numbers,
    lookup: Cells,
    apart: float,
    clear: float,
    wanted: int,
    points: Floats,
    near: Cells,
) -> int:
    """Fill `points`, (wanted + 1, 2), with pairs that mirror each other through the middle. Returns how many there are.

    They are `apart` from each other, and `clear` of walls. near: -1 for each cell of the size `apart`, across and down
    as many as are begun, then a place for each point.
    """
    across, down = int(width / apart) + 1, int(height / apart) + 1
    lookup_across = int(-(-width // LOOKUP_CELL))
    lookup_down = int(-(-height // LOOKUP_CELL))
    columns = (width - 2 * _EDGE) // _STEP + 1
    rows = (height - 2 * _EDGE) // _STEP + 1
    count = 0
    for _ in range(wanted * 12):
        if count >= wanted:
            break
        x = float(_EDGE + _STEP * below(words, cursor, columns))
        y = float(_EDGE + _STEP * below(words, cursor, rows))
        dx, dy = 2.0 * x - width, 2.0 * y - height
        if dx * dx + dy * dy < apart * apart:
            continue
        if _is_crowded(x, y, apart, points, near, across, down):
            continue
        if _is_crowded(width - x, height - y, apart, points, near, across, down):
            continue
        # The walls are symmetric through the middle, so where one point is clear its image is too.
        if not _is_clear(x, y, clear, walls, lookup, lookup_across, lookup_down):
            continue
        for image in range(2):
            points[count, 0] = px = width - x if image else x
            points[count, 1] = py = height - y if image else y
            cell = int(py / apart) * across + int(px / apart)
            near[across * down + count] = near[cell]
            near[cell] = count
            count += 1
    return count
