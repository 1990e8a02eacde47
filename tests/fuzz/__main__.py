"""`python -m tests.fuzz --seconds 600`: every target, one after the other, or those that are named.

What fails is left in dist/fuzz/TARGET/ as crash-..., and the exit status is 1. Once it is mended, put the file into
tests/fuzz/corpus/TARGET: the ordinary tests play it from then on.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

from tests.fuzz.targets import INSTRUMENTED

ROOT = Path(__file__).parents[2]
FOUND = ROOT / "dist" / "fuzz"


def environment() -> dict[str, str]:
    """Kernels look at their bounds, which the ones on disk do not: they have a place of their own."""
    kernels = {"NUMBA_BOUNDSCHECK": "1", "NUMBA_CACHE_DIR": str(FOUND / "kernels")}
    return os.environ | kernels | {"PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}", "PYTHONHASHSEED": "0"}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=600, help="for all targets together")
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"some of {', '.join(INSTRUMENTED)}")
    asked = parser.parse_args()
    targets = asked.targets or list(INSTRUMENTED)
    unknown = [name for name in targets if name not in INSTRUMENTED]
    if unknown:
        parser.error(f"there is no target {unknown[0]!r}")
    kind = "guided" if importlib.util.find_spec("atheris") is not None else "blind"
    seconds = max(1, round(asked.seconds / len(targets)))
    failed = []
    for name in targets:
        print(f"{name}, {seconds} s", flush=True)
        found = FOUND / name
        found.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", f"tests.fuzz.{kind}", name, str(seconds), str(found)]
        if subprocess.run(command, cwd=ROOT, env=environment(), check=False).returncode != 0:
            failed.append(name)
    for name in failed:
        print(f"{name} has failed: see {FOUND / name}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
