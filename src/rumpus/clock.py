"""Where time comes from. Everything above the transport asks a `Clock`, so that tests can own time."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """A source of monotonic time in seconds. Only differences mean anything."""

    def now(self) -> float: ...

    def used(self) -> float:
        """Seconds of processor time that the calling thread has used."""


class SystemClock:
    """The machine's monotonic clock."""

    #: Not a method of ours: it is asked for every input.
    now = staticmethod(time.monotonic)
    used = staticmethod(time.thread_time)
