"""What the benchmark must show, and whether a report does."""

from __future__ import annotations

from typing import NamedTuple

from .extra import typical
from .figures import HOLDS, Contest, Report

FLOOR, COLYSEUS = 1.8, 1 / 3
PAYLOAD, BITS = 120.0, 40_000.0
LATE_A, LATE_B = 3.0, 5.0
JOINS, IDLE, PLAYING = 3000.0, 25_000.0, 60_000.0
_SNAPSHOTS = 30 * HOLDS


class Target(NamedTuple):
    what: str
    goal: str
    reached: str
    met: bool


def targets(report: Report) -> list[Target]:
    """Those that the report has figures for."""
    contests = {contest.workload.name: contest for contest in report.contests}
    found: list[Target] = []
    if "A" in contests:
        found += _workload_a(contests["A"])
    if "B" in contests:
        found += _workload_b(contests["B"])
    if "C" in contests:
        found += _workload_c(contests["C"])
    extra = report.extra
    if extra is None:
        return found
    if extra.busy is not None and extra.busy.got is not None and extra.busy.felt is not None:
        got, late = extra.busy.got, extra.busy.felt.late_ms[1]
        what = f"A at {got.server_cpu:.0%} of a core ({got.players:,} players): ticks start late, p99"
        found.append(Target(what, f"≤ {LATE_A:g} ms", f"{late:.2f} ms", late <= LATE_A))
        worst = got.worst_snapshot_rate
        found.append(Target("the same: worst client", f"≥ {_SNAPSHOTS:g}/s", f"{worst:.2f}/s", worst >= _SNAPSHOTS))
    if extra.joins:
        joins = typical(extra.joins, "per_second")
        found.append(Target("joins per second", f"≥ {JOINS:,.0f}", f"{joins:,.0f}", joins >= JOINS))
    if extra.idle:
        idle = typical(extra.idle, "bytes")
        found.append(Target("memory of an idle connection", "≤ 25 KB", f"{idle / 1000:.1f} KB", idle <= IDLE))
    return found


def _workload_a(contest: Contest) -> list[Target]:
    found = []
    for rival, most, goal in (("floor", FLOOR, "≤ 1.8"), ("colyseus", COLYSEUS, "≤ 0.333")):
        ratio = contest.ratio("rumpus", rival)
        if ratio is not None:
            what = f"A: processor time per player-tick, times {'the floor' if rival == 'floor' else 'Colyseus'}"
            found.append(Target(what, goal, ratio.text(3), ratio.median <= most))
    delivered = contest.ratio("rumpus", "colyseus", delivered=True)
    if delivered is not None:
        what = "A: the same for each snapshot that clients got"
        found.append(Target(what, "≤ 0.333", delivered.text(3), delivered.median <= COLYSEUS))
    size = contest.over("rumpus", "got.bytes_per_snapshot")
    if size is not None:
        found.append(
            Target("A: payload per snapshot", "≤ 120 bytes", f"{size.median:.0f} bytes", size.median <= PAYLOAD)
        )
    after, before = contest.over("rumpus", "got.rss"), contest.over("rumpus", "got.rss_before")
    if after is not None and before is not None:
        each = (after.median - before.median) / contest.workload.players
        found.append(Target("A: memory per playing client", "≤ 60 KB", f"{each / 1000:.1f} KB", each <= PLAYING))
    return found


def _workload_b(contest: Contest) -> list[Target]:
    players = f"{contest.workload.players:,} players"
    late, bits = contest.over("rumpus", "felt.late_ms.1"), contest.over("rumpus", "got.bits_per_second")
    worst = contest.over("rumpus", "got.worst_snapshot_rate")
    found = []
    if late is not None:
        what = f"B, {players}: ticks start late, p99"
        found.append(Target(what, f"≤ {LATE_B:g} ms", f"{late.text(2)} ms", late.median <= LATE_B))
    if bits is not None:
        each = bits.median
        found.append(Target("B: payload per client", "≤ 40 kbit/s", f"{each / 1000:.1f} kbit/s", each <= BITS))
    if worst is not None:
        found.append(Target("B: worst client", "≥ 29.5/s", f"{worst.median:.2f}/s", worst.median >= _SNAPSHOTS))
    return found


def _workload_c(contest: Contest) -> list[Target]:
    found = []
    for name in contest.outcomes:
        ratio = contest.ratio(name, "colyseus")
        if name.startswith("rumpus") and ratio is not None:
            what = f"C, {name.removeprefix('rumpus ')}: processor time per player-tick, times Colyseus"
            found.append(Target(what, "≤ 1", ratio.text(2), ratio.median <= 1))
    return found
