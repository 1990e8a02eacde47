"""What a busy server leaves undone, in which order, and that it takes all of it up again."""

from __future__ import annotations

import logging
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import rumpus
from rumpus.config import Limits
from rumpus.endpoints.metrics import render_metrics
from rumpus.endpoints.routes import health
from rumpus.server.load_shedding import LEAST_CONNECTIONS, RATE, RUNGS, LoadShedding, Totals
from rumpus.testing import Playground
from rumpus.token_bucket import ANY_RATE

#: Share of the time that is busy, and of the ticks that are late, with every so many-th state sent.
Plant = Callable[[int], tuple[float, float]]

loads = st.floats(0, 1.2)


class Drill:
    """A guard and the server that it is told of, whose seconds pass when the test says so."""

    def __init__(self, **limits: Any) -> None:
        self.guard = LoadShedding(Limits(**limits))
        self.totals = Totals(1000.0, 0.0, 0.0, 0, 0, 0)
        #: When which level began.
        self.changes: list[tuple[float, int, int]] = []

    def step(self, busy: float, late: float = 0.0, players: int = 0) -> None:
        self.totals = Totals(
            self.totals.now + 1 / RATE,
            self.totals.used + busy / RATE,
            self.totals.ticking + busy / RATE,
            self.totals.ticks + 1000,
            self.totals.late + round(1000 * late),
            players,
        )
        if self.guard.measure(self.totals):
            self.changes.append((self.totals.now, self.guard.level, self.guard.every))

    def run(self, seconds: float, busy: float | Plant, late: float = 0.0, players: int = 0) -> None:
        for _ in range(round(seconds * RATE)):
            if callable(busy):
                share, late = busy(self.guard.every)
                self.step(share, late, players)
            else:
                self.step(busy, late, players)


def sending(load: float, share: float) -> Plant:
    """A server of that load, of which so much is sending."""
    return lambda every: (load * (1 - share + share / every), 0.0)


def test_every_rung_is_tried_before_the_next_and_all_are_left_again() -> None:
    drill = Drill()
    drill.run(10, 0.9)
    assert [(level, every) for _, level, every in drill.changes] == [(1, 2), (1, 3), (2, 3), (3, 3)]
    drill.changes.clear()
    drill.run(60, 0.1)
    assert [(level, every) for _, level, every in drill.changes] == [(2, 3), (1, 3), (1, 2), (0, 1)]


def test_a_load_that_sending_less_helps_goes_no_further_and_does_not_flap() -> None:
    for share in (0.3, 0.5, 0.8):
        drill = Drill()
        drill.run(600, sending(0.9, share))
        assert drill.guard.level == 1
        assert len(drill.changes) <= 2
        drill.run(60, sending(0.3, share))
        assert drill.guard.level == 0


def test_less_than_the_limit_changes_nothing() -> None:
    drill = Drill()
    drill.run(600, 0.84)
    assert drill.guard.level == 0
    drill = Drill(overload_busy=0.5)
    drill.run(10, 0.6)
    assert drill.guard.level == 3


def test_limits_of_0_switch_it_off() -> None:
    drill = Drill(overload_busy=0, overload_lateness=0)
    drill.run(60, 1.0, late=1.0)
    assert drill.guard.level == 0
    assert drill.guard.connections_per_second == ANY_RATE
    drill = Drill(overload_busy=0)
    drill.run(60, 1.0)
    assert drill.guard.level == 0
    drill.run(10, 1.0, late=0.2)
    assert drill.guard.level == 3
    drill.run(60, 1.0)
    assert drill.guard.level == 0


def test_late_ticks_count_where_there_is_work_and_one_pause_does_not() -> None:
    drill = Drill()
    drill.run(10, 0.5, late=0.2)
    assert drill.guard.level == 3
    drill = Drill()
    drill.run(10, 0.1, late=0.5)
    assert drill.guard.level == 0
    drill = Drill()
    drill.run(2, 0.5)
    for _ in range(20):
        drill.run(2, 0.5)
        drill.step(0.9, late=1.0)
    assert drill.guard.level == 0


def test_a_pressing_load_is_met_sooner() -> None:
    times = []
    for busy in (0.86, 1.0):
        drill = Drill()
        drill.run(10, busy)
        times.append(drill.changes[-1][0] - 1000)
    assert times[1] < 1.5 < times[0] < 3


def test_players_who_came_lately_count_for_full() -> None:
    drill = Drill()
    drill.run(5, 0.7, players=100)
    for number in range(RATE):
        drill.step(0.7, players=100 + number * 8)
    assert drill.guard.load > 0.85
    assert drill.guard.busy == pytest.approx(0.7)


def test_newcomers_are_slower_the_less_there_is_to_spare_and_some_are_always_taken() -> None:
    rates = []
    for busy in (0.0, 0.3, 0.6, 0.8, 0.95):
        drill = Drill()
        drill.run(1, busy)
        rates.append(drill.guard.connections_per_second)
    assert rates == sorted(rates, reverse=True)
    assert rates[0] > 2000
    assert rates[-1] == LEAST_CONNECTIONS


@given(st.lists(st.tuples(loads, st.floats(0, 1), st.floats(0.1, 5)), max_size=30))
def test_whatever_happens_it_moves_by_single_rungs_with_time_between_and_recovers(
    story: list[tuple[float, float, float]],
) -> None:
    drill = Drill()
    rungs = {(rung.level, rung.every): number for number, rung in enumerate(RUNGS)}
    for busy, late, seconds in story:
        drill.run(seconds, busy, late)
    drill.run(5 * 62, 0.05)
    assert drill.guard.level == 0
    steps = [(1000.0, 0), *((now, rungs[level, every]) for now, level, every in drill.changes)]
    for (before, lower), (now, upper) in pairwise(steps):
        assert abs(upper - lower) == 1
        assert now - before >= (0.25 if upper > lower else 3.0) - 1e-6


