"""Times by size, counted in plain integers: a hot path cannot afford more."""

from __future__ import annotations

from bisect import bisect_left

#: Upper bounds, in seconds, of the buckets that lateness and duration are counted in.
BUCKETS = (0.0005, 0.001, 0.002, 0.003, 0.005, 0.010, 0.020, 0.033, 0.050, 0.100, 0.250, 1.0)


class Histogram:
    """Counts of observations by size, without locks or labels; exported by `rumpus.endpoints.metrics`."""

    def __init__(self) -> None:
        self.counts = [0] * (len(BUCKETS) + 1)
        self.total = 0.0

    def over(self, bound: float) -> int:
        """How many were above a size, which is taken for the next of `BUCKETS`."""
        return sum(self.counts[bisect_left(BUCKETS, bound) + 1 :])

    def observe(self, value: float) -> None:
        self.counts[bisect_left(BUCKETS, value)] += 1
        self.total += value
