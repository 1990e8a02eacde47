"""Behind a proxy: which connections come from one, and what it says about the client that it stands for.

Anybody can send these headers, so they count only on connections from addresses that the operator trusts. A proxy adds
the address of whoever it talked to at the end of `X-Forwarded-For`; what stands further left came from there, and is
only as good as that address. So the list is read from the right, as far as the addresses are those of trusted proxies.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address

from multidict import CIMultiDict

from ..budget.networks import Networks, parse

#: Proxies on the way of one request, at most. What stands further left is not one address then, and says nothing.
_MOST_HOPS = 64


class TrustedProxies:
    """Addresses and networks (`10.0.0.0/8`, `::1`) whose headers are believed. Raises ConfigurationError."""

    def __init__(self, networks: Iterable[str] = ()) -> None:
        # Proxies are few, and each of their connections asks.
        self.trusts = lru_cache(256)(Networks("--trusted-proxy", networks).__contains__)

    def client_of(self, peer: str, headers: CIMultiDict[str]) -> str:
        """The address of the client for whom `peer` sent a request: its own, unless it is a trusted proxy's.

        Of a chain of proxies that is the first address from the right that is not trusted, or the last of all if every
        one is. A list that holds something else than addresses says nothing, and the peer counts as the client.
        """
        if not self.trusts(peer):
            return peer
        hops = ",".join(headers.getall("X-Forwarded-For", [])).rsplit(",", _MOST_HOPS)
        client = peer
        for hop in reversed(hops):
            address = _parse_hop(hop)
            if address is None:
                return peer
            client = str(address)
            if not self.trusts(client):
                break
        return client

    def is_relayed(self, peer: str, headers: CIMultiDict[str]) -> bool:
        """Whether somebody who is not trusted says that the request is another's."""
        return ("X-Forwarded-For" in headers or "Forwarded" in headers) and not self.trusts(peer)

    def host_of(self, peer: str, headers: CIMultiDict[str]) -> str:
        """The host and port that the client asked for."""
        forwarded = headers.getall("X-Forwarded-Host", []) if self.trusts(peer) else []
        return _last(forwarded) if forwarded else headers.get("Host", "")

    def scheme_of(self, peer: str, headers: CIMultiDict[str]) -> str | None:
        """ "http" or "https", as the client asked for it; None if nobody who knows has said so."""
        forwarded = headers.getall("X-Forwarded-Proto", []) if self.trusts(peer) else []
        # Some proxies call it by the name that WebSockets have for it.
        schemes = {"http": "http", "https": "https", "ws": "http", "wss": "https"}
        return schemes.get(_last(forwarded).lower()) if forwarded else None


def plain_address(address: str) -> str:
    """An address as text in its one form, so that a client counts as the same on every way it may come."""
    parsed = parse(address)
    return address if parsed is None else str(parsed)


def _parse_hop(text: str) -> IPv4Address | IPv6Address | None:
    """`192.0.2.1`, `192.0.2.1:5000`, `2001:db8::1` or `[2001:db8::1]:5000`."""
    text = text.strip()
    if text.startswith("["):
        text, bracket, port = text[1:].partition("]")
        if not bracket or (port and not _is_port(port)):
            return None
    elif text.count(":") == 1:
        text, _, port = text.partition(":")
        if not _is_port(":" + port):
            return None
    return parse(text)


def _is_port(text: str) -> bool:
    return text[:1] == ":" and text[1:].isascii() and text[1:].isdigit()


def _last(lines: list[str]) -> str:
    """What the nearest proxy said, of several that added to a header or wrote one more."""
    return lines[-1].rpartition(",")[2].strip()
