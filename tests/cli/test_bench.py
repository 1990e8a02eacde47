"""`rumpus bench`: frames are counted right, ratios are made of figures of one round, and it says what it lacks.

Runs are as small as can be: what they measure is of no interest here, and no figure of time is asserted on.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from random import Random
from xml.etree import ElementTree

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rumpus.bench import contestants, document, generator_kernels, plots, tables
from rumpus.bench.conduct import Child
from rumpus.bench.contestants import Colyseus, Floor, Outcome, Rumpus, Times, cache_folder
from rumpus.bench.crowd import Crowd
from rumpus.bench.dialects import FIRST_DECIMAL_SEQ, FIRST_SEQ, Dialect, dialect, frame, server_frames
from rumpus.bench.duel import Duel
from rumpus.bench.extra import Extra, Point, arrive
from rumpus.bench.figures import Contest, Machine, Report, Spread
from rumpus.bench.messages import Arrived, Felt, Got
from rumpus.bench.rounds import compete
from rumpus.bench.targets import targets
from rumpus.bench.workloads import TURN, WORKLOADS, Workload
from rumpus.errors import ConfigurationError, RumpusError
from tests.cli.conftest import Run, complaint, complaints

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the load generator is built on epoll")

TINY = Times(warm_up=0.1, seconds=0.4)
DUEL = WORKLOADS["C"].scaled(4)


# Frames, as the generator reads and writes them.


@pytest.fixture
def crowd() -> Iterator[Crowd]:
    made = Crowd(dialect("msgpack"), 2)
    yield made
    made.close()


def from_server(opcode: int, payload: bytes, fin: bool = True) -> bytes:
    size = len(payload)
    wide = b"\x7e" + size.to_bytes(2) if size < 65_536 else b"\x7f" + size.to_bytes(8)
    return bytes([(0x80 if fin else 0) | opcode]) + (bytes([size]) if size < 126 else wide) + payload


SNAPSHOT = st.binary(max_size=300).map(lambda rest: b"\xc1" + rest)
LARGE = st.integers(65_000, 66_000).map(lambda size: b"\xc1" + bytes(size))
OTHER = st.binary(min_size=1, max_size=300).filter(lambda data: data[0] not in (0xC1, 0x83, 0x84))


@settings(deadline=None, max_examples=60)
@given(messages=st.lists(SNAPSHOT | LARGE | OTHER, max_size=8), random=st.randoms(use_true_random=False))
def test_messages_are_counted_however_they_are_cut_into_reads(messages: list[bytes], random: Random) -> None:
    crowd = Crowd(dialect("msgpack"), 2)
    stream = b""
    for message in messages:
        if len(message) > 2 and random.random() < 0.3:
            half = len(message) // 2
            stream += from_server(2, message[:half], fin=False)
            # A control frame between the parts of a message is none of them.
            stream += from_server(10, b"\xc1 pong") + from_server(0, message[half:])
        else:
            stream += from_server(2, message)
    while stream:
        size = random.choice((1, 2, 3, 100, 5000, len(stream)))
        crowd._take(1, stream[:size])
        stream = stream[size:]
    mine, other = crowd.counts[1], crowd.counts[0]
    snapshots = [message for message in messages if message[0] == 0xC1]
    assert mine[generator_kernels.MESSAGES] == len(messages)
    assert mine[generator_kernels.MESSAGE_BYTES] == sum(map(len, messages))
    assert mine[generator_kernels.SNAPSHOTS] == len(snapshots)
    assert mine[generator_kernels.SNAPSHOT_BYTES] == sum(map(len, snapshots))
    assert not other.any()
    crowd.close()


_UNCOMPILED = """
from rumpus.bench.crowd import Crowd
from rumpus.bench.dialects import dialect
crowd = Crowd(dialect("msgpack"), 1)
stream = b"\\x82\\x02\\xc1\\x00" + b"\\x82\\x7e\\x01\\x00" + bytes(256) + b"\\x8a\\x01\\xc1" + b"\\x82\\x02\\xc1\\x00"
for size in (1, 7, 300):
    for at in range(0, len(stream), size):
        crowd._take(0, stream[at : at + size])
