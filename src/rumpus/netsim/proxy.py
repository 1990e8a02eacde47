"""A TCP relay with a bad link inside: what its clients and a server send each other comes out later.

It listens, opens one connection to the server for each client, and passes bytes on as they are, both ways, at the times
that `rumpus.netsim.link` says. It knows nothing of HTTP or WebSockets, so it stands in front of anything. The end of a
stream travels like a byte, and so a half-closed connection stays half open; a reset travels behind what was sent before
it.

What waits is bounded. A direction whose backlog is full, or whose receiver does not read, stops reading from its
sender, so that the sender meets the same resistance as on a real link. The system's own buffers would hide that, hence
their small size. The price: a sender who is not read is not seen resetting the connection, until something is written
to it or its bytes move on.

One timer serves all directions of a relay: a heap has the next time of each that has something on its way.
"""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import logging
import math
import os
import socket
import struct
import time
from collections import deque
from enum import Enum, auto
from random import Random, SystemRandom
from typing import Any

from .link import LinkConditions, LinkDirection
from .timer import PreciseTimer

logger = logging.getLogger(__name__)

#: Connections the kernel keeps for us between two turns of the event loop.
BACKLOG = 4096
#: Bytes that the system may hold for one socket on each way. Linux doubles it, for its own overhead.
SYSTEM_BUFFER = 64 * 1024
#: Seconds that the server gets to take a connection.
CONNECT_TIMEOUT = 10.0

#: Closing a socket with this option resets the connection.
_NO_LINGER = struct.pack("ii", 1, 0)


class _Ending(Enum):
    """How a stream ends."""

    IN_ORDER = auto()
    RESET = auto()


class LinkProxy:
    """Relays connections to `upstream`, an address and a port, over a link of these conditions.

    With the same `random` seed the links of the first client, of the second and so on stall in the same way again.
    """

    def __init__(self, conditions: LinkConditions, upstream: tuple[str, int], random: Random | None = None) -> None:
        self.conditions = conditions
        self.upstream = upstream
        self.links: set[_Link] = set()
        self._random = random or SystemRandom()
        self._server: asyncio.Server | None = None
        self._timer: PreciseTimer | None = None
        #: (time, number for equal times, direction); one entry for each direction with something on its way.
        self._agenda: list[tuple[float, int, _Flow]] = []
        self._entries = 0
        self._reachable = True
        self._all_gone = asyncio.Event()

    async def listen(self, host: str | None, port: int) -> tuple[str, int]:
        """Start relaying. Returns the address; port 0 lets the system choose one.

        `host` None means every interface. Raises OSError if the address cannot be had.
        """
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._accept, host, port, backlog=BACKLOG)
        self._timer = PreciseTimer(self._on_timer)
        address, bound = self._server.sockets[0].getsockname()[:2]
        return address, bound

    def close(self) -> None:
        """Take no more connections. Those that exist stay."""
        if self._server is not None:
            self._server.close()

    async def stop(self, patience: float = 0.0) -> None:
        """Take no more connections, wait `patience` seconds for those that exist to end, and reset the rest."""
        self.close()
        if self.links and patience > 0:
            self._all_gone.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._all_gone.wait(), patience)
        for link in list(self.links):
            link.cut()
        if self._timer is not None:
            self._timer.close()
            self._timer = None

    @property
    def waiting_bytes(self) -> int:
        """Bytes on their way, over all links and both directions."""
        return sum(flow.waiting_bytes for link in self.links for flow in (link.up, link.down))

    async def probe(self) -> None:
        """Open a connection to the server and close it. Raises OSError, TimeoutError included, if that fails."""
        loop = asyncio.get_running_loop()
        connecting = loop.create_connection(asyncio.Protocol, *self.upstream)
        transport, _ = await asyncio.wait_for(connecting, CONNECT_TIMEOUT)
        transport.close()

    # Called by links and flows.

    def schedule(self, flow: _Flow, when: float) -> None:
        """Have `flow` release what is due at `when`."""
        self._entries += 1
        heapq.heappush(self._agenda, (when, self._entries, flow))
        if self._agenda[0][2] is flow and self._timer is not None:
            self._timer.set(when)

    def forget(self, link: _Link) -> None:
        self.links.discard(link)
        if not self.links:
            self._all_gone.set()

    def report(self, error: Exception | None) -> None:
        """Tell once that the server cannot be reached, not for each client that tries again and again."""
        if error is not None and self._reachable:
            address, port = self.upstream
            logger.warning("%s:%d cannot be reached: %s; clients are turned away", address, port, reason_of(error))
        self._reachable = error is None

    def new_directions(self) -> tuple[LinkDirection, LinkDirection]:
        """Up and down for one more connection."""
        up, down = (Random(self._random.getrandbits(64)) for _ in range(2))  # noqa: S311  # nobody gains by guessing
        return self.conditions.upward(up), self.conditions.downward(down)

    def _accept(self) -> _End:
        link = _Link(self)
        self.links.add(link)
        return link.client

    def _on_timer(self) -> None:
        agenda = self._agenda
        now = time.monotonic()
        while agenda and agenda[0][0] <= now:
            when, _, flow = heapq.heappop(agenda)
            # Otherwise it has been set to an earlier time since, and this one means nothing.
            if when == flow.wakes:
                flow.release(now)
        if agenda and self._timer is not None:
            self._timer.set(agenda[0][0])


