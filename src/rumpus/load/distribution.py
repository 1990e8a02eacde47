"""Percentiles of millions of durations in a few kilobytes.

Values are counted in classes that each are 2% wide (as HdrHistogram does), so a run of hours takes no more memory than
one of seconds, and every percentile is right to 1%.
"""

from __future__ import annotations

from math import exp, log

_WIDTH = log(1.02)
#: Everything shorter (s) is one class.
_LEAST = 1e-6


class Distribution:
    """Counts durations in seconds. Percentiles come in milliseconds."""

    def __init__(self) -> None:
        self.count = 0
        self.most = 0.0
        self._classes: dict[int, int] = {}

    def add(self, seconds: float) -> None:
        self.count += 1
        if seconds > self.most:
            self.most = seconds
        index = int(log(seconds / _LEAST) / _WIDTH) if seconds > _LEAST else 0
        self._classes[index] = self._classes.get(index, 0) + 1

    def clear(self) -> None:
        self.count, self.most = 0, 0.0
        self._classes.clear()

    def percentile(self, share: float) -> float | None:
        """The value (ms) that the share of the durations, 0 to 1, does not exceed. None if there are none."""
        remaining = share * self.count
        for index in sorted(self._classes):
            remaining -= self._classes[index]
            if remaining <= 0:
                middle = _LEAST * exp((index + 0.5) * _WIDTH)
                return min(middle, self.most) * 1000
        return None
