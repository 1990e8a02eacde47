"""The votes of a room: who may call one, who may vote, and what comes of it.

One runs at a time. People vote who are here; bots do not, nor those whose connection is lost. How the vote stands is
told ten times a second at most, so that a crowd that votes does not send everybody a message for each ballot.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from ..errors import MessageError, SettingsError
from ..game.settings import build_settings, player_choice
from ..protocol import CallVote, CastVote, VoteCounted, VoteEnded, VoteStarted, VoteView
from .player import Player
from .vote import Vote, majority, two_thirds

if TYPE_CHECKING:
    from .game_room import GameRoom

YES_NO = ("yes", "no")
#: Whoever called a vote that failed waits so long before calling another (s).
WAIT_AFTER_FAILURE = 30.0
#: Choices in the vote on what is played next, at most.
MOST_CHOICES = 4
#: A vote on what is played next needs time to be read (s).
_SHORTEST = 3.0
#: How often a vote is counted (s).
_COUNT_EVERY = 0.1


class Voting:
    """The vote of one room, if one is running.

    vote_out: called with the player whom a vote sends away.  change_settings: with the settings that a vote chose.
    """

    def __init__(
        self,
        room: GameRoom,
        vote_out: Callable[[Player], None],
        change_settings: Callable[[Any], None],
    ) -> None:
        self._room = room
        self._vote_out = vote_out
        self._change_settings = change_settings
        self.running: Vote | None = None
        self._last_number = 0
        #: By account or player id: when they may call a vote again.
        self._waits: dict[str, float] = {}
        self._caller = ""
        self._changed = False
        self._count_at = 0.0
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

    def call(self, player: Player, message: CallVote, now: float) -> None:
        """A player wants a vote, and has voted for it. Raises MessageError or SettingsError."""
        if self.running is not None:
            raise MessageError("vote_running", "A vote is running already; wait until it is over.")
        self._waits = {who: until for who, until in self._waits.items() if until > now}
        wait = self._waits.get(player.durable_id, now) - now
        if wait > 0:
            seconds = math.ceil(wait)
            raise MessageError("not_possible", f"Your last vote failed; you can call another in {seconds} s.")
        vote = self._kick_vote(player, message, now) if message.kind == "kick" else self._settings_vote(message, now)
        vote.by, self._caller = player.player_id, player.durable_id
        vote.cast(player.player_id, 0)
        self._begin(vote, now)

    def cast(self, player: Player, message: CastVote, now: float) -> None:
        """A player votes. Raises MessageError."""
        vote = self.running
        if vote is None or vote.number != message.id:
            raise MessageError("not_possible", "This vote is over.")
        self._look_who_votes(vote)
        if vote.cast(player.player_id, message.choice):
            self._changed = True
            self._end_if_over(vote, now)

    def _kick_vote(self, player: Player, message: CallVote, now: float) -> Vote:
        accused = self._room.players.get(message.player_id or "")
        if accused is None:
            raise MessageError("no_such_player", "There is no such player in this room.")
        if accused.is_bot or accused is player:
            raise MessageError("not_possible", "A vote can send away other people only.")
        voters = self._voters(accused.player_id)
        if len(voters) < 2:
            raise MessageError("not_possible", "A vote to send somebody away needs at least three people.")
        return self._new("kick", YES_NO, voters, now, needed_of=two_thirds, player_id=accused.player_id)

    def _settings_vote(self, message: CallVote, now: float) -> Vote:
        room = self._room
        if room.status == "in-progress":
            raise MessageError("not_possible", "Settings can be voted on only while no match runs.")
        changes = message.settings or {}
        if player_choice(type(room.game), room.settings, changes) == room.settings:
            raise MessageError("not_possible", "The room has these settings already.")
        return self._new("settings", YES_NO, self._voters(None), now, settings=(changes, {}))

    # What time and others do.

    def advance(self, now: float) -> None:
        """Look who may vote, tell how it stands, and end what is over. Call it at every tick while a vote runs."""
        vote = self.running
        if vote is None or now < self._count_at:
            return
        self._count_at = now + _COUNT_EVERY
        self._look_who_votes(vote)
        if not self._end_if_over(vote, now) and self._changed:
            self._changed = False
            self._room.broadcast(VoteCounted(id=vote.number, counts=vote.counts(), needed=vote.needed))

    def left(self, player: Player, now: float) -> None:
        """A player has left for good."""
        vote = self.running
        if vote is None:
            return
        self._look_who_votes(vote)
        if vote.player_id == player.player_id:
            self._end(vote, None, now, overtaken=True)
        else:
            self._changed = True
            self._end_if_over(vote, now)

    def match_begins(self, now: float) -> None:
        """What is to be played can be changed no more."""
        if self.running is not None and self.running.kind != "kick":
            self._end(self.running, None, now, overtaken=True)
        self._next_until, self._next = None, {}

    def match_ended(self, now: float, until: float) -> None:
        """The results are shown until then, and the players may choose what is next."""
        self._next, self._next_until = {}, until if self._room.options.next_vote else None
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
        room, voters = self._room, self._voters(None)
        choices = list(room.game.next_choices(room.match_settings))[:MOST_CHOICES] if voters else []
        if len(choices) < 2:
            return
        for title, changes in choices:
            if self._with(changes) is None:
                raise ValueError(f"next_choices proposes what the settings do not take: {title!r}, {changes!r}.")
        titles, settings = zip(*choices, strict=True)
        vote = self._new("next", titles, voters, now, settings=settings, most_win=True)
        vote.ends_at = min(vote.ends_at, until)
        self._begin(vote, now)

    def _with(self, changes: Mapping[str, Any]) -> Any:
        """The room's settings with some of them changed; None if these do not go together (any more)."""
        try:
            settings = msgspec.to_builtins(self._room.settings) | dict(changes)
            return build_settings(type(self._room.game), settings, strict=True)
        except SettingsError:
            return None

    # Counting.

    def _voters(self, accused: str | None) -> list[str]:
        return [player.player_id for player in self._room.present() if player.player_id != accused]

    def _look_who_votes(self, vote: Vote) -> None:
        if vote.set_voters(self._voters(vote.player_id)):
            self._changed = True

    def _new(self, kind: Any, choices: Iterable[str], voters: list[str], now: float, **more: Any) -> Vote:
        self._last_number += 1
        ends_at = now + self._room.options.vote_time
        return Vote(self._last_number, kind, list(choices), voters, ends_at, **{"needed_of": majority} | more)

    def _begin(self, vote: Vote, now: float) -> None:
        self.running = vote
        self._changed = False
        self._room.broadcast(VoteStarted(vote=vote.view(now)))
        self._room.log_event("vote_started", {"id": vote.number, "kind": vote.kind, "by": vote.by})
        self._end_if_over(vote, now)

    def _end_if_over(self, vote: Vote, now: float) -> bool:
        if not vote.is_over(now):
            return False
        self._end(vote, vote.chosen(), now)
        return True

    def _end(self, vote: Vote, chosen: int | None, now: float, overtaken: bool = False) -> None:
        """The vote is over. overtaken: there is nothing to decide any more, which is nobody's failure."""
        room, settings = self._room, None
        if vote.kind == "settings" and chosen == 0 and vote.settings is not None:
            settings = self._with(vote.settings[0])
            chosen = None if settings is None else 0
        self.running = None
        if self._changed:
            room.broadcast(VoteCounted(id=vote.number, counts=vote.counts(), needed=vote.needed))
        room.broadcast(VoteEnded(id=vote.number, chosen=chosen))
        room.log_event("vote_ended", {"id": vote.number, "kind": vote.kind, "chosen": chosen})
        if vote.kind == "next":
            self._next = vote.settings[chosen] if vote.settings is not None and chosen is not None else {}
            return
        if chosen != 0:
            if not overtaken:
                self._waits[self._caller] = now + WAIT_AFTER_FAILURE
        elif settings is not None:
            self._change_settings(settings)
        elif vote.player_id in room.players:
            self._vote_out(room.players[vote.player_id])
        if room.status == "ended":
            self._begin_next(now)
