"""What `rumpus bots` shows on a terminal: a bar, a table that changes while it runs, and the report."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from ..load.report import Report
    from ..load.run import Plan, Progress

#: States a second, as a share of what the server sends, below which a client has something to complain about.
_GOOD = 29.5 / 30


class Display:
    """A live view; use it as a context manager."""

    def __init__(self, plan: Plan, console: Console | None = None) -> None:
        self._plan = plan
        self._live = Live(console=console or Console(), auto_refresh=False, transient=True)

    def __enter__(self) -> Display:
        self._live.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.__exit__(kind, error, trace)

    def show(self, progress: Progress) -> None:
        self._live.update(self._draw(progress), refresh=True)

    def _draw(self, progress: Progress) -> Group:
        head = Table.grid(padding=(0, 1))
        bar = ProgressBar(total=1.0, completed=progress.share, width=32)
        head.add_row(Text(f"{progress.phase:<10}", style="bold"), bar, Text(f"{progress.share:4.0%}"))
        table = Table.grid(padding=(0, 2))
        table.add_column(style="dim")
        table.add_column(min_width=40)
        clients = Text(f"{progress.joined} of {self._plan.count} joined, {progress.playing} playing")
        if progress.refused or progress.lost:
            clients.append(f", {progress.refused} refused, {progress.lost} lost", style="red")
        each, trip = progress.states_per_second, progress.round_trip
        table.add_row("clients", clients)
        table.add_row("states/s per client", f"min {_n(each.min)}   median {_n(each.median)}   max {_n(each.max)}")
        table.add_row("received", f"{progress.bytes_per_second * 8 / 1e6:.2f} Mbit/s")
        table.add_row("inputs", f"{progress.inputs_per_second:.0f}/s")
        table.add_row("round trip", f"p50 {_n(trip.p50)}   p99 {_n(trip.p99)}   max {_n(trip.max)} ms")
        table.add_row("this process", f"{progress.generator_cpu:.0%} of a core")
        return Group(head, table)


def print_report(report: Report, console: Console | None = None) -> None:
    """The final table."""
    table = Table(show_header=False, title="What the clients got", title_justify="left", title_style="bold")
    table.add_column(style="dim", no_wrap=True)
    table.add_column()
    for name, value in report.lines():
        table.add_row(name, Text(value, style=_style(name, report)))
    (console or Console()).print(table)


def _style(name: str, report: Report) -> str:
    """Green and red for the one figure that says whether the server kept up, red for what went wrong."""
    if name in ("refused", "lost", "errors"):
        return "red"
    least = report.states_per_second.min
    if name == "states/s per client" and least is not None:
        return "green" if least >= report.send_rate * _GOOD else "red"
    return ""


def _n(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"
