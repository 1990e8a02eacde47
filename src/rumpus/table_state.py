"""Sends a game's tables: each client's difference, as a binary snapshot, in one go for the whole room.

The counterpart of `plain_state`, for games with a world and clients on MessagePack. Frames come ready from the encoder
and are written to all sockets by one kernel; only what a socket did not take passes through Python. A client that reads
too slowly is skipped: nothing is queued for it, and when it reads again its next snapshot is a keyframe, which has
everything it missed in the form it has now.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from heapq import heappop, heappush
from typing import Any

import numpy as np

from .codec import MSGPACK
from .counters import Counters
from .fast_lane import kernels_loaded
from .game import GameEvent
from .player import Player
from .replication.snapshot import ACCOMPANIED, DELTA, KEYFRAME, SKIP, Batch, SnapshotEncoder
from .replication.world import World

#: The head of the section that holds events.
_EVENTS_HEAD = b"\x03"


#: A client whose socket was not written to, as `send_ranges` has it.
_PASSED_OVER = -2
#: Clients that there is room for at first.
_FEW = 16


class TableState:
    """A match's clients, as far as tables go. tick_interval: seconds. ticks: from one snapshot to the next."""

    def __init__(self, world: World, tick_interval: float, ticks: int, counters: Counters) -> None:
        self.encoder = SnapshotEncoder(world, tick_interval, ticks)
        self._counters = counters
        # Clients by number; a number that is free has None. The arrays below go with it.
        self._clients: list[Player | None] = []
        self._free: list[int] = []
        self._events: list[tuple[int, str, Any]] = []
        self._make_room(_FEW)
        self._send_ranges: Any = None
        #: Whether somebody's frames have to go through their connection.
        self._indirect = False

    def _make_room(self, count: int) -> None:
        """Have arrays for `count` clients. What is in them is set anew for everybody in each snapshot."""
        self._needs = np.full(count, SKIP, dtype=np.int64)
        self._acks = np.full(count, -1, dtype=np.int64)
        self._sockets = np.full(count, -1, dtype=np.int32)
        self._results = np.zeros(count, dtype=np.int64)
        #: Whose view each client has; numbers that are free have none.
        self._ids = [client.player_id if client is not None else "" for client in self._clients]
        self._ids += [""] * (count - len(self._ids))
        # One number at a time is written through these, in half the time that NumPy takes.
        self._need_of, self._ack_of, self._socket_of = self._needs.data, self._acks.data, self._sockets.data

    def add_event(self, tick: int, event: GameEvent) -> None:
        """Something to be told to everybody with the next snapshot; who is skipped by then is not told."""
        self._events.append((tick, event.name, event.data))

    def leave(self, player: Player) -> None:
        """A player is gone: their number is free."""
        if player.client >= 0:
            self._clients[player.client] = None
            self._ids[player.client] = ""
            self._need_of[player.client] = SKIP
            self._socket_of[player.client] = -1
            heappush(self._free, player.client)
            player.client = -1

    def _enter(self, player: Player) -> int:
        """Give a player the lowest number that is free. They hold nothing yet."""
        if self._free:
            number = heappop(self._free)
            self._clients[number] = player
        else:
            number = len(self._clients)
            self._clients.append(player)
        player.client = number
        self._ids[number] = player.player_id
        player.in_sync = False
        return number

    def send(self, tick: int, players: Collection[Player], news: Sequence[Any] = ()) -> None:
        """Send the tables as they are now to those of `players` who are connected. Raises TableError.

        news: messages for all of them, that have waited for this: nearly everybody gets them in the same write. Who
        came in between gets those from their `Player.news_from` on.
        """
        encoder, counters = self.encoder, self._counters
        encoder.advance()
        if len(players) > len(self._needs):
            self._make_room(2 * len(players))
        if news:
            self._tell(news, players)
        need_of, ack_of, socket_of = self._need_of, self._ack_of, self._socket_of
        in_sync = ACCOMPANIED if news else DELTA
        self._indirect = keyframes = False
        for player in players:
            connection, client = player.connection, player.client
            if client < 0:
                client = self._enter(player)
            if connection is None or connection.congested:
                need_of[client] = SKIP
                socket_of[client] = -1
                player.in_sync = False
                counters.snapshots_skipped += 1
                continue
            socket = socket_of[client] = connection.direct_fd
            if socket < 0:
                self._indirect = True
            if player.in_sync:
                need_of[client] = in_sync if socket >= 0 else DELTA
            else:
                need_of[client] = KEYFRAME
                player.in_sync = keyframes = True
            ack_of[client] = player.ack
        events, self._events = self._events, []
        if not players:
            return
        section = _EVENTS_HEAD + MSGPACK.encode(events) if events else b""
        others = b"".join(_frame(MSGPACK.encode(message)) for message in news)
        for batch in encoder.frames(tick, self._needs, self._acks, self._ids, section, keyframes, others):
            self._transmit(batch)
        sent, size = encoder.take_totals()
        counters.snapshots_sent += sent
        counters.snapshot_bytes += size

    def _tell(self, news: Sequence[Any], players: Collection[Player]) -> None:
        """Tell the news to those whose snapshot they cannot accompany."""
        for player in players:
            connection = player.connection
            if connection is not None and (connection.direct_fd < 0 or not player.in_sync):
                for message in news[player.news_from :]:
                    connection.send(connection.codec.encode(message))
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
            from .fast_lane_kernels import send_ranges

            self._send_ranges = send_ranges
        return self._send_ranges


def _frame(payload: bytes) -> bytes:
    """A message as a server's binary WebSocket frame."""
    size = len(payload)
    if size < 126:
        return bytes((0x82, size)) + payload
    if size < 65_536:
        return b"\x82\x7e" + size.to_bytes(2, "big") + payload
    return b"\x82\x7f" + size.to_bytes(8, "big") + payload
