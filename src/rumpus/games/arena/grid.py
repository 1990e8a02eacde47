"""Who is near whom: one uniform grid over the living, rebuilt every tick, and the questions asked of it.

Each question has two answers that must be equal: from the grid, and from trying everyone. What is asked for is always
a least element (earliest hit, nearest body; ties go to the lower row), so the order in which candidates come up does
not matter, and a small match and a crowded one follow the same rules to the bit.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from rumpus.compiled import part
from rumpus.games.arena.constants import (
    ALIVE,
    BULLET_RADIUS,
    BULLET_SIDE,
    BY,
    BY_ENEMY,
    CHASER,
    CHASER_RADIUS,
    ENEMIES,
    ENEMY_SIDE,
    FRIENDLY_FIRE,
    GRID_CELL,
    GRID_X,
    GRID_Y,
    HP,
    KIND,
    OX,
    OY,
    PLAYER_RADIUS,
    PLAYERS,
    SHOOTER_RADIUS,
    SIDE,
    X,
    Y,
)

Floats = NDArray[np.float64]
Counters = NDArray[np.int64]
Cells = NDArray[np.int32]


@part
def cell_of(value: float, cells: int) -> int:
    return int(min(max(int(value / GRID_CELL), 0), cells - 1))


@part
def build(players: Floats, enemies: Floats, counters: Counters, heads: Cells, links: Cells) -> float:
    """Put everyone alive into the grid (players by row, enemies after them). Returns the longest step of the tick."""
    across = int(counters[GRID_X])
    down = int(counters[GRID_Y])
    for cell in range(across * down):
        heads[cell] = -1
    reach = 0.0
    total = counters[PLAYERS]
    for row in range(total):
        if players[ALIVE, row] > 0.0:
            x = players[X, row]
            y = players[Y, row]
            dx = x - players[OX, row]
            dy = y - players[OY, row]
            reach = max(reach, dx * dx + dy * dy)
            cell = cell_of(y, down) * across + cell_of(x, across)
            links[row] = heads[cell]
            heads[cell] = row
    for row in range(counters[ENEMIES]):
        x = enemies[X, row]
        y = enemies[Y, row]
        dx = x - enemies[OX, row]
        dy = y - enemies[OY, row]
        reach = max(reach, dx * dx + dy * dy)
        cell = cell_of(y, down) * across + cell_of(x, across)
        links[total + row] = heads[cell]
        heads[cell] = total + row
    return math.sqrt(reach)


@part
def touch(rx: float, ry: float, dx: float, dy: float, radius: float) -> float:
    """When (0 to 1) a point that goes from (rx, ry) by (dx, dy) first touches the circle around 0; 2 if it does not."""
    outside = rx * rx + ry * ry - radius * radius
    if outside <= 0.0:
        return 0.0
    closing = rx * dx + ry * dy
    if closing >= 0.0:
        return 2.0
    length = dx * dx + dy * dy
    inside = closing * closing - length * outside
    if inside < 0.0:
        return 2.0
    when = (-closing - math.sqrt(inside)) / length
    return when if when <= 1.0 else 2.0


@part
def meets(bullets: Floats, bullet: int, bodies: Floats, row: int, radius: float) -> float:
    """When in the tick (0 to 1) a bullet first touches a body, both moving straight; 2 if it does not."""
    rx = bullets[OX, bullet] - bodies[OX, row]
    ry = bullets[OY, bullet] - bodies[OY, row]
    dx = (bullets[X, bullet] - bullets[OX, bullet]) - (bodies[X, row] - bodies[OX, row])
    dy = (bullets[Y, bullet] - bullets[OY, bullet]) - (bodies[Y, row] - bodies[OY, row])
    return touch(rx, ry, dx, dy, radius)


@part
def may_hit(by: float, side: float, row: int, players: Floats, counters: Counters) -> bool:
    """Whether a shot by a player (row; -1: an enemy) of that side stops at the player in `row`, wherever that is."""
    if players[ALIVE, row] == 0.0 or by == row:
        return False
    return bool(side != players[SIDE, row] or counters[FRIENDLY_FIRE] != 0)


@part
def bullet_meets(
    bullets: Floats, bullet: int, players: Floats, enemies: Floats, counters: Counters, body: int
) -> float:
    """When a bullet touches `body` (players by row, enemies after them), 2 if it cannot or may not."""
    total = counters[PLAYERS]
    if body < total:
        by = bullets[BY, bullet] if bullets[BY_ENEMY, bullet] == 0.0 else -1.0
        if not may_hit(by, bullets[BULLET_SIDE, bullet], body, players, counters):
            return 2.0
        return meets(bullets, bullet, players, body, PLAYER_RADIUS + BULLET_RADIUS)
    row = int(body - total)
    if enemies[HP, row] <= 0.0 or bullets[BULLET_SIDE, bullet] == ENEMY_SIDE:
        return 2.0
    radius = CHASER_RADIUS if enemies[KIND, row] == CHASER else SHOOTER_RADIUS
    return meets(bullets, bullet, enemies, row, radius + BULLET_RADIUS)


@part
def first_body(
    bullets: Floats,
    bullet: int,
    players: Floats,
    enemies: Floats,
    counters: Counters,
    heads: Cells,
    links: Cells,
    use_grid: bool,
    reach: float,
) -> tuple[int, float]:
    """The body that a bullet meets first in this tick, and when; -1 if none."""
    best = -1
    best_when = 2.0
    if not use_grid:
        for body in range(int(counters[PLAYERS] + counters[ENEMIES])):
            when = bullet_meets(bullets, bullet, players, enemies, counters, body)
            if when < best_when:
                best_when = when
                best = body
        return best, best_when
    margin = PLAYER_RADIUS + BULLET_RADIUS + reach + 1.0
    across = int(counters[GRID_X])
    down = int(counters[GRID_Y])
    left = cell_of(min(bullets[X, bullet], bullets[OX, bullet]) - margin, across)
    right = cell_of(max(bullets[X, bullet], bullets[OX, bullet]) + margin, across)
    top = cell_of(min(bullets[Y, bullet], bullets[OY, bullet]) - margin, down)
    bottom = cell_of(max(bullets[Y, bullet], bullets[OY, bullet]) + margin, down)
    for row in range(top, bottom + 1):
        for column in range(left, right + 1):
            body = int(heads[row * across + column])
            while body >= 0:
                when = bullet_meets(bullets, bullet, players, enemies, counters, body)
                if when < best_when or (when == best_when and when <= 1.0 and body < best):
                    best_when = when
                    best = body
                body = int(links[body])
    return best, best_when


@part
def nearest_player(
    x: float, y: float, reach: float, players: Floats, counters: Counters, heads: Cells, links: Cells, use_grid: bool
) -> int:
    """The living player nearest to (x, y) whose middle is closer than `reach`; -1 if none."""
    best = -1
    nearest = reach * reach
    if not use_grid:
        for row in range(counters[PLAYERS]):
            if players[ALIVE, row] > 0.0:
                dx = players[X, row] - x
                dy = players[Y, row] - y
                distance = dx * dx + dy * dy
                if distance < nearest:
                    nearest = distance
                    best = row
        return best
    across = int(counters[GRID_X])
    down = int(counters[GRID_Y])
    total = counters[PLAYERS]
    for line in range(cell_of(y - reach, down), cell_of(y + reach, down) + 1):
        for column in range(cell_of(x - reach, across), cell_of(x + reach, across) + 1):
            row = int(heads[line * across + column])
            while row >= 0:
                if row < total and players[ALIVE, row] > 0.0:
                    dx = players[X, row] - x
                    dy = players[Y, row] - y
                    distance = dx * dx + dy * dy
                    if distance < nearest or (distance == nearest and best >= 0 and row < best):
                        nearest = distance
                        best = row
                row = int(links[row])
    return best
