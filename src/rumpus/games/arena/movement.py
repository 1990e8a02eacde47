"""How bodies move: the only code that turns an input into a position.

A player's movement is a pure function of position, velocity, input, walls and the length of the tick, made of
+ - * / and square roots on 64-bit floats, so a client in another language can run it too and get the same bits
(`docs/arena.md` gives it as pseudo-code). Walls are rectangles; a body is a circle pushed out of the wall it is deepest
in, up to three times, which slides along walls and around corners, and does not depend on how walls are looked up.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from rumpus.compiled import part
from rumpus.games.arena.constants import (
    HEIGHT,
    LOOKUP_CELL,
    LOOKUP_X,
    LOOKUP_Y,
    SWEEP_PIECE,
    VELOCITY_STEP,
    WALLS,
    WIDTH,
)

Floats = NDArray[np.float64]
Counters = NDArray[np.int64]
Cells = NDArray[np.int32]


@part
def approach(value: float, wanted: float, share: float) -> float:
    """A share of the way from `value` to `wanted`; all of it when the share is too small to survive rounding."""
    change = (wanted - value) * share
    return wanted if abs(change) < VELOCITY_STEP else value + change


@part
def steer(
    vx: float, vy: float, move_x: float, move_y: float, speed: float, grip: float, seconds: float
) -> tuple[float, float]:
    """The velocity after `seconds` of pushing the stick to (move_x, move_y); a stick beyond the unit circle is cut."""
    size = move_x * move_x + move_y * move_y
    if size > 1.0:
        size = math.sqrt(size)
        move_x = move_x / size
        move_y = move_y / size
    share = min(grip * seconds, 1.0)
    return approach(vx, move_x * speed, share), approach(vy, move_y * speed, share)


@part
def lookup_cell(x: float, y: float, counters: Counters) -> int:
    """The wall lookup's cell at (x, y); outside the field, the nearest one."""
    column = min(max(int(x / LOOKUP_CELL), 0), counters[LOOKUP_X] - 1)
    row = min(max(int(y / LOOKUP_CELL), 0), counters[LOOKUP_Y] - 1)
    return int(row * counters[LOOKUP_X] + column)


@part
def push_out(
    x: float, y: float, radius: float, counters: Counters, walls: Floats, lookup: Cells
) -> tuple[float, float, float, float]:
    """One push out of the wall that a circle is deepest in: (x, y, normal x, normal y); the normal is 0 if in none."""
    cell = lookup_cell(x, y, counters)
    deepest = 0.0
    out_x = x
    out_y = y
    normal_x = 0.0
    normal_y = 0.0
    for slot in range(lookup[cell], lookup[cell + 1]):
        wall = lookup[slot]
        left = walls[wall, 0]
        top = walls[wall, 1]
        right = walls[wall, 2]
        bottom = walls[wall, 3]
        dx = x - min(max(x, left), right)
        dy = y - min(max(y, top), bottom)
        gap = dx * dx + dy * dy
        if gap >= radius * radius:
            continue
        if gap > 0.0:
            gap = math.sqrt(gap)
            depth = radius - gap
            if depth > deepest:
                deepest = depth
                normal_x = dx / gap
                normal_y = dy / gap
                out_x = x + normal_x * depth
                out_y = y + normal_y * depth
        else:  # the middle itself is inside: leave through the nearest side
            side = min(x - left, right - x, y - top, bottom - y)
            depth = radius + side
            if depth > deepest:
                deepest = depth
                normal_x = 0.0
                normal_y = 0.0
                out_x = x
                out_y = y
                if side == x - left:
                    normal_x = -1.0
                    out_x = left - radius
                elif side == right - x:
                    normal_x = 1.0
                    out_x = right + radius
                elif side == y - top:
                    normal_y = -1.0
                    out_y = top - radius
                else:
                    normal_y = 1.0
                    out_y = bottom + radius
    return out_x, out_y, normal_x, normal_y


@part
def walk(
    x: float,
    y: float,
    vx: float,
    vy: float,
    radius: float,
    seconds: float,
    match: Floats,
    counters: Counters,
    walls: Floats,
    lookup: Cells,
) -> tuple[float, float, float, float]:
    """Move a circle for `seconds`: (x, y, vx, vy) afterwards, outside every wall, its speed into walls gone.

    Steps are at most 50 ms long, so that slow tick rates cannot carry a body through a wall.
    """
    steps = int(seconds * 20.0) + 1
    share = seconds / steps
    for _ in range(steps):
        x = x + vx * share
        y = y + vy * share
        if x < radius:
            x = radius
            vx = max(vx, 0.0)
        elif x > match[WIDTH] - radius:
            x = match[WIDTH] - radius
            vx = min(vx, 0.0)
        if y < radius:
            y = radius
            vy = max(vy, 0.0)
        elif y > match[HEIGHT] - radius:
            y = match[HEIGHT] - radius
            vy = min(vy, 0.0)
        if counters[WALLS] == 0:
            continue
        for _ in range(3):
            x, y, normal_x, normal_y = push_out(x, y, radius, counters, walls, lookup)
            into = vx * normal_x + vy * normal_y
            if into < 0.0:
                vx = vx - normal_x * into
                vy = vy - normal_y * into
            if normal_x == 0.0 and normal_y == 0.0:
                break
    return x, y, vx, vy


@part
def first_wall(
    from_x: float,
    from_y: float,
    to_x: float,
    to_y: float,
    radius: float,
    counters: Counters,
    walls: Floats,
    lookup: Cells,
) -> float:
    """How far along a straight line the first wall is met, from 0 to 1; 2 if none is. `radius` widens the walls."""
    if counters[WALLS] == 0:
        return 2.0
    dx = to_x - from_x
    dy = to_y - from_y
    length = dx * dx + dy * dy
    pieces = 1 if length < SWEEP_PIECE * SWEEP_PIECE else int(math.sqrt(length) / SWEEP_PIECE) + 1
    start = 0.0
    for piece in range(pieces):
        end = 1.0
        if pieces > 1:  # rare, and dividing is slow
            end = (piece + 1) / pieces
        middle = (start + end) * 0.5
        cell = lookup_cell(from_x + dx * middle, from_y + dy * middle, counters)
        best = 2.0
        for slot in range(lookup[cell], lookup[cell + 1]):
            wall = lookup[slot]
            enter = start
            leave = end
            low = walls[wall, 0] - radius
            high = walls[wall, 2] + radius
            if dx == 0.0:
                if from_x <= low or from_x >= high:
                    continue
            else:
                near = (low - from_x) / dx
                far = (high - from_x) / dx
                enter = max(enter, min(near, far))
                leave = min(leave, max(near, far))
            low = walls[wall, 1] - radius
            high = walls[wall, 3] + radius
            if dy == 0.0:
                if from_y <= low or from_y >= high:
                    continue
            else:
                near = (low - from_y) / dy
                far = (high - from_y) / dy
                enter = max(enter, min(near, far))
                leave = min(leave, max(near, far))
            if enter < leave and enter < best:
                best = enter
        if best <= 1.0:
            return best
        start = end
    return 2.0
