"""A running match, tick by tick: everybody's input in, the game's step, and what happened out to everybody."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

import msgspec

from ..clock import Clock
from ..config import Limits
from ..netcode.input_timing import InputTiming
from ..protocol import Event, Input
from .player import Player

if TYPE_CHECKING:
    from .game_room import GameRoom

#: States a second that clients get in any case: with fewer, what they show would be further behind than lag
#: compensation reaches (twice the interval, and the way).
LEAST_SEND_RATE = 10


class Match:
    """What a room does in each tick of a match."""

    def __init__(self, room: GameRoom, clock: Clock, random: Random, limits: Limits) -> None:
        self._room = room
        self._clock = clock
        self._random = random
        self.timing = InputTiming(
            room.game, room.tick_interval, 1 / room.send_rate, room.options, limits, room.counters
        )
        #: The last state as plain data, which bots look at.
        self._state: Any = None
        self.credit = 0.0
        #: What a state costs of the credit: as much as `_every` would at the full rate.
        self._cost, self._every = room.tick_rate, 1

    def begin(self) -> None:
        """A match begins: the game is made ready for it, and everybody is put in."""
        room, game = self._room, self._room.game
        room.current_tick = 0
        self.credit = 0.0
        self._state = None
        room.match_settings = self._with_seed(room.settings)
        game.current_tick = 0
        game.view_lag.clear()
        game.out.clear()
        game.initialize_game(room.match_settings)
        room.audience.begin(game, room.tick_interval, 1 / room.send_rate, room.options.max_rewind)
        room.audience.expect(round(self._cost / room.send_rate))
        for player in room.players.values():
            player.forget_inputs()
            player.in_sync = False
            game.add_player(player.player_id, player.info)
            if player.away:
                game.player_dropped(player.player_id)

    def _with_seed(self, settings: Any) -> Any:
        """The settings of a match: a seed that was left open is drawn here, and so can be told and logged."""
        if getattr(settings, "seed", 0) is None:
            return msgspec.structs.replace(settings, seed=self._random.getrandbits(31))
        return settings

    def take_input(self, player: Player, message: Input[Any]) -> None:
        """An input of a player has arrived. Raises MessageError (`bad_tick`)."""
        room = self._room
        # Before a match or after its end inputs are nobody's mistake.
        if room.status == "in-progress" and not room.paused and not player.out:
            self.timing.take(player, message, room.current_tick, room.deadline, self._clock.now())

    def release(self, player: Player) -> None:
        """Take the hands of somebody who is gone off the controls."""
        game = self._room.game
        if not game.commands and player.last is not None:
            released = game.release_input(player.last)
            if released is not None:
                game.process_input(player.player_id, released)

    def advance(self) -> None:
        """One tick of the match."""
        room = self._room
        game = room.game
        process_input, tables = game.process_input, room.audience.tables
        tick = room.current_tick = game.current_tick = room.current_tick + 1
        if tables is not None:
            # A late room does several ticks in a row: what the first one sends may not be overtaken.
            tables.flush()
        for player_id, player in room.players.items():
            inputs = player.inputs
            if inputs:
                player.ack, data = inputs.popleft()
                while inputs:
                    if game.commands:
                        process_input(player_id, data)
                        player.ack, data = inputs.popleft()
                    else:
                        player.ack, newer = inputs.popleft()
                        data = game.merge_inputs(data, newer)
                process_input(player_id, data)
                player.last = data
                if tables is not None:
                    tables.acknowledge(player)
            elif player.buffer is not None:
                new = self.timing.apply(player, player.buffer, tick, process_input)
                if new and tables is not None:
                    tables.acknowledge(player)
            if player.bot is not None and self._state is not None and not player.out:
                action = player.bot.act(self._state)
                if action is not None:
                    process_input(player_id, msgspec.convert(action, game.Input))
        game.update(room.tick_interval)
        over = game.is_game_over()
        if over:
            room.end_game(over if isinstance(over, str) else "game_over")
            return
        self.send_events()
        self.credit += room.send_rate
        if self.credit >= self._cost:
            self.credit -= self._cost
            self.send_state()
            if game.out:
                # Only now: what put them out is the last thing that they see with their own eyes.
                room.spectating.put_out(game.take_eliminated())

    def send_state(self) -> None:
        """Send the state in the forms that are wanted: tables, plain data, or both."""
        room = self._room
        if self._every > 1:
            room.counters.snapshots_lowered += (self._every - 1) * len(room.audience.clients)
        room.audience.send_tables(room.current_tick)
        if room.bots or room.audience.wants_plain:
            self._state = room.game.get_game_state()
            room.broadcast_game_state(self._state)

    def send_events(self) -> None:
        """Tell what has happened since the last time."""
        room = self._room
        for game_event in room.game.take_events():
            if game_event.to is None:
                room.audience.send_event(room.current_tick, game_event)
            else:
                happened = room.current_tick if game_event.tick is None else game_event.tick
                event = Event(tick=happened, name=game_event.name, data=game_event.data)
                room.send_private_message(game_event.to, event)

    def show_state(self) -> None:
        """While the tick stands still: let newcomers see where."""
        if not self._room.audience.settled:
            self.send_state()

    def send_every(self, every: int, turn: int = 0) -> None:
        """Send only every so many-th of the states, as far as clients can stand it; 1: all of them.

        turn: a number that differs between rooms, so that not all of them send in the same tick.
        """
        room = self._room
        self._every = max(1, min(every, int(room.send_rate / LEAST_SEND_RATE)))
        self._cost = room.tick_rate * self._every
        self.credit = self.credit % room.tick_rate + turn % self._every * room.tick_rate
        room.audience.expect(round(self._cost / room.send_rate))
        self.timing.expect(self._every / room.send_rate)
        for player in room.audience.clients.values():
            self.timing.measured(player)
