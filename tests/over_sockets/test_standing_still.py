"""A server that stood still (a paused machine, swapping): players are in control again within a second.

The players are of the SDK, in Node; the server is stopped and continued by signals.
"""

from __future__ import annotations

import json
import queue
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support.clients import RawClient
from tests.support.node import node_command
from tests.support.serving import PATIENCE, ServerProcess, serving_process

pytestmark = pytest.mark.socket

ROOT = Path(__file__).parents[2]
SCRIPT = Path(__file__).parent.parent / "web" / "sdk" / "stands-still.mjs"
ALONE = (
    *("--start", "now", "--bots", "0", "--set", "enemies=0", "--set", "walls=false", "--set", "pickups=0"),
    *("--set", "width=1000", "--set", "height=1000", "--set", "time_limit=0", "--set", "protection=0"),
)


@contextmanager
def player(server: ServerProcess) -> Iterator[queue.Queue[Any]]:
    """What the player reports, line by line."""
    process = subprocess.Popen([*node_command(), str(SCRIPT), str(server.port)], stdout=subprocess.PIPE, text=True)
    reports: queue.Queue[Any] = queue.Queue()

    def read() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            reports.put(json.loads(line))

    reader = threading.Thread(target=read)
    reader.start()
    try:
        assert reports.get(timeout=PATIENCE) == {"ready": True}
        yield reports
    finally:
        process.kill()
        process.wait()
        reader.join()
        assert process.stdout is not None
        process.stdout.close()


def stand_still(server: ServerProcess, seconds: float) -> None:
    server.process.send_signal(signal.SIGSTOP)
    time.sleep(seconds)  # the stall itself
    server.process.send_signal(signal.SIGCONT)


@pytest.mark.parametrize("seconds", [0.6, 3.0])
def test_after_the_server_stood_still_players_are_in_control_within_a_second(
    arena_compiled: None, seconds: float
) -> None:
    with serving_process(*ALONE) as server, player(server) as reports:
        for _ in range(2):
            stand_still(server, seconds)
            report = reports.get(timeout=PATIENCE)
            assert report["stood"] >= seconds * 0.9
            assert report["control"] < 1
            assert report["stalled"] > 0
            assert report["errors"] == []
            time.sleep(0.5)  # it plays on


@pytest.mark.slow
def test_what_a_stall_kept_from_anybody_is_not_held_against_them() -> None:
    """A seat is held by the time in which its owner could have come back, and a backlog is no flood."""
    game = ("--game", "tests.support.drift:Drift", "--start", "now", "--reconnect-time", "5")
    with (
        serving_process(*game, "--max-messages-per-second", "30", cwd=ROOT) as server,
        RawClient(server.port) as ann,
        RawClient(server.port) as ben,
    ):
        session = ann.join()["session"]
        ben.join(room=ann.room_id)
        ann.reset()
        ben.expect("player_changed")
        server.process.send_signal(signal.SIGSTOP)
        for number in range(13 * 30):
            ben.send("ping", time=number)
            time.sleep(1 / 30)  # the rate that is allowed
        server.process.send_signal(signal.SIGCONT)
        with RawClient(server.port) as back:
            back.send("resume", session=session, serial=0)
            assert back.expect("joined")["player_id"] == ann.player_id
        while ben.expect("pong")["time"] < 13 * 30 - 1:
            pass
