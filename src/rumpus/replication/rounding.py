"""Values as the whole numbers that stand for them on the wire, and columns rounded to what those can say.

Rounding is a part of the simulation: it happens at the end of a tick, not on the way to clients, so that the server
goes on from what clients know.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ..compiled import kernel, part
from .columns import ANGLE, FLAG, TEXT
from .layout import (
    C_INDEX,
    C_KIND,
    C_MODULUS,
    C_MOST,
    C_SIZE,
    ERROR_COLUMN,
    ERROR_ROW,
    ERROR_TABLE,
    HEADER,
    T_BLOCK,
    T_CAPACITY,
    T_COLUMNS,
    T_REALS,
    T_SENT,
    T_SIZE,
    TABLES,
)

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]


@part
def whole(value: float, column: int, real: int, meta: Numbers, reals: Floats, texts: int) -> int:
    """The number that stands for a value on the wire; -1 if there is none."""
    kind = meta[column + C_KIND]
    if kind == ANGLE:
        if not abs(value) < 1e9:
            return -1
        modulus = float(meta[column + C_MODULUS])
        turned = math.floor(value / reals[real + 1] + 0.5)
        return int(turned - math.floor(turned / modulus) * modulus)
    if kind == FLAG:
        if value != value:
            return -1
        return 1 if value != 0.0 else 0
    most = float(texts - 1) if kind == TEXT else float(meta[column + C_MOST])
    number = math.floor((value - reals[real]) / reals[real + 1] + 0.5)
    if not 0.0 <= number <= most:
        return -1
    return int(number)


# Rounding is `whole` and back for a column at a time, in loops of the form that becomes vector instructions: without
# branches, and with `np.floor` because `math.floor` goes through integers. What does not fit stays, to be told of.


@part
def round_numbers(line: Floats, low: float, step: float, most: float) -> bool:
    fits = True
    for row in range(line.size):
        value = line[row]
        number = np.floor((value - low) / step + 0.5)
        ok = (number >= 0.0) & (number <= most)
        line[row] = low + number * step if ok else value
        fits &= ok
    return fits


@part
def round_turns(line: Floats, step: float, modulus: float) -> bool:
    fits = True
    for row in range(line.size):
        value = line[row]
        turned = np.floor(value / step + 0.5)
        ok = abs(value) < 1e9
        line[row] = (turned - np.floor(turned / modulus) * modulus) * step if ok else value
        fits &= ok
    return fits


@part
def round_flags(line: Floats) -> bool:
    fits = True
    for row in range(line.size):
        value = line[row]
        ok = value == value
        line[row] = (1.0 if value != 0.0 else 0.0) if ok else value
        fits &= ok
    return fits


@kernel
def quantise(meta: Numbers, reals: Floats, counts: Numbers, cells: Floats, texts: int) -> bool:
    """Round every sent column in place. False if a value is out of its range; the header then says which."""
    for t in range(meta[TABLES]):
        table = HEADER + t * T_SIZE
        capacity = meta[table + T_CAPACITY]
        for c in range(meta[table + T_SENT]):
            column = meta[table + T_COLUMNS] + c * C_SIZE
            real = meta[table + T_REALS] + 2 * c
            start = meta[table + T_BLOCK] + meta[column + C_INDEX] * capacity
            line = cells[start : start + counts[t]]
            kind = meta[column + C_KIND]
            if kind == ANGLE:
                fits = round_turns(line, reals[real + 1], float(meta[column + C_MODULUS]))
            elif kind == FLAG:
                fits = round_flags(line)
            else:
                most = float(texts - 1) if kind == TEXT else float(meta[column + C_MOST])
                fits = round_numbers(line, reals[real], reals[real + 1], most)
            if not fits:
                meta[ERROR_TABLE] = t
                meta[ERROR_COLUMN] = c
                meta[ERROR_ROW] = 0
                while whole(line[meta[ERROR_ROW]], column, real, meta, reals, texts) >= 0:
                    meta[ERROR_ROW] += 1
                return False
    return True
