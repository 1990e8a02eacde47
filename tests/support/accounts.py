"""A game for tests of results, of players who have accounts without anything that gives them some."""

from __future__ import annotations

import rumpus
from tests.support.drift import Drift


class Known(Drift):
    """Drift, where a player's name is the account too; who is called Guest has none."""

    def add_player(self, player_id: str, info: rumpus.PlayerInfo) -> None:
        super().add_player(player_id, info)
        info.account = None if info.bot or info.name.startswith("Guest") else f"u:{info.name.lower()}"
