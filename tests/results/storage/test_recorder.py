"""From the end of a match into the database: nobody waits, each match is there once, whatever breaks on the way."""

from __future__ import annotations

import errno
import logging
import random
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, select

from rumpus.results.rating import Rating
from rumpus.results.record import MatchRecord
from rumpus.results.storage import recorder as recorder_module
from rumpus.results.storage import tables
from rumpus.results.storage.journal import Journal, line_of
from rumpus.results.storage.location import Location, resolve
from rumpus.results.storage.options import StorageOptions
from rumpus.results.storage.recorder import Recorder
from rumpus.results.storage.store import Store, Unwritable, Written
from rumpus.testing import MemoryClient, MemoryConnection, Playground
from tests.support.databases import locked
from tests.support.matches import duel, player, until
from tests.support.matches import match as any_match
from tests.support.postgres import Postgres
from tests.support.race import Race

ROOT = Path(__file__).parents[3]
OPTIONS = StorageOptions(database_timeout=0.5)


@pytest.fixture(autouse=True)
def quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder_module, "_LONGEST_DELAY", 0.3)
    monkeypatch.setattr(recorder_module, "_TRY_AGAIN", 0.1)


@contextmanager
def recording(location: Location, options: StorageOptions = OPTIONS) -> Iterator[Recorder]:
    recorder = Recorder(location, "race", options)
    recorder.start()
    try:
        yield recorder
    finally:
        recorder.close(10)


def written_ids(location: Location) -> list[str]:
    """The matches in the database, each as often as it is there."""
    store = Store(location.url, 5.0)
    try:
        with store.read() as connection:
            return list(connection.scalars(select(tables.matches.c.match_id)))
    finally:
        store.close()


def points_are_right(location: Location, records: list[MatchRecord]) -> None:
    """Leaderboards count each match once too, and not only the list of matches."""
    store = Store(location.url, 5.0)
    with store.read() as connection:
        total = sum(connection.scalars(select(tables.standings.c.matches).where(tables.standings.c.season == "")))
    store.close()
    assert total == 2 * len(records)


def test_a_match_goes_through_and_the_journal_is_empty_again(location: Location) -> None:
    told: list[Written] = []
    recorder = Recorder(location, "race", OPTIONS)
    loaded: list[str] = []
    recorder.start(told.append, lambda: loaded.append("once"))
    record = duel("u:ann", "u:ben")
    recorder.record(record)
    until(lambda: told)
    assert told[0].match_id == record.match_id
    assert [(change.account, change.before) for change in told[0].changes] == [("u:ann", Rating()), ("u:ben", Rating())]
    until(lambda: not recorder.waiting)
    assert recorder.close(10)
    assert loaded == ["once"]
    assert written_ids(location) == [record.match_id]
    assert location.journal.stat().st_size == 0


def test_closing_writes_what_has_just_come(location: Location) -> None:
    records = [duel("u:ann", "u:ben") for _ in range(250)]
    recorder = Recorder(location, "race", OPTIONS)
    recorder.start()
    for record in records:
        recorder.record(record)
    assert recorder.close(30)
    assert sorted(written_ids(location)) == sorted(record.match_id for record in records)


@pytest.mark.parametrize("done", range(4))
def test_a_crash_between_any_two_steps_is_made_good_at_the_next_start(location: Location, done: int) -> None:
    """Three matches are in the journal, and `done` of them were committed before it could be emptied."""
    records = [duel("u:ann", "u:ben", match_id=str(number)) for number in range(3)]
    journal = Journal.open(location.journal)
    journal.write([line_of(record) for record in records])
    journal.close()
    store = Store(location.url, 5.0)
    for record in records[:done]:
        store.write(record)
    store.close()
    with recording(location) as recorder:
        until(lambda: not recorder.waiting)
    assert sorted(written_ids(location)) == ["0", "1", "2"]
    points_are_right(location, records)


#: Records matches as fast as it can and tells each at once, as a room does, until it is killed.
_WRITER = """
import sys
from pathlib import Path
from rumpus.results.storage.location import Location
from rumpus.results.storage.options import StorageOptions
from rumpus.results.storage.recorder import Recorder
from tests.support.matches import duel

recorder = Recorder(Location(sys.argv[1], Path(sys.argv[2])), "race", StorageOptions())
recorder.start()
import time
while True:
    record = duel("u:ann", "u:ben")
    recorder.record(record)
    sys.stdout.write(record.match_id + "\\n")
    sys.stdout.flush()
    time.sleep(0.001)
"""


def test_a_server_killed_in_the_middle_of_writing_loses_nothing_and_writes_nothing_twice(location: Location) -> None:
    told: list[str] = []
    rest = random.Random(7)
    for _ in range(5):
        with subprocess.Popen(
            [sys.executable, "-c", _WRITER, location.url, str(location.journal)],
            cwd=ROOT, stdout=subprocess.PIPE, text=True,
        ) as writer:  # fmt: skip
            assert writer.stdout is not None
            told.append(writer.stdout.readline().strip())
            time.sleep(rest.uniform(0.05, 0.5))  # so that it is killed at any point
            writer.send_signal(signal.SIGKILL)
            told += writer.stdout.read().split()
    with recording(location) as recorder:
        until(lambda: not recorder.waiting)
    found = written_ids(location)
    assert len(found) == len(set(found))
    # Its last word may have been cut short.
    assert set(told[:-1]) <= set(found)
    assert len(told) > 50


