"""Inputs for named ticks, from message to game: what counts when, what clients learn of it, and what lies do."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import rumpus
from rumpus.protocol import JSON_SUBPROTOCOL, MSGPACK_SUBPROTOCOL
from rumpus.testing import MemoryClient, Playground

TICK = 1 / 30


class Runner(rumpus.Game):
    """Moves in `process_input`, as a game may that trusts in one call per tick."""

    max_players = 1
    min_players = 1

    class Input(rumpus.Input):
        x: int = 0
        jump: bool = False

    def initialize_game(self, settings: Any) -> None:
        self.place: dict[str, int] = {}
        self.jumps: list[int] = []
        self.calls: list[tuple[int, int]] = []
        self.lags: list[float] = []
        self.tick = 0

    def add_player(self, player_id: str, info: rumpus.PlayerInfo) -> None:
        super().add_player(player_id, info)
        self.place[player_id] = 0

    @classmethod
    def merge_inputs(cls, older: Any, newer: Any) -> Any:
        return cls.Input(newer.x, older.jump or newer.jump)

    def process_input(self, player_id: str, input_data: Any) -> None:
        self.calls.append((self.tick + 1, input_data.x))
        self.place[player_id] += input_data.x
        self.lags.append(self.view_lag.get(player_id, 0.0))
        if input_data.jump:
            self.jumps.append(self.tick + 1)

    def update(self, delta_time: float) -> None:
        self.tick += 1

    def get_game_state(self) -> Any:
        return {"place": self.place}


def begin(subprotocol: str = JSON_SUBPROTOCOL, **options: Any) -> tuple[Playground, MemoryClient, Runner]:
    playground = Playground(Runner, **options)
    ann = playground.connect("Ann", subprotocol=subprotocol)
    game = playground.server.rooms[ann.room_id].game
    assert isinstance(game, Runner)
    while game.tick < 10:
        playground.run(TICK)
    return playground, ann, game


def test_the_game_gets_exactly_one_input_per_tick() -> None:
    playground, ann, game = begin()
    first = game.tick + 3
    ann.timed_input(first, x=1)
    ann.timed_input(first + 4, x=-1)
    playground.run(8.5 * TICK)
    expected = [(tick, 1 if tick < first + 4 else -1) for tick in range(first, game.tick + 1)]
    assert game.calls == expected
    assert len(expected) >= 5


@pytest.mark.parametrize("subprotocol", [JSON_SUBPROTOCOL, MSGPACK_SUBPROTOCOL])
def test_states_acknowledge_the_input_used_and_tell_its_margin(subprotocol: str) -> None:
    playground, ann, game = begin(subprotocol)
    assert "margin" not in ann.last("delta")
    ann.timed_input(game.tick + 3, x=1)
    playground.run(1.5 * TICK)
    assert ann.ack is None
    playground.run(2 * TICK)
    message = ann.last("delta")
    assert message["ack"] == 1
    # It came somewhere in the third interval before its tick.
    assert message["margin"] + 0.001 >= 2 * TICK
    assert message["margin"] <= 3 * TICK + 0.001
    late = game.tick - 2
    ann.timed_input(late, x=0)
    playground.run(1.5 * TICK)
    message = ann.last("delta")
    assert message["ack"] == 2
    assert -4 * TICK < message["margin"] < -TICK
    assert playground.server.counters.inputs_late == 1


def test_what_comes_late_together_is_merged_into_one() -> None:
    playground, ann, game = begin()
    calls = len(game.calls)
    for tick in range(game.tick - 5, game.tick + 2):
        ann.timed_input(tick, x=1, jump=tick == game.tick - 4)
    before = game.tick
    playground.run(1.2 * TICK)
    assert len(game.calls) - calls == game.tick - before
    assert game.jumps == [before + 1]


def test_stopping_and_bursting_gains_no_distance() -> None:
    """A client that holds its inputs back and sends them at once moves as far as the rules allow, and no further."""
    playground, ann, game = begin(input_hold=0.5)
    start, place = game.tick, game.place[ann.player_id]
    held: list[int] = []
    for second in range(20):
        for _ in range(30):
            held.append(game.tick + 2)
            playground.run(TICK)
        for tick in held[second % 3 :]:
            ann.timed_input(tick, x=1)
            ann.timed_input(tick, x=1)
        held.clear()
    assert game.place[ann.player_id] - place <= game.tick - start


@pytest.mark.parametrize("timed", [True, False])
def test_a_flood_of_inputs_moves_nobody_faster(timed: bool) -> None:
    playground, ann, game = begin()
    start, place = game.tick, game.place[ann.player_id]
    for _ in range(60):
        for ahead in range(3):
            if timed:
                ann.timed_input(game.tick + 1 + ahead, x=1)
            else:
                ann.input(x=1)
        playground.run(TICK)
    assert 30 <= game.place[ann.player_id] - place <= game.tick - start


def test_commands_are_each_given_in_order() -> None:
    class Commands(Runner):
        commands = True

    playground = Playground(Commands)
    ann = playground.connect("Ann")
    playground.run(0.1)
    game = playground.server.rooms[ann.room_id].game
    assert isinstance(game, Commands)
    for x in (1, 2, 3):
        ann.input(x=x)
    ann.timed_input(game.tick + 20, x=4)
    playground.run(TICK)
    assert [x for _, x in game.calls] == [1, 2, 3, 4]


def test_ticks_far_away_are_dropped_and_told_of_when_it_persists() -> None:
    playground, ann, game = begin()
    for number in range(9):
        ann.timed_input(game.tick + (1000 if number % 2 else -100 + 100), x=1)
        ann.timed_input(game.tick + 1000, x=1)
    assert not ann.messages("error")
    for _ in range(9):
        ann.timed_input(game.tick + 1000, x=1)
    assert ann.messages("error")
    assert ann.last("error")["code"] == "bad_tick"
    told = len(ann.messages("error"))
    for _ in range(30):
        ann.timed_input(0 if game.tick > 40 else 2**40, x=1)
    assert len(ann.messages("error")) - told == 3
    assert playground.server.counters.inputs_refused >= 39
    assert not ann.connection.closed


def test_who_falls_silent_is_repeated_then_released_then_welcome_back() -> None:
    playground, ann, game = begin(input_hold=0.5)
    ann.timed_input(game.tick + 1, x=1)
    begun = game.tick
    playground.run(2.0)
    moving = [tick for tick, x in game.calls if x == 1]
    assert moving == list(range(begun + 1, begun + 1 + 16))
    assert playground.server.counters.ticks_starved > 20
    ann.timed_input(game.tick + 1, x=2)
    playground.run(1.2 * TICK)
    assert game.calls[-1][1] == 2


def test_a_game_whose_input_has_no_defaults_simply_gets_the_last_one() -> None:
    class Choosy(Runner):
        class Input(rumpus.Input):
            x: int

        @classmethod
        def merge_inputs(cls, older: Any, newer: Any) -> Any:
            return newer

        def process_input(self, player_id: str, input_data: Any) -> None:
            self.calls.append((self.tick + 1, input_data.x))

    playground = Playground(Choosy)
    ann = playground.connect("Ann")
    playground.run(0.2)
    game = playground.server.rooms[ann.room_id].game
    assert isinstance(game, Choosy)
    ann.timed_input(game.tick + 1, x=7)
    begun = game.tick
    playground.run(3.0)
    # Repeated for half a second; after that the game hears nothing.
    assert [x for _, x in game.calls] == [7] * len(game.calls)
    assert game.calls[-1][0] == begun + 1 + 15


# What the player saw.


def seen_with(lie: float, *, way: float = 0.0, every: int = 1, **options: Any) -> float:
    """The view lag, in ticks, that a claim of having seen the tick `lie` ticks ago is worth.

    way: seconds to answer.  every: which of the states a busy server sends.
    """
    playground, ann, game = begin(**options)
    player = playground.server.rooms[ann.room_id].find_player_by_id(ann.player_id)
    assert player is not None
    for number in range(5):
        player.input.round_trip.asked(float(number))
        player.input.round_trip.answered(number + way)
    playground.server.rooms[ann.room_id].send_every(every)
    game.lags.clear()
    ann.timed_input(game.tick + 1, seen=game.tick + 1 - lie, x=1)
    playground.run(1.2 * TICK)
    return game.lags[-1]


def test_a_picture_of_fewer_snapshots_may_be_further_behind() -> None:
    assert seen_with(6.0, max_rewind=0.5) <= 4.01
    assert seen_with(6.0, every=2, max_rewind=0.5) == pytest.approx(6.0)
    assert 9.0 <= seen_with(20.0, every=3, max_rewind=0.5) <= 10.01


def test_an_honest_view_lag_is_used_as_it_is() -> None:
    assert seen_with(2.25) == pytest.approx(2.25)
    assert seen_with(5.5, way=0.1) == pytest.approx(5.5)
    assert seen_with(0.0) == 0.0


def test_a_view_lag_beyond_what_was_measured_is_cut() -> None:
    # A quick way: at most three snapshots behind, and what the input waited (under a tick here).
    assert 3.0 <= seen_with(7.0) <= 4.01
    assert 3.0 <= seen_with(1e6) <= 4.01


def test_nobody_sees_further_back_than_the_cap() -> None:
    assert seen_with(100.0, way=5.0) == pytest.approx(0.25 * 30)
    assert seen_with(100.0, way=5.0, max_rewind=0.1) == pytest.approx(3.0)
    assert seen_with(3.0, way=5.0, max_rewind=0.0) == 0.0


def test_nobody_sees_the_future() -> None:
    assert seen_with(-50.0) == 0.0


def test_the_view_lag_is_forgotten_with_the_player() -> None:
    playground, ann, game = begin()
    ann.timed_input(game.tick + 1, seen=game.tick - 1, x=1)
    playground.run(1.2 * TICK)
    assert ann.player_id in game.view_lag
    ann.send({"type": "leave"})
    assert ann.player_id not in game.view_lag


def test_a_match_begins_without_what_was_meant_for_the_last() -> None:
    playground, ann, game = begin()
    room = playground.server.rooms[ann.room_id]
    ann.timed_input(game.tick + 1, seen=game.tick - 2, x=1)
    playground.run(1.2 * TICK)
    assert game.view_lag
    assert game.current_tick == game.tick
    ann.timed_input(game.tick + 20, x=1)
    # Not even in a game that forgets to.
    game.reset = lambda: None  # type: ignore[method-assign]
    room.reset_room()
    room.start_game()
    assert not game.view_lag
    assert game.current_tick == 0
    playground.run(2.0)
    assert not game.calls


def test_the_server_measures_the_way_of_those_who_tell_ticks() -> None:
    playground, ann, game = begin()
    player = playground.server.rooms[ann.room_id].find_player_by_id(ann.player_id)
    assert player is not None
    before = player.input.round_trip.median
    playground.run(3.0)
    assert player.input.round_trip.median == before
    ann.timed_input(game.tick + 1, x=1)
    playground.run(3.0)
    # The client in memory answers in no time.
    assert player.input.round_trip.median == 0.0


# Earlier ticks than were named before.


def test_what_was_said_of_a_tick_is_not_taken_back_by_an_input_for_an_earlier_one() -> None:
    playground, ann, game = begin()
    first = game.tick + 6
    ann.timed_input(first, x=1)
    ann.timed_input(first + 3, x=2)
    for earlier in (first + 2, first, first + 1):
        ann.timed_input(earlier, x=9, jump=True)
    assert ann.errors() == ["bad_tick"]
    assert "tick" in ann.last("error")["message"]
    ann.timed_input(first + 3, x=3)
    playground.run(12 * TICK)
    assert [x for tick, x in game.calls if tick < first + 3] == [1, 1, 1]
    assert {x for tick, x in game.calls if tick >= first + 3} == {3}
    assert game.jumps == []
    assert playground.server.counters.inputs_refused == 3
    assert not ann.connection.closed


def test_each_row_of_earlier_ticks_is_told_once_in_ten() -> None:
    playground, ann, game = begin()
    for expected in (3, 6):
        ann.timed_input(game.tick + 25, x=1)
        for _ in range(25):
            ann.timed_input(game.tick + 5, x=9)
        assert len(ann.errors()) == expected
    playground.run(30 * TICK)
    assert {x for _, x in game.calls} == {1}


def test_a_late_input_after_an_early_one_is_for_an_earlier_tick() -> None:
    playground, ann, game = begin()
    ann.timed_input(game.tick + 5, x=1)
    ann.timed_input(game.tick - 3, x=9)
    assert ann.errors() == ["bad_tick"]
    playground.run(8 * TICK)
    assert {x for _, x in game.calls} == {1}


def test_after_a_standstill_a_clock_may_be_set_back_for_two_seconds() -> None:
    playground, ann, game = begin()
    ann.timed_input(game.tick + 25, x=1)
    playground.clock.advance(1.0)
    playground.run(TICK)
    assert ann.messages("stalled")
    ann.timed_input(game.tick + 2, x=2)
    playground.run(3 * TICK)
    assert game.calls[-1][1] == 2
    assert ann.errors() == []
    playground.run(2.5)
    ann.timed_input(game.tick + 20, x=3)
    ann.timed_input(game.tick + 10, x=4)
    assert ann.errors() == ["bad_tick"]


@given(st.lists(st.tuples(st.integers(-6, 20), st.integers(1, 9), st.integers(0, 2)), max_size=40))
def test_every_tick_is_played_with_what_was_said_for_it_first(sent: list[tuple[int, int, int]]) -> None:
    """A model: an input is in force from its tick on; none rewrites what was in force before a later one."""
    playground, ann, game = begin()
    start, newest, said = game.tick, -1, dict[int, int]()
    refused = 0
    for away, x, ticks in sent:
        tick = max(game.tick + away, game.tick + 1)
        if tick < newest:
            refused += 1
        else:
            newest, said[tick] = tick, x
        ann.timed_input(game.tick + away, x=x)
        for _ in range(ticks):
            playground.run(TICK)
    playground.run(22 * TICK)
    assert playground.server.counters.inputs_refused == refused
    in_force, expected = None, []
    silent = 0
    for tick in range(start + 1, game.tick + 1):
        silent = 0 if tick in said else silent + 1
        in_force = said.get(tick, in_force)
        expected.append((tick, in_force, silent))
    played = dict(game.calls)
    for tick, x, silent in expected:
        if silent <= 15 and x is not None:
            assert played[tick] == x
