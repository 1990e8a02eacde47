"""Leaderboards over real sockets: what is answered, and that a database that does not answer holds nobody up."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from rumpus.identity.identity import guest_account
from rumpus.net import http_connection
from rumpus.net.tls import load_tls
from rumpus.results.rating import Rating
from rumpus.results.storage import leaderboards
from rumpus.results.storage.location import Location
from rumpus.results.storage.options import StorageOptions
from rumpus.results.storage.recorder import Recorder
from rumpus.results.storage.store import Store
from rumpus.server import GameServer
from tests.support.certificates import make_certificate
from tests.support.clients import Answer, RawClient, get, open_socket, parse_answer, read_to_end, watched
from tests.support.drift import Drift
from tests.support.matches import duel, match, player, until
from tests.support.serving import PATIENCE, ServerThread, get_json, serving
from tests.support.watched_server import OPTIONS

pytestmark = pytest.mark.socket


@pytest.fixture
def played(open_store: Callable[[], Store]) -> None:
    """Three matches that others have played."""
    store = open_store()
    store.write(duel("u:ann", "g:ben", game="drift", match_id="one"))
    store.write(duel("u:ann", "u:cy/d ü", game="drift", match_id="two", mode="duel"))
    store.write(match(player("u:ann", 2), player(None, 1, 9, bot=True), game="drift", match_id="three"))
    store.write(duel("u:ann", "u:eve", game="chess"))


@pytest.fixture
def server(played: None, location: Location) -> Iterator[ServerThread]:
    with serving(Drift, OPTIONS, recorder=Recorder(location, "drift", StorageOptions(query_cache=0))) as server:
        yield server


@pytest.fixture(scope="module")
def any_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerThread]:
    """A server for questions that never get as far as the database."""
    folder = tmp_path_factory.mktemp("results")
    recorder = Recorder(Location(f"sqlite:///{folder}/results.db", folder / "journal"), "drift")
    with serving(Drift, OPTIONS, recorder=recorder) as server:
        yield server


def refusal(answer: Answer) -> tuple[int, str]:
    return answer.status, json.loads(answer.body)["error"]


def test_the_leaderboard(server: ServerThread) -> None:
    page = get_json(server.port, "/api/leaderboard")
    assert {name: page[name] for name in ("game", "season", "mode", "players", "offset", "seasons", "modes")} == {
        "game": "drift", "season": "", "mode": "", "players": 3, "offset": 0, "seasons": ["2026-Q4"], "modes": ["duel"],
    }  # fmt: skip
    ann, *others = page["rows"]
    assert (ann["rank"], ann["account"], ann["name"], ann["matches"], ann["wins"]) == (1, "u:ann", "Ann", 3, 2)
    assert (ann["score"], ann["best"]) == (10, 5)
    assert {row["account"] for row in others} == {"g:ben", "u:cy/d ü"}
    assert get_json(server.port, "/api/leaderboard?season=2026-Q4&mode=duel")["players"] == 2
    assert get_json(server.port, "/api/leaderboard?season=1999")["rows"] == []
    assert len(get_json(server.port, "/api/leaderboard?limit=1&offset=1")["rows"]) == 1
    around = get_json(server.port, "/api/leaderboard?around=g%3Aben&limit=1")
    assert [row["account"] for row in around["rows"]] == ["g:ben"]
    current = get_json(server.port, "/api/leaderboard?season=current")
    assert current["season"].startswith("20")
    answer = get(server.port, "/api/leaderboard")
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert int(answer.headers["content-length"]) == len(answer.body)


def test_a_player_and_their_matches(server: ServerThread) -> None:
    ann = get_json(server.port, "/api/players/u:ann")
    assert (ann["name"], ann["rank"], ann["matches"], ann["wins"]) == ("Ann", 1, 3, 2)
    assert get_json(server.port, "/api/players/u%3Acy%2Fd%20%C3%BC")["matches"] == 1
    page = get_json(server.port, "/api/players/u:ann/matches?limit=2")
    assert [one["match_id"] for one in page["matches"]] == ["three", "two"]
    assert (page["matches"][1]["own"]["rank"], page["matches"][1]["mode"]) == (1, "duel")
    assert [other["name"] for other in page["matches"][1]["others"]] == ["Cy/D Ü"]
    rest = get_json(server.port, f"/api/players/u:ann/matches?before={page['next']}")
    assert ([one["match_id"] for one in rest["matches"]], rest["next"]) == (["one"], None)
    found = get_json(server.port, "/api/matches/one")
    assert [seat["account"] for seat in found["players"]] == ["u:ann", "g:ben"]
    assert found["settings"] == {"goal": 5}


def test_what_is_not_there(server: ServerThread) -> None:
    for path in ("players/u:eve", "players/u:eve/matches", "matches/x", "leaderboard?around=u:eve"):
        status, sentence = refusal(get(server.port, f"/api/{path}"))
        assert status == 404
        assert sentence.startswith(("There is no", "This player"))


def test_metrics_tell_how_results_fare(server: ServerThread) -> None:
    metrics = get(server.port, "/metrics").body.decode()
    for line in ("results_written_total 0.0", "results_lost_total 0.0", "results_waiting_bytes 0.0"):
        assert f"rumpus_{line}\n" in metrics
    assert "rumpus_database_connected 1.0\n" in metrics


@pytest.mark.parametrize(
    ("path", "word"),
    [
        ("/api/leaderboard?limit=0", "limit"),
        ("/api/leaderboard?limit=101", "from 1 to 100"),
        ("/api/leaderboard?limit=ten", "whole number"),
        ("/api/leaderboard?offset=-1", "offset"),
        ("/api/leaderboard?offset=" + "9" * 5000, "offset"),
        ("/api/leaderboard?around=a&offset=2", "not both"),
        ("/api/leaderboard?around=", "Around"),
        ("/api/leaderboard?mood=duel", "'mood'"),
        ("/api/leaderboard?mode=%00", "Mode"),
        ("/api/leaderboard?season=%ff", "cannot be read"),
        ("/api/leaderboard?" + "&".join("mode=x" for _ in range(50)), "cannot be read"),
        ("/api/players/u:ann?x=1", "'x'"),
        ("/api/players/%ff", "UTF-8"),
        ("/api/players/" + "x" * 300, "256"),
        ("/api/players//matches", "1 to 256"),
        ("/api/matches/one?limit=2", "'limit'"),
    ],
)
def test_a_question_that_makes_no_sense_is_told_why(any_server: ServerThread, path: str, word: str) -> None:
    status, sentence = refusal(get(any_server.port, path))
    assert status == 400
    assert word in sentence


@pytest.mark.parametrize("path", ["/api/nothing", "/api/leaderboard/x", "/api/players/a/b", "/api/matches"])
def test_other_paths_are_no_pages(any_server: ServerThread, path: str) -> None:
    assert get(any_server.port, path).status == 404


def test_a_server_that_keeps_no_results_says_so() -> None:
    with serving(Drift, OPTIONS) as server:
        assert refusal(get(server.port, "/api/leaderboard")) == (404, "This server keeps no results.")


class SlowDatabase:
    """Stands in for the question of leaderboards: the database answers when told to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked = 0
        self.may_answer = threading.Event()
        real = leaderboards.leaderboard

        def slow(*arguments: Any, **more: Any) -> Any:
            self.asked += 1
            self.may_answer.wait(PATIENCE)
            return real(*arguments, **more)

        monkeypatch.setattr(leaderboards, "leaderboard", slow)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[SlowDatabase]:
    database = SlowDatabase(monkeypatch)
    yield database
    database.may_answer.set()


