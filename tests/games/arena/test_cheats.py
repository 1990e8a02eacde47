"""Clients that lie about time: nothing they send carries a ship further, or lets it fire faster, than the rules say.

Each plays in a real room, beside an honest one, with every trick that timed inputs might invite.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rumpus.config import Limits
from rumpus.games.arena import Arena
from rumpus.testing import MemoryClient, Playground
from tests.support.examples import examples

RATE = 30
SPEED = 240.0
#: What rounding may add to a step of 8 units: positions are multiples of 1/8.
ROUNDING = 0.125

Trick = Callable[[MemoryClient, int, Random], None]


def match(seed: int = 7) -> tuple[Playground, MemoryClient, MemoryClient, Any]:
    playground = Playground(
        Arena,
        # The limit on messages would end most of these tricks before the rules have to.
        Limits(max_messages_per_second=1000),
        start="now",
        max_players=2,
        settings={"enemies": 0, "walls": False, "time_limit": 0, "score_limit": 0, "pickups": 0, "seed": seed},
    )
    cheat, honest = playground.connect("Cheat"), playground.connect("Honest")
    playground.run(1.0)
    return playground, cheat, honest, playground.server.rooms[cheat.room_id]


def run_to_and_fro(tick: int) -> float:
    """Along the field and back, well away from its edges."""
    return 1.0 if tick // 90 % 2 == 0 else -1.0


def far_ahead(client: MemoryClient, tick: int, random: Random) -> None:
    for ahead in (1, 5, 29, 30, 31, 500):
        client.timed_input(tick + ahead, move_x=run_to_and_fro(tick), fire=True)


def far_behind(client: MemoryClient, tick: int, random: Random) -> None:
    for behind in (0, 3, 20, 29, 31, 500):
        client.timed_input(max(0, tick - behind), move_x=run_to_and_fro(tick), fire=True)


def flood(client: MemoryClient, tick: int, random: Random) -> None:
    for number in range(3):
        client.timed_input(tick + 1, move_x=run_to_and_fro(tick), move_y=number / 10, fire=True)
    client.input(move_x=run_to_and_fro(tick), fire=True)


def stop_and_burst(client: MemoryClient, tick: int, random: Random) -> None:
    if tick % 45 == 0:
        for held in range(45):
            client.timed_input(max(0, tick - 44 + held), move_x=run_to_and_fro(tick), fire=held % 2 == 0)


def rapid_clicks(client: MemoryClient, tick: int, random: Random) -> None:
    for number in range(4):
        client.timed_input(tick + 1 + number // 2, move_x=run_to_and_fro(tick), fire=number % 2 == 0)


def at_random(client: MemoryClient, tick: int, random: Random) -> None:
    for _ in range(random.randrange(4)):
        away = random.choice((-600, -40, -3, -1, 0, 1, 2, 7, 29, 40, 10_000))
        client.timed_input(
            max(0, tick + away),
            seen=random.choice((None, -1e6, 0.0, tick - 3.3, tick + 50.0, 1e12)),
            move_x=random.choice((-1.0, 0.0, 1.0)),
            move_y=random.choice((-1.0, 1.0)),
            aim=random.uniform(-4, 4),
            fire=random.random() < 0.7,
        )


TRICKS: list[Trick] = [far_ahead, far_behind, flood, stop_and_burst, rapid_clicks, at_random]


def play(trick: Trick, seconds: float, seed: int = 1) -> tuple[list[tuple[float, float]], int, float]:
    """Where the cheat was after each tick, how many bullets it fired, and how far the honest player came."""
    playground, cheat, honest, room = match()
    random = Random(seed)
    players = room.game.world.players
    path, came, shots, seen = [], 0.0, 0, set()
    last = None
    for _ in range(round(seconds * RATE)):
        tick = room.current_tick
        trick(cheat, tick, random)
        honest.timed_input(tick + 2, move_x=run_to_and_fro(tick))
        playground.run(1 / RATE)
        row = players.find(cheat.player_id)
        path.append((float(players.x[row]), float(players.y[row])))
        other = float(players.x[players.find(honest.player_id)])
        came += abs(other - last) if last is not None else 0.0
        last = other
        for id, bullet in room.game.world.bullets.plain().items():
            if id not in seen and bullet["owner"] == cheat.player_id:
                seen.add(id)
                shots += 1
    return path, shots, came


@pytest.mark.parametrize("trick", TRICKS, ids=lambda trick: trick.__name__)
def test_nobody_runs_or_fires_faster_than_the_rules(trick: Trick) -> None:
    seconds = 12.0
    path, shots, came = play(trick, seconds)
    most = 0.0
    for (x, y), (to_x, to_y) in pairwise(path):
        step = math.hypot(to_x - x, to_y - y)
        assert step <= SPEED / RATE + 2 * ROUNDING
        most = max(most, step)
    # In any second, too.
    for start in range(len(path) - RATE):
        way = sum(math.dist(path[at], path[at + 1]) for at in range(start, start + RATE))
        assert way <= SPEED + 2 * ROUNDING * RATE
    assert shots <= seconds / 0.2 + 2
    # The test would be empty if the cheat did not move, or the honest player not either.
    assert most > 4.0
    assert came > 0.8 * SPEED * (seconds - 3)


@settings(max_examples=examples(10))
@given(st.integers(0, 2**31))
def test_whatever_is_sent_a_step_is_a_step(seed: int) -> None:
    path, shots, _ = play(at_random, 4.0, seed)
    for (x, y), (to_x, to_y) in pairwise(path):
        assert math.hypot(to_x - x, to_y - y) <= SPEED / RATE + 2 * ROUNDING
    assert shots <= 4.0 / 0.2 + 2


def test_a_persistent_liar_is_told_and_stays_connected() -> None:
    playground, cheat, honest, room = match()
    for _ in range(60):
        cheat.timed_input(room.current_tick + 4000, move_x=1.0)
        playground.run(1 / RATE)
    assert {error["code"] for error in cheat.messages("error")} == {"bad_tick"}
    assert 3 <= len(cheat.messages("error")) <= 6
    assert not honest.messages("error")
    assert not cheat.connection.closed
