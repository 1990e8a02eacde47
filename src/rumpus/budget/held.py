"""Places that are kept for people who lost their connection, in rooms and in parties: so many for one network."""

from __future__ import annotations

from collections import Counter


class HeldPlaces:
    """How many are kept for whom. most: for one network (see `network_of`)."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._by_network: Counter[str] = Counter()

    def __len__(self) -> int:
        return self._by_network.total()

    def hold(self, network: str) -> bool:
        """Keep one more. False if as many are kept for this network as may be."""
        if self._by_network[network] >= self._most:
            return False
        self._by_network[network] += 1
        return True

    def free(self, network: str) -> None:
        """One that was kept is kept no longer."""
        self._by_network[network] -= 1
        if not self._by_network[network]:
            del self._by_network[network]
