"""What counts for ratings, and who in it: each rule, and all of them together against a plain judge."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rumpus.config import RoomOptions
from rumpus.results.presence import Circumstances, Presence
from rumpus.results.rated import Verdict, Word, judge, note_in, sentence_to_player
from rumpus.results.rating import UNRATED_REASONS, rate_match
from rumpus.results.record import MatchRecord, PlayerResult
from rumpus.results.repeats import Repeats
from tests.support.matches import duel, match, player

ROOT = Path(__file__).parents[2]
RULES = RoomOptions(rated_seconds=30, rated_activity=0.25)
HOME, AWAY, FAR = (frozenset({network}) for network in ("192.0.2.1", "198.51.100.1", "2001:db8::/64"))


def fresh() -> Repeats:
    return Repeats(10)


def at(record: MatchRecord, *presences: Presence, private: bool = False) -> Circumstances:
    """These people, in the order of the results."""
    ids = [line.player_id for line in record.results]
    return Circumstances(private, dict(zip(ids, presences, strict=True)))


def here(networks: frozenset[str], played: float = 60.0, active: float = 1.0) -> Presence:
    return Presence(networks, played, active)


def verdict(record: MatchRecord, circumstances: Circumstances, rules: RoomOptions = RULES, **more: Any) -> Verdict:
    return judge(record, circumstances, rules, more.get("met") or fresh())


def changed(record: MatchRecord, found: Verdict) -> set[str]:
    note_in(record, found)
    return set(rate_match(record, {}))


def test_two_strangers_who_played_for_a_minute_are_rated() -> None:
    record = duel("u:ann", "u:ben")
    found = verdict(record, at(record, here(HOME), here(AWAY)))
    assert found == (None, {})
    assert changed(record, found) == {"u:ann", "u:ben"}


@pytest.mark.parametrize("reason", sorted(UNRATED_REASONS))
def test_what_was_called_off_is_not(reason: str) -> None:
    record = duel("u:ann", "u:ben", reason=reason)
    assert verdict(record, at(record, here(HOME), here(AWAY))).unrated == "called_off"


def test_private_rooms_are_not() -> None:
    record = duel("u:ann", "u:ben")
    found = verdict(record, at(record, here(HOME), here(AWAY), private=True))
    assert found.unrated == "private"
    assert changed(record, found) == set()


@pytest.mark.parametrize(("seconds", "unrated"), [(29.9, "short"), (30.0, None)])
def test_a_match_has_a_least_duration(seconds: float, unrated: str | None) -> None:
    record = duel("u:ann", "u:ben", duration=seconds)
    assert verdict(record, at(record, here(HOME, seconds), here(AWAY, seconds))).unrated == unrated


@pytest.mark.parametrize(
    "lines",
    [
        (),
        (player("u:ann"),),
        (player("u:ann"), player(None, 2)),
        (player("u:ann"), player(None, 2, bot=True)),
        (player("u:ann"), player("u:ann", 2)),
        (player("u:ann"), player("u:ben", 2, left=True)),
        (player("u:ann", team="red"), player("u:ben", team="red"), player(None, 2, bot=True, team="blue")),
    ],
)
def test_somebody_must_be_there_to_be_rated_against(lines: tuple[PlayerResult, ...]) -> None:
    record = match(*lines)
    assert verdict(record, at(record, *(here(frozenset({line.player_id})) for line in lines))).unrated == "alone"


def test_rooms_that_players_made_count_unless_the_operator_says_no() -> None:
    record = duel("u:ann", "u:ben")
    circumstances = at(record, here(HOME), here(AWAY))._replace(hosted=True)
    assert verdict(record, circumstances).unrated is None
    assert verdict(record, circumstances, RoomOptions(rate_hosted=False)).unrated == "hosted"


def test_whom_others_sent_away_has_not_lost() -> None:
    lines = [player("u:ann", 1), player("u:ben", 2), player("u:cid", 3, left=True)]
    record = match(*lines, closed=True)
    away = here(FAR)._replace(sent_away=True)
    found = verdict(record, at(record, here(HOME), here(AWAY), away))
    assert found == (None, {lines[2].player_id: "sent_away"})
    assert changed(record, found) == {"u:ann", "u:ben"}
    record = match(player("u:ann", 1), player("u:ben", 2, left=True), closed=True)
    assert verdict(record, at(record, here(HOME), away)).unrated == "sent_away"


def test_people_of_one_network_are_not_rated_against_each_other() -> None:
    record = duel("u:ann", "g:ben")
    assert verdict(record, at(record, here(HOME), here(HOME))).unrated == "same_address"
    # Wherever else they have been with the same seat.
    assert verdict(record, at(record, here(HOME | AWAY), here(AWAY | FAR))).unrated == "same_address"
    school = RoomOptions(rate_same_address=True)
    assert verdict(record, at(record, here(HOME), here(HOME)), school).unrated is None


def test_among_others_only_those_of_one_network_are_left_out() -> None:
    record = match(player("u:ann", 1), player("g:a2", 2), player("u:ben", 3), player("u:cid", 4))
    found = verdict(record, at(record, here(HOME), here(HOME), here(AWAY), here(FAR)))
    ann, second = (line.player_id for line in record.results[:2])
    assert found == (None, {ann: "same_address", second: "same_address"})
    assert changed(record, found) == {"u:ben", "u:cid"}
    assert [line.unrated for line in record.results] == ["same_address", "same_address", None, None]


def test_a_household_in_one_team_is_no_conflict_but_a_guest_among_the_enemies_is() -> None:
    reds = [player("u:ann", 1, team="red"), player("u:bea", 1, team="red")]
    record = match(*reds, player("u:ben", 2, team="blue"))
    found = verdict(record, at(record, here(HOME), here(HOME), here(AWAY)))
    assert found == (None, {})
    record = match(*reds, player("u:ben", 2, team="blue"), player(None, 2, team="blue"))
    found = verdict(record, at(record, here(HOME), here(HOME), here(AWAY), here(HOME)))
    assert found.unrated == "same_address"


def test_whoever_leaves_is_no_stranger_to_the_household_on_the_same_team() -> None:
    lines = [player("u:ann", 1, team="red"), player("u:ben", 2, team="blue"), player("u:bea", 3, team="red", left=True)]
    record = match(*lines, closed=True)
    assert verdict(record, at(record, here(HOME), here(AWAY), here(HOME))) == (None, {})


def test_whoever_came_late_is_left_out_and_whoever_left_early_has_lost() -> None:
    record = match(player("u:ann", 1), player("u:ben", 2), player("u:cid", 3))
    late = record.results[2].player_id
    found = verdict(record, at(record, here(HOME), here(AWAY), here(FAR, played=29.0)))
    assert found == (None, {late: "short"})
    lines = [player("u:ann", 1), player("u:ben", 2), player("u:cid", 3, left=True)]
    record = match(*lines, closed=True)
    found = verdict(record, at(record, here(HOME), here(AWAY), here(FAR, played=5.0)))
    assert found == (None, {})
    assert changed(record, found) == {"u:ann", "u:ben", "u:cid"}


def test_two_idle_players_in_a_draw_gain_nothing() -> None:
    record = match(player("u:ann", 1), player("u:ben", 1))
    found = verdict(record, at(record, here(HOME, active=0.0), here(AWAY, active=0.1)))
    assert found.unrated == "idle"
    assert changed(record, found) == set()


def test_an_idle_player_is_nobodys_opponent_also_if_they_left() -> None:
    record = match(player("u:ann", 1), player("u:ben", 2), player("u:cid", 3, left=True), closed=True)
    found = verdict(record, at(record, here(HOME), here(AWAY), here(FAR, active=0.0)))
    assert changed(record, found) == {"u:ann", "u:ben"}
    record = duel("u:ann", "u:ben")
    assert verdict(record, at(record, here(HOME), here(AWAY, active=0.2))).unrated == "idle"
    lenient = RoomOptions(rated_activity=0)
    assert verdict(record, at(record, here(HOME), here(AWAY, active=0.0)), lenient).unrated is None


def test_the_same_two_are_rated_so_many_times_a_day() -> None:
    met = Repeats(3)

    def play(loser: str, networks: frozenset[str], hours: float) -> str | None:
        record = duel("u:ann", loser, ended_at=1e9 + hours * 3600)
        circumstances = at(record, here(HOME), here(networks))
        found = verdict(record, circumstances, met=met)
        note_in(record, found)
        if found.unrated is None:
            met.note(record, circumstances.people)
        return found.unrated

    assert [play("u:ben", AWAY, hour) for hour in range(5)] == [None, None, None, "repeated", "repeated"]
    # Others are others, also of the same household; but keys of guests are made up in no time.
    assert play("u:bea", AWAY, 5) is None
    assert [play(f"g:{number}", FAR, 6) for number in range(5)] == [None, None, None, "repeated", "repeated"]
    assert play("u:ben", AWAY, 23.9) == "repeated"
    assert play("u:ben", AWAY, 24.1) is None


def test_with_somebody_new_among_them_all_are_rated() -> None:
    met = Repeats(1)
    lines = [("u:ann", HOME), ("u:ben", AWAY), ("u:cid", FAR)]

    def play(*people: tuple[str, frozenset[str]]) -> Verdict:
        record = match(*(player(account, rank) for rank, (account, _) in enumerate(people, 1)))
        circumstances = at(record, *(here(networks) for _, networks in people))
        found = verdict(record, circumstances, met=met)
        note_in(record, found)
        if found.unrated is None:
            met.note(record, circumstances.people)
        return found

    assert play(*lines[:2]) == (None, {})
    assert play(*lines) == (None, {})
    assert play(*lines).unrated == "repeated"
    assert play(*lines, ("u:dan", frozenset({"x"}))).unrated is None


def test_a_crowd_of_own_guests_behind_one_network_counts_as_one_in_each_match() -> None:
    met = Repeats(2)
    words = []
    for turn in range(3):
        guests = [player(f"g:{turn}-{number}", 2, team="blue") for number in range(40)]
        record = match(player("u:ann", 1, team="red"), *guests)
        circumstances = at(record, here(HOME), *(here(AWAY) for _ in guests))
        found = verdict(record, circumstances, met=met)
        words.append(found.unrated)
        if found.unrated is None:
            met.note(record, circumstances.people)
    assert words == [None, None, "repeated"]


def test_meetings_are_bounded_however_many_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rumpus.results.repeats._MOST_PAIRS", 100)
    met = Repeats(3)
    crowd = match(*(player(f"u:{number}", number + 1) for number in range(1000)))
    met.note(crowd, {})
    assert len(met) == 100
    assert not Repeats(0).enough(crowd.results[0], crowd.results[1], {}, 0.0)


def test_guests_of_two_networks_meet_so_often_whatever_their_keys() -> None:
    """Else two addresses could fill the leaderboard with made up players."""
    met = Repeats(2)
    words = []
    for turn in range(12):
        record = duel(f"g:a{turn}", f"g:b{turn}")
        circumstances = at(record, here(HOME), here(AWAY))
        found = verdict(record, circumstances, met=met)
        words.append(found.unrated)
        if found.unrated is None:
            met.note(record, circumstances.people)
    assert words == [None] * 10 + ["repeated"] * 2
    record = duel("u:ann", "u:ben")
    assert verdict(record, at(record, here(HOME), here(AWAY)), met=met).unrated is None


def test_every_word_has_a_sentence_on_the_pages_and_a_line_in_the_document() -> None:
    page = (ROOT / "src" / "rumpus" / "web" / "shell" / "unrated.js").read_text()
    document = (ROOT / "docs" / "protocol.md").read_text()
    for word in get_args(Word):
        assert f"  {word}: " in page
        assert f"| `{word}` |" in document
    assert sentence_to_player("idle") == "Not rated: you did nothing for most of the match."


@st.composite
def situations(draw: st.DrawFn) -> tuple[MatchRecord, Circumstances, RoomOptions]:
    teams = draw(st.sampled_from([(None,), ("red", "blue")]))
    lines, people = [], {}
    for number in range(draw(st.integers(0, 6))):
        bot = draw(st.booleans()) and draw(st.booleans())
        account = None if bot else draw(st.sampled_from(["u:a", "u:b", "u:c", "g:d", "g:e", None]))
        line = player(
            account, draw(st.integers(1, 4)), bot=bot, team=draw(st.sampled_from(teams)), player_id=f"p{number}",
            left=draw(st.booleans()),
        )  # fmt: skip
        lines.append(line)
        if not bot:
            networks = draw(st.frozensets(st.sampled_from(["n1", "n2", "n3"]), min_size=1, max_size=2))
            played, active = draw(st.sampled_from([5, 60])), draw(st.sampled_from([0, 0.5]))
            people[line.player_id] = Presence(networks, played, active, sent_away=draw(st.booleans()))
    lines.sort(key=lambda line: line.rank)
    record = match(
        *lines, duration=draw(st.sampled_from([5.0, 60.0])), closed=draw(st.booleans()),
        reason=draw(st.sampled_from(["goal_reached", "goal_reached", "abandoned"])),
    )  # fmt: skip
    rules = RoomOptions(
        rate_same_address=draw(st.booleans()), rate_hosted=draw(st.booleans()),
        rated_activity=draw(st.sampled_from([0, 0.25])),
    )  # fmt: skip
    return record, Circumstances(draw(st.booleans()), people, draw(st.booleans())), rules


@given(situations())
def test_nobody_is_rated_whom_a_rule_leaves_out(situation: tuple[MatchRecord, Circumstances, RoomOptions]) -> None:
    record, circumstances, rules = situation
    found = judge(record, circumstances, rules, fresh())
    note_in(record, found)
    rated = rate_match(record, {})
    assert bool(rated) == (found.unrated is None)
    assert found.unrated is None or found.unrated in get_args(Word)
    if not rated:
        return
    assert not circumstances.private
    assert rules.rate_hosted or not circumstances.hosted
    assert record.duration >= rules.rated_seconds
    assert record.reason not in UNRATED_REASONS
    lines = [line for line in record.results if line.account in rated]
    assert len(lines) == len(rated)
    for line in lines:
        presence = circumstances.people[line.player_id]
        assert not line.bot
        assert not presence.sent_away
        assert presence.active >= rules.rated_activity
        assert presence.played >= rules.rated_seconds or (line.left and record.closed)
        for other in record.results:
            against = other is not line and (line.team is None or other.team != line.team)
            shared = presence.networks & circumstances.people.get(other.player_id, Presence()).networks
            assert not (against and shared) or rules.rate_same_address
