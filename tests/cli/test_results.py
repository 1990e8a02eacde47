"""`rumpus results --import`: what a full disk kept out of the database gets in from the log, once."""

from __future__ import annotations

import logging
import tempfile
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import select

from rumpus.cli.log_format import JsonFormatter, PlainFormatter
from rumpus.results.record import MatchRecord
from rumpus.results.storage import tables
from rumpus.results.storage.leaderboards import leaderboard
from rumpus.results.storage.location import Location
from rumpus.results.storage.options import StorageOptions
from rumpus.results.storage.recorder import Recorder
from rumpus.results.storage.store import Store
from tests.support.command import Run
from tests.support.matches import duel, match, player


def log_of(records: list[MatchRecord], formatter: logging.Formatter, caplog: pytest.LogCaptureFixture) -> str:
    """What a server writes that can keep these nowhere."""
    with tempfile.TemporaryDirectory() as folder:
        recorder = Recorder(Location("sqlite://", Path(folder) / "journal"), "race", StorageOptions())
        recorder.close(1)
    caplog.clear()
    for record in records:
        recorder.record(record)
    lines = ["08:00:00 something else", *(formatter.format(record) for record in caplog.records)]
    return "\n".join(lines) + "\n"


def written(path: Path) -> list[str]:
    store = Store(f"sqlite:///{path}", 5.0)
    try:
        with store.read() as connection:
            return sorted(connection.scalars(select(tables.matches.c.match_id)))
    finally:
        store.close()


@pytest.mark.parametrize("formatter", [PlainFormatter(), JsonFormatter()], ids=["plain", "json"])
def test_what_is_in_the_log_only_is_written_once(
    rumpus: Run, tmp_path: Path, formatter: logging.Formatter, caplog: pytest.LogCaptureFixture
) -> None:
    records = [duel("u:ann", 'u:"ben" = {x}', match_id=str(number)) for number in range(3)]
    log, database = tmp_path / "server.log", tmp_path / "results.db"
    log.write_text(log_of(records, formatter, caplog))
    arguments = ("results", "--import", str(log), "--database", f"sqlite:///{database}")
    assert rumpus(*arguments).stdout == "3 matches written, 0 there already, 0 not readable.\n"
    assert rumpus(*arguments).stdout == "0 matches written, 3 there already, 0 not readable.\n"
    assert written(database) == ["0", "1", "2"]


@pytest.mark.parametrize("formatter", [PlainFormatter(), JsonFormatter()], ids=["plain", "json"])
def test_what_was_not_rated_is_not_rated_when_it_comes_from_a_log_either(
    rumpus: Run, tmp_path: Path, formatter: logging.Formatter, caplog: pytest.LogCaptureFixture
) -> None:
    private = duel("u:ann", "u:ben", match_id="private", unrated="private")
    idle = match(player("u:ann", 1), player("u:ben", 2), player("u:cid", 3, unrated="idle"), match_id="idle")
    log, kept, database = (tmp_path / name for name in ("server.log", "results.jsonl", "results.db"))
    log.write_text(log_of([private], formatter, caplog))
    kept.write_bytes(msgspec.json.encode(idle) + b"\n")
    arguments = ("results", "--import", str(log), "--import", str(kept), "--database", f"sqlite:///{database}")
    assert rumpus(*arguments).stdout == "2 matches written, 0 there already, 0 not readable.\n"
    store = Store(f"sqlite:///{database}", 5.0)
    with store.read() as connection:
        words = dict(connection.execute(select(tables.matches.c.match_id, tables.matches.c.unrated)).all())  # type: ignore[arg-type]
        board = leaderboard(connection, "race", season="", mode="", limit=10)
    store.close()
    assert words == {"private": "private", "idle": None}
    assert board is not None
    assert [(row.account, row.matches) for row in board.rows] == [("u:ann", 1), ("u:ben", 1)]


def test_a_journal_and_a_file_of_results_are_read_too_and_what_is_torn_is_named(rumpus: Run, tmp_path: Path) -> None:
    journal, kept, database = (tmp_path / name for name in ("journal", "results.jsonl", "results.db"))
    line = msgspec.json.encode(duel("u:ann", "u:ben", match_id="a")).decode()
    journal.write_text(line + "\n" + line[: len(line) // 2])
    shown = msgspec.to_builtins(duel("u:ann", "u:ben", match_id="b"))
    shown["started_at"], shown["ended_at"] = "2026-11-30T08:00:00+00:00", "2026-11-30T08:05:00+00:00"
    kept.write_bytes(msgspec.json.encode(shown) + b"\n")
    done = rumpus("results", "--import", str(journal), "--import", str(kept), "--database", f"sqlite:///{database}")
    assert done.returncode == 1
    assert f"{journal}, line 2, is no result" in done.stdout
    assert done.stdout.endswith("2 matches written, 0 there already, 1 not readable.\n")
    assert written(database) == ["a", "b"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((), "Give --import"),
        (
            ("--import", "none.log", "--database", "sqlite:///FOLDER/results.db"),
            "none.log cannot be read: No such file",
        ),
        (("--import", "/dev/null", "--database", "none"), "keeps no results"),
    ],
)
def test_mistakes_end_in_one_sentence(rumpus: Run, tmp_path: Path, arguments: tuple[str, ...], sentence: str) -> None:
    done = rumpus("results", *(argument.replace("FOLDER", str(tmp_path)) for argument in arguments))
    assert done.returncode == 2
    assert sentence in done.stderr
    assert done.stderr.count("\n") == 1
