"""`rumpus serve`: from flags to a running server, and back down in order."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from ..config import Limits, RoomOptions
from ..errors import ConfigurationError
from ..loading import load_game
from ..results import MatchRecord
from ..server import GameServer
from . import logs
from .event_loop import run_async, stop_event
from .options import build, key_values, struct_flags

logger = logging.getLogger(__name__)

#: What a second process runs to prepare a game; the game's name is its argument.
_PREPARE = "import sys; from rumpus.loading import load_game; load_game(sys.argv[1]).prepare()"
_LOG_LEVELS = ("debug", "info", "warning", "error")


@struct_flags(RoomOptions, Limits, omit=frozenset({"settings"}))
def serve(
    game: Annotated[str, typer.Option(help="arena, or module:Class of your own")] = "arena",
    host: Annotated[str, typer.Option(help="address to listen on; 0.0.0.0 lets other devices in")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="0 picks a free one", min=0, max=65535)] = 8000,
    set_: Annotated[list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="a setting of the game")] = None,
    allow_origin: Annotated[
        list[str] | None, typer.Option(help="page that may connect besides our own, such as https://example.org, or *")
    ] = None,
    results: Annotated[Path | None, typer.Option(help="file that gets one JSON line for each match")] = None,
    json_logs: Annotated[bool, typer.Option("--json-logs", help="log as JSON lines")] = False,
    log_level: Annotated[str, typer.Option(help=", ".join(_LOG_LEVELS))] = "info",
    **flags: Any,
) -> None:
    """Serve a game: players, rooms, the browser client, all on one port."""
    if log_level not in _LOG_LEVELS:
        raise ConfigurationError(f"--log-level cannot be {log_level!r}; it is one of {', '.join(_LOG_LEVELS)}.")
    logs.configure(json_logs, log_level)
    options = build(RoomOptions, flags, settings=key_values(set_ or []))
    limits = build(Limits, flags)
    game_class = load_game(game)
    server = GameServer(
        game_class,
        options,
        limits,
        allowed_origins=frozenset(origin.lower().rstrip("/") for origin in allow_origin or []),
        on_result=_appender(results) if results is not None else None,
    )
    if game_class.is_prepared():
        _prepare(server)
    else:
        server.preparing = True
    run_async(_serve(server, host, port, game))


def _appender(path: Path) -> Any:
    """A function that appends match records to a file, which must be writable from the start."""
    try:
        path.open("ab").close()
    except OSError as error:
        raise ConfigurationError(f"--results {path} cannot be written: {error.strerror}.") from None

    def append(record: MatchRecord) -> None:
        line = {"ended_at": datetime.now(UTC).isoformat(timespec="seconds"), **msgspec.to_builtins(record)}
        try:
            with path.open("ab") as file:
                file.write(msgspec.json.encode(line) + b"\n")
        except OSError:
            # The record is in the log as well; a full disk must not end a match.
            logger.exception("a result could not be written to %s", path)

    return append


async def _serve(server: GameServer, host: str, port: int, game: str) -> None:
    try:
        _, bound = await server.start_server(host, port)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ConfigurationError(f"Cannot listen on {host}:{port}: {reason}.") from None
    stop = stop_event()
    print(f"Listening on http://{_reachable(host)}:{bound}", flush=True)  # noqa: T201  # the line scripts wait for
    if _is_everywhere(host):
        _tell(f"On this machine http://localhost:{bound} works too; friends on your network use the address above.")
    preparing = asyncio.create_task(_prepare_aside(server, game, stop)) if server.preparing else None
    try:
        await stop.wait()
    finally:
        await server.stop()
        if preparing is not None:
            preparing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await preparing


def _prepare(server: GameServer) -> None:
    """Have the game do what it must before its first match."""
    try:
        server.game.prepare()
    except Exception as error:
        name = server.game.__name__
        raise ConfigurationError(f"{name} cannot be prepared: {type(error).__name__}: {error}.") from error
    server.preparing = False


async def _prepare_aside(server: GameServer, game: str, stop: asyncio.Event) -> None:
    """The same where it takes long, in a process of its own, so that the pages can be looked at meanwhile."""
    _tell(f"Compiling {server.game.__name__} for this machine: some seconds, only this once. The page is up already.")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _PREPARE, game, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    try:
        await process.wait()
        _prepare(server)
        _tell("Ready.")
    finally:
        # It failed, or the server stops before it was done.
        if process.returncode is None:
            process.kill()
            await process.wait()
        if server.preparing:
            stop.set()


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)  # noqa: T201  # for people


def _is_everywhere(host: str) -> bool:
    return host in ("0.0.0.0", "::", "")  # noqa: S104  # compared with, not listened on


def _reachable(host: str) -> str:
    """An address that others can open: a wildcard is replaced by this machine's own address."""
    if not _is_everywhere(host):
        return f"[{host}]" if ":" in host else host
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            # Connecting a datagram socket sends nothing; it only looks up the route (192.0.2.0/24 is for examples).
            probe.connect(("192.0.2.1", 9))
            return str(probe.getsockname()[0])
        except OSError:
            return "localhost"
