"""Numbers of few bytes, written and sized by kernels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..compiled import part

Bytes = NDArray[np.uint8]


@part
def put_varint(out: Bytes, at: int, value: int) -> int:
    """Write an unsigned LEB128 number; returns where the next byte goes."""
    while value > 127:
        out[at] = (value & 127) | 128
        at += 1
        value >>= 7
    out[at] = value
    return at + 1


@part
def zigzag(value: int) -> int:
    return (value << 1) ^ (value >> 63)
