"""Many players join at once: connect, upgrade, ask for a seat, wait for the welcome; on raw sockets and one epoll.

At most some dozens are on their way at a time, as when a crowd arrives. What reaches those who are in already is read
meanwhile, because a server that nobody reads from slows down.
"""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Callable

from ..errors import RumpusError
from ..protocol.framing import masked_frame
from .dialects import Dialect, server_frames

#: Connections that may be on their way at the same time.
AT_ONCE = 64
#: Seconds that the server may be silent, and that it gets for all of them.
SILENCE, PATIENCE = 20.0, 120.0

Admit = Callable[[socket.socket, bytes], None]
_MASK = b"\x37\xfa\x21\x3d"


class _Joining:
    """One connection on its way."""

    def __init__(self, number: int, request: bytes, host: str, port: int) -> None:
        self.number = number
        self.request: bytes | None = request
        self.upgraded = False
        self.received = bytearray()
        self.socket = socket.socket()
        self.socket.setblocking(False)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.connect_ex((host, port))


def join(
    dialect: Dialect, players: int, host: str, port: int, admit: Admit, meanwhile: Callable[[], None] | None = None
) -> float:
    """Let players join and hand their sockets to `admit`, with what came after the welcome. Returns the seconds.

    Raises RumpusError if the server refuses somebody, or goes silent.
    """
    epoll, going = select.epoll(), dict[int, _Joining]()
    began = heard = time.perf_counter()
    started = done = 0
    try:
        while done < players:
            while started < players and len(going) < AT_ONCE:
                one = _Joining(started, dialect.request(host, port), host, port)
                going[one.socket.fileno()] = one
                epoll.register(one.socket.fileno(), select.EPOLLIN | select.EPOLLOUT)
                started += 1
            for fd, events in epoll.poll(0.002):
                heard = time.perf_counter()
                one = going[fd]
                if events & select.EPOLLOUT and one.request is not None:
                    one.socket.send(one.request)
                    one.request = None
                    epoll.modify(fd, select.EPOLLIN)
                if events & (select.EPOLLIN | select.EPOLLHUP) and _advance(one, dialect):
                    epoll.unregister(fd)
                    del going[fd]
                    done += 1
                    admit(one.socket, bytes(one.received))
            now = time.perf_counter()
            if now - heard > SILENCE or now - began > PATIENCE:
                why = "when the server went silent" if now - heard > SILENCE else f"after {PATIENCE:g} s"
                raise RumpusError(f"Only {done:,} of {players:,} players had joined {why}.")
            if meanwhile is not None:
                meanwhile()
    finally:
        epoll.close()
        for one in going.values():
            one.socket.close()
    return time.perf_counter() - began


def _advance(one: _Joining, dialect: Dialect) -> bool:
    """Read what has come; whether the player is in."""
    try:
        data = one.socket.recv(65536)
    except BlockingIOError:
        return False
    except OSError as error:
        raise RumpusError(f"A connection broke before player {one.number} was in: {error.strerror}.") from None
    if not data:
        raise RumpusError(f"The server hung up before player {one.number} was in: {bytes(one.received[:200])!r}.")
    one.received += data
    if not one.upgraded:
        head, end, rest = bytes(one.received).partition(b"\r\n\r\n")
        if not end:
            return False
        if not head.startswith(b"HTTP/1.1 101"):
            raise RumpusError(f"The server did not upgrade a connection: {head.splitlines()[0].decode()}.")
        one.upgraded, one.received = True, bytearray(rest)
        hello = dialect.hello(one.number)
        if hello is not None:
            one.socket.send(masked_frame(dialect.opcode, hello, _MASK))
        elif dialect.name == "idle":
            return True
    for opcode, payload in server_frames(one.received):
        if opcode == 8:
            raise RumpusError(f"The server closed player {one.number}'s connection: {payload[2:].decode()}.")
        if opcode < 8 and payload:
            seated, answer = dialect.answer(payload)
            if answer is not None:
                one.socket.send(masked_frame(dialect.opcode, answer, _MASK))
            if seated:
                return True
    return False
