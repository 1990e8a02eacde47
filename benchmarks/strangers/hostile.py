"""What one address can do to everybody else: `python benchmarks/strangers/hostile.py [--each] [--minutes 5]`.

A stock `rumpus serve` of Arena (`--start now --bots 7`) has one core; on the other are a player, newcomers and the
attackers, who all come from one address and do as much as they may.

--each: one attack after the other, each at the full permitted rate: every connection sends its second's worth at once.
None may move the overload level, nor the 99th percentile of the ticks' lateness by more than a millisecond; exit 1 if
one does. Without it, the hostile hour: all of them at once, for so many minutes.

`--write FILE` puts the tables between the marks `<!-- hostile:each -->` and `<!-- hostile:hour -->` of a document.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import pairwise
from pathlib import Path

import attacks
from stranger import OTHERS, ROOT, Server, Stranger, write

from rumpus.bench.dialects import server_frames
from rumpus.bench.processes import allow_many_files, cores, resident
from rumpus.client.replica import SNAPSHOT_MARK
from rumpus.telemetry.histogram import BUCKETS

#: Connections of each attack, and messages a second on each: what one connection may send.
CONNECTIONS, RATE = 100, 118
#: Seconds of an attack, and of the quiet before it.
ATTACK, QUIET = 3.5, 3.0
#: Seconds by which the 99th percentile may move.
ALLOWED = 0.001
#: A stock server, with a match that does not end.
STOCK = ("--start", "now", "--bots", "7", "--set", "time_limit=0", "--set", "score_limit=0")


def percentile(before: dict[str, float], after: dict[str, float], share: float = 0.99) -> float:
    """Of the lateness of all ticks in between, in seconds: between the bounds of buckets by rule of three."""
    names = [f'rumpus_tick_lateness_seconds_bucket{{le="{edge}"}}' for edge in BUCKETS]
    counts = [after.get(name, 0) - before.get(name, 0) for name in names]
    wanted, least, below = share * (after["rumpus_ticks_total"] - before["rumpus_ticks_total"]), 0.0, 0.0
    for edge, count in zip(BUCKETS, counts, strict=True):
        if count >= wanted:
            return least + (edge - least) * (wanted - below) / max(1.0, count - below)
        least, below = edge, count
    return BUCKETS[-1]


def play(port: int, seconds: float) -> None:
    """A player from elsewhere, in a match: prints how many states came, and the gaps between them."""
    player = Stranger(port, OTHERS)
    player.upgrade(port)
    player.join(name="Ann")
    player.sock.settimeout(0.02)
    came, until, seq, received = [], time.monotonic() + seconds, 0, bytearray()
    while time.monotonic() < until:
        with suppress(TimeoutError):
            data = player.sock.recv(65_536)
            if not data:
                break
            received += data
            now = time.monotonic()
            payloads = [payload for _, payload in server_frames(received)]
            came += [now for payload in payloads if payload[0] == SNAPSHOT_MARK]
        seq += 1
        player.say({"type": "input", "seq": seq, "data": {"move_x": 1.0 if seq % 60 < 30 else -1.0}})
    print(json.dumps(came))


class Seen:
    """When a player's states came, as `time.monotonic` has it."""

    def __init__(self) -> None:
        self.came: list[float] = []

    def rate(self, begin: float, end: float) -> float:
        """States a second."""
        return sum(begin <= moment < end for moment in self.came) / (end - begin)

    def gap(self, begin: float, end: float, share: float) -> float:
        """A percentile of the seconds from one state to the next."""
        moments = [moment for moment in self.came if begin <= moment < end]
        gaps = sorted(later - earlier for earlier, later in pairwise(moments)) or [end - begin]
        return gaps[min(len(gaps) - 1, int(len(gaps) * share))]