print(crowd.counts[0].tolist())
"""


def test_the_kernels_count_the_same_uncompiled() -> None:
    environment = {**os.environ, "NUMBA_DISABLE_JIT": "1"}
    command = [sys.executable, "-c", _UNCOMPILED]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    counts = json.loads(done.stdout)
    assert counts[generator_kernels.MESSAGES] == 9
    assert counts[generator_kernels.SNAPSHOTS] == 6
    assert counts[generator_kernels.MESSAGE_BYTES] == 3 * 260
    assert counts[generator_kernels.SNAPSHOT_BYTES] == 12


@pytest.mark.parametrize(
    ("name", "snapshots", "others"),
    [
        (
            "msgpack",
            [b"\xc1\x00", *(msgspec.msgpack.encode({"type": kind, "tick": 1, "x": {}}) for kind in ("state", "delta"))],
            [msgspec.msgpack.encode({"type": "event", "tick": 1, "x": {}}), b"\x83"],
        ),
        ("json", [b'{"type":"state","tick":1}', b'{"type":"delta"'], [b'{"type":"chat"', b'{"type":"sta']),
        ("colyseus", [b"\x0e", b"\x0fabc"], [b"\x0a", b"\x0d"]),
    ],
)
def test_snapshots_are_told_from_other_messages(name: str, snapshots: list[bytes], others: list[bytes]) -> None:
    crowd = Crowd(dialect(name), 1)
    for message in (*snapshots, *others):
        crowd._take(0, from_server(2, message))
    assert crowd.counts[0, generator_kernels.SNAPSHOTS] == len(snapshots)
    assert crowd.counts[0, generator_kernels.MESSAGES] == len(snapshots) + len(others)
    crowd.close()


@pytest.mark.socket
def test_pings_are_answered_with_what_they_carry(crowd: Crowd) -> None:
    ours, theirs = socket.socketpair()
    crowd.admit(ours)
    theirs.sendall(from_server(9, b"are you there") + from_server(9, b""))
    crowd.play(-1, 0.0)
    got = bytearray(theirs.recv(4096))
    assert unmasked(got) == (10, b"are you there")
    assert unmasked(got) == (10, b"")
    theirs.close()


@pytest.mark.socket
@pytest.mark.parametrize(
    ("name", "first"), [("msgpack", FIRST_SEQ), ("json", FIRST_DECIMAL_SEQ), ("colyseus", FIRST_SEQ)]
)
def test_a_player_sends_whole_inputs_and_turns_after_twenty(name: str, first: int) -> None:
    crowd = Crowd(dialect(name), 1)
    ours, theirs = socket.socketpair()
    crowd.admit(ours)
    inputs = []
    for _ in range(2 * TURN + 1):
        crowd.play(0, 0.0)
        data = bytearray(theirs.recv(4096))
        inputs.append(understood(name, unmasked(data)[1]))
        assert not data
    assert [one["seq"] for one in inputs] == list(range(first, first + len(inputs)))
    changes = [before["data"] != after["data"] for before, after in pairwise(inputs)]
    assert sum(changes) in (2, 3)
    assert all(one["data"]["fire"] is True for one in inputs)
    theirs.close()
    crowd.play(0, 0.0)
    crowd.play(0, 0.0)
    assert crowd.counts[0, generator_kernels.CLOSED] == 1
    crowd.close()


def unmasked(data: bytearray) -> tuple[int, bytes]:
    """Takes a client's frame out of `data`."""
    opcode, size, at = data[0] & 0x0F, data[1] & 0x7F, 2
    if size == 126:
        size, at = int.from_bytes(data[2:4]), 4
    mask, payload = data[at : at + 4], data[at + 4 : at + 4 + size]
    del data[: at + 4 + size]
    return opcode, bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))


def understood(name: str, payload: bytes) -> dict[str, object]:
    if name == "colyseus":
        assert payload[:7] == b"\x0d\xa5input"
        body = msgspec.msgpack.decode(payload[7:])
        return {"seq": body.pop("seq"), "data": body}
    message: dict[str, object] = (msgspec.json if name == "json" else msgspec.msgpack).decode(payload)
    assert message["type"] == "input"
    return message


def test_frames_of_a_server_are_taken_out_whole() -> None:
    data = bytearray(from_server(2, b"a" * 200) + from_server(1, b"b" * 70_000) + from_server(9, b"") + b"\x82\x05no")
    assert [(opcode, len(payload)) for opcode, payload in server_frames(data)] == [(2, 200), (1, 70_000), (9, 0)]
    assert data == b"\x82\x05no"
    assert unmasked(bytearray(frame(1, b"c" * 300, b"mask"))) == (1, b"c" * 300)


