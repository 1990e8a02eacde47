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
from ..protocol.codec import MSGPACK
from ..replication.snapshot import ACCOMPANIED, DELTA, KEYFRAME, LOOK, NO_MARGIN, SKIP, Batch, SnapshotEncoder
from ..replication.telling import FAR, NEAR, Form, pack_forms
from ..replication.world import World
from ..telemetry.counters import Counters
from .subscriber import Subscriber
from .write_queue import PASSED_OVER, FrameWriter, WriteQueue

#: The head of the section that holds events.
_EVENTS_HEAD = b"\x03"
#: Every event is for everybody.
_TOLD_ALL = np.zeros(0)
#: Clients that there is room for at first.
_FEW = 16


class TableSender:
    """A match's clients, as far as tables go. tick_interval: seconds. ticks: from one snapshot to the next.

    What each client needs is kept in arrays and changed when something happens to it. Going through the clients for
    each snapshot would touch objects all over the memory: with hundreds of rooms that costs more than encoding does.
    """

    def __init__(
        self,
        world: World,
        tick_interval: float,
        ticks: int,
        counters: Counters,
        write_queue: WriteQueue | None = None,
    ) -> None:
        self.encoder = SnapshotEncoder(world, tick_interval, ticks)
        self._counters = counters
        self._write_queue = write_queue
        #: What the queue has yet to write.
        self._pending: Batch | None = None
        # Clients by number; a number that is free has None. The arrays below go with it.
        self._clients: list[Subscriber | None] = []
        self._free: list[int] = []
        #: Those to whom nothing is written directly; those who need a keyframe; those who are skipped.
        self._indirect: set[int] = set()
        self._newcomers: set[int] = set()
        self._skipped: set[int] = set()
        self._events: list[tuple[int | float, str, Any]] = []
        #: Names of the tables of which a client gets only what it can see. Then events wait as forms, not as above.
        self.filters = self.encoder.filters
        self._forms: list[Form] = []
        self._needs = np.zeros(0, dtype=np.int64)
        self._acks = np.zeros(0, dtype=np.int64)
        self._margins = np.zeros(0, dtype=np.int64)
        self._sockets = np.zeros(0, dtype=np.int32)
        self._make_room(_FEW)
        self._writer: FrameWriter | None = None

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

    def enter(self, subscriber: Subscriber) -> None:
        """Somebody gets snapshots from now on. They hold nothing yet."""
        if subscriber.slot >= 0:
            return
        slot = self._take_slot(subscriber)
        subscriber.enter(slot)
        self._margin_of[slot] = NO_MARGIN
        self.acknowledge(slot, subscriber.source.ack, subscriber.source.margin)
        self._need_of[slot] = SKIP
        self._look_at(subscriber)
        subscriber.connection.on_flow = partial(self._look_at, subscriber)

    def look_for(self, subscriber: Subscriber) -> None:
        """Somebody is told in another form from now on: here it is only found out what they may know of."""
        if subscriber.slot < 0:
            # Their inputs are not noted here.
            subscriber.slot = slot = self._take_slot(subscriber)
            self.encoder.reserve_clients(slot + 1)
            self._need_of[slot] = LOOK

    def _take_slot(self, subscriber: Subscriber) -> int:
        if self._free:
            slot = heappop(self._free)
            self._clients[slot] = subscriber
        else:
            slot = len(self._clients)
            if slot >= self._needs.size:
                self._make_room(2 * slot)
            self._clients.append(subscriber)
        self._ids[slot] = subscriber.player_id
        if subscriber.connection.all_seeing:
            self.encoder.show_all(slot)
        return slot

    def leave(self, subscriber: Subscriber) -> None:
        """Somebody is gone: their slot is free."""
        slot = subscriber.slot
        if slot < 0:
            return
        self.flush()
        subscriber.connection.on_flow = None
        self._clients[slot] = None
        self._ids[slot] = ""
        self._need_of[slot] = SKIP
        self._socket_of[slot] = -1
        for group in (self._indirect, self._newcomers, self._skipped):
            group.discard(slot)
        self.encoder.forget_client(slot)
        heappush(self._free, slot)
        subscriber.enter(-1)

    def close(self) -> None:
        """The match is over."""
        try:
            self.flush()
        finally:
            for client in self._clients:
                if client is not None:
                    self.leave(client)

    def acknowledge(self, slot: int, ack: int, margin: float | None) -> None:
        """The game has seen an input of the client in this slot. margin: seconds, if it was for a tick."""
        self._ack_of[slot] = ack
        if margin is not None:
            self._margin_of[slot] = round(margin * 1000)

    def _look_at(self, subscriber: Subscriber) -> None:
        """A client is new, or its connection has begun or ceased to be congested, or to be written to directly."""
        slot, connection = subscriber.slot, subscriber.connection
        if slot < 0:
            return
        socket = -1 if connection.congested else connection.direct_fd
        self._socket_of[slot] = socket
        if socket < 0 and not connection.congested:
            self._indirect.add(slot)
        else:
            self._indirect.discard(slot)
        if connection.congested:
            self._need_of[slot] = SKIP
            self._newcomers.discard(slot)
            self._skipped.add(slot)
        elif self._need_of[slot] == SKIP:
            self._need_of[slot] = KEYFRAME
            self._newcomers.add(slot)
            self._skipped.discard(slot)

    # Sending.

    def add_event(self, tick: int, event: GameEvent) -> None:
        """Something to be told with the next snapshot, to all who may know; who is skipped by then is not told."""
        when, name, data, at, afar = event.tick, event.name, event.data, event.at, event.afar
        if when is None:
            when = tick
        if not self.filters:
            self._events.append((when, name, data))
        elif at is None:
            self._forms.append(Form((when, name, data)))
        else:
            self._forms.append(Form((when, name, data), NEAR, *at))
            if afar is not None:
                self._forms.append(Form((when, name, afar), FAR, *at))

    def known_to(self, subscriber: Subscriber) -> dict[str, list[str]]:
        """What somebody who is looked for may know of as of the last snapshot: ids, for each table of `filters`."""
        return dict(zip(self.filters, self.encoder.known_to(subscriber.slot), strict=True))

    def sees(self, subscriber: Subscriber, x: float, y: float) -> bool:
        """Whether somebody who has entered, or is looked for, has this place in view."""
        return self.encoder.sees(subscriber.slot, subscriber.player_id, x, y)

    def send(self, tick: int, news: Sequence[Any] = ()) -> None:
        """Send the tables as they are now to everybody. Raises TableError.

        news: messages for everybody, that have waited for this: nearly all get them in the same write. Who came in
        between gets those from their `Subscriber.news_from` on.
        """
        encoder, counters = self.encoder, self._counters
        self.flush()
        encoder.advance()
        needs, others = self._needs, b""
        if news:
            self._tell(news)
            needs = np.where((needs == DELTA) & (self._sockets >= 0), ACCOMPANIED, needs)
            others = b"".join(whole_frame(MSGPACK.encode(message)) for message in news)
        section, sights = b"", _TOLD_ALL
        if self._events:
            section, self._events = _EVENTS_HEAD + MSGPACK.encode(self._events), []
        elif self._forms:
            (section, sights), self._forms = pack_forms(self._forms), []
        newcomers = self._newcomers
        for batch in encoder.frames(
            tick, needs, self._acks, self._ids, section, bool(newcomers), others, self._margins, sights
        ):
            if self._write_queue is None or batch.stop < needs.size:
                self._transmit(batch)
            else:
                self._pending = batch
                self._write_queue.add(self.flush)
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
        """Write what waits in the queue, now."""
        if self._pending is not None:
            batch, self._pending = self._pending, None
            self._transmit(batch)

    def _tell(self, news: Sequence[Any]) -> None:
        """Tell the news to those whose snapshot they cannot accompany."""
        for client in self._clients:
            if client is None or self._need_of[client.slot] == LOOK:
                continue
            if self._need_of[client.slot] != DELTA or self._socket_of[client.slot] < 0:
                for message in news[client.news_from :]:
                    client.connection.send(client.connection.codec.encode(message))
            client.news_from = 0

    def _transmit(self, batch: Batch) -> None:
        """Write a batch to its clients' sockets; what those do not take goes through the connections."""
        buffer, starts, ends, first, stop = batch
        sockets, results = self._sockets, self._results
        if first > 0 or stop < len(sockets):
            part = slice(first, stop)
            sockets, starts, ends, results = sockets[part], starts[part], ends[part], results[part]
        write = self._writer or self._find_writer()
        if write is None:
            results[:] = PASSED_OVER
        elif not write(sockets, buffer, starts, ends, results) and not self._indirect:
            return
        view = buffer.data
        for slot, (start, end, result) in enumerate(
            zip(starts.tolist(), ends.tolist(), results.tolist(), strict=True), first
        ):
            if start == end or result == end - start:
                continue
            client = self._clients[slot]
            if client is None:
                continue
            if result == PASSED_OVER:
                client.connection.send_frame_bytes(view[start:end])
            else:
                client.connection.send_rest(view[start:end], result)

    def _find_writer(self) -> FrameWriter | None:
        """What writes to many sockets, once it is ready; None until then."""
        if self._write_queue is not None:
            self._writer = self._write_queue.find_writer()
        return self._writer
