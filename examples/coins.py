"""Coin rush, a whole game of one's own: run it with  rumpus serve --game examples.coins:CoinRush  and open the page."""

import random
from typing import Annotated

import msgspec

import rumpus

Axis = Annotated[float, msgspec.Meta(ge=-1, le=1)]
SIZE, SPEED, REACH = 400, 200, 16


class CoinRush(rumpus.Game):
    max_players = 4
    deltas = True

    class Input(rumpus.Input):
        x: Axis = 0
        y: Axis = 0

    class Settings(rumpus.Settings):
        goal: Annotated[int, msgspec.Meta(ge=1, le=100)] = 10
        seed: int | None = None

    def initialize_game(self, settings):
        self.goal, self.random = settings.goal, random.Random(settings.seed)
        self.players, self.coin = {}, self.somewhere()

    def somewhere(self):
        return {"x": self.random.randrange(SIZE), "y": self.random.randrange(SIZE)}

    def add_player(self, player_id, info):
        super().add_player(player_id, info)
        self.players[player_id] = self.somewhere() | {"dx": 0, "dy": 0}

    def remove_player(self, player_id):
        super().remove_player(player_id)
        del self.players[player_id]

    def process_input(self, player_id, input_data):
        self.players[player_id].update(dx=input_data.x, dy=input_data.y)

    def update(self, delta_time):
        for player in self.players.values():
            player["x"] = min(SIZE, max(0, player["x"] + player["dx"] * SPEED * delta_time))
            player["y"] = min(SIZE, max(0, player["y"] + player["dy"] * SPEED * delta_time))
        self.detect_collisions()

    def detect_collisions(self):
        for player_id, player in self.players.items():
            if abs(player["x"] - self.coin["x"]) < REACH and abs(player["y"] - self.coin["y"]) < REACH:
                self.handle_scoring(player_id)
                self.coin = self.somewhere()

    def is_game_over(self):
        return "goal_reached" if max(self.scores.values(), default=0) >= self.goal else False

    def get_game_state(self):
        return {"players": self.players, "coin": self.coin, "scores": self.scores}
