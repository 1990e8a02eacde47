"""Who counts as one: an IPv4 address, or a network of IPv6.

Whoever has one IPv6 address has as many of its /64 as they like, so limits by whole addresses would hold nobody back.
"""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network

from ..config import IPV6_PREFIX


@lru_cache(maxsize=4096)
def network_of(address: str, prefix: int = IPV6_PREFIX) -> str:
    """The network that limits, votes and bans count by: `192.0.2.1` or `2001:db8::/64`.

    An IPv4 address in IPv6's clothes (`::ffff:192.0.2.1`) is the IPv4 address. What is no address stands for itself.
    prefix: bits of IPv6, 1 to 128.
    """
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ip_network((parsed, prefix), strict=False))
    return str(parsed)
