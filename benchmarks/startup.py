"""How long `rumpus serve` takes to listen, and to be ready for matches: `python benchmarks/startup.py [ROUNDS]`.

Once with no compiled kernels (the very first start on a machine), then ROUNDS times with them on disk. Seconds from the
start of the command; compare figures of one run only.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from urllib.request import urlopen


def start(kernels: str) -> tuple[float, float]:
    """Seconds until it listens, and until matches can be played."""
    began = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-m", "rumpus", "serve", "--port", "0"],
        env=os.environ | {"NUMBA_CACHE_DIR": kernels},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as server:
        assert server.stdout is not None
        url = server.stdout.readline().removeprefix("Listening on ").strip()
        listening = time.perf_counter() - began
        while json.load(urlopen(f"{url}/healthz"))["status"] != "ok":
            time.sleep(0.02)
        ready = time.perf_counter() - began
        server.terminate()
    return listening, ready


def main(rounds: int = 5) -> None:
    print(f"{'':<24}{'listening':>12}{'ready':>12}")
    with tempfile.TemporaryDirectory() as kernels:
        for number in range(rounds + 1):
            listening, ready = start(kernels)
            name = "first start" if number == 0 else f"kernels on disk, {number}"
            print(f"{name:<24}{listening:>10.2f} s{ready:>10.2f} s")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
