"""Who counts as one: an IPv4 address, or a network of IPv6.

Whoever has one IPv6 address has as many of its /64 as they like, so limits by whole addresses would hold nobody back.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from ..config import IPV6_PREFIX
from ..errors import ConfigurationError


@lru_cache(maxsize=4096)
def network_of(address: str, prefix: int = IPV6_PREFIX) -> str:
    """The network that limits, votes and bans count by: `192.0.2.1` or `2001:db8::/64`.

    An IPv4 address in IPv6's clothes (`::ffff:192.0.2.1`) is the IPv4 address. What is no address stands for itself.
    prefix: bits of IPv6, 1 to 128.
    """
    parsed = parse(address)
    if parsed is None:
        return address
    return str(ip_network((parsed, prefix), strict=False)) if isinstance(parsed, IPv6Address) else str(parsed)


def parse(address: str) -> IPv4Address | IPv6Address | None:
    """An address in its one form; None for what is none."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return None
    return parsed.ipv4_mapped or parsed if isinstance(parsed, IPv6Address) else parsed


class Networks:
    """Addresses and networks (`10.0.0.0/8`, `::1`) that a flag names. Raises ConfigurationError for what is neither."""

    def __init__(self, flag: str, texts: Iterable[str] = ()) -> None:
        self._networks = []
        for text in texts:
            try:
                self._networks.append(ip_network(text.strip()))
            except ValueError as error:
                reason = (
                    "it has bits set beyond its prefix" if "host bits" in str(error) else "it is no address or network"
                )
                raise ConfigurationError(
                    f"{flag} cannot be {text!r}: {reason}; write one such as 10.0.0.0/8 or 127.0.0.1."
                ) from None

    def __bool__(self) -> bool:
        return bool(self._networks)

    def __contains__(self, address: str) -> bool:
        parsed = parse(address) if self._networks else None
        return parsed is not None and any(parsed in network for network in self._networks)
