"""All players of a load generator, a row each in arrays that its kernels work on."""

from __future__ import annotations

import platform
import select
import socket
from random import Random

import numpy as np
import numpy.typing as npt

from ..protocol.framing import masked_frame
from . import generator_kernels as kernels
from .dialects import Dialect
from .workloads import SLICES, TURN

#: Inputs that a player takes turns with.
VARIANTS = 16
#: Bytes that one `recv` takes at most.
_BUFFER = 256 * 1024
#: File descriptors that players may have.
_MOST_FDS = 65_536


class Crowd:
    """Players who have a connection. `admit` them one by one, then `play` slice by slice."""

    def __init__(self, dialect: Dialect, players: int, seed: int = 1) -> None:
        random = Random(seed)  # noqa: S311  # repeatable on purpose
        self.sockets: list[socket.socket] = []
        self._dialect = dialect
        self._epoll = select.epoll()
        self._fds = np.full(players, -1, np.int32)
        self._rows = np.zeros(_MOST_FDS, np.int32)
        self._seqs = np.full(players, dialect.first_seq, np.int64)
        #: The newest tick that each player was told of.
        self._ticks = np.zeros(players, np.int64)
        self._masks = np.array([list(random.randbytes(4)) for _ in range(players)], np.uint8).reshape(players, 4)
        self._encode(random, players)
        # `struct epoll_event` is packed on x86-64 and nowhere else.
        self._stride = 3 if platform.machine() in ("x86_64", "AMD64") else 4
        self._events = np.zeros(4096 * self._stride, np.int32)
        self._buffer = np.zeros(_BUFFER, np.uint8)
        self._clock = np.zeros(2, np.int64)
        self._parsers = np.zeros((players, kernels.PARSER_COLUMNS), np.int64)
        self._headers = np.zeros((players, 16), np.uint8)
        self._heads = np.zeros((players, kernels.HEAD), np.uint8)
        self._controls = np.zeros((players, kernels.CONTROL + 6), np.uint8)
        self._snapshots = np.zeros((len(dialect.snapshots), kernels.HEAD), np.uint8)
        for row, head in enumerate(dialect.snapshots):
            self._snapshots[row, : len(head)] = list(head)
        self._snapshot_sizes = np.array([len(head) for head in dialect.snapshots], np.int64)
        #: What each player sent and received, see `generator_kernels`.
        self.counts: npt.NDArray[np.int64] = np.zeros((players, kernels.COUNT_COLUMNS), np.int64)

    def _encode(self, random: Random, players: int) -> None:
        """Every player's inputs as frames, which end where the next one's would begin."""
        made, places = list[bytes](), list[list[int]]()
        for row in range(players):
            mask = bytes(self._masks[row])
            for _ in range(VARIANTS):
                encoded = self._dialect.input(random)
                data = masked_frame(self._dialect.opcode, encoded.payload, mask)
                header = len(data) - len(encoded.payload)
                made.append(data)
                places.append([at + header if at else 0 for at in encoded[1:]])
        width = max(map(len, made))
        joined = b"".join(data.ljust(width, b"\0") for data in made)
        self._frames = np.frombuffer(bytearray(joined), np.uint8).reshape(players, VARIANTS, width)
        self._sizes = np.array([len(data) for data in made], np.int64).reshape(players, VARIANTS)
        #: Where in them the sequence number is, the tick, and the tick seen (0: nowhere).
        self._places = np.array(places, np.int64).reshape(players, VARIANTS, 3)

    @property
    def input_size(self) -> float:
        """Bytes of an input on the wire, header and mask included, on average."""
        return float(self._sizes.mean())

    def admit(self, connection: socket.socket, already: bytes = b"") -> None:
        """Take over a player's connection; `already` was received for it."""
        row = len(self.sockets)
        self.sockets.append(connection)
        fd = connection.fileno()
        self._fds[row], self._rows[fd] = fd, row
        if already:
            self._take(row, already)
        self._epoll.register(fd, select.EPOLLIN)

    def _take(self, row: int, data: bytes) -> None:
        kernels.take(
            row, np.frombuffer(bytearray(data), np.uint8), len(data), self._fds, self._parsers, self._headers,
            self._heads, self._controls, self._snapshots, self._snapshot_sizes, self._ticks, self.counts,
        )  # fmt: skip

    def play(self, slice_: int, deadline: float) -> None:
        """Send the inputs of a slice, or none if it is negative, and read until `deadline` (time.monotonic)."""
        kernels.play(
            self._epoll.fileno(), slice_, SLICES, deadline, TURN, self._dialect.every, self._dialect.digits, self._fds,
            self._rows, self._frames, self._sizes, self._places, self._seqs, self._ticks, self._masks, self._events,
            self._stride, self._buffer, self._clock, self._parsers, self._headers, self._heads, self._controls,
            self._snapshots, self._snapshot_sizes, self.counts,
        )  # fmt: skip

    def compile(self) -> None:
        """Have the kernels ready, so that nobody waits for them later."""
        self._take(0, b"\x8a\x00")
        self.play(-1, 0.0)
        self.counts[:] = 0

    def close(self) -> None:
        self._epoll.close()
        for connection in self.sockets:
            connection.close()
