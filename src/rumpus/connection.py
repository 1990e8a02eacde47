"""What the server and its rooms know of a client's connection: messages in, messages out, and how it ends.

The same small surface is implemented on sockets (`rumpus.net.websocket`) and in memory (`rumpus.testing`), and
everything above is tested on the second and runs on the first.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Protocol

from .protocol.codec import Codec
from .protocol.framing import header_size, whole_frame

__all__ = ["NOBODY", "BytesLike", "Connection", "Nobody", "Receiver", "whole_frame"]

BytesLike = bytes | bytearray | memoryview


class Receiver(Protocol):
    """Who a connection reports to."""

    def on_message(self, data: bytes) -> None:
        """One whole message, fragments put together."""

    def on_wrong_type(self) -> None:
        """A whole message in a frame of the type that the sub-protocol does not use."""

    def on_overhead(self) -> None:
        """A frame that is no message: a ping or a part of a fragmented message."""

    def on_pong(self) -> None:
        """A pong, whether it answers a ping or not."""

    def on_unread(self) -> None:
        """The connection is being ended because too much waits for a client that does not read."""

    def on_disconnect(self) -> None:
        """The connection has ended. Called exactly once, whoever ended it."""


class Nobody:
    """The receiver of a connection that has ended."""

    def on_message(self, data: bytes) -> None:
        pass

    def on_wrong_type(self) -> None:
        pass

    def on_overhead(self) -> None:
        pass

    def on_pong(self) -> None:
        pass

    def on_unread(self) -> None:
        pass

    def on_disconnect(self) -> None:
        pass


NOBODY = Nobody()


class Connection(ABC):
    """One client. Not thread-safe: everything happens on the event loop's thread."""

    #: How messages are written on this connection; fixed by the sub-protocol the client chose.
    codec: Codec
    #: The client's address, without the port.
    address: str
    #: What it counts as in limits, votes and bans, see `network_of`; set once by `GameServer.handle_client`.
    network: str = ""
    #: Set once by `GameServer.handle_client`.
    receiver: Receiver
    #: Set when anything arrives; the server clears it to find out who has gone silent.
    heard: bool = True
    #: Whether it is closed or about to be. Sending does nothing from then on.
    closed: bool = False
    #: Called when `congested` or `direct_fd` has changed. Looking at thousands of connections for what rarely changes
    #: costs more than sending to them does in Python.
    on_flow: Callable[[], object] | None = None
    #: Whether it is to be shown all that there is, not only what one player sees.
    all_seeing: bool = False
    _congested = False
    _direct_fd = -1

    @property
    def congested(self) -> bool:
        """Whether more data waits than the client reads. Snapshots are skipped while it lasts."""
        return self._congested

    @congested.setter
    def congested(self, congested: bool) -> None:
        if congested != self._congested:
            self._congested = congested
            if self.on_flow is not None:
                self.on_flow()

    @property
    def direct_fd(self) -> int:
        """The socket to which whole WebSocket frames may be written past this object at this moment, or -1.

        See `rumpus.net.batch.kernels.send_ranges`. -1: something waits to be sent before them, or there is no socket.
        """
        return self._direct_fd

    @direct_fd.setter
    def direct_fd(self, fd: int) -> None:
        if fd != self._direct_fd:
            self._direct_fd = fd
            if self.on_flow is not None:
                self.on_flow()

    @abstractmethod
    def send(self, data: bytes) -> None:
        """Send one encoded message. Never blocks and never raises; a client that reads too little is cut off."""

    def send_frame_bytes(self, frame: BytesLike) -> None:
        """Send one message that already is a whole WebSocket frame of a server, otherwise as `send`."""
        self.send(bytes(frame[header_size(frame[1]) :]))

    def send_rest(self, frame: BytesLike, sent: int) -> None:
        """Send what is left of a frame after writing to `direct_fd` took `sent` bytes of it; below 0 means none.

        Nothing else may be sent to this client between the two. Called only where there is a `direct_fd`.
        """
        raise NotImplementedError

    @abstractmethod
    def ping(self) -> None:
        """Ask the client for a sign of life. The answer sets `heard` and reaches `Receiver.on_pong`."""

    @abstractmethod
    def close(self, code: int, reason: str = "") -> None:
        """Say goodbye with a WebSocket close code; the connection ends soon, whatever the client does."""
