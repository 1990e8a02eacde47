"""Which room somebody means, by its code or, of those who watch, by none."""

from __future__ import annotations

from collections.abc import Mapping

from ..errors import JoinError, no_such_room
from ..room.game_room import GameRoom


def find_room(rooms: Mapping[str, GameRoom], code: str) -> GameRoom:
    """The room with this code, however it is written. Raises JoinError (`room_not_found`)."""
    room = rooms.get(code.upper())
    if room is None:
        raise no_such_room()
    return room


def room_to_watch(rooms: Mapping[str, GameRoom], code: str | None) -> GameRoom:
    """The room with this code, or, without one, the public room in progress with the most people.

    Raises JoinError (`room_not_found`).
    """
    if code is not None:
        return find_room(rooms, code)
    fitting = [
        room
        for room in rooms.values()
        if not room.private
        and room.status == "in-progress"
        and room.watched_by < room.options.max_spectators
        and room.people
    ]
    if not fitting:
        raise JoinError("room_not_found", "There is no match to watch at this moment; look again later.")
    return max(fitting, key=lambda room: room.people)
