"""Columns to rows of rounded numbers: the numeric half of `get_game_state`.

One kernel call rounds everything into row-major buffers whose `tolist()` yields plain Python numbers; reading NumPy
elements one by one from Python would cost ten times as much. Angles of enemies are worked out here and only here:
the simulation keeps directions as vectors, because an arctangent's last bit differs between machines.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rumpus.games.arena.constants import (
    AIM,
    ALIVE,
    BULLET_SERIAL,
    BULLETS,
    BY_ENEMY,
    COOL,
    DEATHS,
    ENEMIES,
    FACE_X,
    FACE_Y,
    FIRE_COOLDOWN,
    HP,
    KILLS,
    KIND,
    MAX_HP,
    OWNER,
    PICKUP_KIND,
    PICKUP_KINDS,
    PICKUP_SERIAL,
    PLAYERS,
    RAPID,
    RAPID_FACTOR,
    RESPAWN,
    SAFE,
    SERIAL,
    SHIELD,
    VX,
    VY,
    WAIT,
    X,
    Y,
)
from rumpus.games.arena.kernels import kernel, part

Floats = NDArray[np.float64]
Counters = NDArray[np.int64]

PLAYER_FLOATS = 7
PLAYER_INTS = 7
ENEMY_FLOATS = 3
ENEMY_INTS = 4
BULLET_FLOATS = 4
BULLET_INTS = 3

_TURN = 2.0 * math.pi


@part
def tenth(value: float) -> float:
    return math.floor(value * 10.0 + 0.5) / 10.0


@part
def angle_of(value: float) -> float:
    """An angle between -pi and pi, in hundredths."""
    return math.floor((value - _TURN * math.floor(value / _TURN + 0.5)) * 100.0 + 0.5) / 100.0


@kernel
def snapshot(
    world: Floats,
    counters: Counters,
    players: Floats,
    enemies: Floats,
    bullets: Floats,
    player_floats: Floats,
    player_ints: Counters,
    enemy_floats: Floats,
    enemy_ints: Counters,
    bullet_floats: Floats,
    bullet_ints: Counters,
) -> None:
    """Fill the row buffers from the columns."""
    for row in range(counters[PLAYERS]):
        cooldown = world[FIRE_COOLDOWN] * (RAPID_FACTOR if players[RAPID, row] > 0.0 else 1.0)
        player_floats[row, 0] = tenth(players[X, row])
        player_floats[row, 1] = tenth(players[Y, row])
        player_floats[row, 2] = tenth(players[VX, row])
        player_floats[row, 3] = tenth(players[VY, row])
        player_floats[row, 4] = angle_of(players[AIM, row])
        player_floats[row, 5] = tenth(min(players[COOL, row] / cooldown, 1.0))
        player_floats[row, 6] = tenth(max(players[RESPAWN, row], 0.0))
        player_ints[row, 0] = math.ceil(players[HP, row])
        player_ints[row, 1] = math.ceil(players[SHIELD, row])
        player_ints[row, 2] = int(players[KILLS, row])
        player_ints[row, 3] = int(players[DEATHS, row])
        player_ints[row, 4] = 1 if players[ALIVE, row] > 0.0 else 0
        player_ints[row, 5] = 1 if players[SAFE, row] > 0.0 and players[ALIVE, row] > 0.0 else 0
        player_ints[row, 6] = 1 if players[RAPID, row] > 0.0 else 0
    for row in range(counters[ENEMIES]):
        enemy_floats[row, 0] = tenth(enemies[X, row])
        enemy_floats[row, 1] = tenth(enemies[Y, row])
        enemy_floats[row, 2] = angle_of(math.atan2(enemies[FACE_Y, row], enemies[FACE_X, row]))
        enemy_ints[row, 0] = int(enemies[SERIAL, row])
        enemy_ints[row, 1] = int(enemies[KIND, row])
        enemy_ints[row, 2] = math.ceil(enemies[HP, row])
        enemy_ints[row, 3] = int(enemies[MAX_HP, row])
    for row in range(counters[BULLETS]):
        bullet_floats[row, 0] = tenth(bullets[X, row])
        bullet_floats[row, 1] = tenth(bullets[Y, row])
        bullet_floats[row, 2] = tenth(bullets[VX, row])
        bullet_floats[row, 3] = tenth(bullets[VY, row])
        bullet_ints[row, 0] = int(bullets[BULLET_SERIAL, row])
        bullet_ints[row, 1] = int(bullets[BY_ENEMY, row])
        bullet_ints[row, 2] = int(bullets[OWNER, row])


def lying_pickups(pickups: Floats) -> dict[str, dict[str, Any]]:
    """The pickups that can be taken, as plain data. They change so rarely that no kernel is needed."""
    return {
        f"k{int(row[PICKUP_SERIAL])}": {"kind": PICKUP_KINDS[int(row[PICKUP_KIND])], "x": row[X], "y": row[Y]}
        for row in pickups.T.tolist()
        if row[WAIT] == 0.0
    }
