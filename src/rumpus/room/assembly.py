"""How a room is put together: which part is given which others. No part is given the room.

So nothing refers back, and a closed room is free at once, without the collector.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from ..clock import Clock
from ..config import Limits
from ..game.contract import ChatFilter, Game
from ..game.player_choices import PlayerChoices
from ..netcode.input_timing import InputTiming
from ..netcode.timeline import Timeline
from ..results.record import OnResult
from ..sync.broadcaster import Broadcaster
from ..sync.write_queue import WriteQueue
from ..telemetry.counters import Counters
from .admission import Admission
from .bots import BotInputs
from .changes import Changes
from .chat import RoomChat
from .encodings import Encodings
from .host_controls import HostControls
from .joined import Introduction
from .life_cycle import LifeCycle
from .match import Match
from .messenger import Messenger
from .pause import Pause
from .requests import Requests
from .roster import Roster
from .seats import Seats
from .spectators import Spectators
from .start_policy import StartPolicy
from .state import RoomState
from .voting import Voting


@dataclass(slots=True)
class Parts:
    """What `GameRoom` works with."""

    timeline: Timeline
    roster: Roster
    admission: Admission
    encodings: Encodings
    broadcaster: Broadcaster
    messenger: Messenger
    match: Match
    spectators: Spectators
    seats: Seats
    voting: Voting
    pause: Pause
    life_cycle: LifeCycle
    changes: Changes
    requests: Requests
    chat: RoomChat


def assemble(
    game: Game,
    state: RoomState,
    choices: PlayerChoices,
    *,
    clock: Clock,
    random: Random,
    limits: Limits,
    counters: Counters,
    write_queue: WriteQueue | None,
    new_player_id: Callable[[], str],
    may_start: Callable[[], bool],
    on_result: OnResult,
    chat_filter: ChatFilter | None,
) -> Parts:
    """The parts of a new room; see `GameRoom` and `GameServer.create_room` for what is passed in."""
    now = clock.now
    timeline, roster = Timeline(now()), Roster(game.teams(state.settings), state.max_players)
    admission = Admission(state, roster, limits.ipv6_prefix)
    broadcaster = Broadcaster(game.deltas, counters, write_queue)
    messenger = Messenger(state, timeline, roster, broadcaster, clock)
    send_interval = 1 / state.send_rate
    timing = InputTiming(game, timeline, now, state.tick_interval, send_interval, state.options, limits, counters)
    bot_inputs = BotInputs(game, messenger, counters)
    match = Match(game, state, timeline, roster, broadcaster, timing, counters, random, bot_inputs)
    pause = Pause(state, roster, messenger)
    voting = Voting(game, choices, state, roster, messenger)
    encodings = Encodings(game, state, roster, broadcaster)
    introduction = Introduction(game, choices, state, timeline, roster, match, voting, clock)
    spectators = Spectators(state, roster, messenger, broadcaster, counters, now, introduction.for_spectators)
    seats = Seats(
        game, state, roster, admission, encodings, messenger, broadcaster, spectators, match, introduction, timing,
        limits, new_player_id, random,
    )  # fmt: skip
    start_policy = StartPolicy(state, roster, messenger, may_start)
    controls = HostControls(choices, state, roster, admission, start_policy)
    return Parts(
        timeline,
        roster,
        admission,
        encodings,
        broadcaster,
        messenger,
        match,
        spectators,
        seats,
        voting,
        pause,
        LifeCycle(
            game, state, timeline, roster, messenger, spectators, match, seats, voting, pause, start_policy, clock,
            on_result,
        ),
        Changes(game, state, roster, messenger, seats, pause),
        Requests(state, roster, messenger, controls, voting, pause, limits),
        RoomChat(roster, messenger, limits.max_chat_length, chat_filter),
    )  # fmt: skip
