"""What players see when something goes wrong: `make trials`, or some of it by name

    .venv/bin/python benchmarks/trials/run.py stall-3 restart

Each trial starts a real server of Arena, lets players of the SDK play (in Node, player.mjs), does something to the
server, and shows second by second what became of each of them. With `--write` the table goes into a document. It takes
some minutes, and what else runs on the machine shows.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from scene import ROOT, Players, Server, full_disk, unread_pipe, wait_until

from rumpus.bench.document import replace_part
from rumpus.client import Client, ClosedError

sys.path.insert(0, str(ROOT))
from tests.support.postgres import Postgres

#: Seconds of play before something happens, and after it.
BEFORE, AFTER = 4.0, 5.0
#: Nobody shoots, and nothing is in the way: ships do what they are told.
CALM = (
    *("--start", "now", "--bots", "0", "--set", "enemies=0", "--set", "walls=false", "--set", "pickups=0"),
    *("--set", "time_limit=0", "--set", "score_limit=0", "--set", "protection=0"),
)
FAULTY = ("--game", "benchmarks.trials.faulty:FaultyArena")
#: Matches of a second, and servers that are killed at the moment at which a result is told.
SHORT = (
    *("--start", "now", "--bots", "0", "--set", "enemies=0", "--set", "time_limit=1"), "--results-time", "0.2",
    # All of them are looked for in the database.
    "--max-kept-per-address", "100000",
)  # fmt: skip
KILLS = 60


class Trial(NamedTuple):
    """What was done, each player's seconds, and what was found, in words."""

    done: str
    seconds: list[str]
    found: str


def stall(seconds: float, folder: Path) -> Trial:
    server = Server(*CALM, *kept_in(folder), log=folder / "log")
    players = Players(server.url, ("Ann", "Ben"))
    time.sleep(BEFORE)
    server.freeze()
    time.sleep(seconds)
    again = server.thaw()
    time.sleep(AFTER)
    seen = players.leave()
    server.end()
    return Trial(
        f"the server stands still for {seconds:g} s",
        seen.shown(),
        f"in control again after {seen.first('answer', again):.1f} s (a change of direction comes every 0.5 s)",
    )


def restart(number: signal.Signals, folder: Path) -> Trial:
    server = Server(*CALM, *kept_in(folder), log=folder / "log")
    players, private = Players(server.url, ("Ann", "Ben")), Players(server.url, ("Cat", "Dan"), create=True)
    time.sleep(BEFORE)
    server.end(number)
    up = server.start()
    time.sleep(AFTER)
    seen, others = players.leave(), private.leave()
    server.end()
    together = "" if len(seen.rooms) == 1 else "not "
    code = "under its code" if others.rooms == {private.room} else "under another code"
    return Trial(
        f"{number.name} and a new start; two players of quick play, two in a room of their own",
        [*seen.shown(), *others.shown()],
        f"playing again {seen.first('state', up):.1f} s after the server was up, {together}together;"
        f" the private room, {code}, after {others.first('state', up):.1f} s",
    )


def raises(folder: Path) -> Trial:
    server = Server(*CALM, *FAULTY, *kept_in(folder), log=folder / "log")
    players = Players(server.url, ("Ann", "Ben"))
    time.sleep(1)
    began = time.time()
    unlucky = Players(server.url, ("Raise",), create=True)
    time.sleep(BEFORE + AFTER)
    seen, theirs = players.leave(), unlucky.leave()
    server.end()
    gap = 1000 * seen.longest_gap(began)
    return Trial(
        "a game raises `SystemExit`; below, two players in another room",
        [*theirs.shown(), *seen.shown()],
        f"the other room's worst gap between states was {gap:.0f} ms",
    )


def hangs(folder: Path) -> Trial:
    server = Server(*CALM, *FAULTY, *kept_in(folder), "--tick-timeout", "2", log=folder / "log")
    players = Players(server.url, ("Ann", "Ben"))
    unlucky = Players(server.url, ("Hang",), create=True)
    status = server.process.wait()
    up = server.start()
    time.sleep(AFTER)
    seen = players.leave()
    unlucky.leave()
    server.end()
    return Trial(
        "a game never returns (`--tick-timeout 2`); two players in another room",
        seen.shown(),
        f"the process ended itself with status {status}, was started anew, and they were playing again"
        f" {seen.first('state', up):.1f} s after it was up",
    )


def unread_log(folder: Path) -> Trial:
    with unread_pipe() as pipe:
        arguments = (*CALM, *kept_in(folder), "--log-level", "debug", "--log-queue", "100")
        server = Server(*arguments, log=folder / "log", stderr=pipe)
        players = Players(server.url, ("Ann", "Ben"))
        began = time.time()
        asyncio.run(come_and_go(server, 400))
        time.sleep(BEFORE)
        dropped, seen = server.metric("rumpus_log_lines_dropped_total"), players.leave()
        took = server.end()
    gap = 1000 * seen.longest_gap(began)
    return Trial(
        "nobody reads the log",
        seen.shown(),
        f"worst gap between states {gap:.0f} ms; {dropped:.0f} lines dropped and counted; SIGTERM took {took:.1f} s",
    )


