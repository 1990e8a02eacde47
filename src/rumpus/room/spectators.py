"""Who watches a room: spectators, who come for that, and players who are out until the match ends.

Both are shown the room's recordings (see `stream`), by `spectator_delay` seconds late, so that nobody can help a player
with what the player does not see. A recording runs while somebody watches on its codec; a room that nobody watches has
none, and pays with one look at `active` in each tick.

A player who is out keeps the seat: of everything but the picture they are told as players are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

from ..clock import Clock
from ..connection import Connection
from ..errors import JoinError
from ..game.contract import PlayerInfo
from ..protocol import ChatLine, PlayerChanged, PlayerLeft, RoomChanged
from ..protocol.codec import Codec
from ..sync.message_log import send_to
from ..sync.recording import Recording, Viewer
from .joined import welcome
from .player import Player

if TYPE_CHECKING:
    from .game_room import GameRoom

#: Seconds that pass at least between two messages that say how many watch.
_TELL_INTERVAL = 1.0


class Spectator:
    """Somebody who watches without a seat, as their session knows them."""

    __slots__ = ("connection", "info", "recording", "viewer")

    def __init__(self, info: PlayerInfo, viewer: Viewer, recording: Recording) -> None:
        #: As a player's, so that messages can tell of them; no player has the same id.
        self.info = info
        self.connection = viewer.connection
        self.viewer = viewer
        self.recording = recording


class Spectators:
    """What a room does for those who watch it."""

    def __init__(self, room: GameRoom, clock: Clock) -> None:
        self._room = room
        self._clock = clock
        self._audience = room.audience
        self._audience.show = self._show
        self._spectators: dict[str, Spectator] = {}
        self._recordings: dict[Codec, Recording] = {}
        self._out: dict[Player, tuple[Recording, Viewer]] = {}
        #: Whether `tick` has anything to do.
        self.active = False
        # The last number of spectators that was told, and when the next may be.
        self._told, self._next_telling = 0, clock.now()

    @property
    def count(self) -> int:
        """Spectators."""
        return len(self._spectators)

    @property
    def told(self) -> int:
        """As many as were told last. Who comes now is told the same: what is different is told to all, soon."""
        return self._told

    @property
    def full(self) -> bool:
        return len(self._spectators) >= self._room.options.max_spectators

    def connections(self) -> list[Connection]:
        """Those of all spectators."""
        return [spectator.connection for spectator in self._spectators.values()]

    # Spectators.

    def enter(self, connection: Connection, info: PlayerInfo, session: str) -> Spectator:
        """Somebody begins to watch: they are told when it begins, or that it has. Raises JoinError."""
        if self.full:
            most = self._room.options.max_spectators
            text = f"Room {self._room.room_id} takes {most} spectators." if most else "This server has no spectators."
            raise JoinError("spectators_full", text)
        viewer = Viewer(connection)
        viewer.joined = {"player_id": info.player_id, "session": session}
        spectator = Spectator(info, viewer, self._record(connection.codec))
        self._spectators[info.player_id] = spectator
        spectator.recording.admit(viewer)
        self._room.log_event("spectator_joined", {"player_id": info.player_id, "name": info.name})
        return spectator

    def leave(self, spectator: Spectator, reason: str) -> None:
        """Somebody ceases to watch, and is told so."""
        player_id = spectator.info.player_id
        if self._spectators.pop(player_id, None) is None:
            return
        spectator.recording.dismiss(spectator.viewer)
        connection = spectator.connection
        connection.send(connection.codec.encode(PlayerLeft(player_id=player_id, reason=reason)))
        self._room.log_event("spectator_left", {"player_id": player_id, "reason": reason})

    def chat(self, spectator: Spectator, text: str, spend: Callable[[], None]) -> None:
        """What spectators say only spectators hear. Raises MessageError; see `RoomChat.take`."""
        info, passed = spectator.info, self._room.chat.passed_on(text, spectator.info, spend)
        if passed is not None:
            line = ChatLine(player_id=info.player_id, name=info.name, text=passed, spectator=True)
            send_to(self.connections(), line)

    def overhear(self, message: Any) -> None:
        """Spectators are told what all players have just been told one by one; when it is due."""
        if self._recordings:
            send_to([recording.connection for recording in self._recordings.values()], message)

    # Players who are out.

    def put_out(self, player_ids: Iterable[str]) -> None:
        """Players play no more in this match: everybody is told, and they watch."""
        for player_id in player_ids:
            player = self._room.players.get(player_id)
            if player is not None and not player.out:
                player.leave_match()
                # Their own view ends here. Where the state is sent next they are shown the recording.
                self._audience.leave(player)
                self._room.broadcast(PlayerChanged(player=player.view()))

    def _show(self, player: Player) -> None:
        """Show the recording to a player who is out; the audience asks for it when it looks who gets what."""
        connection = player.connection
        if connection is None:
            return
        if player in self._out:
            if self._out[player][1].connection is connection:
                return
            self.lose(player)
        recording, viewer = self._record(connection.codec), Viewer(connection, player)
        self._out[player] = (recording, viewer)
        recording.admit_from_now(viewer)

    def lose(self, player: Player) -> None:
        """A player who may be out is gone."""
        watching = self._out.pop(player, None)
        if watching is not None:
            recording, viewer = watching
            recording.dismiss(viewer)

    def match_over(self) -> None:
        """There is nothing left that players who are out must not see: they are shown the rest at once."""
        for recording, viewer in self._out.values():
            recording.finish(viewer)
        self._out.clear()

    def let_in(self) -> None:
        """The next match is for everybody."""
        for player in self._room.players.values():
            if player.out:
                player.out = False
                self._room.broadcast(PlayerChanged(player=player.view()))

    # Recordings.

    def _record(self, codec: Codec) -> Recording:
        recording = self._recordings.get(codec)
        if recording is None:
            room = self._room
            delay, tell = room.options.spectator_delay, partial(welcome, room)
            recording = Recording(codec, delay, room.tick_interval, room.counters, self._clock.now, tell)
            self._recordings[codec] = recording
            self._audience.record(recording)
            self.active = True
            recording.look_at_clock(room.status == "in-progress")
        return recording

    def tick(self) -> None:
        """Show what is due; end recordings that nobody watches; tell how many do, once a second."""
        playing = self._room.status == "in-progress"
        for codec, recording in list(self._recordings.items()):
            if recording.viewers:
                recording.look_at_clock(playing)
                recording.show()
            else:
                del self._recordings[codec]
                self._audience.end_recording(recording)
        count, now = len(self._spectators), self._clock.now()
        if count != self._told and now >= self._next_telling:
            self._told, self._next_telling = count, now + _TELL_INTERVAL
            self._room.broadcast(RoomChanged(spectators=count))
            self._room.changed()
        self.active = bool(self._recordings) or count != self._told

    def close(self) -> list[Connection]:
        """The room is no more: spectators are shown the rest at once. Returns the connections that they have."""
        spectators = list(self._spectators.values())
        for spectator in spectators:
            spectator.recording.finish(spectator.viewer)
            self.leave(spectator, "closed")
        return [spectator.connection for spectator in spectators]
