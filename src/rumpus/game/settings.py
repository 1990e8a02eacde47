"""A game's settings from what an operator or a player asked for, with errors that name the setting.

The game's `Settings` Struct is the only declaration: names, types and ranges all come from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from ..errors import SettingsError
from .contract import Game


def setting_names(game: type[Game]) -> tuple[str, ...]:
    # Not `msgspec.structs.fields`, which evaluates all annotations anew: that takes a millisecond, and clients
    # have this asked too.
    names: tuple[str, ...] = game.Settings.__struct_encode_fields__
    return names


def build_settings(game: type[Game], values: Mapping[str, Any], strict: bool = False) -> Any:
    """An instance of the game's Settings. Raises SettingsError for a name it has not or a value it does not take.

    Not strict, "30" is a number and "true" a boolean, as they come from a command line.
    """
    names = setting_names(game)
    for name in values:
        if name not in names:
            raise SettingsError(f"There is no setting {name!r}; this game has: {', '.join(names) or 'none'}.")
    try:
        return msgspec.convert(dict(values), game.Settings, strict=strict)
    except msgspec.ValidationError as error:
        raise SettingsError(f"This setting cannot be used: {error}.") from None


def player_choice(game: type[Game], operators: Any, values: Mapping[str, Any]) -> Any:
    """The operator's settings with those a player may choose and has chosen."""
    for name in values:
        if name not in game.player_settings:
            may = ", ".join(sorted(game.player_settings)) or "none"
            raise SettingsError(f"Players may not choose the setting {name[:40]!r}; they may choose: {may}.")
    if not values:
        return operators
    return build_settings(game, msgspec.to_builtins(operators) | dict(values), strict=True)