def frozen_postgres(folder: Path) -> Trial:
    database = Postgres()
    database.start()
    try:
        kept = ("--database", database.database(), "--journal", str(folder / "journal"), "--database-timeout", "1")
        server = Server(*SHORT, *kept, log=folder / "log")
        players = Players(server.url, ("Ann", "Ben"))
        time.sleep(BEFORE)
        database.freeze()
        began = time.time()
        time.sleep(AFTER)
        connected, waiting = server.metric("rumpus_database_connected"), server.metric("rumpus_results_waiting_bytes")
        oldest = server.metric("rumpus_results_oldest_seconds")
        database.thaw()
        wait_until(lambda: server.metric("rumpus_results_waiting_bytes") == 0)
        written, seen = server.metric("rumpus_results_written_total"), players.leave()
        server.end()
    finally:
        database.thaw()
        database.remove()
    return Trial(
        "PostgreSQL freezes for 5 s; matches last a second",
        seen.shown(),
        f"`rumpus_database_connected` {connected:.0f}, {waiting:.0f} bytes waiting, the oldest for {oldest:.1f} s;"
        f" afterwards all {written:.0f} results were written; worst gap {1000 * seen.longest_gap(began):.0f} ms",
    )


def disk_full(folder: Path) -> Trial:
    server = Server(*SHORT, *kept_in(folder), log=folder / "log", preexec_fn=full_disk)
    players = Players(server.url, ("Ann", "Ben"))
    began = time.time()
    time.sleep(2 * (BEFORE + AFTER))
    seen = players.leave()
    told = seen.count("game_over")
    server.end()
    database = folder / "results.db"
    command = ["results", "--import", str(folder / "log"), "--import", str(folder / "results.db.journal")]
    subprocess.run(
        [sys.executable, "-m", "rumpus", *command, "--database", f"sqlite:///{database}"],
        cwd=ROOT, check=False, capture_output=True,
    )  # fmt: skip
    lost = max(0, told - len(match_ids(database)))
    return Trial(
        "the disk is full, for the database, the journal and all",
        seen.shown(),
        f"worst gap {1000 * seen.longest_gap(began):.0f} ms; of {told} results that were told, {lost} are lost after"
        " `rumpus results --import` of the log",
    )


def killed_when_told(folder: Path) -> Trial:
    chance, told = random.Random(1), []  # repeatable on purpose
    for _ in range(KILLS):
        server = Server(*SHORT, *kept_in(folder), log=folder / "log")
        told.append(asyncio.run(hear_a_result(server, chance.uniform(0, 0.005))))
        server.process.wait()
    server = Server(*SHORT, *kept_in(folder), log=folder / "log")
    wait_until(lambda: server.metric("rumpus_results_waiting_bytes") == 0)
    server.end()
    there = match_ids(folder / "results.db")
    lost = sum(there.count(match_id) == 0 for match_id in told)
    twice = len(there) - len(set(there))
    return Trial(
        f"kill -9 within 5 ms of a `game_over`, {KILLS} times", [], f"{lost} told results lost, {twice} written twice"
    )


async def come_and_go(server: Server, count: int) -> None:
    """Each of them is a few lines in the log."""
    for _ in range(count):
        client = await Client.connect(server.url)
        await client.close()


async def hear_a_result(server: Server, wait: float) -> str:
    """Play a match, and kill its server a moment after the result was told. Returns the match's id."""
    client = await Client.connect(server.url)
    over = client.messages("game_over")
    await client.join("Ann")
    async for message in over:
        await asyncio.sleep(wait)
        server.process.kill()
        return str(message["match_id"])
    raise ClosedError(0, "the match did not end")


def kept_in(folder: Path) -> tuple[str, ...]:
    return "--database", f"sqlite:///{folder}/results.db"


def match_ids(database: Path) -> list[str]:
    connection = sqlite3.connect(database)
    try:
        return [row[0] for row in connection.execute("SELECT match_id FROM rumpus_matches")]
    finally:
        connection.close()


TRIALS: dict[str, Callable[[Path], Trial]] = {
    "stall-0.5": partial(stall, 0.5),
    "stall-3": partial(stall, 3.0),
    "stall-20": partial(stall, 20.0),
    "restart": partial(restart, signal.SIGTERM),
    "kill": partial(restart, signal.SIGKILL),
    "raises": raises,
    "hangs": hangs,
    "unread-log": unread_log,
    "frozen-postgres": frozen_postgres,
    "full-disk": disk_full,
    "killed-when-told": killed_when_told,
}


def table(trials: list[Trial]) -> str:
    """As Markdown."""
    lines = ["| what was done | each player, second by second | what was found |", "|---|---|---|"]
    for trial in trials:
        seconds = "<br>".join(f"`{one}`" for one in trial.seconds)
        lines.append(f"| {trial.done} | {seconds} | {trial.found} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("trials", nargs="*", choices=[[], *TRIALS], help="all, if none is named", metavar="TRIAL")
    parser.add_argument("--write", type=Path, help="document that gets the table")
    options: Any = parser.parse_args()
    found = []
    for name in options.trials or TRIALS:
        print(f"{name}...", file=sys.stderr, flush=True)
        with tempfile.TemporaryDirectory() as folder:
            found.append(TRIALS[name](Path(folder)))
        print(found[-1].found, file=sys.stderr, flush=True)
    print(table(found))
    if options.write is not None:
        text = options.write.read_text(encoding="utf-8")
        options.write.write_text(replace_part(text, "trials", table(found) + "\n"), encoding="utf-8")


if __name__ == "__main__":
    main()
