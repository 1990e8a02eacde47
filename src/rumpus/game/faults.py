"""Where a game went wrong: which of its methods was called when it raised."""

from __future__ import annotations

from traceback import walk_tb

from .contract import Bot, Game


def hook_of(error: BaseException, game: Game) -> str:
    """The method of the game (`update`), or of one of its bots (`bot.act`), that was called from outside.

    Where it is neither, as with a state that cannot be encoded, the function that raised.
    """
    last = "unknown"
    caught = error.__traceback__
    # Not where it was caught: to look at the names of a frame keeps what they stand for, and there one is the error.
    for frame, _ in walk_tb(caught and caught.tb_next):
        last = frame.f_code.co_name
        owner = frame.f_locals.get("self", frame.f_locals.get("cls"))
        # What wraps a method, as a decorator does, has another name.
        if (owner is game or owner is type(game)) and hasattr(Game, last):
            return last
        if isinstance(owner, Bot) and hasattr(Bot, last):
            return f"bot.{last}"
    return last
