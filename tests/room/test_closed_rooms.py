"""A closed room is free at once: no part refers back to what holds it, so the collector has nothing to find."""

from __future__ import annotations

import gc
import logging
import weakref
from collections.abc import Iterator
from typing import Any

import pytest

from rumpus import Game, GameRoom
from rumpus.games.skirmish import Skirmish
from rumpus.testing import MemoryClient, Playground
from tests.support.race import Race

MSGPACK = "rumpus.v1.msgpack"


@pytest.fixture
def no_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def closed(playground: Playground, room: GameRoom) -> weakref.ref[GameRoom]:
    """Close the room, and let pass what the schedule takes to see that it is gone."""
    reference = weakref.ref(room)
    playground.server.close_room(room)
    del room
    playground.run(0.5)
    return reference


def room_with_everything(playground: Playground, subprotocol: str, **options: Any) -> list[MemoryClient]:
    """Players, one of whom is away, spectators, a vote and chat, in a running match; and a reserved seat."""
    ann = playground.connect("Ann", create=True, subprotocol=subprotocol, **options)
    clients = [ann, *(playground.connect(name, ann.room_id, subprotocol) for name in ("Ben", "Cid", "Dee"))]
    watcher = playground.connect(subprotocol=subprotocol)
    watcher.send({"type": "join", "name": "Will", "room": ann.room_id, "role": "spectator"})
    playground.run(3.0)
    ann.send({"type": "chat", "text": "hello"})
    ann.send({"type": "reserve", "room": ann.room_id, "seats": 1, "options": {}})
    ann.send({"type": "call_vote", "kind": "kick", "player_id": clients[1].player_id})
    clients[2].connection.disconnect()
    playground.run(0.5)
    return [*clients, watcher]


@pytest.mark.parametrize("subprotocol", ["rumpus.v1.json", MSGPACK])
@pytest.mark.parametrize("game", [Race, Skirmish])
@pytest.mark.usefixtures("no_collector")
def test_a_closed_room_is_free_without_the_collector(game: type[Game], subprotocol: str) -> None:
    playground = Playground(game, start="now", max_players=8, min_players=1)
    clients = room_with_everything(playground, subprotocol)
    (room,) = playground.server.rooms.values()
    assert (room.status, room.watched_by) == ("in-progress", 1)
    references = [weakref.ref(part) for part in (room._match, room._spectators, room._broadcaster, room._life_cycle)]
    reference = closed(playground, room)
    del room
    assert reference() is None
    assert [part() for part in references] == [None] * len(references)
    assert [client.session.room for client in clients] == [None] * len(clients)


@pytest.mark.usefixtures("no_collector")
def test_a_room_whose_game_raises_is_free_without_the_collector(caplog: pytest.LogCaptureFixture) -> None:
    class Faulty(Race):
        def update(self, delta_time: float) -> None:
            super().update(delta_time)
            if self.current_tick > 10:
                raise RuntimeError("a mistake")

    # pytest keeps what is logged, and with the traceback the room.
    caplog.set_level(logging.CRITICAL, "rumpus")
    playground = Playground(Faulty, start="now", min_players=1)
    ann = playground.connect("Ann")
    (room,) = playground.server.rooms.values()
    reference = weakref.ref(room)
    del room
    playground.run(2.0)
    assert ann.errors() == ["game_error"]
    assert reference() is None
