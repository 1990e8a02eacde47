"""Friends who stay together."""

from __future__ import annotations

import pytest

from rumpus.config import Limits
from rumpus.testing import MemoryClient
from tests.support.town import Town, account


@pytest.fixture
def town() -> Town:
    return Town(start="now", max_players=4, settings={"goal": 1000})


def party_of(town: Town, size: int, skill: float | None = None) -> list[MemoryClient]:
    """A party whose first member leads it."""
    members = [town.connect() for _ in range(size)]
    guest = None if skill is None else account(skill)
    members[0].send({"type": "party", "name": "M0", "guest": guest})
    code = members[0].last("party")["code"]
    for number, member in enumerate(members[1:], 1):
        member.send({"type": "party", "code": code.lower(), "name": f"M{number}", "guest": guest})
    return members


def test_all_are_told_who_is_in_it(town: Town) -> None:
    ann, ben = party_of(town, 2)
    told = ben.last("party")
    assert ann.last("party") == told | {"you": "m1"}
    assert told["leader"] == "m1"
    assert [(member["name"], member["here"], member["room_id"]) for member in told["members"]] == [
        ("M0", True, None),
        ("M1", True, None),
    ]
    ann.send({"type": "leave_party"})
    assert ann.last("party_left")["reason"] == "left"
    assert ben.last("party")["leader"] == "m2"
    ben.send({"type": "leave_party"})
    assert len(town.server.join_service.parties) == 0


def test_what_cannot_be_is_refused(town: Town) -> None:
    ann, ben = party_of(town, 2)
    ben.join("Ben")
    ben.send({"type": "cancel"})
    ann.send({"type": "party"})
    other = town.connect()
    other.send({"type": "party", "code": "NOSUCH"})
    other.send({"type": "leave_party"})
    assert (ann.errors(), ben.errors()) == (["not_possible"], ["not_leader", "not_possible"])
    assert other.errors() == ["party_not_found", "not_possible"]


def test_a_party_has_a_limit() -> None:
    town = Town(Limits(max_party=2))
    ann, _ = party_of(town, 2)
    third = town.connect()
    third.send({"type": "party", "code": ann.last("party")["code"]})
    assert third.errors() == ["party_full"]


def test_the_leader_joins_for_all_and_those_elsewhere_are_moved(town: Town) -> None:
    ben = town.connect()
    town.join(ben, options={"create": True})
    alone = ben.room_id
    ann = town.connect()
    ann.send({"type": "party"})
    ben.send({"type": "party", "code": ann.last("party")["code"], "name": "Ben"})
    assert ben.last("party")["members"][1]["room_id"] == alone
    ann.join("Ann")
    assert ann.room_id == ben.room_id != alone
    assert ben.last("player_left")["reason"] == "moved"
    town.wait(0.1)
    assert {member["room_id"] for member in ann.last("party")["members"]} == {ann.room_id}
    assert [member["name"] for member in ann.last("party")["members"]] == ["Ann", "Ben"]


def test_all_or_nobody(town: Town) -> None:
    host = town.connect()
    town.join(host, options={"create": True, "max_players": 3})
    members = party_of(town, 3)
    members[0].join("Ann", host.room_id)
    assert members[0].errors() == ["room_full"]
    assert town.server.rooms[host.room_id].people == 1
    members[0].join("Ann", create=True, max_players=2)
    assert members[0].errors() == ["room_full"] * 2
    assert len(town.server.rooms) == 1
    members[2].send({"type": "leave_party"})
    members[0].join("Ann", host.room_id)
    assert members[1].room_id == host.room_id


def test_quick_play_finds_room_for_all_of_them(town: Town) -> None:
    full = [town.playground.connect(str(number)) for number in range(3)]
    assert len({client.room_id for client in full}) == 1
    members = party_of(town, 2)
    members[0].join("Ann")
    assert members[0].room_id == members[1].room_id != full[0].room_id
    too_many = party_of(town, 5)
    too_many[0].join("Eve")
    assert too_many[0].errors() == ["room_full"]


def test_a_match_does_not_begin_without_the_rest_of_the_party() -> None:
    town = Town(start="full", max_players=4, bots=3)
    members = party_of(town, 4)
    members[0].join("Ann")
    assert {member.room_id for member in members} == {members[0].room_id}
    assert town.server.rooms[members[0].room_id].bots == 0


def test_they_wait_together_and_the_search_follows_who_is_in_it(town: Town) -> None:
    strong = town.connect()
    town.quick_play(strong, {}, account(1650))
    members = party_of(town, 2, skill=400)
    town.quick_play(members[0], {}, account(400))
    assert members[1].last("queued")["searching"] == 1
    members[1].send({"type": "cancel"})
    assert members[1].errors() == ["not_leader"]
    third = town.connect()
    third.send({"type": "party", "code": members[0].last("party")["code"]})
    (ticket,) = town.server.join_service.quick_play.matchmaker.waiting
    assert ticket.size == 3
    third.send({"type": "leave_party"})
    town.wait(60)
    assert members[0].room_id == members[1].room_id == strong.room_id
    again = party_of(town, 2, skill=400)
    town.quick_play(strong, {}, account(1650))
    again[0].connection.disconnect()
    town.judge()


