"""What is random in Arena: a cipher's output, of which nothing can be told without the key."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rumpus.compiled import kernel
from rumpus.games.arena import constants as c
from rumpus.games.arena.chance import random_word, seed_of, seed_words


@kernel
def draw(counters: np.ndarray, numbers: np.ndarray) -> None:  # type: ignore[type-arg]  # numba asks for no more
    for index in range(numbers.size):
        numbers[index] = random_word(counters)


def numbers_of(secret: int, count: int, drawn: int = 0) -> list[int]:
    counters = np.zeros(c.COUNTERS_SIZE, dtype=np.int64)
    counters[c.RANDOM : c.RANDOM + 4] = seed_words(secret)
    counters[c.DRAWN] = drawn
    numbers = np.zeros(count, dtype=np.int64)
    draw(counters, numbers)
    assert counters[c.DRAWN] == drawn + count
    return [int(number) for number in numbers]


def test_it_is_the_cipher_that_it_says_it_is() -> None:
    """The test vector of its authors, for a block of 64 bits and a key of 128; a number is the block's lower half."""
    key, plain, cipher = 0x1B1A1918_13121110_0B0A0908_03020100, 0x3B726574_7475432D, 0x8C6FA548_454E028B
    assert numbers_of(key, 1, plain) == [cipher & 0xFFFFFFFF]


@given(st.integers(0, 2**128 - 1))
def test_the_key_is_the_secret(secret: int) -> None:
    assert seed_of(seed_words(secret)) == secret


@pytest.mark.parametrize("bit", [0, 31, 32, 63, 64, 96, 127])
def test_each_bit_of_the_secret_counts(bit: int) -> None:
    changed = [one ^ other for one, other in zip(numbers_of(0, 200), numbers_of(1 << bit, 200), strict=True)]
    assert 0.47 < sum(number.bit_count() for number in changed) / (32 * 200) < 0.53


def test_no_number_is_a_sum_of_those_before_it() -> None:
    """Of a generator that only shifts and adds bits, each bit is a sum of bits before it, and so is the rest known.

    The rank of many windows of its bits tells: it stays at the size of the generator's state.
    """
    bits = np.array([[number >> at & 1 for at in range(32)] for number in numbers_of(7, 400)], dtype=np.uint8).ravel()
    rows = [int("".join(map(str, bits[32 * at : 32 * at + 320])), 2) for at in range(380)]
    rank, seen = 0, dict[int, int]()
    for row in rows:
        while row and row.bit_length() in seen:
            row ^= seen[row.bit_length()]
        if row:
            seen[row.bit_length()] = row
            rank += 1
    assert rank == 320
