"""Where a room is in the time of its match: the tick it has computed, and when the next one is due.

One object, because three look at it that know nothing of each other: the match that counts, the inputs that are judged
by it, and what is told and logged with a tick.
"""

from __future__ import annotations


class Timeline:
    """The time of one room. Ticks are counted from the beginning of the match."""

    __slots__ = ("deadline", "tick")

    def __init__(self, now: float) -> None:
        #: The last tick that was computed; 0 before the first.
        self.tick = 0
        #: When the next one is due, on the server's clock (s).
        self.deadline = now

    def begin(self) -> None:
        """Another match, or none."""
        self.tick = 0

    def step(self) -> int:
        """The next tick is computed now. Returns which one that is."""
        self.tick += 1
        return self.tick

    def due(self, deadline: float) -> None:
        """When the next tick is due (s)."""
        self.deadline = deadline
