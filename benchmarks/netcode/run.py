"""How well the netcode works, over links of different kinds: `make netcode`, or for a part of it

    .venv/bin/python benchmarks/netcode/run.py --links lan,typical --seconds 30
    .venv/bin/python benchmarks/netcode/run.py --link lag=150,jitter=20

For each link, one after the other: real servers of Arena behind the simulated link (servers.py), and real clients of
the SDK, all in one process of Node so that they share a clock (player.mjs), playing in real time with a screen of 60 Hz
each. The tables go to standard output, and with `--write` into a document, with plots beside it.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from figures import PRESETS, Found, Run
from report import figure_grid, missed, parts, plots, target_grid
from servers import serving

from rumpus.bench.document import replace_part
from rumpus.bench.figures import machine
from rumpus.bench.processes import machine_time, processor_time
from rumpus.netsim.link import LinkConditionsError, parse_conditions

HERE = Path(__file__).parent

#: The oldest Node that has WebSockets behind a flag, and the first that has them without.
OLDEST, MODERN = (20, 10), (22, 0)
#: Two dozen clients share a heap here, where each has one of its own in a browser. Until there are so many megabytes in
#: it nothing of it is collected but the young part: the rest would hold all of them up for 10 ms every few seconds.
HEAP = ["--initial-old-space-size=1024"]


def main() -> None:
    options = _options()
    run = msgspec.json.decode(options.from_.read_bytes(), type=Run) if options.from_ is not None else measure(options)
    print(f"\n{_text(run)}")
    if options.json is not None:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_bytes(msgspec.json.format(msgspec.json.encode(run), indent=1))
    if options.write is not None:
        for path in write(run, options.write):
            print(f"wrote {path}")


def measure(options: argparse.Namespace) -> Run:
    node = node_command()
    links = {name: name for name in options.links} | {link: link for link in options.link}
    found = {}
    for name, link in links.items():
        print(f"{name}: {options.warm_up + options.seconds:g} s of play...", file=sys.stderr, flush=True)
        found[name] = play(node, link, options)
    about = machine(pinned=False, more={"Node": next(iter(found.values()))["process"]["node"].lstrip("v")})
    versions = ", ".join(f"{name} {about.versions[name]}" for name in ("rumpus", "Node") if name in about.versions)
    text = (
        f"{datetime.now(UTC):%Y-%m-%d}, {about.cpu}, {about.cores} cores, Linux {about.kernel}, "
        f"Python {about.python}, {versions}; {next(iter(found.values()))['clients']} clients, "
        f"{options.seconds:g} s for each link."
    )
    return Run(machine=text, seconds=options.seconds, links=found)


def play(node: list[str], link: str, options: argparse.Namespace) -> Found:
    """The matches of one link."""
    conditions = parse_conditions(link)
    with serving(link, options.seed) as (addresses, pids):
        plan: dict[str, Any] = {
            "seconds": options.seconds,
            "warm_up": options.warm_up,
            "seed": options.seed,
            "up": conditions.one_way_up,
            "down": conditions.one_way_down,
            "servers": addresses,
        }
        began, busy = time.monotonic(), machine_time()
        used = sum(map(processor_time, pids))
        played = subprocess.run(
            [*node, str(HERE / "player.mjs"), json.dumps(plan)], stdout=subprocess.PIPE, text=True, check=False
        )
        if played.returncode != 0:
            raise SystemExit(f"The clients of {link} failed; see above.")
        seconds = time.monotonic() - began
        found: Found = json.loads(played.stdout)
        servers = (sum(map(processor_time, pids)) - used) / seconds
        others = max(0.0, (machine_time() - busy) / seconds - servers - found["process"]["whole_cpu"] / seconds)
        found["server"] |= {"cpu": servers, "others": others}
        return found


def node_command() -> list[str]:
    """How Node is called here, so that it has WebSockets."""
    path = shutil.which("node")
    if path is None:
        raise SystemExit("This needs Node.js 20.10 or newer; there is none.")
    text = subprocess.run([path, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    version = tuple(int(part) for part in re.findall(r"\d+", text)[:2])
    if version < OLDEST:
        raise SystemExit(f"This needs Node.js 20.10 or newer, and {path} is {text}.")
    websockets = [] if version >= MODERN else ["--experimental-websocket", "--no-warnings"]
    return [path, *HEAP, *websockets]


def write(run: Run, document: Path) -> list[Path]:
    """Bring a document up to date. Returns what was written."""
    text = document.read_text(encoding="utf-8")
    for name, part in parts(run).items():
        text = replace_part(text, f"netcode:{name}", part)
    document.write_text(text, encoding="utf-8")
    images = document.parent / "images"
    images.mkdir(exist_ok=True)
    written = [document]
    for name, plot in plots(run).items():
        path = images / f"{name}.svg"
        path.write_text(plot, encoding="utf-8")
        written.append(path)
    return written


def _text(run: Run) -> str:
    """The tables for a terminal."""
    lines = [run.machine, ""]
    for grid in (target_grid(run), figure_grid(run)):
        rows = [grid.head, *grid.rows]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        padded = ([cell.ljust(width) for cell, width in zip(row, widths, strict=True)] for row in rows)
        lines += [*("  ".join(cells).rstrip() for cells in padded), ""]
    lines.append(missed(run))
    return "\n".join(lines).replace("**", "")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n\n")[0])
    parser.add_argument("--links", type=_presets, default=None, help=f"some of {','.join(PRESETS)} [default: all]")
    parser.add_argument("--link", type=_link, action="append", default=[], help="such as lag=150,jitter=20")
    parser.add_argument("--seconds", type=float, default=90.0, help="how long each link is measured [default: 90]")
    parser.add_argument("--warm-up", type=float, default=8.0, help="seconds of play before that [default: 8]")
    parser.add_argument("--seed", type=int, default=1, help="makes choices and stalls of the links repeatable")
    parser.add_argument("--json", type=Path, metavar="FILE", help="all figures go there")
    parser.add_argument("--write", type=Path, metavar="FILE", help="Markdown file whose marked parts are replaced")
    parser.add_argument("--from", dest="from_", type=Path, metavar="FILE", help="a run's --json instead of a new run")
    options = parser.parse_args()
    if options.links is None:
        options.links = [] if options.link else list(PRESETS)
    return options


def _presets(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",")]
    unknown = next((name for name in names if name not in PRESETS), None)
    if unknown is not None:
        raise argparse.ArgumentTypeError(f"{unknown!r} is not one of {', '.join(PRESETS)}; use --link for others")
    return names


def _link(text: str) -> str:
    try:
        parse_conditions(text)
    except LinkConditionsError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return text


if __name__ == "__main__":
    main()
