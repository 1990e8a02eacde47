"""Made-up inputs: whatever a game declares, they fit it."""

from __future__ import annotations

from random import Random
from typing import Annotated, Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta

from rumpus import Game, Input
from rumpus.game.schema import input_schema
from rumpus.load.random_input import RandomInput
from tests.support.everything import Cast, Colour, Everything, Level, Node, Pair, Walk

SEEDS = st.integers(0, 2**32)


def schema_of(struct: type[msgspec.Struct]) -> dict[str, Any]:
    """The schema as a client receives it."""
    made: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(msgspec.json.schema(struct)))
    return made


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


@given(st.lists(TYPES, min_size=1, max_size=5), SEEDS)
def test_inputs_fit_structs_of_any_shape(types: list[Any], seed: int) -> None:
    struct = msgspec.defstruct("Made", [(f"field{index}", kind) for index, kind in enumerate(types)])
    random = Random(seed)
    for _ in range(5):
        value = RandomInput(schema_of(struct), random).make()
        msgspec.json.decode(msgspec.json.encode(value), type=struct)


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
