"""The load generator's hot path as machine code: send a slice of the inputs, read what comes, count frames.

A generator in Python costs as much for each player as a fast server does, and then two cores measure one. This one
makes the same system calls as a C program would: one `send` an input, one `recv` for whatever a socket has. It blocks
in `epoll_wait` until the next slice is due and never spins.

Everything it knows of players is in arrays, a row each; see `Crowd` in `generator.py`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import types

from ..compiled import kernel, part

Ints = npt.NDArray[np.int64]
Fds = npt.NDArray[np.int32]
Bytes = npt.NDArray[np.uint8]

_send: Any = types.ExternalFunction("send", types.intp(types.int32, types.uintp, types.uintp, types.int32))
_recv: Any = types.ExternalFunction("recv", types.intp(types.int32, types.uintp, types.uintp, types.int32))
_epoll_wait: Any = types.ExternalFunction("epoll_wait", types.int32(types.int32, types.uintp, types.int32, types.int32))
_epoll_ctl: Any = types.ExternalFunction("epoll_ctl", types.int32(types.int32, types.int32, types.int32, types.uintp))
_clock_gettime: Any = types.ExternalFunction("clock_gettime", types.int32(types.int32, types.uintp))

_MONOTONIC = 1
_EPOLL_CTL_DEL = 2
#: MSG_DONTWAIT | MSG_NOSIGNAL
_FLAGS = 0x40 | 0x4000
#: A slice this close (s) is due: `epoll_wait` counts in milliseconds.
EARLY = 0.0005

#: Columns of `parsers`: bytes of the header that are here, bytes of the payload that are not, the frame's first byte,
#: and of the message so far the bytes and how many of them are kept.
AT_HEADER, LEFT, FIRST, SIZE, KEPT, PARSER_COLUMNS = range(6)
#: Columns of `counts`. Payloads exclude headers of frames; `WIRE` is everything received.
SENT, REFUSED, SNAPSHOTS, SNAPSHOT_BYTES, MESSAGES, MESSAGE_BYTES, WIRE, CLOSED, COUNT_COLUMNS = range(9)
#: Bytes of a message's beginning that are kept, and of a ping.
HEAD, CONTROL = 16, 126
#: The first byte of a snapshot of tables.
BINARY = 0xC1
#: An input for a tick is for so many after the newest that its player was told of, who sees one so many before it.
AHEAD, BEHIND = 2, 2


@part
def _now(clock: Ints) -> float:
    _clock_gettime(_MONOTONIC, clock.ctypes.data)
    return clock[0] + 1e-9 * clock[1]  # type: ignore[no-any-return]  # a number


@part
def _varint(heads: Bytes, row: int, at: int) -> int:
    value = 0
    shift = 0
    while at < HEAD:
        value |= int(heads[row, at] & 0x7F) << shift
        if heads[row, at] < 0x80:
            break
        shift += 7
        at += 1
    return value


@part
def _put(frames: Bytes, masks: Bytes, row: int, variant: int, start: int, at: int, number: int) -> None:
    """Write a number of two bytes into a frame whose payload begins at `start`."""
    frames[row, variant, at] = np.uint8((number >> 8) & 0xFF) ^ masks[row, (at - start) & 3]
    frames[row, variant, at + 1] = np.uint8(number & 0xFF) ^ masks[row, (at + 1 - start) & 3]


@part
def _end_of_message(
    row: int, parsers: Ints, heads: Bytes, snapshots: Bytes, snapshot_sizes: Ints, ticks: Ints, counts: Ints
) -> None:
    size = parsers[row, SIZE]
    counts[row, MESSAGES] += 1
    counts[row, MESSAGE_BYTES] += size
    for kind in range(len(snapshot_sizes)):
        length = snapshot_sizes[kind]
        same = parsers[row, KEPT] >= length
        for index in range(length):
            if not same:
                break
            same = heads[row, index] == snapshots[kind, index]
        if same:
            counts[row, SNAPSHOTS] += 1
            counts[row, SNAPSHOT_BYTES] += size
            if heads[row, 0] == BINARY:
                ticks[row] = _varint(heads, row, 2)
            break
    parsers[row, SIZE] = 0
    parsers[row, KEPT] = 0


@part
def _pong(fd: int, row: int, size: int, controls: Bytes) -> None:
    """Answer a ping. The payload is echoed; the mask is zero, so it needs no work."""
    for index in range(size - 1, -1, -1):
        controls[row, index + 6] = controls[row, index]
    controls[row, 0] = 0x8A
    controls[row, 1] = 0x80 | size
    for index in range(2, 6):
        controls[row, index] = 0
    _send(fd, controls.ctypes.data + row * controls.shape[1], size + 6, _FLAGS)


@part
def _take(
    row: int,
    data: Bytes,
    size: int,
    fds: Fds,
    parsers: Ints,
    headers: Bytes,
    heads: Bytes,
    controls: Bytes,
    snapshots: Bytes,
    snapshot_sizes: Ints,
    ticks: Ints,
    counts: Ints,
) -> None:
    """Read `size` bytes that came for a player: any number of frames, the first and the last perhaps in parts."""
    at = 0
    while at < size:
        if parsers[row, LEFT] == 0:
            have = parsers[row, AT_HEADER]
            headers[row, have] = data[at]
            at += 1
            have += 1
            parsers[row, AT_HEADER] = have
            if have < 2:
                continue
            short = int(headers[row, 1] & 0x7F)
            wide = 2 if short == 126 else 8 if short == 127 else 0
            if have < 2 + wide:
                continue
            length = short
            if wide:
                length = 0
                for index in range(2, 2 + wide):
                    length = (length << 8) | int(headers[row, index])
            parsers[row, AT_HEADER] = 0
            parsers[row, FIRST] = headers[row, 0]
            parsers[row, LEFT] = length
            if headers[row, 0] & 0x08:
                # A control frame may stand between the parts of a message, whose bytes are not its own.
                headers[row, 15] = 0
        else:
            many = min(parsers[row, LEFT], size - at)
            if parsers[row, FIRST] & 0x08:
                kept = int(headers[row, 15])
                for index in range(many):
                    if kept < CONTROL - 1:
                        controls[row, kept] = data[at + index]
                        kept += 1
                headers[row, 15] = kept
            else:
                kept = int(parsers[row, KEPT])
                for index in range(min(many, HEAD - kept)):
                    heads[row, kept + index] = data[at + index]
                parsers[row, KEPT] = min(HEAD, kept + many)
                parsers[row, SIZE] += many
            parsers[row, LEFT] -= many
            at += many
        if parsers[row, LEFT] == 0 and parsers[row, AT_HEADER] == 0:
            opcode = parsers[row, FIRST] & 0x0F
            if opcode == 9:
                _pong(fds[row], row, int(headers[row, 15]), controls)
            elif opcode < 8 and parsers[row, FIRST] & 0x80:
                _end_of_message(row, parsers, heads, snapshots, snapshot_sizes, ticks, counts)


@kernel
def take(
    row: int,
    data: Bytes,
    size: int,
    fds: Fds,
    parsers: Ints,
    headers: Bytes,
    heads: Bytes,
    controls: Bytes,
    snapshots: Bytes,
    snapshot_sizes: Ints,
    ticks: Ints,
    counts: Ints,
) -> None:
    """The same for bytes that were received elsewhere: by the code that lets players join."""
    _take(row, data, size, fds, parsers, headers, heads, controls, snapshots, snapshot_sizes, ticks, counts)


@kernel
def play(
    epoll: int,
    slice_: int,
    slices: int,
    deadline: float,
    turn: int,
    every: int,
    digits: int,
    fds: Fds,
    rows: Fds,
    frames: Bytes,
    sizes: Ints,
    places: Ints,
    seqs: Ints,
    ticks: Ints,
    masks: Bytes,
    events: Fds,
    stride: int,
    buffer: Bytes,
    clock: Ints,
    parsers: Ints,
    headers: Bytes,
    heads: Bytes,
    controls: Bytes,
    snapshots: Bytes,
    snapshot_sizes: Ints,
    counts: Ints,
) -> None:
    """Send the inputs of one slice of the players (none if it is negative) and read until the deadline.

    deadline: on CLOCK_MONOTONIC (s); 0 reads what is there and returns.  turn: periods after which a player's input is
    another.  every: after so many it is sent again.
    """
    variants = frames.shape[1]
    width = frames.shape[2]
    if slice_ >= 0:
        for row in range(slice_, len(fds), slices):
            if fds[row] < 0:
                continue
            seq = seqs[row]
            seqs[row] = seq + 1
            if seq % turn % every:
                continue
            variant = (seq // turn) % variants
            at = places[row, variant, 0]
            # The payload begins where the mask does.
            start = 6 if frames[row, variant, 1] != 0xFE else 8
            if digits == 0:
                _put(frames, masks, row, variant, start, at, seq)
                if places[row, variant, 1]:
                    _put(frames, masks, row, variant, start, places[row, variant, 1], ticks[row] + AHEAD)
                    _put(frames, masks, row, variant, start, places[row, variant, 2], max(ticks[row] - BEHIND, 0))
            else:
                rest = seq
                for index in range(digits - 1, -1, -1):
                    byte = np.uint8(48 + rest % 10)
                    rest //= 10
                    frames[row, variant, at + index] = byte ^ masks[row, (at + index - start) & 3]
            where = frames.ctypes.data + (row * variants + variant) * width
            sent = _send(fds[row], where, sizes[row, variant], _FLAGS)
            if sent == sizes[row, variant]:
                counts[row, SENT] += 1
            elif sent < 0:
                counts[row, REFUSED] += 1
            else:
                # Half a frame: whatever came after it would be read as its other half.
                counts[row, CLOSED] = 1
                _epoll_ctl(epoll, _EPOLL_CTL_DEL, fds[row], events.ctypes.data)
                fds[row] = -1
    while True:
        left = deadline - _now(clock)
        patience = int(left * 1000 + 0.5) if left > EARLY else 0
        many = _epoll_wait(epoll, events.ctypes.data, len(events) // stride, patience)
        for index in range(many):
            fd = events[index * stride + stride - 2]
            row = int(rows[fd])
            got = _recv(fd, buffer.ctypes.data, len(buffer), _FLAGS)
            if got > 0:
                counts[row, WIRE] += got
                _take(
                    row, buffer, got, fds, parsers, headers, heads, controls, snapshots, snapshot_sizes, ticks, counts
                )
            else:
                # Whatever it is, epoll said that there is something: the connection has ended.
                counts[row, CLOSED] = 1
                _epoll_ctl(epoll, _EPOLL_CTL_DEL, fd, events.ctypes.data)
                fds[row] = -1
        if patience == 0:
            return
