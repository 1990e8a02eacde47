"""The ordinary course of things with a client that is not ours: the `websockets` library, on both sub-protocols."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

import msgspec
import pytest
from websockets.exceptions import ConnectionClosed

from rumpus.config import RoomOptions
from rumpus.protocol import JSON_SUBPROTOCOL, MSGPACK_SUBPROTOCOL
from tests.support.clients import watched
from tests.support.drift import Drift
from tests.support.foreign_client import BOTH, Client
from tests.support.serving import PATIENCE, serving

pytestmark = pytest.mark.socket


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    options = RoomOptions(start="now", tick_rate=60, empty_grace=0, reconnect_time=0, results_time=0.2)
    with serving(Drift, options) as server, watched(server):
        yield server.port


@BOTH
def test_joining_tells_everything_a_client_needs(port: int, subprotocol: str) -> None:
    with Client(port, subprotocol) as ann:
        joined = ann.join(name="Ann", options={"create": True, "settings": {"sides": True}})
        assert joined["game"] == "drift"
        assert joined["status"] == "waiting"
        assert joined["private"] is True
        assert (joined["tick_rate"], joined["send_rate"], joined["max_players"]) == (60, 60, 3)
        assert joined["teams"] == ["red", "blue"]
        assert joined["settings"]["sides"] is True
        assert joined["schema"]["input"]["properties"]["move"] == {
            "type": "number",
            "minimum": -1,
            "maximum": 1,
            "default": 0,
        }
        assert joined["players"] == [{"player_id": joined["player_id"], "name": "Ann", "team": "red", "bot": False}]
        assert ann.expect("game_started")["settings"]["sides"] is True
        assert ann.expect("state")["tick"] == 1


@BOTH
def test_inputs_move_a_player_and_are_acknowledged(port: int, subprotocol: str) -> None:
    with Client(port, subprotocol) as ann:
        me = ann.join(name="Ann", options={"create": True})["player_id"]
        ann.send("input", seq=1, data={"move": 0.5, "label": "right"})
        while ann.ack < 1:
            ann.next_message()
        ann.send("input", seq=2, data={"move": 0, "label": "ö"})
        while ann.ack < 2:
            ann.next_message()
        assert ann.state["where"][me]["x"] > 0
        assert ann.state["where"][me]["label"] == "ö"


@BOTH
def test_deltas_lead_to_the_same_state_as_a_whole_one(port: int, subprotocol: str) -> None:
    with Client(port, subprotocol) as ann, Client(port, subprotocol) as ben:
        joined = ann.join(name="Ann", options={"create": True})
        ann.send("input", seq=1, data={"move": 1})
        while ann.deltas < 20:
            ann.next_message()
        ben.join(name="Ben", room=joined["room_id"])
        ben.expect("state")
        whole, tick = msgspec.json.decode(msgspec.json.encode(ben.state)), ben.tick
        while ann.tick < tick:
            ann.next_message()
        assert ann.tick == tick
        assert ann.state == whole
        assert ann.deltas > 20
        # A player who leaves disappears by a patch too.
        ben.send("leave")
        ben.expect("player_left")
        ann.expect("player_left")
        ann.expect("delta")
        assert list(ann.state["where"]) == [joined["player_id"]]


@BOTH
def test_chat_reaches_everyone_in_the_room_and_nobody_else(port: int, subprotocol: str) -> None:
    with Client(port, subprotocol) as ann, Client(port, JSON_SUBPROTOCOL) as ben, Client(port, subprotocol) as eve:
        joined = ann.join(name="Ann", options={"create": True})
        assert ben.join(name="Ann", room=joined["room_id"])["players"][1]["name"] == "Ann 2"
        eve.join(name="Eve", options={"create": True})
        assert ann.expect("player_joined")["player"]["name"] == "Ann 2"
        ann.send("chat", text="¡hola! 👋")
        for client in (ann, ben):
            assert client.expect("chat") == {
                "type": "chat",
                "player_id": joined["player_id"],
                "name": "Ann",
                "text": "¡hola! 👋",
                "serial": 1,
            }
        eve.send("ping", time=1)
        while (message := eve.next_message())["type"] != "pong":
            assert message["type"] != "chat"


@BOTH
def test_pings_measure_the_way_there_and_back(port: int, subprotocol: str) -> None:
    with Client(port, subprotocol) as ann:
        ann.send("ping", time=12.25)
        first = ann.expect("pong")
        assert (first["time"], first["tick"]) == (12.25, 0)
        ann.join(name="Ann", options={"create": True})
        ann.expect("delta")
        ann.send("ping", time=13)
        second = ann.expect("pong")
        assert second["tick"] >= 2
        assert second["server_time"] > first["server_time"]
        # Those of WebSocket itself work too.
        assert ann.socket.ping().wait(PATIENCE)


@BOTH
def test_leaving_keeps_the_connection_for_the_next_room(port: int, subprotocol: str) -> None:
    with Client(port, subprotocol) as ann:
        first = ann.join(name="Ann", options={"create": True})
        ann.send("leave")
        assert ann.expect("player_left") == {
            "type": "player_left",
            "player_id": first["player_id"],
            "reason": "left",
        }
        ann.tick = -1
        second = ann.join(name="Ann", options={"create": True})
        assert second["room_id"] != first["room_id"]
        assert ann.expect("state")["tick"] == 1
        ann.expect("delta")


@BOTH
def test_a_match_ends_with_results_and_another_begins(port: int, subprotocol: str) -> None:
    with Client(port, subprotocol) as ann, Client(port, subprotocol) as ben:
        joined = ann.join(name="Ann", options={"create": True, "settings": {"goal": 3}})
        me = joined["player_id"]
        other = ben.join(name="Ben", room=joined["room_id"])["player_id"]
        for seq in range(3):
            ann.send("input", seq=seq, data={"fire": True})
        for client in (ann, ben):
            over = client.expect("game_over")
            assert over["reason"] == "goal_reached"
            assert over["next_in"] == 0.2
            assert over["results"] == [
                {"player_id": me, "name": "Ann", "score": 3, "rank": 1},
                {"player_id": other, "name": "Ben", "score": 0, "rank": 2},
            ]
            assert client.state["scores"] == {me: 3, other: 0}
            client.expect("room_reset")
            client.tick = -1
            assert client.expect("game_started")["tick"] == 0
            assert client.expect("state")["state"]["scores"] == {me: 0, other: 0}
            assert client.expect("delta")["tick"] == 2


def test_quick_play_brings_people_together(port: int) -> None:
    with Client(port, JSON_SUBPROTOCOL) as ann, Client(port, MSGPACK_SUBPROTOCOL) as ben:
        assert ann.join(name="Ann")["room_id"] == ben.join(name="Ben")["room_id"]
        for client in (ann, ben):
            client.expect("delta")


def test_bytes_in_json_and_text_in_messagepack_are_told_and_forgiven(port: int) -> None:
    with Client(port, JSON_SUBPROTOCOL) as ann, Client(port, MSGPACK_SUBPROTOCOL) as ben:
        for client, data in ((ann, b'{"type":"ping","time":1}'), (ben, '{"type":"ping","time":1}')):
            client.socket.send(data)
            assert client.next_message()["code"] == "bad_message"
            client.send("ping", time=1)
            client.expect("pong")


def test_fragments_as_the_library_makes_them_are_joined(port: int) -> None:
    with Client(port, JSON_SUBPROTOCOL) as ann:
        ann.socket.send(['{"type":', '"ping",', "", '"time":4.5', "}"])
        assert ann.expect("pong")["time"] == 4.5


@pytest.mark.parametrize("size", [16_385, 100_000_000])
def test_a_message_that_is_too_big_is_closed_with_1009(port: int, size: int) -> None:
    with Client(port, JSON_SUBPROTOCOL) as ann:
        # Sending may be cut short by the end of the connection; reading tells why it has ended.
        with contextlib.suppress(ConnectionClosed):
            ann.socket.send("x" * size)
        with pytest.raises(ConnectionClosed) as closed:
            ann.socket.recv(timeout=PATIENCE)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1009


@BOTH
def test_the_server_says_goodbye_when_it_stops(subprotocol: str) -> None:
    with serving(Drift, RoomOptions(start="now")) as server, Client(server.port, subprotocol) as client:
        client.join(name="Ann")
        client.expect("state")
        server.request_stop()
        assert client.expect("notice")["level"] == "warning"
        assert client.expect("game_over")["reason"] == "server_stopped"
        with pytest.raises(ConnectionClosed) as closed:
            client.next_message()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1001


def test_closing_takes_no_longer_than_saying_so(port: int) -> None:
    with Client(port, JSON_SUBPROTOCOL) as client:
        client.join(options={"create": True})
        client.expect("delta")
        began = time.monotonic()
        client.socket.close(4000, "going home")
        assert time.monotonic() - began < PATIENCE / 4
        assert client.socket.close_code == 4000
