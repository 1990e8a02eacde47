"""Ratings are openskill's own; teams come out as even as they can be."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openskill.models import PlackettLuce

from rumpus.results.rating import UNRATED_REASONS, Rating, balanced_teams, rate, rate_match, sides_of, winners
from rumpus.results.record import MatchRecord, PlayerResult

ratings = st.builds(Rating, st.floats(0, 50), st.floats(0.5, 9))


def record(*lines: tuple[str | None, int] | tuple[str | None, int, str], reason: str = "goal_reached") -> MatchRecord:
    results = [
        PlayerResult(player_id=f"p{number}", name="", score=0, rank=line[1], account=line[0], team=(*line, None)[2])
        for number, line in enumerate(lines)
    ]
    return MatchRecord(room_id="", game="race", reason=reason, ticks=1, duration=1, settings={}, results=results)


def test_a_newcomer_has_a_thousand_points() -> None:
    assert (Rating().points, Rating().skill) == (1000, 1000)
    assert (Rating(30, 5).points, Rating(30, 5).skill) == (1600, 1200)


@given(st.lists(st.tuples(st.lists(ratings, min_size=1, max_size=4), st.integers(1, 5)), min_size=2, max_size=6))
def test_ratings_are_those_of_openskill(sides: list[tuple[list[Rating], int]]) -> None:
    model = PlackettLuce()
    wanted = model.rate(
        [[model.rating(mu=mu, sigma=sigma) for mu, sigma in team] for team, _ in sides],
        ranks=[float(rank) for _, rank in sides],
    )
    found = rate([team for team, _ in sides], [rank for _, rank in sides])
    assert found == [[Rating(player.mu, player.sigma) for player in team] for team in wanted]


@given(st.integers(101, 400))
def test_the_better_half_of_a_crowd_of_equals_gains_and_the_worse_loses(size: int) -> None:
    after = [team[0] for team in rate([[Rating()]] * size, list(range(1, size + 1)))]
    assert after[0].mu > 25.5
    assert after[-1].mu < 24.5
    # Of those who are many places apart, in whatever group they were rated.
    assert all(better.mu > worse.mu for better, worse in zip(after, after[size // 2 :], strict=False))


def test_whoever_left_a_closed_match_has_lost_it_and_an_open_one_is_not_rated_for_them() -> None:
    match = record(("a", 1), ("b", 2, "red"), ("c", 3, "red"))
    match.results[2].left = True
    match.closed = True
    assert [len(side.players) for side in sides_of(match)] == [1, 1, 1]
    after = rate_match(match, {})
    assert after["a"].mu > after["b"].mu > after["c"].mu
    match.closed = False
    assert set(rate_match(match, {})) == {"a", "b"}
    # The last one in the room wins, and those who left do not win with them.
    assert winners(record(("a", 1), ("b", 2))) == {"p0"}
    match.results = match.results[2:]
    assert winners(match) == set()


def test_as_many_ranks_as_teams() -> None:
    with pytest.raises(ValueError, match="2 teams cannot have 1 ranks"):
        rate([[Rating()], [Rating()]], [1])


def test_in_teams_all_of_a_side_rise_or_fall() -> None:
    played = record(("a", 1, "red"), ("b", 3, "blue"), ("c", 4, "red"), ("d", 2, "blue"))
    assert [(side.rank, [line.account for line in side.players]) for side in sides_of(played)] == [
        (1, ["a", "c"]),
        (2, ["b", "d"]),
    ]
    after = rate_match(played, {})
    assert after["a"] == after["c"]
    assert after["a"].mu > 25 > after["b"].mu == after["d"].mu
    assert winners(played) == {"p0", "p2"}


def test_a_tie_of_equals_changes_no_mean_and_has_no_winner() -> None:
    played = record(("a", 1), ("b", 1))
    after = rate_match(played, {})
    assert after["a"].mu == after["b"].mu == pytest.approx(25)
    assert winners(played) == set()


@pytest.mark.parametrize("reason", sorted(UNRATED_REASONS))
def test_a_match_that_was_called_off_is_unrated(reason: str) -> None:
    played = record(("a", 1), ("b", 2), reason=reason)
    assert rate_match(played, {}) == {}
    assert winners(played) == set()


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [("a", 1)],
        [("a", 1), (None, 2)],
        [("a", 1, "red"), ("b", 1, "red"), (None, 2, "blue")],
        [("a", 1), ("a", 2)],
        [("a", 1), ("a", 2), ("b", 3)],
    ],
)
def test_without_two_sides_of_people_with_accounts_nothing_changes(lines: list[tuple[str | None, int]]) -> None:
    assert rate_match(record(*lines), {}) == {}


def test_a_bot_with_an_account_by_mistake_is_no_opponent() -> None:
    played = record(("a", 1), ("b", 2))
    played.results[1].bot = True
    assert rate_match(played, {}) == {}


@st.composite
def lobbies(draw: st.DrawFn, most: int = 8) -> tuple[dict[str, float], list[str], list[list[str]]]:
    names = [f"p{number}" for number in range(draw(st.integers(0, most)))]
    teams = draw(st.sampled_from([["red"], ["red", "blue"], ["red", "blue", "green"]]))
    parties: list[list[str]] = []
    rest = draw(st.permutations(names))
    while rest and draw(st.booleans()):
        size = draw(st.integers(1, 4))
        parties.append(list(rest[:size]))
        rest = rest[size:]
    return {name: draw(st.floats(0, 3000)) for name in names}, teams, parties


def unevenness(lobby: dict[str, float], teams: list[str], placed: dict[str, str]) -> tuple[int, float]:
    members = [[name for name, team in placed.items() if team == one] for one in teams]
    skills = [sum(lobby[name] for name in names) for names in members]
    return max(map(len, members)) - min(map(len, members)), round(max(skills) - min(skills), 5)


@given(lobbies(), st.data())
def test_small_lobbies_get_the_most_even_teams_there_are(
    lobby: tuple[dict[str, float], list[str], list[list[str]]], data: st.DataObject
) -> None:
    players, teams, parties = lobby
    alone = [name for name in players if not any(name in party for party in parties)]
    held = {name: data.draw(st.sampled_from(teams)) for name in alone if data.draw(st.booleans())}
    placed = balanced_teams(players, teams, parties, held)
    assert set(placed) == set(players)
    assert {name: placed[name] for name in held} == held
    assert all(len({placed[name] for name in party}) == 1 for party in parties)
    assert placed == balanced_teams(players, teams, parties, held)
    units = [*parties, *([name] for name in alone if name not in held)]
    if len(teams) ** len(units) > 4096:
        return
    best = min(
        unevenness(players, teams, held | {name: team for unit, team in zip(units, way, strict=True) for name in unit})
        for way in product(teams, repeat=len(units))
    )
    found = unevenness(players, teams, placed)
    assert found[0] == best[0]
    assert found[1] == pytest.approx(best[1], abs=1e-3)


@given(lobbies(most=60))
def test_parties_stay_together_and_numbers_differ_by_no_more_than_the_largest(
    lobby: tuple[dict[str, float], list[str], list[list[str]]],
) -> None:
    players, teams, parties = lobby
    placed = balanced_teams(players, teams, parties)
    assert set(placed) == set(players)
    assert all(len({placed[name] for name in party}) == 1 for party in parties)
    assert unevenness(players, teams, placed)[0] <= max([1, *map(len, parties)])
    assert placed == balanced_teams(players, teams, parties)


def test_a_hundred_players_come_out_even() -> None:
    players = {f"p{number}": number * 20.0 for number in range(100)}
    placed = balanced_teams(players, ["red", "blue"])
    size, skill = unevenness(players, ["red", "blue"], placed)
    assert size == 0
    assert skill <= 40


@pytest.mark.parametrize("parties", [[["a", "a"]], [["a"], ["a"]], [["x"]]])
def test_parties_that_cannot_be(parties: list[list[str]]) -> None:
    with pytest.raises(ValueError, match="party"):
        balanced_teams({"a": 1000, "b": 1000}, ["red", "blue"], parties)
    with pytest.raises(ValueError, match="in no team yet"):
        balanced_teams({"a": 1000}, ["red", "blue"], [["a"]], {"a": "red"})
    with pytest.raises(ValueError, match="teams"):
        balanced_teams({}, [])
