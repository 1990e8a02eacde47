"""Rooms of before the server was restarted, opened again by those who come back."""

from __future__ import annotations

from typing import Any

import pytest

from rumpus.config import Limits
from rumpus.testing import MemoryClient
from tests.support.town import Town

#: A code that a server could have made.
CODE = "K7QPXM"


@pytest.fixture
def town() -> Town:
    return Town(start="now", max_players=4, bots=2, settings={"goal": 1000})


def come_back(town: Town, name: str = "Ann", room: str = CODE, **options: Any) -> MemoryClient:
    client = town.connect()
    client.join(name, room, reopen=True, **options)
    return client


def test_whoever_comes_first_opens_the_room_and_the_others_find_it(town: Town) -> None:
    kind = {"create": True, "title": "Friday", "max_players": 3, "bots": 1, "settings": {"goal": 7}, "language": "en"}
    ann, ben = come_back(town, "Ann", **kind), come_back(town, "Ben", CODE.lower(), **kind)
    assert (ann.room_id, ben.room_id) == (CODE, CODE)
    assert len(town.server.rooms) == 1
    told = ann.last("joined")
    assert (told["private"], told["title"], told["max_players"], told["bots"]) == (True, "Friday", 3, 1)
    assert (told["settings"]["goal"], told["language"]) == (7, "en")
    assert town.server.rooms[CODE].state.host == ann.player_id
    # A stranger who has the link.
    eve = town.connect()
    eve.join("Eve", CODE)
    assert eve.room_id == CODE


def test_a_room_of_quick_play_is_one_again_where_strangers_come_in(town: Town) -> None:
    ann = come_back(town, settings={"goal": 9}, language="de", max_players=1, title="Mine", private=True)
    told = ann.last("joined")
    assert (told["private"], told["host"], told["title"], told["max_players"]) == (False, None, "", 4)
    assert (told["settings"]["goal"], told["language"]) == (9, "de")
    stranger = town.connect()
    stranger.join("Eve", settings={"goal": 9})
    assert stranger.room_id == CODE


def test_the_host_of_before_is_the_host_once_and_in_rooms_with_a_host(town: Town) -> None:
    ben = come_back(town, "Ben", create=True)
    ann = come_back(town, "Ann", create=True, host=True)
    state = town.server.rooms[CODE].state
    assert state.host == ann.player_id
    assert ben.last("room_changed")["host"] == ann.player_id
    come_back(town, "Eve", create=True, host=True)
    assert state.host == ann.player_id
    come_back(town, "Dan", room="ABCDEF", host=True)
    assert town.server.rooms["ABCDEF"].state.host is None


def test_nobody_becomes_the_host_of_a_room_that_was_not_opened_again(town: Town) -> None:
    ann = town.connect()
    ann.join("Ann", create=True)
    eve = come_back(town, "Eve", room=ann.room_id, create=True, host=True, max_players=2)
    room = town.server.rooms[ann.room_id]
    assert eve.room_id == ann.room_id
    assert (room.state.host, room.max_players) == (ann.player_id, 4)


@pytest.mark.parametrize("code", ["", "K7QPX", "K7QPXMM", "K7QPX1", "K7QPX!", "Ä7QPXM", "K7QPXM\n"])
def test_what_can_be_no_code_is_not_found(town: Town, code: str) -> None:
    assert come_back(town, room=code, create=True).errors() == ["room_not_found"]
    assert town.server.rooms == {}


def test_without_being_asked_to_no_room_is_opened(town: Town) -> None:
    client = town.connect()
    client.join("Ann", CODE, create=True)
    assert client.errors() == ["room_not_found"]


def test_codes_can_be_chosen_only_for_a_while_after_the_start() -> None:
    town = Town(start="now", reopen_time=60)
    town.wait(59)
    assert come_back(town).room_id == CODE
    town.wait(2)
    late = come_back(town, room="ABCDEF")
    assert late.errors() == ["room_not_found"]
    # The room is there: that is a join like others.
    assert come_back(town, "Ben").room_id == CODE
    never = Town(start="now", reopen_time=0)
    assert come_back(never).errors() == ["room_not_found"]


def test_it_costs_what_a_new_room_costs_and_may_be_no_other() -> None:
    town = Town(Limits(max_new_rooms_per_second=1), start="now", max_players=4)
    client = town.connect()
    for number in range(11):
        client.join("Ann", f"ABCDE{'ABCDEFGHJKL'[number]}", reopen=True)
        client.send({"type": "leave"})
    assert client.errors() == ["rate_limited", "not_joined"]
    assert come_back(town, create=True, max_players=5).errors() == ["bad_settings"]
    assert come_back(town, create=True, settings={"secret": 1}).errors() == ["bad_settings"]
    assert come_back(town, create=True, bots=1).errors() == ["bad_settings"]
    assert come_back(town, create=True, title="x" * 41).errors() == ["bad_message"]
    full = Town(Limits(max_rooms=1), start="now")
    assert come_back(full).room_id == CODE
    assert come_back(full, room="ABCDEF").errors() == ["server_full"]


def test_a_party_comes_back_with_its_leader(town: Town) -> None:
    ann, ben = town.connect(), town.connect()
    ann.send({"type": "party", "name": "Ann"})
    ben.send({"type": "party", "code": ann.last("party")["code"], "name": "Ben"})
    ann.join("Ann", CODE, reopen=True, create=True)
    assert (ann.room_id, ben.room_id) == (CODE, CODE)
