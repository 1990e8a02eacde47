"""How long `rumpus serve` takes until it listens, and until matches can be played."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from statistics import median
from urllib.request import urlopen

import msgspec


class StartUp(msgspec.Struct, kw_only=True):
    """Seconds from the start of the command, with Arena: the very first time on a machine, and from then on."""

    first_listening: float
    first_ready: float
    listening: float
    ready: float


def start(kernels: str) -> tuple[float, float]:
    """Seconds until it listens, and until matches can be played. `kernels`: the folder for compiled ones."""
    began = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-m", "rumpus", "serve", "--port", "0"],
        env=os.environ | {"NUMBA_CACHE_DIR": kernels, "RUMPUS_DATABASE": "none"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as server:
        assert server.stdout is not None
        url = server.stdout.readline().removeprefix("Listening on ").strip()
        listening = time.perf_counter() - began
        while json.load(urlopen(f"{url}/healthz"))["status"] != "ok":  # noqa: S310  # ourselves
            time.sleep(0.02)
        ready = time.perf_counter() - began
        server.terminate()
    return listening, ready


def start_up(rounds: int) -> StartUp:
    """Start it once with nothing compiled, then `rounds` times with everything on disk."""
    with tempfile.TemporaryDirectory() as kernels:
        first = start(kernels)
        later = [start(kernels) for _ in range(rounds)]
    return StartUp(
        first_listening=round(first[0], 3),
        first_ready=round(first[1], 3),
        listening=round(median(one[0] for one in later), 3),
        ready=round(median(one[1] for one in later), 3),
    )
