"""JSON over real sockets: it tells what tables tell and no more, and can be limited or switched off."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from rumpus.config import Limits, RoomOptions
from rumpus.game import Game
from rumpus.protocol import JSON_SUBPROTOCOL, MSGPACK_SUBPROTOCOL
from tests.support.cards import Cards
from tests.support.clients import RawClient, Refused
from tests.support.crossing import Crossing, OpenCrossing
from tests.support.foreign_client import BOTH, Client
from tests.support.serving import ServerThread, serving

pytestmark = pytest.mark.socket

MOST = 2
OPTIONS = RoomOptions(start="now", tick_rate=60, empty_grace=0, reconnect_time=20, max_json_clients=MOST)


@pytest.fixture(scope="module")
def server(kernels: None) -> Iterator[ServerThread]:
    with serving(Crossing, OPTIONS) as server:
        yield server
        assert not server.errors.records, server.errors.texts()


def test_who_chooses_json_does_not_see_through_walls(server: ServerThread) -> None:
    with Client(server.port, JSON_SUBPROTOCOL) as ann, RawClient(server.port, MSGPACK_SUBPROTOCOL) as bob:
        joined = ann.join(name="Ann", options={"create": True})
        own, other = joined["player_id"], bob.join("Bob", joined["room_id"])["player_id"]
        bob.send("input", seq=1, data={"to": 2000, "shout": True, "bells": True})
        heard = []
        while not heard or heard[-1][0] != "bells":
            message = ann.next_message()
            if message["type"] == "event":
                heard.append((message["name"], message["data"]))
        ann.state_after(ann.tick)
        assert heard == [("shout", {"by": other}), ("bells", {})]
        assert set(ann.state["walkers"]) == {own}
        assert set(ann.state["tallies"]) == {own, other}
        # Walking there is what it takes.
        ann.send("input", seq=1, data={"to": 2000})
        while ann.ack < 1:
            ann.state_after(ann.tick)
        assert set(ann.state["walkers"]) == {own, other}


@BOTH
def test_in_a_game_of_plain_data_each_is_told_their_view(subprotocol: str) -> None:
    with serving(Cards, OPTIONS) as server, Client(server.port, subprotocol) as ann, RawClient(server.port) as bob:
        joined = ann.join(name="Ann", options={"create": True})
        own, other = joined["player_id"], bob.join("Bob", joined["room_id"])["player_id"]
        bob.send("input", seq=1, data={"card": "king"})
        while ann.state is None or ann.state["hands"].get(other) != 2:
            ann.next_message()
        assert ann.state["hands"] == {own: [f"ace of {own}"], other: 2}


def join_code(client: RawClient, room: str) -> str:
    """What comes of joining: `joined`, or the code of the error."""
    client.send("join", name="Late", room=room)
    while (message := client.next_message())["type"] not in ("joined", "error"):
        pass
    return str(message.get("code", message["type"]))


def test_a_room_takes_so_many_players_on_json_and_more_on_messagepack(server: ServerThread) -> None:
    with ExitStack() as stack:
        clients = [stack.enter_context(RawClient(server.port)) for _ in range(MOST + 1)]
        room = clients[0].join("Ann")["room_id"]
        session = clients[1].join("Bob", room)["session"]
        assert join_code(clients[2], room) == "json_full"
        # The connection is good for another room.
        assert clients[2].join("Late")["room_id"] != room
        binary = stack.enter_context(RawClient(server.port, MSGPACK_SUBPROTOCOL))
        own = binary.join("Cid", room)["session"]
        # Nobody gets in on the one and comes back on the other; who is on JSON comes back so.
        again = stack.enter_context(RawClient(server.port))
        again.send("resume", session=own)
        assert again.error() == "json_full"
        again.send("resume", session=session)
        assert again.expect("joined")["resumed"]


def test_where_everybody_knows_everything_json_is_not_counted(kernels: None) -> None:
    with serving(OpenCrossing, OPTIONS) as server, ExitStack() as stack:
        clients = [stack.enter_context(RawClient(server.port)) for _ in range(MOST + 2)]
        room = clients[0].join("Ann")["room_id"]
        assert [join_code(client, room) for client in clients[1:]] == ["joined"] * (MOST + 1)


@pytest.mark.parametrize("subprotocol", [JSON_SUBPROTOCOL, None])
def test_json_can_be_switched_off(subprotocol: str | None) -> None:
    class Nothing(Game):
        """No world: this holds for every game."""

    with serving(Nothing, RoomOptions(start="now"), Limits(json=False)) as server:
        with pytest.raises(Refused) as refused:
            RawClient(server.port, subprotocol)
        assert refused.value.answer.status == 400
        assert refused.value.answer.body.endswith(b"This server speaks these sub-protocols: rumpus.v1.msgpack.\n")
        with RawClient(server.port, MSGPACK_SUBPROTOCOL) as client:
            assert client.join("Ann")["player_id"]
        with RawClient(server.port, f"{JSON_SUBPROTOCOL}, {MSGPACK_SUBPROTOCOL}") as client:
            assert client.answer.headers["sec-websocket-protocol"] == MSGPACK_SUBPROTOCOL
