"""Writes a report into a document: tables between pairs of comments, plots into files beside it.

What stands between `<!-- bench:NAME -->` and `<!-- /bench:NAME -->` belongs to the benchmark, everything else to
whoever wrote it. A pair that is missing is left out; one that the report has nothing for stays as it is.
"""

from __future__ import annotations

import re
from pathlib import Path

from ..errors import ConfigurationError
from .extra import Point
from .figures import Contest, Report
from .plots import Bar, Series, bars, curves
from .tables import bytes_grid, contest_grid, curve_grid, extra_grid, machine_line, target_grid


def write(report: Report, document: Path) -> list[Path]:
    """Bring `document` up to date. Returns what was written."""
    try:
        text = document.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"{document} cannot be read: {error.strerror}.") from None
    for name, part in parts(report).items():
        text = replace_part(text, f"bench:{name}", part)
    images = document.parent / "images"
    images.mkdir(exist_ok=True)
    written = [document]
    document.write_text(text, encoding="utf-8")
    for name, plot in plots(report).items():
        path = images / f"{name}.svg"
        path.write_text(plot, encoding="utf-8")
        written.append(path)
    return written


def parts(report: Report) -> dict[str, str]:
    """What goes into the document, by the name of its place."""
    found = {"machine": machine_line(report) + "\n"}
    found |= {contest.workload.name.lower(): contest_grid(contest).markdown() for contest in report.contests}
    goals = target_grid(report)
    if goals.rows:
        found["targets"] = goals.markdown()
    sizes = bytes_grid(report.contests)
    if sizes.rows:
        found["bytes"] = sizes.markdown()
    extra = report.extra
    if extra is not None:
        found["besides"] = extra_grid(extra).markdown()
        for name, unit, points in (
            ("players", "players in rooms of 10", extra.players_in_rooms),
            ("one-room", "players in one room", extra.players_in_one_room),
            ("enemies", "enemies in a room", extra.enemies),
        ):
            if any(points.values()):
                found[name] = curve_grid(name, unit, points).markdown()
    return found


def plots(report: Report) -> dict[str, str]:
    """The plots that the report has figures for, by file name."""
    found = {
        f"bench-{contest.workload.name.lower()}": _contest_plot(contest)
        for contest in report.contests
        if len(contest.outcomes) > 1
    }
    extra = report.extra
    if extra is None:
        return found
    places = (("rooms of 10", extra.players_in_rooms), ("one room", extra.players_in_one_room))
    lines = [
        Series(f"{name.capitalize()}, {kind}", _cores(points), 2 * number + (name != "rumpus"))
        for number, (kind, by_name) in enumerate(places)
        for name, points in by_name.items()
        if points
    ]
    if lines:
        title = "Processor time against players, 30 Hz"
        found["bench-players"] = curves(title, "cores", "players", lines, (1.0, "one core"))
    enemies = [
        Series(name.capitalize(), [(point.x, point.outcome.us) for point in points], index)
        for index, (name, points) in enumerate(extra.enemies.items())
        if points
    ]
    if enemies:
        title = "Processor time against enemies, rooms of 10 players"
        found["bench-enemies"] = curves(title, "µs per player-tick", "enemies in a room", enemies)
    return found


def _cores(points: list[Point]) -> list[tuple[float, float]]:
    return [(point.x, point.outcome.got.server_cpu) for point in points if point.outcome.got is not None]


def _contest_plot(contest: Contest) -> str:
    rows = []
    for name in contest.outcomes:
        spread, ratio = contest.us(name), contest.ratio(name, "floor")
        note = f"({ratio.median:.1f} × floor)" if ratio is not None and name != "floor" else ""
        rows.append(Bar(contest.titles[name], spread.median, spread.min, spread.max, name.startswith("rumpus"), note))
    title = f"Workload {contest.workload.name}: processor time of the server"
    return bars(title, "µs per player-tick, median and spread over the rounds", sorted(rows, key=lambda row: row.value))


def replace_part(text: str, place: str, part: str) -> str:
    """The text with `part` between `<!-- PLACE -->` and `<!-- /PLACE -->`, wherever that is."""
    pattern = re.compile(rf"(<!-- {re.escape(place)} -->\n).*?(<!-- /{re.escape(place)} -->)", re.DOTALL)
    return pattern.sub(lambda found: f"{found[1]}{part}{found[2]}", text)
