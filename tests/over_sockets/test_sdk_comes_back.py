"""The JavaScript SDK at a real server, over a line that is cut again and again."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from rumpus.config import Limits, RoomOptions
from tests.support.drift import Drift
from tests.support.node import node_command
from tests.support.serving import PATIENCE, serving

pytestmark = pytest.mark.socket

SCRIPT = Path(__file__).parent.parent / "web" / "sdk" / "comes-back.mjs"


def test_the_seat_stays_and_every_line_comes_once() -> None:
    options = RoomOptions(start="now", tick_rate=30, empty_grace=0, reconnect_time=60)
    with serving(Drift, options, Limits(max_chats_per_second=100)) as server:
        command = [*node_command(), str(SCRIPT), str(server.port)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE * 4, check=False)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["heard"] == [str(number + 1) for number in range(report["said"])]
    assert {seat["player_id"] for seat in report["seats"]} == {report["seats"][0]["player_id"]}
    assert [seat["resumed"] for seat in report["seats"]] == [False] + [True] * 8
    assert report["playing"]
    assert report["state"]
