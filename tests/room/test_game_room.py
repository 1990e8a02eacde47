"""Who hears what in a room, teams, and what a room remembers."""

from __future__ import annotations

import logging

import pytest

from rumpus.room.messenger import EVENTS_KEPT
from rumpus.testing import MemoryClient, Playground
from tests.support.race import Race


@pytest.fixture
def playground() -> Playground:
    return Playground(Race, max_players=4)


def sides(playground: Playground, client: MemoryClient) -> list[str | None]:
    room = playground.server.rooms[client.room_id]
    return [player.info.team for player in room.players.values()]


def test_broadcast_reaches_everyone_and_can_leave_one_out(playground: Playground) -> None:
    ann, ben, cat = (playground.connect(name) for name in ("Ann", "Ben", "Cat"))
    room = playground.server.rooms[ann.room_id]
    room.broadcast({"type": "hello", "n": 1})
    room.broadcast({"type": "hello", "n": 2}, exclude_ws=ben.connection)
    room.broadcast_except(cat.player_id, {"type": "hello", "n": 3})
    heard = [[message["n"] for message in client.messages("hello")] for client in (ann, ben, cat)]
    assert heard == [[1, 2, 3], [1, 3], [1, 2]]


def test_broadcast_speaks_each_clients_codec(playground: Playground) -> None:
    ann = playground.connect("Ann")
    ben = playground.connect("Ben", subprotocol="rumpus.v1.msgpack")
    playground.server.rooms[ann.room_id].broadcast({"type": "hello"})
    assert ann.last("hello") == ben.last("hello")


def test_a_private_message_reaches_one_person(playground: Playground) -> None:
    ann, ben = playground.connect("Ann"), playground.connect("Ben")
    room = playground.server.rooms[ann.room_id]
    assert room.send_private_message(ben.player_id, {"type": "secret"})
    assert not room.send_private_message("nobody", {"type": "secret"})
    assert ben.messages("secret")
    assert not ann.messages("secret")


def test_players_are_found_by_id(playground: Playground) -> None:
    ann = playground.connect("Ann")
    room = playground.server.rooms[ann.room_id]
    player = room.find_player_by_id(ann.player_id)
    assert player is not None
    assert player.info.name == "Ann"
    assert room.find_player_by_id("nobody") is None
    assert room.remove_player(playground.connect().connection) is None


def test_two_players_of_one_name_can_be_told_apart(playground: Playground) -> None:
    clients = [playground.connect("Ann") for _ in range(3)]
    names = [player["name"] for player in clients[-1].last("joined")["players"]]
    assert names == ["Ann", "Ann 2", "Ann 3"]


def test_chat_reaches_the_room_and_no_other(playground: Playground) -> None:
    ann, ben = playground.connect("Ann"), playground.connect("Ben")
    far = playground.connect("Far", create=True)
    ann.send({"type": "chat", "text": "  hello there  "})
    ann.send({"type": "chat", "text": "   "})
    assert [line["text"] for line in ben.messages("chat")] == ["hello there"]
    assert ben.last("chat")["player_id"] == ann.player_id
    assert ann.messages("chat")
    assert not far.messages("chat")


def test_events_are_logged_structured_and_the_last_few_hundred_kept(
    playground: Playground, caplog: pytest.LogCaptureFixture
) -> None:
    ann = playground.connect("Ann")
    room = playground.server.rooms[ann.room_id]
    with caplog.at_level(logging.INFO, logger="rumpus.room"):
        room.log_event("door_opened", {"door": 7})
    record = caplog.records[-1]
    assert record.getMessage() == "door_opened"
    assert record.room == room.room_id  # type: ignore[attr-defined]
    assert record.details == {"door": 7}  # type: ignore[attr-defined]
    for number in range(EVENTS_KEPT + 50):
        room.log_event("noise", {"number": number})
    assert len(room.events) == EVENTS_KEPT
    assert room.events[-1].details == {"number": EVENTS_KEPT + 49}


# Teams.


def test_a_game_without_teams_has_none(playground: Playground) -> None:
    ann = playground.connect("Ann")
    assert ann.last("joined")["teams"] == []
    assert sides(playground, ann) == [None]
    ann.send({"type": "team", "team": "red"})
    assert ann.errors() == ["bad_team"]


def test_players_are_spread_evenly_over_the_teams() -> None:
    playground = Playground(Race, max_players=6, settings={"sides": "true"})
    clients = [playground.connect(f"P{number}") for number in range(4)]
    assert sides(playground, clients[0]) == ["red", "blue", "red", "blue"]
    clients[0].send({"type": "leave"})
    playground.connect("New")
    assert sides(playground, clients[1]) == ["blue", "red", "blue", "red"]


