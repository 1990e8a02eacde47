"""One client's conversation with the server: decode, check the rate, do what the message says.

A session lives as long as its connection. Whatever a client sends, it gets an answer with a code or a close frame;
nothing it sends raises out of here.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..connection import Connection
from ..errors import MessageError, RumpusError
from ..game.contract import PlayerInfo
from ..identity.identity import NOBODY, Identity, guest_account
from ..matchmaking.join_service import LOBBY_MESSAGES, read_options
from ..protocol import (
    POLICY_VIOLATION,
    TAKEN_OVER,
    Chat,
    EnterParty,
    Error,
    Input,
    Join,
    JoinOptions,
    Leave,
    Mute,
    Ping,
    Pong,
    Reserve,
    Resume,
    RoomMessage,
    WatchRooms,
)
from ..protocol.codec import Decode
from ..protocol.text import clean_text
from ..room.chat import filtered_name
from ..room.player import Player
from ..room.reservations import room_of_token

if TYPE_CHECKING:
    from ..room.game_room import GameRoom
    from ..room.spectators import Spectator
    from .game_server import GameServer
    from .seat_registry import Seat

logger = logging.getLogger(__name__)

#: A connection may save up this many seconds of its message rate.
_BURST_SECONDS = 2
#: Over the limit in this many seconds in a row, or by this factor at once, is a flood.
_FLOOD_SECONDS = 5
_FLOOD_FACTOR = 10
#: Of chat messages and new rooms, a connection may save up this many seconds' worth. They cost others something: chat
#: goes to everyone in the room, and an empty room stays for a while.
_SAVED_SECONDS = 10
#: Messages that a ticket counts for: checking a signature takes as long. Those that count for as many of which the
#: answer is long: the list of rooms, and what a spectator is shown first.
_TICKET_COST = _LONG_ANSWER_COST = 20
#: Values in the filter of a quick play that count for one: the game's declaration is asked about each.
_VALUES_A_MESSAGE = 4


class Session:
    """A connected client. Implements `Receiver`."""

    # With slots, and those that every message needs side by side: a server with many clients waits for memory more
    # than it computes.
    __slots__ = (
        "_budget",
        "_chats_left",
        "_counters",
        "_decode",
        "_rate",
        "_refilled",
        "_rooms_left",
        "_seconds_measured",
        "_seconds_over",
        "_take_input",
        "_told_limited",
        "_unconfirmed",
        "connected_at",
        "connection",
        "player",
        "room",
        "seat",
        "server",
        "silent",
        "slow",
        "spectator",
    )

    def __init__(self, server: GameServer, connection: Connection, decode: Decode) -> None:
        self.server = server
        self.connection = connection
        self.seat: Seat | None = None
        #: Those of the seat.
        self.room: GameRoom | None = None
        self.player: Player | None = None
        self._take_input: Callable[[Input[Any]], None] | None = None
        #: Who the client is in a room that it watches.
        self.spectator: Spectator | None = None
        self.connected_at = server.clock.now()
        #: Seconds without a sign of life, and seconds of congestion, counted by `second_passed`.
        self.silent = 0
        self.slow = 0
        self._decode = decode
        self._counters = server.counters
        self._rate = server.limits.max_messages_per_second
        #: Messages that are still allowed, and how many there were after the last refill.
        self._budget = self._refilled = self._rate * _BURST_SECONDS
        self._seconds_over = self._seconds_measured = 0
        self._told_limited = False
        #: The budget when a seat was resumed, until the client has been heard of since; then None.
        self._unconfirmed: int | None = None
        self._rooms_left = server.limits.max_new_rooms_per_second * _SAVED_SECONDS
        self._chats_left = server.limits.max_chats_per_second * _SAVED_SECONDS

    # Called by the connection.

    def on_message(self, data: bytes) -> None:
        self._budget -= 1
        if self._budget < 0:
            return self._over_limit()
        counters = self._counters
        counters.messages_received += 1
        counters.received_bytes += len(data)
        try:
            message = self._decode(data)
            if type(message) is not Input:
                self._on_control(message)
            elif self._take_input is None:
                raise self._seatless()
            else:
                self._take_input(message)
        except RumpusError as error:
            self._counters.refused_messages += 1
            self.send_error(error.code, error.message)

    def on_wrong_type(self) -> None:
        self._budget -= 1
        if self._budget < 0:
            return self._over_limit()
        self._counters.refused_messages += 1
        kind = "text" if self.connection.codec.text else "binary"
        self.send_error("bad_message", f"{self.connection.codec.subprotocol} uses {kind} frames.")

    def on_overhead(self) -> None:
        self._budget -= 1
        if self._budget < 0:
            self._over_limit()

    def on_pong(self) -> None:
        if self.player is not None:
            self.player.input.answered(self.server.clock.now())
        self.on_overhead()

    def on_unread(self) -> None:
        self._counters.slow_clients += 1

    def on_disconnect(self) -> None:
        self.server.forget(self)

    # Called by the server.

    def sit(self, seat: Seat, resumed: bool = False) -> None:
        """The client has a seat now."""
        self.seat, self.room, self.player = seat, seat.room, seat.player
        self._take_input = seat.player.input.take
        self._unconfirmed = self._budget if resumed else None

    def watch(self, room: GameRoom, spectator: Spectator) -> None:
        """The client watches a room now."""
        self.room, self.spectator = room, spectator

    def stand_up(self, now: float) -> None:
        """The client has none any more. The time in which it has to join a room begins again."""
        self.seat = self.room = self.player = self.spectator = self._unconfirmed = self._take_input = None
        self.connected_at = now

    def taken_over(self) -> None:
        """The client's seat goes on with another connection: this one is of no more use."""
        self.seat = self.room = self.player = self._unconfirmed = self._take_input = None
        self.send_error("session_taken", "This session goes on in another window or on another device.")
        self.connection.close(TAKEN_OVER, "the session goes on with another connection")

    def send(self, message: Any) -> None:
        self.connection.send(self.connection.codec.encode(message))

    def send_error(self, code: str, message: str) -> None:
        self.send(Error(code=code, message=message))

    def second_passed(self) -> None:
        """Refill the message budget, and end what is dead, stuck or here for nothing."""
        limits = self.server.limits
        heard = self._budget < self._refilled
        if self._unconfirmed is not None and self.seat is not None and self._budget < self._unconfirmed:
            # What it says after `joined` shows that this came.
            self.server.seats.confirm(self.seat)
            self._unconfirmed = None
        self._seconds_over = self._seconds_over + 1 if self._budget < 0 else 0
        self._told_limited = False
        self._budget = self._refilled = min(max(self._budget, 0) + self._rate, self._rate * _BURST_SECONDS)
        if self._unconfirmed is not None:
            self._unconfirmed = self._budget
        rooms, chats = limits.max_new_rooms_per_second, limits.max_chats_per_second
        self._rooms_left = min(self._rooms_left + rooms, rooms * _SAVED_SECONDS)
        self._chats_left = min(self._chats_left + chats, chats * _SAVED_SECONDS)
        connection = self.connection
        # Whatever reaches this object costs budget; what does not, a close frame say, the connection notes.
        if connection.heard or heard:
            connection.heard = False
            self.silent = 0
        else:
            self.silent += 1
        self.slow = self.slow + 1 if connection.congested else 0
        now = self.server.clock.now()
        if self._seconds_over >= _FLOOD_SECONDS:
            connection.close(POLICY_VIOLATION, "too many messages")
        elif self.silent >= limits.idle_timeout:
            connection.close(POLICY_VIOLATION, "nothing heard from the client for too long")
        elif self.slow >= limits.slow_timeout and not connection.closed:
            # Once only: it may take the connection longer than a second to end.
            self._counters.slow_clients += 1
            connection.close(POLICY_VIOLATION, "the client does not read what it is sent")
        elif self.room is None and now - self.connected_at >= self._patience():
            connection.close(POLICY_VIOLATION, "no room joined in time")
        elif self.silent and self.silent % max(1, int(limits.idle_timeout / 3)) == 0:
            connection.ping()
        elif self.player is not None and self.player.input.timed:
            self._measure(self.player, now)

    def _patience(self) -> float:
        """Seconds that this connection may be without a seat."""
        limits = self.server.limits
        return limits.lobby_timeout if self.server.reception.stays(self) else limits.join_timeout

    def _measure(self, player: Player, now: float) -> None:
        """Every other second, find out how long the way to a client is whose view may be rewound."""
        self._seconds_measured += 1
        if self._seconds_measured % 2 == 1:
            player.input.asked(now)
            self.connection.ping()

    def _over_limit(self) -> None:
        if self._budget < -self._rate * _FLOOD_FACTOR:
            self.connection.close(POLICY_VIOLATION, "too many messages")
        elif not self._told_limited:
            self._told_limited = True
            self.send_error("rate_limited", f"At most {self._rate} messages a second; what came beyond was dropped.")

    # What messages do.

    def _on_control(self, message: Any) -> None:
        kind = type(message)
        if kind is Ping:
            tick = self.room.current_tick if self.room is not None else 0
            self.send(Pong(time=message.time, server_time=self.server.clock.now(), tick=tick))
        elif kind is Join:
            self._on_join(message)
        elif kind is Resume:
            if self.room is not None:
                raise MessageError("already_joined", "This connection has joined a room; leave it first.")
            self.server.resume(self, message.session, message.serial)
        elif kind in LOBBY_MESSAGES:
            self._on_lobby(message)
        elif kind is Leave and self in self.server.reception.quick_play.searches:
            self.server.reception.quick_play.cancel(self)
        elif self.spectator is not None and kind is Leave:
            self.server.stop_watching(self, "left")
        elif self.spectator is not None and kind is Chat and self.room is not None:
            self.room.take_spectator_chat(self.spectator, message.text, self._spend_chat)
        elif self.player is None or self.room is None:
            raise self._seatless()
        elif kind is Chat or kind is Mute:
            self.room.take_chat(self.player, message, self._spend_chat)
        elif kind is Leave:
            room = self.room
            self.server.remove_player_from_room(self.player.player_id, "left")
            if room.room_id not in self.server.rooms:
                # The game raised and its room was closed; the others were told, but this player had left it already.
                self.send_error("game_error", "The game failed and its room was closed. You can join another.")
        elif isinstance(message, RoomMessage):
            self.server.tell_room(self.room, self.player, message)
        else:
            raise MessageError("unknown_type", "This server does not know what to do with this message.")

    def _on_join(self, message: Join) -> None:
        server = self.server
        server.loop.let_ticks_go_first()
        if self.connection.closed:
            return
        if self.room is not None:
            raise MessageError("already_joined", "This connection has joined a room; leave it first.")
        if message.role == "spectator":
            if self in server.reception.quick_play.searches:
                raise MessageError("not_possible", "You are waiting for a match; cancel that first.")
            self._budget -= min(_LONG_ANSWER_COST, self._rate)
            return server.watch(self, self._introduce(message, message.room), message.room)
        options = self._read_options(message)
        info = self._introduce(message, room_of_token(message.seat) if message.seat is not None else message.room)
        info.options = message.options
        self._opening_rooms(message.room is None, lambda: server.reception.join(self, info, message, options))

    def _on_lobby(self, message: Any) -> None:
        """What may be said with and without a seat."""
        # A party goes anywhere, so nobody is in one whose ticket is for certain rooms.
        info = self._introduce(message, None) if isinstance(message, EnterParty) else None
        if isinstance(message, Reserve) and not self.server.guests and self.player is None:
            raise MessageError("token_required", "This server takes no guests; join with a ticket, then reserve seats.")
        opens = isinstance(message, Reserve) and message.room is None
        if isinstance(message, Reserve):
            self._read_options(message)
        if isinstance(message, WatchRooms) and message.on:
            self._budget -= min(_LONG_ANSWER_COST, self._rate)
        self._opening_rooms(opens, lambda: self.server.reception.handle(self, message, info))

    def _read_options(self, message: Join | Reserve) -> JoinOptions:
        """What the options say, which may cost more than one message. Raises MessageError (`bad_message`)."""
        options = read_options(message.options)
        values = sum(len(value) if isinstance(value, list) else 1 for value in options.filter.values())
        self._budget -= min(values // _VALUES_A_MESSAGE, self._rate)
        return options

    def _introduce(self, message: Join | EnterParty, room: str | None) -> PlayerInfo:
        """Who says this, and wants to play in this room, or in any. Raises MessageError if they may not."""
        identity = self._identify(message)
        if identity.name is not None:
            name = clean_text(identity.name, self.server.limits.max_name_length, "bad_token", "The name in a ticket")
        else:
            name = clean_text(message.name, self.server.limits.max_name_length, "bad_name", "A name")
        identity.check_room(room)
        player_id = self.server.new_player_id()
        info = PlayerInfo(player_id=player_id, name=name, account=identity.account)
        if identity.name is None:
            # The name of a ticket is the operator's own doing.
            info.name = filtered_name(name, info, self.server.chat_filter)
        info.name = info.name or f"Guest {player_id[1:]}"
        return info

    def _opening_rooms(self, may: bool, act: Callable[[], None]) -> None:
        """Do something that may open a room (if it `may`), which is limited and runs the game's code."""
        if may and self._rooms_left <= 0:
            raise MessageError("rate_limited", "This connection has opened too many rooms; wait some seconds.")
        rooms = self._counters.rooms_created
        try:
            act()
        except RumpusError:
            raise
        except Exception:
            # Making a room runs the game's code too, before there is a room that could be closed.
            logger.exception("the game raised; no room was made")
            raise MessageError("game_error", "The game failed and no room was made.") from None
        finally:
            # Nothing else can have opened a room in between.
            self._rooms_left -= self._counters.rooms_created - rooms

    def _seatless(self) -> MessageError:
        """What somebody is told who says what only players may say."""
        if self.spectator is not None:
            return MessageError("spectating", "You are watching; leave, and join as a player to play.")
        return MessageError("not_joined", "Join a room first.")

    def _identify(self, message: Join | EnterParty) -> Identity:
        """Who joins: the player of a ticket, or a guest. Raises MessageError if a ticket is bad, or missing."""
        server = self.server
        if message.token is not None:
            if server.identity is None:
                raise MessageError("bad_token", "This server takes no tickets; join without one.")
            self._budget -= min(_TICKET_COST, self._rate)
            return server.identity.verify(message.token)
        if not server.guests:
            raise MessageError("token_required", "This server takes no guests; join with a ticket.")
        return NOBODY if message.guest is None else Identity(account=guest_account(message.guest))

    def _spend_chat(self) -> None:
        if self._chats_left < 1:
            raise MessageError("rate_limited", "You are chatting too fast; wait a moment.")
        self._chats_left -= 1
