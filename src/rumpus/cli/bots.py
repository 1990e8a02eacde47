"""`rumpus bots`: playing clients from the command line, and what they measured.

The report goes to standard output; what is shown meanwhile goes there too on a terminal, and nowhere else.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import ConfigurationError
from ..server.event_loop import run_async, stop_event
from . import logs
from .options import key_values

if TYPE_CHECKING:
    from ..load.report import Report
    from ..load.run import Load, Plan

#: Seconds between two looks at the figures while it runs.
_REFRESH = 0.5


def bots(
    url: Annotated[str, typer.Argument(metavar="URL", help="http://HOST:PORT, or the link of a room")],
    count: Annotated[int, typer.Option(help="how many clients")] = 10,
    seconds: Annotated[float, typer.Option(help="how long to measure, once all have joined and warmed up")] = 20.0,
    json_: Annotated[bool, typer.Option("--json", help="print the report as one JSON object")] = False,
    room: Annotated[str | None, typer.Option(help="code of the room to join, instead of quick play")] = None,
    name: Annotated[str, typer.Option(help="what their names begin with")] = "Bot",
    skill: Annotated[
        float | None, typer.Option(help="strength of the game's own bots, 0 to 1 [default: mixed]")
    ] = None,
    set_: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="a setting that their rooms must have")
    ] = None,
    rate: Annotated[float | None, typer.Option(help="inputs per second [default: the room's tick rate]")] = None,
    warm_up: Annotated[float, typer.Option(help="seconds between the last join and the measurement")] = 2.0,
    msgpack: Annotated[bool, typer.Option("--msgpack", help="speak rumpus.v1.msgpack instead of JSON")] = False,
    churn: Annotated[
        float, typer.Option(help="times a minute that each leaves, is cut off, comes back late or never; 0: all stay")
    ] = 0.0,
    seed: Annotated[int | None, typer.Option(help="makes their choices repeatable")] = None,
) -> None:
    """Let many clients play on a server, and report what each of them got.

    They play with the game's own bots where it ships with Rumpus and has some, and with random inputs that fit its
    schema otherwise. Ctrl-C ends early and still reports. Exit status 1: some clients were refused or lost.
    """
    _require("--count", count >= 1, count, "a whole number from 1")
    _require("--seconds", seconds > 0, seconds, "more than 0")
    _require("--warm-up", warm_up >= 0, warm_up, "0 or more")
    _require("--skill", skill is None or 0 <= skill <= 1, skill, "from 0 to 1")
    _require("--rate", rate is None or 0 < rate <= 1000, rate, "more than 0 and at most 1000")
    _require("--churn", 0 <= churn <= 600, churn, "from 0 to 600")
    logs.configure(json_logs=False, level="warning")
    # Only this command needs these; `rumpus serve` is to start without them.
    from ..load.run import Load, Plan

    settings = {key: _typed(value) for key, value in key_values(set_ or []).items()}
    plan = Plan(
        url=url,
        count=count,
        seconds=seconds,
        warm_up=warm_up,
        name=name,
        room=room,
        options={"settings": settings} if settings else {},
        skill=skill,
        rate=rate,
        msgpack=msgpack,
        seed=seed,
        churn=churn / 60,
    )
    report = run_async(_run(Load(plan), plan, live=sys.stdout.isatty() and not json_))
    if json_:
        print(report.json())  # noqa: T201  # the report is the output
    elif sys.stdout.isatty():
        from .display import print_report

        print_report(report)
    else:
        print(report.text())  # noqa: T201  # the report is the output
    if report.clients.refused or report.clients.lost:
        # Not typer.Exit: the command line's `main` runs typer in the mode in which that is a return value.
        sys.exit(1)


def _require(flag: str, holds: bool, value: object, allowed: str) -> None:
    if not holds:
        raise ConfigurationError(f"{flag} cannot be {value}; it must be {allowed}.")


def _typed(value: str) -> Any:
    """A server takes settings of players as they are typed: 60 is a number, true a boolean, ffa a string."""
    try:
        return json.loads(value)
    except json.JSONDecodeError:
        return value


async def _run(load: Load, plan: Plan, live: bool) -> Report:
    stop = stop_event()
    # A collection over everything that was imported would show up as lateness of the server.
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    if not live:
        return await load.run(stop)
    from .display import Display

    with Display(plan) as display:
        watching = asyncio.create_task(_watch(load, display))
        try:
            return await load.run(stop)
        finally:
            watching.cancel()


async def _watch(load: Load, display: Any) -> None:
    while True:
        await asyncio.sleep(_REFRESH)
        display.show(load.progress())