def test_while_a_slow_database_thinks_matches_go_on_and_too_many_questions_are_refused(
    location: Location, played: None, slow: SlowDatabase
) -> None:
    options = StorageOptions(max_queries=3, database_timeout=10)
    recorder = Recorder(location, "drift", options)

    def ask(offset: int) -> Answer:
        # Each of an address of its own: what one may ask is bounded too.
        return get(server.port, f"/api/leaderboard?offset={offset}", X_Forwarded_For=f"192.0.2.{offset}")

    with (
        serving(Drift, OPTIONS, recorder=recorder, trusted_proxies=["127.0.0.1"]) as server,
        watched(server) as watch,
        ThreadPoolExecutor(20) as readers,
    ):
        first = readers.submit(get, server.port, "/api/leaderboard")
        until(lambda: slow.asked == 1)
        # The same question, asked by a crowd, is one.
        same = [readers.submit(get, server.port, "/api/leaderboard") for _ in range(8)]
        others = [readers.submit(ask, number) for number in range(1, 4)]
        until(recorder.queries._pages._waiting.full)
        surplus = ask(9)
        assert (surplus.status, surplus.headers["retry-after"]) == (503, "2")
        for witness in watch.witnesses:
            witness.wait(50)
        assert not first.done()
        slow.may_answer.set()
        answers = [one.result() for one in (first, *same, *others)]
        assert {answer.status for answer in answers} == {200}
        assert {answer.body for answer in answers[:9]} == {answers[0].body}
        assert slow.asked == 4


