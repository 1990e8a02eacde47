"""Finds what an operator names: a game that ships with Rumpus or is `module:Class`, a chat filter `module:function`."""

from __future__ import annotations

import importlib
import logging
import sys
from pathlib import Path
from types import ModuleType

from ..errors import ConfigurationError
from .contract import ChatFilter, Game

logger = logging.getLogger(__name__)

#: Games that ship with Rumpus.
BUILT_IN = {"arena": "rumpus.games.arena:Arena", "skirmish": "rumpus.games.skirmish:Skirmish"}


def load_game(name: str) -> type[Game]:
    """The Game class of that name. Modules are looked for in the current folder too.

    Raises ConfigurationError that says what is missing; what the module itself raises is chained to it.
    """
    target = BUILT_IN.get(name, name)
    module_name, colon, class_name = target.partition(":")
    if not colon or not module_name or not class_name:
        raise ConfigurationError(f"There is no game {name!r}; give {', '.join(BUILT_IN)} or module:Class.")
    game = getattr(_import(module_name, "game"), class_name, None)
    if not (isinstance(game, type) and issubclass(game, Game)):
        raise ConfigurationError(f"{module_name!r} has no class {class_name!r} that derives from rumpus.Game.")
    return game


def load_chat_filter(name: str) -> ChatFilter:
    """The function that `module:function` names. Raises ConfigurationError as `load_game` does."""
    module_name, colon, function_name = name.partition(":")
    if not colon or not module_name or not function_name:
        raise ConfigurationError(f"--chat-filter takes module:function, not {name!r}.")
    function: ChatFilter | None = getattr(_import(module_name, "chat filter"), function_name, None)
    if not callable(function):
        raise ConfigurationError(f"{module_name!r} has no function {function_name!r} to filter chat with.")
    return function


def _import(name: str, what: str) -> ModuleType:
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)
    try:
        return importlib.import_module(name)
    except (Exception, SystemExit) as error:
        # Who wrote the module needs to see where; who only runs it does not.
        logger.debug("importing %s failed", name, exc_info=True)
        missing = isinstance(error, ModuleNotFoundError) and error.name in (name, name.split(".")[0])
        reason = "there is no such module here" if missing else f"{type(error).__name__}: {error}"
        raise ConfigurationError(f"The {what}'s module {name!r} cannot be imported: {reason}.") from error
