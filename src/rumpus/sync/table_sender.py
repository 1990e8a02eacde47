"""Sends a game's tables: each client's difference, as a binary snapshot, in one go for the whole room.

The counterpart of `plain_sender`, for games with a world and clients on MessagePack. Frames come ready from the encoder
and are written to all sockets by one kernel; only what a socket did not take passes through Python. A client that reads
too slowly is skipped: nothing is queued for it, and when it reads again its next snapshot is a keyframe, which has
everything it missed in the form it has now.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from heapq import heappop, heappush
from typing import Any

import numpy as np

from ..connection import whole_frame
from ..game.contract import GameEvent
from ..net.batch.reader import kernels_loaded
from ..protocol.codec import MSGPACK
from ..replication.snapshot import ACCOMPANIED, DELTA, KEYFRAME, NO_MARGIN, SKIP, Batch, SnapshotEncoder
from ..replication.world import World
from ..room.player import Player
from ..telemetry.counters import Counters
from .write_queue import WriteQueue

#: The head of the section that holds events.
_EVENTS_HEAD = b"\x03"
#: A client whose socket was not written to, as `send_ranges` has it.
_PASSED_OVER = -2
#: Clients that there is room for at first.
_FEW = 16


class TableSender:
    """A match's clients, as far as tables go. tick_interval: seconds. ticks: from one snapshot to the next.

    What each client needs is kept in arrays and changed when something happens to it. Going through the clients for
    each snapshot would touch objects all over the memory: with hundreds of rooms that costs more than encoding does.
    """

    def __init__(
        self, world: World, tick_interval: float, ticks: int, counters: Counters, outbox: WriteQueue | None = None
    ) -> None:
        self.encoder = SnapshotEncoder(world, tick_interval, ticks)
        self._counters = counters
        self._outbox = outbox
        #: What the outbox has yet to write.
        self._pending: Batch | None = None
        # Clients by number; a number that is free has None. The arrays below go with it.
        self._clients: list[Player | None] = []
        self._free: list[int] = []
        #: Those to whom nothing is written directly; those who need a keyframe; those who are skipped.
        self._indirect: set[int] = set()
        self._newcomers: set[int] = set()
        self._skipped: set[int] = set()
        self._events: list[tuple[int | float, str, Any]] = []
        self._needs = np.zeros(0, dtype=np.int64)
        self._acks = np.zeros(0, dtype=np.int64)
        self._margins = np.zeros(0, dtype=np.int64)
        self._sockets = np.zeros(0, dtype=np.int32)
        self._make_room(_FEW)
        self._send_ranges: Any = None

    def _make_room(self, count: int) -> None:
        """Have arrays for `count` clients."""
        more = count - self._needs.size
        self._needs = np.concatenate((self._needs, np.full(more, SKIP, dtype=np.int64)))
        self._acks = np.concatenate((self._acks, np.full(more, -1, dtype=np.int64)))
        self._margins = np.concatenate((self._margins, np.full(more, NO_MARGIN, dtype=np.int64)))
        self._sockets = np.concatenate((self._sockets, np.full(more, -1, dtype=np.int32)))
        self._results = np.zeros(count, dtype=np.int64)
        #: Whose view each client has; numbers that are free have none.
        self._ids = [client.player_id if client is not None else "" for client in self._clients]
        self._ids += [""] * (count - len(self._ids))
        # One number at a time is written through these, in half the time that NumPy takes.
        self._need_of, self._ack_of, self._socket_of = self._needs.data, self._acks.data, self._sockets.data
        self._margin_of = self._margins.data

    # Clients.

    def enter(self, player: Player) -> None:
        """A player, who must be connected, gets snapshots from now on. They hold nothing yet."""
        if player.client >= 0 or player.connection is None:
            return
        if self._free:
            number = heappop(self._free)
            self._clients[number] = player
        else:
            number = len(self._clients)
            if number >= self._needs.size:
                self._make_room(2 * number)
            self._clients.append(player)
        player.client = number
        self._ids[number] = player.player_id
        self._margin_of[number] = NO_MARGIN
        self.acknowledge(player)
        self._need_of[number] = SKIP
        if player.connection.all_seeing:
            self.encoder.show_all(number)
        self._look_at(player)
        player.connection.on_flow = partial(self._look_at, player)

    def leave(self, player: Player) -> None:
        """A player is gone: their number is free."""
        number = player.client
        if number < 0:
            return
        self.flush()
        if player.connection is not None:
            player.connection.on_flow = None
        self._clients[number] = None
        self._ids[number] = ""
        self._need_of[number] = SKIP
        self._socket_of[number] = -1
        for group in (self._indirect, self._newcomers, self._skipped):
            group.discard(number)
        self.encoder.forget_client(number)
        heappush(self._free, number)
        player.client = -1

    def close(self) -> None:
        """The match is over."""
        for client in self._clients:
            if client is not None:
                self.leave(client)

    def acknowledge(self, player: Player) -> None:
        """The player's `ack` or `margin` has changed."""
        client = player.client
        if client >= 0:
            self._ack_of[client] = player.ack
            if player.margin is not None:
                self._margin_of[client] = round(player.margin * 1000)

    def _look_at(self, player: Player) -> None:
        """A client is new, or its connection has begun or ceased to be congested, or to be written to directly."""
        number, connection = player.client, player.connection
        if number < 0 or connection is None:
            return
        socket = -1 if connection.congested else connection.direct_fd
        self._socket_of[number] = socket
        if socket < 0 and not connection.congested:
            self._indirect.add(number)
        else:
            self._indirect.discard(number)
        if connection.congested:
            self._need_of[number] = SKIP
            self._newcomers.discard(number)
            self._skipped.add(number)
        elif self._need_of[number] == SKIP:
            self._need_of[number] = KEYFRAME
            self._newcomers.add(number)
            self._skipped.discard(number)

    # Sending.

    def add_event(self, tick: int, event: GameEvent) -> None:
        """Something to be told to everybody with the next snapshot; who is skipped by then is not told."""
        self._events.append((tick if event.tick is None else event.tick, event.name, event.data))

    def send(self, tick: int, news: Sequence[Any] = ()) -> None:
        """Send the tables as they are now to everybody. Raises TableError.

        news: messages for everybody, that have waited for this: nearly all get them in the same write. Who came in
        between gets those from their `Player.news_from` on.
        """
        encoder, counters = self.encoder, self._counters
        self.flush()
        encoder.advance()
        needs, others = self._needs, b""
        if news:
            self._tell(news)
            needs = np.where((needs == DELTA) & (self._sockets >= 0), ACCOMPANIED, needs)
            others = b"".join(whole_frame(MSGPACK.encode(message)) for message in news)
        section = b""
        if self._events:
            section, self._events = _EVENTS_HEAD + MSGPACK.encode(self._events), []
        newcomers = self._newcomers
        for batch in encoder.frames(
            tick, needs, self._acks, self._ids, section, bool(newcomers), others, self._margins
        ):
            if self._outbox is None or batch.stop < needs.size:
                self._transmit(batch)
            else:
                self._pending = batch
                self._outbox.add(self.flush)
        if newcomers:
            # What could not be written whole may have changed what somebody needs: they are no newcomers any more.
            for number in newcomers:
                self._need_of[number] = DELTA
            newcomers.clear()
        sent, size = encoder.take_totals()
        counters.snapshots_sent += sent
        counters.snapshot_bytes += size
        counters.snapshots_skipped += len(self._skipped)

    def flush(self) -> None:
        """Write what waits in the outbox, now."""
        if self._pending is not None:
            batch, self._pending = self._pending, None
            self._transmit(batch)

    def _tell(self, news: Sequence[Any]) -> None:
        """Tell the news to those whose snapshot they cannot accompany."""
        for player in self._clients:
            if player is None or player.connection is None:
                continue
            if self._need_of[player.client] != DELTA or self._socket_of[player.client] < 0:
                for message in news[player.news_from :]:
                    player.connection.send(player.connection.codec.encode(message))
            player.news_from = 0

    def _transmit(self, batch: Batch) -> None:
        """Write a batch to its clients' sockets; what those do not take goes through the connections."""
        buffer, starts, ends, first, stop = batch
        sockets, results = self._sockets, self._results
        if first > 0 or stop < len(sockets):
            part = slice(first, stop)
            sockets, starts, ends, results = sockets[part], starts[part], ends[part], results[part]
        send = self._send_ranges or self._find_sender()
        if send is None:
            results[:] = _PASSED_OVER
        elif not send(sockets, buffer, starts, ends, results) and not self._indirect:
            return
        view = buffer.data
        for client, (start, end, result) in enumerate(
            zip(starts.tolist(), ends.tolist(), results.tolist(), strict=True), first
        ):
            if start == end or result == end - start:
                continue
            player = self._clients[client]
            if player is None or player.connection is None:
                continue
            if result == _PASSED_OVER:
                player.connection.send_frame_bytes(view[start:end])
            else:
                player.connection.send_rest(view[start:end], result)

    def _find_sender(self) -> Any:
        """The kernel that writes to many sockets, once it is ready; None until then."""
        if kernels_loaded():
            from ..net.batch.kernels import send_ranges

            self._send_ranges = send_ranges
        return self._send_ranges
