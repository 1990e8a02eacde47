"""`rumpus bench`: the workloads, the peers, and everything else that is measured.

The tables go to standard output; what it is doing meanwhile to a terminal, or line by line to standard error.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from ..errors import ConfigurationError, RumpusError

if TYPE_CHECKING:
    from ..bench.figures import Report
    from ..bench.workloads import Workload

#: Rounds that a document needs: a ratio without a spread convinces nobody.
_LEAST_ROUNDS = 3


def bench(
    workload: Annotated[list[str] | None, typer.Option(help="A, B or C; may be repeated [default: all three]")] = None,
    peers: Annotated[
        bool, typer.Option("--peers", help="also the C floor, Colyseus, and our rooms on aiohttp and websockets")
    ] = False,
    curves: Annotated[
        bool, typer.Option("--curves", help="also curves, joins, memory, pauses, start-up, a busy core")
    ] = False,
    rounds: Annotated[int, typer.Option(help="turns that everybody takes")] = 3,
    seconds: Annotated[float, typer.Option(help="how long each of them is measured")] = 10.0,
    warm_up: Annotated[float, typer.Option(help="seconds of play before that")] = 3.0,
    players: Annotated[int | None, typer.Option(help="instead of the workload's own number")] = None,
    json_: Annotated[Path | None, typer.Option("--json", metavar="FILE", help="everything raw goes there")] = None,
    document: Annotated[
        Path | None, typer.Option("--write", metavar="FILE", help="Markdown file whose marked parts are replaced")
    ] = None,
) -> None:
    """Measure this server, and what others need for the same.

    The server, or whoever else it is, runs on a core of its own, and the load generator on another. Figures of
    different runs cannot be compared, ratios can. It takes some minutes, with --peers --curves half an hour.
    """
    from ..bench.processes import is_supported
    from ..bench.workloads import WORKLOADS

    chosen = workload or list(WORKLOADS)
    unknown = next((name for name in chosen if name.upper() not in WORKLOADS), None)
    _require("--workload", unknown is None, unknown, "A, B or C")
    _require("--rounds", rounds >= 1, rounds, "1 or more")
    _require("--seconds", seconds > 0, seconds, "more than 0")
    _require("--warm-up", warm_up >= 0, warm_up, "0 or more")
    _require("--players", players is None or 1 <= players <= 20_000, players, "from 1 to 20000")
    if document is not None and rounds < _LEAST_ROUNDS:
        raise ConfigurationError(f"--write needs at least --rounds {_LEAST_ROUNDS}: ratios are told with their spread.")
    if not is_supported():
        raise ConfigurationError("rumpus bench needs Linux: its load generator is built on epoll.")
    for path in (json_, document):
        _require_writable(path)
    workloads = [WORKLOADS[name.upper()] for name in chosen]
    if players is not None:
        workloads = [one.scaled(players) for one in workloads]
    report = _measure(workloads, peers, curves, rounds, warm_up, seconds)
    _show(report)
    if json_ is not None:
        json_.write_bytes(msgspec.json.format(msgspec.json.encode(report)) + b"\n")
    failure = next((why for contest in report.contests for name, why in contest.failed.items() if _is_ours(name)), None)
    if failure is not None:
        # The others' figures are shown all the same; the document keeps what it has.
        raise RumpusError(failure)
    if document is not None:
        from ..bench.document import write

        for path in write(report, document):
            _tell(f"Wrote {path}.")


def _measure(
    workloads: list[Workload], peers: bool, curves: bool, rounds: int, warm_up: float, seconds: float
) -> Report:
    from ..bench.contestants import Colyseus, Contestant, Rumpus, Times
    from ..bench.extra import measure_extra
    from ..bench.figures import Report, machine
    from ..bench.processes import cores
    from ..bench.rounds import compete, contestants
    from .bench_display import announcing

    times = Times(warm_up=warm_up, seconds=seconds)
    with announcing() as announce:
        if peers:
            announce("preparing the peers")
        rivals = {one.name: contestants(one, peers) for one in workloads}
        colyseus = next((one for all_ in rivals.values() for one in all_ if isinstance(one, Colyseus)), None)
        more = {"colyseus": colyseus.version()} if colyseus is not None else {}
        report = Report(machine=machine(pinned=None not in cores(), more=more))
        for one in workloads:
            report.contests.append(compete(one, rivals[one.name], rounds, times, announce))
        if curves:
            ours: list[Contestant] = [Rumpus()]
            report.extra = measure_extra([*ours, colyseus] if colyseus else ours, rounds, times, announce)
    return report


def _is_ours(name: str) -> bool:
    return name.partition(" ")[0] == "rumpus"


def _show(report: Report) -> None:
    from ..bench.tables import everything, machine_line
    from .bench_display import print_grids

    print_grids(everything(report), machine_line(report))


def _require(flag: str, holds: bool, value: object, allowed: str) -> None:
    if not holds:
        raise ConfigurationError(f"{flag} cannot be {value}; it must be {allowed}.")


def _require_writable(path: Path | None) -> None:
    """Better to know before half an hour has passed."""
    if path is None:
        return
    try:
        path.open("ab").close()
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be written: {error.strerror}.") from None


def _tell(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)  # noqa: T201  # for people
