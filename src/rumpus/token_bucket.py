"""How often something may be done: a bucket of tokens that fills at a fixed rate, from which each time takes some.

Sans-I/O: it is told how much time has passed, by those who look at it once a second anyhow, or what time it is, by
those who look only when something is to be done. Whoever may do nothing for a while saves tokens up, but not forever.
"""

from __future__ import annotations

#: As often as one likes. Not infinite: no time at all of it is none.
ANY_RATE = 1e9


class TokenBucket:
    """rate: tokens a second. most: how many may be saved up; it begins full. now: the time, for `refill_until`.

    `left` may fall below 0 by `take`; then nothing is to be had until that is made up for.
    """

    __slots__ = ("_filled_at", "left", "most", "rate")

    def __init__(self, rate: float, most: float, now: float = 0.0) -> None:
        self.rate = rate
        self.most = most
        #: Tokens at hand.
        self.left = most
        self._filled_at = now

    def change(self, rate: float, most: float) -> None:
        """From now on it fills at another rate, up to another number."""
        self.rate = rate
        self.most = most

    def refill(self, seconds: float = 1.0) -> None:
        """So much time has passed."""
        self.left = min(self.left + self.rate * seconds, self.most)

    def refill_until(self, now: float) -> None:
        """It is `now` (s) on the clock that is always used for this bucket."""
        self.refill(now - self._filled_at)
        self._filled_at = now

    def full_after(self, now: float) -> float:
        """Seconds until it is full, seen from `now` (s), if nothing is taken."""
        return max(0.0, (self.most - self.left) / self.rate - (now - self._filled_at))

    def spend(self, tokens: float = 1.0) -> bool:
        """Take so many tokens if there are as many. Returns whether there were."""
        if self.left < tokens:
            return False
        self.left -= tokens
        return True

    def take(self, tokens: float = 1.0) -> None:
        """Take so many tokens, also where there are fewer."""
        self.left -= tokens
