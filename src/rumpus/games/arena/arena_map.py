"""Maps drawn from a seed: walls with cover and open places, spawn points, places for pick-ups.

A map is made of pieces (blocks, bars, corners, bunkers, corridors, crosses) set down in one half or quarter of the
field and mirrored or turned into the rest, so that no side has the better ground. Between two pieces, and between a
piece and the edge, there are always at least 100 units: any body fits through, no pocket can close, and every gap holds
a line of the flow field's cells. Rejected: mazes and caves, which need repairs afterwards to promise the same.
"""

from __future__ import annotations

import random
from collections import deque
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from rumpus.games.arena.constants import (
    HEALTH,
    LOOKUP_CELL,
    LOOKUP_MARGIN,
    NAV_CELL,
    PLAYER_RADIUS,
    RAPID_FIRE,
    SHIELD_UP,
)

Rect = tuple[int, int, int, int]  # x, y, width, height

_UNIT = 50
_GAP = 100

# In units of 50: rectangles (x, y, width, height) from the piece's top left corner, and how often it is drawn.
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

# Around the middle of the field, in units of 50 from the middle.
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


@dataclass(frozen=True, slots=True)
class ArenaMap:
    """A field of play. `walls` are (x, y, width, height); the arrays are what the kernels read."""

    width: int
    height: int
    walls: list[list[int]]
    edges: NDArray[np.float64]  # (walls or 1, 4): left, top, right, bottom
    lookup: NDArray[np.int32]  # for each cell of 100 units, where its list of walls starts; then the lists
    lookup_size: tuple[int, int]
    solid: NDArray[np.bool_]  # (rows, columns) of the 50-unit grid: cells whose middle no body can reach
    spots: NDArray[np.float64]  # (n, 2) spawn points
    pads: list[tuple[float, float, int]]  # x, y, kind of pick-up


@lru_cache(maxsize=16)
def build_map(width: int, height: int, seed: int, walls: bool = True, pickups: float = 1.0) -> ArenaMap:
    """The map that belongs to `seed`. The same arguments give the same map: do not write to it."""
    chance = random.Random(f"map {seed} {width} {height}")  # noqa: S311 - a game map, not a secret
    rects = _draw_walls(width, height, chance) if walls else []
    solid = _solid_cells(width, height, rects)
    while not _connected(solid):  # the gaps promise this cannot happen; a map is worth checking all the same
        rects = rects[:-4]
        solid = _solid_cells(width, height, rects)
    lookup, lookup_size = _wall_lookup(width, height, rects)
    corners = [(x, y, x + w, y + h) for x, y, w, h in rects] or [(0, 0, 0, 0)]  # no table is ever empty
    edges = np.array(corners, dtype=np.float64)
    spots = _spots(width, height, rects, chance)
    pads = _pads(width, height, rects, pickups, chance)
    return ArenaMap(width, height, [list(rect) for rect in rects], edges, lookup, lookup_size, solid, spots, pads)


def _images(rect: Rect, width: int, height: int, quarters: bool) -> list[Rect]:
    """A rectangle and its mirror images (two axes), or its image turned by 180 degrees."""
    x, y, w, h = rect
    turned = (width - x - w, height - y - h, w, h)
    if not quarters:
        return [rect, turned]
    return [rect, (width - x - w, y, w, h), (x, height - y - h, w, h), turned]


