"""One match and the people in it: seats, teams, bots, the life cycle and everything the players are told.

    waiting --start_game--> in-progress --end_game--> ended --reset_room--> waiting

A room talks to `Connection`s and calls its `Game`; it knows neither sockets nor the event loop, and asks its clock for
the time. What a game does wrong (an exception) is not caught here: the server ends the room, see `GameServer`.
"""

from __future__ import annotations

import logging
import uuid
from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping
from random import Random
from typing import Any

import msgspec

from ..clock import Clock
from ..config import Limits, RoomOptions
from ..connection import Connection
from ..errors import JoinError, MessageError
from ..game.contract import ChatFilter, Game, PlayerInfo
from ..netcode.round_trip import RoundTrip
from ..protocol import (
    Chat,
    GameOver,
    GameStarted,
    Input,
    Mute,
    PlayerChanged,
    PlayerJoined,
    PlayerLeft,
    ResultView,
    RoomMessage,
    RoomReset,
    RoomStatus,
)
from ..results.record import Leavers, MatchRecord, rank_results, record_of
from ..sync.broadcaster import Broadcaster, News
from ..sync.message_log import MessageLog, send_to
from ..sync.write_queue import WriteQueue
from ..telemetry.counters import Counters
from .admission import Admission
from .bots import make_bot
from .chat import RoomChat
from .host_controls import HostControls
from .joined import welcome
from .match import Match
from .player import Player
from .reservations import Reservations, seat_expired
from .roster import Roster
from .spectators import Spectator, Spectators
from .start_policy import StartPolicy
from .team_balance import split_teams

logger = logging.getLogger(__name__)

#: Events a room remembers.
EVENTS_KEPT = 300
#: While no match runs, a room looks at its timers this often (Hz).
_IDLE_RATE = 10


class RoomEvent(msgspec.Struct):
    """Something that happened in a room. `time` is the server's clock, in seconds."""

    time: float
    tick: int
    type: str
    details: Mapping[str, Any]


