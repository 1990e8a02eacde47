"""A game that keeps the server's loop, for a while, for ever, or in native code that lets no other thread run. It can
raise what ends a process, a task or a generator, too.
"""

from __future__ import annotations

import asyncio
import re
import time
from typing import Any

import rumpus
from tests.support.drift import Drift

RAISED: dict[str, type[BaseException]] = {
    "exit": SystemExit,
    "ctrl-c": KeyboardInterrupt,
    "cancel": asyncio.CancelledError,
    "close": GeneratorExit,
}


class Stuck(Drift):
    """What a player's input says in `label` is what the next update does."""

    commands = True

    class Settings(rumpus.Settings):
        fault: str = ""
        bulk: int = 0
        goal: int = 1000
        sides: bool = False

    wish = ""

    def process_input(self, player_id: str, input_data: Any) -> None:
        super().process_input(player_id, input_data)
        self.wish = input_data.label

    def update(self, delta_time: float) -> None:
        super().update(delta_time)
        wish, self.wish = self.wish, ""
        if wish in RAISED:
            raise RAISED[wish]
        if wish == "pause":
            time.sleep(0.6)
        elif wish == "loop":
            self.never_comes_back()
        elif wish == "native":
            # Backtracking for longer than the universe is old; the interpreter is held meanwhile.
            re.match("(a+)+$", "a" * 64 + "b")

    def never_comes_back(self) -> None:
        while True:
            pass
