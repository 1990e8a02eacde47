"""The tables of the database, the same for SQLite and PostgreSQL.

Leaderboards are kept, not computed: each match adds to the lines of its players in four boards (all of time and the
season, all modes and its own), so that a page costs the same after a million matches as after ten.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    desc,
)

#: Grows with every change of the tables; see `store.Store`.
SCHEMA_VERSION = 2

#: SQLite numbers rows by itself only in a column of exactly this type.
_RowNumber = BigInteger().with_variant(Integer(), "sqlite")
#: Sorted by bytes everywhere. PostgreSQL would sort by the language it was set up for.
_Name = String(256).with_variant(String(256, collation="C"), "postgresql")

metadata = MetaData()

schema = Table(
    "rumpus_schema",
    metadata,
    Column("version", Integer, nullable=False),
)

matches = Table(
    "rumpus_matches",
    metadata,
    Column("id", _RowNumber, primary_key=True, autoincrement=True),
    #: What makes writing a match twice write it once.
    Column("match_id", String(64), nullable=False, unique=True),
    Column("game", _Name, nullable=False),
    Column("mode", _Name, nullable=False),
    Column("season", _Name, nullable=False),
    Column("room_id", Text, nullable=False),
    Column("reason", Text, nullable=False),
    #: Seconds since 1970.
    Column("started_at", Double, nullable=False),
    Column("ended_at", Double, nullable=False),
    Column("ticks", BigInteger, nullable=False),
    Column("duration", Double, nullable=False),
    #: As JSON.
    Column("settings", Text, nullable=False),
    #: Why it counts for no rating, in one word; null if it does.
    Column("unrated", Text),
)
#: Those that are deleted some day, the oldest first.
unrated_matches = Index(
    "rumpus_unrated",
    matches.c.ended_at,
    sqlite_where=matches.c.unrated.is_not(None),
    postgresql_where=matches.c.unrated.is_not(None),
)

match_players = Table(
    "rumpus_match_players",
    metadata,
    Column("match", _RowNumber, ForeignKey("rumpus_matches.id", ondelete="CASCADE"), primary_key=True),
    #: The place in the list of results, from 0.
    Column("line", Integer, primary_key=True),
    Column("account", _Name),
    Column("game", _Name, nullable=False),
    Column("ended_at", Double, nullable=False),
    Column("player_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("bot", Boolean, nullable=False),
    Column("team", Text),
    Column("score", Double, nullable=False),
    Column("rank", Integer, nullable=False),
    #: Whether they went before the end.
    Column("left", Boolean, nullable=False),
    #: In points.
    Column("rating_before", Integer),
    Column("rating_after", Integer),
    Index("rumpus_history", "account", "game", "ended_at", "match"),
)

accounts = Table(
    "rumpus_accounts",
    metadata,
    Column("game", _Name, primary_key=True),
    Column("account", _Name, primary_key=True),
    Column("name", Text, nullable=False),
    Column("mu", Double, nullable=False),
    Column("sigma", Double, nullable=False),
)

#: A player's line in one leaderboard. `season` and `mode` are "" in the boards of all of them.
standings = Table(
    "rumpus_standings",
    metadata,
    Column("game", _Name, primary_key=True),
    Column("season", _Name, primary_key=True),
    Column("mode", _Name, primary_key=True),
    Column("account", _Name, primary_key=True),
    #: After the last match that counted for this board.
    Column("points", Integer, nullable=False),
    Column("matches", Integer, nullable=False),
    Column("wins", Integer, nullable=False),
    Column("score", Double, nullable=False),
    Column("best", Double, nullable=False),
)
Index(
    "rumpus_ranking",
    standings.c.game,
    standings.c.season,
    standings.c.mode,
    desc(standings.c.points),
    standings.c.account,
)

#: Which boards there are, so that nobody has to look through all standings for their names.
boards = Table(
    "rumpus_boards",
    metadata,
    Column("game", _Name, primary_key=True),
    Column("season", _Name, primary_key=True),
    Column("mode", _Name, primary_key=True),
)
