"""The servers that the matches of one link are played on: `rumpus serve` as anybody starts it, with Arena.

Three, because what an operator sets holds for a whole server: a field without walls and one with them, where shots do
next to no harm, so that nobody is away or protected when they are shot at; and a match by the ordinary rules.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from urllib.request import urlopen

#: Seconds that a server gets to be ready; compiling for the first time takes some.
PATIENCE = 90.0

_FIELD = ["--set", "enemies=0", "--set", "pickups=0"]
_HARMLESS = [
    part
    for setting in ("rail_damage=1", "shot_damage=1", "rail_cooldown=0.8", "protection=0", "respawn_time=0.5")
    for part in ("--set", setting)
]
#: By name: what makes each different. The map is the same in each run.
SERVERS = {
    "open": [*_FIELD, *_HARMLESS, "--set", "walls=false"],
    "walls": [*_FIELD, *_HARMLESS, "--set", "seed=4"],
    "combat": ["--bots", "4", "--max-players", "8", "--set", "seed=4"],
}


@contextmanager
def serving(link: str, seed: int) -> Iterator[tuple[dict[str, str], list[int]]]:
    """Servers behind such a link, ready for matches. Gives their addresses by name, and the processes' numbers."""
    with ExitStack() as stack:
        processes = {
            name: stack.enter_context(_server([*arguments, "--simulate", link, "--simulate-seed", str(seed + number)]))
            for number, (name, arguments) in enumerate(SERVERS.items())
        }
        addresses = {name: _address(process) for name, process in processes.items()}
        for address in addresses.values():
            _await_ready(address)
        yield addresses, [process.pid for process in processes.values()]


@contextmanager
def _server(arguments: list[str]) -> Iterator[subprocess.Popen[str]]:
    endless = ["--start", "now", "--set", "time_limit=0", "--set", "score_limit=0"]
    command = [sys.executable, "-m", "rumpus", "serve", "--port", "0", "--log-level", "warning"]
    with subprocess.Popen(
        [*command, *endless, *arguments, "--database", "none"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.terminate()


def _address(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line.startswith("Listening on "):
        raise SystemExit("A server did not start; try the same with `rumpus serve`.")
    return line.removeprefix("Listening on ").strip()


def _await_ready(address: str) -> None:
    latest = time.monotonic() + PATIENCE
    while json.load(urlopen(f"{address}/healthz"))["status"] != "ok":
        if time.monotonic() > latest:
            raise SystemExit("A server is still preparing; it should have been ready long ago.")
        time.sleep(0.1)
