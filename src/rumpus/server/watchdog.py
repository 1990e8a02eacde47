"""Notices an event loop that does not come back, as with a game whose `update` never returns, and ends the process:
whoever runs the server starts it anew, which is better than a process that looks alive.

A thread looks at the loop's progress. Time counts only as this thread sees it pass, so a machine that was paused, or a
debugger, is no reason to end anything. Should the thread itself not get to run, because native code holds the
interpreter, a timer of the system that counts processor time ends the process (POSIX `ITIMER_VIRTUAL`).
"""

from __future__ import annotations

import asyncio
import faulthandler
import logging
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable

logger = logging.getLogger(__name__)

#: Seconds between turns of the loop that are noted, between looks at that, and the most that one look counts for.
_TURN, _LOOK, _MOST = 0.1, 0.05, 0.1
#: Seconds without progress after which the log gets the loop's stack for the first time.
FIRST_WORD = 0.25
#: Seconds without progress that are borne once the process was asked to end, however long ticks may take.
_STOPPING = 5.0
#: What a process that was ended by this exits with (`EX_SOFTWARE` of sysexits.h).
EXIT_STATUS = 70


class Watchdog:
    """Watches the event loop that runs in the thread that makes it.

    limit: seconds that it may stay away; 0: for ever. alive: called about once a second while it comes round.
    last_words: called before the process ends. Both are called by another thread.
    """

    def __init__(
        self,
        limit: float,
        *,
        alive: Callable[[], None] = lambda: None,
        last_words: Callable[[], None] = lambda: None,
        end: Callable[[int], object] = os._exit,
    ) -> None:
        self._limit = limit
        self._alive = alive
        self._last_words = last_words
        self._end = end
        self._loop = asyncio.get_running_loop()
        self._loop_thread = threading.get_ident()
        #: How often the loop has come round.
        self._turns = 0
        self._stopping = False
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="rumpus watchdog", daemon=True)
        #: Times that the loop stayed away for longer than `FIRST_WORD`.
        self.noticed = 0

    def start(self) -> None:
        if self._limit > 0 and hasattr(signal, "setitimer"):
            faulthandler.register(signal.SIGVTALRM, all_threads=True, chain=True)
        self._turn()
        self._thread.start()

    def _turn(self) -> None:
        self._turns += 1
        if not self._over.is_set():
            self._loop.call_later(_TURN, self._turn)

    def stop(self) -> None:
        """The loop ends in order."""
        self._over.set()
        if self._thread.ident is not None:
            self._thread.join()
        if self._limit > 0 and hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
            faulthandler.unregister(signal.SIGVTALRM)

    def asked_to_stop(self) -> None:
        """The process is to end; a handler of signals may call this."""
        self._stopping = True

    def _watch(self) -> None:
        turns, away, told, seen = -1, 0.0, False, time.monotonic()
        next_sign = seen
        while not self._over.wait(_LOOK):
            now = time.monotonic()
            passed, seen = min(now - seen, _MOST), now
            if self._turns != turns:
                turns, away, told = self._turns, 0.0, False
                if now >= next_sign:
                    next_sign = now + 1
                    self._alive()
                    self._set_timer()
                continue
            away += passed
            if away >= FIRST_WORD and not told:
                told = True
                self.noticed += 1
                self._tell(logging.WARNING, "the event loop has not come back for %.2f s; it is here:", away)
            limit = self._limit or (_STOPPING if self._stopping else 0)
            if 0 < limit <= away:
                self._give_up(away)

    def _set_timer(self) -> None:
        """Should this thread not come here again: twice the limit, since all threads' processor time counts."""
        if self._limit > 0 and hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_VIRTUAL, 2 * self._limit + 2)

    def _give_up(self, away: float) -> None:
        sentence = "the event loop has not come back for %.1f s (--tick-timeout): this process ends. It is here:"
        self._tell(logging.CRITICAL, sentence, away)
        self._last_words()
        self._end(EXIT_STATUS)
        self._over.set()

    def _tell(self, level: int, sentence: str, away: float) -> None:
        """Log a sentence with the stack of the loop's thread."""
        frame = sys._current_frames().get(self._loop_thread)
        stack = "".join(traceback.format_stack(frame)).rstrip() if frame is not None else "(the thread is gone)"
        if logger.isEnabledFor(level):
            logger.handle(logger.makeRecord(logger.name, level, __file__, 0, sentence, (away,), None, sinfo=stack))
