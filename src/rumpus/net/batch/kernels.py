"""The system calls of many sockets in one go, as machine code: for the `reader`, and for rooms, which send.

Per message, Python and the event loop cost as much as the operating system does. These kernels call the C library
themselves, and read the one kind of frame that nearly all frames are; everything else they only carry.

Linux only: elsewhere this module raises ImportError or AttributeError. numba is imported with it, so it is imported
only where the lane is used.
"""

from __future__ import annotations

import platform
import select
import socket
import sys
from typing import Any, Final

import numpy as np
from numba import types
from numpy.typing import NDArray

from ...compiled import is_on_disk, kernel
from .records import ABSENT, BYTES, ENDED, MESSAGE, MORE, UNREAD, WIDE_TEXT

if not sys.platform.startswith("linux"):
    raise ImportError("the fast lane needs epoll and the flags of Linux' sockets")

# Addresses are passed as integers: to the processor they are, and so no array's reference has to be counted.
_send: Any = types.ExternalFunction("send", types.intp(types.int32, types.intp, types.uintp, types.int32))
_recv: Any = types.ExternalFunction("recv", types.intp(types.int32, types.intp, types.uintp, types.int32))
_epoll_wait: Any = types.ExternalFunction("epoll_wait", types.int32(types.int32, types.intp, types.int32, types.int32))

_SEND_FLAGS: Final = int(socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL)
_RECEIVE_FLAGS: Final = int(socket.MSG_DONTWAIT)
_GONE: Final = int(select.EPOLLRDHUP | select.EPOLLHUP | select.EPOLLERR)

#: 32-bit words of one `struct epoll_event`, and which of them holds the descriptor. x86-64 packs it.
EVENT_WORDS: Final = 3 if platform.machine() in ("x86_64", "AMD64") else 4
_DESCRIPTOR: Final = EVENT_WORDS - 2

#: The first byte of a whole text. Not imported: a kernel's stamp on disk tells of changes in its own folder only.
_TEXT: Final = 0x81

#: Bytes taken from one client at a time, so that one who floods does not keep the others waiting.
READ_SIZE: Final = 8192
#: Records that so many bytes can become: a frame has at least six.
RECORDS_EACH: Final = READ_SIZE // 6 + 3

#: Events taken from the epoll at a time; and bytes for what they bring.
_EVENTS: Final = 1024
_INBOX_SIZE: Final = 1 << 18

#: What a client that was passed over has as the result of `send_ranges`.
SKIPPED: Final = -2


@kernel
def send_ranges(
    fds: NDArray[np.int32],
    buffer: NDArray[np.uint8],
    starts: NDArray[np.int64],
    ends: NDArray[np.int64],
    results: NDArray[np.int64],
) -> int:
    """Send `buffer[starts[i]:ends[i]]`, whole WebSocket frames, to each `fds[i]`. Returns for how many that failed.

    `results[i]` is the number of bytes that were taken, -1 if none were, or -2 for a descriptor below 0, which is
    passed over and is not counted. Where it is less than the range, hand what is left to `Connection.send_rest`. Each
    client may occur once.
    """
    address = buffer.ctypes.data
    unfinished = 0
    for i in range(fds.size):
        if fds[i] < 0:
            results[i] = SKIPPED
            continue
        size = ends[i] - starts[i]
        results[i] = _send(fds[i], address + starts[i], size, _SEND_FLAGS) if size else 0
        if results[i] != size:
            unfinished += 1
    return unfinished


