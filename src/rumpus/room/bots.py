"""The computer players that fill empty seats: their names and strengths, and what becomes of what they decide."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from random import Random
from typing import Any

import msgspec

from ..game.contract import Bot, Game, PlayerInfo
from ..netcode.player_input import PlayerInput
from ..telemetry.counters import Counters
from .messenger import Messenger
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
    bot = game.make_bot(player_id, bot_skill(setting, random), random.getrandbits(64))
    if bot is None:
        return None
    taken = roster.names()
    free = [name for name in BOT_NAMES if name not in taken] or BOT_NAMES
    name = roster.unique_name(random.choice(free))
    return Player(PlayerInfo(player_id=player_id, name=name, bot=True), player_input, bot=bot)


class BotInputs:
    """What the bots of one room decide, as inputs like any other.

    A person's input that is none is refused, and nothing else happens; so it is with a bot's.
    """

    def __init__(self, game: Game, messenger: Messenger, counters: Counters) -> None:
        self._game = game
        self._messenger = messenger
        self._counters = counters
        #: Kinds of bots of which it is in the log already, in this match, that one of their inputs was refused.
        self._told: set[type[Bot]] = set()

    def begin(self) -> None:
        """Another match begins."""
        self._told.clear()

    def decide(self, players: Iterable[Player], seen: Any) -> None:
        """Let the bots among these players decide. seen: the state that they look at."""
        for player in players:
            if player.bot is None or player.out:
                continue
            action = player.bot.act(seen)
            if action is None:
                continue
            try:
                decided = msgspec.convert(action, self._game.Input)
            except msgspec.ValidationError as error:
                self._refuse(player.player_id, type(player.bot), error)
            else:
                player.input.decide(decided)

    def _refuse(self, player_id: str, kind: type[Bot], error: msgspec.ValidationError) -> None:
        self._counters.bot_inputs_refused += 1
        if kind not in self._told:
            self._told.add(kind)
            details = {"player_id": player_id, "bot": kind.__name__, "reason": str(error)}
            self._messenger.log("bot_input_refused", details, logging.WARNING)
