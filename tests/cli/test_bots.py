"""`rumpus bots` against real servers: what it reports, and what it says when it cannot."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest

from rumpus.config import Limits, RoomOptions
from rumpus.protocol import JSON_SUBPROTOCOL, MSGPACK_SUBPROTOCOL
from tests.support.command import ROOT, Run, complaint, complaints
from tests.support.everything import Everything
from tests.support.race import Race
from tests.support.serving import PATIENCE, ServerThread, get_json, serving

pytestmark = pytest.mark.socket

SHORT = ("--seconds", "1", "--warm-up", "0.2")


@pytest.fixture(scope="module")
def server() -> Iterator[ServerThread]:
    options = RoomOptions(start="now", settings={"goal": 1000}, empty_grace=5)
    with serving(Race, options, Limits(max_connections=12)) as running:
        yield running


def report_of(done: subprocess.CompletedProcess[str], status: int = 0) -> dict[str, Any]:
    assert (done.returncode, done.stderr) == (status, "")
    assert done.stdout.count("\n") == 1
    report: dict[str, Any] = json.loads(done.stdout)
    return report


@pytest.mark.parametrize("msgpack", [False, True])
def test_it_reports_what_every_client_got(rumpus: Run, server: ServerThread, msgpack: bool) -> None:
    flags = ("--msgpack",) if msgpack else ()
    # A client pings once a second, and a busy machine is late with it.
    report = report_of(rumpus("bots", server.url, "--count", "6", "--json", *flags, *SHORT, "--seconds", "2.5"))
    assert (report["game"], report["play"], report["rooms"]) == ("race", "random inputs", 3)
    assert report["codec"] == (MSGPACK_SUBPROTOCOL if msgpack else JSON_SUBPROTOCOL)
    clients = report["clients"]
    assert (clients["wanted"], clients["connected"], clients["joined"], clients["played"]) == (6, 6, 6, 6)
    assert clients["refused"] == clients["lost"] == report["errors"] == {}
    assert report["seconds"] == pytest.approx(2.5, abs=0.9)
    each = report["states_per_second"]
    assert 0 < each["min"] <= each["median"] <= each["max"] < 60
    assert 0 < report["inputs_per_second_per_client"] < 60
    assert report["inputs_per_second"] == pytest.approx(6 * report["inputs_per_second_per_client"], rel=0.01)
    assert 10 < report["bytes_per_state"] < 500
    assert report["bytes_per_second"] >= report["bytes_per_state"] * each["min"]
    for times in ("round_trip_ms", "input_to_state_ms", "gap_ms", "generator_late_ms"):
        assert 0 <= report[times]["p50"] <= report[times]["p90"] <= report[times]["p99"] <= report[times]["max"] * 1.02
        assert report[times]["count"] > 0
    assert 0 < report["generator_cpu"] < 1.5


def test_the_report_is_text_for_people_where_there_is_no_terminal(rumpus: Run, server: ServerThread) -> None:
    # Pings go out once a second: in two there is one whatever else the machine does.
    done = rumpus("bots", server.url, "--count", "2", "--seconds", "2", "--warm-up", "0.2")
    assert (done.returncode, done.stderr) == (0, "")
    assert "\x1b" not in done.stdout
    assert "2 of 2 joined 1 room, 2 played by random inputs" in done.stdout
    assert "0.2 s of warm-up" in done.stdout
    assert re.search(r"states/s per client +min \d+\.\d\d +median \d+\.\d\d +max \d+\.\d\d", done.stdout)
    assert re.search(r"round trip +p50 [\d.]+ +p90 [\d.]+ +p99 [\d.]+ +max [\d.]+ ms", done.stdout)
    assert re.search(r"this process +\d+% of a core", done.stdout)


def test_on_a_terminal_it_shows_how_it_is_going(server: ServerThread) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "rumpus", "bots", server.url, "--count", "3", "--seconds", "2", "--warm-up", "1"]
    environment = os.environ | {"TERM": "xterm", "COLUMNS": "100", "LINES": "40"}
    with subprocess.Popen(command, cwd=ROOT, stdout=theirs, stderr=subprocess.PIPE, env=environment) as process:
        os.close(theirs)
        shown = b""
        while True:
            try:
                data = os.read(ours, 65536)
            except OSError:
                # How a terminal says that nobody writes to it any more.
                break
            if not data:
                break
            shown += data
        os.close(ours)
        assert process.stderr is not None
        assert (process.wait(PATIENCE), process.stderr.read()) == (0, b"")
    text = shown.decode()
    assert "warming up" in text
    assert "measuring" in text
    assert "3 of 3 joined, 3 playing" in text
    assert "What the clients got" in text


def test_a_game_of_ones_own_gets_inputs_that_fit_it(rumpus: Run) -> None:
    class Demanding(Race):
        Input = Everything

        def process_input(self, player_id: str, input_data: Any) -> None:
            assert isinstance(input_data, Everything)
            self.position[player_id] += 1

    with serving(Demanding, RoomOptions(start="now", settings={"goal": 1000})) as server:
        report = report_of(rumpus("bots", server.url, "--count", "4", "--rate", "60", "--json", *SHORT))
    assert report["errors"] == {}
    assert report["inputs_per_second_per_client"] > 0


def test_a_client_that_waits_for_a_match_has_no_rate(rumpus: Run) -> None:
    with serving(Race, RoomOptions(start="full", settings={"goal": 1000})) as server:
        report = report_of(rumpus("bots", server.url, "--count", "3", "--json", *SHORT))
    assert (report["clients"]["joined"], report["clients"]["played"]) == (3, 2)
    assert report["states_per_second"]["min"] > 0


def test_rates_are_those_of_the_time_that_matches_ran(rumpus: Run) -> None:
    class Brief(Race):
        """Rounds of half a second."""

        def is_game_over(self) -> bool | str:
            return "time" if self.calls.count("update") % 15 == 14 else False

    # Half of the time nobody plays.
    with serving(Brief, RoomOptions(start="now", results_time=0.5)) as server:
        report = report_of(rumpus("bots", server.url, "--count", "2", "--seconds", "4", "--warm-up", "0", "--json"))
    over_all_the_time = report["gap_ms"]["count"] / 2 / report["seconds"]
    assert report["states_per_second"]["min"] > 1.3 * over_all_the_time


def test_all_can_be_sent_into_one_room(rumpus: Run, server: ServerThread) -> None:
    room = server.call(lambda running: running.create_room(8, private=True).room_id)
    report = report_of(rumpus("bots", f"{server.url}/?room={room}", "--count", "5", "--json", *SHORT))
    assert (report["rooms"], report["clients"]["joined"]) == (1, 5)


def test_names_and_settings_reach_the_server(rumpus: Run, server: ServerThread) -> None:
    flags = ("--count", "2", "--name", "Robot", "--set", "goal=77", "--set", "sides=true", "--skill", "0.3")
    report_of(rumpus("bots", server.url, "--json", "--seed", "5", *flags, *SHORT))
    rooms = server.call(lambda running: [room for room in running.rooms.values() if room.settings.goal == 77])
    assert [room.settings.sides for room in rooms] == [True]
    names = {event.details["name"] for event in rooms[0].events if event.type == "player_joined"}
    assert names == {"Robot 1", "Robot 2"}


def test_clients_that_are_refused_are_counted(rumpus: Run, server: ServerThread) -> None:
    room = server.call(lambda running: running.create_room(2, private=True).room_id)
    report = report_of(rumpus("bots", server.url, "--room", room, "--count", "5", "--json", *SHORT), status=1)
    assert report["clients"]["refused"] == {"room_full": 3}
    assert (report["clients"]["connected"], report["clients"]["joined"]) == (5, 2)
    report = report_of(rumpus("bots", server.url, "--count", "15", "--json", *SHORT), status=1)
    assert report["clients"]["refused"] == {"cannot_connect": 3}
    assert (report["clients"]["connected"], report["clients"]["joined"]) == (12, 12)


def test_players_who_come_and_go_leave_nothing_behind(rumpus: Run) -> None:
    options = RoomOptions(start="now", settings={"goal": 1000}, empty_grace=0, reconnect_time=1)
    with serving(Race, options) as server:
        flags = ("--count", "20", "--churn", "300", "--seed", "5", "--seconds", "3", "--warm-up", "0.2", "--json")
        report = report_of(rumpus("bots", server.url, *flags))
        churn = report["churn"]
        assert {"leave", "drop", "vanish", "take over", "joined", "resumed"} <= set(churn)
        assert churn["resumed"] <= churn["drop"] + churn["take over"]
        # Some were away for longer than their seats were held.
        assert set(report["churn_refused"]) <= {"resume: session_expired", "join: room_full"}
        assert report["clients"]["lost"] == {}
        assert set(report["errors"]) <= {"session_expired", "room_full"}
        end = time.monotonic() + PATIENCE
        while get_json(server.port, "/healthz") != {"status": "ok", "rooms": 0, "players": 0, "connections": 0}:
            assert time.monotonic() < end
            time.sleep(0.05)
        assert server.call(lambda server: (len(server.seats), server.seats.held, server.seats._by_token)) == (0, 0, {})
        assert server.errors.texts() == []


def wait_for_players(server: ServerThread, count: int) -> None:
    give_up = time.monotonic() + PATIENCE
    while get_json(server.port, "/healthz")["players"] < count:
        assert time.monotonic() < give_up
        time.sleep(0.05)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_can_be_ended_early_and_still_reports(server: ServerThread, number: signal.Signals) -> None:
    command = [sys.executable, "-m", "rumpus", "bots", server.url, "--count", "3", "--seconds", "60", "--warm-up", "0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        wait_for_players(server, 3)
        # They are to have played before they are stopped, in a process whose clock is the real one.
        time.sleep(1)
        process.send_signal(number)
        said, complaints = process.communicate(timeout=PATIENCE)
    assert (process.returncode, complaints) == (0, "")
    measured = re.search(r"measured +([\d.]+) s", said)
    assert measured
    assert 0.5 < float(measured[1]) < 20


def test_ended_before_it_measured_it_says_so(server: ServerThread) -> None:
    command = [sys.executable, "-m", "rumpus", "bots", server.url, "--count", "2", "--warm-up", "60"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        wait_for_players(server, 2)
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    assert "measured  nothing" in said


def test_a_server_that_goes_away_ends_it_with_the_reason() -> None:
    with serving(Race, RoomOptions(start="now", settings={"goal": 1000})) as server:
        command = [
            sys.executable,
            "-m",
            "rumpus",
            "bots",
            server.url,
            "--count",
            "3",
            "--seconds",
            "60",
            "--warm-up",
            "0",
        ]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
            wait_for_players(server, 3)
            # As above.
            time.sleep(0.5)
            server.stop()
            said, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert "3 × 1001 the server is stopping" in said


def test_a_server_that_answers_nothing_does_not_hold_it_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        command = [sys.executable, "-m", "rumpus", "bots", f"http://127.0.0.1:{mute.getsockname()[1]}"]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            connection, _ = mute.accept()
            with connection:
                process.send_signal(signal.SIGINT)
                said = process.communicate(timeout=PATIENCE)
    assert (process.returncode, *said) == (2, "", "rumpus: Stopped before the first client had joined.\n")


# What cannot be.


BAD_OPTIONS: list[tuple[list[str], list[str]]] = [
    (["--count", "0"], ["--count", "0"]),
    (["--count", "few"], ["--count"]),
    (["--seconds", "0"], ["--seconds", "0"]),
    (["--seconds", "nan"], ["--seconds", "nan"]),
    (["--warm-up", "-1"], ["--warm-up", "-1"]),
    (["--skill", "1.5"], ["--skill", "1.5"]),
    (["--rate", "0"], ["--rate", "0"]),
    (["--set", "mode"], ["--set", "KEY=VALUE"]),
    (["--set", "secret=1"], ["secret", "goal"]),
    (["--set", "goal=0"], ["goal"]),
    (["--room", "NOROOM"], ["no such room"]),
    (["--name", "x" * 40], ["name"]),
]
BAD_ADDRESSES = ["ftp://example.org", "http://", "two words", "http://127.0.0.1:port"]


def test_an_option_that_cannot_be_ends_in_one_sentence(server: ServerThread) -> None:
    said = complaints([["bots", server.url, *arguments] for arguments, _ in BAD_OPTIONS])
    for (arguments, words), sentence in zip(BAD_OPTIONS, said, strict=True):
        assert all(word in sentence for word in words), (arguments, sentence)


def test_an_address_that_is_none_ends_in_one_sentence() -> None:
    for sentence in complaints([["bots", url] for url in BAD_ADDRESSES]):
        assert "is not an address" in sentence


def test_it_is_the_same_for_a_command_of_its_own(rumpus: Run, server: ServerThread) -> None:
    assert "--count" in complaint(rumpus("bots", server.url, "--count", "0"))
    assert "no such room" in complaint(rumpus("bots", server.url, "--room", "NOROOM"))


def test_a_server_that_cannot_be_reached_ends_in_one_sentence(rumpus: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    assert f"Nothing listens at 127.0.0.1:{port}" in complaint(rumpus("bots", f"http://127.0.0.1:{port}"))
