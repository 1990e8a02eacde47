"""A walk in the example Tag, for its rule in JavaScript. `python -m tests.golden.tag` writes `tag.json` anew."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

from examples.tag.game import Tag, step

FILE = Path(__file__).with_name("tag.json")
DT = 1 / 30


def walk() -> dict[str, Any]:
    """300 ticks that lead into walls and corners, with keys and with a stick."""
    chance = random.Random(4)
    ball = {"x": 100.0, "y": 500.0, "vx": 0.0, "vy": 0.0}
    moves, states = [], [dict(ball)]
    for tick in range(300):
        if tick % 9 == 0:
            move = [chance.choice((-1, 0, 1, round(chance.uniform(-1, 1), 3))) for _ in "xy"]
        step(ball, Tag.Input(*move), DT)
        moves.append({"x": move[0], "y": move[1]})
        states.append(dict(ball))
    return {"dt": DT, "moves": moves, "states": states}


if __name__ == "__main__":
    FILE.write_text(json.dumps(walk()) + "\n")
