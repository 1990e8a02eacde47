"""What each message costs the server, and what its sender is charged: `python benchmarks/strangers/prices.py`.

A stock server of Arena, but for limits that would stop the measurement, does each thing many thousand times for a few
connections. Its processor time, less what it uses while nobody asks for anything, is divided by how often that was.
`--write FILE` puts the table between the marks `<!-- prices -->` of a document. Linux; nothing else should run.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import attacks
from stranger import OTHERS, Server, write

from rumpus.bench.processes import processor_time
from rumpus.budget.toll import HANDSHAKE, REQUEST, SOCKET
from rumpus.server import prices

#: Connections that ask, and seconds of each measurement.
CONNECTIONS, SECONDS = 8, 1.5
_LIMITLESS = [
    "--unlimited-from", OTHERS, "--overload-busy=0", "--overload-lateness=0", "--max-messages-per-second=100000",
    "--max-chats-per-second=100000", "--max-room-messages-per-second=100000", "--max-new-rooms-per-second=100000",
    "--empty-grace=0", "--max-connections=30000", "--reconnect-time=0",
]  # fmt: skip


def charged(attack: attacks.Attack, people: int) -> float:
    """What one cycle of these messages costs its sender, per message (microseconds), the list of rooms left out."""
    total = 0.0
    for kind in attack.kinds:
        base, each, _ = prices.PRICES.get(kind, prices.Price(0))
        total += prices.MESSAGE + base + each * people
    return total / max(1, len(attack.kinds)) if attack.kinds else prices.MESSAGE + prices.REFUSAL


def measured(server: Server, attack: attacks.Attack) -> float:
    """Microseconds of processor time per message."""
    blast = attacks.Blast(server.port, attack, CONNECTIONS, OTHERS)
    try:
        time.sleep(0.3)
        idle = _used(server, 0.7)
        before, began = server.metrics()["rumpus_messages_received_total"], time.monotonic()
        used = processor_time(server.pid)
        while time.monotonic() - began < SECONDS:
            blast.go_and_wait(10)
        received = server.metrics()["rumpus_messages_received_total"]
        used = processor_time(server.pid) - used - idle * (time.monotonic() - began)
        return used / max(1.0, received - before) * 1e6
    finally:
        blast.close()
        time.sleep(0.2)


def besieged(server: Server, siege: attacks.Siege) -> float:
    """Microseconds of processor time per connection."""
    while _used(server, 0.3) > 0.1:
        pass  # what the last one has left is still worked off
    idle = _used(server, 0.7)
    used, began = processor_time(server.pid), time.monotonic()
    sieging = attacks.Sieging(server.port, siege, OTHERS)
    sieging.step(SECONDS)
    sieging.close()
    time.sleep(0.3)
    used = processor_time(server.pid) - used - idle * (time.monotonic() - began)
    return used / max(1, sieging.came) * 1e6


def _used(server: Server, seconds: float) -> float:
    used = processor_time(server.pid)
    time.sleep(seconds)
    return (processor_time(server.pid) - used) / seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", type=Path, help="document that gets the table")
    parser.add_argument("--only", help="part of a name")
    arguments = parser.parse_args()
    attacks.covered()
    lines = ["| what | charged | measured |", "|---|---|---|"]
    server = Server("--start", "full", "--bots", "7", "--set", "mode=teams", *_LIMITLESS)
    try:
        for attack in attacks.ATTACKS:
            if arguments.only and arguments.only not in attack.name:
                continue
            people = {"none": 1, "own": 1, "shared": 8}[attack.seat]
            lines.append(f"| {attack.name} | {charged(attack, people):.0f} | {measured(server, attack):.0f} |")
            print(lines[-1], flush=True)
        for siege in attacks.SIEGES:
            if arguments.only and arguments.only not in siege.name:
                continue
            script = siege.script(0)
            price = SOCKET + (HANDSHAKE if script.startswith(b"GET /ws") else REQUEST * (b"HTTP" in script))
            lines.append(f"| {siege.name} | {price:.0f} | {besieged(server, siege):.0f} |")
            print(lines[-1], flush=True)
    finally:
        server.stop()
    if arguments.write is not None:
        write(arguments.write, "prices", lines)


if __name__ == "__main__":
    main()
