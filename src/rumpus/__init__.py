"""Rumpus: an authoritative real-time multiplayer game server.

Write the rules of a game as a subclass of `Game`; `rumpus serve --game module:Class` does the rest.
"""

from .config import Limits, RoomOptions
from .errors import JoinError, MessageError, RumpusError, SettingsError
from .game.contract import Bot, Bounds, Game, GameEvent, Input, PlayerInfo, Result, Settings
from .room.game_room import GameRoom
from .server.game_server import GameServer

__all__ = [
    "Bot",
    "Bounds",
    "Game",
    "GameEvent",
    "GameRoom",
    "GameServer",
    "Input",
    "JoinError",
    "Limits",
    "MessageError",
    "PlayerInfo",
    "Result",
    "RoomOptions",
    "RumpusError",
    "Settings",
    "SettingsError",
]
__version__ = "0.1.0"
