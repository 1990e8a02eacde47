"""Where nobody is, nothing is played: an empty room costs next to nothing."""

from __future__ import annotations

import pytest

from rumpus.testing import Playground
from tests.support.race import Race


@pytest.mark.parametrize("goodbye", ["leave", "hang up"])
def test_bots_do_not_play_on_alone(goodbye: str) -> None:
    match = Playground(Race, start="now", max_players=4, bots=3, empty_grace=60, reconnect_time=30)
    ann = match.connect("Ann")
    (room,) = match.server.rooms.values()
    match.run(1)
    tick = room.current_tick
    assert tick > 10
    if goodbye == "leave":
        ann.send({"type": "leave"})
    else:
        ann.connection.disconnect()
    match.run(10)
    assert room.current_tick == tick
    assert room.status == "in-progress"


def test_a_match_waits_for_whoever_comes_back() -> None:
    match = Playground(Race, start="now", max_players=4, bots=3, reconnect_time=30)
    ann = match.connect("Ann")
    (room,) = match.server.rooms.values()
    match.run(1)
    tick = room.current_tick
    ann.connection.disconnect()
    match.run(10)
    ann = match.resume(ann)
    assert ann.errors() == []
    match.run(1)
    assert tick + 20 <= room.current_tick <= tick + 40
    states = len(ann.messages("state")) + len(ann.messages("delta"))
    assert states > 10


def test_spectators_do_not_keep_a_match_going_in_which_nobody_is() -> None:
    match = Playground(Race, start="now", max_players=4, bots=3, reconnect_time=30, spectator_delay=0)
    ann, wil = match.connect("Ann"), match.connect()
    (room,) = match.server.rooms.values()
    wil.send({"type": "join", "role": "spectator", "room": room.room_id})
    match.run(1)
    ann.connection.disconnect()
    match.run(1)
    tick = room.current_tick
    match.run(5)
    assert room.current_tick == tick
    assert wil.errors() == []


def test_one_who_stays_goes_on_playing_while_the_other_is_away() -> None:
    match = Playground(Race, start="full", max_players=2, reconnect_time=30)
    ann, ben = match.connect("Ann"), match.connect("Ben")
    (room,) = match.server.rooms.values()
    match.run(1)
    ben.connection.disconnect()
    tick = room.current_tick
    match.run(1)
    assert room.current_tick > tick + 20
    ann.connection.disconnect()
    match.run(45)
    assert not match.server.rooms, "seats are held for so long and no longer, whether the match goes on or not"
