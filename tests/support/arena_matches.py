"""Matches to test with: small, quiet ones in which only what a test sets up can happen."""

from __future__ import annotations

import math
import random
from typing import Any

from rumpus.game import GameEvent, PlayerInfo
from rumpus.games.arena import Arena, ArenaInput, ArenaSettings
from rumpus.games.arena import constants as c

TICK = 1 / 30


def begin(*player_ids: str, teams: dict[str, str] | None = None, **settings: Any) -> Arena:
    """A match without walls, enemies, pick-ups and protection, unless `settings` say otherwise.

    `seed` decides the map and, as the secret one, all that is random.
    """
    quiet = {"walls": False, "enemies": 0, "pickups": 0.0, "protection": 0.0, "seed": 1}
    game = Arena()
    chosen = ArenaSettings(**{**quiet, **settings})
    game.secret_seed = chosen.seed or 0
    game.initialize_game(chosen)
    for player_id in player_ids:
        team = (teams or {}).get(player_id)
        game.add_player(player_id, PlayerInfo(player_id=player_id, name=player_id, team=team))
    return game


def place(game: Arena, player_id: str, x: float, y: float) -> None:
    row = game.world.players.row(player_id)
    game._tables.players[[c.X, c.Y, c.OX, c.OY], row] = (x, y, x, y)
    game._tables.players[[c.VX, c.VY], row] = 0.0


def set_player(game: Arena, player_id: str, column: int, value: float) -> None:
    game._tables.players[column, game.world.players.row(player_id)] = value


def add_enemy(game: Arena, kind: int, x: float, y: float) -> str:
    """An enemy at a place of the test's choice."""
    tables = game._tables
    row = int(tables.counters[c.ENEMIES])
    serial = int(tables.counters[c.NEXT_ENEMY])
    hp = c.CHASER_HP if kind == c.CHASER else c.SHOOTER_HP
    speed = c.CHASER_SPEED if kind == c.CHASER else c.SHOOTER_SPEED
    tables.enemies[:, row] = 0.0
    columns = [c.X, c.Y, c.OX, c.OY, c.HP, c.MAX_HP, c.KIND, c.KEY, c.TARGET, c.STRAFE, c.SPEED]
    tables.enemies[columns, row] = (x, y, x, y, hp, hp, kind, serial, -1, 1, speed)
    tables.counters[c.ENEMIES] += 1
    tables.counters[c.NEXT_ENEMY] += 1
    # Not replaced when it falls, and not the first tick, in which the director would fill the field.
    tables.counters[c.TICK] = max(int(tables.counters[c.TICK]), 1)
    return f"e{serial}"


def press(
    game: Arena, player_id: str, x: float = 0, y: float = 0, aim: float = 0, fire: bool = False, rail: bool = False
) -> None:
    game.process_input(player_id, ArenaInput(move_x=x, move_y=y, aim=aim, fire=fire, rail=rail))


def run(game: Arena, seconds: float, tick: float = TICK) -> list[GameEvent]:
    """Let time pass; returns what happened."""
    events = []
    for _ in range(max(round(seconds / tick), 1)):
        game.update(tick)
        events += game.take_events()
    return events


def named(events: list[GameEvent], name: str) -> list[Any]:
    return [event.data for event in events if event.name == name]


def player(game: Arena, player_id: str) -> Any:
    return game.get_game_state()["players"][player_id]


def score(game: Arena, player_id: str) -> Any:
    return game.get_game_state()["scores"][player_id]


def down(game: Arena, victim: str, by: str) -> list[GameEvent]:
    """`by` shoots `victim` from nearby until one falls."""
    place(game, victim, 1000, 1000)
    place(game, by, 900, 1000)
    set_player(game, victim, c.HP, 1.0)
    set_player(game, victim, c.SHIELD, 0.0)
    press(game, by, fire=True)
    events = run(game, 0.4)
    press(game, by)
    return events


class Scripted:
    """Random but repeatable inputs for everyone in a match: changes of direction, aim and trigger."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)

    def feed(self, game: Arena, tick: int) -> None:
        for number, player_id in enumerate(game.world.players.ids()):
            if (tick + number) % 10 == 0:
                angle = self.chance.uniform(-math.pi, math.pi)
                press(
                    game,
                    player_id,
                    math.cos(angle),
                    math.sin(angle),
                    self.chance.uniform(-4, 4),
                    self.chance.random() < 0.7,
                    (tick // 10 + number) % 4 == 0,
                )
