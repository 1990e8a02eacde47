"""Who gets to know of what: by distance, with a margin, and by the game's own rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from .columns import TableError
from .table import Table

#: Of a client (by its player's id), a table's name and rows of it: which of these rows the client may know of.
Filter = Callable[[str, str, NDArray[np.int64]], NDArray[np.bool_]]

#: Of a table's name and rows of it: which of these rows those who watch may know of.
SpectatorFilter = Callable[[str, NDArray[np.int64]], NDArray[np.bool_]]


@dataclass(frozen=True, kw_only=True)
class Interest:
    """What of a world reaches a client: rows of tables with columns `x` and `y` that are near its focus.

    width, height: of the view, a box around the focus; or radius: of a circle (world units).  margin: how far a row
    that is known may go beyond the view before it is forgotten, so that what moves along the edge does not come and go.
    around: the table in which a client's own row, the one with its player's id, is its focus. While there is none
    (before the first row: the world's origin), the focus stays where it was. always: names of tables that everybody
    gets whole, though they have positions. may_see: the game's own rule on top, for rows that are near enough; it is
    asked for each client and table in each snapshot, in Python, so it costs some ten microseconds per client.
    spectators_see: the same for spectators, all at once, who have no focus and are shown every row, late: which rows of
    a table they may know of. may_see is not asked for them. A game with secrets between players should say something
    here.
    """

    width: float = 0.0
    height: float = 0.0
    radius: float = 0.0
    margin: float = 0.0
    around: str = "players"
    always: frozenset[str] = field(default_factory=frozenset)
    may_see: Filter | None = None
    spectators_see: SpectatorFilter | None = None

    def __post_init__(self) -> None:
        box = self.width > 0 and self.height > 0
        if box == (self.radius > 0) or self.margin < 0:
            raise TableError("Interest takes either width and height or a radius, above 0, and a margin of 0 or more.")

    @property
    def reach(self) -> tuple[float, float]:
        """Half the width and half the height of the view."""
        return (self.radius, self.radius) if self.radius else (self.width / 2, self.height / 2)

    def covers(self, dx: float, dy: float) -> bool:
        """Whether what is so far from the focus is in view, the margin aside."""
        if self.radius:
            return dx * dx + dy * dy <= self.radius * self.radius
        reach_x, reach_y = self.reach
        return abs(dx) <= reach_x and abs(dy) <= reach_y

    @property
    def refuses(self) -> bool:
        """Whether the game has a rule of its own for anybody."""
        return self.may_see is not None or self.spectators_see is not None


def filtered_tables(interest: Interest | None, world: str, tables: Mapping[str, Table]) -> list[int]:
    """Numbers of the tables of which clients get only what they can see.

    world: its name, for what is wrong. Raises TableError for an interest that the tables cannot fulfil.
    """
    if interest is None:
        return []
    for name in {interest.around, *interest.always}:
        if name not in tables:
            raise TableError(f"{world}'s interest speaks of a table {name!r}; it has {', '.join(tables)}.")
    around = tables[interest.around]
    if around.key is not None or not _has_places(around):
        raise TableError(
            f"{world}'s interest is around {interest.around!r}, which needs columns x and y and players' ids."
        )
    return [
        index
        for index, (name, table) in enumerate(tables.items())
        if _has_places(table) and not table.single and name not in interest.always
    ]


def _has_places(table: Table) -> bool:
    return {"x", "y"} <= {column.name for column in table.columns}
