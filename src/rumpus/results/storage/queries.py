"""Questions to the database, answered by threads of their own: a page of a leaderboard, a player's rating.

Few at a time, each with an end: a question that has waited too long is given up before it is asked, and while the
database is away all are, at once. Nobody who asks can pile up work or wait for ever.

Ratings have a queue, a thread and a connection to themselves. Whoever joins is waited for, and must not be taken for a
newcomer because strangers read leaderboards.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from ..rating import Rating
from .options import StorageOptions

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from .store import Store

logger = logging.getLogger(__name__)

T = TypeVar("T")

#: Seconds in which a database that has just failed is not asked again.
_REST = 1.0
#: Seconds that a rating read from the database is good for; another server may have changed it since.
_RATING_AGE = 60.0


class Unanswered(Exception):
    """The database is away, too slow, or has too many questions waiting."""


class _Asked(NamedTuple):
    question: Callable[[Connection], Any]
    answer: Future[Any]
    latest: float


class Queries:
    """Asks the database on behalf of everybody. `open_store` is called by its threads."""

    def __init__(self, game: str, open_store: Callable[[], Store], options: StorageOptions) -> None:
        self.game = game
        timeout = options.database_timeout
        self._pages = _Asker("rumpus queries", open_store, options.max_queries, timeout)
        self._players = _Asker("rumpus ratings", open_store, options.max_rating_queries, timeout)
        self._ratings = RatingCache(options.rating_cache)

    def start(self) -> None:
        self._pages.start()
        self._players.start()

    def close(self) -> None:
        """Answer no more. Does not wait: a question that is with the database may take a while."""
        self._pages.close()
        self._players.close()

    def ask(self, question: Callable[[Connection], T]) -> Future[T]:
        """Have a question asked. The future's exception is Unanswered where there is no answer."""
        return self._pages.ask(question)

    def rating(self, account: str, callback: Callable[[Rating], None]) -> None:
        """Tell a player's rating: at once if it is known here, else from another thread and within a few seconds.

        A newcomer's, if the database does not say. `callback` must be quick and fit for any thread.
        """
        known = self._ratings.get(account)
        if known is not None:
            return callback(known)

        def answered(answer: Future[Rating]) -> None:
            if answer.exception() is None:
                self._ratings.put(account, answer.result())
                callback(answer.result())
            else:
                callback(Rating())

        def question(connection: Connection) -> Rating:
            from .leaderboards import rating_of

            return rating_of(connection, self.game, account)

        self._players.ask(question).add_done_callback(answered)

    def learn(self, account: str, rating: Rating) -> None:
        """A rating has changed."""
        self._ratings.put(account, rating)


class _Asker:
    """A thread that asks one question after the other. `most`: how many may wait; timeout: in seconds."""

    def __init__(self, name: str, open_store: Callable[[], Store], most: int, timeout: float) -> None:
        self._open_store = open_store
        self._timeout = timeout
        self._waiting: queue.Queue[_Asked | None] = queue.Queue(most)
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self._closed.set()
        # If there is no room for it the thread is awake, and looks at `_closed` next.
        with suppress(queue.Full):
            self._waiting.put_nowait(None)

    def ask(self, question: Callable[[Connection], T]) -> Future[T]:
        answer: Future[T] = Future()
        try:
            if self._closed.is_set():
                raise queue.Full
            self._waiting.put_nowait(_Asked(question, answer, time.monotonic() + self._timeout))
        except queue.Full:
            answer.set_exception(Unanswered("too many questions are waiting for the database"))
        return answer

    def _run(self) -> None:
        store: Store | None = None
        rested = 0.0
        while (asked := self._waiting.get()) is not None and not self._closed.is_set():
            now = time.monotonic()
            if now > asked.latest or now < rested:
                asked.answer.set_exception(Unanswered("the database is away or too slow"))
                continue
            try:
                if store is None:
                    store = self._open_store()
                with store.read() as connection:
                    found = asked.question(connection)
            except Exception as error:
                logger.warning("a question to the database failed: %s", error)
                rested = time.monotonic() + _REST
                if store is not None:
                    store.close()
                    store = None
                asked.answer.set_exception(Unanswered(str(error)))
            else:
                asked.answer.set_result(found)
        while asked is not None:
            asked.answer.set_exception(Unanswered("the server is stopping"))
            try:
                asked = self._waiting.get_nowait()
            except queue.Empty:
                break
        if store is not None:
            store.close()


class RatingCache:
    """The ratings last asked for, for a while. Thread-safe."""

    def __init__(self, most: int, now: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._now = now
        self._known: OrderedDict[str, tuple[float, Rating]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, account: str) -> Rating | None:
        with self._lock:
            until, rating = self._known.get(account, (0.0, None))
            if rating is None or self._now() >= until:
                self._known.pop(account, None)
                return None
            self._known.move_to_end(account)
            return rating

    def put(self, account: str, rating: Rating) -> None:
        with self._lock:
            self._known[account] = (self._now() + _RATING_AGE, rating)
            self._known.move_to_end(account)
            if len(self._known) > self._most:
                self._known.popitem(last=False)
