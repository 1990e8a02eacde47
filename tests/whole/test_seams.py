"""Where the parts of a server meet: what each does right alone, and once did wrong together."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from rumpus.config import Limits
from rumpus.protocol import MSGPACK_SUBPROTOCOL
from rumpus.testing import MemoryClient, Playground
from tests.support.race import Race
from tests.support.walkers import InTables, Plain


def watch_rooms(match: Playground) -> MemoryClient:
    client = match.connect()
    client.send({"type": "watch_rooms"})
    return client


def test_the_list_of_rooms_does_not_tell_the_codes_of_private_rooms() -> None:
    match = Playground(Race, max_players=4)
    watcher = watch_rooms(match)
    ann = match.connect("Ann", create=True, private=True)
    match.run(2)
    ann.send({"type": "leave"})
    match.run(20)
    assert ann.room_id not in match.server.rooms
    assert all(ann.room_id.encode() not in data for data in watcher.connection.sent)


def test_a_room_that_becomes_private_is_gone_once() -> None:
    match = Playground(Race, max_players=4)
    watcher = watch_rooms(match)
    ann = match.connect("Ann", create=True, private=False)
    match.run(1)
    for private in (True, False, True):
        ann.send({"type": "set_room", "private": private})
        match.run(1)
        match.connect("Ben", ann.room_id)
        match.run(1)
    told = [message["gone"] for message in watcher.messages("rooms_changed")]
    assert [gone for gone in told if gone] == [[ann.room_id], [ann.room_id]]


def test_the_list_is_costly_and_counts_for_many_messages() -> None:
    match = Playground(Race, Limits(max_messages_per_second=120))
    watcher = match.connect()
    for number in range(500):
        match.server.create_room(title=f"{number}")
    for _ in range(100):
        watcher.send({"type": "watch_rooms"})
    assert len(watcher.messages("rooms")) <= 30
    assert "rate_limited" in watcher.errors()


def test_who_is_matched_with_somebody_whose_match_fails_is_told_and_sits_nowhere() -> None:
    class Faulty(Plain):
        fails = False

        def initialize_game(self, settings: Any) -> None:
            super().initialize_game(settings)
            if self.fails:
                raise RuntimeError("on purpose")

    class Source:
        skills = iter((2000.0, 1000.0, 1010.0))

        def rating(self, account: str, callback: Any) -> None:
            callback(SimpleNamespace(points=0, skill=next(self.skills)))

    match = Playground(Faulty, ratings=Source(), start="now", max_players=2, skill_window=100, skill_widening=1)
    clients = []
    for number in range(3):
        # The second waits, for the first is too good for them; the third is to play with the second.
        Faulty.fails = number == 2
        clients.append(match.connect())
        clients[-1].send({"type": "join", "guest": f"guest-{number:016}"})
    assert match.server.counters.failed_rooms == 1
    assert clients[0].session.player is not None
    for client in clients[1:]:
        assert client.session.room is None
        assert client.errors() == ["game_error"]


def test_who_watches_and_gets_a_seat_that_their_party_kept_watches_no_more() -> None:
    match = Playground(Plain, start="now", max_players=4, max_spectators=4, reconnect_time=20)
    ann, ben = match.connect(), match.connect()
    ann.send({"type": "party", "name": "Ann"})
    ben.send({"type": "party", "name": "Ben", "code": ann.last("party")["code"]})
    ben.connection.disconnect()
    ann.send({"type": "join"})
    ben = match.connect()
    ben.send({"type": "join", "role": "spectator", "room": ann.room_id})
    ben.send({"type": "party", "name": "Ben", "code": ann.last("party")["code"]})
    assert ben.session.player is not None
    assert ben.session.spectator is None
    ben.send({"type": "leave"})
    assert match.server.rooms[ann.room_id].people == 1


def test_somebody_without_a_seat_cannot_reserve_a_whole_room_by_quick_play_either() -> None:
    match = Playground(Race, max_players=4)
    ann = match.connect("Ann")
    room = match.server.rooms[ann.room_id]
    stranger = match.connect()
    stranger.send({"type": "reserve", "seats": 3})
    assert len(room.reservations) <= 2
    for _ in range(3):
        other = match.connect()
        other.send({"type": "reserve", "seats": 2})
    assert len(room.reservations) <= 2


def test_choices_that_the_settings_do_not_take_end_the_room_and_not_the_farewell() -> None:
    class Careless(Plain):
        def next_choices(self, settings: Any) -> Any:
            return [("a", {"sides": 3}), ("b", {"nonsense": True})]

    match = Playground(Careless, start="full", min_players=2, max_players=2, reconnect_time=0)
    ann = match.connect("Ann")
    ben = match.connect("Ben", ann.room_id)
    ann.connection.disconnect()
    match.run(0.5)
    assert len(match.server.sessions) == 1
    assert match.server.rooms == {}
    assert ben.errors() == ["game_error"]


def test_a_room_remembers_so_many_who_were_sent_away_and_no_more() -> None:
    limits = Limits(max_messages_per_second=5000, max_room_messages_per_second=5000, max_cost_per_address=0)
    match = Playground(Race, limits, max_players=4)
    host = match.connect("Ann", create=True)
    room = match.server.rooms[host.room_id]
    for number in range(1100):
        # Each of them is remembered by key and by network.
        other = match.connect(address=f"10.0.{number // 250}.{number % 250}")
        other.send({"type": "join", "room": room.room_id, "guest": f"guest-{number:016}"})
        host.send({"type": "kick", "player_id": other.player_id, "ban": True})
        assert other.last("player_left")["reason"] == "banned"
        other.connection.disconnect()
    assert len(room._admission._banned) == 1000


def test_a_long_filter_counts_for_many_messages() -> None:
    match = Playground(Race)
    client = match.connect()
    for _ in range(150):
        client.send({"type": "join", "options": {"filter": {"goal": [*range(1, 32), 2000]}}})
    assert client.errors().count("bad_settings") < 100
    assert client.errors()[-1] == "rate_limited"


def test_who_is_out_hears_of_everybody_who_comes_and_goes() -> None:
    match = Playground(InTables, start="now", max_players=8, reconnect_time=5, spectator_delay=0.5)
    people = [match.connect(name, subprotocol=MSGPACK_SUBPROTOCOL) for name in "ABCDE"]
    match.run(0.2)
    people[0].input(fall=True)
    match.run(1)
    match.connect("Zoe", people[0].room_id)
    people[1].connection.disconnect()
    match.run(1)
    assert people[0].last("player_joined")["player"]["name"] == "Zoe"
    assert people[0].last("player_changed")["player"]["away"]


def test_a_new_name_of_a_member_is_told_even_if_the_join_fails() -> None:
    match = Playground(Race)
    ann = match.connect()
    ann.send({"type": "party", "name": "Ann"})
    ann.send({"type": "join", "name": "Zoe", "room": "NOROOM"})
    match.run(1)
    assert ann.last("party")["members"][0]["name"] == "Zoe"
