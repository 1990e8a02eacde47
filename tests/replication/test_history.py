"""Whatever happens to rows in between: looking back gives what a browser showed then, in today's order."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from rumpus.compiled import kernel
from rumpus.replication import (
    KEY,
    Angle,
    Choice,
    Fixed,
    Flag,
    History,
    Int,
    Local,
    Rewound,
    Table,
    TableError,
    Text,
    World,
)
from rumpus.replication.rewinding import entries_around, held_since, rewind_row, rewind_rows
from rumpus.replication.snapshot import SnapshotEncoder
from tests.support.examples import examples
from tests.support.worlds import Playfield


class Clock(Table, single=True, rewind=("time",)):
    time = Fixed(1 / 16, 0, 600, moves=True)


class Crates(Table, rows=1, max_rows=20, key="c"):
    """Remembers nothing, and grows in front of those that do."""

    x = Fixed(1, 0, 100)


SHIP = ("heading", "x", "alive", "y", "fuel", "rank", "team", "title", "radius")


class Ships(Table, rows=1, max_rows=12, rewind=SHIP):
    x = Fixed(1 / 8, -100, 4096, moves=True)
    y = Fixed(1 / 8, -100, 4096, moves=True)
    heading = Angle(bits=8)
    fuel = Fixed(1 / 30, 0, 100, moves=True)
    rank = Int(0, 5000, moves=True)
    team = Choice("", "red", "blue")
    alive = Flag()
    title = Text()
    radius = Local()
    secret = Local()


class Mines(Table, rows=2, max_rows=30, key="m", rewind=("x", "heat")):
    heat = Fixed(1, 0, 5000)
    x = Fixed(1 / 8, 0, 4096, moves=True)
    turn = Angle(bits=12)


class Sea(World):
    clock: Clock
    crates: Crates
    ships: Ships
    mines: Mines


TABLES = ("clock", "ships", "mines")
#: A quantised state by table, key and column.
State = dict[str, dict[float, dict[str, float]]]


def state_of(world: World) -> State:
    return {
        name: {
            float(table.block[KEY, row]): {
                column.name: float(table.block[column.index, row]) for column in table.columns
            }
            for row in range(len(table))
        }
        for name, table in world.tables.items()
    }


def between(kind: type[Table], a: dict[str, float], b: dict[str, float], share: float) -> dict[str, float]:
    """A row as web/sdk/world-interpolation.js draws it: in whole numbers of the wire."""
    columns = {column.name: column for column in kind.columns}
    steps = {name: round((b[name] - a[name]) / columns[name].step) for name in kind.rewind}
    jumps = any(abs(steps[name]) > 1023 for name in ("x", "y") if name in kind.rewind and columns[name].moves)
    drawn = {}
    for name in kind.rewind:
        column, step = columns[name], steps[name]
        if isinstance(column, Angle):
            turn = 2**column.bits
            step -= math.floor(step / turn + 0.5) * turn
        elif not (isinstance(column, Fixed) and column.moves):
            step = 0
        if jumps or abs(step) > 1023:
            step = 0
        drawn[name] = a[name] + step * column.step * share
    return drawn


def rewound(world: World, remembered: list[tuple[int, State]], tick: float) -> tuple[float, State]:
    """The model's answer: the tick used, and who was there, with what. Who is left out was not."""
    now = state_of(world)
    if not remembered:
        return tick, {name: {key: dict(row) for key, row in now[name].items()} for name in TABLES}
    used = min(max(tick, remembered[0][0]), remembered[-1][0])
    before = [entry for entry in remembered if entry[0] <= used][-1]
    after = next(entry for entry in remembered if entry[0] >= used)
    share = (used - before[0]) / (after[0] - before[0]) if after[0] > before[0] else 0.0
    answer: State = {}
    for name in TABLES:
        kind, a, b = type(world.tables[name]), before[1][name], after[1][name]
        answer[name] = {key: between(kind, a[key], b[key], share) for key in now[name] if key in a and key in b}
    return used, answer


