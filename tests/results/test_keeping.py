"""Which matches are worth a line in the database, and how many of one network."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rumpus.results.keeping import Keeping
from rumpus.results.record import MatchRecord
from tests.support.matches import duel, match, player

LEAST = 30.0


def unrated(hours: float = 0.0, **fields: Any) -> MatchRecord:
    return duel("u:ann", "u:ben", **{"unrated": "private", "ended_at": 1e9 + hours * 3600, **fields})


@pytest.mark.parametrize("reason", ["abandoned", "reset"])
def test_what_came_to_nothing_is_not_kept(reason: str) -> None:
    keeping = Keeping(60)
    assert not keeping.keeps(unrated(reason=reason, duration=3600.0), ["a"], LEAST)
    assert keeping.not_kept == 1


@pytest.mark.parametrize(
    ("record", "kept"),
    [
        (unrated(duration=2.0), True),
        (unrated(duration=2.0, reason="server_stopped"), False),
        (unrated(duration=60.0, reason="server_stopped"), True),
        (match(player("u:ann", left=True), player(None, bot=True), duration=2.0, unrated="alone"), False),
        (match(player("u:ann", left=True), player(None, bot=True), duration=60.0, unrated="alone"), True),
    ],
)
def test_what_nobody_saw_to_the_end_is_kept_if_it_was_long(record: MatchRecord, kept: bool) -> None:
    assert Keeping(60).keeps(record, ["a"], LEAST) == kept


def test_one_network_fills_no_database() -> None:
    keeping = Keeping(60)
    assert sum(keeping.keeps(unrated(), ["a"], LEAST) for _ in range(1000)) == 60
    assert keeping.not_kept == 940
    # An hour later there is as much again, and no more after a day.
    assert sum(keeping.keeps(unrated(hours=1), ["a"], LEAST) for _ in range(1000)) == 60
    assert sum(keeping.keeps(unrated(hours=25), ["a"], LEAST) for _ in range(1000)) == 60


def test_a_match_of_many_lines_costs_more() -> None:
    """Whoever sends a hundred guests through it has them all written."""
    lines = [player("u:ann"), *(player(None, number, left=True) for number in range(2, 97))]
    record = match(*lines, unrated="alone")
    keeping = Keeping(60)
    assert sum(keeping.keeps(record, ["a"], LEAST) for _ in range(100)) == 10


def test_nobody_uses_up_what_others_have() -> None:
    keeping = Keeping(2)
    for _ in range(10):
        keeping.keeps(unrated(), ["a"], LEAST)
    assert keeping.keeps(unrated(), ["a", "b"], LEAST)
    assert keeping.keeps(unrated(), ["b", "a"], LEAST)
    assert not keeping.keeps(unrated(), ["a", "b"], LEAST)


def test_what_is_rated_is_kept_and_costs_nothing() -> None:
    keeping = Keeping(1)
    assert all(keeping.keeps(duel("u:ann", "u:ben"), ["a", "b"], LEAST) for _ in range(100))
    assert keeping.keeps(unrated(), ["a"], LEAST)
    assert not Keeping(0).keeps(unrated(), ["a"], LEAST)
    assert not Keeping(5).keeps(unrated(), [], LEAST)


def test_networks_are_remembered_up_to_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rumpus.results.keeping._MOST_NETWORKS", 3)
    keeping = Keeping(1)
    for name in "abcd":
        assert keeping.keeps(unrated(), [name], LEAST)
    assert len(keeping._budgets) == 3
    assert not keeping.keeps(unrated(), ["d"], LEAST)


@given(st.lists(st.tuples(st.sampled_from(["a", "b", "ab"]), st.floats(0, 2)), max_size=60), st.integers(0, 5))
def test_no_more_is_kept_than_the_networks_may(matches: list[tuple[str, float]], most: int) -> None:
    keeping = Keeping(most)
    now, kept = 0.0, 0
    for networks, hours in matches:
        now += hours
        kept += keeping.keeps(unrated(hours=now), list(networks), LEAST)
    assert kept <= 2 * (most + now * most) + 1e-6
    assert kept + keeping.not_kept == len(matches)
