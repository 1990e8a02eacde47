"""Bullets: fired, flying, and gone.

A bullet keeps its velocity and starts each tick from a rounded place, so its step is the same in every tick: clients
that know where it came from know where it is. One that was fired by somebody whose picture is late catches up at once,
see `shots`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rumpus.compiled import part
from rumpus.games.arena.constants import (
    BORN,
    BULLET_RADIUS,
    BULLET_SIDE,
    BULLETS,
    BY,
    BY_ENEMY,
    DAMAGE,
    FLYING,
    HEIGHT,
    KEY,
    LAST_STEP,
    LIFE,
    NEXT_BULLET,
    OWNER,
    OX,
    OY,
    SHOWN,
    SLOT,
    SPENT,
    TICK,
    VX,
    VY,
    WIDTH,
    X,
    Y,
)
from rumpus.games.arena.movement import first_wall

Floats = NDArray[np.float64]
Counters = NDArray[np.int64]
Cells = NDArray[np.int32]


@part
def fire(
    x: float,
    y: float,
    direction_x: float,
    direction_y: float,
    muzzle: float,
    speed: float,
    life: float,
    damage: float,
    by_enemy: float,
    by: float,
    side: float,
    owner: float,
    bullets: Floats,
    counters: Counters,
    walls: Floats,
    lookup: Cells,
) -> None:
    """A new bullet, `muzzle` units before its owner; its first sweep starts in the owner, so walls and bodies count."""
    row = counters[BULLETS]
    if row >= bullets.shape[1]:
        return  # the table grows before it is full, unless there are as many as there may ever be
    counters[BULLETS] = row + 1
    to_x = x + direction_x * muzzle
    to_y = y + direction_y * muzzle
    wall = first_wall(x, y, to_x, to_y, BULLET_RADIUS, counters, walls, lookup)
    bullets[SLOT, row] = 0.0
    bullets[KEY, row] = counters[NEXT_BULLET]
    bullets[SHOWN, row] = 0.0
    bullets[SPENT, row] = FLYING
    if wall <= 1.0:
        to_x = x + direction_x * muzzle * wall
        to_y = y + direction_y * muzzle * wall
        bullets[SPENT, row] = LAST_STEP
    bullets[X, row] = to_x
    bullets[Y, row] = to_y
    bullets[VX, row] = direction_x * speed
    bullets[VY, row] = direction_y * speed
    bullets[OX, row] = x
    bullets[OY, row] = y
    bullets[LIFE, row] = life
    bullets[BY_ENEMY, row] = by_enemy
    bullets[BY, row] = by
    bullets[BULLET_SIDE, row] = side
    bullets[DAMAGE, row] = damage
    bullets[BORN, row] = (counters[TICK] + 1) % 256  # the tick under way
    bullets[OWNER, row] = owner
    counters[NEXT_BULLET] += 1


@part
def advance_bullets(
    seconds: float, match: Floats, counters: Counters, bullets: Floats, walls: Floats, lookup: Cells
) -> None:
    for row in range(counters[BULLETS]):
        x = bullets[X, row]
        y = bullets[Y, row]
        to_x = x + bullets[VX, row] * seconds
        to_y = y + bullets[VY, row] * seconds
        bullets[LIFE, row] -= seconds
        wall = first_wall(x, y, to_x, to_y, BULLET_RADIUS, counters, walls, lookup)
        if wall <= 1.0:
            to_x = x + (to_x - x) * wall
            to_y = y + (to_y - y) * wall
            bullets[SPENT, row] = LAST_STEP
        elif bullets[LIFE, row] <= 0.0 or to_x < 0.0 or to_y < 0.0 or to_x > match[WIDTH] or to_y > match[HEIGHT]:
            bullets[SPENT, row] = LAST_STEP
        bullets[OX, row] = x
        bullets[OY, row] = y
        bullets[X, row] = to_x
        bullets[Y, row] = to_y


@part
def remove_spent(counters: Counters, bullets: Floats) -> None:
    """The last bullet takes the place of each that goes: no bullet moves more than once."""
    row = 0
    last = int(counters[BULLETS]) - 1
    while row <= last:
        if bullets[SPENT, row] > 0.0:
            if row != last:
                for column in range(bullets.shape[0]):
                    bullets[column, row] = bullets[column, last]
            last -= 1
        else:
            row += 1
    counters[BULLETS] = last + 1
