"""One player's inputs on their way from the network, which is uneven, to the ticks, which are not.

A client that predicts says for which tick each input is. It runs ahead of the server by as much as its inputs take,
so they wait here, a moment, until their tick is computed; every tick takes exactly one. An input is in force until the
next one: what has not changed need not be sent again, and clients send it some times a second all the same, so that
silence means that something is wrong.

- Late (its tick has been computed): it counts for the next tick. Time is never given back, so there is nothing to gain.
- Several for one tick: merged, see `Game.merge_inputs`. From the next tick on the newest of them alone is in force:
  what was pressed and let go in between counts once.
- For an earlier tick than the one before: refused, for it was said already what is in force then. Only after the server
  has stood still are players' clocks set back. What waits for later ticks was wanted before this, so it is merged into
  it. Rejected: letting it wait, and this with it, which keeps the player out of control for as long as the clock was
  ahead.
- Too far ahead or behind: refused.
- Nothing for some time: the last is repeated; after longer, the player's hands are taken off (`Game.release_input`).

Rejected: dropping late inputs, which loses the press of a trigger at each hiccup; and a queue without ticks, whose
length after a hiccup is a delay that never goes away (the plain queue of untimed inputs is merged for this reason).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

#: Seconds from one input to the next that clients promise to keep at most (0.2), and a bit for the way.
STARVED_AFTER = 0.25

Merge = Callable[[Any, Any], Any]

#: The tick that an input counts for, its sequence number, the input, its margin (s), its view lag (ticks), and for a
#: merged one what is in force after that tick.
Timed = tuple[int, int, Any, float, float, Any]


class InputBuffer:
    """Inputs that name their tick, of one player.

    hold, starved: ticks without news after which the player is released, or counted as starved. Who adds sees to it
    that ticks are near the one that is computed next, and so bounds what may wait: one for each tick.
    """

    __slots__ = (
        "_hold",
        "_last_tick",
        "_merge",
        "_release",
        "_starved",
        "_then",
        "_waiting",
        "data",
        "lenient_until",
        "margin",
        "newest",
        "reach",
        "refused",
        "released",
        "seq",
        "view_lag",
    )

    def __init__(self, hold: int, starved: int, merge: Merge, release: Callable[[Any], Any]) -> None:
        self._hold, self._starved = hold, starved
        self._merge, self._release = merge, release
        #: Each for a later tick than the one before. As a rule there are one or two.
        self._waiting: list[Timed] = []
        #: The tick of the newest input, taken or not.
        self.newest = -1
        #: What is in force from the next tick on.
        self._then: Any = None
        self._last_tick = -1
        #: The input in force: None before the first. `seq` and `margin` (seconds) are of the last one that came.
        self.data: Any = None
        self.seq = -1
        self.margin = 0.0
        #: Ticks between the tick of this input and what the player saw on making it.
        self.view_lag = 0.0
        #: How many ticks that may be, by what is measured, for an input that does not wait.
        self.reach = 0.0
        #: Whether the input in force is not the player's: nothing was heard for too long.
        self.released = False
        #: Inputs refused since the last one that was not, from this tick on.
        self.lenient_until = 0
        self.refused = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, tick: int, seq: int, data: Any, margin: float, view_lag: float) -> None:
        """Take an input for a tick that has not been computed yet. margin: seconds; view_lag: ticks."""
        waiting = self._waiting
        self.newest = tick
        then = data
        while waiting and waiting[-1][0] >= tick:
            data = self._merge(waiting.pop()[2], data)
        waiting.append((tick, seq, data, margin, view_lag, then))

    def take(self, tick: int) -> bool:
        """Put the input of this tick in force: into `data`. Ticks must be taken in order. Returns whether it is new."""
        waiting = self._waiting
        if waiting and waiting[0][0] <= tick:
            self._last_tick, self.seq, self.data, self.margin, self.view_lag, self._then = waiting.pop(0)
            self.released = False
            return True
        if not self.released:
            self.data = self._then
            if not waiting and tick - self._last_tick > self._hold and self.data is not None:
                self.released = True
                self.data = self._release(self.data)
        return False

    def is_starved(self, tick: int) -> bool:
        """Whether this tick goes on with an input that was meant for others: none has come for too long."""
        return not self._waiting and tick - self._last_tick > self._starved and self._last_tick >= 0
