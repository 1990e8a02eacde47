"""Matches that are not rated leave the database after some days, a few at a time, so that nobody waits for long.

A thread of its own with a connection of its own. What it cannot do now, as while the database is away, it does later.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from .options import StorageOptions

if TYPE_CHECKING:
    from .store import Store

logger = logging.getLogger(__name__)

_DAY = 86_400.0
#: Matches deleted in one transaction, which others wait for; and seconds that they have in between.
_TOGETHER, _PAUSE = 50, 0.2
#: Seconds from one look at the database to the next, and from the start to the first.
_EVERY, _FIRST = 3600.0, 20.0


class Expiry:
    """Make it, `start` it, `close` it. `open_store` is called by its thread, again for each look."""

    def __init__(self, open_store: Callable[[], Store], options: StorageOptions) -> None:
        self._open_store = open_store
        self._days = options.keep_unrated
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="rumpus expiry", daemon=True)

    def start(self) -> None:
        """Begin, unless everything is kept for ever."""
        if self._days > 0:
            self._thread.start()

    def close(self) -> None:
        """Delete no more. Does not wait: what is not done is done after the next start."""
        self._closed.set()

    def _run(self) -> None:
        wait = _FIRST
        while not self._closed.wait(wait):
            wait = _EVERY
            try:
                self._look()
            except Exception as error:
                logger.warning("old matches could not be deleted, which is tried again: %s", error)

    def _look(self) -> None:
        store, deleted = self._open_store(), 0
        try:
            while found := store.delete_unrated(time.time() - self._days * _DAY, _TOGETHER):
                deleted += found
                if self._closed.wait(_PAUSE):
                    break
        finally:
            store.close()
        if deleted:
            logger.info("%d matches that were not rated and are older than %g days were deleted", deleted, self._days)
