"""Several connections of one address are one stranger: in votes, for bans, and for ratings."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from rumpus.config import RoomOptions
from rumpus.protocol import JSON_SUBPROTOCOL, MSGPACK_SUBPROTOCOL
from tests.support.clients import RawClient
from tests.support.drift import Drift
from tests.support.serving import ServerThread, serving

pytestmark = pytest.mark.socket

HERE, THERE, ELSEWHERE = "127.0.0.2", "127.0.0.3", "127.0.0.4"
OPTIONS = RoomOptions(start="now", max_players=8, tick_rate=60, empty_grace=0)


@contextmanager
def room_of(server: ServerThread, *sources: str) -> Iterator[list[RawClient]]:
    """A public room with a guest from each of these addresses, who has no key; the first made it."""
    with ExitStack() as stack:
        kinds = (JSON_SUBPROTOCOL, MSGPACK_SUBPROTOCOL)
        clients = [
            stack.enter_context(RawClient(server.port, kinds[number % 2], source=source, polite=True))
            for number, source in enumerate(sources)
        ]
        clients[0].join("First", private=False, create=True)
        for number, client in enumerate(clients[1:], 2):
            client.join(f"Nr {number}", clients[0].room_id)
        yield clients


def test_two_connections_of_one_address_do_not_vote_the_first_player_out() -> None:
    with serving(Drift, OPTIONS) as server, room_of(server, HERE, THERE, THERE) as (first, one, other):
        for client in (one, other):
            client.send("call_vote", kind="kick", player_id=first.player_id)
            error = client.expect("error")
            assert (error["code"], "two addresses" in error["message"]) == ("not_possible", True)
        first.send("call_vote", kind="kick", player_id=one.player_id)
        assert first.expect("vote_started")["vote"]["needed"] == 2


def test_two_connections_of_one_address_are_one_voter() -> None:
    with serving(Drift, OPTIONS) as server, room_of(server, HERE, THERE, THERE, ELSEWHERE) as (first, one, other, fair):
        one.send("call_vote", kind="kick", player_id=first.player_id)
        vote = fair.expect("vote_started")["vote"]
        assert (vote["needed"], vote["counts"]) == (2, [1, 0])
        other.send("vote", id=vote["id"], choice=0)
        fair.send("vote", id=vote["id"], choice=1)
        # Two are for it; they are one, and one is against.
        assert fair.expect("vote_ended")["chosen"] is None
        one.send("ping", time=0)
        assert one.expect("pong")


def test_friends_around_a_table_have_a_vote_each() -> None:
    with serving(Drift, OPTIONS) as server, room_of(server, HERE, HERE, HERE) as (first, one, other):
        one.send("call_vote", kind="kick", player_id=first.player_id)
        other.send("vote", id=other.expect("vote_started")["vote"]["id"], choice=0)
        assert first.expect("player_left")["reason"] == "voted_out"


def come(client: RawClient, room: str, key: str, **more: str) -> str:
    """A guest comes with a key; what they are told."""
    client.send("join", name="Newcomer", room=room, guest=key * 16, **more)
    while (message := client.next_message())["type"] not in ("joined", "error"):
        pass
    return str(message.get("code", "joined"))


@pytest.mark.parametrize(("by_address", "answer"), [(True, "banned"), (False, "joined")])
def test_a_banned_guest_comes_back_with_a_new_key(by_address: bool, answer: str) -> None:
    options = RoomOptions(start="now", max_players=8, ban_addresses=by_address, empty_grace=0)
    with (
        serving(Drift, options) as server,
        room_of(server, HERE) as (host,),
        RawClient(server.port, source=THERE) as rough,
        RawClient(server.port, source=THERE) as again,
        RawClient(server.port, source=ELSEWHERE) as other,
    ):
        assert come(rough, host.room_id, "a") == "joined"
        host.send("kick", player_id=host.expect("player_joined")["player"]["player_id"], ban=True)
        assert rough.expect("player_left")["reason"] == "banned"
        assert come(rough, host.room_id, "a") == "banned"
        assert come(again, host.room_id, "b") == answer
        assert come(other, host.room_id, "c") == "joined"
        # Nor do they watch.
        assert come(rough, host.room_id, "d", role="spectator") == answer
