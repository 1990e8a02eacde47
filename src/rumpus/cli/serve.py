"""`rumpus serve`: from flags to a running server, and back down in order."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from ..config import Limits, RoomOptions
from ..errors import ConfigurationError
from ..game.contract import ChatFilter
from ..game.loading import load_chat_filter, load_game
from ..net.web_access import HSTS, METRICS_FROM, WebOptions
from ..netsim.proxy import LinkProxy
from ..results.record import MatchRecord
from ..results.storage.location import resolve
from ..results.storage.options import StorageOptions
from ..results.storage.private_files import make_private, open_private
from ..results.storage.recorder import Recorder
from ..room.blocked_words import load_blocked_words
from ..server.event_loop import run_async, stop_event
from ..server.game_server import GameServer
from ..server.watchdog import Watchdog
from . import logs
from .addresses import cannot_listen, is_everywhere, reachable
from .certificate import Certificate
from .key_files import SECRET_VARIABLE, ticket_verifier
from .link import SimulatedLink, simulated_link
from .options import build, key_values, struct_flags
from .systemd import ServiceManager

logger = logging.getLogger(__name__)

#: What a second process runs to prepare a game; the game's name is its argument.
_PREPARE = "import sys; from rumpus.game.loading import load_game; load_game(sys.argv[1]).prepare()"
#: Where the server itself listens while the public address is that of a simulated link.
_BEHIND_LINK = "127.0.0.1"
_LOG_LEVELS = ("debug", "info", "warning", "error")


@struct_flags(RoomOptions, Limits, StorageOptions, omit=frozenset({"settings", "player_settings"}))
def serve(
    game: Annotated[str, typer.Option(help="arena, or module:Class of your own")] = "arena",
    host: Annotated[str, typer.Option(help="address to listen on; 0.0.0.0 lets other devices in")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="0 picks a free one", min=0, max=65535)] = 8000,
    set_: Annotated[list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="a setting of the game")] = None,
    player_setting: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=EXTENT", help="what players may choose of a setting: LOW..HIGH, A,B,C, none or any"),
    ] = None,
    allow_origin: Annotated[
        list[str] | None, typer.Option(help="page that may connect besides our own, such as https://example.org, or *")
    ] = None,
    tls_cert: Annotated[Path | None, typer.Option(help="certificate and its chain (PEM); serves https and wss")] = None,
    tls_key: Annotated[Path | None, typer.Option(help="the certificate's private key (PEM)")] = None,
    trusted_proxy: Annotated[
        list[str] | None,
        typer.Option(metavar="ADDRESS", help="proxy, or network of them, whose X-Forwarded headers are believed"),
    ] = None,
    unlimited_from: Annotated[
        list[str] | None,
        typer.Option(metavar="ADDRESS", help="address, or network, for which limits by address do not count"),
    ] = None,
    public_host: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="name in our page's address, such as play.example, or *")
    ] = None,
    hsts: Annotated[
        int, typer.Option(metavar="SECONDS", help="how long browsers are to use https only at a public host", min=0)
    ] = HSTS,
    metrics_from: Annotated[
        list[str] | None,
        typer.Option(metavar="ADDRESS", help="who may see /metrics, or network of them, or *  [default: this machine]"),
    ] = None,
    guests: Annotated[bool, typer.Option("--guests/--no-guests", help="let people join without a ticket")] = True,
    ticket_public_key: Annotated[
        Path | None, typer.Option(help="Ed25519 public key (PEM) that tickets are checked with")
    ] = None,
    ticket_secret_file: Annotated[
        Path | None, typer.Option(help=f"secret that tickets are checked with; or put it into {SECRET_VARIABLE}")
    ] = None,
    ticket_audience: Annotated[str | None, typer.Option(help="what the claim `aud` of tickets must be")] = None,
    results: Annotated[Path | None, typer.Option(help="file that gets one JSON line for each match")] = None,
    chat_filter: Annotated[
        str | None, typer.Option(metavar="MODULE:FUNCTION", help="function that sees what people write, and names")
    ] = None,
    blocked_words: Annotated[
        Path | None, typer.Option(help="file of words, one a line, that become asterisks in chat")
    ] = None,
    json_logs: Annotated[bool, typer.Option("--json-logs", help="log as JSON lines")] = False,
    log_level: Annotated[str, typer.Option(help=", ".join(_LOG_LEVELS))] = "info",
    log_queue: Annotated[
        int, typer.Option(help="lines of the log that may wait for whoever reads it; more are dropped", min=1)
    ] = logs.QUEUE,
    simulate: Annotated[
        str | None,
        typer.Option(metavar="LINK", help="a bad link: lan, good, typical, bad, or lag=100,jitter=15,stall=2%"),
    ] = None,
    simulate_seed: Annotated[int | None, typer.Option(help="makes a simulated link repeatable")] = None,
    **flags: Any,
) -> None:
    """Serve a game: players, rooms, the browser client, all on one port."""
    if log_level not in _LOG_LEVELS:
        raise ConfigurationError(f"--log-level cannot be {log_level!r}; it is one of {', '.join(_LOG_LEVELS)}.")
    logs.configure(json_logs, log_level, log_queue)
    logs.queue_output()
    extents = key_values(player_setting or [], "--player-setting NAME=EXTENT")
    options = build(RoomOptions, flags, settings=key_values(set_ or []), player_settings=extents)
    limits = build(Limits, flags)
    link = simulated_link(simulate, simulate_seed)
    if link is not None:
        given = next((name for name in flags if name.endswith("_per_address") and flags[name] is not None), None)
        if given is not None:
            raise ConfigurationError(
                f"--{given.replace('_', '-')} cannot be used with --simulate: all clients come from 127.0.0.1 then; "
                "leave out one of the two."
            )
        limits = msgspec.structs.replace(limits, max_connections_per_address=limits.max_connections)
        unlimited_from = [*(unlimited_from or []), _BEHIND_LINK]
        if trusted_proxy:
            raise ConfigurationError("--trusted-proxy cannot be used with --simulate; leave out one of the two.")
    identity = ticket_verifier(ticket_secret_file, ticket_public_key, ticket_audience)
    if identity is None and not guests:
        raise ConfigurationError(
            "--no-guests lets nobody in without tickets; give --ticket-public-key or --ticket-secret-file too."
        )
    certificate = Certificate.of_flags(tls_cert, tls_key)
    storage = build(StorageOptions, flags)
    game_class = load_game(game)
    server = GameServer(
        game_class,
        options,
        limits,
        allowed_origins=frozenset(allow_origin or []),
        trusted_proxies=trusted_proxy or [],
        unlimited=unlimited_from or [],
        web=WebOptions(public_host or (), metrics_from or METRICS_FROM, hsts),
        identity=identity,
        guests=guests,
        on_result=_appender(results) if results is not None else None,
        recorder=_recorder(storage, game_class.name),
        chat_filter=_chat_filter(chat_filter, blocked_words),
        log_lines_dropped=logs.dropped,
    )
    if game_class.is_prepared():
        _prepare(server)
    else:
        server.preparing = True
    run_async(_serve(server, host, port, game, link, certificate))


def _recorder(options: StorageOptions, game: str) -> Recorder | None:
    """What keeps results in the database that the options name, if they name one."""
    location = resolve(options)
    return None if location is None else Recorder(location, game, options)


def _chat_filter(name: str | None, blocked_words: Path | None) -> ChatFilter | None:
    """What chat goes through: the words first, then the function."""
    words = None if blocked_words is None else load_blocked_words(blocked_words)
    function = None if name is None else load_chat_filter(name)
    if words is None or function is None:
        return words or function
    return lambda text, info: function(words(text, info), info)


def _appender(path: Path) -> Any:
    """A function that appends match records to a file, which must be writable from the start."""
    try:
        make_private(path)
    except OSError as error:
        raise ConfigurationError(f"--results {path} cannot be written: {error.strerror}.") from None

    def append(record: MatchRecord) -> None:
        line = msgspec.to_builtins(record)
        for name in ("started_at", "ended_at"):
            line[name] = datetime.fromtimestamp(line[name], UTC).isoformat(timespec="seconds")
        try:
            with open_private(path) as file:
                file.write(msgspec.json.encode(line) + b"\n")
        except OSError:
            # The record is in the log as well; a full disk must not end a match.
            logger.exception("a result could not be written to %s", path)

    return append


async def _serve(
    server: GameServer, host: str, port: int, game: str, link: SimulatedLink | None, certificate: Certificate | None
) -> None:
    proxy: LinkProxy | None = None
    tls, scheme = (certificate.tls, "https") if certificate is not None else (None, "http")
    try:
        if link is None:
            _, bound = await server.start_server(host, port, tls)
        else:
            proxy = link.proxy(await server.start_server(_BEHIND_LINK, 0, tls))
            _, bound = await proxy.listen(host, port)
    except (OSError, OverflowError) as error:
        if proxy is not None:
            await server.stop()
        raise cannot_listen(host, port, error) from None
    manager = ServiceManager()
    watchdog = Watchdog(server.limits.tick_timeout, alive=manager.alive, last_words=logs.close)
    stop = stop_event(watchdog.asked_to_stop)
    if certificate is not None:
        certificate.reload_on_signal(server.renew_certificate)
    print(f"Listening on {scheme}://{reachable(host)}:{bound}", flush=True)  # noqa: T201  # the line scripts wait for
    if is_everywhere(host):
        _tell(f"On this machine {scheme}://localhost:{bound} works too; friends on your network use the address above.")
    if link is not None:
        _tell(link.notice())

    def ready() -> None:
        manager.ready()
        watchdog.start()

    preparing = asyncio.create_task(_prepare_aside(server, game, stop, ready)) if server.preparing else None
    if preparing is None:
        ready()
    try:
        await stop.wait()
    finally:
        manager.stopping()
        if proxy is not None:
            proxy.close()
        await server.stop()
        if link is not None and proxy is not None:
            # What the server said last is still on its way.
            await proxy.stop(link.last_words)
        if preparing is not None:
            preparing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await preparing
        watchdog.stop()


def _prepare(server: GameServer) -> None:
    """Have the game do what it must before its first match."""
    try:
        server.game.prepare()
    except Exception as error:
        name = server.game.__name__
        raise ConfigurationError(f"{name} cannot be prepared: {type(error).__name__}: {error}.") from error
    server.preparing = False


async def _prepare_aside(server: GameServer, game: str, stop: asyncio.Event, ready: Callable[[], None]) -> None:
    """The same where it takes long, in a process of its own, so that the pages can be looked at meanwhile.

    ready: called when it is done; what it takes to load is no fault of a tick's, and nothing for a watchdog.
    """
    _tell(f"Compiling {server.game.__name__} for this machine: some seconds, only this once. The page is up already.")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _PREPARE, game,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        # What it says goes through the log's queue: were nobody to read the log, it would never end.
        _, said = await process.communicate()
        sys.stderr.write(said.decode(errors="backslashreplace"))
        _prepare(server)
        ready()
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
