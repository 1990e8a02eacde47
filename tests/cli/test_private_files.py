"""What a server writes of people is for its owner's eyes, whatever the umask."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from rumpus.results.storage.journal import Journal
from rumpus.results.storage.private_files import open_private
from tests.cli.test_serve_results import GAME, ROOT, play
from tests.support.matches import until
from tests.support.serving import get_json, serving_process

pytestmark = [
    pytest.mark.socket,
    pytest.mark.skipif(os.name != "posix", reason="Windows has no modes"),
]


@pytest.fixture(params=[0o000, 0o022], ids=["umask 000", "umask 022"])
def umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_all_that_a_server_writes_is_its_owners(umask: None, tmp_path: Path) -> None:
    data = tmp_path / "data"
    flags = (*GAME, "--results", str(tmp_path / "results.jsonl"))
    environment = {"XDG_DATA_HOME": str(data), "RUMPUS_DATABASE": ""}
    with serving_process(*flags, cwd=ROOT, environment=environment) as server:
        play(server.port, guests=True)
        until(lambda: get_json(server.port, "/api/leaderboard") is not None)
        files = [path for path in tmp_path.rglob("*") if path.is_file()]
        # While it runs, SQLite has files of its own beside the database.
        assert {"results.jsonl", "results.db", "results.db.journal"} <= {path.name for path in files}
        assert {path.name: oct(mode(path)) for path in files if mode(path) != 0o600} == {}
        assert oct(mode(data / "rumpus")) == "0o700"
    assert not [line for line in server.log if "chmod" in line]


def test_what_others_may_read_stays_so_and_the_log_says_it(tmp_path: Path) -> None:
    database, results = tmp_path / "play.db", tmp_path / "results.jsonl"
    for path in (database, results, tmp_path / "play.db.journal"):
        path.touch(0o644)
        path.chmod(0o644)
    flags = ("--results", str(results), "--database", f"sqlite:///{database}")
    with serving_process(*GAME, *flags, cwd=ROOT) as server:
        play(server.port)
    told = [line for line in server.log if "can be read by others (mode 0644)" in line]
    assert len(told) == 3
    assert all("WARNING" in line for line in told)
    assert {mode(path) for path in (database, results)} == {0o644}
    assert results.read_bytes().count(b"\n") == 1


def test_a_file_that_is_there_is_appended_to(umask: None, tmp_path: Path) -> None:
    path = tmp_path / "lines"
    for line in (b"one\n", b"two\n"):
        with open_private(path) as file:
            file.write(line)
    assert path.read_bytes() == b"one\ntwo\n"
    assert mode(path) == 0o600


def test_what_is_set_aside_is_private_too(umask: None, tmp_path: Path) -> None:
    journal = Journal.open(tmp_path / "journal")
    journal.set_aside(b"{}")
    journal.close()
    assert {path.name: mode(path) for path in tmp_path.iterdir()} == {"journal": 0o600, "journal.refused": 0o600}
