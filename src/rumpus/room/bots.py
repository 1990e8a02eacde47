"""The computer players that fill empty seats: their names and strengths."""

from __future__ import annotations

from random import Random

from ..game.contract import Game, PlayerInfo
from ..netcode.player_input import PlayerInput
from .player import Player
from .roster import Roster

BOT_NAMES = (
    "Biscuit", "Bramble", "Cinder", "Clover", "Comet", "Dynamo", "Echo", "Ember", "Fizz", "Flint", "Gadget", "Hazel",
    "Jinx", "Juniper", "Kestrel", "Lumen", "Mango", "Maple", "Nimbus", "Noodle", "Onyx", "Pepper", "Pixel", "Quartz",
    "Rascal", "Rocket", "Saffron", "Sprocket", "Tango", "Thistle", "Turbo", "Velvet", "Waffle", "Widget", "Ziggy",
)  # fmt: skip

#: How far one bot's strength may lie from the room's setting: a match of equals is a dull one.
_SPREAD = 0.25


def bot_skill(setting: float, random: Random) -> float:
    """The strength, 0 to 1, of one bot in a room whose option `bot_skill` is `setting`."""
    return min(1.0, max(0.0, setting + random.uniform(-_SPREAD, _SPREAD)))


def make_bot(game: Game, player_input: PlayerInput, roster: Roster, setting: float, random: Random) -> Player | None:
    """A bot for a room, with a name that nobody there has; None if the game has no bots."""
    player_id = player_input.player_id
    bot = game.make_bot(player_id, bot_skill(setting, random), random.getrandbits(32))
    if bot is None:
        return None
    free = [name for name in BOT_NAMES if name not in roster.names()] or BOT_NAMES
    name = roster.unique_name(random.choice(free))
    return Player(PlayerInfo(player_id=player_id, name=name, bot=True), player_input, bot=bot)
