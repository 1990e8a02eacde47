"""Makes Arena's kernels ready before the first match: loads them from disk, or compiles them once per machine.

numba compiles with the interpreter's lock held, so threads would only take turns. The kernels are therefore divided
between this process and a second one, which leaves its half in numba's cache on disk; on two cores that shortens the
wait of the very first start by a third. Kernels that reached the disk load in a quarter of a second.
"""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import numba

from rumpus.games.arena.combat import collide
from rumpus.games.arena.kernels import is_on_disk
from rumpus.games.arena.snapshot import snapshot
from rumpus.games.arena.spawning import place_player
from rumpus.games.arena.step import step

#: The two halves, by name. The first is the larger: a tick in two kernels would divide the work evenly, and cost more
#: each tick for a wait that comes once.
OURS = ("step",)
THEIRS = ("collide", "snapshot", "place_player")
KERNELS: dict[str, Any] = {
    "step": step,
    "collide": collide,
    "snapshot": snapshot,
    "place_player": place_player,
}


#: What the second process runs; the names of its kernels are its arguments.
_HELPER = "import sys; from rumpus.games.arena import Arena; Arena.compile_kernels(sys.argv[1:])"


class Caller(Protocol):
    """Who calls the kernels: an Arena."""

    def kernel_arguments(self, name: str) -> tuple[Any, ...]: ...


def prepare(game: Caller) -> None:
    """Compile every kernel that is not on disk yet. Afterwards each runs, or loads, at once."""
    helper = None
    lacking = set(missing())
    if lacking & set(THEIRS) and lacking & set(OURS) and (os.cpu_count() or 1) > 1:
        command = [sys.executable, "-c", _HELPER, *THEIRS]
        helper = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603  # ourselves
    compile_kernels(game, OURS)
    if helper is not None:
        # If it failed, the next line compiles its half here.
        helper.wait()
    compile_kernels(game, THEIRS)


def missing() -> list[str]:
    """The kernels that no earlier process has left on disk."""
    return [name for name, kernel in KERNELS.items() if not is_on_disk(kernel)]


def compile_kernels(game: Caller, names: Iterable[str]) -> None:
    """Compile these kernels for the tables that every match has, or load them; what is compiled is kept on disk."""
    with _without_collecting():
        for name in names:
            types = tuple(map(numba.typeof, game.kernel_arguments(name)))
            KERNELS[name].compile(types)


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
