"""The leaderboard against those who would climb it without playing, over sockets and into a database."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from rumpus.config import RoomOptions
from rumpus.results.storage.location import resolve
from rumpus.results.storage.options import StorageOptions
from rumpus.results.storage.recorder import Recorder
from tests.support.clients import RawClient, get
from tests.support.drift import Drift
from tests.support.matches import until
from tests.support.serving import ServerThread, get_json, serving

pytestmark = pytest.mark.socket

HERE, THERE = "127.0.0.2", "127.0.0.3"
#: A match is over when somebody has fired three times, however soon.
OPTIONS: dict[str, Any] = {
    "start": "countdown", "countdown": 0, "min_players": 2, "max_players": 2, "tick_rate": 60, "results_time": 0,
    "empty_grace": 0, "reconnect_time": 0, "settings": {"goal": "3"},
}  # fmt: skip


@contextmanager
def keeping_results(tmp_path: Path, storage: dict[str, Any] | None = None, **options: Any) -> Iterator[ServerThread]:
    where = StorageOptions(database=f"sqlite:///{tmp_path}/results.db", query_cache=0, **(storage or {}))
    location = resolve(where, {})
    assert location is not None
    recorder = Recorder(location, "drift", where)
    with serving(Drift, RoomOptions(**OPTIONS | options), recorder=recorder) as server:
        until(lambda: get(server.port, "/api/leaderboard").status == 200)
        yield server


def key(name: str) -> str:
    return f"the-key-of-{name:->20}"


def play(
    server: ServerThread, winner: str, loser: str, sources: tuple[str, str] = (HERE, THERE), *, seconds: float = 0.0,
    private: bool = False, both: bool = True,
) -> tuple[dict[str, Any], dict[str, Any] | None]:  # fmt: skip
    """A match that `winner` wins, after so long. What is told at its end, and of ratings if it is rated.

    both: whether the other does anything at all.
    """
    with (
        RawClient(server.port, source=sources[0], polite=True) as one,
        RawClient(server.port, source=sources[1], polite=True) as other,
    ):
        one.send("join", name=winner, guest=key(winner), options={"create": True, "private": private})
        other.send("join", name=loser, guest=key(loser), room=one.expect("joined")["room_id"])
        one.expect("game_started")
        end = time.monotonic() + seconds
        if both:
            other.send("input", seq=0, data={"move": 1})
        one.send("input", seq=0, data={"move": 1})
        # Game time is what counts, and the match has to have it.
        while time.monotonic() < end:
            one.next_message()
        for seq in range(1, 4):
            one.send("input", seq=seq, data={"fire": True})
        over = one.expect("game_over")
        return over, None if "unrated" in over else one.expect("rated")


def ranking(server: ServerThread) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = get_json(server.port, "/api/leaderboard")["rows"]
    return rows


def kept(server: ServerThread, match_id: str) -> dict[str, Any]:
    """The match in the database, once it is there."""
    until(lambda: get(server.port, f"/api/matches/{match_id}").status == 200)
    found: dict[str, Any] = get_json(server.port, f"/api/matches/{match_id}")
    return found


def not_kept(server: ServerThread) -> int:
    found = re.search(r"^rumpus_results_not_kept_total (\S+)", get(server.port, "/metrics").body.decode(), re.MULTILINE)
    assert found is not None
    return round(float(found[1]))


def test_private_matches_of_a_moment_against_ones_own_guests_lift_nobody(tmp_path: Path) -> None:
    with keeping_results(tmp_path) as server:
        for number in range(8):
            over, _ = play(server, "Climber", f"Guest-{number}", (HERE, HERE), private=True)
            assert over["unrated"] == "private"
        assert kept(server, over["match_id"])["unrated"] == "private"
        assert ranking(server) == []


def test_nor_do_public_ones_that_are_short_or_all_from_one_address(tmp_path: Path) -> None:
    with keeping_results(tmp_path) as server:
        over, _ = play(server, "Climber", "Guest")
        assert over["unrated"] == "short"
        assert ranking(server) == []
    with keeping_results(tmp_path, rated_seconds=0) as server:
        over, _ = play(server, "Climber", "Guest", (HERE, HERE))
        assert over["unrated"] == "same_address"
        assert ranking(server) == []


def test_whoever_does_nothing_is_nobodys_opponent(tmp_path: Path) -> None:
    with keeping_results(tmp_path, rated_seconds=1) as server:
        over, _ = play(server, "Climber", "Sleeper", seconds=1.5, both=False)
        assert over["unrated"] == "idle"
        assert ranking(server) == []


def test_strangers_who_play_are_rated_so_often_a_day(tmp_path: Path) -> None:
    with keeping_results(tmp_path, rated_seconds=1, rated_repeats=2) as server:
        for _ in range(2):
            over, rated = play(server, "Ann", "Ben", seconds=1.5)
            assert rated is not None
            assert len(rated["ratings"]) == 2
        over, _ = play(server, "Ann", "Ben", seconds=1.5)
        assert over["unrated"] == "repeated"
        # Ben throws his key away.
        over, _ = play(server, "Ann", "Benno", seconds=1.5)
        assert over["unrated"] == "repeated"
        assert kept(server, over["match_id"])["unrated"] == "repeated"
        assert [(row["name"], row["matches"], row["wins"]) for row in ranking(server)] == [("Ann", 2, 2), ("Ben", 2, 0)]


def test_a_seat_that_was_used_from_two_addresses_is_of_both(tmp_path: Path) -> None:
    """Whoever goes on from elsewhere is no stranger to those at home."""
    with (
        keeping_results(tmp_path, rated_seconds=0, rated_activity=0, reconnect_time=60) as server,
        RawClient(server.port, source=HERE, polite=True) as one,
    ):
        one.send("join", name="Ann", guest=key("Ann"), options={"create": True, "private": False})
        with RawClient(server.port, source=HERE) as other:
            other.send("join", name="Guest", guest=key("Guest"), room=one.expect("joined")["room_id"])
            session = other.expect("joined")["session"]
            one.expect("game_started")
        with RawClient(server.port, source=THERE, polite=True) as other:
            other.send("resume", session=session)
            other.expect("joined")
            for seq in range(3):
                one.send("input", seq=seq, data={"fire": True})
            assert one.expect("game_over")["unrated"] == "same_address"


def test_a_school_is_rated_where_the_operator_says_so(tmp_path: Path) -> None:
    with keeping_results(tmp_path, rated_seconds=0, rated_activity=0, rate_same_address=True) as server:
        _, rated = play(server, "Ann", "Ben", (HERE, HERE))
        assert rated is not None
        assert len(ranking(server)) == 2


def test_matches_that_everybody_leaves_are_not_in_the_database(tmp_path: Path) -> None:
    with keeping_results(tmp_path, start="now", bots=1, min_players=1) as server:
        for _ in range(5):
            with RawClient(server.port, source=HERE) as client:
                client.send("join", name="Churn", guest=key("Churn"), options={"create": True})
                client.expect("game_started")
        until(lambda: server.call(lambda server: len(server.results)) == 5)
        assert not_kept(server) == 5
        assert {record.reason for record in server.call(lambda server: list(server.results))} == {"abandoned"}
        assert get(server.port, "/api/players/g:anybody").status == 404
    assert (tmp_path / "results.db.journal").read_bytes() == b""


def test_one_address_has_so_many_matches_kept_that_are_not_rated(tmp_path: Path) -> None:
    with keeping_results(tmp_path, {"max_kept_per_address": 3}) as server:
        ids = [play(server, "Ann", "Ben", (HERE, HERE), private=True)[0]["match_id"] for _ in range(6)]
        for match_id in ids[:3]:
            assert kept(server, match_id)["unrated"] == "private"
        assert not_kept(server) == 3
        # Others are others.
        over, _ = play(server, "Cid", "Dan", (THERE, THERE), private=True)
        kept(server, over["match_id"])
        assert [get(server.port, f"/api/matches/{match_id}").status for match_id in ids[3:]] == [404] * 3
