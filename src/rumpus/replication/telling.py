"""Which events a client is told in a world with an interest: those whose place it sees.

An event with a place may come in two forms: the one for those who see it, and what all others are told, if anything. So
each form has a record that says who gets it, and a client's section is made of those that are for it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from ..compiled import part
from .layout import G_RADIUS, G_REACH_X, G_REACH_Y

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float64]

# The record of a form (float64): where it happened, where its bytes end, and who is told.
E_X, E_Y, E_END, E_TOLD = range(4)
E_SIZE = 4
#: Whom it is told: those who do not see the place, those who do, or all.
FAR, NEAR, ALL = 0, 1, 2
#: Bytes before the events of a snapshot at most: the section's head, and that of a list of any length.
EVENTS_ROOM = 6

_encode = msgspec.msgpack.Encoder().encode


class Form(NamedTuple):
    """One form of an event: what is told (tick, name, data), to whom, and where it happened."""

    entry: tuple[int | float, str, Any]
    told: int = ALL
    x: float = 0.0
    y: float = 0.0


def pack_forms(forms: Iterable[Form]) -> tuple[bytes, Floats]:
    """The forms one after the other as MessagePack, and their records. Raises TypeError for what is not plain data."""
    encoded: list[bytes] = []
    records: list[float] = []
    end = 0
    for form in forms:
        encoded.append(_encode(form.entry))
        end += len(encoded[-1])
        records += form.x, form.y, end, form.told
    return b"".join(encoded), np.array(records, dtype=np.float64)


@part
def is_told(at: int, x: float, y: float, grid: Floats, sights: Floats) -> int:
    """1 if a client at (x, y) is told what the record that begins at `at` is of, else 0. One at infinity sees all."""
    if sights[at + E_TOLD] == ALL:
        return 1
    sees = 1
    if x != np.inf:
        dx = abs(sights[at + E_X] - x)
        dy = abs(sights[at + E_Y] - y)
        sees = int(dx <= grid[G_REACH_X]) & int(dy <= grid[G_REACH_Y])
        if grid[G_RADIUS] > 0.0:
            sees &= int(dx * dx + dy * dy <= grid[G_RADIUS] * grid[G_RADIUS])
    return int(sights[at + E_TOLD] == sees)


@part
def put_events(out: Bytes, at: int, x: float, y: float, grid: Floats, events: Bytes, sights: Floats) -> int:
    """Put the section of those events that a client at (x, y) is told, if there are any. Returns its end."""
    told = 0
    for record in range(0, sights.size, E_SIZE):
        told += is_told(record, x, y, grid, sights)
    if told == 0:
        return at
    out[at] = 3
    if told < 16:
        out[at + 1] = 0x90 | told
        at += 2
    else:
        out[at + 1] = 0xDD
        for index in range(4):
            out[at + 2 + index] = (told >> (24 - 8 * index)) & 255
        at += EVENTS_ROOM
    begin = 0
    for record in range(0, sights.size, E_SIZE):
        end = int(sights[record + E_END])
        if is_told(record, x, y, grid, sights) == 1:
            for source_at in range(begin, end):
                out[at] = events[source_at]
                at += 1
        begin = end
    return at
