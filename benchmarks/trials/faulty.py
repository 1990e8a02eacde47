"""Arena, where a player's name makes the match fail: it is a game with a mistake, for `run.py`."""

from __future__ import annotations

from rumpus import PlayerInfo
from rumpus.games.arena import Arena

#: Ticks into the match at which it happens.
AT = 150


class FaultyArena(Arena):
    """A match with a player whose name is Raise, or Hang."""

    fault = ""

    def add_player(self, player_id: str, info: PlayerInfo) -> None:
        super().add_player(player_id, info)
        if info.name in ("Raise", "Hang"):
            self.fault = info.name

    def update(self, delta_time: float) -> None:
        super().update(delta_time)
        if self.current_tick > AT and self.fault == "Raise":
            raise SystemExit("a mistake of the game's")
        while self.current_tick > AT and self.fault == "Hang":
            pass
