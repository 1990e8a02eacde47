"""After a resume, the token of before is good until the client is heard of, and not a moment longer."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from rumpus.config import RoomOptions
from tests.support.drift import Drift
from tests.support.foreign_client import BOTH, Client
from tests.support.serving import serving

pytestmark = pytest.mark.socket


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with serving(Drift, RoomOptions(start="now", max_players=8, reconnect_time=60)) as server:
        yield server.port


def ping(client: Client) -> None:
    client.send("ping", time=1)
    client.expect("pong")


def input_of_a_match(client: Client) -> None:
    # Before the match begins it would count for nothing.
    client.state_after(0)
    client.send("input", seq=1, data={"move": 1})
    while client.ack < 1:
        client.next_message()


def nonsense(client: Client) -> None:
    client.send("nonsense")
    while client.next_message()["type"] != "error":
        pass


@BOTH
@pytest.mark.parametrize("says", [ping, input_of_a_match, nonsense])
def test_the_first_word_on_a_new_connection_ends_the_old_token(
    port: int, subprotocol: str, says: Callable[[Client], None]
) -> None:
    with Client(port, subprotocol) as first, Client(port, subprotocol) as second, Client(port, subprotocol) as thief:
        old = first.join(name="Ann", options={"create": True})["session"]
        second.send("resume", session=old, serial=0)
        mine = second.expect("joined")["player_id"]
        says(second)
        thief.send("resume", session=old, serial=0)
        assert thief.next_message()["code"] == "session_expired"
        ping(second)
        with Client(port, subprotocol) as third:
            third.send("resume", session=old, serial=0)
            assert third.next_message()["code"] == "session_expired"
        assert mine


@BOTH
def test_who_was_not_heard_of_may_come_back_by_the_old_token(port: int, subprotocol: str) -> None:
    with Client(port, subprotocol) as first, Client(port, subprotocol) as second, Client(port, subprotocol) as third:
        joined = first.join(name="Ann", options={"create": True})
        for client in (second, third):
            client.send("resume", session=joined["session"], serial=0)
            assert client.expect("joined")["player_id"] == joined["player_id"]
