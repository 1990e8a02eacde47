"""What the server and its rooms know of a client's connection: messages in, messages out, and how it ends.

The same small surface is implemented on sockets (`rumpus.transport`) and in memory (`rumpus.testing`), and everything
above is tested on the second and runs on the first.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Protocol

from .codec import Codec


class Receiver(Protocol):
    """Who a connection reports to."""

    def on_message(self, data: bytes) -> None:
        """One whole message, fragments put together."""

    def on_wrong_type(self) -> None:
        """A whole message in a frame of the type that the sub-protocol does not use."""

    def on_overhead(self) -> None:
        """A frame that is no message: a ping, a pong or a part of a fragmented message."""

    def on_disconnect(self) -> None:
        """The connection has ended. Called exactly once, whoever ended it."""


class Connection(ABC):
    """One client. Not thread-safe: everything happens on the event loop's thread."""

    #: How messages are written on this connection; fixed by the sub-protocol the client chose.
    codec: Codec
    #: The client's address, without the port.
    address: str
    #: Set once by `GameServer.handle_client`.
    receiver: Receiver
    #: Whether more data waits than the client reads. Snapshots are skipped while it lasts.
    congested: bool = False
    #: Set when anything arrives; the server clears it to find out who has gone silent.
    heard: bool = True
    #: Whether it is closed or about to be. Sending does nothing from then on.
    closed: bool = False

    @abstractmethod
    def send(self, data: bytes) -> None:
        """Send one encoded message. Never blocks and never raises; a client that reads too little is cut off."""

    @abstractmethod
    def ping(self) -> None:
        """Ask the client for a sign of life. The answer sets `heard`."""

    @abstractmethod
    def close(self, code: int, reason: str = "") -> None:
        """Say goodbye with a WebSocket close code; the connection ends soon, whatever the client does."""
