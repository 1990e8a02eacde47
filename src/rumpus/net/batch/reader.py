"""Reads the sockets of many clients at once, past the event loop.

Most of what a server of small messages does is to be told of a socket, to read it and to take a frame apart, 30 times a
second for each client. The event loop does that one socket at a time, through several layers of calls. A connection in
this *fast lane* is not read by the loop any more: its socket is in an epoll of our own, and `drain` has one kernel
receive from all that are ready and take the usual frames apart (`kernels`).

Whatever is not usual (control frames, fragments, faults) goes on to picows, in order and frame by frame, so there is
one place for each rule of the protocol. A frame of which a part is missing waits here. picows therefore always is
between two frames, and a connection can leave at any moment: when it is closed, by whichever side, and when its stream
ends, which the event loop then finds by itself.

Connections stay on the ordinary path where the lane is switched off or cannot be had, and until its kernels are ready.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import select
import subprocess
import sys
from collections.abc import Callable
from typing import Any

from ...protocol import INTERNAL_ERROR
from ..frame_progress import FrameProgress
from ..websocket import SocketConnection
from .records import MESSAGE, MORE, UNREAD, WIDE_TEXT

logger = logging.getLogger(__name__)

#: Seconds between two looks at the sockets while much comes in.
BUSY_INTERVAL = 0.004
#: Seconds over which it is judged how much comes in.
_WINDOW = 0.1
#: Messages that are handed out before it is asked whether something else is to go first.
_AT_ONCE = 64
#: In a window, waking up so often for what arrives costs more than looking all the time; and so few messages less.
_MANY, _FEW = 50, 30

#: Edge-triggered, which spares the kernel a second look at each socket.
_EVENTS = select.EPOLLIN | select.EPOLLRDHUP | select.EPOLLET

#: Second bytes of frames, less the bit that says that they are masked: it is not set, or there are 64 bits of length.
_IRREGULAR = frozenset((*range(-0x80, 0), 127))
_OPCODES = frozenset((0, 1, 2, 8, 9, 10))

#: What a second process runs to compile the kernels, once on each machine.
_COMPILE = "from rumpus.net.batch.reader import load_kernels; load_kernels()"


def load_kernels() -> Any:
    """The module of the kernels, ready to be called: loaded, or compiled if no earlier process left them on disk.

    Raises whatever keeps them from being used on this machine.
    """
    kernels = _import_kernels()
    kernels.warm_up()
    return kernels


def kernels_loaded() -> bool:
    """Whether `load_kernels` would return at once."""
    return f"{__package__}.kernels" in sys.modules and _import_kernels().are_warm()


def _import_kernels() -> Any:
    from . import kernels  # numba is slow to import, and not every server uses it

    return kernels


def batch_writer() -> Any:
    """What writes frames to many sockets at once (`kernels.send_ranges`), once it is ready; None until then."""
    return _import_kernels().send_ranges if kernels_loaded() else None


def whole_frames(data: bytes, limit: int) -> tuple[int, bool]:
    """How many bytes at the start of `data` are complete frames of a client, and whether the rest can be waited for.

    It cannot be if it begins with a header that picows refuses at once, such as that of a frame longer than `limit`, or
    that has 64 bits of length.
    """
    at = 0
    while len(data) - at >= 2:
        first, length = data[at], data[at + 1] - 0x80
        opcode = first & 0x0F
        # Not masked, an opcode that nobody has defined, or a control frame that is too long or in fragments.
        if length in _IRREGULAR or opcode not in _OPCODES or (opcode >= 8 and (length > 125 or first < 0x80)):
            return at, False
        start = at + 6
        if length == 126:
            start += 2
            if len(data) < at + 4:
                break
            length = int.from_bytes(data[at + 2 : at + 4], "big")
            if length < 126:
                return at, False
        if length > limit:
            return at, False
        if len(data) < start + length:
            break
        at = start + length
    return at, True


class BatchReader:
    """The connections that are read together. `limit` is the most bytes of a message.

    `drain` reads what has arrived. It has to be called every `interval` seconds; while that is None, little comes in,
    and the event loop tells of it. `on_busy` is called when that ends.
    """

    def __init__(self, limit: int, on_busy: Callable[[], object]) -> None:
        self._limit = limit
        self._on_busy = on_busy
        #: Called before some messages are handed out: here something else may go first.
        self.before_work: Callable[[], object] = lambda: None
        self._compiler: subprocess.Popen[bytes] | None = None
        self._opening: asyncio.Task[None] | None = None
        self._closed = False
        self._inbox: Any = None
        self._members: dict[int, SocketConnection] = {}
        #: Of the members: where whole messages go. Not by way of the connection, whose memory would have to be fetched
        #: for nothing: of many clients' objects, few are in the processor's cache.
        self._takers: dict[int, Callable[[bytes], object]] = {}
        #: Of some of them: the beginning of a frame.
        self._pending: dict[int, bytes] = {}
        #: Who left while messages were being handed out: what was received from them comes first.
        self._leaving: list[int] = []
        self._handing_out = False
        self.interval: float | None = None
        self._window_end = 0.0
        self._in_window = 0

    def __len__(self) -> int:
        return len(self._members)

    @property
    def is_open(self) -> bool:
        return self._inbox is not None

    # Beginning and end.

    def open(self) -> None:
        """Let connections in. Loads the kernels; raises what keeps them from being used. Needs a running event loop."""
        kernels = load_kernels()
        self._loop = asyncio.get_running_loop()
        self._epoll = select.epoll()
        self._inbox = kernels.Inbox(self._epoll.fileno(), self._limit)
        self._loop.add_reader(self._epoll.fileno(), self._on_readable)

    def start(self) -> None:
        """Open the lane now, or as soon as its kernels can be had, which nothing waits for. Once is enough."""
        if self._inbox is not None or self._opening is not None or self._closed:
            return
        if kernels_loaded():
            self.open()
        else:
            self._opening = asyncio.create_task(self._open_when_ready())

    async def _open_when_ready(self) -> None:
        try:
            kernels = await asyncio.to_thread(_import_kernels)
            if not kernels.are_on_disk():
                await asyncio.to_thread(self._compile_aside)
            if not self._closed:
                await asyncio.to_thread(kernels.warm_up)
            if not self._closed:
                self.open()
                # As at the start of the server: what was imported stays.
                gc.freeze()
        except Exception:
            logger.warning("the fast lane cannot be used; connections stay on the ordinary path", exc_info=True)

    def _compile_aside(self) -> None:
        """In a process of its own: numba compiles with the interpreter's lock held. Runs in a thread."""
        with subprocess.Popen([sys.executable, "-c", _COMPILE], stdin=subprocess.DEVNULL) as self._compiler:  # noqa: S603  # ourselves
            if self._closed:
                self._compiler.kill()
        if self._compiler.returncode != 0 and not self._closed:
            raise RuntimeError("the kernels could not be compiled")

    def close(self) -> None:
        """Let nobody in any more; those who are in it go back to the event loop."""
        self._closed = True
        if self._compiler is not None:
            self._compiler.kill()
        for connection in list(self._members.values()):
            connection.leave_lane()
        if self._inbox is not None:
            self._inbox = self.interval = None
            self._loop.remove_reader(self._epoll.fileno())
            self._epoll.close()

    async def wait_closed(self) -> None:
        """Until what `start` has begun is at its end."""
        if self._opening is not None:
            await self._opening

    # Members.

    def enter(self, connection: SocketConnection, fd: int) -> bool:
        """Take over the reading of a connection's socket. False if it cannot be done, or not yet.

        picows must be between two frames, with nothing left to read.
        """
        if self._inbox is None:
            return False
        try:
            self._epoll.register(fd, _EVENTS)
        except OSError:
            # The system's limit on watched sockets.
            return False
        self._inbox.watch(fd, connection.first_byte)
        self._members[fd] = connection
        self._takers[fd] = connection.receiver.on_message
        return True

    def take_care(self, fd: int, careful: bool) -> None:
        """Whether whole messages of a member are not the receiver's business as they are."""
        connection = self._members[fd]
        self._takers[fd] = connection.take_message if careful else connection.receiver.on_message

    def leave(self, fd: int) -> None:
        """Give the reading of a socket back to the event loop, after everything that was received from it."""
        self._epoll.unregister(fd)
        self._inbox.forget(fd)
        self.take_care(fd, True)
        if self._handing_out:
            self._leaving.append(fd)
        else:
            self._give_back(fd)

    def _give_back(self, fd: int) -> None:
        del self._takers[fd]
        connection = self._members.pop(fd)
        beginning = self._pending.pop(fd, None)
        if beginning is not None:
            connection.take_bytes(beginning)
        connection.read_ordinarily()

    # Reading.

    def drain(self) -> None:
        """Read and hand out everything that has arrived."""
        inbox, received = self._inbox, 0
        if inbox is None or self._handing_out:
            return
        while (batch := inbox.receive()) is not None:
            received += len(batch[1])
            self._hand_out(*batch)
            if not inbox.unfinished:
                break
        if self.interval is not None:
            self._in_window += received
            self._judge_quiet()

    def _hand_out(self, data: bytes, kinds: list[int], fds: list[int], starts: list[int], ends: list[int]) -> None:
        takers = self._takers
        self._handing_out = True
        for number, (kind, fd, start, end) in enumerate(zip(kinds, fds, starts, ends, strict=True)):
            if number % _AT_ONCE == _AT_ONCE - 1:
                self.before_work()
            try:
                # Nearly always: a whole message.
                if kind == MESSAGE:
                    takers[fd](data[start:end])
                elif kind == WIDE_TEXT:
                    self._members[fd].take_message(data[start:end])
                else:
                    self._on_uncommon(kind, fd, data[start:end])
            except Exception:
                logger.exception("a message could not be taken")
                self._members[fd].close(INTERNAL_ERROR)
        self._handing_out = False
        while self._leaving:
            self._give_back(self._leaving.pop())

    def _on_uncommon(self, kind: int, fd: int, data: bytes) -> None:
        connection = self._members[fd]
        if data:
            self._take_bytes(connection, fd, data)
        elif connection.lane_fd < 0:
            pass  # it has left
        elif kind == MORE:
            # The epoll tells of each arrival once only; this makes it tell of this one again.
            self._epoll.modify(fd, _EVENTS)
        else:
            connection.go_ordinary_ways()

    def _take_bytes(self, connection: SocketConnection, fd: int, data: bytes) -> None:
        """Hand frames to picows that are complete, and keep the beginning of the next."""
        waited = self._pending.pop(fd, b"")
        data = waited + data
        whole, regular = whole_frames(data, self._limit)
        if not regular:
            connection.take_bytes(data)
            connection.leave_lane()
            return
        if whole:
            connection.take_bytes(data[:whole])
        if whole < len(data):
            self._keep(connection, fd, data[whole:], whole == 0 and waited != b"")
        if connection.lane_fd >= 0:
            self._inbox.watch(fd, connection.first_byte if whole == len(data) else UNREAD)

    def _keep(self, connection: SocketConnection, fd: int, beginning: bytes, grew: bool) -> None:
        """Keep the beginning of a frame. grew: it was there before, and what came does not complete it."""
        self._pending[fd] = beginning
        if grew:
            connection.on_read_without_frame()
        progress = FrameProgress()
        progress.ends(beginning)
        connection.on_part_of_frame(progress, beginning, begins=True)

    # How it learns of arrivals.

    def _on_readable(self) -> None:
        """Something has arrived, while little does."""
        self.drain()
        self._in_window += 1
        now = self._loop.time()
        if now >= self._window_end:
            self._window_end, self._in_window = now + _WINDOW, 0
        elif self._in_window > _MANY and self._inbox is not None:
            self._loop.remove_reader(self._epoll.fileno())
            self.interval = BUSY_INTERVAL
            self._window_end, self._in_window = now + _WINDOW, 0
            self._on_busy()

    def _judge_quiet(self) -> None:
        now = self._loop.time()
        if now >= self._window_end:
            if self._in_window < _FEW:
                self.interval = None
                self._loop.add_reader(self._epoll.fileno(), self._on_readable)
            self._window_end, self._in_window = now + _WINDOW, 0
