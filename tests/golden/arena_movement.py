"""Golden trajectories of Arena: what the kernels make of given inputs, for whoever predicts it in another language.

`python -m tests.golden.arena_movement` writes `arena-movement.json` anew, after a deliberate change of the rules. The
kernels and the browser's rules (web/views/arena/rules) are both tested on that file, so neither can drift away from the
other: movement among walls, and the timers of the two weapons. Inputs are not stored but drawn from a generator that
is a few lines in any language; of each trajectory the file has every 20th state, and a digest of all.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from rumpus.game import PlayerInfo
from rumpus.games.arena import Arena, ArenaInput, ArenaSettings
from rumpus.games.arena import constants as c
from rumpus.games.arena.arena_map import ArenaMap, build_map, survey_walls
from rumpus.games.arena.tables import Tables

FILE = Path(__file__).with_name("arena-movement.json")
SAMPLED = 20

# What no drawn map has: gaps of exactly a body's width, walls that touch and overlap, a zigzag, pillars.
_TIGHT = [
    (200, 200, 300, 50), (200, 290, 300, 50), (500, 200, 50, 140), (200, 381, 350, 50), (150, 150, 50, 281),
    (620, 100, 50, 400), (710, 100, 50, 400), (800, 140, 50, 400), (890, 100, 50, 400),
    (100, 560, 50, 50), (190, 560, 50, 50), (280, 560, 50, 50), (145, 650, 50, 50), (235, 650, 50, 50),
    (400, 560, 100, 100), (460, 620, 100, 100), (520, 680, 100, 100), (700, 600, 200, 60), (700, 700, 200, 60),
    (0, 760, 60, 60), (60, 820, 60, 80), (940, 740, 60, 260), (500, 920, 300, 40),
]  # fmt: skip

#: Name, and either a drawn map's (width, height, seed) or the walls of one made by hand.
_MAPS: list[tuple[str, tuple[int, int, int] | None]] = [
    ("2000 by 2000, seed 5", (2000, 2000, 5)),
    ("1201 by 907, seed 77", (1201, 907, 77)),
    ("3000 by 1500, seed 123456", (3000, 1500, 123456)),
    ("1000 by 1000, tight", None),
    ("800 by 800, seed 9", (800, 800, 9)),
]

#: Map, tick rate, speed of players, seed, hold, steps, x and y to begin at (None: the map's first spawn point).
_MOVEMENT: list[tuple[int, float, float, int, int, int, float | None, float | None]] = [
    (0, 30.0, 240.0, 1, 8, 8000, None, None),
    (0, 60.0, 240.0, 2, 30, 6000, None, None),
    (0, 20.0, 600.0, 3, 10, 4000, None, None),
    (1, 30.0, 333.3, 4, 25, 6000, None, None),
    (1, 64.0, 240.0, 5, 45, 6000, None, None),
    (2, 20.0, 240.0, 6, 15, 5000, None, None),
    (2, 64.0, 597.7, 7, 40, 5000, None, None),
    (3, 30.0, 240.0, 8, 12, 8000, 100.0, 100.0),
    (3, 60.0, 180.5, 9, 30, 5000, 690.0, 80.0),
    (3, 20.0, 600.0, 10, 6, 4000, 600.0, 600.0),
    (4, 30.0, 10.0, 11, 90, 1000, None, None),
    (4, 30.0, 240.0, 12, 3, 4000, None, None),
]

#: Tick rate, fire_cooldown, rail_cooldown, seed, hold, steps, ticks with rapid fire.
_TIMERS: list[tuple[float, float, float, int, int, int, list[tuple[int, int]]]] = [
    (30.0, 0.2, 1.5, 21, 4, 3000, [(500, 740), (1500, 1600)]),
    (30.0, 0.37, 1.0, 22, 9, 2000, [(100, 900)]),
    (20.0, 0.02, 0.31, 23, 2, 2000, [(0, 400)]),
    (60.0, 0.2, 1.5, 24, 7, 3000, [(1000, 1480)]),
    (64.0, 0.123, 0.777, 25, 3, 3000, [(10, 20), (1000, 2000)]),
    (30.0, 1.3, 0.05, 26, 5, 1500, []),
    (60.0, 10.0, 10.0, 27, 20, 2000, [(600, 1200)]),
]


class XorShift:
    """Marsaglia's xorshift32: the inputs' only source of chance."""

    def __init__(self, seed: int) -> None:
        self.state = seed

    def next(self) -> int:
        state = self.state
        state ^= (state << 13) & 0xFFFFFFFF
        state ^= state >> 17
        state ^= (state << 5) & 0xFFFFFFFF
        self.state = state
        return state

    def unit(self) -> float:
        return self.next() / 4294967296


def sticks(seed: int, hold: int, steps: int) -> Iterator[tuple[float, float]]:
    """Where the stick is in each step: keys, halves and thirds, beyond the unit circle, next to nothing."""
    chance = XorShift(seed)
    x = y = 0.0
    for step in range(steps):
        if chance.next() % hold == 0 or step == 0:
            kind = chance.next() % 8
            if kind == 0:
                x, y = 0.0, 0.0
            elif kind in (1, 2):
                x, y = float(chance.next() % 3 - 1), float(chance.next() % 3 - 1)
            elif kind == 3:
                x, y = chance.unit() * 2 - 1, chance.unit() * 2 - 1
            elif kind == 4:
                x, y = (chance.next() % 21 - 10) / 10, (chance.next() % 21 - 10) / 10
            elif kind == 5:
                x, y = (chance.next() % 7 - 3) / 3, (chance.next() % 7 - 3) / 3
            elif kind == 6:
                x, y = float(chance.next() % 2 * 2 - 1), chance.unit() * 2 - 1
            else:
                x, y = (chance.unit() - 0.5) / 64, float(chance.next() % 2 * 2 - 1)
        yield x, y


def triggers(seed: int, hold: int, steps: int) -> Iterator[tuple[bool, bool]]:
    """Whether the gun's and the rail's triggers are held in each step."""
    chance = XorShift(seed)
    fire = rail = False
    for step in range(steps):
        if chance.next() % hold == 0 or step == 0:
            fire = chance.next() % 2 == 0
            rail = chance.next() % 4 == 0
        yield fire, rail


class Digest:
    """FNV-1a, 32 bits."""

    def __init__(self) -> None:
        self.value = 0x811C9DC5

    def add(self, data: bytes) -> None:
        value = self.value
        for byte in data:
            value = ((value ^ byte) * 0x01000193) & 0xFFFFFFFF
        self.value = value

    def __str__(self) -> str:
        return f"{self.value:08x}"


@cache
def _map(index: int) -> ArenaMap:
    drawn = _MAPS[index][1]
    if drawn is not None:
        width, height, seed = drawn
        return build_map(width, height, seed)
    edges = np.array([(x, y, x + w, y + h) for x, y, w, h in _TIGHT], dtype=np.float64)
    found = survey_walls(1000, 1000, np.array(_TIGHT, dtype=np.int64))
    spots = np.array([[100.0, 100.0]])
    walls = [list(wall) for wall in _TIGHT]
    return ArenaMap(1000, 1000, walls, edges, found.lookup, found.lookup_size, found.solid, spots, [])


def _alone(arena_map: ArenaMap, **settings: Any) -> Arena:
    """A match of one player and nothing else, in this map."""
    quiet = {"enemies": 0, "pickups": 0.0, "protection": 0.0, "time_limit": 0, "seed": 1, "shot_life": 0.05}
    game = Arena()
    chosen = ArenaSettings(width=arena_map.width, height=arena_map.height, **quiet, **settings)
    game._begin(chosen, arena_map, Tables(arena_map, chosen, 0))
    game.add_player("a", PlayerInfo(player_id="a", name="a"))
    return game


def movement(case: tuple[Any, ...]) -> dict[str, Any]:
    """What the kernels make of a case of `_MOVEMENT`."""
    index, tick_rate, speed, seed, hold, steps, x, y = case
    arena_map = _map(index)
    if x is None:
        x, y = arena_map.spots[0].tolist()
    game = _alone(arena_map, player_speed=speed)
    players = game._tables.players
    players[[c.X, c.Y, c.VX, c.VY], 0] = x, y, 0.0, 0.0
    digest, samples = Digest(), []
    for step, (move_x, move_y) in enumerate(sticks(seed, hold, steps), 1):
        game.process_input("a", ArenaInput(move_x=move_x, move_y=move_y))
        game.update(1 / tick_rate)
        px, py, vx, vy = players[[c.X, c.Y, c.VX, c.VY], 0].tolist()
        state = [px * 8, py * 8, vx * 4, vy * 4]
        whole = [int(value) for value in state]
        assert state == whole
        digest.add(struct.pack("<4i", *whole))
        if step % SAMPLED == 0:
            samples.append(whole)
    return {
        "name": f"{_MAPS[index][0]}, {tick_rate:g} Hz, speed {speed:g}",
        "map": index,
        "tick_rate": tick_rate,
        "player_speed": speed,
        "seed": seed,
        "hold": hold,
        "steps": steps,
        "start": [x, y],
        "samples": samples,
        "hash": str(digest),
    }


def timers(case: tuple[Any, ...]) -> dict[str, Any]:
    """What the kernels make of a case of `_TIMERS`."""
    tick_rate, fire_cooldown, rail_cooldown, seed, hold, steps, rapid = case
    game = _alone(build_map(800, 800, 1, False), walls=False, fire_cooldown=fire_cooldown, rail_cooldown=rail_cooldown)
    tables = game._tables
    digest, shots, rails = Digest(), [], []
    for step, (fire, rail) in enumerate(triggers(seed, hold, steps)):
        tables.players[c.RAPID_LEFT, 0] = 1e6 if any(begin <= step < end for begin, end in rapid) else 0.0
        bullets = int(tables.counters[c.NEXT_BULLET])
        game.process_input("a", ArenaInput(fire=fire, rail=rail))
        game.update(1 / tick_rate)
        if tables.counters[c.NEXT_BULLET] > bullets:
            shots.append(step)
        if any(event.name == "rail" for event in game.take_events()):
            rails.append(step)
        timer = tables.players[[c.COOL, c.RAIL_COOL], 0].tolist()
        latch = tables.inputs[0, [c.IN_LATCH, c.IN_RAIL_LATCH]].tolist()
        digest.add(struct.pack("<4d", *timer, *latch))
    return {
        "name": f"{tick_rate:g} Hz, gun {fire_cooldown:g} s, rail {rail_cooldown:g} s",
        "tick_rate": tick_rate,
        "fire_cooldown": fire_cooldown,
        "rail_cooldown": rail_cooldown,
        "seed": seed,
        "hold": hold,
        "steps": steps,
        "rapid": [list(span) for span in rapid],
        "shots": shots,
        "rails": rails,
        "hash": str(digest),
    }


def golden() -> dict[str, Any]:
    """Everything that the file has."""
    maps = []
    for index, (name, _) in enumerate(_MAPS):
        arena_map = _map(index)
        walls = [list(wall) for wall in arena_map.walls]
        maps.append({"name": name, "width": arena_map.width, "height": arena_map.height, "walls": walls})
    return {
        "maps": maps,
        "movement": [movement(case) for case in _MOVEMENT],
        "timers": [timers(case) for case in _TIMERS],
    }


if __name__ == "__main__":
    FILE.write_text(json.dumps(golden(), separators=(",", ":")) + "\n")