def check(world: World, remembered: list[tuple[int, State]], tick: float) -> None:
    then = world.rewind(tick)
    used, expected = rewound(world, remembered, tick)
    assert then.tick == used
    now = state_of(world)
    for name in TABLES:
        table, seen = world.tables[name], getattr(then, name)
        keys = table.block[KEY, : len(table)].tolist()
        assert seen.present.dtype == bool
        assert seen.present.tolist() == [key in expected[name] for key in keys]
        columns = {column.name: column for column in table.columns}
        for column in table.rewind:
            values = getattr(seen, column)
            assert values.shape == (len(table),)
            for row, key in enumerate(keys):
                there = key in expected[name]
                value = (expected if there else now)[name][key][column]
                if there and remembered and isinstance(columns[column], Angle):
                    assert 0 <= values[row] < 2 * math.pi
                    assert abs(math.remainder(values[row] - value, 2 * math.pi)) < 1e-9
                else:
                    assert values[row] == pytest.approx(value, abs=1e-9), (name, column)


IDS = st.sampled_from([f"p{number}" for number in range(8)])
#: Steps in x: none, usual, the longest that is no jump, the shortest that is one.
STEPS = st.sampled_from([0.0, 3.5, -7.25, 1023 / 8, 1024 / 8, -1023 / 8, -1024 / 8, 900.0])


class Voyage(RuleBasedStateMachine):
    """A match that is remembered, beside a list of all that it was."""

    @initialize(entries=st.integers(1, 5))
    def begin(self, entries: int) -> None:
        self.world = Sea()
        self.remembered: list[tuple[int, State]] = []
        self.tick = 0
        self.keep(entries)

    @rule(entries=st.integers(0, 5))
    def keep(self, entries: int) -> None:
        self.entries = entries
        self.world.keep_history(entries)
        self.remembered.clear()

    @rule(id=IDS, x=st.integers(-100, 4096), heading=st.integers(0, 255), team=st.integers(0, 2))
    def come_or_go(self, id: str, x: int, heading: int, team: int) -> None:
        ships = self.world.ships
        if not ships.remove(id):
            angle = heading / 256 * 2 * math.pi
            ships.add(id, x=x, heading=angle, team=("", "red", "blue")[team], title=id * 2, radius=0.123, alive=True)

    @rule(count=st.integers(1, 4), x=st.integers(0, 4096))
    def lay_mines(self, count: int, x: int) -> None:
        mines = self.world.mines
        mines.add_many(min(count, mines.max_rows - len(mines)), x=x, heat=x)

    @precondition(lambda self: len(self.world.mines) > 0)
    @rule(row=st.integers(0, 29))
    def clear_mine(self, row: int) -> None:
        self.world.mines.remove_row(row % len(self.world.mines))

    @precondition(lambda self: len(self.world.crates) < 20)
    @rule()
    def drop_crate(self) -> None:
        self.world.crates.add()

    @rule()
    def swap_rows(self) -> None:
        """Kernels may put rows into another order."""
        block = self.world.mines.block
        rows = len(self.world.mines)
        block[:, :rows] = block[:, :rows][:, ::-1].copy()

    @rule(
        dx=st.lists(STEPS, min_size=12, max_size=12),
        dy=STEPS,
        turn=st.integers(-200, 200),
        fuel=st.integers(0, 3000),
        alive=st.integers(0, 2**12 - 1),
    )
    def move(self, dx: list[float], dy: float, turn: int, fuel: int, alive: int) -> None:
        world, live = self.world, len(self.world.ships)
        world.clock.time = (world.clock.time + 1 / 3) % 600
        world.ships.x = np.clip(world.ships.x + dx[:live], -100, 4096)
        world.ships.y = np.clip(world.ships.y + dy, -100, 4096)
        world.ships.heading += turn / 256 * 2 * math.pi
        world.ships.fuel = fuel / 30
        world.ships.rank = fuel
        world.ships.alive = [alive >> row & 1 for row in range(live)]
        world.ships.radius += 0.1
        world.mines.x = np.clip(world.mines.x + dy, 0, 4096)
        world.mines.heat = (world.mines.heat + 7) % 5000

    @rule(ticks=st.sampled_from([0, 1, 1, 1, 2, 3, 7, 1000]))
    def remember(self, ticks: int) -> None:
        self.tick += ticks
        self.world.quantise()
        self.world.remember(self.tick)
        if self.entries == 0:
            return
        if self.remembered and self.remembered[-1][0] == self.tick:
            self.remembered.pop()
        self.remembered.append((self.tick, state_of(self.world)))
        del self.remembered[: -self.entries]

    @rule(back=st.integers(1, 20))
    def begin_another_match(self, back: int) -> None:
        self.tick -= back
        if self.remembered and self.tick < self.remembered[-1][0]:
            self.remembered.clear()
        self.remember(ticks=0)

    @rule(back=st.floats(-2, 30))
    def look_back(self, back: float) -> None:
        check(self.world, self.remembered, self.tick - back)

    @rule(which=st.integers(0, 4), share=st.floats(0, 1))
    def look_between(self, which: int, share: float) -> None:
        ticks = [tick for tick, _ in self.remembered] or [self.tick]
        first, second = ticks[which % len(ticks)], ticks[min(which % len(ticks) + 1, len(ticks) - 1)]
        check(self.world, self.remembered, first + share * (second - first))

    @invariant()
    def knows_its_ticks(self) -> None:
        if hasattr(self, "world"):
            assert self.world.history.ticks == [tick for tick, _ in self.remembered]

    def teardown(self) -> None:
        if hasattr(self, "world"):
            for tick, _ in self.remembered:
                check(self.world, self.remembered, tick)
                check(self.world, self.remembered, tick - 0.4)


