"""Tells a service manager how the server is: the protocol of `sd_notify(3)`, datagrams to the socket that it names.

Without such a manager there is no socket, and nothing is told.
"""

from __future__ import annotations

import os
import socket


class ServiceManager:
    """Whoever started this process and wants to hear of it."""

    def __init__(self, address: str | None = None) -> None:
        """address: as in `NOTIFY_SOCKET`, which is looked up if it is left out."""
        address = os.environ.get("NOTIFY_SOCKET", "") if address is None else address
        # An abstract address begins with a NUL, which an environment cannot hold.
        self._address = "\0" + address[1:] if address.startswith("@") else address

    def ready(self) -> None:
        """It listens."""
        self._tell("READY=1")

    def alive(self) -> None:
        """It still works: see `WatchdogSec` of systemd.service(5), which has to be more than two seconds."""
        self._tell("WATCHDOG=1")

    def stopping(self) -> None:
        self._tell("STOPPING=1")

    def _tell(self, state: str) -> None:
        if not self._address or not hasattr(socket, "AF_UNIX"):
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | getattr(socket, "SOCK_CLOEXEC", 0)) as sock:
                sock.setblocking(False)
                sock.sendto(state.encode(), self._address)
        except OSError:
            # A manager that is gone, or does not read, must not keep a server from serving.
            return
