"""Drive the sheep into the pen together. Entities live in tables, and one line of NumPy moves the whole flock.

rumpus serve --game examples.herding:Herding --start now
"""

from typing import Annotated

import numpy as np
from msgspec import Meta

import rumpus
from rumpus.replication import Fixed, Flag, Local, Table, World

SIZE, PEN, FLOCK, FEAR = 1000, 150, 200, 120


class Dogs(Table):
    x = Fixed(1 / 8, 0, SIZE, moves=True)
    y = Fixed(1 / 8, 0, SIZE, moves=True)
    vx = Local()
    vy = Local()


class Sheep(Table, key="s", rows=FLOCK):
    x = Fixed(1 / 8, 0, SIZE, moves=True)
    y = Fixed(1 / 8, 0, SIZE, moves=True)
    penned = Flag()


class Meadow(World):
    dogs: Dogs
    sheep: Sheep


class Herding(rumpus.Game):
    World = Meadow
    world: Meadow
    min_players = 1

    class Input(rumpus.Input):
        x: Annotated[float, Meta(ge=-1, le=1)] = 0
        y: Annotated[float, Meta(ge=-1, le=1)] = 0

    class Settings(rumpus.Settings):
        seed: int | None = None

    def initialize_game(self, settings):
        self.world = Meadow()
        x, y = np.random.default_rng(settings.seed).uniform(2 * PEN, SIZE, (2, FLOCK))
        self.world.sheep.add_many(FLOCK, x=x, y=y)

    def add_player(self, player_id, info):
        super().add_player(player_id, info)
        self.world.dogs.add(player_id, x=SIZE / 2, y=SIZE / 2)

    def remove_player(self, player_id):
        super().remove_player(player_id)
        self.world.dogs.remove(player_id)

    def process_input(self, player_id, move):
        dog = self.world.dogs[player_id]  # one row by its id
        dog.vx, dog.vy = 200 * move.x, 200 * move.y

    def update(self, delta_time):
        dogs, sheep = self.world.dogs, self.world.sheep
        dogs.x = np.clip(dogs.x + dogs.vx * delta_time, 0, SIZE)  # a whole column at once
        dogs.y = np.clip(dogs.y + dogs.vy * delta_time, 0, SIZE)
        away_x, away_y = sheep.x[:, None] - dogs.x, sheep.y[:, None] - dogs.y
        distance = np.hypot(away_x, away_y) + 1
        push = 90 * delta_time * (distance < FEAR) / distance * (sheep.penned[:, None] == 0)
        sheep.x = np.clip(sheep.x + (away_x * push).sum(axis=1), 0, SIZE)
        sheep.y = np.clip(sheep.y + (away_y * push).sum(axis=1), 0, SIZE)
        inside = (sheep.x < PEN) & (sheep.y < PEN) & (sheep.penned == 0)
        sheep.penned[inside] = 1
        self.scores = dict.fromkeys(self.scores, int(sheep.penned.sum()))
        self.world.quantise()  # the last thing: what clients will know is what the next tick begins with

    def is_game_over(self):
        return bool(self.world.sheep.penned.all()) and "all_in"
