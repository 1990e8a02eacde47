"""From waiting to a match, to its results, and back: what happens at each change of a room's status, and at a pause."""

from __future__ import annotations

import uuid
from typing import Any

import msgspec
from msgspec import UNSET

from ..clock import Clock
from ..game.contract import Game
from ..netcode.timeline import Timeline
from ..protocol import GameOver, GameStarted, RoomChanged, RoomReset, Stalled
from ..results.record import MatchRecord, OnResult
from .match import Match
from .messenger import Messenger
from .pause import Pause
from .roster import Roster
from .seats import Seats
from .spectators import Spectators
from .start_policy import StartPolicy
from .state import RoomState
from .team_balance import split_teams
from .voting import Voting


class LifeCycle:
    """The life cycle of one room.

    on_result: told of each match that has ended; it may note in the record when, and whether the match is rated.
    """

    def __init__(
        self,
        game: Game,
        state: RoomState,
        timeline: Timeline,
        roster: Roster,
        messenger: Messenger,
        spectators: Spectators,
        match: Match,
        seats: Seats,
        voting: Voting,
        pause: Pause,
        start_policy: StartPolicy,
        clock: Clock,
        on_result: OnResult,
    ) -> None:
        self._game = game
        self._state = state
        self._timeline = timeline
        self._roster = roster
        self._messenger = messenger
        self._spectators = spectators
        self._match = match
        self._seats = seats
        self._voting = voting
        self._pause = pause
        self._start_policy = start_policy
        self._clock = clock
        self._on_result = on_result
        self._next_round_at = 0.0

    def is_due_to_start(self) -> bool:
        """Whether the match is to begin now. Bots may come in for it."""
        due = self._start_policy.due(self._clock.now())
        if due == "with_bots":
            self._seats.fill_with_bots()
            if len(self._roster.players) < self._state.min_players:
                self._start_policy.too_few()
                return False
        return due != "wait"

    def is_due_to_reset(self) -> bool:
        """Whether the results have been shown for long enough."""
        return self._clock.now() >= self._next_round_at

    def start(self) -> None:
        """From waiting to in-progress, with everyone present."""
        state, roster, messenger = self._state, self._roster, self._messenger
        self._voting.match_begins(self._clock.now())
        roster.nobody_ready()  # `game_started` tells clients so
        self._start_policy.started()
        self._seats.fill_with_bots()
        messenger.tell_of(split_teams(roster.players, roster.teams))
        state.begin_match(roster.people)
        static = self._match.begin()
        settings = self._match.settings
        messenger.broadcast(GameStarted(tick=0, settings=settings, static=static))
        details = {"players": len(roster.players), "settings": msgspec.to_builtins(settings)}
        messenger.log("game_started", details)

    def end(self, reason: str) -> MatchRecord:
        """From in-progress to ended, once the last state was sent: tell everybody the results."""
        state, match, now = self._state, self._match, self._clock.now()
        self._spectators.put_out(self._game.take_eliminated())
        self._spectators.match_over()
        match.end()
        state.end_match()
        results, match_id, wait = match.results(), uuid.uuid4().hex, state.options.results_time
        self._next_round_at = now + wait
        record = match.record(match_id, reason, results)
        # Whoever was told of a result may count on it: it is written first.
        self._on_result(record, match.circumstances())
        tick, unrated = self._timeline.tick, record.unrated or UNSET
        self._messenger.broadcast(
            GameOver(
                tick=tick,
                reason=reason,
                results=results,
                next_in=wait,
                match_id=match_id,
                secret_seed=match.secret_seed,
                unrated=unrated,
            )
        )
        self._messenger.log("game_over", msgspec.to_builtins(record))
        self._go_on()
        self._voting.match_ended(match.settings, now)
        return record

    def reset(self) -> Any:
        """From ended to waiting, with everyone still in their seats. Returns settings that were voted for, or None."""
        self._game.reset()
        self._state.wait()
        self._timeline.begin()
        self._messenger.broadcast(RoomReset())
        self._spectators.let_in()
        self._messenger.log("room_reset", {})
        return self._voting.take_next(self._clock.now())

    # Time that passes, or does not.

    def give_up(self, ticks: int) -> None:
        """The server stood still, and the time of so many ticks is not made up for: everybody is told."""
        if self._state.running and not self._state.paused:
            self._match.give_up()
            self._messenger.broadcast(Stalled(tick=self._timeline.tick, ticks=ticks))

    def look_at_pause(self, now: float) -> None:
        """A pause may begin or end at this moment."""
        due = self._pause.due(now)
        if due:
            self._pause.began(now, again=self._state.paused)
            self._state.pause(True)
            self._match.pause()
            self._messenger.broadcast(RoomChanged(paused=True))
            self._messenger.log("paused", {})
        elif due is False:
            self._go_on()

    def _go_on(self) -> None:
        """No pause any more, and no wish for one."""
        self._pause.end()
        if self._state.paused:
            self._state.pause(False)
            if self._state.running:
                self._match.go_on()
            self._messenger.broadcast(RoomChanged(paused=False))
            self._messenger.log("resumed", {})
