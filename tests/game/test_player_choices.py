"""What an operator may set, and, narrower, what a stranger may."""

from __future__ import annotations

import math
from typing import Annotated, Any, ClassVar, Literal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta

import rumpus
from rumpus import Bounds, Game, GameServer, RoomOptions
from rumpus.errors import ConfigurationError, SettingsError
from rumpus.game.player_choices import PlayerChoices
from rumpus.matchmaking.criteria import Criteria
from rumpus.protocol import JoinOptions
from rumpus.protocol.codec import JSON, MSGPACK


class Board(Game):
    class Settings(rumpus.Settings):
        size: Annotated[int, Meta(ge=1, le=1000)] = 8
        pace: Annotated[float, Meta(ge=0)] | None = None
        mode: Literal["one", "two", "three"] = "one"
        minutes: int = 5
        hidden: bool = False
        secret: int = 0

    player_settings: ClassVar[Any] = {
        "size": Bounds(4, 16),
        "pace": Bounds(most=2.5),
        "mode": ("one", "two"),
        "minutes": (5, 10, 30),
        "hidden": None,
    }


def choices(operators: dict[str, Any] | None = None, **changes: str) -> PlayerChoices:
    return PlayerChoices(Board, Board.Settings(**(operators or {})), changes)


def refusal(of: PlayerChoices, **values: Any) -> str:
    with pytest.raises(SettingsError) as refused:
        of.apply(of.operators, values)
    return refused.value.message


@pytest.mark.parametrize(
    "values",
    [
        {"size": 4},
        {"size": 16, "pace": 2.5},
        {"pace": None},
        {"pace": 0},
        {"mode": "two"},
        {"minutes": 30},
        {"hidden": True},
        {},
    ],
)
def test_players_choose_what_is_within_their_range(values: dict[str, Any]) -> None:
    chosen = choices().apply(Board.Settings(), values)
    assert {name: getattr(chosen, name) for name in values} == values


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"size": 17}, "The setting 'size' cannot be this: players may choose 4 to 16."),
        ({"size": 3}, "The setting 'size' cannot be this: players may choose 4 to 16."),
        ({"pace": 2.6}, "The setting 'pace' cannot be this: players may choose 2.5 or less."),
        ({"mode": "three"}, "The setting 'mode' cannot be this: players may choose one, two."),
        ({"minutes": 7}, "The setting 'minutes' cannot be this: players may choose 5, 10, 30."),
        (
            {"secret": 1},
            "Players may not choose the setting 'secret'; they may choose: hidden, minutes, mode, pace, size.",
        ),
    ],
)
def test_what_is_beyond_it_is_refused_with_the_range(values: dict[str, Any], said: str) -> None:
    assert refusal(choices(), **values) == said


def test_what_no_settings_take_is_refused_as_ever() -> None:
    assert "size" in refusal(choices(), size=2000)
    assert "size" in refusal(choices(), size="8")


def test_the_operators_own_value_is_good_wherever_it_lies() -> None:
    of = choices({"size": 500, "mode": "three"})
    assert of.apply(of.operators, {"hidden": True}).size == 500
    # A client that says again what is there has chosen nothing.
    assert of.apply(of.operators, {"size": 500, "mode": "three"}) == of.operators
    assert of.apply(Board.Settings(size=6), {"size": 500}).size == 500
    assert of.apply(Board.Settings(size=300), {"size": 300, "hidden": True}).size == 300
    assert "4 to 16" in refusal(of, size=499)


@pytest.mark.parametrize(
    ("name", "extent", "good", "bad"),
    [
        ("size", "1..1000", [1, 1000], []),
        ("size", "..12", [1, 12], [13]),
        ("size", "12..", [12, 1000], [11]),
        ("size", "5,6,7", [5, 7], [4, 9]),
        ("size", "9", [9], [10]),
        ("size", "any", [1, 1000], []),
        ("size", "none", [], [9]),
        ("secret", "0..3", [3], [4]),
        ("hidden", "false", [False], [True]),
        ("pace", "0.5..1.5", [0.5, 1.5, None], [0.4]),
        ("mode", "three, two", ["three", "two"], []),
    ],
)
def test_an_operator_narrows_and_widens(name: str, extent: str, good: list[Any], bad: list[Any]) -> None:
    of = choices(**{name: extent})
    for value in good:
        assert getattr(of.apply(of.operators, {name: value}), name) == value
    for value in bad:
        refusal(of, **{name: value})


