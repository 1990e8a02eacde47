"""One vote: what can be chosen, who may vote and when it is decided. Knows no rooms, no messages and no clock.

Voters speak with a voice, which several may share (one person with two connections): it has one ballot, the last that
one of them cast. Who may vote can change while it runs: people leave, lose their connection and come back. Ballots
count only for those who may vote at the moment, and how many a choice needs is counted anew each time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from ..errors import MessageError
from ..protocol import VoteKind, VoteView


class Voice(NamedTuple):
    """What counts as one. network: where it comes from, for votes that want more than one to agree."""

    name: str
    network: str = ""


def majority(voters: int) -> int:
    """More than half."""
    return voters // 2 + 1


def two_thirds(voters: int) -> int:
    """Two thirds, and never one person alone."""
    return max(2, -(-2 * voters // 3))


class Vote:
    """A vote that is running.

    voters: who may vote, by id, and with which voice. needed_of: from the number of voices, how many ballots decide at
    once; more than half, so that one choice only can have them.  ends_at: a time in seconds.  most_win: at the end the
    choice with the most ballots is taken, the first of equals, where none has as many as needed. Otherwise the first
    choice is what is proposed, and the vote is over when it cannot have enough any more.
    networks: from how many the ballots for the first choice must come.
    by, player_id, settings: who called it, whom it is about, and what each choice would change.
    """

    def __init__(
        self,
        number: int,
        kind: VoteKind,
        choices: Sequence[str],
        voters: Mapping[str, Voice],
        ends_at: float,
        *,
        needed_of: Callable[[int], int] = majority,
        most_win: bool = False,
        networks: int = 1,
        by: str | None = None,
        player_id: str | None = None,
        settings: Sequence[Mapping[str, Any]] | None = None,
    ) -> None:
        self.number = number
        self.kind = kind
        self.choices = list(choices)
        self.ends_at = ends_at
        self.by = by
        self.player_id = player_id
        self.settings = settings
        self._needed_of = needed_of
        self._most_win = most_win
        self._networks = networks
        self._voters = dict(voters)
        #: What voters said, by id; who said it last stands last.
        self._said: dict[str, int] = {}

    @property
    def voters(self) -> Iterable[str]:
        return self._voters.keys()

    @property
    def needed(self) -> int:
        """Ballots for a choice that decide at once."""
        return self._needed_of(len(self._voices()))

    def _voices(self) -> dict[Voice, int | None]:
        """What each voice says; None: nothing yet."""
        voices: dict[Voice, int | None] = dict.fromkeys(self._voters.values())
        for voter, choice in self._said.items():
            voices[self._voters[voter]] = choice
        return voices

    def counts(self) -> list[int]:
        """Ballots for each choice."""
        counts = [0] * len(self.choices)
        for choice in self._voices().values():
            if choice is not None:
                counts[choice] += 1
        return counts

    def called_by(self, voter: str) -> None:
        """Somebody who may vote wants it, and is for what is proposed."""
        self.by = voter
        self.cast(voter, 0)

    def end_by(self, time: float) -> None:
        """There is no more time than this (s)."""
        self.ends_at = min(self.ends_at, time)

    def require_networks(self, networks: int) -> None:
        """From now on the ballots for the first choice must come from so many."""
        self._networks = networks

    def cast(self, voter: str, choice: int) -> bool:
        """Vote, or vote otherwise. Returns whether that changes anything. Raises MessageError."""
        if voter not in self._voters:
            raise MessageError("not_possible", "You have no say in this vote.")
        if choice >= len(self.choices):
            raise MessageError("bad_message", f"This vote has {len(self.choices)} choices, counted from 0.")
        before = self._voices()[self._voters[voter]]
        self._said.pop(voter, None)
        self._said[voter] = choice
        return before != choice

    def set_voters(self, voters: Mapping[str, Voice]) -> bool:
        """Who may vote from now on; the ballots of others are gone. Returns whether that changes anything."""
        before = self._voices()
        self._voters = dict(voters)
        self._said = {voter: choice for voter, choice in self._said.items() if voter in voters}
        return self._voices() != before

    def is_over(self, now: float) -> bool:
        """Whether time is up, or what is still missing can change nothing."""
        if now >= self.ends_at:
            return True
        counts = self.counts()
        missing = len(self._voices()) - sum(counts)
        lost = not self._most_win and (counts[0] + missing < self.needed or not self._spread(True))
        return self._decided(counts) or missing == 0 or lost

    def chosen(self) -> int | None:
        """The choice that is taken if the vote ends now, or None."""
        counts = self.counts()
        best = max(counts)
        if self._decided(counts) or (self._most_win and best > 0):
            return counts.index(best)
        return None

    def _decided(self, counts: Sequence[int]) -> bool:
        best = max(counts)
        return best >= self.needed and (counts.index(best) != 0 or self._spread(False))

    def _spread(self, possible: bool) -> bool:
        """Whether ballots for the first choice come from enough networks, or with those that are missing could."""
        if self._networks < 2:
            return True
        said = self._voices().items()
        networks = {voice.network for voice, choice in said if choice == 0 or (possible and choice is None)}
        return len(networks) >= self._networks

    def view(self, now: float) -> VoteView:
        """The vote as clients see it."""
        return VoteView(
            id=self.number,
            kind=self.kind,
            by=self.by,
            player_id=self.player_id,
            choices=self.choices,
            settings=None if self.settings is None else [dict(changes) for changes in self.settings],
            ends_in=round(max(0.0, self.ends_at - now), 3),
            needed=self.needed,
            counts=self.counts(),
        )
