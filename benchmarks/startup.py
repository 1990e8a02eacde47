"""How long `rumpus serve` takes to listen, and to be ready for matches: `python benchmarks/startup.py [ROUNDS]`.

Once with no compiled kernels (the very first start on a machine), then ROUNDS times with them on disk. Seconds from the
start of the command; compare figures of one run only. `rumpus bench --curves` has the medians.
"""

from __future__ import annotations

import sys
import tempfile

from rumpus.bench.startup import start


def main(rounds: int = 5) -> None:
    print(f"{'':<24}{'listening':>12}{'ready':>12}")
    with tempfile.TemporaryDirectory() as kernels:
        for number in range(rounds + 1):
            listening, ready = start(kernels)
            name = "first start" if number == 0 else f"kernels on disk, {number}"
            print(f"{name:<24}{listening:>10.2f} s{ready:>10.2f} s")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
