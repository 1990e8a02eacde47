"""Running a room: the host, the ready check, votes and pauses, as clients see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from rumpus import Limits, PlayerInfo
from rumpus.games.skirmish import Skirmish
from rumpus.protocol.codec import CODECS
from rumpus.room import GameRoom
from rumpus.testing import MemoryClient, Playground
from tests.support.race import Race


class Courses(Race):
    """Lets players choose what is next."""

    @classmethod
    def next_choices(cls, settings: Any) -> Sequence[tuple[str, Mapping[str, Any]]]:
        return [("Again", {}), ("Longer", {"goal": settings.goal + 1}), ("In teams", {"sides": True})]


def room_of(playground: Playground, client: MemoryClient) -> GameRoom:
    return playground.server.rooms[client.room_id]


def party(
    *names: str, playground: Playground | None = None, private: bool = True, **options: Any
) -> tuple[Playground, list[MemoryClient]]:
    """A room that the first of them made."""
    playground = playground or Playground(Race, **{"max_players": 4} | options)
    host = playground.connect(names[0], create=True, private=private)
    return playground, [host, *(playground.connect(name, room=host.room_id) for name in names[1:])]


def do(client: MemoryClient, kind: str, /, **fields: Any) -> list[str]:
    """Send a message; returns the codes of the errors that it causes."""
    before = len(client.errors())
    client.send({"type": kind, **fields})
    return client.errors()[before:]


# The host.


def test_whoever_makes_a_room_is_its_host() -> None:
    _, (ann, ben) = party("Ann", "Ben")
    assert ann.last("joined")["host"] == ann.player_id
    assert ben.last("joined")["host"] == ann.player_id


def test_a_room_of_quick_play_belongs_to_nobody() -> None:
    playground = Playground(Race)
    ann = playground.connect("Ann")
    assert ann.last("joined")["host"] is None
    assert do(ann, "start") == ["not_host"]


def test_the_next_host_is_whoever_sits_longest() -> None:
    _, (ann, ben, cid) = party("Ann", "Ben", "Cid")
    ann.send({"type": "leave"})
    assert ben.last("room_changed") == {"type": "room_changed", "host": ben.player_id}
    assert cid.last("room_changed")["host"] == ben.player_id


def test_an_empty_room_gets_a_host_again() -> None:
    playground, (ann,) = party("Ann")
    code = ann.room_id
    ann.send({"type": "leave"})
    ben = playground.connect("Ben", room=code)
    assert ben.last("joined")["host"] == ben.player_id


def test_the_host_can_pass_the_room_on() -> None:
    _, (ann, ben) = party("Ann", "Ben", bots=1, start="now")
    assert do(ben, "pass_host", player_id=ben.player_id) == ["not_host"]
    assert do(ann, "pass_host", player_id="nobody") == ["no_such_player"]
    bot = next(player for player in ben.last("joined")["players"] if player["bot"])
    assert do(ann, "pass_host", player_id=bot["player_id"]) == ["not_possible"]
    assert do(ann, "pass_host", player_id=ben.player_id) == []
    assert ann.last("room_changed")["host"] == ben.player_id
    assert do(ann, "start") == ["not_host"]


def test_the_host_begins_the_match_with_whoever_is_there() -> None:
    playground, (ann,) = party("Ann", bots=2)
    assert do(ann, "start") == []
    assert ann.messages("game_started")
    assert room_of(playground, ann).bots == 2
    assert do(ann, "start") == ["not_possible"]


def test_a_match_cannot_begin_before_the_server_is_ready() -> None:
    playground, (ann,) = party("Ann")
    playground.server.preparing = True
    assert do(ann, "start") == ["not_possible"]


def test_the_host_changes_the_room_and_all_hear_what_has_changed() -> None:
    playground, (ann, ben) = party("Ann", "Ben", bots=3, max_players=6)
    assert do(ann, "set_room", settings={"goal": 9}, bots=1, max_players=4, private=False, locked=True) == []
    changed = ben.messages("room_changed")
    assert changed[0] == {
        "type": "room_changed",
        "private": False,
        "locked": True,
        "bots": 1,
        "max_players": 4,
    }
    assert changed[1] == {
        "type": "room_changed",
        "settings": {"goal": 9, "sides": False, "seed": None, "secret": 0},
    }
    assert do(ann, "set_room", private=False, locked=True, settings={"goal": 9}) == []
    assert do(ann, "set_room") == []
    assert ben.messages("room_changed") == changed
    room = room_of(playground, ann)
    assert (room.max_players, room.options.bots, room.min_players) == (4, 1, 2)


def test_fewer_seats_need_fewer_players() -> None:
    _, (ann,) = party("Ann", min_players=3, max_players=4)
    ann.send({"type": "set_room", "max_players": 2})
    assert ann.last("room_changed") == {"type": "room_changed", "max_players": 2, "min_players": 2}


def test_settings_with_other_teams_spread_everybody_over_them() -> None:
    playground, clients = party("Ann", "Ben", "Cid")
    ann, ben, cid = clients
    ann.send({"type": "set_room", "settings": {"sides": True}})
    assert ben.last("room_changed")["teams"] == ["red", "blue"]
    teams = [client.last("player_changed") for client in clients]
    assert teams[0] == teams[1] == teams[2]
    room = room_of(playground, ann)
    assert [player.info.team for player in room.players.values()] == ["red", "blue", "red"]
    assert cid.messages("player_changed")[-3]["player"]["team"] == "red"
    ann.send({"type": "set_room", "settings": {"sides": False}})
    assert ben.last("room_changed")["teams"] == []
    assert [player.info.team for player in room.players.values()] == [None, None, None]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"settings": {"secret": 1}}, "bad_settings"),
        ({"settings": {"goal": 0}}, "bad_settings"),
        ({"settings": {"nothing": 0}}, "bad_settings"),
        ({"bots": 3}, "not_possible"),
        ({"max_players": 7}, "not_possible"),
        ({"max_players": 1}, "not_possible"),
        ({"max_players": 0}, "bad_message"),
    ],
)
def test_what_cannot_be_changes_nothing_at_all(fields: dict[str, Any], code: str) -> None:
    _, (ann, ben) = party("Ann", "Ben", bots=2, max_players=6)
    assert do(ann, "set_room", locked=True, **fields) == [code]
    assert not ben.messages("room_changed")


def test_bots_leave_when_the_host_wants_fewer() -> None:
    playground, (ann,) = party("Ann", bots=3, max_players=5)
    room = room_of(playground, ann)
    assert room.bots == 3
    ann.send({"type": "set_room", "bots": 1})
    assert room.bots == 1
    ann.send({"type": "set_room", "bots": 3, "max_players": 3})
    assert ann.last("room_changed")["bots"] == 3
    # With every seat taken the match begins.
    assert (room.bots, room.status) == (2, "in-progress")


def test_while_a_match_runs_the_room_can_only_be_hidden_and_locked() -> None:
    _, (ann, ben) = party("Ann", "Ben", max_players=2)
    for fields in ({"settings": {"goal": 9}}, {"bots": 0}, {"max_players": 2}):
        assert do(ann, "set_room", **fields) == ["not_possible"]
    assert do(ann, "set_room", locked=True, private=False) == []
    assert ben.last("room_changed")["locked"]


def test_nobody_comes_into_a_locked_room() -> None:
    playground, (ann, ben) = party("Ann", "Ben", private=False)
    room = room_of(playground, ann)
    ann.send({"type": "set_room", "locked": True})
    assert not room.open
    assert playground.connect("Cid", room=ann.room_id).errors() == ["room_locked"]
    assert playground.connect("Dan").room_id != ann.room_id
    ann.send({"type": "set_room", "locked": False})
    assert playground.connect("Eve", room=ann.room_id).room_id == ann.room_id
    assert ben.last("player_joined")["player"]["name"] == "Eve"


def test_whoever_is_kicked_may_come_back() -> None:
    playground, (ann, ben, cid) = party("Ann", "Ben", "Cid")
    code = ann.room_id
    assert do(ben, "kick", player_id=cid.player_id) == ["not_host"]
    assert do(ann, "kick", player_id=ann.player_id) == ["not_possible"]
    assert do(ann, "kick", player_id="nobody") == ["no_such_player"]
    assert do(ann, "kick", player_id=ben.player_id) == []
    for client in (ann, ben, cid):
        assert client.last("player_left") == {"type": "player_left", "player_id": ben.player_id, "reason": "kicked"}
    assert do(ben, "ready") == ["not_joined"]
    ben.join("Ben", room=code)
    assert ben.last("joined")["room_id"] == code
    assert playground.server.players.keys() == {ann.player_id, ben.player_id, cid.player_id}


def test_bots_are_not_kicked() -> None:
    playground, (ann,) = party("Ann", bots=1)
    bot = next(player for player in room_of(playground, ann).players.values() if player.is_bot)
    assert do(ann, "kick", player_id=bot.player_id) == ["not_possible"]


def test_whoever_is_banned_stays_out_of_this_room_only() -> None:
    playground, (ann, ben) = party("Ann", "Ben", private=False)
    ben.connection.address = "203.0.113.9"
    room_of(playground, ann).players[ben.player_id].networks[:] = ["203.0.113.9"]
    code = ann.room_id
    ann.send({"type": "kick", "player_id": ben.player_id, "ban": True})
    assert ben.last("player_left")["reason"] == "banned"
    ben.join("Benno", room=code)
    assert ben.errors() == ["banned"]
    ben.join("Benno")
    assert ben.last("joined")["room_id"] != code
    assert playground.connect("Cid", room=code).room_id == code


def test_who_has_a_ticket_is_banned_by_account_and_guests_by_network_too() -> None:
    playground, (ann, ben, cid) = party("Ann", "Ben", "Cid")
    room = room_of(playground, ann)
    ben_seat, cid_seat = (room.players[client.player_id] for client in (ben, cid))
    ben_seat.info.account, cid_seat.info.account = "u:ben", "g:cid"
    ben_seat.networks[:], cid_seat.networks[:] = ["192.0.2.7"], ["2001:db8::/64", "198.51.100.4"]
    for client in (ben, cid):
        ann.send({"type": "kick", "player_id": client.player_id, "ban": True})

    def banned(account: str | None, address: str) -> bool:
        return room.is_banned(PlayerInfo(player_id="p9", name="x", account=account), address)

    assert banned("u:ben", "203.0.113.1")
    # At an address there may be a whole household.
    assert not banned("g:eve", "192.0.2.7")
    assert not banned(None, "192.0.2.7")
    assert banned("g:cid", "203.0.113.1")
    # Whatever key the guest shows next, wherever they have come from.
    for address in ("198.51.100.4", "::ffff:198.51.100.4", "2001:db8::1:2:3:4"):
        assert banned("g:another", address)
        assert banned(None, address)
        assert not banned("u:dan", address)
    assert not banned("g:another", "2001:db8:0:1::1")


def test_where_many_share_an_address_guests_are_banned_by_account_only() -> None:
    playground, (ann, ben) = party("Ann", "Ben", ban_addresses=False)
    room = room_of(playground, ann)
    room.players[ben.player_id].info.account = "g:ben"
    ann.send({"type": "kick", "player_id": ben.player_id, "ban": True})
    address = ben.connection.address
    assert room.is_banned(PlayerInfo(player_id="p9", name="x", account="g:ben"), address)
    assert not room.is_banned(PlayerInfo(player_id="p9", name="x", account="g:new"), address)


# The ready check.


def test_when_all_are_ready_the_match_begins() -> None:
    playground, (ann, ben) = party("Ann", "Ben")
    ann.send({"type": "ready"})
    assert ben.last("player_changed")["player"] == {
        "player_id": ann.player_id,
        "name": "Ann",
        "team": None,
        "bot": False,
        "ready": True,
    }
    ann.send({"type": "ready"})
    assert len(ben.messages("player_changed")) == 1
    assert not ben.messages("game_started")
    ben.send({"type": "ready"})
    assert ben.messages("game_started")
    assert not any(player.ready for player in room_of(playground, ann).players.values())
    assert do(ann, "ready") == ["not_possible"]


def test_one_may_think_again() -> None:
    _, (ann, ben) = party("Ann", "Ben")
    ann.send({"type": "ready"})
    ann.send({"type": "ready", "ready": False})
    ben.send({"type": "ready"})
    assert not ben.messages("game_started")


def test_too_few_wait_for_more_and_bots_are_enough() -> None:
    playground, (ann,) = party("Ann", min_players=2)
    ann.send({"type": "ready"})
    playground.run(1)
    assert not ann.messages("game_started")
    playground, (ann,) = party("Ann", min_players=2, bots=1, start="countdown")
    ann.send({"type": "ready"})
    assert ann.messages("game_started")


def test_when_the_last_who_is_not_ready_leaves_the_match_begins() -> None:
    playground, (ann, ben, cid) = party("Ann", "Ben", "Cid")
    ann.send({"type": "ready"})
    ben.send({"type": "ready"})
    cid.send({"type": "leave"})
    playground.run(0.2)
    assert ann.messages("game_started")


def test_other_settings_are_not_what_people_were_ready_for() -> None:
    playground, (ann, ben) = party("Ann", "Ben")
    ben.send({"type": "ready"})
    ann.send({"type": "set_room", "settings": {"goal": 9}})
    assert ann.last("player_changed")["player"].get("ready") is None
    ann.send({"type": "ready"})
    assert not ann.messages("game_started")
    ben.send({"type": "ready"})
    assert ann.last("game_started")["settings"]["goal"] == 9
    assert playground.server.counters.failed_rooms == 0


def race_to_the_end(playground: Playground, winner: MemoryClient) -> None:
    for _ in range(200):
        if room_of(playground, winner).status == "ended":
            return
        winner.input(step=1)
        playground.run(1 / 30)
    raise AssertionError("nobody has won")


def test_a_rematch_begins_when_all_want_it() -> None:
    playground, (ann, ben) = party("Ann", "Ben", max_players=2, results_time=60)
    race_to_the_end(playground, ann)
    ann.send({"type": "ready"})
    assert not ann.messages("room_reset")
    ben.send({"type": "ready"})
    assert ann.messages("room_reset")
    assert len(ann.messages("game_started")) == 2


# Votes.


def test_two_thirds_of_the_others_can_send_somebody_away() -> None:
    playground, clients = party("Ann", "Ben", "Cid", "Dan", max_players=8)
    ann, ben, cid, dan = clients
    assert do(ben, "call_vote", kind="kick", player_id=ann.player_id) == []
    vote = ann.last("vote_started")["vote"]
    assert vote == {
        "id": 1,
        "kind": "kick",
        "by": ben.player_id,
        "player_id": ann.player_id,
        "choices": ["yes", "no"],
        "settings": None,
        "ends_in": 20.0,
        "needed": 2,
        "counts": [1, 0],
    }
    assert do(ann, "vote", id=1, choice=1) == ["not_possible"]
    assert do(cid, "vote", id=2, choice=0) == ["not_possible"]
    assert do(cid, "vote", id=1, choice=5) == ["bad_message"]
    assert do(cid, "call_vote", kind="kick", player_id=dan.player_id) == ["vote_running"]
    code = ann.room_id
    assert do(cid, "vote", id=1, choice=0) == []
    assert ben.last("vote_ended") == {"type": "vote_ended", "id": 1, "chosen": 0}
    assert ann.last("player_left")["reason"] == "voted_out"
    ann.join("Ann", room=code)
    assert ann.errors()[-1] == "banned"
    assert room_of(playground, ben).host == ben.player_id


def test_who_has_a_ticket_has_a_vote_but_no_household_sends_strangers_away() -> None:
    playground = Playground(Race, max_players=8)
    ann = playground.connect("Ann", create=True, address="192.0.2.1")
    homes = ["192.0.2.2", "192.0.2.2", "192.0.2.2", "192.0.2.3"]
    bea, bob, guest, eve = (playground.connect(room=ann.room_id, name=name, address=home) for name, home in zip(
        ("Bea", "Bob", "Guest", "Eve"), homes, strict=True
    ))  # fmt: skip
    players = room_of(playground, ann).players
    for client, account in ((bea, "u:bea"), (bob, "u:bob"), (guest, "g:guest")):
        players[client.player_id].info.account = account
    bea.send({"type": "call_vote", "kind": "kick", "player_id": ann.player_id})
    assert eve.last("vote_started")["vote"]["needed"] == 3
    for client in (bob, guest):
        client.send({"type": "vote", "id": 1, "choice": 0})
    playground.run(0.3)
    # Three of four are for it, and all of one address.
    assert eve.last("vote_counted")["counts"] == [3, 0]
    assert not eve.messages("vote_ended")
    eve.send({"type": "vote", "id": 1, "choice": 0})
    assert ann.last("player_left")["reason"] == "voted_out"


def test_newcomers_are_told_of_the_vote_that_runs() -> None:
    playground, (ann, ben, cid) = party("Ann", "Ben", "Cid", max_players=8)
    ann.send({"type": "call_vote", "kind": "kick", "player_id": cid.player_id})
    playground.run(5)
    dan = playground.connect("Dan", room=ann.room_id)
    (vote,) = dan.last("joined")["votes"]
    assert (vote["ends_in"], vote["needed"], vote["counts"]) == (pytest.approx(15, abs=0.2), 2, [1, 0])
    playground.run(0.2)
    assert not ben.messages("vote_ended")
    eve = playground.connect("Eve", room=ann.room_id)
    assert eve.last("joined")["votes"][0]["needed"] == 3
    playground.run(0.2)
    assert ben.last("vote_counted") == {"type": "vote_counted", "id": 1, "counts": [1, 0], "needed": 3}


def test_how_it_stands_is_told_soon() -> None:
    playground, clients = party("Ann", "Ben", "Cid", "Dan", "Eve", max_players=8)
    ann, ben, cid = clients[:3]
    ann.send({"type": "call_vote", "kind": "kick", "player_id": ben.player_id})
    cid.send({"type": "vote", "id": 1, "choice": 1})
    playground.run(0.3)
    assert ben.messages("vote_counted") == [{"type": "vote_counted", "id": 1, "counts": [1, 1], "needed": 3}]
    clients[4].send({"type": "leave"})
    playground.run(0.3)
    assert ben.last("vote_counted") == {"type": "vote_counted", "id": 1, "counts": [1, 1], "needed": 2}


@pytest.mark.parametrize(
    ("names", "accused", "code"),
    [
        (("Ann", "Ben"), 1, "not_possible"),
        (("Ann", "Ben", "Cid"), 0, "not_possible"),
        (("Ann", "Ben", "Cid"), None, "no_such_player"),
    ],
)
def test_whom_a_vote_cannot_send_away(names: tuple[str, ...], accused: int | None, code: str) -> None:
    _, clients = party(*names)
    player_id = None if accused is None else clients[accused].player_id
    assert do(clients[0], "call_vote", kind="kick", player_id=player_id) == [code]


def test_it_ends_when_the_accused_leaves() -> None:
    _, (ann, ben, cid) = party("Ann", "Ben", "Cid")
    ann.send({"type": "call_vote", "kind": "kick", "player_id": cid.player_id})
    cid.send({"type": "leave"})
    assert ben.last("vote_ended")["chosen"] is None
    # Which is not the fault of the one who called it.
    assert do(ann, "call_vote", kind="settings", settings={"goal": 7}) == []


def test_whoever_called_a_vote_that_failed_waits() -> None:
    playground, (ann, ben, cid) = party("Ann", "Ben", "Cid")
    ann.send({"type": "call_vote", "kind": "kick", "player_id": cid.player_id})
    playground.run(20.2)
    assert ben.last("vote_ended")["chosen"] is None
    assert do(ann, "call_vote", kind="kick", player_id=cid.player_id) == ["not_possible"]
    assert "30 s" in ann.last("error")["message"]
    assert do(ben, "call_vote", kind="kick", player_id=cid.player_id) == []
    ann.send({"type": "vote", "id": 2, "choice": 1})
    playground.run(31)
    assert do(ann, "call_vote", kind="settings", settings={"goal": 7}) == []


def test_a_majority_can_change_the_settings() -> None:
    playground, (ann, ben, cid) = party("Ann", "Ben", "Cid")
    assert do(ben, "call_vote", kind="settings", settings={"goal": 0}) == ["bad_settings"]
    assert do(ben, "call_vote", kind="settings", settings={"secret": 1}) == ["bad_settings"]
    assert do(ben, "call_vote", kind="settings") == ["not_possible"]
    assert do(ben, "call_vote", kind="settings", settings={"goal": 7}) == []
    assert ann.last("vote_started")["vote"]["settings"] == [{"goal": 7}, {}]
    cid.send({"type": "vote", "id": 1, "choice": 0})
    assert ann.last("room_changed")["settings"]["goal"] == 7
    assert room_of(playground, ann).settings.goal == 7


def test_a_vote_on_settings_ends_with_the_beginning_of_the_match() -> None:
    _, (ann, ben, cid) = party("Ann", "Ben", "Cid")
    ben.send({"type": "call_vote", "kind": "settings", "settings": {"goal": 7}})
    ann.send({"type": "start"})
    assert cid.last("vote_ended")["chosen"] is None
    assert cid.last("game_started")["settings"]["goal"] == 5
    assert do(ben, "call_vote", kind="settings", settings={"goal": 7}) == ["not_possible"]


def courses(**options: Any) -> tuple[Playground, list[MemoryClient]]:
    playground = Playground(Courses, max_players=2, **{"results_time": 10} | options)
    return party("Ann", "Ben", playground=playground)


def test_after_a_match_the_players_choose_the_next() -> None:
    playground, (ann, ben) = courses()
    race_to_the_end(playground, ann)
    vote = ben.last("vote_started")["vote"]
    assert (vote["kind"], vote["by"]) == ("next", None)
    assert vote["choices"] == ["Again", "Longer", "In teams"]
    assert vote["settings"] == [{}, {"goal": 6}, {"sides": True}]
    assert vote["ends_in"] == 10
    ann.send({"type": "vote", "id": vote["id"], "choice": 1})
    ben.send({"type": "vote", "id": vote["id"], "choice": 1})
    assert ben.last("vote_ended")["chosen"] == 1
    assert not ben.messages("room_changed")
    playground.run(11)
    assert ben.last("room_changed")["settings"]["goal"] == 6
    assert ben.last("game_started")["settings"]["goal"] == 6


def test_one_ballot_is_enough_at_the_end_and_none_changes_nothing() -> None:
    playground, (ann, ben) = courses()
    race_to_the_end(playground, ann)
    ben.send({"type": "vote", "id": 1, "choice": 2})
    playground.run(11)
    assert ann.last("vote_ended")["chosen"] == 2
    assert ann.last("room_changed")["teams"] == ["red", "blue"]
    race_to_the_end(playground, ann)
    playground.run(11)
    assert ann.last("vote_ended") == {"type": "vote_ended", "id": 2, "chosen": None}
    assert ann.last("game_started")["settings"]["sides"]


def test_a_rematch_takes_what_has_most_ballots_so_far() -> None:
    playground, (ann, ben) = courses(results_time=60)
    race_to_the_end(playground, ann)
    ann.send({"type": "vote", "id": 1, "choice": 1})
    for client in (ann, ben):
        client.send({"type": "ready"})
    assert ben.last("vote_ended")["chosen"] == 1
    assert ben.last("game_started")["settings"]["goal"] == 6


def test_the_operator_decides_whether_players_choose() -> None:
    playground, (ann, _) = courses(next_vote=False)
    race_to_the_end(playground, ann)
    assert not ann.messages("vote_started")


def test_a_vote_to_send_somebody_away_comes_before_the_next() -> None:
    playground = Playground(Courses, max_players=3, results_time=30)
    playground, (ann, ben, cid) = party("Ann", "Ben", "Cid", playground=playground)
    for _ in range(4):
        ann.input(step=1)
        playground.run(1 / 30)
    ann.send({"type": "call_vote", "kind": "kick", "player_id": cid.player_id})
    race_to_the_end(playground, ann)
    assert ben.last("vote_started")["vote"]["kind"] == "kick"
    ben.send({"type": "vote", "id": 1, "choice": 1})
    assert ben.last("vote_started")["vote"]["kind"] == "next"
    assert ben.last("vote_started")["vote"]["ends_in"] == 20


# Pauses.


def paused_room(**options: Any) -> tuple[Playground, list[MemoryClient]]:
    """Two people in a running match, who have agreed to a pause."""
    playground, clients = party("Ann", "Ben", **{"max_players": 2, "settings": {"goal": 100}} | options)
    if not clients[0].messages("game_started"):
        clients[0].send({"type": "start"})
    playground.run(0.5)
    for client in clients:
        client.send({"type": "pause", "paused": True})
    return playground, clients


def test_a_match_pauses_when_all_agree() -> None:
    playground, (ann, ben) = party("Ann", "Ben", max_players=2)
    assert ann.last("joined")["can_pause"]
    playground.run(0.5)
    ann.send({"type": "pause", "paused": True})
    ann.send({"type": "pause", "paused": True})
    assert [notice["text"] for notice in ben.messages("notice")] == ["Ann would like a pause (1 of 2)."]
    room = room_of(playground, ann)
    tick = room.current_tick
    playground.run(0.1)
    assert room.current_tick > tick
    ben.send({"type": "pause", "paused": True})
    assert ann.last("room_changed") == {"type": "room_changed", "paused": True}
    tick, calls = room.current_tick, len(room.game.calls)  # type: ignore[attr-defined]
    ann.input(step=1)
    playground.run(5)
    assert (room.current_tick, len(room.game.calls)) == (tick, calls)  # type: ignore[attr-defined]


def test_a_pause_ends_after_a_countdown() -> None:
    playground, (ann, ben) = paused_room()
    room = room_of(playground, ann)
    tick = room.current_tick
    playground.run(10)
    ben.send({"type": "pause", "paused": False})
    ben.send({"type": "pause", "paused": False})
    assert ann.last("room_changed") == {"type": "room_changed", "paused": True, "resumes_in": 3.0}
    playground.run(2.9)
    assert room.current_tick == tick
    playground.run(0.5)
    assert room.current_tick > tick
    assert ann.messages("room_changed")[-1] == {"type": "room_changed", "paused": False}
    assert len(ann.messages("room_changed")) == 3
    ann.input(step=1)
    playground.run(0.1)
    assert ann.state["position"][ann.player_id] == 1


def test_all_may_agree_to_stay_paused() -> None:
    playground, clients = paused_room()
    clients[0].send({"type": "pause", "paused": False})
    for client in clients:
        client.send({"type": "pause", "paused": True})
    assert clients[0].last("room_changed") == {"type": "room_changed", "paused": True}
    playground.run(10)
    assert room_of(playground, clients[0]).paused


def test_no_pause_is_longer_than_allowed() -> None:
    playground, clients = paused_room(pause_time=10)
    room = room_of(playground, clients[0])
    playground.run(9)
    for paused in (False, True):
        for client in clients:
            client.send({"type": "pause", "paused": paused})
    playground.run(3)
    for client in clients:
        client.send({"type": "pause", "paused": True})
    assert room.paused
    playground.run(3)
    assert not room.paused


def test_a_wish_is_forgotten() -> None:
    playground, (ann, ben) = party("Ann", "Ben", max_players=2)
    ann.send({"type": "pause", "paused": True})
    playground.run(21)
    ben.send({"type": "pause", "paused": True})
    assert not room_of(playground, ann).paused
    ben.send({"type": "pause", "paused": False})
    ann.send({"type": "pause", "paused": True})
    assert not room_of(playground, ann).paused


def test_who_has_left_need_not_agree() -> None:
    playground, (ann, ben, cid) = party("Ann", "Ben", "Cid", max_players=3)
    for client in (ann, ben):
        client.send({"type": "pause", "paused": True})
    cid.send({"type": "leave"})
    playground.run(0.1)
    assert room_of(playground, ann).paused


def test_where_there_are_no_pauses() -> None:
    _, (ann, _) = party("Ann", "Ben", max_players=2, private=False)
    assert not ann.last("joined")["can_pause"]
    assert do(ann, "pause", paused=True) == ["not_possible"]
    _, (ann, _) = party("Ann", "Ben", max_players=2, pause_time=0)
    assert do(ann, "pause", paused=True) == ["not_possible"]
    _, (ann, _) = party("Ann", "Ben", max_players=3)
    assert do(ann, "pause", paused=True) == ["not_possible"]


def test_a_room_that_becomes_public_goes_on() -> None:
    playground, (ann, _) = paused_room()
    ann.send({"type": "set_room", "private": False})
    assert ann.last("room_changed")["resumes_in"] == 3
    playground.run(3.3)
    assert not room_of(playground, ann).paused


def test_a_match_that_ends_is_paused_no_more() -> None:
    playground, (ann, ben) = paused_room()
    ben.send({"type": "leave"})
    assert ann.last("game_over")["reason"] == "players_left"
    assert ann.last("room_changed")["paused"] is False
    assert not room_of(playground, ann).paused


def test_a_room_that_everybody_left_is_paused_no_more() -> None:
    playground, clients = paused_room(start="now", empty_grace=30)
    room = room_of(playground, clients[0])
    for client in clients:
        client.send({"type": "leave"})
    playground.run(0.5)
    assert not room.paused


@pytest.mark.parametrize("subprotocol", sorted(CODECS))
def test_whoever_comes_into_a_pause_sees_where_the_match_stands(subprotocol: str) -> None:
    playground = Playground(Skirmish, max_players=4, start="now")
    ann = playground.connect("Ann", create=True, subprotocol=subprotocol)
    playground.run(1)
    ann.send({"type": "pause", "paused": True})
    playground.run(1)
    ben = playground.connect("Ben", room=ann.room_id, subprotocol=subprotocol)
    assert ben.last("joined")["paused"]
    assert ben.last("joined")["status"] == "in-progress"
    playground.run(0.3)
    assert set(ben.state["players"]) == {ann.player_id, ben.player_id}
    assert ben.state == ann.state
    ben.send({"type": "pause", "paused": False})
    playground.run(4)
    assert ben.state == ann.state
    assert not room_of(playground, ann).paused


def test_a_pause_does_not_make_inputs_wrong() -> None:
    """The client asks for the tick with pings, once a second; the one beside it notices nothing of the pause."""
    playground = Playground(Skirmish, max_players=4, start="now")
    ann = playground.connect("Ann", create=True)
    room = room_of(playground, ann)
    playground.run(1)

    def play(seconds: float, ahead: int) -> None:
        for number in range(round(seconds * 30)):
            if number % 30 == 0:
                ann.send({"type": "ping", "time": 1})
                ahead = ann.last("pong")["tick"] + 3 - number
            ann.timed_input(ahead + number, x=1)
            playground.run(1 / 30)

    play(2, 0)
    ann.send({"type": "pause", "paused": True})
    tick = room.current_tick
    play(5, 0)
    assert room.current_tick == tick
    ann.send({"type": "pause", "paused": False})
    for number in range(150):  # a clock that ran on through the pause, until the next ping
        ann.timed_input(tick + 150 + number, x=1)
        playground.run(1 / 30)
    assert room.current_tick > tick
    play(2, 0)
    assert ann.errors() == []


# Rates.


def test_a_player_cannot_change_too_much() -> None:
    playground = Playground(Race, Limits(max_room_messages_per_second=1), max_players=4)
    playground, (ann, ben) = party("Ann", "Ben", playground=playground)
    for number in range(20):
        ann.send({"type": "ready", "ready": number % 2 == 0})
    assert ann.errors() == ["rate_limited"] * 10
    assert len(ben.messages("player_changed")) == 10
    playground.run(2)
    ann.send({"type": "ready"})
    assert len(ann.errors()) == 10


@pytest.mark.parametrize(
    "message",
    [
        {"type": "ready"},
        {"type": "start"},
        {"type": "set_room"},
        {"type": "kick", "player_id": "p1"},
        {"type": "pass_host", "player_id": "p1"},
        {"type": "call_vote", "kind": "kick"},
        {"type": "vote", "id": 1, "choice": 0},
        {"type": "pause", "paused": True},
        {"type": "mute", "player_id": "p1"},
    ],
)
def test_without_a_seat_there_is_nothing_to_decide(message: dict[str, Any]) -> None:
    client = Playground(Race).connect()
    client.send(message)
    assert client.errors() == ["not_joined"]


def test_a_game_that_raises_ends_its_room_for_what_players_decide_too() -> None:
    class Broken(Race):
        def initialize_game(self, settings: Any) -> None:
            raise RuntimeError("no track")

    playground, (ann,) = party("Ann", playground=Playground(Broken))
    ann.send({"type": "start"})
    assert ann.errors() == ["game_error"]
    assert not playground.server.rooms


# Lost connections.


def test_the_room_does_not_wait_for_those_who_are_away() -> None:
    playground, (ann, ben, cid) = party("Ann", "Ben", "Cid", max_players=3, settings={"goal": 100})
    cid.connection.disconnect()
    for client in (ann, ben):
        client.send({"type": "pause", "paused": True})
    assert room_of(playground, ann).paused
    back = playground.resume(cid)
    assert back.last("joined")["paused"]
    playground.run(0.3)
    assert back.state == ann.state


def test_the_ready_check_and_votes_count_only_who_is_here() -> None:
    playground, (ann, ben, cid) = party("Ann", "Ben", "Cid")
    ann.connection.disconnect()
    ben.send({"type": "call_vote", "kind": "settings", "settings": {"goal": 7}})
    assert cid.last("vote_started")["vote"]["needed"] == 2
    back = playground.resume(ann)
    assert back.last("joined")["votes"][0]["counts"] == [1, 0]
    back.send({"type": "vote", "id": 1, "choice": 0})
    assert cid.last("room_changed")["settings"]["goal"] == 7
    back.connection.disconnect()
    ben.send({"type": "ready"})
    cid.send({"type": "ready"})
    assert ben.messages("game_started")


def test_the_host_may_come_back_and_is_replaced_only_when_gone_for_good() -> None:
    playground, (ann, ben, cid) = party("Ann", "Ben", "Cid", reconnect_time=10)
    ann.connection.disconnect()
    back = playground.resume(ann)
    assert back.last("joined")["host"] == ann.player_id
    assert do(back, "pass_host", player_id=cid.player_id) == []
    assert do(cid, "set_room", locked=True) == []
    cid.connection.disconnect()
    assert do(back, "start") == ["not_host"]
    # A locked room lets back in whose seat it is.
    cid = playground.resume(cid)
    assert cid.last("joined")["locked"]
    ben.connection.disconnect()
    assert do(cid, "pass_host", player_id=ben.player_id) == ["not_possible"]
    playground.run(1)
    cid.connection.disconnect()
    playground.run(10.5)
    assert back.last("room_changed")["host"] == back.player_id


def test_whoever_is_away_can_be_sent_away() -> None:
    playground, (ann, ben) = party("Ann", "Ben")
    ben.connection.disconnect()
    assert do(ann, "kick", player_id=ben.player_id, ban=True) == []
    assert playground.resume(ben).errors() == ["session_expired"]
    assert room_of(playground, ann).is_banned(PlayerInfo(player_id="p9", name="Ben"), ben.connection.address)


def test_who_was_muted_stays_so_for_whoever_comes_back() -> None:
    playground, (ann, ben) = party("Ann", "Ben")
    ann.send({"type": "mute", "player_id": ben.player_id})
    ann.connection.disconnect()
    ben.send({"type": "chat", "text": "are you there?"})
    back = playground.resume(ann)
    ben.send({"type": "chat", "text": "hello?"})
    assert not back.messages("chat")


def test_a_guest_who_was_voted_out_is_known_by_the_key() -> None:
    playground = Playground(Race, max_players=4)

    def come(key: str | None, address: str = "192.0.2.3", **fields: Any) -> MemoryClient:
        client = playground.connect(address=address)
        client.send({"type": "join", "guest": key and key * 16} | fields)
        return client

    ann = come("a", "192.0.2.1", options={"create": True})
    ben, cid = come("b", "192.0.2.2", room=ann.room_id), come("c", room=ann.room_id)
    ann.send({"type": "call_vote", "kind": "kick", "player_id": cid.player_id})
    ben.send({"type": "vote", "id": 1, "choice": 0})
    assert cid.last("player_left")["reason"] == "voted_out"
    assert come("c", "192.0.2.4", room=ann.room_id).errors() == ["banned"]
    # Without the key, or with another, it would be too easy.
    assert come(None, room=ann.room_id).errors() == ["banned"]
    assert come("d", room=ann.room_id).errors() == ["banned"]
    assert come("d", "192.0.2.5", room=ann.room_id).room_id == ann.room_id
