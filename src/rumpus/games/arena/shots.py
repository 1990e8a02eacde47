"""Shots that are judged by what the shooter saw: every rail, and bullets of players whose picture is late.

`step` only notes them; here is what comes of them. Whom they meet is asked of the past (`seen`). A bullet is then
already where it would be had it been fired at that moment: it catches up within the tick in which it is fired, and on
the way each piece of its path meets targets as they moved meanwhile.

What a target is owed (`docs/netcode.md`, "What counts") is decided by the present: protection counts as it is now, a
shot begins where the shooter is now, and no wall lets it through.

A kernel of its own, called in ticks that have such a shot: all others pay nothing.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from rumpus.compiled import kernel, part
from rumpus.games.arena.chance import direction
from rumpus.games.arena.combat import hurt_enemy, hurt_player
from rumpus.games.arena.constants import (
    BULLET_RADIUS,
    CAUGHT_UP,
    DAMAGE,
    FLYING,
    GONE,
    GUN,
    HEIGHT,
    IN_AIM,
    IN_LAG,
    KEY,
    LIFE,
    OX,
    OY,
    PLAYERS,
    RAIL,
    RAIL_DAMAGE,
    RAIL_RANGE,
    REC_A,
    REC_B,
    REC_C,
    REC_D,
    REC_E,
    REC_LATE,
    REC_NOTHING,
    REC_RAIL,
    REC_TYPE,
    REC_X,
    REC_Y,
    RECORDS,
    SAFE,
    SPENT,
    TICK,
    VX,
    VY,
    WIDTH,
    X,
    Y,
)
from rumpus.games.arena.movement import first_wall
from rumpus.games.arena.seen import body_met, moment_seen

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]
Cells = NDArray[np.int32]


@part
def way_to_edge(at: float, step: float, size: float) -> float:
    """How many of `step` lie between a place and the edge of the field in that direction."""
    if step > 0.0:
        return (size - at) / step
    if step < 0.0:
        return -at / step
    return 1e9


@part
def fire_rail(
    index: int,
    seconds: float,
    match: Floats,
    counters: Numbers,
    players: Floats,
    inputs: Floats,
    enemies: Floats,
    walls: Floats,
    lookup: Cells,
    records: Floats,
    was: Floats,
    book: Numbers,
    kept: Floats,
) -> None:
    """Let the beam of a record go as far as it can, and complete the record."""
    row = int(records[index, REC_A])
    x = records[index, REC_X]
    y = records[index, REC_Y]
    dx, dy = direction(inputs[row, IN_AIM])
    length = min(RAIL_RANGE, way_to_edge(x, dx, match[WIDTH]), way_to_edge(y, dy, match[HEIGHT]))
    wall = first_wall(x, y, x + dx * length, y + dy * length, 0.0, counters, walls, lookup)
    if wall <= 1.0:
        length *= wall
    to_x = x + dx * length
    to_y = y + dy * length
    seen = moment_seen(inputs[row, IN_LAG], counters, book)
    body, when = body_met(
        row, x, y, to_x, to_y, 0.0, 0.0, seen, 0.0, 0.0, seconds, counters, players, enemies, book, kept, was
    )
    total = int(counters[PLAYERS])
    records[index, REC_A] = players[KEY, row]
    if body >= 0:
        to_x = x + dx * length * (when + 1.0)
        to_y = y + dy * length * (when + 1.0)
        if body >= total:
            enemy = body - total
            records[index, REC_B] = 2.0
            records[index, REC_C] = enemies[KEY, enemy]
            hurt_enemy(enemy, match[RAIL_DAMAGE], row, to_x, to_y, RAIL, 0.0, counters, players, enemies, records)
        elif players[SAFE, body] <= 0.0:
            records[index, REC_B] = 1.0
            records[index, REC_C] = players[KEY, body]
            hurt_player(
                body, match[RAIL_DAMAGE], 0.0, float(row), to_x, to_y, RAIL, 0.0, match, counters, players, records
            )
    records[index, REC_D] = to_x
    records[index, REC_E] = to_y


@part
def catch_up(
    index: int,
    seconds: float,
    match: Floats,
    counters: Numbers,
    players: Floats,
    inputs: Floats,
    enemies: Floats,
    bullets: Floats,
    walls: Floats,
    lookup: Cells,
    records: Floats,
    was: Floats,
    book: Numbers,
    kept: Floats,
) -> None:
    """Take a new bullet to where it would be had it been fired when its shooter saw what it was aimed at."""
    row = int(records[index, REC_A])
    bullet = int(records[index, REC_B])
    records[index, REC_TYPE] = REC_NOTHING
    now = float(counters[TICK])
    seen = moment_seen(inputs[row, IN_LAG], counters, book)
    late = now - seen
    if late <= 0.0:
        return  # nothing is remembered: a bullet like any other
    vx = bullets[VX, bullet] * seconds
    vy = bullets[VY, bullet] * seconds
    to_x = bullets[X, bullet]
    to_y = bullets[Y, bullet]
    flight = late
    ends = bullets[SPENT, bullet] != FLYING
    if ends:
        flight = 0.0  # a wall in the muzzle
    elif bullets[LIFE, bullet] - late * seconds <= 0.0:
        ends = True
        flight = min(late, math.ceil(bullets[LIFE, bullet] / seconds))
    wall = first_wall(to_x, to_y, to_x + vx * flight, to_y + vy * flight, BULLET_RADIUS, counters, walls, lookup)
    if wall <= 1.0:
        ends = True
        flight *= wall
    x = bullets[OX, bullet]
    y = bullets[OY, bullet]
    body, when = body_met(
        row,
        x,
        y,
        to_x,
        to_y,
        vx,
        vy,
        seen,
        flight,
        BULLET_RADIUS,
        seconds,
        counters,
        players,
        enemies,
        book,
        kept,
        was,
    )
    if body < 0:
        to_x = to_x + vx * flight
        to_y = to_y + vy * flight
        ends = ends or to_x < 0.0 or to_y < 0.0 or to_x > match[WIDTH] or to_y > match[HEIGHT]
        bullets[SPENT, bullet] = GONE if ends else CAUGHT_UP
        bullets[LIFE, bullet] -= late * seconds
        bullets[X, bullet] = to_x
        bullets[Y, bullet] = to_y
        bullets[OX, bullet] = to_x
        bullets[OY, bullet] = to_y
        return
    bullets[SPENT, bullet] = GONE
    if when <= 0.0:
        x = x + (to_x - x) * (when + 1.0)
        y = y + (to_y - y) * (when + 1.0)
        when = 0.0
    else:
        x = to_x + vx * when
        y = to_y + vy * when
    total = int(counters[PLAYERS])
    if body < total:
        hurt_player(
            body,
            bullets[DAMAGE, bullet],
            0.0,
            float(row),
            x,
            y,
            GUN,
            late - when,
            match,
            counters,
            players,
            records,
        )
    else:
        hurt_enemy(
            body - total, bullets[DAMAGE, bullet], row, x, y, GUN, late - when, counters, players, enemies, records
        )


@kernel
def resolve_shots(
    seconds: float,
    match: Floats,
    counters: Numbers,
    players: Floats,
    inputs: Floats,
    enemies: Floats,
    bullets: Floats,
    walls: Floats,
    lookup: Cells,
    records: Floats,
    was: Floats,
    book: Numbers,
    kept: Floats,
) -> None:
    """Find out what the shots of this tick hit that `step` has noted, in the order of their shooters' rows."""
    for index in range(int(counters[RECORDS])):  # hits are added behind
        kind = records[index, REC_TYPE]
        if kind == REC_RAIL:
            fire_rail(
                index, seconds, match, counters, players, inputs, enemies, walls, lookup, records, was, book, kept
            )
        elif kind == REC_LATE:
            catch_up(
                index,
                seconds,
                match,
                counters,
                players,
                inputs,
                enemies,
                bullets,
                walls,
                lookup,
                records,
                was,
                book,
                kept,
            )
