"""A room's clients as an audience: who gets the state of the match in which form, and what goes with it.

Clients on MessagePack get a world's tables as binary snapshots; everybody else, and everybody in a game of plain data,
gets plain state. Events ride in binary snapshots, and in a crowd so do comings and goings: a message to each for each
who comes would grow with their square.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import ceil
from typing import TYPE_CHECKING, Any

from .connection import Connection
from .counters import Counters
from .game import Game, GameEvent
from .outbox import Outbox
from .plain_state import PlainState
from .player import Player
from .protocol import PlayerChanged, PlayerJoined, PlayerLeft

#: Who comes, goes, or is not as before.
News = PlayerJoined | PlayerLeft | PlayerChanged

if TYPE_CHECKING:
    from .replication.world import World
    from .table_state import TableState

#: With more clients than this, comings and goings are told with the next snapshot, if that comes soon (Hz).
_CROWD, _SOON = 3, 10


class Audience:
    """Who is told of a match. clients: everyone connected to the room, which the room keeps up to date."""

    def __init__(
        self, clients: Mapping[Connection, Player], deltas: bool, counters: Counters, outbox: Outbox | None
    ) -> None:
        self.plain = PlainState(deltas, counters)
        #: How clients on MessagePack learn of the tables, in a match of a game that has any.
        self.tables: TableState | None = None
        self._clients = clients
        self._counters = counters
        #: Where snapshots may wait for the other rooms that are due; None: they are sent at once.
        self._outbox = outbox
        # The connected players who get plain data; found out again when somebody comes or goes.
        self._on_plain: list[Player] = []
        self._known = False
        #: Who came and went since the last snapshot, in a room that is crowded.
        self._news: list[News] = []
        #: The world, if it keeps its past.
        self._past: World | None = None

    # Matches.

    def begin(self, game: Game, tick_interval: float, send_interval: float, max_rewind: float) -> None:
        """A match begins. Times in seconds; max_rewind: how far lag compensation may look back."""
        self.release()
        self._known = False
        self.plain.forget()
        self._past = None
        world = game.world
        if world is None:
            return
        from .table_state import TableState  # numba, which a game of plain data does without

        ticks = round(send_interval / tick_interval)
        self.tables = TableState(world, tick_interval, ticks, self._counters, self._outbox)
        if max_rewind > 0.0 and world.history.names:
            # As far back as is looked, and one before, to look at moments in between.
            world.keep_history(ceil(max_rewind / send_interval) + 2)
            self._past = world

    def release(self) -> None:
        """Let go of the connections of everybody who gets tables."""
        if self.tables is not None:
            self.tables.close()
            self.tables = None

    # Clients.

    def changed(self) -> None:
        """Somebody came."""
        self._known = False

    def leave(self, player: Player) -> None:
        """Somebody goes."""
        self._known = False
        if self.tables is not None:
            self.tables.leave(player)

    def welcomed(self, player: Player) -> None:
        """A player was just told of everybody who is here: what waits to be told is no news to them."""
        player.news_from = len(self._news)

    def _sort(self) -> None:
        """Find out who gets the state in which form."""
        self._on_plain = []
        for connection, player in self._clients.items():
            if self.tables is not None and not connection.codec.text:
                self.tables.enter(player)
            else:
                self._on_plain.append(player)
        self._known = True

    def connections_on_plain(self) -> Iterator[Connection]:
        """Of those whose snapshots have no room for events."""
        if not self._known:
            self._sort()
        return (player.connection for player in self._on_plain if player.connection is not None)

    @property
    def settled(self) -> bool:
        """Whether everybody who came has been sent the state."""
        return self._known

    # What they are told.

    def keep_for_snapshot(self, message: News, send_rate: float) -> bool:
        """Whether a message will go with the next snapshot. If not, it has to be sent."""
        crowded = len(self._clients) > _CROWD and send_rate >= _SOON
        # What waits already comes first: nobody may hear that somebody left before they hear that they came.
        if self.tables is None or not (crowded or self._news):
            return False
        self._news.append(message)
        return True

    def keep_event(self, tick: int, event: GameEvent) -> bool:
        """Put an event for everybody into the next snapshot of the tables. False if there are none."""
        if self.tables is None:
            return False
        self.tables.add_event(tick, event)
        return True

    def send_tables(self, tick: int) -> None:
        """Send the tables, if there are any, and the news that waited for them. Raises TableError."""
        if not self._known:
            self._sort()
        if self.tables is None:
            return
        news, self._news = self._news, []
        self.tables.send(tick, news)
        if self._past is not None:
            self._past.remember(tick)
        if not news:
            return
        for player in self._on_plain:
            connection = player.connection
            if connection is not None:
                for message in news[player.news_from :]:
                    connection.send(connection.codec.encode(message))
            player.news_from = 0

    @property
    def wants_plain(self) -> bool:
        """Whether anybody gets the state as plain data."""
        return self.tables is None or bool(self._on_plain)

    def send_plain(self, tick: int, state: Any) -> None:
        """Send the state as plain data, whole or as a patch, to those who get it in this form."""
        if not self._known:
            self._sort()
        self.plain.send(tick, state, self._on_plain)

    def flush(self) -> None:
        """Write what waits in the outbox, now."""
        if self.tables is not None:
            self.tables.flush()
