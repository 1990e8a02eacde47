"""Small games for tests."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Annotated, Any

import msgspec

import rumpus

Step = Annotated[int, msgspec.Meta(ge=-1, le=1)]


class Race(rumpus.Game):
    """Whoever has gone `goal` steps first wins. One input is one step."""

    max_players = 2
    commands = True
    player_settings = frozenset({"goal", "sides"})

    class Input(rumpus.Input):
        step: Step = 0

    class Settings(rumpus.Settings):
        goal: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 5
        sides: bool = False
        seed: int | None = None
        secret: int = 0

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[str] = []

    @classmethod
    def teams(cls, settings: Any) -> tuple[str, ...]:
        return ("red", "blue") if settings.sides else ()

    def initialize_game(self, settings: Any) -> None:
        self.calls.append("initialize_game")
        self.settings = settings
        self.position: dict[str, int] = {}

    def add_player(self, player_id: str, info: rumpus.PlayerInfo) -> None:
        super().add_player(player_id, info)
        self.calls.append(f"add_player {player_id}")
        self.position[player_id] = 0

    def remove_player(self, player_id: str) -> None:
        super().remove_player(player_id)
        self.calls.append(f"remove_player {player_id}")
        del self.position[player_id]

    def process_input(self, player_id: str, input_data: Any) -> None:
        self.calls.append(f"process_input {player_id} {input_data.step}")
        self.position[player_id] += input_data.step

    def update(self, delta_time: float) -> None:
        self.calls.append("update")
        self.delta_time = delta_time
        self.detect_collisions()

    def detect_collisions(self) -> None:
        for player_id, position in self.position.items():
            if position >= self.settings.goal and not self.scores[player_id]:
                self.handle_scoring(player_id)
                self.emit("finished", {"player": player_id})
                self.emit("congratulations", {}, to=player_id)

    def is_game_over(self) -> bool | str:
        return "finished" if any(self.scores.values()) else False

    def get_game_state(self) -> Any:
        return {"position": self.position, "goal": self.settings.goal}

    def reset(self) -> None:
        super().reset()
        self.calls.append("reset")

    def make_bot(self, player_id: str, skill: float, seed: int) -> rumpus.Bot:
        return Walker(player_id, skill)


class Walker(rumpus.Bot):
    """Steps backwards for ever, so that it never ends a match; sees only the state."""

    def __init__(self, player_id: str, skill: float) -> None:
        self.player_id = player_id
        self.skill = skill

    def act(self, state: Any) -> dict[str, Any] | None:
        return {"step": -1} if state["position"][self.player_id] > -5 else None


class Slow(Race):
    """Takes until a file named `go` appears to be prepared, the first time; keeps that in a file named `done`."""

    @classmethod
    def _folder(cls) -> Path:
        return Path(os.environ["RUMPUS_TEST_FOLDER"])

    @classmethod
    def is_prepared(cls) -> bool:
        return (cls._folder() / "done").exists()

    @classmethod
    def prepare(cls) -> None:
        while not cls.is_prepared():
            time.sleep(0.01)  # runs in a process of its own, which has nothing else to do
            if (cls._folder() / "go").exists():
                if (cls._folder() / "fail").exists():
                    raise RuntimeError("no compiler")
                (cls._folder() / "done").touch()


def shout(text: str, info: rumpus.PlayerInfo) -> str:
    """A chat filter."""
    return text.upper()
