"""What looking back costs: `python benchmarks/history.py`.

Prints microseconds, least and median, of `World.remember` and `World.rewind`, and of the parts that a game's kernel
calls: in a room of 16 players and 20 enemies, and in one field of 2,500 players and 100 enemies. Both remember place,
angle and two flags. A figure is the mean of 200 calls in a row, as one is hardly longer than reading the clock.
Compare figures of one run only: machines, and one machine's moods, differ.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median
from typing import Any

import numpy as np

from rumpus.compiled import kernel
from rumpus.replication import Angle, Fixed, Flag, Local, Table, World
from rumpus.replication.preparing import prepare
from rumpus.replication.rewinding import rewind_rows

COLUMNS = ("x", "y", "angle", "alive", "safe")
ENTRIES = 10
CALLS = 200


class Players(Table, max_rows=2500, rewind=COLUMNS):
    x = Fixed(1 / 8, 0, 16_000, moves=True)
    y = Fixed(1 / 8, 0, 16_000, moves=True)
    angle = Angle(bits=10)
    alive = Flag()
    safe = Flag()
    vx = Local()
    vy = Local()


class Enemies(Table, key="e", rewind=COLUMNS):
    x = Fixed(1 / 8, 0, 16_000, moves=True)
    y = Fixed(1 / 8, 0, 16_000, moves=True)
    angle = Angle(bits=10)
    alive = Flag()
    safe = Flag()


class Field(World):
    players: Players
    enemies: Enemies


@kernel
def rewind_both(
    tick: float, counts: Any, book: Any, kept: Any, players: Any, enemies: Any, out_players: Any, out_enemies: Any
) -> float:
    """As a game's own kernel would before it follows a beam."""
    rewind_rows(tick, 0, book, kept, players, counts[0], out_players)
    return rewind_rows(tick, 1, book, kept, enemies, counts[1], out_enemies)


def fill(players: int, enemies: int) -> Field:
    world = Field(players=players, enemies=enemies)
    for number in range(players):
        world.players.add(f"p{number}", x=number, y=2 * number, alive=True)
    world.enemies.add_many(enemies, x=np.arange(enemies), alive=1)
    world.keep_history(ENTRIES)
    for tick in range(ENTRIES + 3):
        world.players.x += 5
        world.enemies.y += 3
        world.quantise()
        world.remember(tick)
    return world


def report(name: str, call: Callable[[], object], runs: int) -> None:
    seconds = []
    for _ in range(runs):
        begun = time.perf_counter()
        for _ in range(CALLS):
            call()
        seconds.append((time.perf_counter() - begun) / CALLS)
    print(f"  {name:<34}{min(seconds) * 1e6:10.2f}{median(seconds) * 1e6:10.2f}")


def room(players: int, enemies: int, runs: int) -> None:
    world = fill(players, enemies)
    history = world.history
    newest = history.ticks[-1]
    blocks = world.players.block, world.enemies.block
    outs = tuple(np.zeros((1 + len(COLUMNS), block.shape[1])) for block in blocks)
    ticks = iter(range(newest, 1 << 40))
    print(f"{players} players, {enemies} enemies, {len(COLUMNS)} columns each, {ENTRIES} snapshots")
    # A call and the next number: what remembering is measured on top of.
    report("an empty call", lambda: next(ticks), runs)
    report("World.remember", lambda: world.remember(next(ticks)), runs)
    tick = history.ticks[-1] - 3.4
    report("World.rewind, fresh arrays", lambda: world.rewind(tick), runs)
    report("rewind_rows of both in a kernel", lambda: rewind_both(
        tick, world.counts, history.book, history.kept, *blocks, *outs
    ), runs)  # fmt: skip


def main() -> None:
    begun = time.perf_counter()
    prepare()
    rewind_both(0.0, *_arguments())
    print(f"Kernels ready after {time.perf_counter() - begun:.2f} s")
    print(f"  {'':<34}{'least µs':>10}{'median µs':>10}")
    room(16, 20, 300)
    room(2500, 100, 20)


def _arguments() -> tuple[Any, ...]:
    world = fill(1, 1)
    blocks = world.players.block, world.enemies.block
    return world.counts, world.history.book, world.history.kept, *blocks, *(np.zeros((6, 1)) for _ in blocks)


if __name__ == "__main__":
    main()
