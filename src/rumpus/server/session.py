"""One client's conversation with the server: decode, check the rate, do what the message says.

A session lives as long as its connection. Whatever a client sends, it gets an answer with a code or a close frame;
nothing it sends raises out of here.
"""

from __future__ import annotations

from typing import Any, Protocol

from ..clock import Clock
from ..config import Limits
from ..connection import Connection
from ..errors import MessageError, RumpusError
from ..netcode.player_input import PlayerInput
from ..protocol import POLICY_VIOLATION, TAKEN_OVER, Error, Input
from ..protocol.codec import Decode
from ..room.game_room import GameRoom
from ..room.player import Player
from ..room.spectators import Spectator
from ..telemetry.counters import Counters
from ..token_bucket import TokenBucket

#: A connection may save up this many seconds of its message rate.
_BURST_SECONDS = 2
#: Over the limit in this many seconds in a row, or by this factor at once, is a flood.
_FLOOD_SECONDS = 5
_FLOOD_FACTOR = 10
#: Budgets are refilled each second; seconds after which that is late, as when the server stood still.
_LATE_REFILL = 1.5
#: Of chat messages and new rooms, a connection may save up this many seconds' worth. They cost others something: chat
#: goes to everyone in the room, and an empty room stays for a while.
_SAVED_SECONDS = 10


class Handler(Protocol):
    """Where a session turns, the same for all sessions of a server; see `Dispatcher`."""

    def handle(self, session: Session, message: Any) -> None:
        """Do what a message says that is no input. Raises RumpusError."""

    def may_wait(self, session: Session) -> bool:
        """Whether a session without a seat has something to wait for."""

    def confirm(self, session: Session) -> None:
        """A client that has come back to its seat was heard of since."""

    def on_place_changed(self, session: Session) -> None:
        """A session has a place in a room, or has none any more."""

    def on_disconnect(self, session: Session) -> None:
        """The connection has ended."""