class _Link:
    """One client, its connection to the server, and what is on its way between them."""

    def __init__(self, proxy: LinkProxy) -> None:
        self.proxy = proxy
        up, down = proxy.new_directions()
        self.client, self.server = _End(self), _End(self)
        self.up, self.down = _Flow(self, up, self.client, self.server), _Flow(self, down, self.server, self.client)
        self.client.reads_into, self.client.written_by = self.up, self.down
        self.server.reads_into, self.server.written_by = self.down, self.up
        self._connecting: asyncio.Task[None] | None = None

    def connect(self) -> None:
        self._connecting = asyncio.create_task(self._connect())

    def cut(self) -> None:
        """Reset both connections at once, whatever is on its way."""
        if self._connecting is not None:
            self._connecting.cancel()
        self.client.reset()
        self.server.reset()

    def look(self) -> None:
        """See whether anything is left to do."""
        if self.up.ended and self.down.ended:
            self.client.close()
            self.server.close()
        if self.client.lost and self.server.lost:
            self.proxy.forget(self)

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            connecting = loop.create_connection(lambda: self.server, *self.proxy.upstream)
            await asyncio.wait_for(connecting, CONNECT_TIMEOUT)
            self.proxy.report(None)
        except OSError as error:
            self.proxy.report(error)
            self.server.reset()
            self.client.reset()


class _End(asyncio.Protocol):
    """One of the two sockets of a link. `reads_into` takes what it reads, `written_by` writes to it."""

    reads_into: _Flow
    written_by: _Flow

    def __init__(self, link: _Link) -> None:
        self._link = link
        self.transport: Any = None
        #: The connection is over, or will never be made.
        self.lost = False
        #: It is we who end it.
        self._ending = False

    @property
    def is_open(self) -> bool:
        """Whether the connection is there and not about to end."""
        return self.transport is not None and not self.transport.is_closing()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        if self._ending:
            # It was given up before it was made.
            self.transport.abort()
            return
        sock = transport.get_extra_info("socket")
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SYSTEM_BUFFER)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SYSTEM_BUFFER)
        self.written_by.resume()
        if self is self._link.client:
            self._link.connect()

    def data_received(self, data: bytes) -> None:
        self.reads_into.take(data)

    def eof_received(self) -> bool:
        self.reads_into.take_end(_Ending.IN_ORDER)
        # The other half stays open.
        return True

    def connection_lost(self, error: Exception | None) -> None:
        self.lost = True
        self.written_by.drop()
        if not self._ending:
            self.reads_into.take_end(_Ending.RESET)
        self._link.look()

    def pause_writing(self) -> None:
        self.written_by.hold()

    def resume_writing(self) -> None:
        self.written_by.resume()

    def close(self) -> None:
        """End the connection once all that was written has left."""
        if not self._ending and not self.lost:
            self._ending = True
            self.transport.close()

    def reset(self) -> None:
        """End the connection at once, and so that the other side sees a reset."""
        if self.lost:
            return
        self._ending = True
        self.written_by.drop()
        if self.transport is None:
            self.lost = True
            self._link.look()
            return
        with contextlib.suppress(OSError):
            self.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        self.transport.abort()


