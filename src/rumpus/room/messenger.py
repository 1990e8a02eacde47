"""What a room says: to everybody, to some, or to its log. The one place where a message becomes bytes and is kept.

Comings and goings wait for the next snapshot where the broadcaster says so; what must not be lost has a serial number
(see `rumpus.sync.message_log`).
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from ..clock import Clock
from ..connection import Connection
from ..game.contract import GameEvent
from ..netcode.timeline import Timeline
from ..protocol import PlayerChanged
from ..sync.broadcaster import Broadcaster, News, message_of
from ..sync.message_log import MessageLog, send_to
from .player import Player
from .roster import Roster
from .state import RoomState

logger = logging.getLogger(__name__)

#: Events a room remembers.
EVENTS_KEPT = 300


class RoomEvent(msgspec.Struct):
    """Something that happened in a room. `time` is the server's clock, in seconds."""

    time: float
    tick: int
    type: str
    details: Mapping[str, Any]


class Messenger:
    """The voice of one room."""

    def __init__(
        self, state: RoomState, timeline: Timeline, roster: Roster, broadcaster: Broadcaster, clock: Clock
    ) -> None:
        self._state = state
        self._timeline = timeline
        self._roster = roster
        self._broadcaster = broadcaster
        self._clock = clock
        self.message_log = MessageLog()
        #: What happened, the newest last.
        self.events: deque[RoomEvent] = deque(maxlen=EVENTS_KEPT)

    def broadcast(self, message: Any, exclude: Connection | None = None) -> None:
        """Send a message (a Struct of `rumpus.protocol`, or a mapping with a `type`) to everyone in the room."""
        player = self._roster.by_connection.get(exclude) if exclude is not None else None
        message = self.message_log.to_all(message, player.player_id if player is not None else None)
        send_to(self._broadcaster.everyone(), message, exclude)

    def broadcast_except(self, player_id: str, message: Any) -> None:
        """Send a message to everyone but one player."""
        player = self._roster.players.get(player_id)
        message = self.message_log.to_all(message, player_id)
        send_to(self._broadcaster.everyone(), message, player.connection if player is not None else None)

    def say(self, message: Any, players: Iterable[Player]) -> None:
        """Send a message that some players are to have, at once or when they are back. Bots do not listen."""
        people = [player for player in players if not player.is_bot]
        message = self.message_log.to_some(message, [player.player_id for player in people])
        send_to([player.connection for player in people if player.connection is not None], message)

    def say_to(self, player_id: str, message: Any) -> bool:
        """The same to one player. False if there is no such person here."""
        player = self._roster.players.get(player_id)
        if player is None or player.is_bot:
            return False
        self.say(message, [player])
        return True

    def tell_player(self, player_id: str, event: GameEvent) -> None:
        """Tell one player of an event in the game."""
        self.say_to(player_id, message_of(self._timeline.tick, event))

    def announce(self, message: News, exclude: Connection | None = None) -> None:
        """Tell everybody who is there: at once, or with the next snapshot."""
        if not (self._state.running and self._broadcaster.keep_for_snapshot(message, self._state.send_rate)):
            self.broadcast(message, exclude)

    def tell_of(self, players: Iterable[Player]) -> None:
        """Players are not as before."""
        for player in players:
            self.broadcast(PlayerChanged(player=player.view()))

    def send(self, connection: Connection, message: Any) -> None:
        """Send a message to one connection, which is not kept."""
        connection.send(connection.codec.encode(message))

    def log(self, event_type: str, details: Mapping[str, Any], level: int = logging.INFO) -> None:
        """Remember an event and write it to the log."""
        tick = self._timeline.tick
        self.events.append(RoomEvent(self._clock.now(), tick, event_type, details))
        extra = {"room": self._state.room_id, "tick": tick, "details": dict(details)}
        logger.log(level, "%s", event_type, extra=extra)
