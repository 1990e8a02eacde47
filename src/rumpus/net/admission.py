"""For whom a socket counts, from its first byte until it is gone."""

from __future__ import annotations

import asyncio
from typing import Protocol

from .trusted_proxies import TrustedProxies, plain_address
from .websocket import address_of


class Gate(Protocol):
    """Who counts sockets: `rumpus.net.listener.Listener`."""

    proxies: TrustedProxies

    def admit(self, address: str | None) -> bool: ...

    def forget(self, address: str | None) -> None: ...


class Admission:
    """One socket's place among those that are counted."""

    #: The peer's address, and the one that this socket counts for: the client's, or None while a trusted proxy has not
    #: said for whom it comes.
    address: str
    counted_for: str | None

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._is_admitted = False

    def admit(self, transport: asyncio.BaseTransport) -> bool:
        """Count this socket; False if that would be one too many."""
        self.address = plain_address(address_of(transport))
        self.counted_for = None if self._gate.proxies.trusts(self.address) else self.address
        self._is_admitted = self._gate.admit(self.counted_for)
        return self._is_admitted

    def forget(self) -> None:
        """The socket is gone. Counts once, however often it is told."""
        if self._is_admitted:
            self._is_admitted = False
            self._gate.forget(self.counted_for)