class _Flow:
    """One direction of one link: what is on its way, in order."""

    def __init__(self, link: _Link, direction: LinkDirection, source: _End, target: _End) -> None:
        self._link = link
        self._direction = direction
        self._source = source
        self._target = target
        #: What is on its way and when it comes out: bytes, or how the stream ends.
        self._queue: deque[tuple[float, bytes | _Ending]] = deque()
        #: Bytes on their way.
        self.waiting_bytes = 0
        self._reading = True
        #: The target cannot take anything now: it is not connected yet, or does not read.
        self._held = True
        self._dropped = False
        #: When the relay will have it release something.
        self.wakes = math.inf
        #: The last byte has come out, or nobody is left to see it.
        self.ended = False

    def take(self, data: bytes) -> None:
        """Bytes that enter now."""
        if self._dropped:
            return
        now, piece = time.monotonic(), self._direction.piece
        for start in range(0, len(data), piece):
            part = data[start : start + piece]
            self._queue.append((self._direction.due(now, len(part)), part))
        self.waiting_bytes += len(data)
        self._schedule()
        if self._reading and self.waiting_bytes > self._direction.backlog:
            self._reading = False
            self._source.transport.pause_reading()

    def take_end(self, kind: _Ending) -> None:
        """The source's stream has ended: in order, or with a reset, which may follow the former."""
        if not self._dropped:
            self._queue.append((self._direction.due(time.monotonic(), 0), kind))
            self._schedule()

    def release(self, now: float) -> None:
        """Write what is due."""
        self.wakes = math.inf
        queue = self._queue
        while queue and queue[0][0] <= now and not self._held:
            self._put(queue.popleft()[1])
        if queue and queue[-1][1] is _Ending.RESET and queue[-1][0] <= now:
            # A reset gets through to a receiver who does not read.
            self._target.reset()
        self._schedule()
        # Half, so that it does not go on and off with every message.
        if not self._reading and self.waiting_bytes <= self._direction.backlog / 2 and self._source.is_open:
            self._reading = True
            self._source.transport.resume_reading()

    def hold(self) -> None:
        """The target takes no more for now."""
        self._held = True

    def resume(self) -> None:
        """The target takes something again."""
        self._held = False
        self.release(time.monotonic())

    def drop(self) -> None:
        """The target is gone: forget what is on its way, and whatever still comes."""
        self._dropped = self.ended = True
        self._queue.clear()
        self.waiting_bytes = 0

    def _put(self, item: bytes | _Ending) -> None:
        target = self._target
        if isinstance(item, bytes):
            self.waiting_bytes -= len(item)
            if target.is_open:
                target.transport.write(item)
        elif item is _Ending.RESET:
            target.reset()
        else:
            if target.is_open:
                target.transport.write_eof()
            self.ended = True
            self._link.look()

    def _schedule(self) -> None:
        """Have the relay come back when the next thing is due that can get through."""
        queue = self._queue
        if not queue or (self._held and queue[-1][1] is not _Ending.RESET):
            return
        when = queue[-1 if self._held else 0][0]
        if when < self.wakes:
            self.wakes = when
            self._link.proxy.schedule(self, when)


def reason_of(error: Exception) -> str:
    """Why an address cannot be reached or had, for a sentence."""
    number = getattr(error, "errno", None)
    if number is not None and number > 0:
        return os.strerror(number)
    return getattr(error, "strerror", None) or str(error) or "it does not answer in time"
