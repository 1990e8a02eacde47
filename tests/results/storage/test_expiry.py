"""Matches that are not rated leave the database, with whoever was in nothing else; what is rated stays."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select, text

from rumpus.results.storage import expiry as expiry_module
from rumpus.results.storage import tables
from rumpus.results.storage.expiry import Expiry
from rumpus.results.storage.history import history, played_match
from rumpus.results.storage.leaderboards import leaderboard, profile
from rumpus.results.storage.location import Location
from rumpus.results.storage.options import StorageOptions
from rumpus.results.storage.recorder import Recorder
from rumpus.results.storage.store import Store
from tests.support.databases import locked
from tests.support.matches import WHEN, duel, match, player, until

DAY = 86_400.0


def count(store: Store, table: Any) -> int:
    with store.read() as connection:
        return connection.scalar(select(func.count()).select_from(table)) or 0


def accounts(store: Store) -> set[str]:
    with store.read() as connection:
        return set(connection.scalars(select(tables.accounts.c.account)))


def private(*names: str, days: float = 0.0, **fields: Any) -> Any:
    lines = [player(name, rank) for rank, name in enumerate(names, 1)]
    return match(*lines, unrated="private", ended_at=WHEN + days * DAY, **fields)


def test_an_unrated_match_is_in_the_history_with_its_word_and_on_no_board(store: Store) -> None:
    record = private("u:ann", "g:ben")
    written = store.write(record)
    assert written is not None
    assert written.changes == []
    with store.read() as connection:
        found = played_match(connection, "race", record.match_id)
        own = history(connection, "race", "u:ann", 10)
        board = leaderboard(connection, "race", season="", mode="", limit=10)
        ann = profile(connection, "race", "u:ann")
    assert found is not None
    assert own is not None
    assert board is not None
    assert ann is not None
    assert (found.unrated, own.matches[0].unrated) == ("private", "private")
    assert board.rows == []
    assert (ann.rating, ann.rank, ann.matches) == (1000, None, 0)


def test_whoever_is_left_out_of_a_rated_match_is_on_no_board_for_it(store: Store) -> None:
    lines = [player("u:ann", 1), player("u:ben", 2), player("u:cid", 3, unrated="idle")]
    written = store.write(match(*lines))
    assert written is not None
    assert [change.account for change in written.changes] == ["u:ann", "u:ben"]
    with store.read() as connection:
        board = leaderboard(connection, "race", season="", mode="", limit=10)
    assert board is not None
    assert [row.account for row in board.rows] == ["u:ann", "u:ben"]


def test_the_oldest_go_first_and_so_many_at_once(store: Store) -> None:
    for day in range(5):
        store.write(private("u:ann", "g:ben", days=day, match_id=str(day)))
    assert store.delete_unrated(WHEN + 3.5 * DAY, 3) == 3
    with store.read() as connection:
        assert list(connection.scalars(select(tables.matches.c.match_id).order_by(tables.matches.c.id))) == ["3", "4"]
    assert store.delete_unrated(WHEN + 3.5 * DAY, 3) == 1
    assert store.delete_unrated(WHEN + 3.5 * DAY, 3) == 0
    assert (count(store, tables.matches), count(store, tables.match_players)) == (1, 2)


def test_with_their_last_match_accounts_go_that_were_never_rated(store: Store) -> None:
    store.write(private("u:ann", "g:1", "g:2"))
    store.write(private("g:2", days=40))
    store.write(duel("u:ann", "u:ben"))
    store.write(private("g:3", game="chess"))
    assert store.delete_unrated(WHEN + DAY, 100) == 2
    assert accounts(store) == {"u:ann", "u:ben", "g:2"}
    assert store.delete_unrated(WHEN + 100 * DAY, 100) == 1
    assert accounts(store) == {"u:ann", "u:ben"}
    assert count(store, tables.matches) == 1
    with store.read() as connection:
        board = leaderboard(connection, "race", season="", mode="", limit=10)
    assert board is not None
    assert [row.account for row in board.rows] == ["u:ann", "u:ben"]


def test_while_others_write_nobody_loses_an_account(open_store: Callable[[], Store]) -> None:
    """One deletes as fast as it can what two write, rated and not, of the same people."""
    writing, failures = threading.Event(), list[BaseException]()
    open_store().check()

    def write(number: int) -> None:
        store = open_store()
        try:
            for turn in range(40):
                store.write(private("g:a", "g:b", "g:c"))
                store.write(duel(f"g:{turn % 5}", f"g:{turn % 5 + 5}", match_id=f"{number}-{turn}"))
        except BaseException as error:
            failures.append(error)

    def delete() -> None:
        store = open_store()
        try:
            while not writing.is_set():
                store.delete_unrated(WHEN + DAY, 5)
        except BaseException as error:
            failures.append(error)

    cleaner = threading.Thread(target=delete)
    writers = [threading.Thread(target=write, args=(number,)) for number in range(2)]
    for thread in (cleaner, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    writing.set()
    cleaner.join()
    assert not failures, failures
    store = open_store()
    while store.delete_unrated(WHEN + DAY, 50):
        pass
    assert count(store, tables.matches) == 80
    assert accounts(store) == {f"g:{number}" for number in range(10)}


def test_tables_of_the_version_before_are_brought_up_to_date(open_store: Callable[[], Store]) -> None:
    old = open_store()
    old.write(duel("u:ann", "u:ben", match_id="rated"))
    old.write(duel("u:ann", "u:ben", match_id="abandoned", reason="abandoned"))
    with old._engine.begin() as connection:
        connection.execute(text("DROP INDEX rumpus_unrated"))
        connection.execute(text("ALTER TABLE rumpus_matches DROP COLUMN unrated"))
        connection.execute(text("UPDATE rumpus_schema SET version = 1"))
    store = open_store()
    store.write(private("u:ann", "u:ben", match_id="private"))
    with store.read() as connection:
        words = dict(connection.execute(select(tables.matches.c.match_id, tables.matches.c.unrated)).all())  # type: ignore[arg-type]
        assert connection.scalar(select(func.max(tables.schema.c.version))) == tables.SCHEMA_VERSION
    assert words == {"rated": None, "abandoned": "called_off", "private": "private"}
    assert store.delete_unrated(WHEN + DAY, 10) == 2


def test_a_thread_deletes_what_is_old_and_survives_a_database_that_is_away(
    location: Location,
    open_store: Callable[[], Store],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(expiry_module, "_FIRST", 0.01)
    monkeypatch.setattr(expiry_module, "_EVERY", 0.05)
    monkeypatch.setattr(expiry_module, "_PAUSE", 0.0)
    monkeypatch.setattr(expiry_module, "_TOGETHER", 3)
    store, now = open_store(), time.time()
    for number in range(10):
        store.write(private("g:a", match_id=str(number), days=(now - WHEN) / DAY - 31))
    store.write(private("g:b", match_id="new", days=(now - WHEN) / DAY - 29))

    def open_impatient() -> Store:
        return Store(location.url, 0.2)

    expiry = Expiry(open_impatient, StorageOptions(keep_unrated=30))
    with locked(location):
        expiry.start()
        until(lambda: "could not be deleted" in caplog.text)
        assert count(store, tables.accounts) == 2
    until(lambda: count(store, tables.matches) == 1)
    expiry.close()
    expiry._thread.join(10)
    assert not expiry._thread.is_alive()
    assert accounts(store) == {"g:b"}


def test_what_is_kept_for_ever_needs_no_thread(location: Location) -> None:
    recorder = Recorder(location, "race", StorageOptions(keep_unrated=0))
    recorder.start()
    assert not recorder._expiry._thread.is_alive()
    assert recorder.close(10)
