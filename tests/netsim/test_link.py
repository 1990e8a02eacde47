"""A bad link in numbers, over hours of virtual time."""

from __future__ import annotations

import math
from collections import Counter
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rumpus.netsim.link import (
    MAX_BACKLOG,
    PRESETS,
    SEND_SPACING,
    LinkConditions,
    LinkConditionsError,
    LinkDirection,
    parse_conditions,
)

RANDOMS = st.integers(0, 2**32).map(Random)
#: Seconds between one message and the next, and its size.
SENT = st.lists(st.tuples(st.floats(0, 0.5), st.integers(0, 20_000)), min_size=1, max_size=60)


@st.composite
def conditions(draw: st.DrawFn, *, stall: bool = True, rate: bool = True) -> LinkConditions:
    up, down = draw(st.floats(0, 300)), draw(st.floats(0, 300))
    return LinkConditions(
        up=up,
        down=down,
        jitter=draw(st.floats(0, 1)) * min(up, down),
        stall=draw(st.floats(0, 0.9)) if stall else 0.0,
        rate=draw(st.none() | st.floats(8, 100_000)) if rate else None,
    )


def outputs(direction: LinkDirection, sent: list[tuple[float, int]], start: float = 0.0) -> list[tuple[float, float]]:
    """When each message entered and when it came out."""
    now, passed = start, []
    for wait, size in sent:
        now += wait
        passed.append((now, direction.due(now, size)))
    return passed


# What comes out when.


@given(conditions(), RANDOMS, SENT, st.floats(0, 1e6))
def test_nothing_overtakes_and_nothing_comes_too_early(
    link: LinkConditions, random: Random, sent: list[tuple[float, int]], start: float
) -> None:
    direction = link.upward(random)
    passed = outputs(direction, sent, start)
    assert all(earlier[1] <= later[1] for earlier, later in pairwise(passed))
    least = link.one_way_up - link.jitter / 1000
    for (entered, out), (_, size) in zip(passed, sent, strict=True):
        on_the_wire = size * 8 / (link.rate * 1000) if link.rate is not None else 0
        assert out >= entered
        assert out - entered >= least + on_the_wire - 1e-6


@given(conditions(stall=False, rate=False), RANDOMS, SENT)
def test_without_stalls_nothing_is_later_than_the_jitter_allows(
    link: LinkConditions, random: Random, sent: list[tuple[float, int]]
) -> None:
    for entered, out in outputs(link.downward(random), sent):
        assert out - entered <= link.one_way_down + link.jitter / 1000 + 1e-9


@given(conditions(stall=False), SENT)
def test_without_jitter_and_stalls_the_delay_is_the_same_for_every_seed(
    link: LinkConditions, sent: list[tuple[float, int]]
) -> None:
    still = LinkConditions(up=link.up, down=link.down, rate=link.rate)
    assert outputs(still.upward(Random(1)), sent) == outputs(still.upward(Random(2)), sent)


def test_jitter_goes_both_ways_and_its_mean_is_the_lag() -> None:
    direction = parse_conditions("lag=100,jitter=15").upward(Random(1))
    delays = [out - entered for entered, out in outputs(direction, [(0.1, 50)] * 20_000)]
    assert min(delays) == pytest.approx(0.035, abs=1e-4)
    assert max(delays) == pytest.approx(0.065, abs=1e-4)
    assert sum(delays) / len(delays) == pytest.approx(0.05, abs=5e-4)


@pytest.mark.parametrize("share", [0.02, 0.1, 0.5])
@pytest.mark.parametrize("round_trip", [0.0, 0.1, 0.2])
def test_stalls_take_the_share_of_time_that_was_asked_for(share: float, round_trip: float) -> None:
    # The shortest stall is two steps long, so that none is missed; finer steps would learn nothing more.
    step, hours = (SEND_SPACING + 1.25 * round_trip) / 4, 2
    direction = LinkDirection(0.0, 0.0, share, None, round_trip, Random(5))
    stalled = sum(out > entered for entered, out in outputs(direction, [(step, 1)] * round(hours * 3600 / step)))
    assert stalled * step / (hours * 3600) == pytest.approx(share, rel=0.15)


def test_a_stall_lasts_a_spacing_and_a_quarter_more_than_a_round_trip_and_lets_all_go_at_once() -> None:
    step, mean = 0.001, SEND_SPACING + 1.25 * 0.2
    direction = parse_conditions("lag=200,stall=10%").upward(Random(3))
    stalls: dict[float, list[float]] = {}
    for entered, out in outputs(direction, [(step, 10)] * 1_000_000):
        if out > entered + 0.1 + 1e-9:
            stalls.setdefault(out, []).append(entered)
    lengths = [end - (entered[0] + 0.1) for end, entered in stalls.items()]
    assert len(lengths) > 200
    assert all(0.5 * mean - step <= length <= 1.5 * mean + step for length in lengths)
    assert sum(lengths) / len(lengths) == pytest.approx(mean, rel=0.1)
    # What entered during a stall came out with its end, and nothing was left behind.
    assert all(len(entered) == pytest.approx((end - 0.1 - entered[0]) / step, abs=2) for end, entered in stalls.items())


