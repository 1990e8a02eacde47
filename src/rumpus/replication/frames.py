"""Snapshots as whole WebSocket frames, for many clients in one buffer.

What differs between the clients of a room that see the same is a few bytes, so each frame is written around a copy of
the shared body, ready for the socket. A server's frames are not masked (RFC 6455, 5.1), so a header is all they need.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..compiled import kernel, part
from .varints import put_varint, zigzag

Bytes = NDArray[np.uint8]
Numbers = NDArray[np.int64]

#: What a client needs: nothing now, the difference, everything, or the difference with other frames before it. LOOK: no
#: frame, but to have it kept what it may know of, for a state in another form.
SKIP, DELTA, KEYFRAME, ACCOMPANIED, LOOK = 0, 1, 2, 3, 4
#: Bytes of the longest frame header.
FRAME_ROOM = 10
#: Bytes of the longest snapshot header: mark, flags, tick, ack, margin.
HEADER_ROOM = 2 + 9 + 9 + 9
#: What a client has in place of the margin of its last input (milliseconds) if none is to be told.
NO_MARGIN = -(1 << 40)
#: Bits of the flags.
_KEYFRAME, _MARGIN = 1, 2


@part
def copy_bytes(out: Bytes, at: int, source: Bytes, size: int) -> int:
    for index in range(size):
        out[at + index] = source[index]
    return at + size


@part
def begin_snapshot(
    out: Bytes,
    at: int,
    need: int,
    tick: int,
    ack: int,
    margin: int,
    delta: Bytes,
    delta_size: int,
    whole: Bytes,
    whole_size: int,
) -> int:
    """Write a snapshot's header, leaving room for the frame's, and the body that all clients share. Returns its end."""
    at += FRAME_ROOM
    out[at] = 0xC1
    out[at + 1] = _KEYFRAME if need == KEYFRAME else 0
    flags = at + 1
    at = put_varint(out, at + 2, tick)
    at = put_varint(out, at, ack + 1)
    if margin != NO_MARGIN:
        out[flags] |= _MARGIN
        at = put_varint(out, at, zigzag(margin))
    return copy_bytes(out, at, whole, whole_size) if need == KEYFRAME else copy_bytes(out, at, delta, delta_size)


@part
def put_frame_header(out: Bytes, at: int, end: int) -> int:
    """Put a binary frame's header before its payload, FRAME_ROOM after `at`. Returns where the frame begins."""
    payload = at + FRAME_ROOM
    size = end - payload
    if size < 126:
        begin = payload - 2
        out[begin + 1] = size
    elif size < 65536:
        begin = payload - 4
        out[begin + 1] = 126
        out[begin + 2] = size >> 8
        out[begin + 3] = size & 255
    else:
        begin = payload - 10
        out[begin + 1] = 127
        for index in range(8):
            out[begin + 2 + index] = (size >> (56 - 8 * index)) & 255
    out[begin] = 0x82
    return begin


@part
def end_snapshot(
    out: Bytes,
    at: int,
    end: int,
    client: int,
    need: int,
    events: Bytes,
    events_size: int,
    others: Bytes,
    others_size: int,
    starts: Numbers,
    ends: Numbers,
    totals: Numbers,
) -> int:
    """Put events behind a snapshot, and the frame's header and what else goes with it before; note where all that is.

    at: what `begin_snapshot` got. Returns where the next client's frame may begin.
    """
    end = copy_bytes(out, end, events, events_size)
    starts[client] = put_frame_header(out, at, end)
    if need == ACCOMPANIED:
        starts[client] -= others_size
        copy_bytes(out, starts[client], others, others_size)
    ends[client] = end
    totals[0] += 1
    totals[1] += end - at - FRAME_ROOM
    return end


@kernel
def shared_frames(
    first: int,
    tick: int,
    needs: Numbers,
    acks: Numbers,
    margins: Numbers,
    delta: Bytes,
    delta_size: int,
    whole: Bytes,
    whole_size: int,
    events: Bytes,
    events_size: int,
    others: Bytes,
    others_size: int,
    out: Bytes,
    starts: Numbers,
    ends: Numbers,
    totals: Numbers,
) -> int:
    """Frames for the clients from `first` on, each with its own header around a shared body.

    others: whole frames of other messages, which go before the snapshot's where the client's need is ACCOMPANIED.

    starts, ends: where in `out` each frame is; equal for a client that is skipped. totals: frames and bytes of payload
    are added to it. Returns the first client for which there was no room.
    """
    at = 0
    for client in range(first, needs.size):
        starts[client] = ends[client] = at
        need = needs[client]
        if need == SKIP:
            continue
        if at + FRAME_ROOM + HEADER_ROOM + max(delta_size, whole_size) + events_size + others_size > out.size:
            return client
        if need == ACCOMPANIED:
            at += others_size
        end = begin_snapshot(out, at, need, tick, acks[client], margins[client], delta, delta_size, whole, whole_size)
        at = end_snapshot(out, at, end, client, need, events, events_size, others, others_size, starts, ends, totals)
    return int(needs.size)
