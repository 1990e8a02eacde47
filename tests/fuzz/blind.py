"""One target with changed seeds, where there is no atheris, or to play what is known: `blind TARGET SECONDS FOUND`."""

from __future__ import annotations

import os
import sys
import time
import traceback
from pathlib import Path
from random import Random

from tests.fuzz.mutations import mutated
from tests.fuzz.targets import load


def play(name: str, runs: int, seed: int = 0) -> None:
    """All that is kept for a target, and so many changed ones, the same each time."""
    target = load(name)
    random = Random(seed)
    for data in target.seeds:
        target.run(data)
    for _ in range(runs):
        target.run(mutated(target.seeds, random))


def main(name: str, seconds: float, found: Path) -> int:
    """Try changed seeds for so long. One that fails is left in the folder `found`. Returns 1 then."""
    target = load(name)
    seed = time.time_ns()
    random, end, runs = Random(seed), time.monotonic() + seconds, 0
    while time.monotonic() < end:
        data = mutated(target.seeds, random) if runs >= len(target.seeds) else target.seeds[runs]
        runs += 1
        try:
            target.run(data)
        except Exception:
            traceback.print_exc()
            path = found / f"crash-{seed}-{runs}"
            path.write_bytes(data)
            print(f"{name} fails for {path}", flush=True)
            return 1
    print(f"{name}: {runs} runs, without branches to guide them", flush=True)
    return 0


if __name__ == "__main__":
    if sys.argv[2].startswith("runs="):
        play(sys.argv[1], int(sys.argv[2].removeprefix("runs=")))
        code = 0
    else:
        code = main(sys.argv[1], float(sys.argv[2]), Path(sys.argv[3]))
    # A target may have a server running, in threads that nobody ends.
    sys.stderr.flush()
    os._exit(code)
