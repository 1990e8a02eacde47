"""A database that results are kept in: opening it, its schema, and writing one match in one transaction.

Used by one thread each: the writer has a store and so has whoever reads. Everything a match changes (its lines,
ratings, leaderboards) is in its transaction, and the match's unique id comes first in it. So a match that is written
again, after a crash between the commit and the moment we knew of it, changes nothing; and ratings are right with
several servers on one PostgreSQL, because the rows of the accounts are locked, always in the same order.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import msgspec
import openskill.models  # noqa: F401  # for the first match that is rated; now nobody plays yet
from sqlalchemy import (
    URL,
    Connection,
    Engine,
    and_,
    bindparam,
    create_engine,
    delete,
    event,
    exists,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, OperationalError, StatementError

from ..rating import UNRATED_REASONS, Rating, rate_match, winners
from ..record import MatchRecord, PlayerResult
from . import tables
from .cleaning import cleaned
from .options import SeasonLength
from .schema import make_tables
from .seasons import season_at

#: The option of a connection that will not write, so that it need not wait for those that do.
_READING = "rumpus_reading"


class RatingChange(NamedTuple):
    """What a match did to one account."""

    account: str
    before: Rating
    after: Rating


class Written(NamedTuple):
    """A match that is in the database now, and whose ratings it changed."""

    match_id: str
    changes: list[RatingChange]


class Unwritable(Exception):
    """A record that the database will never take, however often it is tried."""


class Store:
    """A connection to the database at a SQLAlchemy URL. Everything raises sqlalchemy.exc.DBAPIError while it is away.

    timeout: seconds that connecting, waiting for a lock and each statement may take.
    """

    def __init__(self, url: str, timeout: float, season: SeasonLength = "quarter") -> None:
        self._season = season
        self._engine = _engine(url, timeout)
        self._is_sqlite = self._engine.dialect.name == "sqlite"
        self._path = self._engine.url.database if self._is_sqlite else None
        self._checked = False

    def close(self) -> None:
        self._engine.dispose()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection for questions, which see one state of the database."""
        self.check()
        with self._engine.connect() as connection:
            yield connection.execution_options(**{_READING: True})

    def check(self) -> None:
        """See to it that the tables are there. Raises ConfigurationError if a newer Rumpus has made them."""
        if not self._checked:
            with self._engine.begin() as connection:
                make_tables(connection)
            self._checked = True
        elif self._path is not None and not os.path.exists(self._path):
            # SQLite would go on writing to a file that is gone, and nobody would ever see it.
            self._engine.dispose()
            self._checked = False
            raise OperationalError(None, None, OSError(f"the file {self._path} is gone"))

    def write(self, record: MatchRecord) -> Written | None:
        """Write a match. None if it is there already. Raises Unwritable for one that can never be written."""
        return self.write_all([record])[0]

    def write_all(self, records: Sequence[MatchRecord]) -> list[Written | None]:
        """Write matches, all or none of them, which waits for the disk once."""
        self.check()
        with self._engine.begin() as connection:
            try:
                return [self._write(connection, cleaned(record)) for record in records]
            except StatementError as error:
                if isinstance(error, DataError | IntegrityError) or not isinstance(error, DBAPIError):
                    raise Unwritable(str(error.orig)) from error
                raise

    def _write(self, connection: Connection, record: MatchRecord) -> Written | None:
        season = season_at(record.ended_at, self._season)
        unrated = record.unrated or ("called_off" if record.reason in UNRATED_REASONS else None)
        match = connection.scalar(
            self._insert(tables.matches)
            .values(
                match_id=record.match_id, game=record.game, mode=record.mode, season=season, room_id=record.room_id,
                reason=record.reason, started_at=record.started_at, ended_at=record.ended_at, ticks=record.ticks,
                duration=record.duration, settings=msgspec.json.encode(record.settings).decode(), unrated=unrated,
            )
            .on_conflict_do_nothing(index_elements=["match_id"])
            .returning(tables.matches.c.id)
        )  # fmt: skip
        if match is None:
            return None
        lines = {line.account: line for line in record.results if line.account is not None}
        before = self._locked_ratings(connection, record.game, lines)
        after = rate_match(record, before)
        self._write_ratings(connection, record.game, lines, {**before, **after})
        rows = []
        for number, line in enumerate(record.results):
            known = before.get(line.account or "")
            rows.append(
                {
                    "match": match, "line": number, "account": line.account, "game": record.game,
                    "ended_at": record.ended_at, "player_id": line.player_id, "name": line.name, "bot": line.bot,
                    "team": line.team, "score": line.score, "rank": line.rank, "left": line.left,
                    "rating_before": known.points if known else None,
                    "rating_after": after.get(line.account or "", known).points if known else None,
                }
            )  # fmt: skip
        if rows:
            connection.execute(insert(tables.match_players), rows)
        if unrated is None:
            self._write_standings(connection, record, season, {**before, **after})
        return Written(
            record.match_id, [RatingChange(account, before[account], rating) for account, rating in after.items()]
        )

    def delete_unrated(self, before: float, most: int) -> int:
        """Delete up to `most` of the matches that are not rated and ended before a moment (s since 1970), the oldest
        first, and the accounts of whoever is in no other match. Returns how many there were.
        """
        self.check()
        matches, players, accounts = tables.matches, tables.match_players, tables.accounts
        with self._engine.begin() as connection:
            if not self._is_sqlite:
                # In the order of those who write a match. None of them may count on an account that is about to go.
                names = f"{matches.name}, {accounts.name}"
                connection.execute(text(f"LOCK TABLE {names} IN SHARE ROW EXCLUSIVE MODE"))
            old = select(matches.c.id).where(matches.c.unrated.is_not(None), matches.c.ended_at < before)
            numbers = list(connection.scalars(old.order_by(matches.c.ended_at).limit(most)))
            if not numbers:
                return 0
            of_them = select(players.c.game, players.c.account).where(players.c.match.in_(numbers))
            who = connection.execute(of_them.where(players.c.account.is_not(None)).distinct()).all()
            # Their lines go with them.
            connection.execute(delete(matches).where(matches.c.id.in_(numbers)))
            if who:
                one = and_(accounts.c.game == bindparam("of"), accounts.c.account == bindparam("who"))
                in_match, board = _same_account(players), tables.standings
                # Whoever is on a board is on that of everything.
                on_board = _same_account(board).where(board.c.season == "", board.c.mode == "")
                found = [{"of": game, "who": account} for game, account in who]
                connection.execute(delete(accounts).where(one, ~in_match, ~on_board), found)
            return len(numbers)

    def _locked_ratings(
        self, connection: Connection, game: str, lines: dict[str, PlayerResult]
    ) -> dict[str, Rating]:  # fmt: skip
        """The ratings of accounts, new ones made, nobody else changing them until the transaction ends."""
        accounts, newcomer = tables.accounts, Rating()
        if not lines:
            return {}
        connection.execute(
            self._insert(accounts).on_conflict_do_nothing(),
            [
                {"game": game, "account": account, "name": lines[account].name, **newcomer._asdict()}
                for account in sorted(lines)
            ],
        )
        rows: list[Any] = []
        # Databases bound how many values a statement may have.
        for part in _parts(sorted(lines), 500):
            rows += connection.execute(
                select(accounts.c.account, accounts.c.mu, accounts.c.sigma)
                .where(accounts.c.game == game, accounts.c.account.in_(part))
                .order_by(accounts.c.account)
                .with_for_update()
            )
        return {account: Rating(mu, sigma) for account, mu, sigma in rows}

    def _write_ratings(
        self, connection: Connection, game: str, lines: dict[str, PlayerResult], ratings: dict[str, Rating]
    ) -> None:
        """Of every account in `lines`: the rating, and the name it went by last."""
        accounts = tables.accounts
        if lines:
            connection.execute(
                update(accounts)
                .where(accounts.c.game == game, accounts.c.account == bindparam("who"))
                .values(name=bindparam("called"), mu=bindparam("new_mu"), sigma=bindparam("new_sigma")),
                [
                    {"who": who, "called": lines[who].name, "new_mu": ratings[who].mu, "new_sigma": ratings[who].sigma}
                    for who in sorted(lines)
                ],
            )

    def _write_standings(
        self, connection: Connection, record: MatchRecord, season: str, ratings: dict[str, Rating]
    ) -> None:
        """Add the match to the boards it counts for, for those who were not left out of its rating.

        Who sat there twice has both seats counted, as one match.
        """
        boards = [
            {"game": record.game, "season": of, "mode": mode}
            for of in ("", season)
            for mode in dict.fromkeys(("", record.mode))
        ]
        won = winners(record)
        lines: dict[str, dict[str, Any]] = {}
        for line in record.results:
            if line.account is not None and not line.bot and line.unrated is None:
                known = lines.get(line.account)
                lines[line.account] = {
                    "account": line.account,
                    "points": ratings[line.account].points,
                    "matches": 1,
                    "wins": max(int(line.player_id in won), known["wins"] if known else 0),
                    "score": line.score + (known["score"] if known else 0.0),
                    "best": max(line.score, known["best"]) if known else line.score,
                }
        rows = [board | lines[account] for account in sorted(lines) for board in boards]
        if not rows:
            return
        connection.execute(self._insert(tables.boards).on_conflict_do_nothing(), boards)
        table = tables.standings
        upsert = self._insert(table)
        new = upsert.excluded
        greatest = func.max if self._is_sqlite else func.greatest
        connection.execute(
            upsert.on_conflict_do_update(
                index_elements=[column.name for column in table.primary_key],
                set_={
                    "points": new.points,
                    "matches": table.c.matches + new.matches,
                    "wins": table.c.wins + new.wins,
                    "score": table.c.score + new.score,
                    "best": greatest(table.c.best, new.best),
                },
            ),
            rows,
        )

    def _insert(self, table: Any) -> Any:
        """An INSERT that knows conflicts, which is each database's own but reads the same in both."""
        return sqlite.insert(table) if self._is_sqlite else postgresql.insert(table)


