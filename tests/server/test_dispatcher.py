"""What messages of clients lead to."""

from __future__ import annotations

from typing import get_args, get_origin

from rumpus import Limits
from rumpus.protocol import Input
from rumpus.protocol.client import ClientMessage
from rumpus.testing import MemoryClient, Playground
from tests.support.race import Race


def test_every_message_but_an_input_has_a_handler() -> None:
    kinds = {get_origin(kind) or kind for kind in get_args(ClientMessage)}
    assert set(Playground(Race).server._dispatcher._handlers) == kinds - {Input}


def open_room(client: MemoryClient, **options: object) -> None:
    client.send({"type": "join", "name": "Ann", "options": options})
    if client.session.room is not None:
        client.send({"type": "leave"})


def test_only_rooms_that_were_opened_cost_what_a_connection_may_open() -> None:
    playground = Playground(Race, Limits(max_new_rooms_per_second=1, max_rooms=40), max_players=4)
    staying = playground.connect("Ben")
    ann = playground.connect()
    left = rooms_left(ann)
    open_room(ann)
    assert ann.last("joined")["room_id"] == staying.room_id
    open_room(ann, create=True, max_players=1000)
    assert ann.errors() == ["bad_settings"]
    assert rooms_left(ann) == left
    for _ in range(int(left)):
        open_room(ann, create=True)
    assert rooms_left(ann) == 0
    open_room(ann, create=True)
    ann.send({"type": "reserve", "seats": 1, "options": {"create": True}})
    assert ann.errors() == ["bad_settings", "rate_limited", "rate_limited"]
    playground.run(1.1)
    ann.session.purse.check_new_room()
    left = rooms_left(ann)
    ann.send({"type": "reserve", "seats": 1, "options": {"create": True}})
    assert ann.last("reserved")["seats"]
    assert rooms_left(ann) == left - 1


def rooms_left(client: MemoryClient) -> float:
    return client.session.purse._new_rooms.left
