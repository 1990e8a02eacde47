"""How much the server has to do, and what it leaves undone when that is too much. Sans-I/O: it is told what happened.

A server without room to spare has matches that lose ticks, and every player who is let in then takes from those who
play. So it gives way before that, one rung at a time: states are sent every second time, then every third; then no
rooms are opened; then nobody is let in. Each rung is tried before the next, and all are taken back when the load is
gone.

The measure is the processor time that the loop's thread uses, over a second at most, because it tells before anything
is late. Where others use the processor too, ticks may be late with time to spare, so lateness counts as well, but not
where little is done: what is not the server's load does not go away when it does less. Rejected: the time that ticks
take, which neighbours on the machine make longer; six players brought the last rung.
Who came within that second is in the measure only in part, so what ticks cost is taken up by as much as the number of
players has grown. After each change the measure begins anew: what was before would push on to the next rung.
"""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

from ..config import Limits
from ..errors import JoinError
from ..token_bucket import ANY_RATE

#: Measurements a second; the server takes them with its sweeps.
RATE = 16
#: Measurements that the load is judged by at most; and at least, before a rung is climbed, and when it is pressing.
_WINDOW, _ENOUGH, _PRESSING = RATE, RATE // 2, RATE // 4
#: A load below this share of the one that is too much is low enough to go back, and of lateness that.
_CALM, _CALM_LATE = 0.88, 0.25
#: Share of the ticks that have to be late before it counts, and before it is pressing.
_LATE, _VERY_LATE = 0.1, 0.5
#: Share of the time that the loop has to be busy for it to count that ticks are late.
_BUSY_ENOUGH = 0.5
#: Seconds for which the load has to be low before a rung is left. Doubled, up to the most, when that was too early.
_PATIENCE, _MOST_PATIENCE = 3.0, 60.0
#: Seconds after leaving a rung within which coming back to it means that it was too early.
_TOO_EARLY = 10.0
#: Players from whom on the load is scaled by their number, and by how much at most.
_SOME_PLAYERS, _MOST_GROWTH = 8.0, 4.0
#: Processor time that a new connection and its join take, about (s).
_CONNECTION_COST = 0.0004
#: Connections that are taken a second at least: those who had a seat may want it back, and health is asked for.
LEAST_CONNECTIONS = 200.0
#: Share of the load that is too much up to which newcomers may bring it, and how fast they are let in below that.
_NEWCOMERS, _GAIN = 0.95, 4.0


class Rung(NamedTuple):
    """level: 0 normal, 1 states are sent less often, 2 no new rooms, 3 no joins. every: which states are sent."""

    level: int
    every: int
    means: str


RUNGS = (
    Rung(0, 1, "everything is as usual"),
    Rung(1, 2, "states are sent every 2nd time only"),
    Rung(1, 3, "states are sent every 3rd time only"),
    Rung(2, 3, "states are sent every 3rd time only and no rooms are opened"),
    Rung(3, 3, "states are sent every 3rd time only and nobody is let in"),
)
_TOP = len(RUNGS) - 1


class Totals(NamedTuple):
    """What has been since the server began. Times in seconds; `now` is the clock.

    used: processor time of the loop's thread.  ticking: of that, in ticks.  ticks: that started, and how many of them
    `late`.  players: people with a seat, now.
    """

    now: float
    used: float
    ticking: float
    ticks: int
    late: int
    players: int


