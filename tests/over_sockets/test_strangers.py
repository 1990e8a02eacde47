"""Whatever one address does has a price and a limit, over real sockets: each of these took a server down once.

Attackers have addresses of their own on the loopback interface (127.0.0.2 and up), as they have on the internet.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest

from rumpus.config import Limits, RoomOptions
from rumpus.server import GameServer
from tests.support.clients import RawClient
from tests.support.matches import until
from tests.support.race import Race
from tests.support.serving import ServerThread, serving

pytestmark = pytest.mark.socket

EVE, ANN = "127.0.0.66", "127.0.0.2"


@contextmanager
def server(options: RoomOptions | None = None, **limits: Any) -> Iterator[ServerThread]:
    options = options or RoomOptions(start="now", max_players=8)
    with serving(Race, options, Limits(**limits), strangers=True) as running:
        yield running


def until_pong(client: RawClient) -> list[dict[str, Any]]:
    """Everything that a client is told until all that it has said is answered."""
    client.send("ping", time=1.0)
    told = []
    while (message := client.next_message())["type"] != "pong":
        told.append(message)
    return told


def test_parties_of_those_who_hang_up_are_few() -> None:
    with server(max_held_per_address=5) as running:
        for _ in range(30):
            with RawClient(running.port, source=EVE) as eve:
                eve.send("party", name="Eve")
                eve.expect("party")
        with RawClient(running.port, source=ANN) as ann:
            ann.send("party", name="Ann")
            ann.expect("party")
            until(lambda: running.call(lambda server: len(server.sessions)) == 1)
            assert running.call(lambda server: len(server.join_service.parties)) == 6
            # They are not looked at until their time comes.
            assert (
                running.call(lambda server: list(server.join_service.parties._deadlines.due(server.clock.now()))) == []
            )


def test_another_connection_may_not_say_more_than_the_one_before() -> None:
    began = time.monotonic()
    with server(max_chats_per_address=1.0, max_chats_per_second=100) as running, ExitStack() as stack:
        ann = stack.enter_context(RawClient(running.port, source=ANN))
        room = ann.join("Ann")["room_id"]
        session = ""
        for attempt in range(5):
            with RawClient(running.port, source=EVE) as eve:
                if attempt % 2:
                    eve.send("resume", session=session)
                    session = eve.expect("joined")["session"]
                else:
                    session = eve.join("Eve", room)["session"]
                for _ in range(20):
                    eve.send("chat", text="spam")
                until_pong(eve)
        heard = sum(message["type"] == "chat" for message in until_pong(ann))
        assert 10 <= heard <= 10 + (time.monotonic() - began)


def test_another_connection_may_not_open_more_rooms_than_the_one_before() -> None:
    began = time.monotonic()
    with server(max_new_rooms_per_address=1.0, max_new_rooms_per_second=100) as running:
        told = []
        for _ in range(15):
            with RawClient(running.port, source=EVE) as eve:
                eve.send("join", options={"create": True})
                told.append(eve.next_message().get("code"))
        assert told[:10] == [None] * 10
        assert told.count("rate_limited") >= 15 - 10 - (time.monotonic() - began)
        with RawClient(running.port, source=ANN) as ann:
            assert ann.join("Ann", create=True)["room_id"]


def test_rooms_that_their_makers_abandon_do_not_play() -> None:
    options = RoomOptions(start="now", max_players=8, bots=7, empty_grace=60, reconnect_time=60)
    with server(options) as running, RawClient(running.port, source=ANN) as ann:
        ann.join("Ann")
        own = ann.room_id
        for number in range(4):
            with RawClient(running.port, source=EVE) as eve:
                eve.join("Eve", create=True)
                if number % 2:
                    eve.send("leave")
                    eve.expect("player_left")

        def ticks(server: GameServer) -> list[int]:
            return [room.current_tick for code, room in server.rooms.items() if code != own]

        until(lambda: running.call(lambda server: len(server.sessions)) == 1)
        before, played = running.call(ticks), running.call(lambda server: server.rooms[own].current_tick)
        until(lambda: running.call(lambda server: server.rooms[own].current_tick) > played + 30)
        assert running.call(ticks) == before
        assert len(before) == 4


def test_one_address_cannot_have_all_rooms() -> None:
    with server(max_rooms=12, max_rooms_per_address=6, max_new_rooms_per_address=100) as running, ExitStack() as stack:
        eves = [stack.enter_context(RawClient(running.port, source=EVE)) for _ in range(10)]
        for eve in eves:
            eve.send("join", options={"create": True})
        told = [eve.next_message().get("code") for eve in eves]
        assert (told.count(None), told.count("rate_limited")) == (6, 4)
        ann = stack.enter_context(RawClient(running.port, source=ANN))
        assert ann.join("Ann", create=True)["room_id"]


def test_codes_cannot_be_guessed() -> None:
    with server(max_wrong_codes=60) as running, ExitStack() as stack:
        ann, eve = (stack.enter_context(RawClient(running.port, source=source)) for source in (ANN, EVE))
        code = ann.join("Ann", create=True)["room_id"]
        errors = []
        for number in range(80):
            kind = ("join", "reserve", "watch", "party")[number % 4]
            wrong = f"ZZZ{number:03}"
            if kind == "party":
                eve.send("party", code=wrong)
            elif kind == "watch":
                eve.send("join", room=wrong, role="spectator")
            else:
                eve.send(kind, room=wrong)
            errors.append(eve.error())
        assert set(errors[:60]) == {"room_not_found", "party_not_found"}
        assert errors[-1] == "rate_limited"
        # Nor with another connection, nor is a right one told from a wrong one.
        with RawClient(running.port, source=EVE) as again:
            again.send("join", room=code)
            assert again.error() == "rate_limited"
        with RawClient(running.port, source="127.0.0.3") as ben:
            assert ben.join("Ben", code)["room_id"] == code
        assert running.call(lambda server: server.counters.wrong_codes) >= 60


def test_networks_that_the_operator_names_are_not_held_back() -> None:
    limits = Limits(max_wrong_codes=1, max_new_rooms_per_address=0.1, max_cost_per_address=0.01)
    with serving(Race, limits=limits, strangers=True, unlimited=["127.0.0.64/26"]) as running:
        with RawClient(running.port, source=EVE) as eve:
            for number in range(20):
                eve.send("join", room=f"ZZZ{number:03}")
                assert eve.error() == "room_not_found"
        with RawClient(running.port, source=ANN) as ann:
            for _ in range(2):
                ann.send("join", room="ZZZ999")
                last = ann.error()
            assert last == "rate_limited"


def test_people_at_an_address_play_on_while_somebody_there_asks_for_too_much() -> None:
    options = RoomOptions(start="now", max_players=8)
    with server(options, max_cost_per_address=0.02) as running, ExitStack() as stack:
        ann = stack.enter_context(RawClient(running.port, source=EVE))
        ann.join("Ann")
        eves = [stack.enter_context(RawClient(running.port, source=EVE)) for _ in range(5)]
        for _ in range(20):
            for eve in eves:
                eve.send("join", room="ZZZ999")
        assert any("rate_limited" in {eve.error() for _ in range(20)} for eve in eves)
        for seq in range(1, 30):
            ann.send("input", seq=seq, data={})
        until(lambda: running.call(lambda server: next(iter(server.rooms.values())).present()[0].input.ack) == 29)
