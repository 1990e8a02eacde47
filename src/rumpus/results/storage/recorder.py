"""The way of a match into the database, which nobody waits for.

`record` writes it to the journal, which takes microseconds, so a process that is killed has lost nothing that anybody
was told of. One thread syncs the journal; another, the only one that writes to the database, takes it from the journal
and empties that when all is written. So while the database is slow, gone or full, matches lie in a file and not in
memory. Rejected: a queue to the thread that syncs; who was told of a result a moment before a kill had lost it.

Where the journal itself cannot be written (a full disk), results stay in memory, are bounded there, and still go to the
database if that can take them.
"""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from ...errors import ConfigurationError
from ..keeping import Keeping
from ..rating import Rating
from ..record import MatchRecord
from .cleaning import cleaned
from .expiry import Expiry
from .journal import Journal, line_of
from .location import Location
from .options import StorageOptions
from .queries import Queries
from .salvage import KEPT_NOWHERE

if TYPE_CHECKING:
    from .store import Store, Written

logger = logging.getLogger(__name__)

#: Matches written in one transaction, whose rows are locked for other servers meanwhile.
_TOGETHER = 25
#: Seconds before a database that failed is tried again: the first time, and at most.
_FIRST_DELAY, _LONGEST_DELAY = 0.1, 15.0
#: Seconds after which a journal that could not be written is tried again.
_TRY_AGAIN = 1.0


class Loose(NamedTuple):
    """A match that the journal could not take, and its line."""

    record: MatchRecord
    line: bytes


class _Moment(msgspec.Struct):
    """What is read of a record to tell how old it is."""

    ended_at: float = 0.0