TestVoyage = Voyage.TestCase
TestVoyage.settings = settings(max_examples=examples(150), stateful_step_count=40)


def sea(*ids: str, entries: int = 4) -> Sea:
    world = Sea()
    for number, id in enumerate(ids):
        world.ships.add(id, x=100 * number, alive=True)
    world.keep_history(entries)
    return world


def test_between_two_snapshots_what_moves_is_on_the_way() -> None:
    world = sea("ann", "bob")
    ann = world.ships["ann"]
    ann.heading = 2 * math.pi * 250 / 256
    world.quantise()
    world.remember(30)
    ann.x, ann.heading, ann.alive = 8, 2 * math.pi * 10 / 256, False
    world.quantise()
    world.remember(34)
    then = world.rewind(31)
    assert then.tick == 31
    assert then.ships.x.tolist() == [2, 100]
    assert then.ships.heading[0] == pytest.approx(2 * math.pi * 254 / 256)
    assert then.ships.alive.tolist() == [1, 1]
    assert world.rewind(34).ships.alive.tolist() == [0, 1]
    assert world.rewind(99).tick == 34
    assert world.rewind(3).tick == 30
    assert world.rewind(3).ships.x.tolist() == [0, 100]


def test_a_jump_of_the_place_stops_the_whole_row() -> None:
    world = sea("ann")
    ann = world.ships["ann"]
    world.quantise()
    world.remember(1)
    ann.x, ann.y, ann.heading, ann.fuel = 128, 8, 1.0, 4
    world.quantise()
    world.remember(2)
    then = world.rewind(1.5).ships
    assert [then.x[0], then.y[0], then.heading[0], then.fuel[0]] == [0, 0, 0, 0]
    # A measure that is set anew stops only itself.
    ann.x, ann.fuel = 120, 90
    world.quantise()
    world.remember(3)
    then = world.rewind(2.5).ships
    assert [then.x[0], then.fuel[0]] == [124, 4]


