"""Ways around walls: one flow field, shared by every enemy, that leads to the nearest player.

A breadth-first search from all living players at once, over cells of 50 units. A whole search would make every eighth
tick ten times as long as the others, so it is spread: each tick expands an eighth of the cells of the next field while
enemies follow the last finished one. A rim of closed cells around the field spares asking where it ends, and the
division that would take. Rejected: a search per enemy (cost grows with enemies), steering alone (gets stuck in the bays
of L-shaped walls).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rumpus.compiled import part
from rumpus.games.arena.constants import (
    ALIVE,
    NAV_CELL,
    NAV_DISTANCE,
    NAV_HEAD,
    NAV_NEXT,
    NAV_QUEUE,
    NAV_SOLID,
    NAV_TAIL,
    NAV_X,
    NAV_Y,
    OPEN,
    PLAYERS,
    X,
    Y,
)

Floats = NDArray[np.float64]
Counters = NDArray[np.int64]
Cells = NDArray[np.int32]


@part
def nav_column(x: float, counters: Counters) -> int:
    return int(min(max(int(x / NAV_CELL), 0), counters[NAV_X] - 3)) + 1


@part
def nav_row(y: float, counters: Counters) -> int:
    return int(min(max(int(y / NAV_CELL), 0), counters[NAV_Y] - 3)) + 1


@part
def begin_field(players: Floats, counters: Counters, nav: Cells) -> None:
    """Publish the field just finished and seed the next one with the cells where players stand."""
    cells = int(counters[NAV_X] * counters[NAV_Y])
    for cell in range(cells):
        nav[NAV_DISTANCE, cell] = nav[NAV_NEXT, cell]
        nav[NAV_NEXT, cell] = OPEN - nav[NAV_SOLID, cell]
    tail = 0
    for row in range(counters[PLAYERS]):
        if players[ALIVE, row] > 0.0:
            cell = nav_row(players[Y, row], counters) * int(counters[NAV_X]) + nav_column(players[X, row], counters)
            if nav[NAV_NEXT, cell] < 0:
                nav[NAV_NEXT, cell] = 0
                nav[NAV_QUEUE, tail] = cell
                tail += 1
    counters[NAV_HEAD] = 0
    counters[NAV_TAIL] = tail


@part
def grow_field(players: Floats, counters: Counters, nav: Cells) -> None:
    """One tick's share of the search."""
    across = int(counters[NAV_X])
    head = int(counters[NAV_HEAD])
    tail = int(counters[NAV_TAIL])
    if head == tail:
        begin_field(players, counters, nav)
        return
    stop = min(tail, head + across * int(counters[NAV_Y]) // 8 + 1)
    while head < stop:
        cell = int(nav[NAV_QUEUE, head])
        head += 1
        further = nav[NAV_NEXT, cell] + 1
        if nav[NAV_NEXT, cell - 1] == OPEN:
            nav[NAV_NEXT, cell - 1] = further
            nav[NAV_QUEUE, tail] = cell - 1
            tail += 1
        if nav[NAV_NEXT, cell + 1] == OPEN:
            nav[NAV_NEXT, cell + 1] = further
            nav[NAV_QUEUE, tail] = cell + 1
            tail += 1
        if nav[NAV_NEXT, cell - across] == OPEN:
            nav[NAV_NEXT, cell - across] = further
            nav[NAV_QUEUE, tail] = cell - across
            tail += 1
        if nav[NAV_NEXT, cell + across] == OPEN:
            nav[NAV_NEXT, cell + across] = further
            nav[NAV_QUEUE, tail] = cell + across
            tail += 1
    counters[NAV_HEAD] = head
    counters[NAV_TAIL] = tail


@part
def way_to_players(x: float, y: float, counters: Counters, nav: Cells) -> tuple[float, float]:
    """Where to head from (x, y): the middle of the neighbouring cell nearest to a player, or (x, y) if none is."""
    across = int(counters[NAV_X])
    column = nav_column(x, counters)
    row = nav_row(y, counters)
    best = -1
    nearest = 1 << 30
    here = int(nav[NAV_DISTANCE, row * across + column])
    if here >= 0:
        nearest = here
    for dy in range(-1, 2):
        for dx in range(-1, 2):
            cell = (row + dy) * across + column + dx
            distance = int(nav[NAV_DISTANCE, cell])
            if distance < 0 or distance >= nearest:
                continue
            if dx != 0 and dy != 0:  # no cutting of corners
                beside = nav[NAV_SOLID, row * across + column + dx]
                above = nav[NAV_SOLID, (row + dy) * across + column]
                if beside != 0 or above != 0:
                    continue
            nearest = distance
            best = cell
    if best < 0:
        return x, y
    return (best % across - 0.5) * NAV_CELL, (best // across - 0.5) * NAV_CELL
