"""Who has been rated against whom how often within a day: the same two again and again say little, and can be friends.

In memory, because a network is written nowhere; after a restart everybody is fresh. Sans-I/O: it is told the time.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import NamedTuple

from ..identity.identity import GUEST
from .presence import Presence
from .rated import opponents
from .rating import counted_sides
from .record import MatchRecord, PlayerResult

#: Seconds after the first of some matches in which they count as repetitions.
_DAY = 86_400.0
#: Pairs that are remembered; the oldest are fresh again.
_MOST_PAIRS = 100_000
#: Meetings of one match that are noted, about: they grow with the square of the players, and the room waits meanwhile.
_MOST_NOTED = 128


#: How many times as often guests of two networks may meet as two people.
_HOUSEHOLDS = 5


class _Pair(NamedTuple):
    """Whoever met whom. times: how many times as often as two people they may."""

    one: str
    other: str
    times: int = 1


class Repeats:
    """most: rated matches of the same two in a day; 0: any number."""

    def __init__(self, most: int) -> None:
        self._most = most
        #: The first time (s), and how often since.
        self._met: OrderedDict[_Pair, tuple[float, int]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._met)

    def enough(self, one: PlayerResult, other: PlayerResult, people: Mapping[str, Presence], now: float) -> bool:
        """See `rated.Met`."""
        if self._most == 0:
            return False
        return any(self._count(pair, now) >= self._most * pair.times for pair in _pairs(one, other, people))

    def note(self, record: MatchRecord, people: Mapping[str, Presence]) -> None:
        """A match was rated, or is about to be."""
        sides = counted_sides(record)
        if self._most == 0 or not sides:
            return
        # In a crowd each is noted against some: whom they meet again and again will be among them.
        most = max(1, _MOST_NOTED // sum(len(side.players) for side in sides))
        pairs = {
            pair
            for side in sides
            for one in side.players
            for other in islice(opponents(side, sides), most)
            for pair in _pairs(one, other, people)
        }
        now = record.ended_at
        for pair in pairs:
            first, _ = self._met.get(pair, (now, 0))
            count = self._count(pair, now)
            self._met[pair] = (first if count else now, count + 1)
            self._met.move_to_end(pair)
        while len(self._met) > _MOST_PAIRS:
            self._met.popitem(last=False)

    def _count(self, pair: _Pair, now: float) -> int:
        first, count = self._met.get(pair, (now, 0))
        return count if now - first < _DAY else 0


def _pairs(one: PlayerResult, other: PlayerResult, people: Mapping[str, Presence]) -> Iterator[_Pair]:
    """What is counted of somebody who meets somebody else.

    A guest is whoever comes from the same network too, because keys are made up in no time; and where both are guests,
    all of their two networks count, some households' worth of them.
    """
    account, met = str(one.account), str(other.account)
    yield _Pair(account, met)
    if met.startswith(GUEST):
        there = _networks(other, people)
        yield from (_Pair(account, network) for network in there)
        if account.startswith(GUEST):
            here = _networks(one, people)
            yield from (_Pair(mine, theirs, _HOUSEHOLDS) for mine in here for theirs in there)


def _networks(line: PlayerResult, people: Mapping[str, Presence]) -> list[str]:
    """As no account is called."""
    return [f"@{network}" for network in people.get(line.player_id, Presence()).networks]
