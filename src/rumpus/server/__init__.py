"""The process: connections become sessions, sessions get seats in rooms, one loop ticks all rooms."""

from .game_server import GameServer

__all__ = ["GameServer"]
