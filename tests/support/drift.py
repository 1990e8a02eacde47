"""The game of the socket tests: players drift about, and a setting makes it fail in any of its methods."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

import rumpus

Axis = Annotated[float, msgspec.Meta(ge=-1, le=1)]

#: The methods that can be told to fail.
FAULTS = (
    "teams",
    "initialize_game",
    "add_player",
    "process_input",
    "update",
    "get_game_state",
    "get_static_state",
    "is_game_over",
    "results",
    "remove_player",
    "reset",
    "make_bot",
    "bot",
    "state",
    "static",
    "next_static",
    "event",
    "private_event",
    "score",
)


#: Faults that show at the end of a match.
ENDS_AT_ONCE = ("results", "reset", "score", "next_static")


class GameFault(Exception):
    """What the game raises when it was told to fail."""


class Drift(rumpus.Game):
    """`goal` inputs with `fire` end a match. `bulk` bytes of ballast change in every state."""

    max_players = 3
    min_players = 1
    commands = True
    player_settings = frozenset({"fault", "bulk", "goal", "sides"})

    class Input(rumpus.Input):
        move: Axis = 0
        fire: bool = False
        label: Annotated[str, msgspec.Meta(max_length=8)] = ""
        path: list[float] = []  # noqa: RUF012  # msgspec copies it

    class Settings(rumpus.Settings):
        fault: str = ""
        bulk: Annotated[int, msgspec.Meta(ge=0, le=2_000_000)] = 0
        goal: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 1000
        sides: bool = False

    fault = ""
    matches = 0

    @classmethod
    def teams(cls, settings: Any) -> tuple[str, ...]:
        if settings.fault == "teams":
            raise GameFault("teams")
        return ("red", "blue") if settings.sides else ()

    def fail(self, where: str) -> None:
        if self.fault == where:
            raise GameFault(where)

    def initialize_game(self, settings: Any) -> None:
        self.fault, self.settings = settings.fault, settings
        self.fail("initialize_game")
        self.matches += 1
        self.where: dict[str, dict[str, Any]] = {}
        self.steps = self.fired = 0

    def add_player(self, player_id: str, info: rumpus.PlayerInfo) -> None:
        super().add_player(player_id, info)
        self.fail("add_player")
        self.where[player_id] = {"x": 0.0, "move": 0.0, "label": ""}

    def remove_player(self, player_id: str) -> None:
        super().remove_player(player_id)
        self.fail("remove_player")
        del self.where[player_id]

    def process_input(self, player_id: str, input_data: Any) -> None:
        self.fail("process_input")
        self.where[player_id].update(move=input_data.move, label=input_data.label)
        if input_data.fire:
            self.fired += 1
            self.handle_scoring(player_id)

    def update(self, delta_time: float) -> None:
        self.steps += 1
        if self.steps > 1:
            self.fail("update")
        for place in self.where.values():
            place["x"] = round(place["x"] + place["move"], 3)
        if self.fault == "event":
            self.emit("unwritable", {"value": object()})
        if self.fault == "private_event":
            for player_id in self.where:
                self.emit("unwritable", {"value": object()}, to=player_id)

    def is_game_over(self) -> bool | str:
        self.fail("is_game_over")
        return "goal_reached" if self.fired >= self.settings.goal or self.fault in ENDS_AT_ONCE else False

    def get_game_state(self) -> Any:
        self.fail("get_game_state")
        state: dict[str, Any] = {"steps": self.steps, "where": self.where, "scores": self.scores}
        if self.settings.bulk:
            state["bulk"] = chr(97 + self.steps % 26) * self.settings.bulk
        if self.fault == "state":
            state["unwritable"] = object()
        return state

    def results(self) -> Any:
        self.fail("results")
        if self.fault == "score":
            return [rumpus.Result(player_id=player_id, score=object()) for player_id in self.where]  # type: ignore[arg-type]
        return super().results()

    def get_static_state(self) -> dict[str, Any]:
        self.fail("get_static_state")
        if self.fault == "static" or (self.fault == "next_static" and self.matches > 1):
            return {"unwritable": object()}
        return {}

    def reset(self) -> None:
        super().reset()
        self.fail("reset")

    def make_bot(self, player_id: str, skill: float, seed: int) -> rumpus.Bot:
        if self.fault == "make_bot":
            raise GameFault("make_bot")
        return Drifter(self)


class Drifter(rumpus.Bot):
    def __init__(self, game: Drift) -> None:
        self.game = game

    def act(self, state: Any) -> dict[str, Any] | None:
        self.game.fail("bot")
        return {"move": 7} if self.game.fault == "bot_input" else {"move": 0.5}


class Known(Drift):
    """Drift, where a player's name is the account too; who is called Guest has none."""

    def add_player(self, player_id: str, info: rumpus.PlayerInfo) -> None:
        super().add_player(player_id, info)
        info.account = None if info.bot or info.name.startswith("Guest") else f"u:{info.name.lower()}"
