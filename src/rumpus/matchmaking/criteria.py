"""What somebody who looks for a match wants its room to be like, said in the game's declared settings.

A wish constrains each setting on its own: a value chosen, a list of values, a range. So two wishes can be met by one
room exactly if they can for each setting, and what such a room is like can be worked out without trying.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import msgspec

from ..errors import SettingsError
from ..game.contract import Bounds
from ..game.player_choices import PlayerChoices
from ..game.settings import build_settings
from ..protocol import JoinOptions

#: Values that a filter may list.
_MOST_VALUES = 32
#: Answers that a wish remembers.
_MOST_REMEMBERED = 4096


class _Range(msgspec.Struct, forbid_unknown_fields=True):
    min: float | None = None
    max: float | None = None


class _Test(NamedTuple):
    """What one setting may be. `values` None: anything within the range; otherwise one of these.

    extent: how far players may choose it, where a room is opened for them.
    """

    values: tuple[Any, ...] | None
    least: float
    most: float
    extent: Any = None

    def passes(self, value: Any) -> bool:
        if self.values is not None:
            return any(value == one and type(value) is type(one) for one in self.values)
        return isinstance(value, int | float) and not isinstance(value, bool) and self.least <= value <= self.most

    def suggestions(self) -> list[Any]:
        """Values that may pass, the most likely first."""
        if self.values is not None:
            return list(self.values)
        if isinstance(self.extent, tuple):
            return list(self.extent)
        least, most = self.least, self.most
        if isinstance(self.extent, Bounds):
            least = least if self.extent.least is None else max(least, self.extent.least)
            most = most if self.extent.most is None else min(most, self.extent.most)
        ends = [end for end in (least, most) if math.isfinite(end)]
        whole = [math.ceil(least)] if math.isfinite(least) else []
        whole += [math.floor(most)] if math.isfinite(most) else []
        return whole + ends


class Criteria:
    """What a room must be like. Wishes of equal `key` are the same.

    choices: what players may choose, and what the operator has. options: `settings` and `filter` count. Raises
    SettingsError for settings that the game has not, that players may not choose, for a value or a filter that does not
    fit, and if no room could be like this.
    """

    def __init__(self, choices: PlayerChoices, options: JoinOptions) -> None:
        self._choices = choices
        self._operators = operators = choices.operators
        chosen = choices.apply(operators, options.settings)
        self._chosen = {name: getattr(chosen, name) for name in options.settings}
        self._tests = {name: _read(choices, name, value) for name, value in options.filter.items()}
        for name, value in self._chosen.items():
            self._tests.setdefault(name, _Test((value,), 0, 0))
            if not self._tests[name].passes(value):
                raise SettingsError(f"No room can be found: the filter refuses the setting {name!r} that was chosen.")
            self._tests[name] = _Test((value,), 0, 0)
        self.key = msgspec.json.encode(
            sorted((name, test.values, str(test.least), str(test.most)) for name, test in self._tests.items())
        )
        self._accepted: dict[bytes, bool] = {}
        #: What a room is like that is opened for this wish alone.
        self.settings = self._meet(())

    def accepts(self, settings: Any) -> bool:
        """Whether a room with these settings will do."""
        return all(test.passes(getattr(settings, name)) for name, test in self._tests.items())

    def accepts_kind(self, kind: bytes, settings: Any) -> bool:
        """The same, remembered. kind: stands for these settings."""
        accepted = self._accepted.get(kind)
        if accepted is None:
            if len(self._accepted) >= _MOST_REMEMBERED:
                self._accepted.clear()
            accepted = self._accepted[kind] = self.accepts(settings)
        return accepted

    def together(self, other: Criteria) -> Any | None:
        """Settings that meet both wishes, or None if there are none."""
        try:
            return self._meet((other,))
        except SettingsError:
            return None

    def _meet(self, others: Iterable[Criteria]) -> Any:
        wishes = [self, *others]
        picked: dict[str, Any] = {}
        for name in dict.fromkeys(name for wish in wishes for name in wish._tests):
            tests = [wish._tests[name] for wish in wishes if name in wish._tests]
            default = getattr(self._operators, name)
            candidates = [default, *(value for test in tests for value in test.suggestions())]
            for value in candidates:
                if all(test.passes(value) for test in tests) and self._fits(name, value):
                    picked[name] = value
                    break
            else:
                raise SettingsError(f"No room can be like this: nothing fits for the setting {name!r}.")
        if not picked:
            return self._operators
        plain = msgspec.to_builtins(self._operators) | msgspec.to_builtins(picked)
        settings = build_settings(self._choices.game, plain, strict=True)
        if not all(wish.accepts(settings) for wish in wishes):
            raise SettingsError("No room can be like this.")
        return settings

    def _fits(self, name: str, value: Any) -> bool:
        """Whether players may have this value for a setting, the others being the operator's."""
        plain = msgspec.to_builtins(self._operators) | {name: msgspec.to_builtins(value)}
        try:
            settings = build_settings(self._choices.game, plain, strict=True)
        except SettingsError:
            return False
        return self._choices.allows(name, getattr(settings, name))


def _read(choices: PlayerChoices, name: str, value: Any) -> _Test:
    """One line of a filter. Raises SettingsError if it makes no sense for this game."""
    choices.require(name)
    if isinstance(value, Mapping):
        try:
            given = msgspec.convert(dict(value), _Range)
        except msgspec.ValidationError as error:
            raise SettingsError(f"The filter for {name!r} cannot be used: {error}.") from None
        low = -math.inf if given.min is None else given.min
        high = math.inf if given.max is None else given.max
        if not low <= high:
            raise SettingsError(f"The filter for {name!r} cannot be used: its min is above its max.")
        return _Test(None, low, high, choices.extents[name])
    listed = value if isinstance(value, list) else [value]
    if not 1 <= len(listed) <= _MOST_VALUES:
        raise SettingsError(f"The filter for {name!r} must list 1 to {_MOST_VALUES} values.")
    return _Test(tuple(getattr(choices.apply(choices.operators, {name: one}), name) for one in listed), 0, 0)
