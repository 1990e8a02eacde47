"""Makes a match's kernels ready before the first one begins: loads them from disk, or compiles them once per machine.

numba compiles with the interpreter's lock held, so threads would only take turns. This process therefore compiles
what ticks call, and a second one, which leaves it in numba's cache on disk, what draws maps and what sends tables; on
two cores that shortens the wait of the very first start by two fifths. Kernels that reached the disk load in a quarter
of a second.
"""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import numba

from rumpus.compiled import is_on_disk
from rumpus.games.arena.arena_map import build_map
from rumpus.games.arena.combat import collide
from rumpus.games.arena.drawing import draw_walls, scatter
from rumpus.games.arena.shots import resolve_shots
from rumpus.games.arena.spawning import place_player
from rumpus.games.arena.step import step
from rumpus.games.arena.surveying import survey

#: What a game calls in ticks, by the names that it has for them.
KERNELS: dict[str, Any] = {
    "step": step,
    "resolve_shots": resolve_shots,
    "collide": collide,
    "place_player": place_player,
}

#: What `build_map` calls.
MAP_KERNELS: tuple[Any, ...] = (draw_walls, survey, scatter)

#: What the second process runs: what draws maps, and what every game with tables does to be prepared.
_PREPARE_REST = """
from rumpus.games.arena import Arena, compiling
compiling.prepare_maps()
super(Arena, Arena).prepare()
"""


class Caller(Protocol):
    """Who calls the kernels: an Arena."""

    def kernel_arguments(self, name: str) -> tuple[Any, ...]: ...


def prepare(game: Caller, tables_are_prepared: bool, prepare_tables: Callable[[], object]) -> None:
    """Compile every kernel that is not on disk yet. Afterwards each runs, or loads, at once.

    tables_are_prepared, prepare_tables: `Game.is_prepared` and `Game.prepare`.
    """
    helper = None
    if not is_prepared() and not tables_are_prepared and (os.cpu_count() or 1) > 1:
        command = [sys.executable, "-c", _PREPARE_REST]
        helper = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603  # ourselves
    with _without_collecting():
        for name, kernel in KERNELS.items():
            # For the tables that every match has.
            kernel.compile(tuple(map(numba.typeof, game.kernel_arguments(name))))
        if helper is not None:
            # If it failed, the next lines compile its half here.
            helper.wait()
        prepare_maps()
        prepare_tables()


def prepare_maps() -> None:
    """Compile or load what draws maps, by drawing one."""
    build_map(800, 800, 0)


def is_prepared() -> bool:
    """Whether an earlier process has left Arena's own kernels on disk."""
    return all(map(is_on_disk, (*KERNELS.values(), *MAP_KERNELS)))


@contextmanager
def _without_collecting() -> Iterator[None]:
    """A compiler makes millions of small objects that live on; going through them again and again is slow."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()
