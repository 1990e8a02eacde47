"""One match and its people. No I/O, no clock: time, connections and randomness are passed in."""

from .game_room import GameRoom
from .messenger import RoomEvent

__all__ = ["GameRoom", "RoomEvent"]
