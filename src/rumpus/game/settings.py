"""A game's settings from what somebody asked for, with errors that name the setting.

The game's `Settings` Struct is the only declaration: names, types and ranges all come from it. What players may choose
of them is in `player_choices`.
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