@given(loads, loads, st.floats(0, 1), st.floats(1, 20))
def test_more_load_never_means_a_lower_level(one: float, other: float, share: float, seconds: float) -> None:
    rungs = []
    for load in sorted((one, other)):
        drill = Drill()
        drill.run(seconds, load * (1 + share))
        rungs.append((drill.guard.level, drill.guard.every))
    assert rungs == sorted(rungs)


# The server.


class Mill(rumpus.Game):
    """A game whose ticks take as long as the test wants, on the virtual clock."""

    max_players = 4
    cost = 0.0
    clock: Any = None

    def initialize_game(self, settings: Any) -> None:
        self.turns = 0

    def update(self, delta_time: float) -> None:
        self.turns += 1
        Mill.clock.work(Mill.cost)

    def get_game_state(self) -> dict[str, Any]:
        return {"turns": self.turns}


@pytest.fixture
def match() -> Playground:
    playground = Playground(Mill, start="now")
    Mill.clock, Mill.cost = playground.clock, 0.0
    return playground


def run_to(match: Playground, level: int) -> None:
    """Let time pass until the level holds."""
    for _ in range(2000):
        if match.server.overload.level == level:
            return
        match.run(0.05)
    raise AssertionError(f"level {level} was not reached, but {match.server.overload}")


def states(match: Playground, client: Any, seconds: float = 2.0) -> float:
    """States that a client gets a second."""
    before = len(client.messages("state")) + len(client.messages("delta"))
    match.run(seconds)
    return (len(client.messages("state")) + len(client.messages("delta")) - before) / seconds


def test_a_busy_server_sends_less_then_opens_no_rooms_then_takes_nobody_and_plays_on(
    match: Playground, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "rumpus.server.main_loop")
    server, ann = match.server, match.connect("Ann")
    room = server.rooms[ann.room_id]
    assert states(match, ann) == pytest.approx(30, abs=1)
    Mill.cost = 0.9 / 30
    run_to(match, 1)
    match.connect("Bob", ann.room_id)
    run_to(match, 2)
    assert health(server.figures())["status"] == "busy"
    loner = match.connect("Cid", create=True)
    assert loner.errors() == ["server_busy"]
    assert "New rooms cannot be opened" in loner.last("error")["message"]
    loner.join("Cid", ann.room_id)
    assert loner.player_id
    run_to(match, 3)
    assert match.connect("Dan", ann.room_id).errors() == ["server_busy"]
    assert "try again in" in match.connect("Eve").last("error")["message"]
    began = room.current_tick
    assert states(match, ann) == pytest.approx(10, abs=1)
    assert room.current_tick - began == pytest.approx(60, abs=2)
    assert server.schedule.dropped_ticks == 0
    assert server.counters.joins_refused_busy == 3
    assert server.counters.snapshots_lowered > 0
    assert "rumpus_overload_level 3.0" in render_metrics(server.figures())
    Mill.cost = 0.001
    run_to(match, 0)
    assert health(server.figures())["status"] == "ok"
    assert match.connect("Fay").player_id
    assert states(match, ann) == pytest.approx(30, abs=1)
    told = [record.getMessage() for record in caplog.records if "overload level" in record.getMessage()]
    assert len(told) == 8
    assert "nobody is let in" in told[3]


def test_a_room_that_opens_meanwhile_sends_as_often_as_the_others(match: Playground) -> None:
    ann = match.connect("Ann")
    Mill.cost = 0.9 / 30
    run_to(match, 1)
    Mill.cost = 0.4 / 30
    bob = match.connect("Bob", create=True)
    assert bob.last("joined")["send_rate"] == 30
    match.run(0.5)
    assert states(match, bob) == pytest.approx(states(match, ann), abs=1) == pytest.approx(15, abs=5)


@pytest.mark.parametrize(("send_rate", "least"), [(30, 10), (20, 10), (12, 12), (5, 5)])
def test_no_room_sends_fewer_than_ten_states_a_second_unless_it_always_does(send_rate: float, least: float) -> None:
    match = Playground(Mill, start="now", send_rate=send_rate)
    Mill.clock, Mill.cost = match.clock, 0.0
    ann = match.connect("Ann")
    room = match.server.rooms[ann.room_id]
    room.send_every(3)
    assert states(match, ann, 4) == pytest.approx(least, abs=0.6)
    room.send_every(1)
    assert states(match, ann, 4) == pytest.approx(send_rate, abs=0.6)


def test_rooms_that_send_less_often_take_turns() -> None:
    match = Playground(Mill, start="now")
    Mill.clock, Mill.cost = match.clock, 0.0
    rooms = [match.server.rooms[match.connect(f"P{number}", create=True).room_id] for number in range(4)]
    for number, room in enumerate(rooms):
        room.send_every(2, number)
    match.run(1)
    credits = {room._match.credit for room in rooms}
    assert len(credits) == 2


def test_who_had_a_seat_gets_it_back_however_busy_the_server_is(match: Playground) -> None:
    ann, bob = match.connect("Ann"), match.connect("Bob")
    Mill.cost = 0.9 / 30
    run_to(match, 3)
    bob.connection.disconnect()
    match.run(0.5)
    back = match.resume(bob)
    assert back.errors() == []
    assert back.last("joined")["player_id"] == bob.player_id
    assert match.connect("Cid", ann.room_id).errors() == ["server_busy"]
