"""Made-up inputs: whatever a game declares, they fit it."""

from __future__ import annotations

import datetime
import decimal
import enum
import uuid
from random import Random
from typing import Annotated, Any, Literal, TypedDict

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Meta

from rumpus import Game, Input
from rumpus.game.schema import input_schema
from rumpus.load.random_input import RandomInput

SEEDS = st.integers(0, 2**32)


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


def schema_of(struct: type[msgspec.Struct]) -> dict[str, Any]:
    """The schema as a client receives it."""
    made: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(msgspec.json.schema(struct)))
    return made


@settings(deadline=None)
@given(SEEDS)
def test_every_input_fits_the_struct_it_was_made_for(seed: int) -> None:
    value = RandomInput(schema_of(Everything), Random(seed)).make()
    msgspec.json.decode(msgspec.json.encode(value), type=Everything)


@st.composite
def numbers(draw: st.DrawFn, kind: type) -> Any:
    """A number type with any of the limits there are, which leave at least one number."""
    low, high = sorted((draw(st.integers(-1000, 1000)), draw(st.integers(-1000, 1000))))
    limits: dict[str, Any] = {}
    if draw(st.booleans()):
        limits[draw(st.sampled_from(("ge", "gt")))] = low
    if draw(st.booleans()):
        limits[draw(st.sampled_from(("le", "lt")))] = high + 2
    return Annotated[kind, Meta(**limits)] if limits else kind


TYPES = st.recursive(
    st.one_of(
        numbers(int), numbers(float), st.sampled_from((bool, str, Colour, Level, Pair, Node, Walk | Cast, type(None)))
    ),
    lambda inner: st.one_of(
        inner.map(lambda kind: list[kind]),  # type: ignore[valid-type]  # known only at run time
        inner.map(lambda kind: dict[str, kind]),  # type: ignore[valid-type]  # known only at run time
        inner.map(lambda kind: kind | None),
        st.lists(inner, min_size=1, max_size=3).map(lambda kinds: tuple[tuple(kinds)]),  # type: ignore[misc]  # as above
    ),
    max_leaves=6,
)


@settings(deadline=None)
@given(st.lists(TYPES, min_size=1, max_size=5), SEEDS)
def test_inputs_fit_structs_of_any_shape(types: list[Any], seed: int) -> None:
    struct = msgspec.defstruct("Made", [(f"field{index}", kind) for index, kind in enumerate(types)])
    random = Random(seed)
    for _ in range(5):
        value = RandomInput(schema_of(struct), random).make()
        msgspec.json.decode(msgspec.json.encode(value), type=struct)


@settings(deadline=None)
@given(SEEDS)
def test_equal_seeds_make_equal_inputs(seed: int) -> None:
    schema = schema_of(Everything)
    assert RandomInput(schema, Random(seed)).make() == RandomInput(schema, Random(seed)).make()


def test_inputs_vary_and_reach_the_ends_of_a_range() -> None:
    class Stick(Input):
        x: Annotated[float, Meta(ge=-1, le=1)]
        fire: bool

    made = RandomInput(schema_of(Stick), Random(1))
    inputs = [made.make() for _ in range(300)]
    assert {-1.0, 0.0, 1.0} <= {value["x"] for value in inputs}
    assert len({value["x"] for value in inputs}) > 100
    assert {value["fire"] for value in inputs} == {True, False}


def test_the_schema_that_a_game_sends_is_understood() -> None:
    class Simple(Game):
        class Input(Input):  # type: ignore[misc]  # named as the base, as games do
            x: Annotated[int, Meta(ge=5, le=5)]

    assert RandomInput(input_schema(Simple), Random(1)).make() == {"x": 5}


@pytest.mark.parametrize(
    ("schema", "allowed"),
    [
        ({"properties": {"a": {"const": 4}}, "required": ["a"]}, [{"a": 4}]),
        ({"type": "object", "properties": {"a": {"oneOf": [{"const": 1}, {"const": 2}]}}}, [{}, {"a": 1}, {"a": 2}]),
        ({"allOf": [{"type": "object"}, {"required": ["a"], "properties": {"a": {"const": 1}}}]}, [{"a": 1}]),
        ({"type": ["object"], "properties": {"a": {"type": ["null"]}}, "required": ["a"]}, [{"a": None}]),
        ({"type": "object", "properties": {"a": True}, "required": ["a"]}, [{"a": None}]),
        ({"type": "object", "properties": {"a": {"type": "string", "maxLength": 0}}, "required": ["a"]}, [{"a": ""}]),
        ({"$ref": "#/$defs/a~1b", "$defs": {"a/b": {"type": "object"}}}, [{}]),
        # What is no object, or points nowhere, or is not there at all, makes the empty input.
        ({"type": "integer"}, [{}]),
        ({"$ref": "#/$defs/Missing/deeper", "$defs": {"Missing": 3}}, [{}]),
        ({}, [{}]),
    ],
)
def test_schemas_that_others_write_are_understood(schema: dict[str, Any], allowed: list[dict[str, Any]]) -> None:
    made = RandomInput(schema, Random(5))
    for _ in range(20):
        assert made.make() in allowed