class GameRoom:
    """One match. Made by `GameServer.create_room`."""

    def __init__(
        self,
        room_id: str,
        game: Game,
        options: RoomOptions,
        settings: Any,
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
        on_result: Callable[[MatchRecord], None] = lambda record: None,
        on_change: Callable[[GameRoom], None] = lambda room: None,
        outbox: WriteQueue | None = None,
        dismiss: Callable[[str, str], object],
        chat_filter: ChatFilter | None = None,
        hosted: bool = False,
        most_players: int | None = None,
        most_bots: int | None = None,
    ) -> None:
        self.room_id = room_id
        self.game = game
        self.options = options
        self.settings = settings
        self.private = private
        self.title = title
        self.language = language
        self.status: RoomStatus = "waiting"
        self.max_players = options.max_players or game.max_players
        self.min_players = min(options.min_players or game.min_players, self.max_players)
        self.tick_rate = float(options.tick_rate or game.tick_rate)
        self.send_rate = min(float(options.send_rate or self.tick_rate), self.tick_rate)
        self.tick_interval = 1 / self.tick_rate
        #: When the next tick is due; set by the schedule.
        self.deadline = clock.now()
        self._roster = Roster(game.teams(settings), self.max_players)
        #: Everyone with a seat, bots too, by player id.
        self.players = self._roster.players
        self.teams = self._roster.teams
        #: Ticks since the match began.
        self.current_tick = 0
        self.events: deque[RoomEvent] = deque(maxlen=EVENTS_KEPT)
        self.counters = counters or Counters()
        #: The settings of the running match: those of the room with a seed drawn.
        self.match_settings = settings
        self._by_connection = self._roster.by_connection
        self.audience = Broadcaster(self._by_connection, game.deltas, self.counters, outbox)
        self.spectating = Spectators(self, clock)
        self.mail = MessageLog()
        self.door = Admission(self)
        self._clock = clock
        self._random = random
        self._limits = limits or Limits()
        self.play = Match(self, clock, random, self._limits)
        self._new_player_id = new_player_id
        #: Whether the server lets matches begin.
        self.may_start = may_start
        self._on_result = on_result
        #: Told when the room may have opened or closed to newcomers.
        self._on_change = on_change
        self._leavers = Leavers()
        self._next_round_at = 0.0
        self._empty_since: float | None = clock.now()
        self._idle_stride = max(1, round(self.tick_rate / _IDLE_RATE))
        #: While a match is paused, its tick stands still; see `Pause`.
        self.paused = False
        self._start_policy = StartPolicy(self, clock)
        self.start_if_ready = self._start_policy.start_if_ready
        self.lobby = HostControls(
            self, self._roster, clock, self._limits, dismiss, hosted, most_players or self.max_players, most_bots
        )
        self.chat = RoomChat(self, self._limits.max_chat_length, chat_filter)

    # Seats.

    @property
    def people(self) -> int:
        """Players who are not bots, those who are away for a moment included."""
        return self._roster.people

    @property
    def bots(self) -> int:
        """Players who are."""
        return self._roster.bots

    @property
    def stride(self) -> int:
        playing = self.status == "in-progress" and not self.paused
        # What is shown later goes on when a match has ended, as evenly as before.
        return 1 if playing or self.spectating.active else self._idle_stride

    @property
    def free_seats(self) -> int:
        """Seats that somebody may take at this moment; see `Admission`."""
        return self.door.free_seats

    @property
    def listed(self) -> bool:
        """Whether quick play may choose this room."""
        return self.door.listed

    @property
    def skill(self) -> float | None:
        """The mean skill of its people, None without any."""
        return self._roster.skill

    @property
    def rating(self) -> int | None:
        """The mean of its people's points, None if nobody's are known."""
        known = [player.info.rating for player in self.players.values() if player.info.rating is not None]
        return round(sum(known) / len(known)) if known else None

    @property
    def open(self) -> bool:
        """Whether somebody may join at this moment."""
        return self.door.open

    @property
    def locked(self) -> bool:
        """Whether newcomers are kept out."""
        return self.lobby.locked

    @property
    def reservations(self) -> Reservations:
        """Seats that are kept for people who are on their way."""
        return self.door.reserved

    @property
    def watchers(self) -> int:
        """How many spectators there are, as people were told last."""
        return self.spectating.told

    @property
    def watched_by(self) -> int:
        """How many spectators there are."""
        return self.spectating.count

    def refusal(self, info: PlayerInfo | None = None, address: str = "", reserved: bool = False) -> JoinError | None:
        """Why somebody (or anybody) may not join at this moment, or None; see `Admission.refusal`."""
        return self.door.refusal(info, address, reserved)

    def is_banned(self, info: PlayerInfo, address: str) -> bool:
        """Whether somebody was sent away for good."""
        return self.lobby.is_banned(info, address)

    def reserve(self, count: int, expires_at: float) -> list[str]:
        """Keep seats until a time on the server's clock. Returns their tokens. Raises JoinError if too few are free."""
        return self.door.reserve(count, expires_at)

    def present(self) -> list[Player]:
        """The people who are here: not those whose connection is lost."""
        return [player for player in self.players.values() if player.connection is not None]

    def seats_given_back(self) -> None:
        """Seats are kept no longer for those who did not come."""
        self._on_change(self)
        if self.options.start != "countdown" or self.status == "in-progress":
            self.fill_with_bots()
        self.start_if_ready()

    def set_rating(self, player: Player, rating: int, skill: float) -> None:
        """How good a person is has become known, or is not as it was."""
        self._roster.rate(player, rating, skill)
        self._on_change(self)
        self._announce(PlayerChanged(player=player.view()))

    def disposable(self) -> bool:
        """Whether nobody has been here for the grace time, and nobody is awaited."""
        if self._empty_since is None or self.door.reserved:
            return False
        return self._clock.now() - self._empty_since >= self.options.empty_grace

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
        door = self.door
        if reserved is not None and reserved not in door.reserved:
            raise seat_expired()
        refusal = door.refusal(player_info, ws.address, reserved is not None)
        if refusal is not None:
            raise refusal
        if reserved is not None:
            door.reserved.redeem(reserved)
        for bot in self._roster.in_the_way(party):
            self._remove(bot, "replaced")
        player_info.name = self._roster.unique_name(player_info.name)
        player = Player(player_info, ws, None, self._limits.max_inputs_per_tick)
        player.party = party
        player.since = self.mail.serial
        self._empty_since = None
        self._seat(player)
        self.lobby.seated(player)
        self._send(ws, welcome(self, player, ws, session))
        self._announce(PlayerJoined(player=player.view()), exclude_ws=ws)
        self.audience.welcomed(player)
        if player.player_id in self.game.out:
            self.spectating.put_out([player.player_id])
        if self.options.start != "countdown" or self.status == "in-progress":
            self.fill_with_bots()
        self.start_if_ready()
        return player

    def remove_player(self, ws: Connection, reason: str = "left") -> Player | None:
        """Give a person's seat back. Returns who it was, or None if they had no seat here."""
        player = self._by_connection.get(ws)
        if player is not None:
            self.release_seat(player, reason)
        return player

    def release_seat(self, player: Player, reason: str) -> None:
        """A person, here or away, leaves for good."""
        self._remove(player, reason)
        if not self.people:
            self._empty_since = self._clock.now()
        if self.status == "in-progress":
            self.fill_with_bots()
            if not self.people and not self.options.drop_in:
                self.end_game("abandoned")
            elif len(self.players) < self.min_players and self.options.start != "now":
                self.end_game("players_left")

    def drop_player(self, ws: Connection) -> Player | None:
        """A person's connection is lost, the seat is held. Returns who it was, or None if they had no seat here."""
        player = self._by_connection.get(ws)
        if player is None:
            return None
        self._disconnect(player)
        player.connection = None
        self._announce(PlayerChanged(player=player.view()))
        if self.status == "in-progress":
            self.play.release(player)
            self.game.player_dropped(player.player_id)
        player.forget_inputs()
        self.log_event("player_dropped", {"player_id": player.player_id})
        return player

    def return_player(self, player: Player, ws: Connection, session: str, serial: int) -> None:
        """A person is back in their seat, on another connection; `serial` is the highest that they have received."""
        was_away = player.away
        self._disconnect(player)
        self._roster.connect(player, ws)
        player.forget_inputs()
        player.round_trip = RoundTrip()
        player.address = ws.address
        player.in_sync = False
        self.audience.changed()
        if was_away and self.status == "in-progress":
            self.game.player_returned(player.player_id)
        self._send(ws, welcome(self, player, ws, session, serial))
        for message in self.mail.missed(player, serial, self.status == "ended"):
            self._send(ws, message)
        self.audience.welcomed(player)
        if was_away:
            self._announce(PlayerChanged(player=player.view()), exclude_ws=ws)
        self.log_event("player_returned", {"player_id": player.player_id, "was_away": was_away})

    def _disconnect(self, player: Player) -> None:
        """Whatever goes through a player's connection ends; before it is another, or none."""
        self.audience.leave(player)
        self.spectating.lose(player)
        self._roster.disconnect(player)
        self.game.view_lag.pop(player.player_id, None)

    def find_player_by_id(self, player_id: str) -> Player | None:
        return self.players.get(player_id)

    def assign_team(self, player_id: str) -> str | None:
        """Put a player into the smallest team (the first of equals) and return its name; None without teams."""
        return self._roster.assign_team(player_id)

    def change_team(self, player_id: str, team: str) -> None:
        """A player's own choice, while no match runs. Raises MessageError (`bad_team`) if it cannot be had."""
        if self.status == "in-progress":
            raise MessageError("bad_team", "Teams can be changed only while no match runs.")
        for player in self._roster.change_team(player_id, team):
            self.broadcast(PlayerChanged(player=player.view()))

    def _seat(self, player: Player) -> None:
        self._roster.seat(player)
        self.audience.changed()
        self._on_change(self)
        if self.status == "in-progress":
            self.game.add_player(player.player_id, player.info)
        info = player.info
        self.log_event("player_joined", {"player_id": info.player_id, "name": info.name, "bot": info.bot})

    def _remove(self, player: Player, reason: str) -> None:
        # First: it may write what waits, and a recording then notes who is here.
        self.audience.leave(player)
        self._roster.remove(player)
        self._on_change(self)
        self.spectating.lose(player)
        self.mail.forget(player)
        if self.status == "in-progress":
            if not player.is_bot:
                self._leavers.note(player.info, self.game.results())
            self.game.remove_player(player.player_id)
            self.game.view_lag.pop(player.player_id, None)
        left = PlayerLeft(player_id=player.player_id, reason=reason)
        self._announce(left)
        if player.connection is not None:
            self._send(player.connection, left)
        self.log_event("player_left", {"player_id": player.player_id, "reason": reason})
        self.lobby.left(player)

    def remove_bot(self) -> None:
        """Take the seat of the bot that is needed least. There must be one."""
        self._remove(self._roster.least_needed_bot(None), "replaced")

    def changed(self) -> None:
        """Something is different that matters to those who look for a room."""
        self._on_change(self)

    def fill_with_bots(self) -> None:
        """Put bots into empty seats, as many as the options allow and the game can make."""
        left = self.max_players - self.people - len(self.door.reserved)
        wanted = min(self.options.bots, left) if self.people else 0
        for _ in range(wanted - self.bots):
            player = make_bot(self.game, self._new_player_id(), self._roster, self.options.bot_skill, self._random)
            if player is None:
                return
            self._seat(player)
            self.broadcast(PlayerJoined(player=player.view()))

    # Life cycle.

    def tick(self) -> None:
        """One step: of the match while it runs, of the timers while it does not."""
        if self.spectating.active:
            self.spectating.tick()
        lobby = self.lobby
        if lobby.votes.running is not None or lobby.pause.pending:
            lobby.advance()
        if self.status == "in-progress":
            if not self.paused:
                self.play.advance()
        elif self.status == "waiting":
            self.start_if_ready()
        elif self._clock.now() >= self._next_round_at:
            self.reset_room()

    def start_game(self) -> None:
        """Begin a match with everyone present. Does nothing unless the room is waiting."""
        if self.status != "waiting":
            return
        self.lobby.match_begins()
        self._start_policy.started()
        self.fill_with_bots()
        for player in split_teams(self.players, self.teams):
            self.broadcast(PlayerChanged(player=player.view()))
        self.door.began_with = self.people
        self.status = "in-progress"
        self._on_change(self)
        self._leavers.begin()
        self.play.begin()
        self.broadcast(
            GameStarted(tick=0, settings=self.match_settings, static=self.game.get_static_state()),
        )
        self.log_event("game_started", {"players": len(self.players), "settings": _plain(self.match_settings)})

    def end_game(self, reason: str = "ended") -> MatchRecord | None:
        """End the match and tell everybody the results. Does nothing unless a match runs."""
        if self.status != "in-progress":
            return None
        self.play.send_events()
        self.play.send_state()
        self.audience.flush()
        self.spectating.put_out(self.game.take_eliminated())
        self.spectating.match_over()
        self.status = "ended"
        self._on_change(self)
        results = self._results()
        self._next_round_at = self._clock.now() + self.options.results_time
        match_id = uuid.uuid4().hex
        self.broadcast(
            GameOver(
                tick=self.current_tick,
                reason=reason,
                results=results,
                next_in=self.options.results_time,
                match_id=match_id,
            )
        )
        record = record_of(self, match_id, reason, results, self._leavers)
        # Which notes when that was.
        self._on_result(record)
        self.log_event("game_over", msgspec.to_builtins(record))
        self.lobby.match_ended()
        return record

    def reset_room(self) -> None:
        """Back to waiting, with everyone still in their seats; the start policy decides what comes next."""
        if self.status == "in-progress":
            self.end_game("reset")
        self.game.reset()
        self.status = "waiting"
        self._on_change(self)
        self.current_tick = 0
        self.broadcast(RoomReset())
        self.spectating.let_in()
        self.log_event("room_reset", {})
        self.lobby.round_over()
        self.start_if_ready()

    def _results(self) -> list[ResultView]:
        names = {player_id: player.info.name for player_id, player in self.players.items()}
        return rank_results(self.game.results(), names)

    # Talking.

    def broadcast(self, message: Any, exclude_ws: Connection | None = None) -> None:
        """Send a message (a Struct of `rumpus.protocol`, or a mapping with a `type`) to everyone in the room."""
        but = self._by_connection[exclude_ws].player_id if exclude_ws in self._by_connection else None
        send_to(self.audience.everyone(), self.mail.to_all(message, but), exclude_ws)

    def say(self, message: Any, players: Collection[Player]) -> None:
        """Send a message that some players are to have, at once or when they are back."""
        message = self.mail.to_some(message, players)
        send_to([player.connection for player in players if player.connection is not None], message)

    def _announce(self, message: News, exclude_ws: Connection | None = None) -> None:
        """Tell everybody who is there: at once, or with the next snapshot."""
        if self.status != "in-progress" or not self.audience.keep_for_snapshot(message, self.send_rate):
            self.broadcast(message, exclude_ws)

    def broadcast_except(self, exclude_id: str, message: Any) -> None:
        """Send a message to everyone but one player."""
        player = self.players.get(exclude_id)
        exclude_ws = player.connection if player is not None else None
        send_to(self.audience.everyone(), self.mail.to_all(message, exclude_id), exclude_ws)

    def send_private_message(self, player_id: str, message: Any) -> bool:
        """Send a message (as `broadcast` takes it) to one player, who gets it later if away.

        False if there is no such person here.
        """
        player = self.players.get(player_id)
        if player is None or player.is_bot:
            return False
        self.say(message, [player])
        return True

    def broadcast_game_state(self, game_state: Any) -> None:
        """Send the state as plain data, whole or as a patch, to every client that gets it in this form."""
        self.audience.send_plain(self.current_tick, game_state)

    def log_event(self, event_type: str, details: Mapping[str, Any]) -> None:
        """Remember an event (the last 300 are kept in `events`) and write it to the log."""
        self.events.append(RoomEvent(self._clock.now(), self.current_tick, event_type, details))
        logger.info("%s", event_type, extra={"room": self.room_id, "tick": self.current_tick, "details": dict(details)})

    # What those who are here want.

    def handle(self, player: Player, message: RoomMessage) -> None:
        """Do what a player wants of the room. Raises MessageError or SettingsError."""
        self.lobby.handle(player, message)

    def take_chat(self, player: Player, message: Chat | Mute, spend: Callable[[], None]) -> None:
        """A player says something, or mutes somebody; see `RoomChat.take`. Raises MessageError."""
        self.chat.take(player, message, spend)

    def take_input(self, player: Player, message: Input[Any]) -> None:
        """An input of a player has arrived. Raises MessageError (`bad_tick`)."""
        self.play.take_input(player, message)

    def round_trip_measured(self, player: Player) -> None:
        """How long the way to a player's client takes is known anew."""
        self.play.timing.measured(player)

    def watch(self, connection: Connection, info: PlayerInfo, session: str) -> Spectator:
        """Somebody begins to watch. Raises JoinError (`spectators_full`)."""
        return self.spectating.enter(connection, info, session)

    def stop_watching(self, spectator: Spectator, reason: str) -> None:
        """Somebody ceases to watch, and is told so."""
        self.spectating.leave(spectator, reason)

    def take_spectator_chat(self, spectator: Spectator, text: str, spend: Callable[[], None]) -> None:
        """What spectators say only spectators hear. Raises MessageError."""
        self.spectating.chat(spectator, text, spend)

    # Called by the server.

    def send_every(self, every: int, turn: int = 0) -> None:
        """Send only every so many-th of the states; see `Match.send_every`."""
        self.play.send_every(every, turn)

    def everybody(self) -> list[Connection]:
        """The connections of all who are here: players and spectators."""
        return [*self._by_connection, *self.spectating.connections()]

    def close(self) -> list[Connection]:
        """The room is no more. Returns the connections of its spectators, who are told."""
        spectators = self.spectating.close()
        self.audience.release()
        self.log_event("room_closed", {})
        return spectators

    def take_apart(self) -> None:
        """The room was closed, and nobody will ask it anything any more: its memory is free now.

        A room and its parts know each other, and the collector, which would find out, runs rarely.
        """
        for part in ("game", "play", "lobby", "door", "chat", "spectating", "audience", "_start_policy"):
            delattr(self, part)
        del self.start_if_ready

    def connections(self) -> Iterator[Connection]:
        return iter(self._by_connection)

    def _send(self, connection: Connection, message: Any) -> None:
        connection.send(connection.codec.encode(message))


def _plain(settings: Any) -> Any:
    return msgspec.to_builtins(settings)
