"""Shots that are judged by what the shooter saw: every rail, and bullets of players whose picture is late.

`step` only notes them; here is who they hit. What somebody saw `lag` ticks ago comes from the world's history
(`rumpus.replication.rewinding`), so a target is tested where the shooter's picture had it. A bullet is then already
where it would be had it been fired at that moment: it catches up within the tick in which it is fired, and on the way
each piece of its path meets targets as they moved meanwhile.

What a target is owed (`docs/netcode.md`, "What counts") is decided by the present: who is dead now, or was in between,
is not hit; protection counts as it is now; a shot begins where the shooter is now, and no wall lets it through.

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
    CHASER,
    CHASER_RADIUS,
    DAMAGE,
    ENEMIES,
    FASTEST_BODY,
    FLYING,
    GONE,
    GUN,
    HEIGHT,
    HP,
    IN_AIM,
    IN_LAG,
    KEY,
    KIND,
    LIFE,
    OX,
    OY,
    PLAYER_RADIUS,
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
    SHOOTER_RADIUS,
    SIDE,
    SPENT,
    TICK,
    VX,
    VY,
    WAS_ALIVE,
    WAS_X,
    WAS_Y,
    WIDTH,
    X,
    Y,
)
from rumpus.games.arena.grid import may_hit, touch
from rumpus.games.arena.movement import first_wall
from rumpus.replication.rewinding import entries_around, held_since, rewind_row

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]
Cells = NDArray[np.int32]

#: The tables by their numbers in the world's history.
OF_PLAYERS, OF_ENEMIES = 0, 1


@part
def moment_seen(lag: float, counters: Numbers, book: Numbers) -> float:
    """The tick that somebody saw whose picture is `lag` ticks old: not before what is remembered, not after now."""
    now = float(counters[TICK])
    asked = now - max(lag, 0.0)
    earlier, _later, _share, used = entries_around(asked, book)
    return now if earlier < 0 else min(max(asked, used), now)


@part
def stood(tick: float, table: int, row: int, block: Floats, counters: Numbers, book: Numbers, kept: Floats) -> bool:
    """Whether a body can have been hit at `tick`: it was there, and has not been dead since."""
    if table == OF_PLAYERS and tick < counters[TICK]:
        return held_since(tick, table, WAS_ALIVE, row, book, kept, block)
    return True


@part
def place_at(
    tick: float, table: int, row: int, block: Floats, counters: Numbers, book: Numbers, kept: Floats, was: Floats
) -> tuple[bool, float, float]:
    """Whether a row was there at `tick`, and where. Between the newest that is remembered and now: on the way."""
    now = float(counters[TICK])
    if tick >= now:
        return True, block[X, row], block[Y, row]
    earlier, later, share, used = entries_around(tick, book)
    there = rewind_row(earlier, later, share, table, row, book, kept, block, was)
    x = was[WAS_X, row]
    y = was[WAS_Y, row]
    if tick > used:
        share = (tick - used) / (now - used)
        x = x + (block[X, row] - x) * share
        y = y + (block[Y, row] - y) * share
    return there, x, y


@part
def is_near(x: float, y: float, from_x: float, from_y: float, dx: float, dy: float, reach: float) -> bool:
    """Whether (x, y) is within about `reach` of the straight way from (from_x, from_y) by (dx, dy)."""
    length = math.sqrt(dx * dx + dy * dy)
    rx = x - from_x
    ry = y - from_y
    if length == 0.0:
        return rx * rx + ry * ry <= reach * reach
    along = (rx * dx + ry * dy) / length
    beside = (rx * dy - ry * dx) / length
    return -reach <= along <= length + reach and -reach <= beside <= reach


@part
def body_met(
    shooter: int,
    x: float,
    y: float,
    to_x: float,
    to_y: float,
    vx: float,
    vy: float,
    seen: float,
    flight: float,
    wider: float,
    seconds: float,
    counters: Numbers,
    players: Floats,
    enemies: Floats,
    book: Numbers,
    kept: Floats,
    was: Floats,
) -> tuple[int, float]:
    """The body (players by row, enemies after them; -1: none) that a shot meets first, and when.

    The shot goes from (x, y) to (to_x, to_y) at the tick `seen`, in no time, and from there flies on for `flight` ticks
    at (vx, vy) units a tick. When: -1 to 0 on the first way, then ticks since `seen`. wider: radius of the shot.
    """
    best = -1
    best_when = 1e9
    total = int(counters[PLAYERS])
    reach = (float(counters[TICK]) - seen) * seconds * FASTEST_BODY + 64.0
    for body in range(int(total + counters[ENEMIES])):
        table = OF_PLAYERS
        row = body
        block = players
        radius = PLAYER_RADIUS + wider
        if body < total:
            if not may_hit(float(shooter), players[SIDE, shooter], row, players, counters):
                continue
        else:
            table = OF_ENEMIES
            row = body - total
            block = enemies
            radius = (CHASER_RADIUS if enemies[KIND, row] == CHASER else SHOOTER_RADIUS) + wider
            if enemies[HP, row] <= 0.0:
                continue
        way_x = to_x - x + vx * flight
        way_y = to_y - y + vy * flight
        if not is_near(block[X, row], block[Y, row], x, y, way_x, way_y, reach):
            continue
        if not stood(seen, table, row, block, counters, book, kept):
            continue
        there, at_x, at_y = place_at(seen, table, row, block, counters, book, kept, was)
        if not there:
            continue
        when = touch(x - at_x, y - at_y, to_x - x, to_y - y, radius) - 1.0
        if when <= 0.0:
            if when < best_when:
                best = body
                best_when = when
            continue
        flown = 0.0
        while flown < flight and flown < best_when:
            # Up to the next tick: in between everybody goes straight.
            until = min(math.floor(seen + flown) + 1.0 - seen, flight)
            there, next_x, next_y = place_at(seen + until, table, row, block, counters, book, kept, was)
            if not there:
                break
            when = touch(
                to_x + vx * flown - at_x,
                to_y + vy * flown - at_y,
                vx * (until - flown) - (next_x - at_x),
                vy * (until - flown) - (next_y - at_y),
                radius,
            )
            if when <= 1.0:
                when = flown + (until - flown) * when
                if when < best_when:
                    best = body
                    best_when = when
                break
            flown = until
            at_x = next_x
            at_y = next_y
    return best, best_when


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
