"""What a room says to its people: written once per codec, and kept for a while for those who were cut off.

TCP does not tell how much of what was sent has arrived when a connection breaks. So the messages that nothing later
makes good (chat, notices, results, what was meant for one player alone) have a serial number, the same for everybody
in the room; who comes back says the highest one received and gets what is newer. States, comings and goings and events
for everybody are not kept: `joined` and the next snapshot say what they led to.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from ..connection import Connection
from ..protocol import GameOver, Notice
from ..protocol.codec import Codec

#: Messages to everybody, and to each player, that are kept.
_KEPT, _KEPT_EACH = 100, 64
#: Of the room's own messages to everybody, those that are.
_LASTING = (Notice, GameOver)


class _Letter(NamedTuple):
    serial: int
    message: Any
    #: Who was not to have it.
    but: str | None


def send_to(connections: Iterable[Connection], message: Any, exclude_ws: Connection | None = None) -> None:
    """Send one message to many."""
    encoded: dict[Codec, bytes] = {}
    for connection in connections:
        if connection is not exclude_ws:
            codec = connection.codec
            data = encoded.get(codec)
            if data is None:
                data = encoded[codec] = codec.encode(message)
            connection.send(data)


class MessageLog:
    """The messages of one room that last."""

    def __init__(self) -> None:
        #: Of the last message that was numbered.
        self.serial = 0
        self._to_all: deque[_Letter] = deque(maxlen=_KEPT)
        self._to_each: dict[str, deque[_Letter]] = {}

    def to_all(self, message: Any, but: str | None = None) -> Any:
        """The message with a serial number, if it is one that lasts, and kept. but: the player who does not get it."""
        if not isinstance(message, (*_LASTING, Mapping)):
            return message
        message = self._number(message)
        self._to_all.append(_Letter(self.serial, message, but))
        return message

    def to_some(self, message: Any, player_ids: Iterable[str]) -> Any:
        """The message with a serial number, if it can have one, and kept for these players, who are people."""
        if not (isinstance(message, Mapping) or hasattr(message, "serial")):
            return message
        message = self._number(message)
        letter = _Letter(self.serial, message, None)
        for player_id in player_ids:
            self._to_each.setdefault(player_id, deque(maxlen=_KEPT_EACH)).append(letter)
        return message

    def missed(self, player_id: str, after: int, last_result: bool) -> list[Any]:
        """What a player who came back has not had, oldest first.

        after: the highest serial number that they have. last_result: whether results are shown at this moment; if not,
        those of past matches are of no interest.
        """
        letters = [
            letter
            for letter in (*self._to_all, *self._to_each.get(player_id, ()))
            if letter.serial > after and letter.but != player_id
        ]
        letters.sort()
        results = [letter.message for letter in letters if isinstance(letter.message, GameOver)]
        stale = results if not last_result else results[:-1]
        return [letter.message for letter in letters if not any(letter.message is old for old in stale)]

    def forget(self, player_id: str) -> None:
        """A player has left for good."""
        self._to_each.pop(player_id, None)

    def _number(self, message: Any) -> Any:
        self.serial += 1
        if isinstance(message, Mapping):
            return {**message, "serial": self.serial}
        # Made for this occasion.
        message.serial = self.serial
        return message
