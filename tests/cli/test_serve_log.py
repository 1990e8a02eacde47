"""A server whose log nobody reads, or whose standard output: its matches go on, and it ends when it is asked to."""

from __future__ import annotations

import fcntl
import os
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from rumpus.protocol import MSGPACK_SUBPROTOCOL
from tests.support.clients import RawClient
from tests.support.command import ROOT
from tests.support.serving import CALM_FLAGS, PATIENCE, get_body

pytestmark = [
    pytest.mark.socket,
    pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a test make a pipe small"),
]

#: Lines that may wait in these tests, and how many connections fill that and the pipe.
QUEUE, CONNECTIONS = 50, 150


class Unread:
    """`rumpus serve` that logs each connection into a small pipe which the test reads, or does not."""

    def __init__(self, *flags: str, cwd: Path = ROOT, environment: dict[str, str] | None = None) -> None:
        self._reading, writing = os.pipe()
        fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 4096)
        game = ("--game", "tests.support.race:Race", "--tick-rate", "60", "--start", "now")
        log = ("--log-level", "debug", "--log-queue", str(QUEUE))
        self.process = subprocess.Popen(
            [sys.executable, "-m", "rumpus", "serve", "--port", "0", *CALM_FLAGS, *game, *log, *flags],
            cwd=cwd,
            env=os.environ | (environment or {}),
            stdout=subprocess.PIPE,
            stderr=writing,
            text=True,
        )
        os.close(writing)
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline().rpartition(":")[2])
        self._log = b""

    def fill(self) -> None:
        """Have it log more than the pipe and the queue hold."""
        for _ in range(CONNECTIONS):
            with RawClient(self.port):
                pass

    def read(self, until: str) -> list[str]:
        """Read the log up to a line that has this in it."""
        end = time.monotonic() + PATIENCE
        while until.encode() not in self._log:
            readable, _, _ = select.select([self._reading], [], [], max(0.0, end - time.monotonic()))
            assert readable, self._log
            self._log += os.read(self._reading, 65536)
        return self._log.decode().splitlines()

    def dropped(self) -> int:
        found = re.search(rb"^rumpus_log_lines_dropped_total (\S+)$", get_body(self.port, "/metrics"), re.MULTILINE)
        assert found is not None
        return int(float(found[1]))

    def stop(self) -> tuple[int, float]:
        """Its exit status, and how long it took to end."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE), time.monotonic() - began

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()
        os.close(self._reading)


@contextmanager
def unread(*flags: str, **more: Any) -> Iterator[Unread]:
    server = Unread(*flags, **more)
    try:
        yield server
    finally:
        server.end()


def assert_every_tick(client: RawClient, seconds: float) -> None:
    """States come for so long, one for each tick; a machine with much else to do may be late."""
    first = last = client.expect("delta")["tick"]
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        tick = client.expect("delta", timeout=3)["tick"]
        assert tick == last + 1
        last = tick
    assert last - first > seconds * 60 / 2


@pytest.mark.parametrize("json_logs", [(), ("--json-logs",)], ids=["plain", "json"])
def test_matches_go_on_at_full_rate_although_nobody_reads_the_log(json_logs: tuple[str, ...]) -> None:
    with unread(*json_logs) as server, RawClient(server.port, MSGPACK_SUBPROTOCOL) as ann:
        ann.join()
        server.fill()
        assert server.dropped() > 0
        assert_every_tick(ann, 1.0)
        status, took = server.stop()
        assert (status, took < 5) == (0, True)


def test_matches_go_on_although_nobody_reads_what_their_game_prints(tmp_path: Path) -> None:
    (tmp_path / "talker.py").write_text(
        "import sys, rumpus\n\n\nclass Talker(rumpus.Game):\n"
        "    def update(self, delta_time):\n"
        "        self.scores = {name: score + 1 for name, score in self.scores.items()}\n"
        "        print('x' * 9999)\n"
        "        print('x' * 9999, file=sys.stderr)\n"
    )
    with unread("--game", "talker:Talker", "--max-players", "1", cwd=tmp_path) as server:
        with RawClient(server.port) as ann:
            ann.join()
            # Far more than any pipe holds.
            assert_every_tick(ann, 1.0)
        status, took = server.stop()
        assert (status, took < 5) == (0, True)


def test_who_reads_again_is_told_once_how_many_lines_are_missing() -> None:
    with unread() as server:
        server.fill()
        dropped = server.dropped()
        assert dropped > 0
        lines = server.read("are missing here")
        with RawClient(server.port) as ann:
            room = ann.join()["room_id"]
            lines = server.read(f"player_joined room={room}")
        told = [line for line in lines if "are missing here" in line]
        assert len(told) == 1
        assert re.fullmatch(
            rf"\d\d:\d\d:\d\d WARNING lines are missing here, because the log was not read lines={dropped}", told[0]
        )
        # Nothing was lost but what it says.
        assert sum(" connected " in line for line in lines) + dropped == CONNECTIONS + 1
        assert server.dropped() == dropped


def test_it_ends_with_its_last_sentence_unread(tmp_path: Path) -> None:
    """The game cannot be prepared, which is told when the log is full already."""
    environment = {"RUMPUS_TEST_FOLDER": str(tmp_path)}
    with unread("--game", "tests.support.race:Slow", environment=environment) as server:
        server.fill()
        assert server.dropped() > 0
        (tmp_path / "fail").touch()
        (tmp_path / "go").touch()
        assert server.process.wait(PATIENCE) == 2


def test_a_name_forges_no_key() -> None:
    with unread() as server, RawClient(server.port) as ann:
        ann.join("Ann room=FAKE", create=True)
        lines = server.read("player_joined")
    [joined] = [line for line in lines if "player_joined" in line]
    assert 'name="Ann room=FAKE"' in joined
