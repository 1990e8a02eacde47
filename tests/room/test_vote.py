"""The rules of one vote, without a room."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rumpus.errors import MessageError
from rumpus.room.vote import Voice, Vote, majority, two_thirds

VOTERS = ["a", "b", "c", "d", "e"]


def alone(voters: Iterable[str]) -> dict[str, Voice]:
    """Each with a voice of their own."""
    return {voter: Voice(voter, f"network of {voter}") for voter in voters}


def at(**networks: str) -> dict[str, Voice]:
    """Guests, whose voice is that of their network."""
    return {voter: Voice(f"@{network}", network) for voter, network in networks.items()}


def vote(voters: str = "abcde", **more: object) -> Vote:
    return Vote(1, "settings", ["yes", "no"], alone(voters), 20.0, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(("voters", "needed"), [(0, 1), (1, 1), (2, 2), (3, 2), (4, 3), (5, 3), (10, 6)])
def test_a_majority_is_more_than_half(voters: int, needed: int) -> None:
    assert majority(voters) == needed


@pytest.mark.parametrize(("voters", "needed"), [(0, 2), (1, 2), (2, 2), (3, 2), (4, 3), (5, 4), (6, 4), (7, 5)])
def test_two_thirds_are_never_one_person(voters: int, needed: int) -> None:
    assert two_thirds(voters) == needed


def test_it_is_decided_as_soon_as_enough_agree() -> None:
    running = vote()
    for voter in "ab":
        running.cast(voter, 0)
    assert not running.is_over(0)
    running.cast("c", 0)
    assert running.is_over(0)
    assert running.chosen() == 0
    assert running.counts() == [3, 0]


def test_it_is_lost_as_soon_as_it_cannot_be_won() -> None:
    running = vote("abcd", needed_of=two_thirds)
    running.cast("a", 0)
    running.cast("b", 1)
    assert not running.is_over(0)
    running.cast("c", 1)
    assert running.is_over(0)
    assert running.chosen() is None


def test_it_is_over_when_time_is_up_or_everybody_has_voted() -> None:
    running = vote("ab")
    running.cast("a", 0)
    assert not running.is_over(19.9)
    assert running.is_over(20.0)
    assert running.chosen() is None
    running.cast("b", 1)
    assert running.is_over(0)


def test_a_ballot_may_be_changed() -> None:
    running = vote()
    assert running.cast("a", 0)
    assert not running.cast("a", 0)
    assert running.cast("a", 1)
    assert running.counts() == [0, 1]


def test_who_has_no_say_and_what_is_no_choice_is_refused() -> None:
    running = vote()
    with pytest.raises(MessageError, match="no say") as refused:
        running.cast("z", 0)
    assert refused.value.code == "not_possible"
    with pytest.raises(MessageError, match="2 choices") as refused:
        running.cast("a", 2)
    assert refused.value.code == "bad_message"


def test_ballots_of_those_who_leave_are_gone_and_fewer_are_needed() -> None:
    running = vote()
    running.cast("a", 0)
    running.cast("b", 0)
    assert running.set_voters(alone("bcd"))
    assert running.counts() == [1, 0]
    assert running.needed == 2
    assert not running.set_voters(alone("bcd"))
    running.cast("c", 0)
    assert running.is_over(0)


def test_the_most_ballots_win_where_nothing_else_does() -> None:
    running = Vote(1, "next", ["x", "y", "z"], alone("abcdef"), 20.0, most_win=True)
    running.cast("a", 2)
    running.cast("b", 1)
    assert not running.is_over(19)
    assert running.chosen() == 1
    running.cast("c", 2)
    assert running.is_over(20)
    assert running.chosen() == 2


def test_without_a_ballot_nothing_is_chosen() -> None:
    assert Vote(1, "next", ["x", "y"], alone("ab"), 20.0, most_win=True).chosen() is None
    assert Vote(1, "next", ["x", "y"], {}, 20.0, most_win=True).is_over(0)


def test_clients_see_what_is_left_of_its_time() -> None:
    view = vote(by="a", settings=[{"goal": 1}, {}]).view(7.5)
    assert (view.id, view.kind, view.by, view.player_id) == (1, "settings", "a", None)
    assert (view.choices, view.settings) == (["yes", "no"], [{"goal": 1}, {}])
    assert (view.ends_in, view.needed, view.counts) == (12.5, 3, [0, 0])
    assert vote().view(30).ends_in == 0


def test_a_voice_has_one_ballot_the_last_that_was_cast_with_it() -> None:
    running = Vote(1, "kick", ["yes", "no"], at(a="home", b="home", c="away", d="far"), 20.0, needed_of=two_thirds)
    assert running.needed == 2
    assert running.cast("a", 0)
    assert not running.cast("b", 0)
    assert running.counts() == [1, 0]
    assert not running.is_over(0)
    assert running.cast("b", 1)
    assert running.counts() == [0, 1]
    # Whoever said it leaves, and what the other said holds again.
    assert running.set_voters(at(a="home", c="away", d="far"))
    assert running.counts() == [1, 0]
    running.cast("c", 0)
    assert running.chosen() == 0


def test_whoever_comes_from_elsewhere_now_has_another_voice_and_not_two() -> None:
    running = Vote(1, "kick", ["yes", "no"], at(a="home", b="away", c="far"), 20.0, needed_of=two_thirds)
    running.cast("a", 0)
    assert running.set_voters(at(a="phone", b="away", c="far"))
    assert running.counts() == [1, 0]
    assert running.needed == 2


def test_ballots_for_what_is_proposed_must_come_from_two_networks_where_that_is_asked() -> None:
    voters = {"a": Voice("u:a", "home"), "b": Voice("u:b", "home"), "c": Voice("u:c", "away")}
    running = Vote(1, "kick", ["yes", "no"], voters, 20.0, needed_of=two_thirds, networks=2)
    running.cast("a", 0)
    running.cast("b", 0)
    assert not running.is_over(0)
    assert running.chosen() is None
    running.cast("c", 1)
    assert running.is_over(0)
    assert running.chosen() is None
    running.cast("c", 0)
    assert running.chosen() == 0
    running.cast("c", 1)
    running.require_networks(1)
    assert running.chosen() == 0


def test_it_is_lost_as_soon_as_no_second_network_can_agree() -> None:
    voters = {"a": Voice("u:a", "home"), "b": Voice("u:b", "home"), "c": Voice("u:c", "away")}
    running = Vote(1, "kick", ["yes", "no"], voters, 20.0, needed_of=two_thirds, networks=2)
    running.cast("c", 1)
    assert running.is_over(0)
    assert running.chosen() is None


NETWORKS = st.sampled_from(["home", "away", "far"])


@given(
    voters=st.dictionaries(st.sampled_from(VOTERS), NETWORKS),
    steps=st.lists(
        st.one_of(
            st.tuples(st.sampled_from(VOTERS), st.integers(0, 1)), st.dictionaries(st.sampled_from(VOTERS), NETWORKS)
        )
    ),
)
def test_nobody_is_sent_away_by_one_network(voters: dict[str, str], steps: list[Any]) -> None:
    running = Vote(1, "kick", ["yes", "no"], at(**voters), 20.0, needed_of=two_thirds, networks=2)
    said: dict[str, int] = {}
    for step in steps:
        if isinstance(step, dict):
            voters, said = step, {voter: choice for voter, choice in said.items() if voter in step}
            running.set_voters(at(**voters))
        elif step[0] in voters:
            running.cast(*step)
            said.pop(step[0], None)
            said[step[0]] = step[1]
        last = {voters[voter]: choice for voter, choice in said.items()}
        assert running.counts() == [list(last.values()).count(choice) for choice in range(2)]
        assert running.needed == two_thirds(len(set(voters.values())))
        if running.chosen() == 0:
            assert sum(choice == 0 for choice in last.values()) >= 2
        if len(last) == len(set(voters.values())):
            assert running.is_over(0)


@given(
    voters=st.sets(st.sampled_from(VOTERS)),
    steps=st.lists(
        st.one_of(
            st.tuples(st.sampled_from(VOTERS), st.integers(0, 3)),
            st.sets(st.sampled_from(VOTERS)),
        )
    ),
    rule=st.sampled_from([majority, two_thirds]),
    most_win=st.booleans(),
)
def test_it_counts_what_those_who_may_vote_said_last(voters, steps, rule, most_win) -> None:  # type: ignore[no-untyped-def]
    running = Vote(1, "next", ["x", "y", "z"], alone(voters), 20.0, needed_of=rule, most_win=most_win)
    said: dict[str, int] = {}
    for step in steps:
        if isinstance(step, set):
            voters, said = step, {voter: choice for voter, choice in said.items() if voter in step}
            running.set_voters(alone(voters))
        elif step[0] in voters and step[1] < 3:
            running.cast(*step)
            said[step[0]] = step[1]
        else:
            with pytest.raises(MessageError):
                running.cast(*step)
        counts = [list(said.values()).count(choice) for choice in range(3)]
        assert running.counts() == counts
        assert running.needed == rule(len(voters))
        chosen = running.chosen()
        if max(counts) >= running.needed:
            assert chosen is not None
            assert counts[chosen] >= running.needed
            assert running.is_over(0)
        elif most_win and said:
            assert chosen == counts.index(max(counts))
        else:
            assert chosen is None
        assert running.is_over(20)
        if len(said) == len(voters):
            assert running.is_over(0)