def test_one_address_cannot_keep_others_from_asking(location: Location, played: None, slow: SlowDatabase) -> None:
    recorder = Recorder(location, "drift", StorageOptions(max_queries=8, database_timeout=PATIENCE))

    def ask(address: str, offset: int) -> Answer:
        return get(server.port, f"/api/leaderboard?offset={offset}", X_Forwarded_For=address)

    with (
        serving(Drift, OPTIONS, recorder=recorder, trusted_proxies=["127.0.0.1"]) as server,
        ThreadPoolExecutor(80) as readers,
    ):
        # Each from another address, but all of one network. Two of eight places are theirs.
        greedy = [readers.submit(ask, f"2001:db8::{number:x}", number) for number in range(1, 81)]
        until(lambda: sum(one.done() for one in greedy) == 78)
        refused = [one.result() for one in greedy if one.done()]
        assert {answer.status for answer in refused} == {503}
        assert {answer.headers["retry-after"] for answer in refused} == {"2"}
        other = readers.submit(ask, "192.0.2.1", 0)
        # A player's rating does not wait for any of them.
        known: list[int] = []
        recorder.queries.rating("u:ann", lambda rating: known.append(rating.points))
        until(lambda: known)
        assert known[0] > Rating().points
        slow.may_answer.set()
        assert other.result().status == 200
        assert sorted({one.result().status for one in greedy}) == [200, 503]
        # And it may ask again.
        until(lambda: ask("2001:db8::ffff", 99).status == 200)


def test_a_player_who_joins_is_known_while_strangers_read_leaderboards(
    location: Location, open_store: Callable[[], Store], slow: SlowDatabase
) -> None:
    """The one thread that answers them is busy, and as many questions wait as can."""
    key = "k" * 32
    open_store().write(duel(guest_account(key), "u:eve", game="drift", match_id="one"))
    recorder = Recorder(location, "drift", StorageOptions(max_queries=1, database_timeout=PATIENCE))
    with (
        serving(Drift, OPTIONS, recorder=recorder) as server,
        ThreadPoolExecutor(2) as readers,
        RawClient(server.port) as client,
    ):
        readers.submit(get, server.port, "/api/leaderboard")
        until(lambda: slow.asked)
        client.send("join", name="Ann", guest=key, options={"create": True})
        client.expect("joined")

        def rating(server: GameServer) -> int | None:
            [seat] = server.players.values()
            return seat.player.info.rating

        until(lambda: server.call(rating) is not None)
        assert (server.call(rating) or 0) > Rating().points
        slow.may_answer.set()


def test_deep_pages_are_found_by_player_not_by_number(server: ServerThread) -> None:
    assert get(server.port, "/api/leaderboard?offset=10000").status == 200
    assert refusal(get(server.port, "/api/leaderboard?offset=10001"))[0] == 400


