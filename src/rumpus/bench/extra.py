"""What is measured besides the workloads: curves, joins, memory, start-up, pauses, and workload A on a busy core.

Each is a short run or a few; `Extra` holds them raw. Curves take one measurement a point: neighbours confirm each
other.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from statistics import median

import msgspec

from ..errors import RumpusError
from .conduct import LOAD_PATIENCE, START_PATIENCE, Child
from .contestants import Contestant, Outcome, Rumpus, Times
from .messages import Arrivals, Arrived
from .processes import cores
from .startup import StartUp, start_up
from .workloads import WORKLOADS, Workload

PLAYERS = (50, 100, 200, 400, 600, 1000, 1500, 2000, 2500, 3000)
ENEMIES = (0, 25, 50, 100, 200, 400)
#: Players while enemies vary.
ENEMIES_PLAYERS = 200
#: Connections that arrive, and those before them that are not counted.
JOINS, IDLE, FIRST = 1000, 2000, 50
#: Cores from which, and share of the snapshots below which, more players are not worth measuring.
FULL, KEEPS_UP = 0.97, 0.8
#: Cores that "a busy core" means, and how near to it is near enough.
BUSY, NEAR = 0.70, 0.04

Announce = Callable[[str], None]


class Point(msgspec.Struct, kw_only=True):
    """A measurement of a curve, at `x` players or enemies."""

    x: int
    outcome: Outcome


class Extra(msgspec.Struct, kw_only=True):
    """None or empty: not measured. Curves by the contestant's name, `busy` with the number of players it took."""

    players_in_rooms: dict[str, list[Point]] = {}
    players_in_one_room: dict[str, list[Point]] = {}
    enemies: dict[str, list[Point]] = {}
    joins: list[Arrived] = []
    idle: list[Arrived] = []
    pauses: Outcome | None = None
    busy: Outcome | None = None
    start_up: StartUp | None = None
    #: What could not be measured, and why.
    failed: dict[str, str] = {}


def measure_extra(rivals: Sequence[Contestant], rounds: int, times: Times, announce: Announce) -> Extra:
    """All of it. The first of `rivals` is ours; the others appear in the curves of players."""
    extra, short = Extra(), Times(warm_up=min(2.0, times.warm_up), seconds=min(5.0, times.seconds))
    rooms, one_room = WORKLOADS["A"], WORKLOADS["B"]

    def attempt(name: str, measure: Callable[[], None]) -> None:
        try:
            measure()
        except RumpusError as error:
            extra.failed[name] = error.message

    def curves() -> None:
        for rival in rivals:
            for workload, points in ((rooms, extra.players_in_rooms), (one_room, extra.players_in_one_room)):
                points[rival.name] = _by_players(workload, rival, short, announce, extra.failed)

    def by_enemies() -> None:
        rival = rivals[0]
        points = extra.enemies.setdefault(rival.name, [])
        for enemies in ENEMIES:
            announce(f"{enemies} enemies in a room: {rival.name}")
            workload = rooms.scaled(ENEMIES_PLAYERS).with_enemies(enemies)
            points.append(Point(x=enemies, outcome=rival.measure(workload, short)))

    def arrivals() -> None:
        for number in range(1, rounds + 1):
            announce(f"joins, round {number} of {rounds}")
            extra.joins.append(arrive(rooms, "msgpack", JOINS))
            announce(f"idle connections, round {number} of {rounds}")
            extra.idle.append(arrive(rooms, "idle", IDLE))

    def pauses() -> None:
        announce("pauses of the loop and of the garbage collector")
        extra.pauses = Rumpus(watch=True).measure(rooms, times)

    def busy() -> None:
        announce(f"workload A at {BUSY:.0%} of a core")
        extra.busy = _at_busy(rooms, times)

    def starting() -> None:
        announce("start-up")
        extra.start_up = start_up(rounds)

    attempt("joins and idle connections", arrivals)
    attempt("pauses", pauses)
    attempt("a busy core", busy)
    attempt("start-up", starting)
    attempt("enemies", by_enemies)
    attempt("players", curves)
    return extra


def _by_players(
    workload: Workload, rival: Contestant, times: Times, announce: Announce, failed: dict[str, str]
) -> list[Point]:
    """From few players on, until its core is full. What goes wrong ends the curve, and is noted in `failed`."""
    points: list[Point] = []
    for players in PLAYERS:
        kind = "rooms of 10" if workload.rooms > 1 else "one room"
        what = f"{players} players in {kind}: {rival.name}"
        announce(what)
        try:
            outcome = rival.measure(workload.scaled(players), times)
        except RumpusError as error:
            failed[what] = error.message
            break
        points.append(Point(x=players, outcome=outcome))
        got = outcome.got
        if got is not None and (got.server_cpu >= FULL or got.snapshot_rate < workload.hz * KEEPS_UP):
            break
    return points


def arrive(workload: Workload, dialect: str, players: int, first: int = FIRST) -> Arrived:
    """Let players, or connections that ask for nothing (`idle`), arrive at a fresh server."""
    with Rumpus().start(workload) as server:
        plan = Arrivals(
            port=server.hear_of("listening", START_PATIENCE)["port"],
            dialect=dialect,
            first=first,
            players=players,
            pid=server.pid,
        )
        command = [sys.executable, "-m", "rumpus.bench.arrivals", msgspec.json.encode(plan).decode()]
        with Child("The load generator", command, cores()[1]) as generator:
            return msgspec.convert(generator.hear_of("end", LOAD_PATIENCE)["figures"], Arrived)


def _at_busy(workload: Workload, times: Times) -> Outcome:
    """As many players as use the wanted share of a core. What a player costs depends on how many there are."""
    found, players = list[Outcome](), workload.players
    for _ in range(4):
        outcome = Rumpus().measure(workload.scaled(players), times)
        found.append(outcome)
        used = _cores(outcome)
        if abs(used - BUSY) <= NEAR:
            break
        wanted = players * min(3.0, BUSY / max(used, 0.01))
        players = max(workload.room, round(wanted / workload.room) * workload.room)
    return min(found, key=lambda outcome: abs(_cores(outcome) - BUSY))


def _cores(outcome: Outcome) -> float:
    return outcome.got.server_cpu if outcome.got is not None else 0.0


def typical(arrived: Sequence[Arrived], figure: str) -> float:
    """The median of a figure over the rounds."""
    return median(float(getattr(one, figure)) for one in arrived)
