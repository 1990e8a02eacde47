"""What is fuzzed. A target takes bytes, whatever they are, and raises if the code it stands for has a fault.

A module each, with `run` and `SEEDS`: bytes that reach far into it, to begin with. What runs have found besides is in
`tests/fuzz/corpus`. A target is imported by name, so that a fuzzer can get at what it imports.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

CORPUS = Path(__file__).parent.parent / "corpus"

#: By target: modules and packages whose branches guide the fuzzer.
INSTRUMENTED = {
    "connections": ["rumpus.net", "rumpus.endpoints"],
    "frames": ["rumpus.net.batch.reader"],
    "messages": ["rumpus.protocol"],
    "patches": ["rumpus.protocol"],
    "proxies": ["rumpus.net.trusted_proxies", "ipaddress"],
    "sessions": ["rumpus.server", "rumpus.room", "rumpus.matchmaking"],
    "snapshots": ["rumpus.replication.decode", "rumpus.client.replica"],
    "texts": ["rumpus.protocol", "rumpus.room.blocked_words"],
    "tickets": ["rumpus.tickets", "jwt"],
}
#: Never these: numba compiles what stands in the source, and nothing else.
KERNELS = ["rumpus.net.batch.kernels"]


class Target(NamedTuple):
    run: Callable[[bytes], None]
    seeds: list[bytes]


def load(name: str) -> Target:
    """The target of this name, with all that is kept for it."""
    module = importlib.import_module(f"{__name__}.{name}")
    kept = [path.read_bytes() for path in sorted((CORPUS / name).glob("*"))]
    return Target(module.run, [*module.SEEDS, *kept])
