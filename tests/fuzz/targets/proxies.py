"""What proxies and anybody else say of where a client comes from."""

from __future__ import annotations

from ipaddress import ip_address

from multidict import CIMultiDict

from rumpus.net.trusted_proxies import TrustedProxies, plain_address

_PROXIES = TrustedProxies(["10.0.0.0/8", "::1", "fd00::/8"])
_NAMES = ("X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "Host", "Forwarded")

#: The peer's address, then a line for each header: which one it is, and its value.
SEEDS = [
    b"10.0.0.1\n0 203.0.113.9\n1 play.example\n2 https",
    b"10.0.0.1\n0 1.2.3.4, 203.0.113.9:8080, 10.2.3.4\n3 play.example:8000",
    b"::1\n0 [2001:db8::1]:443, ::ffff:10.0.0.9",
    b"::ffff:10.1.1.1\n0 2001:db8::1%eth0\n0 unknown",
    b"203.0.113.7\n0 1.2.3.4",
    b"10.0.0.1\n0 ,,\n2 WSS , http",
]


def run(data: bytes) -> None:
    peer, *lines = data.decode("latin-1").split("\n")
    headers: CIMultiDict[str] = CIMultiDict()
    for line in lines:
        headers.add(_NAMES[ord(line[:1] or "0") % len(_NAMES)], line[2:])
    client = _PROXIES.client_of(peer, headers)
    if client != peer:
        # It is an address in its one form, and a proxy's only if all that are named are.
        assert str(ip_address(client)) == client
        assert plain_address(client) == client
        assert _PROXIES.trusts(peer)
    assert isinstance(_PROXIES.host_of(peer, headers), str)
    assert _PROXIES.scheme_of(peer, headers) in (None, "http", "https")
    assert plain_address(plain_address(peer)) == plain_address(peer)
