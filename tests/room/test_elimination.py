"""Players who are out before a match ends: what they see, and that they do nothing more."""

from __future__ import annotations

from typing import Any

import pytest

from rumpus import Game
from tests.support.walkers import BOTH, DELAY, GAMES, TICK, Plain, kinds, playground


@GAMES
@BOTH
def test_who_is_out_watches_from_then_on_as_late_as_spectators(game: type[Game], subprotocol: str) -> None:
    match = playground(game)
    ann, bob = match.connect("Ann", subprotocol=subprotocol), match.connect("Bob", subprotocol=subprotocol)
    match.run(1)
    ann.input(step=1, fall=True)
    match.run(0.1)
    assert bob.last("player_changed")["player"] == {**bob.last("player_changed")["player"], "out": True}
    assert ann.last("watching")["starts_in"] == pytest.approx(DELAY, abs=2 * TICK)
    assert ann.last("event")["name"] == "fell"
    last, had = ann.last("delta")["tick"], len(ann.messages("state"))
    bob.input(step=9)
    bob.send({"type": "chat", "text": "over there!"})
    match.run(1)
    assert ann.last("delta")["tick"] == last
    assert ann.messages("chat")
    match.run(1.2)
    assert len(ann.messages("state")) == had + 1
    assert ann.last("state")["tick"] == last + 1
    match.run(2)
    ticks = [message["tick"] for message in ann.messages() if message["type"] in ("state", "delta")]
    assert ticks == sorted(set(ticks))
    room = match.server.rooms[ann.room_id]
    assert set(ticks[-30:]) == set(range(ticks[-30], ticks[-30] + 30))
    assert round((room.current_tick - ticks[-1]) * TICK, 1) == DELAY
    assert [event["data"]["by"] for event in ann.messages("event") if event["name"] == "stepped"][-1] == bob.player_id
    assert bob.player_id in str(ann.state)


@BOTH
def test_inputs_of_those_who_are_out_do_nothing_until_the_next_match(subprotocol: str) -> None:
    match = playground()
    ann, bob = match.connect("Ann", subprotocol=subprotocol), match.connect("Bob")
    room = match.server.rooms[ann.room_id]
    assert isinstance(room.game, Plain)
    match.run(0.5)
    ann.input(fall=True)
    match.run(0.1)
    room.game.inputs.clear()
    ann.input(step=5)
    ann.timed_input(room.current_tick + 3, step=5)
    match.run(1)
    assert room.game.inputs == []
    assert not ann.errors()
    bob.input(step=2, end=True)
    match.run(0.2)
    # Nothing has to be kept from them any more: the picture catches up, then come the results.
    assert ann.last("game_over")["results"] == bob.last("game_over")["results"]
    assert {line["player_id"] for line in ann.last("game_over")["results"]} == {ann.player_id, bob.player_id}
    order = [message["type"] for message in ann.messages()]
    assert order.index("game_over") > len(order) - order[::-1].index("delta") - 1
    assert ann.state["places"][bob.player_id] == 2
    match.run(1.5)
    assert room.status == "in-progress"
    assert [message["player"].get("out", False) for message in bob.messages("player_changed")] == [True, False]
    ann.input(step=4)
    match.run(0.2)
    assert ann.state["places"][ann.player_id] == 4
    assert ann.state == bob.state


@GAMES
@BOTH
def test_who_comes_back_or_comes_late_when_out_watches(game: type[Game], subprotocol: str) -> None:
    match = playground(game)
    ann = match.connect("Ann", subprotocol=subprotocol)
    match.connect("Bob")
    match.run(0.5)
    ann.input(fall=True)
    match.run(3)
    session = ann.last("joined")["session"]
    ann.connection.disconnect()
    match.run(0.5)
    again = match.connect(subprotocol=subprotocol)
    again.send({"type": "resume", "session": session})
    late = match.connect("Cid", subprotocol=subprotocol, late=True)
    room = match.server.rooms[late.room_id]
    match.run(1)
    now = room.current_tick
    for client in (again, late):
        assert kinds(client)[0] == "joined"
        assert "watching" in kinds(client)
        assert not client.messages("state")
    match.run(2)
    assert again.state == late.state
    assert again.last("delta")["tick"] > now - 10
    again.connection.disconnect()
    late.send({"type": "leave"})
    match.run(0.5)
    assert not room._spectators.active


def test_out_with_the_last_tick_is_out_in_the_results_and_no_more() -> None:
    match = playground()
    ann = match.connect("Ann")
    match.run(0.5)
    ann.input(fall=True, end=True)
    match.run(0.2)
    assert kinds(ann)[-3:] == ["event", "player_changed", "game_over"]
    match.run(3)
    assert not ann.messages("watching")
    assert ann.state["time"] > 0


def test_bots_that_are_out_do_nothing() -> None:
    class Robots(Plain):
        def make_bot(self, player_id: str, skill: float, seed: int) -> Any:
            class Runner:
                def act(self, state: Any) -> dict[str, Any]:
                    return {"step": 1, "fall": state["time"] > 20}

            return Runner()

    match = playground(Robots, bots=1, max_players=2)
    ann = match.connect("Ann")
    match.run(3)
    room = match.server.rooms[ann.room_id]
    assert isinstance(room.game, Robots)
    assert len(room.game.out) == 1
    assert room.game.inputs.count(next(iter(room.game.out))) < 30


@GAMES
@BOTH
def test_without_a_delay_the_picture_goes_on(game: type[Game], subprotocol: str) -> None:
    match = playground(game, spectator_delay=0)
    ann = match.connect("Ann", subprotocol=subprotocol)
    match.connect("Bob")
    match.run(0.5)
    ann.input(fall=True)
    match.run(1)
    assert not ann.messages("watching")
    ticks = [message["tick"] for message in ann.messages() if message["type"] in ("state", "delta")]
    assert ticks == list(range(1, match.server.rooms[ann.room_id].current_tick + 1))
    assert len(ann.messages("state")) == 2
