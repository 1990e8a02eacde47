"""Typed tables of entities, and their way to clients: snapshots, deltas, interest. See docs/write-a-game.md.

Importing this package does not import numba; its kernels are loaded with the first world that is sent. One module more
is for authors, and not among these names because it does import numba: `rumpus.replication.rewinding`, the parts for a
game's own kernels that look back. All other modules are the server's.
"""

from .columns import (
    EVERYBODY,
    KEY,
    NOBODY,
    RESERVED,
    SHOWN,
    SLOT,
    Angle,
    Choice,
    Column,
    Fixed,
    Flag,
    Int,
    Local,
    TableError,
    Text,
)
from .decode import Decoder, Snapshot, SnapshotError
from .history import History, Rewound, RewoundTable
from .interest import Interest
from .table import Row, Table
from .world import World

__all__ = [
    "EVERYBODY",
    "KEY",
    "NOBODY",
    "RESERVED",
    "SHOWN",
    "SLOT",
    "Angle",
    "Choice",
    "Column",
    "Decoder",
    "Fixed",
    "Flag",
    "History",
    "Int",
    "Interest",
    "Local",
    "Rewound",
    "RewoundTable",
    "Row",
    "Snapshot",
    "SnapshotError",
    "Table",
    "TableError",
    "Text",
    "World",
]
