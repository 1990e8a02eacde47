"""Who and what is believed and let in: pages, hosts, proxies, and those who may see the figures."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from ..budget.networks import AddressList
from .host_policy import HostPolicy
from .origin_policy import OriginPolicy
from .trusted_proxies import TrustedProxies

#: Seconds that browsers are to use https only, at hosts that the operator has named: a year.
HSTS = 31_536_000
#: Who may see `/metrics`: this machine.
METRICS_FROM = ("127.0.0.0/8", "::1")


class WebOptions(NamedTuple):
    """As `--public-host`, `--metrics-from` and `--hsts` take them."""

    public_hosts: Iterable[str] = ()
    metrics_from: Iterable[str] = METRICS_FROM
    hsts: int = HSTS


class WebAccess:
    """All of it. Raises ConfigurationError if something cannot be used."""

    def __init__(self, allowed_origins: Iterable[str], trusted_proxies: Iterable[str], options: WebOptions) -> None:
        self.origins = OriginPolicy(allowed_origins)
        self.proxies = TrustedProxies(trusted_proxies)
        self.hosts = HostPolicy(options.public_hosts)
        self.metrics = AddressList(options.metrics_from, "--metrics-from", any_allowed=True)
        self.hsts = options.hsts
