"""Arena: the top-down shooter that ships with Rumpus. `docs/arena.md` has its rules and numbers."""

from __future__ import annotations

import gc

from rumpus.game import PlayerInfo
from rumpus.games.arena.bots import ArenaBot
from rumpus.games.arena.game import TEAM_NAMES, Arena
from rumpus.games.arena.settings import ArenaInput, ArenaSettings

__all__ = ["TEAM_NAMES", "Arena", "ArenaBot", "ArenaInput", "ArenaSettings", "warm_up"]


def warm_up() -> None:
    """Compile Arena's kernels, or load them if an earlier process compiled them, so that no match has to wait."""
    game = Arena()
    game.initialize_game(ArenaSettings(width=800, height=800))
    collecting = gc.isenabled()
    gc.disable()  # a compiler makes millions of small objects that live on; going through them again and again is slow
    try:
        game.add_player("warm-up", PlayerInfo(player_id="warm-up", name="warm-up"))
        game.update(1 / 30)
        game.get_game_state()
    finally:
        if collecting:
            gc.enable()
