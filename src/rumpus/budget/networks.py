"""Addresses: who counts as one (an IPv4 address, or a network of IPv6), and which an operator has named.

Whoever has one IPv6 address has as many of its /64 as they like, so limits by whole addresses would hold nobody back.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from ..config import IPV6_PREFIX
from ..errors import ConfigurationError

Address = IPv4Address | IPv6Address

_ANY = "*"


@lru_cache(maxsize=4096)
def network_of(address: str, prefix: int = IPV6_PREFIX) -> str:
    """The network that limits, votes and bans count by: `192.0.2.1` or `2001:db8::/64`.

    An IPv4 address in IPv6's clothes (`::ffff:192.0.2.1`) is the IPv4 address. What is no address stands for itself.
    prefix: bits of IPv6, 1 to 128.
    """
    parsed = parse_address(address)
    if parsed is None:
        return address
    return str(ip_network((parsed, prefix), strict=False)) if isinstance(parsed, IPv6Address) else str(parsed)


class AddressList:
    """`networks`: such as `10.0.0.0/8` or `::1`; with `any_allowed` also `*`. Raises ConfigurationError.

    flag: what the operator names them with.
    """

    def __init__(self, networks: Iterable[str], flag: str, *, any_allowed: bool = False) -> None:
        texts = [text.strip() for text in networks]
        self._any = any_allowed and _ANY in texts
        self._networks = [_network(text, flag) for text in texts if not (any_allowed and text == _ANY)]
        # They are few, and each connection asks.
        self._known = lru_cache(256)(self._find)

    @property
    def is_everybody(self) -> bool:
        return self._any

    def __contains__(self, address: str) -> bool:
        return self._any or self._known(address)

    def _find(self, address: str) -> bool:
        if not self._networks:
            return False
        parsed = parse_address(address)
        return parsed is not None and any(parsed in network for network in self._networks)


def parse_address(text: str) -> Address | None:
    """An address in its one form; None if it is none."""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    # A socket that takes both kinds shows IPv4 clients in this form.
    return address.ipv4_mapped or address if isinstance(address, IPv6Address) else address


def plain_address(address: str) -> str:
    """An address as text in its one form, so that a client counts as the same on every way it may come."""
    parsed = parse_address(address)
    return address if parsed is None else str(parsed)


def _network(text: str, flag: str) -> IPv4Network | IPv6Network:
    try:
        return ip_network(text)
    except ValueError as error:
        reason = "it has bits set beyond its prefix" if "host bits" in str(error) else "it is no address or network"
        raise ConfigurationError(
            f"{flag} cannot be {text!r}: {reason}; write one such as 10.0.0.0/8 or 127.0.0.1."
        ) from None
