"""A room's clients: who gets the state of the match in which form, and what goes with it.

Clients on MessagePack get a world's tables as binary snapshots; everybody else, and everybody in a game of plain data,
gets plain state. Whatever the form, a world's interest says who is told of what. Events ride in binary snapshots, and
in a crowd so do comings and goings: a message to each for each who comes would grow with their square.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from math import ceil
from typing import TYPE_CHECKING, Any

from ..connection import Connection
from ..game.contract import Game, GameEvent
from ..protocol import Event, PlayerChanged, PlayerJoined, PlayerLeft
from ..telemetry.counters import Counters
from .message_log import send_to
from .plain_sender import PlainSender
from .recording import EVENT, MESSAGE, SNAPSHOT, Recording
from .subscriber import Subscriber
from .view_sender import ViewSender
from .write_queue import WriteQueue

#: Who comes, goes, or is not as before.
News = PlayerJoined | PlayerLeft | PlayerChanged

if TYPE_CHECKING:
    from ..replication.world import World
    from .sight_sender import SightSender
    from .table_sender import TableSender

#: With more clients than this, comings and goings are told with the next snapshot, if that comes soon (Hz).
_CROWD, _SOON = 3, 10


class Broadcaster:
    """Who is told of a match.

    deltas: whether plain state may be sent as patches. write_queue: where snapshots may wait for the other rooms that
    are due; None: they are sent at once.
    """

    def __init__(self, deltas: bool, counters: Counters, write_queue: WriteQueue | None) -> None:
        self.plain = PlainSender(deltas, counters)
        #: How clients on MessagePack learn of the tables, in a match of a game that has any.
        self.tables: TableSender | None = None
        #: How clients that get plain state learn of them, in a match in which not everybody may know everything.
        self._sights: SightSender | None = None
        #: The same in a game without tables.
        self._views: ViewSender | None = None
        #: Everyone connected to the room, in the order they came.
        self.clients: dict[Connection, Subscriber] = {}
        self._deltas = deltas
        self._counters = counters
        self._write_queue = write_queue
        # Who gets plain data; found out again when somebody comes or goes.
        self._on_plain: list[Subscriber] = []
        self._known = False
        #: Who came and went since the last snapshot, in a room that is crowded.
        self._news: list[News] = []
        #: The world, if it keeps its past.
        self._past: World | None = None
        #: What is shown to those who watch; see `Spectators`.
        self._recordings: list[Recording] = []

    # Matches.

    def begin(self, game: Game, tick_interval: float, send_interval: float, max_rewind: float) -> None:
        """A match begins. Times in seconds; max_rewind: how far lag compensation may look back."""
        self.release()
        self._known = False
        self.plain.forget()
        world = game.world
        if world is None:
            if type(game).get_view is not Game.get_view:
                self._views = ViewSender(self._deltas, self._counters, game.get_view)
            return
        from .sight_sender import SightSender
        from .table_sender import TableSender  # numba, which a game of plain data does without

        ticks = round(send_interval / tick_interval)
        self.tables = TableSender(world, tick_interval, ticks, self._counters, self._write_queue)
        if self.tables.filters:
            self._sights = SightSender(self._deltas, self._counters)
        if max_rewind > 0.0 and world.history.names:
            # As far back as is looked, and one before, to look at moments in between.
            world.keep_history(ceil(max_rewind / send_interval) + 2)
            self._past = world

    def expect(self, ticks: int) -> None:
        """Snapshots come every so many ticks from now on."""
        if self.tables is not None:
            self.tables.encoder.expect(ticks)

    def release(self) -> None:
        """Let go of the match's tables, and of the connections of everybody who gets them."""
        self._past = self._sights = self._views = None
        if self.tables is not None:
            tables, self.tables = self.tables, None
            tables.close()

    # Clients.

    def join(self, subscriber: Subscriber) -> None:
        """Somebody comes."""
        self.clients[subscriber.connection] = subscriber
        self._known = False

    def leave(self, subscriber: Subscriber) -> None:
        """Somebody goes. What waits to be written is written first."""
        self._withdraw(subscriber)
        self.clients.pop(subscriber.connection, None)

    def show_recording(self, subscriber: Subscriber) -> None:
        """Somebody's own view ends here: they are out, and watch as spectators do. They still hear all the rest."""
        subscriber.watching = True
        self._withdraw(subscriber)

    def show_own_view(self, subscriber: Subscriber) -> None:
        """Somebody who was out takes part again."""
        subscriber.watching = False
        self._known = False

    def _withdraw(self, subscriber: Subscriber) -> None:
        self._known = False
        if self.tables is not None:
            self.tables.leave(subscriber)

    def welcomed(self, subscriber: Subscriber) -> None:
        """Somebody was just told of everybody who is here: what waits to be told is no news to them."""
        subscriber.news_from = len(self._news)

    @property
    def acknowledge(self) -> Callable[[int, int, float | None], object]:
        """Notes that the game has seen an input; see `TableSender.acknowledge`. Without tables nobody has a slot."""
        return _note_nothing if self.tables is None else self.tables.acknowledge

    def record(self, recording: Recording) -> None:
        """Somebody begins to watch: a recording is told everything that everybody is."""
        self._recordings.append(recording)
        self._known = False

    def end_recording(self, recording: Recording) -> None:
        """Nobody watches it any more."""
        self._recordings.remove(recording)
        try:
            for subscriber in (recording.subscriber, recording.key_subscriber):
                self._withdraw(subscriber)
        finally:
            recording.close()

    def everyone(self) -> Iterable[Connection]:
        """Who is told what everybody is told."""
        if not self._recordings:
            return self.clients
        return [*self.clients, *(recording.subscriber.connection for recording in self._recordings)]

    def _sort(self) -> None:
        """Find out who gets the state in which form."""
        self._on_plain = []
        for subscriber in self.clients.values():
            if not subscriber.watching:
                self._place(subscriber)
        for recording in self._recordings:
            self._place(recording.subscriber)
        self._known = True

    def _place(self, subscriber: Subscriber) -> None:
        if self.tables is not None and not subscriber.connection.codec.text:
            self.tables.enter(subscriber)
            return
        self._on_plain.append(subscriber)
        if self.tables is not None and self._sights is not None:
            self.tables.look_for(subscriber)

    @property
    def filters(self) -> bool:
        """Whether a match runs in which not everybody may know everything."""
        return self._sights is not None

    @property
    def settled(self) -> bool:
        """Whether everybody who came has been sent the state."""
        return self._known

    # What they are told.

    def keep_for_snapshot(self, message: News, send_rate: float) -> bool:
        """Whether a message will go with the next snapshot. If not, it has to be sent."""
        crowded = len(self.clients) > _CROWD and send_rate >= _SOON
        # What waits already comes first: nobody may hear that somebody left before they hear that they came.
        if self.tables is None or not (crowded or self._news):
            return False
        self._news.append(message)
        return True

    def send_event(self, tick: int, event: GameEvent) -> None:
        """Tell all who may know of an event: with the next snapshot of the tables, or at once where there are none."""
        tables = self.tables
        if tables is not None:
            tables.add_event(tick, event)
        if not self._known:
            self._sort()
        if not self._on_plain:
            return
        message = message_of(tick, event)
        self._mark(EVENT)
        if tables is None or event.at is None or not tables.filters:
            send_to([subscriber.connection for subscriber in self._on_plain], message)
        else:
            groups: tuple[list[Connection], list[Connection]] = [], []
            for subscriber in self._on_plain:
                groups[tables.sees(subscriber, *event.at)].append(subscriber.connection)
            send_to(groups[True], message)
            if event.afar is not None:
                send_to(groups[False], message_of(tick, event._replace(data=event.afar)))
        self._mark(MESSAGE)

    def _mark(self, kind: int) -> None:
        """What is sent from now on is of this kind; recordings want to know."""
        for recording in self._recordings:
            recording.kind = kind

    def send_tables(self, tick: int) -> None:
        """Send the tables, if there are any, and the news that waited for them. Raises TableError."""
        if not self._known:
            self._sort()
        if self._recordings:
            self._place_keys()
        if self.tables is None:
            return
        news, self._news = self._news, []
        self.tables.send(tick, news)
        if self._past is not None:
            self._past.remember(tick)
        if not news:
            return
        # Players who are out get no state from here, but hear of everybody who comes and goes.
        for subscriber in (*self._on_plain, *(client for client in self.clients.values() if client.watching)):
            for message in news[subscriber.news_from :]:
                subscriber.connection.send(subscriber.connection.codec.encode(message))
            subscriber.news_from = 0

    def _place_keys(self) -> None:
        """Where a recording wants a key, a client that holds nothing gets the next snapshot."""
        for recording in self._recordings:
            subscriber = recording.key_subscriber
            if self.tables is not None:
                self.tables.leave(subscriber)
            if subscriber in self._on_plain:
                self._on_plain.remove(subscriber)
            if recording.begin_snapshot():
                subscriber.in_sync, subscriber.news_from = False, len(self._news)
                self._place(subscriber)

    @property
    def wants_plain(self) -> bool:
        """Whether anybody gets the state as plain data."""
        return self.tables is None or bool(self._on_plain)

    def send_plain(self, tick: int, state: Any) -> None:
        """Send the state as plain data, whole or as a patch, to those who get it in this form."""
        if not self._known:
            self._sort()
        self._mark(SNAPSHOT)
        if self.tables is not None and self._sights is not None:
            self._sights.send(tick, state, self._on_plain, self.tables)
        elif self._views is not None:
            self._views.send(tick, state, self._on_plain)
        else:
            self.plain.send(tick, state, self._on_plain)
        self._mark(MESSAGE)

    def bytes_by_table(self) -> Mapping[str, int]:
        """What each table has cost in snapshots since the match began."""
        return self.tables.encoder.bytes_by_table() if self.tables is not None else {}

    def flush(self) -> None:
        """Write what waits in the queue, now."""
        if self.tables is not None:
            self.tables.flush()


def message_of(tick: int, event: GameEvent) -> Event:
    """An event of this tick as a message of its own."""
    return Event(tick=tick if event.tick is None else event.tick, name=event.name, data=event.data)


def _note_nothing(slot: int, ack: int, margin: float | None) -> None:
    """Plain state is sent with what its source says at that moment."""
