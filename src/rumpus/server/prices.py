"""What messages and requests cost: microseconds of server time, charged to whoever sends them.

Measured on one core by `benchmarks/strangers/prices.py`, which writes what it finds into `docs/operate.md`, and rounded
up. They need not be exact: what takes longer, because of the game or the machine, costs the time that it took. They are
the least, so that what is done later on somebody's behalf (sending, the next tick) is paid for too. A missing price is
a `KeyError` when this is imported, and so in every test.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, get_args, get_origin

from ..protocol import (
    CallVote,
    Cancel,
    CastVote,
    Chat,
    ClientMessage,
    EnterParty,
    Join,
    Kick,
    Leave,
    LeaveParty,
    Mute,
    PassHost,
    Pause,
    Ping,
    Ready,
    Reserve,
    Resume,
    SetRoom,
    Start,
    Team,
    WatchRooms,
)

#: Any frame at all, an input say: receiving and decoding it. The other prices of messages come on top.
MESSAGE = 5.0
#: A message that is refused: the fault is found, told, and counted.
REFUSAL = 30.0
#: Checking a ticket's signature.
TICKET = 60.0
#: A value in the filter of a quick play: the game's declaration is asked about it.
VALUE = 15.0
#: A new connection: accepting it, its handshake, and its end.
CONNECTION = 300.0
#: A room that is opened, besides the message that opens it.
NEW_ROOM = 700.0


class Price(NamedTuple):
    """base: of the message. each: for each person in the room, who hears of it. listed: for each room in the list."""

    base: float
    each: float = 0.0
    listed: float = 0.0

    def __str__(self) -> str:
        """As documents have it."""
        more = (f", and {self.each:.0f} for each person in the room" if self.each else "") + (
            f", and {self.listed:.0f} for each room in the list" if self.listed else ""
        )
        return f"{self.base:.0f}{more}"


_PRICES: Mapping[type, Price] = {
    Ping: Price(10),
    Join: Price(300, each=15),
    Resume: Price(200, each=15),
    Leave: Price(60, each=15),
    Cancel: Price(20),
    WatchRooms: Price(20, listed=5),
    Reserve: Price(80, each=5),
    EnterParty: Price(60, each=15),
    LeaveParty: Price(30, each=15),
    Chat: Price(30, each=10),
    Mute: Price(10),
    Team: Price(30, each=10),
    Ready: Price(30, each=10),
    Start: Price(300, each=30),
    SetRoom: Price(150, each=30),
    Kick: Price(60, each=15),
    PassHost: Price(30, each=10),
    Pause: Price(30, each=15),
    CallVote: Price(100, each=15),
    CastVote: Price(20, each=10),
}
#: By type of message: all but inputs, for which `MESSAGE` is all there is to pay.
PRICES: Mapping[type, Price] = {kind: _PRICES[kind] for kind in get_args(ClientMessage) if get_origin(kind) is None}


#: What else has a price, as documents have it.
OTHERS: Mapping[str, Price] = {
    "any frame at all, an input say": Price(MESSAGE),
    "a message that is refused, besides": Price(REFUSAL),
    "a ticket": Price(TICKET),
    "each value in a filter": Price(VALUE),
    "a room that is opened": Price(NEW_ROOM),
    "a new connection": Price(CONNECTION),
}


def price_of(message: Any) -> Price:
    """What a message costs that is no input."""
    return PRICES[type(message)]
