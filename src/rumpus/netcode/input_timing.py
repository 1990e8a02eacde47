"""A room's side of inputs: when they came, which counts for a tick, and what their player saw.

Everything is judged by the server's clock. An input's margin is how long before its tick it came. Its view lag, by
which lag compensation rewinds, is how far behind that tick the player's picture was: clients say what they showed,
since only they know how long their interpolation waits, and are believed as far as what is measured here allows: the
round trip, the time the input waited, what three snapshots and the jitter of the way may add, and no more than the
room's cap. A client that lies gains what an honest one with its connection may have.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import ceil
from typing import Any

from ..config import Limits, RoomOptions
from ..errors import MessageError
from ..game.contract import Game
from ..protocol import Input
from ..telemetry.counters import Counters
from .input_buffer import STARVED_AFTER, InputBuffer
from .player_input import PlayerInput
from .timeline import Timeline

#: So many inputs in a row for ticks too far away are no accident.
_PERSISTENT = 10
#: Snapshots that an interpolating client waits for at most, jitter aside.
_SNAPSHOTS_BEHIND = 3


class InputTiming:
    """How inputs become one input per tick, for the players of a room.

    now: the server's clock. tick_interval, send_interval: seconds.
    """

    def __init__(
        self,
        game: Game,
        timeline: Timeline,
        now: Callable[[], float],
        tick_interval: float,
        send_interval: float,
        options: RoomOptions,
        limits: Limits,
        counters: Counters,
    ) -> None:
        self._game = game
        self._timeline = timeline
        self._now = now
        self._commands = game.commands
        self._interval = tick_interval
        self.expect(send_interval)
        self._window = max(1, round(limits.input_window / tick_interval))
        self._hold = max(1, ceil(options.input_hold / tick_interval))
        self._starved = max(1, ceil(STARVED_AFTER / tick_interval))
        #: In ticks.
        self._max_rewind = options.max_rewind / tick_interval
        self._counters = counters

    def expect(self, send_interval: float) -> None:
        """Snapshots come every so many seconds from now on."""
        #: Ticks that a client's picture may be behind the newest snapshot that it has.
        self._behind = _SNAPSHOTS_BEHIND * send_interval / self._interval

    def _begin(self, player: PlayerInput) -> InputBuffer:
        """The player's client tells the ticks of its inputs from now on."""
        game = self._game
        buffer = player.buffer = InputBuffer(self._hold, self._starved, game.merge_inputs, game.release_input)
        self.measured(player)
        return buffer

    def take(self, player: PlayerInput, message: Input[Any]) -> None:
        """An input has come.

        Raises MessageError (`bad_tick`) when a client keeps sending inputs for ticks that are too far away, and on the
        first for an earlier tick than the one before, as its next ones are too.
        """
        tick, seen = message.tick, message.seen
        buffer = player.buffer
        if buffer is None:
            if self._commands:
                player.arrived.append((message.seq, message.data))
                return
            buffer = self._begin(player)
        current_tick, deadline, now = self._timeline.tick, self._timeline.deadline, self._now()
        following = current_tick + 1
        early = 0 if tick is None else tick - following
        if not -self._window <= early < self._window:
            return self._refuse(buffer, following + early, current_tick)
        margin = early * self._interval + deadline - now
        if early < 0:
            # It counts for the next tick, in which what was seen is so much older.
            self._counters.inputs_late += 1
            early = 0
        if following + early < buffer.newest and current_tick >= buffer.lenient_until:
            return self._refuse_earlier(buffer, following + early)
        lag = 0.0
        if seen is not None:
            lag = following + early - seen
            # What is measured allows no more.
            longest = buffer.reach + early + (deadline - now) / self._interval
            if lag > longest:
                lag = longest
            if lag > self._max_rewind:
                lag = self._max_rewind
            if lag < 0.0:
                lag = 0.0
        buffer.refused = 0
        buffer.add(following + early, message.seq, message.data, margin, lag)

    def _refuse(self, buffer: InputBuffer, tick: int, current_tick: int) -> None:
        self._counters.inputs_refused += 1
        if current_tick < buffer.lenient_until:
            return
        buffer.refused += 1
        if buffer.refused >= _PERSISTENT:
            buffer.refused = 0
            raise MessageError(
                "bad_tick",
                f"This input is for tick {tick} and the match is at {current_tick}: inputs may be at most"
                f" {self._window} ticks early or late. Ask for the tick with a ping and set your clock by it.",
            )

    def _refuse_earlier(self, buffer: InputBuffer, tick: int) -> None:
        """What is in force until the newest input is decided, and the server has not stood still."""
        self._counters.inputs_refused += 1
        tell = buffer.refused == 0
        buffer.refused = (buffer.refused + 1) % _PERSISTENT
        if tell:
            raise MessageError(
                "bad_tick",
                f"This input counts for tick {tick} and the one before for tick {buffer.newest}: an input is in force"
                " until the next one, so none may be for an earlier tick than the one before.",
            )

    def measured(self, player: PlayerInput) -> None:
        """The player's round trip is known anew."""
        buffer, way = player.buffer, player.round_trip
        if buffer is not None:
            buffer.reach = (way.median + way.spread) / self._interval + self._behind

    def grant_grace(self, player: PlayerInput, seconds: float) -> None:
        """Inputs for the wrong ticks are no fault for so long: the match has stood still, and clocks with it."""
        if player.buffer is not None:
            player.buffer.lenient_until = self._timeline.tick + round(seconds / self._interval)

    def apply(
        self,
        players: Iterable[PlayerInput],
        tick: int,
        process_input: Callable[[str, Any], None],
        acknowledge: Callable[[int, int, float | None], object],
    ) -> None:
        """Give the game everybody's input for a tick, in the order of seats.

        Of inputs that name no tick a game of commands gets all, any other one that they are merged into. acknowledge:
        told of each player's newest input, if it had not been used before: slot, number, margin (s).
        """
        # One loop for all players: a call for each of them cost a tenth of a small room's tick.
        for player in players:
            arrived = player.arrived
            if arrived:
                player_id = player.player_id
                ack, data = arrived.popleft()
                while arrived:
                    if self._commands:
                        process_input(player_id, data)
                        ack, data = arrived.popleft()
                    else:
                        ack, newer = arrived.popleft()
                        data = self._game.merge_inputs(data, newer)
                process_input(player_id, data)
                player.ack, player.last = ack, data
                if player.slot >= 0:
                    acknowledge(player.slot, ack, player.margin)
                continue
            buffer = player.buffer
            if buffer is None:
                continue
            new = buffer.take(tick)
            player_id = player.player_id
            if new:
                player.ack, player.margin = buffer.seq, buffer.margin
                if buffer.view_lag > 0.0:
                    self._game.view_lag[player_id] = buffer.view_lag
                else:
                    self._game.view_lag.pop(player_id, None)
            elif buffer.is_starved(tick):
                self._counters.ticks_starved += 1
            if buffer.data is not None:
                player.last = buffer.data
                process_input(player_id, buffer.data)
            if new and player.slot >= 0:
                acknowledge(player.slot, buffer.seq, buffer.margin)

    def release(self, player: PlayerInput, process_input: Callable[[str, Any], None]) -> None:
        """Take the hands of somebody who is gone off the controls."""
        if not self._commands and player.last is not None:
            released = self._game.release_input(player.last)
            if released is not None:
                process_input(player.player_id, released)
