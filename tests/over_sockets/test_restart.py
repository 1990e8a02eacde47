"""A server is stopped or killed, and started again on the same port: its players have a short wait."""

from __future__ import annotations

import json
import signal
import subprocess
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from tests.support.node import node_command
from tests.support.serving import PATIENCE, free_port, serving_process

pytestmark = pytest.mark.socket

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "tests" / "web" / "sdk" / "restarts.mjs"
#: Seconds from when the server listens again until everybody is in a room.
SHORT = 2.0


def restarted(how: signal.Signals) -> list[dict[str, Any]]:
    """What clients tell of a restart that began with this signal."""
    port = free_port()
    flags = ("--port", str(port), "--game", "tests.support.drift:Drift", "--start", "now", "--spectator-delay", "0")
    with serving_process(*flags, cwd=ROOT) as first:
        clients = subprocess.Popen(
            [*node_command(), str(SCRIPT), str(port)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        try:
            assert clients.stdout is not None
            assert clients.stdout.readline() == "ready\n"
            first.stop(how)
            with serving_process(*flags, cwd=ROOT):
                output, _ = clients.communicate("up\n", timeout=PATIENCE * 2)
        finally:
            clients.kill()
            clients.wait()
    report: list[dict[str, Any]] = json.loads(output)
    return report


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_everybody_is_in_a_room_again_with_the_same_people(how: signal.Signals) -> None:
    report = restarted(how)
    assert len(report) == 8
    company: dict[str, int] = defaultdict(int)
    for guest in report:
        assert guest["connection"] == "joined"
        assert guest["after"] == guest["before"]
        restart = ["restarted", {"again": True, "same": True, "room_id": guest["before"]["room"]}]
        assert restart in guest["told"]
        if guest["kind"] != "watcher":
            # Who watches can come only after a player.
            assert guest["waited"] < SHORT, report
        company[guest["after"]["room"]] += 1
    assert sorted(company.values()) == [2, 3, 3]
    for guest in report:
        own = (guest["private"], guest["title"], guest["goal"])
        assert own == ((False, "", 1000) if guest["kind"] == "quick" else (True, "Friday", 77))
        assert guest["spectating"] == (guest["kind"] == "watcher")
    stopped = [guest for guest in report if ["game_over", "server_stopped"] in guest["told"]]
    assert len(stopped) == (8 if how == signal.SIGTERM else 0)