@pytest.mark.parametrize("speech", [dialect("msgpack"), dialect("json")])
def test_a_refusal_says_why(speech: Dialect) -> None:
    encode = msgspec.json.encode if speech.name == "json" else msgspec.msgpack.encode
    assert speech.answer(encode({"type": "joined"})) == (True, None)
    assert speech.answer(encode({"type": "chat"})) == (False, None)
    with pytest.raises(RumpusError, match="the room is full"):
        speech.answer(encode({"type": "error", "message": "the room is full"}))


# What is made of figures.


def got(**changes: object) -> Got:
    made = {
        "players": 600, "seconds": 10.0, "join_seconds": 0.2, "server_cpu": 0.18, "rss": 100_000_000,
        "rss_before": 70_000_000, "sent_rate": 30.0, "refused": 0, "closed": 0, "snapshot_rate": 30.0,
        "worst_snapshot_rate": 29.9, "bytes_per_snapshot": 100.0, "other_messages": 0, "bytes_per_message": 100.0,
        "wire_bytes_per_message": 102.0, "input_bytes": 76.0, "bits_per_second": 24_000.0, "cpu": 0.1, "others": 0.0,
        "late_ms": (0.0, 0.1, 0.2),
    }  # fmt: skip
    return msgspec.convert(made | changes, Got)


def felt(**changes: object) -> Felt:
    made = {
        "seconds": 10.0, "user": 0.1, "system": 0.1, "rss": 1, "ticks": 100, "dropped_ticks": 0,
        "late_ms": (0.1, 2.0, 4.0), "tick_ms": (0.1, 0.2, 0.3), "longest_turn_ms": 1.0, "longest_pause_ms": 2.0,
        "collections": 1, "longest_collection_ms": 0.5, "collecting_ms": 0.5, "snapshots": 100, "skipped": 0,
        "refused": 0, "failed_rooms": 0, "snapshot_bytes": 10_000, "table_bytes": {"players": 6000, "bullets": 4000},
    }  # fmt: skip
    return msgspec.convert(made | changes, Felt)


def contest(name: str = "A", **us: list[float]) -> Contest:
    return Contest(
        workload=WORKLOADS[name],
        warm_up=3,
        seconds=10,
        titles={rival: rival.capitalize() for rival in us},
        outcomes={
            rival: [Outcome(name=rival, us=value, got=got(), felt=felt()) for value in values]
            for rival, values in us.items()
        },
    )


def report(*contests: Contest, extra: Extra | None = None) -> Report:
    machine = Machine(
        made="2026-01-02T03:04:05+00:00", cpu="A processor", cores=2, kernel="6.1", python="3.12.0",
        versions={"rumpus": "1"}, pinned=True,
    )  # fmt: skip
    return Report(machine=machine, contests=list(contests), extra=extra)


def a_full_report() -> Report:
    points = [Point(x=x, outcome=Outcome(name="rumpus", us=10, got=got(server_cpu=x / 1000))) for x in (50, 600)]
    arrived = Arrived(players=1000, seconds=0.3, per_second=3300, server_cpu=0.25, cpu=0.1, bytes=11_000)
    extra = Extra(
        players_in_rooms={"rumpus": points, "colyseus": points[:1]}, enemies={"rumpus": points}, joins=[arrived],
        idle=[arrived], busy=Outcome(name="rumpus", us=9, got=got(server_cpu=0.7, players=2300), felt=felt()),
        pauses=Outcome(name="rumpus", us=9, got=got(), felt=felt()), failed={"start-up": "It would not."},
    )  # fmt: skip
    rivals = contest(rumpus=[9.0, 10.0, 11.0], floor=[6.0, 5.0, 5.5], colyseus=[30.0, 33.0, 36.0])
    plain = contest("C", **{"rumpus msgpack": [9.0], "rumpus json": [12.0], "colyseus": [10.0]})
    return report(rivals, contest("B", rumpus=[9.0]), plain, extra=extra)


def test_ratios_compare_figures_of_the_same_round() -> None:
    made = contest(rumpus=[10.0, 30.0, 16.0], floor=[5.0, 10.0, 8.0])
    assert made.us("rumpus") == Spread(min=10, median=16, max=30)
    assert made.ratio("rumpus", "floor") == Spread(min=2, median=2, max=3)
    assert made.ratio("rumpus", "colyseus") is None


