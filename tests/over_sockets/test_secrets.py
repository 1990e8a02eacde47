"""The attacker who computes: what a client is told of a match does not say what happens next in it."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from rumpus.config import RoomOptions
from rumpus.game import PlayerInfo
from rumpus.games.arena import Arena, ArenaSettings
from rumpus.protocol import JSON_SUBPROTOCOL
from tests.support.foreign_client import Client
from tests.support.serving import ServerThread, serving

pytestmark = pytest.mark.socket

SETTINGS = {"enemies": 8, "time_limit": 0.5, "respawn_time": 0.1}


@pytest.fixture(scope="module")
def server(arena_compiled: None) -> Iterator[ServerThread]:
    with serving(Arena, RoomOptions(start="now", empty_grace=0, results_time=600, settings=SETTINGS)) as server:
        yield server
        assert not server.errors.records, server.errors.texts()


def predicted(settings: dict[str, Any], secret: int, player_id: str) -> dict[str, Any]:
    """The first state of a match, computed at home."""
    game = Arena()
    game.secret_seed = secret
    game.initialize_game(msgspec.convert(settings, ArenaSettings))
    game.add_player(player_id, PlayerInfo(player_id=player_id, name="Ann"))
    game.update(1 / 30)
    state: dict[str, Any] = game.get_game_state()
    return state


def places(state: dict[str, Any]) -> list[tuple[float, float]]:
    """Where everybody has just appeared."""
    return [(row["x"], row["y"]) for table in ("players", "enemies") for row in state[table].values()]


def test_where_somebody_appears_cannot_be_computed_before_it_is_over(
    server: ServerThread, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with Client(server.port, JSON_SUBPROTOCOL) as ann:
        ann.send("join", name="Ann", options={"create": True})
        told: list[dict[str, Any]] = []
        first = None
        while not told or told[-1]["type"] != "game_over":
            told.append(ann.next_message())
            if first is None and ann.state is not None:
                first = msgspec.json.decode(msgspec.json.encode(ann.state))
        joined = next(message for message in told if message["type"] == "joined")
        settings = next(message["settings"] for message in told if message["type"] == "game_started")
        over, player_id = told.pop(), joined["player_id"]
    assert first is not None
    appeared = places(first)
    assert len(appeared) == 9
    secret = over["secret_seed"]
    # With what is told at the end, all of it can be checked ...
    assert places(predicted(settings, int(secret, 16), player_id)) == appeared
    # ... and with all numbers that were told before, nothing: neither a place nor a pair of numbers is right.
    told_numbers = {settings["seed"], joined["tick"], 0, 1, settings["seed"] & 0xFFFF}
    for guess in told_numbers:
        wrong = places(predicted(settings, guess, player_id))
        assert sum(math.dist(one, other) < 1 for one, other in zip(wrong[1:], appeared[1:], strict=True)) <= 1
    before = msgspec.json.encode(told).decode()
    assert secret not in before
    assert str(int(secret, 16)) not in before
    # The client of this test logs too.
    logged = [record for record in caplog.records if record.name.startswith("rumpus")]
    assert {record.getMessage() for record in logged if secret in str(vars(record))} == {"game_over"}


def test_on_the_same_map_again_others_appear_elsewhere(arena_compiled: None) -> None:
    options = RoomOptions(start="now", empty_grace=0, settings=SETTINGS | {"seed": 7})
    with serving(Arena, options) as server:
        states = []
        for _ in range(2):
            with Client(server.port, JSON_SUBPROTOCOL) as ann:
                ann.join(name="Ann", options={"create": True})
                while ann.state is None:
                    ann.next_message()
                states.append(ann.state)
    one, other = states
    assert one["map"] == other["map"]
    assert places(one) != places(other)
