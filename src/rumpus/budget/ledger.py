"""Who pays for what strangers ask of the server: networks and accounts, each with what it may still do.

A payer outlives connections. It is kept while anything of it is here (a connection, a room that it opened), and after
that for as long as something is missing from its buckets: who is forgotten then has lost and gained nothing, so a
hang-up and a new connection buy nobody anything. What is kept for those who are gone is bounded in all; of too many,
those go first who would be whole again soonest. Sans-I/O: it is told the time.
"""

from __future__ import annotations

import logging
from heapq import heappop, heappush

from ..config import Limits
from ..token_bucket import ANY_RATE, TokenBucket
from .networks import Networks, network_of

logger = logging.getLogger(__name__)

#: Seconds' worth of server time that a payer may save up, and of chat messages and new rooms.
SAVED_TIME, SAVED_ACTS = 1.0, 10.0
#: Wrong codes are counted by the minute, and a minute's worth may be saved up.
_MINUTE = 60.0
#: Payers that are kept of whom nothing is here.
_MOST_IDLE = 20_000
#: Microseconds, of which prices are made, in a second.
SECOND = 1e6


class Payer:
    """What one network or one account may still do, on all its connections together."""

    __slots__ = ("_told_at", "chats", "codes", "key", "new_rooms", "noted", "time", "unlimited", "users")

    def __init__(self, key: str, limits: Limits, now: float, unlimited: bool) -> None:
        #: The network (see `network_of`), or the account.
        self.key = key
        #: How many things of it are here: connections, rooms that it opened.
        self.users = 0
        #: Whether the ledger has noted when it is whole again.
        self.noted = False
        #: Whether it may do whatever it likes, because the operator says so.
        self.unlimited = unlimited
        self._told_at = float("-inf")
        #: Server time (microseconds). It falls below 0 where the price is known only afterwards.
        self.time = self._bucket(limits.max_cost_per_address * SECOND, SAVED_TIME, now)
        self.chats = self._bucket(limits.max_chats_per_address, SAVED_ACTS, now)
        self.new_rooms = self._bucket(limits.max_new_rooms_per_address, SAVED_ACTS, now)
        #: Codes of rooms and parties that do not exist.
        self.codes = self._bucket(limits.max_wrong_codes / _MINUTE, _MINUTE, now)

    def _bucket(self, rate: float, saved: float, now: float) -> TokenBucket:
        """A limit of 0 is none."""
        rate = ANY_RATE if self.unlimited or rate == 0 else rate
        return TokenBucket(rate, rate * saved, now)

    def used_up(self, now: float) -> None:
        """Something was refused: the operator may want to know who that is. It is in the log once a minute."""
        if now - self._told_at >= _MINUTE:
            self._told_at = now
            logger.warning("%s asks for more than it may; see --trusted-proxy and --unlimited-from", self.key)

    def whole_at(self, now: float) -> float:
        """When nothing is missing any more, if nothing is taken meanwhile (s)."""
        return now + max(bucket.full_after(now) for bucket in (self.time, self.chats, self.new_rooms, self.codes))


class Ledger:
    """All payers of a server.

    unlimited: networks that may do whatever they like.  most_idle: how many payers are remembered of whom nothing is
    here.
    """

    def __init__(self, limits: Limits, unlimited: Networks | None = None, most_idle: int = _MOST_IDLE) -> None:
        self._limits = limits
        self._unlimited = unlimited or Networks("")
        self._most_idle = most_idle
        self._payers: dict[str, Payer] = {}
        #: Those of whom nothing is here (or was, when this was noted), by when they are whole again; each once.
        self._idle: list[tuple[float, int, Payer]] = []
        self._notes = 0

    def __len__(self) -> int:
        return len(self._payers)

    def network_of(self, address: str) -> str:
        """What this address counts as."""
        return network_of(address, self._limits.ipv6_prefix)

    def is_unlimited(self, address: str) -> bool:
        """Whether this address may do whatever it likes."""
        return address in self._unlimited

    def network(self, address: str, now: float) -> Payer:
        """The payer for an address; as `use`."""
        return self.use(self.network_of(address), now, self.is_unlimited(address))

    def use(self, key: str, now: float, unlimited: bool = False) -> Payer:
        """Something of this payer, a network or an account, is here from now on. Every call needs a `release`."""
        payer = self._payers.get(key)
        if payer is None:
            payer = self._payers[key] = Payer(key, self._limits, now, unlimited)
        payer.users += 1
        return payer

    def release(self, payer: Payer, now: float) -> None:
        """One thing of this payer is gone."""
        payer.users -= 1
        if payer.users or payer.noted:
            return
        whole_at = payer.whole_at(now)
        if whole_at <= now:
            self._forget(payer)
        else:
            self._note(payer, whole_at)
            while len(self._idle) > self._most_idle:
                self._forget(self._take_first())

    def expire(self, now: float) -> None:
        """Forget those who are gone and whole."""
        while self._idle and self._idle[0][0] <= now:
            payer = self._take_first()
            if payer.users:
                continue
            whole_at = payer.whole_at(now)
            if whole_at <= now:
                self._forget(payer)
            else:
                self._note(payer, whole_at)

    def _note(self, payer: Payer, whole_at: float) -> None:
        payer.noted = True
        self._notes += 1
        heappush(self._idle, (whole_at, self._notes, payer))

    def _take_first(self) -> Payer:
        _, _, payer = heappop(self._idle)
        payer.noted = False
        return payer

    def _forget(self, payer: Payer) -> None:
        if payer.users == 0:
            del self._payers[payer.key]