class Recorder:
    """Keeps results in the database at a location. Make it, `start` it, `record` matches, `close` it.

    Raises ConfigurationError if the journal cannot be written. All but `close` return at once.
    """

    def __init__(self, location: Location, game: str, options: StorageOptions | None = None) -> None:
        self._location = location
        self.options = options or StorageOptions()
        self._journal = Journal.open(location.journal)
        #: What of the journal is in the database already.
        self._position = 0
        #: Journals that other servers left; looked for once.
        self._orphans: list[Journal] | None = None
        #: What could not be written to the journal.
        self._loose: deque[Loose] = deque()
        #: Whether something was written that is not on the disk yet.
        self._unsynced = False
        #: Guards both.
        self._arrival = threading.Condition()
        self._news = threading.Event()
        self._news.set()
        self._ending = threading.Event()
        self._all_journaled = threading.Event()
        self._on_written: Callable[[Written], None] = lambda written: None
        self._on_loaded: Callable[[], None] | None = None
        self.queries = Queries(game, self._open_store, self.options)
        self._expiry = Expiry(self._open_store, self.options)
        #: Decides what is to be recorded at all.
        self.keeping = Keeping(self.options.max_kept_per_address)
        #: Matches written to the database, and matches that could be kept nowhere.
        self.written = self.lost = 0
        #: Whether the database took what it was given last; when it was asked, if it has not answered (monotonic, s);
        #: and whether somebody was told that it does not.
        self._connected = True
        self._asked_at: float | None = None
        self._told_frozen = False
        self._threads = [
            threading.Thread(target=self._keep_journal, name="rumpus journal", daemon=True),
            threading.Thread(target=self._keep_database, name="rumpus database", daemon=True),
        ]

    @property
    def waiting(self) -> int:
        """Bytes of results that the database has not taken yet, in the journal and in memory."""
        with self._arrival:
            loose = sum(len(loose.line) for loose in self._loose)
        return max(0, self._journal.size - self._position) + loose

    @property
    def oldest(self) -> float:
        """How long ago the oldest match ended that the database has not taken yet (s); 0 if there is none."""
        line = self._journal.line_at(self._position)
        with self._arrival:
            if not line and self._loose:
                line = self._loose[0].line
        try:
            ended_at = msgspec.json.decode(line, type=_Moment).ended_at if line else 0.0
        except (ValueError, RecursionError):
            # A line that is no result is set aside when it is its turn.
            ended_at = 0.0
        return max(0.0, time.time() - ended_at) if ended_at > 0 else 0.0

    @property
    def connected(self) -> bool:
        """Whether the database takes results: it took the last, and does not keep anybody waiting for an answer."""
        return self._connected and not self._frozen

    @property
    def _frozen(self) -> bool:
        asked_at = self._asked_at
        return asked_at is not None and time.monotonic() - asked_at > self.options.database_timeout

    def start(
        self, on_written: Callable[[Written], None] | None = None, on_loaded: Callable[[], None] | None = None
    ) -> None:
        """Begin. Both are called by another thread.

        on_written: for each match that is in the database now.  on_loaded: once all libraries are.
        """
        if on_written is not None:
            self._on_written = on_written
        self._on_loaded = on_loaded
        for thread in self._threads:
            thread.start()
        self.queries.start()
        self._expiry.start()

    def record(self, record: MatchRecord) -> None:
        """A match has ended. Its record must not change any more. What this process ends with has it from now on."""
        if not record.match_id:
            record = msgspec.structs.replace(record, match_id=uuid.uuid4().hex)
        try:
            record = cleaned(record)
            line = line_of(record)
        except Exception:
            # Settings that are no plain data, say, of a record that no room has made.
            logger.exception("this result cannot be written")
            return self._lose(record)
        with self._arrival:
            if self._ending.is_set() or not (self._written_down(line) or self._kept(Loose(record, line))):
                return self._lose(record)
            self._unsynced = True
            self._arrival.notify()

    def _written_down(self, line: bytes) -> bool:
        """Whether the journal has taken a line; it takes none before those that wait for it."""
        if self._loose:
            return False
        try:
            self._journal.write([line])
        except OSError:
            # Its thread tries again, and tells.
            return False
        return True

    def _kept(self, loose: Loose) -> bool:
        if len(self._loose) >= self.options.result_queue:
            return False
        self._loose.append(loose)
        return True

    def rating(self, account: str, callback: Callable[[Rating], None]) -> None:
        """Tell a player's rating, see `Queries.rating`."""
        self.queries.rating(account, callback)

    def close(self, timeout: float) -> bool:
        """Stop, having written everything if that is possible within `timeout` seconds. Returns whether it was.

        What is not written waits in the journal for the next start. Blocks: call it from a thread of its own.
        """
        self.queries.close()
        self._expiry.close()
        latest = time.monotonic() + timeout
        with self._arrival:
            self._ending.set()
            self._arrival.notify()
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(max(0.0, latest - time.monotonic()))
        with self._arrival:
            left = [loose.record for loose in self._loose]
            self._loose.clear()
        for record in left:
            self._lose(record)
        if self.waiting:
            logger.warning("results that are not in the database yet wait in %s", self._journal.path)
        written = not left and not self.waiting
        if not any(thread.is_alive() for thread in self._threads):
            for journal in (self._journal, *(self._orphans or ())):
                journal.close()
        return written

    def _lose(self, record: MatchRecord) -> None:
        self.lost += 1
        logger.error("%s%s", KEPT_NOWHERE, _shown(record))

    # The journal's thread.

    def _keep_journal(self) -> None:
        full = False
        while True:
            with self._arrival:
                self._arrival.wait_for(
                    lambda: self._unsynced or self._ending.is_set(), _TRY_AGAIN if self._loose or self.waiting else None
                )
                again, unsynced, ending = list(self._loose), self._unsynced, self._ending.is_set()
                self._unsynced = False
            error = self._bring_to_disk(again) if again or unsynced else None
            if error is not None and not full:
                logger.error("%s cannot be written (%s); results wait in memory", self._journal.path, error)
            full = error is not None
            self._news.set()
            self._look_at_database()
            if ending:
                break
        self._all_journaled.set()
        self._news.set()

    def _bring_to_disk(self, again: Sequence[Loose]) -> OSError | None:
        """Write what could not be written before, and sync everything."""
        try:
            if again:
                self._journal.write([loose.line for loose in again])
                with self._arrival:
                    # The database may have taken some meanwhile.
                    kept = {loose.record.match_id for loose in again}
                    self._loose = deque(loose for loose in self._loose if loose.record.match_id not in kept)
            self._journal.sync()
        except OSError as error:
            return error
        return None

    def _look_at_database(self) -> None:
        """Tell once of a database that keeps its answer to itself: the thread that waits for it cannot."""
        if self._frozen and not self._told_frozen:
            self._told_frozen = True
            logger.warning(
                "the database has not answered for %g s; results wait in the journal", self.options.database_timeout
            )

    # The database's thread.

    def _open_store(self) -> Store:
        from . import history, leaderboards  # noqa: F401  # with them, for those who ask later
        from .store import Store  # SQLAlchemy, see the package

        return Store(self._location.url, self.options.database_timeout, self.options.season)

    def _keep_database(self) -> None:
        store: Store | None = None
        delay = _FIRST_DELAY
        while True:
            self._news.wait()
            self._news.clear()
            ending = self._all_journaled.is_set()
            self._asked_at = time.monotonic()
            try:
                if store is None:
                    store = self._open_store()
                    if self._on_loaded is not None:
                        self._on_loaded()
                        self._on_loaded = None
                store.check()
                self._write_all(store)
            except Exception as error:
                if self._connected:
                    logger.warning("the database does not take results, which wait in the journal: %s", _line(error))
                self._connected, self._asked_at = False, None
                self._news.set()
                if store is not None:
                    # Another connection may reach another server: one that took over, say.
                    store.close()
                    store = None
                if ending:
                    break
                (self._all_journaled if self._ending.is_set() else self._ending).wait(delay)
                delay = min(delay * 2, _LONGEST_DELAY)
            else:
                if not self._connected or self._told_frozen:
                    logger.info("the database takes results again")
                self._connected, self._told_frozen, self._asked_at = True, False, None
                delay = _FIRST_DELAY
                if ending:
                    break
        if store is not None:
            store.close()

    def _write_all(self, store: Store) -> None:
        """Write what waits. Raises whatever keeps the database from taking it."""
        if self._orphans is None:
            self._orphans = self._journal.orphans(self._location.journal)
        while self._orphans:
            self._write_journal(store, self._orphans[0], 0)
            self._orphans.pop(0).close()
        self._write_journal(store, self._journal, self._position)
        while (loose := self._first_loose()) is not None:
            self._write(store, loose.record, self._journal, loose.line)
            with self._arrival:
                if self._loose and self._loose[0] is loose:
                    self._loose.popleft()

    def _first_loose(self) -> Loose | None:
        with self._arrival:
            return self._loose[0] if self._loose else None

    def _write_journal(self, store: Store, journal: Journal, position: int) -> None:
        own = journal is self._journal
        while not journal.empty:
            found, end = journal.read(position, _TOGETHER)
            if not self._write_together(store, [waiting.record for waiting in found]):
                for waiting in found:
                    self._write(store, waiting.record, journal, waiting.line)
                    if own:
                        self._position = waiting.end
            self._asked_at = time.monotonic()
            if journal.empty_if_at(end):
                if own:
                    self._position = 0
                return
            position = end
            if own:
                self._position = end

    def _write_together(self, store: Store, records: list[MatchRecord]) -> bool:
        """Write several in one transaction. Whether that went well: if not, one of them may be to blame."""
        if len(records) < 2:
            return False
        try:
            written = store.write_all(records)
        except Exception as error:
            logger.debug("matches are written one by one: %s", _line(error))
            return False
        for one in written:
            self._tell(one)
        return True

    def _write(self, store: Store, record: MatchRecord, journal: Journal, line: bytes) -> None:
        from sqlalchemy.exc import SQLAlchemyError

        from .store import Unwritable

        try:
            written = store.write(record)
        except (SQLAlchemyError, OSError, ConfigurationError):
            raise
        except Exception as error:
            # A record that can never be written must not keep the others waiting.
            defect = not isinstance(error, Unwritable)
            logger.error("a result cannot be written and is set aside: %s", error, exc_info=defect)
            journal.set_aside(line)
            return
        self._tell(written)

    def _tell(self, written: Written | None) -> None:
        """A match is in the database; None: it was before."""
        if written is None:
            return
        self.written += 1
        for change in written.changes:
            self.queries.learn(change.account, change.after)
        try:
            self._on_written(written)
        except Exception:
            logger.exception("nobody could be told of the new ratings")


def _shown(record: MatchRecord) -> str:
    try:
        return msgspec.json.encode(record).decode()
    except Exception:
        return repr(record)


def _line(error: Exception) -> str:
    """What went wrong, without the statement it went wrong in."""
    return str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
