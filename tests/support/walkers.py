"""A game to watch, as plain data and in tables, with and without an interest; and how tests watch it."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
import pytest

from rumpus import Game, Input, PlayerInfo, Settings
from rumpus.protocol import JSON_SUBPROTOCOL, MSGPACK_SUBPROTOCOL
from rumpus.replication import Fixed, Int, Interest, Local, Table, World
from rumpus.testing import MemoryClient, Playground

BOTH = pytest.mark.parametrize("subprotocol", [JSON_SUBPROTOCOL, MSGPACK_SUBPROTOCOL])
DELAY = 2.0
TICK = 1 / 30


class Do(Input):
    """Something that the player does, for others to see or for them alone; or fall."""

    step: Annotated[int, msgspec.Meta(ge=-1000, le=1000)] = 0
    whisper: bool = False
    fall: bool = False
    end: bool = False


class Plain(Game):
    """Everybody walks; who falls is out; whoever says so ends it."""

    Input = Do
    commands = True
    max_players = 8
    min_players = 1

    class Settings(Settings):
        sides: bool = False

    @classmethod
    def teams(cls, settings: Any) -> tuple[str, ...]:
        return ("red", "blue") if settings.sides else ()

    def initialize_game(self, settings: Any) -> None:
        super().initialize_game(settings)
        self.places: dict[str, int] = {}
        self.over = False
        self.time = 0
        self.inputs: list[str] = []

    def add_player(self, player_id: str, info: PlayerInfo) -> None:
        super().add_player(player_id, info)
        self.places[player_id] = 0
        if info.options.get("late"):
            self.eliminate(player_id)

    def remove_player(self, player_id: str) -> None:
        super().remove_player(player_id)
        del self.places[player_id]

    def process_input(self, player_id: str, input_data: Do) -> None:
        self.inputs.append(player_id)
        self.places[player_id] += input_data.step
        self.over |= input_data.end
        if input_data.step:
            self.emit("stepped", {"by": player_id})
        if input_data.whisper:
            self.emit("secret", {}, to=player_id)
        if input_data.fall:
            self.emit("fell", {"player": player_id})
            self.eliminate(player_id)

    def update(self, delta_time: float) -> None:
        self.time += 1

    def is_game_over(self) -> bool:
        return self.over

    def get_game_state(self) -> Any:
        return {"places": dict(self.places), "time": self.time}


class Walkers(Table):
    x = Fixed(1, -100_000, 100_000)
    y = Fixed(1, 0, 100_000)
    secret = Local()


class Clocks(Table, key="c"):
    time = Int(0, 1_000_000)


class Field(World):
    walkers: Walkers
    clocks: Clocks


class InTables(Plain):
    World = Field
    world: Field
    view: Interest | None = None

    def initialize_game(self, settings: Any) -> None:
        super().initialize_game(settings)
        self.world.interest = self.view
        self.world.clocks.add()

    def add_player(self, player_id: str, info: PlayerInfo) -> None:
        # Far from one another, so that with an interest nobody sees anybody.
        self.world.walkers.add(player_id, x=0, y=1000 * len(self.world.walkers), secret=7)
        super().add_player(player_id, info)

    def remove_player(self, player_id: str) -> None:
        super().remove_player(player_id)
        self.world.walkers.remove(player_id)

    def update(self, delta_time: float) -> None:
        super().update(delta_time)
        self.world.clocks.time[0] = self.time
        for player_id, place in self.places.items():
            self.world.walkers[player_id].x = place

    def get_game_state(self) -> Any:
        return self.world.plain()


class Narrow(InTables):
    view = Interest(width=100, height=100, around="walkers")


GAMES = pytest.mark.parametrize("game", [Plain, InTables, Narrow])


def playground(game: type[Game] = Plain, **options: Any) -> Playground:
    return Playground(
        game, **{"start": "now", "spectator_delay": DELAY, "results_time": 1, "empty_grace": 3, **options}
    )


def watch(
    match: Playground, subprotocol: str = JSON_SUBPROTOCOL, room: str | None = None, address: str | None = None
) -> MemoryClient:
    client = match.connect(subprotocol=subprotocol, address=address)
    client.send({"type": "join", "name": "Wil", "role": "spectator", "room": room})
    return client


def kinds(client: MemoryClient) -> list[str]:
    """The types of the messages received, states aside."""
    return [message["type"] for message in client.messages() if message["type"] not in ("state", "delta")]
