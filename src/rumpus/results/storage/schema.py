"""The tables brought to the state that this version knows, by whichever server comes first."""

from __future__ import annotations

from sqlalchemy import Connection, func, insert, inspect, select, text, update

from ...errors import ConfigurationError
from ..rating import UNRATED_REASONS
from . import tables

#: "rumpus" as a number: the lock that keeps two servers from making the tables at once.
_SCHEMA_LOCK = 0x72756D707573


def make_tables(connection: Connection) -> None:
    """Make what is missing, in the transaction of this connection.

    Raises ConfigurationError if a newer version of Rumpus has been here.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _SCHEMA_LOCK})
    if not inspect(connection).has_table(tables.schema.name):
        tables.metadata.create_all(connection)
        connection.execute(insert(tables.schema), {"version": tables.SCHEMA_VERSION})
        return
    found = connection.scalar(select(func.max(tables.schema.c.version))) or 0
    if found > tables.SCHEMA_VERSION:
        raise ConfigurationError(
            f"The database was made by a newer Rumpus (its tables are version {found}, this one knows "
            f"{tables.SCHEMA_VERSION}); upgrade Rumpus or name another with --database."
        )
    if found < tables.SCHEMA_VERSION:
        _note_what_is_unrated(connection)
        connection.execute(update(tables.schema).values(version=tables.SCHEMA_VERSION))


def _note_what_is_unrated(connection: Connection) -> None:
    """From version 1 to 2: matches say why they do not count, and those that do not are deleted some day."""
    if connection.dialect.name == "postgresql":
        # A pass over all matches, once, may take longer than any other statement.
        connection.execute(text("SET LOCAL statement_timeout = 0"))
    connection.execute(text(f"ALTER TABLE {tables.matches.name} ADD COLUMN unrated TEXT"))
    called_off = tables.matches.c.reason.in_(sorted(UNRATED_REASONS))
    connection.execute(update(tables.matches).where(called_off).values(unrated="called_off"))
    tables.unrated_matches.create(connection)
