"""A report as tables: the same rows for the terminal and for the document."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from .extra import Extra, Point, typical
from .figures import BUSY, QUIET, Contest, Report, Spread
from .targets import targets


class Grid(NamedTuple):
    """A table. Cells that begin with `!` are bad news."""

    title: str
    head: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]

    def trimmed(self) -> Grid:
        """Without the columns in which nobody has anything."""
        kept = [index for index in range(len(self.head)) if any(row[index] for row in self.rows)]
        rows = [tuple(row[index] for index in kept) for row in self.rows]
        return Grid(self.title, tuple(self.head[index] for index in kept), rows)

    def markdown(self) -> str:
        lines = [self.head, tuple("---" for _ in self.head), *self.rows]
        return "\n".join("| " + " | ".join(_marked(cell) for cell in line) + " |" for line in lines) + "\n"


def _marked(cell: str) -> str:
    return f"**{cell[1:]}**" if cell.startswith("!") else cell


def _bad(is_bad: bool, cell: str) -> str:
    return f"!{cell}" if is_bad and cell else cell


def _text(spread: Spread | None, digits: int = 1) -> str:
    if spread is None:
        return ""
    # A spread that rounds to nothing says nothing.
    if f"{spread.min:.{digits}f}" == f"{spread.max:.{digits}f}":
        return f"{spread.median:.{digits}f}"
    return spread.text(digits)


def contest_grid(contest: Contest) -> Grid:
    """Everybody who took part in a workload: processor time, ratios, what clients got."""
    rows = []
    for name in contest.outcomes:
        # Spreads where ratios are made of them; of the rest the one number that could give cause for complaint.
        rate, busy = contest.over(name, "got.worst_snapshot_rate"), contest.over(name, "got.cpu")
        each, size = contest.us_per_snapshot(name), contest.over(name, "got.bytes_per_snapshot")
        late = contest.over(name, "felt.late_ms.1")
        rows.append(
            (
                contest.titles[name],
                _text(contest.us(name)),
                _text(contest.ratio(name, "floor"), 2),
                _text(contest.ratio(name, "colyseus"), 2),
                _bad(not contest.holds(name), "" if rate is None else f"{rate.min:.1f}"),
                "" if each is None else f"{each.median:.1f}",
                "" if size is None else f"{size.median:.0f}",
                "" if late is None else f"{late.median:.2f}",
                _bad(busy is not None and busy.max >= BUSY, "" if busy is None else f"{busy.max:.2f}"),
            )
        )
    rounds = max((len(outcomes) for outcomes in contest.outcomes.values()), default=0)
    title = f"{contest.workload.summary} ({rounds} × {contest.seconds:g} s)"
    head = (
        "", "µs per player-tick", "× floor", "× Colyseus", "worst client, /s", "µs per snapshot", "bytes",
        "p99 late, ms", "generator",
    )  # fmt: skip
    rows += [
        (contest.titles[name], f"!{reason}", "", "", "", "", "", "", "") for name, reason in contest.failed.items()
    ]
    return Grid(title, head, rows).trimmed()


def target_grid(report: Report) -> Grid:
    """What it must reach, and what it did in this run."""
    rows = [
        (
            target.what,
            target.goal,
            target.reached if target.met else f"!{target.reached}",
            "yes" if target.met else "!no",
        )
        for target in targets(report)
    ]
    return Grid("Targets", ("", "goal", "this run", "reached"), rows)


def bytes_grid(contests: list[Contest]) -> Grid:
    """Where the bytes of snapshots are, by table."""
    rows = []
    for contest in contests:
        felt = next((outcome.felt for outcome in contest.outcomes.get("rumpus", []) if outcome.felt), None)
        if felt is None or not felt.table_bytes or not felt.snapshots:
            continue
        whole, average = sum(felt.table_bytes.values()), contest.over("rumpus", "got.bytes_per_snapshot")
        for table, size in sorted(felt.table_bytes.items(), key=lambda item: -item[1]):
            share = size / max(1, whole)
            bytes_ = "" if average is None else f"{share * average.median:.0f}"
            rows.append((contest.workload.name, table, f"{share:.0%}", bytes_))
    return Grid("Where the bytes of a snapshot are", ("workload", "table", "share", "bytes"), rows)


def extra_grid(extra: Extra) -> Grid:
    """Everything of which there is one figure."""
    rows: list[tuple[str, ...]] = []
    if extra.joins:
        joins = extra.joins
        cpu = typical(joins, "server_cpu") / joins[0].players * 1e6
        rows.append(("joins per second", f"{typical(joins, 'per_second'):,.0f} ({cpu:.0f} µs of the server each)"))
    if extra.idle:
        rows.append(("memory of an idle connection", f"{typical(extra.idle, 'bytes') / 1000:.1f} KB"))
        rows.append(("idle connections per second", f"{typical(extra.idle, 'per_second'):,.0f}"))
    if extra.pauses is not None and extra.pauses.felt is not None:
        felt = extra.pauses.felt
        rows.append(("longest pause of the loop, workload A", f"{felt.longest_pause_ms or 0:.1f} ms"))
        rows.append(("longest turn of the main loop", f"{felt.longest_turn_ms:.1f} ms"))
        collected = f"{felt.longest_collection_ms:.2f} ms ({felt.collections} in {felt.seconds:.0f} s)"
        rows.append(("longest pause of the garbage collector", collected))
    if extra.start_up is not None:
        start = extra.start_up
        rows.append(("`rumpus serve`, from command to listening", f"{start.listening:.2f} s"))
        rows.append(("to a match that can be played", f"{start.ready:.2f} s"))
        rows.append(("the same the very first time, compiling", f"{start.first_ready:.1f} s"))
    rows += [(name, f"!{reason}") for name, reason in extra.failed.items()]
    return Grid("Besides", ("", ""), rows)


def curve_grid(title: str, unit: str, curves: dict[str, list[Point]]) -> Grid:
    """Curves, a line for each place."""
    names = [name for name, points in curves.items() if points]
    places = sorted({point.x for name in names for point in curves[name]})
    head = (unit, *(f"{name}: {what}" for name in names for what in ("cores", "µs", "worst client")))
    rows = []
    for place in places:
        row = [str(place)]
        for name in names:
            point = next((point for point in curves[name] if point.x == place), None)
            if point is None or point.outcome.got is None:
                row += ["", "", ""]
            else:
                got = point.outcome.got
                row += [f"{got.server_cpu:.2f}", f"{point.outcome.us:.1f}", f"{got.worst_snapshot_rate:.1f}"]
        rows.append(tuple(row))
    return Grid(title, head, rows)


def machine_line(report: Report) -> str:
    """What it ran on, in a sentence."""
    machine = report.machine
    versions = ", ".join(f"{name} {version}" for name, version in machine.versions.items())
    placed = "each contestant pinned to one core, the generator to another" if machine.pinned else "nothing pinned"
    others = report.others
    quiet = (
        "" if others < QUIET else f" Other programs used up to {others:.1f} cores meanwhile, so beware of the times."
    )
    return (
        f"{machine.made[:10]}, {machine.cpu}, {machine.cores} cores, Linux {machine.kernel}, Python {machine.python}, "
        f"{versions}; {placed}.{quiet}"
    )


def everything(report: Report) -> list[Grid]:
    """All tables that the report has rows for."""
    grids = [contest_grid(contest) for contest in report.contests]
    grids.append(bytes_grid(report.contests))
    extra = report.extra
    if extra is not None:
        grids.append(curve_grid("Players in rooms of 10", "players", extra.players_in_rooms))
        grids.append(curve_grid("Players in one room", "players", extra.players_in_one_room))
        grids.append(curve_grid("Enemies", "enemies in a room", extra.enemies))
        grids.append(extra_grid(extra))
    grids.append(target_grid(report))
    return [grid for grid in grids if grid.rows]