def _same_account(table: Any) -> Any:
    """That a table has a line of the account that is looked at."""
    return exists().where(table.c.game == tables.accounts.c.game, table.c.account == tables.accounts.c.account)


def _parts(items: list[str], size: int) -> Iterable[list[str]]:
    return (items[start : start + size] for start in range(0, len(items), size))


def _engine(url: str, timeout: float) -> Engine:
    if url.startswith("sqlite:///"):
        path = URL.create("sqlite", database=url.removeprefix("sqlite:///"))
        engine = create_engine(path, connect_args={"timeout": timeout, "check_same_thread": False})
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    milliseconds = max(1, int(timeout * 1000))
    engine = create_engine(
        url,
        pool_size=1,
        max_overflow=0,
        connect_args={
            "connect_timeout": max(2, math.ceil(timeout)),
            # A cable that is pulled answers nothing, not even that.
            "tcp_user_timeout": milliseconds * 2,
            # Poolers between us and the database know nothing of statements prepared on another connection.
            "prepare_threshold": None,
        },
    )

    def limit(connection: Any, record: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"SET statement_timeout = {milliseconds}")
            cursor.execute(f"SET lock_timeout = {milliseconds}")
        connection.commit()

    event.listen(engine, "connect", limit)
    return engine


def _prepare_sqlite(connection: Any, record: Any) -> None:
    # Transactions begin when we say so, and not when Python's module thinks that one is needed.
    connection.isolation_level = None
    # Readers and the writer do not wait for one another; a commit is on the disk when it returns, because the journal
    # forgets the match then.
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first and writes later could be refused in its middle.
    immediate = connection.get_execution_options().get(_READING) is None
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")
