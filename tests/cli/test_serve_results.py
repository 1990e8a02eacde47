"""`rumpus serve` with a database: what was played is there, on the pages and after the next start."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest

from rumpus.results.storage.location import Location
from rumpus.results.storage.options import StorageOptions
from rumpus.results.storage.recorder import Recorder
from rumpus.testing import Playground
from tests.support.clients import RawClient, get, watched
from tests.support.command import complaints
from tests.support.databases import locked
from tests.support.drift import Known
from tests.support.matches import until
from tests.support.serving import ServerProcess, get_json, serving, serving_process
from tests.support.watched_server import OPTIONS

pytestmark = pytest.mark.socket

ROOT = Path(__file__).parents[2]
#: Matches of a moment are rated, also of people who all come from here.
RATED: dict[str, Any] = {"rated_seconds": 0, "rated_activity": 0, "rated_repeats": 0, "rate_same_address": True}
GAME = (
    "--game", "tests.support.drift:Known", "--start", "countdown", "--countdown", "0", "--min-players", "2",
    "--max-players", "2", "--set", "goal=3", "--results-time", "0",
    "--rated-seconds", "0", "--rated-activity", "0", "--rated-repeats", "0", "--rate-same-address",
)  # fmt: skip


def play(
    port: int, winner: str = "Ann", loser: str = "Ben", rated: bool = False, guests: bool = False
) -> dict[str, Any]:
    """A match that `winner` wins; what both were told of its end, and with `rated` of what it did to their ratings."""
    with RawClient(port) as one, RawClient(port) as other:
        keys = [{"guest": f"the-key-of-{name:->20}"} if guests else {} for name in (winner, loser)]
        one.send("join", name=winner, options={"create": True, "private": False}, **keys[0])
        room = one.expect("joined")["room_id"]
        other.send("join", name=loser, room=room, **keys[1])
        one.expect("game_started")
        for seq in range(3):
            one.send("input", seq=seq, data={"fire": True})
        over = one.expect("game_over")
        assert over["reason"] == "goal_reached"
        if rated:
            over["rated"] = other.expect("rated")["ratings"]
        return over


def board(port: int) -> list[tuple[str, int, int, int]]:
    rows = get_json(port, "/api/leaderboard")["rows"]
    return [(row["account"], row["rank"], row["matches"], row["wins"]) for row in rows]


def test_a_match_is_on_the_leaderboard_and_still_there_after_the_next_start(database: str, tmp_path: Path) -> None:
    where = ("--database", database, "--journal", str(tmp_path / "journal"), "--query-cache", "0")
    lines = tmp_path / "results.jsonl"
    with serving_process(*GAME, *where, "--results", str(lines), cwd=ROOT) as server:
        over = play(server.port, rated=True)
        # What identifies somebody is not for everybody in the room.
        assert all(set(line) <= {"player_id", "name", "score", "rank", "team"} for line in over["results"])
        until(lambda: board(server.port) == [("u:ann", 1, 1, 1), ("u:ben", 2, 1, 0)])
        line = json.loads(lines.read_text().splitlines()[0])
        assert line["ended_at"].startswith("20")
        assert over["match_id"] == line["match_id"]
        found = get_json(server.port, f"/api/matches/{over['match_id']}")
        told = {line["player_id"]: (line["before"], line["after"]) for line in over["rated"]}
        assert [told[line["player_id"]] for line in over["results"]] == [
            (seat["rating_before"], seat["rating_after"]) for seat in found["players"]
        ]
        assert (found["duration"], found["reason"]) == (line["duration"], "goal_reached")
        assert abs(found["ended_at"] - time.time()) < 60
        ann = get_json(server.port, "/api/players/u:ann")
        assert ann["rating"] == found["players"][0]["rating_after"] > 1000
    with serving_process(*GAME, *where, cwd=ROOT) as server:
        until(lambda: get(server.port, "/api/leaderboard").status == 200)
        assert board(server.port) == [("u:ann", 1, 1, 1), ("u:ben", 2, 1, 0)]
        play(server.port, "Ben", "Ann")
        until(lambda: [line[2] for line in board(server.port)] == [2, 2])
        stop_cleanly(server)


def test_guests_who_keep_their_key_are_on_the_leaderboard(tmp_path: Path) -> None:
    game = ("--game", "tests.support.drift:Drift", *GAME[2:])
    where = ("--database", f"sqlite:///{tmp_path}/results.db", "--query-cache", "0")
    with serving_process(*game, *where, cwd=ROOT) as server:
        for _ in range(2):
            play(server.port, rated=True, guests=True)
        # Questions have a connection of their own, which may not be up yet.
        until(lambda: get(server.port, "/api/leaderboard").status == 200)
        ann, ben = get_json(server.port, "/api/leaderboard")["rows"]
        assert [(row["name"], row["matches"], row["wins"]) for row in (ann, ben)] == [("Ann", 2, 2), ("Ben", 2, 0)]
        assert ann["account"].startswith("g:")
        assert "the-key" not in ann["account"]


def stop_cleanly(server: ServerProcess) -> None:
    assert server.stop() == 0
    assert not [line for line in server.log if "Traceback" in line or "ERROR" in line], server.log


def test_a_server_killed_after_a_match_has_it_after_the_next_start(tmp_path: Path) -> None:
    path = tmp_path / "results.db"
    where = ("--database", f"sqlite:///{path}", "--query-cache", "0")
    with serving_process(*GAME, *where, cwd=ROOT) as server:
        until(lambda: get(server.port, "/api/leaderboard").status == 200)
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        play(server.port)
        until((tmp_path / "results.db.journal").read_bytes)
        server.stop(signal.SIGKILL)
        other.execute("ROLLBACK")
        other.close()
    with serving_process(*GAME, *where, cwd=ROOT) as server:
        until(lambda: get(server.port, "/api/leaderboard").status == 200)
        until(lambda: board(server.port) == [("u:ann", 1, 1, 1), ("u:ben", 2, 1, 0)])


def test_a_database_that_is_away_at_the_start_is_a_warning(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        # Nobody answers there.
        url = f"postgresql://ann:swordfish@127.0.0.1:{taken.getsockname()[1]}/games"
        where = ("--journal", str(tmp_path / "journal"), "--database-timeout", "0.5")
        with serving_process(*GAME, *where, cwd=ROOT, environment={"RUMPUS_DATABASE": url}) as server:
            play(server.port)
            until((tmp_path / "journal").read_bytes)
            until(lambda: [line for line in server.log if "wait in the journal" in line])
            assert get(server.port, "/api/leaderboard").status == 503
            assert server.stop() == 0
        assert not [line for line in server.log if "swordfish" in line or "Traceback" in line], server.log
    assert len((tmp_path / "journal").read_text().splitlines()) == 1


def test_the_default_is_a_file_in_the_users_data_folder_and_none_keeps_nothing(tmp_path: Path) -> None:
    environment = {"RUMPUS_DATABASE": "", "XDG_DATA_HOME": str(tmp_path)}
    with serving_process(*GAME, "--database", "none", cwd=ROOT, environment=environment) as server:
        assert get(server.port, "/api/leaderboard").status == 404
    assert os.listdir(tmp_path) == []
    with serving_process(*GAME, "--query-cache", "0", cwd=ROOT, environment=environment) as server:
        play(server.port)
        until(lambda: get(server.port, "/api/leaderboard").status == 200 and board(server.port))
    assert (tmp_path / "rumpus" / "results.db").stat().st_size > 0


def test_options_that_cannot_be_end_in_one_sentence(tmp_path: Path) -> None:
    cases = {
        "mysql://x/y": "mysql",
        f"sqlite:///{tmp_path}/no/such/results.db": "no folder",
        "postgresql://host": "name a database",
    }
    said = complaints([["serve", "--game", "tests.support.race:Race", "--database", url] for url in cases])
    assert all(word in sentence for word, sentence in zip(cases.values(), said, strict=True)), said
    usual = ["serve", "--game", "tests.support.race:Race", "--database", f"sqlite:///{tmp_path}/r.db"]
    said = complaints(
        [[*usual, "--season", "week"], [*usual, "--journal", str(tmp_path)], [*usual, "--max-queries", "0"]]
    )
    assert "month, quarter, year" in said[0]
    assert "--journal" in said[1]
    assert "--max-queries" in said[2]


def test_while_the_database_is_locked_matches_go_on(location: Location) -> None:
    recorder = Recorder(location, "known", StorageOptions(database_timeout=0.5))
    with (
        serving(Known, msgspec.structs.replace(OPTIONS, settings={"goal": "3"}, **RATED), recorder=recorder) as server,
        watched(server) as watch,
    ):
        until(lambda: recorder.connected and get(server.port, "/api/leaderboard").status == 200)
        with locked(location):
            play(server.port)
            until(lambda: recorder.waiting)
            # More than the database may take.
            for witness in watch.witnesses:
                witness.wait(150)
            record = server.call(lambda server: server.results[-1])
            assert [line.rating_after for line in record.results] == [None, None]
        until(lambda: not recorder.waiting)
        until(lambda: record.results[0].rating_after)
        assert record.results[0].rating_before == 1000
        assert record.results[0].rating_after > 1000 >= record.results[1].rating_after


def test_a_record_says_which_match_it_was_and_who_played() -> None:
    room = Playground(Known, start="now", max_players=2, bots=1, results_time=0, settings={"goal": "1"})
    ann = room.connect("Ann")
    for _ in range(2):
        ann.input(fire=True)
        room.run(1)
    first, second = room.server.results
    assert len(first.match_id) == 32
    assert first.match_id != second.match_id
    assert abs(first.ended_at - time.time()) < 60
    assert first.started_at == first.ended_at - first.duration
    by_name = {line.name: (line.account, line.bot) for line in first.results}
    assert by_name.pop("Ann") == ("u:ann", False)
    assert list(by_name.values()) == [(None, True)]
    assert "account" not in ann.last("game_over")["results"][0]
    assert first.mode == ""