def test_while_the_database_is_locked_matches_wait_in_the_journal(location: Location) -> None:
    records = [duel("u:ann", "u:ben") for _ in range(300)]
    with recording(location) as recorder:
        recorder.record(records[0])
        until(lambda: recorder.written == 1 and not recorder.waiting)
        with locked(location):
            for record in records[1:]:
                recorder.record(record)
            until(lambda: not recorder.connected, "the database failing")
            assert recorder.waiting == location.journal.stat().st_size > 299 * 100
            assert recorder.written == 1
        until(lambda: not recorder.waiting and recorder.connected)
        assert recorder.lost == 0
    assert sorted(written_ids(location)) == sorted(record.match_id for record in records)
    points_are_right(location, records)


@pytest.mark.socket
def test_a_database_that_stops_in_the_middle_gets_the_rest_when_it_is_back(tmp_path: Path) -> None:
    server = Postgres()
    server.start()
    try:
        location = resolve(StorageOptions(database=server.database(), journal=str(tmp_path / "journal")), {})
        assert location is not None
        records = [duel("u:ann", "u:ben") for _ in range(200)]
        with recording(location) as recorder:
            for number, record in enumerate(records):
                recorder.record(record)
                if number == 50:
                    until(lambda: recorder.written > 10)
                    server.stop()
            until(lambda: not recorder.connected)
            assert recorder.waiting
            server.start()
            until(lambda: recorder.written == 200 and not recorder.waiting)
            server.stop()
            recorder.record(duel("u:ann", "u:cy", match_id="last"))
            until(lambda: recorder.waiting)
        server.start()
        # What was left when the server stopped is written by the next.
        with recording(location) as recorder:
            until(lambda: recorder.written == 1)
        assert sorted(written_ids(location)) == sorted([*(record.match_id for record in records), "last"])
    finally:
        server.remove()


