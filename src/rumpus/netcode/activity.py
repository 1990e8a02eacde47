"""How much of a match somebody took part in: whether what they sent changed now and then, or nobody was there.

Looked at once a second, so that the way of an input costs nothing more. It is meant for those who walked away, not for
programs: one that moves a stick at random passes for a player.
"""

from __future__ import annotations

from typing import Any

#: Looks that one change is good for: whoever holds a direction for a moment is still there.
CHANGE_LASTS = 5
#: The same in a game of commands, where people think before they act.
COMMAND_LASTS = 60


class Activity:
    """What one player has done in the running match, as counted by `look`."""

    __slots__ = ("_ack", "_data", "_lasts", "active", "began", "looks")

    def __init__(self) -> None:
        self.begin(0)

    def begin(self, tick: int) -> None:
        """The player takes part from this tick on, and has done nothing yet."""
        #: The tick in which they came in; how often they were looked at, and found active.
        self.began = tick
        self.looks = self.active = 0
        self._lasts = 0
        self._ack = -1
        self._data: Any = None

    def look(self, data: Any, ack: int, commands: bool) -> None:
        """data: the input in force, None for none. ack: the number of the last one, -1 before the first.

        commands: whether each input counts by itself, so that the same again is something new.
        """
        self.looks += 1
        if commands:
            if ack not in (-1, self._ack):
                self._ack, self._lasts = ack, COMMAND_LASTS
        elif data is not None:
            # The first of all is what a client says without being touched.
            if self._data is not None and data != self._data:
                self._lasts = CHANGE_LASTS
            self._data = data
        if self._lasts > 0:
            self._lasts -= 1
            self.active += 1

    @property
    def share(self) -> float:
        """The part of the time in which they were active, 0 to 1. 1 for whoever was never looked at."""
        return self.active / self.looks if self.looks else 1.0
