"""Arena: the top-down shooter that ships with Rumpus. `docs/arena.md` has its rules and numbers."""

from __future__ import annotations

from rumpus.games.arena.bots import ArenaBot
from rumpus.games.arena.constants import TEAM_NAMES
from rumpus.games.arena.game import Arena
from rumpus.games.arena.settings import ArenaInput, ArenaSettings

__all__ = ["TEAM_NAMES", "Arena", "ArenaBot", "ArenaInput", "ArenaSettings"]