class LoadShedding:
    """On which rung the server is. `measure` has to be called `RATE` times a second.

    A limit that is 0 (`overload_busy`, `overload_lateness`) takes no part; with both 0 there is only the first rung.
    """

    def __init__(self, limits: Limits) -> None:
        self._most = limits.overload_busy
        self._lateness = limits.overload_lateness
        self._window: deque[Totals] = deque(maxlen=_WINDOW + 1)
        self._rung = 0
        #: Share of the time that the loop was busy, and with those who came lately taken for full, 0 to about 1.
        self.busy = self.load = 0.0
        #: Share of the ticks that started late; 0 while little is done.
        self.late = 0.0
        #: New connections that may be taken a second.
        self.connections_per_second = ANY_RATE if self._most <= 0 else LEAST_CONNECTIONS
        # What each of the first rungs leaves of a load, by number: 1 until it is known.
        self._relief = [1.0] * len(RUNGS)
        #: The load that the rung was climbed at, until it is known what that helped.
        self._load_before: float | None = None
        self._calm_since: float | None = None
        self._left_at = float("-inf")
        self._patience = _PATIENCE

    @property
    def level(self) -> int:
        """0 normal, 1 states are sent less often, 2 no new rooms, 3 no joins."""
        return RUNGS[self._rung].level

    @property
    def every(self) -> int:
        """Of the states that would be sent, every how many is."""
        return RUNGS[self._rung].every

    def measure(self, totals: Totals) -> bool:
        """Take note of how things stand. Returns whether the rung has changed."""
        window = self._window
        window.append(totals)
        taken = len(window) - 1
        if taken < _PRESSING or totals.now <= window[0].now:
            return False
        self._judge(window[0], totals, window[-1 - _PRESSING])
        if self._load_before is not None and taken >= _ENOUGH:
            self._learn(self._load_before)
        too_much = 0 < self._most <= self.load or (self._lateness > 0 and self.late >= _LATE)
        pressing = 0 < (self._most + 1) / 2 <= self.load if self._most > 0 else False
        pressing = pressing or (self._lateness > 0 and self.late >= _VERY_LATE)
        if too_much and self._rung < _TOP and (taken >= _ENOUGH or pressing):
            return self._climb(totals.now)
        if too_much or self._rung == 0 or not self._is_calm():
            self._calm_since = None
            return False
        if self._calm_since is None:
            self._calm_since = totals.now
        if totals.now - self._calm_since < self._patience:
            return False
        return self._descend(totals.now)

    def _judge(self, first: Totals, last: Totals, recent: Totals) -> None:
        """Work out the load from the window, and from the end of it how many newcomers there may be."""
        span = last.now - first.now
        ticking = (last.ticking - first.ticking) / span
        self.busy = max((last.used - first.used) / span, ticking)
        usual = sum(totals.players for totals in self._window) / len(self._window)
        growth = last.players / usual if usual >= _SOME_PLAYERS else 1.0
        to_come = ticking * (min(max(growth, 1.0), _MOST_GROWTH) - 1.0)
        self.load = self.busy + to_come
        ticks = last.ticks - first.ticks
        self.late = (last.late - first.late) / ticks if ticks > 0 and self.busy >= _BUSY_ENOUGH else 0.0
        if self._most > 0:
            now = (last.used - recent.used) / max(last.now - recent.now, 1e-6) + to_come
            room = max(0.0, _NEWCOMERS * self._most - now)
            self.connections_per_second = max(LEAST_CONNECTIONS, _GAIN * room / _CONNECTION_COST)

    def _learn(self, before: float) -> None:
        """Note what sending less has helped; not more than if there were nothing but sending."""
        rung, self._load_before = self._rung, None
        least = RUNGS[rung - 1].every / RUNGS[rung].every
        self._relief[rung] = min(1.0, max(least, self.load / before)) if before > 0 else 1.0

    def _is_calm(self) -> bool:
        """Whether the load would be low on the rung below too."""
        if self._lateness > 0 and self.late >= _LATE * _CALM_LATE:
            return False
        return self._most <= 0 or self.load / self._relief[self._rung] < self._most * _CALM

    def _climb(self, now: float) -> bool:
        if now - self._left_at < _TOO_EARLY:
            self._patience = min(2 * self._patience, _MOST_PATIENCE)
            self._left_at = float("-inf")
        self._load_before = self.load
        self._rung += 1
        self._begin_anew()
        return True

    def _descend(self, now: float) -> bool:
        if now - self._left_at > _MOST_PATIENCE:
            self._patience = _PATIENCE
        self._left_at = now
        self._load_before = None
        self._rung -= 1
        self._begin_anew()
        return True

    def _begin_anew(self) -> None:
        self._calm_since = None
        last = self._window[-1]
        self._window.clear()
        self._window.append(last)

    # What follows from it.

    @property
    def takes_nobody(self) -> bool:
        """Whether nobody can be taken now who has no seat yet."""
        return self.level >= 3

    def refuse_join(self, new_room: bool) -> None:
        """Raise JoinError (`server_busy`) if a player, or a new room, cannot be taken now."""
        if self.takes_nobody or (new_room and self.level >= 2):
            what = "New rooms cannot be opened" if self.level == 2 else "Nobody can join"
            seconds = max(5, round(self._patience))
            raise JoinError(
                "server_busy", f"This server is busy. {what} at the moment; try again in {seconds} seconds."
            )

    def __str__(self) -> str:
        """A sentence for the log."""
        why = f"the loop is busy for {self.busy:.0%} of the time, {self.late:.0%} of the ticks start late"
        return f"overload level {self.level}: {RUNGS[self._rung].means} ({why})"
