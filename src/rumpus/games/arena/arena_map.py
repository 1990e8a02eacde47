"""Maps drawn from a seed: walls with cover and open places, spawn points, places for pick-ups.

Whoever opens a room or starts a match makes the server draw a map, while which no other room ticks: so everything that
goes through cells, walls or attempts is a kernel (`drawing`, `surveying`), and here is only what they are given.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rumpus.games.arena.constants import (
    HEALTH,
    LOOKUP_CELL,
    LOOKUP_MARGIN,
    NAV_CELL,
    RAPID_FIRE,
    SHIELD_UP,
)
from rumpus.games.arena.drawing import COVERED, GROUND, draw_walls, scatter
from rumpus.games.arena.pieces import CENTRES, MOST_OF_PIECE, MOST_WALLS, PIECES, UNIT
from rumpus.games.arena.surveying import survey

#: Kinds of pick-ups, in the order in which pairs of pads get them: half of them health.
_KINDS = (HEALTH, RAPID_FIRE, HEALTH, SHIELD_UP)
#: Random words for a small field; with some more for its size they are nearly always enough.
_FEW_WORDS = 1536


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


class Survey(NamedTuple):
    """What follows from walls; see `ArenaMap`."""

    lookup: NDArray[np.int32]
    lookup_size: tuple[int, int]
    solid: NDArray[np.bool_]
    #: Whether every open cell can be reached from every other.
    connected: bool


class _Chance:
    """The random words of one map, handed to kernels: a word for each that `random.Random` would draw."""

    def __init__(self, seed: str, count: int) -> None:
        source = random.Random(seed)  # noqa: S311 - a game map, not a secret
        self.words = np.frombuffer(source.randbytes(4 * count), dtype="<u4").astype(np.int64)
        #: One number: the next word.
        self.cursor = np.zeros(1, dtype=np.int64)

    @property
    def exhausted(self) -> bool:
        """Whether more was drawn than there is: what came of it does not count."""
        return bool(self.cursor[0] > self.words.size)


def bare_map(width: int, height: int) -> ArenaMap:
    """A map with nothing on it, drawn without a kernel: for compiling others."""
    none = np.zeros((0, 4), dtype=np.int64)
    lookup_size = _cells(width, LOOKUP_CELL), _cells(height, LOOKUP_CELL)
    cells = math.prod(lookup_size)
    return ArenaMap(
        width=width,
        height=height,
        walls=[],
        edges=_edges(none),
        lookup=np.full(cells + 1, cells + 1, dtype=np.int32),
        lookup_size=lookup_size,
        solid=np.zeros((_cells(height, NAV_CELL), _cells(width, NAV_CELL)), dtype=np.bool_),
        spots=np.array([[width / 2, height / 2]]),
        pads=[],
    )


@lru_cache(maxsize=16)
def build_map(width: int, height: int, seed: int, walls: bool = True, pickups: float = 1.0) -> ArenaMap:
    """The map that belongs to `seed`. The same arguments give the same map: do not write to it."""
    words = _FEW_WORDS + width * height // 2000
    while True:
        chance = _Chance(f"map {seed} {width} {height}", words)
        drawn = _draw(width, height, walls, pickups, chance)
        if not chance.exhausted:
            return drawn
        words *= 2


def _draw(width: int, height: int, with_walls: bool, pickups: float, chance: _Chance) -> ArenaMap:
    """The map that these random words give."""
    walls = _walls(width, height, chance) if with_walls else np.zeros((0, 4), dtype=np.int64)
    found = survey_walls(width, height, walls)
    while not found.connected:  # the gaps promise this cannot happen; a map is worth checking all the same
        walls = walls[:-4]
        found = survey_walls(width, height, walls)
    # About one spawn point per 100,000 square units.
    wanted = min(max(width * height // 100_000, 12), 1200)
    spots = _points(width, height, walls, found.lookup, wanted, 160.0, 60.0, chance)
    wanted = min(round(width * height * pickups / 450_000), 2000)
    places = _points(width, height, walls, found.lookup, wanted, 220.0, 40.0, chance).tolist()
    # In mirrored pairs of one kind.
    pads = [(x, y, _KINDS[index // 2 % 4]) for index, (x, y) in enumerate(places)]
    return ArenaMap(
        width, height, walls.tolist(), _edges(walls), found.lookup, found.lookup_size, found.solid, spots, pads
    )


def _walls(width: int, height: int, chance: _Chance) -> NDArray[np.int64]:
    """The walls as (n, 4)."""
    # What is covered before the last piece, and that.
    most = MOST_WALLS + MOST_OF_PIECE + int(COVERED * width * height) // UNIT**2
    walls = np.empty((most, 4), dtype=np.int64)
    ground = np.zeros((height // GROUND + 1, width // GROUND + 1), dtype=np.bool_)
    count = draw_walls(chance.words, chance.cursor, width, height, PIECES, CENTRES, ground, walls)
    return walls[:count]


def _edges(walls: NDArray[np.int64]) -> NDArray[np.float64]:
    """Where each wall begins and ends on both axes."""
    edges = np.zeros((max(len(walls), 1), 4))  # no table is ever empty
    edges[: len(walls)] = walls
    edges[:, 2:] += edges[:, :2]
    return edges


def _cells(length: int, size: float) -> int:
    """How many cells of that size it takes."""
    return int(-(-length // size))


def survey_walls(width: int, height: int, walls: NDArray[np.int64]) -> Survey:
    """What follows from walls, (n, 4): x, y, width, height."""
    solid = np.empty((_cells(height, NAV_CELL), _cells(width, NAV_CELL)), dtype=np.bool_)
    across, down = _cells(width, LOOKUP_CELL), _cells(height, LOOKUP_CELL)
    # A wall is near so many cells at most.
    reach = (walls[:, 2:] + int(2 * LOOKUP_MARGIN)) // int(LOOKUP_CELL) + 2
    lookup = np.empty(across * down + 1 + int(reach.prod(axis=1).sum()), dtype=np.int32)
    queue, seen = np.empty(solid.size, dtype=np.int32), np.zeros(solid.size, dtype=np.bool_)
    used = survey(width, height, walls, solid, queue, seen, lookup)
    return Survey(lookup[: abs(used)].copy(), (across, down), solid, used > 0)


def _points(
    width: int,
    height: int,
    walls: NDArray[np.int64],
    lookup: NDArray[np.int32],
    wanted: int,
    apart: float,
    clear: float,
    chance: _Chance,
) -> NDArray[np.float64]:
    """Points as (n, 2), about as many as wanted: `apart` from each other and `clear` of walls."""
    points = np.empty((wanted + 1, 2))
    cells = (int(width // apart) + 1) * (int(height // apart) + 1)
    near = np.full(cells + wanted + 1, -1, dtype=np.int32)
    count = scatter(chance.words, chance.cursor, width, height, walls, lookup, apart, clear, wanted, points, near)
    return points[:count].copy()
