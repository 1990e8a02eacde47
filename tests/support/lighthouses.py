"""A game of tables whose state is a known function of the tick, and large enough to fill buffers."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

import rumpus
from rumpus.replication import Int, Table, World

LAMPS = 1500


class Boats(Table, rows=64):
    lit = Int(0, 1_000_000)


class Lamps(Table, key="l", rows=LAMPS):
    level = Int(0, 2**31)


class Coast(World):
    boats: Boats
    lamps: Lamps


def levels(tick: int) -> NDArray[np.float64]:
    """What the lamps show at a tick."""
    return (np.arange(LAMPS) * 2_654_435_761.0 + tick * 40_503_077.0) % 2**31 // 1


class Lighthouses(rumpus.Game):
    """Every lamp changes in every tick, by a lot."""

    World = Coast
    world: Coast
    max_players: ClassVar[int] = 60
    min_players: ClassVar[int] = 1

    def initialize_game(self, settings: Any) -> None:
        self.world = Coast()
        self._tick = 0
        for _ in range(LAMPS):
            self.world.lamps.add()

    def add_player(self, player_id: str, info: rumpus.PlayerInfo) -> None:
        super().add_player(player_id, info)
        self.world.boats.add(player_id)

    def remove_player(self, player_id: str) -> None:
        super().remove_player(player_id)
        self.world.boats.remove(player_id)

    def update(self, delta_time: float) -> None:
        self._tick += 1
        self.world.lamps.level = levels(self._tick)
        self.world.quantise()
