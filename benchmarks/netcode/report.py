"""A run as tables and plots."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from figures import TARGETS, Found, Run, Target, agreed, guns, late_or_starved, per_minute, rails

from rumpus.bench.plots import Box, Stack, boxes, stacks
from rumpus.bench.tables import Grid

#: What happens between a key and another player's screen, and what the plot calls it.
CAUSES = {
    "tick": "until the next tick",
    "link": "the link, both ways",
    "margin": "margin on the server",
    "uneven": "jitter, stalls, server",
    "picture": "interpolation, frame",
}


def target_grid(run: Run) -> Grid:
    """What must be reached, and what was."""
    rows = [
        (target.what, *(_cell(target, link, found) for link, found in run.links.items()))
        for target in TARGETS
    ]  # fmt: skip
    return Grid("Targets", ("", *run.links), rows)


def missed(run: Run) -> str:
    """In words, which targets were missed."""
    misses = [
        f"{target.what}: {', '.join(links)}"
        for target in TARGETS
        if (links := [link for link, found in run.links.items() if target.is_met(link, found) is False])
    ]
    if not misses:
        return "All targets are reached."
    return "Not reached: " + "; ".join(misses) + "."


def _cell(target: Target, link: str, found: Found) -> str:
    value, goal = target.value(found), target.goal(link)
    reached = "" if value is None else _number(value, target.digits, target.unit)
    if goal is None:
        return reached
    sign = "=" if goal == 0 and target.most else "≤" if target.most else "≥"
    text = f"{reached} ({sign} {goal:g})"
    return f"!{text}" if target.is_met(link, found) is False else text


def _number(value: float, digits: int, unit: str = "") -> str:
    text = f"{value:.{digits}f}"
    return f"{text}%" if unit == "%" else f"{text} {unit}".strip()


def _of(count: float, of: float) -> str:
    return f"{count:g} of {of:g}" if of else ""


def _rate(tally: dict[str, int]) -> str:
    share = agreed(tally)
    return "" if share is None else f"{share:.1f}% ({_of(tally['agreed'], tally['hits'])})"


def _causes(tallies: Sequence[dict]) -> str:
    lost: dict[str, int] = {}
    for tally in tallies:
        for cause, count in tally["lost"].items():
            lost[cause] = lost.get(cause, 0) + count
    return ", ".join(f"{cause} {count}" for cause, count in sorted(lost.items(), key=lambda item: -item[1]))


def _minutes(part: dict, name: str) -> str:
    value = per_minute(part[name], part["minutes"])
    return "" if value is None else f"{value:.1f}"


def _spread(part: dict, digits: int = 0) -> str:
    return f"{part['p50']:.{digits}f} / {part['p95']:.{digits}f} / {part['max']:.{digits}f}" if part["count"] else ""


#: Rows of the large table: what they are called, and what they show.
ROWS: dict[str, Callable[[Found], str]] = {
    "**Own avatar**": lambda f: "",
    "key to own screen, frames: p50 / p95 / max": lambda f: _spread(f["keys"]["own_frames"]),
    "key to own screen, ms: p50 / p95 / max": lambda f: _spread(f["keys"]["own_ms"]),
    "unevenness of its speed": lambda f: f"{f['picture']['own']['deviation'] * 100:.2f}%",
    "mispredictions a minute, moving freely": lambda f: _minutes(f["free"], "mispredictions"),
    "of these not because an input was late": lambda f: _unexplained(f["free"]),
    "mispredictions a minute, in combat": lambda f: _minutes(f["combat"], "mispredictions"),
    "of these not because an input was late ": lambda f: _unexplained(f["combat"]),
    "corrections in combat, units: p50 / p95 / max": lambda f: _spread(f["combat"]["sizes"], 1),
    "of all snapshots with one": lambda f: _share(f["combat"]),
    "**Inputs**": lambda f: "",
    "late or starved, of ticks": lambda f: _number(late_or_starved(f) or 0, 2, "%"),
    "late, of those sent": lambda f: _number(f["inputs"]["late"] / max(1, f["inputs"]["sent"]) * 100, 2, "%"),
    "sent a second": lambda f: f"{f['inputs']['sent'] / f['seconds'] / max(1, f['clients']):.1f}",
    "margin, ms: least / p1 / median": lambda f: _margins(f["margins"]),
    "**Others on the screen**": lambda f: "",
    "behind the newest snapshots, ms": lambda f: f"{f['picture']['delay_ms']:.0f}",
    "behind the own ship, ms: p50 / p95 / max": lambda f: _spread(f["picture"]["view_lag_ms"]),
    "underruns a minute": lambda f: _minutes(f["picture"], "underruns"),
    "frames ahead of the newest snapshot": lambda f: f"{f['picture']['guessed'] * 100:.1f}%",
    "unevenness of their speed": lambda f: f"{f['picture']['others']['deviation'] * 100:.1f}%",
    "key to another's screen, ms: p50 / p95 / max": lambda f: _spread(f["keys"]["total"]),
    "the same beyond one-way delays": lambda f: _spread(f["keys"]["beyond"]),
    "**Shots**": lambda f: "",
    "rail, duels: hits agreed": lambda f: _rate(rails(f)),
    "why not": lambda f: _causes([f["rail"][room] for room in ("open", "walls") if f["rail"].get(room)]),
    "rail, duels: missed on the screen, hit on the server": lambda f: f"{rails(f)['falseHits']}",
    "gun, duels: hits agreed": lambda f: _rate(guns(f)),
    "gun, duels: missed on the screen, hit on the server": lambda f: f"{guns(f)['falseHits']}",
    "rail, in combat: hits agreed": lambda f: _rate(f["rail"]["combat"]),
    "gun, in combat: hits agreed": lambda f: _rate(f["gun"]["combat"]),
    "**The measurement itself**": lambda f: "",
    "Node's event loop late, ms: p99 / max": lambda f: _loop(f["process"]),
    "frames late, ms: p99": lambda f: f"{f['process']['frame_p99_ms']:.1f}",
    "ticks of the servers more than 5 ms late": lambda f: _number(f["server"]["late_ticks"] * 100, 2, "%"),
    "cores used by Node and by the servers": lambda f: f"{f['process']['cpu']:.2f}, {f['server']['cpu']:.2f}",
    "cores used by other programs": lambda f: f"{f['server']['others']:.2f}",
    "bytes a second and client: in, out": lambda f: f"{f['client']['in']:.0f}, {f['client']['out']:.0f}",
}


def _share(part: dict) -> str:
    snapshots = part["snapshots"]
    return f"{part['sizes']['count'] / snapshots * 100:.2f}%" if snapshots else ""


def _unexplained(part: dict) -> str:
    return _of(part["mispredictions"] - part["explained"], part["mispredictions"])


def _margins(values: list[float]) -> str:
    return f"{values[0]:.0f} / {values[1]:.0f} / {values[50]:.0f}" if values else ""


def _loop(process: dict) -> str:
    return f"{process['loop_p99_ms']:.1f} / {process['loop_max_ms']:.0f}"


def figure_grid(run: Run) -> Grid:
    """Everything that was measured."""
    rows = [(name, *(show(found) for found in run.links.values())) for name, show in ROWS.items()]
    return Grid("Figures", ("", *run.links), rows)


def parts(run: Run) -> dict[str, str]:
    """What goes into the document, by the name of its place."""
    return {
        "machine": f"{run.machine}\n",
        "targets": f"{target_grid(run).markdown()}\n{missed(run)}\n",
        "figures": figure_grid(run).markdown(),
    }


def plots(run: Run) -> dict[str, str]:
    """The plots that there are figures for, by file name."""
    found = {}
    links = run.links.items()
    if any(one["keys"]["total"]["count"] for _, one in links):
        rows = [
            Stack(link, [one["keys"][cause]["mean"] for cause in CAUSES], f"{one['keys']['total']['mean']:.0f} ms")
            for link, one in links
        ]
        title = "From a key to another player's screen"
        found["netcode-latency"] = stacks(title, "ms, mean, by cause", list(CAUSES.values()), rows)
    if any(one["margins"] for _, one in links):
        title = "By how much inputs came before their tick"
        rows = [
            Box(link, *(one["margins"][part] for part in (1, 5, 50, 95, 99)), f"{_late(one)} late")
            for link, one in links
            if one["margins"]
        ]
        unit = "ms; boxes: p5 to p95, whiskers: p1 to p99, line: median"
        found["netcode-margins"] = boxes(title, unit, rows, (0.0, "late | in time"))
    sizes = [(link, one["combat"]) for link, one in links]
    if any(part["quantiles"] for _, part in sizes):
        rows = [
            Box(link, *(part["quantiles"][at] for at in (0, 5, 50, 95, 100)), f"{_minutes(part, 'moves')} a minute")
            if part["quantiles"]
            else Box(link, 0, 0, 0, 0, 0, "none")
            for link, part in sizes
        ]
        title = "Corrections of the own avatar in combat"
        unit = "units, of those that moved it; boxes: p5 to p95, whiskers: all, line: median"
        found["netcode-corrections"] = boxes(title, unit, rows)
    return found


def _late(found: Found) -> str:
    inputs = found["inputs"]
    return f"{inputs['late'] / max(1, inputs['sent']) * 100:.1f}%"
