"""The votes of a room: who may call one, who may vote, and what comes of it.

One runs at a time. People vote who are here; bots do not, nor those whose connection is lost. A ticket is a voice, and
all guests of one network are one together, so that nobody votes twice from one place. Where everybody in the room comes
from one network, friends around a table, each has a voice. How the vote stands is told ten times a second at most, so
that a crowd that votes does not send everybody a message for each ballot.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import msgspec

from ..errors import MessageError, SettingsError
from ..game.contract import Game
from ..game.player_choices import PlayerChoices
from ..game.settings import build_settings
from ..identity.identity import is_signed
from ..protocol import CallVote, CastVote, VoteCounted, VoteEnded, VoteStarted, VoteView
from .messenger import Messenger
from .player import Player
from .roster import Roster
from .state import RoomState
from .vote import Voice, Vote, majority, two_thirds

YES_NO = ("yes", "no")
#: Whoever called a vote that failed waits so long before calling another (s).
WAIT_AFTER_FAILURE = 30.0
#: Choices in the vote on what is played next, at most.
MOST_CHOICES = 4
#: A vote on what is played next needs time to be read (s).
_SHORTEST = 3.0
#: How often a vote is counted (s).
_COUNT_EVERY = 0.1


class Outcome(NamedTuple):
    """What a vote has decided: whom it sends away, or which settings the room is to have."""

    player: Player | None = None
    settings: Any = None


class Voting:
    """The vote of one room, if one is running.

    Where something comes of it, the methods return an `Outcome`: the room does as it says and then calls `enacted`.
    """

    def __init__(
        self, game: Game, choices: PlayerChoices, state: RoomState, roster: Roster, messenger: Messenger
    ) -> None:
        self._game = game
        self._choices = choices
        self._state = state
        self._roster = roster
        self._messenger = messenger
        self.running: Vote | None = None
        self._last_number = 0
        #: By account or player id: when they may call a vote again.
        self._waits: dict[str, float] = {}
        self._caller = ""
        self._changed = False
        self._count_at = 0.0
        #: Those of the match that ended last.
        self._last_settings: Any = None
        #: When the vote on what is next must be over; None: there is none to be held.
        self._next_until: float | None = None
        #: What the players chose to change for the next match.
        self._next: Mapping[str, Any] = {}

    def views(self, now: float) -> list[VoteView]:
        """What runs, as newcomers are told."""
        if self.running is None:
            return []
        self._look_who_votes(self.running)
        return [self.running.view(now)]

    # What players say.

    def call(self, player: Player, message: CallVote, now: float) -> Outcome | None:
        """A player wants a vote, and has voted for it. Raises MessageError or SettingsError."""
        if self.running is not None:
            raise MessageError("vote_running", "A vote is running already; wait until it is over.")
        self._waits = {who: until for who, until in self._waits.items() if until > now}
        wait = self._waits.get(player.durable_id, now) - now
        if wait > 0:
            seconds = math.ceil(wait)
            raise MessageError("not_possible", f"Your last vote failed; you can call another in {seconds} s.")
        vote = self._kick_vote(player, message, now) if message.kind == "kick" else self._settings_vote(message, now)
        self._caller = player.durable_id
        vote.called_by(player.player_id)
        return self._begin(vote, now)

    def cast(self, player: Player, message: CastVote, now: float) -> Outcome | None:
        """A player votes. Raises MessageError."""
        vote = self.running
        if vote is None or vote.number != message.id:
            raise MessageError("not_possible", "This vote is over.")
        self._look_who_votes(vote)
        if not vote.cast(player.player_id, message.choice):
            return None
        self._changed = True
        return self._end_if_over(vote, now)

    def _kick_vote(self, player: Player, message: CallVote, now: float) -> Vote:
        accused = self._roster.find(message.player_id or "")
        if accused.is_bot or accused is player:
            raise MessageError("not_possible", "A vote can send away other people only.")
        voters = self._voters(accused.player_id)
        if len(voters) < 2:
            raise MessageError("not_possible", "A vote to send somebody away needs at least three people.")
        if len({voice.network for voice in voters.values()}) < self._networks_needed():
            raise MessageError("not_possible", "A vote to send somebody away needs voters from two addresses.")
        about: dict[str, Any] = {"player_id": accused.player_id, "networks": self._networks_needed()}
        return self._new("kick", YES_NO, voters, now, needed_of=two_thirds, **about)

    def _settings_vote(self, message: CallVote, now: float) -> Vote:
        state = self._state
        if state.running:
            raise MessageError("not_possible", "Settings can be voted on only while no match runs.")
        changes = message.settings or {}
        if self._choices.apply(state.settings, changes) == state.settings:
            raise MessageError("not_possible", "The room has these settings already.")
        return self._new("settings", YES_NO, self._voters(None), now, settings=(changes, {}))

    # What time and others do.

    def advance(self, now: float) -> Outcome | None:
        """Look who may vote, tell how it stands, and end what is over. Call it at every tick while a vote runs."""
        vote = self.running
        if vote is None or now < self._count_at:
            return None
        self._count_at = now + _COUNT_EVERY
        self._look_who_votes(vote)
        outcome = self._end_if_over(vote, now)
        if self.running is vote and self._changed:
            self._changed = False
            self._messenger.broadcast(VoteCounted(id=vote.number, counts=vote.counts(), needed=vote.needed))
        return outcome

    def left(self, player: Player, now: float) -> Outcome | None:
        """A player has left for good."""
        vote = self.running
        if vote is None:
            return None
        self._look_who_votes(vote)
        if vote.player_id == player.player_id:
            return self._end(vote, None, now, overtaken=True)
        self._changed = True
        return self._end_if_over(vote, now)

    def match_begins(self, now: float) -> None:
        """What is to be played can be changed no more."""
        if self.running is not None and self.running.kind != "kick":
            self._end(self.running, None, now, overtaken=True)
        self._next_until, self._next = None, {}

    def match_ended(self, settings: Any, now: float) -> None:
        """The results of a match with these settings are shown, and the players may choose what is next."""
        options = self._state.options
        self._last_settings = settings
        self._next, self._next_until = {}, now + options.results_time if options.next_vote else None
        self._begin_next(now)

    def enacted(self, now: float) -> None:
        """What was decided is done. Where results are shown, there may be more to choose."""
        if self._state.status == "ended":
            self._begin_next(now)

    def take_next(self, now: float) -> Any:
        """The settings of the room with what was chosen for the next match, or None: as they are."""
        if self.running is not None and self.running.kind == "next":
            self._end(self.running, self.running.chosen(), now)
        changes, self._next, self._next_until = self._next, {}, None
        return self._with(changes) if changes else None

    def _begin_next(self, now: float) -> None:
        until = self._next_until
        if until is None or self.running is not None or until - now < _SHORTEST:
            return
        self._next_until = None
        voters = self._voters(None)
        choices = list(self._game.next_choices(self._last_settings))[:MOST_CHOICES] if voters else []
        if len(choices) < 2:
            return
        for title, changes in choices:
            if self._with(changes) is None:
                raise ValueError(f"next_choices proposes what the settings do not take: {title!r}, {changes!r}.")
        titles, settings = zip(*choices, strict=True)
        vote = self._new("next", titles, voters, now, settings=settings, most_win=True)
        vote.end_by(until)
        self._begin(vote, now)

    def _with(self, changes: Mapping[str, Any]) -> Any:
        """The room's settings with some of them changed; None if these do not go together (any more)."""
        try:
            settings = msgspec.to_builtins(self._state.settings) | dict(changes)
            return build_settings(type(self._game), settings, strict=True)
        except SettingsError:
            return None

    # Counting.

    def _voters(self, accused: str | None) -> dict[str, Voice]:
        people, shared = self._roster.present(), self._is_one_place()
        return {player.player_id: _voice(player, shared) for player in people if player.player_id != accused}

    def _is_one_place(self) -> bool:
        """Whether everybody comes from one network, those included whose connection is lost."""
        return len({player.network for player in self._roster.players.values() if not player.is_bot}) < 2

    def _networks_needed(self) -> int:
        """From how many those must come who send somebody away."""
        return 1 if self._is_one_place() else 2

    def _look_who_votes(self, vote: Vote) -> None:
        if vote.kind == "kick":
            vote.require_networks(self._networks_needed())
        if vote.set_voters(self._voters(vote.player_id)):
            self._changed = True

    def _new(self, kind: Any, choices: Iterable[str], voters: Mapping[str, Voice], now: float, **more: Any) -> Vote:
        self._last_number += 1
        ends_at = now + self._state.options.vote_time
        return Vote(self._last_number, kind, list(choices), voters, ends_at, **{"needed_of": majority} | more)

    def _begin(self, vote: Vote, now: float) -> Outcome | None:
        self.running = vote
        self._changed = False
        self._messenger.broadcast(VoteStarted(vote=vote.view(now)))
        self._messenger.log("vote_started", {"id": vote.number, "kind": vote.kind, "by": vote.by})
        return self._end_if_over(vote, now)

    def _end_if_over(self, vote: Vote, now: float) -> Outcome | None:
        return self._end(vote, vote.chosen(), now) if vote.is_over(now) else None

    def _end(self, vote: Vote, chosen: int | None, now: float, overtaken: bool = False) -> Outcome | None:
        """The vote is over. overtaken: there is nothing to decide any more, which is nobody's failure."""
        settings = None
        if vote.kind == "settings" and chosen == 0 and vote.settings is not None:
            settings = self._with(vote.settings[0])
            chosen = None if settings is None else 0
        self.running = None
        if self._changed:
            self._messenger.broadcast(VoteCounted(id=vote.number, counts=vote.counts(), needed=vote.needed))
        self._messenger.broadcast(VoteEnded(id=vote.number, chosen=chosen))
        self._messenger.log("vote_ended", {"id": vote.number, "kind": vote.kind, "chosen": chosen})
        if vote.kind == "next":
            self._next = vote.settings[chosen] if vote.settings is not None and chosen is not None else {}
            return None
        if chosen == 0:
            return Outcome(self._roster.players.get(vote.player_id or ""), settings)
        if not overtaken:
            self._waits[self._caller] = now + WAIT_AFTER_FAILURE
        self.enacted(now)
        return None


def _voice(player: Player, one_place: bool) -> Voice:
    """one_place: whether the network is everybody's, and so tells nobody from another."""
    name = player.durable_id if one_place or is_signed(player.info.account) else f"@{player.network}"
    return Voice(name, player.network)
