"""What a stranger may choose of a game's settings, over real sockets: on each way by which they can ask for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar

import msgspec
import pytest

import rumpus
from rumpus import Bounds, RoomOptions
from rumpus.games.arena import Arena
from rumpus.protocol import MSGPACK_SUBPROTOCOL
from tests.support.clients import RawClient
from tests.support.serving import ServerThread, serving

pytestmark = pytest.mark.socket


class Herd(rumpus.Game):
    """A herd is dear, and so an operator may have a large one, and a stranger may not."""

    min_players = 1
    player_settings: ClassVar[Any] = {"heads": Bounds(1, 40), "food": ("hay", "grass")}

    class Settings(rumpus.Settings):
        heads: Annotated[int, msgspec.Meta(ge=0, le=10_000)] = 10
        food: str = "hay"


@pytest.fixture(scope="module")
def server() -> Iterator[ServerThread]:
    options = RoomOptions(start="countdown", countdown=600, min_players=4, max_players=4, settings={"heads": 500})
    with serving(Herd, options) as server:
        yield server
        assert not server.errors.records, server.errors.texts()


def refused(client: RawClient, type: str, **fields: Any) -> str:
    """What is said to a message that must be refused."""
    client.send(type, **fields)
    while (message := client.next_message())["type"] != "error":
        pass
    assert message["code"] == "bad_settings"
    return str(message["message"])


@pytest.mark.parametrize(
    "options",
    [
        {"create": True, "settings": {"heads": 41}},
        {"settings": {"heads": 400}},
        {"filter": {"heads": 400}},
        {"filter": {"heads": [400, 401]}},
        {"filter": {"heads": {"min": 400, "max": 499}}},
        {"settings": {"food": "gold"}},
    ],
)
def test_no_room_is_opened_beyond_the_players_range(server: ServerThread, options: dict[str, Any]) -> None:
    with RawClient(server.port, MSGPACK_SUBPROTOCOL) as client:
        rooms = server.call(lambda it: len(it.rooms))
        assert refused(client, "join", name="Ann", options=options)
        assert server.call(lambda it: len(it.rooms)) == rooms
        # The connection is good for what may be.
        assert client.join("Ann", create=True, settings={"heads": 40})["settings"]["heads"] == 40


def test_a_range_that_is_asked_for_is_filled_from_what_players_may_choose(server: ServerThread) -> None:
    with RawClient(server.port) as client:
        assert 30 <= client.join("Ann", filter={"heads": {"min": 30, "max": 499}})["settings"]["heads"] <= 40


def test_neither_the_host_nor_a_vote_gets_beyond_it(server: ServerThread) -> None:
    with RawClient(server.port) as ann, RawClient(server.port) as ben:
        joined = ann.join("Ann", create=True)
        ben.join("Ben", ann.room_id)
        # Nobody has chosen: it is as the operator has it, and told is what players may choose.
        assert joined["settings"]["heads"] == 500
        told = joined["schema"]["settings"]["properties"]
        assert (told["heads"]["minimum"], told["heads"]["maximum"]) == (1, 40)
        assert told["food"]["enum"] == ["hay", "grass"]
        assert "1 to 40" in refused(ann, "set_room", settings={"heads": 400})
        assert "1 to 40" in refused(ben, "call_vote", kind="settings", settings={"heads": 400})
        assert "hay, grass" in refused(ann, "set_room", settings={"food": "gold"})
        ann.send("set_room", settings={"food": "grass", "heads": 500})
        assert ann.expect("room_changed")["settings"] == {"food": "grass", "heads": 500}
        ann.send("set_room", settings={"heads": 7})
        assert ann.expect("room_changed")["settings"]["heads"] == 7
        # The way back is open too.
        ann.send("set_room", settings={"heads": 500})
        assert ann.expect("room_changed")["settings"]["heads"] == 500


def test_an_operator_moves_the_range() -> None:
    changes = {"heads": "1..600", "food": "none"}
    with serving(Herd, RoomOptions(start="now", player_settings=changes)) as server, RawClient(server.port) as client:
        assert "may choose: heads" in refused(client, "join", name="Ann", options={"settings": {"food": "hay"}})
        assert "1 to 600" in refused(client, "join", name="Ann", options={"settings": {"heads": 601}})
        assert client.join("Ann", create=True, settings={"heads": 600})["settings"]["heads"] == 600


def test_a_stranger_s_room_of_arena_costs_no_four_hundred_enemies(arena_compiled: None) -> None:
    with serving(Arena, RoomOptions(start="now")) as server, RawClient(server.port) as client:
        assert "0 to 40" in refused(client, "join", name="Ann", options={"create": True, "settings": {"enemies": 400}})
        assert "60 to 3600" in refused(client, "join", name="Ann", options={"settings": {"time_limit": 0.1}})
        joined = client.join("Ann", create=True, settings={"enemies": 40})
        assert joined["settings"]["enemies"] == 40
        enemies = joined["schema"]["settings"]["properties"]["enemies"]
        assert {"type": "integer", "minimum": 0, "maximum": 40} in enemies["anyOf"]
