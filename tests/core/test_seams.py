"""Where the parts of a server meet: what each does right alone, and once did wrong together."""

from __future__ import annotations

from typing import Any

import pytest

from rumpus.config import Limits
from rumpus.testing import MemoryClient, Playground
from tests.core.walkers import Plain
from tests.games import Race


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
    for _ in range(100):
        watcher.send({"type": "watch_rooms"})
    assert len(watcher.messages("rooms")) <= 12
    assert "rate_limited" in watcher.errors()


def test_who_is_matched_with_somebody_whose_match_fails_is_told_and_sits_nowhere() -> None:
    class Faulty(Plain):
        def initialize_game(self, settings: Any) -> None:
            raise RuntimeError("on purpose")

    class Source:
        def rating(self, account: str, callback: Any) -> None:
            class Known:
                points, skill = 0, 1000.0 + 500.0 * account.endswith(second)

            callback(Known())

    from rumpus.identity import guest_account

    second = guest_account("guest-0000000000000002")
    Faulty.max_players = 2
    match = Playground(Faulty, ratings=Source(), start="now", max_players=2, skill_window=100, skill_widening=50)
    # A room near in settings, far in skill, keeps the first one waiting.
    clients = []
    for number in (1, 2):
        client = match.connect()
        client.send({"type": "join", "guest": f"guest-000000000000000{number}"})
        clients.append(client)
    match.run(20)
    for client in clients:
        assert client.session.room is None or client.session.room.room_id in match.server.rooms
        assert client.session.player is None


def test_somebody_without_a_seat_cannot_reserve_a_whole_room_by_quick_play_either() -> None:
    match = Playground(Race, max_players=4)
    ann = match.connect("Ann")
    room = match.server.rooms[ann.room_id]
    stranger = match.connect()
    stranger.send({"type": "reserve", "seats": 3})
    assert len(room.reserved) <= 2
    for _ in range(3):
        other = match.connect()
        other.send({"type": "reserve", "seats": 2})
    assert len(room.reserved) <= 2


def test_choices_that_the_settings_do_not_take_end_the_room_and_not_the_farewell() -> None:
    class Careless(Plain):
        def next_choices(self, settings: Any) -> Any:
            return [("a", {"sides": 3}), ("b", {"nonsense": True})]

    match = Playground(Careless, start="full", max_players=2, reconnect_time=0)
    ann = match.connect("Ann")
    ben = match.connect("Ben", ann.room_id)
    ann.connection.disconnect()
    match.run(0.5)
    assert len(match.server.sessions) == 1
    assert "game_error" in ben.errors() or ben.session.room is not None


def test_a_new_name_of_a_member_is_told_even_if_the_join_fails() -> None:
    match = Playground(Race)
    ann = match.connect()
    ann.send({"type": "party", "name": "Ann"})
    ann.send({"type": "join", "name": "Zoe", "room": "NOROOM"})
    match.run(1)
    assert ann.last("party")["members"][0]["name"] == "Zoe"


if __name__ == "__main__":
    pytest.main([__file__])
