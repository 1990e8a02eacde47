"""Who watches a room: spectators, who come for that, and players who are out until the match ends.

Both are shown the room's recordings (see `rumpus.sync.recording`), by `spectator_delay` seconds late, so that nobody
can help a player with what the player does not see. A recording runs while somebody watches on its codec; a room that
nobody watches has none, and pays with one look at `active` in each tick.

A player who is out keeps the seat: of everything but the picture they are told as players are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import ExitStack

from ..connection import Connection
from ..errors import JoinError
from ..game.contract import PlayerInfo
from ..protocol import ChatLine, Joined, PlayerLeft
from ..protocol.codec import Codec
from ..sync.broadcaster import Broadcaster
from ..sync.message_log import send_to
from ..sync.recording import Recording, Viewer
from ..telemetry.counters import Counters
from .messenger import Messenger
from .player import Player
from .roster import Roster
from .state import RoomState

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
    """What a room does for those who watch it.

    now: the server's clock. welcome: what a spectator on a codec is told who comes at this moment.
    """

    def __init__(
        self,
        state: RoomState,
        roster: Roster,
        messenger: Messenger,
        broadcaster: Broadcaster,
        counters: Counters,
        now: Callable[[], float],
        welcome: Callable[[Codec], Joined],
    ) -> None:
        self._state = state
        self._roster = roster
        self._messenger = messenger
        self._broadcaster = broadcaster
        self._counters = counters
        self._now = now
        self._welcome = welcome
        self._spectators: dict[str, Spectator] = {}
        self._recordings: dict[Codec, Recording] = {}
        #: Players who are out and watch; and those who will where the state is sent next.
        self._out: dict[Player, tuple[Recording, Viewer]] = {}
        self._waiting: dict[Player, None] = {}
        #: Whether `tick` has anything to do.
        self.active = False
        self._next_telling = now()

    @property
    def count(self) -> int:
        """Spectators."""
        return len(self._spectators)

    @property
    def full(self) -> bool:
        return len(self._spectators) >= self._state.options.max_spectators

    def connections(self) -> list[Connection]:
        """Those of all spectators."""
        return [spectator.connection for spectator in self._spectators.values()]

    # Spectators.

    def enter(self, connection: Connection, info: PlayerInfo, session: str) -> Spectator:
        """Somebody begins to watch: they are told when it begins, or that it has. Raises JoinError."""
        if self.full:
            most = self._state.options.max_spectators
            text = f"Room {self._state.room_id} takes {most} spectators." if most else "This server has no spectators."
            raise JoinError("spectators_full", text)
        viewer = Viewer(connection, {"player_id": info.player_id, "session": session})
        spectator = Spectator(info, viewer, self._record(connection.codec))
        self._spectators[info.player_id] = spectator
        spectator.recording.admit(viewer)
        self._messenger.log("spectator_joined", {"player_id": info.player_id, "name": info.name})
        return spectator

    def leave(self, spectator: Spectator, reason: str) -> None:
        """Somebody ceases to watch, and is told so."""
        player_id = spectator.info.player_id
        if self._spectators.pop(player_id, None) is None:
            return
        spectator.recording.dismiss(spectator.viewer)
        self._messenger.send(spectator.connection, PlayerLeft(player_id=player_id, reason=reason))
        self._messenger.log("spectator_left", {"player_id": player_id, "reason": reason})

    def say(self, spectator: Spectator, text: str) -> None:
        """What spectators say only spectators hear."""
        info = spectator.info
        send_to(self.connections(), ChatLine(player_id=info.player_id, name=info.name, text=text, spectator=True))

    def overhear(self, line: ChatLine) -> None:
        """Spectators are told what all players have just been told one by one; when it is due."""
        if self._recordings:
            send_to([recording.subscriber.connection for recording in self._recordings.values()], line)

    # Players who are out.

    def put_out(self, player_ids: Iterable[str]) -> None:
        """Players play no more in this match: everybody is told, and they watch."""
        for player_id in player_ids:
            player = self._roster.players.get(player_id)
            if player is not None and not player.out:
                player.leave_match()
                self.keep_out(player)
                self._messenger.tell_of([player])

    def keep_out(self, player: Player) -> None:
        """The own view of a player who is out ends here. Where the state is sent next they are shown the recording."""
        if player.subscriber is not None:
            self._broadcaster.show_recording(player.subscriber)
            self._waiting[player] = None

    def show_waiting(self) -> None:
        """The state is about to be sent: whoever is out since the last time begins to watch with it."""
        if not self._waiting:
            return
        waiting, self._waiting = self._waiting, {}
        for player in waiting:
            connection = player.connection
            if connection is not None:
                recording, viewer = self._record(connection.codec), Viewer(connection)
                self._out[player] = (recording, viewer)
                recording.admit_from_now(viewer)

    def lose(self, player: Player) -> None:
        """A player who may be out is gone."""
        self._waiting.pop(player, None)
        watching = self._out.pop(player, None)
        if watching is not None:
            recording, viewer = watching
            recording.dismiss(viewer)

    def match_over(self) -> None:
        """There is nothing left that players who are out must not see: they are shown the rest at once."""
        for recording, viewer in self._out.values():
            recording.finish(viewer)
        self._out.clear()
        self._waiting.clear()

    def let_in(self) -> None:
        """The next match is for everybody."""
        self._waiting.clear()
        for player in self._roster.players.values():
            if player.out:
                player.rejoin()
                if player.subscriber is not None:
                    self._broadcaster.show_own_view(player.subscriber)
                self._messenger.tell_of([player])

    # Recordings.

    def _record(self, codec: Codec) -> Recording:
        recording = self._recordings.get(codec)
        if recording is None:
            state = self._state
            delay, interval = state.options.spectator_delay, state.tick_interval
            recording = Recording(codec, delay, interval, self._counters, self._now, self._welcome)
            self._recordings[codec] = recording
            self._broadcaster.record(recording)
            self.active = True
            recording.look_at_clock(state.running)
        return recording

    def tick(self) -> int | None:
        """Show what is due and end recordings that nobody watches. Returns how many watch, where that is to be told."""
        playing = self._state.running
        for codec, recording in list(self._recordings.items()):
            if recording.viewers:
                recording.look_at_clock(playing)
                recording.show()
            else:
                del self._recordings[codec]
                self._broadcaster.end_recording(recording)
        count, now = len(self._spectators), self._now()
        to_tell = count != self._state.spectators
        self.active = bool(self._recordings) or to_tell
        if not to_tell or now < self._next_telling:
            return None
        self._next_telling = now + _TELL_INTERVAL
        self.active = bool(self._recordings)
        return count

    def close(self) -> None:
        """The room is no more: spectators are shown the rest at once, and told.

        If the rest cannot be shown, they are told all the same, and the fault is raised in the end.
        """
        spectators = list(self._spectators.values())
        with ExitStack() as stack:
            stack.callback(self._out.clear)
            stack.callback(self._recordings.clear)
            for recording in self._recordings.values():
                stack.callback(self._broadcaster.end_recording, recording)
            for spectator in spectators:
                stack.callback(self.leave, spectator, "closed")
            for spectator in spectators:
                spectator.recording.finish(spectator.viewer)