def test_the_search_ends_with_the_leader(town: Town) -> None:
    strong = town.connect()
    town.quick_play(strong, {}, account(1650))
    members = party_of(town, 2, skill=400)
    town.quick_play(members[0], {}, account(400))
    members[0].connection.disconnect()
    assert members[1].last("queue_left")["reason"] == "cancelled"
    assert members[1].last("party")["leader"] == "m2"
    assert len(town.server.join_service.quick_play.matchmaker) == 0


def test_who_is_cut_off_comes_back_to_the_seat_that_was_kept(town: Town) -> None:
    members = party_of(town, 3)
    code = members[0].last("party")["code"]
    members[2].connection.disconnect()
    assert [member["here"] for member in members[0].last("party")["members"]] == [True, True, False]
    members[0].join("Ann")
    room = town.server.rooms[members[0].room_id]
    assert (room.people, len(room.reservations)) == (2, 1)
    back = town.connect()
    back.send({"type": "party", "code": code, "name": "M2"})
    assert back.room_id == room.room_id
    assert back.last("party")["you"] == "m3"
    assert (room.people, len(room.reservations)) == (3, 0)


def test_a_resumed_seat_brings_the_place_back(town: Town) -> None:
    members = party_of(town, 2)
    members[0].join("Ann")
    session = members[1].last("joined")["session"]
    for _ in range(2):  # cut off, and taken over
        if not members[1].connection.closed:
            members[1].connection.disconnect()
        back = town.connect()
        back.send({"type": "resume", "session": session})
        session = back.last("joined")["session"]
        town.wait(0.1)
        assert back.last("party")["you"] == "m2"
        other = town.connect()
        other.send({"type": "resume", "session": session})
        session = other.last("joined")["session"]
        town.wait(0.1)
        assert back.connection.close_code == 4001
        assert other.last("party")["you"] == "m2"
        assert all(member["here"] for member in other.last("party")["members"])
        members[1] = other


def test_a_place_is_kept_for_a_while_and_an_empty_party_ends(town: Town) -> None:
    members = party_of(town, 2)
    code = members[0].last("party")["code"]
    members[1].connection.disconnect()
    town.wait(29)
    assert len(members[0].last("party")["members"]) == 2
    town.wait(2)
    assert len(members[0].last("party")["members"]) == 1
    members[0].connection.disconnect()
    town.wait(50)
    new = town.connect()
    new.send({"type": "party", "code": code})
    assert new.last("party")["leader"] == new.last("party")["you"]
    new.connection.disconnect()
    town.wait(61)
    assert len(town.server.join_service.parties) == 0
    town.everybody_goes()
    town.nothing_is_left()


def test_friends_play_on_one_side_and_sides_are_even() -> None:
    town = Town(start="full", max_players=6, settings={"sides": "true"})
    friends = party_of(town, 3)
    singles = [town.connect() for _ in range(3)]
    for client in singles:
        client.join("Single")
    friends[0].join("Ann", singles[0].room_id)
    room = town.server.rooms[singles[0].room_id]
    assert room.status == "in-progress"
    teams = [{room.players[client.player_id].info.team for client in group} for group in (friends, singles)]
    assert teams in ([{"red"}, {"blue"}], [{"blue"}, {"red"}])


def test_friends_who_drop_in_take_a_bots_place_beside_each_other() -> None:
    town = Town(start="now", max_players=6, bots=5, settings={"sides": "true", "goal": 1000})
    host = town.connect()
    host.join("Host")
    friends = party_of(town, 3)
    friends[0].join("Ann")
    room = town.server.rooms[host.room_id]
    assert {client.room_id for client in friends} == {room.room_id}
    assert len({room.players[client.player_id].info.team for client in friends}) == 1
    sizes = [sum(player.info.team == team for player in room.players.values()) for team in room.teams]
    assert sizes == [3, 3]


@pytest.mark.parametrize("by_hand", [False, True])
def test_the_strongest_are_split_but_who_chose_a_side_keeps_it(by_hand: bool) -> None:
    town = Town(start="countdown", max_players=6, skill_window=0, settings={"sides": "true"})
    clients = []
    for skill in (1600, 1590, 400, 410):
        clients.append(town.connect())
        town.quick_play(clients[-1], {}, account(skill))
    if by_hand:
        for client in clients[:2]:
            client.send({"type": "team", "team": "blue"})
    town.wait(6)
    room = town.server.rooms[clients[0].room_id]
    assert room.status == "in-progress"
    sides = [room.players[client.player_id].info.team for client in clients]
    if by_hand:
        assert sides == ["blue", "blue", "red", "red"]
    else:
        assert sides[0] != sides[1]
        assert sides[2] != sides[3]
        told = {change["player"]["player_id"]: change["player"] for change in clients[0].messages("player_changed")}
        assert all(told[player_id]["team"] == room.players[player_id].info.team for player_id in told)
