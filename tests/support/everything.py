"""An input with one field of every kind that msgspec can describe in a schema."""

from __future__ import annotations

import datetime
import decimal
import enum
import uuid
from typing import Annotated, Any, Literal, TypedDict

import msgspec
from msgspec import Meta

from rumpus import Input


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


class Walk(msgspec.Struct, tag="walk", forbid_unknown_fields=True):
    dx: Annotated[float, Meta(ge=-1, le=1)]
    run: bool = False


class Cast(msgspec.Struct, tag="cast"):
    spell: Literal["fire", "ice"]
    at: tuple[int, int]


class Pair(msgspec.Struct, array_like=True):
    left: int
    right: str = "x"


class Node(msgspec.Struct):
    """Holds itself, without end."""

    value: int
    children: list[Node] = []
    next: Node | None = None


class Cell(TypedDict, total=False):
    x: int


class Everything(Input, kw_only=True, forbid_unknown_fields=True):
    """One field of every kind that msgspec can describe in a schema."""

    flag: bool
    axis: Annotated[float, Meta(ge=-1, le=1)]
    open_axis: Annotated[float, Meta(gt=0, lt=1)]
    angle: float
    at_least: Annotated[float, Meta(ge=1000)]
    at_most: Annotated[float, Meta(lt=-1000)]
    halves: Annotated[float, Meta(multiple_of=0.5, ge=-2, le=2)]
    slot: Annotated[int, Meta(ge=0, le=9)]
    between: Annotated[int, Meta(gt=3, lt=5)]
    sevens: Annotated[int, Meta(multiple_of=7, ge=3, lt=30)]
    hundreds: Annotated[int, Meta(multiple_of=100, ge=1)]
    huge: Annotated[int, Meta(ge=2**62, le=2**63 - 1)]
    text: str
    word: Annotated[str, Meta(min_length=2, max_length=4)]
    colour: Colour
    level: Level
    choice: Literal["a", 1, None]
    action: Walk | Cast
    maybe: int | str | None
    pair: Pair
    node: Node
    cell: Cell
    bag: dict[str, int]
    named: dict[Annotated[str, Meta(min_length=2, max_length=3)], bool]
    full: Annotated[dict[str, int], Meta(min_length=2)]
    track: tuple[int, ...]
    path: Annotated[list[Annotated[float, Meta(ge=0)]], Meta(min_length=2, max_length=4)]
    tags: set[int]
    data: bytes
    key: Annotated[bytes, Meta(min_length=3, max_length=5)]
    day: datetime.date
    moment: Annotated[datetime.datetime, Meta(tz=True)]
    wait: datetime.timedelta
    ident: uuid.UUID
    price: decimal.Decimal
    anything: Any
    renamed: int = msgspec.field(name="other-name", default=3)
    optional: Annotated[float, Meta(ge=0, le=1)] | None = None
