"""What players write to one another: who hears it, who does not want to, and the filter that an operator may set.

A filter is a function of the text and of the player who wrote it. It returns the text to pass on, changed or not, or
None for what nobody is to read. One that raises is logged, and what it was asked about is not passed on; the room never
suffers from it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from ..errors import MessageError
from ..game.contract import ChatFilter, PlayerInfo
from ..protocol import Chat, ChatLine, Mute, Notice
from ..protocol.skeleton import plain_look
from ..protocol.text import clean_text
from .messenger import Messenger
from .player import Player
from .roster import Roster

logger = logging.getLogger(__name__)

#: Players whom one player may mute in one room.
MOST_MUTED = 200


class FilterFailedError(Exception):
    """The operator's filter raised, or returned something else than a text; that is in the log."""


def filtered(text: str, info: PlayerInfo, chat_filter: ChatFilter | None) -> str | None:
    """What the filter makes of a text that `info` wrote. Raises FilterFailedError."""
    if chat_filter is None:
        return text
    try:
        passed: object = chat_filter(text, info)
    except BaseException as error:  # a filter is not to end the server by SystemExit
        logger.exception("the chat filter raised")
        raise FilterFailedError from error
    if passed is not None and not isinstance(passed, str):
        logger.error("the chat filter returned %s instead of a text or None", type(passed).__name__)
        raise FilterFailedError
    return passed


def filtered_name(name: str, info: PlayerInfo, chat_filter: ChatFilter | None) -> str:
    """A name that the filter leaves as it is; empty if the filter failed, which must not keep everybody out.

    Of a name with letters that look like plain ones the filter is asked twice: what is read counts too. Raises
    MessageError (`bad_name`) for one that it would change or swallow: a name of asterisks is none.
    """
    try:
        for text in filter(None, dict.fromkeys((name, plain_look(name)))):
            if filtered(text, info, chat_filter) != text:
                raise MessageError("bad_name", "This name cannot be used here; choose another.")
    except FilterFailedError:
        return ""
    return name


class RoomChat:
    """The chat of one room. max_length: characters in a message."""

    def __init__(self, roster: Roster, messenger: Messenger, max_length: int, chat_filter: ChatFilter | None) -> None:
        self._roster = roster
        self._messenger = messenger
        self._max_length = max_length
        self._filter = chat_filter

    def take(self, player: Player, message: Chat | Mute, spend: Callable[[], None]) -> ChatLine | None:
        """A player says something, or mutes somebody. Returns what spectators may overhear. Raises MessageError.

        spend: takes one from what the player may say; raises if nothing is left.
        """
        if isinstance(message, Mute):
            self._mute(player, message)
            return None
        text = self.passed_on(message.text, player.info, spend)
        if text is None:
            if message.text.strip():
                self._messenger.say(Notice(level="info", text="Your message was not passed on."), [player])
            return None
        info = player.info
        to_team = message.to == "team" and info.team is not None
        line = ChatLine(player_id=info.player_id, name=info.name, text=text, to="team" if to_team else "all")
        hearing = [
            other
            for other in self._roster.players.values()
            if (not to_team or other.info.team == info.team) and player.durable_id not in other.muted
        ]
        self._messenger.say(line, hearing)
        return None if to_team else line

    def passed_on(self, text: str, info: PlayerInfo, spend: Callable[[], None]) -> str | None:
        """A text as others may read it; None: nobody is to, or there is nothing to read. Raises MessageError."""
        text = clean_text(text, self._max_length, "bad_message", "A chat message")
        if not text:
            return None
        spend()
        try:
            passed = filtered(text, info, self._filter)
        except FilterFailedError:
            return None
        return passed[: self._max_length] if passed else None

    def _mute(self, player: Player, message: Mute) -> None:
        other = self._roster.find(message.player_id)
        if not message.muted:
            player.muted.discard(other.durable_id)
        elif len(player.muted) >= MOST_MUTED:
            raise MessageError("not_possible", f"You have muted {MOST_MUTED} players; that is as many as there may be.")
        else:
            player.muted.add(other.durable_id)
