"""Quick play: the best room, the queue and what ends it."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import to_builtins

from rumpus import JoinError, PlayerInfo
from rumpus.config import Limits
from rumpus.protocol import JoinOptions
from rumpus.protocol.codec import CODECS
from rumpus.server.load_shedding import LoadShedding
from rumpus.testing import MemoryClient
from tests.support.race import Race
from tests.support.town import Town, account


@pytest.fixture
def town() -> Town:
    return Town(start="now", max_players=4)


def play(town: Town, skill: float | None = None, **options: Any) -> MemoryClient:
    client = town.connect()
    town.quick_play(client, options, None if skill is None else account(skill))
    return client


def test_a_room_of_ones_language_comes_before_a_fuller_one(town: Town) -> None:
    english = play(town, language="en")
    german = [play(town, settings={"goal": 5}, language="de") for _ in range(2)]
    assert english.room_id == german[0].room_id  # rather with others than alone
    town.join(
        other := town.connect(), options={"create": True, "private": False, "language": "DE", "title": " Abends "}
    )
    assert other.last("joined")["language"] == "de"
    assert other.last("joined")["title"] == "Abends"
    assert play(town, language="de").room_id == other.room_id
    assert play(town).room_id == english.room_id


def test_filters_are_values_lists_and_ranges(town: Town) -> None:
    seven = play(town, settings={"goal": 7})
    assert play(town, filter={"goal": 7}).room_id == seven.room_id
    assert play(town, filter={"goal": [3, 7]}).room_id == seven.room_id
    between = play(town, filter={"goal": {"min": 8, "max": 9.5}})
    assert between.last("joined")["settings"]["goal"] == 8
    assert play(town, filter={"goal": {"max": 7}, "sides": False}).room_id == seven.room_id


@pytest.mark.parametrize(
    "options",
    [
        {"filter": {"secret": 1}},
        {"filter": {"goal": "5"}},
        {"filter": {"goal": []}},
        {"filter": {"goal": {"min": 5, "max": 4}}},
        {"filter": {"goal": {"least": 5}}},
        {"filter": {"goal": {"min": 5000}}},
        {"filter": {"goal": list(range(1, 40))}},
        {"settings": {"goal": 3}, "filter": {"goal": {"min": 4}}},
        {"create": True, "max_players": 5},
        {"create": True, "bots": 1},
    ],
)
def test_what_cannot_be_is_refused(town: Town, options: dict[str, Any]) -> None:
    client = play(town, **options)
    assert client.errors() == ["bad_settings"]
    assert town.server.rooms == {}


def test_a_wrong_language_or_title_is_refused(town: Town) -> None:
    assert play(town, language="english!").errors() == ["bad_message"]
    assert play(town, create=True, title="x" * 41).errors() == ["bad_message"]


def test_only_skill_makes_one_wait_and_the_window_widens(town: Town) -> None:
    strong = play(town, 1600)
    assert strong.room_id
    weak = play(town, 1000)
    assert not weak.room_id
    assert weak.last("queued") == {"type": "queued", "waited": 0, "window": 200, "searching": 1}
    town.wait(10.1)
    assert [round(queued["waited"]) for queued in weak.messages("queued")] == [0, 2, 4, 6, 8, 10]
    assert weak.last("queued")["window"] == 400
    assert not weak.room_id
    town.wait(11)
    assert weak.room_id == strong.room_id
    assert strong.last("player_joined")["player"]["rating"] == weak.last("joined")["rating"]
    town.judge()


def test_two_who_fit_each_other_get_a_room_of_their_own(town: Town) -> None:
    play(town, 1600)
    first, second = play(town, 900, settings={"sides": True}), play(town, 1000, filter={"goal": [2, 5]})
    assert not first.messages("queued")  # no room has sides: one is opened at once
    assert second.room_id == first.room_id
    third, fourth = play(town, 400, filter={"goal": {"min": 5}}), play(town, 450)
    assert third.messages("queued")
    assert third.room_id == fourth.room_id != second.room_id


def test_when_there_is_nobody_left_to_wait_for_a_room_is_opened(town: Town) -> None:
    strong = play(town, 1600)
    weak = play(town, 400)
    assert weak.messages("queued")
    strong.send({"type": "leave"})
    town.wait(0.1)
    assert weak.room_id == strong.room_id  # it is empty, so it suits anybody


def test_skill_plays_no_part_if_the_operator_likes() -> None:
    town = Town(start="now", max_players=4, skill_window=0)
    assert play(town, 1600).room_id == play(town, 400).room_id


def test_cancel_and_leave_end_the_search_and_nothing_else_does(town: Town) -> None:
    play(town, 1600)
    weak = play(town, 400)
    weak.join("again")
    weak.send({"type": "chat", "text": "hello?"})
    assert weak.errors() == ["not_possible", "not_joined"]
    weak.send({"type": "cancel"})
    assert weak.last("queue_left")["reason"] == "cancelled"
    weak.send({"type": "cancel"})
    assert weak.errors()[2:] == ["not_possible"]
    town.quick_play(weak, {}, account(400))
    weak.send({"type": "leave"})
    assert len(weak.messages("queue_left")) == 2
    assert len(town.server.join_service.quick_play.matchmaker) == 0
    town.quick_play(weak, {}, account(400))
    weak.connection.disconnect()
    assert len(town.server.join_service.quick_play.matchmaker) == 0


def test_a_slow_database_keeps_nobody_from_playing(town: Town) -> None:
    play(town, 1600)
    town.ratings.mode = "later"
    late = play(town, 400)
    assert not late.messages()
    town.wait(0.6)
    # Taken for a newcomer: 600 points from the room.
    assert 200 <= late.last("queued")["window"] <= 215
    town.ratings.answer()
    ticket = town.server.join_service.quick_play.matchmaker.waiting[0]
    assert abs(ticket.skill - 400) < 5
    town.judge()


def test_a_rating_that_comes_late_is_shown(town: Town) -> None:
    ann, ben = town.connect(), town.connect()
    town.join(ann, options={"create": True})
    town.ratings.mode = "later"
    town.join(ben, room=ann.room_id, guest=account(1500))
    assert ben.last("joined")["rating"] is None
    town.ratings.answer()
    room = town.server.rooms[ann.room_id]
    town.wait(0.2)
    assert ann.last("player_changed")["player"]["rating"] == room.players[ben.player_id].info.rating
    assert room.skill is not None
    assert abs(room.skill - 1250) < 5


def test_seats_of_those_who_left_a_running_match_are_filled_again_if_the_operator_likes() -> None:
    for backfill in (False, True):
        town = Town(start="full", max_players=3, backfill=backfill, reconnect_time=0)
        three = [play(town) for _ in range(3)]
        three[0].connection.disconnect()
        assert (play(town).room_id == three[1].room_id) == backfill
        assert play(town).room_id != three[1].room_id


def test_who_waits_may_stay_longer_than_who_does_nothing() -> None:
    town = Town(Limits(join_timeout=5, lobby_timeout=20), start="now", skill_widening=1)
    play(town, 1600)
    weak, watcher, idle = play(town, 400), town.connect(), town.connect()
    watcher.send({"type": "watch_rooms"})
    town.wait(8)
    assert idle.connection.close_code == 1008
    assert not weak.connection.closed
    weak.send({"type": "cancel"})
    town.wait(14)
    assert weak.connection.closed
    assert watcher.connection.closed


def test_programs_get_the_best_room_whatever_the_skill(town: Town) -> None:
    strong = play(town, 1600)
    info = PlayerInfo(player_id="x", name="X", skill=200.0)
    assert town.server.assign_player_to_room(info).room_id == strong.room_id
    assert town.server.assign_player_to_room(info, None, JoinOptions(create=True)).room_id != strong.room_id


# Reserved seats.


def test_who_waits_goes_on_waiting_while_the_server_takes_nobody(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    host, other = play(town, skill=500), play(town, skill=1500)
    assert other.messages("queued")
    with monkeypatch.context() as busy:
        busy.setattr(LoadShedding, "takes_nobody", True)
        town.wait(50)
        assert not other.room_id
    town.wait(1)
    assert other.room_id == host.room_id


def test_a_reserved_seat_is_kept_and_then_free_again(town: Town) -> None:
    host, friend, stranger = town.connect(), town.connect(), town.connect()
    town.join(host, options={"create": True, "max_players": 2})
    host.send({"type": "reserve", "room": host.room_id})
    reserved = host.last("reserved")
    assert (len(reserved["seats"]), reserved["expires_in"]) == (1, 15)
    stranger.join("S", host.room_id)
    assert stranger.errors() == ["room_full"]
    town.join(friend, seat=reserved["seats"][0])
    assert friend.room_id == host.room_id
    friend.send({"type": "leave"})
    town.join(friend, seat=reserved["seats"][0])
    assert friend.errors() == ["seat_expired"]
    host.send({"type": "reserve", "room": host.room_id})
    town.wait(15.1)
    stranger.join("S", host.room_id)
    assert stranger.room_id == host.room_id


def test_one_lot_at_a_time_and_no_more_than_half_of_other_peoples_room(town: Town) -> None:
    host, hoarder = play(town), town.connect()
    room = town.server.rooms[host.room_id]
    hoarder.send({"type": "reserve", "room": host.room_id, "seats": 3})
    # Nor where quick play finds that room.
    hoarder.send({"type": "reserve", "seats": 3})
    assert hoarder.errors() == ["room_full", "room_full"]
    for _ in range(3):
        hoarder.send({"type": "reserve", "room": host.room_id, "seats": 2})
        assert len(room.reservations) == 2
    hoarder.connection.disconnect()
    assert len(room.reservations) == 0
    with pytest.raises(JoinError, match="free seats"):
        town.server.reserve_seats(4, host.room_id)


def test_a_room_waits_for_those_it_keeps_seats_for() -> None:
    town = Town(start="full", max_players=3, bots=2, reservation_time=20, empty_grace=1)
    backend = town.connect()
    backend.send({"type": "reserve", "seats": 2, "options": {"create": True}})
    reserved = backend.last("reserved")
    town.wait(5)
    room = town.server.rooms[reserved["room_id"]]
    first, second = town.connect(), town.connect()
    town.join(first, seat=reserved["seats"][0])
    assert room.status == "waiting"
    town.join(second, seat=reserved["seats"][1])
    assert room.status == "in-progress"
    assert room.bots == 1


def test_a_match_begins_when_those_who_did_not_come_are_awaited_no_longer() -> None:
    town = Town(start="full", max_players=3, bots=2)
    host = town.connect()
    host.send({"type": "reserve", "seats": 2, "options": {"create": True}})
    town.join(host, seat=host.last("reserved")["seats"][0])
    town.wait(14)
    assert town.server.rooms[host.room_id].status == "waiting"
    town.wait(2)
    assert town.server.rooms[host.room_id].status == "in-progress"


@pytest.mark.parametrize("token", ["", "-", "NOSUCH-abc", "\u0000", "x" * 500])
def test_any_text_may_be_shown_as_a_token(town: Town, token: str) -> None:
    client = town.connect()
    town.join(client, seat=token)
    assert client.errors() == ["seat_expired"]


# The list.


@pytest.mark.parametrize("subprotocol", sorted(CODECS))
def test_the_list_tells_what_changes_at_most_twice_a_second(town: Town, subprotocol: str) -> None:
    first = play(town)
    watcher = town.playground.connect(subprotocol=subprotocol)
    watcher.send({"type": "watch_rooms"})
    assert [room["room_id"] for room in watcher.last("rooms")["rooms"]] == [first.room_id]
    assert watcher.last("rooms")["rooms"] == to_builtins(town.server.join_service.room_list.fullest(500)[0])
    town.wait(2)
    assert not watcher.messages("rooms_changed")
    for _ in range(20):
        client = play(town)
        town.wait(0.1)
        client.connection.disconnect()
    assert 3 <= len(watcher.messages("rooms_changed")) <= 5
    private = town.connect()
    town.join(private, options={"create": True})
    town.wait(1)
    listed = {room["room_id"] for message in watcher.messages("rooms_changed") for room in message["rooms"]}
    assert private.room_id not in listed
    first.send({"type": "leave"})
    town.wait(45)
    assert first.room_id in {room_id for message in watcher.messages("rooms_changed") for room_id in message["gone"]}
    assert town.server.rooms.keys() == {private.room_id}
    watcher.send({"type": "watch_rooms", "on": False})
    had = len(watcher.messages())
    play(town)
    town.wait(1)
    assert len(watcher.messages()) == had


def test_who_reads_too_slowly_gets_the_whole_list_later(town: Town) -> None:
    watcher = town.connect()
    watcher.send({"type": "watch_rooms"})
    watcher.connection.congested = True
    first = play(town)
    town.wait(1)
    assert not watcher.messages("rooms_changed")
    watcher.connection.congested = False
    town.wait(1)
    assert [room["room_id"] for room in watcher.last("rooms")["rooms"]] == [first.room_id]


def test_a_server_full_of_rooms_says_so() -> None:
    town = Town(Limits(max_rooms=1), start="now", max_players=1)
    play(town)
    assert play(town).errors() == ["server_full"]
    assert town.server.game is Race