def test_a_question_that_takes_too_long_is_given_up_by_whoever_asked(
    location: Location, played: None, slow: SlowDatabase
) -> None:
    recorder = Recorder(location, "drift", StorageOptions(database_timeout=0.2))
    with serving(Drift, OPTIONS, recorder=recorder) as server, watched(server):
        assert get(server.port, "/api/leaderboard").status == 503
        # And those that waited behind it.
        waiting = get(server.port, "/api/players/u:ann")
        assert waiting.status == 503
        slow.may_answer.set()
        until(lambda: get(server.port, "/api/players/u:ann").status == 200)


def test_clients_who_hang_up_while_they_wait_leave_nothing(
    location: Location, played: None, slow: SlowDatabase
) -> None:
    # Who has finished sending may still be waiting for the answer; who has hung up looks the same until then.
    recorder = Recorder(location, "drift", StorageOptions(database_timeout=0.5))
    with serving(Drift, OPTIONS, recorder=recorder) as server, watched(server) as watch:
        request = b"GET /api/leaderboard HTTP/1.1\r\nHost: x\r\n\r\n"
        for end in (socket.SHUT_RDWR, socket.SHUT_WR, None):
            with open_socket(server.port) as sock:
                sock.sendall(request)
                until(lambda: slow.asked)
                if end is not None:
                    sock.shutdown(end)
        watch.settle()
        with open_socket(server.port) as sock:
            # More than the request, and none of it another one.
            sock.sendall(request + b"\x81\x05hello" * 1000 + request * 100)
            assert sock.recv(65536).startswith(b"HTTP/1.1 ")


def test_half_closed_clients_get_their_answer(location: Location, played: None, slow: SlowDatabase) -> None:
    with (
        serving(Drift, OPTIONS, recorder=Recorder(location, "drift")) as server,
        watched(server),
        open_socket(server.port) as sock,
    ):
        sock.sendall(b"GET /api/leaderboard HTTP/1.1\r\nHost: x\r\n\r\n")
        sock.shutdown(socket.SHUT_WR)
        until(lambda: slow.asked)
        slow.may_answer.set()
        answer = parse_answer(read_to_end(sock))
        assert answer.status == 200
        assert json.loads(answer.body)["players"] == 3


def test_late_answers_come_through_tls_too(
    location: Location, played: None, slow: SlowDatabase, tmp_path: Path
) -> None:
    files = make_certificate(tmp_path)
    trusting = ssl.create_default_context(cafile=files[0])
    with (
        serving(Drift, OPTIONS, recorder=Recorder(location, "drift"), tls=load_tls(*files)) as server,
        open_socket(server.port) as sock,
        trusting.wrap_socket(sock, server_hostname="localhost") as secure,
    ):
        secure.sendall(b"GET /api/leaderboard HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        until(lambda: slow.asked)
        slow.may_answer.set()
        answer = parse_answer(read_to_end(secure))
        assert answer.status == 200
        assert json.loads(answer.body)["players"] == 3


def test_who_does_not_read_a_late_answer_is_cut_off(
    location: Location, played: None, slow: SlowDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_connection, "RESPONSE_TIMEOUT", 0.3)
    with serving(Drift, OPTIONS, recorder=Recorder(location, "drift")) as server, watched(server):
        assert get(server.port, "/api/leaderboard").status == 0
        slow.may_answer.set()


def test_a_defect_in_answering_is_nobodys_secret_and_nobodys_wait(
    server: ServerThread, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("the password is swordfish")

    monkeypatch.setattr(leaderboards, "leaderboard", fail)
    answer = get(server.port, "/api/leaderboard")
    assert answer.status == 503
    assert b"swordfish" not in answer.body


def test_a_storm_of_reloads_costs_one_question(location: Location, played: None, slow: SlowDatabase) -> None:
    slow.may_answer.set()
    with serving(Drift, OPTIONS, recorder=Recorder(location, "drift", StorageOptions(query_cache=60))) as server:
        bodies = {get(server.port, "/api/leaderboard").body for _ in range(20)}
        assert len(bodies) == 1
        assert slow.asked == 1
