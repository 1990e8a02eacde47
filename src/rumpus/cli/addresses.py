"""Addresses that commands listen on, as their users read them."""

from __future__ import annotations

import socket

from ..errors import ConfigurationError


def is_everywhere(host: str) -> bool:
    return host in ("0.0.0.0", "::", "")  # noqa: S104  # compared with, not listened on


def reachable(host: str) -> str:
    """An address that others can open: a wildcard is replaced by this machine's own address."""
    if not is_everywhere(host):
        return f"[{host}]" if ":" in host else host
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            # Connecting a datagram socket sends nothing; it only looks up the route (192.0.2.0/24 is for examples).
            probe.connect(("192.0.2.1", 9))
            return str(probe.getsockname()[0])
        except OSError:
            return "localhost"


def cannot_listen(host: str, port: int, error: OSError | OverflowError) -> ConfigurationError:
    """The sentence for an address that cannot be had."""
    reason = getattr(error, "strerror", None) or str(error)
    return ConfigurationError(f"Cannot listen on {host}:{port}: {reason}.")