class Newcomers:
    """Somebody from elsewhere who wants to play, now and then."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._next = 0.0
        self.came = self.refused = 0

    def step(self) -> None:
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + 1
        self.came += 1
        newcomer = None
        try:
            newcomer = Stranger(self._port, OTHERS)
            newcomer.upgrade(self._port)
            newcomer.join(name="Ben")
        except OSError:
            self.refused += 1
        finally:
            if newcomer is not None:
                newcomer.close()


@contextmanager
def playing(port: int, seconds: float) -> Iterator[Seen]:
    """A player in a process of their own, who has seen afterwards what `play` prints."""
    seen = Seen()
    command = [sys.executable, __file__, "--play", str(port), "--seconds", str(seconds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        with suppress(PermissionError):
            os.setpriority(os.PRIO_PROCESS, process.pid, -10)
        time.sleep(2.0)
        yield seen
        said, _ = process.communicate()
        seen.came = json.loads(said.splitlines()[-1])


def each(only: str | None) -> tuple[list[str], int]:
    """The table of all attacks, and how many do too much."""
    lines = [
        "| attack | lateness (99th percentile) before | during | overload level | states a second | newcomers out |",
        "|---|---|---|---|---|---|",
    ]
    print("\n".join(lines))
    failed = 0
    for attack in (*attacks.ATTACKS, *attacks.SIEGES):
        if only and only not in attack.name:
            continue
        server = Server(*STOCK)
        try:
            newcomers = Newcomers(server.port)
            with playing(server.port, QUIET + ATTACK + 4) as seen:
                first = server.metrics()
                time.sleep(QUIET)
                began, second = time.monotonic(), server.metrics()
                level = besiege(server, [attack], ATTACK, newcomers)
                ended, third = time.monotonic(), server.metrics()
            before, during = percentile(first, second), percentile(second, third)
            bad = level > 0 or during - before > ALLOWED or newcomers.refused > 0
            failed += bad
            lines.append(
                f"| {attack.name}{' **(!)**' if bad else ''} | {before * 1e3:.2f} ms | {during * 1e3:.2f} ms "
                f"| {level:.0f} | {seen.rate(began, ended):.1f} | {newcomers.refused} of {newcomers.came} |"
            )
            print(lines[-1], flush=True)
        finally:
            server.stop()
    return lines, failed


def besiege(
    server: Server, all_of_them: list[attacks.Attack | attacks.Siege], seconds: float, newcomers: Newcomers
) -> float:
    """All of these at once for so long. Returns the highest overload level meanwhile."""
    port = server.port
    share = max(2, CONNECTIONS // len(all_of_them))
    blasts, sieges = [], []
    for attack in all_of_them:
        if isinstance(attack, attacks.Attack):
            with suppress(OSError):
                blasts.append(attacks.Blast(port, attack, share))
        else:
            sieges.append(attacks.Sieging(port, attack._replace(together=min(attack.together, 2 * share))))
    until, level, next_burst, next_look = time.monotonic() + seconds, 0.0, 0.0, 0.0
    while (now := time.monotonic()) < until:
        if now >= next_burst:
            next_burst = now + 1
            for blast in blasts:
                blast.go(max(1, RATE // max(1, len(blast.attack.cycle(blast.strangers[0])))))
        newcomers.step()
        for siege in sieges:
            siege.step(0.05 / len(sieges))
        if not sieges:
            time.sleep(0.02)
        if now >= next_look:
            next_look = now + 0.5
            level = max(level, server.metrics()["rumpus_overload_level"])
    for one in (*blasts, *sieges):
        one.close()
    return level


def hour(seconds: float) -> list[str]:
    """The hostile hour."""
    server = Server(*STOCK)
    try:
        newcomers = Newcomers(server.port)
        memory = resident(server.pid)
        with playing(server.port, seconds + QUIET + 6) as seen:
            first, quiet = time.monotonic(), server.metrics()
            time.sleep(QUIET)
            second, before = time.monotonic(), server.metrics()
            level = besiege(server, [*attacks.ATTACKS, *attacks.SIEGES], seconds, newcomers)
            third, then = time.monotonic(), server.metrics()
        time.sleep(75)
        last, after = server.metrics(), resident(server.pid)
        left = {name: last[name] for name in COUNTED}
        return [
            "| | |",
            "|---|---|",
            f"| states a second of a player in a match, before and meanwhile | {seen.rate(first, second):.1f}, "
            f"{seen.rate(second, third):.1f} |",
            f"| how late ticks start, in all rooms: 99th percentile | {percentile(quiet, before) * 1e3:.1f} ms, "
            f"{percentile(before, then) * 1e3:.1f} ms |",
            f"| gap between two of them: 99th percentile, worst | {seen.gap(second, third, 0.99) * 1e3:.0f} ms, "
            f"{seen.gap(second, third, 1.0) * 1e3:.0f} ms |",
            f"| highest overload level | {level:.0f} |",
            f"| newcomers refused | {newcomers.refused} of {newcomers.came} |",
            f"| messages from the attackers, and refused for their budget | "
            f"{then['rumpus_messages_received_total'] - before['rumpus_messages_received_total']:.0f}, "
            f"{then['rumpus_rate_limited_total'] - before['rumpus_rate_limited_total']:.0f} |",
            f"| memory before, and 75 s after | {memory / 2**20:.0f} MiB, {after / 2**20:.0f} MiB |",
            f"| what is left 75 s after | {', '.join(f'{name}: {value:.0f}' for name, value in left.items())} |",
        ]
    finally:
        server.stop()


#: What has to be where it began.
COUNTED = (
    "rumpus_connections", "rumpus_players", "rumpus_held_seats", "rumpus_parties", "rumpus_searches",
    "rumpus_reserved_seats", "rumpus_payers", "rumpus_empty_rooms",
)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--each", action="store_true", help="one attack after the other")
    parser.add_argument("--only", help="with --each: part of an attack's name")
    parser.add_argument("--minutes", type=float, default=5.0, help="of the hostile hour")
    parser.add_argument("--write", type=Path, help="document that gets the table")
    parser.add_argument("--play", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--seconds", type=float, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.play is not None:
        return play(arguments.play, arguments.seconds)
    allow_many_files()
    _, core = cores()
    if core is not None:
        os.sched_setaffinity(0, {core})
    attacks.covered()
    os.chdir(ROOT)
    if arguments.each:
        lines, failed = each(arguments.only)
        name = "each"
    else:
        lines, failed = hour(60 * arguments.minutes), 0
        name = "hour"
        print("\n".join(lines))
    if arguments.write is not None:
        write(arguments.write, f"hostile:{name}", lines)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
