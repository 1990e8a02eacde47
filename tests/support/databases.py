"""Every test of results that takes `database` runs on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from rumpus.results.storage.location import Location, resolve
from rumpus.results.storage.options import StorageOptions
from rumpus.results.storage.store import Store
from tests.support.postgres import Postgres


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    server = Postgres()
    server.start()
    yield server
    server.remove()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.socket)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """What --database says, of a database that is empty."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/results.db"
    server: Postgres = request.getfixturevalue("postgres")
    return server.database()


@pytest.fixture
def location(database: str, tmp_path: Path) -> Location:
    found = resolve(StorageOptions(database=database, journal=str(tmp_path / "journal")), {})
    assert found is not None
    return found


@pytest.fixture
def open_store(location: Location) -> Iterator[Callable[[], Store]]:
    """Opens the same database as often as wanted."""
    opened: list[Store] = []

    def open_() -> Store:
        opened.append(Store(location.url, 5.0))
        return opened[-1]

    yield open_
    for store in opened:
        store.close()


@pytest.fixture
def store(open_store: Callable[[], Store]) -> Store:
    return open_store()


@contextmanager
def locked(location: Location) -> Iterator[None]:
    """Somebody else keeps the database from taking anything."""
    if location.url.startswith("sqlite"):
        other = sqlite3.connect(location.url.removeprefix("sqlite:///"), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")
        other.close()
    else:
        with psycopg.connect(location.url.replace("+psycopg", "")) as connection:
            connection.execute("LOCK TABLE rumpus_matches IN ACCESS EXCLUSIVE MODE")
            yield
            connection.rollback()
