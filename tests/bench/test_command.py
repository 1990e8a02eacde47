"""`rumpus bench`, whole: it measures and tells, and says what it lacks.

Runs are as small as can be: what they measure is of no interest here, and no figure of time is asserted on.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import msgspec
import pytest

from rumpus.bench import contestants, tables
from rumpus.bench.conduct import Child
from rumpus.bench.contestants import Colyseus, Floor, Outcome, Rumpus, Times, cache_folder
from rumpus.bench.duel import Duel
from rumpus.bench.extra import arrive
from rumpus.bench.rounds import compete
from rumpus.bench.workloads import WORKLOADS, Workload
from rumpus.errors import ConfigurationError, RumpusError
from tests.support.command import Run, complaint, complaints
from tests.support.measured import got

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the load generator is built on epoll")

TINY = Times(warm_up=0.1, seconds=0.4)
DUEL = WORKLOADS["C"].scaled(4)


# Whole runs.


@pytest.mark.socket
def test_it_measures_and_tells(rumpus: Run, tmp_path: Path) -> None:
    file = tmp_path / "bench.json"
    small = ("--players", "4", "--rounds", "1", "--seconds", "0.4", "--warm-up", "0.1")
    done = rumpus("bench", "--workload", "c", *small, "--json", str(file))
    assert done.returncode == 0, done.stderr
    for words in ("C, plain data", "Rumpus, msgpack", "Rumpus, json", "4 players in 2 rooms", "Linux"):
        assert words in done.stdout
    assert "C, round 1 of 1: rumpus json" in done.stderr
    raw = json.loads(file.read_bytes())
    outcome = raw["contests"][0]["outcomes"]["rumpus msgpack"][0]
    assert outcome["got"]["players"] == 4
    assert outcome["got"]["closed"] == outcome["felt"]["failed_rooms"] == outcome["felt"]["refused"] == 0
    assert outcome["felt"]["ticks"] > 0
    assert raw["machine"]["versions"]["rumpus"]


@pytest.mark.socket
@pytest.mark.parametrize("transport", ["rumpus", "aiohttp", "websockets"])
@pytest.mark.parametrize("codec", ["msgpack", "json"])
def test_our_rooms_run_on_every_transport(transport: str, codec: str) -> None:
    pytest.importorskip("picows" if transport == "rumpus" else transport)
    outcome = Rumpus(transport, codec).measure(DUEL, TINY)
    assert outcome.got is not None
    assert outcome.felt is not None
    assert outcome.got.snapshot_rate > 0
    assert outcome.got.closed == outcome.got.refused == outcome.felt.refused == 0


@pytest.mark.socket
@pytest.mark.skipif(shutil.which("cc") is None, reason="needs a C compiler")
def test_the_floor_makes_the_same_system_calls() -> None:
    assert Floor().measure(DUEL, TINY).us > 0


@pytest.mark.socket
@pytest.mark.skipif(not list(cache_folder().glob("colyseus-*/.installed")), reason="Colyseus is not installed")
@pytest.mark.parametrize("workload", [DUEL, WORKLOADS["A"].scaled(4)])
def test_colyseus_plays_the_same(workload: Workload) -> None:
    outcome = Colyseus().measure(workload, TINY)
    assert outcome.got is not None
    assert outcome.got.snapshot_rate > 0
    assert outcome.got.closed == 0


@pytest.mark.socket
@pytest.mark.parametrize("kind", ["msgpack", "idle"])
def test_arrivals_are_counted(kind: str) -> None:
    arrived = arrive(DUEL, kind, players=6, first=2)
    assert arrived.players == 6
    assert arrived.per_second > 0


# What it says when it cannot.


class Failing(Duel):
    """A game with a defect."""

    def update(self, delta_time: float) -> None:
        raise ZeroDivisionError("oops")


class _Broken:
    name, title = "broken", "A server that fails"

    def measure(self, workload: Workload, times: Times) -> Outcome:
        raise RumpusError("It fell over.")


class _Fine:
    name, title = "rumpus", "Rumpus"

    def measure(self, workload: Workload, times: Times) -> Outcome:
        return Outcome(name=self.name, us=1.0, got=got())


def test_a_rival_that_fails_is_named_and_left_out() -> None:
    told: list[str] = []
    made = compete(DUEL, [_Fine(), _Broken()], 2, TINY, told.append)
    assert made.failed == {"broken": "It fell over."}
    assert list(made.outcomes) == ["rumpus"]
    assert told == ["C, round 1 of 2: rumpus", "C, round 1 of 2: broken", "C, round 2 of 2: rumpus"]
    assert "!It fell over." in tables.contest_grid(made).rows[1]
    without_us = compete(DUEL, [_Broken(), _Fine()], 1, TINY, told.append)
    assert (without_us.failed, without_us.outcomes) == ({"broken": "It fell over."}, {})
    assert tables.contest_grid(without_us).rows[0][:2] == ("A server that fails", "!It fell over.")


def test_a_process_that_ends_early_is_quoted() -> None:
    program = "import sys; print('noise'); sys.exit('no memory left')"
    with Child("The server", [sys.executable, "-c", program]) as child, pytest.raises(RumpusError) as raised:
        child.hear(20)
    assert raised.value.message == "The server ended early: no memory left"
    with Child("The server", [sys.executable, "-c", "input()"]) as child, pytest.raises(RumpusError, match="nothing"):
        child.hear(0.1)


@pytest.mark.socket
def test_a_game_that_fails_is_no_result() -> None:
    broken = msgspec.structs.replace(DUEL, game="tests.bench.test_command:Failing")
    with pytest.raises(RumpusError, match="The game failed in"):
        Rumpus().measure(broken, TINY)
    missing = msgspec.structs.replace(DUEL, game="no_such_module:Game")
    with pytest.raises(RumpusError, match="no_such_module"):
        Rumpus().measure(missing, TINY)


def test_what_a_peer_lacks_is_said_in_a_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with pytest.raises(ConfigurationError, match="needs a C compiler"):
        Floor()
    with pytest.raises(ConfigurationError, match="needs npm"):
        Colyseus()
    monkeypatch.setattr(contestants, "find_spec", lambda name: None)
    with pytest.raises(ConfigurationError, match="aiohttp is not installed"):
        Rumpus("aiohttp")


def test_wrong_options_end_in_a_sentence(tmp_path: Path) -> None:
    said = complaints(
        [
            ["bench", "--workload", "D"],
            ["bench", "--rounds", "0"],
            ["bench", "--seconds", "0"],
            ["bench", "--players", "0"],
            ["bench", "--rounds", "2", "--write", "docs/performance.md"],
            ["bench", "--json", str(tmp_path / "no" / "file.json")],
        ]
    )
    assert said == [
        "--workload cannot be D; it must be A, B or C.",
        "--rounds cannot be 0; it must be 1 or more.",
        "--seconds cannot be 0.0; it must be more than 0.",
        "--players cannot be 0; it must be from 1 to 20000.",
        "--write needs at least --rounds 3: ratios are told with their spread.",
        f"{tmp_path / 'no' / 'file.json'} cannot be written: No such file or directory.",
    ]


def test_it_is_listed(rumpus: Run) -> None:
    done = rumpus("--help")
    assert "bench" in done.stdout
    assert complaint(rumpus("bench", "--no-such-option"))
