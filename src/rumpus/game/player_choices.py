"""What players may choose of a game's settings, and how far: less than its operator may, for whom the cost is."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import msgspec

from ..errors import ConfigurationError, SettingsError
from ..protocol.codec import Codec
from .contract import Bounds, Game
from .schema import game_schema
from .settings import build_settings, setting_names

#: How far one setting may be chosen: between ends, one of some values, or as far as the game's `Settings` go.
Extent = Bounds | tuple[Any, ...] | None

#: What an operator writes for a setting that nobody, or anybody as they like, may choose.
NOT_AT_ALL, AS_IT_IS = "none", "any"


class PlayerChoices:
    """What the players of one server may choose.

    operators: the settings that the operator has chosen, which are good whatever players may choose. changes: extents
    that the operator wants instead of the game's, by name of setting: `LOW..HIGH` (either may be left out), values with
    commas between them, `none` or `any`. Raises ConfigurationError for what makes no sense, the game's own included.
    """

    def __init__(self, game: type[Game], operators: Any, changes: Mapping[str, str] | None = None) -> None:
        self.game = game
        self.operators = operators
        extents = self._declared() | self._changed(changes or {})
        for name, text in (changes or {}).items():
            if text == NOT_AT_ALL:
                del extents[name]
        #: How far which settings may be chosen.
        self.extents: Mapping[str, Extent] = extents
        self._encoded: dict[Codec, msgspec.Raw] = {}

    # What may be chosen.

    def _declared(self) -> dict[str, Extent]:
        declared: Any = self.game.player_settings
        whose = f"{self.game.__name__}.player_settings"
        if isinstance(declared, str) or not isinstance(declared, Collection):
            raise ConfigurationError(f"{whose} must be names of settings, or what may be chosen of each by name.")
        if not isinstance(declared, Mapping):
            declared = dict.fromkeys(sorted(declared))
        return {name: self._checked(whose, name, extent) for name, extent in declared.items()}

    def _changed(self, changes: Mapping[str, str]) -> dict[str, Extent]:
        extents: dict[str, Extent] = {}
        for name, text in changes.items():
            whose = f"--player-setting {name}={text}"
            extents[name] = self._checked(whose, name, self._read(whose, name, text))
        return extents

    def _read(self, whose: str, name: str, text: str) -> Extent:
        """An extent as an operator writes it."""
        if text in (NOT_AT_ALL, AS_IT_IS):
            return None
        low, dots, high = text.partition("..")
        if dots:
            try:
                return Bounds(*(float(end) if end.strip() else None for end in (low, high)))
            except ValueError:
                raise ConfigurationError(f"{whose} cannot be used: give numbers, as in {name}=1..20.") from None
        values = [value.strip() for value in text.split(",") if value.strip()]
        return tuple(self._accepted(whose, name, value, strict=False) for value in values)

    def _checked(self, whose: str, name: str, extent: Any) -> Extent:
        """An extent that the game's settings can fill. Raises ConfigurationError."""
        if name not in setting_names(self.game):
            names = ", ".join(setting_names(self.game)) or "none"
            raise ConfigurationError(f"{whose} speaks of {name!r}, which is no setting; this game has: {names}.")
        if extent is None:
            return None
        if isinstance(extent, Bounds):
            ends = [self._end(whose, name, end) for end in (extent.least, extent.most)]
            if None not in ends and not ends[0] <= ends[1]:
                raise ConfigurationError(f"{whose} cannot be used: {ends[0]} is above {ends[1]}.")
            return Bounds(*ends)
        if isinstance(extent, Sequence) and not isinstance(extent, str) and extent:
            return tuple(self._accepted(whose, name, value) for value in extent)
        raise ConfigurationError(f"{whose} cannot be used for {name!r}: it takes Bounds, one or more values, or None.")

    def _end(self, whose: str, name: str, end: float | None) -> Any:
        """One end of a range, as the setting has it: whole where that is."""
        if end is None:
            return None
        if isinstance(end, bool) or not isinstance(end, int | float) or not math.isfinite(end):
            raise ConfigurationError(f"{whose} cannot be used for {name!r}: the ends of its range must be numbers.")
        return self._accepted(whose, name, int(end) if end == int(end) else end)

    def _accepted(self, whose: str, name: str, value: Any, strict: bool = True) -> Any:
        """A value as the game's settings take it, the others being the operator's. Raises ConfigurationError."""
        plain = msgspec.to_builtins(self.operators) | {name: msgspec.to_builtins(value)}
        try:
            return getattr(build_settings(self.game, plain, strict=strict), name)
        except SettingsError as error:
            reason = error.message.removeprefix("This setting cannot be used: ")
            raise ConfigurationError(f"{whose} cannot be used: {reason}") from None

    # What is chosen.

    def require(self, name: str) -> None:
        """Raise SettingsError for a setting that players may not choose."""
        if name not in self.extents:
            may = ", ".join(sorted(self.extents)) or "none"
            raise SettingsError(f"Players may not choose the setting {name[:40]!r}; they may choose: {may}.")

    def apply(self, settings: Any, values: Mapping[str, Any]) -> Any:
        """Settings with those that a player has chosen.

        What is as it was, or as the operator has it, is nobody's choice and always good. Raises SettingsError.
        """
        for name in values:
            self.require(name)
        if not values:
            return settings
        chosen = build_settings(self.game, msgspec.to_builtins(settings) | dict(values), strict=True)
        for name in values:
            value = getattr(chosen, name)
            if value != getattr(settings, name) and not self.allows(name, value):
                raise SettingsError(f"The setting {name!r} cannot be this: players may choose {self._said(name)}.")
        return chosen

    def allows(self, name: str, value: Any) -> bool:
        """Whether players may choose this value, which the game's settings take."""
        extent = self.extents[name]
        if extent is None or value == getattr(self.operators, name):
            return True
        if isinstance(extent, Bounds):
            # What is no number, such as None for the usual, has no ends.
            return not isinstance(value, int | float) or extent.holds(value)
        return value in extent

    def _said(self, name: str) -> str:
        """What may be chosen, in words."""
        extent = self.extents[name]
        if not isinstance(extent, Bounds):
            return ", ".join(map(str, extent or ()))
        least, most = (None if end is None else f"{end:.15g}" for end in extent)
        if least is None or most is None:
            return "whatever it takes" if least is most else f"{least} or more" if most is None else f"{most} or less"
        return f"{least} to {most}"

    # What clients are told.

    def schema(self) -> dict[str, Any]:
        """What clients are told of the game: inputs, tables, and which settings they may choose, and how far."""
        return game_schema(self.game, self.extents)

    def encoded_schema(self, codec: Codec) -> msgspec.Raw:
        """The schema as it stands in messages, encoded once: it is the largest part of a welcome."""
        encoded = self._encoded.get(codec)
        if encoded is None:
            encoded = self._encoded[codec] = msgspec.Raw(codec.encode(self.schema()))
        return encoded