@given(RANDOMS, SENT, SENT)
def test_when_the_link_stalls_does_not_depend_on_what_is_sent(
    random: Random, first: list[tuple[float, int]], second: list[tuple[float, int]]
) -> None:
    """Two senders on links of one seed: later the same stalls meet both."""
    state = random.getstate()
    ends = []
    for sent in (first, second):
        random.setstate(state)
        direction = LinkDirection(0.1, 0.01, 0.3, None, 0.4, random)
        direction.due(0.0, 10)
        outputs(direction, sent)
        outs = Counter(direction.due(60 + tick / 200, 10) for tick in range(4000))
        # Jitter lets five out at once at most; the shortest stall, fifty. Those at the window's edges may be cut off.
        ends.append({out for out, many in outs.items() if many > 20 and 60.5 < out < 79.5})
    assert ends[0] == ends[1] != set()


@given(st.floats(8, 10_000), st.lists(st.integers(1, 20_000), min_size=1, max_size=50))
def test_a_burst_takes_as_long_as_the_rate_says(rate: float, sizes: list[int]) -> None:
    direction = LinkDirection(0.02, 0.0, 0.0, rate, 0.04, Random(1))
    dues = [direction.due(1.0, size) for size in sizes]
    assert dues[-1] == pytest.approx(1.02 + sum(sizes) * 8 / (rate * 1000))
    # Once the line is free again nothing is left of it.
    assert direction.due(dues[-1], 0) == pytest.approx(dues[-1] + 0.02)


@given(conditions())
def test_what_a_direction_holds_is_bounded_and_more_than_one_piece(link: LinkConditions) -> None:
    direction = link.upward(Random(1))
    assert 0 < direction.piece <= direction.backlog <= MAX_BACKLOG
    if link.rate is None:
        assert direction.backlog == MAX_BACKLOG


# How it is written.


def test_the_presets_are_what_the_documents_say() -> None:
    assert parse_conditions("lan") == LinkConditions(lag=1, jitter=0.3)
    assert parse_conditions("good") == LinkConditions(lag=40, jitter=6)
    assert parse_conditions("typical") == LinkConditions(lag=100, jitter=15, stall=0.02)
    assert parse_conditions("bad") == LinkConditions(lag=200, jitter=30, stall=0.1)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("lag=100,jitter=15,stall=2%", LinkConditions(lag=100, jitter=15, stall=0.02)),
        (" lag = 100ms , rate=2000kbit ", LinkConditions(lag=100, rate=2000)),
        ("stall=0.02", LinkConditions(stall=0.02)),
        ("up=10,down=90,rate=512", LinkConditions(up=10, down=90, rate=512)),
        ("typical,stall=0", LinkConditions(lag=100, jitter=15)),
        ("bad, up=150", LinkConditions(lag=200, jitter=30, stall=0.1, up=150)),
        ("lag=0", LinkConditions()),
    ],
)
def test_conditions_are_read(text: str, meant: LinkConditions) -> None:
    assert parse_conditions(text) == meant


def test_half_the_lag_is_each_way_unless_a_way_is_given() -> None:
    link = parse_conditions("lag=100,up=80")
    assert (link.one_way_up, link.one_way_down, link.round_trip) == (0.08, 0.05, pytest.approx(0.13))
    assert link.upward(Random(1)).due(0, 1) == pytest.approx(0.08)
    assert link.downward(Random(1)).due(0, 1) == pytest.approx(0.05)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ["lan", "typical", "lag="]),
        ("awful", ["'awful'", "lan, good, typical, bad"]),
        ("lag", ["'lag'", "lan", "lag="]),
        ("lag=", ["lag", "number"]),
        ("lag=soon", ["lag", "'soon'", "ms"]),
        ("lag=nan", ["lag", "'nan'"]),
        ("lag=1e999", ["lag", "'1e999'"]),
        ("lag=-1", ["lag", "-1", "0 to 10000"]),
        ("lag=10001", ["lag", "10000"]),
        ("up=-3", ["up", "-3"]),
        ("lag=100,down=20000", ["down", "20000"]),
        ("lag=100,jitter=51", ["jitter", "51", "50 ms", "more lag"]),
        ("lag=100,up=5,jitter=6", ["jitter", "5 ms"]),
        ("jitter=1", ["jitter", "more lag"]),
        ("stall=2", ["stall", "2%"]),
        ("stall=100%", ["stall", "less than 1"]),
        ("stall=-1%", ["stall"]),
        ("rate=0", ["rate", "kbit/s"]),
        ("rate=fast", ["rate", "'fast'", "kbit"]),
        ("lag=1,lag=2", ["lag", "twice"]),
        ("speed=3", ["'speed'", "lag, up, down, jitter, stall, rate"]),
        ("typical,bad", ["'bad'", "stall=0"]),
        ("typical,", ["NAME=NUMBER"]),
        ("lag=100,typical", ["'typical'", "preset"]),
    ],
)
def test_what_no_link_can_be_is_refused_in_one_sentence(text: str, words: list[str]) -> None:
    with pytest.raises(LinkConditionsError) as refused:
        parse_conditions(text)
    sentence = str(refused.value)
    assert all(word in sentence for word in words), sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence


@given(st.text(max_size=30) | st.text(alphabet="lagupjitersto=,.%0123456789-einfa ", max_size=40))
def test_any_text_is_conditions_or_refused(text: str) -> None:
    try:
        link = parse_conditions(text)
    except LinkConditionsError:
        return
    assert math.isfinite(link.upward(Random(1)).due(0.0, 100))


@pytest.mark.parametrize("preset", PRESETS)
def test_a_description_has_every_number(preset: str) -> None:
    link = parse_conditions(preset + ",rate=3000,up=77")
    text = link.describe()
    for number in (link.one_way_up * 1000, link.one_way_down * 1000, link.jitter, link.stall * 100, 3000):
        assert f"{number:g}" in text or not number
