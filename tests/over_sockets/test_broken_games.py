"""Games whose code raises: their room ends and its players are told; every other room keeps its tick."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from rumpus.config import RoomOptions
from rumpus.protocol import MSGPACK_SUBPROTOCOL
from tests.support.clients import RawClient, Watch
from tests.support.drift import FAULTS, Drift
from tests.support.serving import ServerThread, serving

pytestmark = pytest.mark.socket

#: With a bot in each room, so that bots can fail as well.
OPTIONS = RoomOptions(start="now", tick_rate=60, empty_grace=0, reconnect_time=0, results_time=0.1, bots=1)


@pytest.fixture(scope="module")
def failing_watch() -> Iterator[Watch]:
    with serving(Drift, OPTIONS) as server:
        watch = Watch(server)
        yield watch
        watch.leave()


@pytest.fixture
def failing(failing_watch: Watch) -> Iterator[ServerThread]:
    """A server on which the game of other rooms may fail as it likes."""
    server = failing_watch.server
    assert isinstance(server, ServerThread)
    server.errors.records.clear()
    with failing_watch.unharmed(faults=True):
        yield server


def provoke(fault: str, ann: RawClient, ben: RawClient) -> None:
    """Do what leads to the method that fails, in a room with a second player if it lasts that long."""
    ann.send("join", name="Ann", options={"create": True, "private": True, "settings": {"fault": fault}})
    if fault in ("update", "process_input", "remove_player", "make_bot"):
        room_id = ann.expect("joined")["room_id"]
        ben.join(room=room_id)
    if fault == "process_input":
        ben.send("input", seq=1, data={"move": 1})
    if fault == "remove_player":
        ben.send("leave")
    if fault == "make_bot":
        # A third person takes the bot's seat, and needs a bot to take it back.
        with RawClient(ann.port) as third:
            third.join(room=room_id)
            third.send("leave")
            assert third.expect("player_left")["player_id"] == third.player_id


@pytest.mark.parametrize("fault", sorted(set(FAULTS) - {"teams"}))
def test_a_game_that_raises_ends_its_own_room_only(failing: ServerThread, fault: str) -> None:
    failed = failing.call(lambda server: server.counters.failed_rooms)
    with RawClient(failing.port) as ann, RawClient(failing.port, MSGPACK_SUBPROTOCOL) as ben:
        provoke(fault, ann, ben)
        assert ann.error() == "game_error"
        # The same connection can play on, in another room.
        ann.join()
        ann.expect("delta")
        if fault in ("update", "process_input"):
            assert ben.error() == "game_error"
            ben.join(room=ann.room_id)
            ben.expect("delta")
        assert failing.call(lambda server: server.counters.failed_rooms) == failed + 1
    assert_traceback(failing, fault)


def assert_traceback(server: ServerThread, fault: str) -> None:
    assert server.errors.records
    for record in server.errors.records:
        assert record.exc_info is not None
        assert record.message == "the game raised; its room is closed"
        assert record.__dict__["room"]
    unwritable = ("state", "static", "next_static", "event", "private_event", "score")
    expected: dict[str, Any] = dict.fromkeys(unwritable, TypeError)
    raised = server.errors.records[0].exc_info
    assert raised is not None
    assert raised[1] is not None
    if fault in expected:
        assert isinstance(raised[1], expected[fault])
    else:
        assert (type(raised[1]).__name__, str(raised[1])) == ("GameFault", fault)


def test_a_game_that_raises_when_its_player_is_lost_ends_its_room(failing: ServerThread) -> None:
    ann = RawClient(failing.port)
    ann.join(create=True, settings={"fault": "remove_player"})
    ann.reset()


def test_a_game_that_raises_before_its_room_exists_costs_nobody_the_connection(failing: ServerThread) -> None:
    with RawClient(failing.port) as ann:
        ann.send("join", options={"create": True, "settings": {"fault": "teams"}})
        assert ann.error() == "game_error"
        ann.join()
    assert failing.errors.records[0].exc_info is not None


def test_a_leaver_whose_game_raises_is_told_as_well(failing: ServerThread) -> None:
    with RawClient(failing.port) as ann:
        ann.join(create=True, settings={"fault": "remove_player"})
        ann.send("leave")
        assert ann.error() == "game_error"
        ann.join()


def test_whoever_watches_a_room_that_fails_is_told_and_can_go_on(failing: ServerThread) -> None:
    """Its next match begins with what cannot be written; players and spectators are on both codecs."""
    with (
        RawClient(failing.port) as ann,
        RawClient(failing.port, MSGPACK_SUBPROTOCOL) as ben,
        RawClient(failing.port) as wil,
        RawClient(failing.port, MSGPACK_SUBPROTOCOL) as xil,
    ):
        ann.send("join", name="Ann", options={"create": True, "settings": {"fault": "next_static"}})
        room = ann.expect("joined")["room_id"]
        ben.join(room=room)
        for watcher in (wil, xil):
            watcher.send("join", role="spectator", room=room)
        for client in (ann, ben, wil, xil):
            assert client.error() == "game_error"
        assert (
            failing.call(lambda server: [s for s in server.sessions.values() if s.room and s.room.room_id == room])
            == []
        )
        assert room not in failing.call(lambda server: set(server.rooms))
        for client in (ann, ben, wil, xil):
            client.join()
            client.expect("delta")
