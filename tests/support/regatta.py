"""A game in tables that needs no settings: boats that row, with and without an interest."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from rumpus import Game, Input
from rumpus.game import PlayerInfo
from rumpus.replication import Fixed, Int, Interest, Table, World


class Boats(Table):
    x = Fixed(1 / 8, 0, 4000, moves=True)
    y = Fixed(1 / 8, 0, 4000)
    points = Int(0, 255)


class Lake(World):
    boats: Boats


class Row(Input):
    by: Annotated[float, msgspec.Meta(ge=-5000, le=5000)] = 0


class Regatta(Game):
    """Everybody starts at 1000 and rows where they like; ten points end it."""

    Input = Row
    World = Lake
    max_players = 60
    world: Lake
    view: Interest | None = None

    def initialize_game(self, settings: Any) -> None:
        super().initialize_game(settings)
        self.world.interest = self.view

    def get_static_state(self) -> dict[str, Any]:
        return {"shores": [[0, 0], [4000, 4000]]}

    def add_player(self, player_id: str, info: PlayerInfo) -> None:
        super().add_player(player_id, info)
        self.world.boats.add(player_id, x=1000)

    def remove_player(self, player_id: str) -> None:
        super().remove_player(player_id)
        self.world.boats.remove(player_id)

    def process_input(self, player_id: str, input_data: Row) -> None:
        boat = self.world.boats[player_id]
        boat.x = input_data.by + 1000 if input_data.by < 3001 else 5000
        boat.points += 1
        self.handle_scoring(player_id)
        self.emit("splash", {"by": player_id})
        self.emit("wet", {}, to=player_id)

    def update(self, delta_time: float) -> None:
        self.world.boats.y = (self.world.boats.y + 1) % 4000
        self.world.quantise()

    def is_game_over(self) -> bool:
        return any(score >= 10 for score in self.scores.values())


class NarrowRegatta(Regatta):
    view = Interest(width=200, height=10_000, around="boats")
