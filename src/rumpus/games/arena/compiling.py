"""Makes Arena's kernels ready before the first match: loads them from disk, or compiles them once per machine.

numba compiles with the interpreter's lock held, so threads would only take turns. The kernels are therefore divided
between this process and a second one, which leaves its half in numba's cache on disk; on two cores that halves the wait
of the very first start. Kernels that reached the disk load in a quarter of a second.
"""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import numba

from rumpus.game import PlayerInfo
from rumpus.games.arena.combat import collide
from rumpus.games.arena.game import Arena
from rumpus.games.arena.kernels import is_on_disk
from rumpus.games.arena.settings import ArenaSettings
from rumpus.games.arena.snapshot import snapshot
from rumpus.games.arena.spawning import place_player
from rumpus.games.arena.step import step_enemies, step_players

#: The two halves, by name; about equally much work.
OURS = ("step_players", "collide")
THEIRS = ("step_enemies", "snapshot", "place_player")
KERNELS: dict[str, Any] = {
    "step_players": step_players,
    "step_enemies": step_enemies,
    "collide": collide,
    "snapshot": snapshot,
    "place_player": place_player,
}


def prepare() -> None:
    """Have every kernel ready to run."""
    helper = None
    missing = [name for name, kernel in KERNELS.items() if not is_on_disk(kernel)]
    if set(missing) & set(THEIRS) and set(missing) & set(OURS) and (os.cpu_count() or 1) > 1:
        command = [sys.executable, "-m", __name__, *(name for name in THEIRS if name in missing)]
        helper = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603  # ourselves
    with _without_collecting():
        compile_kernels(name for name in OURS if name in missing)
        if helper is not None:
            # If it failed, the next lines compile its half here.
            helper.wait()
        game = _small_game()
        game.add_player("first", PlayerInfo(player_id="first", name="first"))
        game.update(1 / 30)
        game.get_game_state()


def compile_kernels(names: Iterable[str]) -> None:
    """Compile these kernels for the tables that every match has, and keep them on disk."""
    game = _small_game()
    for name in names:
        types = tuple(map(numba.typeof, game.kernel_arguments(name)))
        KERNELS[name].compile(types)


def _small_game() -> Arena:
    game = Arena()
    game.initialize_game(ArenaSettings(width=800, height=800))
    return game


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


if __name__ == "__main__":
    with _without_collecting():
        compile_kernels(sys.argv[1:])
