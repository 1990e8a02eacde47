"""A match begins in a moment, whatever its seed: while it is made ready, no other room of the server ticks.

Moments are not measured here. What is counted are calls of Python functions, which is what beginning a match used to
consist of: drawing a large map alone took 36,000.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import FrameType
from typing import Any

from rumpus.games.arena import Arena
from rumpus.games.arena.arena_map import build_map
from rumpus.testing import Playground


class Calls:
    """Counts the calls of functions written in Python, made in its block."""

    def __init__(self) -> None:
        self.count = 0

    def __enter__(self) -> Calls:
        self._before = sys.getprofile()
        sys.setprofile(self._note)
        return self

    def __exit__(self, *_: object) -> None:
        sys.setprofile(self._before)

    def _note(self, frame: FrameType, event: str, argument: Any) -> None:
        self.count += event == "call"


def test_a_map_is_drawn_without_going_through_it_in_python() -> None:
    build_map(2000, 2000, 1)
    for size, seed in ((2000, 7001), (8000, 7002)):
        with Calls() as calls:
            build_map(size, size, seed)
        # However large it is.
        assert calls.count < 100


def test_a_room_with_seven_bots_and_a_new_map_begins_its_match_with_few_calls() -> None:
    playground = Playground(Arena, start="full", bots=7)
    # What is imported or kept from the first time on.
    playground.connect("Ann")
    ben = playground.connect()
    with Calls() as calls:
        ben.join("Ben", create=True, settings={"mode": "coop"})
    assert ben.last("game_started")["settings"]["mode"] == "coop"
    # It is 1,400, the client's own among them; it was more than 5,000.
    assert calls.count < 2500


def test_a_room_that_waits_has_compiled_nothing(tmp_path: Path) -> None:
    """A server is up before its kernels are: opening a room then may not wait for a compiler."""
    code = (
        "from rumpus.games.arena import Arena, compiling\n"
        "from rumpus.replication.preparing import KERNELS\n"
        "from rumpus.testing import Playground\n"
        "playground = Playground(Arena, start='countdown', min_players=2)\n"
        "ann = playground.connect('Ann')\n"
        "kernels = (*compiling.KERNELS.values(), *compiling.MAP_KERNELS, *KERNELS)\n"
        "print(playground.server.rooms != {}, sum(len(kernel.signatures) for kernel in kernels))\n"
    )
    environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)}
    run = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert run.stdout == "True 0\n", run.stderr