def test_a_team_can_be_changed_while_waiting_as_long_as_it_has_a_seat() -> None:
    playground = Playground(Race, max_players=4, settings={"sides": True})
    ann, ben, cat = (playground.connect(name) for name in ("Ann", "Ben", "Cat"))
    ann.send({"type": "team", "team": "blue"})
    assert ben.last("player_changed")["player"]["team"] == "blue"
    assert sides(playground, ann) == ["blue", "blue", "red"]
    cat.send({"type": "team", "team": "blue"})
    assert cat.errors() == ["bad_team"]
    cat.send({"type": "team", "team": "green"})
    assert "red and blue" in cat.last("error")["message"]
    ann.send({"type": "team", "team": "blue"})
    assert ann.errors() == []


def test_a_bot_changes_sides_to_make_room() -> None:
    playground = Playground(Race, max_players=4, bots=2, settings={"sides": True})
    ann = playground.connect("Ann")
    assert sides(playground, ann) == ["red", "blue", "red"]
    ann.send({"type": "team", "team": "blue"})
    ann.send({"type": "team", "team": "blue"})
    assert sides(playground, ann) == ["blue", "blue", "red"]
    ben = playground.connect("Ben", room=ann.room_id)
    assert sides(playground, ben).count("red") == 2


def test_teams_are_fixed_while_a_match_runs() -> None:
    playground = Playground(Race, max_players=2, settings={"sides": True})
    ann = playground.connect("Ann")
    playground.connect("Ben")
    ann.send({"type": "team", "team": "blue"})
    assert ann.errors() == ["bad_team"]


def test_a_person_who_replaces_a_bot_keeps_the_teams_even() -> None:
    playground = Playground(Race, start="now", max_players=4, bots=4, settings={"sides": True})
    clients = [playground.connect(f"P{number}") for number in range(4)]
    for client in clients:
        assert sorted(filter(None, sides(playground, client))) == ["blue", "blue", "red", "red"]
    room = playground.server.rooms[clients[0].room_id]
    assert room.people == 4
    assert not any(player.is_bot for player in room.players.values())


# States and deltas.


def test_the_first_state_is_whole_and_the_following_are_patches(playground: Playground) -> None:
    clients = [playground.connect(f"P{number}") for number in range(4)]
    playground.run(0.5)
    assert len(clients[0].messages("state")) == 1
    clients[1].input(step=1)
    playground.run(0.05)
    changes = [m["patch"] for m in clients[0].messages("delta") if m["patch"]]
    assert changes == [{"position": {clients[1].player_id: 1}}]


def test_a_game_may_ask_for_whole_states_only() -> None:
    class Whole(Race):
        deltas = False

    playground = Playground(Whole, max_players=1, min_players=1)
    ann = playground.connect("Ann")
    playground.run(1)
    assert not ann.messages("delta")
    assert len(ann.messages("state")) >= 29


def test_a_congested_client_is_skipped_and_then_gets_a_whole_state() -> None:
    playground = Playground(Race, max_players=2)
    ann, ben = playground.connect("Ann"), playground.connect("Ben")
    playground.run(0.5)
    before = len(ben.messages())
    ben.connection.congested = True
    ann.input(step=1)
    playground.run(1)
    assert len(ben.messages()) == before
    assert playground.server.counters.snapshots_skipped >= 29
    ben.connection.congested = False
    playground.run(0.05)
    assert ben.messages()[before]["type"] == "state"
    playground.run(0.5)
    assert ben.state == ann.state


def test_a_state_with_nulls_is_sent_whole_because_a_patch_cannot_say_it() -> None:
    class Nullable(Race):
        def get_game_state(self) -> dict[str, object]:
            return {"leader": None if self.position else "?", "tick": self.calls.count("update")}

    playground = Playground(Nullable, max_players=1, min_players=1)
    ann = playground.connect("Ann")
    playground.run(0.5)
    assert ann.state["leader"] is None
    assert ann.state["tick"] >= 14


def test_a_game_that_returns_the_same_object_each_tick_still_gets_patches() -> None:
    class Reused(Race):
        def initialize_game(self, settings: object) -> None:
            super().initialize_game(settings)
            self.state = {"n": 0}

        def update(self, delta_time: float) -> None:
            self.state["n"] += 1

        def get_game_state(self) -> dict[str, int]:
            return self.state

    playground = Playground(Reused, max_players=1, min_players=1)
    ann = playground.connect("Ann")
    playground.run(1)
    assert ann.state["n"] == ann.last("delta")["tick"]
