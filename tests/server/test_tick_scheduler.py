"""The loop's arithmetic: absolute deadlines, spread phases, bounded catch-up."""

from __future__ import annotations

import math
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rumpus.server.tick_scheduler import MAX_CATCH_UP, PHASES, ROOMS_PER_PHASE, TickScheduler
from rumpus.telemetry.histogram import BUCKETS, Histogram


class Metronome:
    def __init__(self, rate: float = 30, stride: int = 1) -> None:
        self.tick_interval = 1 / rate
        self.stride = stride


def test_deadlines_do_not_drift_however_late_each_tick_starts() -> None:
    schedule: TickScheduler[Metronome] = TickScheduler(0.0)
    metronome = Metronome(30)
    schedule.add(metronome, 0.0)
    ticks = 0
    now = 0.0
    while now < 100:
        deadline = schedule.next_deadline()
        assert deadline is not None
        now = deadline + 0.004  # always late, never by a whole interval
        ticks += sum(count for _, count, _ in schedule.due(now))
    assert ticks in (3000, 3001)
    assert schedule.dropped_ticks == 0


def deadlines(schedule: TickScheduler[Metronome], until: float) -> Counter[float]:
    """How many tick at each moment up to `until`."""
    at: Counter[float] = Counter()
    while (deadline := schedule.next_deadline()) is not None and deadline <= until:
        at[round(deadline, 5)] += len(schedule.due(deadline))
    return at


def test_a_few_rooms_share_their_wake_ups() -> None:
    schedule: TickScheduler[Metronome] = TickScheduler(0.0)
    for _ in range(ROOMS_PER_PHASE):
        schedule.add(Metronome(30), 0.0)
    at = deadlines(schedule, 1 / 30)
    assert list(at.values()) == [ROOMS_PER_PHASE]


@pytest.mark.parametrize(("seconds", "most"), [(0.00005, 10), (0.0003, 3), (0.0008, 1), (0.02, 1)])
def test_rooms_whose_ticks_take_long_share_no_phase(seconds: float, most: int) -> None:
    schedule: TickScheduler[Metronome] = TickScheduler(0.0)
    for _ in range(100):
        schedule.duration.observe(seconds)
    for _ in range(most * PHASES):
        schedule.add(Metronome(), 0.0)
    at = deadlines(schedule, 1 / 30)
    assert set(at.values()) == {most}
    assert len(at) == PHASES


@pytest.mark.parametrize(("rooms", "phases"), [(17, 2), (60, 6), (128, 13), (230, 16), (PHASES * 64, PHASES)])
def test_many_rooms_are_spread_over_as_few_wake_ups_as_keep_them_short(rooms: int, phases: int) -> None:
    schedule: TickScheduler[Metronome] = TickScheduler(0.0)
    for _ in range(rooms):
        schedule.add(Metronome(30), 0.0)
    at = deadlines(schedule, 1 / 30)
    assert len(at) == phases
    assert max(at.values()) == max(ROOMS_PER_PHASE, math.ceil(rooms / PHASES))


@pytest.mark.parametrize("phases", [2, 4, 8, 16])
def test_wake_ups_are_spread_evenly(phases: int) -> None:
    schedule: TickScheduler[Metronome] = TickScheduler(0.0)
    for _ in range(ROOMS_PER_PHASE * phases):
        schedule.add(Metronome(10), 0.0)
    at = sorted(deadlines(schedule, 0.2))
    assert len(at) == 2 * phases
    assert all(abs(after - before - 0.1 / phases) < 1e-4 for before, after in pairwise(at))


def test_a_place_that_becomes_free_is_used_again() -> None:
    schedule: TickScheduler[Metronome] = TickScheduler(0.0)
    rooms = [Metronome() for _ in range(ROOMS_PER_PHASE * PHASES)]
    for room in rooms:
        schedule.add(room, 0.0)
    schedule.remove(rooms[5])
    schedule.remove(rooms[100])
    for _ in range(2):
        schedule.add(Metronome(), 0.0)
    assert set(deadlines(schedule, 1 / 30).values()) == {ROOMS_PER_PHASE}


