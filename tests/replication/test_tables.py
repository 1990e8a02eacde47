"""Tables as their authors use them, and what they are told when they use them wrongly."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rumpus.replication import (
    NOBODY,
    RESERVED,
    SLOT,
    Angle,
    Choice,
    Fixed,
    Flag,
    Int,
    Interest,
    Local,
    Table,
    TableError,
    Text,
    World,
)
from rumpus.replication.snapshot import SnapshotEncoder
from tests.support.worlds import Bullets, Match, Players, Playfield


def test_rows_by_id() -> None:
    players = Players()
    players.add("ann", x=10, team="red", alive=True, title="the Great")
    players.add("bob", x=20)
    ann = players["ann"]
    ann.x += 2.5
    ann.hp = 90
    assert (ann.x, ann.hp, ann.team, ann.alive, ann.title) == (12.5, 90, "red", True, "the Great")
    assert players.ids() == ["ann", "bob"]
    assert "ann" in players
    assert "eve" not in players
    assert players.remove("ann")
    assert not players.remove("ann")
    assert players.row("bob") == 0
    assert [row.id for row in players] == ["bob"]
    with pytest.raises(KeyError, match="Players has no row 'ann'"):
        players.row("ann")


def test_columns_are_numpy_arrays_of_the_live_rows() -> None:
    players = Players()
    for number in range(3):
        players.add(f"p{number}", x=number)
    players.x += 1
    players.y = players.x * 2
    players.hp[1] = 7
    assert players.x.tolist() == [1, 2, 3]
    assert players.y.tolist() == [2, 4, 6]
    assert players.get(1, "hp") == 7
    assert players.block[Players.x.index, :3].tolist() == [1, 2, 3]
    assert Players.x.index == RESERVED


def test_rows_that_number_themselves() -> None:
    bullets = Bullets()
    bullets.add(x=1)
    bullets.add(x=2)
    bullets.remove("b1")
    bullets.add(x=3)
    assert bullets.ids() == ["b2", "b3"]
    assert bullets["b3"].x == 3
    assert bullets.find("b1") == bullets.find("x3") == bullets.find("b") == bullets.find("b³") == -1


def test_many_rows_at_once() -> None:
    bullets = Bullets()
    bullets.add(x=-5)
    rows = bullets.add_many(30, x=np.arange(30.0), y=7)
    assert rows == slice(1, 31)
    assert bullets.ids() == [f"b{number}" for number in range(1, 32)]
    assert bullets.x.tolist() == [-5, *range(30)]
    assert bullets.y.tolist() == [0, *[7] * 30]
    assert bullets.block[SLOT, rows].sum() == 0
    bullets.add()
    assert bullets.ids()[-1] == "b32"
    with pytest.raises(TableError, match="Bullets would have 41 rows, and may not have more than 40"):
        bullets.add_many(9)
    with pytest.raises(TableError, match="has no column 'z'"):
        bullets.add_many(2, z=5)
    with pytest.raises(TableError, match="does not number its rows"):
        Players().add_many(2)
    assert len(bullets) == 32


def test_a_single_row_is_always_there() -> None:
    match = Match()
    match.time_left = 12
    assert match.plain() == {"time_left": 12.0, "wave": 1}
    match.clear()
    assert match.plain() == {"time_left": 0.0, "wave": 1}
    with pytest.raises(TableError, match="exactly one row"):
        match.add("second")
    with pytest.raises(TableError, match="exactly one row"):
        match.remove_row(0)


def test_a_table_grows_up_to_its_limit_and_says_so() -> None:
    players = Players()
    for number in range(12):
        players.add(f"p{number}")
    with pytest.raises(TableError, match=r"Players is full: it has 12 rows, and may not have more \(max_rows\)"):
        players.add("one too many")
    with pytest.raises(TableError, match="Players cannot have 13 rows"):
        players.reserve(13)


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"x": 5000}, "Players.x of 'p' cannot be 5000: it runs from 0 to 4096"),
        ({"x": -1}, "Players.x of 'p' cannot be -1"),
        ({"x": math.nan}, "Players.x of 'p' cannot be nan: it takes a finite number"),
        ({"x": "far"}, "Players.x of 'p' cannot be 'far'"),
        ({"hp": 201}, "Players.hp of 'p' cannot be 201: it runs from -5 to 200"),
        ({"heading": math.inf}, "Players.heading of 'p' cannot be inf"),
        ({"team": "green"}, "Players.team of 'p' cannot be 'green': it is one of '', 'red', 'blue'"),
        ({"alive": "yes"}, "Players.alive of 'p' cannot be 'yes': it takes True or False"),
        ({"title": "x" * 256}, "Players.title of 'p' cannot be 'xxxxxxxxxxxxxxxxxxxx'...: it takes at most 255 bytes"),
        ({"title": "\ud800"}, "this is not proper Unicode"),
        ({"title": 5}, "Players.title of 'p' cannot be 5: it takes text"),
        ({"speed": 1}, "Players has no column 'speed'; it has x, y, heading"),
    ],
)
def test_a_wrong_value_is_named(values: dict[str, object], complaint: str) -> None:
    players = Players()
    with pytest.raises(TableError, match=complaint.replace("(", r"\(").replace(")", r"\)")):
        players.add("p", **values)
    assert len(players) == 0
    assert players.ids() == []


def test_wrong_uses_are_named() -> None:
    players, bullets = Players(), Bullets()
    players.add("p")
    with pytest.raises(TableError, match="has a row 'p' already"):
        players.add("p")
    with pytest.raises(TableError, match="needs an id for each row"):
        players.add()
    with pytest.raises(TableError, match="numbers its rows"):
        bullets.add("b7")
    with pytest.raises(TableError, match="has no row 3: it has 1"):
        players.get(3, "x")
    with pytest.raises(TableError, match="has no column 'ex'"):
        players["p"].ex = 5
    with pytest.raises(TableError, match="cannot have 0 rows"):
        Players(0)


def test_wrong_declarations_are_named() -> None:
    with pytest.raises(TableError, match="Fixed cannot be declared like this: step 0 from 0 to 1"):
        Fixed(0, 0, 1)
    with pytest.raises(TableError, match="it would have 8000000000001 values"):
        Fixed(1 / 8, 0, 1e12)
    with pytest.raises(TableError, match="whole numbers from 1 to 1"):
        Int(1, 1)
    with pytest.raises(TableError, match="33 bits"):
        Angle(33)
    with pytest.raises(TableError, match="two different texts"):
        Choice("a", "a")
    with pytest.raises(TableError, match="moves by 'speed', which is no column of Lost"):

        class Lost(Table):
            x = Fixed(1, 0, 10, moves="speed")

    with pytest.raises(TableError, match=r"Greedy.add cannot be a column"):

        class Greedy(Table):
            add = Int(0, 5)

    with pytest.raises(TableError, match="49 columns that are sent; 48 are possible"):
        type("Wide", (Table,), {f"c{number}": Flag() for number in range(49)})
    with pytest.raises(TableError, match="declares 0 tables"):
        World()
    with pytest.raises(TableError, match="has no table 'cars'; it has match, players, bullets, doors"):
        Playfield(cars=4)
    with pytest.raises(TableError, match="has no table 'cars'"):
        Playfield().reserve(cars=4)
    for wrong in ({}, {"width": 5.0}, {"radius": 4.0, "width": 5.0, "height": 5.0}, {"radius": 4.0, "margin": -1.0}):
        with pytest.raises(TableError, match="either width and height or a radius"):
            Interest(**wrong)  # type: ignore[arg-type]  # the keys are right
    for around, complaint in (
        ("bullets", "needs columns x and y and players' ids"),
        ("cars", "speaks of a table 'cars'"),
    ):
        world = Playfield()
        world.interest = Interest(radius=5, around=around)
        with pytest.raises(TableError, match=complaint):
            SnapshotEncoder(world, 1 / 30)


def test_a_value_out_of_range_at_the_end_of_a_tick_is_named() -> None:
    world = Playfield()
    world.players.add("ann", x=5)
    world.players.add("bob", x=5)
    world.players.x[1] = 4096.1
    with pytest.raises(TableError, match=r"Playfield.players.x of 'bob' \(row 1\) is 4096.1: it runs from 0 to 4096"):
        world.quantise()
    world.players.x[1] = math.nan
    with pytest.raises(TableError, match=r"Playfield.players.x of 'bob' \(row 1\) is nan"):
        world.quantise()
    world.players.x[1] = 4096.06
    world.quantise()
    assert world.players.x[1] == 4096


@given(st.lists(st.floats(0, 4096), min_size=1, max_size=12), st.floats(-1e8, 1e8))
def test_rounding_is_to_the_nearest_and_settles_at_once(places: list[float], angle: float) -> None:
    world = Playfield()
    for number, place in enumerate(places):
        world.players.add(f"p{number}", x=place, heading=angle)
    world.quantise()
    once = world.cells.copy()
    assert np.abs(world.players.x - places).max() <= 1 / 16
    turned = (world.players.heading[0] - angle) % (2 * math.pi)
    assert min(turned, 2 * math.pi - turned) <= math.pi / 256 + 1e-6
    assert 0 <= world.players.heading[0] < 2 * math.pi
    world.quantise()
    assert (world.cells == once).all()


def test_a_world_is_one_piece_of_memory() -> None:
    world = Playfield(players=5)
    world.players.add("p", x=3, secret=0.25)
    layout = world.layout
    world.reserve(bullets=30)
    assert world.layout == layout + 1
    assert world.players["p"].x == 3
    assert world.players["p"].secret == 0.25
    assert world.bullets.capacity == 30
    assert world.players.capacity == 5
    assert all(np.shares_memory(table.block, world.cells) for table in world.tables.values())
    for _ in range(31):
        world.bullets.add()
    assert world.counts.tolist() == [1, 1, 31, 0]
    assert np.shares_memory(world.bullets.block, world.cells)


def test_plain_data() -> None:
    world = Playfield()
    world.players.add("p", x=1.5, team="blue", alive=True, title="a", secret=9)
    world.players.add("ghost")
    world.players.show(1, NOBODY)
    world.bullets.add(owner="p")
    assert world.plain() == {
        "time_left": 0.0,
        "wave": 1,
        "players": {
            "p": {
                "x": 1.5,
                "y": 0.0,
                "heading": 0.0,
                "spin": 0.0,
                "hp": 0,
                "team": "blue",
                "alive": True,
                "title": "a",
            }
        },
        "bullets": {"b1": {"x": 0.0, "y": 0.0, "owner": "p"}},
        "doors": {},
    }


def test_the_schema_says_all_that_a_client_needs() -> None:
    class Things(Table, key="t"):
        x = Fixed(1 / 8, 0, 4096, moves=True)
        angle = Angle(bits=10)
        count = Int(-5, 300)
        kind = Choice("a", "b")
        on = Flag()
        label = Text()
        hidden = Local()

    class Box(World):
        things: Things

    with pytest.raises(TableError, match="Box speaks of 'Things'; declare tables and worlds at the top of a module"):
        Box.schema()
    Box.__annotations__ = {"things": Things}
    assert Box.schema() == [
        {
            "name": "things",
            "key": "t",
            "single": False,
            "columns": [
                {"name": "x", "type": "fixed", "step": 0.125, "min": 0.0, "max": 4096.0, "bytes": 2, "moves": True},
                {"name": "angle", "type": "angle", "bits": 10, "bytes": 2, "moves": False},
                {"name": "count", "type": "int", "min": -5, "max": 300, "bytes": 2, "moves": False},
                {"name": "kind", "type": "choice", "of": ["a", "b"], "bytes": 1, "moves": False},
                {"name": "on", "type": "flag"},
                {"name": "label", "type": "text"},
            ],
        }
    ]


def test_too_many_different_texts_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rumpus.replication.strings.MAX_STRINGS", 3)
    players = Players()
    players.add("one")
    players.add("two")
    with pytest.raises(TableError, match="the 4th different text of this match"):
        players.add("three")