@kernel
def receive(
    epoll: int,
    progress: NDArray[np.int64],
    events: NDArray[np.int32],
    first_bytes: NDArray[np.uint8],
    inbox: NDArray[np.uint8],
    records: NDArray[np.int64],
    limit: int,
) -> int:
    """Receive from the clients that `epoll` names, as many as fit. Returns the number of records.

    `progress` is (next event, number of events); while the first is less than the second, call again. `first_bytes` has
    for each descriptor the first byte of the frames to read here, or ABSENT or UNREAD. What was received is in `inbox`,
    and `records` (4, n) says what it is: kind, descriptor, start, end; of one client in the order of its bytes.
    Messages over `limit` bytes are not read here.
    """
    if progress[0] >= progress[1]:
        progress[0] = 0
        progress[1] = max(0, _epoll_wait(epoll, events.ctypes.data, events.size // EVENT_WORDS, 0))
    address = inbox.ctypes.data
    count = 0
    used = 0
    while progress[0] < progress[1] and used + READ_SIZE <= inbox.size and count + RECORDS_EACH <= records.shape[1]:
        event = progress[0] * EVENT_WORDS
        progress[0] += 1
        fd = events[event + _DESCRIPTOR]
        first = first_bytes[fd]
        if first == ABSENT:
            continue
        got = _recv(fd, address + used, READ_SIZE, _RECEIVE_FLAGS)
        end = used + max(0, got)
        # Frames on the common path: final, masked, of the connection's type, nothing reserved, all of it here.
        while first != UNREAD and used + 6 <= end and inbox[used] == first:
            size = int(inbox[used + 1]) - 128
            start = used + 6
            if size == 126:
                size = int(inbox[used + 2]) * 256 + int(inbox[used + 3])
                start = used + 8
                if size < 126:
                    break
            elif size < 0 or size > 126:
                break
            if size > limit or start + size > end:
                break
            bits = np.uint8(0)
            for i in range(size):
                inbox[start + i] ^= inbox[start - 4 + (i & 3)]
                bits |= inbox[start + i]
            records[0, count] = WIDE_TEXT if first == _TEXT and bits >= 0x80 else MESSAGE
            records[1, count] = fd
            records[2, count] = start
            records[3, count] = start + size
            count += 1
            used = start + size
        if used < end:
            records[0, count] = BYTES
            records[1, count] = fd
            records[2, count] = used
            records[3, count] = end
            count += 1
            used = end
        gone = got == 0 or events[event] & _GONE != 0
        if gone or got == READ_SIZE:
            records[0, count] = ENDED if gone else MORE
            records[1, count] = fd
            records[2, count] = used
            records[3, count] = used
            count += 1
    return count


class Inbox:
    """What arrives from the sockets of one epoll."""

    def __init__(self, epoll_fd: int, limit: int) -> None:
        self._epoll_fd = epoll_fd
        self._limit = limit
        self._progress = np.zeros(2, np.int64)
        self._events = np.zeros(_EVENTS * EVENT_WORDS, np.int32)
        self._first_bytes = np.full(1024, ABSENT, np.uint8)
        self._data = np.zeros(_INBOX_SIZE, np.uint8)
        self._records = np.zeros((4, 8 * RECORDS_EACH), np.int64)

    def watch(self, fd: int, first_byte: int) -> None:
        """Receive from a socket of the epoll. `first_byte`: of the frames that are whole messages, or UNREAD."""
        if fd >= self._first_bytes.size:
            self._first_bytes = np.concatenate([self._first_bytes, np.full(fd, ABSENT, np.uint8)])
        self._first_bytes[fd] = first_byte

    def forget(self, fd: int) -> None:
        self._first_bytes[fd] = ABSENT

    @property
    def unfinished(self) -> bool:
        """Whether more is known to wait than the last call of `receive` took."""
        return bool(self._progress[0] < self._progress[1])

    def receive(self) -> tuple[bytes, list[int], list[int], list[int], list[int]] | None:
        """What has arrived, or None: bytes, and the kinds, descriptors, starts and ends of the records."""
        count = receive(
            self._epoll_fd,
            self._progress,
            self._events,
            self._first_bytes,
            self._data,
            self._records,
            self._limit,
        )
        if not count:
            return None
        kinds, fds, starts, ends = self._records[:, :count].tolist()
        return self._data[: ends[-1]].tobytes(), kinds, fds, starts, ends


def are_on_disk() -> bool:
    """Whether no kernel has to be compiled, which takes seconds."""
    return is_on_disk(send_ranges) and is_on_disk(receive)


def warm_up() -> None:
    """Call each kernel once, with nothing to do: from now on calls take no longer than their work."""
    nothing = np.zeros(0, np.int64)
    send_ranges(np.zeros(0, np.int32), np.zeros(0, np.uint8), nothing, nothing, nothing)
    Inbox(-1, 0).receive()


def are_warm() -> bool:
    return bool(getattr(receive, "signatures", None)) and bool(getattr(send_ranges, "signatures", None))
