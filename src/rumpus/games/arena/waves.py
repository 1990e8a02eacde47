"""When enemies come: a steady number in free-for-all and teams, growing waves in co-op.

`match[REFILL]` is the one timer: until the next enemy replaces a fallen one, until the next of a wave appears, or until
the next wave begins.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rumpus.compiled import part
from rumpus.games.arena.combat import record
from rumpus.games.arena.constants import (
    ALIVE,
    COOP,
    DEFEATED,
    ENEMIES,
    ENEMIES_ALIVE,
    ENEMY_COUNT,
    ENEMY_RESPAWN,
    LIVES,
    MODE,
    MOST,
    NOT_OVER,
    OUT_OF_LIVES,
    OVER,
    PLAYERS,
    REC_WAVE,
    REFILL,
    RESPAWN,
    RESPAWN_TIME,
    TICK,
    TO_SPAWN,
    WAVE,
    WAVE_GROWTH,
    WAVE_PAUSE,
    WAVE_PER_PLAYER,
    WAVE_SPAWN_GAP,
    WAVE_TOUGHER,
    WAVES,
    WAVES_CLEARED,
)
from rumpus.games.arena.spawning import random_kind, spawn_enemy

Floats = NDArray[np.float64]
Counters = NDArray[np.int64]


@part
def keep_number(
    seconds: float, match: Floats, counters: Counters, players: Floats, enemies: Floats, spots: Floats
) -> None:
    """All at once in the first tick; later one at a time, `enemy_respawn` seconds apart."""
    if counters[ENEMIES] >= counters[ENEMY_COUNT]:
        match[REFILL] = match[ENEMY_RESPAWN]
        return
    if counters[TICK] == 0:
        while counters[ENEMIES] < counters[ENEMY_COUNT]:
            spawn_enemy(random_kind(0.4, counters), 1.0, players, enemies, spots, match, counters)
        return
    match[REFILL] -= seconds
    if match[REFILL] <= 0.0:
        match[REFILL] = match[ENEMY_RESPAWN]
        spawn_enemy(random_kind(0.4, counters), 1.0, players, enemies, spots, match, counters)


@part
def begin_wave(counters: Counters, match: Floats, records: Floats) -> None:
    match[WAVE] = min(match[WAVE] + 1.0, MOST)
    beyond_first = int(match[WAVE]) - 1
    size = counters[ENEMY_COUNT] + WAVE_GROWTH * beyond_first + WAVE_PER_PLAYER * max(counters[PLAYERS] - 1, 0)
    counters[TO_SPAWN] = size
    match[REFILL] = 0.0
    record(records, counters, REC_WAVE, match[WAVE], float(size), 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)


@part
def end_wave(counters: Counters, match: Floats, players: Floats) -> None:
    """A life for everyone's use, and those who had none left come back; after the last wave the match is won."""
    if counters[WAVES] > 0 and match[WAVE] >= counters[WAVES]:
        counters[OVER] = WAVES_CLEARED
        return
    match[REFILL] = WAVE_PAUSE
    counters[TO_SPAWN] = -1
    match[LIVES] = min(match[LIVES] + 1.0, MOST)
    for row in range(counters[PLAYERS]):
        if players[ALIVE, row] == 0.0 and players[RESPAWN, row] == OUT_OF_LIVES:
            players[RESPAWN, row] = match[RESPAWN_TIME]


@part
def lead_waves(
    seconds: float,
    match: Floats,
    counters: Counters,
    players: Floats,
    enemies: Floats,
    spots: Floats,
    records: Floats,
) -> None:
    """`TO_SPAWN` below zero: the pause before a wave; otherwise how many of the wave have yet to appear."""
    if counters[OVER] != NOT_OVER or counters[PLAYERS] == 0:
        return
    standing = False
    for row in range(counters[PLAYERS]):
        if players[ALIVE, row] > 0.0 or players[RESPAWN, row] > 0.0:
            standing = True
            break
    if not standing:
        counters[OVER] = DEFEATED
        return
    match[REFILL] -= seconds
    if counters[TO_SPAWN] < 0:
        if match[REFILL] <= 0.0:
            begin_wave(counters, match, records)
    elif counters[TO_SPAWN] > 0:
        if match[REFILL] <= 0.0 and counters[ENEMIES] < ENEMIES_ALIVE:
            match[REFILL] = WAVE_SPAWN_GAP
            counters[TO_SPAWN] -= 1
            beyond_first = match[WAVE] - 1
            shooters = min(0.2 + 0.06 * beyond_first, 0.5)
            tougher = 1.0 + WAVE_TOUGHER * beyond_first
            spawn_enemy(random_kind(shooters, counters), tougher, players, enemies, spots, match, counters)
    elif counters[ENEMIES] == 0:
        end_wave(counters, match, players)


@part
def direct_enemies(
    seconds: float,
    match: Floats,
    counters: Counters,
    players: Floats,
    enemies: Floats,
    spots: Floats,
    records: Floats,
) -> None:
    if counters[MODE] == COOP:
        lead_waves(seconds, match, counters, players, enemies, spots, records)
    else:
        keep_number(seconds, match, counters, players, enemies, spots)
