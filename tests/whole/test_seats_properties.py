"""Thousands of joins, leaves, drops and expiries: no room is ever over its limit, no seat leaks, and no one waits while
a fitting seat is free.

Once as a state machine of hypothesis, which finds the shortest way to a mistake, and once as a long run with many more
people at once than such a machine gets to.
"""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from rumpus.config import Limits
from tests.support.examples import examples
from tests.support.town import SLACK, Town, do_something, random_options

#: So that as much as possible expires while somebody looks.
QUICK = {"reconnect_time": 3, "reservation_time": 4, "empty_grace": 2, "countdown": 1, "results_time": 1}
GENEROUS = Limits(max_new_rooms_per_second=1000, join_timeout=10_000, idle_timeout=10_000, max_rooms=400)


class Seats(RuleBasedStateMachine):
    @initialize(
        start=st.sampled_from(["full", "countdown", "now"]),
        backfill=st.booleans(),
        max_players=st.integers(1, 4),
        bots=st.integers(0, 3),
        window=st.sampled_from([0, 50, 300]),
        max_rooms=st.integers(1, 5),
    )
    def open(self, **options: Any) -> None:
        limits = Limits(max_new_rooms_per_second=1000, join_timeout=10_000, max_rooms=options.pop("max_rooms"))
        self.town = Town(limits, skill_window=options.pop("window"), skill_widening=40, **QUICK, **options)

    @rule(seed=st.integers(0, 2**32))
    def somebody_does_something(self, seed: int) -> None:
        do_something(self.town, Random(seed), guests=6, most=12)

    @rule(seed=st.integers(0, 2**32), guest=st.integers(0, 5))
    def somebody_wants_to_play(self, seed: int, guest: int) -> None:
        client = self.town.connect()
        self.town.quick_play(client, random_options(Random(seed)), f"guest-{guest:016}")

    @precondition(lambda self: self.town.clients)
    @rule(number=st.integers(0, 100))
    def somebody_is_cut_off(self, number: int) -> None:
        self.town.drop(self.town.clients[number % len(self.town.clients)])

    @precondition(lambda self: self.town.lost)
    @rule()
    def somebody_comes_back(self) -> None:
        self.town.resume(self.town.connect(), self.town.lost.pop())

    @rule(seconds=st.sampled_from([0.5, 2.0, 5.0, 30.0]))
    def time_passes(self, seconds: float) -> None:
        self.town.wait(seconds)

    @invariant()
    def all_is_well(self) -> None:
        if hasattr(self, "town"):
            self.town.no_room_is_over_its_limit()
            self.town.wait(SLACK)
            self.town.judge()

    def teardown(self) -> None:
        if hasattr(self, "town"):
            self.town.everybody_goes()
            self.town.nothing_is_left()


TestSeats = Seats.TestCase
TestSeats.settings = settings(max_examples=examples(60), stateful_step_count=30)


@pytest.mark.slow
@pytest.mark.parametrize(("start", "backfill", "operations"), [("now", False, 11_000), ("full", True, 3_000)])
def test_a_long_day_with_a_thousand_people(start: str, backfill: bool, operations: int) -> None:
    random = Random(1)
    options = {"start": start, "backfill": backfill, "skill_window": 30, "skill_widening": 10}
    # Matches are not what this is about: they tick as slowly as they may.
    town = Town(GENEROUS, tick_rate=1, max_players=4, bots=1, **options, **QUICK)
    longest = 0
    while town.operations < operations:
        # What happens between two ticks happens at once, as far as the server is concerned.
        for _ in range(random.choice([1, 5, 40])):
            do_something(town, random, guests=3000, most=1100)
            town.no_room_is_over_its_limit()
        town.wait(random.choice([SLACK, SLACK, SLACK, 0.6]))
        town.judge()
        longest = max(longest, len(town.server.join_service.quick_play.matchmaker))
    assert town.connected > operations / 10
    assert longest >= 3
    town.everybody_goes()
    town.nothing_is_left()
