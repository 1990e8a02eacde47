"""`rumpus link`: a bad link in front of any server; and what `--simulate` means, here and in `rumpus serve`."""

from __future__ import annotations

import sys
from random import Random
from typing import Annotated
from urllib.parse import urlsplit

import typer

from ..errors import ConfigurationError
from ..netsim.link import LinkConditions, LinkConditionsError, parse_conditions
from ..netsim.proxy import LinkProxy, reason_of
from ..server.event_loop import run_async, stop_event
from . import logs
from .addresses import cannot_listen, reachable

#: Seconds for what is on its way when a server behind a simulated link stops: at most, and besides two round trips.
_PATIENCE, _SLACK = 3.0, 0.5


class SimulatedLink:
    """What `--simulate` and `--simulate-seed` ask for."""

    def __init__(self, conditions: LinkConditions, seed: int | None) -> None:
        self.conditions = conditions
        self._seed = seed

    @property
    def last_words(self) -> float:
        """Seconds in which all that is on its way has most likely arrived."""
        return min(_PATIENCE, _SLACK + 2 * self.conditions.round_trip)

    def proxy(self, upstream: tuple[str, int]) -> LinkProxy:
        random = Random(self._seed) if self._seed is not None else None  # noqa: S311  # repeatable on purpose
        return LinkProxy(self.conditions, upstream, random)

    def notice(self) -> str:
        """The line that keeps anybody from taking a simulated link for a bad server."""
        return f"The link is simulated: {self.conditions.describe()}."


def simulated_link(conditions: str | None, seed: int | None) -> SimulatedLink | None:
    """The link that these flags ask for, if any. Raises ConfigurationError if there is no such link."""
    if conditions is None:
        if seed is not None:
            raise ConfigurationError("--simulate-seed says nothing without --simulate; give both.")
        return None
    try:
        return SimulatedLink(parse_conditions(conditions), seed)
    except LinkConditionsError as error:
        raise ConfigurationError(f"--simulate cannot be {conditions!r}: {error}") from None


def link(
    to: Annotated[str, typer.Option(metavar="HOST:PORT", help="the server behind the link")],
    simulate: Annotated[
        str, typer.Option(metavar="LINK", help="lan, good, typical, bad, or lag=100,jitter=15,stall=2%")
    ] = "typical",
    host: Annotated[str, typer.Option(help="address to listen on; 0.0.0.0 lets other devices in")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="0 picks a free one", min=0, max=65535)] = 8001,
    simulate_seed: Annotated[int | None, typer.Option(help="makes it repeatable")] = None,
) -> None:
    """Put a bad link in front of any server: listens, and passes everything on, later.

    lag is the round trip in ms (up and down: one way), jitter is in ms each way, stall the share of time in which
    nothing arrives, rate is in kbit/s. A preset can be changed: typical,stall=0.
    """
    upstream = _address(to)
    simulated = simulated_link(simulate, simulate_seed)
    assert simulated is not None
    logs.configure(json_logs=False, level="info")
    logs.queue_output()
    # What is TLS behind the link is TLS before it.
    scheme = "https" if to.lower().startswith(("https:", "wss:")) else "http"
    run_async(_relay(simulated, upstream, host, port, scheme))


async def _relay(simulated: SimulatedLink, upstream: tuple[str, int], host: str, port: int, scheme: str) -> None:
    proxy = simulated.proxy(upstream)
    try:
        await proxy.probe()
    except OSError as error:
        target = f"{upstream[0]}:{upstream[1]}"
        raise ConfigurationError(
            f"--to {target} cannot be reached: {reason_of(error)}; start that server first, or correct the address."
        ) from None
    try:
        _, bound = await proxy.listen(host, port)
    except (OSError, OverflowError) as error:
        raise cannot_listen(host, port, error) from None
    stop = stop_event()
    print(f"Listening on {scheme}://{reachable(host)}:{bound}", flush=True)  # noqa: T201  # the line scripts wait for
    print(simulated.notice(), file=sys.stderr, flush=True)  # noqa: T201  # for people
    try:
        await stop.wait()
    finally:
        await proxy.stop()


def _address(text: str) -> tuple[str, int]:
    """What `--to` means: HOST:PORT, or the address as a server prints it."""
    try:
        parts = urlsplit(text if "//" in text else f"//{text}")
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if not host or not port or parts.path.strip("/"):
        raise ConfigurationError(f"--to cannot be {text!r}; it is HOST:PORT, such as 127.0.0.1:8000.")
    return host, port