@pytest.mark.socket
def test_a_database_that_is_frozen_is_told_of_once_and_is_not_connected(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    server = Postgres()
    server.start()
    try:
        location = resolve(StorageOptions(database=server.database(), journal=str(tmp_path / "journal")), {})
        assert location is not None
        with recording(location) as recorder:
            recorder.record(duel("u:ann", "u:ben"))
            until(lambda: recorder.written == 1 and not recorder.waiting)
            assert (recorder.connected, recorder.oldest) == (True, 0.0)
            server.freeze()
            ended_at = time.time()
            recorder.record(duel("u:ann", "u:ben", ended_at=ended_at))
            until(lambda: not recorder.connected)
            until(lambda: "has not answered" in caplog.text)
            assert 0 < recorder.oldest <= time.time() - ended_at
            server.thaw()
            until(lambda: recorder.connected and recorder.written == 2)
            assert (recorder.waiting, recorder.oldest) == (0, 0.0)
            until(lambda: "takes results again" in caplog.text)
        assert caplog.text.count("has not answered") == 1
    finally:
        server.thaw()
        server.remove()


def test_what_is_told_is_written(tmp_path: Path) -> None:
    """The journal holds the result when players hear of it: a process that dies at that moment has lost nothing."""
    recorder = Recorder(Location("sqlite:///:memory:", tmp_path / "journal"), "race", OPTIONS)
    lines: list[int] = []

    class Watched(MemoryConnection):
        def send(self, data: bytes) -> None:
            if b'"game_over"' in data:
                lines.append((tmp_path / "journal").read_bytes().count(b"\n"))
            super().send(data)

    playground = Playground(Race, start="now", recorder=recorder)
    connection = Watched()
    client = MemoryClient(connection, playground.server.handle_client(connection))
    client.join("Ann")
    playground.run(seconds=0.5)
    playground.server.rooms[client.room_id].end_game()
    assert lines == [1]
    recorder.close(1)


def test_a_database_that_is_not_there_at_the_start_keeps_nobody_from_starting(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    location = Location("postgresql+psycopg://rumpus@127.0.0.1:1/none", tmp_path / "journal")
    with recording(location) as recorder:
        recorder.record(duel("u:ann", "u:ben"))
        until(lambda: recorder.waiting and not recorder.connected)
    assert [record.levelname for record in caplog.records] == ["WARNING", "WARNING"]
    assert "wait in the journal" in caplog.text
    assert str(location.journal) in caplog.text


def test_tables_of_a_newer_rumpus_are_named_and_results_wait(
    location: Location, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    store.check()
    with store._engine.begin() as connection:
        connection.execute(tables.schema.update().values(version=99))
    with recording(location) as recorder:
        recorder.record(duel("u:ann", "u:ben"))
        until(lambda: recorder.waiting and not recorder.connected)
    assert "newer Rumpus" in caplog.text
    assert location.journal.stat().st_size > 0


def test_with_no_room_for_the_journal_the_database_still_gets_everything(
    location: Location, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(self: Journal, lines: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Journal, "write", full)
    records = [duel("u:ann", "u:ben") for _ in range(20)]
    with recording(location) as recorder:
        for record in records:
            recorder.record(record)
        until(lambda: recorder.written == 20)
    assert sorted(written_ids(location)) == sorted(record.match_id for record in records)
    assert caplog.text.count("No space left on device") == 1
    points_are_right(location, records)


def test_a_full_disk_under_both_keeps_results_in_memory_and_not_without_bound(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    location = resolve(StorageOptions(database=f"sqlite:///{tmp_path}/results.db"), {})
    assert location is not None
    with recording(location, StorageOptions(database_timeout=0.5, result_queue=5)) as recorder:
        recorder.record(duel("u:ann", "u:ben"))
        until(lambda: recorder.written == 1 and not recorder.waiting)
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        # No file of this process may grow beyond this, which is what a full disk looks like.
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
        try:
            records = [duel("u:ann", "u:ben") for _ in range(7)]
            for record in records[:5]:
                recorder.record(record)
            assert len(recorder._loose) == 5
            # What is in memory only waits, too, and gets older.
            assert recorder.waiting > 5 * 100
            until(lambda: not recorder.connected)
            for record in records[5:]:
                recorder.record(record)
            assert recorder.lost == 2
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        until(lambda: recorder.written == 6 and not recorder._loose)
    assert len(written_ids(location)) == 6
    # Even those that are lost are in the log.
    assert all(record.match_id in caplog.text for record in records[5:])
    points_are_right(location, records[:6])


def test_a_result_that_can_never_be_written_does_not_stop_the_others(
    location: Location, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = Store._write

    def picky(self: Store, connection: Connection, record: MatchRecord) -> Written | None:
        if record.match_id == "odd":
            raise Unwritable("too odd")
        if record.match_id == "defect":
            raise ZeroDivisionError
        return write(self, connection, record)

    monkeypatch.setattr(Store, "_write", picky)
    with recording(location) as recorder:
        for match_id in ("a", "odd", "defect", "b"):
            recorder.record(duel("u:ann", "u:ben", match_id=match_id))
        until(lambda: recorder.written == 2 and not recorder.waiting)
    assert sorted(written_ids(location)) == ["a", "b"]
    refused = location.journal.with_name("journal.refused").read_text().splitlines()
    assert ["odd" in refused[0], "defect" in refused[1]] == [True, True]


def test_a_record_that_is_no_data_is_lost_alone_and_odd_numbers_are_not(location: Location) -> None:
    with recording(location) as recorder:
        recorder.record(duel("u:ann", "u:ben", match_id="a", settings={"x": object()}))
        recorder.record(any_match(player("u:ann", 1, float("nan")), player("u:\0b", 10**40), match_id="b"))
        recorder.record(duel("u:ann", "u:ben", match_id="c", settings={"x": float("inf")}))
        until(lambda: recorder.written == 2)
        assert recorder.lost == 1
    assert sorted(written_ids(location)) == ["b", "c"]


def test_two_servers_on_one_machine_keep_their_results_in_one_database(location: Location) -> None:
    with recording(location) as first, recording(location) as second:
        for number in range(20):
            first.record(duel("u:ann", "u:ben", match_id=f"first {number}"))
            second.record(duel("u:ben", "u:ann", match_id=f"second {number}"))
        until(lambda: first.written == second.written == 20)
    assert len(set(written_ids(location))) == len(written_ids(location)) == 40


def rating(recorder: Recorder, account: str) -> Rating:
    found: list[Rating] = []
    recorder.rating(account, found.append)
    until(lambda: found)
    return found[0]


def test_ratings_are_told_from_the_database_and_from_memory(
    location: Location, open_store: Callable[[], Store]
) -> None:
    written = open_store().write(duel("u:ann", "u:ben"))
    assert written is not None
    with recording(location) as recorder:
        assert rating(recorder, "u:ann") == written.changes[0].after
        assert rating(recorder, "u:nobody") == Rating()
        recorder.record(any_match(player("u:ann", 2), player("u:nobody", 1)))
        until(lambda: recorder.written)
        changed = rating(recorder, "u:nobody")
        assert changed.mu > 25
        with locked(location):
            asked: list[Rating] = []
            recorder.rating("u:ann", asked.append)
            assert len(asked) == 1


def test_without_a_database_a_rating_is_a_newcomers_and_comes_soon(tmp_path: Path) -> None:
    location = Location("postgresql+psycopg://rumpus@127.0.0.1:1/none", tmp_path / "journal")
    with recording(location, StorageOptions(database_timeout=0.5, max_queries=3)) as recorder:
        found: list[Rating] = []
        began = time.monotonic()
        for number in range(50):
            recorder.rating(f"u:{number}", found.append)
        until(lambda: len(found) == 50)
        assert set(found) == {Rating()}
        assert time.monotonic() - began < 10