def test_half_a_turn_goes_backwards_as_in_the_browser() -> None:
    for begin in range(0, 256, 8):
        world = sea("ann")
        for tick, n in ((0, begin), (1, begin + 128)):
            world.ships["ann"].heading = n / 256 * 2 * math.pi
            world.quantise()
            world.remember(tick)
        turned = world.rewind(0.25).ships.heading[0] / (2 * math.pi) * 256
        assert turned == pytest.approx((begin - 32) % 256)


def test_who_comes_back_is_the_same_and_was_away() -> None:
    world = sea("ann", "bob", "eve")
    world.quantise()
    world.remember(0)
    world.ships.remove("ann")
    world.remember(1)
    world.ships.add("ann", x=50)
    world.quantise()
    world.remember(2)
    assert world.ships.ids() == ["eve", "bob", "ann"]
    assert world.rewind(0).ships.x.tolist() == [200, 100, 0]
    assert world.rewind(0).ships.present.all()
    for tick in (0.5, 1, 1.5):
        then = world.rewind(tick).ships
        assert then.present.tolist() == [True, True, False]
        assert then.x.tolist() == [200, 100, 50]


def test_a_rewound_world_is_the_callers_own() -> None:
    world = sea("ann")
    world.quantise()
    world.remember(0)
    then = world.rewind(0)
    then.ships.x += 5
    world.ships.x = 70
    world.quantise()
    world.remember(1)
    assert then.ships.x.tolist() == [5]
    assert world.rewind(0).ships.x.tolist() == [0]
    assert world.ships.x.tolist() == [70]
    with pytest.raises(AttributeError, match=r"Sea.ships does not remember 'secret'; see rewind="):
        _ = then.ships.secret
    with pytest.raises(AttributeError, match="no table 'crates' that remembers anything"):
        _ = then.crates
    assert not hasattr(object.__new__(Rewound), "tick")


def test_a_history_is_off_until_it_is_kept() -> None:
    world = Sea()
    world.ships.add("ann", x=3)
    world.remember(5)
    assert world.history.entries == 0
    assert world.rewind(5).ships.x.tolist() == [3]
    layout = world.layout
    world.keep_history(2)
    assert world.layout == layout + 1
    world.remember(6)
    world.ships.x = 9
    assert world.rewind(6).ships.x.tolist() == [3]
    world.keep_history(0)
    assert world.rewind(6).ships.x.tolist() == [9]
    assert world.history.kept.size == 2 * (1 + len(SHIP) + 2)
    with pytest.raises(TableError, match="A history of -1 snapshots cannot be kept"):
        world.keep_history(-1)


def test_a_world_that_remembers_nothing_has_nothing_to_keep() -> None:
    world = Playfield()
    layout = world.layout
    world.keep_history(8)
    world.remember(1)
    assert (world.history.names, world.history.ticks, world.layout) == ((), [], layout)
    assert world.rewind(1).tick == 1


def test_keeping_a_history_does_not_disturb_a_snapshot() -> None:
    world = sea("ann", entries=0)
    encoder = SnapshotEncoder(world, 1 / 30)
    encoder.advance()
    before = world.cells.copy()
    world.keep_history(3)
    encoder.advance()
    world.remember(1)
    assert (world.cells == before).all()


def test_wrong_declarations_are_named() -> None:
    with pytest.raises(TableError, match=r"Lost is to remember 'z' \(rewind=\), which is no column of it"):
        type("Lost", (Table,), {"x": Flag()}, rewind=("x", "z"))  # type: ignore[call-overload]  # a table's option
    with pytest.raises(TableError, match=r"Lost needs a tuple of columns to remember: rewind=\('x',\)"):
        type("Lost", (Table,), {"x": Flag()}, rewind="x")  # type: ignore[call-overload]
    with pytest.raises(TableError, match="Lost is to remember a column twice"):
        type("Lost", (Table,), {"x": Flag()}, rewind=("x", "x"))  # type: ignore[call-overload]
    with pytest.raises(TableError, match="Lost cannot remember 'present'"):
        type("Lost", (Table,), {"present": Flag()}, rewind=("present",))  # type: ignore[call-overload]
    with pytest.raises(TableError, match="cannot be called 'tick'"):
        History({"tick": Mines()})
    with pytest.raises(TableError, match=r"no table 'crates' with rewind=; there is clock, ships, mines"):
        Sea().history.number("crates")
    for name in ("rewind", "history"):
        with pytest.raises(TableError, match=f"Odd.{name} cannot be a table"):
            type("Odd", (World,), {"__annotations__": {name: Mines}})()


