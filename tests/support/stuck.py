"""A game that keeps the server's loop: for a while, for ever, or in native code that lets no other thread run."""

from __future__ import annotations

import re
import time
from typing import Any, Literal

import rumpus
from tests.support.drift import Drift


class Stuck(Drift):
    """What a player's input says in `label` is what the next update does."""

    commands = True

    class Settings(rumpus.Settings):
        fault: str = ""
        bulk: int = 0
        goal: int = 1000
        sides: bool = False

    wish: Literal["", "pause", "loop", "native"] = ""

    def process_input(self, player_id: str, input_data: Any) -> None:
        super().process_input(player_id, input_data)
        self.wish = input_data.label

    def update(self, delta_time: float) -> None:
        super().update(delta_time)
        wish, self.wish = self.wish, ""
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
