"""The buffer between inputs that come when they can and ticks that take one each."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from rumpus.netcode.input_buffer import InputBuffer
from rumpus.netcode.round_trip import UNKNOWN, RoundTrip

HOLD, STARVED = 15, 8
MOST_AHEAD = 30


def make(merge: Any = lambda older, newer: newer, release: Any = lambda last: "hands off") -> InputBuffer:
    return InputBuffer(HOLD, STARVED, merge, release)


def add(buffer: InputBuffer, seq: int, tick: int, data: Any, now: int = 0, margin: float = 0.0) -> None:
    """As the room does it: what is late counts for the next tick."""
    buffer.add(max(tick, now + 1), seq, data, margin, 0.0)


def play(buffer: InputBuffer, first: int, last: int) -> list[Any]:
    """What the ticks `first` to `last` are computed with."""
    used = []
    for tick in range(first, last + 1):
        buffer.take(tick)
        used.append(buffer.data)
    return used


def test_an_input_waits_for_its_tick_and_stays_in_force() -> None:
    buffer = make()
    add(buffer, 1, 3, "right", 0, 0.05)
    add(buffer, 2, 5, "left", 0, 0.05)
    assert play(buffer, 1, 6) == [None, None, "right", "right", "left", "left"]
    assert buffer.seq == 2


def test_a_late_input_counts_for_the_next_tick() -> None:
    buffer = make()
    play(buffer, 1, 5)
    add(buffer, 1, 3, "right", 5, -0.09)
    assert play(buffer, 6, 6) == ["right"]
    assert buffer.margin == -0.09


def test_several_for_one_tick_are_merged_by_the_game() -> None:
    buffer = make(merge=lambda older, newer: older + newer)
    for seq, tick in enumerate((8, 9, 10, 11)):
        add(buffer, seq, tick, [tick], 10, 0.0)
    # From the next tick on the newest of them is in force.
    assert play(buffer, 11, 12) == [[8, 9, 10, 11], [11]]
    assert len(buffer) == 0


def test_a_clock_that_is_set_back_waits_for_nothing() -> None:
    buffer = make()
    add(buffer, 1, 10, "a", 0, 0.1)
    add(buffer, 2, 4, "b", 0, 0.1)
    assert play(buffer, 1, 10) == [None] * 3 + ["b"] * 7


def test_what_was_pressed_before_a_clock_was_set_back_is_not_lost() -> None:
    buffer = make(merge=lambda older, newer: older + newer)
    for seq, tick in ((1, 8), (2, 9), (3, 12)):
        add(buffer, seq, tick, str(seq), 0, 0.1)
    add(buffer, 4, 9, "4", 0, 0.1)
    assert play(buffer, 1, 10) == [None] * 7 + ["1", "234", "4"]


def test_the_silent_are_starved_then_released_then_back() -> None:
    buffer = make()
    add(buffer, 1, 1, "run", 0, 0.0)
    used, starved = [], []
    for tick in range(1, HOLD + 4):
        buffer.take(tick)
        used.append(buffer.data)
        if buffer.is_starved(tick):
            starved.append(tick)
    assert used == ["run"] * (HOLD + 1) + ["hands off"] * 2
    assert starved == list(range(STARVED + 2, HOLD + 4))
    now = HOLD + 3
    add(buffer, 2, now + 1, "run", now, 0.0)
    assert play(buffer, now + 1, now + 1) == ["run"]
    assert not buffer.released


def test_a_player_who_never_sent_anything_is_not_released() -> None:
    buffer = make()
    assert play(buffer, 1, 100) == [None] * 100
    assert not buffer.is_starved(100)


events = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.integers(-40, MOST_AHEAD), st.integers(0, 99)),
        st.tuples(st.just("tick"), st.just(0), st.just(0)),
    ),
    max_size=120,
)


@given(events)
def test_whatever_arrives_each_tick_takes_one_and_the_buffer_stays_bounded(events: list[tuple[str, int, int]]) -> None:
    buffer = make(merge=lambda older, newer: [*older, *newer], release=lambda last: [])
    now, seq, used, taken = 0, 0, [], []
    for kind, away, value in events:
        if kind == "tick":
            now += 1
            if buffer.take(now):
                used.append(buffer.seq)
                taken.extend(buffer.data)
        else:
            seq += 1
            add(buffer, seq, now + away, [value], now)
        assert len(buffer) <= MOST_AHEAD
    # Nothing is used twice, nothing before something sent earlier, and in the end nothing is lost.
    assert used == sorted(set(used))
    for tick in range(now + 1, now + MOST_AHEAD + 1):
        if buffer.take(tick):
            taken.extend(buffer.data)
    assert taken == [value for kind, away, value in events if kind == "add"]


@given(st.lists(st.integers(0, 3), min_size=1, max_size=80), st.integers(0, 20))
def test_what_is_sent_on_change_only_is_the_same_as_what_is_sent_every_tick(held: list[int], ahead: int) -> None:
    every, changes = make(), make()
    last, sent_at = None, -100
    for tick, data in enumerate(held, 1):
        add(every, tick, tick + ahead, data, tick - 1)
        if data != last or tick - sent_at >= 6:
            add(changes, tick, tick + ahead, data, tick - 1)
            last, sent_at = data, tick
        every.take(tick)
        changes.take(tick)
        assert every.data == changes.data
    assert play(every, len(held) + 1, len(held) + ahead) == play(changes, len(held) + 1, len(held) + ahead)


def test_the_round_trip_is_the_median_of_answers() -> None:
    way = RoundTrip()
    assert way.median == UNKNOWN
    now = 0.0
    for taken in (0.1, 0.12, 0.9, 0.11, 0.1, 0.1):
        way.asked(now)
        way.asked(now + 0.01)
        way.answered(now + taken)
        way.answered(now + taken + 5)
        now += 10
    assert abs(way.median - 0.11) < 1e-9 or abs(way.median - 0.1) < 1e-9
    assert abs(way.spread - 0.8) < 1e-9
