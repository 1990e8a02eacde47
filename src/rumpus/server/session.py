"""One client's conversation with the server: decode, check the rate, do what the message says.

A session lives as long as its connection. Whatever a client sends, it gets an answer with a code or a close frame;
nothing it sends raises out of here.
"""

from __future__ import annotations

from typing import Any, Protocol

from ..budget.purse import Purse
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
from . import prices

#: A connection may save up this many seconds of its message rate.
_BURST_SECONDS = 2
#: Over the limit in this many seconds in a row, or by this factor at once, is a flood.
_FLOOD_SECONDS = 5
_FLOOD_FACTOR = 10
#: Budgets are refilled each second; seconds after which that is late, as when the server stood still.
_LATE_REFILL = 1.5
#: Messages that are paid for at once: looking at the address's budget for each would cost more than the message.
_LOT = 32
#: What somebody is told who has got a code wrong.
_WRONG_CODES = frozenset(("room_not_found", "party_not_found"))


class Handler(Protocol):
    """Where a session turns, the same for all sessions of a server; see `Dispatcher`."""

    def handle(self, session: Session, message: Any) -> None:
        """Do what a message says that is no input. Raises RumpusError."""

    def before_work(self) -> None:
        """Called before what takes time: here something else may go first."""

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
        "_allowance",
        "_budget",
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
        "player",
        "purse",
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
        purse: Purse,
    ) -> None:
        self.connection = connection
        #: What this connection, its address and its account may still do.
        self.purse = purse
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
        #: Messages that are paid for, and how many more the connection may pay for. Not a `TokenBucket`: every message
        #: counts here, and another object is another look into memory.
        self._budget = 0
        self._allowance = self._rate * _BURST_SECONDS
        #: How many there were of both after the last refill.
        self._refilled = self._allowance
        self._refilled_at = self.connected_at
        self._seconds_over = self._seconds_measured = 0
        self._told_limited = False
        #: Whether a seat was resumed and the client has not been heard of since.
        self._unconfirmed = False

    # Called by the connection.

    def on_message(self, data: bytes) -> None:
        self._budget -= 1
        if self._budget < 0 and not self._pay():
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
            counters.refused_messages += 1
            counters.rate_limited += error.code == "rate_limited"
            counters.wrong_codes += error.code in _WRONG_CODES
            self.purse.take(prices.REFUSAL)
            self.send_error(error)

    def on_wrong_type(self) -> None:
        self._budget -= 1
        if self._budget < 0 and not self._pay():
            return
        self._counters.refused_messages += 1
        self.purse.take(prices.REFUSAL)
        kind = "text" if self.connection.codec.text else "binary"
        self.send_error(MessageError("bad_message", f"{self.connection.codec.subprotocol} uses {kind} frames."))

    def on_overhead(self) -> None:
        self._budget -= 1
        if self._budget < 0:
            self._pay(message=False)

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
        if resumed:
            # Nothing is paid for, so that the next message is looked at: it shows that `joined` came.
            self._unconfirmed = True
            self._allowance += self._budget
            self._budget = 0
        self._place(room, player, None)

    def watch(self, room: GameRoom, spectator: Spectator) -> None:
        """The client watches a room now."""
        self._place(room, None, spectator)

    def stand_up(self, now: float) -> None:
        """The client has no place any more. The time in which it has to join a room begins again."""
        self._unconfirmed = False
        self.wait_from(now)
        self._place(None, None, None)

    def taken_over(self) -> None:
        """The client's seat goes on with another connection: this one is of no more use."""
        self._unconfirmed = False
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

    def seatless(self) -> MessageError:
        """What somebody is told who says what only players may say."""
        if self.spectator is not None:
            return MessageError("spectating", "You are watching; leave, and join as a player to play.")
        return MessageError("not_joined", "Join a room first.")

    # Once a second.

    def second_passed(self) -> None:
        """Refill the message budget, and end what is dead, stuck or here for nothing."""
        limits = self._limits
        left = self._allowance + self._budget
        heard = left < self._refilled
        self._seconds_over = self._seconds_over + 1 if left < 0 else 0
        self._told_limited = False
        self._budget = max(self._budget, 0)
        self._refilled = min(max(left, 0) + self._rate, self._rate * _BURST_SECONDS) + self._make_up()
        self._allowance = self._refilled - self._budget
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

    def _make_up(self) -> int:
        """Messages for the time in which the server stood still: what was sent meanwhile comes all at once."""
        stood_still = self._clock.now() - self._refilled_at - _LATE_REFILL
        if stood_still <= 0:
            return 0
        self._refilled_at += stood_still
        return round(stood_still * self._rate)

    def _pay(self, message: bool = True) -> bool:
        """What was paid for is used up. Returns whether there is more; if not, what the client sent is dropped.

        message: whether it said something. Who comes back says nothing before `joined`, so that this then came.
        """
        self._handler.before_work()
        if self._unconfirmed and message:
            self._unconfirmed = False
            self._handler.confirm(self)
        self._allowance += self._make_up()
        lot = min(1 if self._unconfirmed else _LOT, self._allowance)
        if self._budget + lot >= 0 and self.purse.prepay(lot * prices.MESSAGE):
            self._allowance -= lot
            self._budget += lot
            return True
        self._counters.rate_limited += 1
        if self._allowance + self._budget < -self._rate * _FLOOD_FACTOR:
            self.connection.close(POLICY_VIOLATION, "too many messages")
        elif not self._told_limited:
            self._told_limited = True
            who = "One connection" if self._allowance <= 0 else "Your address"
            text = f"{who} may send only so much, {self._rate} messages a second at most; what came beyond was dropped."
            self.send_error(MessageError("rate_limited", text))
        return False
