"""One match and the people in it: seats, teams, bots, the life cycle and everything the players are told.

    waiting --start_game--> in-progress --end_game--> ended --reset_room--> waiting

A room talks to `Connection`s and calls its `Game`; it knows neither sockets nor the event loop, and asks its clock for
the time. None of its parts knows the room (`assembly` puts them together): they read what they are given, and say by
what they return what is to happen. What a game does wrong (an exception) is not caught: the server ends the room.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from random import Random
from typing import Any

from ..clock import Clock
from ..config import Limits, RoomOptions
from ..connection import Connection
from ..errors import MessageError
from ..game.contract import ChatFilter, Game, GameEvent, PlayerInfo
from ..game.player_choices import PlayerChoices
from ..protocol import Chat, Mute, PlayerChanged, RoomChanged, RoomMessage
from ..results.record import MatchRecord, OnResult
from ..sync.write_queue import WriteQueue
from ..telemetry.counters import Counters
from .assembly import assemble
from .facts import RoomFacts
from .player import Player
from .spectators import Spectator
from .state import RoomState
from .voting import Outcome

#: While no match runs, a room looks at its timers this often (Hz).
_IDLE_RATE = 10


class GameRoom(RoomFacts):
    """One match. Made by `GameServer.create_room`."""

    def __init__(
        self,
        room_id: str,
        game: Game,
        options: RoomOptions,
        settings: Any,
        choices: PlayerChoices,
        *,
        clock: Clock,
        random: Random,
        limits: Limits | None = None,
        private: bool = False,
        title: str = "",
        language: str | None = None,
        new_player_id: Callable[[], str],
        counters: Counters | None = None,
        may_start: Callable[[], bool] = lambda: True,
        on_result: OnResult = lambda record, circumstances: None,
        on_change: Callable[[GameRoom], None] = lambda room: None,
        write_queue: WriteQueue | None = None,
        dismiss: Callable[[str, str], object],
        chat_filter: ChatFilter | None = None,
        hosted: bool = False,
        most_players: int | None = None,
        most_bots: int | None = None,
    ) -> None:
        access: dict[str, Any] = {"private": private, "title": title, "language": language, "hosted": hosted}
        state = RoomState.of(room_id, game, options, settings, most_players=most_players, most_bots=most_bots, **access)
        parts = assemble(
            game,
            state,
            choices,
            clock=clock,
            random=random,
            limits=limits or Limits(),
            counters=counters or Counters(),
            write_queue=write_queue,
            new_player_id=new_player_id,
            may_start=may_start,
            on_result=on_result,
            chat_filter=chat_filter,
        )
        super().__init__(state, parts)
        self.game = game
        self._clock = clock
        #: Told when the room may have opened or closed to newcomers, or looks different in a list.
        self._on_change = on_change
        #: Takes a player's seat away, by id and reason.
        self._dismiss = dismiss
        self._empty_since: float | None = clock.now()
        self._idle_stride = max(1, round(state.tick_rate / _IDLE_RATE))

    @property
    def stride(self) -> int:
        """How many intervals pass from one call of `tick` to the next: more than one while there is little to do."""
        playing = self.state.status == "in-progress" and not self.state.paused and self._roster.by_connection
        # What is shown later goes on when a match has ended, as evenly as before.
        return 1 if playing or self._spectators.active else self._idle_stride

    def disposable(self) -> bool:
        """Whether nobody has been here for the grace time, and nobody is awaited."""
        since = None if self.reservations else self._empty_since
        return since is not None and self._clock.now() - since >= self.options.empty_grace

    # Seats.

    def add_player(
        self,
        ws: Connection,
        player_info: PlayerInfo,
        session: str = "",
        *,
        reserved: str | None = None,
        party: str | None = None,
    ) -> Player:
        """Seat a person and tell everybody. Raises JoinError if there is no seat.

        reserved: the token of a seat that was kept for them. party: the code of the party they came with.
        """
        player = self._seats.admit(ws, player_info, reserved, party)
        self._empty_since = None
        if self.state.hosted and self.state.host is None:
            self.state.appoint(player.player_id)
        self._on_change(self)
        self._seats.introduce(player, ws, session)
        self._fill_and_start()
        return player

    def remove_player(self, ws: Connection, reason: str = "left") -> Player | None:
        """Give a person's seat back. Returns who it was, or None if they had no seat here."""
        player = self._roster.by_connection.get(ws)
        if player is not None:
            self.release_seat(player, reason)
        return player

    def release_seat(self, player: Player, reason: str) -> None:
        """A person, here or away, leaves for good."""
        self._seats.free(player, reason)
        now = self._clock.now()
        self.enact(self._voting.left(player, now), now)
        if player.player_id == self.state.host:
            self._changes.appoint_host(self._roster.heir())
        if not self.people:
            self._empty_since = now
        if self.state.running:
            self._seats.fill_with_bots()
            if not self.people and not self.options.drop_in:
                self.end_game("abandoned")
            elif len(self.players) < self.min_players and self.options.start != "now":
                self.end_game("players_left")
        self._on_change(self)

    def drop_player(self, ws: Connection) -> Player | None:
        """A person's connection is lost, the seat is held. Returns who it was, or None if they had no seat here."""
        player = self._roster.by_connection.get(ws)
        if player is not None:
            self._seats.hold(player)
        return player

    def return_player(self, player: Player, ws: Connection, session: str, serial: int) -> None:
        """A person is back in their seat, on another connection; `serial` is the highest that they have received."""
        self._seats.resume(player, ws, session, serial)

    def reserve(self, count: int, expires_at: float) -> list[str]:
        """Keep seats until a time on the server's clock. Returns their tokens. Raises JoinError if too few are free."""
        tokens = self._admission.reserve(count, expires_at)
        self._on_change(self)
        return tokens

    def seats_given_back(self) -> None:
        """Seats are kept no longer for those who did not come."""
        self._on_change(self)
        self._fill_and_start()

    def _fill_and_start(self) -> None:
        if self.options.start != "countdown" or self.state.running:
            self.fill_with_bots()
        self.start_if_ready()

    def fill_with_bots(self) -> None:
        """Put bots into empty seats, as many as the options allow and the game can make."""
        before = self.bots
        self._seats.fill_with_bots()
        if self.bots != before:
            self._on_change(self)

    def set_rating(self, player: Player, rating: int, skill: float) -> None:
        """How good a person is has become known, or is not as it was."""
        self._roster.rate(player, rating, skill)
        self._on_change(self)
        self._messenger.announce(PlayerChanged(player=player.view()))

    def assign_team(self, player_id: str) -> str | None:
        """Put a player into the smallest team (the first of equals) and return its name; None without teams."""
        return self._roster.assign_team(player_id)

    def change_team(self, player_id: str, team: str) -> None:
        """A player's own choice, while no match runs. Raises MessageError (`bad_team`) if it cannot be had."""
        if self.state.running:
            raise MessageError("bad_team", "Teams can be changed only while no match runs.")
        self._messenger.tell_of(self._roster.change_team(player_id, team))

    # Life cycle.

    def tick(self) -> None:
        """One step: of the match while it runs, of the timers while it does not."""
        state = self.state
        if self._spectators.active:
            self._show_spectators()
        if self._voting.running is not None or self._pause.pending:
            self._look_at_votes_and_pause()
        if state.status == "in-progress":
            if not state.paused and self._roster.by_connection:  # where nobody is, not even bots play
                self._play()
        elif state.status == "waiting":
            self.start_if_ready()
        elif self._life_cycle.is_due_to_reset():
            self.reset_room()

    def give_up(self, ticks: int) -> None:
        """The server stood still: the time of so many ticks is not made up for."""
        self._life_cycle.give_up(ticks)

    def _play(self) -> None:
        """One tick of the match, and what came of it out to everybody."""
        events, send, over = self._match.advance()
        if over is not None:
            self.end_game(over)
            return
        if events:
            self._tell_events(events)
        if send:
            self._send_state()
            if self.game.out:
                # Only now: what put them out is the last thing that they see with their own eyes.
                self._spectators.put_out(self.game.take_eliminated())

    def start_if_ready(self) -> None:
        """Begin the match if it is time. Does nothing unless the room waits."""
        before = self.bots
        if self._life_cycle.is_due_to_start():
            self.start_game()
        elif self.bots != before:
            self._on_change(self)

    def start_game(self) -> None:
        """Begin a match with everyone present. Does nothing unless the room is waiting."""
        if self.state.status == "waiting":
            self._life_cycle.start()
            self._on_change(self)

    def end_game(self, reason: str = "ended") -> MatchRecord | None:
        """End the match and tell everybody the results. Does nothing unless a match runs."""
        if not self.state.running:
            return None
        self._tell_events(self.game.take_events())
        self._send_state()
        self._broadcaster.flush()
        record = self._life_cycle.end(reason)
        self._on_change(self)
        return record

    def reset_room(self) -> None:
        """Back to waiting, with everyone still in their seats; the start policy decides what comes next."""
        self.end_game("reset")
        chosen = self._life_cycle.reset()
        if chosen is not None:
            # Everybody knew of the vote: whoever is ready is ready for this.
            self._changes.change_settings(chosen, keep_ready=True)
        self._on_change(self)
        self.start_if_ready()

    def close(self) -> None:
        """The room is no more, and its spectators are told, whatever raises meanwhile; that is raised in the end."""
        with ExitStack() as stack:
            stack.callback(self.log_event, "room_closed", {})
            stack.callback(self._broadcaster.release)
            self._spectators.close()

    # What those who are here want.

    def handle(self, player: Player, message: RoomMessage) -> None:
        """Do what a player wants of the room. Raises MessageError or SettingsError."""
        self._requests.take(player, message, self._clock.now(), self)

    def take_chat(self, player: Player, message: Chat | Mute, spend: Callable[[], None]) -> None:
        """A player says something, or mutes somebody; see `RoomChat.take`. Raises MessageError."""
        line = self._chat.take(player, message, spend)
        if line is not None:
            self._spectators.overhear(line)

    def watch(self, connection: Connection, info: PlayerInfo, session: str) -> Spectator:
        """Somebody begins to watch. Raises JoinError (`spectators_full`)."""
        return self._spectators.enter(connection, info, session)

    def stop_watching(self, spectator: Spectator, reason: str) -> None:
        """Somebody ceases to watch, and is told so."""
        self._spectators.leave(spectator, reason)

    def take_spectator_chat(self, spectator: Spectator, text: str, spend: Callable[[], None]) -> None:
        """What spectators say only spectators hear. Raises MessageError."""
        passed = self._chat.passed_on(text, spectator.info, spend)
        if passed is not None:
            self._spectators.say(spectator, passed)

    def change_room(self, *, private: bool, locked: bool, max_players: int, bots: int, settings: Any) -> None:
        """The room is to be like this; who is in it is told what is new. It must be possible."""
        wanted: dict[str, Any] = {"private": private, "locked": locked, "max_players": max_players, "bots": bots}
        self._changes.change(**wanted, settings=settings, now=self._clock.now())
        self._on_change(self)
        self.start_if_ready()

    def pass_host(self, player: Player) -> None:
        """Somebody else is the host from now on."""
        self._changes.appoint_host(player)

    def send_away(self, player: Player, reason: str, *, ban: bool) -> None:
        """A person loses their seat, and with `ban` may not come back."""
        if ban:
            self._admission.ban(player)
        self._dismiss(player.player_id, reason)

    def enact(self, outcome: Outcome | None, now: float) -> None:
        """Do what a vote has decided, if it has decided anything."""
        if outcome is None:
            return
        if outcome.settings is not None:
            self._changes.change_settings(outcome.settings)
            self._on_change(self)
        elif outcome.player is not None:
            self.send_away(outcome.player, "voted_out", ban=True)
        self._voting.enacted(now)

    def look_at_pause(self, now: float) -> None:
        """A pause may begin or end at this moment; while it lasts, newcomers are shown where the match stands."""
        self._life_cycle.look_at_pause(now)
        if self.state.paused and not self._broadcaster.settled:
            self._send_state()

    def _look_at_votes_and_pause(self) -> None:
        now = self._clock.now()
        self.enact(self._voting.advance(now), now)
        if self._pause.pending:
            self.look_at_pause(now)

    # Talking.

    def broadcast(self, message: Any, exclude_ws: Connection | None = None) -> None:
        """Send a message (a Struct of `rumpus.protocol`, or a mapping with a `type`) to all in the room."""
        self._messenger.broadcast(message, exclude_ws)

    def broadcast_except(self, exclude_id: str, message: Any) -> None:
        """Send a message to everyone but one player."""
        self._messenger.broadcast_except(exclude_id, message)

    def send_private_message(self, player_id: str, message: Any) -> bool:
        """Send a message (as `broadcast` takes it) to one player, who gets it later if away.

        False if there is no such person here.
        """
        return self._messenger.say_to(player_id, message)

    def broadcast_game_state(self, game_state: Any) -> None:
        """Send the state as plain data, whole or as a patch, to every client that gets it in this form."""
        self._broadcaster.send_plain(self.current_tick, game_state)

    def log_event(self, event_type: str, details: Mapping[str, Any]) -> None:
        """Remember an event (the last 300 are kept in `events`) and write it to the log."""
        self._messenger.log(event_type, details)

    def everybody(self) -> list[Connection]:
        """The connections of all who are here: players and spectators."""
        return [*self._roster.by_connection, *self._spectators.connections()]

    def send_every(self, every: int, turn: int = 0) -> None:
        """Send only every so many-th of the states; see `Match.send_every`."""
        self._match.send_every(every, turn)

    def _tell_events(self, events: Iterable[GameEvent]) -> None:
        """Tell what happened in the game: everybody, or whom it is for."""
        for event in events:
            if event.to is None:
                self._spectators.show_waiting()
                self._broadcaster.send_event(self.current_tick, event)
            else:
                self._messenger.tell_player(event.to, event)

    def _send_state(self) -> None:
        """Send the state in the forms that are wanted: tables, plain data, or both."""
        self._spectators.show_waiting()
        self._broadcaster.send_tables(self._timeline.tick)
        if self._roster.bots or self._broadcaster.wants_plain:
            self.broadcast_game_state(self._match.look())

    def _show_spectators(self) -> None:
        count = self._spectators.tick()
        if count is not None:
            self.state.told_of_spectators(count)
            self.broadcast(RoomChanged(spectators=count))
            self._on_change(self)