@pytest.mark.parametrize(
    ("name", "extent", "said"),
    [
        (
            "height",
            "1..2",
            "--player-setting height=1..2 speaks of 'height', which is no setting; this game has: size,",
        ),
        ("size", "5..2000", "--player-setting size=5..2000 cannot be used: Expected "),
        ("size", "9..5", "--player-setting size=9..5 cannot be used: 9 is above 5."),
        ("size", "a..b", "--player-setting size=a..b cannot be used: give numbers, as in size=1..20."),
        ("size", "1..inf", "--player-setting size=1..inf cannot be used for 'size': the ends of its range must be "),
        ("size", "nan..2", "--player-setting size=nan..2 cannot be used for 'size': the ends of its range must be "),
        ("size", "5,many", "--player-setting size=5,many cannot be used: Expected "),
        ("size", "1.5..4", "--player-setting size=1.5..4 cannot be used: Expected "),
        (
            "size",
            ",",
            "--player-setting size=, cannot be used for 'size': it takes Bounds, one or more values, or None.",
        ),
        ("mode", "1..2", "--player-setting mode=1..2 cannot be used: Expected "),
        ("hidden", "0..1", "--player-setting hidden=0..1 cannot be used: Expected "),
    ],
)
def test_what_makes_no_sense_is_told_before_anything_starts(name: str, extent: str, said: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        GameServer(Board, RoomOptions(player_settings={name: extent}))
    assert refused.value.message.startswith(said)


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        ({"height": None}, "speaks of 'height'"),
        (frozenset({"height"}), "speaks of 'height'"),
        ("size", "must be names of settings"),
        (7, "must be names of settings"),
        ({"size": Bounds(0, 5)}, "Expected `int` >= 1"),
        ({"size": Bounds(5, 4)}, "5 is above 4"),
        ({"size": (5, "six")}, "Expected `int`, got `str`"),
        ({"size": ()}, "it takes Bounds, one or more values, or None"),
        ({"size": 5}, "it takes Bounds, one or more values, or None"),
        ({"size": "5"}, "it takes Bounds, one or more values, or None"),
        ({"size": Bounds("5")}, "must be numbers"),  # type: ignore[arg-type]  # that is the point
    ],
)
def test_so_is_what_a_game_declares(declared: Any, said: str) -> None:
    class Wrong(Board):
        player_settings = declared

    with pytest.raises(ConfigurationError) as refused:
        GameServer(Wrong)
    assert refused.value.message.startswith("Wrong.player_settings ")
    assert said in refused.value.message


def test_names_alone_leave_everything_that_settings_take() -> None:
    class Names(Board):
        player_settings = frozenset({"size"})

    of = PlayerChoices(Names, Board.Settings())
    assert of.apply(of.operators, {"size": 1000}).size == 1000


def test_clients_are_told_their_range_and_not_the_operators() -> None:
    schema = choices(secret="..9", hidden="none").schema()["settings"]["properties"]
    assert list(schema) == ["size", "pace", "mode", "minutes", "secret"]
    assert (schema["size"]["minimum"], schema["size"]["maximum"]) == (4, 16)
    assert [option.get("maximum") for option in schema["pace"]["anyOf"]] == [2.5, None]
    assert schema["mode"] == {"enum": ["one", "two"], "default": "one"}
    assert schema["minutes"]["enum"] == [5, 10, 30]
    assert schema["secret"]["maximum"] == 9
    for codec, decode in ((JSON, msgspec.json.decode), (MSGPACK, msgspec.msgpack.decode)):
        of = choices()
        assert decode(of.encoded_schema(codec)) == of.schema()
        assert of.encoded_schema(codec) is of.encoded_schema(codec)


@given(
    size=st.integers(1, 1000),
    least=st.integers(1, 1000),
    most=st.integers(1, 1000),
    low=st.none() | st.floats(-10, 1010),
    high=st.none() | st.floats(-10, 1010),
    operators=st.integers(1, 1000),
)
def test_nothing_that_a_stranger_asks_for_opens_a_room_beyond_their_range(
    size: int, least: int, most: int, low: float | None, high: float | None, operators: int
) -> None:
    least, most = sorted((least, most))
    of = choices({"size": operators}, size=f"{least}..{most}")

    def is_theirs(settings: Any) -> bool:
        return least <= settings.size <= most or settings.size == operators

    asked: list[JoinOptions] = [
        JoinOptions(settings={"size": size}),
        JoinOptions(filter={"size": size}),
        JoinOptions(filter={"size": [size, 5]}),
        JoinOptions(filter={"size": {"min": low, "max": high}}),
    ]
    wishes = []
    for options in asked:
        try:
            wishes.append(Criteria(of, options))
        except SettingsError:
            continue
    for one in wishes:
        assert is_theirs(one.settings)
        for other in wishes:
            both = one.together(other)
            assert both is None or is_theirs(both)
    low, high = -math.inf if low is None else low, math.inf if high is None else high
    if any(low <= value <= high for value in range(least, most + 1)):
        # Wherever a range leaves something that they may choose, there is a room.
        assert low <= Criteria(of, asked[3]).settings.size <= high