def test_a_table_that_builds_on_another_remembers_what_that_does() -> None:
    class Boats(Ships):
        sail = Flag()

    assert Boats.rewind == SHIP
    assert Clock.rewind == ("time",)
    assert Crates.rewind == ()


@kernel
def probe(
    tick: float,
    table: int,
    column: int,
    count: int,
    book: Any,
    kept: Any,
    block: Any,
    all_rows: Any,
    one: Any,
    held: Any,
) -> float:
    """The parts as a game's kernel uses them."""
    earlier, later, share, _ = entries_around(tick, book)
    for row in range(count):
        rewind_row(earlier, later, share, table, row, book, kept, block, one)
        held[row] = held_since(tick, table, column, row, book, kept, block)
    return rewind_rows(tick, table, book, kept, block, count, all_rows)


def test_parts_for_kernels() -> None:
    world = sea("ann", "bob", "eve", "dan", entries=3)
    # Alive by tick and ship; the ring turns over its end.
    for tick, alive in enumerate(([1, 1, 0, 1], [1, 1, 1, 0], [1, 0, 1, 1], [1, 1, 1, 1], [1, 1, 1, 1])):
        world.ships.alive = alive
        world.ships.x += 4
        world.quantise()
        world.remember(tick)
    world.ships.remove("ann")
    world.ships.add("new")
    ids = world.ships.ids()
    assert ids == ["dan", "bob", "eve", "new"]
    history, block = world.history, world.ships.block
    number = history.number("ships")

    def held(tick: float) -> list[str]:
        lines, rows = 1 + len(SHIP), len(world.ships)
        # Wider than it need be, as a game's own array will be.
        all_rows, one, held = np.full((lines, 9), -1.0), np.full((lines, 9), -2.0), np.zeros(rows, dtype=np.bool_)
        used = probe(tick, number, SHIP.index("alive"), rows, history.book, history.kept, block, all_rows, one, held)
        then = world.rewind(tick)
        assert used == then.tick
        assert (all_rows[:, :rows] == one[:, :rows]).all()
        assert (all_rows[:, rows:] == -1).all()
        assert (all_rows[0, :rows] == then.ships.present).all()
        for line, name in enumerate(SHIP, 1):
            assert (all_rows[line, :rows] == getattr(then.ships, name)).all()
        return [id for id, was in zip(ids, held.tolist(), strict=True) if was]

    assert held(2.0) == held(2.5) == held(0) == ["dan", "eve"]
    assert held(3.0) == held(3.5) == held(99) == ["dan", "bob", "eve"]
    world.keep_history(2)
    history = world.history
    assert held(3.0) == ids


def test_importing_tables_does_not_import_numba() -> None:
    code = (
        "import sys; from rumpus.replication import Fixed, Table, World, TableError\n"
        "class Dots(Table, rewind=('x',)): x = Fixed(1, 0, 9)\n"
        "class Sheet(World): dots: Dots\n"
        "Sheet().remember(1); print('numba' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert run.stdout == "False\n", run.stderr


@pytest.mark.slow
@pytest.mark.skipif("NUMBA_DISABLE_JIT" in os.environ, reason="this is what runs without the compiler")
def test_all_of_this_holds_without_the_compiler() -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(Path(__file__))]
    environment = os.environ | {"NUMBA_DISABLE_JIT": "1"}
    root = Path(__file__).parents[2]
    run = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout[-2000:]