def test_a_server_that_falls_behind_is_not_cheaper_for_it() -> None:
    made = contest(rumpus=[10.0])
    made.outcomes["rumpus"][0].got = got(snapshot_rate=15.0, worst_snapshot_rate=14.0)
    assert not made.holds("rumpus")
    assert made.us_per_snapshot("rumpus") == Spread(min=20, median=20, max=20)
    assert "!14.0" in tables.contest_grid(made).rows[0]


def test_targets_are_met_or_not() -> None:
    met = {target.what: target.met for target in targets(a_full_report())}
    assert met["A: processor time per player-tick, times the floor"] is False
    assert met["A: processor time per player-tick, times Colyseus"] is True
    assert met["A: payload per snapshot"] is True
    assert met["A: memory per playing client"] is True
    assert met["B, 2,500 players: ticks start late, p99"] is True
    assert met["C, json: processor time per player-tick, times Colyseus"] is False
    assert met["joins per second"] is True


def test_it_says_what_the_machine_was_busy_with() -> None:
    made = report(contest(rumpus=[9.0]))
    assert "Other programs" not in tables.machine_line(made)
    made.contests[0].outcomes["rumpus"][0].got = got(others=0.6)
    assert "Other programs used up to 0.6 cores" in tables.machine_line(made)


def test_the_workloads_scale() -> None:
    many, one = WORKLOADS["A"], WORKLOADS["B"]
    assert (many.rooms, many.scaled(1000).rooms, many.scaled(1000).room) == (60, 100, 10)
    assert (one.scaled(300).rooms, one.scaled(300).room, one.scaled(300).peer_environment["ROOM"]) == (1, 300, "300")
    assert many.with_enemies(5).settings["enemies"] == 5
    assert one.summary == "B, one big room: 2,500 players in one room, 30 Hz"


# What people see.


def test_a_document_keeps_its_prose_and_gets_the_figures(tmp_path: Path) -> None:
    page = tmp_path / "performance.md"
    page.write_text("Prose.\n<!-- bench:a -->\nold\n<!-- /bench:a -->\nMore.\n<!-- bench:nothing -->\nkept\n")
    written = document.write(a_full_report(), page)
    text = page.read_text()
    assert text.startswith("Prose.\n<!-- bench:a -->\n|")
    assert "old" not in text
    assert text.endswith("<!-- /bench:a -->\nMore.\n<!-- bench:nothing -->\nkept\n")
    assert {path.name for path in written} == {
        "performance.md", "bench-a.svg", "bench-c.svg", "bench-players.svg", "bench-enemies.svg",
    }  # fmt: skip
    again = document.write(a_full_report(), page)
    assert (page.read_text(), again) == (text, written)


def test_every_place_in_our_document_has_figures() -> None:
    text = (Path(__file__).parents[2] / "docs/performance.md").read_text()
    parts = document.parts(a_full_report())
    parts["one-room"] = ""
    for name in parts:
        assert f"<!-- bench:{name} -->" in text
        assert f"<!-- /bench:{name} -->" in text
    for name in document.plots(a_full_report()):
        assert f"images/{name}.svg" in text


def test_plots_are_pictures_that_name_what_they_show() -> None:
    for plot in document.plots(a_full_report()).values():
        assert ElementTree.fromstring(plot).tag.endswith("svg")
    rows = [plots.Bar("<us>", 2.0, 1.5, 2.5, True, "(2 × floor)"), plots.Bar("them", 1234.5, 1000, 2000, False)]
    drawn = plots.bars("Cost & time", "µs", rows)
    for words in ("&lt;us&gt;", "Cost &amp; time", "1,234", "(2 × floor)"):
        assert words in drawn


@pytest.mark.parametrize(("most", "ticks"), [(1.0, [0, 0.2, 0.4, 0.6, 0.8, 1.0]), (0, [0, 1]), (37, [0, 10, 20, 30])])
def test_axes_have_round_numbers(most: float, ticks: list[float]) -> None:
    assert plots._ticks(most, 5) == pytest.approx(ticks)


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
    broken = msgspec.structs.replace(DUEL, game="tests.cli.test_bench:Failing")
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
