"""What a room shows to those who watch: recorded once, shown later, the same bytes to everybody.

A recording is one more client of its room, on one codec: it has no seat and sees everything. What it is sent it keeps
until it is due, and then hands to however many watch. So they cost their room the encoding for one client, and each of
them one write.

Whoever comes late begins at a key: a snapshot with everything, which the room encodes once a second beside the change
that it sends to this client as to all others. Those who watch already do not get it; those who did not read in time go
on from it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import msgspec

from ..connection import BytesLike, Connection, whole_frame
from ..protocol import Joined, Watching
from ..protocol.codec import Codec
from ..telemetry.counters import Counters
from .subscriber import NoInputs, Subscriber

#: What an entry is: a message, an event of the game, a snapshot for those who hold the one before, a key.
MESSAGE, EVENT, SNAPSHOT, KEY = range(4)
#: Seconds from one key to the next.
KEY_INTERVAL = 1.0


class Entry(NamedTuple):
    """Something that was sent: a whole WebSocket frame, due at a time of the server's clock (s).

    A key has a frame only if there is anything to hold, and what a newcomer is told before it.
    """

    due: float
    kind: int
    frame: bytes | None
    joined: Joined | None = None


class Stream(Connection):
    """A connection to nobody: hands on what it is sent, as whole frames, until it is closed."""

    all_seeing = True
    address = "spectators"

    def __init__(self, codec: Codec, take: Callable[[bytes, bool], object]) -> None:
        self.codec = codec
        self._take = take

    def send(self, data: bytes) -> None:
        self._take(whole_frame(data, self.codec.text), False)

    def send_frame_bytes(self, frame: BytesLike) -> None:
        # Only snapshots of tables come as frames.
        self._take(bytes(frame), True)

    def ping(self) -> None:
        """Nobody is there."""

    def close(self, code: int, reason: str = "") -> None:
        """Hand nothing on any more. It and who takes from it know each other: this lets go."""
        self._take = lambda frame, snapshot: None


class Viewer:
    """Somebody who watches: a spectator, or a player who is out.

    joined: what of `joined` is a spectator's own; None for a player. A player is told everything else directly and gets
    the picture only, from the entry with the number `since` on.
    """

    __slots__ = ("connection", "holds", "joined", "since", "started")

    def __init__(self, connection: Connection, joined: dict[str, str] | None = None) -> None:
        self.connection = connection
        self.joined = joined
        self.since = 0
        #: Whether it has been told that it watches; whether it holds the state that was shown last.
        self.started = joined is None
        self.holds = False

    @property
    def plays(self) -> bool:
        """Whether it is a player who is out."""
        return self.joined is None


class Recording:
    """What a room shows on one codec. delay: seconds, to which half a tick is added so that it is never less.

    now: the server's clock. welcome: what a spectator on a codec is told who comes at this moment.
    """

    def __init__(
        self,
        codec: Codec,
        delay: float,
        tick_interval: float,
        counters: Counters,
        now: Callable[[], float],
        welcome: Callable[[Codec], Joined],
    ) -> None:
        self.codec = codec
        self.viewers: list[Viewer] = []
        #: What the room knows as clients: one that is told everything, and one that gets keys.
        self.subscriber = Subscriber(Stream(codec, self._take), NoInputs())
        self.key_subscriber = Subscriber(Stream(codec, self._take_key), NoInputs())
        #: What is being sent: the room says so for what does not come as a frame.
        self.kind = MESSAGE
        #: Whether the next snapshot is to be a key as well.
        self.key_wanted = True
        self._live = delay <= 0
        self._delay = delay + (0.0 if self._live else tick_interval / 2)
        self._counters = counters
        self._now = now
        self._welcome = welcome
        self._next_key = 0.0
        # Entries by number: `_entries[0]` is number `_first`; those before `_next` have been shown.
        self._entries: list[Entry] = []
        self._first = self._next = 0
        #: The number of the last key that has been shown, or -1.
        self._last_key = -1
        # A key's snapshot and the change that goes to all others come in either order; the key goes after it.
        self._came: bytes | None = None
        self._changed = False

    # Recording.

    def _take(self, frame: bytes, snapshot: bool) -> None:
        kind = SNAPSHOT if snapshot else self.kind
        self._add(Entry(self._now() + self._delay, kind, frame))
        if kind == SNAPSHOT and self.key_wanted:
            self._changed = True
            self._complete_key()

    def _take_key(self, frame: bytes, snapshot: bool) -> None:
        # The rest it is told as every client is; `joined` will say it.
        if snapshot or self.kind == SNAPSHOT:
            self._came = frame
            self._complete_key()

    def _complete_key(self) -> None:
        if self._changed and self._came is not None:
            frame, self._came, self._changed = self._came, None, False
            self._add_key(frame)

    def _add_key(self, frame: bytes | None) -> None:
        now = self._now()
        self.key_wanted, self._next_key = False, now + KEY_INTERVAL
        self._add(Entry(now + self._delay, KEY, frame, self._welcome(self.codec)))

    def _add(self, entry: Entry) -> None:
        self._entries.append(entry)
        if self._live:
            self.show()

    def begin_snapshot(self) -> bool:
        """Whether a key is to come with the snapshot that is about to be sent."""
        self._came, self._changed = None, False
        return self.key_wanted

    def look_at_clock(self, playing: bool) -> None:
        """Once a tick: ask for a key when it is time. playing: whether snapshots come."""
        if self._now() < self._next_key:
            return
        if playing:
            self.key_wanted = True
        else:
            self._add_key(None)

    # Showing.

    def show(self) -> None:
        """Show what is due."""
        now, entries = self._now(), self._entries
        while self._next - self._first < len(entries):
            entry = entries[self._next - self._first]
            if entry.due > now:
                return
            number, self._next = self._next, self._next + 1
            if entry.kind == KEY:
                self._last_key = number
                for viewer in self.viewers:
                    self._show_key(viewer, entry, number)
                # Whoever comes now begins here.
                del entries[: number - self._first]
                self._first = number
            elif entry.frame is not None:
                self._show_all(self.viewers, entry.kind, entry.frame)

    def _show_all(self, viewers: list[Viewer], kind: int, frame: bytes) -> None:
        shown = 0
        for viewer in viewers:
            connection = viewer.connection
            if kind == SNAPSHOT:
                if not viewer.holds:
                    continue
                if connection.congested:
                    viewer.holds = False
                    self._counters.snapshots_skipped += 1
                    continue
                shown += 1
            elif not viewer.started or (viewer.plays and (kind == MESSAGE or not viewer.holds)):
                continue
            connection.send_frame_bytes(frame)
        self._counters.snapshots_sent += shown
        self._counters.snapshot_bytes += shown * len(frame)

    def _show_key(self, viewer: Viewer, entry: Entry, number: int) -> None:
        """Show a key to a viewer who needs it."""
        if viewer.holds or number < viewer.since or viewer.connection.congested:
            return
        if not viewer.started and viewer.joined is not None and entry.joined is not None:
            viewer.started = True
            joined = msgspec.structs.replace(entry.joined, role="spectator", **viewer.joined)
            viewer.connection.send(self.codec.encode(joined))
        if entry.frame is not None:
            viewer.connection.send_frame_bytes(entry.frame)
            self._counters.snapshots_sent += 1
            self._counters.snapshot_bytes += len(entry.frame)
        # Without a frame there is no state that deltas could change, and the first one of a match is whole.
        viewer.holds = True

    def close(self) -> None:
        """Nobody watches any more, and nothing more is recorded."""
        for subscriber in (self.subscriber, self.key_subscriber):
            subscriber.connection.close(0)

    # Viewers.

    def admit(self, viewer: Viewer) -> None:
        """A spectator begins: at the last key that has been shown, at once, or when the first one is due."""
        self.viewers.append(viewer)
        if self._last_key < 0:
            return self._announce(viewer)
        self._catch_up(viewer, self._entries[: self._next - self._first], self._first)

    def admit_from_now(self, viewer: Viewer) -> None:
        """A player who is out begins: with the first snapshot that is sent after this."""
        viewer.since = self._first + len(self._entries)
        self.key_wanted = True
        self.viewers.append(viewer)
        self._announce(viewer)

    def finish(self, viewer: Viewer) -> None:
        """Show a viewer the rest, due or not, and let it go."""
        self._catch_up(viewer, self._entries[self._next - self._first :], self._next)
        self.dismiss(viewer)

    def dismiss(self, viewer: Viewer) -> None:
        """A viewer is gone. It may be that something is being shown at this moment."""
        self.viewers = [other for other in self.viewers if other is not viewer]

    def _announce(self, viewer: Viewer) -> None:
        if not self._live:
            keys = (entry.due for entry in self._entries if entry.kind == KEY and not viewer.plays)
            wait = next(keys, self._now() + self._delay) - self._now()
            viewer.connection.send(self.codec.encode(Watching(starts_in=round(max(0.0, wait), 3))))

    def _catch_up(self, viewer: Viewer, entries: list[Entry], number: int) -> None:
        for entry in entries:
            if entry.kind == KEY:
                self._show_key(viewer, entry, number)
            elif entry.frame is not None:
                self._show_all([viewer], entry.kind, entry.frame)
            number += 1
