"""Workload C's game: as anybody would write a first game, with dicts and nothing else.

Two players move about and shoot each other; the state is what `get_game_state` returns, about a dozen numbers. It is
the same game as `peers/colyseus/duel.mjs`, line by line where the languages allow it.
"""

from __future__ import annotations

import math
import random
from typing import Annotated, Any

import msgspec

from ..game.contract import Game, PlayerInfo
from ..game.contract import Input as BaseInput

Axis = Annotated[float, msgspec.Meta(ge=-1, le=1)]

SIZE, SPEED, REACH, COOLDOWN, DAMAGE = 400, 100, 60, 0.5, 10


def _anywhere() -> float:
    return round(random.random() * SIZE, 2)  # noqa: S311  # a game


class Duel(Game):
    """Move and hit who is near and in front of you."""

    max_players = 2
    min_players = 1
    tick_rate = 10

    class Input(BaseInput):
        dx: Axis = 0
        dy: Axis = 0
        angle: float = 0
        fire: bool = False

    def initialize_game(self, settings: Any) -> None:
        self.players: dict[str, dict[str, Any]] = {}
        self.hidden: dict[str, dict[str, Any]] = {}

    def add_player(self, player_id: str, info: PlayerInfo) -> None:
        super().add_player(player_id, info)
        self.players[player_id] = {"x": _anywhere(), "y": _anywhere(), "angle": 0.0, "hp": 100, "score": 0}
        self.hidden[player_id] = {"dx": 0.0, "dy": 0.0, "fire": False, "cool": 0.0}

    def remove_player(self, player_id: str) -> None:
        super().remove_player(player_id)
        del self.players[player_id], self.hidden[player_id]

    def process_input(self, player_id: str, input_data: Input) -> None:
        self.players[player_id]["angle"] = input_data.angle
        hidden = self.hidden[player_id]
        hidden["dx"], hidden["dy"], hidden["fire"] = input_data.dx, input_data.dy, input_data.fire

    def update(self, delta_time: float) -> None:
        for player_id, player in self.players.items():
            hidden = self.hidden[player_id]
            player["x"] = round(min(SIZE, max(0, player["x"] + hidden["dx"] * SPEED * delta_time)), 2)
            player["y"] = round(min(SIZE, max(0, player["y"] + hidden["dy"] * SPEED * delta_time)), 2)
            hidden["cool"] = max(0.0, hidden["cool"] - delta_time)
            if hidden["fire"] and hidden["cool"] == 0:
                hidden["cool"] = COOLDOWN
                self._hit(player_id, player)

    def _hit(self, player_id: str, player: dict[str, Any]) -> None:
        for other_id, other in self.players.items():
            dx, dy = other["x"] - player["x"], other["y"] - player["y"]
            if other_id == player_id or math.hypot(dx, dy) > REACH:
                continue
            if dx * math.cos(player["angle"]) + dy * math.sin(player["angle"]) > 0:
                other["hp"] -= DAMAGE
                if other["hp"] <= 0:
                    other["hp"], other["x"], other["y"] = 100, _anywhere(), _anywhere()
                    player["score"] += 1

    def get_game_state(self) -> Any:
        return {"players": self.players}
