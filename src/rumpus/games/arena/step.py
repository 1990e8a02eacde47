"""One tick: everything that moves, in the order that the rules name.

A single kernel call: numba's price for a call is 0.1 µs per table, as much as an enemy's whole tick.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rumpus.compiled import kernel, part
from rumpus.games.arena.bullets import advance_bullets, fire
from rumpus.games.arena.chance import direction
from rumpus.games.arena.combat import record
from rumpus.games.arena.constants import (
    ALIVE,
    ANGLE,
    BULLETS,
    COOL,
    ENEMIES,
    FIRE_COOLDOWN,
    IN_AIM,
    IN_FIRE,
    IN_LAG,
    IN_LATCH,
    IN_RAIL,
    IN_RAIL_LATCH,
    IN_X,
    IN_Y,
    KEY,
    MUZZLE,
    NEXT_PICKUP,
    OX,
    OY,
    PICKUPS,
    PLAYER_GRIP,
    PLAYER_RADIUS,
    PLAYER_SPEED,
    PLAYERS,
    RAIL_COOL,
    RAIL_COOLDOWN,
    RAPID_FACTOR,
    RAPID_LEFT,
    READY,
    REC_LATE,
    REC_RAIL,
    REC_RESPAWN,
    RECORDS,
    RESPAWN,
    SAFE,
    SHOT_DAMAGE,
    SHOT_LIFE,
    SHOT_SPEED,
    SHOTS,
    SHOWN,
    SIDE,
    TICK,
    TIME,
    TIME_LEFT,
    TIME_LIMIT,
    VX,
    VY,
    WAIT,
    WALLS,
    X,
    Y,
)
from rumpus.games.arena.enemies import move_enemies
from rumpus.games.arena.movement import steer, walk
from rumpus.games.arena.navigation import grow_field
from rumpus.games.arena.spawning import revive
from rumpus.games.arena.waves import direct_enemies

Floats = NDArray[np.float64]
Counters = NDArray[np.int64]
Cells = NDArray[np.int32]


@part
def act(
    row: int,
    seconds: float,
    match: Floats,
    counters: Counters,
    players: Floats,
    inputs: Floats,
    bullets: Floats,
    walls: Floats,
    lookup: Cells,
    records: Floats,
) -> None:
    """A living player's tick: timers, movement, weapons."""
    players[COOL, row] = max(players[COOL, row] - seconds, 0.0)
    players[RAIL_COOL, row] = max(players[RAIL_COOL, row] - seconds, 0.0)
    players[RAPID_LEFT, row] = max(players[RAPID_LEFT, row] - seconds, 0.0)
    players[SAFE, row] = max(players[SAFE, row] - seconds, 0.0)
    players[ANGLE, row] = inputs[row, IN_AIM]
    vx, vy = steer(
        players[VX, row],
        players[VY, row],
        inputs[row, IN_X],
        inputs[row, IN_Y],
        match[PLAYER_SPEED],
        PLAYER_GRIP,
        seconds,
    )
    x, y, vx, vy = walk(
        players[X, row], players[Y, row], vx, vy, PLAYER_RADIUS, seconds, match, counters, walls, lookup
    )
    players[OX, row] = players[X, row]
    players[OY, row] = players[Y, row]
    players[X, row] = x
    players[Y, row] = y
    players[VX, row] = vx
    players[VY, row] = vy
    if players[COOL, row] > READY:
        return
    rail = inputs[row, IN_RAIL] > 0.0 or inputs[row, IN_RAIL_LATCH] > 0.0
    if rail and players[RAIL_COOL, row] <= READY:
        inputs[row, IN_RAIL_LATCH] = 0.0
        players[SAFE, row] = 0.0
        players[COOL, row] = match[FIRE_COOLDOWN]
        players[RAIL_COOL, row] = match[RAIL_COOLDOWN]
        record(records, counters, REC_RAIL, float(row), 0.0, 0.0, 0.0, 0.0, x, y, 0.0, 0.0)
        counters[SHOTS] += 1
    elif inputs[row, IN_FIRE] > 0.0 or inputs[row, IN_LATCH] > 0.0:
        inputs[row, IN_LATCH] = 0.0
        players[SAFE, row] = 0.0
        players[COOL, row] = match[FIRE_COOLDOWN] * (RAPID_FACTOR if players[RAPID_LEFT, row] > 0.0 else 1.0)
        if inputs[row, IN_LAG] > 0.0 and counters[BULLETS] < bullets.shape[1]:
            record(records, counters, REC_LATE, float(row), counters[BULLETS], 0.0, 0.0, 0.0, x, y, 0.0, 0.0)
            counters[SHOTS] += 1
        dx, dy = direction(inputs[row, IN_AIM])
        fire(
            x,
            y,
            dx,
            dy,
            PLAYER_RADIUS + MUZZLE,
            match[SHOT_SPEED],
            match[SHOT_LIFE],
            match[SHOT_DAMAGE],
            0.0,
            float(row),
            players[SIDE, row],
            players[KEY, row],
            bullets,
            counters,
            walls,
            lookup,
        )


@kernel
def step(
    seconds: float,
    match: Floats,
    counters: Counters,
    players: Floats,
    inputs: Floats,
    enemies: Floats,
    bullets: Floats,
    pickups: Floats,
    spots: Floats,
    walls: Floats,
    lookup: Cells,
    nav: Cells,
    records: Floats,
) -> int:
    """Advance the match by `seconds`, collisions aside. Returns how many bullets are in the air."""
    counters[RECORDS] = 0
    counters[SHOTS] = 0
    match[TIME] += seconds
    match[TIME_LEFT] = max(match[TIME_LIMIT] - match[TIME], 0.0)
    advance_bullets(seconds, match, counters, bullets, walls, lookup)
    for row in range(counters[PLAYERS]):
        if players[ALIVE, row] > 0.0:
            act(row, seconds, match, counters, players, inputs, bullets, walls, lookup, records)
        elif players[RESPAWN, row] >= 0.0:
            players[RESPAWN, row] = max(players[RESPAWN, row] - seconds, 0.0)
            if players[RESPAWN, row] <= 1e-9:
                revive(row, players, enemies, spots, match, counters)
                record(
                    records,
                    counters,
                    REC_RESPAWN,
                    players[KEY, row],
                    0.0,
                    0.0,
                    0.0,
                    0.0,
                    players[X, row],
                    players[Y, row],
                    0.0,
                    0.0,
                )
        inputs[row, IN_LATCH] = max(inputs[row, IN_LATCH] - seconds, 0.0)
        inputs[row, IN_RAIL_LATCH] = max(inputs[row, IN_RAIL_LATCH] - seconds, 0.0)
    if counters[ENEMIES] > 0:
        if counters[WALLS] > 0:
            grow_field(players, counters, nav)
        move_enemies(seconds, match, counters, players, enemies, bullets, walls, lookup, nav)
    direct_enemies(seconds, match, counters, players, enemies, spots, records)
    for row in range(counters[PICKUPS]):
        if pickups[WAIT, row] > 0.0:
            pickups[WAIT, row] = max(pickups[WAIT, row] - seconds, 0.0)
            if pickups[WAIT, row] == 0.0:
                pickups[KEY, row] = counters[NEXT_PICKUP]
                pickups[SHOWN, row] = 0.0
                counters[NEXT_PICKUP] += 1
    counters[TICK] += 1
    return int(counters[BULLETS])
