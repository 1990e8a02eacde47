"""Arena's own random numbers and angles, made of operations that give the same bits everywhere.

The generator is Marsaglia's xorshift128 on 32-bit words held in int64 counters: it is part of the match's columns, so
a saved match carries it along. The sine and the arctangent are polynomials because a libm's last bit differs between
machines.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from rumpus.compiled import part
from rumpus.games.arena.constants import RANDOM

Counters = NDArray[np.int64]

_WORD = 0xFFFFFFFF
_HALF_PI_HIGH = 1.5707963267341256  # the first 33 bits of pi/2, so that n * this is exact
_HALF_PI_LOW = 6.077100506506192e-11


def seed_words(seed: int) -> list[int]:
    """Four well-mixed 32-bit words from any integer (splitmix64); never all zero."""
    state = seed & 0xFFFFFFFFFFFFFFFF
    words = []
    for _ in range(4):
        state = (state + 0x9E3779B97F4A7C15) & 0xFFFFFFFFFFFFFFFF
        mixed = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & 0xFFFFFFFFFFFFFFFF
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & 0xFFFFFFFFFFFFFFFF
        words.append((mixed ^ (mixed >> 31)) & _WORD)
    words[3] |= 1
    return words


@part
def random_float(counters: Counters) -> float:
    """The next number in [0, 1)."""
    first = counters[RANDOM]
    last = counters[RANDOM + 3]
    first = first ^ ((first << 11) & _WORD)
    counters[RANDOM] = counters[RANDOM + 1]
    counters[RANDOM + 1] = counters[RANDOM + 2]
    counters[RANDOM + 2] = last
    last = last ^ (last >> 19) ^ first ^ (first >> 8)
    counters[RANDOM + 3] = last
    return float(last / 4294967296.0)


@part
def random_below(counters: Counters, limit: int) -> int:
    """The next whole number in [0, limit)."""
    return int(random_float(counters) * limit)


@part
def direction(angle: float) -> tuple[float, float]:
    """Cosine and sine of `angle`, correct to about 1e-10."""
    turns = math.floor(angle / (_HALF_PI_HIGH + _HALF_PI_LOW) + 0.5)
    rest = (angle - turns * _HALF_PI_HIGH) - turns * _HALF_PI_LOW
    square = rest * rest
    sine = 1.0 / 362880.0 - square / 39916800.0
    sine = -1.0 / 5040.0 + square * sine
    sine = 1.0 / 120.0 + square * sine
    sine = rest * (1.0 + square * (-1.0 / 6.0 + square * sine))
    cosine = -1.0 / 3628800.0 + square / 479001600.0
    cosine = -1.0 / 720.0 + square * (1.0 / 40320.0 + square * cosine)
    cosine = 1.0 + square * (-0.5 + square * (1.0 / 24.0 + square * cosine))
    quarter = int(turns) & 3
    if quarter == 0:
        return cosine, sine
    if quarter == 1:
        return -sine, cosine
    if quarter == 2:
        return -cosine, -sine
    return sine, -cosine


@part
def angle_of(x: float, y: float) -> float:
    """The direction of a vector in radians, correct to 1e-4: for pictures."""
    wide = abs(x)
    high = abs(y)
    longer = max(wide, high)
    if longer == 0.0:
        return 0.0
    slope = min(wide, high) / longer
    square = slope * slope
    angle = ((-0.0464964749 * square + 0.15931422) * square - 0.327622764) * square * slope + slope
    if high > wide:
        angle = _HALF_PI_HIGH - angle
    if x < 0.0:
        angle = 2.0 * _HALF_PI_HIGH - angle
    return -angle if y < 0.0 else angle
