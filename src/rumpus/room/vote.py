"""One vote: what can be chosen, who may vote and when it is decided. Knows no rooms, no messages and no clock.

Who may vote can change while it runs: people leave, lose their connection and come back. Ballots count only for those
who may vote at the moment, and how many a choice needs is counted anew each time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ..errors import MessageError
from ..protocol import VoteKind, VoteView


def majority(voters: int) -> int:
    """More than half."""
    return voters // 2 + 1


def two_thirds(voters: int) -> int:
    """Two thirds, and never one person alone."""
    return max(2, -(-2 * voters // 3))


class Vote:
    """A vote that is running.

    needed_of: from the number of voters, how many ballots decide at once; more than half, so that one choice only can
    have them.  ends_at: a time in seconds.  most_win: at the end the choice with the most ballots is taken, the first
    of equals, where none has as many as needed. Otherwise the first choice is what is proposed, and the vote is over
    when it cannot have enough any more.
    by, player_id, settings: who called it, whom it is about, and what each choice would change.
    """

    def __init__(
        self,
        number: int,
        kind: VoteKind,
        choices: Sequence[str],
        voters: Iterable[str],
        ends_at: float,
        *,
        needed_of: Callable[[int], int] = majority,
        most_win: bool = False,
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
        #: By voter, in the order they came to vote; None: not voted yet.
        self._ballots: dict[str, int | None] = dict.fromkeys(voters)

    @property
    def voters(self) -> Iterable[str]:
        return self._ballots.keys()

    @property
    def needed(self) -> int:
        """Ballots for a choice that decide at once."""
        return self._needed_of(len(self._ballots))

    def counts(self) -> list[int]:
        """Ballots for each choice."""
        counts = [0] * len(self.choices)
        for choice in self._ballots.values():
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

    def cast(self, voter: str, choice: int) -> bool:
        """Vote, or vote otherwise. Returns whether that changes anything. Raises MessageError."""
        if voter not in self._ballots:
            raise MessageError("not_possible", "You have no say in this vote.")
        if choice >= len(self.choices):
            raise MessageError("bad_message", f"This vote has {len(self.choices)} choices, counted from 0.")
        if self._ballots[voter] == choice:
            return False
        self._ballots[voter] = choice
        return True

    def set_voters(self, voters: Iterable[str]) -> bool:
        """Who may vote from now on; the ballots of others are gone. Returns whether that changes anything."""
        ballots = {voter: self._ballots.get(voter) for voter in voters}
        changed = ballots != self._ballots
        self._ballots = ballots
        return changed

    def is_over(self, now: float) -> bool:
        """Whether time is up, or what is still missing can change nothing."""
        if now >= self.ends_at:
            return True
        counts = self.counts()
        missing = len(self._ballots) - sum(counts)
        lost = not self._most_win and counts[0] + missing < self.needed
        return max(counts) >= self.needed or missing == 0 or lost

    def chosen(self) -> int | None:
        """The choice that is taken if the vote ends now, or None."""
        counts = self.counts()
        best = max(counts)
        if best >= self.needed or (self._most_win and best > 0):
            return counts.index(best)
        return None

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
