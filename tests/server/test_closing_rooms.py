"""Rooms that are closed while something raises: of none of them anything is left, and everybody can go on."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import pytest

from rumpus import Result
from rumpus.protocol import JSON_SUBPROTOCOL, MSGPACK_SUBPROTOCOL
from rumpus.room.game_room import GameRoom
from rumpus.sync.broadcaster import Broadcaster
from rumpus.sync.recording import Recording
from rumpus.sync.table_sender import TableSender
from rumpus.testing import MemoryClient, Playground
from tests.support.walkers import BOTH, InTables, Plain, watch


class Unwritable:
    """What no codec can write."""


def faulty(base: type[Plain]) -> type[Plain]:
    """The game, with a fault that begins when a test says so."""

    class Faulty(base):  # type: ignore[valid-type, misc]
        fault = ""

        def update(self, delta_time: float) -> None:
            super().update(delta_time)
            if self.fault == "event":
                self.emit("unwritable", {"value": Unwritable()})
            if self.fault == "private event":
                for player_id in self.places:
                    self.emit("unwritable", {"value": Unwritable()}, to=player_id)

        def get_game_state(self) -> Any:
            state = super().get_game_state()
            return {**state, "value": Unwritable()} if self.fault == "state" else state

        def get_static_state(self) -> dict[str, Any]:
            if self.fault == "static raises":
                raise RuntimeError("no map")
            return {"value": Unwritable()} if self.fault == "static" else {"map": 1}

        def results(self) -> Any:
            if self.fault == "results":
                return [Result(player_id=player_id, score=Unwritable()) for player_id in self.places]
            return super().results()

    return Faulty


PLAIN_AND_TABLES = pytest.mark.parametrize("base", [Plain, InTables])
FAULTS = pytest.mark.parametrize("fault", ["static", "static raises", "state", "event", "private event", "results"])
#: Before a spectator who sees everything later is shown anything, and after.
MOMENTS = pytest.mark.parametrize("moment", [0.3, 3.0])


class Scene:
    """A room with two players and two spectators, on both codecs."""

    def __init__(self, base: type[Plain], subprotocol: str, moment: float) -> None:
        self.match = Playground(faulty(base), start="now", spectator_delay=2, results_time=0.5, empty_grace=3)
        other = JSON_SUBPROTOCOL if subprotocol == MSGPACK_SUBPROTOCOL else MSGPACK_SUBPROTOCOL
        self.subprotocol = subprotocol
        self.ann = self.match.connect("Ann", subprotocol=subprotocol)
        self.players = [self.ann, self.match.connect("Ben", subprotocol=other)]
        self.room = self.match.server.rooms[self.ann.room_id]
        self.spectators = [watch(self.match, kind) for kind in (subprotocol, other)]
        self.match.run(moment)

    @property
    def everybody(self) -> list[MemoryClient]:
        return [*self.players, *self.spectators]

    def assert_nothing_is_left(self) -> None:
        server = self.match.server
        assert dict(server.rooms) == {}
        assert len(server.seats) == 0
        assert [session for session in server.sessions.values() if session.room is not None] == []
        assert server.schedule.next_deadline() is None
        assert self.room._spectators.count == 0
        for spectator in self.spectators:
            assert spectator.last("player_left")["reason"] == "closed"
        for client in self.everybody:
            welcomes = len(client.messages("joined"))
            client.join("Again", create=True, private=True)
            assert len(client.messages("joined")) == welcomes + 1
        self.match.run(0.5)
        assert len(server.rooms) == len(self.everybody)


def errors(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    return [record for record in caplog.records if record.levelno >= logging.ERROR]


def a_tick(scene: Scene) -> None:
    # As long as from one key of a recording to the next, and until spectators are shown it.
    scene.match.run(3.2)


def a_newcomer(scene: Scene) -> None:
    scene.players.append(scene.match.connect("Cy", subprotocol=scene.subprotocol, room=scene.room.room_id))


def a_spectator_more(scene: Scene) -> None:
    scene.spectators.append(watch(scene.match, scene.subprotocol, scene.room.room_id))


def the_end(scene: Scene) -> None:
    scene.ann.input(end=True)
    scene.match.run(1.5)


def nothing(scene: Scene) -> None:
    """The room is closed at once."""


@PLAIN_AND_TABLES
@BOTH
@MOMENTS
@FAULTS
@pytest.mark.parametrize("first", [nothing, a_tick, a_newcomer, a_spectator_more, the_end])
def test_nothing_is_left_of_a_room_whose_game_cannot_be_written(
    base: type[Plain], subprotocol: str, moment: float, fault: str, first: Callable[[Scene], None]
) -> None:
    scene = Scene(base, subprotocol, moment)
    scene.room.game.fault = fault  # type: ignore[attr-defined]
    first(scene)
    # What never changes in a match was asked for, and written, when it began.
    static = fault.startswith("static")
    fails = {
        nothing: False,
        a_tick: not static and fault != "results",
        a_newcomer: False,
        a_spectator_more: False,
        the_end: True,
    }
    expected = ["game_error"] if fails[first] else []
    assert [client.errors() for client in scene.everybody] == [expected] * len(scene.everybody)
    scene.match.server.close_room(scene.room)
    scene.assert_nothing_is_left()


@PLAIN_AND_TABLES
@FAULTS
def test_a_server_with_such_a_room_stops_in_order(base: type[Plain], fault: str) -> None:
    scene = Scene(base, JSON_SUBPROTOCOL, 0.3)
    scene.room.game.fault = fault  # type: ignore[attr-defined]
    asyncio.run(scene.match.server.stop())
    assert dict(scene.match.server.rooms) == {}
    assert len(scene.match.server.seats) == 0
    assert all(client.connection.closed for client in scene.everybody)


@PLAIN_AND_TABLES
@pytest.mark.parametrize("fault", ["static", "static raises"])
def test_a_room_whose_match_cannot_begin_is_closed_with_those_who_wait_for_it(
    base: type[Plain], fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    scene = Scene(base, JSON_SUBPROTOCOL, 0.3)
    scene.room.game.fault = fault  # type: ignore[attr-defined]
    scene.ann.input(end=True)
    scene.match.run(1.5)
    assert [client.errors() for client in scene.everybody] == [["game_error"]] * 4
    assert [record.getMessage() for record in errors(caplog)] == ["the game raised; its room is closed"]
    scene.assert_nothing_is_left()


STEPS = [
    (Recording, "finish"),
    (Broadcaster, "end_recording"),
    (Broadcaster, "release"),
    (TableSender, "flush"),
    (Recording, "close"),
    (GameRoom, "log_event"),
]


@BOTH
@MOMENTS
@pytest.mark.parametrize(("owner", "step"), STEPS, ids=[f"{owner.__name__}.{step}" for owner, step in STEPS])
def test_whatever_raises_while_a_room_is_closed_it_is_closed_and_the_fault_is_logged_once(
    subprotocol: str,
    moment: float,
    owner: type,
    step: str,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scene = Scene(InTables, subprotocol, moment)
    done = getattr(owner, step)
    failed = []

    def fail(*arguments: Any) -> Any:
        if failed:
            return done(*arguments)
        failed.append(step)
        raise RuntimeError(f"{step} failed")

    monkeypatch.setattr(owner, step, fail)
    scene.match.server.close_room(scene.room)
    assert failed == [step]
    [record] = errors(caplog)
    assert record.getMessage() == "something failed while a room was closed"
    assert record.__dict__["room"] == scene.room.room_id
    assert record.exc_info is not None
    assert str(record.exc_info[1]) == f"{step} failed"
    scene.assert_nothing_is_left()


def test_a_room_that_fails_in_the_lists_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    match = Playground(Plain, start="now")
    rooms = match.server._rooms
    listed = rooms.on_open

    def fail(room: GameRoom) -> None:
        listed(room)
        raise RuntimeError("no list")

    monkeypatch.setattr(rooms, "on_open", fail)
    with pytest.raises(RuntimeError, match="no list"):
        match.server.create_room()
    assert dict(match.server.rooms) == {}
    assert match.server.schedule.next_deadline() is None


def test_a_result_that_cannot_be_written_reaches_nobody() -> None:
    """In a room that nobody is in any more, no message would show that it cannot."""
    match = Playground(faulty(Plain), start="full", max_players=1, reconnect_time=0)
    ann = match.connect("Ann")
    room = match.server.rooms[ann.room_id]
    room.game.fault = "results"  # type: ignore[attr-defined]
    ann.connection.disconnect()
    match.run(1)
    assert list(match.server.results) == []
    assert dict(match.server.rooms) == {}
