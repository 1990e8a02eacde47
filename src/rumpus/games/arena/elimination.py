"""The last one standing: who has no lives left is out, and ranks by when that was (`standings`).

The kernels know nothing of it: whoever falls waits to come back, and whoever is out has a wait that never ends, a
negative one. How far below zero says in which tick they fell for the last time, so that a saved match knows the order.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rumpus.games.arena.constants import ALIVE, HP, LIVES, PROTECTED, RESPAWN, SAFE, SHIELD, TICK
from rumpus.games.arena.tables import Tables
from rumpus.games.arena.world import Scores

_DEATHS = Scores.deaths.index


def falls_for_good(row: int, tables: Tables) -> bool:
    """A player has just fallen. Whether that was their last life; they stay down if so."""
    if tables.world.scores.block[_DEATHS, row] < max(tables.match[LIVES], 1.0):
        return False
    tables.players[RESPAWN, row] = -1.0 - float(tables.counters[TICK])
    return True


def keep_out(row: int, tables: Tables) -> None:
    """A player has come when it was too late: they are out from the start, and behind all others."""
    players = tables.players
    for column in (ALIVE, HP, SHIELD, SAFE, PROTECTED):
        players[column, row] = 0.0
    players[RESPAWN, row] = -1.0


def is_out(tables: Tables) -> NDArray[np.bool_]:
    """By row, who is out."""
    out: NDArray[np.bool_] = tables.players[RESPAWN, : len(tables.world.players)] < 0.0
    return out
