"""Where people and enemies appear: of a few random spawn points, the one furthest from those who would shoot."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from rumpus.compiled import kernel, part
from rumpus.games.arena.chance import random_below, random_float
from rumpus.games.arena.constants import (
    ALIVE,
    CHASER,
    CHASER_HP,
    CHASER_SPEED,
    COOL,
    COOLDOWN,
    ENEMIES,
    ENEMY_SPEED,
    HEIGHT,
    HP,
    KEY,
    KIND,
    MAX_HP,
    MODE,
    MOST,
    NEXT_ENEMY,
    OX,
    OY,
    PLAYER_HP,
    PLAYERS,
    PROTECTED,
    PROTECTION,
    RAIL_COOL,
    RAIL_SHOWN,
    RAPID,
    RAPID_LEFT,
    RESPAWN,
    RESPAWN_IN,
    SAFE,
    SEES,
    SHIELD,
    SHOOTER,
    SHOOTER_COOLDOWN,
    SHOOTER_HP,
    SHOOTER_SPEED,
    SIDE,
    SPEED,
    STRAFE,
    TARGET,
    TEAMS,
    VX,
    VY,
    WIDTH,
    X,
    Y,
)

Floats = NDArray[np.float64]
Counters = NDArray[np.int64]

_CANDIDATES = 8
_FAR_ENOUGH = 1000.0  # beyond this, further away is no better
_HOME_BONUS = 450.0  # what a point in the team's own half is worth, in units of distance


@part
def nearest_foe(x: float, y: float, side: float, players: Floats, enemies: Floats, counters: Counters) -> float:
    """Distance from (x, y) to the nearest living player of another side, or enemy (side -2: players only)."""
    nearest = _FAR_ENOUGH * _FAR_ENOUGH
    for row in range(counters[PLAYERS]):
        if players[ALIVE, row] > 0.0 and players[SIDE, row] != side:
            dx = players[X, row] - x
            dy = players[Y, row] - y
            nearest = min(nearest, dx * dx + dy * dy)
    if side != -2.0:
        for row in range(counters[ENEMIES]):
            dx = enemies[X, row] - x
            dy = enemies[Y, row] - y
            nearest = min(nearest, dx * dx + dy * dy)
    return math.sqrt(nearest)


@part
def choose_spot(side: float, players: Floats, enemies: Floats, spots: Floats, match: Floats, counters: Counters) -> int:
    """The best of eight random spawn points for someone of `side` (-2: for an enemy)."""
    best = 0
    best_score = -1.0
    for _ in range(_CANDIDATES):
        spot = random_below(counters, spots.shape[0])
        x = spots[spot, 0]
        score = nearest_foe(x, spots[spot, 1], side, players, enemies, counters)
        if counters[MODE] == TEAMS and ((side == 0.0) == (x < match[WIDTH] * 0.5)) and side >= 0.0:
            score += _HOME_BONUS
        if score > best_score:
            best_score = score
            best = spot
    return best


@part
def revive(row: int, players: Floats, enemies: Floats, spots: Floats, match: Floats, counters: Counters) -> None:
    spot = choose_spot(players[SIDE, row], players, enemies, spots, match, counters)
    players[X, row] = spots[spot, 0]
    players[Y, row] = spots[spot, 1]
    players[OX, row] = spots[spot, 0]
    players[OY, row] = spots[spot, 1]
    players[VX, row] = 0.0
    players[VY, row] = 0.0
    players[HP, row] = PLAYER_HP
    players[SHIELD, row] = 0.0
    players[COOL, row] = 0.0
    players[RAIL_COOL, row] = 0.0
    players[RAPID_LEFT, row] = 0.0
    # One whose pilot is away stays as it was.
    players[SAFE, row] = max(players[SAFE, row], match[PROTECTION])
    players[RESPAWN, row] = 0.0
    players[ALIVE, row] = 1.0


@part
def publish(row: int, players: Floats) -> None:
    """Bring up to date what clients see of a player and no rule needs."""
    players[COOLDOWN, row] = players[COOL, row]
    players[RAIL_SHOWN, row] = players[RAIL_COOL, row]
    players[RESPAWN_IN, row] = max(players[RESPAWN, row], 0.0)
    players[PROTECTED, row] = 1.0 if players[SAFE, row] > 0.0 and players[ALIVE, row] > 0.0 else 0.0
    players[RAPID, row] = 1.0 if players[RAPID_LEFT, row] > 0.0 else 0.0


@kernel
def place_player(row: int, players: Floats, enemies: Floats, spots: Floats, match: Floats, counters: Counters) -> None:
    """Put the player in `row` into the match for the first time."""
    revive(row, players, enemies, spots, match, counters)
    publish(row, players)


@part
def spawn_enemy(
    kind: int, tougher: float, players: Floats, enemies: Floats, spots: Floats, match: Floats, counters: Counters
) -> None:
    """A new enemy, far from players; nothing if the table is full."""
    row = int(counters[ENEMIES])
    if row >= enemies.shape[1]:
        return
    spot = choose_spot(-2.0, players, enemies, spots, match, counters)
    # A little off the point, so that two who appear together do not stand in each other.
    x = spots[spot, 0] + (random_float(counters) - 0.5) * 40.0
    y = spots[spot, 1] + (random_float(counters) - 0.5) * 40.0
    x = min(max(x, 25.0), match[WIDTH] - 25.0)
    y = min(max(y, 25.0), match[HEIGHT] - 25.0)
    for column in range(enemies.shape[0]):
        enemies[column, row] = 0.0
    enemies[X, row] = x
    enemies[Y, row] = y
    enemies[OX, row] = x
    enemies[OY, row] = y
    enemies[KIND, row] = kind
    if kind == CHASER:
        enemies[MAX_HP, row] = min(math.floor(CHASER_HP * tougher), MOST)
        enemies[SPEED, row] = CHASER_SPEED * match[ENEMY_SPEED] * (0.9 + 0.2 * random_float(counters))
    else:
        enemies[MAX_HP, row] = min(math.floor(SHOOTER_HP * tougher), MOST)
        enemies[SPEED, row] = SHOOTER_SPEED * match[ENEMY_SPEED]
        enemies[COOL, row] = SHOOTER_COOLDOWN * (0.5 + random_float(counters))
    enemies[HP, row] = enemies[MAX_HP, row]
    enemies[KEY, row] = counters[NEXT_ENEMY]
    enemies[TARGET, row] = -1.0
    enemies[SEES, row] = 0.0
    enemies[STRAFE, row] = 1.0 if random_float(counters) < 0.5 else -1.0
    counters[NEXT_ENEMY] += 1
    counters[ENEMIES] = row + 1


@part
def random_kind(shooters: float, counters: Counters) -> int:
    """A shooter with probability `shooters`, else a chaser."""
    return SHOOTER if random_float(counters) < shooters else CHASER
