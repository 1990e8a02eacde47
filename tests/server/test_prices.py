"""Every message has a price, whoever sends too much is refused, and no address can owe more than a moment's work."""

from __future__ import annotations

from typing import Any, get_args, get_origin

import pytest

from rumpus.config import Limits
from rumpus.protocol import ClientMessage, Input
from rumpus.server import prices
from rumpus.testing import Playground
from tests.support.race import Race

#: Where all that is asked here comes from.
ADDRESS = "192.0.2.66"
SAMPLES: dict[str, dict[str, Any]] = {
    "input": {"seq": 1, "data": {}},
    "chat": {"text": "hello"},
    "ping": {"time": 1.0},
    "team": {"team": "red"},
    "resume": {"session": "x" * 31},
    "reserve": {"seats": 2},
    "kick": {"player_id": "p1"},
    "pass_host": {"player_id": "p1"},
    "mute": {"player_id": "p1"},
    "pause": {"paused": True},
    "call_vote": {"kind": "settings", "settings": {"goal": 7}},
    "vote": {"id": 1, "choice": 0},
}
KINDS = [get_origin(kind) or kind for kind in get_args(ClientMessage)]


def sample(kind: type) -> dict[str, Any]:
    tag = kind.__struct_config__.tag  # type: ignore[attr-defined]
    return {"type": tag, **SAMPLES.get(tag, {})}


def test_every_message_has_a_price_and_none_is_for_nothing() -> None:
    assert set(prices.PRICES) == set(KINDS) - {Input}
    assert all(price.base > 0 for price in prices.PRICES.values())


@pytest.mark.parametrize("seated", [False, True])
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_an_address_gets_no_more_than_its_share_whatever_it_sends(kind: type, seated: bool) -> None:
    """The cost model's promise, for each message of the protocol: what is done for one address in a while is what it
    may have in that time, what it had saved, and for messages of play as much again; not more, on many connections.
    """
    limits = Limits(max_cost_per_address=0.01, max_new_rooms_per_second=1000, max_rooms=1000)
    match = Playground(Race, limits, start="now", max_players=4)
    clients = [match.connect("Eve" if seated else None, address=ADDRESS) for _ in range(12)]
    payer = clients[0].session.purse.network
    charged = False
    for _ in range(5):
        for client in clients:
            for _ in range(118):
                before = payer.time.left
                client.send(sample(kind))
                charged |= payer.time.left < before
        match.run(1)
        payer.time.refill_until(match.clock.now())
        # What is still owed: what messages of play may owe, the lots of all who had just bought one, and what one
        # message too many cost, the dearest of them.
        assert payer.time.left >= -payer.time.most - len(clients) * 32 * prices.MESSAGE - 2000
    assert charged


def test_whoever_has_spent_everything_is_told_and_may_go_on_later() -> None:
    match = Playground(Race, Limits(max_cost_per_address=0.05))
    eve, ann = match.connect(address=ADDRESS), match.connect("Ann")
    for _ in range(60):
        eve.send({"type": "join"})
        eve.send({"type": "leave"})
    assert "rate_limited" in eve.errors()
    ann.send({"type": "chat", "text": "others do not notice"})
    assert ann.errors() == []
    match.run(10)
    eve.send({"type": "join"})
    assert eve.player_id
    assert match.server.counters.rate_limited > 0
