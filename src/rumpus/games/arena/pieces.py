"""What maps of Arena are made of: groups of walls, in the form that kernels read.

A map is made of pieces (blocks, bars, corners, bunkers, corridors, crosses), each in one of eight orientations, and of
a group of walls around the middle of the field. All measures are in units of 50.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Rect = tuple[int, int, int, int]  # x, y, width, height

#: The measure of all walls.
UNIT: Final = 50

# Rectangles from the piece's top left corner, and how often it is drawn.
_PIECES: tuple[tuple[int, tuple[Rect, ...]], ...] = (
    (3, ((0, 0, 1, 1),)),  # pillar
    (4, ((0, 0, 2, 2),)),  # block
    (3, ((0, 0, 3, 2),)),
    (4, ((0, 0, 4, 1),)),  # bar
    (3, ((0, 0, 6, 1),)),
    (4, ((0, 0, 4, 1), (0, 1, 1, 3))),  # corner
    (2, ((0, 0, 5, 1), (0, 1, 1, 2), (4, 1, 1, 2))),  # bunker, open on one side
    (3, ((0, 0, 5, 1), (0, 3, 5, 1))),  # corridor
    (2, ((1, 0, 1, 1), (0, 1, 3, 1), (1, 2, 1, 1))),  # cross
    (2, ((0, 0, 1, 1), (3, 0, 1, 1), (0, 3, 1, 1), (3, 3, 1, 1))),  # four pillars
    (2, ((0, 0, 3, 1), (2, 1, 1, 1), (2, 2, 3, 1))),  # step
)

# Around the middle of the field, from the middle.
_CENTRES: tuple[tuple[Rect, ...], ...] = (
    ((-1, -1, 2, 2),),  # a block
    ((-3, -3, 1, 1), (2, -3, 1, 1), (-3, 2, 1, 1), (2, 2, 1, 1)),  # a square of pillars around an open place
    (
        (-4, -4, 3, 1),
        (1, -4, 3, 1),
        (-4, 3, 3, 1),
        (1, 3, 3, 1),
        (-4, -3, 1, 2),
        (3, -3, 1, 2),
        (-4, 1, 1, 2),
        (3, 1, 1, 2),
    ),
    ((-1, -3, 2, 6), (-3, -1, 2, 2), (1, -1, 2, 2)),  # a cross
    (),  # an open place
)

# A group of walls as a line of whole numbers: how many walls, where they end on each axis, then the rectangles.
COUNT: Final = 0
EXTENT_X: Final = 1
EXTENT_Y: Final = 2
RECTS: Final = 3
#: The most walls that a group has.
MOST_WALLS: Final = 8
#: The most walls of one map that stem from one piece: each of its four in four places.
MOST_OF_PIECE: Final = 16


def _turned(piece: tuple[Rect, ...], flip_x: bool, flip_y: bool, swap: bool) -> tuple[Rect, ...]:
    """The piece in one of its eight orientations: mirrored left to right, top to bottom, then along the diagonal."""
    extent_x = max(x + w for x, _, w, _ in piece)
    extent_y = max(y + h for _, y, _, h in piece)
    if flip_x:
        piece = tuple((extent_x - x - w, y, w, h) for x, y, w, h in piece)
    if flip_y:
        piece = tuple((x, extent_y - y - h, w, h) for x, y, w, h in piece)
    if swap:
        piece = tuple((y, x, h, w) for x, y, w, h in piece)
    return piece


def _line(group: tuple[Rect, ...]) -> list[int]:
    """The group as kernels read it."""
    width = max((x + w for x, _, w, _ in group), default=0)
    height = max((y + h for _, y, _, h in group), default=0)
    numbers = [number for rect in group for number in rect]
    return [len(group), width, height, *numbers, *([0] * (4 * MOST_WALLS - len(numbers)))]


_EITHER = (False, True)

#: (draws, 8, numbers of a group): each piece as often as it is drawn, in every orientation (4 * flip x + 2 * flip y +
#: swap).
PIECES: NDArray[np.int64] = np.array(
    [
        [_line(_turned(piece, flip_x, flip_y, swap)) for flip_x in _EITHER for flip_y in _EITHER for swap in _EITHER]
        for often, piece in _PIECES
        for _ in range(often)
    ]
)
#: (groups, numbers of a group).
CENTRES: NDArray[np.int64] = np.array([_line(group) for group in _CENTRES])
