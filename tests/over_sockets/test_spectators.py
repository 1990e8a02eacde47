"""Watching a match over real sockets, with a client that is not ours."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from rumpus.config import RoomOptions
from rumpus.protocol import JSON_SUBPROTOCOL, MSGPACK_SUBPROTOCOL
from tests.support.clients import watched
from tests.support.drift import Drift
from tests.support.foreign_client import BOTH, Client
from tests.support.serving import serving

pytestmark = pytest.mark.socket

DELAY = 0.4


def error_of(client: Client) -> str:
    """The code of the next error."""
    while (message := client.next_message())["type"] != "error":
        pass
    return str(message["code"])


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    options = RoomOptions(
        start="now", tick_rate=60, empty_grace=0, results_time=0.2, spectator_delay=DELAY, reconnect_time=0
    )
    with serving(Drift, options) as server, watched(server):
        yield server.port


@BOTH
def test_a_match_is_watched_late_and_whole(port: int, subprotocol: str) -> None:
    with Client(port, subprotocol) as ann, Client(port, subprotocol) as wil, Client(port, JSON_SUBPROTOCOL) as xil:
        room = ann.join(name="Ann", options={"create": True})["room_id"]
        ann.expect("state")
        wil.send("join", role="spectator", room=room)
        assert 0 < wil.expect("watching")["starts_in"] <= DELAY + 0.1
        joined = wil.expect("joined")
        assert (joined["role"], joined["room_id"]) == ("spectator", room)
        ann.send("input", seq=1, data={"move": 1, "label": "here"})
        sent = time.monotonic()
        me = joined["players"][0]["player_id"]
        while wil.state is None or wil.state["where"][me]["label"] != "here":
            wil.next_message()
        # What a player did just now nobody who watches can know.
        assert time.monotonic() - sent >= DELAY
        xil.send("join", role="spectator", room=room)
        xil.expect("joined")
        xil.expect("state")
        while xil.tick < wil.tick:
            xil.next_message()
        while wil.tick < xil.tick:
            wil.next_message()
        assert wil.state == xil.state
        ann.send("leave")
        ann.expect("player_left")
        for client in (wil, xil):
            while (left := client.expect("player_left"))["player_id"] == me:
                pass
            assert left["reason"] == "closed"


@pytest.mark.parametrize("subprotocol", [MSGPACK_SUBPROTOCOL])
def test_players_and_spectators_take_turns(port: int, subprotocol: str) -> None:
    with Client(port, subprotocol) as ann, Client(port, subprotocol) as wil:
        room = ann.join(name="Ann", options={"create": True})["room_id"]
        for _ in range(3):
            wil.send("join", role="spectator", room=room, name="Wil")
            wil.expect("joined")
            wil.send("chat", text="hello")
            assert wil.expect("chat")["spectator"] is True
            wil.send("leave")
            wil.expect("player_left")
            wil.tick, wil.state = -1, None
        assert wil.join(name="Wil", room=room).get("role", "player") == "player"


@BOTH
def test_what_spectators_may_not_do_is_said_and_costs_nothing(port: int, subprotocol: str) -> None:
    with Client(port, subprotocol) as ann, Client(port, subprotocol) as wil:
        room = ann.join(name="Ann", options={"create": True})["room_id"]
        wil.send("join", role="spectator", room="NOWHER")
        assert error_of(wil) == "room_not_found"
        wil.send("join", role="judge", room=room)
        assert error_of(wil) == "bad_message"
        wil.send("join", role="spectator", room=room)
        wil.expect("joined")
        for message in ({"type": "input", "seq": 1, "data": {}}, {"type": "team", "team": "red"}):
            wil.send(**message)
            assert error_of(wil) == "spectating"
        wil.send("join", role="spectator", room=room)
        assert error_of(wil) == "already_joined"
        wil.send("ping", time=1)
        wil.expect("pong")
        others = [Client(port, subprotocol) for _ in range(16)]
        with ExitStack() as stack:
            for number, other in enumerate(others):
                stack.enter_context(other).send("join", role="spectator", room=room)
                if number == 15:
                    assert error_of(other) == "spectators_full"
