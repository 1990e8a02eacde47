"""A room's side of timed inputs: when they came, which counts for a tick, and what their player saw.

Everything is judged by the server's clock. An input's margin is how long before its tick it came. Its view lag, by
which lag compensation rewinds, is how far behind that tick the player's picture was: clients say what they showed,
since only they know how long their interpolation waits, and are believed as far as what is measured here allows: the
round trip, the time the input waited, what three snapshots and the jitter of the way may add, and no more than the
room's cap. A client that lies gains what an honest one with its connection may have.
"""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, Any

from .config import Limits, RoomOptions
from .counters import Counters
from .errors import MessageError
from .game import Game
from .input_buffer import STARVED_AFTER, InputBuffer
from .player import Player
from .protocol import Input

if TYPE_CHECKING:
    from collections.abc import Callable

#: So many inputs in a row for ticks too far away are no accident.
_PERSISTENT = 10
#: Snapshots that an interpolating client waits for at most, jitter aside.
_SNAPSHOTS_BEHIND = 3


class InputTiming:
    """How timed inputs become one input per tick, for the players of a room.

    tick_interval, send_interval: seconds.
    """

    def __init__(
        self,
        game: Game,
        tick_interval: float,
        send_interval: float,
        options: RoomOptions,
        limits: Limits,
        counters: Counters,
    ) -> None:
        self._game = game
        self._interval = tick_interval
        self._send_interval = send_interval
        self._window = max(1, round(limits.input_window / tick_interval))
        self._hold = max(1, ceil(options.input_hold / tick_interval))
        self._starved = max(1, ceil(STARVED_AFTER / tick_interval))
        self._max_rewind = options.max_rewind
        self._counters = counters

    def begin(self, player: Player) -> InputBuffer:
        """The player's client tells the ticks of its inputs from now on."""
        game = self._game
        buffer = InputBuffer(self._window, self._hold, self._starved, game.merge_inputs, game.release_input)
        player.buffer = buffer
        return buffer

    def take(self, player: Player, message: Input[Any], current_tick: int, deadline: float, now: float) -> None:
        """An input has come at `now`; `deadline` is when the tick after `current_tick` is due. Times in seconds.

        Raises MessageError (`bad_tick`) when a client keeps sending inputs for ticks that are too far away.
        """
        buffer = player.buffer
        if buffer is None:
            buffer = self.begin(player)
        following = current_tick + 1
        tick = following if message.tick is None else message.tick
        margin = (tick - following) * self._interval + deadline - now
        lag = 0.0
        if message.seen is not None and self._max_rewind > 0.0:
            # A late input counts for the next tick, in which what was seen is so much older.
            lag = max(tick, following) - message.seen
            lag = min(max(lag, 0.0), self._longest_lag(player, margin) / self._interval)
        if not buffer.add(message.seq, tick, message.data, current_tick, margin, lag):
            self._counters.inputs_refused += 1
            if buffer.refused >= _PERSISTENT:
                buffer.refused = 0
                raise MessageError(
                    "bad_tick",
                    f"This input is for tick {tick} and the match is at {current_tick}: inputs may be at most"
                    f" {self._window} ticks early or late. Ask for the tick with a ping and set your clock by it.",
                )
        elif tick < following:
            self._counters.inputs_late += 1

    def _longest_lag(self, player: Player, margin: float) -> float:
        """Seconds that may lie, by what is measured, between what a player saw and the tick of their input."""
        way = player.round_trip
        measured = way.median + way.spread + max(0.0, margin) + _SNAPSHOTS_BEHIND * self._send_interval
        return min(measured, self._max_rewind)

    def apply(self, player: Player, buffer: InputBuffer, tick: int, process_input: Callable[[str, Any], None]) -> bool:
        """Give the game this player's input for a tick. Returns whether it is one that had not been used before."""
        new = buffer.take(tick)
        player_id = player.info.player_id
        if new:
            player.ack, player.margin = buffer.seq, buffer.margin
            if buffer.view_lag > 0.0:
                self._game.view_lag[player_id] = buffer.view_lag
            else:
                self._game.view_lag.pop(player_id, None)
        elif buffer.is_starved(tick):
            self._counters.ticks_starved += 1
        if buffer.data is not None:
            process_input(player_id, buffer.data)
        return new
