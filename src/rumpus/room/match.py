"""A running match, tick by tick: everybody's input in, the game's step, and what happened out.

What comes of a tick is returned, and the room tells it: a match calls its game and its bots, and nobody else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from random import Random
from typing import Any, NamedTuple

import msgspec

from ..game.contract import Game, GameEvent
from ..netcode.input_timing import InputTiming
from ..netcode.timeline import Timeline
from ..protocol import ResultView
from ..protocol.codec import CODECS, Codec
from ..results.presence import Circumstances, Presence
from ..results.record import Leavers, MatchRecord, match_record, rank_results
from ..sync.broadcaster import Broadcaster
from ..telemetry.counters import Counters
from .bots import BotInputs
from .player import Player
from .roster import Roster
from .state import RoomState

#: States a second that clients get in any case: with fewer, what they show would be further behind than lag
#: compensation reaches (twice the interval, and the way).
LEAST_SEND_RATE = 10
#: Of the secret seed: more than anybody could try out.
SECRET_BITS = 128
#: After a pause, or when the server stood still, a client may need so long to set its clock (s): inputs for the wrong
#: ticks are no fault until then.
_GRACE = 2.0
#: Why people leave of their own accord, or because their connection does.
_OWN_REASONS = frozenset({"left", "lost", "moved"})
#: How often it is looked whether players do anything (s of the match).
_LOOK_EVERY = 1.0


class Step(NamedTuple):
    """What came of one tick: what happened, whether the state is to be sent, and why the match is over, if it is."""

    events: Sequence[GameEvent]
    send: bool
    over: str | None


#: What most ticks come to.
_QUIET, _SEND = Step((), False, None), Step((), True, None)


class Match:
    """What a room does in each tick of a match."""

    def __init__(
        self,
        game: Game,
        state: RoomState,
        timeline: Timeline,
        roster: Roster,
        broadcaster: Broadcaster,
        timing: InputTiming,
        counters: Counters,
        random: Random,
        bot_inputs: BotInputs,
    ) -> None:
        self._game = game
        self._state = state
        self._timeline = timeline
        self._roster = roster
        self._players, self._inputs = roster.players, roster.inputs.values()
        self._broadcaster = broadcaster
        self._timing = timing
        self._counters = counters
        self._random = random
        self._bot_inputs = bot_inputs
        #: The settings of the running match: those of the room with a seed drawn.
        self.settings: Any = state.settings
        self._secret_seed = 0
        #: What of the state never changes in the running match, as messages have it.
        self.static: Mapping[Codec, msgspec.Raw] = {}
        self._leavers = Leavers()
        #: The last state as plain data, which bots look at.
        self._seen: Any = None
        #: The tick after which players are looked at next.
        self._look_at = 0
        self._look_every = max(1, round(state.tick_rate * _LOOK_EVERY))
        self.credit = 0.0
        #: What a state costs of the credit: as much as `_every` would at the full rate.
        self._cost, self._every = state.tick_rate, 1

    # From its beginning to its end.

    def begin(self) -> dict[str, Any]:
        """A match begins: the game is made ready for it, and everybody is put in.

        Returns what of the state never changes in it.
        """
        game, state, broadcaster = self._game, self._state, self._broadcaster
        self._timeline.begin()
        self._leavers.begin()
        self._bot_inputs.begin()
        self.credit = 0.0
        self._look_at = self._look_every
        self._seen = None
        self.settings = self._with_seed(state.settings)
        # Drawn apart from what settings hold, which everybody is told.
        game.secret_seed = self._secret_seed = self._random.getrandbits(SECRET_BITS)
        game.current_tick = 0
        game.view_lag.clear()
        game.out.clear()
        game.initialize_game(self.settings)
        broadcaster.begin(game, state.tick_interval, 1 / state.send_rate, state.options.max_rewind)
        broadcaster.expect(round(self._cost / state.send_rate))
        for player in self._players.values():
            player.input.forget()
            if player.subscriber is not None:
                player.subscriber.forget()
            self.enter(player)
            if player.away:
                game.player_dropped(player.player_id)
        # Asked for once, and written here, where a game that raises ends its room. Newcomers and recordings need it at
        # times when nothing may raise, such as when the room is closed.
        static = game.get_static_state()
        self.static = {codec: msgspec.Raw(codec.encode(static)) for codec in CODECS.values()}
        return static

    def _with_seed(self, settings: Any) -> Any:
        """The settings of a match: a seed that was left open is drawn here, and so can be told and logged."""
        if getattr(settings, "seed", 0) is None:
            return msgspec.structs.replace(settings, seed=self._random.getrandbits(31))
        return settings

    @property
    def secret_seed(self) -> str:
        """What all that is random comes from, in hexadecimal digits: to be told when the match is over."""
        return f"{self._secret_seed:0{SECRET_BITS // 4}x}"

    def end(self) -> None:
        """Nothing that anybody sends counts any more."""
        for player in self._players.values():
            player.input.accept(False)

    def results(self) -> list[ResultView]:
        """Who came out how, the best first."""
        return rank_results(
            self._game.results(), {player.player_id: player.info.name for player in self._players.values()}
        )

    def record(self, match_id: str, reason: str, results: Iterable[ResultView]) -> MatchRecord:
        """The match as it is kept, with those who left before its end. Raises TypeError if it is not plain data."""
        options, tick = self._state.options, self._timeline.tick
        record = match_record(
            results,
            {player_id: player.info for player_id, player in self._players.items()},
            self._leavers,
            match_id=match_id,
            room_id=self._state.room_id,
            game=self._game.name,
            reason=reason,
            ticks=tick,
            duration=tick * self._state.tick_interval,
            settings=msgspec.to_builtins(self.settings),
            secret_seed=self.secret_seed,
            closed=not (options.drop_in or options.backfill),
        )
        # Whoever gets it writes it, later and elsewhere.
        msgspec.json.encode(record)
        return record

    def circumstances(self) -> Circumstances:
        """What rating has to know besides, of everybody who has a line in the record."""
        stayed = {player.player_id: self._presence(player) for player in self._players.values() if not player.is_bot}
        return Circumstances(self._state.was_private, {**self._leavers.presences, **stayed}, self._state.hosted)

    def _presence(self, player: Player, sent_away: bool = False) -> Presence:
        activity = player.input.activity
        played = (self._timeline.tick - activity.began) * self._state.tick_interval
        return Presence(frozenset(player.networks), played, activity.share, sent_away)

    def pause(self) -> None:
        """Ticks stand still, and what is sent meanwhile counts for nothing."""
        self.end()

    def go_on(self) -> None:
        """Ticks follow again."""
        for player in self._players.values():
            player.input.accept(not player.out)
            self._timing.grant_grace(player.input, _GRACE)

    def give_up(self) -> None:
        """The time of some ticks is given up: clients' clocks are ahead until they hear of it."""
        for player in self._players.values():
            self._timing.grant_grace(player.input, _GRACE)

    # Who takes part.

    def enter(self, player: Player) -> None:
        """A player takes part, from the beginning or from now on."""
        player.input.activity.begin(self._timeline.tick)
        player.input.accept(not (player.out or self._state.paused))
        self._game.add_player(player.player_id, player.info)

    def leave(self, player: Player, reason: str) -> None:
        """A player is gone for good, for one of the reasons of `player_left`."""
        if not player.is_bot:
            presence = self._presence(player, sent_away=reason not in _OWN_REASONS)
            self._leavers.note(player.info, presence, self._game.results())
        self._game.remove_player(player.player_id)
        self._game.view_lag.pop(player.player_id, None)

    def drop(self, player: Player) -> None:
        """A player's connection is lost: their hands are off the controls."""
        self._timing.release(player.input, self._game.process_input)
        self._game.player_dropped(player.player_id)

    # Ticks.

    def advance(self) -> Step:
        """One tick of the match."""
        game, broadcaster = self._game, self._broadcaster
        tick = game.current_tick = self._timeline.step()
        # A late room does several ticks in a row: what the first one sends may not be overtaken.
        broadcaster.flush()
        if self._roster.bots and self._seen is not None:
            self._bot_inputs.decide(self._players.values(), self._seen)
        self._timing.apply(self._inputs, tick, game.process_input, broadcaster.acknowledge)
        if tick >= self._look_at:
            self._look_at = tick + self._look_every
            self._look_for_activity()
        game.update(self._state.tick_interval)
        over = game.is_game_over()
        if over:
            return Step((), False, over if isinstance(over, str) else "game_over")
        self.credit += self._state.send_rate
        send = self.credit >= self._cost
        if send:
            self.credit -= self._cost
            if self._every > 1:
                self._counters.snapshots_lowered += (self._every - 1) * len(broadcaster.clients)
        events = game.take_events()
        if not events:
            return _SEND if send else _QUIET
        return Step(events, send, None)

    def _look_for_activity(self) -> None:
        commands = self._game.commands
        for sent in self._inputs:
            # Who is out has nothing to do.
            if sent.accepting:
                sent.activity.look(sent.last, sent.ack, commands)

    def look(self) -> Any:
        """The state as plain data; what bots see until the next."""
        self._seen = self._game.get_game_state()
        return self._seen

    # How often the state is sent.

    def send_every(self, every: int, turn: int = 0) -> None:
        """Send only every so many-th of the states, as far as clients can stand it; 1: all of them.

        turn: a number that differs between rooms, so that not all of them send in the same tick.
        """
        state = self._state
        self._every = max(1, min(every, int(state.send_rate / LEAST_SEND_RATE)))
        self._cost = state.tick_rate * self._every
        self.credit = self.credit % state.tick_rate + turn % self._every * state.tick_rate
        self._broadcaster.expect(round(self._cost / state.send_rate))
        self._timing.expect(self._every / state.send_rate)
        for player in self._players.values():
            self._timing.measured(player.input)
