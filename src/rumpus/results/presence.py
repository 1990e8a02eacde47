"""What rating has to know of a match and is written nowhere: who took part from where, for how long, and how much."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

#: Networks that are remembered of one seat; see `Presence`.
MOST_NETWORKS = 8


class Presence(NamedTuple):
    """One person in a match.

    networks: where they were connected from while they had the seat, as `budget.networks` names them. played: seconds
    of the match's own time that they were in it. active: the part of that in which they did something, 0 to 1.
    sent_away: whether others made them leave before the end.
    """

    networks: frozenset[str] = frozenset()
    played: float = 0.0
    active: float = 1.0
    sent_away: bool = False


class Circumstances(NamedTuple):
    """private: whether strangers were kept out at any time. people: by player id, those who left early too.

    hosted: whether a player made the room.
    """

    private: bool
    people: Mapping[str, Presence]
    hosted: bool = False

    @property
    def networks(self) -> frozenset[str]:
        """All that took part."""
        return frozenset().union(*(person.networks for person in self.people.values()))
