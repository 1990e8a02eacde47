"""What bots of a room decide: an input like any other, or none."""

from __future__ import annotations

import logging

import pytest

from rumpus.room.game_room import GameRoom
from rumpus.testing import MemoryClient, Playground
from tests.support.drift import Drift


def play(fault: str) -> tuple[Playground, MemoryClient, GameRoom]:
    """A room with Ann and two bots."""
    playground = Playground(Drift, start="now", bots=2, results_time=1, settings={"fault": fault, "goal": "1"})
    ann = playground.connect("Ann")
    return playground, ann, playground.server.rooms[ann.room_id]


def told(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    return [record for record in caplog.records if record.getMessage() == "bot_input_refused"]


def test_a_bots_input_that_is_none_costs_that_input_and_not_the_match(caplog: pytest.LogCaptureFixture) -> None:
    playground, ann, room = play("bot_input")
    playground.run(1)
    assert playground.server.rooms[ann.room_id] is room
    assert room.status == "in-progress"
    assert ann.errors() == []
    assert {place["move"] for place in ann.state["where"].values()} == {0}
    ticks = room.current_tick
    assert ticks >= 29
    # Bots see the first state at the end of the first tick.
    assert playground.server.counters.bot_inputs_refused == 2 * (ticks - 1)
    [record] = told(caplog)
    assert record.levelno == logging.WARNING
    assert record.__dict__["room"] == room.room_id
    assert record.__dict__["tick"] == 2
    details = record.__dict__["details"]
    assert (details["bot"], details["reason"]) == ("Drifter", "Expected `float` <= 1.0 - at `$.move`")
    assert details["player_id"] in room.players


def test_it_is_told_once_in_each_match(caplog: pytest.LogCaptureFixture) -> None:
    playground, ann, room = play("bot_input")
    playground.run(0.5)
    ann.input(fire=True)
    playground.run(2)
    assert ann.last("game_over")["reason"] == "goal_reached"
    assert room.status == "in-progress"
    assert len(told(caplog)) == 2


def test_inputs_of_bots_that_can_be_used_are(caplog: pytest.LogCaptureFixture) -> None:
    playground, ann, _ = play("")
    playground.run(1)
    moves = [place["move"] for player, place in ann.state["where"].items() if player != ann.player_id]
    assert moves == [0.5, 0.5]
    assert playground.server.counters.bot_inputs_refused == 0
    assert told(caplog) == []


def test_a_bot_that_raises_ends_its_room() -> None:
    playground, ann, room = play("bot")
    playground.run(1)
    assert ann.errors() == ["game_error"]
    assert room.room_id not in playground.server.rooms
