"""The list of public rooms, for those who ask for it once and for those who keep watching it.

Changes are collected and told at most twice a second, written once per codec for all who watch. While nobody watches,
a change costs one look.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..protocol import RoomListing, Rooms, RoomsChanged
from ..room.game_room import GameRoom
from ..sync.message_log import send_to
from .ports import Client

#: Rooms that a list shows at first: the fullest.
_MOST_ROOMS = 500
#: Seconds between two messages of changes.
_INTERVAL = 0.5


def room_listing(room: GameRoom) -> RoomListing:
    """How lists show a room."""
    return RoomListing(
        room_id=room.room_id,
        game=room.game.name,
        status=room.status,
        players=room.people,
        bots=room.bots,
        reserved=len(room.reservations),
        max_players=room.max_players,
        spectators=room.watchers,
        max_spectators=room.options.max_spectators,
        open=room.open,
        locked=room.locked,
        title=room.title,
        language=room.language,
        rating=room.rating,
        settings=room.settings,
    )


class RoomList:
    """Who watches the list of these rooms, and what they have not been told yet."""

    def __init__(self, rooms: Mapping[str, GameRoom]) -> None:
        self._rooms = rooms
        self._watchers: dict[Client, None] = {}
        #: Those who read too slowly to be told of changes; they get the whole list when they have caught up.
        self._behind: dict[Client, None] = {}
        self._changed: dict[str, None] = {}
        #: Codes of the rooms that watchers may have been shown. That others are gone is not told: their codes are all
        #: that keeps strangers out of private rooms.
        self._shown: set[str] = set()
        self._next = 0.0

    def __contains__(self, client: Client) -> bool:
        return client in self._watchers

    def __len__(self) -> int:
        return len(self._watchers)

    @property
    def shown(self) -> int:
        """How many rooms a list has at most."""
        return min(len(self._rooms), _MOST_ROOMS)

    def listings(self) -> list[RoomListing]:
        """All public rooms."""
        return [room_listing(room) for room in self._rooms.values() if not room.private]

    def add(self, client: Client) -> None:
        """Somebody begins to watch, or wants to see the whole list again."""
        self._watchers[client] = None
        if client.connection.congested:
            # Who asks and does not read is answered once they read: it is not piled up for them.
            self._behind[client] = None
        else:
            self._send([client], self._whole())

    def remove(self, client: Client) -> None:
        """Somebody watches no more. Does nothing for who did not."""
        self._watchers.pop(client, None)
        self._behind.pop(client, None)
        if not self._watchers:
            self._changed.clear()
            self._shown.clear()

    def changed(self, room: GameRoom) -> None:
        """Something about a room is not as it was, or it is gone."""
        if self._watchers:
            self._changed[room.room_id] = None

    def advance(self, now: float) -> None:
        """Tell what has changed, if it is time to."""
        if now < self._next or not (self._changed or self._behind):
            return
        self._next = now + _INTERVAL
        caught_up = [client for client in self._behind if not client.connection.congested]
        for client in self._watchers:
            if client.connection.congested:
                self._behind[client] = None
        if self._changed:
            public = [self._rooms[room_id] for room_id in self._changed if self._is_public(room_id)]
            gone = [room_id for room_id in self._changed if room_id in self._shown and not self._is_public(room_id)]
            message = RoomsChanged(rooms=[room_listing(room) for room in public], gone=gone)
            self._changed.clear()
            self._shown.difference_update(gone)
            self._shown.update(room.room_id for room in public)
            if public or gone:
                self._send([client for client in self._watchers if client not in self._behind], message)
        if caught_up:
            self._send(caught_up, self._whole())
            for client in caught_up:
                del self._behind[client]

    def _is_public(self, room_id: str) -> bool:
        room = self._rooms.get(room_id)
        return room is not None and not room.private

    def _whole(self) -> Rooms:
        public = [room for room in self._rooms.values() if not room.private]
        public.sort(key=lambda room: -room.people)
        self._shown.update(room.room_id for room in public)
        return Rooms(rooms=[room_listing(room) for room in public[:_MOST_ROOMS]])

    def _send(self, clients: Iterable[Client], message: Rooms | RoomsChanged) -> None:
        send_to([client.connection for client in clients], message)
