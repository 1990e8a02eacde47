"""What one connection may still do: its own share, within what its address and its account may.

The address keeps a hundred connections from doing a hundred times what one may; the own share keeps one of them from
taking what is there for all. Prices are microseconds of server time (see `rumpus.server.prices`).
"""

from __future__ import annotations

from collections.abc import Callable

from ..config import Limits
from ..errors import MessageError
from ..token_bucket import TokenBucket
from .ledger import SAVED_ACTS, SECOND, Payer

#: Of the server time that an address may use, a connection may use this share, and save up so many seconds of it.
OWN_SHARE, _OWN_SAVED = 1 / 8, 2.0


class Purse:
    """The budget of a connection. now: the server's clock (s). payer: its network's."""

    __slots__ = ("_chats", "_new_rooms", "_now", "_own", "account", "network", "payers")

    def __init__(self, payer: Payer, limits: Limits, now: Callable[[], float]) -> None:
        self._now = now
        self.network = payer
        #: The account that is signed in, if one is; and all who pay.
        self.account: Payer | None = None
        self.payers = [payer]
        self._own: TokenBucket | None = None
        if limits.max_cost_per_address and not payer.unlimited:
            rate = limits.max_cost_per_address * SECOND * OWN_SHARE
            self._own = TokenBucket(rate, rate * _OWN_SAVED, now())
        rooms, chats = limits.max_new_rooms_per_second, limits.max_chats_per_second
        self._new_rooms = TokenBucket(rooms, rooms * SAVED_ACTS, now())
        self._chats = TokenBucket(chats, chats * SAVED_ACTS, now())

    def sign_in(self, account: Payer) -> Payer | None:
        """An account pays too, for all that comes. Returns the one that did until now, if there was one."""
        before, self.account = self.account, account
        self.payers = [self.network, account]
        return before

    # Server time.

    def prepay(self, price: float) -> bool:
        """Pay for messages that have not come yet. False if there is nothing left.

        What is left for other things may be used up by this, and as much again: players go on playing while somebody
        at their address asks for too much.
        """
        now = self._now()
        for payer in self.payers:
            time = payer.time
            time.refill_until(now)
            if time.left <= -time.most:
                payer.used_up(now)
                return False
        for payer in self.payers:
            payer.time.take(price)
        return True

    def spend(self, price: float) -> None:
        """Pay for what is about to be done. Raises MessageError (`rate_limited`) if nothing is left."""
        now = self._now()
        if self._own is not None:
            self._own.refill_until(now)
            if self._own.left <= 0:
                raise MessageError("rate_limited", "This connection has asked for too much; wait a moment.")
        for payer in self.payers:
            payer.time.refill_until(now)
            if payer.time.left <= 0:
                payer.used_up(now)
                raise MessageError("rate_limited", "Your address has asked for too much; wait a moment.")
        self.take(price)

    def take(self, price: float) -> None:
        """Pay for what has been done, whether there is enough or not."""
        if self._own is not None:
            self._own.take(price)
        for payer in self.payers:
            payer.time.take(price)

    # What others have to put up with.

    def spend_chat(self) -> None:
        """Say one thing. Raises MessageError (`rate_limited`) if too much was said."""
        if not self._spend([self._chats, *(payer.chats for payer in self.payers)]):
            raise MessageError("rate_limited", "You are chatting too fast; wait a moment.")

    def check_new_room(self) -> None:
        """Raises MessageError (`rate_limited`) if no other room may be opened now."""
        if not self._spend(self._rooms(), 0):
            raise MessageError("rate_limited", "You have opened too many rooms; wait some seconds.")

    def take_new_room(self) -> None:
        """A room is opened."""
        self._take(self._rooms())

    def _rooms(self) -> list[TokenBucket]:
        return [self._new_rooms, *(payer.new_rooms for payer in self.payers)]

    # Guesses.

    def check_codes(self) -> None:
        """Raises MessageError (`rate_limited`) if too many wrong codes came from here to look at another."""
        if not self._spend([payer.codes for payer in self.payers], 0):
            raise MessageError("rate_limited", "Too many wrong codes came from your address; wait a minute.")

    def wrong_code(self) -> None:
        """There is nothing under a code."""
        self._take([payer.codes for payer in self.payers])

    def _take(self, buckets: list[TokenBucket]) -> None:
        now = self._now()
        for bucket in buckets:
            bucket.refill_until(now)
            bucket.take()

    def _spend(self, buckets: list[TokenBucket], tokens: float = 1.0) -> bool:
        """Take so many of each if each has one at least. Returns whether they had."""
        now = self._now()
        for bucket in buckets:
            bucket.refill_until(now)
        if any(bucket.left < 1 for bucket in buckets):
            return False
        for bucket in buckets:
            bucket.take(tokens)
        return True