def test_a_new_room_ticks_within_one_interval() -> None:
    schedule: TickScheduler[Metronome] = TickScheduler(0.0)
    for number in range(40):
        now = number * 0.7
        room = Metronome(10)
        schedule.add(room, now)
        deadline = schedule.next_deadline()
        assert deadline is not None
        assert now - 1e-9 <= deadline <= now + 0.1 + 1e-9
        schedule.remove(room)


def test_a_late_room_catches_up_a_bounded_number_of_ticks_and_counts_the_rest() -> None:
    schedule: TickScheduler[Metronome] = TickScheduler(0.0)
    metronome = Metronome(10)
    schedule.add(metronome, 0.0)
    first = schedule.next_deadline()
    assert first is not None
    [(_, ticks, given_up)] = schedule.due(first + 1.0)
    assert ticks == MAX_CATCH_UP
    assert schedule.dropped_ticks == given_up == 11 - MAX_CATCH_UP
    assert abs(schedule.dropped_time - schedule.dropped_ticks * 0.1) < 1e-9
    following = schedule.next_deadline()
    assert following is not None
    assert abs(following - (first + 1.1)) < 1e-9


def test_what_is_removed_does_not_tick_and_removing_twice_is_harmless() -> None:
    schedule: TickScheduler[Metronome] = TickScheduler(0.0)
    gone, stays = Metronome(), Metronome()
    schedule.add(gone, 0.0)
    schedule.add(stays, 0.0)
    schedule.remove(gone)
    schedule.remove(gone)
    assert [ticking for ticking, *_ in schedule.due(1 / 30 * 1.5)] == [stays]
    schedule.remove(stays)
    assert schedule.next_deadline() is None


def test_an_idle_room_is_looked_at_less_often_but_stays_on_its_grid() -> None:
    schedule: TickScheduler[Metronome] = TickScheduler(0.0)
    metronome = Metronome(30, stride=3)
    schedule.add(metronome, 0.0)
    first = schedule.next_deadline()
    assert first is not None
    schedule.due(first)
    second = schedule.next_deadline()
    assert second is not None
    assert abs(second - first - 0.1) < 1e-9
    metronome.stride = 1
    schedule.due(second)
    third = schedule.next_deadline()
    assert third is not None
    assert abs(third - second - 1 / 30) < 1e-9


@given(st.lists(st.floats(0.0001, 0.3), min_size=1, max_size=200), st.sampled_from([10.0, 30.0, 60.0]))
def test_ticks_done_and_dropped_always_add_up_to_the_time_that_passed(steps: list[float], rate: float) -> None:
    schedule: TickScheduler[Metronome] = TickScheduler(0.0)
    schedule.add(Metronome(rate), 0.0)
    first = schedule.next_deadline()
    assert first is not None
    now = 0.0
    for step in steps:
        now += step
        schedule.due(now)
        deadline = schedule.next_deadline()
        assert deadline is not None
        assert deadline > now
    owed = max(0, int((now + 0.0005 - first) * rate + 1))
    assert abs(schedule.ticks + schedule.dropped_ticks - owed) <= 1


def test_a_histogram_counts_each_observation_in_the_first_bucket_that_holds_it() -> None:
    histogram = Histogram()
    for value in (0.0, 0.0005, 0.0008, 0.004, 9.0):
        histogram.observe(value)
    counts = dict(zip((*BUCKETS, float("inf")), histogram.counts, strict=True))
    assert {bound: count for bound, count in counts.items() if count} == {
        0.0005: 2,
        0.001: 1,
        0.005: 1,
        float("inf"): 1,
    }
    assert histogram.total == 0.0 + 0.0005 + 0.0008 + 0.004 + 9.0
    assert list(BUCKETS) == sorted(BUCKETS)
