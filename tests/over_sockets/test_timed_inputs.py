"""Inputs for named ticks over real sockets, sent by a client that is not ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
import pytest
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

import rumpus
from rumpus.config import RoomOptions
from rumpus.protocol import JSON_SUBPROTOCOL, MSGPACK_SUBPROTOCOL
from rumpus.server import GameServer
from tests.support.serving import PATIENCE, ServerThread, serving

pytestmark = pytest.mark.socket


class Mover(rumpus.Game):
    """One step per input, as far as a game may trust in one input per tick."""

    max_players = 1
    min_players = 1

    class Input(rumpus.Input):
        x: int = 0

    def initialize_game(self, settings: Any) -> None:
        self.steps = self.ticks = 0

    def process_input(self, player_id: str, input_data: Any) -> None:
        self.steps += input_data.x

    def update(self, delta_time: float) -> None:
        self.ticks += 1

    def get_game_state(self) -> Any:
        return {"steps": self.steps, "ticks": self.ticks}


@pytest.fixture(scope="module")
def server() -> Iterator[ServerThread]:
    with serving(Mover, RoomOptions(start="now", tick_rate=60, empty_grace=0, reconnect_time=0)) as server:
        yield server
        assert not server.errors.records, server.errors.texts()


class Player:
    """A client that keeps what it was told last."""

    def __init__(self, socket: ClientConnection, subprotocol: str) -> None:
        self.socket = socket
        self.codec: Any = msgspec.json if subprotocol == JSON_SUBPROTOCOL else msgspec.msgpack
        self.seq = 0
        self.state: dict[str, Any] = {}
        self.send(type="join", name="Ann", options={"create": True})
        self.until("game_started")
        self.snapshot()

    def send(self, **message: Any) -> None:
        data = self.codec.encode(message)
        self.socket.send(data.decode() if self.codec is msgspec.json else data)

    def input(self, tick: int, **more: Any) -> int:
        self.seq += 1
        self.send(type="input", seq=self.seq, tick=tick, **{"data": {"x": 1}, **more})
        return self.seq

    def receive(self) -> dict[str, Any]:
        message: dict[str, Any] = self.codec.decode(self.socket.recv(PATIENCE))
        self.state.update(message.get("state") or message.get("patch") or {})
        return message

    def until(self, *kinds: str) -> dict[str, Any]:
        while True:
            message = self.receive()
            if message["type"] in kinds:
                return message

    def snapshot(self) -> dict[str, Any]:
        return self.until("state", "delta")


@contextmanager
def playing(server: ServerThread, subprotocol: str = JSON_SUBPROTOCOL) -> Iterator[Player]:
    with connect(
        f"ws://127.0.0.1:{server.port}/ws", subprotocols=[Subprotocol(subprotocol)], compression=None
    ) as socket:
        yield Player(socket, subprotocol)


@pytest.mark.parametrize("subprotocol", [JSON_SUBPROTOCOL, MSGPACK_SUBPROTOCOL])
def test_an_input_waits_for_its_tick_and_comes_back_with_its_margin(server: ServerThread, subprotocol: str) -> None:
    with playing(server, subprotocol) as player:
        tick = player.snapshot()["tick"] + 30
        seq = player.input(tick)
        while (message := player.snapshot()).get("ack") != seq:
            assert player.state["steps"] == 0
        assert message["tick"] == tick
        assert 0.0 < message["margin"] <= 31 / 60
        assert player.snapshot()["tick"] > tick
        assert player.state["steps"] >= 1


def test_ticks_far_ahead_or_behind_are_refused_with_bad_tick_when_it_persists(server: ServerThread) -> None:
    with playing(server) as player:
        while player.snapshot()["tick"] < 70:
            pass
        for away in (10_000, 2**53 - 1):
            for _ in range(10):
                player.input(away)
            assert player.until("error")["code"] == "bad_tick"
        for _ in range(10):
            player.input(0)
        assert player.until("error")["code"] == "bad_tick"
        assert "ack" not in player.snapshot()
        assert player.state["steps"] == 0
        # The connection goes on, and so does the game.
        seq = player.input(player.snapshot()["tick"] + 6)
        while player.snapshot().get("ack") != seq:
            pass


@pytest.mark.parametrize("subprotocol", [JSON_SUBPROTOCOL, MSGPACK_SUBPROTOCOL])
def test_an_input_for_an_earlier_tick_rewrites_nothing(server: ServerThread, subprotocol: str) -> None:
    with playing(server, subprotocol) as player:
        tick = player.snapshot()["tick"] + 40
        kept = player.input(tick, data={"x": 0})
        for earlier in range(10):
            player.input(tick - 1 - earlier, data={"x": 1})
        assert player.until("error")["code"] == "bad_tick"
        while (message := player.snapshot()).get("ack") != kept:
            assert "ack" not in message
        assert message["tick"] == tick
        assert player.state["steps"] == 0
        # The connection goes on, and so does the game.
        seq = player.input(tick + 20)
        while player.snapshot().get("ack") != seq:
            pass
        assert player.state["steps"] >= 1


def test_a_flood_and_a_burst_of_timed_inputs_gain_nothing(server: ServerThread) -> None:
    with playing(server) as player:
        tick = player.snapshot()["tick"]
        for ahead in range(100):
            player.input(tick + 1 + ahead % 5, seen=-1e9)
        for _ in range(60):
            player.snapshot()
        assert 0 < player.state["steps"] <= player.state["ticks"] - tick


@pytest.mark.parametrize("seen", [-1e9, 0, 2.5, 1e12])
def test_a_picture_that_nobody_can_have_seen_is_no_fault(server: ServerThread, seen: float) -> None:
    with playing(server) as player:
        seq = player.input(player.snapshot()["tick"] + 4, seen=seen)
        while player.snapshot().get("ack") != seq:
            pass


@pytest.mark.parametrize("field", [{"tick": -1}, {"tick": 1.5}, {"tick": 2**53}, {"seen": "now"}, {"tick": "3"}])
def test_ticks_that_are_none_are_bad_messages(server: ServerThread, field: dict[str, Any]) -> None:
    with playing(server) as player:
        player.send(**{"type": "input", "seq": 1, "data": {}, "tick": 5, **field})
        assert player.until("error")["code"] == "bad_message"


def test_a_seen_that_is_not_finite_is_a_bad_message(server: ServerThread) -> None:
    with playing(server, MSGPACK_SUBPROTOCOL) as player:
        for number in (float("nan"), float("inf")):
            player.send(type="input", seq=1, data={}, tick=5, seen=number)
            assert player.until("error")["code"] == "bad_message"


def test_the_server_measures_the_round_trip_with_pings_that_every_library_answers(server: ServerThread) -> None:
    with playing(server) as player:

        def measured(game_server: GameServer) -> float:
            seated = next(iter(game_server.players.values())).player
            assert seated is not None
            return seated.input.round_trip.median

        before = server.call(measured)
        while (median := server.call(measured)) == before:
            player.input(player.snapshot()["tick"] + 4)
        assert 0 < median < PATIENCE
