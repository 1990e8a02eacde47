"""Arena's own random numbers and angles, made of operations that give the same bits everywhere.

Random numbers are a cipher's: Speck64/128 (Beaulieu and others, 2013), keyed with the match's secret seed, encrypts how
many were drawn before. Where an enemy appears gives away some bits of two of them, and of a faster generator (xorshift,
the Mersenne Twister) a few hundred such bits are enough to know all that follow; of a cipher they say nothing. It works
on 32-bit words held in int64 counters, which a saved match carries along.

The sine and the arctangent are polynomials because a libm's last bit differs between machines.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rumpus.compiled import part
from rumpus.games.arena.constants import DRAWN, RANDOM

Counters = NDArray[np.int64]

_WORD = 0xFFFFFFFF
_ROUNDS = 27
_HALF_PI_HIGH = 1.5707963267341256  # the first 33 bits of pi/2, so that n * this is exact
_HALF_PI_LOW = 6.077100506506192e-11


def seed_words(secret: int) -> list[int]:
    """The generator's key: four 32-bit words of 128 bits, the lowest first."""
    return [(secret >> shift) & _WORD for shift in (0, 32, 64, 96)]


def seed_of(words: Sequence[int]) -> int:
    """The secret that these words are of."""
    return sum(word << 32 * place for place, word in enumerate(words))


@part
def random_word(counters: Counters) -> int:
    """The next 32 bits."""
    drawn = counters[DRAWN]
    counters[DRAWN] = drawn + 1
    high = (drawn >> 32) & _WORD
    low = drawn & _WORD
    key = counters[RANDOM]
    first = counters[RANDOM + 1]
    second = counters[RANDOM + 2]
    third = counters[RANDOM + 3]
    for turn in range(_ROUNDS):
        high = ((((high >> 8) | (high << 24)) + low) & _WORD) ^ key
        low = (((low << 3) | (low >> 29)) & _WORD) ^ high
        # The next round's key, by the same step: of the other three words each takes its turn.
        first = (((((first >> 8) | (first << 24)) & _WORD) + key) & _WORD) ^ turn
        key = (((key << 3) | (key >> 29)) & _WORD) ^ first
        first, second, third = second, third, first
    return int(low)


@part
def random_float(counters: Counters) -> float:
    """The next number in [0, 1)."""
    return float(random_word(counters) / 4294967296.0)


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
