"""Wounds: who hit whom in a tick, and what a hit does to whom.

The step moves everything; `collide` then finds out who hit whom and leaves one record per hit, kill, downed enemy and
pick-up taken, for Python to tell the clients and to score.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rumpus.compiled import kernel, part
from rumpus.games.arena.bullets import remove_spent
from rumpus.games.arena.constants import (
    ALIVE,
    BITE,
    BULLETS,
    BY,
    BY_ENEMY,
    CAUGHT_UP,
    CHASER,
    CHASER_COOLDOWN,
    CHASER_DAMAGE,
    CHASER_RADIUS,
    CHASER_REACH,
    COOL,
    COOP,
    DAMAGE,
    ENEMIES,
    ENEMIES_LEFT,
    ENEMY_BOUNTY,
    FLYING,
    GONE,
    GRID_ALWAYS,
    GRID_AUTO,
    GRID_PAIRS,
    GRID_RULE,
    GUN,
    HEALTH,
    HEALTH_GAIN,
    HP,
    KEY,
    KIND,
    LIVES,
    MODE,
    MOST,
    NOBODY,
    OUT_OF_LIVES,
    OX,
    OY,
    PICKUP_KIND,
    PICKUP_RADIUS,
    PICKUP_TIME,
    PICKUPS,
    PLAYER_HP,
    PLAYER_RADIUS,
    PLAYERS,
    RAPID_FIRE,
    RAPID_LEFT,
    RAPID_TIME,
    REC_A,
    REC_AGO,
    REC_B,
    REC_C,
    REC_D,
    REC_DOWN,
    REC_E,
    REC_HIT,
    REC_KILL,
    REC_PICKUP,
    REC_TYPE,
    REC_WEAPON,
    REC_X,
    REC_Y,
    RECORDS,
    RESPAWN,
    RESPAWN_TIME,
    SAFE,
    SHIELD,
    SHIELD_GAIN,
    SHIELD_MAX,
    SHOWN,
    SIDE,
    SPENT,
    TO_SPAWN,
    VX,
    VY,
    WAIT,
    X,
    Y,
)
from rumpus.games.arena.grid import build, first_body, nearest_player
from rumpus.games.arena.spawning import publish

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
    weapon: float,
    ago: float,
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
        records[row, REC_WEAPON] = weapon
        records[row, REC_AGO] = ago
        counters[RECORDS] = row + 1


@part
def hurt_player(
    row: int,
    damage: float,
    by_enemy: float,
    by: float,
    x: float,
    y: float,
    weapon: float,
    ago: float,
    match: Floats,
    counters: Counters,
    players: Floats,
    records: Floats,
) -> None:
    """Shield first, then health; a protected player takes nothing."""
    if players[SAFE, row] > 0.0:
        return
    name = by if by_enemy > 0.0 else players[KEY, int(by)]
    record(records, counters, REC_HIT, by_enemy, name, 0.0, players[KEY, row], damage, x, y, weapon, ago)
    absorbed = min(players[SHIELD, row], damage)
    players[SHIELD, row] -= absorbed
    players[HP, row] -= damage - absorbed
    if players[HP, row] > 0.0:
        return
    players[HP, row] = 0.0
    players[SHIELD, row] = 0.0
    players[RAPID_LEFT, row] = 0.0
    players[ALIVE, row] = 0.0
    players[VX, row] = 0.0
    players[VY, row] = 0.0
    players[RESPAWN, row] = match[RESPAWN_TIME]
    if counters[MODE] == COOP:
        if match[LIVES] > 0.0:
            match[LIVES] -= 1.0
        else:
            players[RESPAWN, row] = OUT_OF_LIVES
    own_side = 0.0
    if by_enemy == 0.0:
        own_side = 1.0 if players[SIDE, int(by)] == players[SIDE, row] else 0.0
    record(
        records,
        counters,
        REC_KILL,
        by_enemy,
        name,
        players[KEY, row],
        own_side,
        0.0,
        players[X, row],
        players[Y, row],
        weapon,
        ago,
    )


@part
def hurt_enemy(
    row: int,
    damage: float,
    by: int,
    x: float,
    y: float,
    weapon: float,
    ago: float,
    counters: Counters,
    players: Floats,
    enemies: Floats,
    records: Floats,
) -> None:
    record(records, counters, REC_HIT, 0.0, players[KEY, by], 1.0, enemies[KEY, row], damage, x, y, weapon, ago)
    enemies[HP, row] -= damage
    if enemies[HP, row] > 0.0:
        return
    if counters[MODE] != COOP and players[ALIVE, by] > 0.0:
        players[SHIELD, by] = min(players[SHIELD, by] + ENEMY_BOUNTY, SHIELD_MAX)
    record(
        records,
        counters,
        REC_DOWN,
        players[KEY, by],
        enemies[KEY, row],
        enemies[KIND, row],
        0.0,
        0.0,
        enemies[X, row],
        enemies[Y, row],
        weapon,
        ago,
    )


@part
def take_pickups(
    match: Floats,
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
            players[RAPID_LEFT, who] = RAPID_TIME
        else:
            if players[SHIELD, who] >= SHIELD_MAX:
                continue
            players[SHIELD, who] = min(players[SHIELD, who] + SHIELD_GAIN, SHIELD_MAX)
        pickups[WAIT, row] = max(match[PICKUP_TIME], 0.001)
        pickups[SHOWN, row] = NOBODY
        record(records, counters, REC_PICKUP, players[KEY, who], float(kind), 0.0, 0.0, 0.0, x, y, 0.0, 0.0)


@kernel
def collide(
    match: Floats,
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
    for row in range(counters[BULLETS]):
        if bullets[SPENT, row] == CAUGHT_UP:
            bullets[SPENT, row] = FLYING
            continue
        if bullets[SPENT, row] == GONE:
            continue
        body, when = first_body(bullets, row, players, enemies, counters, heads, links, use_grid, reach)
        if body < 0:
            continue
        bullets[SPENT, row] = GONE
        x = bullets[OX, row] + (bullets[X, row] - bullets[OX, row]) * when
        y = bullets[OY, row] + (bullets[Y, row] - bullets[OY, row]) * when
        if body < total:
            hurt_player(
                body,
                bullets[DAMAGE, row],
                bullets[BY_ENEMY, row],
                bullets[BY, row],
                x,
                y,
                GUN,
                0.0,
                match,
                counters,
                players,
                records,
            )
        else:
            by = int(bullets[BY, row])
            enemy = int(body - total)
            hurt_enemy(enemy, bullets[DAMAGE, row], by, x, y, GUN, 0.0, counters, players, enemies, records)
    fell = False
    for row in range(counters[ENEMIES]):
        if enemies[HP, row] <= 0.0:
            fell = True
            continue
        if enemies[KIND, row] != CHASER or enemies[COOL, row] > 0.0:
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
                enemies[KEY, row],
                players[X, victim],
                players[Y, victim],
                BITE,
                0.0,
                match,
                counters,
                players,
                records,
            )
    take_pickups(match, counters, players, pickups, records, heads, links, use_grid)
    if fell:
        remove_fallen(counters, enemies)
    if counters[MODE] == COOP:
        match[ENEMIES_LEFT] = min(counters[ENEMIES] + max(counters[TO_SPAWN], 0), MOST)
    remove_spent(counters, bullets)
    for row in range(counters[PLAYERS]):
        publish(row, players)
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
