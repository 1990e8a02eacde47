"""Which matches are written to the database at all, so that nobody fills it with matches that mean nothing.

Rated ones always are: what is rated is bounded by its rules. Of the others, those that came to something, and so many
an hour of each network. Sans-I/O: the time is that of the match.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable

from ..token_bucket import TokenBucket
from .rating import UNRATED_REASONS
from .record import MatchRecord

#: Matches that ended so came to nothing.
_CAME_TO_NOTHING = frozenset({"abandoned", "reset"})
_HOUR = 3600.0
#: Lines of results that a match has for the price of one; of a longer one each further lot costs as much again.
_LINES = 16
#: Networks whose matches are counted; who was seen longest ago may begin anew.
_MOST_NETWORKS = 10_000


class Keeping:
    """most: unrated matches of one network in an hour that are kept, and as many may be saved up; 0: none."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._budgets: OrderedDict[str, TokenBucket] = OrderedDict()
        #: Matches that are kept nowhere but in memory and in the log.
        self.not_kept = 0

    def keeps(self, record: MatchRecord, networks: Iterable[str], least: float) -> bool:
        """Whether a match is to be written, which is then charged to those who took part.

        networks: of everybody in it. least: seconds that a match has which came to something although nobody stayed,
        or it was called off.
        """
        kept = record.unrated is None or (_means_something(record, least) and self._charge(record, networks))
        self.not_kept += not kept
        return kept

    def _charge(self, record: MatchRecord, networks: Iterable[str]) -> bool:
        """Take a match from each budget. Whether one of them had it: nobody can use up what others have."""
        price, now = max(1.0, len(record.results) / _LINES), record.ended_at
        paid = [self._budget(network, now).spend(price) for network in networks]
        return any(paid)

    def _budget(self, network: str, now: float) -> TokenBucket:
        budget = self._budgets.get(network)
        if budget is None:
            budget = self._budgets[network] = TokenBucket(self._most / _HOUR, self._most, now)
            if len(self._budgets) > _MOST_NETWORKS:
                self._budgets.popitem(last=False)
        self._budgets.move_to_end(network)
        budget.refill_until(now)
        return budget


def _means_something(record: MatchRecord, least: float) -> bool:
    if record.reason in _CAME_TO_NOTHING:
        return False
    stayed = any(not line.bot and not line.left for line in record.results)
    return record.duration >= least or (stayed and record.reason not in UNRATED_REASONS)
