"""The contract of a game: what an author writes, and what is made of the declarations in it. No I/O, no clock."""

from .contract import Bot, Bounds, ChatFilter, Game, GameEvent, Input, PlayerInfo, Result, Settings

__all__ = ["Bot", "Bounds", "ChatFilter", "Game", "GameEvent", "Input", "PlayerInfo", "Result", "Settings"]