class Session:
    """A connected client. A `Receiver` to its connection, a `Client` (see `rumpus.matchmaking.ports`) to the server."""

    # With slots, and those that every message needs side by side: a server with many clients waits for memory more
    # than it computes.
    __slots__ = (
        "_budget",
        "_chats",
        "_clock",
        "_counters",
        "_decode",
        "_handler",
        "_input",
        "_limits",
        "_rate",
        "_refilled",
        "_refilled_at",
        "_seconds_measured",
        "_seconds_over",
        "_told_limited",
        "_unconfirmed",
        "connected_at",
        "connection",
        "new_rooms",
        "player",
        "room",
        "silent",
        "slow",
        "spectator",
    )

    def __init__(
        self,
        connection: Connection,
        decode: Decode,
        handler: Handler,
        limits: Limits,
        clock: Clock,
        counters: Counters,
    ) -> None:
        self.connection = connection
        #: Where the client sits, and as whom.
        self.room: GameRoom | None = None
        self.player: Player | None = None
        #: Where this player's inputs go; none is looked at here. Not its method: that is one more object in memory.
        self._input: PlayerInput | None = None
        #: Who the client is in a room that it watches.
        self.spectator: Spectator | None = None
        self.connected_at = clock.now()
        #: Seconds without a sign of life, and seconds of congestion, counted by `second_passed`.
        self.silent = 0
        self.slow = 0
        self._decode = decode
        self._handler = handler
        self._limits = limits
        self._clock = clock
        self._counters = counters
        self._rate = limits.max_messages_per_second
        #: Messages that are still allowed, and how many there were after the last refill. Not a `TokenBucket`: every
        #: message counts here, and another object is another look into memory.
        self._budget = self._refilled = self._rate * _BURST_SECONDS
        self._refilled_at = self.connected_at
        self._seconds_over = self._seconds_measured = 0
        self._told_limited = False
        #: The budget when a seat was resumed, until the client has been heard of since; then None.
        self._unconfirmed: int | None = None
        rooms, chats = limits.max_new_rooms_per_second, limits.max_chats_per_second
        #: How many rooms the client may open.
        self.new_rooms = TokenBucket(rooms, rooms * _SAVED_SECONDS)
        self._chats = TokenBucket(chats, chats * _SAVED_SECONDS)

    # Called by the connection.

    def on_message(self, data: bytes) -> None:
        self._budget -= 1
        if self._budget < 0 and self._over_limit():
            return
        counters = self._counters
        counters.messages_received += 1
        counters.received_bytes += len(data)
        try:
            message = self._decode(data)
            if type(message) is not Input:
                self._handler.handle(self, message)
            elif self._input is not None:
                self._input.take(message)
            else:
                raise self.seatless()
        except RumpusError as error:
            self._counters.refused_messages += 1
            self.send_error(error)

    def on_wrong_type(self) -> None:
        self._budget -= 1
        if self._budget < 0 and self._over_limit():
            return
        self._counters.refused_messages += 1
        kind = "text" if self.connection.codec.text else "binary"
        self.send_error(MessageError("bad_message", f"{self.connection.codec.subprotocol} uses {kind} frames."))

    def on_overhead(self) -> None:
        self._budget -= 1
        if self._budget < 0:
            self._over_limit()

    def on_pong(self) -> None:
        if self.player is not None:
            self.player.input.answered(self._clock.now())
        self.on_overhead()

    def on_unread(self) -> None:
        self._counters.slow_clients += 1

    def on_disconnect(self) -> None:
        self._handler.on_disconnect(self)

    # Where the client is; called by the server.

    def sit(self, room: GameRoom, player: Player, resumed: bool = False) -> None:
        """The client has a seat now. resumed: it was the client's before this connection."""
        self._unconfirmed = self._budget if resumed else None
        self._place(room, player, None)

    def watch(self, room: GameRoom, spectator: Spectator) -> None:
        """The client watches a room now."""
        self._place(room, None, spectator)

    def stand_up(self, now: float) -> None:
        """The client has no place any more. The time in which it has to join a room begins again."""
        self._unconfirmed = None
        self.wait_from(now)
        self._place(None, None, None)

    def taken_over(self) -> None:
        """The client's seat goes on with another connection: this one is of no more use."""
        self._unconfirmed = None
        self._place(None, None, None)
        self.send_error(MessageError("session_taken", "This session goes on in another window or on another device."))
        self.connection.close(TAKEN_OVER, "the session goes on with another connection")

    def wait_from(self, now: float) -> None:
        """The time in which the client has to join a room begins again."""
        self.connected_at = now

    def _place(self, room: GameRoom | None, player: Player | None, spectator: Spectator | None) -> None:
        self.room, self.player, self.spectator = room, player, spectator
        self._input = player.input if player is not None else None
        self._handler.on_place_changed(self)

    # What the client hears.

    def send(self, message: Any) -> None:
        self.connection.send(self.connection.codec.encode(message))

    def send_error(self, error: RumpusError) -> None:
        self.send(Error(code=error.code, message=error.message))

    # What it may do.

    def charge(self, messages: int) -> None:
        """What it has asked for counts for so many messages more, of one second at most."""
        self._budget -= min(messages, self._rate)

    def spend_chat(self) -> None:
        """Raises MessageError (`rate_limited`) if the client has said too much."""
        if not self._chats.spend():
            raise MessageError("rate_limited", "You are chatting too fast; wait a moment.")

    def seatless(self) -> MessageError:
        """What somebody is told who says what only players may say."""
        if self.spectator is not None:
            return MessageError("spectating", "You are watching; leave, and join as a player to play.")
        return MessageError("not_joined", "Join a room first.")

    # Once a second.

    def second_passed(self) -> None:
        """Refill the message budget, and end what is dead, stuck or here for nothing."""
        limits = self._limits
        heard = self._budget < self._refilled
        if self._unconfirmed is not None and self._budget < self._unconfirmed:
            # What it says after `joined` shows that this came.
            self._handler.confirm(self)
            self._unconfirmed = None
        self._seconds_over = self._seconds_over + 1 if self._budget < 0 else 0
        self._told_limited = False
        self._budget = self._refilled = min(max(self._budget, 0) + self._rate, self._rate * _BURST_SECONDS)
        if self._unconfirmed is not None:
            self._unconfirmed = self._budget
        self.new_rooms.refill()
        self._chats.refill()
        connection = self.connection
        # Whatever reaches this object costs budget; what does not, a close frame say, the connection notes.
        if connection.heard or heard:
            connection.heard = False
            self.silent = 0
        else:
            self.silent += 1
        self.slow = self.slow + 1 if connection.congested else 0
        now = self._refilled_at = self._clock.now()
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
        limits = self._limits
        return limits.lobby_timeout if self._handler.may_wait(self) else limits.join_timeout

    def _measure(self, player: Player, now: float) -> None:
        """Every other second, find out how long the way to a client is whose view may be rewound."""
        self._seconds_measured += 1
        if self._seconds_measured % 2 == 1:
            player.input.asked(now)
            self.connection.ping()

    def _over_limit(self) -> bool:
        """The budget is spent. Returns whether the client is to blame, who is told; what it sent is dropped then."""
        stood_still = self._clock.now() - self._refilled_at - _LATE_REFILL
        if stood_still > 0:
            # The server, not the client: what it has sent meanwhile at a legal rate comes all at once.
            self._refilled_at += stood_still
            self._budget += round(stood_still * self._rate)
            if self._budget >= 0:
                return False
        if self._budget < -self._rate * _FLOOD_FACTOR:
            self.connection.close(POLICY_VIOLATION, "too many messages")
        elif not self._told_limited:
            self._told_limited = True
            text = f"At most {self._rate} messages a second; what came beyond was dropped."
            self.send_error(MessageError("rate_limited", text))
        return True
