"""What sockets and requests cost whoever opens and sends them, before anybody has a session.

Nobody is refused a page because somebody else at their address asks for much: requests are charged at once, and wait
until the address has paid off what it owes. So they are answered at the rate that the address may have, each after
those before it. One request of a connection waits at a time, and sockets of who owes too much are turned away, so
nobody waits for long. Prices are microseconds of server time.
"""

from __future__ import annotations

from collections.abc import Callable

from .ledger import Ledger

#: Accepting a socket, and seeing it go.
SOCKET = 120.0
#: A request, and the handshake of a WebSocket.
REQUEST, HANDSHAKE = 150.0, 300.0


class Toll:
    """What stands at the door. now: the server's clock (s)."""

    def __init__(self, ledger: Ledger, now: Callable[[], float]) -> None:
        self._ledger = ledger
        self._now = now

    def admits(self, address: str) -> bool:
        """Charge for a socket from there. False if the address owes so much that even this is too much."""
        now = self._now()
        payer = self._ledger.network(address, now)
        time = payer.time
        time.refill_until(now)
        admits = time.left > -time.most
        if admits:
            time.take(SOCKET)
        else:
            payer.used_up(now)
        self._ledger.release(payer, now)
        return admits

    def delay(self, address: str, price: float) -> float:
        """Charge for a request from there. Returns the seconds after which it may be answered."""
        now = self._now()
        payer = self._ledger.network(address, now)
        time = payer.time
        time.refill_until(now)
        delay = max(0.0, -time.left / time.rate)
        time.take(price)
        self._ledger.release(payer, now)
        return delay

    def is_unlimited(self, address: str) -> bool:
        """Whether limits by address do not count there."""
        return self._ledger.is_unlimited(address)

    def network(self, address: str) -> str:
        """What this address counts as."""
        return self._ledger.network_of(address)
