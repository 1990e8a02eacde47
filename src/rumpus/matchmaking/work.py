"""What placing people takes, counted, so that one call can stop where it has done enough.

One of work is a look at a room or at a waiting ticket, some 0.15 microseconds. What takes longer is worth several.
"""

from __future__ import annotations

#: Work that one call may do.
MOST = 6000
#: What a look at a group of rooms or tickets is worth, a ticket's turn as such, and working out whether two wishes go
#: together.
GROUP, TURN, COMMON = 8, 10, 400


class Work:
    """How much one call has done so far. Whoever does some adds to it."""

    __slots__ = ("done",)

    def __init__(self) -> None:
        self.done = 0

    def begin(self) -> None:
        """Another call."""
        self.done = 0

    @property
    def enough(self) -> bool:
        return self.done >= MOST
