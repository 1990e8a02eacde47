"""How long the way to a client and back takes, measured with pings of the server's own, on its own clock.

What a client says of its connection is a claim; how soon it answers a ping is a measurement. It can only make itself
look slower than it is, by answering late, and no further than lag compensation reaches.
"""

from __future__ import annotations

#: Answers that are remembered.
_KEPT = 5
#: Seconds that are assumed before the first answer.
UNKNOWN = 0.1


class RoundTrip:
    """The last answers to pings. Times in seconds."""

    __slots__ = ("_asked_at", "_samples", "median", "spread")

    def __init__(self) -> None:
        self._samples: list[float] = []
        self._asked_at: float | None = None
        #: Of the last five: the one in the middle, which a single stall does not move, and slowest less quickest.
        self.median = UNKNOWN
        self.spread = 0.0

    def asked(self, now: float) -> None:
        """A ping was sent. While one is under way, the next measures nothing."""
        if self._asked_at is None:
            self._asked_at = now

    def answered(self, now: float) -> None:
        """A pong came. One that nobody asked for is ignored."""
        if self._asked_at is None:
            return
        self._samples = [*self._samples[1 - _KEPT :], max(0.0, now - self._asked_at)]
        self._asked_at = None
        ordered = sorted(self._samples)
        self.median = ordered[len(ordered) // 2]
        self.spread = ordered[-1] - ordered[0]
