"""Whom a shot meets among bodies as its shooter saw them.

What somebody saw `lag` ticks ago comes from the world's history (`rumpus.replication.rewinding`), so a target is tested
where the shooter's picture had it; what flies on from there meets targets as they moved since. Who is dead now, or was
in between, is not met.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from rumpus.compiled import part
from rumpus.games.arena.constants import (
    CHASER,
    CHASER_RADIUS,
    ENEMIES,
    FASTEST_BODY,
    HP,
    KIND,
    PLAYER_RADIUS,
    PLAYERS,
    SHOOTER_RADIUS,
    SIDE,
    TICK,
    WAS_ALIVE,
    WAS_X,
    WAS_Y,
    X,
    Y,
)
from rumpus.games.arena.grid import may_hit, touch
from rumpus.replication.rewinding import entries_around, held_since, rewind_row

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]

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
