"""Where results go, from what the operator says."""

from __future__ import annotations

import importlib.util
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from rumpus.errors import ConfigurationError
from rumpus.results.rating import Rating
from rumpus.results.storage.location import resolve
from rumpus.results.storage.options import StorageOptions
from rumpus.results.storage.queries import RatingCache
from rumpus.results.storage.seasons import season_at
from rumpus.results.storage.store import Store
from tests.support.matches import WHEN, duel


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for a user's data, which is not there yet."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return tmp_path / "data" / "rumpus"


def where(database: str = "", environment: dict[str, str] | None = None, **options: Any) -> Any:
    return resolve(StorageOptions(database=database, **options), environment or {})


def test_by_default_it_is_a_file_in_the_users_data_folder_which_is_made(home: Path) -> None:
    found = where()
    assert found.url == f"sqlite:///{home}/results.db"
    assert found.journal == home / "results.db.journal"
    assert home.is_dir()


def test_the_environment_counts_where_the_command_line_says_nothing(home: Path, tmp_path: Path) -> None:
    environment = {"RUMPUS_DATABASE": f"sqlite:///{tmp_path}/a.db"}
    assert where("", environment).url == f"sqlite:///{tmp_path}/a.db"
    assert where("sqlite", environment).url == f"sqlite:///{home}/results.db"
    assert where("none", environment) is None
    assert where("", {"RUMPUS_DATABASE": "none"}) is None


def test_a_file_of_any_name(tmp_path: Path) -> None:
    name = tmp_path / "r 100%25#é.db"
    found = where(f"sqlite:///{name}")
    assert found.journal == name.with_name(name.name + ".journal")
    store = Store(found.url, 5.0)
    assert store.write(duel("u:ann", "u:ben")) is not None
    store.close()
    assert name.stat().st_size > 0
    assert where(f"sqlite:///{tmp_path}/b.db", journal=str(tmp_path / "j")).journal == tmp_path / "j"


def test_a_postgresql_database_has_a_journal_of_its_own(home: Path) -> None:
    one = where("postgresql://ann:secret@db.example:5433/games?sslmode=require")
    assert one.url == "postgresql+psycopg://ann:secret@db.example:5433/games?sslmode=require"
    assert one.journal.parent == home
    assert where("postgres://ann:other@db.example:5433/games?sslmode=require").journal == one.journal
    assert where("postgresql://ann:secret@db.example:5433/more").journal != one.journal
    assert where("postgresql:///games?host=/run/postgresql").url.endswith(":///games?host=/run/postgresql")


@pytest.mark.parametrize(
    ("database", "words"),
    [
        ("mysql://root:secret@host/x", ["mysql", "sqlite", "postgresql", "none"]),
        ("results.db", ["sqlite:///FILE"]),
        ("sqlite:///", ["names no file"]),
        ("sqlite:///:memory:", ["names no file"]),
        ("sqlite:///r.db?mode=ro", ["names no file"]),
        ("sqlite:///{folder}/no/such/r.db", ["no folder", "no/such"]),
        ("sqlite:///{folder}", ["cannot be written", "--database none"]),
        ("sqlite:///{folder}/text.db", ["no database of SQLite"]),
        ("postgresql://host", ["name a database"]),
        ("postgresql:games", ["name a database"]),
        ("postgresql://u:secret@host:port/x", ["host or port"]),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(tmp_path: Path, database: str, words: list[str]) -> None:
    (tmp_path / "text.db").write_text("this is no database, and it is long enough to be read as one" * 20)
    with pytest.raises(ConfigurationError) as refused:
        where(database.replace("{folder}", str(tmp_path)))
    assert all(word in refused.value.message for word in words), refused.value.message
    assert "secret" not in refused.value.message


def test_without_the_library_for_postgresql_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ConfigurationError, match=r"pip install rumpus\[postgres\]"):
        where("postgresql://host/x")


def test_a_database_that_is_locked_is_no_mistake(tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "r.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    assert where(f"sqlite:///{tmp_path}/r.db") is not None
    other.close()


def test_a_data_folder_that_cannot_be_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "file"))
    with pytest.raises(ConfigurationError, match="--database none"):
        where()


def test_seasons_follow_the_calendar() -> None:
    assert [season_at(WHEN, length) for length in ("month", "quarter", "year")] == ["2026-11", "2026-Q4", "2026"]
    assert [season_at(WHEN + 39 * 86_400, length) for length in ("month", "quarter")] == ["2027-01", "2027-Q1"]


def test_the_cache_of_ratings_forgets_the_oldest_and_the_old() -> None:
    now = 0.0
    cache = RatingCache(2, lambda: now)
    for number, name in enumerate("abc"):
        cache.put(name, Rating(number))
    assert [cache.get(name) for name in "abc"] == [None, Rating(1), Rating(2)]
    cache.get("b")
    cache.put("d", Rating(3))
    assert [cache.get(name) for name in "bcd"] == [Rating(1), None, Rating(3)]
    now = 61.0
    assert cache.get("d") is None
