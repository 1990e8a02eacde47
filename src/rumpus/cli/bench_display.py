"""What `rumpus bench` shows: what it is doing and for how long, and in the end the tables."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from ..bench.tables import Grid

#: Columns that tables may take where the output is no terminal.
_WIDE = 160


@contextmanager
def announcing(console: Console | None = None) -> Iterator[Callable[[str], None]]:
    """Somebody to tell what begins now: a line that changes on a terminal, lines on standard error otherwise."""
    console = console or Console(stderr=True)
    if not console.is_terminal:
        began = time.monotonic()

        def announce(text: str) -> None:
            print(f"{time.monotonic() - began:6.0f} s  {text}", file=sys.stderr, flush=True)  # noqa: T201  # for people

        yield announce
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    # Twice a second: drawing must not take what is measured.
    with Progress(*columns, console=console, transient=True, refresh_per_second=2) as progress:
        whole = progress.add_task("starting", total=None)
        yield lambda text: progress.update(whole, description=text)


def print_grids(grids: Sequence[Grid], footer: str, console: Console | None = None) -> None:
    """The tables, with bad news in red."""
    console = console or Console(width=None if sys.stdout.isatty() else _WIDE)
    for grid in grids:
        table = Table(title=grid.title, title_justify="left", title_style="bold", header_style="dim")
        for index, name in enumerate(grid.head):
            table.add_column(name, justify="left" if index == 0 else "right")
        for row in grid.rows:
            table.add_row(*(Text(cell.removeprefix("!"), "red" if cell.startswith("!") else "") for cell in row))
        console.print(table)
    console.print(Text(footer, "dim"))
