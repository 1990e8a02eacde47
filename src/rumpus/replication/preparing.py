"""Makes the kernels of worlds ready, so that no match has to wait for a compiler: once per machine, then from disk.

They are the same for every world, so a game asks for them (`Game.prepare`) and not its world.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..compiled import is_on_disk
from .columns import Fixed
from .encode import advance, keyframe
from .frames import shared_frames
from .gather import filtered_frames, sort_rows
from .interest import Interest
from .rewinding import remember_rows, rewind_table
from .rounding import quantise
from .snapshot import KEYFRAME, SnapshotEncoder
from .table import Table
from .world import World

KERNELS: tuple[Any, ...] = (
    quantise,
    advance,
    keyframe,
    shared_frames,
    sort_rows,
    filtered_frames,
    remember_rows,
    rewind_table,
)


class _Dots(Table, rewind=("x",)):
    x = Fixed(1, 0, 10)
    y = Fixed(1, 0, 10)


class _Paper(World):
    dots: _Dots


def are_on_disk() -> bool:
    """Whether an earlier process has compiled all of them."""
    return all(map(is_on_disk, KERNELS))


def prepare() -> None:
    """Load the kernels, or compile them: by using each as the rooms do."""
    needs, acks = np.array([KEYFRAME]), np.array([-1])
    for interest in (None, Interest(radius=1, around="dots")):
        world = _Paper()
        world.dots.add("one")
        world.interest = interest
        encoder = SnapshotEncoder(world, 1.0)
        encoder.advance()
        for _ in encoder.frames(0, needs, acks, ["one"]):
            pass
    world.keep_history(1)
    world.remember(0)
    world.rewind(0)
