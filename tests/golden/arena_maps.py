"""Golden maps of Arena: a digest of everything that `build_map` makes of its arguments.

`python -m tests.golden.arena_maps` writes `arena-maps.json` anew, after a deliberate change of how maps are drawn: a
seed that players have shared then gives another map, so there should be a reason. Walls, spawn points and pick-ups
count with their order, since the kernels' random draws pick by number.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterator
from pathlib import Path

from rumpus.games.arena.arena_map import ArenaMap, build_map

FILE = Path(__file__).with_name("arena-maps.json")

#: Arguments of `build_map`.
Case = tuple[int, int, int, bool, float]


def digest(drawn: ArenaMap) -> str:
    """16 hexadecimal digits that stand for the whole map: every number of it, their types and their order."""
    hashed = hashlib.sha256(
        json.dumps([drawn.width, drawn.height, drawn.lookup_size, drawn.walls, drawn.pads]).encode()
    )
    for array in (drawn.edges, drawn.lookup, drawn.solid, drawn.spots):
        hashed.update(f"{array.dtype.newbyteorder('<').str} {array.shape}".encode())
        hashed.update(array.astype(array.dtype.newbyteorder("<")).tobytes())
    return hashed.hexdigest()[:16]


def cases() -> Iterator[Case]:
    """The maps of the file: the usual field, fields of every size and shape, and what settings can take away or add."""
    chance = random.Random("golden maps")
    for seed in range(60):
        yield 2000, 2000, seed, True, 1.0
    for seed in (2**31 - 1, 2**32, 2**53 - 1):
        yield 2000, 2000, seed, True, 1.0
    for _ in range(90):  # any size: the middle of an odd one is no whole number
        yield chance.randint(800, 3600), chance.randint(800, 3600), chance.getrandbits(53), True, 1.0
    for _ in range(20):  # the smallest, where hardly anything fits
        yield chance.randint(800, 900), chance.randint(800, 900), chance.getrandbits(31), True, 1.0
    for _ in range(15):
        yield chance.randint(800, 3000), chance.randint(800, 3000), chance.getrandbits(31), False, 1.0
    for pickups in (0.0, 0.5, 2.0, 4.0):
        for _ in range(5):
            yield chance.randint(800, 3000), chance.randint(800, 3000), chance.getrandbits(31), True, pickups
    for width, height in ((6000, 6000), (12_000, 12_000), (16_000, 16_000), (16_000, 800), (800, 16_000)):
        yield width, height, chance.getrandbits(31), True, 1.0
    yield 16_000, 16_000, 7, True, 4.0


def golden() -> list[list[object]]:
    """Everything that the file has: the arguments of each map, and its digest."""
    return [[*case, digest(build_map(*case))] for case in cases()]


if __name__ == "__main__":
    lines = ",\n".join(json.dumps(line) for line in golden())
    FILE.write_text(f"[\n{lines}\n]\n")
