import random
from typing import Annotated

import msgspec

import rumpus

Axis = Annotated[float, msgspec.Meta(ge=-1, le=1)]
SIZE, SPEED, REACH = 400, 200, 16


class CoinRush(rumpus.Game):
    class Input(rumpus.Input):  # what a client may send; anything else never gets here
        x: Axis = 0
        y: Axis = 0

    class Settings(rumpus.Settings):  # rumpus serve --set goal=5
        goal: int = 10

    def initialize_game(self, settings):
        self.goal, self.random = settings.goal, random.Random(self.secret_seed)  # told to nobody in the match
        self.players, self.coin = {}, self.somewhere()

    def somewhere(self):
        return {"x": self.random.randrange(SIZE), "y": self.random.randrange(SIZE)}

    def add_player(self, player_id, info):
        self.scores[player_id] = 0
        self.players[player_id] = self.somewhere() | {"dx": 0, "dy": 0}

    def remove_player(self, player_id):
        del self.scores[player_id], self.players[player_id]

    def process_input(self, player_id, input_data):
        self.players[player_id] |= {"dx": input_data.x, "dy": input_data.y}

    def update(self, delta_time):
        for player_id, player in self.players.items():
            for axis in "xy":
                moved = player[axis] + player["d" + axis] * SPEED * delta_time
                player[axis] = min(SIZE, max(0, moved))
            if all(abs(player[axis] - self.coin[axis]) < REACH for axis in "xy"):
                self.handle_scoring(player_id)
                self.coin = self.somewhere()

    def is_game_over(self):
        return "goal_reached" if self.goal in self.scores.values() else False

    def get_game_state(self):
        return {"players": self.players, "coin": self.coin, "scores": self.scores}
