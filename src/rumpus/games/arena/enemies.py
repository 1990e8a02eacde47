"""What enemies do: look around now and then, move every tick.

Chasers run at the nearest player and bite; shooters keep their distance, circle, and fire when nothing stands in
between. Looking (the nearest player, the line of sight) is spread over six ticks, each enemy at its own; what is seen
is kept in its columns. Without sight both follow the flow field.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from rumpus.compiled import part
from rumpus.games.arena.bullets import fire
from rumpus.games.arena.chance import angle_of, random_float
from rumpus.games.arena.constants import (
    ALIVE,
    ANGLE,
    CHASER,
    CHASER_RADIUS,
    COOL,
    ENEMIES,
    ENEMY_GRIP,
    ENEMY_SIDE,
    ENEMY_SIGHT,
    ENEMY_THINKS,
    KEY,
    KIND,
    MUZZLE,
    OX,
    OY,
    PLAYERS,
    SEES,
    SHOOTER_COOLDOWN,
    SHOOTER_DAMAGE,
    SHOOTER_FAR,
    SHOOTER_NEAR,
    SHOOTER_RADIUS,
    SHOOTER_RANGE,
    SHOOTER_SHOT_SPEED,
    SPEED,
    STRAFE,
    TARGET,
    TICK,
    VX,
    VY,
    WALLS,
    X,
    Y,
)
from rumpus.games.arena.movement import first_wall, steer, walk
from rumpus.games.arena.navigation import way_to_players

Floats = NDArray[np.float64]
Counters = NDArray[np.int64]
Cells = NDArray[np.int32]


@part
def look_around(row: int, counters: Counters, players: Floats, enemies: Floats, walls: Floats, lookup: Cells) -> None:
    """Choose the nearest living player and see whether the way there is free."""
    x = enemies[X, row]
    y = enemies[Y, row]
    target = -1
    nearest = 1e18
    for player in range(counters[PLAYERS]):
        if players[ALIVE, player] > 0.0:
            dx = players[X, player] - x
            dy = players[Y, player] - y
            distance = dx * dx + dy * dy
            if distance < nearest:
                nearest = distance
                target = player
    enemies[TARGET, row] = target
    enemies[SEES, row] = 0.0
    if target < 0:
        return
    if counters[WALLS] == 0:
        enemies[SEES, row] = 1.0
    elif nearest < ENEMY_SIGHT * ENEMY_SIGHT:
        # A chaser asks whether its body fits through, a shooter whether its bullet does.
        radius = CHASER_RADIUS - 2.0 if enemies[KIND, row] == CHASER else 8.0
        wall = first_wall(x, y, players[X, target], players[Y, target], radius, counters, walls, lookup)
        enemies[SEES, row] = 1.0 if wall > 1.0 else 0.0
    if random_float(counters) < 0.06:
        enemies[STRAFE, row] = -enemies[STRAFE, row]


@part
def keep_apart(row: int, counters: Counters, enemies: Floats) -> tuple[float, float]:
    """A push away from the nearest other enemy that stands too close, as velocity."""
    x = enemies[X, row]
    y = enemies[Y, row]
    room = 2.0 * SHOOTER_RADIUS + 4.0
    nearest = room * room
    other = -1
    for candidate in range(counters[ENEMIES]):
        dx = x - enemies[X, candidate]
        dy = y - enemies[Y, candidate]
        distance = dx * dx + dy * dy
        if distance < nearest and candidate != row:
            nearest = distance
            other = candidate
    if other < 0:
        return 0.0, 0.0
    if nearest == 0.0:  # one in the other: part along the rows' order
        return (60.0 if row > other else -60.0), 0.0
    distance = math.sqrt(nearest)
    push = (room - distance) * 6.0 / distance
    return (x - enemies[X, other]) * push, (y - enemies[Y, other]) * push


@part
def move_enemies(
    seconds: float,
    match: Floats,
    counters: Counters,
    players: Floats,
    enemies: Floats,
    bullets: Floats,
    walls: Floats,
    lookup: Cells,
    nav: Cells,
) -> None:
    for row in range(counters[ENEMIES]):
        enemies[COOL, row] = max(enemies[COOL, row] - seconds, 0.0)
        target = int(enemies[TARGET, row])
        if (counters[TICK] + int(enemies[KEY, row])) % ENEMY_THINKS == 0 or target < 0 or players[ALIVE, target] == 0.0:
            look_around(row, counters, players, enemies, walls, lookup)
            target = int(enemies[TARGET, row])
        x = enemies[X, row]
        y = enemies[Y, row]
        move_x = 0.0
        move_y = 0.0
        if target >= 0:
            dx = players[X, target] - x
            dy = players[Y, target] - y
            distance = math.sqrt(dx * dx + dy * dy)
            if enemies[SEES, row] == 0.0:
                way_x, way_y = way_to_players(x, y, counters, nav)
                dx = way_x - x
                dy = way_y - y
                length = math.sqrt(dx * dx + dy * dy)
                if length > 0.0:
                    move_x = dx / length
                    move_y = dy / length
                    enemies[ANGLE, row] = angle_of(move_x, move_y)
            elif distance > 0.0:
                dx = dx / distance
                dy = dy / distance
                enemies[ANGLE, row] = angle_of(dx, dy)
                if enemies[KIND, row] == CHASER:
                    move_x = dx
                    move_y = dy
                else:
                    move_x, move_y = hold_distance(dx, dy, distance, enemies[STRAFE, row])
                    if enemies[COOL, row] <= 0.0 and distance < SHOOTER_RANGE:
                        shoot(row, target, distance, counters, players, enemies, bullets, walls, lookup)
        vx, vy = steer(enemies[VX, row], enemies[VY, row], move_x, move_y, enemies[SPEED, row], ENEMY_GRIP, seconds)
        push_x, push_y = keep_apart(row, counters, enemies)
        radius = CHASER_RADIUS if enemies[KIND, row] == CHASER else SHOOTER_RADIUS
        enemies[OX, row] = x
        enemies[OY, row] = y
        wanted_x = vx + push_x
        wanted_y = vy + push_y
        x, y, vx, vy = walk(x, y, wanted_x, wanted_y, radius, seconds, match, counters, walls, lookup)
        if (vx != wanted_x or vy != wanted_y) and enemies[SEES, row] > 0.0:
            enemies[STRAFE, row] = -enemies[STRAFE, row]  # circled into a wall
        enemies[X, row] = x
        enemies[Y, row] = y
        enemies[VX, row] = vx
        enemies[VY, row] = vy


@part
def hold_distance(dx: float, dy: float, distance: float, side: float) -> tuple[float, float]:
    """A shooter's wish: away when near, closer when far, circling in between."""
    toward = 0.0
    if distance < SHOOTER_NEAR:
        toward = -1.0
    elif distance > SHOOTER_FAR:
        toward = 1.0
    return dx * toward - dy * side * 0.7, dy * toward + dx * side * 0.7


@part
def shoot(
    row: int,
    target: int,
    distance: float,
    counters: Counters,
    players: Floats,
    enemies: Floats,
    bullets: Floats,
    walls: Floats,
    lookup: Cells,
) -> None:
    """Fire a little ahead of a moving target: hits who runs straight, misses who turns."""
    ahead = distance / SHOOTER_SHOT_SPEED * 0.8
    dx = players[X, target] + players[VX, target] * ahead - enemies[X, row]
    dy = players[Y, target] + players[VY, target] * ahead - enemies[Y, row]
    length = math.sqrt(dx * dx + dy * dy)
    if length <= 0.0:
        return
    enemies[COOL, row] = SHOOTER_COOLDOWN
    fire(
        enemies[X, row],
        enemies[Y, row],
        dx / length,
        dy / length,
        SHOOTER_RADIUS + MUZZLE,
        SHOOTER_SHOT_SPEED,
        SHOOTER_RANGE * 1.4 / SHOOTER_SHOT_SPEED,
        SHOOTER_DAMAGE,
        1.0,
        enemies[KEY, row],
        ENEMY_SIDE,
        0.0,
        bullets,
        counters,
        walls,
        lookup,
    )
