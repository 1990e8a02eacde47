"""What a room tells of a match for its rating: from where people played, for how long, and whether they did a thing."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
import pytest

import rumpus
from rumpus.results.rating import Rating
from rumpus.results.record import MatchRecord
from rumpus.results.storage.store import RatingChange, Written
from rumpus.testing import MemoryClient, Playground
from tests.support.race import Race


class Sway(rumpus.Game):
    """Players lean to and fro until the time is over."""

    max_players = 4

    class Input(rumpus.Input):
        lean: Annotated[float, msgspec.Meta(ge=-1, le=1)] = 0

    class Settings(rumpus.Settings):
        seconds: int = 60

    def initialize_game(self, settings: Any) -> None:
        self.left = settings.seconds

    def update(self, delta_time: float) -> None:
        self.left -= delta_time

    def is_game_over(self) -> bool | str:
        return "time" if self.left < 1e-6 else False


def come(playground: Playground, name: str, address: str, **more: Any) -> MemoryClient:
    """A guest with a key, so that there is an account to be rated."""
    client = playground.connect(address=address)
    client.send({"type": "join", "name": name, "guest": f"the-key-of-{name:->20}", **more})
    return client


def sway(playground: Playground, seconds: float, *clients: MemoryClient) -> None:
    """These people play for a while, changing what they do each second; so time passes."""
    for second in range(round(seconds)):
        for client in clients:
            client.input(lean=second % 2)
        playground.run(1)


def last(playground: Playground) -> MatchRecord:
    return playground.server.results[-1]


def two(start: str = "countdown", **options: Any) -> tuple[Playground, MemoryClient, MemoryClient]:
    playground = Playground(Sway, start=start, countdown=0, tick_rate=30, **{"max_players": 4, **options})
    ann, ben = come(playground, "Ann", "192.0.2.1"), come(playground, "Ben", "192.0.2.2")
    playground.run(0.1)
    assert ben.messages("game_started")
    return playground, ann, ben


def test_strangers_who_play_are_rated_and_told_nothing_else() -> None:
    playground, ann, ben = two()
    sway(playground, 61, ann, ben)
    assert last(playground).unrated is None
    assert "unrated" not in ann.last("game_over")


def test_one_who_never_moves_leaves_a_duel_unrated_and_everybody_is_told() -> None:
    playground, ann, ben = two()
    sway(playground, 61, ann)
    assert last(playground).unrated == "idle"
    assert [line.unrated for line in last(playground).results if line.name == "Ben"] == ["idle"]
    assert ben.last("game_over")["unrated"] == "idle"


def test_a_client_that_repeats_itself_for_somebody_who_is_gone_is_idle() -> None:
    playground, ann, ben = two()
    for second in range(61):
        ann.input(lean=second % 2)
        ben.input(lean=1)
        playground.run(1)
    assert [line.unrated for line in last(playground).results if line.name == "Ben"] == ["idle"]


def test_clients_that_name_ticks_are_looked_at_in_the_same_way() -> None:
    playground, ann, ben = two()
    room = playground.server.rooms[ann.room_id]
    for step in range(61 * 5):
        ann.timed_input(room.current_tick + 2, lean=step // 5 % 2)
        # The page of somebody who is gone goes on saying the same, and falls silent now and then.
        if step % 100 < 90:
            ben.timed_input(room.current_tick + 2, lean=0)
        playground.run(0.2)
        if ann.messages("game_over"):
            break
    by_name = {line.name: line.unrated for line in last(playground).results}
    assert by_name == {"Ann": None, "Ben": "idle"}


@pytest.mark.parametrize(("share", "unrated"), [(0.1, "idle"), (0.5, None)])
def test_who_goes_away_in_the_middle_has_played(share: float, unrated: str | None) -> None:
    playground, ann, ben = two()
    sway(playground, round(60 * share), ann, ben)
    sway(playground, 61 - round(60 * share), ann)
    assert last(playground).unrated == unrated


def test_whoever_is_out_is_not_idle_for_it() -> None:
    playground, ann, ben = two()
    sway(playground, 5, ann, ben)
    room = playground.server.rooms[ann.room_id]
    room.game.eliminate(ben.player_id)
    sway(playground, 56, ann)
    assert last(playground).unrated is None


def test_whoever_comes_for_the_end_is_not_rated() -> None:
    playground, ann, ben = two()
    sway(playground, 40, ann, ben)
    cid = come(playground, "Cid", "192.0.2.3")
    sway(playground, 21, ann, ben, cid)
    by_name = {line.name: line.unrated for line in last(playground).results}
    assert by_name == {"Ann": None, "Ben": None, "Cid": "short"}


def test_a_room_that_was_private_for_a_moment_was_private() -> None:
    playground = Playground(Sway, start="now", max_players=4)
    ann = come(playground, "Ann", "192.0.2.1", options={"create": True, "private": False})
    ben = come(playground, "Ben", "192.0.2.2", room=ann.room_id)
    sway(playground, 20, ann, ben)
    for private in (True, False):
        ann.send({"type": "set_room", "private": private})
    sway(playground, 41, ann, ben)
    assert ann.last("game_over")["unrated"] == "private"
    playground.run(9)
    sway(playground, 61, ann, ben)
    assert last(playground).unrated is None


def test_whoever_was_in_one_network_at_any_time_counts_as_being_there() -> None:
    """A seat that is resumed from elsewhere does not make a stranger of somebody."""
    playground = Playground(Sway, start="countdown", countdown=0)
    ann, ben = come(playground, "Ann", "2001:db8::1"), come(playground, "Ben", "2001:db8::2")
    sway(playground, 30, ann, ben)
    ben.connection.disconnect()
    ben = playground.resume(ben, "198.51.100.7")
    sway(playground, 31, ann, ben)
    room = playground.server.rooms[ann.room_id]
    assert room.players[ben.player_id].networks == ["2001:db8::/64", "198.51.100.7"]
    assert last(playground).unrated == "same_address"
    # And who is away at the end is where they were last.
    playground.run(9)
    ann.connection.disconnect()
    ann = playground.resume(ann, "203.0.113.1")
    assert room.players[ann.player_id].network == "203.0.113.1"
    ann.connection.disconnect()
    assert room.players[ann.player_id].network == "203.0.113.1"


def test_a_seat_remembers_few_networks() -> None:
    playground, ann, _ = two()
    for number in range(20):
        ann.connection.disconnect()
        ann = playground.resume(ann, f"203.0.113.{number}")
    room = playground.server.rooms[ann.room_id]
    assert room.players[ann.player_id].networks == [f"203.0.113.{number}" for number in range(12, 20)]


def test_commands_count_each_although_they_are_the_same() -> None:
    playground = Playground(Race, start="countdown", countdown=0, max_players=2, settings={"goal": "40"})
    ann, ben = come(playground, "Ann", "192.0.2.1"), come(playground, "Ben", "192.0.2.2")
    for second in range(41):
        ann.input(step=1)
        if second % 20 == 10:
            ben.input(step=1)
        playground.run(1)
    record = last(playground)
    assert (record.unrated, [line.unrated for line in record.results]) == (None, [None, None])


def test_who_was_left_out_of_a_rated_match_is_told_why_and_nobody_else_is() -> None:
    playground = Playground(Sway, start="full", max_players=4)
    names = {"Ann": "192.0.2.1", "Ann2": "192.0.2.1", "Ben": "192.0.2.2", "Cid": "192.0.2.3"}
    clients = [come(playground, name, address) for name, address in names.items()]
    sway(playground, 61, *clients)
    record = last(playground)
    assert record.unrated is None
    ben, cid = (line.account for line in record.results if line.name in ("Ben", "Cid"))
    changes = [RatingChange(str(account), Rating(), Rating(26.0, 7.0)) for account in (ben, cid)]
    playground.server.ended.rated(Written(record.match_id, changes))
    told = [[message["text"] for message in client.messages("notice")] for client in clients]
    assert told[:2] == [["Not rated: you and an opponent play from one address."]] * 2
    assert told[2:] == [[], []]
    assert len(clients[0].last("rated")["ratings"]) == 2


def test_a_host_who_sends_the_opponent_away_wins_nothing() -> None:
    playground = Playground(Sway, start="full", max_players=2, min_players=2)
    ann = come(playground, "Ann", "192.0.2.1", options={"create": True, "private": False})
    ben = come(playground, "Ben", "192.0.2.2", room=ann.room_id)
    sway(playground, 40, ann, ben)
    ann.send({"type": "kick", "player_id": ben.player_id})
    assert ann.last("game_over")["reason"] == "players_left"
    assert last(playground).unrated == "sent_away"


def test_whoever_left_a_closed_match_is_in_it_from_where_they_were() -> None:
    playground = Playground(Sway, start="full", max_players=3, min_players=2)
    ann, ben = come(playground, "Ann", "192.0.2.1"), come(playground, "Ben", "192.0.2.2")
    ann_too = come(playground, "Ann2", "192.0.2.1")
    sway(playground, 40, ann, ben, ann_too)
    ann_too.send({"type": "leave"})
    sway(playground, 21, ann, ben)
    by_name = {line.name: (line.left, line.unrated) for line in last(playground).results}
    assert by_name == {"Ann": (False, "same_address"), "Ben": (False, None), "Ann2": (True, "same_address")}
    assert last(playground).unrated == "same_address"
