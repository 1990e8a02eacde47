"""Shots and wounds: bullets fly, meet walls and bodies, and what a hit does to whom.

The step moves everything; `collide` then finds out who hit whom and leaves one record per hit, kill, downed enemy and
pick-up taken, for Python to tell the clients and to score.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rumpus.games.arena.constants import (
    ALIVE,
    BULLET_RADIUS,
    BULLET_SERIAL,
    BULLET_TEAM,
    BULLETS,
    BY_ENEMY,
    CHASER,
    CHASER_COOLDOWN,
    CHASER_DAMAGE,
    CHASER_RADIUS,
    CHASER_REACH,
    COOL,
    COOP,
    DAMAGE,
    DEATHS,
    ENEMIES,
    ENEMY_BOUNTY,
    GRID_ALWAYS,
    GRID_AUTO,
    GRID_PAIRS,
    GRID_RULE,
    HEALTH,
    HEALTH_GAIN,
    HEIGHT,
    HP,
    KILLS,
    KIND,
    LIFE,
    LIVES,
    MODE,
    NEXT_BULLET,
    OUT_OF_LIVES,
    OWNER,
    OX,
    OY,
    PICKUP_CHANGES,
    PICKUP_KIND,
    PICKUP_RADIUS,
    PICKUP_TIME,
    PICKUPS,
    PLAYER_HP,
    PLAYER_RADIUS,
    PLAYERS,
    RAPID,
    RAPID_FIRE,
    RAPID_TIME,
    REC_A,
    REC_B,
    REC_C,
    REC_D,
    REC_DOWN,
    REC_E,
    REC_HIT,
    REC_KILL,
    REC_PICKUP,
    REC_TYPE,
    REC_X,
    REC_Y,
    RECORDS,
    RESPAWN,
    RESPAWN_TIME,
    SAFE,
    SERIAL,
    SHIELD,
    SHIELD_GAIN,
    SHIELD_MAX,
    SPENT,
    TEAM,
    VX,
    VY,
    WAIT,
    WIDTH,
    X,
    Y,
)
from rumpus.games.arena.grid import build, first_body, nearest_player
from rumpus.games.arena.kernels import kernel, part
from rumpus.games.arena.movement import first_wall

Floats = NDArray[np.float64]
Counters = NDArray[np.int64]
Cells = NDArray[np.int32]


@part
def record(
    records: Floats,
    counters: Counters,
    kind: int,
    a: float,
    b: float,
    c: float,
    d: float,
    e: float,
    x: float,
    y: float,
) -> None:
    row = counters[RECORDS]
    if row < records.shape[0]:  # always so: the table has room for everything that one tick can bring
        records[row, REC_TYPE] = kind
        records[row, REC_A] = a
        records[row, REC_B] = b
        records[row, REC_C] = c
        records[row, REC_D] = d
        records[row, REC_E] = e
        records[row, REC_X] = x
        records[row, REC_Y] = y
        counters[RECORDS] = row + 1


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
    owner: float,
    team: float,
    bullets: Floats,
    counters: Counters,
    walls: Floats,
    lookup: Cells,
) -> None:
    """A new bullet, `muzzle` units before its owner; its first sweep starts in the owner, so walls and bodies count."""
    row = counters[BULLETS]
    if row >= bullets.shape[1]:
        return  # never so: the table grows before it is full
    counters[BULLETS] = row + 1
    to_x = x + direction_x * muzzle
    to_y = y + direction_y * muzzle
    wall = first_wall(x, y, to_x, to_y, BULLET_RADIUS, counters, walls, lookup)
    bullets[SPENT, row] = 0.0
    if wall <= 1.0:
        to_x = x + direction_x * muzzle * wall
        to_y = y + direction_y * muzzle * wall
        bullets[SPENT, row] = 1.0
    bullets[X, row] = to_x
    bullets[Y, row] = to_y
    bullets[VX, row] = direction_x * speed
    bullets[VY, row] = direction_y * speed
    bullets[OX, row] = x
    bullets[OY, row] = y
    bullets[LIFE, row] = life
    bullets[BY_ENEMY, row] = by_enemy
    bullets[OWNER, row] = owner
    bullets[BULLET_TEAM, row] = team
    bullets[BULLET_SERIAL, row] = counters[NEXT_BULLET]
    bullets[DAMAGE, row] = damage
    counters[NEXT_BULLET] += 1


@part
def advance_bullets(
    seconds: float, world: Floats, counters: Counters, bullets: Floats, walls: Floats, lookup: Cells
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
            bullets[SPENT, row] = 1.0
        elif bullets[LIFE, row] <= 0.0 or to_x < 0.0 or to_y < 0.0 or to_x > world[WIDTH] or to_y > world[HEIGHT]:
            bullets[SPENT, row] = 1.0
        bullets[OX, row] = x
        bullets[OY, row] = y
        bullets[X, row] = to_x
        bullets[Y, row] = to_y


@part
def hurt_player(
    row: int,
    damage: float,
    by_enemy: float,
    owner: float,
    x: float,
    y: float,
    world: Floats,
    counters: Counters,
    players: Floats,
    records: Floats,
) -> None:
    """Shield first, then health; a protected player takes nothing. A fall is counted for both sides."""
    if players[SAFE, row] > 0.0:
        return
    record(records, counters, REC_HIT, by_enemy, owner, 0.0, float(row), damage, x, y)
    absorbed = min(players[SHIELD, row], damage)
    players[SHIELD, row] -= absorbed
    players[HP, row] -= damage - absorbed
    if players[HP, row] > 0.0:
        return
    players[HP, row] = 0.0
    players[SHIELD, row] = 0.0
    players[RAPID, row] = 0.0
    players[ALIVE, row] = 0.0
    players[VX, row] = 0.0
    players[VY, row] = 0.0
    players[DEATHS, row] += 1.0
    players[RESPAWN, row] = world[RESPAWN_TIME]
    if counters[MODE] == COOP:
        if counters[LIVES] > 0:
            counters[LIVES] -= 1
        else:
            players[RESPAWN, row] = OUT_OF_LIVES
    if by_enemy == 0.0 and players[TEAM, int(owner)] != players[TEAM, row]:
        players[KILLS, int(owner)] += 1.0
    record(records, counters, REC_KILL, by_enemy, owner, float(row), 0.0, 0.0, players[X, row], players[Y, row])


@part
def hurt_enemy(
    row: int,
    damage: float,
    owner: int,
    x: float,
    y: float,
    counters: Counters,
    players: Floats,
    enemies: Floats,
    records: Floats,
) -> None:
    record(records, counters, REC_HIT, 0.0, float(owner), 1.0, enemies[SERIAL, row], damage, x, y)
    enemies[HP, row] -= damage
    if enemies[HP, row] > 0.0:
        return
    if counters[MODE] == COOP:
        players[KILLS, owner] += 1.0
    elif players[ALIVE, owner] > 0.0:
        players[SHIELD, owner] = min(players[SHIELD, owner] + ENEMY_BOUNTY, SHIELD_MAX)
    record(
        records,
        counters,
        REC_DOWN,
        float(owner),
        enemies[SERIAL, row],
        enemies[KIND, row],
        0.0,
        0.0,
        enemies[X, row],
        enemies[Y, row],
    )


@part
def take_pickups(
    world: Floats,
    counters: Counters,
    players: Floats,
    pickups: Floats,
    records: Floats,
    heads: Cells,
    links: Cells,
    use_grid: bool,
) -> None:
    """The nearest player who touches a pick-up takes it, if it is of use: nobody wastes health at full health."""
    for row in range(counters[PICKUPS]):
        if pickups[WAIT, row] > 0.0:
            continue
        x = pickups[X, row]
        y = pickups[Y, row]
        who = nearest_player(x, y, PICKUP_RADIUS + PLAYER_RADIUS, players, counters, heads, links, use_grid)
        if who < 0:
            continue
        kind = int(pickups[PICKUP_KIND, row])
        if kind == HEALTH:
            if players[HP, who] >= PLAYER_HP:
                continue
            players[HP, who] = min(players[HP, who] + HEALTH_GAIN, PLAYER_HP)
        elif kind == RAPID_FIRE:
            players[RAPID, who] = RAPID_TIME
        else:
            if players[SHIELD, who] >= SHIELD_MAX:
                continue
            players[SHIELD, who] = min(players[SHIELD, who] + SHIELD_GAIN, SHIELD_MAX)
        pickups[WAIT, row] = max(world[PICKUP_TIME], 0.001)
        counters[PICKUP_CHANGES] += 1
        record(records, counters, REC_PICKUP, float(who), float(kind), 0.0, 0.0, 0.0, x, y)


@kernel
def collide(
    world: Floats,
    counters: Counters,
    players: Floats,
    enemies: Floats,
    bullets: Floats,
    pickups: Floats,
    records: Floats,
    heads: Cells,
    links: Cells,
) -> int:
    """Find out who hit whom in this tick and what came of it. Returns the number of records."""
    targets = counters[PLAYERS] + counters[ENEMIES]
    use_grid = counters[GRID_RULE] == GRID_ALWAYS or (
        counters[GRID_RULE] == GRID_AUTO and (counters[BULLETS] + counters[PICKUPS]) * targets > GRID_PAIRS
    )
    reach = 0.0
    if use_grid:
        reach = build(players, enemies, counters, heads, links)
    total = counters[PLAYERS]
    fell = False
    for row in range(counters[BULLETS]):
        body, when = first_body(bullets, row, players, enemies, counters, heads, links, use_grid, reach)
        if body < 0:
            continue
        bullets[SPENT, row] = 1.0
        x = bullets[OX, row] + (bullets[X, row] - bullets[OX, row]) * when
        y = bullets[OY, row] + (bullets[Y, row] - bullets[OY, row]) * when
        if body < total:
            hurt_player(
                body,
                bullets[DAMAGE, row],
                bullets[BY_ENEMY, row],
                bullets[OWNER, row],
                x,
                y,
                world,
                counters,
                players,
                records,
            )
        else:
            owner = int(bullets[OWNER, row])
            enemy = int(body - total)
            hurt_enemy(enemy, bullets[DAMAGE, row], owner, x, y, counters, players, enemies, records)
            fell = fell or enemies[HP, enemy] <= 0.0
    for row in range(counters[ENEMIES]):
        if enemies[KIND, row] != CHASER or enemies[HP, row] <= 0.0 or enemies[COOL, row] > 0.0:
            continue
        x = enemies[X, row]
        y = enemies[Y, row]
        reach = CHASER_RADIUS + PLAYER_RADIUS + CHASER_REACH
        victim = nearest_player(x, y, reach, players, counters, heads, links, use_grid)
        if victim >= 0:
            enemies[COOL, row] = CHASER_COOLDOWN
            hurt_player(
                victim,
                CHASER_DAMAGE,
                1.0,
                enemies[SERIAL, row],
                players[X, victim],
                players[Y, victim],
                world,
                counters,
                players,
                records,
            )
    take_pickups(world, counters, players, pickups, records, heads, links, use_grid)
    if fell:
        remove_fallen(counters, enemies)
    remove_spent(counters, bullets)
    return int(counters[RECORDS])


@part
def remove_fallen(counters: Counters, enemies: Floats) -> None:
    kept = 0
    for row in range(counters[ENEMIES]):
        if enemies[HP, row] > 0.0:
            if kept != row:
                for column in range(enemies.shape[0]):
                    enemies[column, kept] = enemies[column, row]
            kept += 1
    counters[ENEMIES] = kept


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
