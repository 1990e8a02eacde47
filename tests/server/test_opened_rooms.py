"""Rooms are counted by who opened them, and what they take of the processor with them."""

from __future__ import annotations

from rumpus.config import Limits
from rumpus.testing import MemoryClient, Playground
from tests.support.race import Race

ADDRESS = "192.0.2.66"
_MANY = {"max_new_rooms_per_second": 1000, "max_new_rooms_per_address": 1000}


def open_room(match: Playground, address: str = ADDRESS) -> MemoryClient:
    client = match.connect(address=address)
    client.join("Eve", create=True)
    return client


def test_one_address_cannot_have_all_rooms() -> None:
    match = Playground(Race, Limits(max_rooms=20, max_rooms_per_address=5, **_MANY), max_players=4, empty_grace=0)
    eves = [open_room(match) for _ in range(7)]
    assert [eve.errors() for eve in eves] == [[]] * 5 + [["rate_limited"]] * 2
    assert open_room(match, "192.0.2.1").errors() == []
    # They can be had again once they are closed.
    eves[0].send({"type": "leave"})
    match.run(1)
    assert open_room(match).errors() == []
    assert open_room(match).errors() == ["rate_limited"]


def test_a_network_counts_as_one_address() -> None:
    match = Playground(Race, Limits(max_rooms_per_address=2, **_MANY))
    errors = [open_room(match, f"2001:db8::{number}").errors() for number in range(1, 4)]
    assert errors == [[], [], ["rate_limited"]]
    assert open_room(match, "2001:db8:0:1::1").errors() == []
    wide = Playground(Race, Limits(max_rooms_per_address=2, ipv6_prefix=48, **_MANY))
    errors = [open_room(wide, f"2001:db8:0:{number}::1").errors() for number in range(1, 4)]
    assert errors == [[], [], ["rate_limited"]]


def test_rooms_that_take_much_are_few() -> None:
    match = Playground(Race, Limits(max_room_cost_per_address=0.2, **_MANY), max_players=4)
    eves = [open_room(match) for _ in range(4)]
    for room in match.server.rooms.values():
        room.used += 0.06
    match.run(1)
    assert open_room(match).errors() == ["rate_limited"]
    assert open_room(match, "192.0.2.1").errors() == []
    # What they took once does not count for ever.
    match.run(2)
    assert open_room(match).errors() == []
    assert all(eve.errors() == [] for eve in eves)


def test_of_rooms_that_are_new_it_is_assumed_that_they_are_like_the_others() -> None:
    match = Playground(Race, Limits(max_room_cost_per_address=0.2, **_MANY), max_players=4)
    open_room(match)
    for room in match.server.rooms.values():
        room.used += 0.05
    match.run(1)
    assert [open_room(match).errors() for _ in range(5)] == [[], [], [], ["rate_limited"], ["rate_limited"]]


def test_rooms_of_the_operator_s_own_program_count_for_nobody() -> None:
    match = Playground(Race, Limits(max_rooms_per_address=1))
    for _ in range(5):
        match.server.create_room()
    assert len(match.server.ledger) == 0


def test_budgets_are_forgotten_when_everybody_is_gone_and_their_rooms_are_closed() -> None:
    match = Playground(Race, max_players=4, empty_grace=5, reconnect_time=5)
    eves = [open_room(match, f"192.0.2.{number}") for number in range(20)]
    assert len(match.server.ledger) == 20
    for eve in eves:
        eve.connection.disconnect()
    match.run(3)
    assert len(match.server.ledger) == 20
    match.run(120)
    assert not match.server.rooms
    assert len(match.server.ledger) == 0
    opened = match.server._rooms._opened
    assert (opened._by_payer, opened._payers) == ({}, {})
