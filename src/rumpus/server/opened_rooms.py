"""Which rooms were opened from which address, and what share of the processor they take.

Opening a room costs little; having it played for as long as it is there may cost much. So an address may have only so
many, and only while those that it has do not take too much. Who plays in rooms of others is not looked at.
"""

from __future__ import annotations

from ..budget.ledger import Ledger, Payer
from ..budget.purse import Purse
from ..clock import Clock
from ..config import Limits
from ..errors import MessageError
from ..room.game_room import GameRoom
from .prices import NEW_ROOM

#: Seconds after which it is known what a room takes, and the share of the processor that is assumed until then where
#: nothing is known of others.
_KNOWN_AFTER, _ASSUMED = 1.0, 0.02


class _Cost:
    """What one room takes, from one look to the next."""

    __slots__ = ("_looked_at", "_room", "_share", "_used")

    def __init__(self, room: GameRoom, now: float) -> None:
        self._room = room
        self._looked_at, self._used = now, room.used
        self._share: float | None = None

    def share(self, now: float) -> float | None:
        """Of the processor, 0 to 1; None if it was opened a moment ago."""
        passed = now - self._looked_at
        if passed >= _KNOWN_AFTER:
            self._share = (self._room.used - self._used) / passed
            self._looked_at, self._used = now, self._room.used
        return self._share


class OpenedRooms:
    """The rooms that clients have opened."""

    def __init__(self, ledger: Ledger, limits: Limits, clock: Clock) -> None:
        self._ledger = ledger
        self._most = limits.max_rooms_per_address
        self._most_cost = limits.max_room_cost_per_address
        self._clock = clock
        self._by_payer: dict[Payer, dict[GameRoom, _Cost]] = {}
        self._payers: dict[GameRoom, Payer] = {}

    def check(self, purse: Purse) -> None:
        """Raises MessageError (`rate_limited`) if no other room may be opened from there now."""
        purse.check_new_room()
        opened = self._by_payer.get(purse.network)
        if opened is None or purse.network.unlimited:
            return
        if 0 < self._most <= len(opened):
            raise MessageError("rate_limited", f"There are {len(opened)} rooms from your address; join one of them.")
        if 0 < self._most_cost <= self._cost(opened):
            raise MessageError("rate_limited", "Rooms from your address use as much of this server as they may.")

    def _cost(self, opened: dict[GameRoom, _Cost]) -> float:
        now = self._clock.now()
        shares = [cost.share(now) for cost in opened.values()]
        known = [share for share in shares if share is not None]
        assumed = sum(known) / len(known) if known else _ASSUMED
        return sum(known) + assumed * (len(shares) - len(known))

    def add(self, purse: Purse, room: GameRoom) -> None:
        """A client has opened a room."""
        purse.take_new_room()
        purse.take(NEW_ROOM)
        now = self._clock.now()
        payer = self._payers[room] = self._ledger.use(purse.network.key, now, purse.network.unlimited)
        self._by_payer.setdefault(payer, {})[room] = _Cost(room, now)

    def closed(self, room: GameRoom) -> None:
        """A room is no more, whoever opened it."""
        payer = self._payers.pop(room, None)
        if payer is None:
            return
        opened = self._by_payer[payer]
        del opened[room]
        if not opened:
            del self._by_payer[payer]
        self._ledger.release(payer, self._clock.now())
