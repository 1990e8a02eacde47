"""Which matches count for ratings and leaderboards, and who in them: the one place where that is decided.

What it is to keep out is not bad play but play for the ranking's sake: against one's own guests, against nobody,
against the same friend all night. Whoever is left out neither gains nor loses, and is nobody's opponent.

Pure functions over the record of a match and what rating has to know besides (`presence`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Literal, NamedTuple, Protocol

from .presence import Circumstances, Presence
from .rating import UNRATED_REASONS, Side, counted_sides
from .record import MatchRecord, PlayerResult

#: Why a match does not count, or why a player does not in one that does. The pages have a sentence for each.
Word = Literal["called_off", "private", "hosted", "short", "alone", "sent_away", "same_address", "idle", "repeated"]

#: What somebody is told who was left out of a match that was rated.
_TO_PLAYER: Mapping[str, str] = {
    "sent_away": "you were sent away",
    "short": "you were in this match for too short a time",
    "same_address": "you and an opponent play from one address",
    "idle": "you did nothing for most of the match",
    "repeated": "you have met these opponents too often today",
}


class Rules(Protocol):
    """What of it an operator decides; `RoomOptions` has it."""

    @property
    def rated_seconds(self) -> float:
        """Game time that a match must have, and everybody in it who did not leave."""

    @property
    def rated_activity(self) -> float:
        """Part of that in which somebody must have done something, 0 to 1."""

    @property
    def rate_hosted(self) -> bool:
        """Whether matches count in public rooms that a player has made, whose host has a say in them."""

    @property
    def rate_same_address(self) -> bool:
        """Whether people of one network may be rated against each other."""


class Met(Protocol):
    """Who has met whom; `repeats.Repeats`."""

    def enough(self, one: PlayerResult, other: PlayerResult, people: Mapping[str, Presence], now: float) -> bool:
        """Whether `one` has been rated often enough against `other`, or against whom that may be as well.

        people: where they are, by player id. now: seconds.
        """


class Verdict(NamedTuple):
    """unrated: why the match does not count, None if it does. left_out: why these do not, by player id."""

    unrated: Word | None
    left_out: Mapping[str, Word]


def judge(record: MatchRecord, circumstances: Circumstances, rules: Rules, met: Met) -> Verdict:
    """What counts of a match that has ended. Of rules that keep it from counting, the first is told."""
    if record.reason in UNRATED_REASONS:
        return Verdict("called_off", {})
    if circumstances.private:
        return Verdict("private", {})
    if circumstances.hosted and not rules.rate_hosted:
        return Verdict("hosted", {})
    if record.duration < rules.rated_seconds:
        return Verdict("short", {})
    people, left_out = circumstances.people, dict[str, Word]()
    sides = counted_sides(record)
    if len(sides) < 2:
        return Verdict("alone", {})
    rules_in_turn: tuple[tuple[Word, Callable[[], Iterable[str]]], ...] = (
        ("sent_away", lambda: (line.player_id for line in _players(sides) if _of(line, people).sent_away)),
        ("same_address", lambda: () if rules.rate_same_address else _neighbours(record, sides, people)),
        ("short", lambda: _late(sides, people, rules.rated_seconds)),
        ("idle", lambda: _idle(sides, people, rules.rated_activity)),
        ("repeated", lambda: _tired(sides, people, met, record.ended_at)),
    )
    for word, breakers in rules_in_turn:
        found = dict.fromkeys(breakers(), word)
        if found:
            left_out |= found
            sides = _without(sides, found)
        if len(sides) < 2:
            return Verdict(word, left_out)
    return Verdict(None, left_out)


def note_in(record: MatchRecord, verdict: Verdict) -> None:
    """Write a verdict into the record."""
    record.unrated = verdict.unrated
    for line in record.results:
        line.unrated = verdict.left_out.get(line.player_id)


def sentence_to_player(word: str) -> str:
    """What somebody is told who was left out of a match that was rated."""
    return f"Not rated: {_TO_PLAYER[word]}."


def _without(sides: list[Side], left_out: Collection[str]) -> list[Side]:
    kept = (Side(side.rank, [one for one in side.players if one.player_id not in left_out]) for side in sides)
    return [side for side in kept if side.players]


def _neighbours(record: MatchRecord, sides: list[Side], people: Mapping[str, Presence]) -> Iterator[str]:
    """Who could be rated and shares a network with somebody whom they played against, whoever that was."""
    teams: dict[str, set[str]] = {}
    for line in record.results:
        for network in _of(line, people).networks:
            # Whoever left is on the team that they left, here: they have not become its enemy.
            teams.setdefault(network, set()).add(f"t:{line.team}" if line.team is not None else line.player_id)
    for line in _players(sides):
        if any(len(teams[network]) > 1 for network in _of(line, people).networks):
            yield line.player_id


def _late(sides: list[Side], people: Mapping[str, Presence], least: float) -> Iterator[str]:
    """Who was not in it for long enough; not those who left, who would get out of a defeat so."""
    return (line.player_id for line in _players(sides) if not line.left and _of(line, people).played < least)


def _idle(sides: list[Side], people: Mapping[str, Presence], least: float) -> Iterator[str]:
    return (line.player_id for line in _players(sides) if _of(line, people).active < least)


def _tired(sides: list[Side], people: Mapping[str, Presence], met: Met, now: float) -> Iterator[str]:
    """Who has met everybody on the other sides often enough."""
    for side in sides:
        for one in side.players:
            if all(met.enough(one, other, people, now) for other in opponents(side, sides)):
                yield one.player_id


def opponents(side: Side, sides: Iterable[Side]) -> Iterator[PlayerResult]:
    """Those whom this side played against, the best first."""
    return (other for theirs in sides if theirs is not side for other in theirs.players)


def _players(sides: list[Side]) -> Iterator[PlayerResult]:
    return (line for side in sides for line in side.players)


def _of(line: PlayerResult, people: Mapping[str, Presence]) -> Presence:
    return people.get(line.player_id) or Presence()
