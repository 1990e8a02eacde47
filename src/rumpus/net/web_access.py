"""Who and what is believed and let in: pages, hosts, proxies, and those who may see the figures."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from ..budget.networks import Networks
from .host_policy import HostPolicy
from .http import Request
from .origin_policy import OriginPolicy
from .trusted_proxies import TrustedProxies

_ANY = "*"
#: Seconds that browsers are to use https only, at hosts that the operator has named: a year.
HSTS = 31_536_000
#: Who may see `/metrics`: this machine.
METRICS_FROM = ("127.0.0.0/8", "::1")


class WebOptions(NamedTuple):
    """As `--public-host`, `--metrics-from` and `--hsts` take them."""

    public_hosts: Iterable[str] = ()
    metrics_from: Iterable[str] = METRICS_FROM
    hsts: int = HSTS


class Viewers:
    """Who may see the figures: addresses and networks, or `*` for everybody. Raises ConfigurationError."""

    def __init__(self, networks: Iterable[str]) -> None:
        texts = {text.strip() for text in networks}
        self._everybody = _ANY in texts
        self._networks = Networks("--metrics-from", texts - {_ANY})

    def may_see(self, request: Request) -> bool:
        """Behind a proxy that is not trusted everybody has its address, which then says nothing."""
        return self._everybody or (request.address in self._networks and not request.relayed)


class WebAccess:
    """All of it. Raises ConfigurationError if something cannot be used."""

    def __init__(self, allowed_origins: Iterable[str], trusted_proxies: Iterable[str], options: WebOptions) -> None:
        self.origins = OriginPolicy(allowed_origins)
        self.proxies = TrustedProxies(trusted_proxies)
        self.hosts = HostPolicy(options.public_hosts)
        self.metrics = Viewers(options.metrics_from)
        self.hsts = options.hsts
