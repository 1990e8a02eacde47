"""What can be reached from where, found slowly and without a kernel."""

import numpy as np
from numpy.typing import NDArray


def is_one_place(solid: NDArray[np.bool_]) -> bool:
    """Whether a flood from the first open cell reaches all of them. solid: (rows, columns)."""
    open_cells = np.flatnonzero(~solid)
    if open_cells.size == 0:
        return True
    reached = np.zeros_like(solid)
    reached.ravel()[open_cells[0]] = True
    while True:
        wider = reached.copy()
        wider[1:] |= reached[:-1]
        wider[:-1] |= reached[1:]
        wider[:, 1:] |= reached[:, :-1]
        wider[:, :-1] |= reached[:, 1:]
        wider &= ~solid
        if (wider == reached).all():
            return bool((reached | solid).all())
        reached = wider