class _Ground:
    """Which parts of the field are taken, in cells of 25 units, so that pieces keep their distance."""

    def __init__(self, width: int, height: int) -> None:
        self.taken = np.zeros((height // 25 + 1, width // 25 + 1), dtype=np.bool_)

    def free(self, rect: Rect, gap: int) -> bool:
        x, y, w, h = rect
        rows = slice(max((y - gap) // 25, 0), max((y + h + gap + 24) // 25, 0))
        columns = slice(max((x - gap) // 25, 0), max((x + w + gap + 24) // 25, 0))
        return not self.taken[rows, columns].any()

    def take(self, rect: Rect) -> None:
        x, y, w, h = rect
        self.taken[y // 25 : (y + h + 24) // 25, x // 25 : (x + w + 24) // 25] = True


def _draw_walls(width: int, height: int, chance: random.Random) -> list[Rect]:
    quarters = chance.random() < 0.5
    ground = _Ground(width, height)
    middle_x, middle_y = width // 2, height // 2
    rects: list[Rect] = []
    # A field of odd size has no whole number for a middle, and so no centrepiece.
    centre = chance.choice(_CENTRES) if width % 2 == 0 and height % 2 == 0 else ()
    for x, y, w, h in centre:
        rect = (middle_x + x * _UNIT, middle_y + y * _UNIT, w * _UNIT, h * _UNIT)
        rects.append(rect)
        ground.take(rect)
    # The middle stays open: a place to fight over.
    plaza = (middle_x - 275, middle_y - 275, 550, 550)
    bag = [rects_of for weight, rects_of in _PIECES for _ in range(weight)]
    target = 0.09 * width * height
    covered = float(sum(w * h for _, _, w, h in rects))
    images_per_piece = 4 if quarters else 2
    for _ in range(40 + width * height // 16_000):
        if covered >= target:
            break
        piece = _turned(chance.choice(bag), chance)
        extent_x = max(x + w for x, _, w, _ in piece) * _UNIT
        extent_y = max(y + h for _, y, _, h in piece) * _UNIT
        right = (middle_x if quarters else width - _GAP) - extent_x
        bottom = middle_y - extent_y
        if right < _GAP or bottom < _GAP:
            continue
        x = _GAP + _UNIT * chance.randrange((right - _GAP) // _UNIT + 1)
        y = _GAP + _UNIT * chance.randrange((bottom - _GAP) // _UNIT + 1)
        box = (x, y, extent_x, extent_y)
        images = _images(box, width, height, quarters)
        if any(_overlap(image, plaza, 0) for image in images) or not all(ground.free(image, _GAP) for image in images):
            continue
        if any(_overlap(images[0], other, _GAP) for other in images[1:]):
            continue
        for rx, ry, w, h in piece:
            rect = (x + rx * _UNIT, y + ry * _UNIT, w * _UNIT, h * _UNIT)
            rects.extend(_images(rect, width, height, quarters))
            covered += images_per_piece * w * h * _UNIT * _UNIT
        for image in images:
            ground.take(image)
    return rects


def _turned(piece: tuple[Rect, ...], chance: random.Random) -> tuple[Rect, ...]:
    """The piece in one of its eight orientations."""
    extent_x = max(x + w for x, _, w, _ in piece)
    extent_y = max(y + h for _, y, _, h in piece)
    if chance.random() < 0.5:
        piece = tuple((extent_x - x - w, y, w, h) for x, y, w, h in piece)
    if chance.random() < 0.5:
        piece = tuple((x, extent_y - y - h, w, h) for x, y, w, h in piece)
    if chance.random() < 0.5:
        piece = tuple((y, x, h, w) for x, y, w, h in piece)
    return piece


def _overlap(one: Rect, other: Rect, gap: int) -> bool:
    return (
        one[0] < other[0] + other[2] + gap
        and other[0] < one[0] + one[2] + gap
        and one[1] < other[1] + other[3] + gap
        and other[1] < one[1] + one[3] + gap
    )


def _solid_cells(width: int, height: int, rects: list[Rect]) -> NDArray[np.bool_]:
    """Cells of the flow field whose middle is closer to a wall or the edge than a body is wide."""
    columns, rows = int(-(-width // NAV_CELL)), int(-(-height // NAV_CELL))
    xs = (np.arange(columns) + 0.5) * NAV_CELL
    ys = (np.arange(rows) + 0.5) * NAV_CELL
    solid = np.zeros((rows, columns), dtype=np.bool_)
    for x, y, w, h in rects:
        # Only cells around the wall can be too close.
        first_column, last_column = int((x - 50) // NAV_CELL), int((x + w + 50) // NAV_CELL) + 1
        first_row, last_row = int((y - 50) // NAV_CELL), int((y + h + 50) // NAV_CELL) + 1
        near_x = xs[max(first_column, 0) : last_column]
        near_y = ys[max(first_row, 0) : last_row]
        dx = near_x - np.clip(near_x, x, x + w)
        dy = near_y - np.clip(near_y, y, y + h)
        close = dx[None, :] ** 2 + dy[:, None] ** 2 < PLAYER_RADIUS**2
        solid[max(first_row, 0) : last_row, max(first_column, 0) : last_column] |= close
    solid[:, xs > width - PLAYER_RADIUS] = True
    solid[ys > height - PLAYER_RADIUS, :] = True
    return solid


def _connected(solid: NDArray[np.bool_]) -> bool:
    """Whether every open cell can be reached from every other."""
    rows, columns = solid.shape
    seen = bytearray(solid.tobytes())  # 1 where solid or already reached
    start = seen.find(0)
    seen[start] = 1
    queue = deque([start])
    while queue:
        cell = queue.popleft()
        row, column = divmod(cell, columns)
        for next_row, next_column in ((row, column - 1), (row, column + 1), (row - 1, column), (row + 1, column)):
            if 0 <= next_row < rows and 0 <= next_column < columns:
                other = next_row * columns + next_column
                if not seen[other]:
                    seen[other] = 1
                    queue.append(other)
    return 0 not in seen


def _wall_lookup(width: int, height: int, rects: list[Rect]) -> tuple[NDArray[np.int32], tuple[int, int]]:
    """For each cell of 100 units the walls within reach of anything whose middle is in the cell, in their order."""
    columns, rows = int(-(-width // LOOKUP_CELL)), int(-(-height // LOOKUP_CELL))
    lists: list[list[int]] = [[] for _ in range(columns * rows)]
    for number, (x, y, w, h) in enumerate(rects):
        left, right = (int(edge // LOOKUP_CELL) for edge in (x - LOOKUP_MARGIN, x + w + LOOKUP_MARGIN))
        top, bottom = (int(edge // LOOKUP_CELL) for edge in (y - LOOKUP_MARGIN, y + h + LOOKUP_MARGIN))
        for row in range(max(top, 0), min(bottom, rows - 1) + 1):
            for column in range(max(left, 0), min(right, columns - 1) + 1):
                lists[row * columns + column].append(number)
    starts = np.cumsum([len(lists) + 1] + [len(walls) for walls in lists])
    flat = [number for walls in lists for number in walls]
    return np.array([*starts, *flat], dtype=np.int32), (columns, rows)


def _clear_of_walls(x: float, y: float, rects: list[Rect], distance: float) -> bool:
    for left, top, w, h in rects:
        dx = x - min(max(x, left), left + w)
        dy = y - min(max(y, top), top + h)
        if dx * dx + dy * dy < distance * distance:
            return False
    return True


def _scatter(
    width: int,
    height: int,
    rects: list[Rect],
    count: int,
    apart: float,
    clear: float,
    taken: list[tuple[float, float]],
    chance: random.Random,
) -> list[tuple[float, float]]:
    """Up to `count` points, in pairs that mirror each other through the middle, `apart` from each other."""
    points: list[tuple[float, float]] = []
    near: dict[tuple[int, int], list[tuple[float, float]]] = {}

    def remember(point: tuple[float, float]) -> None:
        near.setdefault((int(point[0] // apart), int(point[1] // apart)), []).append(point)

    def crowded(x: float, y: float) -> bool:
        column, row = int(x // apart), int(y // apart)
        return any(
            (x - px) ** 2 + (y - py) ** 2 < apart * apart
            for dc in (-1, 0, 1)
            for dr in (-1, 0, 1)
            for px, py in near.get((column + dc, row + dr), ())
        )

    buckets: dict[tuple[int, int], list[Rect]] = {}
    for rect in rects:
        for column in range((rect[0] - 100) // 200, (rect[0] + rect[2] + 100) // 200 + 1):
            for row in range((rect[1] - 100) // 200, (rect[1] + rect[3] + 100) // 200 + 1):
                buckets.setdefault((column, row), []).append(rect)
    for point in taken:
        remember(point)
    for _ in range(count * 12):
        if len(points) >= count:
            break
        x = float(chance.randrange(80, width - 79, 5))
        y = float(chance.randrange(80, height - 79, 5))
        other = (width - x, height - y)
        if (x - other[0]) ** 2 + (y - other[1]) ** 2 < apart * apart or crowded(x, y) or crowded(*other):
            continue
        # The walls are symmetric through the middle, so where one point is clear its image is too.
        if not _clear_of_walls(x, y, buckets.get((int(x // 200), int(y // 200)), []), clear):
            continue
        for point in ((x, y), other):
            points.append(point)
            remember(point)
    return points


def _spots(width: int, height: int, rects: list[Rect], chance: random.Random) -> NDArray[np.float64]:
    """Spawn points: about one per 100,000 square units, 60 units clear of walls."""
    count = min(max(width * height // 100_000, 12), 1200)
    points = _scatter(width, height, rects, count, 160.0, 60.0, [], chance)
    return np.array(points, dtype=np.float64)


def _pads(
    width: int, height: int, rects: list[Rect], density: float, chance: random.Random
) -> list[tuple[float, float, int]]:
    """Places for pick-ups: half of them health, the rest rapid fire and shields, in mirrored pairs of one kind."""
    count = min(round(width * height * density / 450_000), 2000)
    points = _scatter(width, height, rects, count, 220.0, 40.0, [], chance)
    kinds = (HEALTH, RAPID_FIRE, HEALTH, SHIELD_UP)
    return [(x, y, kinds[(index // 2) % 4]) for index, (x, y) in enumerate(points)]
