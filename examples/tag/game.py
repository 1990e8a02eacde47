"""Whoever is "it" must touch somebody else. The rule of movement is here and in page/step.js, and gives equal numbers.

rumpus serve --game examples.tag.game:Tag --start now --allow-origin http://localhost:9000
python -m http.server 9000 --directory examples/tag/page       (and open http://localhost:9000)
"""

from typing import Annotated

from msgspec import Meta

import rumpus

Axis = Annotated[float, Meta(ge=-1, le=1)]
SIZE, SPEED, GRIP, TOUCH = 600, 300, 10, 30


def step(ball, move, dt):
    """One tick, made of + - * and comparisons in this order: page/step.js does the same and gets the same bits."""
    share = min(1.0, GRIP * dt)
    for axis, wanted in (("x", move.x), ("y", move.y)):
        speed = ball["v" + axis] + (wanted * SPEED - ball["v" + axis]) * share
        place = ball[axis] + speed * dt
        if place < 0.0 or place > SIZE:
            place = min(max(place, 0.0), float(SIZE))
            speed = 0.0
        ball[axis], ball["v" + axis] = place, speed


class Tag(rumpus.Game):
    min_players = 1

    class Input(rumpus.Input):
        x: Axis = 0
        y: Axis = 0

    def initialize_game(self, settings):
        self.balls, self.moves, self.it, self.safe = {}, {}, "", 0.0

    def add_player(self, player_id, info):
        super().add_player(player_id, info)
        place = 100.0 + 80.0 * (len(self.balls) % 6)
        self.balls[player_id] = {"x": place, "y": place, "vx": 0.0, "vy": 0.0}
        self.it = self.it or player_id

    def remove_player(self, player_id):
        super().remove_player(player_id)
        self.balls.pop(player_id)
        self.moves.pop(player_id, None)
        if self.it == player_id:
            self.it = next(iter(self.balls), "")

    def process_input(self, player_id, move):
        self.moves[player_id] = move

    def update(self, delta_time):
        for player_id, ball in self.balls.items():
            step(ball, self.moves.get(player_id) or self.Input(), delta_time)
        self.safe -= delta_time
        for player_id, ball in self.balls.items():
            it = self.balls[self.it]
            near = (ball["x"] - it["x"]) ** 2 + (ball["y"] - it["y"]) ** 2 < TOUCH**2
            if player_id != self.it and near and self.safe <= 0:
                self.handle_scoring(self.it)
                self.it, self.safe = player_id, 1.0
                break

    def get_game_state(self):
        return {"balls": self.balls, "it": self.it, "scores": self.scores}
