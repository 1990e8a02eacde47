"""Names and strengths of the computer players that fill empty seats."""

from __future__ import annotations

from random import Random

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
