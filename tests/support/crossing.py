"""A field that everybody crosses, for what players may know of one another: they see 150 units around them."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
import numpy as np

from rumpus import Game, Input
from rumpus.game import PlayerInfo
from rumpus.replication import NOBODY, Fixed, Int, Interest, Table, Text, World


class Walkers(Table):
    x = Fixed(1 / 8, 0, 4000, moves=True)
    y = Fixed(1 / 8, 0, 4000)


class Signs(Table, key="s", rows=4):
    """Some are hidden."""

    x = Fixed(1 / 8, 0, 4000)
    y = Fixed(1 / 8, 0, 4000)
    text = Text()


class Tallies(Table):
    """Has no place: everybody knows of it."""

    steps = Int(0, 65_535)


class Field(World):
    walkers: Walkers
    signs: Signs
    tallies: Tallies


class Step(Input):
    """To which place. With `shout`, that is told; `bells`: an event for everybody."""

    to: Annotated[float, msgspec.Meta(ge=0, le=4000)] = 0
    shout: bool = False
    bells: bool = False


class Crossing(Game):
    Input = Step
    World = Field
    max_players = 100
    min_players = 1
    world: Field
    view: Interest | None = Interest(radius=150, margin=50, around="walkers")

    def initialize_game(self, settings: Any) -> None:
        super().initialize_game(settings)
        self.world.interest = self.view
        for x in (0, 1000, 1100):
            row = self.world.signs.add(x=x, y=0, text=f"at {x}")
            if x == 1100:
                self.world.signs.show(row, NOBODY)

    def get_static_state(self) -> dict[str, Any]:
        return {"walls": [[0, 4000]]}

    def add_player(self, player_id: str, info: PlayerInfo) -> None:
        super().add_player(player_id, info)
        self.world.walkers.add(player_id)
        self.world.tallies.add(player_id)

    def remove_player(self, player_id: str) -> None:
        super().remove_player(player_id)
        self.world.walkers.remove(player_id)
        self.world.tallies.remove(player_id)

    def process_input(self, player_id: str, input_data: Step) -> None:
        walker = self.world.walkers[player_id]
        walker.x = input_data.to
        self.world.tallies[player_id].steps += 1
        if input_data.shout:
            place = (walker.x, walker.y)
            self.emit("shout", {"by": player_id, "x": walker.x}, at=place, afar={"by": player_id})
            self.emit("breath", {"by": player_id}, at=place)
        if input_data.bells:
            self.emit("bells")

    def update(self, delta_time: float) -> None:
        self.world.walkers.y = np.minimum(self.world.walkers.y + 0.5, 4000)
        self.world.quantise()


class OpenCrossing(Crossing):
    """The same where everybody may know everything."""

    view = None
